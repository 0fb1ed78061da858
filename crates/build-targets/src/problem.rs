//! What is wrong with a file that starts builds.

use crate::source::Place;

/// A fault for which the tool refuses the file, or a value that it silently drops or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is; `None` if it is in no file, such as a file that is missing.
    pub place: Option<Place>,
    /// What is wrong, in one plain sentence without a full stop. Text of the input in it is quoted with backticks.
    pub message: String,
}

/// What a tool accepts and yet does otherwise than the file seems to say. Readers note it, callers judge it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it is written.
    pub place: Place,
    /// Another place that has to do with it, such as what is overridden.
    pub related: Option<Place>,
    /// The target that it concerns, by name; `None` if it concerns the file.
    pub target: Option<String>,
    /// What it is.
    pub kind: WarningKind,
}

/// The kinds of warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WarningKind {
    /// A number becomes another text than is written: `3.10` becomes `3.1`. In bake files without a target, the number
    /// is in a matrix or a variable.
    NumberChanged {
        /// As it is written.
        written: String,
        /// As the tool gets it.
        value: String,
    },
    /// The tool does not know this key or attribute, and says nothing of it.
    UnknownKey {
        /// The key.
        key: String,
        /// One that it knows and that is spelled alike.
        similar: Option<&'static str>,
    },
    /// A merge key (`<<`) gives a mapping that the key beside it replaces as a whole, so its entries are lost.
    MergeDropsEntries {
        /// The key, such as `args`.
        key: String,
        /// The entries that are lost.
        entries: Vec<String>,
    },
    /// A later file takes away an argument that an earlier one gives.
    ArgumentRemoved {
        /// The argument.
        name: String,
    },
    /// The tool reads another file of this folder and not this one.
    FileNotRead {
        /// The name of the file that counts.
        instead_of: String,
    },
    /// A part of the project is at another address, which is not opened here: what it gives is unknown.
    RemoteNotRead {
        /// The address.
        address: String,
    },
    /// The notation is at fault here, and the tool passes over it without a word.
    PassedOver {
        /// What is at fault.
        what: String,
    },
    /// A variable is used that nothing here sets: the tool reads it as empty.
    UnsetVariable {
        /// The variable.
        name: String,
    },
}

/// A number with what it counts: `1 element`, `2 elements`.
pub(crate) fn counted(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// Things that lead to each other in a circle, for the middle of a sentence: "`a` extends itself", "`a` extends `b`, which
/// extends `a`". The names are as they are to be read.
pub(crate) fn circle(names: &[String], verb: &str) -> String {
    /// How many of them are named.
    const MOST: usize = 5;
    let Some((first, others)) = names.split_first() else { return format!("it {verb} itself") };
    if others.is_empty() {
        return format!("{first} {verb} itself");
    }
    let mut text = first.clone();
    for (number, name) in others.iter().take(MOST - 1).enumerate() {
        let which = if number == 0 { "" } else { ", which" };
        text.push_str(&format!("{which} {verb} {name}"));
    }
    match others.len() {
        few if few < MOST => text.push_str(&format!(", which {verb} {first}")),
        _ => text.push_str(&format!(", and so on until {first} again")),
    }
    text
}

/// A text of the input in backticks, for a message: no longer than a line, and without control characters.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut quoted = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            quoted.push('…');
            break;
        }
        // Marks that turn the direction of writing can make a message say something else.
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            quoted.extend(c.escape_unicode());
        } else {
            quoted.push(c);
        }
    }
    quoted.push('`');
    quoted
}
