//! Which packages base images bring, with what these need.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::knowledge::{PackageIndex, base_image_packages};
use crate::syntax::ImageRef;

use super::apt::{PackageSet, install};

/// The packages that `image` has beyond a minimal system, with what they need; `None` if that is not known.
#[must_use]
pub fn base_packages(image: &ImageRef, packages: &'static PackageIndex) -> Option<PackageSet> {
    installed_names(image).map(|names| with_needed(names, packages))
}

/// The packages that the Dockerfile of an image installs; `None` if that is not known.
pub(super) fn installed_names(image: &ImageRef) -> Option<&'static [&'static str]> {
    if &*image.registry != "docker.io" {
        return None;
    }
    let tag = image.tag.as_deref().unwrap_or("");
    let part = |name: &str| tag.split(['-', '_']).any(|p| p == name);
    // `buildpack-deps:bookworm-scm` is one of the sets by itself.
    let set = ["curl", "scm"].into_iter().find(|n| image.familiar_path() == "buildpack-deps" && part(n));
    base_image_packages(image.familiar_path(), part("slim"), set)
}

/// True if the Dockerfile of an official image installs a package of Debian.
///
/// ```
/// # use dlint::internals::{size::installs_package, syntax::ImageRef};
/// assert!(installs_package(&ImageRef::parse("node:22").unwrap(), "gcc"));
/// assert!(!installs_package(&ImageRef::parse("node:22-slim").unwrap(), "gcc"));
/// ```
#[must_use]
pub fn installs_package(image: &ImageRef, name: &str) -> bool {
    installed_names(image).is_some_and(|names| names.contains(&name))
}

/// Packages and what they need; worked out once for each release.
pub(super) fn with_needed(names: &'static [&'static str], packages: &'static PackageIndex) -> PackageSet {
    /// By where the names and the packages lie.
    static KNOWN: Mutex<BTreeMap<(usize, usize), PackageSet>> = Mutex::new(BTreeMap::new());
    let key = (names.as_ptr().addr(), std::ptr::from_ref(packages).addr());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let needed = || {
        let mut all = PackageSet::of(packages, names.iter().filter_map(|name| packages.find(name)));
        let installed = install(packages, names.iter().copied(), PackageSet::new(packages), false);
        installed.packages.into_iter().for_each(|id| all.insert(id));
        all
    };
    known.entry(key).or_insert_with(needed).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::apt_packages;

    #[test]
    fn full_images_have_compilers() {
        let suite = apt_packages("trixie").unwrap();
        let has = |image: &str, name: &str| {
            base_packages(&ImageRef::parse(image).unwrap(), suite)
                .map(|have| have.contains(suite.find(name).unwrap()))
        };
        assert_eq!(has("python:3.13", "gcc"), Some(true));
        assert_eq!(has("python:3.13-slim", "gcc"), Some(false));
        assert_eq!(has("node:22-trixie", "git"), Some(true));
        assert_eq!(has("golang:1.25", "imagemagick"), Some(false));
        assert_eq!(has("buildpack-deps:trixie-scm", "gcc"), Some(false));
        assert_eq!(has("buildpack-deps:trixie", "gcc"), Some(true));
        assert_eq!(has("debian:13", "git"), Some(false));
        assert_eq!(has("nginx:1.29", "curl"), None);
        assert_eq!(has("example.org/python:3", "curl"), None);
    }
}
