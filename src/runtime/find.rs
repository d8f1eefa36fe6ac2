//! Names to numbers: actions, identities, accounts, policies.

use super::words::{Words, index, same_folded};
use super::{RequestError, Tables};
use crate::layout::{NONE, TAG_SHIFT, flag, hash_folded, hash_text, meta};
use crate::value::split_once;

/// A user, role or federated user of the artifact.
#[derive(Clone, Copy)]
pub(super) struct Identity<'r> {
    tables: &'r Tables<'r>,
    number: u32,
}

impl<'r> Identity<'r> {
    fn word(&self, place: u32) -> u32 {
        self.tables.identities.get(self.number.saturating_mul(14).saturating_add(place)).unwrap_or(0)
    }

    fn list(&self, place: u32) -> Words<'r> {
        self.tables.lists.list(self.word(place), self.word(place + 1))
    }

    /// `flag::KIND_…`
    pub(super) fn kind(&self) -> u32 {
        self.word(0) & 0xff
    }

    pub(super) fn is_service_linked(&self) -> bool {
        self.word(0) >> 8 & flag::SERVICE_LINKED != 0
    }

    /// Its ARN; a role's with path.
    pub(super) fn arn(&self) -> &'r str {
        self.tables.text(self.word(1))
    }

    /// 12 digits.
    pub(super) fn account(&self) -> &'r str {
        self.tables.text(self.word(3))
    }

    pub(super) fn unique_id(&self) -> Option<&'r str> {
        self.tables.optional_text(self.word(4))
    }

    pub(super) fn bundle(&self) -> u32 {
        self.word(5)
    }

    pub(super) fn boundary(&self) -> Option<u32> {
        self.word(6).checked_sub(1)
    }

    /// (key, value count, values…)*
    pub(super) fn tags(&self) -> Words<'r> {
        self.list(7)
    }

    /// Bundles of groups, asked besides.
    pub(super) fn groups(&self) -> Words<'r> {
        self.list(9)
    }

    /// Its account, where the artifact has it.
    pub(super) fn account_record(&self) -> Option<Account<'r>> {
        Some(Account { tables: self.tables, number: self.word(13).checked_sub(1)? })
    }
}

/// An account of the artifact.
#[derive(Clone, Copy)]
pub(super) struct Account<'r> {
    tables: &'r Tables<'r>,
    number: u32,
}

impl<'r> Account<'r> {
    fn word(&self, place: u32) -> u32 {
        self.tables.accounts.get(self.number.saturating_mul(9).saturating_add(place)).unwrap_or(0)
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.word(1) & flag != 0
    }

    pub(super) fn organization(&self) -> Option<&'r str> {
        self.tables.optional_text(self.word(2))
    }

    pub(super) fn paths(&self) -> Words<'r> {
        self.tables.lists.list(self.word(3), self.word(4))
    }

    /// Bundles of SCP levels.
    pub(super) fn service_control(&self) -> Words<'r> {
        self.tables.lists.list(self.word(5), self.word(6))
    }

    pub(super) fn resource_control(&self) -> Option<u32> {
        self.word(7).checked_sub(1)
    }

    pub(super) fn canonical_user_id(&self) -> Option<&'r str> {
        self.tables.optional_text(self.word(8))
    }
}

/// A resource of the artifact that governs the request's resource.
#[derive(Clone, Copy)]
pub(super) struct Resource<'r> {
    tables: &'r Tables<'r>,
    number: u32,
}

impl<'r> Resource<'r> {
    fn word(&self, place: u32) -> u32 {
        self.tables.resources.get(self.number.saturating_mul(9).saturating_add(place)).unwrap_or(0)
    }

    pub(super) fn has(&self, flag: u32) -> bool {
        self.word(3) & flag != 0
    }

    pub(super) fn account(&self) -> Option<&'r str> {
        self.tables.optional_text(self.word(1))
    }

    pub(super) fn policy(&self) -> Option<u32> {
        self.word(2).checked_sub(1)
    }

    pub(super) fn acl(&self) -> Words<'r> {
        self.tables.lists.list(self.word(4), self.word(5))
    }

    pub(super) fn object_acl(&self) -> Words<'r> {
        self.tables.lists.list(self.word(6), self.word(7))
    }

    pub(super) fn object_owner(&self) -> Option<&'r str> {
        self.tables.optional_text(self.word(8))
    }
}

