//! Texts with wildcards and variables, cut into parts and built into patterns (chapter 6, R-ARN-9, R-ARN-10).

use std::borrow::Cow;
use std::ops::Range;

use super::{Lowering, errors};
use crate::ir::{Case, Crossing, PatternBuilder, PatternId, Step};
use crate::syntax::ast::Text;
use crate::syntax::pattern;
pub(super) use crate::syntax::pattern::Expansion;
use crate::terms::{ArnHeadCase, ArnStar, VariablesInArnHead};

/// Most wildcards and variables that one pattern may hold; the matcher of the runtime relies on it.
pub(super) const MAX_WILDCARDS: usize = 255;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text that stands for itself.
    Literal,
    /// `*`
    Star,
    /// `?`
    Any,
    /// `${*}`, `${?}`, `${$}`: the character (R-VAR-11).
    Escape(&'t str),
    /// `${name}` or `${name, 'default'}` (R-VAR-1).
    Variable {
        /// The key, as written.
        name: &'t str,
        /// The default.
        default: Option<&'t str>,
    },
    /// `${` without an end: literal text if tolerated (R-VAR-12).
    Unterminated,
    /// Any other malformed variable: a null value if tolerated (R-VAR-12).
    Malformed,
}

/// A piece and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'t> {
    /// What it is.
    pub(super) piece: Piece<'t>,
    /// Its bytes.
    pub(super) range: Range<usize>,
}

/// Cuts a text into parts; together they cover it.
pub(super) fn parts(text: &str, expansion: Expansion) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(8);
    if expansion == Expansion::Literal || !text.as_bytes().contains(&b'$') {
        literal_parts(text, 0, &mut parts);
        return parts;
    }
    let slice = |range: Range<usize>| text.get(range).unwrap_or("");
    for piece in pattern::template(text) {
        match piece {
            pattern::Piece::Literal(range) => literal_parts(slice(range.clone()), range.start, &mut parts),
            pattern::Piece::Variable { range, name, default } => {
                parts.push(Part { piece: Piece::Variable { name: slice(name), default: default.map(slice) }, range });
            }
            pattern::Piece::Escape(_, range) => {
                parts.push(Part { piece: Piece::Escape(slice(range.start + 2..range.start + 3)), range });
            }
            pattern::Piece::Malformed { range, terminated, .. } => {
                let piece = if terminated { Piece::Malformed } else { Piece::Unterminated };
                parts.push(Part { piece, range });
            }
        }
    }
    parts
}

/// Cuts text without variables, which starts at byte `start`, at its wildcards.
fn literal_parts<'t>(text: &'t str, start: usize, parts: &mut Vec<Part<'t>>) {
    let mut at = 0;
    let mut push = |piece, from: usize, to: usize| {
        if from < to {
            parts.push(Part { piece, range: start + from..start + to });
        }
    };
    for (wildcard, byte) in text.bytes().enumerate() {
        let piece = match byte {
            b'*' => Piece::Star,
            b'?' => Piece::Any,
            _ => continue,
        };
        push(Piece::Literal, at, wildcard);
        push(piece, wildcard, wildcard + 1);
        at = wildcard + 1;
    }
    push(Piece::Literal, at, text.len());
}

/// Where the variables of a text may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// In an ARN behind the fifth colon, and before it with a warning (R-VAR-3).
    Resource,
    /// Anywhere: values of conditions.
    Value,
}

/// What a `:` means to the wildcards around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    /// The first five separate components (R-ARN-9, R-CON-26).
    Arn,
    /// Nothing (R-CON-24).
    Plain,
}

/// What a `*` or `?` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wildcards {
    /// A wildcard.
    Active,
    /// A character.
    Literal,
}

/// How a text becomes a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Where variables may stand.
    pub(super) placement: Placement,
    /// What colons mean.
    pub(super) structure: Structure,
    /// What wildcards mean.
    pub(super) wildcards: Wildcards,
    /// Whether literal text is stored in lower case (`StringEqualsIgnoreCase`).
    pub(super) lowercase: Lowercase,
}

