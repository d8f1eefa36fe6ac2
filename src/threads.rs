//! Two things at a time, where the system can and where there is enough to do.
//!
//! Comes in: functions that share nothing they change. Goes out: what they return, the same as one after the other.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// Less text is not worth a thread.
const BESIDE_MIN_BYTES: usize = 1 << 16;

/// Runs a function that looks at so many bytes beside another one; returns what they return.
pub(crate) fn beside<A: Send, B>(bytes: usize, aside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    if bytes < BESIDE_MIN_BYTES {
        return (aside(), here());
    }
    both(aside, here)
}

/// Runs both functions at once. Where no thread can be had, one after the other.
fn both<A: Send, B>(aside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    scope(|scope| {
        let thread = Builder::new().spawn_scoped(scope, &aside);
        let here = here();
        let aside = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => aside(),
        };
        (aside, here)
    })
}

/// Fewer things than these are not worth a thread.
const HALVED_MIN: usize = 256;

/// Does something with all of `0..count`, in two halves at once; returns what came of each, the first one first. Few
/// things are all in the first half.
pub(crate) fn halves<A: Send>(count: usize, part: impl Fn(Range<usize>) -> A + Sync) -> (A, Option<A>) {
    if count < HALVED_MIN {
        return (part(0..count), None);
    }
    let half = count / 2;
    let (second, first) = both(|| part(half..count), || part(0..half));
    (first, Some(second))
}

#[cfg(test)]
mod tests {
    use super::{BESIDE_MIN_BYTES, HALVED_MIN, beside, halves};

    #[test]
    fn each_returns_its_own() {
        let text = "one".to_owned();
        let mut count = 0;
        for bytes in [0, BESIDE_MIN_BYTES] {
            let (length, ()) = beside(bytes, || text.len(), || count += 1);
            assert_eq!(length, 3);
        }
        assert_eq!(count, 2);
    }

    #[test]
    fn halves_stand_in_order_and_leave_nothing_out() {
        for count in [0, 1, HALVED_MIN - 1, HALVED_MIN, HALVED_MIN + 1] {
            let (mut all, second) = halves(count, Iterator::collect::<Vec<_>>);
            all.extend(second.into_iter().flatten());
            assert!(all.into_iter().eq(0..count), "{count}");
        }
    }
}
