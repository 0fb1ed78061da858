//! What commands write, and where.

use crate::knowledge::{Action, ManagerId};
use crate::semantic::{Base, Cmd, CopyUse, Grammar};
use crate::shell::{RedirectKind, Word};
use crate::syntax::Mount;

/// Managers that write the dependencies into the project's folder.
const INTO_PROJECT: [ManagerId; 6] =
    [ManagerId::Bun, ManagerId::Composer, ManagerId::Npm, ManagerId::Pnpm, ManagerId::Uv, ManagerId::Yarn];

/// Options that send what is written elsewhere.
const ELSEWHERE: [&str; 10] = [
    "-g",
    "--global",
    "--prefix",
    "-C",
    "--cwd",
    "--dir",
    "-d",
    "--working-dir",
    "--system",
    "--modules-folder",
];

/// Options of other programs that do so, for all that a build writes.
const SENDING_OPTIONS: [&str; 16] = [
    "--build-dir",
    "--dest",
    "--dist-dir",
    "--distDir",
    "--modules-dir",
    "--out",
    "--out-dir",
    "--outDir",
    "--outdir",
    "--output",
    "--output-path",
    "--target-dir",
    "--virtual-store-dir",
    "-DbuildDirectory",
    "-Dproject.build.directory",
    "-PbuildDir",
];

/// Variables that do so.
const SENDING_VARIABLES: [&str; 5] = [
    "BUILD_PATH",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_TARGET_DIR",
    "COMPOSER_VENDOR_DIR",
    "UV_PROJECT_ENVIRONMENT",
];

/// Folders of a project that its dependencies are installed into.
const PROJECT_FOLDERS: [&str; 3] = ["node_modules", ".venv", "vendor"];

/// mkdir(1).
const MKDIR: Grammar = Grammar { short: "m", long: &["mode"] };

/// What a command changes.
#[derive(Debug)]
pub(super) enum Change {
    /// It writes into this folder.
    Into(String, Written),
    /// It makes these folders, with those above them, where they are not there yet.
    Folders(Vec<String>),
    /// It changes owner or mode of these files.
    Mode(Vec<String>),
}

/// What a command writes into a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// A new file, whatever is there.
    File,
    /// What may be there already, so that the folder stays as it is.
    Perhaps,
    /// A folder of its own, as `node_modules`.
    Project,
}

/// What a command changes, as far as it is known; of several folders the first that is root's counts.
pub(super) fn changes(cmd: &Cmd<'_>) -> Vec<Change> {
    let own = match cmd.usage.manager {
        Some(_) => of_manager(cmd).into_iter().collect(),
        None => of_program(cmd),
    };
    if own.is_empty() { redirected(cmd) } else { own }
}

/// The folder that a command runs in.
fn folder(cmd: &Cmd<'_>) -> Option<String> {
    let folder = cmd.model.workdir(cmd.step()).known().filter(|_| !cmd.script().changes_folder)?;
    Some(folder.trim_end_matches('/').to_owned())
}

fn of_manager(cmd: &Cmd<'_>) -> Option<Change> {
    let manager = cmd.usage.manager?;
    if is_sent_elsewhere(cmd) {
        return None;
    }
    if manager.id == ManagerId::Npm && installs_globally(cmd) {
        return Some(Change::Into("/usr/local/lib/node_modules".to_owned(), Written::File));
    }
    let project = |written| Some(Change::Into(folder(cmd)?, written));
    // The folder of what is built may be a cache.
    let mounts = !cmd.model.instruction(cmd.step()).mounts.is_empty();
    let builds = matches!(manager.id, ManagerId::Cargo | ManagerId::Maven | ManagerId::Gradle)
        && cmd.builds_program()
        && !cmd.has_any_flag(&[
            "--target-dir",
            "-f",
            "--file",
            "-p",
            "--project-dir",
            "--project-cache-dir",
            "--manifest-path",
        ])
        && !mounts;
    if builds {
        // Modules of Maven have folders of their own.
        return project(if manager.id == ManagerId::Maven { Written::Perhaps } else { Written::Project });
    }
    // What it builds, and the cache of that, is put beside the sources.
    if cmd.builds_front_end()
        && !mounts
        && !cmd.args().iter().any(|word| word.is("--"))
        && !cmd.has_any_flag(&ELSEWHERE)
    {
        return project(Written::Perhaps);
    }
    if manager.id == ManagerId::Go && cmd.is_subcommand("build") {
        let out = cmd.option_value(&["-o"])?;
        return (!mounts && !cmd.has_any_flag(&["-C"])).then(|| file(cmd, out, Written::File))?;
    }
    if manager.id == ManagerId::Uv && cmd.is_subcommand("venv") {
        let name = cmd.operands().first().map_or(Some(".venv"), |w| w.as_str())?;
        return new_folder(cmd, name).into_iter().next();
    }
    let installs = cmd.usage.action == Action::Install && INTO_PROJECT.contains(&manager.id);
    let of_project = manager.id != ManagerId::Uv || cmd.is_subcommand("sync");
    // What is mounted may be the user's.
    let is_cache = |mount: &Mount| {
        let text = cmd.model.text(mount.span);
        PROJECT_FOLDERS.iter().any(|folder| text.contains(folder))
    };
    let mounted = cmd.model.instruction(cmd.step()).mounts.iter().any(is_cache);
    let is_here = installs && of_project && !cmd.has_any_flag(&ELSEWHERE) && !cmd.is_dry_run() && !mounted;
    is_here.then(|| project(Written::Project))?
}

