//! The outline: stages with their steps, directives and global arguments before them.

use serde_json::{Value, json};

use crate::report::sanitize;
use crate::syntax::{Instruction, Keyword, Kind};
use crate::text::Span;

use super::cursor;
use super::document::Read;
use super::protocol::{DocumentSymbol, SymbolKind};

/// How many characters of an instruction's arguments are shown.
const SHOWN: usize = 60;

/// The outline of a document.
pub(super) fn symbols(read: &Read) -> Vec<DocumentSymbol> {
    let mut top: Vec<DocumentSymbol> = read.file.directives.iter().map(|d| directive(read, d.span)).collect();
    let begun = cursor::begun_directive(&read.file);
    top.extend(begun.map(|(_, span)| directive(read, span)));
    let instructions = &read.file.instructions;
    let starts = |i: &Instruction| i.keyword == Keyword::From && !i.is_trigger();
    let first = instructions.iter().position(starts).unwrap_or(instructions.len());
    let (before, stages) = instructions.split_at(first);
    top.extend(before.iter().map(|i| step(read, i)));
    let mut rest = stages;
    while let Some((from, steps)) = rest.split_first() {
        let len = steps.iter().position(starts).unwrap_or(steps.len());
        let (own, next) = steps.split_at(len);
        top.push(stage(read, from, own));
        rest = next;
    }
    top
}

/// The same without levels, for clients that know none.
pub(super) fn flat(read: &Read, symbols: &[DocumentSymbol]) -> Vec<Value> {
    let own = |symbol: &DocumentSymbol, container: Option<&str>| {
        json!({
            "name": symbol.name,
            "kind": symbol.kind,
            "location": {"uri": read.uri, "range": symbol.range},
            "containerName": container,
        })
    };
    let with_steps = |symbol: &DocumentSymbol| {
        let steps = symbol.children.as_deref().unwrap_or_default();
        let below = steps.iter().map(|step| own(step, Some(&symbol.name)));
        std::iter::once(own(symbol, None)).chain(below).collect::<Vec<_>>()
    };
    symbols.iter().flat_map(with_steps).collect()
}

fn symbol(
    read: &Read,
    name: &str,
    detail: &str,
    kind: SymbolKind,
    whole: Span,
    place: Span,
) -> DocumentSymbol {
    let detail = shown(detail);
    DocumentSymbol {
        name: Some(shown(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| "?".to_owned()),
        detail: (!detail.is_empty()).then_some(detail),
        kind,
        tags: None,
        #[allow(deprecated, reason = "the field is there")]
        deprecated: None,
        range: read.range(whole.to(place)),
        selection_range: read.range(place),
        children: None,
    }
}

/// A text as one short line.
fn shown(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(SHOWN).collect();
    let line = words.join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() { "…" } else { "" };
    format!("{}{dots}", sanitize(&short))
}

fn directive(read: &Read, span: Span) -> DocumentSymbol {
    let text = span.text(read.text()).trim_start_matches('#');
    symbol(read, text, "", SymbolKind::Property, span, span)
}

fn stage(read: &Read, from: &Instruction, steps: &[Instruction]) -> DocumentSymbol {
    let (alias, image) = match &from.kind {
        Kind::From(from) => {
            (from.alias.as_ref().map(|a| &*a.name.text), from.image.as_ref().map(|i| &*i.text))
        }
        _ => (None, None),
    };
    let name = match (alias, image) {
        (Some(alias), _) => alias,
        (None, Some(image)) => image,
        (None, None) => "FROM",
    };
    let whole = from.span.to(steps.last().map_or(from.span, |last| last.span));
    let detail = alias.and(image).map(|image| format!("FROM {image}")).unwrap_or_default();
    let children = steps.iter().map(|i| step(read, i)).collect();
    DocumentSymbol {
        children: Some(children),
        ..symbol(read, name, &detail, SymbolKind::Module, whole, from.first_keyword().to(from.keyword_span))
    }
}

fn step(read: &Read, instruction: &Instruction) -> DocumentSymbol {
    let keyword = instruction.keyword_text(&read.file).to_ascii_uppercase();
    let onbuild = if instruction.is_trigger() { "ONBUILD " } else { "" };
    let source = instruction.flags.iter().find(|flag| &*flag.name == "from");
    let source = source.map(|flag| format!("{} ", flag.span.text(read.text()))).unwrap_or_default();
    let arguments = instruction.arguments_text();
    // A script that is written below says more than its mark.
    let body = instruction.heredocs.first().filter(|_| arguments.starts_with("<<"));
    let script = body.filter(|_| instruction.keyword == Keyword::Run);
    let script = script.map_or("", |heredoc| heredoc.body.text(read.text()));
    let name = format!("{onbuild}{keyword} {source}{arguments} {script}");
    let place = instruction.first_keyword();
    symbol(read, &name, "", kind(instruction), instruction.span, place)
}

const fn kind(instruction: &Instruction) -> SymbolKind {
    match instruction.kind {
        Kind::Arg(_) => SymbolKind::Variable,
        Kind::Env(_) => SymbolKind::Constant,
        Kind::Label(_) | Kind::Maintainer(_) => SymbolKind::Property,
        Kind::Copy(_) | Kind::Add(_) => SymbolKind::File,
        Kind::Workdir(_) | Kind::Volume(_) => SymbolKind::Package,
        Kind::Expose(_) => SymbolKind::Interface,
        Kind::Unknown => SymbolKind::Null,
        _ => SymbolKind::Function,
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    fn tree(symbols: &[DocumentSymbol], depth: usize, out: &mut Vec<String>) {
        for symbol in symbols {
            assert!(
                symbol.range.start <= symbol.selection_range.start
                    && symbol.selection_range.end <= symbol.range.end
            );
            out.push(format!("{}{}", "  ".repeat(depth), symbol.name));
            tree(symbol.children.as_deref().unwrap_or_default(), depth + 1, out);
        }
    }

    #[test]
    fn stages_hold_their_steps() {
        let text = "# syntax=docker/dockerfile:1\nARG V=1\nFROM a:$V AS build\nRUN make \\\n  all\nFROM b\nonbuild copy x y\nWHAT z\n";
        let mut got = Vec::new();
        tree(&symbols(&read(text)), 0, &mut got);
        let want = [
            "syntax=docker/dockerfile:1",
            "ARG V=1",
            "build",
            "  RUN make all",
            "b",
            "  ONBUILD COPY x y",
            "  WHAT z",
        ];
        assert_eq!(got, want);
        let text = "FROM a\nCOPY --link --from=build /a /b\nRUN <<EOF\nset -e\nmake\nEOF\n";
        let mut got = Vec::new();
        tree(&symbols(&read(text)), 0, &mut got);
        assert_eq!(got, ["a", "  COPY --from=build /a /b", "  RUN <<EOF set -e make"]);
        let mut got = Vec::new();
        tree(&symbols(&read("RUN x\nFROM\n")), 0, &mut got);
        assert_eq!(got, ["RUN x", "FROM"]);
    }
}
