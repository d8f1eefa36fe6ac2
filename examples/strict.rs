//! Chooses how policies are read: switches of the semantics, findings, and the level of the optimizer.

use iamc::source::Severity;
use iamc::{Level, Options, Semantics, Tables};

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [] }"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let world = iamc::world::load(vec![("Empty.json".into(), POLICY.into())], None);

    let strict = Options { semantics: Semantics::default(), optimize: Level::Full };
    let refused = iamc::compile(world.clone(), &strict).err().ok_or("an empty list of statements is an error")?;
    assert!(refused.findings.iter().any(|finding| finding.severity == Severity::Error));

    let mut semantics = Semantics::default();
    semantics.set("validation", "lenient").map_err(|error| format!("{error:?}"))?;
    let compiled = iamc::compile(world, &Options { semantics, ..strict })?;
    assert!(compiled.findings.iter().all(|finding| finding.severity < Severity::Error));
    assert_eq!(Tables::load(compiled.as_bytes())?.semantics(), semantics);
    Ok(())
}
