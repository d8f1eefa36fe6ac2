//! The service reference: which services, actions, resource types and condition keys exist as of a date.
//!
//! Comes in: nothing; the text `data/service-reference.txt` is part of the program (`data/README.md`). Goes out: one
//! entry at a time. Nothing is parsed before somebody asks for it: entries are lines, sorted by their names in lower
//! case, and are found by binary search in the text itself, so that having the reference costs no time at start.
//!
//! The text, `·` for a tab:
//!
//! ```text
//! text     := "iamc service reference 1" · date · source · bytes of all index lines LF  index*  block*
//! index    := prefix · first byte of the block, counted from the first block LF
//! block    := prefix · title · ["rcp"] LF  action* LF  resource* LF  key* LF
//! action   := name · level [· resource numbers [· key numbers]] LF     level: L R W T P, or ? for an addition
//! resource := name · ARN form [· key numbers] LF                       "~" stands for arn:P:prefix:REGION:ACCOUNT:
//! key      := name · type LF                                           "${…}" in a name is a free part
//! ```
//!
//! Numbers count the lines of the same block from 0, separated by commas; `*` behind one marks a type of which the
//! action needs one. The block of the empty prefix holds the global keys. This room judges nothing.

mod lines;

use hashbrown::{HashMap, HashSet};

pub(crate) use lines::Lines;

/// The text as `examples/service_reference` writes it.
const TEXT: &str = include_str!("../../data/service-reference.txt");

/// What such a text begins with.
const MAGIC: &str = "iamc service reference 1";

/// A reference, borrowed from its text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference<'t> {
    date: &'t str,
    index: Lines<'t>,
    blocks: &'t str,
}

/// Returns the reference that the program carries.
pub(crate) fn built_in() -> Reference<'static> {
    // A test reads every entry of the text; an empty reference would only know nothing.
    Reference::new(TEXT).unwrap_or(Reference { date: "", index: Lines::new(""), blocks: "" })
}

impl<'t> Reference<'t> {
    /// Borrows a text; nothing if it does not begin as one.
    fn new(text: &'t str) -> Option<Self> {
        let (header, rest) = text.split_once('\n')?;
        let mut fields = header.split('\t');
        let (magic, date, _, bytes) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let (index, blocks) = rest.split_at_checked(bytes.parse().ok()?)?;
        (magic == MAGIC).then_some(Self { date, index: Lines::new(index), blocks })
    }

    /// The day of the reference, `2026-09-26`.
    pub(crate) fn date(self) -> &'t str {
        self.date
    }

    /// Returns the service with that prefix, in whatever case.
    pub(crate) fn service(self, prefix: &str) -> Option<Service<'t>> {
        if prefix.is_empty() { None } else { self.block(self.index.find(prefix)?) }
    }

    /// All services, sorted by prefix.
    pub(crate) fn services(self) -> impl Iterator<Item = Service<'t>> {
        self.index.iter().filter(|line| !line.starts_with('\t')).filter_map(move |line| self.block(line))
    }

    /// Prefixes of all services, sorted.
    pub(crate) fn prefixes(self) -> impl Iterator<Item = &'t str> {
        self.index.iter().map(lines::name).filter(|prefix| !prefix.is_empty())
    }

    /// The global condition keys.
    pub(crate) fn global_keys(self) -> Keys<'t> {
        let block = self.index.find("").and_then(|line| self.block(line));
        block.map_or(Keys(Lines::new("")), |block| block.keys)
    }

    /// Returns the action that is meant by a text whose colon is missing, stands at another place, is another character,
    /// or comes twice; as AWS writes it. The name may end with `*`.
    ///
    /// Costs two searches for each character of the text.
    pub(crate) fn with_one_colon(self, text: &str) -> Option<String> {
        let letters = text.replace(':', "");
        let splits = letters.char_indices().flat_map(|(at, character)| {
            let (prefix, name) = letters.split_at(at);
            let behind = name.get(character.len_utf8()..).unwrap_or("");
            [(prefix, name), (prefix, behind)]
        });
        let mut known = splits.filter_map(|(prefix, name)| {
            let service = self.service(prefix)?;
            Some(format!("{}:{}", service.prefix, service.spelling(name)?))
        });
        known.next()
    }

    fn block(self, index: &'t str) -> Option<Service<'t>> {
        let start = lines::field(index, 1).parse::<usize>().ok()?;
        let (header, rest) = self.blocks.get(start..)?.split_once('\n')?;
        let (actions, rest) = section(rest)?;
        let (resources, rest) = section(rest)?;
        let (keys, _) = section(rest)?;
        Some(Service {
            prefix: lines::name(header),
            title: lines::field(header, 1),
            supports_rcp: lines::field(header, 2) == "rcp",
            actions: Lines::new(actions),
            resources: Lines::new(resources),
            keys: Keys(Lines::new(keys)),
        })
    }
}

