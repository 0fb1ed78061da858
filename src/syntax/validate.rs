//! What BuildKit checks of values and of the file as a whole.

use std::collections::HashSet;

use super::ast::{File, Kind};
use super::dispatch;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::flags::Flag;
use super::keyword::Keyword;
use super::word::Word;
use crate::text::Span;

/// Checks the values of flags that are known before the build.
pub(super) fn flags(keyword: Keyword, flags: &[Flag], errors: &mut Vec<SyntaxError>) {
    for flag in flags {
        let Some(value) = flag.value.as_deref().filter(|v| !v.contains('$')) else { continue };
        let problem = match (keyword, &*flag.name) {
            (Keyword::Run, "network") if !matches!(value, "default" | "none" | "host") => {
                Some(("`--network` takes `default`, `none` or `host`", ""))
            }
            (Keyword::Run, "security") if !matches!(value, "sandbox" | "insecure") => {
                Some(("`--security` takes `sandbox` or `insecure`", ""))
            }
            (Keyword::Healthcheck, "retries")
                if !value.is_empty() && value.parse::<i32>().map_or(true, |n| n < 0) =>
            {
                Some(("`--retries` takes a whole number that is not negative", "for example `--retries=3`"))
            }
            (Keyword::Healthcheck, "interval" | "timeout" | "start-period" | "start-interval") => {
                duration_problem(value)
            }
            _ => None,
        };
        if let Some((message, help)) = problem {
            let span = if flag.value_span.is_empty() { flag.name_span } else { flag.value_span };
            let error = SyntaxError::new(SyntaxErrorKind::FlagValue, span, message);
            errors.push(if help.is_empty() { error } else { error.help(help) });
        }
    }
}

/// Go's `time.ParseDuration`, and the minimum of a health check, 1 ms.
fn duration_problem(value: &str) -> Option<(&'static str, &'static str)> {
    const BAD: (&str, &str) = ("this is no duration", "for example `30s` or `1m30s`");
    if value.is_empty() || value == "0" {
        return None;
    }
    let mut rest = value.strip_prefix(['-', '+']).unwrap_or(value);
    let negative = value.starts_with('-');
    let mut nanoseconds = 0.0_f64;
    if rest.is_empty() {
        return Some(BAD);
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let Ok(number) = rest[..digits].parse::<f64>() else { return Some(BAD) };
        let unit =
            rest[digits..].find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len() - digits);
        let factor = match &rest[digits..digits + unit] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return Some(BAD),
        };
        nanoseconds += number * factor;
        rest = &rest[digits + unit..];
    }
    let too_short = nanoseconds > 0.0 && (negative || nanoseconds < 1e6);
    too_short.then_some(("the duration is less than 1 ms", "for example `30s`"))
}

/// Checks words that must be expandable, and that the file has stages.
pub(super) fn file(file: &mut File) {
    let mut errors = Vec::new();
    let mut seen_from = false;
    let mut outside = None;
    let mut stages = HashSet::new();
    for instruction in &file.instructions {
        let before = errors.len();
        words(&instruction.effective().kind, &mut errors);
        if errors.len() == before {
            dispatch::values(&instruction.kind, &stages, &mut errors);
        }
        if let Kind::From(from) = &instruction.kind {
            stages.extend(from.alias.iter().map(|a| a.name.text.to_ascii_lowercase()));
        }
        match instruction.keyword {
            Keyword::From => seen_from = true,
            Keyword::Arg | Keyword::Unknown => {}
            _ if !seen_from => outside = outside.or(Some((instruction.keyword_span, instruction.keyword))),
            _ => {}
        }
    }
    if let Some((span, keyword)) = outside {
        errors.push(
            SyntaxError::new(
                SyntaxErrorKind::MissingFrom,
                span,
                format!("{} stands before the first FROM", keyword.name()),
            )
            .help("only ARG and comments may come before the first FROM"),
        );
    } else if file.instructions.is_empty() {
        let span = Span::of(0..0);
        errors.push(
            SyntaxError::new(SyntaxErrorKind::NoInstruction, span, "the file holds no instruction")
                .help("a Dockerfile starts with `FROM image`"),
        );
    } else if !seen_from && file.instructions.iter().all(|i| i.keyword == Keyword::Arg) {
        let span = file.instructions.first().map_or(Span::at(0), |i| i.span);
        errors.push(
            SyntaxError::new(SyntaxErrorKind::MissingFrom, span, "the file has no FROM")
                .help("a Dockerfile needs at least one `FROM image`"),
        );
    }
    file.errors.append(&mut errors);
}

/// Words that BuildKit expands must be well formed.
fn words(kind: &Kind, errors: &mut Vec<SyntaxError>) {
    let mut check = |word: &Word| {
        if word.is_plain() {
            return None;
        }
        let fault = word.expand(&()).err()?;
        errors.push(SyntaxError::new(SyntaxErrorKind::BadSubstitution, word.span, fault.to_string()));
        Some(())
    };
    // A quote that spans `key=value` is one fault, not one in each half.
    let mut pair = |key: &Word, value: Option<&Word>| {
        let _first = check(key).or_else(|| check(value?));
    };
    match kind {
        Kind::Arg(decls) => decls.iter().for_each(|d| pair(&d.name, d.default.as_ref())),
        Kind::Env(pairs) | Kind::Label(pairs) => pairs.iter().for_each(|p| pair(&p.key, p.value.as_ref())),
        Kind::Add(transfer) | Kind::Copy(transfer) => {
            transfer.paths().chain(&transfer.destination).for_each(|w| pair(w, None));
        }
        Kind::Expose(words) | Kind::Volume(words) => words.iter().for_each(|w| pair(w, None)),
        Kind::From(from) => from.image.iter().for_each(|w| pair(w, None)),
        Kind::Stopsignal(word) | Kind::User(word) | Kind::Workdir(word) => {
            word.iter().for_each(|w| pair(w, None));
        }
        _ => {}
    }
}
