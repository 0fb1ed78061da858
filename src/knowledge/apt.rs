//! The packages of Debian and Ubuntu: `rules/data/apt/SUITE.tsv`, made by `tools/apt_table.py` from the
//! published indexes, with the bytecode that Python's packages write (`tools/apt_bytecode.py`); and those of Alpine:
//! `rules/data/apk/alpine.tsv`, made by `tools/apk_table.py`.

use std::io::Read;
use std::sync::OnceLock;

use super::numbers::{Lists, Names, numbers, text};

/// A name that the table of a release has: a package, what packages provide, or what a base image has of
/// another name. It means something in its own table only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(u16);

impl PackageId {
    /// The place of the name among those of its table.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    const fn of(number: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(number) & !LAST)
    }
}

/// Set in the number of the last alternative of a dependency.
const LAST: u16 = 1 << 15;

/// The packages of one release.
#[derive(Debug)]
pub struct PackageIndex {
    /// When the indexes were read, as year and month.
    pub date: &'static str,
    names: Names,
    /// Installed size in KiB by name, with the bytecode of Python; the largest number if it is no package.
    sizes: &'static [[u8; 4]],
    /// Two lists for each name, of what it depends on and of what it recommends.
    wants: Lists,
    providers: Lists,
}

macro_rules! suite {
    ($suite:literal) => {
        PackageIndex {
            date: text!(concat!($suite, ".date")),
            names: Names {
                text: text!(concat!($suite, ".names")),
                starts: numbers!(concat!($suite, ".starts")),
            },
            sizes: numbers!(concat!($suite, ".sizes")),
            wants: Lists {
                numbers: numbers!(concat!($suite, ".wants")),
                starts: numbers!(concat!($suite, ".wants.starts")),
            },
            providers: Lists {
                numbers: numbers!(concat!($suite, ".providers")),
                starts: numbers!(concat!($suite, ".providers.starts")),
            },
        }
    };
}

/// The packages of a release that few builds ask for: compressed, and opened once where one does.
pub(super) struct Packed {
    stream: &'static [u8],
    index: OnceLock<Option<PackageIndex>>,
}

macro_rules! packed {
    ($name:literal) => {
        $crate::knowledge::apt::Packed::new(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".packed")))
    };
}

impl Packed {
    pub(super) const fn new(stream: &'static [u8]) -> Self {
        Self { stream, index: OnceLock::new() }
    }

    /// The packages; there are some, since the build wrote the stream.
    pub(super) fn open(&'static self) -> Option<&'static PackageIndex> {
        self.index.get_or_init(|| unpack(self.stream)).as_ref()
    }
}

/// Reads what `generate::apt::packed` writes: each part with its length in front.
fn unpack(stream: &[u8]) -> Option<PackageIndex> {
    let mut all = Vec::new();
    flate2::read::DeflateDecoder::new(stream).read_to_end(&mut all).ok()?;
    // It is kept for as long as the program runs, like the tables that are not compressed.
    let mut rest: &'static [u8] = all.leak();
    let mut part = || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = behind;
        Some(part)
    };
    Some(PackageIndex {
        date: std::str::from_utf8(part()?).ok()?,
        sizes: part()?.as_chunks().0,
        names: Names { text: std::str::from_utf8(part()?).ok()?, starts: part()?.as_chunks().0 },
        wants: Lists { numbers: part()?.as_chunks().0, starts: part()?.as_chunks().0 },
        providers: Lists { numbers: part()?.as_chunks().0, starts: part()?.as_chunks().0 },
    })
}

// What most builds ask for lies open, so that asking costs nothing.
static BOOKWORM: PackageIndex = suite!("bookworm");
static TRIXIE: PackageIndex = suite!("trixie");
static JAMMY: PackageIndex = suite!("jammy");
static NOBLE: PackageIndex = suite!("noble");

static BULLSEYE: Packed = packed!("bullseye");
static XENIAL: Packed = packed!("xenial");
static BIONIC: Packed = packed!("bionic");
static FOCAL: Packed = packed!("focal");
static RESOLUTE: Packed = packed!("resolute");

static ALPINE: Packed = packed!("alpine");

/// The packages of Alpine's main repository.
#[must_use]
pub fn apk_packages() -> Option<&'static PackageIndex> {
    ALPINE.open()
}

/// The packages of a release by its name: `bookworm`. There are tables of Debian 11 to 13 and of Ubuntu
/// 16.04 to 26.04.
#[must_use]
pub fn apt_packages(suite: &str) -> Option<&'static PackageIndex> {
    match suite {
        "bookworm" => Some(&BOOKWORM),
        "trixie" => Some(&TRIXIE),
        "jammy" => Some(&JAMMY),
        "noble" => Some(&NOBLE),
        "bullseye" => BULLSEYE.open(),
        "xenial" => XENIAL.open(),
        "bionic" => BIONIC.open(),
        "focal" => FOCAL.open(),
        "resolute" => RESOLUTE.open(),
        _ => None,
    }
}

