//! Files of web servers that builds download.

use std::collections::BTreeMap;

use crate::text::toml::{Entry, Fault, quoted};

use super::base::is_kept;
use super::fields::{integer, is_date, word};

/// What a web server has at an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockedFetch {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of the files that it unpacks to; `None` if it is no archive, or does not tell.
    pub unpacked: Option<Unpacked>,
    /// The day on which it was asked: `2026-11-28`.
    pub date: String,
}

/// Bytes of the files that an archive holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unpacked {
    /// As likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
}

/// Files by their addresses.
pub type Fetches = BTreeMap<String, LockedFetch>;

/// The line of an entry.
pub(super) fn line(fetch: &LockedFetch) -> String {
    let LockedFetch { bytes, unpacked, date } = fetch;
    let unpacked = unpacked.map_or_else(String::new, |Unpacked { bytes, range: (least, most) }| {
        let range = match (least, most) == (bytes, bytes) {
            true => String::new(),
            false => format!(", least = {least}, most = {most}"),
        };
        format!(", unpacked = {bytes}{range}")
    });
    format!("{{ bytes = {bytes}{unpacked}, date = {} }}", quoted(date))
}

/// Reads an entry and its key.
pub(super) fn read(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Option<(String, LockedFetch)> {
    if !is_kept(entry.key) || !entry.key.contains("://") {
        faults.push(Fault::new(entry.key_span, "this is not the address of a file"));
        return None;
    }
    let mut fields = entry.table("fetch.", faults)?;
    let date = word(&mut fields, "date", faults, is_date);
    let is_said = fields.value("bytes").is_some();
    let mut number = |name: &'static str| {
        let entry = fields.value(name)?;
        let number = integer(&entry);
        if number.is_none() {
            faults.push(entry.wrong("a number of bytes"));
        }
        number
    };
    let (bytes, unpacked) = (number("bytes"), number("unpacked"));
    let (least, most) = (number("least"), number("most"));
    fields.finish(faults);
    if !is_said {
        faults.push(Fault::new(entry.span, "`bytes` is missing"));
    }
    let bytes = bytes?;
    let unpacked = unpacked.map(|bytes| Unpacked {
        bytes,
        // A range that the bytes are not in is none.
        range: (least.unwrap_or(bytes).min(bytes), most.unwrap_or(bytes).max(bytes)),
    });
    Some((entry.key.to_owned(), LockedFetch { bytes, unpacked, date: date? }))
}
