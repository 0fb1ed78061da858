//! Rules about `FROM --platform`.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Model, StageId};
use crate::syntax::{Flag, Kind, Platform, Word};
use crate::text::{Edit, Span};

/// The `--platform` of each stage, with the stage.
fn platforms(model: &Model) -> impl Iterator<Item = (StageId, &Flag, Word)> {
    model.stages.iter().filter_map(|stage| {
        let from = model.instruction(stage.steps.start);
        let flag = from.flag("platform").filter(|_| matches!(from.kind, Kind::From(_)))?;
        Some((stage.index, flag, flag.word(model.file.escape)?))
    })
}

/// `constant-platform`.
pub fn constant(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (stage, _, word) in platforms(model) {
        let Some(value) = word.literal() else { continue };
        let Some(Platform { system, architecture }) = Platform::parse(&value) else { continue };
        let name = model.stages.get(stage).and_then(|s| s.name.as_deref()).unwrap_or("");
        // A stage that is called by its platform is meant for it.
        if name.contains(&system) || architecture.is_some_and(|a| name.contains(&a)) {
            continue;
        }
        let message = format!("`{value}` is fixed: the stage cannot be built for another platform");
        let finding = cx.at(word.span, message).help(
            "leave it out and build with `--platform`, write `$BUILDPLATFORM`, or name the stage after its platform",
        );
        cx.report(finding);
    }
}

/// `redundant-platform`.
pub fn redundant(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, flag, word) in platforms(model) {
        let is_target = matches!(&*word.text, "$TARGETPLATFORM" | "${TARGETPLATFORM}");
        // A default of the file's own makes it another platform.
        let own = model.global_arg("TARGETPLATFORM").is_some_and(|b| b.value.known().is_some());
        if !is_target || own {
            continue;
        }
        let mut finding = cx
            .at(flag.span, format!("`{}` is the default platform of a stage anyway", word.text))
            .help("leave the flag out");
        let rest = model.file.text().get(flag.span.end as usize..).unwrap_or("");
        let after = rest.trim_start_matches([' ', '\t']);
        // A flag in front of a continuation keeps its line.
        if flag.exact && after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '$') {
            let end = flag.span.end as usize + rest.len() - after.len();
            let span = Span::of(flag.span.start as usize..end);
            finding = finding.fix(Fix::safe("remove the flag", [Edit::delete(span)]));
        }
        cx.report(finding);
    }
}
