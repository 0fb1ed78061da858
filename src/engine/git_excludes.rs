//! The file of patterns that Git ignores in all of somebody's repositories: `core.excludesFile`.
//!
//! The crate `ignore` finds it too, but compiles a regular expression for it, which takes as long as all else that a
//! short run does.

use std::fs;
use std::path::{Path, PathBuf};

/// The file, if it is there and has no more than `most` bytes; nor is a configuration read that has more.
pub(super) fn git_excludes(most: u64) -> Option<PathBuf> {
    let is_readable = |path: &Path| fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= most);
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = std::env::home_dir();
    let settings = variable("XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let system = variable("GIT_CONFIG_SYSTEM").unwrap_or_else(|| PathBuf::from("/etc/gitconfig"));
    // In the order of `ignore`: the first that names a file counts.
    let configurations = [
        variable("GIT_CONFIG_GLOBAL"),
        home.as_ref().map(|home| home.join(".gitconfig")),
        settings.as_ref().map(|settings| settings.join("git/config")),
        Some(system),
    ];
    let named = configurations.into_iter().flatten().find_map(|path| {
        let text = is_readable(&path).then(|| fs::read(&path).ok()).flatten()?;
        excludes_file(&String::from_utf8_lossy(&text), home.as_deref())
    });
    named.or_else(|| Some(settings?.join("git/ignore"))).filter(|path| is_readable(path))
}

/// The file that a configuration of Git names, whatever the section is that the line stands in.
fn excludes_file(text: &str, home: Option<&Path>) -> Option<PathBuf> {
    const KEY: &str = "excludesfile";
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim().eq_ignore_ascii_case(KEY).then(|| value.trim())
    })?;
    let value = value.strip_prefix('"').unwrap_or(value).trim_start();
    let value = value.strip_suffix('"').unwrap_or(value).trim_end();
    if value.is_empty() || value.contains(char::is_whitespace) {
        return None;
    }
    match (value.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => Some(home.join(below)),
        _ => Some(PathBuf::from(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_name_the_file() {
        let home = Path::new("/home/a");
        for (text, want) in [
            ("[core]\n\texcludesFile = ~/.gitignore_all\n", Some("/home/a/.gitignore_all")),
            ("[user]\nname = a\n[core]\n  excludesfile=\"/etc/b\"\r\n", Some("/etc/b")),
            ("[core]\nexcludesfile =\n", None),
            ("[core]\nexcludesfile = a b\n", None),
            ("[core]\nexcludesfilex = a\n# excludesfile = a\n", None),
            ("", None),
        ] {
            assert_eq!(excludes_file(text, Some(home)), want.map(PathBuf::from), "{text}");
        }
        assert_eq!(excludes_file("excludesfile = ~/b", None), Some(PathBuf::from("~/b")));
    }
}
