//! What older Dockerfile frontends do not know, or read in another way.

use crate::rules::Cx;
use crate::semantic::{Model, SourceKind};
use crate::syntax::{Frontend, Instruction, Keyword, MountType};
use crate::text::Span;

/// A flag that a frontend has to know.
struct Feature {
    keyword: Keyword,
    flag: &'static str,
    since: Since,
}

/// The minor versions of Dockerfile 1 that have something.
#[derive(Clone, Copy)]
struct Since {
    /// `None` if only the labs channel has it.
    stable: Option<u32>,
    /// The version whose labs channel had it first.
    labs: u32,
}

const fn since(stable: u32, labs: u32) -> Since {
    Since { stable: Some(stable), labs }
}

/// From the release notes of the frontend, as of 1.20.
const FEATURES: [Feature; 12] = [
    Feature { keyword: Keyword::Run, flag: "mount", since: since(2, 2) },
    Feature { keyword: Keyword::Run, flag: "network", since: since(3, 3) },
    Feature { keyword: Keyword::Copy, flag: "link", since: since(4, 4) },
    Feature { keyword: Keyword::Add, flag: "link", since: since(4, 4) },
    Feature { keyword: Keyword::Add, flag: "checksum", since: since(6, 5) },
    Feature { keyword: Keyword::Healthcheck, flag: "start-interval", since: since(6, 6) },
    Feature { keyword: Keyword::Add, flag: "unpack", since: since(17, 17) },
    Feature { keyword: Keyword::Copy, flag: "exclude", since: since(19, 7) },
    Feature { keyword: Keyword::Add, flag: "exclude", since: since(19, 7) },
    Feature { keyword: Keyword::Copy, flag: "parents", since: since(20, 7) },
    Feature { keyword: Keyword::Run, flag: "security", since: since(20, 2) },
    Feature { keyword: Keyword::Run, flag: "device", since: Since { stable: None, labs: 14 } },
];

/// What an instruction asks of a frontend: where, what, and since when it is known.
fn wanted(model: &Model, step: usize) -> Vec<(Span, String, Since)> {
    let instruction = model.instruction(step);
    let name = instruction.keyword.name();
    let features = FEATURES.iter().filter(|f| f.keyword == instruction.keyword);
    let mut wanted: Vec<_> = features
        .filter_map(|f| {
            Some((instruction.flag(f.flag)?.span, format!("{name} with `--{}`", f.flag), f.since))
        })
        .collect();
    let reads_heredocs = matches!(instruction.keyword, Keyword::Run | Keyword::Copy | Keyword::Add);
    if let Some(first) = instruction.heredocs.first().filter(|_| reads_heredocs) {
        wanted.push((first.marker, "here-documents".to_owned(), since(4, 3)));
    }
    let mut secrets = instruction.mounts.iter().filter(|m| m.kind == MountType::Secret);
    if let Some(option) = secrets.find_map(|m| m.option(&["env"])) {
        wanted.push((option.span, "secrets as variables".to_owned(), since(10, 10)));
    }
    let copies = model.copies_of(step).iter().filter(|copy| !copy.mount);
    if let Some(source) = copies.flat_map(|copy| &copy.sources).find(|s| s.kind == SourceKind::Git) {
        wanted.push((source.span, "ADD of a Git repository".to_owned(), since(6, 5)));
    }
    wanted
}

/// Since this version `--chmod` takes letters.
const SYMBOLIC: u32 = 14;

/// `frontend-too-old`.
pub fn too_old(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(frontend) = Frontend::of(&model.file) else { return };
    for (step, instruction) in model.instructions() {
        for (span, what, since) in wanted(model, step) {
            let (known, needs) = match (frontend, since.stable) {
                // What is in the builder is of an unknown version, and never labs.
                (Frontend::Own, Some(_)) => continue,
                (Frontend::Own | Frontend::Stable(_), None) => (false, "1-labs".to_owned()),
                (Frontend::Stable(minor), Some(since)) => (minor >= since, format!("1.{since}")),
                (Frontend::Labs(minor), _) => (minor >= since.labs, format!("1.{}-labs", since.labs)),
            };
            if known {
                continue;
            }
            let message = match since.stable {
                None => format!("only the labs frontend knows {what}, so the build fails"),
                Some(_) => {
                    format!("the frontend in the `# syntax` line does not know {what}, so the build fails")
                }
            };
            let help = format!("write `# syntax=docker/dockerfile:{needs}` in the first line");
            cx.report(cx.at(span, message).help(help));
        }
        let Some((span, mode)) = symbolic_mode(instruction) else { continue };
        if matches!(frontend, Frontend::Stable(minor) if minor < SYMBOLIC) {
            let message = format!(
                "the frontend in the `# syntax` line silently ignores `{mode}`: the files keep their modes"
            );
            let help = "write the mode in digits, such as `755`, or use `docker/dockerfile:1`";
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
            "builders older than Dockerfile 1.14 silently ignore `{mode}`: the files keep their modes"
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
