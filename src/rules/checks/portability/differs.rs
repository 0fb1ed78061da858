//! `differs-elsewhere`.

use std::collections::HashSet;

use crate::rules::Cx;
use crate::semantic::{Builder, Given, Model, StageId};
use crate::syntax::{Instruction, Keyword, Kind};
use crate::text::Span;

use super::super::arguments::{in_script, is_set_by_script};
use super::super::variables::words;
use super::{names, others};

/// A place that builders read in different ways.
struct Difference {
    span: Span,
    /// What it is, for the start of a sentence.
    subject: String,
    /// Who does what.
    ways: Vec<Way>,
    help: &'static str,
}

/// What some builders do.
struct Way {
    who: fn(Builder) -> bool,
    what: String,
}

fn way(who: fn(Builder) -> bool, what: impl Into<String>) -> Way {
    Way { who, what: what.into() }
}

/// `differs-elsewhere`.
pub fn elsewhere(cx: &mut Cx<'_>) {
    let model = cx.model;
    let own = model.build().builder;
    let others = others(model);
    let mut inherited = HashSet::new();
    let mut volumes = Volumes::default();
    for (step, instruction) in model.instructions() {
        let mut found = of(model, step, instruction, own);
        volumes.step(model, step, &mut found);
        args_of_base(model, step, instruction, &mut inherited, &mut found);
        for difference in found {
            let mut parts = Vec::new();
            for Way { who, what } in &difference.ways {
                let builders: Vec<Builder> =
                    std::iter::once(own).chain(others.iter().copied()).filter(|b| who(*b)).collect();
                if !builders.is_empty() {
                    let is_several = builders.len() > 1;
                    parts.push(format!("{} {}", names(&builders), number(what, is_several)));
                }
            }
            // One way only: there is no difference between those that are shown.
            if parts.len() > 1 {
                let message = format!("{}: {}", difference.subject, parts.join("; "));
                cx.report(cx.at(difference.span, message).help(difference.help));
            }
        }
    }
}

/// `take|takes it`: the verb of several, or of one.
fn number(what: &str, is_several: bool) -> String {
    let Some((verbs, rest)) = what.split_once(' ') else { return what.to_owned() };
    let verb = match verbs.split_once('|') {
        Some((many, _)) if is_several => many,
        Some((_, one)) => one,
        None => verbs,
    };
    format!("{verb} {rest}")
}

fn of(model: &Model, step: usize, instruction: &Instruction, own: Builder) -> Vec<Difference> {
    let mut found = Vec::new();
    dollars(model, step, instruction, &mut found);
    flags(model, step, instruction, &mut found);
    heredocs(model, instruction, &mut found);
    arguments(instruction, &mut found);
    if !own.is_buildkit() {
        comments(model, instruction, &mut found);
    }
    found
}

/// Variables of the Dockerfile's own language.
fn dollars(model: &Model, step: usize, instruction: &Instruction, found: &mut Vec<Difference>) {
    use Keyword::{Add, Arg, Copy, Env, Expose, From, Label, Stopsignal, User, Volume, Workdir};
    let expands = [Add, Arg, Copy, Env, Expose, From, Label, Stopsignal, User, Volume, Workdir];
    if !expands.contains(&instruction.keyword) {
        return;
    }
    let text = instruction.arguments.text(model.file.text());
    let at = |range: std::ops::Range<usize>| Span::of(range).shift(instruction.arguments.start);
    let mut single = false;
    let bytes = text.as_bytes();
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'\'' => single = !single,
            b'\\' if !single => place += 1,
            b'$' if !single && bytes.get(place + 1) == Some(&b'$') => {
                found.push(Difference {
                    span: at(place..place + 2),
                    subject: "`$$`".to_owned(),
                    ways: vec![
                        way(|b| !b.is_buildah(), "remove|removes both"),
                        way(Builder::is_buildah, "keep|keeps both, or one of them before a name"),
                    ],
                    help: "write `\\$` for a dollar sign",
                });
                place += 1;
            }
            b'$' if !single && text[place..].starts_with("${") => {
                let inside = &text[place + 2..];
                let end = inside.find('}').unwrap_or(inside.len());
                if let Some((name, message)) = inside[..end].split_once(":?")
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                    && !is_surely_set(model, step, name)
                {
                    found.push(Difference {
                        span: at(place..(place + 2 + end + 1).min(text.len())),
                        subject: format!("`{name}` without a value"),
                        ways: vec![
                            way(|b| !b.is_buildah(), "stop|stops the build"),
                            way(Builder::is_buildah, format!("use|uses `{message}` as its value")),
                        ],
                        help: "test it in a RUN as well: `RUN test -n \"$NAME\"`",
                    });
                }
                place += 2 + end;
            }
            _ => {}
        }
        place += 1;
    }
}

