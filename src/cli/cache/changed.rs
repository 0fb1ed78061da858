//! The paths of `--changed`: where they are in the build context.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::workspace::top_of;

/// The most paths, and bytes of a list of them; who has more names folders.
const MAX_PATHS: usize = 100_000;
const MAX_BYTES: u64 = 16 << 20;

/// A path that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As it was written.
    pub(super) shown: String,
    /// As a path of the context with `/`, empty for its root; none if it is outside of it, and several if it
    /// may mean several files.
    pub(super) places: Vec<String>,
    /// What it may mean, as whole paths.
    pub(super) whole: Vec<PathBuf>,
    /// True if there is such a file.
    pub(super) exists: bool,
}

impl Named {
    /// What it may mean below `root`, a folder without links: as paths of that.
    pub(super) fn places_in(&self, root: &Path) -> Vec<String> {
        let is_folder = self.shown.ends_with('/');
        let places = self.whole.iter().filter_map(|whole| Some(place(&inside(root, whole)?, is_folder)));
        let mut places: Vec<String> = places.collect();
        places.dedup();
        places
    }
}

/// The paths that are named, with those of standard input for each `-`.
pub(super) fn named(paths: &[PathBuf], root: &Path) -> Result<Vec<Named>, String> {
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            texts.extend(listed(&mut io::stdin().lock())?);
        } else {
            texts.push(path.to_string_lossy().into_owned());
        }
    }
    if texts.len() > MAX_PATHS {
        return Err(format!("--changed got more than {MAX_PATHS} paths; pass folders instead"));
    }
    let places = Places::new(root)?;
    Ok(places.all(texts))
}

/// The paths of a list, one a line, as `git diff --name-only` prints them, or parted by zeros (`-z`).
fn listed(input: &mut dyn Read) -> Result<Vec<String>, String> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| format!("cannot read standard input: {e}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("the list on standard input is longer than 16 MiB; pass folders instead".to_owned());
    }
    let text = String::from_utf8_lossy(&bytes);
    if text.contains('\0') {
        return Ok(text.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect());
    }
    let lines = text.lines().map(|l| l.trim_end_matches('\r')).filter(|l| !l.trim().is_empty());
    Ok(lines.map(|l| unquoted(l).unwrap_or_else(|| l.to_owned())).collect())
}

