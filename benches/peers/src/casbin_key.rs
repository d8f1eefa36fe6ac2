//! `casbin` with `keyMatch`: a rule for each pair of action and resource, denies override, an enforcer for each role.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};

use crate::generate::corpus::Corpus;
use crate::model::{Answer, Statement};
use crate::peer::{Peer, drop_statements, expand, is_expandable};

const MODEL: &str = "
[request_definition]
r = act, obj
[policy_definition]
p = act, obj, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = keyMatch(r.act, p.act) && keyMatch(r.obj, p.obj)
";

fn can_say(statement: &Statement) -> bool {
    let is_prefix = |text: &String| text.find(['*', '?']).is_none_or(|at| at + 1 == text.len() && text.ends_with('*'));
    is_expandable(statement)
        && !statement.is_not_action
        && !statement.is_not_resource
        && statement.clauses.is_empty()
        && statement.action_texts.iter().chain(&statement.resource_texts).all(is_prefix)
}

/// The futures of this crate never wait.
fn block<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

pub(crate) fn peer<'a>(corpus: &'a Corpus, count: usize) -> Result<Peer<'a>, String> {
    let (model, kept, dropped) = drop_statements(corpus, &can_say);
    if model.holders.iter().all(|holder| holder.statements.is_empty()) {
        return Err(dropped);
    }
    let enforcer = |statements: &[Statement], tags: &[(String, String)]| -> Result<Enforcer, String> {
        let mut rules = std::collections::BTreeSet::new();
        for statement in statements {
            let effect = if statement.is_deny { "deny" } else { "allow" };
            for action in &statement.action_texts {
                for resource in &statement.resource_texts {
                    let resource = expand(resource, tags).unwrap_or_default();
                    rules.insert(vec![action.clone(), resource, effect.to_owned()]);
                }
            }
        }
        let model = block(DefaultModel::from_str(MODEL)).map_err(|error| error.to_string())?;
        let mut enforcer = block(Enforcer::new(model, MemoryAdapter::default())).map_err(|error| error.to_string())?;
        block(enforcer.add_policies(rules.into_iter().collect())).map_err(|error| error.to_string())?;
        Ok(enforcer)
    };
    let own: Result<Vec<Enforcer>, String> =
        model.holders.iter().map(|holder| enforcer(&holder.statements, &holder.tags)).collect();
    let boundaries: Result<Vec<Enforcer>, String> =
        model.boundaries.iter().map(|statements| enforcer(statements, &[])).collect();
    let (own, boundaries) = (own?, boundaries?);
    let requests = &corpus.requests[..count];
    let actions: Vec<String> = requests.iter().map(|request| request.action.to_ascii_lowercase()).collect();
    let decide = Box::new(move |at: usize| {
        let request = &requests[at];
        let allows =
            |enforcer: &Enforcer| enforcer.enforce((actions[at].as_str(), request.resource.as_str())).unwrap_or(false);
        let boundary = model.holders[request.role].boundary;
        let is_allowed = allows(&own[request.role]) && boundary.is_none_or(|boundary| allows(&boundaries[boundary]));
        Some(if is_allowed { Answer::Allowed } else { Answer::Implicit })
    });
    let note = format!(
        "{dropped} (conditions, `NotAction`, `NotResource`, patterns other than prefixes); variables of the role expanded"
    );
    Ok(Peer { name: "(g) casbin keyMatch", note, decide, kept, only_allows: true })
}
