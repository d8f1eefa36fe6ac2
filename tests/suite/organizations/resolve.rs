//! What a request line means in a world: written from `world.md`, `cli.md` and chapter 8, over the generator's model.
//!
//! The answer is a scenario for the reference evaluator, or an error.

use super::model::{Account, Entity, Node, Organization, Resource, World};
use serde_json::{Map, Value, json};

/// What a request line comes to.
#[derive(Clone, Debug)]
pub(super) enum Resolved {
    /// It is refused; why.
    Error(&'static str),
    /// A user, role or federated user that its own account does not define, without policies.
    Unknown,
    /// The rules do not say who this is.
    Unsaid,
    Scenario(Box<Scenario>),
}

#[derive(Clone, Debug)]
pub(super) struct Scenario {
    /// `scenario.md`, without `request`.
    pub(super) base: Value,
    pub(super) request: Value,
    /// R-EVAL-21 forbids the operation with the credentials of this user.
    pub(super) credential: bool,
    /// Whether the resource's account was taken from the principal.
    pub(super) assumed: bool,
    /// Keys of the context that are not believed.
    pub(super) ignored: Vec<String>,
    /// How the resource's policy was found.
    pub(super) found: &'static str,
    /// How the resource's account was found.
    pub(super) owner: &'static str,
}

/// The trust policies' actions (R-EVAL-5).
const TRUST: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:SetContext",
];

fn component(arn: &str, index: usize) -> &str {
    arn.splitn(6, ':').nth(index).unwrap_or_default()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `*` and `?` over the whole text.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) => glob(&pattern[1..], text) || !text.is_empty() && glob(pattern, &text[1..]),
        (Some(b'?'), Some(_)) => glob(&pattern[1..], &text[1..]),
        (Some(left), Some(right)) if left == right => glob(&pattern[1..], &text[1..]),
        _ => false,
    }
}

impl Resource {
    /// `world.md` 3: what a resource's policy governs.
    fn governs(&self, arn: &str) -> Option<&'static str> {
        if let Some(covers) = &self.covers {
            return covers.iter().any(|one| glob(one.as_bytes(), arn.as_bytes())).then_some("covers");
        }
        if self.arn == arn {
            return Some("exact");
        }
        let rest = arn.strip_prefix(&self.arn)?;
        let service = component(&self.arn, 2);
        let kind = component(&self.arn, 5);
        let belongs = match service {
            "s3" if kind.starts_with("accesspoint/") => rest.starts_with("/object/"),
            "s3" | "execute-api" => rest.starts_with('/'),
            "dynamodb" => kind.starts_with("table/") && rest.starts_with('/'),
            "lambda" => kind.starts_with("function:") && rest.starts_with(':'),
            _ => false,
        };
        belongs.then_some("belongs")
    }
}

impl World {
    fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    fn governing(&self, arn: &str) -> Option<(&Account, &Resource, &'static str)> {
        self.accounts.iter().find_map(|account| {
            account.resources.iter().find_map(|resource| resource.governs(arn).map(|how| (account, resource, how)))
        })
    }

    /// A policy of a request's `policies`.
    fn named(&self, name: &str) -> Option<Value> {
        let matches = |named: &&super::model::Named| named.name == name || named.arn.as_deref() == Some(name);
        if let Some(named) = self.named.iter().find(matches) {
            return (!named.session).then(|| named.document.clone());
        }
        let mut found = self.accounts.iter().flat_map(|account| {
            account
                .policies
                .iter()
                .filter(|policy| policy.arn == name || format!("{}:{}", account.id, policy.name) == name)
        });
        found.next().map(|policy| policy.versions[policy.default].1.clone())
    }

    fn session_policy(&self, name: &str) -> Option<Value> {
        self.named.iter().find(|named| named.session && named.name == name).map(|named| named.document.clone())
    }

    /// A policy that something in the account refers to by ARN (R-ID-20): the account's own copy first.
    fn managed(&self, account: &Account, arn: &str) -> Value {
        let own = account.policies.iter().find(|policy| policy.arn == arn);
        let line = || self.named.iter().find(|named| named.arn.as_deref() == Some(arn));
        match own {
            Some(policy) => policy.versions[policy.default].1.clone(),
            None => line().unwrap().document.clone(),
        }
    }

    fn own_policies(&self, account: &Account, entity: &Entity) -> Vec<Value> {
        let inline = entity.inline.iter().map(|(_, document)| document.clone());
        inline.chain(entity.attached.iter().map(|arn| self.managed(account, arn))).collect()
    }

