//! Code actions: fixes, comments that suppress, explanations.

use std::collections::HashMap;

use serde_json::json;

use crate::diag::{Applicability, Finding};
use crate::report::sanitize;
use crate::syntax::Instruction;
use crate::text::{Edit, Span};

use super::diagnostics::{Rules, diagnostic};
use super::document::Read;
use super::protocol::{CodeAction, CodeActionKind, Command, TextEdit, WorkspaceEdit};

/// The command that shows the page of a rule.
pub(super) const EXPLAIN: &str = "dlint.explain";

/// The command that has an edit applied, for clients that know commands alone.
pub(super) const APPLY: &str = "dlint.applyEdit";

/// Applies all safe fixes to the Dockerfile of an address.
pub(super) const FIX_ALL: &str = "dlint.fixAll";
/// Writes the digests of `dlint.lock` into it.
pub(super) const PIN: &str = "dlint.pin";
/// Says what its instructions weigh, in Markdown.
pub(super) const PLAN: &str = "dlint.plan";
/// Says how it could be written with several stages.
pub(super) const PROPOSE: &str = "dlint.propose";

/// All commands.
pub(super) const COMMANDS: [&str; 6] = [APPLY, EXPLAIN, FIX_ALL, PIN, PLAN, PROPOSE];

/// An action as a command that does the same.
pub(super) fn as_command(action: &CodeAction) -> Option<Command> {
    if let Some(command) = &action.command {
        return Some(command.clone());
    }
    let arguments = Some(vec![json!(action.edit.as_ref()?)]);
    Some(Command { title: action.title.clone(), command: APPLY.to_owned(), arguments, ..Command::default() })
}

/// Applies all safe fixes.
pub(super) fn fix_all_kind() -> CodeActionKind {
    CodeActionKind::Custom("source.fixAll.dlint".into())
}

/// Which actions are wanted.
pub(super) struct Wanted<'a>(pub(super) Option<&'a [CodeActionKind]>);

impl Wanted<'_> {
    /// True if an action of `kind` is: a kind stands for all below it.
    pub(super) fn has(&self, kind: &CodeActionKind) -> bool {
        let name = name(kind);
        let below = |only: &CodeActionKind| {
            let only = self::name(only);
            let rest = name.strip_prefix(&*only);
            only.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.is_none_or(|kinds| kinds.iter().any(below))
    }

    /// True if one of the kinds names `kind` or what is just above it: nobody wants all fixes who asks for all actions.
    pub(super) fn names(&self, kind: &CodeActionKind) -> bool {
        self.0.is_some_and(|kinds| !kinds.iter().any(|k| name(k).is_empty())) && self.has(kind)
    }
}

fn name(kind: &CodeActionKind) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Edits of the document.
pub(super) fn workspace_edit(read: &Read, edits: Vec<TextEdit>) -> WorkspaceEdit {
    WorkspaceEdit { changes: Some(HashMap::from([(read.uri.clone(), edits)])), ..WorkspaceEdit::default() }
}

/// The edits that write a comment which suppresses a finding.
#[derive(Debug, Default)]
pub(super) struct Suppressions {
    pub(super) here: Option<Edit>,
    pub(super) in_file: Option<Edit>,
}

/// What can be done about a finding. `fix` makes the edits of its fix, if they can be made.
pub(super) fn of_finding(
    read: &Read,
    finding: &Finding,
    rules: &Rules<'_>,
    fix: impl FnOnce() -> Option<Vec<Edit>>,
    suppressions: Suppressions,
) -> Vec<CodeAction> {
    let about = || Some(vec![diagnostic(read, finding, rules)]);
    let action = |title: String, edits: Vec<TextEdit>| CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: about(),
        edit: Some(workspace_edit(read, edits)),
        ..CodeAction::default()
    };
    let mut actions = Vec::new();
    if let Some(known) = &finding.fix
        && let Some(edits) = fix()
    {
        let edits = edits.iter().map(|edit| read.edit(edit)).collect();
        let safe = known.applicability == Applicability::Safe;
        let title = sanitize(&known.title);
        let review = if safe { "" } else { " (to be reviewed: it may change what the image does)" };
        let fix = action(format!("{}{review}", capitalized(&title)), edits);
        actions.push(CodeAction { is_preferred: safe.then_some(true), ..fix });
    }
    for (edit, place) in [(suppressions.here, "here"), (suppressions.in_file, "in the whole file")] {
        let written = edit.map(|edit| vec![read.edit(&edit)]);
        actions.extend(written.map(|edits| action(format!("Ignore {} {place}", finding.rule), edits)));
    }
    let title = format!("Explain {}", finding.rule);
    let arguments = Some(vec![json!(finding.rule)]);
    let command =
        Command { title: title.clone(), command: EXPLAIN.to_owned(), arguments, ..Command::default() };
    actions.push(CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: about(),
        command: Some(command),
        ..CodeAction::default()
    });
    actions
}

