//! Commands of bake that name files which bake does not find by itself.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::bake::{Override, Request, Selection, Unsure};
use crate::entry::EntryKind;
use crate::environment::Environment;
use crate::files::Files;
use crate::paths::{clean, join};
use crate::remote::is_remote;
use crate::source::Place;

use super::shell::{Word, lead};
use super::variables::assigned;

/// Flags with a value in the next word that say nothing of what is built.
const WITH_VALUE: [&str; 8] =
    ["--allow", "--builder", "--call", "--list", "--metadata-file", "--progress", "--provenance", "--sbom"];

/// Flags without a value.
const ALONE: [&str; 8] = ["--check", "--debug", "-D", "--load", "--no-cache", "--print", "--pull", "--push"];

/// What a command that is run in `folder` asks of bake, with the place of the command; `None` if it is none, if it is not
/// sure which files are read, if one is not there, or if all of them are found anyway.
pub(super) fn request(
    words: &[Word],
    place: &dyn Fn(Range<usize>) -> Place,
    folder: &Path,
    files: &dyn Files,
) -> Option<(Request, Place)> {
    let word = |at: usize| words.get(at).and_then(|word| word.text.as_deref());
    let first = lead(words);
    let mut at = first;
    at += match (word(at)?, word(at + 1)?, word(at + 2)) {
        ("docker", "buildx", Some("bake")) => 3,
        ("docker", "bake", _) => 2,
        _ => return None,
    };
    let mut request = Request { folder: clean(folder), selection: Selection::All, ..Request::default() };
    let mut names = Vec::new();
    while let Some(written) = words.get(at) {
        let start = written.known_start.as_str();
        if !start.starts_with('-') {
            // Which of them are built is not sure then: all are looked at.
            names.push(written.text.clone());
            at += 1;
            continue;
        }
        let short = start.strip_prefix("-f").filter(|value| !value.is_empty());
        let (name, value) = match (short, start.split_once('=')) {
            (Some(_), _) => ("-f", Some(written.text.as_deref().and_then(|text| text.strip_prefix("-f")))),
            (None, Some((name, _))) => {
                let value = written.text.as_deref().and_then(|text| text.split_once('='));
                (name, Some(value.map(|(_, value)| value)))
            }
            (None, None) => (start, None),
        };
        let takes_next = value.is_none();
        let value = || value.unwrap_or_else(|| word(at + 1));
        at += match name {
            "-f" | "--file" => {
                let path = value().filter(|path| !is_remote(path) && *path != "-")?;
                request.files.push(join(folder, path.trim_start_matches("cwd://")));
                1 + usize::from(takes_next)
            }
            "--set" => {
                let at_value = words.get(at + usize::from(takes_next))?;
                // Of `web.args.V=$V` it is known what is set.
                let is_known = at_value.text.is_some();
                let start = at_value.known_start.trim_start_matches("--set=");
                let said = if is_known { value()? } else { start };
                let is_whole = is_known || said.contains('=');
                let said = Override::parse(said, place(at_value.range.clone()), |_| is_known).ok();
                let said = said.filter(|_| is_whole)?;
                request.overrides.extend(Some(said).filter(Override::changes_build));
                1 + usize::from(takes_next)
            }
            _ if WITH_VALUE.contains(&name) => 1 + usize::from(takes_next),
            _ if ALONE.contains(&name) => 1,
            _ => return None,
        };
    }
    let is_found = |path: &PathBuf| EntryKind::found_as(path).is_some();
    let are_there = request.files.iter().all(|path| files.is_file(path));
    if !are_there || request.files.iter().all(is_found) {
        return None;
    }
    let whole = place(words.first()?.range.start..words.last()?.range.end);
    if let Some(names) = names.into_iter().collect::<Option<Vec<String>>>().filter(|names| !names.is_empty())
    {
        request.selection = Selection::Named(names);
    } else if !request.overrides.is_empty() {
        request.selection = Selection::Default;
    }
    let given = |word: &Word| {
        let (name, value) = word.text.as_deref()?.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let environment: Environment = words[..first].iter().filter_map(given).collect();
    request.environment = Some(environment).filter(|environment| environment.iter().next().is_some());
    Some((request, whole))
}

/// The variables that the commands of a file may have: those that it sets anywhere, in a script or as a key.
pub(super) fn unsure(file: &str) -> Unsure {
    let (mut names, is_open) = assigned(file);
    if is_open || file.contains("GITHUB_ENV") || file.contains("exportVariable") {
        return Unsure::All;
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // Also `NAME ?= value` of make, and a key in quotes.
    let ends = [' ', '\t', '?', '+', '"', '\''];
    for before in file.split(['=', ':']) {
        names.extend(before.trim_end_matches(ends).rsplit(|c| !is_of_name(c)).next());
    }
    Unsure::Names(names.into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect())
}
