//! What the commands of apt in a Dockerfile add to its image.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::semantic::{Action, Base, Cmd, ConfigKeys, DRY_RUN, Model, ScriptKind, Stage, Suite};

use crate::text::Span;

use super::apt::{Installed, Packages, packages};
use super::base_packages::base_packages;

/// What one `apt-get install` adds to what is there already.
#[derive(Debug)]
pub struct AptInstall<'m> {
    /// The command.
    pub cmd: Cmd<'m>,
    /// The release whose figures count.
    pub suite: &'static Suite,
    /// The date of its figures, as year and month.
    pub date: &'static str,
    /// What it adds, by what it says.
    pub adds: Installed,
    /// What it would add without the packages that are only recommended; the same as `adds` if it leaves
    /// them out already.
    pub needs: Installed,
    /// False if it is not known which packages the base image has, so that less may be added.
    pub base_is_known: bool,
    /// False if a part of what it installs is unknown: names that a variable hides, package files, names that
    /// the table does not have, or packages that the same RUN removes.
    pub complete: bool,
    table: &'static Packages,
    /// What was there before.
    before: Rc<HashSet<&'static str>>,
    recommends: bool,
}

impl AptInstall<'_> {
    /// Bytes that it would add less without those of its names that `leave` picks.
    #[must_use]
    pub fn saved_without(&self, leave: impl Fn(&str) -> bool) -> u64 {
        let packages = self.cmd.packages();
        let rest = packages.iter().map(|p| p.name.as_str()).filter(|name| !leave(name));
        let rest = self.table.install(rest, &self.before, self.recommends);
        self.adds.bytes.saturating_sub(rest.bytes)
    }

    /// Bytes of the packages with these names themselves, as far as it adds them.
    #[must_use]
    pub fn bytes_of(&self, names: &[&str]) -> u64 {
        let packages = self.adds.packages.iter().zip(&self.adds.shares);
        packages.filter(|(name, _)| names.contains(name)).map(|(_, (_, bytes))| bytes).sum()
    }
}

/// What is there when a step runs.
#[derive(Clone)]
struct There {
    table: &'static Packages,
    suite: &'static Suite,
    base_is_known: bool,
    have: Rc<HashSet<&'static str>>,
}

impl There {
    /// What the base image of `stage` brings; nothing for releases without a table.
    fn base(model: &Model, stage: &Stage) -> Option<Self> {
        let Base::Image(image) = model.root_base(stage) else { return None };
        let (name, suite) = model.suite(stage)?;
        let table = packages(name)?;
        let known = base_packages(image, table);
        Some(Self { table, suite, base_is_known: known.is_some(), have: Rc::new(known.unwrap_or_default()) })
    }
}

/// More installs than that are not looked at: a file that has them wants to take time.
const MAX_INSTALLS: usize = 500;

/// What the installs of apt add, in the order of the file; what the stages that a stage starts from have
/// installed is there already. Nothing of releases without a table.
#[must_use]
pub fn apt_installs<'m>(model: &'m Model) -> Vec<AptInstall<'m>> {
    let keys = ConfigKeys::default();
    let mut found = Vec::new();
    let mut ends: HashMap<usize, There> = HashMap::new();
    let base = |stage: &Stage| match stage.base {
        Base::Stage(index) => Some(index),
        _ => None,
    };
    let bases: HashSet<usize> = model.stages.iter().filter_map(base).collect();
    for stage in &model.stages {
        let is_base = bases.contains(&stage.index);
        if !is_base && !installs_at_all(model, stage) {
            continue;
        }
        let there = match &stage.base {
            Base::Stage(index) => ends.get(index).cloned(),
            _ => There::base(model, stage),
        };
        let Some(mut there) = there else { continue };
        found.extend(stage_installs(model, stage, &keys, &mut there));
        if found.len() > MAX_INSTALLS {
            break;
        }
        if is_base {
            ends.insert(stage.index, there);
        }
    }
    found
}

fn installs_at_all(model: &Model, stage: &Stage) -> bool {
    stage.steps.clone().any(|step| model.commands_of(step).any(|c| is_install(&c)))
}