/// True for an install of npm that goes into the folder of the image of Node.
fn installs_globally(cmd: &Cmd<'_>) -> bool {
    let of_node = cmd.stage().is_some_and(|stage| match cmd.model.root_base(stage) {
        Base::Image(image) => image.is_official() && image.familiar_path() == "node",
        _ => false,
    });
    // An earlier `npm config set prefix`, or a file of settings, may send it elsewhere.
    let configures = |other: &Cmd<'_>| other.id() < cmd.id() && other.is_subcommand("config");
    let settings = |copy: &CopyUse| {
        copy.destination.known().is_none_or(|to| to.contains(".npmrc") || to.ends_with('/'))
            && copy.sources.iter().any(|s| s.value.known().is_none_or(|path| path.contains("npmrc")))
    };
    of_node
        && cmd.usage.action == Action::Install
        && cmd.has_any_flag(&["-g", "--global"])
        && !cmd.has_any_flag(&["--prefix", "--location"])
        && ["NPM_CONFIG_PREFIX", "npm_config_prefix", "PREFIX"].iter().all(|name| cmd.setting(name).is_none())
        && !cmd.model.commands_named("npm").any(|other| configures(&other))
        && !cmd.model.copies.iter().any(settings)
}

/// A path without what a shell, or nobody, would have to expand.
fn plain(word: &Word) -> Option<&str> {
    word.as_str().filter(|path| !path.is_empty() && !path.contains(['*', '~', '{']))
}

/// The folder of a file that is written.
fn file(cmd: &Cmd<'_>, path: &str, written: Written) -> Option<Change> {
    if path == "-" || path.contains(['*', '~', '{']) {
        return None;
    }
    let absolute = cmd.absolute(path)?;
    // In front of a `/` is a folder, which may be there.
    if path.ends_with('/') || path == "." {
        return Some(Change::Into(absolute.trim_end_matches('/').to_owned(), Written::Perhaps));
    }
    let (parent, _) = absolute.rsplit_once('/')?;
    Some(Change::Into(parent.to_owned(), written))
}

/// A folder that is made with those above it.
fn new_folder(cmd: &Cmd<'_>, path: &str) -> Vec<Change> {
    if path.contains(['*', '~', '{']) {
        return Vec::new();
    }
    let Some(whole) = cmd.absolute(path) else { return Vec::new() };
    let whole = whole.trim_end_matches('/').to_owned();
    vec![match path {
        "." | "./" => Change::Into(whole, Written::Perhaps),
        _ => Change::Folders(vec![whole]),
    }]
}

/// True if an option, a variable or a property sends what is built or installed elsewhere.
fn is_sent_elsewhere(cmd: &Cmd<'_>) -> bool {
    let environment = cmd.model.environment(cmd.step());
    let own = |name: &&str| cmd.shell().assignments.iter().any(|set| &*set.name == *name);
    SENDING_VARIABLES.iter().any(|name| environment.binding(name).is_some() || own(name))
        || cmd.args().iter().any(|word| {
            let text = word.static_prefix();
            let option = text.split('=').next().unwrap_or(text);
            SENDING_OPTIONS.contains(&option)
        })
}

