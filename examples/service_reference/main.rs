//! Rebuilds `data/service-reference.txt` from the npm package (`data/README.md`).
//!
//! `cargo run --example service_reference -- PACKAGE data/additions.tsv > data/service-reference.txt`
#![expect(clippy::print_stdout, reason = "a program that prints a file")]

mod table;

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [package, additions] = arguments.as_slice() else {
        return Err("expected the folder of the package and the file of additions".into());
    };
    print!("{}", table::table(Path::new(package), Path::new(additions))?);
    Ok(())
}
