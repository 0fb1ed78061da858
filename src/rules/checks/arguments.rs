//! Rules about ARG: where it counts, and what it takes the place of.

use std::collections::{HashMap, HashSet};

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Base, Builder, CopyFrom, Model, PLATFORM_ARGS, ScriptKind, StageId, WithoutArgs};
use crate::shell::PartKind;
use crate::syntax::{ArgDecl, Instruction, Kind, Mount, Word};
use crate::text::{Arrange, Edit, Span, holds};

use super::over_env::short;
use super::variables::{global_args, is_proxy, replaced, words};

/// Where a variable is declared that a stage uses without declaring it first.
#[derive(Clone, Copy)]
enum Declared<'m> {
    /// Above the first FROM.
    Above(&'m ArgDecl),
    /// Nowhere: BuildKit sets it for the platform.
    Platform,
    /// Only in a stage: another one, or further down in this one.
    InStage(Span),
}

/// Variables that every shell, or BuildKit without any ARG, sets.
const ALWAYS_SET: [&str; 12] =
    ["EUID", "HOME", "HOSTNAME", "IFS", "OLDPWD", "PATH", "PWD", "RANDOM", "SHELL", "SHLVL", "UID", "USER"];

/// `arg-outside-stage`.
pub fn outside_stage(cx: &mut Cx<'_>) {
    let model = cx.model;
    let globals: HashMap<&str, &ArgDecl> = global_args(model).map(|d| (&*d.name.text, d)).collect();
    let text = model.file.text();
    let platforms = holds(text, "TARGET") || holds(text, "BUILD");
    let last = last_declarations(model);
    if globals.is_empty() && last.is_empty() && !platforms {
        return;
    }
    let candidate = |name: &str| match globals.get(name) {
        Some(decl) => Some(Declared::Above(decl)),
        None if PLATFORM_ARGS.contains(&name) => Some(Declared::Platform),
        None => last.get(name).map(|last| Declared::InStage(*last)),
    };
    let mut reported: HashSet<(StageId, String)> = HashSet::new();
    for (step, instruction) in model.instructions() {
        let Some(stage) = model.stage_of(step).filter(|_| !instruction.is_trigger()) else { continue };
        let mut uses: Vec<(String, Declared<'_>, Span)> = Vec::new();
        replaced(model, instruction, |variable, span| {
            // `ARG VERSION=${VERSION}` means itself.
            let is_itself = |declared: &Declared<'_>| matches!(declared, Declared::InStage(arg) if instruction.span.contains(*arg));
            let declared = candidate(&variable.name).filter(|declared| !is_itself(declared));
            uses.extend(declared.map(|declared| (variable.name.to_string(), declared, span)));
        });
        in_script(model, step, |name, span| {
            // The runtime or the shell sets it, whatever is declared.
            if ALWAYS_SET.contains(&name) {
                return;
            }
            // What a script lacks may be meant to come from the base image.
            let counts = |declared: &Declared<'_>| !matches!(declared, Declared::InStage(arg) if arg.start < span.start);
            let declared = candidate(name).filter(counts);
            uses.extend(declared.map(|declared| (name.to_owned(), declared, span)));
        });
        for (name, declared, span) in uses {
            let name = &*name;
            // `--mount=type=secret,env=NAME`
            let is_mounted =
                |mount: &Mount| mount.option(&["env"]).is_some_and(|o| o.value.as_deref() == Some(name));
            if model.environment(step).binding(name).is_some()
                || instruction.mounts.iter().any(is_mounted)
                || model.base_sets(stage, name)
                || reported.contains(&(stage.index, name.to_owned()))
            {
                continue;
            }
            // A base image may set what is declared, and not the platform.
            let sure = model.base_leaves_unset(stage, name);
            let may_be_set = match (declared, sure) {
                (Declared::Platform, _) => matches!(stage.base, Base::Unknown) && sure.is_none(),
                (_, Some(sure)) => !sure && model.image_may_set(stage, name),
                (_, None) => true,
            };
            if may_be_set || is_set_by_script(model, step, name) {
                continue;
            }
            let later = declared_later(model, step, name);
            let message = match (declared, later) {
                (_, Some(_)) => format!("`{name}` is empty here: this stage declares its ARG further down"),
                (Declared::InStage(_), None) => {
                    format!("`{name}` is empty here: its ARG applies only to another stage")
                }
                (Declared::Platform, None) => {
                    format!("`{name}` is empty here: a stage gets it only if it declares it")
                }
                (Declared::Above(_), None) => {
                    format!("`{name}` is empty here: an ARG above the first FROM applies to FROM lines only")
                }
            };
            reported.insert((stage.index, name.to_owned()));
            let mut finding = cx.at(span, message);
            match declared {
                Declared::Above(decl) => finding = finding.label(decl.span, "declared here"),
                Declared::InStage(last) if later.is_none() => finding = finding.label(last, "declared here"),
                Declared::InStage(_) | Declared::Platform => {}
            }
            finding = match later {
                Some(later) => finding.label(later, "too late").help("move this ARG above the line"),
                None => {
                    let is_above = matches!(declared, Declared::Above(_));
                    let takes_over = if is_above { "; it inherits the default" } else { "" };
                    // What another stage falls back to is not inherited.
                    let written = match declared {
                        Declared::InStage(last) => plain_declaration(model.text(last), name),
                        Declared::Above(_) | Declared::Platform => name,
                    };
                    finding
                        .help(format!("write `ARG {written}` above this line, in this stage{takes_over}"))
                        .fix(declare(model, instruction, name, written))
                }
            };
            cx.report(finding);
        }
    }
}

/// The last ARG in a stage that declares each argument.
fn last_declarations(model: &Model) -> HashMap<&str, Span> {
    let mut last = HashMap::new();
    for (_, instruction) in model.instructions().filter(|(step, _)| model.stage_of(*step).is_some()) {
        let Kind::Arg(decls) = &instruction.kind else { continue };
        let counts = |decl: &&ArgDecl| !ALWAYS_SET.contains(&&*decl.name.text) && !is_proxy(&decl.name.text);
        let decls = decls.iter().filter(counts);
        last.extend(decls.map(|decl| (&*decl.name.text, decl.span)));
    }
    last
}

/// A declaration as another stage can have it: with its default, unless that depends on other variables.
fn plain_declaration<'t>(text: &'t str, name: &'t str) -> &'t str {
    if text.contains(['$', '\n', '`']) { name } else { text }
}

/// Declares the argument in the line above.
fn declare(model: &Model, instruction: &Instruction, name: &str, written: &str) -> Fix {
    let ending = if model.file.text().contains("\r\n") { "\r\n" } else { "\n" };
    let edit = Edit::insert(instruction.span.start, format!("ARG {written}{ending}"));
    Fix::uncertain(format!("declare `{name}` in this stage"), [edit])
}

/// Where an ARG of the stage of `step` declares `name` further down.
fn declared_later(model: &Model, step: usize, name: &str) -> Option<Span> {
    let stage = model.stage_of(step)?;
    model.instructions_of(stage).filter(|(s, i)| *s > step && !i.is_trigger()).find_map(|(_, i)| {
        match &i.kind {
            Kind::Arg(decls) => decls.iter().find(|d| &*d.name.text == name).map(|d| d.span),
            _ => None,
        }
    })
}

/// The variables that the script of a RUN uses as they are.
pub(super) fn in_script<'m>(model: &'m Model, step: usize, mut each: impl FnMut(&'m str, Span)) {
    if !matches!(model.instruction(step).kind, Kind::Run(_)) {
        return;
    }
    let Some(script) = model.script_of(step).filter(|s| !s.exec && s.kind == ScriptKind::Run) else { return };
    for command in &script.script.commands {
        let values = command.assignments.iter().filter_map(|a| a.value.as_ref());
        let targets = command.redirects.iter().filter_map(|r| r.target.as_ref());
        for word in command.words.iter().chain(values).chain(targets).filter(|w| w.has_expansion()) {
            for part in &word.parts {
                match &part.kind {
                    PartKind::Variable(name) => each(name, part.span),
                    PartKind::Parameter(name) => {
                        // `${x%y}` is empty without `x`; `${x:-y}` has an answer.
                        let text = model.text(part.span);
                        let rest = text.strip_prefix("${").and_then(|t| t.strip_prefix(&**name));
                        if rest.is_some_and(|r| r.starts_with(['%', '#', '/', '^', ','])) {
                            each(name, part.span);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// True if the script of a RUN sets the variable itself, or may.
pub(super) fn is_set_by_script(model: &Model, step: usize, name: &str) -> bool {
    let instruction = model.instruction(step);
    if !matches!(instruction.kind, Kind::Run(_)) {
        return false;
    }
    let text = model.text(instruction.span);
    let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let sets = text.match_indices(name).any(|(at, _)| {
        let before = text[..at].trim_end();
        let rest = &text.as_bytes()[at + name.len()..];
        !is_part(at.checked_sub(1).and_then(|i| text.as_bytes().get(i)))
            && !is_part(rest.first())
            && (rest.first() == Some(&b'=')
                || rest.starts_with(b"+=")
                || before.ends_with("for")
                || before.ends_with("read")
                || before.ends_with("-r")
                || before.ends_with("local"))
            || text[..at].ends_with("${") && (rest.starts_with(b":=") || rest.starts_with(b"="))
    });
    let mut reads =
        model.commands_of(step).filter(|c| matches!(c.program(), "." | "source" | "eval" | "read"));
    sets || reads.next().is_some()
}

/// `platform-arg-default`.
pub fn platform_default(cx: &mut Cx<'_>) {
    // The others put the platform before the default.
    if !cx.model.is_built_by(Builder::is_buildkit) {
        return;
    }
    for (_, instruction) in cx.model.instructions() {
        let Kind::Arg(decls) = &instruction.kind else { continue };
        for decl in decls.iter().filter(|d| PLATFORM_ARGS.contains(&&*d.name.text)) {
            let Some(default) = decl.default.as_ref().filter(|d| !d.text.contains('$')) else { continue };
            let name = &decl.name.text;
            let shown: String = default.text.chars().take(40).collect();
            let message = if shown.trim_matches('"').is_empty() {
                format!("`{name}` is always empty here: this default overrides the value that BuildKit sets")
            } else {
                format!(
                    "`{name}` is `{shown}` for every platform: this default overrides the value that BuildKit sets"
                )
            };
            let mut finding = cx.at(decl.span, message).help(format!("write `ARG {name}`"));
            if decl.name.exact && default.exact {
                let edit = Edit::replace(decl.span, &**name);
                finding = finding.fix(Fix::uncertain("remove the default", [edit]));
            }
            cx.report(finding);
        }
    }
}

/// `empty-copy-source`.
pub fn empty_source(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &model.instruction(copy.step).kind else {
            continue;
        };
        for word in
            transfer.paths().filter(|w| w.text.contains('$') || w.text.trim_matches(['"', '\'']).is_empty())
        {
            let plain = WithoutArgs::at(model, copy.step);
            let open =
                word.variables().ok().and_then(|v| v.into_iter().find(|v| plain.is_left_open(&v.name)));
            if !plain.is_empty(word) {
                continue;
            }
            // One that is the only source is meant to be given.
            let alone = copy.sources.len() < 2;
            let whole = match &copy.from {
                CopyFrom::Context => "the whole build context",
                _ => "the whole file system of the stage or image that it copies from",
            };
            let shown = short(&word.text);
            let (message, help) = match open {
                Some(_) if alone => continue,
                Some(variable) => (
                    format!(
                        "without `--build-arg {}=…` this source is empty, and an empty source means {whole}",
                        variable.name
                    ),
                    format!(
                        "write `${{{}:-FILE}}` with a file that exists, or copy it with a separate instruction",
                        variable.name
                    ),
                ),
                None => (
                    format!("`{shown}` is empty, and an empty source means {whole}"),
                    "name what is to be copied, or remove the source".to_owned(),
                ),
            };
            cx.report(cx.at(word.span, message).help(help));
        }
    }
}

/// `single-quoted-variable`.
pub fn single_quoted(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        // A pair's own name may stand in its value.
        let keys: Vec<&str> = match &instruction.kind {
            Kind::Env(pairs) => pairs.iter().map(|p| &*p.key.text).collect(),
            _ => Vec::new(),
        };
        words(instruction, |word| {
            if !word.text.contains('\'') || !word.text.contains('$') {
                return;
            }
            let Some((segment, range)) = quoted_variable(word) else { return };
            let written = &word.text[range.clone()];
            let name = written.trim_start_matches('$').trim_matches(['{', '}']);
            let is_set =
                name == "PATH" || keys.contains(&name) || model.environment(step).binding(name).is_some();
            if !is_set {
                return;
            }
            let message = format!("single quotes keep `{written}` as it is: `{name}` is not expanded");
            let mut finding = cx.at(word.part(range), message).help("use double quotes");
            let inside = &word.text[segment.start + 1..segment.end - 1];
            if word.exact && !inside.contains(['"', '\\', '`']) && inside.matches('$').count() == 1 {
                let edit = Edit::replace(word.part(segment), format!("\"{inside}\""));
                finding = finding.fix(Fix::uncertain("use double quotes", [edit]));
            }
            cx.report(finding);
        });
    }
}

/// The first `$NAME` in single quotes: the quoted part of the word, and the variable.
fn quoted_variable(word: &Word) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let text = &*word.text;
    let escape = word.escape.char();
    let mut chars = text.char_indices();
    let mut double = false;
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == escape => {
                chars.next();
            }
            '"' => double = !double,
            '\'' if !double => {
                let len = text.get(at + 1..)?.find('\'')?;
                let inside = text.get(at + 1..at + 1 + len)?;
                if let Some(variable) = variable(inside) {
                    let shift = at + 1;
                    return Some((at..at + len + 2, variable.start + shift..variable.end + shift));
                }
                while chars.next().is_some_and(|(i, _)| i < at + 1 + len) {}
            }
            _ => {}
        }
    }
    None
}

/// The first `$NAME` or `${NAME}` of a text.
fn variable(text: &str) -> Option<std::ops::Range<usize>> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = text.get(at + 1..)?;
        let (open, name) = rest.strip_prefix('{').map_or((0, rest), |name| (1, name));
        let len = name.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let closed = open == 0 || name.get(len..)?.starts_with('}');
        (starts && closed).then(|| at..at + 1 + len + 2 * open)
    })
}

