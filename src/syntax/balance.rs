//! Repairs brackets, so that the grammar behind meets only pairs.
//!
//! Texts without a bracket mistake pass unchanged. Otherwise the number of closing brackets that are left over behind
//! a place tells whether a bracket is missing, superfluous or of the wrong kind there. Where that is comes from the
//! grammar, then from the layout, then from names that stand in one place of a policy only.

use super::{
    document::STATEMENT_ELEMENTS,
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
        repair.close_by_name(token, next, at);
        repair.reopen_by_name(token, next, at);
        repair.open_before(&tokens, at);
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

fn opening_bracket(opener: Kind) -> char {
    if opener == Kind::OpenBrace { '{' } else { '[' }
}

/// The names of the members that stand in a container, of which the tokens from its first one are given.
fn names<'t>(text: &'t str, tokens: &[Token]) -> Vec<&'t str> {
    let (mut depth, mut names) = (0_usize, Vec::new());
    for (token, next) in tokens.iter().zip(tokens.iter().skip(1)) {
        if token.kind.opens() {
            depth += 1;
        } else if token.kind.closes() {
            let Some(outer) = depth.checked_sub(1) else { break };
            depth = outer;
        } else if depth == 0 && next.kind == Kind::Colon {
            names.extend(text.get(usize_of(token.at)..usize_of(token.end)));
        }
    }
    names
}

/// Whether a name in a condition is that of an operator: names of keys hold a colon behind their prefix.
fn is_operator(name: &str) -> bool {
    !name.contains(':') || name.starts_with("ForA")
}

fn is_string(kind: Kind) -> bool {
    matches!(kind, Kind::Plain | Kind::Escaped | Kind::Bad)
}

