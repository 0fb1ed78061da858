//! Commands that write files anew which may be there already.

use crate::shell::Word;

use super::Cmd;

/// What a command does to the files that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// It changes their mode: `chmod`.
    Mode,
    /// It changes their owner: `chown`, `chgrp`.
    Owner,
    /// It changes something else of them, not their length: `touch`, `setcap`.
    Inode,
    /// It edits them in place: `sed -i`.
    Edit,
    /// The same, and the old file stays beside the new one: `sed -i.bak`.
    EditAndKeep,
    /// They are there once more: `cp`, `install`.
    Copy,
    /// They are there by another name: `mv`.
    Move,
    /// They have a further name: `ln`.
    Link,
}

/// The files that a command writes anew.
#[derive(Debug, Clone)]
pub struct Touched<'m> {
    /// What it does.
    pub how: Touch,
    /// True if it does so to all that is in a folder.
    pub recursive: bool,
    /// The first operand where it says what is to be done: the mode, the owner.
    pub to: Option<&'m Word>,
    /// The files.
    pub files: Vec<&'m Word>,
    /// Where they get their other name.
    pub destination: Option<&'m Word>,
}

impl<'m> Cmd<'m> {
    /// The files that it writes anew if they are there already; `None` for other commands.
    #[must_use]
    pub fn touched(&self) -> Option<Touched<'m>> {
        let (how, values): (Touch, &[&str]) = match self.program() {
            "chmod" => (Touch::Mode, &["--reference"]),
            "chown" | "chgrp" => (Touch::Owner, &["--reference", "--from"]),
            "setcap" => (Touch::Inode, &[]),
            "touch" => (Touch::Inode, &["-r", "-d", "-t", "--reference", "--date", "--time"]),
            "sed" if self.in_place().is_some() => {
                (if self.keeps_a_copy() { Touch::EditAndKeep } else { Touch::Edit }, &["-e", "-f", "-l"])
            }
            "cp" => (Touch::Copy, &["-t", "--target-directory", "-S", "--suffix"]),
            "install" if !self.has_any_flag(&["-d", "--directory"]) => {
                (Touch::Copy, &["-t", "--target-directory", "-m", "--mode", "-o", "--owner", "-g", "--group"])
            }
            "mv" => (Touch::Move, &["-t", "--target-directory", "-S", "--suffix"]),
            "ln" if !self.has_any_flag(&["-s", "--symbolic"]) => (Touch::Link, &["-t", "--target-directory"]),
            _ => return None,
        };
        let (mut files, named) = self.operands_beside(how, values);
        let says = match how {
            // A mode such as `-x` looks like an option.
            Touch::Mode => !named && !self.args().iter().any(is_mode),
            Touch::Owner => !named,
            Touch::Inode => self.program() == "setcap",
            Touch::Edit | Touch::EditAndKeep => !self.has_any_flag(&["-e", "-f", "--expression", "--file"]),
            Touch::Copy | Touch::Move | Touch::Link => false,
        };
        let first = (says && !files.is_empty()).then(|| files.remove(0));
        let moves = matches!(how, Touch::Copy | Touch::Move | Touch::Link);
        let folder = self.target_directory();
        let destination = match folder {
            Some(word) => Some(word),
            None if moves && files.len() > 1 => files.pop(),
            None => None,
        };
        let recursive =
            self.has_any_flag(&["-R", "-r", "-a", "--recursive", "--archive"]) || how == Touch::Move;
        Some(Touched { how, recursive, to: first, files, destination })
    }

    /// The words that are no options, nor the values of those that `values` names; and whether one of the
    /// options says what a first operand would.
    fn operands_beside(&self, how: Touch, values: &[&str]) -> (Vec<&'m Word>, bool) {
        let mut named = false;
        let mut found = Vec::new();
        let mut args = self.args().iter();
        let mut ended = false;
        while let Some(word) = args.next() {
            let text = word.static_prefix();
            if ended || !text.starts_with('-') || text == "-" {
                found.push(word);
            } else if text == "--" {
                ended = true;
            } else if values.contains(&text) {
                args.next();
            }
            named |= !ended && text.starts_with("--reference") && how != Touch::Inode;
        }
        (found, named)
    }

    fn target_directory(&self) -> Option<&'m Word> {
        let moves = ["cp", "mv", "ln", "install"].contains(&self.program());
        let at = self.args().iter().position(|w| moves && (w.is("-t") || w.is("--target-directory")))?;
        self.args().get(at + 1)
    }

    /// True if it keeps what it edits under another name.
    fn keeps_a_copy(&self) -> bool {
        self.in_place().is_some_and(|word| {
            let text = word.static_prefix();
            match text.strip_prefix("--in-place") {
                Some(ending) => !ending.is_empty(),
                None => !text.ends_with('i') && text.contains('.'),
            }
        })
    }

    /// The option of `sed` that says so: `-i`, `-Ei`, `-i.bak`, `--in-place`.
    fn in_place(&self) -> Option<&'m Word> {
        let words = self.args().iter().take_while(|w| !w.is("--"));
        let mut options = words.filter(|w| w.static_prefix().starts_with('-'));
        options.find(|w| {
            let text = w.static_prefix();
            let letters = || text.trim_start_matches('-').split('.').next().unwrap_or("");
            text.starts_with("--in-place")
                || !text.starts_with("--")
                    && letters().bytes().all(|b| b"nrEsuzi".contains(&b))
                    && letters().contains('i')
        })
    }
}

