//! Rules about installs that fail: without root, without lists, from archives that have moved, with another apt.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;

use crate::knowledge::{Action, Family, ManagerId, OTHER_SOURCES, gone_package, suites};
use crate::rules::Cx;
use crate::semantic::{
    Base, Cmd, CopyFrom, CopySource, Failing, Model, PerStage, RunsAs, Stage, StageId, archived_suite,
    base_name, facts, is_file_name,
};
use crate::syntax::{ImageRef, Keyword, Kind};
use dockerignore::filepath::has_wildcard;

use super::chain::has_fallback;
use super::package_lists::{installs_by_lists, is_in_base};

/// `install-as-other-user`.
pub fn as_other_user(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut last = None;
    for cmd in model.run_commands() {
        let step = cmd.step();
        // What an image runs as may differ from tag to tag; a USER of the file, or of one that it starts from, is sure.
        let set = model.steps.get(step).and_then(|s| s.state.user);
        let is_below =
            || model.stage_of(step).is_some_and(|stage| model.is_set_below(stage, |end| end.user.is_some()));
        if !cmd.usage.manager.is_some_and(|m| m.system) || set.is_none() && !is_below() {
            continue;
        }
        if !matches!(cmd.usage.action, Action::Install | Action::Update | Action::Upgrade | Action::Remove)
            || last == Some(step)
            || cmd.is_dry_run()
            || !cmd.shell().effective().wrappers.is_empty()
            || cmd.shell().place.within.shell_string
            || !cmd.script().script.functions.is_empty()
            || cmd.has_any_flag(&["--root", "-p", "--installroot", "--usermode"])
        {
            continue;
        }
        let RunsAs::Other(user) = model.runs_as(step) else { continue };
        let Some(end) = end_of_failing(&cmd) else { continue };
        last = Some(step);
        let message = format!("`{}` needs root, and `{user}` runs it: {end}", cmd.head());
        let finding = cx.at(cmd.head_span(), message);
        cx.report(match set {
            Some(set) => finding
                .label(model.instruction(set).span, "the user is set here")
                .help("move the RUN above this USER, or write `USER root` before it and this USER after it"),
            None => finding.help(format!(
                "the image that it starts from sets that user: write `USER root` before the RUN and `USER {user}` after it"
            )),
        });
    }
}

