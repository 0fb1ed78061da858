//! A layer as the page shows it, whether it is planned or real: what a box of the picture is about, and a row of the table.

use crate::diag::format_bytes;

use super::super::sheet::clip;
use super::html::Html;

/// How much of an instruction is shown, in characters.
const TEXT: usize = 600;
/// How many parts of a layer, and how many rows beside the picture, are shown.
pub(super) const PARTS: usize = 20;

/// What colours mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The class that has the colour.
    pub(super) class: &'static str,
    /// For the key: "measured".
    pub(super) name: &'static str,
    /// What that means.
    pub(super) meaning: &'static str,
}

/// A layer.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// The name of its row for links.
    pub(super) id: String,
    /// What the first column says: `8-12`.
    pub(super) place: String,
    /// The same in a sentence: `lines 8-12`.
    pub(super) place_named: String,
    /// The stage that it is of, where that is not plain.
    pub(super) stage: Option<String>,
    /// The instruction.
    pub(super) text: String,
    /// What is known of its bytes.
    pub(super) bytes: u64,
    /// The same for people: `~21.6 MB`, `?`.
    pub(super) amount: String,
    /// The least and the most that it may be, if that differs.
    pub(super) range: Option<(u64, u64)>,
    /// True if a part of it is unknown.
    pub(super) unknown: bool,
    pub(super) kind: Kind,
    /// How much of it is waste.
    pub(super) waste: u64,
    pub(super) parts: Vec<Part>,
}

/// What a layer is made of, or a word on it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// `21.6 MB`, or `?`.
    pub(super) amount: String,
    pub(super) what: String,
    /// Where the figure comes from.
    pub(super) source: Option<String>,
    /// True if this is about waste.
    pub(super) waste: bool,
    /// The largest files in it.
    pub(super) files: Vec<(String, u64)>,
    /// The largest packages in it.
    pub(super) packages: Vec<(String, u64)>,
}

/// What the page calls things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// The first column: `Line`.
    pub(super) place: &'static str,
    /// The second column: `Instruction`.
    pub(super) what: &'static str,
    /// What there are several of: `layers`.
    pub(super) many: &'static str,
    /// The id of the table or section that has all of them.
    pub(super) all: &'static str,
    /// What is hatched: `waste`.
    pub(super) waste: &'static str,
    /// What that is, for the key.
    pub(super) waste_meaning: &'static str,
    /// What colours there may be, in the order of the key.
    pub(super) kinds: &'static [Kind],
}

/// The table, of which the script makes one that can be sorted.
pub(super) fn table(h: &mut Html, layers: &[Layer], whole: u64, labelled_by: &str, words: Words) {
    // Cards on a phone are no table to a browser, unless it is told.
    h.nest("table", &[("class", "layers"), ("role", "table"), ("aria-labelledby", labelled_by)], |h| {
        h.nest("thead", &[("role", "rowgroup")], |h| {
            h.nest("tr", &[("role", "row")], |h| {
                let head = |h: &mut Html, class, by: Option<&'static str>, text: &str| {
                    let mut attrs = vec![("role", "columnheader"), ("scope", "col"), ("class", class)];
                    attrs.extend(by.map(|by| ("data-by", by)));
                    h.el("th", &attrs, text);
                };
                head(h, "place", Some("place"), words.place);
                head(h, "what", None, words.what);
                head(h, "bytes", Some("bytes"), "Bytes");
                let title =
                    words.waste.split_at_checked(1).map(|(a, b)| a.to_uppercase() + b).unwrap_or_default();
                head(h, "waste", Some("waste"), &title);
            });
        });
        h.line();
        h.nest("tbody", &[("role", "rowgroup")], |h| {
            for (at, layer) in layers.iter().enumerate() {
                row(h, layer, at, whole, words);
                h.line();
            }
        });
    });
}

