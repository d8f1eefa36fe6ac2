//! One peer over one corpus: how it decides, what was dropped for it, and the scan that it is checked against.

use crate::engines::Scan;
use crate::generate::corpus::{Corpus, Request};
use crate::model::{Answer, Model, Statement};

/// A peer ready to be asked; requests are those of the corpus, by number, in the peer's own prepared form.
pub(crate) struct Peer<'a> {
    pub(crate) name: &'static str,
    /// What had to be dropped, and how the policies were translated.
    pub(crate) note: String,
    /// `None` where the request is dropped.
    pub(crate) decide: Box<dyn FnMut(usize) -> Option<Answer> + 'a>,
    /// The scan over the statements that the peer kept; `None` where that is all of them.
    pub(crate) kept: Option<Scan>,
    /// Whether an implicit deny and an explicit one are one answer.
    pub(crate) only_allows: bool,
}

impl<'a> Peer<'a> {
    /// A peer that keeps all statements.
    pub(crate) fn of(name: &'static str, note: &str, decide: impl FnMut(usize) -> Option<Answer> + 'a) -> Self {
        Self { name, note: note.to_owned(), decide: Box::new(decide), kept: None, only_allows: false }
    }
}

/// Counts statements that `keep` refuses, and a scan over the others.
pub(crate) fn drop_statements(corpus: &Corpus, keep: &dyn Fn(&Statement) -> bool) -> (Model, Option<Scan>, String) {
    let all = Model::new(corpus, &|_| true);
    let count = |model: &Model| {
        let own: usize = model.holders.iter().map(|holder| holder.statements.len()).sum();
        own + model.boundaries.iter().map(Vec::len).sum::<usize>()
    };
    let model = Model::new(corpus, keep);
    let dropped = count(&all) - count(&model);
    if dropped == 0 {
        return (model, None, "nothing dropped".to_owned());
    }
    let share = 100.0 * dropped as f64 / count(&all) as f64;
    let scan = Scan::new(Model::new(corpus, keep));
    (model, Some(scan), format!("{dropped} statements ({share:.0} %) dropped"))
}

/// Variables that are constants of a role, replaced: its tags and its account.
pub(crate) fn expand(text: &str, tags: &[(String, String)]) -> Option<String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}')?;
        expanded.push_str(before);
        let name = name.to_ascii_lowercase();
        match (name.as_str(), name.strip_prefix("aws:principaltag/")) {
            ("aws:principalaccount", _) => expanded.push_str(crate::generate::corpus::ACCOUNT),
            (_, Some(tag)) => expanded.push_str(&tags.iter().find(|(known, _)| known == tag)?.1),
            _ => return None,
        }
        rest = behind;
    }
    expanded.push_str(rest);
    Some(expanded)
}

/// Whether all variables of a statement are constants of any role.
pub(crate) fn is_expandable(statement: &Statement) -> bool {
    let texts = statement.resource_texts.iter().chain(statement.clauses.iter().flat_map(|clause| &clause.texts));
    texts.flat_map(|text| text.match_indices("${").map(|(at, _)| text[at + 2..].to_ascii_lowercase())).all(|name| {
        name.starts_with("aws:principalaccount}") || name == "aws:principaltag" || name.starts_with("aws:principaltag/")
    })
}

/// Context of a request with the keys that `iamc` derives: account, ARN and tags of the role, account of the resource.
pub(crate) fn full_context(corpus: &Corpus, request: &Request) -> Vec<(String, crate::generate::corpus::Given)> {
    use crate::generate::corpus::{ACCOUNT, Given};
    let role = &corpus.roles[request.role];
    let mut context = request.context.clone();
    let names = |prefix: &str| -> Vec<String> {
        let keys = request.context.iter().map(|(key, _)| key);
        keys.filter_map(|key| {
            key.get(..prefix.len())
                .filter(|head| head.eq_ignore_ascii_case(prefix))
                .map(|_| key[prefix.len()..].to_owned())
        })
        .collect()
    };
    for (key, names) in
        [("aws:TagKeys", names("aws:RequestTag/")), ("kms:EncryptionContextKeys", names("kms:EncryptionContext:"))]
    {
        if !names.is_empty() && !context.iter().any(|(known, _)| known.eq_ignore_ascii_case(key)) {
            context.push((key.to_owned(), Given::Many(names)));
        }
    }
    let mut add = |key: String, value: &str| {
        if !context.iter().any(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            context.push((key, Given::One(value.to_owned())));
        }
    };
    add("aws:PrincipalAccount".to_owned(), ACCOUNT);
    add("aws:ResourceAccount".to_owned(), ACCOUNT);
    add("aws:PrincipalArn".to_owned(), &format!("arn:aws:iam::{ACCOUNT}:role/{}", role.name));
    add("aws:ViaAWSService".to_owned(), "false");
    for (tag, value) in &role.tags {
        add(format!("aws:PrincipalTag/{tag}"), value);
    }
    context
}
