//! What C passes becomes what the runtime takes.
//!
//! Here pointers become references, and nowhere else. Each structure is read whole, and a member that has no place is an
//! error: what a host says about a request is never dropped, for it may be what denies.

use alloc::vec::Vec;
use core::mem::MaybeUninit;

use iamc::{
    AclPermission, Credentials, Decision, Grantee, Principal, Request, ResolvedKey, ResolvedRequest, Tables, Value,
};

use crate::abi::{
    AclGrant, Context, IAMC_ACL_FULL_CONTROL, IAMC_ACL_READ, IAMC_ACL_READ_ACP, IAMC_ACL_WRITE, IAMC_ACL_WRITE_ACP,
    IAMC_CREDENTIALS_CONSOLE, IAMC_CREDENTIALS_LONG_TERM, IAMC_CREDENTIALS_SESSION_TOKEN, IAMC_CREDENTIALS_UNSPECIFIED,
    IAMC_GRANTEE_ALL_USERS, IAMC_GRANTEE_AUTHENTICATED_USERS, IAMC_GRANTEE_CANONICAL_USER, IAMC_GRANTEE_LOG_DELIVERY,
    IAMC_PRINCIPAL_ANONYMOUS, IAMC_PRINCIPAL_FEDERATED_PROVIDER, IAMC_PRINCIPAL_FEDERATED_USER,
    IAMC_PRINCIPAL_NAMELESS, IAMC_PRINCIPAL_ROLE_SESSION, IAMC_PRINCIPAL_ROOT, IAMC_PRINCIPAL_SERVICE,
    IAMC_PRINCIPAL_TEXT, IAMC_PRINCIPAL_USER, IAMC_TRUST_CONTEXT, IAMC_TRUST_RESOURCE_ACCOUNT, IAMC_VALUE_LIST,
    IAMC_VALUE_ONE, ObjectAcl, Question, ResolvedContext, ResolvedQuestion, Text, Verdict, Who,
};
use crate::answer::verdict;
use crate::failure::Failure;
use crate::handle::Handle;

/// Whether `count` elements from `pointer` on can be somewhere in memory.
fn is_sound<T>(pointer: *const T, count: usize) -> bool {
    let bytes = count.checked_mul(size_of::<T>());
    !pointer.is_null() && pointer.is_aligned() && bytes.is_some_and(|bytes| isize::try_from(bytes).is_ok())
}

/// The elements that C points at; no elements may be anywhere.
///
/// # Safety
///
/// `pointer` points at `count` elements that do not change during `'a`, or is null.
pub(crate) unsafe fn slice<'a, T>(pointer: *const T, count: usize, what: &'static str) -> Result<&'a [T], Failure> {
    match count {
        0 => Ok(&[]),
        // SAFETY: promised above; null, alignment and length are checked.
        _ if is_sound(pointer, count) => Ok(unsafe { core::slice::from_raw_parts(pointer, count) }),
        _ => Err(Failure::Pointer(what)),
    }
}

/// The one thing that C points at.
///
/// # Safety
///
/// `pointer` points at one of its kind that does not change during `'a`, or is null.
pub(crate) unsafe fn given<'a, T>(pointer: *const T, what: &'static str) -> Result<&'a T, Failure> {
    if is_sound(pointer, 1) {
        // SAFETY: promised above; null and alignment are checked.
        Ok(unsafe { &*pointer })
    } else {
        Err(Failure::Pointer(what))
    }
}

/// Where C wants an answer. C may not have initialised it, so it is emptied to zeros first.
///
/// # Safety
///
/// `pointer` points at memory for one of its kind that nobody else uses during `'a`, or is null. The type is one of
/// numbers and pointers, of which all zeros are one.
pub(crate) unsafe fn place<'a, T>(pointer: *mut T, what: &'static str) -> Result<&'a mut T, Failure> {
    if !is_sound(pointer, 1) {
        return Err(Failure::Pointer(what));
    }
    // SAFETY: promised above; null and alignment are checked.
    unsafe { pointer.write_bytes(0, 1) };
    // SAFETY: promised above; it is initialised now.
    Ok(unsafe { &mut *pointer })
}

