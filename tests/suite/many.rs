//! `iamc check` on many files: what is printed is that of each file alone, in the order of the names, and nothing that
//! files say of each other is lost between the groups in which they are read.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::cli::{Scratch, iamc, json_lines, status, stderr, stdout, text};

/// More bytes than two groups of files have together.
const WIDE: usize = 600_000;

/// A policy with a `Sid` of its own that allows an action.
fn policy(sid: usize, action: &str) -> String {
    format!(
        r#"{{ "Version": "2012-10-17", "Statement": [
    {{ "Sid": "S{sid}", "Effect": "Allow", "Action": "{action}", "Resource": "arn:aws:s3:::b{sid}/*" }} ] }}"#
    )
}

/// The same text in a group of its own.
fn wide(text: &str) -> String {
    format!("{text}\n{}", " ".repeat(WIDE))
}

fn line(name: &str, arn: &str, action: &str) -> String {
    format!(r#"{{ "name": "{name}", "arn": "{arn}", "document": {} }}"#, policy(0, action).replace('\n', " "))
}

/// A file of each kind that a folder may hold, with every kind of mistake but those that files make together.
fn kinds(number: usize) -> String {
    let good = policy(number, "s3:GetObject");
    match number % 12 {
        0 => good.replace("\"Effect\"", "\"Efect\""),
        1 => good[..good.len() - 5].to_owned(),
        2 => policy(number, "s3:GetObjct"),
        3 => good.replacen(',', "", 1),
        4 => line(&format!("Line{number}"), &format!("arn:aws:iam::aws:policy/Line{number}"), "s3:Bad"),
        5 => good.replace('"', "%22").replacen('{', "%7B", 1),
        6 => format!("{good}\n{good}"),
        7 => r#"{ "root": 1 }"#.to_owned(),
        8 => good.replace("s3:GetObject", "iam:PassRole").replace("arn:aws:s3:::b", "*"),
        9 => format!("\u{feff}{}", good.replace("2012-10-17", "2008-10-17").replace('\n', "\r\n")),
        10 => String::new(),
        // Many at once, so that groups are of several sizes.
        _ => {
            let actions = (0..2_000).map(|at| format!("\"s3:Get{at}\"")).collect::<Vec<_>>().join(",\n");
            let good = good.replace("\"s3:GetObject\"", &format!("[{actions}]"));
            format!("{}{}", good.replace("\"Statement\"", "\"Statment\""), " ".repeat(WIDE / 3))
        }
    }
}

/// The findings in a report of that format, apart from what is said about all of them.
fn findings(format: &str, report: &str) -> Vec<String> {
    let lines = || report.lines().map(str::to_owned).collect::<Vec<_>>();
    match format {
        "json" | "github" => lines(),
        "human" => lines()[..lines().len() - 1].to_vec(),
        "junit" => {
            let lines = lines();
            assert_eq!(lines[1], "<testsuites name=\"iamc check\">");
            assert_eq!(lines[lines.len() - 1], "</testsuites>");
            lines[2..lines.len() - 1].to_vec()
        }
        "sarif" => {
            let log: Value = serde_json::from_str(report).unwrap();
            let run = &log["runs"][0];
            let numbered = |result: &Value| {
                let mut result = result.clone();
                let rule = result.as_object_mut().unwrap().remove("ruleIndex").unwrap();
                let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule.as_u64().unwrap()).unwrap()];
                assert_eq!(rule["id"], result["ruleId"]);
                result.to_string()
            };
            run["results"].as_array().unwrap().iter().map(numbered).collect()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn many_files_are_checked_as_each_alone_in_order_and_always_the_same() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p/a")).unwrap();
    // A stem of its own for each, and names in another order than directories list them.
    let names = (0..96).map(|at| format!("{}P{:02}.json", if at % 5 == 0 { "a/" } else { "" }, at * 37 % 96));
    let mut names = names.collect::<Vec<_>>();
    for (number, name) in names.iter().enumerate() {
        scratch.write(&format!("p/{name}"), kinds(number));
    }
    names.sort();
    for format in ["json", "sarif", "junit", "github", "human"] {
        let check = |path: &str| {
            let output = iamc(&["check", path, "--format", format]);
            assert!(status(&output) < 2, "{}", stderr(&output));
            stdout(&output)
        };
        let alone = |name: &String| findings(format, &check(text(&scratch.path("p").join(name))));
        let expected = names.iter().flat_map(alone).collect::<Vec<_>>();
        assert!(names.len() / 2 < expected.len(), "{format}");
        let together = check(text(&scratch.path("p")));
        assert_eq!(findings(format, &together), expected, "{format}");
        for _ in 0..3 {
            assert_eq!(check(text(&scratch.path("p"))), together, "{format}");
        }
    }
}

/// Code, file and second labels' files of all findings.
fn found(scratch: &Scratch, arguments: &[&str]) -> Vec<Value> {
    let path = scratch.path("p");
    let output = iamc(&[&["check", text(&path), "--format", "json"], arguments].concat());
    assert!(status(&output) < 2, "{}", stderr(&output));
    let root = format!("{}/", text(&path));
    let short = |value: &Value| value.as_str().unwrap().replace(&root, "");
    let one = |finding: &Value| {
        let labels = finding["labels"].as_array().unwrap().iter().skip(1);
        let related = labels.map(|label| format!("{}:{}", short(&label["file"]), label["start"]["byte"]));
        json!([finding["code"], short(&finding["file"]), related.collect::<Vec<_>>()])
    };
    json_lines(&output).iter().map(one).collect()
}

/// What a policy is for is only known where a manifest says so: a bucket's policy in a folder is not useless, though
/// `--type resource` makes it one that no request can name.
#[test]
fn that_nothing_attaches_a_policy_is_no_finding_without_a_manifest() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("p")).unwrap();
    let shared = policy(0, "s3:GetObject").replacen(
        "\"Action\"",
        "\"Principal\": { \"AWS\": \"arn:aws:iam::111122223333:role/reader\" }, \"Action\"",
        1,
    );
    scratch.write("p/bucket.json", &shared);
    assert_eq!(found(&scratch, &["--type", "resource"]), Vec::<Value>::new());
    scratch.write("p/iamc.toml", "[[policy]]\nfiles = \"bucket.json\"\ntype = \"resource\"\n");
    let output = iamc(&["check", text(&scratch.path("p/iamc.toml")), "--format", "json"]);
    let codes = json_lines(&output).iter().map(|finding| finding["code"].clone()).collect::<Vec<_>>();
    assert_eq!(codes, ["iamc::document::never-used"]);
}

