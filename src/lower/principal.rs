//! `Principal` and `NotPrincipal` (chapter 4).

use std::ops::Range;

use super::condition::closest;
use super::resource::PARTITIONS;
use super::template::{self, Expansion, Piece};
use super::{Host, Lowering, document, errors};
use crate::ir::{PrincipalEntry, PrincipalSet, Symbol};
use crate::syntax::ast::{Polarity, PrincipalElement, PrincipalType, PrincipalValue, Text};
use crate::syntax::pattern::{self, PrincipalArn, PrincipalArnKind, PrincipalPattern};
use crate::value::arn::{ArnParts, is_account_id};
use crate::world::model::PolicyType;

/// Identity providers that need no ARN (R-PRI-11).
const PROVIDERS: &[&str] =
    &["accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"];

/// Lowers the element; entries that match nobody are left out (R-PRI-5).
pub(super) fn set(lowering: &mut Lowering<'_>, host: &Host<'_>, element: &PrincipalElement) -> PrincipalSet {
    let entries = match &element.value {
        PrincipalValue::Bare(text) => {
            if &*text.text != "*" {
                let place = lowering.report.at(text.span);
                lowering.report.tolerated(errors::bare_principal(place, &text.text));
            }
            aws(lowering, text).into_iter().collect()
        }
        PrincipalValue::Map(entries) => {
            if entries.is_empty() {
                let (name, effect) = match element.polarity {
                    Polarity::Positive => ("Principal", "matches nobody"),
                    Polarity::Negated => ("NotPrincipal", "matches everybody"),
                };
                let place = lowering.report.at(element.span);
                lowering.report.warning(errors::empty_list(place, name, effect));
            }
            entries.iter().filter_map(|(kind, text)| entry(lowering, host, *kind, text)).collect::<Vec<_>>()
        }
    };
    PrincipalSet::new(super::polarity(element.polarity), entries)
}

fn entry(lowering: &mut Lowering<'_>, host: &Host<'_>, kind: PrincipalType, text: &Text) -> Option<PrincipalEntry> {
    match kind {
        PrincipalType::Aws => aws(lowering, text),
        PrincipalType::Service => {
            let symbol = plain(lowering, text)?;
            Some(PrincipalEntry::Service(symbol))
        }
        PrincipalType::Federated => {
            let symbol = plain(lowering, text)?;
            let place = lowering.report.at(text.span);
            if host.policy_type != PolicyType::Trust {
                lowering.report.tolerated(errors::federated_outside_trust(place, document::kind(host.policy_type)));
            } else if !is_provider(&text.text) {
                lowering.report.warning(errors::unknown_provider(place, &text.text));
            }
            Some(PrincipalEntry::Federated(symbol))
        }
        PrincipalType::CanonicalUser => {
            let symbol = plain(lowering, text)?;
            Some(PrincipalEntry::CanonicalUser(symbol))
        }
    }
}

fn is_provider(text: &str) -> bool {
    let is_arn = matches!(
        pattern::principal(text),
        PrincipalPattern::Arn(PrincipalArn {
            kind: PrincipalArnKind::SamlProvider | PrincipalArnKind::OidcProvider,
            ..
        })
    );
    is_arn || PROVIDERS.binary_search(&text).is_ok()
}

/// Returns the text's symbol unless it holds a wildcard or a variable (R-PRI-4, R-PRI-5) or nothing at all.
fn plain(lowering: &mut Lowering<'_>, text: &Text) -> Option<Symbol> {
    if text.text.is_empty() {
        let place = lowering.report.at(text.span);
        lowering.report.error(errors::not_a_principal(place, "", "name a principal"));
        return None;
    }
    let odd = template::parts(&text.text, Expansion::Variables).into_iter().find(|part| part.piece != Piece::Literal);
    let Some(part) = odd else { return Some(lowering.program.texts.intern(&text.text)) };
    let place = lowering.report.at(text.part(part.range));
    lowering.report.tolerated(match part.piece {
        Piece::Star | Piece::Any => errors::principal_wildcard(place, &text.text),
        Piece::Literal | Piece::Escape(_) | Piece::Variable { .. } | Piece::Unterminated | Piece::Malformed => {
            errors::principal_variable(place, &text.text)
        }
    });
    None
}

/// An entry under `AWS` (R-PRI-3).
fn aws(lowering: &mut Lowering<'_>, text: &Text) -> Option<PrincipalEntry> {
    if &*text.text == "*" {
        return Some(PrincipalEntry::Everyone);
    }
    let symbol = plain(lowering, text)?;
    let entry = match pattern::principal(&text.text) {
        PrincipalPattern::Star => Ok(PrincipalEntry::Everyone),
        PrincipalPattern::AccountId => Ok(PrincipalEntry::Account(symbol)),
        PrincipalPattern::UniqueId if lowering.shared_ids.contains(&*text.text) => Err(SHARED_HELP),
        PrincipalPattern::UniqueId => Ok(PrincipalEntry::UniqueId(symbol)),
        PrincipalPattern::Arn(arn) if is_odd_session(&text.text, &arn) => {
            let place = lowering.report.at(text.span);
            lowering.report.tolerated(errors::odd_session(place, &text.text));
            return None;
        }
        PrincipalPattern::Arn(arn) => arn_entry(&text.text, &arn, symbol),
        PrincipalPattern::HasWildcard | PrincipalPattern::Other => Err(GENERAL_HELP),
    };
    match entry {
        Ok(entry) => Some(entry),
        Err(help) => {
            let (range, help) = match misspelt(&text.text, symbol) {
                Some((range, meant)) => (range, format!("did you mean `{meant}`?")),
                None => (0..text.text.len(), help.to_owned()),
            };
            let span = if range.len() == text.text.len() { text.span } else { text.part(range) };
            let place = lowering.report.at(span);
            lowering.report.error(errors::not_a_principal(place, &text.text, &help));
            None
        }
    }
}

