//! The evaluation (chapter 7).

use super::Outcome;
use super::condition::Test;
use super::context::{Context, Held};
use super::document::{Policy, Reader, Statement};
use super::pattern::{EntryMatch, PolicyType, RequestResource, action_matches, units};
use super::principal::{Kind, Requester, Type, is_account};
use super::switches::Switches;
use serde_json::Value;
use std::cell::RefCell;

/// A deliberate untruth, to find out what a decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Force {
    /// Nothing is forced.
    Nothing,
    /// The result of the test with this number is reversed.
    FlipTest(usize),
    /// This layer (a name of `cli.md`, or `objectOwnership`) takes no part.
    DropLayer(&'static str),
    /// No principal matches with this kind.
    DropKind(Kind),
}

/// Organization data of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Organization {
    id: Option<String>,
    paths: Vec<String>,
    management: bool,
}

/// `Permission` and grantee of an ACL.
#[derive(Clone, Debug)]
struct Grant {
    grantee: Grantee,
    permission: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Grantee {
    Canonical(String),
    AllUsers,
    AuthenticatedUsers,
    Other,
}

/// The documents of a scenario, read once.
#[derive(Debug)]
pub(crate) struct Prepared {
    switches: Switches,
    /// Operator names of all tests, by number.
    tests: Vec<String>,
    identity: Vec<Policy>,
    boundary: Option<Policy>,
    session: Option<Vec<Policy>>,
    scp: Option<Vec<Vec<Policy>>>,
    rcp: Option<Vec<Vec<Policy>>>,
    endpoint: Option<Policy>,
    resource: Option<Policy>,
    principal_org: Organization,
    resource_org: Organization,
    bucket_acl: Vec<Grant>,
    object_acl: Vec<Grant>,
    has_object_acl: bool,
    object_owner: Option<String>,
    acls_exist: bool,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
    /// Account and canonical id.
    canonical_ids: Vec<(String, String)>,
}

const MEMBERS: &[&str] = &[
    "name",
    "rules",
    "semantics",
    "request",
    "checks",
    "identityPolicies",
    "permissionsBoundary",
    "sessionPolicies",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "organization",
    "resourcePolicy",
    "resourceAcl",
    "objectAcl",
    "objectOwner",
    "objectOwnership",
    "publicAccessBlock",
    "canonicalUserIds",
    "vpcEndpointPolicy",
    "expect",
    "expectCode",
    "expectBlockers",
];

/// Reads the members of a scenario that do not belong to the request.
pub(crate) fn prepare(scenario: &Value) -> Result<Prepared, String> {
    let object = scenario.as_object().ok_or("a scenario is not an object")?;
    if let Some(name) = object.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
        return Err(format!("unknown member {name}"));
    }
    let switches = Switches::read(object.get("semantics"))?;
    let mut reader = Reader { switches, tests: Vec::new() };
    let identity = match object.get("identityPolicies") {
        Some(value) => documents(&mut reader, value, PolicyType::Identity)?,
        None => Vec::new(),
    };
    let boundary = one(&mut reader, object.get("permissionsBoundary"), PolicyType::Boundary)?;
    let session = match object.get("sessionPolicies") {
        Some(value) => Some(documents(&mut reader, value, PolicyType::Session)?),
        None => None,
    };
    let scp = levels(&mut reader, object.get("serviceControlPolicies"), PolicyType::Scp)?;
    let rcp = levels(&mut reader, object.get("resourceControlPolicies"), PolicyType::Rcp)?;
    let endpoint = one(&mut reader, object.get("vpcEndpointPolicy"), PolicyType::Endpoint)?;
    let resource = one(&mut reader, object.get("resourcePolicy"), PolicyType::Resource)?;
    let side = |name: &str| organization(object.get("organization").and_then(|both| both.get(name)));
    let block = |name: &str| {
        let block = object.get("publicAccessBlock").and_then(|block| block.get(name));
        block.and_then(Value::as_bool).unwrap_or(false)
    };
    let canonical_ids = canonical_ids(object.get("canonicalUserIds"));
    let object_acl = object.get("objectAcl");
    let object_owner = match object.get("objectOwner").and_then(Value::as_str) {
        Some(owner) if is_account(owner) => Some(owner.to_owned()),
        Some(id) => canonical_ids.iter().find(|(_, known)| known == id).map(|(account, _)| account.clone()),
        None => None,
    };
    Ok(Prepared {
        switches,
        tests: reader.tests,
        identity,
        boundary,
        session,
        scp,
        rcp,
        endpoint,
        resource,
        principal_org: side("principal"),
        resource_org: side("resource"),
        bucket_acl: grants(object.get("resourceAcl")),
        object_acl: grants(object_acl),
        has_object_acl: object_acl.is_some(),
        object_owner,
        acls_exist: matches!(
            object.get("objectOwnership").and_then(Value::as_str),
            Some("BucketOwnerPreferred" | "ObjectWriter")
        ),
        ignore_public_acls: block("IgnorePublicAcls"),
        restrict_public_buckets: block("RestrictPublicBuckets"),
        canonical_ids,
    })
}

