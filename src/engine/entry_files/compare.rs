//! Holds what files build after a fix against what they built before.

use std::collections::HashMap;
use std::sync::Arc;

use build_targets::{Argument, Context, Dockerfile, Place, Resolution, Target, Text, WarningKind};

use crate::entries::{Entries, EntryGroup};
use crate::rules::Presence;
use crate::text::Span;
use crate::workspace::Files;

use super::facts;

/// What a fix is to change; files by their names.
#[derive(Debug, Clone)]
pub(super) enum Expected {
    /// The value that is written there becomes this text.
    Value { file: String, span: Span, text: String },
    /// What the targets of this file say.
    Targets { file: String },
    /// The Dockerfile that is written there becomes this text.
    Inline { file: String, span: Span, text: String },
}

/// Checks that nothing changes but what is expected.
///
/// # Errors
/// What else does, in a few words.
pub(super) fn compare(
    files: (&Files, &Files),
    before: &Entries,
    after: &Entries,
    expected: &[&Expected],
) -> Result<(), String> {
    if before.groups().len() != after.groups().len() {
        return Err("other files would be read".to_owned());
    }
    for (number, (old, new)) in before.groups().iter().zip(after.groups()).enumerate() {
        if Arc::ptr_eq(old, new) {
            continue;
        }
        problems(&old.resolution, &new.resolution)?;
        let holds = |file: &str| {
            old.resolution.sources.iter().any(|(id, _)| old.source(id).is_some_and(|s| s.name() == file))
        };
        let is_free = expected.iter().any(|e| matches!(e, Expected::Targets { file } if holds(file)));
        let names = |group: &EntryGroup| -> Vec<String> {
            group.resolution.targets.iter().map(|target| target.name.clone()).collect()
        };
        if names(old) != names(new) {
            return Err("other builds would be started".to_owned());
        }
        if is_free {
            nothing_is_missing(files, before, after, number)?;
            continue;
        }
        for (a, b) in old.resolution.targets.iter().zip(&new.resolution.targets) {
            target(old, (a, b), expected)?;
        }
    }
    Ok(())
}

/// No new problem, and nothing new that the tool would do otherwise than it seems.
fn problems(old: &Resolution, new: &Resolution) -> Result<(), String> {
    if let Some(problem) = new.problems.iter().find(|p| old.problems.iter().all(|o| o.message != p.message)) {
        return Err(format!("the file would be refused: {}", problem.message));
    }
    let mut known: HashMap<(Option<&str>, String), usize> = HashMap::new();
    let key = |kind: &WarningKind| format!("{kind:?}");
    for warning in &old.warnings {
        *known.entry((warning.target.as_deref(), key(&warning.kind))).or_default() += 1;
    }
    for warning in &new.warnings {
        let left = known.entry((warning.target.as_deref(), key(&warning.kind))).or_default();
        if *left == 0 {
            return Err("something else in the file would be passed over".to_owned());
        }
        *left -= 1;
    }
    Ok(())
}

fn nothing_is_missing(
    (old_files, new_files): (&Files, &Files),
    before: &Entries,
    after: &Entries,
    number: usize,
) -> Result<(), String> {
    let missing = |files: &Files, entries: &Entries| -> usize {
        let builds = facts::places(files, entries, number);
        builds.iter().flat_map(|b| [b.dockerfile, b.context]).filter(|p| *p == Presence::Missing).count()
    };
    if missing(new_files, after) > missing(old_files, before) {
        return Err("the Dockerfile or the build context would be missing".to_owned());
    }
    Ok(())
}

/// All that a target says but its arguments and its inline Dockerfile, without places.
fn rest(target: &Target) -> String {
    let text = |text: &Text| format!("{:?} {:?} {}", text.value, text.unset, text.from_environment);
    let texts = |all: &[Text]| all.iter().map(text).collect::<Vec<_>>();
    let context = match &target.context {
        Context::Folder { path, .. } => format!("folder {}", path.display()),
        Context::Remote(address) => format!("remote {}", text(address)),
        Context::Unknown(value) => format!("unknown {}", text(value)),
    };
    let dockerfile = match &target.dockerfile {
        Dockerfile::File { path, .. } => format!("file {}", path.display()),
        Dockerfile::Inline(_) => "inline".to_owned(),
        Dockerfile::Unknown(value) => format!("unknown {}", text(value)),
    };
    let contexts: Vec<_> =
        target.contexts.iter().map(|c| (text(&c.name), text(&c.value), &c.folder)).collect();
    let names: Vec<_> = target.arguments.iter().map(|argument| text(&argument.name)).collect();
    let stage = target.stage.as_ref().map(text);
    let (platforms, tags) = (texts(&target.platforms), texts(&target.tags));
    let Target { kind, profiles, by_default, .. } = target;
    format!(
        "{context} {dockerfile} {contexts:?} {names:?} {stage:?} {platforms:?} {tags:?} {kind:?} {profiles:?} {by_default}"
    )
}

fn target(group: &EntryGroup, (old, new): (&Target, &Target), expected: &[&Expected]) -> Result<(), String> {
    if rest(old) != rest(new) {
        return Err(format!("`{}` would be built in another way", old.name));
    }
    let is_at = |place: Place, file: &str, span: Span| {
        Span::of(place.span()) == span && group.source(place.file).is_some_and(|source| source.name() == file)
    };
    for (a, b) in old.arguments.iter().zip(&new.arguments) {
        let value = |argument: &Argument| {
            argument.value.as_ref().map(|text| (text.value.clone(), text.unset.clone()))
        };
        let wanted = a.value.as_ref().and_then(|before| {
            expected.iter().find_map(|e| match e {
                Expected::Value { file, span, text } if is_at(before.place, file, *span) => Some(text),
                _ => None,
            })
        });
        let fits = match wanted {
            Some(text) => b.value.as_ref().and_then(Text::known) == Some(text),
            None => value(a) == value(b),
        };
        if !fits {
            let name = a.name.value.as_deref().unwrap_or_default();
            return Err(format!("the argument `{name}` of `{}` would change", old.name));
        }
    }
    if let (Dockerfile::Inline(a), Dockerfile::Inline(b)) = (&old.dockerfile, &new.dockerfile) {
        let wanted = expected.iter().find_map(|e| match e {
            Expected::Inline { file, span, text } if is_at(a.place, file, *span) => Some(text),
            _ => None,
        });
        if *wanted.unwrap_or(&a.text) != b.text {
            return Err(format!("the Dockerfile of `{}` would be another one", old.name));
        }
    }
    Ok(())
}
