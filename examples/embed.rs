//! Embeds an artifact and asks it: what a service does at run time. Here the bytes are compiled on the spot; a service has
//! `static POLICIES: &[u8] = include_bytes!("policies.iamc")`.

use iamc::{Options, Principal, Request, Tables, Value};

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [
    { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
      "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } } ] }"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = iamc::world::load(vec![("Reader.json".into(), POLICY.into())], None);
    let compiled = iamc::compile(world, &Options::default())?;

    let tables = Tables::load(compiled.as_bytes())?;
    let ask = |address: &str| {
        let context = [("aws:SourceIp", Value::One(address))];
        let request = Request::new(Principal::Nameless, "s3:GetObject", "arn:aws:s3:::logs/a");
        tables.decide(&request.policies(&["Reader"]).context(&context)).is_allowed()
    };
    assert!(ask("203.0.113.7"));
    assert!(!ask("198.51.100.7"));
    Ok(())
}
