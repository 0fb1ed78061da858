//! Whether a text is a Dockerfile at all, or a template that renders to one.

use std::collections::HashSet;
use std::ops::Range;

use crate::knowledge::TEMPLATE_ENDINGS;
use crate::syntax::{DirectiveKind, File, ImageRef, Keyword, Kind, SyntaxErrorKind};
use crate::text::{Span, holds};

use super::Model;

/// What templates begin a piece with; no instruction and no image begins so.
const MARKS: [&str; 10] = ["{{", "{%", "{#", "<%", "<#", "<?", "[%", "%%", "@@", "%"];

/// Where a property of Maven, Gradle or Spring stands, `${app.name}`: BuildKit's variables have no dots.
fn property(text: &str) -> Option<Range<usize>> {
    text.match_indices("${").find_map(|(at, _)| {
        let rest = &text[at + 2..];
        let end = rest.bytes().take(100).position(|b| b == b'}')?;
        let name = &rest[..end];
        let is_part = |part: &str| {
            part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                && part.starts_with(|c: char| c.is_ascii_alphabetic())
        };
        (name.contains('.') && name.split('.').all(is_part)).then(|| at..at + name.len() + "${}".len())
    })
}

/// What stands somewhere in a template, and hardly in a Dockerfile.
const INNER_MARKS: [&str; 5] = ["{{", "{%", "<%", "[%", "@@"];

/// What stands in the image of a FROM that is to be filled in, and in no name of an image.
const BASE_MARKS: [&str; 5] = ["#{", "$!{", "[[", "{", "<"];

/// How the name of an image begins that is to be replaced.
const STAND_IN_NAMES: [&str; 5] = ["REPLACE", "CHANGE", "PLACEHOLDER", "TODO", "YOUR_"];

/// The variables of development container templates.
const TEMPLATE_OPTION: &str = "${templateOption:";

/// True if the text begins as a Dockerfile does: with a FROM, an ARG, or another instruction in upper case.
/// Other files that lie around, such as workflows, scripts and prose, do not.
#[must_use]
pub fn reads_like_dockerfile(file: &File) -> bool {
    let Some(first) = file.instructions.first() else { return false };
    let written = first.keyword_text(file);
    if written.ends_with(':') {
        return false;
    }
    let is_upper = written.bytes().all(|b| b.is_ascii_uppercase());
    let mut words = first.arguments_text().split_whitespace();
    let (word, second) = (words.next(), words.next());
    match first.keyword {
        Keyword::Unknown => false,
        _ if is_upper => true,
        // `from x import y`, `From here on`, `arg of a function`.
        Keyword::From => {
            word.is_some() && second.is_none_or(|w| w.eq_ignore_ascii_case("as") || w.starts_with('#'))
        }
        Keyword::Arg => word.is_some_and(|w| w.contains('=') || second.is_none()),
        _ => false,
    }
}

/// True for the names of templates: `Dockerfile.j2`.
#[must_use]
pub fn is_template_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    TEMPLATE_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

impl Model {
    /// Where it shows that the file is a template, which renders to a Dockerfile.
    #[must_use]
    pub fn template_mark(&self) -> Option<Span> {
        *self.facts.template_mark.get_or_init(|| template_mark(&self.file))
    }
}

