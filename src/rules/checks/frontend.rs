//! What older Dockerfile frontends do not know, or read in another way.

use crate::rules::Cx;
use crate::syntax::{DirectiveKind, File, ImageRef, Instruction, Keyword};
use crate::text::Span;

/// The frontend that a `# syntax=` line asks for, if it is one of Docker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frontend {
    /// The one that is in the builder.
    Own,
    /// Version `1.N`, or the newest where N is not said.
    Stable(u32),
    /// The same, with what is not stable yet.
    Labs(u32),
}

impl Frontend {
    fn of(file: &File) -> Option<Self> {
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
}

/// What a frontend has to know for an instruction.
struct Feature {
    keyword: Keyword,
    flag: &'static str,
    /// The minor version of Dockerfile 1 that has it; `None` if only the labs channel does.
    stable: Option<u32>,
    /// The version whose labs channel had it first.
    labs: u32,
}

/// From the release notes of the frontend, as of 1.20.
const FEATURES: [Feature; 8] = [
    Feature { keyword: Keyword::Copy, flag: "link", stable: Some(4), labs: 4 },
    Feature { keyword: Keyword::Add, flag: "link", stable: Some(4), labs: 4 },
    Feature { keyword: Keyword::Add, flag: "checksum", stable: Some(6), labs: 5 },
    Feature { keyword: Keyword::Add, flag: "unpack", stable: Some(17), labs: 17 },
    Feature { keyword: Keyword::Copy, flag: "exclude", stable: Some(19), labs: 7 },
    Feature { keyword: Keyword::Add, flag: "exclude", stable: Some(19), labs: 7 },
    Feature { keyword: Keyword::Copy, flag: "parents", stable: Some(20), labs: 7 },
    Feature { keyword: Keyword::Run, flag: "device", stable: None, labs: 14 },
];

/// Since this version `--chmod` takes letters.
const SYMBOLIC: u32 = 14;

/// `frontend-too-old`.
pub fn too_old(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(frontend) = Frontend::of(&model.file) else { return };
    for (_, instruction) in model.instructions() {
        for feature in FEATURES.iter().filter(|f| f.keyword == instruction.keyword) {
            let Some(flag) = instruction.flag(feature.flag) else { continue };
            let (known, needs) = match (frontend, feature.stable) {
                // What is in the builder is of an unknown version, and never labs.
                (Frontend::Own, Some(_)) => continue,
                (Frontend::Own | Frontend::Stable(_), None) => (false, "1-labs".to_owned()),
                (Frontend::Stable(minor), Some(since)) => (minor >= since, format!("1.{since}")),
                (Frontend::Labs(minor), _) => (minor >= feature.labs, format!("1.{}-labs", feature.labs)),
            };
            if !known {
                let name = instruction.keyword.name();
                let message = match feature.stable {
                    None => format!(
                        "only the labs frontend knows {name} with `--{}`, so the build fails",
                        feature.flag
                    ),
                    Some(_) => format!(
                        "this file asks for a frontend that does not know {name} with `--{}`, so the build fails",
                        feature.flag
                    ),
                };
                let help = format!("write `# syntax=docker/dockerfile:{needs}` in the first line");
                cx.report(cx.at(flag.span, message).help(help));
            }
        }
        let Some((span, mode)) = symbolic_mode(instruction) else { continue };
        if matches!(frontend, Frontend::Stable(minor) if minor < SYMBOLIC) {
            let message = format!(
                "the frontend that this file asks for ignores `{mode}` without a word: the files keep their modes"
            );
            let help = "write the mode in digits, such as `755`, or ask for `docker/dockerfile:1`";
            cx.report(cx.at(span, message).help(help));
        }
    }
}

/// `symbolic-chmod`.
pub fn symbolic(cx: &mut Cx<'_>) {
    let model = cx.model;
    if Frontend::of(&model.file) != Some(Frontend::Own) {
        return;
    }
    for (_, instruction) in model.instructions() {
        let Some((span, mode)) = symbolic_mode(instruction) else { continue };
        let message = format!(
            "builders from before Dockerfile 1.14 ignore `{mode}` without a word: the files keep their modes"
        );
        let help =
            "write the mode in digits, such as `755`, or `# syntax=docker/dockerfile:1` in the first line";
        cx.report(cx.at(span, message).help(help));
    }
}

/// A `--chmod` with letters or a variable.
fn symbolic_mode(instruction: &Instruction) -> Option<(Span, &str)> {
    let flag = instruction.flag("chmod")?;
    let mode = flag.value.as_deref()?;
    mode.contains(|c: char| c.is_ascii_alphabetic()).then_some((flag.value_span, mode))
}

#[cfg(test)]
mod tests {
    use super::Frontend;
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
