//! Platforms as containerd's `platforms.Parse` reads them.

use std::fmt;

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

/// What a platform says, in the names that Go has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Platform {
    /// The operating system: `linux`.
    pub system: String,
    /// The processor: `amd64`; nothing if only a system is named.
    pub architecture: Option<String>,
}

impl Platform {
    /// Reads `linux/arm64/v8`, `windows(10.0)/amd64`, `arm64` (containerd's `platforms.Parse`); `None` for what
    /// is no platform.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        check(text).ok()?;
        let lower = text.to_ascii_lowercase();
        let mut parts = lower.split('/');
        let first = parts.next()?;
        let architecture = |name: &str| {
            match name {
                "x86_64" | "x86-64" => "amd64",
                "aarch64" => "arm64",
                "armhf" | "armel" => "arm",
                "i386" => "386",
                other => other,
            }
            .to_owned()
        };
        let system = match first.split('(').next().unwrap_or(first) {
            "macos" => "darwin",
            system => system,
        };
        Some(match parts.next() {
            Some(second) => Self { system: system.to_owned(), architecture: Some(architecture(second)) },
            None if SYSTEMS.contains(&system) => Self { system: system.to_owned(), architecture: None },
            None => Self { system: "linux".to_owned(), architecture: Some(architecture(first)) },
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.architecture {
            Some(architecture) => write!(f, "{}/{architecture}", self.system),
            None => f.write_str(&self.system),
        }
    }
}

/// A misspelt part of a platform, and what was most likely meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformSlip {
    /// Where it stands in the platform.
    pub range: std::ops::Range<usize>,
    /// The name that exists.
    pub meant: &'static str,
}

impl PlatformSlip {
    /// The slip in `SYSTEM/ARCHITECTURE`, which BuildKit takes, whatever the names are.
    #[must_use]
    pub fn of(platform: &str) -> Option<Self> {
        let (system, rest) = platform.split_once('/')?;
        let architecture = rest.split('/').next().unwrap_or(rest);
        let at = system.len() + 1;
        let near = |name: &str, all: &[&'static str], also: &[&str]| {
            let known = all.iter().chain(also).any(|k| k.eq_ignore_ascii_case(name));
            if known { None } else { crate::text::nearest(name, all.iter().copied()) }
        };
        let wrong_system = near(system.split('(').next().unwrap_or(system), &SYSTEMS, &["macos"]);
        wrong_system.map(|meant| Self { range: 0..system.len(), meant }).or_else(|| {
            let meant = near(architecture, &ARCHITECTURES, &["armel"])?;
            Some(Self { range: at..at + architecture.len(), meant })
        })
    }
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

    #[test]
    fn platforms_have_a_system_and_a_processor() {
        let parts =
            |text| Platform::parse(text).map(|p| p.system + "/" + p.architecture.as_deref().unwrap_or("-"));
        for (text, want) in [
            ("linux/arm64/v8", Some("linux/arm64")),
            ("x86_64", Some("linux/amd64")),
            ("macos", Some("darwin/-")),
            ("windows(10.0.17763)/amd64", Some("windows/amd64")),
            ("Linux/AArch64", Some("linux/arm64")),
            ("linus", None),
            ("a b", None),
        ] {
            assert_eq!(parts(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn slips_have_a_name_nearby() {
        let slip = |text| PlatformSlip::of(text).map(|s| (&text[s.range], s.meant));
        assert_eq!(slip("linux/amd46"), Some(("amd46", "amd64")));
        assert_eq!(slip("linx/arm/v7"), Some(("linx", "linux")));
        for fine in ["linux/amd64", "Linux/X86_64", "linux/armel", "windows(10.0)/amd64", "me/mine", "linux"]
        {
            assert_eq!(slip(fine), None, "{fine}");
        }
    }
}
