//! Files of the build context that tell what commands install, what ADD makes of its sources, and whether scripts can
//! be started.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dockerignore::filepath::{has_wildcard, path_match};

use crate::semantic::{
    Brought, Content, FileHead, HEAD_BYTES, Heads, LOCK_OF_UV, LOOK_BYTES, MAX_REQUIREMENTS, Reads, Texts,
    base_name, is_laid_over, named_in,
};
use crate::text::Gather;
use crate::tree::{Kind, Tree};

/// The most texts that are read for one Dockerfile, with those that others name.
const MAX_TEXTS: usize = 96;

/// The largest lock file that is read: one of a thousand packages has three million bytes.
const MAX_LOCK: usize = 4 << 20;

/// How much of a repository's configuration is read.
const MAX_GIT_CONFIG: u64 = 64 << 10;

/// The most entries that are looked at of what a source brings.
const MAX_LISTED: usize = 2_000;

/// The most entries of a folder that a pattern is held against.
const MAX_ENTRIES: usize = 256;

/// Reads files of the build context `root`.
#[must_use]
pub fn read_files(tree: &Tree, root: &Path, mut reads: Reads) -> (Texts, Heads) {
    let heads = std::mem::take(&mut reads.heads);
    (read_texts(tree, root, reads), read_heads(tree, root, heads))
}

/// What is known of `files` as programs.
fn read_heads(tree: &Tree, root: &Path, files: Vec<String>) -> Heads {
    if files.is_empty() {
        return Heads::default();
    }
    let Ok(root) = tree.real(root) else { return Heads::default() };
    files.into_iter().filter_map(|path| head(tree, &root, &path).map(|head| (path, head))).gather()
}

/// Reads files of the build context `root`, and what their texts name. What is not a text of moderate length, or
/// lies elsewhere, is left out: to the plan it is unknown.
fn read_texts(tree: &Tree, root: &Path, reads: Reads) -> Texts {
    if reads == Reads::default() {
        return Texts::default();
    }
    let Ok(root) = tree.real(root) else { return Texts::default() };
    let mut known: HashSet<String> = reads.texts.iter().cloned().collect();
    let mut waiting = reads.texts;
    let mut partial = false;
    let mut found = Vec::new();
    let mut found_folders = Vec::new();
    while let Some(path) = waiting.pop() {
        if is_laid_over(&path) {
            found_folders.extend(look(tree, &root, &path).map(|content| (path, content)));
            continue;
        }
        let Some(text) = read(tree, &root, &path) else {
            partial |= tree.look(&root.join(&path)).is_ok();
            continue;
        };
        for named in named_in(&path, &text) {
            let (paths, all) = expand(tree, &root, &named);
            partial |= !all;
            for path in paths {
                if known.len() >= MAX_TEXTS {
                    partial = true;
                } else if known.insert(path.clone()) {
                    waiting.push(path);
                }
            }
        }
        found.push((path, text));
    }
    let mut texts: Texts = found.into_iter().collect();
    if partial {
        texts.set_partial();
    }
    let looks =
        reads.looks.into_iter().filter_map(|path| look(tree, &root, &path).map(|content| (path, content)));
    for (path, content) in found_folders.into_iter().chain(looks) {
        texts.look(path, content);
    }
    for source in reads.listed {
        let files = brought(tree, &root, &source);
        texts.bring(source, files);
    }
    texts
}

/// The files that a source brings into its destination: itself, or what is in a folder that it names or hits.
fn brought(tree: &Tree, root: &Path, source: &str) -> Vec<Brought> {
    let mut found = Vec::new();
    let mut looked = 0;
    for path in hits(tree, root, source).0 {
        let Some(real) = inside(tree, root, &path) else { continue };
        if !tree.is_folder(&real) {
            let bytes = tree.look(&real).map_or(0, |look| look.bytes);
            found.push(Brought { target: base_name(&path).to_owned(), path, bytes });
            continue;
        }
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = tree.entries(&real.join(&folder)) else { continue };
            for entry in entries {
                looked += 1;
                if looked > MAX_LISTED {
                    return found;
                }
                let Some(name) = entry.name.to_str() else { continue };
                let target = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                if entry.kind == Kind::Folder {
                    folders.push(target);
                } else {
                    let bytes = tree.look(&real.join(&target)).map_or(0, |look| look.bytes);
                    found.push(Brought { path: format!("{path}/{target}"), target, bytes });
                }
            }
        }
    }
    found
}

