//! What a resource policy governs (`world.md` 3), and whether two of them could govern one ARN.

use super::model::Resource;
use crate::value::arn::ArnParts;
use std::collections::BTreeSet;

/// What is governed besides the resource itself where nothing is said: each text behind the resource's ARN, and
/// anything behind that.
pub(super) fn default_below(arn: &str) -> &'static [&'static str] {
    let Some(parts) = ArnParts::split(arn) else { return &[] };
    let named = |start: &str| {
        let name = parts.resource.strip_prefix(start);
        name.is_some_and(|name| !name.is_empty() && !name.contains(['/', ':']))
    };
    match parts.service {
        "s3" if is_bucket(arn) => &["/"],
        "s3" if named("accesspoint/") => &["/object/"],
        "dynamodb" if named("table/") => &["/"],
        "lambda" if named("function:") => &[":"],
        // A REST API; behind it come stage, method and path.
        "execute-api" if named("") => &["/"],
        _ => &[],
    }
}

/// Whether an ARN is that of an S3 bucket.
pub(super) fn is_bucket(arn: &str) -> bool {
    ArnParts::split(arn).is_some_and(|parts| {
        let is_global = parts.region.is_empty() && parts.account.is_empty();
        parts.service == "s3" && is_global && !parts.resource.is_empty() && !parts.resource.contains(['/', ':'])
    })
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Byte(u8),
    One,
    Any,
}

/// A pattern of ARNs; wildcards may consume anything, which is more than R-ARN-9 lets them in the first components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob(Vec<Part>);

impl Glob {
    /// The pattern as written in `covers`.
    pub(super) fn written(text: &str) -> Self {
        let part = |byte| match byte {
            b'*' => Part::Any,
            b'?' => Part::One,
            byte => Part::Byte(byte),
        };
        Self(text.bytes().map(part).collect())
    }

    /// Exactly this text.
    pub(super) fn literal(text: &str) -> Self {
        Self(text.bytes().map(Part::Byte).collect())
    }

    /// This text and anything behind it.
    pub(super) fn below(text: &str) -> Self {
        let mut glob = Self::literal(text);
        glob.0.push(Part::Any);
        glob
    }

    /// What every text that matches begins with.
    fn start(&self) -> Vec<u8> {
        let bytes = self.0.iter().map_while(|part| match part {
            Part::Byte(byte) => Some(*byte),
            Part::One | Part::Any => None,
        });
        bytes.collect()
    }

    /// Whether some text matches both. Costs the length of what both begin and end with alike, and the product of both
    /// lengths at worst where only one of the two holds `*`.
    ///
    /// `?` counts as one byte here, so that a `?` against a longer character may go unseen; ARNs are ASCII.
    pub(super) fn meets(&self, other: &Self) -> bool {
        // Ends first: patterns of one account all begin alike.
        if !agree(self.0.iter().rev(), other.0.iter().rev()) || !agree(self.0.iter(), other.0.iter()) {
            return false;
        }
        match (self.0.contains(&Part::Any), other.0.contains(&Part::Any)) {
            // The longer beginning, all between of the one and then of the other, and the longer end match both.
            (true, true) => true,
            (true, false) => self.matches(&other.0),
            (false, true) => other.matches(&self.0),
            (false, false) => self.0.len() == other.0.len(),
        }
    }

    /// Whether a text matches of which each part is one byte; what stands between two `*` is sought from the left.
    fn matches(&self, text: &[Part]) -> bool {
        let mut pieces = self.0.split(|part| *part == Part::Any);
        let (first, last) = (pieces.next().unwrap_or_default(), pieces.next_back().unwrap_or_default());
        let Some(end) = text.len().checked_sub(last.len()) else { return false };
        // Beginning and end have been compared; here they must not overlap, and the rest must lie between them.
        let Some(mut rest) = text.get(first.len()..end) else { return false };
        pieces.filter(|piece| !piece.is_empty()).all(|piece| {
            let at = rest.windows(piece.len()).position(|window| agree(piece.iter(), window.iter()));
            rest = at.and_then(|at| rest.get(at + piece.len()..)).unwrap_or_default();
            at.is_some()
        })
    }
}

