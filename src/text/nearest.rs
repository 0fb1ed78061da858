/// The candidate that `word` is most likely a misspelling of: at most a third of its letters differ
/// (insertions, deletions, substitutions and swaps of neighbours count one each; case counts nothing).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no misspelt names, and the distance is quadratic.
    if word.len() > 64 {
        return None;
    }
    let limit = (word.chars().count() / 3).max(1);
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut letters = Vec::new();
    let near = candidates.into_iter().filter_map(|candidate| {
        letters.clear();
        letters.extend(candidate.chars().flat_map(char::to_lowercase));
        // Each letter that one has more than the other counts.
        let far = word.len().abs_diff(letters.len()) > limit;
        let distance = if far { return None } else { distance(&word, &letters) };
        (distance <= limit).then_some((distance, candidate))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = Vec::with_capacity(last.len());
    for (i, x) in a.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        // The oldest row is written next.
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_find_their_name() {
        let names = ["FROM", "RUN", "ENTRYPOINT", "ENV"];
        assert_eq!(nearest("FORM", names), Some("FROM"));
        assert_eq!(nearest("rnu", names), Some("RUN"));
        assert_eq!(nearest("ENTRYPIONT", names), Some("ENTRYPOINT"));
        assert_eq!(nearest("echo", names), None);
    }
}
