//! ADD and COPY: which of them says what is meant.

use dockerignore::filepath::{clean, has_wildcard};

use crate::diag::Fix;
use crate::knowledge::{ARCHIVE_ENDINGS, OPEN_ENDINGS, PLAIN_ENDINGS};
use crate::rules::Cx;
use crate::semantic::Analysis;
use crate::semantic::{Content, CopySource, CopyUse, Model, SourceKind};
use crate::syntax::Kind;
use crate::text::Edit;

/// `add-local-files`.
pub fn local_files(cx: &mut Cx<'_>) {
    for copy in &cx.model.copies {
        if !copy.add || copy.sources.is_empty() {
            continue;
        }
        let instruction = cx.model.instruction(copy.step);
        if ["checksum", "keep-git-dir", "unpack"].iter().any(|f| instruction.flag(f).is_some()) {
            continue;
        }
        let all: Option<Vec<Certainty>> = copy.sources.iter().map(|s| plain(cx.model, copy, s)).collect();
        let Some(all) = all else { continue };
        let keyword = instruction.keyword_text(&cx.model.file);
        let copy_word = if keyword.chars().any(char::is_uppercase) { "COPY" } else { "copy" };
        let edit = [Edit::replace(instruction.keyword_span, copy_word)];
        let title = format!("write `{copy_word}`");
        let fix = if all.iter().all(|c| *c == Certainty::Sure) {
            Fix::safe(title, edit)
        } else {
            Fix::uncertain(title, edit)
        };
        let finding = cx
            .at(
                instruction.keyword_span,
                "for files and folders of the build context ADD does the same as COPY, but it can also download and unpack",
            )
            .help(format!("use `{copy_word}`, which only copies"))
            .fix(fix);
        cx.report(finding);
    }
}

/// How sure it is that a source is no archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    Sure,
    /// By its name alone: archives are known by their content.
    Likely,
}

/// Parts of a variable's name that say that it holds the path of a file or folder, not a URL.
const PATHS: [&str; 8] = ["file", "jar", "war", "path", "dir", "folder", "config", "script"];
const ADDRESSES: [&str; 7] = ["url", "uri", "link", "repo", "git", "download", "remote"];

/// True if a source is a variable whose name says that it is a path: `${JAR_FILE}`.
fn is_named_path(model: &Model, copy: &CopyUse, source: &CopySource) -> bool {
    let Kind::Add(transfer) = &model.instruction(copy.step).kind else { return false };
    let Some(word) = transfer.paths().find(|w| w.span == source.span) else { return false };
    let variables = word.variables().unwrap_or_default();
    let [variable] = variables.as_slice() else { return false };
    let has = |parts: &[&str]| {
        variable.name.split('_').any(|p| parts.iter().any(|word| p.eq_ignore_ascii_case(word)))
    };
    let whole = variable.range.len() == word.text.trim_matches(['"', '\'']).len();
    whole && has(&PATHS) && !has(&ADDRESSES)
}

/// `None` if ADD may do more with the source than COPY.
fn plain(model: &Analysis, copy: &CopyUse, source: &CopySource) -> Option<Certainty> {
    let written = model.text(source.span).trim_matches(['"', '\'']);
    let path = match (source.kind, source.value.known()) {
        (SourceKind::Path, Some(path)) => path,
        // Of `src/$NAME.conf` enough is known.
        (SourceKind::Unknown, _)
            if !written.starts_with('$') && !written.contains("://") && has_ending(written)? =>
        {
            written
        }
        (SourceKind::Unknown, _) if is_named_path(model, copy, source) => return Some(Certainty::Likely),
        _ => return None,
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    // A variable that nothing declares may be meant as an address.
    if path.is_empty() && written.contains('$') {
        return is_named_path(model, copy, source).then_some(Certainty::Likely);
    }
    if path.is_empty() || path.ends_with('/') || matches!(name, "." | "..") {
        return Some(Certainty::Sure);
    }
    let from = clean(&format!("/{path}"));
    let content = model.context().and_then(|c| c.texts.content(from.trim_start_matches('/')));
    // What triggers copy comes from other contexts.
    match content.filter(|_| source.kind == SourceKind::Path && !copy.onbuild) {
        Some(Content::Packed) => return None,
        Some(Content::Plain | Content::Folder) => return Some(Certainty::Sure),
        None => {}
    }
    let lower = name.to_ascii_lowercase();
    if ARCHIVE_ENDINGS.iter().any(|end| lower.ends_with(end)) {
        return None;
    }
    has_ending(name)?;
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    match PLAIN_ENDINGS.contains(&ending) {
        true => Some(Certainty::Sure),
        // What a pattern hits, or what lies in another context, may be anything.
        false if !ending.is_empty() && (has_wildcard(name) || copy.onbuild) => None,
        false if OPEN_ENDINGS.contains(&ending) => None,
        false => Some(Certainty::Likely),
    }
}

/// True if a name has an ending that is fixed text; `None` if a wildcard or variable may make it any.
fn has_ending(name: &str) -> Option<bool> {
    match name.rsplit_once('.') {
        Some((_, ending)) if ending.contains(['*', '?', '[', '$', '}']) => None,
        Some((_, ending)) => Some(!ending.is_empty() && ending.bytes().all(|b| b.is_ascii_alphanumeric())),
        None if name.contains(['*', '?', '[', '$']) => None,
        None => Some(false),
    }
}
