//! The numbers that a file gives to the users that it makes.

use std::collections::HashMap;

use crate::semantic::{Cmd, CopyUse, Failing, Grammar, Model, Stage};
use crate::text::{Arrange, Span};

use super::accounts::USERMOD;
use crate::semantic::USERADD;

/// adduser of busybox, of Debian, and of Red Hat, where it is useradd.
const ADDUSER: Grammar = Grammar {
    short: "bcdefgGhkKpRsuZ",
    long: &[
        "base-dir",
        "comment",
        "conf",
        "expiredate",
        "firstgid",
        "firstuid",
        "gecos",
        "gid",
        "groups",
        "home",
        "home-dir",
        "inactive",
        "ingroup",
        "key",
        "lastgid",
        "lastuid",
        "password",
        "root",
        "shell",
        "skel",
        "uid",
    ],
};

/// userdel(8), and deluser of Debian and of busybox.
const USERDEL: Grammar = Grammar { short: "RP", long: &["root", "prefix", "conf", "backup-to"] };

/// The file of all accounts.
const PASSWD: &str = "/etc/passwd";

/// The number of a user that a command makes.
#[derive(Debug, Clone)]
pub(super) struct NumberOfUser {
    /// The number, or the variable that stands for it.
    pub(super) written: String,
    /// The command.
    pub(super) made: Span,
    /// Whether no build argument decides about it.
    pub(super) is_fixed: bool,
}

impl NumberOfUser {
    /// True if it is root by another name.
    pub(super) fn is_root(&self) -> bool {
        self.is_fixed && self.written.bytes().all(|b| b == b'0')
    }
}

/// What a step does to accounts.
enum Change<'m> {
    /// A command that makes, changes or removes one.
    Command(Cmd<'m>),
    /// Something writes the file of all accounts.
    All,
}

/// What a file does to accounts, in its order.
pub(super) struct Accounts<'m>(Vec<(usize, Change<'m>)>);

impl<'m> Accounts<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        let mut changes = Vec::new();
        for cmd in model.run_commands() {
            if matches!(cmd.program(), "useradd" | "adduser" | "usermod" | "userdel" | "deluser") {
                changes.push((cmd.step(), Change::Command(cmd)));
            } else if writes_passwd(&cmd) {
                changes.push((cmd.step(), Change::All));
            }
        }
        let copies = model.copies.iter().filter(|copy| !copy.mount && !copy.onbuild && brings_passwd(copy));
        changes.extend(copies.map(|copy| (copy.step, Change::All)));
        changes.arrange_by_key(|(step, _)| *step);
        Self(changes)
    }

    /// The number that the user `name` surely has at `step` of a stage, as far as the file gives it one.
    pub(super) fn number_of(
        &self,
        model: &Model,
        stage: &Stage,
        step: usize,
        name: &str,
    ) -> Option<NumberOfUser> {
        let mut numbers: HashMap<String, NumberOfUser> = HashMap::new();
        let mut stages: Vec<&Stage> = model.lineage(stage).collect();
        stages.reverse();
        for own in stages {
            let first = self.0.partition_point(|(at, _)| *at < own.steps.start);
            let end = own.steps.end.min(step);
            for (_, change) in self.0.iter().skip(first).take_while(|(at, _)| *at < end) {
                match change {
                    Change::Command(cmd) => apply(cmd, &mut numbers),
                    Change::All => numbers.clear(),
                }
            }
        }
        numbers.remove(name)
    }
}

fn apply(cmd: &Cmd<'_>, numbers: &mut HashMap<String, NumberOfUser>) {
    let grammar = match cmd.program() {
        "useradd" => &USERADD,
        "adduser" => &ADDUSER,
        "usermod" => &USERMOD,
        _ => &USERDEL,
    };
    let arguments = cmd.arguments(grammar);
    let of_elsewhere = ["-R", "--root", "-P", "--prefix"];
    let is_setting = cmd.program() == "useradd" && arguments.has(&["-D", "--defaults"]);
    // `adduser USER GROUP` makes no user.
    let joins = cmd.program() != "useradd" && cmd.program() != "usermod" && arguments.operands.len() > 1;
    if is_setting || joins || arguments.has(&of_elsewhere) {
        return;
    }
    let Some(name) = arguments.operands.last().and_then(|word| cmd.text_of(word)) else {
        // Nobody knows whom it changes; who is made anew was not there before.
        if !matches!(cmd.program(), "useradd" | "adduser") {
            numbers.clear();
        }
        return;
    };
    let is_sure = cmd.surely_runs() && cmd.failing() != Failing::IsHandled;
    let option = arguments.option(&["-u", "--uid"]);
    let login = arguments.option(&["-l", "--login"]).filter(|_| cmd.program() == "usermod");
    let before = match cmd.program() {
        "usermod" => numbers.remove(&name),
        _ => {
            numbers.remove(&name);
            None
        }
    };
    if !is_sure || matches!(cmd.program(), "userdel" | "deluser") || cmd.has_unknown_options() {
        return;
    }
    let number = match option {
        Some(option) => option.value.and_then(|value| {
            let text = value.resolve(cmd)?;
            let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            if !is_number {
                return None;
            }
            let is_fixed = value.as_str().is_some();
            let written = cmd.model.text(value.span());
            let written = written.trim_matches('"').trim_start_matches("--uid=").trim_matches('"');
            let written = if is_fixed { text.into_owned() } else { written.to_owned() };
            Some(NumberOfUser { written, made: cmd.shell().span, is_fixed })
        }),
        None => before,
    };
    let name = match login {
        None => Some(name),
        Some(login) => login.value.and_then(|value| value.resolve(cmd)).map(std::borrow::Cow::into_owned),
    };
    if let (Some(number), Some(name)) = (number, name) {
        numbers.insert(name, number);
    }
}

/// True if a command writes the file of all accounts itself.
fn writes_passwd(cmd: &Cmd<'_>) -> bool {
    let writes = matches!(
        cmd.program(),
        "cp" | "ed" | "install" | "ln" | "mv" | "newusers" | "perl" | "pwconv" | "sed" | "tee" | "vipw"
    );
    let names = || cmd.args().iter().any(|word| word.static_prefix().ends_with(PASSWD));
    let redirects = || {
        use crate::shell::RedirectKind::{Append, Write};
        let mut redirects = cmd.shell().redirects.iter();
        redirects.any(|r| {
            matches!(r.kind, Append | Write) && r.target.as_ref().is_some_and(|word| word.is(PASSWD))
        })
    };
    writes && names() || matches!(cmd.program(), "newusers" | "vipw") || redirects()
}

fn brings_passwd(copy: &CopyUse) -> bool {
    copy.brings(PASSWD)
}
