//! Files that are no artifacts, damaged artifacts, and artifacts that were forged with matching checksums: loading
//! fails, or every lookup returns.
//!
//! The checksums are computed here by the layout's description, not by the program.

use super::worlds::{ALICE, APP, BUCKET, Random, account, build, document, layers, policy};
use iamc::provenance::Provenance;
use iamc::{Decision, Level, LoadError, Options, Principal, Request, ResolvedRequest, Semantics, Tables, Value};

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

    fn set_bytes(mut self, name: &str, bytes: &[u8]) -> Self {
        let (_, section) = self.sections.iter_mut().find(|(known, _)| known == name).unwrap();
        *section = bytes.to_vec();
        self
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        let (_, section) = self.sections.iter().find(|(known, _)| known == name).unwrap();
        section.clone()
    }

    fn words(&self, name: &str) -> Vec<u32> {
        self.bytes(name).chunks_exact(4).map(|chunk| word(chunk, 0)).collect()
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

/// Asks in resolved names what a request asks in strings, and demands the same answer.
fn ask_resolved(tables: &Tables<'_>, request: &Request<'_>) {
    let plain = Request::new(request.principal, request.action, request.resource).context(request.context);
    let (Ok(principal), Ok(action)) = (tables.principal(request.principal), tables.action(request.action)) else {
        assert!(!tables.decide(&plain).is_allowed());
        return;
    };
    let context: Vec<_> = request.context.iter().map(|(name, value)| (tables.key(name), *value)).collect();
    let resolved = ResolvedRequest { principal: &principal, action, resource: request.resource, context: &context };
    assert_eq!(tables.decide_resolved(&resolved), tables.decide(&plain));
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
            ask_resolved(tables, &request);
            tables.ignored_keys(&request, |_| ());
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
    for action in ["s3:GetObject", "a:gotox", "iam:GetUser"] {
        assert!(tables.required_context(action).unwrap().count() < 1 << 20);
    }
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

/// A policy with one statement that has a condition nobody meets.
fn one_statement() -> Vec<u8> {
    let text = document(r#"{"Effect":"Allow","Action":"*","Resource":["*"],"Condition":{"Bool":{"a:b":"true"}}}"#);
    policy(&text, Semantics::default(), Level::Full)
}

/// The word of `meta` in which the widths begin, and the one that says where the rows end.
const WIDTHS: usize = 4;
const ROWS_END: usize = 8;
const RESOURCE_INDEX: usize = 0;

/// Zeros behind the last number of sections of bytes.
const SLACK: [u8; 8] = [0; 8];

/// Beginnings of ARNs and texts of edges that forged nodes refer to: head 0 is `arn:aws:s3:::`, run 13 is `a`.
const RUNS: &[u8] = b"arn:aws:s3:::aab";

/// Replaces all nodes of an artifact: rows, then from `rows_end` on the nodes, of which `root` is that of every slot and
/// scan. Positions have four bytes; statements, guards, heads and runs one.
fn with_nodes(bytes: &[u8], rows_end: usize, nodes: &[u8], root: usize) -> Vec<u8> {
    with_widths(bytes, [4, 1, 1], rows_end, nodes, root)
}

/// The same with other widths of positions, statements and guards.
fn with_widths(bytes: &[u8], widths: [u8; 3], rows_end: usize, nodes: &[u8], root: usize) -> Vec<u8> {
    let parts = Parts::of(bytes);
    let [place, statement, guard] = widths;
    let mut meta = parts.words("meta");
    let [_, key, operand, set] = meta[WIDTHS + 1].to_le_bytes();
    meta[WIDTHS] = u32::from_le_bytes([place, statement, guard, 1]);
    meta[WIDTHS + 1] = u32::from_le_bytes([1, key, operand, set]);
    meta[ROWS_END] = u32::try_from(rows_end).unwrap();
    let root = u32::try_from(root).unwrap() << 1;
    meta[RESOURCE_INDEX] = root + 1;
    let mut bundles = bundles_of(&parts);
    for bundle in &mut bundles {
        bundle.roots.fill(root);
    }
    let parts = with_bundles(parts.set("meta", &meta), &bundles);
    let mut scans = parts.words("scans");
    for scan in scans.chunks_exact_mut(4) {
        scan[3] = root;
    }
    let nodes = [nodes, &SLACK].concat();
    let parts = parts.set("scans", &scans).set("indexes", &[]);
    parts.set_bytes("runs", RUNS).set("heads", &[0, 13]).set_bytes("nodes", &nodes).join()
}

/// Bits of a bundle's first byte: counts of four bytes, a statement that allows everything, scans.
const LARGE: u8 = 8;
const ALLOWS_ALL: u8 = 16;
const SCANS: u8 = 32;
/// Action nodes as bits, or one range of them.
const MARKED: u8 = 64;
const RANGE: u8 = 128;

/// A bundle as it stands in `slots` where its action nodes are listed.
#[derive(Clone, Debug)]
struct Bundle {
    shape: u8,
    changes: u32,
    root_count: u32,
    /// Statement and scans, action nodes, numbers of roots.
    middle: Vec<u8>,
    roots: Vec<u32>,
}

fn low(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The bundles of an artifact, all of them as if their nodes were listed.
fn bundles_of(parts: &Parts) -> Vec<Bundle> {
    let [_, _, _, action_bytes] = parts.words("meta")[WIDTHS + 2].to_le_bytes();
    let [root_bytes, ..] = parts.words("meta")[WIDTHS + 3].to_le_bytes();
    let root_bytes = usize::from(root_bytes);
    let slots = parts.bytes("slots");
    let bundle = |at: u32| {
        let bytes = &slots[usize::try_from(at).unwrap()..];
        let shape = bytes[0];
        if shape == RANGE {
            let middle = [&bytes[1..5], &[1, 0]].concat();
            return Bundle { shape: 1, changes: 2, root_count: 1, middle, roots: vec![low(&bytes[5..5 + root_bytes])] };
        }
        let count = if shape & LARGE == 0 { 2 } else { 4 };
        let (counts, bytes) = bytes[1..].split_at(2 * count);
        let (changes, root_count) = (low(&counts[..count]), low(&counts[count..]));
        let head = usize::from(shape & ALLOWS_ALL != 0) * 4 + usize::from(shape & SCANS != 0) * 8;
        let (middle, rest) = if shape & MARKED == 0 {
            let node_bytes = if action_bytes <= 2 { 2 } else { 4 };
            let middle = head + usize::try_from(changes).unwrap() * (node_bytes + usize::from(shape & 7));
            (bytes[..middle].to_vec(), &bytes[middle..])
        } else {
            let span = low(&bytes[..3]);
            let blocks = usize::try_from(span >> 12).unwrap();
            let (head, bytes) = bytes[3..].split_at(head);
            let (marks, bytes) = bytes.split_at(blocks * 6);
            let (numbers, rest) = bytes.split_at(usize::try_from(changes).unwrap() * usize::from(shape & 7));
            let bits = marks.chunks(6).flat_map(|block| (0..32).map(|bit| low(&block[2..]) >> bit & 1 != 0));
            let nodes = ((span & 0xfff) * 32..).zip(bits).filter(|(_, is_marked)| *is_marked).map(|(node, _)| node);
            let nodes = nodes.flat_map(|node| u16::try_from(node).unwrap().to_le_bytes()).collect::<Vec<_>>();
            ([head, &nodes, numbers].concat(), rest)
        };
        let root = |number: u32| {
            let at = usize::try_from(number).unwrap() * root_bytes;
            low(&rest[at..at + root_bytes])
        };
        Bundle { shape: shape & !MARKED, changes, root_count, middle, roots: (0..root_count).map(root).collect() }
    };
    parts.words("bundles").into_iter().map(bundle).collect()
}

/// Puts bundles in place of all that are there; roots get four bytes.
fn with_bundles(parts: Parts, bundles: &[Bundle]) -> Parts {
    let mut meta = parts.words("meta");
    meta[WIDTHS + 3] = 4;
    let (mut slots, mut places) = (Vec::new(), Vec::new());
    for bundle in bundles {
        places.push(u32::try_from(slots.len()).unwrap());
        slots.push(bundle.shape);
        let count = if bundle.shape & LARGE == 0 { 2 } else { 4 };
        for number in [bundle.changes, bundle.root_count] {
            slots.extend(&number.to_le_bytes()[..count]);
        }
        slots.extend(&bundle.middle);
        slots.extend(bundle.roots.iter().flat_map(|root| root.to_le_bytes()));
    }
    slots.extend(SLACK);
    parts.set("meta", &meta).set("bundles", &places).set_bytes("slots", &slots)
}

fn place(at: usize) -> [u8; 4] {
    u32::try_from(at).unwrap().to_le_bytes()
}

fn asks_p(tables: &Tables<'_>, resource: &str) -> bool {
    let policies = ["P"];
    let request = Request::new(Principal::User { arn: ALICE }, "s3:GetObject", resource).policies(&policies);
    tables.decide(&request).is_allowed()
}

const LONG: &str = "arn:aws:s3:::aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The artifact is good, and whatever it answers, it does not allow.
fn check_denies(bytes: &[u8]) {
    let tables = Tables::load(bytes).unwrap();
    assert!(!asks_p(&tables, LONG));
    check_answers(bytes);
}

/// Loading fails, or everything that can be asked once is answered; returns which.
fn check_answers(bytes: &[u8]) -> bool {
    let Ok(tables) = Tables::load(bytes) else { return false };
    let policies: Vec<&str> = tables.policy_names().take(2).collect();
    for (principal, resource) in [
        (Principal::User { arn: ALICE }, LONG),
        (Principal::RoleSession { arn: APP, role_arn: None }, "arn:aws:s3:::"),
        (Principal::User { arn: ALICE }, "*"),
    ] {
        let plain = Request::new(principal, "s3:GetObject", resource);
        let request = plain.policies(&policies);
        let decision = tables.decide(&request);
        if let Ok(explanation) = tables.explain(&request) {
            assert_eq!(decision.is_allowed(), explanation.decision.is_allowed());
        }
        ask_resolved(&tables, &plain);
    }
    for number in [0, 1, u32::MAX] {
        tables.statement(number);
    }
    tables.counts();
    tables.sections().count();
    true
}

const HAS_DENY: u8 = 1;
const HAS_END: u8 = 2;
const HAS_REST: u8 = 4;
const HAS_MORE: u8 = 8;
const ONE_LITERAL: u8 = 0x10;
const HEAD_AND_LITERAL: u8 = 0x20;
const LITERAL_TABLE: u8 = 0x30;
const CHILD_IN_PLACE: u8 = 0x40;
const ROW_IN_PLACE: u8 = 0x80;
const STAR_WITHIN: u8 = 1;
const STAR_FREE: u8 = 2;
const ANY_WITHIN: u8 = 4;
const ANY_FREE: u8 = 8;
const VARIABLES: u8 = 16;
const FOLDED: u8 = 32;
const STARTS: u8 = 64;

/// Counts follow a row's first byte as words.
const MANY: u8 = 0xff;

/// One allow: statement 0 with guard 1, which is the condition.
const ROW: [u8; 3] = [0x10, 0, 1];

/// The row, and behind it a node that ends with it.
fn leaf() -> Vec<u8> {
    [&ROW[..], &[HAS_END], &place(0)].concat()
}

/// Was a stack overflow: every star recursed, and only the compiler kept their number small.
#[test]
fn a_chain_of_a_hundred_thousand_stars() {
    let bytes = one_statement();
    for star in [STAR_FREE, STAR_WITHIN, ANY_FREE, STAR_FREE | ANY_WITHIN] {
        let mut nodes = leaf();
        let mut below = ROW.len();
        for _ in 0..100_000 {
            let at = nodes.len();
            nodes.extend([HAS_MORE, star]);
            for _ in 0..star.count_ones() {
                nodes.extend(place(below));
            }
            below = at;
        }
        check_denies(&with_nodes(&bytes, ROW.len(), &nodes, below));
    }
}

/// Was a hang: the budget was counted only once more than 512 stars had been met.
#[test]
fn a_node_graph_with_two_to_the_eightieth_paths() {
    let bytes = one_statement();
    for ways in [ANY_WITHIN | ANY_FREE, STAR_WITHIN | STAR_FREE | ANY_WITHIN | ANY_FREE] {
        let mut nodes = leaf();
        let mut below = ROW.len();
        for _ in 0..80 {
            let at = nodes.len();
            nodes.extend([HAS_MORE, ways]);
            for _ in 0..ways.count_ones() {
                nodes.extend(place(below));
            }
            below = at;
        }
        check_denies(&with_nodes(&bytes, ROW.len(), &nodes, below));
    }
}

/// Was a stack overflow: a position that is not a node's first byte can read as a node that is its own child. Here the
/// text of an edge holds such nodes of every kind.
#[test]
fn a_node_that_is_its_own_child() {
    let bytes = one_statement();
    let mut nodes = leaf();
    let text_at = nodes.len() + 2;
    let mut text = Vec::<u8>::new();
    let mut roots = Vec::new();
    let mut own_child = |before: &[u8], positions: usize| {
        let own = text_at + text.len();
        roots.push(own);
        text.extend(before);
        for _ in 0..positions {
            text.extend(place(own));
        }
    };
    own_child(&[ONE_LITERAL, 0], 1);
    own_child(&[ONE_LITERAL, 1, b'a'], 1);
    own_child(&[HEAD_AND_LITERAL, 0, 0], 1);
    own_child(&[LITERAL_TABLE, 1, 0, b'a', 13, 0], 1);
    own_child(&[LITERAL_TABLE, 1, 0, b'a', 13, 1], 1);
    own_child(&[LITERAL_TABLE | HAS_MORE, FOLDED, 1, 0, 1, 0, b'a', 13, 0], 1);
    // Was an overflow: edges whose case is ignored in a node without edges.
    own_child(&[HAS_MORE, FOLDED, 1, 0], 0);
    own_child(&[HAS_MORE, STAR_FREE], 1);
    own_child(&[HAS_MORE, STAR_WITHIN], 1);
    own_child(&[HAS_MORE, STAR_WITHIN | STAR_FREE | ANY_WITHIN | ANY_FREE], 4);
    own_child(&[HAS_MORE, ANY_FREE], 1);
    own_child(&[HAS_MORE | ONE_LITERAL, STAR_FREE], 1);
    own_child(&[HAS_MORE, VARIABLES, 255], 2);
    // The row of every one of these is the one at 0; the second word is the child.
    let row_and_own = text_at + text.len();
    text.extend([HAS_REST | ONE_LITERAL]);
    text.extend(place(0));
    text.push(0);
    text.extend(place(row_and_own));
    // A star, a text behind it, and behind that the star again.
    let star = text_at + text.len();
    text.extend([HAS_MORE, STAR_FREE]);
    text.extend(place(star + 6));
    text.extend([ONE_LITERAL, 1, b'a']);
    text.extend(place(star));
    roots.extend([row_and_own, star]);
    nodes.extend([ONE_LITERAL, u8::try_from(text.len()).unwrap()]);
    nodes.extend(&text);
    nodes.extend(place(ROW.len()));
    for root in ROW.len()..nodes.len() {
        let forged = with_nodes(&bytes, ROW.len(), &nodes, root);
        let tables = Tables::load(&forged).unwrap();
        asks_p(&tables, LONG);
        if roots.contains(&root) {
            assert!(check_answers(&forged));
        }
    }
}

/// Children in place stand one behind the other, so that a chain may be as long as the section.
#[test]
fn a_hundred_thousand_nodes_in_place() {
    let account = samples().remove(1);
    let long = format!("arn:aws:s3:::{}", "a".repeat(110_000));
    for link in [
        &[ONE_LITERAL | CHILD_IN_PLACE, 1, b'a'][..],
        &[ONE_LITERAL | CHILD_IN_PLACE, 0],
        &[HEAD_AND_LITERAL | CHILD_IN_PLACE, 0, 0],
        &[ONE_LITERAL | CHILD_IN_PLACE | HAS_END | ROW_IN_PLACE, 0x10, 0, 1, 1, b'a'],
        &[ONE_LITERAL | CHILD_IN_PLACE | HAS_REST | ROW_IN_PLACE, 0x10, 0, 1, 1, b'a'],
        &[ONE_LITERAL | CHILD_IN_PLACE | HAS_MORE, 0, 0],
        &[ONE_LITERAL | CHILD_IN_PLACE | HAS_MORE, STAR_FREE, 3, 0, 0, 0, 1, b'a'],
    ] {
        let mut nodes = leaf();
        let start = nodes.len();
        nodes.extend([HEAD_AND_LITERAL | CHILD_IN_PLACE, 0, 0]);
        for _ in 0..100_000 {
            nodes.extend(link);
        }
        nodes.extend([HAS_END]);
        nodes.extend(place(0));
        let forged = with_nodes(&one_statement(), ROW.len(), &nodes, start);
        check_denies(&forged);
        let tables = Tables::load(&forged).unwrap();
        assert!(!asks_p(&tables, &long));
        assert!(100_000 < tables.counts().nodes);
        let forged = with_nodes(&account, ROW.len(), &nodes, start);
        let tables = Tables::load(&forged).unwrap();
        iamc::graph::kinds(&tables);
        let _ = iamc::graph::reach(&tables, ALICE, None);
    }
}

/// Rows of sixty thousand entries whose guard is none, at every step of a long way: who grants to whom is asked of each
/// entry in a resource's policy, where a statement without principal part matches nobody.
#[test]
fn long_rows_on_a_long_way() {
    let bytes = layers(Level::Full);
    for few_bytes in [[4, 1, 1], [4, 0, 0]] {
        let each = usize::from(few_bytes[1] + few_bytes[2]);
        let row = [&[MANY][..], &0u32.to_le_bytes(), &60_000u32.to_le_bytes(), &vec![0; 60_000 * each]].concat();
        let mut nodes = row.clone();
        let root = nodes.len();
        nodes.extend([HEAD_AND_LITERAL | CHILD_IN_PLACE, 0, 0]);
        for _ in 0..20_000 {
            nodes.extend([HAS_REST | ONE_LITERAL | CHILD_IN_PLACE]);
            nodes.extend(place(0));
            nodes.extend([1, b'a']);
        }
        nodes.push(HAS_REST);
        nodes.extend(place(0));
        let forged = with_widths(&bytes, few_bytes, row.len(), &nodes, root);
        let Ok(tables) = Tables::load(&forged) else { continue };
        let resource = format!("arn:aws:s3:::{}", "a".repeat(20_000));
        for principal in [Principal::User { arn: ALICE }, Principal::Anonymous] {
            let request = Request::new(principal, "s3:GetObject", &resource);
            assert!(!tables.decide(&request).is_allowed());
        }
    }
}

/// Edges without text: the graph's search for all resources of a trie went down as many of them as it may look at.
#[test]
fn edges_without_text_below_the_graph_of_roles() {
    let role = "arn:aws:iam::111122223333:role/svc/app";
    let own = document(&format!(
        r#"{{"Effect":"Allow","Action":["sts:AssumeRole","iam:PassRole"],"Resource":["{role}","{role}2"]}},
           {{"Effect":"Allow","Action":"lambda:CreateFunction","Resource":"*"}}"#
    ));
    let trust = document(&format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{ALICE}","Service":"lambda.amazonaws.com"}},"Action":"sts:AssumeRole"}}"#
    ));
    let dump = format!(
        r#"{{"UserDetailList":[{{"Path":"/","UserName":"alice","UserId":"AIDAX","Arn":"{ALICE}",
            "UserPolicyList":[{{"PolicyName":"Own","PolicyDocument":{own}}}]}}],
        "RoleDetailList":[{{"Path":"/svc/","RoleName":"app","RoleId":"AROAX","Arn":"{role}",
            "AssumeRolePolicyDocument":{trust},"RolePolicyList":[]}}]}}"#
    );
    let bytes = build(&super::worlds::world(&[("account", &dump)], None), Semantics::default(), Level::Full);
    let reaches = |bytes: &[u8]| {
        let tables = Tables::load(bytes).unwrap();
        iamc::graph::kinds(&tables);
        iamc::graph::reach(&tables, ALICE, None).map_or(0, |graph| graph.edges.len())
    };
    assert!(0 < reaches(&bytes));
    let mut nodes = vec![0x10, 0, 0];
    for _ in 0..100_000 {
        nodes.extend([ONE_LITERAL | CHILD_IN_PLACE, 0]);
    }
    nodes.extend([HAS_END]);
    nodes.extend(place(0));
    reaches(&with_nodes(&bytes, 3, &nodes, 3));
    let mut own_child = [&[0x10, 0, 0, HAS_END][..], &place(0), &[ONE_LITERAL, 6, ONE_LITERAL, 0], &place(10)].concat();
    own_child.extend(place(3));
    reaches(&with_nodes(&bytes, 3, &own_child, 10));
}

