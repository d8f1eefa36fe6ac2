//! Values of condition keys: derived from principal, resource and world, or given by the host (chapter 9, `cli.md`
//! *Derived keys*).

use super::Value;
use super::call::{Call, Env, Kind};
use super::composed::Composed;
use super::find::Account;
use super::given::{Context, Key};
use super::words::Words;
use crate::layout::{KEY_IS_TAG, NONE, flag};
use crate::terms::{Cardinality, EmptyVariable, KeySource, MultivaluedVariableDefault};
use crate::value::{Instant, key_eq, split_once};

/// Keys whose values only the host knows: most of them.
const CONTEXT: u8 = KeySource::Context.code();
const PRINCIPAL_ACCOUNT: u8 = KeySource::PrincipalAccount.code();
const RESOURCE_ACCOUNT: u8 = KeySource::ResourceAccount.code();

/// The value of a key for one request.
#[derive(Clone, Copy)]
pub(super) enum Field<'w> {
    Missing,
    One(&'w str),
    List(List<'w>),
}

/// Several values, wherever the request or the artifact has them.
#[derive(Clone, Copy)]
pub(super) enum List<'w> {
    /// In the context.
    Given(&'w [&'w str]),
    /// In the artifact.
    Symbols(Words<'w>),
    /// Two tags whose keys differ in case (R-CON-4): all context entries of that name.
    Twins(&'w str),
    /// The same of session tags.
    TagTwins(&'w str),
    /// A service's names.
    Names,
    /// Names of the tags in the request (`aws:TagKeys`).
    RequestTags,
    /// Names of the pairs of the encryption context, in the request's own spelling.
    EncryptionContext,
}

const REQUEST_TAG: &str = "aws:RequestTag/";

fn request_tag(name: &str) -> Option<&str> {
    let head = name.get(..REQUEST_TAG.len())?;
    head.eq_ignore_ascii_case(REQUEST_TAG).then(|| name.get(REQUEST_TAG.len()..)).flatten()
}

/// The name of the pair that a member of the context gives. Compares as [`key_eq`] does, so that no member whose value a
/// test would find goes without a name.
#[inline(never)]
fn encryption_context_name(member: &str) -> Option<&str> {
    let (service, rest) = split_once(member, b':')?;
    let (head, name) = split_once(rest, b':')?;
    (key_eq(service, "kms") && key_eq(head, "encryptioncontext")).then_some(name)
}

impl<'w> List<'w> {
    /// Whether any value fulfils the condition. One copy for all tests: lists are rare.
    #[inline(never)]
    pub(super) fn any(self, call: &Call<'w>, test: &mut dyn FnMut(&'w str) -> bool) -> bool {
        match self {
            Self::Given(values) => return any_of(values, test),
            Self::Symbols(symbols) => return symbols.iter().any(|symbol| test(call.main.text(symbol))),
            Self::TagTwins(tag) => {
                return call.request.session_tags.iter().any(|(name, value)| key_eq(name, tag) && test(value));
            }
            Self::Names => {
                return call.service_names().is_some_and(|(name, others)| test(name) || any_of(others, test));
            }
            Self::Twins(_) | Self::RequestTags | Self::EncryptionContext => {}
        }
        call.context.entries().any(|(name, value)| {
            let values = match &value {
                Value::One(value) => core::slice::from_ref(value),
                Value::List(values) => values,
            };
            if let Self::Twins(key) = self {
                key_eq(name, key) && any_of(values, test)
            } else if let Self::RequestTags = self {
                request_tag(name).is_some_and(&mut *test)
            } else if let Some(name) = encryption_context_name(name) {
                test(name)
            } else {
                key_eq(name, "kms:encryptioncontextkeys") && any_of(values, test)
            }
        })
    }

    /// The value of a key that is missing where nothing is in the list.
    #[inline(never)]
    fn unless_empty(self, call: &Call<'w>) -> Field<'w> {
        if self.any(call, &mut |_| true) { Field::List(self) } else { Field::Missing }
    }

    /// The value, if there is exactly one.
    fn single(self, call: &Call<'w>) -> Option<&'w str> {
        let mut first = None;
        let several = self.any(call, &mut |value| first.replace(value).is_some());
        first.filter(|_| !several)
    }
}

/// Whether any of these values fulfils the condition.
#[inline(never)]
fn any_of<'w>(values: &[&'w str], test: &mut dyn FnMut(&'w str) -> bool) -> bool {
    values.iter().any(|value| test(value))
}

impl<'w> Env<'w> {
    /// The value of a key by its number, where it is soon found; nothing is said of others. Who asks pays
    /// for looking through the context.
    #[inline]
    pub(super) fn plain_field(&self, key: u32) -> Option<Field<'w>> {
        let [name, kind] = self.tables.keys.record(key)?;
        let source = word_byte(kind, 8);
        if source != CONTEXT {
            return Some(self.call.plain(source).unwrap_or_else(|| self.field(key)));
        }
        let number = if self.is_main() { key } else { NONE };
        self.call.context.plain(number, || self.tables.text_bytes(name))
    }

    /// The value of a key by its number.
    #[inline(never)]
    pub(super) fn field(&self, key: u32) -> Field<'w> {
        let Some([name, kind]) = self.tables.keys.record(key) else { return Field::Missing };
        self.spend(1 + self.call.context.len());
        // Numbers of keys are those of the artifact's own tables.
        let number = if self.is_main() { key } else { NONE };
        let key = Key { name: self.tables.text_bytes(name), number, is_tag: kind & KEY_IS_TAG != 0 };
        let field = match word_byte(kind, 8) {
            CONTEXT => self.call.context.field(key),
            source => self.call.field(key, KeySource::from_code(source).unwrap_or(KeySource::Context)),
        };
        match field {
            // A list of one value of a key that is known to be single-valued is that value (R-CON-43).
            Field::List(list) if word_byte(kind, 0) == Cardinality::Single.code() => {
                list.single(self.call).map_or(field, Field::One)
            }
            Field::Missing | Field::One(_) | Field::List(_) => field,
        }
    }

    /// Whether the key is known to have a single value.
    pub(super) fn is_single(&self, key: u32) -> bool {
        let kind = self.tables.keys.record(key).map_or(0, |[_, kind]| kind);
        word_byte(kind, 0) == Cardinality::Single.code()
    }

    /// The text of a variable, or nothing if it is null (R-VAR-6 to R-VAR-9).
    #[inline(never)]
    pub(super) fn variable(&self, key: u32, default: u32) -> Option<&'w str> {
        let semantics = &self.tables.semantics;
        let default = self.tables.optional_text(default);
        let source = self.tables.keys.record(key).map_or(CONTEXT, |[_, kind]| word_byte(kind, 8));
        let field = match self.call.plain(source) {
            Some(field) if self.spend(1) => field,
            _ => self.field(key),
        };
        match field {
            Field::One("") if semantics.empty_variable == EmptyVariable::Null => default,
            Field::One(value) => Some(value),
            Field::List(_) if semantics.multivalued_variable_default == MultivaluedVariableDefault::Null => None,
            Field::List(_) | Field::Missing => default,
        }
    }
}

