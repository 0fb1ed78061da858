//! What a build surely needs of the packages that apt installs only because others recommend them: `ca-certificates`
//! for downloads over https (curl's library, wget and git only recommend it), and the headers of the C library for gcc.

use std::cell::OnceCell;

use crate::knowledge::{Action, ManagerId, apt_packages};
use crate::rules::Cx;
use crate::semantic::{Analysis, Base, Cmd, CommandId, Model, PerStage, ScriptKind};
use crate::size::AptInstall;
use crate::syntax::MountType;
use crate::text::Edit;

use super::caches::MAX_RUNS;

/// The package.
const CERTIFICATES: &str = "ca-certificates";

/// Packages that bring it only by a recommendation.
const RECOMMENDING: [&str; 8] =
    ["curl", "wget", "git", "git-core", "git-lfs", "subversion", "libcurl4", "libcurl4-openssl-dev"];

/// What a file fetches over https, and what brings the certificates for it.
pub(super) struct Certificates<'m> {
    model: &'m Model,
    /// For each stage the first step in it that fetches.
    fetching: PerStage<Option<usize>>,
    /// For each stage whether it, or one that starts from it, fetches.
    needed: PerStage<bool>,
    /// The steps that install the package by its name.
    installed: Vec<usize>,
}

impl<'m> Certificates<'m> {
    pub(super) fn of(model: &'m Analysis) -> Self {
        let mut fetching = model.stages.each(None);
        let mut installed = Vec::new();
        let scripts = fetching_scripts(model);
        for cmd in model.commands() {
            let step = cmd.step();
            if cmd.is(ManagerId::Apt, Action::Install)
                && cmd.operands().iter().any(|w| names(w.static_prefix()))
            {
                installed.push(step);
            }
            if (fetches(&cmd) || scripts.contains(&cmd.id()))
                && let Some(first) = model.stage_of(step).and_then(|s| fetching.get_mut(s.index))
                && first.is_none()
            {
                *first = Some(step);
            }
        }
        let mut needed: PerStage<bool> = fetching.iter().map(Option::is_some).collect();
        // A stage starts from one above it.
        for stage in model.stages.iter().rev() {
            if let Base::Stage(base) = stage.base
                && needed.get(stage.index) == Some(&true)
                && let Some(slot) = needed.get_mut(base)
            {
                *slot = true;
            }
        }
        Self { model, fetching, needed, installed }
    }

    /// True if `cmd`, which installs by apt, is all that brings the certificates, by a recommendation.
    pub(super) fn hang_on(&self, cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
        let Some(stage) = cmd.stage() else { return false };
        // What is linked to curl's library fetches when it runs.
        let at_run_time = stage.in_final_image
            && cmd.operands().iter().any(|w| package(w.static_prefix()).starts_with("libcurl"));
        if !at_run_time && !self.needed.get(stage.index).is_some_and(|needed| *needed) {
            return false;
        }
        // A fetch of this stage before the install has other certificates.
        let first = self.fetching.get(stage.index).copied().flatten().filter(|step| *step >= cmd.step());
        let others = self.installed.iter().filter(|step| first.is_none_or(|first| **step <= first));
        let in_lineage = |step: &usize| {
            let own = self.model.stage_of(*step).map(|s| s.index);
            self.model.lineage(stage).take(MAX_RUNS).any(|s| Some(s.index) == own)
        };
        if others.copied().any(|step| in_lineage(&step)) {
            return false;
        }
        brought_by_recommendation(cx, cmd, CERTIFICATES).unwrap_or_else(|| {
            let mut operands = cmd.operands().into_iter();
            operands.any(|w| w.has_expansion() || RECOMMENDING.contains(&package(w.static_prefix())))
        })
    }
}

