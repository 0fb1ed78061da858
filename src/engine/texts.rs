//! Texts of the build context that tell what commands install.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::semantic::{MAX_REQUIREMENTS, Texts};

/// Reads `files` of the build context `root`. What is no text of moderate length, or lies elsewhere, is left out:
/// to the plan it is unknown.
#[must_use]
pub fn read_texts(root: &Path, files: Vec<String>) -> Texts {
    if files.is_empty() {
        return Texts::default();
    }
    let Ok(root) = root.canonicalize() else { return Texts::default() };
    files.into_iter().filter_map(|path| read(&root, &path).map(|text| (path, text))).collect()
}

fn read(root: &Path, path: &str) -> Option<String> {
    let real = root.join(path).canonicalize().ok()?;
    if !real.starts_with(root) || !real.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    // One byte more than allowed tells a text of just that size from a larger one.
    let limit = u64::try_from(MAX_REQUIREMENTS).ok()? + 1;
    File::open(real).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
    (bytes.len() <= MAX_REQUIREMENTS).then(|| String::from_utf8(bytes).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{Analysis, BuildContext, Model, requirements};
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn only_texts_of_the_context_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("context");
        std::fs::create_dir_all(root.join("folder.txt")).unwrap();
        let write = |path: &str, text: &[u8]| std::fs::write(folder.path().join(path), text).unwrap();
        write("outside.txt", b"outside\n");
        write("context/a.txt", b"flask\n");
        write("context/large.txt", &vec![b'#'; MAX_REQUIREMENTS + 1]);
        write("context/full.txt", &vec![b'#'; MAX_REQUIREMENTS]);
        write("context/binary.txt", b"\xff\xfea\0");
        #[cfg(unix)]
        std::os::unix::fs::symlink("../outside.txt", root.join("link.txt")).unwrap();
        let names = ["a", "folder", "large", "full", "binary", "link", "none", "../outside"];
        let files = names.map(|n| format!("-r {n}.txt")).join(" ");
        let text = format!("FROM scratch\nWORKDIR /a\nCOPY . .\nRUN pip install {files}\n");
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file));
        let texts = read_texts(&root, model.read_files());
        let context = BuildContext { texts, ..BuildContext::default() };
        let model = model.with_context(Some(context.into()));
        let there = names.map(|n| model.text_of(&format!("{n}.txt")).is_some());
        assert_eq!(there, [true, false, false, true, false, false, false, false]);
        assert_eq!(requirements(model.text_of("a.txt").unwrap()).wanted.len(), 1);
    }
}
