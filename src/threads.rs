//! Work on all processors, where the system lends threads and where there is enough to do.
//!
//! Comes in: functions that share nothing they change. Goes out: what they return, the same as one after the other.

use std::cell::Cell;
use std::num::NonZero;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, available_parallelism, panicking, scope};

/// Less text is not worth a thread.
const BESIDE_MIN_BYTES: usize = 1 << 16;

/// Runs a function that looks at so many bytes beside another one; returns what they return.
pub(crate) fn beside<A: Send, B>(bytes: usize, aside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    if bytes < BESIDE_MIN_BYTES {
        return (aside(), here());
    }
    both(aside, here)
}

/// Runs a function that takes its input beside another one; returns what they return.
pub(crate) fn hand_over<I: Send, A: Send, B>(
    input: I,
    aside: impl Fn(I) -> A + Sync,
    here: impl FnOnce() -> B,
) -> (Option<A>, B) {
    let input = Mutex::new(Some(input));
    both(|| lock(&input).take().map(&aside), here)
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
/// things are all in the first half, and all of them where no processor is spare.
pub(crate) fn halves<A: Send>(count: usize, part: impl Fn(Range<usize>) -> A + Sync) -> (A, Option<A>) {
    if count < HALVED_MIN || !has_spare() {
        return (part(0..count), None);
    }
    let half = count / 2;
    let (second, first) = both(|| part(half..count), || part(0..half));
    (first, Some(second))
}

thread_local! {
    /// Whether this thread is one of as many as there are processors.
    static IS_ONE_OF_MANY: Cell<bool> = const { Cell::new(false) };
}

/// Whether a processor may have nothing to do: only then does it pay to divide what has to be put together again.
pub(crate) fn has_spare() -> bool {
    !IS_ONE_OF_MANY.get() && 1 < processors()
}

/// How many threads can run at once. The system is asked once: it reads files to tell.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| available_parallelism().map_or(1, NonZero::get))
}

/// Runs a function in so many threads, this one among them, or in fewer where no more can be had; returns what each
/// returned.
fn crew<A: Send>(threads: usize, work: impl Fn() -> A + Sync) -> Vec<A> {
    scope(|scope| {
        let others = (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, &work).ok()).collect::<Vec<_>>();
        let mut all = vec![work()];
        all.extend(others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic))));
        all
    })
}

/// Does something with each of `0..count`, each as large a piece of work that a thread may be worth it; returns what came
/// of them in order.
pub(crate) fn each<A: Send>(count: usize, work: impl Fn(usize) -> A + Sync) -> Vec<A> {
    let next = AtomicUsize::new(0);
    let some = || {
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&at| at < count));
        numbers.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let mut all = crew(processors().min(count), some).into_iter().flatten().collect::<Vec<_>>();
    all.sort_unstable_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, done)| done).collect()
}

/// The four steps that each piece of work goes through, in this order.
///
/// Many pieces may be in the steps `read` and `work` at once; `settle` and `take` have one piece at a time, in the order
/// of their numbers.
#[derive(Debug)]
pub(crate) struct Steps<R, S, W, T> {
    pub(crate) read: R,
    pub(crate) settle: S,
    pub(crate) work: W,
    pub(crate) take: T,
}

/// Threads for each processor, since one that waits for its turn does nothing.
const PER_PROCESSOR: usize = 2;

