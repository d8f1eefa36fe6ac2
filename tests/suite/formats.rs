//! `iamc check` for other programs: SARIF, annotations, test reports, baselines, and `[check]` of `iamc.toml`.

use serde_json::{Value, json};
use std::process::{Command, Output, Stdio};

use super::cli::{Scratch, iamc, json_lines, status, stderr, stdout, text};

/// The official schema, as the crate `serde-sarif` 0.8.0 (MIT) holds it.
const SCHEMA: &str = include_str!("formats/sarif-schema-2.1.0.json");

/// A typo behind characters of one and two UTF-16 units, an entry that another covers, and a missing effect.
const POLICY: &str = "{ \"Version\": \"2012-10-17\", \"Statement\": [\n  { \"Sid\": \"A\", \"Effect\": \"Allow\",\n    \
    \"Action\": [\"s3:GetObjct\", \"s3:Put*\", \"s3:PutObject\"],\n    \"Resource\": [\"arn:aws:s3:::é🍎/*\", \"arn:aws:s4:::b\"] },\n  \
    { \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::b/*\" } ] }\n";

/// Runs `iamc check` in a directory of its own.
fn check_in(scratch: &Scratch, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_iamc"));
    command.arg("check").args(arguments).current_dir(scratch.path("")).stdin(Stdio::null()).output().unwrap()
}

// ---- SARIF ----

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        other => panic!("the type `{other}` is not judged"),
    }
}

fn is_in_format(text: &str, name: &str) -> bool {
    let is_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    match name {
        "uri" => text.split_once(':').is_some() && text.bytes().all(is_uri),
        "uri-reference" => text.bytes().all(is_uri),
        other => panic!("the format `{other}` is not judged"),
    }
}

/// Judges a value by the keywords that the schema uses; one that it does not know is a failure.
fn judge(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let root: &Value = &SCHEMA_VALUE;
    let mut fault = |what: &str| faults.push(format!("{at}: {what}"));
    let rules = schema.as_object().unwrap();
    for (keyword, rule) in rules {
        match keyword.as_str() {
            // Words for people, and what is judged below.
            "title"
            | "description"
            | "default"
            | "$schema"
            | "$id"
            | "definitions"
            | "items"
            | "properties"
            | "additionalProperties" => {}
            "$ref" => {
                let target = root.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
                judge(target, value, at, faults);
                return;
            }
            "type" => {
                let is_type = is_of_type(value, rule.as_str().unwrap());
                if !is_type {
                    fault(&format!("{value} is not of type {rule}"));
                }
            }
            "enum" => {
                if !rule.as_array().unwrap().contains(value) {
                    fault(&format!("{value} is none of {rule}"));
                }
            }
            "minimum" => {
                if value.as_i64().is_some_and(|number| number < rule.as_i64().unwrap()) {
                    fault(&format!("{value} is below {rule}"));
                }
            }
            "maximum" => {
                if value.as_f64().is_some_and(|number| rule.as_f64().unwrap() < number) {
                    fault(&format!("{value} is above {rule}"));
                }
            }
            "minItems" => {
                if u64::try_from(value.as_array().unwrap().len()).unwrap() < rule.as_u64().unwrap() {
                    fault("too few items");
                }
            }
            "uniqueItems" => {
                let items = value.as_array().unwrap();
                if *rule == json!(true) && (1..items.len()).any(|at| items[..at].contains(&items[at])) {
                    fault("two items are equal");
                }
            }
            "required" => {
                for name in rule.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        fault(&format!("{name} is missing"));
                    }
                }
            }
            "format" => {
                let text = value.as_str().unwrap();
                let is_sound = is_in_format(text, rule.as_str().unwrap());
                if !is_sound {
                    fault(&format!("{text} is no {rule}"));
                }
            }
            "anyOf" | "oneOf" => {
                let is_met = |option: &Value| {
                    let mut faults = Vec::new();
                    judge(option, value, at, &mut faults);
                    faults.is_empty()
                };
                let met = rule.as_array().unwrap().iter().filter(|option| is_met(option)).count();
                if met == 0 || (keyword == "oneOf" && 1 < met) {
                    fault(&format!("{met} of {keyword} are met"));
                }
            }
            other => panic!("the keyword `{other}` is not judged"),
        }
    }
    if let (Some(items), Some(rule)) = (value.as_array(), rules.get("items")) {
        for (index, item) in items.iter().enumerate() {
            judge(rule, item, &format!("{at}/{index}"), faults);
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match (rules.get("properties").and_then(|known| known.get(name)), rules.get("additionalProperties")) {
            (Some(rule), _) => judge(rule, member, &at, faults),
            (None, Some(Value::Bool(false))) => faults.push(format!("{at}: no such property")),
            (None, Some(rule)) if rule.is_object() => judge(rule, member, &at, faults),
            (None, _) => {}
        }
    }
}