/// Byte of a packed word.
pub(super) fn word_byte(word: u32, shift: u32) -> u8 {
    u8::try_from(word >> shift & 0xff).unwrap_or(0)
}

impl<'r> Call<'r> {
    /// The value of a key that is an account which is known, the commonest of those that the context does not hold;
    /// the same as [`Call::field`] of it.
    #[inline]
    fn plain(&self, source: u8) -> Option<Field<'r>> {
        let account = match source {
            _ if self.request.trust_context => None,
            PRINCIPAL_ACCOUNT if matches!(self.requester.kind, Kind::User | Kind::RoleSession) => {
                self.requester.account
            }
            RESOURCE_ACCOUNT if !self.aws_owned => self.resource_account,
            _ => None,
        };
        account.map(Field::One)
    }

    /// The value of a key: the derived one before the host's, unless the request trusts its context.
    fn field(&'r self, key: Key<'r>, source: KeySource) -> Field<'r> {
        // Nothing in the context may stand for the names themselves, not even where it is trusted.
        if source == KeySource::EncryptionContextNames {
            return List::EncryptionContext.unless_empty(self);
        }
        if self.request.trust_context
            && let given @ (Field::One(_) | Field::List(_)) = self.context.field(key)
        {
            return given;
        }
        self.derived(key, source).unwrap_or_else(|| self.given_or_default(key, source))
    }

    /// Whether the context's value of this key is replaced by a derived one that differs.
    pub(super) fn overrules(&'r self, name: &'r str, value: &Value<'_>) -> bool {
        if self.request.trust_context {
            return false;
        }
        let lowercase = lowercase_head(name);
        let source = lowercase.as_ref().map_or(KeySource::Context, |name| KeySource::of(name.as_str()));
        match self.derived(Key::named(name), source) {
            Some(Field::One(known)) => *value != Value::One(known),
            Some(Field::Missing) => *value != Value::List(&[]),
            Some(Field::List(list)) => match value {
                Value::One(_) => true,
                Value::List(values) => {
                    list.any(self, &mut |known| !values.contains(&known))
                        || values.iter().any(|value| !list.any(self, &mut |known| known == *value))
                }
            },
            None => false,
        }
    }

    fn given(&self, name: &'r str) -> Field<'r> {
        self.context.field(Key::named(name))
    }

    fn given_or_default(&'r self, key: Key<'r>, source: KeySource) -> Field<'r> {
        let given = self.context.field(key);
        if !matches!(given, Field::Missing) {
            return given;
        }
        match source {
            KeySource::ViaAwsService => Field::One("false"),
            // A time that has no epoch spelling stays what it is, so that it is not taken for missing (R-CON-42).
            KeySource::EpochTime => match self.scratch.epoch.text(&|| epoch(self.context)) {
                Some(epoch) => Field::One(epoch),
                None => self.given("aws:currenttime"),
            },
            KeySource::CurrentTime => self.given("aws:epochtime"),
            KeySource::CalledViaFirst | KeySource::CalledViaLast => match self.given("aws:calledvia") {
                Field::List(List::Given(values)) => {
                    let value = if source == KeySource::CalledViaFirst { values.first() } else { values.last() };
                    value.map_or(Field::Missing, |value| Field::One(value))
                }
                Field::One(value) => Field::One(value),
                Field::List(_) | Field::Missing => Field::Missing,
            },
            KeySource::TagKeys => List::RequestTags.unless_empty(self),
            KeySource::EncryptionContextNames
            | KeySource::Context
            | KeySource::PrincipalArn
            | KeySource::PrincipalAccount
            | KeySource::PrincipalType
            | KeySource::UserId
            | KeySource::UserName
            | KeySource::PrincipalTag
            | KeySource::PrincipalOrgId
            | KeySource::PrincipalOrgPaths
            | KeySource::PrincipalIsAwsService
            | KeySource::PrincipalServiceName
            | KeySource::PrincipalServiceNamesList
            | KeySource::ResourceAccount
            | KeySource::ResourceOrgId
            | KeySource::ResourceOrgPaths
            | KeySource::SourceVpce
            | KeySource::SourceIdentity => Field::Missing,
        }
    }

    /// The derived value of a key, which may be absence; nothing where the host may give it.
    #[inline(never)]
    fn derived(&'r self, key: Key<'r>, source: KeySource) -> Option<Field<'r>> {
        let requester = &self.requester;
        let kind = requester.kind;
        let is_named = kind != Kind::Nameless;
        let is_provider = matches!(kind, Kind::Service | Kind::FederatedProvider);
        // The value, and whether it is known to be absent where there is none.
        let (text, is_known) = match source {
            // Of nobody in particular no key is derived, the organization of its account included (`cli.md`).
            KeySource::PrincipalArn
            | KeySource::UserName
            | KeySource::PrincipalOrgId
            | KeySource::PrincipalOrgPaths
                if !is_named =>
            {
                return None;
            }
            KeySource::PrincipalArn => (requester.principal_arn(self.scratch), true),
            KeySource::PrincipalAccount => (self.principal_account(), is_provider),
            KeySource::PrincipalType => (principal_type(kind), is_provider),
            KeySource::UserId => (requester.user_id(self.scratch), is_provider),
            KeySource::UserName => (requester.user_name(), true),
            KeySource::PrincipalTag => return self.principal_tag(key),
            KeySource::PrincipalOrgId => self.organization(requester.account_record),
            KeySource::PrincipalOrgPaths => return self.organization_paths(requester.account_record),
            KeySource::PrincipalIsAwsService => (is_aws_service(kind), is_named),
            KeySource::PrincipalServiceName => (self.service_names().map(|(name, _)| name), is_named),
            KeySource::PrincipalServiceNamesList if self.service_names().is_some() => {
                return Some(Field::List(List::Names));
            }
            KeySource::PrincipalServiceNamesList => (None, is_named),
            KeySource::ResourceAccount => (self.resource_account.filter(|_| !self.aws_owned), false),
            KeySource::ResourceOrgId => self.organization(self.resource_account_record),
            KeySource::ResourceOrgPaths => return self.organization_paths(self.resource_account_record),
            KeySource::SourceVpce => (self.request.endpoint, false),
            KeySource::SourceIdentity => (self.request.source_identity, false),
            KeySource::Context
            | KeySource::CalledViaFirst
            | KeySource::CalledViaLast
            | KeySource::EpochTime
            | KeySource::CurrentTime
            | KeySource::TagKeys
            | KeySource::ViaAwsService
            | KeySource::EncryptionContextNames => return None,
        };
        match text {
            None if is_known => Some(Field::Missing),
            text => text.map(Field::One),
        }
    }

    /// Whether nothing tells the value of a key: nothing derives it, and neither it nor what it follows from is in the
    /// context.
    pub(super) fn is_open(&'r self, name: &'r str, source: KeySource) -> bool {
        if source == KeySource::UserId && self.has_open_session() {
            return true;
        }
        let given = |name: &str| self.context.entries().any(|(key, _)| key_eq(key, name));
        let follows = [
            (KeySource::CalledViaFirst, "aws:calledvia"),
            (KeySource::CalledViaLast, "aws:calledvia"),
            (KeySource::EpochTime, "aws:currenttime"),
            (KeySource::CurrentTime, "aws:epochtime"),
        ];
        let follows_from = follows.iter().find(|(follower, _)| *follower == source).map(|(_, key)| *key);
        let derived = source != KeySource::Context && self.derived(Key::named(name), source).is_some();
        !derived && !given(name) && !follows_from.is_some_and(given)
    }

    fn principal_account(&self) -> Option<&'r str> {
        match self.requester.kind {
            Kind::Nameless | Kind::Service | Kind::FederatedProvider => None,
            Kind::Anonymous => Some("anonymous"),
            Kind::Root | Kind::User | Kind::RoleSession | Kind::FederatedUser => self.requester.account,
        }
    }

    /// Session tags override the role's (R-ID-12). A user of the artifact has the tags that it has; a session may have
    /// more than the artifact knows.
    fn principal_tag(&'r self, key: Key<'r>) -> Option<Field<'r>> {
        let tags = self.request.session_tags;
        if !tags.is_empty() && self.requester.kind.is_identity() {
            let tag = split_once(key.name(), b'/').map_or("", |(_, tag)| tag);
            let mut given = tags.iter().filter(|(key, _)| key_eq(key, tag));
            if let Some((_, value)) = given.next() {
                return match given.next() {
                    Some(_) => Some(Field::List(List::TagTwins(tag))),
                    None => Some(Field::One(value)),
                };
            }
        }
        let Some(identity) = self.requester.identity else {
            return if self.requester.kind.is_identity() { None } else { Some(Field::Missing) };
        };
        let mut rest = identity.tags();
        while let Some([number, count]) = rest.block::<2>(0) {
            let values = rest.list(2, count);
            let is_it = if key.number == NONE {
                let name = self.main.keys.record(number).map_or("", |[symbol, _]| self.main.text(symbol));
                key_eq(name, key.name())
            } else {
                // No two keys of the artifact have one name.
                number == key.number
            };
            if is_it {
                return Some(match (values.len(), values.get(0)) {
                    (1, Some(symbol)) => Field::One(self.main.text(symbol)),
                    _ => Field::List(List::Symbols(values)),
                });
            }
            rest = rest.list(count.saturating_add(2), NONE);
        }
        if self.requester.kind == Kind::User { Some(Field::Missing) } else { None }
    }

    pub(super) fn service_names(&self) -> Option<(&'r str, &'r [&'r str])> {
        if let super::Principal::Service { name, other_names } = self.request.principal {
            return Some((name, other_names));
        }
        None
    }

    /// The id of an account's organization, and whether there is known to be none.
    fn organization(&self, account: Option<Account<'r>>) -> (Option<&'r str>, bool) {
        match account {
            Some(account) if account.has(flag::MEMBER) => (account.organization(), false),
            account => (None, account.is_some() && self.main.has_organization()),
        }
    }

    fn organization_paths(&'r self, account: Option<Account<'r>>) -> Option<Field<'r>> {
        match account {
            Some(account) if account.has(flag::MEMBER) => {
                let paths = account.paths();
                (paths.len() > 0).then_some(Field::List(List::Symbols(paths)))
            }
            account => (account.is_some() && self.main.has_organization()).then_some(Field::Missing),
        }
    }
}

