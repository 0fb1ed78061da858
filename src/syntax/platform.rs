//! Platforms as containerd's `platforms.Parse` reads them.

/// The operating systems that may stand alone.
const SYSTEMS: [&str; 17] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

/// The architectures that may stand alone, under all their names.
const ARCHITECTURES: [&str; 29] = [
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
    "i386",
    "x86_64",
    "x86-64",
    "aarch64",
    "armhf",
];

/// Why a text is no platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlatformFault {
    /// A part has a character that none may have, or is empty.
    Part,
    /// There are more than system, architecture and variant.
    TooMany,
    /// What stands alone is neither a system nor an architecture.
    Unknown,
}

/// Checks a platform that holds no variables.
pub(super) fn check(text: &str) -> Result<(), PlatformFault> {
    let mut parts = text.split('/');
    let system = parts.next().unwrap_or("");
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
    };
    if !is_system(system) || !parts.clone().take(3).all(is_part) {
        return Err(PlatformFault::Part);
    }
    match parts.count() {
        0 => {
            let lower = system.split('(').next().unwrap_or("").to_ascii_lowercase();
            let known = SYSTEMS.contains(&&*lower) || lower == "macos" || lower == "armel";
            let known = known || (ARCHITECTURES.contains(&&*lower) && lower.len() == system.len());
            if known { Ok(()) } else { Err(PlatformFault::Unknown) }
        }
        1 | 2 => Ok(()),
        _ => Err(PlatformFault::TooMany),
    }
}

/// `NAME`, `NAME(VERSION)` or `NAME(VERSION+FEATURE…)`.
fn is_system(text: &str) -> bool {
    let (name, options) = text.split_once('(').map_or((text, None), |(name, rest)| (name, Some(rest)));
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    let is_option = |b: u8| is_name(b) || b".%".contains(&b);
    if name.is_empty() || !name.bytes().all(is_name) {
        return false;
    }
    let Some(options) = options else { return true };
    let Some(options) = options.strip_suffix(')') else { return false };
    let mut options = options.split('+');
    options.next().is_some_and(|version| version.bytes().all(is_option))
        && options.all(|feature| !feature.is_empty() && feature.bytes().all(is_option))
}

/// What `text` is most likely a misspelling of: a system or an architecture.
pub(super) fn nearest(text: &str) -> Option<&'static str> {
    crate::text::nearest(text, SYSTEMS.into_iter().chain(ARCHITECTURES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_follow_containerd() {
        for good in [
            "linux",
            "arm64",
            "Linux/AMD64",
            "linux/arm/v7",
            "windows(10.0.17763)/amd64",
            "linux(+sve)/arm64",
            "macos",
            "x86_64",
            "linux/amd46",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, want) in [
            ("linux/", PlatformFault::Part),
            ("/amd64", PlatformFault::Part),
            ("linux:amd64", PlatformFault::Part),
            ("*", PlatformFault::Part),
            ("linux/a b", PlatformFault::Part),
            ("windows(10/amd64", PlatformFault::Part),
            ("linux/arm/v7/x", PlatformFault::TooMany),
            ("linus", PlatformFault::Unknown),
            ("amd46", PlatformFault::Unknown),
        ] {
            assert_eq!(check(bad), Err(want), "{bad}");
        }
        assert_eq!(nearest("linus"), Some("linux"));
    }
}
