//! Concrete texts for patterns: what a wildcard or variable of a policy stands for in a request.

use super::random::Random;

const WORDS: &[&str] = &[
    "2026",
    "q3",
    "eu",
    "invoice",
    "part-00017",
    "daily",
    "a1b2c3",
    "customer",
    "batch",
    "v2",
    "f81d4fae",
    "orders",
    "0000213",
    "summary",
    "x",
    "export",
    "stream",
    "08",
    "west",
    "7dec11d0",
];

/// A word that stands for a wildcard; no name of a generated resource contains one.
pub(crate) fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// A pattern with every `*` and `?` replaced: in ARNs by partition, service, region and account in the fields of those
/// names, elsewhere by words. `account` and `region` are the requester's.
pub(crate) fn fill(pattern: &str, account: &str, region: &str, random: &mut Random) -> String {
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let [_, partition, service, at, owner, resource] = fields[..] else { return fill_field(pattern, random) };
    let partition = if partition.contains('*') { "aws" } else { partition };
    let at = match at {
        "*" => region.to_owned(),
        _ => fill_field(at, random),
    };
    let owner = if owner == "*" { account } else { owner };
    format!("arn:{partition}:{service}:{at}:{owner}:{}", fill_field(resource, random))
}

/// The same for a text that is not an ARN.
pub(crate) fn fill_field(pattern: &str, random: &mut Random) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    for character in pattern.chars() {
        match character {
            '*' => {
                text.push_str(word(random));
                if random.percent(30) {
                    text.push('-');
                    text.push_str(word(random));
                }
            }
            '?' => text.push('7'),
            other => text.push(other),
        }
    }
    text
}
