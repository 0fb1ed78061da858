//! Going from a name to where it is declared and to all its other places, and naming it anew.

use super::actions::workspace_edit;
use super::document::Read;
use super::names::{Mention, Named, Names};
use super::protocol::{
    DocumentHighlight, DocumentHighlightKind, Failure, Location, Range, TextEdit, WorkspaceEdit,
};
use super::{links, unsure, variables};
use crate::knowledge::{PROXY_VARIABLES, VARIABLES_OF_SHELLS};
use crate::semantic::is_automatic;
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

/// What programs read by names that are not the shell's.
const OF_PROGRAMS: [&str; 8] =
    ["DEBIAN_FRONTEND", "LANGUAGE", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "LOGNAME", "TMPDIR", "TZ"];

/// True for a name to which the builder, the shell or the system gives a meaning.
fn is_given(name: &str) -> bool {
    let is_proxy = || {
        let name = name.to_ascii_lowercase();
        PROXY_VARIABLES.iter().any(|proxy| proxy.eq_ignore_ascii_case(&name)) || name.ends_with("_proxy")
    };
    is_automatic(name)
        || name.starts_with("BUILDKIT_")
        || VARIABLES_OF_SHELLS.contains(&name)
        || OF_PROGRAMS.contains(&name)
        || is_proxy()
}

/// True if the image that a stage starts from is known to set a variable.
fn is_of_base(read: &Read, name: &str) -> bool {
    let model = read.model();
    let sets = |stage| model.base_config(stage).is_some_and(|config| config.env.contains_key(name));
    model.stages.iter().any(sets)
}

/// A name that a script sets itself, or that has a meaning elsewhere, stays.
fn can_be_renamed(read: &Read, names: &Names, mention: &Mention) -> bool {
    let Named::Variable(_, name) = &mention.named else { return mention.by_name };
    if is_given(name) || is_of_base(read, name) {
        return false;
    }
    if names.same(&mention.named).any(|m| m.declares) {
        return true;
    }
    let is_set = |m: &Mention| {
        let instruction = read.file.instructions.get(m.step);
        let used = names.same(&mention.named).filter(|other| other.step == m.step).count();
        instruction.is_some_and(|i| variables::words(i.span.text(read.text()), name).count() > used)
    };
    !names.same(&mention.named).any(is_set)
}

/// The edits that give what stands at a byte another name.
///
/// # Errors
/// If nothing is named there, if the name is none, or if something else has it.
pub(super) fn rename(read: &Read, at: u32, new: &str) -> Result<WorkspaceEdit, Failure> {
    let names = read.names();
    let failure = |why: &str| Err(Failure::new(Failure::FAILED, why.to_owned()));
    let Some(mention) = names.at(at) else {
        return failure("nothing that the Dockerfile names stands here");
    };
    if !can_be_renamed(read, names, mention) {
        return failure(match mention.named {
            Named::Variable(..) => "this name has a meaning beyond the Dockerfile",
            Named::Stage(_) | Named::Heredoc(..) => "nothing that the Dockerfile names stands here",
        });
    }
    if let Some(why) = refusal(read, names, mention, new) {
        return failure(why);
    }
    if let Some(why) = unsure::why(read, names, mention, new) {
        return failure(&why);
    }
    let places = names.same(&mention.named).filter(|m| m.by_name);
    let edits = places.map(|m| TextEdit { range: read.range(m.span), new_text: new.to_owned() });
    Ok(workspace_edit(read, edits.collect()))
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
            if others.any(|other| other.eq_ignore_ascii_case(new)) {
                return Some("another stage has this name");
            }
            let mut images = links::images(&read.file, names).map(|span| span.text(read.text()));
            images
                .any(|image| image.eq_ignore_ascii_case(new))
                .then_some("an image or a context has this name")
        }
        Named::Variable(_, old) => {
            if !variables::is_name(new) {
                return Some(
                    "the name of a variable is letters, digits and `_`, and does not begin with a digit",
                );
            }
            if old != new && is_given(new) {
                return Some("this name has a meaning beyond the Dockerfile");
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
