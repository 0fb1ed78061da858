use std::io::Write as _;

/// Lines around a change.
const CONTEXT: usize = 3;

/// How many changed lines are looked for one by one; beyond that the changed part is one block.
const MAX_CHANGES: usize = 1000;

/// The difference of two texts as `patch -p0` reads it; empty if they are equal. The bytes are those of
/// the texts, control characters included.
#[must_use]
pub fn diff(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    if before == after {
        return Vec::new();
    }
    let a: Vec<&[u8]> = before.split_inclusive(|b| *b == b'\n').collect();
    let b: Vec<&[u8]> = after.split_inclusive(|b| *b == b'\n').collect();
    let shown: String = path.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    // A name ends at a tab; without one `patch` ends it at a blank.
    let end = if shown.contains(' ') { "\t" } else { "" };
    let mut out = format!("--- {shown}{end}\n+++ {shown}{end}\n").into_bytes();
    let changes = changes(&a, &b);
    let mut rest = changes.as_slice();
    while let Some(first) = rest.first() {
        let mut n = 1;
        while let [last, next, ..] = &rest[n - 1..]
            && next.a.0 - last.a.1 <= 2 * CONTEXT
        {
            n += 1;
        }
        let (hunk, others) = rest.split_at(n);
        let last = hunk.last().unwrap_or(first);
        write_hunk(&mut out, &a, &b, hunk, first, last);
        rest = others;
    }
    out
}

/// Lines `a.0..a.1` of the one text became lines `b.0..b.1` of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    a: (usize, usize),
    b: (usize, usize),
}

fn write_hunk(out: &mut Vec<u8>, a: &[&[u8]], b: &[&[u8]], hunk: &[Change], first: &Change, last: &Change) {
    let lead = first.a.0.min(CONTEXT);
    let tail = (a.len() - last.a.1).min(CONTEXT);
    let range = |start: usize, end: usize| match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        n => format!("{},{n}", start + 1),
    };
    let head = format!(
        "@@ -{} +{} @@\n",
        range(first.a.0 - lead, last.a.1 + tail),
        range(first.b.0 - lead, last.b.1 + tail)
    );
    out.extend_from_slice(head.as_bytes());
    let mut at = first.a.0 - lead;
    for change in hunk {
        write_lines(out, ' ', &a[at..change.a.0]);
        write_lines(out, '-', &a[change.a.0..change.a.1]);
        write_lines(out, '+', &b[change.b.0..change.b.1]);
        at = change.a.1;
    }
    write_lines(out, ' ', &a[at..last.a.1 + tail]);
}

