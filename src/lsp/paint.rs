//! Tokens of the text, and what each is: keyword, word, string, variable, comment, command of a script.

use crate::semantic::Model;
use crate::shell::Command;
use crate::syntax::{File, Healthcheck, ImageRef, Instruction, ItemKind, Kind};
use crate::text::{Arrange, Span};

use super::pen::{Class, Mark, Pen, Style, Token};

/// The tokens of the lines that `within` touches, in order.
pub(super) fn tokens(file: &File, model: &Model, within: Span) -> Vec<Token> {
    let mut tokens = Vec::new();
    let first = file.items.partition_point(|item| item.span.end < within.start);
    let items = file.items.iter().skip(first).take_while(|item| item.span.start <= within.end);
    for item in items {
        match item.kind {
            ItemKind::Directive(index) => directive(file, index, &mut tokens),
            ItemKind::Comment => {
                let lines = file.comment_lines(item.span);
                tokens.extend(lines.map(|span| Token { span, class: Class::Comment, declares: false }));
            }
            ItemKind::Instruction(index) => instruction(file, model, index, &mut tokens),
            ItemKind::Bom | ItemKind::Blank | ItemKind::Unread => {}
        }
    }
    tokens
}

fn directive(file: &File, index: usize, tokens: &mut Vec<Token>) {
    let directive = &file.directives[index];
    let behind = Span::new(directive.name_span.end, directive.value_span.start);
    let equals = behind.text(file.text()).find('=').unwrap_or(0);
    let parts = [
        (Span::new(directive.span.start, directive.span.start + 1), Class::Comment),
        (directive.name_span, Class::Property),
        (Span::of(equals..equals + 1).shift(behind.start), Class::Operator),
        (directive.value_span, Class::Parameter),
    ];
    let parts = parts.into_iter().filter(|(span, _)| !span.is_empty());
    tokens.extend(parts.map(|(span, class)| Token { span, class, declares: false }));
}

fn instruction(file: &File, model: &Model, step: usize, tokens: &mut Vec<Token>) {
    let instruction = &file.instructions[step];
    let mut marks = Marks { text: file.text(), all: Vec::new() };
    marks.head(instruction);
    marks.arguments(instruction);
    let scripts = model.scripts_of(step);
    let in_shell = scripts.iter().any(|script| !script.exec && !script.script.opaque);
    let commands = scripts.iter().filter(|script| !script.exec).flat_map(|script| &script.script.commands);
    let commands: Vec<&Command> = commands.filter(|command| is_read(command, file.text())).collect();
    commands.iter().for_each(|command| marks.command(command));
    // Comments and characters that continue a line may stand behind the arguments.
    let end = file.items.get(instruction.item).map_or(instruction.arguments.end, |item| item.span.end);
    let end = instruction.heredocs.first().map_or(end, |heredoc| heredoc.body.start);
    let line = Span::new(instruction.first_keyword().start, end);
    let mut pen = Pen::new(file, marks.sorted(), tokens);
    let style = Style {
        // A `#` starts a comment in the middle of a line where a shell reads it.
        comments: in_shell,
        grammar: in_shell,
        array: !in_shell && instruction.arguments_text().trim_start().starts_with('['),
        ..Style::LINE
    };
    pen.write(line, style);
    for heredoc in &instruction.heredocs {
        let style = match (in_shell, heredoc.expand) {
            (true, _) => Style { comments: true, grammar: true, joined: false, ..Style::LINE },
            (false, true) => Style { variables: true, ..Style::LETTERS },
            (false, false) => Style::LETTERS,
        };
        pen.write(heredoc.body, style);
        if let Some(end) = heredoc.terminator {
            pen.write(end, Style { default: Class::Macro, ..Style::LETTERS });
        }
    }
    let inside = |at: u32| {
        let behind = commands.partition_point(|command| command.span.start <= at);
        commands[..behind].last().is_some_and(|command| at < command.span.end)
    };
    pen.settle(|at| !inside(at));
}

/// True if what the words of a command cover is what the file has there: not where escapes moved things.
fn is_read(command: &Command, text: &str) -> bool {
    command.words.iter().all(|word| word.exact) && text.get(command.span.range()).is_some()
}

/// What is known of the pieces of an instruction.
struct Marks<'a> {
    text: &'a str,
    all: Vec<Mark>,
}

