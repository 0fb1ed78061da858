//! The layers that make the difference between two plans of an image.

use std::collections::HashMap;
use std::hash::Hash;

use crate::report::{Amounts, Growth, LayerChange, LayerState, PlanRow, PlanStage};

use super::parts::{parts, without_common};
use super::sent::SentChange;

/// With more layers than this on a side that differ, only those stand for each other that are there once.
const MOST: usize = 500;

/// What is known beside the plans.
pub(super) struct Known<'a> {
    /// Whether the layer of a row of the new plan is the old one, as the cache knows it.
    pub(super) is_kept: &'a dyn Fn(&PlanRow) -> bool,
    /// The files of the build context that differ.
    pub(super) files: &'a SentChange,
    /// True if the image is built on another one now.
    pub(super) has_other_base: bool,
}

/// What two plans differ in.
pub(super) fn compare(before: &[PlanStage], after: &[PlanStage], known: &Known<'_>) -> Vec<LayerChange> {
    let (old, new) = (rows(before), rows(after));
    let mut changes = Vec::new();
    for (old, new) in paired(&old, &new) {
        let change = match (old, new) {
            (Some(old), Some(new)) => changed(old, new, known),
            (None, Some(new)) => Some(change(LayerState::Added, new, None, Some(new.sum))),
            (Some(old), None) => Some(change(LayerState::Removed, old, Some(old.sum), None)),
            (None, None) => None,
        };
        changes.extend(change.filter(|change| !change.growth.is_nothing()));
    }
    changes
}

/// The layers of the image, in its order.
fn rows(stages: &[PlanStage]) -> Vec<&PlanRow> {
    stages.iter().filter(|stage| stage.in_image).flat_map(|stage| &stage.rows).collect()
}

fn changed(old: &PlanRow, new: &PlanRow, known: &Known<'_>) -> Option<LayerChange> {
    let is_same = words(old) == words(new) && !(is_base(new) && known.has_other_base);
    if is_same && (known.is_kept)(new) || is_same && old.sum == new.sum && new.sum.unknown == 0 {
        return None;
    }
    let files = known.files.of_lines(old.lines.0, new.lines.0);
    if is_same && files.is_empty() && copies_nothing_known(old) && old.sum == new.sum {
        return None;
    }
    let mut change = change(LayerState::Changed, new, Some(old.sum), Some(new.sum));
    change.was = (words(old) != words(new)).then(|| old.instruction.clone());
    change.growth = growth_between(old, new, known);
    change.parts = parts(&old.pieces, &new.pieces);
    change.files = files;
    Some(change)
}

/// True for a COPY or ADD from the build context whose files were not there: with nothing there now either, nothing differs.
fn copies_nothing_known(row: &PlanRow) -> bool {
    let from_elsewhere =
        |word: &str| word.starts_with("--from") || word.contains("://") || word.starts_with("git@");
    kind(row).0 == "COPY" && row.sum.bytes == 0 && !row.instruction.split_whitespace().any(from_elsewhere)
}

fn is_base(row: &PlanRow) -> bool {
    kind(row).0 == "FROM"
}

/// The difference of two rows. Parts that both have are the same on both sides, whatever range they have.
fn growth_between(old: &PlanRow, new: &PlanRow, known: &Known<'_>) -> Growth {
    // One figure for two images says nothing of how they differ, nor does a figure beside none.
    let is_other = is_base(new) && (known.has_other_base || image_words(old) != image_words(new));
    let is_estimate = old.sum.least != old.sum.most || new.sum.least != new.sum.most;
    let says_nothing = is_other && old.sum.bytes == new.sum.bytes && is_estimate;
    if says_nothing || is_known_on_one_side(old, new) {
        return Growth { unknown: 1, ..Growth::default() };
    }
    let (was, is) = without_common((&old.pieces, old.sum), (&new.pieces, new.sum), !known.has_other_base);
    growth(Some(&was), Some(&is))
}

/// True if nothing is known of one side, for a reason that the other side does not have.
fn is_known_on_one_side(old: &PlanRow, new: &PlanRow) -> bool {
    let unknown = |row: &PlanRow| -> Vec<String> {
        let pieces = row.pieces.iter().filter(|piece| piece.bytes.is_none());
        pieces.map(|piece| piece.what.clone()).collect()
    };
    let hides = |hidden: &PlanRow, other: &PlanRow| {
        let is_hidden = hidden.sum.unknown > 0 && hidden.sum.most == 0;
        let others = unknown(other);
        is_hidden && unknown(hidden).iter().any(|what| !others.contains(what))
    };
    hides(old, new) || hides(new, old)
}

