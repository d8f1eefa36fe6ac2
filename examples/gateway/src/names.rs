//! Names of buckets and objects: the one text that is authorised and that names the file.
//!
//! A key is decoded once, where the request is read, and then is a [`Key`] for good. What a file system takes for something
//! else than a name is refused, so that no key means another file than its text says.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Longest key in bytes, as S3 has it.
const KEY_MAX_BYTES: usize = 1024;
/// Longest name of a file in bytes.
const SEGMENT_MAX_BYTES: usize = 255;

/// The name of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket(String);

impl Bucket {
    /// Takes a name by S3's rules: 3 to 63 lower-case letters, digits, hyphens and dots between letters or digits.
    pub fn parse(name: &str) -> Result<Self, Failure> {
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        let is_outer = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = name.as_bytes();
        let is_good = (3..=63).contains(&bytes.len())
            && bytes.iter().all(|byte| is_inner(*byte))
            && is_outer(bytes.first().copied())
            && is_outer(bytes.last().copied())
            && !name.contains("..");
        if is_good {
            Ok(Self(name.to_owned()))
        } else {
            Err(Failure::bad("InvalidBucketName", "The specified bucket is not valid"))
        }
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.0)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of an object.
///
/// Invariant: parts between slashes are neither empty nor `.` nor `..`, and no character is a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Takes a decoded key.
    pub fn parse(key: &str) -> Result<Self, Failure> {
        let is_name = |part: &str| !matches!(part, "" | "." | "..") && part.len() <= SEGMENT_MAX_BYTES;
        if KEY_MAX_BYTES < key.len() {
            return Err(Failure::bad("KeyTooLongError", "Your key is too long"));
        }
        if key.split('/').all(is_name) && !key.chars().any(char::is_control) {
            return Ok(Self(key.to_owned()));
        }
        Err(Failure::bad("InvalidArgument", "The gateway keeps no objects with such a key"))
    }

    /// Its ARN in a bucket.
    pub fn arn(&self, bucket: &Bucket) -> String {
        format!("arn:aws:s3:::{}/{}", bucket.0, self.0)
    }

    /// The file below a folder.
    pub fn below(&self, folder: &Path) -> PathBuf {
        folder.join(&self.0)
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of an upload in parts: letters and digits that nobody guesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadId(String);

impl UploadId {
    /// Characters of an id.
    pub const LENGTH: usize = 32;

    /// Takes an id that the gateway gave.
    pub fn parse(id: &str) -> Result<Self, Failure> {
        let is_good = id.len() == Self::LENGTH && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_good { Ok(Self(id.to_owned())) } else { Err(Self::unknown()) }
    }

    /// That there is no such upload, or not for this key.
    pub fn unknown() -> Failure {
        Failure::missing("NoSuchUpload", "The specified upload does not exist")
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of a part, 1 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartNumber(u16);

impl PartNumber {
    /// Takes a number.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let number = text.parse().ok().filter(|number| (1..=10_000).contains(number));
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        number.map(Self).ok_or_else(|| Failure::bad("InvalidArgument", message))
    }

    /// The name of its file.
    pub fn file_name(self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    #[test]
    fn no_key_leaves_its_bucket() {
        for key in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/./b",
            ".",
            "a//b",
            "a/",
            "a\0b",
            "a\nb",
            "\u{7f}",
            "a/\u{85}",
        ] {
            assert!(Key::parse(key).is_err(), "{key:?}");
        }
        assert!(Key::parse(&"a".repeat(256)).is_err());
        assert!(Key::parse(&"a/".repeat(600)).is_err());
        for key in ["a", "a/b", "...", "a/..b", "%2e%2e/%2f", "a\\..\\b", "Grüße/🌲", " ", "~", "C:"] {
            let file = Key::parse(key).unwrap().below(Path::new("/root/bucket"));
            let rest = file.strip_prefix("/root/bucket").unwrap();
            assert!(rest.components().all(|part| matches!(part, Component::Normal(_))), "{key:?}");
            // The text that is authorised is the text that names the file, byte for byte.
            assert_eq!(rest.to_str().unwrap(), key);
        }
    }

    #[test]
    fn buckets_have_plain_names() {
        for name in ["", "ab", "Upper", "a_b", "-ab", "ab-", ".ab", "a..b", "..", "a/b", "a\0b", &"a".repeat(64)] {
            assert!(Bucket::parse(name).is_err(), "{name:?}");
        }
        for name in ["abc", "a.b-c", "123"] {
            assert_eq!(Bucket::parse(name).unwrap().as_str(), name);
        }
    }
}