fn row(h: &mut Html, layer: &Layer, at: usize, whole: u64, words: Words) {
    let attrs = [
        ("role", "row"),
        ("id", &*layer.id),
        ("data-place", &at.to_string()),
        ("data-bytes", &layer.bytes.to_string()),
        ("data-waste", &layer.waste.to_string()),
    ];
    h.nest("tr", &attrs, |h| {
        h.nest("th", &[("role", "rowheader"), ("scope", "row"), ("class", "place")], |h| {
            h.el("span", &[("class", "unit")], &format!("{} ", words.place));
            h.text(&layer.place);
        });
        h.nest("td", &[("role", "cell"), ("class", "what")], |h| {
            if let Some(stage) = &layer.stage {
                h.el("span", &[("class", "stage")], stage);
            }
            h.el("code", &[("class", "instruction")], &clip(&layer.text, TEXT));
            if layer.bytes > 0 || layer.unknown {
                h.nest("span", &[("class", "meter")], |h| {
                    if layer.bytes > 0 {
                        bar(h, layer, whole);
                    }
                    h.el("span", &[("class", &format!("chip {}", layer.kind.class))], layer.kind.name);
                });
            }
            list_parts(h, layer);
        });
        h.nest("td", &[("role", "cell"), ("class", "bytes")], |h| {
            h.el("b", &[], &layer.amount);
            if let Some((least, most)) = layer.range {
                h.el("small", &[], &format!("{} to {}", format_bytes(least), format_bytes(most)));
            }
            if layer.bytes > 0 {
                h.el("small", &[], &share(layer.bytes, u128::from(whole)));
            }
        });
        h.nest("td", &[("role", "cell"), ("class", "waste")], |h| {
            if layer.waste > 0 {
                h.el("b", &[], &format_bytes(layer.waste));
                h.el("small", &[("class", "unit")], words.waste);
            } else {
                h.el("span", &[("class", "none")], "\u{2013}");
            }
        });
    });
}

/// The layer as a part of the image, and its waste as a part of that.
fn bar(h: &mut Html, layer: &Layer, whole: u64) {
    let width = |bytes: u64| format!("width:{}", parts(ratio(u128::from(bytes), u128::from(whole))));
    h.nest("span", &[("class", "bar"), ("aria-hidden", "true")], |h| {
        let kept = layer.bytes.saturating_sub(layer.waste);
        if kept > 0 {
            let class = format!("fill {}", layer.kind.class);
            h.el("span", &[("class", &class), ("style", &width(kept))], "");
        }
        if layer.waste > 0 {
            let class = format!("fill hatch {}", layer.kind.class);
            h.el("span", &[("class", &class), ("style", &width(layer.waste))], "");
        }
    });
}

pub(super) fn list_parts(h: &mut Html, layer: &Layer) {
    if layer.parts.is_empty() {
        return;
    }
    h.nest("ul", &[("class", "parts"), ("role", "list")], |h| {
        for waste in [false, true] {
            let all = || layer.parts.iter().filter(|p| p.waste == waste);
            for one in all().take(PARTS) {
                part(h, one);
            }
            let more = all().skip(PARTS).count();
            if more > 0 {
                h.el("li", &[("class", "more")], &format!("and {more} more"));
            }
        }
    });
}

fn part(h: &mut Html, part: &Part) {
    let class = if part.waste { "part wasted" } else { "part" };
    h.nest("li", &[("class", class)], |h| {
        h.el("b", &[], &part.amount);
        h.nest("span", &[], |h| {
            h.prose(&part.what);
            if let Some(source) = part.source.as_ref().filter(|s| !part.what.contains(*s)) {
                h.text(" ");
                h.el("span", &[("class", "source")], source);
            }
            match part.files.as_slice() {
                [] => {}
                [(path, _)] => {
                    h.text(": ");
                    h.el("code", &[], &clip(path, TEXT));
                }
                several => list_of(h, "The largest files", several),
            }
            if !part.packages.is_empty() {
                list_of(h, "The largest packages", &part.packages);
            }
        });
    });
}

fn list_of(h: &mut Html, title: &str, files: &[(String, u64)]) {
    h.nest("details", &[], |h| {
        h.el("summary", &[], title);
        h.nest("ul", &[("class", "files"), ("role", "list")], |h| {
            for (path, bytes) in files.iter().take(PARTS) {
                h.nest("li", &[], |h| {
                    h.el("b", &[], &format_bytes(*bytes));
                    h.el("code", &[], &clip(path, TEXT));
                });
            }
        });
    });
}

/// `part` of `whole`, 0 to 1.
#[allow(clippy::cast_precision_loss, reason = "a bar is some hundred points wide")]
pub(super) fn ratio(part: u128, whole: u128) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}

/// `63 %`, `less than 1 %`.
pub(super) fn share(part: u64, whole: u128) -> String {
    let percent = ratio(u128::from(part), whole) * 100.0;
    if part > 0 && percent < 0.95 { "less than 1\u{a0}%".to_owned() } else { format!("{percent:.0}\u{a0}%") }
}

/// A part of 1 for CSS: `12.345%`.
pub(super) fn parts(part: f64) -> String {
    format!("{:.3}%", part * 100.0)
}