/// Whether two patterns can agree on the bytes up to the first `*` of either.
fn agree<'p>(left: impl Iterator<Item = &'p Part>, right: impl Iterator<Item = &'p Part>) -> bool {
    for pair in left.zip(right) {
        match pair {
            (Part::Byte(left), Part::Byte(right)) if left != right => return false,
            (Part::Any, _) | (_, Part::Any) => return true,
            (Part::Byte(_) | Part::One, Part::Byte(_) | Part::One) => {}
        }
    }
    true
}

/// The patterns of a resource beyond its own ARN.
fn reach(resource: &Resource) -> Vec<Glob> {
    if resource.covers.is_empty() {
        return resource.below.iter().map(|below| Glob::below(&format!("{}{below}", resource.arn))).collect();
    }
    let others = resource.covers.iter().filter(|pattern| **pattern != resource.arn);
    others.map(|pattern| Glob::written(pattern)).collect()
}

/// Pairs of resources whose policies could govern one ARN; the first of each pair has `covers` of its own, and of two
/// that have, it is the later one.
///
/// An ARN with an entry of its own is that entry's. What another covers without saying so gives way to it
/// (`table/T/*` to `table/T/stream/S`); what another says that it covers does not.
///
/// Only patterns of which one begins as the other does are compared, so that the cost is `n log n` but for patterns
/// that begin with wildcards.
pub(super) fn overlaps(resources: &[Resource]) -> BTreeSet<(usize, usize)> {
    let mut all = Vec::new();
    let mut written = Vec::new();
    let mut own = Vec::new();
    for (number, resource) in resources.iter().enumerate() {
        let globs: Vec<Started> = reach(resource).into_iter().map(|glob| Started::new(number, glob)).collect();
        if !resource.covers.is_empty() {
            written.extend(globs.iter().cloned());
        }
        all.extend(globs);
        own.push(Started::new(number, Glob::literal(&resource.arn)));
    }
    let has_covers = |number: usize| resources.get(number).is_some_and(|resource| !resource.covers.is_empty());
    let mut pairs = BTreeSet::new();
    for (number, other) in meetings(&written, &mut all) {
        pairs.insert(if has_covers(other) && number < other { (other, number) } else { (number, other) });
    }
    for (number, other) in meetings(&written, &mut own) {
        if !pairs.contains(&(other, number)) {
            pairs.insert((number, other));
        }
    }
    pairs
}

/// A pattern of the resource of that number, with what its texts begin with.
#[derive(Debug, Clone)]
struct Started {
    start: Vec<u8>,
    number: usize,
    glob: Glob,
}

impl Started {
    fn new(number: usize, glob: Glob) -> Self {
        Self { start: glob.start(), number, glob }
    }
}

/// Which resources have a pattern in `some` that meets one of another resource in `all`.
fn meetings(some: &[Started], all: &mut [Started]) -> BTreeSet<(usize, usize)> {
    all.sort_by(|left, right| (&left.start, left.number).cmp(&(&right.start, right.number)));
    let mut pairs = BTreeSet::new();
    for Started { start, number, glob } in some {
        let longer = range(all, |other| other < start.as_slice(), |other| other.starts_with(start));
        let shorter = (0..start.len()).flat_map(|length| {
            let start = start.get(..length).unwrap_or_default();
            range(all, |other| other < start, |other| other == start)
        });
        let others = longer.iter().chain(shorter).filter(|other| other.number != *number);
        pairs.extend(others.filter(|other| glob.meets(&other.glob)).map(|other| (*number, other.number)));
    }
    pairs
}

