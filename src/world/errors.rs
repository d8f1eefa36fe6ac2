//! Every finding of this room: code, message, label and help, one function each.
//!
//! Messages say what is wrong, labels where, helps what to do; a second place is the first of two clashing things.

use crate::source::{Diagnostic, Place, Severity};

fn finding(severity: Severity, code: &'static str, place: Place, message: String, label: &str) -> Diagnostic {
    Diagnostic { code, severity, message, place, label: label.to_owned(), related: Vec::new(), help: None }
}

fn error(code: &'static str, place: Place, message: String, label: &str, help: &str) -> Diagnostic {
    Diagnostic { help: Some(help.to_owned()), ..finding(Severity::Error, code, place, message, label) }
}

fn warning(code: &'static str, place: Place, message: String, label: &str, help: &str) -> Diagnostic {
    Diagnostic { help: Some(help.to_owned()), ..finding(Severity::Warning, code, place, message, label) }
}

fn with(mut finding: Diagnostic, place: Place, label: &str) -> Diagnostic {
    finding.related.push((place, label.to_owned()));
    finding
}

// ---- what a file is ----

/// A value that is none of the formats.
pub(super) fn unknown_format(place: Place) -> Diagnostic {
    let message = "this is neither a policy nor the output of a command that prints policies".to_owned();
    let help = "expected a policy document (an object with `Statement`), an envelope of the AWS CLI (`PolicyVersion`, \
                `PolicyDocument` or `Policy`), policy lines (`name` and `document`) or the output of `aws iam \
                get-account-authorization-details`";
    error("iamc::world::unknown-format", place, message, "not recognised", help)
}

/// A format that is planned but not read yet.
pub(super) fn unsupported_format(place: Place, format: &str) -> Diagnostic {
    let message = format!("{format} cannot be read yet");
    let help = "give policy documents, policy lines or account dumps instead";
    error("iamc::world::unsupported-format", place, message, "not supported", help)
}

/// Output of `aws iam get-policy`, which holds no document.
pub(super) fn no_document(place: Place) -> Diagnostic {
    let message = "this describes a policy but does not hold its document".to_owned();
    let help = "use the output of `aws iam get-policy-version`, which does";
    error("iamc::world::no-document", place, message, "no document inside", help)
}

/// A second policy document in one file.
pub(super) fn several_documents(place: Place, first: Place) -> Diagnostic {
    let message = "a file holds two policy documents, but names only one".to_owned();
    let help = "put each document into a file of its own, or write policy lines: \
                `{\"name\": \"...\", \"document\": {...}}`";
    with(error("iamc::world::several-documents", place, message, "second document", help), first, "first document")
}

// ---- members ----

/// A member of a wrong JSON type.
pub(super) fn wrong_type(place: Place, member: &str, expected: &str, found: &str) -> Diagnostic {
    let message = format!("`{member}` must be {expected}, not {found}");
    error("iamc::world::wrong-type", place, message, &format!("expected {expected}"), "correct the value")
}

/// A member that must be there.
pub(super) fn missing_member(place: Place, member: &str, owner: &str) -> Diagnostic {
    let message = format!("{owner} has no `{member}`");
    error("iamc::world::missing-member", place, message, "incomplete", &format!("add `{member}`"))
}

/// A member that policy lines do not have.
pub(super) fn unknown_member(place: Place, member: &str) -> Diagnostic {
    let message = format!("a policy line has no member `{member}`");
    let help = "a policy line has `name`, `document` and, for a managed policy, `arn`";
    error("iamc::world::unknown-member", place, message, "unknown member", help)
}

// ---- ARNs and names ----

/// Text that is not the ARN of such a thing.
pub(super) fn bad_arn(place: Place, text: &str, noun: &str, form: &str) -> Diagnostic {
    let message = format!("`{text}` is not the ARN of {noun}");
    error("iamc::world::bad-arn", place, message, "malformed ARN", &format!("write it as `{form}`"))
}

/// A name that is not the last part of the ARN.
pub(super) fn name_and_arn_differ(place: Place, name: &str, arn: &str, arn_place: Place) -> Diagnostic {
    let message = format!("the name `{name}` and the ARN `{arn}` belong to different things");
    let made =
        error("iamc::world::name-mismatch", place, message, "this name", "make the ARN end in the name, case included");
    with(made, arn_place, "this ARN")
}

/// An account id that differs from that of the rest of the file.
pub(super) fn two_accounts(place: Place, id: &str, first_id: &str, first: Place) -> Diagnostic {
    let message = format!("this belongs to account {id}, but the file is the dump of account {first_id}");
    let help = "give each account's dump as a file of its own";
    with(error("iamc::world::two-accounts", place, message, "another account", help), first, "account of the dump")
}

/// Two things with one name.
pub(super) fn duplicate_name(place: Place, noun: &str, name: &str, first: Place, first_name: &str) -> Diagnostic {
    let message = if name == first_name {
        format!("two {noun} are named `{name}`")
    } else {
        format!("the {noun} `{first_name}` and `{name}` differ only in case")
    };
    let made = error("iamc::world::duplicate-name", place, message, "second of that name", "rename one of the two");
    with(made, first, "first of that name")
}

/// A name that IAM does not accept (R-ID-6).
pub(super) fn bad_name(place: Place, noun: &str, name: &str, longest: usize) -> Diagnostic {
    let message = format!("`{name}` is not a valid name of {noun}");
    let help = format!("use 1 to {longest} of the characters A-Z a-z 0-9 + = , . @ _ -");
    error("iamc::world::bad-name", place, message, "invalid name", &help)
}

