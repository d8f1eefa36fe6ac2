//! Named policies: documents, envelopes around them, and policy lines (`world.md` 1).

use super::arn::{self, EntityKind};
use super::dump::Managed;
use super::model::{Document, DocumentId, PolicyType};
use super::read::{Object, Reader, Spot};
use super::same::{self, same_policy};
use super::{Library, errors, read_policy};
use crate::source::{Diagnostic, Place, SourceId, Span};
use crate::syntax::json::{Kind, Member, Value};
use crate::syntax::{ast, document};
use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map};
use std::ops::Range;

/// All named policies of a world.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// In the order of the input.
    entries: Vec<Entry>,
    /// Those with an ARN, by ARN; known when their lines are settled.
    pub(super) managed: BTreeMap<String, Managed>,
}

/// One named policy.
#[derive(Debug)]
struct Entry {
    name: Spot,
    /// The ARN of a policy line, and the account in it.
    arn: Option<(Spot, Option<String>)>,
    /// None: it could not be read.
    document: Option<DocumentId>,
    /// Digest of the document of a policy line, where it will be compared with those of other worlds.
    digest: Option<same::Digest>,
}

impl Named {
    /// All names in lower case.
    pub(super) fn lower_case(&self) -> BTreeSet<String> {
        self.entries.iter().map(|entry| entry.name.text.to_ascii_lowercase()).collect()
    }

    /// Adds the document of a file under the file's stem.
    pub(super) fn add_file(
        &mut self,
        file: &str,
        document: &Value<'_>,
        forced: Option<PolicyType>,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) {
        let name = Spot { text: file_stem(file).to_owned(), place: reader.place(document) };
        let policy = read_policy(document, reader);
        let document = policy.map(|policy| add(name.clone(), None, policy, forced, reader, library));
        self.entries.push(Entry { name, arn: None, document, digest: None });
    }

    /// Adds a policy line.
    pub(super) fn add_line(
        &mut self,
        line: Object<'_, '_>,
        forced: Option<PolicyType>,
        reader: &mut Reader<'_>,
        library: &mut Library,
    ) {
        reader.refuse_others(line, "a policy line", &["name", "arn", "document"]);
        let Some(name) = reader.expect_text(line, "name", "a policy line") else { return };
        let arn = reader.maybe_text(line, "arn");
        let owner = match &arn {
            Some(arn) => {
                let parts = arn::parse_entity(&arn.text, EntityKind::Policy);
                if parts.is_none() {
                    let kind = EntityKind::Policy;
                    reader.report(errors::bad_arn(arn.place, &arn.text, kind.noun(), kind.form()));
                }
                parts.map(|parts| parts.account.to_owned())
            }
            None => None,
        };
        let Some(document) = line.get("document") else {
            if !line.damaged {
                let owner = format!("the policy line `{}`", name.text);
                reader.report(errors::missing_member(line.place, "document", &owner));
            }
            return;
        };
        let policy = read_policy(document, reader);
        let document = policy.map(|policy| add(name.clone(), arn.as_ref(), policy, forced, reader, library));
        let arn = arn.map(|arn| (arn, owner.filter(|owner| arn::is_account_id(owner))));
        self.entries.push(Entry { name, arn, document, digest: None });
    }

    /// Adds policy lines of which the numbers of documents grow so much.
    pub(super) fn append(&mut self, other: Self, documents: u32) {
        let moved = |entry: Entry| Entry {
            document: entry.document.map(|DocumentId(number)| DocumentId(number.saturating_add(documents))),
            ..entry
        };
        self.entries.extend(other.entries.into_iter().map(moved));
    }

    /// Notes what the documents of policy lines are, for comparisons with those of other worlds.
    pub(super) fn note_digests(&mut self, library: &Library) {
        for entry in self.entries.iter_mut().filter(|entry| entry.arn.is_some()) {
            let document = entry.document.and_then(|id| library.get(id));
            entry.digest = document.map(|document| same::digest(&document.policy));
        }
    }

    /// Decides which policy lines count: the same ARN with an equal document is the same policy again, which is no news,
    /// and with another one it is a finding. The first one counts.
    pub(super) fn settle_lines(
        &mut self,
        taken: &mut Taken,
        texts: &mut Texts,
        library: &mut Library,
        findings: &mut Vec<Diagnostic>,
    ) {
        let managed = &mut self.managed;
        self.entries.retain(|entry| {
            let Some((arn, account)) = &entry.arn else { return true };
            let known = managed.get(&arn.text).map(|first| (first.arn.place, is_equal(first, entry, library)));
            let foreign = || {
                let (first, digest) = taken.lines.get(&arn.text)?;
                let is_equal = (*digest).zip(entry.digest).is_none_or(|(one, other)| one == other);
                Some((texts.place(first), is_equal))
            };
            if let Some((first, is_equal)) = known.or_else(foreign) {
                if !is_equal {
                    findings.push(errors::conflicting_policies(entry.name.place, &arn.text, first));
                }
                entry.document.into_iter().for_each(|copy| library.drop_copy(copy));
                return false;
            }
            taken.lines.insert(arn.text.clone(), (texts.origin(arn), entry.digest));
            let (name, account) = (entry.name.clone(), account.clone());
            managed.insert(arn.text.clone(), Managed { name, arn: arn.clone(), account, document: entry.document });
            true
        });
    }

    /// The names of all policies that count.
    pub(super) fn claims(&self) -> impl Iterator<Item = &Spot> {
        self.entries.iter().map(|entry| &entry.name)
    }
}

