//! What uv installs, by the sizes of wheels that a lock file has: `uv.lock`, or `pylock.toml` (PEP 751).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use crate::knowledge::wheel;
use crate::semantic::{Analysis, Base, Cmd, Stage, marker_holds};

use super::python::WHEEL_SLACK;

/// Unpacked bytes by the bytes of a wheel, in tenths: the least, the likely and the most. Of 449 wheels of the table
/// the median is 3.2, and of five of them together 96 % lie within the range.
const UNPACKED: (u64, u64, u64) = (16, 32, 60);
/// Byte code by the bytes of the files, in tenths: of those 449 the likely share of a larger install, and the most.
const COMPILED: (u64, u64) = (4, 12);
/// What an environment has of its own beside packages: scripts and links.
const ENVIRONMENT: u64 = 60_000;
/// Options that do not change what is installed, or do what is read here.
const KNOWN: [&str; 20] = [
    "--frozen",
    "--locked",
    "--no-dev",
    "--no-install-project",
    "--no-install-workspace",
    "--no-editable",
    "--compile-bytecode",
    "--no-cache",
    "--no-cache-dir",
    "-n",
    "--all-extras",
    "--extra",
    "--group",
    "--no-default-groups",
    "--link-mode",
    "--no-progress",
    "--quiet",
    "-q",
    "--verbose",
    "-v",
];

/// What one command adds by a lock file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Synced {
    /// How many packages.
    pub(super) packages: usize,
    /// Bytes of their files, and of byte code if it is compiled.
    pub(super) bytes: u64,
    pub(super) range: (u64, u64),
    /// What is not known, for people.
    pub(super) unknown: Vec<String>,
    /// The name of the lock file.
    pub(super) lock: String,
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
    /// Those of `pylock.toml`, which is flat.
    #[serde(default)]
    packages: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    /// Of `pylock.toml` alone.
    marker: Option<String>,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    dependencies: Vec<Dependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    wheels: Vec<Wheel>,
}

#[derive(Default, Deserialize)]
struct Source {
    editable: Option<String>,
    #[serde(rename = "virtual")]
    virtual_: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    marker: Option<String>,
    #[serde(default)]
    extra: Vec<String>,
}

#[derive(Deserialize)]
struct Wheel {
    #[serde(default)]
    url: String,
    /// `name` in `pylock.toml`.
    #[serde(default, alias = "name")]
    filename: String,
    size: Option<u64>,
}

/// The lock files that were read, each once.
#[derive(Default)]
pub(super) struct Locks(RefCell<HashMap<String, Option<Lock>>>);

/// What `uv sync` adds to what earlier ones of its stage have installed, whose names are in `there`; `None` if it is
/// another command, or nothing is known of its lock file.
pub(super) fn synced(
    model: &Analysis,
    stage: &Stage,
    cmd: &Cmd<'_>,
    locks: &Locks,
    there: &mut HashSet<String>,
) -> Option<Synced> {
    if cmd.program() != "uv" || !brings_python(model, stage) {
        return None;
    }
    let mut locks = locks.0.borrow_mut();
    if let Some(path) = pylock(cmd) {
        let lock = locks.entry(path).or_insert_with_key(|path| toml::from_str(model.text_of(path)?).ok());
        let synced = lock.as_ref()?.all(cmd, there);
        return Some(Synced { lock: "pylock.toml".to_owned(), ..synced });
    }
    if !cmd.is_subcommand("sync") {
        return None;
    }
    let options = cmd.args().iter().map(|w| w.static_prefix()).filter(|text| text.starts_with('-'));
    let name = |text: &'_ str| text.split('=').next().unwrap_or(text).to_owned();
    if !options.into_iter().all(|text| KNOWN.contains(&&*name(text))) {
        return None;
    }
    let path = model.source_beside(cmd, "uv.lock")?;
    let lock = locks.entry(path).or_insert_with_key(|path| toml::from_str(model.text_of(path)?).ok());
    Some(Synced { lock: "uv.lock".to_owned(), ..lock.as_ref()?.adds(cmd, there) })
}

