//! `iamc test`

use std::path::Path;

use iamc::scenario::{self, Outcome};
use iamc::{Level, files};

use crate::args::{Format, TestArguments};
use crate::output::{self, Colour, Failure, Output, Style, count};

/// How many scenarios ended how.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    unjudged: usize,
}

pub(crate) fn run(arguments: &TestArguments) -> Result<u8, Failure> {
    let mut out = Output::new();
    let mut tally = Tally::default();
    let mut is_unreadable = false;
    for path in &arguments.files {
        if let Err(message) = run_file(path, arguments.format, &mut out, &mut tally)? {
            out.flush()?;
            output::complain(&format!("error: {message}"));
            is_unreadable = true;
        }
    }
    if arguments.format == Format::Human {
        out.line(&summary(&tally))?;
    }
    out.flush()?;
    Ok(match (is_unreadable, tally.failed) {
        (true, _) => output::STATUS_UNUSABLE,
        (false, 0) => output::STATUS_OK,
        (false, _) => output::STATUS_NO,
    })
}

/// The inner error is an unreadable file, after which the run goes on.
fn run_file(path: &Path, format: Format, out: &mut Output, tally: &mut Tally) -> Result<Result<(), String>, Failure> {
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let pieces = match scenario::split(&text) {
        Ok(pieces) => pieces,
        Err(message) => return Ok(Err(format!("cannot read `{}`: {message}", path.display()))),
    };
    let file = path.to_string_lossy();
    for piece in &pieces {
        let outcome = scenario::run_piece(&file, piece, Level::Full);
        match outcome.pass {
            Some(true) => tally.passed += 1,
            Some(false) => tally.failed += 1,
            None => tally.unjudged += 1,
        }
        match format {
            Format::Human => out.line(&human(&outcome))?,
            Format::Json => out.json(&outcome)?,
        }
    }
    Ok(Ok(()))
}

fn human(outcome: &Outcome) -> String {
    let style = Style::of_stdout();
    match outcome.pass {
        Some(true) => format!("{} {}", style.paint("pass", Colour::Good), outcome.name),
        None => format!("     {}: {}", outcome.name, outcome.decision()),
        Some(false) => {
            let mut text = format!("{} {}\n       {}", style.paint("FAIL", Colour::Bad), outcome.name, outcome.why);
            match &outcome.result {
                Ok(answer) => {
                    for line in answer.to_string().lines() {
                        text.push_str("\n       ");
                        text.push_str(line);
                    }
                }
                Err(refusal) => {
                    text.push_str("\n       ");
                    text.push_str(&refusal.code);
                }
            }
            text
        }
    }
}

fn summary(tally: &Tally) -> String {
    let mut text = format!("{}: {} passed", count(total(tally), "scenario", "scenarios"), tally.passed);
    for (number, word) in [(tally.failed, "failed"), (tally.unjudged, "not judged")] {
        if 0 < number {
            text.push_str(", ");
            text.push_str(&number.to_string());
            text.push(' ');
            text.push_str(word);
        }
    }
    text
}

const fn total(tally: &Tally) -> usize {
    tally.passed + tally.failed + tally.unjudged
}
