//! The order of patterns against all short texts; passes over what they made.
#![expect(clippy::default_trait_access, reason = "the types are of rooms that this one does not import")]

use super::cover::{Cover, Orders};
use super::inclusion::{Comparison, Shape, Token, tokens};
use super::order::{BundleSet, Order};
use super::uses;
use super::{Made, Removed, entries, reduce, tables_of};
use crate::ir::{
    ActionPattern, ActionSet, Case, Crossing, Effect, Guard, Id, Key, KeyId, Pattern, PatternBuilder, PatternId,
    Polarity, Policy, PolicyId, PolicyKind, Program, ResourceSet, Statement, StatementId, Step, Tables, TrieId,
};
use crate::terms::{Cardinality, KeySource, NullVariableInNotResource, QuestionMark};

/// Numbers at random: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// What the patterns of a test are made of.
#[derive(Clone, Copy)]
enum Pieces {
    Plain,
    Folding,
    Variables,
}

fn key(program: &mut Program, name: &str) -> KeyId {
    let name = program.texts.intern(name);
    program.key(Key { name, cardinality: Cardinality::Single, source: KeySource::Context })
}

fn crossing(random: &mut Random) -> Crossing {
    [Crossing::WithinComponent, Crossing::Free][random.below(2)]
}

fn random_pattern(random: &mut Random, program: &mut Program, pieces: Pieces) -> PatternId {
    let mut builder = PatternBuilder::default();
    let keys = [key(program, "k:v"), key(program, "k:w")];
    for _ in 0..=random.below(4) {
        let kinds = match pieces {
            Pieces::Plain => 5,
            Pieces::Folding => 6,
            Pieces::Variables => 7,
        };
        match random.below(kinds) {
            0 => builder.literal("a", Case::Exact),
            1 => builder.literal(":", Case::Exact),
            2 => builder.star(crossing(random)),
            3 => builder.any(crossing(random)),
            4 => builder.literal(["a", "A"][random.below(2)], Case::Exact),
            5 if matches!(pieces, Pieces::Folding) => builder.literal("a", Case::Folded),
            _ => {
                let default = (random.below(4) == 0).then(|| program.texts.intern("a"));
                builder.variable(keys[random.below(2)], default, crossing(random));
            }
        }
    }
    builder.finish(program)
}