/// The `pylock.toml` that a command installs, as `uv pip sync pylock.toml` and `uv pip install -r pylock.prod.toml` do.
fn pylock(cmd: &Cmd<'_>) -> Option<String> {
    let files = cmd.requirement_files();
    let [Some(path)] = &files[..] else { return None };
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_lock = name.strip_prefix("pylock.").is_some_and(|rest| rest == "toml" || rest.ends_with(".toml"));
    (is_lock && cmd.packages().is_empty()).then(|| path.clone())
}

/// True if the image has a Python of its own, so that uv downloads none.
fn brings_python(model: &Analysis, stage: &Stage) -> bool {
    let Base::Image(image) = model.root_base(stage) else { return false };
    let tag = image.tag.as_deref().unwrap_or("");
    image.is_official() && image.familiar_path() == "python"
        || image.path.ends_with("astral-sh/uv") && tag.contains("python")
}

impl Lock {
    fn adds(&self, cmd: &Cmd<'_>, there: &mut HashSet<String>) -> Synced {
        let mut synced = Synced::default();
        let mut by_name: HashMap<&str, Vec<&Package>> = HashMap::new();
        for package in &self.package {
            by_name.entry(&package.name).or_default().push(package);
        }
        let own =
            |p: &&Package| [&p.source.editable, &p.source.virtual_].into_iter().flatten().any(|s| s == ".");
        let Some(root) = self.package.iter().find(own) else {
            synced.unknown.push("what `uv.lock` asks for".to_owned());
            return synced;
        };
        let mut queue: Vec<&Dependency> = root.dependencies.iter().collect();
        for (extra, of) in &root.optional_dependencies {
            if cmd.has_flag("--all-extras") || says(cmd, "--extra", extra) {
                queue.extend(of);
            }
        }
        for (group, of) in &root.dev_dependencies {
            let by_default = group == "dev" && !cmd.has_any_flag(&["--no-dev", "--no-default-groups"]);
            let off = cmd.setting("UV_NO_DEV").is_some();
            if by_default && !off || says(cmd, "--group", group) {
                queue.extend(of);
            }
        }
        if root.source.editable.is_some()
            && !cmd.has_any_flag(&["--no-install-project", "--no-install-workspace"])
        {
            synced.unknown.push("the project itself".to_owned());
        }
        let mut seen: HashSet<(&str, Vec<&str>)> = HashSet::new();
        let mut files = Sum::default();
        while let Some(wanted) = queue.pop() {
            if wanted.marker.as_deref().is_some_and(|marker| !marker_holds(marker))
                || !seen.insert((&wanted.name, wanted.extra.iter().map(String::as_str).collect()))
            {
                continue;
            }
            let [package] = by_name.get(&*wanted.name).map_or(&[][..], Vec::as_slice) else {
                synced.unknown.push(format!("`{}`", wanted.name));
                continue;
            };
            queue.extend(&package.dependencies);
            let extras = wanted.extra.iter().filter_map(|extra| package.optional_dependencies.get(extra));
            queue.extend(extras.flatten());
            synced.add(package, there, &mut files);
        }
        synced.weighs(files, cmd);
        synced
    }

    /// What all packages add whose markers hold.
    fn all(&self, cmd: &Cmd<'_>, there: &mut HashSet<String>) -> Synced {
        let (mut synced, mut files) = (Synced::default(), Sum::default());
        for package in &self.packages {
            if package.marker.as_deref().is_none_or(marker_holds) {
                synced.add(package, there, &mut files);
            }
        }
        synced.weighs(files, cmd);
        synced
    }
}

impl Synced {
    /// Adds a package that is not there yet.
    fn add(&mut self, package: &Package, there: &mut HashSet<String>, files: &mut Sum) {
        if !there.insert(package.name.clone()) {
            return;
        }
        match package.unpacked() {
            Some(sum) => {
                self.packages += 1;
                *files = files.and(sum);
            }
            None => self.unknown.push(format!("`{}`", package.name)),
        }
    }

