//! The layout of a treemap: squarified, by Bruls, Huizing and van Wijk.

/// A box in parts of the whole, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tile {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// One box for each weight, in its order, with areas as the weights. They fill the whole, of which the width
/// is `aspect` times the height. Boxes are near to squares if the weights come largest first; a weight of 0
/// has an empty box.
pub(super) fn squarify(weights: &[u64], aspect: f64) -> Vec<Tile> {
    let mut tiles = Vec::with_capacity(weights.len());
    let mut left: u128 = weights.iter().map(|w| u128::from(*w)).sum();
    let (mut x, mut y, mut width, mut height) = (0.0, 0.0, aspect, 1.0);
    let mut rest = weights;
    while !rest.is_empty() {
        let side = f64::min(width, height);
        let (row, sum) = row(rest, side, width * height / float(left).max(1.0));
        let depth = if left == 0 { 0.0 } else { float(sum) / float(left) };
        // The row lies along the shorter side, so what is left comes nearer to a square.
        let along = width >= height;
        let (row_width, row_height) = if along { (width * depth, height) } else { (width, height * depth) };
        let mut before: u128 = 0;
        for weight in &rest[..row] {
            let start = float(before) / float(sum).max(1.0);
            let part = float(u128::from(*weight)) / float(sum).max(1.0);
            before += u128::from(*weight);
            tiles.push(if along {
                Tile { x, y: y + start * height, width: row_width, height: part * height }
            } else {
                Tile { x: x + start * width, y, width: part * width, height: row_height }
            });
        }
        if along {
            (x, width) = (x + row_width, (width - row_width).max(0.0));
        } else {
            (y, height) = (y + row_height, (height - row_height).max(0.0));
        }
        left = left.saturating_sub(sum);
        rest = &rest[row..];
    }
    for tile in &mut tiles {
        (tile.x, tile.width) = (tile.x / aspect, tile.width / aspect);
    }
    tiles
}

/// How many of the weights make the next row along `side`, at least one, and their sum.
fn row(weights: &[u64], side: f64, scale: f64) -> (usize, u128) {
    let (mut sum, mut least, mut most) = (0_u128, u64::MAX, 0);
    let mut worst = f64::INFINITY;
    for (count, weight) in weights.iter().enumerate() {
        let with = sum + u128::from(*weight);
        let (low, high) = (least.min(*weight), most.max(*weight));
        let area = float(with) * scale;
        let (side, area) = (side * side, area * area);
        // How far the longest box of the row is from a square.
        let longest = f64::max(
            side * float(u128::from(high)) * scale / area,
            area / (side * float(u128::from(low)) * scale),
        );
        if count > 0 && (longest.is_nan() || longest > worst) {
            return (count, sum);
        }
        (sum, least, most, worst) = (with, low, high, longest);
    }
    (weights.len(), sum)
}

#[allow(clippy::cast_precision_loss, reason = "a box is some hundred points wide")]
const fn float(number: u128) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLACK: f64 = 1e-9;

    /// Checks what has to hold of each layout.
    fn checked(weights: &[u64], aspect: f64) -> Vec<Tile> {
        let tiles = squarify(weights, aspect);
        assert_eq!(tiles.len(), weights.len());
        let total: f64 = weights.iter().map(|w| *w as f64).sum();
        for (tile, weight) in tiles.iter().zip(weights) {
            let Tile { x, y, width, height } = *tile;
            assert!([x, y, width, height].iter().all(|n| n.is_finite() && *n >= 0.0), "{tile:?}");
            assert!(x + width <= 1.0 + SLACK && y + height <= 1.0 + SLACK, "{tile:?} of {weights:?}");
            let share = if total > 0.0 { *weight as f64 / total } else { 0.0 };
            assert!((width * height - share).abs() < SLACK, "{tile:?} is not {share} of {weights:?}");
        }
        for (at, one) in tiles.iter().enumerate().take(500) {
            for other in tiles.iter().skip(at + 1).take(500) {
                let wide = f64::min(one.x + one.width, other.x + other.width) - f64::max(one.x, other.x);
                let high = f64::min(one.y + one.height, other.y + other.height) - f64::max(one.y, other.y);
                assert!(wide.max(0.0) * high.max(0.0) < SLACK, "{one:?} and {other:?} overlap");
            }
        }
        tiles
    }

    #[test]
    fn areas_are_as_the_weights() {
        assert!(squarify(&[], 2.0).is_empty());
        assert_eq!(checked(&[7], 2.0), [Tile { x: 0.0, y: 0.0, width: 1.0, height: 1.0 }]);
        for aspect in [0.1, 0.7, 1.0, 2.4, 30.0] {
            checked(&[6, 6, 4, 3, 2, 2, 1], aspect);
            checked(&[1, 1], aspect);
            checked(&[1, 2, 3, 1000, 5], aspect);
            checked(&[1; 100], aspect);
            checked(&(1..300).rev().collect::<Vec<u64>>(), aspect);
            checked(&[0, 0, 0], aspect);
            checked(&[5, 0, 0], aspect);
            checked(&[0, 5], aspect);
        }
    }

    #[test]
    fn extreme_weights_have_a_layout() {
        checked(&[u64::MAX], 1.6);
        checked(&[u64::MAX, 1], 1.6);
        checked(&[u64::MAX; 20], 1.6);
        checked(&[u64::MAX, u64::MAX, 1_000, 3, 1, 0], 1.6);
        let powers: Vec<u64> = (0..64).rev().map(|n| 1 << n).collect();
        checked(&powers, 1.6);
        // In one pass, whatever the weights are.
        checked(&vec![1; 100_000], 1.6);
        checked(&(0..100_000).rev().collect::<Vec<u64>>(), 1.6);
    }

    #[test]
    fn boxes_are_near_to_squares() {
        // The example of the paper: 6 by 4.
        let tiles = checked(&[6, 6, 4, 3, 2, 2, 1], 1.5);
        for tile in &tiles {
            let ratio = tile.width * 1.5 / tile.height;
            assert!((0.25..=4.0).contains(&ratio), "{tile:?}");
        }
        let close = |a: f64, b: f64| (a - b).abs() < SLACK;
        assert!(close(tiles[0].width, 0.5) && close(tiles[0].height, 0.5), "{:?}", tiles[0]);
        assert!(close(tiles[2].x, 0.5) && close(tiles[2].width * 6.0, 12.0 / 7.0), "{:?}", tiles[2]);
    }
}
