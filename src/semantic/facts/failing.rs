//! What comes of it where a command fails.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::semantic::{Cmd, Model, ScriptId, ScriptKind, ScriptUse};
use crate::shell::{Command, Connector, ListKind, Place, Script};

/// What comes of it where a command fails, see [`Cmd::failing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// The build runs it in any case, as far as nothing before it fails, and ends there.
    EndsBuild,
    /// The build runs it, and goes on: `a; b`, `a | b`, `a &`, `echo $(a)`.
    GoesUnseen,
    /// The build may not run it: a branch, a loop, a function, what stands behind `||`, a trigger.
    MayNotRun,
    /// Something is done about it: `a || b`, `if a`, `! a`.
    IsHandled,
}

/// That of each command, by script, each worked out when somebody asks for it.
pub(super) type ByScript = Box<[OnceLock<Box<[Failing]>>]>;

impl Failing {
    /// That of a command whose own status is lost, inside of something with this one.
    const fn unseen(self) -> Self {
        match self {
            Self::EndsBuild | Self::GoesUnseen => Self::GoesUnseen,
            Self::MayNotRun | Self::IsHandled => self,
        }
    }
}

impl Cmd<'_> {
    /// What comes of it where the command fails. Of a script that is not understood nothing is sure:
    /// [`Failing::MayNotRun`].
    #[must_use]
    pub fn failing(&self) -> Failing {
        let (model, id) = (self.model, self.usage.script);
        let cells =
            model.facts.failing.get_or_init(|| model.scripts.iter().map(|_| Default::default()).collect());
        let all = cells.get(id.index()).map(|cell| cell.get_or_init(|| of_script(model, id)));
        all.and_then(|all| all.get(self.usage.command)).copied().unwrap_or(Failing::MayNotRun)
    }

    /// True if the build runs the command in any case, as far as nothing before it fails, and ends where it fails.
    #[must_use]
    pub fn ends_build(&self) -> bool {
        self.failing() == Failing::EndsBuild
    }
}

/// That of each command of a script; of none if the script says nothing of this build.
fn of_script(model: &Model, id: ScriptId) -> Box<[Failing]> {
    let used = model.script(id);
    let script = &used.script;
    if used.kind != ScriptKind::Run || used.onbuild || script.opaque || script.approximate {
        return Box::default();
    }
    let mut items: Vec<Vec<Option<&Place>>> = script.lists.iter().map(|list| vec![None; list.len]).collect();
    let of_lists = script.lists.iter().filter_map(|list| list.place.as_ref());
    for place in script.commands.iter().map(|command| &command.place).chain(of_lists) {
        if let Some(item) = items.get_mut(place.list).and_then(|items| items.get_mut(place.index)) {
            *item = Some(place);
        }
    }
    let mut lists: Vec<Items> = Vec::with_capacity(items.len());
    let assigned = assigned(script);
    for (at, (list, items)) in script.lists.iter().zip(&items).enumerate() {
        // What a list is an item of stands before it.
        let around = list.place.as_ref().and_then(|place| Some((place, lists.get(place.list)?)));
        let (whole, stops) = match (list.kind, around) {
            (ListKind::Script, _) => {
                (Failing::EndsBuild, used.stops_at_errors() || model.shell_stops_at_errors(used))
            }
            (_, None) => (Failing::MayNotRun, false),
            (kind, Some((place, around))) => {
                let whole = around.of(place);
                match kind {
                    ListKind::Subshell | ListKind::Group => (whole, around.stops_behind(place)),
                    ListKind::ShellString => {
                        let owner = list.owner.and_then(|owner| script.commands.get(owner));
                        (whole, owner.is_some_and(names_errexit))
                    }
                    ListKind::Condition | ListKind::LoopCondition => (Failing::IsHandled, false),
                    // An assignment that stands alone ends with the status of what it takes in.
                    ListKind::CommandSubstitution | ListKind::Backticks
                        if list.owner.is_some_and(|owner| assigned.get(&owner) == Some(&at)) =>
                    {
                        (whole, false)
                    }
                    ListKind::CommandSubstitution | ListKind::Backticks | ListKind::ProcessSubstitution => {
                        (whole.unseen(), false)
                    }
                    _ => (Failing::MayNotRun, false),
                }
            }
        };
        lists.push(Items::new(items, whole, stops));
    }
    let of = |command: &Command| {
        lists.get(command.place.list).map_or(Failing::MayNotRun, |items| items.of(&command.place))
    };
    script.commands.iter().map(of).collect()
}

