//! The versions of languages that projects ask for, as the files that describe them say it.

use super::{Cmd, Model, ScriptKind, paths};

/// The most commands whose projects are looked at.
const MAX_COMMANDS: usize = 16;

/// A version as far as it is said: `1`, `1.25`, `1.25.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second one.
    pub minor: Option<u32>,
    /// The third one.
    pub patch: Option<u32>,
}

impl Version {
    /// Reads one, with nothing behind it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| number.parse::<u32>().ok());
        let major = numbers.next()??;
        let (minor, patch) = (numbers.next(), numbers.next());
        let is_sound = numbers.next().is_none() && minor != Some(None) && patch != Some(None);
        is_sound.then_some(Self { major, minor: minor.flatten(), patch: patch.flatten() })
    }

    /// True if this is surely older than `other`: what is not said may be the newest there is.
    #[must_use]
    pub fn is_older(self, other: Self) -> bool {
        if self.major != other.major {
            return self.major < other.major;
        }
        let (Some(own), Some(theirs)) = (self.minor, other.minor) else { return false };
        if own != theirs {
            return own < theirs;
        }
        self.patch.zip(other.patch).is_some_and(|(own, theirs)| own < theirs)
    }
}

/// The version in the line `go 1.25.7` of a `go.mod`.
#[must_use]
pub fn go_version(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| {
        let mut words = line.split("//").next()?.split_whitespace();
        (words.next() == Some("go")).then(|| words.next()).flatten()
    })
}

/// What a `Cargo.toml` and the lock file beside it ask for: the version of Rust, and what says so.
#[must_use]
pub fn rust_version(manifest: &str, lock: Option<&str>) -> Vec<(Version, String)> {
    let mut found = Vec::new();
    let table = manifest.parse::<toml::Table>().unwrap_or_default();
    let package = table.get("package").and_then(toml::Value::as_table);
    let workspace = table.get("workspace").and_then(|w| w.get("package"));
    // `rust-version.workspace = true`.
    let key = |name: &str| {
        let own = package?.get(name)?;
        let inherits = own.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        if inherits { workspace?.get(name)?.as_str() } else { own.as_str() }
    };
    let mut add = |version: &str, what: String| {
        found.extend(Version::parse(version).map(|version| (version, what)));
    };
    if let Some(version) = key("rust-version") {
        add(version, format!("`rust-version = \"{version}\"`"));
    }
    match key("edition") {
        Some("2024") => add("1.85", "`edition = \"2024\"`".to_owned()),
        Some("2021") => add("1.56", "`edition = \"2021\"`".to_owned()),
        _ => {}
    }
    let written = lock.and_then(|lock| lock.lines().take(8).find_map(|line| line.strip_prefix("version = ")));
    if written.is_some_and(|version| version.trim() == "4") {
        add("1.78", "version 4 of the lock file".to_owned());
    }
    found
}

/// What a `pyproject.toml` says of the versions of Python that it runs on.
#[must_use]
pub fn requires_python(manifest: &str) -> Option<String> {
    let table = manifest.parse::<toml::Table>().ok()?;
    table.get("project")?.get("requires-python")?.as_str().map(str::to_owned)
}

/// True if a version of Python, of which two numbers are known, surely lies outside of a specifier such as `>=3.10,<4`.
#[must_use]
pub fn is_outside_python(specifier: &str, (major, minor): (u32, u32)) -> bool {
    let have = Version { major, minor: Some(minor), patch: None };
    specifier.split(',').map(str::trim).any(|clause| {
        let of = |mark: &str| clause.strip_prefix(mark).map(str::trim).and_then(Version::parse);
        if let Some(least) = of(">=") {
            return have.is_older(least);
        }
        if let Some(end) = of("<").filter(|_| !clause.starts_with("<=")) {
            // `<3.12` and `<3.12.0` leave out all of 3.12, `<3.12.4` does not.
            let whole = Version { patch: None, ..end };
            let same = (have.major, have.minor) == (whole.major, whole.minor.or(Some(0)));
            let is_whole = matches!(end.patch, None | Some(0));
            return Version { minor: whole.minor.or(Some(0)), ..whole }.is_older(have) || same && is_whole;
        }
        false
    })
}

/// What a `package.json` says of the versions of Node.js that it runs on.
#[must_use]
pub fn node_engines(manifest: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
    manifest.get("engines")?.get("node")?.as_str().map(str::to_owned)
}

/// True if all versions of Node.js with this first number surely lie outside of a range such as `^18 || >=20`.
#[must_use]
pub fn is_outside_node(range: &str, major: u32) -> bool {
    let leaves_out = |alternative: &str| {
        let mut words = alternative.split_whitespace();
        // `1 - 2`, and `>= 18` in two words.
        if words.clone().any(|word| matches!(word, "-" | ">=" | "<=" | ">" | "<" | "^" | "~" | "=")) {
            return false;
        }
        words.any(|word| {
            let digits = |text: &str| {
                let text = text.trim_start_matches('v');
                let first = text.split('.').next().filter(|first| !first.is_empty())?;
                first.parse::<u32>().ok()
            };
            if let Some(rest) = word.strip_prefix(">=").or_else(|| word.strip_prefix('>')) {
                return digits(rest).is_some_and(|least| major < least);
            }
            if let Some(rest) = word.strip_prefix("<=") {
                return digits(rest).is_some_and(|most| most < major);
            }
            if let Some(rest) = word.strip_prefix('<') {
                let mut rest = rest.trim_start_matches('v').split('.').map(str::parse::<u32>);
                let Some(Ok(end)) = rest.next() else { return false };
                let is_whole = rest.all(|number| number == Ok(0));
                return end < major || end == major && is_whole;
            }
            let rest = word.trim_start_matches(['^', '~', '=']);
            digits(rest).is_some_and(|only| only != major)
        })
    };
    let alternatives: Vec<&str> = range.split("||").map(str::trim).collect();
    !alternatives.is_empty() && alternatives.iter().all(|alternative| leaves_out(alternative))
}

