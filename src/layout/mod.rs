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
//! [`Section::Lists`]. Where a number is written as `x:w` it has only as many bytes as the largest of its kind in this
//! artifact needs, by [`Widths`]; sections with such numbers end with [`SLACK_BYTES`] zeros, so that each can be read
//! as a whole word and cut.
//!
//! What a decision reads:
//!
//! ```text
//! text         UTF-8 of all texts that decisions compare, each once
//! symbols      offset of each text, and the end of the last
//! runs         bytes of literal edges, cut at any byte
//! heads        (offset length)*             beginnings of ARNs, in `runs`
//! action_text  names of action nodes, what is behind the colon, and names of services, in lower case
//! services     (key:u64 first_node behind names_at name_bytes first_prefix prefixes_behind)*    open addressing by
//!              `hash_service`, empty where `behind` is zero; `key` is the beginning of the name, by `service_key`, and
//!              `name_bytes` its length, colon included. The nodes of a service are those from its first one up to
//!              `behind`, not included, and their names stand end to end from `names_at`; what the service's own name
//!              has behind its key stands before these
//! actions      offset:w*                    sorted by name within a service, a prefix before an exact action of the same
//!              name, so that what a prefix covers follows it. `offset` is where the name begins, counted from the
//!              service's `names_at`. Number `behind` of each service is no node, but the end of the name before it. Node
//!              0 stands for all actions, and is the one of those that no other node covers
//! action_seeds u8*                          a seed for each bucket of exact actions, by `action_bucket`
//! action_hash  (node? | service<<n):w*      the exact actions, each at its `action_place` by its bucket's seed; `n` by
//!              `ActionWord`, `service` a place in `services`. Those of a bucket whose seed is `SEARCH` are not there
//! prefixes     (start:u64 node back)*       the nodes that are prefixes, in their order; `start` is the beginning of the
//!              name, by `first_word`, and `back` is the distance to the longest proper prefix among them, 0 for none
//! keys         (symbol cardinality|source<<8|is_tag<<16)*   sorted by name
//! bundles      position in `slots`*
//! slots        per bundle what `bundle` describes
//! scans        (negated patterns_list root)*    4 words; a list is range_count (from to)[range_count] (kind value)*:
//!                                           ranges of action nodes, ascending and apart, then what is no range
//! indexes      root? excluding_count together? row (root row variables_list)*   `together`: a trie of all that is
//!              excluded, whose rows name positions in the list, and the row for what none of them excludes
//! nodes        rows that several nodes share, then nodes; see `row` and `node`
//! guards       (principal_set?:w block?:w)*  number 0 is that of no guard at all
//! blocks       see `block`
//! patterns     (steps_at steps_len)*
//! steps        (kind a b)*                  see `step_kind`
//! principals_of_statements (negated entries_at entries_len)*
//! principal_entries (kind symbol)*
//! accounts     (id flags organization? paths_list service_control_list resource_control? canonical?)*  sorted by id
//! identities   (kind|flags<<8|lookup_bytes<<16 arn lookup_at account_at unique_id? identity boundary? tags_list
//!              groups_list profiles_list account_number?)*    `lookup_at`: where in `text` the name begins by which
//!              requests find it, `lookup_bytes` how long that is; `account_at`: where its account's twelve digits begin
//! identity_hash (identity? | tag<<24)*      open addressing by `hash_text` of the lookup text
//! resources    (arn account? policy? flags acl_list object_acl_list object_owner?)*
//! endpoints    (id policy?)*                sorted by id
//! access_keys  (id principal active)*       sorted by id
//! lists        word*
//! ```
//!
//! What names things; a decision reads it only for policies that a request names:
//!
//! ```text
//! name_text    UTF-8 of names
//! name_symbols offset of each name, and the end of the last
//! statements   (policy index sid?)*
//! policies     (name arn? account? kind bundle?)*
//! names        policy*                      policies that requests may name, sorted by name
//! meta         see `meta`
//! provenance   bincode; never read by the runtime
//! ```

