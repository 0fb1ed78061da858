//! What the first bytes and the mode of a file of the build context say of it as a program.

use std::collections::BTreeMap;

use super::paths::base_name;
use crate::knowledge::SERVERS;
use crate::shell::{self, Command, Connector, Dialect, Redirect, RedirectKind, Script};
use crate::syntax::named_program;

/// How much of a file is looked at, in bytes.
pub const HEAD_BYTES: usize = 16_384;

/// The most programs of a script that are noted.
const MAX_PROGRAMS: usize = 100;

/// What is known of a file as a program.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileHead {
    /// The interpreter that its first line names, with its arguments; `None` without `#!`.
    pub shebang: Option<String>,
    /// True if that line ends in CR and LF.
    pub shebang_ends_in_cr: bool,
    /// How many of the lines that were looked at end in CR and LF, and how many there are.
    pub lines: (usize, usize),
    /// True if a byte order mark stands before `#!`, so that the line names no interpreter.
    pub shebang_after_bom: bool,
    /// True for a text: no byte of it is zero.
    pub text: bool,
    /// True if it names a program that leaves root behind, such as gosu, or starts services as other users.
    pub steps_down: bool,
    /// The programs that a script of a shell calls, each once.
    pub programs: Vec<String>,
    /// The same of a text without a first line that names its interpreter, if a shell reads it.
    pub programs_in_shell: Vec<String>,
    /// The first file of the system that a script of a shell writes: `/etc/app.conf`.
    pub writes: Option<String>,
    /// The last command of a script of a shell that was read whole, if the shell starts it in the foreground and waits for
    /// it: `node server.js`, and not `exec node server.js`.
    pub waits_for: Option<String>,
    /// True if its owner may run it; `None` where the file system does not say.
    pub executable: Option<bool>,
}

/// Programs that start others as another user than root.
const STEPS_DOWN: [&str; 9] =
    ["chpst", "gosu", "runuser", "s6-setuidgid", "setpriv", "setuser", "su-exec", "sudo", "supervisord"];

/// What is known of files of the build context, by their paths in it.
pub type Heads = BTreeMap<String, FileHead>;

impl FileHead {
    /// Reads the first bytes of a file.
    #[must_use]
    pub fn read(start: &[u8], executable: Option<bool>) -> Self {
        let ended = |line: &&[u8]| line.ends_with(b"\n");
        let lines: Vec<&[u8]> = start.split_inclusive(|b| *b == b'\n').filter(ended).collect();
        let crlf = lines.iter().filter(|line| line.ends_with(b"\r\n")).count();
        let first = lines.first().copied().unwrap_or(start);
        let shebang = first.strip_prefix(b"#!").map(|rest| String::from_utf8_lossy(rest).trim().to_owned());
        let script = script(start, shebang.as_deref());
        let commands = script.as_ref().map_or(&[][..], |(_, script)| &script.commands);
        let in_shell = match shebang {
            None if !start.contains(&0) => programs(&read(start, Dialect::Posix).1.commands),
            _ => Vec::new(),
        };
        Self {
            shebang_ends_in_cr: shebang.is_some() && first.ends_with(b"\r\n"),
            shebang,
            lines: (crlf, lines.len()),
            shebang_after_bom: start.starts_with(b"\xef\xbb\xbf#!"),
            text: !start.contains(&0),
            steps_down: String::from_utf8_lossy(start).split_whitespace().any(|word| {
                let program = base_name(word.trim_matches(['"', '\'', '(', ')', ';', '`']));
                STEPS_DOWN.contains(&program)
            }),
            programs: programs(commands),
            programs_in_shell: in_shell,
            writes: commands.iter().find_map(written),
            waits_for: script
                .as_ref()
                .filter(|_| start.len() < HEAD_BYTES)
                .and_then(|(text, script)| waits_for(text, script)),
            executable,
        }
    }

