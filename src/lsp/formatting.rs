//! Blanks put in order: lines that start an instruction or a comment start at the edge, lines that go on are indented
//! where they have no indentation, and no line ends in blanks. Nothing that a build reads changes.

use crate::engine;
use crate::syntax::{Instruction, ItemKind, Keyword};
use crate::text::{Arrange, Edit, Span};

use super::document::Read;
use super::protocol::{FormattingOptions, TextEdit};

/// The edits of the lines that `within` touches.
pub(super) fn edits(read: &Read, within: Span, options: &FormattingOptions) -> Vec<TextEdit> {
    let text = read.text();
    let mut edits = Vec::new();
    for item in &read.file.items {
        match item.kind {
            ItemKind::Comment | ItemKind::Blank => lines(text, item.span, &mut edits),
            ItemKind::Instruction(index) => {
                let instruction = &read.file.instructions[index];
                edge(text, instruction, &mut edits);
                indentation(read, instruction, options, &mut edits);
            }
            _ => {}
        }
    }
    if within.contains(Span::of(0..text.len())) {
        ending(text, options, &mut edits);
    }
    let start = text[..within.start as usize].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let rest = &text[within.end as usize..];
    let end = within.end as usize + rest.find(['\n', '\r']).unwrap_or(rest.len());
    let lines = Span::of(start..end);
    edits.retain(|edit| lines.contains(edit.span));
    edits.arrange_by_key(|edit| edit.span);
    if engine::changes_blanks_only(&read.file, &edits) {
        return edits.iter().map(|edit| read.edit(edit)).collect();
    }
    // What one of them would change, others need not.
    let alone = |edit: &&Edit| engine::changes_blanks_only(&read.file, std::slice::from_ref(*edit));
    edits.iter().take(MAX_TRIED).filter(alone).map(|edit| read.edit(edit)).collect()
}

/// How many edits are tried one by one.
const MAX_TRIED: usize = 100;

/// The indentation of a line that was just begun, if it goes on with what the line above says.
pub(super) fn typed(read: &Read, at: u32, options: &FormattingOptions) -> Vec<TextEdit> {
    let text = read.text();
    let line = text[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let file = &read.file;
    let step = file.instructions.partition_point(|i| i.first_keyword().start < Span::of(0..line).end);
    let Some(instruction) = step.checked_sub(1).and_then(|step| file.instructions.get(step)) else {
        return Vec::new();
    };
    if in_quotes(
        &text[instruction.span.start as usize..line.max(instruction.span.start as usize)],
        file.escape.char(),
    ) {
        return Vec::new();
    }
    let mut edits = Vec::new();
    // The line may be empty still, and then it is no part of the instruction.
    let above = text[..line].trim_end_matches(['\n', '\r']);
    let joined = above.strip_suffix(file.escape.char()).is_some_and(|before| before.ends_with([' ', '\t']));
    let is_empty = text[line..].split(['\n', '\r']).next().is_some_and(|line| line.trim().is_empty());
    if joined && is_empty && at as usize == line && !in_heredoc(instruction, at) {
        edits.push(Edit::insert(at, unit(options)));
    } else {
        indentation(read, instruction, options, &mut edits);
        edits.retain(|edit| edit.span.start as usize == line);
    }
    edits.retain(|edit| engine::changes_blanks_only(file, std::slice::from_ref(edit)));
    edits.iter().map(|edit| read.edit(edit)).collect()
}

/// True if a quote is open at the end of a text: blanks are a part of what stands there.
fn in_quotes(text: &str, escape: char) -> bool {
    let mut open = None;
    for line in text.split_inclusive('\n') {
        // Comments between lines that go on are none of the words.
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match open {
                Some(quote) if c == quote => open = None,
                Some('\'') => {}
                _ if c == escape || c == '\\' => drop(chars.next()),
                None if matches!(c, '"' | '\'') => open = Some(c),
                _ => {}
            }
        }
    }
    open.is_some()
}

fn unit(options: &FormattingOptions) -> String {
    if options.insert_spaces { " ".repeat(options.tab_size.min(16) as usize) } else { "\t".to_owned() }
}

