//! Whether builds before and after a change start from the same.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::base::Base;
use crate::semantic::NamedContext;
use crate::text::Gather;
use crate::tree::DISK;
use crate::workspace::{ContextSource, DockerfileSource, Target};

/// What two builds differ in beside the files that they take.
pub(super) struct Same<'a> {
    base: &'a Base,
    /// What was found out of two builds that others start from, since many may.
    known: RefCell<HashMap<(*const Target, *const Target), bool>>,
}

impl<'a> Same<'a> {
    pub(super) fn new(base: &'a Base) -> Self {
        Self { base, known: RefCell::default() }
    }

    /// The names of contexts that mean something else on both sides, or that only one of them has.
    pub(super) fn other_contexts(&self, was: &Target, is: &Target) -> BTreeSet<String> {
        let names: BTreeSet<&String> = was.build.contexts.keys().chain(is.build.contexts.keys()).gather();
        names.into_iter().filter(|name| !self.is_same_context(name, was, is)).cloned().gather()
    }

    fn is_same_context(&self, name: &str, was: &Target, is: &Target) -> bool {
        match (was.siblings.get(name), is.siblings.get(name)) {
            (Some(was), Some(is)) => return self.is_same_build(was, is),
            (None, None) => {}
            _ => return false,
        }
        match (was.build.contexts.get(name), is.build.contexts.get(name)) {
            (Some(NamedContext::Folder(was)), Some(NamedContext::Folder(is))) => self.is_same_folder(was, is),
            (Some(NamedContext::Image(was)), Some(NamedContext::Image(is))) => was == is,
            (Some(NamedContext::Build(was)), Some(NamedContext::Build(is))) => was.name == is.name,
            (Some(NamedContext::Other), Some(NamedContext::Other)) => true,
            _ => false,
        }
    }

    fn is_same_folder(&self, was: &Path, is: &Path) -> bool {
        let real = (self.base.tree().real(was).ok(), DISK.real(is).ok());
        if let (Some(was), Some(is)) = real { was == is } else { was == is }
    }

    /// True if two builds that others start from are told the same, and start from the same.
    fn is_same_build(&self, was: &Arc<Target>, is: &Arc<Target>) -> bool {
        let key = (Arc::as_ptr(was), Arc::as_ptr(is));
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let same = self.is_told_the_same(was, is) && self.other_contexts(was, is).is_empty();
        self.known.borrow_mut().insert(key, same);
        same
    }

    fn is_told_the_same(&self, was: &Target, is: &Target) -> bool {
        let dockerfile = match (&was.dockerfile, &is.dockerfile) {
            (DockerfileSource::File(was), DockerfileSource::File(is)) => {
                self.base.place(self.base.tree(), was) == self.base.place(&DISK, is)
            }
            (DockerfileSource::Text { source: was, .. }, DockerfileSource::Text { source: is, .. }) => {
                was.bytes() == is.bytes()
            }
            _ => false,
        };
        let context = match (was.context_folder(), is.context_folder()) {
            (Some(was), Some(is)) => self.is_same_folder(&was, &is),
            (None, None) => match (&was.context, &is.context) {
                (ContextSource::Remote(was), ContextSource::Remote(is)) => was == is,
                _ => true,
            },
            _ => false,
        };
        let (was, is) = (&was.build, &is.build);
        dockerfile
            && context
            && (&was.target, &was.args, &was.platform) == (&is.target, &is.args, &is.platform)
    }
}
