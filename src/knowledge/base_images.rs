//! What base images weigh: `rules/data/base_images.tsv`, made by `tools/base_images.py` from published
//! figures, each with its date and source.

use table::FIGURES;

mod table {
    use super::BaseFigure;

    include!(concat!(env!("OUT_DIR"), "/base_images.rs"));
}

/// A published figure.
#[derive(Debug)]
pub struct BaseFigure {
    /// The image, as people write it.
    pub image: &'static str,
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

/// The figures of an image; none if it is not listed.
#[must_use]
pub fn base_figures(image: &str) -> &'static [BaseFigure] {
    let start = FIGURES.partition_point(|f| f.image < image);
    let count = FIGURES.iter().skip(start).take_while(|f| f.image == image).count();
    FIGURES.get(start..start + count).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_image() {
        assert!(base_figures("debian").iter().all(|f| f.image == "debian"));
        let count =
            include_str!("../../rules/data/base_images.tsv").lines().filter(|l| l.starts_with("debian\t"));
        assert_eq!(base_figures("debian").len(), count.count());
        assert!(base_figures("example.org/own").is_empty());
    }
}