/// Values of the two keys.
type Values = [Option<&'static str>; 2];

/// Whether steps match a text, tried in every way.
fn matches(program: &Program, steps: &[Step], values: Values, text: &str) -> bool {
    let Some((first, rest)) = steps.split_first() else { return text.is_empty() };
    let consumes = |length: usize| text.get(length..).is_some_and(|text| matches(program, rest, values, text));
    let holds = |length: usize, crossing: Crossing| {
        text.get(..length).is_some_and(|part| crossing == Crossing::Free || !part.contains(':'))
    };
    match *first {
        Step::Literal(symbol, case) => {
            let literal = program.texts.text(symbol);
            let start = text.get(..literal.len());
            let is_equal = |start: &str| match case {
                Case::Exact => start == literal,
                Case::Folded => start.eq_ignore_ascii_case(literal),
            };
            start.is_some_and(is_equal) && consumes(literal.len())
        }
        Step::Star(crossing) => (0..=text.len()).any(|length| holds(length, crossing) && consumes(length)),
        Step::Any(crossing) => {
            let length = text.chars().next().map(char::len_utf8);
            length.is_some_and(|length| holds(length, crossing) && consumes(length))
        }
        Step::Variable { key, default, crossing } => {
            let name = program.keys.get(key).map_or("", |key| program.texts.text(key.name));
            let value = values[usize::from(name == "k:w")].or(default.map(|default| program.texts.text(default)));
            value.is_some_and(|value| {
                let is_held = crossing == Crossing::Free || !value.contains(':');
                // A value that is a wildcard: `variable_wildcards` = `active`.
                let glob = value == "*" && (0..=text.len()).any(|length| holds(length, crossing) && consumes(length));
                glob || (is_held && text.starts_with(value) && consumes(value.len()))
            })
        }
    }
}

/// All texts of these characters up to a length; `x` stands in no pattern.
fn texts(length: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut last = texts.clone();
    for _ in 0..length {
        last = last.iter().flat_map(|text| ["a", "A", ":", "x"].map(|next| format!("{text}{next}"))).collect();
        texts.extend(last.iter().cloned());
    }
    texts
}

fn steps(program: &Program, pattern: PatternId) -> &[Step] {
    program.patterns.get(pattern).map_or(&[], Pattern::steps)
}

fn includes(program: &Program, wide: Shape<'_>, narrow: Shape<'_>) -> bool {
    let list = |shape| {
        let mut list: Vec<Token> = Vec::new();
        tokens(program, shape, &mut list);
        list
    };
    Comparison::default().includes(&list(wide), &list(narrow), &mut 4096)
}

/// Compares the order of random patterns with what they match; returns how many pairs are in order.
fn check_order(seed: u64, rounds: usize, pieces: Pieces, length: usize, all_values: &[Values]) -> usize {
    let mut random = Random(seed);
    let texts = texts(length);
    let mut found = 0;
    let bundles = BundleSet::of([0]);
    for _ in 0..rounds {
        let mut program = Program::default();
        let patterns = (0..40).map(|_| random_pattern(&mut random, &mut program, pieces)).collect::<Vec<_>>();
        let program = &program;
        let matched = |pattern: &PatternId| {
            let all = all_values.iter().flat_map(|values| texts.iter().map(move |text| (values, text)));
            all.map(|(values, text)| matches(program, steps(program, *pattern), *values, text)).collect::<Vec<_>>()
        };
        let matched = patterns.iter().map(matched).collect::<Vec<_>>();
        let held = patterns.iter().map(|&pattern| (pattern, &bundles));
        let order = Order::new(program, held, |id| Shape::Steps(steps(program, id)));
        for (narrow, narrow_matched) in patterns.iter().zip(&matched) {
            for (wide, wide_matched) in patterns.iter().zip(&matched).filter(|(wide, _)| *wide != narrow) {
                let expected = narrow_matched.iter().zip(wide_matched).all(|(narrow, wide)| !narrow || *wide);
                let shown = order.above(*narrow).any(|above| above == *wide);
                // With variables the order need not find everything.
                let is_right = match pieces {
                    Pieces::Plain | Pieces::Folding => shown == expected,
                    Pieces::Variables => !shown || expected,
                };
                assert!(is_right, "{:?} in {:?}: {shown}", steps(program, *narrow), steps(program, *wide));
                found += usize::from(shown);
            }
        }
    }
    found
}

#[test]
fn order_of_plain_patterns_is_what_they_match() {
    assert!(10_000 < check_order(1, 150, Pieces::Plain, 6, &[[None, None]]));
}

#[test]
fn order_of_patterns_whose_case_is_ignored_is_what_they_match() {
    assert!(5_000 < check_order(2, 100, Pieces::Folding, 6, &[[None, None]]));
}

#[test]
fn order_of_patterns_with_variables_never_says_too_much() {
    let each = [None, Some(""), Some("a"), Some("x:"), Some("*")];
    let all = each.iter().flat_map(|one| each.iter().map(move |other| [*one, *other])).collect::<Vec<_>>();
    assert!(2_000 < check_order(3, 100, Pieces::Variables, 4, &all));
}

/// Whether the second of two patterns includes the first, as written: `*`, `?` and text, all free.
fn is_included(unit: QuestionMark, narrow: &str, wide: &str) -> bool {
    let mut program = Program::default();
    program.semantics.question_mark = unit;
    let [narrow_id, wide_id] = [narrow, wide].map(|text| {
        let mut builder = PatternBuilder::default();
        for character in text.chars() {
            match character {
                '*' => builder.star(Crossing::Free),
                '?' => builder.any(Crossing::Free),
                _ => builder.literal(character.encode_utf8(&mut [0; 4]), Case::Exact),
            }
        }
        builder.finish(&mut program)
    });
    let shape = |id| Shape::Steps(steps(&program, id));
    let shown = includes(&program, shape(wide_id), shape(narrow_id));
    let [both, second] = [BundleSet::of([0, 1]), BundleSet::of([1])];
    let order = Order::new(&program, [(narrow_id, &both), (wide_id, &second)].into_iter(), shape);
    // A beginning and a star need no comparison.
    let ordered = order.above(narrow_id).any(|above| above == wide_id);
    assert!(ordered || !shown, "{narrow} below {wide}");
    ordered
}

#[test]
fn inclusion_by_hand() {
    for (narrow, wide, expected) in [
        ("b/k", "b/*", true),
        ("b/*", "b/k", false),
        ("?*", "*?", true),
        ("*?", "?*", true),
        ("*a*b*", "*a*", true),
        ("*a*", "*a*b*", false),
        ("a*a", "a*", true),
        ("a", "a*a", false),
        ("*ab*ab", "*ab", true),
        ("**", "*?", false),
        ("b/é", "b/?", true),
        ("b/?", "b/é", false),
    ] {
        assert_eq!(is_included(QuestionMark::Scalar, narrow, wide), expected, "{narrow} in {wide}");
    }
    // é is two bytes.
    assert!(!is_included(QuestionMark::Byte, "b/é", "b/?"));
    assert!(is_included(QuestionMark::Byte, "b/é", "b/??"));
}

#[test]
fn long_patterns_are_given_up() {
    let is_included = |narrow: &str, wide: &str| is_included(QuestionMark::Scalar, narrow, wide);
    let [short, long] = [60, 65].map(|count| "ab".repeat(count));
    assert!(is_included(&format!("x*{short}"), &format!("*{short}")));
    // 130 characters behind a star are more than a set of places holds: what holds is not shown.
    assert!(!is_included(&format!("x*{long}"), &format!("*{long}")));
    assert!(is_included(&format!("{long}x"), &format!("{long}*")));
}

#[test]
fn prefixes_of_actions_are_wider_than_what_begins_so() {
    let mut program = Program::default();
    let [get, all, exact] = ["s3:get", "s3:", "s3:getobject"].map(|text| program.texts.intern(text));
    let patterns = [ActionPattern::Prefix(get), ActionPattern::Prefix(all), ActionPattern::Exact(exact)];
    let text = |symbol| program.texts.text(symbol);
    let bundles = BundleSet::of([0]);
    let held = patterns.map(|pattern| (pattern, &bundles)).into_iter();
    let order = Order::new(&program, held, |pattern| match pattern {
        ActionPattern::Exact(symbol) => Shape::Exact(text(symbol)),
        ActionPattern::Prefix(symbol) => Shape::Prefix(text(symbol)),
        ActionPattern::Any | ActionPattern::Glob(_) => Shape::Prefix(""),
    });
    let above = |pattern| order.above(pattern).count();
    assert_eq!(patterns.map(above), [1, 0, 2]);
}

#[test]
fn patterns_that_begin_alike_meet_in_their_bundles() {
    let mut program = Program::default();
    // A literal between two free wildcards, `?` in front where there is to be one.
    let mut pattern = |question: bool, text: &str| {
        let mut builder = PatternBuilder::default();
        builder.literal("x", Case::Exact);
        if question {
            builder.any(Crossing::Free);
        }
        builder.star(Crossing::Free);
        builder.literal(text, Case::Exact);
        builder.finish(&mut program)
    };
    let narrow = (0..300).map(|number: u32| (pattern(true, &format!("{number}.")), BundleSet::of([number])));
    let mut patterns = narrow.collect::<Vec<_>>();
    let few = pattern(false, ".");
    let many = pattern(true, "");
    patterns.push((few, BundleSet::of([5, 133, 290])));
    patterns.push((many, BundleSet::of(20..40)));
    let held = patterns.iter().map(|(pattern, bundles)| (*pattern, bundles));
    let order = Order::new(&program, held, |id| Shape::Steps(steps(&program, id)));
    let below = |wide: PatternId| {
        let is_above = |pattern: PatternId| order.above(pattern).any(|above| above == wide);
        let narrow = (0..300).zip(&patterns).filter(|(_, (pattern, _))| is_above(*pattern));
        narrow.map(|(number, _)| number).collect::<Vec<u32>>()
    };
    assert_eq!(below(few), [5, 133, 290]);
    let shown = below(many);
    assert!((20..40).all(|number| shown.contains(&number)));
}

/// A program of one attached bundle of random statements without conditions.
fn random_program(random: &mut Random, count: usize) -> Program {
    let mut program = Program::default();
    let policy = program.texts.intern("P");
    program.add_policy(Policy {
        name: policy,
        arn: None,
        account: None,
        kind: PolicyKind::NamedIdentity,
        statements: Vec::new(),
        bundle: None,
    });
    let polarity = |random: &mut Random| [Polarity::Positive, Polarity::Positive, Polarity::Negated][random.below(3)];
    for index in 0..count {
        let entries = (0..=random.below(3)).map(|_| {
            let text = program.texts.intern(["s:", "s:a", "s:ab", "t:"][random.below(4)]);
            match random.below(3) {
                0 => ActionPattern::Exact(text),
                1 => ActionPattern::Prefix(text),
                _ => ActionPattern::Glob(random_pattern(random, &mut program, Pieces::Plain)),
            }
        });
        let actions = entries.collect();
        let patterns = (0..=random.below(3)).map(|_| random_pattern(random, &mut program, Pieces::Variables));
        let resources = patterns.collect();
        let guard = program.guard(Guard { principals: None, block: None });
        let statement = Statement {
            policy: PolicyId(0),
            index: u32::try_from(index).unwrap(),
            sid: None,
            effect: [Effect::Allow, Effect::Allow, Effect::Deny][random.below(3)],
            actions: ActionSet::new(polarity(random), actions),
            resources: ResourceSet::new(polarity(random), resources),
            guard,
            place: Default::default(),
        };
        program.add_statement(statement);
    }
    let statements = (0..u32::try_from(count).unwrap()).map(StatementId).collect();
    let bundle = program.bundle(statements);
    program.policies[0].bundle = Some(bundle);
    program
}

/// Runs the passes over a program's only bundle; returns what is left, and how many entries and statements went.
fn pass(program: &mut Program) -> (Vec<StatementId>, usize, Removed) {
    let orders = Orders::new(program);
    let entries = entries::drop_redundant(program, &orders);
    let uses = uses::of(program);
    let (mut bundles, removed) = reduce(Cover { program, orders: &orders }, &uses, 0..1);
    (bundles.remove(0), entries, removed)
}

/// The statements of the one bundle of a program become these.
fn keep(program: &mut Program, statements: &[StatementId]) {
    program.bundles = Default::default();
    let bundle = program.bundle(statements.to_vec());
    program.policies[0].bundle = Some(bundle);
}

#[test]
fn a_second_run_changes_nothing() {
    let mut random = Random(4);
    let mut all_entries = 0;
    let mut all = Removed::default();
    for round in 0..200 {
        // Bundles are searched in two ways.
        let count = if round % 10 == 0 { 60 } else { 8 };
        let mut program = random_program(&mut random, count);
        let (kept, entries, removed) = pass(&mut program);
        all_entries += entries;
        all.covered += removed.covered;
        all.denied += removed.denied;
        keep(&mut program, &kept);
        assert_eq!(pass(&mut program), (kept, 0, Removed::default()));
    }
    assert!(100 < all_entries && 50 < all.covered && 20 < all.denied, "{all_entries} {all:?}");
}

#[test]
fn entries_of_not_resource_stay_where_their_variable_decides() {
    for (switch, expected) in [(NullVariableInNotResource::ExcludesNothing, 1), (NullVariableInNotResource::NoMatch, 0)]
    {
        let mut program = random_program(&mut Random(5), 1);
        program.semantics.null_variable_in_notresource = switch;
        let key = key(&mut program, "k:v");
        let mut narrow = PatternBuilder::default();
        narrow.literal("b/", Case::Exact);
        narrow.variable(key, None, Crossing::Free);
        let mut wide = PatternBuilder::default();
        wide.literal("b/", Case::Exact);
        wide.star(Crossing::Free);
        let patterns = vec![narrow.finish(&mut program), wide.finish(&mut program)];
        program.statements[0].actions = ActionSet::new(Polarity::Positive, vec![ActionPattern::Any]);
        program.statements[0].resources = ResourceSet::new(Polarity::Negated, patterns);
        assert_eq!(pass(&mut program).1, expected);
    }
}

#[test]
fn tables_in_two_parts_are_what_they_are_in_one() {
    let mut random = Random(7);
    for _ in 0..100 {
        let mut program = random_program(&mut random, 12);
        for _ in 0..6 {
            let statements = (0..12).filter(|_| random.below(3) == 0).map(StatementId).collect();
            let bundle = program.bundle(statements);
            program.policies.push(Policy { bundle: Some(bundle), ..program.policies[0].clone() });
        }
        let bundles = program.bundles.iter().map(|bundle| bundle.statements().to_vec()).collect::<Vec<_>>();
        let (uses, orders) = (uses::of(&program), Orders::new(&program));
        let cover = Cover { program: &program, orders: &orders };
        let made = |range| tables_of(cover, &uses, &bundles, range);
        let shown = |made: &Made| {
            let Tables { rows, runs, nodes, indexes, bundles, swallowed, .. } = &made.tables;
            let all = nodes.len();
            let nodes = (0..all).map(|number| nodes.get(TrieId::from_index(number))).collect::<Vec<_>>();
            let (rows, runs) = (rows.iter().collect::<Vec<_>>(), runs.iter().collect::<Vec<_>>());
            format!("{rows:?} {runs:?} {nodes:?} {:?} {bundles:?} {swallowed}", indexes.iter().collect::<Vec<_>>())
        };
        let whole = shown(&made(0..bundles.len()));
        for half in 0..=bundles.len() {
            let mut parts = made(0..half);
            parts.append(made(half..bundles.len()));
            assert_eq!(shown(&parts), whole, "{half}");
        }
    }
}
