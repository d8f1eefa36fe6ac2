//! Checks the oracle by itself.
mod oracle;
#[test]
fn x() { let _ = oracle::decide(&serde_json::json!({})); }
