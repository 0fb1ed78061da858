//! Images before and after.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use crate::cache::Store;
use crate::context::Progress;
use crate::engine::{
    BuildChange, BuildsBelow, MeasuredImages, NamedContext, Opened, SharedWalk, SharedWalks,
};
use crate::report::{
    CacheChange, CacheFate, CacheReason, CacheRow, ContextChange, Growth, ImageChange, ImageState, PlanRow,
    Sent,
};
use crate::semantic::{self, Model};
use crate::syntax::{DirectiveKind, Platform};
use crate::text::Source;
use crate::tree::DISK;
use crate::workspace::{Files, Target};

use super::layers;
use super::pairs::{self, OfSide, Pair, Starter};
use super::sent::SentChange;
use crate::cli::base::Base;
use crate::cli::cache;
use crate::cli::cache::changed::place;
use crate::cli::project::PLATFORM;
use crate::cli::same::Same;
use crate::cli::size::Priced;

/// What is compared.
pub(super) struct Images<'a> {
    pub(super) base: &'a Base,
    pub(super) old_files: &'a Files,
    pub(super) new_files: &'a Files,
    pub(super) progress: &'a Progress,
    pub(super) same: Same<'a>,
    /// All builds that files start before and now, equal ones too.
    pub(super) all_before: Vec<Target>,
    pub(super) all_after: Vec<Target>,
    /// What starts builds now, also those of which more is not known.
    pub(super) starters: HashSet<Starter>,
    /// Why files that start builds are refused, before and now, by their whole paths now.
    pub(super) refused: [HashMap<PathBuf, String>; 2],
    /// The Dockerfiles that cannot be read, before and now, as whole paths now.
    pub(super) unread: [BTreeSet<PathBuf>; 2],
    /// True if all layers are shown, and not only those that change.
    pub(super) shows_all: bool,
}

/// One build, and what it weighs.
struct Planned {
    opened: Opened,
    priced: Priced,
}

/// The contexts of the images that are there before and after, each walked through once on a side.
struct Walks<'a> {
    before: SharedWalks<'a>,
    after: SharedWalks<'a>,
}

