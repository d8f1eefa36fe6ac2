//! Ways from what a policy allows to everything: one action, or a passed role and something that runs with it.

use super::access::{is_of_an_identity, names_service};
use super::{Facts, Linter, errors};
use crate::syntax::ast::Effect;

/// Actions that give their caller more permissions on their own, in lower case with what they lead to.
const ALONE: &[(&str, &str)] = &[
    ("iam:addusertogroup", "joins any group, and gets its policies"),
    ("iam:attachgrouppolicy", "attaches any policy to a group of one's own"),
    ("iam:attachrolepolicy", "attaches any policy to a role that one can assume"),
    ("iam:attachuserpolicy", "attaches any policy to oneself"),
    ("iam:createaccesskey", "makes access keys of any user"),
    ("iam:createloginprofile", "sets the first password of any user"),
    ("iam:createpolicyversion", "rewrites a policy that one has"),
    ("iam:putgrouppolicy", "writes a policy into a group of one's own"),
    ("iam:putrolepolicy", "writes a policy into a role that one can assume"),
    ("iam:putuserpolicy", "writes a policy into oneself"),
    ("iam:setdefaultpolicyversion", "brings back an older version of a policy that one has"),
    ("iam:updateassumerolepolicy", "makes any role trust oneself"),
    ("iam:updateloginprofile", "sets the password of any user"),
];

/// Actions that run something with a role that is passed to it.
const WITH_ROLE: &[(&str, &str)] = &[
    ("apprunner:createservice", "the service runs with that role"),
    ("autoscaling:createlaunchconfiguration", "programs on the instances have that role"),
    ("batch:registerjobdefinition", "jobs run with that role"),
    ("cloudformation:createstack", "a stack acts with that role"),
    ("cloudformation:createstackset", "the stacks act with that role"),
    ("codebuild:createproject", "builds run with that role"),
    ("datapipeline:createpipeline", "a pipeline runs with that role"),
    ("ec2:associateiaminstanceprofile", "programs on the instance have that role"),
    ("ec2:requestspotinstances", "programs on the instances have that role"),
    ("ec2:runinstances", "programs on the instance have that role"),
    ("ecs:registertaskdefinition", "tasks run with that role"),
    ("elasticmapreduce:runjobflow", "steps of the cluster run with that role"),
    ("glue:createdevendpoint", "whoever connects to the endpoint has that role"),
    ("glue:createjob", "jobs run with that role"),
    ("glue:createsession", "whoever opens the session has that role"),
    ("glue:updatejob", "jobs run with that role"),
    ("lambda:createfunction", "the function runs with that role"),
    ("sagemaker:createnotebookinstance", "whoever opens the notebook has that role"),
    ("sagemaker:createprocessingjob", "jobs run with that role"),
    ("sagemaker:createtrainingjob", "jobs run with that role"),
    ("states:createstatemachine", "the state machine acts with that role"),
];

/// Reports each way once for a policy, unless it allows everything anyway.
pub(super) fn check(linter: &mut Linter, statements: &[Facts<'_>]) {
    let Some(first) = statements.first() else { return };
    if !is_of_an_identity(first.document.policy_type) {
        return;
    }
    let is_open = |facts: &&Facts<'_>| {
        facts.effect == Some(Effect::Allow) && facts.is_on_everything() && facts.tree.condition.is_empty()
    };
    let open = statements.iter().filter(is_open).collect::<Vec<_>>();
    // Whoever has everything, or everything of IAM, gains nothing.
    let has_all = |facts: &&Facts<'_>| facts.allowed_actions().any(|(_, action)| action.grants("iam:*"));
    if open.is_empty() || open.iter().any(has_all) {
        return;
    }
    let denies = |action: &str| {
        let mut denied = statements.iter().filter(|facts| facts.effect == Some(Effect::Deny));
        denied.any(|facts| facts.allowed_actions().any(|(_, known)| known.grants(action)))
    };
    let find = |linter: &Linter, facts: &[&Facts<'_>], action: &str| {
        let entries = facts.iter().flat_map(|facts| facts.allowed_actions());
        let (entry, _) = entries.into_iter().find(|(_, known)| known.grants(action))?;
        Some((linter.at(entry.span), entry.text.clone()))
    };
    for (action, way) in ALONE {
        if let Some((place, text)) = find(linter, &open, action).filter(|_| !denies(action)) {
            linter.report(errors::escalation(place, &text, way));
        }
    }
    let passing = open.iter().filter(|facts| !names_service(facts)).copied().collect::<Vec<_>>();
    let Some((role, _)) = find(linter, &passing, "iam:passrole").filter(|_| !denies("iam:passrole")) else { return };
    for (action, way) in WITH_ROLE {
        if let Some((place, text)) = find(linter, &open, action).filter(|_| !denies(action)) {
            linter.report(errors::escalation_with_role(place, &text, role, way));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_exists() {
        let reference = crate::reference::built_in();
        for (action, _) in ALONE.iter().chain(WITH_ROLE).chain(&[("iam:passrole", "")]) {
            let (prefix, name) = action.split_once(':').unwrap();
            assert!(reference.service(prefix).and_then(|service| service.action(name)).is_some(), "{action}");
        }
    }
}
