//! Which build before is which build now.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::path::{Path, PathBuf};

use crate::cli::base::Base;
use crate::engine::{self, Opened};
use crate::semantic::NamedContext;
use crate::text::Arrange;
use crate::tree::{DISK, Tree};
use crate::workspace::{EntryForm, Target, TargetOrigin};

/// What starts a build: a name in a file, or nobody but who types `docker build`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Starter {
    /// The file, as a whole path and as it is called now, and the name in it.
    Entry(PathBuf, String),
    /// The Dockerfile.
    Nobody(PathBuf),
}

/// What a build is told, so that it may be found again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Told {
    stage: Option<String>,
    args: Vec<(String, String)>,
    context: Option<PathBuf>,
    contexts: Vec<(String, String)>,
    platforms: Vec<String>,
}

/// What starts a build, and how the file says it.
#[derive(Debug, Clone)]
struct Start {
    starter: Starter,
    origin: TargetOrigin,
}

/// One build, and all that starts it.
#[derive(Debug)]
pub(super) struct OfSide<'o> {
    pub(super) opened: &'o Opened,
    /// Its Dockerfile, as a whole path and as it is called now.
    pub(super) dockerfile: PathBuf,
    told: Told,
    /// The platform that it is for, if the Dockerfile asks for that.
    platform: Option<String>,
    starts: Vec<Start>,
}

/// A build now, and which one it was.
pub(super) struct Pair {
    /// The numbers of both.
    pub(super) old: Option<usize>,
    pub(super) new: usize,
    /// What starts it, of all that do.
    pub(super) origin: TargetOrigin,
}

/// The builds of one side, in an order that says nothing of the run. `all` are those that files start, equal ones too.
pub(super) fn of_side<'o>(base: &Base, tree: &Tree, builds: &'o [Opened], all: &[Target]) -> Vec<OfSide<'o>> {
    let mut starts: HashMap<(PathBuf, Told), Vec<Start>> = HashMap::new();
    for target in all {
        let key = (dockerfile(base, tree, target), told(tree, target));
        let start = Start { starter: starter(base, tree, target), origin: target.origin.clone() };
        starts.entry(key).or_default().push(start);
    }
    let of = |opened: &'o Opened| {
        let target = &opened.target;
        let dockerfile = dockerfile(base, tree, target);
        let told = told(tree, target);
        let own = Start { starter: starter(base, tree, target), origin: target.origin.clone() };
        let mut all = vec![own];
        if let TargetOrigin::Entry { .. } = &target.origin {
            let others = starts.get(&(dockerfile.clone(), told.clone())).into_iter().flatten();
            let others: Vec<Start> =
                others.filter(|start| start.starter != all[0].starter).cloned().collect();
            all.extend(others);
        }
        let platform = opened
            .asks_for_platform()
            .then(|| target.build.platform.as_ref().map(ToString::to_string))
            .flatten();
        OfSide { opened, dockerfile, told, platform, starts: all }
    };
    let mut all: Vec<OfSide<'o>> = builds.iter().map(of).collect();
    // What files start in the same way is one image, however its containers are run.
    let mut known = HashSet::new();
    all.retain(|build| {
        build.is_nobodys()
            || build.opened.target.path().is_none()
            || known.insert((build.dockerfile.clone(), build.told.clone(), build.platform.clone()))
    });
    all.sort_by_cached_key(|build| {
        let target = &build.opened.target;
        (build.dockerfile.clone(), target.entry(), build.told.stage.clone(), build.platform.clone())
    });
    all
}

fn dockerfile(base: &Base, tree: &Tree, target: &Target) -> PathBuf {
    match target.path() {
        Some(path) => base.place(tree, path),
        None => PathBuf::from(target.name()),
    }
}

fn starter(base: &Base, tree: &Tree, target: &Target) -> Starter {
    match &target.origin {
        TargetOrigin::Entry { path, name, .. } => Starter::Entry(base.place(tree, path), name.clone()),
        TargetOrigin::CommandLine => Starter::Nobody(dockerfile(base, tree, target)),
    }
}

fn told(tree: &Tree, target: &Target) -> Told {
    let real = |folder: &Path| tree.real(folder).unwrap_or_else(|_| folder.to_path_buf());
    let context = |context: &NamedContext| match context {
        NamedContext::Folder(folder) => real(folder).display().to_string(),
        NamedContext::Image(image) => format!("image {image}"),
        NamedContext::Build(image) => format!("build {}", image.name),
        NamedContext::Other => String::new(),
    };
    Told {
        stage: target.build.target.clone(),
        args: target.build.args.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
        context: target.context_folder().map(|folder| real(&folder)),
        contexts: target.build.contexts.iter().map(|(name, of)| (name.clone(), context(of))).collect(),
        platforms: match target.platforms.is_empty() {
            true => target.build.platform.iter().map(ToString::to_string).collect(),
            false => target.platforms.iter().map(ToString::to_string).collect(),
        },
    }
}

