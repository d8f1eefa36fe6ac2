//! The lexer of JSON: text becomes tokens, and what is no JSON becomes one bad token with one finding.
//!
//! Tokens hold no text, only their kind and place. Bad tokens stand where a string or a value may stand, so that the
//! grammar goes on behind them; comments vanish.

use std::ops::Range;

use logos::Logos;

use super::{
    errors,
    json::{MAX_DEPTH, Sink},
};
use crate::source::{Diagnostic, Place};

/// What the grammar sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// A string that is its own text byte for byte.
    Plain,
    /// A string with valid escapes.
    Escaped,
    /// A number.
    Number,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// Something that has been reported already.
    Bad,
}

impl Kind {
    /// Whether the token opens a container.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Kind::OpenBrace | Kind::OpenBracket)
    }

    /// Whether the token closes a container.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Kind::CloseBrace | Kind::CloseBracket)
    }
}

/// One token, `at..end` in bytes of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: u32,
    pub(crate) end: u32,
}

const _: () = assert!(size_of::<Token>() == 12);

impl Token {
    /// The token as the grammar takes it.
    pub(super) fn located(&self) -> Located {
        (self.at, self.kind, self.end)
    }
}

/// A token with its kind between start and end.
pub(super) type Located = (u32, Kind, u32);

/// What logos tells apart. The longest match wins, then the higher priority: a closed string is longer than the same
/// string taken for an unclosed one, and a valid number beats a malformed one of the same length.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n]+")]
enum Raw {
    #[token("{")]
    OpenBrace,
    #[token("}")]
    CloseBrace,
    #[token("[")]
    OpenBracket,
    #[token("]")]
    CloseBracket,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("true", priority = 50)]
    True,
    #[token("false", priority = 50)]
    False,
    #[token("null", priority = 50)]
    Null,
    #[regex(r#""[^"\\\x00-\x1F]*""#, priority = 40)]
    Plain,
    /// Closed, but with escapes or control characters that must be looked at.
    #[regex(r#""([^"\\\n\r]|\\[^\n\r])*""#, priority = 30)]
    Checked,
    #[regex(r#""([^"\\\n\r]|\\[^\n\r])*\\?"#, priority = 20)]
    Unterminated,
    #[regex(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", priority = 40)]
    Number,
    #[regex(r"[-+.0-9][-+.0-9A-Za-z_]*", priority = 30)]
    BadNumber,
    #[regex(r"[A-Za-z_$][A-Za-z0-9_$*?:.-]*[A-Za-z0-9_$*?.-]", priority = 30)]
    #[regex(r"[A-Za-z_$]", priority = 30)]
    Word,
    #[regex(r"'([^'\\\n\r]|\\[^\n\r])*'", priority = 30)]
    SingleQuoted,
    #[regex("[\u{201C}\u{201D}\u{201E}][^\u{201C}\u{201D}\n\r]*[\u{201C}\u{201D}]", priority = 30)]
    TypographicQuoted,
    #[regex(r"//[^\n\r]*", priority = 30, allow_greedy = true)]
    #[regex(r"#[^\n\r]*", priority = 30, allow_greedy = true)]
    #[regex(r"/\*([^*]|\*+[^*/])*\**", priority = 20)]
    #[regex(r"/\*([^*]|\*+[^*/])*\*+/", priority = 30)]
    Comment,
    #[regex(r"[^ \t\r\n]", priority = 1)]
    Unknown,
}

/// The tokens of `text` one by one, up to the first thing that is wrong: that is an error, about which [`lex`] knows more.
/// So a text without mistakes is never there as a list of tokens, which is larger than itself.
pub(super) fn flawless(text: &str) -> impl Iterator<Item = Result<Located, ()>> {
    let mut lexer = lexer(text);
    let mut depth = 0_usize;
    std::iter::from_fn(move || {
        let raw = lexer.next()?;
        let kind = raw.ok().and_then(|raw| flawless_kind(raw, &lexer));
        Some(kind.ok_or(()).and_then(|kind| {
            if kind.opens() {
                depth += 1;
            } else if kind.closes() {
                depth = depth.saturating_sub(1);
            }
            let range = lexer.span();
            let (at, end) = (u32::try_from(range.start), u32::try_from(range.end));
            match (at, end) {
                (Ok(at), Ok(end)) if depth <= MAX_DEPTH => Ok((at, kind, end)),
                _ => Err(()),
            }
        }))
    })
}

