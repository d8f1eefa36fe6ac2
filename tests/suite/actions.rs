//! Actions of requests found in tables of many, against a comparison of a few lines (R-ACT-1 to R-ACT-5).
//!
//! Every pattern is that of a statement of its own, with a resource of its own, so that each is asked by itself, while
//! all of them stand in one table. Names of services are as long as a word of eight bytes, shorter and longer, and begin
//! alike.

use super::worlds::{Random, document, policy};
use iamc::{Level, Principal, Request, RequestError, Semantics, Tables};

const SERVICES: [&str; 14] = [
    "s",
    "s3",
    "s3express",
    "iam",
    "kms",
    "sts",
    "route53",
    "dynamodb",
    "dynamodb-x",
    "elasticache",
    "elasticloadbalancing",
    "elasticloadbalancing2",
    "elasticl",
    "execute-api",
];

const NAMES: [&str; 12] = [
    "g",
    "get",
    "getitem",
    "getitems",
    "getobjectversion",
    "getobjectversiontagging",
    "put",
    "putobject",
    "list",
    "listallmybucketsandmore",
    "q-r.s",
    "x2",
];

/// Whether a pattern, `*` only at its end, matches an action; both are cut at the first colon.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    match pattern.strip_suffix('*') {
        Some(prefix) => prefix.contains(':') && action.starts_with(prefix),
        None => pattern == action,
    }
}

fn allows(tables: &Tables<'_>, number: usize, action: &str) -> bool {
    let resource = format!("arn:aws:x:::{number}");
    let request = Request::new(Principal::Nameless, action, &resource).policies(&["P"]);
    let decision = tables.decide(&request);
    assert_eq!(decision, tables.explain(&request).unwrap().decision, "{action:?}");
    decision.is_allowed()
}

