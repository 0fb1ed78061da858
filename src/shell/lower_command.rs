//! The simple commands: their words, redirections and the substitutions in them.

use shuck_ast as ast;

use super::command::{Assignment, Command, ListKind, Place, Redirect, RedirectKind};
use super::lower::{Lowering, Parent, Pending, Root, has_backtick_escape};
use super::word::Word;
use super::wrappers;
use crate::text::Span;

/// A command without its place.
#[derive(Default)]
struct Draft {
    assignments: Vec<Assignment>,
    words: Vec<Word>,
    redirects: Vec<Redirect>,
}

impl Lowering<'_, '_> {
    pub(super) fn simple(&mut self, stmt: &ast::Stmt, simple: &ast::SimpleCommand, place: Place) {
        let mut draft = self.draft(stmt, &simple.assignments);
        draft.words.reserve_exact(simple.args.len() + 1);
        // Only assignments or redirections: `shuck` gives an empty name.
        if simple.name.span.start.offset() < simple.name.span.end.offset() {
            draft.words.push(self.word(&simple.name));
        }
        draft.words.extend(simple.args.iter().map(|word| self.word(word)));
        let command = self.push(draft, place);
        self.descend_assignments(&simple.assignments, command);
        self.descend(&simple.name, command);
        for word in &simple.args {
            self.descend(word, command);
        }
        self.descend_redirects(&stmt.redirects, command);
        self.end = self.script.commands.get(command).map_or(self.end, |command| command.span.end);
    }

    pub(super) fn builtin(&mut self, stmt: &ast::Stmt, builtin: &ast::BuiltinCommand, place: Place) {
        use ast::BuiltinCommand as B;
        let (name, value, extra, assignments, span) = match builtin {
            B::Break(c) => ("break", &c.depth, &c.extra_args, &c.assignments, c.span),
            B::Continue(c) => ("continue", &c.depth, &c.extra_args, &c.assignments, c.span),
            B::Return(c) => ("return", &c.code, &c.extra_args, &c.assignments, c.span),
            B::Exit(c) => ("exit", &c.code, &c.extra_args, &c.assignments, c.span),
        };
        let mut draft = self.draft(stmt, assignments);
        // The tree has no place for the name: it is the first one behind the assignments.
        let from = assignments.last().map_or(span.start.offset(), |last| last.span.end.offset());
        if let Some(at) = self.origin.text.get(from..).and_then(|text| text.find(name)) {
            draft.words.push(Word::read(self.origin, from + at, from + at + name.len()));
        }
        draft.words.extend(value.iter().chain(extra).map(|word| self.word(word)));
        let command = self.push(draft, place);
        self.descend_assignments(assignments, command);
        for word in value.iter().chain(extra) {
            self.descend(word, command);
        }
        self.descend_redirects(&stmt.redirects, command);
        self.end = self.script.commands.get(command).map_or(self.end, |command| command.span.end);
    }

    pub(super) fn decl(&mut self, stmt: &ast::Stmt, decl: &ast::DeclClause, place: Place) {
        use ast::DeclOperand as O;
        let mut draft = self.draft(stmt, &decl.assignments);
        draft.words.push(self.read(decl.variant_span));
        for operand in &decl.operands {
            let span = match operand {
                O::Flag(word) | O::Dynamic(word) => word.span,
                O::Name(name) => name.span,
                O::Assignment(assignment) => assignment.span,
            };
            draft.words.push(self.read(span));
        }
        let command = self.push(draft, place);
        self.descend_assignments(&decl.assignments, command);
        for operand in &decl.operands {
            match operand {
                O::Flag(word) | O::Dynamic(word) => self.descend(word, command),
                O::Assignment(assignment) => {
                    self.descend_assignments(std::slice::from_ref(assignment), command)
                }
                O::Name(_) => {}
            }
        }
        self.descend_redirects(&stmt.redirects, command);
        self.end = self.script.commands.get(command).map_or(self.end, |command| command.span.end);
    }

    /// `[[ … ]]` becomes a command of that name whose words are its operands.
    pub(super) fn conditional(&mut self, stmt: &ast::Stmt, test: &ast::ConditionalCommand, place: Place) {
        use ast::ConditionalExpr as E;
        let mut draft = self.draft(stmt, &[]);
        draft.words.push(self.read(test.left_bracket_span));
        let mut operands = Vec::new();
        let mut steps = vec![&test.expression];
        while let Some(step) = steps.pop() {
            match step {
                E::Binary(binary) => steps.extend([&*binary.right, &*binary.left]),
                E::Unary(unary) => steps.push(&unary.expr),
                E::Parenthesized(inner) => steps.push(&inner.expr),
                E::Word(word) | E::Regex(word) => {
                    draft.words.push(self.word(word));
                    operands.push(word);
                }
                E::Pattern(pattern) => draft.words.push(self.read(pattern.span)),
                E::VarRef(name) => draft.words.push(self.read(name.span)),
            }
        }
        draft.words.push(self.read(test.right_bracket_span));
        let command = self.push(draft, place);
        for word in operands {
            self.descend(word, command);
        }
        self.descend_redirects(&stmt.redirects, command);
        self.end = self.script.commands.get(command).map_or(self.end, |command| command.span.end);
    }

