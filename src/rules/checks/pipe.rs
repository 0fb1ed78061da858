//! Programs that are run as they come from the network.

use std::collections::HashSet;

use crate::knowledge::{Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{Destination, Download, ScriptKind};
use crate::shell::{Command, ListKind, RedirectKind, Script, Word};
use crate::text::Span;

/// How far behind a download in a pipeline an interpreter is searched.
const MAX_FILTERS: usize = 16;

/// `pipe-to-shell`.
pub fn to_shell(cx: &mut Cx<'_>) {
    let mut reported: HashSet<Span> = HashSet::new();
    for download in cx.model.downloads() {
        let fetch = download.cmd;
        if fetch.script().kind != ScriptKind::Run {
            continue;
        }
        let Some(source) = source(&download) else { continue };
        let script = &fetch.script().script;
        let Some(runner) = piped(script, fetch.shell()).or_else(|| substituted(script, fetch.shell())) else {
            continue;
        };
        let Some(word) = runner.program_word() else { continue };
        if !reported.insert(word.span) {
            continue;
        }
        let name = runner.program().unwrap_or("a shell");
        let what = shown(cx.model.text(source.span));
        let message = format!("`{name}` runs whatever {what} returns at build time, unchecked");
        let what_to = if names_version(cx.model.text(source.span)) { "it" } else { "a fixed version" };
        let help = format!("download {what_to} to a file, check it with `sha256sum -c`, then run it");
        cx.report(cx.at(word.span, message).label(source.span, "this is not checked").help(help));
    }
}

fn shown(text: &str) -> String {
    let text = text.trim_matches(['"', '\'']);
    if text.len() <= 80 {
        return format!("`{text}`");
    }
    // The host and the file say enough.
    let short = text.split_once("://").and_then(|(scheme, rest)| {
        let (host, path) = rest.split_once('/')?;
        let file = path.split(['?', '#']).next()?.rsplit('/').next()?;
        Some(format!("`{scheme}://{host}/…/{file}`"))
    });
    short.filter(|short| short.len() <= 100).unwrap_or_else(|| "the download".to_owned())
}

/// True if an address names a version in its path: `/v0.39.5/`, `-1.2.sh`.
fn names_version(address: &str) -> bool {
    let path =
        address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let mut parts = path.split(['/', '-', '_']);
    parts.any(|part| {
        let number = part.trim_start_matches('v');
        let mut numbers = number.split('.');
        let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        numbers.next().is_some_and(is_number) && numbers.next().is_some_and(is_number)
    })
}

/// What a download writes to standard output, if it comes from elsewhere.
fn source<'m>(download: &Download<'m>) -> Option<&'m Word> {
    let url = download.urls.first().filter(|_| matches!(download.destination, Destination::Output))?;
    (!Download::is_local(url.static_prefix())).then_some(*url)
}

/// The command behind `fetch` in its pipeline that runs what it reads.
fn piped<'s>(script: &'s Script, fetch: &Command) -> Option<&'s Command> {
    let seat = fetch.place.pipeline?;
    let members = script.pipelines.get(seat.pipeline)?.members.get(seat.position + 1..)?;
    members.iter().take(MAX_FILTERS).flatten().filter_map(|i| script.commands.get(*i)).find(|c| runs_stdin(c))
}

/// True for an interpreter that reads its program from standard input.
fn runs_stdin(command: &Command) -> bool {
    let Some(program) = command.program() else { return false };
    if command.is_wrapped_by("xargs") || command.redirects.iter().any(|r| reads(r.kind)) {
        return false;
    }
    let args = command.arguments();
    if is_shell(program) {
        return shell_operand(args).is_none_or(|w| w.is("-") || w.is("/dev/stdin"));
    }
    // Their options can name a program: only what is certain counts. Behind `--` PHP reads arguments, no name.
    let reads = |w: &Word| w.is("-") || w.is("/dev/stdin") || program == "php" && w.is("--");
    is_interpreter(program) && args.first().is_none_or(reads)
}

const fn reads(kind: RedirectKind) -> bool {
    matches!(kind, RedirectKind::Read | RedirectKind::HereDoc | RedirectKind::HereString)
}

fn is_shell(program: &str) -> bool {
    program_is(program, Trait::Shell)
}

fn is_interpreter(program: &str) -> bool {
    let version = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    matches!(program, "perl" | "ruby" | "node" | "php" | "pwsh" | "fish")
        || program.strip_prefix("python").is_some_and(version)
}

/// The first operand of a shell: the file it runs. `-` for `-s`, and the script of `-c`.
fn shell_operand(args: &[Word]) -> Option<&Word> {
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let text = word.static_prefix();
        if text == "-" || text == "--" && args.len() == 1 {
            return None;
        }
        let Some(options) = text.strip_prefix(['-', '+']) else { return Some(word) };
        if options.starts_with('-') {
            continue;
        }
        if options.contains('c') {
            return words.next();
        }
        if options.contains('s') {
            return None;
        }
        if options.contains(['o', 'O']) {
            words.next();
        }
    }
    None
}

/// The command that runs what `fetch` prints: `bash <(curl …)`, `sh -c "$(curl …)"`, `eval "$(curl …)"`.
fn substituted<'s>(script: &'s Script, fetch: &Command) -> Option<&'s Command> {
    let list = script.lists.get(fetch.place.list)?;
    let owner = script.commands.get(list.owner?)?;
    let program = owner.program()?;
    let holds = |w: &&Word| w.span.contains(list.span);
    let word = owner.arguments().iter().find(holds);
    let runs = match list.kind {
        ListKind::ProcessSubstitution => {
            let file =
                if is_shell(program) { shell_operand(owner.arguments()) } else { owner.arguments().first() };
            let names_it = word.is_some() && file.map(|w| w.span) == word.map(|w| w.span);
            let reads_it = owner
                .redirects
                .iter()
                .any(|r| r.kind == RedirectKind::Read && r.target.as_ref().is_some_and(|t| holds(&t)));
            let interpreter = is_shell(program) || is_interpreter(program);
            interpreter && (names_it || reads_it) || matches!(program, "source" | ".") && names_it
        }
        ListKind::CommandSubstitution | ListKind::Backticks => {
            let script = word.filter(|w| w.static_prefix().is_empty());
            let inline = is_shell(program)
                && script.is_some()
                && shell_operand(owner.arguments()).map(|w| w.span) == script.map(|w| w.span)
                && owner
                    .arguments()
                    .iter()
                    .any(|w| w.static_prefix().starts_with('-') && w.static_prefix().contains('c'));
            let here = (is_shell(program) || is_interpreter(program))
                && owner.redirects.iter().any(|r| {
                    r.kind == RedirectKind::HereString && r.target.as_ref().is_some_and(|t| holds(&t))
                });
            inline || here || program == "eval" && script.is_some()
        }
        _ => false,
    };
    runs.then_some(owner)
}
