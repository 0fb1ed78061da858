//! What the commands of pip in a Dockerfile add to its image.

use std::collections::HashSet;

use crate::knowledge::{Action, ManagerId, WHEELS_DATE, wheel};
use crate::semantic::{
    Analysis, Asked, Base, Cmd, CommandId, Requirement, ScriptKind, Stage, requirement, requirements,
};

use super::MAX_LINEAGE;
use super::environment::Environment;
use super::pip::{InstalledWheels, install as install_wheels};

/// How far off the newest wheels for CPython 3.12 are of other versions, in percent.
pub(super) const WHEEL_SLACK: (u64, u64) = (18, 18);

/// More commands of one stage than that are not looked at.
const MAX_INSTALLS: usize = 200;
/// Options that say where from or in which form, so that the table does not count.
const OTHER_FORMS: [&str; 3] = ["--no-index", "--no-binary", "--only-group"];
/// Options that install into a folder of its own.
const OTHER_FOLDERS: [&str; 4] = ["-t", "--target", "--prefix", "--root"];

/// What one `pip install` adds to what is there already.
#[derive(Debug)]
pub struct PipInstall<'m> {
    /// The command.
    pub cmd: Cmd<'m>,
    /// What it adds, as far as it is known.
    pub adds: InstalledWheels,
    /// Bytes of what it installs, with byte code if it compiles it.
    pub bytes: u64,
    /// Bytes that it may write beside: of packages whose version may be another one.
    pub doubtful: u64,
    /// Bytes of byte code of other packages, which older versions of uv write as well.
    pub older: u64,
    /// What is not known, for people: "`torch`", "what `requirements.txt` names".
    pub unknown: Vec<String>,
    /// The folder that it installs into, as an absolute path, where that is known.
    pub folder: Option<String>,
}

/// The install that is the command `id`, of those of a stage in their order.
pub(super) fn install_of<'i, 'm>(
    installs: &'i [PipInstall<'m>],
    id: CommandId,
) -> Option<&'i PipInstall<'m>> {
    installs.get(installs.binary_search_by_key(&id, |install| install.cmd.id()).ok()?)
}

/// The Python version of a base image: `(3, 11)` of `python:3.11-slim`.
#[must_use]
pub fn python_version(model: &Analysis, stage: &Stage) -> Option<(u32, u32)> {
    let Base::Image(image) = model.root_base(stage) else { return None };
    if !image.is_official() || image.familiar_path() != "python" {
        return None;
    }
    let mut numbers = image.tag.as_deref()?.split('-').next()?.split('.').map(|n| n.parse::<u32>().ok());
    Some((numbers.next()??, numbers.next()??))
}

/// True for `python -m venv` and `virtualenv`.
#[must_use]
pub fn makes_environment(cmd: &Cmd<'_>) -> bool {
    let module = |name: &str| {
        cmd.args().first().is_some_and(|w| w.is("-m")) && cmd.args().get(1).is_some_and(|w| w.is(name))
    };
    let program = cmd.program();
    program == "virtualenv"
        || program.starts_with("python") && (module("venv") || module("virtualenv"))
        || program == "uv" && cmd.subcommand().as_deref() == Some("venv")
}

/// The folder of the environment that [`makes_environment`], as an absolute path.
#[must_use]
pub fn environment_folder(cmd: &Cmd<'_>) -> Option<String> {
    let skipped = if cmd.program().starts_with("python") { 2 } else { 0 };
    let mut words = cmd.args().iter().skip(skipped);
    let word = words.rfind(|w| !w.static_prefix().starts_with('-') && !w.is("venv"))?;
    cmd.paths_of(word).pop()
}

