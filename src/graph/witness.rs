//! Looking for a context that is allowed: few keys first, in a fixed order, every one asked the ordinary way.

use crate::runtime::Value;

use super::candidates::{self, Choice, Item};
use super::inquiry::{Inquiry, SESSION_KEY, Survey};
use super::model::{Example, ExampleValue};
use super::source::ANY_SESSION;
use super::spell;

/// Most contexts that are tried for one edge.
const TRIES: usize = 1 << 15;

/// What was found.
#[derive(Debug)]
pub(super) enum Found {
    /// A context that is allowed.
    Example(Example),
    /// There is none: one of every kind was tried.
    Nothing,
    /// None was found, which proves nothing.
    Unknown,
}

/// Looks for a context.
pub(super) fn find(inquiry: &Inquiry<'_, '_>, survey: &Survey) -> Found {
    let items = candidates::of(inquiry, survey);
    let mut search = Search { inquiry, items: &items, chosen: vec![0; items.len()], left: TRIES };
    for changed in 0..=items.len() {
        match search.choose(0, changed) {
            Flow::Found => return Found::Example(search.example()),
            Flow::Through => {}
            Flow::TooMany => return Found::Unknown,
        }
    }
    if items.iter().all(|item| item.is_complete) { Found::Nothing } else { Found::Unknown }
}

/// How a part of the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// With a context.
    Found,
    /// With none.
    Through,
    /// Before its end.
    TooMany,
}

struct Search<'s, 'q, 'a> {
    inquiry: &'s Inquiry<'q, 'a>,
    items: &'s [Item],
    /// The number of each item's choice.
    chosen: Vec<usize>,
    left: usize,
}

impl Search<'_, '_, '_> {
    /// Tries all ways to choose something but the first for exactly `changed` of the items from `at` on.
    fn choose(&mut self, at: usize, changed: usize) -> Flow {
        let Some(item) = self.items.get(at) else { return if changed == 0 { self.ask() } else { Flow::Through } };
        if self.items.len() - at < changed {
            return Flow::Through;
        }
        let last = if changed == 0 { 1 } else { item.choices.len().max(1) };
        for number in 0..last {
            if let Some(place) = self.chosen.get_mut(at) {
                *place = number;
            }
            let flow = self.choose(at + 1, changed - usize::from(number != 0));
            if flow != Flow::Through {
                return flow;
            }
        }
        if let Some(place) = self.chosen.get_mut(at) {
            *place = 0;
        }
        Flow::Through
    }

    fn assignment(&self) -> impl Iterator<Item = (&str, &Choice)> {
        let pairs = self.items.iter().zip(&self.chosen);
        pairs.filter_map(|(item, &number)| Some((item.name.as_str(), item.choices.get(number)?)))
    }

    fn ask(&mut self) -> Flow {
        let Some(left) = self.left.checked_sub(1) else { return Flow::TooMany };
        self.left = left;
        if !self.is_possible() {
            return Flow::Through;
        }
        let lists: Vec<(&str, Vec<&str>, bool)> = self
            .assignment()
            .filter(|(name, choice)| *name != SESSION_KEY && **choice != Choice::Base)
            .map(|(name, choice)| match choice {
                Choice::Base => (name, Vec::new(), true),
                Choice::One(value) => (name, vec![value.as_str()], false),
                Choice::List(values) => (name, values.iter().map(String::as_str).collect(), true),
            })
            .collect();
        let entries: Vec<(&str, Value<'_>)> = lists
            .iter()
            .map(|(name, values, is_list)| match (values.as_slice(), is_list) {
                ([value], false) => (*name, Value::One(value)),
                (values, _) => (*name, Value::List(values)),
            })
            .collect();
        let session = self.assignment().find_map(|(name, choice)| match choice {
            Choice::One(value) if name == SESSION_KEY => Some(value.as_str()),
            Choice::One(_) | Choice::Base | Choice::List(_) => None,
        });
        let tables = self.inquiry.tables;
        let is_allowed = self.inquiry.with_request(session.unwrap_or(ANY_SESSION), &entries, |request| {
            tables.explain(request).is_ok_and(|explanation| explanation.decision.is_allowed())
        });
        if is_allowed { Flow::Found } else { Flow::Through }
    }

    /// Whether a real request may have these keys together: tags and the list of their names agree, and an address of
    /// the internet does not come with those of a VPC (R-KEY-4, R-KEY-6).
    fn is_possible(&self) -> bool {
        let is_there = |wanted: &str| self.assignment().any(|(name, choice)| name == wanted && *choice != Choice::Base);
        let from_vpc = ["aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"].iter().any(|key| is_there(key));
        if from_vpc && is_there("aws:sourceip") {
            return false;
        }
        let tag_keys = self.assignment().find_map(|(name, choice)| match choice {
            Choice::List(tags) if name == "aws:tagkeys" => Some(tags),
            Choice::One(_) | Choice::Base | Choice::List(_) => None,
        });
        let Some(tag_keys) = tag_keys else { return true };
        self.assignment().all(|(name, choice)| {
            name.strip_prefix("aws:requesttag/").is_none_or(|tag| {
                let is_listed = tag_keys.iter().any(|key| key.eq_ignore_ascii_case(tag));
                is_listed == (*choice != Choice::Base)
            })
        })
    }

    fn example(&self) -> Example {
        let chosen = self.assignment().filter_map(|(name, choice)| {
            let value = match choice {
                Choice::Base => return None,
                Choice::One(value) => ExampleValue::One(value.clone()),
                Choice::List(values) => ExampleValue::List(values.clone()),
            };
            let name = if name == SESSION_KEY { name.to_owned() } else { spell::key(name) };
            Some((name, value))
        });
        chosen.collect()
    }
}
