//! Documents inside strings: JSON text, or percent-encoded JSON text, as the value of a JSON string (R-ID-19).
//!
//! Comes in: the string's value and the file around it. Goes out: the inner text, ready for [`json::parse`], with a map
//! that leads its positions back into the outer file. The inner text itself is not looked at beyond its first
//! characters.
//!
//! [`json::parse`]: super::json::parse

use super::{
    errors,
    json::{Kind, OffsetMap, Value},
    token::{unescape, usize_of},
};
use crate::source::{Diagnostic, Place, SourceId, Span};

/// One character of the inner text and where it is written in the outer file.
#[derive(Debug, Clone, Copy)]
struct Written {
    character: char,
    at: u32,
    end: u32,
}

/// Decodes the document in the string `value` of the file `file`.
///
/// `value` must have been parsed from `file` or from a slice of it with its offset; a string that itself comes out of
/// a decoded text has no bytes of its own in the file, and all positions then point at the whole string.
/// `None` with one finding where the string is neither JSON text nor percent-encoded JSON text; `None` without one
/// where `value` has been refused already.
pub(crate) fn decode(
    file: &str,
    value: &Value<'_>,
    source: SourceId,
    findings: &mut Vec<Diagnostic>,
) -> Option<(String, OffsetMap)> {
    let place = |span| Place { source, span };
    let text = match &value.kind {
        Kind::String { text, .. } => *text,
        Kind::Error => return None,
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Array(_) | Kind::Object(_) => {
            findings.push(errors::not_a_document_string(place(value.span)));
            return None;
        }
    };
    let written = written(file, value.span, text);
    match encoding(text) {
        Some(Encoding::Json) => Some(collect(written.into_iter())),
        Some(Encoding::Percent) => match percent_decode(&written) {
            Ok(decoded) => Some(collect(decoded.into_iter())),
            Err((span, make)) => {
                findings.push(make(place(span)));
                None
            }
        },
        None => {
            findings.push(errors::not_a_document_string(place(value.span)));
            None
        }
    }
}

/// Decodes a file that as a whole is percent-encoded JSON text.
///
/// `None` with one finding where an escape is broken.
pub(crate) fn decode_file(file: &str, source: SourceId, findings: &mut Vec<Diagnostic>) -> Option<(String, OffsetMap)> {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let characters = file.char_indices();
    let written: Vec<Written> = characters
        .map(|(at, character)| Written { character, at: offset(at), end: offset(at + character.len_utf8()) })
        .collect();
    match percent_decode(&written) {
        Ok(decoded) => Some(collect(decoded.into_iter())),
        Err((span, make)) => {
            findings.push(make(Place { source, span }));
            None
        }
    }
}

enum Encoding {
    Json,
    Percent,
}

/// JSON text starts with a bracket, percent-encoded text with `%`, or with a bracket that the encoder has spared.
fn encoding(text: &str) -> Option<Encoding> {
    let blank = [' ', '\t', '\r', '\n', '\u{feff}'];
    let text = text.trim_start_matches(blank);
    match text.strip_prefix(['{', '[']) {
        Some(rest) if rest.trim_start_matches(blank).starts_with(['%', '+']) => Some(Encoding::Percent),
        Some(_) => Some(Encoding::Json),
        None if text.starts_with('%') => Some(Encoding::Percent),
        // The first bracket is missing, or a comment stands in front of it.
        None if ["\"", "#", "//", "/*"].iter().any(|start| text.starts_with(start)) => Some(Encoding::Json),
        None => None,
    }
}

/// The characters of a string with their places in the file.
fn written(file: &str, span: Span, text: &str) -> Vec<Written> {
    let token = file.get(usize_of(span.start())..usize_of(span.end())).unwrap_or("");
    let inner = token.strip_prefix('"').and_then(|token| token.strip_suffix('"')).unwrap_or("");
    let base = span.start().saturating_add(1);
    let outer = |offset: usize| base.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
    let mut written = Vec::with_capacity(text.len());
    let walked = unescape(inner, |character, at, end| {
        written.push(Written { character, at: outer(at), end: outer(end) });
    });
    let is_same = walked.is_ok() && written.iter().map(|written| written.character).eq(text.chars());
    if !is_same {
        let nowhere = |character| Written { character, at: span.start(), end: span.end() };
        return text.chars().map(nowhere).collect();
    }
    written
}

