//! What a build context carries along: bytes that no image needs, and secrets.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use dockerignore::filepath::{clean, has_wildcard, path_match};
use dockerignore::{IgnoreFile, Matcher};

use crate::context::{Notable, Secret, SecretKind};
use crate::diag::{Part, Saving, Severity, format_bytes};
use crate::knowledge::{Action, ManagerId, TEST_FOLDERS};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, BuildContext, Cmd, CopyFrom, CopyUse, Model, ScriptKind, SourceKind, Stage, is_named_for_work,
    why_needed,
};
use crate::shell::Word;
use crate::text::{Arrange, Span};

use super::all;
use super::build_reads::{NamedFiles, has_git_for_version};
use super::source::at_source;

/// Less than this is not worth a line, in bytes.
const WORTH_BYTES: u64 = 1_000_000;

/// How many things a message names.
const NAMED: usize = 3;

/// A source of a copy: the number of the copy's query, and which of its sources.
type Taker = (usize, usize);

/// Of source `path` (relative and clean), what of `file` lies below it; `None` if it does not take it.
fn below<'p>(path: &str, file: &'p str) -> Option<&'p str> {
    if path.is_empty() {
        return Some(file);
    }
    let parts = path.split('/').count();
    let end = file.match_indices('/').nth(parts - 1).map_or(file.len(), |(at, _)| at);
    let start = file.get(..end)?;
    let hit = if has_wildcard(path) { path_match(path.as_bytes(), start.as_bytes()) } else { path == start };
    hit.then(|| file.get(end..).unwrap_or("").trim_start_matches('/'))
}

/// A source that takes something from the context.
struct Candidate<'m> {
    taker: Taker,
    copy: &'m CopyUse,
    /// The stage that is copied into.
    stage: &'m Stage,
    /// Relative and clean, empty for the whole.
    path: String,
    /// A copy comes before a mount, and what ends up in the final image before the rest.
    rank: (bool, bool),
}

fn candidates<'m>(model: &'m Model) -> Vec<Candidate<'m>> {
    let mut candidates = Vec::new();
    for (number, copy, stage) in model.copies_made() {
        if copy.from != CopyFrom::Context || !stage.reachable {
            continue;
        }
        let rank = (copy.mount, !stage.in_final_image);
        for (at, source) in copy.sources.iter().enumerate().filter(|(_, s)| s.kind == SourceKind::Path) {
            if let Some(path) = source.value.known() {
                let path = clean(&format!("/{path}")).trim_start_matches('/').to_owned();
                candidates.push(Candidate { taker: (number, at), copy, stage, path, rank });
            }
        }
        // Which arguments a trigger gets is not asked.
        let whole = if model.is_trigger(copy.step) { Vec::new() } else { model.whole_sources(copy) };
        for at in whole {
            candidates.push(Candidate { taker: (number, at), copy, stage, path: String::new(), rank });
        }
    }
    candidates.arrange_by_key(|c| (c.rank, c.taker));
    candidates
}

/// The first source that takes `file` along with others; `named` also allows one that names just it.
fn taker(candidates: &[Candidate<'_>], file: &str, named: bool) -> Option<Taker> {
    let takes = |c: &&Candidate<'_>| {
        below(&c.path, file).is_some_and(|rest| (named || !rest.is_empty()) && !is_excluded(c.copy, rest))
    };
    candidates.iter().find(takes).map(|c| c.taker)
}

/// True if `--exclude` leaves out what lies at `rest` below the source.
fn is_excluded(copy: &CopyUse, rest: &str) -> bool {
    let Some(query) = copy.query.as_ref().filter(|q| !q.excludes.is_empty()) else { return false };
    let excludes = IgnoreFile::from_patterns(&query.excludes);
    !rest.is_empty() && Matcher::new(&excludes).is_excluded(rest)
}

