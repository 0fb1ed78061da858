//! Modes of files.

use crate::rules::Cx;
use crate::semantic::{Cmd, Grammar, Model, RunsAs, ScriptKind, covers};
use crate::shell::{Connector, Word};
use crate::syntax::Keyword;
use crate::text::Span;

/// chmod(1), mkdir(1) and install(1) of GNU and of busybox.
const CHMOD: Grammar = Grammar { short: "", long: &["reference"] };
const MKDIR: Grammar = Grammar { short: "m", long: &["mode"] };
const INSTALL: Grammar = Grammar {
    short: "gmotSZ",
    long: &["group", "mode", "owner", "target-directory", "suffix", "strip-program"],
};

/// The most lines of a comment that are read.
const MAX_COMMENT: usize = 8;

/// And the most bytes.
const MAX_COMMENT_BYTES: usize = 1024;

/// What a mode does that lets everybody write.
fn message(mode: &str) -> String {
    format!(
        "the mode `{mode}` lets any user write here, so any compromised process can change files that others rely on"
    )
}

/// The same mode in digits for the owner alone to write: `755` for `777`.
fn for_owner(mode: &str) -> Option<String> {
    let is_number = !mode.is_empty() && mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let number = u32::from_str_radix(mode, 8).ok().filter(|_| is_number)?;
    Some(format!("{:03o}", number & !0o022))
}

/// `world-writable`.
pub fn world_writable(cx: &mut Cx<'_>) {
    // Whoever runs it gives it a number of his own, so that any user has to write.
    if cx.model.context().is_some_and(|context| context.told.any_user) {
        return;
    }
    for (step, instruction) in cx.model.instructions() {
        if !matches!(instruction.keyword, Keyword::Copy | Keyword::Add) {
            continue;
        }
        let Some(flag) = instruction.flag("chmod").filter(|f| f.value.is_some()) else { continue };
        let Some(word) = flag.word(cx.model.file.escape) else { continue };
        let copy = cx.model.copies_of(step).iter().find(|c| !c.mount);
        let destination = copy.and_then(|c| c.destination.known());
        let mode = cx.model.value(step, &word);
        let Some(mode) = mode.known().filter(|mode| lets_others_write(mode)) else { continue };
        let ships = cx.model.stage_of(step).is_some_and(|s| cx.model.may_ship(s, destination));
        if ships && !is_meant(cx.model, step, flag.value_span) {
            let help = match for_owner(mode) {
                Some(mode) => {
                    format!("write `--chmod={mode}`, and use `--chown` if a user has to write to it")
                }
                None => "let only the owner write, and set the owner with `--chown`".to_owned(),
            };
            cx.report(cx.at(flag.value_span, message(mode)).help(help));
        }
    }
    for cmd in cx.model.commands_named("chmod") {
        if let Some((mode, files)) = chmod(&cmd) {
            if opens_toolchain(&cmd, mode, &files) {
                continue;
            }
            let folders = files.iter().flat_map(|w| cmd.paths_of(w)).collect::<Vec<_>>();
            // Anybody may make such files there.
            if !folders.is_empty() && folders.iter().all(|f| is_below_shared(f)) {
                continue;
            }
            let shared = !folders.is_empty() && folders.iter().all(|f| is_shared(f));
            let text = cmd.text_of(mode).unwrap_or_default();
            report(cx, &cmd, (mode.span, &text), &files, shared);
        }
    }
    for (program, grammar) in [("mkdir", &MKDIR), ("install", &INSTALL)] {
        for cmd in cx.model.commands_named(program) {
            let arguments = cmd.arguments(grammar);
            let Some(option) = arguments.option(&["-m", "--mode"]) else { continue };
            let mode = option.value.and_then(|v| v.resolve(&cmd));
            if let Some(mode) = mode.filter(|m| lets_others_write(m)) {
                report(cx, &cmd, (option.span(), &mode), &arguments.operands, false);
            }
        }
    }
}

/// True for what the official image of Rust does itself, so that any user can build: `chmod -R a+w` of the folders that
/// Cargo and rustup write to.
fn opens_toolchain(cmd: &Cmd<'_>, mode: &Word, files: &[&Word]) -> bool {
    let is_home = |word: &&Word| {
        let text = cmd.model.text(word.span).trim_matches('"').trim_end_matches('/');
        let names = |variable: &str| text == format!("${variable}") || text == format!("${{{variable}}}");
        names("CARGO_HOME")
            || names("RUSTUP_HOME")
            || cmd
                .paths_of(word)
                .iter()
                .any(|path| matches!(path.trim_end_matches('/'), "/usr/local/cargo" | "/usr/local/rustup"))
    };
    let adds = |mode: String| mode.contains('+') && !mode.contains(|c: char| c.is_ascii_digit());
    !files.is_empty() && cmd.text_of(mode).is_some_and(adds) && files.iter().all(is_home)
}

