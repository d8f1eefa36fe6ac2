//! Builds in folders of their own.

use super::*;

/// A folder for inputs and one for what is written.
struct Scratch {
    root: PathBuf,
}

const READER: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Sid": "Read", "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:List*"], "Resource": "arn:aws:s3:::logs/*",
    "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } }] }"#;

const BROKEN: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{ \"Effect\": \"Alow\", \"Action\": \"s3:*\", \"Resource\": \"*\" }]\n}";

/// A blank in an action: compiled with a warning.
const LENIENT: &str =
    r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:Get Object", "Resource": "*" } }"#;

impl Scratch {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("iamc-build-{}-{name}", std::process::id()));
        files::make_directory(&root.join("out")).unwrap();
        Self { root }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        files::make_directory(&files::folder(&path)).unwrap();
        files::write_atomically(&path, text.as_bytes()).unwrap();
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&files::read_bytes(&self.root.join("out").join(name)).unwrap()).into_owned()
    }

    /// Runs a build; returns its instructions with `ROOT` for the folder.
    fn run(&self, config: &mut Config, inputs: &[&str]) -> (Result<(), BuildError>, Vec<String>) {
        let inputs = inputs.iter().map(|input| self.root.join(input)).collect::<Vec<_>>();
        let mut instructions = Vec::new();
        let outcome = config.out_dir(self.root.join("out")).run(&inputs, &mut instructions);
        let root = self.root.to_string_lossy().into_owned();
        (outcome, instructions.iter().map(|line| line.replace(&root, "ROOT")).collect())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[test]
fn a_folder_becomes_an_artifact_with_its_names() {
    let scratch = Scratch::new("folder");
    scratch.write("policies/team/Reader.json", READER);
    let (outcome, instructions) = scratch.run(&mut Config::new(), &["policies"]);
    outcome.unwrap();
    assert_eq!(instructions, ["rerun-if-changed=ROOT/policies", "rerun-if-changed=ROOT/policies/team/Reader.json"]);
    let bytes = files::read_bytes(&scratch.root.join("out/policies.iamc")).unwrap();
    assert_eq!(Tables::load(&bytes).unwrap().policy_names().collect::<Vec<_>>(), ["Reader"]);
    let constants = scratch.read("policies.rs");
    for line in [
        "pub const S3_GET_OBJECT: ::iamc::ActionName = ::iamc::ActionName::new(\"s3:GetObject\");",
        "pub const READER: ::iamc::PolicyName = ::iamc::PolicyName::new(\"Reader\");",
        "pub const AWS_SOURCE_IP: ::iamc::KeyName = ::iamc::KeyName::new(\"aws:SourceIp\");",
    ] {
        assert!(constants.contains(line), "{constants}");
    }
    assert!(!constants.contains("S3_LIST"), "a pattern is no action: {constants}");
}

#[test]
fn a_manifest_is_followed_and_its_folders_are_watched() {
    let scratch = Scratch::new("manifest");
    scratch.write("world/iamc.toml", "[[policy]]\nfiles = [\"named/*.json\"]\n");
    scratch.write("world/named/Reader.json", READER);
    let (outcome, instructions) = scratch.run(Config::new().name("world"), &["world/iamc.toml"]);
    outcome.unwrap();
    assert_eq!(
        instructions,
        [
            "rerun-if-changed=ROOT/world/iamc.toml",
            "rerun-if-changed=ROOT/world/named/Reader.json",
            "rerun-if-changed=ROOT/world/named"
        ]
    );
    assert!(scratch.read("world.rs").contains("READER"));
}

#[test]
fn a_folder_that_holds_the_output_is_not_watched() {
    let scratch = Scratch::new("around");
    scratch.write("Reader.json", READER);
    let (outcome, instructions) = scratch.run(Config::new().name("all"), &[""]);
    outcome.unwrap();
    assert_eq!(instructions, ["rerun-if-changed=ROOT/Reader.json"]);
}

#[test]
fn a_mistake_is_reported_with_a_caret_and_nothing_is_written() {
    let scratch = Scratch::new("mistake");
    scratch.write("policies/Broken.json", BROKEN);
    let (outcome, instructions) = scratch.run(&mut Config::new(), &["policies"]);
    let error = outcome.unwrap_err();
    let report = format!("{error:?}").replace(&*scratch.root.to_string_lossy(), "ROOT");
    let lines = report.lines().collect::<Vec<_>>();
    assert_eq!(lines[0], "the policies do not compile: 1 error in 1 file");
    let place = lines.iter().position(|line| line.contains("ROOT/policies/Broken.json:3:29")).unwrap();
    assert!(lines[place + 2].contains("\"Effect\": \"Alow\""), "{report}");
    assert!(lines[place + 3].contains("──┬──"), "{report}");
    assert!(report.contains("help: "), "{report}");
    assert_eq!(error.to_string(), format!("{error:?}"));
    assert_eq!(instructions.len(), 2);
    assert!(files::read_bytes(&scratch.root.join("out/policies.iamc")).is_err());
}

#[test]
fn what_cannot_be_read_is_watched_nevertheless() {
    let scratch = Scratch::new("missing");
    let (outcome, instructions) = scratch.run(&mut Config::new(), &["none", "neither.json"]);
    let report = outcome.unwrap_err().to_string();
    assert!(report.contains("none` does not exist") && report.contains("neither.json` does not exist"), "{report}");
    assert_eq!(instructions, ["rerun-if-changed=ROOT/none", "rerun-if-changed=ROOT/neither.json"]);
}

/// Cargo took what stands behind the line break for an instruction of the build script.
#[cfg(unix)]
#[test]
fn the_name_of_a_file_is_no_instruction_for_cargo() {
    for name in ["policies/a\ncargo::rustc-env=INJECTED=1.json", "policies/a\rb/Reader.json"] {
        let scratch = Scratch::new("injected");
        scratch.write(name, READER);
        for input in ["policies", name] {
            let (outcome, instructions) = scratch.run(&mut Config::new(), &[input]);
            let report = outcome.unwrap_err().to_string();
            assert!(report.contains("has a line break") && report.lines().count() == 1, "{report}");
            assert!(!instructions.iter().any(|line| line.contains(['\n', '\r'])), "{instructions:?}");
        }
        assert!(files::read_bytes(&scratch.root.join("out/policies.iamc")).is_err());
    }
}

#[test]
fn warnings_are_one_line_each_or_errors() {
    let scratch = Scratch::new("warnings");
    scratch.write("policies/Gap.json", LENIENT);
    let (outcome, instructions) = scratch.run(&mut Config::new(), &["policies"]);
    outcome.unwrap();
    let warnings = instructions.iter().filter(|line| line.starts_with("warning=")).collect::<Vec<_>>();
    assert_eq!(warnings.len(), 1, "{instructions:?}");
    assert!(warnings[0].starts_with("warning=ROOT/policies/Gap.json:1:79: "), "{warnings:?}");
    assert!(!warnings[0].contains('\n') && warnings[0].contains("iamc::"), "{warnings:?}");
    let (outcome, instructions) = scratch.run(Config::new().deny_warnings(), &["policies"]);
    assert!(outcome.unwrap_err().to_string().contains("1 warning in 1 file"));
    assert!(!instructions.iter().any(|line| line.starts_with("warning=")), "{instructions:?}");
}

#[test]
fn the_same_input_gives_the_same_files_and_does_not_write_them_again() {
    let scratch = Scratch::new("same");
    scratch.write("policies/Reader.json", READER);
    let written = |name: &str| {
        let path = scratch.root.join("out").join(name);
        (files::read_bytes(&path).unwrap(), path.metadata().unwrap().modified().unwrap())
    };
    let both = || {
        scratch.run(&mut Config::new(), &["policies"]).0.unwrap();
        (written("policies.iamc"), written("policies.rs"))
    };
    let first = both();
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(both(), first);
}

#[test]
fn actions_of_the_host_have_constants_too() {
    let scratch = Scratch::new("actions");
    scratch.write("policies/Reader.json", READER);
    scratch.run(Config::new().action("s3:listbucket"), &["policies"]).0.unwrap();
    assert!(
        scratch
            .read("policies.rs")
            .contains("S3_LIST_BUCKET: ::iamc::ActionName = ::iamc::ActionName::new(\"s3:ListBucket\")")
    );
    let error = scratch.run(Config::new().action("s3:List*"), &["policies"]).0.unwrap_err();
    assert_eq!(error.to_string(), "`s3:List*` is no action of the form `service:Name`");
}

#[test]
fn an_artifact_needs_a_name() {
    let scratch = Scratch::new("names");
    scratch.write("policies/Reader.json", READER);
    for name in ["", "a/b"] {
        let error = scratch.run(Config::new().name(name), &["policies"]).0.unwrap_err();
        assert!(error.to_string().contains("cannot be the name of an artifact"), "{error}");
    }
    assert_eq!(scratch.run(&mut Config::new(), &[]).0.unwrap_err().to_string(), "there is no input to compile");
}
