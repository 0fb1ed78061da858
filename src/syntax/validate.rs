//! What BuildKit checks of words and of the file as a whole.

use std::collections::HashSet;

use super::ast::{File, Instruction, Kind};
use super::directive::{Directive, DirectiveKind};
use super::dispatch::{self, Names};
use super::error::{SyntaxError, SyntaxErrorKind};
use super::expand::{self, ExpandError};
use super::frontend::Frontend;
use super::keyword::Keyword;
use super::lexer::Quotes;
use super::word::{Escape, Word};
use crate::text::Span;

/// Checks words that must be expandable, values that are known, and that the file has stages.
pub(super) fn file(file: &mut File) {
    let mut errors = Vec::new();
    let check = file.directive(DirectiveKind::Check);
    let check = check.filter(|_| Frontend::of(file).is_some_and(Frontend::reads_checks));
    errors.extend(check.and_then(Directive::option_fault));
    // A misspelt FROM is one fault: what stands behind it is not outside of a stage.
    let from_meant = file.errors.iter().find(|e| {
        e.kind == SyntaxErrorKind::UnknownInstruction
            && e.meant.as_deref().is_some_and(|m| Keyword::of(m) == Keyword::From)
    });
    let from_meant = from_meant.map_or(u32::MAX, |e| e.span.start);
    let mut seen_from = false;
    let mut outside = None;
    let all = file.instructions.iter().filter_map(|i| match &i.kind {
        Kind::From(from) => Some(str::to_ascii_lowercase(&from.alias.as_ref()?.name.text)),
        _ => None,
    });
    let mut names = Names { all: all.collect(), above: HashSet::new() };
    for instruction in &file.instructions {
        let before = errors.len();
        words(instruction, file, &mut errors);
        // What a trigger holds is judged by the builds that run it.
        if errors.len() == before && !instruction.is_trigger() {
            dispatch::values(instruction, &names, &mut errors);
        }
        if let Kind::From(from) = &instruction.kind {
            names.above.extend(from.alias.iter().map(|a| str::to_ascii_lowercase(&a.name.text)));
        }
        match instruction.keyword {
            Keyword::From => seen_from = true,
            Keyword::Arg | Keyword::Unknown if !instruction.is_trigger() => {}
            keyword if !seen_from && instruction.span.start < from_meant => {
                let first = if instruction.is_trigger() { Keyword::Onbuild } else { keyword };
                outside = outside.or(Some((instruction.first_keyword(), first)));
            }
            _ => {}
        }
    }
    if let Some((span, keyword)) = outside {
        errors.push(
            SyntaxError::new(
                SyntaxErrorKind::MissingFrom,
                span,
                format!("{} comes before the first FROM", keyword.name()),
            )
            .help("only ARG and comments can come before the first FROM"),
        );
    } else if file.instructions.is_empty() {
        errors.push(
            SyntaxError::new(SyntaxErrorKind::NoInstruction, Span::at(0), "the file contains no instruction")
                .help("a Dockerfile starts with `FROM image`"),
        );
    } else if !seen_from && file.instructions.iter().all(|i| i.keyword == Keyword::Arg) {
        let first = file.instructions.first().map_or(Span::at(0), |i| i.span);
        errors.push(
            SyntaxError::new(SyntaxErrorKind::MissingFrom, first, "the file has no FROM")
                .help("a Dockerfile needs at least one `FROM image`"),
        );
    }
    file.errors.append(&mut errors);
}

