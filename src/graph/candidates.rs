//! Values that are worth trying for what is open: at least one of every kind that the tests tell apart, where that can
//! be said.

use std::collections::{BTreeMap, BTreeSet};

use crate::runtime::{Step, Test, TestValue};
use crate::terms::{Cardinality, Comparison, KeySource, PlainOperatorOnList, Qualifier, VariableWildcards};
use crate::value::{Address, ArnParts, Decimal, Instant, Network};

use super::inquiry::{Inquiry, SESSION_KEY, Survey};
use super::source::ANY_SESSION;
use super::spell;

/// A value, or none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    /// The key is absent, or the session has a name that nobody mentions.
    Base,
    /// One value.
    One(String),
    /// A list.
    List(Vec<String>),
}

/// Something open, and what may be tried for it.
#[derive(Debug)]
pub(super) struct Item {
    /// The key in lower case, or [`SESSION_KEY`].
    pub(super) name: String,
    /// What is tried, in order; the first is what holds where nothing is chosen.
    pub(super) choices: Vec<Choice>,
    /// Whether the choices stand for all values.
    pub(super) is_complete: bool,
}

/// Keys that every request has (R-KEY-4, R-KEY-6, R-KEY-10).
const ALWAYS_THERE: [&str; 5] =
    ["aws:currenttime", "aws:requestedregion", "aws:securetransport", "aws:useragent", "sts:rolesessionname"];

/// Most values of a list key of which all subsets are tried.
const SUBSETS_OF: usize = 4;

/// Most values of a list key of which all pairs are tried.
const PAIRS_OF: usize = 32;

/// What tests say of one key.
#[derive(Debug, Default)]
struct Mentions {
    /// Values, in the order in which they come up.
    values: Vec<String>,
    /// What is left of patterns without their stars.
    wild: Vec<String>,
    numbers: Vec<String>,
    instants: Vec<Instant>,
    networks: Vec<Network>,
    comparisons: BTreeSet<(Comparison, bool)>,
    qualified: bool,
    /// Whether something cannot be covered by single values.
    is_vague: bool,
}

impl Mentions {
    fn push(&mut self, value: String) {
        if !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    fn push_all(&mut self, values: impl IntoIterator<Item = String>) {
        for value in values {
            self.push(value);
        }
    }

    fn compares(&self, comparison: Comparison) -> bool {
        self.comparisons.iter().any(|(known, _)| *known == comparison)
    }
}

/// A value of a variable that no policy mentions.
const FRESH: &str = "x";

/// All that is open in uncertain statements, sorted by name.
pub(super) fn of(inquiry: &Inquiry<'_, '_>, survey: &Survey) -> Vec<Item> {
    let mut book =
        Book { inquiry, mentions: BTreeMap::new(), sessions: Vec::new(), is_session_vague: false, pairs: Vec::new() };
    for statement in &survey.uncertain {
        for name in inquiry.session_names(statement.guard) {
            book.add_session(name.to_owned());
        }
        for test in inquiry.tables.tests_of(statement.guard) {
            if let Some(variables) = inquiry.open_keys_of(&test) {
                book.add_test(&test, &variables);
            }
        }
    }
    for &key in &survey.variables {
        book.add_resource_variable(key);
    }
    book.finish()
}

struct Book<'b, 'q, 'a> {
    inquiry: &'b Inquiry<'q, 'a>,
    mentions: BTreeMap<u32, Mentions>,
    sessions: Vec<String>,
    is_session_vague: bool,
    /// Keys that are compared with each other.
    pairs: Vec<(u32, u32)>,
}

impl<'a> Book<'_, '_, 'a> {
    fn add_session(&mut self, name: String) {
        if !self.sessions.contains(&name) {
            self.sessions.push(name);
        }
    }

