//! Many builds, read and measured: a context that several have in common is walked once.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use dockerignore::Dialect;
use rayon::prelude::*;

use crate::config::Settings;
use crate::context::Progress;
use crate::diag::Problem;
use crate::semantic::{Analysis, NamedContexts};
use crate::text::plain_path;
use crate::workspace::{Files, Target, builds_below};

use super::named::{NamedQueries, walk_named};
use super::opened::{OpenError, Opened, read_target};
use super::walk::{Walked, load_ignore, own_ignore_file, unread, with_weights};

/// Reads targets, and measures their build contexts, in their order.
#[must_use]
pub fn open_all(
    files: &Files,
    targets: Vec<(Target, Arc<Settings>)>,
    progress: &Progress,
) -> Vec<Result<Opened, OpenError>> {
    let open = |(target, settings)| Opened::new(files, target, settings);
    let mut opened: Vec<Result<Opened, OpenError>> = targets.into_par_iter().map(open).collect();
    let mut builds: Vec<&mut Opened> = opened.iter_mut().flatten().collect();
    measure_all(files, &mut builds, &mut MeasuredImages::default(), progress);
    opened
}

impl Opened {
    /// The same with what is measured of the build context.
    #[must_use]
    pub fn measured(self, files: &Files, progress: &Progress) -> Self {
        self.measured_with(files, progress, &mut MeasuredImages::default())
    }

    /// The same, with the images of other builds that have been measured.
    #[must_use]
    pub fn measured_with(mut self, files: &Files, progress: &Progress, images: &mut MeasuredImages) -> Self {
        measure_all(files, &mut [&mut self], images, progress);
        self
    }
}

/// Measures builds, and the images of other builds that they start from or copy from: a context that some of all these
/// have in common is walked once.
fn measure_all(files: &Files, builds: &mut [&mut Opened], images: &mut MeasuredImages, progress: &Progress) {
    let below = images.unknown_below(files, builds.iter().map(|build| &build.target));
    images.measure(files, builds, below, progress);
}

/// The images of other builds of the project, each measured once: several may start from one.
#[derive(Debug, Default)]
pub struct MeasuredImages {
    /// Each is kept beside, so that no other one gets its place.
    known: HashMap<*const Target, (Arc<Target>, Option<Analysis>)>,
}

impl MeasuredImages {
    /// Measures at a time those that some builds start from or copy from, since they may have contexts in common.
    pub fn foresee<'t>(
        &mut self,
        files: &Files,
        targets: impl IntoIterator<Item = &'t Target>,
        progress: &Progress,
    ) {
        let below = self.unknown_below(files, targets);
        self.measure(files, &mut [], below, progress);
    }

    /// Those that a build starts from or copies from, with their contexts measured.
    pub(super) fn of(
        &mut self,
        files: &Files,
        target: &Target,
        progress: &Progress,
    ) -> BTreeMap<String, Analysis> {
        self.foresee(files, [target], progress);
        self.known_of(target)
    }

    /// What is known of the image of a build.
    pub(super) fn known(&self, target: &Arc<Target>) -> Option<&Analysis> {
        self.known.get(&Arc::as_ptr(target)).and_then(|(_, analysis)| analysis.as_ref())
    }

    fn known_of(&self, target: &Target) -> BTreeMap<String, Analysis> {
        let images = target.siblings.iter();
        images.filter_map(|(name, sibling)| Some((name.clone(), self.known(sibling)?.clone()))).collect()
    }

    /// Reads the builds below these that are not known yet, those first that others start from.
    fn unknown_below<'t>(
        &mut self,
        files: &Files,
        targets: impl IntoIterator<Item = &'t Target>,
    ) -> Vec<(Arc<Target>, Opened)> {
        let mut read = Vec::new();
        for target in builds_below(targets) {
            let key = Arc::as_ptr(&target);
            if self.known.contains_key(&key) {
                continue;
            }
            match read_target(files, &target) {
                Ok(analysis) => read.push((Arc::clone(&target), Opened::of_image(&target, analysis))),
                Err(_) => drop(self.known.insert(key, (target, None))),
            }
        }
        read
    }

    /// Measures builds and images below them. What is wrong with the context of an image is said where that build is what
    /// is asked about.
    fn measure(
        &mut self,
        files: &Files,
        builds: &mut [&mut Opened],
        mut below: Vec<(Arc<Target>, Opened)>,
        progress: &Progress,
    ) {
        let images = below.iter_mut().map(|(_, image)| image);
        measure_contexts(files, builds.iter_mut().map(|build| &mut **build).chain(images), Some(progress));
        let all = builds.iter().map(|build| &**build).chain(below.iter().map(|(_, image)| image));
        let asked = all.map(|build| NamedQueries::of(files, &build.analysis)).collect();
        let mut of_builds = walk_named(files, asked, Some(progress));
        let of_images = of_builds.split_off(builds.len());
        let name = |build: &mut Opened, (named, problems): (NamedContexts, Vec<Problem>), images| {
            build.problems.extend(problems);
            build.analysis = build.analysis.clone().with_named(NamedContexts { images, ..named });
        };
        for ((target, mut image), named) in below.into_iter().zip(of_images) {
            name(&mut image, named, self.known_of(&target));
            self.known.insert(Arc::as_ptr(&target), (target, Some(image.analysis)));
        }
        for (build, named) in builds.iter_mut().zip(of_builds) {
            name(build, named, self.known_of(&build.target));
        }
    }
}

