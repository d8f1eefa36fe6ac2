//! From texts to the world: which format each value is, and who reads it.

use super::access_keys::{self, KeyEntry};
use super::dump::{self, Dump};
use super::format::Format;
use super::inputs::{Inputs, Text, Unread};
use super::manifest::{self, FilePattern, Manifest, Role};
use super::model::Spot;
use super::model::{Document, DocumentId, PolicyType, Resource, World};
use super::named::{self, Named, Taken, Texts};
use super::organization::{self, Organization};
use super::read::{Object, Reader};
use super::resolve::{self, Read};
use super::{Library, errors, read_policy, resources, secrets};
use crate::source::{Diagnostic, Place, Severity, Source, SourceId, SourceMap, Span};
use crate::syntax::ast::Pool;
use crate::syntax::embedded;
use crate::syntax::json::{self, Arena, Kind, OffsetMap, Value};
use crate::threads;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Reads all texts, each with its name, into one world.
///
/// Names are relative and unique; a document alone in its text takes the stem of that name. The patterns of a manifest
/// (`iamc.toml`) among the texts stand for names of the others. `forced` is the type of named policies where it is not
/// to be detected. What is wrong with the texts is kept in the world and comes out of
/// [`compile`](crate::compile). Costs one pass over each text and `n log n` in the number of entities.
pub fn load(texts: Vec<(String, String)>, forced: Option<PolicyType>) -> World {
    load_inputs(Inputs::in_memory(texts), forced)
}

/// Reads texts into one world where somebody has followed the manifest's patterns already: the same as [`load`] but
/// for that.
pub fn load_inputs(inputs: Inputs, forced: Option<PolicyType>) -> World {
    let mut draft = Draft::read(inputs, forced);
    let mut texts = Texts::new((0..draft.sources.len()).collect());
    let mut taken = Taken::default();
    draft.settle_lines(&mut taken, &mut texts);
    draft.claim_names(&mut taken, &mut texts);
    draft.resolve()
}

/// Texts that have been read into one world, before it is known which of their names other worlds have taken.
#[derive(Debug)]
pub(crate) struct Draft {
    sources: SourceMap,
    library: Library,
    read: Read,
    manifest: Manifest,
    findings: Vec<Diagnostic>,
}

impl Draft {
    /// Reads all texts.
    pub(crate) fn read(inputs: Inputs, forced: Option<PolicyType>) -> Self {
        read(inputs, forced)
    }

    /// Reads some of the policy lines of a text: bytes that begin with a line and end with one. Nothing where they are not
    /// whole lines without a mistake in their JSON, so that they mean the same as within the text.
    pub(crate) fn read_lines(source: &Arc<Source>, lines: Range<usize>, forced: Option<PolicyType>) -> Option<Self> {
        read_lines(source, lines, forced)
    }

    /// Notes what policy lines say, for comparisons with those of other worlds.
    pub(crate) fn note_digests(&mut self) {
        self.read.named.note_digests(&self.library);
    }

    /// Reports policy lines with the ARN of another one that say something else, and drops those that are there already.
    pub(crate) fn settle_lines(&mut self, taken: &mut Taken, texts: &mut Texts) {
        self.read.named.settle_lines(taken, texts, &mut self.library, &mut self.findings);
    }

    /// Reports policies with a name that is taken. Lines have been settled.
    pub(crate) fn claim_names(&mut self, taken: &mut Taken, texts: &mut Texts) {
        self.findings.extend(self.read.named.claims().filter_map(|name| taken.claim(name, texts)));
    }

    /// The names that this world has not claimed yet, for [`claim_name`].
    pub(crate) fn names(&self) -> Vec<Spot> {
        self.read.named.claims().cloned().collect()
    }