/// The last substitution of each command that is nothing but one assignment, by the command.
fn assigned(script: &Script) -> HashMap<usize, usize> {
    let substitutes = |kind| matches!(kind, ListKind::CommandSubstitution | ListKind::Backticks);
    let is_alone = |owner: &usize| {
        let command = script.commands.get(*owner);
        command.is_some_and(|c| c.words.is_empty() && c.assignments.len() == 1 && c.redirects.is_empty())
    };
    let lists = script.lists.iter().enumerate().filter(|(_, list)| substitutes(list.kind));
    lists.filter_map(|(at, list)| Some((list.owner.filter(is_alone)?, at))).collect()
}

/// What comes of the items of a list.
struct Items {
    failing: Vec<Failing>,
    /// The shell stops at an item that fails, but for those before `&&` and `||`.
    stops: bool,
}

impl Items {
    /// Those of a list that is `whole` where its last item fails.
    fn new(items: &[Option<&Place>], whole: Failing, stops: bool) -> Self {
        let mut failing = vec![Failing::MayNotRun; items.len()];
        let connector = |at: usize| items.get(at).copied().flatten().map(|place| place.before.connector);
        // What comes of a failure that makes the shell skip the item behind.
        let mut skipped = whole;
        for (at, place) in items.iter().enumerate().rev() {
            let next = if at + 1 == items.len() { None } else { Some(connector(at + 1)) };
            let own = match next {
                None => whole,
                Some(Some(Connector::And)) => skipped,
                Some(Some(Connector::Or)) => Failing::IsHandled,
                Some(Some(Connector::Seq)) if stops => whole,
                Some(_) => whole.unseen(),
            };
            skipped = match next {
                None => whole,
                Some(Some(Connector::And | Connector::Pipe | Connector::PipeBoth)) => skipped,
                Some(Some(Connector::Or)) => Failing::IsHandled,
                Some(_) => whole.unseen(),
            };
            failing[at] = match place {
                None => Failing::MayNotRun,
                Some(place) if place.negated => Failing::IsHandled,
                Some(place) if place.background => whole.unseen(),
                Some(_) => own,
            };
        }
        // What stands behind `||` runs only where that before it fails.
        let mut is_sure = true;
        for (at, failing) in failing.iter_mut().enumerate() {
            is_sure = match connector(at) {
                Some(Connector::Or) => false,
                Some(Connector::Pipe | Connector::PipeBoth) => is_sure,
                _ => true,
            };
            if !is_sure && *failing != Failing::IsHandled {
                *failing = Failing::MayNotRun;
            }
        }
        Self { failing, stops }
    }

    fn of(&self, place: &Place) -> Failing {
        self.failing.get(place.index).copied().unwrap_or(Failing::MayNotRun)
    }

    /// Whether the shell stops at what fails inside of an item.
    fn stops_behind(&self, place: &Place) -> bool {
        self.stops && place.after.is_none_or(|link| link.connector == Connector::Seq)
    }
}

/// True for `bash -e` and `sh -o errexit`.
fn names_errexit(shell: &Command) -> bool {
    shell.arguments().iter().filter_map(|word| word.as_str()).any(is_errexit)
}

/// True for an option of a shell, or of `set`, that ends a script at the first command that fails: `-e`, `-eux`, `errexit`.
#[must_use]
pub fn is_errexit(option: &str) -> bool {
    let letters =
        option.strip_prefix('-').filter(|letters| letters.bytes().all(|byte| byte.is_ascii_alphabetic()));
    option == "errexit" || letters.is_some_and(|letters| letters.contains('e'))
}

impl ScriptUse {
    /// True if the script starts with `set -e`, and nothing in it takes that back.
    #[must_use]
    pub fn stops_at_errors(&self) -> bool {
        let commands = &self.script.commands;
        let sets = |command: &&Command| command.program() == Some("set");
        let is_first = |command: &Command| {
            let place = &command.place;
            place.list == 0 && place.index == 0 && !place.background && !place.negated
        };
        let first =
            commands.first().filter(sets).filter(|command| is_first(command) && names_errexit(command));
        let takes_back = |word: &str| word.strip_prefix('+').is_some_and(|letters| letters.contains('e'));
        let back = || {
            let words = commands.iter().filter(sets).flat_map(|command| command.arguments());
            words.filter_map(|word| word.as_str()).any(takes_back)
        };
        first.is_some() && !back()
    }
}