fn name_of(opener: Kind) -> &'static str {
    if opener == Kind::OpenBrace { "an object" } else { "an array" }
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
            let comma = self.out.last().copied().filter(|last| last.kind == Kind::Comma);
            if comma.is_some() && is_name {
                self.out.pop();
            }
            self.report_unclosed(top);
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
        if comma.is_some() {
            self.out.pop();
        }
        self.report_unclosed(top);
        self.push_closer(top);
        match comma {
            Some(comma) => self.out.push(comma),
            None => self.sink.mute(self.last_end(), self.last_end()),
        }
    }

    /// The name of the member whose value is the container that token number `opener` opens; empty where there is none.
    fn member_of(&self, opener: usize) -> &str {
        let colon = opener.checked_sub(1).and_then(|colon| self.out.get(colon));
        let name = opener.checked_sub(2).and_then(|name| self.out.get(name));
        match (colon, name) {
            (Some(colon), Some(name)) if colon.kind == Kind::Colon => {
                self.text.get(usize_of(name.at)..usize_of(name.end)).unwrap_or("").trim_matches('"')
            }
            _ => "",
        }
    }

    /// The names of the members whose values are open, innermost first: what of `Condition` or `Principal` is open.
    fn open_members(&self) -> Vec<&str> {
        let opener = |open: &Token| self.out.iter().rposition(|token| token.at == open.at && token.kind == open.kind);
        self.open.iter().rev().take(3).map(|open| opener(open).map_or("", |opener| self.member_of(opener))).collect()
    }

    /// Closes objects of a condition or a principal where what follows is a member of the statement, and those of an
    /// operator where the next operator follows. Only if a closing bracket is missing later on.
    fn close_by_name(&mut self, token: Token, next: Option<Kind>, at: usize) {
        let is_missing = self.left_over.get(at).is_some_and(|&count| count < self.open.len());
        let is_member = self.open.last().is_some_and(|top| top.kind == Kind::OpenBrace)
            && self.out.last().is_some_and(|last| last.kind == Kind::Comma);
        if !is_missing || !is_member || !is_string(token.kind) || next != Some(Kind::Colon) {
            return;
        }
        let name = self.text.get(usize_of(token.at)..usize_of(token.end)).unwrap_or("").trim_matches('"');
        let members = self.open_members();
        let is_outer = |member: &&str| matches!(*member, "Condition" | "Principal" | "NotPrincipal");
        let depth = match members.iter().position(is_outer) {
            Some(depth) if STATEMENT_ELEMENTS.contains(&name) => depth + 1,
            Some(1) if members.get(1) == Some(&"Condition") && is_operator(name) => 1,
            Some(_) | None => return,
        };
        // The comma is the outer object's.
        let comma = self.out.pop();
        for _ in 0..depth {
            let is_missing = self.left_over.get(at).is_some_and(|&count| count < self.open.len());
            let Some(top) = self.open.pop_if(|_| is_missing) else { break };
            self.report_unclosed(top);
            self.push_closer(top);
        }
        self.out.extend(comma);
    }

    /// Takes back the bracket that closed a condition where an operator follows, or the one that closed an operator's
    /// object where a key follows: that bracket is one too many. Only if there are more closing brackets left than open
    /// ones.
    fn reopen_by_name(&mut self, token: Token, next: Option<Kind>, at: usize) {
        let is_surplus = self.left_over.get(at).is_some_and(|&count| self.open.len() < count);
        if !is_surplus || !is_string(token.kind) || next != Some(Kind::Colon) {
            return;
        }
        let [.., closer, comma] = self.out.as_slice() else { return };
        if closer.kind != Kind::CloseBrace || comma.kind != Kind::Comma {
            return;
        }
        let (closer, place) = (self.out.len() - 2, *closer);
        let Some(opener) = self.opener_of(closer) else { return };
        let name = self.text.get(usize_of(token.at)..usize_of(token.end)).unwrap_or("").trim_matches('"');
        let is_operator_in_statement =
            self.member_of(opener) == "Condition" && is_operator(name) && !STATEMENT_ELEMENTS.contains(&name);
        let is_key_in_condition = self.open_members().first() == Some(&"Condition") && !is_operator(name);
        if is_operator_in_statement || is_key_in_condition {
            self.sink.report(place.at, place.end, errors::unmatched_bracket);
            let opener = self.out.get(opener).copied();
            self.out.remove(closer);
            self.open.extend(opener);
        }
    }

    /// Reports a container whose closing bracket belongs behind the last token.
    fn report_unclosed(&mut self, opener: Token) {
        let (gap, place) = (self.last_end(), self.sink.place(opener.at, opener.end));
        let (what, bracket) = (name_of(opener.kind), bracket_of(opener.kind));
        self.sink.report(gap, gap, |gap| errors::unclosed(gap, place, what, bracket));
    }

    /// Opens a container where what follows can only be in one that nothing opens: a member in an array or in the place
    /// of a value, or a value in the place of a member. Only if there are more closing brackets left than open ones.
    fn open_before(&mut self, tokens: &[Token], at: usize) {
        let Some((&token, following)) = tokens.get(at..).and_then(<[Token]>::split_first) else { return };
        let next = following.first().map(|next| next.kind);
        if self.left_over.get(at).is_none_or(|&count| count <= self.open.len()) {
            return;
        }
        let (top, last) = (self.open.last().map(|top| top.kind), self.out.last().map(|last| last.kind));
        let is_name = is_string(token.kind) && next == Some(Kind::Colon);
        let starts_value = match top {
            None => last.is_none(),
            Some(Kind::OpenBracket) => matches!(last, Some(Kind::OpenBracket | Kind::Comma)),
            Some(_) => last == Some(Kind::Colon),
        };
        if is_name && starts_value {
            let is_next = top == Some(Kind::OpenBracket) && last == Some(Kind::Comma);
            if !is_next || !self.reopen(tokens.get(at..).unwrap_or(&[])) {
                self.insert_opener(self.out.len(), token.at, Kind::OpenBrace);
            }
            return;
        }
        let is_value =
            token.kind.opens() || (is_string(token.kind) && matches!(next, Some(Kind::Comma | Kind::CloseBracket)));
        let is_behind_member = top == Some(Kind::OpenBrace) && last == Some(Kind::Comma) && is_value;
        let is_closing = top == Some(Kind::OpenBrace)
            && token.kind == Kind::CloseBracket
            && !matches!(last, Some(Kind::Comma | Kind::Colon | Kind::OpenBrace | Kind::CloseBracket));
        if is_behind_member || is_closing {
            self.open_last_value();
        }
    }

    /// Takes back the bracket that closed the object in front of the last comma, if the members that follow may be its
    /// own: none has the name of one that it has. Then that bracket is one too many.
    fn reopen(&mut self, following: &[Token]) -> bool {
        let Some(closer) = self.out.len().checked_sub(2) else { return false };
        let Some(opener) = self.opener_of(closer) else { return false };
        let (text, own) = (self.text, self.out.get(opener + 1..closer).unwrap_or(&[]));
        let names_before = names(text, own);
        let is_new = names(text, following).iter().all(|name| !names_before.contains(name));
        let (Some(&last), Some(&first)) = (self.out.get(closer), self.out.get(opener)) else { return false };
        if !is_new || last.kind != Kind::CloseBrace {
            return false;
        }
        self.sink.report(last.at, last.end, errors::unmatched_bracket);
        self.out.remove(closer);
        self.open.push(first);
        true
    }

    /// Puts an opening bracket in front of the value of the last member.
    fn open_last_value(&mut self) {
        let mut depth = 0_usize;
        let colon = self.out.iter().rposition(|token| {
            if token.kind.closes() {
                depth += 1;
            } else if token.kind.opens() {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && token.kind == Kind::Colon
        });
        let Some(first) = colon.and_then(|colon| self.out.get(colon + 1)) else { return };
        self.insert_opener(colon.map_or(0, |colon| colon + 1), first.at, Kind::OpenBracket);
    }

    /// The number of the opening bracket of which token number `closer` is the closing one.
    fn opener_of(&self, closer: usize) -> Option<usize> {
        let mut depth = 0_usize;
        self.out.get(..=closer)?.iter().rposition(|token| {
            if token.kind.closes() {
                depth += 1;
            } else if token.kind.opens() {
                depth = depth.saturating_sub(1);
            }
            depth == 0
        })
    }

    /// Puts an opening bracket in front of byte `gap`, as the token number `index`, and reports that it was missing.
    fn insert_opener(&mut self, index: usize, gap: u32, kind: Kind) {
        self.sink.report(gap, gap, |gap| errors::unopened(gap, name_of(kind), opening_bracket(kind)));
        let opener = Token { kind, at: gap, end: gap };
        self.out.insert(index, opener);
        self.open.push(opener);
    }

    /// Takes a closing bracket. Where it does not fit the innermost container, the cheapest of three readings is
    /// taken, counted in mistakes here and brackets that are then too many or too few at the end: it is of the wrong
    /// kind, inner containers were not closed before it, or it is superfluous.
    fn close(&mut self, token: Token, at: usize) {
        let Some(&top) = self.open.last() else {
            self.sink.report(token.at, token.end, errors::unmatched_bracket);
            return;
        };
        if self.is_out_of_line(token, top, at) {
            self.sink.report(token.at, token.end, errors::unmatched_bracket);
            return;
        }
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
                self.report_unclosed(opener);
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

    /// Whether the layout says that a closing bracket does not close `top`: it is not as deep as the line on which that
    /// was opened. Only if there are more closing brackets left than open ones.
    fn is_out_of_line(&self, token: Token, top: Token, at: usize) -> bool {
        let is_surplus = self.left_over.get(at).is_some_and(|&count| self.open.len() < count);
        let ((line, indent), (top_line, top_indent)) = (self.line_of(token.at), self.line_of(top.at));
        is_surplus && line != top_line && (token.at != line + indent || indent != top_indent)
    }

    /// Closes what is open at the end. One cut text is one mistake, at the innermost container.
    fn finish(mut self) -> Vec<Token> {
        let text = self.text;
        if let Some(&innermost) = self.open.last() {
            let is_cut_in_token = self.sink.is_end_muted();
            if !is_cut_in_token {
                self.report_unclosed(innermost);
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
