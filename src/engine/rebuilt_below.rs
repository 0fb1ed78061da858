//! What a change rebuilds of the builds whose images a build starts from or copies from.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::{Below, Built, Cause, Fate, Layer, Why};
use crate::context::Progress;
use crate::semantic::{Analysis, NamedContext};
use crate::size::{Provenance, Row, plan};
use crate::syntax::Keyword;
use crate::text::Gather;
use crate::tree::DISK;
use crate::workspace::{Files, Target, builds_below};

use super::opened::{Opened, read_target};
use super::rebuilt::{BuildChange, FileChange, Rebuilt, SharedWalk, TriggerLayer};
use super::shared_walks::SharedWalks;
use super::together::MeasuredImages;

/// What changes for a build of the project, whose context is in that folder.
pub type ChangeOf<'a> = dyn Fn(&Target, &Path) -> BuildChange + 'a;

/// A changed path of which another build takes something, or that is its Dockerfile or ignore file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBelow {
    /// The build, by its name in its file.
    pub build: String,
    /// The path, whole and without links.
    pub path: PathBuf,
}

impl Rebuilt {
    /// Judges the layers of `opened` when that changes, and what `change_of` says of the builds that it starts or copies
    /// from. Gives what those take of the changes, too.
    ///
    /// # Errors
    /// If the folder of the context cannot be read.
    pub fn among(
        opened: Opened,
        root: &Path,
        changed: BuildChange,
        change_of: &ChangeOf<'_>,
        (progress, shared): (&Progress, Option<SharedWalk<'_>>),
    ) -> io::Result<(Opened, Self, Vec<TakenBelow>)> {
        let mut builds = BuildsBelow::new(change_of, progress);
        let (opened, rebuilt) = builds.rebuilt(opened, root, changed, shared)?;
        Ok((opened, rebuilt, builds.taken))
    }
}

/// The builds below those that are asked about, each judged and measured once.
pub struct BuildsBelow<'a> {
    change_of: &'a ChangeOf<'a>,
    progress: &'a Progress,
    /// What becomes of each: it is kept beside, so that no other one gets its place.
    known: HashMap<*const Target, (Arc<Target>, Built)>,
    /// The layers that ONBUILD instructions make, by the builds that stand for these.
    triggers: HashMap<*const Target, Vec<TriggerLayer>>,
    measured: MeasuredImages,
    /// Those that are measured and not judged yet, with their walks and which of these each has.
    ready: HashMap<*const Target, (Opened, usize, usize)>,
    walks: Vec<SharedWalks<'static>>,
    taken: Vec<TakenBelow>,
}

impl<'a> BuildsBelow<'a> {
    /// None yet. `change_of` says what changes for each.
    #[must_use]
    pub fn new(change_of: &'a ChangeOf<'a>, progress: &'a Progress) -> Self {
        Self {
            change_of,
            progress,
            known: HashMap::new(),
            triggers: HashMap::new(),
            measured: MeasuredImages::default(),
            ready: HashMap::new(),
            walks: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// The same, where some of their images have been measured.
    #[must_use]
    pub fn with_measured(self, measured: MeasuredImages) -> Self {
        Self { measured, ..self }
    }

    /// Measures at a time what these start or copy from: a context that several have in common is walked for all of them.
    pub fn foresee<'t>(&mut self, targets: impl IntoIterator<Item = &'t Target>) {
        let targets: Vec<&Target> = targets.into_iter().collect();
        self.measured.foresee(&Files::default(), targets.iter().copied(), self.progress);
        self.prepare(targets, None);
    }

    /// Plans the walks for what these start or copy from, and for a build that changes in that way.
    fn prepare<'t>(
        &mut self,
        targets: impl IntoIterator<Item = &'t Target>,
        first: Option<(&Opened, &BuildChange)>,
    ) {
        let mut new: Vec<(*const Target, Opened)> = Vec::new();
        for target in builds_below(targets) {
            let key = Arc::as_ptr(&target);
            if !self.known.contains_key(&key)
                && !self.ready.contains_key(&key)
                && let Some(analysis) = self.measured.known(&target)
            {
                new.push((key, Opened::of_image(&target, analysis.clone())));
            }
        }
        let own = usize::from(first.is_some());
        let all: Vec<Option<&Opened>> =
            first.iter().map(|first| first.0).chain(new.iter().map(|(_, opened)| opened)).map(Some).collect();
        let walks = SharedWalks::new(&DISK, &all, |number, root| match first.filter(|_| number == 0) {
            Some((_, change)) => change.files.clone(),
            None => (self.change_of)(&all.get(number).copied().flatten()?.target, root).files,
        });
        let known = self.walks.len();
        self.walks.push(walks);
        let ready = new.into_iter().enumerate();
        self.ready.extend(ready.map(|(at, (key, opened))| (key, (opened, known, at + own))));
    }

