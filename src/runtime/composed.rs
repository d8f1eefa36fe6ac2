//! Short texts put together from parts, where nothing can be allocated.

/// A short text put together from parts.
#[derive(Clone, Copy)]
pub(super) struct Composed<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Composed<N> {
    /// Joins the parts; nothing if they do not fit.
    pub(super) fn join(parts: &[&str]) -> Option<Self> {
        let mut composed = Self { bytes: [0; N], length: 0 };
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
    pub(super) principal_arn: Room<384>,
    pub(super) user_id: Room<384>,
    pub(super) epoch: Room<32>,
}

/// Room for one text.
pub(super) struct Room<const N: usize>(core::cell::OnceCell<Option<Composed<N>>>);

impl<const N: usize> Default for Room<N> {
    fn default() -> Self {
        Self(core::cell::OnceCell::new())
    }
}

impl<const N: usize> Room<N> {
    /// The text that `make` makes, once.
    pub(super) fn text(&self, make: impl FnOnce() -> Option<Composed<N>>) -> Option<&str> {
        self.0.get_or_init(make).as_ref().map(Composed::as_str)
    }
}
