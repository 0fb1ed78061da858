//! Paths inside the image.

/// The longest path that is followed, in bytes (`PATH_MAX` of Linux).
const MAX_PATH_BYTES: usize = 4096;

/// The last part of a path: `b` of `/a/b`.
#[must_use]
pub fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// True for an absolute path: `/x`, or `C:\x` and `\x` as Windows has them.
pub(super) fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    matches!(bytes, [b'/' | b'\\', ..] | [_, b':', ..])
}

/// `path` seen from `base`, without `.` and `..`. `None` if it gets too long. A final `/` stays.
pub(super) fn join(base: &str, path: &str) -> Option<String> {
    if path.len() + base.len() > MAX_PATH_BYTES {
        return None;
    }
    if path.as_bytes().get(1) == Some(&b':') || path.contains('\\') {
        return Some(path.to_owned());
    }
    if path.starts_with('/') && is_clean(path) {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&str> = Vec::with_capacity(8);
    let whole = if path.starts_with('/') { [path, ""] } else { [base, path] };
    for part in whole.iter().flat_map(|p| p.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = String::with_capacity(2 + parts.iter().map(|part| part.len() + 1).sum::<usize>());
    for part in &parts {
        out.push('/');
        out.push_str(part);
    }
    if out.is_empty() {
        out.push('/');
    }
    if out.len() > 1 && (path.ends_with('/') || path.ends_with("/.") || path == ".") {
        out.push('/');
    }
    Some(out)
}

/// True if no part of a path is empty or starts with a dot, so that it is what [`join`] makes of it.
fn is_clean(path: &str) -> bool {
    let mut before = 0;
    path.bytes().all(|byte| std::mem::replace(&mut before, byte) != b'/' || !matches!(byte, b'/' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_cleaned() {
        assert_eq!(join("/app", "src").as_deref(), Some("/app/src"));
        assert_eq!(join("/app", "./").as_deref(), Some("/app/"));
        assert_eq!(join("/app", ".").as_deref(), Some("/app/"));
        assert_eq!(join("/app", "/srv/../x").as_deref(), Some("/x"));
        assert_eq!(join("/", "../..").as_deref(), Some("/"));
        assert_eq!(join("/a", &"x".repeat(5000)), None);
        assert!(is_absolute("C:\\app") && is_absolute("/a") && !is_absolute("a/b"));
    }
}
