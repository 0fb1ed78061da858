//! Pipes in which a failure goes unseen.

mod programs;

use std::cell::LazyCell;
use std::collections::HashMap;

use crate::knowledge::{Trait, program_is};
use crate::shell::{Command, Connector, List, ListKind, Pipeline, Place, Script, Word};
use crate::syntax::{ExecForm, Kind};
use crate::text::{Arrange, Span};

use super::command::{ScriptKind, ScriptUse};
use super::{Model, ShellWords, Stage};
use programs::{closes_early, is_filter, is_sure, misses_input};

/// A member of a pipeline whose failure the build does not notice.
#[derive(Debug, Clone, Copy)]
pub struct LostStatus<'m> {
    /// The member that may fail; none for a compound command.
    pub command: Option<&'m Command>,
    /// The `|` behind it.
    pub pipe: Span,
    /// The shell that the script starts for it, as `sh -c '…'`; none for the shell of the RUN.
    pub shell: Option<&'m Command>,
}

/// How far up the lists around a pipeline are followed.
const MAX_DEPTH: usize = 32;

/// Behind a SHELL, more scripts than that are not looked through: some of them may well stop early.
const MAX_SCRIPTS: usize = 500;

/// Longer groups are not looked through.
const MAX_GROUP: usize = 64;

impl Model {
    /// The first member of each pipeline of `script` whose failure goes unseen, because the shell takes
    /// the status of the last member for that of all.
    ///
    /// Not where the status does not count anyway (`… | … || true`, conditions, `$( )` in arguments), nor
    /// where what reads stops early: there `pipefail` would make a failure of a success.
    #[must_use]
    pub fn lost_statuses<'m>(&'m self, script: &'m ScriptUse) -> Vec<LostStatus<'m>> {
        let shell = match self.steps.get(script.step).and_then(|step| step.state.shell) {
            Some(step) => self.shell_words(step).filter(|_| !self.build().drops_config()),
            None => self.stage_of(script.step).and_then(|stage| self.base_shell(stage)),
        };
        let watched = script.kind != ScriptKind::Run || shell.is_some_and(ShellWords::sets_pipefail);
        let parsed = &script.script;
        if watched || parsed.approximate || parsed.pipelines.is_empty() {
            return Vec::new();
        }
        let errexit = shell.is_some_and(ShellWords::stops_at_errors)
            || parsed.commands.iter().any(sets_errexit_in_script);
        Survey::of(parsed, errexit).lost(self.interpreter_sets_pipefail(script.step))
    }

    /// True if a pipeline from `step` on in `stage` would fail under `pipefail` without need.
    #[must_use]
    pub fn stops_early(&self, stage: &Stage, step: usize) -> bool {
        let first = self.scripts.partition_point(|s| s.step < step);
        let behind = self.scripts.get(first..).unwrap_or_default();
        let behind = behind.get(..behind.partition_point(|s| s.step < stage.steps.end)).unwrap_or_default();
        behind.len() > MAX_SCRIPTS
            || behind.iter().map(|s| &s.script).any(|script| {
                script.pipelines.iter().any(|p| {
                    let members = p.members.iter().flatten().filter_map(|i| script.commands.get(*i));
                    members.clone().any(|c| c.program() == Some("yes")) || members.skip(1).any(closes_early)
                })
            })
    }

    /// The program and options of a SHELL.
    #[must_use]
    pub fn shell_form(&self, step: usize) -> Option<&ExecForm> {
        match &self.file.instructions.get(step)?.kind {
            Kind::Shell(form) => form.as_ref(),
            _ => None,
        }
    }

    /// `#!/usr/bin/env -S bash -o pipefail`.
    fn interpreter_sets_pipefail(&self, step: usize) -> bool {
        let instruction = self.instruction(step);
        instruction.heredocs.first().is_some_and(|doc| {
            let first = self.text(doc.body).lines().next().unwrap_or("");
            first.starts_with("#!") && first.contains("pipefail")
        })
    }
}