impl Images<'_> {
    /// The images of both sides, each with its other self.
    pub(super) fn compare(
        &self,
        before: &[Opened],
        after: &[Opened],
        notes: &mut Vec<String>,
    ) -> Vec<ImageChange> {
        let tree = self.base.tree();
        let mut was = pairs::of_side(self.base, tree, before, &self.all_before);
        let mut is = pairs::of_side(self.base, &DISK, after, &self.all_after);
        pairs::without_unbuilt(&mut was, &is);
        pairs::without_extras(&mut was, &is);
        pairs::without_extras(&mut is, &was);
        let built: HashSet<&Path> = was.iter().map(|build| &*build.dockerfile).collect();
        let [was_refused, is_refused] = &self.refused;
        let (found, gone) = pairs::pairs(&was, &is, &self.refused);
        let mut changes = Vec::new();
        let mut pairs: Vec<(Option<Planned>, Planned)> = Vec::new();
        let (mut olds_below, mut news_below) = (MeasuredImages::default(), MeasuredImages::default());
        // What several start from is measured for all of them at a time.
        olds_below.foresee(self.old_files, was.iter().map(|old| &old.opened.target), self.progress);
        news_below.foresee(self.new_files, is.iter().map(|new| &new.opened.target), self.progress);
        let mut was_faults: HashMap<usize, &str> = HashMap::new();
        for Pair { old, new, origin } in found {
            let Some(new) = is.get(new) else { continue };
            let name = new.opened.target.name();
            if self.base.lacks(&new.dockerfile) {
                notes.push(format!("{name} is not compared: its old content is not in this clone"));
                continue;
            }
            if self.is_unread(new, 0) {
                notes.push(format!("{name} is not compared: its old content is not readable text"));
                continue;
            }
            let old = old.and_then(|old| was.get(old));
            // What nobody starts comes and goes with the files that start builds.
            if old.is_none() && new.is_nobodys() && built.contains(&*new.dockerfile) {
                continue;
            }
            if let Some(fault) = new.refusal(was_refused).filter(|_| old.is_none()) {
                was_faults.insert(pairs.len(), fault);
            }
            let (was, mut is) = same_platform(old.map(|old| old.opened), new.opened);
            is.target.origin = origin;
            let old = was.map(|old| self.planned(&old, (self.old_files, &mut olds_below), notes));
            pairs.push((old, self.planned(&is, (self.new_files, &mut news_below), notes)));
        }
        let olds: Vec<_> = pairs.iter().map(|(old, _)| old.as_ref().map(|old| &old.opened)).collect();
        let news: Vec<_> = pairs.iter().map(|(_, new)| Some(&new.opened)).collect();
        let below = |_, root: &Path| -> Option<Vec<String>> {
            let real = DISK.real(root).unwrap_or_else(|_| root.to_path_buf());
            Some(self.changed_below(&real).map(|(path, _)| path).collect())
        };
        let walks = Walks {
            before: SharedWalks::new(self.base.tree(), &olds, |_, _| Some(Vec::new())),
            after: SharedWalks::new(&DISK, &news, below),
        };
        let of_other = |target: &Target, root: &Path| self.change_of(target, root);
        let mut below = BuildsBelow::new(&of_other, self.progress).with_measured(news_below);
        below.foresee(news.iter().flatten().map(|new| &new.target));
        for (number, (old, new)) in pairs.iter().enumerate() {
            changes.push(match old {
                Some(old) => self.changed(old, new, &mut below, (&walks, number)),
                None => match was_faults.get(&number) {
                    None => self.lonely(new, ImageState::New),
                    Some(fault) => {
                        let lonely = self.lonely(new, ImageState::Changed);
                        faulty(ImageChange { was_fault: Some((*fault).to_owned()), ..lonely })
                    }
                },
            });
        }
        let builds: HashSet<&Path> = is.iter().map(|build| &*build.dockerfile).collect();
        let started: HashSet<_> = is.iter().map(OfSide::but_for_its_platform).collect();
        for old in gone.into_iter().filter_map(|old| was.get(old)) {
            let is_built = builds.contains(&*old.dockerfile);
            let name = old.opened.target.name();
            if self.base.lacks(&old.dockerfile) || old.is_nobodys() && is_built {
                continue;
            }
            if self.is_unread(old, 1) && !is_built {
                notes.push(format!("{name} is not compared: its new content is not readable text"));
                continue;
            }
            let refusal = old.refusal(is_refused);
            let entry = old.opened.target.entry().filter(|_| refusal.is_none());
            // What is started in the same way for other platforms is gone for this one.
            let is_gone =
                || started.contains(&old.but_for_its_platform()) || old.is_taken_out(&self.starters);
            let is_there = |file: &Path| old.opened.target.file().is_some() && DISK.is_file(file);
            if let Some(entry) = entry.filter(|_| is_there(&old.dockerfile) && !is_gone()) {
                notes.push(format!("{name} is not compared: {entry} no longer builds it"));
                continue;
            }
            let planned = self.planned(old.opened, (self.old_files, &mut olds_below), notes);
            let removed = self.lonely(&planned, ImageState::Removed);
            changes.push(match refusal {
                None => removed,
                Some(fault) => {
                    let fault = Some(fault.to_owned());
                    faulty(ImageChange { state: ImageState::Changed, fault, ..removed })
                }
            });
        }
        changes
    }

    /// True if the Dockerfile of a build cannot be read before or now.
    fn is_unread(&self, build: &OfSide<'_>, side: usize) -> bool {
        self.unread.get(side).is_some_and(|paths| paths.contains(&build.dockerfile))
    }

    fn planned(
        &self,
        opened: &Opened,
        (files, below): (&Files, &mut MeasuredImages),
        notes: &mut Vec<String>,
    ) -> Planned {
        // As `dlint size` weighs it.
        let mut opened = opened.clone();
        let build = &mut opened.target.build;
        build.platform = build.platform.take().or_else(|| Platform::parse(PLATFORM));
        let mut opened = opened.planned(files, self.progress, below);
        opened.target = opened.target.with_guess(opened.guessed.as_deref());
        let priced = Priced::of(files, &opened, None);
        notes.extend(priced.fault.clone());
        Planned { opened, priced }
    }

    /// An image that is there on one side only.
    fn lonely(&self, planned: &Planned, state: ImageState) -> ImageChange {
        let image = planned.priced.image();
        let (before, after) = match state {
            ImageState::Removed => (Some(image), None),
            ImageState::New | ImageState::Changed => (None, Some(image)),
        };
        let sent = sent(&planned.opened);
        let (was, is) = if before.is_some() { (sent, None) } else { (None, sent) };
        ImageChange {
            dockerfile: planned.opened.target.name(),
            renamed_from: None,
            entry: planned.opened.target.entry(),
            other_entries: Vec::new(),
            state,
            fault: None,
            was_fault: None,
            platform: planned.priced.platform.clone(),
            other_platforms: Vec::new(),
            is_one_of_several: is_one_of_several(&planned.opened),
            reasons: Vec::new(),
            growth: layers::growth(before.as_ref(), after.as_ref()),
            before,
            after,
            layers: Vec::new(),
            context: ContextChange { before: was, after: is, files: Vec::new() },
            cache: None,
            plans: None,
        }
    }

    fn changed(
        &self,
        old: &Planned,
        new: &Planned,
        below: &mut BuildsBelow<'_>,
        (walks, number): (&Walks<'_>, usize),
    ) -> ImageChange {
        let was = old.opened.target.name();
        let (was_fault, fault) = (old.opened.refusal(), new.opened.refusal());
        if was_fault.is_some() || fault.is_some() {
            let lonely = self.lonely(new, ImageState::Changed);
            let before = was_fault.is_none().then(|| old.priced.image());
            let is_renamed = self.is_renamed(&old.opened.target, &new.opened.target);
            let renamed_from = (was != lonely.dockerfile && is_renamed).then_some(was);
            return faulty(ImageChange { before, was_fault, fault, renamed_from, ..lonely });
        }
        let Planned { opened, priced } = new;
        let mut reasons = reasons(old, opened, &priced.platform);
        let is_renamed = self.is_renamed(&old.opened.target, &opened.target);
        if !is_renamed && was != opened.target.name() {
            reasons
                .insert(0, format!("it is built from {}; before, it was from {was}", opened.target.name()));
        }
        // The cache of another platform is another one.
        let is_one_platform = old.priced.platform == priced.platform;
        let cache = if is_one_platform {
            self.cache(&old.opened, opened, below, (&walks.after, number))
        } else {
            None
        };
        let mut fates: BTreeMap<u32, CacheFate> = BTreeMap::new();
        for row in cache.iter().flatten() {
            let fate = fates.entry(row.lines.0).or_insert(row.fate);
            *fate = row.fate.max(*fate);
        }
        let is_kept = |row: &PlanRow| fates.get(&row.lines.0) == Some(&CacheFate::Kept);
        // Where the whole cache is kept, no file that is sent differs, and nobody has to walk through both contexts.
        let all_kept = cache.as_ref().is_some_and(|rows| rows.iter().all(|row| row.fate == CacheFate::Kept));
        let files = match all_kept {
            true => SentChange::default(),
            false => SentChange::between(&walks.before, &walks.after, number),
        };
        let plans = [old.priced.stages(&old.opened.analysis), priced.stages(&opened.analysis)];
        let base = |opened: &Opened| base_image(opened).map(|(image, _)| image);
        let has_other_base = base(&old.opened) != base(opened);
        let known = layers::Known { is_kept: &is_kept, files: &files, has_other_base };
        let layers = layers::compare(&plans[0], &plans[1], &known);
        let mut growth = Growth::default();
        layers.iter().for_each(|layer| growth.add(&layer.growth));
        let is = opened.target.name();
        ImageChange {
            renamed_from: (was != is && is_renamed).then_some(was),
            dockerfile: is,
            entry: opened.target.entry(),
            other_entries: Vec::new(),
            state: ImageState::Changed,
            fault: None,
            was_fault: None,
            platform: priced.platform.clone(),
            other_platforms: Vec::new(),
            is_one_of_several: is_one_of_several(opened),
            reasons,
            before: Some(old.priced.image()),
            after: Some(priced.image()),
            growth,
            layers,
            context: ContextChange { before: sent(&old.opened), after: sent(opened), files: files.largest() },
            cache: cache.map(|rows| CacheChange {
                steps: rows.iter().filter(|row| !row.base).count(),
                rebuilt: rows.into_iter().filter(|row| !row.base && row.fate != CacheFate::Kept).collect(),
            }),
            plans: self.shows_all.then_some(plans),
        }
    }

    /// True if both have one Dockerfile, whatever it is called.
    fn is_renamed(&self, old: &Target, new: &Target) -> bool {
        match (old.file(), new.file()) {
            (Some(old), Some(new)) => self.base.place(self.base.tree(), old) == self.base.place(&DISK, new),
            (None, None) => true,
            _ => false,
        }
    }

    /// What a build with the cache of the old one builds again; nothing if its context is another folder now.
    fn cache(
        &self,
        old: &Opened,
        new: &Opened,
        below: &mut BuildsBelow<'_>,
        walk: SharedWalk<'_>,
    ) -> Option<Vec<CacheRow>> {
        let root = new.target.context_folder()?;
        let real = DISK.real(&root).ok()?;
        let was = self.base.tree().real(&old.target.context_folder()?).ok()?;
        if was != real {
            return None;
        }
        let ignore = |opened: &Opened| {
            opened.analysis.context().and_then(|context| context.ignore.as_ref()).map(|i| i.source.clone())
        };
        let (old_ignore, new_ignore) = (ignore(old), ignore(new));
        let same = |a: Option<&Source>, b: Option<&Source>| a.map(Source::bytes) == b.map(Source::bytes);
        let (old_text, new_text) = (&old.analysis.file.source, &new.analysis.file.source);
        let args = &old.target.build.args;
        let names = args.keys().chain(new.target.build.args.keys());
        let differ = names.filter(|name| args.get(*name) != new.target.build.args.get(*name));
        let change = BuildChange {
            files: Some(self.changed_below(&real).map(|(path, _)| path).collect()),
            whole: Vec::new(),
            // Its content is known, also of one that has only been moved.
            dockerfile: (old_text.bytes() != new_text.bytes() || old.target.name() != new.target.name())
                .then(|| old_text.clone()),
            ignore: (!same(old_ignore.as_ref(), new_ignore.as_ref()))
                .then(|| old_ignore.unwrap_or_else(|| Source::from_text(".dockerignore", ""))),
            args: differ.map(|name| (name.clone(), args.get(name).cloned())).collect(),
            contexts: self.named_contexts(&new.target),
            other_contexts: self.same.other_contexts(&old.target, &new.target),
            outside: false,
            store: Store::Unknown,
        };
        cache::layers(new.clone(), &root, change, below, walk).ok()
    }

    /// What changes for a build that another one starts from.
    fn change_of(&self, target: &Target, root: &Path) -> BuildChange {
        let real = DISK.real(root).unwrap_or_else(|_| root.to_path_buf());
        BuildChange {
            files: Some(self.changed_below(&real).map(|(path, _)| path).collect()),
            whole: self.base.changed().collect(),
            contexts: self.named_contexts(target),
            ..BuildChange::default()
        }
    }

    /// What changes in the folders that are named contexts.
    fn named_contexts(&self, target: &Target) -> Vec<NamedContext> {
        let folders = target.build.contexts.iter().filter_map(|(name, context)| match context {
            semantic::NamedContext::Folder(folder) => Some((name, folder)),
            _ => None,
        });
        let named = folders.filter_map(|(name, folder)| {
            let changed = self.changed_below(&DISK.real(folder).ok()?).collect();
            Some(NamedContext { name: name.clone(), folder: folder.clone(), changed })
        });
        named.collect()
    }

    /// The paths that differ below a folder without links: relative to it with `/`, and whole.
    fn changed_below(&self, folder: &Path) -> impl Iterator<Item = (String, PathBuf)> {
        self.base.changed().filter_map(move |path| {
            let below = place(path.strip_prefix(folder).ok()?, false);
            Some((below, path))
        })
    }
}