fn principal_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Anonymous => Some("Anonymous"),
        Kind::Root => Some("Account"),
        Kind::User => Some("User"),
        Kind::RoleSession => Some("AssumedRole"),
        Kind::FederatedUser => Some("FederatedUser"),
        Kind::Nameless | Kind::Service | Kind::FederatedProvider => None,
    }
}

fn is_aws_service(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Service => Some("true"),
        Kind::Nameless | Kind::Anonymous | Kind::FederatedProvider => None,
        Kind::Root | Kind::User | Kind::RoleSession | Kind::FederatedUser => Some("false"),
    }
}

/// The beginning of a key name in lower case: long enough for every derived key, which are ASCII.
fn lowercase_head(name: &str) -> Option<Composed> {
    let end = (0..=name.len().min(64)).rev().find(|&end| name.is_char_boundary(end))?;
    let mut composed = Composed::join(&[name.get(..end)?])?;
    composed.make_ascii_lowercase();
    Some(composed)
}

/// `aws:EpochTime` from `aws:CurrentTime` (R-CON-30).
fn epoch(context: Context<'_>) -> Option<Composed> {
    let value = context.first("aws:currenttime")?;
    if context.first("aws:epochtime").is_some() {
        return None;
    }
    let text = match value {
        Value::One(text) => text,
        Value::List([text]) => *text,
        Value::List(_) => return None,
    };
    let (seconds, nanoseconds) = Instant::parse(text)?.to_parts();
    // Instants before 1970 have no epoch spelling (R-CON-29).
    let mut digits = [0u8; 30];
    let mut at = digits.len();
    let mut put = |byte: u8| {
        at -= 1;
        if let Some(place) = digits.get_mut(at) {
            *place = byte;
        }
    };
    let digit = |number: u64| u8::try_from(number % 10).unwrap_or(0) + b'0';
    if nanoseconds > 0 {
        let mut rest = u64::from(nanoseconds);
        for _ in 0..9 {
            put(digit(rest));
            rest /= 10;
        }
        put(b'.');
    }
    let mut rest = u64::try_from(seconds).ok()?;
    loop {
        put(digit(rest));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let text = core::str::from_utf8(digits.get(at..)?).ok()?;
    Composed::join(&[text])
}
