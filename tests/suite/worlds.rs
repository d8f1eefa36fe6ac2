//! What several hostile tests need: worlds from snippets, a world with every section filled, numbers at random.

use iamc::world::{PolicyType, World, load};
use iamc::{Level, Options, Semantics, compile, scenario};

/// A world of named policies: name and text.
pub(crate) fn world(policies: &[(&str, &str)], forced: Option<PolicyType>) -> World {
    let inputs = policies.iter().map(|(name, text)| (format!("{name}.json"), (*text).to_owned())).collect();
    load(inputs, forced)
}

/// Switches by name, `validation` being lenient.
pub(crate) fn lenient(switches: &[(&str, &str)]) -> Semantics {
    let mut semantics = Semantics::default();
    semantics.set("validation", "lenient").unwrap();
    for (name, value) in switches {
        semantics.set(name, value).unwrap();
    }
    semantics
}

/// The artifact of a world.
pub(crate) fn build(world: &World, semantics: Semantics, optimize: Level) -> Vec<u8> {
    compile(world.clone(), &Options { semantics, optimize }).unwrap().as_bytes().to_vec()
}

/// The artifact of one identity policy named `P`, for requests that name it.
pub(crate) fn policy(text: &str, semantics: Semantics, optimize: Level) -> Vec<u8> {
    build(&world(&[("P", text)], Some(PolicyType::Identity)), semantics, optimize)
}

/// A policy of these statements.
pub(crate) fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

pub(crate) const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
pub(crate) const APP: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
pub(crate) const BUCKET: &str = "arn:aws:s3:::b";

/// Conditions of every kind.
const CONDITIONS: &str = r#"{"Sid":"Conditions","Effect":"Allow","Action":["a:b","a:g?t*x","c:*"],"Resource":"*","Condition":{
    "StringEquals":{"aws:PrincipalTag/team":["red","${aws:username, 'x'}"]},
    "StringNotEqualsIgnoreCase":{"s:k":"A"},
    "StringLike":{"s:l":["a*b?c","*${aws:userid}*"]},
    "ForAllValues:StringLike":{"aws:TagKeys":["a*","b"]},
    "ForAnyValue:StringNotLike":{"s:m":"*x"},
    "ArnLike":{"aws:SourceArn":"arn:aws:sns:*:${aws:PrincipalAccount}:t*"},
    "NumericLessThanEqualsIfExists":{"s:n":"10.5"},
    "DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"},
    "Bool":{"aws:SecureTransport":"true"},
    "BinaryEquals":{"s:b":"QUJD"},
    "IpAddress":{"aws:SourceIp":["10.0.0.0/8","2001:db8::/32"]},
    "Null":{"s:z":"true"}}}"#;

