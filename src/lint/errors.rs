//! Every finding of this room: code, severity, message, label and help, one function each.
//!
//! Messages say what is wrong, labels where, helps what to do. Each code has a page in `docs/codes.md`.

use super::limits::Layer;
use super::nearest::Meant;
use crate::reference::Level;
use crate::source::{Diagnostic, Place, Severity};
use crate::syntax::ast::Effect;

fn finding(
    code: &'static str,
    severity: Severity,
    place: Place,
    message: impl Into<String>,
    label: &str,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        code,
        severity,
        message: message.into(),
        place,
        label: label.into(),
        related: Vec::new(),
        help: Some(help.into()),
        fixes: Vec::new(),
    }
}

/// Adds a second place.
fn with(mut finding: Diagnostic, place: Place, label: &str) -> Diagnostic {
    finding.related.push((place, label.into()));
    finding
}

fn or(meant: &Meant, otherwise: &str) -> String {
    meant.question().unwrap_or_else(|| otherwise.to_owned())
}

/// Forms of ARNs as a list.
fn listed(forms: &[String]) -> String {
    forms.iter().map(|form| format!("`{form}`")).collect::<Vec<_>>().join(", ")
}

// ---- actions ----

pub(super) fn unknown_service(place: Place, prefix: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("the service `{prefix}` is unknown as of {date}");
    let help = or(meant, "write the prefix of a service, such as `s3` or `ec2`");
    finding("iamc::action::unknown-service", Severity::Warning, place, message, "unknown service", help)
}

pub(super) fn unknown_action(place: Place, entry: &str, title: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("the action `{entry}` of {title} is unknown as of {date}");
    let help = or(meant, "look the action up in the reference of the service");
    finding("iamc::action::unknown", Severity::Warning, place, message, "unknown action", help)
}

pub(super) fn matches_nothing(place: Place, entry: &str, title: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("no action of {title} matches `{entry}` as of {date}");
    let help = or(meant, "correct the pattern, or remove it");
    finding("iamc::action::matches-nothing", Severity::Warning, place, message, "matches nothing", help)
}

pub(super) fn without_rcp(place: Place, title: &str, date: &str) -> Diagnostic {
    let message = format!("resource control policies have no effect on {title} as of {date}");
    let help = "remove the entry, or deny the action in a service control policy";
    finding("iamc::action::without-rcp", Severity::Warning, place, message, "not supported", help)
}

pub(super) fn wrong_resource(
    place: Place,
    entry: &str,
    list: Option<Place>,
    forms: &[String],
    effect: Option<Effect>,
) -> Diagnostic {
    let verb = if effect == Some(Effect::Deny) { "denied" } else { "allowed" };
    let message = format!("`{entry}` is not {verb} on any of the resources: none is of a type that the action takes");
    let help = match forms {
        [] => "the action is about no single resource: write the resource `*`, in a statement of its own".to_owned(),
        _ => format!("name a resource of the form {}, or `*`", listed(forms)),
    };
    let finding = finding("iamc::action::wrong-resource", Severity::Warning, place, message, "has no effect", help);
    match list {
        Some(list) => with(finding, list, "of other types"),
        None => finding,
    }
}

// ---- resources ----

pub(super) fn unused_resource(place: Place, entry: &str, list: Option<Place>) -> Diagnostic {
    let message = format!("none of the actions is about a resource such as `{entry}`");
    let help = "remove the resource, or add the actions that it is meant for";
    let finding = finding("iamc::resource::unused", Severity::Suggestion, place, message, "has no effect", help);
    match list {
        Some(list) => with(finding, list, "about other resources"),
        None => finding,
    }
}

/// `forms`: what the actions without effect take.
pub(super) fn wrong_type(place: Place, entry: &str, list: Option<Place>, forms: &[String]) -> Diagnostic {
    let message = format!("`{entry}` is of no type that an action of the statement takes");
    let help = match forms {
        [] => {
            "the actions are about no single resource: write the resource `*`, in a statement of their own".to_owned()
        }
        _ => format!("name a resource of the form {}, or `*`", listed(forms)),
    };
    let finding = finding("iamc::resource::wrong-type", Severity::Warning, place, message, "has no effect", help);
    match list {
        Some(list) => with(finding, list, "about other resources"),
        None => finding,
    }
}

