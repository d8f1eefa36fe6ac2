//! Who exists: organizations, accounts with their users, groups, roles and policies, resources, endpoints, access keys,
//! and policies that stand alone.
//!
//! Comes in: named texts. Goes out: a [`model::World`] in which every reference is resolved, and findings, every one of
//! them made in `errors`. Formats are recognised by content (`world.md`); a manifest says which file is about what, and
//! whoever may touch files follows its [`references`]. One run reports every mistake of all texts; a world with errors
//! among its findings is still returned, for checks, but must not be compiled.
//!
//! This room touches no file, judges no statement and knows nothing of requests. A reference that cannot be resolved is
//! an error and never an empty policy (R-ID-20).

mod access_keys;
mod arn;
mod covers;
mod dump;
mod errors;
mod format;
mod ids;
mod inputs;
mod levels;
mod load;
mod manifest;
pub(crate) mod model;
mod named;
mod organization;
mod quotas;
mod read;
mod resolve;
mod resources;
mod s3;
mod same;
mod secrets;
#[cfg(test)]
mod tests;
mod toml;

pub use inputs::{Inputs, Text, Unread};
pub(crate) use load::{Draft, SEARCHED_BYTES, claim_name};
pub use load::{load, load_inputs};
pub use manifest::{Reference, is_manifest, references};
pub use model::{PolicyType, World};
pub(crate) use named::{Taken, Texts};

use crate::syntax::json::{self, Kind, Value};
use crate::syntax::{ast, document, embedded};
use model::{Document, DocumentId};
use read::Reader;

/// The documents read so far; numbers are provisional until [`resolve`] has sorted them.
#[derive(Debug, Default)]
struct Library {
    /// `None`: a copy that was dropped for an equal one.
    documents: Vec<Option<Document>>,
}

impl Library {
    fn add(&mut self, document: Document) -> DocumentId {
        let id = DocumentId(u32::try_from(self.documents.len()).unwrap_or(u32::MAX));
        self.documents.push(Some(document));
        id
    }

    /// Adds all documents of another library; returns by how much their numbers grow.
    fn append(&mut self, other: Self) -> u32 {
        let before = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.extend(other.documents);
        before
    }

    fn get(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(index(id))?.as_ref()
    }

    fn get_mut(&mut self, id: DocumentId) -> Option<&mut Document> {
        self.documents.get_mut(index(id))?.as_mut()
    }

    fn drop_copy(&mut self, id: DocumentId) {
        if let Some(document) = self.documents.get_mut(index(id)) {
            *document = None;
        }
    }
}

/// Reads a document: a JSON object, JSON text in a string, or percent-encoded JSON text in a string (R-ID-19).
///
/// Positions point into the outer text. `None` where nothing could be read, which has been reported; a tree with parts
/// that were refused comes back, so that later rooms can judge the rest of it.
fn read_policy(value: &Value<'_>, reader: &mut Reader<'_>) -> Option<ast::Policy> {
    let Kind::String { .. } = &value.kind else {
        return document::policy(value, reader.source, reader.pool, reader.findings);
    };
    let (text, map) = embedded::decode(reader.text, value, reader.source, reader.findings)?;
    reader.inner.reset();
    let inner = json::parse(&text, reader.inner, &map, reader.source, reader.findings)?;
    document::policy(&inner, reader.source, reader.pool, reader.findings)
}

fn index(id: DocumentId) -> usize {
    usize::try_from(id.0).unwrap_or(usize::MAX)
}
