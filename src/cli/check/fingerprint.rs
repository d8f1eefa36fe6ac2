//! What a finding is known by from one run to the next, wherever in its file it stands.

use std::collections::BTreeMap;

use iamc::source::{Diagnostic, Source, SourceMap};
use sha2::{Digest, Sha256};

/// How much of a token, and of its line on either side, counts: a text may be one line of many megabytes.
const COUNTED_BYTES: usize = 400;

/// A fingerprint for each finding: code, token, the rest of the line, and which of several such findings in the file.
///
/// Blanks around the line do not count, so that neither lines above nor another indentation make a finding a new one.
pub(super) fn of_all(sources: &SourceMap, findings: &[Diagnostic]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let fingerprint = |finding: &Diagnostic| {
        let id = finding.place.source;
        let digest = sources.get(id).map_or_else(Sha256::new, |source| digest(source, finding));
        let number: &mut u32 = seen.entry((id, digest.clone().finalize())).or_default();
        let whole = digest.chain_update(number.to_le_bytes()).finalize();
        *number += 1;
        let bits = whole.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        format!("{bits:016x}")
    };
    findings.iter().map(fingerprint).collect()
}

fn digest(source: &Source, finding: &Diagnostic) -> Sha256 {
    let span = finding.place.span;
    let at = |byte: u32| usize::try_from(byte).unwrap_or(usize::MAX).min(source.text.len());
    let (start, end) = (at(span.start()), at(span.end()));
    let line_start = source.line_range(source.line_index(span.start())).start;
    let line_end = source.line_range(source.line_index(span.end())).end;
    let bytes = |from: usize, to: usize| source.text.as_bytes().get(from..to).unwrap_or_default();
    let before = bytes(line_start.max(start.saturating_sub(COUNTED_BYTES)), start).trim_ascii_start();
    let token = bytes(start, end.min(start + COUNTED_BYTES));
    let behind = bytes(end, line_end.min(end + COUNTED_BYTES)).trim_ascii_end();
    let mut digest = Sha256::new();
    for part in [finding.code.as_bytes(), before, token, behind] {
        digest.update(part);
        // No part holds a byte that UTF-8 does not know.
        digest.update([0xFF]);
    }
    digest
}