/// Position of a word of `meta`.
fn word(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

/// The number in an open-addressing table that `accept` takes, by hash.
#[inline]
fn probe(table: Words<'_>, hash: u32, accept: impl Fn(u32) -> bool) -> Option<u32> {
    let mask = table.len().checked_sub(1)?;
    let tag = hash >> TAG_SHIFT;
    let mut at = hash & mask;
    loop {
        let word = table.get(at)?;
        let number = (word & ((1 << TAG_SHIFT) - 1)).checked_sub(1)?;
        if word >> TAG_SHIFT == tag && accept(number) {
            return Some(number);
        }
        at = (at + 1) & mask;
    }
}

impl<'a> Tables<'a> {
    /// Name of an action node, in lower case, and its parent plus one.
    #[inline]
    pub(super) fn action_name(&self, node: u32) -> Option<(&'a [u8], u32)> {
        let [at, parent, end, _] = self.actions.block(node.checked_mul(2)?)?;
        Some((self.action_text.slice(index(at), index(end.saturating_sub(at))), parent))
    }

    /// The node of exactly this action.
    #[inline]
    pub(super) fn exact_action(&self, action: &str) -> Option<u32> {
        let action = action.as_bytes();
        let is_it = |node| self.action_name(node).is_some_and(|(name, _)| same_folded(action, name));
        probe(self.action_hash, hash_folded(action), is_it)
    }

    /// The deepest action node that covers the action: its exact node, or the longest prefix.
    pub(super) fn action_node(&self, action: &str) -> Option<u32> {
        self.exact_action(action).or_else(|| self.action_prefix(action))
    }

    /// The longest prefix of the action.
    pub(super) fn action_prefix(&self, action: &str) -> Option<u32> {
        let prefix_count = self.meta.get(word(meta::PREFIX_COUNT))?;
        let (mut low, mut high) = (0, prefix_count);
        while low < high {
            let middle = low.midpoint(high);
            let (name, _) = self.action_name(middle)?;
            if is_at_most(name, action) { low = middle + 1 } else { high = middle }
        }
        let mut node = low.checked_sub(1);
        while let Some(candidate) = node {
            let (prefix, parent) = self.action_name(candidate)?;
            let start = action.as_bytes().get(..prefix.len());
            if start.is_some_and(|start| same_folded(start, prefix)) {
                return Some(candidate);
            }
            node = parent.checked_sub(1).filter(|&parent| parent < candidate);
        }
        None
    }

    /// The number of a key; `name` in any case.
    pub(super) fn key_number(&self, name: &str) -> Option<u32> {
        let compare = |[symbol, _]: [u32; 2]| self.text(symbol).chars().cmp(crate::value::lowercase(name));
        self.keys.search::<2>(compare)
    }

    /// The place behind the character at `at` (R-ARN-19).
    pub(super) fn one_character(&self, text: &[u8], at: usize) -> Option<usize> {
        let first = *text.get(at)?;
        if self.semantics.question_mark == crate::terms::QuestionMark::Byte {
            return Some(at + 1);
        }
        match first {
            0..0x80 => Some(at + 1),
            0x80..0xc0 => None,
            0xc0..0xe0 => Some(at + 2),
            0xe0..0xf0 => Some(at + 3),
            0xf0..=0xff => Some(at + 4),
        }
    }

    /// The identity that requests name by this text.
    #[inline]
    pub(super) fn identity(&'a self, lookup: &str) -> Option<Identity<'a>> {
        let key_of = |number: u32| self.identities.get(number.saturating_mul(14).saturating_add(2));
        let is_it = |number| key_of(number).is_some_and(|symbol| self.text(symbol) == lookup);
        let number = probe(self.identity_hash, hash_text(lookup.as_bytes()), is_it)?;
        Some(Identity { tables: self, number })
    }

    pub(super) fn account(&'a self, id: &str) -> Option<Account<'a>> {
        let number = self.accounts.search::<9>(|[symbol, ..]| self.text(symbol).cmp(id))?;
        Some(Account { tables: self, number })
    }

    /// Whether any account is known to be in an organization, so that absence means something.
    pub(super) fn has_organization(&self) -> bool {
        self.meta.get(word(meta::HAS_ORGANIZATION)) == Some(1)
    }

    pub(super) fn resource(&'a self, number: u32) -> Resource<'a> {
        Resource { tables: self, number }
    }

    /// The number of a policy that a request names.
    pub(super) fn named_policy(&self, name: &str, kind: u32, index: usize) -> Result<u32, RequestError> {
        let found = self.find_policy(name).ok_or(RequestError::UnknownPolicy(index))?;
        match self.policies.record::<5>(found) {
            Some([_, _, _, found_kind, bundle]) if found_kind == kind => {
                bundle.checked_sub(1).ok_or(RequestError::WrongPolicyType(index))
            }
            _ => Err(RequestError::WrongPolicyType(index)),
        }
    }

    /// A name with a colon is an ARN or `ACCOUNT:NAME` before it is anything else, and of two policies of one ARN the
    /// account's own is meant (`world.md` 1).
    fn find_policy(&self, name: &str) -> Option<u32> {
        if let Some((id, rest)) = split_once(name, b':') {
            let matches = |[symbol, arn, account, ..]: [u32; 5]| {
                let in_account = self.optional_name(account) == Some(id) && self.name(symbol) == rest;
                in_account || self.optional_name(arn) == Some(name)
            };
            let found = || (0..).zip(self.policies.records::<5>()).filter(|(_, record)| matches(*record));
            let own = found().find(|(_, [_, _, account, ..])| *account != 0);
            if let Some((number, _)) = own.or_else(|| found().next()) {
                return Some(number);
            }
        }
        let position = self.names.search::<1>(|[policy]| {
            let [symbol, ..] = self.policies.record::<5>(policy).unwrap_or([NONE; 5]);
            self.name(symbol).cmp(name)
        })?;
        self.names.get(position)
    }
}

/// Whether a text in lower case sorts at or before the lower-cased action.
fn is_at_most(text: &[u8], action: &str) -> bool {
    text.iter().copied().cmp(action.bytes().map(|byte| byte.to_ascii_lowercase())).is_le()
}
