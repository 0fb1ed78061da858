//! Writes the digests of a lock file behind the names of images.

use std::sync::Arc;

use crate::lock::Bases;
use crate::semantic::{Base, CopyFrom, Model};
use crate::syntax::{self, ImageRef};
use crate::text::{Edit, Source, Span, apply};

/// What pinning makes of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pinned {
    /// The text with digests; `None` if nothing was to be written.
    pub text: Option<Vec<u8>>,
    /// The lines in which a digest was written, with what stands there now.
    pub rows: Vec<(u32, String)>,
    /// The lines that were left, and why.
    pub left: Vec<(u32, String)>,
}

/// Pins the images of FROM and COPY --from that have a tag, or none, to the digests that their registries had. What a
/// variable is a part of stays.
#[must_use]
pub fn pin(model: &Model, bases: &Bases) -> Pinned {
    let mut pinned = Pinned::default();
    let mut edits: Vec<Edit> = Vec::new();
    for (step, image, span, text) in references(model) {
        let line = model.instruction(step).lines.0;
        let mut leave = |why: &str| pinned.left.push((line, why.to_owned()));
        if image.digest.is_some() || edits.iter().any(|edit| edit.span.end == span.end) {
            continue;
        }
        if model.file.text().get(span.start as usize..span.end as usize) != Some(text)
            || text.contains(['$', '"', '\'', '\\', '`'])
        {
            leave("a variable, a quote or a continuation is a part of the name");
            continue;
        }
        let Some(digest) = digest(bases, image) else {
            leave("dlint.lock does not have it, or another digest for each platform: run `dlint lock`");
            continue;
        };
        let tag = if image.tag.is_none() { ":latest" } else { "" };
        let new = format!("{tag}@{digest}");
        pinned.rows.push((line, format!("{text}{new}")));
        edits.push(Edit { span: Span { start: span.end, end: span.end }, text: new });
    }
    let before = model.file.source.bytes();
    edits.sort_unstable_by_key(|edit| edit.span.start);
    let after = if edits.is_empty() { None } else { apply(before, &edits).ok() };
    match after.filter(|after| is_same_build(model, after, edits.len())) {
        Some(after) => pinned.text = Some(after),
        None => pinned.rows.clear(),
    }
    pinned
}

/// The images that are pulled: step, image, and the reference with its place.
fn references(model: &Model) -> impl Iterator<Item = (usize, &ImageRef, Span, &str)> {
    let bases = model.stages.iter().filter_map(|stage| match (&stage.base, &stage.base_word) {
        (Base::Image(image), Some(word)) => Some((stage.steps.start, image, word.span, &*word.text)),
        _ => None,
    });
    let copies = model.copies.iter().filter_map(|copy| {
        let CopyFrom::Image(Some(image)) = &copy.from else { return None };
        let (text, span) = model.copy_reference(copy)?;
        Some((copy.step, image, span, text))
    });
    bases.chain(copies)
}

/// The digest that a name has, if all platforms that were asked for have the same.
fn digest<'b>(bases: &'b Bases, image: &ImageRef) -> Option<&'b str> {
    let start = format!("{image} ");
    let mut digests = bases.range(start.clone()..).take_while(|(key, _)| key.starts_with(&start));
    let first = &digests.next()?.1.digest;
    digests.all(|(_, base)| base.digest == *first).then_some(&**first)
}

/// True if the new text has the same instructions, and as many images with a digest more.
fn is_same_build(before: &Model, after: &[u8], added: usize) -> bool {
    let Ok(source) = Source::from_bytes(before.file.source.name(), after.to_vec()) else { return false };
    let file = Arc::new(syntax::parse(source));
    let after = Model::of_build(file, before.build());
    let pinned = |model: &Model| references(model).filter(|(_, image, ..)| image.digest.is_some()).count();
    let kinds = |model: &Model| model.file.instructions.iter().map(|i| i.keyword).collect::<Vec<_>>();
    kinds(before) == kinds(&after)
        && before.file.errors.len() == after.file.errors.len()
        && pinned(before) + added == pinned(&after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::LockedBase;
    use crate::semantic::Build;

    fn pinned(text: &str) -> (String, Vec<u32>) {
        let digest = |letter: &str| format!("sha256:{}", letter.repeat(64));
        let of = |key: &str, letter: &str| {
            (key.to_owned(), LockedBase { digest: digest(letter), ..LockedBase::default() })
        };
        let bases = Bases::from([
            of("docker.io/library/node:22 linux/amd64", "a"),
            of("docker.io/library/node:22 linux/arm64", "a"),
            of("docker.io/library/alpine:latest linux/amd64", "b"),
            of("ghcr.io/a/b:1 linux/amd64", "c"),
            of("docker.io/library/two:1 linux/amd64", "d"),
            of("docker.io/library/two:1 linux/arm64", "e"),
        ]);
        let model = Model::of_build(
            Arc::new(syntax::parse(Source::from_text("Dockerfile", text.to_owned()))),
            &Build::default(),
        );
        let pinned = pin(&model, &bases);
        let text = pinned.text.map_or_else(|| text.to_owned(), |text| String::from_utf8(text).unwrap());
        let short =
            ["a", "b", "c"].iter().fold(text, |text, letter| text.replace(&letter.repeat(64), letter));
        (short, pinned.left.iter().map(|(line, _)| *line).collect())
    }

    #[test]
    fn digests_are_written_behind_tags() {
        assert_eq!(
            pinned(
                "ARG V=22\nFROM node:22 AS a # x\nFROM --platform=linux/arm64 alpine\nCOPY --from=a /a /a\n\
                 COPY --from=ghcr.io/a/b:1 /b /b\nFROM two:1\nFROM other:1\nFROM node:$V\nFROM scratch\n"
            ),
            (
                "ARG V=22\nFROM node:22@sha256:a AS a # x\nFROM --platform=linux/arm64 alpine:latest@sha256:b\n\
                 COPY --from=a /a /a\nCOPY --from=ghcr.io/a/b:1@sha256:c /b /b\nFROM two:1\nFROM other:1\n\
                 FROM node:$V\nFROM scratch\n"
                    .to_owned(),
                vec![6, 7, 8]
            )
        );
    }

    #[test]
    fn what_is_pinned_or_cut_is_left() {
        let digest = format!("FROM node:22@sha256:{}\n", "f".repeat(64));
        assert_eq!(pinned(&digest), (digest, vec![]));
        let cut = "FROM node:\\\n22\nFROM \"node:22\"\n";
        assert_eq!(pinned(cut).0, cut);
        // One line more, and the same line ends.
        assert_eq!(pinned("FROM node:22\r\nRUN x\r\n").0, "FROM node:22@sha256:a\r\nRUN x\r\n");
    }
}