/// Whether literal text is stored in simple lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lowercase {
    /// As written.
    No,
    /// In lower case (R-CON-23).
    Yes,
}

/// Where in its component a wildcard stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// Something follows.
    Inside,
    /// It is the last character (R-ARN-9 c).
    Last,
}

/// The smallest unit of a pattern before it is built.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Atom<'t> {
    Literal(&'t str),
    Colon,
    Star,
    Any,
    Variable { name: &'t str, default: Option<&'t str> },
}

/// A text that was read: atoms with their component, and whether the value is null whatever the request.
#[derive(Debug, Clone)]
pub(super) struct Template<'t> {
    atoms: Vec<(Atom<'t>, usize)>,
    /// Bytes of each component that was begun, the sixth with everything behind the fifth colon.
    pub(super) components: Vec<Range<usize>>,
    /// Whether a malformed variable makes the value null (R-VAR-12).
    pub(super) is_null: bool,
}

impl Template<'_> {
    /// Whether the text holds a variable; escapes are none.
    pub(super) fn has_variables(&self) -> bool {
        self.atoms.iter().any(|(atom, _)| matches!(atom, Atom::Variable { .. }))
    }

    /// Whether a component holds a wildcard.
    pub(super) fn has_wildcard(&self, component: usize) -> bool {
        self.atoms.iter().any(|(atom, at)| *at == component && matches!(atom, Atom::Star | Atom::Any))
    }

    /// The text, if it holds neither wildcards nor variables.
    pub(super) fn literal(&self) -> Option<String> {
        let mut text = String::new();
        for (atom, _) in &self.atoms {
            match atom {
                Atom::Literal(literal) => text.push_str(literal),
                Atom::Colon => text.push(':'),
                Atom::Star | Atom::Any | Atom::Variable { .. } => return None,
            }
        }
        Some(text)
    }
}

/// Takes a text apart and reports what is wrong with its variables.
pub(super) fn read<'t>(
    lowering: &mut Lowering<'_>,
    expansion: Expansion,
    text: &'t Text,
    reading: Reading,
) -> Template<'t> {
    let mut builder = Builder {
        text: &text.text,
        reading,
        atoms: Vec::with_capacity(16),
        components: Vec::with_capacity(6),
        start: 0,
        is_null: false,
    };
    for part in parts(&text.text, expansion) {
        let place = lowering.report.at(text.part(part.range.clone()));
        match part.piece {
            Piece::Literal | Piece::Star | Piece::Any => builder.verbatim(&part),
            Piece::Escape(_) | Piece::Variable { .. } if builder.keeps_literal() => {
                lowering.report.tolerated(errors::variable_placement(place));
                builder.literally(part.range);
            }
            Piece::Escape(_) | Piece::Variable { .. } if builder.is_in_head() => {
                match lowering.semantics.variables_in_arn_head {
                    VariablesInArnHead::Expand => {
                        lowering.report.warning(errors::variable_in_head(place));
                        builder.expand(&part);
                    }
                    VariablesInArnHead::Reject => {
                        lowering.report.tolerated(errors::variable_refused(place));
                        builder.literally(part.range);
                    }
                }
            }
            Piece::Escape(_) | Piece::Variable { .. } => builder.expand(&part),
            Piece::Unterminated => {
                lowering.report.tolerated(errors::variable_unterminated(place));
                builder.literally(part.range);
            }
            Piece::Malformed => {
                lowering.report.tolerated(errors::variable_malformed(place));
                builder.is_null = true;
            }
        }
    }
    builder.finish()
}

struct Builder<'t> {
    text: &'t str,
    reading: Reading,
    atoms: Vec<(Atom<'t>, usize)>,
    components: Vec<Range<usize>>,
    start: usize,
    is_null: bool,
}

impl<'t> Builder<'t> {
    fn component(&self) -> usize {
        self.components.len()
    }

