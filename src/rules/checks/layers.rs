//! Rules about work that is spread over layers in a way that costs bytes.

use crate::semantic::Cmd;

/// Programs that install no packages, sorted. Others may do so on their own.
const HARMLESS: &[&str] = &[
    ":",
    "[",
    "add-apt-repository",
    "addgroup",
    "adduser",
    "apt-cache",
    "apt-config",
    "apt-key",
    "apt-mark",
    "awk",
    "cat",
    "cd",
    "chgrp",
    "chmod",
    "chown",
    "cp",
    "curl",
    "cut",
    "date",
    "dirname",
    "dpkg",
    "dpkg-query",
    "dpkg-reconfigure",
    "echo",
    "env",
    "exit",
    "export",
    "false",
    "find",
    "getent",
    "gpg",
    "grep",
    "groupadd",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "install",
    "ldconfig",
    "ln",
    "locale-gen",
    "ls",
    "lsb_release",
    "mkdir",
    "mv",
    "printf",
    "pwd",
    "read",
    "rm",
    "rmdir",
    "sed",
    "set",
    "shift",
    "sleep",
    "sort",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "umask",
    "uname",
    "unset",
    "unzip",
    "update-alternatives",
    "update-ca-certificates",
    "update-locale",
    "useradd",
    "usermod",
    "wc",
    "wget",
    "which",
    "xz",
];

/// True if a command is a program of which it is not known that it installs no packages.
pub(super) fn runs_unknown(cmd: &Cmd<'_>) -> bool {
    HARMLESS.binary_search(&cmd.program()).is_err()
}

#[cfg(test)]
mod tests {
    #[test]
    fn harmless_programs_are_sorted() {
        assert!(super::HARMLESS.is_sorted());
    }
}
