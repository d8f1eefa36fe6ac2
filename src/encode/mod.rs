//! Program and tables to bytes.
//!
//! Comes in: a [`Program`], its [`Tables`], provenance bytes. Goes out: the artifact of `layout`. The same input gives
//! the same bytes: everything is written in the order of numbers or of sorted names. Fails only where a number does
//! not fit a word.

mod actions;
mod section;
mod tries;
mod world;

use std::collections::BTreeMap;

use crate::ir::{Id, KeyId, Polarity, PolicyKind, Program, Step, Symbol, Tables, Value};
use crate::layout::{NONE, Section, meta, policy_kind, step_kind, value_kind};

use section::{Raw, Sections, TextWriter};

/// Why a program cannot be written: something is larger than the format's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge {
    /// What is too large.
    pub(crate) what: &'static str,
}

/// Writes the artifact.
///
/// # Errors
///
/// Fails if a section would pass 4 GiB or a record count 32 bits.
pub(crate) fn encode(program: Program, tables: Tables, provenance: &[u8]) -> Result<Vec<u8>, TooLarge> {
    let mut encoder = Encoder::new(&program);
    let actions = actions::write(&mut encoder, &tables);
    tries::write(&mut encoder, &tables, &actions);
    // What is written goes at once: a large world should not be there three times.
    drop(tables);
    encoder.write_conditions();
    encoder.write_policies();
    world::write(&mut encoder);
    let (sections, raw) = encoder.finish()?;
    let semantics = program.semantics.to_bits();
    drop(program);
    sections.finish(semantics, raw, provenance)
}

/// The sections as they grow, and the numbers under which the format knows the program's things.
struct Encoder<'p> {
    program: &'p Program,
    sections: Sections,
    texts: TextWriter,
    /// Bytes of literal edges.
    runs: Vec<u8>,
    refused: Option<TooLarge>,
    /// Numbers of keys by name order.
    keys: BTreeMap<KeyId, u32>,
    meta: [u32; meta::WORDS],
}

impl<'p> Encoder<'p> {
    fn new(program: &'p Program) -> Self {
        let mut names = program.keys.iter().enumerate().collect::<Vec<_>>();
        names.sort_unstable_by_key(|(_, key)| program.texts.text(key.name));
        let keys = (0..).zip(&names).map(|(number, (index, _))| (KeyId::from_index(*index), number)).collect();
        let mut encoder = Self {
            program,
            sections: Sections::default(),
            texts: TextWriter::default(),
            runs: Vec::new(),
            refused: None,
            keys,
            meta: [0; meta::WORDS],
        };
        for (_, key) in names {
            let name = encoder.symbol(key.name);
            let kind = u32::from(key.cardinality.code()) | u32::from(key.source.code()) << 8;
            encoder.sections.push(Section::Keys, &[name, kind]);
        }
        encoder
    }

    /// Number of a text in the artifact.
    fn symbol(&mut self, symbol: Symbol) -> u32 {
        self.texts.number(symbol)
    }

    fn optional_symbol(&mut self, symbol: Option<Symbol>) -> u32 {
        symbol.map_or(0, |symbol| self.symbol(symbol) + 1)
    }

    /// Notes that something does not fit; [`Encoder::finish`] then fails.
    fn refuse(&mut self, what: &'static str) {
        self.refused = Some(TooLarge { what });
    }

    fn key(&self, key: KeyId) -> u32 {
        self.keys.get(&key).copied().unwrap_or(NONE)
    }

    fn list(&mut self, words: &[u32]) -> [u32; 2] {
        let at = self.sections.words(Section::Lists);
        self.sections.push(Section::Lists, words);
        [at, count(words.len())]
    }

    fn write_conditions(&mut self) {
        let program = self.program;
        for pattern in program.patterns.iter() {
            let at = self.sections.records(Section::Steps);
            for step in pattern.steps() {
                let words = self.step(*step);
                self.sections.push(Section::Steps, &words);
            }
            self.sections.push(Section::Patterns, &[at, count(pattern.steps().len())]);
        }
        for test in program.tests.iter() {
            let at = self.sections.records(Section::Values);
            for value in &test.values {
                let words = self.value(*value);
                self.sections.push(Section::Values, &words);
            }
            let operator = u32::from(test.comparison.code())
                | u32::from(test.negated) << 8
                | u32::from(test.qualifier.code()) << 16
                | u32::from(test.if_exists) << 24;
            let key = self.key(test.key);
            self.sections.push(Section::Tests, &[operator, key, at, count(test.values.len())]);
        }
        let mut block_at = Vec::new();
        for block in program.blocks.iter() {
            block_at.push(self.sections.words(Section::Blocks));
            self.sections.push(Section::Blocks, &[count(block.len())]);
            let tests = block.iter().map(|test| test.0).collect::<Vec<_>>();
            self.sections.push(Section::Blocks, &tests);
        }
        for guard in program.guards.iter() {
            let block = guard.block.and_then(|block| block_at.get(block.index()));
            let words = [guard.principals.map_or(0, |set| set.0 + 1), block.map_or(0, |at| at + 1)];
            self.sections.push(Section::Guards, &words);
        }
        for set in program.principal_sets.iter() {
            let at = self.sections.records(Section::PrincipalEntries);
            for entry in set.entries() {
                let (kind, symbol) = world::principal_entry(*entry);
                let symbol = symbol.map_or(0, |symbol| self.symbol(symbol));
                self.sections.push(Section::PrincipalEntries, &[kind, symbol]);
            }
            let words = [negated(set.polarity()), at, count(set.entries().len())];
            self.sections.push(Section::PrincipalSets, &words);
        }
    }

