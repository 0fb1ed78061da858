//! The build context of an example: a `tree` block.

/// A file of a build context in a `tree` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Relative to the context, with `/`.
    pub path: String,
    /// What is there.
    pub entry: TreeEntry,
    /// `start.sh* #!/bin/sh`: a file that may be run.
    pub executable: bool,
}

/// What is at a path of a `tree` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeEntry {
    /// `src/`: a folder.
    Folder,
    /// `a.bin 12000`, `a.bin 12kB`: a file of that many bytes.
    Size(u64),
    /// `a.txt some text`: a file with that text; `\n` and `\r` stand for what they do elsewhere.
    Text(String),
    /// `a -> b`: a symbolic link.
    Link(String),
}

/// Reads a `tree` block.
pub fn tree(text: &str) -> Vec<TreeFile> {
    let entry = |line: &str| {
        let (path, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let entry = match (path.ends_with('/'), rest.strip_prefix("-> "), size(rest)) {
            (true, ..) => TreeEntry::Folder,
            (_, Some(target), _) => TreeEntry::Link(target.to_owned()),
            (_, _, Some(bytes)) => TreeEntry::Size(bytes),
            _ => TreeEntry::Text(rest.replace("\\r", "\r").replace("\\n", "\n")),
        };
        let (path, executable) = path.strip_suffix('*').map_or((path, false), |path| (path, true));
        TreeFile { path: path.trim_end_matches('/').to_owned(), entry, executable }
    };
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(entry).collect()
}

fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor = match &text[digits..] {
        "" | "B" => 1,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_have_files_folders_and_links() {
        let got = tree("a.bin 12kB\nsrc/\nb.txt* hello\\r\\nyou\n\nc -> a.bin\nd 7\ne");
        assert!(got.iter().all(|f| f.executable == (f.path == "b.txt")));
        let entries: Vec<_> = got.iter().map(|f| (f.path.as_str(), f.entry.clone())).collect();
        assert_eq!(
            entries,
            [
                ("a.bin", TreeEntry::Size(12_000)),
                ("src", TreeEntry::Folder),
                ("b.txt", TreeEntry::Text("hello\r\nyou".to_owned())),
                ("c", TreeEntry::Link("a.bin".to_owned())),
                ("d", TreeEntry::Size(7)),
                ("e", TreeEntry::Text(String::new())),
            ]
        );
    }
}
