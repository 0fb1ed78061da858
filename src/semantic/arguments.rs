//! The arguments of a program, read by its own grammar: options with their values, and operands.

use std::borrow::Cow;

use crate::shell::Word;
use crate::text::Span;

use super::Cmd;

/// Which options of a program take a value, as its manual page has it.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// Letters of the short options that do: in the rest of their word, or in the next word.
    pub short: &'static str,
    /// Long options that do, without `--`: behind `=`, or in the next word.
    pub long: &'static [&'static str],
}

/// The arguments of a command.
#[derive(Debug, Clone, Default)]
pub struct Arguments<'m> {
    /// The options in order; those of a cluster (`-sSL`) one by one.
    pub options: Vec<ProgramOption<'m>>,
    /// What is neither an option nor the value of one.
    pub operands: Vec<&'m Word>,
}

/// An option.
#[derive(Debug, Clone, Copy)]
pub struct ProgramOption<'m> {
    /// Its letter, or its name without `--`.
    name: &'m str,
    /// True for `--name`.
    long: bool,
    /// The word that it stands in.
    pub word: &'m Word,
    /// Its value.
    pub value: Option<OptionArgument<'m>>,
}

/// The value of an option: a word, or what is behind the option's name in the same word.
#[derive(Debug, Clone, Copy)]
pub struct OptionArgument<'m> {
    word: &'m Word,
    skipped: usize,
}

impl<'m> ProgramOption<'m> {
    /// True if it is the option `flag`: `-o` or `--output`.
    #[must_use]
    pub fn is(&self, flag: &str) -> bool {
        match flag.as_bytes() {
            [b'-', b'-', name @ ..] => self.long && self.name.as_bytes() == name,
            [b'-', letter @ ..] => !self.long && self.name.as_bytes() == letter,
            _ => false,
        }
    }

    /// True if it is any of these options.
    #[must_use]
    pub fn is_any(&self, flags: &[&str]) -> bool {
        flags.iter().any(|flag| self.is(flag))
    }

    /// The option as a person writes it.
    #[cfg(test)]
    fn shown(&self) -> String {
        format!("{}{}", if self.long { "--" } else { "-" }, self.name)
    }

    /// The option with its value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.value.map_or(self.word.span, |value| self.word.span.to(value.word.span))
    }
}

impl<'m> OptionArgument<'m> {
    /// All of a word.
    #[must_use]
    pub const fn of(word: &'m Word) -> Self {
        Self { word, skipped: 0 }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        let plain = self.word.exact && !self.word.is_quoted();
        let skipped = if plain { u32::try_from(self.skipped).unwrap_or(0) } else { 0 };
        Span::new(self.word.span.start + skipped, self.word.span.end)
    }

    /// The value, if it is fixed text.
    #[must_use]
    pub fn as_str(&self) -> Option<&'m str> {
        self.word.as_str()?.get(self.skipped..)
    }

    /// The value up to its first expansion.
    #[must_use]
    pub fn static_prefix(&self) -> &'m str {
        self.word.static_prefix().get(self.skipped..).unwrap_or("")
    }

    /// The word that it is, or that it stands in.
    #[must_use]
    pub const fn word(&self) -> &'m Word {
        self.word
    }

    /// The value with the variables of `cmd`, where they are known.
    #[must_use]
    pub fn resolve(&self, cmd: &Cmd<'m>) -> Option<Cow<'m, str>> {
        match self.as_str() {
            Some(text) => Some(Cow::Borrowed(text)),
            None => cmd.text_of(self.word)?.get(self.skipped..).map(|text| Cow::Owned(text.to_owned())),
        }
    }
}

impl<'m> Arguments<'m> {
    /// The last of the options that is one of `flags`: it counts.
    #[must_use]
    pub fn option(&self, flags: &[&str]) -> Option<&ProgramOption<'m>> {
        self.options.iter().rev().find(|o| o.is_any(flags))
    }

    /// True if one of `flags` is given.
    #[must_use]
    pub fn has(&self, flags: &[&str]) -> bool {
        self.option(flags).is_some()
    }
}

impl<'m> Cmd<'m> {
    /// The arguments, read by `grammar`.
    #[must_use]
    pub fn arguments(&self, grammar: &Grammar) -> Arguments<'m> {
        read(self.args(), grammar)
    }

    /// True if a variable among the arguments may hold options. One in quotes is a single word, and
    /// hardly an option.
    #[must_use]
    pub fn has_unknown_options(&self) -> bool {
        self.args().iter().any(|w| !w.is_quoted() && self.may_be_options(w))
    }
}

fn read<'m>(args: &'m [Word], grammar: &Grammar) -> Arguments<'m> {
    let mut found = Arguments::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let text = word.static_prefix();
        if word.is("--") {
            break;
        }
        if let Some(long) = text.strip_prefix("--") {
            let name = long.split_once('=').map_or(long, |(name, _)| name);
            let value = if name.len() < long.len() {
                Some(OptionArgument { word, skipped: name.len() + 3 })
            } else if grammar.long.contains(&name) {
                words.next().map(OptionArgument::of)
            } else {
                None
            };
            found.options.push(ProgramOption { name, long: true, word, value });
        } else if let Some(letters) = text.strip_prefix('-').filter(|l| !l.is_empty()) {
            for (at, letter) in letters.char_indices() {
                let behind = at + letter.len_utf8();
                let name = letters.get(at..behind).unwrap_or("");
                let takes = grammar.short.contains(letter);
                let value = if !takes {
                    None
                } else if behind < letters.len() || word.has_expansion() {
                    Some(OptionArgument { word, skipped: behind + 1 })
                } else {
                    words.next().map(OptionArgument::of)
                };
                found.options.push(ProgramOption { name, long: false, word, value });
                if takes {
                    break;
                }
            }
        } else {
            found.operands.push(word);
        }
    }
    found.operands.extend(words);
    found
}

#[cfg(test)]
mod tests {
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    use super::*;

    #[test]
    fn options_have_values_and_operands_do_not() {
        let grammar = Grammar { short: "ou", long: &["output"] };
        for (line, want) in [
            ("p -sSo out a", "-s -S -o=out | a"),
            ("p -oout -u$U a", "-o=out -u=7 | a"),
            ("p --output=x --output y --flag z", "--output=x --output=y --flag | z"),
            ("p a -o -- -b", "-o=-- -b | a"),
            ("p -- -o x", "| -o x"),
            ("p - -o", "-o | -"),
            ("p -u \"$U\" \"--output=$V\"", "-u=7 --output=? |"),
        ] {
            let file =
                parse(Source::from_text("Dockerfile", format!("FROM a\nARG U=7\nARG V\nRUN {line}\n")));
            let model = Model::new(file.clone());
            let cmd = model.commands().next().unwrap();
            let arguments = cmd.arguments(&grammar);
            let mut shown: Vec<String> = Vec::new();
            for option in &arguments.options {
                let value = option.value.map(|v| format!("={}", v.resolve(&cmd).as_deref().unwrap_or("?")));
                shown.push(option.shown() + &value.unwrap_or_default());
            }
            shown.push("|".to_owned());
            shown.extend(arguments.operands.iter().map(|w| w.static_prefix().to_owned()));
            assert_eq!(shown.join(" "), want, "{line}");
        }
    }
}
