//! Documents, read leniently (chapter 1, switch `validation`).

use super::condition::{Operator, Test};
use super::context::scalar;
use super::pattern::{Part, PolicyType, ResourceEntry, parts};
use super::principal::{PrincipalEntry, Source};
use super::switches::Switches;
use super::value::fold;
use serde_json::{Map, Value};

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub(super) struct PrincipalPart {
    pub(super) negated: bool,
    pub(super) entries: Vec<PrincipalEntry>,
}

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) allow: bool,
    pub(super) principal: Option<PrincipalPart>,
    pub(super) not_action: bool,
    /// In lower case (R-ACT-2).
    pub(super) actions: Vec<String>,
    /// Whether it is `NotResource`, and the entries.
    pub(super) resource: Option<(bool, Vec<ResourceEntry>)>,
    pub(super) tests: Vec<Test>,
}

#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) policy_type: PolicyType,
    pub(super) statements: Vec<Statement>,
}

/// Reads documents and numbers the tests of their conditions.
#[derive(Debug)]
pub(super) struct Reader {
    pub(super) switches: Switches,
    pub(super) tests: Vec<String>,
}

type Object = Map<String, Value>;

fn only_members(object: &Object, known: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("unknown member {name}")),
        None => Ok(()),
    }
}

/// A string or a list of strings (R-DOC-4).
fn strings(value: &Value, nulls: bool) -> Result<Vec<String>, String> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(items) => {
            let mut texts = Vec::new();
            for item in items {
                match item {
                    Value::String(text) => texts.push(text.clone()),
                    Value::Null if nulls => {} // R-DOC-6
                    _ => return Err("a list entry is not a string".to_owned()),
                }
            }
            Ok(texts)
        }
        _ => Err("neither a string nor a list".to_owned()),
    }
}

impl Reader {
    /// R-DOC-1 to R-DOC-12.
    pub(super) fn policy(&mut self, value: &Value, policy_type: PolicyType) -> Result<Policy, String> {
        let object = value.as_object().ok_or("a document is not an object")?;
        only_members(object, &["Version", "Id", "Statement"])?;
        let variables = match object.get("Version").map(Value::as_str) {
            None | Some(Some("2008-10-17")) => false,
            Some(Some("2012-10-17")) => true,
            Some(_) => return Err("bad Version".to_owned()),
        };
        if object.get("Id").is_some_and(|id| !id.is_string()) {
            return Err("Id is not a string".to_owned());
        }
        let list = match object.get("Statement") {
            Some(Value::Array(items)) => items.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => return Err("no Statement".to_owned()),
        };
        if self.switches.strict && list.is_empty() {
            return Err("empty Statement".to_owned());
        }
        let mut statements = Vec::new();
        for item in &list {
            statements.push(self.statement(item, policy_type, variables)?);
        }
        Ok(Policy { policy_type, statements })
    }