/// First bytes of every artifact. The high byte and the line ends show a file that was mangled as text.
pub(crate) const MAGIC: [u8; 8] = *b"\x89IAMC\r\n\x1a";

/// Format version. Any change of this file's layout, or of a number of `terms`, raises it; a reader refuses every
/// other version by name and says which it reads.
pub(crate) const VERSION: u32 = 8;

/// "None" where zero is a value.
pub(crate) const NONE: u32 = u32::MAX;

/// Zeros behind the last number of a section with numbers of less than a word.
pub(crate) const SLACK_BYTES: usize = 8;

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
            #[expect(clippy::as_conversions, reason = "there is no other way to the number of a variant")]
            pub(crate) const fn index(self) -> usize {
                self as usize
            }
        }
    };
}

sections! {
    /// Texts.
    Text = "text" * 0,
    /// Ends of texts.
    Symbols = "symbols" * 1,
    /// Bytes of literal edges.
    Runs = "runs" * 0,
    /// Beginnings of ARNs.
    Heads = "heads" * 2,
    /// Names of action nodes, and ends of services' names.
    ActionText = "action_text" * 0,
    /// Services of actions.
    Services = "services" * 8,
    /// Action nodes.
    Actions = "actions" * 0,
    /// Seeds of the hash of exact actions.
    ActionSeeds = "action_seeds" * 0,
    /// Hash of exact actions.
    ActionHash = "action_hash" * 0,
    /// Action nodes that are prefixes.
    Prefixes = "prefixes" * 4,
    /// Condition keys.
    Keys = "keys" * 2,
    /// Bundles.
    Bundles = "bundles" * 1,
    /// Slots of bundles.
    Slots = "slots" * 0,
    /// Scans of bundles.
    Scans = "scans" * 4,
    /// Indexes with `NotResource`.
    Indexes = "indexes" * 0,
    /// Rows and trie nodes.
    Nodes = "nodes" * 0,
    /// Guards.
    Guards = "guards" * 0,
    /// Condition blocks.
    Blocks = "blocks" * 0,
    /// Patterns of conditions and actions.
    Patterns = "patterns" * 2,
    /// Steps of patterns.
    Steps = "steps" * 3,
    /// Principal elements.
    PrincipalSets = "principal_sets" * 3,
    /// Their entries.
    PrincipalEntries = "principal_entries" * 2,
    /// Accounts.
    Accounts = "accounts" * 9,
    /// Users, roles, federated users.
    Identities = "identities" * 14,
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
    /// Names of policies and statements.
    NameText = "name_text" * 0,
    /// Ends of names.
    NameSymbols = "name_symbols" * 1,
    /// Statements.
    Statements = "statements" * 3,
    /// Policies.
    Policies = "policies" * 5,
    /// Named policies.
    Names = "names" * 1,
    /// Origins.
    Provenance = "provenance" * 0,
}

impl Section {
    /// Whether decisions read the section; the others hold names and origins.
    pub(crate) fn is_hot(self) -> bool {
        self < Self::NameText
    }
}

/// Words of [`Section::Meta`].
pub(crate) mod meta {
    /// Index whose rows' statements are resource numbers: which resource governs an ARN; plus one.
    pub(crate) const RESOURCE_INDEX: usize = 0;
    /// List of services that support RCPs.
    pub(crate) const RCP_SERVICES_AT: usize = 1;
    /// Its length.
    pub(crate) const RCP_SERVICES_LEN: usize = 2;
    /// 1 if any account is in an organization.
    pub(crate) const HAS_ORGANIZATION: usize = 3;
    /// Widths, by [`super::Widths`]; four words.
    pub(crate) const WIDTHS: usize = 4;
    /// Where in `nodes` the shared rows end and the nodes begin.
    pub(crate) const ROWS_END: usize = 8;
    /// Which services have resources that the artifact knows: 64 bits, by [`super::service_bit`].
    pub(crate) const RESOURCE_SERVICES: usize = 9;
    /// How many words there are.
    pub(crate) const WORDS: usize = 11;
}

