//! What is found out about the builds of files that start them, before rules look at those.

use std::path::{Path, PathBuf};

use build_targets::{Context, Dockerfile, EntryKind, Text};
use rayon::prelude::*;

use crate::engine::generated::Makers;
use crate::engine::opened::read_kept;
use crate::engine::outcome::guarded;
use crate::entries::{Entries, EntryGroup};
use crate::rules::{EntryBuild, Presence};
use crate::semantic::Builder;
use crate::workspace::{Files, Target};

/// What begins a placeholder in a template of files: of Jinja, cookiecutter and Go, of Copier, and of ERB and EJS.
const PLACEHOLDERS: [&str; 5] = ["{{", "{%", "[[", "[%", "<%"];

/// What of each build of a group is there. No Dockerfile is read.
pub(super) fn places(files: &Files, entries: &Entries, number: usize) -> Vec<EntryBuild> {
    let Some(group) = entries.groups().get(number) else { return Vec::new() };
    let folder = files.file_tree().real(&group.entry.folder).unwrap_or_else(|_| group.entry.folder.clone());
    let makers = Makers::new(files.file_tree(), &folder);
    let is_chosen = entries.is_chosen();
    let mut facts = Facts { files, group, folder, makers, is_chosen };
    let targets = group.resolution.targets.iter().zip(entries.builds_in(number));
    targets.map(|(read, target)| facts.build(read, target)).collect()
}

/// Reads what the Dockerfiles of these builds of a group mean; `told` says which builder somebody has named for one.
pub(super) fn read(
    files: &Files,
    entries: &Entries,
    number: usize,
    builds: &mut [EntryBuild],
    told: &(dyn Fn(&Target) -> Option<Builder> + Sync),
) {
    let mut asked: Vec<(&mut EntryBuild, &Target)> = builds
        .iter_mut()
        .zip(entries.builds_in(number))
        .filter_map(|(build, target)| Some((build, target?)))
        .filter(|(build, _)| build.dockerfile == Presence::Here)
        .collect();
    asked.par_iter_mut().for_each(|(build, target)| {
        let mut target = target.clone();
        // As it is built when it is linted.
        target.build.builder = told(&target).unwrap_or(target.builder());
        // What cannot be read is said where the Dockerfile is linted.
        build.analysis = guarded(&target.name(), || read_kept(files, &target).ok()).ok().flatten();
    });
}

struct Facts<'a> {
    files: &'a Files,
    group: &'a EntryGroup,
    /// The folder in which the tool is run, without links.
    folder: PathBuf,
    makers: Makers<'a>,
    /// True if only the builds that are known as targets are asked for.
    is_chosen: bool,
}