fn write_lines(out: &mut Vec<u8>, mark: char, lines: &[&[u8]]) {
    for line in lines {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{mark}");
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

/// The changes in order (E. Myers, An O(ND) Difference Algorithm).
fn changes(a: &[&[u8]], b: &[&[u8]]) -> Vec<Change> {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    let whole = vec![Change { a: (prefix, prefix + a.len()), b: (prefix, prefix + b.len()) }];
    let Some(trace) = trace(a, b) else { return whole };
    let mut changes: Vec<Change> = Vec::new();
    let (mut x, mut y) = (a.len(), b.len());
    for d in (1..trace.len()).rev() {
        let before = &trace[d - 1];
        let (px, py, down) = step_back(before, d, x, y);
        // Diagonal moves back to the change.
        let (cx, cy) = if down { (px, py + 1) } else { (px + 1, py) };
        let here = Change { a: (prefix + px, prefix + cx), b: (prefix + py, prefix + cy) };
        match changes.last_mut() {
            Some(next) if next.a.0 == here.a.1 && next.b.0 == here.b.1 => {
                next.a.0 = here.a.0;
                next.b.0 = here.b.0;
            }
            _ => changes.push(here),
        }
        (x, y) = (px, py);
    }
    changes.reverse();
    changes
}

/// Furthest x on each diagonal -d, -d+2, …, d after d changes, for each d; the last one reaches the
/// end. `None` if more than [`MAX_CHANGES`] are needed.
fn trace(a: &[&[u8]], b: &[&[u8]]) -> Option<Vec<Vec<usize>>> {
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for d in 0..=MAX_CHANGES.min(a.len() + b.len()) {
        let mut row = Vec::with_capacity(d + 1);
        for i in 0..=d {
            let mut x = match d.checked_sub(1).and_then(|e| trace.get(e)) {
                Some(before) => next_x(before, d, i),
                None => 0,
            };
            // Diagonal k = 2i - d, and y = x - k.
            let mut y = (x + d).saturating_sub(2 * i);
            while x < a.len() && y < b.len() && a[x] == b[y] {
                x += 1;
                y += 1;
            }
            row.push(x);
            if x >= a.len() && y >= b.len() {
                trace.push(row);
                return Some(trace);
            }
        }
        trace.push(row);
    }
    None
}

/// Where diagonal number `i` of `d + 1` starts, before its run of equal lines.
fn next_x(before: &[usize], d: usize, i: usize) -> usize {
    if goes_down(before, d, i) { before[i] } else { before[i - 1] + 1 }
}

/// True if the best way to diagonal `i` is a line of `b`, not one of `a`.
fn goes_down(before: &[usize], d: usize, i: usize) -> bool {
    i == 0 || (i != d && before[i - 1] < before[i])
}

/// The point before the change that led to diagonal of (x, y), and whether it was a line of `b`.
fn step_back(before: &[usize], d: usize, x: usize, y: usize) -> (usize, usize, bool) {
    let i = (x + d - y) / 2;
    let down = goes_down(before, d, i);
    // Diagonal k of the row before is 2j - (d - 1).
    let j = if down { i } else { i - 1 };
    let px = before[j];
    (px, (px + d - 1) - 2 * j, down)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(a: &str, b: &str) -> String {
        String::from_utf8(diff("x/Dockerfile", a.as_bytes(), b.as_bytes())).unwrap()
    }

    #[test]
    fn hunks_are_as_patch_reads_them() {
        assert_eq!(shown("a\n", "a\n"), "");
        assert_eq!(
            shown("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n"),
            "--- x/Dockerfile\n+++ x/Dockerfile\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(
            shown("a", "a\nb\n"),
            "--- x/Dockerfile\n+++ x/Dockerfile\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n"
        );
        assert_eq!(shown("", "a\n"), "--- x/Dockerfile\n+++ x/Dockerfile\n@@ -0,0 +1 @@\n+a\n");
        let many: String = (0..30).map(|i| format!("{i}\n")).collect();
        let hunks = shown(&many, &many.replace("3\n", "x\n")).matches("@@ -").count();
        assert_eq!(hunks, 3);
    }

    /// What the hunks say, applied to the one text, gives the other.
    fn replay(a: &str, b: &str) {
        let (x, y): (Vec<&[u8]>, Vec<&[u8]>) = (
            a.as_bytes().split_inclusive(|b| *b == b'\n').collect(),
            b.as_bytes().split_inclusive(|b| *b == b'\n').collect(),
        );
        let mut out = Vec::new();
        let mut at = 0;
        for change in changes(&x, &y) {
            assert_eq!(change.b.0 - out.len(), change.a.0 - at);
            out.extend_from_slice(&x[at..change.a.0]);
            out.extend_from_slice(&y[change.b.0..change.b.1]);
            at = change.a.1;
        }
        out.extend_from_slice(&x[at..]);
        assert_eq!(out, y, "{a:?} {b:?}");
    }

    #[test]
    fn changes_lead_from_one_text_to_the_other() {
        // All texts of up to five lines over two letters, in pairs.
        let texts: Vec<String> = (0..6_u32)
            .flat_map(|n| (0..1_u32 << n).map(move |bits| (n, bits)))
            .map(|(n, bits)| (0..n).map(|i| if bits >> i & 1 == 0 { "a\n" } else { "b\n" }).collect())
            .collect();
        for a in &texts {
            for b in &texts {
                replay(a, b);
            }
        }
        let long: String = (0..3000).map(|i| format!("{i}\n")).collect();
        let other: String = (0..3000).map(|i| format!("{}\n", i * 7)).collect();
        replay(&long, &other);
    }
}
