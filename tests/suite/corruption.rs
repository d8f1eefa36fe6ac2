//! Files that are no artifacts, damaged artifacts, and artifacts that were forged with matching checksums: loading
//! fails, or every lookup returns.
//!
//! The checksums are computed here by the layout's description, not by the program.

use super::worlds::{ALICE, APP, BUCKET, Random, account, build, document, layers, policy};
use iamc::provenance::Provenance;
use iamc::{Level, LoadError, Options, Principal, Request, Semantics, Tables, Value};

/// Behind magic, version, length, semantics, checksum of the body, section count and a reserved word.
const SECTION_TABLE: usize = 40;
const BODY_CHECKSUM: usize = 24;
const TOTAL: usize = 12;

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn put(bytes: &mut [u8], at: usize, word: u32) {
    bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

fn header_bytes(bytes: &[u8]) -> usize {
    SECTION_TABLE + usize::try_from(word(bytes, 32)).unwrap() * 8 + 8
}

fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut lanes = [1, 2, 3, 4];
    let blocks = bytes.chunks_exact(32);
    let tail = blocks.remainder();
    for block in blocks {
        for (lane, word) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            *lane = mix(*lane, u64::from_le_bytes(word.try_into().unwrap()));
        }
    }
    let hash = lanes.iter().fold(0, |hash, lane| mix(hash, *lane));
    let hash = tail.iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)));
    mix(hash, u64::try_from(bytes.len()).unwrap())
}

/// Makes length and both checksums match what the bytes are now.
fn seal(bytes: &mut [u8], header: usize) {
    let total = u32::try_from(bytes.len()).unwrap();
    put(bytes, TOTAL, total);
    let body = checksum(&bytes[header..]);
    bytes[BODY_CHECKSUM..BODY_CHECKSUM + 8].copy_from_slice(&body.to_le_bytes());
    let sum = checksum(&bytes[..header - 8]);
    bytes[header - 8..header].copy_from_slice(&sum.to_le_bytes());
}

/// The sections of an artifact, to be changed and put together again.
struct Parts {
    header: Vec<u8>,
    sections: Vec<(String, Vec<u8>)>,
}

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let names = Tables::load(bytes).unwrap().sections().map(|(name, _)| name.to_owned());
        let sections = names.enumerate().map(|(number, name)| {
            let at = usize::try_from(word(bytes, SECTION_TABLE + number * 8)).unwrap();
            let length = usize::try_from(word(bytes, SECTION_TABLE + number * 8 + 4)).unwrap();
            (name, bytes[at..at + length].to_vec())
        });
        Self { header: bytes[..header_bytes(bytes)].to_vec(), sections: sections.collect() }
    }

    fn set(mut self, name: &str, words: &[u32]) -> Self {
        let (_, section) = self.sections.iter_mut().find(|(known, _)| known == name).unwrap();
        *section = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self
    }

    fn words(&self, name: &str) -> Vec<u32> {
        let (_, section) = self.sections.iter().find(|(known, _)| known == name).unwrap();
        section.chunks_exact(4).map(|chunk| word(chunk, 0)).collect()
    }

    fn join(self) -> Vec<u8> {
        let mut bytes = self.header;
        let header = bytes.len();
        for (number, (_, section)) in self.sections.iter().enumerate() {
            let at = u32::try_from(bytes.len()).unwrap();
            put(&mut bytes, SECTION_TABLE + number * 8, at);
            put(&mut bytes, SECTION_TABLE + number * 8 + 4, u32::try_from(section.len()).unwrap());
            bytes.extend(section);
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        seal(&mut bytes, header);
        bytes
    }
}

fn samples() -> Vec<Vec<u8>> {
    let resources = r#"{"Sid":"S","Effect":"Allow","Action":["s3:Get*","s3:PutObject","s3:*Tagging"],
        "Resource":["arn:aws:s3:::b/*/x?*","arn:aws:s3:::${aws:username}"],"Condition":{"StringLike":{"s:k":"a*${aws:userid}"}}}"#;
    vec![
        layers(Level::Full),
        build(&account(), Semantics::default(), Level::Full),
        layers(Level::None),
        policy(&document(resources), Semantics::default(), Level::Full),
    ]
}

