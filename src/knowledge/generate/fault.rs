use std::fmt;

/// What is wrong in a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The table, below `rules/data/`.
    table: String,
    /// The line, from 1.
    line: usize,
    message: String,
}

impl Fault {
    /// A fault in a line, counted from 1.
    pub fn new(table: &str, line: usize, message: impl Into<String>) -> Self {
        Self { table: table.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rules/data/{}:{}: {}", self.table, self.line, self.message)
    }
}
