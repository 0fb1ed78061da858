//! What the value of a label may look like.

use std::fmt;

use crate::text::nearest;

use super::license;

/// What the value of a label may look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelFormat {
    /// Anything but nothing.
    Text,
    /// An address with a scheme (RFC 3986).
    Url,
    /// A semantic version.
    Semver,
    /// The hash of a Git commit, whole or shortened.
    Hash,
    /// A date with time and time zone (RFC 3339).
    Rfc3339,
    /// An SPDX license expression.
    Spdx,
    /// An email address (RFC 5322).
    Email,
}

/// A length that no value in any format has, but text: longer ones are not looked at.
const MAX_VALUE: usize = 8192;

impl LabelFormat {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Url, Self::Semver, Self::Hash, Self::Rfc3339, Self::Spdx, Self::Email];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Url => "url",
            Self::Semver => "semver",
            Self::Hash => "hash",
            Self::Rfc3339 => "rfc3339",
            Self::Spdx => "spdx",
            Self::Email => "email",
        }
    }

    /// Reads a name, in any case; `RawText` and `GitHash` are names of hadolint.
    ///
    /// # Errors
    /// If it is none, with the names that there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        let lower = name.to_ascii_lowercase();
        let known = |format: &Self| {
            let other = match format {
                Self::Text => Some("rawtext"),
                Self::Hash => Some("githash"),
                _ => None,
            };
            format.name() == lower || other == Some(&lower)
        };
        Self::ALL.into_iter().find(known).ok_or_else(|| {
            let shown: String = name.chars().take(60).collect();
            match nearest(&lower, Self::ALL.map(Self::name)) {
                Some(near) => format!("`{shown}` is not a label format: did you mean `{near}`?"),
                None => {
                    format!(
                        "`{shown}` is not a label format: it is one of {}",
                        Self::ALL.map(Self::name).join(", ")
                    )
                }
            }
        })
    }

    /// What a value of this format is.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Url => "a URL",
            Self::Semver => "a semantic version",
            Self::Hash => "a Git hash",
            Self::Rfc3339 => "a date and time as RFC 3339 has them",
            Self::Spdx => "an SPDX license expression",
            Self::Email => "an email address",
        }
    }

    /// A value of this format, for help.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Text => "…",
            Self::Url => "https://example.com/project",
            Self::Semver => "1.4.2",
            Self::Hash => "43c572f1272b6b3171dd1db9e41b7027128ce080",
            Self::Rfc3339 => "2026-11-24T12:00:00Z",
            Self::Spdx => "Apache-2.0 OR MIT",
            Self::Email => "team@example.com",
        }
    }

    /// True if `value` is of this format.
    #[must_use]
    pub fn fits(self, value: &str) -> bool {
        if self == Self::Text {
            return !value.is_empty();
        }
        value.len() <= MAX_VALUE
            && match self {
                Self::Text => true,
                Self::Url => is_url(value),
                Self::Semver => is_semver(value),
                Self::Hash => is_hash(value),
                Self::Rfc3339 => is_rfc3339(value),
                Self::Spdx => license::is_expression(value),
                Self::Email => is_email(value),
            }
    }

    /// What `value`, which does not fit, was most likely meant to be.
    #[must_use]
    pub fn meant(self, value: &str) -> Option<String> {
        let trimmed = value.trim();
        let guess = match self {
            Self::Semver => trimmed.strip_prefix(['v', 'V']).unwrap_or(trimmed).to_owned(),
            Self::Spdx => license::nearest_license(trimmed)?.to_owned(),
            Self::Email => match trimmed.split_once('<') {
                Some((_, address)) => address.strip_suffix('>')?.to_owned(),
                None => trimmed.strip_prefix("mailto:").unwrap_or(trimmed).to_owned(),
            },
            _ => trimmed.to_owned(),
        };
        (guess != value && self.fits(&guess)).then_some(guess)
    }
}