fn change(state: LayerState, row: &PlanRow, before: Option<Amounts>, after: Option<Amounts>) -> LayerChange {
    LayerChange {
        state,
        lines: row.lines,
        instruction: row.instruction.clone(),
        was: None,
        before,
        after,
        growth: growth(before.as_ref(), after.as_ref()),
        known_by: row.known_by,
        largest: row.pieces.iter().flat_map(|piece| &piece.largest).take(5).cloned().collect(),
        parts: match before {
            Some(_) => parts(&row.pieces, &[]),
            None => parts(&[], &row.pieces),
        },
        files: Vec::new(),
    }
}

/// The difference of two amounts. What is unknown on either side may differ by anything.
pub(super) fn growth(before: Option<&Amounts>, after: Option<&Amounts>) -> Growth {
    let (old, new) = (before.copied().unwrap_or_default(), after.copied().unwrap_or_default());
    // The same figure on both sides is the same estimate.
    if old.bytes == new.bytes && old.unknown + new.unknown == 0 {
        return Growth::default();
    }
    difference(&old, &new)
}

/// The difference of two amounts that have nothing in common.
fn difference(old: &Amounts, new: &Amounts) -> Growth {
    let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    Growth {
        bytes: signed(new.bytes).saturating_sub(signed(old.bytes)),
        least: signed(new.least).saturating_sub(signed(old.most)),
        most: signed(new.most).saturating_sub(signed(old.least)),
        unknown: usize::from(old.unknown > 0 || new.unknown > 0),
        only_adds: old.unknown == 0 && new.unknown > 0,
    }
}

/// The words of an instruction, however it is laid out.
fn words(row: &PlanRow) -> Vec<&str> {
    row.instruction.split_whitespace().collect()
}

/// The words of a FROM but for the name of the stage.
fn image_words(row: &PlanRow) -> Vec<&str> {
    let words = row.instruction.split_whitespace();
    words.take_while(|word| !word.eq_ignore_ascii_case("AS")).collect()
}

/// What stands for a row where the same words do not: what kind of instruction it is, and where it copies to.
fn kind(row: &PlanRow) -> (String, Option<&str>) {
    let mut words = row.instruction.split_whitespace();
    let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
    match keyword.as_str() {
        "COPY" | "ADD" => ("COPY".to_owned(), words.next_back()),
        _ => (keyword, None),
    }
}

/// Which old row stands for which new one: first those with the same instruction, in their order, as many as may be; and
/// between them those of a kind.
fn paired<'r>(old: &[&'r PlanRow], new: &[&'r PlanRow]) -> Vec<Pair<'r>> {
    between(old, new, common(old, new, words), &|old, new| {
        between(old, new, common(old, new, kind), &|old, new| {
            let gone = old.iter().map(|row| (Some(*row), None));
            let added = new.iter().map(|row| (None, Some(*row)));
            gone.chain(added).collect()
        })
    })
}

/// Rows that follow each other.
type Rows<'a, 'r> = &'a [&'r PlanRow];

/// A pair of rows; one that has no other self is alone.
type Pair<'r> = (Option<&'r PlanRow>, Option<&'r PlanRow>);

/// The pairs at these places, and what `rest` makes of the rows between them.
fn between<'r>(
    old: Rows<'_, 'r>,
    new: Rows<'_, 'r>,
    places: Vec<(usize, usize)>,
    rest: &dyn Fn(Rows<'_, 'r>, Rows<'_, 'r>) -> Vec<Pair<'r>>,
) -> Vec<Pair<'r>> {
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (to_i, to_j) in places.into_iter().chain([(old.len(), new.len())]) {
        pairs.extend(rest(old.get(i..to_i).unwrap_or_default(), new.get(j..to_j).unwrap_or_default()));
        if let (Some(a), Some(b)) = (old.get(to_i), new.get(to_j)) {
            pairs.push((Some(*a), Some(*b)));
        }
        (i, j) = (to_i + 1, to_j + 1);
    }
    pairs
}

