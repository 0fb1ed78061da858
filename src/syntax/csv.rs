//! One line of comma-separated values, as BuildKit reads `--mount` and `--device` (`tonistiigi/go-csvvalue`).

use std::ops::Range;

/// A field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Its text, quotes resolved.
    pub(super) text: String,
    /// Where it stands, quotes included.
    pub(super) range: Range<usize>,
    /// True if the text is just what stands there.
    pub(super) exact: bool,
}

/// The fields of `line`; where a quote is not closed, or stands where none may, its place.
pub(super) fn fields(line: &str) -> Result<Vec<Field>, Range<usize>> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let rest = &line[at..];
        if !rest.starts_with('"') {
            let len = rest.find(',').unwrap_or(rest.len());
            let text = &rest[..len];
            if let Some(quote) = text.find('"') {
                return Err(at + quote..at + quote + 1);
            }
            out.push(Field { text: text.to_owned(), range: at..at + len, exact: true });
            at += len;
        } else {
            let start = at;
            let mut text = String::new();
            at += 1;
            loop {
                let len = line[at..].find('"').ok_or(start..line.len())?;
                text.push_str(&line[at..at + len]);
                at += len + 1;
                if !line[at..].starts_with('"') {
                    break;
                }
                text.push('"');
                at += 1;
            }
            if at < line.len() && !line[at..].starts_with(',') {
                return Err(at - 1..at);
            }
            out.push(Field { text, range: start..at, exact: false });
        }
        if at == line.len() {
            return Ok(out);
        }
        at += 1;
        // A comma behind a quoted field may end the line.
        if at == line.len() && !out.last().is_none_or(|f| f.exact) {
            return Ok(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Result<Vec<String>, Range<usize>> {
        fields(line).map(|fields| fields.into_iter().map(|f| f.text).collect())
    }

    #[test]
    fn fields_may_be_quoted() {
        assert_eq!(texts("a,b=c"), Ok(vec!["a".into(), "b=c".into()]));
        assert_eq!(texts("a,\"b,c\",d"), Ok(vec!["a".into(), "b,c".into(), "d".into()]));
        assert_eq!(texts("\"a\"\"b\""), Ok(vec!["a\"b".into()]));
        assert_eq!(texts("a,"), Ok(vec!["a".into(), String::new()]));
        assert_eq!(fields("é,b").unwrap()[1].range, 3..4);
        assert_eq!(texts("a\"b"), Err(1..2));
        assert_eq!(texts("x,\"b"), Err(2..4));
        assert_eq!(texts("\"b\"c"), Err(2..3));
    }
}
