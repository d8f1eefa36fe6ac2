//! Random organizations and requests from small alphabets.

use super::model::{Account, Entity, Key, Managed, Named, Node, Organization, Request, Resource, World};
use crate::oracle::generate::Random;
use serde_json::{Map, Value, json};

const ACCOUNTS: [&str; 5] = ["111122223333", "222233334444", "333344445555", "444455556666", "999988887777"];
/// In the tree of some worlds, without an `[[account]]`.
const TREE_ONLY: &str = "555566667777";
/// In no world.
const OUTSIDE: &str = "888877776666";
const ENDPOINTS: [&str; 2] = ["vpce-0a1b2c3d", "vpce-0a1b2c3d4e5f60718"];
const READ_ALL: &str = "arn:aws:iam::aws:policy/ReadAll";
const OPS: &str = "arn:aws:iam::aws:policy/job-function/Ops";
const FROM_LINES: &str = "arn:aws:iam::aws:policy/FromLines";
pub(super) const SAML: &str = "saml-provider/corp";
pub(super) const OIDC: &str = "oidc-provider/token.example.com/id";
const TEAMS: [&str; 3] = ["red", "blue", "Red"];

/// What a document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Endpoint,
    Resource,
    Trust,
}

#[derive(Clone, Debug)]
struct Target {
    action: &'static str,
    resource: String,
    /// The account that owns it, as far as anybody can know.
    owner: Option<String>,
}

struct Maker {
    random: Random,
    world: World,
    targets: Vec<Target>,
    /// ARNs, ids and accounts that `Principal` may name.
    principals: Vec<Value>,
    paths: Vec<String>,
}

/// The world of a seed.
pub(super) fn world(seed: u64, plain: bool, requests: usize) -> World {
    let random = Random(seed.wrapping_mul(0x5851_f42d_4c95_7f2d) ^ u64::from(plain));
    let world = World { seed, plain, ..World::default() };
    let mut maker = Maker { random, world, targets: Vec::new(), principals: Vec::new(), paths: Vec::new() };
    maker.name_everything();
    maker.list_targets();
    maker.list_principals();
    maker.fill();
    for _ in 0..requests {
        let request = maker.request();
        maker.world.requests.push(request);
    }
    maker.world
}

/// Actions of a service on what such an ARN names.
fn actions(arn: &str) -> &'static [&'static str] {
    let is = |part: &str| arn.contains(part);
    if is(":accesspoint/") {
        &["s3:GetObject", "s3:ListBucket"]
    } else if is(":s3:") && is("/") {
        &["s3:GetObject", "s3:GetObject", "s3:PutObject", "s3:GetObjectAcl", "s3:DeleteObject"]
    } else if is(":s3:") {
        &["s3:ListBucket", "s3:ListBucket", "s3:GetBucketAcl", "s3:PutBucketPolicy"]
    } else if is(":sqs:") {
        &["sqs:SendMessage", "sqs:ReceiveMessage"]
    } else if is(":dynamodb:") {
        &["dynamodb:GetItem", "dynamodb:Query"]
    } else if is(":lambda:") {
        &["lambda:InvokeFunction", "lambda:GetFunction"]
    } else if is(":kms:") && is(":alias/") {
        &["kms:CreateAlias"]
    } else if is(":kms:") {
        &["kms:Decrypt", "kms:Decrypt", "kms:DescribeKey", "kms:RetireGrant", "kms:ScheduleKeyDeletion"]
    } else if is(":secretsmanager:") {
        &["secretsmanager:GetSecretValue"]
    } else if is(":execute-api:") {
        &["execute-api:Invoke"]
    } else if is(":role/") {
        &["sts:AssumeRole", "sts:AssumeRole", "sts:AssumeRole", "sts:TagSession", "iam:PassRole", "iam:GetRole"]
    } else {
        &["iam:GetUser"]
    }
}

/// What a declared resource is asked for: itself, what belongs to it, and what only looks so.
fn beside(arn: &str) -> Vec<String> {
    let more: &[&str] = if arn.contains(":accesspoint/") {
        &["", "/object/k"]
    } else if arn.contains(":s3:") {
        &["", "/k", "/public/x.txt", "/", "-archive/k"]
    } else if arn.contains(":dynamodb:") {
        &["", "/index/by-name", "0", "/stream/2024-01-01T00:00:00.000"]
    } else if arn.contains(":lambda:") {
        &["", ":prod", ":$LATEST", "2"]
    } else if arn.contains(":execute-api:") {
        &["", "/prod/GET/pets", "4/prod/GET/pets"]
    } else if arn.contains(":sqs:") {
        &["", "-dead"]
    } else {
        &[""]
    };
    more.iter().map(|more| format!("{arn}{more}")).collect()
}

fn entity(account: &str, kind: &str, prefix: &str, name: &str, path: &str) -> Entity {
    let stem: String = name.to_uppercase().chars().filter(char::is_ascii_alphanumeric).take(6).collect();
    Entity {
        name: name.to_owned(),
        path: path.to_owned(),
        arn: format!("arn:aws:iam::{account}:{kind}{path}{name}"),
        id: format!("{prefix}{stem:X<6}{}", &account[..11]),
        ..Entity::default()
    }
}

impl Maker {
    fn chance(&mut self, percent: u64) -> bool {
        self.random.chance(percent)
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        self.random.pick(list)
    }

    fn any_target(&mut self) -> Target {
        let index = usize::try_from(self.random.below(u64::try_from(self.targets.len()).unwrap())).unwrap();
        self.targets[index].clone()
    }

