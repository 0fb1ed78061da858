//! Which packages base images bring: `rules/data/base_packages.toml`.

mod table {
    include!(concat!(env!("OUT_DIR"), "/base_packages.rs"));
}

/// The packages that an official image has by its name and whether its tag is `slim`, as its own Dockerfile
/// installs them, without what they need; `None` if that is not known. `set` is that of a tag that is
/// one of the sets by itself: `buildpack-deps:bookworm-scm`.
#[must_use]
pub fn base_image_packages(image: &str, slim: bool, set: Option<&str>) -> Option<&'static [&'static str]> {
    let index = table::IMAGES.binary_search_by_key(&image, |(name, ..)| name).ok()?;
    let (_, full, slim_set) = table::IMAGES[index];
    let name = if slim { slim_set? } else { full };
    let name = set.unwrap_or(name);
    let set = table::SETS.binary_search_by_key(&name, |(set, _)| set).ok()?;
    Some(table::SETS[set].1)
}