    /// Judges the layers of `opened` when that changes, and what is said of the builds that it starts or copies from.
    ///
    /// # Errors
    /// If the folder of the context cannot be read.
    pub fn rebuilt(
        &mut self,
        mut opened: Opened,
        root: &Path,
        changed: BuildChange,
        shared: Option<SharedWalk<'_>>,
    ) -> io::Result<(Opened, Rebuilt)> {
        let has_below = !opened.target.siblings.is_empty();
        let own = shared.is_none() && has_below;
        let number = self.walks.len();
        if own {
            let problems = opened.problems.len();
            opened = opened.measured_with(&Files::default(), self.progress, &mut self.measured);
            // They are said again below.
            opened.problems.truncate(problems);
            self.prepare([&opened.target], Some((&opened, &changed)));
        } else if has_below {
            self.foresee([&opened.target]);
        }
        let below = self.of(&opened.target);
        let shared = shared.or_else(|| Some((self.walks.get(number).filter(|_| own)?, 0)));
        let (mut opened, mut rebuilt) = Rebuilt::of(opened, root, changed, below, (self.progress, shared))?;
        rebuilt.triggers = self.triggers_of(&opened.target);
        let mut named = opened.analysis.named().clone();
        named.images = self.measured.of(&Files::default(), &opened.target, self.progress);
        opened.analysis = opened.analysis.with_named(named);
        Ok((opened, rebuilt))
    }

    /// What becomes of the images that a build gets as named contexts, by their names.
    fn of(&mut self, target: &Target) -> BTreeMap<String, Below> {
        let mut images = BTreeMap::new();
        for (name, context) in &target.build.contexts {
            let NamedContext::Build(image) = context else { continue };
            let Some(made) = target.siblings.get(name) else {
                images.insert(name.clone(), Below { start: Built::unknown(), image: Built::unknown() });
                continue;
            };
            let start = self.built(made, &image.name, image.is_triggers);
            let image = match made.siblings.get(name).filter(|_| image.is_triggers) {
                Some(plain) => self.built(plain, &image.name, false),
                None => start.clone(),
            };
            images.insert(name.clone(), Below { start, image });
        }
        images
    }

    /// What becomes of the image of a build, or of what its triggers make of it in another one.
    fn built(&mut self, target: &Arc<Target>, name: &str, is_triggers: bool) -> Built {
        if let Some((_, known)) = self.known.get(&Arc::as_ptr(target)) {
            return known.clone();
        }
        let built = self.judged(target, name, is_triggers).unwrap_or_else(Built::unknown);
        self.known.insert(Arc::as_ptr(target), (Arc::clone(target), built.clone()));
        built
    }

    /// What ONBUILD instructions of the images that a build gets as named contexts make in it, by their names.
    fn triggers_of(&self, target: &Target) -> BTreeMap<String, Vec<TriggerLayer>> {
        let made = target.siblings.iter();
        let layers = made.filter_map(|(name, made)| Some((name, self.triggers.get(&Arc::as_ptr(made))?)));
        layers.map(|(name, layers)| (name.clone(), layers.clone())).gather()
    }