/// The lines before the first empty one, and what follows it.
fn section(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('\n') {
        return Some(("", rest));
    }
    let end = text.find("\n\n")?;
    Some((text.get(..=end)?, text.get(end + 2..)?))
}

/// One service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service<'t> {
    /// What stands in front of the colon of its actions, in lower case.
    pub(crate) prefix: &'t str,
    /// Its name for people.
    pub(crate) title: &'t str,
    /// Whether resource control policies have an effect on its resources (R-EVAL-13).
    pub(crate) supports_rcp: bool,
    actions: Lines<'t>,
    resources: Lines<'t>,
    /// Condition keys with this prefix, and global ones that the service documents.
    pub(crate) keys: Keys<'t>,
}

impl<'t> Service<'t> {
    /// Whether its actions are listed at all; those of retired services are not.
    pub(crate) fn has_actions(self) -> bool {
        self.actions.iter().next().is_some()
    }

    /// Returns the action with that name, in whatever case and without the prefix.
    pub(crate) fn action(self, name: &str) -> Option<Action<'t>> {
        Some(Action { service: self, line: self.actions.find(name)? })
    }

    /// Returns the name of an action, in whatever case and without the prefix, as AWS writes it; of one that ends with `*`
    /// the beginning, if some action begins so.
    pub(crate) fn spelling(self, name: &str) -> Option<String> {
        match name.strip_suffix('*') {
            Some(start) => self.actions(start).next()?.name().get(..start.len()).map(|start| format!("{start}*")),
            None => self.action(name).map(|action| action.name().to_owned()),
        }
    }

    /// The actions whose names begin with that text, in whatever case; sorted.
    pub(crate) fn actions(self, start: &str) -> impl Iterator<Item = Action<'t>> {
        self.actions.starting_with(start).map(move |line| Action { service: self, line })
    }

    /// All resource types, sorted by name.
    pub(crate) fn resources(self) -> impl Iterator<Item = Resource<'t>> {
        self.resources.iter().map(move |line| Resource { service: self, line })
    }
}

/// One action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action<'t> {
    service: Service<'t>,
    line: &'t str,
}

/// What an action does, as AWS classifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Lists resources.
    List,
    /// Reads them.
    Read,
    /// Creates, changes or deletes them.
    Write,
    /// Changes tags only.
    Tagging,
    /// Changes who may do what.
    Permissions,
    /// Not known.
    Unknown,
}

impl<'t> Action<'t> {
    /// Its name without the prefix, as AWS writes it.
    pub(crate) fn name(self) -> &'t str {
        lines::name(self.line)
    }

    /// What it does.
    pub(crate) fn level(self) -> Level {
        match lines::field(self.line, 1) {
            "L" => Level::List,
            "R" => Level::Read,
            "W" => Level::Write,
            "T" => Level::Tagging,
            "P" => Level::Permissions,
            _ => Level::Unknown,
        }
    }

    /// Types of the resources it is about, each with whether one of the type is needed; none for an action that is
    /// about no resource.
    pub(crate) fn resources(self) -> impl Iterator<Item = (Resource<'t>, bool)> {
        let service = self.service;
        lines::field(self.line, 2).split(',').filter_map(move |entry| {
            let number = entry.trim_end_matches('*');
            let line = service.resources.get(number.parse().ok()?)?;
            Some((Resource { service, line }, number.len() < entry.len()))
        })
    }

    /// Whether its requests carry the key with that number among those of the service ([`Keys::number`]), by themselves
    /// or because of the resources that they are about.
    pub(crate) fn carries(self, key: usize) -> bool {
        has_number(lines::field(self.line, 3), key)
            || self.resources().any(|(resource, _)| has_number(lines::field(resource.line, 2), key))
    }
}

/// One resource type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'t> {
    service: Service<'t>,
    line: &'t str,
}

