//! A whole organization, as the generator thinks of it: what the rendered files say and what the resolver looks up.

use serde_json::Value;
use std::collections::BTreeMap;

/// Everything that is compiled into one artifact.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    pub(super) seed: u64,
    /// Whether the world is given as dumps and policies on the command line, without a manifest.
    pub(super) plain: bool,
    pub(super) organization: Option<Organization>,
    pub(super) accounts: Vec<Account>,
    /// Ids and documents.
    pub(super) endpoints: Vec<(String, Value)>,
    pub(super) named: Vec<Named>,
    /// Request lines.
    pub(super) requests: Vec<Request>,
}

/// A request line, and what kind of requester the generator had in mind.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) who: &'static str,
    pub(super) line: Value,
}

/// A named policy (`world.md` 1 and `[[policy]]`).
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// Only in policy lines.
    pub(super) arn: Option<String>,
    /// Whether the type is session, else identity.
    pub(super) session: bool,
    /// Whether it is a policy line.
    pub(super) line: bool,
    pub(super) document: Value,
}

/// Ids of the policies of one type at one node; absent is the default.
pub(super) type Attached = Option<Vec<String>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) management: String,
    pub(super) root: Node,
    /// SCPs and RCPs of accounts.
    pub(super) account_policies: BTreeMap<String, (Attached, Attached)>,
    /// By id: name, whether it is an RCP, document.
    pub(super) policies: BTreeMap<String, (String, bool, Value)>,
    pub(super) scp_enabled: bool,
    pub(super) rcp_enabled: bool,
}

/// The root or an OU.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) scps: Option<Vec<String>>,
    pub(super) rcps: Option<Vec<String>>,
    pub(super) accounts: Vec<String>,
    pub(super) units: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) canonical: Option<String>,
    pub(super) block: Option<Value>,
    /// Whether it has an identities file.
    pub(super) dump: bool,
    pub(super) users: Vec<Entity>,
    pub(super) groups: Vec<Entity>,
    pub(super) roles: Vec<Entity>,
    pub(super) policies: Vec<Managed>,
    pub(super) resources: Vec<Resource>,
    pub(super) keys: Vec<Key>,
}

/// A user, a group or a role.
#[derive(Clone, Debug, Default)]
pub(super) struct Entity {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) arn: String,
    pub(super) id: String,
    pub(super) inline: Vec<(String, Value)>,
    /// ARNs.
    pub(super) attached: Vec<String>,
    pub(super) boundary: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    /// Names of groups, of users only.
    pub(super) groups: Vec<String>,
    /// The trust policy, of roles only.
    pub(super) trust: Option<Value>,
}

#[derive(Clone, Debug)]
pub(super) struct Managed {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) arn: String,
    /// Version ids and documents.
    pub(super) versions: Vec<(String, Value)>,
    /// Which of them is the default.
    pub(super) default: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Resource {
    pub(super) arn: String,
    pub(super) covers: Option<Vec<String>>,
    pub(super) policy: Option<Value>,
    pub(super) acl: Option<Value>,
    pub(super) ownership: Option<&'static str>,
    pub(super) block: Option<Value>,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) user: String,
    pub(super) id: String,
    pub(super) active: bool,
}
