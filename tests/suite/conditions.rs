//! Tests of conditions by two ways: the short one of plain operators, and the general one, which set operators take.

use super::worlds::{APP, Random, build, document, lenient, policy, world};
use iamc::world::PolicyType;
use iamc::{Level, Principal, Request, Semantics, Tables, Value};

/// Operators whose tests may go the short way.
const OPERATORS: [&str; 13] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "StringNotLikeIfExists",
    "Bool",
    "BoolIfExists",
    "ArnLike",
    "ArnNotLike",
];

/// A statement about `t:v` for the action of its number.
fn statement(number: usize, effect: &str, operator: &str, values: &[String]) -> String {
    let values = serde_json::to_string(values).unwrap();
    format!(
        r#"{{"Effect":"{effect}","Action":"t:x{number}","Resource":"*","Condition":{{"{operator}":{{"t:v":{values}}}}}}}"#
    )
}

/// The answer for an action, the same by deciding and by explaining.
fn answer(tables: &Tables<'_>, action: &str, context: &[(&str, Value<'_>)]) -> bool {
    let request = Request::new(Principal::Nameless, action, "*").policies(&["P"]).context(context);
    let decision = tables.decide(&request);
    assert_eq!(decision, tables.explain(&request).unwrap().decision, "{action} {context:?}");
    decision.is_allowed()
}

fn texts(random: &mut Random) -> String {
    const LETTERS: [char; 9] = ['a', 'a', 'A', 'b', 'é', '*', '?', '/', ':'];
    let length = *random.pick(&[0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33]);
    match random.below(5) {
        0 => random.pick(&["true", "TRUE", "True", "false", "falsE", "tru", "truE\u{0}", "", "null"]).to_string(),
        1 => format!("arn:aws:s3:::{}", random.text(&LETTERS, length)),
        2 => "a".repeat(length),
        _ => random.text(&LETTERS, length),
    }
}

/// What a policy says, or nearly.
fn near(random: &mut Random, text: &str) -> String {
    let star = random.text(&['a', 'b', ':', 'é'], 4);
    let mut text = text.replace('*', &star).replace('?', "b").replace("${t:w}", "aab").replace("${t:w, 'a'}", "a");
    match random.below(6) {
        0 => text.make_ascii_uppercase(),
        1 => text.push('a'),
        2 => drop(text.pop()),
        3 => text.insert(0, 'b'),
        _ => {}
    }
    text
}

