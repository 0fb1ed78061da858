//! `sudo` in a build.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Cmd, RunsAs, ScriptKind};
use crate::shell::{Command, Word};
use crate::text::{Edit, Span};

/// `sudo`.
pub fn sudo(cx: &mut Cx<'_>) {
    let mut told = None;
    for command in cx.model.commands().filter(|c| c.script().kind == ScriptKind::Run) {
        let shell = command.shell();
        let wrapper = shell.effective().wrappers.iter().find(|w| w.name == "sudo").map(|w| w.index);
        // `sudo -i` alone runs a shell, and wraps nothing.
        let alone = (command.program() == "sudo").then_some(shell.effective().name_index);
        let Some(index) = wrapper.or(alone) else { continue };
        let Some(word) = shell.words.get(index) else { continue };
        let user = cx.model.runs_as(command.step());
        // One of a step says it all where each cannot be taken out by itself.
        if user != RunsAs::Root && told.replace(command.step()) == Some(command.step()) {
            continue;
        }
        let switches = options(shell, index).any(|o| {
            o.starts_with("--user") || o.starts_with('-') && !o.starts_with("--") && o.contains('u')
        });
        let (message, help) = match &user {
            _ if switches => (
                "`sudo -u` switches users for one command, and keeps `sudo` in the image".to_owned(),
                "write `USER` before this step, without `sudo`",
            ),
            RunsAs::Root => {
                ("`sudo` does nothing here: the build runs as root already".to_owned(), "leave it out")
            }
            RunsAs::Other(name) => (
                format!(
                    "`sudo` needs a way to root without a password for `{name}`, which stays in the image"
                ),
                "write `USER root` before this step, and the other user behind it",
            ),
            RunsAs::Unknown => (
                "`sudo` does nothing if the build runs as root, and leaves a way to root in the image if not"
                    .to_owned(),
                "write `USER root` before this step, without `sudo`",
            ),
        };
        let mut finding = cx.at(word.span, message).help(help);
        if user == RunsAs::Root
            && let Some(span) = removable(&command, index)
        {
            finding = finding.fix(Fix::safe("remove `sudo`", [Edit::delete(span)]));
        }
        cx.report(finding);
    }
}

/// The options of the `sudo` at `index`.
fn options(command: &Command, index: usize) -> impl Iterator<Item = &str> {
    let words = command.words.get(index + 1..command.effective().name_index).unwrap_or(&[]);
    words.iter().map(Word::static_prefix)
}

/// `sudo` and the blanks behind it, if the command follows at once on the same line.
fn removable(command: &Cmd<'_>, index: usize) -> Option<Span> {
    let words = &command.shell().words;
    let (sudo, next) = (words.get(index)?, words.get(index + 1)?);
    let blanks = command.model.text(Span::new(sudo.span.end, next.span.start));
    let plain = sudo.exact && next.exact && sudo.is("sudo") && !next.static_prefix().starts_with('-');
    let close = !blanks.is_empty() && blanks.bytes().all(|b| b == b' ' || b == b'\t');
    // The variables that sudo sets are those of a command of its own.
    let alone = index + 1 == command.shell().effective().name_index;
    (plain && close && alone && !command.script().exec).then(|| Span::new(sudo.span.start, next.span.start))
}
