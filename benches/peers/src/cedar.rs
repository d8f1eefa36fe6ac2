//! `cedar-policy`: one policy for each statement, in two translations, of which the faster is shown; whole (all roles in
//! one set, the role in the scope) and sliced (a set for each role, picked outside). Boundaries are sets of their own.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression};

use crate::generate::corpus::{Corpus, Given};
use crate::model::{Answer, Base, Clause, Model, Set, Statement};
use crate::peer::{Peer, drop_statements, expand, full_context, is_expandable};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Whole,
    Sliced,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Translation {
    /// Action and ARN are texts in the context.
    Texts,
    /// The same, and the service is the type of the resource, so that the scope refuses most statements.
    TypedResource,
}

fn can_say(statement: &Statement) -> bool {
    let clause = |clause: &Clause| {
        let is_text = matches!(clause.base, Base::Equals | Base::Like | Base::Bool | Base::Arn | Base::Null);
        let is_set = clause.set == Set::None || clause.base == Base::Equals && !clause.is_negated && !clause.if_exists;
        is_text && is_set && !clause.texts.iter().any(|text| text.contains('?'))
    };
    is_expandable(statement)
        && !statement.resource_texts.iter().chain(&statement.action_texts).any(|text| text.contains('?'))
        && statement.clauses.iter().all(clause)
}

/// The faster of the translations, by some fifty decisions of each over the sliced policies.
pub(crate) fn best(corpus: &Corpus, count: usize, shape: Shape) -> Result<Peer<'_>, String> {
    let time = |translation: Translation| -> Result<u64, String> {
        let mut sample = peer(corpus, 64, Shape::Sliced, translation)?;
        for at in 0..64 {
            std::hint::black_box((sample.decide)(at));
        }
        let begin = crate::clock::thread_time();
        for at in 0..64 {
            std::hint::black_box((sample.decide)(at));
        }
        Ok(crate::clock::thread_time() - begin)
    };
    let is_typed = time(Translation::TypedResource)? <= time(Translation::Texts)?;
    let translation = if is_typed { Translation::TypedResource } else { Translation::Texts };
    peer(corpus, count, shape, translation)
}

fn peer<'a>(corpus: &'a Corpus, count: usize, shape: Shape, translation: Translation) -> Result<Peer<'a>, String> {
    let (model, kept, dropped) = drop_statements(corpus, &can_say);
    let sets: BTreeSet<String> = all(&model)
        .flat_map(|statement| &statement.clauses)
        .filter(|clause| clause.set != Set::None)
        .map(|clause| clause.name.to_ascii_lowercase())
        .collect();
    let mut own = Vec::new();
    let mut whole = String::new();
    for (number, holder) in model.holders.iter().enumerate() {
        let scope =
            if shape == Shape::Whole { format!("principal == Role::\"{number}\"") } else { "principal".to_owned() };
        let text = policies(&holder.statements, &holder.tags, &scope, translation);
        match shape {
            Shape::Whole => whole.push_str(&text),
            Shape::Sliced => own.push(PolicySet::from_str(&text).map_err(|error| error.to_string())?),
        }
    }
    if shape == Shape::Whole {
        own.push(PolicySet::from_str(&whole).map_err(|error| error.to_string())?);
    }
    let mut boundaries = Vec::new();
    for statements in &model.boundaries {
        let text = policies(statements, &[], "principal", translation);
        boundaries.push(PolicySet::from_str(&text).map_err(|error| error.to_string())?);
    }
    let requests: Result<Vec<(usize, Option<usize>, Request)>, String> = corpus.requests[..count]
        .iter()
        .map(|request| {
            let mut pairs = vec![
                ("action".to_owned(), RestrictedExpression::new_string(request.action.to_ascii_lowercase())),
                ("resource".to_owned(), RestrictedExpression::new_string(request.resource.clone())),
            ];
            for (key, value) in full_context(corpus, request) {
                let key = key.to_ascii_lowercase();
                let list = |texts: Vec<String>| {
                    RestrictedExpression::new_set(texts.into_iter().map(RestrictedExpression::new_string))
                };
                let value = match value {
                    Given::One(text) if sets.contains(&key) => list(vec![text]),
                    Given::One(text) => RestrictedExpression::new_string(text),
                    Given::Many(texts) => list(texts),
                };
                pairs.push((key, value));
            }
            let uid = |text: String| EntityUid::from_str(&text).map_err(|error| error.to_string());
            let resource =
                uid(format!("{}::\"r\"", service_type(&request.resource).unwrap_or_else(|| "s_none".to_owned())))?;
            let context = Context::from_pairs(pairs).map_err(|error| error.to_string())?;
            let principal = uid(format!("Role::\"{}\"", request.role))?;
            let asked = Request::new(principal, uid("Action::\"a\"".to_owned())?, resource, context, None);
            let set = if shape == Shape::Whole { 0 } else { request.role };
            Ok((set, model.holders[request.role].boundary, asked.map_err(|error| error.to_string())?))
        })
        .collect();
    let requests = requests?;
    let authorizer = Authorizer::new();
    let entities = Entities::empty();
    let decide = Box::new(move |at: usize| {
        let (set, boundary, request) = &requests[at];
        let allows = |set: &PolicySet| authorizer.is_authorized(request, set, &entities).decision() == Decision::Allow;
        let is_allowed = allows(&own[*set]) && boundary.is_none_or(|boundary| allows(&boundaries[boundary]));
        Some(if is_allowed { Answer::Allowed } else { Answer::Implicit })
    });
    let name = if shape == Shape::Whole { "(e) Cedar, whole" } else { "(e) Cedar, sliced" };
    let how = match translation {
        Translation::Texts => "action and ARN as texts",
        Translation::TypedResource => "action and ARN as texts, service as type of the resource",
    };
    let note = format!(
        "{dropped} (`?`, sets of patterns, numbers, ignoring case); {how}; variables of the role expanded, requests prepared"
    );
    Ok(Peer { name, note, decide, kept, only_allows: true })
}

