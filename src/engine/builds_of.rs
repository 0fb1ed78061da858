//! Which builds there are of the files of a run.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use build_targets::Environment;

use crate::diag::Problem;
use crate::entries::Entries;
use crate::workspace::{ContextSource, Snapshot};

use super::discover::{Found, Input, InputKind};

impl Found {
    /// Of searched folders without any Dockerfile: that they hold none, and why if files are refused that may name some.
    #[must_use]
    pub fn nothing_in(empty: Vec<Problem>, entries: &Entries) -> Vec<Problem> {
        const REFUSED: &str = "a file here that starts builds is refused: what it builds cannot be told";
        let is_refused = entries.refusals().next().is_some();
        let why = |problem: Problem| match is_refused {
            true => Problem { help: Some(REFUSED.to_owned()), ..problem },
            false => problem,
        };
        empty.into_iter().map(why).collect()
    }

    /// The builds that files of the project start of what was found: files that are named, those in the folders that
    /// were searched, and those in the folders of Dockerfiles and above. The Dockerfiles that they build are inputs as
    /// well, as far as they are in `searched` or a named file builds them. A Dockerfile whose settings name its build
    /// context is built as they say. `also` is a Dockerfile that is no input, such as one that standard input stands for.
    ///
    /// Files that are named and that their tools would refuse are problems; those that were found are notes.
    #[must_use]
    pub fn entries(
        &mut self,
        snapshot: &Snapshot,
        searched: &[PathBuf],
        also: Option<&Path>,
        environment: Option<Environment>,
    ) -> Entries {
        let (files, settings) = (snapshot.files(), snapshot.settings());
        let inputs = self.inputs.iter().filter(|input| input.kind == InputKind::Dockerfile);
        let dockerfiles = inputs.map(|input| input.path.as_path()).chain(also);
        let dockerfiles = dockerfiles.filter(|path| settings.context(path) == ContextSource::Beside);
        let mut found = Entries::find(files, dockerfiles, &self.folders, environment.clone(), &|path| {
            settings.excludes(path)
        });
        let named = Entries::read(files, &self.entries, environment);
        // What a file below which nothing was searched holds itself is not what was asked about.
        found.limit_to(searched);
        let is_searched = |path: &Path| found.holds(path);
        let more: Vec<&Path> =
            found.dockerfiles().filter(|path| is_searched(path)).chain(named.dockerfiles()).collect();
        let known: HashSet<PathBuf> = self.inputs.iter().map(|input| input.path.clone()).collect();
        let more = more
            .into_iter()
            .filter(|path| !known.contains(*path) && files.is_file(path) && !settings.excludes(path));
        let more: Vec<Input> =
            more.map(|path| Input { path: path.to_path_buf(), kind: InputKind::Dockerfile }).collect();
        self.inputs.extend(more);
        self.inputs.sort();
        self.problems.extend(named.refusals());
        self.notes.extend(found.refusals());
        named.or(found)
    }
}
