//! Rules about WORKDIR.

use crate::diag::{Finding, Fix};
use crate::knowledge::Family;
use crate::rules::Cx;
use crate::semantic::{Base, Model};
use crate::syntax::{Kind, Word};
use crate::text::Edit;

/// True if the path surely is relative.
pub(super) fn is_relative(model: &Model, step: usize, word: &Word) -> bool {
    let value = model.value(step, word);
    // What an unknown variable follows is relative whatever the variable is.
    let text = value.known().unwrap_or(&word.text);
    let bytes = text.as_bytes();
    // `literal-tilde` says what that is.
    if text.starts_with('~') {
        return false;
    }
    // Only Windows has drives; what the base is may not be known.
    let linux = || {
        let family = model.stage_of(step).map_or(Family::Unknown, |stage| model.family(stage));
        !matches!(family, Family::Unknown | Family::Windows)
    };
    let absolute = matches!(bytes, [b'/' | b'\\', ..]) || matches!(bytes, [_, b':', ..]) && !linux();
    let open = value.known().is_none() && matches!(bytes, [b'$' | b'"' | b'\'' | b'`', ..]);
    !absolute && !open && !bytes.is_empty()
}

fn workdirs(model: &Model) -> impl Iterator<Item = (usize, &Word, Option<usize>)> {
    model.instructions().filter_map(|(step, instruction)| match &instruction.kind {
        // An array has a rule of its own.
        Kind::Workdir(Some(word)) if is_relative(model, step, word) && !word.text.starts_with('[') => {
            Some((step, word, model.steps.get(step)?.state.workdir))
        }
        _ => None,
    })
}

/// Where the WORKDIR of `step` leads, if that is known.
fn path_of(model: &Model, step: usize) -> Option<&str> {
    let at = model.workdirs.binary_search_by_key(&step, |w| w.step).ok()?;
    model.workdirs.get(at)?.path.known()
}

/// Offers to write the whole path, which leads to the same place.
fn with_whole_path(model: &Model, finding: Finding, step: usize, word: &Word, path: &str) -> Finding {
    let path = path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path);
    if !word.exact || path.contains(['"', '\'', '\\', '$', '`']) {
        return finding;
    }
    let quote = if word.text.starts_with(['"', '\'']) { &word.text[..1] } else { "" };
    let edit = if word.literal().is_some() {
        Edit::replace(word.span, format!("{quote}{path}{quote}"))
    } else {
        // Variables stay.
        let value = model.value(step, word);
        let Some(before) = value.known().and_then(|v| path.strip_suffix(v.trim_end_matches('/'))) else {
            return finding;
        };
        Edit::insert(word.span.start + u32::from(!quote.is_empty()), before)
    };
    finding.fix(Fix::safe("write the whole path", [edit]))
}

/// `relative-workdir`.
pub fn relative(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word, _) in workdirs(model).filter(|(.., before)| before.is_none()) {
        let base = model.stage_of(step).map(|s| model.root_base(s));
        let message = match base {
            Some(Base::Scratch) => {
                format!("`{}` is relative to `/`, because no WORKDIR comes before it", word.text)
            }
            _ => format!(
                "`{}` is relative to the WORKDIR of the base image, which another version may change",
                word.text
            ),
        };
        let finding = cx.at(word.span, message).kind(kind(word));
        cx.report(match path_of(model, step) {
            Some(path) => {
                with_whole_path(model, finding.help(format!("write `WORKDIR {path}`")), step, word, path)
            },
            None => finding.help(format!(
                "write the whole path: `WORKDIR /{}`, unless the base image has a WORKDIR: then put that in front",
                word.text.trim_start_matches("./")
            )),
        });
    }
}

/// Whether the path is relative as it stands, or by what a variable holds.
fn kind(word: &Word) -> &'static str {
    if word.has_variables() { "variable" } else { "path" }
}

/// `workdir-not-absolute`.
pub fn not_absolute(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, word, before) in workdirs(model) {
        let Some(before) = before.and_then(|i| model.workdirs.get(i)) else { continue };
        let message =
            format!("`{}` is relative to an earlier WORKDIR, which a reader has to look up", word.text);
        let finding = cx
            .at(word.span, message)
            .kind(kind(word))
            .label(model.instruction(before.step).arguments, "relative to this");
        cx.report(match path_of(model, step) {
            Some(path) => {
                with_whole_path(model, finding.help(format!("write `WORKDIR {path}`")), step, word, path)
            }
            None => finding.help("write the whole path"),
        });
    }
}

/// What stands at these paths while a build or a container runs.
const SYSTEM: [(&str, &str); 6] = [
    ("/proc", "the kernel's view of its processes: nothing can be stored there"),
    ("/sys", "the kernel's view of its devices: nothing can be stored there"),
    ("/dev", "a file system in memory: what is stored there is not in the image"),
    ("/boot", "for the kernel of a machine, and a container has none"),
    ("/initrd", "for the start of a machine, and a container has none"),
    ("/lost+found", "where `fsck` puts recovered files"),
];

/// `workdir-system-folder`.
pub fn system_folder(cx: &mut Cx<'_>) {
    let model = cx.model;
    for workdir in &model.workdirs {
        let Kind::Workdir(Some(word)) = &model.instruction(workdir.step).kind else { continue };
        let Some(path) = workdir.path.known() else { continue };
        let inside = |folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let Some((folder, what)) = SYSTEM.iter().find(|(folder, _)| inside(folder)) else { continue };
        let finding = cx
            .at(word.span, format!("`{folder}` is {what}"))
            .help("work in a folder of its own, for example `WORKDIR /app`");
        cx.report(finding);
    }
}
