//! Patterns with wildcards, variables, actions and resources (chapters 2, 3 and 6).

use super::context::{Context, Held};
use super::switches::{ArnStar, Switches};
use super::value::fold;

/// One element of a pattern that is ready to be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A character (or byte, switch `question_mark`); `fold`: case does not matter.
    Lit { unit: u32, fold: bool },
    /// `?`; `colon`: may be a colon.
    Any { colon: bool },
    /// `*`; `colon`: may cross colons.
    Star { colon: bool },
}

/// Text as a row of characters, or of bytes where `question_mark` is `byte` (R-ARN-19).
pub(super) fn units(text: &str, switches: &Switches) -> Vec<u32> {
    if switches.question_mark_byte {
        text.bytes().map(u32::from).collect()
    } else {
        text.chars().map(u32::from).collect()
    }
}

const COLON: u32 = 58;

fn lower(unit: u32) -> u32 {
    if (65..=90).contains(&unit) { unit + 32 } else { unit }
}

/// glob(p, s) of section 0.3, by backtracking.
pub(super) fn glob(pattern: &[Token], text: &[u32]) -> bool {
    match (pattern, text) {
        ([], rest) => rest.is_empty(),
        ([Token::Star { colon }, after @ ..], _) => {
            let mut left = text;
            loop {
                if glob(after, left) {
                    return true;
                }
                match left {
                    [next, rest @ ..] if *colon || *next != COLON => left = rest,
                    _ => return false,
                }
            }
        }
        ([Token::Any { colon }, after @ ..], [next, rest @ ..]) => (*colon || *next != COLON) && glob(after, rest),
        ([Token::Lit { unit, fold }, after @ ..], [next, rest @ ..]) => {
            (unit == next || (*fold && lower(*unit) == lower(*next))) && glob(after, rest)
        }
        (_, []) => false,
    }
}

/// A plain glob: every wildcard takes every character.
pub(super) fn plain_glob(pattern: &str, text: &str, switches: &Switches) -> bool {
    let mut tokens = Vec::new();
    for c in pattern.chars() {
        match c {
            '*' => tokens.push(Token::Star { colon: true }),
            '?' => tokens.push(Token::Any { colon: true }),
            other => push_literal(&mut tokens, other, false, switches),
        }
    }
    glob(&tokens, &units(text, switches))
}

fn push_literal(tokens: &mut Vec<Token>, c: char, fold: bool, switches: &Switches) {
    for unit in units(&c.to_string(), switches) {
        tokens.push(Token::Lit { unit, fold });
    }
}

/// R-ACT-2 to R-ACT-8: prefix against prefix, name against name. Both sides in lower case.
pub(super) fn action_matches(pattern: &str, action: &str, switches: &Switches) -> bool {
    if !pattern.is_empty() && pattern.chars().all(|c| c == '*') {
        return true;
    }
    match (pattern.split_once(':'), action.split_once(':')) {
        (Some((prefix, name)), Some((service, operation))) => {
            plain_glob(prefix, service, switches) && plain_glob(name, operation, switches)
        }
        _ => false,
    }
}

/// One element of a text that may hold variables (chapter 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A character as written; `*` and `?` are wildcards where wildcards work.
    Char(char),
    /// `${name}` or `${name, 'default'}`, and its source text.
    Variable { key: String, default: Option<String>, source: String },
    /// `${*}`, `${?}`, `${$}` (R-VAR-11), and its source text.
    Escape { character: char, source: String },
    /// A malformed variable: a null value (R-VAR-12).
    Malformed { source: String },
}

/// Splits a text into parts; variables exist only in documents of version 2012-10-17 (R-VAR-2).
pub(super) fn parts(text: &str, variables: bool) -> Vec<Part> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if variables && let Some((content, after)) = rest.strip_prefix("${").and_then(|tail| tail.split_once('}')) {
            found.push(variable(content));
            rest = after;
            continue;
        }
        found.push(Part::Char(c));
        rest = rest.strip_prefix(c).unwrap_or("");
    }
    found
}

