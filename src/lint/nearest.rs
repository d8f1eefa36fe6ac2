//! Known names near misspelt ones.

use super::other_names;
use crate::reference::{Action, Key, Keys, Reference, Service};

/// How many names a finding offers at most.
const OFFERED: usize = 3;

/// Most edits between a name and one that is offered for it.
const EDITS: usize = 2;

/// Names that are looked for in one run at most. Whoever has more has not misspelt them, and each costs a walk over
/// thousands of names.
const SEARCHES: usize = 2000;

/// Looks for names, a bounded number of times.
#[derive(Debug, Default)]
pub(super) struct Nearest {
    searches: usize,
}

/// What may be meant, the most likely first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meant {
    /// The names.
    pub(super) names: Vec<String>,
    /// Whether it is the only one that is near, and one edit away, so that it is what is meant.
    pub(super) is_certain: bool,
}

impl Meant {
    /// Names that are known to be meant by another one, though nobody has misspelt that.
    pub(super) fn known(names: impl Iterator<Item = String>) -> Self {
        Self { names: names.take(OFFERED).collect(), is_certain: false }
    }

    /// The name that is certainly meant.
    pub(super) fn certain(&self) -> Option<&str> {
        self.names.first().filter(|_| self.is_certain).map(String::as_str)
    }

    /// The same names behind a text.
    pub(super) fn behind(&self, text: &str) -> Self {
        Self { names: self.names.iter().map(|name| format!("{text}{name}")).collect(), is_certain: self.is_certain }
    }

    /// The same names in front of a text.
    pub(super) fn in_front_of(&self, text: &str) -> Self {
        Self { names: self.names.iter().map(|name| format!("{name}{text}")).collect(), is_certain: self.is_certain }
    }

    /// A question that offers them.
    pub(super) fn question(&self) -> Option<String> {
        let quoted = self.names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let (last, others) = quoted.split_last()?;
        match others {
            [] => Some(format!("did you mean {last}?")),
            _ => Some(format!("did you mean {} or {last}?", others.join(", "))),
        }
    }

    /// The first names before the second ones, however near those are.
    fn of_both(first: Vec<(usize, String)>, second: Vec<(usize, String)>) -> Self {
        let (first, second) = (Self::of(first), Self::of(second));
        let is_certain = first.is_certain && second.names.is_empty() || first.names.is_empty() && second.is_certain;
        Self { names: first.names.into_iter().chain(second.names).take(OFFERED).collect(), is_certain }
    }

    fn of(mut ranked: Vec<(usize, String)>) -> Self {
        ranked.sort();
        ranked.dedup_by(|one, other| one.1 == other.1);
        let is_certain = matches!(ranked.as_slice(), [(0 | 1, _)]);
        Self { names: ranked.into_iter().take(OFFERED).map(|(_, name)| name).collect(), is_certain }
    }
}

impl Nearest {
    /// How many names have been looked for.
    pub(super) fn searches(&self) -> usize {
        self.searches
    }

    fn may_search(&mut self) -> bool {
        self.searches += 1;
        self.searches <= SEARCHES
    }

    /// Actions of the service near to that name, without the prefix; for a pattern, of whose beginning it may be one.
    pub(super) fn action(&mut self, service: Service<'_>, name: &str) -> Meant {
        if !self.may_search() {
            return Meant::default();
        }
        let Some((start, _)) = name.split_once(['*', '?']) else {
            let mut meant = Meant::of(ranked(name, service.actions("").map(Action::name)));
            // The beginning of names may lack its star.
            if meant.names.len() < OFFERED && service.actions(name).next().is_some() {
                meant.names.push(format!("{name}*"));
            }
            return meant;
        };
        // A pattern that matches nothing: its literal beginning, against as much of each name.
        let rest = name.get(start.len()..).unwrap_or("");
        let length = start.chars().count();
        let starts = service.actions("").flat_map(|action| {
            let around = length.saturating_sub(1)..=length + 1;
            around.filter_map(move |length| action.name().get(..length))
        });
        let near = ranked(start, starts).into_iter().map(|(edits, start)| (edits, format!("{start}{rest}")));
        let matched = |pattern: &str| !super::actions::matching(service, pattern).is_empty();
        let near = near.filter(|(_, pattern)| matched(pattern)).collect::<Vec<_>>();
        // What ends where a word of some action ends is more likely meant than what ends within one.
        let ends_a_word = |start: &str| {
            let behind = |action: Action<'_>| action.name().as_bytes().get(start.len()).copied();
            service.actions(start).any(|action| behind(action).is_none_or(|byte| byte.is_ascii_uppercase()))
        };
        let (words, others): (Vec<_>, Vec<_>) =
            near.into_iter().partition(|(_, pattern)| pattern.split('*').next().is_some_and(ends_a_word));
        Meant::of_both(words, others)
    }

