//! Which files of the build context a Dockerfile wants to be read.

use dockerignore::filepath::{clean, has_wildcard};

use super::read_files::{MAX_FILES, Reads};
use super::{Analysis, CopyFrom, RunsAs, SourceKind, is_file_name};
use crate::syntax::User;

/// The most files of the context whose first bytes are looked at for one Dockerfile.
const MAX_LOOKS: usize = 64;

impl Analysis {
    /// The files of the build context that are worth reading for this Dockerfile.
    #[must_use]
    pub fn reads(&self) -> Reads {
        let mut texts = self.read_files();
        let manifests: Vec<String> =
            self.manifests_to_read().into_iter().chain(self.node_manifests()).collect();
        let projects = self.project_files().into_iter().map(|needed| needed.file);
        for path in manifests
            .iter()
            .cloned()
            .chain(projects)
            .chain(self.uv_locks())
            .chain(self.version_files())
            .chain(self.exported_projects())
            .chain(self.node_settings(&manifests))
        {
            if texts.len() < MAX_FILES && !texts.contains(&path) {
                texts.push(path);
            }
        }
        let mut looks = Vec::new();
        for copy in self.copies.iter().filter(|c| c.add && c.from == CopyFrom::Context) {
            for source in copy.sources.iter().filter(|s| s.kind == SourceKind::Path) {
                let Some(path) = source.value.known().filter(|p| !p.contains('\\')) else { continue };
                let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
                if !path.is_empty() && looks.len() < MAX_LOOKS && !looks.contains(&path) {
                    looks.push(path);
                }
            }
        }
        let mut heads: Vec<String> = self.started_files().into_iter().map(|started| started.source).collect();
        heads.sort_unstable();
        heads.dedup();
        let mut folders: Vec<String> = Vec::new();
        for copy in self.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.mount) {
            for source in copy.sources.iter().filter(|s| s.kind == SourceKind::Path) {
                let Some(path) = source.value.known().filter(|p| !has_wildcard(p)) else { continue };
                let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
                let may_be = !path.is_empty() && !is_file_name(&path);
                if may_be && folders.len() < MAX_LOOKS && !folders.contains(&path) {
                    folders.push(path);
                }
            }
        }
        let mut listed: Vec<String> = Vec::new();
        for copy in self.copies.iter().filter(|c| c.from == CopyFrom::Context && !c.mount && !c.onbuild) {
            let paths = copy.sources.iter().filter(|s| s.kind == SourceKind::Path);
            let paths: Vec<&str> = paths.filter_map(|s| s.value.known()).collect();
            if paths.len() < 2 && !paths.iter().any(|path| has_wildcard(path)) {
                continue;
            }
            for path in paths.into_iter().filter(|path| !path.contains('\\')) {
                let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
                if !path.is_empty() && listed.len() < MAX_LOOKS && !listed.contains(&path) {
                    listed.push(path);
                }
            }
        }
        // It matters where the USER is root, or has a name, and where modes are set.
        let is_number =
            |stage| matches!(self.ends_as(stage), RunsAs::Other(user) if User::of(&user).is_number());
        let told = !self.final_stage().is_none_or(is_number) || self.file.text().contains("chmod");
        Reads { texts, looks, heads, folders, listed, told }
    }
}
