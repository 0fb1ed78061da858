//! The jobs of GitLab CI.

use std::collections::{BTreeSet, HashMap};
use std::convert;
use std::rc::Rc;

use crate::yaml::{Node, merged_entries};

use super::Jobs;
use super::changes::Changes;
use super::github::told_apart;
use super::matrix::Row;
use super::standing::Standing;
use super::variables::{self, Variables};

/// Keys of the top level that are no jobs.
const NO_JOBS: [&str; 12] = [
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "pages",
    "services",
    "spec",
    "stages",
    "variables",
    "workflow",
];

/// How deep lists of lines may be in each other.
const MAX_DEPTH: usize = 10;

/// How many jobs may take over from each other in a row, as GitLab has it.
const MAX_EXTENDS: usize = 11;

/// How many lines of a job are read, and how many runs of one.
const MOST_LINES: usize = 10_000;
const MOST_RUNS: usize = 200;

/// How many bytes of lines are read for all runs.
const MOST_BYTES: usize = 32 << 20;

/// A part of a job.
#[derive(Clone, Default)]
enum Part {
    /// It has none.
    #[default]
    None,
    Is(Node),
    /// It stands in a file that is not read.
    Elsewhere,
}

/// A job with what it takes over.
#[derive(Clone, Default)]
struct Job {
    before: Part,
    script: Part,
    parallel: Part,
    variables: Variables,
    /// The variables to which rules give other values.
    unknown: BTreeSet<String>,
    /// Whether it takes over from one that is not here.
    extends_others: bool,
}

/// The jobs and templates of a file.
struct All<'a> {
    written: HashMap<&'a str, &'a Node>,
    known: HashMap<&'a str, Rc<Job>>,
}

impl<'a> All<'a> {
    /// A job by its name; `None` if it is not here, or takes over from itself.
    fn job(&mut self, name: &str, depth: usize) -> Option<Rc<Job>> {
        let (name, node) = self.written.get_key_value(name).map(|(name, node)| (*name, *node))?;
        if let Some(known) = self.known.get(name) {
            return Some(Rc::clone(known));
        }
        let job = Rc::new(self.read(node, depth)?);
        self.known.insert(name, Rc::clone(&job));
        Some(job)
    }

    /// What a job says, upon what it takes over: of several the last counts.
    fn read(&mut self, node: &'a Node, depth: usize) -> Option<Job> {
        if depth > MAX_EXTENDS {
            return None;
        }
        let merged = merged_entries(node).ok()?;
        let own = |key: &str| {
            let found = merged.iter().find(|merged| merged.entry.key.text() == Some(key));
            found.map(|merged| merged.entry.value.clone())
        };
        let mut job = Job::default();
        let parents = own("extends");
        let parents: Vec<Option<String>> = match parents.as_ref().map(|node| (node.items(), node.text())) {
            None => Vec::new(),
            Some((Some(items), _)) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            Some((None, text)) => vec![text.map(str::to_owned)],
        };
        for parent in parents.into_iter().take(MAX_EXTENDS) {
            match parent.and_then(|parent| self.job(&parent, depth + 1)) {
                Some(parent) => job.take_over(&parent),
                None => {
                    let elsewhere = || Part::Elsewhere;
                    job = Job {
                        before: elsewhere(),
                        script: elsewhere(),
                        parallel: elsewhere(),
                        extends_others: true,
                        ..Job::default()
                    };
                }
            }
        }
        for (key, part) in
            [("before_script", &mut job.before), ("script", &mut job.script), ("parallel", &mut job.parallel)]
        {
            if let Some(node) = own(key) {
                *part = Part::Is(node);
            }
        }
        variables::add(&mut job.variables, own("variables").as_ref(), convert::identity);
        job.unknown.extend(own("rules").iter().flat_map(of_rules));
        Some(job)
    }
}

impl Job {
    fn take_over(&mut self, parent: &Self) {
        let parts = [
            (&mut self.before, &parent.before),
            (&mut self.script, &parent.script),
            (&mut self.parallel, &parent.parallel),
        ];
        for (own, other) in parts {
            if !matches!(other, Part::None) {
                own.clone_from(other);
            }
        }
        self.variables.extend(parent.variables.clone());
        self.unknown.extend(parent.unknown.clone());
        self.extends_others |= parent.extends_others;
    }
}

/// The names of the variables that rules set.
fn of_rules(rules: &Node) -> Vec<String> {
    let maps = rules.items().unwrap_or_default().iter().filter_map(|rule| rule.get("variables")?.entries());
    maps.flatten().filter_map(|entry| entry.key.text().map(str::to_owned)).collect()
}

