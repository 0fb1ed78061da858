//! What `pip install` adds: `rules/data/pip/packages.tsv`, made by `tools/pip_table.py` from the wheels of the
//! Python package index. Versions that are asked for do not count: the table has the newest.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::semantic::Requirement;

/// The Python packages that are installed most.
#[derive(Debug)]
pub struct Wheels {
    /// When they were read, as year and month.
    pub date: &'static str,
    rows: HashMap<&'static str, Row>,
}

#[derive(Debug, Default)]
struct Row {
    /// What pip downloads and keeps.
    kept: u64,
    /// The unpacked files.
    files: u64,
    /// Byte code, and its lines in RECORD.
    compiled: u64,
    /// Names, with an extra or without.
    needs: &'static str,
}

/// What an install adds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InstalledWheels {
    /// The packages, those that were asked for and those that they need.
    pub packages: Vec<&'static str>,
    /// Bytes of their files.
    pub files: u64,
    /// Bytes of byte code, if it is compiled.
    pub compiled: u64,
    /// Bytes of their wheels, which pip keeps in its cache.
    pub kept: u64,
    /// Names that the table does not know.
    pub unknown: Vec<String>,
}

static WHEELS: LazyLock<Wheels> =
    LazyLock::new(|| Wheels::parse(include_str!("../../rules/data/pip/packages.tsv")));

/// The table of Python packages.
#[must_use]
pub fn wheels() -> &'static Wheels {
    &WHEELS
}

impl Wheels {
    fn parse(text: &'static str) -> Self {
        let mut lines = text.lines();
        let date = lines.next().and_then(|head| head.split('\t').nth(2)).unwrap_or("");
        let rows = lines.map(|line| {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or("");
            let (name, _version) = (next(), next());
            let mut bytes = || next().parse().unwrap_or(0);
            let (kept, files, compiled) = (bytes(), bytes(), bytes());
            (name, Row { kept, files, compiled, needs: next() })
        });
        Self { date, rows: rows.collect() }
    }

    /// What installing packages adds where those of `have` are installed; without what they need if `alone`.
    #[must_use]
    pub fn install<'r>(
        &self,
        wanted: impl IntoIterator<Item = &'r Requirement>,
        have: &HashSet<&str>,
        alone: bool,
    ) -> InstalledWheels {
        let mut installed = InstalledWheels::default();
        let mut chosen: HashSet<&'static str> = HashSet::new();
        let mut queue: Vec<&'static str> = Vec::new();
        for asked in wanted {
            let Some((name, _)) = self.rows.get_key_value(asked.name.as_str()) else {
                if !have.contains(asked.name.as_str()) && !installed.unknown.contains(&asked.name) {
                    installed.unknown.push(asked.name.clone());
                }
                continue;
            };
            queue.push(name);
            for extra in &asked.extras {
                let key = format!("{name}[{extra}]");
                match self.rows.get_key_value(key.as_str()) {
                    Some((key, _)) => queue.push(key),
                    None => installed.unknown.push(key),
                }
            }
        }
        while let Some(name) = queue.pop() {
            if have.contains(name) || !chosen.insert(name) {
                continue;
            }
            let Some(row) = self.rows.get(name) else {
                installed.unknown.push(name.to_owned());
                continue;
            };
            if !name.contains('[') {
                installed.packages.push(name);
            }
            installed.files += row.files;
            installed.compiled += row.compiled;
            installed.kept += row.kept;
            if !alone {
                queue.extend(row.needs.split_ascii_whitespace());
            }
        }
        installed.packages.sort_unstable();
        installed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::requirements;

    fn install(names: &str, have: &[&'static str]) -> InstalledWheels {
        let wanted = requirements(&names.replace(' ', "\n")).wanted;
        wheels().install(&wanted, &have.iter().copied().collect(), false)
    }

    #[test]
    fn what_is_there_costs_nothing() {
        let both = install("flask requests", &[]);
        let flask = install("flask", &[]);
        let requests = install("flask requests", &flask.packages);
        assert_eq!(flask.files + requests.files, both.files);
        assert_eq!(flask.kept + requests.kept, both.kept);
        assert!(install("flask", &flask.packages).packages.is_empty());
    }

    #[test]
    fn extras_bring_more() {
        let plain = install("uvicorn", &[]);
        let more = install("uvicorn[standard]", &[]);
        assert!(more.packages.contains(&"uvloop") && !plain.packages.contains(&"uvloop"));
        assert_eq!(install("uvicorn[nothing]", &[]).unknown, ["uvicorn[nothing]"]);
        let alone = wheels().install(&requirements("flask").wanted, &HashSet::new(), true);
        assert_eq!(alone.packages, ["flask"]);
    }

    #[test]
    fn unknown_names_are_said() {
        let installed = install("flask no-such-package torch", &[]);
        assert_eq!(installed.unknown, ["no-such-package", "torch"]);
    }

    #[test]
    fn the_table_is_sound() {
        let wheels = wheels();
        assert_eq!(wheels.date.len(), 7);
        assert!(wheels.rows.len() > 400);
        assert!(include_str!("../../rules/data/pip/packages.tsv").len() < 60_000);
        for (name, row) in &wheels.rows {
            assert_eq!(name.contains('['), row.kept == 0, "{name}");
            assert!(row.kept == 0 || row.files > 0, "{name}");
            for need in row.needs.split(' ').filter(|n| !n.is_empty()) {
                assert!(wheels.rows.contains_key(need), "{name} needs {need}");
            }
        }
        let listed = include_str!("../../rules/data/pip/names.txt").lines().filter(|l| !l.starts_with('#'));
        for name in listed {
            assert!(wheels.rows.contains_key(name), "{name}");
        }
    }
}
