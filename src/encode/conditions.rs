//! Guards, condition blocks, principal elements, patterns.

use std::collections::BTreeMap;

use crate::ir::{Entry, Id, PatternId, Search, Tables, Test, TestId, Value};
use crate::layout::{NONE, SLACK_BYTES, Section, Widths, block, hash_text, value_kind};
use crate::terms::Comparison;

use super::bytes::put_count;
use super::nodes::Places;
use super::{Encoder, count, low_word, open_addressing, world};

/// Numbers of guards: 0 is none, the others are those of the program plus one.
pub(super) struct Guards {
    numbers: Vec<u32>,
    largest: u32,
}

impl Guards {
    /// Number of an entry's guard.
    pub(super) fn number(&self, entry: &Entry) -> u32 {
        let number = self.numbers.get(entry.guard.index()).copied();
        number.filter(|_| entry.conditional).unwrap_or(0)
    }

    /// The largest number.
    pub(super) fn largest(&self) -> u32 {
        self.largest
    }
}

/// Values of all tests as the format has them, before it is known how wide they are.
pub(super) struct Values(Vec<Vec<[u32; 2]>>);

/// Numbers the guards.
pub(super) fn number_guards(encoder: &Encoder<'_>) -> Guards {
    let mut largest = 0;
    let mut number = |is_none| {
        if is_none {
            return 0;
        }
        largest += 1;
        largest
    };
    let guards = encoder.program.guards.iter();
    let numbers = guards.map(|guard| number(guard.principals.is_none() && guard.block.is_none())).collect();
    Guards { numbers, largest }
}

/// Writes the patterns that values and scans need, and makes the values; sets the widths of operands and keys.
pub(super) fn prepare(encoder: &mut Encoder<'_>, tables: &Tables) -> Values {
    let program = encoder.program;
    let values = program.tests.iter().map(|test| test.values.iter().map(|&value| encoder.value(value)).collect());
    let values = values.collect::<Vec<Vec<[u32; 2]>>>();
    for scan in tables.bundles.iter().flat_map(|bundle| &bundle.scans) {
        for pattern in scan.actions.patterns() {
            if let crate::ir::ActionPattern::Glob(pattern) = *pattern {
                encoder.pattern(pattern);
            }
        }
    }
    let largest_value = values.iter().flatten().map(|[_, a]| *a).max().unwrap_or(0);
    let mut largest = largest_value;
    tables.nodes.each_with_variables(|trie_node| {
        for &((_, default, _), _) in &trie_node.variables {
            largest = largest.max(encoder.optional_symbol(default));
        }
    });
    encoder.widths.operand = Widths::of(largest);
    encoder.widths.key = Widths::of(count(encoder.keys.len().saturating_sub(1)));
    Values(values)
}

/// Writes blocks, guards and principal elements.
pub(super) fn write(encoder: &mut Encoder<'_>, tables: &Tables, places: &Places, guards: &Guards, values: &Values) {
    let program = encoder.program;
    let tests = program.tests.iter().enumerate();
    let tests = tests.map(|(number, test)| {
        let search = tables.searches.get(&TestId::from_index(number)).copied();
        let values = values.0.get(number).map(Vec::as_slice).unwrap_or_default();
        test_bytes(encoder, places, test, values, search)
    });
    let tests = tests.collect::<Vec<_>>();
    let mut block_at = Vec::new();
    for tests_of_block in program.blocks.iter() {
        block_at.push(count(encoder.blocks.len()));
        put_count(&mut encoder.blocks, tests_of_block.len(), block::MANY);
        for test in tests_of_block {
            encoder.blocks.extend_from_slice(tests.get(test.index()).map(Vec::as_slice).unwrap_or_default());
        }
    }
    encoder.widths.block = Widths::of(block_at.last().map_or(0, |at| at + 1));
    encoder.widths.set = Widths::of(count(program.principal_sets.len()));
    encoder.blocks.extend([0; SLACK_BYTES]);
    let Widths { set, block, .. } = encoder.widths;
    let mut bytes = vec![0; usize::from(set) + usize::from(block)];
    for (number, guard) in program.guards.iter().enumerate() {
        if guards.numbers.get(number) == Some(&0) {
            continue;
        }
        encoder.narrow.put(&mut bytes, guard.principals.map_or(0, |set| set.0 + 1), set);
        let at = guard.block.and_then(|block| block_at.get(block.index()));
        encoder.narrow.put(&mut bytes, at.map_or(0, |at| at + 1), block);
    }
    bytes.extend([0; SLACK_BYTES]);
    encoder.guards = bytes;
    for set in program.principal_sets.iter() {
        let at = encoder.sections.records(Section::PrincipalEntries);
        for entry in set.entries() {
            let (kind, symbol) = world::principal_entry(*entry);
            let symbol = symbol.map_or(0, |symbol| encoder.symbol(symbol));
            encoder.sections.push(Section::PrincipalEntries, &[kind, symbol]);
        }
        let words = [super::negated(set.polarity()), at, count(set.entries().len())];
        encoder.sections.push(Section::PrincipalSets, &words);
    }
}

