//! `iamc check --explain`: what a code means.

use crate::output::{self, Failure, Output};

/// A page for each code, below headings of the third level.
const PAGES: &str = include_str!("../../docs/codes.md");

/// Prints the page of a code.
pub(crate) fn run(code: &str) -> Result<u8, Failure> {
    let code = find(code).map_err(Failure::Message)?;
    let mut out = Output::new();
    out.line(page(code).unwrap_or(code))?;
    out.flush()?;
    Ok(output::STATUS_OK)
}

/// How similar a code must be for anybody to have meant it; 1 is the same.
const SIMILAR: f64 = 0.8;

/// The code of this name, which may be given without `iamc::`; otherwise what to say about it.
pub(crate) fn find(text: &str) -> Result<&'static str, String> {
    let whole = format!("iamc::{}", text.strip_prefix("iamc::").unwrap_or(text));
    if let Some(code) = codes().find(|code| *code == whole) {
        return Ok(code);
    }
    let similar = codes().map(|code| (strsim::normalized_damerau_levenshtein(code, &whole), code));
    let nearest = similar.filter(|(score, _)| SIMILAR <= *score).max_by(|one, other| one.0.total_cmp(&other.0));
    Err(match nearest {
        Some((_, code)) => format!("there is no code `{text}`; did you mean `{code}`?"),
        None => format!("there is no code `{text}`; `iamc check` prints the code of each finding above its report"),
    })
}

/// The page of a code, which may be given without `iamc::`.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    let code = code.strip_prefix("iamc::").unwrap_or(code);
    let mut pages = PAGES.split("\n### ").skip(1);
    let page = pages.find(|page| page.lines().next().and_then(|title| title.strip_prefix("iamc::")) == Some(code))?;
    // The heading of the next area is no part of the last page of an area.
    Some(page.split("\n## ").next().unwrap_or(page).trim_end())
}

/// All codes.
pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
    let titles = PAGES.split("\n### ").skip(1).filter_map(|page| page.lines().next());
    titles.filter(|title| title.starts_with("iamc::"))
}