fn one(reader: &mut Reader, value: Option<&Value>, policy_type: PolicyType) -> Result<Option<Policy>, String> {
    value.map(|value| reader.policy(value, policy_type)).transpose()
}

fn documents(reader: &mut Reader, value: &Value, policy_type: PolicyType) -> Result<Vec<Policy>, String> {
    let items = value.as_array().ok_or("not a list of documents")?;
    items.iter().map(|item| reader.policy(item, policy_type)).collect()
}

fn levels(
    reader: &mut Reader,
    value: Option<&Value>,
    policy_type: PolicyType,
) -> Result<Option<Vec<Vec<Policy>>>, String> {
    let Some(value) = value else { return Ok(None) };
    let levels = value.as_array().ok_or("not a list of levels")?;
    levels.iter().map(|level| documents(reader, level, policy_type)).collect::<Result<_, _>>().map(Some)
}

fn organization(value: Option<&Value>) -> Organization {
    let Some(value) = value else { return Organization::default() };
    let paths = value.get("paths").and_then(Value::as_array);
    Organization {
        id: value.get("id").and_then(Value::as_str).map(str::to_owned),
        paths: paths.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
        management: value.get("management").and_then(Value::as_bool).unwrap_or(false),
    }
}

/// A map between accounts and canonical user ids, in either direction.
fn canonical_ids(value: Option<&Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (left, right) in value.and_then(Value::as_object).into_iter().flatten() {
        let right = right.as_str().unwrap_or_default().to_owned();
        pairs.push(if is_account(left) { (left.clone(), right) } else { (right, left.clone()) });
    }
    pairs
}

/// Grants as `aws s3api get-bucket-acl` prints them.
fn grants(value: Option<&Value>) -> Vec<Grant> {
    let list = value.and_then(|acl| acl.get("Grants")).and_then(Value::as_array);
    let mut grants = Vec::new();
    for item in list.into_iter().flatten() {
        let text = |name: &str| item.get("Grantee").and_then(|grantee| grantee.get(name)).and_then(Value::as_str);
        let grantee = match (text("ID"), text("URI")) {
            (Some(id), _) => Grantee::Canonical(id.to_owned()),
            (None, Some("http://acs.amazonaws.com/groups/global/AllUsers")) => Grantee::AllUsers,
            (None, Some("http://acs.amazonaws.com/groups/global/AuthenticatedUsers")) => Grantee::AuthenticatedUsers,
            _ => Grantee::Other,
        };
        let permission = item.get("Permission").and_then(Value::as_str).unwrap_or_default().to_owned();
        grants.push(Grant { grantee, permission });
    }
    grants
}

/// R-EVAL-5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Default,
    Trust,
    KmsKey,
}

/// One request under evaluation.
#[derive(Debug)]
struct Case<'a> {
    world: &'a Prepared,
    requester: Requester,
    /// In lower case.
    action: String,
    resource: RequestResource,
    /// Components of the resource's ARN, empty for `*`.
    arn: Vec<String>,
    context: Context,
    /// `ra`.
    resource_account: Option<String>,
    aws_owned: bool,
    class: Class,
    force: Force,
    touched: RefCell<Vec<usize>>,
}