fn is_surely_set(model: &Model, step: usize, name: &str) -> bool {
    let environment = model.environment(step);
    environment
        .binding(name)
        .is_some_and(|binding| binding.value.known().is_some_and(|value| !value.is_empty()))
}

fn flags(model: &Model, step: usize, instruction: &Instruction, found: &mut Vec<Difference>) {
    let copies = || model.copies_of(step).iter().filter(|copy| !copy.mount);
    for flag in &instruction.flags {
        let value = flag.value.as_deref().unwrap_or_default();
        match (instruction.keyword, &*flag.name) {
            (Keyword::Copy | Keyword::Add, "exclude") if !value.starts_with("**") => {
                let is_root = |path: &str| matches!(path.trim_matches('/'), "" | ".");
                let mut sources = copies().flat_map(|copy| &copy.sources);
                if sources.any(|source| source.value.known().is_some_and(|path| !is_root(path))) {
                    found.push(Difference {
                        span: flag.span,
                        subject: format!("`--exclude={value}`"),
                        ways: vec![
                            way(|b| b == Builder::BuildKit, "look|looks for it in the source"),
                            way(
                                Builder::is_buildah,
                                "look|looks for it in the build context, and so leaves nothing out",
                            ),
                        ],
                        help: "put `**/` in front of it, which works with all of them",
                    });
                }
            }
            (Keyword::Copy | Keyword::Add, "chmod") if value.contains('$') => found.push(Difference {
                span: flag.span,
                subject: format!("`--chmod={value}`"),
                ways: vec![
                    way(|b| b == Builder::BuildKit || b.is_buildah(), "set|sets the mode"),
                    way(|b| b == Builder::Docker26, "keep|keeps the old mode silently"),
                ],
                help: "write the mode in digits, or `# syntax=docker/dockerfile:1` as the first line",
            }),
            (Keyword::Add, "chown")
                if copies().flat_map(|c| &c.sources).any(|s| is_archive(s.value.known())) =>
            {
                found.push(Difference {
                    span: flag.span,
                    subject: "the owner of the unpacked files".to_owned(),
                    ways: vec![
                        way(|b| b == Builder::BuildKit, format!("take|takes `{value}`")),
                        way(
                            |b| b == Builder::Docker26 || b.is_buildah(),
                            "change|changes it for the folder only",
                        ),
                        way(|b| b == Builder::Classic, "keep|keeps root"),
                    ],
                    help: "unpack it in a RUN with `tar --owner`, or `chown` it there",
                });
            }
            _ => {}
        }
    }
}

fn is_archive(path: Option<&str>) -> bool {
    let endings = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"];
    path.is_some_and(|path| endings.iter().any(|ending| path.ends_with(ending)))
}

fn heredocs(model: &Model, instruction: &Instruction, found: &mut Vec<Difference>) {
    if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
        return;
    }
    for heredoc in &instruction.heredocs {
        let body = heredoc.body.text(model.file.text());
        if let Some(at) = body.find("\\$").filter(|_| heredoc.expand) {
            found.push(Difference {
                span: Span::of(at..at + 2).shift(heredoc.body.start),
                subject: "`\\$` in a here-document".to_owned(),
                ways: vec![
                    way(Builder::is_buildkit, "write|writes `$`"),
                    way(Builder::is_buildah, "write|writes `\\$`"),
                ],
                help: "if nothing in it is to be expanded, quote the delimiter (`<<\"EOF\"`) and write `$`",
            });
        }
    }
}

/// Arguments that take their default from another one of the same line.
fn arguments(instruction: &Instruction, found: &mut Vec<Difference>) {
    let Kind::Arg(decls) = &instruction.kind else { return };
    for (number, decl) in decls.iter().enumerate() {
        let Some(default) = &decl.default else { continue };
        let earlier = decls.iter().take(number).find(|other| {
            let name = &*other.name.text;
            default.text.contains(&format!("${{{name}}}")) || ends_at(&default.text, name)
        });
        if let Some(earlier) = earlier {
            found.push(Difference {
                span: decl.span,
                subject: format!("`{}` in the default of `{}`", earlier.name.text, decl.name.text),
                ways: vec![
                    way(|b| b == Builder::BuildKit, "use|uses the value set earlier in the same line"),
                    way(|b| b != Builder::BuildKit, "use|uses only what the lines above set"),
                ],
                help: "write each ARG on a line of its own",
            });
        }
    }
}

