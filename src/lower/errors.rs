//! Every finding of this room: code, message, label and help, one function each.
//!
//! Messages say what is wrong, labels where, helps what to do. How bad a finding is decides `report`.

use crate::source::{Diagnostic, Place, Severity};

fn finding(
    code: &'static str,
    place: Place,
    message: impl Into<String>,
    label: &str,
    help: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        code,
        severity: Severity::Error,
        message: message.into(),
        place,
        label: label.into(),
        related: Vec::new(),
        fixes: Vec::new(),
        help: Some(help.into()),
    }
}

/// Adds a second place.
fn with(mut finding: Diagnostic, place: Place, label: &str) -> Diagnostic {
    finding.related.push((place, label.into()));
    finding
}

/// Names a character in a message.
fn shown(character: char) -> String {
    match character {
        ' ' => "a blank".to_owned(),
        '`' => "a backtick".to_owned(),
        _ if character.is_alphanumeric() || character.is_ascii_graphic() => format!("the character `{character}`"),
        _ => format!("the character U+{:04X}", u32::from(character)),
    }
}

// ---- documents ----

/// R-DOC-20: `Version` is missing.
pub(super) fn version_missing(place: Place, kind: &str) -> Diagnostic {
    let message = format!("{kind} has no `Version`, so that policy variables in it are literal text");
    let help = "add `\"Version\": \"2012-10-17\"`";
    finding("iamc::document::version-missing", place, message, "this policy", help)
}

/// R-DOC-20: `Version` is 2008-10-17.
pub(super) fn version_old(place: Place, kind: &str) -> Diagnostic {
    let message = format!("{kind} has the version 2008-10-17, in which policy variables are literal text");
    finding("iamc::document::version-old", place, message, "old version", "write \"2012-10-17\"")
}

/// R-DOC-11: `Id` where it is not documented.
pub(super) fn id_ignored(place: Place, kind: &str) -> Diagnostic {
    let message = format!("`Id` is not documented for {kind} and is ignored");
    finding("iamc::document::id-ignored", place, message, "ignored", "remove the `Id`")
}

/// R-DOC-12: no statements.
pub(super) fn empty_statement_list(place: Place) -> Diagnostic {
    let message = "the policy has no statements, so that it matches nothing";
    finding("iamc::document::empty-statement-list", place, message, "empty list", "add at least one statement")
}

/// R-DOC-13: a character that no `Sid` of IAM holds.
pub(super) fn sid_characters(place: Place, character: char) -> Diagnostic {
    let message = format!("a `Sid` of an IAM policy cannot hold {}", shown(character));
    finding("iamc::document::sid-characters", place, message, "not allowed", "use only letters `A-Z`, `a-z` and digits")
}

/// R-DOC-13: a `Sid` twice.
pub(super) fn sid_repeated(place: Place, first: Place, sid: &str) -> Diagnostic {
    let message = format!("the `Sid` `{sid}` is used twice in one policy");
    let help = "give each statement a `Sid` of its own, or none";
    with(finding("iamc::document::sid-repeated", place, message, "again here", help), first, "first here")
}

/// R-DOC-1: a character outside of what IAM accepts.
pub(super) fn characters(place: Place, character: char) -> Diagnostic {
    let message = format!("IAM does not accept {} in a policy", shown(character));
    let help = "use only tab, line feed, carriage return and the characters from U+0020 to U+00FF";
    finding("iamc::document::characters", place, message, "not accepted", help)
}

/// R-DOC-26: a document over its quota.
pub(super) fn too_large(place: Place, what: &str, size: usize, limit: usize) -> Diagnostic {
    let message = format!("{what} holds {size} characters, and the quota is {limit}");
    let help = match what {
        "a role trust policy" => "shorten it: a role has one trust policy",
        "a resource-based policy" => "shorten it: a resource has one policy",
        "a VPC endpoint policy" => "shorten it: an endpoint has one policy",
        "a permissions boundary" => "shorten it: a user or role has one boundary",
        _ => "shorten it, or split it into several policies",
    };
    finding("iamc::document::too-large", place, message, "too large", help)
}

