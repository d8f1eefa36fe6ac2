//! The graph of roles: worlds whose reachable roles are known by construction, and edges against plain decisions in
//! every context that matters.

use std::collections::{BTreeMap, BTreeSet};

use iamc::graph::{Edge, EdgeKind, ExampleValue, Graph, GraphError, NodeKind, reach};
use iamc::provenance::Provenance;
use iamc::{Level, Options, Principal, Request, Tables, Value};
use serde_json::{Value as Json, json};

use super::worlds::{Random, lenient};

const A: &str = "111122223333";
const B: &str = "444455556666";

/// An account dump under construction.
#[derive(Clone)]
struct Account {
    id: &'static str,
    users: Vec<Json>,
    roles: Vec<Json>,
    policies: Vec<Json>,
}

fn document(statements: &Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl Account {
    fn new(id: &'static str) -> Self {
        Self { id, users: Vec::new(), roles: Vec::new(), policies: Vec::new() }
    }

    fn user(mut self, name: &str, statements: Json) -> Self {
        self.users.push(json!({
            "Path": "/", "UserName": name, "UserId": format!("AIDA{}", name.to_uppercase()),
            "Arn": format!("arn:aws:iam::{}:user/{name}", self.id),
            "UserPolicyList": inline(statements),
        }));
        self
    }

    fn role(self, name: &str, trust: Json, statements: Json) -> Self {
        self.role_at("/", name, trust, statements)
    }

    fn role_at(mut self, path: &str, name: &str, trust: Json, statements: Json) -> Self {
        self.roles.push(json!({
            "Path": path, "RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase().replace('_', "0")),
            "Arn": format!("arn:aws:iam::{}:role{path}{name}", self.id),
            "AssumeRolePolicyDocument": document(&trust),
            "RolePolicyList": inline(statements),
        }));
        self
    }

    /// Gives the last user a boundary.
    fn boundary(mut self, statements: Json) -> Self {
        let arn = format!("arn:aws:iam::{}:policy/Boundary{}", self.id, self.policies.len());
        self.policies.push(json!({
            "PolicyName": format!("Boundary{}", self.policies.len()), "Arn": arn, "Path": "/", "DefaultVersionId": "v1",
            "PolicyVersionList": [
                { "Document": document(&statements), "VersionId": "v1", "IsDefaultVersion": true }],
        }));
        self.users.last_mut().unwrap()["PermissionsBoundary"] =
            json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn });
        self
    }

    /// Gives the last user tags.
    fn user_tags(mut self, tags: &[(&str, &str)]) -> Self {
        self.users.last_mut().unwrap()["Tags"] = tag_list(tags);
        self
    }

    /// Gives the last role tags.
    fn role_tags(mut self, tags: &[(&str, &str)]) -> Self {
        self.roles.last_mut().unwrap()["Tags"] = tag_list(tags);
        self
    }

    /// Puts the last role into an instance profile.
    fn profile(mut self, name: &str) -> Self {
        let arn = format!("arn:aws:iam::{}:instance-profile/{name}", self.id);
        self.roles.last_mut().unwrap()["InstanceProfileList"] =
            json!([{ "InstanceProfileName": name, "Arn": arn, "Roles": [] }]);
        self
    }

    fn dump(&self) -> String {
        json!({ "UserDetailList": self.users, "GroupDetailList": [], "RoleDetailList": self.roles,
                "Policies": self.policies })
        .to_string()
    }
}

fn inline(statements: Json) -> Json {
    match statements.as_array() {
        Some(list) if list.is_empty() => json!([]),
        _ => json!([{ "PolicyName": "p", "PolicyDocument": document(&statements) }]),
    }
}

fn tag_list(tags: &[(&str, &str)]) -> Json {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

fn compile_at(accounts: &[Account], optimize: Level) -> Vec<u8> {
    let texts = accounts.iter().map(|account| (format!("{}.json", account.id), account.dump())).collect();
    let world = iamc::world::load(texts, None);
    // `NotPrincipal` in a trust policy is tolerated in lenient mode only.
    let options = Options { optimize, semantics: lenient(&[]) };
    match iamc::compile(world, &options) {
        Ok(compiled) => compiled.as_bytes().to_vec(),
        Err(errors) => panic!("{:?}", errors.findings),
    }
}

/// The graph from a principal on; the same whether the artifact is optimized or not.
fn graph(accounts: &[Account], from: &str) -> Graph {
    let of = |level| {
        let bytes = compile_at(accounts, level);
        let tables = Tables::load(&bytes).unwrap();
        let provenance = Provenance::read(tables.provenance());
        let graph = reach(&tables, from, provenance.as_ref()).unwrap();
        assert_eq!(graph, reach(&tables, from, provenance.as_ref()).unwrap(), "twice the same");
        graph
    };
    let (full, none) = (of(Level::Full), of(Level::None));
    assert_eq!(full, none, "the optimizer changes nothing");
    full
}

fn user(name: &str) -> String {
    format!("arn:aws:iam::{A}:user/{name}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::{A}:role/{name}")
}

fn allow(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

fn may_assume(resource: &str) -> Json {
    json!([allow("sts:AssumeRole", resource)])
}

fn trusts(principal: Json) -> Json {
    json!([{ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }])
}

fn trusts_if(principal: Json, condition: Json) -> Json {
    json!([{ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition }])
}

fn root_of(account: &str) -> Json {
    json!({ "AWS": format!("arn:aws:iam::{account}:root") })
}

fn nobody() -> Json {
    trusts(json!({ "AWS": format!("arn:aws:iam::{A}:user/nobody-else") }))
}

fn none() -> Json {
    json!([])
}

/// Names of the roles that can be reached, each with the length of its chain.
fn reached(graph: &Graph) -> Vec<(&str, usize)> {
    let name = |arn: &'_ str| arn.rsplit('/').next().map(str::len).unwrap();
    graph.reachable.iter().map(|it| (&it.role[it.role.len() - name(&it.role)..], it.hops)).collect()
}

fn edge<'g>(graph: &'g Graph, to: &str) -> &'g Edge {
    let mut edges = graph.edges.iter().filter(|edge| edge.from == graph.from.id && edge.to.ends_with(to));
    edges.next().unwrap_or_else(|| panic!("no edge to {to}: {graph:#?}"))
}

/// One user with these statements, one role with this trust policy: the graph from the user on.
fn pair(identity: Json, trust: Json) -> Graph {
    graph(&[Account::new(A).user("ana", identity).role("r", trust, none())], &user("ana"))
}

fn assert_always(graph: &Graph) {
    let edge = edge(graph, "/r");
    assert!(!edge.conditional && edge.confirmed && edge.example.is_none(), "{edge:#?}");
}

