//! What a program needs at run time of what it was built with: `rules/data/runtime_libraries.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::semantic::{is_build_driver, is_compiler, is_headers};

/// The package of a library, by release where that matters.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Library {
    One(String),
    ByRelease(BTreeMap<String, String>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Helpers {
    build: Vec<String>,
    any: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    apt: BTreeMap<String, Library>,
    apk: BTreeMap<String, Library>,
    helpers: Helpers,
    python: BTreeMap<String, String>,
    ruby: BTreeMap<String, String>,
    rust: BTreeMap<String, String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    // The table is part of the program, and a test reads it.
    toml::from_str(include_str!("../../../rules/data/runtime_libraries.toml")).unwrap_or_default()
});

/// What a package of the system is to an image that only runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Use {
    /// The build alone needs it.
    Build,
    /// It has headers; the program that runs needs this package.
    Library(String),
    /// It has headers, and what the program that runs needs is not known.
    Unknown,
    /// A helper of builds, which a program may call as well.
    Helper,
    /// The program that runs may need it.
    Run,
}

/// What `package` of `manager` (apt or apk) is, on a release if that is known.
pub(super) fn usage(manager: &str, package: &str, release: Option<&str>) -> Use {
    let table = if manager == "apk" { &TABLES.apk } else { &TABLES.apt };
    match table.get(package) {
        Some(Library::One(name)) if name.is_empty() => return Use::Build,
        Some(Library::One(name)) => return Use::Library(name.clone()),
        Some(Library::ByRelease(names)) => {
            return release.and_then(|r| names.get(r)).map_or(Use::Unknown, |n| Use::Library(n.clone()));
        }
        None => {}
    }
    if is_compiler(package) || is_build_driver(package) || TABLES.helpers.build.iter().any(|n| n == package) {
        return Use::Build;
    }
    if is_headers(package) {
        return Use::Unknown;
    }
    if TABLES.helpers.any.iter().any(|n| n == package) { Use::Helper } else { Use::Run }
}

/// A language whose packages may link libraries of the system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language {
    Python,
    Ruby,
    Rust,
}

/// The headers, as Debian calls them, that `package` of a language is built with.
pub(super) fn headers(language: Language, package: &str) -> Option<&'static str> {
    let table = match language {
        Language::Python => &TABLES.python,
        Language::Ruby => &TABLES.ruby,
        Language::Rust => &TABLES.rust,
    };
    table.get(package).map(String::as_str).filter(|h| !h.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_well_formed() {
        let tables: Tables =
            toml::from_str(include_str!("../../../rules/data/runtime_libraries.toml")).unwrap();
        let languages = [&tables.python, &tables.ruby, &tables.rust];
        let unknown =
            languages.iter().flat_map(|t| t.values()).find(|h| !h.is_empty() && !tables.apt.contains_key(*h));
        assert_eq!(unknown, None);
        assert_eq!(usage("apt", "libpq-dev", None), Use::Library("libpq5".to_owned()));
        assert_eq!(usage("apt", "libicu-dev", Some("bookworm")), Use::Library("libicu72".to_owned()));
        assert_eq!(usage("apt", "libicu-dev", None), Use::Unknown);
        assert_eq!(usage("apt", "libfoo-dev", None), Use::Unknown);
        assert_eq!(usage("apk", "musl-dev", None), Use::Build);
        assert_eq!(usage("apt", "gcc-12", None), Use::Build);
        assert_eq!(usage("apt", "git", None), Use::Helper);
        assert_eq!(usage("apt", "ffmpeg", None), Use::Run);
    }
}
