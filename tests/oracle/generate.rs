//! Random worlds from small alphabets.

use serde_json::{Map, Value, json};

/// A scenario without its request, and requests for it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Every member of the scenario except `request`.
    pub(crate) scenario_base: Value,
    /// Values of `request`.
    pub(crate) requests: Vec<Value>,
}

impl World {
    /// Every request as a full scenario.
    pub(crate) fn scenarios(&self) -> impl Iterator<Item = Value> {
        self.requests.iter().map(|request| {
            let mut scenario = self.scenario_base.as_object().cloned().unwrap_or_default();
            scenario.insert("request".to_owned(), request.clone());
            Value::Object(scenario)
        })
    }
}

/// splitmix64.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One entry of a non-empty list.
    pub(crate) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        let mut left = self.below(list.len().try_into().unwrap_or(1));
        let mut last = None;
        for item in list {
            last = Some(item);
            if left == 0 {
                break;
            }
            left -= 1;
        }
        match last {
            Some(item) => item.clone(),
            None => unreachable_list(),
        }
    }
}

#[expect(clippy::panic, reason = "only a mistake in this file can lead here")]
fn unreachable_list() -> ! {
    panic!("an empty list")
}

const A: &str = "111122223333";
const B: &str = "444455556666";
const CANONICAL_A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const CANONICAL_B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/// What a world is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    Bucket,
    Acl,
    Trust,
    Key,
    Queue,
    /// Resources without a policy.
    Bare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    User,
    Root,
    Session,
    ServiceLinked,
    FedUser,
    Service,
    Idp,
    Anonymous,
}

/// Layers that hold documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Endpoint,
    Resource,
}

/// How a layer is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Allows everything.
    Open,
    /// One Allow with a condition.
    Narrow,
    /// Allows everything, and one Deny with a condition.
    Guard,
    /// One to three statements of any kind.
    Any,
    /// Says nothing about any request.
    Silent,
}

struct Maker {
    random: Random,
    theme: Theme,
    who: Who,
    account: &'static str,
    partition: &'static str,
    /// Requests of one action and resource each, as `(action, resource)`.
    targets: Vec<(&'static str, &'static str)>,
    /// Where the next operator stands in the row of all operators; worlds share the row evenly.
    next_operator: u64,
    has_boundary: bool,
    /// Keys of single values get long lists in this world (R-CON-43).
    long_lists: bool,
    short_arns: bool,
    only_own_keys: bool,
}

/// Base operators and the type of their values.
const BASES: &[(&str, Values)] = &[
    ("StringEquals", Values::Text),
    ("StringNotEquals", Values::Text),
    ("StringEqualsIgnoreCase", Values::Text),
    ("StringNotEqualsIgnoreCase", Values::Text),
    ("StringLike", Values::Text),
    ("StringNotLike", Values::Text),
    ("NumericEquals", Values::Number),
    ("NumericNotEquals", Values::Number),
    ("NumericLessThan", Values::Number),
    ("NumericLessThanEquals", Values::Number),
    ("NumericGreaterThan", Values::Number),
    ("NumericGreaterThanEquals", Values::Number),
    ("DateEquals", Values::Date),
    ("DateNotEquals", Values::Date),
    ("DateLessThan", Values::Date),
    ("DateLessThanEquals", Values::Date),
    ("DateGreaterThan", Values::Date),
    ("DateGreaterThanEquals", Values::Date),
    ("Bool", Values::Bool),
    ("BinaryEquals", Values::Binary),
    ("IpAddress", Values::Ip),
    ("NotIpAddress", Values::Ip),
    ("ArnEquals", Values::Arn),
    ("ArnLike", Values::Arn),
    ("ArnNotEquals", Values::Arn),
    ("ArnNotLike", Values::Arn),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    Text,
    Number,
    Date,
    Bool,
    Binary,
    Ip,
    Arn,
    Presence,
}

/// All operators with all qualifiers.
pub(crate) fn operators() -> Vec<String> {
    operators_with_types().into_iter().map(|(name, _)| name).collect()
}

fn operators_with_types() -> Vec<(String, Values)> {
    let mut all = Vec::new();
    for qualifier in ["", "ForAllValues:", "ForAnyValue:"] {
        for (base, values) in BASES {
            for suffix in ["", "IfExists"] {
                all.push((format!("{qualifier}{base}{suffix}"), *values));
            }
        }
        all.push((format!("{qualifier}Null"), Values::Presence));
    }
    all
}

/// Operators that take part once more for each time they stand here, because they seldom decide.
const RARELY_DECISIVE: &[&str] = &[
    "ForAllValues:StringNotLike",
    "ForAllValues:IpAddressIfExists",
    "ForAnyValue:NumericGreaterThanIfExists",
    "ForAllValues:ArnNotLike",
    "DateLessThanEquals",
    "ForAllValues:NotIpAddress",
    "ForAnyValue:StringNotLike",
    "ForAllValues:ArnLike",
    "ForAllValues:StringNotEquals",
    "NotIpAddressIfExists",
    "ForAllValues:StringNotLikeIfExists",
    "ForAllValues:NumericNotEquals",
    "ArnNotLikeIfExists",
    "ArnNotLikeIfExists",
    "ArnNotLikeIfExists",
    "ForAnyValue:StringLikeIfExists",
    "ForAllValues:NumericLessThanEquals",
    "ForAllValues:NumericGreaterThanEqualsIfExists",
    "StringNotLikeIfExists",
    "ForAnyValue:StringEqualsIfExists",
    "NotIpAddress",
    "ForAnyValue:StringNotEqualsIgnoreCase",
    "ForAnyValue:NumericEquals",
    "ForAllValues:StringEquals",
    "ForAnyValue:NumericGreaterThanEqualsIfExists",
    "ForAnyValue:NumericNotEqualsIfExists",
    "ForAllValues:NumericEquals",
    "ForAnyValue:StringNotLikeIfExists",
    "ForAllValues:StringEqualsIfExists",
    "StringEqualsIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:NumericGreaterThan",
    "IpAddressIfExists",
    "ForAllValues:Null",
    "DateLessThanIfExists",
    "DateLessThanIfExists",
    "ForAnyValue:DateNotEqualsIfExists",
    "DateEqualsIfExists",
    "ForAllValues:IpAddress",
    "ForAllValues:StringNotEqualsIgnoreCase",
];