/// The kind of a token about which there is nothing to report.
fn flawless_kind(raw: Raw, lexer: &logos::Lexer<'_, Raw>) -> Option<Kind> {
    match raw {
        Raw::OpenBrace => Some(Kind::OpenBrace),
        Raw::CloseBrace => Some(Kind::CloseBrace),
        Raw::OpenBracket => Some(Kind::OpenBracket),
        Raw::CloseBracket => Some(Kind::CloseBracket),
        Raw::Comma => Some(Kind::Comma),
        Raw::Colon => Some(Kind::Colon),
        Raw::True => Some(Kind::True),
        Raw::False => Some(Kind::False),
        Raw::Null => Some(Kind::Null),
        Raw::Plain => Some(Kind::Plain),
        Raw::Number => Some(Kind::Number),
        Raw::Checked => unescape(inside(lexer.slice()), |_, _, _| {}).is_ok().then_some(Kind::Escaped),
        Raw::Unterminated
        | Raw::BadNumber
        | Raw::Word
        | Raw::SingleQuoted
        | Raw::TypographicQuoted
        | Raw::Comment
        | Raw::Unknown => None,
    }
}

/// The lexer of a text, behind its byte order mark.
fn lexer(text: &str) -> logos::Lexer<'_, Raw> {
    let mut lexer = Raw::lexer(text);
    lexer.bump(if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 });
    lexer
}

/// The text between the quotes of a string.
fn inside(string: &str) -> &str {
    string.get(1..string.len() - 1).unwrap_or("")
}

/// Splits `text` into tokens; what is wrong goes to `sink`.
pub(crate) fn lex(text: &str, sink: &mut Sink<'_>) -> Vec<Token> {
    // What is not indented has a token for every six or seven bytes.
    let mut tokens = Vec::with_capacity(text.len() / 6);
    let mut lexer = lexer(text);
    let mut quotes = Quotes::new(text);
    while let Some(raw) = lexer.next() {
        let range = lexer.span();
        if let Some((range, quote)) = quotes.missing(raw.ok(), &range) {
            let (Ok(at), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) else { break };
            let kind = match quote {
                Quote::Opening => bad(sink, at, end, errors::unopened_string),
                Quote::Closing => bad(sink, at, end, errors::unterminated_string),
            };
            tokens.push(Token { kind, at, end });
            // What follows is read anew, with the quote in its place.
            lexer = Raw::lexer(text);
            lexer.bump(range.end);
            continue;
        }
        // The caller refuses texts of 4 GiB and more.
        let (Ok(at), Ok(mut end)) = (u32::try_from(range.start), u32::try_from(range.end)) else { break };
        let kind = match raw {
            Ok(Raw::OpenBrace) => Kind::OpenBrace,
            Ok(Raw::CloseBrace) => Kind::CloseBrace,
            Ok(Raw::OpenBracket) => Kind::OpenBracket,
            Ok(Raw::CloseBracket) => Kind::CloseBracket,
            Ok(Raw::Comma) => Kind::Comma,
            Ok(Raw::Colon) => Kind::Colon,
            Ok(Raw::True) => Kind::True,
            Ok(Raw::False) => Kind::False,
            Ok(Raw::Null) => Kind::Null,
            Ok(Raw::Plain) => Kind::Plain,
            Ok(Raw::Number) => Kind::Number,
            Ok(Raw::Checked) => check_string(lexer.slice(), at, sink),
            Ok(Raw::Comment) => {
                sink.report(at, end, errors::comment);
                continue;
            }
            Ok(Raw::SingleQuoted) => bad(sink, at, end, errors::single_quotes),
            Ok(Raw::TypographicQuoted) => bad(sink, at, end, errors::typographic_quotes),
            Ok(Raw::BadNumber) => bad(sink, at, end, errors::bad_number),
            Ok(Raw::Unterminated) => {
                // What follows the forgotten quote is most often the punctuation at the end of the line.
                let kept = without_tail(lexer.slice());
                let tail: Vec<(usize, char)> = lexer.slice().get(kept.len()..).unwrap_or("").char_indices().collect();
                let line_end = end;
                end = at + length(kept);
                let line_start = sink.unterminated(text, at, end, line_end);
                discard_torn(&mut tokens, line_start);
                tokens.push(Token { kind: Kind::Bad, at, end });
                for (offset, character) in tail {
                    let at = end + u32::try_from(offset).unwrap_or(0);
                    let kind = match character {
                        ',' => Kind::Comma,
                        ']' => Kind::CloseBracket,
                        '}' => Kind::CloseBrace,
                        '[' => Kind::OpenBracket,
                        '{' => Kind::OpenBrace,
                        ':' => Kind::Colon,
                        _ => continue,
                    };
                    tokens.push(Token { kind, at, end: at + 1 });
                }
                continue;
            }
            Ok(Raw::Word) => {
                if extend_bad(&mut tokens, text, sink, at, end) {
                    continue;
                }
                let word = lexer.slice();
                bad(sink, at, end, |place| errors::bare_word(place, word))
            }
            Ok(Raw::Unknown) | Err(()) => {
                if extend_bad(&mut tokens, text, sink, at, end) {
                    continue;
                }
                bad(sink, at, end, errors::unknown_characters)
            }
        };
        tokens.push(Token { kind, at, end });
    }
    // A text that ends in a cut word or number is cut: its open brackets are no second mistake.
    let is_cut = tokens.last().is_some_and(|last| last.kind == Kind::Bad && usize_of(last.end) == text.len());
    if is_cut {
        sink.mute_end();
    }
    tokens
}