    /// R-DOC-13 to R-DOC-21.
    fn statement(&mut self, value: &Value, policy_type: PolicyType, variables: bool) -> Result<Statement, String> {
        let object = value.as_object().ok_or("a statement is not an object")?;
        only_members(
            object,
            &[
                "Sid",
                "Effect",
                "Principal",
                "NotPrincipal",
                "Action",
                "NotAction",
                "Resource",
                "NotResource",
                "Condition",
            ],
        )?;
        if object.get("Sid").is_some_and(|sid| !sid.is_string()) {
            return Err("Sid is not a string".to_owned());
        }
        let allow = match object.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("bad Effect".to_owned()),
        };
        let has_principal_part = matches!(policy_type, PolicyType::Resource | PolicyType::Endpoint | PolicyType::Rcp);
        let principal = match (object.get("Principal"), object.get("NotPrincipal")) {
            (Some(_), Some(_)) => return Err("Principal and NotPrincipal".to_owned()),
            (Some(value), None) => Some(PrincipalPart { negated: false, entries: self.principal(value)? }),
            (None, Some(value)) => Some(PrincipalPart { negated: true, entries: self.principal(value)? }),
            (None, None) => None,
        };
        if self.switches.strict && principal.is_some() && !has_principal_part {
            return Err("Principal in an identity-type policy".to_owned());
        }
        let (not_action, actions) = match (object.get("Action"), object.get("NotAction")) {
            (Some(value), None) => (false, strings(value, true)?),
            (None, Some(value)) => (true, strings(value, true)?),
            _ => return Err("not exactly one of Action and NotAction".to_owned()),
        };
        if self.switches.strict && actions.is_empty() {
            return Err("no actions".to_owned());
        }
        for action in &actions {
            let star = !action.is_empty() && action.chars().all(|c| c == '*');
            // R-ACT-1; `${...}` is literal text, its colon tolerated (R-ACT-9, W-27)
            let plain: usize = parts(action, true).iter().filter(|part| **part == Part::Char(':')).count();
            if !star && plain != 1 {
                return Err(format!("bad action {action}"));
            }
        }
        let resource = match (object.get("Resource"), object.get("NotResource")) {
            (Some(value), None) => Some((false, strings(value, true)?)),
            (None, Some(value)) => Some((true, strings(value, true)?)),
            (None, None) if policy_type == PolicyType::Resource => None,
            _ => return Err("not exactly one of Resource and NotResource".to_owned()),
        };
        let resource = resource.map(|(negated, texts)| {
            let switches = self.switches;
            let entries = texts.iter().map(|text| ResourceEntry::new(text, variables, policy_type, &switches));
            (negated, entries.collect())
        });
        let tests = match object.get("Condition") {
            None => Vec::new(),
            Some(value) => self.condition(value, variables)?,
        };
        let actions = actions.iter().map(|text| text.to_ascii_lowercase()).collect();
        Ok(Statement { allow, principal, not_action, actions, resource, tests })
    }

    /// R-DOC-7, R-DOC-8, R-DOC-19.
    fn principal(&self, value: &Value) -> Result<Vec<PrincipalEntry>, String> {
        let aws = |text: &str| PrincipalEntry { source: Source::Aws, text: text.to_owned() };
        match value {
            Value::String(text) if text == "*" || !self.switches.strict => Ok(vec![aws(text)]),
            Value::Object(object) => {
                let mut entries = Vec::new();
                for (name, value) in object {
                    let source = match name.as_str() {
                        "AWS" => Source::Aws,
                        "Service" => Source::Service,
                        "Federated" => Source::Federated,
                        "CanonicalUser" => Source::CanonicalUser,
                        _ => return Err(format!("unknown principal type {name}")),
                    };
                    for text in strings(value, false)? {
                        entries.push(PrincipalEntry { source, text });
                    }
                }
                Ok(entries)
            }
            _ => Err("bad principal".to_owned()),
        }
    }

    /// R-DOC-5, R-DOC-6, R-DOC-17, R-CON-2, R-CON-4.
    fn condition(&mut self, value: &Value, variables: bool) -> Result<Vec<Test>, String> {
        let mut tests = Vec::new();
        for (name, keys) in value.as_object().ok_or("Condition is not an object")? {
            let operator = Operator::parse(name, &self.switches);
            let keys = keys.as_object().ok_or("an operator's value is not an object")?;
            if self.switches.strict && operator.is_none() {
                return Err(format!("unknown operator {name}"));
            }
            let mut seen: Vec<String> = Vec::new();
            for (key, value) in keys {
                let key = fold(key);
                if seen.contains(&key) {
                    return Err(format!("condition key {key} twice"));
                }
                seen.push(key.clone());
                let texts = match value {
                    Value::Array(items) => items.iter().map(scalar).collect::<Result<Vec<_>, _>>()?,
                    one => vec![scalar(one)?],
                };
                let values = texts.iter().map(|text| (text.clone(), parts(text, variables))).collect();
                tests.push(Test { number: self.tests.len(), operator, key, values });
                self.tests.push(name.clone());
            }
        }
        Ok(tests)
    }
}
