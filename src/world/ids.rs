//! Ids that AWS gives: their forms (R-ID-7, R-ID-9, R-ID-23).
//!
//! Prefix, characters and greatest length are checked. The least length that AWS's own ids have is not, so that ids in
//! worlds written by hand can be telling (`ou-ab12-prod`).

use super::arn::is_account_id;
use super::errors;
use super::read::{Reader, Spot};

/// Which id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    /// `o-…`
    Organization,
    /// `r-…`
    Root,
    /// `ou-…-…`
    Unit,
    /// `p-…`
    Policy,
    /// 12 digits.
    Account,
    /// `vpce-…`
    Endpoint,
    /// 64 hex digits.
    CanonicalUser,
    /// `AKIA…`
    AccessKey,
}

/// Checks the form of an id; a malformed one is a finding.
pub(super) fn check(kind: IdKind, id: &Spot, reader: &mut Reader<'_>) -> bool {
    let is_valid = is_valid(kind, &id.text);
    if !is_valid {
        reader.report(errors::bad_id(id.place, &id.text, kind.noun(), kind.form()));
    }
    is_valid
}

fn is_valid(kind: IdKind, text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is = |text: &str, most: usize, allowed: fn(u8) -> bool| {
        !text.is_empty() && text.len() <= most && text.bytes().all(allowed)
    };
    let behind = |prefix: &str, most: usize, allowed: fn(u8) -> bool| {
        text.strip_prefix(prefix).is_some_and(|rest| is(rest, most, allowed))
    };
    match kind {
        IdKind::Organization => behind("o-", 32, small),
        IdKind::Root => behind("r-", 32, small),
        IdKind::Unit => {
            let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
            parts.is_some_and(|(root, own)| is(root, 32, small) && is(own, 32, small))
        }
        IdKind::Policy => behind("p-", 128, |byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        IdKind::Account => is_account_id(text),
        IdKind::Endpoint => behind("vpce-", 32, small),
        IdKind::CanonicalUser => text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        IdKind::AccessKey => {
            let is_word = is(text, 128, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
            text.starts_with("AKIA") && "AKIA".len() < text.len() && is_word
        }
    }
}

impl IdKind {
    /// The word for messages, with an article.
    fn noun(self) -> &'static str {
        match self {
            Self::Organization => "an organization",
            Self::Root => "a root",
            Self::Unit => "an organizational unit",
            Self::Policy => "a policy of an organization",
            Self::Account => "an account",
            Self::Endpoint => "a VPC endpoint",
            Self::CanonicalUser => "a canonical user",
            Self::AccessKey => "an access key",
        }
    }

    /// What its ids look like.
    fn form(self) -> &'static str {
        match self {
            Self::Organization => "`o-` and lower-case letters or digits, such as `o-a1b2c3d4e5`",
            Self::Root => "`r-` and lower-case letters or digits, such as `r-ab12`",
            Self::Unit => "`ou-`, the root's letters, `-` and lower-case letters or digits, such as `ou-ab12-prod0001`",
            Self::Policy => "`p-` and letters, digits or `_`, such as `p-a1b2c3d4`",
            Self::Account => "12 digits in quotes, such as `111122223333`",
            Self::Endpoint => "`vpce-` and lower-case letters or digits, such as `vpce-0a1b2c3d`",
            Self::CanonicalUser => "64 hex digits, as `aws s3api list-buckets` prints them below `Owner`",
            Self::AccessKey => "`AKIA` and letters or digits, such as `AKIAIOSFODNN7EXAMPLE`",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let hex = "0123456789abcdef".repeat(4);
        for (kind, good, bad) in [
            (IdKind::Organization, vec!["o-a1b2c3d4e5"], vec!["o-", "o-A1", "a1b2", "o-a_b"]),
            (IdKind::Root, vec!["r-ab12"], vec!["r-", "r-AB", "ou-ab12"]),
            (IdKind::Unit, vec!["ou-ab12-prod", "ou-ab12-a1b2c3d4"], vec!["ou-ab12", "ou-ab12-", "ou--x", "ou-a-b-c"]),
            (IdKind::Policy, vec!["p-FullAWSAccess", "p-a_1"], vec!["p-", "p-a-b", "guard"]),
            (IdKind::Account, vec!["111122223333"], vec!["11112222333", "1111-2222-3333", "o11122223333"]),
            (IdKind::Endpoint, vec!["vpce-0a1b2c3d"], vec!["vpc-0a1b", "vpce-", "vpce-0A"]),
            (IdKind::CanonicalUser, vec![hex.as_str()], vec!["abc", hex.trim_start_matches('0')]),
            (
                IdKind::AccessKey,
                vec!["AKIAIOSFODNN7EXAMPLE", "AKIAANA1"],
                vec!["AKIA", "ASIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7 EXAM"],
            ),
        ] {
            for id in good {
                assert!(is_valid(kind, id), "{id}");
            }
            for id in bad {
                assert!(!is_valid(kind, id), "{id}");
            }
        }
    }
}
