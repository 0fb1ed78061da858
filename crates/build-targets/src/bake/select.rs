//! Which targets there are once what they inherit is added, and which are built.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::rc::Rc;

use crate::problem::{Problem, circle, quoted};
use crate::source::Place;
use crate::target::Text;

use super::Request;
use super::draft::{Draft, Group};
use super::overrides::{self, Override};

/// How much all targets together may inherit.
const BUDGET: usize = 5_000_000;

/// How long a chain of targets may be that inherit from each other.
const MAX_CHAIN: usize = 200;

/// All targets and groups of the files.
pub(super) struct Definition {
    drafts: Vec<Draft>,
    by_name: HashMap<String, usize>,
    groups: Vec<Group>,
    overrides: Vec<Override>,
    /// Where paths of these begin.
    folder: PathBuf,
    spent: usize,
    /// Targets with all that they inherit, as far as no circle was met on the way.
    known: HashMap<usize, Rc<Draft>>,
}

/// A target that another one inherits from.
struct Inherited {
    /// `None` for one that is being worked out: circles are tolerated.
    draft: Option<Rc<Draft>>,
    /// Whether no circle was met on the way.
    is_whole: bool,
}

/// For how many groups their targets are looked through to find out whether they hide one.
const MAX_SEARCHES: usize = 1_000;

/// How deep groups may be in each other.
const MAX_GROUPS: usize = 1_000;

/// The way through the groups.
#[derive(Default)]
struct Search<'a> {
    groups: HashMap<&'a str, (&'a Group, Visit)>,
    targets: Vec<(String, Option<Place>)>,
    seen: HashSet<&'a str>,
}

/// Whether a group was entered, and found to stand for something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Not,
    Empty,
    Filled,
}

impl<'a> Search<'a> {
    /// Adds what a group stands for; false if that is nothing, as it also is within itself.
    fn enter(&mut self, name: &str, depth: usize) -> bool {
        let Some((group, visit)) = self.groups.get_mut(name) else { return false };
        let group = *group;
        if *visit != Visit::Not || depth > MAX_GROUPS {
            return *visit != Visit::Empty;
        }
        *visit = Visit::Empty;
        for (name, place) in &group.targets {
            // What stands for nothing is taken for a target.
            if !self.enter(name, depth + 1) && self.seen.insert(name) {
                self.targets.push((name.clone(), Some(*place)));
            }
        }
        let is_filled = group.is_open || !group.targets.is_empty();
        if let Some((_, visit)) = self.groups.get_mut(group.name.as_str()).filter(|_| is_filled) {
            *visit = Visit::Filled;
        }
        is_filled
    }
}

impl Definition {
    /// What the files say, and `--set`.
    ///
    /// # Errors
    /// If that is for no target.
    pub(super) fn new(drafts: Vec<Draft>, groups: Vec<Group>, request: &Request) -> Result<Self, Problem> {
        let by_name = drafts.iter().enumerate().map(|(at, draft)| (draft.name.clone(), at)).collect();
        let Request { overrides, folder, .. } = request;
        for said in overrides {
            if !drafts.iter().any(|draft| said.fits(&draft.name)) {
                let message = format!("no target is called {}", quoted(&said.targets));
                return Err(Problem { place: Some(said.place), message });
            }
        }
        let (overrides, folder) = (overrides.clone(), folder.clone());
        Ok(Self { drafts, by_name, groups, overrides, folder, spent: 0, known: HashMap::new() })
    }

    /// Whether the targets inherit more from each other than is looked at.
    pub(super) const fn is_spent(&self) -> bool {
        self.spent > BUDGET
    }

