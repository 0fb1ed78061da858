//! The build that somebody names.

use std::fmt;
use std::path::{Path, PathBuf};

use build_targets::{EntryKind, Kind};

use crate::text::{nearest, plain_path};
use crate::workspace::Target;

use super::{BuiltFrom, Entries, real};

/// How many names an error lists.
const MAX_NAMES: usize = 10;

/// Why a name means no build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChoiceError {
    /// There is none of the name; the names that there are.
    Unknown(String, Vec<String>),
    /// There are several that differ; their full names.
    Several(String, Vec<String>),
    /// What it builds cannot be known, or is not on this machine.
    Elsewhere(String),
}

impl fmt::Display for ChoiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[String]| -> String {
            let few: Vec<String> = names.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
            let more = names.len().saturating_sub(MAX_NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more}", few.join(", "))
        };
        match self {
            Self::Unknown(name, names) if names.is_empty() => {
                write!(f, "no file here builds `{name}`: there is no Compose, bake or devcontainer file")
            }
            Self::Unknown(name, names) => {
                write!(f, "no file here builds `{name}`: ")?;
                match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => write!(f, "did you mean `{near}`?"),
                    None => write!(f, "the builds are {}", listed(names)),
                }
            }
            Self::Several(name, names) => {
                write!(f, "several files build `{name}`: name one of {}", listed(names))
            }
            Self::Elsewhere(name) => {
                write!(f, "which Dockerfile `{name}` builds cannot be known, or it is not on this machine")
            }
        }
    }
}

impl std::error::Error for ChoiceError {}

impl Entries {
    /// Keeps only the build of a name, and gives its Dockerfile if that is a file of its own.
    ///
    /// # Errors
    /// As [`Entries::choose`].
    pub fn only(&mut self, name: &str) -> Result<Option<PathBuf>, ChoiceError> {
        let chosen = self.choose(name)?.clone();
        let is_chosen = |target: &Target| target.is_same_build(&chosen) && target.path() == chosen.path();
        self.chosen = Some(name.to_owned());
        let mut kept = None;
        for (number, build) in self.builds.iter_mut().enumerate() {
            // Of equal ones the first, as everywhere.
            if kept.is_some() || !build.dockerfile.target().is_some_and(is_chosen) {
                build.dockerfile = BuiltFrom::Elsewhere;
            } else {
                kept = Some(number);
            }
        }
        // Also one that only others inherit from counts where it is asked for.
        if let (Some(number), Some(path)) = (kept, chosen.path()) {
            let builds = self.by_dockerfile.entry(real(&self.files, path)).or_default();
            if !builds.contains(&number) {
                builds.push(number);
            }
        }
        Ok(chosen.path().map(Path::to_path_buf))
    }

    /// The build of a name: that of a service or target, or with its file in front (`compose.yaml: web`). What bake makes
    /// of a service has a name of its own then: `compose.yaml (bake): web`.
    ///
    /// # Errors
    /// If there is none of the name, or several that differ.
    pub fn choose(&self, name: &str) -> Result<&Target, ChoiceError> {
        let full = |target: &build_targets::Target, sources: &build_targets::Sources| {
            let path = &sources.file(target.place.file).path;
            let is_service =
                target.kind == Kind::Bake && EntryKind::named_as(path) == Some(EntryKind::Compose);
            let by = if is_service { " (bake)" } else { "" };
            format!("{}{by}: {}", plain_path(path).display(), target.name)
        };
        let mut found: Vec<(String, Option<&Target>)> = Vec::new();
        for (read, resolution, target) in self.iter() {
            let full = full(read, &resolution.sources);
            if read.name == name || full == name {
                found.push((full, target));
            }
        }
        let known: Vec<&Target> = found.iter().filter_map(|(_, target)| *target).collect();
        match known.as_slice() {
            [] if found.is_empty() => {
                let mut names: Vec<String> = self.iter().map(|(read, ..)| read.name.clone()).collect();
                names.sort_unstable();
                names.dedup();
                Err(ChoiceError::Unknown(name.to_owned(), names))
            }
            [] => Err(ChoiceError::Elsewhere(name.to_owned())),
            [first, others @ ..] => {
                let same = |other: &&Target| other.is_same_build(first) && other.path() == first.path();
                match others.iter().all(same) {
                    true => Ok(first),
                    false => {
                        let names = found.iter().map(|(full, _)| full.clone()).collect();
                        Err(ChoiceError::Several(name.to_owned(), names))
                    }
                }
            }
        }
    }
}
