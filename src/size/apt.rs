//! What `apt-get install` adds. The closure follows apt: of alternatives what is there, else the first that
//! exists.

use crate::knowledge::{PackageId, PackageIndex};

/// What an install adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// The packages, those that were asked for and those that they need, in the order of their choice.
    pub packages: Vec<PackageId>,
    /// For each of them which of the names that were asked for brought it, and its bytes.
    pub shares: Vec<(usize, u64)>,
    /// Their installed size in bytes, as the indexes have it, and the bytecode that installing them writes.
    pub bytes: u64,
    /// Names that the table does not know: from other sources, or rarely installed.
    pub unknown: Vec<String>,
}

impl Installed {
    /// The packages by their names in `table`, those that weigh most first.
    pub fn named(&self, table: &'static PackageIndex) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        // Numbers of packages are in the order of their names.
        let packages = self.packages.iter().zip(&self.shares);
        let mut all: Vec<_> = packages.map(|(id, (_, bytes))| (std::cmp::Reverse(*bytes), *id)).collect();
        all.sort_unstable();
        all.into_iter().map(move |(bytes, id)| (table.name(id), bytes.0))
    }
}

/// A set of packages of one release.
#[derive(Debug, Clone)]
pub struct PackageSet(Vec<u64>);

impl PackageSet {
    /// The empty set.
    #[must_use]
    pub fn new(packages: &PackageIndex) -> Self {
        Self(vec![0; packages.count().div_ceil(64)])
    }

    /// True if the set has this package.
    #[must_use]
    #[inline]
    pub fn contains(&self, id: PackageId) -> bool {
        self.0.get(id.index() / 64).is_some_and(|word| word & (1 << (id.index() % 64)) != 0)
    }

    /// The packages of `ids`.
    pub fn of(packages: &PackageIndex, ids: impl IntoIterator<Item = PackageId>) -> Self {
        let mut set = Self::new(packages);
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }

    /// Its packages, in the order of their numbers.
    pub fn ids<'s>(&'s self, packages: &'s PackageIndex) -> impl Iterator<Item = PackageId> + 's {
        let bits = |word: &'s u64| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(bit)
            })
        };
        let numbers =
            self.0.iter().enumerate().flat_map(move |(at, word)| bits(word).map(move |b| at * 64 + b));
        numbers.filter_map(|number| packages.id(number))
    }

    /// Adds a package.
    #[inline]
    pub fn insert(&mut self, id: PackageId) {
        if let Some(word) = self.0.get_mut(id.index() / 64) {
            *word |= 1 << (id.index() % 64);
        }
    }
}

/// Names that an install asks for, looked up once however many closures are asked of them.
#[derive(Debug)]
pub(super) struct Asked {
    /// Their packages, each with its place among the names.
    found: Vec<(usize, PackageId)>,
    /// Those that the table does not know.
    unknown: Vec<String>,
}

impl Asked {
    /// Looks the names up.
    pub(super) fn of<'n>(table: &PackageIndex, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut asked = Self { found: Vec::new(), unknown: Vec::new() };
        for (root, name) in names.into_iter().enumerate() {
            match table.find(name) {
                Some(id) => asked.found.push((root, id)),
                None => asked.unknown.push(name.to_owned()),
            }
        }
        asked
    }
}

/// What installing `names` adds to a minimal system that also has what is `there`.
pub fn install<'n>(
    table: &PackageIndex,
    names: impl IntoIterator<Item = &'n str>,
    there: PackageSet,
    recommends: bool,
) -> Installed {
    closure(table, &Asked::of(table, names), there, recommends)
}

/// For how many packages there is room before more is made.
const USUAL: usize = 64;