    fn name_everything(&mut self) {
        let count = usize::try_from(1 + self.random.below(5)).unwrap();
        let mut ids = ACCOUNTS.to_vec();
        while ids.len() > count {
            let index = usize::try_from(self.random.below(u64::try_from(ids.len()).unwrap())).unwrap();
            ids.remove(index);
        }
        for (index, id) in ids.iter().enumerate() {
            let account = self.account(index, id);
            self.world.accounts.push(account);
        }
        if self.world.plain {
            return;
        }
        if self.chance(85) {
            self.organization();
        }
        for id in ENDPOINTS {
            if self.chance(60) {
                self.world.endpoints.push((id.to_owned(), Value::Null));
            }
        }
    }

    fn account(&mut self, index: usize, id: &str) -> Account {
        let mut account = Account { id: id.to_owned(), dump: index == 0 || self.chance(92), ..Account::default() };
        if !self.world.plain {
            if self.chance(70) {
                account.canonical = Some(format!("{:064x}", 0xabcd_0000 + index));
            }
            if self.chance(15) {
                account.block = Some(json!({ "RestrictPublicBuckets": true, "IgnorePublicAcls": self.chance(50) }));
            }
            self.resources(&mut account, index);
        }
        if !account.dump {
            return account;
        }
        for (name, path) in [("alice", "/"), ("bob", "/team/"), ("Carol.x", "/a/b/"), ("dave@corp", "/")] {
            if name == "alice" || self.chance(60) {
                let mut user = entity(id, "user", "AIDA", name, path);
                user.tags = self.tags();
                account.users.push(user);
            }
        }
        for (name, path) in [("devs", "/"), ("Ops", "/team/"), ("empty", "/")] {
            if self.chance(65) {
                account.groups.push(entity(id, "group", "AGPA", name, path));
            }
        }
        for (name, path) in
            [("app", "/svc/"), ("ci", "/"), ("AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/")]
        {
            if name == "app" || self.chance(if name == "ci" { 70 } else { 30 }) {
                let mut role = entity(id, "role", "AROA", name, path);
                role.tags = self.tags();
                account.roles.push(role);
            }
        }
        for (name, path) in [("pa", "/"), ("pb", "/team/"), ("Guard", "/"), ("limit", "/")] {
            if self.chance(75) {
                let arn = format!("arn:aws:iam::{id}:policy{path}{name}");
                account.policies.push(Managed {
                    name: name.to_owned(),
                    path: path.to_owned(),
                    arn,
                    versions: Vec::new(),
                    default: 0,
                });
            }
        }
        for (arn, path) in [(READ_ALL, "/"), (OPS, "/job-function/")] {
            if self.chance(70) {
                let name = arn.rsplit('/').next().unwrap().to_owned();
                account.policies.push(Managed {
                    name,
                    path: path.to_owned(),
                    arn: arn.to_owned(),
                    versions: Vec::new(),
                    default: 0,
                });
            }
        }
        if !self.world.plain {
            for user in &account.users {
                for number in 0..self.random.below(3) {
                    let stem: String = user.id[4..].chars().take(15).collect();
                    let id = format!("AKIA{stem}{number}");
                    account.keys.push(Key { user: user.name.clone(), id, active: self.random.chance(70) });
                }
            }
        }
        account
    }

    fn tags(&mut self) -> Vec<(String, String)> {
        let mut tags = Vec::new();
        if self.chance(60) {
            let key = self.pick(&["team", "Team"]);
            tags.push((key.to_owned(), self.pick(&TEAMS).to_owned()));
        }
        if self.chance(30) {
            tags.push(("cost center".to_owned(), self.pick(&["1", "2"]).to_owned()));
        }
        tags
    }

