//! Where scripts set variables.

use crate::text::ShortText;
use std::collections::HashMap;

use crate::shell::{Command, Word};

use super::super::{Cmd, Model, ScriptId, id::number};

/// Commands that set the variables that their arguments give a value.
const DECLARE: [&str; 5] = ["export", "local", "declare", "readonly", "typeset"];

/// By the name of the variable.
#[derive(Debug, Default)]
pub(in crate::semantic) struct Assignments(HashMap<ShortText, Places>);

/// In the order of the file, at most one place of a command.
#[derive(Debug, Default)]
struct Places {
    /// The arguments of `export`.
    exports: Vec<Place>,
    /// `NAME=value` before a command or alone, and the arguments of all that declares.
    sets: Vec<Place>,
}

/// A command that sets a variable.
#[derive(Debug, Clone, Copy)]
struct Place {
    script: ScriptId,
    command: u32,
    by: By,
}

#[derive(Debug, Clone, Copy)]
enum By {
    /// Index into the command's assignments.
    Assignment(u32),
    /// Index into its arguments.
    Argument(u32),
}

impl Assignments {
    fn of(model: &Model) -> Self {
        let mut found = Self::default();
        for (index, script) in model.scripts.iter().enumerate() {
            let script_id = ScriptId::of(index);
            for (at, command) in script.script.commands.iter().enumerate() {
                found.add(script_id, number(at), command);
            }
        }
        found
    }

    fn add(&mut self, script: ScriptId, command: u32, parsed: &Command) {
        for (at, assignment) in parsed.assignments.iter().enumerate() {
            let place = Place { script, command, by: By::Assignment(number(at)) };
            push(&mut self.named(&assignment.name).sets, place);
        }
        let Some(program) = parsed.program().filter(|p| DECLARE.contains(p)) else { return };
        for (at, word) in parsed.arguments().iter().enumerate() {
            let Some((name, _)) = word.static_prefix().split_once('=') else { continue };
            let place = Place { script, command, by: By::Argument(number(at)) };
            let places = self.named(name);
            push(&mut places.sets, place);
            if program == "export" {
                push(&mut places.exports, place);
            }
        }
    }

    fn named(&mut self, name: &str) -> &mut Places {
        self.0.entry(name.into()).or_default()
    }
}

/// The first place of a command counts.
fn push(places: &mut Vec<Place>, place: Place) {
    if places.last().is_none_or(|last| (last.script, last.command) < (place.script, place.command)) {
        places.push(place);
    }
}

impl Model {
    fn assignments(&self) -> &Assignments {
        self.facts.assignments.get_or_init(|| Assignments::of(self))
    }
}

/// How a script sets a variable.
pub(in crate::semantic) enum Assigned<'m> {
    /// `NAME=value` before a command, or alone: the value, if it is a word; true for `NAME+=value`.
    Before(Option<&'m Word>, bool),
    /// The argument `NAME=value`, and the fixed text behind its `=`.
    Argument(&'m Word, &'m str),
}

impl<'m> Cmd<'m> {
    /// The first `export NAME=value` before it in its script.
    pub(in crate::semantic) fn first_export(&self, name: &str) -> Option<(&'m Word, &'m str)> {
        let exports = &self.model.assignments().0.get(name)?.exports;
        let script = self.usage.script;
        let first = exports.get(exports.partition_point(|p| p.script < script))?;
        let before = first.script == script && first.command < number(self.usage.command);
        match self.assigned(*first).filter(|_| before)? {
            Assigned::Argument(word, value) => Some((word, value)),
            Assigned::Before(..) => None,
        }
    }

    /// What sets the variable `name` last before it in its script.
    pub(in crate::semantic) fn last_assignment(&self, name: &str) -> Option<Assigned<'m>> {
        let sets = &self.model.assignments().0.get(name)?.sets;
        let own = (self.usage.script, number(self.usage.command));
        let last = sets[..sets.partition_point(|p| (p.script, p.command) < own)].last()?;
        self.assigned(*last).filter(|_| last.script == own.0)
    }

    fn assigned(&self, place: Place) -> Option<Assigned<'m>> {
        let script = self.model.scripts.get(place.script.index())?;
        let command = script.script.commands.get(place.command as usize)?;
        match place.by {
            By::Assignment(at) => {
                let assignment = command.assignments.get(at as usize)?;
                Some(Assigned::Before(assignment.value.as_ref(), assignment.append))
            }
            By::Argument(at) => {
                let word = command.arguments().get(at as usize)?;
                Some(Assigned::Argument(word, word.static_prefix().split_once('=')?.1))
            }
        }
    }
}