fn has_letter(option: &str, letter: char) -> bool {
    let letters = option.strip_prefix('-').unwrap_or("");
    letters.bytes().all(|b| b.is_ascii_alphabetic()) && letters.contains(letter)
}

/// The member that may fail first, and the `|` behind it.
fn first_to_fail<'s>(
    script: &'s Script,
    pipeline: &Pipeline,
    is_sure_compound: impl Fn(usize) -> bool,
) -> Option<LostStatus<'s>> {
    let members = pipeline.members.iter().map(|m| m.and_then(|i| script.commands.get(i)));
    if members.clone().skip(1).flatten().any(closes_early) {
        return None;
    }
    // What a filter gets from a sure member is sure as well.
    let mut given = false;
    let mut sure = |command: &Command| {
        given = is_sure(command) || given && is_filter(command);
        given
    };
    let readers = members.clone().skip(1);
    let (at, (command, _)) = members.zip(readers).enumerate().find(|(at, (member, reader))| {
        let sure = member.map_or_else(|| is_sure_compound(*at), &mut sure);
        !sure && !reader.is_some_and(misses_input)
    })?;
    Some(LostStatus { command, pipe: pipeline.pipes.get(at)?.span, shell: None })
}

/// What is known of a script's lists and pipelines, gathered in one pass.
struct Survey<'s> {
    script: &'s Script,
    errexit: bool,
    /// For each list the list at the top of its process.
    process: Vec<usize>,
    /// For each list and item what ends the chain of `&&` and `|` that it is in.
    ends: Vec<Vec<Option<Connector>>>,
    /// For each list the last item that follows a `;` or a line ending.
    last_start: Vec<usize>,
    /// For each pipeline the place of its last member.
    places: Vec<Option<&'s Place>>,
    /// The compound commands in pipelines: pipeline, position, and the whole; sorted.
    compounds: Vec<(usize, usize, Span)>,
}

impl<'s> Survey<'s> {
    fn of(script: &'s Script, errexit: bool) -> Self {
        let lists = script.lists.len();
        let mut survey = Self {
            script,
            errexit,
            process: (0..lists).collect(),
            ends: script.lists.iter().map(|l| vec![None; l.len]).collect(),
            last_start: vec![0; lists],
            places: vec![None; script.pipelines.len()],
            compounds: Vec::new(),
        };
        for list in &script.lists {
            if let Some(seat) = list.place.as_ref().and_then(|p| p.pipeline) {
                survey.compounds.push((seat.pipeline, seat.position, list.span));
            }
        }
        survey.compounds.sort_unstable();
        let compound = script.lists.iter().filter_map(|l| l.place.as_ref());
        for place in script.commands.iter().map(|c| &c.place).chain(compound) {
            survey.note(place);
        }
        for ends in &mut survey.ends {
            let mut end = None;
            for connector in ends.iter_mut().rev() {
                match connector {
                    Some(Connector::And | Connector::Pipe | Connector::PipeBoth) => *connector = end,
                    other => end = *other,
                }
            }
        }
        for number in 0..lists {
            survey.process[number] = survey.top(number);
        }
        survey
    }

    fn note(&mut self, place: &'s Place) {
        if let Some(end) = self.ends.get_mut(place.list).and_then(|ends| ends.get_mut(place.index)) {
            *end = place.after.map(|link| link.connector);
        }
        if place.before.connector == Connector::Seq
            && let Some(last) = self.last_start.get_mut(place.list)
        {
            *last = place.index.max(*last);
        }
        if let Some(seat) = place.pipeline.filter(|seat| seat.is_last())
            && let Some(slot) = self.places.get_mut(seat.pipeline)
        {
            *slot = Some(place);
        }
    }

    /// The list at the top of the process that a list runs in.
    fn top(&self, mut number: usize) -> usize {
        for _ in 0..MAX_DEPTH {
            let Some(list) = self.script.lists.get(number) else { break };
            match parent(self.script, list) {
                Some(place) if !is_process(list.kind) => number = place.list,
                _ => break,
            }
        }
        number
    }

