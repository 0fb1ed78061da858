//! What `apt-get install` adds: `rules/data/apt/SUITE.tsv`, made by `tools/apt_table.py` from the published
//! indexes, with the bytecode that Python's packages write (`tools/apt_bytecode.py`). The closure follows
//! apt: of alternatives what is there, else the first that exists.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::LazyLock;

/// The packages of one release.
#[derive(Debug)]
pub struct Packages {
    /// When the indexes were read, as year and month.
    pub date: &'static str,
    rows: HashMap<&'static str, Row>,
    /// Virtual packages, and who provides them.
    providers: HashMap<&'static str, Vec<&'static str>>,
}

#[derive(Debug)]
struct Row {
    /// Installed size in KiB, with the bytecode of Python; 0 for what a minimal system has.
    size: u64,
    depends: &'static str,
    recommends: &'static str,
}

/// What an install adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// The packages, those that were asked for and those that they need, in the order of their choice.
    pub packages: Vec<&'static str>,
    /// For each of them which of the names that were asked for brought it, and its bytes.
    pub shares: Vec<(usize, u64)>,
    /// Their installed size in bytes, as the indexes have it, and the bytecode that installing them writes.
    pub bytes: u64,
    /// Names that the table does not know: from other sources, or rarely installed.
    pub unknown: Vec<String>,
}

/// KiB of bytecode by package, `#` for the minor version of Python in a name.
static BYTECODE: LazyLock<HashMap<&str, u64>> = LazyLock::new(|| {
    let lines = include_str!("../../rules/data/apt/bytecode.tsv").lines().skip(1);
    lines
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(n, size)| Some((n, size.parse().ok()?)))
        .collect()
});

/// The bytecode that installing a package writes, in KiB: modules are compiled, and no index tells that.
fn bytecode(name: &str) -> u64 {
    let any = match name.split_once("python3.") {
        Some((start, version)) => {
            let rest = version.trim_start_matches(|c: char| c.is_ascii_digit());
            Cow::Owned(format!("{start}python3.#{rest}"))
        }
        None => Cow::Borrowed(name),
    };
    BYTECODE.get(&*any).copied().unwrap_or(0)
}

static BOOKWORM: LazyLock<Packages> =
    LazyLock::new(|| Packages::parse(include_str!("../../rules/data/apt/bookworm.tsv")));
static TRIXIE: LazyLock<Packages> =
    LazyLock::new(|| Packages::parse(include_str!("../../rules/data/apt/trixie.tsv")));
static JAMMY: LazyLock<Packages> =
    LazyLock::new(|| Packages::parse(include_str!("../../rules/data/apt/jammy.tsv")));
static NOBLE: LazyLock<Packages> =
    LazyLock::new(|| Packages::parse(include_str!("../../rules/data/apt/noble.tsv")));

/// The packages of a release by its name: `bookworm`. There are tables of Debian 12 and 13 and of Ubuntu
/// 22.04 and 24.04.
#[must_use]
pub fn packages(suite: &str) -> Option<&'static Packages> {
    match suite {
        "bookworm" => Some(&BOOKWORM),
        "trixie" => Some(&TRIXIE),
        "jammy" => Some(&JAMMY),
        "noble" => Some(&NOBLE),
        _ => None,
    }
}

impl Packages {
    fn parse(text: &'static str) -> Self {
        let mut lines = text.lines();
        let date = lines.next().and_then(|head| head.split('\t').nth(2)).unwrap_or("");
        let mut rows = HashMap::new();
        let mut providers: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in lines {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or("");
            let (name, size, depends, recommends, provides) = (next(), next(), next(), next(), next());
            let size = match size.parse().unwrap_or(0) {
                0 => 0,
                size => size + bytecode(name),
            };
            rows.insert(name, Row { size, depends, recommends });
            for provided in provides.split_whitespace() {
                providers.entry(provided).or_default().push(name);
            }
        }
        Self { date, rows, providers }
    }

