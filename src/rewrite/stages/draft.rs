//! A Dockerfile of two stages, put together from the instructions of one.

use crate::semantic::Analysis;
use crate::syntax::{Escape, ItemKind, Kind};

/// What a stage is made of.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// An instruction as it stands, with the comments in front of it.
    Step(usize),
    /// The same with other text in the place of the instruction.
    Changed(usize, String),
    /// New lines.
    New(String),
}

/// Two stages.
#[derive(Debug)]
pub(super) struct Draft<'m> {
    pub(super) model: &'m Analysis,
    /// The stage that builds, by its name.
    pub(super) build_name: String,
    /// What the last stage starts from.
    pub(super) last_from: String,
    pub(super) build: Vec<Part>,
    pub(super) last: Vec<Part>,
}

impl Draft<'_> {
    /// The text.
    pub(super) fn render(&self) -> String {
        let file = &*self.model.file;
        let Some(from) = self.model.stages.first().map(|s| s.steps.start) else { return String::new() };
        let instruction = self.model.instruction(from);
        let crlf = file.text().contains("\r\n");
        let mut out = String::new();
        let start = file.items.get(instruction.item).map_or(0, |i| i.span.start as usize);
        out.push_str(&plain(file.text().get(..start).unwrap_or("")));
        let mut from_line = plain(self.model.text(instruction.span));
        let alias = match &instruction.kind {
            Kind::From(from) => from.alias.as_ref(),
            _ => None,
        };
        let mut last_name = None;
        match alias {
            None => from_line = format!("{from_line} AS {}", self.build_name),
            Some(alias) if alias.name.text.eq_ignore_ascii_case(&self.build_name) => {}
            Some(alias) => {
                // Whoever names the stage as a target wants the last one.
                let name = alias.name.text.to_string();
                if let Some(before) = from_line.strip_suffix(&name) {
                    from_line = format!("{before}{}", self.build_name);
                }
                last_name = Some(name);
            }
        }
        out.push_str(&from_line);
        out.push('\n');
        let mut seen = Vec::new();
        self.stage(&mut out, &self.build, &mut seen);
        let keyword = self.model.text(instruction.keyword_span);
        let flags: String =
            instruction.flags.iter().map(|f| format!("{} ", self.model.text(f.span))).collect();
        let name = last_name.map_or_else(String::new, |name| format!(" AS {name}"));
        out.push_str(&format!("\n{keyword} {flags}{}{name}\n", self.last_from));
        self.stage(&mut out, &self.last, &mut seen);
        self.trailer(&mut out);
        if crlf { out.replace('\n', "\r\n") } else { out }
    }

    fn stage(&self, out: &mut String, parts: &[Part], seen: &mut Vec<usize>) {
        for part in parts {
            let (step, text) = match part {
                Part::Step(step) => (*step, plain(self.model.text(self.model.instruction(*step).span))),
                Part::Changed(step, text) => (*step, text.clone()),
                Part::New(text) => {
                    out.push_str(text);
                    out.push('\n');
                    continue;
                }
            };
            let first = !seen.contains(&step);
            self.lead(out, step, first);
            seen.push(step);
            out.push_str(&text);
            out.push('\n');
        }
    }

    /// The blank line and the comments in front of an instruction.
    fn lead(&self, out: &mut String, step: usize, comments: bool) {
        let file = &*self.model.file;
        let item = self.model.instruction(step).item;
        let before = file.items.get(..item).unwrap_or_default();
        let first =
            before.iter().rposition(|i| matches!(i.kind, ItemKind::Instruction(_))).map_or(0, |at| at + 1);
        let before = before.get(first..).unwrap_or_default();
        if before.iter().any(|i| i.kind == ItemKind::Blank) && !out.ends_with("\n\n") {
            out.push('\n');
        }
        for item in before.iter().filter(|i| comments && i.kind == ItemKind::Comment) {
            out.push_str(&plain(item.span.text(file.text())));
        }
    }

    /// What stands behind the last instruction.
    fn trailer(&self, out: &mut String) {
        let file = &*self.model.file;
        let last = file.items.iter().rposition(|i| matches!(i.kind, ItemKind::Instruction(_)));
        let rest = file.items.get(last.map_or(0, |at| at + 1)..).unwrap_or_default();
        for item in rest.iter().filter(|i| i.kind == ItemKind::Comment) {
            let text = plain(item.span.text(file.text()));
            out.push('\n');
            out.push_str(text.trim_end_matches('\n'));
            out.push('\n');
        }
    }

    /// The escape character and the line end behind it.
    pub(super) fn newline(model: &Analysis) -> &'static str {
        match model.file.escape {
            Escape::Backtick => "`\n    ",
            Escape::Backslash => "\\\n    ",
        }
    }
}

/// Text with plain line ends, of which the last one is no part for an instruction.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}
