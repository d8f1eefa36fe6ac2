//! Services, action nodes, prefixes, and the hash of exact actions.

use super::{Bad, Checker};
use crate::layout::{Section, first_word};
use crate::runtime::find::{Prefix, Service};
use crate::runtime::words::index;

impl Checker<'_, '_> {
    /// Services have nodes of their own: each record of `actions` is at most one service's, and so is each prefix.
    #[inline(never)]
    pub(super) fn actions(&self) -> Result<(), Bad> {
        let t = self.tables;
        let (mut records, mut prefixes, mut names, mut has_empty) = (0, 0, 0, t.service_places == 0);
        for place in 0..t.service_places {
            let Some(service) = t.service_at(place) else {
                has_empty = true;
                continue;
            };
            let good = 0 < service.first()
                && service.first() < service.behind()
                && service.behind() < t.action_records()
                && 1 < service.name_bytes()
                && service.rest_bytes() <= service.names_at()
                && index(service.names_at()) <= t.action_text.len()
                && service.first_prefix() <= service.prefixes_behind()
                && service.prefixes_behind() <= t.prefixes.len() / 4;
            self.must(good, Section::Services, place * 8)?;
            let (end, _) = t.action_bounds(service.behind());
            records += 1 + u64::from(service.behind() - service.first());
            prefixes += u64::from(service.prefixes_behind() - service.first_prefix());
            names += u64::from(end) + u64::from(service.rest_bytes());
            // Nothing is looked at for two services.
            let good = records < u64::from(t.action_records())
                && prefixes <= u64::from(t.prefixes.len() / 4)
                && usize::try_from(names).is_ok_and(|names| names <= t.action_text.len());
            self.must(good, Section::Services, place * 8)?;
            self.service(service)?;
        }
        let good = prefixes == u64::from(t.prefixes.len() / 4);
        self.must(has_empty && good, Section::Services, 0)?;
        self.action_hash()
    }

    /// Names follow each other and are sorted, a prefix before an exact action of the same name.
    fn service(&self, service: Service<'_>) -> Result<(), Bad> {
        let t = self.tables;
        let mut offset = 0;
        for number in service.first()..=service.behind() {
            let (at, _) = t.action_bounds(number);
            let inside = index(service.names_at()).saturating_add(index(at)) <= t.action_text.len();
            self.must(inside && offset <= at, Section::Actions, number)?;
            offset = at;
        }
        let mut before = None::<(&[u8], bool)>;
        let mut next = service.first_prefix();
        let prefix = |number| if number < service.prefixes_behind() { t.prefix(number) } else { None };
        for number in service.first()..service.behind() {
            let name = t.action_name(service, number);
            let own = prefix(next).filter(|prefix| prefix.node == number);
            let place = (name, own.is_none());
            self.must(before.is_none_or(|before| before < place), Section::Actions, number)?;
            before = Some(place);
            if let Some(own) = own {
                self.must(self.is_prefix(service, next, own, name), Section::Prefixes, next * 4)?;
                next += 1;
            }
        }
        // Each prefix is a node of the service, in their order.
        self.must(next == service.prefixes_behind(), Section::Prefixes, next * 4)
    }

    /// Whether a prefix has the beginning of its name, and leads back to the longest prefix that begins the name, which
    /// stands before it in the service: so chains of prefixes end.
    fn is_prefix(&self, service: Service<'_>, number: u32, own: Prefix, name: &[u8]) -> bool {
        let t = self.tables;
        let before = |number: u32| number.checked_sub(1).filter(|before| service.first_prefix() <= *before);
        let parent = |number: &u32| {
            let back = t.prefix(*number).map_or(0, |prefix| prefix.back);
            if back == 0 { None } else { number.checked_sub(back) }
        };
        // The one before it, or one of that one's parents, which were looked at before.
        let covers = |number: &u32| {
            t.prefix(*number).is_some_and(|prefix| name.starts_with(t.action_name(service, prefix.node)))
        };
        let covering = core::iter::successors(before(number), parent).find(covers);
        own.start == first_word(name) && own.back == covering.map_or(0, |covering| number - covering)
    }

    /// Nodes with the services that they are of.
    fn action_hash(&self) -> Result<(), Bad> {
        let t = self.tables;
        for place in 0..t.action_places {
            let (number, service) = t.action_place(place);
            let is_node = number.checked_sub(1).is_none_or(|number| {
                t.service_at(service).is_some_and(|service| (service.first()..service.behind()).contains(&number))
            });
            self.must(is_node, Section::ActionHash, place)?;
        }
        Ok(())
    }
}