    /// The first members that may fail unseen, one of a pipeline. `pipefail` holds from the start.
    fn lost(&self, pipefail: bool) -> Vec<LostStatus<'s>> {
        let mut sets: Vec<Option<bool>> = vec![None; self.script.lists.len()];
        let mut commands = self.script.commands.iter().peekable();
        let mut order: Vec<usize> = (0..self.script.pipelines.len()).collect();
        order.arrange_by_key(|i| self.script.pipelines[*i].span.start);
        let mut found = Vec::new();
        let tested = LazyCell::new(|| tested(self.script));
        for number in order {
            let pipeline = &self.script.pipelines[number];
            while let Some(command) = commands.next_if(|c| c.span.start < pipeline.span.start) {
                if command.program() == Some("set")
                    && let Some(on) = option_in(command)
                    && let Some(process) = self.process.get(command.place.list)
                {
                    sets[*process] = Some(on);
                }
            }
            let Some(place) = self.places[number] else { continue };
            let sure = |position| self.is_sure_compound(number, position);
            if let Some(lost) = first_to_fail(self.script, pipeline, sure)
                && !self.is_on(place, &sets, pipefail)
                && self.counts(place)
                && !self.is_tested(place, &tested)
            {
                found.push(LostStatus { shell: self.shell(place), ..lost });
            }
        }
        found
    }

    /// True for a group of a few commands none of which can fail, as `{ echo a; echo b; }`.
    fn is_sure_compound(&self, pipeline: usize, position: usize) -> bool {
        let first = self.compounds.partition_point(|c| (c.0, c.1) < (pipeline, position));
        let lists = self.compounds.get(first..).unwrap_or(&[]);
        let lists = lists.iter().take_while(|c| (c.0, c.1) == (pipeline, position));
        let inside = |span: Span| {
            let commands = &self.script.commands;
            let from = commands.partition_point(|c| c.span.start < span.start);
            commands[from..].iter().take_while(move |c| c.span.start < span.end)
        };
        let mut commands = lists.flat_map(|c| inside(c.2)).take(MAX_GROUP + 1).peekable();
        commands.peek().is_some() && {
            let sure: Vec<bool> = commands.map(is_sure).collect();
            sure.len() <= MAX_GROUP && sure.into_iter().all(|s| s)
        }
    }

    /// The command that starts the shell of what is at `place`.
    fn shell(&self, place: &Place) -> Option<&'s Command> {
        let mut number = place.list;
        for _ in 0..MAX_DEPTH {
            let list = self.script.lists.get(*self.process.get(number)?)?;
            if list.kind == ListKind::ShellString {
                return self.script.commands.get(list.owner?);
            }
            number = parent(self.script, list)?.list;
        }
        None
    }

    /// True if `pipefail` is in force at `place`.
    fn is_on(&self, place: &Place, sets: &[Option<bool>], from_start: bool) -> bool {
        let mut number = place.list;
        for _ in 0..MAX_DEPTH {
            let Some(process) = self.process.get(number) else { break };
            if let Some(on) = sets.get(*process).copied().flatten() {
                return on;
            }
            let Some(list) = self.script.lists.get(*process) else { break };
            if list.kind == ListKind::ShellString {
                // A shell of its own has its own options.
                let owner = list.owner.and_then(|i| self.script.commands.get(i));
                return owner.and_then(option_in) == Some(true);
            }
            match parent(self.script, list) {
                Some(place) => number = place.list,
                None => break,
            }
        }
        from_start
    }

    /// True for `sum=$(a | b)` where a later `[ "$sum" = … ]` sees that there is nothing in it.
    fn is_tested(&self, place: &Place, tested: &HashMap<&str, u32>) -> bool {
        let Some(list) = self.script.lists.get(place.list) else { return false };
        let Some(owner) = list.owner.and_then(|i| self.script.commands.get(i)) else { return false };
        let is_behind = |name: &str| tested.get(name).is_some_and(|at| *at > owner.span.start);
        matches!(list.kind, ListKind::CommandSubstitution | ListKind::Backticks)
            && owner.words.is_empty()
            && owner.assignments.iter().any(|a| is_behind(&a.name))
    }

    /// True if the status of the pipeline at `place` decides about the build.
    fn counts(&self, place: &Place) -> bool {
        let mut place = place;
        for _ in 0..MAX_DEPTH {
            if place.negated || place.background {
                return false;
            }
            let Some(list) = self.script.lists.get(place.list) else { return false };
            let end = self.ends.get(place.list).and_then(|ends| ends.get(place.index)).copied().flatten();
            let is_last = self.last_start.get(place.list).is_none_or(|last| *last <= place.index);
            match end {
                Some(Connector::Or | Connector::Background) => return false,
                Some(Connector::Seq) if !self.errexit && !is_last => return false,
                _ => {}
            }
            let owner = list.owner.and_then(|i| self.script.commands.get(i));
            let goes_on = match list.kind {
                ListKind::Script | ListKind::Function => return true,
                ListKind::Condition | ListKind::LoopCondition | ListKind::ProcessSubstitution => false,
                // `x=$(…)` has its status; a command has one of its own.
                ListKind::CommandSubstitution | ListKind::Backticks => {
                    owner.is_some_and(|c| c.words.is_empty())
                }
                ListKind::ShellString => owner.and_then(Command::program).is_some_and(is_shell),
                _ => true,
            };
            match parent(self.script, list) {
                Some(next) if goes_on => place = next,
                _ => return goes_on,
            }
        }
        false
    }
}

