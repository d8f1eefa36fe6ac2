//! The policies as any competent engine would hold them: parsed once, actions in lower case, conditions ready.
//!
//! Whole-string globs (`*` crosses `:`), which the corpora are made for. Shared by the scan, the afternoon index and
//! the prefix index, which differ only in how they find the statements to look at.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde_json::Value as Json;

use crate::generate::corpus::{ACCOUNT, Corpus, Given, Role};

pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;

/// What every engine is asked; borrows the request's texts.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) principal: &'a str,
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a [(&'a str, Value<'a>)],
}

pub(crate) type Value<'a> = iamc::Value<'a>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Allowed,
    Implicit,
    Explicit,
}

/// A policy text against which another is compared.
pub(crate) enum Pattern {
    All,
    Literal(Box<str>),
    Prefix(Box<str>),
    /// Literal head, pattern between, literal tail.
    Glob(Box<str>, Box<str>, Box<str>),
    /// Texts (with wildcards) and variables in turn.
    Template(Box<[(Box<str>, Option<Key>)]>),
}

impl Pattern {
    fn new(text: &str) -> Self {
        if text.contains("${") {
            let mut parts = Vec::new();
            let mut rest = text;
            while let Some((before, after)) = rest.split_once("${") {
                let (name, behind) = after.split_once('}').expect("a closed variable");
                parts.push((before.into(), Some(Key::new(name))));
                rest = behind;
            }
            parts.push((rest.into(), None));
            return Self::Template(parts.into());
        }
        let Some(first) = text.find(['*', '?']) else { return Self::Literal(text.into()) };
        let last = text.rfind(['*', '?']).expect("there is one");
        match (first, last + 1 == text.len(), &text[first..=last]) {
            (0, true, "*") => Self::All,
            (_, true, "*") => Self::Prefix(text[..first].into()),
            (_, _, middle) => Self::Glob(text[..first].into(), middle.into(), text[last + 1..].into()),
        }
    }

    /// The literal text that every match begins with.
    pub(crate) fn literal_prefix(&self) -> &str {
        match self {
            Self::All => "",
            Self::Literal(text) | Self::Prefix(text) | Self::Glob(text, _, _) => text,
            Self::Template(parts) => parts[0].0.split(['*', '?']).next().unwrap_or(""),
        }
    }

    pub(crate) fn matches(&self, text: &str, scene: &Scene<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Literal(literal) => **literal == *text,
            Self::Prefix(prefix) => text.as_bytes().starts_with(prefix.as_bytes()),
            Self::Glob(head, middle, tail) => {
                let text = text.as_bytes();
                text.len() >= head.len() + tail.len()
                    && text.starts_with(head.as_bytes())
                    && text.ends_with(tail.as_bytes())
                    && glob(middle.as_bytes(), &text[head.len()..text.len() - tail.len()])
            }
            Self::Template(parts) => template(parts, text, scene),
        }
    }
}

/// A `*` of a value that a variable stands for is no wildcard.
const LITERAL_STAR: u8 = 1;

fn template(parts: &[(Box<str>, Option<Key>)], text: &str, scene: &Scene<'_>) -> bool {
    let mut buffer = [0_u8; 512];
    let mut end = 0;
    for (before, variable) in parts {
        let value = match variable {
            None => "",
            Some(key) => match scene.field(key) {
                Field::One(value) if !value.is_empty() => value,
                _ => return false,
            },
        };
        let Some(room) = buffer.get_mut(end..end + before.len() + value.len()) else { return false };
        room[..before.len()].copy_from_slice(before.as_bytes());
        room[before.len()..].copy_from_slice(value.as_bytes());
        for byte in &mut room[before.len()..] {
            if *byte == b'*' {
                *byte = LITERAL_STAR;
            }
        }
        end += before.len() + value.len();
    }
    glob(&buffer[..end], text.as_bytes())
}

/// Whether the pattern of `*` and `?` matches all of the text.
pub(crate) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star, mut resume) = (0, 0, usize::MAX, 0);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = p;
                resume = t;
                p += 1;
            }
            Some(&byte) if byte == text[t] || byte == b'?' || byte == LITERAL_STAR && text[t] == b'*' => {
                p += 1;
                t += 1;
            }
            _ if star != usize::MAX => {
                p = star + 1;
                resume += 1;
                t = resume;
            }
            _ => return false,
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// A condition key, resolved as far as it can be when policies are read.
#[derive(Clone)]
pub(crate) enum Key {
    PrincipalAccount,
    ResourceAccount,
    PrincipalArn,
    PrincipalType,
    PrincipalTag(Box<str>),
    TagKeys,
    ViaAwsService,
    EncryptionContextKeys,
    /// In lower case.
    Given(Box<str>),
}

