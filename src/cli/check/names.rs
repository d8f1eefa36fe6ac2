//! Names of files as other programs know them: relative to where the user stands, with `/`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use iamc::files;

/// Where the user stands.
#[derive(Debug)]
pub(super) struct Names {
    here: PathBuf,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { here: files::identity(Path::new(".")) }
    }

    /// A path that was given, relative to here if it leads below; otherwise as it was given.
    pub(super) fn relative(&self, shown: &str) -> String {
        let below = Path::new(shown).strip_prefix(&self.here).ok();
        let name = below.map_or_else(|| shown.to_owned(), |below| below.to_string_lossy().replace('\\', "/"));
        name.strip_prefix("./").map_or(name.clone(), str::to_owned)
    }

    /// The same as a reference that a URI may hold.
    pub(super) fn uri(&self, shown: &str) -> String {
        let name = self.relative(shown);
        let scheme = if name.starts_with('/') { "file://" } else { "" };
        let mut uri = scheme.to_owned();
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                uri.push(char::from(byte));
            } else {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
        uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_and_uris_are_encoded() {
        let names = Names { here: PathBuf::from("/home/ana") };
        let check = |shown: &str, name: &str, uri: &str| {
            assert_eq!((names.relative(shown).as_str(), names.uri(shown).as_str()), (name, uri));
        };
        check("./p/a.json", "p/a.json", "p/a.json");
        check("/home/ana/p/a.json", "p/a.json", "p/a.json");
        check("/home/anatol/a.json", "/home/anatol/a.json", "file:///home/anatol/a.json");
        check("../a b/é%:.json", "../a b/é%:.json", "../a%20b/%C3%A9%25%3A.json");
    }
}