/// The path that an option names: `--prefix=/install`, `--target /deps`.
fn option_path(cmd: &Cmd<'_>, option: &str) -> Option<String> {
    let at = cmd.args().iter().position(|w| {
        let text = w.static_prefix();
        text == option || text.strip_prefix(option).is_some_and(|rest| rest.starts_with('='))
    })?;
    match cmd.args()[at].as_str()?.split_once('=') {
        Some((_, path)) => cmd.absolute(path),
        None => cmd.paths_of(cmd.args().get(at + 1)?).pop(),
    }
}

/// The installs of pip in `stage`, in the order of its steps; what the stages that it starts from have
/// installed is there already.
#[must_use]
pub fn pip_installs<'m>(model: &'m Analysis, stage: &'m Stage) -> Vec<PipInstall<'m>> {
    if !["pip", "uv"].iter().any(|n| model.commands_named(n).next().is_some()) {
        return Vec::new();
    }
    let version = python_version(model, stage);
    // Old ones get old versions.
    let is_old = version.is_some_and(|v| v < (3, 8));
    let has_tools = version.is_some_and(|v| v < (3, 12));
    let base =
        || if has_tools { HashSet::from(["pip", "setuptools", "wheel"]) } else { HashSet::from(["pip"]) };
    let mut there = Environment::new(base());
    // Where packages go: the last environment, or the interpreter's own folder.
    let mut folder = version.map(|(a, b)| format!("/usr/local/lib/python{a}.{b}/site-packages"));
    let mut lineage: Vec<&Stage> = model.lineage(stage).take(MAX_LINEAGE).collect();
    lineage.reverse();
    let mut found: Vec<PipInstall<'m>> = Vec::new();
    for part in lineage {
        let commands = part.steps.clone().flat_map(|step| model.commands_of(step));
        let runs = commands.filter(|c| c.script().kind == ScriptKind::Run && !c.script().onbuild);
        let ours = runs.filter(|c| makes_environment(c) || is_install(c) || is_removal(c));
        for cmd in ours.take(MAX_INSTALLS) {
            if makes_environment(&cmd) {
                there = Environment::new(base());
                folder = environment_folder(&cmd);
            }
            if is_removal(&cmd) {
                remove(&cmd, &mut there, &mut found);
                continue;
            }
            let Some(mut install) = self::install(model, cmd, &mut there) else { continue };
            install.folder = install.folder.or_else(|| folder.clone());
            if part.index != stage.index {
                continue;
            }
            if is_old {
                install.adds = InstalledWheels::default();
                install.bytes = 0;
                (install.doubtful, install.older) = (0, 0);
                install.unknown = vec!["packages for an old Python".to_owned()];
            }
            found.push(install);
        }
    }
    found
}

/// Takes away what a command removes; what an install of the same step has brought is not added then.
fn remove(cmd: &Cmd<'_>, there: &mut Environment, installs: &mut [PipInstall<'_>]) {
    for name in cmd.operands().iter().filter_map(|word| word.as_str()) {
        let Some(id) = wheel(&name.to_ascii_lowercase().replace(['_', '.'], "-")) else { continue };
        let compiled = there.remove(id.name());
        let mut own = installs.iter_mut().rev().take_while(|install| install.cmd.step() == cmd.step());
        let Some(install) = own.find(|install| install.adds.packages.contains(&id.name())) else { continue };
        let weight = id.weight();
        install.adds.packages.retain(|package| *package != id.name());
        let bytes = weight.files + if compiled { weight.compiled } else { 0 };
        install.bytes = install.bytes.saturating_sub(bytes);
    }
}

/// True if `cmd` removes Python packages.
fn is_removal(cmd: &Cmd<'_>) -> bool {
    cmd.is(ManagerId::Pip, Action::Remove)
        || cmd.program() == "uv" && cmd.args().get(1).is_some_and(|w| w.is("uninstall"))
}

/// True if `cmd` installs Python packages that it names, or that files name.
fn is_install(cmd: &Cmd<'_>) -> bool {
    let is_pip = cmd.is(ManagerId::Pip, Action::Install) && cmd.is_subcommand("install");
    (is_pip || cmd.is(ManagerId::Uv, Action::Install) && cmd.is_subcommand("pip install"))
        && !cmd.is_dry_run()
}