/// The places of rows that have the same key on both sides, in the order of both: a longest run of them, where there are
/// not too many.
fn common<'r, K: Eq + Hash>(
    old: &[&'r PlanRow],
    new: &[&'r PlanRow],
    key: impl Fn(&'r PlanRow) -> K,
) -> Vec<(usize, usize)> {
    let (old, new): (Vec<K>, Vec<K>) =
        (old.iter().map(|row| key(row)).collect(), new.iter().map(|row| key(row)).collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[start..], &new[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let between = match old.len().max(new.len()) > MOST {
        true => unique(old, new),
        false => longest(old, new),
    };
    let behind = (0..end).map(|at| (old.len() + at, new.len() + at));
    let rest = between.into_iter().chain(behind).map(|(i, j)| (start + i, start + j));
    (0..start).map(|at| (at, at)).chain(rest).collect()
}

/// A longest run of what both have.
fn longest<K: Eq>(old: &[K], new: &[K]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = match old[i] == new[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            found.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

/// A longest run of what each has once.
fn unique<K: Eq + Hash>(old: &[K], new: &[K]) -> Vec<(usize, usize)> {
    let mut places: HashMap<&K, (Vec<usize>, Vec<usize>)> = HashMap::new();
    old.iter().enumerate().for_each(|(at, key)| places.entry(key).or_default().0.push(at));
    new.iter().enumerate().for_each(|(at, key)| places.entry(key).or_default().1.push(at));
    let mut pairs: Vec<(usize, usize)> = places
        .into_values()
        .filter_map(|(old, new)| match (old.as_slice(), new.as_slice()) {
            ([old], [new]) => Some((*old, *new)),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    // For each length of a run, the pair that ends it earliest; and what is before each pair in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut run: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |at| before[*at]).map(|at| pairs[at]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{PieceRow, PlanPackage};

    fn sum(bytes: u64, unknown: usize) -> Amounts {
        Amounts { bytes, least: bytes, most: bytes, unknown }
    }

    fn image(rows: &[(&str, Amounts)]) -> Vec<PlanStage> {
        let row = |(at, (instruction, sum)): (usize, &(&str, Amounts))| PlanRow {
            lines: (at as u32 + 1, at as u32 + 1),
            instruction: (*instruction).to_owned(),
            sum: *sum,
            known_by: "measured",
            pieces: Vec::new(),
            advice: Vec::new(),
            lock: None,
        };
        vec![PlanStage {
            stage: 0,
            name: None,
            lines: (1, 9),
            in_image: true,
            sum: Amounts::default(),
            rows: rows.iter().enumerate().map(row).collect(),
        }]
    }

    fn said(before: &[(&str, Amounts)], after: &[(&str, Amounts)], kept: bool) -> Vec<String> {
        let known = Known { is_kept: &|_| kept, files: &SentChange::default(), has_other_base: false };
        let changes = compare(&image(before), &image(after), &known);
        let one = |change: &LayerChange| {
            let was = change.was.as_ref().map(|was| format!(" was {was}")).unwrap_or_default();
            format!("{:?} {} {}{was}", change.state, change.growth.short(), change.instruction)
        };
        changes.iter().map(one).collect()
    }

    #[test]
    fn what_makes_the_difference_is_named() {
        let before =
            [("FROM a", sum(10, 0)), ("COPY  x /x", sum(5, 0)), ("RUN y", sum(7, 0)), ("RUN z", sum(1, 0))];
        assert_eq!(said(&before, &before, false), [""; 0]);
        let after = [
            ("FROM b", sum(30, 0)),
            ("COPY x /x", sum(6, 0)),
            ("RUN new", sum(100, 0)),
            ("RUN y", sum(7, 0)),
        ];
        assert_eq!(
            said(&before, &after, false),
            [
                "Changed +20 B FROM b was FROM a",
                "Changed +1 B COPY x /x",
                "Added +100 B RUN new",
                "Removed -1 B RUN z"
            ]
        );
    }

    #[test]
    fn of_very_many_layers_those_that_are_alike_stand_for_each_other() {
        let many: Vec<String> = (0..3 * MOST).map(|at| format!("COPY f{at} /f{at}")).collect();
        let rows: Vec<(&str, Amounts)> = many.iter().map(|text| (text.as_str(), sum(1, 0))).collect();
        let mut after = rows.clone();
        after.insert(700, ("RUN new", sum(5, 0)));
        assert_eq!(said(&rows, &after, false), ["Added +5 B RUN new"]);
        // Too far apart for a table of all pairs.
        after.insert(1, ("RUN early", sum(2, 0)));
        after.remove(1400);
        assert_eq!(
            said(&rows, &after, false),
            ["Added +2 B RUN early", "Added +5 B RUN new", "Removed -1 B COPY f1398 /f1398"]
        );
    }

    #[test]
    fn a_copy_stands_for_what_went_to_the_same_place() {
        let before = [("ADD r.txt /app/", sum(3, 0)), ("RUN old", sum(9, 0)), ("ADD . /app", sum(10, 0))];
        let after =
            [("COPY a.txt /a", sum(1, 0)), ("COPY r.txt /app/", sum(3, 0)), ("COPY . /app", sum(12, 0))];
        assert_eq!(
            said(&before, &after, false),
            ["Added +1 B COPY a.txt /a", "Removed -9 B RUN old", "Changed +2 B COPY . /app was ADD . /app"]
        );
    }

    fn about(bytes: u64) -> Amounts {
        Amounts { bytes, least: bytes - 10, most: bytes + 10, unknown: 0 }
    }

    #[test]
    fn one_figure_for_two_base_images_is_no_zero() {
        let (before, after) = ([("FROM a:1", about(50))], [("FROM a:2", about(50))]);
        assert_eq!(said(&before, &after, false), ["Changed not known FROM a:2 was FROM a:1"]);
        assert_eq!(said(&before, &before, false), [""; 0]);
        assert_eq!(said(&before, &[("FROM a:1 AS run", about(50))], false), [""; 0]);
        let exact = ([("FROM a:1", sum(50, 0))], [("FROM a:2", sum(50, 0))]);
        assert_eq!(said(&exact.0, &exact.1, false), [""; 0]);
    }

    /// A FROM with one piece: its bytes are known, or it says why they are not.
    fn based(image: &str, what: &str, bytes: Option<u64>) -> Vec<PlanStage> {
        let sum = bytes.map_or(Amounts { unknown: 1, ..Amounts::default() }, about);
        let mut stages = super::tests::image(&[(image, sum)]);
        stages[0].rows[0].pieces = vec![PieceRow {
            what: what.to_owned(),
            bytes,
            range: bytes.map(|bytes| (bytes - 10, bytes + 10)),
            known_by: "catalogue",
            source: None,
            largest: Vec::new(),
            packages: Vec::new(),
            all_packages: Vec::new(),
        }];
        stages
    }

    #[test]
    fn packages_that_both_install_add_no_range() {
        let install = |packages: &[(&str, u64)]| {
            let bytes = packages.iter().map(|(_, bytes)| bytes).sum();
            let mut stages = based("RUN pip install", "Python packages", Some(bytes));
            let row = &mut stages[0].rows[0];
            row.instruction = format!("RUN pip install {}", packages.len());
            (row.sum.least, row.sum.most) = (bytes / 2, bytes * 2);
            row.pieces[0].range = Some((bytes / 2, bytes * 2));
            let package =
                |(name, bytes): &(&str, u64)| PlanPackage { name: (*name).to_owned(), bytes: *bytes };
            row.pieces[0].all_packages = packages.iter().map(package).collect();
            stages
        };
        let growth =
            growth_of(&install(&[("a", 100), ("b", 20)]), &install(&[("a", 100), ("b", 20), ("c", 40)]));
        assert_eq!(growth, Growth { bytes: 40, least: 20, most: 80, ..Growth::default() });
        let (was, is) = (install(&[("a", 100), ("b", 20)]), install(&[("a", 100), ("c", 40)]));
        assert_eq!(growth_of(&was, &is), Growth { bytes: 20, least: -20, most: 70, ..Growth::default() });
        // On another base they are others.
        let known = Known { is_kept: &|_| false, files: &SentChange::default(), has_other_base: true };
        let growth = compare(&was, &is, &known)[0].growth;
        assert_eq!(growth, Growth { bytes: 20, least: -170, most: 220, ..Growth::default() });
    }

    fn growth_of(before: &[PlanStage], after: &[PlanStage]) -> Growth {
        let known = Known { is_kept: &|_| false, files: &SentChange::default(), has_other_base: false };
        compare(before, after, &known)[0].growth
    }

    #[test]
    fn a_figure_beside_none_is_no_growth() {
        let unknown = Growth { unknown: 1, ..Growth::default() };
        let (ours, theirs) = (
            based("FROM ours", "the base image, which is not in the catalogue", None),
            based("FROM a:1", "base image", Some(90)),
        );
        assert_eq!(growth_of(&ours, &theirs), unknown);
        assert_eq!(growth_of(&theirs, &ours), unknown);
        // What is unknown on both sides is the same there.
        let make = |rest: &[(&str, u64)]| {
            let mut stages = based("RUN make", "files written by `make`", None);
            let row = &mut stages[0].rows[0];
            for (what, bytes) in rest {
                row.instruction.push_str(what);
                row.sum.add(&sum(*bytes, 0));
                row.pieces.push(PieceRow {
                    what: (*what).to_owned(),
                    bytes: Some(*bytes),
                    range: None,
                    ..row.pieces[0].clone()
                });
            }
            stages
        };
        assert_eq!(
            growth_of(&make(&[]), &make(&[("packages", 50)])),
            Growth { bytes: 50, least: 50, most: 50, ..unknown }
        );
        let parts = &compare(
            &make(&[]),
            &make(&[("packages", 50)]),
            &Known { is_kept: &|_| false, files: &SentChange::default(), has_other_base: false },
        )[0]
        .parts;
        let said: Vec<_> =
            parts.iter().map(|part| (part.what.as_str(), part.is_before, part.is_after)).collect();
        assert_eq!(said, [("files written by `make`", true, true), ("packages", false, true)]);
    }

    #[test]
    fn two_images_estimated_by_one_figure_may_differ_whatever_their_ranges() {
        let (was, is) =
            (based("FROM a:9", "base image", Some(50)), based("FROM a:11", "base image", Some(50)));
        let wider = |mut stages: Vec<PlanStage>| {
            stages[0].rows[0].sum.most += 5;
            stages[0].rows[0].pieces[0].range = Some((40, 65));
            stages
        };
        assert_eq!(growth_of(&was, &wider(is)), Growth { unknown: 1, ..Growth::default() });
        // So may two that one variable stands for.
        let of_variable = based("FROM a:${V}", "base image", Some(50));
        let known = Known { is_kept: &|_| false, files: &SentChange::default(), has_other_base: true };
        assert_eq!(compare(&of_variable, &of_variable, &known)[0].growth.unknown, 1);
    }

    #[test]
    fn parts_that_both_have_add_no_range() {
        let rows = |script: u64| {
            let piece = |what: &str, bytes: u64, by: u64| PieceRow {
                what: what.to_owned(),
                bytes: Some(bytes),
                range: Some((bytes - by, bytes + by)),
                known_by: "estimated",
                source: None,
                largest: Vec::new(),
                packages: Vec::new(),
                all_packages: Vec::new(),
            };
            let mut stages = image(&[("RUN x", about(script + 50))]);
            stages[0].rows[0].pieces = vec![piece("packages", 50, 10), piece("script", script, 0)];
            stages[0].rows[0].instruction = format!("RUN x {script}");
            stages
        };
        let known = Known { is_kept: &|_| false, files: &SentChange::default(), has_other_base: false };
        let changes = compare(&rows(1), &rows(4), &known);
        assert_eq!(changes[0].growth, Growth { bytes: 3, least: 3, most: 3, ..Growth::default() });
    }

    #[test]
    fn what_is_unknown_is_no_zero_but_a_kept_layer_is_the_old_one() {
        let rows = [("RUN make", sum(0, 1))];
        assert_eq!(said(&rows, &rows, false), ["Changed not known RUN make"]);
        assert_eq!(said(&rows, &rows, true), [""; 0]);
        let added = [rows[0], ("RUN more", sum(3, 1))];
        assert_eq!(said(&rows, &added, true), ["Added +3 B as far as is known RUN more"]);
        let growth = growth(None, Some(&sum(3, 1)));
        assert_eq!(growth.sentence(), "grows by at least 3 B; 1 layer cannot be compared");
        let mut both = growth;
        both.add(&super::growth(Some(&sum(0, 1)), Some(&sum(0, 1))));
        assert_eq!(both.sentence(), "grows by 3 B as far as is known; 2 layers cannot be compared");
    }
}
