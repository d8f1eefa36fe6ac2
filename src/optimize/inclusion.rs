//! Inclusion of patterns: whether one matches every text that another matches.
//!
//! Comes in: two patterns as they are matched. Goes out: yes, or *not shown*. Never a yes that does not hold.
//!
//! Both patterns are read as automata over tokens: one for each character, `?`, `*` and variable. The narrow one is
//! walked through all its texts, and beside each place in it goes the set of places at which the wide one can be then
//! (R-ARN-8, R-ARN-9, R-ACT-3). The wide one fails where that set is empty, or without the end of the pattern at the
//! end of the text. Two letters are enough for what a wildcard of the narrow pattern consumes, since a pattern has no way
//! to exclude a character but `:`: one that the wide pattern does not name (whatever follows it follows any other
//! character as well), and `:`.
//!
//! A variable of the narrow pattern is a letter of its own, which a wide pattern consumes by the equal variable or by a
//! `*` that may hold what the variable may hold. So a wide pattern with variables needs each of them in the narrow one,
//! and wherever it would be null, the narrow one is null and matches nothing (R-VAR-8).
//!
//! That is exact for patterns without variables, but for two bounds: [`TOKENS_MAX`] and the states that a caller allows.
//! Beyond them nothing is shown. Where `?` is a byte, texts that are not UTF-8 are counted in: sound, not exact.

use crate::ir::{Case, Crossing, Program, Step, VariableEdge};
use crate::terms::QuestionMark;

/// Most tokens of a wide pattern behind what both patterns begin with.
pub(super) const TOKENS_MAX: usize = 127;

/// A pattern of actions or resources.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'p> {
    /// This text.
    Exact(&'p str),
    /// Every text that begins so.
    Prefix(&'p str),
    /// These steps.
    Steps(&'p [Step]),
}

/// What a pattern consumes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// This character, or byte where `?` is one.
    Unit(u32),
    /// This one in lower or upper case; lower case as a token.
    Folded(u32),
    /// `?`
    Any(Crossing),
    /// `*`
    Star(Crossing),
    /// A variable.
    Variable(VariableEdge),
}

/// What a text goes on with.
#[derive(Debug, Clone, Copy)]
enum Letter {
    /// This character.
    Unit(u32),
    /// A character other than `:` that the wide pattern does not name.
    Other,
    /// The value of a variable.
    Variable(VariableEdge),
}

const COLON: Letter = Letter::Unit(COLON_UNIT);
const COLON_UNIT: u32 = 0x3a;

/// Appends the tokens of a pattern.
pub(super) fn tokens(program: &Program, shape: Shape<'_>, tokens: &mut Vec<Token>) {
    each_token(program, shape, |token| tokens.push(token));
}

/// Shows the tokens of a pattern in order.
fn each_token(program: &Program, shape: Shape<'_>, mut show: impl FnMut(Token)) {
    let (texts, question_mark) = (&program.texts, program.semantics.question_mark);
    match shape {
        Shape::Exact(text) => each_unit(text, question_mark, |unit| show(Token::Unit(unit))),
        Shape::Prefix(text) => {
            each_unit(text, question_mark, |unit| show(Token::Unit(unit)));
            show(Token::Star(Crossing::Free));
        }
        Shape::Steps(steps) => {
            for step in steps {
                match *step {
                    Step::Literal(symbol, Case::Exact) => {
                        each_unit(texts.text(symbol), question_mark, |unit| show(Token::Unit(unit)));
                    }
                    Step::Literal(symbol, Case::Folded) => {
                        each_unit(texts.text(symbol), question_mark, |unit| show(Token::Folded(unit)));
                    }
                    Step::Star(crossing) => show(Token::Star(crossing)),
                    Step::Any(crossing) => show(Token::Any(crossing)),
                    Step::Variable { key, default, crossing } => show(Token::Variable((key, default, crossing))),
                }
            }
        }
    }
}

/// Shows what `?` stands for one of.
fn each_unit(text: &str, question_mark: QuestionMark, mut show: impl FnMut(u32)) {
    match question_mark {
        QuestionMark::Scalar => text.chars().for_each(|character| show(character.into())),
        QuestionMark::Byte => text.bytes().for_each(|byte| show(byte.into())),
    }
}

/// What tells most pairs of patterns apart without looking at them closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Summary {
    /// Tokens that every text needs.
    least: usize,
    /// Neighbouring characters, case aside, each pair as one of 128 bits. Where the wide pattern has a pair, the narrow one
    /// must have it too: else its text with a character of no pattern for each wildcard does not match.
    pairs: u128,
    /// The character at the end of every text, case aside.
    last: Option<u32>,
}

