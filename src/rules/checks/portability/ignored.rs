//! `ignore-file-differs`.

use dockerignore::{Dialect, Pattern};

use crate::rules::Cx;
use crate::semantic::Builder;
use crate::text::Span;

use super::others;

/// `ignore-file-differs`.
pub fn elsewhere(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some((ignore, text)) = model.context().and_then(|context| context.ignore()) else { return };
    let own = model.build().builder;
    let dialects: Vec<Dialect> = others(model).into_iter().map(Builder::dialect).collect();
    let apart = |dialect: Dialect| own.dialect() != dialect && dialects.contains(&dialect);
    // Each reads it in its own way, and one of the two is buildah.
    let (buildah, classic) = (
        own.dialect() == Dialect::Buildah || apart(Dialect::Buildah),
        own.dialect() == Dialect::Classic || apart(Dialect::Classic),
    );
    if !Dialect::ALL.into_iter().any(apart) {
        return;
    }
    for (number, pattern) in ignore.patterns().iter().enumerate() {
        let span = Span::of(pattern.range());
        let line = span.text(text);
        let before = ignore.patterns().get(..number).unwrap_or_default();
        let said = if (buildah || classic) && is_not_opened(pattern, before) {
            let who = if buildah { "Podman and buildah open" } else { "the classic builder opens" };
            Some((
                format!(
                    "{who} a folder that an earlier line leaves out only if a `!` line begins with its path, so `{line}` brings back less there than with BuildKit"
                ),
                "name the folder: `!src` and a line for what is not wanted in it",
            ))
        } else if buildah && is_expression(pattern) {
            Some((
                format!(
                    "Podman and buildah read `{line}` as a regular expression, in which `+`, `(`, `)`, `|`, `{{` and `^` are operators; to BuildKit they are letters"
                ),
                "put a `?` in place of the letter",
            ))
        } else if buildah && is_short(pattern) {
            Some((
                format!(
                    "BuildKit reads `{line}` as any name with this ending, Podman and buildah as exactly this name"
                ),
                "write `**/*` in front of the ending",
            ))
        } else if buildah && pattern.is_negated() && line.trim_start_matches('!').starts_with([' ', '\t']) {
            Some((
                "BuildKit drops the space after `!`, but for Podman and buildah it is part of the name"
                    .to_owned(),
                "remove the blank",
            ))
        } else {
            None
        };
        if let Some((message, help)) = said {
            cx.report(cx.in_ignore_file(span, message).help(help));
        }
    }
}

/// True for a `!` with a wildcard in or above its last folder, behind a line that may leave out a folder it goes through.
fn is_not_opened(pattern: &Pattern, before: &[Pattern]) -> bool {
    let text = pattern.as_str();
    let Some((folders, _)) = text.rsplit_once('/') else { return false };
    let wild = |text: &str| text.contains(['*', '?', '[']);
    // `!docs/*.md` names its folder, `!docs/**` begins with it.
    if !pattern.is_negated() || !wild(folders) && text != "**" {
        return false;
    }
    let top = folders.split('/').next().unwrap_or(folders);
    let leaves_out = |other: &&Pattern| {
        let first = other.as_str().split('/').next().unwrap_or_default();
        !other.is_negated() && (wild(first) || wild(top) || first == top)
    };
    before.iter().any(|other| leaves_out(&other))
}

/// True if a letter of it means something to a regular expression.
fn is_expression(pattern: &Pattern) -> bool {
    let text = pattern.as_str();
    let repeats = text.split('{').skip(1).any(|rest| {
        rest.split_once('}').is_some_and(|(n, _)| {
            !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit() || b == b',') && !n.starts_with(',')
        })
    });
    let outside = text.split('[').map(|part| part.rsplit_once(']').map_or(part, |(_, rest)| rest));
    repeats || outside.clone().any(|part| part.contains(['+', '(', ')', '|', '^']))
}

/// True for `**.pyc`.
fn is_short(pattern: &Pattern) -> bool {
    pattern.as_str().strip_prefix("**").is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['/', '*']) && !rest.contains(['/', '*', '?', '['])
    })
}