/// Where C wants several answers.
///
/// # Safety
///
/// `pointer` points at memory for `count` elements that nobody else uses during `'a`, or is null.
pub(crate) unsafe fn places<'a, T>(
    pointer: *mut T,
    count: usize,
    what: &'static str,
) -> Result<&'a mut [MaybeUninit<T>], Failure> {
    if is_sound(pointer, count) {
        // SAFETY: promised above; null, alignment and length are checked, and nothing is taken for initialised.
        Ok(unsafe { core::slice::from_raw_parts_mut(pointer.cast(), count) })
    } else {
        Err(Failure::Pointer(what))
    }
}

impl Text {
    /// The text, or none where it is absent.
    ///
    /// # Safety
    ///
    /// `data` points at `length` bytes that do not change during `'a`, or is null.
    pub(crate) unsafe fn optional<'a>(self, what: &'static str) -> Result<Option<&'a str>, Failure> {
        if self.data.is_null() && self.length == 0 {
            return Ok(None);
        }
        if self.data.is_null() {
            return Err(Failure::Pointer(what));
        }
        // SAFETY: promised above.
        let bytes = unsafe { slice::<u8>(self.data.cast(), self.length, what) }?;
        core::str::from_utf8(bytes).map(Some).map_err(|_| Failure::Utf8(what))
    }

    /// The text, which must not be absent.
    ///
    /// # Safety
    ///
    /// As for `optional`.
    pub(crate) unsafe fn required<'a>(self, what: &'static str) -> Result<&'a str, Failure> {
        // SAFETY: promised above.
        unsafe { self.optional(what) }?.ok_or(Failure::Pointer(what))
    }

    fn is_absent(self) -> bool {
        self.data.is_null() && self.length == 0
    }
}

/// Further names of a service.
///
/// # Safety
///
/// `who.other_names` points at as many texts as it says, or is null.
pub(crate) unsafe fn other_names(who: &Who) -> Result<&[Text], Failure> {
    // SAFETY: promised above.
    unsafe { slice(who.other_names, who.other_names_count, "principal.other_names") }
}

/// Who asks; `keep` takes the texts, `names` are the further names.
///
/// # Safety
///
/// The texts of `who` point at their bytes, or are null.
pub(crate) unsafe fn principal<'a>(
    who: &Who,
    names: &'a [&'a str],
    mut keep: impl FnMut(&'a str) -> Result<&'a str, Failure>,
) -> Result<Principal<'a>, Failure> {
    let is_service = who.kind == IAMC_PRINCIPAL_SERVICE;
    let has_parent = matches!(who.kind, IAMC_PRINCIPAL_ROLE_SESSION | IAMC_PRINCIPAL_FEDERATED_USER);
    let has_name = !matches!(who.kind, IAMC_PRINCIPAL_NAMELESS | IAMC_PRINCIPAL_ANONYMOUS);
    if !is_service && !names.is_empty() {
        return Err(Failure::Value("only a service has `other_names`"));
    }
    if !has_parent && !who.parent_arn.is_absent() {
        return Err(Failure::Value("only a role session and a federated user have a `parent_arn`"));
    }
    if !has_name && !who.name.is_absent() {
        return Err(Failure::Value("a nameless or anonymous principal has no `name`"));
    }
    // SAFETY: promised above.
    let parent = unsafe { who.parent_arn.optional("principal.parent_arn") }?.map(&mut keep).transpose()?;
    let mut name = || {
        // SAFETY: promised above.
        let name = unsafe { who.name.required("principal.name") }?;
        keep(name)
    };
    Ok(match who.kind {
        IAMC_PRINCIPAL_TEXT => Principal::parse(name()?)?,
        IAMC_PRINCIPAL_NAMELESS => Principal::Nameless,
        IAMC_PRINCIPAL_ANONYMOUS => Principal::Anonymous,
        IAMC_PRINCIPAL_ROOT => Principal::Root { arn: name()? },
        IAMC_PRINCIPAL_USER => Principal::User { arn: name()? },
        IAMC_PRINCIPAL_ROLE_SESSION => Principal::RoleSession { arn: name()?, role_arn: parent },
        IAMC_PRINCIPAL_FEDERATED_USER => Principal::FederatedUser { arn: name()?, issuer_arn: parent },
        IAMC_PRINCIPAL_SERVICE => Principal::Service { name: name()?, other_names: names },
        IAMC_PRINCIPAL_FEDERATED_PROVIDER => Principal::FederatedProvider { provider: name()? },
        _ => return Err(Failure::Value("`kind` of the principal is none of `IAMC_PRINCIPAL_…`")),
    })
}

