//! The flags of commands that build images.

use std::collections::HashSet;
use std::path::Path;

use crate::environment::Environment;
use crate::paths::join;
use crate::remote::is_remote;
use crate::target::{Argument, Dockerfile, IgnoreFile, NamedContext, Target, Text};

/// Flags of Docker, Podman and buildah without a value of their own.
const ALONE: [&str; 30] = [
    "--all-platforms",
    "--check",
    "--compress",
    "--debug",
    "--disable-compression",
    "--force-rm",
    "--http-proxy",
    "--identity-label",
    "--inherit-annotations",
    "--inherit-labels",
    "--layers",
    "--load",
    "--no-cache",
    "--no-hostname",
    "--no-hosts",
    "--omit-history",
    "--pull",
    "--pull-always",
    "--pull-never",
    "--push",
    "--quiet",
    "--rewrite-timestamp",
    "--rm",
    "--save-stages",
    "--skip-unused-stages",
    "--squash",
    "--squash-all",
    "--stdin",
    "--tls-verify",
    "--use-http",
];

/// Whether the next word is the value of this one.
pub(crate) fn takes_next(word: &str) -> bool {
    if word.starts_with("--") {
        return word.len() > 2 && !word.contains('=') && !ALONE.contains(&word);
    }
    short_with_value(word).is_some_and(|(_, value)| value.is_empty())
}

/// The flag of one letter that takes a value, and what stands of it in the same word: `-fpath`, `-qt`.
pub(crate) fn short_with_value(word: &str) -> Option<(char, &str)> {
    let letters = word.strip_prefix('-').filter(|letters| !letters.starts_with('-'))?;
    let rest = letters.trim_start_matches(is_short_alone);
    let flag = rest.chars().next()?;
    let value = &rest[flag.len_utf8()..];
    Some((flag, value.strip_prefix('=').unwrap_or(value)))
}

/// `-q` and `-D`, which take no value and may stand before others in one word.
const fn is_short_alone(letter: char) -> bool {
    matches!(letter, 'q' | 'D')
}

/// Whether a named context is something else than a folder.
pub(crate) fn is_special_context(value: &str) -> bool {
    const PREFIXES: [&str; 4] = ["docker-image:", "oci-layout:", "container-image:", "target:"];
    is_remote(value) || PREFIXES.iter().any(|prefix| value.starts_with(prefix))
}

/// Adds what flags say of a build to what is there: of two that say the same, the later counts, and platforms add up.
/// Their paths begin in the folder in which the command runs.
pub(crate) fn apply(words: &[Text], folder: &Path, environment: Option<&Environment>, target: &mut Target) {
    let before = std::mem::take(&mut target.platforms);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(written) = word.value.as_deref() else { continue };
        let (flag, value) = match written.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(part(word, value))),
            _ => match short_with_value(written) {
                Some((letter, "")) => (short_name(letter), words.next().cloned()),
                Some((letter, value)) => (short_name(letter), Some(part(word, value))),
                None if takes_next(written) => (written, words.next().cloned()),
                None => continue,
            },
        };
        if let Some(value) = value {
            flag_with_value(flag, value, folder, environment, target);
        }
    }
    if target.platforms.is_empty() {
        target.platforms = before;
    }
    keep_last(target);
}

/// Of what is said twice the later counts.
pub(crate) fn keep_last(target: &mut Target) {
    fn keep<T>(list: &mut Vec<T>, name: impl Fn(&T) -> Option<String>) {
        let mut seen = HashSet::new();
        list.reverse();
        list.retain(|item| seen.insert(name(item)));
        list.reverse();
    }
    keep(&mut target.arguments, |argument| argument.name.value.clone());
    keep(&mut target.contexts, |context| context.name.value.clone());
    let mut seen = HashSet::new();
    target.platforms.retain(|platform| seen.insert(platform.value.clone()));
}

/// The flags of one letter that say what is built.
const fn short_name(letter: char) -> &'static str {
    match letter {
        'f' => "--file",
        't' => "--tag",
        _ => "",
    }
}

/// Adds what a flag and its value say.
pub(crate) fn flag_with_value(
    flag: &str,
    value: Text,
    folder: &Path,
    environment: Option<&Environment>,
    target: &mut Target,
) {
    let pair = |value: &Text| {
        let written = value.value.clone()?;
        Some(match written.split_once('=') {
            Some((name, rest)) => (part(value, name), Some(part(value, rest))),
            None => (value.clone(), None),
        })
    };
    match flag {
        "-f" | "--file" => {
            target.dockerfile = match &value.value {
                Some(path) => Dockerfile::File { path: join(folder, path), text: Some(value) },
                None => Dockerfile::Unknown(value),
            };
        }
        "--ignorefile" => {
            let path = value.value.as_deref().map(|path| join(folder, path));
            target.ignore_file = Some(IgnoreFile { path, text: value });
        }
        "--target" => target.stage = Some(value).filter(|stage| stage.value.as_deref() != Some("")),
        "--platform" => match &value.value {
            Some(platforms) => {
                target.platforms.extend(platforms.split(',').map(|platform| part(&value, platform)));
            }
            None => target.platforms.push(value),
        },
        "-t" | "--tag" => target.tags.push(value),
        "--format" => target.docker_format = value.value.as_deref() == Some("docker"),
        "--build-arg" => {
            let Some((name, given)) = pair(&value) else { return };
            let from_environment = || {
                let value = environment?.get(name.value.as_deref()?)?;
                Some(Text { from_environment: true, ..part(&name, value) })
            };
            target.arguments.push(Argument { value: given.or_else(from_environment), name });
        }
        "--build-context" => {
            let Some((name, Some(mut given))) = pair(&value) else { return };
            let written = given.value.clone().unwrap_or_default();
            let path = (!is_special_context(&written)).then(|| join(folder, &written));
            if let Some(path) = &path {
                given.value = Some(path.display().to_string());
            }
            target.contexts.push(NamedContext { name, value: given, folder: path });
        }
        _ => {}
    }
}

/// A part of a text, at its place.
fn part(of: &Text, value: &str) -> Text {
    Text { value: Some(value.to_owned()), ..of.clone() }
}
