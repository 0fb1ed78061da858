//! Build arguments that files give, or should give.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashSet};

use build_targets::{Argument, EntryKind, Kind, Place, Target, Text, WarningKind};

use super::super::all;
use super::super::secret_names::is_secret;
use super::super::secrets::first_secret;
use super::super::variables::words;
use super::dockerfile;
use crate::diag::Fix;
use crate::rules::{Change, EntryCx};
use crate::semantic::{Analysis, Base, BindingKind, Given, Model, Stage, is_automatic};
use crate::syntax::{self, DirectiveKind, ExpandError, ImageRef};
use crate::text::{Edit, Span, nearest};

/// How many names a message lists.
const MAX_NAMES: usize = 5;

/// An argument at one place, which several targets may get.
struct AtPlace<'a> {
    /// The targets, and their Dockerfiles' own arguments.
    targets: Vec<&'a Target>,
    declared: Vec<&'a str>,
    /// True if a Dockerfile declares it, or is not known well enough.
    may_count: bool,
    /// True if an ENV of a Dockerfile sets a variable of its name.
    is_set: bool,
}

/// The variables that ENV sets, which no argument of the same name changes.
fn set_by_env(analysis: &Analysis) -> HashSet<&str> {
    let pairs = analysis.instructions().filter_map(|(_, instruction)| match &instruction.kind {
        syntax::Kind::Env(pairs) => Some(pairs),
        _ => None,
    });
    pairs.flatten().map(|pair| &*pair.key.text).collect()
}

/// True if the Dockerfile tells all arguments that count: another frontend may read some of its own, and so does a base
/// image that is made to be built on.
fn tells_all(analysis: &Analysis) -> bool {
    let file = &analysis.file;
    let of_docker =
        |text: &str| text.trim().trim_start_matches("docker.io/").starts_with("docker/dockerfile");
    let is_own = file.directive(DirectiveKind::Syntax).is_none_or(|directive| of_docker(&directive.value));
    let triggers = |name: &str| name.contains("onbuild");
    let mut bases = analysis.stages.iter().filter_map(|stage| stage.base_word.as_ref());
    is_own && file.errors.is_empty() && !bases.any(|word| triggers(&word.text))
}

/// True for what stands in a file of another folder than the target: other projects may extend that as well, and need it.
fn is_shared(cx: &EntryCx<'_>, target: &Target, place: Place) -> bool {
    let folder = |place: Place| cx.files.resolution.sources.file(place.file).path.parent();
    folder(place) != folder(target.place)
}

/// `undeclared-build-arg`.
pub fn undeclared(cx: &EntryCx<'_>) {
    // One value of a unit may give several.
    let mut places: BTreeMap<(Place, &str), AtPlace<'_>> = BTreeMap::new();
    for (target, build) in cx.builds() {
        let analysis = build.analysis.as_ref().filter(|analysis| tells_all(analysis));
        let undeclared: HashSet<&str> =
            analysis.map(|a| a.undeclared_args()).unwrap_or_default().into_iter().collect();
        let set = LazyCell::new(|| analysis.map(set_by_env).unwrap_or_default());
        for argument in &target.arguments {
            let Some(name) = argument.name.known() else { continue };
            if is_shared(cx, target, argument.name.place) {
                continue;
            }
            let counts = analysis.is_none() || !undeclared.contains(name) || is_automatic(name);
            let given = places.entry((argument.name.place, name)).or_insert(AtPlace {
                targets: Vec::new(),
                declared: Vec::new(),
                may_count: false,
                is_set: false,
            });
            given.may_count |= counts;
            if !given.may_count {
                given.targets.push(target);
                given.is_set |= set.contains(name);
                given.declared = analysis.map(|a| a.declared_args().collect()).unwrap_or_default();
            }
        }
    }
    for ((place, name), given) in places.into_iter().filter(|(_, given)| !given.may_count) {
        let message = match given.targets.as_slice() {
            [only] => {
                format!("{} does not declare `{name}`, so this argument has no effect", dockerfile(only))
            }
            _ => format!("no Dockerfile that gets `{name}` declares it, so this argument has no effect"),
        };
        let help = match nearest(name, given.declared.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if given.is_set => format!(
                "remove the argument, or let the ENV that sets `{name}` take it: `ARG {name}` with the value as its default, and `ENV {name}=${name}` below"
            ),
            None => format!("add `ARG {name}` to the stage that uses it, or remove the argument"),
        };
        cx.report(cx.at(place, message).help(help));
    }
}

