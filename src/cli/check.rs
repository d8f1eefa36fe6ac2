//! `iamc check`

mod baseline;
mod config;
mod fingerprint;
mod fix;
mod github;
mod junit;
mod names;
mod sarif;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iamc::files;
use iamc::source::{Diagnostic, Severity, SourceId, SourceMap};
use iamc::{Level, Options};

use self::baseline::Baseline;
use self::config::Config;
use crate::args::{CheckArguments, CheckFormat, FailOn};
use crate::explain;
use crate::input::{self, reaches};
use crate::output::{self, Failure, Output, Style, count};
use crate::progress::Progress;
use crate::report::{self, Reporter};

/// What one look at the inputs has found.
#[derive(Debug, Clone)]
struct Checked {
    sources: SourceMap,
    /// From the names of sources to paths as the user would write them.
    paths: BTreeMap<String, String>,
    /// In source order, without what the configuration does not want.
    findings: Vec<Diagnostic>,
}

impl Checked {
    /// The path that the user gave for a source, or its name where there is none.
    fn shown(&self, id: SourceId) -> &str {
        let name = self.sources.get(id).map_or("", |source| &source.name);
        self.paths.get(name).map_or(name, String::as_str)
    }
}

pub(crate) fn run(arguments: &CheckArguments) -> Result<u8, Failure> {
    if let Some(code) = &arguments.explain {
        return explain::run(code);
    }
    if arguments.fix && arguments.world.inputs.iter().any(|input| input.as_os_str() == "-") {
        let message = "`--fix` cannot change standard input; save it to a file, or take the edits from `fixes` of \
            `--format json`";
        return Err(Failure::Message(message.to_owned()));
    }
    let known = arguments.baseline.as_deref().map(Baseline::read).transpose()?;
    let mut checked = check(arguments)?;
    if let Some(path) = &arguments.write_baseline {
        refuse_input(path, &checked)?;
    }
    if arguments.fix {
        checked = fix(arguments, checked, known.as_ref())?;
    }
    let mut fingerprints = fingerprints(arguments, &checked);
    if let Some(known) = &known {
        let outcome = known.suppress(&mut checked, &mut fingerprints);
        tell(arguments, &outcome);
        if let Some(path) = &arguments.write_baseline {
            outcome.met.write(path)?;
        }
    } else if let Some(path) = &arguments.write_baseline {
        let all = Baseline::of(&checked, &fingerprints);
        all.write(path)?;
        all.suppress(&mut checked, &mut fingerprints);
        output::complain(&format!("wrote {} to `{}`", count(all.len(), "finding", "findings"), path.display()));
    }
    print(arguments, &checked, &fingerprints)?;
    let is_failed = reaches(&checked.findings, severity(arguments.fail_on));
    Ok(if is_failed { output::STATUS_NO } else { output::STATUS_OK })
}

fn check(arguments: &CheckArguments) -> Result<Checked, Failure> {
    let _progress = Progress::start("checking");
    let loaded = input::load_world(&arguments.world)?;
    let options = Options { semantics: arguments.world.semantics(), optimize: Level::None };
    let sources = loaded.world.sources().clone();
    let mut findings = iamc::lint::lint(&loaded.world, options.semantics);
    findings.extend(match iamc::compile(loaded.world, &options) {
        Ok(compiled) => compiled.findings,
        Err(errors) => errors.findings,
    });
    findings.sort_by_key(|finding| finding.place);
    let mut checked = Checked { sources, paths: loaded.paths, findings };
    Config::find(&checked)?.apply(&mut checked);
    Ok(checked)
}

/// How often files are checked again after edits: an edit may have waited for another, or may uncover something.
const PASSES: usize = 10;

/// Makes the edits of findings that are not known, until there are no more of them.
fn fix(arguments: &CheckArguments, mut checked: Checked, known: Option<&Baseline>) -> Result<Checked, Failure> {
    let mut made = fix::Made::default();
    for _ in 0..PASSES {
        let mut open = checked.clone();
        if let Some(known) = known {
            let mut fingerprints = fingerprint::of_all(&open.sources, &open.findings);
            known.suppress(&mut open, &mut fingerprints);
        }
        if !fix::make(&open, arguments.world.policy_type(), &mut made)? {
            break;
        }
        checked = check(arguments)?;
    }
    let files = count(made.files.len(), "file", "files");
    output::complain(&format!("made {} in {files}", count(made.edits, "edit", "edits")));
    Ok(checked)
}

/// A fingerprint for each finding, where anybody asks for them.
fn fingerprints(arguments: &CheckArguments, checked: &Checked) -> Vec<String> {
    let is_wanted =
        arguments.format == CheckFormat::Sarif || arguments.baseline.is_some() || arguments.write_baseline.is_some();
    if is_wanted { fingerprint::of_all(&checked.sources, &checked.findings) } else { Vec::new() }
}

/// A baseline never replaces what is checked.
fn refuse_input(path: &Path, checked: &Checked) -> Result<(), Failure> {
    let inputs: Vec<PathBuf> = checked.paths.values().map(PathBuf::from).collect();
    if !files::is_among(path, &inputs) {
        return Ok(());
    }
    let message = format!(
        "`{}` is one of the files that are checked; name another one, such as `.iamc-baseline.json`",
        path.display()
    );
    Err(Failure::Message(message))
}

/// Says what a baseline has hidden, and how to shrink it.
fn tell(arguments: &CheckArguments, outcome: &baseline::Outcome) {
    let path = arguments.baseline.as_deref().unwrap_or(Path::new("")).display();
    let known = count(outcome.suppressed, "finding is", "findings are");
    output::complain(&format!("{known} in the baseline `{path}` and not reported"));
    if 0 < outcome.stale && arguments.write_baseline.is_none() {
        let stale = count(outcome.stale, "entry of it stands", "entries of it stand");
        let remedy = format!("`--baseline {path} --write-baseline {path}` keeps the others only");
        output::complain(&format!("{stale} for nothing any more; {remedy}"));
    }
}

fn print(arguments: &CheckArguments, checked: &Checked, fingerprints: &[String]) -> Result<(), Failure> {
    let Checked { sources, paths, findings } = checked;
    let reporter = Reporter::new(sources, paths, Style::of_stdout());
    let mut out = Output::new();
    match arguments.format {
        CheckFormat::Human => {
            for text in reporter.human(findings) {
                out.line(&text)?;
            }
            out.line(&reporter.count_line(findings))?;
        }
        CheckFormat::Json => {
            for finding in report::sorted(findings) {
                out.json(&reporter.json(finding))?;
            }
        }
        CheckFormat::Sarif => out.json(&sarif::log(checked, fingerprints))?,
        CheckFormat::Github => {
            for command in github::commands(checked) {
                out.line(&command)?;
            }
        }
        CheckFormat::Junit => out.line(&junit::report(checked, severity(arguments.fail_on)))?,
    }
    out.flush()
}

const fn severity(level: FailOn) -> Severity {
    match level {
        FailOn::Error => Severity::Error,
        FailOn::SecurityWarning => Severity::SecurityWarning,
        FailOn::Warning => Severity::Warning,
        FailOn::Suggestion => Severity::Suggestion,
    }
}
