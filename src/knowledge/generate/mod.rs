//! The readable tables in `rules/data/` as static data. The build script runs this, and so do the tests of
//! the library; a table with a fault stops the build with the file, the line and what is wrong.

mod apt;
mod base_images;
mod base_packages;
mod fault;
mod numbers;
mod pages;
mod pip;
mod schema;
mod tables;
mod toml_table;
mod tsv;

use std::path::PathBuf;

#[cfg(test)]
pub use apt::SUITES;
pub use fault::Fault;

/// A generated file: its name, and what it holds.
pub type File = (String, Vec<u8>);

/// Gives the text of a table by its name below `rules/data/`.
pub type Read<'r> = &'r mut dyn FnMut(&str) -> Result<String, Fault>;

/// All generated files.
pub fn files(read: Read<'_>) -> Result<Vec<File>, Fault> {
    let base = base_packages::read(read)?;
    let mut files = apt::files(read, &base)?;
    files.push(base_packages::file(&base)?);
    files.extend(pip::files(read)?);
    files.extend(base_images::files(read)?);
    for table in &tables::TABLES {
        files.push(table.file(&read(table.name)?)?);
    }
    files.push(pages::file()?);
    Ok(files)
}

/// A table of this repository.
pub fn read_table(name: &str) -> Result<String, Fault> {
    let path = root().join("rules/data").join(name);
    std::fs::read_to_string(path).map_err(|e| Fault::new(name, 1, e.to_string()))
}

/// The top of the tree that is built now: a copy of a target folder may hold a script that was built elsewhere.
fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into()
}

#[cfg(test)]
mod tests;