/// Measures the contexts of builds, each once however many have it and its ignore file in common.
pub(super) fn measure_contexts<'b>(
    files: &Files,
    builds: impl Iterator<Item = &'b mut Opened>,
    progress: Option<&Progress>,
) {
    let mut groups: BTreeMap<(PathBuf, Option<PathBuf>, Dialect), Vec<&mut Opened>> = BTreeMap::new();
    for build in builds {
        let Some(root) = build.target.context_folder() else { continue };
        if build.analysis.source_queries().is_empty() {
            continue;
        }
        let own = own_ignore_file(files, &build.target, &root);
        let real = files.file_tree().real(&root).unwrap_or(root);
        groups.entry((real, own, build.target.builder().dialect())).or_default().push(build);
    }
    let mut groups: Vec<Vec<&mut Opened>> = groups.into_values().collect();
    groups.par_iter_mut().for_each(|builds| measure(files, builds, progress));
}

/// Measures the context of builds that have it and its ignore file in common.
fn measure(files: &Files, builds: &mut [&mut Opened], progress: Option<&Progress>) {
    let views = builds.iter().map(|build| build.analysis.source_queries()).collect();
    let Some(first) = builds.first_mut() else { return };
    let Some(root) = first.target.context_folder() else { return };
    let ignore = load_ignore(files, &first.target, &root, &mut first.problems);
    let walked = Walked::new(files, &root, ignore, views, progress, &mut first.problems);
    let Some(walked) = walked else { return };
    for (view, build) in builds.iter_mut().enumerate() {
        let reads = build.analysis.reads();
        let unread = unread(files, &build.target, &root, &reads.folders);
        let mut context = with_weights(
            files,
            walked.context(view, reads, build.target.path()),
            (&root, &build.target),
            &build.analysis,
            unread,
        );
        context.guess = build.guessed.as_ref().map(|folder| plain_path(folder).display().to_string());
        build.analysis = build.analysis.clone().with_context(Some(Arc::new(context)));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::{BuildChange, BuildsBelow};
    use crate::entries::{Entries, of_files};
    use crate::workspace::{Overrides, Workspace};

    /// Services of one context, of which each starts from the one before it and also copies from the first.
    fn chain(folder: &Path, count: usize) -> Vec<Target> {
        let mut text = "services:\n".to_owned();
        for n in 0..count {
            let (mut from, mut contexts) = ("debian:12", String::new());
            if n > 0 {
                contexts =
                    format!(", additional_contexts: {{below: 'service:s{}', first: 'service:s0'}}", n - 1);
                from = "below";
            }
            let copy = if n > 0 { "COPY --from=first /x /y\n" } else { "" };
            let file = format!("FROM {from}\nCOPY f{n} /\n{copy}");
            std::fs::write(folder.join(format!("{n}.Dockerfile")), file).unwrap();
            std::fs::write(folder.join(format!("f{n}")), "x").unwrap();
            text.push_str(&format!(
                "  s{n}: {{build: {{context: ., dockerfile: {n}.Dockerfile{contexts}}}}}\n"
            ));
        }
        let path = folder.join("compose.yaml");
        std::fs::write(&path, text).unwrap();
        let entry = of_files(&Files::default(), folder.to_path_buf(), vec![path]);
        let entries = Entries::read(&Files::default(), &[entry], None);
        entries.iter().map(|(.., target)| target.unwrap().clone()).collect()
    }

    #[test]
    fn a_chain_of_builds_walks_its_context_once() {
        let folder = tempfile::tempdir().unwrap();
        let targets = chain(folder.path(), 12);
        let snapshot = Workspace::new(Overrides::default(), &mut Vec::new()).snapshot();
        let all = || targets.iter().map(|target| (target.clone(), Arc::default())).collect();
        let progress = Progress::default();
        let opened = open_all(snapshot.files(), all(), &progress);
        let opened: Vec<Opened> = opened.into_iter().map(Result::unwrap).collect();
        assert_eq!(progress.walks(), 1);
        let below = |opened: &Opened| -> Vec<usize> {
            let next = |analysis: &Analysis| analysis.named().images.get("below").cloned();
            let all = std::iter::successors(next(&opened.analysis), next);
            all.map(|image| image.context().unwrap().scan.per_query.len()).collect()
        };
        assert_eq!(below(&opened[11]), [1; 11]);
        let alone = Progress::default();
        let last = Opened::new(snapshot.files(), targets[11].clone(), Arc::default()).unwrap();
        assert_eq!(below(&last.clone().measured(snapshot.files(), &alone)), [1; 11]);
        assert_eq!(alone.walks(), 1);
        // What changes is asked in a second walk, whether it is named or not.
        for files in [Some(vec!["f4".to_owned()]), None] {
            let change = || BuildChange { files: files.clone(), ..BuildChange::default() };
            let (progress, change_of) = (Progress::default(), |_: &Target, _: &Path| change());
            let mut builds = BuildsBelow::new(&change_of, &progress);
            builds.rebuilt(last.clone(), folder.path(), change(), None).unwrap();
            assert_eq!(progress.walks(), 1);
            // Nor does one that starts from what is known ask anew.
            builds.rebuilt(opened[10].clone(), folder.path(), change(), None).unwrap();
            assert_eq!(progress.walks(), 2);
        }
    }
}
