//! What a file is, by its name and by how it begins.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::knowledge::{CODE_ENDINGS, NO_DOCKERFILE_ENDINGS};
use crate::semantic::{is_template_name, reads_like_dockerfile};
use crate::syntax::{self, File as Dockerfile};
use crate::text::Source;

/// How much of a file is read to see what it is: 16 KiB. A head of comments is hardly longer.
const HEAD_BYTES: u64 = 16 << 10;

/// Units of Quadlet beside those that build an image (`.build`).
const QUADLET_ENDINGS: &[&str] = &[".container", ".image", ".kube", ".network", ".pod", ".volume"];

/// Does a name say that a file is a Dockerfile?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// `Dockerfile`, `Containerfile`, `api.Dockerfile`.
    Surely,
    /// `Dockerfile.dev`, `Dockerfile-ci`, `build-dockerfile`: what is in it decides.
    Perhaps,
    /// Another kind of file.
    No,
}

impl Named {
    pub(super) fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ext| lower.ends_with(ext));
        let mut named = Self::No;
        for base in ["dockerfile", "containerfile"] {
            let before = lower.strip_suffix(base);
            if lower == base || before.is_some_and(|rest| rest.ends_with('.')) {
                return Self::Surely;
            }
            let behind = lower.strip_prefix(base).is_some_and(|rest| rest.starts_with(['.', '-', '_']));
            if behind || before.is_some_and(|rest| rest.ends_with(['-', '_'])) {
                named = Self::Perhaps;
            }
        }
        // What editors leave beside Dockerfiles, templates, and what describes or is built from them.
        if lower.ends_with('~') || ends(NO_DOCKERFILE_ENDINGS) || is_template_name(&lower) {
            Self::No
        } else {
            named
        }
    }
}

/// Is a file of this name a Dockerfile, or perhaps one: `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`,
/// `Containerfile` and the like, in any case?
#[must_use]
pub fn is_dockerfile_name(name: &str) -> bool {
    Named::of(name) != Named::No
}

/// Is the file at `path` a Dockerfile to a search? One whose name could mean another kind has to read like one.
pub(super) fn is_dockerfile(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    match Named::of(name) {
        Named::No => false,
        Named::Surely => true,
        // What cannot be opened is said when it is read.
        Named::Perhaps => head(path).is_none_or(|bytes| begins_like_dockerfile(name, bytes)),
    }
}

/// The beginning of a file, up to the end of a line.
pub(super) fn head(path: &Path) -> Option<Vec<u8>> {
    // A pipe would be waited for.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Do bytes read like a Dockerfile, whatever the name of their file?
pub(super) fn reads_like_one(bytes: Vec<u8>) -> bool {
    Source::from_bytes("", bytes).is_ok_and(|source| reads_like_dockerfile(&syntax::parse(source)))
}

fn begins_like_dockerfile(name: &str, bytes: Vec<u8>) -> bool {
    let is_cut = bytes.len() as u64 == HEAD_BYTES;
    // A UTF-16 byte order mark: that it is a text in the wrong encoding is worth a word.
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return true;
    }
    let Ok(source) = Source::from_bytes(name, bytes) else { return false };
    let file = syntax::parse(source);
    reads_like_dockerfile(&file) || is_cut && file.instructions.is_empty()
}

/// What a file is instead of a Dockerfile, as the end of a sentence that starts with its path. `None` for what is
/// one, and for what is meant to be one.
pub(super) fn other_kind(name: &str, file: &Dockerfile) -> Option<&'static str> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    if Named::of(&base) == Named::Surely || file.instructions.is_empty() || reads_like_dockerfile(file) {
        return None;
    }
    let text = file.text().trim_start_matches('\u{feff}');
    let key = |key: &str| text.starts_with(key) || text.contains(&format!("\n{key}"));
    let ends = |endings: &[&str]| endings.iter().any(|ext| base.ends_with(ext));
    if ends(&[".yml", ".yaml"]) {
        return Some(match () {
            () if base.contains("compose") || key("services:") => "is a Compose file, not a Dockerfile",
            () if key("jobs:") => "is a workflow, not a Dockerfile",
            () => "is a YAML file, not a Dockerfile",
        });
    }
    let has_section = text.lines().any(|line| line.starts_with('[') && line.trim_end().ends_with(']'));
    if ends(QUADLET_ENDINGS) && has_section {
        return Some("is a Quadlet unit that builds nothing, not a Dockerfile");
    }
    if ends(NO_DOCKERFILE_ENDINGS) || ends(CODE_ENDINGS) || text.starts_with("#!") || base == "makefile" {
        return Some("is not a Dockerfile");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_surely_perhaps_or_not() {
        for name in ["Dockerfile", "dockerfile", "api.Dockerfile", "Containerfile", "a.b.dockerfile"] {
            assert_eq!(Named::of(name), Named::Surely, "{name}");
        }
        for name in
            ["Dockerfile.dev", "Dockerfile-ci", "Dockerfile.java", "build_dockerfile", "dockerfile.py"]
        {
            assert_eq!(Named::of(name), Named::Perhaps, "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            "Dockerfile.md",
            "dockerfile-lint.lock.yml",
            "Dockerfile.png",
            "mydockerfile",
            "Dockerfile~",
            "Dockerfile.j2",
            "x.go",
        ] {
            assert_eq!(Named::of(name), Named::No, "{name}");
        }
    }

    #[test]
    fn what_a_file_starts_with_decides_where_its_name_does_not() {
        let taken = |name: &str, text: &str| begins_like_dockerfile(name, text.as_bytes().to_vec());
        assert!(taken("Dockerfile.java", "# Builds it\nFROM eclipse-temurin:21\n"));
        assert!(!taken("dockerfile.java", "package a;\nclass Dockerfile {}\n"));
        assert!(!taken("dockerfile-gen", "#!/bin/sh\nset -e\n"));
        assert!(!taken("dockerfile.py", "from os import path\n"));
        assert!(!taken("Dockerfile-logo", "\u{89}PNG\0\0"));
        assert!(begins_like_dockerfile("Dockerfile.dev", vec![0xFF, 0xFE, b'F', 0]));
        // A licence may be longer than what is read.
        let licence = "# word\n".repeat(3000);
        assert!(taken("Dockerfile.dev", &licence[..16 << 10]));
    }

    #[test]
    fn other_kinds_are_named() {
        let kind = |name: &str, text: &str| {
            other_kind(name, &syntax::parse(Source::from_text(name, text)))
                .map(|why| why.replace(", not a Dockerfile", ""))
        };
        for (name, text, want) in [
            ("compose.yaml", "name: x\nservices:\n  a:\n", Some("is a Compose file")),
            ("x.yml", "services:\n  a:\n", Some("is a Compose file")),
            (".github/workflows/dockerfile.yml", "on: push\njobs:\n", Some("is a workflow")),
            ("a.yaml", "a: 1\n", Some("is a YAML file")),
            (
                "app.container",
                "# Runs it\n[Container]\nImage=a.build\n",
                Some("is a Quadlet unit that builds nothing"),
            ),
            ("dev.container", "apt-get install x\n", None),
            ("build.sh", "docker build .\n", Some("is not a Dockerfile")),
            ("README.md", "Words.\n", Some("is not a Dockerfile")),
            // What is meant to be one is linted, with its faults.
            ("Dockerfile", "services:\n", None),
            ("image", "apt-get install x\n", None),
            ("notes.txt", "FROM debian:12\n", None),
            ("Dockerfile.j2", "{% if a %}\n", None),
        ] {
            assert_eq!(kind(name, text).as_deref(), want, "{name}");
        }
    }
}