impl OfSide<'_> {
    /// True if nobody but who types `docker build` starts it.
    pub(super) const fn is_nobodys(&self) -> bool {
        matches!(self.opened.target.origin, TargetOrigin::CommandLine)
    }

    /// Why the file that starts it is refused on the other side, if it is.
    pub(super) fn refusal<'r>(&self, refused: &'r HashMap<PathBuf, String>) -> Option<&'r str> {
        match &self.starts.first()?.starter {
            Starter::Entry(path, _) => refused.get(path).map(String::as_str),
            Starter::Nobody(_) => None,
        }
    }

    /// True if the file that started it is still there, and names it no more; what a job builds is not always known.
    pub(super) fn is_taken_out(&self, starters: &HashSet<Starter>) -> bool {
        let Some(Start { starter, origin }) = self.starts.first() else { return false };
        let tells_all = match origin {
            TargetOrigin::Entry { form, .. } => !matches!(form, EntryForm::Workflow | EntryForm::Command),
            TargetOrigin::CommandLine => false,
        };
        let is_there = |starter: &Starter| matches!(starter, Starter::Entry(file, _) if DISK.is_file(file));
        tells_all && is_there(starter) && !starters.contains(starter)
    }

    /// What starts it, of what, and as what, for whichever platform.
    pub(super) fn but_for_its_platform(&self) -> (Option<&Starter>, &Path, Told) {
        (self.starter(), &self.dockerfile, Told { platforms: Vec::new(), ..self.told.clone() })
    }

    /// What starts it, first of all.
    pub(super) fn starter(&self) -> Option<&Starter> {
        self.starts.first().map(|start| &start.starter)
    }
}

/// Leaves out Dockerfiles that nobody knew as such before: by their names, or since a file built them.
pub(super) fn without_unbuilt(olds: &mut Vec<OfSide<'_>>, news: &[OfSide<'_>]) {
    let is_named_so = |path: &Path| {
        path.file_name().is_some_and(|name| engine::is_dockerfile_name(&name.to_string_lossy()))
    };
    let started: HashSet<&Path> =
        news.iter().filter(|build| !build.is_nobodys()).map(|build| &*build.dockerfile).collect();
    olds.retain(|old| {
        !old.is_nobodys() || is_named_so(&old.dockerfile) || !started.contains(&*old.dockerfile)
    });
}

/// Leaves out the last stage of a Dockerfile whose builds all name another one, unless it was all that was built on the
/// other side: only lint looks at that.
pub(super) fn without_extras(side: &mut Vec<OfSide<'_>>, other: &[OfSide<'_>]) {
    let started = |side: &[OfSide<'_>]| -> HashSet<PathBuf> {
        side.iter().filter(|build| !build.is_nobodys()).map(|build| build.dockerfile.clone()).collect()
    };
    let (own, others) = (started(side), started(other));
    let alone: HashSet<&PathBuf> = other
        .iter()
        .filter(|build| build.is_nobodys() && !others.contains(&build.dockerfile))
        .map(|build| &build.dockerfile)
        .collect();
    side.retain(|build| {
        !build.is_nobodys() || !own.contains(&build.dockerfile) || alone.contains(&build.dockerfile)
    });
}