/// The mode and the files of a `chmod` that lets everybody write.
fn chmod<'m>(cmd: &Cmd<'m>) -> Option<(&'m Word, Vec<&'m Word>)> {
    let arguments = cmd.arguments(&CHMOD);
    // `-w` is a mode that takes away, and `--reference` takes the mode from a file.
    if arguments.options.iter().any(|o| o.is_any(&["-w", "-x", "-r", "-s", "-t", "-X", "--reference"])) {
        return None;
    }
    let (mode, files) = arguments.operands.split_first()?;
    let text = cmd.text_of(mode)?;
    // Into the folders below nobody else comes.
    let is_recursive = arguments.options.iter().any(|o| o.is_any(&["-R", "--recursive"]));
    if is_recursive && text.bytes().all(|b| b.is_ascii_digit()) && !opens_folders(&text) {
        return None;
    }
    lets_others_write(&text).then(|| (*mode, files.to_vec()))
}

fn report(cx: &mut Cx<'_>, cmd: &Cmd<'_>, (span, mode): (Span, &str), files: &[&Word], shared: bool) {
    let unseen = cmd.script().kind != ScriptKind::Run
        || is_meant(cmd.model, cmd.step(), span)
        || !stays(cmd, files)
        || files.iter().any(|w| w.static_prefix().starts_with("/dev/"));
    if unseen {
        return;
    }
    let instead = for_owner(mode).map(|mode| format!(", and write `{mode}`")).unwrap_or_default();
    let help = match cmd.stage().filter(|stage| stage.in_final_image).map(|stage| cx.model.ends_as(stage)) {
        _ if shared => {
            "write `1777`: with the sticky bit, only the owner of a file can remove or rename it".to_owned()
        }
        Some(RunsAs::Other(user)) if !user.is_empty() => {
            format!("make the container's user its owner: `chown {user}`{instead}")
        }
        _ if opens_folders(mode) => format!(
            "make the user that needs it the owner (`chown`){instead}; only for a folder that all users share, write `1777`"
        ),
        _ => format!("make the user that needs it the owner (`chown`){instead}"),
    };
    cx.report(cx.at(span, message(mode)).help(help));
}

/// True if the comment right above the instruction of `step`, or one beside `span` in it, says that it is meant for
/// whoever comes, or if the file lets the number of the user be chosen at the start (`PUID`).
fn is_meant(model: &Model, step: usize, span: Span) -> bool {
    let text = model.file.text();
    let from = model.instruction(step).span.start.min(span.start);
    let lines = |end: usize| {
        let start = (end.saturating_sub(MAX_COMMENT_BYTES)..=end).find(|at| text.is_char_boundary(*at));
        let before = start.and_then(|start| text.get(start..end)).unwrap_or("");
        before.lines().rev().take(MAX_COMMENT).map(str::trim_start)
    };
    let says = |line: &str| {
        let line = line.to_ascii_lowercase();
        FOR_EVERYBODY.iter().any(|words| line.contains(words))
    };
    let above = |end: usize| lines(end).take_while(|line| line.starts_with('#')).any(says);
    let at = span.range().start;
    let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let rest = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let behind = rest.split_once(" #").is_some_and(|(_, comment)| says(comment));
    above(from as usize) || line > from as usize && above(line) || behind || text.contains("PUID")
}

/// Words of comments that mean whoever runs the container, in lower case.
const FOR_EVERYBODY: [&str; 21] = [
    "$(id -u",
    "all users",
    "any id",
    "any uid",
    "anybody",
    "anyone",
    "arbitrary gid",
    "arbitrary id",
    "arbitrary u",
    "as any user",
    "as non-root",
    "by any user",
    "different user",
    "every user",
    "everyone",
    "for any user",
    "openshift",
    "random uid",
    "with any user",
    "`--user`",
    "\"--user\"",
];

/// Folders that are for everybody.
fn is_shared(folder: &str) -> bool {
    matches!(folder.trim_end_matches('/'), "/tmp" | "/var/tmp" | "/dev/shm" | "/run/lock" | "/var/lock")
}

/// True for what is below a folder in which anybody may make files.
fn is_below_shared(path: &str) -> bool {
    ["/tmp/", "/var/tmp/"].iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| !rest.is_empty()))
}

/// True for a mode that lets others into folders, in digits or letters.
fn opens_folders(mode: &str) -> bool {
    match u32::from_str_radix(mode, 8) {
        Ok(number) => number & 0o0001 != 0,
        Err(_) => mode.contains(['x', 'X']),
    }
}

