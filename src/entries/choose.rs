//! The build that somebody names.

use std::collections::HashMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use build_targets::{EntryKind, Kind};

use crate::syntax::Platform;
use crate::text::{nearest, plain_path};
use crate::workspace::{Files, Target};

use super::{BuiltFrom, Entries, EntryGroup, real};

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
    /// No file here builds anything: the first that is refused, if one is, and why.
    Nothing(String, Option<String>),
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
            Self::Nothing(name, None) => {
                write!(
                    f,
                    "no file here builds `{name}`: no Compose, bake, devcontainer, Quadlet or CI file builds anything"
                )
            }
            Self::Nothing(name, Some(refused)) => write!(f, "no file here builds `{name}`: {refused}"),
            Self::Unknown(name, names) => {
                write!(f, "no file here builds `{name}`: ")?;
                match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => write!(f, "did you mean `{near}`?"),
                    None => write!(f, "the builds are {}", listed(names)),
                }
            }
            Self::Several(name, names) => {
                write!(f, "several builds are called `{name}`: name one of {}", listed(names))
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
        let (chosen, platform) = self.chosen(name)?;
        let chosen = chosen.clone();
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
        let target = kept.and_then(|number| self.builds.get_mut(number)?.dockerfile.target_mut());
        if let (Some(target), Some(platform)) = (target, platform) {
            *target = target.clone().on_one_platform(Some(platform));
        }
        if let (Some(number), Some(path)) = (kept, chosen.path()) {
            let builds = self.by_dockerfile.entry(real(&self.files, path)).or_default();
            if !builds.contains(&number) {
                builds.push(number);
            }
        }
        Ok(chosen.path().map(Path::to_path_buf))
    }

    /// The build of a name: that of a service or target, or with its file in front (`compose.yaml: web`), or with the
    /// line as well (`ci.yml:12: build`, of several there `ci.yml:12: build #2`). What bake makes of a service has a name
    /// of its own then: `compose.yaml (bake): web`. The file is the one that somebody starts, and then the one that says it;
    /// its path may begin at any folder above. A list has the file behind the name, `web (compose.yaml)`, and of a build for
    /// several platforms one may follow: `compose.yaml: web (linux/arm64)`.
    ///
    /// # Errors
    /// If there is none of the name, or several that differ.
    pub fn choose(&self, name: &str) -> Result<Target, ChoiceError> {
        let (target, platform) = self.chosen(name)?;
        Ok(match platform {
            Some(platform) => target.clone().on_one_platform(Some(platform)),
            None => target.clone(),
        })
    }

    /// The build of a name, and the platform that the name has behind it.
    fn chosen(&self, name: &str) -> Result<(&Target, Option<Platform>), ChoiceError> {
        let all = self.of_name(name);
        if let Err(ChoiceError::Unknown(..)) = &all
            && let Some((plain, platform)) = name.strip_suffix(')').and_then(|name| name.rsplit_once(" ("))
            && let Some(platform) = Platform::parse(platform)
            && let Ok(target) = self.of_name(plain)
            && (target.platforms.contains(&platform) || target.build.platform.as_ref() == Some(&platform))
        {
            return Ok((target, Some(platform)));
        }
        all.map(|target| (target, None))
    }

    fn of_name(&self, name: &str) -> Result<&Target, ChoiceError> {
        let found = self.called(name);
        let known = differing(&found);
        match known.as_slice() {
            [] if found.is_empty() => {
                let mut names: Vec<String> = self.iter().map(|(read, ..)| read.name.clone()).collect();
                names.sort_unstable();
                names.dedup();
                if names.is_empty() {
                    return Err(ChoiceError::Nothing(name.to_owned(), self.first_refusal()));
                }
                Err(ChoiceError::Unknown(name.to_owned(), names))
            }
            [] => Err(ChoiceError::Elsewhere(name.to_owned())),
            [only] => Ok(only.1),
            several => {
                let offered = several.iter().enumerate().map(|(number, (named, target))| {
                    // Of more no name is shown.
                    if number < MAX_NAMES { self.own_name(named, target) } else { named.with_file() }
                });
                Err(ChoiceError::Several(name.to_owned(), offered.collect()))
            }
        }
    }

    /// Why the first file that is refused gives no build.
    fn first_refusal(&self) -> Option<String> {
        self.groups.iter().find_map(|group| {
            let problem = group.resolution.problems.first()?;
            let place = problem.place.map(|place| {
                let file = group.resolution.sources.file(place.file);
                let (line, _) = file.position(place.span().start);
                format!("{}:{line}: ", plain_path(&file.path).display())
            });
            Some(format!("{}{}", place.unwrap_or_default(), problem.message))
        })
    }

    /// A name that means this build alone.
    fn own_name(&self, named: &Named<'_>, target: &Target) -> String {
        let is_it = |name: &String| {
            let called = self.called(name);
            matches!(differing(&called).as_slice(), [(_, only)] if is_same(only, target))
        };
        let line = named.with_line();
        let number = || {
            let called = self.called(&line);
            let at = differing(&called).iter().position(|(_, other)| is_same(other, target));
            format!("{line} #{}", at.unwrap_or(0) + 1)
        };
        let forms = [named.with_file(), named.with_group(), line.clone()];
        forms.into_iter().find(is_it).unwrap_or_else(number)
    }

    /// All builds of a name.
    fn called(&self, name: &str) -> Vec<Named<'_>> {
        let of = |is_called: &dyn Fn(&Named<'_>) -> bool| -> Vec<Named<'_>> {
            // The name itself is always at the end, but for a number behind it.
            self.named().filter(|named| name.contains(&named.read.name) && is_called(named)).collect()
        };
        let forms: [&dyn Fn(&Named<'_>) -> bool; 5] = [
            &|named| named.read.name == name,
            &|named| named.with_group() == name,
            &|named| named.with_file() == name,
            &|named| named.with_line() == name,
            &|named| named.is_called_from_elsewhere(&self.files, name),
        ];
        if let Some(found) = forms.into_iter().map(of).find(|found| !found.is_empty()) {
            return found;
        }
        let Some((name, number)) = name.rsplit_once(" #") else { return Vec::new() };
        let Ok(number) = number.parse::<usize>() else { return Vec::new() };
        let of_line = of(&|named| named.with_line() == name);
        let chosen = differing(&of_line).get(number.wrapping_sub(1)).map(|(named, _)| **named);
        chosen.into_iter().collect()
    }

    /// All builds, in the order of their files.
    fn named(&self) -> impl Iterator<Item = Named<'_>> {
        self.builds.iter().filter_map(|build| {
            let group = self.groups.get(build.of.0)?;
            let read = group.resolution.targets.get(build.of.1).filter(|read| !read.is_refused)?;
            Some(Named { group, read, target: build.dockerfile.target() })
        })
    }
}

