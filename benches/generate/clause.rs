//! Condition clauses in the mix of the AWS managed policies, each with context values that satisfy and fail it.

use serde_json::{Map, Value, json};

use super::corpus::Given;
use super::fill::fill_field;
use super::random::Random;

/// What a clause needs of the context.
#[derive(Clone)]
pub(crate) enum Need {
    /// Nothing: principal, resource or role tags decide, or the key may be missing.
    Nothing,
    /// The key must be missing.
    Missing,
    /// The key must have this value.
    Value(Given),
}

/// One operator, key and list of values.
#[derive(Clone)]
pub(crate) struct Clause {
    pub(crate) operator: &'static str,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
    pub(crate) holds: Need,
    /// `None` where no context makes it fail.
    pub(crate) fails: Option<Need>,
}

/// What of a role its conditions may mention.
pub(crate) struct Scene<'a> {
    pub(crate) team: &'a str,
    pub(crate) project: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

/// Regions that the boundaries permit.
pub(crate) const REGIONS: &[&str] = &["us-east-1", "eu-west-1", "eu-central-1"];
const SERVICES: &[&str] = &[
    "lambda.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "states.amazonaws.com",
    "sagemaker.amazonaws.com",
    "glue.amazonaws.com",
    "cloudformation.amazonaws.com",
    "ssm.amazonaws.com",
    "autoscaling.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
];
const TAGS: &[&str] =
    &["Environment", "CreatedBy", "Name", "aws:cloudformation:stack-name", "Owner", "DataClass", "Component"];
const TAG_VALUES: &[&str] = &["prod", "staging", "dev", "terraform", "confidential", "internal", "true", "platform"];
const CREATE_ACTIONS: &[&str] =
    &["RunInstances", "CreateVolume", "CreateSnapshot", "CreateNetworkInterface", "CreateSecurityGroup"];

/// The weights, in permille of all clauses, follow the counts of operators with keys in the managed corpus, rounded;
/// what occurs there a few times only is left out or joined with what is alike.
const MIX: &[(usize, Kind)] = &[
    (150, Kind::OwnAccount),
    (97, Kind::ResourceTag),
    (58, Kind::RequestTag),
    (50, Kind::ResourceTagPresent),
    (20, Kind::RequestTagPresent),
    (32, Kind::Absent),
    (48, Kind::CalledVia),
    (44, Kind::ViaService),
    (50, Kind::PassedToService),
    (47, Kind::ServiceName),
    (36, Kind::LikeTag),
    (20, Kind::LikeRequestTag),
    (20, Kind::Prefix),
    (35, Kind::CreateAction),
    (30, Kind::Namespace),
    (33, Kind::TagKeysAll),
    (15, Kind::TagKeysLike),
    (8, Kind::TagKeysAny),
    (24, Kind::NotEqualTag),
    (26, Kind::TeamTag),
    (40, Kind::PrincipalTag),
    (30, Kind::Region),
    (16, Kind::Bool),
    (30, Kind::Arn),
    (13, Kind::IfExists),
    (28, Kind::IgnoreCase),
];

#[derive(Clone, Copy)]
enum Kind {
    OwnAccount,
    ResourceTag,
    RequestTag,
    ResourceTagPresent,
    RequestTagPresent,
    Absent,
    CalledVia,
    ViaService,
    PassedToService,
    ServiceName,
    LikeTag,
    LikeRequestTag,
    Prefix,
    CreateAction,
    Namespace,
    TagKeysAll,
    TagKeysLike,
    TagKeysAny,
    NotEqualTag,
    TeamTag,
    PrincipalTag,
    Region,
    Bool,
    Arn,
    IfExists,
    IgnoreCase,
}

/// One to four clauses with different keys; no two of them test the tags of the request and their names, of which one
/// follows from the other.
pub(crate) fn clauses(scene: &Scene<'_>, variable: Variable, random: &mut Random) -> Vec<Clause> {
    let count = match random.below(100) {
        0..71 => 1,
        71..91 => 2,
        91..97 => 3,
        _ => 4,
    };
    let mut chosen: Vec<Clause> = Vec::new();
    while chosen.len() < count {
        let kind = match variable {
            Variable::Wanted if chosen.is_empty() => *random.pick(&[Kind::OwnAccount, Kind::OwnAccount, Kind::TeamTag]),
            Variable::Wanted | Variable::Unwanted => draw(random),
        };
        if matches!(variable, Variable::Unwanted) && matches!(kind, Kind::OwnAccount | Kind::TeamTag) {
            continue;
        }
        let clause = clause(kind, scene, random);
        let of_request_tags = |key: &str| key.starts_with("aws:RequestTag/") || key == "aws:TagKeys";
        let clashes = |other: &Clause| {
            other.key == clause.key
                || (of_request_tags(&other.key) && of_request_tags(&clause.key))
                // One operator has one member in the JSON object.
                || other.operator == clause.operator && other.key.eq_ignore_ascii_case(&clause.key)
        };
        if !chosen.iter().any(clashes) {
            chosen.push(clause);
        }
    }
    chosen
}

