//! What is known of images whose references depend on what is not.

use crate::syntax::{Found, ImageRef, Lookup, Value};
use crate::text::ShortText;

use super::{Base, Environment, Model, Stage};

/// An image whose tag, or more, is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialImage {
    /// The registry's host, `docker.io` if none is written.
    pub registry: ShortText,
    /// Namespace and repository, as in [`ImageRef`].
    pub path: Option<ShortText>,
}

/// Stands for what is not known. No word has it: files hold no such character.
const UNKNOWN: char = '\u{1a}';

/// The same variables, with [`UNKNOWN`] as the value of those that are not known.
struct Marking<'a>(Environment<'a>);

impl Lookup for Marking<'_> {
    fn get(&self, name: &str) -> Found<'_> {
        match self.0.get(name) {
            Found::Unknown => Found::Known("\u{1a}"),
            found => found,
        }
    }
}

impl Model {
    /// What is known of the image of `stage`, where that is not all: `gcr.io/$PROJECT/base`,
    /// `golang:$VERSION`.
    #[must_use]
    pub fn partial_image(&self, stage: &Stage) -> Option<PartialImage> {
        let word = stage.base_word.as_ref().filter(|_| stage.base == Base::Unknown)?;
        let environment = Marking(self.global_environment(stage.steps.start));
        match word.expand(&environment).ok()? {
            Value::Known(text) => partial(&text),
            Value::Unknown => None,
        }
    }
}

fn partial(text: &str) -> Option<PartialImage> {
    let last = text.rfind('/').map_or(0, |i| i + 1);
    let name = &text[..text[last..].find([':', '@']).map_or(text.len(), |i| last + i)];
    if !name.contains(UNKNOWN)
        && let Ok(image) = ImageRef::parse(name)
    {
        return Some(PartialImage { registry: image.registry, path: Some(image.path) });
    }
    let (first, _) = name.split_once('/')?;
    let image = ImageRef::parse(&format!("{first}/x")).ok().filter(|_| !first.contains(UNKNOWN))?;
    Some(PartialImage { registry: image.registry, path: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn what_is_written_is_known() {
        for (image, want) in [
            ("golang:$X", Some(("docker.io", Some("library/golang")))),
            ("golang@${X}", Some(("docker.io", Some("library/golang")))),
            ("$REG/base:$X", Some(("ghcr.io", Some("acme/base")))),
            ("localhost:5000/a:$X", Some(("localhost:5000", Some("a")))),
            ("gcr.io/$X/base:1", Some(("gcr.io", None))),
            ("gcr.io/<project>/base", Some(("gcr.io", None))),
            ("acme/$X", Some(("docker.io", None))),
            ("${X:-a}/base:1", None),
            ("$X", None),
            ("base-$X", None),
            ("gcr.io$X/base", None),
            ("golang:1", None),
            ("scratch", None),
        ] {
            let text = format!("ARG X\nARG REG=ghcr.io/acme\nFROM {image}\n");
            let file = parse(Source::from_text("Dockerfile", text));
            let model = Model::new(file.clone());
            let got = model.partial_image(model.stages.first().unwrap());
            let got = got.as_ref().map(|p| (&*p.registry, p.path.as_deref()));
            assert_eq!(got, want, "{image}");
        }
    }
}
