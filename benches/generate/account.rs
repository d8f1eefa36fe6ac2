//! An account of roles with about 25 statements each, and a flat set for one role.
//!
//! `account` is what a principal-indexed engine meets in practice. Of ten statements one denies, four have conditions
//! (in the mix of the AWS managed policies, `clause.rs`) and one has a policy variable; actions are real names of 18
//! services, 1 to 20 a statement with some `service:Get*`; ARNs have region, account, bucket, key or table, mostly as
//! prefix patterns, and names differ from role to role while their forms are shared. A fifth of the roles has one of
//! six boundaries. `flat` gives all statements to one role, the shape in which nothing is gained from knowing who asks.
//!
//! Requests: an allowed one fills the patterns of an Allow statement and satisfies its conditions; an explicitly denied
//! one does the same with a Deny statement; an implicitly denied one is nearly an allowed one, with another action,
//! another name, a failing condition, or a service outside the boundary. This is the answer by construction, because no
//! two statements of a role match the same request: they differ in the name of the resource (which no other contains),
//! or in the list that their actions come from, or in the service where the resource is `*`; what is denied has a name
//! with `locked` or an action or context value that no allowed request has.

use std::sync::Arc;

use serde_json::{Value, json};

use super::clause::{Clause, Need, REGIONS, Scene, Variable, clauses, condition};
use super::corpus::{
    ACCOUNT, COLD, Corpus, Expected, Given, Policy, Request, Role, document, pack, pack_unlimited, session,
};
use super::fill::{fill, word};
use super::random::Random;
use super::services::{SERVICES, Service};

const STATEMENTS_PER_ROLE: usize = 25;
const BOUNDARIES: usize = 6;
const TEAMS: &[&str] = &["payments", "ingest", "search", "billing", "risk", "mobile", "data-platform", "growth"];
const NOUNS: &[&str] = &["events", "uploads", "ledger", "cache", "model", "jobs", "audit", "export", "feed", "state"];
/// Actions that guard rails deny; no Allow statement names one.
const GUARDED: &[(&str, &str)] = &[
    ("iam:CreateUser", "arn:aws:iam::{A}:user/somebody"),
    ("iam:CreateLoginProfile", "arn:aws:iam::{A}:user/somebody"),
    ("organizations:LeaveOrganization", "*"),
    ("account:CloseAccount", "*"),
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:us-east-1:{A}:trail/main"),
    ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:us-east-1:{A}:trail/main"),
    ("config:DeleteConfigRule", "arn:aws:config:us-east-1:{A}:config-rule/config-rule-ab12cd"),
    ("guardduty:DeleteDetector", "arn:aws:guardduty:us-east-1:{A}:detector/12abc34d567e8fa901bc2d34e56789f0"),
    ("ec2:DisableEbsEncryptionByDefault", "*"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:us-east-1:{A}:alias/main"),
];

/// An account with that many statements, 25 a role; fewer than 25 are one role.
pub(crate) fn account(statements: usize, seed: u64) -> Corpus {
    generate("account", statements, STATEMENTS_PER_ROLE, seed)
}

/// That many statements that all apply to one role.
pub(crate) fn flat(statements: usize, seed: u64) -> Corpus {
    generate("flat", statements, statements, seed)
}

fn generate(name: &'static str, statements: usize, per_role: usize, seed: u64) -> Corpus {
    let mut random = Random::new(seed);
    let boundaries: Vec<Arc<Policy>> = (0..BOUNDARIES).map(|number| Arc::new(boundary(number))).collect();
    let mut slots = Slots::new(seed ^ 0x51_07);
    let mut drafts = Vec::new();
    let mut left = statements;
    while left > 0 {
        // 20 to 30 statements, 25 on average, but all that are left if one more role would be tiny.
        let spread = if (20..100).contains(&per_role) { random.below(11) } else { 5 };
        let wanted = per_role + spread - 5;
        let count = if left < wanted + per_role / 5 { left } else { wanted };
        left -= count;
        drafts.push(Draft::new(drafts.len(), count, &mut slots, &mut random));
    }
    let requests = requests(&drafts, &mut random);
    let roles: Vec<Role> = (drafts.iter())
        .map(|draft| {
            let statements = draft.statements.iter().enumerate();
            let texts: Vec<String> = statements.map(|(at, statement)| statement.json(at).to_string()).collect();
            let policies = if per_role > 100 { pack_unlimited(&draft.name, &texts) } else { pack(&draft.name, &texts) };
            let boundary = draft.boundary.map(|number| Arc::clone(&boundaries[number]));
            Role { name: draft.name.clone(), policies, boundary, tags: draft.tags.clone() }
        })
        .collect();
    let with_boundary = roles.iter().filter(|role| role.boundary.is_some()).count();
    let summary = format!("{statements} statements, {} roles, {with_boundary} of them with a boundary", roles.len());
    Corpus { name, summary, statements, roles, requests }
}

/// Which statements deny, have conditions, have a variable: of each ten, one, four and one.
struct Slots {
    random: Random,
    at: usize,
    deny: usize,
    variable: usize,
    conditions: [usize; 4],
}

#[derive(Clone, Copy)]
struct Slot {
    is_deny: bool,
    has_condition: bool,
    has_variable: bool,
}

impl Slots {
    fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), at: 10, deny: 0, variable: 0, conditions: [0; 4] }
    }

    fn next(&mut self) -> Slot {
        if self.at == 10 {
            self.at = 0;
            // Never the first, which is all that a world of one statement has.
            self.deny = 1 + self.random.below(9);
            self.variable = self.random.below(10);
            let mut order: Vec<usize> = (0..10).collect();
            for at in 0..4 {
                let other = at + self.random.below(10 - at);
                order.swap(at, other);
                self.conditions[at] = order[at];
            }
        }
        let at = self.at;
        self.at += 1;
        Slot {
            is_deny: at == self.deny,
            has_condition: self.conditions.contains(&at),
            has_variable: at == self.variable,
        }
    }
}