/// How many bytes the numbers of each kind have in this artifact: 0 to 4, where 0 means that all of them are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Widths {
    /// Positions in `nodes`.
    pub(crate) place: u8,
    /// Statements.
    pub(crate) statement: u8,
    /// Guards.
    pub(crate) guard: u8,
    /// Heads.
    pub(crate) head: u8,
    /// Positions in `runs`.
    pub(crate) run: u8,
    /// Keys.
    pub(crate) key: u8,
    /// What values of tests are, and symbols plus one that are a variable's default.
    pub(crate) operand: u8,
    /// Principal sets plus one.
    pub(crate) set: u8,
    /// Positions in `blocks` plus one.
    pub(crate) block: u8,
    /// Offsets of names of action nodes.
    pub(crate) name: u8,
    /// Words of `action_hash`.
    pub(crate) action_word: u8,
    /// Action nodes plus one.
    pub(crate) action: u8,
    /// Roots.
    pub(crate) root: u8,
}

impl Widths {
    /// Least width that holds a number.
    pub(crate) const fn of(largest: u32) -> u8 {
        match largest {
            0 => 0,
            1..=0xff => 1,
            0x100..=0xffff => 2,
            0x1_0000..=0x00ff_ffff => 3,
            0x0100_0000.. => 4,
        }
    }

    /// The words of [`meta::WIDTHS`].
    pub(crate) const fn to_words(self) -> [u32; 4] {
        [
            u32::from_le_bytes([self.place, self.statement, self.guard, self.head]),
            u32::from_le_bytes([self.run, self.key, self.operand, self.set]),
            u32::from_le_bytes([self.block, self.name, self.action_word, self.action]),
            u32::from_le_bytes([self.root, 0, 0, 0]),
        ]
    }

    /// Reads the words of [`meta::WIDTHS`]; nothing if a width is larger than a word.
    pub(crate) fn from_words(words: [u32; 4]) -> Option<Self> {
        let bytes = words.map(u32::to_le_bytes);
        let [[place, statement, guard, head], [run, key, operand, set], [block, name, action_word, action], [root, ..]] =
            bytes;
        let good = bytes.as_flattened().iter().all(|&width| width <= 4);
        let widths =
            Self { place, statement, guard, head, run, key, operand, set, block, name, action_word, action, root };
        good.then_some(widths)
    }
}

/// Bundles: which root holds for which action node.
///
/// ```text
/// bundle := shape:u8 from:u16 to:u16 root:w                                      where `shape` is RANGE
///         | shape:u8 change_count:u16 root_count:u16 first:12 count:12 more      where it has MARKED
///           (before:u16 marks:u32)[count] number[change_count] root:w[root_count]
///         | shape:u8 change_count:u16 root_count:u16 more                        else; counts are u32 with LARGE
///           node[change_count] number[change_count] root:w[root_count]
/// more   := [statement:u32] [scans_at:u32 scan_count:u32]                        with ALLOWS_ALL, SCANS
/// node   := two bytes, or four where two do not hold all nodes of the artifact
/// number := a root's number plus one or 0 for none, in as many bytes as `shape` says
/// root   := position<<1 | whether it is one in `indexes`, else in `nodes`
/// ```
///
/// The nodes are those from which on another root holds, ascending. Many of them near each other are marked in blocks of
/// 32 nodes, the first of which has the number `first`: one bit for each, the least one first, and how many there are
/// `before` the block. The last change is then to no root.
pub(crate) mod bundle {
    /// How many bytes numbers have: 1, 2 or 4, of which the last not where nodes are marked; none where there are none.
    pub(crate) const NUMBER_BYTES: u8 = 7;
    /// Both counts have four bytes.
    pub(crate) const LARGE: u8 = 8;
    /// The bundle allows everything, and denies nothing, by the statement that follows.
    pub(crate) const ALLOWS_ALL: u8 = 16;
    /// There are scans.
    pub(crate) const SCANS: u8 = 32;
    /// Nodes are marked.
    pub(crate) const MARKED: u8 = 64;
    /// One root for nodes from one up to another one, not included, and nothing else.
    pub(crate) const RANGE: u8 = 128;
    /// Bytes before what follows the counts, or the nodes of a range.
    pub(crate) const LISTED_BYTES: usize = 5;
    /// The same where nodes are marked.
    pub(crate) const MARKED_BYTES: usize = 8;
    /// Bytes of a block of marks.
    pub(crate) const BLOCK_BYTES: usize = 6;
    /// Bits of the number of the first block, and of the count of blocks.
    pub(crate) const BLOCK_BITS: u32 = 12;
}