    fn add_test(&mut self, test: &Test<'a>, variables: &[u32]) {
        let tables = self.inquiry.tables;
        let values: Vec<TestValue<'a>> = tables.values_of(test).collect();
        let is_key_open = self.inquiry.is_open(test.key);
        for &variable in variables {
            let known = if is_key_open { None } else { self.inquiry.value_of(test.key) };
            let mentions = self.mentions.entry(variable).or_default();
            mentions.is_vague = true;
            mentions.push(FRESH.to_owned());
            mentions.push_all(known);
        }
        let mut mentions = self.mentions.remove(&test.key).unwrap_or_default();
        mentions.comparisons.insert((test.comparison, test.negated));
        mentions.qualified |= test.qualifier != Qualifier::Plain;
        for value in values {
            self.add_value(&mut mentions, test, value);
        }
        if is_key_open {
            self.mentions.insert(test.key, mentions);
            self.pairs.extend(variables.iter().map(|&variable| (test.key, variable)));
        }
    }

    fn add_value(&mut self, mentions: &mut Mentions, test: &Test<'a>, value: TestValue<'a>) {
        match value {
            TestValue::Text(value) if test.comparison == Comparison::StringEqualsIgnoreCase => {
                mentions.push(value.to_owned());
                mentions.push(value.to_uppercase());
            }
            TestValue::Text(value) | TestValue::Binary(value) => mentions.push(value.to_owned()),
            TestValue::Bool(_) if test.comparison == Comparison::Null => {}
            TestValue::Bool(value) => mentions.push(value.to_string()),
            TestValue::Number(value) => mentions.numbers.push(value.to_owned()),
            TestValue::Instant(instant) => mentions.instants.push(instant),
            TestValue::Network(network) => mentions.networks.push(network),
            TestValue::Pattern(pattern) => self.add_pattern(mentions, pattern),
            TestValue::Never => {}
        }
    }

    /// Texts that match a pattern: its stars stand for something, then for nothing.
    fn add_pattern(&mut self, mentions: &mut Mentions, pattern: u32) {
        let steps: Vec<Step<'_>> = self.inquiry.tables.steps_of(pattern).collect();
        let has_wild_values = self.inquiry.tables.semantics().variable_wildcards == VariableWildcards::Active;
        for star in [FRESH, ""] {
            let mut text = String::new();
            for step in &steps {
                match *step {
                    Step::Literal(literal) => text.push_str(literal),
                    Step::Star => text.push_str(star),
                    Step::Any => text.push_str(FRESH),
                    Step::Variable(key, default) => text.push_str(&self.variable(key, default)),
                }
                mentions.is_vague |= match *step {
                    Step::Literal(_) => false,
                    Step::Star | Step::Any => true,
                    Step::Variable(key, _) => has_wild_values || self.inquiry.is_open(key),
                };
            }
            if star.is_empty() && steps.contains(&Step::Star) && !mentions.wild.contains(&text) {
                mentions.wild.push(text.clone());
            }
            mentions.push(text);
        }
    }

    /// The text of a variable: of an open one any, of a known one its value or default (R-VAR-7, R-VAR-9).
    fn variable(&self, key: u32, default: Option<&str>) -> String {
        if self.inquiry.is_open(key) {
            return FRESH.to_owned();
        }
        let known = self.inquiry.value_of(key).filter(|value| !value.is_empty());
        known.or_else(|| default.map(str::to_owned)).unwrap_or_default()
    }

    /// Parts of the role's ARN, one of which a variable in a resource may have to be.
    fn add_resource_variable(&mut self, key: u32) {
        let arn = self.inquiry.resource;
        let parts = ArnParts::split(arn);
        let mentions = self.mentions.entry(key).or_default();
        mentions.is_vague = true;
        let resource = parts.map_or(arn, |parts| parts.resource);
        let separators = |character: char| "/-_.@+=,".contains(character);
        for (at, _) in resource.match_indices(separators).chain([(resource.len(), "")]) {
            let start = resource.get(..at).unwrap_or_default();
            for (from, _) in start.match_indices(separators) {
                mentions.push(start.get(from + 1..).unwrap_or_default().to_owned());
            }
        }
        mentions.push(resource.to_owned());
        mentions.push(arn.to_owned());
        mentions.push_all(parts.map(|parts| parts.account.to_owned()));
    }

