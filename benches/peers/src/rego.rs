//! `regorus`, bytecode machine: statements as data by role, generic rules.

use serde_json::{Value as Json, json};

use crate::generate::corpus::{Corpus, Given};
use crate::model::{Answer, Base, Clause, Set, Statement};
use crate::peer::{Peer, drop_statements, expand, full_context, is_expandable};

const RULES: &str = r#"
package iam
import rego.v1

role := data.roles[input.role]

denied if {
    some s in role.deny
    matches(s)
}
denied if {
    some s in data.boundaries[role.boundary].deny
    matches(s)
}

allowed if {
    some s in role.allow
    matches(s)
    inside
}

decision := 2 if denied
decision := 0 if { not denied; allowed }
decision := 1 if { not denied; not allowed }

inside if role.boundary == "none"
inside if {
    some s in data.boundaries[role.boundary].allow
    matches(s)
}

matches(s) if {
    action_fits(s)
    resource_fits(s)
    every c in s.conditions { holds(c) }
}

action_fits(s) if { not s.not_action; listed(s.actions, input.action) }
action_fits(s) if { s.not_action; not listed(s.actions, input.action) }
resource_fits(s) if { not s.not_resource; listed(s.resources, input.resource) }
resource_fits(s) if { s.not_resource; not listed(s.resources, input.resource) }

listed(patterns, text) if text in patterns.exact
listed(patterns, text) if {
    some p in patterns.globs
    glob.match(p, null, text)
}

one(c, v) if { not c.fold; listed(c.values, v) }
one(c, v) if { c.fold; listed(c.values, lower(v)) }
fits(c, v) if { not c.negated; one(c, v) }
fits(c, v) if { c.negated; not one(c, v) }

present(c) if is_string(input.context[c.key])
present(c) if is_array(input.context[c.key])

holds(c) if { not present(c); c.missing }
holds(c) if { c.test == "null"; present(c); not c.missing }
holds(c) if { c.test == "none"; present(c); fits(c, input.context[c.key]) }
holds(c) if { c.test == "any"; some v in input.context[c.key]; fits(c, v) }
holds(c) if { c.test == "all"; present(c); every v in input.context[c.key] { fits(c, v) } }
"#;

fn can_say(statement: &Statement) -> bool {
    is_expandable(statement) && statement.clauses.iter().all(|clause| clause.base != Base::NumericAtLeast)
}