pub(super) fn missing_colon(place: Place, entry: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("`{entry}` has fewer than six components, and the last one is no region or account");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "an ARN is `arn:partition:service:region:account:resource`".to_owned(),
    };
    finding("iamc::resource::missing-colon", Severity::Warning, place, message, "a colon is missing", help)
}

pub(super) fn unknown_arn_service(place: Place, service: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("no ARN has the service `{service}` as of {date}");
    let help = or(meant, "write the service as the ARN of the resource has it");
    finding("iamc::resource::unknown-service", Severity::Warning, place, message, "unknown service", help)
}

pub(super) fn unknown_region(place: Place, region: &str, meant: &Meant) -> Diagnostic {
    let message = format!("`{region}` is not a region that is known");
    let help = or(meant, "write a region such as `eu-central-1`, or `*`");
    finding("iamc::resource::unknown-region", Severity::Warning, place, message, "unknown region", help)
}

pub(super) fn not_an_account(place: Place, account: &str) -> Diagnostic {
    let message = format!("`{account}` is not the id of an account");
    let help = "write the 12 digits of the account, or `*`";
    finding("iamc::resource::account", Severity::Warning, place, message, "not 12 digits", help)
}

pub(super) fn unknown_type(place: Place, word: &str, service: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("`{service}` has no resources of the type `{word}` as of {date}");
    let help = or(meant, "write the type as the reference of the service has it");
    finding("iamc::resource::unknown-type", Severity::Warning, place, message, "unknown type", help)
}

pub(super) fn other_partition(place: Place, region: &str, partition: &str, own: &str) -> Diagnostic {
    let message = format!("the region `{region}` is of the partition `{own}`, not of `{partition}`");
    let help = format!("write `arn:{own}:…`, or a region of `{partition}`");
    finding("iamc::resource::other-partition", Severity::Warning, place, message, "of another partition", help)
}

pub(super) fn missing_region(place: Place, entry: &str, service: &str) -> Diagnostic {
    let message = format!("`{entry}` has no region, which all ARNs of such resources of `{service}` have");
    let help = "write the region between the third and the fourth colon, or `*`";
    finding("iamc::resource::missing-region", Severity::Warning, place, message, "no region", help)
}

pub(super) fn surplus_region(place: Place, region: &str, service: &str) -> Diagnostic {
    let message = format!("no ARN of such resources of `{service}` has a region, such as `{region}`");
    let help = "leave the region empty, and keep the colons";
    finding("iamc::resource::surplus-region", Severity::Warning, place, message, "matches nothing", help)
}

pub(super) fn surplus_account(place: Place, account: &str, service: &str) -> Diagnostic {
    let message = format!("no ARN of such resources of `{service}` has an account, such as `{account}`");
    let help = "leave the account empty, and keep the colons; to name the owner, test `aws:ResourceAccount`";
    finding("iamc::resource::surplus-account", Severity::Warning, place, message, "matches nothing", help)
}

// ---- documents ----

pub(super) fn empty_sid(place: Place) -> Diagnostic {
    let help = "give the statement a `Sid` of letters and digits, or remove the element";
    finding("iamc::document::empty-sid", Severity::Suggestion, place, "the `Sid` is empty", "names nothing", help)
}

// ---- principals ----

/// `what`: a user or a role.
pub(super) fn unique_id(place: Place, id: &str, what: &str) -> Diagnostic {
    let message =
        format!("`{id}` is the unique id of a {what}, as IAM shows it when the {what} has been deleted (R-PRI-9)");
    let help = format!("write the ARN of the {what}, or remove the entry: a {what} made anew has another id");
    finding("iamc::principal::unique-id", Severity::Warning, place, message, "an id, no ARN", help)
}

