//! Users with high numbers, for whom older versions of useradd fill a file with zeros.

use crate::text::Span;

use super::{Base, Cmd, Grammar, ScriptKind};

/// useradd(8), shadow 4.17.
pub const USERADD: Grammar = Grammar {
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

/// The size of an entry of `/var/log/lastlog` in bytes, whose place is the number of the user.
pub const LASTLOG_ENTRY: u64 = 292;

/// From here on the file is as large as a layer: 29 MB.
const HIGH_UID: u64 = 100_000;

/// A `/var/log/lastlog` that is as long as a user's number is high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilledLastlog {
    /// Its bytes, which a layer holds as zeros.
    pub bytes: u64,
    /// The option with the number.
    pub uid: Span,
    /// True if all options stand in the file as the shell sees them.
    pub is_exact: bool,
}

impl Cmd<'_> {
    /// The file that `useradd -u 200000` makes where its version fills it.
    #[must_use]
    pub fn fills_lastlog(&self) -> Option<FilledLastlog> {
        if self.program() != "useradd" || self.script().kind != ScriptKind::Run || !has_lastlog(self) {
            return None;
        }
        let arguments = self.arguments(&USERADD);
        let no_log = arguments.has(&["-l", "--no-log-init"]) || self.has_unknown_options();
        let uid = arguments.option(&["-u", "--uid"]).filter(|_| !no_log)?;
        let number = uid.value.and_then(|v| v.resolve(self)).and_then(|v| v.parse::<u64>().ok());
        let number = number.filter(|n| (HIGH_UID..=u64::from(u32::MAX)).contains(n))?;
        let is_exact = arguments.options.iter().all(|o| o.word.exact);
        Some(FilledLastlog { bytes: (number + 1) * LASTLOG_ENTRY, uid: uid.span(), is_exact })
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