/// R-DOC-15, R-DOC-16, R-DOC-18: an empty element.
pub(super) fn empty_list(place: Place, name: &str, effect: &str) -> Diagnostic {
    let message = format!("`{name}` is empty, so that the statement {effect}");
    let (code, help) = match name {
        "Action" | "NotAction" => ("iamc::document::empty-action", "name at least one action"),
        "Resource" | "NotResource" => ("iamc::document::empty-resource", "name at least one resource, or write \"*\""),
        _ => ("iamc::document::empty-principal", "name at least one principal, or write \"*\""),
    };
    finding(code, place, message, "empty", help)
}

/// R-DOC-16: `Resource` is missing.
pub(super) fn missing_resource(place: Place, kind: &str) -> Diagnostic {
    let message = format!("a statement of {kind} must have `Resource` or `NotResource`");
    finding("iamc::document::missing-resource", place, message, "this statement", "add `\"Resource\": \"*\"` or ARNs")
}

/// R-DOC-21: `Principal` is missing.
pub(super) fn missing_principal(place: Place, kind: &str) -> Diagnostic {
    let message = format!("a statement of {kind} without `Principal` matches nobody");
    finding("iamc::document::missing-principal", place, message, "this statement", "add a `Principal`")
}

/// R-DOC-20 to R-DOC-22: an element that the policy type does not have; `meaning` is what it does where it is tolerated.
pub(super) fn element_not_allowed(place: Place, element: &str, kind: &str, meaning: &str) -> Diagnostic {
    let message = format!("`{element}` is not allowed in {kind}");
    let code = match element {
        "Principal" => "iamc::document::principal-not-allowed",
        "NotPrincipal" => "iamc::document::notprincipal-not-allowed",
        "NotAction" => "iamc::document::notaction-not-allowed",
        _ => "iamc::document::resource-not-allowed",
    };
    finding(code, place, message, "not allowed here", format!("remove `{element}`; with `--lenient` {meaning}"))
}

/// R-DOC-24: `Allow` in a resource control policy.
pub(super) fn rcp_effect(place: Place) -> Diagnostic {
    let message = "a resource control policy of a customer may only deny";
    finding("iamc::document::rcp-effect", place, message, "must be \"Deny\"", "write \"Deny\", or remove the statement")
}

/// R-DOC-20: a principal of a resource control policy that is not `"*"`.
pub(super) fn rcp_principal(place: Place) -> Diagnostic {
    let message = "the `Principal` of a resource control policy must be \"*\"";
    let help = "write \"*\" and narrow the callers with a condition on `aws:PrincipalArn`";
    finding("iamc::document::rcp-principal", place, message, "must be \"*\"", help)
}

/// R-DOC-23: what the older language did not have.
pub(super) fn scp_classic(place: Place, what: &str) -> Diagnostic {
    let message = format!("service control policies did not accept {what} before September 2025");
    let help = "rewrite the statement, or choose `scp_language=full`";
    finding("iamc::document::scp-classic", place, message, "not in the older language", help)
}

/// `world.md` 1: a named policy that nothing evaluates.
pub(super) fn without_effect(place: Place, name: &str, kind: &str) -> Diagnostic {
    let message = format!("the policy `{name}` is {kind} that nothing attaches, so that it never takes effect");
    let help = "give it a type that requests can name: `--type identity` or `--type session`";
    finding("iamc::document::never-used", place, message, "never evaluated", help)
}

// ---- actions ----

/// R-ACT-1: no colon.
pub(super) fn no_colon(place: Place, entry: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("the action `{entry}` names no service, so that it matches nothing");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write `service:Action`, or \"*\" for all actions".to_owned(),
    };
    finding("iamc::action::no-colon", place, message, "no `service:` in front", help)
}

/// R-ACT-1: more than one colon.
pub(super) fn two_colons(place: Place, entry: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("the action `{entry}` holds more than one colon");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if entry.contains([',', ' ']) => {
            "write one entry for each action: `[\"s3:GetObject\", \"s3:PutObject\"]`".to_owned()
        }
        None => "write `service:Action` with one colon".to_owned(),
    };
    finding("iamc::action::two-colons", place, message, "second colon", help)
}

