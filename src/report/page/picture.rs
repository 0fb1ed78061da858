//! The picture of layers, or of images: a treemap, and what stands beside it.

use crate::diag::format_bytes;
use crate::text::Arrange;

use super::super::sheet::clip;
use super::html::Html;
use super::layer::{Layer, PARTS, Words, list_parts, parts, ratio, share};
use super::layout::{Tile, squarify};

/// How many boxes the picture has at most.
const TILES: usize = 60;
/// How many of them are for several small ones each.
const GROUPS: usize = 24;
/// What is a smaller part of the image than one by this has no box.
const SMALLEST: u128 = 1000;
/// Width by height of the picture, on a screen and on a phone.
const WIDE: f64 = 2.0;
const TALL: f64 = 0.8;
/// How much of an instruction the name of a box has, in characters.
const SHORT: usize = 120;

/// A box of a treemap.
enum Boxed<'a> {
    One(&'a Layer),
    /// Several that are too small for a box each: how many, the bytes of all, and of the largest.
    Many(usize, u64, u64),
}

impl Boxed<'_> {
    const fn bytes(&self) -> u64 {
        match self {
            Self::One(layer) => layer.bytes,
            Self::Many(_, bytes, _) => *bytes,
        }
    }
}

/// The boxes that a treemap draws.
struct Map<'a> {
    boxes: Vec<Boxed<'a>>,
    /// What has bytes and no box.
    small: Vec<&'a Layer>,
    whole: u128,
}

impl<'a> Map<'a> {
    fn of(layers: &'a [Layer]) -> Self {
        let whole: u128 = layers.iter().map(|l| u128::from(l.bytes)).sum();
        let sum = |small: &[&Layer]| small.iter().map(|l| u128::from(l.bytes)).sum::<u128>();
        let mut picked = pick(layers, whole, TILES);
        if sum(&picked.1) * 2 > whole {
            // Where most is among the many, they get boxes as well.
            picked = pick(layers, whole, TILES - GROUPS);
        }
        let (drawn, small) = picked;
        let mut boxes: Vec<Boxed<'_>> = drawn.iter().map(|layer| Boxed::One(layer)).collect();
        let rest = sum(&small);
        if rest * SMALLEST < whole {
            return Self { boxes, small, whole };
        }
        // What is too small on its own shows together: in one box, or in several where that would hide all others.
        let groups = match rest * 2 > whole {
            true => TILES.saturating_sub(drawn.len()).clamp(1, GROUPS),
            false => 1,
        };
        for group in small.chunks(small.len().div_ceil(groups).max(1)) {
            let bytes = group.iter().map(|l| l.bytes).fold(0, u64::saturating_add);
            boxes.push(Boxed::Many(group.len(), bytes, group.first().map_or(0, |l| l.bytes)));
        }
        boxes.arrange_by_key(|one| std::cmp::Reverse(one.bytes()));
        Self { boxes, small: Vec::new(), whole }
    }

    fn draw(&self, h: &mut Html, label: &str, words: Words) {
        let weights: Vec<u64> = self.boxes.iter().map(Boxed::bytes).collect();
        let places = squarify(&weights, WIDE).into_iter().zip(squarify(&weights, TALL));
        h.nest("ul", &[("class", "map"), ("role", "list"), ("aria-label", label)], |h| {
            for ((wide, tall), one) in places.zip(&self.boxes) {
                let place = place(wide, tall);
                match one {
                    Boxed::One(layer) => tile(h, layer, &place, self.whole, words),
                    Boxed::Many(count, bytes, most) => others(h, (*count, *bytes, *most), &place, words),
                }
            }
        });
        h.line();
    }
}

/// The picture: a treemap, beside it in the same scale that of the layers `after` the suggestions, a key, and what has
/// no area.
pub(super) fn pictures(h: &mut Html, layers: &[Layer], after: Option<Vec<Layer>>, words: Words) {
    let now = Map::of(layers);
    let unknown: Vec<&Layer> = layers.iter().filter(|l| l.unknown && l.bytes == 0).collect();
    h.nest("div", &[("class", "picture")], |h| {
        h.nest("div", &[("class", "canvas")], |h| {
            if now.boxes.is_empty() {
                let text = if unknown.is_empty() {
                    "There are no bytes to draw: nothing adds a file."
                } else {
                    "There is nothing to draw: no size is known."
                };
                return h.el("p", &[("class", "empty")], text);
            }
            match &after {
                None => now.draw(h, &format!("All {} by their bytes, the largest first", words.many), words),
                Some(after) => pair(h, [("Now", &now), ("After the suggestions", &Map::of(after))], words),
            }
            h.el(
                "p",
                &[("class", "readout"), ("aria-hidden", "true")],
                "Choose a box to read what it is, and follow it to its row.",
            );
        });
        h.nest("div", &[("class", "beside")], |h| {
            key(h, layers, &now, words);
            if !unknown.is_empty() {
                list(h, "Unknown, so without an area", &unknown, false);
            }
            if !now.small.is_empty() {
                list(h, "Too small to see", &now.small, true);
            }
        });
    });
}

