//! What may stand for an argument: the configuration and the Dockerfile at hand know it, so that no script can.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};

use crate::diag::Format;
use crate::report::sanitize;
use crate::rules::{Category, Preset, RuleMeta, bare};
use crate::semantic::{Builder, Model};
use crate::syntax::parse;
use crate::text::Arrange;
use crate::workspace::{ConfigChoice, catalogue, read_source};

/// The names of rules that start so; their names in other tools once a letter is there.
pub(super) fn rules(current: &OsStr) -> Vec<CompletionCandidate> {
    let start = current.to_string_lossy().into_owned();
    let catalogue = catalogue(&ConfigChoice::Nearest, &mut Vec::new());
    let mut found = Vec::new();
    for RuleMeta { name, aliases, summary, .. } in catalogue.rules().map(|rule| &rule.meta) {
        let aliases =
            aliases.iter().filter(|_| !start.is_empty()).flat_map(|alias| [alias.as_ref(), bare(alias)]);
        let names = std::iter::once(name.as_ref()).chain(aliases).filter(|name| name.starts_with(&start));
        found.extend(names.map(|name| candidate(name, summary)));
    }
    found.arrange();
    found.dedup();
    found
}

/// The same, and groups of rules.
pub(super) fn selectors(current: &OsStr) -> Vec<CompletionCandidate> {
    let start = current.to_string_lossy().into_owned();
    let categories = Category::ALL.map(Category::name);
    let groups = Preset::GROUPS.map(Preset::name).into_iter().chain(categories).chain(["all"]);
    let groups =
        groups.filter(|name| name.starts_with(&start)).map(|name| candidate(name, "a group of rules"));
    groups.chain(rules(current)).collect()
}

/// Formats of reports, and the files that they go to.
pub(super) fn formats(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_string_lossy().into_owned();
    match text.split_once('=') {
        Some((format, file)) => {
            let files = PathCompleter::any().complete(OsStr::new(file));
            files.into_iter().map(|file| file.add_prefix(format!("{format}="))).collect()
        }
        None => {
            let names = Format::ALL.map(Format::name).into_iter().filter(|name| name.starts_with(&text));
            names.map(CompletionCandidate::new).collect()
        }
    }
}

/// The stages of the Dockerfile in the working folder.
pub(super) fn stages(current: &OsStr) -> Vec<CompletionCandidate> {
    let start = current.to_string_lossy().into_owned();
    let mut names = Builder::default().dockerfile_names().iter();
    let Some(source) = names.find_map(|name| read_source(Path::new(name), name).ok()) else {
        return Vec::new();
    };
    let model = Model::new(parse(source));
    let names = model.stages.iter().filter_map(|stage| stage.name.as_deref());
    names.filter(|name| name.starts_with(&start)).map(CompletionCandidate::new).collect()
}

fn candidate(name: &str, help: &str) -> CompletionCandidate {
    CompletionCandidate::new(name).help(Some(sanitize(help).into_owned().into()))
}