    fn judged(&mut self, target: &Arc<Target>, name: &str, is_triggers: bool) -> Option<Built> {
        let Some(root) = target.context_folder() else {
            // A repository somewhere else; what its build starts from may be here.
            let below = self.of(target);
            let is_kept = below.values().all(|below| below.start.fate == Fate::Kept);
            return is_kept.then(Built::default);
        };
        let ready = self.ready.remove(&Arc::as_ptr(target));
        let (opened, walk) = match ready {
            Some((opened, walks, number)) => (opened, Some((walks, number))),
            None => (Opened::of_image(target, read_target(&Files::default(), target).ok()?), None),
        };
        let change = (self.change_of)(target, &root);
        let below = self.of(target);
        let walk = walk.and_then(|(walks, number)| Some((self.walks.get(walks)?, number)));
        let (opened, rebuilt) = Rebuilt::of(opened, &root, change, below, (self.progress, walk)).ok()?;
        if is_triggers {
            self.triggers.insert(Arc::as_ptr(target), layers(&opened, &rebuilt));
        } else {
            let root = root.canonicalize().unwrap_or(root);
            let taken = rebuilt.changes.iter().filter(|change| !change.taken.is_empty());
            let taken = taken.map(|change| root.join(&change.path));
            let read = rebuilt.special_whole.iter().cloned();
            let paths = taken.chain(rebuilt.elsewhere.iter().map(|e| e.whole.clone())).chain(read);
            self.taken.extend(paths.map(|path| TakenBelow { build: name.to_owned(), path }));
        }
        Some(end(&opened.analysis, &rebuilt, is_triggers))
    }
}

/// The layers of a build that stands for ONBUILD instructions, but for what they are built on.
fn layers(opened: &Opened, rebuilt: &Rebuilt) -> Vec<TriggerLayer> {
    let model = &opened.analysis;
    let plan = plan(model, &opened.settings.base_images, "amd64");
    let rows: HashMap<usize, &Row> =
        plan.stages.iter().flat_map(|stage| &stage.rows).map(|row| (row.step, row)).collect();
    let own = rebuilt.layers.iter().filter(|layer| model.instruction(layer.step).keyword != Keyword::From);
    let layer = |layer: &Layer| TriggerLayer {
        instruction: model
            .instruction(layer.step)
            .logical
            .text()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        fate: layer.fate,
        sum: rows.get(&layer.step).map(|row| row.sum()).unwrap_or_default(),
        known_by: rows.get(&layer.step).and_then(|row| row.provenance()).map_or("unknown", Provenance::name),
    };
    own.map(layer).collect()
}

/// What becomes of the image that is built.
fn end(analysis: &Analysis, rebuilt: &Rebuilt, is_triggers: bool) -> Built {
    let own = |layer: &&Layer| analysis.stages.get(layer.stage).is_some_and(|stage| stage.in_final_image);
    let layers = || rebuilt.layers.iter().filter(own);
    let fate = layers().map(|layer| layer.fate).max().unwrap_or(Fate::Kept);
    let name = || analysis.file.source.name().to_owned();
    let of_file = || Cause::Dockerfile { dockerfile: name() };
    let line = |step: usize| Cause::Line { dockerfile: name(), line: analysis.instruction(step).lines.0 };
    if fate == Fate::Kept {
        // Variables, user and folder count as well, and make no layer.
        return match rebuilt.dockerfile {
            FileChange::None => Built::default(),
            FileChange::Known | FileChange::Unknown => Built { fate: Fate::Perhaps, cause: of_file() },
        };
    }
    let is_cause = |layer: &&Layer| {
        layer.fate == fate && !matches!(layer.why, Why::Follows { .. } | Why::OnStage { .. })
    };
    let cause = match layers().find(is_cause).or_else(|| layers().find(|layer| layer.fate == fate)) {
        None => Cause::Unknown,
        Some(Layer { why: Why::OnBuild { context }, .. }) => {
            rebuilt.below.get(context).map_or(Cause::Unknown, |below| below.start.cause.clone())
        }
        Some(Layer { why: Why::Takes { change, changes, .. }, .. }) if is_triggers => Cause::Triggers {
            path: rebuilt.changes.get(*change).filter(|_| !rebuilt.any).map(|change| change.path.clone()),
            paths: if rebuilt.any { 0 } else { *changes },
        },
        Some(Layer { why: Why::UnknownDockerfile, .. }) => of_file(),
        Some(_) if is_triggers => Cause::Triggers { path: None, paths: 0 },
        Some(layer) => line(layer.step),
    };
    Built { fate, cause }
}