/// A path that IAM does not accept (R-ID-6).
pub(super) fn bad_path(place: Place, path: &str) -> Diagnostic {
    let message = format!("`{path}` is not a valid path");
    let help = "begin and end the path with `/`, use visible ASCII characters and at most 512 of them";
    error("iamc::world::bad-path", place, message, "invalid path", help)
}

// ---- references ----

/// A group that no `GroupDetailList` defines.
pub(super) fn unknown_group(place: Place, group: &str, user: &str) -> Diagnostic {
    let message = format!("the user `{user}` is in the group `{group}`, which is not defined");
    let help = "give all pages of the account, groups included";
    error("iamc::world::unknown-group", place, message, "undefined group", help)
}

/// A group in a group.
pub(super) fn nested_group(place: Place, group: &str) -> Diagnostic {
    let message = format!("the group `{group}` is said to be in a group");
    let help = "remove the membership: only users can be in groups";
    error("iamc::world::nested-group", place, message, "groups do not nest", help)
}

/// A group with a boundary (R-ID-3).
pub(super) fn group_boundary(place: Place, group: &str) -> Diagnostic {
    let message = format!("the group `{group}` has a permissions boundary");
    let help = "remove the boundary: only users and roles can have one";
    error("iamc::world::group-boundary", place, message, "groups have no boundary", help)
}

/// An attached policy that is not in the input.
pub(super) fn unresolved_policy(place: Place, arn: &str, owner: &str) -> Diagnostic {
    let message = format!("the policy `{arn}` is attached to {owner} but is not in the input");
    let help = "give the policy as well: in `Policies` of the dump, or as a policy line with this `arn`";
    error("iamc::world::unresolved-policy", place, message, "unknown policy", help)
}

/// A boundary that is not in the input.
pub(super) fn unresolved_boundary(place: Place, arn: &str, owner: &str) -> Diagnostic {
    let message = format!("the permissions boundary `{arn}` of {owner} is not in the input");
    let help = "give the policy as well: in `Policies` of the dump, or as a policy line with this `arn`";
    error("iamc::world::unresolved-boundary", place, message, "unknown policy", help)
}

/// A managed policy without a usable default version.
pub(super) fn no_default_version(place: Place, policy: &str) -> Diagnostic {
    let message = format!("the default version of the policy `{policy}` is missing");
    let help = "`PolicyVersionList` must hold the version that `DefaultVersionId` names, with its `Document`";
    error("iamc::world::no-default-version", place, message, "no such version", help)
}

/// `DefaultVersionId` and `IsDefaultVersion` name different versions.
pub(super) fn contradictory_default(place: Place, policy: &str, version: Place) -> Diagnostic {
    let message = format!("two versions of the policy `{policy}` are said to be the default");
    let help = "set `IsDefaultVersion` for the version that `DefaultVersionId` names, and for no other";
    let made = error("iamc::world::contradictory-default", place, message, "one default here", help);
    with(made, version, "another here")
}

/// One account's policy twice with different documents.
pub(super) fn conflicting_policies(place: Place, arn: &str, first: Place) -> Diagnostic {
    let message = format!("two different documents are given for the policy `{arn}`");
    let help = "keep the one that is in force";
    with(error("iamc::world::conflicting-policies", place, message, "second document", help), first, "first document")
}

/// An account's copy of a policy that differs from another copy in the input.
pub(super) fn differing_copy(place: Place, arn: &str, other: Place) -> Diagnostic {
    let message = format!("the document of `{arn}` differs from another copy in the input");
    let help = "the account's own copy holds for the account; make both equal if that is not meant";
    with(warning("iamc::world::differing-copy", place, message, "this copy", help), other, "other copy")
}

// ---- whole accounts ----

/// More of something than a quota allows (R-ID-17).
pub(super) fn over_quota(place: Place, owner: &str, what: &str, count: usize, limit: usize) -> Diagnostic {
    let message = format!("{owner} has {count} {what}; the quota is {limit} and cannot be raised");
    let help = format!("keep to at most {limit} {what}");
    error("iamc::world::over-quota", place, message, "too many", &help)
}

/// More of something than a quota that AWS can raise.
pub(super) fn over_default_quota(
    place: Place,
    owner: &str,
    what: &str,
    count: usize,
    limit: usize,
    most: usize,
) -> Diagnostic {
    let message = format!("{owner} has {count} {what}; the quota is {limit} unless AWS has raised it");
    let help = format!("ask AWS for a higher quota (at most {most}), or keep to {limit} {what}");
    warning("iamc::world::over-default-quota", place, message, "more than the default quota", &help)
}

/// Inline policies of one identity that are too long together (R-DOC-26).
pub(super) fn inline_too_long(place: Place, owner: &str, characters: u64, limit: u64) -> Diagnostic {
    let message = format!("the inline policies of {owner} have {characters} characters together; IAM allows {limit}");
    let help = "move statements to managed policies (white space does not count)";
    error("iamc::world::inline-too-long", place, message, "too long together", help)
}

/// A dump whose last page is missing.
pub(super) fn truncated(place: Place, account: &str) -> Diagnostic {
    let message = format!("the dump of account {account} is truncated: its last page is missing");
    let help = "fetch pages until `IsTruncated` is false, or let the AWS CLI do it";
    warning("iamc::world::truncated", place, message, "more pages follow", help)
}

/// A dump in which no ARN names an account.
pub(super) fn empty_dump(place: Place) -> Diagnostic {
    let message = "this account dump names no account".to_owned();
    let help = "give the complete output of `aws iam get-account-authorization-details`";
    warning("iamc::world::empty-dump", place, message, "no user, group, role or policy of an account", help)
}
