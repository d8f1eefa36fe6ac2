//! `[check]` of `iamc.toml`: which findings are wanted, and how bad they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use iamc::check::{Files, Part};
use iamc::files;
use iamc::source::{Diagnostic, Severity, SourceId, SourceMap};
use toml::de::{DeTable, DeValue};

use super::severity;
use crate::args::FailOn;
use crate::explain;
use crate::output::Failure;

/// The file's name where the user has not named one.
const NAME: &str = "iamc.toml";

/// The table.
#[derive(Debug, Default)]
pub(super) struct Config {
    off: Vec<Codes>,
    levels: Vec<(Codes, Severity)>,
    paths: Vec<(glob::Pattern, Vec<Codes>)>,
    /// Where the file is; patterns of paths are relative to it.
    folder: PathBuf,
}

/// One code, or all that begin like this.
#[derive(Debug)]
enum Codes {
    One(&'static str),
    Prefix(String),
}

impl Codes {
    /// Reads `iamc::area::name` or `iamc::area::*`, with or without `iamc::`.
    fn read(text: &str) -> Result<Self, String> {
        let name = text.strip_prefix("iamc::").unwrap_or(text);
        if let Some(start) = name.strip_suffix('*') {
            let prefix = format!("iamc::{start}");
            let is_known = explain::codes().any(|code| code.starts_with(&prefix));
            return if is_known { Ok(Self::Prefix(prefix)) } else { Err(format!("no code begins with `{prefix}`")) };
        }
        explain::find(text).map(Self::One)
    }

    fn hold(&self, code: &str) -> bool {
        match self {
            Self::One(one) => *one == code,
            Self::Prefix(prefix) => code.starts_with(prefix.as_str()),
        }
    }

    /// Of two that hold a code, the one with more characters says more.
    fn precision(&self) -> usize {
        match self {
            Self::One(_) => usize::MAX,
            Self::Prefix(prefix) => prefix.len(),
        }
    }
}

/// What is wrong, and where.
type Fault = (Range<usize>, String);

impl Config {
    /// Reads the table of the manifest that was checked, or of `iamc.toml` where the user stands.
    pub(super) fn find(checked: &Files) -> Result<Self, Failure> {
        if let Some(manifest) = checked.manifest() {
            let shown = checked.paths().get(&manifest.name).unwrap_or(&manifest.name);
            // What is wrong with its TOML is among the findings.
            return match DeTable::parse(&manifest.text) {
                Ok(_) => Self::read(&manifest.text, Path::new(shown)),
                Err(_) => Ok(Self::default()),
            };
        }
        let path = Path::new(NAME);
        if files::identity(path) == path {
            return Ok(Self::default());
        }
        Self::read(&files::read_text(path).map_err(Failure::of)?, path)
    }

    fn read(text: &str, path: &Path) -> Result<Self, Failure> {
        let folder = files::identity(&Path::new(".").join(files::folder(path)));
        let mut config = Self { folder, ..Self::default() };
        match config.read_tables(text) {
            Ok(()) => Ok(config),
            Err((range, message)) => {
                let mut sources = SourceMap::default();
                let id = sources.add(NAME, text);
                let start = u32::try_from(range.start).unwrap_or(u32::MAX);
                let at = sources.get(id).map(|source| source.line_column(start));
                let at = at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
                Err(Failure::Message(format!("{}{at}: {message}", path.display())))
            }
        }
    }

    fn read_tables(&mut self, text: &str) -> Result<(), Fault> {
        let tables =
            DeTable::parse(text).map_err(|fault| (fault.span().unwrap_or_default(), fault.message().to_owned()))?;
        let Some(check) = tables.get_ref().iter().find(|(name, _)| name.get_ref() == "check") else { return Ok(()) };
        let DeValue::Table(check) = check.1.get_ref() else {
            return Err((check.1.span(), "`check` is a table: `[check]`".to_owned()));
        };
        for (name, value) in check {
            let wrong = |form: &str| (value.span(), format!("`{}` is {form}", name.get_ref()));
            match (&**name.get_ref(), value.get_ref()) {
                ("off", DeValue::Array(_)) => self.off = codes(value.get_ref())?,
                ("off", _) => return Err(wrong("an array of codes")),
                ("levels", DeValue::Table(levels)) => {
                    for (code, level) in levels {
                        let code = Codes::read(code.get_ref()).map_err(|message| (code.span(), message))?;
                        let word = level.get_ref().as_str().unwrap_or_default();
                        let level = FailOn::from_str(word, false).map_err(|_| {
                            let levels = "`error`, `security-warning`, `warning` or `suggestion`";
                            (level.span(), format!("a level is {levels}"))
                        })?;
                        self.levels.push((code, severity(level)));
                    }
                }
                ("levels", _) => return Err(wrong("a table from codes to levels")),
                ("paths", DeValue::Table(paths)) => {
                    for (pattern, off) in paths {
                        let text: &str = pattern.get_ref();
                        let fault =
                            |fault: glob::PatternError| (pattern.span(), format!("not a pattern: {}", fault.msg));
                        self.paths.push((
                            glob::Pattern::new(text).map_err(fault)?,
                            codes(off.get_ref()).map_err(|(range, message)| {
                                if range.is_empty() { (off.span(), message) } else { (range, message) }
                            })?,
                        ));
                    }
                }
                ("paths", _) => return Err(wrong("a table from patterns of files to the codes that are off in them")),
                (other, _) => {
                    let message = format!("`[check]` has no `{other}`; it has `off`, `levels` and `paths`");
                    return Err((name.span(), message));
                }
            }
        }
        Ok(())
    }

    /// Takes away what is not wanted, and gives the rest its level.
    pub(super) fn apply(&self, part: &mut Part) {
        let mut findings = std::mem::take(&mut part.findings);
        let mut off: BTreeMap<SourceId, Vec<&Codes>> = BTreeMap::new();
        let mut is_off = |finding: &Diagnostic| {
            let source = finding.place.source;
            let here = off.entry(source).or_insert_with(|| self.off_in(part.shown(source)));
            let mut off = self.off.iter().chain(here.iter().copied());
            off.any(|codes| codes.hold(finding.code))
        };
        findings.retain(|finding| !is_off(finding));
        for finding in &mut findings {
            let levels = self.levels.iter().filter(|(codes, _)| codes.hold(finding.code));
            if let Some((_, level)) = levels.max_by_key(|(codes, _)| codes.precision()) {
                finding.severity = *level;
            }
        }
        part.findings = findings;
    }

    /// The codes that are off in a file only.
    fn off_in(&self, shown: &str) -> Vec<&Codes> {
        if self.paths.is_empty() {
            return Vec::new();
        }
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        let path = files::identity(Path::new(shown));
        let path = path.strip_prefix(&self.folder).unwrap_or(&path);
        let paths = self.paths.iter().filter(|(pattern, _)| pattern.matches_path_with(path, options));
        paths.flat_map(|(_, codes)| codes).collect()
    }
}

/// An array of codes.
fn codes(value: &DeValue<'_>) -> Result<Vec<Codes>, Fault> {
    let not_codes = || (0..0, "an array of codes is wanted, such as `[\"iamc::action::unknown\"]`".to_owned());
    let DeValue::Array(entries) = value else { return Err(not_codes()) };
    let code = |entry: &toml::Spanned<DeValue<'_>>| {
        let text = entry.get_ref().as_str().ok_or_else(|| (entry.span(), not_codes().1))?;
        Codes::read(text).map_err(|message| (entry.span(), message))
    };
    entries.iter().map(code).collect()
}
