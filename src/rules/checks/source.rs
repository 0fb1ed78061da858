//! COPY sources held against the build context and its ignore file.

use dockerignore::filepath::{clean, has_wildcard};
use dockerignore::{IgnoreFile, Matcher, Pattern};

use crate::context::{SourceResult, SourceStatus};
use crate::diag::Severity;
use crate::knowledge::{OUTPUT_FOLDERS, WRITTEN_ENDINGS};
use crate::rules::Cx;
use crate::semantic::{Analysis, BuildContext, CopyFrom, CopySource, CopyUse, Model, SourceKind};
use crate::text::{Span, distance, nearest};

/// What a scan says of a source.
pub(super) fn result<'a>(
    model: &'a Analysis,
    copy: &CopyUse,
    source: &CopySource,
) -> Option<&'a SourceResult> {
    let scan = &model.context()?.scan;
    let query = copy.query.as_ref()?;
    // Ids are the numbers of the copies, which are asked in order.
    let at = scan.per_query.binary_search_by_key(&query.id, |q| q.id).ok()?;
    scan.per_query.get(at)?.sources.get(source.asked?)
}

/// The sources that are paths of the build context: relative, clean, empty for all of it.
fn context_sources(model: &Model) -> impl Iterator<Item = (&CopyUse, &CopySource, String)> {
    model.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.onbuild).flat_map(|copy| {
        copy.sources.iter().filter(|s| s.kind == SourceKind::Path).filter_map(move |source| {
            // A Windows path is read by the host's rules.
            let path = source.value.known().filter(|p| !p.contains('\\'))?;
            let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
            Some((copy, source, path))
        })
    })
}

/// `copy-excluded-source`.
pub fn excluded(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some((ignore, text)) = model.context().and_then(BuildContext::ignore) else { return };
    if ignore.patterns().is_empty() {
        return;
    }
    let matcher = Matcher::new(ignore);
    let has_exceptions = ignore.patterns().iter().any(|p| p.is_negated());
    for (copy, source, path) in context_sources(model) {
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
            let help = format!("add `!{path}` after that line, or do not copy it");
            let all = if has_wildcard(&path) { "all of " } else { "" };
            (format!("{all}`{path}`"), help)
        };
        // BuildKit copies what is left, even if that is nothing.
        let copies_nothing = !copy.mount && (path.is_empty() || has_wildcard(&path));
        let end = if copies_nothing { "so this copies nothing" } else { "so the build fails" };
        let message = format!(
            "line {number} of the ignore file, `{line}`, leaves {what} out of the build context, {end}"
        );
        let mut finding = cx.at(source.span, message).help(help);
        if copies_nothing {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
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

/// `copy-missing-source`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    let ignore = context.ignore().map(|(file, _)| file);
    let matcher = ignore.map(Matcher::new);
    // A folder that holds none of the sources is not the context of this file.
    let is_real = context_sources(model).any(|(copy, source, path)| {
        !path.is_empty()
            && !has_wildcard(&path)
            && result(model, copy, source).is_some_and(|r| r.status != SourceStatus::Missing)
    });
    let mut comments = Comments::default();
    for (copy, source, path) in context_sources(model) {
        let Some(found) = result(model, copy, source) else { continue };
        let stage = model.stage_of(copy.step);
        if found.status != SourceStatus::Missing
            || path.is_empty()
            || has_wildcard(&path)
            || !stage.is_some_and(|s| s.reachable)
            || matcher.as_ref().is_some_and(|m| m.is_excluded(&path))
            || context.generated.contains(&found.source)
            || comments.hold(model, copy, source)
        {
            continue;
        }
        // A link that leads nowhere is there for whoever looks.
        if let Some(link) = &found.link {
            let name = if link.path == path { "it".to_owned() } else { format!("`{}`", link.path) };
            let where_to = if link.leads_out { "which is outside of it" } else { "which is not there" };
            let message = format!(
                "`{path}` is not in the build context, so the build fails: {name} is a link to `{}`, {where_to}",
                link.target
            );
            let help =
                "copy the file itself into the build context, or start the context at a folder that has both";
            cx.report(cx.at(source.span, message).help(help));
            continue;
        }
        let names = context.scan.per_top.iter().filter(|t| !t.folder).map(|t| t.name.as_str());
        let near = if path.contains('/') || path.len() < 4 { None } else { nearest(&path, names) };
        // `Dockerfile.dev` is near to `Dockerfile`, and never meant.
        let near = near.filter(|n| !n.contains("ockerfile") && is_slip(&path, n));
        if near.is_none() && !(is_real && is_written(&path)) {
            continue;
        }
        let finding = cx.at(source.span, format!("`{path}` is not in the build context, so the build fails"));
        let finding = match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("check the name: it is relative to the root of the build context"),
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
