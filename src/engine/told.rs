//! What the documents and scripts of a folder say of how containers are run.

use std::path::Path;

use crate::knowledge::TASK_FILES;
use crate::semantic::Told;
use crate::tree::{Entry, Kind, Tree};

use super::texts::start;

/// How many entries of a folder are looked at, how many files are read, and how many bytes of each.
const MAX_ENTRIES: usize = 2_000;
const MAX_FILES: usize = 24;
const MAX_BYTES: usize = 256 << 10;

/// What they say.
pub(super) fn in_folder(tree: &Tree, folder: &Path) -> Told {
    let entries = tree.entries(folder).unwrap_or_default();
    let (files, folders): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().take(MAX_ENTRIES).partition(|entry| entry.kind == Kind::File);
    let kubernetes =
        folders.iter().filter_map(|entry| entry.name.to_str()).any(|name| OF_KUBERNETES.contains(&name));
    let mut names: Vec<String> =
        files.into_iter().filter_map(|entry| entry.name.into_string().ok()).collect();
    names.retain(|name| tells(&name.to_ascii_lowercase()));
    names.sort_unstable();
    let texts = names.iter().take(MAX_FILES).filter_map(|name| start(tree, &folder.join(name), MAX_BYTES));
    let told = Told { kubernetes, ..Told::default() };
    texts.fold(told, |told, text| told.and(Told::read(&String::from_utf8_lossy(&text))))
}

/// Folders of what Kubernetes and its tools read.
const OF_KUBERNETES: [&str; 8] =
    ["chart", "charts", "helm", "k8s", "kubernetes", "kustomize", "manifests", "openshift"];

/// True for the name of a file that may say so, in lower case.
fn tells(name: &str) -> bool {
    name.starts_with("readme")
        || name.ends_with(".sh")
        || name.ends_with(".bash")
        || TASK_FILES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::DISK;

    #[test]
    fn documents_and_scripts_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("notes.txt", "docker run -v a:/root/a größe\n");
        assert_eq!(in_folder(&DISK, folder.path()), Told::default());
        write("README.md", "    docker run -u $(id -u) größe\n");
        write("start.sh", "docker run \\\n  -v a:/root/a größe\n");
        let told = in_folder(&DISK, folder.path());
        assert!(told.any_user && told.mounts_for_root && !told.kubernetes);
        std::fs::create_dir(folder.path().join("helm")).unwrap();
        assert!(in_folder(&DISK, folder.path()).kubernetes);
    }
}
