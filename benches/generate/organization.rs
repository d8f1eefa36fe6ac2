//! An organization of many accounts, each at the quotas of R-ID-17, in the form that the AWS CLI prints.

use serde_json::{Value, json};

use super::random::Random;

/// How many of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Member accounts.
    pub(crate) accounts: usize,
    /// Users in each account.
    pub(crate) users: usize,
    /// Roles in each account.
    pub(crate) roles: usize,
    /// Customer managed policies in each account.
    pub(crate) policies: usize,
}

impl Scale {
    /// Accounts as large as IAM lets them be without raised quotas.
    pub(crate) fn full(accounts: usize) -> Self {
        Self { accounts, users: 5_000, roles: 1_000, policies: 1_500 }
    }
}

const MANAGEMENT: &str = "999988887777";
const GROUPS: usize = 300;
const AWS_MANAGED: usize = 60;

/// Services with actions, resource forms (`{A}` account, `{N}` name) and whether the actions only read.
const SERVICES: &[(&str, &[&str], &[&str])] = &[
    (
        "s3",
        &["GetObject", "ListBucket", "PutObject", "DeleteObject", "GetBucketLocation", "Get*"],
        &["arn:aws:s3:::{A}-{N}", "arn:aws:s3:::{A}-{N}/*"],
    ),
    (
        "dynamodb",
        &["GetItem", "PutItem", "Query", "Scan", "UpdateItem", "BatchGetItem"],
        &["arn:aws:dynamodb:eu-west-1:{A}:table/{N}", "arn:aws:dynamodb:eu-west-1:{A}:table/{N}/index/*"],
    ),
    (
        "sqs",
        &["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"],
        &["arn:aws:sqs:eu-west-1:{A}:{N}"],
    ),
    ("sns", &["Publish", "Subscribe", "ListTopics"], &["arn:aws:sns:eu-west-1:{A}:{N}"]),
    (
        "logs",
        &["CreateLogGroup", "CreateLogStream", "PutLogEvents", "Describe*"],
        &["arn:aws:logs:*:{A}:log-group:/app/{N}:*"],
    ),
    ("kms", &["Decrypt", "Encrypt", "GenerateDataKey*", "DescribeKey"], &["arn:aws:kms:eu-west-1:{A}:key/*"]),
    ("ec2", &["Describe*", "RunInstances", "TerminateInstances", "CreateTags"], &["*"]),
    (
        "lambda",
        &["InvokeFunction", "GetFunction", "UpdateFunctionCode"],
        &["arn:aws:lambda:eu-west-1:{A}:function:{N}", "arn:aws:lambda:eu-west-1:{A}:function:{N}:*"],
    ),
    ("secretsmanager", &["GetSecretValue", "DescribeSecret"], &["arn:aws:secretsmanager:eu-west-1:{A}:secret:{N}-*"]),
    ("iam", &["GetRole", "PassRole", "ListRoles", "GetUser"], &["arn:aws:iam::{A}:role/{N}"]),
];

