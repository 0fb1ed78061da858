//! A layer as the page shows it, whether it is planned or real: a box of the picture and a row of the table.

use crate::diag::format_bytes;
use crate::text::Arrange;

use super::super::sheet::clip;
use super::html::Html;
use super::layout::{Tile, squarify};

/// How many boxes the picture has at most.
const TILES: usize = 60;
/// What is a smaller part of the image than one by this has no box.
const SMALLEST: u128 = 1000;
/// Width by height of the picture, on a screen and on a phone.
const WIDE: f64 = 2.0;
const TALL: f64 = 0.8;
/// How much of an instruction is shown, in characters.
const TEXT: usize = 600;
/// The same in the name of a box.
const SHORT: usize = 120;
/// How many parts of a layer, and how many rows beside the picture, are shown.
const PARTS: usize = 20;

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
}

/// What the page calls things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    /// The first column: `Line`.
    pub(super) place: &'static str,
    /// The second column: `Instruction`.
    pub(super) what: &'static str,
    /// What there are several of: `layers`. A table of this page has the id.
    pub(super) many: &'static str,
    /// What is hatched: `waste`.
    pub(super) waste: &'static str,
    /// What that is, for the key.
    pub(super) waste_meaning: &'static str,
    /// What colours there may be, in the order of the key.
    pub(super) kinds: &'static [Kind],
}

/// The layers that a treemap draws, and how.
struct Map<'a> {
    layers: Vec<&'a Layer>,
    small: Vec<&'a Layer>,
    /// The bytes of the boxes; one more than layers if the small ones have a box together.
    weights: Vec<u64>,
    whole: u128,
}

impl<'a> Map<'a> {
    fn of(layers: &'a [Layer]) -> Self {
        let whole: u128 = layers.iter().map(|l| u128::from(l.bytes)).sum();
        let (drawn, small) = pick(layers, whole);
        let mut weights: Vec<u64> = drawn.iter().map(|l| l.bytes).collect();
        let rest = small.iter().map(|l| l.bytes).fold(0, u64::saturating_add);
        // What is too small on its own may show together.
        if !small.is_empty() && u128::from(rest) * SMALLEST >= whole {
            weights.push(rest);
        }
        Self { layers: drawn, small, weights, whole }
    }

    fn draw(&self, h: &mut Html, label: &str, words: Words) {
        let places = squarify(&self.weights, WIDE).into_iter().zip(squarify(&self.weights, TALL));
        h.nest("ul", &[("class", "map"), ("role", "list"), ("aria-label", label)], |h| {
            for (at, ((wide, tall), bytes)) in places.zip(&self.weights).enumerate() {
                match self.layers.get(at) {
                    Some(layer) => tile(h, layer, &place(wide, tall), self.whole, words),
                    None => others(h, self.small.len(), *bytes, &place(wide, tall), words),
                }
            }
        });
        h.line();
    }
}

/// The picture: a treemap, beside it in the same scale that of the layers `after` the suggestions, a key, and what has no area.
pub(super) fn pictures(h: &mut Html, layers: &[Layer], after: Option<Vec<Layer>>, words: Words) {
    let now = Map::of(layers);
    let unknown: Vec<&Layer> = layers.iter().filter(|l| l.unknown && l.bytes == 0).collect();
    h.nest("div", &[("class", "picture")], |h| {
        h.nest("div", &[("class", "canvas")], |h| {
            if now.weights.is_empty() {
                let text = if unknown.is_empty() {
                    "There are no bytes to draw: nothing adds a file."
                } else {
                    "There is nothing to draw: no size is known."
                };
                return h.el("p", &[("class", "empty")], text);
            }
            match &after {
                None => now.draw(h, &format!("All {} by their bytes, the largest first", words.many), words),
                Some(after) => before_and_after(h, &now, &Map::of(after), words),
            }
            h.el(
                "p",
                &[("class", "readout"), ("aria-hidden", "true")],
                "Choose a box to read what it is, and follow it to its row.",
            );
        });
        h.nest("div", &[("class", "beside")], |h| {
            key(h, layers, &now.weights, words);
            if !unknown.is_empty() {
                list(h, "Unknown, so without an area", &unknown, false);
            }
            if !now.small.is_empty() && now.weights.len() == now.layers.len() {
                list(h, "Too small to see", &now.small, true);
            }
        });
    });
}

/// Two maps in one scale: what is half as large has half the area.
fn before_and_after(h: &mut Html, now: &Map<'_>, after: &Map<'_>, words: Words) {
    let side = ratio(after.whole, now.whole).clamp(0.0, 1.0).sqrt();
    let scale = format!("--after:{:.4}fr;--side:{}", side.max(0.0001), parts(side));
    h.nest("div", &[("class", "maps"), ("style", &scale)], |h| {
        for (map, name, class) in [(now, "Now", "now"), (after, "After the suggestions", "after")] {
            h.nest("figure", &[("class", class)], |h| {
                let bytes = u64::try_from(map.whole).unwrap_or(u64::MAX);
                h.el("figcaption", &[], &format!("{name}: {}", format_bytes(bytes)));
                if map.weights.is_empty() {
                    h.el("p", &[("class", "empty")], "Nothing is left.");
                } else {
                    map.draw(h, &format!("{name}: {} by their bytes, the largest first", words.many), words);
                }
            });
        }
    });
    h.line();
}

