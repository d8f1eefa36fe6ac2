//! `iamc completions` and `iamc man`: what shells and `man` know of the program, drawn from its arguments.

use clap::{Command, CommandFactory};
use iamc::files;

use crate::args::{Arguments, CompletionsArguments, ManArguments};
use crate::output::{self, Failure, Output, count};

pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "iamc", &mut script);
    let mut out = Output::new();
    out.bytes(&script)?;
    out.flush()?;
    Ok(output::STATUS_OK)
}

pub(crate) fn man(arguments: &ManArguments) -> Result<u8, Failure> {
    files::make_directory(&arguments.directory).map_err(Failure::of)?;
    let mut program = Arguments::command();
    // Gives each command its whole name.
    program.build();
    let mut written = 0;
    for page in pages(program) {
        let mut text = Vec::new();
        let name = page.get_filename();
        page.render(&mut text)?;
        files::write_atomically(&arguments.directory.join(&name), &text).map_err(Failure::of)?;
        written += 1;
    }
    let mut out = Output::new();
    out.line(&format!("wrote {} to {}", count(written, "page", "pages"), arguments.directory.display()))?;
    out.flush()?;
    Ok(output::STATUS_OK)
}

/// A page of the program, and one of each command.
fn pages(program: Command) -> Vec<clap_mangen::Man> {
    let commands = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned();
    let mut all = commands.collect::<Vec<_>>();
    all.insert(0, program);
    all.into_iter().map(clap_mangen::Man::new).collect()
}
