//! `.container` units, and the `.build` units that they have the image of.

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::source::Sources;
use crate::target::{Resolution, Text};

use super::unit::Unit;

/// Who the containers run as that have a unit's image, if all those beside it say so: what the first says.
pub(super) fn container_user(
    files: &dyn Files,
    folder: &Path,
    unit: &Path,
    resolution: &mut Resolution,
) -> Option<Text> {
    /// How many containers are read.
    const MOST: usize = 100;
    let unit = unit.file_name()?.to_str()?;
    let mut found = None;
    let names = files.names(folder).into_iter().filter(|name| name.ends_with(".container"));
    for path in names.map(|name| folder.join(name)).take(MOST) {
        let Ok(Some(file)) = resolution.sources.open(files, &path) else { continue };
        let container = Unit::parse(&resolution.sources.file(file).text.clone(), file);
        let image = container.last("Container", "Image").and_then(|text| text.value.as_deref());
        if image == Some(unit) {
            let user = container.last("Container", "User")?.clone();
            found.get_or_insert(user);
        }
    }
    found
}

/// The `.build` unit whose image a `.container` has, by its name.
#[must_use]
pub fn unit_of_container(files: &dyn Files, path: &Path) -> Option<String> {
    let mut sources = Sources::default();
    let file = sources.open(files, path).ok().flatten()?;
    let unit = Unit::parse(&sources.file(file).text, file);
    unit_named_by(&unit)?.value.clone()
}

/// Whether a file is a container that is to have the image of a unit that is nowhere near.
pub(crate) fn lacks_unit(files: &dyn Files, path: &Path) -> bool {
    let is_container = path.extension().is_some_and(|ending| ending == "container") && files.is_file(path);
    let unit = || unit_of_container(files, path);
    is_container && unit().is_some_and(|unit| unit_near(files, path, &unit).is_none())
}

/// What names a `.build` unit as the image of a container.
pub(super) fn unit_named_by(container: &Unit) -> Option<&Text> {
    let is_unit = |image: &&Text| {
        image.value.as_deref().is_some_and(|name| name.ends_with(".build") && !name.contains('/'))
    };
    container.last("Container", "Image").filter(is_unit)
}

/// The unit of a name beside another one, in a folder beside or below that, or in the one above: Quadlet finds it in all
/// folders that it searches.
pub(super) fn unit_near(files: &dyn Files, other: &Path, name: &str) -> Option<PathBuf> {
    /// How many folders are looked into.
    const MOST: usize = 200;
    let folder = other.parent().unwrap_or(Path::new(""));
    let above = folder.parent().filter(|_| !folder.as_os_str().is_empty());
    let inside = |folder: &Path| {
        let names = files.names(folder).into_iter().take(MOST);
        names.map(|name| folder.join(name)).filter(|path| files.is_folder(path)).collect::<Vec<_>>()
    };
    let mut folders = vec![folder.to_path_buf()];
    folders.extend(inside(folder));
    folders.extend(above.map(Path::to_path_buf));
    folders.extend(above.into_iter().flat_map(inside));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| files.is_file(path))
}
