//! What a script changes before it builds: then what is built is not what is read here.

use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::paths::join;
use crate::target::{Dockerfile, Target};

use super::shell::{Line, Word, lead};

/// How many files are noted; with more, nothing is sure.
const MOST: usize = 1000;

/// What the lines of a script, and those before it, have changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// Whether any file may be another one, as behind `git checkout v1`.
    all: bool,
    files: Vec<PathBuf>,
    /// Commands that write to where only a part of the path is known.
    unknown: Vec<String>,
}

impl Changes {
    /// Notes what a command of a script changes that runs in `folder`.
    pub(super) fn note(&mut self, line: &Line<'_>, folder: &Path, files: &dyn Files) {
        for output in &line.outputs {
            self.add(output, line, folder);
        }
        let is_program = |word: &&str| {
            let programs =
                ["git", "patch", "cp", "mv", "ln", "install", "sed", "perl", "yq", "tee", "curl", "wget"];
            programs.contains(word)
        };
        let named = |word: &Word| word.text.as_deref().filter(is_program).map(str::to_owned);
        // Two words more than what is known to stand before a program: other programs may run it.
        let found = line
            .words
            .iter()
            .take(lead(&line.words) + 3)
            .enumerate()
            .find_map(|(at, word)| Some((at, named(word)?)));
        let Some((at, program)) = found else { return };
        let words = line.words.get(at + 1..).unwrap_or(&[]);
        let has_flag = |is_it: &dyn Fn(&str) -> bool| words.iter().any(|word| is_it(&word.known_start));
        match program.as_str() {
            "git" => self.all |= is_other_commit(words),
            "patch" => self.all = true,
            "cp" | "mv" | "ln" | "install" => self.copied(words, program == "mv", line, folder, files),
            // What is no file of theirs is no Dockerfile either.
            "sed" | "perl" | "yq" if has_flag(&edits_in_place) => {
                operands(words).for_each(|word| self.add(word, line, folder))
            }
            "tee" => operands(words).for_each(|word| self.add(word, line, folder)),
            "curl" | "wget" => {
                let flags = ["-o", "--output", "-O", "--output-document"];
                let is_flag = |word: &Word| word.text.as_deref().is_some_and(|text| flags.contains(&text));
                let pairs = words.windows(2).filter(|pair| is_flag(&pair[0]));
                pairs.for_each(|pair| self.add(&pair[1], line, folder));
            }
            _ => {}
        }
        self.all |= self.files.len() + self.unknown.len() > MOST;
    }

    /// What `cp` and its like write: the last of the words, or what is called so in that folder.
    fn copied(&mut self, words: &[Word], moves: bool, line: &Line<'_>, folder: &Path, files: &dyn Files) {
        let operands: Vec<&Word> = operands(words).collect();
        let Some((into, sources)) = operands.split_last() else { return };
        if moves {
            sources.iter().for_each(|source| self.add(source, line, folder));
        }
        match into.text.as_deref() {
            Some(path) if path.ends_with('/') || files.is_folder(&join(folder, path)) => {
                for source in sources {
                    match source.text.as_deref().and_then(|source| Path::new(source).file_name()?.to_str()) {
                        Some(name) => self.files.push(join(&join(folder, path), name)),
                        None => self.unknown.push(line.text.to_owned()),
                    }
                }
            }
            _ => self.add(into, line, folder),
        }
    }

    fn add(&mut self, word: &Word, line: &Line<'_>, folder: &Path) {
        match word.text.as_deref() {
            Some("/dev/null" | "/dev/stderr" | "/dev/stdout") => {}
            Some(path) => self.files.push(join(folder, path)),
            None => self.unknown.push(line.text.to_owned()),
        }
    }

    /// Whether no file is sure any more.
    pub(super) const fn is_all(&self) -> bool {
        self.all
    }

    /// Whether the file at a path may be another one by now.
    pub(super) fn touches(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        self.all
            || self.files.iter().any(|changed| changed == path)
            || !name.is_empty() && self.unknown.iter().any(|text| text.contains(name))
    }

    /// Whether the Dockerfile of a build may be another one by now.
    pub(super) fn touches_build(&self, target: &Target) -> bool {
        match &target.dockerfile {
            Dockerfile::File { path, .. } => self.touches(path),
            Dockerfile::Inline(_) | Dockerfile::Unknown(_) => self.all,
        }
    }
}

/// False for a command that surely makes no files where builds read them.
pub(super) fn makes_files(line: &Line<'_>) -> bool {
    let words: Vec<&str> = line.words.iter().map(|word| word.text.as_deref().unwrap_or("")).collect();
    let writes = |word: &&str| word.starts_with("-o") || word.starts_with("--output");
    let is_harmless = match words.as_slice() {
        [] | ["echo" | "set" | "cd" | "true" | ":", ..] => true,
        ["docker", "buildx", "build" | "create" | "use" | "inspect" | "ls", flags @ ..]
        | ["docker", "build" | "login" | "push" | "tag" | "pull" | "info" | "version", flags @ ..] => {
            !flags.iter().any(writes)
        }
        _ => false,
    };
    !is_harmless || !line.outputs.is_empty()
}

/// The words that are no flags.
fn operands(words: &[Word]) -> impl Iterator<Item = &Word> {
    words.iter().filter(|word| !word.known_start.starts_with('-') || word.known_start == "-")
}

/// `-i`, `-i.bak`, `-pi`, `--in-place`.
fn edits_in_place(flag: &str) -> bool {
    let short = flag.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    flag.starts_with("--in-place")
        || flag.starts_with("--inplace")
        || short.is_some_and(|rest| rest.contains('i'))
}

/// Whether git puts files of another commit, or of a patch, into the folder.
fn is_other_commit(words: &[Word]) -> bool {
    let text = |at: usize| words.get(at).and_then(|word| word.text.as_deref());
    let rest = || words.iter().skip(1).map(|word| word.text.as_deref());
    // A word that is not known may be a commit.
    let operands = rest().filter(|text| text.is_none_or(|text| !text.starts_with('-'))).count();
    let has = |flags: &[&str]| rest().flatten().any(|text| flags.contains(&text));
    match text(0) {
        // Files as they are in this commit, or a new branch that begins here.
        Some("checkout" | "switch") if has(&["--", "."]) => false,
        Some("checkout" | "switch") if has(&["-b", "-B", "-c", "-C"]) => operands > 1,
        Some("checkout" | "switch") => operands > 0,
        Some("reset") => {
            has(&["--hard"]) && rest().any(|text| text.is_none_or(|t| !t.starts_with('-') && t != "HEAD"))
        }
        Some("merge" | "rebase" | "cherry-pick" | "revert" | "apply" | "am" | "restore") => operands > 0,
        _ => false,
    }
}