    fn finish(mut self) -> Vec<Item> {
        self.share_values();
        self.join_times();
        let tables = self.inquiry.tables;
        let has_session = self.inquiry.has_open_session();
        let request_tags: Vec<String> = self
            .mentions
            .keys()
            .filter_map(|&key| tables.key_name(key).strip_prefix("aws:requesttag/").map(str::to_owned))
            .collect();
        let mut items = Vec::new();
        for (key, mut mentions) in std::mem::take(&mut self.mentions) {
            let (cardinality, source) = tables.key_kind(key);
            if source == KeySource::UserId && has_session {
                self.is_session_vague |= mentions.is_vague;
                for value in mentions.values {
                    let name = value.rsplit_once(':').map_or(value.as_str(), |(_, name)| name);
                    self.add_session(name.to_owned());
                }
                continue;
            }
            let name = tables.key_name(key);
            if name == "aws:tagkeys" {
                mentions.push_all(request_tags.iter().cloned());
            }
            let plain_on_list = tables.semantics().plain_operator_on_list == PlainOperatorOnList::Any;
            items.push(item(name, cardinality, &mentions, plain_on_list));
        }
        let mut sessions: Vec<Choice> = vec![Choice::Base];
        sessions.extend(self.sessions.into_iter().filter(|name| is_session_name(name)).map(Choice::One));
        if 1 < sessions.len() || self.is_session_vague {
            items.push(Item { name: SESSION_KEY.to_owned(), choices: sessions, is_complete: !self.is_session_vague });
        }
        items.sort_by(|left, right| left.name.cmp(&right.name));
        items
    }

    /// What is tried for a key is tried for those that it is compared with: twice, so that it gets around.
    fn share_values(&mut self) {
        let pairs = std::mem::take(&mut self.pairs);
        for &(left, right) in pairs.iter().chain(&pairs) {
            for (from, to) in [(left, right), (right, left)] {
                let values = self.mentions.get(&from).map(|mentions| mentions.values.clone()).unwrap_or_default();
                self.mentions.entry(to).or_default().push_all(values);
            }
        }
    }

    /// `aws:EpochTime` is `aws:CurrentTime` in another spelling (R-CON-30): one instant for both.
    fn join_times(&mut self) {
        let tables = self.inquiry.tables;
        let find = |wanted: KeySource| self.mentions.keys().copied().find(|&key| tables.key_kind(key).1 == wanted);
        if let (Some(epoch), Some(current)) = (find(KeySource::EpochTime), find(KeySource::CurrentTime))
            && let Some(of_epoch) = self.mentions.remove(&epoch)
            && let Some(mentions) = self.mentions.get_mut(&current)
        {
            mentions.instants.extend(of_epoch.instants);
            mentions.numbers.extend(of_epoch.numbers);
            mentions.values.extend(of_epoch.values);
            mentions.comparisons.extend(of_epoch.comparisons);
            mentions.is_vague = true;
        }
    }
}

/// Whether a session can have this name and it is not the one that stands for all others (R-ID-11).
fn is_session_name(name: &str) -> bool {
    let is_good = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
    name != ANY_SESSION && !name.is_empty() && name.len() <= 64 && name.chars().all(is_good)
}

#[expect(clippy::fn_params_excessive_bools, reason = "a switch of the semantics")]
fn item(name: &str, cardinality: Cardinality, mentions: &Mentions, plain_on_list: bool) -> Item {
    let (values, mut is_complete) = single_values(mentions);
    let mut choices: Vec<Choice> = Vec::new();
    if !ALWAYS_THERE.contains(&name) && name != "aws:epochtime" {
        choices.push(Choice::Base);
    }
    if cardinality != Cardinality::Multi {
        choices.extend(values.iter().cloned().map(Choice::One));
    }
    if cardinality != Cardinality::Single {
        let useful: Vec<&String> = values.iter().filter(|value| !value.is_empty()).collect();
        is_complete &= useful.len() <= SUBSETS_OF && !plain_on_list;
        if cardinality == Cardinality::Multi || mentions.qualified {
            choices.extend(subsets(&useful));
        } else {
            // A plain operator is false of any list (R-CON-21).
            choices.push(Choice::List(useful.iter().take(2).map(|value| (*value).clone()).collect()));
        }
    }
    Item { name: name.to_owned(), choices, is_complete }
}