    /// Resolves every reference. Lines have been settled.
    pub(crate) fn resolve(self) -> World {
        let Self { sources, library, read, manifest, mut findings } = self;
        let mut world = resolve::resolve(sources, library, read, &manifest, &mut findings);
        findings.sort_by_key(|finding| finding.place);
        world.findings = findings;
        world
    }
}

/// Takes the name of a policy; a finding if it is taken.
pub(crate) fn claim_name(name: &Spot, taken: &mut Taken, texts: &mut Texts) -> Option<Diagnostic> {
    taken.claim(name, texts)
}

fn read(inputs: Inputs, forced: Option<PolicyType>) -> Draft {
    let Inputs { mut texts, unread } = inputs;
    let mut findings = Vec::new();
    texts.sort();
    let manifest = read_manifest(&texts, &mut findings);
    let (mut sources, claims) = add_sources(texts, manifest.as_ref(), &mut findings);
    let mut loader = Loader::new(forced, manifest.as_ref());
    loader.report_unread(unread, &mut findings);
    // One pair for all texts: the memory of one serves the next.
    let (mut arena, mut inner) = (Arena::default(), Arena::default());
    for ((id, source), claims) in sources.iter().zip(&claims) {
        let Claims::Read(claims) = claims else { continue };
        // One for each text: what repeats, repeats within an account, and a small pool is a fast one.
        let mut pool = Pool::default();
        let mut reader =
            Reader { source: id, text: &source.text, pool: &mut pool, inner: &mut inner, findings: &mut findings };
        let Ok(role) = loader.role(&source.name, claims, &mut reader) else { continue };
        if manifest::is_manifest(&source.name, &source.text) {
            if let Some((role, pattern)) = role {
                let place = manifest::first_byte(id);
                loader.refuse(role);
                reader.report(errors::unexpected_format(place, role.describe(), "a manifest", pattern));
            }
            continue;
        }
        if let Some(pieces) = loader.pieces(id, &source.text, role) {
            for lines in pieces {
                loader.add_lines(lines, reader.findings);
            }
            continue;
        }
        arena.reset();
        loader.read_text(&source.name, &source.text, role, &arena, &mut reader);
    }
    drop((arena, inner));
    let (mut library, mut read) = loader.finish();
    let has_tree = read.organization.is_some();
    read.full_access = has_tree.then(|| add_full_access(&mut sources, &mut library)).flatten();
    Draft { sources, library, read, manifest: manifest.unwrap_or_default(), findings }
}

fn read_lines(source: &Arc<Source>, lines: Range<usize>, forced: Option<PolicyType>) -> Option<Draft> {
    let mut sources = SourceMap::default();
    let id = sources.add_shared(source.clone());
    let Lines { library, named, findings } = Lines::read(id, &source.text, lines, forced)?;
    let mut loader = Loader::new(forced, None);
    loader.named = named;
    let (_, read) = loader.finish();
    Some(Draft { sources, library, read, manifest: Manifest::default(), findings })
}

/// Some of the policy lines of a text.
struct Lines {
    library: Library,
    named: Named,
    findings: Vec<Diagnostic>,
}

/// How many bytes of policy lines are read in one piece, beside others. A text of less than two is not worth it.
const PIECE_BYTES: usize = 1 << 18;

impl Lines {
    /// Reads the lines in these bytes of a text; nothing where they are not whole lines without a mistake in their JSON.
    fn read(source: SourceId, text: &str, lines: Range<usize>, forced: Option<PolicyType>) -> Option<Self> {
        let map = OffsetMap::shifted(u32::try_from(lines.start).ok()?);
        let (arena, mut inner, mut findings) = (Arena::default(), Arena::default(), Vec::new());
        let values = json::parse_stream(text.get(lines)?, &arena, &map, source, &mut findings);
        if !findings.is_empty() || values.iter().any(|value| Format::of(value) != Format::Line) {
            return None;
        }
        let (mut library, mut named, mut pool) = (Library::default(), Named::default(), Pool::default());
        let mut reader = Reader { source, text, pool: &mut pool, inner: &mut inner, findings: &mut findings };
        for value in &values {
            if let Some(line) = reader.expect_object(value, "line") {
                named.add_line(line, forced, &mut reader, &mut library);
            }
        }
        Some(Self { library, named, findings })
    }

