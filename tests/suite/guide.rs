//! The guide: its files are written, its commands run, and what they print compared, page by page.
//!
//! A JSON block behind a line that is a name in backticks and a colon is that file. In a `console` block each line that
//! begins with `$ ` is a command, and the lines below it are what it prints.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Pages, in the order in which one reads them; what a page makes is there for the next.
const PAGES: [&str; 4] = ["repository", "testing", "switches", "format"];

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(format!("{name}.md"))).unwrap()
}

/// A block with the line of text before it.
struct Block {
    language: String,
    before: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let (mut found, mut before) = (Vec::new(), String::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            Some(language) => {
                let body = lines.by_ref().take_while(|line| *line != "```");
                let text = body.flat_map(|line| [line, "\n"]).collect();
                found.push(Block { language: language.to_owned(), before: before.clone(), text });
            }
            None if line.is_empty() => {}
            None => line.clone_into(&mut before),
        }
    }
    found
}

/// What a command prints, on both outputs, without how long it took.
fn printed(folder: &Path, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_iamc")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let script = format!("{command} 2>&1");
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder).env("PATH", path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| match line.rsplit_once(" in ") {
        Some((rest, time)) if time.ends_with(" ms") => rest,
        _ => line,
    });
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn its_commands_print_what_it_shows() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guide");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("policies")).unwrap();
    let (mut files, mut commands) = (0, 0);
    for name in PAGES {
        for block in blocks(&page(name)) {
            let file = block.before.strip_prefix('`').and_then(|name| name.strip_suffix("`:"));
            if let (Some(file), "json") = (file, block.language.as_str()) {
                std::fs::write(folder.join(file), &block.text).unwrap();
                files += 1;
            }
            if block.language == "console" {
                for part in block.text.split("$ ").filter(|part| !part.is_empty()) {
                    let (command, expected) = part.split_once('\n').unwrap();
                    assert_eq!(printed(&folder, command), expected, "{name}.md: {command}");
                    commands += 1;
                }
            }
        }
    }
    assert!(files >= 3 && commands >= 10, "{files} files, {commands} commands");
}
