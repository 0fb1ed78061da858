//! Caret lines: what they mark, and how findings are written as such.

use std::rc::Rc;

use crate::diag::Finding;
use crate::text::LineIndex;

/// Characters `start..end` of a line, all from 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) line: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A part of the message, or all of it; many marks may share one. Behind `help:` it is a part of the help.
    pub(super) message: Rc<str>,
    /// The help of a finding.
    pub(super) help: Rc<str>,
}

/// What stands before a part of the help.
const HELP: &str = "help: ";

impl Mark {
    /// True for a finding that says what `mark` has of it.
    fn says(&self, mark: &Self) -> bool {
        match mark.message.strip_prefix(HELP) {
            Some(help) => self.help.contains(help),
            None => self.message.contains(&*mark.message),
        }
    }
}

/// How many marks are drawn.
const MAX_DRAWN: usize = 200;

/// The marks of a caret line, without the line they mark.
fn carets(line: &str) -> Option<Vec<Mark>> {
    if line.trim_start().starts_with("//") {
        return carets(&line.replacen("//", "# ", 1));
    }
    let indent = line.chars().take_while(|c| c.is_whitespace()).count();
    let rest: Vec<char> = line.chars().skip(indent).collect();
    let ([first, rest @ ..], true) = (rest.as_slice(), line.contains('^')) else { return None };
    if *first != '#' || rest.iter().find(|c| !c.is_whitespace()) != Some(&'^') {
        return None;
    }
    let mut marks: Vec<Mark> = Vec::new();
    let mut open = (rest.first() == Some(&'^')).then_some(indent);
    let mut message = String::new();
    for (i, c) in rest.iter().enumerate() {
        let column = indent + 1 + i;
        if *c == '^' {
            open.get_or_insert(column);
            continue;
        }
        marks.extend(open.take().map(|start| Mark {
            line: 0,
            start,
            end: column,
            message: "".into(),
            help: "".into(),
        }));
        if !c.is_whitespace() {
            message = rest[i..].iter().collect::<String>().trim_end().to_owned();
            break;
        }
    }
    let end = indent + 1 + rest.len();
    marks.extend(open.map(|start| Mark { line: 0, start, end, message: "".into(), help: "".into() }));
    let message: Rc<str> = message.into();
    for mark in &mut marks {
        mark.message = Rc::clone(&message);
    }
    Some(marks)
}

/// All marks of a block, and its text without caret lines; lines are those of the clean text.
pub(super) fn marks(text: &str) -> (String, Vec<Mark>) {
    let mut clean = String::new();
    let mut all = Vec::new();
    let mut lines = 0_usize;
    for line in text.split_inclusive('\n') {
        match carets(line.trim_end_matches(['\n', '\r'])) {
            Some(found) => {
                all.extend(found.into_iter().map(|m| Mark { line: lines.saturating_sub(1), ..m }));
            }
            None => {
                clean.push_str(line);
                lines += 1;
            }
        }
    }
    all.sort_unstable();
    (clean, all)
}

/// The marks of findings in `text`, which may hold caret lines; lines are those without them.
pub(super) fn found(text: &str, findings: &[Finding]) -> Vec<Mark> {
    let index = LineIndex::new(text);
    // For each line of the text, how many caret lines are before it.
    let mut before = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        before.push(count);
        count += usize::from(carets(line).is_some());
    }
    let mark = |finding: &Finding| {
        let start = index.position(text, finding.span.start);
        let line_end = index.span(text, start.line).end;
        let end = index.position(text, finding.span.end.min(line_end).max(finding.span.start));
        let line = start.line as usize - 1;
        Mark {
            line: line - before.get(line).copied().unwrap_or(count),
            start: start.column as usize - 1,
            end: end.column as usize - 1,
            message: finding.message.as_str().into(),
            help: finding.help.as_deref().unwrap_or_default().into(),
        }
    };
    let mut marks: Vec<Mark> = findings.iter().map(mark).collect();
    marks.sort_unstable();
    marks
}