    /// Whether variables are literal text here: components 1 to 3 of a resource.
    fn keeps_literal(&self) -> bool {
        self.reading.placement == Placement::Resource && self.component() < 3
    }

    /// Whether this is component 4 or 5 of a resource.
    fn is_in_head(&self) -> bool {
        self.reading.placement == Placement::Resource && self.component() < 5
    }

    fn push(&mut self, atom: Atom<'t>) {
        let component = self.component();
        self.atoms.push((atom, component));
    }

    /// Appends literal text, cut at the colons that separate components.
    fn literal(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while let Some(rest) = self.text.get(at..range.end).filter(|rest| !rest.is_empty()) {
            let colon = if self.component() < 5 { rest.bytes().position(|byte| byte == b':') } else { None };
            match colon {
                Some(length) => {
                    if let Some(before) = rest.get(..length).filter(|before| !before.is_empty()) {
                        self.push(Atom::Literal(before));
                    }
                    self.push(Atom::Colon);
                    self.components.push(self.start..at + length);
                    at += length + 1;
                    self.start = at;
                }
                None => {
                    self.push(Atom::Literal(rest));
                    at = range.end;
                }
            }
        }
    }

    fn verbatim(&mut self, part: &Part<'t>) {
        match (part.piece, self.reading.wildcards) {
            (Piece::Star, Wildcards::Active) => self.push(Atom::Star),
            (Piece::Any, Wildcards::Active) => self.push(Atom::Any),
            _ => self.literal(part.range.clone()),
        }
    }

    /// Appends a part as if variables did not exist: wildcards in it are wildcards.
    fn literally(&mut self, range: Range<usize>) {
        let text = self.text.get(range.clone()).unwrap_or("");
        for part in parts(text, Expansion::Literal) {
            let moved = range.start + part.range.start..range.start + part.range.end;
            self.verbatim(&Part { piece: part.piece, range: moved });
        }
    }

    fn expand(&mut self, part: &Part<'t>) {
        match part.piece {
            Piece::Escape(character) => self.push(Atom::Literal(character)),
            Piece::Variable { name, default } => self.push(Atom::Variable { name, default }),
            Piece::Literal | Piece::Star | Piece::Any | Piece::Unterminated | Piece::Malformed => {}
        }
    }

    fn finish(mut self) -> Template<'t> {
        self.components.push(self.start..self.text.len());
        Template { atoms: self.atoms, components: self.components, is_null: self.is_null }
    }
}

/// Builds the pattern, with `missing` components completed by `*` (R-ARN-12); nothing if it has too many wildcards.
pub(super) fn build(
    lowering: &mut Lowering<'_>,
    template: &Template<'_>,
    reading: Reading,
    missing: usize,
    text: &Text,
) -> Option<PatternId> {
    let atoms = template.atoms.as_slice();
    let mut builder = PatternBuilder::with_capacity(text.text.len() + missing, atoms.len() + missing);
    for (at, (atom, component)) in atoms.iter().enumerate() {
        let position = match atoms.get(at + 1) {
            Some((next, _)) if *next != Atom::Colon => Position::Inside,
            Some(_) | None => Position::Last,
        };
        let case = literal_case(lowering, reading, *component);
        match atom {
            Atom::Literal(literal) => builder.literal(&stored(literal, reading.lowercase), case),
            Atom::Colon => builder.literal(":", case),
            Atom::Star => builder.star(star_crossing(lowering, reading, *component, position)),
            Atom::Any => builder.any(crossing(lowering, reading, *component)),
            Atom::Variable { name, default } => {
                let key = lowering.keys.key(&mut lowering.program, name);
                let default = default.map(|text| lowering.program.texts.intern(&stored(text, reading.lowercase)));
                builder.variable(key, default, variable_crossing(reading, *component));
            }
        }
    }
    for component in (6 - missing.min(6))..6 {
        builder.literal(":", literal_case(lowering, reading, component));
        builder.star(star_crossing(lowering, reading, component, Position::Last));
    }
    let pattern = builder.finish(&mut lowering.program);
    let steps = lowering.program.patterns.get(pattern).map_or(&[][..], |pattern| pattern.steps());
    let count = steps.iter().filter(|step| !matches!(step, Step::Literal(..))).count();
    if MAX_WILDCARDS < count {
        let place = lowering.report.at(text.span);
        lowering.report.error(errors::too_many_wildcards(place, count, MAX_WILDCARDS));
        return None;
    }
    Some(pattern)
}

