//! Secrets in texts: found and blotted out before anything else reads the text, so that no report can show them.
//!
//! The texts may be anything, broken JSON included. So this goes by the characters of names, in the text as it is and as
//! it is once its escapes are undone, and rather blots out too much: such a text is refused anyway.

use std::collections::BTreeSet;
use std::ops::Range;

/// Names of members that hold secrets, as the AWS CLI, its SDKs and its configuration file write them; case is ignored,
/// and so is `aws` before them.
const SECRETS: &[&str] = &["secretaccesskey", "secret_access_key", "secret-access-key"];

/// What must not be seen either where there is one of [`SECRETS`].
const TOKENS: &[&str] = &["sessiontoken", "session_token", "session-token"];

/// How many times the text all values together may be before the rest is blotted out whole.
const OVERLAPS: usize = 16;

/// How often escapes are undone: JSON in a string in a string.
const LEVELS: usize = 4;

/// Blots out every secret in a text, and returns where the names of those stand.
///
/// The text keeps its length in bytes: all positions stay true. Costs a pass over the text, and some more over one with
/// escapes that can hide letters.
pub(super) fn blot(text: &mut String) -> Vec<Range<usize>> {
    let levels = levels(text);
    let mut names = members(&levels, SECRETS);
    names.retain(|(level, name)| levels.get(*level).is_some_and(|level| level.is_whole_name(name)));
    if names.is_empty() {
        return Vec::new();
    }
    let mut bytes = text.clone().into_bytes();
    // Values can hold each other: beyond this many bytes, all that follows is blotted out at once.
    let mut budget = OVERLAPS * text.len();
    let mut rest = text.len();
    for (level, end) in names.iter().chain(&members(&levels, TOKENS)).map(|(level, name)| (*level, name.end)) {
        for level in levels.iter().take(level + 1) {
            let Some(start) = level.from(end).and_then(|at| level.value_start(at)) else { continue };
            if rest <= level.at(start) {
                continue;
            }
            if budget == 0 {
                rest = level.at(start);
                continue;
            }
            let value = level.value(start);
            budget = budget.saturating_sub(value.len() + 1);
            bytes.get_mut(value).unwrap_or_default().fill(b'*');
        }
    }
    bytes.get_mut(rest..).unwrap_or_default().fill(b'*');
    // Values end at ASCII characters, so that none is torn.
    *text = String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()));
    let places: BTreeSet<(usize, usize)> = names.into_iter().map(|(_, name)| (name.start, name.end)).collect();
    places.into_iter().map(|(start, end)| start..end).collect()
}

/// Members with one of these names that have a value: the level where the name was found, and its bytes in the text.
fn members(levels: &[Level], sought: &[&str]) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    for (number, level) in levels.iter().enumerate() {
        let found_here = level.find(sought).into_iter().filter(|name| level.value_start(name.end).is_some());
        found.extend(found_here.map(|name| (number, level.at(name.start)..level.at(name.end))));
    }
    found
}

/// The text, and the text with its escapes undone once, twice and so on, as long as that changes something.
fn levels(text: &str) -> Vec<Level> {
    let mut levels = vec![Level { bytes: text.as_bytes().to_vec(), starts: None }];
    // Only such escapes can stand for letters; quotes behind backslashes are seen without undoing anything.
    let hides = text.contains("\\u") || text.contains("\\U") || text.contains("\\x") || text.contains('%');
    let is_plain = !text.contains('\\') || members(&levels, SECRETS).is_empty();
    if !hides && is_plain {
        return levels;
    }
    while levels.len() <= LEVELS {
        let Some(next) = levels.last().and_then(Level::undone) else { break };
        levels.push(next);
    }
    levels
}

/// The text with its escapes undone some times.
#[derive(Debug)]
struct Level {
    bytes: Vec<u8>,
    /// Where each byte comes from in the text itself, the end included; none: all are where they are.
    starts: Option<Vec<usize>>,
}

impl Level {
    /// Where a byte comes from in the text itself.
    fn at(&self, index: usize) -> usize {
        self.starts.as_ref().map_or(index, |starts| starts.get(index).or(starts.last()).copied().unwrap_or(index))
    }

    /// The first byte that comes from there or from behind there.
    fn from(&self, at: usize) -> Option<usize> {
        let index = self.starts.as_ref().map_or(at, |starts| starts.partition_point(|&start| start < at));
        (index <= self.bytes.len()).then_some(index)
    }

