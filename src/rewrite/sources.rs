//! What the files of a project say: whether its programs start others, which a smaller image may lack, whether they import
//! a package, or look at themselves.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use crate::knowledge::Calls;
use crate::semantic::is_test_source;

use super::proposal::Project;

/// The most files that one question is about, and the most bytes that are read for all of them.
const MAX_FILES: usize = 5_000;
const MAX_BYTES: usize = 32 << 20;

/// The files of a project, each of which is read once.
pub(super) struct Sources<'p> {
    project: Project<'p>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    bytes: Cell<usize>,
}

impl<'p> Sources<'p> {
    pub(super) fn new(project: Project<'p>) -> Self {
        Self { project, texts: RefCell::default(), bytes: Cell::new(0) }
    }

    /// All files that are sent; `None` if they are not known.
    pub(super) const fn files(&self) -> Option<&'p [String]> {
        self.project.files
    }

    /// True if one of the files has one of the words in it, false if none has; `None` if they are too many, or one of them
    /// cannot be read.
    pub(super) fn say(&self, files: &[&str], words: &[&str]) -> Option<bool> {
        self.any(files, |text| words.iter().any(|word| text.contains(word)))
    }

    /// True if a program whose sources are among the files starts others; `None` if that is not known.
    pub(super) fn call(&self, files: &[&str], calls: &Calls) -> Option<bool> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let sources: Vec<&str> = runtime_sources(files, calls).collect();
        let manifests: Vec<&str> = files
            .iter()
            .copied()
            .filter(|path| calls.manifests.iter().any(|start| name(path).starts_with(start)))
            .collect();
        let says = |text: &str| {
            let is_comment = |line: &str| calls.comments.iter().any(|mark| line.starts_with(mark));
            calls.words.iter().any(|word| text.contains(word))
                && text
                    .split_inclusive('\n')
                    .filter(|line| !is_comment(line.trim_start()))
                    .any(|line| calls.words.iter().any(|word| line.contains(word)))
        };
        let names = |text: &str| {
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
            words.into_iter().any(|word| names_caller(calls, word))
        };
        match (self.any(&sources, says), self.any(&manifests, names)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }

    fn any(&self, files: &[&str], is: impl Fn(&str) -> bool) -> Option<bool> {
        if files.len() > MAX_FILES {
            return None;
        }
        let mut unread = false;
        for path in files {
            match self.text(path) {
                Some(text) if is(&text) => return Some(true),
                Some(_) => {}
                None => unread = true,
            }
        }
        (!unread).then_some(false)
    }

    fn text(&self, path: &str) -> Option<Rc<str>> {
        if let Some(text) = self.texts.borrow().get(path) {
            return text.clone();
        }
        let is_full = self.bytes.get() > MAX_BYTES;
        let text = if is_full { None } else { (self.project.read)(path).map(Rc::<str>::from) };
        self.bytes.set(self.bytes.get() + text.as_ref().map_or(0, |text| text.len()));
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }
}

/// True for the name of a package that starts other programs, as a manifest has it.
pub(super) fn names_caller(calls: &Calls, name: &str) -> bool {
    let is = |package: &&str| {
        name.len() == package.len()
            && name.bytes().zip(package.bytes()).all(|(a, b)| {
                a.eq_ignore_ascii_case(&b) || matches!((a, b), (b'-' | b'_' | b'.', b'-' | b'_'))
            })
    };
    calls.packages.iter().any(is)
}

/// The sources of a language among the files that neither tests nor builds alone run.
pub(super) fn runtime_sources<'f>(files: &[&'f str], calls: &Calls) -> impl Iterator<Item = &'f str> {
    let is_source = |path: &&str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        calls.endings.iter().any(|end| path.ends_with(end))
            && !path.ends_with(".d.ts")
            && !name.contains(".config.")
            && !calls.of_builds.contains(&name)
            && !is_test_source(path)
    };
    files.iter().copied().filter(is_source)
}
