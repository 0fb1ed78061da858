//! Files that say which dependencies to install: what a change of a project's sources does not touch.

use std::sync::LazyLock;

use dockerignore::filepath::path_match;

use crate::knowledge::managers;

/// The names, each once; some are the last parts of a path, some have wildcards.
static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let of = managers().iter().filter(|m| !m.system);
    let names = of.flat_map(|m| m.manifests.iter().chain(m.locks).chain(m.beside));
    let mut names: Vec<&str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    names
});

/// Patterns, as those of `--exclude`, that hit what a package manager reads at any depth: manifests, lock
/// files, and what stands beside them.
#[must_use]
pub fn manifest_patterns() -> Vec<String> {
    NAMES.iter().map(|name| format!("**/{name}")).collect()
}

/// True if the last part of a source names nothing but such files.
#[must_use]
pub fn is_manifest(source: &str) -> bool {
    let source = source.trim_end_matches('/');
    NAMES.iter().any(|name| {
        let parts = name.split('/').count();
        let start = source.rmatch_indices('/').nth(parts - 1).map_or(0, |(at, _)| at + 1);
        let last = source.get(start..).unwrap_or(source);
        let literal = !matches!(last, "*" | "**" | "." | "");
        literal
            && (path_match(name.as_bytes(), last.as_bytes()) || path_match(last.as_bytes(), name.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_go_by_their_names() {
        for source in [
            "package.json",
            "web/package*.json",
            "./go.mod",
            "api/api.csproj",
            "requirements/prod.txt",
            "requirements-dev.txt",
            "gradle/wrapper/",
            "mvnw",
            "app/.mvn",
        ] {
            assert!(is_manifest(source), "{source}");
        }
        for source in [".", "*", "src", "src/*", "wrapper", "main.go", "prod.txt", "app/"] {
            assert!(!is_manifest(source), "{source}");
        }
        assert!(manifest_patterns().contains(&"**/Cargo.lock".to_owned()));
        assert!(manifest_patterns().is_sorted());
    }
}
