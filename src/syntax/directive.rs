use crate::text::Span;

use super::Escape;

/// Which parser directive it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectiveKind {
    /// `# syntax=IMAGE`: the frontend that reads the file.
    Syntax,
    /// `` # escape=` ``: the escape character.
    Escape,
    /// `# check=skip=A,B;error=true`: settings of BuildKit's checks.
    Check,
}

/// A parser directive at the top of the file (BuildKit's `parser/directives.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub kind: DirectiveKind,
    /// From the `#` to the end of the value.
    pub span: Span,
    /// The name as written.
    pub name_span: Span,
    /// The value, without the blanks around it.
    pub value: Box<str>,
    /// Where the value stands.
    pub value_span: Span,
}

/// Reads `# name = value`; `offset` is where `line` starts. `None` if it is no directive at all.
pub(super) fn read(line: &str, offset: usize) -> Option<Directive> {
    let body = line.strip_prefix('#')?;
    let name = body.trim_start();
    let name_at = line.len() - name.len();
    let len = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let after = name[len..].trim_start();
    let value = after.strip_prefix('=')?.trim_start();
    let value_at = line.len() - value.len();
    let value = value.trim_end();
    if value.is_empty() {
        return None;
    }
    let kind = match name[..len].to_ascii_lowercase().as_str() {
        "syntax" => DirectiveKind::Syntax,
        "escape" => DirectiveKind::Escape,
        "check" => DirectiveKind::Check,
        _ => return None,
    };
    let end = offset + value_at + value.len();
    Some(Directive {
        kind,
        span: Span::of(offset..end),
        name_span: Span::of(offset + name_at..offset + name_at + len),
        value: value.into(),
        value_span: Span::of(offset + value_at..end),
    })
}

impl Directive {
    /// The escape character that an `escape` directive sets; `None` if it is not allowed.
    #[must_use]
    pub fn escape(&self) -> Option<Escape> {
        match &*self.value {
            "\\" => Some(Escape::Backslash),
            "`" => Some(Escape::Backtick),
            _ => None,
        }
    }
}
