//! Edits of the script of a RUN, which is mostly a chain of commands.

use crate::knowledge::{Trait, program_is};
use crate::semantic::{Cmd, Model, ScriptUse};
use crate::shell::{Command, Connector, Place, Within};
use crate::text::{Edit, Span};

/// Puts `option` right behind the subcommand of a command.
pub(super) fn with_option(cmd: &Cmd<'_>, option: &str) -> Option<Edit> {
    let word = cmd.subcommand_words().last().filter(|w| w.exact)?;
    if cmd.script().exec {
        let rest = cmd.model.file.text().get(word.span.end as usize..)?;
        return rest.starts_with('"').then(|| Edit::insert(word.span.end + 1, format!(", \"{option}\"")));
    }
    (!word.is_quoted()).then(|| Edit::insert(word.span.end, format!(" {option}")))
}

/// Lets the RUN of `step` run `command` at its end, if what stands before succeeds.
pub(super) fn ended_with(model: &Model, step: usize, command: &str) -> Option<Edit> {
    let script = script_of(model, step)?;
    let last = last_command(script)?;
    let text = model.file.text();
    let seat = last.place.before;
    let line = line_of(text, last.span.start);
    let breaks =
        |indent: &str| format!("\\\n{indent}").replacen('\\', &model.file.escape.char().to_string(), 1);
    let in_document = !model.instruction(step).heredocs.is_empty();
    // With `set -e` no failure is lost behind a `;`.
    let strict = script.stops_at_errors();
    if let Some(after) = last.place.after {
        let plain = after.connector == Connector::Seq && after.span.text(text) == ";";
        return plain.then(|| match indent(line, text) {
            Some(indent) if strict && !in_document => {
                Edit::insert(after.span.end, format!(" {}{command};", breaks(indent)))
            }
            _ => Edit::replace(after.span, format!(" && {command}")),
        });
    }
    let at = last.span.end;
    if in_document {
        let line = indent(line, text).filter(|_| strict);
        return Some(Edit::insert(at, line.map_or(format!(" && {command}"), |i| format!("\n{i}{command}"))));
    }
    let link_line = line_of(text, seat.span.start);
    // The style of a chain whose lines start with `&&`, or end with it.
    let leads = seat.connector == Connector::And && blank(link_line, seat.span.start, text) && link_line > 0;
    let trails = seat.connector == Connector::And && blank(line, last.span.start, text) && line > link_line;
    let semicolons = seat.connector == Connector::Seq && strict && blank(line, last.span.start, text);
    let new = if leads {
        format!(" {}&& {command}", breaks(indent(link_line, text)?))
    } else if trails {
        format!(" && {}{command}", breaks(indent(line, text)?))
    } else if semicolons && line > 0 {
        format!("; {}{command}", breaks(indent(line, text)?))
    } else {
        match last.span.text(text).rfind('\n') {
            // That of a list of words, one a line.
            Some(at) => format!(" {}&& {command}", breaks(indent(last.span.start as usize + at + 1, text)?)),
            None => format!(" && {command}"),
        }
    };
    Some(Edit::insert(at, new))
}