/// A statement with what is needed to make requests to it.
struct Statement {
    is_deny: bool,
    service: usize,
    actions: Vec<String>,
    /// Concrete actions that match.
    concrete: Vec<String>,
    /// Pairs of a pattern and the same with its variables expanded.
    resources: Vec<(String, String)>,
    /// Text in every resource pattern that no other statement's has; empty where the resource is `*`.
    name: String,
    clauses: Vec<Clause>,
    /// An action that no statement of the role has for this resource.
    other_action: Option<String>,
}

impl Statement {
    fn json(&self, at: usize) -> Value {
        let list = |texts: Vec<&str>| match texts.as_slice() {
            [only] => json!(only),
            several => json!(several),
        };
        let sid = format!("{}{at}", if self.is_deny { "Guard" } else { "Use" });
        let mut statement = json!({
            "Sid": sid, "Effect": if self.is_deny { "Deny" } else { "Allow" },
            "Action": list(self.actions.iter().map(String::as_str).collect()),
            "Resource": list(self.resources.iter().map(|(pattern, _)| pattern.as_str()).collect())
        });
        // Two thirds of real statements have a `Sid`.
        if at % 3 == 2 {
            statement.as_object_mut().expect("an object").remove("Sid");
        }
        if !self.clauses.is_empty() {
            statement["Condition"] = condition(&self.clauses);
        }
        statement
    }
}

/// A role under construction.
struct Draft {
    number: usize,
    name: String,
    team: &'static str,
    project: String,
    region: &'static str,
    tags: Vec<(String, String)>,
    boundary: Option<usize>,
    statements: Vec<Statement>,
}

/// Where statements over `*`, and resources that a second statement may use, are kept while a role is drafted.
struct Progress {
    star_services: Vec<usize>,
    guarded: Vec<usize>,
    readers: Vec<usize>,
    transport_denied: bool,
}

impl Draft {
    fn new(number: usize, count: usize, slots: &mut Slots, random: &mut Random) -> Self {
        let team = *random.pick(TEAMS);
        let project = format!("{}{:04}", &team[..team.len().min(4)], number);
        let region = *random.pick(REGIONS);
        let boundary = (number % 5 == 3).then_some(number / 5 % BOUNDARIES);
        let tags = vec![
            ("team".to_owned(), team.to_owned()),
            ("project".to_owned(), project.clone()),
            ("cost-center".to_owned(), format!("{}", 4000 + random.below(300))),
        ];
        let name = format!("{team}-{}-{number:05}", random.pick(NOUNS));
        let mut draft = Self { number, name, team, project, region, tags, boundary, statements: Vec::new() };
        let mut progress =
            Progress { star_services: Vec::new(), guarded: Vec::new(), readers: Vec::new(), transport_denied: false };
        for at in 0..count {
            let slot = slots.next();
            let statement = if slot.is_deny {
                draft.deny(at, slot, &mut progress, random)
            } else {
                draft.allow(at, slot, &mut progress, random)
            };
            draft.statements.push(statement);
        }
        draft
    }