fn assert_never(graph: &Graph) {
    assert_eq!(graph.edges, [], "{:#?}", graph.edges);
    assert_eq!(graph.reachable, []);
}

/// A confirmed edge that depends on these keys.
fn assert_open<'g>(graph: &'g Graph, keys: &[&str]) -> &'g Edge {
    let edge = edge(graph, "/r");
    assert!(edge.conditional && edge.confirmed, "{edge:#?}");
    assert_eq!(edge.open_keys, keys, "{edge:#?}");
    assert!(!edge.conditions.is_empty());
    edge
}

fn one(value: &ExampleValue) -> &str {
    match value {
        ExampleValue::One(text) => text,
        ExampleValue::List(values) => panic!("{values:?}"),
    }
}

fn example(edge: &Edge) -> Vec<(&str, &str)> {
    let pairs = edge.example.as_ref().unwrap().iter();
    pairs.map(|(key, value)| (key.as_str(), one(value))).collect()
}

// ---- chains and cycles ----

#[test]
fn a_chain_of_ten_roles() {
    let mut account = Account::new(A).user("ana", may_assume(&role("r1")));
    for number in 1..=10 {
        let before = if number == 1 { user("ana") } else { role(&format!("r{}", number - 1)) };
        let next = may_assume(&role(&format!("r{}", number + 1)));
        account = account.role(&format!("r{number}"), trusts(json!({ "AWS": before })), next);
    }
    let graph = graph(&[account], &user("ana"));
    assert_eq!(graph.reachable.len(), 10);
    let last = graph.reachable.iter().find(|it| it.role == role("r10")).unwrap();
    let chain: Vec<String> = std::iter::once(user("ana")).chain((1..=10).map(|at| role(&format!("r{at}")))).collect();
    assert_eq!((last.hops, &last.chain, last.conditional, last.pass_role), (10, &chain, false, false));
    assert_eq!(graph.cycles, Vec::<Vec<String>>::new());
}

#[test]
fn a_chain_of_a_thousand_roles_and_back() {
    let mut account = Account::new(A).user("ana", none());
    for number in 0..1_000 {
        let before = if number == 0 { 999 } else { number - 1 };
        let mut trust = vec![role(&format!("r{before}"))];
        trust.extend((number == 0).then(|| user("ana")));
        account = account.role(&format!("r{number}"), trusts(json!({ "AWS": trust })), none());
    }
    let bytes = compile_at(&[account], Level::Full);
    let graph = reach(&Tables::load(&bytes).unwrap(), &user("ana"), None).unwrap();
    assert_eq!(graph.reachable.iter().map(|it| it.hops).max(), Some(1_000));
    assert_eq!(graph.cycles.iter().map(Vec::len).collect::<Vec<_>>(), [1_000]);
}

#[test]
fn a_cycle_of_three() {
    let account = Account::new(A)
        .user("ana", none())
        .role("a", trusts(json!({ "AWS": [user("ana"), role("c")] })), none())
        .role("b", trusts(json!({ "AWS": role("a") })), none())
        .role("c", trusts(json!({ "AWS": role("b") })), none());
    let from_user = graph(std::slice::from_ref(&account), &user("ana"));
    assert_eq!(reached(&from_user), [("a", 1), ("b", 2), ("c", 3)]);
    assert_eq!(from_user.cycles, [[role("a"), role("b"), role("c")]]);
    let from_role = graph(&[account], &role("b"));
    assert_eq!(reached(&from_role), [("a", 2), ("c", 1)], "a role does not become itself");
    assert_eq!(from_role.cycles.len(), 1);
}

#[test]
fn a_diamond_takes_the_first_of_two_equal_chains() {
    let account = Account::new(A)
        .user("ana", none())
        .role("left", trusts(json!({ "AWS": user("ana") })), none())
        .role("right", trusts(json!({ "AWS": user("ana") })), none())
        .role("top", trusts(json!({ "AWS": [role("left"), role("right")] })), none());
    let graph = graph(&[account], &user("ana"));
    assert_eq!(reached(&graph), [("left", 1), ("right", 1), ("top", 2)]);
    assert_eq!(graph.reachable[2].chain, [user("ana"), role("left"), role("top")]);
    assert_eq!(graph.edges.len(), 4);
}

#[test]
fn a_chain_without_conditions_is_preferred_to_one_with() {
    let mfa = json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } });
    let account = Account::new(A)
        .user("ana", none())
        .role("left", trusts_if(json!({ "AWS": user("ana") }), mfa), none())
        .role("right", trusts(json!({ "AWS": user("ana") })), none())
        .role("top", trusts(json!({ "AWS": [role("left"), role("right")] })), none());
    let graph = graph(&[account], &user("ana"));
    let top = &graph.reachable[2];
    assert_eq!(top.chain, [user("ana"), role("right"), role("top")]);
    assert!(!top.conditional);
}

#[test]
fn a_role_assumes_itself_only_if_it_trusts_itself() {
    // R-EVAL-29
    let trusting = Account::new(A).role("r", trusts(json!({ "AWS": role("r") })), none());
    let of_itself = graph(&[trusting], &role("r"));
    assert_eq!(of_itself.cycles, [[role("r")]]);
    assert_eq!(of_itself.reachable, []);
    let silent = Account::new(A).role("r", nobody(), may_assume("*"));
    assert_eq!(graph(&[silent], &role("r")).edges, []);
}

// ---- who has to allow ----

#[test]
fn a_trusted_account_needs_an_identity_policy() {
    // R-EVAL-28 (c)
    assert_always(&pair(may_assume(&role("r")), trusts(root_of(A))));
    assert_always(&pair(may_assume(&role("r")), trusts(json!({ "AWS": A }))));
    assert_never(&pair(none(), trusts(root_of(A))));
    assert_never(&pair(may_assume(&role("other")), trusts(root_of(A))));
    assert_never(&pair(may_assume("*"), nobody()));
}

#[test]
fn wide_identity_policies() {
    for statement in [
        allow("sts:*", "*"),
        allow("*", "*"),
        json!({ "Effect": "Allow", "NotAction": "s3:*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": role("x") }),
        allow("sts:Assume*", &format!("arn:aws:iam::{A}:role/?")),
    ] {
        assert_always(&pair(json!([statement]), trusts(root_of(A))));
    }
    for statement in [
        json!({ "Effect": "Allow", "NotAction": "sts:*", "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": role("r") }),
        allow("s3:*", "*"),
    ] {
        assert_never(&pair(json!([statement]), trusts(root_of(A))));
    }
}