/// `wasteful-context`.
pub fn context(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    let candidates = candidates(model);
    let mut by_source: BTreeMap<Taker, Vec<&Notable>> = BTreeMap::new();
    for notable in &context.scan.notable {
        if notable.sent.files == 0 || is_needed(model, notable) || is_brought_back(context, notable) {
            continue;
        }
        let is_read = || context.reads_history || is_said_to_be_read(model, &candidates);
        if notable.name == ".git" && is_read() {
            continue;
        }
        let Some(taker) = taker(&candidates, &notable.example, false) else { continue };
        let is_asked = |c: &Candidate<'_>| has_git_for_version(model, c.stage, c.copy.step);
        if notable.name == ".git" && candidates.iter().find(|c| c.taker == taker).is_some_and(is_asked) {
            continue;
        }
        by_source.entry(taker).or_default().push(notable);
    }
    for ((number, at), mut waste) in by_source {
        let bytes = waste.iter().fold(0_u64, |sum, n| sum.saturating_add(n.sent.bytes));
        let Some(candidate) = candidates.iter().find(|c| c.taker == (number, at)) else { continue };
        let Candidate { copy, stage, .. } = *candidate;
        let Some(source) = copy.sources.get(at) else { continue };
        let replaced = waste.iter().find_map(|n| Some((n.name, replaced(model, candidate, n)?)));
        if bytes < WORTH_BYTES && replaced.is_none() && !waste.iter().any(|n| n.name == ".git") {
            continue;
        }
        waste.arrange_by(|a, b| (b.sent.bytes, a.name).cmp(&(a.sent.bytes, b.name)));
        let named: Vec<String> =
            waste.iter().map(|n| format!("{} ({})", n.name, format_bytes(n.sent.bytes))).collect();
        let in_image = stage.in_final_image;
        let several = waste.len() > 1;
        let (verb, effect) = match (copy.mount, in_image, several) {
            (true, ..) => ("sends", "all of it is sent to the builder"),
            (_, true, false) => {
                ("copies", "the image carries it, and any change to it invalidates the cache")
            }
            (_, true, true) => {
                ("copies", "the image carries them, and any change to them invalidates the cache")
            }
            (_, false, false) => {
                ("copies", "it is sent to the builder, and any change to it invalidates the cache")
            }
            (_, false, true) => {
                ("copies", "they are sent to the builder, and any change to them invalidates the cache")
            }
        };
        let effect = match &replaced {
            Some((name, before)) => {
                let line = model.instruction(before.step).lines.0;
                let what = match &before.command {
                    Some(command) if *name == "target" => format!("`{command}` in line {line} has built"),
                    Some(command) => format!("`{command}` in line {line} has installed"),
                    None => format!("line {line} has copied from another stage"),
                };
                // What composer installs is the same everywhere.
                let by = if *name == "vendor" {
                    "what lies here"
                } else {
                    "files that were built for another machine"
                };
                format!("{name} replaces what {what}, with {by}")
            }
            None => effect.to_owned(),
        };
        let mut lines: Vec<String> = Vec::new();
        for notable in &waste {
            let line = format!("`{}`", notable.line);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        let file = match context.ignore {
            Some(_) => "at the end of the ignore file",
            None => "to a new `.dockerignore`",
        };
        let plural = if lines.len() == 1 { "the line" } else { "the lines" };
        let message = format!("this source also {verb} {}: {effect}", list(&named));
        let mut finding = at_source(cx, source.span, copy, stage, message).help(format!(
            "add {plural} {} {file}{}",
            all(&lines),
            unless_read(&waste)
        ));
        if let Some((_, before)) = replaced {
            let what = if before.command.is_some() { "installed here" } else { "copied here" };
            finding = finding.label(before.span, what);
        }
        if in_image && !copy.mount {
            finding = finding.saving(Saving::measured(bytes, "build context").of(Part::Copied(copy.step)));
        }
        cx.report(finding);
    }
}

/// What a copy lays the host's files over.
struct Replaced {
    step: usize,
    /// The command that has installed it; `None` if a COPY has brought it from another stage.
    command: Option<String>,
    span: Span,
}

/// What has brought that which a copy lays the host's over: to the same folder, in the same stage or one that this
/// starts from.
fn replaced(model: &Model, candidate: &Candidate<'_>, notable: &Notable) -> Option<Replaced> {
    let managers: &[ManagerId] = match (notable.name, notable.what) {
        ("node_modules", _) => ManagerId::OF_NODE_MODULES,
        (".venv", _) => &[ManagerId::Uv, ManagerId::Poetry, ManagerId::Pipenv],
        ("venv", _) => &[],
        ("vendor", _) => &[ManagerId::Composer],
        ("target", "Cargo's build output") => &[ManagerId::Cargo],
        ("target", _) => &[ManagerId::Maven],
        _ => return None,
    };
    let copy = candidate.copy;
    let destination = copy.destination.known().filter(|_| !copy.mount)?;
    let stage = candidate.stage;
    let place = below(&candidate.path, &notable.example)?;
    let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
    let folder = clean(&format!("{destination}/{parent}"));
    let is_own = |step: usize| step < copy.step && model.inherits_step(stage, step);
    let by = |cmd: Cmd<'_>| Replaced {
        step: cmd.step(),
        command: Some(model.text(cmd.head_span()).to_owned()),
        span: cmd.head_span(),
    };
    let whole = clean(&format!("{folder}/{}", notable.name));
    let mut installs = model.installs().take_while(|i| i.cmd.step() < copy.step).map(|i| i.cmd);
    let install = installs.find(|cmd| {
        let here = model.workdir(cmd.step()).known().map(|w| w.trim_end_matches('/'));
        is_own(cmd.step())
            && cmd.usage.manager.is_some_and(|m| managers.contains(&m.id))
            && !cmd.script().changes_folder
            && here == Some(folder.trim_end_matches('/'))
    });
    if let Some(install) = install {
        return Some(by(install));
    }
    let is_environment = matches!(notable.name, ".venv" | "venv");
    let makers = ["python", "python3", "virtualenv"].into_iter().filter(|_| is_environment);
    let maker = makers.flat_map(|name| model.commands_named(name)).find(|cmd| {
        let makes = cmd.program() == "virtualenv" || cmd.args().iter().any(|word| word.is("venv"));
        let names = |word: &Word| cmd.paths_of(word).iter().any(|path| path.trim_end_matches('/') == whole);
        makes && cmd.script().kind == ScriptKind::Run && is_own(cmd.step()) && cmd.args().iter().any(names)
    });
    if let Some(maker) = maker {
        let command = match maker.program() {
            "virtualenv" => "virtualenv".to_owned(),
            program => format!("{program} -m venv"),
        };
        return Some(Replaced { command: Some(command), ..by(maker) });
    }
    // Built on this machine in another stage.
    let mut copies =
        model.copies.iter().filter(|c| is_own(c.step) && !c.mount && c.from != CopyFrom::Context);
    let brought = copies.find(|c| {
        let to = c.destination.known().map(|to| to.trim_end_matches('/'));
        matches!(c.from, CopyFrom::Stage(_))
            && to == Some(&*whole)
            && matches!(notable.name, "node_modules" | ".venv" | "venv" | "vendor")
    });
    brought.map(|c| Replaced { step: c.step, command: None, span: model.instruction(c.step).keyword_span })
}

