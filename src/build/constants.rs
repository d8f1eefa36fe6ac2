//! The names of an artifact as constants of Rust, for `include_names!`.
//!
//! An identifier depends on its name and on nothing else, so that a constant never comes to mean another name when
//! policies change. Where two names would have one identifier, each gets the bytes of its name behind it, and the plain
//! identifier is nobody's.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::names::Names;
use crate::runtime::Tables;

/// Writes the modules `action`, `policy` and `key`.
pub(super) fn module(artifact: &str, tables: &Tables<'_>, names: &Names) -> String {
    // An entry that stands for many keys is no name of one.
    let keys = tables.required_keys().filter(|key| key.prefix().is_none()).map(|key| names.key(key.name));
    let mut out = format!("// Names of `{}.iamc`, written by `iamc::build`.\n", artifact.escape_debug());
    write_names(&mut out, "action", "ActionName", "Actions that the policies name literally.", names.actions());
    let policies = tables.policy_names().map(str::to_owned);
    write_names(&mut out, "policy", "PolicyName", "Policies that requests may name.", policies);
    write_names(&mut out, "key", "KeyName", "Context keys that the policies ask for.", keys);
    out
}

fn write_names(out: &mut String, module: &str, kind: &str, what: &str, names: impl Iterator<Item = String>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n/// {what}\n#[allow(dead_code)]\npub mod {module} {{");
    for (identifier, name) in identifiers(names) {
        let _ = writeln!(out, "    #[doc = {:?}]", format!("`{name}`"));
        let _ = writeln!(out, "    pub const {identifier}: ::iamc::{kind} = ::iamc::{kind}::new({name:?});");
    }
    out.push_str("}\n");
}

/// An identifier for each name, sorted by name; equal names count once.
fn identifiers(names: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let mut plain = BTreeMap::<String, Vec<String>>::new();
    for name in names {
        let of_identifier = plain.entry(identifier(&name)).or_default();
        if !of_identifier.contains(&name) {
            of_identifier.push(name);
        }
    }
    let clashes = |name: &str| plain.get(&identifier(name)).is_some_and(|names| 1 < names.len());
    let mut taken = BTreeMap::<String, usize>::new();
    let mut chosen = Vec::new();
    for name in plain.values().flatten() {
        let identifier = if clashes(name) { with_bytes(name) } else { identifier(name) };
        *taken.entry(identifier.clone()).or_default() += 1;
        chosen.push((identifier, name.clone()));
    }
    // A name that spells out the bytes of another one: neither can be told from the other, so neither has a constant.
    chosen.retain(|(identifier, _)| taken.get(identifier) == Some(&1));
    chosen.sort_by(|one, other| one.1.cmp(&other.1));
    chosen
}

/// `s3:GetObject` as `S3_GET_OBJECT`: words in capitals, whatever stands between them as one `_`.
fn identifier(name: &str) -> String {
    let characters = name.chars().collect::<Vec<_>>();
    let mut identifier = String::new();
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            separate(&mut identifier);
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let begins_word = before.is_some_and(|before| {
            let within = before.is_ascii_lowercase() || before.is_ascii_digit();
            let ends_capitals = before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase);
            within || ends_capitals
        });
        if character.is_ascii_uppercase() && begins_word {
            separate(&mut identifier);
        }
        identifier.push(character.to_ascii_uppercase());
    }
    let identifier = identifier.trim_end_matches('_');
    match identifier.bytes().next() {
        None => with_bytes(name),
        Some(b'0'..=b'9') => format!("_{identifier}"),
        Some(_) => identifier.to_owned(),
    }
}

fn separate(identifier: &mut String) {
    if !identifier.is_empty() && !identifier.ends_with('_') {
        identifier.push('_');
    }
}

/// The identifier with the bytes of the name in hexadecimal digits.
fn with_bytes(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
    let mut identifier = letters.collect::<String>();
    identifier.insert(0, '_');
    identifier.push('_');
    for byte in name.bytes() {
        let _ = write!(identifier, "{byte:02X}");
    }
    identifier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_like_their_names() {
        for (name, expected) in [
            ("s3:GetObject", "S3_GET_OBJECT"),
            ("s3:GetObjectV2", "S3_GET_OBJECT_V2"),
            ("iam:ListMFADevices", "IAM_LIST_MFA_DEVICES"),
            ("ec2:DescribeDBInstances", "EC2_DESCRIBE_DB_INSTANCES"),
            ("aws:SourceIp", "AWS_SOURCE_IP"),
            ("aws:RequestTag/cost-centre", "AWS_REQUEST_TAG_COST_CENTRE"),
            ("s3:x-amz-acl", "S3_X_AMZ_ACL"),
            ("Read  only!", "READ_ONLY"),
            ("2026-readers", "_2026_READERS"),
            ("123456789012:Reader", "_123456789012_READER"),
            ("Prüfer", "PR_FER"),
        ] {
            assert_eq!(identifier(name), expected, "{name}");
        }
    }

    fn of(names: &[&str]) -> Vec<(String, String)> {
        identifiers(names.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn names_that_clash_all_change() {
        assert_eq!(of(&["a-b"]), [("A_B".to_owned(), "a-b".to_owned())]);
        let found = of(&["a-b", "a_b", "c", "c"]);
        let identifiers = found.iter().map(|(identifier, _)| identifier.as_str()).collect::<Vec<_>>();
        assert_eq!(identifiers, ["_AB_612D62", "_AB_615F62", "C"]);
        // Nobody can be had for somebody else.
        assert_eq!(of(&["a-b", "a_b", "_AB_612D62"]).len(), 3);
    }

    #[test]
    fn names_without_letters_have_identifiers() {
        assert_eq!(of(&["+", "語"]).iter().map(|(found, _)| found.as_str()).collect::<Vec<_>>(), ["__2B", "__E8AA9E"]);
    }

    /// Any text may be the name of a policy; every identifier is one of Rust and has one name.
    #[test]
    fn all_identifiers_are_valid_and_unique() {
        let pieces = ["a", "B", "-", "_", "7", " ", "é", "\"", "\n", "`", "{", "*/"];
        let longer = |starts: &[String]| {
            let of = |start: &String| pieces.map(|piece| format!("{start}{piece}"));
            starts.iter().flat_map(of).collect::<Vec<_>>()
        };
        let names = longer(&longer(&pieces.map(str::to_owned)));
        let found = identifiers(names.into_iter());
        let unique = found.iter().map(|(identifier, _)| identifier).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(unique.len(), found.len());
        assert_eq!(found.len(), pieces.len().pow(3));
        for (identifier, name) in &found {
            let starts = identifier.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
            let goes_on =
                identifier.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            assert!(starts && goes_on && identifier != "_", "{name:?}: {identifier}");
        }
    }
}
