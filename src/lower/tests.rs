//! Lowering, by cases derived from the rules by hand.