/// A build script may ask for the version where no file of the root says so.
fn unless_read(waste: &[&Notable]) -> &'static str {
    match waste {
        [only] if only.name == ".git" => ", unless the build reads its version from the history",
        _ if waste.iter().any(|n| n.name == ".git") => {
            "; keep `.git` if the build reads its version from the history"
        }
        _ => "",
    }
}

/// True if a comment at one of the copies says that the history is wanted.
fn is_said_to_be_read(model: &Model, candidates: &[Candidate<'_>]) -> bool {
    let says = |comment: Span| {
        let words = model.text(comment).split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        words.into_iter().any(|word| word.trim_end_matches('.') == ".git")
    };
    candidates.iter().any(|c| model.file.comments_before(c.copy.step).any(says))
}

/// True if the ignore file brings back a file of this kind: the line that leaves out the others would take it, too.
fn is_brought_back(context: &BuildContext, notable: &Notable) -> bool {
    let Some((ignore, _)) = context.ignore() else { return false };
    let mut back = ignore.patterns().iter().filter(|pattern| pattern.is_negated()).peekable();
    if back.peek().is_none() {
        return false;
    }
    let added = IgnoreFile::from_patterns([&*notable.line]);
    let matcher = Matcher::new(&added);
    back.any(|pattern| matcher.is_excluded(pattern.as_str()))
}

/// True if the build seems to want a thing from the context, as it does not make it itself.
fn is_needed(model: &Analysis, notable: &Notable) -> bool {
    if why_needed(model, notable).is_some() {
        return true;
    }
    let runs = |programs: &[&str], actions: &[&str]| {
        programs.iter().any(|p| {
            model.commands_named(p).any(|c| {
                c.usage.action == Action::Install
                    || actions.is_empty()
                    || c.subcommand().is_none()
                    || actions.iter().any(|a| c.is_subcommand(a))
            })
        })
    };
    match notable.name {
        ".git" => model.history_command().is_some(),
        "node_modules" => !runs(&["npm", "yarn", "pnpm", "bun"], &["ci"]),
        "vendor" => !runs(&["composer"], &[]),
        "bower_components" => !runs(&["bower"], &[]),
        "target" => !runs(&["cargo", "mvn", "mvnw"], &[]),
        _ => false,
    }
}

/// `a, b and 3 more`.
fn list(items: &[String]) -> String {
    if items.len() <= NAMED + 1 {
        return all(items);
    }
    format!("{} and {} more", items.get(..NAMED).unwrap_or_default().join(", "), items.len() - NAMED)
}

/// `secret-in-context`.
pub fn secret(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    if context.scan.secrets.is_empty() {
        return;
    }
    let candidates = candidates(model);
    let mut by_source: BTreeMap<Taker, Vec<&Secret>> = BTreeMap::new();
    // Whoever has the repository has the keys of its tests, and those that say they are none.
    let is_known = |s: &&Secret| {
        let is_key = matches!(s.kind, SecretKind::PrivateKey | SecretKind::KeyStore);
        is_key && (is_for_tests(model.file.source.name()) || is_made_up(&s.path))
            || (is_key || matches!(s.kind, SecretKind::Environment | SecretKind::HostPasswords))
                && is_for_tests(&s.path)
    };
    let named = LazyCell::new(|| NamedFiles::of(model));
    let is_ignored = |secret: &Secret| context.ignored_by_git.contains(&*secret.path);
    for secret in context.scan.secrets.iter().filter(|s| !is_known(s)) {
        let Some(taker) = taker(&candidates, &secret.path, true) else { continue };
        let candidate = candidates.iter().find(|c| c.taker == taker);
        // What is committed is no secret of this build, unless its image spreads it.
        let is_public = || {
            matches!(secret.kind, SecretKind::Environment | SecretKind::PrivateKey | SecretKind::KeyStore)
                && !is_ignored(secret)
                && candidate.is_some_and(|c| !c.copy.mount && !may_ship(model, c, secret))
        };
        // The build needs committed settings that a RUN behind names: without them it fails.
        let is_needed = || {
            secret.kind == SecretKind::Environment
                && !is_ignored(secret)
                && candidate.is_some_and(|c| {
                    place(c, secret).is_some_and(|path| named.has_after(model, &path, c.stage, c.copy.step))
                })
        };
        if !is_public() && !is_needed() {
            by_source.entry(taker).or_default().push(secret);
        }
    }
    for ((number, at), mut secrets) in by_source {
        // What only this machine has comes first.
        secrets.arrange_by_key(|secret| !is_ignored(secret));
        let Some(candidate) = candidates.iter().find(|c| c.taker == (number, at)) else { continue };
        let Candidate { copy, stage, .. } = *candidate;
        let Some(source) = copy.sources.get(at) else { continue };
        let in_image = !copy.mount && stage.in_final_image;
        let named: Vec<String> =
            secrets.iter().map(|s| format!("`{}` ({})", s.path, describe(s.kind))).collect();
        let ships = secrets.iter().any(|secret| may_ship(model, candidate, secret));
        let effect = match (copy.mount, in_image, secrets.len()) {
            (false, true, 1) => "everyone who has the image can read it",
            (false, true, _) => "everyone who has the image can read them",
            (false, false, 1) if ships => {
                "it stays in the build cache, and a later COPY may take it into the image"
            }
            (false, false, _) if ships => {
                "they stay in the build cache, and a later COPY may take them into the image"
            }
            (false, false, 1) => "it stays in the build cache, which others may share",
            (false, false, _) => "they stay in the build cache, which others may share",
            (true, _, 1) => "it is sent to the builder",
            (true, _, _) => "they are sent to the builder",
        };
        let verb = if copy.mount { "sends" } else { "copies" };
        let file = match context.ignore {
            Some(_) => "at the end of the ignore file",
            None => "to a new `.dockerignore`",
        };
        // What a COPY names, it must find.
        let is_named = |s: &&&Secret| candidates.iter().any(|c| c.path == s.path);
        let quoted = |s: &&Secret| format!("`{}`", s.path);
        let lines: Vec<String> = secrets.iter().filter(|s| !is_named(s)).map(quoted).collect();
        let by_name: Vec<String> = secrets.iter().filter(is_named).map(quoted).collect();
        let mut help = Vec::new();
        if !lines.is_empty() {
            let plural = if lines.len() == 1 { "the line" } else { "the lines" };
            help.push(format!("add {plural} {} {file}", all(&lines)));
        }
        if !by_name.is_empty() {
            help.push(format!("do not copy {}", all(&by_name)));
        }
        help.push(
            "use `--mount=type=secret` in a RUN that needs a secret, and mount the file when the container starts"
                .to_owned(),
        );
        let message = format!("this source {verb} {}: {effect}", list(&named));
        let mut finding = at_source(cx, source.span, copy, stage, message).help(help.join("; "));
        // Settings for development, and what tests need, are no leak as such.
        let grave = secrets.iter().any(|s| s.kind != SecretKind::Environment && !is_for_tests(&s.path));
        if !(in_image && grave) {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
}

/// True if a secret that a copy brings may get into the image.
fn may_ship(model: &Model, candidate: &Candidate<'_>, secret: &Secret) -> bool {
    model.may_ship(candidate.stage, place(candidate, secret).as_deref())
}

/// Where a copy puts a secret.
fn place(candidate: &Candidate<'_>, secret: &Secret) -> Option<String> {
    let (folder, rest) = candidate.copy.destination.known().zip(below(&candidate.path, &secret.path))?;
    // A source that names just it may get another name.
    Some(match rest {
        "" => clean(folder),
        rest => clean(&format!("{folder}/{rest}")),
    })
}

pub(super) const fn describe(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::Environment => "settings with secrets",
        SecretKind::PrivateKey => "a private key",
        SecretKind::KeyStore => "a key store",
        SecretKind::RegistryLogin => "a registry login",
        SecretKind::CloudCredentials => "cloud credentials",
        SecretKind::HostPasswords => "stored passwords",
        SecretKind::ClusterConfig => "access to a cluster",
        SecretKind::InfrastructureState => "Terraform state",
    }
}

/// True for a file whose name says that it protects nothing, or that is in a folder for work on the program.
fn is_made_up(path: &str) -> bool {
    // `usr/local` is a folder of the system.
    let own = path.replace("usr/local/", "");
    if !path.starts_with('/') && own.split('/').rev().skip(1).any(is_named_for_work) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "dummy" | "example" | "insecure" | "sample" | "snakeoil"))
}

/// True below a folder for tests. What is above the project, in an absolute path, says nothing of it.
pub(super) fn is_for_tests(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').any(|part| TEST_FOLDERS.contains(&part))
}