    /// Reads a text of policy lines in pieces of about so many bytes, as many at once as there are processors; nothing
    /// where it is too small, or where anything else is among them.
    fn read_all(source: SourceId, text: &str, forced: Option<PolicyType>, piece_bytes: usize) -> Option<Vec<Self>> {
        // A look at the first line spares one at all of a dump, which may be a line as well.
        let first_line = text.find('\n').filter(|&at| 2 * piece_bytes <= text.len() && at <= PIECE_BYTES)?;
        Self::read(source, text, 0..first_line, forced)?;
        let mut pieces = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let rest = text.as_bytes().get(from.saturating_add(piece_bytes)..).unwrap_or_default();
            let behind = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
            let to = text.len() - (rest.len() - behind);
            pieces.push(from..to);
            from = to;
        }
        let read = |number: usize| Self::read(source, text, pieces.get(number)?.clone(), forced);
        threads::each(pieces.len(), read).into_iter().collect()
    }
}

/// What is to be done with a text.
#[derive(Debug)]
enum Claims {
    /// It is read, for these patterns of the manifest.
    Read(Vec<usize>),
    /// It is not read.
    Refused,
}

/// Texts that are no list of access keys by the manifest's word are searched for secrets up to this size: lists are
/// small, and dumps can be very large.
pub(crate) const SEARCHED_BYTES: usize = 1 << 20;

/// Numbers the texts. Secrets are blotted out before anybody can see them.
fn add_sources(
    texts: Vec<Text>,
    manifest: Option<&Manifest>,
    findings: &mut Vec<Diagnostic>,
) -> (SourceMap, Vec<Claims>) {
    let is_key_list = |number: &usize| {
        let pattern = manifest.and_then(|manifest| manifest.patterns.get(*number));
        pattern.is_some_and(|pattern| matches!(pattern.role, Role::AccessKeys(_)))
    };
    let mut sources = SourceMap::default();
    let mut all = Vec::with_capacity(texts.len());
    for Text { name, mut text, claims } in texts {
        let is_searched = text.len() <= SEARCHED_BYTES || claims.iter().any(is_key_list);
        let secrets = if is_searched { secrets::blot(&mut text) } else { Vec::new() };
        let id = sources.add(name, text);
        for secret in &secrets {
            let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span::new(offset(secret.start), offset(secret.end));
            findings.push(errors::secret(Place { source: id, span }));
        }
        all.push(if secrets.is_empty() { Claims::Read(claims) } else { Claims::Refused });
    }
    (sources, all)
}

/// Reads the one manifest among sorted texts; of several none is used.
fn read_manifest(texts: &[Text], findings: &mut Vec<Diagnostic>) -> Option<Manifest> {
    let numbered = (0_u32..).map(SourceId).zip(texts);
    let mut manifests = numbered.filter(|(_, text)| manifest::is_manifest(&text.name, &text.text));
    let (id, text) = manifests.next()?;
    let others: Vec<SourceId> = manifests.map(|(other, _)| other).collect();
    if others.is_empty() {
        return Some(manifest::read(&text.text, id, findings));
    }
    for other in others {
        findings.push(errors::several_manifests(manifest::first_byte(other), manifest::first_byte(id)));
    }
    None
}

