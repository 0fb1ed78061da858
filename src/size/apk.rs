//! What the commands of apk in a Dockerfile add to its image, by the index of Alpine's main repository.

use std::collections::{HashMap, HashSet};

use crate::knowledge::{Action, Family, ManagerId, PackageIndex, apk_packages};
use crate::semantic::{Base, Cmd, Model, ScriptKind, Stage, StageId, family};
use crate::syntax::ImageRef;
use crate::text::Span;

use super::apt::{Installed, PackageSet, install};

/// The release whose index the table is, and the newest one: Alpine 3.22 and 3.24.
const RELEASE: u32 = 22;
const NEWEST: u32 = 24;
/// How far from the table the release may be of an image whose tag does not say it.
const UNSAID: u32 = 4;
/// The same where the packages of edge count as well.
const EDGE: u32 = NEWEST - RELEASE + 1;
/// Packages of older releases have other names and other sizes.
const MAX_APART: u32 = 10;

/// What the commands of apk in one RUN add together.
#[derive(Debug)]
pub(super) struct ApkStep {
    /// The words of the first command that installs something.
    pub(super) span: Span,
    /// What stays, by what they say.
    pub(super) adds: Installed,
    /// How many packages go again in the same RUN.
    pub(super) removed: usize,
    /// All that is installed, removed or not: the most that stays where the words do not say what goes.
    pub(super) most: u64,
    /// How many releases the image is from the one of the table.
    pub(super) apart: u32,
    /// False if it is not known what the base image has.
    pub(super) base_is_known: bool,
    /// True if names are hidden by variables, or packages come from files.
    pub(super) hidden: bool,
    /// True if packages come from a repository that the command names.
    pub(super) from_elsewhere: bool,
    /// True if it is not said in words what is removed, or a command may not run at all.
    pub(super) may_be_less: bool,
    /// What is there before it.
    before: PackageSet,
}

impl ApkStep {
    /// True if the index has a package of this name.
    pub(super) fn has_in_table(name: &str) -> bool {
        apk_packages().is_some_and(|table| table.find(name).is_some())
    }

    /// What other packages that need these names add to what it leaves.
    pub(super) fn with_more(&self, names: &[String]) -> Installed {
        let Some(table) = apk_packages() else { return Installed::default() };
        let mut there = self.before.clone();
        self.adds.packages.iter().for_each(|id| there.insert(*id));
        install(table, names.iter().map(String::as_str), there, false)
    }

    /// The packages that it leaves, those that weigh most first, with their bytes.
    pub(super) fn packages(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        apk_packages().map(|table| self.adds.named(table)).into_iter().flatten()
    }

    /// When the index was read, as year and month.
    pub(super) fn date() -> &'static str {
        apk_packages().map_or("", |table| table.date)
    }
}

/// What is there when a step begins.
#[derive(Clone)]
struct There {
    packages: PackageSet,
    apart: u32,
    base_is_known: bool,
}

/// What the RUNs of the stages that are built on Alpine add, by their steps.
pub(super) fn apk_steps(model: &Model) -> HashMap<usize, ApkStep> {
    let mut found = HashMap::new();
    let installs = |cmd: &Cmd<'_>| cmd.is(ManagerId::Apk, Action::Install);
    if !model.commands().any(|cmd| installs(&cmd)) {
        return found;
    }
    let Some(table) = apk_packages() else { return found };
    let mut ends: HashMap<StageId, There> = HashMap::new();
    for stage in &model.stages {
        let there = match &stage.base {
            Base::Stage(index) => ends.get(index).cloned(),
            _ => There::base(model, stage, table),
        };
        let Some(mut there) = there else { continue };
        for step in stage.steps.clone() {
            if model.commands_of(step).any(|cmd| adds_edge(&cmd)) {
                there.apart = there.apart.max(EDGE);
            }
            if let Some(adds) = step_adds(model, step, table, &there) {
                adds.adds.packages.iter().for_each(|id| there.packages.insert(*id));
                found.insert(step, adds);
            }
        }
        ends.insert(stage.index, there);
    }
    found
}

impl There {
    fn base(model: &Model, stage: &Stage, table: &PackageIndex) -> Option<Self> {
        let Base::Image(image) = model.root_base(stage) else { return None };
        if family(image) != Family::Alpine {
            return None;
        }
        let own = image.is_official() && image.familiar_path() == "alpine";
        let apart = releases_apart(image).filter(|apart| *apart <= MAX_APART)?;
        Some(Self { packages: PackageSet::new(table), apart, base_is_known: own })
    }
}

