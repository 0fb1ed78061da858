//! COPY sources held against the build context and its ignore file.

use dockerignore::filepath::{clean, has_wildcard};
use dockerignore::{IgnoreFile, Matcher, Pattern};

use crate::context::{Scan, SourceResult, SourceStatus};
use crate::diag::{Finding, Severity};
use crate::knowledge::{OUTPUT_FOLDERS, WRITTEN_ENDINGS};
use crate::rules::Cx;
use crate::semantic::{Analysis, CopyFrom, CopySource, CopyUse, Fitting, Model, SourceKind, Stage};
use crate::text::{Span, distance, nearest};

/// What a scan says of a source.
pub(super) fn result<'a>(
    model: &'a Analysis,
    copy: &CopyUse,
    source: &CopySource,
) -> Option<&'a SourceResult> {
    model.taken(copy)?.sources.get(source.asked?)
}

/// A folder that sources are looked for in, with its ignore file.
struct Place<'a> {
    /// The named context that it is; `None` for the build context.
    name: Option<&'a str>,
    scan: &'a Scan,
    ignore: Option<(&'a IgnoreFile, &'a str)>,
}

impl<'a> Place<'a> {
    /// The build context and the named contexts, as far as they were looked at.
    fn all(model: &'a Analysis) -> Vec<Self> {
        let own = model.context();
        let own = own.map(|context| Place { name: None, scan: &context.scan, ignore: context.ignore() });
        let named = model.named().folders.iter().map(|(name, folder)| {
            let ignore = folder.ignore.as_deref().map(|ignore| (&ignore.file, ignore.source.text()));
            Place { name: Some(name), scan: &folder.scan, ignore }
        });
        own.into_iter().chain(named).collect()
    }

    /// What the folder is called, for people.
    fn what(&self) -> String {
        self.name.map_or_else(|| "the build context".to_owned(), |name| format!("the named context `{name}`"))
    }

    /// What its ignore file is called, for people.
    fn ignore_file(&self) -> String {
        self.name.map_or_else(
            || "the ignore file".to_owned(),
            |name| format!("the ignore file of the named context `{name}`"),
        )
    }
}

/// A source that is a path of the build context, or of a named context.
struct Taken<'m> {
    copy: &'m CopyUse,
    /// The stage that is copied into.
    stage: &'m Stage,
    source: &'m CopySource,
    /// Relative, clean, empty for all of it.
    path: String,
}

/// The sources of what a build copies from the build context, or from a named context.
fn context_sources<'m>(model: &'m Model, named: Option<&'m str>) -> impl Iterator<Item = Taken<'m>> {
    let is_from = move |copy: &CopyUse| match (&copy.from, named) {
        (CopyFrom::Context, None) => true,
        (CopyFrom::Folder(name), Some(named)) => **name == *named,
        _ => false,
    };
    model.copies_made().filter(move |(_, copy, _)| is_from(copy)).flat_map(|(_, copy, stage)| {
        copy.sources.iter().filter(|s| s.kind == SourceKind::Path).filter_map(move |source| {
            // A Windows path is read by the host's rules.
            let path = source.value.known().filter(|p| !p.contains('\\'))?;
            let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
            Some(Taken { copy, stage, source, path })
        })
    })
}

/// A finding in what a copy takes. If a trigger makes it, the FROM that runs the trigger belongs to it.
pub(super) fn at_source(cx: &Cx<'_>, span: Span, copy: &CopyUse, stage: &Stage, message: String) -> Finding {
    let finding = cx.at(span, message);
    match &stage.base_word {
        Some(word) if cx.model.is_trigger(copy.step) => finding.label(word.span, "this runs it"),
        _ => finding,
    }
}

/// `copy-excluded-source`.
pub fn excluded(cx: &mut Cx<'_>) {
    for place in Place::all(cx.model) {
        excluded_in(cx, &place);
    }
}