#[test]
fn equal_names_are_found_however_far_apart_the_files_are() {
    let scratch = Scratch::new();
    for folder in ["p/a", "p/b", "p/c"] {
        std::fs::create_dir_all(scratch.path(folder)).unwrap();
    }
    scratch.write("p/a/Reader.json", format!("  {}", policy(1, "s3:GetObject")));
    scratch.write("p/a/Wide.json", wide(&policy(2, "s3:GetObject")));
    scratch.write("p/b/READER.json", policy(3, "s3:GetObject"));
    scratch.write("p/b/Wide2.json", wide(&policy(4, "s3:GetObject")));
    scratch.write("p/c/lines.json", r#"{"name":"Wide","document":{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}}"#);
    scratch.write("p/c/reader.json", policy(5, "s3:GetObject"));
    let twice = |file: &str, first: &str| json!(["iamc::world::duplicate-name", file, [first]]);
    let expected = vec![
        twice("b/READER.json", "a/Reader.json:2"),
        twice("c/lines.json", "a/Wide.json:0"),
        // Of three the first is the one that the others are compared with.
        twice("c/reader.json", "a/Reader.json:2"),
    ];
    assert_eq!(found(&scratch, &[]), expected);
    // A dump makes nothing of that different.
    scratch.write("p/b/dump.json", r#"{ "UserDetailList": [] }"#);
    scratch.write("p/b/escaped.json", r#"{ "\u0055serDetailList": [] }"#);
    let found = found(&scratch, &[]);
    let names = found.iter().filter(|one| one[0] == "iamc::world::duplicate-name").cloned().collect::<Vec<_>>();
    assert_eq!(names, expected);
    assert_eq!(found.iter().filter(|one| one[0] == "iamc::world::empty-dump").count(), 2, "{found:?}");
    // People are shown the first of the two.
    let human = stdout(&iamc(&["check", text(&scratch.path("p"))]));
    assert!(human.contains("two policies have names that differ only in case: `Reader` and `READER`"), "{human}");
    assert!(human.contains("p/a/Reader.json:1:3]"), "{human}");
}

#[test]
fn policy_lines_of_one_arn_are_one_policy_however_far_apart_they_are() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    let arn = "arn:aws:iam::aws:policy/Uploader";
    scratch.write("p/1.json", wide(&line("Uploader", arn, "s3:PutObjct")));
    // The same once more, spelt in another way: its typo is no news, nor is its name.
    scratch.write("p/2.json", wide(&line("Uploader", arn, "s3:PutObjct").replace(", ", ",\n\n")));
    // Another one of that ARN is never looked at further.
    scratch.write("p/3.json", wide(&line("Other", arn, "s3:PutObjct").replace("S0", "S1")));
    // Its name is free.
    scratch.write("p/4.json", line("Other", "arn:aws:iam::aws:policy/Other", "s3:PutObject"));
    let arn_at = line("Uploader", arn, "s3:PutObjct").find(&format!("\"{arn}\"")).unwrap();
    let expected = vec![
        json!(["iamc::action::unknown", "1.json", []]),
        json!(["iamc::world::conflicting-policies", "3.json", [format!("1.json:{arn_at}")]]),
    ];
    assert_eq!(found(&scratch, &[]), expected);
}

/// Policy lines of all kinds, more than are read at once.
fn many_lines() -> Vec<String> {
    let arn = |number: usize| format!("arn:aws:iam::aws:policy/Line{number}");
    let one = |at: usize| {
        let good = line(&format!("Line{at}"), &arn(at), "s3:GetObject").replace("S0", &format!("S{at}"));
        let (head, document) = good.split_once("\"document\": ").unwrap();
        let document = document.strip_suffix(" }").unwrap();
        let within = |text: String| format!("{head}\"document\": {text} }}");
        match at % 16 {
            0 => good.replace("GetObject", "GetObjct"),
            1 => good.replace("\"Effect\"", "\"Efect\""),
            2 => within(Value::from(document.replace("GetObject", "GetObjct")).to_string()),
            3 => within(format!("\"{}\"", document.replace("Allow", "Alow").replace('"', "%22").replace('{', "%7B"))),
            // The same again, and another one of the same ARN.
            4 if 1_024 < at => line("Line5", &arn(5), "s3:GetObject").replace("S0", "S5"),
            6 if 1_024 < at => line("Line7", &arn(7), "s3:PutObject"),
            8 => good.replace(&arn(at), "arn:aws:iam::aws:role/r"),
            9 => good.replace("\"arn\"", "\"ARN\""),
            10 => good.replace(&format!("Line{at}\", \"arn\""), &format!("LINE{}\", \"arn\"", at / 2)),
            11 => good.replace(&format!("S{at}"), &"é🍎".repeat(at % 7)),
            _ => good,
        }
    };
    (0..5_000).map(one).collect()
}

/// A place in the file of a line, as it is in the file of all lines.
fn moved(place: &Value, root: &str, all: &str, starts: &[(usize, usize)]) -> Value {
    let mut place = place.clone();
    let file = place["file"].as_str().unwrap().strip_prefix(root).unwrap();
    let (line, byte) = starts[file.trim_matches('/').trim_end_matches(".json").parse::<usize>().unwrap()];
    place["file"] = all.into();
    for end in ["start", "end"] {
        assert_eq!(place[end]["line"], 1);
        place[end]["line"] = line.into();
        place[end]["byte"] = (byte + usize::try_from(place[end]["byte"].as_u64().unwrap()).unwrap()).into();
    }
    place
}

#[test]
fn many_policy_lines_in_one_file_are_checked_as_each_in_its_own() {
    let scratch = Scratch::new();
    for (case, broken) in [("whole", None), ("broken", Some(3_000))] {
        let mut lines = many_lines();
        if let Some(at) = broken {
            // A mistake in the JSON of one line.
            lines[at] = line("Broken", "arn:aws:iam::aws:policy/Broken", "s3:GetObject").replacen("\", \"", "\" \"", 1);
        }
        std::fs::create_dir_all(scratch.path(case)).unwrap();
        let (mut text_of_all, mut starts) = ("\n".to_owned(), Vec::new());
        for (number, line) in lines.iter().enumerate() {
            scratch.write(&format!("{case}/{number:05}.json"), line);
            starts.push((1 + text_of_all.matches('\n').count(), text_of_all.len()));
            text_of_all += line;
            let end = if number + 1 == lines.len() { "" } else { ["\n", "\r\n", "\n\n", " \n \n"][number % 4] };
            text_of_all += end;
        }
        assert!(1 << 20 < text_of_all.len());
        let all = scratch.write(&format!("{case}.jsonl"), &text_of_all);
        let (root, all) = (format!("{}/", text(&scratch.path(case))), text(&all).to_owned());
        let alone = json_lines(&iamc(&["check", &root, "--format", "json"]));
        let expected = alone.into_iter().map(|mut finding| {
            let (place, file) = (moved(&finding, &root, &all, &starts), finding["file"].clone());
            for member in ["file", "start", "end"] {
                finding[member] = place[member].clone();
            }
            for label in finding["labels"].as_array_mut().unwrap() {
                *label = moved(label, &root, &all, &starts);
            }
            for edit in finding["fixes"].as_array_mut().unwrap() {
                edit["file"] = file.clone();
                *edit = moved(edit, &root, &all, &starts);
                edit.as_object_mut().unwrap().remove("file");
            }
            finding
        });
        let expected = expected.collect::<Vec<_>>();
        let found = json_lines(&iamc(&["check", &all, "--format", "json"]));
        assert!(1_000 < found.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{case}");
        }
        assert_eq!(found.len(), expected.len(), "{case}");
        let suites = stdout(&iamc(&["check", &all, "--format", "junit"])).matches("<testsuite ").count();
        assert_eq!(suites, 1, "{case}");
        let human = stdout(&iamc(&["check", &all]));
        assert!(human.ends_with(" in 1 file\n"), "{case}: {}", &human[human.len() - 100..]);
    }
}

#[test]
fn a_dump_sees_the_policy_lines_before_and_behind_it() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    let arn = |name: &str| format!("arn:aws:iam::aws:policy/{name}");
    let attached =
        ["First", "Last", "None"].map(|name| format!(r#"{{ "PolicyName": "{name}", "PolicyArn": "{}" }}"#, arn(name)));
    let dump = format!(
        r#"{{ "UserDetailList": [ {{ "UserName": "ana", "Arn": "arn:aws:iam::111122223333:user/ana", "Path": "/",
  "UserId": "AIDAAAAAAAAAAAAAAAAAA", "CreateDate": "2024-01-01T00:00:00Z", "AttachedManagedPolicies": [ {} ] }} ] }}"#,
        attached.join(", ")
    );
    scratch.write("p/1.json", wide(&line("First", &arn("First"), "s3:GetObject")));
    scratch.write("p/2.json", policy(2, "s3:GetObjct"));
    scratch.write("p/3.json", dump);
    scratch.write("p/4.json", wide(&policy(4, "s3:PutObjct")));
    scratch.write("p/5.json", line("Last", &arn("Last"), "s3:GetObject"));
    let expected = vec![
        json!(["iamc::action::unknown", "2.json", []]),
        json!(["iamc::world::unresolved-policy", "3.json", []]),
        json!(["iamc::action::unknown", "4.json", []]),
    ];
    assert_eq!(found(&scratch, &[]), expected);
    // A manifest joins everything, which makes no difference to what is found.
    scratch.write("iamc.toml", "[[policy]]\nfiles = \"p/4.json\"\ntype = \"identity\"\n");
    let output = iamc(&["check", text(&scratch.path("p")), text(&scratch.path("iamc.toml")), "--format", "json"]);
    let codes = json_lines(&output).iter().map(|finding| finding["code"].clone()).collect::<Vec<_>>();
    assert_eq!(codes, expected.iter().map(|one| one[0].clone()).collect::<Vec<_>>());
}