/// Lets the RUN of a command run `command` directly after it, if it succeeds.
pub(super) fn followed_by(cmd: &Cmd<'_>, command: &str) -> Option<Edit> {
    let (model, text) = (cmd.model, cmd.model.file.text());
    let script = script_of(model, cmd.step())?;
    let (place, span) = (&cmd.shell().place, cmd.shell().span);
    let Some(after) = place.after.filter(|_| last_command(script).is_none_or(|l| l.span != span)) else {
        return ended_with(model, cmd.step(), command)
            .filter(|_| last_command(script).is_some_and(|l| l.span == span));
    };
    let has_body = cmd.shell().redirects.iter().any(|r| r.heredoc_body.is_some());
    if place.pipeline.is_some() || has_body || !is_sure(cmd.shell()) {
        return None;
    }
    let escape = model.file.escape.char();
    let line = line_of(text, span.start);
    let own_line = |start: usize| {
        let indent = indent(start, text).filter(|_| blank(start, span.start, text)).unwrap_or("    ");
        format!(" {escape}\n{indent}")
    };
    // True if the line ends after `&&` or `;`, so that the next command has a line of its own.
    let ends_line = text
        .get(after.span.end as usize..)
        .and_then(|rest| rest.trim_start_matches([' ', '\t']).strip_prefix(escape))
        .is_some_and(|rest| rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
    let token = after.span.text(text);
    // What joins it to the next command also joins it to this one: that keeps what `set -e` stops at.
    match (after.connector, token) {
        (Connector::And, _) if ends_line => {
            Some(Edit::insert(after.span.end, format!("{}{command} &&", own_line(line))))
        }
        (Connector::And, _) => {
            let link_line = line_of(text, after.span.start);
            let leads = link_line > 0 && blank(link_line, after.span.start, text);
            let gap = if leads { format!(" {escape}\n{}", indent(link_line, text)?) } else { " ".to_owned() };
            Some(Edit::insert(span.end, format!("{gap}&& {command}")))
        }
        (Connector::Seq, ";") if ends_line => {
            Some(Edit::insert(after.span.end, format!("{}{command};", own_line(line))))
        }
        (Connector::Seq, ";") => Some(Edit::insert(after.span.end, format!(" {command};"))),
        (Connector::Seq, _) => {
            let indent = indent(line, text).filter(|_| blank(line, span.start, text))?;
            Some(Edit::insert(span.end, format!("\n{indent}{command}")))
        }
        _ => None,
    }
}

/// Takes a command out of a chain, with what joins it to the next.
pub(super) fn without(cmd: &Cmd<'_>) -> Option<Edit> {
    let (place, text) = (&cmd.shell().place, cmd.model.file.text());
    let joins = matches!(
        (place.before.connector, place.after.map(|link| link.connector)),
        (Connector::Start | Connector::Seq, Some(Connector::And | Connector::Seq))
            | (Connector::And, Some(Connector::And))
    );
    let plain = joins && is_sure(cmd.shell()) && !cmd.script().exec && place.pipeline.is_none();
    let commands = &cmd.script().script.commands;
    let next =
        commands.get(cmd.usage.command + 1).filter(|c| plain && is_sure(c) && c.place.list == place.list)?;
    let gone = Span::new(cmd.shell().span.start, next.span.start);
    // A comment may be about either.
    (!gone.text(text).contains('#')).then(|| Edit::delete(gone))
}

/// Makes one RUN of two, one right behind the other.
pub(super) fn joined(model: &Model, first: usize, second: usize) -> Option<Edit> {
    let (a, b) = (script_of(model, first)?, script_of(model, second)?);
    let (before, behind) = (model.instruction(first), model.instruction(second));
    let text = model.file.text();
    let between = Span::new(before.span.end, behind.span.start);
    let plain = |i: usize| model.instruction(i).heredocs.is_empty();
    let bare = |i: usize| model.instruction(i).flags.is_empty();
    let near = first + 1 == second && between.text(text).trim().is_empty();
    let same = a.onbuild == b.onbuild && [first, second].into_iter().all(|i| plain(i) && bare(i));
    let last = last_command(a).filter(|c| c.place.after.is_none())?;
    // What a command leaves behind in the shell must not reach the other RUN.
    let alone =
        a.script.commands.iter().all(|c| !c.words.is_empty() && !c.program().is_none_or(changes_shell));
    let chain = b.script.lists.len() == 1
        && b.script
            .commands
            .iter()
            .all(|c| matches!(c.place.before.connector, Connector::Start | Connector::And));
    if !(near && same && alone && chain) {
        return None;
    }
    let start = b.script.commands.first()?.span.start;
    let all = || a.script.commands.iter().chain(&b.script.commands);
    let leading = all().find_map(|c| {
        let line = line_of(text, c.place.before.span.start);
        let leads =
            c.place.before.connector == Connector::And && blank(line, c.place.before.span.start, text);
        indent(line, text).filter(|_| leads)
    });
    let long = before.lines.0 < before.lines.1 || behind.lines.0 < behind.lines.1;
    let new = match leading {
        Some(indent) => format!(" {}\n{indent}&& ", model.file.escape.char()),
        None if long => format!(" && {}\n    ", model.file.escape.char()),
        None => " && ".to_owned(),
    };
    Some(Edit::replace(Span::new(last.span.end, start), new))
}

/// Moves the commands of the RUN of `step`, which are all it has, in front of `cmd`, which is in a later one.
pub(super) fn moved_before(model: &Model, step: usize, cmd: &Cmd<'_>) -> Option<[Edit; 2]> {
    let script = script_of(model, step)?;
    let instruction = model.instruction(step);
    let text = model.file.text();
    let place = &cmd.shell().place;
    let fits = is_sure(cmd.shell())
        && !cmd.script().exec
        && script.onbuild == cmd.script().onbuild
        && place.pipeline.is_none()
        && matches!(place.before.connector, Connector::Start | Connector::And | Connector::Seq)
        && place.after.is_none_or(|link| matches!(link.connector, Connector::And | Connector::Seq));
    let last = last_command(script).filter(|c| fits && c.place.after.is_none())?;
    let commands = Span::new(script.script.commands.first()?.span.start, last.span.end).text(text);
    if commands.contains(['\n', '\r']) || !instruction.heredocs.is_empty() {
        return None;
    }
    let gone = gone(model, step)?;
    Some([gone, Edit::insert(cmd.shell().span.start, format!("{commands} && "))])
}

/// The most items of a list that are looked at behind one that may fail.
const MAX_BEHIND: usize = 64;

/// How many items may come before the `||`: behind a long chain it is about its last commands.
const MAX_CHAIN: usize = 4;

/// And the most lists that it may stand in, one in the other.
const MAX_DEPTH: usize = 16;

/// True if the script says what happens where the command fails: `… || …`, `( … ) || …`, `if …`, `! …`.
pub(super) fn has_fallback(cmd: &Cmd<'_>) -> bool {
    let script = &cmd.script().script;
    let mut place = &cmd.shell().place;
    if place.within.condition {
        return true;
    }
    for _ in 0..MAX_DEPTH {
        let commands = script.commands.iter().skip(cmd.usage.command).map(|c| &c.place);
        let compound = script.lists.iter().skip(place.list + 1).filter_map(|list| list.place.as_ref());
        let of_list = |other: &&Place| other.list == place.list && other.index > place.index;
        let behind = commands.take(MAX_BEHIND).chain(compound.take(MAX_BEHIND)).filter(of_list);
        let (mut or, mut end) = (usize::MAX, usize::MAX);
        for other in behind {
            match other.before.connector {
                Connector::Or => or = or.min(other.index),
                Connector::Seq | Connector::Background => end = end.min(other.index),
                _ => {}
            }
        }
        let near = or < end && or - place.index <= MAX_CHAIN;
        if place.negated || near {
            return true;
        }
        match script.lists.get(place.list).and_then(|list| list.place.as_ref()) {
            Some(outer) => place = outer,
            None => return false,
        }
    }
    false
}

/// Deletes the lines of the instruction of `step`.
pub(super) fn gone(model: &Model, step: usize) -> Option<Edit> {
    let (text, span) = (model.file.text(), model.instruction(step).span);
    let start = line_of(text, span.start);
    let rest = text.get(span.end as usize..)?;
    let end = span.end as usize + rest.find('\n').map_or(rest.len(), |at| at + 1);
    let blank = |range: std::ops::Range<usize>| text.get(range).is_some_and(|t| t.trim().is_empty());
    (blank(start..span.start as usize) && blank(span.end as usize..end))
        .then(|| Edit::delete(Span::of(start..end)))
}

/// True if a command runs whenever its script does, as far as none before it fails.
pub(super) fn is_sure(command: &Command) -> bool {
    let within = Within { shell_string: false, ..command.place.within };
    command.place.list == 0
        && within == Within::default()
        && !command.place.background
        && !command.place.negated
        && command.place.before.connector != Connector::Or
        && command.words.iter().all(|w| w.exact)
}

/// The script of the RUN of `step`, if it is one that can be edited.
fn script_of(model: &Model, step: usize) -> Option<&ScriptUse> {
    let at = model.scripts.binary_search_by_key(&step, |s| s.step).ok()?;
    let used = model.scripts.get(at)?;
    let script = &used.script;
    (!used.exec && !script.opaque && !script.approximate && script.error.is_none()).then_some(used)
}

/// The last command, if it ends the script and what follows it would run.
fn last_command(script: &ScriptUse) -> Option<&Command> {
    let script = &script.script;
    let last = script.commands.iter().rev().find(|c| c.place.list == 0)?;
    let body = last.redirects.iter().any(|r| r.heredoc_body.is_some());
    let ends = script.lists.first()?.span.end == last.span.end;
    let plain = !last.words.is_empty()
        && last.words.iter().all(|w| w.exact)
        && !last.place.background
        && !last.place.negated;
    // Nothing runs behind `exec ls`.
    let hands_over = last.words.first().is_some_and(|w| w.is("exec"));
    let stays = !hands_over && !matches!(last.program(), Some("exit" | "exec" | "return") | None);
    (ends && plain && !body && stays).then_some(last)
}

/// True for commands that change what later ones of the same shell do.
fn changes_shell(program: &str) -> bool {
    program_is(program, Trait::ChangesShell)
}

/// Where the line of an offset starts.
fn line_of(text: &str, offset: u32) -> usize {
    text.get(..offset as usize).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// The blanks at the start of a line.
fn indent(line: usize, text: &str) -> Option<&str> {
    let rest = text.get(line..)?;
    rest.get(..rest.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count())
}

/// True if only blanks stand between the start of a line and an offset.
fn blank(line: usize, offset: u32, text: &str) -> bool {
    text.get(line..offset as usize).is_some_and(|t| t.bytes().all(|b| matches!(b, b' ' | b'\t')))
}
