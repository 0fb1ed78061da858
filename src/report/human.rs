use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::diag::{Applicability, BuiltBy, Finding, Fix, Problem, RunReport, Severity, format_count};
use crate::text::Source;

use super::fit::Fitted;
use super::paint::{Ink, Paint, columns, link, visible, wrap};
use super::place::Places;
use super::sanitize::{path, sanitize};
use super::{Counts, Rules, Style, excerpt, fixable, in_order, saved};

/// For people: findings file by file, then problems, then one line that sums up.
pub(super) fn write(
    out: &mut dyn Write,
    report: &RunReport,
    rules: &Rules<'_>,
    style: &Style,
) -> io::Result<()> {
    let style = &Style { width: style.width.clamp(40, 200), ..*style };
    let paint = Paint { color: style.color };
    for (file, finding) in in_order(report, style) {
        let places = Places::new(&file.source);
        let name = path(&file.path);
        let (at, _) = places.span(places.visible(finding.span));
        let ink = Ink::from(finding.severity);
        let severity = paint.ink(ink, finding.severity.name());
        let place = format!("{name}:{}:{}", at.line, at.column);
        let page = rules.get(&finding.rule).and_then(|info| info.link.as_deref());
        let rule = link(&sanitize(&finding.rule), page.filter(|_| style.links));
        let head = format!("{severity}{} {place}", paint.ink(Ink::Bold, format!("[{rule}]")));
        let aliases = telling(&rules.aliases(finding)).join(" ");
        write!(out, "{head}")?;
        if !aliases.is_empty() {
            // What other tools call it goes below where it does not fit beside.
            let fits = !style.fit || visible(&head) + 2 + visible(&aliases) <= style.width;
            let gap = if fits { "  " } else { "\n  " };
            write!(out, "{gap}{}", paint.ink(Ink::Dim, sanitize(&aliases)))?;
        }
        writeln!(out)?;
        body(out, finding, &file.source, &places, style)?;
        writeln!(out)?;
    }
    write_end(out, report, style)
}

/// What follows the findings: what could not be done, and the sum.
pub(super) fn write_end(out: &mut dyn Write, report: &RunReport, style: &Style) -> io::Result<()> {
    let paint = Paint { color: style.color };
    for problem in &report.problems {
        write_problem(out, problem, Severity::Error, style)?;
        writeln!(out)?;
    }
    if style.quiet {
        return Ok(());
    }
    for note in &report.notes {
        write_problem(out, note, Severity::Info, style)?;
        writeln!(out)?;
    }
    guesses(out, report, style)?;
    builders(out, report, style)?;
    for refusal in &report.refused {
        let (name, rule) = (path(&refusal.path), sanitize(&refusal.rule));
        write!(out, "{} ", paint.ink(Ink::Bold, "not fixed:"))?;
        writeln!(out, "{name} [{rule}]: {}", sanitize(&refusal.reason))?;
    }
    summary(&mut Fitted::new(out, style), report, paint)
}

/// Says which folders were taken for build contexts that nobody has told: one line for each.
fn guesses(out: &mut dyn Write, report: &RunReport, style: &Style) -> io::Result<()> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in &report.files {
        if let Some(context) = &file.context {
            files.entry(context).or_default().push(&file.path);
        }
    }
    for (context, files) in files {
        let (first, context) = (path(files.first().unwrap_or(&"")), path(context));
        let whose = match files.len() {
            1 => format!("of {first}"),
            n => format!("of {first} and {} more", n - 1),
        };
        let note = format!(
            "the build context {whose} is taken to be `{context}`, since it has what it copies; use `--context` to set another"
        );
        paragraph(out, "note: ", &note, style)?;
    }
    Ok(())
}

