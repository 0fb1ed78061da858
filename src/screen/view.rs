//! What there is to show.

use crate::diag::{counted, format_bytes, format_count};
use crate::image::Tree;
use crate::report::{Amounts, ImageReport, LayerOrigin, PlanReport, sanitize};

/// An image or a plan, ready to be shown: each text is one line without control characters.
#[derive(Debug, Default)]
pub struct View {
    /// What it is: `app:1.2 · linux/amd64`.
    pub title: String,
    /// What it weighs, in a sentence.
    pub summary: String,
    /// The layers, the lowest first.
    pub layers: Vec<LayerView>,
    /// What the layers do to the files, if that is known.
    pub tree: Option<Tree>,
    /// The lines of the Dockerfile, if there is one.
    pub dockerfile: Vec<String>,
}

/// A layer, or a line of a plan.
#[derive(Debug, Default)]
pub struct LayerView {
    /// Its bytes in words: `31.8 MB`, `unknown`.
    pub size: String,
    /// Its bytes, as far as they are known.
    pub bytes: u64,
    /// Bytes of it that later layers hide.
    pub hidden: u64,
    /// First and last line of the Dockerfile that made it.
    pub lines: Option<(u32, u32)>,
    /// What made it.
    pub made_by: String,
    /// What else is known, a line each.
    pub details: Vec<String>,
}

impl View {
    /// Of a real image, with the text of its Dockerfile.
    #[must_use]
    pub fn of_image(report: &ImageReport, tree: Option<Tree>, dockerfile: Option<&str>) -> Self {
        let name = report.names.first().unwrap_or(&report.image);
        let efficiency = (report.efficiency * 1000.0).floor() / 10.0;
        let summary = format!(
            "{} in {}; {} hidden by later layers; a container sees {efficiency} %",
            format_bytes(report.bytes),
            counted(report.layers.len() as u64, "layer", "layers"),
            format_bytes(report.hidden),
        );
        let layers = report.layers.iter().map(|layer| {
            let mut details = vec![
                format!("{}, {}", counted(layer.files, "file", "files"), format_bytes(layer.bytes)),
                format!(
                    "{} added, {} changed, {} removed",
                    format_count(layer.added),
                    format_count(layer.changed),
                    format_count(layer.deleted)
                ),
            ];
            details.extend(
                layer
                    .hidden_by
                    .iter()
                    .map(|by| format!("{} of it {} by layer {}", format_bytes(by.bytes), by.how, by.layer)),
            );
            details.push(layer.diff_id.clone());
            LayerView {
                size: format_bytes(layer.bytes),
                bytes: layer.bytes,
                hidden: layer.hidden,
                lines: layer.lines.filter(|_| layer.from != LayerOrigin::Unknown),
                made_by: line(&layer.made_by),
                details: details.iter().map(|detail| line(detail)).collect(),
            }
        });
        Self {
            title: line(&format!("{name} · {}", report.platform)),
            summary,
            layers: layers.collect(),
            tree,
            dockerfile: lines(dockerfile),
        }
    }

    /// Of a plan, with the text of its Dockerfile: the lines of the stages that are in the image.
    #[must_use]
    pub fn of_plan(report: &PlanReport, dockerfile: Option<&str>) -> Self {
        let rows = report.stages.iter().filter(|stage| stage.in_image).flat_map(|stage| &stage.rows);
        let layers = rows.map(|row| {
            let pieces = row.pieces.iter().flat_map(|piece| {
                let is_estimate = piece.range.is_some_and(|(least, most)| least != most);
                let size = piece.bytes.map(|bytes| about(bytes, is_estimate));
                let size = size.unwrap_or_else(|| "unknown".to_owned());
                let known = match &piece.source {
                    // A dated table names itself.
                    Some(source) if source.starts_with(piece.known_by) => source.clone(),
                    Some(source) => format!("{}, {source}", piece.known_by),
                    None => piece.known_by.to_owned(),
                };
                let head = format!("{size}  {} ({known})", piece.what);
                let files = piece.largest.iter().map(|f| format!("  {}  {}", format_bytes(f.bytes), f.path));
                std::iter::once(head).chain(files)
            });
            LayerView {
                size: amount(&row.sum),
                bytes: row.sum.bytes,
                hidden: 0,
                lines: Some(row.lines),
                made_by: line(&row.instruction),
                details: pieces.map(|piece| line(&piece)).collect(),
            }
        });
        let unknown = match report.layers.unknown {
            0 => String::new(),
            some => format!(
                "; {some} of {} cannot be estimated",
                counted(report.layers.all as u64, "layer", "layers")
            ),
        };
        Self {
            title: line(&format!("{} · {}", report.dockerfile, report.platform)),
            summary: format!("{} expected{unknown}", amount(&report.image)),
            layers: layers.collect(),
            tree: None,
            dockerfile: lines(dockerfile),
        }
    }
}

/// `31.8 MB`; `~31.8 MB` for an estimate, `over 31.8 MB` where a part is not known, and `unknown` where nothing is.
fn amount(sum: &Amounts) -> String {
    match (sum.least, sum.unknown) {
        (least, 0) => about(sum.bytes, least != sum.most),
        (0, _) => "unknown".to_owned(),
        (least, _) => format!("over {}", format_bytes(least)),
    }
}

fn about(bytes: u64, is_estimate: bool) -> String {
    format!("{}{}", if is_estimate { "~" } else { "" }, format_bytes(bytes))
}

fn lines(text: Option<&str>) -> Vec<String> {
    text.into_iter().flat_map(str::lines).map(|text| line(&text.replace('\t', "    "))).collect()
}

fn line(text: &str) -> String {
    sanitize(text).into_owned()
}
