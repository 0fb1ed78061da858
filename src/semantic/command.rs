use std::borrow::Cow;

use crate::shell::{Command, Script, Word};
use crate::text::{ShortText, Span};

use super::{CommandId, Model, ScriptId, Stage};
use crate::knowledge::{Action, Manager, ManagerId};

/// Which instruction a script belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the instruction of that name")]
pub enum ScriptKind {
    Run,
    Cmd,
    Entrypoint,
    Healthcheck,
}

/// A script of an instruction.
#[derive(Debug)]
pub struct ScriptUse {
    /// The step that it belongs to.
    pub step: usize,
    /// The instruction.
    pub kind: ScriptKind,
    /// True for the exec form: no shell runs, the script has one command.
    pub exec: bool,
    /// True behind ONBUILD: it runs in builds that start from this image.
    pub onbuild: bool,
    /// True if a command in it is `cd`, so that relative paths may start elsewhere.
    pub changes_folder: bool,
    /// Its commands.
    pub script: Script,
}

/// A command, and what is known of its program.
#[derive(Debug)]
pub struct CommandUse {
    /// Which command of the model.
    pub id: CommandId,
    /// The script that it is in.
    pub script: ScriptId,
    /// Index into the script's commands.
    pub command: usize,
    /// The program without folder, in one spelling: `pip` for `python3 -m pip` and `pip3.11`.
    pub program: ShortText,
    /// Index of the first argument among the command's words.
    pub(super) first_argument: usize,
    /// The package manager that the program is.
    pub manager: Option<&'static Manager>,
    /// What the manager is told to do.
    pub action: Action,
    /// Where the subcommand stands among the arguments, and how many words it has.
    pub(super) subcommand: Option<(usize, usize)>,
}

/// A command with its model at hand.
#[derive(Debug, Clone, Copy)]
pub struct Cmd<'m> {
    /// The model it is in.
    pub model: &'m Model,
    /// What is known of it.
    pub usage: &'m CommandUse,
}

impl<'m> Cmd<'m> {
    /// Which command of its model it is.
    #[must_use]
    pub fn id(&self) -> CommandId {
        self.usage.id
    }

