//! Where the values of a text live.

use std::fmt;

use bumpalo::Bump;

/// Memory for the values of one text, and for the strings of it that had to be decoded.
///
/// Values have no destructors, so that a tree goes in one piece, and what stays of it (the policies that were read from
/// it) stands without holes between: with an allocation for each container, the heap of a long run is mostly holes.
#[derive(Default)]
pub(crate) struct Arena {
    bump: Bump,
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

    /// A copy of a text.
    pub(crate) fn text(&self, text: &str) -> &str {
        self.bump.alloc_str(text)
    }

    /// A copy of values or members.
    pub(crate) fn slice<T: Copy>(&self, parts: &[T]) -> &[T] {
        self.bump.alloc_slice_copy(parts)
    }
}