/// R-ACT-6: a prefix with wildcards or other characters.
pub(super) fn prefix(place: Place, found: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("`{found}` is not the prefix of a service");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write the prefix with letters, digits, `-` and `.`, or \"*\" for all of them".to_owned(),
    };
    finding("iamc::action::prefix", place, message, "not a service prefix", help)
}

/// R-ACT-8: nothing behind the colon.
pub(super) fn empty_name(place: Place, entry: &str) -> Diagnostic {
    let message = format!("the action `{entry}` has no name behind the colon, so that it matches nothing");
    finding(
        "iamc::action::empty-name",
        place,
        message,
        "nothing follows",
        "write an action, or `*` for all actions of the service",
    )
}

/// R-ACT-7: white space or a comma.
pub(super) fn blank(place: Place, entry: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("the action `{entry}` holds a blank or a comma, so that no real action matches it");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove it, or write two entries".to_owned(),
    };
    finding("iamc::action::blank", place, message, "part of the name", help)
}

/// R-DOC-22: an action that has nothing to do with roles.
pub(super) fn trust_action(place: Place, entry: &str) -> Diagnostic {
    let message = format!("`{entry}` is not an action of role trust policies");
    let help = "use `sts:AssumeRole`, `sts:AssumeRoleWithSAML`, `sts:AssumeRoleWithWebIdentity`, `sts:TagSession`, \
                `sts:SetSourceIdentity` or `sts:SetContext`";
    finding("iamc::action::trust", place, message, "not an action of a trust policy", help)
}

/// R-DOC-22: an action that is wider than a trust policy needs.
pub(super) fn trust_wildcard(place: Place, entry: &str) -> Diagnostic {
    let message = format!("`{entry}` covers more actions than a role trust policy can allow");
    finding(
        "iamc::action::trust-wildcard",
        place,
        message,
        "wider than needed",
        "name the actions, such as `sts:AssumeRole`",
    )
}

/// R-DOC-24: every action at once.
pub(super) fn rcp_any(place: Place) -> Diagnostic {
    let message = "an action of a resource control policy must name a service";
    finding(
        "iamc::action::rcp-any",
        place,
        message,
        "names no service",
        "write one entry per service, such as \"s3:*\"",
    )
}

// ---- resources and variables ----

/// R-ARN-5: no colon.
pub(super) fn resource_no_colon(place: Place, entry: &str) -> Diagnostic {
    let message = format!("`{entry}` is not an ARN, so that it matches nothing");
    finding("iamc::resource::no-colon", place, message, "no colon", "write an ARN, or \"*\" for all resources")
}

/// R-ARN-1, R-ARN-5: something other than `arn` in front of the first colon.
pub(super) fn not_an_arn(place: Place, entry: &str, meant: Option<&str>) -> Diagnostic {
    let message = format!("`{entry}` is not an ARN: it does not begin with `arn:`");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write an ARN, or \"*\" for all resources".to_owned(),
    };
    finding("iamc::resource::not-an-arn", place, message, "no `arn:` in front", help)
}

/// R-ARN-5: an unknown partition.
pub(super) fn partition(place: Place, found: &str, near: Option<&str>) -> Diagnostic {
    let message = match found {
        "" => "the ARN names no partition".to_owned(),
        _ => format!("`{found}` is not a partition of AWS"),
    };
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `arn:aws:…`, another partition such as `aws-cn` or `aws-us-gov`, or `*`".to_owned(),
    };
    finding("iamc::resource::partition", place, message, "unknown partition", help)
}

/// R-ARN-5: no service.
pub(super) fn missing_service(place: Place) -> Diagnostic {
    let message = "the ARN names no service";
    finding(
        "iamc::resource::missing-service",
        place,
        message,
        "the service is missing",
        "write the service, as in `arn:aws:s3:::bucket`",
    )
}

/// R-ARN-5: a wildcard in the service.
pub(super) fn service_wildcard(place: Place) -> Diagnostic {
    let message = "the service of an ARN should not hold a wildcard";
    finding(
        "iamc::resource::service-wildcard",
        place,
        message,
        "wildcard in the service",
        "write one entry per service",
    )
}

