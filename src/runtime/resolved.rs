//! Names resolved once: principals, actions and context keys as numbers of one artifact, for hosts that ask the same
//! ones again and again.

use super::action::Action;
use super::call::{Call, Room, resource_arn};
use super::given::{Context, mark};
use super::requester::Requester;
use super::{Decision, Principal, Request, RequestError, Tables, Value};
use crate::layout::NONE;

/// An action that [`Tables::action`] has resolved.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedAction<'a> {
    action: Action<'a>,
    artifact: u64,
}

/// A principal that [`Tables::principal`] has resolved.
#[derive(Clone, Copy)]
pub struct ResolvedPrincipal<'a> {
    principal: Principal<'a>,
    requester: Requester<'a>,
    artifact: u64,
}

impl core::fmt::Debug for ResolvedPrincipal<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ResolvedPrincipal").field("principal", &self.principal).finish_non_exhaustive()
    }
}

/// A context key that [`Tables::key`] has resolved.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedKey<'a> {
    pub(super) name: &'a str,
    /// Its number; none if no condition asks it.
    pub(super) number: u32,
    /// By which two spellings of one key are noticed: one bit, or all where the name is not ASCII.
    pub(super) mark: u64,
    pub(super) artifact: u64,
}

/// One question in resolved names.
///
/// For session policies, endpoints, access keys and what else a [`Request`] can say, ask with strings.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedRequest<'a> {
    /// Who asks.
    pub principal: &'a ResolvedPrincipal<'a>,
    /// For what.
    pub action: ResolvedAction<'a>,
    /// A concrete ARN, or `*` for an action without a resource (R-ARN-20).
    pub resource: &'a str,
    /// Context keys with their values, in any order.
    pub context: &'a [(ResolvedKey<'a>, Value<'a>)],
}

impl Tables<'_> {
    /// Resolves an action, `service:Name` in any case, whether or not a policy names it.
    ///
    /// Costs one hash and one comparison of the name; for a name that no policy spells out, a search among the prefixes of
    /// its service besides.
    ///
    /// # Errors
    ///
    /// Fails with [`RequestError::Action`] for any other text.
    pub fn action<'r>(&self, name: &'r str) -> Result<ResolvedAction<'r>, RequestError> {
        Ok(ResolvedAction { action: Action::resolve(self, name)?, artifact: self.identity })
    }

    /// Resolves a principal: what the artifact knows of it, its account and its policies.
    ///
    /// # Errors
    ///
    /// Fails where [`Tables::explain`] fails for the principal of a request, and for [`Principal::Nameless`].
    pub fn principal<'r>(&'r self, principal: Principal<'r>) -> Result<ResolvedPrincipal<'r>, RequestError> {
        let request = Request::new(principal, "", "*");
        let mut requester = Requester::NOBODY;
        requester.resolve(self, &request)?;
        Ok(ResolvedPrincipal { principal, requester, artifact: self.identity })
    }

    /// Resolves a context key, in any case. A key that no condition asks is resolved as well, and then found by name.
    ///
    /// Costs a binary search among the artifact's keys.
    pub fn key<'r>(&self, name: &'r str) -> ResolvedKey<'r> {
        let number = self.key_number(name).unwrap_or(NONE);
        let mark = if name.is_ascii() { mark(name.as_bytes()).0 } else { u64::MAX };
        ResolvedKey { name, number, mark, artifact: self.identity }
    }

    /// Decides a question in resolved names, as [`Tables::decide`] decides the same one in strings.
    ///
    /// Names that were resolved by another artifact mean nothing here: such a question is denied, with no layer named.
    pub fn decide_resolved(&self, question: &ResolvedRequest<'_>) -> Decision {
        let is_own = |artifact: u64| artifact == self.identity;
        if !is_own(question.principal.artifact) || !is_own(question.action.artifact) {
            return super::decide::REFUSED;
        }
        let Ok(context) = Context::resolved(question.context, self.identity) else { return super::decide::REFUSED };
        let request = Request::new(question.principal.principal, question.action.action.text, question.resource);
        let own = self.ask_own(&request, &question.principal.requester, question.action.action, context);
        own.unwrap_or_else(|| self.decide_resolved_at_length(question, &request, context))
    }

    #[inline(never)]
    fn decide_resolved_at_length<'r>(
        &'r self,
        question: &ResolvedRequest<'r>,
        request: &'r Request<'r>,
        context: Context<'r>,
    ) -> Decision {
        let mut room = Room::new(question.principal.requester);
        let call = resource_arn(request)
            .and_then(|arn| Call::new(self, request, (question.action.action, context, arn), &mut room));
        match call {
            Ok(call) => super::decide::decision(&call),
            Err(_) => super::decide::REFUSED,
        }
    }
}
