//! A service that asks for the same principals, actions and keys again and again resolves them once.

use iamc::{Options, Principal, ResolvedRequest, Tables, Value};

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*",
    "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } } } }"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let account = format!(
        r#"{{ "UserDetailList": [ {{ "Path": "/", "UserName": "ada", "UserId": "AIDAEXAMPLEEXAMPLE01",
            "Arn": "arn:aws:iam::111122223333:user/ada",
            "UserPolicyList": [ {{ "PolicyName": "Reader", "PolicyDocument": {POLICY} }} ] }} ],
            "GroupDetailList": [], "RoleDetailList": [], "Policies": [] }}"#
    );
    let world = iamc::world::load(vec![("account.json".into(), account)], None);
    let compiled = iamc::compile(world, &Options::default())?;
    let tables = Tables::load(compiled.as_bytes())?;

    // Once, when a session begins.
    let ada = tables.principal(Principal::User { arn: "arn:aws:iam::111122223333:user/ada" })?;
    let get = tables.action("s3:GetObject")?;
    let mfa = tables.key("aws:MultiFactorAuthPresent");

    // For each request.
    let decide = |resource, with_mfa| {
        let context = [(mfa, Value::One(with_mfa))];
        tables.decide_resolved(&ResolvedRequest { principal: &ada, action: get, resource, context: &context })
    };
    assert!(decide("arn:aws:s3:::logs/app.gz", "true").is_allowed());
    assert!(!decide("arn:aws:s3:::logs/app.gz", "false").is_allowed());
    assert!(!decide("arn:aws:s3:::secrets/app.gz", "true").is_allowed());
    Ok(())
}
