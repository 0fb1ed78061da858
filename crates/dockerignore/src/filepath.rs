//! Go's `path/filepath` for Unix: what BuildKit cleans paths and checks patterns with, and what
//! decides which files the wildcards of a COPY take.
//!
//! ```
//! use dockerignore::filepath::{clean, path_match};
//!
//! assert_eq!(clean("/app/./src/../lib/"), "/app/lib");
//! assert!(path_match(b"src/*.rs", b"src/main.rs"));
//! assert!(!path_match(b"*", b"src/main.rs"), "`*` stops at a slash, and `**` is the same");
//! ```

/// The shortest path that names the same place, by text alone, as Go's `filepath.Clean` finds it.
///
/// `a//b`, `a/./b` and `a/x/../b` are `a/b`; `..` above the root of a rooted path goes, else it stays;
/// nothing is `.`.
#[must_use]
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(&last) if last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(part),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// True if `name` matches `pattern` by the rules of Go's `filepath.Match`: `*` and `?` stop at `/`, a
/// class may hold `/`, `\` escapes, and `**` is `*`. False for a pattern that is not valid.
#[must_use]
pub fn path_match(pattern: &[u8], name: &[u8]) -> bool {
    if !is_valid_pattern(pattern) {
        return false;
    }
    let (mut pattern, mut name) = (pattern, name);
    while !pattern.is_empty() {
        let (star, chunk, rest) = scan_chunk(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return !name.contains(&b'/');
        }
        // Go takes the first place where a chunk fits and never comes back: so it is linear in both.
        let last = pattern.is_empty();
        let fits = |at: &'_ [u8]| match_chunk(chunk, at).filter(|used| !last || *used == at.len());
        let mut found = fits(name).map(|used| (0, used));
        let mut skip = 0;
        while found.is_none() && star && name.get(skip).is_some_and(|b| *b != b'/') {
            skip += 1;
            found = name.get(skip..).and_then(fits).map(|used| (skip, used));
        }
        match found {
            Some((skip, used)) => name = name.get(skip + used..).unwrap_or_default(),
            None => return false,
        }
    }
    name.is_empty()
}

/// True if Go's `filepath.Match` takes `pattern` for well-formed.
#[must_use]
pub fn is_valid_pattern(pattern: &[u8]) -> bool {
    let mut rest = pattern;
    while !rest.is_empty() {
        let (_, mut chunk, after) = scan_chunk(rest);
        rest = after;
        while let Some(&first) = chunk.first() {
            chunk = match first {
                b'[' => match class(chunk, None) {
                    Some((_, after)) => after,
                    None => return false,
                },
                b'\\' if chunk.len() == 1 => return false,
                b'\\' => chunk.get(2..).unwrap_or_default(),
                _ => chunk.get(1..).unwrap_or_default(),
            };
        }
    }
    true
}

/// True if Go would look for more than the path itself: an unescaped `*`, `?` or `[`.
#[must_use]
pub fn has_wildcard(path: &str) -> bool {
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'*' | b'?' | b'[' => return true,
            _ => {}
        }
    }
    false
}

/// The stars in front, the piece up to the next star, and the rest.
fn scan_chunk(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|b| **b == b'*').count();
    let body = pattern.get(stars..).unwrap_or_default();
    let mut in_class = false;
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match byte {
            b'\\' => at += usize::from(at + 1 < body.len()),
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => break,
            _ => {}
        }
        at += 1;
    }
    let (chunk, rest) = body.split_at(at.min(body.len()));
    (stars > 0, chunk, rest)
}

/// How many bytes of `name` the valid, starless `chunk` takes from its start.
fn match_chunk(mut chunk: &[u8], name: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(&first) = chunk.first() {
        let rest = name.get(at..).unwrap_or_default();
        let next = *rest.first()?;
        match first {
            b'[' => {
                let (c, width) = decode(rest);
                let (hit, after) = class(chunk, Some(c))?;
                if !hit {
                    return None;
                }
                at += width;
                chunk = after;
            }
            b'?' => {
                if next == b'/' {
                    return None;
                }
                at += decode(rest).1;
                chunk = chunk.get(1..)?;
            }
            _ => {
                if first == b'\\' {
                    chunk = chunk.get(1..)?;
                }
                if chunk.first() != Some(&next) {
                    return None;
                }
                at += 1;
                chunk = chunk.get(1..)?;
            }
        }
    }
    Some(at)
}

/// Reads the class at the start of `chunk`: whether it holds `c`, and what follows. None if malformed.
fn class(chunk: &[u8], c: Option<u32>) -> Option<(bool, &[u8])> {
    let mut rest = chunk.get(1..)?;
    let negated = rest.first() == Some(&b'^');
    if negated {
        rest = rest.get(1..)?;
    }
    let mut hit = false;
    let mut ranges = 0usize;
    loop {
        if ranges > 0 && rest.first() == Some(&b']') {
            return Some((hit != negated, rest.get(1..)?));
        }
        let (low, after) = class_char(rest)?;
        rest = after;
        let mut high = low;
        if rest.first() == Some(&b'-') {
            (high, rest) = class_char(rest.get(1..)?)?;
        }
        hit |= c.is_some_and(|c| low <= c && c <= high);
        ranges += 1;
    }
}

/// One, perhaps escaped, character of a class; something must follow it.
fn class_char(chunk: &[u8]) -> Option<(u32, &[u8])> {
    let chunk = match chunk.first()? {
        b'-' | b']' => return None,
        b'\\' => chunk.get(1..)?,
        _ => chunk,
    };
    let (c, width) = decode(chunk);
    let rest = chunk.get(width..)?;
    if width == 0 || (c == 0xFFFD && width == 1) || rest.is_empty() { None } else { Some((c, rest)) }
}

/// The first character and its width, as Go decodes: a byte that is not UTF-8 is U+FFFD, one wide.
pub(crate) fn decode(bytes: &[u8]) -> (u32, usize) {
    let Some(&first) = bytes.first() else { return (0xFFFD, 0) };
    let width = match first {
        0..=0x7F => return (u32::from(first), 1),
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return (0xFFFD, 1),
    };
    let text = bytes.get(..width).and_then(|b| std::str::from_utf8(b).ok());
    text.and_then(|t| t.chars().next()).map_or((0xFFFD, 1), |c| (u32::from(c), width))
}
