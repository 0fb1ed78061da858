//! Turns the tree of `shuck` into flat commands, lists and pipelines.
//!
//! Recursion is bounded by the depth of that tree, at most 100; operator chains, which lean left and are
//! up to 1,000 deep, are flattened with a stack.

use shuck_ast as ast;

use super::Script;
use super::command::{Connector, Function, Link, List, ListKind, Pipeline, Place, Seat, Within};
use super::origin::Origin;
use super::word::Word;
use crate::text::Span;

/// Adds the parsed `file` as the list `kind`, owned by the command `owner`.
pub(super) fn lower(
    script: &mut Script,
    origin: Origin<'_>,
    file: &ast::File,
    root: Root,
    pending: &mut Vec<Pending>,
) {
    let mut lowering = Lowering { script, origin, pending, end: 0 };
    let span = lowering.origin.span(0, origin.text.len());
    let parent = Parent { place: root.place, owner: root.owner };
    lowering.list(&file.body, root.kind, span, &parent, &[]);
}

/// What a script that is parsed on its own is to its parent.
pub(super) struct Root {
    pub(super) kind: ListKind,
    pub(super) place: Option<Place>,
    pub(super) owner: Option<usize>,
}

/// A piece of the text that `shuck` left unparsed, to be parsed on its own.
pub(super) struct Pending {
    pub(super) start: usize,
    pub(super) end: usize,
    /// True if `\` before `` ` ``, `$` or `\` must be removed first.
    pub(super) escaped: bool,
    pub(super) root: Root,
}

impl Pending {
    /// The content of the `$( )` or backticks at `start..end` of `text`.
    pub(super) fn substitution(text: &str, start: usize, end: usize, mut root: Root) -> Self {
        let raw = text.get(start..end).unwrap_or("");
        let backticks = raw.starts_with('`');
        root.kind = if backticks { ListKind::Backticks } else { ListKind::CommandSubstitution };
        let open = if backticks { 1 } else { 2 };
        let close = usize::from(raw.len() > open && raw.ends_with(['`', ')']));
        Self { start: start + open, end: end - close, escaped: backticks && has_backtick_escape(raw), root }
    }
}

/// In backticks a backslash before `$`, a backtick or a backslash is removed before the parse.
pub(super) fn has_backtick_escape(raw: &str) -> bool {
    raw.as_bytes().windows(2).any(|pair| matches!(pair, [b'\\', b'$' | b'`' | b'\\']))
}

/// What encloses a list.
#[derive(Clone)]
pub(super) struct Parent {
    pub(super) place: Option<Place>,
    pub(super) owner: Option<usize>,
}

/// A simple or compound command of a flattened list.
struct Leaf<'s> {
    stmt: &'s ast::Stmt,
    before: Link,
    after: Option<Link>,
    negated: bool,
    background: bool,
}

pub(super) struct Lowering<'s, 'a> {
    pub(super) script: &'s mut Script,
    pub(super) origin: Origin<'a>,
    pub(super) pending: &'s mut Vec<Pending>,
    /// Where the last item ended.
    pub(super) end: u32,
}

impl Lowering<'_, '_> {
    pub(super) fn span(&self, span: ast::Span) -> Span {
        self.origin.span(span.start.offset(), span.end.offset())
    }

    pub(super) fn word(&self, word: &ast::Word) -> Word {
        Word::read(self.origin, word.span.start.offset(), word.span.end.offset())
    }

    pub(super) fn list(
        &mut self,
        seq: &ast::StmtSeq,
        kind: ListKind,
        span: Span,
        parent: &Parent,
        redirects: &[ast::Redirect],
    ) {
        let leaves = self.flatten(seq);
        let list = self.script.lists.len();
        self.script.lists.push(List {
            kind,
            span,
            place: parent.place.clone(),
            owner: parent.owner,
            redirects: Box::default(),
            len: leaves.len(),
        });
        if !redirects.is_empty() {
            let redirects = self.redirects(redirects);
            if let Some(list) = self.script.lists.get_mut(list) {
                list.redirects = redirects.into();
            }
        }
        let within = enter(parent.place.as_ref().map_or_else(Within::default, |place| place.within), kind);
        let mut seats = self.seats(&leaves);
        for (index, leaf) in leaves.iter().enumerate() {
            let place = Place {
                list,
                index,
                before: leaf.before,
                after: leaf.after,
                pipeline: seats.get_mut(index).and_then(Option::take),
                background: leaf.background,
                negated: leaf.negated,
                within,
            };
            let seat = place.pipeline.filter(|seat| seat.is_last());
            self.item(leaf.stmt, place, parent.owner);
            if let Some(pipeline) = seat.and_then(|seat| self.script.pipelines.get_mut(seat.pipeline)) {
                pipeline.span.end = self.end;
            }
        }
    }