/// Adds the policy that allows everything, as a text of its own.
fn add_full_access(sources: &mut SourceMap, library: &mut Library) -> Option<DocumentId> {
    const TEXT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let control = organization::Control::Service;
    let source = sources.add_built_in(control.full_access(), TEXT);
    let mut findings = Vec::new();
    let arena = Arena::default();
    let value = json::parse(TEXT, &arena, &OffsetMap::default(), source, &mut findings)?;
    let (mut pool, mut inner) = (Pool::default(), Arena::default());
    let mut reader = Reader { source, text: TEXT, pool: &mut pool, inner: &mut inner, findings: &mut findings };
    let policy = read_policy(&value, &mut reader)?;
    Some(library.add(Document {
        name: "FullAWSAccess".to_owned(),
        arn: None,
        account: Some("aws".to_owned()),
        policy_type: PolicyType::ServiceControl,
        source,
        place: manifest::first_byte(source),
        policy,
        named: false,
    }))
}

/// What has been read so far.
#[derive(Debug)]
struct Loader<'m> {
    forced: Option<PolicyType>,
    manifest: Option<&'m Manifest>,
    patterns: &'m [FilePattern],
    library: Library,
    named: Named,
    dumps: Vec<Dump>,
    organization: Option<Organization>,
    resources: Vec<Resource>,
    keys: Vec<KeyEntry>,
    endpoint_policies: BTreeMap<usize, (DocumentId, Place)>,
    /// Accounts of which a file with users could not be read.
    unread_accounts: BTreeSet<String>,
}

/// Two entries of the manifest say different things of a text.
struct Contradiction;

/// One text while it is read.
struct File<'a> {
    name: &'a str,
    /// What the manifest says that it is, and where.
    role: Option<(Role, Place)>,
    /// Its document, if it is one.
    document: Option<Place>,
    /// Its pages.
    dump: Option<Dump>,
    /// Whether it is not JSON.
    is_broken: bool,
}

impl<'m> Loader<'m> {
    fn new(forced: Option<PolicyType>, manifest: Option<&'m Manifest>) -> Self {
        Self {
            forced,
            patterns: manifest.map_or(&[], |manifest| &manifest.patterns),
            manifest,
            library: Library::default(),
            named: Named::default(),
            dumps: Vec::new(),
            organization: None,
            resources: Vec::new(),
            keys: Vec::new(),
            endpoint_policies: BTreeMap::new(),
            unread_accounts: BTreeSet::new(),
        }
    }

    /// All documents, and what has been read beside them.
    fn finish(self) -> (Library, Read) {
        let Self { library, named, dumps, organization, resources, keys, endpoint_policies, unread_accounts, .. } =
            self;
        let full_access = None;
        let read =
            Read { named, dumps, organization, full_access, resources, keys, endpoint_policies, unread_accounts };
        (library, read)
    }

    /// The policy lines of a large text, if it may hold named policies and holds nothing else.
    fn pieces(&self, source: SourceId, text: &str, role: Option<(Role, Place)>) -> Option<Vec<Lines>> {
        let forced = match role {
            None => self.forced,
            Some((Role::Policies(given), _)) => given.or(self.forced),
            Some(_) => return None,
        };
        Lines::read_all(source, text, forced, PIECE_BYTES)
    }

    fn add_lines(&mut self, lines: Lines, findings: &mut Vec<Diagnostic>) {
        let documents = self.library.append(lines.library);
        self.named.append(lines.named, documents);
        findings.extend(lines.findings);
    }

    fn report_unread(&mut self, unread: Vec<(usize, Unread)>, findings: &mut Vec<Diagnostic>) {
        for (number, reason) in unread {
            let Some(pattern) = self.patterns.get(number) else { continue };
            self.refuse(pattern.role);
            let spot = &pattern.spot;
            findings.push(match reason {
                Unread::NoMatch => errors::no_such_file(spot.place, &spot.text),
                Unread::Unreadable(fault) => errors::unreadable_file(spot.place, &fault),
            });
        }
    }

    /// Notes that a file of that role is not read: what seems missing may have been there.
    fn refuse(&mut self, role: Role) {
        if let Role::Identities(account) = role {
            let account = self.account(account);
            self.unread_accounts.extend(account.map(|(id, _)| id));
        }
    }