/// Says which files were taken to be built by others than BuildKit, though nobody has told so: one line for each reason.
fn builders(out: &mut dyn Write, report: &RunReport, style: &Style) -> io::Result<()> {
    let mut files: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for file in &report.files {
        if let Some(BuiltBy { title, why, .. }) = &file.builder {
            files.entry((title, why)).or_default().push(&file.path);
        }
    }
    for ((title, why), files) in files {
        let (first, why) = (path(files.first().unwrap_or(&"")), sanitize(why));
        let which = match files.len() {
            1 => format!("{first} is taken to be built by {title}"),
            n => format!("{first} and {} more are taken to be built by {title}", n - 1),
        };
        // What holds for one of them holds for each.
        let why = match why.strip_prefix("it is ") {
            Some(rest) if files.len() > 1 => format!("they are {rest}"),
            _ => why.into_owned(),
        };
        let note = format!("{which}, because {why}; use `--builder` to choose another");
        paragraph(out, "note: ", &note, style)?;
    }
    Ok(())
}

/// At most three ids of other tools; none of a tool that has several for the rule, for they say nothing of
/// this very finding.
fn telling<'a>(aliases: &[&'a str]) -> Vec<&'a str> {
    let tool = |alias: &str| alias.split_once(':').map_or_else(String::new, |(tool, _)| tool.to_owned());
    let alone = |alias: &&&str| aliases.iter().filter(|a| tool(a) == tool(alias)).count() == 1;
    aliases.iter().filter(alone).take(3).copied().collect()
}

/// Everything below a finding's first line.
fn body(
    out: &mut dyn Write,
    finding: &Finding,
    source: &Source,
    places: &Places<'_>,
    style: &Style,
) -> io::Result<()> {
    let paint = Paint { color: style.color };
    paragraph(out, "", &finding.message, style)?;
    if !finding.builds.is_empty() {
        paragraph(out, "as built by ", &finding.builds.join(", "), style)?;
    }
    let place = (finding.span, finding.severity);
    let left = excerpt::draw(out, source, places, place, &finding.labels, style)?;
    for label in left {
        let at = places.at(label.span.start);
        paragraph(out, &format!("{}:{}: ", at.line, at.column), &label.text, style)?;
    }
    if let Some(cost) = &finding.saving {
        writeln!(out, "  {} {}", paint.ink(Ink::Good, "saves"), sanitize(&cost.to_string()))?;
    }
    if let Some(help) = &finding.help {
        paragraph(out, "help: ", help, style)?;
    }
    if let Some(fix) = &finding.fix {
        paragraph(out, fix_kind(fix), &fix.title, style)?;
    }
    Ok(())
}

const fn fix_kind(fix: &Fix) -> &'static str {
    match fix.applicability {
        Applicability::Display => "suggestion: ",
        Applicability::Unsafe => "fix available (--unsafe-fixes): ",
        Applicability::Safe => "fix available (--fix): ",
    }
}

/// `name` and `text`, wrapped below each other; line ends in the text are kept.
fn paragraph(out: &mut dyn Write, name: &str, text: &str, style: &Style) -> io::Result<()> {
    let paint = Paint { color: style.color };
    let indent = 2 + if name.len() > 8 { 2 } else { name.len() };
    for (i, line) in text.lines().enumerate() {
        let used = if i == 0 { 2 + name.chars().map(columns).sum::<usize>() } else { indent };
        match i {
            0 if name.is_empty() => write!(out, "  ")?,
            0 => write!(out, "  {} ", paint.ink(Ink::Bold, name.trim_end()))?,
            _ => write!(out, "{:indent$}", "")?,
        }
        wrap(out, &sanitize(line), indent, used, style.width)?;
    }
    Ok(())
}

