//! A Dockerfile in a Compose file, and where each byte of it is written.

use super::value::Scalar;
use crate::source::{Place, Sources};
use crate::target::{Inline, Piece};
use crate::yaml::{self, place_within};

/// The text as the builder gets it, and its pieces: through the notation of YAML and through variables.
pub(crate) fn inline(sources: &Sources, scalar: &Scalar) -> Inline {
    let text = scalar.to_text();
    let place = scalar.place();
    let notation = scalar.node().map(|node| yaml::pieces(sources, node)).unwrap_or_default();
    let mut result =
        Inline { text: text.value.unwrap_or_default(), pieces: Vec::new(), place, unset: text.unset };
    let (Some(interpolation), Some(node)) = (scalar.interpolation(), scalar.node()) else {
        result.pieces = notation;
        return result;
    };
    for part in &interpolation.pieces {
        if !part.literal {
            let place = place_within(sources, node, part.from.clone());
            result.pieces.push(Piece { start: offset(part.start), place, literal: false });
            continue;
        }
        // What is literal to variables is made of pieces of the notation.
        let mut at =
            notation.partition_point(|piece| piece.start as usize <= part.from.start).saturating_sub(1);
        let mut from = part.from.start;
        while from < part.from.end {
            let Some(piece) = notation.get(at) else { break };
            let end =
                notation.get(at + 1).map_or(part.from.end, |next| (next.start as usize).min(part.from.end));
            let start = offset(part.start + from - part.from.start);
            let place = if piece.literal {
                let within = piece.place.span().start + from - piece.start as usize;
                Place::new(piece.place.file, within..within + end - from)
            } else {
                piece.place
            };
            result.pieces.push(Piece { start, place, literal: piece.literal });
            from = end;
            at += 1;
        }
    }
    result
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "variables come to no more than 64 MiB, and files to 4 GiB"
)]
fn offset(at: usize) -> u32 {
    at as u32
}
