//! Principals: those that another one of the same list covers, and services that do not exist.

use super::cover::superfluous;
use super::{Facts, Linter, errors};
use crate::source::{Diagnostic, Place};
use crate::syntax::ast::{Effect, Polarity, PrincipalType, PrincipalValue, Text};
use crate::value::arn::{ArnParts, is_account_id};
use crate::world::model::PolicyType;

/// Principals of one list that are compared with each other at most.
const COMPARED: usize = 256;

/// Ends of the names of service principals. The first one is what is meant.
const DOMAINS: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
];

/// First parts of service principals that are no prefix of actions, sorted: those that look like another one.
const SERVICES: &[&str] = &[
    "a4b",
    "agentless",
    "appconfig",
    "application-insights",
    "assets",
    "automation",
    "aws-artifact-account-sync",
    "botocore",
    "channels",
    "connections",
    "continuousexport",
    "credentials",
    "datapipeline",
    "delegatedadmin",
    "delivery",
    "dms-data-migrations",
    "ec2fleet",
    "ec2scheduled",
    "ecs-tasks",
    "edgelambda",
    "eks-fargate",
    "eks-fargate-pods",
    "eks-nodegroup",
    "emr-containers",
    "es",
    "events",
    "firehose",
    "fms",
    "iot",
    "ipam",
    "kinesisanalytics",
    "lex",
    "lexv2",
    "logger",
    "logs",
    "macie",
    "mobilehub",
    "monitoring",
    "ops",
    "opsworks",
    "opsworks-cm",
    "pods",
    "rds",
    "replicator",
    "s3",
    "spot",
    "spotfleet",
    "stacksets",
    "topic",
    "transfer",
    "vmie",
    "vpc-flow-logs",
];

/// Fewest characters of the unique id of a user or role.
const SHORTEST_ID: usize = 16;

/// Fewest characters in front of `.amazonaws.com` that are looked up.
const SHORTEST: usize = 3;

/// Fewest of them that are corrected: of shorter names one edit makes another one that is as good.
const CORRECTED: usize = 5;

/// Reports what is wrong with the statement's principals.
pub(super) fn check(linter: &mut Linter, facts: &Facts<'_>) {
    let Some(element) = &facts.tree.principal else { return };
    let PrincipalValue::Map(entries) = &element.value else { return };
    for (kind, text) in entries {
        match kind {
            PrincipalType::Service => service(linter, text),
            PrincipalType::Aws => unique_id(linter, text),
            PrincipalType::Federated | PrincipalType::CanonicalUser => {}
        }
    }
    if facts.document.policy_type == PolicyType::Trust && element.polarity == Polarity::Positive {
        mismatched_actions(linter, facts, entries);
    }
    // A negated list is no union of what its entries name (R-PRI-16).
    let effect = facts.effect.filter(|_| element.polarity == Polarity::Positive);
    redundant(linter, entries, effect);
}

/// R-PRI-9: what is left in place of the ARN of a user or role that has been deleted.
fn unique_id(linter: &mut Linter, text: &Text) {
    let id = &*text.text;
    let what = match id.get(..4) {
        Some("AIDA") => "user",
        Some("AROA") => "role",
        _ => return,
    };
    if SHORTEST_ID <= id.len() && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        let place = linter.at(text.span);
        linter.report(errors::unique_id(place, id, what));
    }
}

/// Actions that assume a role, in lower case.
const ASSUMING: &[&str] = &["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"];

/// Reports principals that cannot assume a role by any of the actions that the statement has for that (R-EVAL-32).
/// Statements about tags or the source identity of sessions only have none.
fn mismatched_actions(linter: &mut Linter, facts: &Facts<'_>, entries: &[(PrincipalType, Text)]) {
    let grants = |wanted: &str| facts.allowed_actions().any(|(_, action)| action.grants(wanted));
    // A deny that names one principal and another's action denies too little, but more of it may be too much.
    if !facts.is_allow() || !ASSUMING.iter().any(|action| grants(action)) {
        return;
    }
    let list = facts.tree.action.as_ref().map(|list| linter.at(list.span));
    for (kind, text) in entries.iter().filter(|(_, text)| &*text.text != "*") {
        let (own, spelling) = match kind {
            PrincipalType::Aws | PrincipalType::Service => ("sts:assumerole", "sts:AssumeRole"),
            PrincipalType::Federated if text.text.contains(":saml-provider/") => {
                ("sts:assumerolewithsaml", "sts:AssumeRoleWithSAML")
            }
            PrincipalType::Federated => ("sts:assumerolewithwebidentity", "sts:AssumeRoleWithWebIdentity"),
            PrincipalType::CanonicalUser => continue,
        };
        if !grants(own) {
            let place = linter.at(text.span);
            linter.report(errors::mismatched_action(place, &text.text, list, spelling));
        }
    }
}

