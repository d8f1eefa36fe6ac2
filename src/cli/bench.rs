//! `iamc bench`

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use iamc::ask::OwnedRequest;
use iamc::{Decision, Request, Tables};
use serde_json::{Value, json};

use crate::args::{BenchArguments, Format};
use crate::clock;
use crate::input;
use crate::output::{self, Failure, Output, count};
use crate::requests::RequestLines;

/// Decisions between two looks at the clock, at least; fewer where they are slow.
const BATCH_MIN: usize = 256;

/// How many times what is left of the time has to hold a batch, or the batch gets smaller.
const BATCHES_LEFT: u32 = 8;

/// Single decisions that are timed, at most: enough for every percentile shown, and 4 MB.
const SINGLES_MAX: usize = 1_000_000;

/// Times that are kept of each batch, at most.
const TIMES_MAX: usize = 1_001;

/// Loads that are timed, at most.
const LOADS_MAX: usize = 101;

pub(crate) fn run(arguments: &BenchArguments) -> Result<u8, Failure> {
    let bytes = input::read_artifact(&arguments.artifact)?;
    let tables = input::load_tables(&arguments.artifact, &bytes)?;
    let requests = read_requests(&arguments.requests, &tables)?;
    let figures = OwnedRequest::with_all(&requests, |lent| {
        let load_ns = time_loading(&bytes, arguments.seconds / 10);
        let (decisions, mean_tenths, singles) = time_decisions(&tables, lent, arguments.seconds);
        Figures {
            outcomes: Outcomes::of(&tables, lent),
            decisions,
            mean: f64::from(u32::try_from(mean_tenths).unwrap_or(u32::MAX)) / 10.0,
            p50: percentile(&singles, 50),
            p99: percentile(&singles, 99),
            load_ns,
            artifact_bytes: bytes.len(),
        }
    });
    let figures = figures.map_err(Failure::of)?;
    let mut out = Output::new();
    match arguments.format {
        Format::Json => out.json(&figures.to_json())?,
        Format::Human => figures.print(&arguments.artifact, &mut out)?,
    }
    out.flush()?;
    Ok(output::STATUS_OK)
}

/// All requests of the file; a line that is none ends the command, before anything is measured.
fn read_requests(path: &Path, tables: &Tables<'_>) -> Result<Vec<OwnedRequest>, Failure> {
    let mut lines = RequestLines::open(path, tables.semantics())?;
    let now = clock::now();
    let mut requests = Vec::new();
    while let Some(line) = lines.next_request()? {
        let request = line.request.and_then(|mut request| {
            request.fill_time(&now);
            // A request without an answer would be measured as the quick denial that it is.
            request.ask(tables, None).map_err(|error| error.to_string())?;
            Ok(request)
        });
        let name = path.display();
        requests.push(request.map_err(|error| Failure::Message(format!("`{name}`, line {}: {error}", line.number)))?);
    }
    if requests.is_empty() {
        return Err(Failure::Message(format!("`{}` holds no request", path.display())));
    }
    Ok(requests)
}

/// What is measured.
struct Figures {
    outcomes: Outcomes,
    decisions: u64,
    /// Nanoseconds, as are the percentiles.
    mean: f64,
    p50: u32,
    p99: u32,
    load_ns: u64,
    artifact_bytes: usize,
}

/// How many requests have which answer.
struct Outcomes {
    allowed: usize,
    implicit_denies: usize,
    explicit_denies: usize,
}

impl Outcomes {
    fn of(tables: &Tables<'_>, requests: &[Request<'_>]) -> Self {
        let mut outcomes = Self { allowed: 0, implicit_denies: 0, explicit_denies: 0 };
        for request in requests {
            match tables.decide(request) {
                Decision::Allowed(_) => outcomes.allowed += 1,
                Decision::ImplicitDeny(_) => outcomes.implicit_denies += 1,
                Decision::ExplicitDeny(_) => outcomes.explicit_denies += 1,
            }
        }
        outcomes
    }

    const fn total(&self) -> usize {
        self.allowed + self.implicit_denies + self.explicit_denies
    }
}

impl Figures {
    fn to_json(&self) -> Value {
        json!({
            "requests": self.outcomes.total(),
            "decisions": self.decisions,
            "nsPerDecision": { "mean": self.mean, "p50": self.p50, "p99": self.p99 },
            "loadNs": self.load_ns,
            "artifactBytes": self.artifact_bytes,
        })
    }

