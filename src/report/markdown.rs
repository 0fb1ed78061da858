use std::io::{self, Write};

use crate::diag::{FileReport, Finding, RunReport};

use super::place::Places;
use super::repository::RepositoryPaths;
use super::sanitize::sanitize;
use super::{Rules, built_by, human};

/// GitHub takes at most 1 MiB for the summary of a step, and shows nothing of a longer one.
const MOST: usize = 1_000_000;

/// A table in Markdown, as GitHub and GitLab read it.
pub(super) fn write(
    out: &mut dyn Write,
    report: &RunReport,
    rules: &Rules<'_>,
    paths: &RepositoryPaths,
) -> io::Result<()> {
    writeln!(out, "### dlint: {}\n", escape(&human::outcome(report).join("; ")))?;
    let notes = report.notes.iter().filter(|note| note.path.is_some()).map(|note| ("note", note));
    let said: Vec<_> = report.problems.iter().map(|problem| ("error", problem)).chain(notes).collect();
    for (level, problem) in &said {
        let place = problem.place.as_ref().map(|(source, span)| Places::new(source).at(span.start));
        write!(out, "- **{level}** ")?;
        if let Some(path) = &problem.path {
            let line = place.map(|at| format!(":{}", at.line)).unwrap_or_default();
            write!(out, "{}: ", code(&format!("{}{line}", paths.of(path))))?;
        }
        write!(out, "{}", text(&problem.message))?;
        match &problem.help {
            Some(help) => writeln!(out, " ({})", text(help))?,
            None => writeln!(out)?,
        }
    }
    if !said.is_empty() {
        writeln!(out)?;
    }
    let all: usize = report.files.iter().map(|file| file.findings.len()).sum();
    if all == 0 {
        return Ok(());
    }
    writeln!(out, "| | where | what | saves |\n| --- | --- | --- | ---: |")?;
    let mut written = 0;
    let mut rows = 0;
    for file in &report.files {
        let places = Places::new(&file.source);
        for finding in &file.findings {
            let row = row(file, finding, &places, rules, paths);
            written += row.len();
            if written > MOST {
                return writeln!(out, "\nand {} more", all - rows);
            }
            rows += 1;
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

fn row(
    file: &FileReport,
    finding: &Finding,
    places: &Places<'_>,
    rules: &Rules<'_>,
    paths: &RepositoryPaths,
) -> String {
    let (at, _) = places.span(places.visible(finding.span));
    let name = escape(&finding.rule);
    let rule = match rules.get(&finding.rule).and_then(|info| info.link.as_deref()) {
        Some(link) => format!("[{name}](<{}>)", link.replace(['<', '>', '|', '\n'], "")),
        None => name,
    };
    let place = code(&format!("{}:{}", paths.of(&file.path), at.line));
    let help = finding.help.as_ref().map(|help| format!("<br>{}", text(help))).unwrap_or_default();
    let saves = finding.saving.as_ref().map(|saving| escape(&saving.amount())).unwrap_or_default();
    let builds = built_by(finding, paths).map(|builds| format!(" ({builds})")).unwrap_or_default();
    let message = text(&format!("{}{builds}", finding.message));
    format!("| {} | {place} | **{rule}**: {message}{help} | {saves} |", finding.severity)
}

/// A message: what stands between backticks is code, all else is plain.
pub(super) fn text(message: &str) -> String {
    let pieces: Vec<&str> = message.split('`').collect();
    let mut out = String::with_capacity(message.len() + 32);
    for (at, piece) in pieces.iter().enumerate() {
        match at % 2 {
            // A backtick without a partner is one.
            1 if at + 1 == pieces.len() => {
                out.push_str("\\`");
                out.push_str(&escape(piece));
            }
            1 if piece.is_empty() => {}
            1 => out.push_str(&code(piece)),
            _ => out.push_str(&escape(piece)),
        }
    }
    out
}

/// Code, as a tag: a span of backticks cannot hold all characters, in tables least of all.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// Plain text on one line: no link, no tag, no mention comes of it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in sanitize(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // An escape keeps these from nothing: services look for names and numbers in what was made of it.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.replace("://", "\\://").replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader of Markdown shows of text in a table.
    fn undone(text: &str) -> String {
        let text = text.replace("<!-- -->", "").replace("<code>", "").replace("</code>", "");
        assert!(!text.contains(['<', '>']), "{text}");
        let mut out = String::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            out.push(if c == '\\' { rest.next().unwrap() } else { c });
        }
        out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn a_reader_undoes_the_escapes() {
        for plain in [
            "plain 소스",
            "a|b <script>x</script> &amp; \\ [x](y) ![i](j) *b* _u_ ~~s~~ $m$",
            "@user #12 https://example.com www.example.com",
        ] {
            assert_eq!(undone(&escape(plain)), plain);
            assert!(!escape(plain).contains("s://") && !escape(plain).contains("www.e"));
        }
        assert_eq!(text("use `a|b` and `c`"), "use <code>a\\|b</code> and <code>c</code>");
        assert_eq!(undone(&text("one ` alone")), "one ` alone");
        assert_eq!(undone(&text("`a``b`")), "ab");
        assert_eq!(escape("a\nb"), "a\\\\nb");
    }
}
