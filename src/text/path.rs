use std::path::Path;

/// A path as people write it: without a needless `./`, so that one file does not look like two; the working folder is
/// `.`.
#[must_use]
pub fn plain_path(path: &Path) -> &Path {
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_needless_beginning_goes() {
        for (path, want) in
            [("./a", "a"), ("a/./b", "a/./b"), ("", "."), (".", "."), ("./", "."), ("../a", "../a")]
        {
            assert_eq!(plain_path(Path::new(path)), Path::new(want), "{path}");
        }
    }
}
