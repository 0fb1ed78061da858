//! The tree of a bake file.

use crate::source::Place;

/// What stands between the braces of a block, or in a file.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

/// `name = value`
#[derive(Debug)]
pub(crate) struct Attribute {
    pub name: String,
    pub name_place: Place,
    pub value: Expr,
}

/// `kind "label" { … }`
#[derive(Debug)]
pub(crate) struct Block {
    pub kind: String,
    /// From its kind to its last label.
    pub place: Place,
    pub labels: Vec<Label>,
    pub body: Body,
}

/// A label of a block.
#[derive(Debug)]
pub(crate) struct Label {
    pub text: String,
    pub place: Place,
}

/// An expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub place: Place,
    pub kind: ExprKind,
    /// How many expressions are nested in each other here.
    pub height: u16,
}

#[derive(Debug)]
pub(crate) enum ExprKind {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    /// A quoted text or a heredoc.
    Template(Vec<Part>),
    /// `"${x}"`: the value itself, not its text.
    Wrapped(Box<Expr>),
    Parenthesis(Box<Expr>),
    Tuple(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    Variable(String),
    Attribute(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    /// `source.*.x` or `source[*].x`; the second expression is for one [`ExprKind::Item`].
    Splat(Box<Expr>, Box<Expr>),
    /// What a splat goes over.
    Item,
    /// A function, its arguments, and whether the last one is spread (`...`).
    Call(String, Vec<Expr>, bool),
    Conditional(Box<[Expr; 3]>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<[Expr; 2]>),
    For(Box<For>),
    /// What cannot be read and is a fault only when its value is asked for.
    Bad(String),
}

/// `[for key, value in collection: result if condition]`
#[derive(Debug)]
pub(crate) struct For {
    pub key_name: Option<String>,
    pub value_name: String,
    pub collection: Expr,
    /// The key of each result, for an object.
    pub key: Option<Expr>,
    pub value: Expr,
    pub condition: Option<Expr>,
    /// Whether values of the same key are put together (`...`).
    pub group: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Negate,
    Not,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A part of a template.
#[derive(Debug)]
pub(crate) enum Part {
    Literal(Literal),
    /// `${…}`, with the place of all of it.
    Interpolation(Expr, Place),
    /// `%{if …}…%{else}…%{endif}`
    If(Expr, Vec<Part>, Vec<Part>),
    /// `%{for … in …}…%{endfor}`
    For {
        key_name: Option<String>,
        value_name: String,
        collection: Expr,
        parts: Vec<Part>,
    },
}

/// Some text of a template.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub text: String,
    pub place: Place,
    /// Whether the file has the same bytes; otherwise it is an escape.
    pub verbatim: bool,
}

impl Expr {
    pub(crate) fn new(place: Place, kind: ExprKind) -> Self {
        let height = kind.height().saturating_add(1);
        Self { place, kind, height }
    }

    /// The name, if the expression is nothing but a name.
    pub(crate) fn keyword(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Variable(name) => Some(name),
            _ => None,
        }
    }
}

impl ExprKind {
    /// The height of the highest expression in it.
    fn height(&self) -> u16 {
        let of = |exprs: &[Expr]| exprs.iter().map(|e| e.height).max().unwrap_or(0);
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Variable(_) | Self::Item | Self::Bad(_) => 0,
            Self::Template(parts) => parts_height(parts),
            Self::Wrapped(e) | Self::Parenthesis(e) | Self::Attribute(e, _) | Self::Unary(_, e) => e.height,
            Self::Tuple(exprs) | Self::Call(_, exprs, _) => of(exprs),
            Self::Object(items) => items.iter().map(|(k, v)| k.height.max(v.height)).max().unwrap_or(0),
            Self::Index(a, b) | Self::Splat(a, b) => a.height.max(b.height),
            Self::Conditional(exprs) => of(&exprs[..]),
            Self::Binary(_, exprs) => of(&exprs[..]),
            Self::For(f) => {
                let optional = |e: &Option<Expr>| e.as_ref().map_or(0, |e| e.height);
                let known = f.collection.height.max(f.value.height);
                known.max(optional(&f.key)).max(optional(&f.condition))
            }
        }
    }
}

/// The height of the highest expression in the parts, each directive being one more.
fn parts_height(parts: &[Part]) -> u16 {
    let height = |part: &Part| match part {
        Part::Literal(_) => 0,
        Part::Interpolation(e, _) => e.height,
        Part::If(condition, yes, no) => condition.height.max(parts_height(yes)).max(parts_height(no)) + 1,
        Part::For { collection, parts, .. } => collection.height.max(parts_height(parts)) + 1,
    };
    parts.iter().map(height).max().unwrap_or(0)
}
