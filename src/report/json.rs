use std::io::{self, Write};

use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::ser::Formatter;

use crate::diag::{Applicability, Finding, Problem, RunReport, Saving};
use crate::text::{Position, Span};

use super::place::Places;
use super::sanitize::{is_hidden, json_escape};
use super::{Counts, Rules, saved};

/// One document; findings are written one by one.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, rules: &Rules<'_>) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        version: u8,
        files: Files<'a>,
        problems: Vec<ProblemEntry<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        notes: Vec<ProblemEntry<'a>>,
        summary: Summary<'a>,
    }
    let problems = report.problems.iter().map(ProblemEntry::of).collect();
    let notes = report.notes.iter().map(ProblemEntry::of).collect();
    let files = Files { report, rules };
    to_writer(out, &Document { version: 1, files, problems, notes, summary: Summary::of(report) })
}

/// Writes `value` indented, with a line end; what a viewer should not get raw is escaped.
pub(super) fn to_writer(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    // Pieces are short and many: a buffer of a known type takes them without a call for each.
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Pretty::default()))?;
    writeln!(out)?;
    out.flush()
}

/// A position, and the same as a byte offset.
#[derive(serde::Serialize)]
struct Place {
    line: u32,
    column: u32,
    byte: u32,
}

impl Place {
    fn range((start, end): (Position, Position), span: Span) -> (Self, Self) {
        let place = |at: Position, byte| Self { line: at.line, column: at.column, byte };
        (place(start, span.start), place(end, span.end))
    }
}

struct Files<'a> {
    report: &'a RunReport,
    rules: &'a Rules<'a>,
}

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct File<'a> {
            path: &'a str,
            /// The folder that was taken for its build context, where nobody has told it.
            #[serde(skip_serializing_if = "Option::is_none")]
            context: Option<&'a str>,
            /// What was taken for its builder and is not BuildKit, where nobody has told it.
            #[serde(skip_serializing_if = "Option::is_none")]
            builder: Option<&'a str>,
            suppressed: usize,
            findings: Findings<'a>,
        }
        let mut seq = serializer.serialize_seq(Some(self.report.files.len()))?;
        for file in &self.report.files {
            let findings = Findings { file, rules: self.rules };
            let (path, context) = (&*file.path, file.context.as_deref());
            let builder = file.builder.as_ref().map(|builder| builder.name);
            seq.serialize_element(&File { path, context, builder, suppressed: file.suppressed, findings })?;
        }
        seq.end()
    }
}

struct Findings<'a> {
    file: &'a crate::diag::FileReport,
    rules: &'a Rules<'a>,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.file.findings.len()))?;
        if self.file.findings.is_empty() {
            return seq.end();
        }
        let places = Places::new(&self.file.source);
        for finding in &self.file.findings {
            seq.serialize_element(&FindingEntry::of(finding, &places, self.rules))?;
        }
        seq.end()
    }
}

#[derive(serde::Serialize)]
struct FindingEntry<'a> {
    rule: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    aliases: Vec<&'a str>,
    severity: &'static str,
    category: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    start: Place,
    end: Place,
    labels: Vec<LabelEntry<'a>>,
    fix: Option<FixEntry<'a>>,
    saving: Option<&'a Saving>,
    /// The builds that it holds for, if not for all.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    builds: &'a [String],
}

#[derive(serde::Serialize)]
struct LabelEntry<'a> {
    text: &'a str,
    start: Place,
    end: Place,
}

#[derive(serde::Serialize)]
struct FixEntry<'a> {
    applicability: &'static str,
    title: &'a str,
    edits: Vec<EditEntry<'a>>,
}

#[derive(serde::Serialize)]
struct EditEntry<'a> {
    start: Place,
    end: Place,
    text: &'a str,
}

