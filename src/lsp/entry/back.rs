//! From a Dockerfile back to the files that start its builds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use build_targets::{Dockerfile, Place, Resolution, Target};

use crate::entries::{Entries, EntryGroup};
use crate::lsp::place::{Encoding, Lines};
use crate::lsp::protocol::Location;
use crate::lsp::{uri, variables};
use crate::semantic::context_name;
use crate::text::Span;
use crate::workspace::Files;

use super::builds::other_build;
use super::built::NamedElsewhere;

/// The files of a project that start builds, as far as they are asked about one Dockerfile.
pub(super) struct Back<'a> {
    pub(super) files: &'a Files,
    /// The Dockerfile without links.
    dockerfile: PathBuf,
    groups: Vec<Arc<EntryGroup>>,
    encoding: Encoding,
}

impl<'a> Back<'a> {
    /// The files that tools find by themselves in the folder of the Dockerfile and above it, and `others`.
    pub(super) fn new(
        files: &'a Files,
        dockerfile: &Path,
        others: impl Iterator<Item = Arc<EntryGroup>>,
        encoding: Encoding,
    ) -> Self {
        let found = Entries::find(files, [dockerfile], &[], None, &|_| false);
        let groups = found.groups().iter().cloned().chain(others).collect();
        Self { files, dockerfile: real(files, dockerfile), groups, encoding }
    }

    /// The builds of the Dockerfile.
    fn builds(&self) -> impl Iterator<Item = (&Resolution, &Target)> {
        let groups = self.groups.iter().map(|group| &group.resolution);
        let all = groups.flat_map(|read| read.targets.iter().map(move |target| (read, target)));
        all.filter(|(_, target)| match &target.dockerfile {
            Dockerfile::File { path, .. } => real(self.files, path) == self.dockerfile,
            Dockerfile::Inline(_) | Dockerfile::Unknown(_) => false,
        })
    }

    /// Where the builds name what the Dockerfile names, too.
    pub(super) fn places(&self, named: &NamedElsewhere) -> Vec<Location> {
        let mut found = Vec::new();
        for (read, place) in self.mentions(named) {
            push(&mut found, location(read, place, self.encoding));
        }
        found
    }

    /// A file that may start a build of the Dockerfile, and cannot be read as it is now.
    pub(super) fn unread(&self) -> Option<&Path> {
        let refused = self.groups.iter().map(|group| &group.resolution);
        let mut refused = refused.filter(|read| !read.problems.is_empty() && !read.unfit);
        let read = refused.next()?;
        let place = read.problems.iter().find_map(|problem| problem.place);
        let first = || read.sources.iter().next().map(|(_, file)| file);
        place.map(|place| read.sources.file(place.file)).or_else(first).map(|file| &*file.path)
    }

    /// True if a build gets a context of a name.
    pub(super) fn gives_context(&self, name: &str) -> bool {
        let wanted = context_name(name);
        let is_it = |known: &str| context_name(known) == wanted;
        let mut contexts = self.builds().flat_map(|(_, target)| &target.contexts);
        contexts.any(|context| context.name.known().is_some_and(is_it))
    }

    /// True if a file says the name of a stage where no build has it: another file overrides it, or it depends.
    fn has_more(&self, named: &NamedElsewhere) -> bool {
        let NamedElsewhere::Stage(name) = named else { return false };
        let groups = || self.groups.iter().map(|group| &group.resolution);
        // Several tools may read one file.
        let known: Vec<(&Path, Place)> = groups()
            .flat_map(|read| {
                let places = read.targets.iter().filter_map(|target| Some(target.stage.as_ref()?.place));
                places.map(|place| (&*read.sources.file(place.file).path, place))
            })
            .collect();
        groups().any(|read| {
            read.sources.iter().any(|(_, file)| {
                let is_known = |at: usize| {
                    known.iter().any(|(path, place)| *path == &*file.path && place.span().contains(&at))
                };
                variables::words(&file.text, name).any(|at| is_target(&file.text, at, name) && !is_known(at))
            })
        })
    }