/// What to say of a command that fails; `None` where the build may not run it, or does something about it.
fn end_of_failing(cmd: &Cmd<'_>) -> Option<&'static str> {
    match cmd.failing() {
        Failing::EndsBuild => Some("the build fails"),
        Failing::GoesUnseen => Some("it fails, and the build goes on without it"),
        Failing::MayNotRun | Failing::IsHandled => None,
    }
}

/// `archived-release`.
pub fn archived(cx: &mut Cx<'_>) {
    let model = cx.model;
    // What image it is takes longer to find out.
    if !model.commands().any(|cmd| cmd.usage.manager.is_some_and(|manager| manager.system)) {
        return;
    }
    let mut done: HashSet<StageId> = HashSet::new();
    for stage in model.stages.iter().filter(|s| s.reachable) {
        let Base::Image(image) = model.root_base(stage) else { continue };
        let Some(suite) = archived_suite(image).filter(|_| !has_own_sources(image)) else { continue };
        let is_manager = |cmd: &Cmd<'_>| {
            let id = cmd.usage.manager.map(|m| m.id);
            match suite.family {
                Family::RedHat => matches!(id, Some(ManagerId::Dnf | ManagerId::Yum)),
                _ => id == Some(ManagerId::Apt),
            }
        };
        if is_rewritten(model, stage) || has_own_folders(model, stage) {
            continue;
        }
        let fetches = |cmd: &Cmd<'_>| {
            matches!(cmd.usage.action, Action::Install | Action::Update | Action::Upgrade)
                && !cmd.is_dry_run()
        };
        let mut commands =
            stage.steps.clone().filter(|s| !model.is_trigger(*s)).flat_map(|s| model.commands_of(s));
        let is_due =
            |c: &Cmd<'_>| is_manager(c) && fetches(c) && !is_in_base(model, stage, c) && !has_fallback(c);
        let Some(cmd) = commands.find(is_due) else { continue };
        if !done.insert(stage.root()) {
            continue;
        }
        let (label, since) = (suite.label, suite.archived.unwrap_or(""));
        let (message, help) = if suite.family == Family::RedHat {
            (
                format!("the mirrors of {label} have been gone since {since}, so `{}` fails", cmd.head()),
                "move to Rocky Linux or AlmaLinux, or point the repositories to vault.centos.org",
            )
        } else {
            // Its name tells where it is built, or it is the release itself.
            let tag = image.tag.as_deref().unwrap_or("");
            let subject =
                if suite.built_on.is_empty() || tag.contains(suite.name) || image.familiar_path() == "debian"
                {
                    format!("{label} is")
                } else {
                    format!("`{}:{tag}` is built on {label}, which is", image.familiar_path())
                };
            (
                format!("{subject} no longer on the package servers ({since}), so `{}` fails", cmd.head()),
                if suite.family == Family::Ubuntu {
                    "move to a release that is served, or point the sources to old-releases.ubuntu.com"
                } else {
                    "move to a release that is served, or point the sources to archive.debian.org"
                },
            )
        };
        let mut finding = cx.at(cmd.head_span(), message).help(help);
        let base = model.stages.get(stage.root()).and_then(|s| s.base_word.as_ref());
        if let Some(word) = base {
            finding = finding.label(word.span, format!("this is {label}"));
        }
        cx.report(finding);
    }
}

/// True for images whose package sources are mostly not those of the release: Debian's of old releases, which ask the
/// archive, and those on a registry of somebody's own.
fn has_own_sources(image: &ImageRef) -> bool {
    let public = ["docker.io", "public.ecr.aws", "mirror.gcr.io", "quay.io", "ghcr.io", "mcr.microsoft.com"];
    let mut parts = image.path.split(['/', '-', '_']);
    parts.any(|part| matches!(part, "eol" | "archive")) || !public.contains(&&*image.registry)
}

/// True for a single file that no RUN starts or reads, so that it changes nothing of where packages come from.
fn is_idle_file(model: &Model, stage: &Stage, source: &CopySource) -> bool {
    let Some(path) = source.value.known().filter(|path| !has_wildcard(path) && is_file_name(path)) else {
        return false;
    };
    let name = base_name(path);
    let is_setting = [".conf", ".list", ".sources", ".d", ".fs"].iter().any(|end| name.ends_with(end));
    let mut own = model.lineage(stage).flat_map(|s| model.instructions_of(s));
    !is_setting && !own.any(|(_, i)| i.keyword == Keyword::Run && model.text(i.span).contains(name))
}

/// How many files that are copied to the root are looked for in the scripts of a stage.
const MAX_FILES: usize = 32;

/// True if an instruction of the stage, or of those that it starts from, may change the sources.
fn is_rewritten(model: &Model, stage: &Stage) -> bool {
    let mut left = MAX_FILES;
    model.lineage(stage).any(|s| {
        model.instructions_of(s).any(|(step, i)| {
            let text = model.text(i.span);
            // A folder that is copied whole may bring other sources.
            let brings = match &i.kind {
                Kind::Copy(transfer) | Kind::Add(transfer) => {
                    let is_root = transfer.destination.as_ref().is_some_and(|word| &*word.text == "/");
                    let mut is_idle = |source: &CopySource| {
                        left = left.saturating_sub(1);
                        left > 0 && is_idle_file(model, stage, source)
                    };
                    let mut over_all = || {
                        model.copies_of(step).iter().any(|copy| {
                            copy.add
                                || copy.from != CopyFrom::Context
                                || !copy.sources.iter().all(&mut is_idle)
                        })
                    };
                    is_root && over_all() || text.contains("/etc/apt")
                }
                _ => false,
            };
            let goes_through = ["/etc/apt/*", "/etc/apt -", "-r /etc/apt", "find /etc/apt"];
            let other = &*without_additions(model, step, text);
            brings
                || goes_through.iter().any(|word| other.contains(word))
                || OTHER_SOURCES.iter().any(|word| other.contains(word))
        })
    })
}