impl Facts<'_> {
    fn build(&mut self, read: &build_targets::Target, target: Option<&Target>) -> EntryBuild {
        let mut build = EntryBuild::default();
        if target.is_none() && self.is_chosen {
            return build;
        }
        if let Context::Folder { path, text } = &read.context
            && is_known(text.as_ref())
        {
            build.context = self.folder_presence(path, text.as_ref());
        }
        for context in &read.contexts {
            build.named.push(match &context.folder {
                Some(path) if context.value.known().is_some() => {
                    self.folder_presence(path, Some(&context.value))
                }
                _ => Presence::Unknown,
            });
        }
        if target.is_none() {
            return build;
        }
        match &read.dockerfile {
            Dockerfile::File { path, text } => {
                build.dockerfile = match self.presence(path, Wanted::File) {
                    Presence::Missing | Presence::OtherKind
                        if self.is_read_from_above(&read.context, text.as_ref()) =>
                    {
                        Presence::Unknown
                    }
                    presence => presence,
                };
                let folder = path.parent().unwrap_or(Path::new(""));
                let other = folder.join("Containerfile");
                if text.is_none() && build.dockerfile != Presence::Here && self.files.exists(&other) {
                    build.containerfile = Some(other);
                }
                if self.is_devcontainer(read) {
                    build.unread_ignore = self.own_ignore(path);
                }
            }
            Dockerfile::Inline(_) => {
                build.dockerfile = Presence::Here;
                if let Context::Folder { path, .. } = &read.context {
                    // One that is there has its own use for the file.
                    let beside = path.join("Dockerfile");
                    build.unread_ignore = self.own_ignore(&beside).filter(|_| !self.files.exists(&beside));
                }
            }
            Dockerfile::Unknown(_) => {}
        }
        build
    }

    fn folder_presence(&mut self, path: &Path, text: Option<&Text>) -> Presence {
        match self.presence(path, Wanted::Folder) {
            // The tool may be run in another folder than that of its file, such as the top of the repository.
            Presence::Missing | Presence::OtherKind if self.is_there_from_above(text) => Presence::Unknown,
            presence => presence,
        }
    }

    /// True if a relative path leads somewhere from a folder above that of the files, up to the top of the repository.
    fn is_there_from_above(&self, text: Option<&Text>) -> bool {
        let Some(written) = text.and_then(Text::known) else { return false };
        self.above().any(|folder| self.files.is_folder(&folder.join(written)))
    }

    /// The same of a Dockerfile that is named, such as in the second of the Compose files of a development container.
    fn is_read_from_above(&self, context: &Context, text: Option<&Text>) -> bool {
        let Some(written) = text.and_then(Text::known) else { return false };
        let context = match context {
            Context::Folder { text: Some(text), .. } => text.known(),
            Context::Folder { text: None, .. } => Some("."),
            Context::Remote(_) | Context::Unknown(_) => None,
        };
        context.is_some_and(|context| {
            self.above().any(|folder| self.files.is_file(&folder.join(context).join(written)))
        })
    }

    /// The folders above that of the files in which their tool may be run, up to the top of the repository.
    fn above(&self) -> impl Iterator<Item = &Path> {
        let is_run_anywhere = matches!(self.group.entry.kind, EntryKind::Compose | EntryKind::Bake);
        let top = self.makers.top();
        // Outside of a repository nothing says where the project begins.
        let has_top = self.files.exists(&top.join(".git"));
        let above = self.folder.ancestors().skip(1).enumerate();
        let above = above.take_while(move |(at, folder)| match has_top {
            true => folder.starts_with(top),
            false => *at < MAX_ABOVE,
        });
        above.map(|(_, folder)| folder).filter(move |_| is_run_anywhere)
    }

    /// True if the build is written in a devcontainer.json, and not in a Compose file that one names.
    fn is_devcontainer(&self, read: &build_targets::Target) -> bool {
        let path = &self.group.resolution.sources.file(read.place.file).path;
        self.group.entry.kind == EntryKind::Devcontainer && path.extension().is_some_and(|e| e == "json")
    }

    /// The ignore file that is called after a Dockerfile, if it is there.
    fn own_ignore(&self, dockerfile: &Path) -> Option<PathBuf> {
        let [own, _] = dockerignore::candidates(dockerfile, Path::new(""));
        Some(own).filter(|path| self.files.exists(path))
    }

    fn presence(&mut self, path: &Path, wanted: Wanted) -> Presence {
        if self.files.exists(path) {
            let is_other = match wanted {
                Wanted::File => self.files.is_folder(path),
                Wanted::Folder => self.files.is_file(path),
            };
            return if is_other { Presence::OtherKind } else { Presence::Here };
        }
        // What makes a project of a template replaces it.
        let has_placeholder =
            path.to_str().is_some_and(|path| PLACEHOLDERS.iter().any(|mark| path.contains(mark)));
        if has_placeholder || has_drive(path) {
            return Presence::Unknown;
        }
        // What lies outside of the repository is a matter of the machine.
        let Some(real) = real(path).filter(|real| real.starts_with(self.makers.top())) else {
            return Presence::Unknown;
        };
        // A template of development containers is for projects that have what it names.
        let is_template = self.files.is_file(&self.folder.join("devcontainer-template.json"));
        if is_template || self.makers.make(&real) { Presence::MadeLater } else { Presence::Missing }
    }
}

/// How many folders above that of the files may be the top of a project, where there is no repository.
const MAX_ABOVE: usize = 2;

/// What a path is to lead to.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    File,
    Folder,
}

/// True for `C:\src`, which only Windows has.
fn has_drive(path: &Path) -> bool {
    let is_drive = |part: &[u8]| match part {
        [letter, b':'] | [letter, b':', b'\\', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    };
    cfg!(unix) && path.iter().any(|part| is_drive(part.as_encoded_bytes()))
}

fn is_known(text: Option<&Text>) -> bool {
    text.is_none_or(|text| text.known().is_some())
}

/// A path without links, whose last parts need not be there.
fn real(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|folder| {
        let folder_here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = folder_here.canonicalize().ok()?;
        let rest = path.strip_prefix(folder).ok()?;
        Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
    })
}