/// An unclosed string without the punctuation that ends its line: what follows a value, or `: [` behind a name.
fn without_tail(string: &str) -> &str {
    let kept = string.trim_end_matches([' ', '\t', ',', ']', '}']);
    let name = kept.strip_suffix(['[', '{']).and_then(|kept| kept.trim_end_matches([' ', '\t']).strip_suffix(':'));
    match name.unwrap_or(kept) {
        "" => string.get(..1).unwrap_or(string),
        kept => kept,
    }
}

/// The quote that a string lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    Opening,
    Closing,
}

/// Finds the string that lacks a quote in a line with an odd number of them.
#[derive(Debug)]
struct Quotes<'t> {
    text: &'t str,
    /// End of the line that was looked at last.
    line_end: usize,
    /// Whether a quote is missing in what is left of it.
    is_odd: bool,
}

impl<'t> Quotes<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, line_end: 0, is_odd: false }
    }

    /// The string with one quote that the token at `range` begins. Each line is counted once.
    fn missing(&mut self, raw: Option<Raw>, range: &Range<usize>) -> Option<(Range<usize>, Quote)> {
        if self.line_end <= range.start {
            let rest = self.text.get(range.start..)?;
            let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
            self.line_end = range.start + line.len().max(1);
            self.is_odd = !quotes(line).is_multiple_of(2);
        }
        if !self.is_odd {
            return None;
        }
        let line = self.text.get(range.start..self.line_end)?;
        let length = range.len();
        let is_ended = is_end(line.get(length..)?);
        let is_string = matches!(raw?, Raw::Plain | Raw::Checked);
        let is_bare = matches!(
            raw?,
            Raw::Word | Raw::BadNumber | Raw::Number | Raw::True | Raw::False | Raw::Null | Raw::Unknown
        );
        let found = if is_string && !is_ended {
            // The string reaches to the quote that opens the next one.
            let inner = line.get(1..length - 1)?;
            let kept = inner.trim_end_matches([' ', '\t', ',', ':', '[', ']', '{', '}']);
            (range.start..range.start + 1 + kept.len(), Quote::Closing)
        } else if is_bare && !is_ended {
            let end = line.find('"')? + 1;
            is_end(line.get(end..)?).then_some(())?;
            (range.start..range.start + end, Quote::Opening)
        } else {
            return None;
        };
        self.is_odd = false;
        Some(found)
    }
}

/// Whether a value or a name ends in front of that text.
fn is_end(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with([',', ':', ']', '}', '/', '#'])
}

/// How many quotes a line holds, escaped ones not counted.
fn quotes(line: &str) -> usize {
    let mut is_escaped = false;
    let is_quote = |byte: u8| {
        let is_quote = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_quote
    };
    line.bytes().map(is_quote).filter(|is_quote| *is_quote).count()
}

fn bad(sink: &mut Sink<'_>, at: u32, end: u32, make: impl FnOnce(Place) -> Diagnostic) -> Kind {
    sink.report(at, end, make);
    Kind::Bad
}