impl Summary {
    /// Summarizes a pattern. Costs one look at each token.
    pub(super) fn of(program: &Program, shape: Shape<'_>) -> Self {
        let mut summary = Self { least: 0, pairs: 0, last: None };
        each_token(program, shape, |token| summary.add(token));
        summary
    }

    fn add(&mut self, token: Token) {
        let before = self.last.take();
        match token {
            Token::Star(_) => return,
            Token::Unit(unit) | Token::Folded(unit) => {
                let folded = if (0x41..=0x5a).contains(&unit) { unit + 0x20 } else { unit };
                if let Some(before) = before {
                    self.pairs |= 1 << (before.wrapping_mul(37).wrapping_add(folded) % 128);
                }
                self.last = Some(folded);
            }
            Token::Any(_) | Token::Variable(_) => {}
        }
        self.least += 1;
    }

    /// Whether every text of a pattern with this summary is longer than some text of one with that, which it then does not
    /// include. Summaries are in the order of these lengths.
    pub(super) fn is_longer(self, narrow: Self) -> bool {
        self.least > narrow.least
    }

    /// Whether a pattern with this summary may include one with that.
    pub(super) fn may_include(self, narrow: Self) -> bool {
        !self.is_longer(narrow) && self.pairs & !narrow.pairs == 0 && (self.last.is_none() || self.last == narrow.last)
    }
}

/// Compares patterns; keeps its memory from one pair to the next.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// States that are to be looked at: a place in the narrow pattern, and places of the wide one.
    open: Vec<(usize, u128)>,
    /// Those that were, where texts part.
    seen: Vec<(usize, u128)>,
}

impl Comparison {
    /// Whether `wide` matches all that `narrow` matches. Takes from `states_left` as many states as it looks at, and
    /// gives up when there are none.
    pub(super) fn includes(&mut self, wide: &[Token], narrow: &[Token], states_left: &mut usize) -> bool {
        let is_character = |token: &Token| matches!(token, Token::Unit(_) | Token::Folded(_));
        let both = wide.iter().zip(narrow);
        let common = both.take_while(|(wide, narrow)| wide == narrow && is_character(wide)).count();
        let (wide, narrow) = (wide.get(common..).unwrap_or_default(), narrow.get(common..).unwrap_or_default());
        if TOKENS_MAX < wide.len() {
            return false;
        }
        let wide = Wide::new(wide);
        self.open.clear();
        self.seen.clear();
        self.open.push((0, wide.behind_stars(1)));
        while let Some((at, places)) = self.open.pop() {
            if !self.follow(&wide, narrow, at, places, states_left) {
                return false;
            }
        }
        true
    }