/// Rows: what remains to be tested of the statements whose action and resource match, denies first.
///
/// ```text
/// row    := counts [deny_count:u32 allow_count:u32] (statement:w guard:w)*
/// counts := deny_count | allow_count<<4, or MANY where one of them is larger than 14
/// ```
///
/// Guard 0 is none: the statement matches.
pub(crate) mod row {
    /// Counts follow as two words.
    pub(crate) const MANY: u8 = 0xff;
    /// Counts of a row of one deny.
    pub(crate) const ONE_DENY: u8 = 1;
    /// Counts of a row of one allow.
    pub(crate) const ONE_ALLOW: u8 = 16;
    /// Largest count in one byte with the other.
    pub(crate) const FEW_MAX: usize = 14;
}

/// Trie nodes: a header byte, then in this order what its bits announce.
///
/// ```text
/// node  := header [more [variable_count:u8] [folded_count:u16]] [literal_count:u16]
///          [end:w] [rest:w] | row
///          [star_within:w] [star_free:w] [any_within:w] [any_free:w]
///          (key:w default?:w kind:u8 child:w)[variable_count]
///          literals
/// literals := nothing | length:u8 bytes child | head:w length:u8 bytes child
///           | first_byte[literal_count] (run_at:w length:u8 child:w)[literal_count] [starts]
/// starts := log2:u8 kinds:u32 looked_at[32] bits[1<<log2]
/// child := position:w | node
/// ```
///
/// Rows and children are positions in `nodes`, or stand in place. Positions of children are less than the node's own.
/// A single edge stands with its text in place, split behind the head of an ARN where many share that; the edges of a
/// node with several are sorted by first byte, and the `folded_count` last of them, sorted likewise, ignore ASCII case.
///
/// Behind a star, where a node has nothing but edges, a text may have to be compared with them at every place. `starts`
/// says where that is of no use. The five low bits of a place's first byte are its kind: one bit of `kinds` says whether
/// an edge begins with a byte of that kind, and `looked_at` how many bytes from there on are looked at then. Another bit,
/// by [`start_bit`], says whether edges may lead through these: the node's own, and those of nodes behind it that have
/// nothing but edges.
pub(crate) mod node {
    /// A deny is at or below the node.
    pub(crate) const HAS_DENY: u8 = 1;
    /// A row of patterns that end here.
    pub(crate) const HAS_END: u8 = 2;
    /// A row of patterns whose last step, here, is a free `*`.
    pub(crate) const HAS_REST: u8 = 4;
    /// `more` is there.
    pub(crate) const HAS_MORE: u8 = 8;
    /// Which literal edges there are.
    pub(crate) const LITERALS: u8 = 0x30;
    /// None.
    pub(crate) const NO_LITERAL: u8 = 0;
    /// One.
    pub(crate) const ONE_LITERAL: u8 = 0x10;
    /// One that begins with a head.
    pub(crate) const HEAD_AND_LITERAL: u8 = 0x20;
    /// Several, or one whose case is ignored.
    pub(crate) const LITERAL_TABLE: u8 = 0x30;
    /// The child of the one literal edge follows in place.
    pub(crate) const CHILD_IN_PLACE: u8 = 0x40;
    /// The one row of the node stands in place.
    pub(crate) const ROW_IN_PLACE: u8 = 0x80;

