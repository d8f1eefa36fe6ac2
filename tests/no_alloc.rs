//! Loading and deciding allocate nothing. A binary of its own, since it replaces the allocator.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait; this one only counts and passes on")]

use iamc::scenario::Prepared;
use iamc::{
    AclGrant, AclPermission, Grantee, Level, ObjectAcl, Options, Principal, Request, ResolvedRequest, Tables, Value,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["s3:Get*","s3:*Tagging"],"Resource":["arn:aws:s3:::b/*/x?*a","arn:aws:s3:::b/${aws:username}/*"],
     "Condition":{"StringLike":{"s:k":"a*${aws:userid}"},"DateGreaterThan":{"aws:CurrentTime":"2024-01-01T00:00:00Z"},
     "IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"NumericLessThan":{"s:n":"10"},"BinaryEquals":{"s:b":"QUJD"}}},
    {"Effect":"Deny","NotAction":"s3:*","NotResource":"arn:aws:s3:::b/*"}]}"#;

#[test]
fn loading_and_deciding() {
    let world = iamc::world::load(vec![("P.json".to_owned(), POLICY.to_owned())], None);
    let many = format!("arn:aws:s3:::b/{}", "x".repeat(2_000));
    for optimize in [Level::None, Level::Full] {
        let compiled = iamc::compile(world.clone(), &Options { optimize, ..Options::default() }).unwrap();
        let many_names =
            ["a", "é"].map(|letter| (0..5_000).map(|at| format!("q:{letter}{}", at % 4_999)).collect::<Vec<_>>());
        let mut many_keys = vec![("", Value::One("")); 5_000];
        let before = ALLOCATIONS.get();
        assert!(before > 0, "the allocator counts");
        let tables = Tables::load(compiled.as_bytes()).unwrap();
        let arn = "arn:aws:iam::111122223333:user/alice";
        let session = "arn:aws:sts::111122223333:assumed-role/app/s1";
        let context = [
            ("s:k", Value::List(&["axAIDAX", "b"])),
            ("aws:CurrentTime", Value::One("2026-01-01T00:00:00Z")),
            ("aws:SourceIp", Value::One("10.1.2.3")),
            ("s:n", Value::One("9.99")),
            ("s:b", Value::One("QUJD")),
        ];
        let mut decisions = 0;
        for principal in
            [Principal::User { arn }, Principal::RoleSession { arn: session, role_arn: None }, Principal::Nameless]
        {
            for action in ["s3:GetObject", "s3:PutTagging", "ec2:RunInstances", "nonsense"] {
                for resource in ["*", "arn:aws:s3:::b/alice/x", "arn:aws:s3:::b/a/xéa", &many, "nonsense"] {
                    let mut request = Request::new(principal, action, resource).context(&context).policies(&["P"]);
                    request.unique_id = Some("AIDAX");
                    decisions += usize::from(!tables.decide(&request).is_allowed());
                    decisions += usize::from(tables.explain(&request).is_err());
                    tables.ignored_keys(&request, |_| decisions += 1);
                }
            }
        }
        let keys = context.map(|(name, value)| (tables.key(name), value));
        let twice = ["s:k", "S:K"].map(|name| (tables.key(name), Value::One("x")));
        let unknown = ["q:É", "\u{212a}:q", "aws:RequestTag/x"].map(|name| (tables.key(name), Value::One("x")));
        for principal in
            [Principal::User { arn }, Principal::RoleSession { arn: session, role_arn: None }, Principal::Anonymous]
        {
            let resolved = tables.principal(principal).unwrap();
            decisions += usize::from(tables.principal(Principal::User { arn: session }).is_err());
            for action in ["s3:GetObject", "S3:puttagging", "ec2:RunInstances", "x:y"] {
                let action = tables.action(action).unwrap();
                decisions += usize::from(tables.action("nonsense").is_err());
                for resource in ["*", "arn:aws:s3:::b/alice/x", "arn:aws:s3:::b/a/xéa", &many, "nonsense"] {
                    for context in [&keys[..], &twice, &unknown, &[]] {
                        let question = ResolvedRequest { principal: &resolved, action, resource, context };
                        decisions += usize::from(!tables.decide_resolved(&question).is_allowed());
                    }
                }
            }
        }
        // More keys than are compared each with each; the names are made beforehand.
        for names in &many_names {
            for (place, name) in many_keys.iter_mut().zip(names) {
                *place = (name.as_str(), Value::One("x"));
            }
            let request = Request::new(Principal::User { arn }, "s3:GetObject", "*").context(&many_keys);
            decisions += usize::from(tables.explain(&request).is_err());
        }
        let refused = Tables::load(b"no artifact").is_err();
        assert_eq!(ALLOCATIONS.get(), before);
        assert!(refused && decisions > 0);
    }
}

/// A bucket of the account where access control lists are in force.
const BUCKET: &str =
    r#"{"objectOwnership":"ObjectWriter","canonicalUserIds":{"111122223333":"aa","444455556666":"bb"}}"#;

#[test]
fn deciding_about_objects() {
    let asked = r#"{"principal":"arn:aws:iam::444455556666:root","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333"}"#;
    let prepared = Prepared::new(BUCKET, &[asked.to_owned()], Level::Full).unwrap();
    let tables = Tables::load(&prepared.artifacts[0]).unwrap();
    let grants = [Grantee::AllUsers, Grantee::LogDelivery, Grantee::CanonicalUser("bb")]
        .map(|grantee| AclGrant { grantee, permission: AclPermission::Read });
    let principal = Principal::Root { arn: "arn:aws:iam::444455556666:root" };
    let mut request = Request::new(principal, "s3:GetObject", "arn:aws:s3:::b/k");
    let before = ALLOCATIONS.get();
    for owner in ["aa", "bb"] {
        request.object_acl = Some(ObjectAcl { owner: Some(owner), grants: &grants });
        assert!(tables.decide(&request).is_allowed());
        request.object_acl = Some(ObjectAcl { owner: Some(owner), grants: &[] });
        assert!(!tables.decide(&request).is_allowed());
    }
    assert_eq!(ALLOCATIONS.get(), before);
}