static SCHEMA_VALUE: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| serde_json::from_str(SCHEMA).unwrap());

fn faults(log: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    judge(&SCHEMA_VALUE, log, "", &mut faults);
    faults
}

/// The log of a directory with the policy in `a b/é.json`.
fn sarif(policy: &str) -> Value {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("a b")).unwrap();
    scratch.write("a b/é.json", policy);
    let output = check_in(&scratch, &["a b", "--format", "sarif"]);
    assert_eq!(status(&output), 1, "{}", stderr(&output));
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(faults(&log), Vec::<String>::new());
    log
}

fn result<'l>(log: &'l Value, code: &str) -> &'l Value {
    let results = log["runs"][0]["results"].as_array().unwrap();
    let found = results.iter().find(|result| result["ruleId"] == code);
    found.unwrap_or_else(|| panic!("{code} is not in {results:?}"))
}

#[test]
fn the_judge_knows_wrong_logs() {
    let good = sarif(POLICY);
    let check = |pointer: &str, wrong: Value| {
        let mut log = good.clone();
        *log.pointer_mut(pointer).unwrap() = wrong;
        assert_eq!(faults(&log).len(), 1, "{pointer}: {:?}", faults(&log));
    };
    check("/version", json!("2.0.0"));
    check("/runs/0/columnKind", json!("bytes"));
    check("/runs/0/results/0/level", json!("fatal"));
    check("/runs/0/results/0/message", json!({}));
    check("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0));
    check("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", json!("a b"));
    check("/runs/0/tool/driver/name", json!(1));
}

#[test]
fn sarif_names_rules_and_counts_utf16_units() {
    let log = sarif(POLICY);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &run["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["shortDescription"]["text"].as_str().unwrap().ends_with('.'), "{rule}");
        assert!(rule["help"]["text"].as_str().unwrap().len() > 20, "{rule}");
    }
    let typo = result(&log, "iamc::action::unknown");
    let place = &typo["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A9.json");
    let at = POLICY.find("GetObjct").unwrap();
    let region = json!({
        "startLine": 3, "startColumn": 20, "endLine": 3, "endColumn": 28, "byteOffset": at, "byteLength": 8
    });
    assert_eq!(place["region"], region);
    let replacement = &typo["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "GetObject");
    assert_eq!(replacement["deletedRegion"], region);
    // Behind `    "Resource": ["arn:aws:s3:::é` the apple takes two units, then come `/*", "arn:aws:`.
    let service = result(&log, "iamc::resource::unknown-service");
    let region = &service["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&json!(32 + 2 + 14 + 1), &json!(51)));
    assert_eq!(service["level"], "warning");
    assert_eq!(result(&log, "iamc::document::missing-effect")["level"], "error");
    let covered = result(&log, "iamc::redundant::action");
    assert_eq!(covered["level"], "note");
    let wide = &covered["relatedLocations"][0]["physicalLocation"]["region"];
    assert_eq!(wide["byteOffset"], POLICY.find("\"s3:Put*\"").unwrap());
}

#[test]
fn a_byte_order_mark_takes_no_column() {
    let one_line = POLICY.replace('\n', " ");
    let place = |log: &Value| {
        let region = &result(log, "iamc::action::unknown")["locations"][0]["physicalLocation"]["region"];
        (region["startColumn"].as_u64().unwrap(), region["byteOffset"].as_u64().unwrap())
    };
    let (column, byte) = place(&sarif(&one_line));
    assert_eq!(place(&sarif(&format!("\u{feff}{one_line}"))), (column, byte + 3));
}

fn prints(log: &Value) -> Vec<(String, String)> {
    let results = log["runs"][0]["results"].as_array().unwrap();
    let print = |result: &Value| {
        let print = result["partialFingerprints"]["iamc/v1"].as_str().unwrap().to_owned();
        (result["ruleId"].as_str().unwrap().to_owned(), print)
    };
    results.iter().map(print).collect()
}

#[test]
fn fingerprints_stay_where_lines_move() {
    let before = prints(&sarif(POLICY));
    let mut distinct = before.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), before.len());
    // Lines above and another indentation change nothing; another text of the line does.
    assert_eq!(prints(&sarif(&format!("\r\n\n{}", POLICY.replace("    \"", "\t\"")))), before);
    let other = prints(&sarif(&POLICY.replace("\"s3:Put*\", ", "\"s3:Put*\",  ")));
    let changed = before.iter().zip(&other).filter(|(one, other)| one != other).count();
    assert!(0 < changed && changed < before.len(), "{before:?} {other:?}");
    // Two equal lines are told apart.
    let twice = POLICY.replace("[\"s3:GetObjct\"", "[\"s3:GetObjct\",\n\"s3:PutObjct\",\n\"s3:PutObjct\"");
    let prints = prints(&sarif(&twice));
    let mut distinct = prints.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), prints.len());
}