    /// True for a script of a shell, whose commands are known as far as it was read.
    #[must_use]
    pub fn is_script_of_shell(&self) -> bool {
        matches!(self.interpreter(), Some("bash" | "sh" | "ash" | "dash" | "ksh"))
    }

    /// The program that its first line names, as the shell would find it: `bash` for `#!/usr/bin/env -S bash -e`.
    #[must_use]
    pub fn interpreter(&self) -> Option<&str> {
        named_program(self.shebang.as_deref()?).map(base_name)
    }
}

/// A script of a shell, and its text as far as it was read.
fn script(start: &[u8], shebang: Option<&str>) -> Option<(String, Script)> {
    match shebang.and_then(named_program).map(base_name) {
        Some("bash") => Some(read(start, Dialect::Bash)),
        Some("sh" | "ash" | "dash" | "ksh") => Some(read(start, Dialect::Posix)),
        _ => None,
    }
}

fn read(start: &[u8], dialect: Dialect) -> (String, Script) {
    // Its last line may be cut.
    let is_whole = start.len() < HEAD_BYTES;
    let cut = || start.iter().rposition(|b| *b == b'\n').map_or(start.len(), |end| end + 1);
    let text = String::from_utf8_lossy(&start[..if is_whole { start.len() } else { cut() }]).into_owned();
    let script = shell::parse(&text, 0, dialect);
    (text, script)
}

fn programs(commands: &[Command]) -> Vec<String> {
    let mut programs: Vec<String> = Vec::new();
    for program in commands.iter().filter_map(Command::program) {
        if programs.len() < MAX_PROGRAMS && !programs.iter().any(|known| known == program) {
            programs.push(program.to_owned());
        }
    }
    programs
}

/// The command that a script ends with, if its shell waits for it and nothing passes signals on.
fn waits_for(text: &str, script: &Script) -> Option<String> {
    if script.opaque || script.approximate || script.commands.iter().any(|c| c.program() == Some("trap")) {
        return None;
    }
    let command = script.commands.last()?;
    let place = &command.place;
    // Nothing may come behind it, and nothing encloses it.
    let is_last = place.list == 0 && script.lists.first().is_some_and(|list| list.len == place.index + 1);
    let runs =
        !matches!(place.before.connector, Connector::Or) && place.pipeline.is_none() && !place.background;
    let execs = command.words.iter().any(|word| word.is("exec"));
    let word = command.program_word()?;
    let name = word.span.text(text);
    let is_arguments = matches!(name, "\"$@\"" | "$@" | "\"${@}\"" | "${@}");
    let starts = || command.arguments().iter().any(|word| word.static_prefix().contains("start"));
    let is_server = || match command.program() {
        Some("npm" | "yarn" | "pnpm" | "bun") => starts(),
        Some(program) => SERVERS.contains(&program),
        None => false,
    };
    let shown = command.span.text(text);
    (is_last && runs && !execs && (is_arguments || is_server()) && !shown.contains('\n'))
        .then(|| shown.to_owned())
}

