//! The `iamc` program: arguments, files, colours, exit statuses.
//!
//! Everything else is the library's public interface, used as any other program would. Names, flags and
//! machine-readable output are a contract; what people read is free to improve.
#![forbid(unsafe_code)]

mod args;
mod bench;
mod check;
mod clock;
mod compile;
mod decide;
mod explain;
mod generate;
mod graph;
mod input;
mod inspect;
mod output;
mod progress;
mod report;
mod requests;
mod test;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::output::Failure;

/// With the system's allocator a hundred large accounts take half as long again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(args::normalized(std::env::args_os()));
    let result = match &arguments.command {
        Command::Compile(arguments) => compile::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Decide(arguments) => decide::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Graph(arguments) => graph::run(arguments),
        Command::Completions(arguments) => generate::completions(arguments),
        Command::Man(arguments) => generate::man(arguments),
    };
    match result {
        Ok(status) => ExitCode::from(status),
        // Whoever read our output has seen enough.
        Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Err(Failure::Message(message)) => {
            output::complain(&format!("error: {message}"));
            ExitCode::from(output::STATUS_UNUSABLE)
        }
    }
}
