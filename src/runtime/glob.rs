//! Matching one text against one pattern: values of conditions, actions with wildcards in the middle.
//!
//! The text is scanned from left to right; at a mismatch the last `*` takes one character more. That is exact for
//! wildcards that may consume anything, needs no memory, and costs at most text length times pattern length. Every step
//! counts towards the decision's budget.

use super::call::Env;
use super::words::{Words, begins, index_of, same, same_folded};
use crate::layout::step_kind;
use crate::terms::{ArnlikeBareStar, Comparison};
use crate::value::{Arn, ArnParts, lowercase, parse_bool};

/// One thing to match.
enum Token {
    Byte(u8),
    /// `?`
    Any,
    /// `*`
    Star,
}

/// A part of a pattern in which variables hold no wildcards.
enum Piece<'w> {
    /// Exact text.
    Run(&'w [u8]),
    /// `?`
    Any,
    /// `*`
    Star,
    /// The end of the pattern, or of the component.
    End,
}

/// How far a match reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// To the end of the pattern.
    Whole,
    /// To the next `:` of the pattern.
    Component,
    /// To the end of a pattern of actions: ASCII case does not count, and wildcards stay on their side of a colon.
    Action,
}

/// How a text compares with a pattern.
pub(super) enum Plain {
    Same,
    Other,
    /// A variable has no value, which makes null of the pattern (R-VAR-8).
    Null,
}

/// A place in a pattern: step, and byte of the step's text.
#[derive(Clone, Copy)]
struct Cursor {
    step: u32,
    byte: usize,
}

/// How many steps a pattern has at most that [`Pattern::plain`] matches.
const FEW_STEPS: u32 = 8;

const START: Cursor = Cursor { step: 0, byte: 0 };

/// A pattern with its variables' values at hand.
#[derive(Clone, Copy)]
pub(super) struct Pattern<'e, 'w> {
    env: &'e Env<'w>,
    steps: Words<'w>,
}

impl<'e, 'w> Pattern<'e, 'w> {
    pub(super) fn new(env: &'e Env<'w>, pattern: u32) -> Self {
        let [at, length] = env.tables.patterns.record(pattern).unwrap_or([0, 0]);
        let steps = env.tables.steps.list(at.saturating_mul(3), length.saturating_mul(3));
        Self { env, steps }
    }

