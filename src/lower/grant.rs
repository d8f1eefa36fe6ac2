//! Grants of KMS keys (R-EVAL-36): each becomes `Allow` statements of its key's bundle, under the key's ARN as policy.
//!
//! A grant names its grantee directly: a user, a session, a federated user or a service as a key policy would, and a role
//! through an entry of its own that no boundary and no session policy limits. An account as grantee is the ordinary
//! entry of an account, the safe reading: its principals need an identity allow besides.

use super::{Lowering, errors, principal};
use crate::ir::{
    ActionPattern, ActionSet, Effect, Guard, Key, KeyId, PatternId, Polarity, Policy, PolicyId, PolicyKind,
    PrincipalEntry, PrincipalSet, ResourceSet, Statement, StatementId, Test, TestId, Value,
};
use crate::source::Place;
use crate::syntax::document::nearest;
use crate::syntax::pattern::{self, PrincipalPattern};
use crate::terms::{Cardinality, Comparison, KeySource, Qualifier};
use crate::value::arn::ArnParts;
use crate::value::text::lowercase;
use crate::world::model::{KmsGrant, Resource, Spot};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

/// Operations that a grant can allow, sorted.
const OPERATIONS: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// What a grantee can be; a statement's principal can be more.
const GRANTEES: &str = "name one user, role, session, federated user or account root by its ARN, an account by its id, or \
                        a service; groups are no principals";

/// The operation by which a grantee makes further grants.
const CREATE_GRANT: &str = "CreateGrant";

/// Name of the key that holds the names of all pairs of a request's encryption context. Policies cannot name it: the
/// names of their keys are in lower case.
const CONTEXT_NAMES: &str = "kms:EncryptionContext:*";

/// Lowers the grants of a resource; `covers` is what the resource governs.
///
/// Reports what is no grant, and leaves it out.
pub(super) fn statements(lowering: &mut Lowering<'_>, entry: &Resource, covers: &[PatternId]) -> Vec<StatementId> {
    if entry.grants.is_empty() {
        return Vec::new();
    }
    if !is_key(&entry.arn) {
        let first = entry.grants.first().map_or(entry.place, |grant| grant.place);
        lowering.report.error(errors::kms_grants(first, &entry.arn, entry.place));
        return Vec::new();
    }
    let name = lowering.program.texts.intern(&entry.arn);
    let policy =
        Policy { name, arn: None, account: None, kind: PolicyKind::Attached, statements: Vec::new(), bundle: None };
    let policy = lowering.program.add_policy(policy);
    let mut statements = Vec::new();
    for (number, grant) in entry.grants.iter().enumerate() {
        let site = Site { grant, entry, covers, policy, number };
        let grantee = grantee(lowering, &site);
        let is_sound = check_operations(lowering, &site) & check_context(lowering, &site);
        if let Some(grantee) = grantee.filter(|_| is_sound) {
            statements.extend(lower_grant(lowering, &site, grantee));
        }
    }
    if let Some(policy) = lowering.program.policies.last_mut() {
        policy.statements.clone_from(&statements);
    }
    statements
}

/// A grant and where it stands.
struct Site<'w> {
    grant: &'w KmsGrant,
    entry: &'w Resource,
    covers: &'w [PatternId],
    policy: PolicyId,
    number: usize,
}

fn is_key(arn: &str) -> bool {
    ArnParts::split(arn).is_some_and(|parts| parts.service == "kms" && parts.resource.starts_with("key/"))
}

/// Whether all operations are ones that a grant can allow, and there are any.
fn check_operations(lowering: &mut Lowering<'_>, site: &Site<'_>) -> bool {
    let Site { entry, grant, .. } = *site;
    if grant.operations.is_empty() {
        lowering.report.error(errors::kms_no_operations(grant.operations_place, &entry.arn));
    }
    let is_unknown = |operation: &&Spot| OPERATIONS.binary_search(&operation.text.as_str()).is_err();
    let unknown = grant.operations.iter().filter(is_unknown).collect::<Vec<_>>();
    for operation in &unknown {
        let meant = nearest(&operation.text, OPERATIONS.iter().copied());
        lowering.report.error(errors::kms_operation(operation.place, &entry.arn, &operation.text, meant));
    }
    unknown.is_empty() && !grant.operations.is_empty()
}

/// Whether the names of the constraint are different keys (R-CON-4): of two that differ in case, no request can show that
/// it has both.
fn check_context(lowering: &mut Lowering<'_>, site: &Site<'_>) -> bool {
    let Site { entry, grant, .. } = *site;
    let mut known: BTreeMap<String, Place> = BTreeMap::new();
    let mut is_sound = true;
    for (name, _) in &grant.encryption_context {
        match known.entry(lowercase(&name.text).collect()) {
            Slot::Occupied(first) => {
                let first = *first.get();
                lowering.report.error(errors::kms_context(name.place, &entry.arn, &name.text, first));
                is_sound = false;
            }
            Slot::Vacant(slot) => {
                slot.insert(name.place);
            }
        }
    }
    is_sound
}

/// The grantee as a principal entry.
fn grantee(lowering: &mut Lowering<'_>, site: &Site<'_>) -> Option<PrincipalEntry> {
    let Spot { text, place } = &site.grant.grantee;
    match principal_entry(lowering, text) {
        Ok(grantee) => Some(grantee),
        Err(help) => {
            lowering.report.error(errors::kms_grantee(*place, &site.entry.arn, text, help));
            None
        }
    }
}