/// The variables that a test compares or looks into, each with the place of the last one.
fn tested(script: &Script) -> HashMap<&str, u32> {
    let is_test = |command: &&Command| matches!(command.program(), Some("[" | "[[" | "test"));
    let mut found = HashMap::new();
    for command in script.commands.iter().filter(is_test) {
        let names = command.words.iter().flat_map(Word::variables);
        found.extend(names.map(|name| (name, command.span.start)));
    }
    found
}

/// True for a list that runs in a process of its own, whose options end with it.
const fn is_process(kind: ListKind) -> bool {
    matches!(
        kind,
        ListKind::Script
            | ListKind::Subshell
            | ListKind::CommandSubstitution
            | ListKind::Backticks
            | ListKind::ProcessSubstitution
            | ListKind::ShellString
    )
}

/// Where a list stands: its compound command, or the command of whose words it is a part.
fn parent<'s>(script: &'s Script, list: &'s List) -> Option<&'s Place> {
    let owner = list.owner.and_then(|i| script.commands.get(i)).map(|c| &c.place);
    list.place.as_ref().or(owner)
}

/// Whether the options of `set`, or of a shell that is started, turn `pipefail` on or off.
fn option_in(command: &Command) -> Option<bool> {
    let mut on = None;
    let mut words = command.arguments().iter().map(Word::static_prefix).peekable();
    while let Some(word) = words.next() {
        if word.ends_with('o') && words.peek() == Some(&"pipefail") {
            on = match word.chars().next() {
                Some('-') => Some(true),
                Some('+') => Some(false),
                _ => on,
            };
        }
    }
    on
}

fn is_shell(program: &str) -> bool {
    program_is(program, Trait::Shell) || program == "su"
}

/// `set -e`, `set -o errexit`.
fn sets_errexit_in_script(command: &Command) -> bool {
    command.program() == Some("set")
        && command.arguments().iter().any(|w| w.is("errexit") || has_letter(w.static_prefix(), 'e'))
}