/// Keys of each type: unknown to any service and mostly single, known as single, mostly lists.
fn keys(values: Values) -> (&'static [&'static str], &'static [&'static str], &'static [&'static str]) {
    match values {
        Values::Text => (
            &["app:s", "app:s2", "APP:S", "aws:TagKeys"],
            &[
                "aws:PrincipalTag/team",
                "aws:RequestedRegion",
                "aws:PrincipalType",
                "aws:username",
                "aws:PrincipalTag/Team",
            ],
            &["app:ss", "aws:TagKeys", "app:ss"],
        ),
        Values::Number => (&["app:n", "app:N"], &["aws:MultiFactorAuthAge"], &["app:ns", "app:ns", "App:Ns", "app:n"]),
        Values::Date => {
            (&["app:t"], &["aws:CurrentTime", "aws:TokenIssueTime"], &["app:ts", "app:ts", "app:ts", "app:t"])
        }
        Values::Bool => (
            &["app:b"],
            &["aws:SecureTransport", "aws:MultiFactorAuthPresent"],
            &["app:bs", "app:bs", "app:bs", "app:b"],
        ),
        Values::Binary => (&["app:bin"], &["app:bin"], &["app:bins", "app:bins", "app:bin"]),
        Values::Ip => (&["app:ip"], &["aws:SourceIp"], &["app:ips", "app:ips", "app:ip"]),
        Values::Arn => (&["app:arn"], &["aws:PrincipalArn", "aws:SourceArn"], &["app:arns", "app:arns", "app:arn"]),
        Values::Presence => (
            &["app:s", "app:n", "aws:TagKeys"],
            &["aws:username", "aws:SourceIp", "aws:MultiFactorAuthPresent"],
            &["app:ss", "app:n", "aws:TagKeys"],
        ),
    }
}

