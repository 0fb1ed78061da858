//! Going from a name to where it is declared and to all its other places, and naming it anew.

use super::actions::workspace_edit;
use super::document::Read;
use super::names::{Mention, Named, Names};
use super::own_variables::own_settings;
use super::protocol::{
    DocumentHighlight, DocumentHighlightKind, Failure, Location, Range, TextEdit, WorkspaceEdit,
};
use super::variables;
use crate::syntax::Keyword;

fn location(read: &Read, mention: &Mention) -> Location {
    Location { uri: read.uri.clone(), range: read.range(mention.span) }
}

/// Where what stands at a byte is declared.
pub(super) fn definition(read: &Read, at: u32) -> Option<Location> {
    let names = read.names();
    Some(location(read, names.definition(names.at(at)?)?))
}

/// All places that name the same, in this document.
pub(super) fn highlights(read: &Read, at: u32) -> Vec<DocumentHighlight> {
    let names = read.names();
    let Some(mention) = names.at(at) else { return Vec::new() };
    let highlight = |m: &Mention| DocumentHighlight {
        range: read.range(m.span),
        kind: Some(if m.declares { DocumentHighlightKind::Write } else { DocumentHighlightKind::Read }),
    };
    names.same(&mention.named).map(highlight).collect()
}

/// The same, with the declarations or without.
pub(super) fn references(read: &Read, at: u32, declarations: bool) -> Vec<Location> {
    let names = read.names();
    let Some(mention) = names.at(at) else { return Vec::new() };
    names.same(&mention.named).filter(|m| declarations || !m.declares).map(|m| location(read, m)).collect()
}

/// What would be named anew.
pub(super) fn renamed(read: &Read, at: u32) -> Option<Range> {
    let names = read.names();
    let mention = names.at(at).filter(|m| can_be_renamed(read, names, m))?;
    Some(read.range(mention.span))
}

/// What scripts get from elsewhere: the shell, the system, the base image.
const GIVEN: [&str; 9] = ["HOME", "HOSTNAME", "IFS", "LANG", "PATH", "PWD", "SHELL", "TERM", "USER"];

/// A name that a script sets itself, or that it gets from elsewhere, stays.
fn can_be_renamed(read: &Read, names: &Names, mention: &Mention) -> bool {
    let Named::Variable(_, name) = &mention.named else { return mention.by_name };
    if names.same(&mention.named).any(|m| m.declares) {
        return true;
    }
    let is_set = |m: &Mention| {
        let instruction = read.file.instructions.get(m.step);
        instruction.is_some_and(|i| words(i.span.text(read.text()), name) > uses(names, m))
    };
    !GIVEN.contains(&&**name) && !names.same(&mention.named).any(is_set)
}

/// How often a script has a name as a word.
fn words(script: &str, name: &str) -> usize {
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    script.split(is_other).filter(|word| *word == name).count()
}

/// How often the instruction of a mention uses what it names.
fn uses(names: &Names, mention: &Mention) -> usize {
    names.same(&mention.named).filter(|m| m.step == mention.step).count()
}

/// The edits that give what stands at a byte another name.
///
/// # Errors
/// If nothing is named there, if the name is none, or if something else has it.
pub(super) fn rename(read: &Read, at: u32, new: &str) -> Result<WorkspaceEdit, Failure> {
    let names = read.names();
    let mention = names.at(at).filter(|m| can_be_renamed(read, names, m));
    let Some(mention) = mention else {
        return Err(Failure::new(Failure::FAILED, "nothing that the Dockerfile names stands here"));
    };
    if let Some(why) = refusal(read, names, mention, new).or_else(|| scripts_own(read, names, mention)) {
        return Err(Failure::new(Failure::FAILED, why));
    }
    let places = names.same(&mention.named).filter(|m| m.by_name);
    let edits = places.map(|m| TextEdit { range: read.range(m.span), new_text: new.to_owned() });
    Ok(workspace_edit(read, edits.collect()))
}

/// Why a variable keeps its name: a script that uses it sets one of the name as well, and only the shell knows which counts.
fn scripts_own(read: &Read, names: &Names, mention: &Mention) -> Option<&'static str> {
    let Named::Variable(_, name) = &mention.named else { return None };
    let sets = |step: usize| !own_settings(read, step, name).is_empty();
    let mut steps: Vec<usize> = names.same(&mention.named).map(|m| m.step).collect();
    steps.dedup();
    steps.into_iter().any(sets).then_some("a script of this file sets a variable of this name itself")
}

/// Why something cannot be called `new`.
fn refusal(read: &Read, names: &Names, mention: &Mention, new: &str) -> Option<&'static str> {
    match &mention.named {
        Named::Stage(_) => {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if !(new.starts_with(|c: char| c.is_ascii_alphabetic()) && new.chars().all(fits)) {
                return Some(
                    "the name of a stage is a letter, and behind it letters, digits, `-`, `_` and `.`",
                );
            }
            if ["scratch", "context"].iter().any(|own| new.eq_ignore_ascii_case(own)) {
                return Some("BuildKit keeps this name for itself");
            }
            let is_base = |m: &Mention| {
                let keyword = read.file.instructions.get(m.step).map(|i| i.keyword);
                !m.declares && keyword == Some(Keyword::From)
            };
            if new.contains(|c: char| c.is_ascii_uppercase()) && names.same(&mention.named).any(is_base) {
                return Some("a stage starts from this one, and FROM has to name it in lower case");
            }
            let has_it =
                |m: &&Mention| m.declares && m.named != mention.named && matches!(m.named, Named::Stage(_));
            let mut others = names.mentions.iter().filter(has_it).map(|m| m.span.text(read.text()));
            others.any(|other| other.eq_ignore_ascii_case(new)).then_some("another stage has this name")
        }
        Named::Variable(_, old) => {
            if !variables::is_name(new) {
                return Some(
                    "the name of a variable is letters, digits and `_`, and does not begin with a digit",
                );
            }
            let has_it = |m: &Mention| matches!(&m.named, Named::Variable(_, name) if **name == *new);
            let taken = old != new && names.mentions.iter().any(has_it);
            taken.then_some("another variable has this name")
        }
        Named::Heredoc(step, number) => {
            let fits = |c: char| c.is_alphanumeric() || c == '_';
            if new.is_empty() || !new.chars().all(fits) {
                return Some("the name of a here-document is letters, digits and `_`");
            }
            let heredoc = read.file.instructions.get(*step)?.heredocs.get(*number)?;
            let mut lines = heredoc.body.text(read.text()).lines();
            let ends = lines.any(|line| line.trim_start_matches('\t') == new);
            ends.then_some("a line of the here-document would end it")
        }
    }
}
