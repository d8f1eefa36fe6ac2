//! The tree of one policy document: what was written, with a span on every part.
//!
//! The tree is faithful: it keeps order and spelling and judges nothing beyond shape. What an action, an ARN or a
//! condition means is decided in the room `lower`.

use std::sync::Arc;

use hashbrown::HashSet;

use crate::source::{Diagnostic, Place, SourceId, Span};

/// Texts of many documents, each held once: actions, keys and operators repeat all over an account.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    texts: HashSet<Arc<str>>,
}

impl Pool {
    /// Returns the one copy of a text.
    pub(crate) fn share(&mut self, text: &str) -> Arc<str> {
        self.texts.get_or_insert_with(text, |text| text.into()).clone()
    }
}

/// A string of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// The whole token, quotes included.
    pub span: Span,
    /// The decoded text; equal texts of a [`Pool`] share their bytes.
    pub text: Arc<str>,
}

impl Text {
    /// Whether the token holds the text byte for byte between its quotes, so that a position in `text` can be shown.
    /// Every escape is longer than what it stands for, and a number has no quotes.
    fn is_verbatim(&self) -> bool {
        let token = self.span.end().saturating_sub(self.span.start());
        usize::try_from(token).is_ok_and(|token| token == self.text.len() + 2)
    }

    /// The finding with the edit that makes the text another one, unless escapes make that impossible.
    pub(crate) fn replaced(&self, finding: Diagnostic, source: SourceId, new: &str) -> Diagnostic {
        if !self.is_verbatim() {
            return finding;
        }
        finding.with_edit(Place { source, span: self.part(0..self.text.len()) }, new)
    }

    /// Returns the span of bytes `range` of the text, or the whole token where escapes make that impossible.
    pub(crate) fn part(&self, range: std::ops::Range<usize>) -> Span {
        let from = u32::try_from(range.start).ok();
        let to = u32::try_from(range.end).ok();
        match (self.is_verbatim(), from, to) {
            (true, Some(from), Some(to)) => Span::new(self.span.start() + 1 + from, self.span.start() + 1 + to),
            _ => self.span,
        }
    }
}

/// Whether a list is `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Polarity {
    /// The element without `Not`.
    Positive,
    /// The element with `Not`.
    Negated,
}

/// `Action`, `NotAction`, `Resource` or `NotResource` with its entries; `null` entries are already dropped (R-DOC-6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextList {
    /// The member name, quotes included.
    pub name: Span,
    /// The whole value.
    pub span: Span,
    /// With or without `Not`.
    pub polarity: Polarity,
    /// Entries in source order.
    pub entries: Vec<Text>,
}

/// Which key of a principal map an entry stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PrincipalType {
    /// `AWS`
    Aws,
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PrincipalElement {
    /// The member name, quotes included.
    pub name: Span,
    /// The whole value.
    pub span: Span,
    /// With or without `Not`.
    pub polarity: Polarity,
    /// What was written.
    pub value: PrincipalValue,
}

/// The value of `Principal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalValue {
    /// A bare string: `"*"`, or anything else, which R-DOC-19 refuses.
    Bare(Text),
    /// A map; entries in source order.
    Map(Vec<(PrincipalType, Text)>),
}

/// `Effect`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// How a condition value was written (R-DOC-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ValueForm {
    /// A JSON string.
    String,
    /// A bare number; its text is the source text.
    Number,
    /// A bare `true` or `false`.
    Bool,
}

/// One value of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionValue {
    /// The text; for numbers and booleans their JSON text.
    pub text: Text,
    /// How it was written.
    pub form: ValueForm,
}

/// One key under one operator. An operator mapped to `{}` is a test without a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionTest {
    /// The operator; shared by all keys under it.
    pub operator: Text,
    /// The key with its values, or nothing for an operator mapped to `{}` (R-DOC-17).
    pub key: Option<ConditionKey>,
}

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionKey {
    /// The key as written.
    pub name: Text,
    /// The whole value.
    pub span: Span,
    /// Values in source order.
    pub values: Vec<ConditionValue>,
    /// Whether a value was refused, so that an empty list is no news.
    pub damaged: bool,
}

/// One member of `Statement`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The whole object.
    pub span: Span,
    /// `Sid`
    pub sid: Option<Text>,
    /// `Effect` with the span of its value.
    pub effect: Option<(Effect, Span)>,
    /// `Principal` or `NotPrincipal`
    pub principal: Option<PrincipalElement>,
    /// Whether there is a `Principal` or `NotPrincipal`, refused or misspelt ones included.
    pub names_principal: bool,
    /// `Action` or `NotAction`
    pub action: Option<TextList>,
    /// `Resource` or `NotResource`
    pub resource: Option<TextList>,
    /// `Condition`, flattened in source order.
    pub condition: Vec<ConditionTest>,
    /// Whether something in the statement was refused, so that what is missing here may have been there: later
    /// rooms then say nothing about missing elements.
    pub damaged: bool,
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The whole object.
    pub span: Span,
    /// `Version`
    pub version: Option<Text>,
    /// `Id`
    pub id: Option<Text>,
    /// Statements in source order; a lone object is a list of one (R-DOC-4).
    pub statements: Vec<Statement>,
    /// The value of `Statement`, where it exists and could be read.
    pub statement_span: Option<Span>,
    /// Characters of the minified document (R-DOC-26): white space outside strings is not counted.
    pub minified_chars: u32,
    /// Whether something at the top level was refused.
    pub damaged: bool,
}
