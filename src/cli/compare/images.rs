//! Images before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::cache::Store;
use crate::context::Progress;
use crate::engine::{BuildChange, NamedContext, Opened, SharedWalk, SharedWalks};
use crate::report::{
    CacheChange, CacheFate, CacheRow, ContextChange, Growth, ImageChange, ImageState, PlanRow, Sent,
};
use crate::semantic;
use crate::syntax::{DirectiveKind, Platform};
use crate::text::Source;
use crate::tree::{DISK, Tree};
use crate::workspace::{Files, Target};

use super::layers;
use super::sent::SentChange;
use crate::cli::base::Base;
use crate::cli::cache;
use crate::cli::cache::changed::place;
use crate::cli::size::Priced;

/// What is compared.
pub(super) struct Images<'a> {
    pub(super) base: &'a Base,
    pub(super) old_files: &'a Files,
    pub(super) new_files: &'a Files,
    pub(super) progress: &'a Progress,
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

/// What a build is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Its Dockerfile, as a whole path and as it is called now.
    dockerfile: PathBuf,
    /// What starts it.
    entry: Option<String>,
    stage: Option<String>,
    /// The platform that it is for, if the Dockerfile asks for that.
    platform: Option<String>,
}

impl Key {
    /// True if both are of one Dockerfile.
    fn is_beside(&self, other: &Self) -> bool {
        self.dockerfile == other.dockerfile
    }
}