    fn records(&self) -> impl Iterator<Item = [u32; 3]> + Clone + use<'w> {
        self.steps.records::<3>()
    }

    /// Whether a variable has no value, so that the whole is null (R-VAR-8, R-VAR-13).
    pub(super) fn is_null(&self) -> bool {
        let mut variables = self.records().filter(|[kind, ..]| is_variable(*kind));
        variables.any(|[_, key, default]| self.env.variable(key, default).is_none())
    }

    /// Whether a variable's key is open.
    pub(super) fn is_open(&self) -> bool {
        self.records().any(|[kind, key, _]| is_variable(kind) && self.env.is_open(key))
    }

    /// Whether the pattern is `*` and nothing else.
    fn is_bare_star(&self) -> bool {
        let mut records = self.records();
        matches!((records.next(), records.next()), (Some([step_kind::STAR_FREE, ..]), None))
    }

    /// The text of a literal or variable step, and whether wildcards in it count.
    fn text(&self, [kind, a, b]: [u32; 3]) -> Option<(&'w str, bool)> {
        match kind {
            step_kind::LITERAL | step_kind::FOLDED => Some((self.env.tables.text(a), false)),
            _ if is_variable(kind) => Some((self.env.variable(a, b).unwrap_or(""), self.env.wildcards_in_values())),
            _ => None,
        }
    }

    fn token(&self, cursor: &mut Cursor) -> Option<Token> {
        loop {
            let step = self.steps.block::<3>(cursor.step.checked_mul(3)?)?;
            let next_step = Cursor { step: cursor.step + 1, byte: 0 };
            let Some((text, active)) = self.text(step) else {
                *cursor = next_step;
                let [kind, ..] = step;
                return Some(match kind {
                    step_kind::ANY_WITHIN | step_kind::ANY_FREE => Token::Any,
                    _ => Token::Star,
                });
            };
            match text.as_bytes().get(cursor.byte) {
                None => *cursor = next_step,
                Some(&byte) => {
                    cursor.byte += 1;
                    return Some(match byte {
                        b'*' if active => Token::Star,
                        b'?' if active => Token::Any,
                        byte => Token::Byte(byte),
                    });
                }
            }
        }
    }

    /// Matches the pattern from `start` on, up to the next `:` of the pattern for one component.
    fn matches(&self, start: Cursor, text: &str, extent: Extent) -> bool {
        if !self.env.wildcards_in_values() {
            return self.matches_runs(start, text.as_bytes(), extent);
        }
        let text = text.as_bytes();
        let (mut cursor, mut at) = (start, 0);
        let mut last_star = None::<(Cursor, usize)>;
        loop {
            if !self.env.spend(1) {
                return false;
            }
            let mut next = cursor;
            let advanced = match self
                .token(&mut next)
                .filter(|token| extent == Extent::Whole || !matches!(token, Token::Byte(b':')))
            {
                None if at == text.len() => return true,
                None => None,
                Some(Token::Star) => {
                    last_star = Some((next, at));
                    Some(at)
                }
                Some(Token::Byte(byte)) => (text.get(at) == Some(&byte)).then_some(at + 1),
                Some(Token::Any) => self.env.tables.one_character(text, at),
            };
            match (advanced, &mut last_star) {
                (Some(place), _) => (cursor, at) = (next, place),
                (None, Some((behind_star, from))) if *from < text.len() => {
                    *from += 1;
                    (cursor, at) = (*behind_star, *from);
                }
                (None, _) => return false,
            }
        }
    }

    /// What comes next, exact text in one piece.
    #[inline]
    fn piece(&self, cursor: &mut Cursor, extent: Extent) -> Piece<'w> {
        loop {
            let Some(step) = self.steps.block::<3>(cursor.step.saturating_mul(3)) else { return Piece::End };
            let next_step = Cursor { step: cursor.step + 1, byte: 0 };
            let Some((text, _)) = self.text(step) else {
                *cursor = next_step;
                let [kind, ..] = step;
                return match kind {
                    step_kind::ANY_WITHIN | step_kind::ANY_FREE => Piece::Any,
                    _ => Piece::Star,
                };
            };
            let run = text.as_bytes().get(cursor.byte..).unwrap_or_default();
            let end = if extent == Extent::Component { index_of(run, b':') } else { None };
            let run = match end {
                Some(0) => return Piece::End,
                Some(end) => {
                    cursor.byte += end;
                    run.get(..end).unwrap_or_default()
                }
                None => {
                    *cursor = next_step;
                    run
                }
            };
            if !run.is_empty() {
                return Piece::Run(run);
            }
        }
    }

    /// The same as [`Pattern::matches`] where values of variables hold no wildcards: exact text is compared in one piece,
    /// and a star takes at once what comes before the text behind it.
    ///
    /// One star to go back to is enough for actions too: a star before the colon is settled once the colon is matched.
    fn matches_runs(&self, start: Cursor, text: &[u8], extent: Extent) -> bool {
        let is_action = extent == Extent::Action;
        let (mut cursor, mut at) = (start, 0);
        // The text behind the last star, the place in the pattern behind that, and where in the text it was found.
        let mut last_star = None::<(&[u8], Cursor, usize)>;
        loop {
            let mut next = cursor;
            let advanced = match self.piece(&mut next, extent) {
                Piece::End if at == text.len() => return true,
                Piece::End => None,
                Piece::Star => {
                    let mut behind = next;
                    let run = match self.piece(&mut behind, extent) {
                        Piece::End if is_action => {
                            let taken = text.get(at..).unwrap_or_default();
                            return self.env.spend(taken.len() / 16) && index_of(taken, b':').is_none();
                        }
                        Piece::End => return true,
                        Piece::Run(run) => {
                            next = behind;
                            run
                        }
                        Piece::Any | Piece::Star => &[],
                    };
                    let Some(found) = self.seek(run, text, at, extent) else { return false };
                    last_star = Some((run, next, found));
                    Some(found + run.len())
                }
                Piece::Any if is_action && text.get(at) == Some(&b':') => None,
                Piece::Any => self.env.tables.one_character(text, at),
                Piece::Run(run) if !self.env.spend(run.len() / 16) => return false,
                Piece::Run(run) => {
                    let here = text.get(at..).and_then(|rest| rest.get(..run.len()));
                    here.is_some_and(|here| is_same(here, run, extent)).then_some(at + run.len())
                }
            };
            if !self.env.spend(1) {
                return false;
            }
            match (advanced, &mut last_star) {
                (Some(place), _) => (cursor, at) = (next, place),
                // The star would have to take the colon.
                (None, Some((_, _, found))) if is_action && text.get(*found) == Some(&b':') => return false,
                (None, Some((run, behind, found))) => {
                    let Some(place) = self.seek(run, text, *found + 1, extent) else { return false };
                    *found = place;
                    (cursor, at) = (*behind, place + run.len());
                }
                (None, None) => return false,
            }
        }
    }

    /// The first place from which on a text comes, before or at a colon for actions, if what is skipped is paid for.
    fn seek(&self, run: &[u8], text: &[u8], mut from: usize, extent: Extent) -> Option<usize> {
        let is_action = extent == Extent::Action;
        let Some(first) = run.first().copied() else { return (from <= text.len()).then_some(from) };
        loop {
            let rest = text.get(from..)?;
            let skipped = if is_action {
                rest.iter().position(|byte| *byte == b':' || byte.to_ascii_lowercase() == first)
            } else {
                index_of(rest, first)
            };
            // What was looked through for nothing counts as well.
            let looked = skipped.unwrap_or(rest.len());
            if !self.env.spend(1 + run.len() / 16 + if is_action { looked } else { looked / 16 }) {
                return None;
            }
            let rest = rest.get(skipped?..)?;
            from = text.len() - rest.len();
            if is_same(rest.get(..run.len())?, run, extent) {
                return Some(from);
            }
            if is_action && rest.first() == Some(&b':') {
                return None;
            }
            from += 1;
        }
    }

    /// How a text compares with the commonest patterns of `StringLike` and `StringEquals`: text and variables, then at
    /// most one `*`, which text may follow. Nothing is said of others, nor where the budget does not last.
    #[inline]
    pub(super) fn plain(&self, text: &str, comparison: u8) -> Option<Plain> {
        let is_like = comparison == Comparison::StringLike.code();
        if !is_like && comparison != Comparison::StringEquals.code() || self.steps.len() > FEW_STEPS * 3 {
            return None;
        }
        let mut rest = text.as_bytes();
        let mut steps = self.records();
        while let Some([kind, a, b]) = steps.next() {
            let run = match kind {
                step_kind::LITERAL => self.env.tables.text_bytes(a),
                step_kind::STAR_WITHIN | step_kind::STAR_FREE if is_like => {
                    let is_same = match (steps.next(), steps.next()) {
                        (None, _) => true,
                        (Some([step_kind::LITERAL, end, _]), None) => {
                            let end = self.env.tables.text_bytes(end);
                            self.env.spend(1 + end.len().min(rest.len()) / 16) && ends(rest, end)
                        }
                        _ => return None,
                    };
                    return Some(if is_same { Plain::Same } else { Plain::Other });
                }
                _ if is_variable(kind) && !(is_like && self.env.wildcards_in_values()) => {
                    let Some(value) = self.env.variable(a, b) else { return Some(Plain::Null) };
                    value.as_bytes()
                }
                _ => return None,
            };
            if !self.env.spend(1 + run.len().min(rest.len()) / 16) {
                return None;
            }
            if !begins(rest, run) {
                // A variable without value makes null of the whole.
                return if steps.any(|[kind, ..]| is_variable(kind)) { None } else { Some(Plain::Other) };
            }
            rest = rest.get(run.len()..).unwrap_or_default();
        }
        Some(if rest.is_empty() { Plain::Same } else { Plain::Other })
    }

    /// `StringLike`.
    pub(super) fn like(&self, text: &str) -> bool {
        self.matches(START, text, Extent::Whole)
    }

    /// `StringEquals` with variables: no wildcards, in substituted values neither (R-CON-23).
    #[inline(never)]
    pub(super) fn equals(&self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        for (piece, _) in self.records().filter_map(|record| self.text(record)) {
            let Some(behind) = rest.strip_prefix(piece.as_bytes()) else { return false };
            rest = behind;
        }
        rest.is_empty()
    }

    /// `StringEqualsIgnoreCase` with variables: no wildcards, both sides in lower case (R-CON-23).
    pub(super) fn equals_ignoring_case(&self, text: &str) -> bool {
        let pieces = self.records().filter_map(|record| self.text(record)).map(|(text, _)| text);
        pieces.flat_map(lowercase).eq(lowercase(text))
    }

    /// `Bool` with variables (R-VAR-4): nothing if either side is neither `true` nor `false`.
    pub(super) fn boolean(&self, text: &str) -> Option<bool> {
        let request = parse_bool(text)?;
        let policy = ["false", "true"].iter().position(|value| self.equals_ignoring_case(value))?;
        Some((policy == 1) == request)
    }

    /// `ArnLike`: component by component (R-CON-26). Nothing if either side is not an ARN (R-CON-27).
    pub(super) fn arn_like(&self, text: &str) -> Option<bool> {
        let arn = Arn::find(text)?;
        if self.is_bare_star() {
            let matches_all = self.env.tables.semantics.arnlike_bare_star == ArnlikeBareStar::Match;
            return matches_all.then_some(true);
        }
        // Where the pattern begins with the text's own five colons, all wildcards are behind them.
        if let Some([step_kind::LITERAL, head, _]) = self.steps.block(0)
            && let head = self.env.tables.text_bytes(head)
            && text.as_bytes().starts_with(head)
            && text.len() - arn.resource().len() <= head.len()
        {
            return Some(self.like(text));
        }
        let mut starts = [START; 5];
        let mut cursor = START;
        for start in &mut starts {
            cursor = self.behind_colon(cursor)?;
            *start = cursor;
        }
        if !self.begins_with_arn(START) {
            return None;
        }
        let mut left = starts.len();
        Some(starts.into_iter().zip(ArnParts::of(&arn).components()).all(|(start, component)| {
            left -= 1;
            self.matches(start, component, if left == 0 { Extent::Whole } else { Extent::Component })
        }))
    }

    fn behind_colon(&self, mut cursor: Cursor) -> Option<Cursor> {
        loop {
            let step = self.steps.block::<3>(cursor.step.checked_mul(3)?)?;
            let rest = self.text(step).and_then(|(text, _)| text.as_bytes().get(cursor.byte..)).unwrap_or_default();
            match index_of(rest, b':') {
                Some(place) => return Some(Cursor { byte: cursor.byte + place + 1, ..cursor }),
                None => cursor = Cursor { step: cursor.step + 1, byte: 0 },
            }
        }
    }

    fn begins_with_arn(&self, mut cursor: Cursor) -> bool {
        b"arn:".iter().all(|wanted| matches!(self.token(&mut cursor), Some(Token::Byte(byte)) if byte == *wanted))
    }

    /// Whether the pattern matches an action, whose ASCII case does not count.
    #[inline]
    fn matches_action(&self, action: &str) -> bool {
        let text = action.as_bytes();
        // Most patterns are of another service: their first text is compared in one piece.
        if let Some([step_kind::LITERAL | step_kind::FOLDED, start, _]) = self.steps.block(0) {
            let start = self.env.tables.text_bytes(start);
            let Some((head, rest)) = text.split_at_checked(start.len()) else { return false };
            return same_folded(head, start) && self.matches_runs(Cursor { step: 1, byte: 0 }, rest, Extent::Action);
        }
        self.matches_runs(START, text, Extent::Action)
    }
}

