use std::io::{self, Write};

use crate::diag::{FileReport, RunReport};

use super::place::Places;
use super::xml::{HEAD, escape};
use super::{Counts, message};

/// JUnit: a suite for each file, a test for each finding. A file without findings is a test that passes:
/// where there is no test at all, many readers fail.
pub(super) fn write(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let failures = Counts::of(report).total();
    let errors = report.problems.len();
    let passed = report.files.iter().filter(|file| file.findings.is_empty()).count();
    let alone = report.files.is_empty() && errors == 0;
    let tests = failures + errors + passed + usize::from(alone);
    writeln!(out, "{HEAD}")?;
    writeln!(
        out,
        "<testsuites name=\"dlint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    )?;
    if errors > 0 {
        writeln!(out, "  <testsuite name=\"dlint\" tests=\"{errors}\" failures=\"0\" errors=\"{errors}\">")?;
        for problem in &report.problems {
            let path = problem.path.as_deref().unwrap_or("dlint");
            writeln!(out, "    <testcase name=\"dlint\" classname=\"{}\">", escape(path))?;
            writeln!(out, "      <error message=\"{}\"/>", escape(&problem.message))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    for file in &report.files {
        suite(out, file)?;
    }
    if alone {
        writeln!(out, "  <testsuite name=\"dlint\" tests=\"1\" failures=\"0\" errors=\"0\">")?;
        writeln!(out, "    <testcase name=\"dlint\" classname=\"dlint\"/>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(out: &mut dyn Write, file: &FileReport) -> io::Result<()> {
    let path = escape(&file.path);
    let failures = file.findings.len();
    let tests = failures.max(1);
    writeln!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    if failures == 0 {
        writeln!(out, "    <testcase name=\"dlint\" classname=\"{path}\"/>")?;
    }
    let places = Places::new(&file.source);
    for finding in &file.findings {
        let (at, _) = places.span(places.visible(finding.span));
        let (line, column, kind) = (at.line, at.column, finding.severity.name());
        let (rule, message) = (escape(&finding.rule), escape(&message(finding)).into_owned());
        writeln!(
            out,
            "    <testcase name=\"{rule}\" classname=\"{path}\" line=\"{line}\" column=\"{column}\">"
        )?;
        writeln!(
            out,
            "      <failure type=\"{kind}\" message=\"{message}\">{path}:{line}:{column}: {message}</failure>"
        )?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}
