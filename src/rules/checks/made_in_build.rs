//! Rules about what a build makes, fetches or copies from a place that is not the one that was meant.

use std::collections::HashMap;

use crate::knowledge::{Action, Family, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, CopyFrom, Download, ScriptKind, SourceKind, covers};
use crate::shell::Word;
use crate::syntax::{Kind, MountType, Pair};
use crate::text::{Span, holds};

/// `private-key-made`.
pub fn private_key(cx: &mut Cx<'_>) {
    let model = cx.model;
    for program in ["ssh-keygen", "openssl"] {
        for cmd in model.commands_named(program) {
            if cmd.script().kind != ScriptKind::Run || !model.is_kept(cmd.step()) || !makes_key(&cmd) {
                continue;
            }
            let mounts = || model.instruction(cmd.step()).mounts.iter().filter_map(|m| m.target());
            let in_mount = |word: &Word| mounts().any(|target| covers(target, word.static_prefix()));
            if is_removed(&cmd) || cmd.args().iter().any(in_mount) {
                continue;
            }
            let message = "this private key is generated at build time, so anyone who has the image has it";
            let finding = cx
                .at(cmd.head_span(), message)
                .help("generate the key when the container starts, or give it to the container as a secret");
            cx.report(finding);
        }
    }
}

/// True for a command that writes a new private key.
fn makes_key(cmd: &Cmd<'_>) -> bool {
    if cmd.program() == "openssl" {
        let to = |pair: &[Word]| matches!(pair, [option, path] if option.is("-out") && path.is("/dev/null"));
        if cmd.args().windows(2).any(to) {
            return false;
        }
        return cmd.is_subcommand("genrsa")
            || cmd.is_subcommand("genpkey")
            || cmd.is_subcommand("req")
                && cmd.args().iter().any(|w| matches!(w.as_str(), Some("-newkey" | "-x509")))
                && !cmd.args().iter().any(|w| w.is("-key"));
    }
    !cmd.args().iter().any(|word| uses_keys(word.static_prefix()))
}

/// True for options of `ssh-keygen` that only show, change, ask for or sign with keys that are there: `-lf`, `-R`.
fn uses_keys(word: &str) -> bool {
    const OTHERS: &str = "lyRFHieBDKkQpcLsY";
    const WITH_VALUE: &str = "fNCbtPaEInOmVzwZMrSJj";
    let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
        return false;
    };
    letters.chars().take_while(|c| !WITH_VALUE.contains(*c)).any(|c| OTHERS.contains(c))
}

/// True if a later command of the same RUN removes a file that the command names.
fn is_removed(cmd: &Cmd<'_>) -> bool {
    let named = |path: &str| {
        // `/tmp/*.pem`
        let (start, end) =
            path.split_once('*').map_or((path, ""), |(start, end)| (start, end.trim_matches('*')));
        let fits = |word: &str| word.starts_with(start) && (end.is_empty() || word.ends_with(end));
        // `ssh-keygen -A` makes those of the host.
        let of_host = || cmd.args().iter().any(|w| w.is("-A")) && path.starts_with("/etc/ssh/ssh_host");
        !path.is_empty() && (cmd.args().iter().any(|w| fits(w.static_prefix())) || of_host())
    };
    // `*.pem` in the folder that both are in.
    let text = |word: &Word| cmd.model.text(word.span).trim_matches(['"', '\'']);
    let removals = ["rm", "shred", "unlink"];
    let mut later = removals.into_iter().flat_map(|program| cmd.model.first_behind(cmd, program));
    later.any(|rm| rm.args().iter().any(|w| !w.static_prefix().starts_with('-') && named(text(w))))
}

/// Hosts and paths whose downloads are redirects.
fn redirects(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
        return false;
    };
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let Some((host, path)) = rest.split_once('/') else { return false };
    match host {
        "github.com" => ["/releases/download/", "/releases/latest/download/", "/archive/"]
            .iter()
            .any(|p| path.contains(p)),
        "sourceforge.net" => path.ends_with("/download"),
        _ => false,
    }
}

/// `redirect-not-followed`.
pub fn redirect(cx: &mut Cx<'_>) {
    // Its own file may hold the option.
    if holds(cx.model.file.text(), "curlrc") {
        return;
    }
    for download in cx.model.downloads().filter(Download::is_curl) {
        let cmd = download.cmd;
        if cmd.script().kind != ScriptKind::Run
            || cmd.has_any_flag(&[
                "-L",
                "--location",
                "--location-trusted",
                "-I",
                "--head",
                "-K",
                "--config",
                "-w",
                "--write-out",
            ])
        {
            continue;
        }
        let url = |w: &&&crate::shell::Word| {
            let text = cx.model.text(w.span);
            redirects(text.trim_start_matches(['"', '\'']).trim_end_matches(['"', '\'']))
        };
        let Some(word) = download.urls.iter().find(url) else { continue };
        // `-#SL` is a cluster as well.
        let follows = |w: &crate::shell::Word| {
            let letters = w.static_prefix().strip_prefix('-').unwrap_or("");
            !letters.starts_with('-') && letters.contains('L')
        };
        if cmd.args().iter().any(follows) {
            continue;
        }
        // A variable may hold the option.
        if cmd.args().iter().any(|w| w.static_prefix().is_empty() && w.has_expansion()) {
            continue;
        }
        let message = "this address answers with a redirect, which curl does not follow without `-L`: the saved file is empty";
        cx.report(cx.at(word.span, message).help("add `-L`"));
    }
}

