//! `base_packages.toml`: sets that build on others become whole lists.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Fault, File, Read, toml_table};
use crate::text::toml::{Fault as TomlFault, Fields};

const TABLE: &str = "base_packages.toml";

/// The sets and the images that have them.
pub struct BasePackages {
    /// Names of packages by the name of their set, with those of the set that it builds on.
    sets: BTreeMap<String, Vec<String>>,
    /// The sets of the plain tags and of those with `slim`, by image.
    images: BTreeMap<String, (String, Option<String>)>,
}

impl BasePackages {
    /// The packages of all sets.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.sets.values().flatten().map(String::as_str)
    }
}

/// Reads the table.
pub fn read(read: Read<'_>) -> Result<BasePackages, Fault> {
    toml_table::read(TABLE, &read(TABLE)?, |top, faults| {
        let sets = top.table("sets", faults).map(|t| sets(t, faults)).unwrap_or_default();
        let images = top.table("images", faults).map(|t| images(t, &sets, faults)).unwrap_or_default();
        BasePackages { sets, images }
    })
}

fn sets(mut table: Fields<'_>, faults: &mut Vec<TomlFault>) -> BTreeMap<String, Vec<String>> {
    let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in table.all() {
        let Some(mut set) = entry.table("sets.", faults) else { continue };
        let own = set.strings("packages", faults).unwrap_or_default();
        let mut packages: Vec<String> = own.into_iter().map(|p| p.value).collect();
        if let Some(with) = set.string("with", faults) {
            // Which leaves no circles.
            match sets.get(&with.value) {
                Some(more) => packages.extend(more.iter().cloned()),
                None => faults.push(TomlFault::new(with.span, "`with` must name a set above this one")),
            }
        }
        set.finish(faults);
        sets.insert(entry.key.to_owned(), packages);
    }
    sets
}

fn images(
    mut table: Fields<'_>,
    sets: &BTreeMap<String, Vec<String>>,
    faults: &mut Vec<TomlFault>,
) -> BTreeMap<String, (String, Option<String>)> {
    let mut images = BTreeMap::new();
    for entry in table.all() {
        let Some(mut of) = entry.table("images.", faults) else { continue };
        let (full, slim) = (of.required("full", faults), of.string("slim", faults));
        for set in full.iter().chain(&slim).filter(|set| !sets.contains_key(&set.value)) {
            faults.push(TomlFault::new(set.span, "there is no such set"));
        }
        of.finish(faults);
        let full = full.map(|f| f.value).unwrap_or_default();
        images.insert(entry.key.to_owned(), (full, slim.map(|s| s.value)));
    }
    images
}

/// The table as `base_packages.rs`.
pub fn file(base: &BasePackages) -> Result<File, Fault> {
    let mut code = String::from("pub(super) static SETS: &[(&str, &[&str])] = &[\n");
    let rows = base.sets.iter().try_for_each(|(set, packages)| writeln!(code, "({set:?}, &{packages:?}),"));
    code += "];\npub(super) static IMAGES: &[(&str, &str, Option<&str>)] = &[\n";
    let images =
        base.images.iter().try_for_each(|(image, (f, s))| writeln!(code, "({image:?}, {f:?}, {s:?}),"));
    code += "];\n";
    rows.and(images).map_err(|e| Fault::new(TABLE, 1, e.to_string()))?;
    Ok(("base_packages.rs".to_owned(), code.into_bytes()))
}