    fn print(&self, artifact: &Path, out: &mut Output) -> Result<(), Failure> {
        let Outcomes { allowed, implicit_denies, explicit_denies } = &self.outcomes;
        let load_ms = Duration::from_nanos(self.load_ns).as_secs_f64() * 1e3;
        out.line(&format!("{}: {} bytes, loaded in {load_ms:.3} ms", artifact.display(), self.artifact_bytes))?;
        let requests = count(self.outcomes.total(), "request", "requests");
        out.line(&format!(
            "{requests}: {allowed} allowed, {implicit_denies} implicitly denied, {explicit_denies} explicitly denied"
        ))?;
        let Self { mean, p50, p99, .. } = self;
        out.line(&format!("{} decisions: mean {mean:.1} ns, p50 {p50} ns, p99 {p99} ns", self.decisions))
    }
}

/// The median of several loads, in nanoseconds.
fn time_loading(bytes: &[u8], budget: Duration) -> u64 {
    let begin = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (times.len() < LOADS_MAX && begin.elapsed() < budget) {
        let start = Instant::now();
        let loaded = Tables::load(black_box(bytes));
        times.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
        let _ = black_box(loaded);
    }
    median(&mut times).unwrap_or_default()
}

/// Decides for about `time`: how many decisions were timed, the mean in tenths of a nanosecond, and the times of single
/// decisions in nanoseconds, sorted.
///
/// A tenth of the time warms caches and the processor up, four tenths at most go into single decisions, and what is left
/// into batches.
fn time_decisions(tables: &Tables<'_>, requests: &[Request<'_>], time: Duration) -> (u64, u64, Vec<u32>) {
    warm_up(tables, requests, time / 10);
    let begin = Instant::now();
    let mut singles = time_singles(tables, requests, time * 4 / 10);
    let rest = (time * 9 / 10).saturating_sub(begin.elapsed());
    let mut batches = Batches::of(requests);
    batches.run(tables, rest);
    singles.sort_unstable();
    let decisions = batches.decisions.saturating_add(u64::try_from(singles.len()).unwrap_or(u64::MAX));
    // Decisions may be so slow that there was no time for a batch.
    let mean_tenths = batches.mean_tenths().unwrap_or_else(|| mean_tenths_of(&singles));
    (decisions, mean_tenths, singles)
}

/// Decides until the time is up, at least once.
fn warm_up(tables: &Tables<'_>, requests: &[Request<'_>], time: Duration) {
    let begin = Instant::now();
    for request in requests.iter().cycle() {
        black_box(tables.decide(black_box(request)));
        if time <= begin.elapsed() {
            break;
        }
    }
}

fn mean_tenths_of(times: &[u32]) -> u64 {
    let time = times.iter().map(|&time| u64::from(time)).sum::<u64>();
    time.saturating_mul(10) / u64::try_from(times.len()).unwrap_or(u64::MAX).max(1)
}

/// Requests in batches, and how long each batch took each time that it was decided.
///
/// Another program that gets the processor in between makes a few of these times much longer. So the median of a batch
/// counts, and the mean is taken over batches.
struct Batches<'r> {
    parts: Vec<Batch<'r>>,
    /// How often each batch is decided between two looks at the clock, if there is time.
    rounds: usize,
    decisions: u64,
}

struct Batch<'r> {
    requests: &'r [Request<'r>],
    /// How often it is decided between two looks at the clock; 0 before it has been tried.
    rounds: usize,
    /// In nanoseconds; the newest [`TIMES_MAX`].
    times: Vec<u64>,
    /// How many times there were.
    count: usize,
}