/// Whether the document of an entry is that of a policy; one that could not be read, which has been reported, equals all.
fn is_equal(first: &Managed, entry: &Entry, library: &Library) -> bool {
    let document = |id: Option<DocumentId>| library.get(id?);
    let both = document(first.document).zip(document(entry.document));
    both.is_none_or(|(known, document)| same_policy(&known.policy, &document.policy))
}

/// Where a name or an ARN stands: a text by its number among all that are read, whichever world each of them is in.
#[derive(Debug, Clone)]
struct Origin {
    text: usize,
    span: Span,
    written: Box<str>,
}

/// Names and ARNs of policies that have been met so far, in whichever worlds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    /// By name in lower case.
    names: HashMap<String, Origin>,
    /// By ARN.
    lines: HashMap<String, (Origin, Option<same::Digest>)>,
}

impl Taken {
    /// Takes a name; another one that is equal ignoring case is a finding.
    pub(super) fn claim(&mut self, name: &Spot, texts: &mut Texts) -> Option<Diagnostic> {
        match self.names.entry(name.text.to_ascii_lowercase()) {
            hash_map::Entry::Occupied(first) => {
                let first = first.get();
                let place = texts.place(first);
                Some(errors::duplicate_name(name.place, "policies", &name.text, place, &first.written))
            }
            hash_map::Entry::Vacant(free) => {
                free.insert(texts.origin(name));
                None
            }
        }
    }
}

/// The texts of one world among all that are read.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    /// For each text of the world its number, ascending.
    own: Vec<usize>,
    /// Numbers of texts that findings speak of though they are in other worlds; they follow the world's own.
    foreign: Vec<usize>,
    ids: HashMap<usize, SourceId>,
}

impl Texts {
    pub(crate) fn new(own: Vec<usize>) -> Self {
        Self { own, foreign: Vec::new(), ids: HashMap::new() }
    }

    /// Numbers of the texts that are to be added to the world for its findings, in this order.
    pub(crate) fn foreign(&self) -> &[usize] {
        &self.foreign
    }

    /// What texts with these numbers, all of them own ones, are in the world.
    pub(crate) fn ids(&self, numbers: &Range<usize>) -> Range<SourceId> {
        let id =
            |number: usize| SourceId(u32::try_from(self.own.partition_point(|own| *own < number)).unwrap_or(u32::MAX));
        id(numbers.start)..id(numbers.end)
    }

    fn origin(&self, spot: &Spot) -> Origin {
        let number = usize::try_from(spot.place.source.0).ok().and_then(|at| self.own.get(at));
        let text = number.copied().unwrap_or(usize::MAX);
        Origin { text, span: spot.place.span, written: spot.text.as_str().into() }
    }

    fn place(&mut self, origin: &Origin) -> Place {
        let id = |at: usize| SourceId(u32::try_from(at).unwrap_or(u32::MAX));
        let source = match self.own.binary_search(&origin.text) {
            Ok(at) => id(at),
            Err(_) => *self.ids.entry(origin.text).or_insert_with(|| {
                self.foreign.push(origin.text);
                id(self.own.len() + self.foreign.len() - 1)
            }),
        };
        Place { source, span: origin.span }
    }
}

fn add(
    name: Spot,
    arn: Option<&Spot>,
    policy: ast::Policy,
    forced: Option<PolicyType>,
    reader: &Reader<'_>,
    library: &mut Library,
) -> DocumentId {
    let detected = if arn.is_some() { PolicyType::Managed } else { detect(&policy) };
    let policy_type = forced.unwrap_or(detected);
    library.add(Document {
        name: name.text,
        arn: arn.map(|arn| arn.text.clone()),
        account: None,
        policy_type,
        source: reader.source,
        place: name.place,
        policy,
        named: matches!(policy_type, PolicyType::Identity | PolicyType::Managed | PolicyType::Session),
    })
}

/// Tells resource-based policies from identity-based ones by their principals.
fn detect(policy: &ast::Policy) -> PolicyType {
    let has_principal = policy.statements.iter().any(|statement| statement.names_principal);
    if has_principal { PolicyType::Resource } else { PolicyType::Identity }
}

/// Returns the document inside an envelope of the AWS CLI, or the object itself if it is a document.
pub(super) fn document_in<'v, 't>(value: &'v Value<'t>, object: Object<'v, 't>) -> Option<&'v Value<'t>> {
    // Statements beside an envelope would be lost with it: the reader of documents then names the other members.
    if object.get("Statement").is_some() {
        return Some(value);
    }
    if let Some(version) = object.get("PolicyVersion")
        && let Kind::Object(members) = &version.kind
    {
        return members.iter().find(|member| member.name == "Document").map(|member| &member.value);
    }
    if let Some(document) = object.get("PolicyDocument") {
        return Some(document);
    }
    if let Some(policy) = object.get("Policy") {
        let is_document = match &policy.kind {
            Kind::String { .. } => true,
            Kind::Object(members) => is_document(members),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Error => false,
        };
        return is_document.then_some(policy);
    }
    is_document(object.members).then_some(value)
}

/// Whether members are those of a policy document; what is misspelled or missing is left to the reader of documents.
fn is_document(members: &[Member<'_>]) -> bool {
    members.iter().any(|member| document::is_nearly(member.name, &["Version", "Statement", "Statements"]))
}

/// The last part of a name without its extension.
fn file_stem(file: &str) -> &str {
    let last = file.rsplit('/').next().unwrap_or(file);
    match last.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => last,
    }
}