/// `action`: the one that the principal assumes roles by.
pub(super) fn mismatched_action(place: Place, principal: &str, list: Option<Place>, action: &str) -> Diagnostic {
    let message = format!("`{principal}` assumes roles by `{action}`, which the statement does not have (R-EVAL-32)");
    let help = format!("write `{action}`, in a statement of the principals that use it");
    let code = "iamc::principal::mismatched-action";
    let finding = finding(code, Severity::Warning, place, message, "never matches", help);
    match list {
        Some(list) => with(finding, list, "by none of these"),
        None => finding,
    }
}

/// `why`: what is wrong with the name.
pub(super) fn service_principal(place: Place, name: &str, why: &str, meant: &Meant) -> Diagnostic {
    let message = format!("the service `{name}` {why}");
    let help = or(meant, "write the service principal, such as `lambda.amazonaws.com`");
    finding("iamc::principal::service", Severity::Warning, place, message, "unknown service", help)
}

// ---- conditions ----

pub(super) fn unknown_key(place: Place, name: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("the condition key `{name}` is unknown as of {date}");
    let help = or(meant, "use a global key such as `aws:SourceIp`, or one that the service documents");
    finding("iamc::condition::unknown-key", Severity::Warning, place, message, "unknown key", help)
}

pub(super) fn unknown_variable(place: Place, name: &str, date: &str, meant: &Meant) -> Diagnostic {
    let message = format!("the policy variable `{name}` names a condition key that is unknown as of {date}");
    let help = or(meant, "use a key such as `aws:username` or `aws:PrincipalTag/team`");
    finding("iamc::variable::unknown-key", Severity::Warning, place, message, "unknown key", help)
}

pub(super) fn not_a_variable(place: Place, name: &str) -> Diagnostic {
    let message = "a policy variable is written with `${` and `}`; this is literal text";
    let help = format!("did you mean `${{{name}}}`?");
    finding("iamc::variable::not-a-variable", Severity::Warning, place, message, "literal text", help)
}

pub(super) fn key_type(
    place: Place,
    operator: &str,
    key: Place,
    name: &str,
    kind: &str,
    operators: &str,
) -> Diagnostic {
    let message = format!("`{operator}` does not compare values of the type {kind}, which `{name}` has");
    let help = format!("use {operators}");
    // Texts of ARNs can be compared, only not component by component.
    let severity = if kind == "ARN" { Severity::Suggestion } else { Severity::Warning };
    with(finding("iamc::condition::key-type", severity, place, message, "of another type", help), key, "this key")
}

pub(super) fn not_carried(place: Place, name: &str, list: Option<Place>, outcome: &str) -> Diagnostic {
    let message = format!("no action of the statement carries `{name}`, so that the test {outcome}");
    let help = "use a key of these actions, or move the test to a statement about other actions";
    let finding = finding("iamc::condition::not-carried", Severity::Warning, place, message, "never present", help);
    match list {
        Some(list) => with(finding, list, "by none of these"),
        None => finding,
    }
}

pub(super) fn empty_operator(place: Place, operator: &str) -> Diagnostic {
    let message = format!("`{operator}` tests no key, so that it asks for nothing (R-DOC-17)");
    let help = "write the key that is meant, or remove the operator";
    finding("iamc::condition::empty-operator", Severity::Suggestion, place, message, "no keys", help)
}

pub(super) fn deprecated_key(place: Place, name: &str) -> Diagnostic {
    let message = format!("AWS no longer supports the condition key `{name}`");
    let help = "use `aws:PrincipalArn` for who makes the request, or `aws:SourceArn` for what a service acts for";
    finding("iamc::condition::deprecated-key", Severity::Warning, place, message, "not supported", help)
}

pub(super) fn private_key(place: Place, name: &str) -> Diagnostic {
    let message = format!("`{name}` is a key that AWS keeps for itself and does not document");
    let help = "use `aws:SourceAccount` for requests of services, or `aws:PrincipalAccount` for those of principals";
    finding("iamc::condition::private-key", Severity::Suggestion, place, message, "not documented", help)
}

