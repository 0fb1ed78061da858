//! In which folder the commands of a script run, as far as that is sure.

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::paths::join;

use super::shell::{Line, Link};

/// Words that open a part of a script which may run or not, and those that close one.
const OPENING: [&str; 6] = ["if", "for", "while", "until", "case", "select"];
const CLOSING: [&str; 3] = ["fi", "done", "esac"];

/// Where a script stands.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    here: Here,
    /// Where it stood before the subshells that are open.
    outside: Vec<Here>,
    /// How many parts are open that may run or not.
    blocks: isize,
}

#[derive(Debug, Clone)]
struct Here {
    folder: PathBuf,
    /// Whether that is so only as long as commands are joined: `make && cd app && docker build .`
    while_joined: bool,
    /// The folders that `popd` goes back to.
    before: Vec<PathBuf>,
}

/// How many folders may wait for `popd`.
const MOST_BEFORE: usize = 32;

impl Standing {
    pub(super) fn new(folder: &Path) -> Self {
        let here = Here { folder: folder.to_path_buf(), while_joined: false, before: Vec::new() };
        Self { here, outside: Vec::new(), blocks: 0 }
    }

    /// The folder in which a command runs.
    pub(super) fn folder(&self) -> &Path {
        &self.here.folder
    }

    /// Goes into the subshells that begin with a command; `false` if it is not sure any more where the script is.
    pub(super) fn enter(&mut self, line: &Line<'_>) -> bool {
        if self.here.while_joined && line.before != Link::And {
            return false;
        }
        (0..line.opens).for_each(|_| self.outside.push(self.here.clone()));
        let word = line.words.first().and_then(|word| word.text.as_deref()).unwrap_or_default();
        self.blocks += isize::from(OPENING.contains(&word)) - isize::from(CLOSING.contains(&word));
        self.blocks += line.braces;
        true
    }

    /// Follows a command that goes to another folder; `false` if it is not sure to which, or whether it runs.
    pub(super) fn follow(&mut self, line: &Line<'_>, files: &dyn Files) -> bool {
        if !line.leaves_folder {
            return true;
        }
        let words: Vec<Option<&str>> = line.words.iter().map(|word| word.text.as_deref()).collect();
        let is_below = |into: &str| !into.starts_with(['-', '+', '/', '~']);
        let mut before = self.here.before.clone();
        let into = match words.as_slice() {
            [Some("cd"), Some(into)] if is_below(into) => join(self.folder(), into),
            [Some("pushd"), Some(into)] if is_below(into) && before.len() < MOST_BEFORE => {
                before.push(self.here.folder.clone());
                join(self.folder(), into)
            }
            [Some("popd")] => match before.pop() {
                Some(folder) => folder,
                None => return false,
            },
            _ => return false,
        };
        let runs = line.before == Link::End || line.before == Link::And;
        let lasts = line.after == Link::End || line.after == Link::And;
        // What is not there is made by something else.
        let is_there = into == Path::new(".") || into.as_os_str().is_empty() || files.is_folder(&into);
        if !line.sure || !runs || !lasts || self.blocks != 0 || !is_there {
            return false;
        }
        self.here.while_joined |= line.before == Link::And;
        (self.here.folder, self.here.before) = (into, before);
        true
    }

    /// Leaves the subshells that end with a command.
    pub(super) fn leave(&mut self, line: &Line<'_>) {
        for _ in 0..line.closes {
            if let Some(here) = self.outside.pop() {
                self.here = here;
            }
        }
    }
}
