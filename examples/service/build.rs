//! Compiles `policies/`, and `holiday/`, which an operator puts in their place while nobody is there.

use iamc::build::{BuildError, Config, compile};

fn main() -> Result<(), BuildError> {
    Config::new().deny_warnings().compile(&["policies"])?;
    compile("holiday")
}