    /// R-ID-20.
    fn identity(&self, account: &Account, entity: &Entity) -> Vec<Value> {
        let mut all = self.own_policies(account, entity);
        for group in account.groups.iter().filter(|group| entity.groups.contains(&group.name)) {
            all.extend(self.own_policies(account, group));
        }
        all
    }
}

impl Organization {
    /// The nodes above an account, root first.
    pub(super) fn path(&self, account: &str) -> Option<Vec<&Node>> {
        fn find<'a>(node: &'a Node, account: &str) -> Option<Vec<&'a Node>> {
            if node.accounts.iter().any(|one| one == account) {
                return Some(vec![node]);
            }
            let mut below = node.units.iter().find_map(|unit| find(unit, account))?;
            below.insert(0, node);
            Some(below)
        }
        find(&self.root, account)
    }

    fn document(&self, id: &str) -> Value {
        match id {
            "p-FullAWSAccess" => full_access(),
            _ => self.policies[id].2.clone(),
        }
    }

    /// R-EVAL-8; an absent list is the default.
    fn scp_levels(&self, account: &str) -> Option<Value> {
        let path = self.path(account).filter(|_| self.scp_enabled)?;
        let own = self.account_policies.get(account).and_then(|(scps, _)| scps.as_ref());
        let lists = path.iter().map(|node| node.scps.as_ref()).chain([own]);
        let levels = lists.map(|list| match list {
            None => vec![full_access()],
            Some(ids) => ids.iter().map(|id| self.document(id)).collect(),
        });
        Some(json!(levels.collect::<Vec<_>>()))
    }

    /// R-EVAL-12: the default policy is always attached and not listed.
    fn rcp_levels(&self, account: &str) -> Option<Value> {
        let path = self.path(account).filter(|_| self.rcp_enabled)?;
        let own = self.account_policies.get(account).and_then(|(_, rcps)| rcps.as_ref());
        let lists = path.iter().map(|node| node.rcps.as_ref()).chain([own]);
        let customer = |ids: &Vec<String>| {
            let ids = ids.iter().filter(|id| *id != "p-RCPFullAWSAccess");
            ids.map(|id| self.document(id)).collect::<Vec<_>>()
        };
        let levels = lists.map(|list| list.map_or(Vec::new(), customer));
        Some(json!(levels.collect::<Vec<_>>()))
    }

    /// `organization` of a scenario, for one side.
    fn side(&self, account: &str) -> Option<Value> {
        let path = self.path(account)?;
        let nodes: Vec<&str> = path.iter().map(|node| node.id.as_str()).collect();
        let path = format!("{}/{}/", self.id, nodes.join("/"));
        Some(json!({ "id": self.id, "paths": [path], "management": account == self.management }))
    }
}

fn full_access() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] })
}

/// The requester, as a scenario has it.
#[derive(Default)]
struct Requester {
    principal: Value,
    account: Option<String>,
    identity: Vec<Value>,
    boundary: Option<Value>,
    /// A session of a role or of a federated user.
    is_session: bool,
    is_federated: bool,
    /// Whether its own account does not define it.
    unknown: bool,
    tags: Vec<(String, String)>,
}

fn texts(line: &Value, member: &str) -> Vec<String> {
    let list = line[member].as_array();
    list.into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// The user of `accessKeyId`, and whether it agrees with `principal`.
fn of_key(world: &World, line: &Value) -> Result<Option<String>, &'static str> {
    let Some(id) = line["accessKeyId"].as_str() else { return Ok(None) };
    let mut found = world.accounts.iter().flat_map(|account| account.keys.iter().map(move |key| (account, key)));
    let (account, key) = found.find(|(_, key)| key.id == id && key.active).ok_or("access key")?;
    let arn = &account.users.iter().find(|user| user.name == key.user).unwrap().arn;
    match line["principal"].as_str() {
        Some(principal) if principal != arn => Err("access key of another"),
        _ => Ok(Some(arn.clone())),
    }
}

