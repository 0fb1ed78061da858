//! The end of a command's help, with its examples and exit codes, as wide as the terminal is.

use std::sync::atomic::{AtomicUsize, Ordering};

use unicode_width::UnicodeWidthStr as _;

use crate::report::wrap;

/// The width that was set by [`for_pages`]; 0 is none.
static FIXED: AtomicUsize = AtomicUsize::new(0);

/// The narrowest column in which text still reads well beside what it explains.
const NARROW: usize = 30;

/// What manual pages have in a terminal of 80 columns.
#[cfg(feature = "internals")]
const PAGE: usize = 72;

/// Lays texts out for manual pages from now on, whatever the terminal.
#[cfg(feature = "internals")]
pub(in crate::cli) fn for_pages() {
    FIXED.store(PAGE, Ordering::Relaxed);
}

/// How wide clap writes help.
fn width() -> usize {
    let fixed = Some(FIXED.load(Ordering::Relaxed)).filter(|width| *width > 0);
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    fixed.or_else(measured).or_else(said).unwrap_or(100)
}

/// A text of paragraphs and of tables, as wide as help is. The rows of a table begin with two blanks, and two or more part a
/// row's columns; what begins further in goes on with the row above.
pub(in crate::cli) fn ending(text: &str) -> String {
    // A tenth of a short run, and clap asks for it in each.
    if !is_asked_for() {
        return text.to_owned();
    }
    String::from_utf8(fitted(text, width())).unwrap_or_else(|_| text.to_owned())
}

/// True if help may be written, for the command line or for manual pages.
fn is_asked_for() -> bool {
    let asks = |word: &str| word == "help" || word.starts_with('-') && word.contains('h');
    FIXED.load(Ordering::Relaxed) > 0
        || std::env::args_os().skip(1).any(|word| word.to_str().is_some_and(asks))
}

/// What is said of one command, or of one exit code.
struct Row {
    head: String,
    text: String,
    /// Where the text begins.
    column: Option<usize>,
}

fn fitted(text: &str, width: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut paragraph, mut rows): (String, Vec<Row>) = Default::default();
    // An empty line more, for what is open at the end.
    for line in text.lines().chain([""]) {
        let inner = line.trim_start();
        let indent = line.len() - inner.len();
        if indent > 2
            && let Some(row) = rows.last_mut()
        {
            join(&mut row.text, inner);
            row.column.get_or_insert(indent);
            continue;
        }
        if indent != 2 {
            table(&mut out, &std::mem::take(&mut rows), width);
            join(&mut paragraph, inner);
        }
        if indent == 2 || inner.is_empty() || inner.ends_with(':') {
            put(&mut out, &std::mem::take(&mut paragraph), 0, 0, width);
        }
        if indent == 2 {
            let (head, rest) = inner.split_once("  ").unwrap_or((inner, ""));
            let rest = rest.trim_start();
            let column = (!rest.is_empty()).then(|| line.len() - rest.len());
            rows.push(Row { head: head.to_owned(), text: rest.to_owned(), column });
        } else if inner.is_empty() {
            out.push(b'\n');
        }
    }
    out.truncate(out.trim_ascii_end().len());
    out
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// Rows with their texts beside them, or below them where that leaves too little room.
fn table(out: &mut Vec<u8>, rows: &[Row], width: usize) {
    let column = rows.iter().filter_map(|row| row.column).max().unwrap_or(0);
    let fits = column + NARROW <= width;
    for row in rows {
        let used = 2 + row.head.width();
        if fits && used + 2 <= column && !row.text.is_empty() {
            out.extend(format!("  {:1$}", row.head, column - 2).bytes());
            put(out, &row.text, column, column, width);
        } else {
            put(out, &row.head, 2, 4, width);
            let indent = if fits { column } else { 6 };
            put(out, &row.text, indent, indent, width);
        }
    }
}

/// Writes a text, whose lines are indented; the first may be otherwise.
fn put(out: &mut Vec<u8>, text: &str, first: usize, indent: usize, width: usize) {
    if text.is_empty() {
        return;
    }
    // Behind the head of a row it has its place already.
    if out.last().is_none_or(|byte| *byte == b'\n') {
        out.resize(out.len() + first, b' ');
    }
    // Nothing fails that writes into memory.
    let _ = wrap(out, text, indent, first, width);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
Examples:
  dlint lock              ask for all
  dlint lock --yes        the same in CI, without any question to the one who has started it
  docker build . | dlint lock --image -
                          what each line costs

Of images only the manifests are read, and of
files the ends.

Exit codes:
  0  all was learned
  2  something cannot be read, asked or
     written";

    fn at(width: usize) -> String {
        String::from_utf8(fitted(TEXT, width)).unwrap()
    }

    #[test]
    fn lines_are_as_wide_as_the_terminal() {
        insta::assert_snapshot!(at(100), @r"
        Examples:
          dlint lock              ask for all
          dlint lock --yes        the same in CI, without any question to the one who has started it
          docker build . | dlint lock --image -
                                  what each line costs

        Of images only the manifests are read, and of files the ends.

        Exit codes:
          0  all was learned
          2  something cannot be read, asked or written
        ");
        insta::assert_snapshot!(at(60), @r"
        Examples:
          dlint lock              ask for all
          dlint lock --yes        the same in CI, without any
                                  question to the one who has
                                  started it
          docker build . | dlint lock --image -
                                  what each line costs

        Of images only the manifests are read, and of files the
        ends.

        Exit codes:
          0  all was learned
          2  something cannot be read, asked or written
        ");
        insta::assert_snapshot!(at(40), @r"
        Examples:
          dlint lock
              ask for all
          dlint lock --yes
              the same in CI, without any
              question to the one who has
              started it
          docker build . | dlint lock --image -
              what each line costs

        Of images only the manifests are read,
        and of files the ends.

        Exit codes:
          0  all was learned
          2  something cannot be read, asked or
             written
        ");
        assert_eq!(fitted("", 80), b"");
    }

    #[test]
    fn every_ending_fits() {
        use clap::CommandFactory as _;
        let mut commands = vec![crate::cli::args::Cli::command()];
        while let Some(mut command) = commands.pop() {
            command.build();
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for width in [50, 60, 72, 80, 100] {
                let lines = String::from_utf8(fitted(&text, width)).unwrap();
                assert!(lines.lines().all(|line| line.width() <= width), "{width}: {lines}");
            }
            commands.extend(command.get_subcommands().cloned());
        }
    }
}