/// Whether a statement's conditions have a policy variable.
#[derive(Clone, Copy)]
pub(crate) enum Variable {
    Wanted,
    Unwanted,
}

fn draw(random: &mut Random) -> Kind {
    let total: usize = MIX.iter().map(|(weight, _)| weight).sum();
    let mut at = random.below(total);
    for (weight, kind) in MIX {
        if at < *weight {
            return *kind;
        }
        at -= weight;
    }
    Kind::ResourceTag
}

fn one(text: &str) -> Need {
    Need::Value(Given::One(text.to_owned()))
}

fn many(texts: &[&str]) -> Need {
    Need::Value(Given::Many(texts.iter().map(|text| (*text).to_owned()).collect()))
}

/// A clause over texts: the first value, with its wildcards filled, satisfies it.
fn texts(operator: &'static str, key: impl Into<String>, values: &[String], random: &mut Random) -> Clause {
    let holds = one(&fill_field(&values[0], random));
    Clause { operator, key: key.into(), values: values.to_vec(), holds, fails: Some(one("something-else")) }
}

fn clause(kind: Kind, scene: &Scene<'_>, random: &mut Random) -> Clause {
    let tag = |random: &mut Random| format!("aws:ResourceTag/{}", random.pick(TAGS));
    let request_tag = |random: &mut Random| format!("aws:RequestTag/{}", random.pick(TAGS));
    let value = |random: &mut Random| vec![(*random.pick(TAG_VALUES)).to_owned()];
    match kind {
        Kind::OwnAccount => Clause {
            operator: "StringEquals",
            key: "aws:ResourceAccount".to_owned(),
            values: vec!["${aws:PrincipalAccount}".to_owned()],
            holds: Need::Nothing,
            fails: None,
        },
        Kind::ResourceTag => {
            let (key, values) = (tag(random), value(random));
            texts("StringEquals", key, &values, random)
        }
        Kind::RequestTag => {
            let (key, values) = (request_tag(random), value(random));
            texts("StringEquals", key, &values, random)
        }
        Kind::ResourceTagPresent => present(tag(random), random),
        Kind::RequestTagPresent => present(request_tag(random), random),
        Kind::Absent => Clause {
            operator: "Null",
            key: "aws:ResourceTag/Quarantine".to_owned(),
            values: vec!["true".to_owned()],
            holds: Need::Missing,
            fails: Some(one("2026-03-01")),
        },
        Kind::CalledVia => {
            let service = *random.pick(SERVICES);
            Clause {
                operator: "ForAnyValue:StringEquals",
                key: "aws:CalledVia".to_owned(),
                values: vec![service.to_owned()],
                holds: many(&[service]),
                fails: Some(many(&["athena.amazonaws.com", "kms.amazonaws.com"])),
            }
        }
        Kind::ViaService => {
            let service = *random.pick(&["s3", "secretsmanager", "rds", "ec2", "dynamodb"]);
            texts("StringLike", "kms:ViaService", &[format!("{service}.*.amazonaws.com")], random)
        }
        Kind::PassedToService => {
            let services = some(SERVICES, random);
            texts("StringEquals", "iam:PassedToService", &services, random)
        }
        Kind::ServiceName => {
            let operator = *random.pick(&["StringEquals", "StringEquals", "StringLike"]);
            let services = some(SERVICES, random);
            texts(operator, "iam:AWSServiceName", &services, random)
        }
        Kind::LikeTag => {
            let key = tag(random);
            texts("StringLike", key, &[format!("{}-*", scene.project)], random)
        }
        Kind::LikeRequestTag => {
            let key = request_tag(random);
            texts("StringLike", key, &[format!("{}-*", scene.project)], random)
        }
        Kind::Prefix => texts(
            "StringLike",
            "s3:prefix",
            &[format!("home/{}/*", scene.team), format!("shared/{}/*", scene.project)],
            random,
        ),
        Kind::CreateAction => {
            let actions = some(CREATE_ACTIONS, random);
            texts("StringEquals", "ec2:CreateAction", &actions, random)
        }
        Kind::Namespace => {
            let spaces = [format!("App/{}", scene.project), "AWS/Usage".to_owned()];
            texts("StringEquals", "cloudwatch:namespace", &spaces, random)
        }
        Kind::TagKeysAll => tag_keys("ForAllValues:StringEquals", some(TAGS, random), random),
        Kind::TagKeysLike => {
            tag_keys("ForAllValues:StringLike", vec![format!("{}-*", scene.project), "Name".to_owned()], random)
        }
        Kind::TagKeysAny => tag_keys("ForAnyValue:StringEquals", some(TAGS, random), random),
        Kind::NotEqualTag => {
            let key = tag(random);
            Clause {
                operator: "StringNotEquals",
                key,
                values: vec!["locked".to_owned(), "legal-hold".to_owned()],
                holds: if random.percent(50) { Need::Missing } else { one("internal") },
                fails: Some(one("locked")),
            }
        }
        Kind::TeamTag => Clause {
            operator: "StringEquals",
            key: "aws:ResourceTag/team".to_owned(),
            values: vec!["${aws:PrincipalTag/team}".to_owned()],
            holds: one(scene.team),
            fails: Some(one("somebody-elses-team")),
        },
        Kind::PrincipalTag => Clause {
            operator: "StringEquals",
            key: "aws:PrincipalTag/team".to_owned(),
            values: vec![scene.team.to_owned(), "platform-admins".to_owned()],
            holds: Need::Nothing,
            fails: None,
        },
        Kind::Region => Clause {
            operator: "StringEquals",
            key: "aws:RequestedRegion".to_owned(),
            values: vec![scene.region.to_owned()],
            holds: one(scene.region),
            fails: REGIONS.iter().find(|other| **other != scene.region).map(|other| one(other)),
        },
        Kind::Bool => {
            let key = *random.pick(&["aws:ViaAWSService", "aws:MultiFactorAuthPresent", "kms:GrantIsForAWSResource"]);
            Clause {
                operator: "Bool",
                key: key.to_owned(),
                values: vec!["true".to_owned()],
                holds: one("true"),
                fails: Some(one("false")),
            }
        }
        Kind::Arn => {
            let (operator, key, pattern) = *random.pick(&[
                ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:{A}:{P}-*"),
                ("ArnLike", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::{P}-*"),
                ("ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/service-role/{P}"),
                ("ArnLike", "iam:AssociatedResourceArn", "arn:aws:ec2:{R}:{A}:instance/i-{P}*"),
            ]);
            let pattern =
                pattern.replace("{A}", scene.account).replace("{P}", scene.project).replace("{R}", scene.region);
            let holds = one(&super::fill::fill(&pattern, scene.account, scene.region, random));
            let fails = one("arn:aws:sqs:us-east-1:111122223333:another-queue");
            Clause { operator, key: key.to_owned(), values: vec![pattern], holds, fails: Some(fails) }
        }
        Kind::IfExists => {
            let services = some(SERVICES, random);
            let mut clause = texts("StringEqualsIfExists", "organizations:ServicePrincipal", &services, random);
            if random.percent(50) {
                clause.holds = Need::Missing;
            }
            clause
        }
        Kind::IgnoreCase => Clause {
            operator: "StringEqualsIgnoreCase",
            key: "s3:ExistingObjectTag/Publish".to_owned(),
            values: vec!["true".to_owned()],
            holds: one("True"),
            fails: Some(one("no")),
        },
    }
}

fn present(key: String, random: &mut Random) -> Clause {
    Clause {
        operator: "Null",
        key,
        values: vec!["false".to_owned()],
        holds: one(TAG_VALUES[random.below(TAG_VALUES.len())]),
        fails: Some(Need::Missing),
    }
}

fn tag_keys(operator: &'static str, values: Vec<String>, random: &mut Random) -> Clause {
    let holds = Need::Value(Given::Many(vec![fill_field(&values[0], random)]));
    Clause { operator, key: "aws:TagKeys".to_owned(), values, holds, fails: Some(many(&["Unexpected"])) }
}

/// One entry mostly, sometimes two or three.
fn some(entries: &[&str], random: &mut Random) -> Vec<String> {
    let first = random.below(entries.len());
    let count = match random.below(100) {
        0..85 => 1,
        85..95 => 2,
        _ => 3,
    };
    (first..first + count).map(|at| entries[at % entries.len()].to_owned()).collect()
}

/// The JSON object of clauses.
pub(crate) fn condition(clauses: &[Clause]) -> Value {
    let mut operators = Map::new();
    for clause in clauses {
        let values = match clause.values.as_slice() {
            [only] => json!(only),
            several => json!(several),
        };
        operators.entry(clause.operator).or_insert_with(|| json!({}))[clause.key.as_str()] = values;
    }
    Value::Object(operators)
}
