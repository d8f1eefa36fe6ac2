//! Texts and key names regardless of case (R-CON-4, R-CON-23).
//!
//! There is one notion of "same but for case": each scalar value goes through simple lower-casing, then the results are
//! compared. There is no full case folding (`ß` is not `ss`), no normalisation and no trimming (R-CON-22).
//!
//! The mapping of non-ASCII letters is the crate's own table (`lowercase.rs`), the same in compiler and runtime.

/// Returns the simple lower-case mapping of `scalar` (R-CON-23).
///
/// One scalar always maps to one scalar. The only full mapping with more than one, `İ` to `i` and a combining dot, is
/// cut to its first, which is what the simple mapping of Unicode says too.
pub(crate) fn simple_lowercase(scalar: char) -> char {
    if scalar.is_ascii() { scalar.to_ascii_lowercase() } else { super::lowercase::lowercase_beyond_ascii(scalar) }
}

/// The scalars of `text`, each in simple lower case (R-CON-23): the canonical spelling of a key (R-CON-4).
pub(crate) fn lowercase(text: &str) -> impl Iterator<Item = char> + Clone {
    text.chars().map(simple_lowercase)
}

/// Returns whether the two texts are the same but for case (R-CON-23).
///
/// Linear; ASCII texts are compared byte by byte.
pub(crate) fn eq_ignore_case(left: &str, right: &str) -> bool {
    // Both must be ASCII for the short way: the Kelvin sign, for one, is the same as `k`.
    if left.is_ascii() && right.is_ascii() {
        left.eq_ignore_ascii_case(right)
    } else {
        lowercase(left).eq(lowercase(right))
    }
}

/// The text before the first `byte`, which is ASCII, and the text behind it. Without the searchers of `core`, which are
/// a large part of a small program.
pub(crate) fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    split_around(text, text.bytes().position(|other| other == byte)?)
}

/// The text before the last `byte`, which is ASCII, and the text behind it.
pub(crate) fn rsplit_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    split_around(text, text.as_bytes().iter().rposition(|&other| other == byte)?)
}

fn split_around(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Returns whether two condition key names, variable tails included, name the same key (R-CON-4).
pub(crate) fn key_eq(left: &str, right: &str) -> bool {
    eq_ignore_case(left, right)
}

/// Whether a key is a tag key (R-CON-39).
pub(crate) fn is_tag_key(name: &str) -> bool {
    let ends_with_tag =
        |text: &str| text.len() >= 3 && text.get(text.len() - 3..).is_some_and(|end| end.eq_ignore_ascii_case("tag"));
    let slash = split_once(name, b'/').is_some_and(|(head, _)| head.contains(':') && ends_with_tag(head));
    slash || name.get(..22).is_some_and(|head| head.eq_ignore_ascii_case("kms:encryptioncontext:"))
}

#[cfg(test)]
mod tests {
    use super::{eq_ignore_case, key_eq, lowercase, rsplit_once, simple_lowercase, split_once};
    use proptest::prelude::*;
    use std::string::String;

    fn check_same(left: &str, right: &str) {
        for (left, right) in [(left, right), (right, left)] {
            assert!(eq_ignore_case(left, right) && key_eq(left, right), "{left:?} {right:?}");
        }
    }

    fn check_different(left: &str, right: &str) {
        for (left, right) in [(left, right), (right, left)] {
            assert!(!eq_ignore_case(left, right) && !key_eq(left, right), "{left:?} {right:?}");
        }
    }

    #[test]
    fn same_but_for_case() {
        check_same("", "");
        check_same("Alice", "aLICE");
        check_same("ÄÖÜ", "äöü");
        check_same("ΑΒΓ", "αβγ");
        check_same("Straße", "sTRAßE");
        // the capital sharp s has a simple mapping, the small one is not `ss` (W-58)
        check_same("STRAẞE", "straße");
        check_different("STRASSE", "straße");
        // one ASCII side does not make the texts different: Kelvin sign, capital I with dot
        check_same("\u{212a}", "K");
        check_same("\u{130}", "i");
        check_different("\u{130}", "i\u{307}");
        // both sigmas are lower case already; folding would make them one
        check_different("σ", "ς");
        check_same("Σ", "σ");
        // no normalisation (R-CON-22), no trimming
        check_different("ê", "e\u{302}");
        check_different("a", "a ");
        check_different("a", "ab");
        check_different("ﬀ", "ff");
    }

    #[test]
    fn key_names() {
        // W-74 and the two examples of R-CON-4
        check_same("AWS:PRINCIPALTAG/team", "aws:PrincipalTag/Team");
        check_same("AWS:SourceIP", "aws:SourceIp");
        check_same("aws:ResourceTag/TagKey1", "aws:resourcetag/tagkey1");
        check_same("aws:ResourceTag/Größe", "aws:ResourceTag/GRÖßE");
        check_different("aws:ResourceTag/a", "aws:RequestTag/a");
        check_different("aws:ResourceTag/ a", "aws:ResourceTag/a");
    }

    #[test]
    fn lower_case_stays_as_it_is() {
        for scalar in '\0'..=char::MAX {
            let lower = simple_lowercase(scalar);
            assert_eq!(simple_lowercase(lower), lower, "{scalar:?}");
            assert_eq!(scalar.to_lowercase().count() == 1, scalar != '\u{130}', "{scalar:?}");
        }
    }

    proptest! {
        #[test]
        fn splits_as_the_texts_of_core(text in "[a/é]{0,6}|\\PC*") {
            assert_eq!(split_once(&text, b'/'), text.split_once('/'));
            assert_eq!(rsplit_once(&text, b'/'), text.rsplit_once('/'));
        }

        #[test]
        fn agrees_with_lower_cased_copies(
            left in "[a-cA-C\u{212a}kKäÄßẞ]{0,4}|\\PC*",
            right in "[a-cA-C\u{212a}kKäÄßẞ]{0,4}|\\PC*",
        ) {
            let (a, b): (String, String) = (lowercase(&left).collect(), lowercase(&right).collect());
            assert_eq!(eq_ignore_case(&left, &right), a == b);
            assert!(eq_ignore_case(&left, &a));
        }
    }
}
