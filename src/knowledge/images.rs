//! What is known of base images by their names: `rules/data/images.toml`, `suites.toml` and `lifecycle.toml`.

mod table {
    use super::{Deprecated, Family, ImageFacts, ImageKind, Product, Suite};

    include!(concat!(env!("OUT_DIR"), "/images.rs"));
    include!(concat!(env!("OUT_DIR"), "/suites.rs"));
    include!(concat!(env!("OUT_DIR"), "/lifecycle.rs"));
}

/// The package family of an image's distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Family {
    Debian,
    Ubuntu,
    Alpine,
    RedHat,
    Suse,
    Arch,
    /// No package manager and no shell, such as distroless.
    Bare,
    Windows,
    Unknown,
}

/// What is known of one image repository.
#[derive(Debug)]
pub struct ImageFacts {
    /// The distribution of its plain tags.
    pub family: Family,
    /// The release that tags without one are built on.
    pub suite: Option<&'static str>,
    /// The user that it runs as, where that is not root.
    pub user: Option<&'static str>,
    /// The working directory of all its tags for Linux, where that is sure.
    pub workdir: Option<&'static str>,
    /// Users that it creates, so that `USER name` works.
    pub users: &'static [&'static str],
    /// The number of the first of them, and of its group, where that is the same in all tags.
    pub uid: Option<usize>,
    /// The first number of the versions that create them, where older ones do not.
    pub users_since: Option<usize>,
    /// Variables that all its tags for Linux set, PATH aside.
    pub env: &'static [&'static str],
    /// A tag of it, as an example.
    pub tag: Option<&'static str>,
    /// What it is for, where that matters.
    pub kind: Option<ImageKind>,
    /// What to use in the final stage instead of it.
    pub runtime: Option<&'static str>,
    /// How many numbers its full versions have, where that is not three.
    pub numbers: Option<usize>,
}

/// What an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ImageKind {
    /// Compilers and build tools.
    Sdk,
    Runtime,
    Os,
    Service,
}

/// A release of Debian or Ubuntu, and archived ones of CentOS.
#[derive(Debug)]
pub struct Suite {
    /// Its name in tags: `bookworm`.
    pub name: &'static str,
    /// Debian, Ubuntu or Red Hat.
    pub family: Family,
    /// Its name for people: `Debian 12`.
    pub label: &'static str,
    /// `repository:tag` of images that are this release.
    pub images: &'static [&'static str],
    /// Official images that stay on this release, though their tags name none: `php 7.1 7.2.20-34` is php:7.1 and
    /// all from php:7.2.20 to php:7.2.34.
    pub built_on: &'static [&'static str],
    /// Bytes that `apt-get update` leaves in `/var/lib/apt/lists`, where that was measured.
    pub lists: Option<u64>,
    /// The month in which its packages were gone from the servers that its images ask, or were seen to be.
    pub archived: Option<&'static str>,
}

/// An image that is not maintained any more.
#[derive(Debug)]
pub struct Deprecated {
    /// The month of its last update, or since when other images are recommended.
    pub since: &'static str,
    /// What to use instead, as Markdown.
    pub instead: &'static str,
    /// The first number of the tags that this is about; `None` if it is about all.
    pub version: Option<&'static str>,
}

/// Versions of a product that get no more security fixes.
#[derive(Debug)]
pub struct Product {
    /// Its name for people.
    pub name: &'static str,
    /// Repositories whose tags start with its version.
    pub images: &'static [&'static str],
    /// What stands before its version in tags of other images.
    pub tag: Option<&'static str>,
    /// Starts of versions, and the month of the last fixes; `*` is any version.
    pub ended: &'static [(&'static str, &'static str)],
    /// Code names in tags, and the versions that they mean.
    pub suites: &'static [(&'static str, &'static str)],
}

/// The facts on an image by its name as people write it.
#[must_use]
pub fn image_facts(name: &str) -> Option<&'static ImageFacts> {
    of_repository(table::IMAGES, name)
}

/// The repositories that facts are known of, but for those that one row speaks of together.
pub fn image_names() -> impl Iterator<Item = &'static str> {
    table::IMAGES.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('*'))
}

/// The releases of Debian and Ubuntu, the oldest first.
#[must_use]
pub const fn suites() -> &'static [Suite] {
    table::SUITES
}

/// The products whose ended versions are known.
#[must_use]
pub const fn products() -> &'static [Product] {
    table::PRODUCTS
}

/// What is known of an image that is not maintained any more, by its name as people write it.
#[must_use]
pub fn deprecation(name: &str) -> Option<&'static Deprecated> {
    of_repository(table::DEPRECATED, name)
}

/// The row of a repository; that of `registry/path/*` speaks of all repositories below it.
fn of_repository<T>(rows: &'static [(&'static str, T)], name: &str) -> Option<&'static T> {
    let row = |of: &mut dyn FnMut(&str) -> std::cmp::Ordering| {
        rows.binary_search_by(|(key, _)| of(key)).ok().and_then(|at| rows.get(at)).map(|(_, row)| row)
    };
    row(&mut |key| key.cmp(name)).or_else(|| {
        let mut folders = name.match_indices('/').rev().filter_map(|(at, _)| name.get(..=at));
        let in_folder = |key: &str, folder: &str| match key.as_bytes().split_at_checked(folder.len()) {
            Some((start, rest)) => start.cmp(folder.as_bytes()).then_with(|| rest.cmp(b"*")),
            None => key.cmp(folder),
        };
        folders.find_map(|folder| row(&mut |key| in_folder(key, folder)))
    })
}