/// Of two rows in place a walk took the first one for that of a free star, so that it held for any text.
#[test]
fn two_rows_in_place() {
    let empty = [0];
    for (first, second) in [(&ROW[..], &empty[..]), (&empty, &ROW), (&ROW, &ROW)] {
        let mut nodes = leaf();
        let root = nodes.len();
        nodes.push(HAS_END | HAS_REST | ROW_IN_PLACE);
        nodes.extend([first, second].concat());
        let error = Tables::load(&with_nodes(&one_statement(), ROW.len(), &nodes, root)).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "nodes", .. }), "{error}");
    }
}

/// What is said of the texts behind a star.
#[derive(Clone)]
struct Starts {
    log2: u8,
    kinds: u32,
    looked_at: [u8; 32],
    bits: Vec<u8>,
}

impl Starts {
    /// Anything may begin where `a` or `n` is, looked at so many bytes.
    fn anything(looked_at: u8, log2: u8) -> Self {
        Self { log2, kinds: 1 << 1 | 1 << 14, looked_at: [looked_at; 32], bits: vec![0xff; 1 << log2] }
    }

    fn bytes(&self) -> Vec<u8> {
        [&[self.log2][..], &self.kinds.to_le_bytes(), &self.looked_at, &self.bits].concat()
    }
}

