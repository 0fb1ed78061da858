//! Reading a `[match]` table: every fault has a place.

use globset::GlobBuilder;

use crate::syntax::Keyword;
use crate::text::nearest;
use crate::text::toml::{At, Fault, Fields};

use super::{
    CommandPattern, ImagePattern, Matcher, NamedPattern, Pattern, Patterns, Piece, Place, StageFilter,
    Template,
};

impl Matcher {
    /// Reads a `[match]` table. What is wrong goes to `faults`; what is read then matches too much or
    /// too little and must not be used.
    pub fn read(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> Self {
        let span = table.span();
        let mut matcher = Self::default();
        for name in table.words("instruction", faults).unwrap_or_default() {
            match Keyword::of(&name.value) {
                Keyword::Unknown => {
                    let near = nearest(&name.value, Keyword::ALL.iter().map(|(n, _)| *n));
                    let message = format!("`{}` is no instruction", name.value);
                    faults.push(Fault::new(name.span, message).suggest(near));
                }
                keyword => matcher.instructions.push(keyword),
            }
        }
        if let Some(stage) = table.string("stage", faults) {
            matcher.stage = match stage.value.as_str() {
                "any" => StageFilter::Any,
                "final" => StageFilter::Final,
                "build" => StageFilter::Build,
                _ => {
                    faults.push(Fault::new(stage.span, "`stage` is `final`, `build` or `any`"));
                    StageFilter::Any
                }
            };
        }
        matcher.command = table.table("command", faults).map(|t| command(t, faults));
        matcher.flag = table.table("flag", faults).map(|t| named(t, faults));
        matcher.env = table.table("env", faults).map(|t| named(t, faults));
        matcher.port = table.port("port", faults);
        matcher.image = table.table("image", faults).map(|t| image(t, faults));
        matcher.user = patterns(table.words("user", faults), faults);
        let message = table.required("message", faults);
        matcher.message = message.map(|m| template(&m, faults)).unwrap_or_default();
        matcher.help = table.string("help", faults).map(|h| template(&h, faults));
        table.finish(faults);
        let empty = matcher.instructions.is_empty()
            && matcher.command.is_none()
            && matcher.flag.is_none()
            && matcher.env.is_none()
            && matcher.port.is_none()
            && matcher.image.is_none()
            && matcher.user.is_none();
        if empty {
            faults.push(Fault::new(
                span,
                "a matcher needs at least one of instruction, command, flag, env, port, image, user",
            ));
        }
        matcher
    }
}

fn command(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> CommandPattern {
    let name = required(&mut table, "name", faults);
    let subcommand = patterns(table.words("subcommand", faults), faults);
    let mut options = |key| -> Vec<String> {
        let options = table.words(key, faults).unwrap_or_default();
        for option in options.iter().filter(|o| !o.value.starts_with('-') || o.value.len() < 2) {
            let message = format!("`{}` is no option: it must start with `-`", option.value);
            faults.push(Fault::new(option.span, message));
        }
        options.into_iter().map(|o| o.value).collect()
    };
    let (has, lacks) = (options("has"), options("lacks"));
    table.finish(faults);
    CommandPattern { name, subcommand, has, lacks }
}

fn named(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> NamedPattern {
    let name = required(&mut table, "name", faults);
    let value = patterns(table.words("value", faults), faults);
    table.finish(faults);
    NamedPattern { name, value }
}

fn image(mut table: Fields<'_>, faults: &mut Vec<Fault>) -> ImagePattern {
    let registry = patterns(table.words("registry", faults), faults);
    let repository = patterns(table.words("repository", faults), faults);
    let tag = patterns(table.words("tag", faults), faults);
    let digest = table.boolean("digest", faults);
    table.finish(faults);
    ImagePattern { registry, repository, tag, digest }
}

fn required(table: &mut Fields<'_>, key: &'static str, faults: &mut Vec<Fault>) -> Patterns {
    let words = table.words(key, faults);
    if words.as_ref().is_none_or(Vec::is_empty) {
        faults.push(Fault::new(table.span(), format!("`{key}` is missing")));
    }
    patterns(words, faults).unwrap_or_default()
}

fn patterns(words: Option<Vec<At<String>>>, faults: &mut Vec<Fault>) -> Option<Patterns> {
    let pattern = |word: At<String>| {
        if !word.value.contains(['*', '?', '[', '{', '\\']) {
            return Some(Pattern::Literal(word.value));
        }
        match GlobBuilder::new(&word.value).build() {
            Ok(glob) => Some(Pattern::Glob(glob.compile_matcher())),
            Err(error) => {
                faults.push(Fault::new(word.span, format!("this is no glob: {}", error.kind())));
                None
            }
        }
    };
    Some(Patterns(words?.into_iter().filter_map(pattern).collect()))
}

fn template(text: &At<String>, faults: &mut Vec<Fault>) -> Template {
    let mut pieces = Vec::new();
    let mut rest = text.value.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        pieces.push(Piece::Text(before.to_owned()));
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        match Place::ALL.iter().find(|(n, _)| *n == name) {
            Some((_, place)) => pieces.push(Piece::Place(*place)),
            None => {
                let near = nearest(name, Place::ALL.iter().map(|(n, _)| *n));
                faults.push(Fault::new(text.span, format!("`{{{name}}}` stands for nothing")).suggest(near));
            }
        }
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Template(pieces)
}
