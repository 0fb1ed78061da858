//! Build contexts, walked through on threads of their own while the server answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use crate::context::{Progress, Tally, Urgent};
use crate::engine::{self, IgnoreEffect, Measured};
use crate::workspace::{Snapshot, Target};

use super::Event;
use super::rebuilds::Rebuilds;

/// After that a context is walked through again when its Dockerfile changes: other programs write files, too.
const FRESH: Duration = Duration::from_secs(10);

/// How long a walk may take before the client is told.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// How many walks run at a time.
const MAX_WALKS: usize = 4;

/// What came of a walk.
pub(super) struct Walked {
    uri: String,
    revision: u64,
    result: Option<Known>,
}

/// What is known of a build context.
#[derive(Debug, Clone)]
pub(super) enum Known {
    /// What a Dockerfile takes of it, and what is built again, if git was asked.
    Taken(Arc<Measured>, Option<Arc<Rebuilds>>),
    /// What an ignore file leaves out of it.
    LeftOut(Arc<IgnoreEffect>),
    /// What the builds of a file send of theirs.
    Sent(Arc<Sent>),
}

/// What builds send of their contexts, by Dockerfile and fingerprint; nothing where that cannot be told.
#[derive(Debug)]
pub(super) struct Sent(HashMap<(String, u64), Option<Tally>>);

impl Sent {
    /// What a build sends, if it was among those that were measured.
    pub(super) fn of(&self, target: &Target) -> Option<Option<Tally>> {
        self.0.get(&(target.name(), target.fingerprint())).copied()
    }
}

/// What a walk is for.
pub(super) enum Goal {
    Dockerfile {
        /// Its builds.
        targets: Vec<Target>,
        /// True if git may be asked what is built again since the last commit.
        asks_git: bool,
    },
    /// The file, and the builds of the Dockerfile that alone has it.
    Ignorefile(PathBuf, Vec<Target>),
    Builds(Vec<Target>),
}

impl Goal {
    fn reach(&self, snapshot: &Snapshot, progress: &Progress) -> Option<Known> {
        Some(match self {
            Self::Dockerfile { targets, asks_git } => {
                let measured = Measured::of(snapshot, targets, progress)?;
                let ask = || Rebuilds::of(snapshot, targets.first()?, progress).map(Arc::new);
                Known::Taken(Arc::new(measured), asks_git.then(ask).flatten())
            }
            Self::Ignorefile(path, builds) => {
                Known::LeftOut(Arc::new(IgnoreEffect::of(snapshot, path, builds, progress)?))
            }
            Self::Builds(targets) => {
                let asked: Vec<_> = targets.iter().map(Some).collect();
                let sent = engine::sent(snapshot.files(), &asked, Some(progress));
                let keys = targets.iter().map(|target| (target.name(), target.fingerprint()));
                let sent = keys.zip(sent).collect();
                (!progress.is_cancelled()).then(|| Known::Sent(Arc::new(Sent(sent))))?
            }
        })
    }
}

/// What is known of the build contexts of documents.
pub(super) struct Measuring {
    events: SyncSender<Event>,
    documents: BTreeMap<String, Context>,
    /// The documents whose contexts are to be walked through.
    wanted: BTreeSet<String>,
    /// How many walks have been started, and how many of them run.
    walks: u64,
    running: usize,
    /// What the server does while it does not wait for messages.
    pub(super) answering: Arc<Urgent>,
}

#[derive(Default)]
struct Context {
    known: Option<Known>,
    /// When it was measured.
    at: Option<Instant>,
    /// True if files have changed since.
    outdated: bool,
    /// The revision of the text that was last walked for.
    asked: Option<u64>,
    walk: Option<Walk>,
}

struct Walk {
    progress: Arc<Progress>,
    started: Instant,
    token: String,
    /// True once the client knows.
    told: bool,
}

/// What the client is told of a walk that takes long.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    Begins(String),
    GoesOn(String, u64),
    Ends(String),
}

impl Measuring {
    pub(super) fn new(events: SyncSender<Event>) -> Self {
        let answering = Arc::new(Urgent::default());
        Self { events, documents: BTreeMap::new(), wanted: BTreeSet::new(), walks: 0, running: 0, answering }
    }

    /// What was measured for a Dockerfile last.
    pub(super) fn taken(&self, uri: &str) -> Option<Arc<Measured>> {
        match self.documents.get(uri)?.known.as_ref()? {
            Known::Taken(measured, _) => Some(Arc::clone(measured)),
            Known::LeftOut(_) | Known::Sent(_) => None,
        }
    }

    /// What was measured for a file that starts builds last.
    pub(super) fn sent(&self, uri: &str) -> Option<Arc<Sent>> {
        match self.documents.get(uri)?.known.as_ref()? {
            Known::Sent(sent) => Some(Arc::clone(sent)),
            Known::Taken(..) | Known::LeftOut(_) => None,
        }
    }

    /// What a build makes again, as it was known last.
    pub(super) fn rebuilds(&self, uri: &str) -> Option<Arc<Rebuilds>> {
        match self.documents.get(uri)?.known.as_ref()? {
            Known::Taken(_, rebuilds) => rebuilds.clone(),
            Known::LeftOut(_) | Known::Sent(_) => None,
        }
    }