impl Images<'_> {
    /// The images of both sides, each with its other self.
    pub(super) fn compare(
        &self,
        before: &[Opened],
        after: &[Opened],
        notes: &mut Vec<String>,
    ) -> Vec<ImageChange> {
        let mut was: BTreeMap<Key, &Opened> = BTreeMap::new();
        for opened in before {
            was.insert(self.key(opened, self.old_files.file_tree()), opened);
        }
        let mut is: BTreeMap<Key, &Opened> = BTreeMap::new();
        for opened in after {
            is.insert(self.key(opened, &DISK), opened);
        }
        // A build that is started otherwise is still the one of its Dockerfile: rather by the same service, then of the
        // same stage, then any.
        let alike: [fn(&Key, &Key) -> bool; 3] =
            [|a, b| a.entry.is_some() && a.entry == b.entry, |a, b| a.stage == b.stage, |_, _| true];
        // Services that were one build may be several now: each was that one.
        let shared: Vec<(Key, &Opened)> = was.iter().map(|(key, opened)| (key.clone(), *opened)).collect();
        for is_alike in alike {
            for new in is.keys() {
                let free = |old: &&Key| old.is_beside(new) && is_alike(old, new) && !is.contains_key(*old);
                if was.contains_key(new) {
                    continue;
                }
                if let Some(old) = was.keys().find(free).cloned()
                    && let Some(opened) = was.remove(&old)
                {
                    was.insert(new.clone(), opened);
                }
            }
        }
        let mut changes = Vec::new();
        let mut pairs: Vec<(Option<Planned>, Planned)> = Vec::new();
        let builds = |all: &BTreeMap<Key, &Opened>, path: &Path| all.keys().any(|key| key.dockerfile == path);
        for (key, new) in &is {
            if self.base.lacks(&key.dockerfile) {
                let name = new.target.name();
                notes.push(format!("{name} is not compared: its old content is not in this clone"));
                was.remove(key);
                continue;
            }
            if self.is_unread(key, 0) {
                let name = new.target.name();
                notes.push(format!("{name} is not compared: before, it was no text that could be read"));
                continue;
            }
            // What is built for one more platform is new there.
            let is_same =
                |old: &Key| old.is_beside(key) && old.stage == key.stage && old.platform == key.platform;
            let same = || shared.iter().find(|(old, _)| is_same(old)).map(|(_, old)| *old);
            let old = was.remove(key).or_else(same);
            // What is built by itself only because services stop at an earlier stage comes and goes with these.
            if old.is_none() && key.entry.is_none() && shared.iter().any(|(old, _)| old.is_beside(key)) {
                continue;
            }
            let (was, is) = same_platform(old, new);
            let old = was.map(|old| self.planned(&old, self.old_files, notes));
            pairs.push((old, self.planned(&is, self.new_files, notes)));
        }
        let olds: Vec<_> = pairs.iter().map(|(old, _)| old.as_ref().map(|old| &old.opened)).collect();
        let news: Vec<_> = pairs.iter().map(|(_, new)| Some(&new.opened)).collect();
        let below = |root: &Path| -> Vec<String> {
            let real = DISK.real(root).unwrap_or_else(|_| root.to_path_buf());
            self.changed_below(&real).map(|(path, _)| path).collect()
        };
        let walks = Walks {
            before: SharedWalks::new(self.base.tree(), &olds, |_| Vec::new()),
            after: SharedWalks::new(&DISK, &news, below),
        };
        for (number, (old, new)) in pairs.iter().enumerate() {
            changes.push(match old {
                Some(old) => self.changed(old, new, (&walks, number)),
                None => self.lonely(new, ImageState::New),
            });
        }
        was.retain(|key, _| key.entry.is_some() || !builds(&is, &key.dockerfile));
        was.retain(|key, old| {
            let unread = self.is_unread(key, 1) && !builds(&is, &key.dockerfile);
            if unread {
                notes.push(format!(
                    "{} is not compared: now, it is no text that can be read",
                    old.target.name()
                ));
            }
            !unread
        });
        for old in was.into_values() {
            let old = self.planned(old, self.old_files, notes);
            changes.push(self.lonely(&old, ImageState::Removed));
        }
        changes
    }

    /// True if the Dockerfile of a build cannot be read before or now.
    fn is_unread(&self, key: &Key, side: usize) -> bool {
        self.unread.get(side).is_some_and(|paths| paths.contains(&key.dockerfile))
    }

    fn key(&self, opened: &Opened, tree: &Tree) -> Key {
        let target = &opened.target;
        let name = target.path().map_or_else(|| PathBuf::from(target.name()), Path::to_path_buf);
        // A link in the place of a Dockerfile is one, wherever it leads.
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = tree.real(folder).ok().zip(name.file_name()).map(|(folder, file)| folder.join(file));
        let real = real.unwrap_or(name);
        Key {
            dockerfile: if tree.differences().is_some() { self.base.path_now(&real) } else { real },
            entry: target.entry(),
            stage: target.build.target.clone(),
            platform: opened
                .asks_for_platform()
                .then(|| target.build.platform.as_ref().map(ToString::to_string))
                .flatten(),
        }
    }

    fn planned(&self, opened: &Opened, files: &Files, notes: &mut Vec<String>) -> Planned {
        let mut opened = opened.planned(files, self.progress);
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

    fn changed(&self, old: &Planned, new: &Planned, (walks, number): (&Walks<'_>, usize)) -> ImageChange {
        let was = old.opened.target.name();
        let (was_fault, fault) = (old.opened.refusal(), new.opened.refusal());
        if was_fault.is_some() || fault.is_some() {
            let lonely = self.lonely(new, ImageState::Changed);
            let before = was_fault.is_none().then(|| old.priced.image());
            let renamed_from = (was != lonely.dockerfile).then_some(was);
            return faulty(ImageChange { before, was_fault, fault, renamed_from, ..lonely });
        }
        let Planned { opened, priced } = new;
        let reasons = reasons(old, opened, &priced.platform);
        // The cache of another platform is another one.
        let is_one_platform = old.priced.platform == priced.platform;
        let cache =
            if is_one_platform { self.cache(&old.opened, opened, (&walks.after, number)) } else { None };
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
        let known = layers::Known { is_kept: &is_kept, files: &files };
        let layers = layers::compare(&plans[0], &plans[1], &known);
        let mut growth = Growth::default();
        layers.iter().for_each(|layer| growth.add(&layer.growth));
        let is = opened.target.name();
        ImageChange {
            renamed_from: (was != is).then_some(was),
            dockerfile: is,
            entry: opened.target.entry(),
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

    /// What a build with the cache of the old one builds again; nothing if its context is another folder now.
    fn cache(&self, old: &Opened, new: &Opened, walk: SharedWalk<'_>) -> Option<Vec<CacheRow>> {
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
            outside: false,
            store: Store::Unknown,
        };
        let of_other = |target: &Target, root: &Path| self.change_of(target, root);
        cache::layers(new.clone(), &root, change, &of_other, (self.progress, Some(walk))).ok()
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
    let gone = (!gone.is_empty()).then(|| format!("it is not built for {} any more", gone.join(", ")));
    added.into_iter().chain(gone).collect()
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

/// True if nothing of an image changes: not its bytes, not what is sent, and nothing is built again. What builds neither
/// before nor after is the same.
pub(super) fn is_same(image: &ImageChange) -> bool {
    let sent = |sent: Option<Sent>| sent.map(|sent| (sent.files, sent.bytes));
    let is_alike = || {
        image.reasons.is_empty()
            && image.layers.is_empty()
            && sent(image.context.before) == sent(image.context.after)
            && image.cache.as_ref().is_none_or(|cache| cache.rebuilt.is_empty())
    };
    image.state == ImageState::Changed
        && image.renamed_from.is_none()
        && match (&image.was_fault, &image.fault) {
            (None, None) => is_alike(),
            (was, is) => was.is_some() && is.is_some(),
        }
}
