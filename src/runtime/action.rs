//! The action of a request: its node in the tables, and whether the procedure treats it in a way of its own.

use super::{RequestError, Tables};
use crate::layout::fold_word;
use crate::value::split_once;

/// Services with rules of their own in R-EVAL-5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Iam,
    Sts,
    Kms,
    S3,
    Other,
}

impl Service {
    fn of(action: &str) -> Self {
        let Some(start) = action.as_bytes().first_chunk::<4>() else { return Self::Other };
        let [a, b, c, d, ..] = fold_word(u64::from(u32::from_le_bytes(*start))).to_le_bytes();
        match &[a, b, c, d] {
            b"iam:" => Self::Iam,
            b"sts:" => Self::Sts,
            b"kms:" => Self::Kms,
            [b's', b'3', b':', _] => Self::S3,
            _ => Self::Other,
        }
    }
}

/// An action of one artifact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'r> {
    pub(super) text: &'r str,
    /// The deepest node that covers it.
    pub(super) node: Option<u32>,
    pub(super) service: Service,
}

impl<'r> Action<'r> {
    /// Finds an action; `text` in any case.
    ///
    /// # Errors
    ///
    /// Fails unless the text is of the form `service:Name`.
    #[inline]
    pub(super) fn resolve(tables: &Tables<'_>, text: &'r str) -> Result<Self, RequestError> {
        // Only names of that form are in the table.
        let node = match tables.exact_action(text) {
            Some(node) => Some(node),
            None => {
                check(text)?;
                tables.action_prefix(text)
            }
        };
        Ok(Self { text, node, service: Service::of(text) })
    }

    /// Whether it is one of these, which are of one service.
    pub(super) fn is_one_of(&self, service: Service, actions: &[&str]) -> bool {
        self.service == service && actions.iter().any(|known| self.text.eq_ignore_ascii_case(known))
    }

    /// Whether it is this one.
    pub(super) fn is(&self, service: Service, action: &str) -> bool {
        self.is_one_of(service, &[action])
    }

    /// The name of its service as the request spells it.
    pub(super) fn service_name(&self) -> &'r str {
        split_once(self.text, b':').map_or("", |(service, _)| service)
    }
}

fn check(action: &str) -> Result<(), RequestError> {
    match split_once(action, b':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => Ok(()),
        _ => Err(RequestError::Action),
    }
}
