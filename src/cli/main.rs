//! The `iamc` program.
fn main() {}
