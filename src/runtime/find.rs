//! Names to numbers: actions, identities, accounts, policies.

use super::action::ActionText;
use super::request::NAME_MAX_BYTES;
use super::words::{Record, Words, begins, index, last_index_of, same_folded};
use super::{RequestError, Tables};
use crate::layout::{
    NONE, SEARCH, SLACK_BYTES, TAG_SHIFT, action_bucket, action_place, first_word, flag, fold_word, hash_folded,
    hash_service, hash_text, meta, place_of,
};
use crate::value::split_once;

/// A user, role or federated user of the artifact.
#[derive(Clone, Copy)]
pub(super) struct Identity<'r> {
    tables: &'r Tables<'r>,
    record: Record<'r, 14>,
}

impl<'r> Identity<'r> {
    #[inline]
    fn word(&self, place: usize) -> u32 {
        self.record.word(place)
    }

    #[inline]
    fn list(&self, place: usize) -> Words<'r> {
        self.tables.lists.list(self.word(place), self.word(place + 1))
    }

    /// `flag::KIND_…`
    pub(super) fn kind(&self) -> u32 {
        self.word(0) & 0xff
    }

    pub(super) fn is_service_linked(&self) -> bool {
        self.word(0) & flag::SERVICE_LINKED << 8 != 0
    }

    /// Its ARN; a role's with path.
    pub(super) fn arn(&self) -> &'r str {
        self.tables.text(self.word(1))
    }

    /// Whether SCPs or RCPs of its account have a say.
    #[inline]
    pub(super) fn is_controlled(&self) -> bool {
        self.word(0) & flag::CONTROLLED << 8 != 0
    }

    /// 12 digits.
    #[inline]
    pub(super) fn account(&self) -> &'r str {
        self.tables.account_text(self.word(3))
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

    /// Whether it has any.
    #[inline]
    pub(super) fn has_groups(&self) -> bool {
        self.word(10) != 0
    }

    /// Its account, where the artifact has it.
    pub(super) fn account_record(&self) -> Option<Account<'r>> {
        Some(Account { tables: self.tables, number: self.word(13).checked_sub(1)? })
    }
}

/// A service that has action nodes.
#[derive(Clone, Copy)]
pub(super) struct Service<'a>(Record<'a, 8>);

impl Service<'_> {
    /// The beginning of its name.
    #[inline]
    pub(super) fn key(self) -> u64 {
        self.0.long(0)
    }

    /// Its first node.
    #[inline]
    pub(super) fn first(self) -> u32 {
        self.0.word(2)
    }

    /// The number behind its last node.
    #[inline]
    pub(super) fn behind(self) -> u32 {
        self.0.word(3)
    }

    /// Where the names of its nodes begin.
    #[inline]
    pub(super) fn names_at(self) -> u32 {
        self.0.word(4)
    }

    /// How many bytes its own name has, with the colon behind it.
    #[inline]
    pub(super) fn name_bytes(self) -> u32 {
        self.0.word(5)
    }

    /// How many of them are not in its key, and stand before the names of its nodes.
    #[inline]
    pub(super) fn rest_bytes(self) -> u32 {
        self.name_bytes().saturating_sub(9)
    }

    /// The first of its prefixes.
    #[inline]
    pub(super) fn first_prefix(self) -> u32 {
        self.0.word(6)
    }

    /// The number behind the last of these.
    #[inline]
    pub(super) fn prefixes_behind(self) -> u32 {
        self.0.word(7)
    }
}

/// A node that is a prefix.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    /// The beginning of its name, by [`first_word`].
    pub(super) start: u64,
    pub(super) node: u32,
    /// Distance to the longest proper prefix, 0 for none.
    pub(super) back: u32,
}