    /// What installing `names` adds to a minimal system that also has `have`.
    #[must_use]
    pub fn install<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        have: &HashSet<&str>,
        recommends: bool,
    ) -> Installed {
        let mut installed = Installed::default();
        let mut chosen: HashSet<&'static str> = HashSet::new();
        let mut queue: VecDeque<(usize, &str)> = names.into_iter().enumerate().collect();
        let asked = queue.len();
        let mut taken = 0;
        while let Some((root, name)) = queue.pop_front() {
            taken += 1;
            if self.is_satisfied(name, have, &chosen) {
                continue;
            }
            let own = self.rows.get_key_value(name);
            let provided = || self.rows.get_key_value(self.providers.get(name)?.first()?);
            let Some((name, row)) = own.or_else(provided) else {
                if taken <= asked {
                    installed.unknown.push(name.to_owned());
                }
                continue;
            };
            chosen.insert(name);
            installed.packages.push(name);
            installed.shares.push((root, row.size * 1024));
            installed.bytes += row.size * 1024;
            let wanted = if recommends { row.recommends } else { "" };
            for group in row.depends.split(' ').chain(wanted.split(' ')).filter(|g| !g.is_empty()) {
                if group.split('|').any(|n| self.is_satisfied(n, have, &chosen)) {
                    continue;
                }
                let exists = |n: &&str| self.rows.contains_key(n) || self.providers.contains_key(n);
                queue.extend(group.split('|').find(exists).map(|name| (root, name)));
            }
        }
        installed
    }

    fn is_satisfied(&self, name: &str, have: &HashSet<&str>, chosen: &HashSet<&'static str>) -> bool {
        let there = |n: &str| {
            have.contains(n) || chosen.contains(n) || self.rows.get(n).is_some_and(|row| row.size == 0)
        };
        there(name) || self.providers.get(name).is_some_and(|by| by.iter().any(|n| there(n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(suite: &str, names: &str, recommends: bool) -> Installed {
        packages(suite).unwrap().install(names.split(' '), &HashSet::new(), recommends)
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
        let pip = |suite: &str, have: &[&str]| {
            let have = have.iter().copied().collect();
            packages(suite).unwrap().install(["python3-pip"], &have, false).bytes
        };
        // Measured: 72.8 MB on Debian 12, 24.2 MB of it bytecode.
        assert!((70_000_000..75_000_000).contains(&pip("bookworm", &[])), "{}", pip("bookworm", &[]));
        for (suite, python) in
            [("bookworm", "3.11"), ("trixie", "3.13"), ("noble", "3.12"), ("jammy", "3.10")]
        {
            let library = format!("libpython{python}-stdlib");
            assert!(bytecode(&library) > 6000, "{library}");
            assert!(pip(suite, &[&library]) + 6000 * 1024 < pip(suite, &[]), "{suite}");
        }
        assert_eq!((bytecode("curl"), bytecode("python3.11-doc")), (0, 0));
        assert!(BYTECODE.len() > 100);
    }

    #[test]
    fn what_is_there_costs_nothing() {
        let both = install("trixie", "curl git", false);
        let curl = install("trixie", "curl", false);
        let have: HashSet<&str> = curl.packages.iter().copied().collect();
        let git = packages("trixie").unwrap().install(["git", "tar", "curl"], &have, false);
        assert_eq!(curl.bytes + git.bytes, both.bytes);
        assert!(install("bookworm", "tar sed", true).packages.is_empty());
    }

    #[test]
    fn unknown_names_are_said() {
        let installed = install("bookworm", "curl no-such-package", false);
        assert_eq!(installed.unknown, ["no-such-package"]);
        assert!(packages("focal").is_none());
    }

    #[test]
    fn the_tables_are_sound() {
        for suite in ["bookworm", "trixie", "jammy", "noble"] {
            let packages = packages(suite).unwrap();
            assert_eq!(packages.date.len(), 7, "{suite}");
            assert!(packages.rows.len() > 2000);
            for (name, row) in &packages.rows {
                for group in row.depends.split_whitespace().chain(row.recommends.split_whitespace()) {
                    let known = |n: &str| packages.rows.contains_key(n) || packages.providers.contains_key(n);
                    assert!(group.split('|').any(known), "{suite}: {name} needs {group}");
                }
            }
        }
    }
}