#[test]
fn nothing_is_printed_where_a_file_cannot_be_read() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    for number in 0..50 {
        scratch.write(&format!("p/{number:02}.json"), kinds(number));
    }
    scratch.write("p/30.json", b"{ \"a\": \"caf\xe9\" }");
    scratch.write("p/20.json", b"\xff");
    let (folder, none) = (scratch.path("p"), scratch.path("none.json"));
    let output = iamc(&["check", text(&folder), text(&none), "--format", "json"]);
    assert_eq!((status(&output), stdout(&output).as_str()), (2, ""));
    let said = stderr(&output);
    let lines = said.lines().collect::<Vec<_>>();
    let expected = ["p/20.json` is not UTF-8", "p/30.json` is not UTF-8", "none.json` does not exist"];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, expected) in lines.into_iter().zip(expected) {
        assert!(line.starts_with("error: ") && line.contains(expected), "{said}");
    }
}

#[test]
fn the_worst_findings_are_shown_wherever_they_are() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    for number in 0..640 {
        scratch.write(&format!("p/{number:03}.json"), policy(number, "s3:GetObjct"));
    }
    for number in [100, 639] {
        scratch.write(&format!("p/{number:03}.json"), policy(number, "s3:GetObject").replace("Allow", "Alow"));
    }
    let output = iamc(&["check", text(&scratch.path("p"))]);
    let shown = stdout(&output);
    assert_eq!(status(&output), 1);
    let files = shown.lines().filter_map(|line| line.split("/p/").nth(1)?.split(".json").next()?.parse::<u32>().ok());
    // Two errors and the first 498 of 638 warnings; 0 to 498 but for 100, and the last file.
    assert!(files.eq((0..499).chain([639])), "{shown}");
    assert!(shown.ends_with("140 more findings are not shown; `iamc check --format json` lists all\n2 errors, 638 warnings in 640 files\n"), "{}", &shown[shown.len() - 200..]);
}

