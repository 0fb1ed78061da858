//! `dlint rules test`: runs the examples of users' own rules.

use std::io::{self, Write};
use std::path::Path;

use crate::diag::Problem;
use crate::engine;
use crate::report::{self, Style, sanitize};
use crate::rules::examples::{Failure, Outcome};
use crate::rules::file::{self, Author};
use crate::rules::{Rule, RuleMeta};

use super::super::args::RulesTestArgs;
use super::super::output::{self, Sink};
use super::Exit;
use crate::workspace::{catalogue, catalogue_at, from_here};

/// How many failures of one rule are shown.
const MAX_SHOWN: usize = 20;

/// Runs the examples of the rules in files, else of those that the configuration names.
pub(super) fn run(args: &RulesTestArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let catalogue = if args.paths.is_empty() {
        catalogue(&args.config.choice(), &mut problems)
    } else {
        catalogue_at(&args.paths, &mut problems)
    };
    if catalogue.users().is_empty() && problems.is_empty() {
        problems.push(Problem {
            message: "there are no custom rules here".to_owned(),
            help: Some(
                "name rule files or their folder, or say in dlint.toml where they are: `[rules]` and below it \
                 `paths = [\"policy/*.md\"]`"
                    .to_owned(),
            ),
            ..Problem::default()
        });
    }
    let mut total = Total::default();
    output::write(Sink::Stdout, args.color, false, |out, style| {
        for Rule { meta, .. } in catalogue.users() {
            // It was read before, so it is right.
            let Ok(file) = file::parse(&meta.name, meta.text(), Author::User) else { continue };
            let mut outcome = engine::test_rule(&file, &catalogue);
            let updated = if args.update { update(meta, &mut outcome, &mut problems) } else { 0 };
            total.add(&outcome, updated);
            show(out, style, meta, &outcome, updated)?;
        }
        if total.rules > 0 { writeln!(out, "{}", total.line()) } else { Ok(()) }
    })?;
    Ok(match output::problems(args.color, &problems)? {
        Exit::Clean if total.failures > 0 => Exit::Findings,
        exit => exit,
    })
}

#[derive(Default)]
struct Total {
    rules: usize,
    examples: usize,
    failures: usize,
    updated: usize,
}

impl Total {
    fn add(&mut self, outcome: &Outcome, updated: usize) {
        self.rules += 1;
        self.examples += outcome.examples;
        self.failures += outcome.failures.len();
        self.updated += updated;
    }

    fn line(&self) -> String {
        let mut line = format!("{}, {}", count(self.rules, "rule"), count(self.examples, "example"));
        if self.updated > 0 {
            line.push_str(&format!(", {} updated", self.updated));
        }
        match self.failures {
            0 => line + ": all hold",
            n => line + &format!(": {}", count(n, "failure")),
        }
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Writes what is found into the rule's file. Gives how many blocks it changed; what remains wrong stays in
/// `outcome`.
fn update(meta: &RuleMeta, outcome: &mut Outcome, problems: &mut Vec<Problem>) -> usize {
    let Some(path) = &meta.file else { return 0 };
    let mut text = meta.text().to_owned();
    let is_new = |failure: &Failure| failure.difference.as_ref().is_some_and(|d| d.replaces);
    let changes: Vec<_> =
        outcome.failures.iter().filter(|f| is_new(f)).filter_map(|f| f.difference.as_ref()).collect();
    for change in changes.iter().rev() {
        text.replace_range(change.span.range(), &as_in(meta.text(), &change.gets));
    }
    let count = changes.len();
    if count == 0 {
        return 0;
    }
    if let Err(error) = engine::write_atomically(Path::new(path), text.as_bytes()) {
        let message = format!("cannot be written: {error}");
        problems.push(Problem { path: Some(from_here(path)), message, ..Problem::default() });
        return 0;
    }
    outcome.failures.retain(|f| !is_new(f));
    count
}

/// A text with the line endings of the file that it goes into.
fn as_in(file: &str, text: &str) -> String {
    let first = file.split_inclusive('\n').next().unwrap_or("");
    if first.ends_with("\r\n") { text.replace('\n', "\r\n") } else { text.to_owned() }
}

/// One line for a rule, and below it what does not hold: as a patch of its file.
fn show(
    out: &mut dyn Write,
    style: &Style,
    meta: &RuleMeta,
    outcome: &Outcome,
    updated: usize,
) -> io::Result<()> {
    let name = sanitize(&meta.name);
    let examples = count(outcome.examples, "example");
    let done = if updated > 0 { format!(", {updated} updated") } else { String::new() };
    if outcome.failures.is_empty() {
        return writeln!(out, "ok    {name}: {examples}{done}");
    }
    writeln!(out, "FAIL  {name}: {} in {examples}{done}", count(outcome.failures.len(), "failure"))?;
    let path = from_here(meta.file.as_deref().unwrap_or(&meta.name));
    for failure in outcome.failures.iter().take(MAX_SHOWN) {
        let mut lines = failure.message.lines();
        writeln!(out, "{}:{}: {}", sanitize(&path), failure.line, sanitize(lines.next().unwrap_or("")))?;
        for line in lines {
            writeln!(out, "    {}", sanitize(line))?;
        }
        if let Some(difference) = &failure.difference {
            let mut text = meta.text().to_owned();
            text.replace_range(difference.span.range(), &as_in(meta.text(), &difference.gets));
            let diff = engine::diff(&path, meta.text().as_bytes(), text.as_bytes());
            report::write_diff(out, &diff, style)?;
        }
    }
    match outcome.failures.len().saturating_sub(MAX_SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "and {} more", count(more, "failure")),
    }
}
