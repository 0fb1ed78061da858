//! Addresses of documents, as paths.

use std::path::{Path, PathBuf};

use super::protocol::Uri;

/// The path of a document; for one that is in no file, a path that no file has.
pub(super) fn path(uri: &Uri) -> PathBuf {
    file(uri).unwrap_or_else(|| PathBuf::from(&uri.0))
}

/// The path of a file; `None` for an address of another kind.
pub(super) fn file(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let path = decoded(path)?;
    let bytes = path.as_bytes();
    let has_drive = bytes.get(1).is_some_and(u8::is_ascii_alphabetic) && bytes.get(2) == Some(&b':');
    Some(match host {
        "" | "localhost" if cfg!(windows) && has_drive => PathBuf::from(&path[1..]),
        "" | "localhost" => PathBuf::from(path),
        // A share, such as `\\wsl$\Debian\home`.
        host => PathBuf::from(format!("//{}{path}", decoded(host)?)),
    })
}

/// The address of a file.
pub(super) fn of(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let root = if text.starts_with('/') { "file://" } else { "file:///" };
    let mut uri = root.to_owned();
    for byte in text.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    Uri(uri)
}

/// A text without its percent signs.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        let code = behind.get(..2).filter(|_| *byte == b'%');
        let code = code.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        if code.is_some() {
            rest = &behind[2..];
        }
        bytes.push(code.unwrap_or(*byte));
    }
    String::from_utf8(bytes).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_paths() {
        for (uri, path) in [
            ("file:///srv/app/Dockerfile", "/srv/app/Dockerfile"),
            ("file:///srv/a%20b/%EC%86%8C/Dockerfile", "/srv/a b/소/Dockerfile"),
            ("file:///srv/100%25/x", "/srv/100%/x"),
        ] {
            assert_eq!(file(&Uri(uri.to_owned())), Some(PathBuf::from(path)));
            assert_eq!(of(Path::new(path)).0, uri);
        }
        let path = |uri: &str| file(&Uri(uri.to_owned()));
        assert_eq!(path("file://localhost/a"), Some("/a".into()));
        assert_eq!(path("file://wsl%24/Debian/a"), Some("//wsl$/Debian/a".into()));
        assert_eq!(path("file:///a%2"), Some("/a%2".into()));
        for other in ["untitled:Untitled-1", "https://example.com/a", "file:", "file://", "file:///%FF"] {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
