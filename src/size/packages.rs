//! What the commands of apt in a Dockerfile add to its image.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::knowledge::{Action, Suite};
use crate::knowledge::{ManagerId, PackageId, PackageIndex, apt_packages};
use crate::semantic::{Base, Cmd, CommandId, ConfigKeys, Model, Package, ScriptKind, Stage, StageId};
use crate::text::Span;

use super::apt::{Asked, Installed, PackageSet, closure, install};
use super::base_packages::{installed_names, with_needed};
use super::removed::Removals;

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
    /// How many packages it installs that the same RUN removes again; `adds` has none of them.
    pub removed: usize,
    /// Why a part of what it installs is unknown; `None` if all of it is known.
    pub incomplete: Option<Incomplete>,
    /// Bytes of all that it installs, those too that the same RUN removes again.
    pub at_most: u64,
    table: &'static PackageIndex,
    /// What is there at the end of its stage, and which install of the lineage this one is.
    there: Arc<History>,
    number: u16,
    recommends: bool,
    /// What all installs of the stage need together.
    wanted: Arc<Wanted>,
}

/// Why a part of what an install adds is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomplete {
    /// Variables hide names, or package files are installed.
    Hidden,
    /// The table does not have some of the names.
    NotInIndex,
    /// The same RUN removes packages, and does not say which in words.
    Removal,
}

impl AptInstall<'_> {
    /// True if all that it installs is known.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    /// Bytes that it would add less without those of its names that `leave` picks.
    #[must_use]
    pub fn saved_without(&self, leave: impl Fn(&str) -> bool) -> u64 {
        let packages = self.cmd.packages();
        let rest = packages.iter().map(|p| p.name.as_str()).filter(|name| !leave(name));
        let before = self.table.ids().filter(|id| self.there.has_before(*id, self.number));
        let rest = install(self.table, rest, PackageSet::of(self.table, before), self.recommends);
        self.adds.bytes.saturating_sub(rest.bytes)
    }

    /// The packages that it adds only because others recommend them, and that no install of the stage needs: for each
    /// which of its names asks for it, and its bytes.
    pub fn only_recommended(&self) -> impl Iterator<Item = (usize, u64)> {
        let is_wanted = |id: PackageId| self.wanted.of(self.table).contains(id);
        self.not_needed().filter(move |(id, _)| !is_wanted(*id)).map(|(_, share)| share)
    }

    /// Bytes of the packages that it adds only because others recommend them, those too that another install needs.
    #[must_use]
    pub fn recommended_at_most(&self) -> u64 {
        self.not_needed().map(|(_, (_, bytes))| bytes).sum()
    }

    /// The packages that it adds and does not need itself.
    fn not_needed(&self) -> impl Iterator<Item = (PackageId, (usize, u64))> {
        let needed = self.recommends.then(|| PackageSet::of(self.table, self.needs.packages.iter().copied()));
        let packages = self.adds.packages.iter().copied().zip(self.adds.shares.iter().copied());
        packages.filter(move |(id, _)| needed.as_ref().is_some_and(|needed| !needed.contains(*id)))
    }

    /// The packages that it adds, those that weigh most first, with their bytes in the index.
    pub fn packages(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        self.adds.named(self.table)
    }

    /// True if the table of the release has a package of this name.
    #[must_use]
    pub(super) fn has_in_table(&self, name: &str) -> bool {
        self.table.find(name).is_some()
    }

    /// What other packages that need these names add to what this install leaves.
    #[must_use]
    pub(super) fn with_more(&self, names: &[String]) -> Installed {
        let there = self.table.ids().filter(|id| self.there.has_before(*id, self.number + 1));
        install(self.table, names.iter().map(String::as_str), PackageSet::of(self.table, there), false)
    }

    /// True if it adds a package of such a name.
    #[must_use]
    pub fn adds_any(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.adds.packages.iter().any(|id| is_meant(self.table.name(*id)))
    }

    /// Bytes of the packages with these names themselves, as far as it adds them.
    #[must_use]
    pub fn bytes_of(&self, names: &[&str]) -> u64 {
        let packages = self.adds.packages.iter().zip(&self.adds.shares);
        packages.filter(|(id, _)| names.contains(&self.table.name(**id))).map(|(_, (_, bytes))| bytes).sum()
    }
}

/// What the installs of a stage need together, once somebody asks.
#[derive(Debug)]
struct Wanted {
    names: Vec<String>,
    /// What is there before the first of them.
    there: PackageSet,
    found: OnceLock<PackageSet>,
}

