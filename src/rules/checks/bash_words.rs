//! Words of bash in scripts that dash runs.

use std::cell::OnceCell;

use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Cmd, Model, PerStage, ScriptUse, Stage};
use crate::shell::{Command, Connector, Dialect, ListKind, PartKind, RedirectKind, Script, Word};
use crate::syntax::Kind;
use crate::text::Span;

/// So many `((` of a script are looked at, at most.
const MAX_ARITHMETIC: usize = 20;

/// Lists in lists are searched for their shell up to this depth.
const MAX_DEPTH: usize = 50;

/// Releases whose dash has no `pipefail`: it came with 0.5.12-7, which Debian 13 and Ubuntu 24.10 have.
const WITHOUT_PIPEFAIL: [&str; 11] = [
    "bionic", "bookworm", "bullseye", "buster", "focal", "jammy", "jessie", "noble", "stretch", "trusty",
    "xenial",
];

const NOT_FOUND: &str = "the command is not found";
const SYNTAX_ERROR: &str = "it is a syntax error, and nothing of the script runs";
const BAD_SUBSTITUTION: &str = "“Bad substitution” ends the script";

/// What only bash knows.
struct Bashism {
    span: Span,
    /// Its name.
    what: &'static str,
    /// What dash makes of it.
    effect: &'static str,
    /// What to write.
    help: &'static str,
}

/// `bash-in-sh`.
pub fn bash_in_sh(cx: &mut Cx<'_>) {
    let model = cx.model;
    // Who links bash to `/bin/sh` means it for all that follows.
    if ["ln", "cp", "mv"].iter().any(|p| model.commands_named(p).any(|c| names_sh(&c)))
        || model.commands_named("dpkg-reconfigure").next().is_some()
    {
        return;
    }
    let has_dash = |stage: &Stage| {
        matches!(model.family(stage), Family::Debian | Family::Ubuntu) && model.starts_with_sh(stage)
    };
    let with_dash: PerStage<OnceCell<bool>> = model.stages.iter().map(|_| OnceCell::new()).collect();
    let mut told = None;
    for script in &model.scripts {
        if told == Some(script.step) || script.script.approximate || script.script.opaque {
            continue;
        }
        let stage = model.stage_of(script.step);
        let is_dash = stage.is_some_and(|stage| {
            with_dash.get(stage.index).is_some_and(|cell| *cell.get_or_init(|| has_dash(stage)))
        });
        if !is_dash {
            continue;
        }
        let Some(found) = first(model, script) else { continue };
        // It asks first.
        let text = model.text(model.instruction(script.step).span);
        if text.contains("BASH_VERSION") || text.contains("command -v pushd") {
            continue;
        }
        told = Some(script.step);
        let Bashism { span, what, effect, help } = found;
        let message = format!("`/bin/sh` is dash here, which has no {what}: {effect}");
        let help = match what {
            "`pipefail`" => help.to_owned(),
            _ => format!("{help}, or set `SHELL [\"/bin/bash\", \"-c\"]` above"),
        };
        cx.report(cx.at(span, message).help(help));
    }
}

fn names_sh(cmd: &Cmd<'_>) -> bool {
    cmd.args().iter().any(|w| matches!(w.static_prefix(), "/bin/sh" | "sh" | "/usr/bin/sh"))
}

/// The first thing in a script that only bash knows, in what dash runs of it.
fn first(model: &Model, script: &ScriptUse) -> Option<Bashism> {
    let own = !script.exec && is_sh(model, script);
    let in_sh = |command: &Command| runs_in_sh(&script.script, own, command.place.list);
    let of_programs = model
        .commands_of(script.step)
        .filter(|cmd| std::ptr::eq(cmd.script(), script) && in_sh(cmd.shell()))
        .find_map(|cmd| by_program(&cmd));
    let mut commands = script.script.commands.iter().filter(|command| in_sh(command));
    let of_commands = commands.find_map(|command| of_command(model, command));
    let of_script = of_script(model, &script.script, own);
    [of_programs, of_commands, of_script].into_iter().flatten().min_by_key(|found| found.span.start)
}

/// True if the shell of a script is `/bin/sh`.
fn is_sh(model: &Model, script: &ScriptUse) -> bool {
    let Some(state) = model.steps.get(script.step).map(|s| s.state) else { return false };
    let set = || {
        let Kind::Shell(Some(form)) = &model.instruction(state.shell?).kind else { return None };
        Some(matches!(&*form.items.first()?.value, "/bin/sh" | "sh" | "/bin/dash" | "dash"))
    };
    state.dialect == Dialect::Posix
        && script.script.dialect == Dialect::Posix
        && (state.shell.is_none() || set().unwrap_or(false))
}