/// True if one of `files` may be in the final image, and the script does not remove it.
fn stays(cmd: &Cmd<'_>, files: &[&Word]) -> bool {
    let model = cmd.model;
    let Some(stage) = cmd.stage() else { return false };
    let deep = cmd.program() == "chmod" && is_recursive(cmd);
    files.iter().any(|file| {
        let paths = cmd.paths_of(file);
        // In a branch, as far as both stand in it.
        let is_beside = |c: &Cmd<'_>| {
            let (own, other) = (&cmd.shell().place, &c.shell().place);
            c.step() == cmd.step() && own.list == other.list && other.before.connector != Connector::Or
        };
        let runs = |c: &Cmd<'_>| c.surely_runs() || is_beside(c);
        let mut behind = model.first_behind(cmd, "rm").chain(model.first_behind(cmd, "rmdir"));
        let names = |c: &Cmd<'_>| c.args().iter().any(|w| model.text(w.span) == model.text(file.span));
        let removed = behind
            .any(|c| names(&c) || c.removed_paths().iter().any(|r| paths.iter().any(|p| covers(r, p))))
            || model.first_behind_in_stage(cmd, "chmod").filter(runs).any(|c| {
                let all = is_recursive(&c);
                let same = c.step() == cmd.step() && names(&c)
                    || !paths.is_empty()
                        && c.args().iter().any(|w| {
                            let own = c.paths_of(w);
                            own == paths
                                || all && paths.iter().all(|path| own.iter().any(|above| covers(above, path)))
                        });
                same && takes_back(&c) && (all || !deep)
            });
        let ships = match &*paths {
            [] => model.may_ship(stage, None),
            paths => paths.iter().any(|p| model.may_ship(stage, Some(p))),
        };
        ships && !removed
    })
}

/// True for a `chmod` after which the others may not write.
fn takes_back(cmd: &Cmd<'_>) -> bool {
    let mode = cmd.arguments(&CHMOD).operands.first().and_then(|mode| cmd.text_of(mode));
    mode.is_some_and(|mode| {
        let digits = mode.bytes().all(|b| b.is_ascii_digit());
        let bars = if digits { !lets_others_write(&mode) } else { !others_write(&mode, true) };
        bars || cmd.args().iter().any(|w| w.is("-w"))
    })
}

/// True for `chmod` with `-R`.
fn is_recursive(cmd: &Cmd<'_>) -> bool {
    cmd.has_any_flag(&["-R", "--recursive"])
}

/// True for a mode, in digits or letters, that lets everybody write and sets no sticky bit.
pub(super) fn lets_others_write(mode: &str) -> bool {
    if mode.bytes().all(|b| matches!(b, b'0'..=b'7')) {
        let number = mode.bytes().fold(0_u32, |n, b| (n << 3 | u32::from(b - b'0')) & 0o7777);
        return number & 0o1002 == 0o0002;
    }
    others_write(mode, false)
}

/// Whether everybody may write, and no sticky bit is set, behind a mode in letters. `writes` says it of before.
fn others_write(mode: &str, mut writes: bool) -> bool {
    for clause in mode.split(',') {
        let who = clause.find(['+', '-', '=']).unwrap_or(clause.len());
        let (who, mut actions) = clause.split_at(who);
        while let Some(action) = actions.chars().next() {
            let rest = actions.get(action.len_utf8()..).unwrap_or("");
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let (what, behind) = rest.split_at(end);
            actions = behind;
            if what.contains('t') && action != '-' {
                return false;
            }
            // Without a letter in front, the umask keeps the others out.
            if !who.contains(['a', 'o']) {
                continue;
            }
            match action {
                '+' => writes |= what.contains('w'),
                '-' => writes &= !what.contains('w'),
                // `o=g` is what the group may.
                _ if what.starts_with(['g', 'u']) => {}
                _ => writes = what.contains('w'),
            }
        }
    }
    writes
}

#[cfg(test)]
mod tests {
    use super::{lets_others_write, others_write};

    #[test]
    fn modes_that_keep_others_out_again() {
        for mode in ["go-w", "go=", "o=", "u=rw,go=r", "a-w", "o-w", "ugo-w", "u+x,go-w", "+t", "g+w,o=rx"] {
            assert!(!others_write(mode, true), "{mode}");
        }
        for mode in ["g-w", "u=rw", "+x", "a+r", "o-x", "go=u", "o-w,o+w", ""] {
            assert!(others_write(mode, true), "{mode}");
        }
    }

    #[test]
    fn modes_in_digits_and_letters() {
        for mode in
            ["777", "0777", "666", "002", "2777", "a+w", "a+rwx", "ugo+rw", "o=rw", "go+wX", "u+x,o+w"]
        {
            assert!(lets_others_write(mode), "{mode}");
        }
        for mode in ["755", "1777", "775", "+w", "+rwx", "u+w", "g=u", "a+rX", "a+rwxt", "a-w", "o+w,o-w", ""]
        {
            assert!(!lets_others_write(mode), "{mode}");
        }
    }
}
