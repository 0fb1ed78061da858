use std::io::{self, Write};

use serde::Serialize;

use crate::rules::{Category, FixKind, Needs, Preset, RULES, Text};

use super::Exit;
use super::args::{RulesArgs, TableFormatArg};

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    aliases: &'a [Text],
    category: Category,
    severity: crate::diag::Severity,
    preset: Preset,
    fix: FixKind,
    needs: Needs,
    since: &'a str,
    summary: &'a str,
}

/// Lists the rules.
pub(super) fn run(args: &RulesArgs) -> io::Result<Exit> {
    let rows: Vec<Row<'_>> = RULES
        .iter()
        .map(|r| &r.meta)
        .map(|m| Row {
            name: &m.name,
            aliases: &m.aliases,
            category: m.category,
            severity: m.severity,
            preset: m.preset,
            fix: m.fix,
            needs: m.needs,
            since: &m.since,
            summary: &m.summary,
        })
        .collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    if args.format == TableFormatArg::Json {
        serde_json::to_writer_pretty(&mut out, &rows)?;
        writeln!(out)?;
    } else {
        let width = rows.iter().map(|r| r.name.len()).max().unwrap_or(0);
        for category in Category::ALL {
            let of: Vec<&Row<'_>> = rows.iter().filter(|r| r.category == category).collect();
            if of.is_empty() {
                continue;
            }
            writeln!(out, "{category}")?;
            for row in of {
                let preset = if row.preset == Preset::Strict { "strict" } else { "" };
                let fix = if row.fix == FixKind::None { "" } else { "fix" };
                let line = format!(
                    "  {:width$}  {:7}  {preset:6}  {fix:3}  {}",
                    row.name,
                    row.severity.name(),
                    row.summary
                );
                writeln!(out, "{}", line.trim_end())?;
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "{} rules. `dlint explain RULE` says more; `--select` takes names and groups.",
            rows.len()
        )?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}