/// A node of two edges, `a` and `n`, whose five low bits are 1 and 14.
fn two_edges(starts: Option<&Starts>, a: usize, n: usize) -> Vec<u8> {
    let header = starts.map_or(vec![LITERAL_TABLE], |_| vec![LITERAL_TABLE | HAS_MORE, STARTS]);
    let edges = [&[2, 0, b'a', b'n', 0, 1][..], &place(a), &[2, 1], &place(n)].concat();
    [header, edges, starts.map_or(Vec::new(), Starts::bytes)].concat()
}

/// Something that a star leads to must not be ruled out, however it is said.
#[test]
fn texts_behind_a_star_that_are_ruled_out() {
    let bytes = one_statement();
    let loads = |made: &[u8]| {
        let nodes = [&leaf()[..], made].concat();
        let at = leaf().len();
        let root = nodes.len();
        let nodes = [&nodes[..], &[HAS_MORE, STAR_FREE], &place(at)].concat();
        let forged = with_nodes(&bytes, ROW.len(), &nodes, root);
        match Tables::load(&forged) {
            Ok(_) => check_answers(&forged),
            Err(error) => {
                assert!(matches!(error, LoadError::Record { section: "nodes", .. }), "{error}");
                false
            }
        }
    };
    let edges = |starts: &Starts| two_edges(Some(starts), ROW.len(), ROW.len());
    for log2 in 0..10 {
        assert!(loads(&edges(&Starts::anything(1, log2))), "{log2}");
    }
    // One edge is of a kind that is not there, or of which nothing is looked at, or more than there is.
    let good = Starts::anything(1, 3);
    for kinds in [0, 1 << 1, 1 << 14, !(1 << 1), !(1 << 14)] {
        assert!(!loads(&edges(&Starts { kinds, ..good.clone() })), "{kinds:b}");
    }
    for (kind, looked_at) in [1, 14].into_iter().flat_map(|kind| [0, 2, 8, 9, 64, 255].map(|bytes| (kind, bytes))) {
        let mut starts = good.clone();
        starts.looked_at[kind] = looked_at;
        assert!(!loads(&edges(&starts)), "{kind} {looked_at}");
    }
    // Two of all bits are needed; which ones is for the hash to say.
    assert!(!loads(&edges(&Starts { bits: vec![0; 8], ..good })));
    let needed = (0..64).filter(|bit| {
        let mut starts = good.clone();
        starts.bits[bit / 8] ^= 1 << (bit % 8);
        !loads(&edges(&starts))
    });
    assert_eq!(needed.count(), 2);
    // Bits that are not there.
    for log2 in [4, 12, 31, 32, 40, 58, 59, 60, 61, 62, 63, 64, 128, 255] {
        assert!(!loads(&edges(&Starts { log2, ..good.clone() })), "{log2}");
    }
    // The node has something else, or no table.
    let rows = [&[LITERAL_TABLE | HAS_MORE | HAS_END, STARTS, 2, 0][..], &place(0)].concat();
    let edges_and_more = [&edges(&good)[4..]].concat();
    assert!(!loads(&[rows, edges_and_more.clone()].concat()));
    let star = [&[LITERAL_TABLE | HAS_MORE, STARTS | STAR_FREE, 2, 0][..], &place(ROW.len())].concat();
    assert!(!loads(&[star, edges_and_more].concat()));
    loads(&[HAS_MORE, STARTS]);
    loads(&[&[HAS_MORE | ONE_LITERAL, STARTS, 1, b'a'][..], &place(ROW.len())].concat());
}

