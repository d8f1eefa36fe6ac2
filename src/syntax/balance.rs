//! Repairs brackets, so that the grammar behind meets only pairs.
//!
//! Texts without a bracket mistake pass unchanged. Otherwise the number of closing brackets that are left over behind
//! a place tells whether a bracket is missing, superfluous or of the wrong kind there.

use super::{
    errors,
    json::{MAX_DEPTH, Sink},
    token::{Kind, Token, length, usize_of},
};

/// Returns `tokens` with every opening bracket closed by one of its kind and at most [`MAX_DEPTH`] open at a time.
pub(super) fn balance(text: &str, tokens: Vec<Token>, sink: &mut Sink<'_>) -> Vec<Token> {
    if is_balanced(&tokens) {
        return tokens;
    }
    let mut repair = Repair {
        text,
        lines: lines(text),
        left_over: left_over(&tokens),
        out: Vec::with_capacity(tokens.len() + MAX_DEPTH),
        open: Vec::new(),
        sink,
    };
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        let next = tokens.get(at + 1).map(|next| next.kind);
        if token.kind.opens() && repair.open.len() == MAX_DEPTH {
            at = repair.skip_too_deep(&tokens, at);
            continue;
        }
        repair.close_by_layout(token, next, at);
        repair.close_before_sibling(token, next, at);
        if token.kind.opens() {
            repair.open.push(token);
            repair.out.push(token);
        } else if token.kind.closes() {
            repair.close(token, at);
        } else {
            repair.out.push(token);
        }
        at += 1;
    }
    repair.finish()
}

fn is_balanced(tokens: &[Token]) -> bool {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::OpenBrace | Kind::OpenBracket => {
                if open.len() == MAX_DEPTH {
                    return false;
                }
                open.push(token.kind);
            }
            Kind::CloseBrace | Kind::CloseBracket => {
                if open.pop().map(closer_of) != Some(token.kind) {
                    return false;
                }
            }
            Kind::Comma
            | Kind::Colon
            | Kind::Plain
            | Kind::Escaped
            | Kind::Number
            | Kind::True
            | Kind::False
            | Kind::Null
            | Kind::Bad => {}
        }
    }
    open.is_empty()
}

/// For each token, how many closing brackets from it to the end have no opening one in that range, of whatever kind.
fn left_over(tokens: &[Token]) -> Vec<usize> {
    let mut counts = vec![0; tokens.len() + 1];
    let mut count: usize = 0;
    for (token, slot) in tokens.iter().zip(&mut counts).rev() {
        if token.kind.opens() {
            count = count.saturating_sub(1);
        } else if token.kind.closes() {
            count += 1;
        }
        *slot = count;
    }
    counts
}

/// Where each line starts, and how many blanks it starts with.
fn lines(text: &str) -> Vec<(u32, u32)> {
    let mut start = 0;
    let measured = text.split_inclusive('\n').map(|line| {
        let blanks = line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let measured = (start, u32::try_from(blanks).unwrap_or(u32::MAX));
        start += length(line);
        measured
    });
    measured.collect()
}

fn closer_of(opener: Kind) -> Kind {
    if opener == Kind::OpenBrace { Kind::CloseBrace } else { Kind::CloseBracket }
}

fn bracket_of(opener: Kind) -> char {
    if opener == Kind::OpenBrace { '}' } else { ']' }
}

fn name_of(opener: Kind) -> &'static str {
    if opener == Kind::OpenBrace { "object" } else { "array" }
}

struct Repair<'t, 's, 'a> {
    text: &'t str,
    /// Start and indentation of each line.
    lines: Vec<(u32, u32)>,
    left_over: Vec<usize>,
    out: Vec<Token>,
    open: Vec<Token>,
    sink: &'s mut Sink<'a>,
}

