//! The stages of the compiler one by one, for `benches/`, which measure each alone.
//!
//! Comes in: text, or what the stage before has made. Goes out: what the next one takes, opaque. Hidden, and no promise:
//! a program calls [`compile`](crate::compile()).

use crate::encode;
use crate::ir::{Program, Tables};
use crate::lower;
use crate::optimize::{self, Level};
use crate::source::SourceId;
use crate::syntax::json::{self, Arena, OffsetMap, Sink};
use crate::syntax::token;
use crate::terms::Semantics;
use crate::world::World;

/// Splits a text into tokens and returns their number.
pub fn lex(text: &str) -> usize {
    let map = OffsetMap::default();
    token::lex(text, &mut Sink::new(&map, SourceId::default(), &mut Vec::new())).len()
}

/// Parses a text into JSON values with positions and returns how many findings there were.
pub fn parse(text: &str) -> usize {
    let arena = Arena::default();
    let mut findings = Vec::new();
    let value = json::parse(text, &arena, &OffsetMap::default(), SourceId::default(), &mut findings);
    findings.len() + usize::from(value.is_none())
}

/// A world as numbers.
#[derive(Debug, Clone)]
pub struct Lowered(Program);

/// Its decision tables.
#[derive(Debug, Clone)]
pub struct Optimized(Tables);

/// Lowers a world under the default semantics.
pub fn lower(world: World) -> Lowered {
    Lowered(lower::lower(world, Semantics::default(), &mut Vec::new()))
}

/// Makes the tables with all passes.
pub fn optimize(lowered: &mut Lowered) -> Optimized {
    Optimized(optimize::run(&mut lowered.0, Level::Full))
}

/// Writes the artifact, without provenance; empty if it is too large for the format.
pub fn encode(lowered: Lowered, optimized: Optimized) -> Vec<u8> {
    encode::encode(lowered.0, optimized.0, &[]).unwrap_or_default()
}