    fn read(&self, span: ast::Span) -> Word {
        Word::read(self.origin, span.start.offset(), span.end.offset())
    }

    fn draft(&self, stmt: &ast::Stmt, assignments: &[ast::Assignment]) -> Draft {
        Draft {
            assignments: assignments.iter().map(|assignment| self.assignment(assignment)).collect(),
            words: Vec::new(),
            redirects: self.redirects(&stmt.redirects),
        }
    }

    fn assignment(&self, assignment: &ast::Assignment) -> Assignment {
        Assignment {
            name: assignment.target.name.as_str().into(),
            span: self.span(assignment.span),
            value: match &assignment.value {
                ast::AssignmentValue::Scalar(word) => Some(self.word(word)),
                ast::AssignmentValue::Compound(_) => None,
            },
            append: assignment.append,
        }
    }

    pub(super) fn redirects(&self, redirects: &[ast::Redirect]) -> Vec<Redirect> {
        let mut out: Vec<Redirect> = Vec::with_capacity(redirects.len());
        for redirect in redirects {
            let span = redirect.span;
            let raw = self.origin.text.get(span.start.offset()..span.end.offset()).unwrap_or("");
            // `shuck` writes `&>> f` as `>> f 2>&1`, the latter at the place of the operator.
            if raw == "&>>" {
                continue;
            }
            let digits = raw.len() - raw.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let fd = raw.get(..digits).and_then(|digits| digits.parse().ok());
            let kind = match redirect.kind {
                ast::RedirectKind::Output | ast::RedirectKind::Clobber => RedirectKind::Write,
                ast::RedirectKind::Append if raw.starts_with('&') => RedirectKind::AppendBoth,
                ast::RedirectKind::Append => RedirectKind::Append,
                ast::RedirectKind::Input => RedirectKind::Read,
                ast::RedirectKind::ReadWrite => RedirectKind::ReadWrite,
                ast::RedirectKind::HereDoc | ast::RedirectKind::HereDocStrip => RedirectKind::HereDoc,
                ast::RedirectKind::HereString => RedirectKind::HereString,
                ast::RedirectKind::DupOutput | ast::RedirectKind::DupInput => RedirectKind::Dup,
                ast::RedirectKind::OutputBoth => RedirectKind::WriteBoth,
            };
            let (span, target, heredoc_body, quoted) = match &redirect.target {
                // `shuck` may leave the descriptor of a `>&` without a place.
                ast::RedirectTarget::Word(_) if kind == RedirectKind::Dup => {
                    let operand = raw.split_once('&').map_or("", |(_, operand)| operand.trim_start());
                    let end = span.end.offset();
                    (self.span(span), Word::read(self.origin, end - operand.len(), end), None, false)
                }
                ast::RedirectTarget::Word(word) => (self.span(span), self.word(word), None, false),
                ast::RedirectTarget::Heredoc(doc) => (
                    self.span(ast::Span::from_positions(span.start, doc.delimiter.span.end)),
                    self.read(doc.delimiter.span),
                    Some(self.span(doc.body.span)),
                    doc.delimiter.quoted,
                ),
            };
            out.push(Redirect { span, fd, kind, target: Some(target), heredoc_body, quoted });
        }
        out
    }

    /// Adds the command and says its index.
    fn push(&mut self, draft: Draft, place: Place) -> usize {
        let Draft { assignments, words, redirects } = draft;
        self.script.push(Command::new(assignments.into(), words.into(), redirects.into(), place))
    }

    fn descend_assignments(&mut self, assignments: &[ast::Assignment], command: usize) {
        for assignment in assignments {
            match &assignment.value {
                ast::AssignmentValue::Scalar(word) => self.descend(word, command),
                ast::AssignmentValue::Compound(array) => {
                    for element in &array.elements {
                        self.descend(&element.value().word, command);
                    }
                }
            }
        }
    }

    fn descend_redirects(&mut self, redirects: &[ast::Redirect], command: usize) {
        for redirect in redirects {
            match &redirect.target {
                ast::RedirectTarget::Word(word) => self.descend(word, command),
                ast::RedirectTarget::Heredoc(doc) => {
                    let parent = self.parent_of(command);
                    for part in &doc.body.parts {
                        match &part.kind {
                            ast::HeredocBodyPart::CommandSubstitution { body, syntax } => {
                                self.substitution(body, *syntax, part.span, &parent);
                            }
                            ast::HeredocBodyPart::ArithmeticExpansion { expression_word_ast, .. } => {
                                self.parts(&expression_word_ast.parts, part.span, &parent);
                            }
                            ast::HeredocBodyPart::Parameter(parameter) => {
                                self.parameter(parameter, part.span, &parent);
                            }
                            ast::HeredocBodyPart::Literal(_) | ast::HeredocBodyPart::Variable(_) => {}
                        }
                    }
                }
            }
        }
    }