    /// The names of all targets.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.drafts.iter().map(|draft| draft.name.as_str())
    }

    /// Whether there is a target or group of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.groups.iter().any(|group| group.name == name)
    }

    /// The targets that a name stands for, groups taken apart, each once, with where a group names it.
    pub(super) fn targets_of(&self, name: &str) -> Vec<(String, Option<Place>)> {
        let groups = self.groups.iter().rev().map(|group| (group.name.as_str(), (group, Visit::Not)));
        let mut search = Search { groups: groups.collect(), ..Search::default() };
        if !search.groups.contains_key(name) {
            return vec![(name.to_owned(), None)];
        }
        search.enter(name, 0);
        search.targets
    }

    /// A target with all that it inherits: from left to right, then its own.
    pub(super) fn resolved(&mut self, name: &str, place: Option<Place>) -> Result<Rc<Draft>, Problem> {
        let mut done = HashMap::new();
        let found = self.inherited(name, place, &mut done, 0)?;
        // It cannot be its own parent here: nothing is being worked out yet.
        found.draft.ok_or_else(|| missing(name, place))
    }

    fn inherited(
        &mut self,
        name: &str,
        place: Option<Place>,
        done: &mut HashMap<usize, Option<Rc<Draft>>>,
        depth: usize,
    ) -> Result<Inherited, Problem> {
        const TOO_MUCH: &str = "the targets inherit more from each other than a build file needs";
        let at = *self.by_name.get(name).ok_or_else(|| missing(name, place))?;
        if let Some(draft) = self.known.get(&at) {
            return Ok(Inherited { draft: Some(Rc::clone(draft)), is_whole: true });
        }
        if let Some(draft) = done.get(&at) {
            return Ok(Inherited { draft: draft.clone(), is_whole: false });
        }
        self.spent += self.drafts[at].size();
        let own_place = self.drafts[at].place;
        let too_much = |message: String| Err(Problem { place: Some(own_place), message });
        if depth > MAX_CHAIN {
            // The same would be said of others that inherit from it.
            self.spent = BUDGET + 1;
            return too_much(format!("more than {MAX_CHAIN} targets inherit from each other in a row"));
        }
        if self.spent > BUDGET {
            return too_much(TOO_MUCH.to_owned());
        }
        done.insert(at, None);
        let mut is_whole = true;
        let mut parents = Vec::new();
        for parent in self.drafts[at].inherits.clone() {
            let Some(name) = &parent.value else { continue };
            let found = self.inherited(name, Some(parent.place), done, depth + 1)?;
            is_whole &= found.is_whole;
            if let Some(parent) = found.draft {
                self.spent += parent.size();
                if self.spent > BUDGET {
                    return too_much(TOO_MUCH.to_owned());
                }
                parents.push(parent);
            }
        }
        let draft = Rc::new(self.put_together(at, &parents));
        done.insert(at, Some(Rc::clone(&draft)));
        if is_whole {
            self.known.insert(at, Rc::clone(&draft));
        }
        Ok(Inherited { draft: Some(draft), is_whole })
    }

    /// What a target says upon what it inherits.
    fn put_together(&self, at: usize, parents: &[Rc<Draft>]) -> Draft {
        let own = &self.drafts[at];
        let mut draft = Draft::new(own.name.clone(), own.place);
        parents.iter().for_each(|parent| draft.merge(parent));
        draft.merge(own);
        overrides::apply(&self.overrides, &mut draft, &self.folder);
        draft.tidy();
        // They are added by now.
        draft.inherits.clear();
        draft
    }

    /// Works targets out, and those that are contexts of theirs with them, and says of each whether it is refused. What
    /// cannot be is a problem.
    pub(super) fn with_contexts(
        &mut self,
        names: &[(String, Option<Place>)],
        problems: &mut Vec<Problem>,
    ) -> Vec<(Rc<Draft>, bool)> {
        let mut drafts: Vec<Rc<Draft>> = Vec::new();
        let mut seen = HashSet::new();
        let mut left: Vec<(String, Option<Place>)> = names.iter().rev().cloned().collect();
        while let Some((name, place)) = left.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.resolved(&name, place) {
                Ok(draft) => {
                    let links =
                        draft.contexts.values().filter_map(|(_, c)| Some((linked(&c.text)?, c.text.place)));
                    left.extend(links.map(|(name, place)| (name.to_owned(), Some(place))));
                    drafts.push(draft);
                }
                Err(problem) => {
                    problems.push(problem);
                    if self.spent > BUDGET {
                        break;
                    }
                }
            }
        }
        let refused = check_links(&drafts, problems);
        drafts.into_iter().zip(refused).collect()
    }

    /// The names of the targets that somebody can build: a group hides the target of its name, unless it leads to it.
    pub(super) fn names_to_build(&self) -> Vec<&str> {
        let groups: HashMap<&str, &Group> =
            self.groups.iter().rev().map(|group| (group.name.as_str(), group)).collect();
        let mut searches = MAX_SEARCHES;
        let mut is_hidden = |name: &str| {
            let Some(group) = groups.get(name) else { return false };
            let mut leads = group.targets.iter().map(|(target, _)| target.as_str());
            if leads.clone().any(|target| target == name) || !group.is_open && group.targets.is_empty() {
                return false;
            }
            if !leads.any(|target| groups.contains_key(target)) {
                return true;
            }
            searches -= 1;
            searches > 0 && !self.targets_of(name).iter().any(|(target, _)| target == name)
        };
        self.names().filter(|name| !is_hidden(name)).collect()
    }
}