impl Key {
    fn new(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "aws:principalaccount" => Self::PrincipalAccount,
            "aws:resourceaccount" => Self::ResourceAccount,
            "aws:principalarn" => Self::PrincipalArn,
            "aws:principaltype" => Self::PrincipalType,
            "aws:tagkeys" => Self::TagKeys,
            "aws:viaawsservice" => Self::ViaAwsService,
            "kms:encryptioncontextkeys" => Self::EncryptionContextKeys,
            name => match name.strip_prefix("aws:principaltag/") {
                Some(tag) => Self::PrincipalTag(tag.into()),
                None => Self::Given(name.into()),
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Field<'a> {
    Missing,
    One(&'a str),
    Many(&'a [&'a str]),
    /// What follows the prefix in the names of the context's keys.
    Names(&'a [(&'a str, Value<'a>)], &'static str),
}

/// What conditions and variables of a statement see.
pub(crate) struct Scene<'a> {
    pub(crate) ask: &'a Ask<'a>,
    pub(crate) holder: &'a Holder,
}

fn tail<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &name[prefix.len()..])
}

impl<'a> Scene<'a> {
    fn field(&self, key: &Key) -> Field<'a> {
        let given = |name: &str| {
            let found = self
                .ask
                .context
                .iter()
                .find(|(known, _)| known.len() == name.len() && known.eq_ignore_ascii_case(name));
            match found {
                None => Field::Missing,
                Some((_, Value::One(value))) => Field::One(value),
                Some((_, Value::List([]))) => Field::Missing,
                Some((_, Value::List(values))) => Field::Many(values),
            }
        };
        let names = |prefix: &'static str| match self.ask.context.iter().any(|(name, _)| tail(name, prefix).is_some()) {
            true => Field::Names(self.ask.context, prefix),
            false => Field::Missing,
        };
        match key {
            Key::PrincipalAccount => Field::One(ACCOUNT),
            Key::ResourceAccount => match self.ask.resource.splitn(6, ':').nth(4) {
                Some("aws") => given("aws:resourceaccount"),
                Some(owner) if owner.len() == 12 => Field::One(owner),
                _ => Field::One(ACCOUNT),
            },
            Key::PrincipalArn => Field::One(&self.holder.arn),
            Key::PrincipalType => Field::One("AssumedRole"),
            Key::PrincipalTag(tag) => {
                let found = self.holder.tags.iter().find(|(name, _)| *name == **tag);
                found.map_or(Field::Missing, |(_, value)| Field::One(value))
            }
            Key::TagKeys => match given("aws:tagkeys") {
                Field::Missing => names("aws:requesttag/"),
                given => given,
            },
            Key::ViaAwsService => match given("aws:viaawsservice") {
                Field::Missing => Field::One("false"),
                given => given,
            },
            Key::EncryptionContextKeys => match given("kms:encryptioncontextkeys") {
                Field::Missing => names("kms:encryptioncontext:"),
                given => given,
            },
            Key::Given(name) => given(name),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Set {
    None,
    All,
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Base {
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    Null,
    Arn,
    NumericAtLeast,
}

pub(crate) struct Clause {
    pub(crate) set: Set,
    pub(crate) base: Base,
    pub(crate) is_negated: bool,
    pub(crate) if_exists: bool,
    pub(crate) key: Key,
    pub(crate) values: Vec<Pattern>,
    /// The literal values, where there are many.
    literals: Option<std::collections::HashSet<Box<str>, FixedState>>,
    /// As written, for translations.
    pub(crate) name: String,
    pub(crate) texts: Vec<String>,
}

impl Clause {
    fn new(operator: &str, name: &str, texts: Vec<String>) -> Self {
        let (set, rest) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (Set::All, rest),
            Some((_, rest)) => (Set::Any, rest),
            None => (Set::None, operator),
        };
        let base = rest.trim_end_matches("IfExists");
        let if_exists = base != rest;
        let is_negated = base.contains("Not");
        let base = match base.replace("Not", "").as_str() {
            "StringEquals" => Base::Equals,
            "StringEqualsIgnoreCase" => Base::EqualsIgnoreCase,
            "StringLike" => Base::Like,
            "Bool" => Base::Bool,
            "Null" => Base::Null,
            "ArnLike" | "ArnEquals" => Base::Arn,
            "NumericGreaterThanEquals" => Base::NumericAtLeast,
            other => panic!("no peer has the operator {other}"),
        };
        let value = |text: &String| match base {
            // In an equality a `*` is a character.
            Base::Equals | Base::EqualsIgnoreCase if !text.contains("${") => Pattern::Literal(text.as_str().into()),
            Base::Bool | Base::Null => Pattern::Literal(text.to_ascii_lowercase().into()),
            _ => Pattern::new(text),
        };
        let values: Vec<Pattern> = texts.iter().map(value).collect();
        let is_list = base == Base::Equals && texts.len() > 8 && !texts.iter().any(|text| text.contains("${"));
        let literals = is_list.then(|| texts.iter().map(|text| text.as_str().into()).collect());
        Self { set, base, is_negated, if_exists, key: Key::new(name), values, literals, name: name.to_owned(), texts }
    }

    fn one(&self, value: &str, scene: &Scene<'_>) -> bool {
        let any = match self.base {
            Base::Equals | Base::Like | Base::Arn => match &self.literals {
                Some(literals) => literals.contains(value),
                None => self.values.iter().any(|pattern| pattern.matches(value, scene)),
            },
            Base::EqualsIgnoreCase | Base::Bool => self.values.iter().any(|pattern| match pattern {
                Pattern::Literal(text) => text.eq_ignore_ascii_case(value),
                _ => pattern.matches(value, scene),
            }),
            Base::NumericAtLeast => self.texts.iter().any(|text| {
                value.parse::<f64>().is_ok_and(|value| text.parse().is_ok_and(|least: f64| value >= least))
            }),
            Base::Null => false,
        };
        any != self.is_negated
    }

    pub(crate) fn holds(&self, scene: &Scene<'_>) -> bool {
        let field = scene.field(&self.key);
        if self.base == Base::Null {
            let is_empty = match field {
                Field::Missing => true,
                Field::One(value) => value.is_empty(),
                Field::Many(values) => values.iter().all(|value| value.is_empty()),
                Field::Names(..) => false,
            };
            let wanted = if is_empty { "true" } else { "false" };
            return self.texts.iter().any(|text| text.eq_ignore_ascii_case(wanted));
        }
        match (self.set, field) {
            (_, Field::Missing) if self.if_exists => true,
            (Set::None, Field::Missing) => self.is_negated,
            (Set::None, Field::One(value)) => self.one(value, scene),
            (Set::None, Field::Many([value])) => self.one(value, scene),
            (Set::None, Field::Many(_) | Field::Names(..)) => false,
            (Set::All, Field::Missing) => true,
            (Set::Any, Field::Missing) => false,
            (set, Field::One("")) => set == Set::All,
            (_, Field::One(value)) => self.one(value, scene),
            (Set::All, Field::Many(values)) => values.iter().all(|value| self.one(value, scene)),
            (Set::Any, Field::Many(values)) => values.iter().any(|value| self.one(value, scene)),
            (set, Field::Names(context, prefix)) => {
                let mut names = context.iter().filter_map(|(name, _)| tail(name, prefix));
                if set == Set::All {
                    names.all(|name| self.one(name, scene))
                } else {
                    names.any(|name| self.one(name, scene))
                }
            }
        }
    }
}

pub(crate) struct Statement {
    pub(crate) is_deny: bool,
    /// In lower case.
    pub(crate) actions: Vec<Pattern>,
    pub(crate) action_texts: Vec<String>,
    pub(crate) is_not_action: bool,
    pub(crate) resources: Vec<Pattern>,
    pub(crate) resource_texts: Vec<String>,
    pub(crate) is_not_resource: bool,
    pub(crate) clauses: Vec<Clause>,
}

impl Statement {
    fn new(json: &Json) -> Self {
        let (action, is_not_action) = either(json, "Action", "NotAction");
        let (resource, is_not_resource) = either(json, "Resource", "NotResource");
        let action_texts: Vec<String> = action.iter().map(|text| text.to_ascii_lowercase()).collect();
        let empty = serde_json::Map::new();
        let operators = json["Condition"].as_object().unwrap_or(&empty);
        let clauses = operators.iter().flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| Clause::new(operator, key, texts(values)))
        });
        Self {
            is_deny: json["Effect"] == "Deny",
            actions: action_texts.iter().map(|text| Pattern::new(text)).collect(),
            action_texts,
            is_not_action,
            resources: resource.iter().map(|text| Pattern::new(text)).collect(),
            resource_texts: resource,
            is_not_resource,
            clauses: clauses.collect(),
        }
    }

    pub(crate) fn matches_action(&self, lowercase: &str, scene: &Scene<'_>) -> bool {
        self.actions.iter().any(|pattern| pattern.matches(lowercase, scene)) != self.is_not_action
    }

    pub(crate) fn matches_resource(&self, scene: &Scene<'_>) -> bool {
        self.resources.iter().any(|pattern| pattern.matches(scene.ask.resource, scene)) != self.is_not_resource
    }

    pub(crate) fn conditions_hold(&self, scene: &Scene<'_>) -> bool {
        self.clauses.iter().all(|clause| clause.holds(scene))
    }
}

