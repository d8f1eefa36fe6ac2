//! Patterns of resources and of condition values, as steps.

use super::{KeyId, PatternId, Program, Symbol};

/// What a wildcard may consume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Crossing {
    /// Anything but `:` (R-ARN-9 a, b).
    WithinComponent,
    /// Anything (R-ARN-8, R-ARN-9 c).
    Free,
}

/// Whether literal text is compared exactly (R-ARN-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Case {
    /// Byte for byte.
    Exact,
    /// ASCII case is ignored; the literal is stored in lower case.
    Folded,
}

/// One step of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// This text; never empty.
    Literal(Symbol, Case),
    /// `*`
    Star(Crossing),
    /// `?`
    Any(Crossing),
    /// `${key}`: the value of the key as literal text, which must not hold `:` where `Crossing` says so (R-VAR-16).
    Variable {
        /// The key.
        key: KeyId,
        /// The default (R-VAR-7).
        default: Option<Symbol>,
        /// Whether the value may hold `:`.
        crossing: Crossing,
    },
}

/// A pattern: its steps in order.
///
/// Invariant: no two literals of equal case and no two stars are neighbours, and no literal is empty; two patterns
/// that are equal as written are equal as steps. [`PatternBuilder`] is the only constructor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pattern(Box<[Step]>);

impl Pattern {
    /// The steps.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The same pattern with other numbers for its texts and keys.
    pub(super) fn moved(mut self, symbol: impl Fn(Symbol) -> Symbol, key: impl Fn(KeyId) -> KeyId) -> Self {
        for step in &mut self.0 {
            match step {
                Step::Literal(text, _) => *text = symbol(*text),
                Step::Variable { key: of, default, .. } => {
                    *of = key(*of);
                    *default = default.map(&symbol);
                }
                Step::Star(_) | Step::Any(_) => {}
            }
        }
        self
    }

    /// Whether the pattern matches every text.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self.steps(), [Step::Star(Crossing::Free)])
    }
}

#[derive(Debug, Clone)]
enum Piece {
    /// A literal that ends at that byte of the builder's text, and begins where the one before it ends.
    Literal(usize, Case),
    Other(Step),
}

/// Builds one pattern from left to right.
#[derive(Debug, Clone, Default)]
pub(crate) struct PatternBuilder {
    /// All literals.
    text: String,
    pieces: Vec<Piece>,
}

impl PatternBuilder {
    /// A builder with room for so many bytes of literal text and so many steps.
    pub(crate) fn with_capacity(bytes: usize, steps: usize) -> Self {
        Self { text: String::with_capacity(bytes), pieces: Vec::with_capacity(steps) }
    }

    /// Appends literal text.
    pub(crate) fn literal(&mut self, text: &str, case: Case) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        if case == Case::Folded
            && let Some(new) = self.text.get_mut(start..)
        {
            new.make_ascii_lowercase();
        }
        let new_end = self.text.len();
        match self.pieces.last_mut() {
            Some(Piece::Literal(end, last)) if *last == case => *end = new_end,
            _ => self.pieces.push(Piece::Literal(new_end, case)),
        }
    }

    /// Appends `*`. Two neighbours are one star that may consume what either may.
    pub(crate) fn star(&mut self, crossing: Crossing) {
        match self.pieces.last_mut() {
            Some(Piece::Other(Step::Star(last))) => *last = (*last).max(crossing),
            _ => self.pieces.push(Piece::Other(Step::Star(crossing))),
        }
    }

    /// Appends `?`.
    pub(crate) fn any(&mut self, crossing: Crossing) {
        self.pieces.push(Piece::Other(Step::Any(crossing)));
    }

    /// Appends a variable.
    pub(crate) fn variable(&mut self, key: KeyId, default: Option<Symbol>, crossing: Crossing) {
        self.pieces.push(Piece::Other(Step::Variable { key, default, crossing }));
    }

    /// Numbers the pattern.
    pub(crate) fn finish(self, program: &mut Program) -> PatternId {
        let Self { text, pieces } = self;
        let mut start = 0;
        let steps = pieces.into_iter().map(|piece| match piece {
            Piece::Literal(end, case) => {
                let literal = text.get(start..end).unwrap_or("");
                start = end;
                Step::Literal(program.texts.intern(literal), case)
            }
            Piece::Other(step) => step,
        });
        let steps = steps.collect();
        program.patterns.intern(Pattern(steps))
    }
}