impl<'a> FindingEntry<'a> {
    fn of(finding: &'a Finding, places: &Places<'_>, rules: &'a Rules<'a>) -> Self {
        let (start, end) = Place::range(places.span(finding.span), finding.span);
        let range = |span: Span| Place::range((places.at(span.start), places.at(span.end)), span);
        let label = |label: &'a crate::diag::Label| {
            let (start, end) = range(label.span);
            LabelEntry { text: &label.text, start, end }
        };
        let edit = |edit: &'a crate::text::Edit| {
            let (start, end) = range(edit.span);
            EditEntry { start, end, text: &edit.text }
        };
        Self {
            rule: &finding.rule,
            kind: finding.kind,
            aliases: rules.aliases(finding),
            severity: finding.severity.name(),
            category: rules.get(&finding.rule).map(|info| info.category),
            message: &finding.message,
            help: finding.help.as_deref(),
            start,
            end,
            labels: finding.labels.iter().map(label).collect(),
            fix: finding.fix.as_ref().map(|fix| FixEntry {
                applicability: fix.applicability.name(),
                title: &fix.title,
                edits: fix.edits.iter().map(edit).collect(),
            }),
            saving: finding.saving.as_ref(),
            builds: &finding.builds,
        }
    }
}

#[derive(serde::Serialize)]
struct ProblemEntry<'a> {
    path: Option<&'a str>,
    message: &'a str,
    help: Option<&'a str>,
    start: Option<Place>,
    end: Option<Place>,
}

impl<'a> ProblemEntry<'a> {
    fn of(problem: &'a Problem) -> Self {
        let place = problem.place.as_ref();
        let range = place.map(|(source, span)| Place::range(Places::new(source).span(*span), *span));
        let (start, end) = range.unzip();
        Self {
            path: problem.path.as_deref(),
            message: &problem.message,
            help: problem.help.as_deref(),
            start,
            end,
        }
    }
}

#[derive(serde::Serialize)]
struct Summary<'a> {
    checked: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    known: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<usize>,
    fixable: usize,
    fixable_unsafe: usize,
    fixed: usize,
    refused: Vec<RefusalEntry<'a>>,
    saving_bytes: u64,
    elapsed_ms: u64,
}

#[derive(serde::Serialize)]
struct RefusalEntry<'a> {
    path: &'a str,
    rule: &'a str,
    reason: &'a str,
}

impl<'a> Summary<'a> {
    fn of(report: &'a RunReport) -> Self {
        let counts = Counts::of(report);
        let refused = report.refused.iter();
        Self {
            checked: report.checked,
            errors: counts.error,
            warnings: counts.warning,
            infos: counts.info,
            suppressed: report.files.iter().map(|f| f.suppressed).sum(),
            known: report.known,
            before: report.before,
            fixable: super::fixable(report, Applicability::Safe),
            fixable_unsafe: super::fixable(report, Applicability::Unsafe),
            fixed: report.fixed,
            refused: refused
                .map(|r| RefusalEntry { path: &r.path, rule: &r.rule, reason: &r.reason })
                .collect(),
            saving_bytes: saved(report).bytes,
            elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// Indents by two blanks, and escapes what JSON would allow raw: DEL, C1 and bidirectional controls,
/// separators.
#[derive(Default)]
struct Pretty {
    depth: usize,
    /// The array or object that was left last, or is written, holds something.
    filled: bool,
}

impl Pretty {
    fn open(&mut self, out: &mut (impl ?Sized + Write), bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    fn close(&mut self, out: &mut (impl ?Sized + Write), bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.start_line(out, true)?;
        }
        out.write_all(bracket)
    }

    /// A new line, behind a comma if something stands before it: most lines at one go, for half of a
    /// report is indentation.
    fn start_line(&self, out: &mut (impl ?Sized + Write), first: bool) -> io::Result<()> {
        const LINE: &[u8] = b",\n                                ";
        let start = LINE.len().min(2 + 2 * self.depth);
        out.write_all(&LINE[usize::from(first)..start])?;
        (start..2 + 2 * self.depth).try_for_each(|_| out.write_all(b" "))
    }
}

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.bytes().fold(0, u8::max) < b'\x7f' {
            return out.write_all(fragment.as_bytes());
        }
        let mut done = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| is_hidden(*c)) {
            out.write_all(fragment.get(done..at).unwrap_or("").as_bytes())?;
            out.write_all(json_escape(c).as_bytes())?;
            done = at + c.len_utf8();
        }
        out.write_all(fragment.get(done..).unwrap_or("").as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.start_line(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.start_line(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}