    /// Bits of `more`.
    pub(crate) mod more {
        /// `star_within` is there.
        pub(crate) const STAR_WITHIN: u8 = 1;
        /// `star_free` is there.
        pub(crate) const STAR_FREE: u8 = 2;
        /// `any_within` is there.
        pub(crate) const ANY_WITHIN: u8 = 4;
        /// `any_free` is there.
        pub(crate) const ANY_FREE: u8 = 8;
        /// `variable_count` is there.
        pub(crate) const VARIABLES: u8 = 16;
        /// `folded_count` is there.
        pub(crate) const FOLDED: u8 = 32;
        /// `starts` is there: the node has edges in a table, and nothing else.
        pub(crate) const STARTS: u8 = 64;
    }

    /// Longest literal of one edge in bytes; the encoder makes chains of longer ones.
    pub(crate) const LITERAL_MAX_BYTES: usize = 255;

    /// How many bytes of a place are looked at at most: those of one word.
    pub(crate) const START_MAX_BYTES: usize = 8;
    /// For how many kinds of first bytes it is said how many.
    pub(crate) const START_KINDS: usize = 32;
}

/// Which of the `8 << log2` bits of a node's `starts` stands for these bytes, which are the lowest of the word.
#[inline]
pub(crate) fn start_bit(word: u64, bytes: u8, log2: u8) -> usize {
    let bytes = u32::from(bytes);
    let kept = word << (64u32.wrapping_sub(8 * bytes) & 63);
    let bit = kept.wrapping_mul(MULTIPLIER) >> (61u32.wrapping_sub(u32::from(log2)) & 63);
    usize::try_from(bit).unwrap_or(usize::MAX)
}

/// Condition blocks: tests end to end.
///
/// ```text
/// block := test_count:u8 [test_count:u32 where the byte is 255] test*
/// test  := comparison:u8 negated|qualifier<<1|if_exists<<3|search<<4 key:w value_count:u8 [value_count:u32 where 255]
///          [linear_count:u32 table_at:u32 table_log2:u32 where search] (kind:u8 a:w)*
/// ```
///
/// Where `search` is set, only the first `linear_count` values are compared one by one. The others are texts, and found
/// by `hash_text` in an open-addressing table of symbols plus one in `lists`; or patterns, and found by a trie in
/// `nodes`, whose position stands in place of `table_at`, with [`NONE`] for the logarithm.
pub(crate) mod block {
    /// The operator is negated.
    pub(crate) const NEGATED: u8 = 1;
    /// Bits of the qualifier.
    pub(crate) const QUALIFIER_SHIFT: u8 = 1;
    /// The operator ends in `IfExists`.
    pub(crate) const IF_EXISTS: u8 = 8;
    /// Values are found by a table.
    pub(crate) const SEARCH: u8 = 16;
    /// All bits.
    pub(crate) const ALL: u8 = 31;
    /// A count follows as a word.
    pub(crate) const MANY: u8 = 255;
}

/// One of 64 bits for the service of an ARN, so that most resources need no search for one that governs them; the service
/// by [`start_word`].
pub(crate) const fn service_bit(service: u64) -> u64 {
    1 << (service.wrapping_mul(MULTIPLIER) >> 58)
}