impl Model {
    /// The commands that go by the version that their project asks for: those of Go, Cargo, and installs of Python and
    /// Node.js.
    pub fn versioned_commands(&self) -> impl Iterator<Item = Cmd<'_>> {
        let names = ["go", "cargo", "pip", "uv", "npm", "yarn", "pnpm"];
        let is_run = |cmd: &Cmd<'_>| {
            let script = cmd.script();
            script.kind == ScriptKind::Run && !script.onbuild && !script.changes_folder
        };
        names.into_iter().flat_map(move |name| self.commands_named(name).filter(is_run).take(MAX_COMMANDS))
    }

    /// The file of the build context that is beside `cmd` as it runs, copied or mounted.
    #[must_use]
    pub fn file_beside(&self, cmd: &Cmd<'_>, name: &str) -> Option<String> {
        if cmd.script().changes_folder {
            return None;
        }
        let folder = self.workdir(cmd.step()).known()?;
        self.source_of(cmd.stage()?, cmd.step(), &paths::join(folder, name)?, false)
    }

    /// The files that say which versions projects ask for, and those that have another one installed, as paths of the
    /// build context.
    #[must_use]
    pub(super) fn version_files(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for cmd in self.versioned_commands() {
            let names: &[&str] = match cmd.program() {
                "go" => &["go.mod"],
                "cargo" => &["Cargo.toml", "Cargo.lock", "rust-toolchain", "rust-toolchain.toml"],
                "pip" | "uv" => &["pyproject.toml"],
                _ => &["package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"],
            };
            for name in names {
                let path = self.file_beside(&cmd, name);
                found.extend(path.filter(|path| !found.contains(path)));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_may_be_the_newest() {
        for (have, want, older) in [
            ("1.21", "1.22", true),
            ("1.21", "1.21.5", false),
            ("1.21.4", "1.21.5", true),
            ("1.22", "1.21.5", false),
            ("1", "1.30", false),
            ("1.9", "1.10", true),
            ("17", "18", true),
        ] {
            let is_older = Version::parse(have).unwrap().is_older(Version::parse(want).unwrap());
            assert_eq!(is_older, older, "{have} {want}");
        }
        assert_eq!(Version::parse("1.22rc1"), None);
        assert_eq!(Version::parse("1.2.3.4"), None);
    }

    #[test]
    fn manifests_say_versions() {
        assert_eq!(go_version("module a\n\ngo 1.25.7 // why\n\ntoolchain go1.26.1\n"), Some("1.25.7"));
        assert_eq!(go_version("module a\n"), None);
        let versions = |manifest: &str, lock: Option<&str>| -> Vec<String> {
            rust_version(manifest, lock).into_iter().map(|(_, what)| what).collect()
        };
        let own = "[package]\nname = \"a\"\nrust-version = \"1.80\"\nedition = \"2018\"\n";
        assert_eq!(versions(own, Some("# made\nversion = 3\n")), ["`rust-version = \"1.80\"`"]);
        let inherits = "[package]\nrust-version.workspace = true\nedition = \"2024\"\n[workspace.package]\nrust-version = \"1.86\"\n";
        let want = ["`rust-version = \"1.86\"`", "`edition = \"2024\"`", "version 4 of the lock file"];
        assert_eq!(versions(inherits, Some("# made\n# by\nversion = 4\n")), want);
        let of_others = "[workspace]\n[workspace.package]\nrust-version = \"1.86\"\n";
        assert!(versions(of_others, None).is_empty());
    }

    #[test]
    fn specifiers_of_python_leave_versions_out() {
        for (specifier, minor, outside) in [
            (">=3.10", 9, true),
            (">=3.10", 10, false),
            (">=3.10.4", 10, false),
            (">= 3.10 , <4", 9, true),
            (">=3.8,<3.12", 12, true),
            (">=3.8,<3.12", 11, false),
            ("<3.12.4", 12, false),
            ("<3.12.4", 13, true),
            ("<=3.12", 13, false),
            ("<4", 13, false),
            ("!=3.9.*", 9, false),
            ("~=3.10", 9, false),
            ("", 9, false),
        ] {
            assert_eq!(is_outside_python(specifier, (3, minor)), outside, "{specifier} 3.{minor}");
        }
    }

    #[test]
    fn ranges_of_node_leave_versions_out() {
        for (range, major, outside) in [
            (">=20", 18, true),
            (">=20.1.0", 20, false),
            ("^18 || >=20", 19, true),
            ("^18 || >=20", 18, false),
            ("18.x", 20, true),
            ("20", 20, false),
            ("~20.4", 22, true),
            (">=16 <19", 20, true),
            (">=16 <19.0.0", 19, true),
            (">=16 <19.2.0", 19, false),
            (">= 20", 18, false),
            ("16 - 18", 20, false),
            ("*", 18, false),
            ("lts/*", 18, false),
            ("", 18, false),
        ] {
            assert_eq!(is_outside_node(range, major), outside, "{range} {major}");
        }
    }
}