/// The entry of a grantee, or how to repair it.
fn principal_entry(lowering: &mut Lowering<'_>, text: &str) -> Result<PrincipalEntry, &'static str> {
    if text.contains(['*', '?']) || text.contains("${") {
        return Err("name one principal: a grantee has neither wildcards nor variables");
    }
    let symbol = lowering.program.texts.intern(text);
    match pattern::principal(text) {
        PrincipalPattern::Arn(arn) => match principal::arn_entry(text, &arn, symbol).map_err(|_| GRANTEES)? {
            PrincipalEntry::Role(role) => Ok(PrincipalEntry::GrantedRole(role)),
            other @ (PrincipalEntry::AccountRoot(_)
            | PrincipalEntry::User(_)
            | PrincipalEntry::Session(_)
            | PrincipalEntry::FederatedUser(_)) => Ok(other),
            PrincipalEntry::Everyone
            | PrincipalEntry::Account(_)
            | PrincipalEntry::UniqueId(_)
            | PrincipalEntry::Service(_)
            | PrincipalEntry::Federated(_)
            | PrincipalEntry::CanonicalUser(_)
            | PrincipalEntry::GrantedRole(_) => Err(GRANTEES),
        },
        PrincipalPattern::AccountId => Ok(PrincipalEntry::Account(symbol)),
        // What `list-grants` shows once the grantee is deleted: it matches what has this id, if anything ever does.
        PrincipalPattern::UniqueId if lowering.shared_ids.contains(text) => Err(principal::SHARED_HELP),
        PrincipalPattern::UniqueId => Ok(PrincipalEntry::UniqueId(symbol)),
        PrincipalPattern::Other if is_service(text) => Ok(PrincipalEntry::Service(symbol)),
        PrincipalPattern::Star | PrincipalPattern::HasWildcard | PrincipalPattern::Other => Err(GRANTEES),
    }
}

/// Whether a text has the form of a service principal.
fn is_service(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// The statements of a grant. `CreateGrant` has one of its own: what the grantee grants on must be operations of its grant.
fn lower_grant(lowering: &mut Lowering<'_>, site: &Site<'_>, grantee: PrincipalEntry) -> Vec<StatementId> {
    let mut tests = encryption_context(lowering, &site.grant.encryption_context);
    let mut made = Vec::new();
    let operations = site.grant.operations.iter().map(|operation| operation.text.as_str()).collect::<Vec<_>>();
    let direct = operations.iter().copied().filter(|operation| *operation != CREATE_GRANT).collect::<Vec<_>>();
    if !direct.is_empty() {
        made.push(statement(lowering, site, &direct, grantee, tests.clone()));
    }
    if operations.contains(&CREATE_GRANT) {
        let key = lowering.keys.key(&mut lowering.program, "kms:GrantOperations");
        tests.push(equals(lowering, Qualifier::ForAllValues, key, &operations));
        made.push(statement(lowering, site, &[CREATE_GRANT], grantee, tests));
    }
    made
}

fn statement(
    lowering: &mut Lowering<'_>,
    site: &Site<'_>,
    operations: &[&str],
    grantee: PrincipalEntry,
    tests: Vec<TestId>,
) -> StatementId {
    let program = &mut lowering.program;
    let actions = operations.iter().map(|operation| {
        let action = format!("kms:{}", operation.to_ascii_lowercase());
        ActionPattern::Exact(program.texts.intern(&action))
    });
    let actions = ActionSet::new(Polarity::Positive, actions.collect());
    let principals = program.principal_set(PrincipalSet::new(Polarity::Positive, vec![grantee]));
    let block = program.block(tests);
    let guard = program.guard(Guard { principals: Some(principals), block });
    let sid = program.texts.intern(&format!("grant[{}]", site.number));
    program.add_statement(Statement {
        policy: site.policy,
        index: u32::try_from(site.number).unwrap_or(u32::MAX),
        sid: Some(sid),
        effect: Effect::Allow,
        actions,
        resources: ResourceSet::new(Polarity::Positive, site.covers.to_vec()),
        guard,
        place: site.grant.place,
    })
}

/// Tests that hold exactly if the request's encryption context has these pairs and no other (`EncryptionContextEquals`).
///
/// The key of a condition ignores case, the name of a pair does not: so every name must be among the request's names as
/// it is written here, and all of the request's names among these. No pairs constrain nothing.
fn encryption_context(lowering: &mut Lowering<'_>, pairs: &[(Spot, String)]) -> Vec<TestId> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let name = lowering.program.texts.intern(CONTEXT_NAMES);
    let source = KeySource::EncryptionContextNames;
    let names = lowering.program.key(Key { name, cardinality: Cardinality::Multi, source });
    let all = pairs.iter().map(|(name, _)| name.text.as_str()).collect::<Vec<_>>();
    let mut tests = vec![equals(lowering, Qualifier::ForAllValues, names, &all)];
    for (name, value) in pairs {
        let name = name.text.as_str();
        tests.push(equals(lowering, Qualifier::ForAnyValue, names, &[name]));
        let key = lowering.keys.key(&mut lowering.program, &format!("kms:EncryptionContext:{name}"));
        tests.push(equals(lowering, Qualifier::Plain, key, &[value]));
    }
    tests
}

/// `StringEquals` without variables.
fn equals(lowering: &mut Lowering<'_>, qualifier: Qualifier, key: KeyId, values: &[&str]) -> TestId {
    let values = values.iter().map(|value| Value::Text(lowering.program.texts.intern(value))).collect();
    let comparison = Comparison::StringEquals;
    lowering.program.test(Test { comparison, negated: false, qualifier, if_exists: false, key, values })
}