/// `unused-global-arg`.
pub fn unused_global(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut counts: HashMap<&str, (usize, &ArgDecl)> = HashMap::new();
    for decl in global_args(model) {
        counts.entry(&decl.name.text).or_insert((0, decl));
    }
    if counts.is_empty() {
        return;
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (_, instruction) in model.instructions() {
        let bodies = instruction.heredocs.iter().map(|h| model.text(h.body));
        for text in bodies.chain([instruction.logical.text()]) {
            for word in text.split(|c| !is_part(c)).filter(|w| !w.is_empty()) {
                if let Some((count, _)) = counts.get_mut(word) {
                    *count += 1;
                }
            }
        }
    }
    let mut unused: Vec<&ArgDecl> =
        counts.values().filter(|(count, _)| *count < 2).map(|(_, d)| *d).collect();
    unused.arrange_by_key(|d| d.span);
    for decl in unused {
        let name = &*decl.name.text;
        // What BuildKit itself reads.
        let is_known = name.starts_with("BUILDKIT_")
            || name.to_ascii_lowercase().ends_with("_proxy")
            || matches!(name, "SOURCE_DATE_EPOCH" | "DOCKER_BUILDKIT")
            || PLATFORM_ARGS.contains(&name);
        if is_known {
            continue;
        }
        let message = format!("no FROM uses `{name}`, and no stage declares it: it has no effect");
        cx.report(
            cx.at(decl.span, message)
                .help(format!("remove it, or write `ARG {name}` in the stage that needs it")),
        );
    }
}