pub(super) fn missing_pair(place: Place, name: &str) -> Diagnostic {
    let message = format!("`{name}` alone allows the same private address in any other network");
    let help = "add a condition on `aws:SourceVpc` or `aws:SourceVpce` to the statement";
    finding("iamc::condition::missing-pair", Severity::SecurityWarning, place, message, "of any network", help)
}

/// `outcome`: when the test holds.
pub(super) fn both_booleans(place: Place, name: &str, first: Place, outcome: &str) -> Diagnostic {
    let message = format!("the test of `{name}` asks for true and for false, so that it {outcome}");
    let help = "write one of the two, or remove the test";
    let code = "iamc::condition::both-booleans";
    with(finding(code, Severity::Warning, place, message, "and the opposite", help), first, "one of both")
}

pub(super) fn host_bits(place: Place, value: &str, meant: &str) -> Diagnostic {
    let message = format!("`{value}` has bits behind the mask, which count for nothing (R-CON-33)");
    let help = format!("write `{meant}`, which is the same");
    finding("iamc::condition::host-bits", Severity::Suggestion, place, message, "more than a network", help)
}

pub(super) fn epoch_date(place: Place, value: &str) -> Diagnostic {
    let message = format!("`{value}` is read as seconds since the start of 1970 (R-CON-29)");
    let help = "write a date such as `2026-01-31` or `2026-01-31T00:00:00Z`";
    finding("iamc::condition::epoch-date", Severity::Warning, place, message, "a number of seconds", help)
}

pub(super) fn missing_set_operator(place: Place, operator: &str, key: Place, name: &str) -> Diagnostic {
    let message = format!("`{operator}` never matches `{name}`, which has several values (R-CON-21)");
    let help = format!("write `ForAnyValue:{operator}` or `ForAllValues:{operator}`");
    let code = "iamc::condition::missing-set-operator";
    with(finding(code, Severity::Warning, place, message, "no set operator", help), key, "several values")
}

pub(super) fn all_values_of_single(place: Place, key: Place, name: &str) -> Diagnostic {
    let message = format!("`ForAllValues` allows requests without `{name}`, a key with one value");
    let help = "remove `ForAllValues:`, which is for keys with several values";
    let code = "iamc::condition::forallvalues-single";
    with(finding(code, Severity::SecurityWarning, place, message, "true without the key", help), key, "one value")
}

pub(super) fn set_operator_on_single(place: Place, operator: &str, key: Place, name: &str) -> Diagnostic {
    let message = format!("`{operator}` has a set operator, and `{name}` has one value");
    let help = "remove the set operator";
    let code = "iamc::condition::set-operator-single";
    with(finding(code, Severity::Warning, place, message, "a set operator", help), key, "one value")
}

pub(super) fn all_values_of_none(place: Place, key: Place, name: &str) -> Diagnostic {
    let message = format!("`ForAllValues` also allows requests without `{name}` (R-CON-17)");
    let help = format!("add `\"Null\": {{ \"{name}\": \"false\" }}` if the key must be there");
    let code = "iamc::condition::forallvalues-missing";
    with(finding(code, Severity::Warning, place, message, "true without the key", help), key, "may be missing")
}

pub(super) fn literal_wildcard(place: Place, operator: &str, at: Place, like: &str) -> Diagnostic {
    let message = format!("`*` is no wildcard under `{operator}` (R-CON-24)");
    let help = format!("use `{like}`, or write `${{*}}` for a star");
    let code = "iamc::condition::literal-wildcard";
    with(finding(code, Severity::Warning, place, message, "an ordinary character", help), at, "no wildcards")
}

pub(super) fn sensitive_wildcard(place: Place, value: &str, key: Place, name: &str) -> Diagnostic {
    let message = format!("`{value}` lets in more than one value of `{name}` (R-KEY-8)");
    let help = "write the exact values, with `StringEquals`";
    let code = "iamc::condition::sensitive-wildcard";
    with(finding(code, Severity::SecurityWarning, place, message, "holds a wildcard", help), key, "names one owner")
}