/// The commands that start a script of the build context which fetches, or may: what it does is known of shells alone.
fn fetching_scripts(model: &Analysis) -> Vec<CommandId> {
    let started = model.started_files().into_iter().filter(|started| {
        let Some(head) = model.head_of(&started.source) else { return false };
        let is_known = head.is_script_of_shell();
        let fetches = |program: &String| matches!(program.as_str(), "curl" | "wget" | "git");
        let of_run = started.cmd.script().kind == ScriptKind::Run;
        head.programs.iter().any(fetches) || head.text && !is_known && of_run
    });
    started.map(|started| started.cmd.id()).collect()
}

/// Whether an install by apt brings a package only because another one recommends it; `None` if that is not known.
fn brought_by_recommendation(cx: &Cx<'_>, cmd: &Cmd<'_>, name: &str) -> Option<bool> {
    let install = cx.apt_install(cmd.id()).filter(|i| i.is_complete())?;
    let id = apt_packages(install.suite.name)?.find(name)?;
    Some(install.adds.packages.contains(&id) && !install.needs.packages.contains(&id))
}

/// The name of a package, without version or release.
fn package(word: &str) -> &str {
    word.split(['=', '/', ':']).next().unwrap_or(word)
}

fn names(word: &str) -> bool {
    package(word) == CERTIFICATES
}

/// True if a command fetches by curl, wget or git from elsewhere, over https as far as one can see. Plain http may
/// be sent on to https.
fn fetches(cmd: &Cmd<'_>) -> bool {
    let text = || cmd.model.text(cmd.shell().span);
    let local = ["://localhost", "://127.", "://[::1]", "://0.0.0.0", "file://"];
    let is_remote = |text: &str| {
        let mut addresses = text.match_indices("://").peekable();
        addresses.peek().is_none()
            || addresses.any(|(at, _)| {
                let start = text
                    .get(..at)
                    .map_or(0, |t| t.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |i| i + 1));
                text.get(start..)
                    .is_some_and(|a| a.starts_with("https:") || !local.iter().any(|l| a.contains(l)))
            })
    };
    match cmd.program() {
        "curl" | "wget" => !cmd.args().is_empty() && is_remote(text()),
        "git" => {
            let fetching = ["clone", "fetch", "pull", "submodule", "ls-remote"];
            cmd.args().iter().any(|w| fetching.iter().any(|f| w.is(f)))
                && !text().contains("git@")
                && !text().contains("ssh://")
                && is_remote(text())
        }
        _ => cmd.args().iter().any(|w| w.static_prefix().starts_with("git+https:")),
    }
}

/// The headers of the C library, without which a compiler compiles nothing.
const HEADERS: &str = "libc6-dev";

/// They and what they need.
const ALL_HEADERS: [&str; 8] = [
    HEADERS,
    "libc-dev-bin",
    "libcrypt-dev",
    "libnsl-dev",
    "libtirpc-common",
    "libtirpc-dev",
    "linux-libc-dev",
    "rpcsvc-proto",
];

/// Bytes of what only recommendations bring, and a compiler needs: leaving out the others does not save them.
pub(super) fn kept_for_compiler(cx: &Cx<'_>, install: &AptInstall<'_>) -> u64 {
    if compiler_hangs_on_headers(cx, &install.cmd) { install.bytes_of(&ALL_HEADERS) } else { 0 }
}

/// True if an install by apt brings a compiler, and the headers that it needs only by its recommendation.
fn compiler_hangs_on_headers(cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
    let is_gcc = |name: &str| {
        name == "gcc" || name.strip_prefix("gcc-").is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit()))
    };
    cmd.operands().iter().any(|w| is_gcc(package(w.static_prefix())))
        && brought_by_recommendation(cx, cmd, HEADERS) == Some(true)
}

/// What checks and reads keys: `software-properties-common` and others only recommend it.
const GPG: &str = "gnupg";