/// R-ARN-5: `::` in an ARN with too few colons.
pub(super) fn few_components(place: Place) -> Diagnostic {
    let message = "the ARN has fewer than six components";
    let help = "an ARN is `arn:partition:service:region:account:resource`; leave region or account empty, not out";
    finding("iamc::resource::few-components", place, message, "a colon is missing", help)
}

/// R-ARN-5: a region where there is none.
pub(super) fn region_not_empty(place: Place, service: &str) -> Diagnostic {
    let message = format!("ARNs of `{service}` have no region");
    finding("iamc::resource::region", place, message, "must be empty", format!("write `arn:aws:{service}::…`"))
}

/// R-ARN-5: an unknown type of IAM resource.
pub(super) fn iam_type(place: Place) -> Diagnostic {
    let message = "the ARN names no type of IAM resource";
    let help = "begin with a type such as `user/`, `role/`, `group/` or `policy/`, or write `*`";
    finding("iamc::resource::iam-type", place, message, "unknown type", help)
}

/// R-ARN-13: an abbreviated ARN that is refused.
pub(super) fn abbreviated_refused(place: Place, kind: &str) -> Diagnostic {
    let message = format!("{kind} accepts no abbreviated ARNs");
    let help = "write all six components, as in `arn:aws:sqs:*:*:*`, or \"*\"";
    finding("iamc::resource::abbreviated", place, message, "fewer than six components", help)
}

/// R-ARN-13: an abbreviated ARN that matches nothing.
pub(super) fn abbreviated_dead(place: Place, kind: &str) -> Diagnostic {
    let message = format!("an abbreviated ARN matches nothing in {kind}");
    let help = "write all six components, as in `arn:aws:sqs:*:*:*`, or \"*\"";
    finding("iamc::resource::abbreviated-dead", place, message, "fewer than six components", help)
}

/// The limit of the matcher.
pub(super) fn too_many_wildcards(place: Place, count: usize, limit: usize) -> Diagnostic {
    let message = format!("the pattern holds {count} wildcards and variables, and at most {limit} are supported");
    finding(
        "iamc::pattern::too-many-wildcards",
        place,
        message,
        "too many wildcards",
        "split the entry, or use fewer wildcards",
    )
}

/// R-VAR-3: a variable in components 1 to 3.
pub(super) fn variable_placement(place: Place) -> Diagnostic {
    let message = "policy variables are not allowed in the partition and the service of an ARN";
    finding(
        "iamc::variable::placement",
        place,
        message,
        "literal text here",
        "move the variable behind the fifth colon",
    )
}

/// R-VAR-3: a variable in components 4 and 5.
pub(super) fn variable_in_head(place: Place) -> Diagnostic {
    let message = "policy variables are documented only behind the fifth colon of an ARN";
    finding(
        "iamc::variable::in-head",
        place,
        message,
        "in the region or the account",
        "use `*` there and a condition, if AWS ignores it",
    )
}

/// R-VAR-3 under `variables_in_arn_head=reject`.
pub(super) fn variable_refused(place: Place) -> Diagnostic {
    let message = "policy variables are not allowed in the region and the account of an ARN";
    let help = "move the variable behind the fifth colon, or choose `variables_in_arn_head=expand`";
    finding("iamc::variable::refused", place, message, "not allowed here", help)
}

/// R-VAR-12: no closing brace.
pub(super) fn variable_unterminated(place: Place) -> Diagnostic {
    let message = "the policy variable has no closing `}`";
    finding(
        "iamc::variable::unterminated",
        place,
        message,
        "opened here",
        "add `}`, or write `${$}{` for the characters",
    )
}

/// R-VAR-12: any other malformed variable.
pub(super) fn variable_malformed(place: Place) -> Diagnostic {
    let message = "the policy variable is malformed, so that the value matches nothing";
    finding("iamc::variable::malformed", place, message, "malformed", "write `${key}` or `${key, 'default'}`")
}