/// As many ways lead on as there are bits, however few nodes they share, and none goes round.
#[test]
fn texts_behind_a_star_without_end() {
    let bytes = one_statement();
    let with_ways = |looked_at: u8, log2: u8| {
        let mut nodes = leaf();
        let mut below = ROW.len();
        for _ in 0..20 {
            let at = nodes.len();
            nodes.extend(two_edges(None, below, below));
            below = at;
        }
        let at = nodes.len();
        nodes.extend(two_edges(Some(&Starts::anything(looked_at, log2)), below, below));
        let root = nodes.len();
        nodes.extend([HAS_MORE, STAR_FREE]);
        nodes.extend(place(at));
        check_answers(&with_nodes(&bytes, ROW.len(), &nodes, root))
    };
    // Of eight bytes there are 2 + 4 + ... + 256 = 510 beginnings.
    assert!(with_ways(8, 6));
    assert!(!with_ways(8, 5));
    assert!(with_ways(2, 0));
    assert!(!with_ways(3, 0));
    // Nodes within the text of another one, each its own child.
    let own_child = |length: u8| {
        let mut nodes = leaf();
        let own = nodes.len() + 2;
        let text = [&[ONE_LITERAL, length][..], if length == 0 { &[] } else { b"a" }, &place(own)].concat();
        nodes.extend([ONE_LITERAL, u8::try_from(text.len()).unwrap()]);
        nodes.extend(&text);
        nodes.extend(place(ROW.len()));
        let at = nodes.len();
        nodes.extend(two_edges(Some(&Starts::anything(8, 12)), own, own));
        let root = nodes.len();
        nodes.extend([HAS_MORE, STAR_FREE]);
        nodes.extend(place(at));
        check_answers(&with_nodes(&bytes, ROW.len(), &nodes, root))
    };
    assert!(!own_child(0));
    assert!(own_child(1));
}

/// What would be read behind the section's end: nodes, texts, tables, rows and children in place.
#[test]
fn nodes_that_run_over_the_end_of_their_section() {
    let bytes = one_statement();
    let tails: [&[u8]; 15] = [
        &[ONE_LITERAL | CHILD_IN_PLACE, 0],
        &[ONE_LITERAL | CHILD_IN_PLACE, 1, b'a'],
        &[ONE_LITERAL | CHILD_IN_PLACE, 255, b'a'],
        &[ONE_LITERAL, 255, b'a', b'a'],
        &[ONE_LITERAL, 1, b'a', 3, 0],
        &[HEAD_AND_LITERAL | CHILD_IN_PLACE, 0, 0],
        &[HAS_END | ROW_IN_PLACE, 0x10],
        &[HAS_END | ROW_IN_PLACE, 0xe1, 0, 0, 0, 0, 0, 0],
        &[HAS_REST | ROW_IN_PLACE, 0xee, 0, 0],
        &[HAS_END | ROW_IN_PLACE, MANY, 0, 0, 0],
        &[HAS_END | HAS_REST | ROW_IN_PLACE, 0x10, 0, 1, 0x10, 0],
        &[LITERAL_TABLE, 255, 255, b'a', 13, 1],
        &[LITERAL_TABLE | HAS_MORE, STARTS, 0, 0, 3, 0, 0, 0, 0],
        &[HAS_MORE, STAR_FREE, 3],
        &[HAS_MORE, VARIABLES, 255, 0, 0],
    ];
    for tail in tails {
        let mut nodes = leaf();
        let root = nodes.len();
        nodes.extend(tail);
        let forged = with_nodes(&bytes, ROW.len(), &nodes, root);
        let error = Tables::load(&forged).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "nodes", .. }), "{tail:?}: {error}");
    }
    // A node may not be the last of the slack either, nor the rows end behind the nodes.
    let whole = leaf();
    for rows_end in [ROW.len() + 1, whole.len() + 1, whole.len() + 8, whole.len() + 9, 1 << 20] {
        assert!(Tables::load(&with_nodes(&bytes, rows_end, &whole, ROW.len())).is_err(), "{rows_end}");
    }
}

#[test]
fn rows_with_counts_of_billions() {
    let bytes = one_statement();
    let counts = [0, 1, 14, 15, 255, 1 << 16, 1 << 24, 1 << 31, u32::MAX - 1, u32::MAX];
    let mut refused = 0;
    for widths in [[4, 1, 1], [4, 0, 0], [4, 4, 4], [4, 1, 0], [4, 0, 1]] {
        for denies in counts {
            for allows in counts {
                let row = [&[MANY][..], &denies.to_le_bytes(), &allows.to_le_bytes()].concat();
                let node = [&[HAS_END | HAS_REST][..], &place(0), &place(0)].concat();
                let shared = with_widths(&bytes, widths, row.len(), &[row.clone(), node].concat(), row.len());
                let twice = [&[HAS_END | HAS_REST | ROW_IN_PLACE][..], &row, &row].concat();
                let in_place = with_widths(&bytes, widths, 0, &twice, 0);
                for forged in [shared, in_place] {
                    let is_loaded = check_answers(&forged);
                    refused += usize::from(!is_loaded);
                    let has_entries = denies > 0 || allows > 0;
                    assert!(!is_loaded || !has_entries || widths[1] + widths[2] == 0, "{denies} {allows} {widths:?}");
                }
            }
        }
    }
    assert!(500 < refused, "{refused}");
}

/// Rows whose entries have no bytes at all can say any number of them; loading stays linear.
#[test]
fn a_hundred_thousand_rows_with_entries_of_no_bytes() {
    let bytes = one_statement();
    let row = [&[MANY][..], &u32::MAX.to_le_bytes(), &u32::MAX.to_le_bytes()].concat();
    let mut nodes = row.repeat(100_000);
    let rows_end = nodes.len();
    nodes.push(HAS_REST);
    nodes.extend(place(0));
    check_answers(&with_widths(&bytes, [4, 0, 0], rows_end, &nodes, rows_end));
}

/// Was an endless loop: only the search by prefix asked that a parent stand before its child.
#[test]
fn prefixes_that_lead_elsewhere() {
    let text = document(
        r#"{"Effect":"Allow","Action":["s3:*","s3:Get*"],"Resource":"*"},{"Effect":"Deny","Action":"ec2:*","Resource":"*"}"#,
    );
    let other = document(r#"{"Effect":"Allow","Action":"s3:GetObjectTag*","Resource":"arn:aws:s3:::b"}"#);
    let world = super::worlds::world(&[("A", &text), ("P", &other)], None);
    let bytes = build(&world, Semantics::default(), Level::Full);
    let prefixes = Parts::of(&bytes).words("prefixes");
    let count = prefixes.len() / 4;
    assert!(2 < count, "{prefixes:?}");
    assert!((0..count).any(|prefix| prefixes[prefix * 4 + 3] > 0), "some begin others: {prefixes:?}");
    let is_refused = |changed: &[u32], what: &str| {
        let error = Tables::load(&Parts::of(&bytes).set("prefixes", changed).join()).unwrap_err();
        let is_expected = matches!(error, LoadError::Record { section: "prefixes" | "services", .. });
        assert!(is_expected, "{what}: {error}");
    };
    for at in 0..prefixes.len() {
        // The beginning of the name, node, distance.
        for value in (0..16).chain([1 << 31, u32::MAX, prefixes[at] ^ 0x2000_0000]) {
            if value != prefixes[at] {
                let mut changed = prefixes.clone();
                changed[at] = value;
                is_refused(&changed, &format!("{at} {value}"));
            }
        }
    }
    is_refused(&prefixes[..prefixes.len() - 4], "one too few");
    is_refused(&[&prefixes[..], &prefixes[..4]].concat(), "one too many");
}

/// What a service says of its nodes and of its name is compared with what is there.
#[test]
fn services_that_point_elsewhere() {
    let text = document(r#"{"Effect":"Deny","Action":["elasticache:Get*","elasticache:Put"],"Resource":"*"}"#);
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let services = Parts::of(&bytes).words("services");
    let at = services.iter().position(|word| *word != 0).unwrap() / 8 * 8;
    let found = [2, 3, 4, 5, 6, 7].map(|word| services[at + word]);
    assert_eq!(found, [1, 3, 3, 12, 0, 1], "`che` stands before the names of two nodes, of which one is a prefix");
    let error = |word: usize, value: u32| {
        let mut changed = services.clone();
        changed[at + word] = value;
        Tables::load(&Parts::of(&bytes).set("services", &changed).join()).err()
    };
    for (word, values) in [
        (2, vec![0, 2, 3, 4, u32::MAX]),
        (3, vec![1, 4, u32::MAX]),
        (4, vec![100, u32::MAX]),
        (5, vec![0, 1, 13, u32::MAX]),
        (6, vec![1, 2, u32::MAX]),
        (7, vec![0, 2, u32::MAX]),
    ] {
        for value in values {
            let error = error(word, value);
            let is_expected =
                matches!(error, Some(LoadError::Record { section: "services" | "actions" | "prefixes", .. }));
            assert!(is_expected, "{word} {value}: {error:?}");
        }
    }
    let full = services.chunks_exact(8).flat_map(|_| services[at..at + 8].to_vec()).collect::<Vec<_>>();
    let error = Tables::load(&Parts::of(&bytes).set("services", &full).join()).unwrap_err();
    // Found at the second one: what was looked at for the first one is not looked at again.
    assert_eq!(error, LoadError::Record { section: "services", word: 8 }, "no empty place");
    let mut hash = Parts::of(&bytes).bytes("action_hash");
    let places = hash.len() - SLACK.len();
    // Four records, so that three bits are the number, above them the service: a node that is not there, the one of all
    // actions, what is behind the last node, nodes of services that are not there.
    let service = u8::try_from(at / 8).unwrap() << 3;
    for word in [7 | service, 1 | service, 4 | service, 2 | (service ^ 8), 2 | 0xf8] {
        hash[..places].fill(word);
        let error = Tables::load(&Parts::of(&bytes).set_bytes("action_hash", &hash).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "action_hash", .. }), "{word}: {error}");
    }
}

