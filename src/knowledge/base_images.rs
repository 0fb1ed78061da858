//! What base images weigh: `rules/data/base_images.tsv`, made by `tools/base_images.py` from published
//! figures, each with its date and source.

use super::numbers::{Names, numbers, text};

static IMAGES: Names = Names { text: text!("base_images.names"), starts: numbers!("base_images.starts") };
/// The figures of each, a line for each figure.
static FIGURES: Names =
    Names { text: text!("base_images.figures"), starts: numbers!("base_images.figures.starts") };

/// A published figure.
#[derive(Debug, Clone, Copy)]
pub struct BaseFigure {
    /// Its tag.
    pub tag: &'static str,
    /// The architecture: `amd64`.
    pub arch: &'static str,
    /// True for what a registry sends, false for the contents of the files.
    pub compressed: bool,
    /// How many bytes.
    pub bytes: u64,
    /// The date of the figure: `2026-09`, or a year.
    pub date: &'static str,
    /// Who published it.
    pub source: &'static str,
}

/// The images that have figures.
pub fn listed_images() -> impl Iterator<Item = &'static str> {
    (0..IMAGES.len()).map(|number| IMAGES.get(number))
}

/// The figures of an image; none if it is not listed.
#[must_use]
pub fn base_figures(image: &str) -> Vec<BaseFigure> {
    let lines = IMAGES.find(image).map_or("", |number| FIGURES.get(number)).lines();
    let figure = |line: &'static str| {
        let mut fields = line.split('\t');
        let (tag, arch, kind) = (fields.next()?, fields.next()?, fields.next()?);
        let bytes = fields.next()?.parse().ok()?;
        Some(BaseFigure {
            tag,
            arch,
            compressed: kind == "c",
            bytes,
            date: fields.next()?,
            source: fields.next()?,
        })
    };
    lines.filter_map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_image() {
        let figures = base_figures("debian");
        assert!(figures.iter().all(|f| f.bytes > 10_000_000 && f.date.starts_with("20")));
        let count =
            include_str!("../../rules/data/base_images.tsv").lines().filter(|l| l.starts_with("debian\t"));
        assert_eq!(base_figures("debian").len(), count.count());
        assert!(base_figures("example.org/own").is_empty());
    }
}