    /// Undoes escapes; `None` where there are none.
    fn undone(&self) -> Option<Self> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut starts = Vec::with_capacity(self.bytes.len() + 1);
        let mut at = 0;
        while let Some(rest) = self.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let (byte, length) = unescape(rest);
            bytes.push(byte);
            starts.push(self.at(at));
            at += length;
        }
        starts.push(self.at(self.bytes.len()));
        (bytes.len() < self.bytes.len()).then_some(Self { bytes, starts: Some(starts) })
    }

    /// Where these names stand, ignoring case.
    fn find(&self, names: &[&str]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for (start, byte) in self.bytes.iter().enumerate() {
            if !matches!(byte, b's' | b'S') {
                continue;
            }
            let is_here = |name: &&&str| {
                self.bytes.get(start..start + name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name.as_bytes()))
            };
            found.extend(names.iter().find(is_here).map(|name| start..start + name.len()));
        }
        found
    }

    /// Whether the name of a member is all of what was found, but for `aws` before it; `name` is its place in the text.
    ///
    /// `ns:Tag/secret-access-key` is another name.
    fn is_whole_name(&self, name: &Range<usize>) -> bool {
        let before = self.from(name.start).and_then(|start| self.bytes.get(..start)).unwrap_or_default();
        let trimmed = before.strip_suffix(b"_").or_else(|| before.strip_suffix(b"-")).unwrap_or(before);
        let is_aws = trimmed.len().checked_sub(3).and_then(|at| trimmed.get(at..));
        let before = match is_aws {
            Some(start) if start.eq_ignore_ascii_case(b"aws") => trimmed.get(..trimmed.len() - 3).unwrap_or_default(),
            _ => before,
        };
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'/' | 128..);
        !before.last().is_some_and(is_name)
    }

    /// Where the value behind a name begins, quotes included.
    fn value_start(&self, end: usize) -> Option<usize> {
        let is_filler = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'\t' | b'\r' | b'\n');
        let colon = end + self.bytes.get(end..)?.iter().position(|byte| !is_filler(byte))?;
        if !matches!(self.bytes.get(colon), Some(b':' | b'=')) {
            return None;
        }
        let rest = self.bytes.get(colon + 1..)?;
        Some(colon + 1 + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
    }

    /// The bytes of the value that begins there, in the text itself, without its quotes.
    fn value(&self, start: usize) -> Range<usize> {
        let (skipped, length) = extent(self.bytes.get(start..).unwrap_or_default());
        self.at(start + skipped)..self.at(start + skipped + length)
    }
}

/// The byte at the beginning of an escaped text, and how many bytes stand for it.
///
/// What stands for no ASCII character is left as it is: no name holds it.
fn unescape(rest: &[u8]) -> (u8, usize) {
    let hex = |from: usize, digits: usize| {
        let digits = std::str::from_utf8(rest.get(from..from + digits)?).ok()?;
        let is_ascii = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|code| is_ascii && *code < 128)?;
        u8::try_from(code).ok()
    };
    let undone = match rest {
        [b'%', ..] => hex(1, 2).map(|byte| (byte, 3)),
        [b'\\', b'u', ..] => hex(2, 4).map(|byte| (byte, 6)),
        [b'\\', b'U', ..] => hex(2, 8).map(|byte| (byte, 10)),
        [b'\\', b'x', ..] => hex(2, 2).map(|byte| (byte, 4)),
        [b'\\', b'n' | b'r' | b't' | b'b' | b'f', ..] => Some((b' ', 2)),
        [b'\\', byte, ..] if byte.is_ascii() => Some((*byte, 2)),
        _ => None,
    };
    undone.or_else(|| rest.first().map(|&byte| (byte, 1))).unwrap_or((b' ', 1))
}

/// The extent of the value that a text begins with: its quotes, and the bytes behind them up to its end.
fn extent(value: &[u8]) -> (usize, usize) {
    let end = |length: Option<usize>, from: usize| length.unwrap_or(value.len().saturating_sub(from));
    match value {
        [first @ (b'"' | b'\''), second, third, rest @ ..] if first == second && first == third => {
            (3, end(rest.windows(3).position(|three| three.iter().all(|byte| byte == first)), 3))
        }
        [quote @ (b'"' | b'\''), rest @ ..] => (1, end(closing_quote(rest, *quote), 1)),
        [b'[' | b'{', ..] => (0, end(closing_bracket(value), 0)),
        _ => {
            let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'}');
            (0, end(value.iter().position(is_end), 0))
        }
    }
}