/// Calls everything that a loaded artifact answers, and lets nothing but a return pass.
fn look_up_everything(tables: &Tables<'_>) {
    let context = [
        ("aws:SourceVpce", Value::One("vpce-1")),
        ("aws:CurrentTime", Value::One("2026-01-01T00:00:00Z")),
        ("aws:SourceIp", Value::One("10.1.2.3")),
        ("aws:SecureTransport", Value::One("true")),
        ("aws:SourceArn", Value::One("arn:aws:sns:us-east-1:111122223333:topic")),
        ("aws:RequestTag/a", Value::One("x")),
        ("s:k", Value::List(&["b", "é"])),
        ("s:l", Value::One("axbyc")),
        ("s:m", Value::List(&["y"])),
        ("s:n", Value::One("10.50")),
        ("s:b", Value::One("QUJD")),
    ];
    let names: Vec<&str> = tables.policy_names().collect();
    let common = ["Resources", "P"];
    let sessions = [*tables];
    let role_arn = Some("arn:aws:iam::111122223333:role/svc/app");
    let principals = [
        Principal::User { arn: ALICE },
        Principal::RoleSession { arn: APP, role_arn },
        Principal::Root { arn: "arn:aws:iam::444455556666:root" },
        Principal::FederatedUser { arn: "arn:aws:sts::111122223333:federated-user/f", issuer_arn: Some(ALICE) },
        Principal::Service { name: "lambda.amazonaws.com", other_names: &["x.amazonaws.com"] },
        Principal::Anonymous,
        Principal::Nameless,
    ];
    let calls = [
        ("s3:GetObject", "arn:aws:s3:::b/alice/é/aab"),
        ("S3:deleteobject", "arn:aws:s3:::b/no/x"),
        ("a:gétx", "*"),
        ("a:b", "arn:aws:dynamodb:us-x-1:1:table/éx"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/svc/app"),
        ("ec:x", "arn:aws:s3:::b/a/xyz"),
    ];
    for principal in principals {
        for (action, resource) in calls {
            let mut request = Request::new(principal, action, resource).context(&context);
            request.resource_account = resource.contains("s3").then_some("111122223333");
            request.session_tables = &sessions;
            for policies in [&common[..0], &common[..1], &common[1..], &names[..names.len().min(3)]] {
                request.policies = policies;
                let decision = tables.decide(&request);
                if let Ok(explanation) = tables.explain(&request) {
                    assert_eq!(decision.is_allowed(), explanation.decision.is_allowed());
                }
                tables.blockers(&request);
            }
            tables.ignored_keys(&request).count();
            request.endpoint = Some("vpce-1");
            request.access_key_id = Some("AKIAX");
            request.session_policies = &["Session"];
            tables.decide(&request);
        }
    }
    for number in (0..40).chain([u32::MAX - 1, u32::MAX]) {
        tables.statement(number);
    }
    tables.required_keys().count();
    tables.counts();
    tables.sections().count();
    let _ = Provenance::read(tables.provenance());
    iamc::graph::kinds(tables);
    for from in [ALICE, APP, "anonymous"] {
        let _ = iamc::graph::reach(tables, from, None);
    }
}

fn check_returns(bytes: &[u8]) -> bool {
    match Tables::load(bytes) {
        Ok(tables) => {
            look_up_everything(&tables);
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// No format of a world names access keys yet.
#[test]
fn the_samples_fill_every_section() {
    let samples = samples();
    let mut filled = std::collections::BTreeSet::from(["access_keys"]);
    let mut all = std::collections::BTreeSet::new();
    for bytes in &samples {
        let tables = Tables::load(bytes).unwrap();
        look_up_everything(&tables);
        all.extend(tables.sections().map(|(name, _)| name));
        filled.extend(tables.sections().filter(|(_, length)| *length > 0).map(|(name, _)| name));
    }
    assert_eq!(filled, all);
}

#[test]
fn an_artifact_put_together_from_its_parts_is_the_same() {
    for bytes in samples() {
        assert!(Parts::of(&bytes).join() == bytes);
    }
}

#[test]
fn foreign_files() {
    let check = |bytes: &[u8], expected: LoadError| assert_eq!(Tables::load(bytes).unwrap_err(), expected);
    check(b"", LoadError::TooShort { found: 0 });
    check(b"\x89", LoadError::TooShort { found: 1 });
    check(b"x", LoadError::NotAnArtifact);
    check(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", LoadError::NotAnArtifact);
    check(br#"{"Version":"2012-10-17"}"#, LoadError::NotAnArtifact);
    check(&vec![0; 5_000], LoadError::NotAnArtifact);
    check(b"\x89IAMC\n\x1a", LoadError::NotAnArtifact);
}

#[test]
fn another_version_is_named() {
    for found in [0, Tables::FORMAT_VERSION - 1, Tables::FORMAT_VERSION + 1, u32::MAX] {
        let mut bytes = samples().remove(3);
        put(&mut bytes, 8, found);
        let expected = LoadError::Version { found, expected: Tables::FORMAT_VERSION };
        assert_eq!(Tables::load(&bytes).unwrap_err(), expected);
    }
}

#[test]
fn every_truncation_is_found() {
    for bytes in samples() {
        for length in 0..bytes.len() {
            assert!(Tables::load(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
        }
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let mut bytes = samples().remove(3);
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Tables::load(&bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn bytes_behind_the_end_are_found() {
    for mut bytes in samples() {
        let expected = bytes.len();
        for more in 1..9 {
            bytes.push(0);
            assert_eq!(Tables::load(&bytes).unwrap_err(), LoadError::Length { found: expected + more, expected });
        }
    }
}

#[test]
fn truncations_with_matching_checksums() {
    let bytes = samples().remove(3);
    let header = header_bytes(&bytes);
    for length in header..bytes.len() {
        let mut cut = bytes[..length].to_vec();
        seal(&mut cut, header);
        check_returns(&cut);
    }
}

#[test]
fn random_bytes_behind_a_valid_header() {
    let mut random = Random(1);
    for bytes in samples() {
        let header = header_bytes(&bytes);
        for _ in 0..200 {
            let mut forged = bytes.clone();
            for byte in &mut forged[header..] {
                *byte = random.next().to_le_bytes()[0];
            }
            seal(&mut forged, header);
            check_returns(&forged);
        }
    }
}

#[test]
fn overwritten_words_with_matching_checksums() {
    let mut random = Random(2);
    let mut loaded = 0;
    for bytes in samples() {
        let header = header_bytes(&bytes);
        for _ in 0..ROUNDS {
            let mut forged = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = SECTION_TABLE / 4 + random.below((bytes.len() - SECTION_TABLE) / 4);
                let old = word(&forged, at * 4);
                let values = [
                    old.wrapping_add(1),
                    old.wrapping_sub(1),
                    old ^ (1 << random.below(32)),
                    u32::try_from(random.below(64)).unwrap(),
                    u32::MAX - u32::try_from(random.below(3)).unwrap(),
                    1 << random.below(32),
                    word(&bytes, random.below(bytes.len() / 4) * 4),
                ];
                put(&mut forged, at * 4, *random.pick(&values));
            }
            seal(&mut forged, header);
            loaded += usize::from(check_returns(&forged));
        }
    }
    assert!(ROUNDS / 10 < loaded, "only {loaded} forged artifacts were loaded and asked");
}

const ROUNDS: usize = 400;

/// A policy with one statement, whose trie and index are replaced: `nodes`, of which the last begins at `root`.
fn with_nodes(nodes: &[u32], root: u32) -> Vec<u8> {
    let text = document(r#"{"Effect":"Allow","Action":"*","Resource":["*"],"Condition":{"Bool":{"a:b":"true"}}}"#);
    let bytes = policy(&text, Semantics::default(), Level::Full);
    Parts::of(&bytes).set("nodes", nodes).set("indexes", &[root + 1, 0]).join()
}

fn asks_p(tables: &Tables<'_>, resource: &str) -> bool {
    let policies = ["P"];
    let request = Request::new(Principal::User { arn: ALICE }, "s3:GetObject", resource).policies(&policies);
    tables.decide(&request).is_allowed()
}

fn check_denies(bytes: &[u8]) {
    let tables = Tables::load(bytes).unwrap();
    assert!(!asks_p(
        &tables,
        "arn:aws:s3:::aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    ));
}

const HAS_END: u32 = 4;
const HAS_STAR_FREE: u32 = 32;
const HAS_ANY_WITHIN: u32 = 64;
const HAS_ANY_FREE: u32 = 128;

/// Was a stack overflow: every star recursed, and only the compiler kept their number small.
#[test]
fn a_chain_of_a_hundred_thousand_stars() {
    let mut nodes = vec![HAS_END, 0];
    for _ in 0..100_000 {
        let below = u32::try_from(nodes.len()).unwrap() - 2;
        nodes.extend([HAS_STAR_FREE, below]);
    }
    let root = u32::try_from(nodes.len()).unwrap() - 2;
    check_denies(&with_nodes(&nodes, root));
}

/// Was a hang: the budget was counted only once more than 512 stars had been met.
#[test]
fn a_node_graph_with_two_to_the_eightieth_paths() {
    let mut nodes = vec![HAS_END, 0];
    let mut below = 0;
    for _ in 0..80 {
        let at = u32::try_from(nodes.len()).unwrap();
        nodes.extend([HAS_ANY_WITHIN | HAS_ANY_FREE, below, below]);
        below = at;
    }
    check_denies(&with_nodes(&nodes, below));
}

/// Was a stack overflow: a position that is not a node's first word can read as a node that is its own child.
#[test]
fn a_node_that_is_its_own_child() {
    // The variable's key 0 at word 2 reads as an empty node; word 4 as `*` whose child is word 4.
    let mut nodes = vec![HAS_END, 0];
    nodes.extend([HAS_STAR_FREE | HAS_ANY_FREE, 0, 0]);
    nodes.extend([HAS_END | HAS_STAR_FREE, HAS_STAR_FREE, 0]);
    for root in 0..u32::try_from(nodes.len()).unwrap() {
        check_returns(&with_nodes(&nodes, root));
    }
}

/// Was an endless loop: only the search by prefix asked that a parent stand before its child.
#[test]
fn action_nodes_that_are_their_own_parents() {
    let text = document(
        r#"{"Effect":"Allow","Action":["s3:*","s3:Get*"],"Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*"}"#,
    );
    let other = document(r#"{"Effect":"Allow","Action":"s3:GetOb*","Resource":"arn:aws:s3:::b"}"#);
    let world = super::worlds::world(&[("A", &text), ("P", &other)], None);
    let bytes = build(&world, Semantics::default(), Level::Full);
    let actions = Parts::of(&bytes).words("actions");
    for node in 0..actions.len() / 2 {
        for parent in node + 1..=actions.len() / 2 {
            let mut changed = actions.clone();
            changed[node * 2 + 1] = u32::try_from(parent).unwrap();
            let forged = Parts::of(&bytes).set("actions", &changed).join();
            let expected = LoadError::Record { section: "actions", word: u32::try_from(node * 2).unwrap() };
            assert_eq!(Tables::load(&forged).unwrap_err(), expected);
        }
    }
}

/// Was a loop of 2^32 steps, and an overflow: a slot may point into the middle of an index.
#[test]
fn an_index_with_four_billion_exclusions() {
    let text = document(r#"{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::x"}"#);
    let bytes = policy(&text, Semantics::default(), Level::Full);
    for position in 0..8 {
        let indexes = Parts::of(&bytes).words("indexes");
        let slots = Parts::of(&bytes).words("slots").iter().map(|_| position).collect::<Vec<_>>();
        let count = indexes.len();
        for value in [u32::MAX, 1 << 30, (1 << 30) - 1] {
            let mut changed = indexes.clone();
            changed[usize::try_from(position).unwrap() % count] = value;
            check_returns(&Parts::of(&bytes).set("indexes", &changed).join());
            check_returns(&Parts::of(&bytes).set("indexes", &changed).set("slots", &slots).join());
        }
    }
}

/// Was an overflow: a row may be named at a word that is not its first.
#[test]
fn a_row_that_begins_in_another() {
    let text = document(
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}},
           {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:c":"true"}}}"#,
    );
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let nodes = Parts::of(&bytes).words("nodes");
    let rows = Parts::of(&bytes).words("rows");
    for row in 0..u32::try_from(rows.len()).unwrap() {
        let moved: Vec<u32> = nodes.iter().map(|&word| if word == 0 { row } else { word }).collect();
        check_returns(&Parts::of(&bytes).set("nodes", &moved).join());
    }
}

/// The list behind a role's tags: texts, behind all lists of earlier records.
#[test]
fn instance_profiles_point_at_texts() {
    let bytes = samples().remove(1);
    let identities = Parts::of(&bytes).words("identities");
    let lists = Parts::of(&bytes).words("lists");
    let number =
        (0..identities.len() / 13).find(|number| identities[number * 13 + 12] == 1).expect("app has a profile");
    let at = identities[number * 13 + 11];
    let is_refused = |forged: Vec<u8>| {
        let error = Tables::load(&forged).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "identities", .. }), "{error}");
    };
    for word in [u32::MAX, u32::try_from(Parts::of(&bytes).words("symbols").len()).unwrap() - 1] {
        let mut changed = lists.clone();
        changed[usize::try_from(at).unwrap()] = word;
        is_refused(Parts::of(&bytes).set("lists", &changed).join());
    }
    for (word, value) in [(11, u32::MAX), (11, 0), (12, u32::MAX), (12, u32::try_from(lists.len()).unwrap())] {
        let mut changed = identities.clone();
        changed[number * 13 + word] = value;
        is_refused(Parts::of(&bytes).set("identities", &changed).join());
    }
}

/// The list between tags and profiles: bundles of groups.
#[test]
fn groups_point_at_bundles() {
    let world = iamc::world::load(vec![("account.json".to_owned(), super::groups::account(60))], None);
    let bytes = iamc::compile(world, &Options::default()).unwrap().as_bytes().to_vec();
    let identities = Parts::of(&bytes).words("identities");
    let lists = Parts::of(&bytes).words("lists");
    let bundles = u32::try_from(Parts::of(&bytes).words("bundles").len() / 5).unwrap();
    let number = (0..identities.len() / 13).find(|number| identities[number * 13 + 10] == 2).expect("ana is in two");
    let at = usize::try_from(identities[number * 13 + 9]).unwrap();
    for word in [u32::MAX, bundles] {
        let mut changed = lists.clone();
        changed[at] = word;
        let error = Tables::load(&Parts::of(&bytes).set("lists", &changed).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "identities", .. }), "{error}");
    }
    for (word, value) in [(9, u32::MAX), (10, u32::MAX), (10, u32::try_from(lists.len()).unwrap())] {
        let mut changed = identities.clone();
        changed[number * 13 + word] = value;
        assert!(Tables::load(&Parts::of(&bytes).set("identities", &changed).join()).is_err(), "{word} {value}");
    }
}

#[test]
fn what_is_searched_must_be_sorted() {
    let samples = samples();
    for (sample, name, width) in [(0, "keys", 2), (1, "names", 1), (1, "actions", 2)] {
        let mut words = Parts::of(&samples[sample]).words(name);
        for at in 0..width {
            words.swap(at, width + at);
        }
        let error = Tables::load(&Parts::of(&samples[sample]).set(name, &words).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section, .. } if section == name), "{name}: {error}");
    }
    let endpoint = Parts::of(&samples[0]).words("endpoints");
    let twice = [endpoint.as_slice(), endpoint.as_slice()].concat();
    let error = Tables::load(&Parts::of(&samples[0]).set("endpoints", &twice).join()).unwrap_err();
    assert!(matches!(error, LoadError::Record { section: "endpoints", .. }), "{error}");
}

/// Was an allow: a resource policy was passed over where looking for it was given up.
#[test]
fn the_governing_resource_is_found_or_the_request_denied() {
    let bytes = layers(Level::Full);
    let nodes = Parts::of(&bytes).words("nodes");
    let mut indexes = Parts::of(&bytes).words("indexes");
    let resource_index = usize::try_from(Parts::of(&bytes).words("meta")[1]).unwrap() - 1;
    let mut changed = nodes;
    let mut below = indexes[resource_index] - 1;
    for _ in 0..80 {
        let at = u32::try_from(changed.len()).unwrap();
        changed.extend([HAS_ANY_WITHIN | HAS_ANY_FREE, below, below]);
        below = at;
    }
    indexes[resource_index] = below + 1;
    let forged = Parts::of(&bytes).set("nodes", &changed).set("indexes", &indexes).join();
    let decide = |bytes: &[u8], key: &str| {
        let resource = format!("{BUCKET}/{key}");
        let app = Principal::RoleSession { arn: APP, role_arn: None };
        let mut request = Request::new(app, "s3:GetObject", &resource);
        request.resource_account = Some("111122223333");
        Tables::load(bytes).unwrap().decide(&request)
    };
    assert!(decide(&bytes, "k").is_allowed());
    assert!(decide(&forged, "k").is_allowed(), "a short text ends the walk");
    assert!(!decide(&forged, &"k".repeat(200)).is_allowed());
}
