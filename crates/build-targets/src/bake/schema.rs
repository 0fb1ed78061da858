//! What bake knows in its blocks. All else it ignores without a word.

/// What the value of an attribute must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Bool,
    Texts,
    /// A text by name; null where it says so.
    Map {
        null: bool,
    },
    /// Texts or objects, which are of no matter here.
    Entries,
    /// Not checked.
    Any,
}

/// The attributes of a target.
pub(super) const TARGET: [(&str, Shape); 29] = [
    ("annotations", Shape::Texts),
    ("args", Shape::Map { null: true }),
    ("attest", Shape::Entries),
    ("cache-from", Shape::Entries),
    ("cache-to", Shape::Entries),
    ("call", Shape::Text),
    ("context", Shape::Text),
    ("contexts", Shape::Map { null: false }),
    ("description", Shape::Text),
    ("dockerfile", Shape::Text),
    ("dockerfile-inline", Shape::Text),
    ("entitlements", Shape::Texts),
    ("extra-hosts", Shape::Map { null: true }),
    ("inherits", Shape::Texts),
    ("labels", Shape::Map { null: true }),
    ("network", Shape::Text),
    ("no-cache", Shape::Bool),
    ("no-cache-filter", Shape::Texts),
    ("output", Shape::Entries),
    ("platforms", Shape::Texts),
    ("policy", Shape::Any),
    ("pull", Shape::Bool),
    ("resources", Shape::Any),
    ("secret", Shape::Entries),
    ("shm-size", Shape::Text),
    ("ssh", Shape::Entries),
    ("tags", Shape::Texts),
    ("target", Shape::Text),
    ("ulimits", Shape::Texts),
];

/// The attributes of a group.
pub(super) const GROUP: [(&str, Shape); 2] = [("description", Shape::Text), ("targets", Shape::Texts)];

/// What makes several targets of one block.
pub(super) const MATRIX: [&str; 2] = ["matrix", "name"];

/// The kinds of blocks.
pub(super) const BLOCKS: [&str; 4] = ["function", "group", "target", "variable"];

/// The shape of an attribute, if it is known.
pub(super) fn shape(kind: &str, name: &str) -> Option<Shape> {
    let table: &[(&str, Shape)] = if kind == "group" { &GROUP } else { &TARGET };
    table.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
}

/// The name among those known that is spelled most like this one, if any is.
pub(super) fn similar(kind: &str, name: &str) -> Option<&'static str> {
    let names: Vec<&'static str> = match kind {
        "group" => GROUP.iter().map(|(name, _)| *name).collect(),
        "" => BLOCKS.to_vec(),
        _ => TARGET.iter().map(|(name, _)| *name).chain(MATRIX).collect(),
    };
    crate::similar::most_alike(name, names)
}
