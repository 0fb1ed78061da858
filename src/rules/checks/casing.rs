//! Rules about upper and lower case.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Model, Stage};
use crate::syntax::{Instruction, Keyword, Kind};
use crate::text::{Edit, Span};

fn is_lower(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_upper(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_lowercase())
}

/// The case in words, and `text` in it.
fn cased(text: &str, lower: bool) -> (&'static str, String) {
    if lower { ("lower", text.to_ascii_lowercase()) } else { ("upper", text.to_ascii_uppercase()) }
}

/// `AS` of a FROM.
fn as_span(instruction: &Instruction) -> Option<Span> {
    let Kind::From(from) = &instruction.kind else { return None };
    from.alias.as_ref().map(|a| a.keyword)
}

/// The keywords of an instruction, that of ONBUILD first, with their places.
fn keywords(instruction: &Instruction) -> impl Iterator<Item = (Keyword, Span)> + use<> {
    let own = (instruction.keyword, instruction.keyword_span);
    let own = Some(own).filter(|(keyword, _)| !matches!(keyword, Keyword::Unknown | Keyword::Onbuild));
    instruction.onbuild.map(|span| (Keyword::Onbuild, span)).into_iter().chain(own)
}

/// `instruction-casing`.
pub fn instruction(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.file.instructions.iter().flat_map(keywords).all(|(_, span)| is_upper(model.text(span))) {
        return;
    }
    let of_stages = || model.stages.iter().flat_map(|s| model.instructions_of(s)).map(|(_, i)| i);
    // BuildKit counts the first keyword of what stands in a stage; a tie is upper case.
    let firsts = || of_stages().filter_map(|i| keywords(i).next()).map(|(_, span)| model.text(span));
    let to_lower = firsts().filter(|k| is_lower(k)).count() > firsts().filter(|k| is_upper(k)).count();
    let all = of_stages().flat_map(|i| keywords(i).map(move |(keyword, span)| (i, keyword, span)));
    for (instruction, keyword, span) in all {
        let written = model.text(span);
        let (name, wanted) = cased(written, to_lower);
        if written == wanted {
            continue;
        }
        let message = format!("`{written}` is not in {name} case like most instructions in this file");
        let mut finding = cx.at(span, message).help(format!("write `{wanted}`"));
        // A continuation may cut the keyword.
        if wanted.eq_ignore_ascii_case(keyword.name()) {
            let mut edits = vec![Edit::replace(span, wanted)];
            if let Some(span) = as_span(instruction).filter(|s| model.text(*s).len() == 2) {
                let (_, word) = cased(model.text(span), to_lower);
                edits.extend((model.text(span) != word).then(|| Edit::replace(span, word)));
            }
            finding = finding.fix(Fix::safe("change the case", edits));
        }
        cx.report(finding);
    }
}

/// `as-casing`.
pub fn as_keyword(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        let Some(span) = as_span(instruction) else { continue };
        let from = model.text(instruction.keyword_span);
        // What is neither is the matter of `instruction-casing`.
        if !is_lower(from) && !is_upper(from) {
            continue;
        }
        let written = model.text(span);
        let (name, wanted) = cased(written, is_lower(from));
        if written == wanted {
            continue;
        }
        let message = format!("`{written}` is not in {name} case like `{from}`");
        let mut finding = cx.at(span, message).help(format!("write `{wanted}`"));
        if written.len() == 2 {
            finding = finding.fix(Fix::safe("change the case", [Edit::replace(span, wanted)]));
        }
        cx.report(finding);
    }
}

/// `stage-name-casing`.
pub fn stage_name(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in &model.stages {
        let (Some(name), Some(word)) = (&stage.name, &stage.name_word) else { continue };
        if is_lower(&word.text) {
            continue;
        }
        let message = format!("BuildKit converts stage names to lower case: this one is `{name}`");
        let mut finding = cx.at(word.span, message).help(format!("write `{name}` here and where it is used"));
        if let Some(edits) = lower_everywhere(model, stage) {
            finding = finding.fix(Fix::safe("write it in lower case everywhere", edits));
        }
        cx.report(finding);
    }
}

/// Writes the name of a stage in lower case, there and where it is used.
pub(super) fn lower_everywhere(model: &Model, stage: &Stage) -> Option<Vec<Edit>> {
    let (name, word) = (stage.name.as_ref()?, stage.name_word.as_ref()?);
    if is_lower(&word.text) || !word.exact {
        return None;
    }
    // References are compared without case, so that those with variables can stay.
    let uses = stage.used_by.iter().map(|(_, span)| *span).filter(|span| {
        let text = model.text(*span);
        text.eq_ignore_ascii_case(name) && text != &**name
    });
    let mut spans: Vec<Span> = uses.chain([word.span]).collect();
    spans.sort_unstable();
    spans.dedup();
    Some(spans.into_iter().map(|s| Edit::replace(s, &**name)).collect())
}

/// `reserved-stage-name`.
pub fn reserved_name(cx: &mut Cx<'_>) {
    for stage in &cx.model.stages {
        let (Some(name), Some(word)) = (&stage.name, &stage.name_word) else { continue };
        let instead = match &**name {
            "scratch" => {
                "`FROM scratch` then starts from this stage with BuildKit, and from an empty image with other builders"
            }
            "context" => {
                "readers take `--from=context` for the build context, but BuildKit takes it for this stage"
            }
            _ => continue,
        };
        let finding = cx
            .at(word.span, format!("`{name}` is a reserved name: {instead}"))
            .help("name the stage after what it makes, for example `build`");
        cx.report(finding);
    }
}
