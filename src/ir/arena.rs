//! Numbers for things: newtype ids and sets that give equal things equal numbers.

use std::hash::{BuildHasher, Hash};

use hashbrown::{DefaultHashBuilder, HashTable};
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

    /// What a list has for the item.
    fn of<T: Copy>(self, list: &[T]) -> Option<T> {
        list.get(self.index()).copied()
    }
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
    /// A row of entries.
    RowId,
    /// All statements that can match an action.
    IndexId,
    /// The text of a literal edge.
    RunId,
}

/// A set whose items keep the number of their first insertion.
#[derive(Debug, Clone)]
pub(crate) struct Arena<I, T> {
    items: IndexSet<T, DefaultHashBuilder>,
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

    /// Adds all items of another arena, each as `moved` makes it; returns their numbers in this one.
    pub(in crate::ir) fn append(&mut self, other: Self, moved: impl Fn(T) -> T) -> Vec<I> {
        self.items.reserve(other.len());
        other.into_items().map(|item| self.intern(moved(item))).collect()
    }

    /// All items in the order of their numbers.
    pub(in crate::ir) fn into_items(self) -> impl Iterator<Item = T> {
        self.items.into_iter()
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

/// Where equal things are found: numbers by hash. What the numbers stand for is kept elsewhere.
#[derive(Debug, Clone, Default)]
struct Finder {
    /// Number and hash; the hash is there so that growing touches nothing else.
    table: HashTable<(u32, u32)>,
    hasher: DefaultHashBuilder,
}

impl Finder {
    /// Returns the number of what hashes like `key` and `is_equal` accepts; without any, `next` becomes its number.
    fn find_or_add<K: Hash + ?Sized>(&mut self, key: &K, next: usize, is_equal: impl Fn(usize) -> bool) -> Found {
        // Half of the bits are enough: what collides is compared.
        let hash = u32::try_from(self.hasher.hash_one(key) >> 32).unwrap_or(0);
        let is_it = |&(number, other): &(u32, u32)| other == hash && usize::try_from(number).is_ok_and(&is_equal);
        if let Some(&(number, _)) = self.table.find(spread(hash), is_it) {
            return Found::Known(usize::try_from(number).unwrap_or(usize::MAX));
        }
        let number = u32::try_from(next).unwrap_or(u32::MAX);
        self.table.insert_unique(spread(hash), (number, hash), |&(_, hash)| spread(hash));
        Found::New
    }
}

/// What [`Finder::find_or_add`] found.
enum Found {
    /// An equal thing of that number.
    Known(usize),
    /// Nothing.
    New,
}

/// Spreads half a hash over all bits, of which the table takes the lowest and the highest ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// A set of slices that keep the number of their first insertion. They stand end to end, since there are millions of
/// short ones in a large world.
#[derive(Debug, Clone)]
pub(crate) struct Slices<I, T> {
    items: Vec<T>,
    ends: Vec<usize>,
    finder: Finder,
    id: std::marker::PhantomData<I>,
}

impl<I, T> Default for Slices<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), ends: Vec::new(), finder: Finder::default(), id: std::marker::PhantomData }
    }
}

impl<I: Id, T: Copy + Eq + Hash> Slices<I, T> {
    /// Returns the number of a slice, the old one if an equal slice is there.
    pub(crate) fn intern(&mut self, slice: &[T]) -> I {
        let Self { items, ends, finder, .. } = self;
        match finder.find_or_add(slice, ends.len(), |number| slice_of(items, ends, number) == slice) {
            Found::Known(number) => I::from_index(number),
            Found::New => {
                items.extend_from_slice(slice);
                ends.push(items.len());
                I::from_index(ends.len() - 1)
            }
        }
    }

    /// Returns the slice with that number; an empty one for a number of another set.
    pub(crate) fn get(&self, id: I) -> &[T] {
        slice_of(&self.items, &self.ends, id.index())
    }

    /// Adds all slices of another set; returns their numbers in this one.
    pub(crate) fn append(&mut self, other: &Self) -> Vec<I> {
        self.reserve(other);
        other.iter().map(|slice| self.intern(slice)).collect()
    }

    /// Makes room for all slices of another set.
    pub(crate) fn reserve(&mut self, other: &Self) {
        self.items.reserve(other.items.len());
        self.ends.reserve(other.ends.len());
        self.finder.table.reserve(other.ends.len(), |&(_, hash)| spread(hash));
    }

    /// All slices in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[T]> {
        (0..self.ends.len()).map(|number| slice_of(&self.items, &self.ends, number))
    }
}

fn range_of(ends: &[usize], number: usize) -> std::ops::Range<usize> {
    let start = number.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(start);
    start..end
}

fn slice_of<'t, T>(items: &'t [T], ends: &[usize], number: usize) -> &'t [T] {
    items.get(range_of(ends, number)).unwrap_or_default()
}

/// Interned texts.
///
/// Invariant: the empty text is symbol 0.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<usize>,
    finder: Finder,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Self { text: String::new(), ends: Vec::new(), finder: Finder::default() };
        texts.intern("");
        texts
    }
}

impl Texts {
    /// The empty text.
    pub(crate) const EMPTY: Symbol = Symbol(0);

    /// Returns the symbol of a text.
    pub(crate) fn intern(&mut self, new: &str) -> Symbol {
        let Self { text, ends, finder } = self;
        match finder.find_or_add(new, ends.len(), |number| text.get(range_of(ends, number)) == Some(new)) {
            Found::Known(number) => Symbol::from_index(number),
            Found::New => {
                text.push_str(new);
                ends.push(text.len());
                Symbol::from_index(ends.len() - 1)
            }
        }
    }

    /// Adds all texts of another program; returns their symbols in this one.
    pub(in crate::ir) fn append(&mut self, other: &Self) -> Vec<Symbol> {
        self.text.reserve(other.text.len());
        self.ends.reserve(other.ends.len());
        self.finder.table.reserve(other.ends.len(), |&(_, hash)| spread(hash));
        let texts = (0..other.ends.len()).map(|number| other.text(Symbol::from_index(number)));
        texts.map(|text| self.intern(text)).collect()
    }

    /// Returns the text of a symbol; the empty text for a symbol of another program.
    pub(crate) fn text(&self, symbol: Symbol) -> &str {
        self.text.get(range_of(&self.ends, symbol.index())).unwrap_or("")
    }
}