/// Types of principals in ARNs, each with its service.
const TYPES: &[(&str, &str)] =
    &[("assumed-role", "sts"), ("federated-user", "sts"), ("role", "iam"), ("root", "iam"), ("user", "iam")];

/// Types of other things of IAM, which are meant where they are written.
const OTHER_TYPES: &[&str] =
    &["group", "instance-profile", "mfa", "oidc-provider", "policy", "saml-provider", "server-certificate"];

/// How far into an ARN a colon may be missing: what stands before the name is shorter.
const HEAD_CHARACTERS: usize = 64;

/// The first part of an ARN that is nearly what a principal has there, and what that is; the whole ARN where only a
/// colon is missing.
fn misspelt(text: &str, symbol: Symbol) -> Option<(Range<usize>, String)> {
    let is_principal = |text: &str| matches!(pattern::principal(text), PrincipalPattern::Arn(arn) if arn_entry(text, &arn, symbol).is_ok());
    let places = text.char_indices().take(HEAD_CHARACTERS);
    if let Some(whole) = places.map(|(at, _)| with_colon(text, at)).find(|whole| is_principal(whole)) {
        return Some((0..text.len(), whole));
    }
    let parts = text.splitn(6, ':').collect::<Vec<_>>();
    let [first, partition, service, region, account, resource] = parts.as_slice() else { return None };
    let start = |part: usize| parts.iter().take(part).map(|part| part.len() + 1).sum::<usize>();
    let near = |part: usize, word: &str, known: &[&'static str]| {
        let is_known = known.contains(&word);
        let meant = closest(word, known.iter().copied()).filter(|_| !is_known)?;
        Some((start(part)..start(part) + word.len(), meant.to_owned()))
    };
    let kind = resource.split('/').next().unwrap_or("");
    let types = TYPES.iter().map(|(kind, _)| *kind).collect::<Vec<_>>();
    let own = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, service)| *service);
    let found = near(0, first, &["arn"])
        .or_else(|| near(1, partition, PARTITIONS))
        .or_else(|| near(2, service, own.as_ref().map_or(&["iam", "sts"], std::slice::from_ref)))
        .or_else(|| near(5, kind, &types).filter(|_| !OTHER_TYPES.contains(&kind)));
    // What is not 12 digits is told by its own help.
    found.filter(|_| region.is_empty() && is_account_id(account))
}

/// The text with one colon more.
fn with_colon(text: &str, at: usize) -> String {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{before}:{behind}")
}

/// For a unique id that several users or roles of the input claim: nobody knows whom it allows or denies.
pub(super) const SHARED_HELP: &str = "several users or roles of the input have this id: correct them, or name the ARN";

pub(super) const GENERAL_HELP: &str =
    "name an account, or the ARN of a user, a role, an assumed-role session or a federated user";

/// Whether an ARN of a session holds the path of the role or lacks the session's name: no session has it (R-PRI-7).
fn is_odd_session(text: &str, arn: &PrincipalArn) -> bool {
    arn.kind == PrincipalArnKind::Other
        && text.get(arn.service.clone()) == Some("sts")
        && text.get(arn.account.end..).is_some_and(|rest| rest.starts_with(":assumed-role/"))
}

/// Returns the entry of an ARN, or how to repair it.
pub(super) fn arn_entry(text: &str, arn: &PrincipalArn, symbol: Symbol) -> Result<PrincipalEntry, &'static str> {
    let slice = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    if PARTITIONS.binary_search(&slice(&arn.partition)).is_err() {
        return Err("write a partition such as `aws`");
    }
    if !arn.region.is_empty() {
        return Err("leave the region of the ARN empty");
    }
    if !is_account_id(slice(&arn.account)) {
        return Err("write the account as 12 digits");
    }
    match &arn.kind {
        PrincipalArnKind::Root => Ok(PrincipalEntry::AccountRoot(symbol)),
        PrincipalArnKind::User => Ok(PrincipalEntry::User(symbol)),
        PrincipalArnKind::Role => Ok(PrincipalEntry::Role(symbol)),
        PrincipalArnKind::AssumedRole { .. } => Ok(PrincipalEntry::Session(symbol)),
        PrincipalArnKind::FederatedUser => Ok(PrincipalEntry::FederatedUser(symbol)),
        PrincipalArnKind::Group => Err("groups are no principals: name their users, or use \"*\" with a condition"),
        PrincipalArnKind::OidcProvider | PrincipalArnKind::SamlProvider => {
            Err("name an identity provider under `Federated`, not under `AWS`")
        }
        PrincipalArnKind::Other => Err(GENERAL_HELP),
    }
}

/// Warns about accounts whose principals are exempt while the account is not listed (R-PRI-16).
pub(super) fn check_accounts(lowering: &mut Lowering<'_>, element: &PrincipalElement) {
    let PrincipalValue::Map(entries) = &element.value else { return };
    let listed = entries.iter().filter(|(kind, _)| *kind == PrincipalType::Aws).map(|(_, text)| text);
    let is_account = |text: &Text, account: &str| {
        &*text.text == account
            || ArnParts::split(&text.text).is_some_and(|arn| arn.resource == "root" && arn.account == account)
    };
    for text in listed.clone() {
        let Some(arn) = ArnParts::split(&text.text).filter(|arn| arn.resource != "root") else { continue };
        if is_account_id(arn.account) && !listed.clone().any(|other| is_account(other, arn.account)) {
            let place = lowering.report.at(text.span);
            lowering.report.warning(errors::not_principal_account(place, arn.account));
        }
    }
}
