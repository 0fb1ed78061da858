//! The `[size]` table: what the user knows of base images.

use crate::diag::parse_bytes;
use crate::size::{BaseImages, OwnImage};
use crate::syntax::ImageRef;
use crate::text::toml::{At, Fault, Fields};

/// What becomes of a limit that cannot be checked, because a part of the image is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownSizes {
    /// It fails.
    #[default]
    Fail,
    /// It passes if what is known keeps it.
    Pass,
}

#[cfg(test)]
impl UnknownSizes {
    /// The words for them, as the schema has them.
    pub const NAMES: [&str; 2] = ["fail", "pass"];
}

/// What the `[size]` table says.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes {
    pub(super) base_images: BaseImages,
    pub(super) unknown: Option<UnknownSizes>,
    pub(super) indexes: Vec<IndexFile>,
}

/// A package index of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Its file, relative to the folder of the configuration.
    pub path: String,
    /// The base images that it counts for; all of them if it is empty.
    pub images: Vec<ImageRef>,
}

/// Reads the table that `fields` has under `size`.
pub(super) fn sizes(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Sizes {
    let Some(mut table) = fields.table("size", faults) else { return Sizes::default() };
    let unknown = table.string("unknown", faults).and_then(|text| match &*text.value {
        "fail" => Some(UnknownSizes::Fail),
        "pass" => Some(UnknownSizes::Pass),
        _ => {
            faults.push(Fault::new(text.span, "write `fail` or `pass`"));
            None
        }
    });
    let images = table.tables("base-images", faults);
    let own = images.into_iter().filter_map(|image| own_image(image, faults)).collect();
    let indexes = table.tables("indexes", faults);
    let indexes = indexes.into_iter().filter_map(|index| index_file(index, faults)).collect();
    table.finish(faults);
    Sizes { base_images: BaseImages { own, ..BaseImages::default() }, unknown, indexes }
}

fn index_file(mut fields: Fields<'_>, faults: &mut Vec<Fault>) -> Option<IndexFile> {
    let path = fields.required("path", faults);
    let names = fields.strings("images", faults).unwrap_or_default();
    fields.finish(faults);
    let images = names.iter().filter_map(|name| image(name, faults)).collect();
    Some(IndexFile { path: path?.value, images })
}

/// An image, as FROM names it.
fn image(name: &At<String>, faults: &mut Vec<Fault>) -> Option<ImageRef> {
    let image = ImageRef::parse(&name.value).ok();
    if image.is_none() {
        faults.push(Fault::new(name.span, "an image is written as in FROM: `ghcr.io/acme/base:1.2`"));
    }
    image
}

fn own_image(mut fields: Fields<'_>, faults: &mut Vec<Fault>) -> Option<OwnImage> {
    let name = fields.required("image", faults);
    let bytes = fields.required("bytes", faults);
    let date = fields.required("date", faults);
    let source = fields.string("source", faults);
    fields.finish(faults);
    let (name, bytes, date) = (name?, bytes?, date?);
    let image = image(&name, faults);
    let bytes = self::bytes(&bytes, faults);
    if !is_date(&date) {
        faults.push(Fault::new(date.span, "a date is a year and a month: `2026-11`"));
        return None;
    }
    let source = source.map_or_else(|| "the configuration".to_owned(), |s| s.value);
    Some(OwnImage { image: image?, bytes: bytes?, date: date.value, source })
}

/// A number of bytes: `10MB`.
pub(super) fn bytes(text: &At<String>, faults: &mut Vec<Fault>) -> Option<u64> {
    match parse_bytes(&text.value) {
        Ok(number) => Some(number),
        Err(message) => {
            faults.push(Fault::new(text.span, message));
            None
        }
    }
}

/// True for `2026-11`, and for a day of it.
fn is_date(date: &At<String>) -> bool {
    let parts: Vec<&str> = date.value.split('-').collect();
    let number = |text: &str, len: usize, most: u32| {
        text.len() == len && text.bytes().all(|b| b.is_ascii_digit()) && {
            let number = text.parse().unwrap_or(0);
            (1..=most).contains(&number)
        }
    };
    match parts[..] {
        [year, month] => number(year, 4, 9999) && number(month, 2, 12),
        [year, month, day] => number(year, 4, 9999) && number(month, 2, 12) && number(day, 2, 31),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use crate::config::parse;
    use crate::rules::Choice;
    use crate::syntax::ImageRef;

    #[test]
    fn own_figures_reach_the_settings() {
        let text = "[size]\nunknown = \"pass\"\n[[size.base-images]]\nimage = \"ghcr.io/acme/base\"\nbytes = \"512MB\"\ndate = \"2026-10\"\n";
        let (config, faults) = parse(text, Arc::default());
        assert_eq!(faults, []);
        let settings = config.settings(Path::new("Dockerfile"), &Choice::default(), None);
        assert_eq!(settings.unknown_sizes, super::UnknownSizes::Pass);
        let size = settings.base_images.size(&ImageRef::parse("ghcr.io/acme/base:7").unwrap(), "amd64");
        let size = size.unwrap();
        assert_eq!((size.bytes, &*size.date, &*size.source), (512_000_000, "2026-10", "the configuration"));
    }

    #[test]
    fn indexes_have_a_path_and_images() {
        let text = "[[size.indexes]]\npath = \"a/Packages.gz\"\n[[size.indexes]]\nimages = [\"rockylinux:9\", \"a b\"]\n";
        let (config, faults) = parse(text, Arc::default());
        let shown: Vec<String> =
            faults.iter().map(|f| format!("{}: {}", f.span.text(text), f.message)).collect();
        assert_eq!(
            shown,
            [
                "[[size.indexes]]: `path` is missing",
                "\"a b\": an image is written as in FROM: `ghcr.io/acme/base:1.2`",
            ]
        );
        let [index] = &config.indexes[..] else { panic!("{:?}", config.indexes) };
        assert_eq!((index.path.as_str(), index.images.len()), ("a/Packages.gz", 0));
    }

    #[test]
    fn faults_have_places() {
        let text = "[size]\nbase-image = 1\nunknown = \"no\"\nbase-images = [\n{ image = \"a b\", bytes = \"x\", date = \"2026-13\" },\n\
            { image = \"a\", bytes = 5, date = \"2026-11-31\", sauce = \"x\" }, 7]\n";
        let (config, faults) = parse(text, Arc::default());
        let shown: Vec<String> =
            faults.iter().map(|f| format!("{}: {}", f.span.text(text), f.message)).collect();
        assert_eq!(
            shown,
            [
                "base-image: unknown key `size.base-image`",
                "\"no\": write `fail` or `pass`",
                "\"a b\": an image is written as in FROM: `ghcr.io/acme/base:1.2`",
                "\"x\": write a number and a unit, such as 500MB, 1.5GB or 200MiB",
                "\"2026-13\": a date is a year and a month: `2026-11`",
                "5: `bytes` must be a string, not a number",
                "sauce: unknown key `size.base-images.sauce`",
                "7: `base-images` must be a table, not a number",
            ]
        );
        assert!(config.base_images.own.is_empty());
    }
}