/// Each build now with what it was, and the numbers of those that were and are none now. `refused` are the
/// files that start nothing for being refused, before and now: what they start on the other side has no other self.
pub(super) fn pairs(
    olds: &[OfSide<'_>],
    news: &[OfSide<'_>],
    refused: &[HashMap<PathBuf, String>; 2],
) -> (Vec<Pair>, Vec<usize>) {
    let edges = by_starter(olds, news);
    let mut firsts: HashSet<usize> = HashSet::new();
    let mut found: HashSet<usize> = HashSet::new();
    let mut pairs = Vec::new();
    let mut rest = Vec::new();
    let origin = |new: usize, start: usize| {
        let start = news.get(new).and_then(|build| build.starts.get(start));
        start.map_or_else(TargetOrigin::default, |start| start.origin.clone())
    };
    for (old, new, start) in edges {
        if found.insert(new) {
            firsts.insert(old);
            pairs.push(Pair { old: Some(old), new, origin: origin(new, start) });
        } else {
            rest.push((old, new, start));
        }
    }
    // Services that build the same now, and did not before: each is what it was.
    for (old, new, start) in rest {
        if firsts.insert(old) {
            pairs.push(Pair { old: Some(old), new, origin: origin(new, start) });
        }
    }
    // What is started otherwise now is still the build of its Dockerfile: rather if it is told the same, then of the
    // same stage. What nobody starts any more is none that a file started, unless that told it nothing.
    let numbered = |side: &[OfSide<'_>], known: &HashSet<usize>| -> Vec<usize> {
        (0..side.len()).filter(|number| !known.contains(number)).collect()
    };
    let mut free = numbered(news, &found);
    let (mut movable, mut gone): (Vec<usize>, Vec<usize>) =
        numbered(olds, &firsts).into_iter().partition(|old| may_move(olds, *old, &refused[1]));
    let mut moved = meet(&mut movable, &mut free, |old| told_of(olds, *old), |new| told_of(news, *new));
    let (mut free, new): (Vec<usize>, Vec<usize>) =
        free.into_iter().partition(|new| may_move(news, *new, &refused[0]));
    let of_file = |new: usize| news.get(new).filter(|build| !build.is_nobodys());
    let stage = |build: &OfSide<'_>| (build.dockerfile.clone(), build.told.stage.clone());
    moved.extend(meet(
        &mut movable,
        &mut free,
        |old| olds.get(*old).map(stage),
        |new| of_file(*new).map(stage),
    ));
    let dockerfile = |build: &OfSide<'_>| build.dockerfile.clone();
    moved.extend(meet(
        &mut movable,
        &mut free,
        |old| olds.get(*old).map(dockerfile),
        |new| of_file(*new).map(dockerfile),
    ));
    pairs.extend(moved.into_iter().map(|(old, new)| Pair { old: Some(old), new, origin: origin(new, 0) }));
    pairs.extend(free.into_iter().chain(new).map(|new| Pair { old: None, new, origin: origin(new, 0) }));
    pairs.arrange_by_key(|pair| (pair.new, pair.old));
    gone.extend(movable);
    gone.sort_unstable();
    (pairs, gone)
}

fn may_move(side: &[OfSide<'_>], build: usize, refused: &HashMap<PathBuf, String>) -> bool {
    side.get(build).is_some_and(|build| build.refusal(refused).is_none())
}

/// Those that the same starts: an old build, a new one, and which of the starts of that it is.
fn by_starter(olds: &[OfSide<'_>], news: &[OfSide<'_>]) -> Vec<(usize, usize, usize)> {
    let members = |side: &[OfSide<'_>]| -> Vec<(usize, usize)> {
        let numbered = side.iter().enumerate();
        numbered.flat_map(|(build, of)| (0..of.starts.len()).map(move |start| (build, start))).collect()
    };
    let (mut was, mut is) = (members(olds), members(news));
    let mut found = Vec::new();
    // A name may stand for several builds, as that of a job does: rather one that is told the same.
    for level in (0..=4).rev() {
        found.extend(meet(&mut was, &mut is, |old| key(olds, *old, level), |new| key(news, *new, level)));
    }
    found.into_iter().map(|((old, _), (new, start))| (old, new, start)).collect()
}

/// What a start is told apart by, the more the higher the level.
type Key<'o> =
    (&'o Starter, Option<Option<&'o str>>, Option<&'o Path>, Option<&'o Option<String>>, Option<&'o Told>);

fn key<'o>(side: &'o [OfSide<'_>], (build, start): (usize, usize), level: usize) -> Option<Key<'o>> {
    let build = side.get(build)?;
    let start = build.starts.get(start)?;
    Some((
        &start.starter,
        (level > 0).then_some(build.platform.as_deref()),
        (level > 1).then_some(&*build.dockerfile),
        (level > 2).then_some(&build.told.stage),
        (level > 3).then_some(&build.told),
    ))
}

fn told_of<'o>(side: &'o [OfSide<'_>], build: usize) -> Option<(&'o Path, &'o Told, Option<&'o str>)> {
    side.get(build).map(|build| (&*build.dockerfile, &build.told, build.platform.as_deref()))
}

/// Takes those out of both that have the same key, in their order.
fn meet<T: Copy, K: Eq + Hash>(
    olds: &mut Vec<T>,
    news: &mut Vec<T>,
    old_key: impl Fn(&T) -> Option<K>,
    new_key: impl Fn(&T) -> Option<K>,
) -> Vec<(T, T)> {
    if olds.is_empty() || news.is_empty() {
        return Vec::new();
    }
    let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (at, old) in olds.iter().enumerate() {
        if let Some(key) = old_key(old) {
            waiting.entry(key).or_default().push_back(at);
        }
    }
    let mut met = HashSet::new();
    let mut pairs = Vec::new();
    news.retain(|new| {
        let old = new_key(new).and_then(|key| waiting.get_mut(&key)?.pop_front());
        let Some((at, old)) = old.and_then(|at| Some((at, *olds.get(at)?))) else { return true };
        met.insert(at);
        pairs.push((old, *new));
        false
    });
    let mut at = 0;
    olds.retain(|_| {
        at += 1;
        !met.contains(&(at - 1))
    });
    pairs
}