/// The file of the system that a command writes.
fn written(command: &Command) -> Option<String> {
    let is_system = |path: &&str| ["/etc/", "/usr/", "/root/"].iter().any(|folder| path.starts_with(folder));
    let to = |redirect: &Redirect| {
        let writes = matches!(redirect.kind, RedirectKind::Write | RedirectKind::Append);
        redirect.target.as_ref()?.as_str().filter(|_| writes).filter(is_system).map(str::to_owned)
    };
    let in_place = command.program() == Some("sed")
        && command.arguments().iter().any(|w| w.static_prefix().starts_with("-i"));
    let edited = command.arguments().last().and_then(|w| w.as_str()).filter(|_| in_place).filter(is_system);
    command.redirects.iter().find_map(to).or(edited.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::FileHead;

    #[test]
    fn the_first_line_names_the_interpreter() {
        for (text, want, cr) in [
            ("#!/bin/sh\necho\n", Some("sh"), false),
            ("#!/bin/bash -e\r\necho\r\n", Some("bash"), true),
            ("#! /usr/bin/env python3\n", Some("python3"), false),
            ("#!/usr/bin/env -S A=b node --x\n", Some("node"), false),
            ("#!/bin/sh", Some("sh"), false),
            ("echo\r\n", None, false),
            ("", None, false),
            ("#!\n", None, false),
        ] {
            let head = FileHead::read(text.as_bytes(), None);
            assert_eq!((head.interpreter(), head.shebang_ends_in_cr), (want, cr), "{text:?}");
        }
        assert_eq!(FileHead::read(b"a\r\nb\nc\r\nd", Some(true)).lines, (2, 3));
        let steps_down = |text: &str| FileHead::read(text.as_bytes(), None).steps_down;
        assert!(
            steps_down("#!/bin/sh\nexec /usr/bin/supervisord -n\n") && steps_down("exec gosu app \"$@\"\n")
        );
        assert!(!steps_down("#!/bin/sh\nexec \"$@\"\n") && !steps_down("# pseudo\nsudoku\n"));
    }
    #[test]
    fn a_script_may_wait_for_its_last_command() {
        let waits_for = |text: &str| FileHead::read(text.as_bytes(), None).waits_for;
        for (script, want) in [
            ("#!/bin/sh\nset -e\n\"$@\"\n", Some("\"$@\"")),
            ("#!/bin/sh\n./migrate && node server.js --port 1", Some("node server.js --port 1")),
            (
                "#!/bin/bash\nexport A=b\nif true; then exec a; fi\nA=c gosu app gunicorn a:b\n# end\n",
                Some("A=c gosu app gunicorn a:b"),
            ),
            ("#!/bin/sh\nnpm run start\n", Some("npm run start")),
            ("#!/bin/sh\nnpm run migrate\n", None),
            ("#!/bin/sh\nexec \"$@\"\n", None),
            ("#!/bin/sh\nexec gosu app \"$@\"\n", None),
            ("#!/bin/sh\nnode a.js &\nwait\n", None),
            ("#!/bin/sh\nnode a.js &\n", None),
            ("#!/bin/sh\nnode a.js | tee /log\n", None),
            ("#!/bin/sh\nnode a.js\necho done\n", None),
            ("#!/bin/sh\nnode a.js || exit 1\n", None),
            ("#!/bin/sh\nif true; then node a.js; fi\n", None),
            ("#!/bin/sh\nnode a.js\nif true; then :; fi\n", None),
            ("#!/bin/sh\ntrap stop TERM\nnode a.js\n", None),
            ("#!/bin/sh\nexport A=b\n", None),
            ("#!/usr/bin/env python3\nnode\n", None),
            ("node a.js\n", None),
        ] {
            assert_eq!(waits_for(script).as_deref(), want, "{script:?}");
        }
        let long = format!("#!/bin/sh\n{}\nnode a.js\n", "# a\n".repeat(5000));
        assert_eq!(waits_for(&long), None);
    }

    #[test]
    fn scripts_tell_what_they_call_and_write() {
        let script = "#!/bin/sh\nset -e\n# chmod 600 /etc/x\nif true; then chown -R app /data; fi\n\
                      echo a > /tmp/a\nsed -i s/a/b/ /etc/app.conf\nexec \"$@\"\n";
        let head = FileHead::read(script.as_bytes(), None);
        assert_eq!(head.programs, ["set", "true", "chown", "echo", "sed"]);
        assert_eq!(head.writes.as_deref(), Some("/etc/app.conf"));
        let head = FileHead::read(b"#!/bin/bash\necho a >> /usr/share/a\necho a > /etc/", None);
        assert_eq!(head.writes.as_deref(), Some("/usr/share/a"));
        for other in ["#!/usr/bin/env python3\nchown = 1\n", "chown a b\n", "#!/bin/sh\nsed s/a/b/ /etc/a\n"]
        {
            let head = FileHead::read(other.as_bytes(), None);
            assert!(head.writes.is_none() && !head.programs.contains(&"chown".to_owned()), "{other:?}");
        }
    }
}