/// The first use in a stage of each ARG of the stages that it starts from.
fn args_of_base<'m>(
    model: &'m Model,
    step: usize,
    instruction: &'m Instruction,
    said: &mut HashSet<(StageId, &'m str)>,
    found: &mut Vec<Difference>,
) {
    let Some(stage) = model.stage_of(step).filter(|_| !instruction.is_trigger()) else { return };
    let mut used: Vec<(&'m str, Span)> = Vec::new();
    words(instruction, |word| {
        let variables =
            if word.text.contains('$') { word.variables().unwrap_or_default() } else { Vec::new() };
        for variable in variables {
            let binding = model.arg_of_base(step, &variable.name);
            // The name as its ARG writes it, which lives as long as the file.
            let named = binding.and_then(|binding| match &model.instruction(binding.step).kind {
                Kind::Arg(decls) => decls.iter().find(|decl| decl.name.text == variable.name),
                _ => None,
            });
            used.extend(named.map(|decl| (&*decl.name.text, word.part(variable.range.clone()))));
        }
    });
    in_script(model, step, |name, span| used.push((name, span)));
    for (name, span) in used {
        let is_given = model.arg_of_base(step, name).is_some_and(|binding| binding.given != Given::Never);
        if !is_given || is_set_by_script(model, step, name) || !said.insert((stage.index, name)) {
            continue;
        }
        found.push(Difference {
            span,
            subject: format!("`{name}`, an ARG of the stage that this one starts from"),
            ways: vec![
                way(Builder::is_buildkit, "keep|keeps its value"),
                way(|b| !b.is_buildkit(), "leave|leaves it empty"),
            ],
            help: "declare it in this stage as well",
        });
    }
}

/// True if `$name` stands in the text as a whole.
fn ends_at(text: &str, name: &str) -> bool {
    let written = format!("${name}");
    let mut places = text.match_indices(&*written).map(|(at, found)| at + found.len());
    places.any(|end| !text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

/// The volumes of the stage that is gone through.
#[derive(Default)]
struct Volumes<'m> {
    stage: Option<StageId>,
    paths: HashSet<&'m str>,
}

/// How many folders of a path are looked at.
const MAX_FOLDERS: usize = 100;

impl<'m> Volumes<'m> {
    /// What is copied into a volume that was declared before.
    fn step(&mut self, model: &'m Model, step: usize, found: &mut Vec<Difference>) {
        let Some(stage) = model.stage_of(step) else { return };
        if Some(stage.index) != self.stage {
            *self = Self { stage: Some(stage.index), paths: HashSet::new() };
        }
        if let Kind::Volume(words) = &model.instruction(step).kind {
            let paths = words.iter().map(|word| word.text.trim_end_matches('/'));
            self.paths.extend(paths.filter(|path| !path.is_empty()));
        }
        if self.paths.is_empty() {
            return;
        }
        let mut copies = model.copies_of(step).iter().filter(|copy| !copy.mount && !copy.onbuild);
        let Some(path) = copies.find_map(|copy| copy.destination.known()) else { return };
        let whole = path.trim_end_matches('/');
        let above = whole.match_indices('/').map(|(end, _)| &whole[..end]).take(MAX_FOLDERS);
        if above.chain([whole]).any(|folder| self.paths.contains(folder)) {
            found.push(Difference {
                span: model.instruction(step).keyword_span,
                subject: format!("what comes into `{path}`, which is a volume"),
                ways: vec![
                    way(|b| b != Builder::Classic, "keep|keeps it in the image"),
                    way(|b| b == Builder::Classic, "lose|loses it"),
                ],
                help: "move VOLUME below it",
            });
        }
    }
}

/// A comment behind an array.
fn comments(model: &Model, instruction: &Instruction, found: &mut Vec<Difference>) {
    if !matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Shell(_)) {
        return;
    }
    for span in instruction.trailing_comments(&model.file) {
        found.push(Difference {
            span,
            subject: "a comment after the array".to_owned(),
            ways: vec![
                way(|b| b != Builder::BuildKit, "drop|drops it"),
                way(|b| b == Builder::BuildKit, "read|reads the line as a shell command instead of an array"),
            ],
            help: "move the comment to a line of its own above the instruction",
        });
    }
}