    /// Whole actions of other services that have one of that very name, those with the nearest prefixes first.
    pub(super) fn elsewhere(&mut self, services: &[Service<'_>], prefix: &str, name: &str) -> Meant {
        if !self.may_search() || name.contains(['*', '?']) {
            return Meant::default();
        }
        let found = services.iter().filter_map(|service| {
            let action = service.action(name)?;
            Some((
                distance(prefix, service.prefix).unwrap_or(EDITS + 1),
                format!("{}:{}", service.prefix, action.name()),
            ))
        });
        Meant { is_certain: false, ..Meant::of(found.collect()) }
    }

    /// Whole actions whose service may be meant by that prefix: first those that have an action of the name.
    pub(super) fn service(&mut self, reference: Reference<'_>, prefix: &str, name: &str) -> Meant {
        if !self.may_search() {
            return Meant::default();
        }
        let known = other_names::services(prefix);
        let has_action = |known: &&&str| {
            let service = reference.service(known);
            service.is_some_and(|service| !super::actions::matching(service, name).is_empty())
        };
        if known.iter().any(|known| has_action(&known)) {
            return Meant::known(known.iter().filter(has_action).map(|known| format!("{known}:{name}")));
        }
        let near = ranked(prefix, reference.prefixes()).into_iter();
        let judged = near.map(|(edits, near)| {
            let service = reference.service(&near);
            let has_action = service.is_some_and(|service| !super::actions::matching(service, name).is_empty());
            (edits + if has_action { 0 } else { 2 * EDITS }, format!("{near}:{name}"))
        });
        let text = format!("{prefix}:{name}");
        let moved = reference.with_one_colon(&text).map(|meant| (1, meant));
        Meant::of(judged.chain(moved).collect())
    }

    /// Names of ARN services near to that one.
    pub(super) fn word<'n>(&mut self, word: &str, names: impl Iterator<Item = &'n str>) -> Meant {
        if !self.may_search() {
            return Meant::default();
        }
        Meant::of(ranked(word, names))
    }

    /// Condition keys near to that name, or to that name behind a prefix where it has none; the free part of a family such as `aws:RequestTag/…` is kept.
    pub(super) fn key<'k, I>(&mut self, global: Keys<'k>, of_services: impl Fn() -> I, name: &str) -> Meant
    where
        I: Iterator<Item = Key<'k>>,
    {
        if !self.may_search() {
            return Meant::default();
        }
        let near = global.iter().chain(of_services()).flat_map(|key| key_near(key, name)).collect::<Vec<_>>();
        if !near.is_empty() || name.contains(':') {
            return Meant::of(near);
        }
        // Without a prefix it may be the key of several.
        let whole = |key: Key<'_>| Some(format!("{}:{name}", key.name().split_once(':')?.0));
        let near = |keys: &mut dyn Iterator<Item = Key<'_>>| {
            let near = keys.filter_map(|key| Some(key_near(key, &whole(key)?))).flatten().collect::<Vec<_>>();
            // Where the rest of the name is right, what it only resembles is not meant.
            let is_right = near.iter().any(|(edits, _)| *edits == 0);
            near.into_iter().filter(|(edits, _)| !is_right || *edits == 0).collect::<Vec<_>>()
        };
        let first = near(&mut global.iter());
        let is_global = first.iter().any(|(edits, _)| *edits == 0);
        let second = if is_global { Vec::new() } else { near(&mut of_services()) };
        Meant { is_certain: false, ..Meant::of(first.into_iter().chain(second).collect()) }
    }
}

/// How far the key is from that name, and the name as it should be; for a key with a free part, all ways of cutting the
/// name that are equally near.
fn key_near(key: Key<'_>, name: &str) -> Vec<(usize, String)> {
    let Some((before, after)) = key.free_part() else {
        return distance(name, key.name()).map(|edits| (edits, key.name().to_owned())).into_iter().collect();
    };
    if !after.is_empty() {
        return Vec::new();
    }
    // As much of the name as the fixed beginning has, but for one character more or less that the mistake may be.
    let separated = name.rfind(['/', ':']).map_or(0, |at| at + 1);
    let cuts = [separated, before.len().saturating_sub(1), before.len(), before.len() + 1];
    let near = cuts.into_iter().filter_map(|cut| {
        let (head, tail) = name.split_at_checked(cut).filter(|(_, tail)| !tail.is_empty())?;
        Some((distance(head, before)?, format!("{before}{tail}")))
    });
    let near = near.collect::<Vec<_>>();
    let least = near.iter().map(|(edits, _)| *edits).min();
    near.into_iter().filter(|(edits, _)| Some(*edits) == least).collect()
}

fn ranked<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> Vec<(usize, String)> {
    let near = names.filter_map(|name| Some((distance(word, name)?, name)));
    let mut near = near.collect::<Vec<_>>();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(edits, name)| (edits, name.to_owned())).collect()
}