#[cfg(test)]
mod tests {
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    /// The programs whose failure goes unseen.
    fn lost(text: &str) -> String {
        let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\n{text}\n")));
        let model = Model::new(file.clone());
        let found = model.scripts.iter().flat_map(|s| model.lost_statuses(s));
        let names = found.map(|l| l.command.and_then(|c| c.program()).unwrap_or("()").to_owned());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_first_member_that_may_fail_counts() {
        for (run, want) in [
            ("a | b | c", "a"),
            ("echo x | a", ""),
            ("echo x | sed s/x/y/ | a | b", "a"),
            ("yes | a", ""),
            ("cat <<E | a\nx\nE", ""),
            ("cat f | a", "cat"),
            ("(a; b) | c", "()"),
            ("{ echo x; echo y; } | c", ""),
            ("{ echo x; a; } | c", "()"),
            ("for x in a b; do echo $x; done | c", ""),
            ("sudo a |& tee log", "a"),
            ("a | head -n1", ""),
            ("a | b | grep -q x", ""),
            ("a | grep x", "a"),
            ("a | tar xz -C /x", ""),
            ("a | tar --extract -f - | b", "tar"),
            ("a | tar cz > x", "a"),
            ("a | gpg --dearmor | tee x", "gpg"),
            ("a | xz -dc | tar -xf -", ""),
            ("a | sha256sum", "a"),
            ("a | sed -n '/x/{p;q}'", ""),
            ("a | awk '{print; exit}'", ""),
        ] {
            assert_eq!(lost(&format!("RUN {run}")), want, "{run}");
        }
    }

    #[test]
    fn a_status_that_does_not_count_is_not_lost() {
        for (run, want) in [
            ("a | b && c", "a"),
            ("c; a | b;", "a"),
            ("a | b; c", ""),
            ("set -e; a | b; c", "a"),
            ("a | b || true", ""),
            ("a | b && c || true", ""),
            ("! a | b", ""),
            ("a | b &", ""),
            ("if a | b; then c | d; fi", "c"),
            ("while a | b; do c; done", ""),
            ("for x in y; do a | b; done", "a"),
            ("(a | b) && { c | d; }", "a c"),
            ("X=$(a | b) && c", "a"),
            ("X=$(a | b) && [ \"$X\" = 1 ]", ""),
            ("X=$(a | b); test -n \"${X}\" || exit 1", ""),
            ("X=$(a | b); if [ \"$X\" != 1 ]; then exit 1; fi; c", ""),
            ("[ -n \"$X\" ]; X=$(a | b)", "a"),
            ("X=$(a | b) && [ -n \"$Y\" ]", "a"),
            ("echo \"$(a | b)\"; c `d | e`", ""),
            ("cat <(a | b)", ""),
            ("f() { a | b; }; f", "a"),
        ] {
            assert_eq!(lost(&format!("RUN {run}")), want, "{run}");
        }
    }

    #[test]
    fn the_option_holds_where_it_is_set() {
        for (text, want) in [
            ("RUN set -o pipefail && a | b", ""),
            ("RUN set -euxo pipefail; a | b", ""),
            ("RUN (set -o pipefail; a | b) && c | d", "c"),
            ("RUN set -o pipefail; (a | b); X=$(c | d)", ""),
            ("RUN set -o pipefail; a | b; set +o pipefail; c | d", "c"),
            ("RUN a | b; set -eo pipefail; c | d", "a"),
            ("RUN bash -o pipefail -c 'a | b'", ""),
            ("RUN set -o pipefail; bash -c 'a | b'", "a"),
            ("RUN bash -c 'set -o pipefail; a | b'", ""),
            ("RUN [\"bash\", \"-c\", \"a | b\"]", "a"),
            ("RUN <<E bash -eo pipefail\na | b\nE", ""),
            ("RUN <<E\n#!/usr/bin/env -S bash -o pipefail\na | b\nE", ""),
            ("RUN <<E\n#!/bin/bash\na | b\nE", "a"),
            ("RUN <<E\n#!/usr/bin/env python3\na | b\nE", ""),
            ("SHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\nRUN a | b", ""),
            ("SHELL [\"/bin/bash\", \"-c\"]\nRUN a | b", "a"),
            ("SHELL [\"pwsh\", \"-c\"]\nRUN a | b", ""),
            ("SHELL [\"/bin/sh\", \"-ec\"]\nRUN a | b; c", "a"),
            ("CMD a | b", ""),
            ("ONBUILD RUN a | b", "a"),
        ] {
            assert_eq!(lost(text), want, "{text}");
        }
    }
}
