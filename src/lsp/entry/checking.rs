//! Reading and checking files that start builds.

use std::io::Write;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::sync::Arc;

use build_targets::EntryKind;

use crate::diag::Finding;
use crate::engine;
use crate::entries::Entries;
use crate::lsp::protocol::Failure;
use crate::lsp::server::Server;
use crate::lsp::uri;
use crate::text::plain_path;
use crate::workspace::Target;

use super::builds::{self, Builds};
use super::checked::CheckedEntry;

impl<W: Write> Server<W> {
    /// What is found in a file that starts builds. It is checked once for each state of what it depends on.
    pub(in crate::lsp) fn checked_entry(&mut self, uri: &str) -> Result<Arc<CheckedEntry>, Failure> {
        if let Some(known) = self.entries.get(uri) {
            return Ok(Arc::clone(known));
        }
        let read = self.read_document(uri)?;
        let settings = self.settings(&read);
        let entries = builds::entries(self.snapshot().files(), read.path());
        let builds = entries.as_ref().and_then(|entries| Builds::of(entries, read.path()));
        let reads = builds.as_ref().map(Builds::reads).unwrap_or_default();
        // Of each Dockerfile they say what builds it.
        let mut problems = Vec::new();
        self.workspace.load_settings(reads.iter().map(PathBuf::as_path), &mut problems);
        self.warn(&problems);
        let snapshot = self.snapshot();
        let check = |entries: &Entries| engine::check_entries(&snapshot, entries, read.path());
        let mut report = entries.as_ref().map(check).unwrap_or_default();
        if let Some(builds) = &builds {
            let folder = builds.group.entry.folder.display().to_string();
            report.findings.iter_mut().for_each(|finding| shorten(finding, &folder));
        }
        let refused = entries.iter().filter(|_| is_read_alone(read.path()));
        let refused = refused.flat_map(|entries| entries.refusals().collect::<Vec<_>>()).collect();
        let docs = self.docs(&read);
        let checked = Arc::new(CheckedEntry { read, builds, report, refused, docs, settings, reads });
        let revision = self.documents.get(uri).map_or(0, |document| document.revision);
        if self.options.context && uri::file(&checked.read.uri).is_some() {
            let sent = self.measuring.sent(uri);
            let is_known = |target: &Target| sent.as_ref().is_some_and(|sent| sent.of(target).is_some());
            let targets = checked.targets();
            if !targets.is_empty() {
                self.measuring.looked_at(uri, revision, targets.iter().all(is_known));
            }
        }
        self.entries.insert(uri.to_owned(), Arc::clone(&checked));
        Ok(checked)
    }
}

/// Tells paths as they are seen from the folder in which the tool is run: those of an editor begin at the root.
fn shorten(finding: &mut Finding, folder: &str) {
    let folder = format!("`{folder}{MAIN_SEPARATOR}");
    let texts = [Some(&mut finding.message), finding.help.as_mut()].into_iter().flatten();
    let texts = texts.chain(finding.labels.iter_mut().map(|label| &mut label.text));
    texts.filter(|text| text.contains(&folder)).for_each(|text| *text = text.replace(&folder, "`"));
}

/// False for a file that may be meant to be read behind others, which only who starts the build knows.
fn is_read_alone(path: &Path) -> bool {
    EntryKind::found_as(path).is_some()
        || engine::named_entry(plain_path(path)).is_some_and(|entry| entry.files.is_empty())
}