    fn scene(&self) -> Scene<'_> {
        Scene { team: self.team, project: &self.project, region: self.region, account: ACCOUNT }
    }

    /// Whether the role's statements about a service are about `*`, which match the actions of a prefix pattern on every
    /// resource; a third of the services, another third for the next role.
    fn is_star_service(&self, service: usize) -> bool {
        (service + self.number).is_multiple_of(3)
    }

    fn named_service(&self, random: &mut Random) -> usize {
        let service = random.below(SERVICES.len());
        if self.is_star_service(service) { (service + 1) % SERVICES.len() } else { service }
    }

    fn conditions(&self, slot: Slot, random: &mut Random) -> Vec<Clause> {
        let variable = if slot.has_variable { Variable::Wanted } else { Variable::Unwanted };
        if slot.has_condition { clauses(&self.scene(), variable, random) } else { Vec::new() }
    }

    fn allow(&mut self, at: usize, slot: Slot, progress: &mut Progress, random: &mut Random) -> Statement {
        let clauses = self.conditions(slot, random);
        let needs_pattern = slot.has_variable && clauses.is_empty();
        let in_pattern = if needs_pattern { Variable::Wanted } else { Variable::Unwanted };
        let free = |service: &usize| self.is_star_service(*service) && !progress.star_services.contains(service);
        let star: Vec<usize> = (0..SERVICES.len()).filter(free).collect();
        let service = self.named_service(random);
        if random.percent(20) && !needs_pattern && !star.is_empty() {
            let service = *random.pick(&star);
            progress.star_services.push(service);
            let (actions, concrete) = choose(&SERVICES[service], SERVICES[service].without_resource, random);
            let other_action = some_action(&SERVICES[service], SERVICES[service].writes, random);
            let resources = vec![("*".to_owned(), "*".to_owned())];
            let name = String::new();
            return Statement {
                is_deny: false,
                service,
                actions,
                concrete,
                resources,
                name,
                clauses,
                other_action: Some(other_action),
            };
        }
        // A writer of what another statement reads.
        let reader = random.percent(20).then(|| progress.readers.pop()).flatten();
        let (service, name, list) = match reader {
            Some(reader) => {
                let reader = &mut self.statements[reader];
                reader.other_action = None;
                (reader.service, reader.name.clone(), SERVICES[reader.service].writes)
            }
            None => {
                let name = format!("{}-{}{at:03}", self.project, random.pick(NOUNS));
                let reads = random.percent(60);
                if reads {
                    progress.readers.push(self.statements.len());
                }
                (service, name, if reads { SERVICES[service].reads } else { SERVICES[service].writes })
            }
        };
        let entry = &SERVICES[service];
        let is_whole_service = reader.is_none() && random.percent(4);
        let (actions, concrete, other_action) = if is_whole_service {
            progress.readers.retain(|reader| *reader != self.statements.len());
            (vec![format!("{}:*", entry.prefix)], vec![some_action(entry, list, random)], None)
        } else {
            let (actions, concrete) = choose(entry, list, random);
            let is_reads = std::ptr::eq(list, entry.reads);
            let other = if is_reads { entry.writes } else { entry.reads };
            let other_action = reader.is_none().then(|| some_action(entry, other, random));
            (actions, concrete, other_action)
        };
        let resources = self.resources(entry, &name, in_pattern, random);
        Statement { is_deny: false, service, actions, concrete, resources, name, clauses, other_action }
    }

    fn deny(&mut self, at: usize, slot: Slot, progress: &mut Progress, random: &mut Random) -> Statement {
        let star = vec![("*".to_owned(), "*".to_owned())];
        // Everything of a service, or everything, without TLS: once for a role.
        if slot.has_condition && !slot.has_variable && !progress.transport_denied && random.percent(40) {
            progress.transport_denied = true;
            let clause = Clause {
                operator: "Bool",
                key: "aws:SecureTransport".to_owned(),
                values: vec!["false".to_owned()],
                holds: Need::Value(Given::One("false".to_owned())),
                fails: Some(Need::Value(Given::One("true".to_owned()))),
            };
            let concrete = vec!["s3:GetObject".to_owned(), "s3:ListBucket".to_owned(), "s3:PutObject".to_owned()];
            let action = if random.percent(60) { "s3:*" } else { "*" };
            let resources = vec![("*".to_owned(), format!("arn:aws:s3:::{}-assets/site/index.html", self.project))];
            return Statement {
                is_deny: true,
                service: 0,
                actions: vec![action.to_owned()],
                concrete,
                resources,
                name: String::new(),
                clauses: vec![clause],
                other_action: None,
            };
        }
        let unused: Vec<usize> = (0..GUARDED.len()).filter(|at| !progress.guarded.contains(at)).collect();
        if !slot.has_condition && !slot.has_variable && !unused.is_empty() && random.percent(50) {
            let chosen: Vec<usize> = unused.into_iter().filter(|_| random.percent(40)).collect();
            let chosen = if chosen.is_empty() { vec![0] } else { chosen };
            progress.guarded.extend(&chosen);
            let actions: Vec<String> = chosen.iter().map(|at| GUARDED[*at].0.to_owned()).collect();
            return Statement {
                is_deny: true,
                service: 0,
                concrete: actions.clone(),
                actions,
                resources: star,
                name: String::new(),
                clauses: Vec::new(),
                other_action: None,
            };
        }
        // A part of what another statement allows, or of nothing that is allowed.
        let allowed: Vec<usize> = (0..self.statements.len())
            .filter(|at| !self.statements[*at].is_deny && !self.statements[*at].name.is_empty())
            .collect();
        let (service, base) = if random.percent(70) && !allowed.is_empty() {
            let statement = &self.statements[*random.pick(&allowed)];
            (statement.service, statement.name.clone())
        } else {
            (self.named_service(random), format!("{}-{}{at:03}", self.project, random.pick(NOUNS)))
        };
        let name = format!("{base}-{at:03}locked");
        let list = if random.percent(70) { SERVICES[service].writes } else { SERVICES[service].reads };
        let (actions, concrete) = choose(&SERVICES[service], list, random);
        let clauses = self.conditions(slot, random);
        let needs_pattern = slot.has_variable && clauses.is_empty();
        let in_pattern = if needs_pattern { Variable::Wanted } else { Variable::Unwanted };
        let resources = self.resources(&SERVICES[service], &name, in_pattern, random);
        Statement { is_deny: true, service, actions, concrete, resources, name, clauses, other_action: None }
    }

    /// One to four patterns about a name.
    fn resources(
        &self,
        service: &Service,
        name: &str,
        variable: Variable,
        random: &mut Random,
    ) -> Vec<(String, String)> {
        let count = match random.below(100) {
            0..65 => 1,
            65..90 => 2,
            _ => 3 + random.below(2),
        };
        let first = random.below(service.forms.len());
        let forms: Vec<&str> =
            (first..first + count.min(service.forms.len())).map(|at| service.forms[at % service.forms.len()]).collect();
        forms
            .into_iter()
            .enumerate()
            .map(|(at, form)| {
                let text = form.replace("{R}", self.region).replace("{N}", name);
                let is_wanted = matches!(variable, Variable::Wanted) && at == 0;
                let with_variable = if is_wanted && text.contains("{A}") && random.percent(30) {
                    text.replace("{A}", "${aws:PrincipalAccount}")
                } else if is_wanted {
                    format!("{}-${{aws:PrincipalTag/team}}/*", text.trim_end_matches('*'))
                } else {
                    text
                };
                let expanded = with_variable
                    .replace("${aws:PrincipalTag/team}", self.team)
                    .replace("${aws:PrincipalAccount}", ACCOUNT)
                    .replace("{A}", ACCOUNT);
                (with_variable.replace("{A}", ACCOUNT), expanded)
            })
            .collect()
    }
}