#[test]
fn a_user_named_directly_needs_nothing_else_but_its_boundary() {
    // R-EVAL-28 (a), R-EVAL-30
    let direct = trusts(json!({ "AWS": user("ana") }));
    assert_always(&pair(none(), direct.clone()));
    let with = |boundary: Json| {
        graph(&[Account::new(A).user("ana", none()).boundary(boundary).role("r", direct.clone(), none())], &user("ana"))
    };
    assert_never(&with(json!([allow("s3:*", "*")])));
    assert_always(&with(may_assume("*")));
    // A deny of a boundary is a deny (R-EVAL-7).
    let deny = json!({ "Effect": "Deny", "Action": "sts:AssumeRole", "Resource": role("r") });
    assert_never(&with(json!([allow("*", "*"), deny])));
}

#[test]
fn an_identity_deny_beats_a_trust_policy() {
    let deny = json!([{ "Effect": "Deny", "Action": "sts:*", "Resource": "*" }]);
    assert_never(&pair(deny, trusts(json!({ "AWS": user("ana") }))));
}

#[test]
fn both_accounts_have_to_allow() {
    // R-EVAL-22
    let target = format!("arn:aws:iam::{B}:role/r");
    let world =
        |identity: Json, trust: Json| [Account::new(A).user("ana", identity), Account::new(B).role("r", trust, none())];
    let named = json!({ "AWS": user("ana") });
    assert_always(&graph(&world(may_assume(&target), trusts(named.clone())), &user("ana")));
    assert_always(&graph(&world(may_assume(&target), trusts(root_of(A))), &user("ana")));
    assert_never(&graph(&world(none(), trusts(named)), &user("ana")));
    assert_never(&graph(&world(may_assume(&target), trusts(root_of(B))), &user("ana")));
}

#[test]
fn a_principal_of_an_unknown_account_is_never_shown_as_allowed() {
    let world = [Account::new(A).role("r", trusts(root_of("999988887777")), none())];
    for from in ["arn:aws:iam::999988887777:user/eve", "arn:aws:iam::999988887777:role/x/y"] {
        let graph = graph(&world, from);
        assert_never(&graph);
        assert!(graph.notes.iter().any(|note| note.contains("R-EVAL-22")), "{:?}", graph.notes);
        assert!(graph.notes.iter().any(|note| note.contains(&role("r"))), "{:?}", graph.notes);
    }
}

#[test]
fn everyone_with_conditions_on_who_it_is() {
    let everyone = |condition: Json| trusts_if(json!({ "AWS": "*" }), condition);
    assert_always(&pair(none(), everyone(json!({ "ArnEquals": { "aws:PrincipalArn": user("ana") } }))));
    assert_never(&pair(none(), everyone(json!({ "ArnEquals": { "aws:PrincipalArn": user("ben") } }))));
    assert_always(&pair(none(), everyone(json!({ "StringEquals": { "aws:PrincipalAccount": A } }))));
    assert_never(&pair(none(), everyone(json!({ "StringNotEquals": { "aws:PrincipalAccount": A } }))));
    // Nobody knows the organization of a dump's account.
    let open = pair(none(), everyone(json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } })));
    assert_eq!(example(assert_open(&open, &["aws:PrincipalOrgID"])), [("aws:PrincipalOrgID", "o-abcdefghij")]);
}

#[test]
fn not_principal_denies_all_others() {
    // R-PRI-16
    let trust = |spared: &str| {
        json!([
            { "Effect": "Allow", "Principal": { "AWS": user("ana") }, "Action": "sts:AssumeRole" },
            { "Effect": "Deny", "NotPrincipal": { "AWS": [spared, format!("arn:aws:iam::{A}:root")] },
              "Action": "sts:AssumeRole" }])
    };
    assert_always(&pair(none(), trust(&user("ana"))));
    assert_never(&pair(none(), trust(&user("ben"))));
}

#[test]
fn tags_of_principal_and_role_are_known() {
    let trust = |condition: Json| trusts_if(root_of(A), condition);
    let world = |identity: Json, trust: Json| {
        [Account::new(A)
            .user("ana", identity)
            .user_tags(&[("team", "red")])
            .role("r", trust, none())
            .role_tags(&[("Team", "red"), ("env", "prod")])]
    };
    let by_tag = |team: &str| trust(json!({ "StringEquals": { "aws:PrincipalTag/team": team } }));
    assert_always(&graph(&world(may_assume("*"), by_tag("red")), &user("ana")));
    assert_never(&graph(&world(may_assume("*"), by_tag("blue")), &user("ana")));
    let of_resource = |key: &str, value: &str| {
        json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
                 "Condition": { "StringEquals": { key: value } } }])
    };
    let plain = trusts(root_of(A));
    for key in ["aws:ResourceTag/env", "iam:ResourceTag/Env"] {
        assert_always(&graph(&world(of_resource(key, "prod"), plain.clone()), &user("ana")));
        assert_never(&graph(&world(of_resource(key, "test"), plain.clone()), &user("ana")));
    }
    assert_never(&graph(&world(of_resource("aws:ResourceTag/absent", "x"), plain.clone()), &user("ana")));
    let same = of_resource("aws:ResourceTag/team", "${aws:PrincipalTag/team}");
    assert_always(&graph(&world(same, plain), &user("ana")));
}

#[test]
fn a_variable_in_the_role_arn() {
    let own = json!([allow("sts:AssumeRole", &format!("arn:aws:iam::{A}:role/of-${{aws:username}}"))]);
    let world = Account::new(A).user("ana", own).role("of-ana", trusts(root_of(A)), none()).role(
        "of-ben",
        trusts(root_of(A)),
        none(),
    );
    assert_eq!(reached(&graph(&[world], &user("ana"))), [("of-ana", 1)]);
    // An open variable: the tag of a session (R-ID-12).
    let by_tag = may_assume(&format!("arn:aws:iam::{A}:role/${{aws:PrincipalTag/team}}-deploy"));
    let world = Account::new(A).role("dev", nobody(), by_tag).role("red-deploy", trusts(root_of(A)), none());
    let open = graph(&[world], &role("dev"));
    let edge = edge(&open, "red-deploy");
    assert_eq!(edge.open_keys, ["aws:PrincipalTag/team"]);
    assert_eq!(example(edge), [("aws:PrincipalTag/team", "red")]);
    assert_eq!(edge.conditions[0].tests[0].operator, "Resource");
}

// ---- open conditions ----

#[test]
fn an_external_id_is_open_and_named() {
    let trust = trusts_if(root_of(A), json!({ "StringEquals": { "sts:ExternalId": "secret-42" } }));
    let graph = pair(may_assume("*"), trust);
    let edge = assert_open(&graph, &["sts:ExternalId"]);
    assert_eq!(example(edge), [("sts:ExternalId", "secret-42")]);
    let condition = &edge.conditions[0];
    assert_eq!((condition.layer, condition.effect, condition.action), ("resource", "Allow", "sts:AssumeRole"));
    assert_eq!(condition.policy, format!("{}#trust", role("r")));
    let test = &condition.tests[0];
    assert_eq!((test.operator.as_str(), test.key.as_str()), ("StringEquals", "sts:ExternalId"));
    assert_eq!(test.values, ["secret-42"]);
    assert!(condition.source.is_some());
}

