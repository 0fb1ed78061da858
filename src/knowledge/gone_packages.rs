//! Packages that releases of Debian and Ubuntu do not have: `rules/data/gone_packages.toml`.

use super::libraries::find;

mod table {
    use super::GonePackage;

    include!(concat!(env!("OUT_DIR"), "/gone_packages.rs"));
}

/// A package that some releases do not have.
#[derive(Debug)]
pub struct GonePackage {
    /// The releases in which apt cannot install it: `trixie`.
    pub lacks: &'static [&'static str],
    /// What does its work there; each of these releases has one of them.
    pub instead: &'static [&'static str],
}

/// What is known of a package that `release` does not have; nothing if it has it, or nobody can tell.
#[must_use]
pub fn gone_package(name: &str, release: &str) -> Option<&'static GonePackage> {
    find(table::PACKAGES, name).filter(|package| package.lacks.contains(&release))
}