    /// Follows the narrow pattern from a state on, and leaves what branches off for later.
    fn follow(
        &mut self,
        wide: &Wide<'_>,
        narrow: &[Token],
        mut at: usize,
        mut places: u128,
        states_left: &mut usize,
    ) -> bool {
        loop {
            let Some(left) = states_left.checked_sub(1) else { return false };
            *states_left = left;
            let Some(token) = narrow.get(at) else { return wide.is_through(places) };
            if places == 0 {
                return false;
            }
            if !matches!(token, Token::Unit(_) | Token::Variable(_)) && self.was_seen(at, places) {
                return true;
            }
            match *token {
                Token::Unit(unit) => places = wide.step(places, Letter::Unit(unit)),
                Token::Variable(variable) => places = wide.step(places, Letter::Variable(variable)),
                Token::Folded(unit) => {
                    if (0x61..=0x7a).contains(&unit) {
                        self.open.push((at + 1, wide.step(places, Letter::Unit(unit - 0x20))));
                    }
                    places = wide.step(places, Letter::Unit(unit));
                }
                Token::Any(crossing) => {
                    if crossing == Crossing::Free {
                        self.open.push((at + 1, wide.step(places, COLON)));
                    }
                    places = wide.step(places, Letter::Other);
                }
                Token::Star(crossing) => {
                    if crossing == Crossing::Free {
                        self.open.push((at, wide.step(places, COLON)));
                    }
                    self.open.push((at, wide.step(places, Letter::Other)));
                }
            }
            at += 1;
        }
    }

    /// Whether a state with these places, or with fewer, was looked at: with fewer the wide pattern fails sooner.
    fn was_seen(&mut self, at: usize, places: u128) -> bool {
        let is_harder = |&(other, fewer): &(usize, u128)| other == at && fewer & !places == 0;
        if self.seen.iter().any(is_harder) {
            return true;
        }
        self.seen.push((at, places));
        false
    }
}

/// The wide pattern; sets of places in it are bits.
struct Wide<'t> {
    tokens: &'t [Token],
    stars: u128,
}

impl<'t> Wide<'t> {
    fn new(tokens: &'t [Token]) -> Self {
        let stars = tokens.iter().enumerate().filter(|(_, token)| matches!(token, Token::Star(_)));
        Self { tokens, stars: stars.fold(0, |stars, (at, _)| stars | 1 << at) }
    }

    /// The same places and those behind stars that consume nothing; no two stars are neighbours.
    fn behind_stars(&self, places: u128) -> u128 {
        places | (places & self.stars) << 1
    }

    fn is_through(&self, places: u128) -> bool {
        places >> self.tokens.len() & 1 != 0
    }

    /// The places behind a letter.
    fn step(&self, places: u128, letter: Letter) -> u128 {
        let (mut left, mut next) = (places, 0_u128);
        while let Some(rest) = left.checked_sub(1) {
            let place = left ^ (left & rest);
            left &= rest;
            let token = usize::try_from(place.trailing_zeros()).ok().and_then(|at| self.tokens.get(at));
            next |= match token.map(|token| after(*token, letter)) {
                Some(After::Behind) => place << 1,
                Some(After::Here) => place,
                Some(After::Nowhere) | None => 0,
            };
        }
        self.behind_stars(next)
    }
}

/// Where a token leads with a letter.
enum After {
    /// Behind it.
    Behind,
    /// To itself.
    Here,
    /// Nowhere: it does not match.
    Nowhere,
}

fn after(token: Token, letter: Letter) -> After {
    let is_colon = matches!(letter, Letter::Unit(COLON_UNIT));
    match (token, letter) {
        (Token::Unit(wanted), Letter::Unit(unit)) if wanted == unit => After::Behind,
        (Token::Folded(wanted), Letter::Unit(unit))
            if wanted == unit || ((0x41..=0x5a).contains(&unit) && wanted == unit + 0x20) =>
        {
            After::Behind
        }
        (Token::Variable(wanted), Letter::Variable(variable)) if wanted == variable => After::Behind,
        (Token::Any(crossing), Letter::Unit(_) | Letter::Other) if !is_colon || crossing == Crossing::Free => {
            After::Behind
        }
        (Token::Star(crossing), Letter::Unit(_) | Letter::Other) if !is_colon || crossing == Crossing::Free => {
            After::Here
        }
        (Token::Star(crossing), Letter::Variable((_, _, may_hold))) if may_hold <= crossing => After::Here,
        (Token::Unit(_) | Token::Folded(_) | Token::Variable(_) | Token::Any(_) | Token::Star(_), _) => After::Nowhere,
    }
}
