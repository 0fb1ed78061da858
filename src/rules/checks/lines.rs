//! Lines that a continuation joins, and what gets lost by that.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::shell::Dialect;
use crate::syntax::{CommandForm, CutOff, Healthcheck, Instruction, Kind};
use crate::text::{Edit, Span};

/// `swallowed-instruction`.
pub fn swallowed(cx: &mut Cx<'_>) {
    let model = cx.model;
    let file = &*model.file;
    for (_, instruction) in model.instructions() {
        let Some(found) = file.swallowed(instruction) else { continue };
        let name = found.keyword.name();
        let owner = instruction.keyword.name();
        let message = format!("this {name} is part of the {owner} above it, so it never runs as {name}");
        let escape = file.escape.char();
        let is_drive = is_windows_path(file.text(), found.escape);
        let help = if is_drive {
            "put ``# escape=` `` in the first line of the file, so that a path can end in `\\`".to_owned()
        } else {
            format!("remove the `{escape}` that joins the lines")
        };
        let mut finding = cx.at(found.span, message).label(found.escape, "this joins the lines").help(help);
        // With its line ending, which then ends the instruction.
        let rest = file.text().get(found.escape.end as usize..).unwrap_or("");
        if let Some(len) = rest.find('\n') {
            let ending = rest.get(..=len).unwrap_or("\n").trim_start_matches([' ', '\t']);
            let cut =
                Span::new(end_before(file.text(), found.escape), found.escape.end + Span::of(0..len + 1).end);
            let title = format!("remove the `{escape}`");
            finding = finding.fix(Fix::uncertain(title, [Edit::replace(cut, ending)]));
        }
        cx.report(finding);
    }
}

/// True if the escape character ends a path such as `C:\app\`.
fn is_windows_path(text: &str, escape: Span) -> bool {
    let before = text.get(..escape.start as usize).unwrap_or("");
    let word = before.rsplit([' ', '\t', '\n', '"']).next().unwrap_or("");
    matches!(word.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}

/// Where the blanks before a place start.
fn end_before(text: &str, place: Span) -> u32 {
    let before = text.get(..place.start as usize).unwrap_or("");
    Span::of(0..before.trim_end_matches([' ', '\t']).len()).end
}

/// `comment-drops-rest`.
pub fn cut_off(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (step, instruction) in model.instructions() {
        let (Kind::Run(form)
        | Kind::Cmd(form)
        | Kind::Entrypoint(form)
        | Kind::Healthcheck(Healthcheck::Cmd(form))) = &instruction.kind
        else {
            continue;
        };
        if !matches!(form, CommandForm::Shell(_)) {
            continue;
        }
        let Some(found) = instruction.cut_off(form) else { continue };
        // `cmd` has no such comments.
        let dialect = model.steps.get(step).map_or(Dialect::Unknown, |s| s.state.dialect);
        if matches!(dialect, Dialect::Cmd | Dialect::Unknown) {
            continue;
        }
        let name = instruction.keyword.name();
        let message = format!(
            "this comment also comments out the rest of the {name}: the lines are joined before a shell reads them"
        );
        let mut finding = cx
            .at(found.comment, message)
            .label(first_line(model.file.text(), found.lost), "never runs")
            .help("move the comment to a line of its own, which BuildKit leaves out");
        if let Some(edits) = own_line(model.file.text(), instruction, found) {
            finding = finding.fix(Fix::uncertain("move the comment to a line of its own", edits));
        }
        cx.report(finding);
    }
}

/// The first line of what `span` covers.
fn first_line(text: &str, span: Span) -> Span {
    let line = span.text(text).lines().next().unwrap_or("").trim_end();
    Span::new(span.start, span.start + Span::of(0..line.len()).end)
}

/// Puts the comment above its line.
fn own_line(text: &str, instruction: &Instruction, found: CutOff) -> Option<Vec<Edit>> {
    let comment = found.comment.text(text);
    let line_start = text.get(..found.comment.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    // As the first line of the file it might be an order to BuildKit.
    if line_start == 0 && comment.contains('=') {
        return None;
    }
    let line = text.get(line_start..found.comment.start as usize)?;
    let indent = line.get(..line.len() - line.trim_start_matches([' ', '\t']).len())?;
    // Nothing but the comment stands in the line: BuildKit leaves such lines out already.
    if line.trim().is_empty() || found.comment.start <= instruction.keyword_span.end {
        return None;
    }
    let ending = if text.get(found.comment.end as usize..)?.lines().next()?.ends_with('\r')
        || text.get(..line_start).is_some_and(|before| before.ends_with("\r\n"))
    {
        "\r\n"
    } else {
        "\n"
    };
    let start = Span::of(line_start..line_start).start;
    Some(vec![
        Edit::insert(start, format!("{indent}{comment}{ending}")),
        Edit::delete(Span::new(end_before(text, found.comment), found.comment.end)),
    ])
}
