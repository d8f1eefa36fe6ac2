//! Every scenario file under `tests/conformance/`, run through the real compiler and runtime at both levels.

use iamc::Level;
use iamc::scenario;
use std::path::PathBuf;

fn files() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_scenarios = |path: &PathBuf| path.extension().is_some_and(|end| end == "json" || end == "jsonl");
    let mut files: Vec<PathBuf> = entries.filter(is_scenarios).collect();
    files.sort();
    files
}

fn check(level: Level) {
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for outcome in scenario::run(&text, level) {
            count += 1;
            if outcome.pass != Some(true) {
                failures.push(format!("{file}: {}: {}", outcome.name, outcome.why));
            }
        }
    }
    assert!(0 < count, "there are no scenario files");
    assert!(failures.is_empty(), "{} of {count} scenarios fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn all_scenarios_optimized() {
    check(Level::Full);
}

#[test]
fn all_scenarios_unoptimized() {
    check(Level::None);
}

#[test]
fn names_are_unique_within_a_file_and_every_case_cites_a_rule() {
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut names = std::collections::BTreeSet::new();
        for piece in scenario::split(&text).unwrap() {
            let case: serde_json::Value = serde_json::from_str(piece.text).unwrap();
            let name = case["name"].as_str().unwrap_or_else(|| panic!("{}: a case has no name", path.display()));
            assert!(names.insert(name.to_owned()), "{}: two cases `{name}`", path.display());
            let is_cited = case["rules"].as_array().is_some_and(|rules| !rules.is_empty());
            assert!(is_cited, "{}: `{name}` cites no rule", path.display());
        }
    }
}
