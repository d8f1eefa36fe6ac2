//! What a host has to know of a context key: its type, how many values it has, who supplies it.

use crate::terms::{Cardinality, Comparison, KeySource};

/// As what conditions read the values of a key (R-KEY-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// Text; variables are text too.
    String,
    /// A decimal number.
    Number,
    /// An instant: ISO 8601, or seconds since 1970.
    Date,
    /// `true` or `false`.
    Bool,
    /// Base64.
    Binary,
    /// An IP address.
    Ip,
    /// An ARN.
    Arn,
    /// Whether the key is there at all (`Null`).
    Presence,
}

impl KeyType {
    const ALL: [Self; 8] =
        [Self::String, Self::Number, Self::Date, Self::Bool, Self::Binary, Self::Ip, Self::Arn, Self::Presence];

    pub(super) const fn of(comparison: Comparison) -> Self {
        match comparison {
            Comparison::StringEquals | Comparison::StringEqualsIgnoreCase | Comparison::StringLike => Self::String,
            Comparison::NumericEquals
            | Comparison::NumericLessThan
            | Comparison::NumericLessThanEquals
            | Comparison::NumericGreaterThan
            | Comparison::NumericGreaterThanEquals => Self::Number,
            Comparison::DateEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals => Self::Date,
            Comparison::Bool => Self::Bool,
            Comparison::BinaryEquals => Self::Binary,
            Comparison::IpAddress => Self::Ip,
            Comparison::ArnLike => Self::Arn,
            Comparison::Null => Self::Presence,
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::String => 1,
            Self::Number => 2,
            Self::Date => 4,
            Self::Bool => 8,
            Self::Binary => 16,
            Self::Ip => 32,
            Self::Arn => 64,
            Self::Presence => 128,
        }
    }

    /// The word for it that `iamc inspect` prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Date => "date",
            Self::Bool => "bool",
            Self::Binary => "binary",
            Self::Ip => "ip",
            Self::Arn => "arn",
            Self::Presence => "presence",
        }
    }
}

/// A set of [`KeyType`]s.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyTypes(u8);

impl KeyTypes {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn only(kind: KeyType) -> Self {
        Self(kind.bit())
    }

    pub(super) const fn insert(&mut self, kind: KeyType) {
        self.0 |= kind.bit();
    }

    /// Whether it holds this one.
    pub const fn contains(self, kind: KeyType) -> bool {
        self.0 & kind.bit() != 0
    }

    /// All of them in the order of [`KeyType`].
    pub fn iter(self) -> impl Iterator<Item = KeyType> {
        KeyType::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl core::fmt::Debug for KeyTypes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// Who has to supply the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Supplier {
    /// The runtime, from the request's principal, resource, endpoint, session or other keys. What the context says of
    /// it counts only where the artifact does not know the answer.
    Derived,
    /// The host, which has to know it by itself or from somebody whom it trusts: an address, a time, how the caller
    /// signed in, tags of the resource. Every key that no rule leaves to the caller counts as the host's.
    Host,
    /// The caller, in the call: a header, a tag or a parameter that it chooses. The host passes on what the call says.
    Caller,
}

/// Parameters of calls by R-KEY-6, R-KEY-10 and R-KEY-11, in lower case.
const OF_CALLER: &[&str] = &[
    "aws:referer",
    "aws:useragent",
    "iam:associatedresourcearn",
    "iam:awsservicename",
    "iam:passedtoservice",
    "iam:policyarn",
    "kms:encryptioncontextkeys",
    "sts:durationseconds",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:taskpolicyarn",
    "sts:transitivetagkeys",
];

/// Beginnings of such keys.
const OF_CALLER_BY_PREFIX: &[&str] = &["aws:requesttag/", "kms:encryptioncontext:", "s3:requestobjecttag/"];

impl Supplier {
    fn of(name: &str, source: KeySource) -> Self {
        let follows = matches!(
            source,
            KeySource::CalledViaFirst | KeySource::CalledViaLast | KeySource::EpochTime | KeySource::TagKeys
        );
        let begins_with = |start: &&str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
        if source.is_derived() || follows {
            Self::Derived
        } else if OF_CALLER.contains(&name) || OF_CALLER_BY_PREFIX.iter().any(begins_with) {
            Self::Caller
        } else {
            Self::Host
        }
    }

    /// The word for it that `iamc inspect` prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Derived => "derived",
            Self::Host => "host",
            Self::Caller => "caller",
        }
    }
}

/// A context key that can change a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequiredKey<'a> {
    /// Its name in lower case; see [`RequiredKey::prefix`] for names with capital letters.
    pub name: &'a str,
    /// How many values it has.
    pub cardinality: Cardinality,
    /// Where its value comes from.
    pub source: KeySource,
    /// As what its values are read.
    pub types: KeyTypes,
}

impl<'a> RequiredKey<'a> {
    /// Who has to supply it.
    pub fn supplier(&self) -> Supplier {
        Supplier::of(self.name, self.source)
    }

    /// The common beginning, where the entry stands for all keys that begin so: `aws:RequestTag/` where conditions ask
    /// for the names of all tags of the request, `kms:EncryptionContext:` likewise.
    pub fn prefix(&self) -> Option<&'a str> {
        // No other name has capital letters, since names of keys are kept in lower case.
        self.name.strip_suffix('*').filter(|start| start.bytes().any(|byte| byte.is_ascii_uppercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_its_own() {
        let bits = KeyType::ALL.iter().fold(0, |bits, kind| bits | kind.bit());
        assert_eq!((bits, KeyType::ALL.len()), (u8::MAX, 8));
        assert!(KeyTypes(130).iter().map(KeyType::name).eq(["number", "presence"]));
    }

    #[test]
    fn who_supplies_a_key() {
        let of = |name: &str| Supplier::of(name, KeySource::of(name));
        for name in ["aws:principalarn", "aws:principaltag/team", "aws:epochtime", "aws:tagkeys", "aws:resourceaccount"]
        {
            assert_eq!(of(name), Supplier::Derived, "{name}");
        }
        for name in ["aws:sourceip", "aws:currenttime", "aws:multifactorauthpresent", "aws:viaawsservice", "shop:tier"]
        {
            assert_eq!(of(name), Supplier::Host, "{name}");
        }
        for name in ["aws:useragent", "aws:requesttag/team", "aws:RequestTag/*", "sts:externalid", "iam:policyarn"] {
            assert_eq!(of(name), Supplier::Caller, "{name}");
        }
    }
}