/// An image whose Dockerfile is refused on a side: there is no image then that the other one could be held against.
fn faulty(image: ImageChange) -> ImageChange {
    let is_lost = image.fault.is_some() && image.was_fault.is_none();
    let growth = Growth { unknown: usize::from(is_lost), ..Growth::default() };
    let after = if image.fault.is_some() { None } else { image.after };
    ImageChange { growth, after, ..image }
}

/// True if a build is one of several that differ by their platform.
fn is_one_of_several(opened: &Opened) -> bool {
    !opened.target.platforms.is_empty() && opened.asks_for_platform()
}

/// The platforms that a build stands for.
fn platforms(opened: &Opened) -> Vec<Platform> {
    let target = &opened.target;
    match opened.asks_for_platform() || target.platforms.is_empty() {
        true => target.build.platform.iter().cloned().collect(),
        false => target.platforms.clone(),
    }
}

/// Two builds for a platform that both are for, if there is one, with what stands for all platforms on one of them.
fn same_platform(old: Option<&Opened>, new: &Opened) -> (Option<Opened>, Opened) {
    let Some(old) = old else { return (None, new.clone()) };
    let on = |opened: &Opened, platform: &Platform| {
        let mut opened = opened.clone();
        opened.target.build.platform = Some(platform.clone());
        opened
    };
    let (was, is) = (platforms(old), platforms(new));
    let is_usual = |platform: &&&Platform| platform.to_string() == "linux/amd64";
    let both: Vec<&Platform> = is.iter().filter(|platform| was.contains(platform)).collect();
    match both.iter().find(is_usual).or(both.first()) {
        Some(platform) => (Some(on(old, platform)), on(new, platform)),
        None => (Some(old.clone()), new.clone()),
    }
}

