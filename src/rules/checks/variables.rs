//! Rules about variables that nothing sets.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use crate::diag::{Finding, Severity};
use crate::rules::Cx;
use crate::semantic::{Model, PLATFORM_ARGS, Stage};
use crate::syntax::{
    ArgDecl, Found, ImageRef, Instruction, Kind, Lookup, Operator, TransferSource, Value, Variable, Word,
};
use crate::text::{Span, nearest};

use super::exec_form::is_operator;

/// Total size of the defaults that are worked out, in bytes; later ones count as unknown.
const MAX_DEFAULT_BYTES: usize = 1 << 20;

/// At most so many names of a file are compared with others.
const MAX_GUESSES: usize = 64;

/// The variables of a word that count as empty where they are not set.
pub(super) fn bare_variables(word: &Word) -> impl Iterator<Item = Variable> {
    word.variables().unwrap_or_default().into_iter().filter(is_bare)
}

/// True for a variable that counts as empty where it is not set.
const fn is_bare(variable: &Variable) -> bool {
    !matches!(variable.operator, Operator::Default | Operator::Alternative | Operator::Required)
}

/// The ARGs before the first FROM.
pub(super) fn global_args(model: &Model) -> impl Iterator<Item = &ArgDecl> {
    let first = model.stages.first().map_or(usize::MAX, |s| s.steps.start);
    model.file.instructions.iter().take(first).flat_map(|i| match &i.kind {
        Kind::Arg(decls) => decls.as_slice(),
        _ => &[],
    })
}

/// Where an ARG of `name` stands, with the step, in any stage. One behind ONBUILD sets nothing in this build.
fn arg_in_stage<'m>(model: &'m Model, name: &str) -> impl Iterator<Item = (usize, &'m ArgDecl)> {
    let first = model.stages.first().map_or(usize::MAX, |s| s.steps.start);
    let steps = model.file.instructions.iter().enumerate().skip(first);
    steps.filter_map(move |(step, i)| match &i.kind {
        Kind::Arg(decls) if !i.is_trigger() => Some((step, decls.iter().find(|d| &*d.name.text == name)?)),
        _ => None,
    })
}

/// `undeclared-arg-in-from`.
pub fn undeclared_in_from(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut guesses = 0;
    // One without a default is declared, and a build that knows all arguments may still give it none.
    let declared = LazyCell::new(|| global_args(model).map(|d| &*d.name.text).collect::<HashSet<&str>>());
    for stage in &model.stages {
        let from = model.instruction(stage.steps.start);
        let platform = from.flag("platform").and_then(|f| f.word(model.file.escape));
        let globals = model.global_environment(stage.steps.start);
        for word in platform.iter().chain(&stage.base_word) {
            // A default that is empty helps as little as none.
            let blank = matches!(word.expand(&globals), Ok(Value::Known(value)) if value.is_empty());
            let variables: Vec<Variable> =
                if blank { word.variables().unwrap_or_default() } else { bare_variables(word).collect() };
            for variable in variables {
                let name = &*variable.name;
                if globals.get(name) != Found::Unset || declared.contains(name) {
                    continue;
                }
                let message = format!("`{name}` is not declared above the first FROM, so it is empty here");
                let mut finding = cx.at(word.part(variable.range), message);
                if blank {
                    finding = finding.kind("blank");
                }
                guesses += 1;
                let names = || global_args(model).map(|d| &*d.name.text).filter(|n| n.len() <= 64).take(256);
                let near = if guesses <= MAX_GUESSES { nearest(name, names()) } else { None };
                let declared = (guesses <= MAX_GUESSES).then(|| arg_in_stage(model, name).next()).flatten();
                if let Some((_, decl)) = declared {
                    finding = finding
                        .label(decl.span, "this one only counts in its own stage")
                        .help(format!("write `ARG {name}` above the first FROM"));
                } else if let Some(near) = near {
                    finding = finding.help(format!("did you mean `{near}`?"));
                } else {
                    finding = finding.help(format!("write `ARG {name}=DEFAULT` above the first FROM"));
                }
                cx.report(finding);
            }
        }
    }
}

/// The global arguments as a build without `--build-arg` has them.
struct Defaults<'m> {
    /// `None` is a value that is too long.
    values: HashMap<&'m str, Option<String>>,
    /// The last declaration of each.
    declared: HashMap<&'m str, &'m ArgDecl>,
    /// What else FROM sees: the platforms.
    globals: crate::semantic::Environment<'m>,
}

impl Lookup for Defaults<'_> {
    fn get(&self, name: &str) -> Found<'_> {
        match self.values.get(name) {
            Some(Some(value)) => Found::Known(value),
            Some(None) => Found::Unknown,
            None if self.declared.contains_key(name) => Found::Unset,
            None => self.globals.get(name),
        }
    }
}

