use std::io::{self, Write};

use crate::diag::Severity;
use crate::report::{self, Fitted, Style, sanitize};
use crate::rules::{Needs, OptionValue, Preset, RuleMeta, Status, for_readers};

use super::args::{ColorArg, ExplainArgs};
use super::{Exit, color, output, pager};
use crate::workspace::{catalogue, from_here};

/// Lines are not longer than this.
const WIDEST: usize = 100;

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
    let style = color::style(args.color, &io::stdout(), false);
    let mut text = Vec::new();
    head(&mut text, &rule.meta, &style)?;
    let page = format!("{}\n{}", for_readers(rule.meta.page()).trim_end(), use_of(&rule.meta));
    if style.fit {
        report::write_prose(&mut text, &page, &style)?;
    } else {
        for line in page.lines() {
            // Dockerfiles in it may have tabs.
            writeln!(text, "{}", line.split('\t').map(sanitize).collect::<Vec<_>>().join("\t"))?;
        }
    }
    pager::print(&text, !args.no_pager)?;
    output::problems(ColorArg::Auto, &problems)
}

/// What the registry knows of a rule.
fn head(out: &mut dyn Write, meta: &RuleMeta, style: &Style) -> io::Result<()> {
    let out = &mut Fitted::new(out, &Style { width: style.width.min(WIDEST), fit: true, ..*style });
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
        Needs::Entry => {
            writeln!(out, "looks at files that start builds: says nothing with --no-entries")?;
        }
    }
    if !meta.aliases.is_empty() {
        writeln!(out, "also called {}", sanitize(&meta.aliases.join(", ")))?;
    }
    writeln!(out)?;
    out.flush()
}

/// How to suppress a rule, and how to configure it.
fn use_of(meta: &RuleMeta) -> String {
    let name = &meta.name;
    let place =
        if meta.needs == Needs::Entry { "above the line or at its end" } else { "above the instruction" };
    let mut text = format!(
        "\n## Suppress and configure\n\
         - One place: a comment {place}, `# dlint ignore={name} why`\n\
         - A file: a comment anywhere in it, `# dlint ignore-file={name} why`\n\
         - Everywhere: `ignore = [\"{name}\"]` in dlint.toml, or `--ignore {name}`\n\
         - Another severity: `{name} = \"{}\"` in the table `[severity]` of dlint.toml\n",
        if meta.severity == Severity::Info { "warning" } else { "info" }
    );
    if meta.preset != Preset::Default {
        text.push_str(&format!(
            "- It is off unless asked for: `extend-select = [\"{name}\"]` in dlint.toml, or `--extend-select {name}`\n"
        ));
    }
    for (option, default) in meta.options {
        let value = match default {
            OptionValue::Boolean(value) => value.to_string(),
            OptionValue::Integer(value) => value.to_string(),
            OptionValue::Text(value) => format!("\"{value}\""),
            OptionValue::List(values) => format!("{values:?}"),
        };
        text.push_str(&format!(
            "- An option: `{option} = {value}`, the default, in the table `[rules.{name}]`\n"
        ));
    }
    text
}