fn patterns(texts: &[String], are_globs: impl Fn(&str) -> bool) -> Json {
    let (globs, exact): (Vec<&String>, Vec<&String>) = texts.iter().partition(|text| are_globs(text));
    json!({ "globs": globs, "exact": exact })
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn expanded(texts: &[String], tags: &[(String, String)]) -> Vec<String> {
    texts.iter().filter_map(|text| expand(text, tags)).collect()
}

fn clause(clause: &Clause, tags: &[(String, String)]) -> Json {
    let texts = expanded(&clause.texts, tags);
    let fold = matches!(clause.base, Base::EqualsIgnoreCase | Base::Bool);
    let texts: Vec<String> = if fold { texts.iter().map(|text| text.to_ascii_lowercase()).collect() } else { texts };
    let has_globs = matches!(clause.base, Base::Like | Base::Arn);
    let is_null = clause.base == Base::Null;
    let wants_missing = texts.iter().any(|text| text.eq_ignore_ascii_case("true"));
    let test = match clause.set {
        _ if is_null => "null",
        Set::None => "none",
        Set::Any => "any",
        Set::All => "all",
    };
    let missing = match clause.set {
        _ if is_null => wants_missing,
        Set::None => clause.is_negated || clause.if_exists,
        Set::Any => clause.if_exists,
        Set::All => true,
    };
    json!({ "key": clause.name.to_ascii_lowercase(), "test": test, "missing": missing, "negated": clause.is_negated,
            "fold": fold, "values": patterns(&texts, |text| has_globs && is_glob(text)) })
}

fn data(statements: &[Statement], tags: &[(String, String)]) -> (Vec<Json>, Vec<Json>) {
    let one = |statement: &&Statement| {
        let conditions: Vec<Json> = statement.clauses.iter().map(|one| clause(one, tags)).collect();
        json!({ "not_action": statement.is_not_action, "actions": patterns(&statement.action_texts, is_glob),
                "not_resource": statement.is_not_resource,
                "resources": patterns(&expanded(&statement.resource_texts, tags), is_glob), "conditions": conditions })
    };
    let (deny, allow): (Vec<&Statement>, Vec<&Statement>) = statements.iter().partition(|statement| statement.is_deny);
    (deny.iter().map(one).collect(), allow.iter().map(one).collect())
}

pub(crate) fn peer<'a>(corpus: &'a Corpus, count: usize) -> Result<Peer<'a>, String> {
    regorus::cache::configure(regorus::cache::Config { regex: 256, glob: 65_536 });
    let (model, kept, dropped) = drop_statements(corpus, &can_say);
    let mut roles = serde_json::Map::new();
    for (number, holder) in model.holders.iter().enumerate() {
        let (deny, allow) = data(&holder.statements, &holder.tags);
        let boundary = holder.boundary.map_or_else(|| "none".to_owned(), |number| format!("b{number}"));
        roles.insert(format!("r{number}"), json!({ "deny": deny, "allow": allow, "boundary": boundary }));
    }
    let mut boundaries = serde_json::Map::new();
    // Something undefined in a rule would end more than that rule.
    boundaries.insert("none".to_owned(), json!({ "deny": [], "allow": [] }));
    for (number, statements) in model.boundaries.iter().enumerate() {
        let (deny, allow) = data(statements, &[]);
        boundaries.insert(format!("b{number}"), json!({ "deny": deny, "allow": allow }));
    }
    let data = json!({ "roles": roles, "boundaries": boundaries }).to_string();
    let value = |text: &str| regorus::Value::from_json_str(text).map_err(|error| error.to_string());
    let data = value(&data)?;
    let mut engine = regorus::Engine::new();
    engine.add_policy("iam.rego".to_owned(), RULES.to_owned()).map_err(|error| error.to_string())?;
    let compiled = engine.compile_with_entrypoint(&"data.iam.decision".into()).map_err(|error| error.to_string())?;
    let program = regorus::languages::rego::compiler::Compiler::compile_from_policy(&compiled, &["data.iam.decision"])
        .map_err(|error| error.to_string())?;
    let mut machine = regorus::rvm::vm::RegoVM::new_with_policy(compiled);
    machine.set_max_instructions(usize::MAX);
    machine.load_program(program);
    machine.set_data(data).map_err(|error| error.to_string())?;
    let sets: std::collections::BTreeSet<String> = (model.holders.iter().flat_map(|holder| &holder.statements))
        .chain(model.boundaries.iter().flatten())
        .flat_map(|statement| &statement.clauses)
        .filter(|clause| clause.set != Set::None)
        .map(|clause| clause.name.to_ascii_lowercase())
        .collect();
    let inputs: Result<Vec<regorus::Value>, String> = corpus.requests[..count].iter().map(|request| {
        let context: serde_json::Map<String, Json> = full_context(corpus, request).into_iter().map(|(key, given)| {
            let key = key.to_ascii_lowercase();
            let json = match given {
                Given::One(text) if sets.contains(&key) => json!([text]),
                Given::One(text) => json!(text),
                Given::Many(texts) => json!(texts),
            };
            (key, json)
        }).collect();
        let action = request.action.to_ascii_lowercase();
        value(&json!({ "role": format!("r{}", request.role), "action": action, "resource": request.resource, "context": context }).to_string())
    }).collect();
    let inputs = inputs?;
    let mut failed = None;
    let decide = Box::new(move |at: usize| {
        machine.set_input(inputs[at].clone());
        match machine.execute_entry_point_by_name("data.iam.decision") {
            Ok(answer) => Some(match answer.as_u64() {
                Ok(0) => Answer::Allowed,
                Ok(2) => Answer::Explicit,
                _ => Answer::Implicit,
            }),
            Err(error) => {
                failed.get_or_insert_with(|| eprintln!("regorus: {error}"));
                None
            }
        }
    });
    let note = format!(
        "{dropped} (numbers); statements as data, generic rules; pattern cache and limit of instructions raised; variables of the role expanded, requests prepared"
    );
    Ok(Peer { name: "(f) regorus bytecode", note, decide, kept, only_allows: false })
}
