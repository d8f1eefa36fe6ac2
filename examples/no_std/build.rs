//! Compiles `policies/`.

fn main() -> Result<(), iamc::build::BuildError> {
    iamc::build::compile("policies")
}
