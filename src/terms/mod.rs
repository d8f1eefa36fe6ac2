//! The closed vocabularies that compiler and runtime share: switches, layers, comparisons, key sources.
//!
//! `core` only, imports nothing, holds no data of any policy. Each vocabulary has a stable number for the artifact
//! (`code`, `from_code`); the numbers are part of the format.

mod condition;
mod layer;
mod semantics;

pub use condition::{Cardinality, Comparison, Effect, KeySource, Qualifier};
pub use layer::{Layer, Layers};
pub use semantics::*;

/// Actions that a role trust policy governs (R-EVAL-5).
pub const TRUST_ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

/// Defines an enum with a stable number for each variant.
macro_rules! coded {
    ($(#[$doc:meta])* pub enum $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $type { $($(#[$variant_doc])* $variant = $code),+ }

        impl $type {
            /// The number that the artifact stores.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code),+ }
            }

            /// The value with that number.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
use coded;
