//! Texts with the entries of a manifest that name them.

use super::manifest;
use std::collections::BTreeMap;

/// One text of the input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    /// Name in findings and in the artifact: relative, with `/`, unique among the inputs.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Numbers of the manifest's patterns that stand for it ([`Reference::number`](super::Reference)), ascending.
    pub claims: Vec<usize>,
}

/// Why a pattern of a manifest has no text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    /// No file matches.
    NoMatch,
    /// A file cannot be read, for the reason that the text gives.
    Unreadable(String),
}

/// Everything that is read into one world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// All texts, the manifest among them.
    pub texts: Vec<Text>,
    /// By number of the pattern: why there is no text, or not every one.
    pub unread: Vec<(usize, Unread)>,
}

impl Inputs {
    /// Takes texts by their names. The patterns of a manifest among them stand for names of the others, relative to
    /// the manifest's own.
    pub fn in_memory(texts: Vec<(String, String)>) -> Self {
        let mut claims: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut unread = Vec::new();
        let mut manifests = texts.iter().filter(|(name, text)| manifest::is_manifest(name, text));
        if let (Some((name, text)), None) = (manifests.next(), manifests.next()) {
            let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
            for reference in manifest::references(text) {
                let pattern =
                    format!("{}{}", glob::Pattern::escape(&folder), reference.pattern.trim_start_matches("./"));
                let found = matches(&texts, &pattern, name);
                if found.is_empty() {
                    unread.push((reference.number, Unread::NoMatch));
                }
                for at in found {
                    claims.entry(at).or_default().push(reference.number);
                }
            }
        }
        let numbered = texts.into_iter().enumerate();
        let texts =
            numbered.map(|(at, (name, text))| Text { name, text, claims: claims.remove(&at).unwrap_or_default() });
        Self { texts: texts.collect(), unread }
    }
}

/// Indexes of the texts that a pattern stands for; the name of a folder is all `*.json` below it.
fn matches(texts: &[(String, String)], pattern: &str, manifest: &str) -> Vec<usize> {
    const OPTIONS: glob::MatchOptions =
        glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };
    let Ok(glob) = glob::Pattern::new(pattern) else { return Vec::new() };
    let folder = format!("{}/", pattern.trim_end_matches('/'));
    let is_named = |name: &str| {
        let is_below = name
            .strip_prefix(&folder)
            .is_some_and(|_| name.rsplit_once('.').is_some_and(|(_, extension)| extension == "json"));
        name != manifest && (name == pattern || glob.matches_with(name, OPTIONS) || is_below)
    };
    texts.iter().enumerate().filter(|(_, (name, _))| is_named(name)).map(|(at, _)| at).collect()
}
