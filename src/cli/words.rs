//! Words that other programs have for a command, and misspelt commands: said before anything is linted.

use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::text::nearest;

use super::args::Cli;

/// What other linters call a command, and what dlint has for it.
const OTHERS: [(&str, &str); 7] = [
    ("lint", "dlint"),
    ("check", "dlint"),
    ("run", "dlint"),
    ("fix", "dlint --fix"),
    ("format", "dlint --fix"),
    ("diff", "dlint --diff"),
    ("version", "dlint --version"),
];

/// What to write in place of the first path, if that is a command's name and no file.
pub(super) fn mistaken(paths: &[PathBuf]) -> Option<String> {
    let (first, rest) = paths.split_first()?;
    let word = first.to_str().filter(|word| word.bytes().all(|b| b.is_ascii_alphabetic()))?;
    if first.symlink_metadata().is_ok() {
        return None;
    }
    let others = OTHERS.iter().find(|(other, _)| other.eq_ignore_ascii_case(word));
    let command = match others {
        Some((_, command)) => (*command).to_owned(),
        None => {
            let cli = Cli::command();
            let shown = cli.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name);
            let names: Vec<&str> = shown.chain(["help"]).collect();
            format!("dlint {}", nearest(word, names)?)
        }
    };
    if command.strip_prefix("dlint ") == Some(word) {
        return Some(format!("`{word}` is a command, which comes before all options: write `{command} …`"));
    }
    let takes_paths = !command.ends_with("version");
    let paths: Vec<String> =
        rest.iter().filter(|_| takes_paths).map(|path| format!(" {}", path.display())).collect();
    Some(format!("there is no command or file `{word}`: write `{command}{}`", paths.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_of_another_name_is_named() {
        let said = |words: &str| {
            let paths: Vec<PathBuf> = words.split(' ').map(PathBuf::from).collect();
            mistaken(&paths).map(|said| said.split_once("write ").unwrap().1.to_owned())
        };
        assert_eq!(said("lint .").as_deref(), Some("`dlint .`"));
        assert_eq!(said("fix a/Dockerfile b").as_deref(), Some("`dlint --fix a/Dockerfile b`"));
        assert_eq!(said("version").as_deref(), Some("`dlint --version`"));
        assert_eq!(said("contxt").as_deref(), Some("`dlint context`"));
        assert_eq!(said("targets").as_deref(), Some("`dlint targets …`"));
        // No word for a command: a file that is not there.
        assert_eq!(said("Dockerfile"), None);
        assert_eq!(said("app"), None);
        // A file of that name is linted.
        assert_eq!(said("src"), None);
    }
}
