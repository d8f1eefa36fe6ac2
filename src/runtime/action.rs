//! The action of a request: its node in the tables, and whether the procedure treats it in a way of its own.

use super::words::index_of;
use super::{RequestError, Tables};
use crate::layout::{fold_word, service_key};
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
    #[inline]
    fn of(key: u64) -> Self {
        const IAM: u32 = u32::from_le_bytes(*b"iam:");
        const STS: u32 = u32::from_le_bytes(*b"sts:");
        const KMS: u32 = u32::from_le_bytes(*b"kms:");
        const S3: u32 = u32::from_le_bytes(*b"s3:\0");
        // Most services are longer than these.
        match u32::try_from(key) {
            Ok(IAM) => Self::Iam,
            Ok(STS) => Self::Sts,
            Ok(KMS) => Self::Kms,
            Ok(S3) => Self::S3,
            _ => Self::Other,
        }
    }
}

/// The text of an action, cut at its first colon.
#[derive(Clone, Copy)]
pub(super) struct ActionText<'r> {
    /// The beginning of the service's name, by [`service_key`](crate::layout::service_key).
    pub(super) key: u64,
    /// The service's name.
    pub(super) service: &'r [u8],
    /// What is behind the colon.
    pub(super) name: &'r [u8],
}

impl<'r> ActionText<'r> {
    /// Cuts a text; nothing if it has no colon.
    pub(super) fn of(text: &'r [u8]) -> Option<Self> {
        let (service, name) = text.split_at_checked(index_of(text, b':')?)?;
        let key = match text.first_chunk() {
            // Of the bytes behind the colon none is left.
            Some(start) => {
                let other = 8 * (7 - service.len().min(7));
                fold_word(u64::from_le_bytes(*start)) << other >> other
            }
            None => service_key(service),
        };
        Some(Self { key, service, name: name.get(1..)? })
    }
}

/// An action of one artifact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Action<'r> {
    pub(super) text: &'r str,
    /// The deepest node that covers it, by `Tables::action_node`.
    pub(super) node: u32,
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
        match tables.exact_action(text.as_bytes()) {
            // Only names of that form are in the tables.
            Some((node, service)) => Ok(Self { text, node, service: Service::of(service.key()) }),
            None => Self::covered(tables, text),
        }
    }

    /// The same of an action that has no node of its own: the longest prefix, or the node of all actions.
    #[inline(never)]
    fn covered(tables: &Tables<'_>, text: &'r str) -> Result<Self, RequestError> {
        let action = ActionText::of(text.as_bytes()).ok_or(RequestError::Action)?;
        if action.service.is_empty() || action.name.is_empty() || index_of(action.name, b':').is_some() {
            return Err(RequestError::Action);
        }
        let prefix = tables.service(&action).and_then(|service| tables.action_prefix(service, action.name));
        Ok(Self { text, node: prefix.unwrap_or(0), service: Service::of(action.key) })
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