impl Repair<'_, '_, '_> {
    fn last_end(&self) -> u32 {
        self.out.last().map_or(0, |token| token.end)
    }

    fn push_closer(&mut self, opener: Token) {
        let at = self.last_end();
        self.sink.tear(opener.at);
        self.out.push(Token { kind: closer_of(opener.kind), at, end: at });
    }

    /// Replaces the container that starts at token `at` by one bad token; returns the index behind it.
    fn skip_too_deep(&mut self, tokens: &[Token], at: usize) -> usize {
        let mut depth = 0_usize;
        let mut behind = at;
        let mut span = (0, 0);
        for token in tokens.iter().skip(at) {
            if behind == at {
                span = (token.at, token.end);
                self.sink.report(token.at, token.end, |place| errors::too_deep(place, MAX_DEPTH));
            }
            behind += 1;
            span.1 = token.end;
            if token.kind.opens() {
                depth += 1;
            } else if token.kind.closes() {
                depth -= 1;
            }
            if depth == 0 {
                break;
            }
        }
        if 0 < depth {
            self.sink.mute_end();
        }
        self.out.push(Token { kind: Kind::Bad, at: span.0, end: span.1 });
        behind
    }

    /// Closes containers where the layout says that what follows is not in them: a name or a closing bracket that
    /// begins its line no deeper than the line on which the container was opened. Only if a closing bracket is missing
    /// later on.
    fn close_by_layout(&mut self, token: Token, next: Option<Kind>, at: usize) {
        let is_name = matches!(token.kind, Kind::Plain | Kind::Escaped | Kind::Bad) && next == Some(Kind::Colon);
        if !is_name && !token.kind.closes() {
            return;
        }
        let (line, indent) = self.line_of(token.at);
        if token.at != line + indent {
            return;
        }
        while let [.., parent, top] = self.open.as_slice() {
            let (parent, top) = (*parent, *top);
            let is_missing = self.left_over.get(at).is_some_and(|&count| count < self.open.len());
            let (top_line, top_indent) = self.line_of(top.at);
            let (parent_line, parent_indent) = self.line_of(parent.at);
            // What closes `top` is as deep as `top`, what is in `top` is deeper.
            let is_outside = if is_name { indent <= top_indent } else { indent < top_indent };
            // The parent must be one that the token can be in, or close.
            let is_parents = if is_name {
                parent.kind == Kind::OpenBrace && parent_indent < indent
            } else {
                closer_of(parent.kind) == token.kind && parent_indent == indent || parent_indent > indent
            };
            if !is_missing || !is_outside || !is_parents || top_line == line || parent_line == top_line {
                return;
            }
            self.open.pop();
            self.report_unclosed(top, Some(token));
            let comma = self.out.last().copied().filter(|last| last.kind == Kind::Comma);
            if comma.is_some() && is_name {
                self.out.pop();
            }
            self.push_closer(top);
            match comma.filter(|_| is_name) {
                Some(comma) => self.out.push(comma),
                None => self.sink.mute(self.last_end(), self.last_end()),
            }
        }
    }

    /// Where the line of byte `at` starts, and how many blanks it starts with.
    fn line_of(&self, at: u32) -> (u32, u32) {
        let index = self.lines.partition_point(|&(start, _)| start <= at).saturating_sub(1);
        self.lines.get(index).copied().unwrap_or((0, 0))
    }

    /// Closes a container where what follows can only be its parent's: `"name":` in an array inside an object, or `{`
    /// where an object inside an array needs a name. Only if a closing bracket is missing later on.
    fn close_before_sibling(&mut self, token: Token, next: Option<Kind>, at: usize) {
        let is_missing = self.left_over.get(at).is_some_and(|&count| count < self.open.len());
        let [.., parent, top] = self.open.as_slice() else { return };
        let (parent, top) = (parent.kind, *top);
        let is_name = matches!(token.kind, Kind::Plain | Kind::Escaped | Kind::Bad) && next == Some(Kind::Colon);
        let comma = self.out.last().copied().filter(|last| last.kind == Kind::Comma);
        let starts_container = self.out.last().is_none_or(|last| last.kind.opens());
        let member_in_array =
            top.kind == Kind::OpenBracket && parent == Kind::OpenBrace && is_name && !starts_container;
        let element_in_object = top.kind == Kind::OpenBrace
            && parent == Kind::OpenBracket
            && token.kind == Kind::OpenBrace
            && comma.is_some();
        if !is_missing || !(member_in_array || element_in_object) {
            return;
        }
        self.open.pop();
        self.report_unclosed(top, Some(token));
        if comma.is_some() {
            self.out.pop();
        }
        self.push_closer(top);
        match comma {
            Some(comma) => self.out.push(comma),
            None => self.sink.mute(self.last_end(), self.last_end()),
        }
    }

    fn report_unclosed(&mut self, opener: Token, met: Option<Token>) {
        let met = met.map(|token| self.sink.place(token.at, token.end));
        self.sink.report(opener.at, opener.end, |place| {
            errors::unclosed(place, name_of(opener.kind), bracket_of(opener.kind), met)
        });
    }

    /// Takes a closing bracket. Where it does not fit the innermost container, the cheapest of three readings is
    /// taken, counted in mistakes here and brackets that are then too many or too few at the end: it is of the wrong
    /// kind, inner containers were not closed before it, or it is superfluous.
    fn close(&mut self, token: Token, at: usize) {
        let Some(&top) = self.open.last() else {
            self.sink.report(token.at, token.end, errors::unmatched_bracket);
            return;
        };
        if closer_of(top.kind) == token.kind {
            self.open.pop();
            self.out.push(token);
            return;
        }
        let depth = self.open.len();
        let behind = self.left_over.get(at + 1).copied().unwrap_or(0);
        let unclosed = self.open.iter().rev().take_while(|open| closer_of(open.kind) != token.kind).count();
        let wrong_kind = 1 + (depth - 1).abs_diff(behind);
        let superfluous = 1 + depth.abs_diff(behind);
        let not_closed = if unclosed < depth { unclosed + (depth - unclosed - 1).abs_diff(behind) } else { usize::MAX };
        if not_closed <= wrong_kind.min(superfluous) {
            // A comma before the bracket is part of the same mistake.
            let from = self.out.last().map_or(token.at, |last| last.at);
            self.sink.mute(from, token.at);
            for _ in 0..unclosed {
                let Some(opener) = self.open.pop() else { break };
                self.report_unclosed(opener, Some(token));
                self.push_closer(opener);
            }
            self.open.pop();
            self.out.push(token);
        } else if wrong_kind <= superfluous {
            let opener = self.sink.place(top.at, top.end);
            self.sink.report(token.at, token.end, |place| errors::wrong_bracket(place, opener, bracket_of(top.kind)));
            self.open.pop();
            self.out.push(Token { kind: closer_of(top.kind), ..token });
        } else {
            self.sink.report(token.at, token.end, errors::unmatched_bracket);
        }
    }

    /// Closes what is open at the end. One cut text is one mistake, at the innermost container.
    fn finish(mut self) -> Vec<Token> {
        let text = self.text;
        if let Some(&innermost) = self.open.last() {
            let is_cut_in_token = self.sink.is_end_muted();
            if !is_cut_in_token {
                self.report_unclosed(innermost, None);
            }
            let from = self.out.last().map_or(0, |last| last.at);
            self.sink.mute(from, u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        while let Some(opener) = self.open.pop() {
            self.push_closer(opener);
        }
        debug_assert!(self.out.iter().all(|token| usize_of(token.end) <= text.len()));
        self.out
    }
}