/// What stands between `${` and `}` (R-VAR-1, R-VAR-12).
fn variable(content: &str) -> Part {
    let source = format!("${{{content}}}");
    if let "*" | "?" | "$" = content {
        return Part::Escape { character: content.chars().next().unwrap_or('$'), source };
    }
    let (name, default) = match content.split_once(',') {
        None => (content, None),
        Some((name, quoted)) => match quoted.strip_prefix(" '").and_then(|text| text.strip_suffix('\'')) {
            Some(default) => (name, Some(default.to_owned())),
            None => return Part::Malformed { source },
        },
    };
    if name.is_empty() || name.trim() != name {
        return Part::Malformed { source };
    }
    Part::Variable { key: fold(name), default, source }
}

/// Text for a variable and whether it comes from the request; `None` is "no value" (R-VAR-6 to R-VAR-9).
fn substitute(key: &str, default: Option<&String>, context: &Context, switches: &Switches) -> Option<(String, bool)> {
    match context.get(key) {
        Some(Held::Single(text)) if !text.is_empty() || switches.empty_variable_empty => Some((text, true)),
        Some(Held::List(_)) if switches.multivalued_default_null => None,
        _ => default.map(|text| (text.clone(), false)),
    }
}

/// A character of an expanded text; wild if it is an active wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) character: char,
    pub(super) wild: bool,
}

fn is_wildcard(c: char) -> bool {
    c == '*' || c == '?'
}

/// Expands a condition value; `None` is a null value (R-VAR-8, R-VAR-13).
pub(super) fn expand(parts: &[Part], context: &Context, switches: &Switches) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for part in parts {
        match part {
            Part::Char(c) => pieces.push(Piece { character: *c, wild: is_wildcard(*c) }),
            Part::Escape { character, .. } => pieces.push(Piece { character: *character, wild: false }),
            Part::Malformed { .. } => return None,
            Part::Variable { key, default, .. } => {
                let (text, from_request) = substitute(key, default.as_ref(), context, switches)?;
                let active = from_request && switches.variable_wildcards_active;
                pieces.extend(text.chars().map(|c| Piece { character: c, wild: active && is_wildcard(c) }));
            }
        }
    }
    Some(pieces)
}

/// The text of pieces, wildcards being ordinary characters.
pub(super) fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.character).collect()
}

/// Matches pieces as a plain glob (R-CON-24, and one component of R-CON-26).
pub(super) fn glob_pieces(pieces: &[Piece], text: &str, switches: &Switches) -> bool {
    let mut tokens = Vec::new();
    for piece in pieces {
        match piece.character {
            '*' if piece.wild => tokens.push(Token::Star { colon: true }),
            '?' if piece.wild => tokens.push(Token::Any { colon: true }),
            other => push_literal(&mut tokens, other, false, switches),
        }
    }
    glob(&tokens, &units(text, switches))
}

/// What a document is for; decides about abbreviated ARNs and principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyType {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Endpoint,
    Resource,
}

/// One entry of `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(super) struct ResourceEntry {
    text: String,
    written: Vec<Part>,
    completed: Option<Vec<Part>>,
    ready: Option<Vec<Token>>,
}

/// How an entry relates to the request's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryMatch {
    Yes,
    No,
    /// A variable in it has no value.
    Null,
}

/// The request's resource, split once.
#[derive(Clone, Debug)]
pub(super) struct RequestResource {
    pub(super) text: String,
    pub(super) units: Vec<u32>,
}

impl ResourceEntry {
    pub(super) fn new(text: &str, variables: bool, policy_type: PolicyType, switches: &Switches) -> ResourceEntry {
        let written = parts(text, variables);
        let mut completed = None;
        let count = components(&written);
        if count < 6 && matches!(policy_type, PolicyType::Identity | PolicyType::Boundary) {
            let mut longer = written.clone();
            for _ in count..6 {
                longer.extend([Part::Char(':'), Part::Char('*')]);
            }
            completed = Some(longer);
        }
        let constant = written.iter().all(|part| matches!(part, Part::Char(_)));
        let ready = if constant { tokens(&written, &Context::default(), switches) } else { None };
        ResourceEntry { text: text.to_owned(), written, completed, ready }
    }