/// R-VAR-4: a variable under an operator without variables.
pub(super) fn variable_in_value(place: Place, operator: &str) -> Diagnostic {
    let message = format!("`{operator}` does not expand policy variables");
    finding(
        "iamc::variable::operator",
        place,
        message,
        "not a value of this operator",
        "write the value itself, or use a string operator",
    )
}

/// R-VAR-4: a variable under `Bool`.
pub(super) fn variable_in_bool(place: Place) -> Diagnostic {
    let message = "whether `Bool` expands policy variables is documented both ways";
    finding("iamc::variable::bool", place, message, "expanded", "use `StringEquals` with the variable")
}

// ---- conditions ----

/// R-CON-2, R-CON-3: no such operator.
pub(super) fn unknown_operator(place: Place, name: &str, help: String) -> Diagnostic {
    let message = format!("there is no condition operator `{name}`, so that the statement never matches");
    finding("iamc::condition::unknown-operator", place, message, "unknown operator", help)
}

/// R-CON-11: `Null` behind a set operator.
pub(super) fn null_with_set_operator(place: Place, outcome: &str) -> Diagnostic {
    let message = format!("`Null` with a set operator is always {outcome}");
    finding(
        "iamc::condition::null-set-operator",
        place,
        message,
        "set operator in front of `Null`",
        "write `Null` alone",
    )
}

/// R-CON-12: no values.
pub(super) fn empty_values(place: Place, key: &str) -> Diagnostic {
    let message = format!("the condition key `{key}` has no values");
    finding("iamc::condition::empty-values", place, message, "empty list", "list at least one value, or remove the key")
}

/// R-CON-34: a value that cannot be parsed.
pub(super) fn bad_value(place: Place, operator: &str, text: &str, what: &str, help: &str) -> Diagnostic {
    let message = format!("`{text}` under `{operator}` is not {what}");
    finding("iamc::condition::bad-value", place, message, format!("not {what}").as_str(), help)
}

/// R-CON-28: an exponent that would need too many digits.
pub(super) fn exponent_too_large(place: Place, limit: u32) -> Diagnostic {
    let message = format!("the exponent of the number is outside -{limit} to {limit}");
    finding(
        "iamc::condition::exponent",
        place,
        message,
        "exponent out of range",
        "write the number without an exponent",
    )
}

/// R-CON-27: a value that is no ARN pattern.
pub(super) fn arn_components(place: Place) -> Diagnostic {
    let message = "an ARN operator needs an ARN of six components that begins with `arn`";
    let help =
        "write `arn:partition:service:region:account:resource` with `*` where anything goes, or use `StringLike`";
    finding("iamc::condition::arn-components", place, message, "not six components", help)
}

// ---- principals ----

/// R-DOC-19: a principal outside of a map.
pub(super) fn bare_principal(place: Place, text: &str) -> Diagnostic {
    let message = "a `Principal` that is no map can only be \"*\"";
    let help = format!("write `{{\"AWS\": \"{text}\"}}`");
    finding("iamc::principal::bare", place, message, "not in a map", help)
}

/// R-PRI-5: a wildcard.
pub(super) fn principal_wildcard(place: Place, text: &str) -> Diagnostic {
    let message = format!("the principal `{text}` holds a wildcard and matches nobody");
    let help = "write \"*\" and narrow it with `ArnLike` on `aws:PrincipalArn`";
    finding("iamc::principal::wildcard", place, message, "wildcards do not work here", help)
}

/// R-PRI-5: a variable.
pub(super) fn principal_variable(place: Place, text: &str) -> Diagnostic {
    let message = format!("the principal `{text}` holds a policy variable and matches nobody");
    let help = "write \"*\" and compare `aws:PrincipalArn` with the variable in a condition";
    finding("iamc::principal::variable", place, message, "variables do not work here", help)
}

/// R-PRI-7: an assumed-role ARN that no session has.
pub(super) fn odd_session(place: Place, text: &str) -> Diagnostic {
    let message = format!("no session has the ARN `{text}`, so that it matches nobody");
    let help = "write `assumed-role/ROLE/SESSION`, without the path of the role, or name the role's own ARN";
    finding("iamc::principal::session", place, message, "not `ROLE/SESSION`", help)
}

