//! A generator of numbers that are random enough (splitmix64), and typos.

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(super) fn of<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    pub(super) fn maybe<'t, T>(&mut self, list: &'t [T]) -> Option<&'t T> {
        (!list.is_empty()).then(|| self.of(list))
    }

    pub(super) fn shuffled<T>(&mut self, mut list: Vec<T>) -> Vec<T> {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
        list
    }

    /// A text with one character removed, replaced, doubled, put in, or swapped with its neighbour.
    pub(super) fn mistyped(&mut self, text: &str) -> String {
        let mut characters = text.chars().collect::<Vec<_>>();
        if characters.is_empty() {
            return String::new();
        }
        let at = self.below(characters.len());
        let other =
            *self.of(&"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".chars().collect::<Vec<_>>());
        match self.below(5) {
            0 => _ = characters.remove(at),
            1 => characters[at] = other,
            2 => characters.insert(at, characters[at]),
            3 => characters.insert(at, other),
            _ if at + 1 < characters.len() => characters.swap(at, at + 1),
            _ => characters.push(other),
        }
        characters.into_iter().collect()
    }
}
