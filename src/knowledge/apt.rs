//! The packages of Debian and Ubuntu: `rules/data/apt/SUITE.tsv`, made by `tools/apt_table.py` from the
//! published indexes, with the bytecode that Python's packages write (`tools/apt_bytecode.py`); and those of Alpine:
//! `rules/data/apk/alpine.tsv`, made by `tools/apk_table.py`.

use std::io::Read;
use std::sync::OnceLock;

use super::numbers::{Lists, Names, numbers, text, u24};

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
    /// The names of all releases, or those of this table alone.
    names: &'static Names,
    /// The numbers of its own names among those.
    own: &'static [[u8; 2]],
    /// Installed size in KiB by name, with the bytecode of Python; the largest number if it is no package.
    sizes: &'static [[u8; 3]],
    /// Two lists for each name, of what it depends on and of what it recommends.
    wants: Lists,
    providers: Lists,
}

/// The size of what is no package.
const NO_PACKAGE: usize = 0x00FF_FFFF;

/// The names of all releases of Debian and Ubuntu, most of which are in several.
static NAMES: Names = Names { text: text!("apt.names"), starts: numbers!("apt.starts") };

macro_rules! suite {
    ($suite:literal) => {
        PackageIndex {
            date: text!(concat!($suite, ".date")),
            names: &NAMES,
            own: numbers!(concat!($suite, ".own.growing")),
            sizes: numbers!(concat!($suite, ".sizes")),
            wants: Lists {
                numbers: numbers!(concat!($suite, ".wants")),
                starts: numbers!(concat!($suite, ".wants.growing")),
            },
            providers: Lists {
                numbers: numbers!(concat!($suite, ".providers")),
                starts: numbers!(concat!($suite, ".providers.growing")),
            },
        }
    };
}

/// The packages of a release that fewer builds ask for: compressed, and opened once where one does.
struct Packed {
    stream: &'static [u8],
    /// True if its names are in the stream, too.
    has_names: bool,
    index: OnceLock<Option<PackageIndex>>,
}

macro_rules! packed {
    ($name:literal, $has_names:literal) => {
        Packed {
            stream: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".packed")),
            has_names: $has_names,
            index: OnceLock::new(),
        }
    };
}

impl Packed {
    /// The packages; there are some, since the build wrote the stream.
    fn open(&'static self) -> Option<&'static PackageIndex> {
        self.index.get_or_init(|| unpack(self.stream, self.has_names)).as_ref()
    }
}

/// Reads what `generate::apt::packed` writes: each part with its length in front. It is kept for as long as the
/// program runs, like the tables that are not compressed.
fn unpack(stream: &[u8], has_names: bool) -> Option<PackageIndex> {
    let mut all = Vec::new();
    flate2::read::DeflateDecoder::new(stream).read_to_end(&mut all).ok()?;
    let mut rest: &'static [u8] = all.leak();
    let mut part = || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (part, behind) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        rest = behind;
        Some(part)
    };
    let names = if has_names {
        let text = std::str::from_utf8(part()?).ok()?;
        Box::leak(Box::new(Names { text, starts: part()?.as_chunks().0 }))
    } else {
        &NAMES
    };
    Some(PackageIndex {
        names,
        date: std::str::from_utf8(part()?).ok()?,
        sizes: part()?.as_chunks().0,
        own: sums(part()?),
        wants: Lists { numbers: part()?.as_chunks().0, starts: sums(part()?) },
        providers: Lists { numbers: part()?.as_chunks().0, starts: sums(part()?) },
    })
}

/// Numbers that grow, which are written as their differences.
fn sums(differences: &[u8]) -> &'static [[u8; 2]] {
    let mut sum = 0_u16;
    let sums = differences.as_chunks().0.iter().map(|difference| {
        sum = sum.wrapping_add(u16::from_le_bytes(*difference));
        sum.to_le_bytes()
    });
    sums.collect::<Vec<_>>().leak()
}

// What most builds ask for lies open, so that asking costs nothing.
static BOOKWORM: PackageIndex = suite!("bookworm");
static TRIXIE: PackageIndex = suite!("trixie");

static BULLSEYE: Packed = packed!("bullseye", false);
static XENIAL: Packed = packed!("xenial", false);
static BIONIC: Packed = packed!("bionic", false);
static FOCAL: Packed = packed!("focal", false);
static JAMMY: Packed = packed!("jammy", false);
static NOBLE: Packed = packed!("noble", false);
static RESOLUTE: Packed = packed!("resolute", false);

static ALPINE: Packed = packed!("alpine", true);

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
        "bullseye" => BULLSEYE.open(),
        "xenial" => XENIAL.open(),
        "bionic" => BIONIC.open(),
        "focal" => FOCAL.open(),
        "jammy" => JAMMY.open(),
        "noble" => NOBLE.open(),
        "resolute" => RESOLUTE.open(),
        _ => None,
    }
}

impl PackageIndex {
    /// How many names there are; every [`PackageId::index`] is smaller.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.own.len()
    }

    /// The numbers of all names.
    pub fn ids(&self) -> impl Iterator<Item = PackageId> + Clone + use<> {
        (0..=u16::MAX).take(self.count()).map(PackageId)
    }

    /// The name at a place, see [`PackageId::index`].
    #[must_use]
    pub fn id(&self, place: usize) -> Option<PackageId> {
        u16::try_from(place).ok().filter(|_| place < self.count()).map(PackageId)
    }

    /// The number of a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<PackageId> {
        let number = self.names.find(name)?;
        let own = self.own.binary_search_by_key(&number, |own| usize::from(u16::from_le_bytes(*own))).ok()?;
        u16::try_from(own).ok().map(PackageId)
    }

    /// The name with this number.
    #[must_use]
    pub fn name(&self, id: PackageId) -> &'static str {
        let number = self.own.get(id.index()).map(|own| usize::from(u16::from_le_bytes(*own)));
        number.map_or("", |number| self.names.get(number))
    }

    /// The installed size of a package in KiB, with the bytecode that installing it writes; 0 for what a
    /// minimal system has. `None` if it is no package, but perhaps provided by one.
    #[must_use]
    pub fn size(&self, id: PackageId) -> Option<u32> {
        let size = self.sizes.get(id.index()).map(|size| u24(*size)).filter(|size| *size != NO_PACKAGE)?;
        u32::try_from(size).ok()
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
    /// The preferred name.
    #[must_use]
    pub fn first(self) -> Option<PackageId> {
        self.0.first().map(|n| PackageId::of(*n))
    }

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
        let noble = apt_packages("noble").unwrap();
        assert_eq!(noble.size(noble.find("libpython3.12-stdlib").unwrap()), Some(files + bytecode));
    }
}
