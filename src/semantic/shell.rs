//! Which shell reads the scripts of a step, and which variables it finds set.

use std::collections::BTreeSet;

use crate::knowledge::{IMAGES_WITH_SHELL, IMAGES_WITHOUT_SHELL};
use crate::shell::Dialect;
use crate::syntax::{ExecItem, ImageRef, Kind};

use super::{Base, Model, ScriptUse, Stage, images, scripts};

/// The words of a SHELL in front of the script, as `/bin/bash -eo pipefail -c`.
#[derive(Debug, Clone, Copy)]
pub struct ShellWords<'a> {
    items: &'a [ExecItem],
}

impl<'a> ShellWords<'a> {
    /// These words, if there are any.
    pub(super) fn of(items: &'a [ExecItem]) -> Option<Self> {
        (!items.is_empty()).then_some(Self { items })
    }

    /// The shell's program: `/bin/bash`, also behind another one that starts it, as `conda run`.
    #[must_use]
    pub fn program(self) -> &'a str {
        scripts::shell_program(self.items)
    }

    /// True if an option ends the script at the first command that fails: `-e`, `-o errexit`.
    #[must_use]
    pub fn stops_at_errors(self) -> bool {
        let options = |item: &&ExecItem| !item.value.starts_with("--");
        self.items.iter().filter(options).any(|item| match item.value.strip_prefix('-') {
            Some(letters) => letters.contains('e') && letters.bytes().all(|b| b.is_ascii_alphabetic()),
            None => &*item.value == "errexit",
        })
    }

    /// True for `-o pipefail`, `-euo pipefail`.
    pub(super) fn sets_pipefail(self) -> bool {
        self.items.windows(2).any(|pair| match pair {
            [option, name] => {
                &*name.value == "pipefail" && option.value.starts_with('-') && option.value.ends_with('o')
            }
            _ => false,
        })
    }
}

/// True for an image that is known to set a SHELL, on whatever registry.
fn sets_shell(image: &ImageRef) -> bool {
    let path = &*image.path;
    IMAGES_WITH_SHELL.iter().any(|known| {
        let name = known.trim_end_matches('*');
        let rest = path.find(name).filter(|at| *at == 0 || path.as_bytes().get(at - 1) == Some(&b'/'));
        rest.is_some_and(|at| is_below(path.get(at..).unwrap_or(""), known))
    })
}

/// True for `ubuntu/nginx` of `ubuntu/*`, and for the very name.
fn is_below(name: &str, known: &str) -> bool {
    match known.strip_suffix('*') {
        Some(folder) => name.starts_with(folder),
        None => name == known,
    }
}

impl Model {
    /// The SHELL that reads the shell form of a script, and its language. Without one it is the shell that
    /// images start with, or that a comment says they do. A trigger is read by the last one of its stage
    /// or of the triggers before it.
    #[must_use]
    pub fn shell_of(&self, script: &ScriptUse) -> (Option<ShellWords<'_>>, Dialect) {
        let Some(step) = self.steps.get(script.step) else { return (None, Dialect::Unknown) };
        let state = step.state;
        let words = match state.shell {
            Some(step) => self.shell_words(step),
            None => self.stage_of(script.step).and_then(|stage| self.base_shell(stage)),
        };
        // A comment behind the SHELL says otherwise.
        let words = words.filter(|words| scripts::interpreter(words.program()) == state.dialect);
        (words, state.dialect)
    }

    /// True if the SHELL that reads a script ends at the first command that fails.
    #[must_use]
    pub fn shell_stops_at_errors(&self, script: &ScriptUse) -> bool {
        let own = self.steps.get(script.step).is_some_and(|step| step.state.shell.is_some());
        let of_image = || self.stage_of(script.step).is_some_and(|stage| self.image_sets_shell(stage));
        match self.shell_of(script).0 {
            Some(words) => words.stops_at_errors(),
            // Its options are not known.
            None => !own && of_image(),
        }
    }

    /// True if the image that a stage starts from is known to set a SHELL.
    fn image_sets_shell(&self, stage: &Stage) -> bool {
        self.base_config(stage).is_none()
            && matches!(self.root_base(stage), Base::Image(image) if !image.is_official() && sets_shell(image))
    }

    /// True if the shell form surely runs under `/bin/sh` where a stage sets no SHELL: the image that it starts from sets
    /// none.
    #[must_use]
    pub fn starts_with_sh(&self, stage: &Stage) -> bool {
        match self.root_base(stage) {
            Base::Image(image) => {
                self.base_config(stage).is_some_and(|config| config.is_whole && config.shell.is_empty())
                    || image.is_official()
                    || IMAGES_WITHOUT_SHELL.iter().any(|known| is_below(&images::written(image), known))
            }
            Base::Scratch => true,
            _ => self.below(stage).is_some_and(|(model, stage)| {
                model.end_state(stage).shell.is_none() && model.starts_with_sh(stage)
            }),
        }
    }