/// A problem, which is an error, or a note, which is an info.
fn write_problem(
    out: &mut dyn Write,
    problem: &Problem,
    severity: Severity,
    style: &Style,
) -> io::Result<()> {
    let paint = Paint { color: style.color };
    write!(out, "{}", paint.ink(Ink::from(severity), severity.name()))?;
    let places = problem.place.as_ref().map(|(source, _)| Places::new(source));
    if let Some(name) = &problem.path {
        write!(out, " {}", path(name))?;
        if let (Some(places), Some((_, span))) = (&places, &problem.place) {
            let at = places.at(span.start);
            write!(out, ":{}:{}", at.line, at.column)?;
        }
    }
    if problem.place.is_some() {
        writeln!(out)?;
        paragraph(out, "", &problem.message, style)?;
    } else {
        writeln!(out, ": {}", sanitize(&problem.message))?;
    }
    if let (Some(places), Some((source, span))) = (&places, &problem.place) {
        excerpt::draw(out, source, places, (*span, severity), &[], style)?;
    }
    problem.help.as_ref().map_or(Ok(()), |help| paragraph(out, "help: ", help, style))
}

/// One line: how many, where, what they cost, what can be fixed, how long it took.
fn summary(out: &mut dyn Write, report: &RunReport, paint: Paint) -> io::Result<()> {
    let mut parts = sums(report, paint);
    match (fixable(report, Applicability::Safe), fixable(report, Applicability::Unsafe)) {
        (0, 0) => {}
        (safe, 0) => parts.push(format!("{safe} fixable with --fix")),
        (0, risky) => parts.push(format!("{risky} fixable with --unsafe-fixes")),
        (safe, risky) => parts.push(format!("{safe} fixable with --fix, {risky} more with --unsafe-fixes")),
    }
    let suppressed: usize = report.files.iter().map(|f| f.suppressed).sum();
    if suppressed > 0 {
        parts.push(format!("{suppressed} suppressed"));
    }
    if report.known > 0 {
        parts.push(format!("{} in the baseline", report.known));
    }
    if let Some(before) = report.before {
        parts.push(format!("{before} there before"));
    }
    if Counts::of(report).total() > 0 {
        parts.push("`dlint explain RULE` says why".to_owned());
    }
    let millis = report.elapsed.as_millis();
    let time = if millis < 1000 {
        format!("({millis} ms)")
    } else {
        format!("({}.{} s)", millis / 1000, millis % 1000 / 100)
    };
    writeln!(out, "{} {}", parts.join("; "), paint.ink(Ink::Dim, time))
}

/// How many findings there are, where, and what they cost: the same wherever a report sums up.
pub(super) fn outcome(report: &RunReport) -> Vec<String> {
    sums(report, Paint { color: false })
}

fn sums(report: &RunReport, paint: Paint) -> Vec<String> {
    let counts = Counts::of(report);
    let mut parts = Vec::new();
    let by_severity = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")];
    let found: Vec<String> = by_severity
        .into_iter()
        .filter(|(severity, _)| counts.get(*severity) > 0)
        .map(|(s, name)| paint.ink(Ink::from(s), plural(counts.get(s), name)).to_string())
        .collect();
    if counts.total() == 0 {
        parts.push(format!("{}, no findings", plural(report.checked, "file")));
    } else {
        let with = report.files.iter().filter(|f| !f.findings.is_empty()).count();
        let checked = report.checked.max(with);
        let of = if with == checked { String::new() } else { format!("{with} of ") };
        parts.push(format!("{} in {of}{}", found.join(", "), plural(checked, "file")));
    }
    if !report.problems.is_empty() {
        parts.push(paint.ink(Ink::Error, plural(report.problems.len(), "problem")).to_string());
    }
    if report.fixed > 0 {
        parts.push(paint.ink(Ink::Good, format!("{} fixed", report.fixed)).to_string());
    }
    let saves = saved(report);
    if saves.bytes > 0 {
        let saves = format!("{} could be saved", saves.amount());
        parts.push(paint.ink(Ink::Good, saves).to_string());
    }
    parts
}

/// A number and its noun: `1 error`, `2 errors`.
fn plural(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", format_count(n as u64), if n == 1 { "" } else { "s" })
}
