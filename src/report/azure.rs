use std::io::{self, Write};

use crate::diag::{RunReport, Severity};
use crate::text::Position;

use super::message_from_top;
use super::place::Places;
use super::repository::RepositoryPaths;
use super::sanitize::sanitize;

/// Logging commands of Azure Pipelines. It has errors and warnings only, so an info is a warning.
pub(super) fn write(out: &mut dyn Write, report: &RunReport, paths: &RepositoryPaths) -> io::Result<()> {
    for problem in &report.problems {
        let at = problem.place.as_ref().map(|(source, span)| Places::new(source).at(span.start));
        issue(
            out,
            "error",
            problem.path.as_deref().map(|path| paths.of(path)),
            at,
            "dlint",
            &problem.message,
        )?;
    }
    for file in &report.files {
        let places = Places::new(&file.source);
        let path = Some(paths.of(&file.path));
        for finding in &file.findings {
            let (at, _) = places.span(places.visible(finding.span));
            let kind = if finding.severity == Severity::Error { "error" } else { "warning" };
            issue(out, kind, path, Some(at), &finding.rule, &message_from_top(finding, paths))?;
        }
    }
    Ok(())
}

fn issue(
    out: &mut dyn Write,
    kind: &str,
    path: Option<&str>,
    at: Option<Position>,
    code: &str,
    text: &str,
) -> io::Result<()> {
    write!(out, "##vso[task.logissue type={kind};")?;
    if let Some(path) = path {
        write!(out, "sourcepath={};", escape(path))?;
    }
    if let Some(at) = at {
        write!(out, "linenumber={};columnnumber={};", at.line, at.column)?;
    }
    writeln!(out, "code={};]{}", escape(code), escape(text))
}

/// A value, as the agent escapes it; the percent sign last where it is undone, and so first here.
fn escape(text: &str) -> String {
    sanitize(text).replace('%', "%AZP25").replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the agent makes of a value.
    fn undone(text: &str) -> String {
        let text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
        text.replace("%AZP25", "%")
    }

    #[test]
    fn the_agent_undoes_the_escapes() {
        for text in ["plain 소스", "a;b]c%d", "%3B %5D %AZP25 %25", "];type=error;", "100 %"] {
            let escaped = escape(text);
            assert_eq!(undone(&escaped), text);
            assert!(!escaped.contains([';', ']']), "{escaped}");
        }
        assert_eq!(escape("a\n##vso[task.complete]"), "a\\n#\\u{23}vso[task.complete%5D");
    }
}