/// True for a list that dash runs: one of `sh -c '…'`, or of a script that is dash's, outside of `bash -c '…'`.
fn runs_in_sh(script: &Script, own: bool, mut list: usize) -> bool {
    for _ in 0..MAX_DEPTH {
        let Some(at) = script.lists.get(list) else { return false };
        if at.kind == ListKind::ShellString {
            let owner = at.owner.and_then(|owner| script.commands.get(owner));
            return owner
                .and_then(|owner| owner.program())
                .is_some_and(|p| matches!(p, "sh" | "/bin/sh" | "dash"));
        }
        match &at.place {
            Some(place) if place.list != list => list = place.list,
            _ => return own,
        }
    }
    false
}

/// What only bash knows of the assignments, redirections and words of a command.
fn of_command(model: &Model, shell: &Command) -> Option<Bashism> {
    let assignment = shell.assignments.iter().find_map(|assignment| {
        let (what, effect, help) = if assignment.append {
            ("`+=`", NOT_FOUND, "write `A=\"$A…\"`")
        } else if assignment.value.is_none() && model.text(assignment.span).contains("=(") {
            ("arrays", SYNTAX_ERROR, "use positional parameters: `set -- a b`")
        } else {
            return None;
        };
        Some(Bashism { span: assignment.span, what, effect, help })
    });
    let values = shell.assignments.iter().filter_map(|a| a.value.as_ref());
    let by_words = || shell.words.iter().chain(values).find_map(|word| of_word(model, word));
    assignment.or_else(|| by_redirect(model, shell)).or_else(by_words)
}

/// What only bash knows of programs.
fn by_program(cmd: &Cmd<'_>) -> Option<Bashism> {
    let shell = cmd.shell();
    // With a folder in front, or behind `env`, it is a program.
    if !shell.effective().wrappers.is_empty() || !shell.program_word()?.is(cmd.program()) {
        return None;
    }
    let argument = |is: &dyn Fn(&Word) -> bool| cmd.args().iter().find(|w| is(w)).map(|w| w.span);
    let place = &shell.place;
    let (span, what, effect, help) = match cmd.program() {
        "[[" => (None, "`[[`", "the command is not found, so the test counts as false", "write `[ … ]`"),
        "source" => (None, "`source`", NOT_FOUND, "write `.`"),
        "pushd" | "popd" | "dirs" => (None, "`pushd`", NOT_FOUND, "write `cd` in a subshell"),
        "shopt" => (None, "`shopt`", NOT_FOUND, "leave it out"),
        "declare" => (None, "`declare`", NOT_FOUND, "assign without it"),
        "typeset" => (None, "`typeset`", NOT_FOUND, "assign without it"),
        "mapfile" | "readarray" => (None, "`mapfile`", NOT_FOUND, "read line by line"),
        "let" => (None, "`let`", NOT_FOUND, "write `A=$((A + 1))`"),
        "builtin" => (None, "`builtin`", NOT_FOUND, "write `command`"),
        "coproc" => (None, "`coproc`", NOT_FOUND, "use a named pipe"),
        "disown" => (None, "`disown`", NOT_FOUND, "leave it out"),
        "compgen" | "complete" => (None, "`complete`", NOT_FOUND, "leave it out"),
        "[" | "test" => {
            let two = cmd.args().iter().skip(1).find(|w| w.is("==") && !w.is_quoted())?;
            (Some(two.span), "`==`", "the test fails with an error, and counts as false", "write `=`")
        }
        "set" => {
            let option = argument(&|w| w.is("pipefail"))?;
            let old = cmd
                .stage()
                .and_then(|s| cmd.model.suite(s))
                .is_some_and(|s| WITHOUT_PIPEFAIL.contains(&s.name));
            // Who asks first whether it is there, takes care of it.
            let asks = place.within.subshell
                || place.within.condition
                || place.before.connector == Connector::Or
                || place.after.is_some_and(|after| after.connector == Connector::Or);
            if !old || asks {
                return None;
            }
            (
                Some(option),
                "`pipefail`",
                "“Illegal option -o pipefail” ends the script",
                "write `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]` above",
            )
        }
        "trap" => {
            let is_odd = |w: &Word| {
                w.as_str().is_some_and(|w| matches!(w, "ERR" | "DEBUG" | "RETURN") || w.starts_with("SIG"))
            };
            let word = cmd.args().iter().skip(1).find(|w| is_odd(w))?;
            let (what, help) = match word.static_prefix() {
                "ERR" | "DEBUG" | "RETURN" => ("such trap", "write `|| …` after the command that may fail"),
                _ => ("signals that start with `SIG`", "write the name without it, such as `INT`"),
            };
            (Some(word.span), what, "“bad trap” is an error", help)
        }
        "read" => {
            let first = cmd.args().iter().take_while(|w| w.static_prefix().starts_with('-'));
            let odd = |w: &&Word| w.static_prefix().contains(['a', 'd', 'n', 'N', 's', 't', 'u', 'i', 'e']);
            let word = first.filter(|w| !w.static_prefix().starts_with("-p")).find(odd)?;
            (
                Some(word.span),
                "such option of `read`",
                "“Illegal option” is an error",
                "read whole lines with `read -r`",
            )
        }
        "export" => {
            let option = argument(&|w| w.is("-f"))?;
            (
                Some(option),
                "`export -f`",
                "“Illegal option -f” is an error",
                "write a script in place of the function",
            )
        }
        "echo" => {
            let option = cmd.args().first().filter(|w| matches!(w.as_str(), Some("-e" | "-ne" | "-en")))?;
            let kept = place.pipeline.is_some_and(|seat| !seat.is_last())
                || shell.redirects.iter().any(|r| {
                    matches!(r.kind, RedirectKind::Write | RedirectKind::Append)
                        && r.fd.is_none_or(|fd| fd == 1)
                        && r.target.as_ref().is_none_or(|t| !t.static_prefix().starts_with("/dev/"))
                });
            if !kept {
                return None;
            }
            (Some(option.span), "`echo -e`", "it prints the `-e` as well", "write `printf '…\\n'`")
        }
        "mkdir" | "touch" | "rm" | "cp" | "mv" | "chmod" | "chown" => {
            let word = cmd.args().iter().find(|w| w.has_braces())?;
            (Some(word.span), "`{a,b}`", "this is one name with braces in it", "write each name")
        }
        _ => return None,
    };
    Some(Bashism { span: span.unwrap_or_else(|| cmd.program_span()), what, effect, help })
}

