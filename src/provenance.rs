//! Where an artifact comes from: input digests, positions of statements, what the optimizer did.
//!
//! Comes in: the compiler's sources and places. Goes out: the bytes of the artifact's last section, and back again. This
//! is the only place that knows how they are coded. No decision reads them: a damaged section costs positions in
//! reports and nothing else.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::source::{Place, Source, SourceMap};

/// Where an artifact comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The inputs in the order of their numbers.
    pub inputs: Vec<Input>,
    /// Positions of statements by their number.
    pub statements: Vec<Position>,
    /// What each pass of the optimizer did: its name and how many things it removed or shared.
    pub passes: Vec<(String, u64)>,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Its name, relative to what the user gave.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal digits.
    pub digest: String,
}

/// A position in an input; line and column from 1, columns in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Position {
    /// Which input.
    pub input: u32,
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// Most bytes that decoding may ask for.
const DECODED_MAX_BYTES: usize = 1 << 30;

/// Describes the inputs. Costs one walk over each.
pub(crate) fn inputs(sources: &SourceMap) -> Vec<Input> {
    let inputs = sources.iter().map(|(_, source)| Input { name: source.name.clone(), digest: digest(&source.text) });
    inputs.collect()
}

/// Lines and columns of places. Costs a walk over each input.
pub(crate) fn positions(sources: &SourceMap, places: &[Place]) -> Vec<Position> {
    let mut ordered = places.iter().zip(0usize..).collect::<Vec<_>>();
    let mut positions = vec![Position::default(); ordered.len()];
    ordered.sort_unstable();
    let mut walk = None::<LineWalk<'_>>;
    for (place, number) in ordered {
        let Some(source) = sources.get(place.source) else { continue };
        let walk = match &mut walk {
            Some(walk) if walk.input == place.source.0 => walk,
            other => other.insert(LineWalk::new(place.source.0, source)),
        };
        if let Some(position) = positions.get_mut(number) {
            *position = walk.advance(place.span.start());
        }
    }
    positions
}

impl Provenance {
    /// Describes a compilation: its inputs, the positions of its statements, what each pass of the optimizer did.
    pub(crate) fn new(inputs: Vec<Input>, statements: Vec<Position>, passes: &[(&'static str, u64)]) -> Self {
        let passes = passes.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        Self { inputs, statements, passes }
    }

    /// The section's bytes.
    pub(crate) fn write(&self) -> Vec<u8> {
        // Plain lists of numbers and texts always encode; were that to change, the artifact would lack positions.
        bincode::serde::encode_to_vec(self, bincode::config::standard()).unwrap_or_default()
    }

    /// Reads the section, [`Tables::provenance`](crate::Tables::provenance); nothing if it is empty or damaged.
    pub fn read(section: &[u8]) -> Option<Self> {
        let config = bincode::config::standard().with_limit::<DECODED_MAX_BYTES>();
        bincode::serde::decode_from_slice(section, config).ok().map(|(provenance, _)| provenance)
    }
}

fn digest(text: &str) -> String {
    let mut hexadecimal = String::new();
    for byte in Sha256::digest(text.as_bytes()) {
        let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
        hexadecimal.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    hexadecimal
}

/// Lines and columns of ascending offsets, in one walk: a dump may be one line of many megabytes.
struct LineWalk<'s> {
    input: u32,
    rest: &'s str,
    at: u32,
    position: Position,
}

impl<'s> LineWalk<'s> {
    fn new(input: u32, source: &'s Source) -> Self {
        Self { input, rest: &source.text, at: 0, position: Position { input, line: 1, column: 1 } }
    }

    fn advance(&mut self, to: u32) -> Position {
        let length = usize::try_from(to.saturating_sub(self.at)).unwrap_or(usize::MAX);
        if let Some((passed, rest)) = self.rest.split_at_checked(length) {
            let breaks = breaks(passed);
            let tail = passed.rsplit('\n').next().unwrap_or("");
            let columns = count(tail.chars().count());
            self.position.line += count(breaks);
            self.position.column = match breaks {
                0 => self.position.column + columns,
                _ => 1 + columns,
            };
            self.rest = rest;
            self.at = to;
        }
        self.position
    }
}

/// How many line breaks there are, in sums that fit a byte, so that many bytes are compared at once.
fn breaks(text: &str) -> usize {
    let sum = |chunk: &[u8]| chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    text.as_bytes().chunks(usize::from(u8::MAX)).map(|chunk| usize::from(sum(chunk))).sum()
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn positions_agree_with_the_line_index() {
        let mut sources = SourceMap::default();
        let text = "{\n  \"é\": [1,\r\n\t2]\n}\n";
        let id = sources.add("a.json", text);
        let starts = text.char_indices().map(|(at, _)| u32::try_from(at).unwrap()).rev().collect::<Vec<_>>();
        let places = starts.iter().map(|&at| Place { source: id, span: Span::new(at, at) }).collect::<Vec<_>>();
        let provenance = Provenance::new(inputs(&sources), positions(&sources, &places), &[("pass", 3)]);
        for (at, position) in starts.iter().zip(&provenance.statements) {
            let expected = sources.get(id).unwrap().line_column(*at);
            assert_eq!((position.line, position.column), (expected.line, expected.column), "offset {at}");
        }
        assert_eq!(Provenance::read(&provenance.write()), Some(provenance));
    }

    #[test]
    fn the_digest_is_sha_256() {
        assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_damaged_section_reads_as_nothing_or_something_but_never_panics() {
        assert_eq!(Provenance::read(&[]), None);
        assert_eq!(Provenance::read(&[0xfd; 40]), None);
    }
}
