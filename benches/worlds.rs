//! Whole organizations: what compiling costs as accounts are added.
//!
//! `cargo bench --bench worlds` compiles 1 and 10 generated accounts of full size (5,000 users, 1,000 roles, 1,500
//! managed policies each); `cargo bench --bench worlds -- 10 100` any other numbers. `--write DIR` writes the files of
//! the last number instead of measuring. Prints a table for `benches/RESULTS.md`.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    dead_code,
    reason = "a program that measures: what fails here should end it"
)]

mod generate;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use generate::organization::{Scale, organization};

const SEED: u64 = 2026;

fn main() {
    let mut numbers = Vec::new();
    let mut target = None;
    let mut arguments = std::env::args().skip(1);
    // `cargo bench` says `--bench`; without it, and with `--test`, everything is to be tried once.
    if arguments.len() == 0 {
        numbers = vec![1];
    }
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--test" => numbers.push(1),
            "--write" => target = arguments.next().map(PathBuf::from),
            number => numbers.push(number.parse().expect("a number of accounts")),
        }
    }
    if numbers.is_empty() {
        numbers = vec![1, 10];
    }
    if let Some(folder) = target {
        write(&folder, numbers[numbers.len() - 1]);
        return;
    }
    println!(
        "| accounts | input MB | statements | principals | artifact MB | seconds | peak MB | peak / input | MB/s |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for number in numbers {
        measure(number);
    }
}

fn write(folder: &Path, accounts: usize) -> u64 {
    let mut bytes = 0;
    for (path, text) in organization(Scale::full(accounts), SEED) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("every file is in a folder")).expect("a writable folder");
        std::fs::write(&path, &text).expect("a writable folder");
        bytes += text.len() as u64;
    }
    bytes
}

fn measure(accounts: usize) {
    let folder = std::env::temp_dir().join(format!("iamc-worlds-{}-{accounts}", std::process::id()));
    let bytes = write(&folder, accounts);
    let artifact = folder.join("world.iamc");
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_iamc"))
        .arg("compile")
        .arg(folder.join("iamc.toml"))
        .arg("-o")
        .arg(&artifact)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut peak = 0;
    while child.try_wait().expect("a child to wait for").is_none() {
        peak = peak.max(peak_bytes(child.id()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let seconds = start.elapsed().as_secs_f64();
    let output = child.wait_with_output().expect("a child to wait for");
    assert!(output.status.success(), "the world does not compile");
    let line = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |noun: &str| {
        let words: Vec<&str> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let at = words.iter().position(|word| word.starts_with(noun)).unwrap_or(1);
        words[at - 1].to_owned()
    };
    let artifact_bytes = std::fs::metadata(&artifact).expect("an artifact").len();
    let mega = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "| {accounts} | {:.1} | {} | {} | {:.1} | {seconds:.2} | {:.0} | {:.2} | {:.1} |",
        mega(bytes),
        count("statement"),
        count("principal"),
        mega(artifact_bytes),
        mega(peak),
        mega(peak) / mega(bytes),
        mega(bytes) / seconds
    );
    std::fs::remove_dir_all(&folder).expect("a removable folder");
}

/// The most memory that a process has held so far, where the system tells.
fn peak_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