/// `architecture-in-url`.
pub fn architecture(cx: &mut Cx<'_>) {
    const NAMES: [&str; 5] = ["amd64", "x86_64", "x86-64", "linux64", "linux-x64"];
    let text = cx.model.file.text();
    if !["TARGETARCH", "TARGETPLATFORM", "BUILDPLATFORM"].iter().any(|name| text.contains(name)) {
        return;
    }
    for download in cx.model.downloads() {
        let cmd = download.cmd;
        if cmd.script().kind != ScriptKind::Run {
            continue;
        }
        // A choice between architectures has a branch for each.
        let within = cmd.shell().place.within;
        if within.branch
            || within.condition
            || cmd.shell().place.before.connector == crate::shell::Connector::And && text.contains("uname -m")
        {
            continue;
        }
        for word in &download.urls {
            let url = cx.model.text(word.span);
            let Some((at, name)) = NAMES.iter().find_map(|n| Some((url.find(n)?, *n))) else { continue };
            let start = word.span.start + Span::of(0..at).end;
            let message = format!(
                "this downloads a file for {name}, but the Dockerfile builds for other platforms as well"
            );
            let finding = cx
                .at(Span::new(start, start + Span::of(0..name.len()).end), message)
                .help("write `ARG TARGETARCH` in the stage, and use `$TARGETARCH` in the address");
            cx.report(finding);
        }
    }
}

/// `apt-mount-stays-empty`.
pub fn docker_clean(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.reachable) {
        let Base::Image(image) = model.root_base(stage) else { continue };
        if !image.is_official() || !matches!(model.family(stage), Family::Debian | Family::Ubuntu) {
            continue;
        }
        let found = model.instructions_of(stage).filter(|(_, i)| !i.is_trigger()).find_map(|(step, i)| {
            let mount = i.mounts.iter().find(|m| {
                m.kind == MountType::Cache
                    && m.target().is_some_and(|t| t.trim_end_matches('/').starts_with("/var/cache/apt"))
            })?;
            let installs = model.commands_of(step).any(|c| c.is(ManagerId::Apt, Action::Install));
            installs.then_some((step, mount))
        });
        let Some((install, mount)) = found else { continue };
        // What a later step changes comes too late for this one.
        let keeps = model.lineage(stage).any(|s| {
            model.instructions_of(s).take_while(|(at, _)| *at <= install).any(|(_, i)| {
                let text = model.text(i.span);
                ["docker-clean", "eep-Downloaded-Packages", "apt.conf", "Dir::Cache", "Post-Invoke"]
                    .iter()
                    .any(|w| text.contains(w))
            })
        });
        let empties = |cmd: &Cmd<'_>| {
            matches!(cmd.program(), "apt" | "apt-get") && cmd.is_subcommand("clean")
                || cmd.removed_paths().iter().any(|path| path.starts_with("/var/cache/apt"))
        };
        let emptied = model.commands_of(install).find(empties);
        let named = |cmd: &Cmd<'_>| match cmd.program() {
            "rm" => "this `rm`".to_owned(),
            program => format!("`{program} clean`"),
        };
        if keeps {
            let Some(cmd) = emptied else { continue };
            let what = named(&cmd);
            let message = format!("this cache stays empty: {what} removes what apt has downloaded");
            cx.report(
                cx.at(mount.span, message).label(cmd.shell().span, "here").help(format!("remove {what}")),
            );
            continue;
        }
        let mut help =
            "write `rm -f /etc/apt/apt.conf.d/docker-clean` in the RUN, before the install".to_owned();
        let mut finding = cx.at(
            mount.span,
            "this cache stays empty: the image tells apt to delete each package after the install",
        );
        if let Some(cmd) = emptied {
            help.push_str(&format!(", and remove {}", named(&cmd)));
            finding = finding.label(cmd.shell().span, "empties it, too");
        }
        cx.report(finding.help(help));
    }
}

/// `duplicate-label`.
pub fn duplicate_label(cx: &mut Cx<'_>) {
    for stage in &cx.model.stages {
        let mut last: HashMap<&str, &Pair> = HashMap::new();
        for (_, instruction) in cx.model.instructions_of(stage).filter(|(_, i)| !i.is_trigger()) {
            let Kind::Label(pairs) = &instruction.kind else { continue };
            for pair in pairs {
                let key = pair.key.text.trim_matches(['"', '\'']);
                if key.contains('$') {
                    continue;
                }
                let Some(earlier) = last.insert(key, pair) else { continue };
                let message = format!("this value of the label `{key}` is lost: a later LABEL sets it again");
                cx.report(
                    cx.at(earlier.span, message)
                        .label(pair.span, "this one counts")
                        .help("remove one of them"),
                );
            }
        }
    }
}

/// `relative-copy-from`.
pub fn relative_copy_from(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let Some(stage) = model.stages.get(from) else { continue };
        let workdir =
            model.end_state(stage).workdir.and_then(|w| model.workdirs.get(w)).and_then(|w| w.path.known());
        let Some(workdir) = workdir.filter(|w| *w != "/") else { continue };
        for source in copy.sources.iter().filter(|s| s.kind == SourceKind::Path) {
            let Some(path) = source.value.known() else { continue };
            let path = path.strip_prefix("./").unwrap_or(path);
            // Who names the folders from the top means the top.
            let first = workdir.trim_start_matches('/').split('/').next().unwrap_or("");
            let system = ["usr", "etc", "bin", "lib", "opt", "var", "root", "home", "tmp", "sbin", "srv"];
            let top = path.split('/').next().unwrap_or("");
            if path.is_empty() || path.starts_with('/') || top == first || system.contains(&top) {
                continue;
            }
            let shown: String = path.chars().take(60).collect();
            let message =
                format!("`{shown}` is read from `/`, not from `{workdir}`, the WORKDIR of that stage");
            let finding = cx.at(source.span, message).help(format!(
                "write `{}/{shown}`, or `/{shown}` if that is meant",
                workdir.trim_end_matches('/')
            ));
            cx.report(finding);
        }
    }
}
