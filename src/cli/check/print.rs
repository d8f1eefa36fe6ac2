//! Findings as they are printed: part by part, since all of them may be more than memory holds.

use iamc::check::Part;
use iamc::source::Severity;

use super::names::Names;
use super::{github, junit, sarif};
use crate::args::CheckFormat;
use crate::output::{Failure, Output, Style};
use crate::report::{Reporter, Shown, Tally};

/// The findings of some files, ready to be printed.
#[derive(Debug)]
pub(super) enum Printed {
    /// Bytes of the output.
    Bytes(Vec<u8>),
    /// Results of a SARIF log.
    Results(Vec<sarif::Found>),
    /// For people, who are shown the worst of all.
    Part(Part),
}

/// Makes what can be made without knowing the other files.
pub(super) fn part(
    part: Part,
    format: CheckFormat,
    names: &Names,
    fingerprints: &[String],
    limit: Severity,
) -> Result<Printed, Failure> {
    Ok(match format {
        CheckFormat::Human => Printed::Part(part),
        CheckFormat::Sarif => Printed::Results(sarif::results(&part, names, fingerprints)),
        CheckFormat::Json => {
            let reporter = Reporter::new(&part.sources, &part.paths, Style::Plain);
            let mut bytes = Vec::new();
            for finding in &part.findings {
                serde_json::to_writer(&mut bytes, &reporter.json(finding)).map_err(std::io::Error::from)?;
                bytes.push(b'\n');
            }
            Printed::Bytes(bytes)
        }
        CheckFormat::Github => {
            let lines = github::commands(&part, names).flat_map(|line| line.into_bytes().into_iter().chain([b'\n']));
            Printed::Bytes(lines.collect())
        }
        CheckFormat::Junit => Printed::Bytes(junit::suites(&part, names, limit).into_bytes()),
    })
}

/// Prints parts.
#[derive(Debug)]
pub(super) struct Printer {
    format: CheckFormat,
    out: Output,
    style: Style,
    shown: Shown,
    rules: sarif::Rules,
    is_first: bool,
}

impl Printer {
    pub(super) fn new(format: CheckFormat) -> Self {
        Self {
            format,
            out: Output::new(),
            style: Style::of_stdout(),
            shown: Shown::default(),
            rules: sarif::Rules::default(),
            is_first: true,
        }
    }

    /// Prints what stands before all parts.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        match self.format {
            CheckFormat::Human | CheckFormat::Json | CheckFormat::Github => Ok(()),
            CheckFormat::Sarif => self.out.bytes(sarif::HEAD.as_bytes()),
            CheckFormat::Junit => self.out.bytes(junit::HEAD.as_bytes()),
        }
    }

    /// Prints the next part.
    pub(super) fn take(&mut self, printed: Printed) -> Result<(), Failure> {
        match printed {
            Printed::Bytes(bytes) => self.out.bytes(&bytes)?,
            Printed::Results(results) => {
                for found in results {
                    if !std::mem::take(&mut self.is_first) {
                        self.out.bytes(sarif::BETWEEN.as_bytes())?;
                    }
                    self.out.bytes(self.rules.numbered(&found).as_bytes())?;
                }
            }
            Printed::Part(part) => {
                Reporter::new(&part.sources, &part.paths, self.style).show(&part.findings, &mut self.shown);
            }
        }
        Ok(())
    }

    /// Prints what stands behind all parts.
    pub(super) fn end(mut self, tally: &Tally, files: usize) -> Result<(), Failure> {
        match self.format {
            CheckFormat::Json | CheckFormat::Github => {}
            CheckFormat::Human => {
                for text in self.shown.into_texts() {
                    self.out.line(&text)?;
                }
                self.out.line(&tally.line(files))?;
            }
            CheckFormat::Sarif => self.out.bytes(self.rules.tail().as_bytes())?,
            CheckFormat::Junit => self.out.bytes(junit::TAIL.as_bytes())?,
        }
        self.out.flush()
    }
}
