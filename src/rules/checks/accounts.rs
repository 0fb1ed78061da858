//! Accounts: users with high numbers, and passwords.

use crate::diag::{Finding, Fix, Saving, format_bytes};
use crate::rules::Cx;
use crate::semantic::{Cmd, FilledLastlog, Grammar, LASTLOG_ENTRY, ScriptKind, USERADD};
use crate::shell::{PartKind, Word};
use crate::syntax::{Kind, User};
use crate::text::{Edit, Span};

use super::secrets::reaches_image;

/// usermod(8), shadow 4.17.
pub(super) const USERMOD: Grammar = Grammar {
    short: "cdefgGlpPRsuvVwWZ",
    long: &[
        "comment",
        "home",
        "expiredate",
        "inactive",
        "gid",
        "groups",
        "login",
        "password",
        "prefix",
        "root",
        "shell",
        "uid",
        "selinux-user",
    ],
};

/// passwd(1), shadow 4.17.
const PASSWD: Grammar = Grammar {
    short: "inPrRwx",
    long: &["inactive", "mindays", "repository", "root", "prefix", "warndays", "maxdays"],
};

/// `useradd-fills-lastlog`.
pub fn lastlog(cx: &mut Cx<'_>) {
    for cmd in cx.model.commands_named("useradd") {
        let Some(FilledLastlog { bytes, uid, is_exact }) = cmd.fills_lastlog() else { continue };
        let message = format!(
            "with a user ID this high, `useradd` grows `/var/log/lastlog` to {}, and the layer stores all those zeros",
            format_bytes(bytes)
        );
        let source = format!("{LASTLOG_ENTRY} bytes for each user number");
        let mut finding = cx
            .at(uid, message)
            .help("add `-l`, which keeps `useradd` from writing to that file")
            .saving(Saving::estimated(bytes, source));
        if !cmd.script().exec && is_exact {
            let edit = Edit::insert(cmd.program_span().end, " -l");
            finding = finding.fix(Fix::safe("add `-l`", [edit]));
        }
        cx.report(finding);
    }
}

/// `password-in-image`.
pub fn password(cx: &mut Cx<'_>) {
    // What a discarded stage has in its files is in no image.
    let reaches = |cmd: &Cmd<'_>| reaches_image(cmd.model, cmd.step());
    for cmd in cx.model.commands_named("chpasswd").filter(reaches) {
        typed(cx, &cmd).into_iter().for_each(|f| cx.report(f));
    }
    for cmd in cx.model.commands_named("passwd").filter(reaches) {
        let arguments = cmd.arguments(&PASSWD);
        if arguments.has(&["--stdin", "-s"]) {
            typed(cx, &cmd).into_iter().for_each(|f| cx.report(f));
        }
        let root = arguments.operands.first().is_none_or(|user| user.is("root"));
        if let Some(delete) = arguments.option(&["-d", "--delete"]).filter(|_| root) {
            let message =
                "with no password on the root account, any program in the container can become root";
            let help = "leave the account locked, as it is: nobody can log in to it";
            cx.report(cx.at(delete.word.span, message).help(help));
        }
    }
    for (program, grammar) in [("useradd", &USERADD), ("usermod", &USERMOD)] {
        for cmd in cx.model.commands_named(program).filter(reaches) {
            let arguments = cmd.arguments(grammar);
            let Some(option) = arguments.option(&["-p", "--password"]) else { continue };
            let Some(value) = option.value else { continue };
            let made_here = value.word().parts.iter().any(|p| p.kind == PartKind::Command);
            let message = match value.as_str() {
                Some("") => "an empty password lets any program in the container become this user",
                Some(hash) if hash.starts_with('$') => {
                    "anyone who has the image can try to crack this password hash"
                }
                None if made_here && !is_random(&cmd, value.word().span) => {
                    "anyone who has the image can read this password or try to crack its hash"
                }
                // `!` and `*` lock the account, and other text is no hash that any password fits.
                _ => continue,
            };
            cx.report(cx.at(option.span(), message).help(HELP));
        }
    }
}