/// True for a command that names the repositories of edge: what is added from then on comes from there if it is newer.
fn adds_edge(cmd: &Cmd<'_>) -> bool {
    cmd.script().kind == ScriptKind::Run
        && !cmd.is(ManagerId::Apk, Action::Install)
        && cmd.args().iter().any(|word| word.static_prefix().contains("/alpine/edge/"))
}

/// How many releases an image is from the table, by its tag.
fn releases_apart(image: &ImageRef) -> Option<u32> {
    let tag = image.tag.as_deref().unwrap_or("latest");
    let of = |version: &str| {
        let minor: u32 = version.strip_prefix("3.")?.split('.').next()?.parse().ok()?;
        Some(minor.abs_diff(RELEASE))
    };
    if image.familiar_path() == "alpine" {
        return match tag {
            "latest" | "3" => Some(NEWEST - RELEASE),
            "edge" => Some(EDGE),
            tag => of(tag.split('-').next().unwrap_or(tag)),
        };
    }
    let mut parts = tag.split(['-', '_']).filter_map(|part| part.strip_prefix("alpine"));
    let said = parts.next().filter(|version| !version.is_empty());
    said.map_or(Some(UNSAID), of)
}

/// What the commands of one RUN add together; `None` if none of them installs anything.
fn step_adds(model: &Model, step: usize, table: &PackageIndex, there: &There) -> Option<ApkStep> {
    let mut step_adds: Option<ApkStep> = None;
    let (mut asked, mut groups): (Vec<String>, HashMap<String, Vec<String>>) = Default::default();
    let mut gone: HashSet<String> = HashSet::new();
    // What is asked for by its name stays when a group goes that has it.
    let mut by_name: HashSet<String> = HashSet::new();
    for cmd in model.commands_of(step) {
        if cmd.script().kind != ScriptKind::Run || cmd.script().onbuild || cmd.is_dry_run() {
            continue;
        }
        let adds = cmd.is(ManagerId::Apk, Action::Install);
        if adds && cmd.has_any_flag(&["-X", "--repository"]) {
            step_adds.get_or_insert_with(|| ApkStep::new(&cmd, there)).from_elsewhere = true;
        } else if adds && cmd.has_any_flag(&["-p", "--root"]) {
            // Into another folder.
            step_adds.get_or_insert_with(|| ApkStep::new(&cmd, there)).hidden = true;
        } else if adds {
            let of = step_adds.get_or_insert_with(|| ApkStep::new(&cmd, there));
            let within = &cmd.shell().place.within;
            of.may_be_less |= within.branch || within.condition || within.repeated || within.function;
            let known = cmd.packages();
            let spelled: HashSet<Span> = known.iter().map(|p| p.word.span).collect();
            let words = cmd.operands();
            of.hidden |= words.iter().any(|word| !spelled.contains(&word.span));
            let names: Vec<String> = known.into_iter().map(|p| p.name).collect();
            match group(&cmd) {
                Some(group) => groups.entry(group).or_default().extend(names.iter().cloned()),
                None => by_name.extend(names.iter().cloned()),
            }
            // What is installed again is wanted again.
            names.iter().for_each(|name| {
                gone.remove(name);
            });
            asked.extend(names);
        } else if cmd.is(ManagerId::Apk, Action::Remove) {
            // A branch may not be taken, and xargs says what goes while the build runs.
            if let Some(of) = step_adds.as_mut().filter(|_| !cmd.surely_runs() || cmd.operands().is_empty()) {
                of.may_be_less = true;
            }
            for word in cmd.operands() {
                match cmd.text_of(word) {
                    Some(text) => {
                        for name in text.split_ascii_whitespace() {
                            let group = groups.remove(name).unwrap_or_default();
                            gone.extend(group.into_iter().filter(|name| !by_name.contains(name)));
                            gone.insert(name.to_owned());
                        }
                    }
                    None => {
                        if let Some(of) = &mut step_adds {
                            of.may_be_less = true;
                        }
                    }
                }
            }
        }
    }
    let mut of = step_adds?;
    let all = install(table, asked.iter().map(String::as_str), there.packages.clone(), false);
    let stay = asked.iter().map(String::as_str).filter(|name| !gone.contains(*name));
    let mut adds = install(table, stay, there.packages.clone(), false);
    adds.unknown.retain(|name| !name.is_empty());
    of.most = all.bytes;
    of.removed = all.packages.len().saturating_sub(adds.packages.len());
    of.adds = adds;
    Some(of)
}