/// A rewrite that no finding asks for.
pub(super) fn of_rewrite(read: &Read, title: String, edits: &[Edit]) -> CodeAction {
    CodeAction {
        title,
        kind: Some(CodeActionKind::RefactorRewrite),
        edit: Some(workspace_edit(read, edits.iter().map(|edit| read.edit(edit)).collect())),
        ..CodeAction::default()
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The comments that suppress a finding of a Dockerfile.
pub(super) fn suppressions(read: &Read, finding: &Finding) -> Suppressions {
    Suppressions { here: suppression(read, finding), in_file: Some(suppression_in_file(read, finding)) }
}

/// The edit that writes a comment which suppresses a finding: a line above its instruction, or its name in such a line.
fn suppression(read: &Read, finding: &Finding) -> Option<Edit> {
    const COMMENT: &str = "# dlint ignore=";
    let text = read.text();
    let instructions = &read.file.instructions;
    let index = instructions.partition_point(|i| i.span.end < finding.span.start);
    let instruction: &Instruction = instructions.get(index)?;
    let first = instruction.first_keyword();
    if finding.span.start < first.start || finding.span.end > instruction.span.end {
        return None;
    }
    if let Some(above) =
        read.file.comments_before(index).last().filter(|span| span.text(text).starts_with(COMMENT))
    {
        let at = above.start + Span::of(0..COMMENT.len()).end;
        return Some(Edit::insert(at, format!("{},", finding.rule)));
    }
    let line = text[..first.start as usize].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = line.max(if text.starts_with('\u{feff}') { 3 } else { 0 });
    let indent = text.get(line..first.start as usize)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(Edit::insert(Span::of(line..line).start, format!("{indent}{COMMENT}{}{end}", finding.rule)))
}

/// The edit that writes a comment at the head of the file which suppresses all findings of the rule of a finding, or its
/// name in such a comment.
fn suppression_in_file(read: &Read, finding: &Finding) -> Edit {
    const COMMENT: &str = "# dlint ignore-file=";
    let text = read.text();
    let own = read.file.comments_before(0).find(|span| span.text(text).starts_with(COMMENT));
    if let Some(own) = own {
        return Edit::insert(own.start + Span::of(0..COMMENT.len()).end, format!("{},", finding.rule));
    }
    let head = if text.starts_with('\u{feff}') { 3 } else { 0 };
    // Directives come first.
    let directives = read.file.directives.last().map_or(head, |directive| {
        let end = directive.value_span.end as usize;
        text[end..].find('\n').map_or(text.len(), |line| end + line + 1)
    });
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = if text[..directives].is_empty() || text[..directives].ends_with(['\n', '\u{feff}']) {
        ""
    } else {
        end
    };
    Edit::insert(Span::of(directives..directives).start, format!("{before}{COMMENT}{}{end}", finding.rule))
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;
    use crate::diag::Severity;
    use crate::text::apply;

    fn suppressed(text: &str, word: &str) -> Option<String> {
        let read = read(text);
        let at = text.find(word).unwrap();
        let finding = Finding::new("sudo", Severity::Info, Span::of(at..at + word.len()), "");
        let edit = suppression(&read, &finding)?;
        Some(String::from_utf8(apply(text.as_bytes(), &[edit]).unwrap()).unwrap())
    }

    #[test]
    fn a_comment_goes_above_the_instruction_or_into_the_one_that_is_there() {
        let text = "FROM a\n  RUN x && \\\n    sudo y\n";
        let want = "FROM a\n  # dlint ignore=sudo\n  RUN x && \\\n    sudo y\n";
        assert_eq!(suppressed(text, "sudo").as_deref(), Some(want));
        let text = "FROM a\r\n# dlint ignore=no-user why\r\nRUN sudo y\r\n";
        let want = "FROM a\r\n# dlint ignore=sudo,no-user why\r\nRUN sudo y\r\n";
        assert_eq!(suppressed(text, "sudo").as_deref(), Some(want));
        assert_eq!(
            suppressed("FROM a\r\nRUN b\r\n", "b").unwrap(),
            "FROM a\r\n# dlint ignore=sudo\r\nRUN b\r\n"
        );
        assert_eq!(suppressed("\u{feff}FROM a", "a").unwrap(), "\u{feff}# dlint ignore=sudo\nFROM a");
        assert_eq!(suppressed("# hello\nFROM a\n", "hello"), None);
    }

    #[test]
    fn a_comment_for_the_whole_file_stands_behind_the_directives() {
        for (text, want) in [
            ("FROM a\n", "# dlint ignore-file=sudo\nFROM a\n"),
            ("\u{feff}# hi\nFROM a\n", "\u{feff}# dlint ignore-file=sudo\n# hi\nFROM a\n"),
            (
                "# syntax=x\r\n# escape=`\r\nFROM a\r\n",
                "# syntax=x\r\n# escape=`\r\n# dlint ignore-file=sudo\r\nFROM a\r\n",
            ),
            (
                "# hi\n# dlint ignore-file=no-user why\nFROM a",
                "# hi\n# dlint ignore-file=sudo,no-user why\nFROM a",
            ),
            ("# syntax=x", "# syntax=x\n# dlint ignore-file=sudo\n"),
        ] {
            let read = read(text);
            let finding = Finding::new("sudo", Severity::Info, Span::at(0), "");
            let edit = suppression_in_file(&read, &finding);
            assert_eq!(String::from_utf8(apply(text.as_bytes(), &[edit]).unwrap()).unwrap(), want);
        }
    }

    #[test]
    fn a_kind_stands_for_all_below_it() {
        let wanted = |kind: &str| [CodeActionKind::Custom(kind.to_owned().into())];
        let all = fix_all_kind();
        for (only, has, names) in [
            ("source", true, true),
            ("source.fixAll", true, true),
            ("source.fixAll.dlint", true, true),
            ("source.fixAll.other", false, false),
            ("source.fix", false, false),
            ("quickfix", false, false),
            ("", true, false),
        ] {
            let only = wanted(only);
            let wanted = Wanted(Some(&only));
            assert_eq!((wanted.has(&all), wanted.names(&all)), (has, names), "{only:?}");
        }
        assert!(Wanted(None).has(&CodeActionKind::QuickFix) && !Wanted(None).names(&all));
    }
}