/// A list of actions of a service and what matches it: names mostly, sometimes a prefix pattern.
fn choose(service: &Service, list: &str, random: &mut Random) -> (Vec<String>, Vec<String>) {
    let names: Vec<&str> = list.split_whitespace().collect();
    let count = match random.below(100) {
        0..38 => 1,
        38..55 => 2,
        55..70 => 3,
        70..82 => 4 + random.below(3),
        82..92 => 7 + random.below(6),
        _ => 13 + random.below(8),
    };
    // Names near the front are used more.
    let first = random.below(names.len()) * random.below(names.len()) / names.len();
    let chosen: Vec<&str> = (first..first + count.min(names.len())).map(|at| names[at % names.len()]).collect();
    let mut actions: Vec<String> = Vec::new();
    let mut concrete: Vec<String> = Vec::new();
    let as_prefix = random.percent(15);
    for name in chosen {
        let verb = name.get(1..).and_then(|rest| rest.find(char::is_uppercase)).map_or(name, |end| &name[..=end]);
        let action =
            if as_prefix { format!("{}:{verb}*", service.prefix) } else { format!("{}:{name}", service.prefix) };
        if !actions.contains(&action) {
            actions.push(action);
        }
        concrete.push(format!("{}:{name}", service.prefix));
    }
    (actions, concrete)
}

