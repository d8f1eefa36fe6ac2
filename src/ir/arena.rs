//! Numbers for things: newtype ids and sets that give equal things equal numbers.

use std::hash::Hash;

use indexmap::IndexSet;

/// Defines ids over `u32`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u32);

        impl Id for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    )+};
}

/// A number of an arena's item. An arena holds at most `u32::MAX - 1` items; `encode` refuses larger ones.
pub(crate) trait Id: Copy {
    /// The id of the item at `index`.
    fn from_index(index: usize) -> Self;
    /// The item's position.
    fn index(self) -> usize;
}

ids! {
    /// An interned text.
    Symbol,
    /// A condition key.
    KeyId,
    /// A pattern of a resource or a condition value.
    PatternId,
    /// A condition test.
    TestId,
    /// A condition block: the tests of one statement.
    BlockId,
    /// A `Principal` or `NotPrincipal` element.
    PrincipalSetId,
    /// Principal part and condition part of a statement.
    GuardId,
    /// A statement.
    StatementId,
    /// A policy.
    PolicyId,
    /// A set of statements that one layer evaluates together.
    BundleId,
    /// A node of a resource trie.
    TrieId,
}

/// A set whose items keep the number of their first insertion.
#[derive(Debug, Clone)]
pub(crate) struct Arena<I, T> {
    items: IndexSet<T>,
    id: std::marker::PhantomData<I>,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Self { items: IndexSet::default(), id: std::marker::PhantomData }
    }
}

impl<I: Id, T: Eq + Hash> Arena<I, T> {
    /// Returns the number of `item`, the old one if an equal item is there. Only this room adds items: what they must
    /// keep is established here.
    pub(in crate::ir) fn intern(&mut self, item: T) -> I {
        I::from_index(self.items.insert_full(item).0)
    }

    /// Returns the item with that number.
    pub(crate) fn get(&self, id: I) -> Option<&T> {
        self.items.get_index(id.index())
    }

    /// All items in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> {
        self.items.iter()
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

/// Interned texts.
///
/// Invariant: the empty text is symbol 0.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    items: IndexSet<Box<str>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { items: IndexSet::from([Box::from("")]) }
    }
}

impl Texts {
    /// The empty text.
    pub(crate) const EMPTY: Symbol = Symbol(0);

    /// Returns the symbol of a text.
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        match self.items.get_index_of(text) {
            Some(index) => Symbol::from_index(index),
            None => Symbol::from_index(self.items.insert_full(text.into()).0),
        }
    }

    /// Returns the text of a symbol; the empty text for a symbol of another program.
    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        self.items.get_index(symbol.index()).map_or("", |text| text)
    }
}