fn either(json: &Json, positive: &str, negative: &str) -> (Vec<String>, bool) {
    match json.get(negative) {
        Some(values) => (texts(values), true),
        None => (texts(&json[positive]), false),
    }
}

fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::Array(values) => values.iter().flat_map(texts).collect(),
        Json::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// A role with its statements, denies first.
pub(crate) struct Holder {
    /// `ACCOUNT:assumed-role/NAME`, as it stands in session ARNs.
    pub(crate) key: String,
    pub(crate) arn: String,
    /// Names in lower case.
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) statements: Vec<Statement>,
    /// Index into [`Model::boundaries`].
    pub(crate) boundary: Option<usize>,
}

pub(crate) struct Model {
    pub(crate) holders: Vec<Holder>,
    pub(crate) boundaries: Vec<Vec<Statement>>,
}

impl Model {
    /// Reads the policies; statements that `keep` refuses are left out.
    pub(crate) fn new(corpus: &Corpus, keep: &dyn Fn(&Statement) -> bool) -> Self {
        let mut boundaries: Vec<(*const u8, Vec<Statement>)> = Vec::new();
        let mut holder = |role: &Role| {
            let boundary = role.boundary.as_ref().map(|policy| {
                let address = Arc::as_ptr(policy).cast();
                let known = boundaries.iter().position(|(known, _)| *known == address);
                known.unwrap_or_else(|| {
                    boundaries.push((address, statements([policy.text.as_str()], keep)));
                    boundaries.len() - 1
                })
            });
            Holder {
                key: format!("{ACCOUNT}:assumed-role/{}", role.name),
                arn: format!("arn:aws:iam::{ACCOUNT}:role/{}", role.name),
                tags: role.tags.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect(),
                statements: statements(role.policies.iter().map(|policy| policy.text.as_str()), keep),
                boundary,
            }
        };
        let holders = corpus.roles.iter().map(&mut holder).collect();
        Self { holders, boundaries: boundaries.into_iter().map(|(_, statements)| statements).collect() }
    }
}