/// R-PRI-12: a name that is no service's, where it is nearly one.
fn service(linter: &mut Linter, text: &Text) {
    let name = &*text.text;
    if name.contains(['*', '?', '$']) || name.is_empty() {
        return;
    }
    let (place, reference) = (linter.at(text.span), linter.reference);
    let (meant, length, why) = match DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)) {
        None => {
            let usual = format!("{}{}", name.split('.').next().unwrap_or(name), DOMAINS.first().unwrap_or(&""));
            let meant = linter.nearest.word(name, [usual.as_str()].into_iter());
            (meant, name.len(), "has no name that ends in `.amazonaws.com`".to_owned())
        }
        // `ops.apigateway` and names with a Region stand for themselves.
        Some(first) if first.contains('.') => return,
        Some(first) if linter.service(first).is_some() || SERVICES.binary_search(&first).is_ok() => return,
        Some(first) => {
            let meant = linter.nearest.word(first, reference.prefixes().chain(SERVICES.iter().copied()));
            (meant, first.len(), format!("is unknown as of {}", reference.date()))
        }
    };
    // A short name is near to many.
    if length < name.len() && (meant.names.is_empty() || length < SHORTEST) {
        return;
    }
    let fixes = meant
        .certain()
        .filter(|_| CORRECTED <= length)
        .map_or(Vec::new(), |meant| linter.replace(text, 0..length, meant));
    let meant = meant.in_front_of(name.get(length..).unwrap_or(""));
    let finding = errors::service_principal(place, name, &why, &meant);
    linter.report(Diagnostic { fixes, ..finding });
}

/// Entries that another one of the list covers. Of two that cover each other the first one stays.
fn redundant(linter: &mut Linter, entries: &[(PrincipalType, Text)], effect: Option<Effect>) {
    if entries.len() < 2 {
        return;
    }
    let entries = entries.get(..COMPARED.min(entries.len())).unwrap_or(entries);
    for (at, narrow) in entries.iter().enumerate() {
        let is_wider = |&(to, wide): &(usize, &(PrincipalType, Text))| {
            to != at && covers(effect, wide, narrow) && (to < at || !covers(effect, narrow, wide))
        };
        let Some((to, wide)) = entries.iter().enumerate().find(is_wider) else { continue };
        if wide.0 == narrow.0 {
            // Entries of one type stand in one list.
            let same = entries.iter().enumerate().filter(|(_, (kind, _))| *kind == narrow.0).collect::<Vec<_>>();
            let texts = same.iter().map(|(_, (_, text))| text).collect::<Vec<_>>();
            let number = |entry: usize| same.iter().position(|(at, _)| *at == entry).unwrap_or(0);
            superfluous(linter, &texts, number(at), number(to), errors::redundant_principal);
        } else {
            let (place, first): (Place, Place) = (linter.at(narrow.1.span), linter.at(wide.1.span));
            linter.report(errors::redundant_principal(place, &narrow.1.text, first, &wide.1.text));
        }
    }
}

/// Whether the statement says the same without the narrow entry, given the wide one. What an account's entry allows is
/// less than what an entry of its user does (R-EVAL-14), so that only a deny is covered by it.
fn covers(effect: Option<Effect>, wide: &(PrincipalType, Text), narrow: &(PrincipalType, Text)) -> bool {
    let (wide, narrow) = ((wide.0, &*wide.1.text), (narrow.0, &*narrow.1.text));
    if wide == narrow || wide == (PrincipalType::Aws, "*") {
        return true;
    }
    let ((PrincipalType::Aws, wide), (PrincipalType::Aws, narrow)) = (wide, narrow) else { return false };
    let Some(account) = account(wide) else { return false };
    // An account and its root ARN are the same (R-PRI-6).
    self::account(narrow) == Some(account)
        || (effect == Some(Effect::Deny) && ArnParts::split(narrow).is_some_and(|arn| arn.account == account))
}

/// The account that a principal names as a whole.
fn account(text: &str) -> Option<&str> {
    if is_account_id(text) {
        return Some(text);
    }
    ArnParts::split(text).filter(|arn| arn.resource == "root" && arn.service == "iam").map(|arn| arn.account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn services_are_sorted() {
        assert!(SERVICES.is_sorted());
    }

    #[test]
    fn wider_principals() {
        let aws = |text: &str| (PrincipalType::Aws, Text { span: Span::default(), text: text.into() });
        let (everybody, account, root) = (aws("*"), aws("111122223333"), aws("arn:aws:iam::111122223333:root"));
        let (alice, service) = (aws("arn:aws:iam::111122223333:user/alice"), (PrincipalType::Service, alice_service()));
        let (allow, deny) = (Some(Effect::Allow), Some(Effect::Deny));
        assert!(covers(allow, &everybody, &alice) && covers(allow, &everybody, &service));
        assert!(covers(allow, &account, &root) && covers(allow, &root, &account) && covers(allow, &alice, &alice));
        assert!(covers(deny, &account, &alice) && covers(deny, &root, &alice));
        assert!(!covers(allow, &account, &alice), "R-EVAL-14");
        assert!(!covers(deny, &alice, &account) && !covers(deny, &account, &everybody));
    }

    fn alice_service() -> Text {
        Text { span: Span::default(), text: "s3.amazonaws.com".into() }
    }
}