/// Takes a piece of work for each of `sizes` through all steps. At any time the pieces between the first and the last step
/// have no more than `limit` together, or there is only one of them.
///
/// # Errors
///
/// The first error in the order of the pieces; all pieces before it have been taken, and no other one is.
pub(crate) fn in_turns<A, B, C, E: Send>(
    sizes: &[u64],
    limit: u64,
    steps: Steps<
        impl Fn(usize) -> Result<A, E> + Sync,
        impl FnMut(usize, A) -> B + Send,
        impl Fn(usize, B) -> Result<C, E> + Sync,
        impl FnMut(usize, C) -> Result<(), E> + Send,
    >,
) -> Result<(), E> {
    let Steps { read, settle, work, take } = steps;
    let (gate, settle, take) = (Gate::new(sizes, limit), Turns::new(settle), Turns::new(take));
    let failed = Mutex::new(None);
    let worker = || {
        let _watch = Watch { ends: &[&gate, &settle, &take] };
        while let Some(number) = gate.enter() {
            let read = read(number);
            let Some(settled) = settle.wait(number, |settle| read.map(|read| settle(number, read))) else { return };
            let worked = settled.and_then(|settled| work(number, settled));
            match take.wait(number, |take| worked.and_then(|worked| take(number, worked))) {
                Some(Ok(())) => gate.leave(number),
                Some(Err(error)) => {
                    *lock(&failed) = Some(error);
                    let ends: [&dyn End; 3] = [&gate, &settle, &take];
                    return ends.into_iter().for_each(End::end);
                }
                None => return,
            }
        }
    };
    let processors = processors();
    let threads = if processors == 1 { 1 } else { PER_PROCESSOR * processors };
    let threads = threads.min(sizes.len());
    crew(threads, || {
        let before = IS_ONE_OF_MANY.replace(1 < threads);
        worker();
        IS_ONE_OF_MANY.set(before);
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// A lock counts for nothing after a panic but for what is over, and the panic goes on in the thread that started this.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Something that threads wait for, which may never come.
trait End: Sync {
    /// Sends everybody home.
    fn end(&self);
}

/// Ends what other threads wait for if this one panics.
struct Watch<'e> {
    ends: &'e [&'e dyn End],
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if panicking() {
            self.ends.iter().for_each(|end| end.end());
        }
    }
}

/// Lets pieces in, in order, while there is room.
struct Gate<'s> {
    sizes: &'s [u64],
    limit: u64,
    state: Mutex<Inside>,
    left: Condvar,
}

/// What is between the first and the last step.
#[derive(Default)]
struct Inside {
    next: usize,
    count: usize,
    size: u64,
    is_over: bool,
}

impl<'s> Gate<'s> {
    fn new(sizes: &'s [u64], limit: u64) -> Self {
        Self { sizes, limit, state: Mutex::default(), left: Condvar::new() }
    }

