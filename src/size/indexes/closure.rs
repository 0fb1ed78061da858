//! What an install adds, by indexes of the user's own.

use std::collections::{BTreeSet, HashSet, VecDeque};

use crate::syntax::ImageRef;

use super::{Format, Index, Loaded, Named, Need};

/// Of names that many packages provide, this many of them are looked at.
const MOST_PROVIDERS: usize = 64;

/// The indexes that count for a stage, and what is there of their packages.
#[derive(Debug, Clone)]
pub struct Installing<'i> {
    indexes: Vec<&'i Named>,
    /// What a package is called that is made for the machine.
    machines: &'static [&'static str],
    /// Packages by their index and their number in it.
    there: HashSet<(usize, u32)>,
}

/// What an install adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Adds {
    /// The packages, with their bytes, in the order of their choice.
    pub packages: Vec<(String, u64)>,
    /// The names that were asked for and that no index has.
    pub absent: Vec<String>,
    /// The names that packages of these indexes need and that nobody has.
    pub needed: Vec<String>,
    /// The names that they need and that a table of dlint has.
    pub elsewhere: Vec<String>,
}

impl Adds {
    /// What all of them take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.packages.iter().fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }
}

impl<'i> Installing<'i> {
    /// The indexes of a format that count for what is built on `image`, for an architecture such as `amd64`; `None` if
    /// there are none.
    #[must_use]
    pub fn of(loaded: &'i Loaded, format: Format, image: Option<&ImageRef>, arch: &str) -> Option<Self> {
        let fits = |named: &&Named| named.index.format == format && named.counts_for(image);
        let indexes: Vec<&Named> = loaded.known.iter().filter(fits).collect();
        (!indexes.is_empty()).then(|| Self { indexes, machines: machines(arch), there: HashSet::new() })
    }

    /// Where the figures come from: "package index mirror/Packages.gz".
    #[must_use]
    pub fn source(&self) -> String {
        let (plural, paths) = match &self.indexes[..] {
            [one] => ("package index", one.path.clone()),
            [one, ..] => ("package indexes", format!("{} and {} more", one.path, self.indexes.len() - 1)),
            [] => ("package indexes", String::new()),
        };
        format!("{plural} {paths}")
    }

    /// Takes for there what any image has that runs `manager`.
    pub fn assume(&mut self, manager: &str) {
        let mut essential = Vec::new();
        for (at, named) in self.indexes.iter().enumerate() {
            let packages = named.index.packages.iter().zip(0..);
            essential.extend(packages.filter(|(p, _)| p.is_essential).map(|(_, number)| (at, number)));
        }
        let always = ["bash", "busybox", "coreutils", "coreutils-single", "alpine-baselayout", "apk-tools"];
        let named = always.into_iter().chain([manager]).filter_map(|name| self.find(name));
        let all: Vec<_> = essential.into_iter().chain(named).collect();
        self.take(all, false, &|_| false);
    }

    /// What an install of these names adds to what is there; it is there from then on. `is_elsewhere` says of names that no
    /// index has whether a table of dlint has them.
    pub fn install(&mut self, names: &[&str], recommends: bool, is_elsewhere: &dyn Fn(&str) -> bool) -> Adds {
        let (mut found, mut absent) = (Vec::new(), Vec::new());
        for name in names {
            match self.find(name) {
                Some(package) => found.push(package),
                None => absent.push((*name).to_owned()),
            }
        }
        Adds { absent, ..self.take(found, recommends, is_elsewhere) }
    }

    fn take(
        &mut self,
        asked: Vec<(usize, u32)>,
        recommends: bool,
        is_elsewhere: &dyn Fn(&str) -> bool,
    ) -> Adds {
        let mut adds = Adds::default();
        // In the order of their names.
        let (mut lacking, mut elsewhere): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
        let mut todo: VecDeque<(usize, u32)> = asked.into();
        while let Some((at, number)) = todo.pop_front() {
            let index: &'i Index = &self.indexes[at].index;
            let Some(package) = index.packages.get(number as usize) else { continue };
            if !self.there.insert((at, number)) {
                continue;
            }
            adds.packages.push((index.names.text(package.name).to_owned(), package.bytes));
            for group in groups(index.needs_of(&package.needs)) {
                match self.first(index, group) {
                    Some(package) => todo.push_back(package),
                    None => {
                        let mut names = group.iter().map(|need| index.names.text(need.name));
                        match names.clone().find(|name| is_elsewhere(name)) {
                            Some(name) => elsewhere.insert(name),
                            None => names.next().is_some_and(|name| lacking.insert(name)),
                        };
                    }
                }
            }
            if recommends {
                let wanted = groups(index.needs_of(&package.recommends));
                todo.extend(wanted.filter_map(|group| self.first(index, group)));
            }
        }
        adds.needed = lacking.into_iter().map(str::to_owned).collect();
        adds.elsewhere = elsewhere.into_iter().map(str::to_owned).collect();
        adds
    }

    /// What satisfies a need: what is there, else the first that an index has.
    fn first(&self, index: &Index, group: &[Need]) -> Option<(usize, u32)> {
        let mut found = None;
        for need in group {
            let name = index.names.text(need.name);
            for package in self.providers(name) {
                if self.there.contains(&package) {
                    return Some(package);
                }
                found = found.or(Some(package));
            }
        }
        found
    }

    /// The package of a name, else the first that provides it.
    fn find(&self, name: &str) -> Option<(usize, u32)> {
        self.providers(name).next()
    }

    /// The packages of a name in all indexes, and behind them those that provide it.
    fn providers(&self, name: &str) -> impl Iterator<Item = (usize, u32)> {
        let of = |is_named: bool| {
            self.indexes.iter().enumerate().flat_map(move |(at, named)| {
                let index = &named.index;
                let id = index.names.find(name);
                let provided = id.map_or(&[][..], |id| index.provided(id));
                let is = move |number: &u32| {
                    let package = index.packages.get(*number as usize)?;
                    let arch = package.arch.map(|arch| index.names.text(arch));
                    let fits = arch.is_none_or(|arch| self.machines.contains(&arch));
                    Some(fits && (Some(package.name) == id) == is_named)
                };
                provided
                    .iter()
                    .map(|(_, number)| *number)
                    .filter(move |number| is(number).unwrap_or(false))
                    .map(move |number| (at, number))
            })
        };
        of(true).chain(of(false)).take(MOST_PROVIDERS)
    }
}

impl Index {
    fn needs_of(&self, range: &std::ops::Range<u32>) -> &[Need] {
        self.needs.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The packages that provide a name.
    fn provided(&self, name: super::NameId) -> &[(super::NameId, u32)] {
        let from = self.provided.partition_point(|(id, _)| *id < name);
        let rest = &self.provided[from..];
        &rest[..rest.partition_point(|(id, _)| *id == name)]
    }
}

/// Needs, each with the alternatives that it has.
fn groups(needs: &[Need]) -> impl Iterator<Item = &[Need]> {
    needs.split_inclusive(|need| !need.has_other)
}

/// What the machine of an architecture is called in the three formats.
fn machines(arch: &str) -> &'static [&'static str] {
    match arch {
        "arm64" => &["arm64", "aarch64"],
        "arm" => &["armhf", "armv7", "armv7hl"],
        "386" => &["i386", "i686", "x86"],
        "ppc64le" => &["ppc64el", "ppc64le"],
        "s390x" => &["s390x"],
        "riscv64" => &["riscv64"],
        _ => &["amd64", "x86_64"],
    }
}
