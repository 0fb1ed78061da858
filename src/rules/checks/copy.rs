//! COPY and ADD: where files go.

use dockerignore::filepath::has_wildcard;

use crate::diag::{Finding, Fix, Part, Saving, Severity};
use crate::knowledge::{FOLDERS_OF_IMAGES, FOLDERS_OF_SYSTEMS, Family};
use crate::rules::Cx;
use crate::semantic::Analysis;
use crate::semantic::{
    Base, Cmd, CopyFrom, CopySource, CopyUse, Model, ScriptKind, SourceKind, Stage, is_tar,
};
use crate::syntax::{Instruction, Kind, Transfer, TransferSource, Word};
use crate::text::Edit;

use super::brought::first_place;
use super::lacks::Lacks;
use super::source::result;
use super::variables::operator;

/// The arguments of COPY and ADD, those behind ONBUILD too.
fn transfer(instruction: &Instruction) -> Option<&Transfer> {
    match &instruction.kind {
        Kind::Copy(transfer) | Kind::Add(transfer) => Some(transfer),
        _ => None,
    }
}

/// True for a flag behind the sources, which is taken for the destination: `misplaced-flag` speaks of it.
pub(super) fn is_misplaced_flag(destination: &Word) -> bool {
    destination.text.starts_with("--")
}

/// `copy-destination-not-folder`.
pub fn not_folder(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Podman makes a folder of it.
    if !model.is_built_by(|builder| !builder.is_buildah()) {
        return;
    }
    for (step, instruction) in model.instructions() {
        let Some(transfer) = transfer(instruction).filter(|t| t.sources.len() > 1) else { continue };
        // A comment behind the arguments has a rule of its own.
        let commented = !instruction.trailing_comments(&model.file).is_empty();
        // And so have a flag behind the sources, and a here-document that does not start.
        // So have an array that is none, and words that only a shell reads.
        let is_array = instruction.arguments_text().starts_with('[') && !transfer.json;
        let is_other =
            |w: &Word| w.text.starts_with("--") || w.text.starts_with("<<") || is_of_history(&w.text);
        if commented || is_array || operator(instruction).is_some() || transfer.paths().any(is_other) {
            continue;
        }
        let Some(word) = transfer.destination.as_ref().filter(|w| is_file(model, step, w)) else { continue };
        let message = format!(
            "several sources go to `{}`, which does not end in `/`: if no such folder exists they overwrite each other, and the classic builder refuses it",
            word.text
        );
        let mut finding = cx.at(word.span, message).help("end it with `/`");
        if is_made_before(model, step) {
            let message = format!(
                "several sources go to `{}`, which does not end in `/`: the classic builder refuses it",
                word.text
            );
            finding = cx.at(word.span, message).help("end it with `/`");
            finding.severity = finding.severity.min(Severity::Info);
        }
        if let Some(at) = end_of_value(word, transfer.json) {
            // `both.txt` is rather meant as the file that is made of the others.
            let name = word.text.trim_end_matches(['"', '\'']);
            let make = if has_ending(name) { Fix::uncertain } else { Fix::safe };
            finding = finding.fix(make("end it with `/`", [Edit::insert(at, "/")]));
        }
        cx.report(finding);
    }
}

/// True if the folder that a copy goes to is there: a WORKDIR, a `mkdir` or a copy above has made it, or the image has it.
fn is_made_before(model: &Model, step: usize) -> bool {
    let copy = model.copies.iter().find(|copy| copy.step == step && !copy.mount);
    let (Some(stage), Some(to)) = (model.stage_of(step), copy.and_then(|copy| copy.destination.known()))
    else {
        return false;
    };
    let to = to.trim_end_matches('/');
    let own = |at: usize| model.inherits_step(stage, at);
    let at_or_below =
        |path: &str| path.strip_prefix(to).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let mut workdirs = model.workdirs.iter().take_while(|w| w.step < step).filter(|w| own(w.step));
    let mut copies = model.copies.iter().take_while(|c| c.step < step).filter(|c| own(c.step) && !c.mount);
    let mut made = model.commands_named("mkdir").filter(|cmd| {
        let within = cmd.shell().place.within;
        cmd.script().kind == ScriptKind::Run
            && cmd.step() < step
            && own(cmd.step())
            && !(within.branch || within.condition || within.function)
    });
    workdirs.any(|w| w.path.known().is_some_and(at_or_below))
        || copies.any(|c| c.destination.known().is_some_and(|d| d.ends_with('/') && at_or_below(d)))
        || made.any(|cmd| cmd.args().iter().flat_map(|w| cmd.paths_of(w)).any(|path| at_or_below(&path)))
        || is_in_image(model, stage, to)
}