    /// What the manifest says that a text is; two entries that differ are a finding, and the text is not read.
    fn role(
        &mut self,
        name: &str,
        claims: &[usize],
        reader: &mut Reader<'_>,
    ) -> Result<Option<(Role, Place)>, Contradiction> {
        let mut patterns = claims.iter().filter_map(|&number| self.patterns.get(number));
        let Some(first) = patterns.next() else { return Ok(None) };
        let others: Vec<&FilePattern> = patterns.filter(|other| other.role != first.role).collect();
        if others.is_empty() {
            return Ok(Some((first.role, first.spot.place)));
        }
        self.refuse(first.role);
        for other in others {
            self.refuse(other.role);
            reader.report(errors::claimed_twice(other.spot.place, name, first.spot.place));
        }
        Err(Contradiction)
    }

    /// Reads one text; its values stand in `arena` meanwhile.
    fn read_text(
        &mut self,
        name: &str,
        text: &str,
        role: Option<(Role, Place)>,
        arena: &Arena,
        reader: &mut Reader<'_>,
    ) {
        let decoded;
        let (text, map) = if is_percent_encoded(text) {
            let Some(found) = embedded::decode_file(text, reader.source, reader.findings) else { return };
            decoded = found;
            (decoded.0.as_str(), &decoded.1)
        } else {
            (text, &OffsetMap::default())
        };
        let before = reader.findings.len();
        let values = json::parse_stream(text, arena, map, reader.source, reader.findings);
        // Where brackets are broken, pieces that look like nothing in particular are no news.
        let is_broken =
            reader.findings.get(before..).unwrap_or_default().iter().any(|it| it.severity == Severity::Error);
        let mut file = File { name, role, document: None, dump: None, is_broken };
        for value in &values {
            self.read_value(value, &mut file, reader);
        }
        self.dumps.extend(file.dump);
    }

    fn read_value(&mut self, value: &Value<'_>, file: &mut File<'_>, reader: &mut Reader<'_>) {
        let format = Format::of(value);
        let Some((role, pattern)) = file.role else { return self.read_loose(value, format, file, reader) };
        match (role, format) {
            (Role::Identities(_), Format::Page) => self.read_page(value, file, reader),
            (Role::Identities(_), Format::Unknown) if dump::is_blank_page(value) => self.read_page(value, file, reader),
            (Role::Policies(given), Format::Document | Format::Line | Format::Description) => {
                let forced = self.forced;
                self.forced = given.or(forced);
                self.read_loose(value, format, file, reader);
                self.forced = forced;
            }
            (Role::Tree, Format::Organization) => self.read_organization(value, reader),
            (Role::Resources(account), Format::Resources) => self.read_resources(value, account, reader),
            (Role::AccessKeys(account), Format::AccessKeys) => self.read_keys(value, account, reader),
            (Role::EndpointPolicy(endpoint), Format::Document) => {
                self.read_endpoint_policy(value, endpoint, file, reader);
            }
            _ if file.is_broken => {}
            // What resembles nothing else is read as what it should be: the finding then is at the very member.
            (Role::Tree, Format::Unknown) if matches!(value.kind, Kind::Object(_)) => {
                self.read_organization(value, reader);
            }
            (Role::Resources(account), Format::Unknown) => self.read_resources(value, account, reader),
            (Role::AccessKeys(account), Format::Unknown) => self.read_keys(value, account, reader),
            _ => {
                self.refuse(role);
                let place = reader.place(value);
                reader.report(errors::unexpected_format(place, role.describe(), format.describe(), pattern));
            }
        }
    }