    fn step(&mut self, step: Step) -> [u32; 3] {
        use crate::ir::{Case, Crossing};
        match step {
            Step::Literal(text, Case::Exact) => [step_kind::LITERAL, self.symbol(text), 0],
            Step::Literal(text, Case::Folded) => [step_kind::FOLDED, self.symbol(text), 0],
            Step::Star(Crossing::WithinComponent) => [step_kind::STAR_WITHIN, 0, 0],
            Step::Star(Crossing::Free) => [step_kind::STAR_FREE, 0, 0],
            Step::Any(Crossing::WithinComponent) => [step_kind::ANY_WITHIN, 0, 0],
            Step::Any(Crossing::Free) => [step_kind::ANY_FREE, 0, 0],
            Step::Variable { key, default, crossing } => {
                let kind = match crossing {
                    Crossing::WithinComponent => step_kind::VARIABLE_WITHIN,
                    Crossing::Free => step_kind::VARIABLE_FREE,
                };
                [kind, self.key(key), self.optional_symbol(default)]
            }
        }
    }

    fn value(&mut self, value: Value) -> [u32; 3] {
        match value {
            Value::Text(text) => [value_kind::TEXT, self.symbol(text), 0],
            Value::Pattern(pattern) => [value_kind::PATTERN, pattern.0, 0],
            Value::Number(text) => [value_kind::NUMBER, self.symbol(text), 0],
            Value::Instant(seconds, nanoseconds) => {
                let bits = u64::from_le_bytes(seconds.to_le_bytes());
                let [at, _] = self.list(&[low_word(bits), low_word(bits >> 32), nanoseconds]);
                [value_kind::INSTANT, at, 0]
            }
            Value::Bool(value) => [value_kind::BOOL, u32::from(value), 0],
            Value::Binary(text) => [value_kind::BINARY, self.symbol(text), 0],
            Value::Network { address, prefix, v4 } => {
                let (words, _) = address.as_chunks::<4>();
                let mut list = words.iter().map(|word| u32::from_le_bytes(*word)).collect::<Vec<_>>();
                list.push(u32::from(prefix) | u32::from(v4) << 8);
                let [at, _] = self.list(&list);
                [value_kind::NETWORK, at, 0]
            }
            Value::Unparsable => [value_kind::UNPARSABLE, 0, 0],
            Value::Null => [value_kind::NULL, 0, 0],
        }
    }

    fn write_policies(&mut self) {
        let program = self.program;
        for statement in &program.statements {
            let sid = self.optional_symbol(statement.sid);
            self.sections.push(Section::Statements, &[statement.policy.0, statement.index, sid]);
        }
        let mut names = Vec::new();
        for (number, policy) in (0..).zip(&program.policies) {
            let kind = match policy.kind {
                PolicyKind::Attached => policy_kind::ATTACHED,
                PolicyKind::NamedIdentity => policy_kind::NAMED_IDENTITY,
                PolicyKind::NamedSession => policy_kind::NAMED_SESSION,
                PolicyKind::NamedOther => policy_kind::NAMED_OTHER,
            };
            let words = [
                self.symbol(policy.name),
                self.optional_symbol(policy.arn),
                self.optional_symbol(policy.account),
                kind,
                policy.bundle.map_or(0, |bundle| bundle.0 + 1),
            ];
            self.sections.push(Section::Policies, &words);
            // An account's own policy is addressed by ARN or `ACCOUNT:NAME` only: another account may use its name.
            if policy.kind != PolicyKind::Attached && policy.account.is_none() {
                names.push((program.texts.text(policy.name), number));
            }
        }
        names.sort_unstable();
        let names = names.into_iter().map(|(_, number)| number).collect::<Vec<u32>>();
        self.sections.push(Section::Names, &names);
    }

    fn finish(mut self) -> Result<(Sections, Raw), TooLarge> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let meta = self.meta;
        self.sections.push(Section::Meta, &meta);
        let (text, symbols) = self.texts.finish(&self.program.texts);
        self.sections.push(Section::Symbols, &symbols);
        Ok((self.sections, Raw { text, runs: self.runs }))
    }
}

/// Polarity as the format has it.
fn negated(polarity: Polarity) -> u32 {
    match polarity {
        Polarity::Positive => 0,
        Polarity::Negated => 1,
    }
}

fn low_word(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// A count as a word; what does not fit is caught when the sections are put together.
fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Puts numbers into an open-addressing table of at most two thirds load; returns places and their logarithm.
fn open_addressing(entries: &[(u32, u32)], width: usize, place: impl Fn(u32, u32) -> u32) -> (Vec<u32>, u32) {
    let mut log2 = 0;
    while (1usize << log2) * 2 < entries.len() * 3 {
        log2 += 1;
    }
    let places = 1usize << log2;
    let mut words = vec![0; places * width];
    for &(key, value) in entries {
        let mut at = usize::try_from(place(key, log2)).unwrap_or(0);
        while let Some(slot) = words.get_mut(at * width..(at + 1) * width) {
            if let [first, rest @ ..] = slot
                && *first == 0
            {
                *first = key + 1;
                if let [second, ..] = rest {
                    *second = value;
                }
                break;
            }
            at = (at + 1) % places;
        }
    }
    (words, log2)
}