impl Marks<'_> {
    fn add(&mut self, span: Span, class: Class) {
        if !span.is_empty() {
            self.all.push(Mark { span, class, declares: false });
        }
    }

    fn declare(&mut self, span: Span, class: Class) {
        self.all.push(Mark { span, class, declares: true });
    }

    fn operator(&mut self, before: u32, sign: char) {
        if self.text[before as usize..].starts_with(sign) {
            self.add(Span::new(before, before + 1), Class::Operator);
        }
    }

    /// Keyword and flags.
    fn head(&mut self, instruction: &Instruction) {
        self.add(instruction.onbuild.unwrap_or(Span::at(0)), Class::Keyword);
        self.add(instruction.keyword_span, Class::Keyword);
        for flag in &instruction.flags {
            self.operator(flag.name_span.end, '=');
            let mount = instruction.mounts.iter().find(|mount| flag.span.contains(mount.span));
            let Some(mount) = mount.filter(|_| flag.exact) else {
                self.add(flag.value_span, Class::Property);
                continue;
            };
            for option in &mount.options {
                self.operator(option.span.start - 1, ',');
                self.add(Span::of(0..option.key.len()).shift(option.span.start), Class::Parameter);
                let value = option.value_span();
                if value != option.span {
                    self.operator(value.start - 1, '=');
                    self.add(value, Class::Property);
                } else if option.span.text(self.text).ends_with('=') {
                    self.operator(option.span.end - 1, '=');
                }
            }
        }
    }

    fn arguments(&mut self, instruction: &Instruction) {
        match &instruction.kind {
            Kind::From(from) => {
                if let Some(image) = from.image.as_ref().filter(|image| image.exact) {
                    self.image(image.span);
                }
                if let Some(alias) = &from.alias {
                    self.add(alias.keyword, Class::Keyword);
                    self.declare(alias.name.span, Class::Namespace);
                } else if let Some(start) = self.ends_in_as(instruction) {
                    self.add(Span::new(start, start + 2), Class::Keyword);
                }
            }
            Kind::Arg(decls) => {
                for decl in decls {
                    self.declare(decl.name.span, Class::Variable);
                    self.operator(decl.name.span.end, '=');
                }
            }
            Kind::Env(pairs) | Kind::Label(pairs) => {
                let is_env = matches!(instruction.kind, Kind::Env(_));
                for pair in pairs {
                    let class = if is_env { Class::Variable } else { Class::Property };
                    self.declare(pair.key.span, class);
                    self.operator(pair.key.span.end, '=');
                }
            }
            Kind::Healthcheck(health) if !matches!(health, Healthcheck::Invalid) => {
                let words = instruction.arguments_text();
                let len = words.find(char::is_whitespace).unwrap_or(words.len());
                let at = instruction.arguments.start;
                self.add(Span::of(0..len).shift(at), Class::Keyword);
            }
            _ => {}
        }
        for heredoc in &instruction.heredocs {
            self.add(heredoc.marker, Class::Macro);
        }
    }

    /// Where the `AS` stands that no name follows yet.
    fn ends_in_as(&self, instruction: &Instruction) -> Option<u32> {
        let text = instruction.arguments.text(self.text);
        let before = text.get(..text.len().checked_sub(2)?)?;
        let is_as = before.ends_with([' ', '\t']) && text[before.len()..].eq_ignore_ascii_case("as");
        is_as.then(|| instruction.arguments.end - 2)
    }

    fn image(&mut self, span: Span) {
        let text = span.text(self.text);
        let Ok(image) = ImageRef::parse(text) else {
            // Up to a variable in it, or all of it.
            let end = text.find('$').unwrap_or(text.len());
            self.add(Span::of(0..end).shift(span.start), Class::Image);
            return;
        };
        self.add(Span::of(image.name_range).shift(span.start), Class::Image);
        let signs = text.match_indices([':', '@']).filter(|(at, _)| {
            let is_part =
                |range: &Option<std::ops::Range<usize>>| range.as_ref().is_some_and(|r| r.start == at + 1);
            is_part(&image.tag_range) || is_part(&image.digest.as_ref().map(|digest| digest.range.clone()))
        });
        for (at, _) in signs {
            self.add(Span::of(at..at + 1).shift(span.start), Class::Operator);
        }
        for range in [image.tag_range, image.digest.map(|digest| digest.range)].into_iter().flatten() {
            self.add(Span::of(range).shift(span.start), Class::Property);
        }
    }

    /// Its name, those of what it runs in, and what joins it to others.
    fn command(&mut self, command: &Command) {
        for assignment in &command.assignments {
            let len = assignment.name.len();
            self.declare(Span::of(0..len).shift(assignment.span.start), Class::Variable);
            let end = assignment.span.start + Span::of(0..len).end;
            self.operator(end + u32::from(assignment.append), '=');
        }
        for word in [command.words.first(), command.program_word()].into_iter().flatten() {
            if !word.has_expansion() && !word.is_quoted() {
                self.add(word.span, Class::Function);
            }
        }
        for link in [Some(command.place.before), command.place.after].into_iter().flatten() {
            if !link.span.text(self.text).contains(['\n', '\r']) {
                self.add(link.span, Class::Operator);
            }
        }
        for redirect in &command.redirects {
            let end = redirect.target.as_ref().map_or(redirect.span.end, |target| target.span.start);
            let operator = Span::new(redirect.span.start, end);
            let len = operator.text(self.text).trim_end().len();
            self.add(Span::of(0..len).shift(operator.start), Class::Operator);
        }
    }

    /// In the order of the text, none inside of another.
    fn sorted(mut self) -> Vec<Mark> {
        self.all.arrange_by_key(|mark| (mark.span.start, mark.span.end));
        let mut end = 0;
        self.all.retain(|mark| {
            let free = mark.span.start >= end;
            if free {
                end = mark.span.end;
            }
            free
        });
        self.all
    }
}
