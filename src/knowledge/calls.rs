//! How programs in a language start other programs: `rules/data/calls.toml`.

mod table {
    use super::Calls;

    include!(concat!(env!("OUT_DIR"), "/calls.rs"));
}

/// How programs in a language start others.
#[derive(Debug)]
pub struct Calls {
    /// The language.
    pub name: &'static str,
    /// The endings of its sources.
    pub endings: &'static [&'static str],
    /// How a line begins that is a comment.
    pub comments: &'static [&'static str],
    /// The names of sources that only builds run.
    pub of_builds: &'static [&'static str],
    /// What a source says that starts another program.
    pub words: &'static [&'static str],
    /// How the names of files begin that name packages.
    pub manifests: &'static [&'static str],
    /// Packages that start other programs, in small letters.
    pub packages: &'static [&'static str],
}

/// How programs of `language` start others: `python`, `node`, `ruby`, `go`, `rust`, `java`, `dotnet`, `php`.
#[must_use]
pub fn calls(language: &str) -> Option<&'static Calls> {
    table::LANGUAGES.iter().find(|calls| calls.name == language)
}
