//! Accounts: users with high numbers, and passwords.

use crate::diag::{Finding, Fix, Saving, format_bytes};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Grammar, ScriptKind};
use crate::shell::{PartKind, Word};
use crate::syntax::{Kind, User};
use crate::text::{Edit, Span};

/// useradd(8), shadow 4.17.
pub(super) const USERADD: Grammar = Grammar {
    short: "bcdefFgGkKpPRsuZ",
    long: &[
        "base-dir",
        "comment",
        "home-dir",
        "expiredate",
        "inactive",
        "gid",
        "groups",
        "skel",
        "key",
        "password",
        "root",
        "prefix",
        "shell",
        "uid",
        "selinux-user",
    ],
};

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

/// The size of an entry of `/var/log/lastlog`, whose place is the number of the user.
const LASTLOG_ENTRY: u64 = 292;

/// From here on the file is as large as a layer: 29 MB.
const HIGH_UID: u64 = 100_000;

/// `useradd-fills-lastlog`.
pub fn lastlog(cx: &mut Cx<'_>) {
    for cmd in cx.model.commands_named("useradd") {
        if cmd.script().kind != ScriptKind::Run || !has_lastlog(&cmd) {
            continue;
        }
        let arguments = cmd.arguments(&USERADD);
        let no_log = arguments.has(&["-l", "--no-log-init"]) || cmd.has_unknown_options();
        let Some(uid) = arguments.option(&["-u", "--uid"]).filter(|_| !no_log) else { continue };
        let number = uid.value.and_then(|v| v.resolve(&cmd)).and_then(|v| v.parse::<u64>().ok());
        let Some(number) = number.filter(|n| (HIGH_UID..=u64::from(u32::MAX)).contains(n)) else { continue };
        let bytes = (number + 1) * LASTLOG_ENTRY;
        let message = format!(
            "with a user ID this high, `useradd` makes `/var/log/lastlog` {} long, and the layer holds all of it as zeros",
            format_bytes(bytes)
        );
        let source = format!("{LASTLOG_ENTRY} bytes for each user number");
        let mut finding = cx
            .at(uid.span(), message)
            .help("add `-l`, which keeps `useradd` from writing to that file")
            .saving(Saving::estimated(bytes, source));
        if !cmd.script().exec && arguments.options.iter().all(|o| o.word.exact) {
            let edit = Edit::insert(cmd.program_span().end, " -l");
            finding = finding.fix(Fix::safe("add `-l`", [edit]));
        }
        cx.report(finding);
    }
}

/// True if the image surely has a `useradd` of before shadow 4.13, which fills `/var/log/lastlog`: up to Debian 11
/// (4.8), Ubuntu 22.04 (4.8), Red Hat 9 (4.9) and its kin, and Amazon Linux 2023 (4.9).
fn has_lastlog(cmd: &Cmd<'_>) -> bool {
    let Some(Base::Image(image)) = cmd.stage().map(|stage| cmd.model.root_base(stage)) else { return false };
    let tag = image.tag.as_deref().unwrap_or("latest");
    let has = |names: &[&str]| tag.split(['-', '.', '_']).any(|part| names.contains(&part));
    let digits = tag.bytes().take_while(u8::is_ascii_digit).count();
    let major = || tag.get(..digits).and_then(|digits| digits.parse::<u32>().ok());
    if has(&["bullseye", "buster", "stretch", "jessie", "jammy", "focal", "bionic", "xenial", "trusty"]) {
        return true;
    }
    if let Some(release) = tag.split('-').find_map(|part| part.strip_prefix("ubuntu")) {
        return release
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|m| m <= 22);
    }
    match image.repository() {
        "debian" => major().is_some_and(|major| major <= 11),
        "ubuntu" => major().is_some_and(|major| (12..=22).contains(&major)),
        "centos" | "rockylinux" | "almalinux" | "oraclelinux" | "redhat" => {
            major().is_some_and(|major| major <= 9) || has(&["stream8", "stream9"])
        }
        "ubi7" | "ubi8" | "ubi9" => true,
        // `ubi9/ubi-minimal`, `rockylinux/rockylinux`.
        _ if ["ubi7/", "ubi8/", "ubi9/"].iter().any(|p| image.path.starts_with(p)) => true,
        "amazonlinux" => true,
        "fedora" => major().is_some_and(|major| major <= 37),
        _ => false,
    }
}

/// `password-in-image`.
pub fn password(cx: &mut Cx<'_>) {
    for cmd in cx.model.commands_named("chpasswd") {
        typed(cx, &cmd).into_iter().for_each(|f| cx.report(f));
    }
    for cmd in cx.model.commands_named("passwd") {
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
        for cmd in cx.model.commands_named(program) {
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
            let message =
                format!("with `:{group}` the process is in that group alone, and not in `{others}`");
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