/// Finds targets that are contexts of themselves, and those that are not there for all platforms. Says of each target
/// whether the tool refuses it: for that, or for a context that could not be worked out, its own or one of a context.
fn check_links(drafts: &[Rc<Draft>], problems: &mut Vec<Problem>) -> Vec<bool> {
    let at: HashMap<&str, usize> = drafts.iter().enumerate().map(|(at, d)| (d.name.as_str(), at)).collect();
    let mut refused: Vec<bool> = Vec::with_capacity(drafts.len());
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    for (user, draft) in drafts.iter().enumerate() {
        let mut is_lost = false;
        for name in draft.contexts.values().filter_map(|(_, context)| linked(&context.text)) {
            match at.get(name) {
                Some(context) => users[*context].push(user),
                None => is_lost = true,
            }
        }
        refused.push(is_lost);
    }
    let links = |from: usize| {
        let links = drafts[from].contexts.values();
        links.filter_map(|(_, c)| Some((*at.get(linked(&c.text)?)?, c.text.place))).collect::<Vec<_>>()
    };
    // Whether a target is on the way from where the search began, or done with.
    let mut on_the_way = vec![None; drafts.len()];
    for start in 0..drafts.len() {
        if on_the_way[start].is_some() {
            continue;
        }
        on_the_way[start] = Some(true);
        let mut path = vec![(start, links(start))];
        while let Some((from, left)) = path.last_mut() {
            let from = *from;
            let Some((to, place)) = left.pop() else {
                on_the_way[from] = Some(false);
                path.pop();
                continue;
            };
            if on_the_way[to] == Some(true) {
                let since = path.iter().map(|(at, _)| *at).skip_while(|at| *at != to);
                let names: Vec<String> = since.map(|at| quoted(&drafts[at].name)).collect();
                let message = circle(&names, "is built with");
                problems.push(Problem { place: Some(place), message });
                refused[from] = true;
            }
            let missing = missing_platform(&drafts[from], &drafts[to], place);
            refused[from] |= missing.is_some();
            problems.extend(missing);
            if on_the_way[to].is_none() {
                on_the_way[to] = Some(true);
                path.push((to, links(to)));
            }
        }
    }
    let mut left: Vec<usize> = (0..drafts.len()).filter(|at| refused[*at]).collect();
    while let Some(context) = left.pop() {
        for user in std::mem::take(&mut users[context]) {
            if !std::mem::replace(&mut refused[user], true) {
                left.push(user);
            }
        }
    }
    refused
}

/// The platform for which a target is built and its context is not, if both name several.
fn missing_platform(target: &Draft, context: &Draft, place: Place) -> Option<Problem> {
    let (wanted, there) = (target.platforms.as_ref()?, context.platforms.as_ref()?);
    if wanted.len() < 2 || there.len() < 2 {
        return None;
    }
    let there: HashSet<&str> = there.iter().map(|p| p.value.as_deref()).collect::<Option<_>>()?;
    let missing = wanted.iter().filter_map(|p| p.value.as_deref()).find(|p| !there.contains(p))?;
    let message = format!(
        "{} is built for {} and its context {} is not",
        quoted(&target.name),
        quoted(missing),
        quoted(&context.name)
    );
    Some(Problem { place: Some(place), message })
}

/// The target that a named context stands for.
pub(super) fn linked(value: &Text) -> Option<&str> {
    value.value.as_deref()?.strip_prefix("target:")
}

fn missing(name: &str, place: Option<Place>) -> Problem {
    Problem { place, message: format!("there is no target called {}", quoted(name)) }
}
