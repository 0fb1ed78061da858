//! What a layer is made of, before and after.

use std::collections::HashMap;

use crate::report::{Amounts, PartChange, PieceRow};

/// What a layer is made of that is not the same on both sides, and what nobody knows the bytes of.
pub(super) fn parts(old: &[PieceRow], new: &[PieceRow]) -> Vec<PartChange> {
    let part = |piece: &PieceRow, sides: (bool, bool)| PartChange {
        what: piece.what.clone(),
        is_before: sides.0,
        is_after: sides.1,
        bytes: piece.bytes,
        range: piece.range,
        known_by: piece.known_by,
        source: piece.source.clone(),
    };
    let (pairs, gone) = paired(old, new, |old, new| is_same(old, new) && old.source == new.source);
    let mut parts = Vec::new();
    for (other, piece) in pairs {
        match other {
            None => parts.push(part(piece, (false, true))),
            Some(_) if piece.bytes.is_none() => parts.push(part(piece, (true, true))),
            Some(_) => {}
        }
    }
    parts.extend(gone.into_iter().map(|piece| part(piece, (true, false))));
    parts
}

/// The amounts of both sides without what is the same on both, whatever range it has: whole parts, and, on one base image,
/// of packages from one source those that are installed on both.
pub(super) fn without_common(
    (old, mut was): (&[PieceRow], Amounts),
    (new, mut is): (&[PieceRow], Amounts),
    on_one_base: bool,
) -> (Amounts, Amounts) {
    let (pairs, left) = paired(old, new, is_same);
    let (same, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(other, _)| other.is_some());
    for (_, piece) in same {
        let bytes = piece.bytes.unwrap_or(0);
        take(&mut was, piece, bytes);
        take(&mut is, piece, bytes);
    }
    if on_one_base {
        let is_alike = |old: &PieceRow, new: &PieceRow| {
            (&old.source, old.known_by) == (&new.source, new.known_by) && common(old, new) > 0
        };
        let (pairs, _) = paired(left, rest.into_iter().map(|(_, piece)| piece), is_alike);
        for (other, piece) in pairs.into_iter().filter_map(|(other, piece)| Some((other?, piece))) {
            let bytes = common(other, piece);
            take(&mut was, other, bytes);
            take(&mut is, piece, bytes);
        }
    }
    (was, is)
}

/// A new part, with the old one that it is paired with.
type Paired<'p> = (Option<&'p PieceRow>, &'p PieceRow);

/// The new parts, each with the first old one that goes with it and with no other, and the old ones that are left.
fn paired<'p>(
    old: impl IntoIterator<Item = &'p PieceRow>,
    new: impl IntoIterator<Item = &'p PieceRow>,
    goes_with: impl Fn(&PieceRow, &PieceRow) -> bool,
) -> (Vec<Paired<'p>>, Vec<&'p PieceRow>) {
    let mut left: Vec<&PieceRow> = old.into_iter().collect();
    let pair = |piece| {
        let at = left.iter().position(|other| goes_with(other, piece));
        (at.map(|at| left.remove(at)), piece)
    };
    let pairs = new.into_iter().map(pair).collect();
    (pairs, left)
}

/// True for parts of the same thing with the same figure.
fn is_same(old: &PieceRow, new: &PieceRow) -> bool {
    (&old.what, old.bytes, old.range) == (&new.what, new.bytes, new.range)
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
