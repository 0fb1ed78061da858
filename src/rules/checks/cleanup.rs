//! Rules about steps that belong into one layer.

use std::collections::HashMap;

use crate::diag::{Finding, Fix, Part, Saving, format_bytes};
use crate::knowledge::{DOWNLOAD_ENDINGS, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Cmd, CopyFrom, CopyUse, Model, SourceKind, Stage, covers, is_file_name};
use crate::shell::Word;
use crate::text::Span;

use super::caches::{is_update_alone, later_cleanup, list_bytes, lists_saving, runs};
use super::chain::joined;

/// `cleanup-in-later-layer`.
pub fn later_layer(cx: &mut Cx<'_>) {
    caches(cx);
    copies(cx);
    downloads(cx);
}

/// Caches of package managers, once per command that cleans up.
fn caches(cx: &Cx<'_>) {
    // A command may clean up what several wrote: all of them are labels of its finding.
    let mut found: Vec<Finding> = Vec::new();
    let mut known: HashMap<Span, usize> = HashMap::new();
    let mut counted = false;
    for stage in &cx.model.stages {
        for step in runs(cx.model, stage).filter(|s| cx.model.is_kept(*s)) {
            for left in cx.model.leftovers(step) {
                let Some(cmd) = later_cleanup(cx.model, stage, step, left) else { continue };
                let filler = left.first(cx.model);
                let span = clean_span(&cmd);
                if let Some(known) = known.get(&span).and_then(|i| found.get_mut(*i)) {
                    known.labels.push(crate::diag::Label {
                        span: filler.head_span(),
                        text: "also written here".into(),
                    });
                    continue;
                }
                let is_lists = left.manager.id == ManagerId::Apt && !left.is_downloads();
                let lists = (is_lists && !std::mem::replace(&mut counted, true))
                    .then(|| list_bytes(cx.model, stage))
                    .flatten();
                let size = lists.map(|b| format!("about {} of ", format_bytes(b.0))).unwrap_or_default();
                let what = left.cache.what;
                let remain = if what.starts_with("package metadata") { "remains" } else { "remain" };
                let message = format!(
                    "this frees no space: {size}{what} {remain} in the layer that `{}` wrote",
                    filler.head()
                );
                let help = if is_update_alone(cx.model, step, left) {
                    format!("combine everything from `{}` to this line in a single RUN", filler.head())
                } else {
                    format!("end the earlier RUN with `{}`", left.cache.remove)
                };
                let mut finding = cx
                    .at(span, message)
                    .help(help)
                    .label(filler.head_span(), "written here")
                    .alias(left.manager.ids.cache.filter(|_| !left.is_downloads()));
                if let Some((bytes, suite)) = lists {
                    finding = finding.saving(lists_saving(bytes, suite));
                }
                if let Some(edit) = joined(cx.model, step, cmd.step()) {
                    finding = finding.fix(Fix::safe("make one RUN of both", [edit]));
                }
                known.insert(span, found.len());
                found.push(finding);
            }
        }
    }
    found.into_iter().for_each(|f| cx.report(f));
}

/// What of a command cleans up: `rm -rf /var/lib/apt/lists/*`, without other words.
fn clean_span(cmd: &Cmd<'_>) -> Span {
    match cmd.args().last() {
        Some(last) => cmd.program_span().to(last.span),
        None => cmd.program_span(),
    }
}

/// Smaller files than this are not worth a word, in bytes.
pub(super) const WORTHWHILE: u64 = 1_000_000;

/// Files that a COPY or ADD brought.
fn copies(cx: &Cx<'_>) {
    for stage in cx.model.stages.iter().filter(|s| s.in_final_image) {
        let has_copies = |step: &usize| cx.model.copies_before(stage, *step).next().is_some();
        for step in runs(cx.model, stage).filter(has_copies) {
            for cmd in cx.model.commands_of(step).filter(|c| matches!(c.program(), "rm" | "unlink")) {
                for word in removed_words(&cmd) {
                    let removed = cmd.paths_of(word);
                    let hit =
                        cx.model.copies_before(stage, step).find_map(|c| Some((c, weight(cx, c, &removed)?)));
                    let Some((copy, bytes)) = hit else {
                        one_of_many(cx, stage, &cmd, word).into_iter().for_each(|finding| cx.report(finding));
                        continue;
                    };
                    let what = bytes.map_or_else(|| "the".to_owned(), |b| format!("{} of", format_bytes(b)));
                    let name = if copy.add { "ADD" } else { "COPY" };
                    let message = format!(
                        "this frees no space: {what} files stay in the layer of the {name} that added them"
                    );
                    let mut finding = cx
                        .at(word.span, message)
                        .help(help(cx.model, copy, &removed))
                        .label(cx.model.instruction(copy.step).keyword_span, "added here");
                    if let Some(bytes) = bytes {
                        finding = finding
                            .saving(Saving::measured(bytes, "build context").of(Part::Copied(copy.step)));
                    }
                    cx.report(finding);
                }
            }
        }
    }
}