impl ApkStep {
    fn new(cmd: &Cmd<'_>, there: &There) -> Self {
        Self {
            span: cmd.head_span(),
            adds: Installed::default(),
            removed: 0,
            most: 0,
            apart: there.apart,
            base_is_known: there.base_is_known,
            hidden: false,
            from_elsewhere: false,
            may_be_less: false,
            before: there.packages.clone(),
        }
    }
}

/// The name under which `--virtual` puts what is installed.
fn group(cmd: &Cmd<'_>) -> Option<String> {
    let args = cmd.args();
    let joined = args.iter().find_map(|w| w.static_prefix().strip_prefix("--virtual="));
    let at = args.iter().position(|w| w.is("-t") || w.is("--virtual"));
    let behind = at.and_then(|at| args.get(at + 1)).and_then(|word| word.as_str());
    joined.or(behind).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    /// Packages that stay, that go again, and whether all is known of the last step.
    fn found(text: &str) -> (usize, usize, bool) {
        let model = Model::new(parse(Source::from_text("Dockerfile", text)));
        let mut steps: Vec<(usize, ApkStep)> = apk_steps(&model).into_iter().collect();
        steps.sort_by_key(|(step, _)| *step);
        let Some((_, last)) = steps.pop() else { return (0, 0, false) };
        let known = last.adds.unknown.is_empty() && !last.hidden && !last.may_be_less;
        (last.adds.packages.len(), last.removed, known)
    }

    #[test]
    fn closures_are_those_of_the_index() {
        let run = |run: &str| found(&format!("FROM alpine:3.22\nRUN {run}\n"));
        assert_eq!(run("apk add --no-cache curl"), (9, 0, true));
        assert_eq!(run("apk add git"), (11, 0, true));
        assert_eq!(run("apk add --no-cache curl git"), (12, 0, true));
        // The image has it.
        assert_eq!(run("apk add busybox musl"), (0, 0, true));
        assert_eq!(run("d='curl git' && apk add $d"), (12, 0, true));
        assert_eq!(found("FROM alpine:3.22\nENV DEPS='curl git'\nRUN apk add $DEPS\n"), (12, 0, true));
    }

    #[test]
    fn what_the_same_run_removes_is_not_added() {
        let run = |run: &str| found(&format!("FROM alpine:3.22\nRUN {run}\n"));
        assert_eq!(run("apk add --virtual .build gcc && make && apk del .build"), (0, 12, true));
        assert_eq!(run("apk add -t .b gcc && apk add curl && apk del .b"), (9, 11, true));
        assert_eq!(run("apk add curl gcc && apk del gcc"), (9, 11, true));
        // It is asked for by its name as well.
        assert_eq!(run("apk add -t .b gcc curl && apk add curl && apk del .b"), (9, 11, true));
        assert!(!run("apk add gcc && echo gcc | xargs apk del").2);
        assert!(!run("apk add gcc && if [ -n \"$K\" ]; then apk del gcc; fi").2);
        // It is not what that group has.
        assert_eq!(run("apk add --virtual .build gcc && apk del .other"), (12, 0, true));
        assert!(!run("apk add gcc && apk del $(cat list)").2);
    }

    #[test]
    fn what_is_hidden_is_not_known() {
        for run in [
            "apk add $MORE",
            "apk add curl no-such-package-at-all",
            "apk add ./own.apk",
            "apk add --root /other curl",
            "if test -n \"$X\"; then apk add curl; fi",
        ] {
            assert!(!found(&format!("FROM alpine:3.22\nRUN {run}\n")).2, "{run}");
        }
        assert_eq!(found("FROM debian:12\nRUN apk add curl\n"), (0, 0, false));
        assert_eq!(found("FROM alpine:3.3\nRUN apk add curl\n"), (0, 0, false));
    }

    #[test]
    fn releases_are_read_from_tags() {
        let apart = |image: &str| releases_apart(&ImageRef::parse(image).unwrap());
        assert_eq!(apart("alpine:3.22.2"), Some(0));
        assert_eq!((apart("alpine"), apart("alpine:3.20")), (Some(2), Some(2)));
        assert_eq!((apart("python:3.12-alpine3.19"), apart("python:3.12-alpine")), (Some(3), Some(UNSAID)));
        assert_eq!(apart("alpine:20230901"), None);
    }

    #[test]
    fn what_an_earlier_run_installed_is_there() {
        assert_eq!(found("FROM alpine:3.22\nRUN apk add curl\nRUN apk add curl git\n").0, 3);
    }
}