impl Prepared {
    /// Decides one request.
    pub(crate) fn decide(&self, request: &Value) -> Outcome {
        self.decide_forced(request, Force::Nothing).0
    }

    /// The operator name of a test.
    pub(crate) fn test_name(&self, number: usize) -> &str {
        self.tests.get(number).map_or("", String::as_str)
    }

    /// Decides one request with something forced; also the numbers of the tests that were evaluated.
    pub(crate) fn decide_forced(&self, request: &Value, force: Force) -> (Outcome, Vec<usize>) {
        match Case::read(self, request, force) {
            Ok(case) => {
                let outcome = case.decide();
                (outcome, case.touched.take())
            }
            Err(why) => (Outcome::Error(why), Vec::new()),
        }
    }
}

/// Order of R-EVAL-42 for explicit denies.
const EXPLICIT_ORDER: &[&str] = &[
    "serviceControlPolicy",
    "resourceControlPolicy",
    "vpcEndpoint",
    "resource",
    "identity",
    "permissionsBoundary",
    "session",
    "acl",
    "blockPublicAccess",
    "credential",
];

/// Order of R-EVAL-42 for implicit denies.
const IMPLICIT_ORDER: &[&str] = &[
    "resourceControlPolicy",
    "serviceControlPolicy",
    "vpcEndpoint",
    "resource",
    "identity",
    "permissionsBoundary",
    "session",
    "acl",
    "blockPublicAccess",
    "credential",
];

fn sorted(order: &[&'static str], found: &[&'static str]) -> Vec<&'static str> {
    order.iter().copied().filter(|name| found.contains(name)).collect()
}

/// What a layer says: a matching Deny, a matching Allow (R-EVAL-2).
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    deny: bool,
    allow: bool,
}

