//! Texts to plant mistakes in: a tree of JSON with the place of every token, layouts, and texts inside of other texts.

use std::fmt::Write as _;
use std::ops::Range;

/// A JSON value with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    String,
    Other,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: Range<usize>,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn members(&self) -> &[Member] {
        if let Kind::Object(members) = &self.kind { members } else { &[] }
    }

    pub(super) fn elements(&self) -> &[Self] {
        if let Kind::Array(elements) = &self.kind { elements } else { &[] }
    }

    /// The elements of an array, or the value itself.
    pub(super) fn entries(&self) -> Vec<&Self> {
        if let Kind::Array(elements) = &self.kind { elements.iter().collect() } else { vec![self] }
    }

    pub(super) fn member<'n>(&'n self, text: &str, name: &str) -> Option<&'n Member> {
        self.members().iter().find(|member| inner(text, &member.name) == name)
    }
}

/// What stands between the quotes of a string token.
pub(super) fn inner<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    &text[span.start + 1..span.end - 1]
}

/// The end of the token that starts at a byte.
pub(super) fn token_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        None => at,
        Some(b'"') => {
            let mut end = at + 1;
            while bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end + 1
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => at + 1,
        Some(_) => at + text[at..].find([',', '}', ']', ' ', '\n', ':', '"']).unwrap_or(text.len() - at),
    }
}

/// The first byte from `at` on that is no white space.
pub(super) fn next_token(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// Reads JSON that is known to be right.
pub(super) fn parse(text: &str) -> Node {
    value(text, next_token(text, 0))
}

fn value(text: &str, start: usize) -> Node {
    let bytes = text.as_bytes();
    let closer = match bytes[start] {
        b'{' => b'}',
        b'[' => b']',
        first => {
            let kind = if first == b'"' { Kind::String } else { Kind::Other };
            return Node { span: start..token_end(text, start), kind };
        }
    };
    let (mut members, mut elements) = (Vec::new(), Vec::new());
    let mut at = next_token(text, start + 1);
    while bytes[at] != closer {
        if closer == b'}' {
            let name = at..token_end(text, at);
            let colon = next_token(text, name.end);
            members.push(Member { name, value: value(text, next_token(text, colon + 1)) });
            at = members.last().map_or(at, |member| member.value.span.end);
        } else {
            elements.push(value(text, at));
            at = elements.last().map_or(at, |element| element.span.end);
        }
        at = next_token(text, at);
        if bytes[at] == b',' {
            at = next_token(text, at + 1);
        }
    }
    let kind = if closer == b'}' { Kind::Object(members) } else { Kind::Array(elements) };
    Node { span: start..at + 1, kind }
}

/// The same document without white space between its tokens.
pub(super) fn minified(text: &str) -> String {
    let (mut out, mut at) = (String::new(), next_token(text, 0));
    while at < text.len() {
        let end = token_end(text, at);
        out.push_str(&text[at..end]);
        at = next_token(text, end);
    }
    out
}

/// The same document with a line for each member and element.
pub(super) fn pretty(text: &str) -> String {
    let mut out = String::new();
    print(text, &parse(text), 0, &mut out);
    out.push('\n');
    out
}

fn print(text: &str, node: &Node, depth: usize, out: &mut String) {
    let (open, close, count) = match &node.kind {
        Kind::Object(members) if !members.is_empty() => ('{', '}', members.len()),
        Kind::Array(elements) if !elements.is_empty() => ('[', ']', elements.len()),
        Kind::Object(_) | Kind::Array(_) | Kind::String | Kind::Other => {
            return out.push_str(&text[node.span.clone()]);
        }
    };
    out.push(open);
    for at in 0..count {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(member) = node.members().get(at) {
            out.push_str(&text[member.name.clone()]);
            out.push_str(": ");
            print(text, &member.value, depth + 1, out);
        } else {
            print(text, &node.elements()[at], depth + 1, out);
        }
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

/// How a policy stands in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A file of its own.
    File,
    /// A JSON string in an account dump.
    Escaped,
    /// A percent-encoded string in an account dump.
    Percent,
}

/// A file that holds a policy, and for each byte of the policy, and its end, where that is.
pub(super) fn wrapped(policy: &str, form: Form) -> (String, Vec<usize>) {
    if form == Form::File {
        return (policy.to_owned(), (0..=policy.len()).collect());
    }
    let mut out = String::from(
        r#"{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[],"Policies":[{"PolicyName":"Planted","PolicyId":"ANPAEXAMPLE0123456789","Arn":"arn:aws:iam::111122223333:policy/Planted","Path":"/","DefaultVersionId":"v1","PolicyVersionList":[{"VersionId":"v1","IsDefaultVersion":true,"CreateDate":"2024-01-01T00:00:00Z","Document":""#,
    );
    let mut places = Vec::new();
    for character in policy.chars() {
        places.extend(std::iter::repeat_n(out.len(), character.len_utf8()));
        let mut buffer = [0; 4];
        match (form, character) {
            (Form::Escaped, '"' | '\\') => out.extend(['\\', character]),
            (Form::Escaped, '\n') => out.push_str("\\n"),
            (Form::Percent, _) if !character.is_ascii_alphanumeric() && !"-_.~".contains(character) => {
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            _ => out.push(character),
        }
    }
    places.push(out.len());
    out.push_str("\"}]}]}");
    (out, places)
}
