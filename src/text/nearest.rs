/// The candidate that `word` is most likely a misspelling of: at most a third of its letters differ
/// (insertions, deletions, substitutions and swaps of neighbours count one each; case counts nothing).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(word, &mut candidates.into_iter())
}

/// The same for all kinds of candidates, so that the program has it once.
fn nearest_of<'a>(word: &str, candidates: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no misspelt names, and the distance is quadratic.
    if word.len() > 64 {
        return None;
    }
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut rows = Rows::default();
    let mut other = Vec::new();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Only a nearer one is of interest: the first of equals counts.
        let limit = best.map_or((word.len() / 3).max(1), |(distance, _)| distance.saturating_sub(1));
        other.clear();
        other.extend(candidate.chars().flat_map(char::to_lowercase));
        // Each letter more is an insertion.
        if best.is_some_and(|(d, _)| d == 0) || other.len().abs_diff(word.len()) > limit {
            continue;
        }
        let distance = rows.distance(&word, &other);
        // What has no letter in common, such as `a` and `b`, is no misspelling.
        if distance <= limit && distance < word.len().max(other.len()) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters two names differ in: insertions, deletions, substitutions and swaps of neighbours count one each,
/// and case counts nothing.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    Rows::default().distance(&letters(a), &letters(b))
}

/// The rows of the table of distances, kept from one candidate to the next.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    last: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// Optimal string alignment distance.
    fn distance(&mut self, a: &[char], b: &[char]) -> usize {
        let Self { before, last, row } = self;
        last.clear();
        last.extend(0..=b.len());
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
            std::mem::swap(before, last);
            std::mem::swap(last, row);
        }
        last.last().copied().unwrap_or(0)
    }
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
        assert_eq!(nearest("w", ["v", "wa"]), Some("wa"));
        assert_eq!(nearest("w", ["v", "u"]), None);
    }
}
