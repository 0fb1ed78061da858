//! Why a build gets what it gets of its context.

use super::super::sanitize::sanitize;
use super::{ContextReport, SourceRow};

/// Which sources make the builder get what it gets.
pub(super) fn why(report: &ContextReport) -> String {
    let stage = match &report.target {
        Some(target) => format!("for stage {}", sanitize(target)),
        None => "for the last stage".to_owned(),
    };
    let reached: Vec<&SourceRow> = report.sources.iter().filter(|s| s.reached && s.from.is_none()).collect();
    if let Some(whole) = reached.iter().find(|s| matches!(s.source.trim_matches('/'), "" | ".")) {
        if whole.source.is_empty() {
            return format!(
                "{stage}: all that is left, for the empty source of {} in line {}",
                whole.instruction, whole.line
            );
        }
        let source = sanitize(&whole.source);
        return format!(
            "{stage}: all that is left, for {} {source} in line {}",
            whole.instruction, whole.line
        );
    }
    match reached.as_slice() {
        [] => format!("{stage}: it takes nothing from the context"),
        [one] => {
            format!("{stage}: only {}, in line {}", sanitize(&one.source), one.line)
        }
        many => format!("{stage}: only the {} sources below", many.len()),
    }
}
