//! Which packages base images bring: `rules/data/base_packages.toml`.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

use crate::syntax::ImageRef;

use super::apt::Packages;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    sets: HashMap<String, Set>,
    images: HashMap<String, Sets>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    with: Option<String>,
    packages: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sets {
    full: String,
    slim: Option<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../rules/data/base_packages.toml"))
        .unwrap_or_else(|_| Table { sets: HashMap::new(), images: HashMap::new() })
});

/// The packages that `image` has beyond a minimal system, with what they need; `None` if that is not known.
#[must_use]
pub fn base_packages(image: &ImageRef, packages: &'static Packages) -> Option<HashSet<&'static str>> {
    if &*image.registry != "docker.io" {
        return None;
    }
    let sets = TABLE.images.get(image.familiar_path())?;
    let tag = image.tag.as_deref().unwrap_or("");
    let part = |name: &str| tag.split(['-', '_']).any(|p| p == name);
    let name = if part("slim") { sets.slim.as_ref()? } else { &sets.full };
    // `buildpack-deps:bookworm-scm` is one of the sets by itself.
    let name = ["curl", "scm"]
        .into_iter()
        .find(|n| image.familiar_path() == "buildpack-deps" && part(n))
        .unwrap_or(name);
    let mut names: Vec<&'static str> = Vec::new();
    let mut next = TABLE.sets.get_key_value(name).map(|(_, set)| set);
    // The sets stand on each other four deep; a table that goes in circles ends all the same.
    for _ in 0..8 {
        let Some(set) = next else { break };
        names.extend(set.packages.iter().map(String::as_str));
        next = set.with.as_ref().and_then(|w| TABLE.sets.get(w));
    }
    let installed = packages.install(names.iter().copied(), &HashSet::new(), false);
    Some(names.into_iter().chain(installed.packages).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::size::packages;

    #[test]
    fn the_table_is_sound() {
        for sets in TABLE.images.values() {
            assert!(TABLE.sets.contains_key(&sets.full));
            assert!(sets.slim.iter().all(|s| TABLE.sets.contains_key(s)));
        }
        assert!(TABLE.sets.values().all(|s| s.with.iter().all(|w| TABLE.sets.contains_key(w))));
    }

    #[test]
    fn full_images_have_compilers() {
        let suite = packages("trixie").unwrap();
        let has = |image: &str, name: &str| {
            base_packages(&ImageRef::parse(image).unwrap(), suite).map(|have| have.contains(name))
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
