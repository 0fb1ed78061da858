//! Applies fixes: parses the result again and refuses what changes more than it says.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Applicability, Finding, Fix, Origin};
use crate::semantic::{Analysis, Build, Model};
use crate::syntax::{self, File};
use crate::text::{self, Arrange, Edit, EditError, Source, Span};

use super::verify::{Refusal, verify};

/// How often a file is linted and fixed before it is left as it is.
pub const MAX_ROUNDS: u32 = 20;

/// How many bytes are parsed in one round to find out which of its fixes have to be refused.
const MAX_TRIAL_BYTES: usize = 64 << 20;

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The rule.
    pub rule: Cow<'static, str>,
    /// What was done.
    pub title: String,
}

/// A fix that was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The rule.
    pub rule: Cow<'static, str>,
    /// What would have been done.
    pub title: String,
    /// Where its finding is, in the text that is the outcome's.
    pub span: Span,
    /// Why not.
    pub reason: Refusal,
}

/// What one round of fixing made.
#[derive(Debug, Clone)]
pub struct FixOutcome {
    /// The file with what was applied; `None` if that is nothing.
    pub model: Option<Arc<Model>>,
    /// What was applied, in the order of the text.
    pub applied: Vec<Applied>,
    /// The edits of what was applied, in the order of the text.
    pub edits: Vec<Edit>,
    /// What was refused, in the order of the text; places are those before the round.
    pub refused: Vec<Refused>,
}

/// Why fixing ended before nothing was left to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// Fixes undo each other.
    Cycle,
    /// [`MAX_ROUNDS`] were not enough.
    Rounds,
}

/// What fixing made.
#[derive(Debug, Clone)]
pub struct Fixed<L> {
    /// The file as it is in the end.
    pub analysis: Analysis,
    /// What linting that gave.
    pub linted: L,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
    /// What is still refused in the end.
    pub refused: Vec<Refused>,
    /// Why it ended early.
    pub unfinished: Option<Unfinished>,
}

/// A further check of a fixed file and those of its instructions that were edited, by their numbers.
type Check<'a> = dyn Fn(&Model, &[usize]) -> Result<(), String> + 'a;

/// Applies fixes.
#[derive(Clone, Copy)]
pub struct Fixer<'a> {
    allow: Applicability,
    build: Option<&'a Build>,
    check: Option<&'a Check<'a>>,
}

impl<'a> Fixer<'a> {
    /// Applies fixes that can be trusted as far as `allow`; never those that are only shown.
    #[must_use]
    pub fn new(allow: Applicability) -> Self {
        Self { allow, build: None, check: None }
    }

    /// Understands what fixes make of the file as a build with a target and build arguments does.
    #[must_use]
    pub fn build(self, build: &'a Build) -> Self {
        Self { build: Some(build), ..self }
    }

    /// Also asks `check` about the instructions that fixes have made.
    #[must_use]
    pub fn check(self, check: &'a Check<'a>) -> Self {
        Self { check: Some(check), ..self }
    }

    /// Applies as many fixes of `findings` as do not touch each other, and keep all that they do not
    /// edit. A byte order mark and the file's line endings stay.
    #[must_use]
    pub fn once(&self, file: &File, findings: &[Finding]) -> FixOutcome {
        let trials = (MAX_TRIAL_BYTES / file.text().len().max(1)).clamp(16, 256);
        let default = Build::default();
        let build = self.build.unwrap_or(&default);
        let mut refused = Vec::new();
        let candidates = self.candidates(file, findings, &mut refused);
        let accepted = Vec::with_capacity(candidates.len());
        let mut round =
            Round { file, build, check: self.check, candidates: &candidates, accepted, model: None, trials };
        round.add(0..candidates.len(), &mut refused);
        let Round { mut accepted, model, .. } = round;
        accepted.sort_unstable();
        refused.arrange_by_key(|r| r.span);
        let title = |c: &Candidate<'_>| Applied { rule: c.finding.rule.clone(), title: c.fix.title.clone() };
        let applied = accepted.iter().filter_map(|at| candidates.get(*at)).map(title).collect();
        let is_accepted = |at: &usize| accepted.binary_search(at).is_ok();
        let edits = candidates.into_iter().enumerate().filter(|(at, _)| is_accepted(at));
        let edits = edits.flat_map(|(_, candidate)| candidate.edits).collect();
        FixOutcome { model, applied, edits, refused }
    }

    /// Lints and fixes until nothing is left to apply. What was measured of the build context stays.
    pub fn fixpoint<L: AsRef<[Finding]>>(
        &self,
        mut analysis: Analysis,
        lint: impl Fn(&Analysis) -> L,
    ) -> Fixed<L> {
        let mut applied = Vec::new();
        let mut rounds = 0;
        let mut seen = HashSet::from([hash(analysis.file.source.bytes())]);
        loop {
            let linted = lint(&analysis);
            let outcome = self.once(&analysis.file, linted.as_ref());
            let ended = match &outcome.model {
                None => Some(None),
                Some(new) if !seen.insert(hash(new.file.source.bytes())) => Some(Some(Unfinished::Cycle)),
                Some(_) if rounds == MAX_ROUNDS => Some(Some(Unfinished::Rounds)),
                Some(_) => None,
            };
            if let Some(unfinished) = ended {
                return Fixed { analysis, linted, applied, refused: outcome.refused, unfinished };
            }
            if let Some(model) = outcome.model {
                analysis = analysis.with_model(model);
            }
            applied.extend(outcome.applied);
            rounds += 1;
        }
    }

