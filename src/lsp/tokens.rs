//! Tokens as the protocol has them: five numbers each, places counted from the token before.

use serde::Serialize;

use crate::text::Span;

use super::document::Read;
use super::paint;
use super::pen::Class;
use super::protocol::{Full, SemanticTokensFullDelta, SemanticTokensLegend, SemanticTokensOptions};

/// How many numbers a token has.
const NUMBERS: usize = 5;

/// What clients are told of the numbers.
pub(super) fn options() -> SemanticTokensOptions {
    SemanticTokensOptions {
        legend: SemanticTokensLegend {
            token_types: Class::NAMES.map(str::to_owned).to_vec(),
            token_modifiers: vec!["declaration".to_owned()],
        },
        range: Some(true.into()),
        full: Some(Full::SemanticTokensFullDelta(SemanticTokensFullDelta { delta: Some(true) })),
        ..SemanticTokensOptions::default()
    }
}

/// The tokens of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    /// What the client calls them when it asks for what has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result_id: Option<String>,
    pub(super) data: Vec<u32>,
}

/// The edits from tokens that the client has.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delta {
    result_id: Option<String>,
    edits: Vec<DeltaEdit>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeltaEdit {
    start: usize,
    delete_count: usize,
    data: Vec<u32>,
}

/// The tokens of the lines that `within` touches.
pub(super) fn tokens(read: &Read, within: Span) -> Tokens {
    let found = paint::tokens(&read.file, read.model(), within);
    let mut data = Vec::with_capacity(found.len() * NUMBERS);
    let (mut line, mut character) = (0, 0);
    for token in found {
        let range = read.range(token.span);
        if range.start.line != range.end.line || range.start == range.end {
            continue;
        }
        if range.start.line != line {
            data.push(range.start.line - line);
            (line, character) = (range.start.line, 0);
        } else if range.start.character < character {
            continue;
        } else {
            data.push(0);
        }
        let length = range.end.character - range.start.character;
        data.extend([
            range.start.character - character,
            length,
            token.class as u32,
            u32::from(token.declares),
        ]);
        character = range.start.character;
    }
    Tokens { result_id: None, data }
}

/// What makes `new` of `old`: one edit, of whole tokens.
pub(super) fn delta(old: &Tokens, new: &Tokens) -> Delta {
    let same = old.data.iter().zip(&new.data).take_while(|(a, b)| a == b).count();
    let start = same - same % NUMBERS;
    let (before, after) = (&old.data[start..], &new.data[start..]);
    let same = before.iter().rev().zip(after.iter().rev()).take_while(|(a, b)| a == b).count();
    let tail = same - same % NUMBERS;
    let edit =
        DeltaEdit { start, delete_count: before.len() - tail, data: after[..after.len() - tail].to_vec() };
    let edits = if edit.delete_count == 0 && edit.data.is_empty() { Vec::new() } else { vec![edit] };
    Delta { result_id: new.result_id.clone(), edits }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    /// Each token with what it is.
    fn classes(text: &str) -> String {
        let read = read(text);
        let all = Span::of(0..text.len());
        let tokens = paint::tokens(&read.file, read.model(), all);
        let shown = |token: &super::super::pen::Token| {
            let sign = if token.declares { "!" } else { "" };
            format!("{}:{}{sign}", token.span.text(text), Class::NAMES[token.class as usize])
        };
        tokens.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pieces_of_an_instruction_are_told_apart() {
        for (text, want) in [
            ("#escape=`\n", "#:comment escape:property =:operator `:parameter"),
            (
                "FROM --platform=x ghcr.io/a:1 AS b",
                "FROM:keyword --platform:parameter =:operator x:property ghcr.io/a:class ::operator 1:property AS:keyword b:namespace!",
            ),
            ("ENV A=\"x$B\"", "ENV:keyword A:variable! =:operator \"x:string $B:variable \":string"),
            ("USER ${A:-b}c", "USER:keyword ${A:variable ::operator -:modifier b}:variable c:parameter"),
            (
                "RUN --mount=type=cache,target=/x a",
                "RUN:keyword --mount:parameter =:operator type:parameter =:operator cache:property ,:operator target:parameter =:operator /x:property a:function",
            ),
            ("CMD [\"a\", \"b\"]", "CMD:keyword [:operator \"a\":string ,:operator \"b\":string ]:operator"),
            ("onbuild RU\\\nN x", "onbuild:keyword RU:keyword \\:macro N:keyword x:function"),
            ("HEALTHCHECK CMD a", "HEALTHCHECK:keyword CMD:keyword a:function"),
        ] {
            assert_eq!(classes(text), want, "{text}");
        }
    }

    #[test]
    fn scripts_are_read_as_the_shell_reads_them() {
        for (text, want) in [
            (
                "RUN if [ -e a ]; then sudo b >c 2>&1 && d $1; fi # e \\\n f",
                "RUN:keyword if:keyword [:function -e:parameter a:parameter ]:parameter ;:operator then:keyword sudo:function b:function >:operator c:parameter 2>&:operator 1:parameter &&:operator d:function $1:variable ;:operator fi:keyword # e:comment \\:macro f:comment",
            ),
            (
                "RUN A=1 echo if \"$(b c)\" \\\n # no\n  d",
                "RUN:keyword A:variable! =:operator 1:parameter echo:function if:parameter \"$(b:string c)\":string \\:macro # no:comment d:parameter",
            ),
            (
                "RUN <<E\n# x\nmake y\nE\n",
                "RUN:keyword <<E:macro # x:comment make:function y:parameter E:macro",
            ),
            ("COPY <<E /\n$A 'b'\nE", "COPY:keyword <<E:macro /:parameter $A:variable 'b':string E:macro"),
            ("COPY <<'E' /\n$A\nE", "COPY:keyword <<'E':macro /:parameter $A:string E:macro"),
            ("RUN ['a", "RUN:keyword [:parameter 'a:string"),
            (
                "RUN a &&\u{a0}\\\n  b\u{2028}",
                "RUN:keyword a:function &&:operator \\:macro b\u{2028}:parameter",
            ),
        ] {
            assert_eq!(classes(text), want, "{text}");
        }
    }

    #[test]
    fn places_are_counted_from_the_token_before() {
        let numbers = |text: &str| tokens(&read(text), Span::of(0..text.len()));
        assert_eq!(numbers("FROM a\n\n# \u{1d4b3}").data, [0, 0, 4, 0, 0, 0, 5, 1, 5, 0, 2, 0, 4, 1, 0]);
        let (old, new) = (numbers("FROM a\nUSER b\nUSER c"), numbers("FROM a\nUSER $b\nUSER c"));
        let Delta { edits, .. } = delta(&old, &new);
        assert_eq!(edits, [DeltaEdit { start: 15, delete_count: 5, data: vec![0, 5, 2, 8, 0] }]);
        assert_eq!(delta(&old, &old).edits, []);
    }

    #[test]
    fn tokens_of_some_lines_are_those_of_their_instructions() {
        let text = "FROM a\nUSER b\nUSER c";
        let at = Span::of(8..9);
        assert_eq!(tokens(&read(text), at).data, [1, 0, 4, 0, 0, 0, 5, 1, 2, 0]);
    }
}
