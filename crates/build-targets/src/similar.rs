//! Names that are spelled alike.

/// The name that is spelled most like another: the same but for case, `_`, `-` and a plural, or with few letters changed.
pub(crate) fn most_alike(name: &str, names: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    const LONGEST: usize = 40;
    if name.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| {
        let letters: String =
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters.strip_suffix('s').map_or(letters.clone(), str::to_owned)
    };
    let wanted = plain(name);
    let distance = |known: &'static str| (changes(&plain(known), &wanted), known);
    let (changes, known) = names.into_iter().map(distance).min()?;
    (changes <= wanted.len() / 4).then_some(known)
}

/// How many letters must be added, left out, changed or swapped to make one of the other.
fn changes(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let changed = rows[i][j] + usize::from(ca != cb);
            let mut least = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *ca == b[j - 1] && a[i - 1] == *cb {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_but_for_small_slips() {
        const NAMES: [&str; 5] = ["args", "context", "dockerfile", "no-cache", "tags"];
        for (name, alike) in [
            ("dokerfile", Some("dockerfile")),
            ("dockerFile", Some("dockerfile")),
            ("no_cache", Some("no-cache")),
            ("arg", Some("args")),
            ("contxet", Some("context")),
            ("description", None),
            ("x", None),
        ] {
            assert_eq!(most_alike(name, NAMES), alike, "{name}");
        }
    }
}