/// All texts of several lists, end to end.
#[derive(Debug, Default)]
struct Texts<'a> {
    texts: Vec<&'a str>,
}

impl Texts<'_> {
    /// Adds a list.
    ///
    /// # Safety
    ///
    /// `pointer` points at `count` texts, which point at their bytes, or they are null.
    unsafe fn add(&mut self, pointer: *const Text, count: usize, what: &'static str) -> Result<(), Failure> {
        // SAFETY: promised above.
        let list = unsafe { slice(pointer, count, what) }?;
        self.texts.try_reserve(list.len())?;
        for text in list {
            // SAFETY: promised above.
            self.texts.push(unsafe { text.required(what) }?);
        }
        Ok(())
    }

    /// Adds the values of a context key.
    ///
    /// # Safety
    ///
    /// As for `add`.
    unsafe fn add_values(&mut self, kind: u32, pointer: *const Text, count: usize) -> Result<(), Failure> {
        if kind == IAMC_VALUE_ONE && count != 1 {
            return Err(Failure::Value("a single value of a context key needs `values_count` 1"));
        }
        // SAFETY: promised above.
        unsafe { self.add(pointer, count, "context.values") }
    }
}

/// Takes the next list off the front of texts that stand end to end.
fn take<'t, 'a>(rest: &mut &'t [&'a str], count: usize) -> &'t [&'a str] {
    let (list, behind) = rest.split_at_checked(count).unwrap_or((rest, &[]));
    *rest = behind;
    list
}

fn value<'t>(kind: u32, values: &'t [&'t str]) -> Result<Value<'t>, Failure> {
    match (kind, values) {
        (IAMC_VALUE_ONE, [value]) => Ok(Value::One(value)),
        (IAMC_VALUE_LIST, values) => Ok(Value::List(values)),
        _ => Err(Failure::Value("`kind` of a context value is neither `IAMC_VALUE_ONE` nor `IAMC_VALUE_LIST`")),
    }
}

/// An access control list of C's.
#[derive(Debug)]
struct Acl<'a> {
    owner: Option<&'a str>,
    grants: Vec<iamc::AclGrant<'a>>,
}

/// A request of C's in lists of Rust's.
#[derive(Debug)]
pub(crate) struct Strings<'a> {
    question: &'a Question,
    context: &'a [Context],
    /// Further names of the principal, policies, session policies, and the values of each context key.
    texts: Texts<'a>,
    session_tables: Vec<Tables<'a>>,
    session_tags: Vec<(&'a str, &'a str)>,
    acl: Option<Acl<'a>>,
}

impl<'a> Strings<'a> {
    /// Reads the lists of a request.
    ///
    /// # Safety
    ///
    /// All pointers in the request point at as many elements as their counts say, or are null.
    pub(crate) unsafe fn read(question: &'a Question) -> Result<Self, Failure> {
        if question.size != size_of::<Question>() {
            return Err(Failure::Size("iamc_request"));
        }
        let who = &question.principal;
        let mut texts = Texts::default();
        // SAFETY: promised above.
        unsafe { texts.add(who.other_names, who.other_names_count, "principal.other_names") }?;
        // SAFETY: promised above.
        unsafe { texts.add(question.policies, question.policies_count, "policies") }?;
        // SAFETY: promised above.
        unsafe { texts.add(question.session_policies, question.session_policies_count, "session_policies") }?;
        // SAFETY: promised above.
        let context = unsafe { slice(question.context, question.context_count, "context") }?;
        for entry in context {
            // SAFETY: promised above.
            unsafe { texts.add_values(entry.kind, entry.values, entry.values_count) }?;
        }

        // SAFETY: promised above.
        let handles = unsafe { slice(question.session_tables, question.session_tables_count, "session_tables") }?;
        let mut session_tables = Vec::new();
        session_tables.try_reserve_exact(handles.len())?;
        for handle in handles {
            // SAFETY: promised above.
            session_tables.push(*unsafe { given(*handle, "session_tables") }?.tables());
        }

        // SAFETY: promised above.
        let tags = unsafe { slice(question.session_tags, question.session_tags_count, "session_tags") }?;
        let mut session_tags = Vec::new();
        session_tags.try_reserve_exact(tags.len())?;
        for tag in tags {
            // SAFETY: promised above.
            let key = unsafe { tag.key.required("session_tags.key") }?;
            // SAFETY: promised above.
            session_tags.push((key, unsafe { tag.value.required("session_tags.value") }?));
        }

        // SAFETY: promised above.
        let acl = unsafe { acl(question.object_acl) }?;
        Ok(Self { question, context, texts, session_tables, session_tags, acl })
    }