/// `missing-build-arg`.
pub fn missing(cx: &EntryCx<'_>) {
    for (target, build) in cx.builds() {
        // A target that others inherit from is not built itself.
        let is_built = target.kind != Kind::Bake || target.by_default;
        let Some(analysis) = build.analysis.as_ref().filter(|analysis| is_built && tells_all(analysis))
        else {
            continue;
        };
        let Some(Required { names, line, without }) =
            required(analysis, target).or_else(|| demanded(analysis))
        else {
            continue;
        };
        let empty =
            target.arguments.iter().find(|argument| names.iter().any(|name| is_empty(argument, name)));
        // What a variable makes empty may be set by whoever builds.
        if empty
            .and_then(|argument| argument.value.as_ref())
            .is_some_and(|value| !is_written_empty(cx.text(value.place)))
        {
            continue;
        }
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let pronoun = if names.len() > 1 { "them" } else { "it" };
        let file = dockerfile(target);
        let (place, message) = match empty.and_then(|argument| argument.value.as_ref()) {
            Some(value) => (
                value.place,
                format!("with an empty value of {}, `{line}` in {file} {without}", all(&listed)),
            ),
            None => (
                target.place,
                format!(
                    "`{}` gives no value to {}, and without {pronoun} `{line}` in {file} {without}",
                    target.name,
                    all(&listed)
                ),
            ),
        };
        let help = "set it in the build arguments, or give it a default in the Dockerfile: `ARG NAME=value`";
        cx.report(cx.at(place, message).help(help));
    }
}

/// True if a target gives an empty text to an argument.
fn is_empty(argument: &Argument, name: &str) -> bool {
    let value = argument.value.as_ref().and_then(Text::known);
    argument.name.known() == Some(name) && value == Some("")
}

/// True for an empty text as it is written: between quotes, or behind the name.
fn is_written_empty(written: &str) -> bool {
    let bare = written.trim_matches(['"', '\'']);
    bare.is_empty() || bare.ends_with('=')
}

/// What a Dockerfile cannot be built without.
struct Required {
    /// The arguments.
    names: Vec<String>,
    /// The line that needs them, or the start of it.
    line: String,
    /// What becomes of that line without them.
    without: &'static str,
}

/// The arguments without which the image of a FROM has no valid name.
fn required(model: &Model, target: &Target) -> Option<Required> {
    let nothing = |stage: &Stage| stage.base == Base::Unknown || stage.base_value.known() == Some("");
    model.stages.iter().filter(|stage| stage.reachable && nothing(stage)).find_map(|stage| {
        let word = stage.base_word.as_ref()?;
        let never = |name: &str| model.global_arg(name).is_some_and(|binding| binding.given == Given::Never);
        let empty = |name: &str| target.arguments.iter().any(|argument| is_empty(argument, name));
        let mut names: Vec<String> = word
            .variables()
            .ok()?
            .into_iter()
            .map(|v| v.name.to_string())
            .filter(|name| never(name) || empty(name))
            .collect();
        names.dedup();
        let is_valid = match word.expand(&model.global_environment(stage.steps.start)) {
            Ok(value) => value.known().is_none_or(|text| ImageRef::parse(text).is_ok()),
            // What has no value and must have one.
            Err(_) => false,
        };
        (!is_valid && !names.is_empty()).then(|| Required {
            names,
            line: format!("FROM {}", word.text),
            without: "is not a valid image name",
        })
    })
}

/// The first argument that `${NAME:?…}` asks for in a stage that is built, and that nothing sets.
fn demanded(model: &Model) -> Option<Required> {
    // buildah goes on with the text behind the question mark.
    if model.build().builder.is_buildah() {
        return None;
    }
    model.instructions().filter(|(_, instruction)| !instruction.is_trigger()).find_map(
        |(step, instruction)| {
            let stage = model.stage_of(step).filter(|stage| stage.reachable)?;
            let environment = model.environment(step);
            let mut found = None;
            words(instruction, |word| {
                let missing = match word.expand(&environment) {
                    Err(ExpandError::Unset(name)) => name,
                    _ => return,
                };
                let is_arg = environment.binding(&missing).is_some_and(|b| b.kind == BindingKind::Arg);
                if found.is_none() && is_arg && !model.image_may_set(stage, &missing) {
                    found = Some(Required {
                        line: format!("{} … {}", instruction.keyword.name(), word.text),
                        names: vec![missing.to_string()],
                        without: "stops the build",
                    });
                }
            });
            found
        },
    )
}

