//! What small inputs become: a table under version control, so that a change of sizes is seen.

use super::worlds::{account, build, document, world};
use iamc::provenance::Provenance;
use iamc::world::{PolicyType, World};
use iamc::{Level, Semantics, Tables};
use std::fmt::Write;

/// The smallest policy.
const ONE: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/k"}"#;

/// Twenty statements that say the same in four ways.
fn repeated() -> String {
    let actions = ["s3:Get*", "s3:GetObject", "s3:*", "*"];
    let one = |at: usize| {
        let action = actions[at % 4];
        format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"]}}"#)
    };
    (0..20).map(one).collect::<Vec<_>>().join(",")
}

/// A hundred keys with one prefix, and a deny that covers half of them.
fn prefixes() -> String {
    let keys: Vec<String> = (0..100).map(|at| format!("\"arn:aws:s3:::bucket/folder/{at:02}/*\"")).collect();
    format!(
        r#"{{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":[{}]}},
           {{"Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::bucket/folder/?5/*"}}"#,
        keys.join(",")
    )
}

fn describe(name: &str, world: &World) -> String {
    let source: usize = world.sources().iter().map(|(_, source)| source.text.len()).sum();
    let mut text = format!("{name}: {source} source bytes\n");
    for (label, level) in [("raw", Level::None), ("optimized", Level::Full)] {
        let bytes = build(world, Semantics::default(), level);
        let tables = Tables::load(&bytes).unwrap();
        let provenance = Provenance::read(tables.provenance()).unwrap();
        let counts = tables.counts();
        writeln!(
            text,
            "  {label:<10} {:>5} bytes, {} statements, {} nodes, {} rows, {} tries, {} actions",
            bytes.len() - tables.provenance().len(),
            counts.statements,
            counts.nodes,
            counts.rows,
            counts.tries,
            counts.actions,
        )
        .unwrap();
        for (pass, count) in provenance.passes.iter().filter(|_| level == Level::Full) {
            writeln!(text, "    {pass}: {count}").unwrap();
        }
    }
    text
}

#[test]
fn sizes() {
    let policy = |statements: &str| world(&[("P", &document(statements))], Some(PolicyType::Identity));
    let table = [
        describe("one statement", &policy(ONE)),
        describe("twenty alike", &policy(&repeated())),
        describe("a hundred prefixes", &policy(&prefixes())),
        describe("an account", &account()),
    ];
    insta::assert_snapshot!(table.join("\n"));
}