    fn resources(&mut self, account: &mut Account, index: usize) {
        let id = &account.id;
        let regional = |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:{id}:{rest}");
        let all = [
            format!("arn:aws:s3:::logs-{index}"),
            format!("arn:aws:s3:::logs-{index}-archive"),
            format!("arn:aws:s3:::data.{index}"),
            regional("sqs", "jobs"),
            regional("dynamodb", "table/T1"),
            regional("dynamodb", "table/T1-old"),
            regional("lambda", "function:Fn"),
            regional("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
            regional("secretsmanager", "secret:db-AbCdEf"),
            regional("s3", "accesspoint/ap"),
            regional("execute-api", "abc123"),
        ];
        for arn in all {
            if self.chance(55) {
                let mut resource = Resource { arn: arn.clone(), ..Resource::default() };
                if self.chance(15) {
                    let mut covers = vec![arn.clone()];
                    if arn.contains(":s3:::") {
                        covers.push(format!("{arn}/public/*"));
                    } else if arn.contains(":sqs:") {
                        covers.push(format!("{arn}-d?a*"));
                    } else if arn.contains("function:") {
                        covers.push(format!("{arn}:p*d"));
                    }
                    resource.covers = Some(covers);
                }
                account.resources.push(resource);
            }
        }
    }

    fn organization(&mut self) {
        let id = self.pick(&["o-a1b2c3d4e5", "o-zzzzzzzzzz0"]).to_owned();
        let mut organization = Organization {
            id,
            scp_enabled: self.chance(90),
            rcp_enabled: self.chance(90),
            root: Node { id: "r-ab12".to_owned(), ..Node::default() },
            ..Organization::default()
        };
        let mut number = 0;
        let mut root = Node { id: "r-ab12".to_owned(), ..Node::default() };
        self.units(&mut root, 0, &mut number);
        let mut members: Vec<String> = Vec::new();
        for account in self.world.accounts.clone() {
            if self.chance(80) {
                members.push(account.id);
            }
        }
        if self.chance(40) {
            members.push(TREE_ONLY.to_owned());
        }
        if members.is_empty() {
            members.push(self.world.accounts[0].id.clone());
        }
        organization.management = self.pick(&members);
        if self.chance(60) && !members.contains(&"123456789012".to_owned()) {
            // a management account of which nothing else is known
            members.push("123456789012".to_owned());
            "123456789012".clone_into(&mut organization.management);
        }
        for member in members {
            let place = usize::try_from(self.random.below(u64::from(number) + 1)).unwrap();
            put(&mut root, place, &mut 0, &member);
            if self.chance(55) {
                let entry = (self.attachments(false), self.attachments(true));
                organization.account_policies.insert(member, entry);
            }
        }
        self.attach(&mut root);
        organization.root = root;
        self.world.organization = Some(organization);
    }

    /// OUs below a node, at most five deep (R-EVAL-8).
    fn units(&mut self, node: &mut Node, depth: u32, number: &mut u32) {
        if depth == 5 {
            return;
        }
        let percent = if depth == 0 { 85 } else { 62 };
        for _ in 0..2 {
            if *number < 9 && self.chance(percent) {
                *number += 1;
                let mut unit = Node { id: format!("ou-ab12-{:08}", *number), ..Node::default() };
                self.units(&mut unit, depth + 1, number);
                node.units.push(unit);
            }
        }
    }

    fn attach(&mut self, node: &mut Node) {
        node.scps = self.attachments(false);
        node.rcps = self.attachments(true);
        for unit in &mut node.units {
            self.attach(unit);
        }
    }

    /// Policy ids of one node; their documents are made later.
    fn attachments(&mut self, rcp: bool) -> Option<Vec<String>> {
        if self.chance(60) {
            return None;
        }
        if rcp {
            let mut ids = Vec::new();
            if self.chance(70) {
                ids.push("p-RCPFullAWSAccess".to_owned());
            }
            for id in ["p-rcpone01", "p-rcptwo02"] {
                if self.chance(45) {
                    ids.push(id.to_owned());
                }
            }
            return Some(ids);
        }
        if self.chance(4) {
            return Some(Vec::new());
        }
        let mut ids = Vec::new();
        if self.chance(75) {
            ids.push("p-FullAWSAccess".to_owned());
        } else {
            ids.push("p-allowlist".to_owned());
        }
        for id in ["p-guard001", "p-Guard_02"] {
            if self.chance(35) {
                ids.push(id.to_owned());
            }
        }
        Some(ids)
    }

    fn list_targets(&mut self) {
        let mut targets = Vec::new();
        let mut add = |resource: String, owner: Option<&str>| {
            for action in actions(&resource) {
                targets.push(Target { action, resource: resource.clone(), owner: owner.map(str::to_owned) });
            }
        };
        for account in &self.world.accounts {
            let id = account.id.as_str();
            for resource in &account.resources {
                for arn in beside(&resource.arn) {
                    add(arn, Some(id));
                }
            }
            for role in account.roles.iter().take(2) {
                add(role.arn.clone(), Some(id));
            }
            add(format!("arn:aws:iam::{id}:role/ghost"), Some(id));
            add(format!("arn:aws:iam::{id}:user/alice"), Some(id));
            add(format!("arn:aws:sqs:us-east-1:{id}:ghost"), Some(id));
            add(format!("arn:aws:kms:us-east-1:{id}:alias/app"), Some(id));
            add(format!("arn:aws:kms:us-east-1:{id}:alias/aws/s3"), Some(id));
        }
        for id in [TREE_ONLY, OUTSIDE] {
            add(format!("arn:aws:sqs:us-east-1:{id}:far"), Some(id));
        }
        add("arn:aws:s3:::nobodys/k".to_owned(), None);
        add("arn:aws:s3:::nobodys".to_owned(), None);
        for action in ["s3:ListAllMyBuckets", "ec2:DescribeInstances", "sts:GetCallerIdentity", "sts:GetSessionToken"] {
            targets.push(Target { action, resource: "*".to_owned(), owner: None });
        }
        targets.push(Target { action: "iam:GetPolicy", resource: READ_ALL.to_owned(), owner: None });
        self.targets = targets;
    }

    fn list_principals(&mut self) {
        let mut all: Vec<Value> = Vec::new();
        let mut add = |text: String| all.push(json!({ "AWS": text }));
        for account in &self.world.accounts {
            let id = &account.id;
            add(id.clone());
            add(format!("arn:aws:iam::{id}:root"));
            for user in &account.users {
                add(user.arn.clone());
                add(format!("arn:aws:sts::{id}:federated-user/f-{}", user.name));
            }
            if let Some(user) = account.users.first() {
                add(user.id.clone());
            }
            for role in account.roles.iter().take(2) {
                add(role.arn.clone());
                add(format!("arn:aws:sts::{id}:assumed-role/{}/s1", role.name));
                add(role.id.clone());
            }
        }
        add(OUTSIDE.to_owned());
        add(format!("arn:aws:iam::{OUTSIDE}:user/eve"));
        add(format!("arn:aws:iam::{OUTSIDE}:role/evil"));
        for account in &self.world.accounts {
            if let Some(id) = &account.canonical {
                all.push(json!({ "CanonicalUser": id }));
            }
        }
        for service in ["lambda.amazonaws.com", "ec2.amazonaws.com"] {
            all.push(json!({ "Service": service }));
        }
        self.principals = all;
        if let Some(organization) = &self.world.organization {
            let id = &organization.id;
            self.paths = vec![format!("{id}/*"), format!("{id}/r-ab12/"), format!("{id}/r-ab12/ou-ab12-00000001/*")];
        } else {
            self.paths = vec!["o-a1b2c3d4e5/*".to_owned()];
        }
    }

    // documents

    fn fill(&mut self) {
        let shared = [self.document(For::Identity), self.document(For::Identity)];
        let accounts = std::mem::take(&mut self.world.accounts);
        for named in ["Reader", "Extra", "deny-some"] {
            if self.chance(70) {
                let document = self.document(For::Identity);
                let line = self.world.plain && self.chance(50) || named == "Extra";
                let arn = None;
                self.world.named.push(Named { name: named.to_owned(), arn, session: false, line, document });
            }
        }
        let from_lines = self.chance(60);
        if from_lines {
            let document = self.document(For::Identity);
            let arn = Some(FROM_LINES.to_owned());
            self.world.named.push(Named { name: "FromLines".to_owned(), arn, session: false, line: true, document });
        }
        if !self.world.plain {
            for name in ["scope", "Narrow"] {
                if self.chance(80) {
                    let document = self.document(For::Session);
                    self.world.named.push(Named {
                        name: name.to_owned(),
                        arn: None,
                        session: true,
                        line: false,
                        document,
                    });
                }
            }
        }
        for mut account in accounts {
            self.fill_account(&mut account, &shared, from_lines);
            self.world.accounts.push(account);
        }
        for index in 0..self.world.endpoints.len() {
            self.world.endpoints[index].1 = self.document(For::Endpoint);
        }
        if let Some(mut organization) = self.world.organization.take() {
            for (id, name) in [("p-guard001", "Guard"), ("p-Guard_02", "guard two"), ("p-allowlist", "AllowList")] {
                let mut document = self.document(For::Scp);
                if id == "p-allowlist" {
                    document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Resource": "*",
                        "Action": ["s3:*", "sts:*", "sqs:Send*", "kms:*", "lambda:*", "dynamodb:*", "ec2:*"] }] });
                }
                organization.policies.insert(id.to_owned(), (name.to_owned(), false, document));
            }
            for (id, name) in [("p-rcpone01", "Perimeter"), ("p-rcptwo02", "Other")] {
                let document = self.document(For::Rcp);
                organization.policies.insert(id.to_owned(), (name.to_owned(), true, document));
            }
            self.world.organization = Some(organization);
        }
    }

    fn fill_account(&mut self, account: &mut Account, shared: &[Value; 2], from_lines: bool) {
        for policy in &mut account.policies {
            let count = 1 + self.random.below(3);
            policy.default = usize::try_from(self.random.below(count)).unwrap();
            for number in 1..=count {
                let document = if policy.name == "limit" { For::Boundary } else { For::Identity };
                let document = self.document(document);
                policy.versions.push((format!("v{number}"), document));
            }
            // AWS managed policies are mostly the same everywhere
            for (arn, document) in [READ_ALL, OPS].iter().zip(shared) {
                if policy.arn == *arn && self.chance(75) {
                    policy.versions[policy.default].1 = document.clone();
                }
            }
        }
        let mut arns: Vec<String> = account.policies.iter().map(|policy| policy.arn.clone()).collect();
        if from_lines {
            arns.push(FROM_LINES.to_owned());
        }
        let group_names: Vec<String> = account.groups.iter().map(|group| group.name.clone()).collect();
        let id = account.id.clone();
        for group in &mut account.groups {
            self.permissions(group, &arns, 50);
        }
        for user in &mut account.users {
            self.permissions(user, &arns, 60);
            self.boundary(user, &arns);
            user.groups = group_names.iter().filter(|_| self.random.chance(45)).cloned().collect();
        }
        for role in &mut account.roles {
            self.permissions(role, &arns, 70);
            if !role.path.starts_with("/aws-service-role/") {
                self.boundary(role, &arns);
            }
            role.trust = Some(self.trust(&id));
        }
        for index in 0..account.resources.len() {
            let filled = self.fill_resource(account.resources[index].clone(), account);
            account.resources[index] = filled;
        }
    }

    fn permissions(&mut self, entity: &mut Entity, arns: &[String], percent: u64) {
        for name in ["inline", "more"] {
            if self.chance(percent / 2) {
                let document = self.document(For::Identity);
                entity.inline.push((name.to_owned(), document));
            }
        }
        for arn in arns {
            if !arn.ends_with("/limit") && self.chance(percent / 3) {
                entity.attached.push(arn.clone());
            }
        }
    }

    fn boundary(&mut self, entity: &mut Entity, arns: &[String]) {
        if !arns.is_empty() && self.chance(30) {
            let limit = arns.iter().find(|arn| arn.ends_with("/limit")).cloned();
            entity.boundary = Some(match limit {
                Some(limit) if self.chance(75) => limit,
                _ => self.pick(arns),
            });
        }
    }

    fn fill_resource(&mut self, mut resource: Resource, account: &Account) -> Resource {
        if self.chance(85) || !resource.arn.contains(":s3:::") {
            let mut document = self.document_about(For::Resource, Some(&resource.arn));
            if resource.arn.contains(":kms:") && self.chance(60) {
                let delegation = json!({ "Sid": "Enable IAM User Permissions", "Effect": "Allow",
                    "Principal": { "AWS": format!("arn:aws:iam::{}:root", account.id) }, "Action": "kms:*", "Resource": "*" });
                document["Statement"].as_array_mut().unwrap().push(delegation);
            }
            resource.policy = Some(document);
        }
        if resource.arn.contains(":s3:::") {
            if self.chance(60) {
                let all = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter", "ObjectWriter"];
                resource.ownership = Some(self.pick(&all));
            }
            if self.chance(60) {
                resource.acl = Some(self.acl(account));
            }
            if self.chance(25) {
                resource.block =
                    Some(json!({ "RestrictPublicBuckets": self.chance(60), "IgnorePublicAcls": self.chance(50),
                    "BlockPublicAcls": true, "BlockPublicPolicy": false }));
            }
        }
        resource
    }

    fn acl(&mut self, account: &Account) -> Value {
        let owner = account.canonical.clone().unwrap_or_else(|| "c".repeat(64));
        let mut grants =
            vec![json!({ "Grantee": { "Type": "CanonicalUser", "ID": owner }, "Permission": "FULL_CONTROL" })];
        let others: Vec<String> = (0..5).map(|index| format!("{:064x}", 0xabcd_0000_u64 + index)).collect();
        for _ in 0..self.random.below(4) {
            let grantee = match self.random.below(4) {
                0 => json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers" }),
                1 => json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" }),
                2 => json!({ "Type": "CanonicalUser", "ID": self.pick(&others), "DisplayName": "somebody" }),
                _ => json!({ "Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery" }),
            };
            let permission = self.pick(&["READ", "READ", "WRITE", "READ_ACP", "FULL_CONTROL", "WRITE_ACP"]);
            grants.push(json!({ "Grantee": grantee, "Permission": permission }));
        }
        json!({ "Owner": { "ID": owner }, "Grants": grants })
    }

    fn trust(&mut self, account: &str) -> Value {
        let mut statements = Vec::new();
        for _ in 0..=self.random.below(3) {
            let roll = self.random.below(100);
            let (principal, action) = if roll < 12 {
                (json!({ "Federated": format!("arn:aws:iam::{account}:{SAML}") }), json!("sts:AssumeRoleWithSAML"))
            } else if roll < 24 {
                let action = json!(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
                (json!({ "Federated": format!("arn:aws:iam::{account}:{OIDC}") }), action)
            } else if roll < 32 {
                (json!("*"), json!("sts:AssumeRole"))
            } else if roll < 45 {
                (json!({ "AWS": account }), json!("sts:AssumeRole"))
            } else {
                let mut principal = self.pick(&self.principals.clone());
                while principal.get("CanonicalUser").is_some() {
                    principal = self.pick(&self.principals.clone());
                }
                let action = self.pick(&[json!("sts:AssumeRole"), json!(["sts:AssumeRole", "sts:TagSession"])]);
                (principal, action)
            };
            let effect = if self.chance(12) { "Deny" } else { "Allow" };
            let mut statement = json!({ "Effect": effect, "Principal": principal, "Action": action });
            if self.chance(25) {
                statement["Condition"] = self.condition(For::Trust);
            }
            statements.push(statement);
        }
        let version = self.pick(&["2012-10-17", "2012-10-17", "2008-10-17"]);
        json!({ "Version": version, "Statement": statements })
    }

    fn document(&mut self, what: For) -> Value {
        self.document_about(what, None)
    }

    fn document_about(&mut self, what: For, about: Option<&str>) -> Value {
        let mut statements = Vec::new();
        let open = match what {
            For::Identity => 22,
            For::Boundary | For::Session => 45,
            For::Scp | For::Endpoint => 55,
            For::Rcp | For::Resource | For::Trust => 0,
        };
        if self.chance(open) {
            let mut statement = json!({ "Sid": "Open", "Effect": "Allow", "Action": "*", "Resource": "*" });
            if what == For::Endpoint {
                statement["Principal"] = json!("*");
            }
            statements.push(statement);
        }
        for _ in 0..=self.random.below(2) {
            let deny = match what {
                For::Rcp => 100,
                For::Scp => 75,
                For::Endpoint | For::Boundary => 30,
                For::Resource => 22,
                For::Identity | For::Session | For::Trust => 18,
            };
            let deny = self.chance(deny);
            statements.push(self.statement(what, deny, about));
        }
        let mut version = "2012-10-17";
        if matches!(what, For::Resource | For::Endpoint) && self.chance(10) {
            version = "2008-10-17";
        }
        json!({ "Version": version, "Statement": statements })
    }

    fn statement(&mut self, what: For, deny: bool, about: Option<&str>) -> Value {
        let mut target = self.any_target();
        if let Some(about) = about {
            let near = beside(about);
            let resource = self.pick(&near);
            target = Target { action: self.pick(actions(&resource)), resource, owner: None };
        }
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), json!(if deny { "Deny" } else { "Allow" }));
        match what {
            For::Rcp => drop(statement.insert("Principal".to_owned(), json!("*"))),
            For::Resource | For::Endpoint => {
                let (name, principal) =
                    self.principal(deny, what == For::Resource && about.is_some_and(|arn| arn.contains(":s3:::")));
                statement.insert(name.to_owned(), principal);
            }
            For::Identity | For::Boundary | For::Session | For::Scp | For::Trust => {}
        }
        let service = target.action.split(':').next().unwrap();
        let others: Vec<&str> = self.targets.iter().map(|target| target.action).collect();
        let roll = self.random.below(100);
        let action = if roll < 30 {
            json!(format!("{service}:*"))
        } else if roll < 55 {
            json!(target.action)
        } else if roll < 70 {
            json!([target.action, self.pick(&others), self.pick(&others)])
        } else if roll < 85 {
            let (service, name) = target.action.split_once(':').unwrap();
            json!(format!("{service}:{}*", &name[..3]))
        } else if what == For::Rcp || what == For::Resource || deny {
            json!(format!("{service}:*"))
        } else {
            json!("*")
        };
        if roll >= 97 && matches!(what, For::Identity | For::Scp | For::Boundary | For::Session) {
            statement.insert("NotAction".to_owned(), json!([self.pick(&others), "iam:*"]));
        } else {
            statement.insert("Action".to_owned(), action);
        }
        let roll = self.random.below(100);
        let resource = if roll < 45 {
            json!("*")
        } else if roll < 70 {
            json!(target.resource)
        } else if roll < 85 && target.resource.len() > 4 {
            let keep = target.resource.len() - usize::try_from(1 + self.random.below(3)).unwrap();
            json!(format!("{}*", &target.resource[..keep]))
        } else {
            let other = self.any_target();
            json!([target.resource, other.resource])
        };
        if (90..94).contains(&roll) && about.is_none() {
            statement.insert("NotResource".to_owned(), json!([target.resource, "arn:aws:s3:::never/*"]));
        } else {
            statement.insert("Resource".to_owned(), resource);
        }
        if self.chance(if deny { 65 } else { 22 }) {
            let condition = self.condition(what);
            statement.insert("Condition".to_owned(), condition);
        }
        Value::Object(statement)
    }

    fn principal(&mut self, deny: bool, bucket: bool) -> (&'static str, Value) {
        let roll = self.random.below(100);
        let principals: Vec<Value> =
            self.principals.iter().filter(|one| bucket || one.get("CanonicalUser").is_none()).cloned().collect();
        if deny && roll < 15 {
            let first = self.pick(&principals);
            return ("NotPrincipal", first);
        }
        let value = if roll < 25 {
            self.pick(&[json!("*"), json!({ "AWS": "*" })])
        } else if roll < 55 {
            let one = |maker: &mut Maker| {
                let aws: Vec<Value> = principals.iter().filter_map(|one| one.get("AWS")).cloned().collect();
                maker.pick(&aws)
            };
            json!({ "AWS": [one(self), one(self), one(self)] })
        } else {
            self.pick(&principals)
        };
        ("Principal", value)
    }

    /// One or two tests, of derived keys above all.
    fn condition(&mut self, what: For) -> Value {
        let mut condition = Map::new();
        for _ in 0..=u64::from(self.chance(20)) {
            let (operator, key, value) = self.test(what);
            condition.insert(operator, json!({ key: value }));
        }
        Value::Object(condition)
    }

    fn test(&mut self, what: For) -> (String, String, Value) {
        let organizations = self.world.organization.as_ref().map_or("o-a1b2c3d4e5", |one| &one.id).to_owned();
        let accounts: Vec<String> =
            self.world.accounts.iter().map(|account| account.id.clone()).chain([OUTSIDE.to_owned()]).collect();
        let account = self.pick(&accounts);
        let arns: Vec<Value> = self.principals.iter().filter_map(|one| one.get("AWS")).cloned().collect();
        let arn = self.pick(&arns);
        let arn = if arn.as_str().unwrap().starts_with("arn:") { arn } else { json!("arn:aws:iam::*:role/svc/*") };
        let path = self.pick(&self.paths.clone());
        let team = self.pick(&TEAMS);
        let negated = if self.chance(40) { "Not" } else { "" };
        let suffix = if self.chance(30) { "IfExists" } else { "" };
        let string = format!("String{negated}Equals{suffix}");
        let like = format!("String{negated}Like{suffix}");
        let both = |operator: String, key: &str, value: Value| (operator, key.to_owned(), value);
        match self.random.below(21) {
            0 | 1 => both(string, "aws:PrincipalOrgID", json!(organizations)),
            2 => both(string, "aws:ResourceOrgID", self.pick(&[json!(organizations), json!("${aws:PrincipalOrgID}")])),
            3 => both(format!("ForAnyValue:String{negated}Like"), "aws:PrincipalOrgPaths", json!(path)),
            4 => both(format!("ForAllValues:String{negated}Like"), "aws:ResourceOrgPaths", json!([path, "o-none/*"])),
            5 => both(string, "aws:ResourceAccount", self.pick(&[json!(account), json!("${aws:PrincipalAccount}")])),
            6 => both(string, "aws:PrincipalAccount", json!([account, "anonymous"])),
            7 | 8 => both(string, "aws:PrincipalTag/team", json!(team)),
            9 => both(string, "aws:PrincipalTag/cost center", json!(["1", "3"])),
            10 => both(format!("Arn{negated}Like"), "aws:PrincipalArn", arn),
            11 => both(
                string,
                "aws:PrincipalType",
                json!(self.pick(&["User", "AssumedRole", "Account", "FederatedUser"])),
            ),
            12 => both(like, "aws:userid", json!(self.pick(&["AIDAALICE*", "*:s1", "AROAAPP*", "111122223333*"]))),
            13 => both(like, "aws:username", json!(self.pick(&["alice", "b*", "*"]))),
            14 => both(string, "aws:SourceVpce", json!(self.pick(&ENDPOINTS))),
            15 => both("Bool".to_owned() + suffix, "aws:PrincipalIsAWSService", json!(self.chance(50))),
            16 => {
                let key = [
                    "aws:PrincipalOrgID",
                    "aws:SourceVpce",
                    "aws:username",
                    "aws:ResourceOrgID",
                    "aws:ResourceAccount",
                    "aws:userid",
                ];
                both("Null".to_owned(), self.pick(&key), json!(self.chance(50)))
            }
            17 => both(string, "aws:SourceIdentity", json!("ann")),
            18 => both("Bool".to_owned() + suffix, "aws:SecureTransport", json!(self.chance(50))),
            19 if what == For::Trust => both(string, "sts:ExternalId", json!("x1")),
            19 => both(string, "aws:RequestedRegion", json!("us-east-1")),
            _ => both(string, "AWS:principaltag/TEAM", json!(["${aws:PrincipalTag/Team}", "green"])),
        }
    }

    // requests

    fn request(&mut self) -> Request {
        let all = 0..self.world.accounts.len();
        let known: Vec<usize> = all.filter(|index| self.world.accounts[*index].dump).collect();
        let index = self.pick(&known);
        let account = self.world.accounts[index].clone();
        let who = self.who();
        let mut target = self.target(&account, who);
        let mut line = Map::new();
        self.principal_of(who, &account, &target, &mut line);
        if who == "idp" {
            let saml = line["principal"]["provider"].as_str().unwrap().contains("saml");
            target.action = if saml { "sts:AssumeRoleWithSAML" } else { "sts:AssumeRoleWithWebIdentity" };
        }
        line.insert("action".to_owned(), json!(target.action));
        line.insert("resource".to_owned(), json!(target.resource));
        self.options(who, &account, &target, &mut line);
        let context = self.context(who, &line);
        if !context.is_empty() || self.chance(30) {
            line.insert("context".to_owned(), Value::Object(context));
        }
        Request { who, line: Value::Object(line) }
    }

    fn who(&mut self) -> &'static str {
        let roll = self.random.below(100);
        let mut from = 0;
        for (share, who) in [
            (30, "user"),
            (20, "session"),
            (3, "linked"),
            (6, "root"),
            (5, "service"),
            (5, "anonymous"),
            (4, "idp"),
            (3, "unknown user"),
            (2, "unknown role"),
            (6, "federated user"),
            (1, "unknown federated user"),
            (4, "outside user"),
            (2, "outside session"),
            (1, "outside root"),
            (6, "key"),
        ] {
            from += share;
            if roll < from {
                return match who {
                    "key" if self.world.plain => "user",
                    _ => who,
                };
            }
        }
        "nameless"
    }

    fn target(&mut self, account: &Account, who: &str) -> Target {
        let roles: Vec<Target> =
            self.targets.iter().filter(|target| target.action == "sts:AssumeRole").cloned().collect();
        if who == "idp" {
            return self.pick(&roles);
        }
        let percent = if self.world.plain { 40 } else { 10 };
        if self.chance(percent) {
            return self.pick(&roles);
        }
        let own: Vec<Target> =
            self.targets.iter().filter(|target| target.owner.as_ref() == Some(&account.id)).cloned().collect();
        if self.chance(45) { self.pick(&own) } else { self.any_target() }
    }

    fn principal_of(&mut self, who: &str, account: &Account, target: &Target, line: &mut Map<String, Value>) {
        let mut id = &account.id;
        // in the tree of some worlds, so that SCPs apply to those of whom nothing else is known
        let far = self.pick(&[OUTSIDE, OUTSIDE, TREE_ONLY]);
        let empty = self.world.accounts.iter().find(|account| !account.dump).map(|account| account.id.clone());
        if let Some(empty) = &empty
            && who.starts_with("unknown")
            && !self.world.plain
            && self.chance(40)
        {
            id = empty;
        }
        let user = self.pick(&account.users);
        let session_of = |role: &str, name: &str| format!("arn:aws:sts::{id}:assumed-role/{role}/{name}");
        let name = self.pick(&["s1", "s1", "s2"]);
        let principal = match who {
            "user" => json!(user.arn),
            "session" => {
                let role = self.pick(&account.roles[..account.roles.len().min(2)]);
                let arn = session_of(&role.name, name);
                if self.chance(15) {
                    json!({ "type": "RoleSession", "arn": arn, "roleArn": role.arn })
                } else {
                    json!(arn)
                }
            }
            "linked" => match account.roles.iter().find(|role| role.path.starts_with("/aws-service-role/")) {
                Some(role) => json!(session_of(&role.name, name)),
                None => json!(session_of("app", name)),
            },
            "root" => json!(format!("arn:aws:iam::{id}:root")),
            "service" => json!(self.pick(&["lambda.amazonaws.com", "ec2.amazonaws.com", "other.amazonaws.com"])),
            "anonymous" => json!("anonymous"),
            "idp" => {
                let owner = target.owner.clone().unwrap_or_default();
                let provider = self.pick(&[SAML, OIDC]);
                json!({ "type": "FederatedIdp", "provider": format!("arn:aws:iam::{owner}:{provider}") })
            }
            "unknown user" => {
                let name = self.pick(&["user/nobody", "user/Alice", "user/x/alice", "user/team/nobody"]);
                json!(format!("arn:aws:iam::{id}:{name}"))
            }
            "unknown role" => json!(session_of(self.pick(&["ghost", "App"]), name)),
            "federated user" => {
                let arn = format!("arn:aws:sts::{id}:federated-user/f-{}", user.name);
                json!({ "type": "FedUser", "arn": arn, "issuerArn": user.arn })
            }
            "unknown federated user" => {
                let arn = format!("arn:aws:sts::{id}:federated-user/f-alice");
                json!({ "type": "FedUser", "arn": arn, "issuerArn": format!("arn:aws:iam::{id}:user/nobody") })
            }
            "outside user" => json!(format!("arn:aws:iam::{far}:user/{}", self.pick(&["eve", "alice"]))),
            "outside session" => {
                let arn = format!("arn:aws:sts::{far}:assumed-role/evil/{name}");
                if self.chance(50) {
                    json!(arn)
                } else {
                    let role = format!("arn:aws:iam::{far}:role/x/evil");
                    json!({ "type": "RoleSession", "arn": arn, "roleArn": role })
                }
            }
            "outside root" => json!(format!("arn:aws:iam::{far}:root")),
            "key" => {
                let keys: Vec<String> = account.keys.iter().map(|key| key.id.clone()).collect();
                let key = if keys.is_empty() || self.chance(10) {
                    "AKIANOBODYKNOWSTHIS0".to_owned()
                } else {
                    self.pick(&keys)
                };
                line.insert("accessKeyId".to_owned(), json!(key));
                if self.chance(75) {
                    return;
                }
                json!(user.arn)
            }
            _ => {
                let names = self.policy_names(account);
                line.insert("policies".to_owned(), json!(names));
                return;
            }
        };
        line.insert("principal".to_owned(), principal);
    }

    /// Names for `policies`, seldom one that is not there.
    fn policy_names(&mut self, account: &Account) -> Vec<String> {
        let mut names: Vec<String> =
            self.world.named.iter().filter(|named| !named.session).map(|named| named.name.clone()).collect();
        for policy in account.policies.iter().filter(|policy| !policy.arn.contains("::aws:")) {
            names.push(policy.arn.clone());
            names.push(format!("{}:{}", account.id, policy.name));
        }
        if names.is_empty() || self.chance(4) {
            let wrong = self.pick(&["nobody", "reader", "scope", "111122223333:none"]);
            return vec![wrong.to_owned()];
        }
        if self.chance(25) { vec![self.pick(&names), self.pick(&names)] } else { vec![self.pick(&names)] }
    }

    fn options(&mut self, who: &'static str, account: &Account, target: &Target, line: &mut Map<String, Value>) {
        let is = |list: &[&str]| list.contains(&who);
        if is(&[
            "user",
            "session",
            "federated user",
            "unknown user",
            "unknown role",
            "outside user",
            "outside session",
            "key",
        ]) && self.chance(if who.starts_with("outside") { 40 } else { 12 })
        {
            let names = self.policy_names(account);
            line.insert("policies".to_owned(), json!(names));
        }
        // policies for those who cannot have them are passed over (R-EVAL-1)
        if is(&["root", "service", "anonymous", "outside root"]) && self.chance(6) {
            let names = self.policy_names(account);
            line.insert("policies".to_owned(), json!(names));
        }
        if is(&["user", "root", "service", "anonymous", "outside user"]) && self.chance(5) {
            let document = self.document(For::Session);
            line.insert("sessionPolicyDocuments".to_owned(), json!([document]));
        }
        let sessions = is(&["session", "federated user", "outside session"]);
        if sessions && self.chance(if who == "federated user" { 75 } else { 25 }) {
            let names: Vec<String> =
                self.world.named.iter().filter(|named| named.session).map(|named| named.name.clone()).collect();
            if !names.is_empty() && self.chance(60) {
                let wrong = self.chance(3);
                let name = if wrong { "Reader".to_owned() } else { self.pick(&names) };
                line.insert("sessionPolicies".to_owned(), json!([name]));
            }
            if self.chance(60) {
                let document = self.document(For::Session);
                line.insert("sessionPolicyDocuments".to_owned(), json!([document]));
            }
        }
        if is(&["session", "outside session", "federated user"]) {
            if self.chance(25) {
                let key = self.pick(&["team", "TEAM", "cost center"]);
                let value = self.pick(&["red", "blue", "1"]);
                line.insert("sessionTags".to_owned(), json!({ key: value }));
            }
            if who != "federated user" && self.chance(15) {
                line.insert("sourceIdentity".to_owned(), json!(self.pick(&["ann", "ben"])));
            }
        }
        if is(&["user", "key"]) && self.chance(12) {
            let kind = self.pick(&["longTerm", "console", "getSessionToken", "getSessionToken"]);
            line.insert("credentials".to_owned(), json!(kind));
        }
        if !self.world.plain && self.chance(18) {
            let known: Vec<String> = self.world.endpoints.iter().map(|(id, _)| id.clone()).collect();
            if self.chance(4) {
                line.insert("endpoint".to_owned(), json!("vpce-0ffffffff"));
            } else if !known.is_empty() {
                line.insert("endpoint".to_owned(), json!(self.pick(&known)));
            }
        }
        if self.chance(25) && target.resource != "*" && !target.resource.contains("::aws:") {
            let others: Vec<String> = self.world.accounts.iter().map(|account| account.id.clone()).collect();
            let right = target.owner.clone().unwrap_or_else(|| self.random.pick(&others));
            let given = if self.chance(8) { self.pick(&others) } else { right };
            line.insert("resourceAccount".to_owned(), json!(given));
        }
        let object = target.resource.starts_with("arn:aws:s3:::") && target.resource.contains('/');
        let declared = self.world.accounts.iter().flat_map(|account| &account.resources).any(|resource| {
            resource.arn.contains(":s3:::")
                && target.resource.starts_with(&format!("{}/", resource.arn))
                && resource.covers.is_none()
        });
        if object && declared && self.chance(35) {
            let owners: Vec<String> = self.world.accounts.iter().map(|account| account.id.clone()).collect();
            line.insert("objectOwner".to_owned(), json!(self.pick(&owners)));
        }
    }

    fn context(&mut self, who: &str, line: &Map<String, Value>) -> Map<String, Value> {
        let mut context = Map::new();
        let mut put = |key: &str, value: Value| drop(context.insert(key.to_owned(), value));
        if self.chance(20) && (!line.contains_key("endpoint") || self.chance(15)) {
            put("aws:SourceVpce", json!(self.pick(&[ENDPOINTS[0], ENDPOINTS[1], "vpce-0eeeeeeee"])));
        }
        if self.chance(50) {
            put("aws:SecureTransport", json!(self.chance(50)));
        }
        if self.chance(30) {
            put("aws:RequestedRegion", json!(self.pick(&["us-east-1", "eu-west-1"])));
        }
        if self.chance(20) {
            put("sts:ExternalId", json!(self.pick(&["x1", "x2"])));
        }
        if who == "idp" {
            // R-KEY-2 gives these to unsigned requests; R-PRI-19 has no row for identity providers
            put("aws:PrincipalType", json!("Anonymous"));
            put("aws:PrincipalAccount", json!("anonymous"));
            return context;
        }
        if line.contains_key("credentials") && self.chance(50) {
            put("aws:MultiFactorAuthPresent", json!(self.chance(50)));
        }
        let organization = json!(self.pick(&["o-a1b2c3d4e5", "o-zzzzzzzzzz0"]));
        if ["outside user", "outside session"].contains(&who) && self.chance(30) {
            put("aws:PrincipalTag/team", json!(self.pick(&TEAMS)));
        }
        // what a requester may not claim where the world knows better
        if self.chance(8) {
            let key = self.pick(&["aws:PrincipalOrgID", "AWS:ResourceOrgId", "aws:principalorgid"]);
            put(key, organization);
        }
        if self.chance(6) {
            put("aws:username", json!("alice"));
        }
        if self.chance(6) {
            put(self.pick(&["aws:ResourceAccount", "aws:PrincipalAccount"]), json!("111122223333"));
        }
        context
    }
}

/// Puts an account at the `place`-th node of the tree, in preorder.
fn put(node: &mut Node, place: usize, number: &mut usize, account: &str) {
    if *number == place {
        node.accounts.push(account.to_owned());
    }
    *number += 1;
    for unit in &mut node.units {
        put(unit, place, number, account);
    }
}
