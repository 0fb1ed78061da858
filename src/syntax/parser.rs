//! The line reader and the assembly of instructions (BuildKit's `parser/parser.go`).

use std::ops::Range;

use crate::text::{Arrange, Source, Span, trim_end_of, trim_start};

use super::arguments::Arguments;
use super::ast::{File, Instruction, Item, ItemKind, Kind};
use super::directive;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::flag_values;
use super::flags::{self, Flag};
use super::heredoc::{self, Heredoc};
use super::keyword::Keyword;
use super::logical::{Logical, LogicalBuilder};
use super::mount::Mount;
use super::validate;
use super::word::Escape;

/// The longest line that BuildKit reads, in bytes.
const MAX_LINE_BYTES: usize = 65_535;

/// Most instructions of a file that are read; an image has 127 layers at most. What follows is one
/// [`ItemKind::Unread`], and an error says so.
pub const MAX_INSTRUCTIONS: usize = 40_000;

/// How often reading goes on behind a line that nearly ends a here-document: the search for the right line
/// takes the whole file each time.
const MAX_NEAR_ENDS: usize = 16;

/// Longest instruction whose arguments are read, in bytes without its continuations and
/// here-documents: 1 MiB. A longer one is [`Kind::Unknown`], and an error says so.
pub const MAX_INSTRUCTION_BYTES: usize = 1 << 20;

/// Reads a Dockerfile. Never fails: faults are in [`File::errors`].
#[must_use]
pub fn parse(source: Source) -> File {
    #[cfg(test)]
    crate::text::work::record(crate::text::work::Work::Parse, source.name());
    let mut file = File {
        source,
        items: Vec::new(),
        instructions: Vec::new(),
        directives: Vec::new(),
        escape: Escape::Backslash,
        errors: Vec::new(),
    };
    let text = std::mem::take(&mut file.source);
    let builder = LogicalBuilder::default();
    let mut reader = Reader {
        source: &text,
        text: text.text(),
        is_utf8: text.invalid().is_empty(),
        at: 0,
        line: 0,
        file: &mut file,
        directives_done: false,
        behind_shebang: false,
        near_ends: 0,
        builder,
    };
    reader.read();
    file.errors.extend(text.invalid().iter().map(|span| {
        SyntaxError::new(SyntaxErrorKind::InvalidUtf8, *span, "this is not valid UTF-8")
            .help("save the file as UTF-8")
    }));
    file.source = text;
    validate::file(&mut file);
    file.errors.arrange_by_key(|e| e.span);
    file
}

struct Reader<'a> {
    source: &'a Source,
    text: &'a str,
    /// True if each U+001A in it is really one, and none stands for what is no text.
    is_utf8: bool,
    /// Start of the next line.
    at: usize,
    /// Number of lines read.
    line: u32,
    file: &'a mut File,
    directives_done: bool,
    /// True if the first line of the file begins with `#!`.
    behind_shebang: bool,
    /// Here-documents that were left where they nearly end.
    near_ends: usize,
    builder: LogicalBuilder,
}

/// A physical line: where it starts, and its text without the line ending.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    text: &'a str,
}

