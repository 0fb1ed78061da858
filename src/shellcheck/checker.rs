//! Checks scripts, each once, many at a time.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;

use crate::diag::Finding;
use crate::semantic::Model;

use super::answer::{Comment, Level};
use super::findings::findings;
use super::job::{Job, MAX_SCRIPT_BYTES, jobs};
use super::program::{Limits, Program, Unusable, Version};

/// How many scripts, and how many bytes of them, one process gets.
const BATCH: usize = 32;
const BATCH_BYTES: usize = 64 << 10;

/// After so many scripts that the program fails on it is not run any more.
const MAX_FAILURES: usize = 3;

/// How many bytes of scripts are remembered with what was said of them.
const MAX_KNOWN_BYTES: usize = 256 << 20;

/// Runs ShellCheck, and remembers what it said.
#[derive(Debug)]
pub struct Checker {
    program: Program,
    pub(super) version: OnceLock<Result<Version, Unusable>>,
    known: Mutex<Known>,
    failures: AtomicUsize,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) answers: HashMap<String, Answer>,
    bytes: usize,
}

/// What the program said of a script, or why it did not.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Said(Arc<[Comment]>),
    /// The end of a sentence that starts with the program.
    Failed(String),
    /// It was not asked, as it failed too often.
    GivenUp,
}

/// What is said of a Dockerfile.
#[derive(Debug, Default)]
pub struct Said {
    /// The findings, in the order of the scripts.
    pub findings: Vec<Finding>,
    /// Scripts that could not be checked: the line of the instruction, and why.
    pub failed: Vec<(u32, String)>,
    /// True if all scripts were checked.
    pub complete: bool,
}

/// Why the program could not be made use of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is not there; this says how to get it.
    Missing(String),
    /// Anything else, in one sentence.
    Failed(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(text) | Self::Failed(text) => f.write_str(text),
        }
    }
}

impl Checker {
    /// A checker that runs `program`: a name that is looked for on the PATH, or a path.
    #[must_use]
    pub fn new(program: &Path, limits: Limits) -> Self {
        Self {
            program: Program::new(program, limits),
            version: OnceLock::new(),
            known: Mutex::default(),
            failures: AtomicUsize::new(0),
        }
    }

    /// Checks scripts that are not known yet, so that [`Checker::check`] finds them known.
    pub fn prepare(&self, jobs: &[Job]) {
        // Who asks for nothing need not have the program.
        if !jobs.is_empty()
            && let Ok(version) = self.version()
        {
            let texts: Vec<String> = jobs.iter().map(|job| job.input(version).text).collect();
            self.ask(&texts);
        }
    }

    /// What is said of the scripts of a Dockerfile; findings below `least` are left out.
    #[must_use]
    pub fn check(&self, model: &Model, least: Level) -> Said {
        let jobs = jobs(model);
        if jobs.is_empty() {
            return Said { complete: true, ..Said::default() };
        }
        let Ok(version) = self.version() else { return Said::default() };
        let texts: Vec<String> = jobs.iter().map(|job| job.input(version).text).collect();
        let mut said = Said { complete: true, ..Said::default() };
        for (job, answer) in jobs.iter().zip(self.ask(&texts)) {
            match answer {
                Answer::Said(comments) => said.findings.extend(findings(job, version, &comments, least)),
                Answer::Failed(why) => {
                    said.complete = false;
                    said.failed.push((model.instruction(job.step).lines.0, why));
                }
                Answer::GivenUp => said.complete = false,
            }
        }
        said
    }

    /// What is wrong with the program, if it was asked for anything.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        let name = self.program.name();
        match self.version.get()? {
            Err(Unusable::Missing) => {
                Some(Trouble::Missing(format!("`{name}` is not installed, so no script was checked by it")))
            }
            Err(Unusable::Old(version)) => Some(Trouble::Failed(format!(
                "`{name}` is ShellCheck {version}, which is too old: it must be {} at least",
                Version::FIRST
            ))),
            Err(Unusable::Broken(why)) => Some(Trouble::Failed(format!("`{name}` {why}"))),
            Ok(_) if self.gave_up() => Some(Trouble::Failed(format!(
                "`{name}` failed on {MAX_FAILURES} scripts and was not run any more: other scripts were not checked by it"
            ))),
            Ok(_) => None,
        }
    }

    pub(super) fn version(&self) -> Result<Version, Unusable> {
        self.version.get_or_init(|| self.program.version()).clone()
    }

    fn gave_up(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= MAX_FAILURES
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the program says of each of these texts.
    pub(super) fn ask(&self, texts: &[String]) -> Vec<Answer> {
        let mut answers: HashMap<&str, Option<Answer>> = HashMap::new();
        {
            let known = self.known();
            for text in texts {
                answers.entry(text).or_insert_with(|| known.answers.get(text).cloned());
            }
        }
        // In their order, so that it does not depend on chance which share a process.
        let mut unknown: Vec<&str> = Vec::new();
        for text in texts {
            if let Some(slot @ None) = answers.get_mut(&**text) {
                *slot = Some(Answer::GivenUp);
                unknown.push(text);
            }
        }
        let batches: Vec<&[&str]> = batches(&unknown);
        let asked: Vec<Answer> = batches.par_iter().flat_map_iter(|batch| self.run(batch)).collect();
        let mut known = self.known();
        for (text, answer) in unknown.into_iter().zip(asked) {
            if known.bytes + text.len() <= MAX_KNOWN_BYTES && !matches!(answer, Answer::GivenUp) {
                known.bytes += text.len();
                known.answers.insert(text.to_owned(), answer.clone());
            }
            answers.insert(text, Some(answer));
        }
        let of = |text: &String| answers.get(&**text).cloned().flatten().unwrap_or(Answer::GivenUp);
        texts.iter().map(of).collect()
    }

    /// Runs the program on scripts; if it fails, on each of them alone.
    fn run(&self, scripts: &[&str]) -> Vec<Answer> {
        if let [script] = scripts
            && script.len() > MAX_SCRIPT_BYTES
        {
            return vec![Answer::Failed(format!(
                "takes no script that is longer than {MAX_SCRIPT_BYTES} bytes"
            ))];
        }
        if self.gave_up() {
            return vec![Answer::GivenUp; scripts.len()];
        }
        match self.program.check(scripts) {
            Ok(all) => all.into_iter().map(|comments| Answer::Said(comments.into())).collect(),
            Err(why) if scripts.len() == 1 => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                vec![Answer::Failed(why)]
            }
            Err(_) => scripts.iter().flat_map(|script| self.run(&[*script])).collect(),
        }
    }
}

/// Cuts a list into runs that one process gets each.
fn batches<'a, 't>(scripts: &'a [&'t str]) -> Vec<&'a [&'t str]> {
    let mut all = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, script) in scripts.iter().enumerate() {
        if at > start && (at - start == BATCH || bytes + script.len() > BATCH_BYTES) {
            all.extend(scripts.get(start..at));
            (start, bytes) = (at, 0);
        }
        bytes += script.len();
    }
    all.extend(scripts.get(start..).filter(|rest| !rest.is_empty()));
    all
}
