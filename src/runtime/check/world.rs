//! Accounts, identities, resources, endpoints, access keys, and the single numbers.

use super::Target::{Any, Below, OptionalSymbol, RangeIn, Symbol, UpTo};
use super::{Bad, Checker, number_of};
use crate::layout::{NONE, Section, flag, grantee_kind, meta, service_bit};
use crate::runtime::words::{Words, index};
use crate::value::{Arn, is_account_id};

impl Checker<'_, '_> {
    /// Accounts, identities, resources, endpoints, access keys.
    #[inline(never)]
    pub(super) fn world(&self, keys: u32, bundles: u32) -> Result<(), Bad> {
        let t = self.tables;
        let lists = t.lists.len();
        let account =
            [Symbol, Any, OptionalSymbol, RangeIn(lists), Any, RangeIn(lists), Any, UpTo(bundles), OptionalSymbol];
        self.records(Section::Accounts, t.accounts, &account)?;
        self.sorted(Section::Accounts, t.accounts)?;
        let two_lists =
            |[_, _, _, paths, paths_len, levels, levels_len, ..]: [u32; 9]| [[paths, paths_len], [levels, levels_len]];
        self.ranges(Section::Accounts, t.accounts, &[3, 5])?;
        for (number, record) in (0..).zip(t.accounts.records()) {
            let [[paths, paths_len], [levels, levels_len]] = two_lists(record);
            let good = t.lists.list(paths, paths_len).iter().all(|path| self.is_symbol(path))
                && t.lists.list(levels, levels_len).iter().all(|level| level < bundles);
            self.must(good, Section::Accounts, number * 9)?;
        }
        self.identities(keys, bundles)?;
        self.hash(Section::IdentityHash, t.identity_hash, t.identities.len() / 14)?;
        let resource =
            [Symbol, OptionalSymbol, UpTo(bundles), Any, RangeIn(lists), Any, RangeIn(lists), Any, OptionalSymbol];
        self.records(Section::Resources, t.resources, &resource)?;
        let two_lists =
            |[_, _, _, _, acl, acl_len, object, object_len, _]: [u32; 9]| [[acl, acl_len], [object, object_len]];
        self.ranges(Section::Resources, t.resources, &[4, 6])?;
        for (number, record) in (0..).zip(t.resources.records()) {
            let good = two_lists(record).iter().all(|[at, length]| self.is_acl(t.lists.list(*at, *length)));
            self.must(good, Section::Resources, number * 9)?;
        }
        self.records(Section::Endpoints, t.endpoints, &[Symbol, UpTo(bundles)])?;
        self.sorted(Section::Endpoints, t.endpoints)?;
        self.records(Section::AccessKeys, t.access_keys, &[Symbol, Symbol, UpTo(1)])?;
        self.sorted(Section::AccessKeys, t.access_keys)?;
        Ok(())
    }

    /// Users, roles, federated users, with their tags and instance profiles.
    #[inline(never)]
    fn identities(&self, keys: u32, bundles: u32) -> Result<(), Bad> {
        let t = self.tables;
        let lists = RangeIn(t.lists.len());
        let (identity, boundary, account) = (Below(bundles), UpTo(bundles), UpTo(t.accounts.len() / 9));
        let record =
            [Any, Symbol, Any, Any, OptionalSymbol, identity, boundary, lists, Any, lists, Any, lists, Any, account];
        self.records(Section::Identities, t.identities, &record)?;
        let three_lists = |record: [u32; 14]| {
            let [.., tags, tags_len, groups, groups_len, profiles, profiles_len, _] = record;
            [[tags, tags_len], [groups, groups_len], [profiles, profiles_len]]
        };
        self.ranges(Section::Identities, t.identities, &[7, 9, 11])?;
        for (number, record) in (0..).zip(t.identities.records()) {
            let [tags, groups, profiles] = three_lists(record).map(|[at, length]| t.lists.list(at, length));
            let [kind, _, lookup_at, account_at, .., account] = record;
            let account = account.checked_sub(1).and_then(|number| t.accounts.record::<9>(number));
            let controlled = account.is_some_and(|[_, bits, .., resource_control, _]| {
                bits & flag::SERVICE_CONTROL != 0 || resource_control != 0
            });
            let good = kind & 0xff <= flag::KIND_FEDERATED_USER
                && (kind & flag::CONTROLLED << 8 != 0) == controlled
                && t.lookup_text(kind, lookup_at).len() == index(kind >> 16)
                && is_account_id(t.account_text(account_at))
                && self.is_tags(tags, keys)
                && groups.iter().all(|group| group < bundles)
                && profiles.iter().all(|arn| arn.saturating_add(1) < t.name_symbols.len());
            self.must(good, Section::Identities, number * 14)?;
        }
        Ok(())
    }

    /// (key count value*)*
    fn is_tags(&self, mut rest: Words<'_>, keys: u32) -> bool {
        while let Some([key, count]) = rest.block(0) {
            let values = rest.list(2, count);
            if keys <= key || values.len() != count || !values.iter().all(|value| self.is_symbol(value)) {
                return false;
            }
            rest = rest.list(count.saturating_add(2), NONE);
        }
        rest.len() == 0
    }

    /// (kind symbol permissions)*
    fn is_acl(&self, list: Words<'_>) -> bool {
        let good = |[kind, symbol, _]: [u32; 3]| kind <= grantee_kind::AUTHENTICATED_USERS && self.is_symbol(symbol);
        list.len().is_multiple_of(3) && list.records().all(good)
    }

    #[inline(never)]
    pub(super) fn meta(&self) -> Result<(), Bad> {
        let t = self.tables;
        let is_trie = |root: u32| root & 1 == 0 && self.is_root(root);
        let index_good = self.word(meta::RESOURCE_INDEX).checked_sub(1).is_none_or(is_trie);
        self.must(index_good, Section::Meta, number_of(meta::RESOURCE_INDEX))?;
        let is_known = |[arn, ..]: [u32; 9]| {
            let service = Arn::find(t.text(arn)).map_or(u64::MAX, |arn| service_bit(arn.service_bytes()));
            t.resource_services & service == service
        };
        self.must(t.resources.records().all(is_known), Section::Meta, number_of(meta::RESOURCE_SERVICES))?;
        let (at, length) = (self.word(meta::RCP_SERVICES_AT), self.word(meta::RCP_SERVICES_LEN));
        let services = t.lists.list(at, length);
        let good = services.len() == length && services.iter().all(|service| self.is_symbol(service));
        self.must(
            good && self.sorted(Section::Lists, services).is_ok(),
            Section::Meta,
            number_of(meta::RCP_SERVICES_AT),
        )
    }
}
