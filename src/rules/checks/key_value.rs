//! `ENV key value` and `LABEL key value`.

use crate::diag::Fix;
use crate::rules::Cx;
use crate::syntax::{Kind, Pair};
use crate::text::{Edit, Span};

/// `legacy-key-value`.
pub fn legacy(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let (Kind::Env(pairs) | Kind::Label(pairs)) = &instruction.kind else { continue };
        let Some(pair) = pairs.iter().find(|p| p.legacy) else { continue };
        let (Some(value), keyword) = (&pair.value, instruction.keyword.name()) else { continue };
        let key = &pair.key.text;
        let message = format!(
            "`{keyword} {key} …` is the old form: all that follows the blank is the value, and it may be refused one day"
        );
        let mut finding = cx.at(pair.key.span, message);
        if let Some(meant) = value.text.strip_prefix('=').map(str::trim_start) {
            // `ENV a = b`: whether the sign belongs to the value, only the author knows.
            finding = finding
                .label(value.span, "the value starts with this `=`")
                .help(format!("write `{key}={meant}` without blanks around the `=`"));
        } else {
            finding = finding.help(format!("write `{keyword} {key}=VALUE`, in quotes if it holds blanks"));
            if let Some(edits) = modern(cx, pair) {
                finding = finding.fix(Fix::safe("write `key=value`", edits));
            }
        }
        cx.report(finding);
    }
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