/// A build and what it may be called.
#[derive(Clone, Copy)]
struct Named<'e> {
    group: &'e EntryGroup,
    read: &'e build_targets::Target,
    target: Option<&'e Target>,
}

impl Named<'_> {
    /// The file that says what is built.
    fn file(&self) -> &build_targets::SourceFile {
        self.group.resolution.sources.file(self.read.place.file)
    }

    /// A name with a file in front. What bake makes of a Compose file is not what Compose makes of it.
    fn behind(&self, path: &Path) -> String {
        let is_service =
            self.read.kind == Kind::Bake && EntryKind::named_as(path) == Some(EntryKind::Compose);
        let by = if is_service { " (bake)" } else { "" };
        format!("{}{by}: {}", plain_path(path).display(), self.read.name)
    }

    fn with_file(&self) -> String {
        self.behind(&self.file().path)
    }

    /// With the file that is started.
    fn with_group(&self) -> String {
        self.behind(self.group_path())
    }

    fn group_path(&self) -> &Path {
        let EntryGroup { entry, resolution, .. } = self.group;
        // A `.env` beside it is read before it.
        let mut read = resolution.sources.iter().map(|(_, file)| &*file.path);
        let found = || read.find(|path| EntryKind::named_as(path).is_some());
        entry.files.first().map(|path| &**path).or_else(found).unwrap_or(&self.file().path)
    }

    /// True if a name has a file beside it that is this one's where dlint runs in a folder above, perhaps with a line.
    fn is_called_from_elsewhere(&self, files: &Files, name: &str) -> bool {
        let before = || name.strip_suffix(&*self.read.name).and_then(|file| file.strip_suffix(": "));
        let behind = || name.strip_prefix(&*self.read.name)?.strip_prefix(" (")?.strip_suffix(')');
        let file = before().or_else(behind);
        let Some(file) = file.map(|file| file.strip_suffix(" (bake)").unwrap_or(file)) else { return false };
        let is_it = |path: &str| {
            [&*self.file().path, self.group_path()].into_iter().any(|own| is_end(files, path, own))
        };
        let line = || {
            let (path, line) = file.rsplit_once(':')?;
            let (own, _) = self.file().position(self.read.place.span().start);
            (line.parse() == Ok(own)).then_some(path)
        };
        is_it(file) || line().is_some_and(is_it)
    }

    fn with_line(&self) -> String {
        let file = self.file();
        let (line, _) = file.position(self.read.place.span().start);
        format!("{}:{line}: {}", plain_path(&file.path).display(), self.read.name)
    }
}

/// True if a path is the end of that of the file at another one.
fn is_end(files: &Files, path: &str, of: &Path) -> bool {
    let path = Path::new(path);
    let is_plain = |part| matches!(part, Component::Normal(_));
    !path.as_os_str().is_empty()
        && path.is_relative()
        && path.components().all(is_plain)
        && real(files, of).ends_with(path)
}

/// The builds that are known, equal ones once.
fn differing<'n, 'e>(all: &'n [Named<'e>]) -> Vec<(&'n Named<'e>, &'e Target)> {
    let mut known: Vec<(&Named<'_>, &Target)> = Vec::new();
    let mut alike: HashMap<u64, Vec<usize>> = HashMap::new();
    for named in all {
        let Some(target) = named.target else { continue };
        let alike = alike.entry(target.fingerprint()).or_default();
        if !alike.iter().any(|at| known.get(*at).is_some_and(|(_, other)| is_same(other, target))) {
            alike.push(known.len());
            known.push((named, target));
        }
    }
    known
}

/// True for builds of one Dockerfile that do not differ.
fn is_same(one: &Target, other: &Target) -> bool {
    one.is_same_build(other) && one.path() == other.path()
}