#[test]
fn conditions_that_contradict_each_other_are_no_edge() {
    let identity = |id: &str| {
        json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
                 "Condition": { "StringEquals": { "sts:ExternalId": id } } }])
    };
    let trust = trusts_if(root_of(A), json!({ "StringEquals": { "sts:ExternalId": "b" } }));
    assert_never(&pair(identity("a"), trust.clone()));
    assert_open(&pair(identity("b"), trust), &["sts:ExternalId"]);
    for (operator, key, wanted, other) in [
        ("Bool", "aws:MultiFactorAuthPresent", "true", "false"),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "60", "5"),
        ("Null", "sts:ExternalId", "true", "false"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", "192.0.2.0/24"),
        ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ] {
        let deny = |value: &str| {
            json!([allow("sts:AssumeRole", "*"), { "Effect": "Deny", "Action": "*", "Resource": "*",
                    "Condition": { operator: { key: value } } }])
        };
        let trust = trusts_if(root_of(A), json!({ operator: { key: wanted } }));
        assert_never(&pair(deny(wanted), trust.clone()));
        let edge = pair(deny(other), trust);
        assert_open(&edge, &[key]);
    }
}

#[test]
fn a_deny_without_mfa_is_open() {
    let deny = json!([allow("sts:AssumeRole", "*"),
        { "Sid": "NoMfa", "Effect": "Deny", "Action": "*", "Resource": "*",
          "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } } }]);
    let graph = pair(deny, trusts(root_of(A)));
    let edge = assert_open(&graph, &["aws:MultiFactorAuthPresent"]);
    assert_eq!(example(edge), [("aws:MultiFactorAuthPresent", "true")]);
    assert_eq!((edge.conditions[0].effect, edge.conditions[0].layer), ("Deny", "identity"));
    assert_eq!(edge.conditions[0].statement.sid.as_deref(), Some("NoMfa"));
    assert_eq!(edge.conditions[0].tests[0].operator, "BoolIfExists");
}

#[test]
fn only_what_matters_is_named() {
    // The identity policy allows anyway, so its conditional statement is not named.
    let identity = json!([allow("sts:AssumeRole", "*"),
        { "Effect": "Allow", "Action": "sts:*", "Resource": "*",
          "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } }]);
    let trust = trusts_if(root_of(A), json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }));
    assert_open(&pair(identity, trust), &["aws:MultiFactorAuthPresent"]);
    // The account is trusted whatever the context, but only the named user needs no identity policy.
    let trust = json!([
        { "Effect": "Allow", "Principal": root_of(A), "Action": "sts:AssumeRole" },
        { "Effect": "Allow", "Principal": { "AWS": user("ana") }, "Action": "sts:AssumeRole",
          "Condition": { "StringEquals": { "sts:ExternalId": "x" } } }]);
    assert_open(&pair(none(), trust), &["sts:ExternalId"]);
}

#[test]
fn either_of_two_layers_will_do() {
    // Named directly with an external id, or by the account and an identity policy with MFA.
    let trust = json!([
        { "Effect": "Allow", "Principal": root_of(A), "Action": "sts:AssumeRole" },
        { "Effect": "Allow", "Principal": { "AWS": user("ana") }, "Action": "sts:AssumeRole",
          "Condition": { "StringEquals": { "sts:ExternalId": "x" } } }]);
    let identity = json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
        "Condition": { "Bool": { "aws:MultiFactorAuthPresent": "true" } } }]);
    let graph = pair(identity, trust);
    let edge = assert_open(&graph, &["aws:MultiFactorAuthPresent", "sts:ExternalId"]);
    assert_eq!(edge.example.as_ref().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_proved_is_said_not_to_be() {
    // Whether a text has one form and not the other is not worked out.
    let identity = json!([allow("sts:AssumeRole", "*"), { "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "StringLike": { "sts:ExternalId": "a*" } } }]);
    let trust = trusts_if(root_of(A), json!({ "StringLike": { "sts:ExternalId": "ab*" } }));
    let graph = pair(identity, trust);
    let edge = edge(&graph, "/r");
    assert!(edge.conditional && !edge.confirmed && edge.example.is_none());
    assert!(graph.reachable[0].conditional && !graph.reachable[0].confirmed);
}

#[test]
fn tags_of_the_request_and_their_names() {
    let identity = json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*",
        "Condition": { "StringEquals": { "aws:RequestTag/team": "red" },
                       "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } } }]);
    let graph = pair(identity, trusts(root_of(A)));
    let edge = assert_open(&graph, &["aws:RequestTag/team", "aws:TagKeys"]);
    assert_eq!(edge.example.as_ref().unwrap()["aws:RequestTag/team"], ExampleValue::One("red".to_owned()));
    let operators: Vec<&str> = edge.conditions[0].tests.iter().map(|test| test.operator.as_str()).collect();
    assert_eq!(operators, ["ForAllValues:StringEquals", "StringEquals"]);
    // A request with that tag has its name among its tags' names.
    let never = json!([allow("sts:AssumeRole", "*"), { "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "ForAnyValue:StringEquals": { "aws:TagKeys": "team" } } }]);
    let trust = trusts_if(root_of(A), json!({ "StringEquals": { "aws:RequestTag/team": "red" } }));
    assert_never(&pair(never, trust));
}

// ---- sessions ----

#[test]
fn a_trusted_session_is_an_open_name() {
    // R-PRI-8
    let session = |name: &str| json!({ "AWS": format!("arn:aws:sts::{A}:assumed-role/dev/{name}") });
    let world = Account::new(A).role("dev", nobody(), none()).role("r", trusts(session("alice")), none());
    let open = graph(std::slice::from_ref(&world), &role("dev"));
    let edge = assert_open(&open, &["sessionName"]);
    assert_eq!(example(edge), [("sessionName", "alice")]);
    assert_eq!(edge.conditions[0].tests[0].values, ["alice"]);
    let is = |name: &str| format!("arn:aws:sts::{A}:assumed-role/dev/{name}");
    assert_always(&graph(std::slice::from_ref(&world), &is("alice")));
    assert_never(&graph(&[world], &is("bob")));
    // The whole role is trusted, and one of its sessions denied.
    let trust = json!([
        { "Effect": "Allow", "Principal": { "AWS": role("dev") }, "Action": "sts:AssumeRole" },
        { "Effect": "Deny", "Principal": session("alice"), "Action": "sts:AssumeRole" }]);
    let world = Account::new(A).role("dev", nobody(), none()).role("r", trust, none());
    assert_eq!(example(assert_open(&graph(&[world], &role("dev")), &["sessionName"])), []);
}

#[test]
fn a_test_of_the_user_id_is_one_of_the_session_name() {
    let trust = |id: &str| trusts_if(json!({ "AWS": role("dev") }), json!({ "StringLike": { "aws:userid": id } }));
    let world = |id: &str| [Account::new(A).role("dev", nobody(), none()).role("r", trust(id), none())];
    let open = graph(&world("AROADEV:alice"), &role("dev"));
    assert_eq!(example(assert_open(&open, &["aws:userid"])), [("sessionName", "alice")]);
    let always = graph(&world("AROADEV:*"), &role("dev"));
    assert!(edge(&always, "/r").confirmed);
    assert_never(&graph(&world("AROAOTHER:alice"), &role("dev")));
}

#[test]
fn no_session_name_stands_for_all_others() {
    // The name `session` once stood for every other one, so that what was said of it was said of all.
    let session = |name: &str| json!({ "AWS": format!("arn:aws:sts::{A}:assumed-role/dev/{name}") });
    for name in ["session", "other"] {
        let denied = json!([
            { "Effect": "Allow", "Principal": { "AWS": role("dev") }, "Action": "sts:AssumeRole" },
            { "Effect": "Deny", "Principal": session(name), "Action": "sts:AssumeRole" }]);
        let world = Account::new(A).role("dev", nobody(), none()).role("r", denied, none());
        assert_open(&graph(&[world], &role("dev")), &["sessionName"]);
        let world = Account::new(A).role("dev", nobody(), none()).role("r", trusts(session(name)), none());
        assert_eq!(example(assert_open(&graph(&[world], &role("dev")), &["sessionName"])), [("sessionName", name)]);
    }
}

#[test]
fn policies_of_groups_that_are_kept_apart_count() {
    // Only the bundle of the user itself was once asked for the roles that are worth trying.
    let mut statements: Vec<Json> =
        (0..40).map(|bucket| allow("s3:GetObject", &format!("arn:aws:s3:::b{bucket}/*"))).collect();
    statements.push(allow("sts:AssumeRole", &role("r")));
    let account = Account::new(A).user("ana", none()).role("r", trusts(root_of(A)), none());
    let mut dump: Json = serde_json::from_str(&account.dump()).unwrap();
    dump["UserDetailList"][0]["GroupList"] = json!(["all"]);
    dump["GroupDetailList"] = json!([{ "GroupName": "all", "Arn": format!("arn:aws:iam::{A}:group/all"),
                                       "GroupPolicyList": inline(Json::Array(statements)) }]);
    let world = iamc::world::load(vec![("account.json".to_owned(), dump.to_string())], None);
    let compiled = iamc::compile(world, &Options::default()).unwrap();
    let found = reach(&Tables::load(compiled.as_bytes()).unwrap(), &user("ana"), None).unwrap();
    assert_always(&found);
}

#[test]
fn spellings_of_a_typed_value_leave_a_doubt() {
    // `900.0` is the number 900 and not the text `900`: no contradiction, though no example is tried.
    let condition = json!({ "NumericEquals": { "x:k": "900" }, "StringNotEquals": { "x:k": "900" } });
    let found = pair(may_assume("*"), trusts_if(root_of(A), condition));
    let edge = edge(&found, "/r");
    assert!(edge.conditional && !edge.confirmed, "{edge:#?}");
}

// ---- services, providers, root, anonymous ----

fn service(name: &str) -> Json {
    trusts(json!({ "Service": name }))
}

fn may_pass(resource: &str, services: Option<&str>) -> Json {
    let mut statement = allow("iam:PassRole", resource);
    if let Some(services) = services {
        statement["Condition"] = json!({ "StringEquals": { "iam:PassedToService": services } });
    }
    json!([statement])
}

#[test]
fn a_role_can_be_handed_to_its_service() {
    let world = |identity: Json, trust: Json| {
        graph(&[Account::new(A).user("ana", identity).role("r", trust, none())], &user("ana"))
    };
    let passed = world(may_pass(&role("r"), Some("lambda.amazonaws.com")), service("lambda.amazonaws.com"));
    let only = edge(&passed, "/r");
    assert_eq!(
        (only.kind, only.action, only.via.as_deref()),
        (EdgeKind::PassRole, "iam:PassRole", Some("lambda.amazonaws.com"))
    );
    assert!(!only.conditional);
    assert!(passed.reachable[0].pass_role);
    assert_eq!(passed.nodes[1].kind, NodeKind::ServiceRole);
    // Another service, another role, or no service that may assume it.
    assert_never(&world(may_pass(&role("r"), Some("ec2.amazonaws.com")), service("lambda.amazonaws.com")));
    assert_never(&world(may_pass(&role("x"), None), service("lambda.amazonaws.com")));
    assert_never(&world(may_pass("*", None), trusts(root_of(A))));
    // Only within the account (R-ID-13).
    let other = [
        Account::new(A).user("ana", may_pass("*", None)),
        Account::new(B).role("r", service("lambda.amazonaws.com"), none()),
    ];
    assert_never(&graph(&other, &user("ana")));
}

#[test]
fn a_service_that_has_to_name_its_source() {
    let trust =
        trusts_if(json!({ "Service": "glue.amazonaws.com" }), json!({ "StringEquals": { "aws:SourceAccount": A } }));
    let graph = pair(may_pass("*", None), trust);
    let edge = assert_open(&graph, &["aws:SourceAccount"]);
    assert_eq!(edge.example, Some(BTreeMap::new()));
    let service = edge.service_example.as_ref().unwrap();
    assert_eq!(service["aws:SourceAccount"], ExampleValue::One(A.to_owned()));
    assert_eq!(edge.conditions[0].action, "sts:AssumeRole");
}

#[test]
fn chains_without_handing_on_are_preferred() {
    // ana can hand `svc` to a service at once, or assume it over two other roles.
    let both = json!([
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" },
        { "Effect": "Allow", "Principal": { "AWS": role("b") }, "Action": "sts:AssumeRole" }]);
    let world = Account::new(A)
        .user("ana", may_pass("*", None))
        .role("a", trusts(json!({ "AWS": user("ana") })), none())
        .role("b", trusts(json!({ "AWS": role("a") })), none())
        .role("svc", both, none())
        .role("behind", trusts(json!({ "AWS": role("only") })), none())
        .role("only", service("ec2.amazonaws.com"), none());
    let graph = graph(&[world], &user("ana"));
    let found: Vec<_> = graph.reachable.iter().map(|it| (it.hops, it.pass_role)).collect();
    assert_eq!(reached(&graph), [("a", 1), ("b", 2), ("behind", 2), ("only", 1), ("svc", 3)]);
    assert_eq!(found, [(1, false), (2, false), (2, true), (1, true), (3, false)]);
}

#[test]
fn an_account_root_hands_on_but_does_not_assume() {
    // R-EVAL-33, R-EVAL-16
    let world = Account::new(A).role("r", service("ec2.amazonaws.com"), none()).role("x", trusts(root_of(A)), none());
    let graph = graph(&[world], &format!("arn:aws:iam::{A}:root"));
    assert_eq!(reached(&graph), [("r", 1)]);
    assert!(graph.reachable[0].pass_role);
    assert!(!graph.notes.is_empty());
}

#[test]
fn services_as_the_beginning() {
    let world = Account::new(A)
        .role("r", service("ec2.amazonaws.com"), none())
        .role("next", trusts(json!({ "AWS": role("r") })), none())
        .role_at(
            "/aws-service-role/autoscaling.amazonaws.com/",
            "linked",
            service("autoscaling.amazonaws.com"),
            none(),
        );
    let of = |from: &str| graph(std::slice::from_ref(&world), from);
    assert_eq!(reached(&of("ec2.amazonaws.com")), [("next", 2), ("r", 1)]);
    let linked = of("autoscaling.amazonaws.com");
    assert_eq!(reached(&linked), [("linked", 1)]);
    assert_eq!(linked.nodes[1].kind, NodeKind::ServiceLinkedRole);
    assert_eq!(reached(&of("lambda.amazonaws.com")), []);
    assert_eq!(of("ec2.amazonaws.com").from.kind, NodeKind::Service);
}

const GITHUB: &str = "token.actions.githubusercontent.com";

fn federated(provider: &str, action: &str, condition: Json) -> Json {
    json!([{ "Effect": "Allow", "Principal": { "Federated": provider }, "Action": action, "Condition": condition }])
}

#[test]
fn an_oidc_provider_with_subjects() {
    let provider = format!("arn:aws:iam::{A}:oidc-provider/{GITHUB}");
    let condition = json!({ "StringEquals": { format!("{GITHUB}:aud"): "sts.amazonaws.com" },
                            "StringLike": { format!("{GITHUB}:sub"): "repo:acme/*:ref:refs/heads/main" } });
    let trust = federated(&provider, "sts:AssumeRoleWithWebIdentity", condition);
    let world = [Account::new(A).role("r", trust.clone(), none())];
    for from in [provider.as_str(), GITHUB] {
        let graph = graph(&world, from);
        let edge = assert_open(&graph, &[&format!("{GITHUB}:aud"), &format!("{GITHUB}:sub")]);
        assert_eq!(edge.action, "sts:AssumeRoleWithWebIdentity");
        assert_eq!(graph.from.kind, NodeKind::Provider);
        let subject = &edge.example.as_ref().unwrap()[&format!("{GITHUB}:sub")];
        assert_eq!(subject, &ExampleValue::One("repo:acme/x:ref:refs/heads/main".to_owned()));
    }
    // A provider vouches in its own account only (R-EVAL-32).
    let elsewhere = [Account::new(A), Account::new(B).role("r", trust, none())];
    assert_never(&graph(&elsewhere[1..], &provider));
}

#[test]
fn a_saml_provider_and_a_permission_set() {
    let provider = format!("arn:aws:iam::{A}:saml-provider/AWSSSO_1_DO_NOT_DELETE");
    let trust = federated(
        &provider,
        "sts:AssumeRoleWithSAML",
        json!({ "StringEquals": { "SAML:aud": "https://signin.aws.amazon.com/saml" } }),
    );
    let world = [Account::new(A).role_at(
        "/aws-reserved/sso.amazonaws.com/eu-west-1/",
        "AWSReservedSSO_Read_Only_0123456789abcdef",
        trust,
        none(),
    )];
    let graph = graph(&world, &provider);
    let node = &graph.nodes[1];
    assert_eq!((node.kind, node.name.as_str()), (NodeKind::IdentityCenterRole, "Read_Only"));
    assert_eq!(node.permission_set.as_deref(), Some("Read_Only"));
    assert_eq!(graph.edges[0].action, "sts:AssumeRoleWithSAML");
    assert_eq!(graph.edges[0].open_keys, ["saml:aud"]);
    assert!(graph.edges[0].confirmed);
}

#[test]
fn anybody_and_nobody() {
    let world = [Account::new(A)
        .role("open", trusts(json!({ "AWS": "*" })), none())
        .role("next", trusts(json!({ "AWS": role("open") })), none())
        .role("closed", trusts(root_of(A)), none())];
    let graph = graph(&world, "anonymous");
    assert_eq!(reached(&graph), [("next", 2), ("open", 1)]);
    assert!(!graph.notes.is_empty());
}

#[test]
fn an_instance_profile_stands_for_its_role() {
    let world = [Account::new(A).role("web", service("ec2.amazonaws.com"), none()).profile("web-servers").role(
        "next",
        trusts(json!({ "AWS": role("web") })),
        none(),
    )];
    let profile = format!("arn:aws:iam::{A}:instance-profile/web-servers");
    let graph = graph(&world, &profile);
    assert_eq!(graph.from.id, role("web"));
    assert_eq!(graph.from.instance_profiles, [profile]);
    assert_eq!(reached(&graph), [("next", 1)]);
}

#[test]
fn principals_that_cannot_be_used() {
    let world = [Account::new(A).user("alexandra", none()).role("deployer", nobody(), none())];
    let bytes = compile_at(&world, Level::Full);
    let tables = Tables::load(&bytes).unwrap();
    let error = |from: &str| reach(&tables, from, None).unwrap_err();
    let close = |from: &str| match error(from) {
        GraphError::Unknown { close, .. } => close,
        other @ (GraphError::Principal { .. } | GraphError::ForeignProfile { .. } | _) => panic!("{other}"),
    };
    assert_eq!(close(&user("alexandr")), [user("alexandra")]);
    assert_eq!(close(&role("Deployer")), [role("deployer")]);
    assert_eq!(close(&format!("arn:aws:sts::{A}:assumed-role/deploy/x")), [role("deployer")]);
    assert_eq!(close(&user("zoe")), Vec::<String>::new());
    let foreign = "arn:aws:iam::999988887777:instance-profile/web";
    assert_eq!(error(foreign), GraphError::ForeignProfile { given: foreign.to_owned() });
    for from in ["", "ana", "arn:aws:iam::1:user/x", "arn:aws:s3:::b", "arn:aws:iam::111122223333:group/g", "*"] {
        assert!(matches!(error(from), GraphError::Principal { .. }), "{from}");
    }
}

// ---- against plain decisions ----

/// Context values that the random policies below tell apart, and some that they do not.
const CONTEXTS: &[(&str, &[Option<&str>])] = &[
    ("sts:ExternalId", &[None, Some("a"), Some("b"), Some("ab"), Some("z")]),
    ("aws:MultiFactorAuthPresent", &[None, Some("true"), Some("false")]),
    ("aws:SourceIp", &[None, Some("10.1.2.3"), Some("10.200.0.1"), Some("203.0.113.9")]),
    ("aws:RequestTag/team", &[None, Some("red"), Some("blue")]),
    ("aws:PrincipalTag/team", &[None, Some("red"), Some("blue")]),
];

const SESSIONS: &[&str] = &["session", "alice", "bob", "carol"];

fn random_condition(random: &mut Random) -> Option<Json> {
    let tests: &[Json] = &[
        json!({ "StringEquals": { "sts:ExternalId": "a" } }),
        json!({ "StringNotEquals": { "sts:ExternalId": ["a", "b"] } }),
        json!({ "StringLike": { "sts:ExternalId": "a*" } }),
        json!({ "StringNotLikeIfExists": { "sts:ExternalId": "*b" } }),
        json!({ "StringEqualsIfExists": { "sts:ExternalId": "b" } }),
        json!({ "Null": { "sts:ExternalId": "true" } }),
        json!({ "Null": { "sts:ExternalId": "false" } }),
        json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
        json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
        json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/9" } }),
        json!({ "NotIpAddress": { "aws:SourceIp": "10.0.0.0/8" } }),
        json!({ "StringEquals": { "aws:RequestTag/team": "${aws:PrincipalTag/team}" } }),
        json!({ "StringEquals": { "aws:PrincipalTag/team": "red" } }),
        json!({ "StringEquals": { "aws:ResourceTag/team": "red" } }),
        json!({ "StringNotEquals": { "iam:ResourceTag/team": "blue" } }),
        json!({ "StringEquals": { "aws:PrincipalAccount": A } }),
        json!({ "StringEqualsIfExists": { "iam:PassedToService": EC2 } }),
        json!({ "StringNotEquals": { "iam:PassedToService": EC2 } }),
        json!({ "ForAnyValue:StringEquals": { "aws:RequestTag/team": ["red", "blue"] } }),
        json!({ "StringLike": { "aws:userid": "*:alice" } }),
        json!({ "StringNotEquals": { "aws:userid": "AROAR0:bob" } }),
    ];
    if random.once_in(3) {
        return None;
    }
    let mut merged = random.pick(tests).clone();
    if random.once_in(3) {
        for (operator, test) in random.pick(tests).as_object().unwrap() {
            merged[operator] = test.clone();
        }
    }
    Some(merged)
}

fn with_condition(mut statement: Json, random: &mut Random) -> Json {
    if let Some(condition) = random_condition(random) {
        statement["Condition"] = condition;
    }
    statement
}

fn random_identity(random: &mut Random) -> Json {
    let resources = [
        "*",
        "arn:aws:iam::*:role/r?",
        "arn:aws:iam::111122223333:role/r1",
        "arn:aws:iam::111122223333:role/${aws:PrincipalTag/team}1",
        "arn:aws:iam::111122223333:role/r${sts:ExternalId, '2'}",
    ];
    let statements = (0..random.below(4)).map(|_| {
        let effect = if random.once_in(4) { "Deny" } else { "Allow" };
        let resource = if random.once_in(6) { "NotResource" } else { "Resource" };
        let action = *random.pick(&["sts:*", "sts:AssumeRole", "*", "iam:PassRole"]);
        let statement = json!({ "Effect": effect, "Action": action, resource: *random.pick(&resources) });
        with_condition(statement, random)
    });
    statements.collect()
}

fn random_trust(random: &mut Random) -> Json {
    let principals = [
        format!("arn:aws:iam::{A}:root"),
        user("u0"),
        user("u1"),
        role("r0"),
        role("r1"),
        "*".to_owned(),
        format!("arn:aws:sts::{A}:assumed-role/r0/alice"),
        format!("arn:aws:sts::{A}:assumed-role/r1/bob"),
    ];
    let mut statements: Vec<Json> = Vec::new();
    for _ in 0..=random.below(3) {
        let deny = random.once_in(4);
        let element = if deny && random.once_in(2) { "NotPrincipal" } else { "Principal" };
        let names: BTreeSet<&String> = (0..=random.below(3)).map(|_| random.pick(&principals)).collect();
        let names: Vec<&String> = if element == "NotPrincipal" {
            names.into_iter().filter(|name| *name != "*").collect()
        } else {
            names.into_iter().collect()
        };
        if names.is_empty() {
            continue;
        }
        let statement = json!({ "Effect": if deny { "Deny" } else { "Allow" }, element: { "AWS": names },
                                "Action": "sts:AssumeRole" });
        statements.push(with_condition(statement, random));
    }
    if random.once_in(3) {
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": EC2 }, "Action": "sts:AssumeRole" });
        statements.push(with_condition(statement, random));
    }
    if statements.is_empty() { nobody() } else { statements.into() }
}

fn random_tags(random: &mut Random) -> &'static [(&'static str, &'static str)] {
    let tags: [&[_]; 3] = [&[], &[("team", "red")], &[("team", "blue")]];
    tags[random.below(tags.len())]
}

const EC2: &str = "ec2.amazonaws.com";

fn random_world(random: &mut Random) -> Account {
    let mut account = Account::new(A);
    for number in 0..2 {
        account = account.user(&format!("u{number}"), random_identity(random)).user_tags(random_tags(random));
        if random.once_in(4) {
            let boundary = random_identity(random);
            if boundary.as_array().is_some_and(|list| !list.is_empty()) {
                account = account.boundary(boundary);
            }
        }
    }
    for number in 0..3 {
        let trust = random_trust(random);
        account = account.role(&format!("r{number}"), trust, random_identity(random)).role_tags(random_tags(random));
    }
    account
}

/// Tags of a role of the dump, as the request's context has them.
fn resource_tags(account: &Account, arn: &str) -> Option<String> {
    let role = account.roles.iter().find(|role| role["Arn"] == *arn).unwrap();
    role["Tags"].as_array().and_then(|tags| Some(tags.first()?["Value"].as_str()?.to_owned()))
}

type Check<'c> = dyn FnMut(&[(&str, Value<'_>)]) + 'c;

/// Calls `check` with every context of [`CONTEXTS`].
fn each_context(check: &mut Check<'_>) {
    fn choose<'c>(at: usize, chosen: &mut Vec<(&'c str, Value<'c>)>, check: &mut Check<'_>) {
        let Some((key, values)) = CONTEXTS.get(at) else { return check(chosen) };
        for value in *values {
            match value {
                None => choose(at + 1, chosen, check),
                Some(value) => {
                    chosen.push((key, Value::One(value)));
                    choose(at + 1, chosen, check);
                    chosen.pop();
                }
            }
        }
    }
    choose(0, &mut Vec::new(), check);
}

/// How often each kind of pair came up.
#[derive(Default, Debug)]
struct Tally {
    never: usize,
    always: usize,
    confirmed: usize,
    unconfirmed: usize,
    passed: usize,
}

fn compare(account: &Account, tables: &Tables<'_>, source: &str, seed: u64, tally: &mut Tally) {
    let graph = reach(tables, source, None).unwrap();
    for target in &account.roles {
        let target = target["Arn"].as_str().unwrap();
        let is_assumed = |edge: &&Edge| edge.from == source && edge.to == *target && edge.kind == EdgeKind::AssumeRole;
        let edge = graph.edges.iter().find(is_assumed);
        let tag = resource_tags(account, target);
        let tag_keys = ["aws:ResourceTag/team", "iam:ResourceTag/team"];
        let known: Vec<_> = tag.iter().flat_map(|tag| tag_keys.map(|key| (key, Value::One(tag)))).collect();
        let (allowed, denied) = count(tables, source, "sts:AssumeRole", target, &known);
        let shown = || format!("seed {seed}: {source} -> {target}\n{edge:#?}\n{}", account.dump());
        match edge {
            None => {
                tally.never += 1;
                assert_eq!(allowed, 0, "no edge, but allowed: {}", shown());
            }
            Some(edge) if !edge.conditional => {
                tally.always += 1;
                assert_eq!(denied, 0, "in every context, but denied: {}", shown());
            }
            Some(edge) => {
                assert_eq!(edge.confirmed, edge.example.is_some());
                *(if edge.confirmed { &mut tally.confirmed } else { &mut tally.unconfirmed }) += 1;
                assert!(edge.confirmed || allowed == 0, "an example was missed: {}", shown());
                check_example(tables, source, target, tag.as_deref(), edge, &shown);
                assert!(!edge.open_keys.is_empty() && !edge.conditions.is_empty(), "{}", shown());
            }
        }
    }
}

/// In how many contexts a request is allowed and denied; of a role in sessions of all names.
fn count(tables: &Tables<'_>, source: &str, action: &str, target: &str, known: &[(&str, Value<'_>)]) -> (u32, u32) {
    let role_name = source.strip_prefix(&role(""));
    let (mut allowed, mut denied) = (0, 0);
    for session in if role_name.is_some() { SESSIONS } else { &SESSIONS[..1] } {
        let session_arn = |name| format!("arn:aws:sts::{A}:assumed-role/{name}/{session}");
        let arn = role_name.map_or(source.to_owned(), session_arn);
        let principal = Principal::parse(&arn).unwrap();
        each_context(&mut |context| {
            // What no request to hand a role on has.
            let is_strange = |(key, _): &(&str, Value<'_>)| key.starts_with("sts:") || key.contains("RequestTag");
            if action == "iam:PassRole" && context.iter().any(is_strange) {
                return;
            }
            let entries = [context, known].concat();
            let request = Request::new(principal, action, target).context(&entries);
            *(if tables.decide(&request).is_allowed() { &mut allowed } else { &mut denied }) += 1;
        });
    }
    (allowed, denied)
}

/// Roles that are handed to a service: both requests in every context.
fn compare_passing(account: &Account, tables: &Tables<'_>, source: &str, seed: u64) -> usize {
    let graph = reach(tables, source, None).unwrap();
    let mut found = 0;
    for target in &account.roles {
        let arn = target["Arn"].as_str().unwrap();
        // Only services that are named count.
        let names_service = target["AssumeRolePolicyDocument"].to_string().contains(r#"{"Service":"#);
        if arn == source || !names_service {
            continue;
        }
        let tag = resource_tags(account, arn);
        let tag_keys = ["aws:ResourceTag/team", "iam:ResourceTag/team"];
        let mut known: Vec<_> = tag.iter().flat_map(|tag| tag_keys.map(|key| (key, Value::One(tag)))).collect();
        let service = count(tables, EC2, "sts:AssumeRole", arn, &known);
        known.push(("iam:PassedToService", Value::One(EC2)));
        let own = count(tables, source, "iam:PassRole", arn, &known);
        let is_passed = |edge: &&Edge| edge.from == source && edge.to == *arn && edge.kind == EdgeKind::PassRole;
        let edge = graph.edges.iter().find(is_passed);
        let shown = || format!("seed {seed}: {source} -> {arn} {own:?} {service:?}\n{edge:#?}\n{}", account.dump());
        match edge {
            None => assert!(own.0 == 0 || service.0 == 0, "no edge, but allowed: {}", shown()),
            Some(edge) if !edge.conditional => assert_eq!((own.1, service.1), (0, 0), "denied: {}", shown()),
            Some(edge) => assert!(edge.confirmed || own.0 == 0 || service.0 == 0, "missed: {}", shown()),
        }
        found += usize::from(edge.is_some());
    }
    found
}

/// The example of an edge is allowed by the plain decision.
fn check_example(
    tables: &Tables<'_>,
    source: &str,
    target: &str,
    tag: Option<&str>,
    edge: &Edge,
    shown: &dyn Fn() -> String,
) {
    let Some(example) = &edge.example else { return };
    let session = example.get("sessionName").map_or("session", one);
    let arn = source
        .strip_prefix(&role(""))
        .map_or(source.to_owned(), |name| format!("arn:aws:sts::{A}:assumed-role/{name}/{session}"));
    let keys = example.iter().filter(|(key, _)| *key != "sessionName");
    let mut entries: Vec<(&str, Value<'_>)> = keys.map(|(key, value)| (key.as_str(), Value::One(one(value)))).collect();
    if let Some(tag) = tag {
        entries.extend(["aws:ResourceTag/team", "iam:ResourceTag/team"].map(|key| (key, Value::One(tag))));
    }
    let request = Request::new(Principal::parse(&arn).unwrap(), "sts:AssumeRole", target).context(&entries);
    assert!(tables.decide(&request).is_allowed(), "{}", shown());
}

#[test]
fn edges_agree_with_plain_decisions_in_every_context() {
    let mut tally = Tally::default();
    for seed in 0..120 {
        let account = random_world(&mut Random(seed));
        for level in [Level::Full, Level::None] {
            let bytes = compile_at(std::slice::from_ref(&account), level);
            let tables = Tables::load(&bytes).unwrap();
            for source in [user("u0"), user("u1"), role("r0"), role("r1")] {
                compare(&account, &tables, &source, seed, &mut tally);
                tally.passed += compare_passing(&account, &tables, &source, seed);
            }
        }
    }
    println!("{tally:?}");
    assert!(300 < tally.never && 100 < tally.always && 300 < tally.confirmed, "{tally:?}");
    assert!(50 < tally.passed, "{tally:?}");
    // Wildcards that exclude each other and the like.
    assert!(tally.unconfirmed * 8 < tally.confirmed, "{tally:?}");
}