    /// The same, to be written anew: just the names. `None` if one of them is made of something else, such as a variable.
    pub(super) fn written(&self, named: &NamedElsewhere) -> Option<Vec<Location>> {
        let name = match named {
            NamedElsewhere::Stage(name) | NamedElsewhere::Argument(name) => name,
            NamedElsewhere::Context(_) => return Some(Vec::new()),
        };
        let is_passed_on = |target: &Target| {
            let arguments = || target.arguments.iter().filter(|argument| argument.value.is_none());
            matches!(named, NamedElsewhere::Argument(_)) && arguments().any(|a| a.name.known() == Some(name))
        };
        if self.builds().any(|(_, target)| is_passed_on(target)) {
            return None;
        }
        if self.has_more(named) {
            return None;
        }
        let mut found = Vec::new();
        for (read, place) in self.mentions(named) {
            let text = read.sources.file(place.file).text.get(place.span())?;
            let bare = text.trim_start_matches(['"', '\'']);
            let before = u32::try_from(text.len() - bare.len()).ok()?;
            let bare = bare.trim_end_matches(['"', '\'']);
            let is_name =
                bare == name || matches!(named, NamedElsewhere::Stage(_)) && bare.eq_ignore_ascii_case(name);
            let start = place.start + before;
            let end = start + u32::try_from(bare.len()).ok().filter(|_| is_name)?;
            push(&mut found, location(read, Place { start, end, ..place }, self.encoding));
        }
        Some(found)
    }

    fn mentions(&self, named: &NamedElsewhere) -> Vec<(&Resolution, Place)> {
        let mut found = Vec::new();
        for (read, target) in self.builds() {
            let mut add = |place: Place| found.push((read, place));
            match named {
                NamedElsewhere::Stage(name) => {
                    let stage = target.stage.iter();
                    let is_it = |known: &str| known.eq_ignore_ascii_case(name);
                    stage.filter(|text| text.known().is_some_and(is_it)).for_each(|text| add(text.place));
                    // A context takes the place of a stage of its name.
                    let names = target.contexts.iter().map(|context| &context.name);
                    let is_it = |known: &str| context_name(known) == context_name(name);
                    names.filter(|text| text.known().is_some_and(is_it)).for_each(|text| add(text.place));
                }
                NamedElsewhere::Argument(name) => {
                    let names = target.arguments.iter().map(|argument| &argument.name);
                    names.filter(|text| text.known() == Some(name)).for_each(|text| add(text.place));
                }
                NamedElsewhere::Context(name) => {
                    let names = target.contexts.iter().map(|context| &context.name);
                    let is_it = |known: &str| context_name(known) == context_name(name);
                    names.filter(|text| text.known().is_some_and(is_it)).for_each(|text| add(text.place));
                }
            }
        }
        found
    }

    /// What the builds make of a name that is no stage of the Dockerfile: another build, or what stands beside the name.
    pub(super) fn contexts(&self, name: &str) -> Vec<Location> {
        let mut found = Vec::new();
        for (read, target) in self.builds() {
            let is_it = |known: &str| context_name(known) == context_name(name);
            for context in target.contexts.iter().filter(|c| c.name.known().is_some_and(is_it)) {
                let other = context.value.known().and_then(other_build);
                let other = other.and_then(|name| read.targets.iter().find(|target| target.name == name));
                let place = other.map_or(context.name.place, |target| target.place);
                push(&mut found, location(read, place, self.encoding));
            }
        }
        found
    }
}

/// True if the word at a byte of a file that starts builds is what its line says of `target`.
fn is_target(text: &str, at: usize, name: &str) -> bool {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let key = text[line..at].trim_start().trim_start_matches(['"', '\'']);
    let value = key.strip_prefix("target").map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
    let is_part = |c: char| matches!(c, '-' | '.' | '/' | ':');
    let is_whole = !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part);
    is_whole && value.is_some_and(|value| value.starts_with([':', '=']))
}

/// Several builds have places in common.
pub(super) fn push(found: &mut Vec<Location>, location: Location) {
    if !found.contains(&location) {
        found.push(location);
    }
}

/// A place of a file that starts builds.
pub(super) fn location(read: &Resolution, place: Place, encoding: Encoding) -> Location {
    let file = read.sources.file(place.file);
    let lines = Lines::new(&file.text, encoding);
    Location { uri: uri::of(&file.path), range: lines.range(&file.text, Span::of(place.span())) }
}

fn real(files: &Files, path: &Path) -> PathBuf {
    files.file_tree().real(path).unwrap_or_else(|_| path.to_path_buf())
}
