use crate::text::Span;

use super::ast::{File, ItemKind};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::image::ImageRef;
use super::word::Escape;

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

impl DirectiveKind {
    const ALL: [(&'static str, Self); 3] =
        [("syntax", Self::Syntax), ("escape", Self::Escape), ("check", Self::Check)];

    /// The name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// A comment of the form `# name = value`.
struct Setting<'a> {
    name: &'a str,
    name_at: usize,
    value: &'a str,
    value_at: usize,
}

impl<'a> Setting<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let body = line.strip_prefix('#')?;
        let name = body.trim_start();
        let name_at = line.len() - name.len();
        let len = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let after = name[len..].trim_start();
        let value = after.strip_prefix('=')?.trim_start();
        let value_at = line.len() - value.len();
        let value = value.trim_end();
        if value.is_empty() {
            // BuildKit takes the last blank of `# escape= ` for the value, and refuses it.
            let blanks = after.strip_prefix('=')?.trim_end_matches(['\r', '\n']);
            let is_escape = name[..len].eq_ignore_ascii_case("escape");
            let value = blanks.get(blanks.len().checked_sub(1)?..).filter(|_| is_escape)?;
            let value_at = line.len() - (after.len() - 1) + blanks.len() - 1;
            return Some(Self { name: &name[..len], name_at, value, value_at });
        }
        Some(Self { name: &name[..len], name_at, value, value_at })
    }
}

/// Reads `# name = value`; `offset` is where `line` starts. `None` if it is no directive at all.
pub(super) fn read(line: &str, offset: usize) -> Option<Directive> {
    let Setting { name, name_at, value, value_at } = Setting::read(line)?;
    let (_, kind) = DirectiveKind::ALL.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let end = offset + value_at + value.len();
    Some(Directive {
        kind,
        span: Span::of(offset..end),
        name_span: Span::of(offset + name_at..offset + name_at + name.len()),
        value: value.into(),
        value_span: Span::of(offset + value_at..end),
    })
}

impl Directive {
    /// What BuildKit refuses of the options that a `check` directive has (`linter.ParseLintOptions`).
    pub(super) fn option_fault(&self) -> Option<SyntaxError> {
        let fault = |at: usize, len: usize, message: &str, help: &str| {
            let span = Span::of(at..at + len).shift(self.value_span.start);
            Some(SyntaxError::new(SyntaxErrorKind::InvalidCheck, span, message).help(help))
        };
        // It reads up to the first blank.
        let read = self.value.split(' ').next().unwrap_or("");
        let mut at: usize = 0;
        for option in read.splitn(3, ';') {
            let Some((name, value)) = option.split_once('=') else {
                let whole = fault(
                    0,
                    read.len(),
                    "BuildKit reads `check` up to the first space, so the build fails",
                    "write the options without spaces, as in `# check=skip=JSONArgsRecommended;error=true`",
                );
                return match option {
                    "" => fault(
                        at.saturating_sub(1),
                        1,
                        "no option follows this `;`, so the build fails",
                        "remove it",
                    ),
                    _ if read.len() < self.value.len() => whole,
                    _ => fault(
                        at,
                        option.len(),
                        "this option has no value, so the build fails",
                        "write `skip=RULE`, `error=true` or `experimental=RULE`",
                    ),
                };
            };
            if !matches!(name.trim(), "skip" | "error" | "experimental") {
                let message = format!("`check` has no option `{}`, so the build fails", name.trim());
                return fault(
                    at,
                    name.len(),
                    &message,
                    "the options are `skip`, `error` and `experimental`, with a `;` between them",
                );
            }
            if name.trim() == "error" && !BOOLEANS.contains(&value.trim()) {
                return fault(
                    at + name.len() + 1,
                    value.len(),
                    "`error` is neither true nor false, so the build fails",
                    "write `error=true` or `error=false`",
                );
            }
            at += option.len() + 1;
        }
        None
    }
}

/// How Go writes what is true or false.
const BOOLEANS: [&str; 12] =
    ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

/// A comment that was most likely meant as a directive, and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostDirective {
    /// The directive that was meant.
    pub kind: DirectiveKind,
    /// All of the comment.
    pub span: Span,
    /// The name as written.
    pub name_span: Span,
    /// True if the name is not the directive's.
    pub misspelt: bool,
    /// Where a comment or an empty line ended the directives before it.
    pub ended_at: Option<Span>,
}

impl File {
    /// The comments above the first instruction that look like directives.
    pub fn lost_directives(&self) -> impl Iterator<Item = LostDirective> + '_ {
        let before = self.items.iter().take_while(|i| !matches!(i.kind, ItemKind::Instruction(_)));
        let mut ended_at = None;
        before.flat_map(move |item| {
            let is_comment = item.kind == ItemKind::Comment;
            if item.kind == ItemKind::Blank {
                ended_at.get_or_insert(Span::at(item.span.start));
            }
            let lines = self.comment_lines(item.span).take(if is_comment { usize::MAX } else { 0 });
            let mut lost = Vec::new();
            for span in lines {
                lost.extend(self.lost_directive(span, ended_at));
                ended_at.get_or_insert(span);
            }
            lost
        })
    }

    fn lost_directive(&self, span: Span, ended_at: Option<Span>) -> Option<LostDirective> {
        let Setting { name, name_at, value, .. } = Setting::read(span.text(self.text()))?;
        let names = DirectiveKind::ALL.map(|(name, _)| name);
        let meant = crate::text::nearest(name, names)?;
        let (_, kind) = DirectiveKind::ALL.into_iter().find(|(known, _)| *known == meant)?;
        let misspelt = !meant.eq_ignore_ascii_case(name);
        let fits = match kind {
            DirectiveKind::Syntax => value.contains(['/', ':']) && ImageRef::parse(value).is_ok(),
            DirectiveKind::Escape => matches!(value, "\\" | "`"),
            // Above an instruction it is a comment that BuildKit reads.
            DirectiveKind::Check => {
                misspelt
                    && ["skip=", "error=", "experimental="].iter().any(|option| value.starts_with(option))
            }
        };
        let name_span = Span::of(name_at..name_at + name.len()).shift(span.start);
        fits.then_some(LostDirective { kind, span, name_span, misspelt, ended_at })
    }
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
