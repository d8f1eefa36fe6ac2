//! The guide `docs/embedding.md`: its code stands in the examples, which are built and tested, and what it shows is shown.

use std::path::{Path, PathBuf};

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Blocks of the guide in a language.
fn blocks(language: &str) -> Vec<String> {
    let guide = read("docs/embedding.md");
    let mut found = Vec::new();
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        if let Some(of) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```").collect::<Vec<_>>().join("\n");
            found.extend((of == language).then_some(block));
        }
    }
    found
}

/// Whether the lines stand in the text one after the other, however they are indented.
fn holds(text: &str, lines: &str) -> bool {
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    format!("\n{}\n", trimmed(text)).contains(&format!("\n{}\n", trimmed(lines)))
}

#[test]
fn its_code_stands_in_the_examples() {
    let files = ["Cargo.toml", "build.rs", "src/lib.rs"];
    let of = |example: &str| files.map(|file| read(&format!("examples/{example}/{file}"))).join("\n");
    let (service, no_std) = (of("service"), of("no_std"));
    for language in ["toml", "rust"] {
        let blocks = blocks(language);
        assert!(!blocks.is_empty());
        for block in blocks {
            let block = block.replace("../iamc", "../..");
            assert!(holds(&service, &block) || holds(&no_std, &block), "no example has:\n{block}");
        }
    }
}

#[test]
fn its_report_is_that_of_a_build() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("embedding");
    std::fs::create_dir_all(folder.join("policies")).unwrap();
    let policy = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Alow\",\n    \"Action\": \"s3:GetObject\",\n    \"Resource\": \"arn:aws:s3:::logs/*\"\n  }\n}\n";
    std::fs::write(folder.join("policies/Reader.json"), policy).unwrap();
    let error = iamc::build::Config::new().out_dir(&folder).compile(&[folder.join("policies")]).unwrap_err();
    let report = format!("{error:?}").replace(&format!("{}/", folder.display()), "");
    assert_eq!(blocks("text"), [report.trim_end()]);
}