/// Words that BuildKit expands must be well formed.
fn words(instruction: &Instruction, file: &File, errors: &mut Vec<SyntaxError>) {
    let first = errors.len();
    // A quote that spans `key=value` is one fault, not one in each half.
    let mut pair = |key: &Word, value: Option<&Word>| {
        errors.extend(fault(key).or_else(|| fault(value?)));
    };
    match &instruction.kind {
        Kind::Arg(decls) => {
            // BuildKit expands the default alone; a quote that spans both starts in the name.
            for (decl, wrong) in decls.iter().filter_map(|d| Some((d, fault(d.default.as_ref()?)?))) {
                errors.push(fault(&decl.name).unwrap_or(wrong));
            }
        }
        Kind::Env(pairs) | Kind::Label(pairs) => pairs.iter().for_each(|p| pair(&p.key, p.value.as_ref())),
        Kind::Add(transfer) | Kind::Copy(transfer) => {
            transfer.paths().chain(&transfer.destination).for_each(|w| pair(w, None));
            let text = instruction.arguments_text();
            if errors.len() > first && text.starts_with('[') && text.ends_with(']') {
                errors.truncate(first);
                errors.push(no_array(instruction));
            }
            flags(instruction, file.escape, &["chown", "chmod", "checksum"], errors);
            bodies(instruction, file.text(), errors);
        }
        Kind::Expose(ports) => ports.iter().for_each(|p| pair(&p.word, None)),
        Kind::Volume(words) => words.iter().for_each(|w| pair(w, None)),
        Kind::From(from) => {
            from.image.iter().for_each(|w| pair(w, None));
            flags(instruction, file.escape, &["platform"], errors);
        }
        Kind::Stopsignal(word) | Kind::User(word) | Kind::Workdir(word) => {
            word.iter().for_each(|w| pair(w, None));
        }
        _ => {}
    }
    for error in errors.iter_mut().skip(first).filter(|e| e.kind == SyntaxErrorKind::UnclosedQuote) {
        error.span = with_dangling_escape(error.span, file);
    }
}

/// The words of what was meant as an array have its quotes, which do not come in pairs.
fn no_array(instruction: &Instruction) -> SyntaxError {
    let message = "this is not a JSON array, and its quotes do not fit plain words either";
    let help = match instruction.slipped_array() {
        Some((_, array)) => format!("write `{array}`"),
        None => "write each path in double quotes, with commas between them".to_owned(),
    };
    SyntaxError::new(SyntaxErrorKind::UnclosedQuote, instruction.arguments, message).help(help)
}

fn flags(instruction: &Instruction, escape: Escape, names: &[&str], errors: &mut Vec<SyntaxError>) {
    let flags = instruction.flags.iter().filter(|f| names.contains(&&*f.name));
    errors.extend(flags.filter_map(|f| fault(&f.word(escape)?)));
}

/// The lines of here-documents that COPY and ADD expand.
fn bodies(instruction: &Instruction, text: &str, errors: &mut Vec<SyntaxError>) {
    for heredoc in instruction.heredocs.iter().filter(|h| h.expand) {
        let body = heredoc.body.text(text);
        // Escapes in these are always backslashes.
        let Some((error, range)) = expand::fault(body, Escape::Backslash, Quotes::Keep) else { continue };
        let name = &heredoc.name;
        errors.push(
            of_expansion(&error, Span::of(range).shift(heredoc.body.start)).help(format!(
                "BuildKit expands variables in these lines; `<<'{name}'` keeps them as they are"
            )),
        );
    }
}

fn fault(word: &Word) -> Option<SyntaxError> {
    let (error, span) = word.fault()?;
    let escape = word.escape.char();
    let fault = of_expansion(&error, span);
    Some(match error {
        ExpandError::Unclosed(Some(quote @ ('"' | '\''))) => {
            fault.help(format!("write a second `{quote}`, or `{escape}{quote}` for a literal quote"))
        }
        ExpandError::Unclosed(_) => fault.help(format!("close it, or write `{escape}$` for a literal `$`")),
        ExpandError::TooDeep => fault,
        _ => fault.help(
            "BuildKit knows `:-word`, `:+word`, `:?word`, `#pattern`, `%pattern` and `/pattern/word` after the name",
        ),
    })
}

fn of_expansion(error: &ExpandError, span: Span) -> SyntaxError {
    let kind = match error {
        ExpandError::Unclosed(Some('"' | '\'')) => SyntaxErrorKind::UnclosedQuote,
        _ => SyntaxErrorKind::BadSubstitution,
    };
    SyntaxError::new(kind, span, error.to_string())
}

/// With the escape character behind it, where the file ends instead of going on.
fn with_dangling_escape(span: Span, file: &File) -> Span {
    let rest = file.text().get(span.end as usize..).unwrap_or("");
    let escape = file.escape.char();
    if rest.strip_prefix(escape).is_some_and(|rest| rest.trim_matches([' ', '\t']).is_empty()) {
        Span::new(span.start, span.end + 1)
    } else {
        span
    }
}
