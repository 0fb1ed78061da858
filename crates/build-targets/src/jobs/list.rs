//! Lists in the inputs of Docker's actions: read as CSV in which quotes may also stand within a field.

use std::ops::Range;

/// A field: where it stands in the input, and what it says.
pub(super) type Field = (Range<usize>, String);

/// The items of an input, none of which is empty. `lines` gives each line as one item, as `build-args` is read; else
/// commas part items as well, as in `tags`. A field that begins with a quote may hold line ends and, doubled, quotes;
/// if more follows behind its closing quote, the quotes are part of it. An expression is never cut. Nothing is known
/// where a quote is not closed, since the action fails.
pub(super) fn items(input: &str, lines: bool) -> Vec<Field> {
    let trimmed = input.trim();
    let start = input.len() - input.trim_start().len();
    let mut reader = Reader { text: trimmed, at: 0, closes: true };
    let mut items = Vec::new();
    while reader.at < trimmed.len() {
        let Some(record) = reader.record() else { return Vec::new() };
        match &record[..] {
            [only] if !lines => items.extend(split(only)),
            _ if !lines => items.extend(record),
            [first, .., last] => {
                let fields: Vec<&str> = record.iter().map(|(_, field)| &**field).collect();
                items.push((first.0.start..last.0.end, fields.join(",")));
            }
            _ => items.extend(record),
        }
    }
    items.retain_mut(|(place, item)| {
        let cut = item.len() - item.trim_start().len();
        // Blanks at the ends are there in the input too, if no quote is around them.
        if input[start..][place.clone()] == **item {
            *place = place.start + cut..place.start + item.trim_end().len().max(cut);
        }
        *place = place.start + start..place.end + start;
        *item = item.trim().to_owned();
        !item.is_empty()
    });
    items
}

/// A field on its own is cut at its commas, even if it was quoted.
fn split((place, field): &Field) -> Vec<Field> {
    let mut parts = Vec::new();
    let is_plain = place.len() == field.len();
    let mut reader = Reader { text: field, at: 0, closes: true };
    loop {
        let start = reader.at;
        reader.plain(|c| c == ',');
        let part = start..reader.at;
        let at = if is_plain { place.start + part.start..place.start + part.end } else { place.clone() };
        parts.push((at, field[part].to_owned()));
        if reader.at == field.len() {
            return parts;
        }
        reader.at += 1;
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// An expression that is not closed is none, and neither is any behind it.
    closes: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The fields up to the end of a line; `None` if a quote is not closed.
    fn record(&mut self) -> Option<Vec<Field>> {
        let mut fields = Vec::new();
        loop {
            let start = self.at;
            let field = self.field()?;
            fields.push((start..self.at, field));
            let end = if self.rest().starts_with("\r\n") { 2 } else { 1 };
            let more = self.rest().starts_with(',');
            self.at = (self.at + end).min(self.text.len());
            if !more {
                return Some(fields);
            }
        }
    }

    fn field(&mut self) -> Option<String> {
        let mut field = if self.rest().starts_with('"') { self.quoted()? } else { String::new() };
        let start = self.at;
        self.plain(|c| matches!(c, ',' | '\n'));
        if self.text[start..self.at].ends_with('\r') && self.rest().starts_with('\n') {
            self.at -= 1;
        }
        field.push_str(&self.text[start..self.at]);
        Some(field)
    }

    /// What stands in quotes; with them, if the field goes on.
    fn quoted(&mut self) -> Option<String> {
        let mut inside = String::new();
        self.at += 1;
        loop {
            let start = self.at;
            self.plain(|c| c == '"');
            inside.push_str(&self.text[start..self.at]);
            if self.at == self.text.len() {
                return None;
            }
            self.at += 1;
            match self.rest().as_bytes() {
                [b'"', ..] => {
                    self.at += 1;
                    inside.push('"');
                }
                [] | [b',' | b'\n', ..] | [b'\r', b'\n', ..] => return Some(inside),
                _ => return Some(format!("\"{inside}\"")),
            }
        }
    }

    /// Goes on to the next end, over expressions.
    fn plain(&mut self, is_end: impl Fn(char) -> bool) {
        while let Some(length) = self.rest().find(|c| c == '$' || is_end(c)) {
            self.at += length;
            let rest = self.rest();
            if !rest.starts_with('$') {
                return;
            }
            let close = rest.strip_prefix("${{").filter(|_| self.closes).map(|inside| inside.find("}}"));
            self.closes &= close != Some(None);
            self.at += close.flatten().map_or(1, |length| "${{}}".len() + length);
        }
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::items;

    fn shown(input: &str, lines: bool) -> String {
        let items: Vec<String> =
            items(input, lines).into_iter().map(|(place, item)| format!("{place:?} {item:?}")).collect();
        items.join(", ")
    }

    /// As `getList` of @docker/actions-toolkit 0.101.0 with csv-parse 7.0.3 answered.
    #[test]
    fn lists_are_read_as_the_actions_read_them() {
        for (input, by_line, by_comma) in [
            ("\"A=1,2\"\nB=2", r#"0..7 "A=1,2", 8..11 "B=2""#, r#"0..7 "A=1", 0..7 "2", 8..11 "B=2""#),
            ("\"A=1\n2\"\nB=\"x\"", r#"0..7 "A=1\n2", 8..13 "B=\"x\"""#, r#"0..7 "A=1\n2", 8..13 "B=\"x\"""#),
            ("A=\"1,2\",3\n", r#"0..9 "A=\"1,2\",3""#, r#"0..4 "A=\"1", 5..7 "2\"", 8..9 "3""#),
            ("\"A=say \"\"hi\"\"\"", r#"0..14 "A=say \"hi\"""#, r#"0..14 "A=say \"hi\"""#),
            ("  \"A\"=1", r#"2..7 "\"A\"=1""#, r#"2..7 "\"A\"=1""#),
            ("\"A=1\" \nB", r#"0..5 "\"A=1\"", 7..8 "B""#, r#"0..5 "\"A=1\"", 7..8 "B""#),
            ("\"A=1\"x,y\nC", r#"0..8 "\"A=1\"x,y", 9..10 "C""#, r#"0..6 "\"A=1\"x", 7..8 "y", 9..10 "C""#),
            ("A=1,\"B=2\"", r#"0..9 "A=1,B=2""#, r#"0..3 "A=1", 4..9 "B=2""#),
            ("\"A=1", "", ""),
            ("A=1\r\n \r\n B=2", r#"0..3 "A=1", 9..12 "B=2""#, r#"0..3 "A=1", 9..12 "B=2""#),
            ("# no\n\"\"\n,", r##"0..4 "# no", 8..9 ",""##, r##"0..4 "# no""##),
        ] {
            assert_eq!(shown(input, true), by_line, "{input}");
            assert_eq!(shown(input, false), by_comma, "{input}");
        }
    }

    #[test]
    fn expressions_are_not_cut() {
        let input = "a,${{ f('x,y') || \"\n\" }}-z,b";
        let expected = r#"0..1 "a", 2..26 "${{ f('x,y') || \"\n\" }}-z", 27..28 "b""#;
        assert_eq!(shown(input, false), expected);
        assert_eq!(shown("${{ a,b", false), r#"0..5 "${{ a", 6..7 "b""#);
    }
}
