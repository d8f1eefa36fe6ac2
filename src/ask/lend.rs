//! An [`OwnedRequest`] is lent as the [`Request`] that the runtime takes: texts stay where they are, only lists of
//! borrowed texts are made.

use super::{AskError, ContextValue, OwnedAcl, OwnedPrincipal, OwnedRequest};
use crate::runtime::{AclGrant, Principal, Request, Tables, Value};

impl OwnedRequest {
    /// Calls `use_it` with this request as the runtime wants it.
    ///
    /// # Errors
    ///
    /// Fails if one of the session artifacts cannot be loaded.
    pub fn with<T>(&self, use_it: impl FnOnce(&Request<'_>) -> T) -> Result<T, AskError> {
        let lists = Lists::of(self)?;
        let context = lists.context();
        Ok(use_it(&lists.request(&context)))
    }

    /// Calls `use_them` with all these requests at once, for who decides each of them many times.
    ///
    /// # Errors
    ///
    /// Fails if one of the session artifacts cannot be loaded.
    pub fn with_all<T>(requests: &[Self], use_them: impl FnOnce(&[Request<'_>]) -> T) -> Result<T, AskError> {
        let lists = requests.iter().map(Lists::of).collect::<Result<Vec<Lists<'_>>, AskError>>()?;
        let contexts: Vec<Vec<(&str, Value<'_>)>> = lists.iter().map(Lists::context).collect();
        let lent: Vec<Request<'_>> =
            lists.iter().zip(&contexts).map(|(lists, context)| lists.request(context)).collect();
        Ok(use_them(&lent))
    }
}

/// What a [`Request`] borrows and an [`OwnedRequest`] does not have: lists of borrowed texts.
struct Lists<'a> {
    owned: &'a OwnedRequest,
    /// One for each context key; empty for a single value.
    values: Vec<Vec<&'a str>>,
    session_tables: Vec<Tables<'a>>,
    tags: Vec<(&'a str, &'a str)>,
    service_names: Vec<&'a str>,
    acl_grants: Vec<AclGrant<'a>>,
    policies: Vec<&'a str>,
    session_policies: Vec<&'a str>,
}

impl<'a> Lists<'a> {
    fn of(owned: &'a OwnedRequest) -> Result<Self, AskError> {
        let loaded: Result<Vec<Tables<'_>>, _> =
            owned.session_artifacts.iter().map(|bytes| Tables::load(bytes)).collect();
        let session_tables =
            loaded.map_err(|error| AskError::form(format!("a session policy cannot be loaded: {error}")))?;
        Ok(Self {
            owned,
            values: owned.context.iter().map(|(_, value)| borrow(value)).collect(),
            session_tables,
            tags: owned
                .principal_tags
                .iter()
                .chain(&owned.session_tags)
                .map(|(key, value)| (&**key, &**value))
                .collect(),
            service_names: match &owned.principal {
                Some(OwnedPrincipal::Service(names)) => borrow_all(names),
                _ => Vec::new(),
            },
            acl_grants: owned.object_acl.as_ref().map(OwnedAcl::lend_grants).unwrap_or_default(),
            policies: borrow_all(&owned.policies),
            session_policies: borrow_all(&owned.session_policies),
        })
    }

    fn context(&self) -> Vec<(&str, Value<'_>)> {
        let entries = self.owned.context.iter().zip(&self.values);
        entries.map(|((key, value), list)| (key.as_str(), lend(value, list))).collect()
    }

    fn request<'l>(&'l self, context: &'l [(&'l str, Value<'l>)]) -> Request<'l> {
        let owned = self.owned;
        Request {
            principal: lend_principal(owned.principal.as_ref(), &self.service_names),
            unique_id: owned.unique_id.as_deref(),
            action: &owned.action,
            resource: &owned.resource,
            resource_account: owned.resource_account.as_deref(),
            context,
            policies: &self.policies,
            session_policies: &self.session_policies,
            session_tables: &self.session_tables,
            session_tags: &self.tags,
            source_identity: owned.source_identity.as_deref(),
            credentials: owned.credentials,
            endpoint: owned.endpoint.as_deref(),
            access_key_id: owned.access_key_id.as_deref(),
            object_owner: owned.object_owner.as_deref(),
            object_acl: owned.object_acl.as_ref().map(|list| list.lend(&self.acl_grants)),
            trust_context: owned.trust_context,
            trust_resource_account: owned.trust_resource_account,
        }
    }
}

fn borrow(value: &ContextValue) -> Vec<&str> {
    match value {
        ContextValue::One(_) => Vec::new(),
        ContextValue::List(values) => borrow_all(values),
    }
}

fn borrow_all(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn lend<'a>(value: &'a ContextValue, list: &'a [&'a str]) -> Value<'a> {
    match value {
        ContextValue::One(value) => Value::One(value),
        ContextValue::List(_) => Value::List(list),
    }
}

fn lend_principal<'a>(principal: Option<&'a OwnedPrincipal>, names: &'a [&'a str]) -> Principal<'a> {
    match principal {
        None => Principal::Nameless,
        Some(OwnedPrincipal::Anonymous) => Principal::Anonymous,
        Some(OwnedPrincipal::Root(arn)) => Principal::Root { arn },
        Some(OwnedPrincipal::User(arn)) => Principal::User { arn },
        Some(OwnedPrincipal::RoleSession(arn, role_arn)) => {
            Principal::RoleSession { arn, role_arn: role_arn.as_deref() }
        }
        Some(OwnedPrincipal::FederatedUser(arn, issuer_arn)) => {
            Principal::FederatedUser { arn, issuer_arn: issuer_arn.as_deref() }
        }
        Some(OwnedPrincipal::Service(_)) => match names.split_first() {
            Some((name, other_names)) => Principal::Service { name, other_names },
            None => Principal::Service { name: "", other_names: &[] },
        },
        Some(OwnedPrincipal::FederatedProvider(provider)) => Principal::FederatedProvider { provider },
    }
}