/// Joins characters to a text and its map.
fn collect(written: impl Iterator<Item = Written>) -> (String, OffsetMap) {
    let mut text = String::new();
    let mut map: Option<OffsetMap> = None;
    for Written { character, at, end } in written {
        let inner = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let map = map.get_or_insert_with(|| OffsetMap::shifted(at));
        map.note(inner, at);
        text.push(character);
        // The end of a span behind this character is where the character ends in the file.
        map.note(u32::try_from(text.len()).unwrap_or(u32::MAX), end);
    }
    (text, map.unwrap_or_default())
}

/// What is wrong in percent-encoded text: where, and the finding's constructor.
type Wrong = (Span, fn(Place) -> Diagnostic);

/// How far decoded JSON text has come: what a `+` can be there.
#[derive(Debug, Default)]
struct Progress {
    is_in_string: bool,
    is_escaped: bool,
    /// The last two characters, the last one first.
    last: [char; 2],
}

impl Progress {
    /// Whether a `+` that comes next has no meaning: only strings and exponents hold one.
    fn refuses_plus(&self) -> bool {
        let [last, before] = self.last;
        let is_exponent = last.eq_ignore_ascii_case(&'e') && before.is_ascii_digit();
        !self.is_in_string && !is_exponent
    }

    fn advance(&mut self, character: char) {
        let is_quote = character == '"' && !self.is_escaped;
        self.is_escaped = self.is_in_string && character == '\\' && !self.is_escaped;
        self.is_in_string ^= is_quote;
        let [last, _] = self.last;
        self.last = [character, last];
    }
}

/// RFC 3986: `%` and two digits are one byte; `+` is a plus.
fn percent_decode(written: &[Written]) -> Result<Vec<Written>, Wrong> {
    let mut decoded = Vec::with_capacity(written.len() / 2);
    let mut progress = Progress::default();
    let mut rest = written;
    while let [first, behind @ ..] = rest {
        if first.character != '%' {
            if first.character == '+' && progress.refuses_plus() {
                return Err((Span::new(first.at, first.end), errors::plus_blank));
            }
            progress.advance(first.character);
            decoded.push(*first);
            rest = behind;
            continue;
        }
        let (byte, mut end) = percent_byte(rest)?;
        rest = rest.get(3..).unwrap_or(&[]);
        let mut bytes = vec![byte];
        let wanted = match byte {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => 1,
        };
        while bytes.len() < wanted && rest.first().is_some_and(|next| next.character == '%') {
            let (byte, behind) = percent_byte(rest)?;
            bytes.push(byte);
            end = behind;
            rest = rest.get(3..).unwrap_or(&[]);
        }
        let span = Span::new(first.at, end);
        let character = std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        let Some(character) = character else { return Err((span, errors::bad_utf8)) };
        progress.advance(character);
        decoded.push(Written { character, at: first.at, end });
    }
    Ok(decoded)
}

