//! What stands at a place: instruction, flag, option of a mount, rule, image, stage, variable.

use crate::rules::Catalogue;
use crate::semantic::{BindingKind, Model};
use crate::syntax::{Flag, ImageRef, Instruction, Kind, Mount, Value};
use crate::text::Span;

use super::document::Read;
use super::names::{Mention, Named, Names};
use super::protocol::{Contents, Hover, MarkupContent, MarkupKind};
use super::reference;

/// What is said of a place.
struct Said {
    span: Span,
    text: String,
}

/// What stands at byte `at`.
pub(super) fn hover(read: &Read, at: u32, catalogue: &Catalogue, markdown: bool) -> Option<Hover> {
    let said =
        directive(read, at).or_else(|| rule(read, at, catalogue)).or_else(|| in_instruction(read, at))?;
    let kind = if markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let value = if markdown { said.text } else { said.text.replace('`', "") };
    Some(Hover {
        contents: Contents::MarkupContent(MarkupContent { kind, value }),
        range: Some(read.range(said.span)),
    })
}

fn touches(span: Span, at: u32) -> bool {
    span.start <= at && at <= span.end
}

fn directive(read: &Read, at: u32) -> Option<Said> {
    let directive = read.file.directives.iter().find(|d| touches(d.name_span, at))?;
    Some(Said { span: directive.name_span, text: reference::directive(directive.kind).to_owned() })
}

/// A rule that a comment names.
fn rule(read: &Read, at: u32, catalogue: &Catalogue) -> Option<Said> {
    let text = read.text();
    let line = text[..at as usize].rfind('\n').map_or(0, |end| end + 1);
    let comment = text[line..].lines().next().filter(|line| line.trim_start().starts_with('#'))?;
    if !comment.contains("ignore") {
        return None;
    }
    let at = at as usize - line;
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let start = comment.get(..at)?.rfind(is_other).map_or(0, |end| end + 1);
    let end = comment[at..].find(is_other).map_or(comment.len(), |len| at + len);
    let meta = &catalogue.find(&comment[start..end])?.meta;
    let span = Span::of(line + start..line + end);
    Some(Said { span, text: format!("`{}`: {}", meta.name, meta.summary) })
}

fn in_instruction(read: &Read, at: u32) -> Option<Said> {
    let instructions = &read.file.instructions;
    let step = instructions.partition_point(|i| i.first_keyword().start <= at).checked_sub(1)?;
    let instruction = instructions.get(step).filter(|i| at <= i.span.end)?;
    keyword(read, instruction, at)
        .or_else(|| name(read, at))
        .or_else(|| instruction.flags.iter().find_map(|f| flag(instruction, f, at)))
        .or_else(|| instruction.mounts.iter().find_map(|m| mount(read, m, at)))
        .or_else(|| image(instruction, at))
}

fn keyword(read: &Read, instruction: &Instruction, at: u32) -> Option<Said> {
    let spans = [instruction.onbuild, Some(instruction.keyword_span)];
    let span = spans.into_iter().flatten().find(|span| touches(*span, at))?;
    let keyword = crate::syntax::Keyword::of(span.text(read.text()));
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

/// The whole name of an image.
fn image(instruction: &Instruction, at: u32) -> Option<Said> {
    let Kind::From(from) = &instruction.kind else { return None };
    let word = from.image.as_ref().filter(|image| touches(image.span, at))?;
    if word.text == "scratch" {
        let text = "`scratch`: nothing at all, the empty image".to_owned();
        return Some(Said { span: word.span, text });
    }
    let image = ImageRef::parse(&word.literal()?).ok()?;
    Some(Said { span: word.span, text: format!("`{}`", whole(&image)) })
}

/// `docker.io/library/nginx:latest`.
fn whole(image: &ImageRef) -> String {
    let mut text = format!("{}/{}", image.registry, image.path);
    match (&image.tag, &image.digest) {
        (None, None) => text.push_str(":latest"),
        (Some(tag), _) => text.push_str(&format!(":{tag}")),
        (None, Some(_)) => {}
    }
    if let Some(digest) = &image.digest {
        text.push_str(&format!("@{}:{}", digest.algorithm, digest.hex));
    }
    text
}

fn name(read: &Read, at: u32) -> Option<Said> {
    let names = Names::of(&read.file);
    let mention = names.at(at)?;
    let text = match &mention.named {
        Named::Stage(index) => stage(&names, *index)?,
        Named::Variable(_, name) => variable(read, mention, name)?,
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

/// The value of a variable where it is mentioned, and what sets it.
fn variable(read: &Read, mention: &Mention, name: &str) -> Option<String> {
    let model = Model::new(std::sync::Arc::clone(&read.file));
    let step = mention.step;
    let is_from = read.file.instructions.get(step).is_some_and(|i| matches!(i.kind, Kind::From(_)));
    // Where it is set, what holds right behind that counts.
    let step = if mention.declares { step + 1 } else { step };
    let environment = if is_from { model.global_environment(step) } else { model.environment(step) };
    let binding = environment.binding(name)?;
    let kind = match binding.kind {
        BindingKind::Env => "ENV",
        BindingKind::Arg => "ARG",
    };
    let line = read.file.instructions.get(binding.step).map_or(0, |i| i.lines.0);
    let Value::Known(value) = &binding.value else { return None };
    let is_default = binding.kind == BindingKind::Arg;
    let behind = if is_default { "; `--build-arg` may set another" } else { "" };
    Some(format!("`{name}={value}`\n\nset by {kind} in line {line}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    /// What is said where `|` stands, on one line.
    fn said(text: &str) -> String {
        let (before, after) = text.split_once('|').unwrap();
        let read = read(&format!("{before}{after}"));
        let hover = hover(&read, Span::of(0..before.len()).end, &Catalogue::default(), true);
        let Some(Contents::MarkupContent(content)) = hover.map(|hover| hover.contents) else {
            return String::new();
        };
        content.value.replace('\n', " ")
    }

    #[test]
    fn what_stands_at_a_place_is_explained() {
        for (text, want) in [
            ("FROM ngi|nx\n", "`docker.io/library/nginx:latest`"),
            ("FROM scra|tch\n", "`scratch`"),
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
            ("FROM a\nRUN ec|ho\n", ""),
        ] {
            let got = said(text);
            assert!(got.starts_with(want) && got.is_empty() == want.is_empty(), "{text}: {got}");
        }
    }
}