impl Wanted {
    fn of(&self, table: &PackageIndex) -> &PackageSet {
        self.found.get_or_init(|| {
            let names = self.names.iter().map(String::as_str);
            PackageSet::of(table, install(table, names, self.there.clone(), false).packages)
        })
    }
}

/// Which install brought each package, so that what was there before any of them needs no set of its own.
#[derive(Debug, Clone)]
struct History {
    /// By package: 0 if it is not there, 1 if the base image has it, 2 if the first install brought it.
    brought: Vec<u16>,
    /// How many installs there were.
    installs: u16,
}

impl History {
    /// What was there before an install, the first of which has the number 0.
    fn has_before(&self, id: PackageId, number: u16) -> bool {
        self.brought.get(id.index()).is_some_and(|by| (1..=number + 1).contains(by))
    }

    /// Adds what the next install brings, and gives its number.
    fn add(&mut self, packages: &[PackageId]) -> u16 {
        let number = self.installs;
        for id in packages {
            if let Some(by) = self.brought.get_mut(id.index()) {
                *by = number + 2;
            }
        }
        self.installs += 1;
        number
    }
}

/// What is there when a stage begins.
#[derive(Clone)]
struct There {
    table: &'static PackageIndex,
    suite: &'static Suite,
    base_is_known: bool,
    have: Arc<History>,
    /// The packages of `have`.
    packages: PackageSet,
}

/// What base images bring, by their releases and by where the lists of their packages lie: each worked out once.
static BASES: Mutex<BTreeMap<(&str, Option<usize>), Brought>> = Mutex::new(BTreeMap::new());

type Brought = (Arc<History>, PackageSet);

impl There {
    /// What the base image of `stage` brings; nothing for releases without a table.
    fn base(model: &Model, stage: &Stage) -> Option<Self> {
        let Base::Image(image) = model.root_base(stage) else { return Self::below(model, stage) };
        let suite = model.suite(stage)?;
        let table = apt_packages(suite.name)?;
        let names = installed_names(image);
        let key = (suite.name, names.map(|names| names.as_ptr().addr()));
        let mut bases = BASES.lock().unwrap_or_else(PoisonError::into_inner);
        let (have, packages) = bases
            .entry(key)
            .or_insert_with(|| {
                let packages = with_needed(names.unwrap_or_default(), table);
                let mut brought = vec![0; table.count()];
                packages.ids(table).for_each(|id| brought[id.index()] = 1);
                (Arc::new(History { brought, installs: 0 }), packages)
            })
            .clone();
        // Ubuntu's own images of that release have more than a minimal system.
        let base_is_known = names.is_some() && suite.name != FULLER;
        Some(Self { table, suite, base_is_known, have, packages })
    }

    /// What the image of another build of the project brings, from which `stage` starts in the end.
    fn below(model: &Model, stage: &Stage) -> Option<Self> {
        let (model, last) = model.below(stage)?;
        let mut lineage: Vec<&Stage> = model.lineage(last).collect();
        let mut there = Self::base(model, lineage.pop()?)?;
        let (keys, mut found) = (ConfigKeys::default(), Vec::new());
        for stage in model.stages.get(last.root()).into_iter().chain(lineage.into_iter().rev()) {
            let most = MAX_INSTALLS - found.len();
            stage_installs(installs(model, stage, most), &keys, &mut there, &mut found);
        }
        there.base_is_known &= found.iter().all(|install| install.incomplete.is_none());
        // All of it is there before the first install of this Dockerfile.
        let brought = there.have.brought.iter().map(|by| u16::from(*by > 0)).collect();
        there.have = Arc::new(History { brought, installs: 0 });
        Some(there)
    }
}

/// The release whose images are made in another way than those before, and settings of apt are not known of.
pub(super) const FULLER: &str = "resolute";

/// More installs than that are not looked at: a file that has them wants to take time.
const MAX_INSTALLS: usize = 500;

