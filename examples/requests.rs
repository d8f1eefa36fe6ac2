//! Reads requests as JSON and prints decisions with policy, statement and position: a batch job over a log.

use iamc::ask::OwnedRequest;
use iamc::provenance::Provenance;
use iamc::{Options, Tables};

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [
    { "Sid": "NoSecrets", "Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::logs/secret/*" } ] }"#;
const REQUEST: &str =
    r#"{ "policies": ["Guard"], "action": "s3:GetObject", "resource": "arn:aws:s3:::logs/secret/a" }"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = iamc::world::load(vec![("Guard.json".into(), POLICY.into())], None);
    let compiled = iamc::compile(world, &Options::default())?;

    let tables = Tables::load(compiled.as_bytes())?;
    let provenance = Provenance::read(tables.provenance());
    let answer = OwnedRequest::from_json(REQUEST, tables.semantics())?.ask(&tables, provenance.as_ref())?;
    assert_eq!(answer.decision, "explicitDeny");
    let json = serde_json::to_string(&answer)?;
    assert!(json.contains(r#""sid":"NoSecrets"},"source":{"file":"Guard.json","line":2,"#), "{json}");
    Ok(())
}
