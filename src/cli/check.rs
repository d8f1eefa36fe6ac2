//! `iamc check`

mod baseline;
mod config;
mod fingerprint;
mod fix;
mod github;
mod junit;
mod names;
mod print;
mod sarif;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use iamc::check::{Files, Part};
use iamc::files;
use iamc::source::Severity;

use self::baseline::Baseline;
use self::config::Config;
use self::names::Names;
use self::print::{Printed, Printer};
use crate::args::{CheckArguments, CheckFormat, FailOn};
use crate::explain;
use crate::input;
use crate::output::{self, Failure, count};
use crate::progress::Progress;
use crate::report::Tally;

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
    let mut files = open(arguments)?;
    let config = Config::find(&files)?;
    if let Some(path) = &arguments.write_baseline {
        refuse_input(path, &files)?;
    }
    let check = Check { arguments, config, known, names: Names::new() };
    if arguments.fix {
        check.fix(files)?;
        files = open(arguments)?;
    }
    check.print(files)
}

fn open(arguments: &CheckArguments) -> Result<Files, Failure> {
    let _progress = Progress::start("reading");
    input::open_files(&arguments.world)
}

/// A baseline never replaces what is checked.
fn refuse_input(path: &Path, checked: &Files) -> Result<(), Failure> {
    let inputs: Vec<PathBuf> = checked.paths().values().map(PathBuf::from).collect();
    if !files::is_among(path, &inputs) {
        return Ok(());
    }
    let message = format!(
        "`{}` is one of the files that are checked; name another one, such as `.iamc-baseline.json`",
        path.display()
    );
    Err(Failure::Message(message))
}

/// How often files are checked again after edits: an edit may have waited for another, or may uncover something.
const PASSES: usize = 10;

/// What is done with the findings of each part.
struct Check<'a> {
    arguments: &'a CheckArguments,
    config: Config,
    known: Option<Baseline>,
    names: Names,
}

/// A part that nothing remains to be done with but to print it.
struct Done {
    printed: Printed,
    tally: Tally,
    files: usize,
    bytes: u64,
    /// What is written to a baseline, or known from one.
    entries: Baseline,
    suppressed: usize,
}

impl Check<'_> {
    /// Makes the edits of findings that are not known, until there are no more of them.
    fn fix(&self, files: Files) -> Result<(), Failure> {
        let mut all = fix::Made::default();
        let mut next = Some(files);
        for _ in 0..PASSES {
            let files = next.take().map_or_else(|| open(self.arguments), Ok)?;
            let progress = Progress::of_bytes("fixing", files.bytes());
            let mut pass = fix::Made::default();
            let make = |mut part: Part| {
                self.config.apply(&mut part);
                if let Some(known) = &self.known {
                    let mut fingerprints = fingerprint::of_all(&part.sources, &part.findings);
                    known.suppress(&mut part, &self.names, &mut fingerprints);
                }
                Ok::<_, Failure>((fix::make(&part, self.arguments.world.policy_type())?, part.bytes()))
            };
            files.check(self.arguments.world.semantics(), make, |(made, bytes)| {
                pass.join(made);
                progress.advance(bytes);
                Ok(())
            })?;
            let is_over = pass.edits == 0;
            all.join(pass);
            if is_over {
                break;
            }
        }
        let files = count(all.files.len(), "file", "files");
        output::complain(&format!("made {} in {files}", count(all.edits, "edit", "edits")));
        Ok(())
    }

    /// Prints what is found, or writes it to a baseline; returns the exit status.
    fn print(&self, files: Files) -> Result<u8, Failure> {
        let progress = self.progress(files.bytes());
        let mut printer = Printer::new(self.arguments.format);
        let (mut tally, mut count, mut suppressed) = (Tally::default(), 0, 0);
        let mut entries = Baseline::default();
        printer.begin()?;
        files.check(
            self.arguments.world.semantics(),
            |part| self.part(part),
            |done: Done| {
                tally.join(&done.tally);
                count += done.files;
                suppressed += done.suppressed;
                entries.join(done.entries);
                printer.take(done.printed)?;
                progress.advance(done.bytes);
                Ok(())
            },
        )?;
        drop(progress);
        self.settle_baseline(&entries, suppressed)?;
        printer.end(&tally, count)?;
        let is_failed = tally.reaches(severity(self.arguments.fail_on));
        Ok(if is_failed { output::STATUS_NO } else { output::STATUS_OK })
    }

    /// A bar, unless findings that come one by one on the same terminal show as well that something is done.
    fn progress(&self, bytes: u64) -> Progress {
        let is_human = self.arguments.format == CheckFormat::Human;
        if is_human || !io::stdout().is_terminal() { Progress::of_bytes("checking", bytes) } else { Progress::none() }
    }

    fn part(&self, mut part: Part) -> Result<Done, Failure> {
        self.config.apply(&mut part);
        let (files, bytes, before) = (part.own.len(), part.bytes(), part.findings.len());
        let CheckArguments { format, write_baseline, fail_on, .. } = self.arguments;
        let is_wanted = *format == CheckFormat::Sarif || self.known.is_some() || write_baseline.is_some();
        let mut fingerprints = if is_wanted { fingerprint::of_all(&part.sources, &part.findings) } else { Vec::new() };
        let entries = match &self.known {
            Some(known) => known.suppress(&mut part, &self.names, &mut fingerprints),
            None if write_baseline.is_some() => {
                let all = Baseline::of(&part, &self.names, &fingerprints);
                part.findings.clear();
                fingerprints.clear();
                all
            }
            None => Baseline::default(),
        };
        let suppressed = before - part.findings.len();
        let mut tally = Tally::default();
        tally.add(&part.findings);
        let printed = print::part(part, *format, &self.names, &fingerprints, severity(*fail_on))?;
        Ok(Done { printed, tally, files, bytes, entries, suppressed })
    }

    /// Writes a baseline, and says what one has hidden and how to shrink it.
    fn settle_baseline(&self, entries: &Baseline, suppressed: usize) -> Result<(), Failure> {
        let CheckArguments { baseline, write_baseline, .. } = self.arguments;
        if let (Some(known), Some(path)) = (&self.known, baseline) {
            let (path, stale) = (path.display(), known.len() - entries.len());
            let hidden = count(suppressed, "finding is", "findings are");
            output::complain(&format!("{hidden} in the baseline `{path}` and not reported"));
            if 0 < stale && write_baseline.is_none() {
                let stale = count(stale, "entry of it stands", "entries of it stand");
                let remedy = format!("`--baseline {path} --write-baseline {path}` keeps the others only");
                output::complain(&format!("{stale} for nothing any more; {remedy}"));
            }
        }
        let Some(path) = write_baseline else { return Ok(()) };
        entries.write(path)?;
        if self.known.is_none() {
            let written = count(entries.len(), "finding", "findings");
            output::complain(&format!("wrote {written} to `{}`", path.display()));
        }
        Ok(())
    }
}

const fn severity(level: FailOn) -> Severity {
    match level {
        FailOn::Error => Severity::Error,
        FailOn::SecurityWarning => Severity::SecurityWarning,
        FailOn::Warning => Severity::Warning,
        FailOn::Suggestion => Severity::Suggestion,
    }
}