    /// Takes over what the packages weigh, with byte code if that is written.
    fn weighs(&mut self, mut files: Sum, cmd: &Cmd<'_>) {
        if cmd.has_flag("--compile-bytecode") || cmd.setting("UV_COMPILE_BYTECODE").is_some() {
            let (likely, most) = COMPILED;
            files.likely += files.likely.saturating_mul(likely) / 10;
            files.most = files.most.saturating_add(files.most.saturating_mul(most) / 10);
        }
        self.bytes = files.likely;
        self.range = (files.least, files.most.saturating_add(ENVIRONMENT));
    }
}

/// True if an option with this value is given: `--extra web`, `--extra=web`.
fn says(cmd: &Cmd<'_>, option: &str, value: &str) -> bool {
    let joined = |w: &&crate::shell::Word| w.as_str() == Some(&format!("{option}={value}"));
    cmd.args().iter().any(|w| joined(&w)) || cmd.args().windows(2).any(|w| w[0].is(option) && w[1].is(value))
}

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    least: u64,
    likely: u64,
    most: u64,
}

impl Sum {
    const fn and(self, other: Self) -> Self {
        Self {
            least: self.least.saturating_add(other.least),
            likely: self.likely.saturating_add(other.likely),
            most: self.most.saturating_add(other.most),
        }
    }
}

impl Package {
    /// What its wheel for Linux unpacks to; `None` if there is none, or its size is not there.
    fn unpacked(&self) -> Option<Sum> {
        if let Some(id) = wheel(&self.name) {
            let bytes = id.weight().files;
            let part = |percent: u64| bytes.saturating_mul(percent) / 100;
            return Some(Sum {
                least: part(100 - WHEEL_SLACK.0),
                likely: bytes,
                most: part(100 + WHEEL_SLACK.1),
            });
        }
        let sizes: Vec<u64> =
            self.wheels.iter().filter(|w| w.is_for_linux()).filter_map(|w| w.size).collect();
        let (least, most) = (*sizes.iter().min()?, *sizes.iter().max()?);
        let times = |bytes: u64, tenths: u64| bytes.saturating_mul(tenths) / 10;
        let (low, likely, high) = UNPACKED;
        Some(Sum {
            least: times(least, low),
            likely: times(u64::midpoint(least, most), likely),
            most: times(most, high),
        })
    }
}

