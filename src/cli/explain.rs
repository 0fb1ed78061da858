use std::io::{self, Write};

use crate::report::sanitize;
use crate::rules::{Needs, RuleMeta, Status};

use super::args::{ColorArg, ExplainArgs};
use super::{Exit, output};
use crate::workspace::{catalogue, from_here};

/// Prints a rule's page.
pub(super) fn run(args: &ExplainArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let catalogue = catalogue(&args.config.choice(), &mut problems);
    let Some(rule) = catalogue.find(&args.rule) else {
        // The rule may be what is wrong.
        output::problems(ColorArg::Auto, &problems)?;
        match catalogue.select(&args.rule) {
            Ok(group) => {
                let ids = catalogue.ids(&group);
                let names: Vec<&str> =
                    ids.into_iter().filter_map(|id| Some(&*catalogue.get(id)?.meta.name)).collect();
                let name = sanitize(&args.rule).into_owned();
                if !names.is_empty() || problems.is_empty() {
                    eprintln!("dlint: `{name}` is a group of {} rules: {}", names.len(), names.join(", "));
                }
            }
            Err(error) => eprintln!("dlint: {}", sanitize(&error.to_string())),
        }
        return Ok(Exit::Failure);
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    page(&mut out, &rule.meta)?;
    out.flush()?;
    output::problems(ColorArg::Auto, &problems)
}

fn page(out: &mut dyn Write, meta: &RuleMeta) -> io::Result<()> {
    writeln!(out, "{}: {}", meta.name, sanitize(&meta.summary))?;
    writeln!(out)?;
    write!(
        out,
        "category {}, severity {}, preset {}, fix {}",
        meta.category, meta.severity, meta.preset, meta.fix
    )?;
    if meta.since.is_empty() {
        writeln!(out)?
    } else {
        writeln!(out, ", since {}", sanitize(&meta.since))?
    }
    if meta.status != Status::Stable {
        writeln!(out, "{}", sanitize(&meta.status.to_string()))?;
    }
    if !meta.renamed_from.is_empty() {
        writeln!(out, "was called {}", sanitize(&meta.renamed_from.join(", ")))?;
    }
    if let Some(file) = &meta.file {
        writeln!(out, "a rule of your own: {}", sanitize(&from_here(file)))?;
    }
    match meta.needs {
        Needs::Dockerfile => {}
        Needs::Context => writeln!(out, "needs the build context: says nothing with --no-context")?,
        Needs::Policy => writeln!(out, "says nothing without the `[policy]` that it speaks of")?,
        Needs::Shellcheck => {
            writeln!(out, "needs the program ShellCheck: says nothing without --shellcheck")?;
        }
    }
    if !meta.aliases.is_empty() {
        writeln!(out, "also called {}", sanitize(&meta.aliases.join(", ")))?;
    }
    writeln!(out)?;
    for line in meta.page().lines() {
        // Dockerfiles in it may have tabs.
        writeln!(out, "{}", line.split('\t').map(sanitize).collect::<Vec<_>>().join("\t"))?;
    }
    Ok(())
}
