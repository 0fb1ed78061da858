//! What a program needs at run time of what it was built with: `rules/data/runtime_libraries.toml`.

use table::{APK, APT, HELPERS, PYTHON, RUBY, RUST};

mod table {
    use super::{Helpers, Library};

    include!(concat!(env!("OUT_DIR"), "/runtime_libraries.rs"));
}

/// The package of a library.
#[derive(Debug)]
pub enum Library {
    /// One name; empty where nothing is needed.
    One(&'static str),
    /// Releases, and its name in each.
    ByRelease(&'static [(&'static str, &'static str)]),
}

/// Packages that serve builds.
#[derive(Debug)]
pub struct Helpers {
    /// Those that only builds call.
    pub build: &'static [&'static str],
    /// Those that a program may call as well.
    pub any: &'static [&'static str],
}

/// A language whose packages may link libraries of the system.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Language {
    Python,
    Ruby,
    Rust,
}

/// The library that a package of headers of Debian is for.
#[must_use]
pub fn apt_library(headers: &str) -> Option<&'static Library> {
    find(APT, headers)
}

/// The library that a package of headers of Alpine is for.
#[must_use]
pub fn apk_library(headers: &str) -> Option<&'static Library> {
    find(APK, headers)
}

/// Packages that serve builds.
#[must_use]
pub const fn build_helpers() -> &'static Helpers {
    &HELPERS
}

/// The headers, as Debian calls them, that `package` of a language is built with.
#[must_use]
pub fn headers_for(language: Language, package: &str) -> Option<&'static str> {
    let rows = match language {
        Language::Python => PYTHON,
        Language::Ruby => RUBY,
        Language::Rust => RUST,
    };
    find(rows, package).copied().filter(|headers| !headers.is_empty())
}

pub(super) fn find<T>(rows: &'static [(&'static str, T)], name: &str) -> Option<&'static T> {
    rows.binary_search_by_key(&name, |(key, _)| key).ok().and_then(|at| rows.get(at)).map(|(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_languages_have_libraries() {
        for (package, headers) in [PYTHON, RUBY, RUST].into_iter().flatten() {
            assert!(headers.is_empty() || apt_library(headers).is_some(), "{package}");
        }
    }
}
