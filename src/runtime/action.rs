//! The action of a request: its node in the tables, and whether the procedure treats it in a way of its own.

use super::words::index_of;
use super::{RequestError, Tables};
use crate::layout::fold_word;
use crate::value::{split_once, zero_bytes};

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
    /// How many bytes the service's name has.
    pub(super) service_bytes: usize,
    /// All of it.
    pub(super) text: &'r [u8],
    pub(super) name: &'r [u8],
}

impl<'r> ActionText<'r> {
    /// Cuts a text; nothing if it has no colon.
    #[inline]
    fn of(text: &'r [u8]) -> Option<Self> {
        const COLONS: u64 = 0x3a3a_3a3a_3a3a_3a3a;
        let word = match text.first_chunk() {
            Some(start) => u64::from_le_bytes(*start),
            None => text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        // Most services are shorter than a word.
        let marks = zero_bytes(word ^ COLONS);
        let (key, colon) = if marks == 0 {
            (fold_word(word), 8 + index_of(text.get(8..)?, b':')?)
        } else {
            // Bits up to the first colon, which is one of them.
            let kept = marks ^ marks.wrapping_sub(1);
            (fold_word(word) & kept, usize::try_from(marks.trailing_zeros() / 8).ok()?)
        };
        Some(Self { key, service_bytes: colon, text, name: text.get(colon + 1..)? })
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
        let parts = ActionText::of(text.as_bytes()).ok_or(RequestError::Action)?;
        Ok(Self { text, node: tables.action_node(&parts)?, service: Service::of(parts.key) })
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