impl<'t> Resource<'t> {
    /// Its name, such as `bucket`.
    pub(crate) fn name(self) -> &'t str {
        lines::name(self.line)
    }

    /// Its service.
    pub(crate) fn service(self) -> Service<'t> {
        self.service
    }

    /// The form of its ARNs, such as `arn:${Partition}:s3:::${BucketName}`.
    pub(crate) fn arn(self) -> String {
        let written = lines::field(self.line, 1);
        match written.strip_prefix('~') {
            Some(rest) => format!("arn:${{Partition}}:{}:${{Region}}:${{Account}}:{rest}", self.service.prefix),
            None => written.to_owned(),
        }
    }
}

/// Whether a number is in a list of them.
fn has_number(numbers: &str, wanted: usize) -> bool {
    numbers.split(',').any(|number| number.parse() == Ok(wanted))
}

/// Condition keys, sorted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'t>(Lines<'t>);

impl<'t> Keys<'t> {
    /// Returns the key of that name, in whatever case; a name with a free part is found by any text in its place.
    pub(crate) fn find(self, name: &str) -> Option<Key<'t>> {
        let exact = self.0.find(name).map(Key);
        exact.or_else(|| self.iter().filter(|key| key.free_part().is_some()).find(|key| key.is_named(name)))
    }

    /// Returns the place of the key of that name in the list, from 0.
    pub(crate) fn number(self, name: &str) -> Option<usize> {
        let found = self.find(name)?;
        self.iter().position(|key| key == found)
    }

    /// All of them.
    pub(crate) fn iter(self) -> impl Iterator<Item = Key<'t>> {
        self.0.iter().map(Key)
    }
}

/// The condition keys of all services, each once, for whoever asks about many names: no lookup walks over them.
#[derive(Debug)]
pub(crate) struct AllKeys<'t> {
    keys: Vec<Key<'t>>,
    /// Names without a free part, in lower case as all that follows.
    whole: HashSet<String>,
    /// What stands behind the free part, by what stands before it.
    families: HashMap<String, Vec<String>>,
    /// How long the texts before free parts are, each length once.
    lengths: Vec<usize>,
}

impl<'t> AllKeys<'t> {
    pub(crate) fn of(reference: Reference<'t>) -> Self {
        let mut keys = reference.services().flat_map(|service| service.keys.iter()).collect::<Vec<_>>();
        keys.sort_unstable_by_key(|key| key.name());
        keys.dedup_by_key(|key| key.name());
        let (mut whole, mut families) = (HashSet::new(), HashMap::<_, Vec<_>>::new());
        for key in &keys {
            match key.free_part() {
                Some((before, after)) => {
                    families.entry(before.to_ascii_lowercase()).or_default().push(after.to_ascii_lowercase());
                }
                None => _ = whole.insert(key.name().to_ascii_lowercase()),
            }
        }
        let mut lengths = families.keys().map(String::len).collect::<Vec<_>>();
        lengths.sort_unstable();
        lengths.dedup();
        Self { keys, whole, families, lengths }
    }

    /// Whether some service has a key of that name, in whatever case: what [`Keys::find`] finds.
    pub(crate) fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let is_family = |&length: &usize| {
            let Some((before, rest)) = name.split_at_checked(length) else { return false };
            let fits = |after: &String| after.len() < rest.len() && rest.ends_with(after.as_str());
            self.families.get(before).is_some_and(|afters| afters.iter().any(fits))
        };
        self.whole.contains(&name) || self.lengths.iter().any(is_family)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Key<'t>> {
        self.keys.iter().copied()
    }
}

/// One condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key<'t>(&'t str);

impl<'t> Key<'t> {
    /// Its name, such as `aws:RequestTag/${TagKey}`.
    pub(crate) fn name(self) -> &'t str {
        lines::name(self.0)
    }

    /// Type of its values, such as `String` or `ArrayOfARN`.
    pub(crate) fn kind(self) -> &'t str {
        lines::field(self.0, 1)
    }

    /// What stands before and behind the free part of the name, if it has one.
    pub(crate) fn free_part(self) -> Option<(&'t str, &'t str)> {
        let (before, rest) = self.name().split_once("${")?;
        Some((before, rest.rsplit_once('}')?.1))
    }

    /// Whether that text, in whatever case, is the key's name.
    pub(crate) fn is_named(self, name: &str) -> bool {
        let Some((before, after)) = self.free_part() else { return self.name().eq_ignore_ascii_case(name) };
        let starts = name.get(..before.len()).is_some_and(|start| start.eq_ignore_ascii_case(before));
        let middle = name.len().checked_sub(after.len()).filter(|&end| before.len() < end);
        starts && middle.and_then(|end| name.get(end..)).is_some_and(|end| end.eq_ignore_ascii_case(after))
    }
}

#[cfg(test)]
mod tests;