/// True for a folder that the image of a stage brings.
fn is_in_image(model: &Model, stage: &Stage, folder: &str) -> bool {
    use Family::{Alpine, Debian, RedHat, Ubuntu};
    let Base::Image(image) = model.root_base(stage) else { return false };
    let of_image = |row: &&str| row.split_once(' ') == Some((image.familiar_path(), folder));
    FOLDERS_OF_SYSTEMS.contains(&folder) && matches!(model.family(stage), Alpine | Debian | RedHat | Ubuntu)
        || FOLDERS_OF_IMAGES.iter().any(of_image)
}

/// `copy-pattern-to-file`.
pub fn pattern_to_file(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let Some(transfer) = transfer(instruction) else { continue };
        let ([TransferSource::Path(source)], Some(word)) =
            (transfer.sources.as_slice(), &transfer.destination)
        else {
            continue;
        };
        let pattern = model.value(step, source);
        // The `?` of a URL, or of a Git repository, is no wildcard.
        let is_address = pattern.known().is_some_and(|p| p.contains("://") || p.starts_with("git@"));
        // `COPY target/*.jar app.jar` renames the one file that there is.
        let renames = has_ending(word.text.trim_end_matches(['"', '\'']));
        if renames || is_address || !pattern.known().is_some_and(has_wildcard) || !is_file(model, step, word)
        {
            continue;
        }
        let message = format!(
            "`{}` may match several files, and `{}` does not end in `/`: if no such folder exists they overwrite each other",
            source.text, word.text
        );
        let mut finding = cx.at(word.span, message).help("end it with `/`");
        if let Some(at) = end_of_value(word, transfer.json) {
            finding = finding.fix(Fix::uncertain("end it with `/`", [Edit::insert(at, "/")]));
        }
        cx.report(finding);
    }
}