impl Wheel {
    fn is_for_linux(&self) -> bool {
        let name = if self.filename.is_empty() {
            self.url.rsplit('/').next().unwrap_or("")
        } else {
            &*self.filename
        };
        name.ends_with("-none-any.whl")
            || name.contains("linux") && name.contains("x86_64") && !name.contains("musllinux")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{BuildContext, Model, Texts};
    use crate::syntax::parse;
    use crate::text::Source;

    const LOCK: &str = r#"
version = 1
[[package]]
name = "app"
source = { SOURCE = "." }
dependencies = [{ name = "own-a" }, { name = "own-win", marker = "sys_platform == 'win32'" }]
[package.optional-dependencies]
web = [{ name = "own-web" }]
[package.dev-dependencies]
dev = [{ name = "own-dev" }]
[[package]]
name = "own-a"
dependencies = [{ name = "own-b" }]
wheels = [{ url = "https://example.com/own_a-1-py3-none-any.whl", size = 1000 }]
[[package]]
name = "own-b"
wheels = [
  { url = "https://example.com/own_b-1-cp312-cp312-manylinux_2_17_x86_64.whl", size = 2000 },
  { url = "https://example.com/own_b-1-cp312-cp312-win_amd64.whl", size = 9000 },
]
[[package]]
name = "own-win"
wheels = [{ url = "https://example.com/own_win-1-py3-none-any.whl", size = 50000 }]
[[package]]
name = "own-web"
wheels = [{ url = "https://example.com/own_web-1-py3-none-any.whl", size = 10000 }]
[[package]]
name = "own-dev"
sdist = { url = "https://example.com/own_dev-1.tar.gz", size = 10 }
"#;

    /// Packages, likely bytes, and what is unknown of each `uv sync` of the last stage.
    fn found(base: &str, source: &str, runs: &str) -> Vec<(usize, u64, String)> {
        let text = format!("FROM {base}\nWORKDIR /app\nCOPY uv.lock ./\n{runs}\n");
        let texts: Texts = [("uv.lock".to_owned(), LOCK.replace("SOURCE", source))].into_iter().collect();
        let context = BuildContext { texts, ..BuildContext::default() };
        let model = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))))
            .with_context(Some(context.into()));
        let stage = model.final_stage().unwrap();
        let mut there = HashSet::new();
        let commands: Vec<Cmd<'_>> = model.commands().collect();
        let each =
            commands.iter().filter_map(|cmd| synced(&model, stage, cmd, &Locks::default(), &mut there));
        each.map(|s| (s.packages, s.bytes, s.unknown.join(", "))).collect()
    }

    #[test]
    fn what_the_lock_names_is_known() {
        let run = |run: &str| found("python:3.12-slim", "virtual", &format!("RUN uv sync {run}"));
        assert_eq!(run("--frozen --no-dev"), [(2, 9600, String::new())]);
        assert_eq!(run("--locked --no-dev --extra web"), [(3, 41_600, String::new())]);
        assert_eq!(run("--locked --no-dev --all-extras"), [(3, 41_600, String::new())]);
        assert_eq!(run("--no-dev --compile-bytecode"), [(2, 13_440, String::new())]);
        // It has to be built.
        assert_eq!(run("--frozen"), [(2, 9600, "`own-dev`".to_owned())]);
        // What is there is not installed again.
        let twice = "RUN uv sync --frozen --no-dev --no-install-project\nRUN uv sync --frozen --no-dev";
        let both = found("python:3.12-slim", "editable", twice);
        assert_eq!(both, [(2, 9600, String::new()), (0, 0, "the project itself".to_owned())]);
    }

    #[test]
    fn a_flat_lock_is_installed_whole() {
        let flat = "lock-version = '1.0'\n[[packages]]\nname = 'own-a'\n[[packages.wheels]]\n\
            name = 'own_a-1-py3-none-any.whl'\nsize = 1000\n[[packages]]\nname = 'own-win'\n\
            marker = \"sys_platform == 'win32'\"\n[[packages]]\nname = 'own-sdist'\n";
        let found = |run: &str| {
            let text = format!("FROM python:3.12-slim\nWORKDIR /app\nCOPY pylock.toml ./\nRUN {run}\n");
            let texts: Texts = [("pylock.toml".to_owned(), flat.to_owned())].into_iter().collect();
            let context = BuildContext { texts, ..BuildContext::default() };
            let model = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
            assert_eq!(model.read_files().len(), usize::from(run.contains("pylock")), "{run}");
            let model = model.with_context(Some(context.into()));
            let stage = model.final_stage().unwrap();
            let cmd = model.commands().next().unwrap();
            synced(&model, stage, &cmd, &Locks::default(), &mut HashSet::new())
                .map(|s| (s.packages, s.bytes, s.unknown.join(", ")))
        };
        let wanted = Some((1, 3200, "`own-sdist`".to_owned()));
        assert_eq!(found("uv pip sync --system pylock.toml"), wanted);
        assert_eq!(found("uv pip install --system -r pylock.toml"), wanted);
        assert_eq!(found("uv pip install --system -r pylock.toml flask"), None);
        assert_eq!(found("uv pip list"), None);
    }

    #[test]
    fn what_the_lock_does_not_tell_is_not_known() {
        assert_eq!(found("debian:12", "virtual", "RUN uv sync --frozen --no-dev"), []);
        assert_eq!(found("python:3.12-slim", "virtual", "RUN uv sync --frozen --only-group lint"), []);
        assert_eq!(found("python:3.12-slim", "virtual", "RUN uv pip sync uv.lock"), []);
        assert_eq!(found("python:3.12-slim", "virtual", "RUN cd /other && uv sync --frozen"), []);
        let other = found("python:3.12-slim", "registry", "RUN uv sync --frozen --no-dev");
        assert_eq!(other, [(0, 0, "what `uv.lock` asks for".to_owned())]);
    }
}