pub(super) fn private_address(place: Place, value: &str, outcome: &str) -> Diagnostic {
    let message = format!("`{value}` is a private network, which `aws:SourceIp` never is: it {outcome}");
    let help = "write public addresses, or test `aws:VpcSourceIp` together with `aws:SourceVpc`";
    finding("iamc::condition::private-address", Severity::Warning, place, message, "private addresses", help)
}

pub(super) fn contradiction(place: Place, name: &str, first: Place, why: &str) -> Diagnostic {
    let message = format!("two tests of `{name}` contradict each other: {why}");
    let help = "remove one of the tests, or the statement, which never matches";
    let code = "iamc::condition::contradiction";
    with(finding(code, Severity::Warning, place, message, "contradicts the other", help), first, "the other test")
}

// ---- access ----

pub(super) fn not_action_allow(place: Place) -> Diagnostic {
    let message = "`NotAction` with `Allow` allows every other action, those of new services included";
    let help = "list what is allowed in `Action`, or deny with `NotAction`";
    finding("iamc::access::notaction-allow", Severity::SecurityWarning, place, message, "with `Allow`", help)
}

pub(super) fn not_resource_allow(place: Place) -> Diagnostic {
    let message = "`NotResource` with `Allow` allows the actions on every other resource, in any account";
    let help = "list the resources in `Resource`, or deny with `NotResource`";
    finding("iamc::access::notresource-allow", Severity::SecurityWarning, place, message, "with `Allow`", help)
}

pub(super) fn pass_role(place: Place, entry: &str, resource: Place) -> Diagnostic {
    let message = format!("`{entry}` allows to pass any role to any service");
    let help = "name the roles in `Resource`, and the service in a condition on `iam:PassedToService`";
    let code = "iamc::access::pass-role";
    with(finding(code, Severity::SecurityWarning, place, message, "holds `iam:PassRole`", help), resource, "any role")
}

pub(super) fn service_linked_role(place: Place, entry: &str, resource: Place) -> Diagnostic {
    let message = format!("`{entry}` allows to create the service-linked roles of any service");
    let help = "name the roles, as `arn:aws:iam::*:role/aws-service-role/SERVICE/*`, or the service in a condition on \
                `iam:AWSServiceName`";
    let code = "iamc::access::service-linked-role";
    let label = "holds `iam:CreateServiceLinkedRole`";
    with(finding(code, Severity::Warning, place, message, label, help), resource, "any role")
}

pub(super) fn trusts_everybody(place: Place) -> Diagnostic {
    everybody(place, "every principal of every account may assume the role".to_owned())
}

fn everybody(place: Place, message: String) -> Diagnostic {
    let help = "name the principals, or add a condition such as `aws:PrincipalOrgID` or `aws:SourceVpce`";
    finding("iamc::access::public", Severity::SecurityWarning, place, message, "everybody", help)
}

pub(super) fn public(place: Place, worst: Level) -> Diagnostic {
    let what = match worst {
        Level::Permissions => "change permissions",
        Level::Write => "write",
        Level::Tagging => "change tags",
        Level::Read => "read",
        Level::List => "list",
        Level::Unknown => "do this",
    };
    everybody(place, format!("everybody, anonymous callers included, may {what}"))
}

pub(super) fn confused_deputy(place: Place, service: &str) -> Diagnostic {
    let message = format!("`{service}` may do this on behalf of any account");
    let help = "add a condition on `aws:SourceArn`, `aws:SourceAccount` or `aws:SourceOrgID`";
    finding("iamc::access::confused-deputy", Severity::SecurityWarning, place, message, "for anybody", help)
}

pub(super) fn without_subject(place: Place, provider: &str, claim: &str) -> Diagnostic {
    let message = format!("everybody whom `{provider}` knows can assume the role");
    let help = format!("add a condition on `{claim}`");
    finding("iamc::access::oidc-subject", Severity::SecurityWarning, place, message, "any user of it", help)
}

pub(super) fn escalation(place: Place, entry: &str, way: &str) -> Diagnostic {
    let message = format!("`{entry}` on every resource leads to all permissions: whoever has it {way}");
    let help = "name the resources that it is for, or set a permissions boundary and demand it in a condition";
    finding("iamc::access::escalation", Severity::SecurityWarning, place, message, "leads to everything", help)
}