/// Number of insertions, deletions, replacements and swaps of neighbours between two names, upper and lower case being
/// the same; nothing above [`EDITS`], or where more than half of a short name would change.
fn distance(left: &str, right: &str) -> Option<usize> {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if EDITS < left.len().abs_diff(right.len()) {
        return None;
    }
    let same = |one: &u8, other: &u8| one.eq_ignore_ascii_case(other);
    let start = left.iter().zip(right).take_while(|(one, other)| same(one, other)).count();
    let (left, right) = (left.get(start..)?, right.get(start..)?);
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(one, other)| same(one, other)).count();
    let (left, right) = (left.get(..left.len() - end)?, right.get(..right.len() - end)?);
    let whole = start + end + left.len().max(right.len());
    let limit = if whole < 2 * EDITS { 1 } else { EDITS };
    // Every edit takes away one letter at most, and brings one: most names have too many of their own.
    let (own, other) = (letters(left), letters(right));
    if [own & !other, other & !own].into_iter().any(|lost| EDITS < usize::try_from(lost.count_ones()).unwrap_or(0)) {
        return None;
    }
    let (mut above, mut row) = (Vec::new(), (0..=right.len()).collect::<Vec<_>>());
    for (at, one) in left.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(at + 1);
        for (to, other) in right.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (cell(&row, to) + usize::from(!same(one, other))).min(cell(&row, to + 1) + 1).min(cell(&next, to) + 1);
            let is_swap = 0 < at
                && 0 < to
                && left.get(at - 1).is_some_and(|before| same(before, other))
                && right.get(to - 1).is_some_and(|before| same(before, one));
            if is_swap {
                cost = cost.min(cell(&above, to - 1) + 1);
            }
            next.push(cost);
        }
        if next.iter().all(|&cost| limit < cost) {
            return None;
        }
        above = row;
        row = next;
    }
    row.last().copied().filter(|&edits| edits <= limit)
}

/// Which letters there are in a name, as a set of bits; some share one.
fn letters(name: &[u8]) -> u64 {
    name.iter().fold(0, |letters, byte| letters | 1 << (byte.to_ascii_lowercase() & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{self, AllKeys};

    fn action(service: &str, name: &str) -> Meant {
        Nearest::default().action(reference::built_in().service(service).unwrap(), name)
    }

    #[test]
    fn distances_count_edits_and_swaps() {
        assert_eq!(distance("GetObject", "getobject"), Some(0));
        assert_eq!(distance("GteObject", "GetObject"), Some(1));
        assert_eq!(distance("GetObjects", "GetObject"), Some(1));
        assert_eq!(distance("GetXbject", "GetObjet"), Some(2));
        assert_eq!(distance("GetObject", "PutObject"), Some(2));
        assert_eq!(distance("a", "bc"), None);
        assert_eq!(distance("abcdef", "uvwxyz"), None);
    }

    #[test]
    fn actions_and_services() {
        assert_eq!(action("s3", "GetObjct").certain(), Some("GetObject"));
        assert_eq!(action("s3", "Xyzzy"), Meant::default());
        assert_eq!(action("ec2", "Describe").names, ["Describe*"]);
        assert!(action("ec2", "Descrbe*").names.contains(&"Describe*".to_owned()));
        let meant = Nearest::default().service(reference::built_in(), "s4", "GetObject");
        assert_eq!(meant.names.first().map(String::as_str), Some("s3:GetObject"));
    }

    #[test]
    fn keys_keep_their_free_part() {
        let reference = reference::built_in();
        let all = AllKeys::of(reference);
        let key = |name: &str| Nearest::default().key(reference.global_keys(), || all.iter(), name).names;
        assert_eq!(key("aws:SorceIp"), ["aws:SourceIp"]);
        assert_eq!(key("aws:ReqestTag/team"), ["aws:RequestTag/team"]);
        assert_eq!(key("aws:RequestTagteam"), ["aws:RequestTag/eam", "aws:RequestTag/team"]);
        assert_eq!(key("s3:prefx"), ["s3:prefix"]);
    }

    #[test]
    fn keys_without_their_prefix() {
        let reference = reference::built_in();
        let service = reference.service("s3").unwrap();
        let key = |name: &str| Nearest::default().key(reference.global_keys(), || service.keys.iter(), name);
        let first = |name: &str| key(name).names.first().cloned();
        for (name, meant) in [
            ("SourceIp", "aws:SourceIp"),
            ("ResourceTag/team", "aws:ResourceTag/team"),
            ("ExistingObjectTag/team", "s3:ExistingObjectTag/team"),
            ("prefix", "s3:prefix"),
            ("TagKeys", "aws:TagKeys"),
        ] {
            assert_eq!(first(name).as_deref(), Some(meant));
        }
        // What the rest of the name only resembles is not offered beside what it is.
        assert_eq!(key("SourceIp").names, ["aws:SourceIp"]);
        // Which prefix is meant is a guess, so that nothing is edited.
        assert_eq!(key("SourceIp").certain(), None);
    }
}