/// The first eight bytes of a text, with zeros behind a shorter one.
#[inline]
pub(crate) fn start_word(text: &[u8]) -> u64 {
    match text.first_chunk() {
        Some(start) => u64::from_le_bytes(*start),
        None => text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Bit of a key's second word: a tag key, whose spellings may stand side by side (R-CON-4).
pub(crate) const KEY_IS_TAG: u32 = 1 << 16;

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

/// Kinds of action entries in a scan's list that are no ranges of action nodes: the low byte.
pub(crate) mod action_kind {
    /// Every action; its value is zero.
    pub(crate) const ANY: u32 = 0;
    /// Pattern: number. The three high bytes are those with which its text begins, or zero where it begins with fewer.
    pub(crate) const GLOB: u32 = 1;
    /// Where these bytes begin.
    pub(crate) const START_SHIFT: u32 = 8;
}

/// The first three bytes of a text, or zero.
#[inline]
pub(crate) fn start_of(text: &[u8]) -> u32 {
    match text.first_chunk() {
        Some(&[a, b, c]) => u32::from_le_bytes([a, b, c, 0]),
        None => 0,
    }
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
    /// Identity: SCPs or RCPs of its account have a say, by the account's record.
    pub(crate) const CONTROLLED: u32 = 2;
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

/// Lower-cases the ASCII letters of eight bytes at once.
pub(crate) const fn fold_word(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let ascii = !word & (ONES * 0x80);
    let low = word & (ONES * 0x7f);
    let above_z = low + ONES * (0x7f - 0x5a);
    let from_a = low + ONES * (0x80 - 0x41);
    let upper = from_a & !above_z & ascii;
    word | (upper >> 2)
}

/// All bytes of a text of less than eight: texts of one length have equal words only if they are equal.
pub(crate) fn short_word(text: &[u8]) -> u64 {
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)),
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Hash of a text by which tables are keyed.
#[inline(never)]
pub(crate) fn hash_text(text: &[u8]) -> u32 {
    hash::<0>(text)
}

/// A hash that is the same for all spellings of ASCII letters.
#[inline(never)]
pub(crate) fn hash_folded(text: &[u8]) -> u32 {
    // One bit tells the cases apart. That other bytes fall together as well only makes the hash a little worse.
    hash::<0x2020_2020_2020_2020>(text)
}

/// The first eight bytes of a service's name in lower case; of a shorter one the colon behind it, then zeros. So no two
/// names of up to eight bytes have the same, whatever bytes they have.
pub(crate) fn service_key(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(name.iter().chain(b":")) {
        *to = *from;
    }
    fold_word(u64::from_le_bytes(bytes))
}

/// Hash of a service by its key and its name, in any case, the same for all spellings of ASCII letters.
pub(crate) fn hash_service(key: u64, name: &[u8]) -> u32 {
    if 8 < name.len() {
        return hash_folded(name);
    }
    u32::try_from(key.wrapping_mul(MULTIPLIER) >> 32).unwrap_or(0)
}

/// The seed of a bucket whose actions are found by a search among the nodes of their service.
pub(crate) const SEARCH: u8 = u8::MAX;

/// The bucket of an exact action, by the [`hash_folded`] of its whole text.
#[inline]
pub(crate) fn action_bucket(hash: u32, buckets: u32) -> u32 {
    place_of(hash, buckets)
}

/// The place of an exact action in `action_hash`, by the same hash and the seed of its bucket. Seeds are such that no two
/// actions have the same place, so that one look is enough.
#[inline]
pub(crate) fn action_place(hash: u32, seed: u8, places: u32) -> u32 {
    let seeded = (hash ^ u32::from(seed).wrapping_mul(0x9e37_79b1)).wrapping_mul(0x85eb_ca6b);
    // With one product alone, hashes near each other would have the same place for many seeds, or for all.
    place_of((seeded ^ seeded >> 15).wrapping_mul(0xc2b2_ae35), places)
}

/// How words of `action_hash` are cut: as many bits as the largest node plus one needs, above them the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ActionWord {
    /// Bits of a word that are the number.
    number_mask: u32,
    /// How far the service stands from the lowest bit.
    shift: u32,
}

impl ActionWord {
    /// By the number of records of `actions`, which no node plus one is above.
    pub(crate) const fn of(records: u32) -> Self {
        let shift = 32 - records.leading_zeros();
        // A word has no bits above.
        if shift == 32 {
            return Self { number_mask: u32::MAX, shift: 31 };
        }
        Self { number_mask: (1 << shift) - 1, shift }
    }

    /// Number and service of a word.
    #[inline]
    pub(crate) const fn cut(self, word: u32) -> (u32, u32) {
        (word & self.number_mask, word >> (self.shift & 31))
    }

    /// The word of a number and a service; nothing if it does not hold both.
    pub(crate) fn join(self, number: u32, service: u32) -> Option<u32> {
        let word = number | service.wrapping_shl(self.shift);
        (self.cut(word) == (number, service)).then_some(word)
    }
}

/// The first eight bytes of a name as one number, so that the order of numbers is that of the bytes; a shorter one is
/// followed by zeros.
pub(crate) fn first_word(name: &[u8]) -> u64 {
    match name.first_chunk() {
        Some(start) => u64::from_be_bytes(*start),
        None => {
            let word = name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
            word.checked_shl(64 - 8 * u32::try_from(name.len()).unwrap_or(0)).unwrap_or(0)
        }
    }
}

/// The first place of a hash in a table of so many places, whatever their number.
pub(crate) fn place_of(hash: u32, places: u32) -> u32 {
    u32::try_from((u64::from(hash) * u64::from(places)) >> 32).unwrap_or(0)
}

/// Mixes words of eight bytes into two lanes by turns, so that one does not wait for the other; the last words overlap
/// those before, so that no byte is looked at alone. The bits of `MASK` are set in every word.
#[inline]
fn hash<const MASK: u64>(text: &[u8]) -> u32 {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    let two = |[one, other]: [u64; 2], chunk: Option<&[u8; 16]>| {
        let bits = chunk.map_or(0, |chunk| u128::from_le_bytes(*chunk));
        let low = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
        [mix(one, low | MASK), mix(other, u64::try_from(bits >> 64).unwrap_or(0) | MASK)]
    };
    let four = |lanes, chunk: &[u8]| two(two(lanes, chunk.first_chunk()), chunk.last_chunk());
    let start = [length, 0];
    let [one, other] = if let Some(last) = text.last_chunk::<32>() {
        text.as_chunks::<32>().0.iter().fold(four(start, last), |lanes, chunk| four(lanes, chunk))
    } else if 16 <= text.len() {
        four(start, text)
    } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        [mix(length, u64::from_le_bytes(*first) | MASK), mix(0, u64::from_le_bytes(*last) | MASK)]
    } else {
        [mix(length, short_word(text) | MASK), 0]
    };
    u32::try_from((one ^ other.rotate_left(32)).wrapping_mul(MULTIPLIER) >> 32).unwrap_or(0)
}

