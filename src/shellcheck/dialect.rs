//! In which dialect a script is.

use std::ops::RangeInclusive;

use crate::knowledge::Family;

use super::program::Version;

/// A dialect that ShellCheck knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Dialect {
    /// What POSIX says.
    Sh,
    Dash,
    Bash,
    Ksh,
    Busybox,
}

/// What is not POSIX: features that one shell has and another has not.
const PORTABILITY: RangeInclusive<u16> = 3000..=3999;

impl Dialect {
    /// What the program reads, in an image of that family; `None` if ShellCheck cannot read it.
    pub(super) fn of_program(program: &str, family: Family) -> Option<Self> {
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let name = name.strip_suffix(".exe").unwrap_or(name);
        match name {
            "sh" if program.contains("busybox") => Some(Self::Busybox),
            // What `/bin/sh` is there.
            "sh" => match family {
                Family::Debian | Family::Ubuntu => Some(Self::Dash),
                Family::Alpine => Some(Self::Busybox),
                Family::RedHat | Family::Suse | Family::Arch => Some(Self::Bash),
                Family::Bare | Family::Unknown => Some(Self::Sh),
                Family::Windows => None,
            },
            "dash" => Some(Self::Dash),
            "bash" => Some(Self::Bash),
            "ash" | "busybox" => Some(Self::Busybox),
            "ksh" | "ksh93" | "mksh" | "oksh" | "loksh" => Some(Self::Ksh),
            _ => None,
        }
    }

    /// What it is called in a `shell=` directive.
    pub(super) fn name(self, version: Version) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Bash => "bash",
            Self::Ksh => "ksh",
            Self::Busybox if version.knows_busybox() => "busybox",
            Self::Dash | Self::Busybox => "dash",
        }
    }

    /// The findings that say nothing of it, as the program takes it for another dialect.
    pub(super) fn mutes(self, version: Version, code: u16) -> bool {
        self == Self::Busybox && !version.knows_busybox() && PORTABILITY.contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sh_is_what_the_image_has() {
        for (program, family, want) in [
            ("/bin/sh", Family::Debian, Some(Dialect::Dash)),
            ("sh", Family::Alpine, Some(Dialect::Busybox)),
            ("/bin/sh", Family::RedHat, Some(Dialect::Bash)),
            ("/bin/sh", Family::Unknown, Some(Dialect::Sh)),
            ("/busybox/sh", Family::Bare, Some(Dialect::Busybox)),
            ("/bin/bash", Family::Alpine, Some(Dialect::Bash)),
            ("/bin/ash", Family::Alpine, Some(Dialect::Busybox)),
            ("/usr/bin/zsh", Family::Debian, None),
            ("powershell.exe", Family::Windows, None),
            ("python3", Family::Debian, None),
            ("", Family::Debian, None),
        ] {
            assert_eq!(Dialect::of_program(program, family), want, "{program} {family:?}");
        }
    }

    #[test]
    fn an_old_program_takes_busybox_for_dash() {
        let (old, new) = (Version(0, 9, 0), Version(0, 10, 0));
        assert_eq!((Dialect::Busybox.name(old), Dialect::Busybox.name(new)), ("dash", "busybox"));
        assert!(Dialect::Busybox.mutes(old, 3010) && !Dialect::Busybox.mutes(new, 3010));
        assert!(!Dialect::Busybox.mutes(old, 2086) && !Dialect::Dash.mutes(old, 3010));
    }
}