/// What the installs of apt add, in the order of the file; what the stages that a stage starts from have
/// installed is there already. Nothing of releases without a table.
#[must_use]
pub fn apt_installs<'m>(model: &'m Model) -> Vec<AptInstall<'m>> {
    let keys = ConfigKeys::default();
    let mut found = Vec::new();
    let mut ends: HashMap<StageId, There> = HashMap::new();
    let base = |stage: &Stage| match stage.base {
        Base::Stage(index) => Some(index),
        _ => None,
    };
    let bases: HashSet<StageId> = model.stages.iter().filter_map(base).collect();
    for stage in &model.stages {
        let is_base = bases.contains(&stage.index);
        let installs = installs(model, stage, MAX_INSTALLS - found.len());
        if !is_base && installs.is_empty() {
            continue;
        }
        let there = match &stage.base {
            Base::Stage(index) => ends.get(index).cloned(),
            _ => There::base(model, stage),
        };
        let Some(mut there) = there else { continue };
        stage_installs(installs, &keys, &mut there, &mut found);
        if found.len() == MAX_INSTALLS {
            break;
        }
        if is_base {
            ends.insert(stage.index, there);
        }
    }
    found
}

/// The install of a command among those of a build.
#[must_use]
pub fn apt_install<'i, 'm>(installs: &'i [AptInstall<'m>], id: CommandId) -> Option<&'i AptInstall<'m>> {
    let at = installs.binary_search_by_key(&id, |install| install.cmd.id()).ok()?;
    installs.get(at)
}

/// The first installs of a stage.
fn installs<'m>(model: &'m Model, stage: &Stage, most: usize) -> Vec<Cmd<'m>> {
    stage.steps.clone().flat_map(|step| model.commands_of(step)).filter(is_install).take(most).collect()
}

fn is_install(cmd: &Cmd<'_>) -> bool {
    cmd.is(ManagerId::Apt, Action::Install)
        && cmd.script().kind == ScriptKind::Run
        && !cmd.script().onbuild
        && !cmd.is_dry_run()
        // What is only fetched is not unpacked.
        && !cmd.has_any_flag(&["-d", "--download-only"])
}