fn requester(world: &World, line: &Value) -> Result<Requester, &'static str> {
    let mut principal = line["principal"].clone();
    if let Some(arn) = of_key(world, line)? {
        principal = json!(arn);
    }
    let mut requester = Requester { principal: principal.clone(), ..Requester::default() };
    if principal.is_null() {
        return Ok(requester);
    }
    let arn = principal.as_str().or_else(|| principal["arn"].as_str()).unwrap_or_default().to_owned();
    if !arn.starts_with("arn:") {
        return Ok(requester);
    }
    let id = component(&arn, 4).to_owned();
    requester.account = Some(id.clone());
    // an account whose identities are not given may have anybody
    let known = world.account(&id).filter(|account| account.dump);
    let resource = component(&arn, 5);
    let mut parts = resource.split('/');
    match parts.next().unwrap() {
        "user" => {
            let user = known.and_then(|account| account.users.iter().find(|user| user.arn == arn));
            requester.unknown = known.is_some() && user.is_none();
            requester.principal = json!({ "type": "User", "arn": arn });
            if let (Some(account), Some(user)) = (known, user) {
                requester.be(world, account, user);
            }
        }
        "assumed-role" => {
            let name = parts.next().unwrap();
            let role = known.and_then(|account| account.roles.iter().find(|role| role.name == name));
            requester.unknown = known.is_some() && role.is_none();
            requester.is_session = true;
            requester.principal = json!({ "type": "RoleSession", "arn": arn });
            if let Some(given) = principal.get("roleArn") {
                requester.principal["roleArn"] = given.clone();
            }
            if let (Some(account), Some(role)) = (known, role) {
                requester.be(world, account, role);
                requester.principal["roleArn"] = json!(role.arn);
            }
        }
        "federated-user" => {
            let issuer = principal["issuerArn"].as_str().unwrap_or_default().to_owned();
            let user = known.and_then(|account| account.users.iter().find(|user| user.arn == issuer));
            requester.unknown = known.is_some() && user.is_none();
            requester.is_session = true;
            requester.is_federated = true;
            if let (Some(account), Some(user)) = (known, user) {
                requester.be(world, account, user);
            }
        }
        _ => {}
    }
    Ok(requester)
}

impl Requester {
    fn be(&mut self, world: &World, account: &Account, entity: &Entity) {
        self.principal["uniqueId"] = json!(entity.id);
        self.identity = world.identity(account, entity);
        self.boundary = entity.boundary.as_deref().map(|arn| world.managed(account, arn));
        self.tags.clone_from(&entity.tags);
    }
}

/// `cli.md`, *Resource account*: the account and how it was found.
fn resource_account(
    world: &World,
    line: &Value,
    requester: &Requester,
) -> Result<(Option<String>, &'static str), &'static str> {
    let arn = line["resource"].as_str().unwrap();
    let written = Some(component(arn, 4)).filter(|text| is_account(text)).map(str::to_owned);
    let governed = world.governing(arn).map(|(account, _, _)| account.id.clone());
    if let Some(given) = line["resourceAccount"].as_str() {
        let clashes = |other: &Option<String>| other.as_deref().is_some_and(|other| other != given);
        if clashes(&written) || clashes(&governed) {
            return Err("resource account");
        }
        return Ok((Some(given.to_owned()), "given"));
    }
    if written.is_some() {
        return Ok((written, "written"));
    }
    if governed.is_some() {
        return Ok((governed, "governed"));
    }
    // R-EVAL-5 says whose this is; that is no assumption
    let by_rule = arn == "*";
    Ok(match &requester.account {
        Some(account) if by_rule => (Some(account.clone()), "rule"),
        Some(account) => (Some(account.clone()), "assumed"),
        None => (None, "none"),
    })
}

/// The endpoint's id.
fn endpoint(world: &World, line: &Value) -> Result<Option<String>, &'static str> {
    let known = |id: &str| world.endpoints.iter().any(|(known, _)| known == id);
    let told = line["context"]["aws:SourceVpce"].as_str();
    match (line["endpoint"].as_str(), told) {
        (Some(id), _) if !known(id) => Err("endpoint"),
        (Some(id), Some(told)) if told != id => Err("two endpoints"),
        (Some(id), _) => Ok(Some(id.to_owned())),
        (None, Some(told)) if known(told) => Ok(Some(told.to_owned())),
        (None, _) => Ok(None),
    }
}