impl PackageIndex {
    /// How many names there are; every [`PackageId::index`] is smaller.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.names.len()
    }

    /// The numbers of all names.
    pub fn ids(&self) -> impl Iterator<Item = PackageId> + Clone + use<> {
        (0..=u16::MAX).take(self.count()).map(PackageId)
    }

    /// The number of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PackageId> {
        self.names.find(name).and_then(|n| u16::try_from(n).ok()).map(PackageId)
    }

    /// The name with this number.
    #[must_use]
    pub fn name(&self, id: PackageId) -> &'static str {
        self.names.get(id.index())
    }

    /// The installed size of a package in KiB, with the bytecode that installing it writes; 0 for what a
    /// minimal system has. `None` if it is no package, but perhaps provided by one.
    #[must_use]
    pub fn size(&self, id: PackageId) -> Option<u32> {
        self.sizes.get(id.index()).map(|size| u32::from_le_bytes(*size)).filter(|size| *size != u32::MAX)
    }

    /// The packages that provide a name, in the order of the alphabet.
    pub fn providers(&self, id: PackageId) -> impl Iterator<Item = PackageId> + use<> {
        self.providers.get(id.index()).iter().map(|n| PackageId::of(*n))
    }

    /// What a package depends on, each as the alternatives that will do; without what a minimal system has.
    pub fn depends(&self, id: PackageId) -> impl Iterator<Item = Alternatives> + use<> {
        alternatives(self.wants.get(2 * id.index()))
    }

    /// What a package recommends, in the same form.
    pub fn recommends(&self, id: PackageId) -> impl Iterator<Item = Alternatives> + use<> {
        alternatives(self.wants.get(2 * id.index() + 1))
    }
}

/// Names of which any will do.
#[derive(Debug, Clone, Copy)]
pub struct Alternatives(&'static [[u8; 2]]);

impl Alternatives {
    /// The names, the preferred one first.
    pub fn iter(self) -> impl Iterator<Item = PackageId> {
        self.0.iter().map(|n| PackageId::of(*n))
    }
}

fn alternatives(list: &'static [[u8; 2]]) -> impl Iterator<Item = Alternatives> {
    list.split_inclusive(|n| u16::from_le_bytes(*n) & LAST != 0).map(Alternatives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::generate::SUITES;

    #[test]
    fn names_have_numbers() {
        for suite in SUITES {
            let packages = apt_packages(suite).unwrap();
            assert!(packages.count() > 2000);
            let ids = packages.ids();
            assert!(ids.clone().all(|id| packages.find(packages.name(id)) == Some(id)), "{suite}");
            assert!(ids.filter_map(|id| packages.size(id)).filter(|size| *size > 0).count() > 1900);
        }
        assert_eq!(BOOKWORM.find("no-such-package"), None);
        assert_eq!(BOOKWORM.find(""), None);
        assert!(apt_packages("buster").is_none());
    }

    #[test]
    fn rows_are_those_of_the_table() {
        let names = |ids: &mut dyn Iterator<Item = PackageId>| -> Vec<&str> {
            ids.map(|id| BOOKWORM.name(id)).collect()
        };
        let find = |name: &str| BOOKWORM.find(name).unwrap();
        assert_eq!(BOOKWORM.size(find("adduser")), Some(0));
        assert_eq!(BOOKWORM.size(find("ack")), Some(231));
        assert_eq!(
            names(&mut BOOKWORM.depends(find("ack")).flat_map(Alternatives::iter)),
            ["libfile-next-perl", "perl"]
        );
        assert_eq!(BOOKWORM.recommends(find("ack")).count(), 0);
        assert_eq!(
            names(&mut BOOKWORM.recommends(find("adwaita-icon-theme")).flat_map(Alternatives::iter)),
            ["librsvg2-common"]
        );
        assert_eq!(names(&mut BOOKWORM.providers(find("ack-grep"))), ["ack"]);
        assert_eq!(BOOKWORM.size(find("ack-grep")), None);
    }

    #[test]
    fn bytecode_is_counted() {
        let row = |table: &str, name: &str| -> u32 {
            table
                .lines()
                .find_map(|l| l.strip_prefix(name)?.strip_prefix('\t'))
                .unwrap()
                .split('\t')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        let files = row(include_str!("../../rules/data/apt/noble.tsv"), "libpython3.12-stdlib");
        let bytecode = row(include_str!("../../rules/data/apt/bytecode.tsv"), "libpython3.#-stdlib");
        assert!(bytecode > 6000);
        assert_eq!(NOBLE.size(NOBLE.find("libpython3.12-stdlib").unwrap()), Some(files + bytecode));
    }
}
