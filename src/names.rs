//! The names that the documents of a world write out: literal actions and condition keys, each in one spelling.
//!
//! Comes in: a [`World`]. Goes out: names as AWS writes them where the service reference knows them, and else as the
//! documents do. Case means nothing in either kind of name, so each comes once. Patterns are no names.

use std::collections::BTreeMap;

use crate::reference::{self, Keys, Reference};
use crate::world::World;

/// Actions and condition keys by their names in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    actions: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
}

impl Names {
    /// Collects the names of all documents. Linear in their size.
    pub fn of(world: &World) -> Self {
        let mut names = Self::default();
        for statement in world.documents.iter().flat_map(|document| &document.policy.statements) {
            let actions = statement.action.iter().flat_map(|list| &list.entries);
            actions.for_each(|entry| _ = names.add_action(&entry.text));
            let keys = statement.condition.iter().filter_map(|test| test.key.as_ref());
            keys.for_each(|key| add(&mut names.keys, key.name.text.to_lowercase(), &key.name.text));
        }
        names
    }

    /// Adds an action, `service:Name`; returns whether it is one, and no pattern.
    pub fn add_action(&mut self, action: &str) -> bool {
        let is_literal = !action.contains(['*', '?']);
        let parts = action.split_once(':').filter(|(service, name)| !service.is_empty() && !name.is_empty());
        let is_action = is_literal && parts.is_some_and(|(_, name)| !name.contains(':'));
        if is_action {
            // Only ASCII letters of actions have case (R-ACT-2): the Kelvin sign is no `k`.
            add(&mut self.actions, action.to_ascii_lowercase(), action);
        }
        is_action
    }

    /// The literal actions of `Action` and `NotAction`, and those that were added, sorted without regard to case; as AWS
    /// writes them, else as they are written.
    pub fn actions(&self) -> impl Iterator<Item = String> {
        let reference = reference::built_in();
        let spelled = move |(lowercase, spelling): (&String, &String)| {
            known_action(reference, lowercase).unwrap_or_else(|| spelling.clone())
        };
        self.actions.iter().map(spelled)
    }

    /// A condition key in its best spelling, by its name in lower case: that of AWS, else that of the documents, else
    /// lower case.
    pub fn key(&self, lowercase: &str) -> String {
        let known = known_key(reference::built_in(), lowercase);
        known.or_else(|| self.keys.get(lowercase).cloned()).unwrap_or_else(|| lowercase.to_owned())
    }
}

/// Of several spellings the one that sorts first is kept, wherever it stands.
fn add(names: &mut BTreeMap<String, String>, lowercase: String, spelling: &str) {
    let kept = names.entry(lowercase).or_insert_with(|| spelling.to_owned());
    if spelling < kept.as_str() {
        spelling.clone_into(kept);
    }
}

fn known_action(reference: Reference<'_>, lowercase: &str) -> Option<String> {
    let (prefix, name) = lowercase.split_once(':')?;
    let service = reference.service(prefix)?;
    Some(format!("{}:{}", service.prefix, service.action(name)?.name()))
}

fn known_key(reference: Reference<'_>, lowercase: &str) -> Option<String> {
    let (prefix, _) = lowercase.split_once(':')?;
    let of_service = reference.service(prefix).and_then(|service| spelled(service.keys, lowercase));
    of_service.or_else(|| spelled(reference.global_keys(), lowercase))
}

/// The key as the reference writes it; a free part stays as it is.
fn spelled(keys: Keys<'_>, lowercase: &str) -> Option<String> {
    let key = keys.find(lowercase)?;
    let Some((before, after)) = key.free_part() else { return Some(key.name().to_owned()) };
    let free = lowercase.get(before.len()..lowercase.len().checked_sub(after.len())?)?;
    Some(format!("{before}{free}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(action: &str, keys: &str) -> Names {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},"Resource":"*","Condition":{{"StringEquals":{keys}}}}}}}"#
        );
        Names::of(&crate::world::load(vec![("P.json".to_owned(), policy)], None))
    }

    #[test]
    fn literal_actions_once_each_as_aws_writes_them() {
        let names = names(r#"["S3:getobject","s3:GetObject","s3:Put*","shop:Buy","shop:buy","shop:","*"]"#, "{}");
        assert_eq!(names.actions().collect::<Vec<_>>(), ["s3:GetObject", "shop:Buy"]);
    }

    /// All of Unicode was put in lower case, so that an action which no policy names got a constant.
    #[test]
    fn only_ascii_letters_of_actions_have_case() {
        let names = names("[\"s3:PutBuc\u{212a}etPolicy\",\"shop:\u{c9}\",\"shop:\u{e9}\"]", "{}");
        let found = names.actions().collect::<Vec<_>>();
        assert_eq!(found, ["s3:PutBuc\u{212a}etPolicy", "shop:\u{c9}", "shop:\u{e9}"]);
    }

    #[test]
    fn keys_as_aws_or_the_documents_write_them() {
        let names = names(r#""s3:GetObject""#, r#"{"AWS:sourceip":"x","shop:TenantId":"x","aws:requesttag/Team":"x"}"#);
        assert_eq!(names.key("aws:sourceip"), "aws:SourceIp");
        assert_eq!(names.key("shop:tenantid"), "shop:TenantId");
        assert_eq!(names.key("aws:requesttag/team"), "aws:RequestTag/team");
        assert_eq!(names.key("s3:prefix"), "s3:prefix");
        assert_eq!(names.key("shop:other"), "shop:other");
    }
}