impl Prefix {
    #[inline]
    fn of(record: Record<'_, 4>) -> Self {
        Self { start: record.long(0), node: record.word(2), back: record.word(3) }
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

/// Bytes of the key of a service.
const KEY_BYTES: usize = 8;

/// Digits of an account's id.
const ACCOUNT_BYTES: usize = 12;

/// Bits of a word of a hash table that are a number plus one.
const NUMBER_MASK: u32 = (1 << TAG_SHIFT) - 1;

impl<'a> Tables<'a> {
    /// The service at a place of their table, if there is one.
    #[inline]
    pub(super) fn service_at(&self, place: u32) -> Option<Service<'a>> {
        let service = Service(self.services.record_in_place(place)?);
        (service.behind() > 0).then_some(service)
    }

    /// The service of an action in any case.
    #[inline(never)]
    pub(super) fn service(&self, action: &ActionText<'_>) -> Option<Service<'a>> {
        let mut at = place_of(hash_service(action.key, action.service), self.service_places);
        loop {
            let service = self.service_at(at)?;
            if self.is_of(service, action) {
                return Some(service);
            }
            at += 1;
            if at == self.service_places {
                at = 0;
            }
        }
    }

    /// Whether an action is of this service.
    fn is_of(&self, service: Service<'_>, action: &ActionText<'_>) -> bool {
        service.key() == action.key
            && index(service.name_bytes()) == action.service.len() + 1
            && self.has_rest(service, action.service.get(KEY_BYTES..).unwrap_or_default())
    }

    /// Whether a service's name has this behind its key, in any case.
    fn has_rest(&self, service: Service<'_>, rest: &[u8]) -> bool {
        let rest_at = index(service.names_at().saturating_sub(service.rest_bytes()));
        same_folded(rest, self.action_text.slice(rest_at, index(service.rest_bytes())))
    }

    /// What an action has behind the colon, if it is of this service.
    #[inline]
    fn name_of<'t>(&self, service: Service<'_>, action: &'t [u8]) -> Option<&'t [u8]> {
        let bytes = index(service.name_bytes());
        let Some(start) = action.first_chunk() else { return self.short_name_of(service, action) };
        let differs = fold_word(u64::from_le_bytes(*start)) ^ service.key();
        // Most names of services are shorter than a word, in which their colon stands as well.
        let is_it = match 64u32.checked_sub(service.name_bytes().saturating_mul(8)) {
            Some(other) => differs.checked_shl(other) == Some(0),
            None => {
                let rest = action.get(KEY_BYTES..bytes)?.split_last();
                differs == 0 && rest.is_some_and(|(colon, rest)| *colon == b':' && self.has_rest(service, rest))
            }
        };
        if is_it { action.get(bytes..) } else { None }
    }

    /// The same of an action of fewer bytes than a word.
    #[inline(never)]
    fn short_name_of<'t>(&self, service: Service<'_>, action: &'t [u8]) -> Option<&'t [u8]> {
        let action = ActionText::of(action).filter(|action| self.is_of(service, action))?;
        Some(action.name)
    }

    /// Where the name of a node of `actions` begins, and where it ends, from the first one of its service.
    #[inline]
    pub(super) fn action_bounds(&self, number: u32) -> (u32, u32) {
        let width = self.widths.name;
        let (from, to, _) = self.actions.two_numbers(index(number) * width.bytes, width, width);
        (from, to)
    }

    /// How many records `actions` has.
    pub(super) fn action_records(&self) -> u32 {
        let bytes = self.actions.len().saturating_sub(SLACK_BYTES);
        u32::try_from(bytes.checked_div(self.widths.name.bytes).unwrap_or(0)).unwrap_or(u32::MAX)
    }

    /// The name of a node of a service: what is behind the colon, in lower case.
    #[inline]
    pub(super) fn action_name(&self, service: Service<'_>, number: u32) -> &'a [u8] {
        let (from, to) = self.action_bounds(number);
        let at = index(service.names_at()).saturating_add(index(from));
        self.action_text.slice(at, index(to.saturating_sub(from)))
    }

    /// A prefix by its number.
    #[inline]
    pub(super) fn prefix(&self, number: u32) -> Option<Prefix> {
        self.prefixes.record_in_place(number).map(Prefix::of)
    }

    /// The node plus one and the service at a place of that table; zeros where it has no action.
    #[inline]
    pub(super) fn action_place(&self, place: u32) -> (u32, u32) {
        let width = self.widths.action_word;
        self.action_word.cut(self.action_hash.number(index(place) * width.bytes, width))
    }

    /// The node of exactly this action, in any case, and its service.
    #[inline]
    pub(super) fn exact_action(&self, action: &[u8]) -> Option<(u32, Service<'a>)> {
        let hash = hash_folded(action);
        let buckets = u32::try_from(self.action_seeds.len()).unwrap_or(u32::MAX);
        let seed = self.action_seeds.byte(index(action_bucket(hash, buckets)));
        if seed == SEARCH {
            return self.search_action(action);
        }
        let (number, place) = self.action_place(action_place(hash, seed, self.action_places));
        let (number, service) = (number.checked_sub(1)?, self.service_at(place)?);
        let name = self.name_of(service, action)?;
        same_folded(name, self.action_name(service, number)).then_some((number, service))
    }

    /// The same without the table.
    #[cold]
    #[inline(never)]
    fn search_action(&self, action: &[u8]) -> Option<(u32, Service<'a>)> {
        let action = ActionText::of(action)?;
        let service = self.service(&action)?;
        let (mut number, mut behind) = (service.first(), service.behind());
        while number < behind {
            let middle = number.midpoint(behind);
            if is_at_most(self.action_name(service, middle), action.name) {
                number = middle + 1;
            } else {
                behind = middle;
            }
        }
        let number = number.checked_sub(1).filter(|number| service.first() <= *number)?;
        // A prefix stands before the exact action of the same name, and so is the last only where there is no such action.
        let is_it = same_folded(action.name, self.action_name(service, number))
            && self.action_prefix(service, action.name) != Some(number);
        is_it.then_some((number, service))
    }

    /// The longest prefix of an action among the nodes of its service; `name` in any case.
    pub(super) fn action_prefix(&self, service: Service<'_>, name: &[u8]) -> Option<u32> {
        let start = fold_word(first_word(name));
        let prefixes = self.prefixes.records_from::<4>(service.first_prefix(), service.prefixes_behind());
        // All that begins with a prefix follows it, so the last one at or before the action leads up to its prefixes.
        let is_before = |record: Record<'_, 4>| {
            let prefix = Prefix::of(record);
            if prefix.start != start {
                return prefix.start < start;
            }
            let text = self.action_name(service, prefix.node);
            text.len() <= 8 || is_at_most(text, name)
        };
        let mut number = prefixes.records_before::<4>(is_before).checked_sub(1);
        while let Some(candidate) = number {
            let prefix = Prefix::of(prefixes.record_in_place(candidate)?);
            let text = self.action_name(service, prefix.node);
            if let Some(head) = name.get(..text.len()) {
                // Of a short one, the word has all bytes.
                let other = u32::try_from(text.len()).ok().and_then(|bytes| 64u32.checked_sub(8 * bytes));
                let is_it = match other {
                    Some(other) => (prefix.start ^ start).checked_shr(other).unwrap_or(0) == 0,
                    None => prefix.start == start && same_folded(head, text),
                };
                if is_it {
                    return Some(prefix.node);
                }
            }
            number = candidate.checked_sub(prefix.back).filter(|_| 0 < prefix.back);
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

    /// The twelve digits of an account's id that begin at a place of the texts.
    #[inline]
    pub(super) fn account_text(&self, at: u32) -> &'a str {
        self.text.get(index(at)..index(at).saturating_add(ACCOUNT_BYTES)).unwrap_or("")
    }

    /// The text by which requests name an identity: by the first word of its record, where it begins.
    pub(super) fn lookup_text(&self, bits: u32, at: u32) -> &'a str {
        self.text.get(index(at)..index(at).saturating_add(index(bits >> 16))).unwrap_or("")
    }

    /// The user with this ARN.
    #[inline]
    pub(super) fn user(&'a self, arn: &str) -> Option<Identity<'a>> {
        self.identity(arn.as_bytes()).filter(|identity| identity.kind() == flag::KIND_USER)
    }

    /// The role whose sessions have ARNs that begin as this one does.
    #[inline]
    pub(super) fn role_of_session(&'a self, arn: &str) -> Option<Identity<'a>> {
        let arn = arn.as_bytes();
        let (lookup, session) = arn.split_at_checked(last_index_of(arn, b'/')?)?;
        let is_session = (2..=NAME_MAX_BYTES + 1).contains(&session.len());
        let role = self.identity(is_session.then_some(lookup)?)?;
        (role.kind() == flag::KIND_ROLE).then_some(role)
    }

    /// The identity that requests name by this text.
    #[inline]
    pub(super) fn identity(&'a self, lookup: &[u8]) -> Option<Identity<'a>> {
        let hash = hash_text(lookup);
        let mask = self.identity_hash.len().checked_sub(1)?;
        let mut at = hash & mask;
        loop {
            let word = self.identity_hash.get(at)?;
            let number = (word & NUMBER_MASK).checked_sub(1)?;
            if word >> TAG_SHIFT == hash >> TAG_SHIFT {
                let record = self.identities.record_in_place::<14>(number)?;
                if index(record.word(0) >> 16) == lookup.len()
                    && begins(self.text.as_bytes().get(index(record.word(2))..)?, lookup)
                {
                    return Some(Identity { tables: self, record });
                }
            }
            at = (at + 1) & mask;
        }
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
fn is_at_most(text: &[u8], action: &[u8]) -> bool {
    let ((words, rest), (action_words, action_rest)) = (text.as_chunks(), action.as_chunks());
    for (text, action) in words.iter().zip(action_words) {
        let (text, action) = (u64::from_le_bytes(*text), fold_word(u64::from_le_bytes(*action)));
        if text != action {
            return text.swap_bytes() < action.swap_bytes();
        }
    }
    // As many words are the same as both have; the one with more of them is the longer one, but for the rests.
    let rest = words.get(action_words.len()..).unwrap_or_default().as_flattened().iter().chain(rest);
    let action_rest = action_words.get(words.len()..).unwrap_or_default().as_flattened().iter().chain(action_rest);
    rest.copied().cmp(action_rest.map(u8::to_ascii_lowercase)).is_le()
}