/// Hid a deny: an action that the tables do not know is found by the prefixes of its neighbour.
#[test]
fn prefixes_without_the_parents_that_they_have() {
    let text = document(
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"s3:GetObj*","Resource":"*"}"#,
    );
    for level in [Level::None, Level::Full] {
        let bytes = policy(&text, Semantics::default(), level);
        let prefixes = Parts::of(&bytes).words("prefixes");
        let mut changed = prefixes.clone();
        for back in changed.iter_mut().skip(3).step_by(4) {
            *back = 0;
        }
        let is_changed = changed != prefixes;
        let loaded = Parts::of(&bytes).set("prefixes", &changed).join();
        assert_eq!(Tables::load(&loaded).is_err(), is_changed, "{prefixes:?}");
        assert!(level == Level::Full || is_changed);
    }
}

/// Were overflows and denies passed over: bundles without slots with roots, and a false list of services or index.
#[test]
fn what_the_index_of_resources_says_is_compared() {
    let bytes = samples().remove(1);
    let is_refused = |word: usize, value: u32| {
        let mut meta = Parts::of(&bytes).words("meta");
        assert!(meta[word] != value, "{word}");
        meta[word] = value;
        let error = Tables::load(&Parts::of(&bytes).set("meta", &meta).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "meta", .. }), "{word} {value}: {error}");
    };
    let meta = Parts::of(&bytes).words("meta");
    assert!(meta[RESOURCE_INDEX] > 0, "the sample has resources");
    is_refused(RESOURCE_INDEX, meta[RESOURCE_INDEX] + 1);
    for half in [9, 10].into_iter().filter(|half| meta[*half] != 0) {
        is_refused(half, 0);
    }
}

#[test]
fn bundles_without_slots_have_no_roots() {
    let bytes = one_statement();
    let parts = Parts::of(&bytes);
    let own = only_bundle(&parts);
    let empty = Bundle { shape: 1 | LARGE, changes: 0, root_count: 0, middle: Vec::new(), roots: Vec::new() };
    let forged = with_bundles(Parts::of(&bytes), &[&[own.clone()][..], &vec![empty.clone(); 300]].concat()).join();
    assert_eq!(Tables::load(&forged).unwrap().counts().tries, 1);
    for root_count in [1, 0x00ff_ffff, u32::MAX] {
        let bundle = Bundle { root_count, ..empty.clone() };
        is_refused(with_bundles(Parts::of(&bytes), &[own.clone(), bundle]), "bundles");
    }
}

