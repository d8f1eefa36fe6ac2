//! From texts to the world: which format each value is, and who reads it.

use super::dump::{self, Dump};
use super::model::{PolicyType, World};
use super::named::{self, Named};
use super::read::{Object, Reader};
use super::{Library, errors, resolve};
use crate::source::{Diagnostic, Place, Severity, SourceMap};
use crate::syntax::json::{self, Kind, OffsetMap, Value};

/// Reads all texts, each with its name, into one world.
///
/// Names are relative and unique; a document alone in its text takes the stem of that name. `forced` is the type of
/// named policies where it is not to be detected. What is wrong with the texts is kept in the world and comes out of
/// [`compile`](crate::compile). Costs one pass over each text and `n log n` in the number of entities.
pub fn load(mut inputs: Vec<(String, String)>, forced: Option<PolicyType>) -> World {
    let mut findings = Vec::new();
    inputs.sort();
    let mut sources = SourceMap::default();
    for (name, text) in inputs {
        sources.add(name, text);
    }
    let mut loader = Loader { forced, library: Library::default(), named: Named::default(), dumps: Vec::new() };
    for (id, source) in sources.iter() {
        let mut reader = Reader { source: id, text: &source.text, findings: &mut findings };
        loader.read_text(&source.name, &source.text, &mut reader);
    }
    let Loader { library, named, dumps, .. } = loader;
    let mut world = resolve::resolve(sources, library, &named, dumps, &mut findings);
    findings.sort_by_key(|finding| finding.place);
    world.findings = findings;
    world
}

/// What has been read so far.
#[derive(Debug)]
struct Loader {
    forced: Option<PolicyType>,
    library: Library,
    named: Named,
    dumps: Vec<Dump>,
}

impl Loader {
    fn read_text(&mut self, name: &str, text: &str, reader: &mut Reader<'_>) {
        if is_manifest(name, text) {
            let place = Place { source: reader.source, ..Place::default() };
            return reader.report(errors::unsupported_format(place, "a manifest (`iamc.toml`)"));
        }
        if text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b")) {
            let place = Place { source: reader.source, ..Place::default() };
            return reader.report(errors::unsupported_format(place, "a percent-encoded document outside an envelope"));
        }
        let before = reader.findings.len();
        let values = json::parse_stream(text, &OffsetMap::default(), reader.source, reader.findings);
        // Where brackets are broken, pieces that look like nothing in particular are no news.
        let is_broken =
            reader.findings.get(before..).unwrap_or_default().iter().any(|it| it.severity == Severity::Error);
        let mut file = File { name, document: None, dump: None, is_broken };
        for value in &values {
            self.read_value(value, &mut file, reader);
        }
        self.dumps.extend(file.dump);
    }

    fn read_value(&mut self, value: &Value<'_>, file: &mut File<'_>, reader: &mut Reader<'_>) {
        let place = reader.place(value);
        let Kind::Object(members) = &value.kind else {
            if !file.is_broken {
                reader.report(unusable(value, place));
            }
            return;
        };
        let object = Object { members, place, damaged: value.damaged };
        if dump::is_page(object) {
            if let Some(page) = reader.expect_object(value, "page") {
                let dump = file.dump.get_or_insert_default();
                dump.add_page(page, reader, &mut self.library);
            }
        } else if object.get("document").is_some() || (object.get("name").is_some() && object.get("arn").is_some()) {
            if let Some(line) = reader.expect_object(value, "line") {
                self.named.add_line(line, self.forced, reader, &mut self.library);
            }
        } else if let Some(document) = named::document_in(value, object) {
            if let Some(first) = file.document {
                return reader.report(errors::several_documents(place, first));
            }
            file.document = Some(place);
            self.named.add_file(file.name, document, self.forced, reader, &mut self.library);
        } else if !file.is_broken {
            reader.report(unusable_object(object));
        }
    }
}

/// One text while it is read.
struct File<'a> {
    name: &'a str,
    /// Its document, if it is one.
    document: Option<Place>,
    /// Its pages.
    dump: Option<Dump>,
    /// Whether it is not JSON.
    is_broken: bool,
}

/// Whether a text is a manifest: TOML begins with a table or a comment, which JSON cannot.
fn is_manifest(name: &str, text: &str) -> bool {
    let tables = ["[organization]", "[[account]]", "[[endpoint]]", "[[policy]]"];
    let start = text.trim_start();
    name.rsplit_once('.').is_some_and(|(_, extension)| extension == "toml")
        || tables.iter().any(|table| start.starts_with(table))
}

fn unusable(value: &Value<'_>, place: Place) -> Diagnostic {
    let Kind::Array(entries) = &value.kind else { return errors::unknown_format(place) };
    let has = |entry: &Value<'_>, name: &str| match &entry.kind {
        Kind::Object(members) => members.iter().any(|member| member.name == name),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Array(_) | Kind::Error => false,
    };
    match entries.first() {
        Some(first) if has(first, "request") && has(first, "name") => {
            errors::unsupported_format(place, "a scenario file as part of a world")
        }
        Some(first) if has(first, "resource") => errors::unsupported_format(place, "a list of resources"),
        _ => errors::unknown_format(place),
    }
}

fn unusable_object(object: Object<'_, '_>) -> Diagnostic {
    let place = object.place;
    if object.get("root").is_some() {
        return errors::unsupported_format(place, "an organization");
    }
    if object.get("AccessKeyMetadata").is_some() {
        return errors::unsupported_format(place, "a list of access keys");
    }
    let describes_policy = object.get("PolicyVersion").is_some()
        || matches!(object.get("Policy"), Some(Value { kind: Kind::Object(_), .. }));
    if describes_policy { errors::no_document(place) } else { errors::unknown_format(place) }
}