/// Where it shows that a file is a template, which renders to a Dockerfile: a piece of another language that
/// BuildKit refuses or, if its name says that it is one, that stands anywhere.
fn template_mark(file: &File) -> Option<Span> {
    let is_piece = is_piece(file);
    let text = file.text();
    if let Some(span) = copied_piece(file) {
        return Some(span);
    }
    // BuildKit reads `$$` as a variable called `$`, and `$!` as one called `!`.
    let is_marked = || {
        let marks = ["$$", "$!{"];
        marks.into_iter().any(|mark| holds(text, mark) && bases(file).any(|b| b.text(text).contains(mark)))
    };
    if file.errors.is_empty() && !is_template_name(file.source.name()) && !is_piece && !is_marked() {
        return None;
    }
    if !file.errors.is_empty()
        && let Some(span) = other_frontend(file)
    {
        return Some(span);
    }
    // An instruction may have many faults, and is searched once for each kind of piece.
    let mut searched = HashSet::new();
    let refused = file.errors.iter().find_map(|error| {
        let at = file.instructions.partition_point(|i| i.span.end <= error.span.start);
        let instruction = file.instructions.get(at)?;
        match (error.kind, &instruction.kind) {
            (SyntaxErrorKind::UnknownInstruction, _) => {
                begins_template(error.span.text(text)).then(|| mark_of(error.span, text))
            }
            (_, Kind::From(from)) => marked_base(from.image.as_ref()?.span, text),
            _ => {
                let is_refused = error.kind == SyntaxErrorKind::BadSubstitution;
                if !searched.insert((at, is_refused)) {
                    return None;
                }
                let here = instruction.span.text(text);
                let start = instruction.span.range().start;
                let pairs = matches!(instruction.kind, Kind::Env(_) | Kind::Label(_) | Kind::Arg(_));
                if let Some(at) = here.find("{{ ").filter(|at| pairs && here[*at..].contains(" }}")) {
                    return Some(Span::of(start + at..start + at + "{{".len()));
                }
                if let Some(at) = here.find(TEMPLATE_OPTION) {
                    return Some(Span::of(start + at..start + at + TEMPLATE_OPTION.len() - 1));
                }
                let range = is_refused.then(|| property(here)).flatten()?;
                Some(Span::of(start + range.start..start + range.end))
            }
        }
    });
    let anywhere = || {
        let of = |mark: &&str| Some(Span::of(text.find(*mark).map(|at| at..at + mark.len())?));
        INNER_MARKS.iter().filter_map(of).min_by_key(|span| span.start)
    };
    // Of what lies in a folder of templates, the first word stands for what it becomes a part of.
    let lies_with_others = || {
        let folders = file.source.name().rsplit_once(['/', '\\']).map_or("", |(folders, _)| folders);
        let first = file.instructions.first().map(|i| i.keyword_span);
        first.filter(|_| is_piece && folders.to_ascii_lowercase().contains("template"))
    };
    let is_refused = is_piece && !file.errors.is_empty();
    let refused = refused.or_else(|| bases(file).find_map(|image| read_as_variable(image, text)));
    let said = || file.instructions.first().map(|i| i.keyword_span).filter(|_| is_piece && says_piece(file));
    let marked = || (is_template_name(file.source.name()) || is_refused).then(anywhere).flatten();
    refused.or_else(marked).or_else(lies_with_others).or_else(said)
}

/// A piece of a template among the words of a COPY or ADD: `COPY {{ name }} /app`.
fn copied_piece(file: &File) -> Option<Span> {
    if !holds(file.text(), "{{ ") {
        return None;
    }
    file.instructions.iter().find_map(|instruction| {
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { return None };
        transfer.paths().find(|word| &*word.text == "{{").map(|word| word.span)
    })
}

/// Where the images of all FROMs stand.
fn bases(file: &File) -> impl Iterator<Item = Span> {
    file.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::From(from) => from.image.as_ref().map(|image| image.span),
        _ => None,
    })
}

/// `$$BASE$$`, as Octopus and others write what they fill in, and `$!{base}` of Velocity: BuildKit sees variables there.
fn read_as_variable(image: Span, text: &str) -> Option<Span> {
    if let Some(at) = image.text(text).find("$!{") {
        let start = image.range().start + at;
        return Some(Span::of(start..start + "$!{".len()));
    }
    let (_, rest) = image.text(text).split_once("$$")?;
    let (name, _) = rest.split_once("$$")?;
    begins_template(&format!("@{name}@")).then_some(image)
}

/// The image that a `# syntax=` line names, if that is none of BuildKit's own frontends: only it knows the language.
#[must_use]
pub fn other_frontend(file: &File) -> Option<Span> {
    let directive = file.directive(DirectiveKind::Syntax)?;
    let image = ImageRef::parse(directive.value.split_whitespace().next()?).ok()?;
    let is_own =
        image.path.contains("docker/dockerfile") || image.path.rsplit('/').next() == Some("dockerfile");
    (!is_own).then_some(directive.value_span)
}

/// How many bytes of the comments at the head of a file are read.
const MAX_HEAD: usize = 2048;