fn stored(text: &str, lowercase: Lowercase) -> Cow<'_, str> {
    match lowercase {
        Lowercase::No => text.into(),
        Lowercase::Yes => crate::value::text::lowercase(text).collect(),
    }
}

fn literal_case(lowering: &Lowering<'_>, reading: Reading, component: usize) -> Case {
    let folds = reading.placement == Placement::Resource
        && component < 5
        && lowering.semantics.arn_head_case == ArnHeadCase::Insensitive;
    if folds { Case::Folded } else { Case::Exact }
}

fn is_free(lowering: &Lowering<'_>, reading: Reading, component: usize) -> bool {
    let is_whole = reading.placement == Placement::Resource && lowering.semantics.arn_star == ArnStar::WholeString;
    reading.structure == Structure::Plain || component == 5 || is_whole
}

fn crossing(lowering: &Lowering<'_>, reading: Reading, component: usize) -> Crossing {
    if is_free(lowering, reading, component) { Crossing::Free } else { Crossing::WithinComponent }
}

fn star_crossing(lowering: &Lowering<'_>, reading: Reading, component: usize, position: Position) -> Crossing {
    let crosses = reading.placement == Placement::Resource
        && position == Position::Last
        && lowering.semantics.arn_star == ArnStar::TrailingCrosses;
    if crosses { Crossing::Free } else { crossing(lowering, reading, component) }
}

/// A substituted value stays in its component whatever `arn_star` says (R-VAR-16).
fn variable_crossing(reading: Reading, component: usize) -> Crossing {
    let is_bound = reading.placement == Placement::Resource && component < 5;
    if is_bound { Crossing::WithinComponent } else { Crossing::Free }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Piece<'_>]) {
        let parts = parts(text, Expansion::Variables);
        assert_eq!(parts.iter().map(|part| part.piece).collect::<Vec<_>>(), expected, "{text}");
        let covered = parts.iter().flat_map(|part| part.range.clone()).collect::<Vec<_>>();
        assert_eq!(covered, (0..text.len()).collect::<Vec<_>>(), "{text}");
    }

    fn named(name: &str) -> Piece<'_> {
        Piece::Variable { name, default: None }
    }

    #[test]
    fn variables_and_escapes() {
        check("", &[]);
        check("a$b*", &[Piece::Literal, Piece::Star]);
        check("x/${aws:username}/?", &[Piece::Literal, named("aws:username"), Piece::Literal, Piece::Any]);
        check("${*}${?}${$}", &[Piece::Escape("*"), Piece::Escape("?"), Piece::Escape("$")]);
        check("${a:b, 'x y'}z", &[Piece::Variable { name: "a:b", default: Some("x y") }, Piece::Literal]);
        check("${a:b, ''}", &[Piece::Variable { name: "a:b", default: Some("") }]);
    }

    #[test]
    fn malformed_variables() {
        check("${}", &[Piece::Malformed]);
        check("${ }", &[Piece::Malformed]);
        check("${ aws:username}", &[Piece::Malformed]);
        check("${a:b, c}", &[Piece::Malformed]);
        check("${a:b,'c'}", &[Piece::Malformed]);
        check("a${aws:username", &[Piece::Literal, Piece::Unterminated]);
    }

    #[test]
    fn another_version_has_no_variables() {
        let pieces = parts("${*}x", Expansion::Literal).into_iter().map(|part| part.piece).collect::<Vec<_>>();
        assert_eq!(pieces, [Piece::Literal, Piece::Star, Piece::Literal]);
    }
}