/// True for `multi:8b88…`, as `docker history` prints what was copied: such a file is no real Dockerfile.
fn is_of_history(source: &str) -> bool {
    source.split_once(':').is_some_and(|(kind, hash)| {
        matches!(kind, "multi" | "file" | "dir")
            && hash.len() == 64
            && hash.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

/// True if BuildKit surely takes a destination for a file unless a folder of that name is there.
fn is_file(model: &Model, step: usize, word: &Word) -> bool {
    let value = model.value(step, word);
    let text = match value.known() {
        Some(text) => text,
        // `$DIR/etc` ends in `etc`, whatever the variable is.
        None => match word.variables() {
            Ok(variables) if variables.iter().all(|v| v.range.end < word.text.len()) => {
                word.text.trim_end_matches(['"', '\''])
            }
            _ => return false,
        },
    };
    if is_misplaced_flag(word) {
        return false;
    }
    // `.` and `..` are always folders.
    let last = text.rsplit(['/', '\\']).next().unwrap_or(text);
    !matches!(last, "" | "." | "..") && !last.ends_with('}')
}

fn has_ending(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_start_matches('.').contains('.') && !name.ends_with(".d")
}

/// Where something can be added to the value of a word; `None` if a continuation or an escape is near.
fn end_of_value(word: &Word, json: bool) -> Option<u32> {
    let text = &*word.text;
    if !word.exact || text.ends_with(word.escape.char()) {
        return None;
    }
    let quoted = !json && text.ends_with(['"', '\'']);
    Some(word.span.end - u32::from(quoted))
}

/// Images that are made to be put over another one.
const OVERLAYS: [&str; 1] = ["tonistiigi/xx"];

/// True if a stage or image holds nothing but what was put there to be copied.
fn is_overlay(model: &Model, from: &CopyFrom) -> bool {
    let base = match from {
        CopyFrom::Stage(stage) => model.stages.get(*stage).map(|s| model.root_base(s)),
        CopyFrom::Image(Some(image)) => return OVERLAYS.contains(&&*image.path),
        _ => None,
    };
    match base {
        Some(Base::Image(image)) => OVERLAYS.contains(&&*image.path),
        base => base == Some(&Base::Scratch),
    }
}

/// `copy-whole-filesystem`.
pub fn whole_filesystem(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.mount && c.from != CopyFrom::Context) {
        let all = copy.sources.iter().find(|s| s.value.known() == Some("/"));
        let (Some(source), Some("/")) = (all, copy.destination.known()) else { continue };
        // Above scratch it makes one layer of many.
        let flattens = model.stage_of(copy.step).is_some_and(|s| *model.root_base(s) == Base::Scratch);
        if flattens || is_overlay(model, &copy.from) {
            continue;
        }
        let Some((name, _)) = model.copy_reference(copy) else { continue };
        let message = format!(
            "this copies the whole file system of `{name}` over this image: its system files too, and everything that only its build needed"
        );
        let help = "copy the paths that are needed, or start from it: `FROM`";
        cx.report(cx.at(source.span, message).help(help));
    }
}

/// `copy-then-unpack`.
pub fn then_unpack(cx: &mut Cx<'_>) {
    let model = cx.model;
    let unpacked: Vec<(Cmd<'_>, &str)> = model
        .run_commands()
        .filter_map(|c| Some((c, c.unpacked_archive().or(c.unzipped_archive())?)))
        .collect();
    if unpacked.is_empty() {
        return;
    }
    for copy in &model.copies {
        let Some(stage) = model.stage_of(copy.step).filter(|s| s.in_final_image) else { continue };
        if copy.mount || copy.onbuild || copy.from != CopyFrom::Context {
            continue;
        }
        let unpacks = model.instruction(copy.step).flag("unpack").is_some();
        for source in &copy.sources {
            // ADD unpacks what is in the build context, and only that.
            let fetched = source.kind == SourceKind::Url;
            if copy.add != fetched || unpacks {
                continue;
            }
            let Some(path) = source.value.known() else { continue };
            // On Windows people write `\`, which BuildKit drops for Linux.
            let written = model.text(source.span).trim_matches(['"', '\'']);
            let name = base_name(if written.contains('\\') { written } else { path });
            let is_zip = name.to_ascii_lowercase().ends_with(".zip");
            if !is_tar(name) && !is_zip {
                continue;
            }
            let later = |c: &Cmd<'_>| c.step() > copy.step && stage.steps.contains(&c.step());
            let mut found = unpacked.iter().filter(|(c, _)| later(c));
            let Some((cmd, _)) = found.find(|(c, archive)| is_same(copy, name, c, archive)) else {
                continue;
            };
            let program = cmd.program();
            let message =
                format!("`{name}` stays in the image alongside what `{program}` extracts from it later");
            let finding = with_size(model, copy, source, cx.at(source.span, message));
            let help = if is_zip && fetched {
                match downloader(cx, stage) {
                    Some(fetch) => {
                        format!("fetch, unpack and remove it in one RUN, with `{} {written}`", fetch.to_file)
                    }
                    None => "install `curl`, and fetch, unpack and remove it in one RUN".to_owned(),
                }
            } else if is_zip {
                format!(
                    "mount it in that RUN in place of this COPY: `RUN --mount=type=bind,source={written},target=/tmp/{name} unzip …`"
                )
            } else if fetched {
                let pipe = downloader(cx, stage).map(|fetch| {
                    format!("fetch and unpack it in one RUN (`{} {written} | tar x…`)", fetch.to_pipe)
                });
                let unpack = unpacked_to(cmd).map(|folder| {
                    format!("write `ADD --unpack=true {written} {folder}`, and remove that `{program}`")
                });
                match (pipe, unpack) {
                    (Some(pipe), Some(unpack)) => format!("{pipe}, or {unpack}"),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => "install `curl`, and fetch and unpack it in one RUN".to_owned(),
                }
            } else {
                format!(
                    "ADD unpacks it by itself, `ADD {written} FOLDER/`; or mount it: `RUN --mount=type=bind,source={written},target=/tmp/{name} tar …`"
                )
            };
            cx.report(finding.label(cmd.shell().span, "unpacked here").help(help));
        }
    }
}

/// How a program that the image has fetches a file.
struct Downloader {
    to_pipe: &'static str,
    to_file: &'static str,
}

/// That of the image as far as it is known, which is curl where it is not; `None` where it has none.
fn downloader(cx: &Cx<'_>, stage: &Stage) -> Option<Downloader> {
    let lacks = Lacks::of(cx.model, stage);
    let is_busybox = match cx.model.root_base(stage) {
        Base::Image(image) => image.is_official() && image.familiar_path() == "busybox",
        _ => false,
    };
    let has = |program: &str| {
        let lacking = is_busybox && program == "curl" || lacks.is_some_and(|lacks| lacks.has_not(program));
        !lacking || first_place(cx, stage, program).is_some()
    };
    if has("curl") {
        Some(Downloader { to_pipe: "curl -fsSL", to_file: "curl -fsSLO" })
    } else if has("wget") {
        Some(Downloader { to_pipe: "wget -q -O -", to_file: "wget -q" })
    } else {
        None
    }
}

/// The folder that a tar unpacks to, where ADD would do the same: all of it, with its folders.
fn unpacked_to(cmd: &Cmd<'_>) -> Option<String> {
    let unpacking = cmd.unpacking().filter(|unpacking| !unpacking.is_partial)?;
    let changes = |word: &crate::shell::Word| {
        let text = word.static_prefix();
        ["--strip", "--transform", "--xform", "--exclude", "--no-same", "--owner"]
            .iter()
            .any(|o| text.starts_with(o))
    };
    if cmd.args().iter().any(changes) || cmd.script().changes_folder {
        return None;
    }
    let folder = match unpacking.folder {
        Some((word, skipped)) => word.as_str()?.get(skipped..)?,
        None => ".",
    };
    cmd.absolute(folder)
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// True if `archive`, as a command names it, is the file called `name` that the copy brings.
fn is_same(copy: &CopyUse, name: &str, cmd: &Cmd<'_>, archive: &str) -> bool {
    let destination = copy.destination.known();
    let renamed = destination.filter(|d| !d.ends_with('/')).map(base_name);
    if base_name(archive) != name && Some(base_name(archive)) != renamed {
        return false;
    }
    match (destination, cmd.absolute(archive)) {
        (Some(destination), Some(archive)) => {
            let folder = destination.trim_end_matches('/');
            archive == destination || archive.strip_prefix(folder) == Some(&*format!("/{name}"))
        }
        // `cd` may have moved; the name says enough.
        _ => true,
    }
}

fn with_size(model: &Analysis, copy: &CopyUse, source: &CopySource, finding: Finding) -> Finding {
    match result(model, copy, source).map(|r| r.total.bytes).filter(|b| *b > 0) {
        Some(bytes) => finding.saving(Saving::measured(bytes, "build context").of(Part::Copied(copy.step))),
        None => finding,
    }
}

/// `copy-from-empty-stage`.
pub fn from_empty_stage(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in &model.copies {
        let CopyFrom::Stage(stage) = copy.from else { continue };
        let Some(stage) = model.stages.get(stage).filter(|s| s.base == Base::Scratch) else { continue };
        // What stands there that is no instruction may have been a COPY.
        let fills = |kind: &Kind| {
            matches!(kind, Kind::Copy(_) | Kind::Add(_) | Kind::Run(_) | Kind::Workdir(_) | Kind::Unknown)
        };
        if model.instructions_of(stage).any(|(_, i)| !i.is_trigger() && fills(&i.kind)) {
            continue;
        }
        let Some((name, span)) = model.copy_reference(copy) else { continue };
        // All of it is taken on purpose: a build context of the stage's name may replace it.
        let whole = |path: &str| path.trim_matches(['/', '.']).is_empty() || path.contains(['*', '?', '[']);
        if copy.sources.iter().all(|s| s.value.known().is_none_or(whole)) {
            continue;
        }
        let message = format!(
            "`{name}` is empty, since it starts from `scratch` and nothing is copied into it, so the build fails"
        );
        let label = model.instruction(stage.steps.start).keyword_span;
        cx.report(
            cx.at(span, message).label(label, "this stage").help("copy from the stage that makes the files"),
        );
    }
}