fn install<'m>(model: &'m Analysis, cmd: Cmd<'m>, environment: &mut Environment) -> Option<PipInstall<'m>> {
    if !is_install(&cmd) {
        return None;
    }
    let mut unknown = Vec::new();
    let mut wanted: Vec<Requirement> = Vec::new();
    for word in cmd.operands() {
        let text = word.literal().map(|t| requirement(&t));
        match text {
            Some(Asked::Package(package)) => wanted.push(package),
            Some(Asked::Elsewhere) => {}
            Some(Asked::Unknown) | None => unknown.push(format!("`{}`", cmd.model.text(word.span))),
        }
    }
    if cmd.has_any_flag(&["-e", "--editable"]) {
        unknown.push("the project itself".to_owned());
    }
    for file in cmd.requirement_files() {
        let text = file.as_deref().and_then(|f| Some((f, model.text_of(f)?)));
        let Some((path, text)) = text else {
            unknown.push(match file {
                Some(path) => format!("what `{path}` names"),
                None => "what a file names".to_owned(),
            });
            continue;
        };
        let read = requirements(text);
        if read.unknown > 0 {
            unknown.push(format!("{} of `{path}`", count(read.unknown, "line", "lines")));
        }
        wanted.extend(read.wanted);
    }
    if cmd.has_any_flag(&OTHER_FORMS) {
        unknown.push("packages in another form".to_owned());
        wanted.clear();
    }
    let elsewhere = cmd.has_any_flag(&OTHER_FOLDERS);
    let mut other = Environment::default();
    let environment = if elsewhere { &mut other } else { environment };
    let maybe = environment.forget_replaced(&cmd, &wanted);
    let adds = install_wheels(&wanted, &environment.have, cmd.has_any_flag(&["--no-deps"]));
    unknown.extend(adds.unknown.iter().map(|name| format!("`{name}`")));
    let uv = cmd.usage.manager.is_some_and(|m| m.id == ManagerId::Uv);
    let compiles = match uv {
        true => {
            cmd.has_any_flag(&["--compile-bytecode", "--compile"])
                || cmd.setting("UV_COMPILE_BYTECODE").is_some()
        }
        false => !cmd.has_flag("--no-compile"),
    };
    environment.add(&wanted, &adds);
    let compiled = match compiles {
        false => 0,
        _ => {
            environment.compiled.extend(adds.packages.iter().copied());
            adds.compiled
        }
    };
    let bytes = adds.files + compiled;
    // Older versions of uv compile all that is there, and not only what they install.
    let mut older = if compiles && uv { environment.compile_all() } else { 0 };
    let of_base = |name: &&&'static str| compiles && uv && !elsewhere && environment.of_base.contains(**name);
    let base = environment.of_base.iter().filter(|name| of_base(name)).filter_map(|name| wheel(name));
    older += base.map(|id| id.weight().compiled).sum::<u64>();
    if compiles && uv {
        environment.of_base.clear();
    }
    // A home that is not known is no folder.
    let home = || cmd.has_flag("--user").then(String::new);
    let folder = OTHER_FOLDERS.iter().find_map(|f| option_path(&cmd, f)).or_else(home);
    Some(PipInstall { cmd, adds, bytes, doubtful: maybe, older, unknown, folder })
}