pub(super) fn escalation_with_role(place: Place, entry: &str, role: Place, way: &str) -> Diagnostic {
    let message = format!("`{entry}` with `iam:PassRole` on every role leads to all permissions: {way}");
    let help = "name the roles in `Resource` of `iam:PassRole`, none of them with more than its user has";
    let code = "iamc::access::escalation-with-role";
    with(finding(code, Severity::SecurityWarning, place, message, "runs with the role", help), role, "passes any role")
}

// ---- redundancy ----

/// That an entry is covered by another one, or stands twice in its list.
fn covered(what: &str, entry: &str, wide: &str) -> String {
    if entry == wide {
        format!("{what} `{entry}` is listed twice")
    } else {
        format!("{what} `{entry}` is covered by `{wide}`")
    }
}

pub(super) fn redundant_action(place: Place, entry: &str, first: Place, wide: &str) -> Diagnostic {
    let message = covered("the action", entry, wide);
    let code = "iamc::redundant::action";
    with(finding(code, Severity::Suggestion, place, message, "changes nothing", "remove it"), first, "covers it")
}

pub(super) fn redundant_resource(place: Place, entry: &str, first: Place, wide: &str) -> Diagnostic {
    let message = covered("the resource", entry, wide);
    let code = "iamc::redundant::resource";
    with(finding(code, Severity::Suggestion, place, message, "changes nothing", "remove it"), first, "covers it")
}

pub(super) fn redundant_principal(place: Place, entry: &str, first: Place, wide: &str) -> Diagnostic {
    let message = covered("the principal", entry, wide);
    let code = "iamc::redundant::principal";
    with(finding(code, Severity::Suggestion, place, message, "changes nothing", "remove it"), first, "covers it")
}

pub(super) fn redundant_value(place: Place, entry: &str, first: Place, wide: &str) -> Diagnostic {
    let message = covered("the value", entry, wide);
    let code = "iamc::redundant::value";
    with(finding(code, Severity::Suggestion, place, message, "changes nothing", "remove it"), first, "covers it")
}

/// `who` has the statement, `limit` tells what keeps it from mattering, and `first` is where that stands.
pub(super) fn outside(layer: Layer, place: Place, who: &str, limit: &str, first: Option<Place>) -> Diagnostic {
    let message = format!("the statement never matters for `{who}`: {limit}");
    let (code, label, help) = match layer {
        Layer::Boundary => (
            "iamc::redundant::outside-boundary",
            "allows none of it",
            "remove the statement, or allow its actions in the boundary as well",
        ),
        Layer::ServiceControl => (
            "iamc::redundant::outside-scp",
            "lets none of it through",
            "remove the statement, or allow its actions in the service control policies as well",
        ),
    };
    let finding = finding(code, Severity::Warning, place, message, "never takes effect", help);
    match first {
        Some(first) => with(finding, first, label),
        None => finding,
    }
}

pub(super) fn excludes_everything(place: Place, entry: &str, name: Place) -> Diagnostic {
    let message = format!("`{entry}` leaves nothing for the statement to match");
    let help = "list what the statement is not for, or write the element without `Not`";
    let code = "iamc::redundant::excludes-everything";
    with(finding(code, Severity::Warning, place, message, "everything", help), name, "but not this")
}

pub(super) fn redundant_statement(place: Place, first: Place, name: &str) -> Diagnostic {
    let message = format!("the statement never matters: the statement {name} covers it");
    let code = "iamc::redundant::statement";
    with(finding(code, Severity::Suggestion, place, message, "changes nothing", "remove it"), first, "covers it")
}

pub(super) fn denied_statement(place: Place, first: Place, name: &str) -> Diagnostic {
    let message = format!("the statement allows nothing: the statement {name} denies all of it");
    let help = "remove the statement, or narrow the deny";
    let code = "iamc::redundant::denied";
    with(finding(code, Severity::Warning, place, message, "never takes effect", help), first, "denies it")
}
