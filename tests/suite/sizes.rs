//! What inputs become: tables under version control, so that a change of sizes is seen.
//!
//! `INSTA_UPDATE=always cargo test --test suite sizes` writes them anew; read the difference before committing it.

use super::worlds::{account, build, document, world};
use crate::generate::account::account as generated_account;
use crate::generate::adversarial::adversarial;
use crate::generate::corpus::Corpus;
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

/// Sections that say where a decision comes from; no decision is made of them.
const COLD: &[&str] = &["name_text", "name_symbols", "statements", "policies", "names", "provenance"];

/// A corpus of the benches: sections hot and cold, counts, and what each pass removed.
fn describe_corpus(corpus: &Corpus) -> String {
    let world = iamc::world::load(vec![("corpus.json".to_owned(), corpus.dump())], None);
    let source: usize = world.sources().iter().map(|(_, source)| source.text.len()).sum();
    let mut text = format!("{}: {} in roles, {source} source bytes\n", corpus.name, corpus.statements);
    for (label, level) in [("raw", Level::None), ("optimized", Level::Full)] {
        let bytes = build(&world, Semantics::default(), level);
        let tables = Tables::load(&bytes).unwrap();
        let (cold, hot): (Vec<_>, Vec<_>) = tables.sections().partition(|(name, _)| COLD.contains(name));
        assert_eq!(cold.len(), COLD.len(), "a section of `COLD` is not in the artifact");
        let sum = |sections: &[(&str, usize)]| sections.iter().map(|(_, bytes)| bytes).sum::<usize>();
        let (hot, cold) = (sum(&hot), sum(&cold));
        let counts = tables.counts();
        // In tenths, so that the table holds no rounding of floating point numbers.
        let tenths = hot * 10 / corpus.statements;
        writeln!(text, "  {label}: hot {hot} bytes, {}.{} a statement, cold {cold}", tenths / 10, tenths % 10).unwrap();
        writeln!(
            text,
            "    {} statements, {} bundles, {} actions, {} tries, {} nodes, {} rows, {} guards, {} blocks, {} tests",
            counts.statements,
            counts.bundles,
            counts.actions,
            counts.tries,
            counts.nodes,
            counts.rows,
            counts.guards,
            counts.blocks,
            counts.tests,
        )
        .unwrap();
        let provenance = Provenance::read(tables.provenance()).unwrap();
        for (pass, count) in provenance.passes.iter().filter(|_| level == Level::Full) {
            writeln!(text, "    {pass}: {count}").unwrap();
        }
        if level == Level::Full {
            for (name, bytes) in tables.sections() {
                writeln!(text, "    section {name:<18} {bytes:>8}").unwrap();
            }
        }
    }
    text
}

#[test]
fn sizes_of_corpora() {
    let table = [describe_corpus(&generated_account(1_000, 2026)), describe_corpus(&adversarial(500, 2026))];
    insta::assert_snapshot!(table.join("\n"));
}