impl fmt::Display for LabelFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A URI with a scheme; those of the web need a host.
fn is_url(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let mut bytes = rest.bytes();
    let mut is_written = true;
    while let Some(b) = bytes.next() {
        is_written &= match b {
            b'%' => {
                bytes.next().zip(bytes.next()).is_some_and(|(a, b)| [a, b].iter().all(u8::is_ascii_hexdigit))
            }
            b => b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&b),
        };
    }
    let web = ["http", "https", "ftp"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let has_host = rest.strip_prefix("//").is_some_and(|r| r.starts_with(|c: char| !"/?#:@".contains(c)));
    is_scheme && is_written && !rest.is_empty() && (!web || has_host)
}

/// A version as semver.org has it.
fn is_semver(value: &str) -> bool {
    let (rest, build) = match value.split_once('+') {
        Some((rest, build)) => (rest, Some(build)),
        None => (value, None),
    };
    let (core, pre) = match rest.split_once('-') {
        Some((core, pre)) => (core, Some(pre)),
        None => (rest, None),
    };
    let is_number = |n: &str| {
        !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n.len() == 1 || !n.starts_with('0'))
    };
    let is_word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let mut numbers = core.split('.');
    numbers.by_ref().take(3).filter(|n| is_number(n)).count() == 3
        && numbers.next().is_none()
        && pre.is_none_or(|pre| {
            pre.split('.').all(|w| is_word(w) && (is_number(w) || !w.bytes().all(|b| b.is_ascii_digit())))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

/// The hash of a commit: 40 digits (SHA-1) or 64 (SHA-256), or shortened to no less than 7.
fn is_hash(value: &str) -> bool {
    (matches!(value.len(), 7..=40) || value.len() == 64) && value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `2026-11-24T12:00:00.5+01:00`.
fn is_rfc3339(value: &str) -> bool {
    let number = |from: usize, len: usize| -> Option<u32> {
        let digits = value.get(from..from + len)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let is = |at: usize, want: &[u8]| value.as_bytes().get(at).is_some_and(|b| want.contains(b));
    let date = || -> Option<bool> {
        let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        Some((1..=days).contains(&day) && is(4, b"-") && is(7, b"-"))
    };
    let time = || -> Option<bool> {
        // 60 is a leap second.
        let fits = number(11, 2)? < 24 && number(14, 2)? < 60 && number(17, 2)? <= 60;
        Some(fits && is(10, b"Tt") && is(13, b":") && is(16, b":"))
    };
    let zone = || -> Option<bool> {
        let rest = value.get(19..)?;
        let at = match rest.strip_prefix('.') {
            Some(fraction) => {
                let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
                (digits > 0).then_some(20 + digits)?
            }
            None => 19,
        };
        match value.get(at..)? {
            "Z" | "z" => Some(true),
            offset => Some(
                offset.len() == 6
                    && is(at, b"+-")
                    && is(at + 3, b":")
                    && number(at + 1, 2)? < 24
                    && number(at + 4, 2)? < 60,
            ),
        }
    };
    [date(), time(), zone()].iter().all(|part| *part == Some(true))
}

/// An address alone: `name@host`, without the name of a person around it.
fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let is_atom = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    let quoted = local.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
    let is_local = match quoted {
        Some(text) => !text.contains(['"', '\\']) && text.bytes().all(|b| (b' '..=b'~').contains(&b)),
        None => local.split('.').all(is_atom),
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let literal = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']'));
    let is_domain = match literal {
        Some(address) => {
            !address.is_empty() && address.bytes().all(|b| b.is_ascii_alphanumeric() || b".:".contains(&b))
        }
        None => domain.split('.').all(is_label),
    };
    is_local && is_domain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_hadolint_too() {
        for (name, want) in [
            ("text", LabelFormat::Text),
            ("RawText", LabelFormat::Text),
            ("GitHash", LabelFormat::Hash),
            ("SEMVER", LabelFormat::Semver),
            ("Rfc3339", LabelFormat::Rfc3339),
        ] {
            assert_eq!(LabelFormat::parse(name), Ok(want));
        }
        assert_eq!(LabelFormat::parse("").unwrap_err().split(": ").next(), Some("`` is not a label format"));
        assert_eq!(
            LabelFormat::parse("emial").unwrap_err(),
            "`emial` is not a label format: did you mean `email`?"
        );
    }

    fn check(format: LabelFormat, good: &[&str], bad: &[&str]) {
        for value in good {
            assert!(format.fits(value), "{format}: {value:?}");
        }
        for value in bad.iter().chain(&[""]) {
            assert!(!format.fits(value), "{format}: {value:?}");
        }
        assert!(format.fits(format.example()));
    }

    #[test]
    fn values_have_to_fit() {
        check(LabelFormat::Text, &["x", " "], &[]);
        check(
            LabelFormat::Url,
            &[
                "https://example.com/a?b#c",
                "git+ssh://git@example.com/a.git",
                "HTTP://X",
                "http://[::1]:80/",
                "urn:a:b",
            ],
            &[
                "example.com",
                "http://",
                "https:///a",
                "http:x",
                "http://a b",
                "http://a/%zz",
                "http://\u{f6}",
                "1a:b",
                "a:",
            ],
        );
        check(
            LabelFormat::Semver,
            &["0.0.0", "1.2.3-rc.1+b.01", "10.20.30", "1.0.0--", "1.0.0-0a"],
            &[
                "v1.2.3",
                "1.2",
                "1.2.3.4",
                "01.2.3",
                "1.2.3-01",
                "1.2.3-",
                "1.2.3+",
                "1.2.3-a_b",
                "latest",
                "1.2.3 ",
            ],
        );
        check(
            LabelFormat::Hash,
            &["43c572f", "43C572F1272B", &"a1".repeat(20), &"a1".repeat(32)],
            &["43c572", "zzzzzzz", &"a".repeat(41), &"a".repeat(65)],
        );
        check(
            LabelFormat::Rfc3339,
            &["2024-02-29T23:59:60z", "2026-11-24t00:00:00.25-23:59"],
            &[
                "2026-11-24",
                "2026-11-24T12:00:00",
                "2026-11-24 12:00:00Z",
                "2026-11-24T12:00:00+0100",
                "2026-11-24T24:00:00Z",
                "2026-02-29T12:00:00Z",
                "2026-13-01T12:00:00Z",
                "2026-11-24T12:00:00.Z",
                "2026-11-24T12:00:00+25:00",
                "+026-11-24T12:00:00Z",
                "2026-11-24T12:00:00\u{1}\u{1}Z",
            ],
        );
        check(
            LabelFormat::Email,
            &["a.b+c@d-e.f", "a@b", "\"a b\"@c.d", "a@[127.0.0.1]"],
            &[
                "a",
                "@b.c",
                "a@",
                "A <a@b.c>",
                "a@b@c.d",
                ".a@b.c",
                "a..b@c.d",
                "a@b..c",
                "a@-b.c",
                "a@b_c.d",
                "a@b.c, d@e.f",
            ],
        );
    }

    #[test]
    fn what_is_meant_is_suggested() {
        for (format, value, want) in [
            (LabelFormat::Semver, "v1.2.3", Some("1.2.3")),
            (LabelFormat::Semver, "1.2", None),
            (LabelFormat::Spdx, "Apache 2.0", Some("Apache-2.0")),
            (LabelFormat::Email, "A <a@b.c>", Some("a@b.c")),
            (LabelFormat::Email, "mailto:a@b.c", Some("a@b.c")),
            (LabelFormat::Url, " https://a.b ", Some("https://a.b")),
            (LabelFormat::Hash, "nothing", None),
        ] {
            assert_eq!(format.meant(value).as_deref(), want, "{value}");
        }
    }
}
