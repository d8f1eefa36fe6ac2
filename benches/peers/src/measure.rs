//! Checks peers against the scan and times them.

use std::hint::black_box;
use std::time::Instant;

use crate::clock::{median, thread_time};
use crate::engines::Scan;
use crate::floor::Floor;
use crate::generate::corpus::{Corpus, HOT, Request};
use crate::model::{Answer, Asks};
use crate::peer::Peer;
use crate::table::Results;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    /// 256 requests again and again.
    Hot,
    /// 10,000 requests one after the other.
    Cold,
}

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    rounds: usize,
    /// Of one peer in one round, in nanoseconds.
    slice: f64,
    /// For the check of one peer, in nanoseconds.
    check: f64,
}

impl Plan {
    pub(crate) fn full() -> Self {
        Self { rounds: 9, slice: 60e6, check: 4e9 }
    }

    pub(crate) fn quick() -> Self {
        Self { rounds: 3, slice: 15e6, check: 0.7e9 }
    }
}

/// Compares with the scan, request by request, as many as the time allows.
pub(crate) fn check(peer: &mut Peer<'_>, corpus: &Corpus, asks: &Asks<'_>, reference: &Scan, plan: Plan) -> String {
    let kept = peer.kept.take();
    let scan = kept.as_ref().unwrap_or(reference);
    let begin = thread_time();
    let (mut compared, mut different, mut refused, mut permissive) = (0, 0, 0, 0);
    let mut example = String::new();
    for at in 0..asks.len() {
        if at >= 20 && (thread_time() - begin) as f64 > plan.check {
            break;
        }
        let Some(answer) = (peer.decide)(at) else {
            refused += 1;
            continue;
        };
        compared += 1;
        let expected = scan.decide(&asks.get(at));
        let is_equal = if peer.only_allows {
            (answer == Answer::Allowed) == (expected == Answer::Allowed)
        } else {
            answer == expected
        };
        if !is_equal {
            different += 1;
            permissive += usize::from(answer == Answer::Allowed);
            if different == 1 {
                let request = &corpus.requests[at];
                example = format!(
                    "{} on {} by {} with {:?}: {answer:?}, the scan {expected:?}",
                    request.action, request.resource, request.principal, request.context
                );
            }
        }
    }
    let refused = if refused == 0 { String::new() } else { format!(", {refused} not asked") };
    if different == 0 {
        return format!("{compared} of {compared} answers equal{refused}");
    }
    eprintln!("{}: first difference: {example}", peer.name);
    format!("{} of {compared} answers equal{refused}, {permissive} allowed that are not", compared - different)
}

/// How many requests the scan allows, denies implicitly and explicitly.
pub(crate) fn shares(asks: &Asks<'_>, reference: &Scan) -> [usize; 3] {
    let mut shares = [0; 3];
    for at in 0..asks.len() {
        shares[reference.decide(&asks.get(at)) as usize] += 1;
    }
    shares
}

/// Nanoseconds of a decision of each peer: in every round all peers in turn, then the median of the rounds.
pub(crate) fn interleaved(peers: &mut [Peer<'_>], kind: Kind, range: usize, plan: Plan) -> Vec<f64> {
    let mut times: Vec<Vec<f64>> = peers.iter().map(|_| Vec::new()).collect();
    let mut next: Vec<usize> = peers.iter().map(|_| 0).collect();
    // At least 20 decisions; of fast peers whole passes over the requests.
    let batch: Vec<usize> = peers
        .iter_mut()
        .map(|peer| {
            let first = run(peer, &mut 0, 20, range);
            let fits = (plan.slice / first) as usize;
            if fits < range { fits.max(20) } else { fits / range * range }
        })
        .collect();
    for _ in 0..plan.rounds {
        for (at, peer) in peers.iter_mut().enumerate() {
            // The others have had the caches.
            if kind == Kind::Hot && batch[at] >= range {
                run(peer, &mut next[at], range, range);
            }
            times[at].push(run(peer, &mut next[at], batch[at], range));
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// Nanoseconds of a decision in a run of that many.
fn run(peer: &mut Peer<'_>, next: &mut usize, count: usize, range: usize) -> f64 {
    let begin = thread_time();
    for _ in 0..count {
        black_box((peer.decide)(*next));
        *next += 1;
        if *next >= range {
            *next = 0;
        }
    }
    (thread_time() - begin) as f64 / count as f64
}

/// Median and 99th percentile of single decisions, by wall clock, less the clock's own time, which comes third.
///
/// `each` is about what a decision takes, in nanoseconds.
pub(crate) fn percentiles(decide: &impl Fn(usize) -> Answer, range: usize, each: f64, plan: Plan) -> [f64; 3] {
    let count = ((plan.slice * plan.rounds as f64 / each) as usize).clamp(1_000, 200_000);
    let mut empty: Vec<f64> = (0..20_000)
        .map(|_| {
            let begin = Instant::now();
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    let overhead = median(&mut empty);
    let mut times: Vec<f64> = (0..count)
        .map(|number| {
            let begin = Instant::now();
            black_box(decide(number % range));
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    [times[count / 2] - overhead, times[count * 99 / 100] - overhead, overhead]
}

/// Decisions a second of two threads over those of one, by wall clock, which needs two idle cores.
pub(crate) fn two_threads(decide: &(impl Fn(usize) -> Answer + Sync), range: usize, each: f64, plan: Plan) -> f64 {
    let count = (plan.slice / each) as usize;
    let work = || {
        for number in 0..count {
            black_box(decide(number % range));
        }
    };
    let mut ratios: Vec<f64> = (0..plan.rounds)
        .map(|_| {
            let begin = Instant::now();
            std::thread::scope(|scope| {
                scope.spawn(work);
            });
            let one = begin.elapsed().as_secs_f64();
            let begin = Instant::now();
            std::thread::scope(|scope| {
                scope.spawn(work);
                scope.spawn(work);
            });
            2.0 * one / begin.elapsed().as_secs_f64()
        })
        .collect();
    median(&mut ratios)
}

/// The floor, 256 requests and 10,000, interleaved as the peers are.
pub(crate) fn floor(floor: &Floor, requests: &[Request], plan: Plan, results: &mut Results) {
    let find = |at: usize| floor.find(&requests[at].action, &requests[at].resource).map(|_| Answer::Allowed);
    assert!((0..requests.len()).all(|at| find(at).is_some()), "every request is a key");
    for kind in [Kind::Hot, Kind::Cold] {
        let range = if kind == Kind::Hot { HOT } else { requests.len() };
        let mut peers = [Peer::of("floor", "", find)];
        let time = interleaved(&mut peers, kind, range, plan)[0];
        results.floor(kind, time);
    }
}
