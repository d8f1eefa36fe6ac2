//! Patterns of `*` and `?` compared with texts and with each other, character by character.

/// Whether the wide pattern matches every text that the narrow one matches; a plain text is a pattern too.
///
/// Never a yes that does not hold; exact where the narrow one has no wildcard. Both stay within ASCII, or are equal.
pub(super) fn includes(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "*" {
        return true;
    }
    if !wide.is_ascii() || !narrow.is_ascii() {
        return false;
    }
    let (wide, narrow) = (wide.as_bytes(), narrow.as_bytes());
    let (mut at, mut to) = (0, 0);
    // Behind the last star, and the place in the narrow pattern that it reaches so far.
    let mut star = None;
    while let Some(&byte) = narrow.get(to) {
        match wide.get(at) {
            Some(b'*') => {
                at += 1;
                star = Some((at, to));
            }
            // The narrow star may stand for nothing or for much, so that only a star takes it.
            Some(&other) if byte != b'*' && (other == b'?' || other == byte) => {
                at += 1;
                to += 1;
            }
            _ => {
                let Some((behind, reached)) = star else { return false };
                at = behind;
                to = reached + 1;
                star = Some((behind, to));
            }
        }
    }
    wide.get(at..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

/// In the right pattern of [`meet`]: any run of characters without `/`.
pub(super) const SEGMENT: char = '\u{1}';

const SEGMENT_BYTE: u8 = 1;

/// Whether some text is matched by both patterns; the right one may hold [`SEGMENT`].
///
/// Costs the product of their lengths behind what they begin with in common.
pub(super) fn meet(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    let is_star = |byte: u8| matches!(byte, b'*' | SEGMENT_BYTE);
    let is_wild = |byte: u8| is_star(byte) || byte == b'?';
    while let (Some((&one, rest)), Some((&other, others))) = (left.split_first(), right.split_first()) {
        if is_wild(one) || is_wild(other) {
            break;
        }
        if one != other {
            return false;
        }
        (left, right) = (rest, others);
    }
    while let (Some((&one, rest)), Some((&other, others))) = (left.split_last(), right.split_last()) {
        if is_wild(one) || is_wild(other) {
            break;
        }
        if one != other {
            return false;
        }
        (left, right) = (rest, others);
    }
    if matches!(left, b"*") || matches!(right, b"*") {
        return true;
    }
    // Whether the beginnings of both, up to here of the left one, meet: one entry for each beginning of the right one.
    let mut row = vec![true];
    row.extend(right.iter().scan(true, |all, &byte| {
        *all &= is_star(byte);
        Some(*all)
    }));
    for &one in left {
        let mut diagonal = row.first().copied().unwrap_or(false);
        let mut before = diagonal && one == b'*';
        let mut next = vec![before];
        for (&other, &above) in right.iter().zip(row.iter().skip(1)) {
            let is_taken = other != SEGMENT_BYTE || one != b'/';
            let by_star = (one == b'*' && (before || above)) || (is_star(other) && (before || (above && is_taken)));
            let is_equal = one == other || is_wild(one) || (is_wild(other) && is_taken);
            before = by_star || (diagonal && is_equal);
            diagonal = above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(false)
}

/// The text with `*` for every `${…}`.
pub(super) fn without_variables(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let Some((_, after)) = behind.split_once('}') else { break };
        flat.push_str(before);
        flat.push('*');
        rest = after;
    }
    flat.push_str(rest);
    flat
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_end_at_slashes() {
        for (left, right) in
            [("b", "\u{1}"), ("b*", "\u{1}"), ("a/b/c", "a/\u{1}/c"), ("*", "a/\u{1}"), ("a*", "\u{1}/b")]
        {
            assert!(meet(left, right), "{left} {right:?}");
        }
        for (left, right) in [("b/*", "\u{1}"), ("b/c", "\u{1}"), ("a/b/d/c", "a/\u{1}/c"), ("a/b/", "a/\u{1}")] {
            assert!(!meet(left, right), "{left} {right:?}");
        }
    }

    #[test]
    fn inclusion_is_never_claimed_wrongly() {
        let yes = [
            ("a*", "abc"),
            ("a*", "a*b"),
            ("*b*", "a*b"),
            ("a?c", "abc"),
            ("a*c*e", "abcde"),
            ("**", ""),
            ("a?", "a?"),
        ];
        let no =
            [("a*", "b"), ("a?", "a"), ("a?", "a*"), ("a", "a*"), ("ab*", "a*"), ("a*b", "a*"), ("?", "é"), ("", "a")];
        assert!(yes.iter().all(|(wide, narrow)| includes(wide, narrow)), "{yes:?}");
        for (wide, narrow) in no {
            assert!(!includes(wide, narrow), "{wide} {narrow}");
        }
    }

    #[test]
    fn patterns_meet_where_a_text_fits_both() {
        for (left, right) in
            [("a*", "*b"), ("a*c", "abc"), ("*", ""), ("a?c", "a*c"), ("x*y*z", "xz*yaz"), ("ab", "a?")]
        {
            assert!(meet(left, right) && meet(right, left), "{left} {right}");
        }
        for (left, right) in [("a*", "b*"), ("*a", "*b"), ("a", "a?"), ("a/*/c", "a/b"), ("", "?"), ("a*b", "a")] {
            assert!(!meet(left, right) && !meet(right, left), "{left} {right}");
        }
    }

    #[test]
    fn variables_are_free_parts() {
        assert_eq!(without_variables("a/${aws:username}/b${c"), "a/*/b${c");
    }
}