/// The removal of a large file that a COPY has brought with others.
fn one_of_many(cx: &Cx<'_>, stage: &Stage, cmd: &Cmd<'_>, word: &Word) -> Option<Finding> {
    let paths = cmd.paths_of(word);
    let plain = paths.iter().filter(|_| !word.has_glob() && cmd.surely_runs());
    let brought = plain.into_iter().find_map(|path| cx.model.brought_file(stage, cmd.step(), path));
    let (copy, file, bytes) = brought.filter(|(.., bytes)| *bytes >= WORTHWHILE)?;
    let name = if copy.add { "ADD" } else { "COPY" };
    let message = format!(
        "this frees no space: {} of files stay in the layer of the {name} that added them",
        format_bytes(bytes)
    );
    let help = format!(
        "keep `{file}` out of the {name} with `--exclude` or a line in the ignore file, and mount it in each RUN that needs it"
    );
    let finding = cx.at(word.span, message).help(help);
    let finding = finding.label(cx.model.instruction(copy.step).keyword_span, "added here");
    Some(finding.saving(Saving::measured(bytes, "build context")))
}

/// The words of `rm` that name files or folders, or all that is in a folder.
fn removed_words<'m>(cmd: &Cmd<'m>) -> impl Iterator<Item = &'m Word> {
    cmd.args().iter().filter(|w| {
        let text = w.static_prefix();
        let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        !(text.starts_with('-') || w.has_glob() && last.contains(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// Archives and repositories that an earlier RUN fetched.
fn downloads(cx: &Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.in_final_image) {
        // What the RUNs so far fetched and kept: by which command, and where it is.
        let mut kept: Vec<(Cmd<'_>, String)> = Vec::new();
        for step in runs(model, stage) {
            let mut fresh: Vec<(Cmd<'_>, String)> = Vec::new();
            for cmd in model.commands_of(step) {
                fresh.extend(fetched(&cmd).map(|path| (cmd, path)));
                if cmd.program() != "rm" {
                    continue;
                }
                for word in removed_words(&cmd) {
                    let removed = places(&cmd, word);
                    let gone = |path: &str| removed.iter().any(|r| r != "/" && covers(r, path));
                    fresh.retain(|(_, path)| !gone(path));
                    let Some(at) = kept.iter().position(|(_, path)| gone(path)) else { continue };
                    let (by, _) = kept.remove(at);
                    let message = "this frees no space: the download remains in the layer of the earlier RUN";
                    cx.report(
                        cx.at(word.span, message)
                            .help("fetch, use and remove it in one RUN")
                            .label(by.program_span(), "fetched here"),
                    );
                }
            }
            kept.append(&mut fresh);
        }
    }
}

/// Where a command means `path` to be. Below a WORKDIR that is not known, it stands for that in words that are no path,
/// the same as long as the WORKDIR is.
fn place(cmd: &Cmd<'_>, path: &str) -> Option<String> {
    let unknown = || {
        let plain =
            !path.is_empty() && !path.starts_with(['/', '~', '-']) && !path.contains(['*', '?', '[', '{']);
        let stays = !cmd.script().changes_folder && !path.split('/').any(|part| part == "..");
        let workdir = cmd.model.steps.get(cmd.step())?.state.workdir;
        (plain && stays).then(|| format!("<{workdir:?}>/{}", path.trim_start_matches("./")))
    };
    cmd.absolute(path).or_else(unknown)
}

/// The same of a word, which may mean several.
fn places(cmd: &Cmd<'_>, word: &Word) -> Vec<String> {
    let known = cmd.paths_of(word);
    if !known.is_empty() {
        return known;
    }
    word.as_str().and_then(|path| place(cmd, path)).into_iter().collect()
}

/// The absolute path of the archive or repository that a command fetches into the image.
fn fetched(cmd: &Cmd<'_>) -> Option<String> {
    let args = cmd.args();
    let behind = |flags: &[&str]| {
        args.iter().position(|w| flags.iter().any(|f| w.is(f))).and_then(|at| args.get(at + 1))
    };
    let url = || {
        args.iter()
            .rev()
            .find(|w| w.static_prefix().contains("://") || w.text(cmd.model.file.text()).contains("://"))
    };
    let name = |word: &Word| {
        let text = word.text(cmd.model.file.text()).trim_matches(['"', '\'']);
        let last = text.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?.to_owned();
        (!last.contains('$')).then_some(last)
    };
    let file = match cmd.program() {
        "curl" => match behind(&["-o", "--output", "-Lo", "-fsSLo", "-sSLo", "-sLo", "-fLo", "-SLo"]) {
            Some(word) => places(cmd, word).pop()?,
            None if cmd.has_any_flag(&["-O", "--remote-name"]) => place(cmd, &name(url()?)?)?,
            None => return None,
        },
        "wget" => match behind(&["-O", "--output-document", "-qO", "-nvO"]) {
            Some(word) => places(cmd, word).pop()?,
            None if cmd.has_any_flag(&["-P", "--directory-prefix", "-i"]) => return None,
            None => place(cmd, &name(url()?)?)?,
        },
        "git" if cmd.is_subcommand("clone") => {
            let operands = cmd.operands();
            let at = operands.iter().position(|w| w.text(cmd.model.file.text()).contains("://"))?;
            return match operands.get(at + 1) {
                Some(word) => places(cmd, word).pop(),
                None => place(cmd, name(operands[at])?.trim_end_matches(".git")),
            };
        }
        _ => return None,
    };
    is_heavy(&file).then_some(file)
}

fn help(model: &Model, copy: &CopyUse, removed: &[String]) -> String {
    let from = match (&copy.from, model.copy_reference(copy)) {
        (CopyFrom::Context, _) => Some(String::new()),
        (CopyFrom::Stage(_) | CopyFrom::Image(_), Some((name, _))) => Some(format!("from={name},")),
        _ => None,
    };
    let [source] = copy.sources.as_slice() else { return FETCH.to_owned() };
    // A file cannot be mounted at the folder that it goes into.
    let file = source.value.known().and_then(|path| path.rsplit('/').next());
    let inside = copy.destination.known().filter(|path| path.ends_with('/')).zip(file);
    let inside = inside.map(|(folder, file)| format!("{folder}{file}")).filter(|path| removed.contains(path));
    let target = inside.or_else(|| copy.targets().pop());
    match (from, source.value.known(), target) {
        (Some(from), Some(path), Some(target)) if source.kind == SourceKind::Path => {
            // What runs in a folder may write to it.
            let rw = if is_file_name(path) { "" } else { ",rw" };
            format!(
                "instead of copying it, mount it in each RUN that needs it, and drop this `rm`: `RUN --mount=type=bind,{from}source={path},target={target}{rw}`"
            )
        }
        _ => FETCH.to_owned(),
    }
}

const FETCH: &str =
    "fetch and remove it in one RUN, or mount it with `RUN --mount=type=bind,…` and drop the `rm`";

/// What `removed` takes of a copy: `None` if it is not all of it, or not worth a word; the bytes where
/// they are known.
#[allow(clippy::option_option, reason = "the inner one says whether the weight is known")]
fn weight(cx: &Cx<'_>, copy: &CopyUse, removed: &[String]) -> Option<Option<u64>> {
    let targets = copy.targets();
    let gone = |target: &String| removed.iter().any(|r| r != "/" && covers(r, target));
    if (targets.is_empty() || !targets.iter().all(gone)) && !copy.is_named_by(removed) {
        return None;
    }
    if is_made_up(cx.model, copy) {
        return None;
    }
    if let Some(bytes) = cx.model.measured(copy) {
        return (bytes >= WORTHWHILE).then_some(Some(bytes));
    }
    let staged = matches!(copy.from, CopyFrom::Stage(_) | CopyFrom::Image(_));
    let heavy = |path: &str| is_heavy(path) || staged && !is_file_name(path);
    copy.sources.iter().any(|s| s.value.known().is_some_and(heavy)).then_some(None)
}

/// True for packages that an earlier stage makes by itself: mostly they are there only to satisfy a dependency.
fn is_made_up(model: &Model, copy: &CopyUse) -> bool {
    let CopyFrom::Stage(stage) = copy.from else { return false };
    let makes = |program: &str| {
        model.commands_named(program).any(|c| {
            c.stage().is_some_and(|s| s.index == stage)
                && (program != "dpkg-deb" || c.has_any_flag(&["-b", "--build"]))
        })
    };
    copy.sources.iter().all(|s| s.value.known().is_some_and(|path| path.ends_with(".deb")))
        && (makes("dpkg-deb") || makes("equivs-build"))
}

/// True if all sources are files that by their names weigh little: `app.conf`, `index.php`.
pub(super) fn is_light(copy: &CopyUse) -> bool {
    copy.sources.iter().all(|s| {
        s.value
            .known()
            .is_some_and(|path| is_file_name(path) && !is_heavy(path) && !path.contains(['*', '?']))
    })
}

/// True if a name says that much is in it: an archive, a package, a folder.
fn is_heavy(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    DOWNLOAD_ENDINGS.iter().any(|e| path.ends_with(e))
        || matches!(path, "." | "./" | "/")
        || !is_file_name(path) && path.ends_with('/')
}