/// Was a loop of 2^32 steps, and an overflow: a root may point into the middle of an index.
#[test]
fn an_index_with_four_billion_exclusions() {
    let text = document(r#"{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::x"}"#);
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let parts = Parts::of(&bytes);
    let indexes = parts.words("indexes");
    let bundle = only_bundle(&parts);
    assert_eq!((&bundle.roots[..], indexes.len()), (&[1][..], 8), "one root, the index at 0, with one exclusion");
    for position in 0..10 {
        let bundle = Bundle { roots: vec![position << 1 | 1], ..bundle.clone() };
        // One question each: a walk that goes round in a circle ends with its budget, which takes a while.
        check_answers(&with_bundles(Parts::of(&bytes), std::slice::from_ref(&bundle)).join());
        for number in 0..indexes.len() {
            for value in [u32::MAX, 1 << 30, (1 << 30) - 1] {
                let mut changed = indexes.clone();
                changed[number] = value;
                let forged =
                    with_bundles(Parts::of(&bytes), std::slice::from_ref(&bundle)).set("indexes", &changed).join();
                let _ = Tables::load(&forged).map(|tables| asks_p(&tables, LONG));
            }
        }
    }
}

/// Was an overflow: a row may be named at a byte that is not its first.
#[test]
fn a_row_that_begins_in_another() {
    let text = document(
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:b":"true"}}},
           {"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"a:c":"true"}}}"#,
    );
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let mut rows = vec![0x11, 1, 1, 0, 1, MANY];
    // Read at their own bytes these counts are `MANY` again, with other words behind them.
    rows.extend(255u32.to_le_bytes());
    rows.extend(255u32.to_le_bytes());
    rows.extend([1, 1].repeat(255));
    rows.extend([0, 1].repeat(255));
    rows.extend([0x10, 0, 1]);
    let mut loaded = 0;
    for row in 0..rows.len() {
        for bits in [HAS_END, HAS_REST, HAS_END | HAS_DENY, HAS_REST | HAS_DENY] {
            let node = [&[bits][..], &place(row)].concat();
            loaded +=
                usize::from(check_answers(&with_nodes(&bytes, rows.len(), &[rows.clone(), node].concat(), rows.len())));
        }
    }
    assert_eq!(loaded, rows.len() * 4);
    let behind = [&[HAS_END][..], &place(rows.len())].concat();
    assert!(Tables::load(&with_nodes(&bytes, rows.len(), &[rows.clone(), behind].concat(), rows.len())).is_err());
    // The same of rows in the nodes: from every byte of them on, something is a node.
    let nodes = [&ROW[..], &[HAS_END | ROW_IN_PLACE], &rows[5..]].concat();
    for root in 3..nodes.len() {
        check_answers(&with_nodes(&bytes, 3, &nodes[..nodes.len() - 3], root));
    }
}

/// The only bundle of a policy.
fn only_bundle(parts: &Parts) -> Bundle {
    let mut bundles = bundles_of(parts);
    assert_eq!(bundles.len(), 1);
    let bundle = bundles.remove(0);
    assert!(bundle.changes > 0 && !bundle.roots.is_empty());
    bundle
}

fn is_refused(parts: Parts, section: &str) {
    let error = Tables::load(&parts.join()).unwrap_err();
    assert!(matches!(error, LoadError::Record { section: found, .. } if found == section), "{section}: {error}");
}

#[test]
fn slots_of_a_width_that_there_is_not() {
    let bytes = one_statement();
    let own = only_bundle(&Parts::of(&bytes));
    let with = |bundle: Bundle| with_bundles(Parts::of(&bytes), &[bundle]);
    assert!(check_returns(&with(own.clone()).join()));
    for width in [0, 3, 5, 6, 7] {
        is_refused(with(Bundle { shape: own.shape & !7 | width, ..own.clone() }), "bundles");
    }
    // Counts of which the sum, or the product with the width, is behind the end or overflows.
    let slots = u32::try_from(Parts::of(&bytes).bytes("slots").len()).unwrap();
    for value in [slots, u32::MAX, u32::MAX - 7, 1 << 31] {
        let large = Bundle { shape: own.shape | LARGE, ..own.clone() };
        is_refused(with(Bundle { changes: value, ..large.clone() }), "bundles");
        is_refused(with(Bundle { root_count: value, ..large.clone() }), "bundles");
        is_refused(with(Bundle { changes: value, root_count: value, ..large }), "bundles");
        is_refused(Parts::of(&bytes).set("bundles", &[value]), "bundles");
    }
    for value in 1..slots {
        check_returns(&with(Bundle { changes: value, ..own.clone() }).join());
        check_returns(&Parts::of(&bytes).set("bundles", &[value]).join());
    }
    // Statement and scans that are not there.
    for (flag, number) in [(ALLOWS_ALL, 1), (ALLOWS_ALL, u32::MAX), (SCANS, 0), (SCANS, u32::MAX)] {
        let mut middle = number.to_le_bytes().to_vec();
        if flag == SCANS {
            middle.extend(1u32.to_le_bytes());
        }
        middle.extend(&own.middle);
        is_refused(with(Bundle { shape: own.shape | flag, middle, ..own.clone() }), "bundles");
    }
    // Nodes that do not ascend, and a number of a root that there is not.
    assert_eq!(own.middle, [0, 0, 1, 0, 1, 0], "from one node on there is a root, behind it there is none");
    for (at, value) in [(2, 0), (4, 2), (5, 2), (5, 255)] {
        let mut middle = own.middle.clone();
        middle[at] = value;
        is_refused(with(Bundle { middle, ..own.clone() }), "bundles");
    }
}

/// A policy whose statements have an action and a resource each; actions of one letter and two digits.
fn one_resource_for_each_action(count: usize) -> Vec<u8> {
    let statement =
        |number| format!(r#"{{"Effect":"Allow","Action":"s3:A{number:02}","Resource":"arn:aws:s3:::b/{number}"}}"#);
    let statements: Vec<String> = (0..count).map(statement).collect();
    policy(&document(&statements.join(",")), Semantics::default(), Level::Full)
}

/// Which of these actions are allowed for which resources.
fn allowed_of(bytes: &[u8], count: usize) -> Vec<(usize, usize)> {
    let tables = Tables::load(bytes).unwrap();
    let pairs = (0..=count).flat_map(|action| (0..count).map(move |resource| (action, resource)));
    let is_allowed = |&(action, resource): &(usize, usize)| {
        let (action, resource) = (format!("s3:A{action:02}"), format!("arn:aws:s3:::b/{resource}"));
        let policies = ["P"];
        let request = Request::new(Principal::User { arn: ALICE }, &action, &resource).policies(&policies);
        tables.decide(&request).is_allowed()
    };
    pairs.filter(is_allowed).collect()
}

#[test]
fn marks_say_what_lists_say() {
    // A byte numbers up to 255 roots.
    for (count, number_bytes) in
        [(3, 1), (4, 1), (31, 1), (32, 1), (33, 1), (63, 1), (64, 1), (65, 1), (255, 1), (256, 2), (300, 2)]
    {
        let bytes = one_resource_for_each_action(count);
        let parts = Parts::of(&bytes);
        let shape = parts.bytes("slots")[0];
        assert_eq!(shape, MARKED | number_bytes, "{count}: one change for each action and one behind the last");
        let listed = with_bundles(Parts::of(&bytes), &bundles_of(&parts)).join();
        let own: Vec<_> = (0..count).map(|number| (number, number)).collect();
        for bytes in [bytes, listed] {
            assert_eq!(allowed_of(&bytes, count), own, "{count}");
        }
    }
}

/// An action that the table of exact actions does not hold is found by its name, and no other one is.
#[test]
fn actions_are_found_without_their_table() {
    const COUNT: usize = 65;
    let bytes = one_resource_for_each_action(COUNT);
    let own: Vec<_> = (0..COUNT).map(|number| (number, number)).collect();
    let seeds = vec![0xff; Parts::of(&bytes).bytes("action_seeds").len()];
    assert!(seeds.len() > 10, "{}", seeds.len());
    let searched = Parts::of(&bytes).set_bytes("action_seeds", &seeds).join();
    let without = Parts::of(&searched).set_bytes("action_hash", &SLACK).join();
    for bytes in [searched, without] {
        assert_eq!(allowed_of(&bytes, COUNT), own);
    }
    // Any other seed leads to another action, or to none; no seeds are the first one.
    for other in [Vec::new(), vec![1; seeds.len()], vec![7; seeds.len()], vec![0xfe; seeds.len()]] {
        let forged = Parts::of(&bytes).set_bytes("action_seeds", &other).join();
        assert!(allowed_of(&forged, COUNT).iter().all(|pair| own.contains(pair)));
    }
}

/// An exact action and a prefix of the same name are two nodes, of which a search finds the exact one, and only if it is
/// there.
#[test]
fn a_search_tells_actions_from_prefixes() {
    let text = document(
        r#"{"Effect":"Allow","Action":["s3:Get*","s3:Put","S3:put*","elasticache:Get"],"Resource":"*"},
           {"Effect":"Deny","Action":["s3:Put","elasticache:Get*"],"Resource":"*"}"#,
    );
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let seeds = vec![0xff; Parts::of(&bytes).bytes("action_seeds").len()];
    let searched = Parts::of(&bytes).set_bytes("action_seeds", &seeds).join();
    for bytes in [bytes, searched] {
        let tables = Tables::load(&bytes).unwrap();
        let policies = ["P"];
        let answer = |action| {
            let request = Request::new(Principal::User { arn: ALICE }, action, "arn:aws:s3:::b").policies(&policies);
            match tables.decide(&request) {
                Decision::Allowed(_) => 'A',
                Decision::ExplicitDeny(_) => 'D',
                Decision::ImplicitDeny(_) => '-',
            }
        };
        let actions = [
            ("s3:Get", 'A'),
            ("s3:GetObject", 'A'),
            ("s3:Ge", '-'),
            ("S3:PUT", 'D'),
            ("s3:put", 'D'),
            ("s3:PutObject", 'A'),
            ("s3:Pu", '-'),
            ("elasticache:get", 'D'),
            ("ElastiCache:Gets", 'D'),
            ("elasticachf:Get", '-'),
            ("elasticach:Get", '-'),
            ("elasticachee:Get", '-'),
            ("s:Get", '-'),
        ];
        for (action, expected) in actions {
            assert_eq!(answer(action), expected, "{action}");
        }
    }
}

/// Where a number stands in a bundle with marks: counts, blocks, then six bytes for each block.
#[test]
fn marks_that_do_not_fit_what_they_announce() {
    const COUNT: usize = 40;
    let bytes = one_resource_for_each_action(COUNT);
    let parts = Parts::of(&bytes);
    let slots = parts.bytes("slots");
    assert_eq!(slots[0], MARKED | 1);
    assert_eq!(low(&slots[1..3]), 41, "changes");
    let blocks = usize::try_from(low(&slots[5..8]) >> 12).unwrap();
    assert!(blocks >= 2, "{blocks}");
    let numbers = 8 + blocks * 6;
    let with = |at: usize, value: u8| {
        let mut slots = slots.clone();
        slots[at] = value;
        Parts::of(&bytes).set_bytes("slots", &slots)
    };
    assert!(Tables::load(&with(0, MARKED | 1).join()).is_ok());
    // One change more or less than there are marks, and more roots than there are.
    for (at, value) in [(1, 40), (1, 42), (2, 1), (3, 42), (4, 1)] {
        is_refused(with(at, value), "bundles");
    }
    // Another count of blocks.
    assert_eq!((slots[6] >> 4, slots[7]), (u8::try_from(blocks).unwrap(), 0));
    for value in [0, 1, 3, 15] {
        is_refused(with(6, slots[6] & 15 | value << 4), "bundles");
    }
    for value in [1, 0x10, 0xff] {
        is_refused(with(7, value), "bundles");
    }
    // What is before a block, and a mark more.
    for at in [8, 9, 14, 15] {
        is_refused(with(at, slots[at] ^ 1), "bundles");
    }
    for at in (10..14).chain(16..20) {
        for bit in 0..8 {
            is_refused(with(at, slots[at] ^ 1 << bit), "bundles");
        }
    }
    // A root that there is not, and one behind the last change, which is not looked up.
    is_refused(with(numbers, 41), "bundles");
    is_refused(with(numbers + COUNT, 1), "bundles");
    // The end of the section in each part.
    for end in 1..slots.len() {
        let cut = [&slots[..end], &SLACK].concat();
        let forged = Parts::of(&bytes).set_bytes("slots", &cut);
        if end < slots.len() - SLACK.len() {
            is_refused(forged, "bundles");
        } else {
            check_answers(&forged.join());
        }
    }
    // The first block at any place: other actions, but no panic.
    for value in 0..=255 {
        check_returns(&with(5, value).join());
        check_returns(&with(6, value).join());
    }
    for shape in 0..=255 {
        check_answers(&with(0, shape).join());
    }
}

#[test]
fn a_range_of_nodes_that_ends_before_it_begins() {
    let bytes = one_statement();
    let parts = Parts::of(&bytes);
    let slots = parts.bytes("slots");
    assert_eq!(slots[..5], [RANGE, 0, 0, 1, 0], "all actions");
    let with = |nodes: [u8; 4]| {
        let slots = [&[RANGE][..], &nodes, &slots[5..]].concat();
        Parts::of(&bytes).set_bytes("slots", &slots)
    };
    for nodes in [[0, 0, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [255, 255, 255, 255]] {
        is_refused(with(nodes), "bundles");
    }
    assert!(check_answers(&with([0, 0, 255, 255]).join()));
    assert!(check_answers(&with([1, 0, 2, 0]).join()));
    for end in 0..slots.len() - SLACK.len() {
        is_refused(Parts::of(&bytes).set_bytes("slots", &[&slots[..end], &SLACK].concat()), "bundles");
    }
}

#[test]
fn patterns_of_scans_begin_as_they_say() {
    let text = document(r#"{"Effect":"Allow","Action":["s3:*Object","*:List*Tags","S3:Get?bject"],"Resource":"*"}"#);
    let bytes = policy(&text, Semantics::default(), Level::Full);
    let lists = Parts::of(&bytes).words("lists");
    let start = u32::from_le_bytes([1, b's', b'3', b':']);
    assert!(lists.contains(&start) && lists.contains(&1), "{lists:x?}");
    assert!(asks_p(&Tables::load(&bytes).unwrap(), LONG));
    for (at, _) in lists.iter().enumerate().filter(|(_, word)| [start, 1].contains(word)) {
        // Another text, less of it, none of it or too much.
        for value in [start ^ 1 << 8, start ^ 1 << 31, start & 0x00ff_ffff, 1, start, start | 2] {
            if value != lists[at] {
                let mut forged = lists.clone();
                forged[at] = value;
                let forged = Parts::of(&bytes).set("lists", &forged).join();
                assert!(Tables::load(&forged).is_err() || lists[at] == 1, "{at} {value:x}");
            }
        }
    }
}

#[test]
fn roots_behind_the_end_of_their_section() {
    let bytes = one_statement();
    let parts = Parts::of(&bytes);
    let own = only_bundle(&parts);
    let nodes = u32::try_from(parts.bytes("nodes").len()).unwrap();
    let indexes = u32::try_from(parts.words("indexes").len()).unwrap();
    let rows_end = parts.words("meta")[ROWS_END];
    let mut roots = vec![nodes << 1, (nodes - 8) << 1, (nodes - 1) << 1, u32::MAX - 1, u32::MAX, 1 << 31];
    roots.extend([indexes << 1 | 1, (indexes + 1) << 1 | 1, 0x7fff_ffff]);
    roots.extend(rows_end.checked_sub(1).map(|row| row << 1));
    for root in roots {
        is_refused(with_bundles(Parts::of(&bytes), &[Bundle { roots: vec![root], ..own.clone() }]), "bundles");
        // The index of resources is a root plus one.
        if let Some(plus_one) = root.checked_add(1) {
            let mut meta = parts.words("meta");
            meta[RESOURCE_INDEX] = plus_one;
            is_refused(Parts::of(&bytes).set("meta", &meta), "meta");
        }
        let scanned = policy(
            &document(r#"{"Effect":"Allow","Action":"s3:*a","Resource":"*"}"#),
            Semantics::default(),
            Level::Full,
        );
        let mut scans = Parts::of(&scanned).words("scans");
        let beyond = u32::try_from(Parts::of(&scanned).bytes("nodes").len()).unwrap();
        scans[3] = if root & 1 == 0 { beyond << 1 } else { root };
        is_refused(Parts::of(&scanned).set("scans", &scans), "scans");
    }
}

#[test]
fn numbers_wider_than_a_word() {
    let bytes = samples().remove(0);
    let meta = Parts::of(&bytes).words("meta");
    for width in 0..13 {
        for bytes_each in [5, 6, 8, 127, 128, 255] {
            let mut changed = meta.clone();
            let shift = width % 4 * 8;
            let word = &mut changed[WIDTHS + width / 4];
            *word = *word & !(0xff << shift) | bytes_each << shift;
            let error = Tables::load(&Parts::of(&bytes).set("meta", &changed).join()).unwrap_err();
            assert!(matches!(error, LoadError::Record { section: "meta", .. }), "{width} {bytes_each}: {error}");
        }
        // A width that is none of the artifact's own: numbers are read at other places.
        for sample in samples() {
            for bytes_each in 0..5 {
                let mut changed = Parts::of(&sample).words("meta");
                let shift = width % 4 * 8;
                let word = &mut changed[WIDTHS + width / 4];
                *word = *word & !(0xff << shift) | bytes_each << shift;
                check_returns(&Parts::of(&sample).set("meta", &changed).join());
            }
        }
    }
}

/// Lists of values of which all but the first are found by a table or by a trie.
fn searched(operator: &str) -> Vec<u8> {
    let values: Vec<String> = (0..20).map(|at| format!(r#""value{at}*""#)).collect();
    let values = values.join(",").replace('*', if operator == "StringLike" { "*" } else { "" });
    let condition = format!(r#""Condition":{{"{operator}":{{"s:k":[{values}]}}}}"#);
    policy(
        &document(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*",{condition}}}"#)),
        Semantics::default(),
        Level::Full,
    )
}

/// Where `linear_count`, `table_at` and `table_log2` of the first test stand in `blocks`.
fn search_at(parts: &Parts) -> usize {
    let blocks = parts.bytes("blocks");
    let [_, key, ..] = parts.words("meta")[WIDTHS + 1].to_le_bytes();
    assert_eq!((blocks[0], blocks[2] & 16), (1, 16), "a block of one test with a search");
    // test_count comparison flags key value_count
    1 + 2 + usize::from(key) + 1
}

#[test]
fn search_tables_without_an_empty_place() {
    let bytes = searched("StringEquals");
    let tables = Tables::load(&bytes).unwrap();
    let asks = |tables: &Tables<'_>, value: &str| {
        let context = [("s:k", Value::One(value))];
        let policies = ["P"];
        let request = Request::new(Principal::Nameless, "s3:GetObject", "*").context(&context).policies(&policies);
        assert_eq!(tables.explain(&request).unwrap().decision, tables.decide(&request));
        tables.decide(&request).is_allowed()
    };
    assert!(asks(&tables, "value7") && !asks(&tables, "value20"));
    let parts = Parts::of(&bytes);
    let at = search_at(&parts);
    let (table_at, log2) = (word(&parts.bytes("blocks"), at + 4), word(&parts.bytes("blocks"), at + 8));
    let table = usize::try_from(table_at).unwrap()..usize::try_from(table_at + (1 << log2)).unwrap();
    let lists = parts.words("lists");
    assert!(lists[table.clone()].contains(&0));
    let is_refused = |parts: Parts| {
        let error = Tables::load(&parts.join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "blocks", .. }), "{error}");
    };
    let mut full = lists.clone();
    for place in &mut full[table.clone()] {
        *place = (*place).max(1);
    }
    is_refused(Parts::of(&bytes).set("lists", &full));
    for symbol in [u32::MAX, u32::try_from(parts.words("symbols").len()).unwrap()] {
        let mut changed = lists.clone();
        changed[table.start] = symbol;
        is_refused(Parts::of(&bytes).set("lists", &changed));
    }
    let blocks = parts.bytes("blocks");
    let with = |word: usize, value: u32| {
        let mut changed = blocks.clone();
        put(&mut changed, at + word * 4, value);
        Parts::of(&bytes).set_bytes("blocks", &changed)
    };
    for value in [u32::MAX, 1 << 31, u32::try_from(lists.len()).unwrap()] {
        is_refused(with(1, value));
    }
    for value in [8, 31, 32, 33, 63, 64, u32::MAX - 1] {
        is_refused(with(2, value));
    }
    // A trie at a position of the lists; more values that are compared one by one than there are.
    for value in 0..64 {
        for word in 0..3 {
            check_returns(&with(word, value).join());
        }
    }
    check_returns(&with(2, u32::MAX).join());
    for value in [21, 1 << 16, u32::MAX] {
        assert!(check_returns(&with(0, value).join()));
    }
}

/// The trie of a list of patterns: roots within it, behind it, and such as lead to rows of no statement.
#[test]
fn search_tries_that_are_none() {
    let bytes = searched("StringLike");
    let parts = Parts::of(&bytes);
    let at = search_at(&parts);
    let (blocks, nodes) = (parts.bytes("blocks"), parts.bytes("nodes").len());
    assert_eq!(word(&blocks, at + 8), u32::MAX, "a trie");
    let with = |value: usize| {
        let mut changed = blocks.clone();
        put(&mut changed, at + 4, u32::try_from(value).unwrap());
        Parts::of(&bytes).set_bytes("blocks", &changed).join()
    };
    for value in [nodes, nodes - 8, nodes - 1, 1 << 31] {
        let error = Tables::load(&with(value)).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "blocks", .. }), "{error}");
    }
    for value in 0..nodes - 8 {
        check_answers(&with(value));
    }
    // A value that leads to a hundred thousand stars, or to itself.
    let mut long = parts.bytes("nodes");
    long.truncate(nodes - 8);
    let root = long.len();
    let [place_bytes, ..] = parts.words("meta")[WIDTHS].to_le_bytes();
    let place_bytes = usize::from(place_bytes);
    let mut below = word(&blocks, at + 4);
    while long.len() < root + (1 << (place_bytes * 8 - 1)).min(10_000) - root.min(200) {
        let own = u32::try_from(long.len()).unwrap();
        if u32::MAX >> (32 - 8 * place_bytes) < own {
            break;
        }
        long.extend([HAS_MORE, STAR_FREE]);
        long.extend(&below.to_le_bytes()[..place_bytes]);
        below = own;
    }
    long.extend(SLACK);
    let mut changed = blocks.clone();
    put(&mut changed, at + 4, below);
    check_returns(&Parts::of(&bytes).set_bytes("nodes", &long).set_bytes("blocks", &changed).join());
}

/// The list behind a role's tags: texts, behind all lists of earlier records.
#[test]
fn instance_profiles_point_at_texts() {
    let bytes = samples().remove(1);
    let identities = Parts::of(&bytes).words("identities");
    let lists = Parts::of(&bytes).words("lists");
    let number =
        (0..identities.len() / 14).find(|number| identities[number * 14 + 12] == 1).expect("app has a profile");
    let at = identities[number * 14 + 11];
    let is_refused = |forged: Vec<u8>| {
        let error = Tables::load(&forged).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "identities", .. }), "{error}");
    };
    for word in [u32::MAX, u32::try_from(Parts::of(&bytes).words("name_symbols").len()).unwrap() - 1] {
        let mut changed = lists.clone();
        changed[usize::try_from(at).unwrap()] = word;
        is_refused(Parts::of(&bytes).set("lists", &changed).join());
    }
    for (word, value) in [(11, u32::MAX), (11, 0), (12, u32::MAX), (12, u32::try_from(lists.len()).unwrap())] {
        let mut changed = identities.clone();
        changed[number * 14 + word] = value;
        is_refused(Parts::of(&bytes).set("identities", &changed).join());
    }
}

/// Names of identities and accounts are named by where they stand in the texts: within them, whole, and twelve digits.
#[test]
fn identities_point_at_their_names() {
    let bytes = samples().remove(1);
    let parts = Parts::of(&bytes);
    let (identities, text) = (parts.words("identities"), parts.bytes("text"));
    let length = u32::try_from(text.len()).unwrap();
    let digits = |at: usize| text[at..at + 12].iter().all(u8::is_ascii_digit);
    for number in 0..identities.len() / 14 {
        let [kind, lookup_at, account_at] = [0, 2, 3].map(|word| identities[number * 14 + word]);
        assert!(text[usize::try_from(lookup_at).unwrap()..].starts_with(b"arn:"), "{lookup_at}");
        assert!(digits(usize::try_from(account_at).unwrap()), "{account_at}");
        let not_digits = (0..text.len() - 12).find(|at| !digits(*at)).unwrap();
        let cases = [
            (0, kind & 0xffff | 0xffff_0000),
            (2, length),
            (2, length - (kind >> 16) + 1),
            (2, u32::MAX),
            (3, length - 11),
            (3, u32::MAX),
            (3, u32::try_from(not_digits).unwrap()),
        ];
        for (word, value) in cases {
            let mut changed = identities.clone();
            changed[number * 14 + word] = value;
            let error = Tables::load(&Parts::of(&bytes).set("identities", &changed).join()).unwrap_err();
            assert!(matches!(error, LoadError::Record { section: "identities", .. }), "{word} {value}: {error}");
        }
    }
}

/// The list between tags and profiles: bundles of groups.
#[test]
fn groups_point_at_bundles() {
    let world = iamc::world::load(vec![("account.json".to_owned(), super::groups::account(60))], None);
    let bytes = iamc::compile(world, &Options::default()).unwrap().as_bytes().to_vec();
    let identities = Parts::of(&bytes).words("identities");
    let lists = Parts::of(&bytes).words("lists");
    let bundles = u32::try_from(Parts::of(&bytes).words("bundles").len()).unwrap();
    let number = (0..identities.len() / 14).find(|number| identities[number * 14 + 10] == 2).expect("ana is in two");
    let at = usize::try_from(identities[number * 14 + 9]).unwrap();
    for word in [u32::MAX, bundles] {
        let mut changed = lists.clone();
        changed[at] = word;
        let error = Tables::load(&Parts::of(&bytes).set("lists", &changed).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section: "identities", .. }), "{error}");
    }
    for (word, value) in [(9, u32::MAX), (10, u32::MAX), (10, u32::try_from(lists.len()).unwrap())] {
        let mut changed = identities.clone();
        changed[number * 14 + word] = value;
        assert!(Tables::load(&Parts::of(&bytes).set("identities", &changed).join()).is_err(), "{word} {value}");
    }
}