fn some_action(service: &Service, list: &str, random: &mut Random) -> String {
    let names: Vec<&str> = list.split_whitespace().collect();
    format!("{}:{}", service.prefix, random.pick(&names))
}

/// Whether a boundary leaves a service out.
fn is_outside(boundary: usize, service: usize) -> bool {
    service % BOUNDARIES == boundary && SERVICES[service].prefix != "s3"
}

fn boundary(number: usize) -> Policy {
    let inside = |service: &usize| !is_outside(number, *service);
    let all: Vec<String> =
        (0..SERVICES.len()).filter(inside).map(|service| format!("{}:*", SERVICES[service].prefix)).collect();
    let (bulk, named) = all.split_at(all.len() - 3);
    let own = |prefix: &String| {
        let service = prefix.trim_end_matches('*');
        json!([format!("arn:aws:{service}*:{ACCOUNT}:*"), format!("arn:aws:{service}::*"), "*"])
    };
    let statements = [
        json!({ "Sid": "Services", "Effect": "Allow", "Action": bulk, "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": &named[0], "Resource": own(&named[0]) }),
        json!({ "Effect": "Allow", "Action": &named[1..], "Resource": "*",
                "Condition": { "StringEquals": { "aws:PrincipalAccount": ACCOUNT } } }),
        json!({ "Sid": "Regions", "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "account:*", "sts:*"],
                "Resource": "*", "Condition": { "StringNotEquals": { "aws:RequestedRegion": REGIONS } } }),
        json!({ "Sid": "NoEscape", "Effect": "Deny",
                "Action": ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"], "Resource": "*" }),
    ];
    let texts: Vec<String> = statements.iter().map(Value::to_string).collect();
    Policy { arn: Some(format!("arn:aws:iam::{ACCOUNT}:policy/boundary-{number}")), text: document(&texts) }
}

fn requests(drafts: &[Draft], random: &mut Random) -> Vec<Request> {
    // A stride without a common divisor visits all roles.
    let stride =
        (drafts.len() * 5 / 8 + 1..=drafts.len() + 1).find(|stride| divisor(*stride, drafts.len()) == 1).unwrap_or(1);
    let mut requests = Vec::with_capacity(COLD);
    let mut role = 0;
    while requests.len() < COLD {
        let wanted = [Expected::Allowed, Expected::Implicit, Expected::Explicit][requests.len() % 3];
        role = (role + stride) % drafts.len();
        requests.push(request(drafts, role, wanted, random));
    }
    requests
}

fn divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// A request of the wanted kind to a role, or to the next that has such a statement; implicitly denied if none has.
fn request(drafts: &[Draft], role: usize, wanted: Expected, random: &mut Random) -> Request {
    for role in (role..drafts.len()).chain(0..role) {
        let draft = &drafts[role];
        let is_outside =
            |statement: &Statement| draft.boundary.is_some_and(|boundary| is_outside(boundary, statement.service));
        let statements: Vec<&Statement> = (draft.statements.iter())
            .filter(|statement| match wanted {
                Expected::Allowed => !statement.is_deny && !is_outside(statement),
                Expected::Implicit => !statement.is_deny,
                Expected::Explicit => statement.is_deny,
            })
            .collect();
        if statements.is_empty() {
            continue;
        }
        let statement = random.pick(&statements);
        let ask = Ask { draft, role, statement };
        return match wanted {
            Expected::Allowed | Expected::Explicit => ask.hit(wanted, random),
            Expected::Implicit if is_outside(statement) => ask.hit(wanted, random),
            Expected::Implicit => ask.near_miss(random),
        };
    }
    request(drafts, role, Expected::Implicit, random)
}

/// A request to a statement of a role.
struct Ask<'a> {
    draft: &'a Draft,
    role: usize,
    statement: &'a Statement,
}

impl Ask<'_> {
    fn hit(&self, expected: Expected, random: &mut Random) -> Request {
        let action = random.pick(&self.statement.concrete).clone();
        let (_, pattern) = random.pick(&self.statement.resources);
        let resource = match GUARDED.iter().find(|(guarded, _)| *guarded == action) {
            Some((_, resource)) => resource.replace("{A}", ACCOUNT),
            None if pattern == "*" => "*".to_owned(),
            None => fill(pattern, ACCOUNT, self.draft.region, random),
        };
        self.request(action, resource, None, expected, random)
    }

    fn near_miss(&self, random: &mut Random) -> Request {
        let failing: Vec<usize> =
            (0..self.statement.clauses.len()).filter(|at| self.statement.clauses[*at].fails.is_some()).collect();
        let hit = self.hit(Expected::Implicit, random);
        if !failing.is_empty() && random.percent(60) {
            let failing = *random.pick(&failing);
            return self.request(hit.action, hit.resource, Some(failing), Expected::Implicit, random);
        }
        let is_by_name =
            !self.statement.name.is_empty() && (self.statement.other_action.is_none() || random.percent(50));
        match &self.statement.other_action {
            Some(action) if !is_by_name => Request { action: action.clone(), ..hit },
            _ => {
                // The last character of the name is another one.
                let name = &self.statement.name;
                let other = format!("{}x", &name[..name.len() - 1]);
                Request { resource: hit.resource.replace(name, &other), ..hit }
            }
        }
    }

    /// Five keys: those that the statement's conditions test, then what any request carries.
    fn request(
        &self,
        action: String,
        resource: String,
        failing: Option<usize>,
        expected: Expected,
        random: &mut Random,
    ) -> Request {
        let mut context: Vec<(String, Given)> = Vec::with_capacity(5);
        for (at, clause) in self.statement.clauses.iter().enumerate() {
            let need =
                if failing == Some(at) { clause.fails.as_ref().unwrap_or(&Need::Nothing) } else { &clause.holds };
            if let Need::Value(value) = need {
                context.push((clause.key.clone(), value.clone()));
            }
        }
        let tests = |key: &str| {
            let of_request_tags = |key: &str| key.starts_with("aws:RequestTag/") || key == "aws:TagKeys";
            self.statement
                .clauses
                .iter()
                .any(|clause| clause.key == key || of_request_tags(&clause.key) && of_request_tags(key))
        };
        let usual = usual(self.draft, random);
        let first = random.below(usual.len());
        let order = std::iter::once(0).chain((0..usual.len() - 1).map(|at| 1 + (first + at) % (usual.len() - 1)));
        for at in order {
            let (key, value) = &usual[at];
            if context.len() < 5 && !tests(key) {
                context.push(((*key).to_owned(), Given::One(value.clone())));
            }
        }
        // Conditions come first otherwise, which would make every search for a key a short one.
        let shift = random.below(context.len());
        context.rotate_left(shift);
        let principal = session(&self.draft.name, &format!("i-{:016x}", random.bits()));
        Request { principal, role: self.role, action, resource, context, expected }
    }
}

/// Keys with values that satisfy no Deny statement. The first is always given, for the boundaries.
fn usual(draft: &Draft, random: &mut Random) -> [(&'static str, String); 10] {
    [
        ("aws:RequestedRegion", draft.region.to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("aws:SourceIp", format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256))),
        ("aws:UserAgent", "aws-sdk-rust/1.3.3 os/linux lang/rust/1.95.0".to_owned()),
        ("aws:SourceVpce", format!("vpce-{:017x}", random.bits() >> 4)),
        ("aws:CurrentTime", "2026-03-04T05:06:07Z".to_owned()),
        ("aws:TokenIssueTime", "2026-03-04T04:59:00Z".to_owned()),
        ("aws:ResourceTag/Name", format!("{}-{}", draft.project, word(random))),
        ("aws:RequestTag/CostCenter", format!("{}", 4000 + random.below(300))),
        ("aws:MultiFactorAuthPresent", "true".to_owned()),
    ]
}
