//! The repository itself: which room imports which, no forgotten test, a doc on every module file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each room of `src/` may import. Rooms that are not here fail.
const IMPORTS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("terms", &[]),
    ("value", &[]),
    ("layout", &[]),
    ("threads", &[]),
    ("syntax", &["source"]),
    ("files", &[]),
    ("reference", &[]),
    ("world", &["source", "syntax", "value", "threads"]),
    ("input", &["files", "world"]),
    ("names", &["reference", "world"]),
    ("report", &["source"]),
    ("ir", &["source", "terms"]),
    ("lower", &["source", "syntax", "world", "ir", "terms", "value", "reference", "threads"]),
    ("lint", &["source", "syntax", "terms", "value", "world", "lower", "reference", "threads"]),
    ("optimize", &["ir", "terms", "threads"]),
    ("encode", &["ir", "layout", "terms", "value", "threads"]),
    ("provenance", &["source"]),
    ("runtime", &["layout", "terms", "value"]),
    ("compile", &["source", "terms", "world", "lower", "optimize", "encode", "provenance", "threads"]),
    ("check", &["source", "files", "input", "terms", "world", "lint", "compile", "threads"]),
    ("stages", &["source", "syntax", "terms", "world", "ir", "lower", "optimize", "encode"]),
    ("ask", &["source", "syntax", "terms", "value", "world", "runtime", "provenance", "compile"]),
    ("scenario", &["source", "syntax", "terms", "value", "world", "runtime", "provenance", "compile", "ask"]),
    ("graph", &["terms", "value", "runtime", "provenance", "ask"]),
    ("build", &["source", "terms", "files", "input", "world", "names", "runtime", "compile", "report"]),
    // The program uses the public interface: `iamc::…`, and its own modules.
    ("cli", &["cli"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    files.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The first component below `src/`, without `.rs`.
fn room(path: &Path) -> String {
    let inner = path.strip_prefix(root().join("src")).unwrap();
    let first = inner.iter().next().unwrap().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Removes comments, so that what is said is not taken for what is done.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Names behind `crate::`, grouped imports included.
fn crate_names(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_' || character == '$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_names(group)),
            None => names.extend(identifier(rest)),
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn group_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut is_at_start = true;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_at_start = true,
            _ if is_at_start && depth == 0 && !character.is_whitespace() => {
                names.extend(identifier(&text[at..]));
                is_at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn violations(files: &[(String, String)]) -> Vec<String> {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.iter().copied().collect();
    let mut found = Vec::new();
    for (room, text) in files.iter().filter(|(room, _)| room != "lib") {
        let Some(imports) = allowed.get(room.as_str()) else {
            found.push(format!("the room `{room}` is not on the map"));
            continue;
        };
        for name in crate_names(&code(text)) {
            if room != "cli" && name != *room && !imports.contains(&name.as_str()) {
                found.push(format!("`{room}` imports `{name}`"));
            }
        }
    }
    found
}

#[test]
fn rooms_import_what_the_map_allows() {
    let files: Vec<_> = sources().into_iter().map(|(path, text)| (room(&path), text)).collect();
    let found = violations(&files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_edge_of_the_map_is_used() {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources() {
        used.entry(room(&path)).or_default().extend(crate_names(&code(&text)));
    }
    for (room, imports) in IMPORTS.iter().filter(|(room, _)| *room != "cli") {
        for import in *imports {
            assert!(used[*room].contains(*import), "`{room}` does not import `{import}`; take it off the map");
        }
    }
}

#[test]
fn a_planted_edge_is_found() {
    let planted = |room: &str, text: &str| violations(&[(room.to_owned(), text.to_owned())]).len();
    assert_eq!(planted("runtime", "use crate::syntax::ast;"), 1);
    assert_eq!(planted("runtime", "use crate::{terms::Layer, world::{model, load}, value};"), 1);
    assert_eq!(planted("attic", ""), 1);
    assert_eq!(planted("runtime", "use crate::terms::Layer; // not crate::syntax\nuse super::crate_name;"), 0);
}

#[test]
fn the_map_has_no_cycle() {
    let allowed: BTreeMap<&str, &[&str]> = IMPORTS.iter().copied().collect();
    let mut settled: BTreeSet<&str> = ["cli"].into();
    while settled.len() < allowed.len() {
        let is_ready = |room: &str| allowed[room].iter().all(|import| settled.contains(import));
        let next = allowed.keys().copied().find(|room| !settled.contains(room) && is_ready(room));
        settled.insert(next.expect("the rooms that are left import each other"));
    }
}

#[test]
fn every_module_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} has no module doc", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let suite = std::fs::read_to_string(root().join("tests/suite.rs")).unwrap();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for entry in std::fs::read_dir(root().join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|end| end == "rs") {
            assert!(manifest.contains(&format!("tests/{name}.rs")), "Cargo.toml does not name tests/{name}.rs");
        }
    }
    for entry in std::fs::read_dir(root().join("tests/suite")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|end| end == "rs") {
            assert!(suite.contains(&format!("mod {name};")), "tests/suite.rs does not name {name}.rs");
        }
    }
}
