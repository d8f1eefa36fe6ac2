//! Which format a value is, by its members (`world.md`).

use super::read::Object;
use super::{dump, named};
use crate::source::Place;
use crate::syntax::json::{Kind, Member, Value};

/// What a value at the top level of a text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A page of an account dump.
    Page,
    /// A policy line.
    Line,
    /// A policy document, bare or in an envelope.
    Document,
    /// A description of a policy without its document.
    Description,
    /// An organization.
    Organization,
    /// A resource, or a list of them.
    Resources,
    /// A page of access keys, or a list of them.
    AccessKeys,
    /// Scenarios.
    Scenarios,
    /// None of these.
    Unknown,
}

/// Whether these are the pages of a dump as `jq -s` puts them together: nothing else may be among them, since it would
/// be lost.
fn is_pages(entries: &[Value<'_>]) -> bool {
    let is_page = |entry: &Value<'_>| Format::of_entry(entry) == Format::Page;
    let may_be_page =
        |entry: &Value<'_>| is_page(entry) || dump::is_blank_page(entry) || matches!(entry.kind, Kind::Error);
    entries.iter().any(is_page) && entries.iter().all(may_be_page)
}

impl Format {
    /// Tells what a value is.
    pub(super) fn of(value: &Value<'_>) -> Self {
        match &value.kind {
            Kind::Object(members) => Self::of_object(value, members),
            Kind::Array(entries) if is_pages(entries) => Self::Page,
            Kind::Array(entries) => match entries.first().map(Self::of_entry) {
                Some(format @ (Self::Resources | Self::AccessKeys | Self::Scenarios)) => format,
                _ => Self::Unknown,
            },
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String { .. } | Kind::Error => Self::Unknown,
        }
    }

    fn of_object(value: &Value<'_>, members: &[Member<'_>]) -> Self {
        let object = Object { members, place: Place::default(), damaged: value.damaged };
        let has = |name: &str| object.get(name).is_some();
        if dump::is_page(object) {
            Self::Page
        } else if has("document") || (has("name") && has("arn")) {
            Self::Line
        } else if named::document_in(value, object).is_some() {
            Self::Document
        } else if has("AccessKeyMetadata") {
            Self::AccessKeys
        } else if has("root") || has("accountPolicies") {
            Self::Organization
        } else if has("resource") {
            Self::Resources
        } else if has("PolicyVersion") || matches!(object.get("Policy"), Some(Value { kind: Kind::Object(_), .. })) {
            Self::Description
        } else {
            Self::Unknown
        }
    }

    fn of_entry(entry: &Value<'_>) -> Self {
        let Kind::Object(members) = &entry.kind else { return Self::Unknown };
        let has = |name: &str| members.iter().any(|member| member.name == name);
        if has("request") && has("name") { Self::Scenarios } else { Self::of_object(entry, members) }
    }

    /// The words for messages.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Page => "the dump of an account",
            Self::Line => "a policy line",
            Self::Document => "a policy document",
            Self::Description => "a description of a policy",
            Self::Organization => "an organization",
            Self::Resources => "a list of resources",
            Self::AccessKeys => "a list of access keys",
            Self::Scenarios => "a scenario file",
            Self::Unknown => "none of the formats",
        }
    }
}
