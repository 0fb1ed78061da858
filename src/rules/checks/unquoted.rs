//! Version specifiers that a shell takes for redirections.

use crate::diag::Fix;
use crate::knowledge::Action;
use crate::rules::Cx;
use crate::semantic::{Cmd, ScriptKind};
use crate::shell::{ListKind, RedirectKind, Word};
use crate::text::{Edit, Span};

/// `unquoted-version`.
pub fn version(cx: &mut Cx<'_>) {
    let model = cx.model;
    for cmd in model.commands() {
        let shell = cmd.shell();
        if shell.redirects.is_empty() || cmd.script().exec || !installs(&cmd) {
            continue;
        }
        let mut done = 0;
        let (mut writes, mut reads) = (Vec::new(), Vec::new());
        for redirect in &shell.redirects {
            let Some(target) = &redirect.target else { continue };
            let is_write = match redirect.kind {
                RedirectKind::Write => true,
                RedirectKind::Read => false,
                _ => continue,
            };
            if redirect.span.start < done || redirect.fd.is_some() {
                continue;
            }
            // The package that it sticks to.
            let word = shell.words.iter().find(|w| w.span.end == redirect.span.start);
            let version = target.static_prefix();
            let is_version = version.starts_with('=') || word.is_some() && starts_with_digit(version);
            if !is_version || !is_write && word.is_none() {
                continue;
            }
            let start = word.map_or(redirect.span.start, |w| w.span.start);
            let end = glued_end(model.text(shell.span), shell.span, redirect.span.end);
            done = end;
            let specifier = Specifier {
                span: Span::new(start, end),
                file: match target.as_str() {
                    Some(version) => format!("named `{}`", version.chars().take(40).collect::<String>()),
                    None => {
                        format!("whose name begins with `{}`", version.chars().take(40).collect::<String>())
                    }
                },
                has_package: word.is_some(),
            };
            if is_write { writes.push(specifier) } else { reads.push(specifier) }
        }
        // Each of these files is made, and the last one gets what is printed.
        if let Some(last) = writes.last() {
            let message = format!(
                "the shell treats `>` as a redirection: no version is requested, and the output goes to a file {}",
                last.file
            );
            report(cx, &cmd, &writes, message);
        }
        if let Some(first) = reads.first() {
            let message = format!(
                "the shell takes `<` for a redirection: it reads a file {}, which is not there, and the build fails",
                first.file
            );
            report(cx, &cmd, &reads, message);
        }
    }
}

/// A package with its version, or the version alone.
struct Specifier {
    span: Span,
    /// How the file is called that the shell redirects to or from.
    file: String,
    /// True if the package is a part of it.
    has_package: bool,
}

/// Reports all of a command as one: whoever quotes one of them quotes all.
fn report(cx: &Cx<'_>, cmd: &Cmd<'_>, all: &[Specifier], message: String) {
    let [first, rest @ ..] = all else { return };
    let quote = quote(cmd);
    let text = |s: &Specifier| cx.model.text(s.span).to_owned();
    let can_be_quoted = |s: &&Specifier| s.has_package && !text(s).contains(['"', '\'', '`', '\\', '\n']);
    let quotable: Vec<&Specifier> = all.iter().filter(can_be_quoted).collect();
    let mut finding = cx.at(first.span, message);
    for other in rest {
        finding = finding.label(other.span, "this too");
    }
    finding = match quote {
        Some(quote) if can_be_quoted(&first) => {
            finding.help(format!("write `{quote}{}{quote}`", text(first)))
        }
        _ => finding.help("write package and version as one word in quotes"),
    };
    if let Some(quote) = quote.filter(|_| !quotable.is_empty()) {
        let title = if quotable.len() == 1 { "quote it" } else { "quote them" };
        let edits = quotable.iter().map(|s| Edit::replace(s.span, format!("{quote}{}{quote}", text(s))));
        finding = finding.fix(Fix::uncertain(title, edits.collect::<Vec<Edit>>()));
    }
    cx.report(finding);
}

/// The quotes that a command can use: not those around the script that `sh -c` gets.
fn quote(cmd: &Cmd<'_>) -> Option<char> {
    if !cmd.shell().place.within.shell_string {
        return Some('"');
    }
    let script = &cmd.script().script;
    let mut strings = Vec::new();
    let mut at = Some(cmd.shell().place.list);
    while let Some(list) = at.and_then(|at| script.lists.get(at)).filter(|_| strings.len() < 2) {
        let owner = list.owner.and_then(|owner| script.commands.get(owner));
        let is_around = |word: &&Word| word.span.contains(list.span);
        let word =
            owner.filter(|_| list.kind == ListKind::ShellString).and_then(|o| o.words.iter().find(is_around));
        strings.extend(word.map(|word| cmd.model.text(word.span)));
        at = owner.map(|owner| owner.place.list).or(list.place.as_ref().map(|place| place.list));
    }
    match strings.as_slice() {
        [] => Some('"'),
        [only] if only.starts_with('"') => Some('\''),
        [only] if only.starts_with('\'') => Some('"'),
        _ => None,
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// True for a package manager that is told to get packages.
fn installs(cmd: &Cmd<'_>) -> bool {
    matches!(cmd.script().kind, ScriptKind::Run | ScriptKind::Cmd | ScriptKind::Entrypoint)
        && cmd.usage.manager.is_some()
        && (matches!(cmd.usage.action, Action::Install | Action::Upgrade)
            || ["download", "wheel"].iter().any(|s| cmd.is_subcommand(s)))
}

/// Where the characters end that stick to `from`: `>=2,<3` is one specifier.
fn glued_end(text: &str, span: Span, from: u32) -> u32 {
    let at = from.saturating_sub(span.start) as usize;
    let rest = text.get(at..).unwrap_or("");
    let len =
        rest.find(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')')).unwrap_or(rest.len());
    from + Span::of(0..len).end
}
