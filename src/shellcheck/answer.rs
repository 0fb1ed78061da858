//! The program's answer: its format `json1`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

/// How bad the program says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A matter of style.
    Style,
    /// Worth knowing.
    Info,
    /// It may well be wrong.
    Warning,
    /// It is wrong.
    Error,
}

impl Level {
    /// All of them, least first.
    pub const ALL: [Self; 4] = [Self::Style, Self::Info, Self::Warning, Self::Error];

    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Style => "style",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level called `name`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// Something that it says of a script. Lines and columns are from 1; columns count characters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(rename_all = "camelCase")]
pub(super) struct Comment {
    /// The script, by the name of its file.
    #[serde(default, skip_serializing)]
    pub(super) file: String,
    pub(super) line: u32,
    pub(super) end_line: u32,
    pub(super) column: u32,
    pub(super) end_column: u32,
    pub(super) level: Level,
    pub(super) code: u16,
    pub(super) message: String,
    #[serde(default)]
    pub(super) fix: Option<Repair>,
}

/// What it would change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub(super) struct Repair {
    pub(super) replacements: Vec<Replacement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement {
    pub(super) line: u32,
    pub(super) end_line: u32,
    pub(super) column: u32,
    pub(super) end_column: u32,
    pub(super) replacement: String,
    /// On which side of what stands at its place it belongs.
    #[serde(default)]
    pub(super) insertion_point: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(rename_all = "camelCase")]
pub(super) enum Side {
    /// To what comes before: it closes something.
    #[default]
    BeforeStart,
    /// To what follows.
    AfterEnd,
}

/// Reads an answer for scripts in files called `0`, `1` and so on, below `count`: what is said of each.
/// `None` if it is no such answer.
pub(super) fn read(answer: &[u8], count: usize) -> Option<Vec<Vec<Comment>>> {
    #[derive(Deserialize)]
    struct Document {
        comments: Vec<Comment>,
    }
    let document: Document = serde_json::from_slice(answer).ok()?;
    let mut all = vec![Vec::new(); count];
    for mut comment in document.comments {
        let script = comment.file.parse::<usize>().ok()?;
        comment.file = String::new();
        all.get_mut(script)?.push(comment);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_sorted_by_script() {
        let comment = |file: &str, code: u16| {
            format!(
                r#"{{"file":"{file}","line":4,"endLine":4,"column":6,"endColumn":8,"level":"info","code":{code},"message":"m","fix":null}}"#
            )
        };
        let answer = format!("{{\"comments\":[{},{}]}}", comment("1", 2086), comment("0", 2154));
        let read = |count| read(answer.as_bytes(), count);
        let codes = |all: Vec<Vec<Comment>>| all.iter().map(|c| c.iter().map(|c| c.code).collect()).collect();
        assert_eq!(read(3).map(codes), Some(vec![vec![2154], vec![2086], Vec::new()]));
        assert_eq!(read(1), None);
        for garbage in ["", "{}", "[]", "{\"comments\":[{}]}", "shellcheck: no"] {
            assert_eq!(super::read(garbage.as_bytes(), 1), None, "{garbage}");
        }
    }
}