impl<'a> Reader<'a> {
    fn next_line(&mut self) -> Option<Line<'a>> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let len = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |i| i + 1);
        let start = self.at;
        self.at += len;
        self.line += 1;
        let text = trim_end_of(&rest[..len], b"\r\n");
        if text.len() > MAX_LINE_BYTES {
            self.file.errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::LineTooLong,
                    Span::of(start..start + text.len()),
                    format!("the line is longer than {MAX_LINE_BYTES} bytes, which BuildKit rejects"),
                )
                .help("break it with a continuation"),
            );
        }
        Some(Line { start, text })
    }

    fn push_item(&mut self, kind: ItemKind, start: usize) {
        let span = Span::of(start..self.at);
        match self.file.items.last_mut() {
            // A run of comment lines or of blank lines is one item.
            Some(last) if last.kind == kind && matches!(kind, ItemKind::Comment | ItemKind::Blank) => {
                last.span = last.span.to(span);
            }
            _ => self.file.items.push(Item { kind, span }),
        }
    }

    fn read(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.push_item(ItemKind::Bom, 0);
        }
        while let Some(line) = self.next_line() {
            let trimmed = trim_start(line.text);
            let indent = line.text.len() - trimmed.len();
            if !self.directives_done && self.directive(line.start + indent, trimmed, line.start) {
                continue;
            }
            if trimmed.starts_with('#') {
                self.push_item(ItemKind::Comment, line.start);
            } else if trimmed.is_empty() {
                self.push_item(ItemKind::Blank, line.start);
            } else if self.file.instructions.len() == MAX_INSTRUCTIONS {
                self.leave_rest(line.start);
            } else {
                self.instruction(line, indent);
            }
        }
    }

    /// Takes the text from `start` on as one item that is not read.
    fn leave_rest(&mut self, start: usize) {
        self.at = self.text.len();
        self.push_item(ItemKind::Unread, start);
        let first = self.text[start..].lines().next().unwrap_or("");
        let line = Span::of(start..start + first.trim_end().len());
        let message =
            format!("there are more than {MAX_INSTRUCTIONS} instructions: dlint stops reading here");
        self.file.errors.push(
            SyntaxError::new(SyntaxErrorKind::TooManyInstructions, line, message)
                .help("split the file; nothing from here on is checked"),
        );
    }

    /// Reads a directive line; the first line that is none ends them.
    fn directive(&mut self, offset: usize, text: &str, start: usize) -> bool {
        // BuildKit's frontend looks for the syntax behind a `#!` line; its parser ends the directives there.
        if text.starts_with("#!") && self.file.items.is_empty() {
            self.behind_shebang = true;
            return false;
        }
        let is_known = |directive: &directive::Directive| {
            !self.behind_shebang || directive.kind == directive::DirectiveKind::Syntax
        };
        let Some(directive) = directive::read(text, offset).filter(is_known) else {
            self.directives_done = true;
            return false;
        };
        if let Some(first) = self.file.directive(directive.kind) {
            self.file.errors.push(
                SyntaxError::new(
                    SyntaxErrorKind::DuplicateDirective,
                    directive.name_span.to(directive.value_span),
                    "a parser directive can only be given once",
                )
                .related(first.span, "this one counts")
                .help("remove it"),
            );
        } else if directive.kind == directive::DirectiveKind::Escape {
            match directive.escape() {
                Some(escape) => self.file.escape = escape,
                None => self.file.errors.push(
                    SyntaxError::new(
                        SyntaxErrorKind::InvalidEscape,
                        directive.value_span,
                        "the escape character must be `\\` or a backtick",
                    )
                    .help("write `# escape=\\` or the same with a backtick"),
                ),
            }
        }
        let index = self.file.directives.len();
        self.file.directives.push(directive);
        self.push_item(ItemKind::Directive(index), start);
        true
    }

    /// The line without its continuation character, and whether one was there.
    fn continued(&self, text: &'a str) -> (&'a str, bool) {
        let escape = self.file.escape.char();
        let trimmed = trim_end_of(text, b" \t");
        match trimmed.strip_suffix(escape) {
            Some(before) if !before.ends_with(escape) => (before, true),
            _ => (text, false),
        }
    }

    fn instruction(&mut self, first: Line<'a>, indent: usize) {
        let first_line = self.line;
        let (mut piece, mut more) = self.continued(&first.text[indent..]);
        self.builder.push(first.start + indent, piece);
        let mut end = first.start + indent + piece.len();
        let mut empty_continuations = Vec::new();
        while more {
            let Some(line) = self.next_line() else { break };
            let trimmed = trim_start(line.text);
            if trimmed.starts_with('#') {
                continue;
            }
            if trimmed.is_empty() {
                empty_continuations.push(Span::of(line.start..self.at));
                continue;
            }
            (piece, more) = self.continued(line.text);
            self.builder.push(line.start, piece);
            end = line.start + piece.len();
        }
        let line = self.builder.finish();
        let mut instruction = self.node(line);
        instruction.empty_continuations = empty_continuations;
        self.heredocs(&mut instruction, &mut end);
        instruction.item = self.file.items.len();
        instruction.lines = (self.source.number_of(first_line), self.source.number_of(self.line));
        let end = end.max(instruction.span.end as usize);
        instruction.span = Span::of(first.start + indent..trim_end(self.text, first.start + indent, end));
        let index = self.file.instructions.len();
        self.file.instructions.push(instruction);
        self.push_item(ItemKind::Instruction(index), first.start);
    }

    /// Reads here-document bodies behind the instruction, as its line asks for.
    fn heredocs(&mut self, instruction: &mut Instruction, end: &mut usize) {
        if !instruction.keyword.takes_heredocs() || is_json(instruction) {
            return;
        }
        let mut heredocs = Vec::new();
        for marker in heredoc::markers(&instruction.logical) {
            let start = self.at;
            let mut terminator = None;
            let mut near = None;
            let mut body_end = start;
            while let Some(line) = self.next_line() {
                if near.is_none() && self.near_ends < MAX_NEAR_ENDS && marker.resembles(line.text) {
                    near = Some((line, body_end, self.at, self.line));
                }
                let candidate = if marker.chomp { line.text.trim_start_matches('\t') } else { line.text };
                if candidate == &*marker.name {
                    terminator = Some(Span::of(line.start..line.start + line.text.len()));
                    break;
                }
                body_end = self.at;
            }
            if terminator.is_none() {
                let error = SyntaxError::new(
                    SyntaxErrorKind::UnterminatedHeredoc,
                    marker.span,
                    format!("the here-document has no closing line `{}`", marker.name),
                );
                self.file.errors.push(match near {
                    Some((line, ..)) => {
                        let start = line.start + line.text.len() - line.text.trim_start().len();
                        let place = Span::of(start..start.max(line.start + line.text.trim_end().len()));
                        let error = error.related(place, "this line is almost it");
                        let name = &marker.name;
                        if line.text.trim_end().trim_start_matches('\t') == &**name
                            && line.text.trim_end() == line.text
                        {
                            error.help(format!("remove the tabs before it, or start by `<<-{name}`"))
                        } else {
                            error.help(format!("write only `{name}`, without blanks or anything else"))
                        }
                    }
                    None => error.help(format!("add a line that contains only `{}`", marker.name)),
                });
                // Reading goes on behind the line that was most likely meant.
                if let Some((_, end, at, line)) = near {
                    (body_end, self.at, self.line) = (end, at, line);
                    self.near_ends += 1;
                }
            }
            *end = terminator.map_or(body_end, |t| t.end as usize);
            heredocs.push(Heredoc {
                name: marker.name,
                marker: marker.span,
                chomp: marker.chomp,
                expand: marker.expand,
                body: Span::of(start..body_end),
                terminator,
            });
            if terminator.is_none() {
                break;
            }
        }
        instruction.heredocs = heredocs;
    }

    /// Reads the instruction of a logical line; for an ONBUILD, the one that it triggers.
    fn node(&mut self, mut line: Logical) -> Instruction {
        let end = line.text().trim_end().len();
        line.truncate(end);
        let head = self.head(&line, 0);
        if head.keyword != Keyword::Onbuild {
            return self.instruction_of(line, head);
        }
        let (range, misspelt, faults) = (head.range.clone(), head.misspelt, self.file.errors.len());
        let trigger = self.trigger(&line, &head).unwrap_or(head);
        let (span, onbuild) = (line.span(range.start..end), line.span(range));
        let instruction = self.instruction_of(line, trigger);
        if misspelt {
            self.file.errors.truncate(faults);
        }
        Instruction { span, onbuild: Some(onbuild), ..instruction }
    }

    /// Reads what stands at `at` of a line, up to the arguments.
    fn head(&mut self, line: &Logical, at: usize) -> Head {
        let text = line.text();
        let end = text.len();
        let at = end - trim_start(&text[at..]).len();
        let blank = |byte: u8| matches!(byte, b'\t' | b'\x0b' | b'\x0c' | b'\r' | b' ');
        let keyword_end = text[at..].bytes().position(blank).map_or(end, |i| at + i);
        let mut keyword = Keyword::of(&text[at..keyword_end]);
        let rest = end - trim_start(&text[keyword_end..]).len();
        let too_long = end - at > MAX_INSTRUCTION_BYTES;
        let (flags, arguments_at) = if too_long { (Vec::new(), rest) } else { flags::split(line, rest) };
        let misspelt = keyword == Keyword::Unknown;
        if misspelt {
            let error = unknown_instruction(&text[at..keyword_end], line.span(at..keyword_end));
            // Reading goes on as if it was written right.
            keyword = error.meant.as_deref().map_or(Keyword::Unknown, Keyword::of);
            self.file.errors.push(
                match self.file.instructions.last().filter(|i| !is_json(i)).and_then(heredoc::missed) {
                    Some((marker, why)) => error.related(marker, why).help(heredoc::MISSED_HELP),
                    None => error,
                },
            );
        }
        Head { range: at..keyword_end, keyword, misspelt, flags, arguments_at, too_long }
    }

    /// The head of the instruction that an ONBUILD triggers; `None` where it can trigger none, which is said.
    fn trigger(&mut self, line: &Logical, onbuild: &Head) -> Option<Head> {
        if onbuild.too_long {
            return None;
        }
        let errors = &mut self.file.errors;
        flags::check(Keyword::Onbuild, &onbuild.flags, errors);
        if onbuild.arguments_at == line.text().len() {
            let span = line.span(onbuild.range.clone());
            errors.push(
                SyntaxError::new(SyntaxErrorKind::MissingArgument, span, "ONBUILD needs an instruction")
                    .help("for example `ONBUILD COPY . /app`"),
            );
            return None;
        }
        let head = self.head(line, onbuild.arguments_at);
        if !matches!(head.keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
            return Some(head);
        }
        if !head.misspelt {
            let message = match head.keyword {
                Keyword::Onbuild => "ONBUILD cannot trigger another ONBUILD".to_owned(),
                keyword => format!("ONBUILD cannot trigger {}", keyword.name()),
            };
            let span = line.span(head.range);
            self.file.errors.push(SyntaxError::new(SyntaxErrorKind::OnbuildTrigger, span, message));
        }
        None
    }

    /// Reads the instruction that `head` starts.
    fn instruction_of(&mut self, logical: Logical, head: Head) -> Instruction {
        let Head { range, keyword, misspelt, flags, mut arguments_at, too_long } = head;
        let line = &logical;
        let end = line.text().len();
        let keyword_span = line.span(range.clone());
        let errors = &mut self.file.errors;
        let faults = errors.len();
        let mut mounts = Vec::new();
        let kind = if too_long {
            let message = format!(
                "the instruction is longer than {MAX_INSTRUCTION_BYTES} bytes: dlint does not read it"
            );
            errors.push(
                SyntaxError::new(SyntaxErrorKind::InstructionTooLong, keyword_span, message)
                    .help("move what is in it to files of the build context"),
            );
            Kind::Unknown
        } else {
            let (escape, is_utf8) = (self.file.escape, self.is_utf8);
            arguments_at = flags::behind_lost_value(keyword, &flags, line.text(), arguments_at);
            let kind =
                Arguments { line, at: arguments_at, keyword, keyword_span, escape, is_utf8, errors }.read();
            let none = matches!(&kind, Kind::Healthcheck(super::Healthcheck::None));
            // HEALTHCHECK NONE drops its flags unread.
            if !matches!(keyword, Keyword::Unknown | Keyword::Onbuild) && !none {
                flags::check(keyword, &flags, errors);
                flag_values::check(keyword, &flags, errors);
            }
            if keyword == Keyword::Run {
                let parsed = flags.iter().filter(|f| &*f.name == "mount");
                mounts = parsed.filter_map(|flag| Mount::parse(flag, errors)).collect();
            }
            kind
        };
        if misspelt {
            // One fault is enough for a word that may have been meant otherwise.
            self.file.errors.truncate(faults);
        }
        let (span, arguments) = (line.span(range.start..end), line.span(arguments_at..end));
        Instruction {
            span,
            lines: (self.line, self.line),
            item: 0,
            onbuild: None,
            keyword,
            keyword_span,
            flags,
            arguments,
            kind,
            heredocs: Vec::new(),
            mounts,
            empty_continuations: Vec::new(),
            arguments_at,
            logical,
        }
    }
}

