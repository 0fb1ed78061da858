//! The paths of `--changed`: where they are in the build context.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The most paths, and bytes of a list of them; who has more names folders.
const MAX_PATHS: usize = 100_000;
const MAX_BYTES: u64 = 16 << 20;

/// A path that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As it was written.
    pub(super) shown: String,
    /// As a path of the context with `/`, empty for its root; `None` if it is outside of it.
    pub(super) place: Option<String>,
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
        return Err(format!("--changed names more than {MAX_PATHS} paths: name the folders instead"));
    }
    let places = Places::new(root)?;
    Ok(texts.into_iter().map(|shown| Named { place: places.of(&shown), shown }).collect())
}

/// The paths of a list, one a line, as `git diff --name-only` prints them, or parted by zeros (`-z`).
fn listed(input: &mut dyn Read) -> Result<Vec<String>, String> {
    let mut bytes = Vec::new();
    let read = input.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| format!("standard input cannot be read: {e}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("the list on standard input has more than 16 MiB: name the folders instead".to_owned());
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

/// Finds paths that are relative to the current folder or to the context.
struct Places {
    here: PathBuf,
    root: PathBuf,
}

impl Places {
    fn new(root: &Path) -> Result<Self, String> {
        let here = std::env::current_dir().map_err(|e| format!("the current folder is not known: {e}"))?;
        let root = root.canonicalize().unwrap_or_else(|_| lexical(&here.join(root)));
        Ok(Self { here, root })
    }

    /// The path of the context. What is meant is where more of the path is there; if that is the same, the
    /// current folder counts.
    fn of(&self, text: &str) -> Option<String> {
        let named = Path::new(text);
        let base = if depth(&self.root, named) > depth(&self.here, named) { &self.root } else { &self.here };
        let path = lexical(&base.join(named));
        let inside = self.inside(&path)?;
        let mut place = String::new();
        for part in inside.components() {
            if !place.is_empty() {
                place.push('/');
            }
            place.push_str(&part.as_os_str().to_string_lossy());
        }
        if text.ends_with('/') && !place.is_empty() {
            place.push('/');
        }
        Some(place)
    }

    /// What of an absolute path lies below the root, if it does. The last part may be a link itself.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        if let Ok(inside) = path.strip_prefix(&self.root) {
            return Some(inside.to_path_buf());
        }
        if path.canonicalize().is_ok_and(|p| p == self.root) {
            return Some(PathBuf::new());
        }
        for known in path.ancestors().skip(1) {
            if let Ok(real) = known.canonicalize() {
                let whole = real.join(path.strip_prefix(known).ok()?);
                return whole.strip_prefix(&self.root).ok().map(Path::to_path_buf);
            }
        }
        None
    }
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

    #[test]
    fn paths_are_relative_to_here_or_to_the_context() {
        let dir = tempfile::tempdir().unwrap();
        let here = dir.path().canonicalize().unwrap();
        for path in ["app/src/a.js", "app/both.js", "both.js", "lib/b.js"] {
            fs::create_dir_all(here.join(path).parent().unwrap()).unwrap();
            fs::write(here.join(path), "").unwrap();
        }
        let places = Places { here: here.clone(), root: here.join("app") };
        let of = |path: &str| places.of(path);
        let inside = |path: &str| Some(path.to_owned());
        assert_eq!(of("app/src/a.js"), inside("src/a.js"));
        assert_eq!(of("src/a.js"), inside("src/a.js"));
        assert_eq!(of("src/gone.js"), inside("src/gone.js"));
        assert_eq!(of("./app/src/../src/"), inside("src/"));
        assert_eq!(of("app"), inside(""));
        assert_eq!(of(&here.join("app/x").display().to_string()), inside("x"));
        // Where both are there, the current folder counts, as for any command.
        assert_eq!(of("both.js"), None);
        assert_eq!(of("lib/b.js"), None);
        assert_eq!(of("../x"), None);
        assert_eq!(of("gone.js"), None);
        let places = Places { here: here.join("app/src"), root: here.clone() };
        assert_eq!(places.of("app/src/a.js"), inside("app/src/a.js"));
        assert_eq!(places.of("a.js"), inside("app/src/a.js"));
    }
}