/// Where a string ends.
fn closing_quote(text: &[u8], quote: u8) -> Option<usize> {
    let mut is_escaped = false;
    text.iter().position(|&byte| {
        let is_end = byte == quote && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

/// The first byte behind a list or an object.
fn closing_bracket(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => at += closing_quote(text.get(at..)?, byte)? + 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth <= 1 => return Some(at),
            b']' | b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blotted_out_and_nothing_else() {
        for (text, expected, count) in [
            (r#"{"SecretAccessKey": "wJalr/é+"}"#, r#"{"SecretAccessKey": "*********"}"#, 1),
            ("aws_secret_access_key = abc\nx = 1", "aws_secret_access_key = ***\nx = 1", 1),
            (r#"{"secretAccessKey":"a","sessionToken":"bc"}"#, r#"{"secretAccessKey":"*","sessionToken":"**"}"#, 1),
            (r#"{"SecretAccessKey": "never closed"#, r#"{"SecretAccessKey": "************"#, 1),
            (r#"{\"SecretAccessKey\":\"ab\"}"#, r#"{\"SecretAccessKey\":******}"#, 1),
            (r#"{\"SecretAccessKey\":\"a, b\"}"#, r#"{\"SecretAccessKey\":******\"}"#, 1),
            (r#"{"Key": "SecretAccessKey", "Value": "x"}"#, r#"{"Key": "SecretAccessKey", "Value": "x"}"#, 0),
            (r#"{"SECRETACCESSKEY": "ab", "k": "v"}"#, r#"{"SECRETACCESSKEY": "**", "k": "v"}"#, 1),
            (r#"{"SecretAccessKey": "a\"b", "k": "v"}"#, r#"{"SecretAccessKey": "****", "k": "v"}"#, 1),
            (r#"{"SecretAccessKey": ["a", "]b"], "k": 1}"#, r#"{"SecretAccessKey": ***********, "k": 1}"#, 1),
            (r#"{"SecretAccessKey": {"a": ["b"]}}"#, r#"{"SecretAccessKey": ************}"#, 1),
            ("secret_access_key = \"\"\"ab\"\"\"\n", "secret_access_key = \"\"\"**\"\"\"\n", 1),
            (r#"{"\u0053ecretAccessKe\u0079": "ab"}"#, r#"{"\u0053ecretAccessKe\u0079": "**"}"#, 1),
            (r#"{"secret\u0041CCESSKEY": "a\"b", "k": 1}"#, r#"{"secret\u0041CCESSKEY": "****", "k": 1}"#, 1),
            (r#"{"a":[{"SecretAccess\u004Bey":"ab"},"v"]}"#, r#"{"a":[{"SecretAccess\u004Bey":"**"},"v"]}"#, 1),
            (r#"{\"Secret\\u0041ccessKey\":\"ab\"}"#, r#"{\"Secret\\u0041ccessKey\":******}"#, 1),
            ("%7B%22SecretAccessKey%22%3A%22ab%22%7D", "%7B%22SecretAccessKey%22%3A%22**%22%7D", 1),
            (
                r#"{"StringEquals": {"secretsmanager:ResourceTag/secret-access-key": "x"}}"#,
                r#"{"StringEquals": {"secretsmanager:ResourceTag/secret-access-key": "x"}}"#,
                0,
            ),
            (r#"{"my_secret_access_key": "x"}"#, r#"{"my_secret_access_key": "x"}"#, 0),
            (r#"{"awsSecretAccessKey": "x"}"#, r#"{"awsSecretAccessKey": "*"}"#, 1),
            (r#"{"AWS-Secret-Access-Key": "x"}"#, r#"{"AWS-Secret-Access-Key": "*"}"#, 1),
            ("\"[x]\\naws_secret_access_key = ab\"", "\"[x]\\naws_secret_access_key = ***", 1),
            (r#"{"a": "Secret\u0041ccessKey", "b": "x"}"#, r#"{"a": "Secret\u0041ccessKey", "b": "x"}"#, 0),
        ] {
            let mut blotted = text.to_owned();
            assert_eq!(blot(&mut blotted).len(), count, "{text}");
            assert_eq!(blotted, expected);
            assert_eq!(blotted.len(), text.len());
        }
    }

    #[test]
    fn values_that_never_end_cost_no_more_than_their_text() {
        for value in ["[", "{", ".", "\"", "[\""] {
            let piece = format!(";SecretAccessKey:{value}");
            let mut text = piece.repeat(50_000);
            let start = std::time::Instant::now();
            let found = blot(&mut text).len();
            assert!(0 < found, "{value}");
            assert!(start.elapsed().as_secs() < 5, "{value} {:?}", start.elapsed());
        }
    }

    #[test]
    fn places_are_those_of_the_names_as_they_are_written() {
        let mut text = r#"{"x": 1, "Secret\u0041ccessKey": "ab", "SecretAccessKey": "c"}"#.to_owned();
        let names: Vec<Range<usize>> = blot(&mut text);
        let written: Vec<&str> = names.iter().map(|name| text.get(name.clone()).unwrap()).collect();
        assert_eq!(written, [r"Secret\u0041ccessKey", "SecretAccessKey"]);
    }
}
