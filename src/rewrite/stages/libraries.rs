//! What packages are to an image that only runs.

pub(super) use crate::knowledge::{Language, headers_for as headers};
use crate::knowledge::{Library, ManagerId, apk_library, apt_library, build_helpers};
use crate::semantic::{is_build_driver, is_compiler, is_headers};

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
pub(super) fn usage(manager: ManagerId, package: &str, release: Option<&str>) -> Use {
    let library = if manager == ManagerId::Apk { apk_library(package) } else { apt_library(package) };
    match library {
        Some(Library::One("")) => return Use::Build,
        Some(Library::One(name)) => return Use::Library((*name).to_owned()),
        Some(Library::ByRelease(names)) => {
            return names
                .iter()
                .find(|(of, _)| Some(*of) == release)
                .map_or(Use::Unknown, |(_, n)| Use::Library((*n).to_owned()));
        }
        None => {}
    }
    if is_compiler(package) || is_build_driver(package) || build_helpers().build.contains(&package) {
        return Use::Build;
    }
    if is_headers(package) {
        return Use::Unknown;
    }
    if build_helpers().any.contains(&package) { Use::Helper } else { Use::Run }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_have_their_use() {
        assert_eq!(usage(ManagerId::Apt, "libpq-dev", None), Use::Library("libpq5".to_owned()));
        assert_eq!(
            usage(ManagerId::Apt, "libicu-dev", Some("bookworm")),
            Use::Library("libicu72".to_owned())
        );
        assert_eq!(usage(ManagerId::Apt, "libicu-dev", None), Use::Unknown);
        assert_eq!(usage(ManagerId::Apt, "libfoo-dev", None), Use::Unknown);
        assert_eq!(usage(ManagerId::Apk, "musl-dev", None), Use::Build);
        assert_eq!(usage(ManagerId::Apt, "gcc-12", None), Use::Build);
        assert_eq!(usage(ManagerId::Apt, "git", None), Use::Helper);
        assert_eq!(usage(ManagerId::Apt, "ffmpeg", None), Use::Run);
    }
}