/// True if each mark has its finding and each finding its mark. Both are sorted.
pub(super) fn agree(marks: &[Mark], found: &[Mark]) -> bool {
    let same_place = |a: &Mark, b: &Mark| (a.line, a.start, a.end) == (b.line, b.start, b.end);
    let mut found = found.chunk_by(same_place);
    let each = marks.chunk_by(same_place).all(|marks| {
        let Some(here) = found.next().filter(|f| same_place(&f[0], &marks[0])) else { return false };
        let mut left: Vec<&Mark> = here.iter().collect();
        let taken = marks.iter().all(|mark| {
            let at = left.iter().position(|f| f.says(mark));
            at.map(|at| left.remove(at)).is_some()
        });
        taken && left.is_empty()
    });
    each && found.next().is_none()
}

/// Writes `clean` with a caret line for each of the marks, which are sorted; of very many, for the first.
pub(super) fn render(clean: &str, marks: &[Mark], comment: &str) -> String {
    let mut out = String::new();
    let more = marks.len().saturating_sub(MAX_DRAWN);
    let mut marks = marks.iter().take(MAX_DRAWN).peekable();
    for (i, line) in clean.lines().enumerate() {
        out.push_str(line.trim_end());
        out.push('\n');
        while let Some(mark) = marks.next_if(|m| m.line <= i) {
            let (start, len) = (mark.start, mark.end.saturating_sub(mark.start).max(1));
            let head = match start {
                0 => "#".to_owned() + &"^".repeat(len.max(2) - 1),
                1 => " #".to_owned() + &"^".repeat(len.max(2) - 1),
                n => comment.to_owned() + &" ".repeat(n - comment.len()) + &"^".repeat(len),
            };
            let line = format!("{head} {}", mark.message);
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    if more > 0 {
        out.push_str(&format!("{comment} and {more} more\n"));
    }
    out
}

/// What is found, with the parts of messages that the marks already have. Both are sorted.
pub(super) fn reworded(found: &[Mark], marks: &[Mark]) -> Vec<Mark> {
    let mut found = found.to_vec();
    for mark in &mut found {
        let from = marks.partition_point(|m| m.line < mark.line);
        let mut here = marks[from..].iter().take_while(|m| m.line == mark.line);
        if let Some(old) = here.find(|m| mark.says(m)) {
            mark.message = Rc::clone(&old.message);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(line: usize, start: usize, end: usize, message: &str) -> Mark {
        Mark { line, start, end, message: message.into(), help: "".into() }
    }

    #[test]
    fn marks_and_findings_agree_one_to_one() {
        let a = mark(0, 1, 2, "one two");
        let b = mark(0, 1, 2, "three");
        let c = mark(1, 1, 2, "one");
        let all = [a.clone(), b.clone(), c.clone()];
        assert!(agree(&all, &all));
        assert!(agree(
            &[mark(0, 1, 2, ""), mark(0, 1, 2, "two"), c.clone()],
            &[b.clone(), a.clone(), c.clone()]
        ));
        assert!(!agree(&all[..2], &all) && !agree(&all, &all[..2]) && !agree(&all, &all[1..]));
        assert!(!agree(&[mark(0, 1, 3, "")], &[mark(0, 1, 2, "")]));
        assert!(!agree(&[mark(0, 1, 2, "four")], &[b]));
        let with_help = [Mark { help: "write five".into(), ..mark(0, 1, 2, "one") }];
        assert!(agree(&[mark(0, 1, 2, "help: five")], &with_help));
        assert!(
            !agree(&[mark(0, 1, 2, "help: six")], &with_help) && !agree(&[mark(0, 1, 2, "five")], &with_help)
        );
    }

    #[test]
    fn carets_mark_columns() {
        let text = "FROM 소스 b\n#    ^^ ^ one two \n#^^^\nRUN x\n #^\n# no ^ carets\n  # ^^\n";
        let (clean, got) = marks(text);
        assert_eq!(clean, "FROM 소스 b\nRUN x\n# no ^ carets\n");
        assert_eq!(
            got,
            [
                mark(0, 0, 4, ""),
                mark(0, 5, 7, "one two"),
                mark(0, 8, 9, "one two"),
                mark(1, 1, 3, ""),
                mark(2, 4, 6, ""),
            ]
        );
        assert_eq!(marks(&render(&clean, &got, "#")), (clean, got));
        let json = "{\n  \"a\": 1\n//     ^ one\n}\n";
        let (clean, got) = marks(json);
        assert_eq!(got, [mark(1, 7, 8, "one")]);
        assert_eq!(render(&clean, &got, "//"), json);
    }
}
