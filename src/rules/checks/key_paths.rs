//! Paths of keys, which are no secrets themselves.

use crate::knowledge::WRITTEN_ENDINGS;

/// Files that hold keys and logins, by their names without a folder.
const KEY_FILES: [&str; 12] = [
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    "authorized_keys",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
    "known_hosts",
];

/// Folders of such files.
const KEY_FOLDERS: [&str; 12] = [
    ".ssh",
    "cert",
    "certs",
    "conf",
    "config",
    "credentials",
    "keys",
    "secret",
    "secrets",
    "ssl",
    "tls",
    "private",
];

/// True for a path of a key: `id_rsa`, `~/.ssh/deploy`, `secrets/token`, `./server`.
pub(super) fn is_key_path(text: &str) -> bool {
    let is_path = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
    };
    let below = ["~/", "./", "../"].iter().find_map(|start| text.strip_prefix(start));
    let (folders, file) = text.rsplit_once('/').unwrap_or(("", text));
    is_path(text.trim_start_matches('~'))
        && (below.is_some_and(is_path)
            || KEY_FILES.contains(&file)
            || folders.split('/').next().is_some_and(|first| KEY_FOLDERS.contains(&first))
                && !file.is_empty())
}

/// True for a path below a folder that a variable names: `$HOME/.ssh/deploy`, `${APP_DIR}/key`.
pub(super) fn is_below_folder(text: &str) -> bool {
    let Some(inner) = text.trim_matches('"').strip_prefix('$') else { return false };
    let Some((name, path)) = inner.split_once('/') else { return false };
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let is_folder = ["HOME", "DIR", "ROOT", "PATH", "PWD"].contains(&name.rsplit('_').next().unwrap_or(name));
    is_folder && !path.is_empty() && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
}

/// True for the path of a file below the current folder, and for the name of a file: `tls/server.key`, `reset.sh`.
pub(super) fn is_file(text: &str) -> bool {
    let (folders, file) = text.rsplit_once('/').unwrap_or(("", text));
    let Some((stem, ending)) = file.rsplit_once('.') else { return false };
    let is_path = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"./_-".contains(&b));
    let is_ending = (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphabetic());
    // A token may hold a dot: without a folder, the ending has to be that of a file.
    let known = || {
        let ending = ending.to_ascii_lowercase();
        WRITTEN_ENDINGS.contains(&&*ending) || KEY_ENDINGS.contains(&&*ending)
    };
    !stem.is_empty() && is_path(text) && is_ending && (!folders.is_empty() || known())
}

/// Endings of files that hold keys and certificates.
const KEY_ENDINGS: [&str; 11] =
    ["key", "pem", "crt", "cer", "cert", "p12", "pfx", "jks", "pub", "asc", "gpg"];