/// `t:v` has one value that is not empty: then a set operator asks what the plain one asks (R-CON-14, R-CON-15).
#[test]
fn one_value_by_plain_and_by_set_operators() {
    let mut random = Random(44);
    let (mut hits, mut misses) = (0, 0);
    for round in 0..40 {
        let switches: &[(&str, &str)] = match round % 4 {
            0 => &[("variable_wildcards", "active")],
            1 => &[("null_variable_negated", "no_match")],
            _ => &[],
        };
        let semantics = lenient(switches);
        let mut asked = Vec::new();
        for operator in OPERATORS {
            for _ in 0..4 {
                let values = (0..=random.below(3)).map(|_| {
                    let text = texts(&mut random);
                    match random.below(6) {
                        0 => "${t:w}".to_owned(),
                        1 => format!("{text}${{t:w}}*"),
                        2 => format!("{text}*{}", random.text(&['a', 'b'], 3)),
                        3 => format!("${{t:w, 'a'}}{text}"),
                        _ => text,
                    }
                });
                asked.push((operator, values.collect::<Vec<String>>()));
            }
        }
        for effect in ["Allow", "Deny"] {
            let rest = if effect == "Deny" { r#",{"Effect":"Allow","Action":"t:x*","Resource":"*"}"# } else { "" };
            let make = |prefix: &str| {
                let statements = asked.iter().enumerate().map(|(number, (operator, values))| {
                    statement(number, effect, &format!("{prefix}{operator}"), values)
                });
                policy(&document(&(statements.collect::<Vec<_>>().join(",") + rest)), semantics, Level::None)
            };
            let (plain, any, all) = (make(""), make("ForAnyValue:"), make("ForAllValues:"));
            let [plain, any, all] = [&plain, &any, &all].map(|bytes| Tables::load(bytes).unwrap());
            for (number, (operator, values)) in asked.iter().enumerate() {
                let value = random.pick(values).clone();
                let value = near(&mut random, &value);
                if value.is_empty() {
                    continue;
                }
                let action = format!("t:x{number}");
                let mut context = vec![("T:V", Value::One(&value))];
                if !random.once_in(4) {
                    let other = ["aab", "*", "", "a"][random.below(4)];
                    context.push(("t:W", Value::One(other)));
                }
                let found = answer(&plain, &action, &context);
                assert_eq!(
                    found,
                    answer(&any, &action, &context),
                    "{effect} {operator} {values:?} {value:?} {context:?}"
                );
                assert_eq!(
                    found,
                    answer(&all, &action, &context),
                    "{effect} {operator} {values:?} {value:?} {context:?}"
                );
                *if found { &mut hits } else { &mut misses } += 1;
            }
        }
    }
    assert!(800 < hits && 800 < misses, "too few samples of one kind: {hits} matches, {misses} others");
}

/// R-CON-7, R-CON-10, R-CON-15 and R-CON-42 in the cases that the short way settles or leaves alone.
#[test]
fn missing_empty_and_several() {
    const LIST: &[&str] = &["a", "b"];
    let cases: [(&str, &str, Option<Value<'_>>, bool); 30] = [
        ("StringEquals", "a", None, false),
        ("StringNotEquals", "a", None, true),
        ("StringEqualsIfExists", "a", None, true),
        ("StringNotEqualsIfExists", "a", None, true),
        ("StringEquals", "a", Some(Value::List(&[])), false),
        ("StringEqualsIfExists", "a", Some(Value::List(&[])), true),
        ("StringEquals", "", Some(Value::One("")), true),
        ("StringLike", "*", Some(Value::One("")), true),
        ("StringLike", "*", None, false),
        ("StringLike", "?", Some(Value::One("")), false),
        ("StringEquals", "a", Some(Value::List(&["a"])), false),
        ("StringEqualsIfExists", "b", Some(Value::One("a")), false),
        ("Null", "true", None, true),
        ("Null", "true", Some(Value::One("")), true),
        ("Null", "true", Some(Value::One("a")), false),
        ("Null", "false", None, false),
        ("Null", "false", Some(Value::One("")), false),
        ("Null", "false", Some(Value::One("a")), true),
        ("Null", "false", Some(Value::List(&[""])), false),
        ("Null", "false", Some(Value::List(LIST)), true),
        ("Null", "true", Some(Value::List(&[])), true),
        ("Bool", "true", Some(Value::One("TRUE")), true),
        ("Bool", "true", Some(Value::One("1")), false),
        ("Bool", "false", Some(Value::One("")), false),
        ("Bool", "true", None, false),
        ("BoolIfExists", "true", None, true),
        ("StringNotEquals", "a", Some(Value::One("")), true),
        ("StringNotLike", "${t:w}", Some(Value::One("a")), true),
        ("StringLike", "${t:w}", Some(Value::One("")), false),
        ("StringLike", "*${t:w, ''}", Some(Value::One("a")), true),
    ];
    let statements = cases
        .iter()
        .enumerate()
        .map(|(number, (operator, value, ..))| statement(number, "Allow", operator, &[(*value).to_owned()]));
    for level in [Level::None, Level::Full] {
        let text = document(&statements.clone().collect::<Vec<_>>().join(","));
        let bytes = policy(&text, Semantics::default(), level);
        let tables = Tables::load(&bytes).unwrap();
        for (number, (operator, value, given, expected)) in cases.iter().enumerate() {
            let context = given.map(|given| ("t:v", given));
            assert_eq!(
                answer(&tables, &format!("t:x{number}"), context.as_slice()),
                *expected,
                "{operator} {value:?} {given:?}"
            );
        }
    }
}

/// Names of keys of all lengths at which comparing changes, in any case, beside names that differ in one place.
#[test]
fn names_of_keys_of_every_length() {
    let lengths = [1, 4, 5, 6, 12, 13, 14, 15, 28, 29, 30, 31, 61];
    let names: Vec<String> = lengths.iter().map(|length| format!("t:{}", "k".repeat(*length))).collect();
    let statements = names.iter().map(|name| {
        format!(r#"{{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{{"StringEquals":{{"{name}":"v"}}}}}}"#)
    });
    let bytes = policy(&document(&statements.collect::<Vec<_>>().join(",")), Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    for name in &names {
        for spelling in [name.clone(), name.to_ascii_uppercase(), name.replacen('k', "\u{212a}", 1)] {
            // Another key that comes twice, as far as can be told at first sight.
            for other in ["t:other", "t:OTHEr2", "é:other"] {
                let context = [(other, Value::One("v")), (spelling.as_str(), Value::One("v"))];
                assert!(answer(&tables, "t:x", &context), "{spelling:?} beside {other:?}");
                let context = [(other, Value::One("v")), (spelling.as_str(), Value::One("w"))];
                assert!(!answer(&tables, "t:x", &context), "{spelling:?} beside {other:?}");
            }
        }
        for at in 0..name.len() {
            let mut other = name.clone().into_bytes();
            other[at] ^= 1;
            let other = String::from_utf8(other).unwrap();
            assert!(!answer(&tables, "t:x", &[(other.as_str(), Value::One("v"))]), "{other:?}");
        }
    }
}

/// Tag keys may come twice; then their values are a list, which is no value of a key that has one (R-CON-4, R-CON-43).
#[test]
fn tags_that_come_twice() {
    let text = document(
        r#"{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"a"}}},
           {"Effect":"Allow","Action":"t:y","Resource":"*",
            "Condition":{"ForAnyValue:StringEquals":{"aws:RequestTag/team":"a"}}}"#,
    );
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let ask = |action, context: &[(&str, Value<'_>)]| {
        let request = Request::new(Principal::Nameless, action, "*").policies(&["P"]).context(context);
        tables.decide(&request).is_allowed()
    };
    let (one, two) = (("aws:RequestTag/Team", Value::One("a")), ("aws:requesttag/TEAM", Value::One("b")));
    assert!(ask("t:x", &[one]) && ask("t:y", &[one]));
    assert!(!ask("t:x", &[two]) && !ask("t:y", &[two]));
    for context in [[one, two], [two, one], [one, one]] {
        assert!(!ask("t:x", &context) && !ask("t:y", &context), "{context:?}");
    }
}

/// Tags of a role are found by the key's number, and in a session policy, whose keys have other numbers, by name.
#[test]
fn tags_of_roles_by_number_and_by_name() {
    let tagged = r#"{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{
        "StringEquals":{"aws:PrincipalTag/Team":"red"},"StringLike":{"aws:PrincipalTag/zone":"a*"}}}"#;
    let by_variable = r#"{"Effect":"Allow","Action":"t:y","Resource":"*","Condition":{
        "StringEquals":{"t:v":"${aws:PrincipalTag/team}"}}}"#;
    let own = document(&format!("{tagged},{by_variable}"));
    let trust = document(r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}"#);
    let dump = format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"Policies":[],
        "RoleDetailList":[{{"Path":"/","RoleName":"app","RoleId":"AROAX","Arn":"arn:aws:iam::111122223333:role/app",
            "AssumeRolePolicyDocument":{trust},"InstanceProfileList":[],"AttachedManagedPolicies":[],
            "Tags":[{{"Key":"zone","Value":"ab"}},{{"Key":"TEAM","Value":"red"}}],
            "RolePolicyList":[{{"PolicyName":"Own","PolicyDocument":{own}}}]}}]}}"#
    );
    let bytes = build(&world(&[("account", &dump)], None), Semantics::default(), Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    // Keys before and between those of the role's policy.
    let session = |zone: &str| {
        let text = document(&format!(
            r#"{{"Effect":"Allow","Action":"t:x","Resource":"*","Condition":{{
                "StringEqualsIfExists":{{"a:a":"a","aws:PrincipalTag/u":"u","t:z":"z"}},
                "StringEquals":{{"aws:PrincipalTag/TEAM":"red"}},"StringLike":{{"aws:PrincipalTag/ZONE":"{zone}"}}}}}}"#
        ));
        build(&world(&[("S", &text)], Some(PolicyType::Session)), Semantics::default(), Level::Full)
    };
    let (fitting, other) = (session("?b"), session("?c"));
    let (fitting, other) = ([Tables::load(&fitting).unwrap()], [Tables::load(&other).unwrap()]);
    let principal = Principal::RoleSession { arn: APP, role_arn: None };
    let ask_for = |action, context: &[(&str, Value<'_>)], tags: &[(&str, &str)], sessions: &[Tables<'_>]| {
        let mut request = Request::new(principal, action, "*").context(context);
        (request.session_tags, request.session_tables) = (tags, sessions);
        let decision = tables.decide(&request);
        assert_eq!(decision, tables.explain(&request).unwrap().decision);
        decision.is_allowed()
    };
    let ask = |context: &[(&str, Value<'_>)], tags: &[(&str, &str)], sessions: &[Tables<'_>]| {
        ask_for("t:x", context, tags, sessions)
    };
    assert!(ask(&[], &[], &[]) && ask(&[], &[], &fitting) && !ask(&[], &[], &other));
    // Tags of the session come first, and the context changes nothing.
    assert!(!ask(&[], &[("team", "blue")], &[]) && ask(&[], &[("Team", "red"), ("x", "y")], &fitting));
    assert!(ask(&[("aws:PrincipalTag/team", Value::One("blue"))], &[], &[]));
    let as_variable = |value| ask_for("t:y", &[("t:v", Value::One(value))], &[("zone", "b")], &[]);
    assert!(as_variable("red") && !as_variable("blue"));
}