    /// The number of the next piece, when there is room for it; none if there is no more.
    fn enter(&self) -> Option<usize> {
        let mut state = lock(&self.state);
        loop {
            let size = self.sizes.get(state.next).filter(|_| !state.is_over)?;
            if state.count == 0 || state.size.saturating_add(*size) <= self.limit {
                state.size = state.size.saturating_add(*size);
                state.count += 1;
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.left.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn leave(&self, number: usize) {
        let mut state = lock(&self.state);
        state.count -= 1;
        state.size -= self.sizes.get(number).copied().unwrap_or(0);
        self.left.notify_all();
    }
}

impl End for Gate<'_> {
    fn end(&self) {
        lock(&self.state).is_over = true;
        self.left.notify_all();
    }
}

/// A step that has one piece at a time.
struct Turns<F> {
    state: Mutex<Turn<F>>,
    moved: Condvar,
}

struct Turn<F> {
    next: usize,
    is_over: bool,
    step: F,
}

impl<F> Turns<F> {
    fn new(step: F) -> Self {
        Self { state: Mutex::new(Turn { next: 0, is_over: false, step }), moved: Condvar::new() }
    }

    /// Does something with the step when it is the turn of that number; nothing if that never comes.
    fn wait<R>(&self, number: usize, act: impl FnOnce(&mut F) -> R) -> Option<R> {
        let mut state = lock(&self.state);
        while state.next != number && !state.is_over {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_over {
            return None;
        }
        let done = act(&mut state.step);
        state.next += 1;
        self.moved.notify_all();
        Some(done)
    }
}

impl<F: Send> End for Turns<F> {
    fn end(&self) {
        lock(&self.state).is_over = true;
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{BESIDE_MIN_BYTES, HALVED_MIN, Steps, beside, each, halves, hand_over, in_turns};
    use std::sync::atomic::{AtomicU64, Ordering};

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
    fn what_is_handed_over_is_used_once() {
        let mut count = 0;
        let (text, ()) = hand_over("one".to_owned(), |text| text + "!", || count += 1);
        assert_eq!((text.as_deref(), count), (Some("one!"), 1));
    }

    #[test]
    fn halves_stand_in_order_and_leave_nothing_out() {
        for count in [0, 1, HALVED_MIN - 1, HALVED_MIN, HALVED_MIN + 1] {
            let (mut all, second) = halves(count, Iterator::collect::<Vec<_>>);
            all.extend(second.into_iter().flatten());
            assert!(all.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn pieces_stand_in_order_and_leave_nothing_out() {
        for count in [0, 1, 2, 1000] {
            assert!(each(count, |number| number * 2).into_iter().eq((0..count).map(|number| number * 2)), "{count}");
        }
    }

    /// Work that takes longer for some pieces than for others.
    fn linger(number: usize) {
        std::thread::sleep(std::time::Duration::from_micros(u64::try_from(number * 37 % 500).unwrap()));
    }

    #[test]
    fn turns_come_in_order_and_never_more_is_inside_than_there_is_room() {
        let sizes = (0..300).map(|number| if number % 50 == 7 { 100 } else { number % 5 }).collect::<Vec<u64>>();
        let limit = 12;
        let (inside, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let (mut settled, mut taken) = (Vec::new(), Vec::new());
        let steps = Steps {
            read: |number: usize| {
                let size = sizes[number];
                let now = inside.fetch_add(size, Ordering::SeqCst) + size;
                most.fetch_max(if size == 100 { now - 88 } else { now }, Ordering::SeqCst);
                linger(number);
                Ok::<_, ()>(number)
            },
            settle: |number, read| {
                settled.push(number);
                read + 1
            },
            work: |number, settled| {
                linger(number + 3);
                Ok(settled + 1)
            },
            take: |number: usize, worked: usize| {
                assert_eq!(worked, number + 2);
                inside.fetch_sub(sizes[number], Ordering::SeqCst);
                taken.push(number);
                Ok(())
            },
        };
        assert_eq!(in_turns(&sizes, limit, steps), Ok(()));
        assert!(settled.into_iter().eq(0..300));
        assert!(taken.into_iter().eq(0..300));
        assert!(most.load(Ordering::SeqCst) <= limit, "{most:?}");
    }

    #[test]
    fn the_first_error_ends_the_work_whoever_meets_one_first() {
        for wrong in ["read", "work", "take"] {
            let fails = |step: &str, number: usize| {
                linger(500 - number);
                if step == wrong && 40 <= number { Err(number) } else { Ok(()) }
            };
            let mut taken = Vec::new();
            let steps = Steps {
                read: |number| fails("read", number),
                settle: |_, ()| (),
                work: |number, ()| fails("work", number),
                take: |number, ()| {
                    fails("take", number)?;
                    taken.push(number);
                    Ok(())
                },
            };
            assert_eq!(in_turns(&[1; 100], 50, steps), Err(40), "{wrong}");
            assert!(taken.into_iter().eq(0..40), "{wrong}");
        }
    }

    #[test]
    fn a_panic_ends_the_work() {
        let work = || {
            let steps = Steps {
                read: Ok::<usize, ()>,
                settle: |_, number| number,
                work: |number, _| if number == 5 { panic!("five") } else { Ok(()) },
                take: |_, ()| Ok(()),
            };
            in_turns(&[1; 100], 10, steps)
        };
        assert!(std::panic::catch_unwind(work).is_err());
    }
}