/// R-PRI-3, R-PRI-10: what no request is made by.
pub(super) fn not_a_principal(place: Place, text: &str, help: &str) -> Diagnostic {
    let message = format!("`{text}` cannot be a principal");
    finding("iamc::principal::unknown", place, message, "not a principal", help)
}

/// R-PRI-11: `Federated` outside of a trust policy.
pub(super) fn federated_outside_trust(place: Place, kind: &str) -> Diagnostic {
    let message = format!("`Federated` is only for role trust policies, not for {kind}");
    finding(
        "iamc::principal::federated",
        place,
        message,
        "not allowed here",
        "name the role that the federated users assume",
    )
}

/// R-PRI-11: an unknown identity provider.
pub(super) fn unknown_provider(place: Place, text: &str) -> Diagnostic {
    let message = format!("`{text}` is not an identity provider that IAM knows");
    let help = "name a `saml-provider` or `oidc-provider` ARN, or one of the four built-in hosts";
    finding("iamc::principal::provider", place, message, "unknown provider", help)
}

/// R-PRI-15: `NotPrincipal` with `Allow`.
pub(super) fn not_principal_allow(place: Place) -> Diagnostic {
    let message = "`NotPrincipal` with `Allow` grants to everybody who is not listed, anonymous callers included";
    let help = "use `Principal`, or deny with `NotPrincipal`";
    finding("iamc::principal::notprincipal-allow", place, message, "with `Allow`", help)
}

/// R-PRI-16: a listed principal without its account.
pub(super) fn not_principal_account(place: Place, account: &str) -> Diagnostic {
    let message = format!("`NotPrincipal` lists a principal of the account {account} but not the account");
    let help = format!("add `arn:aws:iam::{account}:root`, or deny \"*\" with `ArnNotEquals` on `aws:PrincipalArn`");
    finding("iamc::principal::notprincipal-account", place, message, "the account is not listed", help)
}

// ---- the world ----

/// R-EVAL-36: grants of what is no key.
pub(super) fn kms_grants(place: Place, arn: &str, arn_place: Place) -> Diagnostic {
    let message = format!("`{arn}` has grants, which only KMS keys have (R-EVAL-36)");
    let help = "put the grants on the entry of the key, `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`";
    with(finding("iamc::world::kms-grants", place, message, "a grant", help), arn_place, "is no key")
}

/// R-EVAL-36: a grantee that is no principal.
pub(super) fn kms_grantee(place: Place, arn: &str, grantee: &str, help: &str) -> Diagnostic {
    let message = format!("a grant of the key `{arn}` names `{grantee}`, which is no principal (R-EVAL-36)");
    finding("iamc::world::kms-grantee", place, message, "no principal", help)
}

/// R-EVAL-36: an operation that grants cannot allow.
pub(super) fn kms_operation(place: Place, arn: &str, operation: &str, meant: Option<&str>) -> Diagnostic {
    let message =
        format!("a grant of the key `{arn}` lists `{operation}`, which is no operation of a grant (R-EVAL-36)");
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "list operations as `kms create-grant` takes them, such as `Decrypt` or `GenerateDataKey`".to_owned(),
    };
    finding("iamc::world::kms-operation", place, message, "unknown operation", help)
}

/// R-EVAL-36: a grant without operations.
pub(super) fn kms_no_operations(place: Place, arn: &str) -> Diagnostic {
    let message = format!("a grant of the key `{arn}` lists no operations, so that it grants nothing");
    let help = "list operations such as `Decrypt`, or remove the grant";
    finding("iamc::world::kms-no-operations", place, message, "no operations", help)
}

/// R-EVAL-36, R-CON-4: two names of an encryption context that are one condition key.
pub(super) fn kms_context(place: Place, arn: &str, name: &str, first: Place) -> Diagnostic {
    let message = format!(
        "a grant of the key `{arn}` constrains `{name}` twice, in spellings that condition keys do not tell apart \
         (R-CON-4)"
    );
    let help = "remove the grant: no request shows that its encryption context has both names";
    with(finding("iamc::world::kms-context", place, message, "second of that name", help), first, "first of that name")
}
