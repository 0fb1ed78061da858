//! `apt/SUITE.tsv`: names become numbers, dependencies lists of them. The names of all releases are kept once, since
//! most are the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::base_packages::BasePackages;
use super::numbers::{Lists, Numbers, u16s, u24s};
use super::tsv::{Row, Tsv};
use super::{Fault, File, Read};

/// Set in the number of the last alternative of a dependency; the program reads it back.
const LAST: u16 = 1 << 15;

/// The releases that have a table.
pub const SUITES: [&str; 9] =
    ["bookworm", "bullseye", "trixie", "xenial", "bionic", "focal", "jammy", "noble", "resolute"];
/// The release whose packages were installed to measure their bytecode. It stands before those that are scaled by it.
const MEASURED: &str = "bookworm";
/// Those whose table lies open in the program; the others are compressed.
const OPEN: [&str; 2] = ["bookworm", "trixie"];
/// Those of the same versions as where the bytecode was measured, or nearly.
const ALIKE: [&str; 4] = ["bookworm", "jammy", "noble", "trixie"];

/// The generated files of all releases.
pub fn files(read: Read<'_>, base: &BasePackages) -> Result<Vec<File>, Fault> {
    let text = read("apt/bytecode.tsv")?;
    let mut bytecode = Bytecode::default();
    for row in Tsv::new("apt/bytecode.tsv", &text).rows(2)? {
        bytecode.bytes.insert(row.name().to_owned(), row.number(1)?);
    }
    let mut texts = Vec::new();
    for suite in SUITES {
        let name = format!("apt/{suite}.tsv");
        texts.push((suite, read(&name)?, name));
    }
    let tables: Vec<(&str, Tsv<'_>)> =
        texts.iter().map(|(suite, text, name)| (*suite, Tsv::new(name, text))).collect();
    let mut rows = Vec::new();
    for (_, table) in &tables {
        rows.extend(table.rows(5)?);
    }
    let all = Numbers::new("apt", names_of(&rows).chain(base.packages()))?;
    let mut files = all.files("apt").to_vec();
    for (suite, table) in &tables {
        if *suite == MEASURED {
            bytecode.read_sizes(table)?;
        }
        bytecode.scaled = !ALIKE.contains(suite);
        let made = suite_files(suite, table, &bytecode, base.packages(), &all)?;
        match OPEN.contains(suite) {
            true => files.extend(made),
            false => files.push(packed(suite, &made)?),
        }
    }
    let text = read("apk/alpine.tsv")?;
    let table = Tsv::new("apk/alpine.tsv", &text);
    let own = Numbers::new("alpine", names_of(&table.rows(5)?))?;
    let mut alpine = own.files("alpine").to_vec();
    alpine.extend(suite_files("alpine", &table, &Bytecode::default(), std::iter::empty(), &own)?);
    files.push(packed("alpine", &alpine)?);
    Ok(files)
}

/// All names that rows have: of packages, of what they want, of what they provide.
fn names_of<'t>(rows: &[Row<'t>]) -> impl Iterator<Item = &'t str> {
    let texts = rows.iter().flat_map(|row| [0, 2, 3, 4].map(|field| row.text(field)));
    texts.flat_map(|text| text.split([' ', '|'])).filter(|name| !name.is_empty())
}

/// The files of a table as one compressed stream, each with its length in front. Numbers that grow are written as
/// their differences, which are small and alike.
fn packed(name: &str, files: &[File]) -> Result<File, Fault> {
    let mut stream = DeflateEncoder::new(Vec::new(), Compression::best());
    for (file, bytes) in files {
        let bytes = if file.ends_with(GROWING) { &differences(bytes) } else { bytes };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
        let written = stream.write_all(&length).and_then(|()| stream.write_all(bytes));
        written.map_err(|e| Fault::new(name, 1, e.to_string()))?;
    }
    let packed = stream.finish().map_err(|e| Fault::new(name, 1, e.to_string()))?;
    Ok((format!("{name}.packed"), packed))
}

/// How the names of files end whose numbers grow.
const GROWING: &str = ".growing";

fn differences(numbers: &[u8]) -> Vec<u8> {
    let mut last = 0;
    let numbers = numbers.as_chunks().0.iter().map(|number| u16::from_le_bytes(*number));
    u16s(numbers.map(|number| number - std::mem::replace(&mut last, number)))
}

