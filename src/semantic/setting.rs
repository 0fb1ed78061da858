//! Environment variables as a command sees them.

use crate::knowledge::VARIABLES_OF_SHELLS;
use crate::shell::{PartKind, Word};
use crate::syntax::Kind;

use super::{Base, Cmd, Model, Stage};

impl Model {
    /// True if an ARG of this name stands anywhere in the file.
    fn declares_arg(&self, name: &str) -> bool {
        self.file.instructions.iter().any(|i| match &i.kind {
            Kind::Arg(decls) => decls.iter().any(|d| &*d.name.text == name),
            _ => false,
        })
    }

    /// True if the image that `stage` starts from in the end is one of what a variable's name says
    /// (`PYTHON_VERSION` of `python`), or one that the variable chooses.
    #[must_use]
    pub fn image_may_set(&self, stage: &Stage, name: &str) -> bool {
        const JAVA: [&str; 5] = ["temurin", "corretto", "jdk", "jre", "zulu"];
        let Some(root) = self.lineage(stage).last() else { return true };
        let chosen = root.base_word.as_ref().and_then(|w| w.variables().ok()).unwrap_or_default();
        let topic = name.split('_').next().unwrap_or(name).to_ascii_lowercase();
        let path = root.image().map_or("", |i| &i.path);
        chosen.iter().any(|v| &*v.name == name)
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
    /// What the variable `name` is set to: before the command, by `env` or `export`, by ENV or ARG.
    /// `None` if the file sets it nowhere.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<Setting<'m>> {
        let of = |value: Option<&'m str>| value.map_or(Setting::Unknown, Setting::To);
        let shell = self.shell();
        if let Some(assignment) = shell.assignments.iter().find(|a| &*a.name == name) {
            return Some(of(assignment.value.as_ref().and_then(|v| v.as_str())));
        }
        let wrapped = shell.words.iter().take(shell.effective().name_index);
        let exports = self.script().script.commands[..self.usage.command]
            .iter()
            .filter(|c| matches!(c.program(), Some("export")))
            .flat_map(|c| c.arguments());
        let word = wrapped
            .chain(exports)
            .find_map(|w| Some((w, w.static_prefix().strip_prefix(name)?.strip_prefix('=')?)));
        if let Some((word, value)) = word {
            return Some(of((!word.has_expansion()).then_some(value)));
        }
        let model = self.model;
        model.binding(self.step(), name).map(|b| of(b.value.known()))
    }

    /// The value of a variable that the script assigned before, as `$deps` of `deps='a b'; …`, or that
    /// ENV or ARG set, where it is known.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&'m str> {
        const DECLARE: [&str; 5] = ["export", "local", "declare", "readonly", "typeset"];
        let before = &self.script().script.commands[..self.usage.command];
        for command in before.iter().rev() {
            if let Some(assignment) = command.assignments.iter().find(|a| &*a.name == name) {
                let value = assignment.value.as_ref().filter(|_| !assignment.append);
                return value.and_then(|v| v.as_str());
            }
            if !command.program().is_some_and(|p| DECLARE.contains(&p)) {
                continue;
            }
            let set = |w: &'m Word| w.static_prefix().strip_prefix(name)?.strip_prefix('=').map(|v| (w, v));
            if let Some((word, value)) = command.arguments().iter().find_map(set) {
                return (!word.has_expansion()).then_some(value);
            }
        }
        self.model.binding(self.step(), name)?.value.known()
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
            // An ARG in another place was meant to be this one.
            && !model.declares_arg(name)
            && !model.image_may_set(stage, name)
            && !self.script_may_set(name)
    }

    /// True if the script names the variable elsewhere than in an expansion (`for name in …`,
    /// `read name`), or runs what may set anything.
    fn script_may_set(&self, name: &str) -> bool {
        let text = self.model.text(self.model.instruction(self.step()).span);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let set = text.match_indices(name).any(|(at, _)| {
            let (before, behind) = (&text[..at], &text[at + name.len()..]);
            let expanded = before.ends_with('$') || before.ends_with("${");
            !expanded && !before.ends_with(is_name) && !behind.starts_with(is_name)
        });
        let runs = |p: &str| matches!(p, "." | "source" | "eval");
        set || self.script().script.commands.iter().any(|c| c.program().is_some_and(runs))
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