    /// True if a SHELL counts for the shell form of a step: one of this file, or of the image that its stage starts from.
    #[must_use]
    pub fn has_shell(&self, step: usize) -> bool {
        let own = self.steps.get(step).is_some_and(|step| step.state.shell.is_some());
        let of_base = |stage| self.base_shell(stage).is_some() || self.image_sets_shell(stage);
        own || self.stage_of(step).is_some_and(of_base)
    }

    /// The words of the SHELL of a step.
    pub(super) fn shell_words(&self, step: usize) -> Option<ShellWords<'_>> {
        match &self.instruction(step).kind {
            Kind::Shell(Some(shell)) => Some(ShellWords { items: &shell.items }),
            _ => None,
        }
    }

    /// The names of the variables that ENV and ARG set for a script; of a trigger those of its image.
    /// `None` if there are more than `most`.
    #[must_use]
    pub fn variables_of(&self, script: &ScriptUse, most: usize) -> Option<BTreeSet<&str>> {
        self.environment(script.step).names(most)
    }

    /// True if ENV or ARG set the variable `name` for a script.
    #[must_use]
    pub fn has_variable(&self, script: &ScriptUse, name: &str) -> bool {
        self.environment(script.step).binding(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    /// For each script: the shell, whether it stops at errors, and the variables.
    fn shells(text: &str) -> Vec<(String, bool, String)> {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let of = |script: &ScriptUse| {
            let (shell, _) = model.shell_of(script);
            let names: Vec<&str> = model.variables_of(script, 9).unwrap().into_iter().collect();
            assert!(names.iter().all(|name| model.has_variable(script, name)));
            let program = shell.map_or("", |s| s.program()).to_owned();
            (program, shell.is_some_and(ShellWords::stops_at_errors), names.join(" "))
        };
        model.scripts.iter().map(of).collect()
    }

    #[test]
    fn a_script_has_the_shell_and_the_variables_of_its_step() {
        let text = "ARG G=1\nFROM a AS base\nENV A=1\nRUN x\nSHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\n\
            ARG B\nONBUILD RUN x\nRUN x\nENV C=1\nFROM base\nARG G\n\
            SHELL [\"conda\", \"run\", \"--name\", \"e\", \"/bin/bash\", \"-c\"]\nRUN x\n";
        let row = |program: &str, stops, names: &str| (program.to_owned(), stops, names.to_owned());
        assert_eq!(
            shells(text),
            [
                row("", false, "A"),
                row("/bin/bash", true, "A C"),
                row("/bin/bash", true, "A B"),
                row("/bin/bash", false, "A B C G"),
            ]
        );
    }

    #[test]
    fn a_trigger_has_what_the_triggers_before_it_set() {
        let text = "FROM a\nENV E=1\nARG G\nONBUILD ARG A\nONBUILD SHELL [\"pwsh\", \"-c\"]\nONBUILD RUN x\nRUN x\n\
            ONBUILD ENV B=1\nENV F=1\n";
        let row = |program: &str, names: &str| (program.to_owned(), false, names.to_owned());
        assert_eq!(shells(text), [row("pwsh", "A E F"), row("", "E G")]);
    }

    #[test]
    fn the_last_shell_of_a_stage_counts_for_those_that_start_from_it() {
        let dialects = |text: &str| {
            let file = parse(Source::from_text("Dockerfile", text));
            let model = Model::new(file.clone());
            model.scripts.iter().map(|s| (model.shell_of(s).1, s.script.dialect)).collect::<Vec<_>>()
        };
        let bash = (Dialect::Bash, Dialect::Bash);
        assert_eq!(dialects("FROM a AS b\nSHELL [\"bash\", \"-c\"]\nFROM b\nRUN x\n"), [bash]);
        assert_eq!(dialects("FROM a\n# hadolint shell=bash\nRUN x\n"), [bash]);
        let text = "FROM a\nSHELL [\"bash\", \"-c\"]\n# hadolint shell=pwsh\nRUN x\n";
        assert_eq!(dialects(text), [(Dialect::PowerShell, Dialect::PowerShell)]);
    }

    #[test]
    fn too_many_variables_are_not_listed() {
        let file = parse(Source::from_text("Dockerfile", "FROM a\nENV A=1 B=1\nRUN x\n"));
        let model = Model::new(file.clone());
        assert_eq!(model.variables_of(&model.scripts[0], 1), None);
        assert!(model.has_variable(&model.scripts[0], "B"));
        assert!(!model.has_variable(&model.scripts[0], "C"));
    }
}