/// The paths that a source names, or that its wildcards hit, and whether that is all of them.
fn hits(tree: &Tree, root: &Path, source: &str) -> (Vec<String>, bool) {
    let mut paths = vec![String::new()];
    let mut all = true;
    for part in source.split('/') {
        let beside =
            |path: &str, name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        paths = if has_wildcard(part) {
            let mut next = Vec::new();
            for path in &paths {
                let Some(folder) = inside(tree, root, path) else { continue };
                let Ok(entries) = tree.entries(&folder) else { continue };
                all &= entries.len() <= MAX_ENTRIES;
                let names = entries.iter().take(MAX_ENTRIES).filter_map(|entry| entry.name.to_str());
                let mut names: Vec<&str> =
                    names.filter(|n| path_match(part.as_bytes(), n.as_bytes())).collect();
                names.sort_unstable();
                next.extend(names.iter().map(|name| beside(path, name)));
                if next.len() > MAX_ENTRIES {
                    all = false;
                    break;
                }
            }
            next
        } else {
            paths.iter().map(|path| beside(path, part)).collect()
        };
    }
    (paths, all)
}

/// The paths that a path with `*` in place of a folder stands for, and whether that is all of them.
fn expand(tree: &Tree, root: &Path, path: &str) -> (Vec<String>, bool) {
    let Some((parent, rest)) = path.split_once("*/").filter(|(p, _)| p.is_empty() || p.ends_with('/')) else {
        return (vec![path.to_owned()], !path.contains('*'));
    };
    if rest.contains('*') {
        return (Vec::new(), false);
    }
    let Some(folder) = inside(tree, root, parent) else { return (Vec::new(), true) };
    let Ok(entries) = tree.entries(&folder) else { return (Vec::new(), false) };
    let names = entries.iter().take(MAX_ENTRIES + 1).map(|entry| entry.name.to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    let all = names.len() <= MAX_ENTRIES;
    names.sort_unstable();
    let files = names.iter().map(|name| format!("{parent}{name}/{rest}"));
    (files.filter(|file| inside(tree, root, file).is_some()).collect(), all)
}

/// What a path of the context leads to, if that is in the context.
fn inside(tree: &Tree, root: &Path, path: &str) -> Option<PathBuf> {
    tree.real(&root.join(path)).ok().filter(|real| real.starts_with(root))
}

fn read(tree: &Tree, root: &Path, path: &str) -> Option<String> {
    let most = if base_name(path) == LOCK_OF_UV { MAX_LOCK } else { MAX_REQUIREMENTS };
    let bytes = start(tree, &inside(tree, root, path)?, most + 1)?;
    // One byte more than allowed tells a text of just that size from a larger one.
    (bytes.len() <= most).then(|| decoded(path, bytes)).flatten()
}

/// The text that bytes are; a list of requirements may be UTF-16 behind a byte order mark, as pip reads it.
fn decoded(path: &str, bytes: Vec<u8>) -> Option<String> {
    let (rest, is_little) = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] if path.ends_with(".txt") => (rest, true),
        [0xfe, 0xff, rest @ ..] if path.ends_with(".txt") => (rest, false),
        _ => return String::from_utf8(bytes).ok(),
    };
    let pairs = rest.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let units = pairs.map(|pair| {
        let pair = [pair[0], pair[1]];
        if is_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

/// What a source of ADD is: of what its wildcards hit, an archive before all others.
fn look(tree: &Tree, root: &Path, path: &str) -> Option<Content> {
    if has_wildcard(path) {
        let (paths, all) = hits(tree, root, path);
        let mut contents = paths.iter().filter_map(|path| look_at(tree, root, path));
        return match contents.any(|content| content == Content::Packed) {
            true => Some(Content::Packed),
            false => (all && !paths.is_empty()).then_some(Content::Plain),
        };
    }
    look_at(tree, root, path)
}

/// What is at a path.
fn look_at(tree: &Tree, root: &Path, path: &str) -> Option<Content> {
    let real = inside(tree, root, path)?;
    if tree.is_folder(&real) {
        return Some(Content::Folder);
    }
    start(tree, &real, LOOK_BYTES).map(|bytes| Content::of(&bytes))
}

fn head(tree: &Tree, root: &Path, path: &str) -> Option<FileHead> {
    let real = inside(tree, root, path)?;
    let executable = match tree.look(&real).ok()?.executable {
        _ if cfg!(not(unix)) => None,
        false if keeps_no_modes(&real) => None,
        executable => Some(executable),
    };
    start(tree, &real, HEAD_BYTES).map(|bytes| FileHead::read(&bytes, executable))
}

/// True if the file lies in a clone whose file system has no modes, as Git found: the mode says nothing then.
fn keeps_no_modes(file: &Path) -> bool {
    let Some(config) = file.ancestors().map(|folder| folder.join(".git/config")).find(|c| c.is_file()) else {
        return false;
    };
    let mut text = String::new();
    let read = File::open(config).and_then(|file| file.take(MAX_GIT_CONFIG).read_to_string(&mut text));
    read.is_ok()
        && text.lines().any(|line| {
            let mut parts = line.split('=').map(str::trim);
            parts.next().is_some_and(|key| key.eq_ignore_ascii_case("filemode"))
                && parts.next() == Some("false")
        })
}

/// The first bytes of a regular file.
pub(super) fn start(tree: &Tree, path: &Path, limit: usize) -> Option<Vec<u8>> {
    if !tree.is_file(path) {
        return None;
    }
    let mut bytes = Vec::new();
    tree.open(path).ok()?.take(u64::try_from(limit).ok()?).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semantic::{Analysis, BuildContext, Model, requirements};
    use crate::syntax::parse;
    use crate::text::Source;
    use crate::tree::DISK;

    #[test]
    fn a_list_of_requirements_may_be_utf_16() {
        let wide = |text: &str, of: fn(u16) -> [u8; 2]| {
            ["\u{feff}", text].concat().encode_utf16().flat_map(of).collect::<Vec<u8>>()
        };
        let text = "psycopg2==2.9\r\n";
        for bytes in [wide(text, u16::to_le_bytes), wide(text, u16::to_be_bytes)] {
            assert_eq!(decoded("requirements.txt", bytes.clone()).as_deref(), Some(text));
            assert_eq!(decoded("package.json", bytes.clone()), None);
            assert_eq!(decoded("requirements.txt", bytes[..bytes.len() - 1].to_vec()), None);
        }
        assert_eq!(decoded("requirements.txt", text.into()).as_deref(), Some(text));
    }

    #[test]
    fn what_texts_name_is_read_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("package.json", r#"{"workspaces": ["libs/*", "web"]}"#),
            ("libs/a/package.json", "{}"),
            ("libs/b/README", "no manifest"),
            ("web/package.json", "{}"),
            ("web/node_modules/x", ""),
            ("r.txt", "-r more/a.txt\n"),
            ("more/a.txt", "-c ../c.txt\n-r ../../out.txt\n"),
            ("c.txt", "a\n-r r.txt\n"),
        ] {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(root.join("libs/a/c.txt"), b"\x1f\x8b\x08").unwrap();
        let looks = ["libs", "c.txt", "none", "*.txt", "libs/*/c.t?t", "*.none"].map(str::to_owned).to_vec();
        let texts = vec!["package.json".to_owned(), "r.txt".to_owned()];
        let reads = Reads { texts, looks, ..Reads::default() };
        let texts = read_texts(&DISK, root, reads);
        let all = ["c.txt", "libs/a/package.json", "more/a.txt", "package.json", "r.txt", "web/package.json"];
        assert_eq!(texts.paths().collect::<Vec<_>>(), all);
        assert!(!texts.is_partial());
        let contents = ["libs", "c.txt", "none", "web/node_modules"].map(|path| texts.content(path));
        assert_eq!(contents, [Some(Content::Folder), Some(Content::Plain), None, Some(Content::Folder)]);
        let contents = ["*.txt", "libs/*/c.t?t", "*.none"].map(|path| texts.content(path));
        assert_eq!(contents, [Some(Content::Plain), Some(Content::Packed), None]);
    }

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
        write("context/binary.txt", b"\x80\xfea\0");
        #[cfg(unix)]
        std::os::unix::fs::symlink("../outside.txt", root.join("link.txt")).unwrap();
        let names = ["a", "folder", "large", "full", "binary", "link", "none", "../outside"];
        let files = names.map(|n| format!("-r {n}.txt")).join(" ");
        let text = format!("FROM scratch\nWORKDIR /a\nCOPY . .\nRUN pip install {files}\n");
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file));
        let texts = read_texts(&DISK, &root, model.reads());
        let context = BuildContext { texts, ..BuildContext::default() };
        let model = model.with_context(Some(context.into()));
        let there = names.map(|n| model.text_of(&format!("{n}.txt")).is_some());
        assert_eq!(there, [true, false, false, true, false, false, false, false]);
        assert_eq!(requirements(model.text_of("a.txt").unwrap()).wanted.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_mode_counts_where_the_clone_has_modes() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
        write("a.sh", "#!/bin/sh\n");
        write("b.sh", "#!/bin/sh\r\n");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path().join("b.sh"), mode).unwrap();
        let heads = || {
            let heads = ["a.sh", "b.sh", "none.sh"].map(str::to_owned).to_vec();
            let (_, heads) = read_files(&DISK, folder.path(), Reads { heads, ..Reads::default() });
            heads.into_values().map(|h| (h.executable, h.shebang_ends_in_cr)).collect::<Vec<_>>()
        };
        assert_eq!(heads(), [(Some(false), false), (Some(true), true)]);
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        write(".git/config", "[core]\n\tfilemode = false\n");
        assert_eq!(heads(), [(None, false), (Some(true), true)]);
    }
}
