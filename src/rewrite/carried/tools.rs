//! Tools of the build that are copied into the image, where the RUNs that call them could mount them.

use crate::semantic::{Cmd, CopyFrom, CopyUse};
use crate::syntax::{CommandForm, Escape, Kind};
use crate::text::Edit;

use super::{Case, Piece};

/// Programs that install other things and are needed for nothing else. Each is a single file.
const TOOLS: [&str; 4] = ["composer", "install-php-extensions", "uv", "uvx"];

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let own = |copy: &&CopyUse| {
        let foreign = matches!(copy.from, CopyFrom::Stage(_) | CopyFrom::Image(Some(_)));
        foreign && !copy.mount && !copy.onbuild && case.last.steps.contains(&copy.step)
    };
    case.model.copies.iter().filter(own).filter_map(|copy| mounted(case, copy)).collect()
}

fn mounted(case: &Case<'_>, copy: &CopyUse) -> Option<Piece> {
    let model = case.model;
    let instruction = model.instruction(copy.step);
    let (from, _) = model.copy_reference(copy)?;
    if !matches!(instruction.kind, Kind::Copy(_)) || from.contains('$') || instruction.flags.len() != 1 {
        return None;
    }
    let destination = copy.destination.known()?;
    let mut tools = Vec::new();
    for source in &copy.sources {
        let path = format!("/{}", source.value.known()?.trim_start_matches('/'));
        let name = path.rsplit('/').next().filter(|name| TOOLS.contains(name))?.to_owned();
        let target = match destination.strip_suffix('/') {
            Some(folder) => format!("{folder}/{name}"),
            None if destination.ends_with(&format!("/{name}")) => destination.to_owned(),
            None => return None,
        };
        tools.push((name, path, target));
    }
    let stage = model.stages.get(case.last.index)?;
    if tools.is_empty() || !case.is_read(stage) || case.is_started_from(stage) {
        return None;
    }
    let calls = |cmd: &Cmd<'_>| {
        let named = |text: &str| tools.iter().any(|(name, _, _)| text.rsplit('/').next() == Some(name));
        named(cmd.program()) || cmd.shell().words.iter().any(|w| named(w.static_prefix()))
    };
    // Whoever runs in the image may call it only if that is known.
    let entry = case.entry();
    let in_health = case
        .steps()
        .filter(|s| matches!(model.instruction(*s).kind, Kind::Healthcheck(_)))
        .flat_map(|s| model.commands_of(s));
    let may_call = |c: &Cmd<'_>| {
        let path = c.shell().words.first().map_or("", |w| w.static_prefix());
        // A file of the project may be a script, and these run those that a manifest has.
        let own = path.contains('/') && !path.contains("venv/bin/");
        own || calls(c)
            || c.runs_script()
            || matches!(c.program(), "npm" | "yarn" | "pnpm" | "make" | "just" | "task")
    };
    let is_called = entry.iter().any(may_call) || in_health.into_iter().any(|c| calls(&c));
    let sources = case.copied(stage, &[".py", ".php", ".sh", ".rb", ".js", ".ts"])?;
    let said: Vec<String> = tools
        .iter()
        .flat_map(|(name, _, _)| {
            [format!("\"{name}\""), format!("'{name}'"), format!("{name} run"), format!("{name} install")]
        })
        .collect();
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    if entry.is_empty() || is_called || !case.lack(&sources, &said) {
        return None;
    }
    let mut steps: Vec<usize> = case.commands_in(stage).filter(calls).map(|c| c.step()).collect();
    steps.dedup();
    let here = |step: &usize| {
        *step > copy.step
            && case.last.steps.contains(step)
            && matches!(model.instruction(*step).kind, Kind::Run(CommandForm::Shell(_)))
    };
    // Anything else may call it, too: a script of the project, `composer` for a tool that it runs.
    let hidden = case.commands_in(stage).any(|c| {
        c.step() > copy.step
            && (c.runs_script() || matches!(c.program(), "make" | "npm" | "yarn" | "just"))
            && !calls(&c)
    });
    let named_otherwise = case.steps().any(|step| {
        step != copy.step
            && !steps.contains(&step)
            && tools
                .iter()
                .any(|(_, _, target)| model.text(model.instruction(step).span).contains(target.as_str()))
    });
    if steps.is_empty() || !steps.iter().all(here) || hidden || named_otherwise {
        return None;
    }
    let escape = match model.file.escape {
        Escape::Backtick => '`',
        Escape::Backslash => '\\',
    };
    let continued = format!("{escape}{}   ", case.line_end());
    let mut edits = vec![Edit::delete(case.with_blank(instruction.item)?)];
    for step in steps {
        let used = |name: &str| {
            model
                .commands_of(step)
                .any(|c| c.shell().words.iter().any(|w| w.static_prefix().rsplit('/').next() == Some(name)))
        };
        let mounts: String = tools
            .iter()
            // `uvx` calls `uv`.
            .filter(|(name, _, _)| used(name) || name == "uv")
            .map(|(_, path, target)| {
                format!(" --mount=type=bind,from={from},source={path},target={target} {continued}")
            })
            .collect();
        // The blank behind the keyword stays.
        edits.push(Edit::insert(model.instruction(step).keyword_span.end, mounts));
    }
    let names: Vec<String> = tools.iter().map(|(name, _, _)| format!("`{name}`")).collect();
    let what = format!(
        "only the build calls {}, which this copies into the image: a RUN can mount it",
        names.join(" and ")
    );
    Some(case.piece(copy.step, what, edits))
}
