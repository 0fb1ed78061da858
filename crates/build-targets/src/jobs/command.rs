//! Commands that build images.

use std::ops::Range;
use std::path::Path;

use crate::files::Files;
use crate::flags;
use crate::paths::{clean, join};
use crate::quadlet::podman_dockerfile;
use crate::remote::is_remote;
use crate::source::Place;
use crate::target::{Argument, Context, Dockerfile, Kind, Target, Text, Tool};

use super::shell::{Word, lead};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    Docker,
    Podman,
    Buildah,
}

impl Program {
    const fn tool(self) -> Tool {
        match self {
            Self::Docker => Tool::Docker,
            Self::Podman => Tool::Podman,
            Self::Buildah => Tool::Buildah,
        }
    }
}

/// How many flags are looked at that may stand before a subcommand.
const MOST_BEFORE: usize = 16;

/// What a command builds; `None` if it builds nothing, or it is not sure what.
pub(super) fn target(
    words: &[Word],
    place: &dyn Fn(Range<usize>) -> Place,
    name: &str,
    folder: &Path,
    files: &dyn Files,
) -> Option<Target> {
    let (program, after) = program(words)?;
    let all = place(words.first()?.range.start..words.last()?.range.end);
    let texts: Vec<Text> = words[after..].iter().map(|word| text(word, place)).collect();
    let mut positional = None;
    let mut file = None;
    let mut at = 0;
    while at < texts.len() {
        let word = &words[after + at];
        let takes = match word.text.as_deref() {
            // A word that may be several, or a flag.
            None if word.splits && !is_flag_with_value(&word.known_start) => return None,
            Some(flag) => flags::takes_next(flag),
            None => false,
        };
        let flag = word.text.as_deref().unwrap_or(&word.known_start);
        let of_short = flags::short_with_value(flag).filter(|(letter, _)| *letter == 'f');
        if flag == "--file" || of_short == Some(('f', "")) {
            file = texts.get(at + 1).cloned();
        } else if let Some(value) = flag.strip_prefix("--file=").or(of_short.map(|(_, value)| value)) {
            file = Some(Text { value: word.text.as_ref().map(|_| value.to_owned()), ..texts[at].clone() });
        } else if (!flag.starts_with('-') || flag == "-") && positional.replace(texts[at].clone()).is_some() {
            return None;
        }
        at += if takes { 2 } else { 1 };
    }
    let context = match positional {
        // What comes from the standard input is not in the repository.
        Some(text) if text.value.as_deref() == Some("-") => return None,
        Some(text) => match text.value.clone() {
            None => Context::Unknown(text),
            Some(address) if is_remote(&address) => Context::Remote(text),
            Some(path) => Context::Folder { path: join(folder, &path), text: Some(text) },
        },
        None if program == Program::Docker => return None,
        None => Context::Folder { path: clean(folder), text: None },
    };
    if file.as_ref().is_some_and(|file| file.value.as_deref() == Some("-")) {
        return None;
    }
    let dockerfile = dockerfile(program, file, folder, &context, files);
    let mut target = Target::new(Kind::Job, name.to_owned(), all, context, dockerfile);
    target.tool = program.tool();
    // With layers, buildah builds as Podman does.
    let is_layered = |text: &Text| matches!(text.value.as_deref(), Some("--layers" | "--layers=true"));
    if program == Program::Buildah && texts.iter().any(is_layered) {
        target.tool = Tool::Podman;
    }
    let built = target.dockerfile.clone();
    flags::apply(&texts, folder, None, &mut target);
    add_unknown(&words[after..], &texts, folder, &mut target);
    target.dockerfile = built;
    flags::keep_last(&mut target);
    Some(target)
}

/// Adds flags of which the name is known and the value is not.
fn add_unknown(words: &[Word], texts: &[Text], folder: &Path, target: &mut Target) {
    let mut before = None;
    for (word, text) in words.iter().zip(texts) {
        let flag = std::mem::replace(&mut before, word.text.as_deref());
        if text.value.is_some() {
            continue;
        }
        let start = word.known_start.as_str();
        let (flag, value) = match (flag, start.split_once('=')) {
            (Some("--build-arg"), _) => ("--build-arg", start),
            (_, Some((flag, value))) if flag.starts_with("--") => (flag, value),
            _ => continue,
        };
        match (flag, value.split_once('=')) {
            ("--build-arg", Some((name, _))) => {
                let name = Text { value: Some(name.to_owned()), ..text.clone() };
                target.arguments.push(Argument { name, value: Some(text.clone()) });
            }
            ("--build-arg", None) => {}
            _ => flags::flag_with_value(flag, text.clone(), folder, None, target),
        }
    }
}

/// The program that a command runs to build, and where its flags begin.
fn program(words: &[Word]) -> Option<(Program, usize)> {
    let skipped = lead(words);
    let name = |at: usize| words.get(at).and_then(|word| word.text.as_deref());
    let program = match name(skipped)? {
        "docker" => Program::Docker,
        "podman" => Program::Podman,
        "buildah" => Program::Buildah,
        _ => return None,
    };
    // Flags of the program itself say where and how it is logged in, and nothing of what is built.
    let own_flags = |from: usize| {
        let mut at = from;
        while let Some(flag) = name(at).filter(|word| at < from + MOST_BEFORE && word.starts_with('-')) {
            let alone =
                ["--debug", "--tls", "--tlsverify", "--remote", "--syslog", "--transient-store", "-r"];
            let takes = flags::takes_next(flag) && !alone.contains(&flag);
            at += if takes { 2 } else { 1 };
        }
        at
    };
    let first = own_flags(skipped + 1);
    match (program, name(first)?) {
        (_, "build") | (Program::Buildah, "bud") => Some((program, first + 1)),
        (Program::Docker, "buildx" | "image" | "builder") | (Program::Podman, "image" | "buildx") => {
            let second = own_flags(first + 1);
            let is_build = |name: &str| name == "build" || name == "b" && program == Program::Docker;
            name(second).is_some_and(is_build).then_some((program, second + 1))
        }
        _ => None,
    }
}

fn text(word: &Word, place: &dyn Fn(Range<usize>) -> Place) -> Text {
    Text {
        value: word.text.clone(),
        place: place(word.range.clone()),
        unset: Vec::new(),
        from_environment: false,
    }
}

/// `--flag=…`, of which only the value is not known.
fn is_flag_with_value(start: &str) -> bool {
    start.starts_with("--") && start.contains('=')
}

fn dockerfile(
    program: Program,
    file: Option<Text>,
    folder: &Path,
    context: &Context,
    files: &dyn Files,
) -> Dockerfile {
    if program != Program::Docker {
        return podman_dockerfile(files, file.as_ref(), Some(folder), context);
    }
    match (file, context) {
        (Some(text), Context::Remote(_)) => match text.value.clone() {
            Some(path) => Dockerfile::File { path: clean(Path::new(&path)), text: Some(text) },
            None => Dockerfile::Unknown(text),
        },
        (Some(text), _) => match text.value.clone() {
            Some(path) if !is_remote(&path) => {
                Dockerfile::File { path: join(folder, &path), text: Some(text) }
            }
            _ => Dockerfile::Unknown(text),
        },
        (None, Context::Folder { path, .. }) => {
            Dockerfile::File { path: join(path, "Dockerfile"), text: None }
        }
        (None, Context::Remote(_)) => Dockerfile::File { path: "Dockerfile".into(), text: None },
        (None, Context::Unknown(text)) => Dockerfile::Unknown(text.clone()),
    }
}