/// Words of comments that say that a file becomes a part of another one, in lower case.
const OF_PIECES: [&str; 18] = [
    "appended to",
    "be appended",
    "be included",
    "concatenated",
    "dockerfile fragment",
    "dockerfile snippet",
    "fragment of",
    "from is added",
    "from is prepended",
    "from line is",
    "included by",
    "included in",
    "included into",
    "inserted into",
    "not a complete dockerfile",
    "not a standalone",
    "partial dockerfile",
    "prepended",
];

/// True if the comments above the first instruction say that the file is a piece of another one.
fn says_piece(file: &File) -> bool {
    let first = file.instructions.first().map_or(0, |i| i.span.range().start);
    let lines = file.text().get(..first).unwrap_or("").lines().map(str::trim_start);
    let mut left = MAX_HEAD;
    let comments = lines.filter(|line| line.starts_with('#')).take_while(|line| {
        left = left.saturating_sub(line.len() + 1);
        left > 0
    });
    // A sentence may go on in the next line.
    let words = comments.flat_map(|line| line.trim_start_matches('#').split_whitespace());
    let said = words.map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    OF_PIECES.iter().any(|words| said.contains(words))
}

/// True for a file without a FROM: of a template, it is a piece.
#[must_use]
pub fn is_piece(file: &File) -> bool {
    !file.instructions.iter().any(|i| i.keyword == Keyword::From)
}

/// True for a word that a template begins with: `{{if`, `<%=`, `@INSTALL@`, `__INSTALL__`, `@include`.
fn begins_template(word: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    let between =
        |mark: &str| word.strip_prefix(mark).and_then(|w| w.strip_suffix(mark)).is_some_and(is_name);
    // `@include`, and what m4 reads: no instruction looks so.
    let of_macros = || word.starts_with('@') || word == "dnl" || word.contains("(`");
    MARKS.iter().any(|mark| word.starts_with(mark)) || between("@") || between("__") || of_macros()
}

/// The mark at the start of a word; the whole word where a name stands between two of them.
fn mark_of(word: Span, text: &str) -> Span {
    let start = word.range().start;
    let mark = MARKS.iter().find(|mark| word.text(text).starts_with(**mark));
    mark.map_or(word, |mark| Span::of(start..start + mark.len()))
}

