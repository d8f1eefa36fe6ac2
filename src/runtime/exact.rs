//! All resources that a bundle can match by name, where it names them all: for the graph of roles.

use super::Tables;
use super::call::Env;
use super::walk::Cursor;
use super::words::index;
use crate::layout::node;

/// Longest resource that is named.
const EXACT_MAX_BYTES: usize = 1024;

/// Most nodes that are looked at.
const EXACT_MAX_NODES: u32 = 1 << 16;

/// Names all resources that statements of a bundle can match for the request's action; returns whether those are all,
/// which cannot be said where a statement has wildcards, variables or `NotResource`.
pub(super) fn exact_resources(env: &Env<'_>, bundle: u32, sink: &mut dyn FnMut(&str)) -> bool {
    let Some(header) = env.tables.bundle(bundle) else { return false };
    let (_, scan_count) = header.scans;
    if header.allows_all.is_some() || scan_count > 0 {
        return false;
    }
    let root = env.tables.root_of(env.action, &header);
    let Some(root) = root else { return true };
    if root & 1 != 0 {
        return false;
    }
    let mut exact = Exact { tables: env.tables, text: [0; EXACT_MAX_BYTES], nodes_left: EXACT_MAX_NODES, sink };
    exact.node(index(root >> 1), 0)
}

/// A walk over all texts of a trie.
struct Exact<'t, 's> {
    tables: &'t Tables<'t>,
    text: [u8; EXACT_MAX_BYTES],
    nodes_left: u32,
    sink: &'s mut dyn FnMut(&str),
}

impl Exact<'_, '_> {
    /// Names the texts below a node, of which `length` bytes are known; no deeper than a text is long.
    fn node(&mut self, position: usize, length: usize) -> bool {
        let Some(left) = self.nodes_left.checked_sub(1) else { return false };
        self.nodes_left = left;
        let mut cursor = Cursor::new(self.tables, position);
        if cursor.header & node::HAS_REST != 0 || cursor.has_wilds() {
            return false;
        }
        let (end, _) = cursor.rows(self.tables);
        if end.is_some() {
            let Some(Ok(text)) = self.text.get(..length).map(core::str::from_utf8) else { return false };
            (self.sink)(text);
        }
        let tables = self.tables;
        cursor.edges(tables).all(|([head, run], child)| {
            let count = head.len() + run.len();
            // No edge is without text, so that no way is longer than one.
            if count == 0 {
                return false;
            }
            let Some(place) = self.text.get_mut(length..).and_then(|rest| rest.get_mut(..count)) else { return false };
            for (to, from) in place.iter_mut().zip(head.iter().chain(run)) {
                *to = *from;
            }
            self.node(child, length + count)
        })
    }
}