/// The entries behind those that are `before`, as long as they are `within`; sorted by their starts.
fn range(all: &[Started], before: impl Fn(&[u8]) -> bool, within: impl Fn(&[u8]) -> bool) -> &[Started] {
    let first = all.partition_point(|it| before(&it.start));
    let rest = all.get(first..).unwrap_or_default();
    rest.get(..rest.partition_point(|it| within(&it.start))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::model::{ObjectOwnership, PublicAccessBlock};
    use super::*;
    use crate::source::Place;

    #[test]
    fn globs_meet_where_a_text_matches_both() {
        for (left, right, expected) in [
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("a?c", "ab*", true),
            ("a?", "a", false),
            ("*", "", true),
            ("a*b*c", "a?c", true),
            ("a*b*c", "ac", false),
            ("ab", "ab", true),
            ("logs-*", "*-eu", true),
            ("x*y", "x*z", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "ab?ba", true),
            ("a*bc*d*e", "axbcxdxe", true),
            ("a*bc*d*e", "axdxbcxe", false),
            ("*a?c*", "xa?cx", true),
            ("*ab*ab", "xabxb", false),
            ("*a*a*", "a", false),
            ("a?", "?b", true),
            ("", "?", false),
        ] {
            let (one, two) = (Glob::written(left), Glob::written(right));
            assert_eq!(one.meets(&two), expected, "{left} {right}");
            assert_eq!(two.meets(&one), expected, "{right} {left}");
        }
        assert!(!Glob::literal("a*").meets(&Glob::literal("ab")));
    }

    #[test]
    fn many_patterns_that_end_differently_are_compared_in_no_time() {
        let entry = |number: usize| {
            let pattern = format!("arn:aws:sqs:eu-west-1:111122223333:*q{number}");
            Resource { covers: vec![pattern], ..bare(&format!("arn:aws:sqs:eu-west-1:111122223333:q{number}")) }
        };
        let resources: Vec<Resource> = (1_000..3_000).map(entry).collect();
        let start = std::time::Instant::now();
        assert_eq!(overlaps(&resources), BTreeSet::new());
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    #[test]
    fn the_index_finds_the_pairs_that_comparing_all_finds() {
        let covers = ["a*", "ab*", "abc", "*c", "?b*", "b*", "bc", "*", "a?c*"];
        let mut resources = Vec::new();
        for (number, pattern) in covers.iter().enumerate() {
            resources.push(Resource { covers: vec![(*pattern).to_owned()], ..bare(&format!("r{number}")) });
        }
        for arn in ["ab", "b", "x"] {
            resources.push(Resource { below: &["c"], ..bare(arn) });
        }
        let mut expected = BTreeSet::new();
        for (number, resource) in resources.iter().enumerate().filter(|(_, resource)| !resource.covers.is_empty()) {
            for (other, another) in resources.iter().enumerate().filter(|&(other, _)| other != number) {
                let meets = |other: &Glob| reach(resource).iter().any(|one| one.meets(other));
                let of_another = reach(another);
                let is_met_by_another = || of_another.iter().any(|two| two.meets(&Glob::literal(&resource.arn)));
                let is_later = another.covers.is_empty() || other < number;
                if of_another.iter().any(meets) {
                    expected.insert(if is_later { (number, other) } else { (other, number) });
                } else if meets(&Glob::literal(&another.arn))
                    && (is_later || another.covers.is_empty() || !is_met_by_another())
                {
                    expected.insert((number, other));
                }
            }
        }
        assert_eq!(overlaps(&resources), expected);
        assert!(expected.contains(&(1, 0)) && expected.contains(&(7, 11)) && !expected.contains(&(5, 0)));
        // `b*` and the ARN `b`; `bc` and what goes without saying below it.
        assert!(expected.contains(&(5, 10)) && expected.contains(&(6, 10)));
    }

    fn bare(arn: &str) -> Resource {
        Resource {
            arn: arn.to_owned(),
            covers: Vec::new(),
            below: &[],
            account: None,
            policy: None,
            acl: None,
            object_acl: None,
            object_owner: None,
            object_ownership: ObjectOwnership::default(),
            public_access_block: PublicAccessBlock::default(),
            grants: Vec::new(),
            place: Place::default(),
        }
    }

    #[test]
    fn defaults_are_those_of_the_reference() {
        for (arn, expected) in [
            ("arn:aws:s3:::logs", &["/"][..]),
            ("arn:aws:s3:::logs/x", &[]),
            ("arn:aws:s3:eu-west-1:111122223333:accesspoint/ap", &["/object/"]),
            ("arn:aws:dynamodb:eu-west-1:111122223333:table/T", &["/"]),
            ("arn:aws:dynamodb:eu-west-1:111122223333:table/T/stream/1", &[]),
            ("arn:aws:lambda:eu-west-1:111122223333:function:F", &[":"]),
            ("arn:aws:lambda:eu-west-1:111122223333:function:F:live", &[]),
            ("arn:aws:execute-api:eu-west-1:111122223333:a1b2", &["/"]),
            ("arn:aws:sqs:eu-west-1:111122223333:queue", &[]),
            ("arn:aws:kms:eu-west-1:111122223333:key/k", &[]),
        ] {
            assert_eq!(default_below(arn), expected, "{arn}");
        }
    }
}