/// The piece of a template in the image of a FROM.
fn marked_base(image: Span, text: &str) -> Option<Span> {
    let word = image.text(text);
    if begins_template(word.trim_start_matches(['"', '\''])) {
        return Some(mark_of(image, text));
    }
    if STAND_IN_NAMES.iter().any(|name| word.starts_with(name)) {
        return Some(image);
    }
    // `${BASE}` is a variable.
    let found = |mark: &str| word.find(mark).filter(|at| mark != "{" || !word[..*at].ends_with('$'));
    if let Some((at, mark)) =
        INNER_MARKS.iter().chain(&BASE_MARKS).find_map(|mark| Some((found(mark)?, mark)))
    {
        let at = image.range().start + at;
        return Some(Span::of(at..at + mark.len()));
    }
    // `debian:@VERSION@`: a name in upper case between two of them.
    let at_signs = || {
        let (at, rest) = word.split_once('@').map(|(before, rest)| (before.len(), rest))?;
        begins_template(&format!("@{}@", rest.split_once('@')?.0)).then_some(at)
    };
    let properties = || property(word).map(|range| range.start);
    let from = at_signs().or_else(|| word.find(TEMPLATE_OPTION)).or_else(properties)?;
    Some(Span::of(image.range().start + from..image.range().end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    fn file(text: &str) -> File {
        parse(Source::from_text("Dockerfile", text))
    }

    #[test]
    fn what_begins_as_a_dockerfile_does() {
        for text in [
            "FROM debian:12\n",
            "# syntax=docker/dockerfile:1\n\n# What it is\nfrom debian:12 as build\n",
            "arg VERSION=12\nfrom debian:$VERSION\n",
            "FROM ubuntu 24.04\n",
            "FORM debian:12\n",
            "RUN echo what another file begins\n",
            "\u{feff}FROM debian:12\n",
        ] {
            assert!(reads_like_dockerfile(&file(text)), "{text}");
        }
        for text in [
            "",
            "# only words\n",
            "name: lint\non: push\n",
            "env:\n  A: 1\n",
            "services:\n  web:\n    image: debian\n",
            "#!/usr/bin/env python3\nfrom os import path\n",
            "#!/bin/sh\nset -e\n",
            "From here on you need Docker.\n",
            "Run the tests before you push.\n",
            "{\"name\": \"x\"}\n",
            "<html>\n",
            "\" Vim syntax file\n",
            "From 8d1f Mon Sep 17 00:00:00 2001\n",
            "all:\n\tdocker build .\n",
        ] {
            assert!(!reads_like_dockerfile(&file(text)), "{text}");
        }
    }

    #[test]
    fn a_comment_says_that_a_file_is_a_piece() {
        let mark = |text: &str| template_mark(&file(text)).map(|span| span.text(text).to_owned());
        for text in [
            "# This part is appended to\n# the Dockerfile of each language.\nRUN x\n",
            "# The FROM line is written by build.sh\n\nARG A=1\nRUN x\n",
            "# Dockerfile fragment for größe\nCOPY a /b\n",
        ] {
            assert!(mark(text).is_some(), "{text}");
        }
        for text in [
            "# What it is made of\nRUN x\n",
            "# Tools that are included here\nRUN x\n",
            "RUN x\n# appended to the Dockerfile\nRUN y\n",
            "# appended to the Dockerfile\nFROM a\nRUN x\n",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }

    #[test]
    fn templates_are_known_by_what_buildkit_refuses() {
        let mark = |text: &str| template_mark(&file(text)).map(|span| span.text(text).to_owned());
        for (text, want) in [
            ("FROM {{ base }}\nRUN x\n", "{{"),
            ("FROM debian:{{.Version}} AS a\n", "{{"),
            ("FROM debian:12\n{% if a %}\nRUN x\n{% endif %}\n", "{%"),
            ("FROM <%= base %>\n", "<%"),
            ("FROM @BASE@\n", "@BASE@"),
            ("FROM debian:@VERSION@\n", "@VERSION@"),
            ("FROM debian:12\n%%EXTRA%%\n", "%%"),
            ("FROM debian:12\n__EXTRA__\n", "__EXTRA__"),
            ("ARG A=${templateOption:a}\nFROM debian:12\n", "${templateOption"),
            ("FROM ${docker.base.image}\n", "${docker.base.image}"),
            ("FROM debian:12\nCOPY ${app.name}.deb /tmp/\n", "${app.name}"),
            ("FROM debian:12\nENV A={{ b }}\n", "{{"),
            ("FROM debian:12\nLABEL version={{ version }}\n", "{{"),
            ("FROM debian:12\nCOPY {{ name }} /app\n", "{{"),
            ("FROM #{BaseImage}#\nRUN x\n", "#{"),
            ("FROM [[ .image ]]\n", "[["),
            ("FROM $$BASE$$\n", "$$BASE$$"),
            ("FROM $!{image}\n", "$!{"),
            ("FROM {base_image}\nRUN pip install {packages}\n", "{"),
            ("FROM ubuntu:<VERSION>\n", "<"),
            ("FROM REPLACE_ME\n", "REPLACE_ME"),
            ("FROM debian:12\n@include common\n", "@include"),
            ("include(`x')\ndnl größe\nFROM a\n", "include(`x')"),
            ("# syntax=edrevo/dockerfile-plus\nFROM a\nINCLUDE+ b\n", "edrevo/dockerfile-plus"),
        ] {
            assert_eq!(mark(text).as_deref(), Some(want), "{text}");
        }
        for text in [
            "FROM debian:12\nRUN docker ps --format '{{.ID}}'\n",
            "FROM debian:12\nENV A=\"{{ b }}\"\nHEALTCHECK NONE\n",
            "FROM debian:12\nARG A=${B:c}\n",
            "FROM debian:12\nARG A=${B.}\n",
            "FROM debian:12\nRUN echo ${app.name}\n",
            "FROM debian@sha256:12\n",
            "FROM BASE_IMAGE\n",
            "ARG A=b\nFROM ${A\n",
            "# syntax=docker/dockerfile:1\nFROM a\nINCLUDE+ b\n",
            "# syntax=mirror.example.org/docker/dockerfile-upstream:master\nFROM a\nUSE b\n",
            "# syntax=edrevo/dockerfile-plus\nFROM a\nRUN b\n",
            "FROM Debian\n",
            "FROM debian:12\napt-get install x\n",
        ] {
            assert_eq!(mark(text), None, "{text}");
        }
    }
}