fn by_redirect(model: &Model, shell: &Command) -> Option<Bashism> {
    shell.redirects.iter().find_map(|redirect| {
        let (what, effect, help) = match redirect.kind {
            RedirectKind::HereString => ("`<<<`", SYNTAX_ERROR, "write `printf … |`"),
            RedirectKind::WriteBoth | RedirectKind::AppendBoth => (
                if redirect.kind == RedirectKind::WriteBoth { "`&>`" } else { "`&>>`" },
                "the command goes to the background, and the build does not wait for it",
                "write `>FILE 2>&1`",
            ),
            RedirectKind::Dup => {
                let target = redirect.target.as_ref()?.as_str()?;
                let is_number = target.bytes().all(|b| b.is_ascii_digit()) || target.ends_with('-');
                if is_number || !model.text(redirect.span).contains(">&") {
                    return None;
                }
                ("`>&FILE`", "“Bad fd number” is a syntax error", "write `>FILE 2>&1`")
            }
            _ => return None,
        };
        Some(Bashism { span: redirect.span, what, effect, help })
    })
}

/// What only bash knows of a word.
fn of_word(model: &Model, word: &Word) -> Option<Bashism> {
    word.parts.iter().find_map(|part| {
        let text = model.text(part.span);
        match part.kind {
            PartKind::Process => Some(Bashism {
                span: part.span,
                what: "`<(…)`",
                effect: SYNTAX_ERROR,
                help: "write a file, or use a pipe",
            }),
            PartKind::Parameter(_) => {
                let (what, help) = of_parameter(text)?;
                Some(Bashism { span: part.span, what, effect: BAD_SUBSTITUTION, help })
            }
            _ => None,
        }
    })
}

/// What only bash knows of `${…}`: its name, and what to write.
fn of_parameter(text: &str) -> Option<(&'static str, &'static str)> {
    let inner = text.strip_prefix("${")?;
    if inner.starts_with('!') && inner.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) {
        return Some(("`${!A}`", "write `eval`"));
    }
    let counts = inner.starts_with('#') && inner.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic);
    let inner = if counts { &inner[1..] } else { inner };
    let behind = inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if behind.len() == inner.len() {
        return None;
    }
    match behind.as_bytes() {
        [b'[', ..] => Some(("arrays", "use positional parameters: `set -- a b`")),
        _ if counts => None,
        [b'/', ..] => Some(("`${A/a/b}`", "write `$(echo \"$A\" | sed 's/a/b/')`")),
        [b'^' | b',', ..] => Some(("`${A^^}`", "write `$(echo \"$A\" | tr a-z A-Z)`")),
        [b'@', ..] => Some(("`${A@Q}`", "leave it out")),
        [b':', next, ..] if !b"-=?+".contains(next) => {
            Some(("`${A:0:1}`", "write `$(echo \"$A\" | cut -c 1)`"))
        }
        _ => None,
    }
}

