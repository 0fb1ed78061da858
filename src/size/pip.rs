//! What `pip install` adds. Versions that are asked for do not count: the table has the newest.

use std::collections::HashSet;

use crate::knowledge::{WheelId, wheel};
use crate::semantic::Requirement;

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

/// What installing packages adds where those of `have` are installed; without what they need if `alone`.
#[must_use]
pub fn install<'r>(
    wanted: impl IntoIterator<Item = &'r Requirement>,
    have: &HashSet<&str>,
    alone: bool,
) -> InstalledWheels {
    let mut installed = InstalledWheels::default();
    let mut chosen: HashSet<WheelId> = HashSet::new();
    let mut queue: Vec<WheelId> = Vec::new();
    let mut unknown: HashSet<&str> = HashSet::new();
    for asked in wanted {
        let Some(id) = wheel(&asked.name) else {
            if !have.contains(asked.name.as_str()) && unknown.insert(&*asked.name) {
                installed.unknown.push(asked.name.clone());
            }
            continue;
        };
        queue.push(id);
        for extra in &asked.extras {
            let key = format!("{}[{extra}]", asked.name);
            match wheel(&key) {
                Some(id) => queue.push(id),
                None => installed.unknown.push(key),
            }
        }
    }
    while let Some(id) = queue.pop() {
        let name = id.name();
        if have.contains(name) || !chosen.insert(id) {
            continue;
        }
        if !name.contains('[') {
            installed.packages.push(name);
        }
        let weight = id.weight();
        installed.files += weight.files;
        installed.compiled += weight.compiled;
        installed.kept += weight.kept;
        if !alone {
            queue.extend(id.needs());
        }
    }
    installed.packages.sort_unstable();
    installed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::requirements;

    fn install(names: &str, have: &[&'static str]) -> InstalledWheels {
        let wanted = requirements(&names.replace(' ', "\n")).wanted;
        super::install(&wanted, &have.iter().copied().collect(), false)
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
        let alone = super::install(&requirements("flask").wanted, &HashSet::new(), true);
        assert_eq!(alone.packages, ["flask"]);
    }

    #[test]
    fn unknown_names_are_said() {
        let installed = install("flask no-such-package torch", &[]);
        assert_eq!(installed.unknown, ["no-such-package", "torch"]);
    }
}
