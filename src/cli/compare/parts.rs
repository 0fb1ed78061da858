//! What a layer is made of, before and after.

use std::collections::HashMap;

use crate::report::{Amounts, PartChange, PieceRow};

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

/// The amounts of both sides without what is the same on both, whatever range it has: whole parts, and, on one base image,
/// of packages from one source those that are installed on both.
pub(super) fn without_common(
    (old, mut was): (&[PieceRow], Amounts),
    (new, mut is): (&[PieceRow], Amounts),
    on_one_base: bool,
) -> (Amounts, Amounts) {
    let mut left: Vec<&PieceRow> = old.iter().collect();
    let mut rest: Vec<&PieceRow> = Vec::new();
    let whole = |piece: &PieceRow| (piece.what.clone(), piece.bytes, piece.range);
    for piece in new {
        match left.iter().position(|other| whole(other) == whole(piece)) {
            Some(at) => {
                left.swap_remove(at);
                let bytes = piece.bytes.unwrap_or(0);
                take(&mut was, piece, bytes);
                take(&mut is, piece, bytes);
            }
            None => rest.push(piece),
        }
    }
    for piece in rest.into_iter().filter(|_| on_one_base) {
        let is_alike = |other: &&PieceRow| {
            (&other.source, other.known_by) == (&piece.source, piece.known_by) && common(other, piece) > 0
        };
        if let Some(at) = left.iter().position(is_alike) {
            let other = left.swap_remove(at);
            let bytes = common(other, piece);
            take(&mut was, other, bytes);
            take(&mut is, piece, bytes);
        }
    }
    (was, is)
}

/// The bytes of the packages that two parts both have.
fn common(old: &PieceRow, new: &PieceRow) -> u64 {
    let had: HashMap<&str, u64> = old.all_packages.iter().map(|p| (p.name.as_str(), p.bytes)).collect();
    let both = new.all_packages.iter().filter_map(|p| Some(p.bytes.min(*had.get(p.name.as_str())?)));
    let both = both.fold(0, u64::saturating_add);
    both.min(old.bytes.unwrap_or(0)).min(new.bytes.unwrap_or(0))
}

/// Takes so many bytes of a part out of a sum. Of what stays less is certain than of the whole, where errors make up for
/// each other: its range shrinks with the root of its share, up to a half more or less, or as the whole if that is wider.
fn take(sum: &mut Amounts, of: &PieceRow, bytes: u64) {
    let Some(all) = of.bytes else { return };
    let (least, most) = of.range.unwrap_or((all, all));
    let stays = all.saturating_sub(bytes);
    let share = |slack: u64, of: u128, whole: u128| {
        u64::try_from(u128::from(slack) * of / whole.max(1)).unwrap_or(u64::MAX)
    };
    let root = (u128::from(stays) * 1_000_000 / u128::from(all.max(1))).isqrt();
    let slack = |whole: u64| {
        let even = share(whole, stays.into(), all.into());
        share(whole, root, 1000).min(even.max(stays / 2))
    };
    let (below, above) = (slack(all.saturating_sub(least)), slack(most.saturating_sub(all)));
    sum.bytes = sum.bytes.saturating_sub(bytes);
    sum.least = sum.least.saturating_sub(least).saturating_add(stays.saturating_sub(below));
    sum.most = sum.most.saturating_sub(most).saturating_add(stays.saturating_add(above));
}
