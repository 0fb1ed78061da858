//! Rules about upper and lower case.

use crate::diag::Fix;
use crate::rules::Cx;
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

/// `instruction-casing`.
pub fn instruction(cx: &mut Cx<'_>) {
    let model = cx.model;
    let keyword = |i: &Instruction| model.text(i.keyword_span);
    if model.file.instructions.iter().all(|i| is_upper(keyword(i)) && is_upper(keyword(i.effective()))) {
        return;
    }
    // BuildKit counts what stands in a stage; a tie is upper case.
    let of_stages = || model.stages.iter().flat_map(|s| model.instructions_of(s)).map(|(_, i)| i);
    let known = || of_stages().filter(|i| i.keyword != Keyword::Unknown);
    let lower = known().filter(|i| is_lower(keyword(i))).count();
    let upper = known().filter(|i| is_upper(keyword(i))).count();
    let to_lower = lower > upper;
    let triggers = of_stages().filter_map(|i| match &i.kind {
        Kind::Onbuild(Some(inner)) if inner.keyword != Keyword::Unknown => Some(&**inner),
        _ => None,
    });
    let mut all: Vec<&Instruction> = known().chain(triggers).collect();
    all.sort_by_key(|i| i.span.start);
    for instruction in all {
        let written = keyword(instruction);
        let (name, wanted) = cased(written, to_lower);
        if written == wanted {
            continue;
        }
        let message = format!("`{written}` is not in {name} case as most instructions of this file are");
        let mut finding = cx.at(instruction.keyword_span, message).help(format!("write `{wanted}`"));
        // A continuation may cut the keyword.
        if wanted.eq_ignore_ascii_case(instruction.keyword.name()) {
            let mut edits = vec![Edit::replace(instruction.keyword_span, wanted)];
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
        let message = format!("`{written}` is not in {name} case as `{from}` is");
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
        let message = format!("BuildKit calls this stage `{name}`, whatever its case");
        let mut finding = cx.at(word.span, message).help(format!("write `{name}` here and where it is used"));
        if word.exact {
            // References are compared without case, so that those with variables can stay.
            let uses = stage.used_by.iter().map(|(_, span)| *span).filter(|span| {
                let text = model.text(*span);
                text.eq_ignore_ascii_case(name) && text != &**name
            });
            let mut spans: Vec<Span> = uses.chain([word.span]).collect();
            spans.sort_unstable();
            spans.dedup();
            let edits: Vec<Edit> = spans.into_iter().map(|s| Edit::replace(s, &**name)).collect();
            finding = finding.fix(Fix::safe("write it in lower case everywhere", edits));
        }
        cx.report(finding);
    }
}

/// `reserved-stage-name`.
pub fn reserved_name(cx: &mut Cx<'_>) {
    for stage in &cx.model.stages {
        let (Some(name), Some(word)) = (&stage.name, &stage.name_word) else { continue };
        let means = match &**name {
            "scratch" => "the empty image, and `FROM scratch` will not start from this stage",
            "context" => "the build context",
            _ => continue,
        };
        let finding = cx
            .at(word.span, format!("`{name}` is reserved: it means {means}"))
            .help("give the stage a name that says what it makes, for example `build`");
        cx.report(finding);
    }
}
