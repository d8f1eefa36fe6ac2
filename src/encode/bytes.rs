//! Numbers of as many bytes as they need, appended to bytes.

use std::cell::Cell;

/// Appends numbers, and remembers whether one of them did not fit: it would lead somewhere else.
#[derive(Default)]
pub(super) struct Narrow {
    lost: Cell<bool>,
}

impl Narrow {
    /// Appends the `width` low bytes of a number.
    pub(super) fn put(&self, bytes: &mut Vec<u8>, number: u32, width: u8) {
        let all = number.to_le_bytes();
        let (kept, cut) = all.split_at_checked(usize::from(width)).unwrap_or((&all, &[]));
        if cut.iter().any(|byte| *byte != 0) {
            self.lost.set(true);
        }
        bytes.extend_from_slice(kept);
    }

    /// Whether a number did not fit.
    pub(super) fn has_lost(&self) -> bool {
        self.lost.get()
    }
}

/// Appends a count: one byte, or the byte `many` and a word where it does not fit below.
pub(super) fn put_count(bytes: &mut Vec<u8>, count: usize, many: u8) {
    match u8::try_from(count) {
        Ok(few) if few < many => bytes.push(few),
        _ => {
            bytes.push(many);
            bytes.extend(super::count(count).to_le_bytes());
        }
    }
}