    /// The script that it is in.
    #[must_use]
    pub fn script(&self) -> &'m ScriptUse {
        self.model.script(self.usage.script)
    }

    /// The command as the shell sees it.
    #[must_use]
    pub fn shell(&self) -> &'m Command {
        &self.script().script.commands[self.usage.command]
    }

    /// The step that it is in.
    #[must_use]
    pub fn step(&self) -> usize {
        self.script().step
    }

    /// The stage that it is in.
    #[must_use]
    pub fn stage(&self) -> Option<&'m Stage> {
        self.model.stage_of(self.step())
    }

    /// The program in one spelling.
    #[must_use]
    pub fn program(&self) -> &'m str {
        &self.usage.program
    }

    /// The words that name the program: `pip3`, `python -m pip`.
    #[must_use]
    pub fn program_span(&self) -> Span {
        let words = &self.shell().words;
        let first = self.shell().effective().name_index;
        match (words.get(first), words.get(self.usage.first_argument.saturating_sub(1))) {
            (Some(a), Some(b)) => a.span.to(b.span),
            _ => self.shell().span,
        }
    }

    /// The words behind the program.
    #[must_use]
    pub fn args(&self) -> &'m [Word] {
        self.shell().words.get(self.usage.first_argument..).unwrap_or(&[])
    }

    /// The subcommand, its words joined by a blank; the first operand of other programs.
    #[must_use]
    pub fn subcommand(&self) -> Option<Cow<'m, str>> {
        let (at, len) = self.usage.subcommand?;
        let words = self.args().get(at..at + len)?;
        if let [only] = words {
            return only.literal();
        }
        let words: Option<Vec<&str>> = words.iter().map(Word::as_str).collect();
        Some(words?.join(" ").into())
    }

    /// True if the subcommand is `name`.
    #[must_use]
    pub fn is_subcommand(&self, name: &str) -> bool {
        let Some((at, len)) = self.usage.subcommand else { return false };
        let mut parts = name.split(' ');
        let same = self.args()[at..at + len].iter().all(|w| parts.next().is_some_and(|p| w.is(p)));
        same && parts.next().is_none()
    }

    /// The words of the subcommand.
    #[must_use]
    pub fn subcommand_words(&self) -> &'m [Word] {
        self.usage.subcommand.and_then(|(at, len)| self.args().get(at..at + len)).unwrap_or(&[])
    }

    /// Program and subcommand for people: `apt-get install`.
    #[must_use]
    pub fn head(&self) -> String {
        let first = self.shell().program_word().map_or("", Word::static_prefix);
        let module = self.shell().arguments().get(..self.args_skipped()).unwrap_or(&[]);
        let words = module.iter().chain(self.subcommand_words()).map(Word::static_prefix);
        std::iter::once(first).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// How many words behind the program's name belong to it, as `-m pip`.
    fn args_skipped(&self) -> usize {
        self.usage.first_argument.saturating_sub(self.shell().effective().name_index + 1)
    }

    /// Where the subcommand stands; the program without one.
    #[must_use]
    pub fn subcommand_span(&self) -> Span {
        self.usage
            .subcommand
            .and_then(|(at, len)| Some(self.args().get(at)?.span.to(self.args().get(at + len - 1)?.span)))
            .unwrap_or_else(|| self.program_span())
    }

    /// From the program to the subcommand: `apt-get install`.
    #[must_use]
    pub fn head_span(&self) -> Span {
        self.program_span().to(self.subcommand_span())
    }

    /// The option `flag`: a long one (`--yes`, `--yes=…`), or a short one (`-y`) that may stand in a
    /// cluster (`-qy`).
    #[must_use]
    pub fn flag(&self, flag: &str) -> Option<&'m Word> {
        self.args().iter().take_while(|w| !w.is("--")).find(|w| is_flag(w.static_prefix(), flag))
    }

    /// The value of an option that goes by these names: `out` of `-o out`, `-o=out` and `--output=out`; `None` if it is not
    /// given, or its value is not known.
    #[must_use]
    pub fn option_value(&self, names: &[&str]) -> Option<&'m str> {
        let mut args = self.args().iter().take_while(|w| !w.is("--"));
        while let Some(word) = args.next() {
            let text = word.static_prefix();
            if names.iter().any(|name| word.is(name)) {
                return args.next()?.as_str();
            }
            let is_given = |name: &&&str| text.strip_prefix(**name).is_some_and(|rest| rest.starts_with('='));
            if let Some(name) = names.iter().find(is_given) {
                return word.as_str()?.get(name.len() + 1..);
            }
        }
        None
    }

    /// True if the option `flag` is given.
    #[must_use]
    pub fn has_flag(&self, flag: &str) -> bool {
        self.flag(flag).is_some()
    }

    /// True if any of the options is given.
    #[must_use]
    pub fn has_any_flag<S: AsRef<str>>(&self, flags: &[S]) -> bool {
        flags.iter().any(|f| self.has_flag(f.as_ref()))
    }

    /// The words that are neither options nor their values: the subcommand and the operands.
    pub fn plain_words(&self) -> impl Iterator<Item = &'m Word> + use<'m> {
        let args = self.args();
        let of_manager = self.usage.manager.map(|m| m.operands(args));
        let others = of_manager.is_none().then(|| {
            let is_plain = |i: &usize| !args[*i].static_prefix().starts_with('-');
            (0..args.len()).filter(is_plain)
        });
        of_manager.into_iter().flatten().chain(others.into_iter().flatten()).map(|i| &args[i])
    }

    /// The words that are neither options, nor their values, nor the subcommand: packages, files.
    #[must_use]
    pub fn operands(&self) -> Vec<&'m Word> {
        let args = self.args();
        let behind = self.usage.subcommand.map_or(0, |(at, len)| at + len);
        match self.usage.manager {
            Some(manager) => manager.operands(args).filter(|i| *i >= behind).map(|i| &args[i]).collect(),
            None => args[behind..].iter().filter(|w| !w.static_prefix().starts_with('-')).collect(),
        }
    }

    /// True if it is told to do `action` by the package manager `manager`.
    #[must_use]
    pub fn is(&self, manager: ManagerId, action: Action) -> bool {
        self.usage.action == action && self.usage.manager.is_some_and(|m| m.id == manager)
    }

    /// True for a package manager that is told to do nothing.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.usage.manager.is_some_and(|manager| self.has_any_flag(manager.dry_run))
    }
}

fn is_flag(word: &str, flag: &str) -> bool {
    let (word, flag) = (word.as_bytes(), flag.as_bytes());
    match (word, flag) {
        ([b'-', b'-', ..], [b'-', b'-', ..]) => {
            word.get(flag.len()).is_none_or(|next| *next == b'=') && word.starts_with(flag)
        }
        ([b'-', letters @ ..], [b'-', letter]) if letters.first() != Some(&b'-') => {
            letters == [*letter] || letters.contains(letter) && letters.iter().all(u8::is_ascii_alphabetic)
        }
        _ => word == flag,
    }
}

#[cfg(test)]
mod tests {
    use super::is_flag;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn options_have_values() {
        let of = |args: &str| {
            let text = format!("FROM golang:1.26\nRUN go build {args}\n");
            let model = Model::new(parse(Source::from_text("Dockerfile", text)));
            let cmd = model.run_commands().next().unwrap();
            cmd.option_value(&["-o", "--output"]).map(str::to_owned)
        };
        for (args, want) in [
            ("-o /a .", Some("/a")),
            ("-ldflags \"-X a=$V\" -o=/a .", Some("/a")),
            ("--output=/a .", Some("/a")),
            ("-o \"my app\" .", Some("my app")),
            ("-o $OUT .", None),
            ("-o=$OUT .", None),
            (". -- -o /a", None),
            ("-output /a", None),
        ] {
            assert_eq!(of(args).as_deref(), want, "{args}");
        }
    }

    #[test]
    fn flags_may_be_clustered_or_have_values() {
        assert!(is_flag("-y", "-y"));
        assert!(is_flag("-qqy", "-y"));
        assert!(is_flag("--setopt=a=b", "--setopt=a=b"));
        assert!(is_flag("--cache=x", "--cache"));
        assert!(!is_flag("--yes", "-y"));
        assert!(!is_flag("-o=Dpkg::y", "-y"));
        assert!(!is_flag("--cache-dir", "--cache"));
    }
}