#[test]
fn edits_are_made_in_all_files() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    for number in 0..600 {
        scratch.write(&format!("p/{number:03}.json"), policy(number, "s3:GetObjct"));
    }
    let output = iamc(&["check", text(&scratch.path("p")), "--fix"]);
    assert_eq!(stderr(&output), "made 600 edits in 600 files\n");
    assert_eq!(stdout(&output), "no findings in 600 files\n");
    for number in [0, 299, 599] {
        let after = std::fs::read_to_string(scratch.path(&format!("p/{number:03}.json"))).unwrap();
        assert_eq!(after, policy(number, "s3:GetObject"));
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_check() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    for number in 0..40 {
        let actions = (0..400).map(|at| format!("\"s3:Get{at}\"")).collect::<Vec<_>>().join(",\n");
        scratch.write(&format!("p/{number:02}.json"), policy(number, "A").replace("\"A\"", &format!("[{actions}]")));
    }
    for format in ["json", "sarif", "junit", "github"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_iamc"))
            .args(["check", text(&scratch.path("p")), "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((status(&output), stderr(&output).as_str()), (0, ""), "{format}: {first}");
    }
}

/// 64 MiB of files, which a program that held them all would show.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_files() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("p")).unwrap();
    for number in 0..512 {
        let text = format!("{}{}", policy(number, "s3:GetObjct"), " ".repeat(1 << 17));
        scratch.write(&format!("p/{number:03}.json"), text);
    }
    let peak = peak_kilobytes(&["check", text(&scratch.path("p")), "--format", "github"]);
    assert!(0 < peak && peak < 48 << 10, "{peak} KiB");
}

/// The most memory that a run takes.
#[cfg(target_os = "linux")]
fn peak_kilobytes(arguments: &[&str]) -> u64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamc"));
    let mut child = command.args(arguments).stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        peak = peak.max(kilobytes.map_or(0, |kilobytes| kilobytes.parse::<u64>().unwrap()));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    peak
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_once() {
    let scratch = Scratch::new();
    let script = "exec \"$0\" check --format json <(printf '%s' \"$1\") <(printf '%s' \"$2\")";
    let output = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_iamc"), &policy(1, "s3:GetObjct"), &policy(2, "s3:PutObjct")])
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    let codes = json_lines(&output).iter().map(|finding| finding["code"].clone()).collect::<Vec<_>>();
    assert_eq!(codes, ["iamc::action::unknown"; 2], "{}", stderr(&output));
}
