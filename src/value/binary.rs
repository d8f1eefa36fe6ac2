//! Bytes in base64 (R-CON-32).

/// A well-formed base64 text: standard alphabet, padded (RFC 4648 section 4).
///
/// Equal bytes are equal texts, because only the one spelling with zero bits behind the last byte is accepted: so the text
/// is kept, and nothing is ever decoded.
// Invariant: the length is a multiple of four; at most two `=`, at the end; all else in the alphabet; spare bits are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Base64<'a> {
    text: &'a str,
}

impl<'a> Base64<'a> {
    /// Checks `text`, or returns `None` unless it is strict base64 (R-CON-32).
    ///
    /// Refused are a missing or misplaced `=`, the alphabet with `-` and `_`, line breaks and other blanks, and a last
    /// symbol with spare bits that are not zero. The empty text stands for no bytes. Linear; never panics.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let symbols = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
        if !text.len().is_multiple_of(4) {
            return None;
        }
        let mut last = 0;
        for symbol in symbols.bytes() {
            last = sextet(symbol)?;
        }
        let spare_bits = match text.len() - symbols.len() {
            0 => 0,
            1 => last & 0b11,
            _ => last & 0b1111,
        };
        (spare_bits == 0).then_some(Self { text })
    }

    /// The text as it was written.
    #[cfg(test)]
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }
}

/// Returns the six bits that `symbol` stands for, or `None` outside the standard alphabet.
fn sextet(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => Some(symbol - b'A'),
        b'a'..=b'z' => Some(symbol - b'a' + 26),
        b'0'..=b'9' => Some(symbol - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Base64;
    use proptest::prelude::*;
    use std::{string::String, vec::Vec};

    impl<'a> Base64<'a> {
        /// The decoded bytes in order.
        fn bytes(&self) -> Bytes<'a> {
            Bytes { symbols: self.text.trim_end_matches('=').as_bytes(), pending: 0, pending_bits: 0 }
        }
    }

    impl PartialEq<[u8]> for Base64<'_> {
        /// Returns whether the decoded bytes are `other` (R-CON-32).
        fn eq(&self, other: &[u8]) -> bool {
            self.bytes().eq(other.iter().copied())
        }
    }

    /// The bytes of a [`Base64`] text.
    #[derive(Debug, Clone)]
    struct Bytes<'a> {
        /// Symbols not yet read, without padding.
        symbols: &'a [u8],
        /// Bits read and not yet given out, at the low end; what lies above them is spent.
        pending: u32,
        /// How many bits are pending: 0, 2, 4 or 6.
        pending_bits: u32,
    }

    impl Iterator for Bytes<'_> {
        type Item = u8;

        fn next(&mut self) -> Option<u8> {
            loop {
                let (&symbol, rest) = self.symbols.split_first()?;
                self.symbols = rest;
                self.pending = self.pending << 6 | u32::from(super::sextet(symbol)?);
                self.pending_bits += 6;
                if 8 <= self.pending_bits {
                    self.pending_bits -= 8;
                    let [byte, ..] = (self.pending >> self.pending_bits).to_le_bytes();
                    return Some(byte);
                }
            }
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            // Fewer than four symbols in a row are at most three bytes; each four are three.
            let whole = self.symbols.len() / 4 * 3;
            (whole, whole.checked_add(3))
        }
    }

    fn check(text: &str, expected: &[u8]) {
        let parsed = Base64::parse(text);
        assert!(parsed.is_some_and(|value| value == *expected), "{text:?}");
        assert_eq!(parsed.map(|value| value.bytes().collect::<Vec<_>>()).as_deref(), Some(expected), "{text:?}");
        assert_eq!(parsed.map(|value| value.text()), Some(text));
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        check("", b"");
        check("Zg==", b"f");
        check("Zm8=", b"fo");
        check("Zm9v", b"foo");
        check("Zm9vYg==", b"foob");
        check("Zm9vYmE=", b"fooba");
        check("Zm9vYmFy", b"foobar");
        check("+/+/", &[0xfb, 0xff, 0xbf]);
        check("////", &[0xff, 0xff, 0xff]);
        check("AAAA", &[0, 0, 0]);
    }

    #[test]
    fn refused() {
        for text in ["Zg", "Zg=", "Zg===", "Zm9", "Zm9v=", "Zm9v====", "=", "==", "===", "====", "A===", "A"] {
            assert_eq!(Base64::parse(text), None, "{text:?}");
        }
        for text in ["-_-_", "Zm 9", "Zm9v\n", "Zm9vYm\r\n", " Zm9", "Zg==Zg==", "Z=g=", "Zmé", "Zm9.", "Zm=v"] {
            assert_eq!(Base64::parse(text), None, "{text:?}");
        }
        // spare bits that are not zero: a lax decoder would read `f` and `fo`
        for text in ["Zh==", "Zm9=", "Zv==", "//==", "//9="] {
            assert_eq!(Base64::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn unequal_bytes() {
        for bytes in [&b""[..], b"fo", b"fop", b"fooo"] {
            assert!(Base64::parse("Zm9v").is_some_and(|value| value != *bytes), "{bytes:?}");
        }
    }

    /// A reference encoder: writes all bits in a row, fills up with zeros, looks up six at a time.
    fn encode(bytes: &[u8]) -> String {
        let mut bits: Vec<bool> = bytes.iter().flat_map(|byte| (0..8).map(move |at| byte << at & 0x80 != 0)).collect();
        while !bits.len().is_multiple_of(6) {
            bits.push(false);
        }
        let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
        let number = |sextet: &[bool]| sextet.iter().fold(0, |sum, &bit| sum * 2 + usize::from(bit));
        let mut text: String = bits.chunks(6).filter_map(|sextet| alphabet.get(number(sextet))).collect();
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }

    proptest! {
        #[test]
        fn decodes_what_the_reference_encodes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            check(&encode(&bytes), &bytes);
        }

        #[test]
        fn only_what_the_reference_encodes(text in "[A-Za-z0-9+/]{0,9}={0,3}|[AQgw=/ -]{0,8}|\\PC*") {
            if let Some(value) = Base64::parse(&text) {
                let decoded: Vec<u8> = value.bytes().collect();
                assert_eq!(encode(&decoded), text);
                let (least, most) = value.bytes().size_hint();
                assert!(least <= decoded.len() && most.is_some_and(|most| decoded.len() <= most));
            }
        }
    }
}
