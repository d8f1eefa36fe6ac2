//! `iam-rs`: policies as they are, one evaluator for each role and one for each boundary, picked outside.

use iam_rs::{
    Arn, Context, ContextValue, Decision, EvaluationOptions, IAMPolicy, IAMRequest, PolicyEvaluator, Principal,
    PrincipalId,
};

use crate::generate::corpus::{Corpus, Given, Policy};
use crate::model::Answer;
use crate::peer::{Peer, full_context};

pub(crate) fn peer<'a>(corpus: &'a Corpus, count: usize) -> Result<Peer<'a>, String> {
    let evaluator = |policies: &[&Policy]| -> Result<PolicyEvaluator, String> {
        let parsed: Result<Vec<IAMPolicy>, _> =
            policies.iter().map(|policy| IAMPolicy::from_json(&quoted(&policy.text))).collect();
        let options = EvaluationOptions {
            stop_on_explicit_deny: true,
            collect_match_details: false,
            max_statements: usize::MAX,
            ignore_resource_constraints: false,
        };
        Ok(PolicyEvaluator::with_policies(parsed.map_err(|error| error.to_string())?).with_options(options))
    };
    let mut own = Vec::new();
    for role in &corpus.roles {
        let policies: Vec<&Policy> = role.policies.iter().collect();
        let boundary = role.boundary.as_ref().map(|policy| evaluator(&[policy])).transpose()?;
        own.push((evaluator(&policies)?, boundary));
    }
    let mut refused = 0;
    let requests: Vec<Option<(usize, IAMRequest)>> = corpus.requests[..count]
        .iter()
        .map(|request| {
            let mut context = Context::new();
            for (key, value) in full_context(corpus, request) {
                let value = match value {
                    Given::One(text) if text == "true" || text == "false" => {
                        // Keys that `Bool` tests are typed; the tags of resources are texts.
                        let is_text = key.contains("Tag/");
                        if is_text { ContextValue::String(text) } else { ContextValue::Boolean(text == "true") }
                    }
                    Given::One(text) => ContextValue::String(text),
                    Given::Many(texts) => ContextValue::StringList(texts),
                };
                context.insert(key, value);
            }
            let Ok(resource) = Arn::parse(&request.resource) else {
                refused += 1;
                return None;
            };
            let principal = Principal::Aws(PrincipalId::String(request.principal.clone()));
            Some((request.role, IAMRequest::new_with_context(principal, request.action.clone(), resource, context)))
        })
        .collect();
    let note = format!(
        "nothing dropped but {refused} of {count} requests whose resource is `*`; limit of statements raised, requests prepared"
    );
    let decide = Box::new(move |at: usize| {
        let (role, request) = requests[at].as_ref()?;
        let (evaluator, boundary) = &own[*role];
        let answer = |evaluator: &PolicyEvaluator| match evaluator.evaluate(request).map(|result| result.decision) {
            Ok(Decision::Allow) => Answer::Allowed,
            Ok(Decision::Deny) => Answer::Explicit,
            _ => Answer::Implicit,
        };
        let first = answer(evaluator);
        Some(match boundary {
            Some(boundary) if first != Answer::Explicit => match (first, answer(boundary)) {
                (_, Answer::Explicit) => Answer::Explicit,
                (Answer::Allowed, Answer::Allowed) => Answer::Allowed,
                _ => Answer::Implicit,
            },
            _ => first,
        })
    });
    Ok(Peer { name: "(d) iam-rs", note, decide, kept: None, only_allows: false })
}

/// The document with condition values that are no texts as texts, which is all that the crate reads.
fn quoted(document: &str) -> String {
    fn walk(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => *json = json.to_string().into(),
            serde_json::Value::Array(values) => values.iter_mut().for_each(walk),
            serde_json::Value::Object(members) => members.values_mut().for_each(walk),
            serde_json::Value::Null | serde_json::Value::String(_) => {}
        }
    }
    let mut json = serde_json::from_str(document).expect("a document");
    walk(&mut json);
    json.to_string()
}
