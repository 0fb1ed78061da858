//! More copied from a stage than the image needs: what its base has already, and all that a build worked with.

use crate::semantic::{Base, CopyFrom, CopyUse, Stage, StageId};
use crate::syntax::{Kind, Word};
use crate::text::Edit;

use super::{Case, Piece};

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let model = case.model;
    let mut found = Vec::new();
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let (Some(from), Some(to)) = (model.stages.get(from), model.stage_of(copy.step)) else { continue };
        if to.in_final_image {
            found.extend(library(case, copy, from, to));
            found.extend(distribution(case, copy, from));
        }
    }
    found
}

/// The one source of a copy and its destination, as written and as values without a `/` at their ends.
struct Parts<'m> {
    source: &'m Word,
    destination: &'m Word,
    from: String,
    to: String,
}

fn parts<'m>(case: &Case<'m>, copy: &'m CopyUse) -> Option<Parts<'m>> {
    let Kind::Copy(transfer) = &case.model.instruction(copy.step).kind else { return None };
    let [source] = copy.sources.as_slice() else { return None };
    let words = transfer.sources.iter().filter_map(|s| match s {
        crate::syntax::TransferSource::Path(word) => Some(word),
        crate::syntax::TransferSource::Heredoc => None,
    });
    let word = words.into_iter().find(|w| w.span == source.span)?;
    let destination = transfer.destination.as_ref()?;
    let from = source.value.known()?;
    let to = copy.destination.known()?;
    let plain = |text: &str| format!("/{}", text.trim_matches('/'));
    (word.exact && destination.exact && !from.contains(['*', '?', '[', '\\'])).then(|| Parts {
        source: word,
        destination,
        from: plain(from),
        to: plain(to),
    })
}

impl Parts<'_> {
    /// The copy of a folder below both places.
    fn below(&self, folder: &str) -> Vec<Edit> {
        let written = |word: &Word| format!("{}/{folder}/", word.text.trim_end_matches('/'));
        vec![
            Edit::replace(self.source.span, written(self.source)),
            Edit::replace(self.destination.span, written(self.destination)),
        ]
    }
}

/// All of `/usr/local/lib/python3.13` of a stage with the same base: but for installed packages it is there already.
fn library(case: &Case<'_>, copy: &CopyUse, from: &Stage, to: &Stage) -> Option<Piece> {
    let model = case.model;
    let parts = parts(case, copy)?;
    let version = parts.from.strip_prefix("/usr/local/lib/python3.")?;
    let (stage, target) = (model.stages.get(from.index)?, model.stages.get(to.index)?);
    if parts.from != parts.to || !version.bytes().all(|b| b.is_ascii_digit()) || !case.is_read(stage) {
        return None;
    }
    let (Base::Image(image), Base::Image(other)) = (model.root_base(stage), model.root_base(target)) else {
        return None;
    };
    let flags = |root: StageId| {
        let step = model.stages.get(root)?.steps.start;
        Some(model.instruction(step).flags.iter().map(|f| model.text(f.span)).collect::<Vec<_>>())
    };
    let same = stage.root() == target.root() || image == other && flags(stage.root()) == flags(target.root());
    if !same || !image.is_official() || image.repository() != "python" {
        return None;
    }
    // Only pip and packages of the system write anything before the copy, and pip to its usual place.
    let elsewhere = ["-t", "--target", "--prefix", "--root", "--user", "-e", "--editable"];
    let is_usual = |cmd: crate::semantic::Cmd<'_>| {
        cmd.usage.manager.is_some_and(|m| m.system)
            || cmd.program() == "pip" && !cmd.has_any_flag(&elsewhere)
            || matches!(cmd.program(), "set" | "true" | ":" | "echo")
            || cmd.program() == "rm"
                && cmd.plain_words().all(|w| {
                    ["/var/", "/root/", "/tmp/"].iter().any(|start| w.static_prefix().starts_with(start))
                })
    };
    let brought = |c: &CopyUse| model.inherits_step(stage, c.step) && !c.mount && may_reach(case, c);
    if !case.commands_in(stage).all(is_usual) || model.copies.iter().any(brought) {
        return None;
    }
    let name = stage.name.as_deref().unwrap_or("the stage");
    let what = format!(
        "this copies Python's own library a second time: all but the packages that `{name}` installed is in the base image"
    );
    Some(case.piece(copy.step, what, parts.below("site-packages")))
}

