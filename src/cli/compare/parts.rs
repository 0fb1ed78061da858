//! What a layer is made of, before and after.

use crate::report::{PartChange, PieceRow};

/// What a layer is made of that is not the same on both sides, and what nobody knows the bytes of.
pub(super) fn parts(old: &[PieceRow], new: &[PieceRow]) -> Vec<PartChange> {
    let key = |piece: &PieceRow| (piece.what.clone(), piece.bytes, piece.range, piece.source.clone());
    let part = |piece: &PieceRow, sides: (bool, bool)| PartChange {
        what: piece.what.clone(),
        is_before: sides.0,
        is_after: sides.1,
        bytes: piece.bytes,
        range: piece.range,
        known_by: piece.known_by,
        source: piece.source.clone(),
    };
    let mut left: Vec<&PieceRow> = old.iter().collect();
    let mut parts = Vec::new();
    for piece in new {
        let Some(at) = left.iter().position(|other| key(other) == key(piece)) else {
            parts.push(part(piece, (false, true)));
            continue;
        };
        left.swap_remove(at);
        if piece.bytes.is_none() {
            parts.push(part(piece, (true, true)));
        }
    }
    let gone = old.iter().filter(|piece| left.iter().any(|other| std::ptr::eq(*other, *piece)));
    parts.extend(gone.map(|piece| part(piece, (true, false))));
    parts
}
