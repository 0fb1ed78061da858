//! Addresses that stand where a path could.

/// Whether this is an address of a repository or an archive, not a path.
pub(crate) fn is_remote(path: &str) -> bool {
    let scheme = path.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    });
    scheme || path.starts_with("git@") || path.starts_with("github.com/")
}
