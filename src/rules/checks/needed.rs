//! Files that a build needs and the ignore file hides.

use std::collections::HashSet;

use dockerignore::filepath::clean;
use dockerignore::{IgnoreFile, Matcher, Pattern};

use crate::rules::Cx;
use crate::semantic::{BuildContext, CopyFrom, Model, backend_files};
use crate::text::Span;

/// `needed-file-ignored`.
pub fn ignored(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some((file, text)) = model.context().and_then(BuildContext::ignore) else { return };
    if file.patterns().is_empty() {
        return;
    }
    let ignore = Ignore { file, text, matcher: Matcher::new(file) };
    let mut told: Vec<Span> = Vec::new();
    let mut named = None;
    for needed in model.needed_locks() {
        let hidden: Vec<_> = needed.paths.iter().map(|path| (path, ignore.hides(path))).collect();
        // One of them is enough.
        let Some((path, by)) = hidden.first().and_then(|(path, by)| Some((*path, (*by)?))) else { continue };
        // A COPY that names it fails as well.
        let named = named.get_or_insert_with(|| named_files(model));
        if hidden.iter().any(|(_, by)| by.is_none()) || named.contains(path.as_str()) {
            continue;
        }
        let command = short(needed.cmd.text);
        let message = format!(
            "`{command}` needs `{path}`, which {} leaves out of the build context: the build fails",
            ignore.line(by)
        );
        told.push(needed.cmd.span);
        cx.report(cx.at(needed.cmd.span, message).help(ignore.help(path, by)));
    }
    for (by, pyproject) in model.python_projects() {
        let Some(text) = model.text_of(&pyproject) else { continue };
        let folder = pyproject.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (key, name) in backend_files(text) {
            let path = clean(&format!("/{folder}/{name}")).trim_start_matches('/').to_owned();
            let Some(pattern) = ignore.hides(&path).filter(|_| !told.contains(&by.span)) else { continue };
            if named.get_or_insert_with(|| named_files(model)).contains(&path) {
                continue;
            }
            let command = short(by.text);
            let message = format!(
                "`{command}` builds the project, whose `pyproject.toml` names `{path}` as its {key}, and {} leaves that out of the build context: the build fails",
                ignore.line(pattern)
            );
            told.push(by.span);
            cx.report(cx.at(by.span, message).help(ignore.help(&path, pattern)));
        }
    }
}

/// The files that sources name, as paths of the context: `copy-excluded-source` says that they are left out.
fn named_files(model: &Model) -> HashSet<String> {
    let copies = model.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let sources = copies.flat_map(|copy| &copy.sources).filter_map(|source| source.value.known());
    sources.map(|source| clean(&format!("/{source}")).trim_start_matches('/').to_owned()).collect()
}

fn short(text: &str) -> String {
    text.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ")
}

struct Ignore<'a> {
    file: &'a IgnoreFile,
    text: &'a str,
    matcher: Matcher<'a>,
}

impl<'a> Ignore<'a> {
    fn hides(&self, path: &str) -> Option<&'a Pattern> {
        let verdict = self.matcher.verdict(path.as_bytes());
        verdict.pattern().filter(|_| verdict.is_excluded()).and_then(|by| self.file.patterns().get(by))
    }

    fn line(&self, by: &Pattern) -> String {
        format!("line {} of the ignore file, `{}`,", by.line(), Span::of(by.range()).text(self.text))
    }

    fn help(&self, path: &str, by: &Pattern) -> String {
        format!("add `!{path}` below line {} of the ignore file", by.line())
    }
}