fn in_heredoc(instruction: &Instruction, at: u32) -> bool {
    let inside = |body: Span| body.start <= at && at <= body.end;
    instruction.heredocs.iter().any(|heredoc| inside(heredoc.body))
}

fn remove(text: &str, start: usize, end: usize, edits: &mut Vec<Edit>) {
    if start < end && text[start..end].bytes().all(|byte| byte == b' ' || byte == b'\t') {
        edits.push(Edit::delete(Span::of(start..end)));
    }
}

/// No blanks at the start and at the end of the lines.
fn lines(text: &str, span: Span, edits: &mut Vec<Edit>) {
    let mut at = span.start as usize;
    for line in span.text(text).split_inclusive(['\n', '\r']) {
        let own = line.trim_end_matches(['\n', '\r']);
        let content = own.trim_matches([' ', '\t']);
        let start = at + own.find(content).unwrap_or(0);
        remove(text, at, start, edits);
        remove(text, start + content.len(), at + own.len(), edits);
        at += line.len();
    }
}

/// The same for what stands around an instruction, and behind the characters that continue its lines.
fn edge(text: &str, instruction: &Instruction, edits: &mut Vec<Edit>) {
    let first = instruction.first_keyword().start as usize;
    let line = text[..first].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    remove(text, line, first, edits);
    if instruction.heredocs.is_empty() {
        let content = instruction.span.text(text).trim_end_matches([' ', '\t']);
        let end = instruction.span.start as usize + content.len();
        let rest = &text[end..];
        remove(text, end, end + rest.find(['\n', '\r']).unwrap_or(rest.len()), edits);
    }
}

/// Indents the lines that go on, where they start at the edge.
fn indentation(read: &Read, instruction: &Instruction, options: &FormattingOptions, edits: &mut Vec<Edit>) {
    let reads_blanks = matches!(
        instruction.keyword,
        Keyword::Env | Keyword::Label | Keyword::Maintainer | Keyword::From | Keyword::Unknown
    );
    if reads_blanks {
        return;
    }
    let text = read.text();
    let joined = instruction.logical.text();
    let mut join = 0;
    let mut quotes = Quotes::default();
    while let Some(next) = instruction.logical.next_join(join).filter(|next| *next > join) {
        let before = &joined[join..next];
        quotes.read(before, read.file.escape.char());
        let at = instruction.logical.offset(next);
        let content = text.as_bytes().get(at as usize).copied().unwrap_or(b'\n');
        let starts_line = text[..at as usize].ends_with(['\n', '\r']);
        let is_content = !content.is_ascii_whitespace() && content != b'#';
        if starts_line && is_content && !quotes.open() && before.ends_with([' ', '\t']) {
            edits.push(Edit::insert(at, unit(options)));
        }
        join = next;
    }
}

/// Which quotes are open.
#[derive(Default)]
struct Quotes(Option<char>);

impl Quotes {
    fn open(&self) -> bool {
        self.0.is_some()
    }

    fn read(&mut self, text: &str, escape: char) {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match self.0 {
                _ if c == escape && self.0 != Some('\'') => {
                    chars.next();
                }
                None if c == '\'' || c == '"' => self.0 = Some(c),
                Some(open) if open == c => self.0 = None,
                _ => {}
            }
        }
    }
}