    /// The context, which borrows its values from here.
    pub(crate) fn context(&self) -> Result<Vec<(&str, Value<'_>)>, Failure> {
        let question = self.question;
        let before = question.principal.other_names_count + question.policies_count + question.session_policies_count;
        let mut rest = self.texts.texts.get(before..).unwrap_or_default();
        let mut context = Vec::new();
        context.try_reserve_exact(self.context.len())?;
        for entry in self.context {
            // SAFETY: who made `self` promised that all pointers in the request are good.
            let key = unsafe { entry.key.required("context.key") }?;
            context.push((key, value(entry.kind, take(&mut rest, entry.values_count))?));
        }
        Ok(context)
    }

    /// Asks with the request.
    pub(crate) fn with<T>(
        &self,
        context: &[(&str, Value<'_>)],
        ask: impl FnOnce(&Request<'_>) -> T,
    ) -> Result<T, Failure> {
        let question = self.question;
        let mut rest = self.texts.texts.as_slice();
        let names = take(&mut rest, question.principal.other_names_count);
        let policies = take(&mut rest, question.policies_count);
        let session_policies = take(&mut rest, question.session_policies_count);
        // SAFETY: who made `self` promised that all pointers in the request are good, here and below.
        let principal = unsafe { principal(&question.principal, names, Ok) }?;
        // SAFETY: see above.
        let text = |text: Text, what| unsafe { text.optional(what) };
        // SAFETY: see above.
        let action = unsafe { question.action.required("action") }?;
        // SAFETY: see above.
        let resource = unsafe { question.resource.required("resource") }?;
        let known = IAMC_TRUST_CONTEXT | IAMC_TRUST_RESOURCE_ACCOUNT;
        if question.trust & !known != 0 {
            return Err(Failure::Value("`trust` is no sum of `IAMC_TRUST_…`"));
        }
        // Every member by name, so that one which the runtime gets is not forgotten here.
        Ok(ask(&Request {
            principal,
            unique_id: text(question.unique_id, "unique_id")?,
            action,
            resource,
            resource_account: text(question.resource_account, "resource_account")?,
            context,
            policies,
            session_policies,
            session_tables: &self.session_tables,
            session_tags: &self.session_tags,
            source_identity: text(question.source_identity, "source_identity")?,
            credentials: credentials(question.credentials)?,
            endpoint: text(question.endpoint, "endpoint")?,
            access_key_id: text(question.access_key_id, "access_key_id")?,
            object_owner: text(question.object_owner, "object_owner")?,
            object_acl: self.acl.as_ref().map(|acl| iamc::ObjectAcl { owner: acl.owner, grants: &acl.grants }),
            trust_context: question.trust & IAMC_TRUST_CONTEXT != 0,
            trust_resource_account: question.trust & IAMC_TRUST_RESOURCE_ACCOUNT != 0,
        }))
    }
}

fn credentials(number: u32) -> Result<Credentials, Failure> {
    match number {
        IAMC_CREDENTIALS_UNSPECIFIED => Ok(Credentials::Unspecified),
        IAMC_CREDENTIALS_LONG_TERM => Ok(Credentials::LongTerm),
        IAMC_CREDENTIALS_CONSOLE => Ok(Credentials::Console),
        IAMC_CREDENTIALS_SESSION_TOKEN => Ok(Credentials::SessionToken),
        _ => Err(Failure::Value("`credentials` is none of `IAMC_CREDENTIALS_…`")),
    }
}

/// The object's access control list, where there is one.
///
/// # Safety
///
/// `list` points at one of its kind with what it holds, or is null.
unsafe fn acl<'a>(list: *const ObjectAcl) -> Result<Option<Acl<'a>>, Failure> {
    if list.is_null() {
        return Ok(None);
    }
    // SAFETY: promised above.
    let list = unsafe { given(list, "object_acl") }?;
    // SAFETY: promised above.
    let given = unsafe { slice(list.grants, list.grants_count, "object_acl.grants") }?;
    let mut grants = Vec::new();
    grants.try_reserve_exact(given.len())?;
    for grant in given {
        // SAFETY: promised above.
        grants.push(unsafe { acl_grant(grant) }?);
    }
    // SAFETY: promised above.
    Ok(Some(Acl { owner: unsafe { list.owner.optional("object_acl.owner") }?, grants }))
}

/// One grant.
///
/// # Safety
///
/// Its text points at its bytes, or is null.
unsafe fn acl_grant<'a>(grant: &AclGrant) -> Result<iamc::AclGrant<'a>, Failure> {
    if grant.grantee != IAMC_GRANTEE_CANONICAL_USER && !grant.canonical_user_id.is_absent() {
        return Err(Failure::Value("only a canonical user has a `canonical_user_id`"));
    }
    let grantee = match grant.grantee {
        IAMC_GRANTEE_CANONICAL_USER => {
            // SAFETY: promised above.
            Grantee::CanonicalUser(unsafe { grant.canonical_user_id.required("canonical_user_id") }?)
        }
        IAMC_GRANTEE_ALL_USERS => Grantee::AllUsers,
        IAMC_GRANTEE_AUTHENTICATED_USERS => Grantee::AuthenticatedUsers,
        IAMC_GRANTEE_LOG_DELIVERY => Grantee::LogDelivery,
        _ => return Err(Failure::Value("`grantee` of a grant is none of `IAMC_GRANTEE_…`")),
    };
    let permission = match grant.permission {
        IAMC_ACL_READ => AclPermission::Read,
        IAMC_ACL_WRITE => AclPermission::Write,
        IAMC_ACL_READ_ACP => AclPermission::ReadAcp,
        IAMC_ACL_WRITE_ACP => AclPermission::WriteAcp,
        IAMC_ACL_FULL_CONTROL => AclPermission::FullControl,
        _ => return Err(Failure::Value("`permission` of a grant is none of `IAMC_ACL_…`")),
    };
    Ok(iamc::AclGrant { grantee, permission })
}

/// A request in resolved names.
#[derive(Debug)]
pub(crate) struct Resolved;

impl Resolved {
    /// Decides it.
    ///
    /// # Safety
    ///
    /// `question` points at one of its kind with what it holds, or is null.
    pub(crate) unsafe fn ask(handle: &Handle, question: *const ResolvedQuestion) -> Result<Verdict, Failure> {
        // SAFETY: promised above.
        let question = unsafe { given(question, "request") }?;
        if question.size != size_of::<ResolvedQuestion>() {
            return Err(Failure::Size("iamc_resolved_request"));
        }
        // SAFETY: promised above.
        let principal = unsafe { given(question.principal, "principal") }?;
        // SAFETY: promised above.
        let action = unsafe { given(question.action, "action") }?;
        // SAFETY: promised above.
        let resource = unsafe { question.resource.required("resource") }?;
        // SAFETY: promised above.
        let entries = unsafe { slice(question.context, question.context_count, "context") }?;
        let mut texts = Texts::default();
        for entry in entries {
            // SAFETY: promised above.
            unsafe { texts.add_values(entry.kind, entry.values, entry.values_count) }?;
        }
        // SAFETY: promised above.
        let context = unsafe { resolved_context(entries, &texts) }?;
        let request =
            ResolvedRequest { principal: &principal.resolved, action: action.resolved, resource, context: &context };
        let tables = handle.tables();
        let decision = tables.decide_resolved(&request);
        // Only a request without an answer is denied by no layer.
        if matches!(decision, Decision::ImplicitDeny(layers) if layers.is_empty()) {
            return Err(Failure::Unanswered);
        }
        Ok(verdict(tables, &[], decision, None))
    }
}

/// The context in resolved keys.
///
/// # Safety
///
/// The keys point at some, or are null.
unsafe fn resolved_context<'t>(
    entries: &'t [ResolvedContext],
    texts: &'t Texts<'_>,
) -> Result<Vec<(ResolvedKey<'t>, Value<'t>)>, Failure> {
    let mut rest = texts.texts.as_slice();
    let mut context = Vec::new();
    context.try_reserve_exact(entries.len())?;
    for entry in entries {
        // SAFETY: promised above.
        let key = unsafe { given(entry.key, "context.key") }?;
        context.push((key.resolved, value(entry.kind, take(&mut rest, entry.values_count))?));
    }
    Ok(context)
}
