//! The ignore file with the lines that it lacks.

use dockerignore::{IgnoreFile, Matcher};

use crate::context::{Notable, Scan, SourceStatus, Suggestion, secret_suggestions, suggestions};
use crate::semantic::{Analysis, History, why_needed, why_read};

/// A Dockerfile that is built with the context.
#[derive(Debug, Clone, Copy)]
pub struct Build<'a> {
    /// What it means.
    pub model: &'a Analysis,
    /// How it is called.
    pub name: &'a str,
    /// True if it is surely built with this context: it is the one that was named, or lies in the context's
    /// root. Of the others only the sources count.
    pub own: bool,
}

/// A line that is worth adding as far as its bytes go, and must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The line.
    pub line: String,
    /// Why it is not added: a sentence without its full stop.
    pub why: String,
}

/// Lines for an ignore file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// Those to add.
    pub added: Vec<Suggestion>,
    /// Those that something needs.
    pub left: Vec<Left>,
}

/// The lines to add for what the scan found, secrets first: those that leave out something that is sent, and that
/// nothing needs.
#[must_use]
pub fn lines(
    scan: &Scan,
    ignore: Option<&IgnoreFile>,
    builds: &[Build<'_>],
    history: &[History<'_>],
) -> Lines {
    let mut lines = Lines::default();
    let secrets = secret_suggestions(scan).into_iter();
    for suggestion in secrets.chain(suggestions(scan)).filter(|s| s.sent.files > 0) {
        let kinds = || scan.notable.iter().filter(|n| n.line == suggestion.line && !suggestion.secret);
        let read = || {
            builds
                .iter()
                .filter(|b| b.own && suggestion.secret)
                .find_map(|b| why_read(b.model, &suggestion.line).map(|why| of(b, &why)))
        };
        let why = wanted(ignore, &suggestion.line)
            .or_else(|| kinds().find_map(|notable| needed(notable, builds, history)))
            .or_else(read)
            .or_else(|| named(&suggestion.line, builds));
        match why {
            Some(why) => lines.left.push(Left { line: suggestion.line, why }),
            None => lines.added.push(suggestion),
        }
    }
    lines
}

/// A line of the ignore file that brings back what `line` would leave out.
fn wanted(ignore: Option<&IgnoreFile>, line: &str) -> Option<String> {
    let added = IgnoreFile::from_patterns([line]);
    let matcher = Matcher::new(&added);
    let back = ignore?.patterns().iter().find(|p| p.is_negated() && matcher.is_excluded(p.as_str()))?;
    Some(format!("line {} of the ignore file brings back `{}`", back.line(), back.as_str()))
}

fn needed(notable: &Notable, builds: &[Build<'_>], history: &[History<'_>]) -> Option<String> {
    if notable.name == ".git"
        && let Some((file, word)) = history.iter().find_map(|file| Some((file.name, file.reads()?)))
    {
        return Some(format!("`{file}` says `{word}`, which reads the history"));
    }
    let own = builds.iter().filter(|b| b.own);
    let mut why = own.filter_map(|b| Some(of(b, &why_needed(b.model, notable)?)));
    why.next()
}

/// A source that `line` would leave out, whether or not it is there now.
fn named(line: &str, builds: &[Build<'_>]) -> Option<String> {
    let added = IgnoreFile::from_patterns([line]);
    let matcher = Matcher::new(&added);
    for build in builds {
        for copy in &build.model.copies {
            let mut sources = copy.query.iter().flat_map(|q| &q.sources);
            let clean = |source: &String| dockerignore::filepath::clean(&format!("/{source}"));
            let hit = sources.find(|s| matcher.is_excluded(clean(s).trim_start_matches('/')));
            if let Some(source) = hit {
                let line = build.model.instruction(copy.step).lines.0;
                return Some(of(build, &format!("line {line} takes `{source}`")));
            }
        }
    }
    None
}

/// The reason with the Dockerfile that it is found in.
fn of(build: &Build<'_>, why: &str) -> String {
    match why.strip_prefix("line ").and_then(|rest| rest.split_once(' ')) {
        Some((line, does)) => format!("line {line} of {} {does}", build.name),
        None => format!("in {}, {why}", build.name),
    }
}

impl Lines {
    /// Takes out the lines that leave out a source: it was there `before`, and is left out in `after`, the
    /// scan with the lines added. The scans asked the same; `asked` names the Dockerfile of each query. True
    /// if a line went.
    pub fn settle(&mut self, before: &Scan, after: &Scan, ignore: &IgnoreFile, asked: &[String]) -> bool {
        let mut lost: Vec<(usize, &str, &str)> = Vec::new();
        for (number, (was, is)) in before.per_query.iter().zip(&after.per_query).enumerate() {
            for (was, is) in was.sources.iter().zip(&is.sources) {
                if was.status == SourceStatus::Found
                    && let SourceStatus::Excluded { by: Some(by) } = is.status
                {
                    lost.push((by, &is.source, asked.get(number).map_or("", String::as_str)));
                }
            }
        }
        let count = self.added.len();
        let left = &mut self.left;
        self.added.retain(|suggestion| {
            let decides = |by: usize| {
                let pattern = ignore.patterns().get(by);
                pattern.is_some_and(|p| !p.is_negated() && p.as_str() == suggestion.line)
            };
            let Some((_, source, name)) = lost.iter().find(|(by, ..)| decides(*by)) else { return true };
            let why = format!("{name} takes `{source}`");
            left.push(Left { line: suggestion.line.clone(), why });
            false
        });
        self.added.len() < count
    }

    /// The text with the lines at its end. All that is there stays.
    #[must_use]
    pub fn extend(&self, text: &[u8]) -> Vec<u8> {
        let mut out = text.to_vec();
        let end: &[u8] = if ends_in_crlf(text) { b"\r\n" } else { b"\n" };
        let bom = "\u{feff}".as_bytes();
        if !self.added.is_empty() && !text.is_empty() && text != bom && !text.ends_with(b"\n") {
            out.extend_from_slice(end);
        }
        for suggestion in &self.added {
            out.extend_from_slice(suggestion.line.as_bytes());
            out.extend_from_slice(end);
        }
        out
    }
}

/// True if the first line that ends does so in CR and LF.
fn ends_in_crlf(text: &[u8]) -> bool {
    text.iter().position(|b| *b == b'\n').and_then(|at| at.checked_sub(1)).is_some_and(|at| text[at] == b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Tally;

    fn extended(text: &str, lines: &[&str]) -> String {
        let some = Tally { files: 1, bytes: 1 };
        let suggestion =
            |line: &&str| Suggestion { line: (*line).to_owned(), saves: some, sent: some, secret: false };
        let lines = Lines { added: lines.iter().map(suggestion).collect(), left: Vec::new() };
        String::from_utf8(lines.extend(text.as_bytes())).unwrap()
    }

    #[test]
    fn what_is_there_stays() {
        assert_eq!(extended("", &[".git"]), ".git\n");
        assert_eq!(extended("a\n", &[".git", "b"]), "a\n.git\nb\n");
        assert_eq!(extended("# c\n\n!a", &[".git"]), "# c\n\n!a\n.git\n");
        assert_eq!(extended("a\r\nb", &[".git"]), "a\r\nb\r\n.git\r\n");
        assert_eq!(extended("\u{feff}", &[".git"]), "\u{feff}.git\n");
        assert_eq!(extended("\u{feff}a", &[".git"]), "\u{feff}a\n.git\n");
        assert_eq!(extended("a", &[]), "a");
    }

    #[test]
    fn what_the_file_brings_back_is_wanted() {
        let wanted = |file: &str, line: &str| wanted(Some(&IgnoreFile::parse(file)), line);
        assert!(wanted(".git\n!.git/HEAD\n", ".git").is_some());
        assert!(wanted("*\n!**/*.log\n", "**/*.log").is_some());
        assert_eq!(wanted("*\n!src\n", "**/node_modules"), None);
    }
}
