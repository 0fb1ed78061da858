//! `ENV key value`, `LABEL key value`, and what looks like it.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::semantic::{Model, PLATFORM_ARGS};
use crate::syntax::{ArgDecl, Instruction, Kind, Pair};
use crate::text::{Edit, Span};

/// `legacy-key-value`.
pub fn legacy(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        if let Kind::Arg(decls) = &instruction.kind {
            arg(cx, decls);
        }
        let (Kind::Env(pairs) | Kind::Label(pairs)) = &instruction.kind else { continue };
        let Some(pair) = pairs.iter().find(|p| p.legacy) else { continue };
        let (Some(value), keyword) = (&pair.value, instruction.keyword.name()) else { continue };
        // `ENV a = b` has a rule of its own.
        if value.text.starts_with('=') {
            continue;
        }
        let key = &pair.key.text;
        let message = format!(
            "`{keyword} {key} …` is the old form: everything after the space is the value, and BuildKit may stop accepting it"
        );
        let mut finding = cx
            .at(pair.key.span, message)
            .help(format!("write `{keyword} {key}=VALUE`, in quotes if it contains spaces"));
        if let Some(edits) = modern(cx, pair) {
            finding = finding.fix(Fix::safe("write `key=value`", edits));
        }
        cx.report(finding);
    }
}

/// `blank-before-equals`.
pub fn blank_before_equals(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let (Kind::Env(pairs) | Kind::Label(pairs)) = &instruction.kind else { continue };
        let Some(pair) = pairs.iter().find(|p| p.legacy) else { continue };
        let Some(value) = &pair.value else { continue };
        let Some(meant) = value.text.strip_prefix('=').map(str::trim) else { continue };
        let key = &pair.key.text;
        let shown: String = value.text.chars().take(60).collect();
        let message = format!(
            "the value of `{key}` is `{shown}`: with a space before it, the `=` is part of the value"
        );
        let mut finding =
            cx.at(value.span, message).help(format!("write `{key}={meant}` without spaces around the `=`"));
        if pair.key.exact && value.exact && is_one_word(meant, value.escape.char()) && !meant.is_empty() {
            let edit = Edit::replace(Span::new(pair.key.span.end, value.span.end), format!("={meant}"));
            finding = finding.fix(Fix::uncertain("remove the spaces", [edit]));
        }
        cx.report(finding);
    }
}

/// `ARG key value` declares two arguments. Where nothing uses the second, it was meant as a value.
fn arg(cx: &mut Cx<'_>, decls: &[ArgDecl]) {
    let [name, value] = decls else { return };
    if name.default.is_some() || value.default.is_some() || is_used(cx.model, value) {
        return;
    }
    let (name_text, value_text) = (&name.name.text, &value.name.text);
    let message =
        format!("this declares two arguments, `{name_text}` and `{value_text}`, and nothing uses the second");
    let gap = Span::new(name.span.end, value.span.start);
    let mut finding =
        cx.at(gap, message).help(format!("write `ARG {name_text}={value_text}` if that is its default"));
    if cx.model.text(gap).chars().all(|c| c == ' ' || c == '\t') {
        finding = finding.fix(Fix::uncertain("write `key=value`", [Edit::replace(gap, "=")]));
    }
    cx.report(finding);
}

/// True if the name of an argument stands anywhere but in its declaration; comments do not count.
fn is_used(model: &Model, decl: &ArgDecl) -> bool {
    let name = &*decl.name.text;
    let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let count = |text: &str| {
        let bytes = text.as_bytes();
        let whole = |at: &usize| {
            !is_part(at.checked_sub(1).and_then(|i| bytes.get(i))) && !is_part(bytes.get(at + name.len()))
        };
        text.match_indices(name).filter(|(at, _)| whole(at)).count()
    };
    let bodies = |i: &Instruction| i.heredocs.iter().map(|h| count(model.text(h.body))).sum::<usize>();
    let all: usize = model.instructions().map(|(_, i)| count(i.logical.text()) + bodies(i)).sum();
    name.is_empty() || PLATFORM_ARGS.contains(&name) || all > 1
}

/// Puts a `=` in the place of the blanks, and the value into quotes if it needs them.
fn modern(cx: &Cx<'_>, pair: &Pair) -> Option<Vec<Edit>> {
    let value = pair.value.as_ref()?;
    let escape = value.escape.char();
    let special = |c: char| matches!(c, '"' | '\'') || c == escape;
    let gap = Span::new(pair.key.span.end, value.span.start);
    let plain_gap = cx.model.text(gap).chars().all(|c| c == ' ' || c == '\t');
    if !pair.key.exact || !value.exact || !plain_gap || pair.key.text.contains(special) {
        return None;
    }
    if is_one_word(&value.text, escape) {
        return Some(vec![Edit::replace(gap, "=")]);
    }
    // A value that has quotes already would need another kind of them.
    (!value.text.contains(special))
        .then(|| vec![Edit::replace(gap, "=\""), Edit::insert(value.span.end, "\"")])
}

/// True if no blank stands outside of quotes, and all quotes are closed.
fn is_one_word(text: &str, escape: char) -> bool {
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if c.is_whitespace() => return false,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(q) if c == q => quote = None,
            q if c == escape && q != Some('\'') && chars.next().is_none() => return false,
            _ => {}
        }
    }
    quote.is_none()
}

#[cfg(test)]
mod tests {
    use super::is_one_word;

    #[test]
    fn blanks_in_quotes_part_no_words() {
        for (text, want) in [
            ("a", true),
            ("\"a b\"'c d'", true),
            ("a b", false),
            ("a\\ b", true),
            ("'a\\' b", false),
            ("it's", false),
            ("a\\", false),
        ] {
            assert_eq!(is_one_word(text, '\\'), want, "{text}");
        }
    }
}
