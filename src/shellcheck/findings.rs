//! From what the program says to findings at exact places.

use std::ops::Range;

use crate::diag::{Finding, Fix, Label, Severity};
use crate::text::{Arrange, Edit, Span};

use super::answer::{Comment, Level, Replacement, Side};
use super::job::{Input, Job};
use super::places::Places;
use super::program::Version;
use super::{RULE, page};

/// Findings on variables that nothing seems to set.
const UNSET: [u16; 2] = [2153, 2154];
/// The finding on a variable that splits into words, which is what lists of packages are for.
const SPLITS: u16 = 2086;
/// The finding on a carriage return, of which each line may have one.
const CARRIAGE_RETURN: u16 = 1017;
/// The finding on several blanks in a row that were meant to be printed.
const REPEATED_BLANKS: u16 = 2291;

/// The finding on what cannot be parsed, and those on what that is a part of.
const FAULT: u16 = 1072;
const PARTS_OF_FAULT: [u16; 2] = [1009, 1073];

/// Longer messages are cut, in characters.
const MAX_MESSAGE: usize = 400;
/// A longer text is not shown as the outcome of a fix, in characters.
const MAX_SHOWN: usize = 60;

/// The findings in a script, in the program's order; those below `least` are left out.
pub(super) fn findings(job: &Job, version: Version, comments: &[Comment], least: Level) -> Vec<Finding> {
    let input = job.input(version);
    let places = Places::new(job.script.text());
    let reader = Reader { job, input: &input, places: &places };
    let counts = |c: &&Comment| {
        let unset = UNSET.contains(&c.code) && job.sets_unseen;
        c.level >= least && !unset && !job.dialect.mutes(version, c.code)
    };
    let read = |comment: &Comment| Some((comment.code, reader.finding(comment)?));
    let mut found: Vec<_> = comments.iter().filter(counts).filter_map(read).collect();
    let mut returns = 0;
    found.retain(|(code, _)| {
        returns += usize::from(*code == CARRIAGE_RETURN);
        *code != CARRIAGE_RETURN || returns == 1
    });
    one_for_a_fault(found)
}

/// Makes one finding of those that say that a script cannot be parsed, that and where.
fn one_for_a_fault(findings: Vec<(u16, Finding)>) -> Vec<Finding> {
    let faults = findings.iter().any(|(code, _)| *code == FAULT);
    let is_part = |(code, _): &(u16, Finding)| faults && PARTS_OF_FAULT.contains(code);
    let (parts, mut all): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_part);
    if let Some((_, fault)) = all.iter_mut().find(|(code, _)| *code == FAULT) {
        fault.labels.extend(parts.into_iter().map(|(_, f)| Label { span: f.span, text: f.message }));
    }
    all.into_iter().map(|(_, finding)| finding).collect()
}

struct Reader<'a> {
    job: &'a Job,
    input: &'a Input,
    places: &'a Places<'a>,
}

impl Reader<'_> {
    fn finding(&self, comment: &Comment) -> Option<Finding> {
        let start = self.offset(comment.line, comment.column)?;
        let end = self.offset(comment.end_line, comment.end_column)?.max(start);
        // Where lines are joined there are always some.
        if comment.code == REPEATED_BLANKS && !self.job.script.is_exact(&(start..end)) {
            return None;
        }
        let span = self.span(start..end);
        if comment.code == SPLITS && self.job.lists.contains(&span) {
            return None;
        }
        let severity = match comment.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info | Level::Style => Severity::Info,
        };
        let code = comment.code;
        let finding = Finding::new(format!("{RULE}:SC{code}"), severity, span, message(&comment.message))
            .help(format!("{} says more", page(code)))
            .alias(Some(format!("hadolint:SC{code}")));
        let fix = comment.fix.as_ref().and_then(|fix| self.fix(start..end, &fix.replacements));
        Some(match fix {
            Some(fix) => finding.fix(fix),
            None => finding,
        })
    }

    /// The byte of the script at a place in the input; `None` in the head.
    fn offset(&self, line: u32, column: u32) -> Option<usize> {
        let line = match line.checked_sub(self.input.head) {
            Some(line @ 1..) => line,
            // The script's own first line is that of the head.
            _ if line == 1 && self.input.shebang => 1,
            _ => return None,
        };
        Some(self.places.offset(line, column))
    }

    /// The place in the file; a point is a character.
    fn span(&self, range: Range<usize>) -> Span {
        let range = match self.places.character(range.start) {
            Some(character) if range.is_empty() => character.range(),
            _ => range,
        };
        self.job.script.span(range)
    }

    /// The fix of a finding at `range` of the script.
    fn fix(&self, range: Range<usize>, replacements: &[Replacement]) -> Option<Fix> {
        let mut edits = replacements.iter().map(|r| self.edit(r)).collect::<Option<Vec<_>>>()?;
        edits.arrange_by_key(|(range, _)| (range.start, range.end));
        // What belongs in which order in one place is not told.
        let apart = edits.windows(2).all(|e| e[0].0.end <= e[1].0.start && e[0].0 != e[1].0);
        if edits.is_empty() || !apart {
            return None;
        }
        let title = self.title(range, &edits);
        Some(Fix::uncertain(title, edits.into_iter().map(|(_, edit)| edit).collect::<Vec<_>>()))
    }

    /// A replacement, by its place in the script, and as an edit of the file.
    fn edit(&self, replacement: &Replacement) -> Option<(Range<usize>, Edit)> {
        let text = &replacement.replacement;
        let start = self.offset(replacement.line, replacement.column)?;
        let end = self.offset(replacement.end_line, replacement.end_column)?;
        let escaped = self.job.json && text.contains(['"', '\\']);
        if end < start || escaped || text.contains(char::is_control) || text.ends_with('\\') {
            return None;
        }
        let script = &self.job.script;
        let span = match replacement.insertion_point {
            Side::AfterEnd if start == end => Span::at(script.offset(start)),
            _ if script.is_exact(&(start..end)) => script.span(start..end),
            _ => return None,
        };
        Some((start..end, Edit::replace(span, text.clone())))
    }

    /// What the fix makes of its place, if that can be shown.
    fn title(&self, range: Range<usize>, edits: &[(Range<usize>, Edit)]) -> String {
        let start = edits.iter().map(|(r, _)| r.start).fold(range.start, usize::min);
        let end = edits.iter().map(|(r, _)| r.end).fold(range.end, usize::max);
        let text = self.job.script.text();
        let mut shown = String::new();
        let mut at = start;
        for (range, edit) in edits {
            shown.push_str(text.get(at..range.start).unwrap_or(""));
            shown.push_str(&edit.text);
            at = range.end;
        }
        shown.push_str(text.get(at..end).unwrap_or(""));
        let plain = !shown.is_empty() && !shown.contains(|c: char| c == '`' || c.is_control());
        if plain && shown.chars().nth(MAX_SHOWN).is_none() {
            format!("write `{shown}`")
        } else {
            "apply what ShellCheck suggests".to_owned()
        }
    }
}

/// What it says, as one line without a full stop.
fn message(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_MESSAGE).collect();
    let clean = clean.trim();
    match clean.strip_suffix('.') {
        Some(rest) if !rest.ends_with('.') => rest.to_owned(),
        _ => clean.to_owned(),
    }
}