    fn parent_of(&self, command: usize) -> Parent {
        Parent { place: self.script.commands.get(command).map(|c| c.place.clone()), owner: Some(command) }
    }

    /// Adds the commands in the words of a compound command, as those of `for`.
    pub(super) fn loose<'s>(&mut self, words: impl Iterator<Item = &'s ast::Word>, place: &Place) {
        let owner = self.script.lists.get(place.list).and_then(|list| list.owner);
        let parent = Parent { place: Some(place.clone()), owner };
        for word in words {
            self.parts(&word.parts, word.span, &parent);
        }
    }

    /// Adds the commands in the substitutions of a word of `command`.
    fn descend(&mut self, word: &ast::Word, command: usize) {
        let fixed = |part: &ast::WordPartNode| {
            matches!(
                part.kind,
                ast::WordPart::Literal(_) | ast::WordPart::SingleQuoted { .. } | ast::WordPart::Variable(_)
            )
        };
        if !word.parts.iter().all(fixed) {
            let parent = self.parent_of(command);
            self.parts(&word.parts, word.span, &parent);
        }
    }

    fn parts(&mut self, parts: &[ast::WordPartNode], bounds: ast::Span, parent: &Parent) {
        for part in parts {
            // Some operands are parsed from a copy of the text: their places are of no use.
            if part.span.start.offset() < bounds.start.offset()
                || part.span.end.offset() > bounds.end.offset()
            {
                continue;
            }
            match &part.kind {
                ast::WordPart::DoubleQuoted { parts, .. } => self.parts(parts, part.span, parent),
                ast::WordPart::CommandSubstitution { body, syntax } => {
                    self.substitution(body, *syntax, part.span, parent);
                }
                ast::WordPart::ProcessSubstitution { body, .. } => {
                    let span = self.span(part.span);
                    self.list(body, ListKind::ProcessSubstitution, span, parent, &[]);
                }
                ast::WordPart::ArithmeticExpansion { expression_word_ast, .. } => {
                    self.parts(&expression_word_ast.parts, part.span, parent);
                }
                ast::WordPart::Parameter(parameter) => self.parameter(parameter, part.span, parent),
                ast::WordPart::ParameterExpansion { operand_word_ast: Some(word), .. }
                | ast::WordPart::IndirectExpansion { operand_word_ast: Some(word), .. } => {
                    self.parts(&word.parts, part.span, parent);
                }
                _ => {}
            }
        }
    }

    fn parameter(&mut self, parameter: &ast::ParameterExpansion, bounds: ast::Span, parent: &Parent) {
        if let Some(word) = parameter.bourne().and_then(|bourne| bourne.operand_word_ast()) {
            self.parts(&word.parts, bounds, parent);
        }
    }

    fn substitution(
        &mut self,
        body: &ast::StmtSeq,
        syntax: ast::CommandSubstitutionSyntax,
        span: ast::Span,
        parent: &Parent,
    ) {
        let (start, end) = (span.start.offset(), span.end.offset());
        let raw = self.origin.text.get(start..end).unwrap_or("");
        let (kind, open) = match syntax {
            ast::CommandSubstitutionSyntax::DollarParen => (ListKind::CommandSubstitution, 2),
            ast::CommandSubstitutionSyntax::Backtick => (ListKind::Backticks, 1),
        };
        // `shuck` leaves the body empty when it has an error.
        let inner = raw.get(open..raw.len().saturating_sub(1)).unwrap_or("");
        if open == 1 && has_backtick_escape(raw) || body.stmts.is_empty() && !inner.trim().is_empty() {
            let root = Root { kind, place: parent.place.clone(), owner: parent.owner };
            self.pending.push(Pending::substitution(self.origin.text, start, end, root));
        } else {
            let span: Span = self.span(span);
            self.list(body, kind, span, parent, &[]);
        }
    }
}

impl Command {
    pub(super) fn new(
        assignments: Box<[Assignment]>,
        words: Box<[Word]>,
        redirects: Box<[Redirect]>,
        place: Place,
    ) -> Self {
        let spans = assignments.iter().map(|a| a.span);
        let spans = spans.chain(words.first().into_iter().chain(words.last()).map(|word| word.span));
        let span = spans.chain(redirects.iter().map(|r| r.span)).reduce(Span::to);
        let effective = wrappers::peel(&words);
        Self {
            span: span.unwrap_or_else(|| Span::at(place.before.span.end)),
            assignments,
            words,
            redirects,
            place,
            effective,
        }
    }
}
