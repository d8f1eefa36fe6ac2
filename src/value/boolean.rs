//! Truth values (R-CON-31).

/// Returns the truth value that `text` spells: `true` or `false` in any mix of cases (R-CON-31, R-CON-10).
///
/// Everything else is `None`, also `1`, `yes`, the empty text and a text with blanks around it. Never panics.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::parse_bool;

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
        for text in
            ["", " ", "t", "1", "0", "yes", "no", "null", " true", "true ", "true\n", "truee", "ｔｒｕｅ", "falſe"]
        {
            assert_eq!(parse_bool(text), None, "{text:?}");
        }
    }
}
