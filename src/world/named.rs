//! Named policies: documents, envelopes around them, and policy lines (`world.md` 1).

use super::arn::{self, EntityKind};
use super::dump::Managed;
use super::model::{Document, DocumentId, PolicyType};
use super::read::{Object, Reader, Spot};
use super::same::same_policy;
use super::{Library, errors, read_policy};
use crate::source::Diagnostic;
use crate::syntax::json::{Kind, Member, Value};
use crate::syntax::{ast, document};
use std::collections::BTreeMap;

/// All named policies of the input.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// By name in lower case: the first of that name.
    names: BTreeMap<String, Spot>,
    /// Those with an ARN, by ARN.
    pub(super) managed: BTreeMap<String, Managed>,
}

impl Named {
    /// Whether a name is taken, ignoring case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_ascii_lowercase())
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
        self.claim(&name, reader.findings);
        if let Some(policy) = read_policy(document, reader) {
            add(name, None, policy, forced, reader, library);
        }
    }

    /// Adds a policy line. The same ARN with an equal document is the same policy again, which is no news.
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
        if let Some(first) = arn.as_ref().and_then(|arn| self.managed.get(&arn.text)) {
            let known = first.document.and_then(|id| library.get(id));
            let is_equal = known.zip(policy.as_ref()).is_none_or(|(known, policy)| same_policy(&known.policy, policy));
            if !is_equal {
                reader.report(errors::conflicting_policies(name.place, &first.arn.text, first.arn.place));
            }
            return;
        }
        self.claim(&name, reader.findings);
        let id = policy.map(|policy| add(name.clone(), arn.as_ref(), policy, forced, reader, library));
        if let Some(arn) = arn {
            let account = owner.filter(|owner| arn::is_account_id(owner));
            self.managed.insert(arn.text.clone(), Managed { name, arn, account, document: id });
        }
    }

    /// Takes a name; another one that is equal ignoring case is a finding.
    fn claim(&mut self, name: &Spot, findings: &mut Vec<Diagnostic>) {
        if let Some(first) = self.names.get(&name.text.to_ascii_lowercase()) {
            findings.push(errors::duplicate_name(name.place, "policies", &name.text, first.place, &first.text));
        } else {
            self.names.insert(name.text.to_ascii_lowercase(), name.clone());
        }
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