/// Values in policies.
fn policy_values(values: Values) -> Vec<Value> {
    match values {
        Values::Text => [
            "red",
            "Red",
            "blue",
            "r*",
            "?ed",
            "*",
            "",
            "User",
            "AssumedRole",
            "us-east-1",
            "alice",
            "r\u{e9}d",
            "${aws:PrincipalTag/team}",
            "${app:s2}",
            "${aws:PrincipalTag/none, 'red'}",
            "${app:s, 'blue'}",
            "${*}",
            "r${?}d",
            "${aws:username}",
            "${aws:PrincipalTag/none}",
            "x${",
            "${ }",
            "${app:s2}*",
            "stra\u{df}e",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Number => vec![
            json!(1),
            json!("1.0"),
            json!("007"),
            json!(5),
            json!("10"),
            json!("-2"),
            json!("+3"),
            json!(0.5),
            json!("abc"),
            json!("12345678901234567890123.5"),
            json!("${app:n}"),
            json!("3"),
            json!("2"),
            json!("8.25"),
        ],
        Values::Date => [
            "2020-01-01T00:00:00Z",
            "2020-01-01",
            "1577836800",
            "2024",
            "2020-01-01T01:00:00+01:00",
            "2024-06",
            "next week",
            "2020-01-01T00:00:00.5Z",
            "2021-03-04T05:06:07Z",
            "2021-03-04T05:06-02:00",
            "1577836800.5",
            "2022-01-01T00:00:00Z",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Bool => {
            vec![
                json!(true),
                json!(false),
                json!("TRUE"),
                json!("False"),
                json!("maybe"),
                json!("${app:b2}"),
                json!("true"),
                json!("false"),
            ]
        }
        Values::Binary => {
            vec![json!("QQ=="), json!("QUI="), json!("QUJD"), json!("!!"), json!("QUJDRA=="), json!("+/+/")]
        }
        Values::Ip => [
            "10.0.0.0/8",
            "203.0.113.77/24",
            "203.0.113.7",
            "2001:db8::/32",
            "::/0",
            "0.0.0.0/0",
            "10.0.0/8",
            "300.1.1.1",
            "10.1.2.0/23",
            "2001:db8:0:0:0:0:0:1",
            "10.0.0.0/33",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Arn => [
            "arn:aws:iam::111122223333:user/*",
            "arn:aws:iam::*:role/*",
            "arn:aws:s3:::logs",
            "arn:aws:s3:*:*:logs*",
            "arn:aws:sns:us-east-?:111122223333:t",
            "*",
            "arn:aws:dynamodb:*:table/t",
            "hello",
            "${aws:PrincipalArn}",
            "arn:aws:iam::${aws:PrincipalAccount}:*",
            "arn:*:sns:*:*:*",
            "arn:aws:iam::111122223333:*",
            "arn:aws:sns:us-east-1:111122223333:${app:s}",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Presence => vec![json!(true), json!(false), json!("True"), json!("FALSE")],
    }
}

/// Values in requests.
fn request_values(values: Values) -> Vec<Value> {
    match values {
        Values::Text | Values::Presence => {
            ["red", "Red", "RED", "blue", "", "*", "rad", "us-east-1", "r\u{e9}d", "stra\u{df}e", "red", "blue"]
                .iter()
                .map(|text| json!(text))
                .collect()
        }
        Values::Number => vec![
            json!("1"),
            json!("7.0"),
            json!(10),
            json!("5"),
            json!("abc"),
            json!("-2.0"),
            json!("3.50"),
            json!("0.5"),
            json!("3"),
            json!("12345678901234567890123.50"),
            json!(2),
        ],
        Values::Date => [
            "2020-01-01T00:00:00Z",
            "1577836800",
            "2021-03-04T05:06:07Z",
            "2021-03-04T07:06:00Z",
            "2019-05-05",
            "today",
            "2024-06-01T00:00:00Z",
            "2020-01-01T00:00:00.500Z",
            "2024",
            "2022-12-31T23:59:59+00:00",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Bool => vec![json!("true"), json!("false"), json!("True"), json!(true), json!("yes"), json!(false)],
        Values::Binary => vec![json!("QQ=="), json!("QUI="), json!("QUJD"), json!("?"), json!("QUJDRA==")],
        Values::Ip => [
            "10.1.2.3",
            "203.0.113.7",
            "203.0.113.9",
            "2001:DB8::1",
            "10.0.0.1:443",
            "unknown",
            "::ffff:10.1.2.3",
            "10.1.3.255",
            "192.0.2.1",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
        Values::Arn => [
            "arn:aws:s3:::logs",
            "arn:aws:sns:us-east-1:111122223333:t",
            "hello",
            "arn:aws:iam::111122223333:user/alice",
            "arn:aws:iam::444455556666:role/p/app",
            "arn:aws:sns:us-east-1:111122223333:red",
            "arn:aws:dynamodb:us-east-1:111122223333:table/t",
        ]
        .iter()
        .map(|text| json!(text))
        .collect(),
    }
}

/// A random world.
pub(crate) fn world(seed: u64) -> World {
    let mut random = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x0123_4567_89ab_cdef);
    random.next();
    let theme = random.pick(&[
        Theme::Bucket,
        Theme::Bucket,
        Theme::Bucket,
        Theme::Bucket,
        Theme::Acl,
        Theme::Acl,
        Theme::Trust,
        Theme::Trust,
        Theme::Trust,
        Theme::Key,
        Theme::Key,
        Theme::Queue,
        Theme::Queue,
        Theme::Queue,
        Theme::Bare,
        Theme::Bare,
    ]);
    let mut people = vec![
        Who::User,
        Who::User,
        Who::User,
        Who::User,
        Who::Session,
        Who::Session,
        Who::Session,
        Who::Session,
        Who::FedUser,
        Who::FedUser,
        Who::FedUser,
        Who::Root,
    ];
    match theme {
        Theme::Acl => people.extend([Who::Anonymous, Who::Anonymous, Who::Root, Who::Service]),
        Theme::Trust => people.extend([Who::Idp, Who::Idp, Who::Idp, Who::Service, Who::ServiceLinked]),
        Theme::Bare => people.extend([Who::ServiceLinked, Who::Root]),
        Theme::Bucket | Theme::Queue => {
            people.extend([Who::Anonymous, Who::Service, Who::Service, Who::ServiceLinked, Who::Root]);
        }
        Theme::Key => people.extend([Who::Service, Who::Root, Who::ServiceLinked]),
    }
    let who = random.pick(&people);
    let own = match theme {
        Theme::Bare => 90,
        Theme::Acl => 40,
        _ => 65,
    };
    let account = if random.chance(own) { A } else { B };
    let partition = if random.chance(3) { "aws-cn" } else { "aws" };
    let mut maker = Maker {
        random,
        theme,
        who,
        account,
        partition,
        targets: Vec::new(),
        next_operator: seed.wrapping_mul(11),
        has_boundary: false,
        long_lists: false,
        short_arns: true,
        only_own_keys: false,
    };
    maker.world()
}

fn put(map: &mut Map<String, Value>, name: &str, value: Value) {
    map.insert(name.to_owned(), value);
}

/// A single entry as a bare string now and then (R-DOC-4).
fn list_or_one(random: &mut Random, mut list: Vec<Value>) -> Value {
    if list.len() == 1 && random.chance(60) { list.pop().unwrap_or(Value::Null) } else { Value::Array(list) }
}

impl Maker {
    fn world(&mut self) -> World {
        let mut base = Map::new();
        self.long_lists = self.random.chance(15);
        let has_identity = matches!(self.who, Who::User | Who::Session | Who::ServiceLinked | Who::FedUser);
        self.has_boundary = if has_identity { self.random.chance(30) } else { self.random.chance(4) };
        self.semantics(&mut base);
        if self.theme == Theme::Acl {
            self.acl(&mut base);
        }
        self.targets();
        let mut organization = Map::new();
        if has_identity || self.random.chance(10) {
            let count = self.random.pick(&[1, 1, 1, 2, 2, 0]);
            let documents = (0..count).map(|_| self.document(Layer::Identity)).collect();
            put(&mut base, "identityPolicies", Value::Array(documents));
        }
        if self.has_boundary {
            let document = self.document(Layer::Boundary);
            put(&mut base, "permissionsBoundary", document);
        }
        let session = match self.who {
            Who::FedUser => 92,
            Who::Session => 40,
            _ => 3,
        };
        if self.random.chance(session) {
            let count = self.random.pick(&[1, 1, 1, 2, 0]);
            let documents = (0..count).map(|_| self.document(Layer::Session)).collect();
            put(&mut base, "sessionPolicies", Value::Array(documents));
        }
        let in_organization = self.random.chance(55);
        if in_organization && self.random.chance(70) {
            let levels = self.levels(Layer::Scp);
            put(&mut base, "serviceControlPolicies", levels);
        }
        if self.random.chance(50) {
            let levels = self.levels(Layer::Rcp);
            put(&mut base, "resourceControlPolicies", levels);
        }
        if in_organization {
            let own = json!({ "id": "o-mine000001", "paths": ["o-mine000001/r-ab12/ou-ab12-prod/"], "management": self.random.chance(15) });
            if self.account == A {
                put(&mut organization, "resource", own.clone());
            } else if self.random.chance(30) {
                put(
                    &mut organization,
                    "resource",
                    json!({ "id": "o-other00001", "management": self.random.chance(30) }),
                );
            }
            put(&mut organization, "principal", own);
            put(&mut base, "organization", Value::Object(organization));
        }
        if self.random.chance(22) {
            let document = self.document(Layer::Endpoint);
            put(&mut base, "vpcEndpointPolicy", document);
        }
        let silent_resource = match self.theme {
            Theme::Bare => 0,
            Theme::Trust | Theme::Key => 95,
            Theme::Acl => 70,
            _ => 85,
        };
        if self.random.chance(silent_resource) {
            let document = self.document(Layer::Resource);
            put(&mut base, "resourcePolicy", document);
        }
        if self.random.below(250) == 0 {
            put(
                &mut base,
                "identityPolicies",
                json!([{ "Statement": { "Effect": "allow", "Action": "*", "Resource": "*" } }]),
            );
        }
        let principal = self.principal();
        let count = if self.random.chance(6) { 50 } else { 14 + self.random.below(24) };
        let requests = (0..count).map(|_| self.request(&principal)).collect();
        World { scenario_base: Value::Object(base), requests }
    }

    fn semantics(&mut self, base: &mut Map<String, Value>) {
        if !self.random.chance(15) {
            return;
        }
        let (name, value) = self.random.pick(&[
            ("arn_star", "per_component"),
            ("arn_star", "whole_string"),
            ("arn_head_case", "insensitive"),
            ("question_mark", "byte"),
            ("variable_wildcards", "active"),
            ("empty_variable", "empty"),
            ("bool_variables", "literal"),
            ("null_variable_in_notresource", "no_match"),
            ("multivalued_variable_default", "null"),
            ("null_variable_negated", "no_match"),
            ("unparsable_value", "false"),
            ("null_with_set_operator", "ignore"),
            ("plain_operator_on_list", "any"),
            ("anyvalue_ifexists_missing", "false"),
            ("arnlike_bare_star", "match"),
            ("operator_case", "insensitive"),
            ("session_policy_vs_direct", "session_caps"),
            ("trust_user_needs_boundary", "no"),
            ("notprincipal_levels", "any_level"),
            ("notprincipal_levels", "all_levels"),
            ("validation", "lenient"),
        ]);
        self.short_arns = name != "arn_star";
        put(base, "semantics", json!({ name: value }));
    }

    /// Actions and resources that requests of this world use.
    fn targets(&mut self) {
        self.targets = match self.theme {
            Theme::Bucket => vec![
                ("s3:GetObject", "arn:aws:s3:::logs/home/alice/a.txt"),
                ("s3:GetObject", "arn:aws:s3:::logs/red/b"),
                ("s3:GetObject", "arn:aws:s3:::logs/r\u{e9}d/b"),
                ("s3:PutObject", "arn:aws:s3:::logs/x:y/*"),
                ("s3:PutObject", "arn:aws:s3:::logs/red/b"),
                ("S3:getobject", "arn:aws:s3:::logs-2/red/b"),
                ("s3:ListBucket", "arn:aws:s3:::logs"),
                ("s3:DeleteBucketPolicy", "arn:aws:s3:::logs"),
                ("s3:GetObjectTagging", "arn:aws:s3:::logs/red/b"),
            ],
            Theme::Acl => vec![
                ("s3:GetObject", "arn:aws:s3:::logs/red/b"),
                ("s3:GetObjectAcl", "arn:aws:s3:::logs/red/b"),
                ("s3:PutObjectAcl", "arn:aws:s3:::logs/home/alice/a.txt"),
                ("s3:PutObject", "arn:aws:s3:::logs/red/b"),
                ("s3:GetObjectTagging", "arn:aws:s3:::logs/red/b"),
                ("s3:ListBucket", "arn:aws:s3:::logs"),
                ("s3:GetBucketAcl", "arn:aws:s3:::logs"),
                ("s3:PutBucketAcl", "arn:aws:s3:::logs"),
            ],
            Theme::Trust if self.who == Who::Idp => vec![
                ("sts:AssumeRoleWithSAML", "arn:aws:iam::111122223333:role/svc/app"),
                ("sts:AssumeRoleWithWebIdentity", "arn:aws:iam::111122223333:role/svc/app"),
                ("sts:TagSession", "arn:aws:iam::111122223333:role/svc/app"),
            ],
            Theme::Trust => vec![
                ("sts:AssumeRole", "arn:aws:iam::111122223333:role/svc/app"),
                ("sts:assumerole", "arn:aws:iam::111122223333:role/other"),
                ("sts:TagSession", "arn:aws:iam::111122223333:role/svc/app"),
                ("sts:SetSourceIdentity", "arn:aws:iam::111122223333:role/svc/app"),
            ],
            Theme::Key => vec![
                ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234"),
                ("kms:Encrypt", "arn:aws:kms:us-east-1:111122223333:key/1234"),
                ("kms:DescribeKey", "arn:aws:kms:us-east-1:111122223333:key/1234"),
                ("kms:CreateGrant", "arn:aws:kms:us-east-1:111122223333:key/1234"),
                ("kms:RetireGrant", "arn:aws:kms:us-east-1:111122223333:key/1234"),
                ("kms:PutKeyPolicy", "arn:aws:kms:us-east-1:111122223333:key/1234"),
            ],
            Theme::Queue => vec![
                ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"),
                ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:111122223333:q"),
                ("sqs:SendMessage", "arn:aws:sqs:us-west-2:111122223333:q-2"),
                ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t/index:x"),
                ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:red-x"),
            ],
            Theme::Bare => {
                let mut all = vec![
                    ("ec2:DescribeInstances", "*"),
                    ("ec2:StopInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"),
                    ("iam:ListUsers", "*"),
                    ("iam:GetUser", "arn:aws:iam::111122223333:user/alice"),
                    ("iam:GetUser", "arn:aws:iam::111122223333:user/team/Alice"),
                    ("s3:GetObject", "arn:aws:s3:::logs/red/b"),
                    ("s3-object-lambda:GetObject", "arn:aws:s3:::logs/red/b"),
                    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q"),
                    ("sts:GetSessionToken", "*"),
                    ("sts:GetCallerIdentity", "*"),
                    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/t"),
                ];
                if self.who != Who::Root {
                    all.push(("kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/aws/mine"));
                    all.push(("kms:CreateAlias", "arn:aws:kms:us-east-1:111122223333:alias/mine"));
                }
                if self.account == A {
                    all.push(("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"));
                }
                all
            }
        };
    }

    /// ACLs, ownership and Block Public Access.
    fn acl(&mut self, base: &mut Map<String, Value>) {
        put(base, "canonicalUserIds", json!({ A: CANONICAL_A, B: CANONICAL_B }));
        let ownership =
            self.random.pick(&["ObjectWriter", "BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"]);
        put(base, "objectOwnership", json!(ownership));
        let foreign = ownership != "BucketOwnerEnforced" && self.random.chance(35);
        let owner = if foreign { CANONICAL_B } else { CANONICAL_A };
        if foreign {
            put(base, "objectOwner", json!(B));
        }
        let bucket = self.grants(CANONICAL_A);
        let object = self.grants(owner);
        put(base, "resourceAcl", bucket);
        if self.random.chance(88) {
            put(base, "objectAcl", object);
        }
        if self.random.chance(55) {
            self.only_own_keys = self.random.chance(50);
            let block =
                json!({ "IgnorePublicAcls": self.random.chance(40), "RestrictPublicBuckets": self.random.chance(75) });
            put(base, "publicAccessBlock", block);
        }
    }

    fn grants(&mut self, owner: &str) -> Value {
        let mut grants =
            vec![json!({ "Grantee": { "Type": "CanonicalUser", "ID": owner }, "Permission": "FULL_CONTROL" })];
        for _ in 0..=self.random.below(4) {
            let grantee = self.random.pick(&[
                json!({ "Type": "CanonicalUser", "ID": CANONICAL_B }),
                json!({ "Type": "CanonicalUser", "ID": CANONICAL_A }),
                json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers" }),
                json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" }),
                json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery" }),
            ]);
            let permission = self.random.pick(&["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL", "READ"]);
            grants.push(json!({ "Grantee": grantee, "Permission": permission }));
        }
        json!({ "Owner": { "ID": owner }, "Grants": grants })
    }

    fn levels(&mut self, layer: Layer) -> Value {
        let count = 1 + self.random.below(3);
        let mut levels = Vec::new();
        for _ in 0..count {
            let documents = match layer {
                Layer::Rcp => self.random.below(2),
                _ if self.random.chance(2) => 0,
                _ => 1,
            };
            levels.push(Value::Array((0..documents).map(|_| self.document(layer)).collect()));
        }
        Value::Array(levels)
    }

    // documents

    fn document(&mut self, layer: Layer) -> Value {
        let any = [Mode::Open, Mode::Open, Mode::Narrow, Mode::Guard, Mode::Guard, Mode::Any];
        let mode = match layer {
            Layer::Identity if self.who == Who::FedUser && self.random.chance(40) => Mode::Silent,
            Layer::Session if self.who == Who::FedUser && self.random.chance(45) => Mode::Open,
            Layer::Identity => self.random.pick(&[
                Mode::Open,
                Mode::Narrow,
                Mode::Guard,
                Mode::Guard,
                Mode::Guard,
                Mode::Any,
                Mode::Silent,
            ]),
            Layer::Resource => self.random.pick(&[Mode::Open, Mode::Narrow, Mode::Guard, Mode::Guard, Mode::Any]),
            Layer::Rcp => self.random.pick(&[Mode::Guard, Mode::Guard, Mode::Any]),
            Layer::Scp if self.random.chance(35) => Mode::Open,
            _ if self.random.chance(6) => Mode::Silent,
            _ => self.random.pick(&any),
        };
        let version = match self.random.below(20) {
            0 => None,
            1 | 2 => Some("2008-10-17"),
            _ => Some("2012-10-17"),
        };
        let mut statements = Vec::new();
        let allow = layer != Layer::Rcp;
        match mode {
            Mode::Open if allow => statements.push(self.statement(layer, true, false, true)),
            Mode::Narrow if allow => statements.push(self.statement(layer, true, true, true)),
            Mode::Guard | Mode::Open | Mode::Narrow => {
                if allow {
                    statements.push(self.statement(layer, true, false, true));
                }
                statements.push(self.statement(layer, false, true, true));
                if self.random.chance(25) {
                    statements.push(self.statement(layer, false, true, true));
                }
            }
            Mode::Any => {
                for _ in 0..=self.random.below(3) {
                    let effect = allow && self.random.chance(70);
                    let condition = self.random.chance(60);
                    statements.push(self.statement(layer, effect, condition, false));
                }
            }
            Mode::Silent => statements.push(json!({ "Effect": "Allow", "Action": "none:None", "Resource": "*" })),
        }
        if self.random.chance(40) && statements.len() > 1 {
            statements.reverse();
        }
        let mut document = Map::new();
        if let Some(version) = version {
            put(&mut document, "Version", json!(version));
        }
        let statements = list_or_one(&mut self.random, statements);
        let statements =
            if statements.is_object() && self.theme == Theme::Acl { json!([statements]) } else { statements };
        put(&mut document, "Statement", statements);
        Value::Object(document)
    }

    /// `broad`: action and resource match nearly every request of the world.
    fn statement(&mut self, layer: Layer, allow: bool, condition: bool, broad: bool) -> Value {
        let mut statement = Map::new();
        let broad = broad && self.random.chance(90);
        put(&mut statement, "Effect", json!(if allow { "Allow" } else { "Deny" }));
        let trust = self.theme == Theme::Trust && layer == Layer::Resource;
        let everybody = self.principal_part(&mut statement, layer, allow, broad);
        // actions
        let not_action = !broad && !trust && layer != Layer::Rcp && self.random.chance(20);
        let count = 1 + self.random.below(if broad { 1 } else { 3 });
        let actions = (0..count).map(|_| self.action_pattern(trust, layer, broad && !not_action)).collect();
        let actions = list_or_one(&mut self.random, actions);
        put(&mut statement, if not_action { "NotAction" } else { "Action" }, actions);
        // resources
        if !(trust || layer == Layer::Resource && self.random.chance(3)) {
            let not_resource = self.random.chance(if broad { 4 } else { 20 });
            let count = 1 + self.random.below(if broad { 1 } else { 3 });
            let resources = (0..count).map(|_| self.resource_pattern(layer, broad && !not_resource)).collect();
            let resources = list_or_one(&mut self.random, resources);
            put(&mut statement, if not_resource { "NotResource" } else { "Resource" }, resources);
        }
        if condition {
            let mut block = Map::new();
            let count = if allow { self.random.pick(&[1, 1, 1, 2]) } else { self.random.pick(&[1, 3, 4, 4, 5]) };
            for _ in 0..count {
                let (operator, key, values) = self.test();
                block.insert(operator, json!({ key: values }));
            }
            if self.only_own_keys && everybody && allow && self.random.chance(30) {
                block.clear();
                let pin = self.random.pick(&[
                    json!({ "StringEquals": { "aws:PrincipalOrgID": "o-mine000001" } }),
                    json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }),
                    json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } }),
                ]);
                block.extend(pin.as_object().cloned().unwrap_or_default());
            }
            if self.random.chance(1) {
                block.insert("StringMatches".to_owned(), json!({ "app:s": "red" }));
            }
            put(&mut statement, "Condition", Value::Object(block));
        }
        Value::Object(statement)
    }

    /// Writes `Principal` or `NotPrincipal`; answers whether it is everybody.
    fn principal_part(&mut self, statement: &mut Map<String, Value>, layer: Layer, allow: bool, broad: bool) -> bool {
        match layer {
            Layer::Rcp => {
                put(statement, "Principal", json!("*"));
                return true;
            }
            Layer::Resource | Layer::Endpoint => {}
            _ => return false,
        }
        let trust = self.theme == Theme::Trust && layer == Layer::Resource;
        if self.random.chance(1) {
            return false;
        }
        let negatable = !(trust || self.who == Who::FedUser && self.has_boundary);
        if negatable && self.random.chance(if allow { 3 } else { 22 }) {
            let entries = self.exemption();
            put(statement, "NotPrincipal", entries);
            return true;
        }
        let public = self.theme == Theme::Acl && self.random.chance(35);
        let open = public || layer == Layer::Endpoint || (!allow && self.random.chance(50));
        if self.random.chance(if open { 70 } else { 22 }) {
            let value = self.random.pick(&[json!("*"), json!({ "AWS": "*" }), json!({ "AWS": ["*"] })]);
            put(statement, "Principal", value);
            return true;
        }
        let value =
            if self.random.chance(if broad { 88 } else { 60 }) { self.own_principal() } else { self.other_principal() };
        put(statement, "Principal", value);
        false
    }

    fn user_arn(&self) -> String {
        format!("arn:{}:iam::{}:user/team/alice", self.partition, self.account)
    }

    fn role_arn(&self) -> String {
        if self.who == Who::ServiceLinked {
            format!(
                "arn:{}:iam::{}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
                self.partition, self.account
            )
        } else {
            format!("arn:{}:iam::{}:role/svc/app", self.partition, self.account)
        }
    }

    fn session_arn(&self) -> String {
        let role = if self.who == Who::ServiceLinked { "AWSServiceRoleForX" } else { "app" };
        format!("arn:{}:sts::{}:assumed-role/{role}/s1", self.partition, self.account)
    }

    fn fed_arn(&self) -> String {
        format!("arn:{}:sts::{}:federated-user/bob", self.partition, self.account)
    }

    fn root_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.account)
    }

    /// A `Principal` value that names the requester in some way.
    fn own_principal(&mut self) -> Value {
        let aws = match self.who {
            Who::User => vec![
                self.user_arn(),
                self.user_arn(),
                self.account.to_owned(),
                self.root_arn(),
                "AIDAEXAMPLEALICE00001".to_owned(),
            ],
            Who::Root => vec![self.account.to_owned(), self.root_arn()],
            Who::Session | Who::ServiceLinked => {
                vec![
                    self.role_arn(),
                    self.session_arn(),
                    self.session_arn(),
                    self.account.to_owned(),
                    self.root_arn(),
                    "AROAEXAMPLEAPPROLE001".to_owned(),
                ]
            }
            Who::FedUser => {
                vec![self.fed_arn(), self.fed_arn(), self.user_arn(), self.user_arn(), self.account.to_owned()]
            }
            Who::Service => {
                return json!({ "Service": self.random.pick(&[json!("cloudtrail.amazonaws.com"), json!(["x.amazonaws.com", "delivery.logs.amazonaws.com"])]) });
            }
            Who::Idp => return json!({ "Federated": "arn:aws:iam::111122223333:saml-provider/corp" }),
            Who::Anonymous => vec!["*".to_owned()],
        };
        let own = self.random.pick(&aws);
        if self.theme == Theme::Acl && self.who != Who::Anonymous && self.random.chance(15) {
            return json!({ "CanonicalUser": if self.account == A { CANONICAL_A } else { CANONICAL_B } });
        }
        match self.random.below(5) {
            0 => json!({ "AWS": [own, "arn:aws:iam::111122223333:user/nobody"] }),
            1 => json!({ "AWS": [own], "Service": "x.amazonaws.com" }),
            _ => json!({ "AWS": own }),
        }
    }

    fn other_principal(&mut self) -> Value {
        let other = if self.account == A { B } else { A };
        let text = self.random.pick(&[
            format!("arn:aws:iam::{other}:root"),
            other.to_owned(),
            format!("arn:aws:iam::{}:user/alice", self.account),
            format!("arn:aws:iam::{}:user/TEAM/alice", self.account),
            format!("arn:aws:iam::{}:role/app", self.account),
            format!("arn:aws:sts::{}:assumed-role/app/s2", self.account),
            format!("arn:aws:sts::{}:federated-user/Bob", self.account),
            format!("arn:aws:iam::{}:user/*", self.account),
            "AIDAEXAMPLEOTHERUSER1".to_owned(),
        ]);
        if self.random.chance(15) { json!({ "Service": "config.amazonaws.com" }) } else { json!({ "AWS": text }) }
    }

    /// Entries of `NotPrincipal`.
    fn exemption(&mut self) -> Value {
        let full = match self.who {
            Who::User => vec![self.user_arn()],
            Who::Root => vec![self.root_arn()],
            Who::Session | Who::ServiceLinked => vec![self.role_arn(), self.session_arn()],
            Who::FedUser => vec![self.fed_arn()],
            Who::Service => {
                return json!({ "Service": self.random.pick(&["cloudtrail.amazonaws.com", "config.amazonaws.com"]) });
            }
            Who::Idp | Who::Anonymous => vec!["*".to_owned()],
        };
        let mut list = match self.random.below(8) {
            0 => vec![format!("arn:aws:iam::{}:user/nobody", self.account)],
            1 => full.into_iter().take(1).collect(),
            2 => vec!["*".to_owned()],
            3 => Vec::new(),
            _ => full,
        };
        if self.random.chance(50) {
            list.push(self.random.pick(&[self.root_arn(), self.account.to_owned()]));
        }
        json!({ "AWS": list })
    }

    fn action_pattern(&mut self, trust: bool, layer: Layer, broad: bool) -> Value {
        let (action, _) = self.random.pick(&self.targets);
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        if broad {
            let everything = if trust || layer == Layer::Rcp { format!("{service}:*") } else { "*".to_owned() };
            let pattern = match self.random.below(8) {
                0 if !trust && layer != Layer::Rcp => "*:*".to_owned(),
                1 if layer != Layer::Rcp && self.theme != Theme::Bare && self.theme != Theme::Queue => {
                    format!("{service}:*")
                }
                2 if self.theme == Theme::Trust => "sts:*".to_owned(),
                _ => everything,
            };
            return json!(pattern);
        }
        let half: String = name.chars().take(name.chars().count() / 2).collect();
        let tail: String = name.chars().skip(1).collect();
        let wild_service = !trust && layer != Layer::Rcp;
        let pattern = match self.random.below(14) {
            0 => format!("{service}:{half}*"),
            1 => format!("{service}:?{tail}"),
            2 => format!("{service}:{half}?"),
            3 => action.to_ascii_uppercase(),
            4 => format!("{action} "),
            5 => format!("{service}:*{tail}*"),
            6 if wild_service => "*".to_owned(),
            7 if wild_service => format!("*:{name}"),
            8 => format!("{service}:${{aws:username}}"),
            9 => format!("{service}:*"),
            _ => action.to_owned(),
        };
        json!(pattern)
    }

    fn resource_pattern(&mut self, layer: Layer, broad: bool) -> Value {
        let (_, resource) = self.random.pick(&self.targets);
        if resource == "*" || (broad && self.random.chance(70)) {
            return json!(self.random.pick(&["*", "*", "*", "**"]));
        }
        let arn: Vec<&str> = resource.splitn(6, ':').collect();
        let [_, partition, service, region, account, tail] = arn.as_slice() else { return json!("*") };
        if broad {
            let pattern = match self.random.below(5) {
                0 => format!("arn:{partition}:*:*:*:*"),
                1 => format!("arn:*:{service}:{region}:{account}:*"),
                2 if self.short_arns && matches!(layer, Layer::Identity | Layer::Boundary) => {
                    format!("arn:aws:{service}")
                }
                3 => format!("arn:aws:{service}:*"),
                _ => format!("arn:aws:{service}:*:*:*"),
            };
            // only these may be short
            let short = pattern.matches(':').count() < 5;
            let allowed = matches!(layer, Layer::Identity | Layer::Boundary | Layer::Scp)
                || (self.short_arns && matches!(layer, Layer::Resource | Layer::Endpoint));
            return json!(if short && !allowed { format!("arn:aws:{service}:*:*:*") } else { pattern });
        }
        let half: String = tail.chars().take(tail.chars().count() / 2).collect();
        let rest: String = tail.chars().skip(1).collect();
        let flat =
            matches!(layer, Layer::Identity | Layer::Boundary | Layer::Resource | Layer::Endpoint) && self.short_arns;
        let pattern = match self.random.below(27) {
            0 => format!("arn:aws:{service}:*:*:{half}*"),
            1 => format!("arn:aws:{service}:*:{account}:{tail}"),
            2 => format!("arn:aws:{service}:us-*-1:{account}:{tail}"),
            3 => format!("arn:aws:{service}:us-east-?:{account}:{tail}"),
            4 => format!("arn:aws:{service}:{region}:????????????:{tail}"),
            5 => format!("arn:aws:{service}:{region}:*:?{rest}"),
            6 => format!("arn:*:{service}:{region}:{account}:*{rest}"),
            7 => format!("arn:aws:{service}:{region}:{account}:{half}"),
            8 => format!("arn:aws:{service}:{region}:{account}:{tail}/*"),
            9 => format!("arn:aws:{service}:{region}:{account}:*/b"),
            10 if flat => format!("arn:aws:{service}"),
            11 if flat => format!("arn:aws:{service}:{region}"),
            12 if flat => format!("arn:aws:{service}:*:{tail}"),
            13 if flat => format!("arn:aws:{service}:{region}*"),
            14 => "arn:aws:s3:::logs/home/${aws:username}/*".to_owned(),
            15 => format!("arn:aws:{service}:{region}:{account}:*/${{aws:PrincipalTag/team}}/*"),
            16 => format!("arn:aws:{service}:{region}:${{aws:PrincipalAccount}}:*"),
            17 => "arn:aws:s3:::logs/${aws:PrincipalTag/none, 'red'}/?".to_owned(),
            18 => "arn:aws:s3:::logs/x:y/${*}".to_owned(),
            19 => "arn:aws:s3:::logs/${aws:TagKeys, 'red'}/b".to_owned(),
            20 => format!("arn:aws:{}:{region}:{account}:{tail}", service.to_ascii_uppercase()),
            21 => format!("arn:aws:{service}:{region}:{account}:{}", tail.to_ascii_uppercase()),
            22 => "arn:aws:s3:::logs/r??d/b".to_owned(),
            23 => "arn:aws:s3:::logs/${app:s}*/b".to_owned(),
            24 => format!("arn:aws:{service}:*:*:*{rest}"),
            25 => "arn:aws:s3:::logs/${aws:PrincipalTag/none}/*".to_owned(),
            _ => (*resource).to_owned(),
        };
        json!(pattern)
    }

    /// Operator, key and values of one test.
    fn test(&mut self) -> (String, String, Value) {
        let mut all = operators_with_types();
        let again: Vec<_> =
            RARELY_DECISIVE.iter().filter_map(|rare| all.iter().find(|(name, _)| name == rare).cloned()).collect();
        all.extend(again);
        let size: u64 = all.len().try_into().unwrap_or(1);
        let index = (self.next_operator % size * 64 % size).try_into().unwrap_or(0);
        self.next_operator += 1;
        let index: usize = index;
        let (operator, values) = all.get(index).cloned().unwrap_or_else(|| ("Null".to_owned(), Values::Presence));
        let (mut own, known, lists) = keys(values);
        let set_operator = operator.contains(':');
        if set_operator {
            own = lists;
        }
        let key = if self.only_own_keys || self.random.chance(if set_operator { 80 } else { 55 }) {
            self.random.pick(own)
        } else {
            self.random.pick(known)
        };
        // long lists make positive tests true, short ones negated tests
        let negated = operator.contains("Not");
        let count = if negated { self.random.pick(&[1, 1, 1, 2]) } else { self.random.pick(&[1, 3, 4, 5, 6]) };
        let alphabet = policy_values(values);
        let mut list = Vec::new();
        for _ in 0..count {
            // most values are good ones
            let mut value = self.random.pick(&alphabet);
            if self.random.chance(if negated { 20 } else { 50 }) {
                value = self.request_value(values);
            }
            if values == Values::Presence {
                value = self.random.pick(&alphabet);
            }
            list.push(value);
        }
        if values == Values::Presence {
            list.truncate(1);
        }
        if self.random.chance(1) {
            list.clear();
        }
        (operator, key.to_owned(), list_or_one(&mut self.random, list))
    }

    // requests

    fn principal(&mut self) -> Value {
        let mut principal = match self.who {
            Who::User => json!({ "type": "User", "arn": self.user_arn(), "uniqueId": "AIDAEXAMPLEALICE00001" }),
            Who::Root => {
                return if self.random.chance(50) {
                    json!(self.root_arn())
                } else {
                    json!({ "type": "Root", "arn": self.root_arn() })
                };
            }
            Who::Session if self.random.chance(15) => return json!(self.session_arn()),
            Who::Session | Who::ServiceLinked => {
                json!({ "type": "RoleSession", "arn": self.session_arn(), "roleArn": self.role_arn(), "uniqueId": "AROAEXAMPLEAPPROLE001" })
            }
            Who::FedUser if self.random.chance(20) => return json!(self.fed_arn()),
            Who::FedUser => json!({ "type": "FedUser", "arn": self.fed_arn(), "issuerArn": self.user_arn() }),
            Who::Service if self.random.chance(50) => return json!("cloudtrail.amazonaws.com"),
            Who::Service => {
                return json!({ "type": "Service", "serviceNames": ["cloudtrail.amazonaws.com", "delivery.logs.amazonaws.com"] });
            }
            Who::Idp => {
                return json!({ "type": "FederatedIdp", "provider": "arn:aws:iam::111122223333:saml-provider/corp" });
            }
            Who::Anonymous => return self.random.pick(&[json!("anonymous"), json!({ "type": "Anonymous" })]),
        };
        if self.who == Who::User && self.random.chance(30) {
            return json!(self.user_arn());
        }
        if self.random.chance(50)
            && let Some(object) = principal.as_object_mut()
        {
            let team = self.random.pick(&["red", "blue", "*"]);
            put(object, "tags", json!({ "team": team }));
        }
        principal
    }

    fn request(&mut self, principal: &Value) -> Value {
        let (action, resource) = self.random.pick(&self.targets);
        let mut request = Map::new();
        put(&mut request, "principal", principal.clone());
        put(&mut request, "action", json!(action));
        put(&mut request, "resource", json!(resource));
        if resource.starts_with("arn:aws:s3:::") {
            put(&mut request, "resourceAccount", json!(A));
        }
        let mut context = Map::new();
        for values in
            [Values::Text, Values::Number, Values::Date, Values::Bool, Values::Binary, Values::Ip, Values::Arn]
        {
            let (own, known, lists) = keys(values);
            for (keys, percent) in [(own, 12), (lists, 65)] {
                for key in keys {
                    let spelled_otherwise = *key != key.to_lowercase() && *key != "aws:TagKeys";
                    if spelled_otherwise
                        || context.contains_key(*key)
                        || self.random.chance(if *key == "aws:TagKeys" { 30 } else { 13 })
                    {
                        continue;
                    }
                    let percent = if *key == "aws:TagKeys" { 100 } else { percent };
                    let value =
                        if self.random.chance(percent) { self.values(values) } else { self.request_value(values) };
                    put(&mut context, key, value);
                }
            }
            for key in known {
                let derived =
                    ["aws:PrincipalArn", "aws:PrincipalType", "aws:username", "aws:PrincipalTag/Team", "app:bin"];
                if derived.contains(key) || self.random.chance(18) {
                    continue;
                }
                let lists = [
                    "aws:SourceIp",
                    "aws:RequestedRegion",
                    "aws:SecureTransport",
                    "aws:MultiFactorAuthAge",
                    "aws:SourceArn",
                    "aws:TokenIssueTime",
                ];
                let list = self.long_lists && lists.contains(key) && self.random.chance(40);
                let value = if list { self.values(values) } else { self.request_value(values) };
                put(&mut context, key, value);
            }
        }
        if self.random.chance(30) {
            put(&mut context, "app:b2", self.random.pick(&[json!("true"), json!("false"), json!("")]));
        }
        if principal.get("tags").is_some() && self.random.chance(80) {
            context.remove("aws:PrincipalTag/team");
        }
        if self.who == Who::Idp {
            put(&mut context, "aws:PrincipalType", json!("Anonymous"));
            put(&mut context, "aws:PrincipalAccount", json!("anonymous"));
        }
        put(&mut request, "context", Value::Object(context));
        Value::Object(request)
    }

    fn values(&mut self, values: Values) -> Value {
        let count = self.random.pick(&[1, 1, 1, 2, 2, 2, 3, 0]);
        Value::Array((0..count).map(|_| self.request_value(values)).collect())
    }

    /// A value of a request; the first ones of the alphabet are the most frequent.
    fn request_value(&mut self, values: Values) -> Value {
        let mut alphabet = request_values(values);
        if self.random.chance(60) {
            alphabet.truncate(4);
        }
        self.random.pick(&alphabet)
    }
}