/// Whether texts of a pattern and of what it is compared with are the same; the case of actions does not count.
#[inline]
fn is_same(here: &[u8], run: &[u8], extent: Extent) -> bool {
    if extent == Extent::Action { same_folded(here, run) } else { same(here, run) }
}

/// Whether a text ends with another one.
fn ends(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|text| same(text, end))
}

fn is_variable(kind: u32) -> bool {
    matches!(kind, step_kind::VARIABLE_WITHIN | step_kind::VARIABLE_FREE)
}

/// Whether an action matches a pattern with wildcards anywhere (R-ACT-3, R-ACT-5).
#[inline(never)]
pub(super) fn action(env: &Env<'_>, pattern: u32, action: &str) -> bool {
    Pattern::new(env, pattern).matches_action(action)
}

impl Env<'_> {
    /// Whether a variable's value, as a glob, matches a part of a resource: the switch `variable_wildcards`.
    #[inline(never)]
    pub(super) fn value_glob(&self, value: &str, part: &[u8]) -> bool {
        let (value, mut at, mut place) = (value.as_bytes(), 0, 0);
        let mut last_star = None::<(usize, usize)>;
        loop {
            if !self.spend(1) {
                return false;
            }
            let advanced = match value.get(place) {
                None if at == part.len() => return true,
                None => None,
                Some(b'*') => {
                    last_star = Some((place + 1, at));
                    Some(at)
                }
                Some(b'?') => self.tables.one_character(part, at).filter(|&next| next <= part.len()),
                Some(byte) => (part.get(at) == Some(byte)).then_some(at + 1),
            };
            match (advanced, &mut last_star) {
                (Some(next), _) => (place, at) = (place + 1, next),
                (None, Some((behind_star, from))) if *from < part.len() => {
                    *from += 1;
                    (place, at) = (*behind_star, *from);
                }
                (None, _) => return false,
            }
        }
    }
}