/// What the world or the request says of a key (R-PRI-19, `cli.md`): `None` is nothing, so that the context is believed.
fn derived(
    world: &World,
    key: &str,
    requester: &Requester,
    base: &Value,
    nameless: bool,
    owner: Option<&str>,
) -> Option<Option<String>> {
    let kind = requester.principal["type"].as_str().or_else(|| requester.principal.as_str()).unwrap_or_default();
    let organization = |side: &str| base["organization"][side]["id"].as_str().map(|id| Some(id.to_owned()));
    // an account of the manifest in no tree is in no organization, whatever the request claims
    let elsewhere = |id: Option<&str>| {
        let listed = id.is_some_and(|id| world.account(id).is_some());
        (listed && world.organization.is_some()).then_some(None)
    };
    match key.to_ascii_lowercase().as_str() {
        "aws:principalaccount" if !nameless => match &requester.account {
            Some(account) => Some(Some(account.clone())),
            None if kind == "anonymous" => Some(Some(kind.to_owned())),
            // absent for services; identity providers have no row in the table
            None => Some(None),
        },
        // absent for everybody but users, whatever the request claims
        "aws:username" if !nameless => {
            let user = requester.principal["arn"].as_str().filter(|_| kind == "User");
            Some(user.and_then(|arn| arn.rsplit('/').next()).map(str::to_owned))
        }
        "aws:principaltype" if kind == "FederatedIdp" => Some(None),
        "aws:resourceaccount" => owner.map(|owner| Some(owner.to_owned())),
        "aws:principalorgid" if !nameless => {
            organization("principal").or_else(|| elsewhere(requester.account.as_deref()))
        }
        "aws:resourceorgid" => organization("resource").or_else(|| elsewhere(owner)),
        _ => None,
    }
}

/// R-EVAL-21, of users with credentials of `GetSessionToken`.
fn forbidden(line: &Value) -> bool {
    if line["credentials"] != "getSessionToken" {
        return false;
    }
    let action = line["action"].as_str().unwrap();
    let mfa = line["context"]["aws:MultiFactorAuthPresent"] == true;
    match action.split(':').next().unwrap() {
        "iam" => !mfa,
        "sts" => !["sts:AssumeRole", "sts:GetCallerIdentity"].contains(&action),
        _ => false,
    }
}

/// What a request line of a world means.
pub(super) fn resolve(world: &World, line: &Value) -> Resolved {
    match scenario(world, line) {
        Ok(resolved) => resolved,
        Err(why) => Resolved::Error(why),
    }
}

fn scenario(world: &World, line: &Value) -> Result<Resolved, &'static str> {
    let mut requester = requester(world, line)?;
    let nameless = requester.principal.is_null();
    let (owner, how) = resource_account(world, line, &requester)?;
    let endpoint = endpoint(world, line)?;
    let mut named = Vec::new();
    for name in texts(line, "policies") {
        named.push(world.named(&name).ok_or("policy name")?);
    }
    let mut session = Vec::new();
    for name in texts(line, "sessionPolicies") {
        session.push(world.session_policy(&name).ok_or("session policy name")?);
    }
    session.extend(line["sessionPolicyDocuments"].as_array().into_iter().flatten().cloned());
    if requester.unknown && named.is_empty() {
        return Ok(Resolved::Unknown);
    }
    let assumed = how == "assumed";
    if nameless {
        let Some(account) = &owner else { return Ok(Resolved::Unsaid) };
        requester.account = Some(account.clone());
        requester.principal =
            json!({ "type": "User", "nameless": true, "arn": format!("arn:aws:iam::{account}:user/") });
    }
    requester.identity.extend(named);
    let mut base = Map::new();
    base.insert("identityPolicies".to_owned(), json!(requester.identity));
    if let Some(boundary) = &requester.boundary {
        base.insert("permissionsBoundary".to_owned(), boundary.clone());
    }
    if requester.is_federated || requester.is_session && !session.is_empty() {
        base.insert("sessionPolicies".to_owned(), json!(session));
    }
    organization(world, &requester, owner.as_deref(), &mut base);
    let found = resource_policy(world, line, &mut base);
    if let Some(id) = &endpoint {
        let document = world.endpoints.iter().find(|(known, _)| known == id).unwrap().1.clone();
        base.insert("vpcEndpointPolicy".to_owned(), document);
    }
    let base = Value::Object(base);
    // nobody says what `aws:ResourceAccount` and its like are where AWS owns the resource (R-ARN-23)
    let aws_owned = component(line["resource"].as_str().unwrap(), 4) == "aws";
    if aws_owned && [&base, line].iter().any(|text| text.to_string().contains("aws:Resource")) {
        return Ok(Resolved::Unsaid);
    }
    let mut context = Map::new();
    let mut ignored = Vec::new();
    for (key, value) in line["context"].as_object().into_iter().flatten() {
        let mut known = derived(world, key, &requester, &base, nameless, owner.as_deref());
        for (tag, value) in line["sessionTags"].as_object().into_iter().flatten() {
            if key.eq_ignore_ascii_case(&format!("aws:PrincipalTag/{tag}")) {
                known = Some(value.as_str().map(str::to_owned));
            }
        }
        match known {
            None => drop(context.insert(key.clone(), value.clone())),
            Some(known) if known.as_deref() == value.as_str() => {}
            Some(_) => ignored.push(key.clone()),
        }
    }
    if let Some(id) = endpoint {
        context.insert("aws:SourceVpce".to_owned(), json!(id));
    }
    if let Some(identity) = line.get("sourceIdentity") {
        context.insert("aws:SourceIdentity".to_owned(), identity.clone());
    }
    tags(line, &mut requester);
    let mut request = json!({ "principal": requester.principal, "action": line["action"], "resource": line["resource"],
        "context": context });
    if let Some(owner) = owner {
        request["resourceAccount"] = json!(owner);
    }
    let credential = forbidden(line);
    Ok(Resolved::Scenario(Box::new(Scenario { base, request, credential, assumed, ignored, found, owner: how })))
}

