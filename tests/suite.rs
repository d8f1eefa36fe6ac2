//! All tests that use the crate as its users do, one module per concern.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on must fail, tests make files and print figures, and take literals by value"
)]

#[expect(dead_code, reason = "shared with the benches, which use more of it")]
#[path = "../benches/generate/mod.rs"]
mod generate;
mod oracle;
#[path = "../examples/service_reference/table.rs"]
mod service_table;

mod suite {
    mod account;
    mod actions;
    mod architecture;
    mod bench;
    mod cli;
    mod conditions;
    mod conformance;
    mod corruption;
    mod diagnostics;
    mod differential;
    mod embedded;
    mod embedding;
    mod fixes;
    mod formats;
    mod graph;
    mod groups;
    mod guide;
    mod many;
    mod matching;
    mod mistakes;
    mod mutations;
    mod object_acls;
    mod optimizer;
    mod organization;
    mod organizations;
    mod own;
    mod reference;
    mod requests;
    mod required;
    mod resolved;
    mod service_reference;
    mod sizes;
    mod worlds;
    mod wrong_worlds;
}
