use std::io::{self, Write};

use crate::diag::{RunReport, Severity};

use super::place::Places;
use super::repository::RepositoryPaths;
use super::sanitize::sanitize;
use super::{Rules, message_from_top};

/// The longest message, description or path that TeamCity takes, in characters.
const TEXT: usize = 4000;
/// The longest name, category or id.
const NAME: usize = 255;
/// The longest id of a build problem.
const IDENTITY: usize = 60;

/// Service messages of TeamCity: inspections of the types that they name first, and build problems.
pub(super) fn write(
    out: &mut dyn Write,
    report: &RunReport,
    rules: &Rules<'_>,
    paths: &RepositoryPaths,
) -> io::Result<()> {
    for problem in &report.problems {
        let place = problem.place.as_ref().map(|(source, span)| Places::new(source).at(span.start));
        let text = match (&problem.path, place) {
            (Some(path), Some(at)) => {
                format!("{}:{}:{}: {}", paths.of(path), at.line, at.column, problem.message)
            }
            (Some(path), None) => format!("{}: {}", paths.of(path), problem.message),
            (None, _) => problem.message.clone(),
        };
        let id = format!("dlint{:016x}", crate::text::fnv([text.as_str()]));
        message_of(out, "buildProblem", &[("description", &text, TEXT), ("identity", &id, IDENTITY)])?;
    }
    for name in &rules.names {
        let info = rules.get(name);
        let (summary, category) = info.map_or((*name, "other"), |info| (info.summary, info.category));
        let category = format!("dlint: {category}");
        let description = match info.and_then(|info| info.link.as_deref()) {
            Some(link) => format!("{summary}: {link}"),
            None => summary.to_owned(),
        };
        message_of(
            out,
            "inspectionType",
            &[
                ("id", name, NAME),
                ("name", name, NAME),
                ("category", &category, NAME),
                ("description", &description, TEXT),
            ],
        )?;
    }
    for file in &report.files {
        let places = Places::new(&file.source);
        let path = paths.of(&file.path);
        for finding in &file.findings {
            let (at, _) = places.span(places.visible(finding.span));
            let severity = match finding.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Info => "INFO",
            };
            message_of(
                out,
                "inspection",
                &[
                    ("typeId", &finding.rule, NAME),
                    ("message", &message_from_top(finding, paths), TEXT),
                    ("file", path, TEXT),
                    ("line", &at.line.to_string(), NAME),
                    ("SEVERITY", severity, NAME),
                ],
            )?;
        }
    }
    Ok(())
}

/// One message with its attributes and how long each may be.
fn message_of(out: &mut dyn Write, name: &str, attributes: &[(&str, &str, usize)]) -> io::Result<()> {
    write!(out, "##teamcity[{name}")?;
    for (key, value, longest) in attributes {
        write!(out, " {key}='{}'", escape(value, *longest))?;
    }
    writeln!(out, "]")
}

/// A value of at most `longest` characters before it is escaped.
fn escape(text: &str, longest: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in sanitize(text).chars().take(longest) {
        if matches!(c, '|' | '\'' | '[' | ']') {
            out.push('|');
            out.push(c);
        } else if c.is_ascii() {
            out.push(c);
        } else {
            // Agents may read another encoding than UTF-8, and surrogates are what the escape has room for.
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("|0x{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What TeamCity makes of a value.
    fn undone(text: &str) -> String {
        let mut units = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let c = if c == '|' {
                rest.next().unwrap()
            } else {
                units.extend(c.encode_utf16(&mut [0; 2]).iter());
                continue;
            };
            match c {
                'n' => units.push(10),
                'r' => units.push(13),
                '0' => {
                    assert_eq!(rest.next(), Some('x'));
                    let digits: String = rest.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                }
                c => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            }
        }
        String::from_utf16(&units).unwrap()
    }

    #[test]
    fn teamcity_undoes_the_escapes() {
        for text in ["plain", "it's |0x41 [x] | '", "소스 🐳 é"] {
            let escaped = escape(text, TEXT);
            assert_eq!(undone(&escaped), text);
            assert!(escaped.is_ascii() && !escaped.replace("|'", "").contains('\''), "{escaped}");
        }
        assert_eq!(escape("a\n]", TEXT), "a\\n|]");
        assert_eq!(escape("|||", 2), "||||");
    }
}
