//! Instructions of loading and of deciding, under callgrind: figures that no other program on the machine disturbs.
//!
//! `cargo bench --bench instructions` compares with `benches/instructions.txt` and fails where a figure differs by more
//! than 2 %, to the better as well, so that the table stays true; `-- --bless` writes the table anew. Skipped, and said
//! so, where valgrind is not there or where what the figures depend on is not what the table was made with: compiler,
//! C library (its `memcmp`), and the processor's widest vectors, by which that library chooses.
//!
//! The program compiles the corpora and starts itself under callgrind on each artifact. Counted is what is inside of
//! four functions, `measured_*`; everything was done once before they are called, so that nothing is resolved in them.
//! A decision's figure holds the four or so instructions of the loop around it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    dead_code,
    reason = "a program that measures: what fails here should end it"
)]

mod generate;
mod workload;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use generate::{account, adversarial, managed};
use iamc::ask::OwnedRequest;
use iamc::{Decision, Request, Tables};
use workload::{SEED, Workload};

/// How much a figure may differ, as a part of it.
const TOLERANCE: f64 = 0.02;

/// The figures of a corpus, and the function that each is measured in.
const FIGURES: [(&str, &str); 4] = [
    ("load", "measured_load"),
    ("allowed", "measured_allowed"),
    ("implicit", "measured_implicit"),
    ("explicit", "measured_explicit"),
];

type Table = BTreeMap<(String, String), f64>;

fn main() -> ExitCode {
    // `cargo bench` says `--bench`; without it, and with `--test`, everything is to be tried once.
    let (bench, mut arguments): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "--bench");
    if bench.is_empty() && arguments.is_empty() {
        arguments.push("--test".to_owned());
    }
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--run", artifact, requests] => {
            run(Path::new(artifact), Path::new(requests));
            ExitCode::SUCCESS
        }
        ["--test"] => {
            let small = Workload::of(&account::account(100, SEED));
            let scratch = Scratch::new();
            let (artifact, requests) = write(&small, &scratch.0);
            run(&artifact, &requests);
            ExitCode::SUCCESS
        }
        ["--bless"] => bless(),
        [] => compare(),
        _ => {
            eprintln!("usage: cargo bench --bench instructions [-- --bless]");
            ExitCode::from(2)
        }
    }
}

fn table_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt")
}

fn bless() -> ExitCode {
    let mut text = String::from(
        "# Instructions under callgrind: of loading, and of one decision on average over those with that outcome.\n\
         # `cargo bench --bench instructions` compares, `-- --bless` writes this anew.\n",
    );
    writeln!(text, "# {}", conditions()).expect("text grows");
    for ((corpus, figure), count) in &measure() {
        writeln!(text, "{corpus:<20} {figure:<10} {count:>14.1}").expect("text grows");
    }
    std::fs::write(table_path(), &text).expect("a writable table");
    print!("{text}");
    ExitCode::SUCCESS
}

fn compare() -> ExitCode {
    let text = std::fs::read_to_string(table_path()).expect("the table");
    let here = conditions();
    if output_of("valgrind", &["--version"]).is_none() {
        println!("skipped: valgrind is not there");
        return ExitCode::SUCCESS;
    }
    if !text.lines().any(|line| line == format!("# {here}")) {
        println!("skipped: the table was made with something else than {here}");
        return ExitCode::SUCCESS;
    }
    let mut expected: Table = text.lines().filter_map(row).collect();
    let mut differ = 0;
    for ((corpus, figure), count) in measure() {
        let verdict = match expected.remove(&(corpus.clone(), figure.clone())) {
            Some(expected) if (count - expected).abs() <= TOLERANCE * expected => "as in the table".to_owned(),
            Some(expected) => {
                differ += 1;
                format!("{:+.1} % from {expected:.1}", 100.0 * (count / expected - 1.0))
            }
            // The corpus is what the folder of data happens to hold.
            None if corpus.starts_with("managed") => "not in the table: other data".to_owned(),
            None => {
                differ += 1;
                "not in the table".to_owned()
            }
        };
        println!("{corpus:<20} {figure:<10} {count:>14.1}  {verdict}");
    }
    for (corpus, figure) in expected.keys().filter(|(corpus, _)| !corpus.starts_with("managed")) {
        differ += 1;
        println!("{corpus:<20} {figure:<10} was not measured");
    }
    if differ == 0 {
        return ExitCode::SUCCESS;
    }
    eprintln!("{differ} figures differ by more than 2 %; if they may, `cargo bench --bench instructions -- --bless`");
    ExitCode::FAILURE
}

fn row(line: &str) -> Option<((String, String), f64)> {
    let mut words = line.split_whitespace().filter(|_| !line.starts_with('#'));
    let (corpus, figure, count) = (words.next()?, words.next()?, words.next()?);
    Some(((corpus.to_owned(), figure.to_owned()), count.parse().ok()?))
}

/// What the figures depend on besides the code.
fn conditions() -> String {
    let compiler = output_of("rustc", &["--version"]).unwrap_or_else(|| "an unknown compiler".to_owned());
    let library = output_of("getconf", &["GNU_LIBC_VERSION"]).unwrap_or_else(|| "an unknown C library".to_owned());
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let has_avx2 =
        processor.lines().any(|line| line.starts_with("flags") && line.split(' ').any(|flag| flag == "avx2"));
    let vectors = if has_avx2 { "AVX2" } else { "no AVX2" };
    format!("{compiler}, {library}, {} with {vectors}", std::env::consts::ARCH)
}

fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// All figures of all corpora.
fn measure() -> Table {
    let mut workloads = vec![
        Workload::example("example-account", "account", "requests.jsonl"),
        Workload::example("example-organization", "organization/iamc.toml", "organization/requests.jsonl"),
    ];
    let generated =
        [account::account(100, SEED), account::account(10_000, SEED), adversarial::adversarial(1_000, SEED)];
    workloads.extend(generated.iter().chain(managed::managed(SEED).as_ref()).map(Workload::of));
    let scratch = Scratch::new();
    let mut table = Table::new();
    for workload in &workloads {
        let (artifact, requests) = write(workload, &scratch.0);
        for (figure, count) in under_callgrind(&artifact, &requests, &scratch.0.join("callgrind.out")) {
            table.insert((workload.name.clone(), figure.to_owned()), count);
        }
    }
    table
}

/// A folder that is gone when the program ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("iamc-instructions-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a writable folder");
        Self(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn write(workload: &Workload, folder: &Path) -> (PathBuf, PathBuf) {
    let (artifact, requests) = (folder.join("world.iamc"), folder.join("requests.jsonl"));
    std::fs::write(&artifact, &workload.artifact).expect("a writable folder");
    std::fs::write(&requests, workload.hot().join("\n")).expect("a writable folder");
    (artifact, requests)
}

/// Runs this program on an artifact and its requests: instructions of loading, and of a decision by outcome.
fn under_callgrind(artifact: &Path, requests: &Path, profile: &Path) -> Vec<(&'static str, f64)> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--compress-strings=no", "--compress-pos=no", "--dump-line=no"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(std::env::current_exe().expect("a path to this program"))
        .arg("--run")
        .args([artifact, requests])
        // Nothing of the dynamic linker's work is left for later.
        .env("LD_BIND_NOW", "1")
        .output()
        .expect("valgrind starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let times: BTreeMap<String, f64> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(figure, times)| (figure.to_owned(), times.parse().expect("a number")))
        .collect();
    let profile = std::fs::read_to_string(profile).expect("a profile");
    let figures = FIGURES.iter().filter(|(figure, _)| 0.0 < times[*figure]);
    figures.map(|(figure, function)| (*figure, inclusive(&profile, function) as f64 / times[*figure])).collect()
}

/// Instructions inside of all calls of a function: after `cfn=` and `calls=` comes a line with a position and a cost.
fn inclusive(profile: &str, function: &str) -> u64 {
    let mut lines = profile.lines();
    let mut total = 0;
    while let Some(line) = lines.next() {
        let is_called = line.strip_prefix("cfn=").is_some_and(|name| name.contains(function));
        if is_called && lines.next().is_some_and(|calls| calls.starts_with("calls=")) {
            let cost = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a cost behind a call");
            total += cost.parse::<u64>().expect("a number of instructions");
        }
    }
    assert!(0 < total, "`{function}` is not in the profile");
    total
}

/// What runs under callgrind. Prints how often each thing was done in its function.
fn run(artifact: &Path, requests: &Path) {
    let bytes = std::fs::read(artifact).expect("an artifact");
    let tables = Tables::load(&bytes).expect("an artifact");
    let lines: Vec<String> = std::fs::read_to_string(requests).expect("requests").lines().map(str::to_owned).collect();
    let requests = workload::read(&lines, &tables);
    OwnedRequest::with_all(&requests, |lent| {
        let mut by_outcome: [Vec<&Request<'_>>; 3] = Default::default();
        for request in lent {
            by_outcome[outcome(tables.decide(request))].push(request);
        }
        let [allowed, implicit, explicit] = by_outcome;
        measured_load(&bytes);
        measured_allowed(&tables, &allowed);
        measured_implicit(&tables, &implicit);
        measured_explicit(&tables, &explicit);
        println!("load 1\nallowed {}\nimplicit {}\nexplicit {}", allowed.len(), implicit.len(), explicit.len());
    })
    .expect("requests that can be lent");
}

fn outcome(decision: Decision) -> usize {
    match decision {
        Decision::Allowed(_) => 0,
        Decision::ImplicitDeny(_) => 1,
        Decision::ExplicitDeny(_) => 2,
    }
}

#[inline(never)]
fn measured_load(bytes: &[u8]) {
    let _ = black_box(Tables::load(black_box(bytes)));
}

// Three functions that differ, so that they are not folded into one.

#[inline(never)]
fn measured_allowed(tables: &Tables<'_>, requests: &[&Request<'_>]) {
    decide_all(tables, requests);
    black_box("allowed");
}

#[inline(never)]
fn measured_implicit(tables: &Tables<'_>, requests: &[&Request<'_>]) {
    decide_all(tables, requests);
    black_box("implicit");
}

#[inline(never)]
fn measured_explicit(tables: &Tables<'_>, requests: &[&Request<'_>]) {
    decide_all(tables, requests);
    black_box("explicit");
}

fn decide_all(tables: &Tables<'_>, requests: &[&Request<'_>]) {
    for request in requests {
        black_box(tables.decide(black_box(request)));
    }
}