// ---- annotations and JUnit ----

#[test]
fn annotations_are_escaped() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("a,b")).unwrap();
    scratch.write(
        "a,b/100%.json",
        r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*" } }"#,
    );
    let output = check_in(&scratch, &["a,b", "--format", "github"]);
    let commands = stdout(&output);
    let typo = commands.lines().find(|line| line.contains("unknown")).unwrap();
    let start = "::warning file=a%2Cb/100%25.json,line=1,col=76,endLine=1,endColumn=84,title=iamc%3A%3Aaction%3A%3Aunknown::the action `s3:GetObjct`";
    assert!(typo.starts_with(start), "{typo}");
    assert!(typo.ends_with("%0Ahelp: did you mean `s3:GetObject`?"), "{typo}");
    assert!(commands.lines().all(|line| line.starts_with("::")), "{commands}");
}

#[test]
fn junit_has_a_suite_for_each_file() {
    let scratch = Scratch::new();
    scratch.write("a&b.json", POLICY);
    scratch.write(
        "good.json",
        r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*" } }"#,
    );
    let output = check_in(&scratch, &["a&b.json", "good.json", "--format", "junit"]);
    assert_eq!(status(&output), 1);
    insta::assert_snapshot!("junit", stdout(&output));
    let output = check_in(&scratch, &["a&b.json", "good.json", "--format", "github"]);
    insta::assert_snapshot!("github", stdout(&output));
    let output = check_in(&scratch, &["a&b.json", "good.json", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    insta::assert_snapshot!("sarif", serde_json::to_string_pretty(&log["runs"][0]["results"]).unwrap());
}

// ---- baselines ----

fn codes(output: &Output) -> Vec<String> {
    json_lines(output).iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_baseline_hides_what_is_known_and_shrinks() {
    let scratch = Scratch::new();
    // One finding a line, since a change of its line makes a finding a new one.
    let spread = POLICY.replace(", \"s3:", ",\n\"s3:").replace(", \"arn:", ",\n\"arn:");
    scratch.write("p.json", &spread);
    let all = codes(&check_in(&scratch, &["p.json", "--format", "json"]));
    assert_eq!(all.len(), 5, "{all:?}");

    let output = check_in(&scratch, &["p.json", "--write-baseline", ".known.json"]);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, "no findings in 1 file\n"));
    assert_eq!(stderr(&output), "wrote 5 findings to `.known.json`\n");
    let first = std::fs::read_to_string(scratch.path(".known.json")).unwrap();
    insta::assert_snapshot!("baseline", first);
    check_in(&scratch, &["./p.json", "--write-baseline", ".again.json"]);
    assert_eq!(std::fs::read_to_string(scratch.path(".again.json")).unwrap(), first);

    // Lines above, and a new mistake.
    let worse = format!("\n\n{}", spread.replace("\"Sid\": \"A\",", "\"Sid\": \"A\",\n\"Sod\": \"A\","));
    scratch.write("p.json", &worse);
    let known = ["p.json", "--baseline", ".known.json", "--format", "json", "--fail-on", "warning"];
    let output = check_in(&scratch, &known);
    assert_eq!((status(&output), codes(&output)), (1, vec!["iamc::document::unknown-element".to_owned()]));
    assert_eq!(stderr(&output), "5 findings are in the baseline `.known.json` and not reported\n");

    // Two mistakes are gone.
    scratch.write("p.json", spread.replace("GetObjct", "GetObject").replace("s4", "s3"));
    let output = check_in(&scratch, &known);
    assert_eq!((status(&output), stdout(&output).as_str()), (0, ""));
    let said = stderr(&output);
    assert!(said.contains("3 findings are in the baseline"), "{said}");
    let remedy = "2 entries of it stand for nothing any more; `--baseline .known.json --write-baseline .known.json`";
    assert!(said.contains(remedy), "{said}");
    let output = check_in(&scratch, &["p.json", "--baseline", ".known.json", "--write-baseline", ".known.json"]);
    assert_eq!(status(&output), 0);
    let second = std::fs::read_to_string(scratch.path(".known.json")).unwrap();
    let entries = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains("code")).map(|line| line.trim_end_matches(',').to_owned()).collect()
    };
    let left: Vec<String> = entries(&first).into_iter().filter(|line| !line.contains("unknown")).collect();
    assert_eq!(left.len(), 3);
    assert_eq!(entries(&second), left);
    assert!(!stderr(&check_in(&scratch, &known)).contains("stand"));
}