/// True if a later command of the stage calls gpg, or what calls it, and the install brings it only by a recommendation.
fn asks_for_keys(cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
    let calls = |program: &str| {
        cx.model
            .commands_named(program)
            .any(|c| c.id() > cmd.id() && c.stage().map(|s| s.index) == cmd.stage().map(|s| s.index))
    };
    ["gpg", "apt-key", "add-apt-repository"].into_iter().any(calls)
        && brought_by_recommendation(cx, cmd, GPG) == Some(true)
}

/// The program of SSH, which git and others only recommend.
const SSH: &str = "openssh-client";

/// True if a RUN of the stage, or of one that starts from it, goes by SSH, and the install brings its client only by a
/// recommendation.
fn goes_by_ssh(cx: &Cx<'_>, cmd: &Cmd<'_>) -> bool {
    let model = cx.model;
    let Some(stage) = cmd.stage() else { return false };
    let calls = |other: &Cmd<'_>| {
        let text = || model.text(other.shell().span);
        match other.program() {
            "ssh" | "scp" | "sftp" | "ssh-add" | "ssh-agent" | "ssh-keygen" | "ssh-keyscan" => true,
            "git" => ["git@", "ssh://"].iter().any(|start| text().contains(start)),
            _ => text().contains("git+ssh:"),
        }
    };
    let mounts = |step: usize| model.instruction(step).mounts.iter().any(|m| m.kind == MountType::Ssh);
    let needs = model.run_commands().any(|other| {
        other.id() > cmd.id()
            && model.inherits(other.stage().unwrap_or(stage), stage)
            && (calls(&other) || mounts(other.step()))
    });
    needs && brought_by_recommendation(cx, cmd, SSH) == Some(true)
}

/// Packages that are useless without what they only recommend, with what that is for.
const PARTNERS: [(&str, &str, &str); 2] = [
    ("protobuf-compiler", "libprotobuf-dev", "whose .proto files others import"),
    ("libvulkan1", "mesa-vulkan-drivers", "which drives the graphics card"),
];

/// What only recommendations bring, and the build or the image surely needs: packages, with what for.
pub(super) fn needed<'m>(
    cx: &Cx<'m>,
    cmd: &Cmd<'m>,
    certificates: &OnceCell<Certificates<'m>>,
) -> Vec<(&'static str, &'static str)> {
    let mut needed = Vec::new();
    if compiler_hangs_on_headers(cx, cmd) {
        needed.push((HEADERS, "which the compiler needs"));
    }
    if asks_for_keys(cx, cmd) {
        needed.push((GPG, "which a later command calls"));
    }
    if goes_by_ssh(cx, cmd) {
        needed.push((SSH, "which goes by SSH"));
    }
    for (package_name, partner, why) in PARTNERS {
        let is_named = cmd.operands().iter().any(|w| package(w.static_prefix()) == package_name);
        if is_named && brought_by_recommendation(cx, cmd, partner) == Some(true) {
            needed.push((partner, why));
        }
    }
    if certificates.get_or_init(|| Certificates::of(cx.model)).hang_on(cx, cmd) {
        needed.push((CERTIFICATES, "which HTTPS downloads need"));
    }
    needed
}

/// Puts the packages behind the last one that an install names.
pub(super) fn named(cmd: &Cmd<'_>, packages: &[&str]) -> Option<Edit> {
    let operands = cmd.operands();
    let last = operands.last().filter(|w| w.exact)?;
    let text = cmd.model.file.text();
    if cmd.script().exec {
        let quoted = text.get(last.span.end as usize..)?.starts_with('"');
        let more: String = packages.iter().map(|name| format!(", \"{name}\"")).collect();
        return quoted.then(|| Edit::insert(last.span.end + 1, more));
    }
    let before = text.get(..last.span.start as usize)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = before.get(line..)?;
    let new = match line > 0 && indent.trim().is_empty() {
        // A list with a package a line.
        true => {
            let escape = cmd.model.file.escape.char();
            packages.iter().map(|name| format!(" {escape}\n{indent}{name}")).collect()
        }
        false => format!(" {}", packages.join(" ")),
    };
    Some(Edit::insert(last.span.end, new))
}
