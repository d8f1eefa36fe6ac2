//! `iamc check`

use iamc::source::Severity;
use iamc::{Level, Options};

use crate::args::{CheckArguments, FailOn, Format};
use crate::explain;
use crate::input::{self, reaches};
use crate::output::{self, Failure, Output, Style};
use crate::report::{self, Reporter};

pub(crate) fn run(arguments: &CheckArguments) -> Result<u8, Failure> {
    if let Some(code) = &arguments.explain {
        return explain::run(code);
    }
    let loaded = input::load_world(&arguments.world)?;
    let options = Options { semantics: arguments.world.semantics(), optimize: Level::None };
    let sources = loaded.world.sources().clone();
    let mut findings = iamc::lint::lint(&loaded.world, options.semantics);
    findings.extend(match iamc::compile(loaded.world, &options) {
        Ok(compiled) => compiled.findings,
        Err(errors) => errors.findings,
    });
    let reporter = Reporter::new(&sources, &loaded.paths, Style::of_stdout());
    let mut out = Output::new();
    match arguments.format {
        Format::Human => {
            for text in reporter.human(&findings) {
                out.line(&text)?;
            }
            out.line(&reporter.count_line(&findings))?;
        }
        Format::Json => {
            for finding in report::sorted(&findings) {
                out.json(&reporter.json(finding))?;
            }
        }
    }
    out.flush()?;
    let is_failed = reaches(&findings, severity(arguments.fail_on));
    Ok(if is_failed { output::STATUS_NO } else { output::STATUS_OK })
}

const fn severity(level: FailOn) -> Severity {
    match level {
        FailOn::Error => Severity::Error,
        FailOn::SecurityWarning => Severity::SecurityWarning,
        FailOn::Warning => Severity::Warning,
        FailOn::Suggestion => Severity::Suggestion,
    }
}