fn excluded_in(cx: &mut Cx<'_>, place: &Place<'_>) {
    let model = cx.model;
    let Some((ignore, text)) = place.ignore.filter(|(ignore, _)| !ignore.patterns().is_empty()) else {
        return;
    };
    let matcher = Matcher::new(ignore);
    let has_exceptions = ignore.patterns().iter().any(|p| p.is_negated());
    let builder = model.build().builder;
    for Taken { copy, stage, source, path } in context_sources(model, place.name) {
        // For a mount of Podman the ignore file does not count.
        if copy.mount && builder.is_buildah() {
            continue;
        }
        let by = if path.is_empty() {
            // The whole context: only a line that leaves out everything counts.
            let all = ignore.patterns().iter().find(|p| matches!(p.as_str(), "*" | "**" | "**/*"));
            all.filter(|_| !has_exceptions)
        } else {
            excluding(ignore, &matcher, has_exceptions, &path, result(model, copy, source))
        };
        let Some(by) = by else { continue };
        let line = Span::of(by.range()).text(text);
        let number = by.line();
        let (what, help) = if path.is_empty() {
            ("everything".to_owned(), "bring back what the image needs, for example with `!src`".to_owned())
        } else {
            let all = if has_wildcard(&path) { "all of " } else { "" };
            match linked(&matcher, &path, result(model, copy, source)) {
                Some(target) => {
                    let help = format!("add `!{target}` after that line, or do not copy it");
                    (format!("`{target}`, which the link `{path}` leads to,"), help)
                }
                None => {
                    let help = format!("add `!{path}` after that line, or do not copy it");
                    (format!("{all}`{path}`"), help)
                }
            }
        };
        // BuildKit copies what is left, even if that is nothing.
        let copies_nothing = !copy.mount && (path.is_empty() || builder.is_buildkit() && has_wildcard(&path));
        let end = if copies_nothing { "so this copies nothing" } else { "so the build fails" };
        let message = format!(
            "line {number} of {}, `{line}`, leaves {what} out of {}, {end}",
            place.ignore_file(),
            if place.name.is_some() { "it".to_owned() } else { place.what() },
        );
        let mut finding = at_source(cx, source.span, copy, stage, message).help(help);
        if copies_nothing {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
}

/// What a source that is a link leads to, if the ignore file leaves that out, and not the link.
fn linked(matcher: &Matcher<'_>, path: &str, found: Option<&SourceResult>) -> Option<String> {
    let link = found?.link.as_ref().filter(|link| !link.leads_out)?;
    let below = path.strip_prefix(&*link.path)?;
    let folder = link.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let target = match link.target.strip_prefix('/') {
        Some(target) => clean(&format!("/{target}{below}")),
        None => clean(&format!("/{folder}/{}{below}", link.target)),
    };
    let target = target.trim_start_matches('/').to_owned();
    (!matcher.is_excluded(path) && matcher.is_excluded(&target)).then_some(target)
}

/// The pattern that leaves out a source.
fn excluding<'i>(
    ignore: &'i IgnoreFile,
    matcher: &Matcher<'_>,
    has_exceptions: bool,
    path: &str,
    found: Option<&SourceResult>,
) -> Option<&'i Pattern> {
    match found.map(|r| r.status) {
        Some(SourceStatus::Found) => None,
        Some(SourceStatus::Excluded { by: Some(by) }) => ignore.patterns().get(by),
        Some(SourceStatus::Excluded { by: None }) => None,
        // Nothing of that name is there now; the ignore file would leave it out all the same. With
        // wildcards on one side and exceptions on the other that is not sure.
        Some(SourceStatus::Missing) | None => {
            let verdict = matcher.verdict(path.as_bytes());
            let sure = verdict.is_excluded() && !(has_exceptions && has_wildcard(path));
            verdict.pattern().filter(|_| sure).and_then(|by| ignore.patterns().get(by))
        }
    }
}

/// True for a path that goes above the folder that it starts in.
pub(super) fn leaves_context(path: &str) -> bool {
    let mut depth = 0_i32;
    path.split('/').any(|part| {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth < 0
    })
}

/// `copy-missing-source`.
pub fn missing(cx: &mut Cx<'_>) {
    for place in Place::all(cx.model) {
        missing_in(cx, &place);
    }
}