/// `1 line`, `3 lines`.
fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Where the figures of packages come from.
pub(super) fn source() -> String {
    format!("Python package index, {}", WHEELS_DATE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{BuildContext, Model, Texts};
    use crate::syntax::parse;
    use crate::text::Source;

    /// For each install of the last stage: how many packages, and what is unknown.
    fn found(text: &str) -> Vec<(usize, String)> {
        let file = parse(Source::from_text("Dockerfile", format!("{text}\n")));
        let requirements = "flask==3.0.3\nNo_Such\n-r more.txt\nhttps://example.com/a.whl\n";
        let texts: Texts = [("requirements.txt", requirements), ("flask.txt", "flask\n")]
            .map(|(p, t)| (p.into(), t.into()))
            .into_iter()
            .collect();
        let context = BuildContext { texts, ..BuildContext::default() };
        let model = Analysis::new(Model::new(file)).with_context(Some(context.into()));
        let installs = pip_installs(&model, model.final_stage().unwrap());
        installs.iter().map(|i| (i.adds.packages.len(), i.unknown.join(", "))).collect()
    }

    #[test]
    fn names_come_from_words_and_files() {
        for (run, want) in [
            ("pip install flask", (7, "")),
            ("python -m pip install 'Flask>=3' 'tzdata;sys_platform==\"win32\"'", (7, "")),
            ("uv pip install --system flask", (7, "")),
            ("pip install --no-deps flask", (1, "")),
            ("pip install flask torch", (7, "`torch`")),
            ("pip install .", (0, "`.`")),
            ("pip install -e .", (0, "the project itself")),
            ("pip install flask $MORE", (7, "`$MORE`")),
            ("pip install -r flask.txt", (7, "")),
            ("pip install -r requirements.txt", (7, "2 lines of `requirements.txt`, `no-such`")),
            ("pip install -r other.txt", (0, "what `other.txt` names")),
            ("pip install -r /elsewhere/other.txt", (0, "what a file names")),
            ("pip install --no-binary :all: flask", (0, "packages in another form")),
            ("pip install -U pip setuptools wheel", (4, "")),
            ("pip install pip setuptools", (0, "")),
        ] {
            let text = format!("FROM python:3.11-slim\nWORKDIR /a\nCOPY *.txt ./\nRUN {run}");
            assert_eq!(found(&text), [(want.0, want.1.to_owned())], "{run}");
        }
        assert_eq!(found("FROM python:3.12\nRUN pip install pip setuptools"), [(1, String::new())]);
        assert_eq!(found("FROM python:3.12\nRUN pip download flask && pip install --dry-run flask"), []);
        let old = found("FROM python:2.7\nRUN pip install flask");
        assert_eq!(old, [(0, "packages for an old Python".to_owned())]);
    }

    #[test]
    fn other_versions_are_written_anew() {
        let packages = |runs: &[&str]| {
            let runs: String = runs.iter().map(|run| format!("RUN {run}\n")).collect();
            found(&format!("FROM python:3.12\n{runs}")).iter().map(|f| f.0).collect::<Vec<_>>()
        };
        let once = "pip install flask==3.0.3";
        assert_eq!(packages(&[once, once]), [7, 0]);
        assert_eq!(packages(&[once, "pip install flask==3.1"]), [7, 1]);
        assert_eq!(packages(&[once, "pip install -U flask"]), [7, 1]);
        assert_eq!(packages(&[once, "pip install 'flask>=3'"]), [7, 0]);
        assert_eq!(packages(&[once, "pip install --force-reinstall flask==3.0.3"]), [7, 7]);
        assert_eq!(packages(&[once, "pip install --force-reinstall --no-deps flask"]), [7, 1]);
        assert_eq!(packages(&["pip install flask", "pip install -U flask"]), [7, 0]);
        assert_eq!(packages(&[once, "pip uninstall -y flask", once]), [7, 1]);
        assert_eq!(packages(&["pip install flask && pip uninstall -y flask"]), [6]);
    }

    #[test]
    fn what_is_installed_is_there() {
        let text = "FROM python:3.12 AS a\nRUN pip install flask\nFROM a\nRUN pip install flask gunicorn\n\
                    RUN python -m venv /v && /v/bin/pip install flask\nRUN pip install -t /x flask && pip install flask";
        let packages: Vec<usize> = found(text).iter().map(|f| f.0).collect();
        assert_eq!(packages, [1, 7, 7, 0]);
    }
}
