//! Prints the C header of the package whose folder is the only argument.

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: iamc-header FOLDER");
        return ExitCode::from(2);
    };
    match cbindgen::generate(folder) {
        Ok(bindings) => {
            bindings.write(std::io::stdout().lock());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the header cannot be generated: {error}");
            ExitCode::FAILURE
        }
    }
}