fn missing_in(cx: &mut Cx<'_>, place: &Place<'_>) {
    let model = cx.model;
    let ignore = place.ignore.map(|(file, _)| file);
    let matcher = ignore.map(Matcher::new);
    let what = place.what();
    // A folder that holds none of the sources is not the context of this file, unless a file says that it is.
    let is_real = place.name.is_some()
        || model.context().is_some_and(|context| context.is_said)
        || model.is_top_of_repository()
        || context_sources(model, None).any(|Taken { copy, source, path, .. }| {
            !path.is_empty()
                && !has_wildcard(&path)
                && result(model, copy, source).is_some_and(|r| r.status != SourceStatus::Missing)
        });
    let fitting = model.context().filter(|_| place.name.is_none()).and_then(|c| c.fitting.as_ref());
    let mut comments = Comments::default();
    for Taken { copy, stage, source, path } in context_sources(model, place.name) {
        let Some(found) = result(model, copy, source) else { continue };
        if found.status != SourceStatus::Missing
            || path.is_empty()
            || has_wildcard(&path)
            || !stage.reachable
            || matcher.as_ref().is_some_and(|m| m.is_excluded(&path))
            || model.context().is_some_and(|c| place.name.is_none() && c.generated.contains(&found.source))
            || comments.hold(model, copy, source)
        {
            continue;
        }
        // A link that leads nowhere is there for whoever looks.
        if let Some(link) = &found.link {
            let name = if link.path == path { "it".to_owned() } else { format!("`{}`", link.path) };
            let where_to = if link.leads_out { "which is outside of it" } else { "which is not there" };
            let message = format!(
                "`{path}` is not in {what}, so the build fails: {name} is a link to `{}`, {where_to}",
                link.target
            );
            let help =
                "copy the file itself into the build context, or choose a build context that contains both";
            cx.report(at_source(cx, source.span, copy, stage, message).help(help));
            continue;
        }
        if let Some(Fitting { folder, advice }) = fitting {
            let message = format!("`{path}` is not in {what}, so the build fails");
            let advice = advice.as_deref().unwrap_or("make that folder the build context");
            let help = format!("everything that is copied by name is in `{folder}`: {advice}");
            cx.report(at_source(cx, source.span, copy, stage, message).help(help));
            // The others are missing for the same reason.
            return;
        }
        // `copy-above-context` says that it is not there either.
        if source.value.known().is_some_and(leaves_context) {
            continue;
        }
        let names = place.scan.per_top.iter().filter(|t| !t.folder).map(|t| t.name.as_str());
        let near = if path.contains('/') || path.len() < 4 { None } else { nearest(&path, names) };
        // `Dockerfile.dev` is near to `Dockerfile`, and never meant.
        let near = near.filter(|n| !n.contains("ockerfile") && is_slip(&path, n));
        if near.is_none() && !(is_real && is_written(&path)) {
            continue;
        }
        let message = format!("`{path}` is not in {what}, so the build fails");
        let finding = at_source(cx, source.span, copy, stage, message);
        let finding = match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("check the name: it is relative to the root of {what}")),
        };
        cx.report(finding);
    }
}

/// True if a slip of the pen makes one name of the other: of the same ending, one or two letters differ.
fn is_slip(written: &str, meant: &str) -> bool {
    let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let digits = |name: &str| name.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    // Another version of a file is another file.
    ending(written) == ending(meant)
        && ending(written).is_some()
        && digits(written) == digits(meant)
        && written.len().abs_diff(meant.len()) <= 2
        && distance(written, meant) <= 2
}

/// What should have been comments in the copy that was looked at last.
#[derive(Default)]
struct Comments(Option<(usize, Vec<Span>)>);

impl Comments {
    /// True if the source is a part of what should have been a comment.
    fn hold(&mut self, model: &Model, copy: &CopyUse, source: &CopySource) -> bool {
        if self.0.as_ref().is_none_or(|(step, _)| *step != copy.step) {
            self.0 = Some((copy.step, model.instruction(copy.step).trailing_comments(&model.file)));
        }
        let comments = self.0.as_ref().map_or(&[][..], |(_, comments)| comments);
        let before = comments.partition_point(|c| c.start <= source.span.start);
        comments[..before].last().is_some_and(|c| c.contains(source.span))
    }
}

/// True for a file that a repository holds, false for what may be made before the build.
fn is_written(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !folders.split('/').any(|f| OUTPUT_FOLDERS.contains(&f))
        && ending.is_some_and(|e| WRITTEN_ENDINGS.contains(&&*e))
        && !name.starts_with(".env")
}