/// What stands in front of an instruction's arguments.
struct Head {
    /// The keyword, as a range of the logical line.
    range: Range<usize>,
    /// The keyword; the one that was meant if it is misspelt.
    keyword: Keyword,
    /// True if the keyword is none that BuildKit knows.
    misspelt: bool,
    flags: Vec<Flag>,
    /// Where the arguments start.
    arguments_at: usize,
    /// True if the instruction is longer than what is read; its flags are not split off then.
    too_long: bool,
}

fn is_json(instruction: &Instruction) -> bool {
    match &instruction.kind {
        Kind::Run(super::CommandForm::Exec(_)) => true,
        Kind::Add(transfer) | Kind::Copy(transfer) => transfer.json,
        _ => false,
    }
}

fn unknown_instruction(name: &str, span: Span) -> SyntaxError {
    let shown: String = name.chars().take(40).collect();
    let error = SyntaxError::new(
        SyntaxErrorKind::UnknownInstruction,
        span,
        if name.is_empty() {
            "the instruction is missing".to_owned()
        } else {
            format!("there is no instruction `{shown}`")
        },
    );
    if ["{{", "}}", "{%", "%}", "<%", "%>"].iter().any(|mark| name.contains(mark)) {
        return error.help("this looks like a template: check what it renders to");
    }
    // Two letters resemble too much: `cd` is not CMD.
    let is_word = name.len() > 2 && name.trim_end_matches(':').bytes().all(|b| b.is_ascii_alphabetic());
    let names = Keyword::ALL.iter().map(|(n, _)| *n).filter(|_| is_word);
    match crate::text::nearest(name, names) {
        Some(near) => error.meant(&cased(near, name)),
        None if matches!(name, "&&" | "||" | "|" | ";" | "then" | "fi" | "do" | "done") => {
            error.help("the line before needs a continuation character at its end")
        }
        None => error.help(
            "every line starts with an instruction, unless the line before ends with the escape character",
        ),
    }
}

/// `keyword` in the case of `like`.
fn cased(keyword: &str, like: &str) -> String {
    if like.bytes().any(|b| b.is_ascii_uppercase()) {
        keyword.to_owned()
    } else {
        keyword.to_ascii_lowercase()
    }
}

/// `end` moved left over line endings, not beyond `start`.
fn trim_end(text: &str, start: usize, end: usize) -> usize {
    start + text[start..end].trim_end_matches(['\r', '\n']).len()
}
