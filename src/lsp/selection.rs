//! What is selected when a selection grows: word, argument, instruction, stage, all.

use crate::text::{Arrange, Span};

use super::document::Read;
use super::folding::stages;
use super::paint;
use super::protocol::SelectionRange;

/// The ranges around byte `at`, each in the next one.
pub(super) fn around(read: &Read, at: u32) -> SelectionRange {
    let holds = |span: &Span| span.start <= at && at <= span.end;
    let mut spans = Vec::new();
    let instructions = &read.file.instructions;
    let step = instructions.partition_point(|i| i.first_keyword().start <= at);
    let instruction = step.checked_sub(1).and_then(|step| instructions.get(step)).filter(|i| holds(&i.span));
    let tokens = paint::tokens(&read.file, read.model(), Span::at(at));
    // The token that begins there rather than the one that ends there.
    spans.extend(tokens.iter().map(|token| token.span).rfind(holds));
    if let Some(instruction) = instruction {
        let mounts = instruction.mounts.iter().flat_map(|m| m.options.iter().map(|option| option.span));
        spans.extend(mounts.filter(holds));
        spans.extend(instruction.flags.iter().map(|flag| flag.span).filter(holds));
        let scripts = read.model().scripts_of(step - 1).iter();
        let mut commands: Vec<Span> =
            scripts.flat_map(|script| &script.script.commands).map(|c| c.span).collect();
        commands.retain(holds);
        commands.arrange_by_key(|span| span.len());
        spans.extend(commands);
        spans.extend(instruction.heredocs.iter().map(|heredoc| heredoc.body).filter(holds));
        spans.extend(Some(instruction.arguments).filter(holds));
        spans.push(instruction.span);
    }
    spans.extend(stages(read).into_iter().find(holds));
    let all = Span::of(0..read.text().len());
    let mut range = SelectionRange { range: read.range(all), parent: None };
    let mut outer = all;
    for span in spans.into_iter().rev() {
        if outer.contains(span) && span != outer {
            range = SelectionRange { range: read.range(span), parent: Some(Box::new(range)) };
            outer = span;
        }
    }
    range
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    #[test]
    fn a_selection_grows_from_a_word_to_the_file() {
        let text = "FROM a\nRUN --mount=type=cache,target=/x b c && d\nFROM e\n";
        let grown = |word: &str| {
            let read = read(text);
            let at = Span::of(0..text.find(word).unwrap()).end;
            let mut range = Some(Box::new(around(&read, at)));
            let mut shown = Vec::new();
            while let Some(inner) = range {
                shown.push(read.span(inner.range).text(text).to_owned());
                range = inner.parent;
            }
            shown
        };
        let run = "RUN --mount=type=cache,target=/x b c && d";
        let stage = format!("FROM a\n{run}");
        assert_eq!(grown("c &&"), ["c", "b c", "b c && d", run, &stage, text]);
        assert_eq!(grown("/x")[..3], ["/x", "target=/x", "--mount=type=cache,target=/x"]);
        assert_eq!(grown("\n")[..2], ["a", "FROM a"]);
    }
}