/// The byte that `%XX` at the start of `written` means, and where it ends.
fn percent_byte(written: &[Written]) -> Result<(u8, u32), Wrong> {
    let digit = |written: &Written| written.character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match written {
        [_, high, low, ..] if digit(high).is_some() && digit(low).is_some() => {
            let byte = digit(high).unwrap_or(0) * 16 + digit(low).unwrap_or(0);
            Ok((byte, low.end))
        }
        [percent, ..] => Err((Span::new(percent.at, percent.end), errors::bad_percent)),
        [] => Err((Span::default(), errors::bad_percent)),
    }
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::syntax::{ast::Pool, json};

    /// Decodes the string at `"d"` in `file`, parses the text in it, and returns the texts at the findings' places.
    fn findings_in(file: &str) -> (Vec<(&'static str, &str)>, usize) {
        let source = SourceId(0);
        let (arena, inner) = (json::Arena::default(), json::Arena::default());
        let mut findings = Vec::new();
        let outer = json::parse(file, &arena, &OffsetMap::default(), source, &mut findings).unwrap();
        let Kind::Object(members) = &outer.kind else { panic!() };
        let decoded = decode(file, &members[0].value, source, &mut findings);
        let mut statements = 0;
        if let Some((text, map)) = decoded {
            let value = json::parse(&text, &inner, &map, source, &mut findings);
            let policy = value
                .and_then(|value| crate::syntax::document::policy(&value, source, &mut Pool::default(), &mut findings));
            statements = policy.map_or(0, |policy| policy.statements.len());
        }
        let places = findings.iter().map(|finding| {
            let span = finding.place.span;
            (finding.code.rsplit("::").next().unwrap(), &file[usize_of(span.start())..usize_of(span.end())])
        });
        (places.collect(), statements)
    }

    fn check(file: &str, expected: &[(&str, &str)], statements: usize) {
        let (found, count) = findings_in(file);
        assert_eq!(found, expected, "{file}");
        assert_eq!(count, statements);
    }

    #[test]
    fn json_text() {
        check(r#"{"d": "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\"}}"}"#, &[], 1);
        check(
            r#"{"d": " {\"Statement\":\n {\"Effect\": \"allow\", \"Action\": \"\u002a\", \"\u0053od\": 1}}"}"#,
            &[("unknown-effect", r#"\"allow\""#), ("unknown-element", r#"\"\u0053od\""#)],
            1,
        );
        check(
            r#"{"d": "{\"Statement\": [1 2]}"}"#,
            &[("missing-comma", ""), ("wrong-type", "1"), ("wrong-type", "2")],
            0,
        );
    }

    #[test]
    fn percent_encoded_text() {
        let good = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22a%3A%C3%A9+%22%7D%7D";
        check(&format!(r#"{{"d": "{good}"}}"#), &[], 1);
        let bad = good.replace("Allow", "allow");
        check(&format!(r#"{{"d": "{bad}"}}"#), &[("unknown-effect", "%22allow%22")], 1);
        check(r#"{"d": "{%22Statement%22:[]}"}"#, &[], 0);
        // As `quote_plus` writes it: a `+` is a blank only by mistake, and there is one finding for all of them.
        let plus = "%7B%22Statement%22%3A+%7B%22Effect%22%3A+%22Allow%22%2C+%22Action%22%3A+%22%2A%22%7D%7D";
        check(&format!(r#"{{"d": "{plus}"}}"#), &[("plus-blank", "+")], 0);
        check(&format!(r#"{{"d": "{}"}}"#, plus.replace('+', "%20")), &[], 1);
        check(r#"{"d": "{+%22Statement%22:[]}"}"#, &[("plus-blank", "+")], 0);
        // Strings hold a `+` as it is, behind an escaped quote too; so do exponents.
        check(r#"{"d": "%7B%22Statement%22%3A%5B%5D%2C%22Id%22%3A%22%5C%22+%22%7D"}"#, &[], 0);
        check(r#"{"d": "%7B%22Statement%22%3A1e+5%7D"}"#, &[("wrong-type", "1e+5")], 0);
        check(r#"{"d": "%7B%2"}"#, &[("bad-percent", "%")], 0);
        check(r#"{"d": "%7B%C3%7D"}"#, &[("bad-utf8", "%C3%7D")], 0);
        check(r#"{"d": "%7B%FF"}"#, &[("bad-utf8", "%FF")], 0);
    }

    #[test]
    fn neither() {
        check(r#"{"d": "hello"}"#, &[("not-a-document", r#""hello""#)], 0);
        check(r#"{"d": ""}"#, &[("not-a-document", r#""""#)], 0);
        check(r#"{"d": 5}"#, &[("not-a-document", "5")], 0);
    }
}