    /// What was measured for an ignore file last.
    pub(super) fn left_out(&self, uri: &str) -> Option<Arc<IgnoreEffect>> {
        match self.documents.get(uri)?.known.as_ref()? {
            Known::LeftOut(effect) => Some(Arc::clone(effect)),
            Known::Taken(..) | Known::Sent(_) => None,
        }
    }

    /// Notes that a revision of a document was looked at, with what is known or, if it asks for something else, without.
    pub(super) fn looked_at(&mut self, uri: &str, revision: u64, fits: bool) {
        let context = self.documents.entry(uri.to_owned()).or_default();
        let is_old = context.outdated || context.at.is_none_or(|at| at.elapsed() > FRESH);
        if context.asked != Some(revision) && (!fits || is_old) || context.outdated {
            self.wanted.insert(uri.to_owned());
        } else {
            self.wanted.remove(uri);
        }
    }

    /// The documents whose contexts are to be walked through now.
    pub(super) fn wanted(&self) -> Vec<String> {
        let is_walked = |uri: &&String| self.documents.get(*uri).is_some_and(|known| known.walk.is_some());
        let wanted = self.wanted.iter().filter(|uri| !is_walked(uri));
        wanted.take(MAX_WALKS.saturating_sub(self.running)).cloned().collect()
    }

    /// Walks through no context for a document until it is looked at again.
    pub(super) fn pass_over(&mut self, uri: &str) {
        self.wanted.remove(uri);
    }

    /// Starts a walk for a revision of a document.
    pub(super) fn start(&mut self, uri: &str, revision: u64, snapshot: Snapshot, goal: Goal) {
        let context = self.documents.entry(uri.to_owned()).or_default();
        let progress = Arc::new(Progress::beside(Arc::clone(&self.answering)));
        self.walks += 1;
        self.running += 1;
        self.wanted.remove(uri);
        context.walk = Some(Walk {
            progress: Arc::clone(&progress),
            started: Instant::now(),
            token: format!("dlint/context/{}", self.walks),
            told: false,
        });
        (context.asked, context.outdated) = (Some(revision), false);
        let (events, uri) = (self.events.clone(), uri.to_owned());
        thread::spawn(move || {
            let reach = || goal.reach(&snapshot, &progress);
            // Threads of its own: the server, whose answers it waits for, may need the common ones.
            let measure = || match rayon::ThreadPoolBuilder::new().build() {
                Ok(threads) => threads.install(reach),
                Err(_) => reach(),
            };
            let result = catch_unwind(AssertUnwindSafe(measure)).unwrap_or_default();
            // If nobody listens any more, nobody needs it.
            let _ = events.send(Event::Walked(Walked { uri, revision, result }));
        });
    }

    /// Takes what came of a walk: the document, and whether something is known now.
    pub(super) fn take(&mut self, walked: Walked) -> Option<(String, bool, Option<Told>)> {
        self.running = self.running.saturating_sub(1);
        let context = self.documents.get_mut(&walked.uri)?;
        // It was closed and opened again meanwhile, and is measured anew.
        if context.asked != Some(walked.revision) {
            return None;
        }
        let walk = context.walk.take()?;
        let is_known = walked.result.is_some();
        if is_known {
            (context.known, context.at) = (walked.result, Some(Instant::now()));
        }
        Some((walked.uri, is_known, walk.told.then_some(Told::Ends(walk.token))))
    }

    /// Ends what is done for a document, and forgets what is known.
    pub(super) fn forget(&mut self, uri: &str) -> Option<Told> {
        self.wanted.remove(uri);
        let walk = self.documents.remove(uri)?.walk?;
        walk.progress.cancel();
        walk.told.then_some(Told::Ends(walk.token))
    }

    /// Files have changed: all is measured again, and until then what was known counts.
    pub(super) fn outdate(&mut self) {
        self.documents.values_mut().for_each(|context| context.outdated = true);
    }

    /// Something has changed in the context of a document.
    pub(super) fn outdate_one(&mut self, uri: &str) {
        if let Some(context) = self.documents.get_mut(uri) {
            context.outdated = true;
        }
    }

    /// Ends the walk that the client calls so.
    pub(super) fn cancel(&self, token: &str) {
        let walks = self.documents.values().filter_map(|context| context.walk.as_ref());
        walks.filter(|walk| walk.token == token).for_each(|walk| walk.progress.cancel());
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running > 0
    }

    /// What there is to tell of walks that take long.
    pub(super) fn news(&mut self) -> Vec<Told> {
        let mut news = Vec::new();
        for walk in self.documents.values_mut().filter_map(|context| context.walk.as_mut()) {
            if walk.started.elapsed() < PATIENCE {
                continue;
            }
            if !std::mem::replace(&mut walk.told, true) {
                news.push(Told::Begins(walk.token.clone()));
            }
            news.push(Told::GoesOn(walk.token.clone(), walk.progress.files()));
        }
        news
    }
}