    /// The fixes that can be tried together, in the order of the text, and how many have to wait.
    fn candidates<'f>(
        &self,
        file: &File,
        findings: &'f [Finding],
        refused: &mut Vec<Refused>,
    ) -> Vec<Candidate<'f>> {
        let mut candidates: Vec<Candidate<'f>> = Vec::new();
        for finding in findings.iter().filter(|f| f.origin == Origin::Dockerfile) {
            let Some(fix) = &finding.fix else { continue };
            if fix.applicability < self.allow.max(Applicability::Unsafe) {
                continue;
            }
            match prepare(file, fix) {
                Ok(edits) => candidates.push(Candidate { finding, fix, edits }),
                Err(reason) => refused.push(refusal(finding, fix, reason)),
            }
        }
        candidates.arrange_by_key(Candidate::place);
        let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
        candidates.retain(|candidate| {
            let free = |edit: &Edit| {
                let last = taken.range(..=edit.span.end).next_back();
                last.is_none_or(|(_, end)| *end < edit.span.start)
            };
            let all_free = candidate.edits.iter().all(free);
            if all_free {
                taken.extend(candidate.edits.iter().map(|e| (e.span.start, e.span.end)));
            }
            all_free
        });
        candidates
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

fn refusal(finding: &Finding, fix: &Fix, reason: Refusal) -> Refused {
    Refused { rule: finding.rule.clone(), title: fix.title.clone(), span: finding.span, reason }
}

/// The edits of a fix as they fit the file: sorted, with its line endings, behind its byte order mark.
fn prepare(file: &File, fix: &Fix) -> Result<Vec<Edit>, Refusal> {
    let text = file.text();
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let crlf = text.find('\n').is_some_and(|i| text[..i].ends_with('\r'));
    let mut edits = fix.edits.clone();
    for edit in &mut edits {
        if edit.span == Span::at(0) {
            edit.span = Span::at(bom);
        }
        let range = edit.span.range();
        if edit.span.start < bom || !text.is_char_boundary(range.start) || !text.is_char_boundary(range.end) {
            return Err(Refusal::Edit(EditError::OutOfRange));
        }
        if crlf && edit.text.contains('\n') {
            edit.text = edit.text.replace("\r\n", "\n").replace('\n', "\r\n");
        }
    }
    edits.retain(|e| e.span.text(text) != e.text);
    edits.arrange_by_key(|e| e.span);
    if edits.is_empty() {
        return Err(Refusal::NoChange);
    }
    let apart =
        edits.windows(2).all(|pair| matches!(pair, [a, b] if a.span.end <= b.span.start && a.span != b.span));
    if apart { Ok(edits) } else { Err(Refusal::Edit(EditError::Overlap)) }
}

struct Candidate<'f> {
    finding: &'f Finding,
    fix: &'f Fix,
    edits: Vec<Edit>,
}

impl Candidate<'_> {
    fn place(&self) -> Span {
        self.edits.first().map_or(self.finding.span, |e| e.span)
    }
}

struct Round<'a, 'f> {
    file: &'a File,
    build: &'a Build,
    check: Option<&'a Check<'a>>,
    /// What can be tried, in the order of the text.
    candidates: &'a [Candidate<'f>],
    /// Which of them were accepted. A long file has many, so that none is copied.
    accepted: Vec<usize>,
    /// The file with all of them. It is the only one that is kept while halves are tried.
    model: Option<Arc<Model>>,
    trials: usize,
}

impl Round<'_, '_> {
    /// Accepts what can be accepted of the candidates `wanted`: all, or by halves.
    fn add(&mut self, wanted: Range<usize>, refused: &mut Vec<Refused>) {
        let candidates = self.candidates.get(wanted.clone()).unwrap_or_default();
        let Some(first) = candidates.first() else { return };
        if self.trials == 0 {
            refused.extend(candidates.iter().map(|c| refusal(c.finding, c.fix, Refusal::TooMany)));
            return;
        }
        self.trials -= 1;
        match self.attempt(candidates) {
            Ok(model) => {
                self.accepted.extend(wanted);
                self.model = Some(model);
            }
            Err(reason) if candidates.len() == 1 => {
                refused.push(refusal(first.finding, first.fix, reason));
            }
            Err(_) => {
                let middle = wanted.start + wanted.len() / 2;
                self.add(wanted.start..middle, refused);
                self.add(middle..wanted.end, refused);
            }
        }
    }

    fn attempt(&self, candidates: &[Candidate<'_>]) -> Result<Arc<Model>, Refusal> {
        let accepted = self.accepted.iter().filter_map(|at| self.candidates.get(*at));
        let mut edits: Vec<Edit> = accepted.chain(candidates).flat_map(|c| c.edits.iter().cloned()).collect();
        edits.arrange_by_key(|e| e.span);
        let bytes = text::apply(self.file.source.bytes(), &edits).map_err(Refusal::Edit)?;
        let source = Source::from_bytes(self.file.source.name(), bytes)
            .map_err(|error| Refusal::SyntaxError(format!("the file {error}")))?;
        let new = syntax::parse(source);
        let edited = verify(self.file, &new, &edits)?;
        // Of a long file they take as much as its model.
        drop(edits);
        let model = Model::of_build(new, self.build);
        if let Some(check) = self.check {
            check(&model, &edited).map_err(Refusal::Check)?;
        }
        Ok(Arc::new(model))
    }
}

#[cfg(test)]
#[path = "fix_tests.rs"]
mod tests;