/// A name as git quotes it: `"caf\303\251.js"`.
fn unquoted(line: &str) -> Option<String> {
    let inner = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'a' => 7,
            b'b' => 8,
            b'v' => 11,
            b'f' => 12,
            first @ b'0'..=b'3' => {
                let (second, third) = (rest.next()?, rest.next()?);
                let digit = |b: u8| matches!(b, b'0'..=b'7').then(|| b - b'0');
                (first - b'0') * 64 + digit(second)? * 8 + digit(third)?
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Finds paths that are relative to the current folder, to the context or to the top of the repository.
struct Places {
    /// Those three, without doubles.
    bases: Vec<PathBuf>,
    root: PathBuf,
}

impl Places {
    fn new(root: &Path) -> Result<Self, String> {
        let here = std::env::current_dir().map_err(|e| format!("cannot read the current folder: {e}"))?;
        let root = root.canonicalize().unwrap_or_else(|_| lexical(&here.join(root)));
        Ok(Self::of(here, root))
    }

    fn of(here: PathBuf, root: PathBuf) -> Self {
        let tops = [&here, &root].into_iter().filter_map(|folder| top_of(folder)).map(Path::to_path_buf);
        let mut bases = vec![here.clone()];
        for base in std::iter::once(root.clone()).chain(tops.collect::<Vec<_>>()) {
            if !bases.contains(&base) {
                bases.push(base);
            }
        }
        Self { bases, root }
    }

    /// The places of a list. Its paths are all relative to the same folder, so one that is there below several
    /// means what is below the folder that more of them are there in; if that is no help, it means all of them.
    fn all(&self, texts: Vec<String>) -> Vec<Named> {
        let depths: Vec<Vec<usize>> = texts
            .iter()
            .map(|text| self.bases.iter().map(|base| depth(base, Path::new(text))).collect())
            .collect();
        let fits = |base: usize| {
            let there =
                texts.iter().zip(&depths).filter(|(text, depths)| depths.get(base) == Some(&parts(text)));
            there.count()
        };
        let fits: Vec<usize> = (0..self.bases.len()).map(fits).collect();
        texts.into_iter().zip(depths).map(|(text, depths)| self.named(text, &depths, &fits)).collect()
    }

    fn named(&self, text: String, depths: &[usize], fits: &[usize]) -> Named {
        let deepest = depths.iter().max().copied().unwrap_or(0);
        let exists = deepest == parts(&text);
        let mut meant: Vec<usize> =
            (0..self.bases.len()).filter(|b| depths.get(*b) == Some(&deepest)).collect();
        // Of several, those that fit most of the list; for one that is nowhere, the first.
        let best = meant.iter().filter_map(|b| fits.get(*b)).max().copied();
        meant.retain(|b| fits.get(*b).copied() == best);
        if !exists {
            meant.truncate(1);
        }
        let whole = meant.iter().filter_map(|b| self.bases.get(*b)).map(|base| lexical(&base.join(&text)));
        let mut whole: Vec<PathBuf> = whole.collect();
        whole.dedup();
        let named = Named { shown: text, places: Vec::new(), whole, exists };
        Named { places: named.places_in(&self.root), ..named }
    }
}

/// What of an absolute path lies below `root`, a path without links. The last part may be a link itself.
pub(super) fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    if let Ok(inside) = path.strip_prefix(root) {
        return Some(inside.to_path_buf());
    }
    // A folder above it means all that is below, too.
    if path.canonicalize().is_ok_and(|p| root.starts_with(&p)) {
        return Some(PathBuf::new());
    }
    for known in path.ancestors().skip(1) {
        if let Ok(real) = known.canonicalize() {
            let whole = real.join(path.strip_prefix(known).ok()?);
            return whole.strip_prefix(root).ok().map(Path::to_path_buf);
        }
    }
    None
}

/// A path of a context, with `/`.
pub(in crate::cli) fn place(inside: &Path, folder: bool) -> String {
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    let mut place = parts.join("/");
    if folder && !place.is_empty() {
        place.push('/');
    }
    place
}

/// How many parts a path has.
fn parts(text: &str) -> usize {
    Path::new(text).components().count()
}

/// How many parts of `path` are there, seen from `base`.
fn depth(base: &Path, path: &Path) -> usize {
    let mut at = base.to_path_buf();
    let there = path.components().take_while(|part| {
        at.push(part);
        at.symlink_metadata().is_ok()
    });
    there.count()
}

/// A path without `.` and `..`, which stop at the root.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        listed(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn lists_are_those_of_git() {
        assert_eq!(read("a.js\r\nb c.js\n\n"), ["a.js", "b c.js"]);
        assert_eq!(read("a\0b\nc\0"), ["a", "b\nc"]);
        assert_eq!(read("\"caf\\303\\251 \\\"x\\\".js\"\n\"\n\"\\9\"\n"), ["café \"x\".js", "\"", "9"]);
        assert!(read("").is_empty());
        assert!(listed(&mut io::repeat(b'x')).is_err());
    }

    fn tree() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().canonicalize().unwrap();
        for path in ["app/src/a.js", "app/both.js", "both.js", "lib/b.js"] {
            fs::create_dir_all(here.join(path).parent().unwrap()).unwrap();
            fs::write(here.join(path), "").unwrap();
        }
        (dir, here)
    }

    fn places(places: &Places, texts: &[&str]) -> Vec<String> {
        let named = places.all(texts.iter().map(ToString::to_string).collect());
        named.iter().map(|n| n.places.join(" ")).collect()
    }

    #[test]
    fn paths_are_relative_to_here_or_to_the_context() {
        let (_dir, here) = tree();
        let from = Places::of(here.clone(), here.join("app"));
        let of = |path: &str| from.all(vec![path.to_owned()]).remove(0).places;
        assert_eq!(of("app/src/a.js"), ["src/a.js"]);
        assert_eq!(of("src/a.js"), ["src/a.js"]);
        assert_eq!(of("src/gone.js"), ["src/gone.js"]);
        assert_eq!(of("./app/src/../src/"), ["src/"]);
        assert_eq!(of("app"), [""]);
        assert_eq!(of(&here.join("app/x").display().to_string()), ["x"]);
        let above = here.parent().unwrap().display().to_string();
        assert_eq!((of(&above), of("..")), (vec![String::new()], vec![String::new()]));
        // It may mean both, and one of them is in the context.
        assert_eq!(of("both.js"), ["both.js"]);
        for outside in ["lib/b.js", "../x", "gone.js"] {
            assert!(of(outside).is_empty(), "{outside}");
        }
        let from = Places::of(here.join("app/src"), here.clone());
        assert_eq!(places(&from, &["app/src/a.js", "a.js"]), ["app/src/a.js", "app/src/a.js"]);
    }

    #[test]
    fn paths_from_the_top_of_the_repository_are_understood() {
        let (_dir, top) = tree();
        fs::create_dir(top.join(".git")).unwrap();
        // In a folder of the repository, which is the context.
        let from = Places::of(top.join("app"), top.join("app"));
        assert_eq!(places(&from, &["app/src/a.js"]), ["src/a.js"]);
        assert_eq!(
            places(&from, &["src/a.js", "app/both.js", "app/gone.js"]),
            ["src/a.js", "both.js", "gone.js"]
        );
        // What is there twice is what the rest of the list is relative to.
        assert_eq!(places(&from, &["both.js", "lib/b.js"]), ["", ""]);
        assert_eq!(places(&from, &["both.js", "src/a.js"]), ["both.js", "src/a.js"]);
        // With the repository as the context, it may be either.
        let from = Places::of(top.join("app"), top.clone());
        assert_eq!(places(&from, &["both.js"]), ["app/both.js both.js"]);
        let named = from.all(vec!["none".to_owned()]).remove(0);
        assert_eq!((named.exists, named.places), (false, vec!["app/none".to_owned()]));
    }
}