fn stage_installs<'m>(
    model: &'m Model,
    stage: &Stage,
    keys: &ConfigKeys,
    there: &mut There,
) -> Vec<AptInstall<'m>> {
    let steps = stage.steps.clone();
    // Whole steps, so that it may become a few more.
    steps.flat_map(|step| step_installs(model, step, keys, there)).take(MAX_INSTALLS).collect()
}

fn is_install(cmd: &Cmd<'_>) -> bool {
    cmd.is("apt", Action::Install)
        && cmd.script().kind == ScriptKind::Run
        && !cmd.script().onbuild
        && !cmd.has_any_flag(&DRY_RUN)
}

fn step_installs<'m>(
    model: &'m Model,
    step: usize,
    keys: &ConfigKeys,
    there: &mut There,
) -> Vec<AptInstall<'m>> {
    let There { table, suite, base_is_known, ref mut have } = *there;
    let removals = || model.commands_of(step).filter(|c| c.is("apt", Action::Remove));
    let mut found = Vec::new();
    for cmd in model.commands_of(step).filter(is_install) {
        let known = cmd.packages();
        let spelled: HashSet<Span> = known.iter().map(|p| p.word.span).collect();
        let names: Vec<String> = known.into_iter().map(|p| p.name).collect();
        let removed = removals().any(|c| c.usage.command > cmd.usage.command);
        let asked = || names.iter().map(String::as_str);
        let needs = table.install(asked(), have, false);
        let recommends = cmd.takes_recommended(keys);
        let adds = if recommends { table.install(asked(), have, true) } else { needs.clone() };
        let hidden = cmd.operands().len() > names.len()
            || cmd.operands().iter().any(|w| w.has_expansion() && !spelled.contains(&w.span));
        let complete = !hidden
            && adds.unknown.is_empty()
            && !removed
            && !cmd.is_subcommand("build-dep")
            && !names.is_empty();
        let before = Rc::clone(have);
        Rc::make_mut(have).extend(adds.packages.iter().copied());
        let date = table.date;
        found.push(AptInstall {
            cmd,
            suite,
            date,
            adds,
            needs,
            base_is_known,
            complete,
            table,
            before,
            recommends,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    /// For each install of the last stage: names of packages, needed ones, and whether all is known.
    fn found(text: &str) -> Vec<(usize, usize, bool)> {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file.clone());
        let last = model.final_stage().unwrap();
        let mut installs = apt_installs(&model);
        installs.retain(|i| last.steps.contains(&i.cmd.step()));
        installs.iter().map(|i| (i.adds.packages.len(), i.needs.packages.len(), i.complete)).collect()
    }

    #[test]
    fn closures_go_by_what_is_there() {
        let install = |base: &str| found(&format!("FROM {base}\nRUN apt-get install -y gcc libpq-dev\n"));
        assert_eq!(install("debian:12"), [(86, 37, true)]);
        // The full image has both.
        assert_eq!(install("python:3.11-bookworm"), [(0, 0, true)]);
        assert_eq!(install("alpine:3.20"), []);
        assert_eq!(install("debian:9"), []);
    }

    #[test]
    fn earlier_installs_count_in_the_lineage() {
        let text = "FROM debian:12 AS a\nRUN apt-get install -y --no-install-recommends curl\nFROM a\n\
                    RUN apt-get install -y --no-install-recommends curl wget\n";
        let alone = "FROM debian:12\nRUN apt-get install -y --no-install-recommends wget\n";
        assert!(found(text)[0].0 < found(alone)[0].0);
    }

    #[test]
    fn what_is_hidden_is_not_complete() {
        for (run, complete) in [
            ("apt-get install -y curl", true),
            ("apt-get install -y curl $MORE", false),
            ("apt-get install -y curl ./a.deb", false),
            ("apt-get install -y curl no-such-package-at-all", false),
            ("apt-get install -y curl gcc && apt-get purge -y gcc", false),
            ("apt-get install -y $(cat list)", false),
        ] {
            assert_eq!(found(&format!("FROM debian:12\nRUN {run}\n"))[0].2, complete, "{run}");
        }
        assert_eq!(found("FROM debian:12\nRUN apt-get install -s curl\n"), []);
    }
}