fn test_bytes(
    encoder: &mut Encoder<'_>,
    places: &Places,
    test: &Test,
    values: &[[u32; 2]],
    search: Option<Search>,
) -> Vec<u8> {
    let mut flags = test.qualifier.code() << block::QUALIFIER_SHIFT;
    for (set, bit) in
        [(test.negated, block::NEGATED), (test.if_exists, block::IF_EXISTS), (search.is_some(), block::SEARCH)]
    {
        if set {
            flags |= bit;
        }
    }
    let mut bytes = vec![test.comparison.code(), flags];
    encoder.narrow.put(&mut bytes, encoder.key(test.key), encoder.widths.key);
    put_count(&mut bytes, values.len(), block::MANY);
    // What is found by a table comes last.
    let is_found = |value: &[u32; 2]| match (search, value) {
        (Some(Search::Texts), [value_kind::TEXT, _]) => true,
        (Some(Search::Trie(_)), [value_kind::PATTERN, pattern]) => !encoder.has_variables(*pattern),
        _ => false,
    };
    let (found, linear): (Vec<[u32; 2]>, Vec<[u32; 2]>) = values.iter().partition(|value| is_found(value));
    if let Some(search) = search {
        let [at, log2] = match search {
            Search::Texts => {
                debug_assert_eq!(test.comparison, Comparison::StringEquals, "only exact texts are hashed");
                encoder.text_table(&found)
            }
            Search::Trie(root) => [places.node(root), NONE],
        };
        bytes.extend([count(linear.len()), at, log2].iter().flat_map(|word| word.to_le_bytes()));
    }
    for [kind, a] in linear.into_iter().chain(found) {
        bytes.push(u8::try_from(kind).unwrap_or(u8::MAX));
        encoder.narrow.put(&mut bytes, a, encoder.widths.operand);
    }
    bytes
}

impl Encoder<'_> {
    /// Number of a pattern in the artifact; writes it when it is first asked for.
    pub(super) fn pattern(&mut self, pattern: PatternId) -> u32 {
        if let Some(&number) = self.patterns.get(&pattern) {
            return number;
        }
        let steps = self.program.patterns.get(pattern).map(crate::ir::Pattern::steps).unwrap_or_default();
        let at = self.sections.records(Section::Steps);
        for step in steps {
            let words = self.step(*step);
            self.sections.push(Section::Steps, &words);
        }
        let number = self.sections.records(Section::Patterns);
        self.sections.push(Section::Patterns, &[at, count(steps.len())]);
        self.patterns.insert(pattern, number);
        if steps.iter().any(|step| matches!(step, crate::ir::Step::Variable { .. })) {
            self.variable_patterns.insert(number);
        }
        number
    }

    fn has_variables(&self, number: u32) -> bool {
        self.variable_patterns.contains(&number)
    }

    fn value(&mut self, value: Value) -> [u32; 2] {
        match value {
            Value::Text(text) => [value_kind::TEXT, self.symbol(text)],
            Value::Pattern(pattern) => [value_kind::PATTERN, self.pattern(pattern)],
            Value::Number(text) => [value_kind::NUMBER, self.symbol(text)],
            Value::Instant(seconds, nanoseconds) => {
                let bits = u64::from_le_bytes(seconds.to_le_bytes());
                let [at, _] = self.list(&[low_word(bits), low_word(bits >> 32), nanoseconds]);
                [value_kind::INSTANT, at]
            }
            Value::Bool(value) => [value_kind::BOOL, u32::from(value)],
            Value::Binary(text) => [value_kind::BINARY, self.symbol(text)],
            Value::Network { address, prefix, v4 } => {
                let (words, _) = address.as_chunks::<4>();
                let mut list = words.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>();
                list.push(u32::from(prefix) | u32::from(v4) << 8);
                let [at, _] = self.list(&list);
                [value_kind::NETWORK, at]
            }
            Value::Unparsable => [value_kind::UNPARSABLE, 0],
            Value::Null => [value_kind::NULL, 0],
        }
    }

    /// A hash table of texts in `lists`: its position and the logarithm of its size.
    fn text_table(&mut self, values: &[[u32; 2]]) -> [u32; 2] {
        let program = self.program;
        let hashes = values.iter().map(|[_, symbol]| {
            let text = self.texts.symbol(*symbol).map_or("", |symbol| program.texts.text(symbol));
            (*symbol, hash_text(text.as_bytes()))
        });
        let hashes = hashes.collect::<BTreeMap<_, _>>();
        let hash = |symbol: u32| hashes.get(&symbol).copied().unwrap_or(0);
        let entries = values.iter().map(|[_, symbol]| *symbol).collect::<Vec<_>>();
        let (words, log2) = open_addressing(&entries, |symbol| symbol + 1, hash);
        let [at, _] = self.list(&words);
        [at, log2]
    }
}
