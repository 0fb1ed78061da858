//! COPY and ADD: where files go.

use std::borrow::Cow;

use dockerignore::filepath::{clean, has_wildcard};

use crate::diag::{Finding, Fix, Part, Saving, Severity};
use crate::knowledge::ImageKind;
use crate::rules::Cx;
use crate::semantic::Analysis;
use crate::semantic::{Base, Cmd, CopyFrom, CopySource, CopyUse, Model, SourceKind, Stage, facts, is_tar};
use crate::syntax::{ImageRef, Instruction, Kind, Transfer, TransferSource, Word};
use crate::text::Edit;

use super::source::result;
use super::unshipped::is_for_tests;
use super::workdir::is_relative;

/// The arguments of COPY and ADD, those behind ONBUILD too.
fn transfer(instruction: &Instruction) -> Option<&Transfer> {
    match &instruction.kind {
        Kind::Copy(transfer) | Kind::Add(transfer) => Some(transfer),
        _ => None,
    }
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
        let is_other =
            |w: &Word| w.text.starts_with("--") || w.text.starts_with("<<") || is_of_history(&w.text);
        if commented || transfer.paths().any(is_other) {
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

/// True if a WORKDIR above has made the folder that a copy goes to.
fn is_made_before(model: &Model, step: usize) -> bool {
    let copy = model.copies.iter().find(|copy| copy.step == step && !copy.mount);
    let (Some(stage), Some(to)) = (model.stage_of(step), copy.and_then(|copy| copy.destination.known()))
    else {
        return false;
    };
    let to = to.trim_end_matches('/');
    let own = |at: usize| model.inherits_step(stage, at);
    model.workdirs.iter().take_while(|w| w.step < step).filter(|w| own(w.step)).any(|w| {
        let below = w.path.known().and_then(|path| path.strip_prefix(to));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
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

/// A COPY to a relative destination where no WORKDIR counts.
struct Unanchored<'m> {
    step: usize,
    word: &'m Word,
    /// The folder that the base image starts in, where that is sure.
    base: Option<&'m str>,
    stage: &'m Stage,
}

/// The first of each stage: a WORKDIR above it resolves the others, too.
fn unanchored<'m>(model: &'m Model) -> impl Iterator<Item = Unanchored<'m>> {
    let mut last = None;
    model.instructions().filter_map(move |(step, instruction)| {
        let stage = model.stage_of(step)?;
        let transfer = match &instruction.kind {
            Kind::Copy(transfer) | Kind::Add(transfer) => transfer,
            Kind::Unknown => {
                // It may have been a WORKDIR.
                last = Some(stage.index);
                return None;
            }
            _ => return None,
        };
        let word = transfer.destination.as_ref().filter(|w| is_relative(model, step, w))?;
        let open = model.steps.get(step)?.state.workdir.is_none();
        (open && last.replace(stage.index) != Some(stage.index)).then(|| Unanchored {
            step,
            word,
            base: model.base_workdir(stage),
            stage,
        })
    })
}

/// `copy-relative-destination`.
pub fn relative(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in unanchored(model) {
        let Some((base, image)) = known_base(model, &copy) else { continue };
        if is_for_tests(model) {
            return;
        }
        // Where a stage of the build has its files matters to nobody else.
        if !copy.stage.in_final_image && !model.is_output(copy.stage) {
            continue;
        }
        let message = format!(
            "no WORKDIR is set, so `{}` is relative to `{base}`, the working directory of `{}`",
            copy.word.text, image
        );
        let help = named_later(model, &copy).map_or_else(
            || Cow::Borrowed(HELP),
            |path| Cow::Owned(format!("write the full path, since a later line reads `{path}`")),
        );
        cx.report(cx.at(copy.word.span, message).help(help));
    }
}

/// The folder that the base image starts in, and its name: also of `ubuntu:$VERSION`.
fn known_base<'m>(model: &'m Model, copy: &Unanchored<'m>) -> Option<(&'m str, String)> {
    if let (Some(base), Base::Image(image)) = (copy.base, model.root_base(copy.stage)) {
        return Some((base, image.familiar_path().to_owned()));
    }
    let root = model.stages.get(copy.stage.root())?;
    let path = model.partial_image(root).filter(|image| &*image.registry == "docker.io")?.path?;
    let image = ImageRef::parse(&path).ok()?;
    let known = facts(&image).filter(|f| f.kind == Some(ImageKind::Os))?;
    Some((known.workdir?, image.familiar_path().to_owned()))
}

/// The file of the copy that a later instruction of the stage names by its full path: a WORKDIR would move it away.
fn named_later<'m>(model: &'m Model, unanchored: &Unanchored<'m>) -> Option<&'m str> {
    let copy = model.copies.iter().find(|copy| copy.step == unanchored.step && !copy.mount)?;
    let base = unanchored.base?.trim_end_matches('/');
    let destination = &*unanchored.word.text;
    let is_folder = destination.ends_with(['/', '.']) || copy.sources.len() > 1;
    let place = clean(&format!("{base}/{destination}"));
    let brings = |path: &str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_source = |source: &CopySource| {
            source.value.known().is_some_and(|source| source.rsplit('/').next() == Some(name))
        };
        match is_folder {
            true => folder == place.trim_end_matches('/') && copy.sources.iter().any(is_source),
            false => path == place,
        }
    };
    let mut later = model.instructions().filter(|(step, _)| {
        *step > unanchored.step && model.stage_of(*step).is_some_and(|s| s.index == unanchored.stage.index)
    });
    later.find_map(|(_, instruction)| {
        let ends_path = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '=' | '[' | ']');
        let mut paths = instruction.arguments_text().split(ends_path).filter(|word| word.starts_with('/'));
        paths.find(|path| brings(path))
    })
}

const HELP: &str = "set a WORKDIR above it, such as `WORKDIR /app`, or write the full path";

/// `copy-relative-to-base`.
pub fn relative_to_base(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in unanchored(model) {
        let message = match (copy.base, model.root_base(copy.stage)) {
            _ if known_base(model, &copy).is_some() => continue,
            (Some(base), _) => format!("no WORKDIR is set, so `{}` is relative to `{base}`", copy.word.text),
            (None, _) => format!(
                "no WORKDIR is set, so `{}` is relative to that of the base image, which another version may change",
                copy.word.text
            ),
        };
        cx.report(cx.at(copy.word.span, message).help(HELP));
    }
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
                format!("fetch, unpack and remove it in one RUN, with `curl -fsSLO {written}`")
            } else if is_zip {
                format!(
                    "mount it in that RUN in place of this COPY: `RUN --mount=type=bind,source={written},target=/tmp/{name} unzip …`"
                )
            } else if fetched {
                format!(
                    "fetch and unpack it in one RUN (`curl -fsSL {written} | tar x…`), or write `ADD --unpack=true`"
                )
            } else {
                format!(
                    "ADD unpacks it by itself, `ADD {written} FOLDER/`; or mount it: `RUN --mount=type=bind,source={written},target=/tmp/{name} tar …`"
                )
            };
            cx.report(finding.label(cmd.shell().span, "unpacked here").help(help));
        }
    }
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