/// The same for names that were looked up.
pub(super) fn closure(
    table: &PackageIndex,
    asked: &Asked,
    mut there: PackageSet,
    recommends: bool,
) -> Installed {
    let mut installed = Installed { unknown: asked.unknown.clone(), ..Installed::default() };
    let mut queue = Vec::with_capacity(USUAL);
    queue.extend_from_slice(&asked.found);
    installed.packages.reserve(USUAL);
    installed.shares.reserve(USUAL);
    // What is there or waits for its turn need not be asked about again.
    let mut settled = there.clone();
    let mut next = 0;
    while let Some((root, wanted)) = queue.get(next).copied() {
        next += 1;
        if is_satisfied(table, wanted, &there) {
            continue;
        }
        let own = table.size(wanted).map(|size| (wanted, size));
        let provided = || table.providers(wanted).find_map(|id| Some((id, table.size(id)?)));
        let Some((id, size)) = own.or_else(provided) else {
            // A name that only base images have is a name that was asked for.
            installed.unknown.push(table.name(wanted).to_owned());
            continue;
        };
        let bytes = u64::from(size) * 1024;
        there.insert(id);
        installed.packages.push(id);
        installed.shares.push((root, bytes));
        installed.bytes += bytes;
        let recommended = recommends.then(|| table.recommends(id)).into_iter().flatten();
        for group in table.depends(id).chain(recommended) {
            let first = group.first();
            if first.is_some_and(|id| settled.contains(id)) {
                continue;
            }
            if let Some(id) = first.filter(|id| is_satisfied(table, *id, &there)) {
                settled.insert(id);
                continue;
            }
            if group.iter().skip(1).any(|id| is_satisfied(table, id, &there)) {
                continue;
            }
            let exists = |id: &PackageId| table.size(*id).is_some() || table.providers(*id).next().is_some();
            if let Some(id) = group.iter().find(exists).filter(|id| !settled.contains(*id)) {
                settled.insert(id);
                queue.push((root, id));
            }
        }
    }
    installed
}

fn is_satisfied(table: &PackageIndex, id: PackageId, there: &PackageSet) -> bool {
    let is_there = |id: PackageId| there.contains(id) || table.size(id) == Some(0);
    is_there(id) || table.providers(id).any(is_there)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::apt_packages;

    fn install(suite: &str, names: &str, recommends: bool) -> Installed {
        let table = apt_packages(suite).unwrap();
        super::install(table, names.split(' '), PackageSet::new(table), recommends)
    }

    /// What apt itself plans in a minimal system; `tools/apt_table.py --check` shows it.
    #[test]
    fn closures_are_those_of_apt() {
        for (suite, names, recommends, count) in [
            ("bookworm", "curl", false, 16),
            ("bookworm", "curl", true, 22),
            ("bookworm", "git", false, 24),
            ("bookworm", "git", true, 46),
            ("bookworm", "gcc libpq-dev", false, 37),
            ("bookworm", "gcc libpq-dev", true, 86),
            ("bookworm", "build-essential", false, 56),
            ("bookworm", "build-essential", true, 125),
            ("bookworm", "python3-pip", true, 152),
            ("bookworm", "ffmpeg", false, 200),
            // Of ten terminals that will do, apt takes the one that its indexes name first.
            ("trixie", "npm", true, 659),
            ("jammy", "curl", false, 10),
            ("jammy", "nodejs", false, 7),
            // Without libdb5.3t64, which debootstrap leaves out and the published image has.
            ("noble", "curl", true, 21),
            ("noble", "build-essential", true, 115),
            ("noble", "python3-pip", true, 141),
            ("noble", "ffmpeg", true, 288),
        ] {
            let installed = install(suite, names, recommends);
            assert_eq!(installed.packages.len(), count, "{suite} {names} {recommends}");
            assert!(installed.unknown.is_empty());
        }
    }

    #[test]
    fn bytecode_is_counted() {
        let pip = |suite: &str, have: &str| {
            let table = apt_packages(suite).unwrap();
            let have = table.find(have);
            super::install(table, ["python3-pip"], PackageSet::of(table, have), false).bytes
        };
        // Measured: 72.8 MB on Debian 12, 24.2 MB of it bytecode.
        assert!((70_000_000..75_000_000).contains(&pip("bookworm", "")), "{}", pip("bookworm", ""));
        for (suite, python) in
            [("bookworm", "3.11"), ("trixie", "3.13"), ("noble", "3.12"), ("jammy", "3.10")]
        {
            let library = format!("libpython{python}-stdlib");
            assert!(pip(suite, &library) + 6000 * 1024 < pip(suite, ""), "{suite}");
        }
    }

    #[test]
    fn what_is_there_costs_nothing() {
        let both = install("trixie", "curl git", false);
        let curl = install("trixie", "curl", false);
        let table = apt_packages("trixie").unwrap();
        let have = PackageSet::of(table, curl.packages);
        let git = super::install(table, ["git", "tar", "curl"], have, false);
        assert_eq!(curl.bytes + git.bytes, both.bytes);
        assert!(install("bookworm", "tar sed", true).packages.is_empty());
    }

    #[test]
    fn unknown_names_are_said() {
        let installed = install("bookworm", "curl no-such-package", false);
        assert_eq!(installed.unknown, ["no-such-package"]);
        // Images bring it under this name, which the release does not have.
        assert_eq!(install("bookworm", "libncursesw5-dev", false).unknown, ["libncursesw5-dev"]);
    }
}
