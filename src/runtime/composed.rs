//! Short texts put together from parts, where nothing can be allocated.

use core::cell::OnceCell;

/// The longest of them has this many bytes.
const MOST: usize = 384;

/// A short text put together from parts.
#[derive(Clone, Copy)]
pub(super) struct Composed {
    bytes: [u8; MOST],
    length: usize,
}

impl Composed {
    /// Joins the parts; nothing if they do not fit.
    #[inline(never)]
    pub(super) fn join(parts: &[&str]) -> Option<Self> {
        let mut composed = Self { bytes: [0; MOST], length: 0 };
        for part in parts {
            let end = composed.length + part.len();
            composed.bytes.get_mut(composed.length..end)?.copy_from_slice(part.as_bytes());
            composed.length = end;
        }
        Some(composed)
    }

    pub(super) fn make_ascii_lowercase(&mut self) {
        self.bytes.make_ascii_lowercase();
    }

    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or("")
    }
}

/// Room for the texts that one decision puts together, each when it is first asked for.
#[derive(Default)]
pub(super) struct Scratch {
    pub(super) principal_arn: Room,
    pub(super) user_id: Room,
    pub(super) epoch: Room,
}

/// Room for one text.
#[derive(Default)]
pub(super) struct Room(OnceCell<Option<Composed>>);

impl Room {
    /// The text that `make` makes, once.
    #[inline(never)]
    pub(super) fn text(&self, make: &dyn Fn() -> Option<Composed>) -> Option<&str> {
        self.0.get_or_init(make).as_ref().map(Composed::as_str)
    }
}