/// Where apt reads its sources from.
const SOURCES: &str = "/etc/apt/sources.list";

/// The text of a RUN without what leaves the sources of the release as they are: a list of somebody else's, a line that is
/// added, and a `sed` that changes neither host nor release.
fn without_additions<'m>(model: &'m Model, step: usize, text: &'m str) -> Cow<'m, str> {
    if model.instruction(step).keyword != Keyword::Run || !text.contains(SOURCES) {
        return Cow::Borrowed(text);
    }
    let start = model.instruction(step).span.start;
    let mut other = text.to_owned();
    let blank = |other: &mut String, at: Range<usize>| {
        if other.is_char_boundary(at.start) && other.is_char_boundary(at.end) {
            let spaces = " ".repeat(at.len());
            other.replace_range(at, &spaces);
        }
    };
    let elsewhere = |text: &str| {
        let words =
            ["http", "ftp", "archive", "releases", "snapshot", "mirror", "debian.", "ubuntu.", "$", "/d"];
        words.iter().any(|word| text.contains(word)) || suites().iter().any(|suite| text.contains(suite.name))
    };
    for cmd in model.commands_of(step).filter(|cmd| cmd.program() == "sed") {
        let span = cmd.shell().span;
        let own = model.text(span);
        if !elsewhere(&own.replace("/etc/apt/sources.list.d/", "").replace("debian.sources", "")) {
            let from = (span.start - start) as usize;
            blank(&mut other, from..from + own.len());
        }
    }
    let mut from = 0;
    while let Some(at) = other.get(from..).and_then(|rest| rest.find(SOURCES)).map(|at| from + at) {
        let end = at + SOURCES.len();
        let behind = other.get(end..).unwrap_or("");
        let name_len =
            behind.find(|c: char| c.is_whitespace() || "\"';&|)".contains(c)).unwrap_or(behind.len());
        let name = behind.get(..name_len).unwrap_or("");
        let before = other.get(..at).unwrap_or("").trim_end_matches([' ', '"', '\'']);
        let is_other = name.strip_prefix(".d/").is_some_and(|name| {
            let own = ["debian", "ubuntu"].iter().any(|own| name.starts_with(own));
            !name.is_empty() && !own && !name.contains(['*', '$', '?'])
        });
        let is_added = name.is_empty() && (before.ends_with(">>") || before.ends_with("tee -a"));
        if is_other || is_added {
            blank(&mut other, at..end + name_len);
        }
        from = end;
    }
    Cow::Owned(other)
}

