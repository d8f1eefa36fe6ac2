//! Accounts, identities, resources: what their lists hold, and what else is known of them; and the single numbers.

use super::{Bad, Checker, number_of};
use crate::layout::{NONE, Section, flag, grantee_kind, meta, service_bit};
use crate::runtime::words::{Words, index};
use crate::value::{Arn, is_account_id};

impl Checker<'_, '_> {
    /// Users, roles, federated users: what is known of each beside its lists; and the table by which they are found.
    #[inline(never)]
    pub(super) fn identities(&self) -> Result<(), Bad> {
        let t = self.tables;
        let count = self.count(Section::Identities);
        for number in 0..count {
            let word = |place: u32| t.identities.get(number * 14 + place).unwrap_or(0);
            let kind = word(0);
            let account = |place: u32| {
                let number = word(13).checked_sub(1)?;
                t.accounts.get(number * 9 + place)
            };
            let controlled = account(1).is_some_and(|bits| bits & flag::SERVICE_CONTROL != 0)
                || account(7).is_some_and(|resource_control| resource_control != 0);
            let good = kind & 0xff <= flag::KIND_FEDERATED_USER
                && (kind & flag::CONTROLLED << 8 != 0) == controlled
                && t.lookup_text(kind, word(2)).len() == index(kind >> 16)
                && is_account_id(t.account_text(word(3)));
            self.must(good, Section::Identities, number * 14)?;
        }
        self.hash(Section::IdentityHash, t.identity_hash, count)
    }

    /// (key count value*)*
    #[inline(never)]
    pub(super) fn is_tags(&self, mut rest: Words<'_>) -> bool {
        let keys = self.count(Section::Keys);
        while let Some([key, count]) = rest.block(0) {
            let values = rest.list(2, count);
            if keys <= key || values.len() != count || !self.are_all(Section::Symbols, values) {
                return false;
            }
            rest = rest.list(count.saturating_add(2), NONE);
        }
        rest.len() == 0
    }

    /// (kind symbol permissions)*
    pub(super) fn is_grants(&self, list: Words<'_>) -> bool {
        let good = |[kind, symbol, _]: [u32; 3]| kind <= grantee_kind::AUTHENTICATED_USERS && self.is_symbol(symbol);
        list.len().is_multiple_of(3) && list.records().all(good)
    }

    pub(super) fn meta(&self) -> Result<(), Bad> {
        let t = self.tables;
        let is_trie = |root: u32| root & 1 == 0 && self.is_root(root);
        let index_good = self.word(meta::RESOURCE_INDEX).checked_sub(1).is_none_or(is_trie);
        self.must(index_good, Section::Meta, number_of(meta::RESOURCE_INDEX))?;
        let is_known = |[arn, ..]: [u32; 9]| {
            let service = Arn::find(t.text(arn)).map_or(u64::MAX, |arn| service_bit(arn.service_word()));
            t.resource_services & service == service
        };
        self.must(t.resources.records().all(is_known), Section::Meta, number_of(meta::RESOURCE_SERVICES))?;
        let (at, length) = (self.word(meta::RCP_SERVICES_AT), self.word(meta::RCP_SERVICES_LEN));
        let is_sorted = |services| self.sorted(Section::Lists, services).is_ok();
        let services = self.list(at, length).filter(|services| self.are_all(Section::Symbols, *services));
        self.must(services.is_some_and(is_sorted), Section::Meta, number_of(meta::RCP_SERVICES_AT))
    }
}
