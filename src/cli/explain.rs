use std::io::{self, Write};

use crate::report::sanitize;
use crate::rules::{Catalogue, Needs};

use super::Exit;
use super::args::ExplainArgs;

/// Prints a rule's page.
pub(super) fn run(args: &ExplainArgs) -> io::Result<Exit> {
    let catalogue = Catalogue::default();
    let Some(rule) = catalogue.find(&args.rule) else {
        match catalogue.select(&args.rule) {
            Ok(group) => {
                let places = catalogue.places(&group);
                let names: Vec<&str> =
                    places.iter().filter_map(|i| Some(&*catalogue.get(*i)?.meta.name)).collect();
                let name = sanitize(&args.rule).into_owned();
                eprintln!("dlint: `{name}` is a group of {} rules: {}", names.len(), names.join(", "));
            }
            Err(error) => eprintln!("dlint: {}", sanitize(&error.to_string())),
        }
        return Ok(Exit::Failure);
    };
    let meta = &rule.meta;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}: {}", meta.name, meta.summary)?;
    writeln!(out)?;
    writeln!(
        out,
        "category {}, severity {}, preset {}, fix {}, since {}",
        meta.category, meta.severity, meta.preset, meta.fix, meta.since
    )?;
    if meta.needs == Needs::Context {
        writeln!(out, "needs the build context: says nothing with --no-context")?;
    }
    if !meta.aliases.is_empty() {
        writeln!(out, "also called {}", meta.aliases.join(", "))?;
    }
    writeln!(out)?;
    write!(out, "{}", meta.page())?;
    out.flush()?;
    Ok(Exit::Clean)
}
