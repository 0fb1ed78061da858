use std::fmt;

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use crate::text::{Source, Span};

/// Something that kept dlint from doing its work: an unreadable file, a wrong configuration. Any of
/// these makes the exit code 2.
///
/// It is a [`miette::Diagnostic`], so that other programs can show it with a handler of theirs.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Problem {
    /// The file that it is about.
    pub path: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The exact characters, if they are known, and the text that holds them.
    pub place: Option<(Source, Span)>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (self.path.is_some() || self.place.is_some()).then_some(self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.place.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::underline(span.range()))))
    }
}

/// The text that holds the place, by the name of the file; empty where only the file is known.
impl SourceCode for Problem {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let bytes = self.place.as_ref().map_or(&[][..], |(source, _)| source.bytes());
        let read = bytes.read_span(span, lines_before, lines_after)?;
        let (line, column, count) = (read.line(), read.column(), read.line_count());
        Ok(Box::new(match &self.path {
            Some(path) => {
                MietteSpanContents::new_named(path.clone(), read.data(), *read.span(), line, column, count)
            }
            None => MietteSpanContents::new(read.data(), *read.span(), line, column, count),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrated(problem: &Problem) -> String {
        let mut out = String::new();
        miette::NarratableReportHandler::new().render_report(&mut out, problem).unwrap();
        out
    }

    #[test]
    fn other_handlers_can_show_it() {
        let text = "[severity]\nno-user = \"eror\"\n";
        let problem = Problem {
            path: Some("dlint.toml".to_owned()),
            message: "`eror` is not a severity".to_owned(),
            help: Some("write `error`".to_owned()),
            place: Some((Source::from_text("dlint.toml", text), Span::new(21, 27))),
        };
        assert_eq!(
            narrated(&problem),
            "`eror` is not a severity\n    Diagnostic severity: error\n\
             Begin snippet for dlint.toml starting at line 1, column 1\n\n\
             snippet line 1: [severity]\nsnippet line 2: no-user = \"eror\"\n    \
             label at line 2, columns 11 to 16\ndiagnostic help: write `error`\n"
        );
        let unread = Problem { place: None, help: None, ..problem };
        assert_eq!(narrated(&unread), "`eror` is not a severity\n    Diagnostic severity: error\n");
    }
}
