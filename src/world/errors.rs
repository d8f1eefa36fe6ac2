//! Every finding of this room: code, message, label and help, one function each.
//!
//! Messages say what is wrong, labels where, helps what to do; a second place is the first of two clashing things.

use super::read::Spot;
use crate::source::{Diagnostic, Place, Severity};
use crate::syntax::document::nearest;

fn finding(severity: Severity, code: &'static str, place: Place, message: String, label: &str) -> Diagnostic {
    let (related, fixes) = (Vec::new(), Vec::new());
    Diagnostic { code, severity, message, place, label: label.to_owned(), related, help: None, fixes }
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

/// A scenario file among the files of a world.
pub(super) fn scenario_file(place: Place) -> Diagnostic {
    let message = "a scenario file cannot be part of a world".to_owned();
    error("iamc::world::scenario-file", place, message, "scenarios", "run it with `iamc test`")
}

/// A file that says nothing without a manifest: whose it is, or which organization it belongs to.
pub(super) fn needs_manifest(place: Place, what: &str, entry: &str) -> Diagnostic {
    let message = format!("{what} cannot stand alone");
    let help = format!("name the file in an `iamc.toml`, as {entry}, and compile that");
    error("iamc::world::needs-manifest", place, message, "belongs to nothing", &help)
}

/// A file whose content is not what the manifest says.
pub(super) fn unexpected_format(place: Place, expected: &str, found: &str, pattern: Place) -> Diagnostic {
    let message = format!("the manifest names this file as {expected}, but it looks like {found}");
    let help = "give the right file, or name this one in the entry where it belongs";
    let made = error("iamc::world::unexpected-format", place, message, "something else", help);
    with(made, pattern, "named here")
}

/// A second manifest.
pub(super) fn several_manifests(place: Place, first: Place) -> Diagnostic {
    let message = "two manifests are given, but one describes the whole world".to_owned();
    let help = "one is enough: move the entries of both into one `iamc.toml`";
    with(error("iamc::world::several-manifests", place, message, "another manifest", help), first, "one manifest")
}

/// A secret where only ids belong.
pub(super) fn secret(place: Place) -> Diagnostic {
    let message = "this file holds the secret of an access key, which nobody should hand on".to_owned();
    let help = "remove the secret from the file, and rotate the key: whoever has seen the file can use it";
    error("iamc::world::secret", place, message, "its value is blotted out here", help)
}

// ---- the manifest ----

/// Text that is not TOML.
pub(super) fn not_toml(place: Place, fault: &str) -> Diagnostic {
    let message = format!("this is not TOML: {fault}");
    error("iamc::world::not-toml", place, message, "here", "correct it; strings need quotes, tables `[name]`")
}

/// A table written as something else.
pub(super) fn wrong_table(place: Place, name: &str, form: &str) -> Diagnostic {
    let message = format!("`{name}` must be written as `{form}`");
    let help = format!("write `{form}` on a line of its own, and the members below it");
    error("iamc::world::wrong-table", place, message, "not like this", &help)
}

/// A path that holds on one machine only.
pub(super) fn absolute_path(place: Place, path: &str) -> Diagnostic {
    let message = format!("the path `{path}` is absolute");
    let help = "write it relative to the manifest, so that the world can be moved";
    error("iamc::world::absolute-path", place, message, "absolute path", help)
}

/// A pattern of file names that means nothing.
pub(super) fn bad_pattern(place: Place, pattern: &str, fault: &str) -> Diagnostic {
    let message = format!("`{pattern}` is not a pattern of file names: {fault}");
    error("iamc::world::bad-pattern", place, message, "invalid pattern", "use `*`, `?`, `[abc]`, or `**` for folders")
}

/// A pattern that no file matches.
pub(super) fn no_such_file(place: Place, pattern: &str) -> Diagnostic {
    let message = format!("no file matches `{pattern}`");
    let help = "paths are relative to the manifest; correct this one, or remove it";
    error("iamc::world::no-such-file", place, message, "nothing there", help)
}

/// A file of the manifest that cannot be read.
pub(super) fn unreadable_file(place: Place, fault: &str) -> Diagnostic {
    error("iamc::world::unreadable-file", place, fault.to_owned(), "named here", "make the file readable UTF-8 text")
}

/// One file for two purposes.
pub(super) fn claimed_twice(place: Place, file: &str, first: Place) -> Diagnostic {
    let message = format!("the file `{file}` is named by two entries");
    let help = "narrow one of the patterns: each file says one thing about one account";
    with(error("iamc::world::claimed-twice", place, message, "second entry", help), first, "first entry")
}

/// A policy file with no or several documents where one belongs.
pub(super) fn endpoint_documents(place: Place, endpoint: &str, first: Place) -> Diagnostic {
    let message = format!("the endpoint `{endpoint}` is given two policy documents");
    let help = "an endpoint has one policy; remove the other";
    with(error("iamc::world::endpoint-documents", place, message, "second document", help), first, "first document")
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
    let is_bare = expected.starts_with("a string") && found == "a number";
    let help = if is_bare { "put it in quotes" } else { "correct the value" };
    error("iamc::world::wrong-type", place, message, &format!("expected {expected}"), help)
}

/// A member that must be there.
pub(super) fn missing_member(place: Place, member: &str, owner: &str) -> Diagnostic {
    let message = format!("{owner} has no `{member}`");
    error("iamc::world::missing-member", place, message, "incomplete", &format!("add `{member}`"))
}

/// A member that says nothing.
pub(super) fn null_member(place: Place, member: &str) -> Diagnostic {
    let message = format!("`{member}` is null, which says neither what it is nor that there is none");
    error("iamc::world::null-member", place, message, "no value", "write the value, or leave the member out")
}

/// Members of a KMS grant as AWS prints them, and what they are called here.
const OF_AWS: &[(&str, &str)] = &[("GranteePrincipal", "grantee"), ("Constraints", "encryptionContextEquals")];

/// A member that nobody reads.
pub(super) fn unknown_member(place: Place, member: &str, owner: &str, known: &[&str]) -> Diagnostic {
    let message = format!("{owner} has no member `{member}`");
    let of_aws = OF_AWS.iter().find(|(name, meant)| *name == member && known.contains(meant)).map(|&(_, meant)| meant);
    let help = match of_aws.or_else(|| nearest(member, known.iter().copied())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("remove it; the members are {}", listed(known)),
    };
    error("iamc::world::unknown-member", place, message, "unknown member", &help)
}

/// A word that is none of those that can stand there.
pub(super) fn bad_word(place: Place, word: &str, what: &str, known: &[&str]) -> Diagnostic {
    let message = format!("`{word}` is not {what}");
    // A plural is further away than a slip of the pen.
    let singular = word.strip_suffix("IES").map(|stem| format!("{stem}Y"));
    let singular = singular.and_then(|word| nearest(&word, known.iter().copied()));
    let help = match nearest(word, known.iter().copied()).or(singular) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use one of {}", listed(known)),
    };
    error("iamc::world::bad-word", place, message, "unknown word", &help)
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// A member that such a resource cannot have.
pub(super) fn misplaced_member(place: Place, member: &str, what: &str, arn: &str, arn_place: Place) -> Diagnostic {
    let message = format!("`{member}` is only for {what}, which `{arn}` is not");
    let made = error("iamc::world::misplaced-member", place, message, "has no meaning here", "remove it");
    with(made, arn_place, "the resource")
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

/// A path that is not the one inside the ARN (R-ID-6).
pub(super) fn path_and_arn_differ(place: Place, path: &str, arn: &str, arn_place: Place) -> Diagnostic {
    let message = format!("the path `{path}` is not that of the ARN `{arn}`");
    let help = "make `Path` the part of the ARN from the first `/` to the last; policies may match either";
    with(error("iamc::world::path-mismatch", place, message, "this path", help), arn_place, "this ARN")
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
        format!("two {noun} have names that differ only in case: `{first_name}` and `{name}`")
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

/// An id that AWS does not give (R-ID-23).
pub(super) fn bad_id(place: Place, id: &str, noun: &str, form: &str) -> Diagnostic {
    let message = format!("`{id}` is not the id of {noun}");
    error("iamc::world::bad-id", place, message, "malformed id", &format!("write {form}"))
}

/// One id for two things.
pub(super) fn duplicate_id(place: Place, noun: &str, id: &str, first: Place) -> Diagnostic {
    let message = format!("two {noun} have the id `{id}`");
    let help = "remove one of them, or correct its id";
    with(error("iamc::world::duplicate-id", place, message, "second of that id", help), first, "first of that id")
}

/// One canonical user id for two accounts: ACLs could not tell them apart.
pub(super) fn same_canonical_user(place: Place, id: &str, first: Place) -> Diagnostic {
    let message = format!("two accounts have the canonical user id `{id}`");
    let help = "each account has its own: take what `aws s3api list-buckets` prints below `Owner`";
    let made = error("iamc::world::same-canonical-user", place, message, "second account", help);
    with(made, first, "first account")
}

/// Two users or roles with one unique id (R-ID-7).
pub(super) fn shared_id(place: Place, id: &str, first: Place) -> Diagnostic {
    let message = format!("two entities have the unique id `{id}`");
    let help = "AWS gives no id twice: correct one of them; until then neither is known by an id";
    with(warning("iamc::world::shared-id", place, message, "second of that id", help), first, "first of that id")
}

/// A unique id with the prefix of something else (R-ID-7).
pub(super) fn id_prefix(place: Place, id: &str, noun: &str, prefix: &str) -> Diagnostic {
    let message = format!("the unique id `{id}` is not that of {noun}");
    let help = format!("ids of {noun} begin with `{prefix}`; take the id that AWS prints");
    warning("iamc::world::id-prefix", place, message, "unusual id", &help)
}

/// Two tags with one key (R-ID-2).
pub(super) fn duplicate_tag(place: Place, key: &str, first: Place, first_key: &str) -> Diagnostic {
    let message = if key == first_key {
        format!("two tags have the key `{key}`")
    } else {
        format!("the tag keys `{first_key}` and `{key}` differ only in case")
    };
    let made = error("iamc::world::duplicate-tag", place, message, "second of that key", "remove one of the tags");
    with(made, first, "first of that key")
}

// ---- references ----

/// A group that no `GroupDetailList` defines.
pub(super) fn unknown_group(place: Place, group: &str, user: &str, near: Option<&Spot>) -> Diagnostic {
    let message = format!("the user `{user}` is in the group `{group}`, which is not defined");
    let help = "give all pages of the account, groups included";
    let made = error("iamc::world::unknown-group", place, message, "undefined group", help);
    with_near(made, near)
}

/// Shows what differs from an unknown name in case only, and proposes that.
fn with_near(made: Diagnostic, near: Option<&Spot>) -> Diagnostic {
    match near {
        Some(near) => {
            let made = Diagnostic { help: Some(format!("write `{}`", near.text)), ..made };
            with(made, near.place, "differs in case only")
        }
        None => made,
    }
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
pub(super) fn no_default_version(place: Place, policy: &str, label: &str) -> Diagnostic {
    let message = format!("the default version of the policy `{policy}` is missing");
    let help = "`PolicyVersionList` must hold the version that `DefaultVersionId` names, with its `Document`";
    error("iamc::world::no-default-version", place, message, label, help)
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

// ---- roles ----

/// A role that nobody can assume (R-ID-4).
pub(super) fn no_trust_policy(place: Place, role: &str) -> Diagnostic {
    let message = format!("the role `{role}` has no trust policy, so that nobody can assume it");
    let help = "give its `AssumeRolePolicyDocument`, which every role has";
    warning("iamc::world::no-trust-policy", place, message, "never assumed", help)
}

/// A boundary on a service-linked role (R-ID-14).
pub(super) fn service_linked_boundary(place: Place, role: &str, role_place: Place) -> Diagnostic {
    let message = format!("the service-linked role `{role}` has a permissions boundary");
    let help = "remove the boundary, or correct the role's path: only services make roles below `/aws-service-role/`";
    let made = error("iamc::world::service-linked-boundary", place, message, "cannot have one", help);
    with(made, role_place, "this role")
}

/// A role in the path of service-linked roles that names no service (R-ID-14).
pub(super) fn service_linked_path(place: Place, role: &str) -> Diagnostic {
    let message = format!("the path of the role `{role}` makes it service-linked, but names no service");
    let help = "write `/aws-service-role/SERVICE.amazonaws.com/`, or another path: such roles escape SCPs and RCPs";
    warning("iamc::world::service-linked-path", place, message, "no service", help)
}

/// An instance profile with two roles (R-ID-13).
pub(super) fn profile_roles(place: Place, profile: &str, role: &str, first: Place, first_role: &str) -> Diagnostic {
    let message = format!("the instance profile `{profile}` holds the roles `{first_role}` and `{role}`");
    let help = "an instance profile holds one role; remove the other";
    with(error("iamc::world::profile-roles", place, message, "second role", help), first, "first role")
}

// ---- the organization ----

/// An OU below another root.
pub(super) fn unit_of_another_root(place: Place, unit: &str, root: &str, root_place: Place) -> Diagnostic {
    let message = format!("the id `{unit}` does not belong to the root `{root}`");
    let help = format!("ids of OUs repeat what follows `r-`: `ou-{}-...`", root.trim_start_matches("r-"));
    with(error("iamc::world::other-root", place, message, "another root's", &help), root_place, "the root")
}

/// OUs nested too deep (R-EVAL-8).
pub(super) fn too_deep(place: Place, unit: &str, most: usize) -> Diagnostic {
    let message = format!("the organizational unit `{unit}` is nested deeper than {most} levels");
    error("iamc::world::too-deep", place, message, "too deep", "move it up, as AWS would not have created it")
}

/// A second file with a tree.
pub(super) fn several_trees(place: Place, first: Place) -> Diagnostic {
    let message = "the organization's tree is given twice".to_owned();
    let help = "keep one of them, and let `tree` name one file";
    with(error("iamc::world::several-trees", place, message, "second tree", help), first, "first tree")
}

/// An account at two places of the tree.
pub(super) fn two_seats(place: Place, account: &str, first: Place) -> Diagnostic {
    let message = format!("the account {account} is at two places of the organization");
    let help = "keep the one where it is: an account has one parent";
    with(error("iamc::world::two-seats", place, message, "second place", help), first, "first place")
}

/// The management account is nowhere in the tree.
pub(super) fn management_not_in_tree(id: &Spot, root: Place) -> Diagnostic {
    let message = format!("the management account {} is not in the organization's tree", id.text);
    let help = "add it to the `accounts` of the root or of the OU that holds it";
    with(error("iamc::world::management-not-in-tree", id.place, message, "in no place", help), root, "the tree")
}

/// Policies of an account that is nowhere in the tree.
pub(super) fn account_not_in_tree(account: &Spot, root: Place) -> Diagnostic {
    let message = format!("policies are attached to the account {}, which is not in the tree", account.text);
    let help = "add it to the `accounts` of the root or of an OU, or remove it here";
    with(error("iamc::world::account-not-in-tree", account.place, message, "in no place", help), root, "the tree")
}

/// A suggestion about an account of the manifest that is nowhere in the tree: no policy of the organization holds for it.
pub(super) fn account_outside(account: &Spot, root: Place) -> Diagnostic {
    let message =
        format!("the account {} is not in the organization's tree: no SCP or RCP applies to it", account.text);
    let help = "add it to the `accounts` of the root or of an OU, unless it belongs to no organization";
    let made = warning("iamc::world::account-outside", account.place, message, "in no place", help);
    // Not a warning: another company's account has no other place.
    with(Diagnostic { severity: Severity::Suggestion, ..made }, root, "the tree")
}

/// Policies that are attached while their type is switched off.
pub(super) fn type_not_enabled(place: Place, noun: &str, word: &str, root: Place) -> Diagnostic {
    let message = format!("{noun} is attached, but the type is not enabled, so that none of them applies");
    let help = format!("add `{word}` to the root's `policyTypes`, or remove what is attached");
    with(warning("iamc::world::type-not-enabled", place, message, "no effect", &help), root, "the root")
}

/// A policy id that the organization does not define.
pub(super) fn unknown_control(id: &Spot, meant: Option<&str>) -> Diagnostic {
    let message = format!("the policy `{}` is attached but not defined", id.text);
    let help = match meant {
        Some(meant) => format!("policies are attached by id: write `{meant}`"),
        None => "define it in `policies`, with `name`, `type` and `content`".to_owned(),
    };
    error("iamc::world::unknown-control", id.place, message, "no such policy", &help)
}

/// A policy attached as another type than it is.
pub(super) fn wrong_control(id: &Spot, wanted: &str, found: &str, place: Option<Place>) -> Diagnostic {
    let message = format!("`{}` is attached as {wanted} but is {found}", id.text);
    let help = "attach it in the other list, or correct its `type`";
    let made = error("iamc::world::wrong-control", id.place, message, "wrong list", help);
    match place {
        Some(place) => with(made, place, "its type"),
        None => Diagnostic { help: Some("attach it in the other list; this policy is built in".to_owned()), ..made },
    }
}

/// The same policy twice in one list.
pub(super) fn attached_twice(place: Place, id: &str, owner: &str, first: Place) -> Diagnostic {
    let message = format!("the policy `{id}` is attached twice to {owner}");
    let made = error("iamc::world::attached-twice", place, message, "again", "remove one of them");
    with(made, first, "first")
}

/// A definition of a policy that is built in.
pub(super) fn built_in_policy(place: Place, id: &str) -> Diagnostic {
    let message = format!("the policy `{id}` is built in and cannot be defined");
    let help = "remove it here; it can be attached without a definition";
    error("iamc::world::built-in-policy", place, message, "built in", help)
}

/// A policy of the organization that nothing attaches.
pub(super) fn unused_control(place: Place, id: &str, name: &str) -> Diagnostic {
    let message = format!("the policy `{name}` is attached nowhere in the organization");
    let help = format!("attach `{id}` to the root, an OU or an account, or remove it");
    warning("iamc::world::unused-control", place, message, "no effect", &help)
}

/// A level that allows nothing.
pub(super) fn nothing_attached(place: Place, owner: &str, scope: &str) -> Diagnostic {
    let message = format!("no service control policy is attached to `{owner}`, so that nothing is allowed {scope}");
    let help = "attach `p-FullAWSAccess`; leaving the list out means the same";
    warning("iamc::world::nothing-attached", place, message, "empty list", help)
}

// ---- resources ----

/// Something of one account in the files of another.
pub(super) fn account_mismatch(place: Place, id: &str, expected: &str, entry: Place) -> Diagnostic {
    let message = format!("this belongs to the account {id}, but the manifest names the file for {expected}");
    let help = "name the file in the `[[account]]` that it belongs to, or correct the id";
    with(error("iamc::world::account-mismatch", place, message, "another account", help), entry, "this account")
}

/// An ARN of something that has no resource policy of its own.
pub(super) fn not_a_resource(place: Place, arn: &str, what: &str, help: &str) -> Diagnostic {
    let message = format!("`{arn}` is {what}, which has no entry of its own here");
    error("iamc::world::not-a-resource", place, message, what, help)
}

/// An ARN that looks like a pattern.
pub(super) fn literal_wildcard(place: Place, arn: &str) -> Diagnostic {
    let message = format!("`{arn}` is taken as it is, wildcards included");
    let help = "name one resource; what else its policy governs goes into `covers`";
    warning("iamc::world::literal-wildcard", place, message, "not a pattern", help)
}

/// Patterns that miss the resource whose policy they are about.
pub(super) fn covers_not_itself(place: Place, arn: &str, arn_place: Place) -> Diagnostic {
    let message = format!("`covers` leaves out `{arn}`, so that its own policy would not govern it");
    let made =
        error("iamc::world::covers-not-itself", place, message, "the resource is missing", "add the resource's ARN");
    with(made, arn_place, "the resource")
}

/// A pattern of what belongs to somebody else, or may.
pub(super) fn covers_another_account(place: Place, id: &str, arn: &str, own: &str, arn_place: Place) -> Diagnostic {
    let wanted = if own.is_empty() { "no account".to_owned() } else { format!("the account {own}") };
    let message = if id.is_empty() {
        format!("`covers` of `{arn}` must name {wanted}, as the resource does, and names none")
    } else {
        format!("`covers` of `{arn}` must name {wanted}, as the resource does, not `{id}`")
    };
    let help = "repeat the account field of the resource's ARN, without wildcards: a resource policy governs what its \
                own account owns";
    let made = error("iamc::world::covers-another-account", place, message, "another account field", help);
    with(made, arn_place, "the resource")
}

/// A pattern of what belongs to another partition or service, or may.
pub(super) fn covers_another_service(
    place: Place,
    field: &str,
    found: &str,
    arn: &str,
    arn_place: Place,
) -> Diagnostic {
    let message = format!("`covers` of `{arn}` must name the {field} that the resource has, not `{found}`");
    let help = format!("repeat the {field} of the resource's ARN, without wildcards");
    let made = error("iamc::world::covers-another-service", place, message, "of something else", &help);
    with(made, arn_place, "the resource")
}

/// Two policies for one ARN.
pub(super) fn overlapping_covers(place: Place, arn: &str, other: Place, other_arn: &str) -> Diagnostic {
    let message = format!("`covers` of `{arn}` and what `{other_arn}` governs overlap");
    let help = "narrow `covers`, so that one policy governs each resource";
    with(error("iamc::world::overlapping-covers", place, message, "governs the same", help), other, "as this")
}

/// A constraint of a grant that constrains nothing.
pub(super) fn empty_context(place: Place) -> Diagnostic {
    let message =
        "`encryptionContextEquals` is empty, which leaves open whether any encryption context will do".to_owned();
    let help = "leave the member out for no constraint, or write the pairs";
    error("iamc::world::empty-context", place, message, "no pairs", help)
}

/// An ACL that has no effect for want of a word.
pub(super) fn acl_without_ownership(place: Place, arn: &str) -> Diagnostic {
    let message = format!("the ACL of `{arn}` has no effect, since `objectOwnership` is missing");
    let help = "add what `aws s3api get-bucket-ownership-controls` prints; without it `BucketOwnerEnforced` is meant";
    warning("iamc::world::acl-without-ownership", place, message, "not evaluated", help)
}

/// A grantee by e-mail address.
pub(super) fn grantee_by_email(place: Place) -> Diagnostic {
    let message = "a grantee cannot be given by an e-mail address".to_owned();
    let help = "give `Type` `CanonicalUser` and the account's canonical id, as `aws s3api get-bucket-acl` prints it";
    error("iamc::world::grantee-by-email", place, message, "no account is named", help)
}

// ---- access keys ----

/// The id of temporary credentials (R-ID-7).
pub(super) fn temporary_key(place: Place, id: &str) -> Diagnostic {
    let message = format!("`{id}` belongs to temporary credentials");
    let help = "list keys of users and of the root user only; they begin with `AKIA`";
    error("iamc::world::temporary-key", place, message, "not a long-term key", help)
}

/// A key of a user that the account does not define.
pub(super) fn unknown_user(user: &Spot, account: &str, near: Option<&Spot>) -> Diagnostic {
    let message =
        format!("the access key belongs to the user `{}`, which the account {account} does not define", user.text);
    let help = "give the account's users with `identities`, or remove the key";
    with_near(error("iamc::world::unknown-user", user.place, message, "no such user", help), near)
}

// ---- whole accounts ----

/// More of something than a quota allows (R-ID-17).
pub(super) fn over_quota(
    place: Place,
    owner: &str,
    what: &str,
    count: usize,
    limit: usize,
    excess: Place,
) -> Diagnostic {
    let message = format!("{owner} has {count} {what}; the quota is {limit} and cannot be raised");
    let help = format!("keep to at most {limit} {what}");
    let made = error("iamc::world::over-quota", place, message, "too many", &help);
    with(made, excess, "the first one over the quota")
}

/// More of something than a quota that AWS can raise.
pub(super) fn over_default_quota(
    place: Place,
    owner: &str,
    what: &str,
    count: usize,
    (limit, most): (usize, usize),
    excess: Place,
) -> Diagnostic {
    let message = format!("{owner} has {count} {what}; the quota is {limit} unless AWS has raised it");
    let help = format!("ask AWS for a higher quota (at most {most}), or keep to {limit} {what}");
    let made = warning("iamc::world::over-default-quota", place, message, "more than the default quota", &help);
    with(made, excess, "the first one over the quota")
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

/// A dump whose last page is missing, and which refers to what was on it.
pub(super) fn truncated_references(place: Place, account: &str, count: usize, first: &Diagnostic) -> Diagnostic {
    let (noun, lead) = if count == 1 { ("reference", "leads") } else { ("references", "lead") };
    let message = format!(
        "the dump of account {account} is truncated: its last page is missing, and {count} {noun} {lead} there"
    );
    let help = "fetch pages until `IsTruncated` is false, or let the AWS CLI do it";
    let made = error("iamc::world::truncated-references", place, message, "more pages follow", help);
    with(made, first.place, if count == 1 { "the reference" } else { "the first of them" })
}

/// A dump in which no ARN names an account.
pub(super) fn empty_dump(place: Place) -> Diagnostic {
    let message = "this account dump names no account".to_owned();
    let help = "give the complete output of `aws iam get-account-authorization-details`";
    warning("iamc::world::empty-dump", place, message, "no user, group, role or policy of an account", help)
}
