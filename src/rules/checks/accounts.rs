//! Accounts: users with high numbers, and passwords.

use crate::diag::{Finding, Fix, Saving, format_bytes};
use crate::rules::Cx;
use crate::semantic::{Base, Cmd, Grammar, ScriptKind};
use crate::shell::{PartKind, Word};
use crate::text::{Edit, Span};

/// useradd(8), shadow 4.17.
const USERADD: Grammar = Grammar {
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
const USERMOD: Grammar = Grammar {
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
            "a user number this high makes `/var/log/lastlog` {} long, all of it zeros in the layer",
            format_bytes(bytes)
        );
        let source = format!("{LASTLOG_ENTRY} bytes for each user number");
        let mut finding = cx
            .at(uid.span(), message)
            .help("add `-l`, so that `useradd` leaves that file alone")
            .saving(Saving::estimated(bytes, source));
        if !cmd.script().exec && arguments.options.iter().all(|o| o.word.exact) {
            let edit = Edit::insert(cmd.program_span().end, " -l");
            finding = finding.fix(Fix::safe("add `-l`", [edit]));
        }
        cx.report(finding);
    }
}

/// True unless the release is known to do without `/var/log/lastlog`: Debian 13, Ubuntu 24.10, Alpine.
fn has_lastlog(cmd: &Cmd<'_>) -> bool {
    use crate::knowledge::Family::{Alpine, Debian, Ubuntu};
    let Some(stage) = cmd.stage() else { return true };
    let Base::Image(image) = cmd.model.root_base(stage) else { return true };
    let tag = image.tag.as_deref().unwrap_or("");
    let release = || {
        tag.bytes()
            .take_while(u8::is_ascii_digit)
            .fold(0_u32, |n, b| n.saturating_mul(10).saturating_add(u32::from(b - b'0')))
    };
    let own = |name: &str| image.is_official() && image.familiar_path() == name;
    match cmd.model.family(stage) {
        Alpine => false,
        Debian => !(tag.contains("trixie") || tag.contains("forky") || own("debian") && release() >= 13),
        Ubuntu => !(own("ubuntu") && (release() >= 25 || tag.starts_with("24.10"))),
        _ => true,
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
            let message = "without a password, every program in the container can become root";
            let help = "leave the account as it is: without any password set, nobody can log in";
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
                Some("") => "an empty password lets every program in the container become this user",
                Some(hash) if hash.starts_with('$') => {
                    "everybody who has the image can try to crack this password's hash"
                }
                None if made_here && !is_random(&cmd, value.word().span) => {
                    "everybody who has the image can read this password or try to crack it"
                }
                // `!` and `*` lock the account, and other text is no hash that any password fits.
                _ => continue,
            };
            cx.report(cx.at(option.span(), message).help(HELP));
        }
    }
}

const HELP: &str = "build without a password: `USER` and `docker exec -u` need none, and a service gets its \
                    own when the container starts";

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
        let message = "everybody who has the image can try to crack the hash of the password that this sets";
        return Some(cx.at(span, message).help(HELP));
    };
    let message = if word.has_expansion() {
        "everybody who has the image can read this password in its history, or try to crack its hash"
    } else {
        "everybody who has the image can read this password"
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
