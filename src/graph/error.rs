//! Why a graph has no beginning.

use std::fmt;

/// Why the principal of a graph cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GraphError {
    /// The text is no principal.
    Principal {
        /// What was given.
        given: String,
    },
    /// An instance profile of an account that the artifact does not know, so that nobody knows its role.
    ForeignProfile {
        /// What was given.
        given: String,
    },
    /// The principal's account is in the artifact and does not define it.
    Unknown {
        /// What was given.
        given: String,
        /// ARNs that are close to it, the closest first; at most three.
        close: Vec<String>,
    },
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal { given } => write!(
                f,
                "`{given}` is no principal: give the ARN of a user, role, role session, instance profile, account root \
                 or identity provider, a service principal such as `ec2.amazonaws.com`, or `anonymous`"
            ),
            Self::ForeignProfile { given } => write!(
                f,
                "the artifact does not know the account of `{given}`, and so not the role that it holds; give the role's ARN"
            ),
            Self::Unknown { given, close } => {
                write!(f, "the artifact knows the account of `{given}`, and it has no such principal")?;
                match close.as_slice() {
                    [] => Ok(()),
                    close => write!(f, "; did you mean `{}`?", close.join("` or `")),
                }
            }
        }
    }
}

impl std::error::Error for GraphError {}
