use super::ast::File;
use super::directive::DirectiveKind;
use super::image::ImageRef;

/// The frontend that a `# syntax=` line asks for, if it is one of Docker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frontend {
    /// The one that is in the builder.
    Own,
    /// Version `1.N`, or the newest where N is not said.
    Stable(u32),
    /// The same, with what is not stable yet.
    Labs(u32),
}

impl Frontend {
    /// Reads the `# syntax=` line of a file; `None` for a frontend of others, or of an unknown version.
    #[must_use]
    pub fn of(file: &File) -> Option<Self> {
        let Some(directive) = file.directive(DirectiveKind::Syntax) else { return Some(Self::Own) };
        let image = ImageRef::parse(directive.value.split_whitespace().next()?).ok()?;
        if &*image.registry != "docker.io" || &*image.path != "docker/dockerfile" || image.digest.is_some() {
            return None;
        }
        let tag = image.tag.as_deref().unwrap_or("latest");
        let (version, labs) = match tag.split_once('-') {
            None if tag == "labs" => return Some(Self::Labs(u32::MAX)),
            None => (tag, false),
            Some((version, "labs")) => (version, true),
            Some(_) => return None,
        };
        let minor = match version {
            "latest" | "1" => u32::MAX,
            _ => version.strip_prefix("1.")?.split('.').next()?.parse().ok()?,
        };
        Some(if labs { Self::Labs(minor) } else { Self::Stable(minor) })
    }

    /// True if it reads a `# check=` line, as Dockerfile 1.8 and later do.
    #[must_use]
    pub fn reads_checks(self) -> bool {
        match self {
            Self::Own => true,
            Self::Stable(minor) | Self::Labs(minor) => minor >= 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn a_syntax_line_asks_for_a_frontend() {
        for (line, want) in [
            ("", Some(Frontend::Own)),
            ("# syntax=docker/dockerfile:1\n", Some(Frontend::Stable(u32::MAX))),
            ("# syntax = docker/dockerfile\n", Some(Frontend::Stable(u32::MAX))),
            ("# syntax=docker.io/docker/dockerfile:1.4.2\n", Some(Frontend::Stable(4))),
            ("# syntax=docker/dockerfile:1.7-labs\n", Some(Frontend::Labs(7))),
            ("# syntax=docker/dockerfile:labs\n", Some(Frontend::Labs(u32::MAX))),
            ("# syntax=docker/dockerfile:experimental\n", None),
            ("# syntax=docker/dockerfile-upstream:master\n", None),
            ("# syntax=docker/dockerfile:1.0-experimental\n", None),
        ] {
            let file = parse(Source::from_text("Dockerfile", format!("{line}FROM a\n")));
            assert_eq!(Frontend::of(&file), want, "{line}");
        }
    }
}
