//! A lock that asks policies which door it may open, without the standard library and without allocating.
#![no_std]

use iamc::{LoadError, PolicyName, Principal, Request, Tables, Value};

/// The names of the artifact: a misspelt one does not compile.
pub mod policies {
    iamc::include_names!("policies");
}

/// The policies, part of the program's own bytes.
static POLICIES: &[u8] = iamc::include_artifact!("policies");

/// A lock.
#[derive(Debug)]
pub struct Lock {
    tables: Tables<'static>,
}

impl Lock {
    /// Checks the artifact once.
    ///
    /// # Errors
    ///
    /// Fails if the artifact's bytes are damaged.
    pub fn new() -> Result<Self, LoadError> {
        Ok(Self { tables: Tables::load(POLICIES)? })
    }

    /// Whether the holder of a badge may open a door, such as `arn:aws:door:::lobby/1`, in this hour.
    pub fn opens(&self, badge: PolicyName, door: &str, hour: u8) -> bool {
        let digits = [b'0' + hour / 10 % 10, b'0' + hour % 10];
        let hour = core::str::from_utf8(&digits).unwrap_or("");
        let context = [(policies::key::DOOR_HOUR.as_str(), Value::One(hour))];
        let request = Request::new(Principal::Nameless, policies::action::DOOR_OPEN.as_str(), door);
        self.tables.decide(&request.policies(&[badge.as_str()]).context(&context)).is_allowed()
    }
}