/// `unquoted-number`.
pub fn number(cx: &EntryCx<'_>) {
    for warning in cx.warnings() {
        let WarningKind::NumberChanged { written, value } = &warning.kind else { continue };
        let place = warning.place;
        let file = &cx.files.resolution.sources.file(place.file).path;
        let language = match file.extension().and_then(|ending| ending.to_str()) {
            Some("json") => "JSON",
            Some("hcl") => "HCL",
            _ => "YAML",
        };
        let is_date = written.get(4..5) == Some("-");
        let kind = if is_date { "a date" } else { "a number" };
        // A number of a matrix or a variable of bake may be used in several ways.
        let is_argument = cx.files.kind != EntryKind::Bake || warning.target.is_some();
        let message = match is_argument {
            true => format!("{language} reads `{written}` as {kind}, and the Dockerfile gets `{value}`"),
            false => format!("{language} reads `{written}` as {kind}, and a text of it is `{value}`"),
        };
        let found = cx.at(place, message).help(format!("quote it: `\"{written}\"`"));
        // An alias stands for what is written elsewhere.
        let is_here = is_argument && cx.text(place) == written;
        cx.report(if is_here {
            let edits = [Edit::replace(Span::of(place.span()), format!("\"{written}\""))];
            let fix = if is_version(written) {
                Fix::safe("quote it", edits)
            } else {
                Fix::uncertain("quote it", edits)
            };
            found.fix(fix, Change::Value(place, written.clone()))
        } else {
            found
        });
    }
}

/// True for `3.10`: nobody who means a number ends it with a zero.
fn is_version(written: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    written.split_once('.').is_some_and(|(whole, part)| digits(whole) && digits(part) && part.ends_with('0'))
}

/// `merge-drops-args`.
pub fn merge_drops(cx: &EntryCx<'_>) {
    for warning in cx.warnings() {
        let WarningKind::MergeDropsEntries { key, entries } = &warning.kind else { continue };
        if key != "args" {
            continue;
        }
        let mut names: Vec<String> = entries.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
        if entries.len() > MAX_NAMES {
            names.push(format!("{} more", entries.len() - MAX_NAMES));
        }
        let message = format!(
            "`<<` does not merge what is inside `args`: this one replaces the other, and {} {} lost",
            all(&names),
            if entries.len() > 1 { "are" } else { "is" }
        );
        let help = "repeat them here, or give the other `args` an anchor and merge it inside this one";
        let found = cx.at(warning.place, message).help(help);
        cx.report(match warning.related {
            Some(place) => found.label(place, "the other one"),
            None => found,
        });
    }
}

/// `removed-build-arg`.
pub fn removed(cx: &EntryCx<'_>) {
    for warning in cx.warnings() {
        let WarningKind::ArgumentRemoved { name } = &warning.kind else { continue };
        let file = warning.related.map(|place| &cx.files.resolution.sources.file(place.file).path);
        let from = file.map_or_else(|| "another file".to_owned(), |path| format!("`{}`", super::shown(path)));
        let message = format!(
            "this removes the value that {from} gives to `{name}`: without a value here, it comes from the environment, which has none"
        );
        let help = format!("remove this to keep the value, or write one: `{name}=…`");
        cx.report(cx.at(warning.place, message).help(help));
    }
}

/// `secret-in-build-arg`.
pub fn secret(cx: &EntryCx<'_>) {
    let mut said = HashSet::new();
    for (target, _) in cx.builds() {
        for argument in &target.arguments {
            let written = argument.value.as_ref().filter(|value| !value.from_environment);
            let (Some(name), Some(value)) = (argument.name.known(), written) else { continue };
            let Some(text) = value.known() else { continue };
            let what = match first_secret(text) {
                Some(what) => format!("{what} is"),
                None if is_secret(name, text) && (is_literal(cx, value) || is_random(text)) => {
                    format!("`{name}` sounds like a secret, its value is")
                }
                None => continue,
            };
            if said.insert(value.place) {
                cx.report(secret_at(cx, value, &what));
            }
        }
    }
}

/// True for a value that always counts: the default of a variable, such as that of `${DB_PASSWORD:-postgres}`, is there for
/// those who have no secret to keep.
fn is_literal(cx: &EntryCx<'_>, value: &Text) -> bool {
    let written = cx.text(value.place);
    let has_variable = written.replace("$$", "").contains('$');
    let is_name = cx.files.kind == EntryKind::Bake && written.starts_with(|c: char| c.is_ascii_alphabetic());
    !has_variable && !is_name
}

/// True for what nobody thinks up.
fn is_random(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.bytes().any(|byte| is(&byte));
    text.len() >= 12
        && !text.contains(' ')
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

fn secret_at(cx: &EntryCx<'_>, value: &Text, what: &str) -> crate::rules::EntryFinding {
    let message =
        format!("{what} written here, and build arguments end up in the image's history and provenance");
    let help = "revoke it, and pass the new one as a build secret: `secrets` of the build, and `RUN --mount=type=secret` in the Dockerfile";
    cx.at(value.place, message).help(help)
}