/// `not-in-this-apt`.
pub fn not_in_this_apt(cx: &mut Cx<'_>) {
    let model = cx.model;
    for program in ["apt-get", "apt", "apt-key"] {
        for cmd in model.commands_named(program) {
            let Some(suite) = cmd.stage().and_then(|s| model.suite(s)) else { continue };
            let Some(end) = end_of_failing(&cmd) else { continue };
            let old = matches!(suite.name, "bookworm" | "jammy");
            if program == "apt-key" {
                if suite.name == "trixie" {
                    let message = format!("{} has no `apt-key`: {end}", suite.label);
                    let help = "save the key as `/etc/apt/keyrings/NAME.asc`, and name it in the source by `[signed-by=…]`";
                    cx.report(cx.at(cmd.program_span(), message).help(help));
                }
                continue;
            }
            if !old {
                continue;
            }
            let clean = cmd.is_subcommand("dist-clean") || cmd.is_subcommand("distclean");
            let update = cmd
                .flag("--update")
                .filter(|_| matches!(cmd.usage.action, Action::Install | Action::Upgrade));
            let (span, what, help) = match update {
                Some(word) => (word.span, "option `--update`", "write `apt-get update && …`"),
                None if clean => {
                    (cmd.subcommand_span(), "command `dist-clean`", "write `rm -rf /var/lib/apt/lists/*`")
                }
                None => continue,
            };
            let message = format!("the apt of {} has no {what}: {end}", suite.label);
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// What brings packages from elsewhere: a repository that is added, a file that is installed by dpkg, a script.
const MORE_SOURCES: [&str; 15] = [
    "APT_CONFIG",
    "Dir::",
    "RootDir",
    ".deb",
    // It is asked first.
    "apt-cache",
    "extrepo",
    "add-apt-repository",
    "apt-add-repository",
    "apt-key",
    "dpkg -i",
    "signed-by",
    "/etc/apt/preferences",
    "| bash",
    "| sh",
    "setup_",
];

/// `package-not-in-release`.
pub fn not_in_release(cx: &mut Cx<'_>) {
    let model = cx.model;
    let is_apt = |cmd: &Cmd<'_>| cmd.is(ManagerId::Apt, Action::Install) && installs_by_lists(cmd);
    // By stage: whether packages may come from elsewhere.
    let others: PerStage<OnceCell<bool>> = model.stages.iter().map(|_| OnceCell::new()).collect();
    for cmd in model.run_commands().filter(is_apt) {
        // A branch may be for another release, and what may fail is not missed.
        let is_missed = matches!(cmd.failing(), Failing::EndsBuild | Failing::GoesUnseen);
        let Some(stage) = cmd.stage().filter(|stage| stage.reachable && is_missed) else { continue };
        let Base::Image(image) = model.root_base(stage) else { continue };
        let Some(suite) = model.suite(stage).filter(|_| facts(image).is_some()) else { continue };
        let operands = cmd.operands();
        let gone =
            || operands.iter().filter_map(|word| Some((*word, gone_package(word.as_str()?, suite.name)?)));
        let Some((first, package)) = gone().next() else { continue };
        let elsewhere = others.get(stage.index);
        let find = || is_rewritten(model, stage) || has_more_sources(model, stage);
        if elsewhere.is_some_and(|cell| *cell.get_or_init(find)) {
            continue;
        }
        let name = first.as_str().unwrap_or_default();
        let message = format!("{} has no package `{name}`, so `{}` fails", suite.label, cmd.head());
        let help = match package.instead {
            [] => "leave it out, or start from a release that has it".to_owned(),
            [only] => format!("install `{only}`"),
            [first, more @ ..] => format!("install `{first}` or `{}`", more.join("` or `")),
        };
        let mut finding = cx.at(first.span, message).help(help);
        for (also, _) in gone().skip(1) {
            finding = finding.label(also.span, "this one neither");
        }
        cx.report(finding);
    }
}

/// True if apt is told of folders of its own, which may hold other sources.
fn has_own_folders(model: &Model, stage: &Stage) -> bool {
    let mut texts =
        model.lineage(stage).flat_map(|s| model.instructions_of(s)).map(|(_, i)| model.text(i.span));
    texts.any(|text| ["APT_CONFIG", "Dir::", "RootDir"].iter().any(|word| text.contains(word)))
}

/// True if packages may come from elsewhere in the stage, or in those that it starts from.
fn has_more_sources(model: &Model, stage: &Stage) -> bool {
    model.lineage(stage).any(|s| {
        let texts = model.instructions_of(s).map(|(_, instruction)| model.text(instruction.span));
        texts.into_iter().any(|text| MORE_SOURCES.iter().any(|word| text.contains(word)))
    })
}
