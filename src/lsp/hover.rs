//! What stands at a place: instruction, flag, option of a mount, rule, image, stage, variable.

use crate::rules::Catalogue;
use crate::semantic::{Base, Binding, BindingKind, Model};
use crate::syntax::{Flag, ImageRef, Instruction, Keyword, Kind, Mount, Value, Word};
use crate::text::Span;

use super::cursor;
use super::document::Read;
use super::names::{Mention, Named, Names};
use super::own_variables::own_settings;
use super::protocol::{Contents, Hover, MarkupContent, MarkupKind};
use super::reference;

/// What is said of a place.
struct Said {
    span: Span,
    text: String,
}

/// What a Dockerfile means in builds, each with what starts it.
type Built<'a> = [(Option<&'a str>, &'a Model)];

/// What stands at byte `at`. `builds` is what it means in its builds, and `weight` says what the instruction of a number
/// weighs.
pub(super) fn hover(
    read: &Read,
    at: u32,
    catalogue: &Catalogue,
    (builds, weight): (&Built<'_>, impl Fn(usize) -> Option<String>),
    markdown: bool,
) -> Option<Hover> {
    let said = directive(read, at)
        .or_else(|| rule(read, at, catalogue))
        .or_else(|| in_instruction(read, at, builds, weight))?;
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let value = if markdown { said.text } else { said.text.replace(['`', '*'], "") };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value }),
        range: Some(read.range(said.span)),
    })
}

fn touches(span: Span, at: u32) -> bool {
    span.contains(Span::at(at))
}

fn directive(read: &Read, at: u32) -> Option<Said> {
    let written = read.file.directives.iter().map(|directive| (directive.kind, directive.name_span));
    let (kind, span) =
        written.chain(cursor::begun_directive(&read.file)).find(|(_, span)| touches(*span, at))?;
    Some(Said { span, text: reference::directive(kind).to_owned() })
}