/// Adds the installs of a stage to `found`, and what they bring to what is there.
fn stage_installs<'m>(
    installs: Vec<Cmd<'m>>,
    keys: &ConfigKeys,
    there: &mut There,
    found: &mut Vec<AptInstall<'m>>,
) {
    let (start, table) = (found.len(), there.table);
    // Where another stage begins with the same, or nothing is installed, it is not copied.
    let mut have = if installs.is_empty() { return } else { (*there.have).clone() };
    let mut removals = Removals::default();
    let installs: Vec<(Cmd<'m>, Vec<Package<'m>>, bool)> = installs
        .into_iter()
        .map(|cmd| {
            let (packages, recommends) = (cmd.packages(), cmd.takes_recommended(keys));
            (cmd, packages, recommends)
        })
        .collect();
    let wanted = Arc::new(Wanted {
        names: installs.iter().flat_map(|(_, packages, _)| packages).map(|p| p.name.clone()).collect(),
        there: there.packages.clone(),
        found: OnceLock::new(),
    });
    for (cmd, known, recommends) in installs {
        let spelled: HashSet<Span> = known.iter().map(|p| p.word.span).collect();
        let names: Vec<String> = known.into_iter().map(|p| p.name).collect();
        let asked = Asked::of(table, names.iter().map(String::as_str));
        let mut needs = closure(table, &asked, there.packages.clone(), false);
        let mut adds =
            if recommends { closure(table, &asked, there.packages.clone(), true) } else { needs.clone() };
        let operands = cmd.operands();
        let hidden = operands.len() > names.len()
            || operands.iter().any(|w| w.has_expansion() && !spelled.contains(&w.span));
        let (installed, at_most) = (adds.packages.len(), adds.bytes);
        let mut removed_unknown = false;
        if let Some(removal) = removals.after(&cmd) {
            removed_unknown = removal.keeps_unknown;
            for (closure, recommends) in [(&mut needs, false), (&mut adds, recommends)] {
                *closure = removal.leave(table, std::mem::take(closure), &names, &there.packages, recommends);
            }
        }
        let incomplete = if hidden || cmd.is_subcommand("build-dep") || names.is_empty() {
            Some(Incomplete::Hidden)
        } else if !adds.unknown.is_empty() {
            Some(Incomplete::NotInIndex)
        } else {
            removed_unknown.then_some(Incomplete::Removal)
        };
        let adds_count = adds.packages.len();
        adds.packages.iter().for_each(|id| there.packages.insert(*id));
        found.push(AptInstall {
            number: have.add(&adds.packages),
            cmd,
            suite: there.suite,
            date: table.date,
            adds,
            needs,
            base_is_known: there.base_is_known,
            removed: installed.saturating_sub(adds_count),
            incomplete,
            at_most,
            table,
            there: Arc::clone(&there.have),
            recommends,
            wanted: Arc::clone(&wanted),
        });
    }
    there.have = Arc::new(have);
    for install in &mut found[start..] {
        install.there = Arc::clone(&there.have);
    }
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
        installs.iter().map(|i| (i.adds.packages.len(), i.needs.packages.len(), i.is_complete())).collect()
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
            ("apt-get install -y curl gcc && apt-get purge -y gcc", true),
            ("apt-get install -y curl gcc && apt-get purge -y $(cat list)", false),
            ("apt-get install -y gcc && apt-mark auto '.*' && apt-get purge -y --auto-remove", false),
            ("apt-get install -y $(cat list)", false),
            ("apt-get install -y gcc && echo gcc | xargs apt-get purge -y --auto-remove", false),
            ("apt-get install -y gcc && if [ -n \"$K\" ]; then apt-get purge -y gcc; fi", false),
            ("apt-get install -y gcc && apt-get autoremove -y", true),
        ] {
            assert_eq!(found(&format!("FROM debian:12\nRUN {run}\n"))[0].2, complete, "{run}");
        }
        assert_eq!(found("FROM debian:12\nRUN apt-get install -s curl\n"), []);
        assert_eq!(found("FROM debian:12\nRUN apt-get install -y -d gcc\n"), []);
    }

    #[test]
    fn what_the_same_run_removes_is_not_added() {
        let left = |run: &str| {
            let text = format!("FROM debian:12\nRUN {run}\n");
            let model = Model::new(parse(Source::from_text("Dockerfile", text)));
            let installs = apt_installs(&model);
            let sum = |of: fn(&AptInstall<'_>) -> usize| installs.iter().map(of).sum::<usize>();
            (sum(|i| i.adds.packages.len()), sum(|i| i.removed))
        };
        let curl = left("apt-get install -y --no-install-recommends curl").0;
        let i = "apt-get install -y --no-install-recommends";
        assert_eq!(left(&format!("{i} gcc make && apt-get purge -y --auto-remove gcc make")).0, 0);
        assert_eq!(left(&format!("{i} gcc && apt-get remove -y gcc && apt-get autoremove -y")).0, 0);
        assert_eq!(left(&format!("{i} gcc curl && apt-get -y purge --autoremove gcc")).0, curl);
        assert_eq!(left(&format!("{i} curl && {i} gcc && apt-get purge -y --auto-remove gcc")).0, curl);
        assert_eq!(
            left(&format!("d='gcc make' && {i} $d curl && apt-get purge -y --auto-remove $d")).0,
            curl
        );
        assert_eq!(left(&format!("{i} gcc curl && apt-mark auto gcc && apt-get autoremove -y")).0, curl);
        // Without autoremove its dependencies stay, and what needs it goes.
        let gcc = left(&format!("{i} gcc")).0;
        assert_eq!(left(&format!("{i} gcc && apt-get purge -y gcc")), (gcc - 1, 1));
        assert_eq!(left(&format!("{i} build-essential && apt-get purge -y make")).1, 3);
        // What was there before stays.
        assert_eq!(left(&format!("{i} curl && apt-get purge -y wget")), (curl, 0));
    }

    #[test]
    fn no_more_installs_than_the_bound_are_looked_at() {
        let many = "apt-get install -y curl; ".repeat(2 * MAX_INSTALLS);
        let installs = found(&format!("FROM debian:12\nRUN {many}\n"));
        assert_eq!(installs.len(), MAX_INSTALLS);
        assert_eq!(installs[..2], [(22, 16, true), (0, 0, true)]);
        assert_eq!(installs[MAX_INSTALLS - 1], (0, 0, true));
    }

    #[test]
    fn what_an_install_saves_goes_by_what_was_there_before_it() {
        let text = "FROM debian:12\nRUN apt-get install -y curl\nRUN apt-get install -y curl git\n";
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Model::new(file);
        let installs = apt_installs(&model);
        let saved = |install: &AptInstall<'_>, name: &str| install.saved_without(|n| n == name);
        assert_eq!(saved(&installs[0], "curl"), installs[0].adds.bytes);
        assert_eq!(saved(&installs[1], "curl"), 0);
        assert_eq!(saved(&installs[1], "git"), installs[1].adds.bytes);
    }

    #[test]
    fn installs_cross_threads() {
        fn held<T: Send>() {}
        held::<History>();
    }
}
