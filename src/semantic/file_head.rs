//! What the first bytes and the mode of a file of the build context say of it as a program.

use std::collections::BTreeMap;

use super::paths::base_name;
use crate::syntax::named_program;

/// How much of a file is looked at, in bytes.
pub const HEAD_BYTES: usize = 4096;

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
            executable,
        }
    }

    /// The program that its first line names, as the shell would find it: `bash` for `#!/usr/bin/env -S bash -e`.
    #[must_use]
    pub fn interpreter(&self) -> Option<&str> {
        named_program(self.shebang.as_deref()?).map(base_name)
    }
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
}
