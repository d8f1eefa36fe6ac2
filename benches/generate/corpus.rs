//! A corpus: policies of roles, as a dump for `iamc` and as single documents for others, and requests to them.

use std::fmt::Write as _;
use std::sync::Arc;

/// Requests of the hot figure: few enough that everything they touch stays in the caches.
pub(crate) const HOT: usize = 256;
/// Requests of the cold figure, spread over all roles.
pub(crate) const COLD: usize = 10_000;
/// The account of all corpora.
pub(crate) const ACCOUNT: &str = "111122223333";

/// Policies and requests that belong together.
pub(crate) struct Corpus {
    /// `account`, `flat`, `adversarial` or `managed`.
    pub(crate) name: &'static str,
    /// What was generated or read, in one line.
    pub(crate) summary: String,
    /// Statements of the roles' policies, those of boundaries not counted.
    pub(crate) statements: usize,
    /// All roles with their policies.
    pub(crate) roles: Vec<Role>,
    /// Ten thousand requests; the kinds take turns, and so do the roles.
    pub(crate) requests: Vec<Request>,
}

/// A role and what is attached to it.
pub(crate) struct Role {
    /// Its name, which is unique.
    pub(crate) name: String,
    /// Texts of policy documents; at most the first is inline.
    pub(crate) policies: Vec<Policy>,
    /// Permissions boundary, shared by roles.
    pub(crate) boundary: Option<Arc<Policy>>,
    /// Tags, which give `aws:PrincipalTag/…`.
    pub(crate) tags: Vec<(String, String)>,
}

/// A policy document.
pub(crate) struct Policy {
    /// `None` for an inline policy.
    pub(crate) arn: Option<String>,
    /// The document as compact JSON.
    pub(crate) text: String,
}

/// What was intended when a request was made. In `account`, `flat` and `adversarial` it is the answer by construction;
/// in `managed` other statements of the same policy may change it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Expected {
    Allowed,
    Implicit,
    Explicit,
}

/// A value of the context.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Given {
    One(String),
    Many(Vec<String>),
}