    /// The items of a list with what joins them.
    fn flatten<'s>(&self, seq: &'s ast::StmtSeq) -> Vec<Leaf<'s>> {
        enum Step<'s> {
            Visit(&'s ast::Stmt, bool),
            Join(Link),
        }
        let mut leaves: Vec<Leaf<'s>> = Vec::with_capacity(seq.stmts.len());
        let mut steps = Vec::new();
        let start = seq.stmts.first().map_or(0, |stmt| self.first(stmt));
        let mut before = Link { connector: Connector::Start, span: self.origin.span(start, start) };
        for (number, stmt) in seq.stmts.iter().enumerate() {
            let first = leaves.len();
            steps.push(Step::Visit(stmt, false));
            while let Some(step) = steps.pop() {
                match step {
                    Step::Join(link) => before = link,
                    Step::Visit(stmt, negated) => {
                        let negated = negated || stmt.negated;
                        match &stmt.command {
                            ast::Command::Binary(binary) => {
                                // `!` stands before a whole pipeline, never before a chain.
                                steps.push(Step::Visit(&binary.right, negated));
                                let connector = connector(binary.op);
                                steps.push(Step::Join(Link { connector, span: self.span(binary.op_span) }));
                                steps.push(Step::Visit(&binary.left, negated));
                            }
                            ast::Command::Compound(ast::CompoundCommand::Time(time)) => {
                                if let Some(timed) = &time.command {
                                    steps.push(Step::Visit(timed, negated));
                                }
                            }
                            _ => {
                                if let Some(last) = leaves.last_mut() {
                                    last.after = Some(before);
                                }
                                leaves.push(Leaf { stmt, before, after: None, negated, background: false });
                            }
                        }
                    }
                }
            }
            let background = matches!(stmt.terminator, Some(ast::StmtTerminator::Background(_)));
            if background {
                for leaf in leaves.iter_mut().skip(first) {
                    leaf.background = true;
                }
            }
            let connector = if background { Connector::Background } else { Connector::Seq };
            let next = seq.stmts.get(number + 1);
            let link = match stmt.terminator_span {
                Some(span) => Some(Link { connector, span: self.span(span) }),
                None => next.map(|next| Link { connector, span: self.newline(next) }),
            };
            match (link, next) {
                (Some(link), Some(_)) => before = link,
                (Some(link), None) => {
                    if let Some(last) = leaves.last_mut() {
                        last.after = Some(link);
                    }
                }
                (None, _) => {}
            }
        }
        leaves
    }

    /// Where a statement begins, `!` and `time` included.
    fn first(&self, mut stmt: &ast::Stmt) -> usize {
        while let ast::Command::Binary(binary) = &stmt.command
            && !stmt.negated
        {
            stmt = &binary.left;
        }
        if stmt.negated { stmt.span.start.offset() } else { self.start(stmt) }
    }

    /// Where a command begins; `shuck` has that of `( )` and `{ }` at the first token inside.
    fn start(&self, stmt: &ast::Stmt) -> usize {
        use ast::CompoundCommand as C;
        let ast::Command::Compound(compound) = &stmt.command else { return stmt.span.start.offset() };
        let (open, start) = match compound {
            C::Subshell(seq) => ('(', seq.span.start.offset()),
            C::BraceGroup(seq) => ('{', seq.span.start.offset()),
            C::If(command) => return command.span.start.offset(),
            C::While(command) => return command.span.start.offset(),
            C::Until(command) => return command.span.start.offset(),
            C::For(command) => return command.span.start.offset(),
            C::Case(command) => return command.span.start.offset(),
            _ => return stmt.span.start.offset(),
        };
        let before = self.origin.text.get(..start).unwrap_or("");
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c == '\\' || c == ';');
        if before.ends_with(open) { before.len() - 1 } else { start }
    }

    /// Where a compound command ends, without its redirections. Those of `shuck` reach into what follows;
    /// `self.end` is the end of the last command in it.
    fn compound_end(&self, compound: &ast::CompoundCommand, fallback: Span) -> u32 {
        use ast::CompoundCommand as C;
        let span = match compound {
            C::Subshell(_) | C::BraceGroup(_) => {
                let close = if matches!(compound, C::Subshell(_)) { b')' } else { b'}' };
                let Some(base) = self.origin.base() else { return fallback.end };
                let from = self.end.saturating_sub(base) as usize;
                let mut comment = false;
                let at = self.origin.text.bytes().skip(from).position(|byte| {
                    comment = byte == b'#' || comment && byte != b'\n';
                    byte == close && !comment
                });
                return at.map_or(fallback.end, |at| self.origin.span(0, from + at + 1).end);
            }
            C::If(command) => match command.syntax {
                ast::IfSyntax::ThenFi { fi_span, .. } => Some(fi_span),
                ast::IfSyntax::Brace { right_brace_span, .. } => Some(right_brace_span),
            },
            C::For(command) => match command.syntax {
                ast::ForSyntax::InDoDone { done_span, .. }
                | ast::ForSyntax::ParenDoDone { done_span, .. } => Some(done_span),
                _ => None,
            },
            C::While(command) => command.done_span,
            C::Until(command) => command.done_span,
            C::ArithmeticFor(command) => command.done_span,
            C::Select(command) => Some(command.done_span),
            C::Case(command) => Some(command.esac_span),
            C::Conditional(command) => Some(command.right_bracket_span),
            C::Arithmetic(command) => Some(command.right_paren_span),
            _ => None,
        };
        span.map_or(fallback.end, |span| self.span(span).end)
    }

    /// The newline before a statement.
    fn newline(&self, next: &ast::Stmt) -> Span {
        let start = self.first(next);
        let before = self.origin.text.get(..start).unwrap_or("");
        let mut newlines = before.rmatch_indices('\n').map(|(at, _)| at);
        let at = newlines.find(|at| !before.get(..*at).is_some_and(|text| text.ends_with('\\')));
        at.map_or_else(|| self.origin.span(start, start), |at| self.origin.span(at, at + 1))
    }

    /// Finds the pipelines and reserves the seat of each leaf in them.
    fn seats(&mut self, leaves: &[Leaf<'_>]) -> Vec<Option<Seat>> {
        let mut seats = Vec::new();
        if !leaves.iter().any(|leaf| leaf.before.connector.is_pipe()) {
            return seats;
        }
        seats.resize(leaves.len(), None);
        let mut from = 0;
        for run in leaves.chunk_by(|_, next| next.before.connector.is_pipe()) {
            if let [first, .., last] = run {
                let pipeline = self.script.pipelines.len();
                self.script.pipelines.push(Pipeline {
                    span: self.origin.span(self.start(first.stmt), last.stmt.span.end.offset()),
                    members: vec![None; run.len()],
                    pipes: run.iter().skip(1).map(|leaf| leaf.before).collect(),
                });
                for (position, seat) in seats.iter_mut().skip(from).take(run.len()).enumerate() {
                    *seat = Some(Seat { pipeline, position, length: run.len() });
                }
            }
            from += run.len();
        }
        seats
    }

    fn item(&mut self, stmt: &ast::Stmt, place: Place, owner: Option<usize>) {
        match &stmt.command {
            ast::Command::Simple(simple) => self.simple(stmt, simple, place),
            ast::Command::Builtin(builtin) => self.builtin(stmt, builtin, place),
            ast::Command::Decl(decl) => self.decl(stmt, decl, place),
            ast::Command::Function(function) => {
                let span = self.span(function.span);
                let first = self.script.functions.len();
                for (name, _) in function.static_name_entries() {
                    self.script.functions.push(Function { name: name.as_str().into(), span });
                }
                let names = self.script.functions.len();
                self.body(&function.body, ListKind::Function, place, owner);
                // `shuck` has the end of the token that follows.
                for function in self.script.functions.iter_mut().take(names).skip(first) {
                    function.span.end = self.end;
                }
            }
            ast::Command::AnonymousFunction(function) => {
                self.body(&function.body, ListKind::Function, place, owner);
            }
            ast::Command::Compound(compound) => self.compound(stmt, compound, place, owner),
            // Flattened before.
            ast::Command::Binary(_) => {}
        }
    }

    fn body(&mut self, stmt: &ast::Stmt, kind: ListKind, place: Place, owner: Option<usize>) {
        let span = self.origin.span(self.start(stmt), stmt.span.end.offset());
        let parent = Parent { place: Some(place), owner };
        match &stmt.command {
            ast::Command::Compound(group @ ast::CompoundCommand::BraceGroup(seq)) => {
                let list = self.script.lists.len();
                self.list(seq, kind, span, &parent, &stmt.redirects);
                self.end = self.compound_end(group, span);
                if let Some(list) = self.script.lists.get_mut(list) {
                    list.span.end = self.end;
                }
                self.end = self.redirects_end(&stmt.redirects);
            }
            // Another compound command, as `f() ( … )`.
            _ => {
                let list = self.script.lists.len();
                let within = parent.place.as_ref().map_or_else(Within::default, |place| place.within);
                self.script.lists.push(List {
                    kind,
                    span,
                    place: parent.place,
                    owner,
                    redirects: Box::default(),
                    len: 1,
                });
                self.item(stmt, Place::start(list, span, enter(within, kind)), owner);
                let end = self.script.lists.get(list + 1).map_or(self.end, |inner| inner.span.end);
                if let Some(list) = self.script.lists.get_mut(list) {
                    list.span.end = end;
                }
            }
        }
    }

    fn compound(
        &mut self,
        stmt: &ast::Stmt,
        compound: &ast::CompoundCommand,
        place: Place,
        owner: Option<usize>,
    ) {
        use ast::CompoundCommand as C;
        let span = self.origin.span(self.start(stmt), stmt.span.end.offset());
        let parent = Parent { place: Some(place.clone()), owner };
        let redirects = &*stmt.redirects;
        let (first, seat) = (self.script.lists.len(), (place.list, place.index));
        match compound {
            C::Subshell(seq) => self.list(seq, ListKind::Subshell, span, &parent, redirects),
            C::BraceGroup(seq) => self.list(seq, ListKind::Group, span, &parent, redirects),
            C::If(command) => {
                self.list(&command.condition, ListKind::Condition, span, &parent, redirects);
                self.list(&command.then_branch, ListKind::Branch, span, &parent, &[]);
                for (condition, branch) in &command.elif_branches {
                    self.list(condition, ListKind::Condition, span, &parent, &[]);
                    self.list(branch, ListKind::Branch, span, &parent, &[]);
                }
                if let Some(branch) = &command.else_branch {
                    self.list(branch, ListKind::Branch, span, &parent, &[]);
                }
            }
            C::While(command) => {
                self.list(&command.condition, ListKind::LoopCondition, span, &parent, redirects);
                self.list(&command.body, ListKind::Loop, span, &parent, &[]);
            }
            C::Until(command) => {
                self.list(&command.condition, ListKind::LoopCondition, span, &parent, redirects);
                self.list(&command.body, ListKind::Loop, span, &parent, &[]);
            }
            C::For(command) => {
                self.loose(command.words.iter().flatten(), &place);
                self.list(&command.body, ListKind::Loop, span, &parent, redirects);
            }
            C::Select(command) => {
                self.loose(command.words.iter(), &place);
                self.list(&command.body, ListKind::Loop, span, &parent, redirects);
            }
            C::Foreach(command) => {
                self.loose(command.words.iter(), &place);
                self.list(&command.body, ListKind::Loop, span, &parent, redirects);
            }
            C::Repeat(command) => self.list(&command.body, ListKind::Loop, span, &parent, redirects),
            C::ArithmeticFor(command) => self.list(&command.body, ListKind::Loop, span, &parent, redirects),
            C::Case(command) => {
                self.loose(std::iter::once(&command.word), &place);
                for (number, case) in command.cases.iter().enumerate() {
                    let redirects = if number == 0 { redirects } else { &[] };
                    self.list(&case.body, ListKind::CaseArm, span, &parent, redirects);
                }
            }
            C::Conditional(command) => self.conditional(stmt, command, place),
            C::Coproc(command) => self.body(&command.body, ListKind::Group, place, owner),
            C::Always(command) => {
                self.list(&command.body, ListKind::Group, span, &parent, redirects);
                self.list(&command.always_body, ListKind::Group, span, &parent, &[]);
            }
            // An arithmetic command holds no commands; `time` is flattened before.
            C::Arithmetic(_) | C::Time(_) => {}
        }
        let end = self.compound_end(compound, span);
        for list in self.script.lists.iter_mut().skip(first) {
            if list.place.as_ref().is_some_and(|place| (place.list, place.index) == seat && list.span == span)
            {
                list.span.end = end;
            }
        }
        self.end = end;
        self.end = self.redirects_end(redirects);
    }

    /// Where what ended at `self.end` ends with the redirections behind it.
    fn redirects_end(&self, redirects: &[ast::Redirect]) -> u32 {
        let spans = redirects.iter().map(|redirect| match redirect.heredoc() {
            Some(doc) => doc.delimiter.span,
            None => redirect.span,
        });
        spans.map(|span| self.span(span).end).fold(self.end, u32::max)
    }
}

const fn connector(op: ast::BinaryOp) -> Connector {
    match op {
        ast::BinaryOp::And => Connector::And,
        ast::BinaryOp::Or => Connector::Or,
        ast::BinaryOp::Pipe => Connector::Pipe,
        ast::BinaryOp::PipeAll => Connector::PipeBoth,
    }
}

pub(super) const fn enter(mut within: Within, kind: ListKind) -> Within {
    match kind {
        ListKind::Subshell => within.subshell = true,
        ListKind::CommandSubstitution | ListKind::Backticks | ListKind::ProcessSubstitution => {
            within.substitution = true;
        }
        ListKind::Condition => within.condition = true,
        ListKind::LoopCondition => {
            within.condition = true;
            within.repeated = true;
        }
        ListKind::Branch | ListKind::CaseArm => within.branch = true,
        ListKind::Loop => within.repeated = true,
        ListKind::Function => within.function = true,
        ListKind::ShellString => within.shell_string = true,
        ListKind::Script | ListKind::Group => {}
    }
    within
}