/// True for a mode that looks like an option of `chmod`: `-x`, `-rw`.
fn is_mode(word: &Word) -> bool {
    let letters = word.static_prefix().strip_prefix('-').unwrap_or("");
    !letters.is_empty() && letters.bytes().all(|b| b"rwxXst".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::super::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn commands_name_what_they_write_anew() {
        for (command, want) in [
            ("chmod +x /a b", "Mode +x: /a b"),
            ("chmod -x /a", "Mode: /a"),
            ("chmod -R 755 /a", "Mode 755: /a, all"),
            ("chmod --reference=/b /a", "Mode: /a"),
            ("chown -R a:b /a /c", "Owner a:b: /a /c, all"),
            ("setcap cap_net_bind_service=+ep /a", "Inode cap_net_bind_service=+ep: /a"),
            ("touch -d 2020-01-01 /a /b", "Inode: /a /b"),
            ("sed -i s/a/b/ /a /b", "Edit s/a/b/: /a /b"),
            ("sed -i.bak s/a/b/ /a", "EditAndKeep s/a/b/: /a"),
            ("sed -Ei -e s/a/b/ /a", "Edit: /a"),
            ("sed s/a/b/ /a", ""),
            ("sed -n -e s/i/b/ /a", ""),
            ("cp -r a b /c/", "Copy: a b > /c/, all"),
            ("cp -t /c a b", "Copy: a b > /c"),
            ("install -m 755 a /usr/bin/a", "Copy: a > /usr/bin/a"),
            ("install -d /x", ""),
            ("mv a /b", "Move: a > /b, all"),
            ("ln /a /b", "Link: /a > /b"),
            ("ln -sf /a /b", ""),
            ("cat a", ""),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\nRUN {command}\n")));
            let model = Model::new(file.clone());
            let touched = model.commands().next().and_then(|c| c.touched());
            let shown = touched.map_or(String::new(), |t| {
                let words = |words: &[&crate::shell::Word]| {
                    words.iter().map(|w| w.static_prefix()).collect::<Vec<_>>().join(" ")
                };
                let to = t.to.map_or(String::new(), |w| format!(" {}", w.static_prefix()));
                let all = if t.recursive { ", all" } else { "" };
                let there = t.destination.map_or(String::new(), |w| format!(" > {}", w.static_prefix()));
                format!("{:?}{to}: {}{there}{all}", t.how, words(&t.files))
            });
            assert_eq!(shown, want, "{command}");
        }
    }
}
