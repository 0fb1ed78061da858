//! The pages of the rules: read by few runs, so one compressed stream holds them all.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{Fault, File, root};

/// All pages of `rules/`: for each, in the order of the names, its name and its text, both with their length in front.
pub fn file() -> Result<File, Fault> {
    let folder = root().join("rules");
    let unread = |e: std::io::Error| Fault::new("pages.packed", 1, e.to_string());
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages.sort_unstable();
    let mut stream = DeflateEncoder::new(Vec::new(), Compression::best());
    for page in pages {
        let text = std::fs::read(&page).map_err(unread)?;
        for part in [stem(&page).as_bytes(), &text] {
            let length = u32::try_from(part.len()).map_err(|e| Fault::new(stem(&page), 1, e.to_string()))?;
            stream.write_all(&length.to_le_bytes()).and_then(|()| stream.write_all(part)).map_err(unread)?;
        }
    }
    Ok(("pages.packed".to_owned(), stream.finish().map_err(unread)?))
}

fn stem(page: &Path) -> &str {
    page.file_stem().and_then(|name| name.to_str()).unwrap_or_default()
}
