//! What reads the repository's history while a project is built: `rules/data/history.toml`.

mod table {
    include!(concat!(env!("OUT_DIR"), "/history.rs"));
}

/// The words in a file of the context's root that say that the history is read, by the name of the file.
pub fn history_words(name: &str) -> impl Iterator<Item = &'static [&'static str]> {
    let is_called = move |key: &str| key.strip_prefix('*').map_or(name == key, |end| name.ends_with(end));
    table::READERS.iter().filter(move |(key, _)| is_called(key)).map(|(_, words)| *words)
}