impl<'r> Batches<'r> {
    fn of(requests: &'r [Request<'r>]) -> Self {
        Self {
            parts: requests.chunks(BATCH_MIN).map(Batch::of).collect(),
            rounds: BATCH_MIN.div_ceil(requests.len().max(1)),
            decisions: 0,
        }
    }

    /// Decides batch after batch until the time is up.
    fn run(&mut self, tables: &Tables<'_>, time: Duration) {
        let begin = Instant::now();
        loop {
            for batch in &mut self.parts {
                let left = time.saturating_sub(begin.elapsed());
                if batch.rounds == 0 && !batch.choose_rounds(tables, self.rounds, left) {
                    return;
                }
                let start = Instant::now();
                for _ in 0..batch.rounds {
                    for request in batch.requests {
                        black_box(tables.decide(black_box(request)));
                    }
                }
                let end = Instant::now();
                batch.record(end - start);
                self.decisions = self.decisions.saturating_add(batch.decisions());
                if time <= end - begin {
                    return;
                }
            }
        }
    }

    /// The mean time of a decision in tenths of a nanosecond; nothing if no batch was decided.
    fn mean_tenths(mut self) -> Option<u64> {
        let (mut time, mut decisions) = (0_u64, 0_u64);
        for batch in &mut self.parts {
            if let Some(median) = median(&mut batch.times) {
                time = time.saturating_add(median);
                decisions = decisions.saturating_add(batch.decisions());
            }
        }
        time.saturating_mul(10).checked_div(decisions)
    }
}

impl<'r> Batch<'r> {
    fn of(requests: &'r [Request<'r>]) -> Self {
        Self { requests, rounds: 0, times: Vec::new(), count: 0 }
    }

    /// How many decisions each of the times is of.
    fn decisions(&self) -> u64 {
        u64::try_from(self.requests.len() * self.rounds).unwrap_or(u64::MAX)
    }

    /// Finds out how often the batch can be decided in a small part of the time that is left, at most so often; returns
    /// whether there is time for it at all.
    fn choose_rounds(&mut self, tables: &Tables<'_>, most: usize, left: Duration) -> bool {
        let begin = Instant::now();
        // Another program may have had the processor, which must not make the batches of quick decisions small.
        for _ in 0..3 {
            let Some(time) = self.time_once(tables, left.saturating_sub(begin.elapsed())) else { break };
            let rounds = (left / BATCHES_LEFT).as_nanos() / time.as_nanos().max(1);
            self.rounds = usize::try_from(rounds).unwrap_or(most).clamp(1, most).max(self.rounds);
            if self.rounds == most {
                break;
            }
        }
        self.rounds != 0
    }

    /// Decides each request once with a look at the clock behind it; nothing if the time is up before the last.
    fn time_once(&self, tables: &Tables<'_>, left: Duration) -> Option<Duration> {
        let begin = Instant::now();
        for request in self.requests {
            if left <= begin.elapsed() {
                return None;
            }
            black_box(tables.decide(black_box(request)));
        }
        Some(begin.elapsed())
    }

    fn record(&mut self, time: Duration) {
        let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        match self.times.get_mut(self.count % TIMES_MAX) {
            Some(oldest) => *oldest = time,
            None => self.times.push(time),
        }
        self.count += 1;
    }
}

fn median(times: &mut [u64]) -> Option<u64> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

/// Times decisions one by one, at least one, in nanoseconds without the clock's own.
fn time_singles(tables: &Tables<'_>, requests: &[Request<'_>], time: Duration) -> Vec<u32> {
    let clock_ns = clock_cost_ns();
    let mut times = Vec::with_capacity(SINGLES_MAX);
    let begin = Instant::now();
    for request in requests.iter().cycle() {
        let start = Instant::now();
        black_box(tables.decide(black_box(request)));
        let end = Instant::now();
        times.push(nanoseconds(end - start).saturating_sub(clock_ns));
        if SINGLES_MAX <= times.len() || time <= end - begin {
            break;
        }
    }
    times
}

/// What two looks at the clock are apart with nothing in between: the median of many.
fn clock_cost_ns() -> u32 {
    let mut times: Vec<u32> = (0..10_001)
        .map(|_| {
            let start = Instant::now();
            nanoseconds(start.elapsed())
        })
        .collect();
    times.sort_unstable();
    percentile(&times, 50)
}

fn nanoseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_nanos()).unwrap_or(u32::MAX)
}

/// The smallest of the sorted times that so many percent do not exceed.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!((percentile(&hundred, 50), percentile(&hundred, 99)), (50, 99));
        assert_eq!((percentile(&[7], 50), percentile(&[7], 99)), (7, 7));
        assert_eq!((percentile(&[1, 2, 3], 50), percentile(&[1, 2, 3], 99)), (2, 3));
        assert_eq!(percentile(&[], 50), 0);
    }
}
