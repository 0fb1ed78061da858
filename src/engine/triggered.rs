//! What rules say of the ONBUILD instructions of another build's image, which run where a stage starts from it. Their
//! own file is judged by itself; here counts what they do with the context of this build.

use crate::config::Settings;
use crate::diag::{Finding, Origin, Part};
use crate::rules::{Check, Cx, Given, Needs};
use crate::semantic::{Analysis, ForeignTriggers};
use crate::size::apt_installs;
use crate::text::Span;

/// How many characters of an instruction a message shows.
const SHOWN: usize = 60;

/// What the rules that look at the build context find there, each at the FROM.
pub(super) fn findings(model: &Analysis, settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    if model.context().is_none() {
        return found;
    }
    for triggers in model.foreign_triggers() {
        let Some(at) = triggers.stage.base_word.as_ref().map(|word| word.span) else { continue };
        let analysis = triggers.analysis(model);
        let of_triggers = of_context_rules(&analysis, settings).into_iter();
        found.extend(of_triggers.filter_map(|finding| moved(finding, &triggers, &analysis, at)));
    }
    found
}

fn of_context_rules(analysis: &Analysis, settings: &Settings) -> Vec<Finding> {
    let installs = apt_installs(analysis);
    let given = Given {
        policy: &settings.policy,
        base_images: &settings.base_images,
        apt_installs: &installs,
        chosen: settings.chosen(),
    };
    let mut found = Vec::new();
    for (_, rule, severity) in settings.rules.enabled().filter(|(_, r, _)| r.meta.needs == Needs::Context) {
        if let Check::Code(check) = &rule.check {
            let options = settings.options(rule);
            check(&mut Cx::new(analysis, &rule.meta, options, given, severity, &mut found));
        }
    }
    // Of the ignore file itself they speak where the Dockerfile is linted.
    found.retain(|finding| finding.origin == Origin::Dockerfile);
    found
}

/// A finding in the triggers at the FROM that runs them.
fn moved(finding: Finding, triggers: &ForeignTriggers<'_>, analysis: &Analysis, at: Span) -> Option<Finding> {
    let mut steps = analysis.instructions();
    let (step, _) = steps.find(|(_, instruction)| instruction.span.contains(finding.span))?;
    let written = triggers.written(step)?;
    let words: Vec<&str> = written.logical.text().split_whitespace().collect();
    let mut shown: String = words.join(" ");
    if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    let message = format!(
        "`{shown}` runs here, from line {} of the Dockerfile of `{}`: {}",
        written.lines.0, triggers.image.name, finding.message
    );
    // The bytes are those of what this FROM brings.
    let from = triggers.stage.steps.start;
    let saving = finding.saving.map(|saving| saving.of(Part::Copied(from)));
    Some(Finding { span: at, message, labels: Vec::new(), fix: None, saving, ..finding })
}