impl<'m> Defaults<'m> {
    fn of(model: &'m Model) -> Self {
        let first = model.stages.first().map_or(0, |s| s.steps.start);
        let mut defaults = Self {
            values: HashMap::new(),
            declared: HashMap::new(),
            globals: model.global_environment(first),
        };
        let mut total = 0;
        for decl in global_args(model) {
            defaults.declared.insert(&decl.name.text, decl);
            let Some(word) = &decl.default else { continue };
            let value = word.expand(&defaults).unwrap_or(Value::Unknown);
            total += value.known().map_or(0, str::len);
            let kept = if total <= MAX_DEFAULT_BYTES { value.known().map(str::to_owned) } else { None };
            defaults.values.insert(&decl.name.text, kept);
        }
        defaults
    }
}

/// `invalid-default-arg-in-from`.
pub fn invalid_default(cx: &mut Cx<'_>) {
    let model = cx.model;
    let words = || model.stages.iter().filter_map(|s| s.base_word.as_ref());
    if !words().any(|w| w.text.contains('$')) {
        return;
    }
    let defaults = Defaults::of(model);
    for word in words() {
        let Ok(variables) = word.variables() else { continue };
        // An undeclared one is the matter of `undeclared-arg-in-from`; BuildKit has two warnings of it.
        let declared = variables.iter().find(|v| defaults.declared.contains_key(&*v.name));
        let Some(first) = declared.or_else(|| variables.first().filter(|_| cx.chosen.docker_check)) else {
            continue;
        };
        let Ok(Value::Known(value)) = word.expand(&defaults) else { continue };
        if ImageRef::parse(&value).is_ok() {
            continue;
        }
        let empty = |v: &&Variable| {
            let unset = matches!(defaults.get(&v.name), Found::Unset | Found::Known(""));
            unset && defaults.declared.contains_key(&*v.name)
        };
        let culprit = variables.iter().find(empty);
        if culprit.is_none() && word.text.contains("{{") {
            // A template, which `syntax-error` names where it can.
            continue;
        }
        let culprit = culprit.unwrap_or(first);
        let name = &culprit.name;
        let what = if value.is_empty() { "nothing".to_owned() } else { format!("`{}`", short(&value)) };
        let message = match declared {
            Some(_) => format!(
                "without `--build-arg {name}=…` this is {what}, which is not a valid image name: a plain `docker build` fails"
            ),
            None => {
                format!("`{name}` is empty here, and {what} is not a valid image name: `docker build` fails")
            }
        };
        let mut finding = cx.at(word.part(culprit.range.clone()), message);
        if value.is_empty() {
            finding = finding.kind("blank");
        }
        if let Some(decl) = defaults.declared.get(&**name) {
            let says =
                if decl.default.is_some() { "this default does not work" } else { "it has no default" };
            finding = finding.label(decl.span, says);
        }
        let place = if declared.is_none() { " above the first FROM" } else { "" };
        cx.report(finding.help(format!("give it a default that works: `ARG {name}=VALUE`{place}")));
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Words whose variables BuildKit itself replaces.
pub(super) fn words<'m>(instruction: &'m Instruction, mut each: impl FnMut(&'m Word)) {
    match &instruction.kind {
        Kind::Add(t) | Kind::Copy(t) => t.paths().chain(&t.destination).for_each(each),
        Kind::Arg(decls) => decls.iter().filter_map(|d| d.default.as_ref()).for_each(each),
        Kind::Env(pairs) | Kind::Label(pairs) => {
            for pair in pairs {
                each(&pair.key);
                pair.value.iter().for_each(&mut each);
            }
        }
        Kind::Expose(ports) => ports.iter().for_each(|p| each(&p.word)),
        Kind::Volume(words) => words.iter().for_each(each),
        Kind::Stopsignal(word) | Kind::User(word) | Kind::Workdir(word) => word.iter().for_each(each),
        _ => {}
    }
}

/// The variables that BuildKit itself replaces and that count as empty where nothing sets them, with their places: those of
/// words, of flags, and of the lines that COPY and ADD write.
pub(super) fn replaced(model: &Model, instruction: &Instruction, mut each: impl FnMut(Variable, Span)) {
    let is_transfer = matches!(instruction.kind, Kind::Add(_) | Kind::Copy(_));
    let mut of_word = |word: &Word| {
        if word.text.contains('$') {
            bare_variables(word).for_each(|variable| {
                let span = word.part(variable.range.clone());
                each(variable, span);
            });
        }
    };
    let expanded = |name: &str| is_transfer && matches!(name, "chown" | "chmod" | "checksum");
    for flag in instruction.flags.iter().filter(|flag| expanded(&flag.name)) {
        flag.word(model.file.escape).iter().for_each(&mut of_word);
    }
    // `from` takes no variables.
    for option in instruction.mounts.iter().flat_map(|mount| &mount.options).filter(|o| &*o.key != "from") {
        option.value_word().iter().for_each(&mut of_word);
    }
    words(instruction, &mut of_word);
    if is_transfer && model.build().builder.is_buildkit() {
        let lines = instruction.heredocs.iter().flat_map(|heredoc| heredoc.variables(model.file.text()));
        lines.filter(|(variable, _)| is_bare(variable)).for_each(|(variable, span)| each(variable, span));
    }
}

/// `undefined-variable`.
pub fn undefined(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut guesses = 0;
    for (step, instruction) in model.instructions() {
        let Some(stage) = model.stage_of(step) else { continue };
        replaced(model, instruction, |variable, at| {
            let name = &*variable.name;
            let Some(sure) = model.base_leaves_unset(stage, name) else { return };
            if OF_SHELLS.contains(&name)
                || model.environment(step).binding(name).is_some()
                || model.base_sets(stage, name)
                || is_set_beside(instruction, name, at)
            {
                return;
            }
            guesses += 1;
            let finding = if guesses <= MAX_GUESSES {
                unset(cx, step, name, at, sure)
            } else {
                (sure && name != "PATH").then(|| cx.at(at, nothing_sets(name)))
            };
            if let Some(finding) = finding {
                cx.report(finding);
            }
        });
    }
}

/// What only a shell sets, and no image.
const OF_SHELLS: [&str; 6] = ["EUID", "OLDPWD", "PPID", "PWD", "RANDOM", "SHLVL"];

/// `shell-variable-in-instruction`.
pub fn of_shells(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions().filter(|(step, _)| model.stage_of(*step).is_some()) {
        if let Some(word) = operator(instruction) {
            let name = instruction.keyword.name();
            let message = format!(
                "no shell reads this {name}, so `{}` is a file to copy, which is not there, and the build fails",
                word.text
            );
            let help = "leave out what is for a shell: a source that may be missing is written as a pattern that may match nothing (`app.jso[n]`)";
            let mut finding = cx.at(word.span, message).help(help);
            finding.severity = finding.severity.max(Severity::Error);
            cx.report(finding);
        }
        let mut found = Vec::new();
        replaced(model, instruction, |variable, span| {
            if OF_SHELLS.contains(&&*variable.name) {
                found.push((span, variable.name));
            }
        });
        for (span, name) in found {
            if model.binding(step, &name).is_some() {
                continue;
            }
            let message = format!(
                "`{name}` is empty here: a shell sets it, and none reads this {}",
                instruction.keyword.name()
            );
            let help = match (&*name, model.workdir(step)) {
                ("PWD", Value::Known(folder)) => format!("write `{folder}`, the working directory here"),
                ("PWD", _) => "write the folder".to_owned(),
                _ => "set it in the RUN that needs it".to_owned(),
            };
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// The first source of a COPY or ADD that only a shell could make sense of: `2>/dev/null`, `||`.
pub(super) fn operator(instruction: &Instruction) -> Option<&Word> {
    let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { return None };
    let words = transfer.sources.iter().filter_map(|source| match source {
        TransferSource::Path(word) => Some(word),
        _ => None,
    });
    let mut words = words.skip(1).filter(|_| !transfer.json);
    words.find(|word| is_operator(&word.text))
}

/// True for the `$a` of `ARG a=1 b=$a`: BuildKit sets one after the other since 2026, and did not before.
fn is_set_beside(instruction: &Instruction, name: &str, at: Span) -> bool {
    let Kind::Arg(decls) = &instruction.kind else { return false };
    decls.iter().take_while(|d| d.span.end <= at.start).any(|d| &*d.name.text == name)
}

/// Set from outside, even without an ARG.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

/// True for a variable that BuildKit passes on to each RUN without an ARG.
pub(super) fn is_proxy(name: &str) -> bool {
    PROXIES.iter().any(|p| p.eq_ignore_ascii_case(name))
}

fn nothing_sets(name: &str) -> String {
    format!("nothing sets `{name}`, so it is empty here")
}

/// What to say of a variable that the file does not set here; `sure` if no base image may set it.
fn unset(cx: &Cx<'_>, step: usize, name: &str, at: Span, sure: bool) -> Option<Finding> {
    let model = cx.model;
    let stage = model.stage_of(step)?;
    // BuildKit gives PATH to scratch.
    let outer = name == "PATH" || is_proxy(name);
    if outer || name.len() > 64 {
        return None;
    }
    let trigger = model.is_trigger(step);
    let declare = if trigger {
        format!("write `ONBUILD ARG {name}` above this line")
    } else {
        format!("write `ARG {name}` above this line, in this stage")
    };
    // What is declared above the first FROM, or set for the platform, is the matter of `arg-outside-stage`.
    if !trigger && (PLATFORM_ARGS.contains(&name) || global_args(model).any(|d| &*d.name.text == name)) {
        return None;
    }
    if PLATFORM_ARGS.contains(&name) {
        let message = format!("`{name}` is empty here: a stage sees an ARG only if it declares it");
        return Some(cx.at(at, message).help(declare));
    }
    if !sure && model.image_may_set(stage, name) {
        return None;
    }
    if trigger {
        let mut args = global_args(model).chain(arg_in_stage(model, name).map(|(_, decl)| decl));
        if let Some(decl) = args.find(|d| &*d.name.text == name) {
            let message = format!(
                "`{name}` is empty here: an ARG applies only to this build, and ONBUILD runs in later ones"
            );
            return Some(cx.at(at, message).label(decl.span, "declared here").help(declare));
        }
    }
    if let Some((elsewhere, decl)) = arg_in_stage(model, name).find(|(s, _)| *s != step) {
        let later = stage.steps.contains(&elsewhere);
        let (message, help) = if later {
            (
                format!("`{name}` is empty here: its ARG comes further down"),
                "move the ARG above this line".into(),
            )
        } else if model.arg_of_base(step, name).is_some() {
            let builder = model.build().builder.title();
            let message = format!(
                "`{name}` is empty here: with {builder} an ARG does not count in the stages that start from its own"
            );
            (message, declare)
        } else {
            (format!("`{name}` is empty here: its ARG only applies to another stage"), declare)
        };
        return Some(cx.at(at, message).label(decl.span, "declared here").help(help));
    }
    let message = nothing_sets(name);
    let known = names(model, step, stage);
    if let Some(meant) = known.into_iter().find(|n| is_misspelling(name, n)) {
        return Some(cx.at(at, message).help(format!("did you mean `{meant}`?")));
    }
    let onbuild = if trigger { "ONBUILD " } else { "" };
    let help = format!("write `{onbuild}ARG {name}=DEFAULT` or `ENV {name}=VALUE` above this line");
    sure.then(|| cx.at(at, message).help(help))
}

/// The names of variables that are set at `step`, in the stages that `stage` starts from too.
fn names<'m>(model: &'m Model, step: usize, stage: &'m Stage) -> Vec<&'m str> {
    const MOST: usize = 256;
    let inherits_args = model.build().builder.is_buildkit();
    let mut names = Vec::new();
    for ancestor in model.lineage(stage).take(16) {
        for (_, instruction) in model.instructions_of(ancestor).filter(|(s, _)| *s < step) {
            match &instruction.kind {
                // It sets nothing in this build.
                _ if instruction.is_trigger() => {}
                Kind::Env(pairs) => names.extend(pairs.iter().map(|p| &*p.key.text)),
                Kind::Arg(decls) if inherits_args || ancestor.index == stage.index => {
                    names.extend(decls.iter().map(|d| &*d.name.text));
                }
                _ => {}
            }
            if names.len() > MOST {
                return names;
            }
        }
    }
    names
}

/// True if one letter is missing, too many, wrong or swapped with its neighbour, or only the case
/// differs. Digits are no misspellings, nor are short names.
fn is_misspelling(written: &str, meant: &str) -> bool {
    if written.eq_ignore_ascii_case(meant) {
        return true;
    }
    let (a, b) = (written.as_bytes(), meant.as_bytes());
    if a.len().min(b.len()) < 6 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same..], &b[same..]);
    let letters = |s: &[u8]| s.iter().take(1).all(u8::is_ascii_alphabetic);
    letters(a)
        && letters(b)
        && match (a, b) {
            ([x, y, rest @ ..], [v, w, other @ ..]) if x == w && y == v => rest == other,
            ([_, rest @ ..], [_, other @ ..]) if a.len() == b.len() => rest == other,
            ([_, rest @ ..], other) | (other, [_, rest @ ..]) if rest.len() == other.len() => rest == other,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::is_misspelling;

    #[test]
    fn one_letter_makes_a_misspelling() {
        for (written, meant, want) in [
            ("VERSOIN", "VERSION", true),
            ("VERSIN", "VERSION", true),
            ("VERSIONS", "VERSION", true),
            ("VERSIEN", "VERSION", true),
            ("version", "VERSION", true),
            ("VERSION", "VERSION2", false),
            ("PYTHON2", "PYTHON3", false),
            ("FOO", "FOX", false),
            ("PREFIX", "VERSION", false),
        ] {
            assert_eq!(is_misspelling(written, meant), want, "{written} {meant}");
        }
    }
}
