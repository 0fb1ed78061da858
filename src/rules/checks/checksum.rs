//! Downloads that nothing is compared with.

use std::collections::HashMap;

use crate::knowledge::{DOWNLOAD_ENDINGS, MOVING_REFS};
use crate::rules::Cx;
use crate::semantic::{Destination, Download, Model, ScriptKind, SourceKind, is_tar};
use crate::shell::Word;
use crate::syntax::{DirectiveKind, Kind};

/// Folders of programs.
const BIN_FOLDERS: [&str; 5] = ["/bin/", "/sbin/", "/usr/bin/", "/usr/local/bin/", "/usr/local/sbin/"];

/// Programs that unpack what they read.
const UNPACKERS: [&str; 8] = ["tar", "bsdtar", "unzip", "gunzip", "cpio", "gzip", "xz", "zcat"];

/// `download-without-checksum`.
pub fn download(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut verified: HashMap<usize, bool> = HashMap::new();
    for download in model.downloads() {
        let cmd = download.cmd;
        let script = cmd.script();
        if script.kind != ScriptKind::Run || script.onbuild {
            continue;
        }
        let Some(url) = download.urls.first().filter(|url| is_from_elsewhere(url)) else { continue };
        if download.sends() || !is_used(model, &download, url) {
            continue;
        }
        // One program that compares stands for all downloads of its RUN.
        let step = cmd.step();
        if *verified.entry(step).or_insert_with(|| verifies(model, step)) {
            continue;
        }
        let message = "nothing verifies this download: whoever controls the server controls the image";
        let help = match download.destination {
            Destination::Output => {
                "save it to a file first, and verify it: `echo \"SHA256  FILE\" | sha256sum -c -`"
            }
            _ => "verify it before it is used: `echo \"SHA256  FILE\" | sha256sum -c -`",
        };
        cx.report(cx.at(url.span, message).help(help));
    }
    let builtin = model.file.directive(DirectiveKind::Syntax).is_none();
    for copy in model.copies.iter().filter(|c| c.add && !c.onbuild) {
        if !matches!(model.instruction(copy.step).kind, Kind::Add(_))
            || model.instruction(copy.step).flag("checksum").is_some()
        {
            continue;
        }
        for source in copy.sources.iter().filter(|s| s.kind == SourceKind::Url) {
            let Some(url) = source.value.known() else { continue };
            let to_bin = copy.destination.known().is_some_and(in_bin);
            if !ends_as_download(url) && !to_bin && !is_of_branch(url) {
                continue;
            }
            let message = "nothing verifies this download: whoever controls the server controls the image";
            let since = if builtin { " (Dockerfile 1.6)" } else { "" };
            cx.report(cx.at(source.span, message).help(format!("add `--checksum=sha256:…`{since}")));
        }
    }
}

/// True for a file of a branch on GitHub, which each commit may change.
fn is_of_branch(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let mut parts = rest.split('/');
    let branch = match parts.next() {
        Some("raw.githubusercontent.com") => parts.nth(2),
        Some("github.com") => parts.nth(2).filter(|part| *part == "raw").and_then(|_| parts.next()),
        _ => None,
    };
    // `refs/heads/main` is the long form.
    let branch = match branch {
        Some("refs") => parts.nth(1),
        branch => branch,
    };
    branch.is_some_and(|branch| MOVING_REFS.contains(&branch))
}

/// True if a step compares a checksum or a signature, or a script that it runs may.
fn verifies(model: &Model, step: usize) -> bool {
    model
        .commands_of(step)
        .any(|c| c.verifies() || c.shell().words.iter().any(|w| w.static_prefix().contains("sha256")))
}

fn is_from_elsewhere(url: &Word) -> bool {
    !Download::is_local(url.static_prefix())
}

fn in_bin(path: &str) -> bool {
    BIN_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn ends_as_download(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or(path);
    is_tar(name) || DOWNLOAD_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// True if the download is an archive, a package or a program, or is unpacked or made executable by its RUN.
fn is_used(model: &Model, download: &Download<'_>, url: &Word) -> bool {
    let cmd = &download.cmd;
    let text = model.text(url.span).trim_matches(['"', '\'']);
    let script = &cmd.script().script;
    match download.destination {
        Destination::Nowhere => false,
        Destination::Output => cmd.shell().place.pipeline.is_some_and(|seat| {
            let members = script.pipelines.get(seat.pipeline).map_or(&[][..], |p| p.members.as_slice());
            let behind = members.iter().skip(seat.position + 1).take(2).flatten();
            behind
                .filter_map(|at| script.commands.get(*at))
                .any(|c| c.program().is_some_and(|program| UNPACKERS.contains(&program)))
        }),
        Destination::File(file) => {
            ends_as_download(text) || in_bin(model.text(file.span()).trim_matches(['"', '\'']))
        }
        Destination::Named => ends_as_download(text),
    }
}
