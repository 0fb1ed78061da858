//! Where Go's `yaml` package refuses a tab: as indentation, and after the `-` of a list.

use std::ops::Range;

use super::Style;

/// The parts of a text in which tabs are text, or may stand between tokens.
#[derive(Debug, Default)]
pub(super) struct Tabs {
    /// In order, and none in another.
    parts: Vec<Part>,
    /// Where the outermost `[` or `{` is that is open, and how many are.
    flow: Option<(usize, usize)>,
}

#[derive(Debug)]
struct Part {
    range: Range<usize>,
    /// Whether a line may begin with a tab here, as in quotes and brackets.
    leading: bool,
}

impl Tabs {
    pub(super) fn scalar(&mut self, range: &Range<usize>, style: Style) {
        if self.flow.is_none() {
            let leading = matches!(style, Style::Single | Style::Double);
            self.parts.push(Part { range: range.clone(), leading });
        }
    }

    pub(super) fn open_flow(&mut self, start: usize) {
        let (outermost, depth) = self.flow.unwrap_or((start, 0));
        self.flow = Some((outermost, depth + 1));
    }

    pub(super) fn close_flow(&mut self, end: usize) {
        self.flow = match self.flow {
            Some((outermost, 1)) => {
                self.parts.push(Part { range: outermost..end, leading: true });
                None
            }
            Some((outermost, depth)) => Some((outermost, depth - 1)),
            None => None,
        };
    }

    /// The first tab that is refused.
    pub(super) fn fault(&self, text: &str) -> Option<usize> {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let at = if line.contains('\t') { self.fault_in(line, start) } else { None };
            if at.is_some() {
                return at;
            }
            start += line.len();
        }
        None
    }

    fn fault_in(&self, line: &str, start: usize) -> Option<usize> {
        if line.starts_with('\t') {
            return self.part(start).is_none_or(|part| !part.leading).then_some(start);
        }
        let mut at = line.len() - line.trim_start_matches(' ').len();
        while let Some(rest) = line[at..].strip_prefix('-') {
            let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            if blank == 0 || self.part(start + at).is_some() {
                break;
            }
            if let Some(tab) = rest[..blank].find('\t') {
                return Some(start + at + 1 + tab);
            }
            at += 1 + blank;
        }
        None
    }

    fn part(&self, at: usize) -> Option<&Part> {
        let index = self.parts.partition_point(|part| part.range.start <= at);
        self.parts[..index].last().filter(|part| at < part.range.end)
    }
}