/// A rule that a comment names.
fn rule(read: &Read, at: u32, catalogue: &Catalogue) -> Option<Said> {
    let text = read.text();
    let line = text[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let rest = &text[line..];
    let comment = Span::of(line..line + rest.find(['\n', '\r']).unwrap_or(rest.len()));
    let span = rules_in(text, comment).into_iter().find(|span| touches(*span, at))?;
    let meta = &catalogue.find(span.text(text))?.meta;
    Some(Said { span, text: format!("`{}`: {}", meta.name, meta.summary) })
}

/// The words of a comment line that may name rules, if it is one that names rules.
pub(super) fn rules_in(text: &str, comment: Span) -> Vec<Span> {
    let line = comment.text(text);
    let Some(ignore) = line.find("ignore").filter(|_| line.trim_start().starts_with('#')) else {
        return Vec::new();
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut words = Vec::new();
    let mut at = ignore;
    for word in line[ignore..].split(|c| !is_name(c)) {
        words.push(Span::of(at..at + word.len()).shift(comment.start));
        at += word.len();
        at += line[at..].chars().next().map_or(0, char::len_utf8);
    }
    words.retain(|word| !word.is_empty());
    words
}

fn in_instruction(
    read: &Read,
    at: u32,
    builds: &Built<'_>,
    weight: impl Fn(usize) -> Option<String>,
) -> Option<Said> {
    let instructions = &read.file.instructions;
    let step = instructions.partition_point(|i| i.first_keyword().start <= at).checked_sub(1)?;
    let instruction = instructions.get(step).filter(|i| at <= i.span.end)?;
    let weighed = |mut said: Said| {
        if let Some(weight) = weight(step) {
            said.text = format!("{weight}\n\n{}", said.text);
        }
        said
    };
    let image = |at| image(read, builds, (step, instruction), at).map(weighed);
    let taken = || taken(instruction, at).and_then(|span| Some(Said { span, text: weight(step)? }));
    keyword(instruction, at)
        .map(weighed)
        .or_else(|| name(read, at, builds))
        .or_else(|| instruction.flags.iter().find_map(|f| flag(instruction, f, at)))
        .or_else(|| instruction.mounts.iter().find_map(|m| mount(read, m, at)))
        .or_else(|| image(at))
        .or_else(taken)
}

fn keyword(instruction: &Instruction, at: u32) -> Option<Said> {
    let keywords = [
        instruction.onbuild.map(|span| (Keyword::Onbuild, span)),
        Some((instruction.keyword, instruction.keyword_span)),
    ];
    let (keyword, span) = keywords.into_iter().flatten().find(|(_, span)| touches(*span, at))?;
    let known = reference::instruction(keyword)?;
    Some(Said { span, text: format!("`{}`\n\n{}", known.form, known.text) })
}

fn flag(instruction: &Instruction, flag: &Flag, at: u32) -> Option<Said> {
    let known = reference::flag(instruction.keyword, &flag.name).filter(|_| touches(flag.name_span, at))?;
    Some(Said { span: flag.name_span, text: format!("`--{}`\n\n{known}", flag.name) })
}

fn mount(read: &Read, mount: &Mount, at: u32) -> Option<Said> {
    let option = mount.options.iter().find(|option| touches(option.span, at))?;
    let known = reference::mount_option(&option.key)?;
    let len = option.span.text(read.text()).find('=').unwrap_or(option.key.len());
    let span = Span::of(0..len).shift(option.span.start);
    touches(span, at).then(|| Said { span, text: format!("`{}`\n\n{known}", option.key) })
}

/// A path that a COPY or ADD takes.
fn taken(instruction: &Instruction, at: u32) -> Option<Span> {
    let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { return None };
    transfer.paths().map(|path| path.span).find(|span| touches(*span, at))
}

/// The whole name of an image; where variables are part of it, as each build has it.
fn image(
    read: &Read,
    builds: &Built<'_>,
    (step, instruction): (usize, &Instruction),
    at: u32,
) -> Option<Said> {
    let Kind::From(from) = &instruction.kind else { return None };
    let word = from.image.as_ref().filter(|image| touches(image.span, at))?;
    if word.text == "scratch" {
        let text = "`scratch`: nothing at all, the empty image".to_owned();
        return Some(Said { span: word.span, text });
    }
    let Some(written) = word.literal() else {
        let text = in_builds(read, builds, |model| {
            let stage = model.stage_of(step)?;
            let value = stage.base_value.known().filter(|_| matches!(stage.base, Base::Image(_)))?;
            Some(format!("`{}`", ImageRef::parse(value).ok()?))
        })?;
        return Some(Said { span: word.span, text });
    };
    let image = ImageRef::parse(&written).ok()?;
    Some(Said { span: word.span, text: format!("`{image}`") })
}

fn name(read: &Read, at: u32, builds: &Built<'_>) -> Option<Said> {
    let names = read.names();
    let mention = names.at(at)?;
    let text = match &mention.named {
        Named::Stage(index) => stage(names, *index)?,
        Named::Variable(_, name) => in_builds(read, builds, |model| variable(read, model, mention, name))?,
        Named::Heredoc(..) => return None,
    };
    Some(Said { span: mention.span, text })
}

fn stage(names: &Names, index: usize) -> Option<String> {
    let stage = names.stages.get(index)?;
    let image = &stage.image;
    Some(match &stage.written {
        Some(name) => format!("stage {index}: `FROM {image} AS {name}`"),
        None => format!("stage {index}: `FROM {image}`"),
    })
}

/// What is said of a variable: once, or for each build where they differ.
fn in_builds(read: &Read, builds: &Built<'_>, said: impl Fn(&Model) -> Option<String>) -> Option<String> {
    let is_of_text = |model: &Model| model.file.text() == read.text();
    let all: Vec<_> = builds.iter().filter(|(_, model)| is_of_text(model)).collect();
    let Some((_, first)) = all.first() else { return said(read.model()) };
    let texts: Vec<Option<String>> = all.iter().map(|(_, model)| said(model)).collect();
    if texts.iter().all(|text| *text == texts[0]) {
        return said(first);
    }
    // What starts a build may be nobody's to say: that is told only if it is something else.
    let is_named = |text: &str| {
        let mut named = all.iter().zip(&texts).filter(|((name, _), _)| name.is_some());
        named.any(|(_, own)| own.as_deref() == Some(text))
    };
    let told = all.iter().zip(&texts).filter_map(|((name, _), text)| {
        let text = text.as_deref().filter(|text| name.is_some() || !is_named(text))?;
        Some(name.map_or_else(|| text.to_owned(), |name| format!("{text}, in {name}")))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

/// The value of a variable where it is mentioned, and what sets it.
fn variable(read: &Read, model: &Model, mention: &Mention, name: &str) -> Option<String> {
    let instruction = read.file.instructions.get(mention.step)?;
    if mention.declares {
        return declared(model, instruction, mention);
    }
    if !is_closed(read.text(), mention.span) {
        return None;
    }
    let own = own_settings(read, mention.step, name);
    if own.iter().any(|own| own.lasts && own.at < mention.span.start) {
        return None;
    }
    let step = mention.step;
    let environment = match instruction.keyword {
        Keyword::From => model.global_environment(step),
        // They run in a container.
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => model.container_environment(step),
        _ => model.environment(step),
    };
    let Some(binding) = environment.binding(name) else { return only_built(model, step, name) };
    let Value::Known(value) = &binding.value else { return None };
    if binding.kind == BindingKind::Arg && model.build().args.contains_key(name) {
        return Some(told(name, value));
    }
    let line = read.file.instructions.get(setting_step(model, binding, name)).map_or(0, |i| i.lines.0);
    Some(value_of(name, value, binding.kind, line, hangs_on_argument(model, binding.step, name, 0)))
}

/// What is said of an ARG where a container runs.
fn only_built(model: &Model, step: usize, name: &str) -> Option<String> {
    let binding = model.environment(step).binding(name)?;
    let is_argument = binding.kind == BindingKind::Arg && model.stage_of(step).is_some();
    let line = model.instruction(binding.step).lines.0;
    is_argument.then(|| {
        format!(
            "`{name}`\n\nthe ARG in line {line} counts while the image is built, and not in its containers"
        )
    })
}

/// The instruction that gives a variable its value: a trigger of the stage below, or an ARG above the first FROM.
fn setting_step(model: &Model, binding: &Binding, name: &str) -> usize {
    let step = binding.step;
    match &model.instruction(step).kind {
        Kind::From(_) => {
            let below = model.stage_of(step).and_then(|stage| match stage.base {
                Base::Stage(below) => model.stages.get(below),
                _ => None,
            });
            let triggers = below.map_or(&[][..], |stage| &stage.triggers[..]);
            let sets = |trigger: &&usize| set_value(model.instruction(**trigger), name).is_some();
            triggers.iter().rev().find(sets).copied().unwrap_or(step)
        }
        Kind::Arg(decls) if decls.iter().any(|d| &*d.name.text == name && d.default.is_none()) => {
            let global = model.global_environment(step).binding(name);
            global.map_or(step, |global| global.step)
        }
        _ => step,
    }
}

/// The word that an ARG or ENV sets a variable to; the last one counts.
fn set_value<'i>(instruction: &'i Instruction, name: &str) -> Option<&'i Word> {
    match &instruction.kind {
        Kind::Arg(decls) => decls.iter().rev().find(|d| &*d.name.text == name)?.default.as_ref(),
        Kind::Env(pairs) => pairs.iter().rev().find(|p| &*p.key.text == name)?.value.as_ref(),
        _ => None,
    }
}

/// How many variables a value is followed through.
const MAX_VARIABLES: usize = 4;

/// True if the value that a step sets is made of an ARG.
fn hangs_on_argument(model: &Model, step: usize, name: &str, depth: usize) -> bool {
    let Some(word) = set_value(model.instruction(step), name).filter(|_| depth < MAX_VARIABLES) else {
        return false;
    };
    let is_global = model.stage_of(step).is_none();
    let environment = if is_global { model.global_environment(step) } else { model.environment(step) };
    let mut variables = word.variables().into_iter().flatten().take(MAX_VARIABLES);
    variables.any(|variable| {
        environment.binding(&variable.name).is_some_and(|binding| {
            binding.kind == BindingKind::Arg
                || hangs_on_argument(model, binding.step, &variable.name, depth + 1)
        })
    })
}

/// What is said of an ARG that a file which starts the build sets.
fn told(name: &str, value: &str) -> String {
    format!("`{name}={value}`\n\nset by an argument of the build")
}

fn value_of(name: &str, value: &str, kind: BindingKind, line: u32, of_argument: bool) -> String {
    let (keyword, behind) = match kind {
        BindingKind::Env if of_argument => ("ENV", " from an ARG; `--build-arg` may set another"),
        BindingKind::Env => ("ENV", ""),
        BindingKind::Arg => ("ARG", "; `--build-arg` may set another"),
    };
    format!("`{name}={value}`\n\nset by {keyword} in line {line}{behind}")
}

/// The value that an ARG or ENV sets.
fn declared(model: &Model, instruction: &Instruction, mention: &Mention) -> Option<String> {
    if let Kind::Arg(decls) = &instruction.kind
        && let Some(decl) = decls.iter().find(|decl| decl.name.span == mention.span)
        && let Some(value) = model.build().args.get(&*decl.name.text)
    {
        return Some(told(&decl.name.text, value));
    }
    let (name, value, kind): (&Word, &Word, BindingKind) = match &instruction.kind {
        Kind::Arg(decls) => {
            let decl = decls.iter().find(|decl| decl.name.span == mention.span)?;
            (&decl.name, decl.default.as_ref()?, BindingKind::Arg)
        }
        Kind::Env(pairs) => {
            let pair = pairs.iter().find(|pair| pair.key.span == mention.span)?;
            (&pair.key, pair.value.as_ref()?, BindingKind::Env)
        }
        _ => return None,
    };
    let found = match model.stage_of(mention.step) {
        Some(_) => model.value(mention.step, value),
        None => value.expand(&model.global_environment(mention.step)).ok()?,
    };
    let Value::Known(value) = found else { return None };
    let of_argument = hangs_on_argument(model, mention.step, &name.text, 0);
    Some(value_of(&name.text, &value, kind, instruction.lines.0, of_argument))
}

/// True if what is behind the name of a variable goes on with it, or ends it.
fn is_closed(text: &str, span: Span) -> bool {
    let braces = text[..span.start as usize].ends_with("${");
    let behind = &text[span.end as usize..];
    !braces || behind.starts_with(['}', ':', '-', '+', '?', '=', '#', '%', '/'])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::document::tests::read;
    use super::*;
    use crate::semantic::Build;

    /// What is said where `|` stands, on one line.
    fn said(text: &str) -> String {
        let (before, after) = text.split_once('|').unwrap();
        let read = read(&format!("{before}{after}"));
        let hover =
            hover(&read, Span::of(0..before.len()).end, &Catalogue::default(), (&[][..], |_| None), true);
        let Some(Contents::MarkupContent(content)) = hover.map(|hover| hover.contents) else {
            return String::new();
        };
        content.value.replace('\n', " ")
    }

    #[test]
    fn what_builds_set_is_said() {
        let text = "ARG V=1\nFROM a:$V\nARG V\nARG W=9\nENV E=$W-$V\nRUN echo $E\n";
        let read = read(text);
        let model = |v: &str| {
            let args = [("V", v), ("W", "6")].map(|(name, value)| (name.to_owned(), value.to_owned()));
            Model::of_build(Arc::clone(&read.file), &Build { args: args.into(), ..Build::default() })
        };
        let said = |at: &str, builds: &Built<'_>| {
            let at = Span::of(0..text.find(at).unwrap() + at.len()).end;
            let hover = hover(&read, at, &Catalogue::default(), (builds, |_| None), true);
            let Some(Contents::MarkupContent(content)) = hover.map(|hover| hover.contents) else { panic!() };
            content.value.replace('\n', " ")
        };
        let (five, six) = (model("5"), model("6"));
        let one = [(Some("compose.yaml: web"), &five)];
        assert_eq!(said("ARG V", &one), "`V=5`  set by an argument of the build");
        assert_eq!(said("a:$V", &one), "`V=5`  set by an argument of the build");
        assert!(said("echo $E", &one).starts_with("`E=6-5`  set by ENV in line 5"));
        let two = [one[0], (Some("compose.yaml: old"), &six)];
        assert_eq!(
            said("a:$V", &two),
            "`V=5`  set by an argument of the build, in compose.yaml: web  \
            `V=6`  set by an argument of the build, in compose.yaml: old"
        );
        assert_eq!(
            said("FROM a", &two),
            "`docker.io/library/a:5`, in compose.yaml: web  `docker.io/library/a:6`, in compose.yaml: old"
        );
        let three = [two[0], two[1], (None, &five)];
        assert_eq!(said("a:$V", &three), said("a:$V", &two));
        assert_eq!(said("ARG W", &two), "`W=6`  set by an argument of the build");
    }

    #[test]
    fn what_stands_at_a_place_is_explained() {
        for (text, want) in [
            ("FROM ngi|nx\n", "`docker.io/library/nginx:latest`"),
            ("FROM scra|tch\n", "`scratch`"),
            ("ARG V=1\nFROM ngi|nx:$V-alpine\n", "`docker.io/library/nginx:1-alpine`"),
            ("ARG V\nFROM ngi|nx:$V\n", ""),
            ("FROM a\nHEALTH|CHECK NONE\n", "`HEALTHCHECK [FLAGS] CMD COMMAND`"),
            ("FROM a\nONB|UILD RUN x\n", "`ONBUILD INSTRUCTION`"),
            ("FROM a\nADD --check|sum=sha256:00 http://x/y /\n", "`--checksum`"),
            ("FROM a\nRUN --mount=type=cache,shar|ing=locked,target=/x y\n", "`sharing`"),
            ("FROM debian:12 AS base\nFROM a\nCOPY --from=ba|se / /\n", "stage 0: `FROM debian:12 AS base`"),
            ("FROM a AS base\nENV K=v1\nFROM base\nRUN echo $|K\n", "`K=v1`  set by ENV in line 2"),
            ("ARG V=1\nFROM a:$|V\n", "`V=1`  set by ARG in line 1; `--build-arg` may set another"),
            ("# esc|ape=`\nFROM a\n", "escape: "),
            ("FROM a\n# dlint ignore=no-us|er\nRUN x\n", "`no-user`: "),
            ("FROM a\nARG V\nRUN echo $|V\n", ""),
            ("FROM a\nENV V=1\nRUN V=2; echo $|V\n", ""),
            ("FROM a\nENV V=1\nRUN V=2 echo $|V\n", "`V=1`"),
            ("FROM a\nENV V=1\nRUN echo $|V; V=2\n", "`V=1`"),
            ("FROM a\nRUN ec|ho\n", ""),
            ("ARG A=1\nFROM a\nARG A\nCMD echo $A|\n", "`A`  the ARG in line 3 counts"),
            ("FROM a\nENV A=1\nARG A=2\nCMD echo $A|\n", "`A=1`  set by ENV in line 2"),
            (
                "FROM a\nARG A=1\nENTRYPOINT [\"sh\", \"-c\", \"$A|\"]\nENV A=2\n",
                "`A=2`  set by ENV in line 4",
            ),
            ("FROM a AS q\nONBUILD ENV A=1\nFROM q\nRUN echo $A|\n", "`A=1`  set by ENV in line 2"),
            (
                "FROM a\nARG B=1\nCMD echo $B|\n",
                "`B`  the ARG in line 2 counts while the image is built, and not in its containers",
            ),
            ("ARG B=1\nFROM a\nARG B\nRUN echo $B|\n", "`B=1`  set by ARG in line 1;"),
            (
                "FROM a\nARG V=1\nENV W=x$V\nENV E=$W\nRUN echo $E|\n",
                "`E=x1`  set by ENV in line 4 from an ARG; `--build-arg` may set another",
            ),
        ] {
            let got = said(text);
            assert!(got.starts_with(want) && got.is_empty() == want.is_empty(), "{text}: {got}");
        }
    }
}