fn statements<'a>(documents: impl IntoIterator<Item = &'a str>, keep: &dyn Fn(&Statement) -> bool) -> Vec<Statement> {
    let mut statements = Vec::new();
    for document in documents {
        let json: Json = serde_json::from_str(document).expect("a document");
        match &json["Statement"] {
            Json::Array(several) => statements.extend(several.iter().map(Statement::new)),
            single => statements.push(Statement::new(single)),
        }
    }
    statements.retain(keep);
    statements.sort_by_key(|statement| !statement.is_deny);
    statements
}

/// The part of a session ARN by which its role is found.
pub(crate) fn role_key(principal: &str) -> Option<&str> {
    let rest = principal.strip_prefix("arn:aws:sts::")?;
    let name = rest.find('/')? + 1;
    let end = name + rest[name..].find('/')?;
    Some(&rest[..end])
}

/// The action in lower case, in a buffer.
pub(crate) fn lowercase<'b>(action: &str, buffer: &'b mut [u8; 128]) -> &'b str {
    let buffer = &mut buffer[..action.len()];
    buffer.copy_from_slice(action.as_bytes());
    buffer.make_ascii_lowercase();
    std::str::from_utf8(buffer).expect("still UTF-8")
}

/// Requests in the form in which they are asked: lists of borrowed texts.
pub(crate) struct Asks<'a> {
    requests: &'a [crate::generate::corpus::Request],
    contexts: Vec<Vec<(&'a str, Value<'a>)>>,
}

/// The lists of a context, which the values borrow.
pub(crate) type Lists<'a> = Vec<Vec<Vec<&'a str>>>;

pub(crate) fn lists(requests: &[crate::generate::corpus::Request]) -> Lists<'_> {
    fn borrow(given: &Given) -> Vec<&str> {
        match given {
            Given::One(_) => Vec::new(),
            Given::Many(values) => values.iter().map(String::as_str).collect(),
        }
    }
    requests.iter().map(|request| request.context.iter().map(|(_, given)| borrow(given)).collect()).collect()
}

impl<'a> Asks<'a> {
    pub(crate) fn new(requests: &'a [crate::generate::corpus::Request], lists: &'a Lists<'a>) -> Self {
        let contexts = requests.iter().zip(lists).map(|(request, lists)| {
            let entries = request.context.iter().zip(lists);
            entries
                .map(|((key, given), list)| match given {
                    Given::One(value) => (key.as_str(), Value::One(value)),
                    Given::Many(_) => (key.as_str(), Value::List(list)),
                })
                .collect()
        });
        Self { requests, contexts: contexts.collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    pub(crate) fn get(&self, at: usize) -> Ask<'_> {
        let request = &self.requests[at];
        Ask {
            principal: &request.principal,
            action: &request.action,
            resource: &request.resource,
            context: &self.contexts[at],
        }
    }
}