fn all(model: &Model) -> impl Iterator<Item = &Statement> {
    model.holders.iter().flat_map(|holder| &holder.statements).chain(model.boundaries.iter().flatten())
}

fn policies(statements: &[Statement], tags: &[(String, String)], scope: &str, translation: Translation) -> String {
    statements.iter().map(|statement| policy(statement, tags, scope, translation) + "\n").collect()
}

fn policy(statement: &Statement, tags: &[(String, String)], scope: &str, translation: Translation) -> String {
    let effect = if statement.is_deny { "forbid" } else { "permit" };
    let resources: Vec<String> = statement.resource_texts.iter().filter_map(|text| expand(text, tags)).collect();
    let types: BTreeSet<Option<String>> = resources.iter().map(|text| service_type(text)).collect();
    let resource = match types.first() {
        Some(Some(service))
            if types.len() == 1 && translation == Translation::TypedResource && !statement.is_not_resource =>
        {
            format!("resource is {service}")
        }
        _ => "resource".to_owned(),
    };
    let actions = any("context.action", &statement.action_texts);
    let actions = if statement.is_not_action { format!("!({actions})") } else { actions };
    let arns = any("context.resource", &resources);
    let arns = if statement.is_not_resource { format!("!({arns})") } else { arns };
    let mut tests = vec![actions, arns];
    tests.extend(statement.clauses.iter().map(|clause| test(clause, tags)));
    let tests: Vec<String> = tests.into_iter().map(|test| format!("({test})")).collect();
    format!("{effect}({scope}, action, {resource}) when {{ {} }};", tests.join(" && "))
}

/// The type for the service of an ARN or of a pattern whose service is literal.
fn service_type(arn: &str) -> Option<String> {
    let service = arn.strip_prefix("arn:aws:")?.split(':').next()?;
    let is_literal = service.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    is_literal.then(|| format!("s_{}", service.replace('-', "_")))
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn any(of: &str, patterns: &[String]) -> String {
    if patterns.iter().any(|pattern| pattern == "*") {
        return "true".to_owned();
    }
    let tests: Vec<String> = patterns
        .iter()
        .map(|pattern| match pattern.contains('*') {
            true => format!("{of} like {}", quote(pattern)),
            false => format!("{of} == {}", quote(pattern)),
        })
        .collect();
    if tests.is_empty() { "false".to_owned() } else { tests.join(" || ") }
}

fn test(clause: &Clause, tags: &[(String, String)]) -> String {
    let key = quote(&clause.name.to_ascii_lowercase());
    let has = format!("context has {key}");
    let value = format!("context[{key}]");
    let texts: Vec<String> = clause.texts.iter().filter_map(|text| expand(text, tags)).collect();
    let list = texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(", ");
    match (clause.set, clause.base) {
        (_, Base::Null) if texts.iter().any(|text| text.eq_ignore_ascii_case("true")) => format!("!({has})"),
        (_, Base::Null) => has,
        (Set::Any, _) => format!("{has} && {value}.containsAny([{list}])"),
        (Set::All, _) => format!("!({has}) || [{list}].containsAll({value})"),
        (Set::None, base) => {
            let matches = match base {
                Base::Like | Base::Arn => any(&value, &texts),
                _ => texts.iter().map(|text| format!("{value} == {}", quote(text))).collect::<Vec<_>>().join(" || "),
            };
            match (clause.is_negated, clause.if_exists) {
                (true, _) => format!("!({has}) || !({matches})"),
                (false, true) => format!("!({has}) || ({matches})"),
                (false, false) => format!("{has} && ({matches})"),
            }
        }
    }
}
