//! Generates the parsers from the grammars beside this file; does nothing without the feature `compiler`.

#[cfg_attr(not(feature = "compiler"), expect(clippy::unnecessary_wraps, reason = "there is nothing to generate"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The folder, so that a new grammar is noticed.
    println!("cargo::rerun-if-changed=grammar");
    #[cfg(feature = "compiler")]
    {
        let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR for build scripts")?;
        lalrpop::Configuration::new().set_in_dir("grammar").set_out_dir(out).emit_rerun_directives(true).process()?;
    }
    Ok(())
}