/// All subsets but the empty one, the small ones first; of many values those of one, of two of the first [`PAIRS_OF`], and all.
fn subsets(values: &[&String]) -> Vec<Choice> {
    let mut all: Vec<Vec<String>> = Vec::new();
    if values.len() <= SUBSETS_OF {
        for set in 1_usize..1 << values.len() {
            let chosen = values.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
            all.push(chosen.map(|(_, value)| (*value).clone()).collect());
        }
    } else {
        all.extend(values.iter().map(|value| vec![(*value).clone()]));
        for (at, first) in values.iter().take(PAIRS_OF).enumerate() {
            let others = values.iter().take(PAIRS_OF).skip(at + 1);
            all.extend(others.map(|second| vec![(*first).clone(), (*second).clone()]));
        }
        all.push(values.iter().map(|value| (*value).clone()).collect());
    }
    all.sort_by_key(Vec::len);
    all.into_iter().map(Choice::List).collect()
}

/// Single values that the tests tell apart, those that are mentioned first; and whether they stand for all.
fn single_values(mentions: &Mentions) -> (Vec<String>, bool) {
    let mut values = mentions.values.clone();
    values.extend(joined(&mentions.wild));
    let mut is_complete = !mentions.is_vague;
    let (numbers, all_numbers) = numbers(&mentions.numbers);
    is_complete &= all_numbers;
    values.extend(numbers);
    values.extend(instants(&mentions.instants));
    values.extend(addresses(&mentions.networks));
    let is_text = |comparison| mentions.compares(comparison);
    // Which of the many spellings of a text is meant cannot be tried out.
    is_complete &= !is_text(Comparison::StringEqualsIgnoreCase)
        || mentions.comparisons.iter().all(|(known, _)| *known == Comparison::StringEqualsIgnoreCase);
    let is_typed = |comparison: Comparison| {
        use Comparison as C;
        !matches!(comparison, C::StringEquals | C::StringEqualsIgnoreCase | C::StringLike | C::Null)
    };
    // A type has several spellings of one value, which a comparison of texts tells apart.
    let has = |wanted: bool| {
        mentions.comparisons.iter().any(|(known, _)| *known != Comparison::Null && is_typed(*known) == wanted)
    };
    is_complete &= !(has(true) && has(false));
    let is_typed_only = mentions.comparisons.iter().any(|(known, _)| is_typed(*known))
        && mentions.comparisons.iter().all(|(known, _)| is_typed(*known) || *known == Comparison::Null);
    if is_text(Comparison::Bool) {
        values.extend(["true".to_owned(), "false".to_owned()]);
    }
    if is_text(Comparison::ArnLike) {
        values.push(fresh("arn:aws:iam::000000000000:role/x", &values));
    }
    if is_text(Comparison::BinaryEquals) {
        values.push(fresh_bytes(&values));
    }
    if !is_typed_only {
        values.push(fresh(FRESH, &values));
        values.push(String::new());
    }
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    (values, is_complete)
}

/// Every two behind each other: `a*` and `*b` both match `ab`.
fn joined(parts: &[String]) -> Vec<String> {
    let few = parts.get(..parts.len().min(SUBSETS_OF)).unwrap_or_default();
    few.iter().flat_map(|first| few.iter().map(move |second| format!("{first}{second}"))).collect()
}

/// A text that is not among these.
fn fresh(text: &str, values: &[String]) -> String {
    let mut text = text.to_owned();
    while values.iter().any(|value| value.eq_ignore_ascii_case(&text)) {
        text.push('x');
    }
    text
}

/// The base64 text of bytes that are not among these.
fn fresh_bytes(values: &[String]) -> String {
    let candidates = (1..=values.len() + 1).map(|count| "eHh4".repeat(count));
    candidates.into_iter().find(|text| !values.contains(text)).unwrap_or_default()
}