/// What only bash knows of what is between commands.
fn of_script(model: &Model, script: &Script, own: bool) -> Option<Bashism> {
    let functions = script.functions.iter().filter(|f| own && model.text(f.span).starts_with("function"));
    let functions = functions.map(|f| {
        let len = "function".len().min(f.span.end.saturating_sub(f.span.start) as usize);
        let span = Span::of(0..len).shift(f.span.start);
        Bashism { span, what: "`function`", effect: SYNTAX_ERROR, help: "write `name() { …; }`" }
    });
    let pipes = script.pipelines.iter().filter(|_| own).flat_map(|p| &p.pipes);
    let pipes = pipes.filter(|pipe| pipe.connector == Connector::PipeBoth).map(|pipe| Bashism {
        span: pipe.span,
        what: "`|&`",
        effect: SYNTAX_ERROR,
        help: "write `2>&1 |`",
    });
    let lists_of = |kind: ListKind| {
        let lists = script.lists.iter().enumerate().filter(move |(_, list)| list.kind == kind);
        lists.filter(|(at, _)| runs_in_sh(script, own, *at)).map(|(_, list)| list)
    };
    let lists = lists_of(ListKind::ProcessSubstitution).map(|list| Bashism {
        span: list.span,
        what: "`<(…)`",
        effect: SYNTAX_ERROR,
        help: "write a file, or use a pipe",
    });
    let loops = lists_of(ListKind::Loop).filter_map(|list| {
        Some(Bashism {
            span: range_of_loop(model.text(list.span))?.shift(list.span.start),
            what: "`{1..3}`",
            effect: "it is one word, so the loop runs once",
            help: "write each word, or `$(seq 1 3)`",
        })
    });
    functions
        .chain(pipes)
        .chain(lists)
        .chain(loops)
        .chain(arithmetic(model, script, own))
        .min_by_key(|found| found.span.start)
}

/// Where `for A in {1..3}` has the word that only bash takes for three.
fn range_of_loop(text: &str) -> Option<Span> {
    let header = text.strip_prefix("for ")?.lines().next()?.split(';').next()?;
    let at = header.find(" {")? + 1;
    let word = header.get(at..)?.split([' ', '\t']).next()?;
    let (first, last) = word.strip_prefix('{')?.strip_suffix('}')?.split_once("..")?;
    let is_plain = |end: &str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_alphanumeric());
    let start = "for ".len() + at;
    (is_plain(first) && is_plain(last)).then(|| Span::of(start..start + word.len()))
}

/// True if the two parentheses before a text are closed side by side; else they are of one subshell in another.
fn ends_twice(text: &str) -> bool {
    let mut open = 1_u32;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.as_bytes().get(at + 1) == Some(&b')');
        }
    }
    false
}

/// `((…))` in the place of a command.
fn arithmetic(model: &Model, script: &Script, own: bool) -> Option<Bashism> {
    let whole = script.lists.first().filter(|_| own)?.span;
    let text = model.text(whole);
    let starts = text.match_indices("((").take(MAX_ARITHMETIC).map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let before = text[..at].trim_end_matches([' ', '\t']);
        let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        let loops = word == "for";
        let begins = before.is_empty()
            || before.ends_with([';', '\n', '&', '|'])
            || loops
            || matches!(word, "if" | "while" | "until" | "then" | "do" | "else" | "elif");
        let span = Span::of(at..at + 2).shift(whole.start);
        // In a subshell, or in the words of a command.
        let covers = |other: Span| other.start <= span.start && span.end <= other.end;
        let is_other = || {
            script.lists.iter().any(|list| {
                matches!(list.kind, ListKind::Subshell | ListKind::ShellString) && covers(list.span)
            }) || script.commands.iter().any(|command| {
                covers(command.span) || command.redirects.iter().any(|r| r.heredoc_body.is_some_and(covers))
            })
        };
        let (effect, help) = match loops {
            true => (SYNTAX_ERROR, "write `for i in 1 2 3`, or `while`"),
            false => {
                ("its words are run as a command, which is not found", "write `A=$((A + 1))` or `[ … ]`")
            }
        };
        (begins && ends_twice(&text[at + 2..]) && !is_other()).then_some(Bashism {
            span,
            what: "`((…))`",
            effect,
            help,
        })
    })
}
