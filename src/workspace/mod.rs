//! What lies between files and checks: which texts there are, which settings count where, and what is built.
//!
//! A [`Target`] says what is built. [`Files`] has the texts, those of an editor's buffers before those on the
//! disk. [`SettingsByFolder`] knows which configuration counts for which file.

mod files;
mod kept;
mod lock_file;
mod locked;
mod read;
mod repository;
mod settings;
mod target;

use std::path::Path;
use std::sync::Arc;

use crate::config::Settings;
use crate::diag::Problem;
use crate::semantic::Build;
use crate::tree::{DISK, Tree};

pub use files::{Document, Files};
pub use lock_file::LockPlace;
pub use read::{ReadError, describe, read_bounded, read_source, read_stdin};
pub use repository::{above, is_top, levels_to_top, top_of};
pub use settings::{ConfigChoice, Overrides, SettingsByFolder, catalogue, catalogue_at, from_here, loaded};
pub use target::{
    ContextSource, DockerfileSource, EntryForm, IgnoreSource, Target, TargetOrigin, builds_below,
};

/// The texts and settings of a project, for as long as somebody works on it.
#[derive(Debug)]
pub struct Workspace {
    files: Files,
    settings: Arc<SettingsByFolder>,
}

/// What a workspace was at one moment. A clone is cheap and may go to another thread.
#[derive(Debug, Clone)]
pub struct Snapshot {
    files: Files,
    settings: Arc<SettingsByFolder>,
}

impl Default for Workspace {
    /// A workspace without buffers, where the nearest `dlint.toml` of each file counts.
    fn default() -> Self {
        // No file is named, so nothing can be wrong.
        Self::new(Overrides::default(), &mut Vec::new())
    }
}

impl Workspace {
    /// A workspace without buffers, where these settings count for all files.
    pub(crate) fn of_settings(settings: Arc<Settings>) -> Self {
        Self { files: Files::default(), settings: Arc::new(SettingsByFolder::of(settings)) }
    }

    /// A workspace without buffers. What is wrong with a configuration file that `overrides` name goes to the
    /// problems.
    #[must_use]
    pub(crate) fn new(overrides: Overrides, problems: &mut Vec<Problem>) -> Self {
        Self::of(&DISK, overrides, problems)
    }

    /// The same on the files of a tree.
    #[must_use]
    pub(crate) fn of(tree: &Tree, overrides: Overrides, problems: &mut Vec<Problem>) -> Self {
        let settings = Arc::new(SettingsByFolder::of_tree(tree, overrides, problems));
        Self { files: Files::of(tree.clone()), settings }
    }

    /// The texts, to put buffers over files.
    pub fn files_mut(&mut self) -> &mut Files {
        &mut self.files
    }

    /// Loads the configuration files that count for `paths`; faults are problems, said once.
    pub fn load_settings<'a>(
        &mut self,
        paths: impl IntoIterator<Item = &'a Path>,
        problems: &mut Vec<Problem>,
    ) {
        // What a snapshot shares is copied only if there is something to load.
        let unknown: Vec<&Path> = paths.into_iter().filter(|path| !self.settings.knows(path)).collect();
        if !unknown.is_empty() {
            Arc::make_mut(&mut self.settings).load_for(unknown, problems);
        }
    }

    /// Forgets what configuration files say: they are read again when their settings are asked for.
    pub(crate) fn forget_settings(&mut self) {
        self.settings = Arc::new(self.settings.unread());
    }

    /// What there is now. Later changes do not reach it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { files: self.files.unread(), settings: Arc::clone(&self.settings) }
    }
}

impl Snapshot {
    /// The texts.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// The same without the buffers and settings of other paths, see [`Files::with_only`].
    #[must_use]
    pub(crate) fn with_only(&self, path: &Path) -> Self {
        Self { files: self.files.with_only(path), settings: Arc::new(self.settings.with_only(path)) }
    }

    /// The settings, by folder.
    #[must_use]
    pub(crate) fn settings(&self) -> &SettingsByFolder {
        &self.settings
    }

    /// What counts for the file at `path`.
    #[must_use]
    pub(crate) fn settings_of(&self, path: &Path) -> Arc<Settings> {
        self.settings.settings(path)
    }

    /// The target of the Dockerfile at `path`, built as `build` says, with the context that its settings name.
    #[must_use]
    pub fn target_of(&self, path: &Path, build: &Build) -> Target {
        Target { context: self.settings.context(path), build: build.clone(), ..Target::of_file(path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_shared_between_threads_and_keeps_what_was() {
        fn shared<T: Clone + Send + Sync + 'static>() {}
        shared::<Snapshot>();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Dockerfile");
        std::fs::create_dir(folder.path().join("app")).unwrap();
        std::fs::write(folder.path().join("dlint.toml"), "ignore = ['no-user']\ncontext = 'app'\n").unwrap();
        let mut problems = Vec::new();
        let mut workspace = Workspace::new(Overrides::default(), &mut problems);
        let before = workspace.snapshot();
        workspace.load_settings([path.as_path()], &mut problems);
        workspace.files_mut().open(path.clone(), 1, "FROM a\n");
        let after = workspace.snapshot();
        assert!(problems.is_empty());
        assert!(before.files().source(&path).is_err());
        assert_eq!(after.files().source(&path).unwrap().text(), "FROM a\n");
        let context = |s: &Snapshot| s.target_of(&path, &Build::default()).context;
        assert_eq!(context(&before), ContextSource::Beside);
        assert_eq!(context(&after), ContextSource::Folder(folder.path().join("app")));
        // What is kept for one file knows what counts for that, and no more.
        workspace.load_settings([Path::new("elsewhere/Dockerfile")], &mut problems);
        let own = workspace.snapshot().with_only(&path);
        assert_eq!(context(&own), ContextSource::Folder(folder.path().join("app")));
        assert!(own.settings().knows(&path) && !own.settings().knows(Path::new("elsewhere/Dockerfile")));
        std::fs::write(folder.path().join("dlint.toml"), "").unwrap();
        workspace.load_settings([path.as_path()], &mut problems);
        assert_eq!(context(&workspace.snapshot()), ContextSource::Folder(folder.path().join("app")));
        workspace.forget_settings();
        workspace.load_settings([path.as_path()], &mut problems);
        assert_eq!(context(&workspace.snapshot()), ContextSource::Beside);
        assert_eq!(workspace.snapshot().files().source(&path).unwrap().text(), "FROM a\n");
    }
}
