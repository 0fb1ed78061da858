use std::collections::HashMap;
use std::io::{self, Write};

use crate::diag::{FileReport, Finding, RunReport};

use super::place::Places;
use super::xml::{HEAD, escape};
use super::{Counts, message};

/// JUnit, as the schema of Jenkins wants it: a suite for each file, a test for each finding. A file without
/// findings is a test that passes: where there is no test at all, many readers fail. So is a finding that fails no run, since
/// readers know failures of one degree only; its text is what the test has printed.
pub(super) fn write(
    out: &mut dyn Write,
    report: &RunReport,
    fails: &dyn Fn(&str, &Finding) -> bool,
) -> io::Result<()> {
    let failing = |file: &FileReport| file.findings.iter().filter(|f| fails(&file.path, f)).count();
    let failures: usize = report.files.iter().map(failing).sum();
    let errors = report.problems.len();
    let passed = report.files.iter().filter(|file| file.findings.is_empty()).count();
    let alone = report.files.is_empty() && errors == 0;
    let tests = Counts::of(report).total() + errors + passed + usize::from(alone);
    writeln!(out, "{HEAD}")?;
    writeln!(
        out,
        "<testsuites name=\"dlint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    )?;
    if errors > 0 {
        writeln!(out, "  <testsuite name=\"dlint\" tests=\"{errors}\" failures=\"0\" errors=\"{errors}\">")?;
        let mut names = Names::default();
        for problem in &report.problems {
            let path = problem.path.as_deref().unwrap_or("dlint");
            let name = names.unique(&format!("{path} dlint"), "dlint");
            writeln!(out, "    <testcase name=\"{name}\" classname=\"{}\">", escape(path))?;
            writeln!(out, "      <error message=\"{}\"/>", escape(&problem.message))?;
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    for file in &report.files {
        suite(out, file, failing(file), fails)?;
    }
    if alone {
        writeln!(out, "  <testsuite name=\"dlint\" tests=\"1\" failures=\"0\" errors=\"0\">")?;
        writeln!(out, "    <testcase name=\"dlint\" classname=\"dlint\"/>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(
    out: &mut dyn Write,
    file: &FileReport,
    failures: usize,
    fails: &dyn Fn(&str, &Finding) -> bool,
) -> io::Result<()> {
    let path = escape(&file.path);
    let tests = file.findings.len().max(1);
    writeln!(
        out,
        "  <testsuite name=\"{path}\" file=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">"
    )?;
    if file.findings.is_empty() {
        writeln!(out, "    <testcase name=\"dlint\" classname=\"{path}\"/>")?;
    }
    let places = Places::new(&file.source);
    let mut names = Names::default();
    for finding in &file.findings {
        let (at, _) = places.span(places.visible(finding.span));
        let (line, column, kind) = (at.line, at.column, finding.severity.name());
        let message = escape(&message(finding)).into_owned();
        let name = format!("{} {line}:{column}", finding.rule);
        let name = names.unique(&name, &escape(&name));
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\">")?;
        if fails(&file.path, finding) {
            writeln!(
                out,
                "      <failure type=\"{kind}\" message=\"{message}\">{path}:{line}:{column}: {message}</failure>"
            )?;
        } else {
            writeln!(out, "      <system-out>{path}:{line}:{column}: {kind}: {message}</system-out>")?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

/// The names of the tests of a suite: readers take two tests of one name for one.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    /// `shown`, with a number if `name` was there before.
    fn unique(&mut self, name: &str, shown: &str) -> String {
        let count = self.0.entry(name.to_owned()).or_default();
        *count += 1;
        if *count == 1 { shown.to_owned() } else { format!("{shown} ({count})") }
    }
}
