//! Program and tables to bytes.
//!
//! Comes in: a [`Program`], its [`Tables`], provenance bytes. Goes out: the artifact of `layout`. The same input gives
//! the same bytes: everything is written in the order of numbers or of sorted names. Fails only where a number does
//! not fit a word.

mod actions;
mod bundles;
mod bytes;
mod conditions;
mod nodes;
mod section;
mod starts;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use crate::ir::{Crossing, Id, KeyId, PatternId, Polarity, PolicyKind, Program, Step, Symbol, Tables};
use crate::layout::{KEY_IS_TAG, NONE, Section, TAG_SHIFT, Widths, meta, policy_kind, step_kind};

use crate::threads::beside;
use crate::value::is_tag_key;
use bytes::Narrow;
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
    let bytes = program.statements.len().saturating_mul(STATEMENT_BYTES);
    let sorted = || actions::Sorted::new(&program, &tables);
    let (sorted, (guards, values, places)) = beside(bytes, sorted, || {
        let guards = conditions::number_guards(&encoder);
        let values = conditions::prepare(&mut encoder, &tables);
        let places = nodes::write(&mut encoder, &tables, &guards);
        (guards, values, places)
    });
    let actions = actions::write(&mut encoder, &sorted);
    bundles::write(&mut encoder, &tables, &places, &actions);
    conditions::write(&mut encoder, &tables, &places, &guards, &values);
    // What is written goes at once: a large world should not be there three times.
    drop(tables);
    encoder.write_policies();
    world::write(&mut encoder);
    let (sections, raw) = encoder.finish()?;
    let semantics = program.semantics.to_bits();
    drop(program);
    sections.finish(semantics, raw, provenance)
}

/// About how many bytes of action names a statement has.
const STATEMENT_BYTES: usize = 64;

/// The sections as they grow, and the numbers under which the format knows the program's things.
struct Encoder<'p> {
    program: &'p Program,
    sections: Sections,
    texts: TextWriter<'p>,
    /// Texts that no decision compares.
    names: TextWriter<'p>,
    /// Bytes of literal edges.
    runs: Vec<u8>,
    /// Where in `runs` the text of each edge stands that needs one.
    run_at: Vec<u32>,
    /// Names of action nodes and of services.
    action_text: Vec<u8>,
    actions: Vec<u8>,
    action_count: u32,
    action_seeds: Vec<u8>,
    action_hash: Vec<u8>,
    slots: Vec<u8>,
    nodes: Vec<u8>,
    rows_end: u32,
    guards: Vec<u8>,
    blocks: Vec<u8>,
    /// Numbers of the patterns that are written.
    patterns: HashMap<PatternId, u32>,
    /// Those of them that have variables.
    variable_patterns: BTreeSet<u32>,
    widths: Widths,
    narrow: Narrow,
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
            texts: TextWriter::new(&program.texts),
            names: TextWriter::new(&program.texts),
            runs: Vec::new(),
            run_at: Vec::new(),
            action_text: Vec::new(),
            actions: Vec::new(),
            action_count: 0,
            action_seeds: Vec::new(),
            action_hash: Vec::new(),
            slots: Vec::new(),
            nodes: Vec::new(),
            rows_end: 0,
            guards: Vec::new(),
            blocks: Vec::new(),
            patterns: HashMap::new(),
            variable_patterns: BTreeSet::new(),
            widths: Widths::default(),
            narrow: Narrow::default(),
            refused: None,
            keys,
            meta: [0; meta::WORDS],
        };
        for (_, key) in names {
            let name = encoder.symbol(key.name);
            let mut kind = u32::from(key.cardinality.code()) | u32::from(key.source.code()) << 8;
            if is_tag_key(program.texts.text(key.name)) {
                kind |= KEY_IS_TAG;
            }
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

    /// Number of a name in the artifact.
    fn name(&mut self, symbol: Symbol) -> u32 {
        self.names.number(symbol)
    }

    fn optional_name(&mut self, symbol: Option<Symbol>) -> u32 {
        symbol.map_or(0, |symbol| self.name(symbol) + 1)
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

    fn step(&mut self, step: Step) -> [u32; 3] {
        use crate::ir::Case;
        match step {
            Step::Literal(text, Case::Exact) => [step_kind::LITERAL, self.symbol(text), 0],
            Step::Literal(text, Case::Folded) => [step_kind::FOLDED, self.symbol(text), 0],
            Step::Star(Crossing::WithinComponent) => [step_kind::STAR_WITHIN, 0, 0],
            Step::Star(Crossing::Free) => [step_kind::STAR_FREE, 0, 0],
            Step::Any(Crossing::WithinComponent) => [step_kind::ANY_WITHIN, 0, 0],
            Step::Any(Crossing::Free) => [step_kind::ANY_FREE, 0, 0],
            Step::Variable { key, default, crossing } => {
                [crossing_code(crossing), self.key(key), self.optional_symbol(default)]
            }
        }
    }

    fn write_policies(&mut self) {
        let program = self.program;
        for statement in &program.statements {
            let sid = self.optional_name(statement.sid);
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
                self.name(policy.name),
                self.optional_name(policy.arn),
                self.optional_name(policy.account),
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
        if self.narrow.has_lost() {
            return Err(TooLarge { what: "a number of a condition" });
        }
        let [places, operands, blocks, roots] = self.widths.to_words();
        if let Some(words) = self.meta.get_mut(meta::WIDTHS..=meta::ROWS_END) {
            words.copy_from_slice(&[places, operands, blocks, roots, self.rows_end]);
        }
        let meta = self.meta;
        self.sections.push(Section::Meta, &meta);
        let (text, symbols) = self.texts.finish();
        self.sections.push(Section::Symbols, &symbols);
        let (name_text, name_symbols) = self.names.finish();
        self.sections.push(Section::NameSymbols, &name_symbols);
        let raw = [
            (Section::Text, text),
            (Section::Runs, self.runs),
            (Section::ActionText, self.action_text),
            (Section::Actions, self.actions),
            (Section::ActionSeeds, self.action_seeds),
            (Section::ActionHash, self.action_hash),
            (Section::Slots, self.slots),
            (Section::Nodes, self.nodes),
            (Section::Guards, self.guards),
            (Section::Blocks, self.blocks),
            (Section::NameText, name_text),
        ];
        Ok((self.sections, raw.into()))
    }
}

/// What a variable may stand for, as the format has it.
fn crossing_code(crossing: Crossing) -> u32 {
    match crossing {
        Crossing::WithinComponent => step_kind::VARIABLE_WITHIN,
        Crossing::Free => step_kind::VARIABLE_FREE,
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

/// Puts numbers into an open-addressing table of at most two thirds load, by their hashes; returns places and their
/// logarithm.
fn open_addressing(numbers: &[u32], word: impl Fn(u32) -> u32, hash: impl Fn(u32) -> u32) -> (Vec<u32>, u32) {
    let mut log2 = 0;
    while (1usize << log2) * 2 < numbers.len() * 3 {
        log2 += 1;
    }
    let mut words = vec![0; 1usize << log2];
    let places = words.len();
    for &number in numbers {
        let mut at = usize::try_from(hash(number)).unwrap_or(0) % places;
        while let Some(place) = words.get_mut(at) {
            if *place == 0 {
                *place = word(number);
                break;
            }
            at = (at + 1) % places;
        }
    }
    (words, log2)
}

/// A word of a hash table: number plus one, and the highest bits of its hash.
fn tagged(number: u32, hash: u32) -> u32 {
    (number + 1) | (hash >> TAG_SHIFT << TAG_SHIFT)
}
