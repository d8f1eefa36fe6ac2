//! Damaged artifacts in `include_artifact!`: what the compiler says of them, asked at run time.

use super::worlds::layers;
use iamc::{Level, LoadError, Tables};

/// Bytes of the header: the table of 36 sections and a checksum behind 40 bytes.
const HEADER_BYTES: usize = 40 + 36 * 8 + 8;

/// The message of the error with which a constant of these bytes would not compile; nothing if it would.
fn refusal(bytes: &[u8]) -> Option<String> {
    let bytes: &'static [u8] = bytes.to_vec().leak();
    let panic = std::panic::catch_unwind(|| iamc::checked_artifact(bytes)).err()?;
    Some(panic.downcast_ref::<String>().cloned().unwrap_or_else(|| (*panic.downcast_ref::<&str>().unwrap()).to_owned()))
}

#[test]
fn a_sound_artifact_passes() {
    assert_eq!(refusal(&layers(Level::Full)), None);
}

#[test]
fn every_damage_to_the_header_is_found_without_the_body() {
    let bytes = layers(Level::Full);
    for at in 0..HEADER_BYTES {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(Tables::load(&damaged).is_err() && refusal(&damaged).is_some(), "byte {at}");
    }
    // What is behind the header is found when the artifact is loaded.
    let mut damaged = bytes;
    damaged[HEADER_BYTES] ^= 1;
    assert_eq!((Tables::load(&damaged).err(), refusal(&damaged)), (Some(LoadError::Checksum), None));
}

#[test]
fn each_mistake_has_words_of_its_own() {
    let bytes = layers(Level::Full);
    let check = |bytes: &[u8], expected: &str| {
        let message = refusal(bytes).unwrap();
        assert!(message.starts_with("iamc: ") && message.contains(expected), "{message}");
    };
    let changed = |at: usize| {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        changed
    };
    check(&changed(0), "not an artifact");
    check(&changed(8), "another format version");
    check(&changed(40), "header is damaged");
    check(&bytes[..bytes.len() - 4], "truncated");
    check(&bytes[..100], "truncated");
    check(b"", "truncated");
    check(b"{}", "not an artifact");
}
