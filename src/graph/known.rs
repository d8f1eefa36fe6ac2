//! What is known of a request beyond what the runtime derives: tags of the role, and keys that such a request never has.

use crate::runtime::{Tables, Value};
use crate::value::ArnParts;

use super::roles::Role;
use super::source::{Actor, ActorKind};

/// The keys of an artifact that matter here; what no policy asks for need not be known.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    names: Vec<&'a str>,
    /// Keys of tags of the resource, with the tag.
    resource_tags: Vec<(&'a str, &'a str)>,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose<'s> {
    /// The role is assumed.
    Assume,
    /// The role is handed to this service.
    Pass(&'s str),
}

/// Keys with their values; none: known to be absent.
pub(super) type Known<'a> = Vec<(&'a str, Vec<&'a str>)>;

impl<'a> Keys<'a> {
    /// Reads the keys of an artifact.
    pub(super) fn new(tables: &Tables<'a>) -> Self {
        let names: Vec<&str> = tables.key_numbers().map(|key| tables.key_name(key)).collect();
        let tag = |name: &&'a str| {
            let tag = name.strip_prefix("aws:resourcetag/").or_else(|| name.strip_prefix("iam:resourcetag/"));
            tag.map(|tag| (*name, tag))
        };
        let resource_tags = names.iter().filter_map(tag).collect();
        Self { names, resource_tags }
    }

    /// What is known of a request for a role.
    pub(super) fn of<'s>(
        &'s self,
        tables: &Tables<'a>,
        actor: &Actor,
        role: &Role<'a>,
        purpose: Purpose<'s>,
    ) -> Known<'s> {
        let mut known = Vec::new();
        for &name in &self.names {
            if name == "aws:viaawsservice" {
                known.push((name, vec!["false"]));
            } else if let (Purpose::Pass(service), "iam:passedtoservice") = (purpose, name) {
                known.push((name, vec![service]));
            } else if is_never_there(name, actor.kind, purpose) {
                known.push((name, Vec::new()));
            }
        }
        let tags: Vec<(&str, &str)> =
            if self.resource_tags.is_empty() { Vec::new() } else { tables.tags(&role.identity).collect() };
        for &(name, tag) in &self.resource_tags {
            let values = tags.iter().filter(|(key, _)| *key == tag).map(|(_, value)| *value);
            known.push((name, values.collect()));
        }
        known
    }
}

/// Whether a request of this kind never has a key (R-KEY-2, R-KEY-6, R-KEY-10, R-KEY-11).
fn is_never_there(name: &str, actor: ActorKind, purpose: Purpose<'_>) -> bool {
    let has_account = match actor {
        ActorKind::User | ActorKind::Role | ActorKind::Root | ActorKind::FederatedUser => true,
        ActorKind::Service | ActorKind::Provider | ActorKind::Anonymous => false,
    };
    // A service does not come over another one, and a direct call not over any.
    let by_chain = matches!(name, "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast");
    let by_service = matches!(name, "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths");
    let by_account = matches!(name, "aws:principalorgid" | "aws:principalorgpaths");
    let by_action = match purpose {
        Purpose::Assume => name.starts_with("iam:") && !name.starts_with("iam:resourcetag/"),
        Purpose::Pass(_) => {
            let of_iam = name.starts_with("iam:") && !name.starts_with("iam:resourcetag/");
            let of_another_action = name.starts_with("sts:") || name.starts_with("aws:requesttag/");
            of_another_action || name == "aws:tagkeys" || (of_iam && name != "iam:associatedresourcearn")
        }
    };
    by_chain || by_action || (by_service && actor != ActorKind::Service) || (by_account && !has_account)
}

/// The same as a context.
pub(super) fn context<'k>(known: &'k Known<'k>) -> Vec<(&'k str, Value<'k>)> {
    let values = known.iter().map(|(name, values)| match values.as_slice() {
        [value] => (*name, Value::One(value)),
        values => (*name, Value::List(values)),
    });
    values.collect()
}

/// Whether a provider may vouch for sessions of a role: an ARN only in its own account (R-EVAL-32).
pub(super) fn may_vouch(provider: &str, role: &Role<'_>) -> bool {
    ArnParts::split(provider).is_none_or(|parts| parts.account == role.identity.account)
}
