//! `pip/packages.tsv`: names become numbers, what a package needs a list of them.

use super::numbers::{Lists, Numbers, u32s};
use super::tsv::Tsv;
use super::{Fault, File, Read};

const TABLE: &str = "pip/packages.tsv";

/// The generated files.
pub fn files(read: Read<'_>) -> Result<Vec<File>, Fault> {
    let text = read(TABLE)?;
    let table = Tsv::new(TABLE, &text);
    // The numbers of names go by their order.
    let mut rows = table.rows(6)?;
    rows.sort_by_key(|row| row.name());
    let numbers = Numbers::new(TABLE, rows.iter().map(|row| row.name()))?;
    let mut needs = Lists::default();
    let mut bytes = Vec::new();
    for row in &rows {
        let mut list = Vec::new();
        for need in row.text(5).split_whitespace() {
            let unknown = || row.fault(format!("the table has no `{need}`"));
            list.push(numbers.get(need).ok_or_else(unknown)?);
        }
        needs.push(list);
        let (kept, files, compiled): (u32, u32, u32) = (row.number(2)?, row.number(3)?, row.number(4)?);
        // An extra has nothing of its own.
        if row.name().contains('[') != (kept == 0) || (kept > 0 && files == 0) {
            return Err(row.fault("a package has a wheel and files, and an extra has none"));
        }
        bytes.extend([kept, files, compiled].map(|n| n as usize));
    }
    let mut files =
        vec![("pip.date".to_owned(), table.date()?.into()), ("pip.bytes".to_owned(), u32s(bytes))];
    files.extend(numbers.files("pip"));
    files.extend(needs.files("pip.needs")?);
    Ok(files)
}
