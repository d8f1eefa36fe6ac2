//! `iamc check --explain`: what a code means.

use crate::output::{self, Failure, Output};

/// A page for each code, below headings of the third level.
const PAGES: &str = include_str!("../../docs/codes.md");

/// Prints the page of a code.
pub(crate) fn run(code: &str) -> Result<u8, Failure> {
    let Some(page) = page(code) else {
        let message =
            format!("there is no code `{code}`; `iamc check` prints the code of each finding above its report");
        return Err(Failure::Message(message));
    };
    let mut out = Output::new();
    out.line(page)?;
    out.flush()?;
    Ok(output::STATUS_OK)
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
