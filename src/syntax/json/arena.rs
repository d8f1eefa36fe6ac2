//! Where the values of a text live.

use std::{cell::Cell, fmt};

use bumpalo::Bump;

use crate::syntax::token::Token;

/// Memory for the values of one text, and for the strings of it that had to be decoded.
///
/// Values have no destructors, so that a tree goes in one piece, and what stays of it (the policies that were read from
/// it) stands without holes between: with an allocation for each container, the heap of a long run is mostly holes.
#[derive(Default)]
pub(crate) struct Arena {
    bump: Bump,
    /// The memory of the tokens, which are larger than the text: fresh pages for each text are a third of all.
    tokens: Cell<Vec<Token>>,
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").field("bytes", &self.bump.allocated_bytes()).finish_non_exhaustive()
    }
}

impl Arena {
    /// Forgets everything, and keeps the largest piece of memory for the next text.
    pub(crate) fn reset(&mut self) {
        self.bump.reset();
    }

    /// An empty list of tokens, in the memory of those that were returned last.
    pub(super) fn take_tokens(&self) -> Vec<Token> {
        let mut tokens = self.tokens.take();
        tokens.clear();
        tokens
    }

    /// Takes back the memory of tokens.
    pub(super) fn return_tokens(&self, tokens: Vec<Token>) {
        self.tokens.set(tokens);
    }

    /// A copy of a text.
    pub(crate) fn text(&self, text: &str) -> &str {
        self.bump.alloc_str(text)
    }

    /// A copy of values or members.
    pub(crate) fn slice<T: Copy>(&self, parts: &[T]) -> &[T] {
        self.bump.alloc_slice_copy(parts)
    }
}
