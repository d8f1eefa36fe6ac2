//! `iamc compile`

use std::path::{Path, PathBuf};
use std::time::Instant;

use iamc::source::Severity;
use iamc::{Level, Options, files};

use crate::args::CompileArguments;
use crate::input::{self, reaches};
use crate::output::{self, Failure, Output, Style, count};
use crate::progress::Progress;
use crate::report::Reporter;

pub(crate) fn run(arguments: &CompileArguments) -> Result<u8, Failure> {
    let start = Instant::now();
    refuse_input(&arguments.output, &arguments.world.inputs)?;
    let progress = Progress::start("compiling");
    let loaded = input::load_world(&arguments.world)?;
    refuse_input(&arguments.output, &loaded.files)?;
    let optimize = if arguments.optimize == "0" { Level::None } else { Level::Full };
    let options = Options { semantics: arguments.world.semantics(), optimize };
    let sources = loaded.world.sources().clone();
    let (compiled, findings) = match iamc::compile(loaded.world, &options) {
        Ok(mut compiled) => {
            let findings = std::mem::take(&mut compiled.findings);
            (Some(compiled), findings)
        }
        Err(errors) => (None, errors.findings),
    };
    drop(progress);
    let reporter = Reporter::new(&sources, &loaded.paths, Style::of_stderr());
    for text in reporter.human(&findings) {
        output::complain(&text);
    }
    if !findings.is_empty() {
        output::complain(&reporter.count_line(&findings));
    }
    let limit = if arguments.deny.is_some() { Severity::Warning } else { Severity::Error };
    let compiled = match compiled {
        Some(compiled) if !reaches(&findings, limit) => compiled,
        _ => return Ok(output::STATUS_UNUSABLE),
    };
    files::write_atomically(&arguments.output, compiled.as_bytes()).map_err(Failure::of)?;
    let summary = &compiled.summary;
    let mut out = Output::new();
    out.line(&format!(
        "compiled {}, {}, {} to {}: {} in {:.1} ms",
        count(summary.policies, "policy", "policies"),
        count(summary.statements, "statement", "statements"),
        count(summary.principals, "principal", "principals"),
        arguments.output.display(),
        count(compiled.as_bytes().len(), "byte", "bytes"),
        start.elapsed().as_secs_f64() * 1_000.0,
    ))?;
    out.flush()?;
    Ok(output::STATUS_OK)
}

/// Fails if the output is one of the inputs, those of a manifest included.
fn refuse_input(output: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    if files::is_among(output, inputs) {
        let shown = output.display();
        return Err(Failure::Message(format!("the output `{shown}` is one of the inputs; name another file")));
    }
    Ok(())
}
