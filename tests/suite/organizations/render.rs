//! Writes a world as the files of `world.md`, in all the spellings that it allows.

use super::model::{Account, Entity, Managed, Node, World};
use crate::oracle::generate::Random;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Arguments of `iamc compile`, relative to the directory.
    pub(super) inputs: Vec<String>,
    /// How often each spelling was used.
    pub(super) spellings: BTreeMap<&'static str, u64>,
}

struct Renderer<'a> {
    directory: &'a Path,
    random: Random,
    written: Written,
    manifest: String,
}

/// Writes the world below an existing directory.
pub(super) fn render(world: &World, directory: &Path) -> Written {
    let random = Random(world.seed ^ 0x00c0_ffee);
    let mut renderer = Renderer { directory, random, written: Written::default(), manifest: String::new() };
    if world.plain {
        renderer.plain(world);
    } else {
        renderer.organized(world);
    }
    renderer.written
}

impl Renderer<'_> {
    fn count(&mut self, spelling: &'static str) {
        *self.written.spellings.entry(spelling).or_default() += 1;
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Pretty or minified.
    fn text(&mut self, value: &Value) -> String {
        if self.random.chance(50) {
            self.count("pretty");
            serde_json::to_string_pretty(value).unwrap()
        } else {
            self.count("minified");
            value.to_string()
        }
    }

    fn plain(&mut self, world: &World) {
        for account in &world.accounts {
            if account.dump {
                let name = format!("account-{}.json", account.id);
                let text = self.dump(account);
                self.file(&name, &text);
                self.written.inputs.push(name);
            }
        }
        self.named(world);
    }

    /// Files of named policies; the files of each kind.
    fn named(&mut self, world: &World) -> [Vec<String>; 3] {
        let mut files = [Vec::new(), Vec::new(), Vec::new()];
        let mut lines = String::new();
        for named in &world.named {
            if named.line {
                let mut line = json!({ "name": named.name, "document": named.document });
                if let Some(arn) = &named.arn {
                    line["arn"] = json!(arn);
                }
                writeln!(lines, "{line}").unwrap();
            } else {
                let folder = if named.session { "session" } else { "identity" };
                let name = format!("policies/{folder}/{}.json", named.name);
                let envelope = match self.random.below(4) {
                    0 => {
                        json!({ "PolicyVersion": { "Document": named.document, "VersionId": "v1", "IsDefaultVersion": true } })
                    }
                    1 => json!({ "PolicyName": named.name, "PolicyDocument": named.document }),
                    _ => named.document.clone(),
                };
                let text = self.text(&envelope);
                self.file(&name, &text);
                if world.plain {
                    self.written.inputs.push(name.clone());
                }
                files[usize::from(named.session)].push(name);
            }
        }
        if !lines.is_empty() {
            self.file("policies/lines.jsonl", &lines);
            if world.plain {
                self.written.inputs.push("policies/lines.jsonl".to_owned());
            }
            files[2].push("policies/lines.jsonl".to_owned());
        }
        files
    }

    fn organized(&mut self, world: &World) {
        let mut manifest = String::new();
        if let Some(organization) = &world.organization {
            writeln!(manifest, "[organization]\nid = \"{}\"", organization.id).unwrap();
            writeln!(manifest, "management-account = \"{}\"\ntree = \"organization.json\"\n", organization.management)
                .unwrap();
            let mut root = node(&organization.root);
            if !organization.scp_enabled || !organization.rcp_enabled || self.random.chance(30) {
                let mut types = Vec::new();
                if organization.scp_enabled {
                    types.push("SERVICE_CONTROL_POLICY");
                }
                if organization.rcp_enabled {
                    types.push("RESOURCE_CONTROL_POLICY");
                }
                root["policyTypes"] = json!(types);
            }
            let mut policies = Map::new();
            for (id, (name, rcp, document)) in &organization.policies {
                let content = if self.random.chance(50) { document.clone() } else { json!(document.to_string()) };
                let kind = if *rcp { "RESOURCE_CONTROL_POLICY" } else { "SERVICE_CONTROL_POLICY" };
                policies.insert(id.clone(), json!({ "name": name, "type": kind, "content": content }));
            }
            let mut account_policies = Map::new();
            for (id, (scps, rcps)) in &organization.account_policies {
                let mut entry = Map::new();
                attachments(&mut entry, scps.as_ref(), rcps.as_ref());
                account_policies.insert(id.clone(), Value::Object(entry));
            }
            let mut tree = json!({ "root": root });
            if !account_policies.is_empty() || self.random.chance(50) {
                tree["accountPolicies"] = Value::Object(account_policies);
            }
            tree["policies"] = Value::Object(policies);
            let text = self.text(&tree);
            self.file("organization.json", &text);
        }
        for account in &world.accounts {
            manifest += &self.account(account);
        }
        for (id, document) in &world.endpoints {
            let name = format!("endpoints/{id}.json");
            let text = self.text(document);
            self.file(&name, &text);
            writeln!(manifest, "[[endpoint]]\nid = \"{id}\"\npolicy = \"{name}\"\n").unwrap();
        }
        let [identity, session, lines] = self.named(world);
        if !identity.is_empty() {
            let list = if self.random.chance(50) {
                self.count("glob");
                json!(["policies/identity/*.json"])
            } else {
                json!(identity)
            };
            writeln!(manifest, "[[policy]]\nfiles = {list}\ntype = \"identity\"\n").unwrap();
        }
        if !session.is_empty() {
            writeln!(manifest, "[[policy]]\nfiles = [\"policies/session/*.json\"]\ntype = \"session\"\n").unwrap();
        }
        if !lines.is_empty() {
            writeln!(manifest, "[[policy]]\nfiles = {}\ntype = \"identity\"\n", json!(lines)).unwrap();
        }
        self.manifest = manifest;
        self.file("iamc.toml", &self.manifest.clone());
        self.written.inputs.push("iamc.toml".to_owned());
    }

    fn account(&mut self, account: &Account) -> String {
        let id = &account.id;
        let mut manifest = format!("[[account]]\nid = \"{id}\"\n");
        if let Some(canonical) = &account.canonical {
            writeln!(manifest, "canonical-user-id = \"{canonical}\"").unwrap();
        }
        if let Some(block) = &account.block {
            let members: Vec<String> =
                block.as_object().unwrap().iter().map(|(name, value)| format!("{name} = {value}")).collect();
            writeln!(manifest, "public-access-block = {{ {} }}", members.join(", ")).unwrap();
        }
        if account.dump {
            let name = format!("accounts/{id}/authorization-details.json");
            let text = self.dump(account);
            self.file(&name, &text);
            writeln!(manifest, "identities = \"{name}\"").unwrap();
        }
        if !account.resources.is_empty() {
            let mut files: [Vec<Value>; 2] = [Vec::new(), Vec::new()];
            for resource in &account.resources {
                let mut item = json!({ "resource": resource.arn, "account": id });
                if let Some(covers) = &resource.covers {
                    item["covers"] = json!(covers);
                }
                if let Some(policy) = &resource.policy {
                    item["policy"] = self.encoded(policy);
                }
                if let Some(acl) = &resource.acl {
                    item["acl"] = acl.clone();
                }
                if let Some(ownership) = resource.ownership {
                    item["objectOwnership"] = json!(ownership);
                }
                if let Some(block) = &resource.block {
                    item["publicAccessBlock"] = block.clone();
                }
                files[usize::from(self.random.chance(40))].push(item);
            }
            for (number, file) in files.iter().enumerate() {
                if !file.is_empty() {
                    let text = self.text(&json!(file));
                    self.file(&format!("accounts/{id}/resources/{number}.json"), &text);
                }
            }
            writeln!(manifest, "resources = [\"accounts/{id}/resources/*.json\"]").unwrap();
        }
        if !account.keys.is_empty() {
            let metadata: Vec<Value> = account
                .keys
                .iter()
                .map(|key| {
                    let status = if key.active { "Active" } else { "Inactive" };
                    json!({ "UserName": key.user, "AccessKeyId": key.id, "Status": status, "CreateDate": "2024-01-02T03:04:05+00:00" })
                })
                .collect();
            let text = self.text(&json!({ "AccessKeyMetadata": metadata }));
            let name = format!("accounts/{id}/access-keys.json");
            self.file(&name, &text);
            writeln!(manifest, "access-keys = [\"{name}\"]").unwrap();
        }
        manifest.push('\n');
        manifest
    }

    /// One of the encodings of R-ID-19.
    fn encoded(&mut self, document: &Value) -> Value {
        match self.random.below(3) {
            0 => {
                self.count("object");
                document.clone()
            }
            1 => {
                self.count("text");
                Value::String(self.text(document))
            }
            _ => {
                self.count("percent");
                let text = self.text(document);
                let mut encoded = String::new();
                for byte in text.bytes() {
                    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                        encoded.push(char::from(byte));
                    } else {
                        write!(encoded, "%{byte:02X}").unwrap();
                    }
                }
                Value::String(encoded)
            }
        }
    }

    /// Members that nobody asked for (R-ID-18).
    fn sprinkle(&mut self, value: &mut Value) {
        if self.random.chance(15) {
            self.count("unknown member");
            value["FutureMember"] = json!({ "UserName": "mallory", "List": [1, null, { "Arn": "x" }] });
        }
        if self.random.chance(50) {
            value["CreateDate"] = json!("2024-01-02T03:04:05+00:00");
        }
    }

    fn dump(&mut self, account: &Account) -> String {
        let users: Vec<Value> = account.users.iter().map(|user| self.entity(user, "User", account)).collect();
        let groups: Vec<Value> = account.groups.iter().map(|group| self.entity(group, "Group", account)).collect();
        let roles: Vec<Value> = account.roles.iter().map(|role| self.entity(role, "Role", account)).collect();
        let policies: Vec<Value> = account.policies.iter().map(|policy| self.managed(policy)).collect();
        let lists =
            [("UserDetailList", users), ("GroupDetailList", groups), ("RoleDetailList", roles), ("Policies", policies)];
        let pages = usize::try_from(1 + self.random.below(3)).unwrap();
        if pages > 1 {
            self.count("pages");
        }
        let mut all: Vec<Map<String, Value>> = vec![Map::new(); pages];
        for (name, items) in lists {
            for item in items {
                let page = usize::try_from(self.random.below(u64::try_from(pages).unwrap())).unwrap();
                let list = all[page].entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(item);
            }
        }
        let mut text = String::new();
        for (number, mut page) in all.into_iter().enumerate() {
            let last = number + 1 == pages;
            if page.is_empty() {
                page.insert("UserDetailList".to_owned(), json!([]));
            }
            page.insert("IsTruncated".to_owned(), json!(!last));
            if !last {
                page.insert("Marker".to_owned(), json!("AAAA"));
            }
            text += &self.text(&Value::Object(page));
            text.push('\n');
        }
        text
    }

    fn entity(&mut self, entity: &Entity, kind: &str, account: &Account) -> Value {
        let inline: Vec<Value> = entity
            .inline
            .iter()
            .map(|(name, document)| json!({ "PolicyName": name, "PolicyDocument": self.encoded(document) }))
            .collect();
        let attached: Vec<Value> = entity
            .attached
            .iter()
            .map(|arn| json!({ "PolicyName": arn.rsplit('/').next().unwrap(), "PolicyArn": arn }))
            .collect();
        let mut value = Map::new();
        value.insert("Path".to_owned(), json!(entity.path));
        value.insert(format!("{kind}Name"), json!(entity.name));
        value.insert(format!("{kind}Id"), json!(entity.id));
        value.insert("Arn".to_owned(), json!(entity.arn));
        if !inline.is_empty() || self.random.chance(50) {
            value.insert(format!("{kind}PolicyList"), json!(inline));
        }
        if !attached.is_empty() || self.random.chance(50) {
            value.insert("AttachedManagedPolicies".to_owned(), json!(attached));
        }
        if !entity.groups.is_empty() {
            value.insert("GroupList".to_owned(), json!(entity.groups));
        }
        if let Some(boundary) = &entity.boundary {
            let text = if self.random.chance(50) { "Policy" } else { "PermissionsBoundaryPolicy" };
            let boundary = json!({ "PermissionsBoundaryType": text, "PermissionsBoundaryArn": boundary });
            value.insert("PermissionsBoundary".to_owned(), boundary);
        }
        if !entity.tags.is_empty() {
            let tags: Vec<Value> = entity.tags.iter().map(|(key, tag)| json!({ "Key": key, "Value": tag })).collect();
            value.insert("Tags".to_owned(), json!(tags));
        }
        if let Some(trust) = &entity.trust {
            value.insert("AssumeRolePolicyDocument".to_owned(), self.encoded(trust));
            value.insert("RoleLastUsed".to_owned(), json!({}));
            if self.random.chance(40) {
                let id = &account.id;
                let role = json!({ "Path": entity.path, "RoleName": entity.name, "RoleId": entity.id, "Arn": entity.arn,
                    "CreateDate": "2024-01-02T03:04:05+00:00", "AssumeRolePolicyDocument": self.encoded(trust) });
                let profile = json!([{ "Path": "/", "InstanceProfileName": entity.name, "CreateDate": "2024-01-02T03:04:05+00:00",
                    "InstanceProfileId": format!("AIPA{}", &entity.id[4..]), "Roles": [role],
                    "Arn": format!("arn:aws:iam::{id}:instance-profile/{}", entity.name) }]);
                value.insert("InstanceProfileList".to_owned(), profile);
            } else {
                value.insert("InstanceProfileList".to_owned(), json!([]));
            }
        }
        let mut value = Value::Object(value);
        self.sprinkle(&mut value);
        value
    }

    fn managed(&mut self, policy: &Managed) -> Value {
        let mut versions = Vec::new();
        for (number, (id, document)) in policy.versions.iter().enumerate() {
            let document = self.encoded(document);
            versions
                .push(json!({ "Document": document, "VersionId": id, "IsDefaultVersion": number == policy.default }));
        }
        if self.random.chance(50) {
            versions.reverse();
        }
        let mut value = json!({ "PolicyName": policy.name, "Arn": policy.arn, "Path": policy.path, "AttachmentCount": 77,
            "DefaultVersionId": policy.versions[policy.default].0, "IsAttachable": true, "PolicyVersionList": versions });
        self.sprinkle(&mut value);
        value
    }
}

fn attachments(object: &mut Map<String, Value>, scps: Option<&Vec<String>>, rcps: Option<&Vec<String>>) {
    if let Some(scps) = scps {
        object.insert("serviceControlPolicies".to_owned(), json!(scps));
    }
    if let Some(rcps) = rcps {
        object.insert("resourceControlPolicies".to_owned(), json!(rcps));
    }
}

fn node(from: &Node) -> Value {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(from.id));
    if from.id.starts_with("ou-") {
        object.insert("name".to_owned(), json!(format!("unit {}", from.id)));
    }
    attachments(&mut object, from.scps.as_ref(), from.rcps.as_ref());
    if !from.accounts.is_empty() {
        object.insert("accounts".to_owned(), json!(from.accounts));
    }
    if !from.units.is_empty() {
        object.insert("organizationalUnits".to_owned(), from.units.iter().map(node).collect());
    }
    Value::Object(object)
}
