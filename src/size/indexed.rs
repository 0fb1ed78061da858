//! What installs add by indexes of the user's own: where dlint has no table of the release, or not of the package.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::knowledge::{Action, Manager};
use crate::semantic::{Base, Cmd, CommandId, ConfigKeys, Model, ScriptKind, StageId};
use crate::syntax::ImageRef;
use crate::text::{Gather, Span};

use super::indexes::{Adds, Format, Indexes, Installing, Loaded};

/// More installs than that are not looked at.
const MAX_INSTALLS: usize = 500;

/// What one command installs, by indexes of the user's own.
#[derive(Debug)]
pub(super) struct IndexedInstall {
    /// What it adds, without what packages only recommend.
    pub(super) needs: Adds,
    /// What it adds.
    pub(super) adds: Adds,
    /// The names that it asks for and that an index has.
    pub(super) found: BTreeSet<String>,
    /// True if a table of dlint has the other packages that it installs.
    pub(super) is_rest: bool,
    /// True if variables hide names, or package files are installed.
    pub(super) is_hidden: bool,
    /// True if the same RUN removes packages.
    pub(super) is_removed: bool,
    /// Where its figures come from.
    pub(super) source: String,
}

/// What a table of dlint knows of an install.
pub(super) enum Known<'k> {
    /// Nothing: it has no table of the release.
    Nothing,
    /// All but the packages with these names; it has the packages of which the function says so.
    AllBut(Vec<&'k str>, Box<dyn Fn(&str) -> bool + 'k>),
    /// All.
    All,
}

/// What the installs of a build add of which no table of dlint knows all, by their commands.
pub(super) fn indexed_installs<'k>(
    model: &Model,
    indexes: &Indexes,
    arch: &str,
    known: &dyn Fn(&Cmd<'_>) -> Known<'k>,
) -> HashMap<CommandId, IndexedInstall> {
    let mut found = HashMap::new();
    let keys = ConfigKeys::default();
    let wanted =
        |cmd: &Cmd<'_>| Some((install(cmd)?, known(cmd))).filter(|(_, known)| !matches!(known, Known::All));
    // Nothing is read for a build that asks for nothing.
    if !model.commands().any(|cmd| wanted(&cmd).is_some()) {
        return found;
    }
    let loaded = indexes.get();
    if loaded.known.is_empty() {
        return found;
    }
    let mut ends: HashMap<StageId, Vec<(Format, Installing<'_>)>> = HashMap::new();
    for stage in &model.stages {
        let mut there = match &stage.base {
            Base::Stage(index) => ends.get(index).cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        let image = match model.root_base(stage) {
            Base::Image(image) => Some(image),
            _ => None,
        };
        for cmd in stage.steps.clone().flat_map(|step| model.commands_of(step)) {
            if found.len() >= MAX_INSTALLS {
                return found;
            }
            let Some(((manager, format), known)) = wanted(&cmd) else { continue };
            if let Some(installing) = of(&mut there, loaded, (format, image, arch), cmd.program()) {
                found.insert(cmd.id(), added(&cmd, (manager, &keys), installing, &known));
            }
        }
        ends.insert(stage.index, there);
    }
    found
}

/// The package manager of a command that installs, and what it reads.
pub(super) fn install(cmd: &Cmd<'_>) -> Option<(&'static Manager, Format)> {
    let manager = cmd.usage.manager?;
    let is_install = cmd.is(manager.id, Action::Install)
        && cmd.script().kind == ScriptKind::Run
        && !cmd.script().onbuild
        && !cmd.is_dry_run();
    Some((manager, Format::of(manager.id).filter(|_| is_install)?))
}

/// What is there of the packages of a format; what any image has that runs the program, where nobody has asked yet.
fn of<'t, 'i>(
    there: &'t mut Vec<(Format, Installing<'i>)>,
    loaded: &'i Loaded,
    (format, image, arch): (Format, Option<&ImageRef>, &str),
    program: &str,
) -> Option<&'t mut Installing<'i>> {
    let at = match there.iter().position(|(of, _)| *of == format) {
        Some(at) => at,
        None => {
            let mut installing = Installing::of(loaded, format, image, arch)?;
            installing.assume(if format == Format::Packages { "apt" } else { program });
            there.push((format, installing));
            there.len() - 1
        }
    };
    there.get_mut(at).map(|(_, installing)| installing)
}

fn added(
    cmd: &Cmd<'_>,
    (manager, keys): (&Manager, &ConfigKeys),
    installing: &mut Installing<'_>,
    known: &Known<'_>,
) -> IndexedInstall {
    let packages = cmd.packages();
    let spelled: HashSet<Span> = packages.iter().map(|package| package.word.span).collect();
    let is_hidden = packages.is_empty() || cmd.operands().iter().any(|word| !spelled.contains(&word.span));
    let mut names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let recommends = match manager.no_recommends_option {
        Some(_) => cmd.takes_recommended(keys),
        None => !manager.no_recommends.is_empty() && !cmd.has_any_flag(manager.no_recommends),
    };
    let none = |_: &str| false;
    let (is_rest, is_elsewhere): (bool, &dyn Fn(&str) -> bool) = match known {
        Known::AllBut(rest, has) => {
            let rest: HashSet<&str> = rest.iter().copied().collect();
            names.retain(|name| rest.contains(name));
            (true, has)
        }
        _ => (false, &none),
    };
    let needs = installing.clone().install(&names, false, is_elsewhere);
    let adds = installing.install(&names, recommends, is_elsewhere);
    let removes = |other: &Cmd<'_>| other.is(manager.id, Action::Remove);
    let is_removed = cmd.model.commands_of(cmd.step()).any(|other| removes(&other));
    let absent: HashSet<&str> = adds.absent.iter().map(String::as_str).collect();
    let is_found = |name: &&&str| !absent.contains(**name);
    let found = names.iter().filter(is_found).map(|name| (*name).to_owned()).gather();
    IndexedInstall { needs, adds, found, is_rest, is_hidden, is_removed, source: installing.source() }
}