const HELP: &str = "do not set a password in the build: `USER` and `docker exec -u` need none, and a service can get \
                    its own when the container starts";

/// A password from standard input.
fn typed(cx: &Cx<'_>, cmd: &Cmd<'_>) -> Option<Finding> {
    if cmd.script().kind != ScriptKind::Run {
        return None;
    }
    let script = &cmd.script().script;
    let seat = cmd.shell().place.pipeline;
    let before = seat.and_then(|seat| {
        let members = &script.pipelines.get(seat.pipeline)?.members;
        script.commands.get((*members.get(seat.position.checked_sub(1)?)?)?)
    });
    let literal = before
        .filter(|c| matches!(c.program(), Some("echo" | "printf")))
        .and_then(|c| c.arguments().iter().find(|w| w.static_prefix().contains(':') || w.has_expansion()));
    if before.is_some_and(|c| is_random(cmd, c.span)) {
        return None;
    }
    let span = cmd.program_span();
    let Some(word) = literal else {
        let message = "anyone who has the image can try to crack the hash of the password that this sets";
        return Some(cx.at(span, message).help(HELP));
    };
    let from_secret = cmd.model.text(word.span).contains("/run/secrets/");
    let message = if from_secret {
        "anyone who has the image can try to crack the hash of this password"
    } else if word.has_expansion() {
        "anyone who has the image can read this password in its history, or try to crack its hash"
    } else {
        "anyone who has the image can read this password"
    };
    Some(cx.at(span, message).label(word.span, "the password").help(HELP))
}

/// True if a command at `within` makes something up: nobody knows such a password.
fn is_random(cmd: &Cmd<'_>, within: Span) -> bool {
    let random = |w: &Word| w.static_prefix().contains("random");
    let commands = cmd.script().script.commands.iter();
    commands.filter(|c| within.contains(c.span)).any(|c| {
        matches!(c.program(), Some("pwgen" | "uuidgen" | "apg" | "mktemp"))
            || c.program() == Some("openssl") && c.arguments().first().is_some_and(|w| w.is("rand"))
            || c.words.iter().any(random) && c.span != within
            || c.redirects.iter().filter_map(|r| r.target.as_ref()).any(random)
    })
}

/// `user-loses-groups`.
pub fn loses_groups(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage() else { return };
    let Some(step) = model.end_state(stage).user else { return };
    let Kind::User(Some(word)) = &model.instruction(step).kind else { return };
    let value = model.value(step, word);
    let Some(value) = value.known() else { return };
    let user = User::of(value);
    let Some(group) = user.group.filter(|group| !group.is_empty() && !user.is_number()) else { return };
    for cmd in model.run_commands().filter(|c| c.stage().is_some_and(|s| s.in_final_image)) {
        let Some((span, others)) = added_groups(&cmd, user.name) else { continue };
        if others.split(',').any(|other| !other.is_empty() && other != group) {
            let message = format!("with `:{group}` the process is in that group only, and not in `{others}`");
            let finding = cx.at(word.span, message).label(span, "added here");
            cx.report(
                finding.help(format!("write `USER {}`, which keeps all groups of the user", user.name)),
            );
            return;
        }
    }
}

/// The groups that a command adds a user to, beside the user's own.
fn added_groups(cmd: &Cmd<'_>, user: &str) -> Option<(Span, String)> {
    match cmd.program() {
        "useradd" | "usermod" => {
            let arguments = cmd.arguments(if cmd.program() == "useradd" { &USERADD } else { &USERMOD });
            let groups = arguments.option(&["-G", "--groups"])?;
            let named = arguments.operands.last()?.is(user);
            let value = groups.value?.as_str()?.to_owned();
            named.then(|| (groups.span(), value))
        }
        // `adduser USER GROUP`, and the same of busybox.
        "adduser" | "addgroup" if !cmd.args().iter().any(|w| w.static_prefix().starts_with('-')) => {
            let [first, second] = cmd.args() else { return None };
            first.is(user).then(|| Some((first.span, second.as_str()?.to_owned())))?
        }
        _ => None,
    }
}