#[test]
fn what_is_searched_must_be_sorted() {
    let samples = samples();
    for (sample, name, width) in [(0, "keys", 2), (1, "names", 1)] {
        let mut words = Parts::of(&samples[sample]).words(name);
        for at in 0..width {
            words.swap(at, width + at);
        }
        let error = Tables::load(&Parts::of(&samples[sample]).set(name, &words).join()).unwrap_err();
        assert!(matches!(error, LoadError::Record { section, .. } if section == name), "{name}: {error}");
    }
    let actions = document(r#"{"Effect":"Deny","Action":["s3:Get","s3:Put"],"Resource":"*"}"#);
    let parts = Parts::of(&policy(&actions, Semantics::default(), Level::Full));
    assert_eq!(parts.bytes("action_text"), b"getput");
    is_refused(parts.set_bytes("action_text", b"putget"), "actions");
    let endpoint = Parts::of(&samples[0]).words("endpoints");
    let twice = [endpoint.as_slice(), endpoint.as_slice()].concat();
    let error = Tables::load(&Parts::of(&samples[0]).set("endpoints", &twice).join()).unwrap_err();
    assert!(matches!(error, LoadError::Record { section: "endpoints", .. }), "{error}");
}

/// Was an allow: a resource policy was passed over where looking for it was given up.
#[test]
fn the_governing_resource_is_found_or_the_request_denied() {
    let bytes = layers(Level::Full);
    let parts = Parts::of(&bytes);
    let mut meta = parts.words("meta");
    let mut changed = parts.bytes("nodes");
    changed.truncate(changed.len() - SLACK.len());
    let [place_bytes, ..] = meta[WIDTHS].to_le_bytes();
    // A root plus one; a root is a position and a bit.
    let mut below = (meta[RESOURCE_INDEX] - 1) >> 1;
    for _ in 0..80 {
        let at = u32::try_from(changed.len()).unwrap();
        assert!(u64::from(at) < 1 << (8 * place_bytes), "the position fits");
        changed.extend([HAS_MORE, ANY_WITHIN | ANY_FREE]);
        for _ in 0..2 {
            changed.extend(&below.to_le_bytes()[..usize::from(place_bytes)]);
        }
        below = at;
    }
    changed.extend(SLACK);
    meta[RESOURCE_INDEX] = (below << 1) + 1;
    let forged = Parts::of(&bytes).set_bytes("nodes", &changed).set("meta", &meta).join();
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