/// Lengthens the bad token before `at` when only blanks lie between: a run of words is one mistake.
fn extend_bad(tokens: &mut [Token], text: &str, sink: &mut Sink<'_>, at: u32, end: u32) -> bool {
    match tokens.last_mut() {
        Some(last) if last.kind == Kind::Bad => {
            let between = text.get(usize_of(last.end)..usize_of(at)).unwrap_or("x");
            let joined = between.bytes().all(|byte| matches!(byte, b' ' | b'\t'));
            if joined {
                sink.lengthen(last.at, last.end, end);
                last.end = end;
            }
            joined
        }
        _ => false,
    }
}

/// Discards the strings of a line with an odd number of quotes if there is bare text between them: a quote is then
/// missing further left, and these strings are what should stand between strings.
fn discard_torn(tokens: &mut [Token], line_start: u32) {
    let first = tokens.partition_point(|token| token.at < line_start);
    let Some(line) = tokens.get_mut(first..) else { return };
    if line.iter().any(|token| token.kind == Kind::Bad) {
        for token in line.iter_mut().filter(|token| matches!(token.kind, Kind::Plain | Kind::Escaped)) {
            token.kind = Kind::Bad;
        }
    }
}

fn check_string(raw: &str, at: u32, sink: &mut Sink<'_>) -> Kind {
    match unescape(inside(raw), |_, _, _| {}) {
        Ok(()) => Kind::Escaped,
        Err((range, fault)) => {
            let from = at + 1 + u32::try_from(range.start).unwrap_or(0);
            let to = at + 1 + u32::try_from(range.end).unwrap_or(0);
            sink.report(from, to, |place| match fault {
                Fault::Control(character) => errors::control_character(place, character),
                Fault::Escape => errors::bad_escape(place),
                Fault::Surrogate => errors::lone_surrogate(place),
            });
            Kind::Bad
        }
    }
}

/// Why a string is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A character below U+0020.
    Control(char),
    /// An unknown or cut escape.
    Escape,
    /// Half of a surrogate pair.
    Surrogate,
}

/// Walks over the text between the quotes of a string and calls `character(c, at, end)` for each character it means,
/// written at `at..end`.
///
/// # Errors
///
/// The first thing that no JSON string may hold, and its range.
pub(crate) fn unescape(
    inner: &str,
    mut character: impl FnMut(char, usize, usize),
) -> Result<(), (Range<usize>, Fault)> {
    let mut rest = inner.char_indices();
    while let Some((at, first)) = rest.next() {
        let end = at + first.len_utf8();
        if u32::from(first) < 0x20 {
            return Err((at..end, Fault::Control(first)));
        }
        if first != '\\' {
            character(first, at, end);
            continue;
        }
        let Some((_, letter)) = rest.next() else { return Err((at..end, Fault::Escape)) };
        let end = end + letter.len_utf8();
        let meant = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (meant, end) = unicode_escape(inner, at)?;
                while rest.offset() < end && rest.next().is_some() {}
                character(meant, at, end);
                continue;
            }
            _ => return Err((at..end, Fault::Escape)),
        };
        character(meant, at, end);
    }
    Ok(())
}

/// Reads `\uXXXX`, or the pair `\uD8XX\uDCXX`, at `at`; returns the character and where it ends.
fn unicode_escape(inner: &str, at: usize) -> Result<(char, usize), (Range<usize>, Fault)> {
    let end = at + 6;
    let Some(first) = hex_escape(inner, at) else {
        // Point at `\u` only, as what follows is of unknown length.
        return Err((at..at + 2, Fault::Escape));
    };
    if let Some(character) = char::from_u32(first) {
        return Ok((character, end));
    }
    let is_high = (0xD800..0xDC00).contains(&first);
    match hex_escape(inner, end) {
        Some(second) if is_high && (0xDC00..0xE000).contains(&second) => {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            char::from_u32(code).map(|character| (character, end + 6)).ok_or((at..end, Fault::Surrogate))
        }
        _ => Err((at..end, Fault::Surrogate)),
    }
}

fn hex_escape(inner: &str, at: usize) -> Option<u32> {
    let digits = inner.get(at..at + 6)?.strip_prefix("\\u")?;
    // `from_str_radix` alone would accept a sign.
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

/// Length in bytes; the caller refuses texts of 4 GiB and more.
pub(crate) fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// A byte offset as an index.
pub(crate) fn usize_of(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