    /// R-ARN-6 to R-ARN-21.
    pub(super) fn matches(
        &self,
        resource: &RequestResource,
        policy_type: PolicyType,
        context: &Context,
        switches: &Switches,
    ) -> EntryMatch {
        if !self.text.is_empty() && self.text.chars().all(|c| c == '*') {
            return EntryMatch::Yes; // R-ARN-6
        }
        let Some(written) = self.ready.clone().or_else(|| tokens(&self.written, context, switches)) else {
            return EntryMatch::Null; // R-ARN-16
        };
        let head: String = self.text.chars().take(4).collect();
        let malformed =
            if switches.head_case_insensitive { !head.eq_ignore_ascii_case("arn:") } else { head != "arn:" };
        if resource.text == "*" || malformed {
            return EntryMatch::No; // R-ARN-20, R-ARN-16
        }
        let short = components(&self.written) < 6;
        let no_star = !self.text.ends_with('*');
        if short && no_star && matches!(policy_type, PolicyType::Resource | PolicyType::Endpoint) {
            return EntryMatch::No; // R-ARN-13
        }
        if glob(&written, &resource.units) {
            return EntryMatch::Yes;
        }
        // R-ARN-12
        if let Some(completed) = self.completed.as_ref().and_then(|parts| tokens(parts, context, switches))
            && glob(&completed, &resource.units)
        {
            return EntryMatch::Yes;
        }
        EntryMatch::No
    }
}

/// The number of components as written, at most six; colons inside variables do not count (R-VAR-16).
fn components(parts: &[Part]) -> usize {
    1 + parts.iter().filter(|part| **part == Part::Char(':')).take(5).count()
}

/// The automaton of R-ARN-10 for a resource pattern; `None` if a variable has no value.
fn tokens(parts: &[Part], context: &Context, switches: &Switches) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut component = 1;
    for (index, part) in parts.iter().enumerate() {
        let in_head = component < 6;
        let fold = in_head && switches.head_case_insensitive;
        let whole = switches.arn_star == ArnStar::WholeString;
        match part {
            Part::Char('*') => {
                let last = matches!(parts.get(index + 1), None | Some(Part::Char(':')));
                let crosses = last && switches.arn_star == ArnStar::TrailingCrosses;
                tokens.push(Token::Star { colon: !in_head || whole || crosses });
            }
            Part::Char('?') => tokens.push(Token::Any { colon: !in_head || whole }),
            Part::Char(c) => {
                push_literal(&mut tokens, *c, fold, switches);
                if *c == ':' && in_head {
                    component += 1;
                }
            }
            Part::Variable { source, .. } | Part::Escape { source, .. } | Part::Malformed { source }
                if component <= 3 || (in_head && switches.arn_head_variables_reject) =>
            {
                // R-VAR-3: literal text
                source.chars().for_each(|c| push_literal(&mut tokens, c, fold, switches));
            }
            Part::Escape { character, .. } => push_literal(&mut tokens, *character, fold, switches),
            Part::Malformed { .. } => return None,
            Part::Variable { key, default, .. } => {
                let (text, from_request) = substitute(key, default.as_ref(), context, switches)?;
                if in_head && text.contains(':') {
                    return None; // R-VAR-16: the entry matches nothing
                }
                let active = from_request && switches.variable_wildcards_active;
                for c in text.chars() {
                    match c {
                        '*' if active => tokens.push(Token::Star { colon: !in_head || whole }),
                        '?' if active => tokens.push(Token::Any { colon: !in_head || whole }),
                        other => push_literal(&mut tokens, other, fold, switches),
                    }
                }
            }
        }
    }
    Some(tokens)
}
