use std::collections::HashSet;
use std::str::FromStr;

use super::Fault;

/// A table of rows with tabs between their fields, below a line that says what it is.
pub struct Tsv<'t> {
    name: &'t str,
    text: &'t str,
}

/// One row.
#[derive(Clone)]
pub struct Row<'t> {
    table: &'t str,
    line: usize,
    fields: Vec<&'t str>,
}

impl<'t> Tsv<'t> {
    /// The table of this name with this text.
    pub const fn new(name: &'t str, text: &'t str) -> Self {
        Self { name, text }
    }

    /// The month of the figures, the third field of the first line.
    pub fn date(&self) -> Result<&'t str, Fault> {
        let head = self.text.lines().next().unwrap_or("");
        let date = head.split('\t').nth(2).unwrap_or("");
        let is_month = date.len() == 7 && date.split_once('-').is_some_and(|(y, m)| number(y) && number(m));
        if head.starts_with('#') && is_month {
            return Ok(date);
        }
        Err(Fault::new(self.name, 1, "the third field of the first line must be a month, as 2026-11"))
    }

    /// The rows, each with at most `fields` fields, and with a name that no other has.
    pub fn rows(&self, fields: usize) -> Result<Vec<Row<'t>>, Fault> {
        let rows = self.rows_of_lists(fields)?;
        let mut seen = HashSet::new();
        match rows.iter().find(|row| !seen.insert(row.name())) {
            Some(row) => Err(row.fault("the first field must be a name that no other row has")),
            None => Ok(rows),
        }
    }

    /// The rows where several may have one name, each with at most `fields` fields.
    pub fn rows_of_lists(&self, fields: usize) -> Result<Vec<Row<'t>>, Fault> {
        let mut rows = Vec::new();
        for (line, text) in (1..).zip(self.text.lines()).filter(|(_, text)| !text.starts_with('#')) {
            let row = Row { table: self.name, line, fields: text.split('\t').collect() };
            if row.fields.len() > fields {
                return Err(row.fault(format!("at most {fields} fields, not {}", row.fields.len())));
            }
            if row.name().is_empty() {
                return Err(row.fault("the first field must be a name"));
            }
            rows.push(row);
        }
        Ok(rows)
    }
}

fn number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl<'t> Row<'t> {
    /// The first field.
    pub fn name(&self) -> &'t str {
        self.text(0)
    }

    /// A field, from 0; empty if the row has fewer.
    pub fn text(&self, field: usize) -> &'t str {
        self.fields.get(field).copied().unwrap_or("")
    }

    /// A field with a number that its type can hold.
    pub fn number<T: FromStr>(&self, field: usize) -> Result<T, Fault> {
        let text = self.text(field);
        text.parse().map_err(|_| self.fault(format!("field {} must be a number, not `{text}`", field + 1)))
    }

    /// Something wrong in this row.
    pub fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::new(self.table, self.line, message)
    }
}