/// True if a copy may bring something to Python's folders.
fn may_reach(case: &Case<'_>, copy: &CopyUse) -> bool {
    let written = match &case.model.instruction(copy.step).kind {
        Kind::Copy(transfer) | Kind::Add(transfer) => transfer.destination.as_ref(),
        _ => None,
    };
    // Python's image leaves the working directory at `/`.
    let moved = case.model.steps.get(copy.step).is_none_or(|s| s.state.workdir.is_some());
    match copy.destination.known() {
        Some(path) => path.starts_with("/usr"),
        None => moved || written.is_none_or(|word| !matches!(&*word.text, "." | "./")),
    }
}

/// What a Java or Kotlin program says if it reads files by their paths.
const READS_FILES: [&str; 14] = [
    "java.io.File",
    "java.io.*",
    "java.nio.file",
    "FileInputStream",
    "FileReader",
    "RandomAccessFile",
    "FileSystem",
    "user.dir",
    "URLClassLoader",
    "File(",
    "kotlin.io",
    "ProcessBuilder",
    "getRuntime().exec",
    "springframework",
];

/// The whole folder of a build with Gradle, of which `installDist` made what runs.
fn distribution(case: &Case<'_>, copy: &CopyUse, from: &Stage) -> Option<Piece> {
    let model = case.model;
    let parts = parts(case, copy)?;
    let stage = model.stages.get(from.index)?;
    let makes = |c: &crate::semantic::Cmd<'_>| {
        matches!(c.program(), "gradle" | "gradlew") && c.args().iter().any(|w| w.is("installDist"))
    };
    let build = case.commands_in(stage).filter(makes).last()?;
    let here = |path: Option<String>| path.is_some_and(|p| p.trim_end_matches('/') == parts.from);
    if !here(build.absolute(".")) {
        return None;
    }
    // The start script finds its archives by its own place.
    let entry = case.entry();
    let [start] = entry.as_slice() else { return None };
    let [word] = &*start.shell().words else { return None };
    let end = model.end_state(case.last).workdir.and_then(|i| model.workdirs.get(i));
    let workdir = end.and_then(|w| w.path.known()).unwrap_or("/").trim_end_matches('/');
    let text = word.as_str()?;
    let path = match text.strip_prefix('/') {
        Some(_) => text.to_owned(),
        None => format!("{workdir}/{}", text.trim_start_matches("./")),
    };
    let inside = path.strip_prefix(&format!("{}/build/install/", parts.to))?;
    let (name, script) = inside.split_once("/bin/")?;
    if name.contains('/') || script.contains('/') || !is_only_started(case, copy, &parts.to) {
        return None;
    }
    let sources = case.copied(stage, &[".java", ".kt", ".scala", ".groovy"])?;
    let settings: Vec<String> = ["build.gradle", "build.gradle.kts"]
        .iter()
        .filter_map(|name| model.source_beside(&build, name))
        .filter_map(|path| (case.project.read)(&path))
        .collect();
    let said = |text: &str, word: &str| {
        text.lines().any(|line| line.split("//").next().unwrap_or(line).contains(word))
    };
    let starts_otherwise = ["efaultJvm", "springframework", "quarkus", "micronaut", "grails"];
    let plain = settings.iter().all(|text| !starts_otherwise.iter().any(|word| said(text, word)));
    if sources.is_empty() || settings.is_empty() || !plain || !case.lack(&sources, &READS_FILES) {
        return None;
    }
    let what = format!(
        "this copies the sources and all that Gradle worked with: the program is in `build/install/{name}`"
    );
    Some(case.piece(copy.step, what, parts.below(&format!("build/install/{name}"))))
}

/// True if nothing else of the image uses what a copy brings to the folder `to`.
fn is_only_started(case: &Case<'_>, copy: &CopyUse, to: &str) -> bool {
    let model = case.model;
    let brought = |path: &str| model.copies.iter().any(|c| c.step != copy.step && c.brings(path));
    case.steps().all(|step| {
        let instruction = model.instruction(step);
        match &instruction.kind {
            Kind::Run(_) => step < copy.step,
            Kind::Healthcheck(_) | Kind::Shell(_) => false,
            Kind::Env(_) => {
                let text = model.text(instruction.span);
                let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | ',' | ';' | '=');
                text.match_indices(&format!("{to}/")).all(|(at, _)| {
                    let rest = text.get(at..).unwrap_or_default();
                    brought(rest.split(ends).next().unwrap_or_default())
                })
            }
            _ => true,
        }
    })
}