/// Reads the scripts of all jobs. Each job runs in the top folder of the repository.
pub(super) fn read(jobs: &mut Jobs, document: &Node) {
    let before = document.get("before_script");
    let before = before.or_else(|| document.get("default").and_then(|default| default.get("before_script")));
    let mut of_all = Variables::new();
    variables::add(&mut of_all, document.get("variables"), convert::identity);
    let rules = document.get("workflow").and_then(|workflow| workflow.get("rules"));
    let of_workflow: Vec<String> = rules.into_iter().flat_map(of_rules).collect();
    let entries = document.entries().unwrap_or_default();
    let written = entries.iter().filter_map(|entry| Some((entry.key.text()?, &entry.value))).collect();
    let mut all = All { written, known: HashMap::new() };
    let mut left = MOST_BYTES;
    for entry in entries {
        let Some(name) = entry.key.text() else { continue };
        // One with a dot is a template for others.
        if name.starts_with('.') || NO_JOBS.contains(&name) && name != "pages" {
            continue;
        }
        let Some(job) = all.job(name, 0) else { continue };
        let Part::Is(script) = &job.script else { continue };
        let first = match &job.before {
            Part::Is(node) => Some(node),
            Part::None => before,
            // It may change the folder first.
            Part::Elsewhere => continue,
        };
        let mut lines = Vec::new();
        first.into_iter().chain([script]).all(|node| flatten(node, &mut all, &mut lines, 0));
        // What is not here may set any of them anew.
        let mut variables = if job.extends_others { Variables::new() } else { of_all.clone() };
        of_workflow.iter().for_each(|name| drop(variables.remove(name)));
        variables.extend(job.variables.clone());
        job.unknown.iter().for_each(|name| drop(variables.remove(name)));
        let text: usize = lines.iter().filter_map(Node::text).map(str::len).sum();
        for line in &lines {
            if variables.is_empty() {
                break;
            }
            let (names, is_open) = variables::assigned(line.text().unwrap_or_default());
            variables.retain(|name, _| !is_open && !names.contains(name.as_str()));
        }
        let mut labels = Vec::new();
        let begun = jobs.found.targets.len();
        for (label, values) in runs(&job.parallel) {
            let Some(rest) = left.checked_sub(text) else { break };
            left = rest;
            let mut variables = variables.clone();
            variables.extend(values);
            jobs.matrix = Row::default();
            jobs.matrix.variables = variables;
            run(jobs, &lines, name);
            labels.resize(jobs.found.targets.len() - begun, label);
        }
        jobs.matrix = Row::default();
        let built = jobs.found.targets.split_off(begun);
        jobs.found.targets.extend(told_apart(built, labels));
    }
}

/// The builds of one run of a job.
fn run(jobs: &mut Jobs, lines: &[Node], name: &str) {
    let mut standing = Standing::new(&jobs.folder);
    let mut changes = Changes::default();
    // The artifacts of other jobs lie there from the beginning.
    let mut makes_files = true;
    for line in lines {
        if !jobs.script(line, name, &mut standing, (&mut changes, &mut makes_files)) {
            break;
        }
    }
}

/// The runs of a job: what tells each from others, and the values of its variables. One of which nothing is known where
/// they cannot be told.
fn runs(parallel: &Part) -> Vec<(String, Variables)> {
    let one = || vec![(String::new(), Variables::new())];
    let Part::Is(parallel) = parallel else { return one() };
    let mut runs: Vec<(String, Variables)> = Vec::new();
    for item in parallel.get("matrix").and_then(Node::items).unwrap_or_default() {
        let mut rows: Vec<(Vec<String>, Variables)> = vec![(Vec::new(), Variables::new())];
        for entry in item.entries().unwrap_or_default() {
            let values = entry.value.items().unwrap_or(std::slice::from_ref(&entry.value));
            let (Some(name), true) = (entry.key.text(), rows.len() * values.len() <= MOST_RUNS) else {
                return one();
            };
            let Some(values) = values.iter().map(variables::text).collect::<Option<Vec<String>>>() else {
                return one();
            };
            let with = |(label, row): &(Vec<String>, Variables), value: &String| {
                let label = label.iter().chain([value]).cloned().collect();
                let mut row = row.clone();
                row.insert(name.to_owned(), value.clone());
                (label, row)
            };
            rows = rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect();
        }
        runs.extend(rows.into_iter().map(|(label, row)| (label.join(", "), row)));
        if runs.len() > MOST_RUNS {
            return one();
        }
    }
    if runs.is_empty() { one() } else { runs }
}

/// Adds the lines, those of other jobs for `!reference`; false behind lines that stand elsewhere, since those may change
/// the folder.
fn flatten(node: &Node, all: &mut All<'_>, lines: &mut Vec<Node>, depth: usize) -> bool {
    if lines.len() >= MOST_LINES || depth >= MAX_DEPTH {
        return false;
    }
    match (node.items(), node.tag()) {
        (Some(items), None) => items.iter().all(|item| flatten(item, all, lines, depth + 1)),
        (Some(items), Some("!reference")) => {
            let words: Vec<&str> = items.iter().filter_map(Node::text).collect();
            let part = match words.as_slice() {
                [name, "script"] => all.job(name, 0).map(|job| job.script.clone()),
                [name, "before_script"] => all.job(name, 0).map(|job| job.before.clone()),
                _ => None,
            };
            match part {
                Some(Part::Is(node)) => flatten(&node, all, lines, depth + 1),
                Some(Part::None | Part::Elsewhere) | None => false,
            }
        }
        (Some(_), Some(_)) => false,
        (None, _) => {
            lines.push(node.clone());
            true
        }
    }
}
