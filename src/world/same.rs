//! Whether two documents say the same in the same order, wherever they stand (`world.md` 1).

use crate::syntax::ast::{
    ConditionTest, Effect, Polarity, Policy, PrincipalElement, PrincipalType, PrincipalValue, Statement, Text,
    TextList, ValueForm,
};
use sha2::{Digest as _, Sha256};

/// Compares two documents without their positions.
///
/// Order counts: two documents that differ only in the order of their statements are not the same here, which costs at
/// most a warning.
pub(super) fn same_policy(left: &Policy, right: &Policy) -> bool {
    Outline::of(left) == Outline::of(right)
}

/// What stands for a document that is not kept: equal for equal documents.
pub(super) type Digest = [u8; 32];

/// The digest of what a document says.
pub(super) fn digest(policy: &Policy) -> Digest {
    Sha256::digest(Outline::of(policy).bytes).into()
}

/// Everything that a document says, without positions. No outline is the beginning of another one.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outline {
    bytes: Vec<u8>,
}

impl Outline {
    fn of(policy: &Policy) -> Self {
        let mut outline = Self::default();
        outline.option(policy.version.as_ref(), Self::text);
        outline.option(policy.id.as_ref(), Self::text);
        outline.list(&policy.statements, Self::statement);
        outline
    }

    fn statement(&mut self, statement: &Statement) {
        self.option(statement.sid.as_ref(), Self::text);
        self.option(statement.effect.as_ref(), |outline, (effect, _)| {
            outline.bytes.push(match effect {
                Effect::Allow => 0,
                Effect::Deny => 1,
            });
        });
        self.option(statement.principal.as_ref(), Self::principal);
        self.option(statement.action.as_ref(), Self::texts);
        self.option(statement.resource.as_ref(), Self::texts);
        self.list(&statement.condition, Self::test);
    }

    fn principal(&mut self, principal: &PrincipalElement) {
        self.polarity(principal.polarity);
        match &principal.value {
            PrincipalValue::Bare(text) => {
                self.bytes.push(0);
                self.text(text);
            }
            PrincipalValue::Map(entries) => {
                self.bytes.push(1);
                self.list(entries, |outline, (kind, text)| {
                    outline.bytes.push(match kind {
                        PrincipalType::Aws => 0,
                        PrincipalType::Service => 1,
                        PrincipalType::Federated => 2,
                        PrincipalType::CanonicalUser => 3,
                    });
                    outline.text(text);
                });
            }
        }
    }

    fn texts(&mut self, list: &TextList) {
        self.polarity(list.polarity);
        self.list(&list.entries, Self::text);
    }

    fn test(&mut self, test: &ConditionTest) {
        self.text(&test.operator);
        self.option(test.key.as_ref(), |outline, key| {
            outline.text(&key.name);
            outline.list(&key.values, |outline, value| {
                outline.bytes.push(match value.form {
                    ValueForm::String => 0,
                    ValueForm::Number => 1,
                    ValueForm::Bool => 2,
                });
                outline.text(&value.text);
            });
        });
    }

    fn polarity(&mut self, polarity: Polarity) {
        self.bytes.push(match polarity {
            Polarity::Positive => 0,
            Polarity::Negated => 1,
        });
    }

    fn text(&mut self, text: &Text) {
        self.bytes.extend(text.text.len().to_le_bytes());
        self.bytes.extend(text.text.as_bytes());
    }

    fn option<T>(&mut self, value: Option<&T>, add: impl Fn(&mut Self, &T)) {
        self.bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            add(self, value);
        }
    }

    fn list<T>(&mut self, values: &[T], add: impl Fn(&mut Self, &T)) {
        self.bytes.extend(values.len().to_le_bytes());
        for value in values {
            add(self, value);
        }
    }
}
