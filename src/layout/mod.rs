//! The artifact's byte layout: what the encoder writes and the runtime reads. `core` only, imports nothing.
//!
//! All numbers are little-endian `u32` words unless said otherwise; nothing has to be aligned.
//!
//! ```text
//! artifact   := header section*
//! header     := magic[8] version total_bytes semantics:u64 body_checksum:u64 section_count reserved
//!               (offset length)[SECTION_COUNT] header_checksum:u64
//! section    := bytes, padded with zeros to a multiple of four
//! ```
//!
//! Sections, by [`Section`]; `x?` is a number plus one, zero meaning none; `list` is (offset length) in words of
//! [`Section::Lists`]:
//!
//! ```text
//! text         UTF-8 of all texts, each once
//! runs         bytes of literal edges, cut at any byte
//! symbols      offset of each text, and the end of the last
//! actions      (symbol parent?)*            prefixes sorted, then exact actions; a node's parent is the longest
//!                                           proper prefix node; META_PREFIX_COUNT says how many prefixes
//! action_hash  node?*                       open addressing over the exact actions, by `hash_folded`
//! keys         (symbol cardinality|source<<8)*   sorted by name
//! bundles      (slots_at slots_log2 scans_at scans_len allows_all?)*    slots_log2 = NONE: no slots
//! slots        (node? index)*               open addressing by node, one table a bundle
//! scans        (negated patterns_list index)*    4 words
//! indexes      root? excluding_count (root row variables_list)*
//! nodes        see `node`
//! rows         deny_count allow_count (statement guard)*
//! guards       (principal_set? block?)*
//! blocks       test_count test*
//! tests        (comparison|negated<<8|qualifier<<16|if_exists<<24 key values_at values_len)*
//! values       (kind a b)*                  see `value_kind`
//! patterns     (steps_at steps_len)*
//! steps        (kind a b)*                  see `step_kind`
//! principals_of_statements (negated entries_at entries_len)*
//! principal_entries (kind symbol)*
//! statements   (policy index sid?)*
//! policies     (name arn? account? kind bundle?)*
//! names        policy*                      policies that requests may name, sorted by name
//! accounts     (id flags organization? paths_list service_control_list resource_control? canonical?)*  sorted by id
//! identities   (kind|flags<<8 arn lookup account unique_id? identity boundary? tags_list groups_list profiles_list)*
//! identity_hash identity?*                  open addressing by `hash_text` of the lookup text
//! resources    (arn account? policy? flags acl_list object_acl_list object_owner?)*
//! endpoints    (id policy?)*                sorted by id
//! access_keys  (id principal active)*       sorted by id
//! lists        word*
//! meta         see `meta`
//! provenance   bincode; never read by the runtime
//! ```

/// First bytes of every artifact. The high byte and the line ends show a file that was mangled as text.
pub(crate) const MAGIC: [u8; 8] = *b"\x89IAMC\r\n\x1a";

/// Format version. Any change of this file's layout, or of a number of `terms`, raises it; a reader refuses every
/// other version by name and says which it reads.
pub(crate) const VERSION: u32 = 2;

/// "None" where zero is a value.
pub(crate) const NONE: u32 = u32::MAX;

/// Bytes before the section table.
pub(crate) const FIXED_HEADER_BYTES: usize = 40;

/// Bytes of the whole header.
pub(crate) const HEADER_BYTES: usize = FIXED_HEADER_BYTES + Section::COUNT * 8 + 8;

