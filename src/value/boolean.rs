//! Truth values (R-CON-31).

/// Returns the truth value that `text` spells: `true` or `false` in any mix of cases (R-CON-31, R-CON-10).
///
/// Everything else is `None`, also `1`, `yes`, the empty text and a text with blanks around it. Never panics.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    // Only a letter and its capital become the letter by this bit.
    let is = |bytes: &[u8; 4], word: &[u8; 4]| u32::from_le_bytes(*bytes) | 0x2020_2020 == u32::from_le_bytes(*word);
    match text.as_bytes() {
        [a, b, c, d] if is(&[*a, *b, *c, *d], b"true") => Some(true),
        [b'f' | b'F', a, b, c, d] if is(&[*a, *b, *c, *d], b"alse") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_bool;
    use proptest::prelude::*;

    #[test]
    fn both_words_in_any_case() {
        for text in ["true", "True", "TRUE", "tRuE"] {
            assert_eq!(parse_bool(text), Some(true), "{text}");
        }
        for text in ["false", "False", "FALSE", "fALSE"] {
            assert_eq!(parse_bool(text), Some(false), "{text}");
        }
    }

    #[test]
    fn nothing_else() {
        for text in [
            "TRU\u{5}",
            "\u{14}rue",
            "\u{6}alse",
            "FALS",
            "",
            " ",
            "t",
            "1",
            "0",
            "yes",
            "no",
            "null",
            " true",
            "true ",
            "true\n",
            "truee",
            "ｔｒｕｅ",
            "falſe",
        ] {
            assert_eq!(parse_bool(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_two_words(text in "[tTrRuUeE]{4}|[fFaAlLsSeE]{5}|[a-z]{0,6}|(?s:.){4,5}") {
            let expected = ["false", "true"].iter().position(|word| text.eq_ignore_ascii_case(word));
            assert_eq!(parse_bool(&text), expected.map(|place| place == 1), "{text:?}");
        }
    }
}
