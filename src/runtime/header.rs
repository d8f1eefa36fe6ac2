//! The header of an artifact: what can be checked without looking at the body, so that a compiler can do it too.

use super::LoadError;
use crate::layout::{HEADER_BYTES, MAGIC, Section, VERSION, checksum};

/// Checks magic, version, length and the header's checksum, in this order.
///
/// # Errors
///
/// Fails unless the bytes begin with a header of this format version that announces as many bytes as there are.
pub(super) const fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let found = bytes.len();
    let Some((header, _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
        return Err(if begins_like_one(bytes) { LoadError::TooShort { found } } else { LoadError::NotAnArtifact });
    };
    if !begins_like_one(header) {
        return Err(LoadError::NotAnArtifact);
    }
    if word(header, 8) != VERSION {
        return Err(LoadError::Version { found: word(header, 8), expected: VERSION });
    }
    let expected = length(word(header, 12));
    if found != expected {
        return Err(LoadError::Length { found, expected });
    }
    let Some((checked, sum)) = header.split_last_chunk::<8>() else { return Err(LoadError::Header) };
    if checksum(checked) != u64::from_le_bytes(*sum) || length(word(header, 32)) != Section::COUNT {
        return Err(LoadError::Header);
    }
    Ok(())
}

/// Whether all bytes, or the first of them, are [`MAGIC`], as far as both reach.
const fn begins_like_one(bytes: &[u8]) -> bool {
    let (mut rest, mut magic) = (bytes, MAGIC.as_slice());
    while let (Some((byte, behind)), Some((wanted, others))) = (rest.split_first(), magic.split_first()) {
        if *byte != *wanted {
            return false;
        }
        (rest, magic) = (behind, others);
    }
    true
}

/// The word at a byte of the header.
const fn word(header: &[u8; HEADER_BYTES], at: usize) -> u32 {
    if let Some((_, rest)) = header.split_at_checked(at)
        && let Some(word) = rest.first_chunk::<4>()
    {
        return u32::from_le_bytes(*word);
    }
    0
}

#[expect(clippy::as_conversions, reason = "`usize::try_from` is not const; every target has at least 32-bit addresses")]
const fn length(word: u32) -> usize {
    word as usize
}