/// A request that owns its texts.
pub(crate) struct Request {
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`
    pub(crate) principal: String,
    /// Index of the role in [`Corpus::roles`], for checks; the engines have to find it by name.
    pub(crate) role: usize,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// Five different keys in the spelling of the documentation.
    pub(crate) context: Vec<(String, Given)>,
    pub(crate) expected: Expected,
}

impl Corpus {
    /// The first 256 requests.
    pub(crate) fn hot(&self) -> &[Request] {
        &self.requests[..HOT.min(self.requests.len())]
    }

    /// All 10,000 requests.
    pub(crate) fn cold(&self) -> &[Request] {
        &self.requests
    }

    /// The world as `aws iam get-account-authorization-details` prints it, without white space.
    pub(crate) fn dump(&self) -> String {
        let mut roles = String::new();
        let mut policies = String::new();
        let mut attached_once = std::collections::HashSet::new();
        for (number, role) in self.roles.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let mut inline = String::new();
            let mut attached = String::new();
            for policy in &role.policies {
                match &policy.arn {
                    None => {
                        let text = &policy.text;
                        write!(inline, r#"{{"PolicyName":"own","PolicyDocument":{text}}}"#).expect("text grows");
                    }
                    Some(arn) => {
                        let comma = if attached.is_empty() { "" } else { "," };
                        let name = last_part(arn);
                        write!(attached, r#"{comma}{{"PolicyName":"{name}","PolicyArn":"{arn}"}}"#)
                            .expect("text grows");
                        managed(&mut policies, arn, &policy.text);
                    }
                }
            }
            let mut boundary = String::new();
            if let Some(policy) = &role.boundary {
                let arn = policy.arn.as_deref().expect("a boundary is a managed policy");
                write!(
                    boundary,
                    r#""PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"{arn}"}},"#
                )
                .expect("text grows");
                if attached_once.insert(arn) {
                    managed(&mut policies, arn, &policy.text);
                }
            }
            let tags: Vec<serde_json::Value> =
                (role.tags.iter()).map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect();
            let tags = serde_json::Value::from(tags);
            let name = &role.name;
            write!(
                roles,
                concat!(
                    r#"{comma}{{"Path":"/","RoleName":"{name}","RoleId":"AROA{number:017}","#,
                    r#""Arn":"arn:aws:iam::{account}:role/{name}","CreateDate":"2024-01-02T03:04:05+00:00","#,
                    r#""AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","#,
                    r#""Principal":{{"Service":"ec2.amazonaws.com"}},"Action":"sts:AssumeRole"}}]}},"#,
                    r#"{boundary}"RolePolicyList":[{inline}],"AttachedManagedPolicies":[{attached}],"#,
                    r#""InstanceProfileList":[],"Tags":{tags},"RoleLastUsed":{{}}}}"#
                ),
                comma = comma,
                name = name,
                number = number,
                account = ACCOUNT,
                boundary = boundary,
                inline = inline,
                attached = attached,
                tags = tags,
            )
            .expect("text grows");
        }
        format!(
            r#"{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{roles}],"Policies":[{policies}],"IsTruncated":false}}"#
        )
    }
}

/// The session ARN of a request.
pub(crate) fn session(role: &str, session: &str) -> String {
    format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}")
}

fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn managed(policies: &mut String, arn: &str, text: &str) {
    let comma = if policies.is_empty() { "" } else { "," };
    let name = last_part(arn);
    let path = arn.split_once(":policy").map_or("/", |(_, rest)| rest.trim_end_matches(name));
    write!(
        policies,
        concat!(
            r#"{comma}{{"PolicyName":"{name}","PolicyId":"ANPA{number:017}","Arn":"{arn}","Path":"{path}","#,
            r#""DefaultVersionId":"v1","AttachmentCount":1,"PermissionsBoundaryUsageCount":0,"IsAttachable":true,"#,
            r#""CreateDate":"2024-01-02T03:04:05+00:00","UpdateDate":"2024-01-02T03:04:05+00:00","#,
            r#""PolicyVersionList":[{{"VersionId":"v1","IsDefaultVersion":true,"#,
            r#""CreateDate":"2024-01-02T03:04:05+00:00","Document":{text}}}]}}"#
        ),
        comma = comma,
        name = name,
        number = policies.len(),
        arn = arn,
        path = path,
        text = text
    )
    .expect("text grows");
}

/// Packs statements into documents that IAM would take: first an inline policy, then customer managed ones.
pub(crate) fn pack(role: &str, statements: &[String]) -> Vec<Policy> {
    const INLINE_MAX: usize = 10_000;
    const MANAGED_MAX: usize = 6_000;
    let mut policies: Vec<Policy> = Vec::new();
    let mut open = Vec::new();
    let mut size = 0;
    for statement in statements {
        let most = if policies.is_empty() { INLINE_MAX } else { MANAGED_MAX };
        if size + statement.len() > most && !open.is_empty() {
            policies.push(close(role, policies.len(), &open));
            open.clear();
            size = 0;
        }
        size += statement.len() + 1;
        open.push(statement.as_str());
    }
    if !open.is_empty() {
        policies.push(close(role, policies.len(), &open));
    }
    policies
}

fn close(role: &str, number: usize, statements: &[&str]) -> Policy {
    let arn = (number > 0).then(|| format!("arn:aws:iam::{ACCOUNT}:policy/{role}-{number}"));
    Policy { arn, text: document(statements) }
}

/// A document of statements.
pub(crate) fn document<S: AsRef<str>>(statements: &[S]) -> String {
    let statements: Vec<&str> = statements.iter().map(AsRef::as_ref).collect();
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// Spreads statements over ten policies of AWS, whose size nobody limits.
pub(crate) fn pack_unlimited(role: &str, statements: &[String]) -> Vec<Policy> {
    let chunk = statements.len().div_ceil(10).max(1);
    (statements.chunks(chunk).enumerate())
        .map(|(number, statements)| Policy {
            arn: Some(format!("arn:aws:iam::aws:policy/{role}-{number}")),
            text: document(statements),
        })
        .collect()
}