/// R-EVAL-13.
const RCP_SERVICES: &[&str] = &[
    "s3",
    "sts",
    "kms",
    "sqs",
    "secretsmanager",
    "appconfig",
    "appstream",
    "aoss",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "cloudfront",
    "clouddirectory",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "dynamodb",
    "ecr",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "logs",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "servicediscovery",
    "signin",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// R-EVAL-36: what other accounts may do with a key.
const KMS_ACROSS_ACCOUNTS: &[&str] = &[
    "decrypt",
    "derivesharedsecret",
    "encrypt",
    "generatedatakey",
    "generatedatakeypair",
    "generatedatakeypairwithoutplaintext",
    "generatedatakeywithoutplaintext",
    "generatemac",
    "reencryptfrom",
    "reencryptto",
    "sign",
    "verify",
    "verifymac",
    "creategrant",
    "describekey",
    "getkeyrotationstatus",
    "getpublickey",
    "listgrants",
    "retiregrant",
    "revokegrant",
];

/// Answer of `core`.
#[derive(Debug, Default)]
struct Core {
    ok: bool,
    missing: Vec<&'static str>,
}

impl Core {
    fn new(ok: bool, missing: &[&'static str]) -> Core {
        Core { ok, missing: if ok { Vec::new() } else { missing.to_vec() } }
    }
}

/// What counts as allowing on the requester's side: I, B and S of `core`.
#[derive(Clone, Copy, Debug)]
struct Side {
    identity: bool,
    boundary: bool,
    session: bool,
}

impl Side {
    fn all(self) -> bool {
        self.identity && self.boundary && self.session
    }

    fn missing(self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if !self.identity {
            missing.push("identity");
        }
        missing.extend(self.missing_caps());
        missing
    }

    fn missing_caps(self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if !self.boundary {
            missing.push("permissionsBoundary");
        }
        if !self.session {
            missing.push("session");
        }
        missing
    }
}

impl<'a> Case<'a> {
    fn read(world: &'a Prepared, request: &Value, force: Force) -> Result<Case<'a>, String> {
        let object = request.as_object().ok_or("a request is not an object")?;
        let known = ["principal", "action", "resource", "resourceAccount", "context"];
        if let Some(name) = object.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("unknown member {name}"));
        }
        let text = |name: &str| object.get(name).and_then(Value::as_str).ok_or(format!("no {name}"));
        let mut context = Context::read(object.get("context"))?;
        let principal = object.get("principal").ok_or("no principal")?;
        let requester = Requester::read(principal, &mut context)?;
        let action = text("action")?.to_ascii_lowercase();
        if !action.contains(':') {
            return Err("an action without colon".to_owned());
        }
        let resource = text("resource")?;
        let arn: Vec<String> =
            if resource == "*" { Vec::new() } else { resource.splitn(6, ':').map(str::to_owned).collect() };
        if resource != "*" && (arn.len() != 6 || !resource.starts_with("arn:")) {
            return Err("the resource is no ARN".to_owned());
        }
        let owner = arn.get(4).cloned().unwrap_or_default();
        let aws_owned = owner == "aws"; // R-ARN-23
        let resource_account = match object.get("resourceAccount") {
            Some(Value::String(account)) if is_account(account) => Some(account.clone()),
            Some(_) => return Err("bad resourceAccount".to_owned()),
            None if is_account(&owner) => Some(owner),
            None => requester.account.clone(),
        };
        let mut case = Case {
            world,
            requester,
            action,
            resource: RequestResource { text: resource.to_owned(), units: units(resource, &world.switches) },
            arn,
            context,
            resource_account,
            aws_owned,
            class: Class::Default,
            force,
            touched: RefCell::new(Vec::new()),
        };
        case.class = case.classify();
        case.derive();
        Ok(case)
    }

    /// Where requester and resource are of one account, which is in one place: what is said of the requester holds, or
    /// else what is said of the resource.
    fn principal_org(&self) -> &Organization {
        let same = self.requester.account == self.resource_account;
        if same && self.world.principal_org == Organization::default() {
            &self.world.resource_org
        } else {
            &self.world.principal_org
        }
    }

    fn resource_org(&self) -> &Organization {
        if self.requester.account == self.resource_account { self.principal_org() } else { &self.world.resource_org }
    }

    fn component(&self, index: usize) -> &str {
        self.arn.get(index).map_or("", String::as_str)
    }

    /// Keys of the resource's account and of the organizations (R-KEY-2, R-KEY-5, R-KEY-6).
    fn derive(&mut self) {
        if let Some(account) = self.resource_account.clone() {
            self.context.derive("aws:ResourceAccount", Held::Single(account));
        }
        for (side, prefix, exists) in [
            (
                self.principal_org().clone(),
                "aws:Principal",
                self.requester.account.is_some() && !self.requester.nameless,
            ),
            (self.resource_org().clone(), "aws:Resource", self.resource_account.is_some()),
        ] {
            if !exists {
                continue;
            }
            if let Some(id) = &side.id {
                self.context.derive(&format!("{prefix}OrgID"), Held::Single(id.clone()));
            }
            if !side.paths.is_empty() {
                self.context.derive(&format!("{prefix}OrgPaths"), Held::List(side.paths.clone()));
            }
        }
        self.context.derive_from_itself();
    }

    /// `class` of R-EVAL-5, R-EVAL-35 and R-EVAL-36.
    fn classify(&self) -> Class {
        let trust = [
            "assumerole",
            "assumerolewithsaml",
            "assumerolewithwebidentity",
            "tagsession",
            "setsourceidentity",
            "setcontext",
        ];
        if self.aws_owned {
            Class::Default
        } else if self.is_role() && self.action.strip_prefix("sts:").is_some_and(|name| trust.contains(&name)) {
            Class::Trust
        } else if self.component(2) == "kms" && self.component(5).starts_with("key/") {
            Class::KmsKey
        } else {
            Class::Default
        }
    }

    fn is_role(&self) -> bool {
        self.component(2) == "iam" && self.component(5).starts_with("role/")
    }

    fn is_s3(&self) -> bool {
        self.component(2) == "s3" && self.component(3).is_empty() && self.component(4).is_empty()
    }

    fn is_bucket(&self) -> bool {
        self.is_s3() && !self.component(5).contains('/')
    }

    fn is_object(&self) -> bool {
        self.is_s3() && self.component(5).contains('/')
    }

    fn dropped(&self, layer: &'static str) -> bool {
        self.force == Force::DropLayer(layer)
    }

    /// The boundary, for requesters that can have one (R-EVAL-1).
    fn boundary(&self) -> Option<&Policy> {
        if self.requester.has_identity() && !self.requester.service_linked() && !self.dropped("permissionsBoundary") {
            self.world.boundary.as_ref()
        } else {
            None
        }
    }

    /// R-EVAL-48: the kinds with which a statement matches; empty if it does not match.
    fn statement(&self, statement: &Statement, policy_type: PolicyType) -> Vec<Kind> {
        let switches = &self.world.switches;
        // action part
        let listed = statement.actions.iter().any(|pattern| action_matches(pattern, &self.action, switches));
        if listed == statement.not_action {
            return Vec::new();
        }
        // principal part
        let mut kinds = match policy_type {
            PolicyType::Identity | PolicyType::Boundary | PolicyType::Session | PolicyType::Scp => vec![Kind::Wildcard],
            PolicyType::Rcp | PolicyType::Endpoint | PolicyType::Resource => {
                let boundary = self.boundary().is_some();
                let ids = &self.world.canonical_ids;
                let mut kinds =
                    self.requester.matched(statement.principal.as_ref(), statement.allow, boundary, ids, switches);
                if policy_type == PolicyType::Resource {
                    kinds.retain(|kind| self.force != Force::DropKind(*kind));
                }
                kinds
            }
        };
        kinds.dedup();
        if kinds.is_empty() {
            return kinds;
        }
        // resource part
        let trust = policy_type == PolicyType::Resource && self.is_role();
        if let Some((negated, entries)) = statement.resource.as_ref().filter(|_| !trust) {
            let answers: Vec<EntryMatch> = entries
                .iter()
                .map(|entry| entry.matches(&self.resource, policy_type, &self.context, switches))
                .collect();
            let null = answers.contains(&EntryMatch::Null);
            if *negated && null && switches.null_notresource_no_match {
                return Vec::new();
            }
            if answers.contains(&EntryMatch::Yes) == *negated {
                return Vec::new();
            }
        }
        // condition part
        for test in &statement.tests {
            let mut holds = test.holds(statement.allow, &self.context, switches);
            self.touched.borrow_mut().push(test.number);
            if self.force == Force::FlipTest(test.number) {
                holds = !holds;
            }
            if !holds {
                return Vec::new();
            }
        }
        kinds
    }

    /// R-EVAL-2, and the kinds of matching Allow statements.
    fn policies<'p>(&self, policies: impl IntoIterator<Item = &'p Policy>) -> (Verdict, Vec<Kind>) {
        let mut verdict = Verdict::default();
        let mut allowed_as = Vec::new();
        for policy in policies {
            for statement in &policy.statements {
                let kinds = self.statement(statement, policy.policy_type);
                if kinds.is_empty() {
                    continue;
                }
                if statement.allow {
                    verdict.allow = true;
                    allowed_as.extend(kinds);
                } else {
                    verdict.deny = true;
                }
            }
        }
        (verdict, allowed_as)
    }

    /// Levels of SCPs or RCPs: a Deny anywhere, an Allow at every level (R-EVAL-8).
    fn levels(&self, levels: &[Vec<Policy>], always_allowed: bool) -> Verdict {
        let mut total = Verdict { deny: false, allow: true };
        for level in levels {
            let (verdict, _) = self.policies(level);
            total.deny |= verdict.deny;
            total.allow &= verdict.allow || always_allowed;
        }
        total
    }

    /// R-EVAL-5, R-EVAL-10.
    fn applicable_scp(&self) -> Option<&[Vec<Policy>]> {
        let applicable = self.requester.account.is_some()
            && !self.principal_org().management
            && !self.requester.service_linked()
            && !self.dropped("serviceControlPolicy");
        self.world.scp.as_deref().filter(|_| applicable)
    }

    /// R-EVAL-5, R-EVAL-12, R-EVAL-13.
    fn applicable_rcp(&self) -> Option<&[Vec<Policy>]> {
        let service = self.action.split(':').next().unwrap_or_default();
        let applicable = self.resource_account.is_some()
            && !self.aws_owned
            && !self.resource_org().management
            && RCP_SERVICES.contains(&service)
            && self.action != "kms:retiregrant"
            && !self.requester.service_linked()
            && !self.dropped("resourceControlPolicy");
        self.world.rcp.as_deref().filter(|_| applicable)
    }

    /// R-EVAL-16: the bucket owner's root and the bucket policy.
    fn root_exception(&self) -> bool {
        self.requester.kind == Type::Root
            && self.requester.account == self.resource_account
            && self.is_bucket()
            && ["s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"].contains(&self.action.as_str())
    }

    /// R-EVAL-21.
    fn credentials_forbid(&self) -> bool {
        if self.dropped("credential") {
            return false;
        }
        match self.requester.kind {
            Type::RoleSession => ["sts:getfederationtoken", "sts:getsessiontoken"].contains(&self.action.as_str()),
            Type::FedUser => self.action.starts_with("iam:") || self.action.starts_with("sts:"),
            _ => false,
        }
    }

    /// R-EVAL-45.
    fn public_access_blocked(&self) -> bool {
        let Some(policy) = &self.world.resource else { return false };
        self.world.restrict_public_buckets
            && self.component(2) == "s3"
            && !self.dropped("blockPublicAccess")
            && self.requester.kind != Type::Service
            && (self.requester.account.is_none() || self.requester.account != self.resource_account)
            && policy.statements.iter().any(is_public)
    }

    fn decide(&self) -> Outcome {
        // 1 (R-EVAL-34)
        if self.action == "sts:getcalleridentity" && self.requester.signed() {
            return Outcome::Decided { decision: "allowed", blockers: Vec::new() };
        }
        // every layer's verdict
        let scp = self.applicable_scp().map(|levels| self.levels(levels, false));
        let rcp = self.applicable_rcp().map(|levels| self.levels(levels, true));
        let endpoint = self.world.endpoint.as_ref().filter(|_| !self.dropped("vpcEndpoint"));
        let endpoint = endpoint.map(|policy| self.policies([policy]).0);
        let resource_policy = self.world.resource.as_ref().filter(|_| !self.aws_owned && !self.dropped("resource"));
        let (resource, kinds) = self.policies(resource_policy);
        let has_identity = self.requester.has_identity();
        let identity = if has_identity && !self.dropped("identity") {
            self.policies(&self.world.identity).0
        } else {
            Verdict::default()
        };
        let boundary = self.boundary().map(|policy| self.policies([policy]).0);
        let session = self.session();
        // 2
        let mut denying = Vec::new();
        let is = |verdict: Option<Verdict>| verdict.is_some_and(|verdict| verdict.deny);
        for (layer, denies) in [
            ("serviceControlPolicy", is(scp)),
            ("resourceControlPolicy", is(rcp)),
            ("vpcEndpoint", is(endpoint)),
            ("resource", resource.deny && !self.root_exception()),
            ("identity", identity.deny),
            ("permissionsBoundary", is(boundary)),
            ("session", is(session)),
            ("blockPublicAccess", self.public_access_blocked()),
        ] {
            if denies {
                denying.push(layer);
            }
        }
        if !denying.is_empty() {
            return Outcome::Decided { decision: "explicitDeny", blockers: sorted(EXPLICIT_ORDER, &denying) };
        }
        // 3
        let mut failed = Vec::new();
        let lacks = |verdict: Option<Verdict>| verdict.is_some_and(|verdict| !verdict.allow);
        if lacks(rcp) {
            failed.push("resourceControlPolicy");
        }
        if lacks(scp) {
            failed.push("serviceControlPolicy");
        }
        if lacks(endpoint) {
            failed.push("vpcEndpoint");
        }
        if self.credentials_forbid() {
            failed.push("credential");
        }
        if self.aws_managed_alias() {
            failed.push("resource");
        }
        // 4
        let side = Side {
            identity: identity.allow,
            boundary: boundary.is_none_or(|verdict| verdict.allow),
            session: session.is_none_or(|verdict| verdict.allow),
        };
        let core = self.core(&kinds, side);
        // 5
        if core.ok && failed.is_empty() {
            return Outcome::Decided { decision: "allowed", blockers: Vec::new() };
        }
        failed.extend(core.missing);
        Outcome::Decided { decision: "implicitDeny", blockers: sorted(IMPLICIT_ORDER, &failed) }
    }

    /// The session layer (R-EVAL-19, R-EVAL-20); `None` is no cap.
    fn session(&self) -> Option<Verdict> {
        if self.dropped("session") {
            return None;
        }
        let given = self.world.session.as_ref();
        match self.requester.kind {
            Type::FedUser => Some(given.map(|policies| self.policies(policies).0).unwrap_or_default()),
            Type::RoleSession => {
                given.filter(|policies| !policies.is_empty()).map(|policies| self.policies(policies).0)
            }
            _ => None,
        }
    }

    /// R-EVAL-36.
    fn aws_managed_alias(&self) -> bool {
        ["kms:createalias", "kms:updatealias", "kms:deletealias"].contains(&self.action.as_str())
            && self.component(2) == "kms"
            && self.component(5).starts_with("alias/aws/")
    }

    fn core(&self, kinds: &[Kind], side: Side) -> Core {
        let has = |wanted: &[Kind]| wanted.iter().any(|kind| kinds.contains(kind));
        // an account of another partition is another account (R-ARN-2)
        let same_account = self.requester.account.is_some()
            && self.same_partition()
            && (self.aws_owned || self.requester.account == self.resource_account);
        if self.foreign_object() {
            return self.core_of_foreign_object(side);
        }
        let acl = self.acl_kind();
        match self.requester.kind {
            Type::Anonymous | Type::FederatedIdp | Type::Service => {
                let public = self.requester.kind == Type::Anonymous && acl == Some(Kind::Wildcard);
                Core::new(has(&[Kind::Wildcard, Kind::Service, Kind::Federated]) || public, &["resource"])
            }
            Type::Root if same_account => match self.class {
                Class::Default => Core::new(!self.dropped("root"), &[]),
                Class::KmsKey => Core::new(has(&[Kind::Root, Kind::Wildcard]), &["resource"]),
                Class::Trust => Core::new(false, &["resource"]),
            },
            Type::User | Type::RoleSession | Type::FedUser if same_account => self.core_same_account(kinds, side),
            _ => {
                let root = self.requester.kind == Type::Root;
                let trusted = root || side.all();
                let trusting = !kinds.is_empty() || acl.is_some();
                let ok = trusted
                    && trusting
                    && self.same_partition()
                    && !(root && self.class == Class::Trust)
                    && self.may_cross_accounts();
                let mut missing = if root { Vec::new() } else { side.missing() };
                if !trusting || missing.is_empty() {
                    missing.push("resource");
                }
                Core::new(ok, &missing)
            }
        }
    }

    /// R-ARN-2; services and anonymous requesters have no partition, and `*` has none.
    fn same_partition(&self) -> bool {
        let own = self.requester.partition.as_deref();
        self.arn.is_empty() || own.is_none_or(|own| own == self.component(1))
    }

    /// R-EVAL-36.
    fn may_cross_accounts(&self) -> bool {
        let operation = self.action.strip_prefix("kms:");
        self.class != Class::KmsKey || operation.is_some_and(|name| KMS_ACROSS_ACCOUNTS.contains(&name))
    }

    fn core_same_account(&self, kinds: &[Kind], side: Side) -> Core {
        let has = |wanted: &[Kind]| wanted.iter().any(|kind| kinds.contains(kind));
        let switches = &self.world.switches;
        let user = self.requester.kind == Type::User;
        let direct = has(&[Kind::Session, Kind::FedUser, Kind::Wildcard]) || (user && has(&[Kind::User]));
        let capped = self.class == Class::Trust && user && !switches.trust_boundary_no; // R-EVAL-30
        let direct_counts = direct && (!capped || side.boundary) && (!switches.session_caps || side.session);
        let limited_kind = has(&[Kind::Role, Kind::UserOfFed]);
        let limited = limited_kind && side.boundary && side.session;
        let delegated = self.class == Class::Default || has(&[Kind::Account]);
        let ordinary = side.all() && delegated;
        if direct_counts || limited || ordinary {
            return Core::new(true, &[]);
        }
        let missing = if limited_kind {
            side.missing_caps()
        } else if direct {
            let mut missing = Vec::new();
            if capped && !side.boundary {
                missing.push("permissionsBoundary");
            }
            if switches.session_caps && !side.session {
                missing.push("session");
            }
            missing
        } else {
            let mut missing = side.missing();
            if !delegated {
                missing.push("resource");
            }
            missing
        };
        Core::new(false, &missing)
    }

    // S3 (R-EVAL-37, R-EVAL-38)

    fn acls_exist(&self) -> bool {
        self.world.acls_exist && !self.dropped("objectOwnership")
    }

    /// An object that belongs to another account than its bucket.
    fn foreign_object(&self) -> bool {
        self.acls_exist()
            && self.is_object()
            && self.world.object_owner.is_some()
            && self.world.object_owner != self.resource_account
    }

    /// Requester's account by identity, object owner by ACL.
    fn core_of_foreign_object(&self, side: Side) -> Core {
        let mut missing = if self.requester.has_identity() { side.missing() } else { Vec::new() };
        if self.acl_kind().is_none() {
            missing.push("acl");
        }
        if missing.is_empty() && !self.same_partition() {
            missing.push("resource");
        }
        Core::new(missing.is_empty(), &missing)
    }

    /// The kind with which an ACL grant names the requester.
    fn acl_kind(&self) -> Option<Kind> {
        if !self.acls_exist() || !self.is_s3() || self.dropped("acl") {
            return None;
        }
        let operation = self.action.strip_prefix("s3:")?;
        let bucket_permission = match operation {
            "listbucket" | "listbucketversions" | "listbucketmultipartuploads" => Some("READ"),
            "putobject" => Some("WRITE"),
            "getbucketacl" => Some("READ_ACP"),
            "putbucketacl" => Some("WRITE_ACP"),
            _ => None,
        };
        let object_permission = match operation {
            "getobject" | "getobjectversion" => Some("READ"),
            "getobjectacl" | "getobjectversionacl" => Some("READ_ACP"),
            "putobjectacl" | "putobjectversionacl" => Some("WRITE_ACP"),
            _ => None,
        };
        if matches!(self.requester.kind, Type::Service | Type::FederatedIdp) {
            return None; // R-EVAL-5: lists count for anonymous requesters and for accounts
        }
        if !self.world.has_object_acl && object_permission.is_some() {
            // the `private` list grants to the owner
            let owns = self.requester.account.is_some() && self.requester.account == self.world.object_owner;
            return owns.then_some(Kind::Account);
        }
        let by_bucket = self.granted(&self.world.bucket_acl, bucket_permission);
        by_bucket.or_else(|| self.granted(&self.world.object_acl, object_permission))
    }

    fn granted(&self, grants: &[Grant], permission: Option<&str>) -> Option<Kind> {
        let permission = permission?;
        let own_id = |id: &String| {
            let ids = &self.world.canonical_ids;
            ids.iter().any(|(account, known)| known == id && Some(account) == self.requester.account.as_ref())
        };
        let public = !self.world.ignore_public_acls;
        let mut found = None;
        for grant in grants.iter().filter(|grant| grant.permission == permission || grant.permission == "FULL_CONTROL")
        {
            let kind = match &grant.grantee {
                Grantee::Canonical(id) if own_id(id) => Kind::Account,
                Grantee::AllUsers if public => Kind::Wildcard,
                Grantee::AuthenticatedUsers if public && self.requester.signed() => Kind::Wildcard,
                _ => continue,
            };
            if found != Some(Kind::Wildcard) {
                found = Some(kind);
            }
        }
        found
    }
}

/// R-EVAL-45: an Allow to everybody that no condition narrows.
fn is_public(statement: &Statement) -> bool {
    let everybody = statement
        .principal
        .as_ref()
        .is_some_and(|part| part.negated || part.entries.iter().any(|entry| entry.text == "*"));
    statement.allow && everybody && !statement.tests.iter().any(Test::pins)
}