/// Session tags win over the role's (R-ID-12).
fn tags(line: &Value, requester: &mut Requester) {
    let mut tags = requester.tags.clone();
    for (key, value) in line["sessionTags"].as_object().into_iter().flatten() {
        tags.retain(|(known, _)| !known.eq_ignore_ascii_case(key));
        tags.push((key.clone(), value.as_str().unwrap().to_owned()));
    }
    if !tags.is_empty() {
        let tags: Map<String, Value> = tags.into_iter().map(|(key, value)| (key, json!(value))).collect();
        requester.principal["tags"] = Value::Object(tags);
    }
}

fn organization(world: &World, requester: &Requester, owner: Option<&str>, base: &mut Map<String, Value>) {
    let Some(organization) = &world.organization else { return };
    let mut sides = Map::new();
    if let Some(account) = requester.account.as_deref() {
        if let Some(levels) = organization.scp_levels(account) {
            base.insert("serviceControlPolicies".to_owned(), levels);
        }
        if let Some(side) = organization.side(account) {
            sides.insert("principal".to_owned(), side);
        }
    }
    if let Some(account) = owner {
        if let Some(levels) = organization.rcp_levels(account) {
            base.insert("resourceControlPolicies".to_owned(), levels);
        }
        if let Some(side) = organization.side(account) {
            sides.insert("resource".to_owned(), side);
        }
    }
    base.insert("organization".to_owned(), Value::Object(sides));
}

/// The resource's policy, lists and settings; how they were found.
fn resource_policy(world: &World, line: &Value, base: &mut Map<String, Value>) -> &'static str {
    let arn = line["resource"].as_str().unwrap();
    let ids: Map<String, Value> = world
        .accounts
        .iter()
        .filter_map(|account| account.canonical.as_ref().map(|id| (account.id.clone(), json!(id))))
        .collect();
    base.insert("canonicalUserIds".to_owned(), Value::Object(ids));
    if let Some(owner) = line.get("objectOwner") {
        base.insert("objectOwner".to_owned(), owner.clone());
    }
    if component(arn, 5).starts_with("role/") {
        let account = world.account(component(arn, 4));
        let role = account.and_then(|account| account.roles.iter().find(|role| role.arn == arn));
        let action = line["action"].as_str().unwrap();
        let Some(role) = role.filter(|_| TRUST.contains(&action)) else { return "nothing" };
        base.insert("resourcePolicy".to_owned(), role.trust.clone().unwrap());
        return "trust";
    }
    let Some((account, resource, how)) = world.governing(arn) else { return "nothing" };
    if let Some(policy) = &resource.policy {
        base.insert("resourcePolicy".to_owned(), policy.clone());
    }
    if let Some(acl) = &resource.acl {
        base.insert("resourceAcl".to_owned(), acl.clone());
    }
    if let Some(ownership) = resource.ownership {
        base.insert("objectOwnership".to_owned(), json!(ownership));
    }
    let blocks = [account.block.as_ref(), resource.block.as_ref()];
    let block: Map<String, Value> = ["RestrictPublicBuckets", "IgnorePublicAcls"]
        .iter()
        .map(|name| {
            let on = blocks.iter().flatten().any(|block| block[*name] == true);
            ((*name).to_owned(), json!(on))
        })
        .collect();
    base.insert("publicAccessBlock".to_owned(), Value::Object(block));
    how
}
