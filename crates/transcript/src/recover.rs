//! Records on a line that is no record as a whole, since a write was torn.

use crate::{Record, RecordType, parse};
use han_base::json::Scanner;

/// Finds a whole record that was glued after the fragment of another: `{"type":"us{"type":"user",…}`. Answers its
/// offset in the line and the record.
///
/// It is the earliest `{"`, behind the first byte, from which the rest of the line is one record with a known type and
/// at least one field that ties it to a session. `None` when there is none, or when it is not found after scanning
/// eight times the length of the line plus a megabyte (only a line made for that purpose is so nested).
#[must_use]
pub fn recover(line: &str) -> Option<(usize, Record<'_>)> {
    let mut budget = line.len().saturating_mul(8).saturating_add(1 << 20);
    let mut start = 0;
    while let Some(found) = line.get(start + 1..)?.find("{\"") {
        start += 1 + found;
        let rest = &line[start..];
        let mut scanner = Scanner::new(rest);
        match scanner.skip().and_then(|()| scanner.finish()) {
            Ok(()) => {
                if let Some(record) = parse(rest).ok().filter(is_plausible) {
                    return Some((start, record));
                }
                budget = budget.checked_sub(2 * rest.len())?;
            }
            // The byte where the scan stopped tells how far it went.
            Err(error) => budget = budget.checked_sub(error.offset + 64)?,
        }
    }
    None
}

/// Splits a line at the end of the whole record at its head: the newline between two records was lost. Answers the
/// record and the offset of what follows it. `None` when the line does not begin with a record.
#[must_use]
pub fn split(line: &str) -> Option<(Record<'_>, usize)> {
    let mut scanner = Scanner::new(line);
    scanner.skip().ok()?;
    let end = scanner.position();
    let record = parse(&line[..end]).ok().filter(is_plausible)?;
    Some((record, end))
}

/// Whether the fields of a record are those of an entry and not of an object inside one.
fn is_plausible(record: &Record<'_>) -> bool {
    let ties = [&record.uuid, &record.session_id, &record.leaf_uuid, &record.snapshot_message_id];
    record.record_type != RecordType::Unknown
        && (record.timestamp.is_some() || ties.into_iter().any(Option::is_some))
}