#[cfg(test)]
mod tests {
    use super::Failing::{self, EndsBuild, GoesUnseen, IsHandled, MayNotRun};
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    /// What comes of it where the command `it` of an instruction fails.
    fn failing(instruction: &str) -> Failing {
        let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\n{instruction}\n")));
        let model = Model::new(file);
        let mut found = model.commands().filter(|cmd| cmd.program() == "it").map(|cmd| cmd.failing());
        let only = found.next().unwrap_or_else(|| panic!("{instruction}"));
        assert_eq!(found.next(), None, "{instruction}");
        only
    }

    #[test]
    fn what_comes_of_a_failure_depends_on_what_stands_around() {
        for (script, want) in [
            ("it", EndsBuild),
            ("a && it && b", EndsBuild),
            ("a; it", EndsBuild),
            ("a; it && b", EndsBuild),
            ("it && a | b", EndsBuild),
            ("a | it", EndsBuild),
            ("a || b && it", EndsBuild),
            ("a || b; it", EndsBuild),
            ("it && (a || b)", EndsBuild),
            ("it && { a; } && if a; then b || c; fi", EndsBuild),
            ("(a && it)", EndsBuild),
            ("{ it && b; } && c", EndsBuild),
            ("sudo it", EndsBuild),
            ("x=$(it) && b", EndsBuild),
            ("x=\"a$(b)$(it)\"", EndsBuild),
            ("set -e; x=`it`; a", EndsBuild),
            ("bash -c 'a; it'", EndsBuild),
            ("bash -ec 'it; a' && b", EndsBuild),
            ("set -eux; it; a", EndsBuild),
            ("set -e; (it; a); b", EndsBuild),
            ("it; a", GoesUnseen),
            ("it && a; b", GoesUnseen),
            ("set -e; it && a; b", GoesUnseen),
            ("set -e; (it; a) && b", GoesUnseen),
            ("set -e; set +e; it; a", GoesUnseen),
            ("{ it && a; }; b", GoesUnseen),
            ("bash -c 'it; a'", GoesUnseen),
            ("it | a", GoesUnseen),
            ("it & wait", GoesUnseen),
            ("x=$(it); a", GoesUnseen),
            ("echo `it`", GoesUnseen),
            ("export x=$(it)", GoesUnseen),
            ("x=$(it)$(b)", GoesUnseen),
            ("x=$(echo $(it))", GoesUnseen),
            ("x=$(it) b", GoesUnseen),
            ("it || true", IsHandled),
            ("(it) || a", IsHandled),
            ("(it; a) || b", IsHandled),
            ("it && a || b", IsHandled),
            ("bash -c it || a", IsHandled),
            ("! it", IsHandled),
            ("if it; then a; fi", IsHandled),
            ("while ! it; do a; done", IsHandled),
            ("if a; then it; fi", MayNotRun),
            ("a || it", MayNotRun),
            ("a || b | it", MayNotRun),
            ("[ -e /x ] || (a && it && b)", MayNotRun),
            ("for x in a b; do it; done", MayNotRun),
            ("case $x in a) it ;; esac", MayNotRun),
            ("f() { it; }; a", MayNotRun),
        ] {
            assert_eq!(failing(&format!("RUN {script}")), want, "{script}");
        }
        assert_eq!(failing("RUN [\"it\", \"a\"]"), EndsBuild);
        assert_eq!(failing("RUN [\"sh\", \"-c\", \"it; a\"]"), GoesUnseen);
        assert_eq!(failing("RUN <<EOF\nit\na\nEOF"), GoesUnseen);
        assert_eq!(failing("RUN <<EOF\nset -e\nit\na\nEOF"), EndsBuild);
        assert_eq!(failing("SHELL [\"/bin/bash\", \"-ec\"]\nRUN it; a"), EndsBuild);
        assert_eq!(failing("ONBUILD RUN it"), MayNotRun);
        assert_eq!(failing("CMD it"), MayNotRun);
    }
}