/// The bytecode that installing packages writes, in KiB: modules are compiled, and no index tells that.
#[derive(Default)]
struct Bytecode {
    /// By the name of the package, with `#` for the minor version of Python.
    bytes: HashMap<String, u32>,
    /// The sizes of the same packages where it was measured.
    sizes: HashMap<String, u32>,
    /// True for a release of other versions: by how much larger or smaller a package is there.
    scaled: bool,
}

impl Bytecode {
    fn read_sizes(&mut self, table: &Tsv<'_>) -> Result<(), Fault> {
        for row in table.rows(5)? {
            let name = any_python(row.name());
            if self.bytes.contains_key(&*name) {
                self.sizes.insert(name.into_owned(), row.number(1)?);
            }
        }
        Ok(())
    }

    fn of(&self, name: &str, size: u32) -> u32 {
        let name = any_python(name);
        let Some(bytes) = self.bytes.get(&*name).copied() else { return 0 };
        match self.sizes.get(&*name).filter(|_| self.scaled) {
            Some(measured) if *measured > 0 => {
                let scaled = u64::from(bytes) * u64::from(size) / u64::from(*measured);
                u32::try_from(scaled).unwrap_or(u32::MAX).min(2 * bytes)
            }
            _ => bytes,
        }
    }
}

/// The name of a package with `#` for the minor version of Python.
fn any_python(name: &str) -> Cow<'_, str> {
    match name.split_once("python3.") {
        Some((start, version)) => {
            let rest = version.trim_start_matches(|c: char| c.is_ascii_digit());
            Cow::Owned(format!("{start}python3.#{rest}"))
        }
        None => Cow::Borrowed(name),
    }
}

/// The generated files of one table; `more` are names that it has besides its own, and `all` has the names of all
/// tables.
fn suite_files<'t>(
    suite: &str,
    table: &'t Tsv<'t>,
    bytecode: &Bytecode,
    more: impl Iterator<Item = &'t str>,
    all: &Numbers<'_>,
) -> Result<Vec<File>, Fault> {
    let rows = table.rows(5)?;
    let mut packages: BTreeMap<&str, (u32, &Row<'_>)> = BTreeMap::new();
    let mut providers: HashMap<&str, Vec<&str>> = HashMap::new();
    for row in &rows {
        let size = match row.number(1)? {
            0 => 0,
            size => size + bytecode.of(row.name(), size),
        };
        packages.insert(row.name(), (size, row));
        for provided in row.text(4).split_whitespace() {
            providers.entry(provided).or_default().push(row.name());
        }
    }
    let numbers = Numbers::new(suite, names_of(&rows).chain(more))?;

    // What a minimal system has, so that no install ever brings it.
    let is_there = |name: &str| packages.get(name).is_some_and(|(size, _)| *size == 0);
    let provides = |name: &str| providers.get(name).into_iter().flatten().copied();
    let always: HashSet<&str> =
        numbers.names().filter(|n| is_there(n) || provides(n).any(is_there)).collect();
    let exists = |name: &str| packages.contains_key(name) || providers.contains_key(name);
    let wanted = |row: Option<&Row<'_>>, field: usize| {
        let mut list = Vec::new();
        let Some(row) = row else { return Ok(list) };
        for group in row.text(field).split(' ').filter(|g| !g.is_empty()) {
            if !group.split('|').any(exists) {
                return Err(row.fault(format!("nothing in the table is or provides `{group}`")));
            }
            if group.split('|').any(|n| always.contains(n)) {
                continue;
            }
            list.extend(group.split('|').filter_map(|n| numbers.get(n)));
            if let Some(last) = list.last_mut() {
                *last |= LAST;
            }
        }
        Ok(list)
    };

    let (mut wants, mut provided_by) = (Lists::default(), Lists::default());
    for name in numbers.names() {
        let row = packages.get(name).map(|(_, row)| *row);
        wants.push(wanted(row, 2)?);
        wants.push(wanted(row, 3)?);
        provided_by.push(provides(name).filter_map(|n| numbers.get(n)));
    }
    let size = |name: &str| packages.get(name).map_or(usize::MAX, |(size, _)| *size as usize);
    let mut files = vec![
        (format!("{suite}.date"), table.date()?.into()),
        (format!("{suite}.sizes"), u24s(numbers.names().map(size))),
        (format!("{suite}.own{GROWING}"), u16s(numbers.names().filter_map(|name| all.get(name)))),
    ];
    files.extend(wants.files(&format!("{suite}.wants"))?);
    files.extend(provided_by.files(&format!("{suite}.providers"))?);
    Ok(files)
}