#[test]
fn known_findings_are_not_fixed() {
    let scratch = Scratch::new();
    scratch.write("p.json", POLICY);
    check_in(&scratch, &["p.json", "--write-baseline", ".known.json"]);
    let output = check_in(&scratch, &["p.json", "--baseline", ".known.json", "--fix"]);
    assert!(stderr(&output).starts_with("made 0 edits in 0 files\n"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(scratch.path("p.json")).unwrap(), POLICY);
}

#[test]
fn a_baseline_is_a_file_of_its_own() {
    let scratch = Scratch::new();
    scratch.write("p.json", POLICY);
    let output = check_in(&scratch, &["p.json", "--write-baseline", "./p.json"]);
    assert_eq!(status(&output), 2);
    assert!(stderr(&output).contains("one of the files that are checked"), "{}", stderr(&output));
    for wrong in ["p.json", "none.json"] {
        assert_eq!(status(&check_in(&scratch, &["p.json", "--baseline", wrong])), 2, "{wrong}");
    }
    scratch.write("new.json", r#"{ "version": 2, "findings": [] }"#);
    let output = check_in(&scratch, &["p.json", "--baseline", "new.json"]);
    assert!(stderr(&output).contains("only version 1 is known"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(scratch.path("p.json")).unwrap(), POLICY);
}

// ---- `[check]` ----

#[test]
fn codes_are_off_and_levels_set_by_the_configuration() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("legacy/old")).unwrap();
    for path in ["p.json", "legacy/q.json", "legacy/old/r.json"] {
        scratch.write(path, POLICY);
    }
    let found = |config: &str| {
        scratch.write("iamc.toml", config);
        let output = check_in(&scratch, &["p.json", "legacy", "--format", "json"]);
        let findings = json_lines(&output);
        let of = |finding: &Value| {
            let word = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{} {} {}", word("file"), word("code").rsplit_once("::").unwrap().1, word("severity"))
        };
        (findings.iter().map(of).collect::<Vec<_>>(), status(&output))
    };
    let (all, failed) = found("# nothing\n");
    assert_eq!((all.len(), failed), (15, 1));
    let config = r#"
        [check]
        off = ["redundant::action", "iamc::resource::*"]
        [check.levels]
        "iamc::action::*" = "security-warning"
        "iamc::action::unknown" = "suggestion"
        "document::*" = "suggestion"
        "document::missing-effect" = "warning"
        [check.paths]
        "legacy/*.json" = ["*"]
        "**/r.json" = ["iamc::document::missing-effect"]
    "#;
    let expected = [
        "legacy/old/r.json characters suggestion",
        "legacy/old/r.json unknown suggestion",
        "p.json characters suggestion",
        "p.json missing-effect warning",
        "p.json unknown suggestion",
    ];
    let (mut findings, status_now) = found(config);
    findings.sort();
    assert_eq!((findings, status_now), (expected.map(str::to_owned).to_vec(), 0));
    // What is lowered here is no policy all the same.
    let artifact = scratch.path("w.iamc");
    let output = iamc(&["compile", text(&scratch.path("p.json")), "-o", text(&artifact)]);
    assert_eq!((status(&output), artifact.exists()), (2, false));
}

#[test]
fn the_configuration_of_a_manifest_counts_where_the_manifest_is_checked() {
    let scratch = Scratch::new();
    std::fs::create_dir_all(scratch.path("org/policies")).unwrap();
    scratch.write("org/policies/p.json", POLICY);
    let manifest = "[[policy]]\nfiles = \"policies/*.json\"\n[check.paths]\n\"policies/*\" = [\"action::unknown\"]\n";
    scratch.write("org/iamc.toml", manifest);
    let output = check_in(&scratch, &["org/iamc.toml", "--format", "json"]);
    assert_eq!(codes(&output).len(), 4, "{}{}", stdout(&output), stderr(&output));
    let output = check_in(&scratch, &["org/policies", "--format", "json"]);
    assert_eq!(codes(&output).len(), 5);
}

#[test]
fn mistakes_in_the_configuration_are_shown_with_a_way_out() {
    let scratch = Scratch::new();
    scratch.write("p.json", POLICY);
    let check = |config: &str, expected: &str| {
        scratch.write("iamc.toml", config);
        let output = check_in(&scratch, &["p.json"]);
        assert_eq!((status(&output), stdout(&output).as_str()), (2, ""), "{config}");
        assert!(stderr(&output).contains(expected), "{config}: {}", stderr(&output));
    };
    let meant = "iamc.toml:2:8: there is no code `redundant::actoin`; did you mean `iamc::redundant::action`?";
    check("[check]\noff = [\"redundant::actoin\"]", meant);
    check("[check]\noff = [\"nothing\"]", "iamc.toml:2:8: there is no code `nothing`; `iamc check` prints");
    check("[check]\noff = [\"nothing::*\"]", "no code begins with `iamc::nothing::`");
    check("[check]\noff = \"action::unknown\"", "iamc.toml:2:7: `off` is an array of codes");
    check("[check]\nignore = []", "iamc.toml:2:1: `[check]` has no `ignore`; it has `off`, `levels` and `paths`");
    check("[check.levels]\n\"action::unknown\" = \"fatal\"", "iamc.toml:2:21: a level is `error`, `security-warning`");
    check("[check.paths]\n\"a[\" = [\"*\"]", "iamc.toml:2:1: not a pattern");
    check("[check.paths]\n\"a\" = true", "an array of codes is wanted");
    check("[check", "iamc.toml:1:");
}
