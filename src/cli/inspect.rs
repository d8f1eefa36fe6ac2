//! `iamc inspect`

use iamc::graph::KindCounts;
use iamc::provenance::Provenance;
use iamc::terms::Cardinality;
use iamc::{Counts, KeyType, RequiredKey, Tables};
use serde_json::{Map, Value, json};

use crate::args::{Format, InspectArguments};
use crate::input;
use crate::output::{self, Failure, Output};

pub(crate) fn run(arguments: &InspectArguments) -> Result<u8, Failure> {
    let bytes = input::read_artifact(&arguments.artifact)?;
    let tables = input::load_tables(&arguments.artifact, &bytes)?;
    let provenance = Provenance::read(tables.provenance());
    let mut out = Output::new();
    let description = match &arguments.action {
        None => describe(&tables, bytes.len(), provenance.as_ref()),
        Some(action) => {
            let keys = tables.required_context(action).map_err(Failure::of)?;
            json!({ "action": action, "contextKeys": keys.map(describe_key).collect::<Vec<_>>() })
        }
    };
    match arguments.format {
        Format::Json => out.json(&description)?,
        Format::Human => print(&description, &mut out)?,
    }
    out.flush()?;
    Ok(output::STATUS_OK)
}

fn describe_key(key: RequiredKey<'_>) -> Value {
    let form = match key.cardinality {
        Cardinality::Unknown => "unknown",
        Cardinality::Single => "single",
        Cardinality::Multi => "list",
    };
    json!({
        "key": key.name,
        "values": form,
        "types": key.types.iter().map(KeyType::name).collect::<Vec<_>>(),
        "supplier": key.supplier().name(),
        "derived": key.source.is_derived(),
    })
}

fn describe(tables: &Tables<'_>, bytes: usize, provenance: Option<&Provenance>) -> Value {
    let sections: Map<String, Value> =
        tables.sections().map(|(name, bytes)| (name.to_owned(), Value::from(bytes))).collect();
    let semantics: Map<String, Value> =
        tables.semantics().values().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let keys: Vec<Value> = tables.required_keys().map(describe_key).collect();
    let passes = provenance.map(|provenance| {
        let passes = provenance.passes.iter();
        passes.map(|(name, removed)| (name.clone(), Value::from(*removed))).collect::<Map<String, Value>>()
    });
    let inputs = provenance.map(|provenance| {
        let inputs = provenance.inputs.iter();
        inputs.map(|input| json!({ "file": input.name, "digest": input.digest })).collect::<Vec<Value>>()
    });
    json!({
        "formatVersion": Tables::FORMAT_VERSION,
        "bytes": bytes,
        "decisionBytes": tables.hot_bytes(),
        "sections": sections,
        "counts": counts(&tables.counts(), &iamc::graph::kinds(tables)),
        "passes": passes,
        "semantics": semantics,
        "contextKeys": keys,
        "inputs": inputs,
    })
}

fn counts(counts: &Counts, kinds: &KindCounts) -> Value {
    json!({
        "accounts": counts.accounts,
        "principals": counts.principals,
        "users": kinds.users,
        "ordinaryRoles": kinds.roles,
        "identityCenterRoles": kinds.identity_center_roles,
        "serviceLinkedRoles": kinds.service_linked_roles,
        "serviceRoles": kinds.service_roles,
        "instanceProfileRoles": kinds.instance_profile_roles,
        "policies": counts.policies,
        "statements": counts.statements,
        "resources": counts.resources,
        "endpoints": counts.endpoints,
        "bundles": counts.bundles,
        "actionClasses": counts.actions,
        "tries": counts.tries,
        "nodes": counts.nodes,
        "rows": counts.rows,
        "guards": counts.guards,
        "conditionBlocks": counts.blocks,
        "conditionTests": counts.tests,
    })
}

/// How wide the column of names is at least, so that the parts stand alike.
const NAMES: usize = 46;

/// The same for people: a heading for each part, a line for each entry.
fn print(description: &Value, out: &mut Output) -> Result<(), Failure> {
    let Value::Object(parts) = description else { return Ok(()) };
    for (name, part) in parts {
        match part {
            Value::Object(entries) => {
                out.line(&format!("{}:", heading(name)))?;
                let width = entries.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(NAMES);
                for (name, value) in entries {
                    out.line(&format!("  {name:<width$} {}", plain(value)))?;
                }
            }
            Value::Array(entries) => {
                out.line(&format!("{}:", heading(name)))?;
                for entry in entries {
                    out.line(&format!("  {}", row(entry)))?;
                }
            }
            Value::Null => out.line(&format!("{}: not recorded", heading(name)))?,
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                out.line(&format!("{}: {}", heading(name), plain(part)))?;
            }
        }
    }
    Ok(())
}

fn heading(name: &str) -> &str {
    match name {
        "formatVersion" => "format version",
        "decisionBytes" => "bytes that decisions read",
        "sections" => "sections, in bytes",
        "passes" => "removed by each pass",
        "contextKeys" => "context keys",
        _ => name,
    }
}

fn row(entry: &Value) -> String {
    let Value::Object(members) = entry else { return plain(entry) };
    let mut texts: Vec<String> = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            // `supplier` says it too, and more.
            ("derived", _) => {}
            ("types", Value::Array(types)) => texts.push(types.iter().map(plain).collect::<Vec<_>>().join("|")),
            ("key" | "file", _) => texts.push(format!("{:<30}", plain(value))),
            _ => texts.push(plain(value)),
        }
    }
    texts.join(" ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