/// The platforms that come and go, where there is one that stays.
fn platform_reasons(old: &Opened, new: &Opened) -> Vec<String> {
    let (was, is) = (platforms(old), platforms(new));
    if was.is_empty() || !is.iter().any(|platform| was.contains(platform)) {
        return Vec::new();
    }
    let only = |these: &[Platform], those: &[Platform]| -> Vec<String> {
        let lone = these.iter().filter(|platform| !those.contains(platform));
        lone.map(ToString::to_string).collect()
    };
    let (added, gone) = (only(&is, &was), only(&was, &is));
    let added = (!added.is_empty()).then(|| format!("it is now built for {}, too", added.join(", ")));
    let gone = (!gone.is_empty()).then(|| format!("it is no longer built for {}", gone.join(", ")));
    added.into_iter().chain(gone).collect()
}

/// The image that a build is built on, and the FROM that names it.
fn base_image(opened: &Opened) -> Option<(String, String)> {
    let model: &Model = &opened.analysis;
    let stage = model.final_stage()?;
    let root = model.lineage(stage).last()?;
    let from = model.instruction(root.steps.start);
    match &root.base {
        semantic::Base::Image(image) => Some((image.to_string(), from.logical.text().to_owned())),
        _ => None,
    }
}

/// The base images, where the same words name another one.
fn base_reason(old: &Opened, new: &Opened) -> Option<String> {
    let ((was, words), (is, new_words)) = (base_image(old)?, base_image(new)?);
    let short = |image: &str| {
        let image = image.strip_prefix("docker.io/").unwrap_or(image);
        image.strip_prefix("library/").unwrap_or(image).to_owned()
    };
    (was != is && words == new_words)
        .then(|| format!("it is built on `{}`; before, it was on `{}`", short(&is), short(&was)))
}