    /// Reads a value that no manifest says anything about.
    fn read_loose(&mut self, value: &Value<'_>, format: Format, file: &mut File<'_>, reader: &mut Reader<'_>) {
        let place = reader.place(value);
        let finding = match format {
            Format::Page => return self.read_page(value, file, reader),
            Format::Line => return self.read_line(value, reader),
            Format::Document => return self.read_document(value, file, reader),
            Format::Description => errors::no_document(place),
            Format::Organization => errors::needs_manifest(place, "an organization", "`tree` of `[organization]`"),
            Format::Resources => {
                errors::needs_manifest(place, "a list of resources", "`resources` of an `[[account]]`")
            }
            Format::AccessKeys => {
                errors::needs_manifest(place, "a list of access keys", "`access-keys` of an `[[account]]`")
            }
            Format::Scenarios => errors::scenario_file(place),
            Format::Unknown => errors::unknown_format(place),
        };
        if !file.is_broken {
            reader.report(finding);
        }
    }

    fn read_line(&mut self, value: &Value<'_>, reader: &mut Reader<'_>) {
        if let Some(line) = reader.expect_object(value, "line") {
            self.named.add_line(line, self.forced, reader, &mut self.library);
        }
    }

    /// Reads a page of a dump, or an array of them.
    fn read_page(&mut self, value: &Value<'_>, file: &mut File<'_>, reader: &mut Reader<'_>) {
        let declared = match file.role {
            Some((Role::Identities(account), _)) => self.account(account),
            _ => None,
        };
        let dump = file.dump.get_or_insert_default();
        dump.account = dump.account.take().or_else(|| declared.clone());
        dump.declared = declared;
        let pages = objects(value, reader);
        // Entries that were refused may have held anything.
        let is_torn = match &value.kind {
            Kind::Array(entries) => value.damaged || pages.len() < entries.len(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Object(_) | Kind::Error => false,
        };
        dump.is_damaged |= is_torn;
        dump.is_incomplete |= is_torn;
        for page in pages {
            dump.add_page(page, reader, &mut self.library);
        }
    }

    /// Id and place of an account of the manifest.
    fn account(&self, number: usize) -> Option<(String, Place)> {
        let entry = self.manifest?.accounts.get(number)?;
        Some((entry.id.text.clone(), entry.id.place))
    }

    fn read_document(&mut self, value: &Value<'_>, file: &mut File<'_>, reader: &mut Reader<'_>) {
        let Some(document) = document_of(value, reader) else { return };
        let place = reader.place(value);
        if let Some(first) = file.document {
            return reader.report(errors::several_documents(place, first));
        }
        file.document = Some(place);
        self.named.add_file(file.name, document, self.forced, reader, &mut self.library);
    }

    fn read_organization(&mut self, value: &Value<'_>, reader: &mut Reader<'_>) {
        let Some(top) = reader.expect_object(value, "organization") else { return };
        if let Some(first) = &self.organization {
            return reader.report(errors::several_trees(top.place, first.place));
        }
        let entry = self.manifest.and_then(|manifest| manifest.organization.as_ref());
        self.organization = organization::read(top, entry, reader, &mut self.library);
    }

    fn read_resources(&mut self, value: &Value<'_>, account: usize, reader: &mut Reader<'_>) {
        let Some(entry) = self.manifest.and_then(|manifest| manifest.accounts.get(account)) else { return };
        for object in objects(value, reader) {
            self.resources.extend(resources::read(object, &entry.id, reader, &mut self.library));
        }
    }

    fn read_keys(&mut self, value: &Value<'_>, account: usize, reader: &mut Reader<'_>) {
        for object in objects(value, reader) {
            access_keys::read(object, account, reader, &mut self.keys);
        }
    }

    fn read_endpoint_policy(
        &mut self,
        value: &Value<'_>,
        endpoint: usize,
        file: &mut File<'_>,
        reader: &mut Reader<'_>,
    ) {
        let Some(id) = self.manifest.and_then(|manifest| manifest.endpoints.get(endpoint)) else { return };
        let Some(document) = document_of(value, reader) else { return };
        let place = reader.place(document);
        let Some(policy) = read_policy(document, reader) else { return };
        if let Some(&(_, first)) = self.endpoint_policies.get(&endpoint) {
            return reader.report(errors::endpoint_documents(place, &id.text, first));
        }
        let document = self.library.add(Document {
            name: id.text.clone(),
            arn: None,
            account: None,
            policy_type: PolicyType::Endpoint,
            source: reader.source,
            place,
            policy,
            named: false,
        });
        file.document = Some(place);
        self.endpoint_policies.insert(endpoint, (document, place));
    }
}

/// The document in a value that holds one.
fn document_of<'v, 't>(value: &'v Value<'t>, reader: &mut Reader<'_>) -> Option<&'v Value<'t>> {
    let object = reader.expect_object(value, "document")?;
    named::document_in(value, object)
}

/// A value that is one object, or the objects of an array.
fn objects<'v, 't>(value: &'v Value<'t>, reader: &mut Reader<'_>) -> Vec<Object<'v, 't>> {
    let entries = match &value.kind {
        Kind::Array(entries) => entries,
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Object(_) | Kind::Error => {
            std::slice::from_ref(value)
        }
    };
    entries.iter().filter_map(|entry| reader.expect_object(entry, "an entry")).collect()
}

/// Whether a whole text is percent-encoded JSON (R-ID-19): no JSON begins with `%`.
fn is_percent_encoded(text: &str) -> bool {
    text.trim_start().get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%7b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Policy lines with a warning, an unknown member, two of one ARN, an unreadable document, a document in a string, a
    /// blank line, and no line break at the end.
    const LINES: &str = concat!(
        r#"{"name":"A","document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}}"#,
        "\n",
        r#"{"name":"B","arn":"arn:aws:iam::111122223333:policy/B","document":{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}}"#,
        "\r\n\n",
        r#"{"name":"C","arn":"arn:aws:iam::111122223333:policy/B","document":{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}}"#,
        "\n",
        r#"{"name":"D","odd":1,"document":{"Version":"2012-10-17","Statement":[{"Effect":"Allows","Action":"a:b","Resource":"*"}]}}"#,
        "\n",
        r#"{"name":"\u00e9","document":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"}]}"}"#,
    );

    fn whole(text: &str) -> Draft {
        Draft::read(Inputs::in_memory(vec![("lines.jsonl".to_owned(), text.to_owned())]), None)
    }

    #[test]
    fn lines_in_pieces_of_any_size_are_what_they_are_in_one() {
        let whole = whole(LINES);
        assert_eq!((whole.library.documents.len(), whole.findings.is_empty()), (5, false));
        for piece_bytes in 1..=LINES.len() / 2 {
            let pieces = Lines::read_all(SourceId(0), LINES, None, piece_bytes);
            let (mut loader, mut findings) = (Loader::new(None, None), Vec::new());
            for lines in pieces.into_iter().flatten() {
                loader.add_lines(lines, &mut findings);
            }
            let (library, read) = loader.finish();
            assert_eq!(
                format!("{library:?} {read:?}"),
                format!("{:?} {:?}", whole.library, whole.read),
                "{piece_bytes}"
            );
            assert_eq!(format!("{findings:?}"), format!("{:?}", whole.findings), "{piece_bytes}");
        }
    }

    #[test]
    fn what_is_no_policy_line_is_read_in_one() {
        let dump = "{\n \"UserDetailList\": [],\n \"RoleDetailList\": []\n}\n";
        let broken = format!("{LINES}\n{{\"name\": \"E\" \"document\": {{}}}}\n");
        let mixed = format!("{LINES}\n{{\"Statement\": []}}\n");
        let in_one_line = LINES.lines().next().unwrap_or_default();
        for text in [dump, &broken, &mixed, in_one_line, ""] {
            assert!(Lines::read_all(SourceId(0), text, None, 1).is_none(), "{text}");
        }
    }
}
