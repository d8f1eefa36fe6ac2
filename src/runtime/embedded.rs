//! Artifacts and names that a build script left in `OUT_DIR`: what a program embeds.

use super::{LoadError, header};

/// Embeds the artifact `OUT_DIR/NAME.iamc`, which `iamc::build::compile` in the build script has written, as a
/// `&'static [u8]` for [`Tables::load`](crate::Tables::load).
///
/// Magic, format version, length and the header's checksum are checked while the program is compiled: an artifact of
/// another version of this crate, or a truncated one, is an error of the compiler and none of the running program. The
/// rest is checked by [`Tables::load`](crate::Tables::load). Needs no feature and works in `no_std`.
///
/// ```text
/// static POLICIES: &[u8] = iamc::include_artifact!("policies");
/// ```
#[macro_export]
macro_rules! include_artifact {
    ($name:literal $(,)?) => {{
        const ARTIFACT: &[u8] = $crate::checked_artifact(include_bytes!(concat!(
            env!("OUT_DIR", "`include_artifact!` needs a build script that calls `iamc::build::compile`"),
            "/",
            $name,
            ".iamc"
        )));
        ARTIFACT
    }};
}

/// Includes the names of the artifact `OUT_DIR/NAME.iamc`: modules `action`, `policy` and `key` with a typed constant
/// for each literal action, policy and context key of the policies. A misspelt constant does not compile.
///
/// Constants are no numbers but names, so they hold for every artifact, one that was loaded at run time included.
///
/// ```text
/// mod policies {
///     iamc::include_names!("policies");
/// }
/// let action = policies::action::S3_GET_OBJECT;
/// ```
#[macro_export]
macro_rules! include_names {
    ($name:literal $(,)?) => {
        include!(concat!(
            env!("OUT_DIR", "`include_names!` needs a build script that calls `iamc::build::compile`"),
            "/",
            $name,
            ".rs"
        ));
    };
}

/// Passes an artifact through if its header is sound; in a constant, the compiler refuses any other.
#[doc(hidden)]
#[expect(clippy::panic, reason = "runs while a program is compiled, whose author it tells what is wrong")]
pub const fn checked_artifact(bytes: &'static [u8]) -> &'static [u8] {
    match header::check(bytes) {
        Ok(()) => bytes,
        Err(error) => panic!("{}", what_is_wrong(&error)),
    }
}

/// The error in words that need no formatting.
const fn what_is_wrong(error: &LoadError) -> &'static str {
    match error {
        LoadError::Version { .. } => {
            "iamc: the artifact has another format version than this version of `iamc` reads; \
             `[dependencies]` and `[build-dependencies]` must name the same version of `iamc`"
        }
        LoadError::TooShort { .. } | LoadError::Length { .. } => {
            "iamc: the artifact is truncated or has bytes at its end; run the build script again"
        }
        LoadError::NotAnArtifact => {
            "iamc: the file is not an artifact; its build script must write it with `iamc::build`"
        }
        LoadError::Header | LoadError::Checksum | LoadError::Semantics | LoadError::Record { .. } => {
            "iamc: the artifact's header is damaged; run the build script again"
        }
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $type:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(&'static str);

        impl $type {
            /// Takes a name as it is. Written for the constants of [`include_names!`](crate::include_names); a host that
            /// writes its own has nobody to tell it of a slip.
            pub const fn new(name: &'static str) -> Self {
                Self(name)
            }

            /// The name.
            pub const fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl core::ops::Deref for $type {
            type Target = str;

            fn deref(&self) -> &str {
                self.0
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.0
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.0)
            }
        }
    )+ };
}

names! {
    /// An action, `service:Name`: for [`Request::action`](crate::Request::action) and [`Tables::action`](crate::Tables::action).
    ActionName,
    /// A policy that requests may name: for [`Request::policies`](crate::Request::policies) or
    /// [`Request::session_policies`](crate::Request::session_policies).
    PolicyName,
    /// A context key: for [`Request::context`](crate::Request::context) and [`Tables::key`](crate::Tables::key).
    KeyName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_texts_that_they_hold() {
        let name = ActionName::new("s3:GetObject");
        assert_eq!((&*name, name.as_ref()), (name.as_str(), "s3:GetObject"));
    }
}
