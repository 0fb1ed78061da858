//! `base_images.tsv`: the figures of each image as one text.

use std::collections::BTreeMap;

use super::numbers::{Numbers, u24s};
use super::tsv::Tsv;
use super::{Fault, File, Read};

const TABLE: &str = "base_images.tsv";

/// The names of the images and their figures, both by number.
pub fn files(read: Read<'_>) -> Result<Vec<File>, Fault> {
    let text = read(TABLE)?;
    let mut figures: BTreeMap<&str, String> = BTreeMap::new();
    for row in Tsv::new(TABLE, &text).rows_of_lists(8)? {
        let (_, date): (u64, &str) = (row.number(4)?, row.text(5));
        let year = date.get(..4).and_then(|year| year.parse::<u32>().ok());
        if !year.is_some_and(|year| (2015..2100).contains(&year)) {
            return Err(row.fault(format!("field 6 must be a date, not `{date}`")));
        }
        let kind = row.text(3);
        if !["compressed", "unpacked"].contains(&kind) {
            return Err(row.fault(format!("field 4 must be compressed or unpacked, not `{kind}`")));
        }
        if (0..8).any(|field| row.text(field).is_empty()) {
            return Err(row.fault("8 fields, and none of them empty"));
        }
        let fields = [row.text(1), row.text(2), &kind[..1], row.text(4), date, row.text(7)];
        let of = figures.entry(row.name()).or_default();
        *of += &fields.join("\t");
        of.push('\n');
    }
    let numbers = Numbers::new(TABLE, figures.keys().copied())?;
    let ends = figures.values().scan(0, |end, text| {
        *end += text.len();
        Some(*end)
    });
    let starts = u24s([0].into_iter().chain(ends));
    let text: String = figures.into_values().collect();
    let mut files = numbers.files("base_images").to_vec();
    files.push(("base_images.figures".to_owned(), text.into_bytes()));
    files.push(("base_images.figures.starts".to_owned(), starts));
    Ok(files)
}
