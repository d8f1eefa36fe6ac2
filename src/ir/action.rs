//! Action patterns (chapter 2).

use super::{PatternId, Polarity, Symbol};

/// One entry of `Action` or `NotAction`. Texts are in lower case (R-ACT-2).
///
/// Entries that can match nothing (R-ACT-8) have no form here: `lower` leaves them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ActionPattern {
    /// Every action (R-ACT-4).
    Any,
    /// `service:name` without wildcards.
    Exact(Symbol),
    /// `service:prefix*`: the text before the star, which holds the colon (`s3:`, `s3:get`).
    Prefix(Symbol),
    /// Anything else: a pattern whose wildcards stay within prefix or name (R-ACT-5, R-ACT-6).
    Glob(PatternId),
}

/// The action part of a statement.
///
/// Invariant: the entries are sorted, without repetition, and nothing stands beside [`ActionPattern::Any`].
/// Positive and empty matches nothing, negated and empty matches everything (R-DOC-18).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ActionSet {
    /// `Action` or `NotAction`.
    polarity: Polarity,
    /// Entries, sorted, without repetition.
    patterns: Box<[ActionPattern]>,
}

impl ActionSet {
    /// Sorts and deduplicates the entries.
    pub(crate) fn new(polarity: Polarity, mut patterns: Vec<ActionPattern>) -> Self {
        patterns.sort_unstable();
        patterns.dedup();
        if patterns.first() == Some(&ActionPattern::Any) {
            patterns.truncate(1);
        }
        Self { polarity, patterns: patterns.into() }
    }

    /// With or without `Not`.
    pub(crate) fn polarity(&self) -> Polarity {
        self.polarity
    }

    /// Entries, sorted, without repetition.
    pub(crate) fn patterns(&self) -> &[ActionPattern] {
        &self.patterns
    }
}
