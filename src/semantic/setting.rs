//! Environment variables as a command sees them.

use crate::knowledge::VARIABLES_OF_SHELLS;
use crate::shell::{PartKind, Word};
use crate::syntax::{Found, Kind};

use super::facts::Assigned;
use super::{Base, Cmd, Model, Stage, images};

impl Model {
    /// True if what `stage` starts from in the end surely does not set a variable, PATH aside; `None` if that may be a stage
    /// of this file.
    #[must_use]
    pub fn base_leaves_unset(&self, stage: &Stage, name: &str) -> Option<bool> {
        const PATH_ONLY: [&str; 4] = ["alpine", "busybox", "debian", "ubuntu"];
        match self.root_base(stage) {
            Base::Scratch => Some(true),
            Base::Image(image) => Some(match self.build().base_config(image) {
                Some(config) => config.is_whole && !config.env.contains_key(name),
                None => image.is_official() && PATH_ONLY.contains(&image.familiar_path()),
            }),
            _ => None,
        }
    }

    /// True if what `stage` starts from in the end is known to set a variable.
    #[must_use]
    pub fn base_sets(&self, stage: &Stage, name: &str) -> bool {
        self.base_config(stage).is_some_and(|config| config.env.contains_key(name))
    }

    /// True if an ARG of this name stands anywhere in the file.
    fn declares_arg(&self, name: &str) -> bool {
        let names = self.facts.arg_names.get_or_init(|| {
            let decls = self.file.instructions.iter().filter_map(|i| match &i.kind {
                Kind::Arg(decls) => Some(decls),
                _ => None,
            });
            decls.flatten().map(|d| d.name.text.clone()).collect()
        });
        names.contains(name)
    }

    /// True if the image that `stage` starts from in the end is one of what a variable's name says
    /// (`PYTHON_VERSION` of `python`), or one that the variable chooses.
    #[must_use]
    pub fn image_may_set(&self, stage: &Stage, name: &str) -> bool {
        const JAVA: [&str; 5] = ["temurin", "corretto", "jdk", "jre", "zulu"];
        let Some(root) = self.stages.get(stage.root) else { return true };
        let chosen = root.base_word.as_ref().and_then(|w| w.variables().ok()).unwrap_or_default();
        let topic = name.split('_').next().unwrap_or(name).to_ascii_lowercase();
        let path = root.image().map_or("", |i| &i.path);
        chosen.iter().any(|v| &*v.name == name)
            || root.image().and_then(images::facts).is_some_and(|facts| facts.env.contains(&name))
            || path.contains(&topic)
            || (topic == "java" && JAVA.iter().any(|j| path.contains(j)))
    }
}

/// The value of an environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting<'m> {
    /// It is set to this.
    To(&'m str),
    /// It is set, but who knows to what.
    Unknown,
}

impl<'m> Cmd<'m> {
    /// What the variable `name` is set to: before the command, by `env` or `export`, by ENV or ARG, or by the base image
    /// where that is known. `None` if nothing is known to set it.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<Setting<'m>> {
        let of = |value: Option<&'m str>| value.map_or(Setting::Unknown, Setting::To);
        let shell = self.shell();
        if let Some(assignment) = shell.assignments.iter().find(|a| &*a.name == name) {
            return Some(of(assignment.value.as_ref().and_then(|v| v.as_str())));
        }
        let mut wrapped = shell.words.iter().take(shell.effective().name_index);
        let word = wrapped.find_map(|w| Some((w, w.static_prefix().strip_prefix(name)?.strip_prefix('=')?)));
        if let Some((word, value)) = word.or_else(|| self.first_export(name)) {
            return Some(of((!word.has_expansion()).then_some(value)));
        }
        let model = self.model;
        model
            .binding(self.step(), name)
            .map(|b| of(b.value.known()))
            .or_else(|| self.of_base(name).map(Setting::To))
    }

    /// The value of a variable that the script assigned before, as `$deps` of `deps='a b'; …`, or that
    /// ENV, ARG or the base image set, where it is known.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&'m str> {
        match self.last_assignment(name) {
            Some(Assigned::Before(value, append)) => value.filter(|_| !append).and_then(|v| v.as_str()),
            Some(Assigned::Argument(word, value)) => (!word.has_expansion()).then_some(value),
            None => match self.model.binding(self.step(), name) {
                Some(binding) => binding.value.known(),
                None => self.of_base(name),
            },
        }
    }

    /// What the base image sets a variable to, where that is known.
    fn of_base(&self, name: &str) -> Option<&'m str> {
        match self.model.environment(self.step()).find(name) {
            Found::Known(value) => Some(value),
            Found::Unset | Found::Unknown => None,
        }
    }

    /// True if the script does not set the variable `name` before: it comes from ENV, ARG or the base image, or is
    /// empty.
    #[must_use]
    pub fn comes_from_outside(&self, name: &str) -> bool {
        self.last_assignment(name).is_none()
    }

    /// What a word with variables stands for, where all of them are known; its quotes are gone.
    #[must_use]
    pub fn text_of(&self, word: &Word) -> Option<String> {
        if let Some(text) = word.as_str() {
            return Some(text.to_owned());
        }
        let mut out = String::new();
        for part in &word.parts {
            match &part.kind {
                PartKind::Literal => out.push_str(self.model.text(part.span)),
                PartKind::Variable(name) => out.push_str(self.variable(name)?),
                _ => return None,
            }
        }
        Some(out)
    }

    /// True if a variable is certainly empty: no instruction and no command sets it, and the base image
    /// is one that does not.
    #[must_use]
    pub fn is_unset(&self, name: &str) -> bool {
        let model = self.model;
        let (Some(stage), false) = (self.stage(), VARIABLES_OF_SHELLS.contains(&name)) else { return false };
        let official = match model.root_base(stage) {
            Base::Scratch => true,
            Base::Image(image) => image.is_official(),
            _ => false,
        };
        let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
        official
            && name.starts_with(starts)
            && model.binding(self.step(), name).is_none()
            && self.of_base(name).is_none()
            // An ARG in another place was meant to be this one.
            && !model.declares_arg(name)
            && !model.image_may_set(stage, name)
            && !self.script_may_set(name)
    }

    /// True if a word may turn out to be options: a variable in front that is unknown or holds a `-`.
    #[must_use]
    pub fn may_be_options(&self, word: &Word) -> bool {
        if !word.has_expansion() || word.parts.iter().any(|p| p.kind == PartKind::Literal) {
            return false;
        }
        self.text_of(word).is_none_or(|text| text.split_ascii_whitespace().any(|t| t.starts_with('-')))
    }
}