/// Each number, one below all, one above all, and one between every two; and whether that worked.
fn numbers(texts: &[String]) -> (Vec<String>, bool) {
    let mut parsed: Vec<(f64, &String)> = Vec::new();
    let mut is_complete = true;
    for text in texts {
        let short = Decimal::parse(text).is_some() && text.len() <= 12;
        match text.parse::<f64>() {
            Ok(number) if short => parsed.push((number, text)),
            Ok(_) | Err(_) => is_complete = false,
        }
    }
    parsed.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut values: Vec<String> = parsed.iter().map(|(_, text)| (*text).clone()).collect();
    let middles = parsed.windows(2).filter_map(|pair| match pair {
        [(low, _), (high, _)] if low < high => Some(f64::midpoint(*low, *high)),
        _ => None,
    });
    values.extend(middles.map(|number| number.to_string()));
    values.extend(parsed.first().map(|(number, _)| (number - 1.0).to_string()));
    values.extend(parsed.last().map(|(number, _)| (number + 1.0).to_string()));
    (values, is_complete)
}

/// Each instant, and the seconds before and behind it.
fn instants(instants: &[Instant]) -> Vec<String> {
    let around = |instant: &Instant| {
        let (seconds, nanoseconds) = instant.to_parts();
        let near = [(0, nanoseconds), (-1, 0), (1, 0)];
        near.into_iter()
            .filter_map(move |(step, nanoseconds)| Instant::from_parts(seconds.saturating_add(step), nanoseconds))
            .filter(|instant| 0 <= instant.to_parts().0)
            .map(spell::time)
            .collect::<Vec<_>>()
    };
    instants.iter().flat_map(around).collect()
}

/// For each network the first and the last address and those beside it, and one of the other family.
fn addresses(networks: &[Network]) -> Vec<String> {
    let mut found = Vec::new();
    for network in networks {
        let (family, octets, prefix) = network.to_parts();
        let bits = u32::from(family.bit_count());
        let first = u128::from_be_bytes(octets) >> (128 - bits);
        let size = 1_u128.checked_shl(bits - u32::from(prefix)).unwrap_or(0);
        let last = first.wrapping_add(size.wrapping_sub(1));
        let highest = if bits == 128 { u128::MAX } else { (1 << bits) - 1 };
        let beside = [first.checked_sub(1), last.checked_add(1).filter(|address| *address <= highest)];
        for address in [Some(first), Some(last)].into_iter().chain(beside).flatten() {
            found.push(spell::address(family, (address << (128 - bits)).to_be_bytes()));
        }
    }
    if !networks.is_empty() {
        found.extend(["203.0.113.1", "2001:db8::1"].map(str::to_owned));
    }
    found.retain(|text| Address::parse(text).is_some());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_every_kind() {
        let (values, is_complete) = numbers(&["10".to_owned(), "5".to_owned()]);
        assert!(is_complete);
        for wanted in ["5", "10", "7.5", "4", "11"] {
            assert!(values.contains(&wanted.to_owned()), "{wanted} of {values:?}");
        }
    }

    #[test]
    fn addresses_at_the_borders() {
        let network = Network::parse("10.0.0.0/8").unwrap();
        let values = addresses(&[network]);
        for wanted in ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0", "2001:db8::1"] {
            assert!(values.contains(&wanted.to_owned()), "{wanted} of {values:?}");
        }
        let everything = addresses(&[Network::parse("0.0.0.0/0").unwrap()]);
        assert_eq!(everything, ["0.0.0.0", "255.255.255.255", "203.0.113.1", "2001:db8::1"]);
    }

    #[test]
    fn a_fresh_text_is_none_of_those() {
        let known = ["x".to_owned(), "xx".to_owned()];
        assert!(!known.contains(&fresh("x", &known)));
        let known = ["eHh4".to_owned()];
        assert_eq!(fresh_bytes(&known), "eHh4eHh4");
    }

    #[test]
    fn all_subsets_of_few_values() {
        let values = ["a".to_owned(), "b".to_owned()];
        let list = |texts: &[&str]| Choice::List(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(subsets(&values.iter().collect::<Vec<_>>()), [list(&["a"]), list(&["b"]), list(&["a", "b"])]);
    }
}
