//! `base_images.tsv`: figures, sorted by image.

use std::fmt::Write as _;

use super::tsv::Tsv;
use super::{Fault, File, Read};

const TABLE: &str = "base_images.tsv";

/// The table as `base_images.rs`.
pub fn file(read: Read<'_>) -> Result<File, Fault> {
    let text = read(TABLE)?;
    let mut rows = Tsv::new(TABLE, &text).rows_of_lists(8)?;
    rows.sort_by_key(|row| row.name());
    let mut code = String::from("pub(super) static FIGURES: &[BaseFigure] = &[\n");
    for row in rows {
        let (bytes, date) = (row.number::<u64>(4)?, row.text(5));
        let year = date.get(..4).and_then(|year| year.parse::<u32>().ok());
        if !year.is_some_and(|year| (2015..2100).contains(&year)) {
            return Err(row.fault(format!("field 6 must be a date, not `{date}`")));
        }
        let compressed = match row.text(3) {
            "compressed" => true,
            "unpacked" => false,
            kind => return Err(row.fault(format!("field 4 must be compressed or unpacked, not `{kind}`"))),
        };
        if (0..8).any(|field| row.text(field).is_empty()) {
            return Err(row.fault("8 fields, and none of them empty"));
        }
        let (image, tag, arch, source) = (row.name(), row.text(1), row.text(2), row.text(7));
        let _ = writeln!(
            code,
            "BaseFigure {{ image: {image:?}, tag: {tag:?}, arch: {arch:?}, compressed: {compressed}, \
             bytes: {bytes}, date: {date:?}, source: {source:?} }},"
        );
    }
    code += "];\n";
    Ok(("base_images.rs".to_owned(), code.into_bytes()))
}
