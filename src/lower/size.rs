//! Characters and sizes of documents (R-DOC-1, R-DOC-26).

use super::attach::Attachment;
use super::{Host, Lowering, errors};
use crate::source::{SourceMap, Span};
use crate::terms::SizeCountsStringBlanks;
use crate::world::model::{Document, PolicyType};

fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// The source text of a document; it may be encoded in a string of another document.
fn text<'w>(sources: &'w SourceMap, document: &Document) -> &'w str {
    let span = document.policy.span;
    let source = sources.get(document.source).map_or("", |source| source.text.as_str());
    source.get(to_usize(span.start())..to_usize(span.end())).unwrap_or("")
}

/// Whether the text of a document is encoded in a string of another one, as JSON text or percent-encoded.
fn is_encoded(text: &str) -> bool {
    let is_percent = text.starts_with("%7B") || text.starts_with("%7b");
    is_percent || text.find('"').is_some_and(|at| text.get(..at).is_some_and(|before| before.ends_with('\\')))
}

/// The first character that IAM does not accept, and where it stands.
///
/// Only strings are looked at: what stands outside of them is no JSON and has been reported by `syntax`.
fn odd_character(text: &str) -> Option<(usize, char)> {
    // Nearly all documents hold no such character anywhere, which a walk over the bytes tells much faster: the first
    // byte of every character behind U+00FF is above 0xC3.
    let is_odd = |byte: u8| !matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=0xC3);
    if !text.bytes().fold(false, |found, byte| found | is_odd(byte)) {
        return None;
    }
    let is_accepted = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    let is_encoded = is_encoded(text);
    let (mut is_inside, mut is_escaped) = (false, false);
    text.char_indices().find(|(_, character)| {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_inside => is_escaped = true,
            '"' => is_inside = !is_inside,
            '\n' => is_inside = false,
            _ => {}
        }
        (is_inside || is_encoded) && !is_accepted(*character)
    })
}

/// Reports the first character that IAM does not accept (R-DOC-1).
pub(super) fn characters(lowering: &mut Lowering<'_>, sources: &SourceMap, host: &Host<'_>) {
    let Some((at, character)) = odd_character(text(sources, host.document)) else { return };
    let start = host.document.policy.span.start().saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let end = start.saturating_add(u32::try_from(character.len_utf8()).unwrap_or(0));
    let finding = errors::characters(lowering.report.at(Span::new(start, end)), character);
    if host.is_iam() {
        lowering.report.tolerated(finding);
    } else {
        lowering.report.warning(finding);
    }
}

/// The text with JSON escapes or percent escapes undone, where the document stands in a string of another one.
fn decoded(text: &str) -> String {
    let mut characters = text.chars();
    let mut decoded = String::with_capacity(text.len());
    let is_percent = text.starts_with("%7B") || text.starts_with("%7b");
    let is_escaped = text.find('"').is_some_and(|at| text.get(..at).is_some_and(|before| before.ends_with('\\')));
    while let Some(character) = characters.next() {
        match character {
            '%' if is_percent => {
                let code = [characters.next(), characters.next()].into_iter().flatten().collect::<String>();
                decoded.push(u8::from_str_radix(&code, 16).map_or('%', char::from));
            }
            '\\' if is_escaped => match characters.next() {
                Some('n' | 'r' | 't') => decoded.push(' '),
                Some('u') => {
                    characters.by_ref().nth(3);
                    decoded.push('u');
                }
                Some(other) => decoded.push(other),
                None => {}
            },
            other => decoded.push(other),
        }
    }
    decoded
}

/// White space inside string literals.
fn string_blanks(text: &str) -> usize {
    let mut inside = false;
    let mut escaped = false;
    let mut count = 0;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => count += usize::from(inside && character.is_whitespace()),
        }
    }
    count
}

/// Characters as IAM counts them.
fn minified(lowering: &Lowering<'_>, sources: &SourceMap, document: &Document) -> usize {
    let all = to_usize(document.policy.minified_chars);
    match lowering.semantics.size_counts_string_blanks {
        SizeCountsStringBlanks::Yes => all,
        SizeCountsStringBlanks::No => all.saturating_sub(string_blanks(&decoded(text(sources, document)))),
    }
}

/// Reports a document over its quota; an error for a customer's policy, an SCP or an RCP (`world.md` 4).
pub(super) fn document(lowering: &mut Lowering<'_>, sources: &SourceMap, host: &Host<'_>, attachment: Attachment) {
    let document = host.document;
    let stored = || decoded(text(sources, document)).chars().count();
    let service = document.name.split(':').nth(2).filter(|_| document.name.starts_with("arn:"));
    let (size, limit) = match host.policy_type {
        // AWS managed policies have no quota.
        PolicyType::Managed if super::action::is_managed_by_aws(host) => return,
        PolicyType::Managed | PolicyType::Identity | PolicyType::Boundary => {
            (minified(lowering, sources, document), 6_144)
        }
        PolicyType::Trust => {
            let size = minified(lowering, sources, document);
            (size, if size <= 8_192 { 2_048 } else { 8_192 })
        }
        PolicyType::Session => (minified(lowering, sources, document), 2_048),
        PolicyType::Endpoint => (stored(), 20_480),
        PolicyType::ServiceControl => (stored(), 10_240),
        PolicyType::ResourceControl => (stored(), 5_120),
        PolicyType::Resource if service == Some("kms") => (stored(), 32 * 1024),
        PolicyType::Resource if service == Some("s3") => (stored(), 20 * 1024),
        // The quotas of other services are not known, and those of inline policies hold for all of an identity's
        // together, which `world` counts.
        PolicyType::Resource | PolicyType::Inline => return,
    };
    if size <= limit {
        return;
    }
    let is_organization = matches!(host.policy_type, PolicyType::ServiceControl | PolicyType::ResourceControl)
        && attachment == Attachment::Attached;
    let is_raisable = host.policy_type == PolicyType::Trust && limit < 8_192;
    let finding = errors::too_large(document.place, super::document::kind(host.policy_type), size, limit);
    if !is_raisable && (is_organization || document.account.is_some()) {
        lowering.report.error(finding);
    } else {
        lowering.report.warning(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_documents_count_as_decoded() {
        assert_eq!(decoded(r#"{\"a\": \"x\ty\"}"#).chars().count(), 12);
        assert_eq!(decoded("%7B%22a%22%3A1%7D"), r#"{"a":1}"#);
        assert_eq!(decoded(r#"{"a":"\\"}"#), r#"{"a":"\\"}"#);
    }

    #[test]
    fn odd_characters_count_in_strings_only() {
        assert_eq!(odd_character("{ \"a\": \"x\u{100}\" }"), Some((9, '\u{100}')));
        assert_eq!(odd_character("{ “a”: \"\\\"é\" } // ’"), None);
        assert_eq!(odd_character("{ \"a: ’\n ’ }"), Some((6, '’')));
        assert_eq!(odd_character(r#"{\"a\": \"’\"}"#), Some((10, '’')));
    }

    #[test]
    fn blanks_in_strings() {
        assert_eq!(string_blanks(r#"{ "a b": "c \" d" }"#), 3);
    }
}
