//! `dlint rules`: what rules there are, and whether the examples of users' own hold.

mod trial;

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use crate::report::{Fitted, Style, sanitize};
use crate::rules::{Category, FixKind, Needs, Preset, RuleMeta, Status, Text};

use super::args::{ColorArg, RulesArgs, RulesCommand, TableFormatArg};
use super::{Exit, color, output};
use crate::text::Arrange;
use crate::workspace::{catalogue, from_here};

/// The room for the summary of a rule beside its name, in columns.
const SUMMARY: usize = 40;

#[derive(Serialize)]
struct Row<'a> {
    /// What its findings are called.
    name: Cow<'a, str>,
    aliases: &'a [Text],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    renamed_from: &'a [Text],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<&'a str>,
    /// Why it is deprecated.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    category: Category,
    severity: crate::diag::Severity,
    preset: Preset,
    fix: FixKind,
    needs: Needs,
    since: &'a str,
    summary: &'a str,
    /// Of a user's own rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl<'a> From<&'a RuleMeta> for Row<'a> {
    fn from(meta: &'a RuleMeta) -> Self {
        Self {
            name: meta.id(),
            aliases: &meta.aliases,
            renamed_from: &meta.renamed_from,
            status: meta.status.name(),
            replaced_by: meta.status.replaced_by(),
            reason: meta.status.reason(),
            category: meta.category,
            severity: meta.severity,
            preset: meta.preset,
            fix: meta.fix,
            needs: meta.needs,
            since: &meta.since,
            summary: &meta.summary,
            file: meta.file.as_deref().map(from_here),
        }
    }
}

/// Lists the rules, or does what the subcommand says.
pub(super) fn run(args: &RulesArgs) -> io::Result<Exit> {
    match &args.command {
        None => list(args),
        Some(RulesCommand::Test(args)) => trial::run(args),
    }
}

fn list(args: &RulesArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let catalogue = catalogue(&args.config.choice(), &mut problems);
    let mut rows: Vec<Row<'_>> = catalogue.rules().map(|r| Row::from(&r.meta)).collect();
    rows.arrange_by(|a, b| a.name.cmp(&b.name));
    let style = color::style(ColorArg::Auto, &io::stdout(), false);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match args.format {
        TableFormatArg::Json => {
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
        TableFormatArg::Human => table(&mut out, &rows, &style)?,
    }
    out.flush()?;
    output::problems(ColorArg::Auto, &problems)
}

fn table(out: &mut dyn Write, rows: &[Row<'_>], style: &Style) -> io::Result<()> {
    let out = &mut Fitted::new(out, style);
    let width = rows.iter().map(|r| r.name.len()).max().unwrap_or(0);
    for category in Category::ALL {
        let of: Vec<&Row<'_>> = rows.iter().filter(|r| r.category == category).collect();
        if of.is_empty() {
            continue;
        }
        writeln!(out, "{category}")?;
        for row in of {
            let preset = if row.preset == Preset::Default { "" } else { row.preset.name() };
            let fix = if row.fix == FixKind::None { "" } else { "fix" };
            let name = &row.name;
            let summary = sanitize(row.summary);
            let head = format!("  {name:width$}  {:7}  {preset:6}  {fix:3}", row.severity.name());
            // Where there is little room, what a rule is about stands below it.
            let narrow = style.fit && style.width < head.len() + SUMMARY;
            let mut line = match narrow {
                true => format!("{}\n      {summary}", head.trim_end()),
                false => format!("{head}  {summary}"),
            };
            if row.status != Status::Stable.name() {
                line.push_str(" (deprecated)");
            }
            if let Some(file) = &row.file {
                line.push_str(&format!(" ({})", sanitize(file)));
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        writeln!(out)?;
    }
    let own = rows.iter().filter(|r| r.file.is_some()).count();
    let own = if own > 0 { format!(", {own} of them your own") } else { String::new() };
    writeln!(
        out,
        "{} rules{own}. `dlint explain RULE` says more; `--select` takes names and groups.",
        rows.len()
    )?;
    out.flush()
}