/// Defines the sections in their order.
macro_rules! sections {
    ($($(#[$doc:meta])* $variant:ident = $name:literal * $words:literal),+ $(,)?) => {
        /// A section of the artifact, in the order of the file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Section { $($(#[$doc])* $variant),+ }

        impl Section {
            /// All sections in the order of the file.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// How many there are.
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// The name that `inspect` shows.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Words of one record; 0 for sections of bytes or of records of different length.
            pub(crate) const fn record_words(self) -> usize {
                match self { $(Self::$variant => $words),+ }
            }

            /// Position in the section table.
            pub(crate) fn index(self) -> usize {
                Self::ALL.iter().position(|&section| section == self).unwrap_or(Self::COUNT)
            }
        }
    };
}

sections! {
    /// Texts.
    Text = "text" * 0,
    /// Bytes of literal edges.
    Runs = "runs" * 0,
    /// Ends of texts.
    Symbols = "symbols" * 1,
    /// Action nodes.
    Actions = "actions" * 2,
    /// Hash of exact actions.
    ActionHash = "action_hash" * 1,
    /// Condition keys.
    Keys = "keys" * 2,
    /// Bundles.
    Bundles = "bundles" * 5,
    /// Slots of bundles.
    Slots = "slots" * 2,
    /// Scans of bundles.
    Scans = "scans" * 4,
    /// Indexes.
    Indexes = "indexes" * 0,
    /// Trie nodes.
    Nodes = "nodes" * 0,
    /// Rows.
    Rows = "rows" * 0,
    /// Guards.
    Guards = "guards" * 2,
    /// Condition blocks.
    Blocks = "blocks" * 0,
    /// Condition tests.
    Tests = "tests" * 4,
    /// Values of tests.
    Values = "values" * 3,
    /// Patterns.
    Patterns = "patterns" * 2,
    /// Steps of patterns.
    Steps = "steps" * 3,
    /// Principal elements.
    PrincipalSets = "principal_sets" * 3,
    /// Their entries.
    PrincipalEntries = "principal_entries" * 2,
    /// Statements.
    Statements = "statements" * 3,
    /// Policies.
    Policies = "policies" * 5,
    /// Named policies.
    Names = "names" * 1,
    /// Accounts.
    Accounts = "accounts" * 9,
    /// Users, roles, federated users.
    Identities = "identities" * 13,
    /// Hash of their lookup texts.
    IdentityHash = "identity_hash" * 1,
    /// Resources.
    Resources = "resources" * 9,
    /// Endpoints.
    Endpoints = "endpoints" * 2,
    /// Access keys.
    AccessKeys = "access_keys" * 3,
    /// Word lists.
    Lists = "lists" * 1,
    /// Single numbers.
    Meta = "meta" * 1,
    /// Origins.
    Provenance = "provenance" * 0,
}

/// Words of [`Section::Meta`].
pub(crate) mod meta {
    /// How many action nodes are prefixes.
    pub(crate) const PREFIX_COUNT: usize = 0;
    /// Index whose rows' statements are resource numbers: which resource governs an ARN; plus one.
    pub(crate) const RESOURCE_INDEX: usize = 1;
    /// List of services that support RCPs.
    pub(crate) const RCP_SERVICES_AT: usize = 2;
    /// Its length.
    pub(crate) const RCP_SERVICES_LEN: usize = 3;
    /// 1 if any account is in an organization.
    pub(crate) const HAS_ORGANIZATION: usize = 4;
    /// How many words there are.
    pub(crate) const WORDS: usize = 5;
}

/// Trie nodes: a header word, then in this order what the header's bits announce.
///
/// ```text
/// header   := flags | variable_count<<8 | literal_count<<16, literal_count up to 256 (exact and folded together)
/// node     := header [folded_count] [end] [rest] [star_within] [star_free] [any_within] [any_free]
///             (key default? crossing child)[variable_count] (run_at first_byte<<24|length child)[literal_count]
/// ```
///
/// `end`, `rest` are row numbers, children node positions, less than the node's own, so that every walk ends. The
/// `folded_count` last literal edges ignore ASCII case. Literal edges are sorted by first byte, exact and folded each.
pub(crate) mod node {
    /// A deny is at or below the node.
    pub(crate) const HAS_DENY: u32 = 1;
    /// `folded_count` is there.
    pub(crate) const HAS_FOLDED: u32 = 2;
    /// `end` is there.
    pub(crate) const HAS_END: u32 = 4;
    /// `rest` is there.
    pub(crate) const HAS_REST: u32 = 8;
    /// `star_within` is there.
    pub(crate) const HAS_STAR_WITHIN: u32 = 16;
    /// `star_free` is there.
    pub(crate) const HAS_STAR_FREE: u32 = 32;
    /// `any_within` is there.
    pub(crate) const HAS_ANY_WITHIN: u32 = 64;
    /// `any_free` is there.
    pub(crate) const HAS_ANY_FREE: u32 = 128;
    /// Words of a node with this header.
    pub(crate) const fn word_count(header: u32) -> u32 {
        1 + (header & 0xfe).count_ones() + 4 * (header >> 8 & 0xff) + 3 * (header >> 16)
    }
    /// Longest literal of one edge in bytes; the encoder refuses longer ones.
    pub(crate) const LITERAL_MAX_BYTES: usize = 0x00ff_ffff;
    /// Most variables of one node.
    pub(crate) const VARIABLES_MAX: usize = 255;
}

/// Kinds of condition values: what `a` and `b` are.
pub(crate) mod value_kind {
    /// Text: symbol.
    pub(crate) const TEXT: u32 = 0;
    /// Pattern: number.
    pub(crate) const PATTERN: u32 = 1;
    /// Decimal in normal form: symbol.
    pub(crate) const NUMBER: u32 = 2;
    /// Instant: position in lists of (seconds low, seconds high, nanoseconds).
    pub(crate) const INSTANT: u32 = 3;
    /// Boolean: 0 or 1.
    pub(crate) const BOOL: u32 = 4;
    /// Base64 text: symbol.
    pub(crate) const BINARY: u32 = 5;
    /// Network: position in lists of four words of address, prefix length | IPv4<<8.
    pub(crate) const NETWORK: u32 = 6;
    /// Cannot be parsed.
    pub(crate) const UNPARSABLE: u32 = 7;
    /// Null.
    pub(crate) const NULL: u32 = 8;
}

/// Kinds of pattern steps.
pub(crate) mod step_kind {
    /// Exact text: symbol.
    pub(crate) const LITERAL: u32 = 0;
    /// Text whose ASCII case is ignored: symbol.
    pub(crate) const FOLDED: u32 = 1;
    /// `*` within a component.
    pub(crate) const STAR_WITHIN: u32 = 2;
    /// `*`
    pub(crate) const STAR_FREE: u32 = 3;
    /// `?` within a component.
    pub(crate) const ANY_WITHIN: u32 = 4;
    /// `?`
    pub(crate) const ANY_FREE: u32 = 5;
    /// Variable: key, default plus one; its value must not hold `:`.
    pub(crate) const VARIABLE_WITHIN: u32 = 6;
    /// Variable: key, default plus one.
    pub(crate) const VARIABLE_FREE: u32 = 7;
}

/// Kinds of principal entries.
pub(crate) mod entry_kind {
    /// `"*"`
    pub(crate) const EVERYONE: u32 = 0;
    /// Account id.
    pub(crate) const ACCOUNT: u32 = 1;
    /// User ARN.
    pub(crate) const USER: u32 = 2;
    /// Role ARN.
    pub(crate) const ROLE: u32 = 3;
    /// Assumed-role ARN.
    pub(crate) const SESSION: u32 = 4;
    /// Federated-user ARN.
    pub(crate) const FEDERATED_USER: u32 = 5;
    /// Unique id.
    pub(crate) const UNIQUE_ID: u32 = 6;
    /// Service principal.
    pub(crate) const SERVICE: u32 = 7;
    /// Identity provider.
    pub(crate) const FEDERATED: u32 = 8;
    /// Canonical user id.
    pub(crate) const CANONICAL_USER: u32 = 9;
    /// Root ARN.
    pub(crate) const ACCOUNT_ROOT: u32 = 10;
    /// Role ARN of a KMS grant, direct for the role's sessions.
    pub(crate) const GRANTED_ROLE: u32 = 11;
    /// The highest one.
    pub(crate) const LAST: u32 = GRANTED_ROLE;
}

/// Kinds of action entries in a scan's list of (kind value).
pub(crate) mod action_kind {
    /// Every action.
    pub(crate) const ANY: u32 = 0;
    /// Exact action: symbol.
    pub(crate) const EXACT: u32 = 1;
    /// Prefix: symbol.
    pub(crate) const PREFIX: u32 = 2;
    /// Pattern: number.
    pub(crate) const GLOB: u32 = 3;
}

/// Kinds of policies.
pub(crate) mod policy_kind {
    /// Attached only.
    pub(crate) const ATTACHED: u32 = 0;
    /// May be named in `policies`.
    pub(crate) const NAMED_IDENTITY: u32 = 1;
    /// May be named in `sessionPolicies`.
    pub(crate) const NAMED_SESSION: u32 = 2;
    /// Never evaluated.
    pub(crate) const NAMED_OTHER: u32 = 3;
}

/// Flags of accounts, identities and resources.
pub(crate) mod flag {
    /// Account: unknown principals of it do not exist.
    pub(crate) const IDENTITIES_KNOWN: u32 = 1;
    /// Account: management account.
    pub(crate) const MANAGEMENT: u32 = 2;
    /// Account: SCPs apply.
    pub(crate) const SERVICE_CONTROL: u32 = 4;
    /// Account, resource: public buckets are restricted.
    pub(crate) const RESTRICT_PUBLIC_BUCKETS: u32 = 8;
    /// Account, resource: public ACLs are ignored.
    pub(crate) const IGNORE_PUBLIC_ACLS: u32 = 16;
    /// Account: it is in an organization.
    pub(crate) const MEMBER: u32 = 32;
    /// Resource: its policy is public.
    pub(crate) const PUBLIC: u32 = 64;
    /// Resource: ACLs are in force.
    pub(crate) const ACLS: u32 = 128;
    /// Identity: a service-linked role.
    pub(crate) const SERVICE_LINKED: u32 = 1;
    /// Identity kinds.
    pub(crate) const KIND_USER: u32 = 0;
    /// A role.
    pub(crate) const KIND_ROLE: u32 = 1;
    /// A federated user.
    pub(crate) const KIND_FEDERATED_USER: u32 = 2;
}

/// Kinds of ACL grantees in lists of (kind symbol permissions); the first triple names the owner.
pub(crate) mod grantee_kind {
    /// The owner of the ACL, not a grant.
    pub(crate) const OWNER: u32 = 0;
    /// Canonical user.
    pub(crate) const CANONICAL: u32 = 1;
    /// `AllUsers`
    pub(crate) const ALL_USERS: u32 = 2;
    /// `AuthenticatedUsers`
    pub(crate) const AUTHENTICATED_USERS: u32 = 3;
}

/// Multiplier of the hashes below: an odd number without structure.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(MULTIPLIER).rotate_left(29)
}

fn word_of(chunk: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(chunk) {
        *to = *from;
    }
    u64::from_le_bytes(bytes)
}

/// Lower-cases the ASCII letters of eight bytes at once.
const fn fold_word(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let ascii = !word & (ONES * 0x80);
    let low = word & (ONES * 0x7f);
    let above_z = low + ONES * (0x7f - 0x5a);
    let from_a = low + ONES * (0x80 - 0x41);
    let upper = from_a & !above_z & ascii;
    word | (upper >> 2)
}

/// Hash of a text by which tables are keyed.
pub(crate) fn hash_text(text: &[u8]) -> u32 {
    hash(text, |word| word)
}

/// The same of the text with ASCII letters lower-cased.
pub(crate) fn hash_folded(text: &[u8]) -> u32 {
    hash(text, fold_word)
}

fn hash(text: &[u8], map: impl Fn(u64) -> u64) -> u32 {
    let (chunks, tail) = text.as_chunks::<8>();
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let hash = chunks.iter().fold(length, |hash, chunk| mix(hash, map(u64::from_le_bytes(*chunk))));
    let hash = mix(hash, map(word_of(tail)));
    u32::try_from(hash >> 32).unwrap_or(0)
}

/// Start of the probe for a number in an open-addressing table of `1 << log2` places.
pub(crate) const fn probe_of(number: u32, log2: u32) -> u32 {
    if log2 == 0 {
        return 0;
    }
    number.wrapping_mul(0x9e37_79b1) >> (32 - log2)
}

/// Checksum of a run of bytes: four lanes over words of eight bytes, so that it runs at the speed of memory.
///
/// Each step is a bijection of the lane for a given word and of the word for a given lane, so a change within one word
/// always changes the result; it finds accidents, not forgeries.
pub(crate) const fn checksum(bytes: &[u8]) -> u64 {
    let mut lanes = [1u64, 2, 3, 4];
    let mut rest = bytes;
    while let Some((block, tail)) = rest.split_first_chunk::<32>() {
        let [a, b, c, d] = lanes;
        let [w0, w1, w2, w3] = words_of(block);
        lanes = [mix(a, w0), mix(b, w1), mix(c, w2), mix(d, w3)];
        rest = tail;
    }
    let [a, b, c, d] = lanes;
    let mut hash = mix(mix(mix(mix(0, a), b), c), d);
    while let Some((byte, tail)) = rest.split_first() {
        hash = mix(hash, widen(*byte));
        rest = tail;
    }
    mix(hash, len64(bytes))
}

const fn widen(byte: u8) -> u64 {
    u64::from_le_bytes([byte, 0, 0, 0, 0, 0, 0, 0])
}

#[expect(clippy::as_conversions, reason = "`u64::try_from` is not const; usize is at most 64 bits")]
const fn len64(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

const fn words_of(block: &[u8; 32]) -> [u64; 4] {
    let [
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        b0,
        b1,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
        c0,
        c1,
        c2,
        c3,
        c4,
        c5,
        c6,
        c7,
        d0,
        d1,
        d2,
        d3,
        d4,
        d5,
        d6,
        d7,
    ] = *block;
    [
        u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]),
        u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]),
        u64::from_le_bytes([c0, c1, c2, c3, c4, c5, c6, c7]),
        u64::from_le_bytes([d0, d1, d2, d3, d4, d5, d6, d7]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn folding_touches_ascii_capitals_only() {
        for byte in 0..=255u8 {
            let word = u64::from_le_bytes([byte, b'A', 0, b'[', b'@', b'Z', 0xc1, byte]);
            let folded = [byte, b'A', 0, b'[', b'@', b'Z', 0xc1, byte].map(|byte| byte.to_ascii_lowercase());
            assert_eq!(fold_word(word).to_le_bytes(), folded, "{byte:#x}");
        }
    }

    #[test]
    fn folded_hashes_agree_for_all_spellings() {
        assert_eq!(hash_folded(b"S3:GetObjectTagging"), hash_text(b"s3:getobjecttagging"));
        assert_ne!(hash_text(b"s3:getobject"), hash_text(b"s3:getobjecs"));
    }

    #[test]
    fn every_flipped_bit_changes_the_checksum() {
        let bytes = (0..=200u8).collect::<Vec<_>>();
        let sum = checksum(&bytes);
        for at in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert_ne!(checksum(&changed), sum, "bit {at}");
        }
    }
}
