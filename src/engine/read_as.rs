//! What dlint reads, so that no report takes its place.

use std::ffi::OsStr;
use std::path::Path;

use crate::baseline::Baseline;
use crate::config::is_settings_name;
use crate::lock;

use super::discover::{is_ignorefile_name, named_entry};
use super::names::{head, is_dockerfile_name, reads_like_one};

/// What the file at `path` is to dlint, if it is there and dlint reads it; links are followed.
#[must_use]
pub fn read_as(path: &Path) -> Option<&'static str> {
    let real = path.canonicalize().ok().filter(|real| real.is_file())?;
    let by_name = |path: &Path| {
        let name = path.file_name()?.to_string_lossy();
        match () {
            () if is_ignorefile_name(&name) => Some("ignore file"),
            () if is_settings_name(OsStr::new(&*name)) => Some("file of settings"),
            () if name == lock::NAME => Some("lock file"),
            () if is_dockerfile_name(&name) => Some("Dockerfile"),
            () => named_entry(path).map(|_| "file that starts builds"),
        }
    };
    by_name(path).or_else(|| by_name(&real)).or_else(|| {
        let bytes = head(&real)?;
        let is_baseline = !bytes.is_empty() && Baseline::is_meant(&String::from_utf8_lossy(&bytes));
        match is_baseline {
            true => Some("baseline"),
            false => reads_like_one(bytes).then_some("Dockerfile"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_known_by_name_and_by_text() {
        let folder = tempfile::tempdir().unwrap();
        let baseline = Baseline::default().text();
        for (name, text, want) in [
            ("Dockerfile", "", Some("Dockerfile")),
            ("größe", "# 이름\nFROM debian:12\nRUN true\n", Some("Dockerfile")),
            ("known.toml", &baseline, Some("baseline")),
            ("dlint.toml", "", Some("file of settings")),
            (".hadolint.yaml", "", Some("file of settings")),
            (".dockerignore", "", Some("ignore file")),
            ("dlint.lock", "", Some("lock file")),
            ("compose.yaml", "services: {}\n", Some("file that starts builds")),
            ("report.json", "{\"version\": 1}\n", None),
            ("report.txt", "warning[latest-tag] Dockerfile:1:13: a tag\n 1 | FROM debian:latest\n", None),
            ("short.txt", "Dockerfile:1:13: warning[latest-tag] a tag\n", None),
            ("a.patch", "--- Dockerfile\n+++ Dockerfile\n@@ -1 +1 @@\n-FROM a\n+FROM b\n", None),
            ("empty", "", None),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(read_as(&path), want, "{name}");
        }
        assert_eq!(read_as(&folder.path().join("none")), None);
        assert_eq!(read_as(folder.path()), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_what_they_lead_to() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Dockerfile"), "").unwrap();
        let link = folder.path().join("링크");
        std::os::unix::fs::symlink("Dockerfile", &link).unwrap();
        assert_eq!(read_as(&link), Some("Dockerfile"));
    }
}