fn check(patterns: &[String], actions: &[String]) {
    let statement = |(number, pattern): (usize, &String)| {
        format!(r#"{{"Effect":"Allow","Action":"{pattern}","Resource":"arn:aws:x:::{number}"}}"#)
    };
    let text = document(&patterns.iter().enumerate().map(statement).collect::<Vec<_>>().join(","));
    for level in [Level::None, Level::Full] {
        let bytes = policy(&text, Semantics::default(), level);
        let tables = Tables::load(&bytes).unwrap();
        for action in actions {
            for (number, pattern) in patterns.iter().enumerate() {
                assert_eq!(allows(&tables, number, action), matches(pattern, action), "{pattern:?}, {action:?}");
            }
        }
    }
}

/// The same name in capitals here and there.
fn spelt(random: &mut Random, text: &str) -> String {
    text.chars().map(|letter| if random.once_in(2) { letter.to_ascii_uppercase() } else { letter }).collect()
}

#[test]
fn actions_among_many() {
    let mut random = Random(27);
    for size in [1, 3, 40] {
        let mut patterns = Vec::new();
        for _ in 0..size {
            let (service, name) = (*random.pick(&SERVICES), *random.pick(&NAMES));
            let name = if random.once_in(2) { name.get(..random.below(name.len() + 1)).unwrap() } else { name };
            let pattern = if random.once_in(2) || name.is_empty() { format!("{name}*") } else { name.to_owned() };
            patterns.push(spelt(&mut random, &format!("{service}:{pattern}")));
        }
        let mut actions = Vec::new();
        for _ in 0..200 {
            let (service, name) = (*random.pick(&SERVICES), *random.pick(&NAMES));
            let end = *random.pick(&["", "", "s", "z", "-", "_", "{"]);
            actions.push(spelt(&mut random, &format!("{service}:{name}{end}")));
        }
        check(&patterns, &actions);
    }
}

/// Names are looked up by a word that ends with zeros where the name is short: what has zeros itself is another name.
#[test]
fn bytes_that_no_name_has_are_not_passed_over() {
    let patterns = ["s3:*", "s3:Get", "iam:Get", "dynamodb:Get", "elasticache:Get*"].map(str::to_owned);
    let actions = [
        "s3\0:Get",
        "s3\0\0:Get",
        "\0s3:Get",
        "s3:Get\0",
        "s3:\0Get",
        "iam\0\0\0\0\0:Get",
        "dynamodb\0:Get",
        "elasticache\0:Get",
        "elasticach\0:Get",
        "s3:\u{47}et",
        "s3\u{1a}Get:x",
        "S3 :Get",
        "\u{130}am:Get",
        "i\u{101}m:Get",
    ];
    check(&patterns, &actions.map(str::to_owned));
}

/// `[` and `{` differ by the bit that tells capitals apart, and are no letters.
#[test]
fn only_letters_have_case() {
    let patterns = ["s3:Get[Object", "s3:Get{Objects", "s3:Get@ObjectVersionTagging", "s3:Get`"].map(str::to_owned);
    let actions = [
        "s3:get{object",
        "s3:get[object",
        "s3:get[objects",
        "s3:get`objectversiontagging",
        "s3:GET@OBJECTVERSIONTAGGING",
        "s3:get@",
        "s3:get`",
    ];
    check(&patterns, &actions.map(str::to_owned));
}

#[test]
fn what_is_no_action_is_refused() {
    let bytes = policy(
        &document(r#"{"Effect":"Allow","Action":["s3:*","*"],"Resource":"*"}"#),
        Semantics::default(),
        Level::Full,
    );
    let tables = Tables::load(&bytes).unwrap();
    for action in ["", ":", "s3", "s3:", ":Get", "s3:Get:Object", "s3::", "elasticache", "elasticloadbalancing:", "::"]
    {
        let request = Request::new(Principal::Nameless, action, "*").policies(&["P"]);
        assert_eq!(tables.explain(&request).unwrap_err(), RequestError::Action, "{action:?}");
        assert!(!tables.decide(&request).is_allowed(), "{action:?}");
        assert_eq!(tables.action(action).unwrap_err(), RequestError::Action, "{action:?}");
    }
}

/// Names are hashed and compared by words of eight bytes that overlap: lengths around those, and each byte changed.
#[test]
fn names_of_every_length() {
    let lengths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 100];
    let name = |length: usize| "AbcDefgHijKlmnOpqrStuvWxyz".chars().cycle().take(length).collect::<String>();
    for service in ["s3", "servicex", "servicexy"] {
        let exact = lengths.map(|length| format!("{service}:{}", name(length)));
        let prefixes = lengths.map(|length| format!("{service}:{}*", name(length)));
        for patterns in [&exact, &prefixes] {
            let mut actions = vec![format!("{service}:B")];
            for action in &exact {
                actions.extend([action.to_ascii_lowercase(), action.to_ascii_uppercase(), format!("{action}Z")]);
                // The first, the last, and one between.
                let start = service.len() + 1;
                for at in [start, usize::midpoint(start, action.len()), action.len() - 1] {
                    let mut changed = action.clone().into_bytes();
                    changed[at] ^= 1;
                    actions.push(String::from_utf8(changed).unwrap());
                }
            }
            check(&patterns[..], &actions);
        }
    }
}

/// The search for a prefix compares eight bytes first: prefixes that have these in common, chains of them, one that
/// stands between a prefix and the action without beginning it, and names with zeros, of which the word has some too.
#[test]
fn prefixes_that_begin_alike() {
    let patterns = [
        "s3:*",
        "s3:getobjec*",
        "s3:getobject*",
        "s3:getobjectb*",
        "s3:getobjectbb*",
        "s3:getobjectc*",
        "s3:ge*",
        "s3:getobj*",
        "s3:g*",
        "s3:describe*",
        "s3:describeinstances*",
        "s3:describei*",
        "s3:describez*",
        "kms:d*",
        "kms:describe",
        "iam:\u{e9}t\u{e9}*",
        "iam:\u{e9}t\u{e9}abcdefg*",
    ];
    let actions = [
        "s3:GetObjectBa",
        "s3:GetObjectBba",
        "s3:GetObjectBz",
        "s3:GetObjectA",
        "s3:GetObjec",
        "s3:GetObject",
        "s3:GetObjecz",
        "s3:GetObj\0",
        "s3:Ge\0",
        "s3:G",
        "s3:G\0\0\0\0\0\0\0\0",
        "s3:\0",
        "s3:a",
        "s3:z",
        "s3:DescribeInstance",
        "s3:DescribeInstancesAll",
        "s3:DescribeJ",
        "s3:Describe",
        "s3:DescribeZ",
        "s3:DescribeZz",
        "kms:Describe",
        "kms:DescribeKey",
        "kms:C",
        "iam:\u{e9}t\u{e9}",
        "iam:\u{e9}t\u{e9}ABCDEFG",
        "iam:\u{e9}t\u{e9}ABCDEFh",
        "iam:\u{c9}t\u{e9}",
    ];
    check(&patterns.map(str::to_owned), &actions.map(str::to_owned));
}