const RESOURCES: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b/${aws:username}/?/*a*b",
    "arn:aws:s3:::é*","arn:aws:dynamodb:us-*-1:*:table/?x","arn:aws:sqs"]},
    {"Sid":"Secret","Effect":"Deny","NotAction":["s3:GetObject","iam:*"],"NotResource":["arn:aws:s3:::b/*","arn:aws:s3:::${aws:userid}/*"]}"#;

const BUCKET_POLICY: &str = r#"{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:user/alice"],"Service":"lambda.amazonaws.com"},
    "Action":["s3:Get*","s3:PutObject"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]},
    {"Effect":"Deny","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:user/alice","arn:aws:iam::111122223333:root"]},
    "Action":"s3:DeleteObject","Resource":"arn:aws:s3:::b/*"}"#;

const TRUST: &str = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}"#;

const ALLOW_ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

/// A role session at a bucket with policies in every layer, organization, ACLs and an endpoint.
pub(crate) fn layers(level: Level) -> Vec<u8> {
    let allow_all = document(ALLOW_ALL);
    let endpoint = document(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#);
    let rcp = document(r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/no/*"}"#);
    let session = document(r#"{"Effect":"Allow","Action":["s3:*","a:b"],"Resource":"*"}"#);
    let (conditions, resources) = (document(CONDITIONS), document(RESOURCES));
    let bucket = document(BUCKET_POLICY);
    let id = "c".repeat(64);
    let acl = format!(
        r#"{{"Owner":{{"ID":"{id}"}},"Grants":[{{"Grantee":{{"Type":"Group","URI":"http://acs.amazonaws.com/groups/global/AllUsers"}},"Permission":"READ"}}]}}"#
    );
    let request = format!(
        r#"{{"principal":"{APP}","action":"s3:GetObject","resource":"{BUCKET}/k","resourceAccount":"111122223333"}}"#
    );
    let text = format!(
        r#"{{"identityPolicies":[{conditions},{resources},{allow_all}],"permissionsBoundary":{allow_all},"sessionPolicies":[{session}],
        "serviceControlPolicies":[[{allow_all}],[{allow_all},{conditions}]],"resourceControlPolicies":[[{rcp}]],
        "organization":{{"principal":{{"id":"o-abc","paths":["o-abc/r-1/ou-1/"]}},"resource":{{"id":"o-abc","paths":["o-abc/r-1/"]}}}},
        "resourcePolicy":{bucket},"vpcEndpointPolicy":{endpoint},"resourceAcl":{acl},"objectAcl":{acl},
        "objectOwnership":"ObjectWriter","canonicalUserIds":{{"111122223333":"{id}"}}}}"#
    );
    scenario::Prepared::new(&text, &[request], level).unwrap().artifacts.remove(0)
}

/// An account with a user, a group, a role and a boundary, and policies that requests name.
pub(crate) fn account() -> World {
    let (conditions, resources, trust) = (document(CONDITIONS), document(RESOURCES), document(TRUST));
    let boundary = document(ALLOW_ALL);
    let arn = "arn:aws:iam::111122223333:policy/Boundary";
    let dump = format!(
        r#"{{"UserDetailList":[{{"Path":"/","UserName":"alice","UserId":"AIDAX","Arn":"{ALICE}",
            "UserPolicyList":[{{"PolicyName":"Own","PolicyDocument":{resources}}}],"GroupList":["staff"],"AttachedManagedPolicies":[],
            "PermissionsBoundary":{{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"{arn}"}},
            "Tags":[{{"Key":"team","Value":"red"}},{{"Key":"x","Value":"y"}}]}}],
        "GroupDetailList":[{{"Path":"/","GroupName":"staff","GroupId":"AGPAX","Arn":"arn:aws:iam::111122223333:group/staff",
            "GroupPolicyList":[{{"PolicyName":"Shared","PolicyDocument":{conditions}}}],"AttachedManagedPolicies":[]}}],
        "RoleDetailList":[{{"Path":"/svc/","RoleName":"app","RoleId":"AROAX","Arn":"arn:aws:iam::111122223333:role/svc/app",
            "AssumeRolePolicyDocument":{trust},
            "InstanceProfileList":[{{"InstanceProfileName":"app","Arn":"arn:aws:iam::111122223333:instance-profile/app"}}],"AttachedManagedPolicies":[],
            "RolePolicyList":[{{"PolicyName":"Own","PolicyDocument":{conditions}}}]}}],
        "Policies":[{{"PolicyName":"Boundary","PolicyId":"ANPAX","Arn":"{arn}","Path":"/","DefaultVersionId":"v1",
            "PolicyVersionList":[{{"Document":{boundary},"VersionId":"v1","IsDefaultVersion":true}}]}}]}}"#
    );
    let other = document(r#"{"Effect":"Allow","Action":["s3:*","a:?b"],"Resource":"*"}"#);
    world(&[("account", &dump), ("Conditions", &conditions), ("Resources", &resources), ("Z", &other)], None)
}

/// A small generator of numbers at random: splitmix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// One of these.
    pub(crate) fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        let at = self.below(list.len());
        &list[at]
    }

    /// True once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Up to `most` of these characters.
    pub(crate) fn text(&mut self, characters: &[char], most: usize) -> String {
        let length = self.below(most + 1);
        (0..length).map(|_| *self.pick(characters)).collect()
    }
}