/// The layers of an image before and after a change, as two maps in one scale.
pub(super) fn change(h: &mut Html, before: &[Layer], after: &[Layer], words: Words) {
    let (before, after) = (Map::of(before), Map::of(after));
    if before.boxes.is_empty() && after.boxes.is_empty() {
        return;
    }
    h.nest("div", &[("class", "canvas")], |h| pair(h, [("Before", &before), ("After", &after)], words));
}

/// Two maps in one scale: what is half as large has half the area.
fn pair(h: &mut Html, maps: [(&str, &Map<'_>); 2], words: Words) {
    let most = maps.iter().map(|(_, map)| map.whole).max().unwrap_or(0);
    let side = |map: &Map<'_>| ratio(map.whole, most).clamp(0.0, 1.0).sqrt();
    let [(_, first), (_, second)] = maps;
    let scale = format!(
        "--first:{:.4}fr;--after:{:.4}fr;--firstside:{};--side:{}",
        side(first).max(0.0001),
        side(second).max(0.0001),
        parts(side(first)),
        parts(side(second)),
    );
    h.nest("div", &[("class", "maps"), ("style", &scale)], |h| {
        for ((name, map), class) in maps.into_iter().zip(["first", "after"]) {
            h.nest("figure", &[("class", class)], |h| {
                let bytes = u64::try_from(map.whole).unwrap_or(u64::MAX);
                h.el("figcaption", &[], &format!("{name}: {}", format_bytes(bytes)));
                if map.boxes.is_empty() {
                    h.el("p", &[("class", "empty")], "Nothing is known.");
                } else {
                    map.draw(h, &format!("{name}: {} by their bytes, the largest first", words.many), words);
                }
            });
        }
    });
    h.line();
}

/// The layers that have a box, the largest first, and those with bytes that have none.
fn pick(layers: &[Layer], whole: u128, most: usize) -> (Vec<&Layer>, Vec<&Layer>) {
    let mut sorted: Vec<&Layer> = layers.iter().filter(|l| l.bytes > 0).collect();
    sorted.arrange_by_key(|l| std::cmp::Reverse(l.bytes));
    let large = sorted.iter().take(most).filter(|l| u128::from(l.bytes) * SMALLEST >= whole).count();
    let small = sorted.split_off(large);
    (sorted, small)
}

/// Where a box is, on a screen and on a phone; and where the whole map is, seen from the box, for what opens out of it.
fn place(wide: Tile, tall: Tile) -> String {
    let side = |tile: Tile, mark: &str| {
        let Tile { x, y, width, height } = tile;
        let by_width = if width > 0.0 { 1.0 / width } else { 1.0 };
        [("x", x), ("y", y), ("w", width), ("h", height), ("l", 0.0 - x * by_width), ("a", by_width)]
            .map(|(name, part)| format!("--{mark}{name}:{}", parts(part)))
            .join(";")
    };
    format!("{};{}", side(wide, ""), side(tall, "t"))
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
    let face = |h: &mut Html| {
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
    };
    h.line();
    h.nest("li", &[("style", place)], |h| {
        if layer.parts.is_empty() {
            let attrs = [("class", &*class), ("href", &link), ("aria-label", &name), ("title", &name)];
            return h.nest("a", &attrs, face);
        }
        // A box opens to what is in it; of those with one name a browser has one open.
        h.nest("details", &[("name", "boxes")], |h| {
            h.nest("summary", &[("class", &class), ("aria-label", &name), ("title", &name)], face);
            h.nest("div", &[("class", "inside")], |h| {
                h.nest("p", &[], |h| {
                    h.el("a", &[("href", &link)], &layer.place_named);
                    h.text(" ");
                    h.el("code", &[], &text);
                });
                list_parts(h, layer);
            });
        });
    });
}

/// A box for several: how many, the bytes of all, and of the largest.
fn others(h: &mut Html, (count, bytes, most): (usize, u64, u64), place: &str, words: Words) {
    let many = words.many;
    let name = format!("{}, {count} more {many} of at most {}", format_bytes(bytes), format_bytes(most));
    let link = format!("#{}", words.all);
    h.line();
    h.nest("li", &[("style", place)], |h| {
        h.nest(
            "a",
            &[("class", "tile k-others"), ("href", &link), ("aria-label", &name), ("title", &name)],
            |h| {
                h.nest("span", &[("class", "label")], |h| {
                    h.el("b", &[], &format_bytes(bytes));
                    h.text(" ");
                    h.el("span", &[("class", "where")], &format!("{count} more {many}"));
                });
            },
        );
    });
}

/// What the colours mean, those that are there.
fn key(h: &mut Html, layers: &[Layer], map: &Map<'_>, words: Words) {
    if map.boxes.is_empty() {
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