/// What differs beside files and instructions.
fn reasons(old: &Planned, new: &Opened, platform: &str) -> Vec<String> {
    let frontend = |opened: &Opened| {
        opened.analysis.file.directive(DirectiveKind::Syntax).map(|directive| directive.value.to_string())
    };
    let mut reasons = platform_reasons(&old.opened, new);
    if old.priced.platform != platform {
        reasons.push(format!("it is built for {platform}; before, it was for {}", old.priced.platform));
    }
    reasons.extend(base_reason(&old.opened, new));
    let (was, is) = (frontend(&old.opened), frontend(new));
    if was == is {
        return reasons;
    }
    match (was, is) {
        (None, None) => {}
        (None, Some(is)) => reasons.push(format!("`# syntax={is}` is new")),
        (Some(was), None) => reasons.push(format!("`# syntax={was}` is gone")),
        (Some(was), Some(is)) => reasons.push(format!("`# syntax={is}` was `# syntax={was}`")),
    }
    reasons
}

/// What a build sends of its context.
fn sent(opened: &Opened) -> Option<Sent> {
    let asked = opened.analysis.source_queries().is_empty();
    let tally = match opened.analysis.context() {
        Some(context) => context.scan.sent,
        // Nothing is taken of it.
        None if asked => crate::context::Tally::default(),
        None => return None,
    };
    Some(Sent { files: tally.files, bytes: tally.bytes })
}

/// True for a step that is built again for a reason, and not for files that are not in the build context, as before.
fn is_news(row: &CacheRow) -> bool {
    !matches!(row.reason, CacheReason::MissingSource { .. } | CacheReason::Follows { .. })
}

/// True if nothing of an image changes: not its bytes, not what is sent, and nothing is built again. What builds neither
/// before nor after is the same.
pub(super) fn is_same(image: &ImageChange) -> bool {
    let sent = |sent: Option<Sent>| sent.map(|sent| (sent.files, sent.bytes));
    let is_alike = || {
        image.reasons.is_empty()
            && image.layers.is_empty()
            && sent(image.context.before) == sent(image.context.after)
            && image.cache.as_ref().is_none_or(|cache| !cache.rebuilt.iter().any(is_news))
    };
    image.state == ImageState::Changed
        && image.renamed_from.is_none()
        && match (&image.was_fault, &image.fault) {
            (None, None) => is_alike(),
            (was, is) => was.is_some() && is.is_some(),
        }
}