fn of_program(cmd: &Cmd<'_>) -> Vec<Change> {
    let operands = || cmd.args().iter().filter(|w| !w.static_prefix().starts_with('-'));
    let one = |change: Option<Change>| change.into_iter().collect();
    let here = |written| folder(cmd).map(|folder| Change::Into(folder, written));
    match cmd.program() {
        "mkdir" if cmd.has_any_flag(&["-p", "--parents"]) => {
            let arguments = cmd.arguments(&MKDIR);
            let paths = arguments.operands.iter().map(|word| cmd.absolute(plain(word)?));
            let paths: Option<Vec<String>> =
                paths.map(|path| Some(path?.trim_end_matches('/').to_owned())).collect();
            paths.map(Change::Folders).into_iter().collect()
        }
        "mkdir" => one(operands()
            .next()
            .and_then(plain)
            .and_then(|path| file(cmd, path.trim_end_matches('/'), Written::Perhaps))),
        "touch" | "tee" => {
            one(operands().next().and_then(plain).and_then(|path| file(cmd, path, Written::Perhaps)))
        }
        // Its new file takes the place of the old one.
        "sed" if cmd.has_any_flag(&["-i", "--in-place"]) => {
            one(cmd.args().last().and_then(plain).and_then(|path| file(cmd, path, Written::File)))
        }
        "chmod" | "chown" => {
            let words = operands().skip(1);
            let paths: Vec<String> = words.filter(|w| !w.has_glob()).flat_map(|w| cmd.paths_of(w)).collect();
            if paths.is_empty() { Vec::new() } else { vec![Change::Mode(paths)] }
        }
        // What they are to write to may be a folder.
        "cp" | "mv" | "ln" if operands().count() > 1 && !cmd.has_any_flag(&["-t", "--target-directory"]) => {
            one(operands().next_back().and_then(plain).and_then(|path| file(cmd, path, Written::Perhaps)))
        }
        "virtualenv" => {
            operands().next_back().and_then(plain).map(|path| new_folder(cmd, path)).unwrap_or_default()
        }
        program if program.starts_with("python") => {
            let mut words = cmd.args().iter();
            let runs =
                words.any(|w| w.is("-m")) && words.next().is_some_and(|w| w.is("venv") || w.is("virtualenv"));
            let path = words.rfind(|w| runs && !w.static_prefix().starts_with('-'));
            path.and_then(plain).map(|path| new_folder(cmd, path)).unwrap_or_default()
        }
        "gcc" | "g++" | "cc" | "c++" | "clang" => {
            one(cmd.option_value(&["-o"]).and_then(|out| file(cmd, out, Written::Perhaps)))
        }
        "curl" => match cmd.option_value(&["-o", "--output"]) {
            Some(out) => one(file(cmd, out, Written::Perhaps)),
            None if cmd.has_any_flag(&["-O", "--remote-name"]) && !cmd.has_any_flag(&["--output-dir"]) => {
                one(here(Written::Perhaps))
            }
            None => Vec::new(),
        },
        "wget" => {
            let elsewhere = |w: &Word| {
                let word = w.static_prefix();
                word.starts_with('-') && (word.contains(['O', 'P']) || word.starts_with("--"))
            };
            let is_plain = operands().next().is_some() && !cmd.args().iter().any(elsewhere);
            one(here(Written::Perhaps).filter(|_| is_plain))
        }
        "git" if cmd.is_subcommand("clone") => {
            let Some(last) = operands().skip(1).last() else { return Vec::new() };
            let is_address =
                |text: &str| text.contains("://") || text.contains('@') || text.ends_with(".git");
            match plain(last) {
                Some(path) if !is_address(path) => new_folder(cmd, path),
                Some(_) => one(here(Written::Perhaps)),
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The folder of the file that the output goes to.
fn redirected(cmd: &Cmd<'_>) -> Vec<Change> {
    let writes = |kind| matches!(kind, RedirectKind::Write | RedirectKind::Append | RedirectKind::WriteBoth);
    let files = cmd.shell().redirects.iter().filter(|r| writes(r.kind)).filter_map(|r| r.target.as_ref());
    let paths =
        files.filter_map(plain).filter(|path| !path.starts_with("/dev/") && !path.starts_with("/proc/"));
    paths.filter_map(|path| file(cmd, path, Written::Perhaps)).collect()
}