/// The end of the file, as the client wants it.
fn ending(text: &str, options: &FormattingOptions, edits: &mut Vec<Edit>) {
    let own = text.trim_end_matches(['\n', '\r']);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if options.trim_final_newlines == Some(true) && !own.is_empty() && text.len() > own.len() + end.len() {
        let kept = own.len() + end.len();
        if text[own.len()..].starts_with(end) {
            edits.push(Edit::delete(Span::of(kept..text.len())));
        }
    }
    if options.insert_final_newline == Some(true) && own.len() == text.len() && !text.is_empty() {
        edits.push(Edit::insert(Span::of(0..text.len()).end, end));
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;
    use crate::text::apply;

    fn options() -> FormattingOptions {
        FormattingOptions { tab_size: 2, insert_spaces: true, ..FormattingOptions::default() }
    }

    fn applied(text: &str, edits: &[TextEdit]) -> String {
        let read = read(text);
        let edits: Vec<Edit> =
            edits.iter().map(|edit| Edit::replace(read.span(edit.range), &edit.new_text)).collect();
        String::from_utf8(apply(text.as_bytes(), &edits).unwrap()).unwrap()
    }

    fn formatted(text: &str) -> String {
        applied(text, &edits(&read(text), Span::of(0..text.len()), &options()))
    }

    #[test]
    fn blanks_are_put_in_order() {
        for (before, after) in [
            ("  FROM a  \n\t\n # b \n", "FROM a\n\n# b\n"),
            ("FROM a\nRUN b \\\nc \\\n    d\n", "FROM a\nRUN b \\\n  c \\\n    d\n"),
            ("FROM a\r\nRUN b \\\r\nc\r\n", "FROM a\r\nRUN b \\\r\n  c\r\n"),
        ] {
            assert_eq!(formatted(before), after, "{before}");
        }
    }

    #[test]
    fn what_a_build_reads_stays() {
        for text in [
            "FROM a\nRUN b\\\nc\n",
            "FROM a\nRUN 'b \\\nc'\n",
            "FROM a\nENV b c \\\nd\n",
            "FROM a\nLABEL b=\"c \\\nd\"\n",
            "FROM a\nRUN <<E\n  b \n\nE\n",
            "FROM a\nCOPY <<E /\n  b \\\nc\nE\n",
            " # escape=`\nFROM a\n",
        ] {
            assert_eq!(formatted(text), text, "{text}");
        }
        assert_eq!(formatted(" # escape=`\n FROM a\n"), " # escape=`\nFROM a\n");
    }

    #[test]
    fn a_line_that_is_begun_is_indented_but_inside_of_quotes() {
        for (before, after) in [
            ("FROM a\nRUN b \\\n|", "FROM a\nRUN b \\\n  "),
            ("FROM a\nRUN b 'c' \\\n|", "FROM a\nRUN b 'c' \\\n  "),
            ("FROM a\nRUN b 'c \\\n|", "FROM a\nRUN b 'c \\\n"),
            ("FROM a\nENV A=\"c \\\n|", "FROM a\nENV A=\"c \\\n"),
            ("FROM a\nRUN b \"it's\" \\\n|", "FROM a\nRUN b \"it's\" \\\n  "),
            ("FROM a\nRUN b \\\n# don't\nc \\\n|", "FROM a\nRUN b \\\n# don't\nc \\\n  "),
        ] {
            let text = before.replace('|', "");
            let at = Span::of(0..before.find('|').unwrap()).end;
            assert_eq!(applied(&text, &typed(&read(&text), at, &options())), after, "{before}");
        }
    }

    #[test]
    fn only_the_lines_of_a_range_are_touched() {
        let text = " FROM a\n USER b\n USER c\n";
        let at = Span::of(10..11);
        assert_eq!(applied(text, &edits(&read(text), at, &options())), " FROM a\nUSER b\n USER c\n");
    }

    #[test]
    fn a_file_ends_as_the_client_wants_it() {
        let wanted = FormattingOptions {
            insert_final_newline: Some(true),
            trim_final_newlines: Some(true),
            ..options()
        };
        for text in ["FROM a", "FROM a\n", "FROM a\n\n\n"] {
            let edits = edits(&read(text), Span::of(0..text.len()), &wanted);
            assert_eq!(applied(text, &edits), "FROM a\n", "{text:?}");
        }
    }

    #[test]
    fn a_line_that_goes_on_is_indented_when_it_is_begun() {
        for (text, after) in [
            ("FROM a\nRUN b \\\n|", "FROM a\nRUN b \\\n  "),
            ("FROM a\nRUN b \\\n|\nUSER c", "FROM a\nRUN b \\\n  \nUSER c"),
            ("FROM a\nRUN b \\\n|c", "FROM a\nRUN b \\\n  c"),
            ("FROM a\nRUN b\\\n|c", "FROM a\nRUN b\\\nc"),
            ("FROM a\nRUN b\n|", "FROM a\nRUN b\n"),
        ] {
            let (before, behind) = text.split_once('|').unwrap();
            let text = format!("{before}{behind}");
            let edits = typed(&read(&text), Span::of(0..before.len()).end, &options());
            assert_eq!(applied(&text, &edits), after, "{text}");
        }
    }
}