/// Bits of a word of a hash table that are the number plus one; the others are the hash's highest.
pub(crate) const TAG_SHIFT: u32 = 24;

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
    fn hashes_look_at_every_byte_and_at_the_length() {
        for length in 0..130 {
            let text = b"GetObject:list/x".iter().copied().cycle().take(length).collect::<Vec<_>>();
            assert_eq!(hash_folded(&text), hash_folded(&text.to_ascii_uppercase()), "{length}");
            assert_ne!(hash_text(&text), hash_text(&[&text[..], b"\0"].concat()), "{length}");
            for at in 0..length {
                let mut changed = text.clone();
                changed[at] ^= 1;
                assert_ne!(hash_text(&text), hash_text(&changed), "{length} {at}");
                assert_ne!(hash_folded(&text), hash_folded(&changed), "{length} {at}");
            }
        }
    }

    #[test]
    fn first_words_sort_as_names() {
        let mut names = ["", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "b", "\u{e9}", "a\0"].map(str::as_bytes);
        names.sort_unstable();
        assert!(names.is_sorted_by_key(|name| first_word(name)));
        assert_eq!([b"".as_slice(), b"a", b"abcdefghi"].map(first_word), [0, 0x61 << 56, 0x6162_6364_6566_6768]);
    }

    #[test]
    fn services_take_what_numbers_leave() {
        assert_eq!(ActionWord::of(255).join(7, 3), Some(0x307));
        assert_eq!(ActionWord::of(256).join(7, 3), Some(0x607));
        assert_eq!(ActionWord::of(0xffff).cut(0x0005_0001), (1, 5));
        // 24 bits for the number leave eight for the service, 31 leave one.
        assert_eq!(ActionWord::of(0x00ff_ffff).join(0x00ff_ffff, 255), Some(u32::MAX));
        assert_eq!(ActionWord::of(0x00ff_ffff).join(1, 256), None);
        assert_eq!(ActionWord::of(0x7fff_ffff).join(1, 1), Some(0x8000_0001));
        // A file that somebody made: no room for a service.
        assert_eq!(ActionWord::of(u32::MAX).join(1, 1), None);
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