const TRUSTED_SERVICES: &[&str] =
    &["lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "states.amazonaws.com"];

/// All files of an organization, one after the other: path and text.
pub(crate) fn organization(scale: Scale, seed: u64) -> impl Iterator<Item = (String, String)> {
    let ids: Vec<String> = (100_000_000_000_u64..).take(scale.accounts).map(|number| number.to_string()).collect();
    let manifest = ("iamc.toml".to_owned(), manifest(&ids));
    let tree = ("organization.json".to_owned(), print(&tree(&ids)));
    let dumps = ids.into_iter().zip(0_u64..).map(move |(id, number)| {
        let mut account = Account { id: id.clone(), scale, random: Random::new(seed ^ number << 20) };
        (format!("accounts/{id}.json"), print(&account.dump()))
    });
    [manifest, tree].into_iter().chain(dumps)
}

/// As the AWS CLI prints: four spaces a level.
fn print(value: &Value) -> String {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(value, &mut writer).expect("memory takes everything");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

fn manifest(ids: &[String]) -> String {
    let mut text = format!(
        "[organization]\nid = \"o-a1b2c3d4e5\"\nmanagement-account = \"{MANAGEMENT}\"\ntree = \"organization.json\"\n"
    );
    for id in ids {
        text.extend(["\n[[account]]\nid = \"", id, "\"\nidentities = \"accounts/", id, ".json\"\n"]);
    }
    text
}

/// A root with OUs of ten accounts each; a guard at the root, another at every second OU.
fn tree(ids: &[String]) -> Value {
    let units = ids.chunks(10).enumerate().map(|(number, accounts)| {
        let policies =
            if number % 2 == 0 { json!(["p-FullAWSAccess", "p-regions1"]) } else { json!(["p-FullAWSAccess"]) };
        json!({
            "id": format!("ou-ab12-{number:08}"), "name": format!("unit-{number}"),
            "serviceControlPolicies": policies, "accounts": accounts, "organizationalUnits": []
        })
    });
    let deny = |sid: &str, action: &Value, condition: &Value| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{ "Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition }]
        })
    };
    let guard = deny("NoLeave", &json!(["organizations:LeaveOrganization"]), &json!({}));
    let regions = deny(
        "Regions",
        &json!(["ec2:*", "lambda:*"]),
        &json!({ "StringNotEquals": { "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] } }),
    );
    json!({
        "root": {
            "id": "r-ab12", "serviceControlPolicies": ["p-FullAWSAccess", "p-guard001"], "accounts": [MANAGEMENT],
            "organizationalUnits": units.collect::<Vec<_>>()
        },
        "policies": {
            "p-guard001": { "name": "Guard", "type": "SERVICE_CONTROL_POLICY", "content": guard },
            "p-regions1": { "name": "Regions", "type": "SERVICE_CONTROL_POLICY", "content": regions }
        }
    })
}

struct Account {
    id: String,
    scale: Scale,
    random: Random,
}

impl Account {
    fn dump(&mut self) -> Value {
        let users: Vec<Value> = (0..self.scale.users).map(|number| self.user(number)).collect();
        let groups: Vec<Value> = (0..GROUPS).map(|number| self.group(number)).collect();
        let roles: Vec<Value> = (0..self.scale.roles).map(|number| self.role(number)).collect();
        let mut policies: Vec<Value> = (0..self.scale.policies).map(|number| self.policy(number)).collect();
        policies.extend((0..AWS_MANAGED).map(aws_managed));
        json!({ "UserDetailList": users, "GroupDetailList": groups, "RoleDetailList": roles, "Policies": policies,
                "IsTruncated": false })
    }

    fn arn(&self, rest: &str) -> String {
        format!("arn:aws:iam::{}:{rest}", self.id)
    }

    fn unique_id(&mut self, prefix: &str) -> String {
        format!("{prefix}{:017X}", self.random.bits())
    }

    fn attached(&mut self, most: usize) -> Vec<Value> {
        let mut arns: Vec<String> = (0..self.random.below(most + 1))
            .map(|_| {
                let is_of_aws = self.random.percent(40);
                if is_of_aws { aws_managed_arn(self.random.below(AWS_MANAGED)) } else { self.customer_arn() }
            })
            .collect();
        arns.sort();
        arns.dedup();
        let name = |arn: &str| arn.rsplit('/').next().unwrap_or("").to_owned();
        arns.iter().map(|arn| json!({ "PolicyName": name(arn), "PolicyArn": arn })).collect()
    }

    fn customer_arn(&mut self) -> String {
        let number = self.random.below(self.scale.policies);
        self.arn(&format!("policy/app-{number:04}"))
    }

    fn tags(&mut self) -> Value {
        let teams = ["red", "blue", "green", "data", "platform"];
        json!([{ "Key": "team", "Value": self.random.pick(&teams) },
               { "Key": "cost-center", "Value": format!("{}", 1000 + self.random.below(50)) }])
    }

    fn user(&mut self, number: usize) -> Value {
        let name = format!("user-{number:05}");
        let groups: Vec<String> =
            (0..=self.random.below(3)).map(|_| format!("group-{:03}", self.random.below(GROUPS))).collect();
        let mut user = json!({
            "Path": "/people/", "UserName": name, "UserId": self.unique_id("AIDA"),
            "Arn": self.arn(&format!("user/people/{name}")), "CreateDate": "2024-01-02T03:04:05+00:00",
            "GroupList": groups.into_iter().collect::<std::collections::BTreeSet<_>>(),
            "AttachedManagedPolicies": if self.random.percent(20) { self.attached(2) } else { Vec::new() },
            "Tags": self.tags()
        });
        if self.random.percent(5) {
            let document = self.document(1);
            user["UserPolicyList"] = json!([{ "PolicyName": "own", "PolicyDocument": document }]);
        }
        if self.random.percent(10) {
            user["PermissionsBoundary"] = self.boundary();
        }
        user
    }

    fn boundary(&mut self) -> Value {
        json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": self.customer_arn() })
    }

    fn group(&mut self, number: usize) -> Value {
        let name = format!("group-{number:03}");
        json!({
            "Path": "/", "GroupName": name, "GroupId": self.unique_id("AGPA"), "Arn": self.arn(&format!("group/{name}")),
            "CreateDate": "2024-01-02T03:04:05+00:00", "GroupPolicyList": [],
            "AttachedManagedPolicies": self.attached(5)
        })
    }

    fn role(&mut self, number: usize) -> Value {
        let name = format!("role-{number:04}");
        let trust = self.trust(number);
        let mut role = json!({
            "Path": "/app/", "RoleName": name, "RoleId": self.unique_id("AROA"),
            "Arn": self.arn(&format!("role/app/{name}")), "CreateDate": "2024-01-02T03:04:05+00:00",
            "AssumeRolePolicyDocument": trust, "InstanceProfileList": [], "RolePolicyList": [],
            "AttachedManagedPolicies": self.attached(4), "Tags": self.tags(),
            "RoleLastUsed": { "LastUsedDate": "2026-10-01T00:00:00+00:00", "Region": "eu-west-1" }
        });
        if self.random.percent(40) {
            let count = 1 + self.random.below(3);
            let document = self.document(count);
            role["RolePolicyList"] = json!([{ "PolicyName": "inline", "PolicyDocument": document }]);
        }
        if self.random.percent(20) {
            role["PermissionsBoundary"] = self.boundary();
        }
        role
    }

    fn trust(&mut self, number: usize) -> Value {
        let allow = |principal: Value, condition: Value| {
            let mut statement = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            json!({ "Version": "2012-10-17", "Statement": [statement] })
        };
        match self.random.below(4) {
            0 => allow(json!({ "AWS": self.arn("root") }), Value::Null),
            1 => allow(
                json!({ "AWS": self.arn(&format!("role/app/role-{:04}", number / 2)) }),
                json!({ "StringEquals": { "sts:ExternalId": format!("{:08x}", self.random.below(1 << 30)) } }),
            ),
            _ => allow(json!({ "Service": self.random.pick(TRUSTED_SERVICES) }), Value::Null),
        }
    }

    fn policy(&mut self, number: usize) -> Value {
        let name = format!("app-{number:04}");
        let count = 3 + self.random.below(8);
        let mut versions = vec![json!({
            "VersionId": "v2", "IsDefaultVersion": true, "CreateDate": "2024-05-02T03:04:05+00:00",
            "Document": self.document(count)
        })];
        if self.random.percent(30) {
            versions.push(json!({
                "VersionId": "v1", "IsDefaultVersion": false, "CreateDate": "2024-01-02T03:04:05+00:00",
                "Document": self.document(count - 1)
            }));
        }
        let id = self.unique_id("ANPA");
        managed(&name, &self.arn(&format!("policy/{name}")), &id, "v2", &versions)
    }

    fn document(&mut self, statements: usize) -> Value {
        let statements: Vec<Value> = (0..statements).map(|number| self.statement(number)).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    fn statement(&mut self, number: usize) -> Value {
        let (service, actions, forms) = *self.random.pick(SERVICES);
        let first = self.random.below(actions.len());
        let count = 1 + self.random.below(4);
        let actions: Vec<String> =
            (first..first + count).map(|at| format!("{service}:{}", actions[at % actions.len()])).collect();
        let name = format!("store-{:03}", self.random.below(400));
        let resources: Vec<String> =
            forms.iter().map(|form| form.replace("{A}", &self.id).replace("{N}", &name)).collect();
        let mut statement = json!({
            "Sid": format!("S{number}"), "Effect": if self.random.percent(10) { "Deny" } else { "Allow" },
            "Action": actions, "Resource": resources
        });
        if self.random.percent(40) {
            statement["Condition"] = self.condition();
        }
        statement
    }

    fn condition(&mut self) -> Value {
        match self.random.below(6) {
            0 => json!({ "StringEquals": { "aws:RequestedRegion": ["eu-west-1", "eu-central-1"] } }),
            1 => json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
            2 => json!({ "StringEquals": { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } }),
            3 => json!({ "IpAddress": { "aws:SourceIp": format!("10.{}.0.0/16", self.random.below(250)) } }),
            4 => json!({ "StringLike": { "aws:PrincipalArn": self.arn("role/app/role-00*") } }),
            _ => {
                json!({ "StringEquals": { "aws:PrincipalTag/cost-center": format!("{}", 1000 + self.random.below(50)) } })
            }
        }
    }
}

fn managed(name: &str, arn: &str, id: &str, default: &str, versions: &[Value]) -> Value {
    json!({
        "PolicyName": name, "PolicyId": id, "Arn": arn, "Path": "/", "DefaultVersionId": default,
        "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
        "CreateDate": "2024-01-02T03:04:05+00:00", "UpdateDate": "2024-05-02T03:04:05+00:00",
        "PolicyVersionList": versions
    })
}

fn aws_managed_arn(number: usize) -> String {
    format!("arn:aws:iam::aws:policy/Managed{number:02}Access")
}

/// The same in every account, as policies of AWS are.
fn aws_managed(number: usize) -> Value {
    let statements = (0..2 + number % 5).map(|at| {
        let (service, actions, _) = SERVICES[(number + at) % SERVICES.len()];
        let actions: Vec<String> = actions.iter().map(|action| format!("{service}:{action}")).collect();
        json!({ "Effect": "Allow", "Action": actions, "Resource": "*" })
    });
    let document = json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() });
    let version = json!({ "VersionId": "v3", "IsDefaultVersion": true, "CreateDate": "2020-01-01T00:00:00+00:00",
                          "Document": document });
    let id = format!("ANPA{number:017}");
    managed(&format!("Managed{number:02}Access"), &aws_managed_arn(number), &id, "v3", &[version])
}