/// The layers that have a box, the largest first, and those with bytes that have none.
fn pick(layers: &[Layer], whole: u128) -> (Vec<&Layer>, Vec<&Layer>) {
    let mut sorted: Vec<&Layer> = layers.iter().filter(|l| l.bytes > 0).collect();
    sorted.arrange_by_key(|l| std::cmp::Reverse(l.bytes));
    let large = sorted.iter().take(TILES).filter(|l| u128::from(l.bytes) * SMALLEST >= whole).count();
    let small = sorted.split_off(large);
    (sorted, small)
}

/// Where a box is, on a screen and on a phone.
fn place(wide: Tile, tall: Tile) -> String {
    let side = |tile: Tile, mark: &str| {
        let Tile { x, y, width, height } = tile;
        [("x", x), ("y", y), ("w", width), ("h", height)]
            .map(|(name, part)| format!("--{mark}{name}:{}", parts(part)))
            .join(";")
    };
    format!("{};{}", side(wide, ""), side(tall, "t"))
}

/// A part of 1 for CSS: `12.345%`.
fn parts(part: f64) -> String {
    format!("{:.3}%", part * 100.0)
}

fn tile(h: &mut Html, layer: &Layer, place: &str, whole: u128, words: Words) {
    let text = clip(&layer.text, SHORT);
    // What the box shows comes first, as those who steer by voice say it.
    let mut name = format!("{}, {}: {text}; {}", layer.amount, layer.place_named, share(layer.bytes, whole));
    if let Some((least, most)) = layer.range {
        name = format!("{name}, {} to {}", format_bytes(least), format_bytes(most));
    }
    name = format!("{name}, {}", layer.kind.name);
    if layer.waste > 0 {
        name = format!("{name}; {} of it {}", format_bytes(layer.waste), words.waste);
    }
    let class = format!("tile {}", layer.kind.class);
    let link = format!("#{}", layer.id);
    h.line();
    h.nest("li", &[("style", place)], |h| {
        h.nest("a", &[("class", &class), ("href", &link), ("aria-label", &name), ("title", &name)], |h| {
            if layer.waste > 0 {
                let part = ratio(u128::from(layer.waste), u128::from(layer.bytes));
                h.el("span", &[("class", "hatch"), ("style", &format!("--part:{}", parts(part)))], "");
            }
            h.nest("span", &[("class", "label")], |h| {
                h.el("b", &[], &layer.amount);
                h.text(" ");
                h.el("span", &[("class", "where")], &layer.place_named);
                h.text(" ");
                h.el("code", &[], &text);
            });
        });
    });
}

fn others(h: &mut Html, count: usize, bytes: u64, place: &str, words: Words) {
    let many = words.many;
    let name = format!("{}, {count} smaller {many}", format_bytes(bytes));
    let link = format!("#{many}");
    h.line();
    h.nest("li", &[("style", place)], |h| {
        h.nest(
            "a",
            &[("class", "tile k-others"), ("href", &link), ("aria-label", &name), ("title", &name)],
            |h| {
                h.nest("span", &[("class", "label")], |h| {
                    h.el("b", &[], &format_bytes(bytes));
                    h.text(" ");
                    h.el("span", &[("class", "where")], &format!("{count} smaller {many}"));
                });
            },
        );
    });
}

/// What the colours mean, those that are there.
fn key(h: &mut Html, layers: &[Layer], weights: &[u64], words: Words) {
    if weights.is_empty() {
        return;
    }
    h.nest("ul", &[("class", "key"), ("role", "list"), ("aria-label", "What the colours mean")], |h| {
        for kind in words.kinds.iter().filter(|k| layers.iter().any(|l| l.bytes > 0 && l.kind == **k)) {
            h.nest("li", &[], |h| {
                h.el("span", &[("class", &format!("swatch {}", kind.class))], "");
                h.nest("span", &[], |h| {
                    h.el("b", &[], kind.name);
                    h.text(&format!(" {}", kind.meaning));
                });
            });
        }
        if layers.iter().any(|l| l.waste > 0) {
            h.nest("li", &[], |h| {
                h.el("span", &[("class", "swatch hatch")], "");
                h.nest("span", &[], |h| {
                    h.el("b", &[], words.waste);
                    h.text(&format!(" {}", words.waste_meaning));
                });
            });
        }
    });
}

/// Layers beside the picture.
fn list(h: &mut Html, title: &str, layers: &[&Layer], amounts: bool) {
    h.el("h3", &[], title);
    h.nest("ul", &[("class", "outside"), ("role", "list")], |h| {
        for layer in layers.iter().take(PARTS) {
            h.nest("li", &[], |h| {
                h.el("a", &[("href", &format!("#{}", layer.id))], &layer.place_named);
                if amounts {
                    h.text(&format!(", {}", layer.amount));
                }
                h.el("code", &[], &clip(&layer.text, SHORT));
            });
        }
        if layers.len() > PARTS {
            h.el("li", &[], &format!("and {} more in the table", layers.len() - PARTS));
        }
    });
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

fn list_parts(h: &mut Html, layer: &Layer) {
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
                several => files(h, several),
            }
        });
    });
}

fn files(h: &mut Html, files: &[(String, u64)]) {
    h.nest("details", &[], |h| {
        h.el("summary", &[], "The largest files");
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
fn ratio(part: u128, whole: u128) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).min(1.0) }
}

/// `63 %`, `less than 1 %`.
pub(super) fn share(part: u64, whole: u128) -> String {
    let percent = ratio(u128::from(part), whole) * 100.0;
    if part > 0 && percent < 0.95 { "less than 1\u{a0}%".to_owned() } else { format!("{percent:.0}\u{a0}%") }
}
