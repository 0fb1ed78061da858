//! The jobs of GitLab CI.

use crate::yaml::Node;

use super::Jobs;
use super::changes::Changes;
use super::standing::Standing;

/// Keys of the top level that are no jobs.
const NO_JOBS: [&str; 12] = [
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "pages",
    "services",
    "spec",
    "stages",
    "variables",
    "workflow",
];

/// How deep lists of lines may be in each other.
const MAX_DEPTH: usize = 10;

/// Reads the scripts of all jobs. Each job runs in the top folder of the repository.
pub(super) fn read(jobs: &mut Jobs, document: &Node) {
    let before = document.get("before_script");
    let before = before.or_else(|| document.get("default").and_then(|default| default.get("before_script")));
    for entry in document.entries().unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        // One with a dot is a template for others.
        if name.starts_with('.') || NO_JOBS.contains(&name) && name != "pages" {
            continue;
        }
        let (Some(script), job) = (entry.value.get("script"), &entry.value) else { continue };
        let own = job.get("before_script");
        // What it takes over may change the folder first.
        if own.is_none() && (job.get("extends").is_some() || job.get("<<").is_some()) {
            continue;
        }
        let first = own.or(before);
        let mut standing = Standing::new(&jobs.folder);
        let mut lines = Vec::new();
        first.into_iter().chain([script]).all(|node| flatten(node, &mut lines, 0));
        let mut changes = Changes::default();
        // The artifacts of other jobs lie there from the beginning.
        let mut makes_files = true;
        for line in lines {
            if !jobs.script(line, name, &mut standing, (&mut changes, &mut makes_files)) {
                break;
            }
        }
    }
}

/// Adds the lines; false behind lines that stand elsewhere (`!reference`), since those may change the folder.
fn flatten<'a>(node: &'a Node, lines: &mut Vec<&'a Node>, depth: usize) -> bool {
    match node.items() {
        Some(items) if depth < MAX_DEPTH && node.tag().is_none() => {
            items.iter().all(|item| flatten(item, lines, depth + 1))
        }
        Some(_) => false,
        None => {
            lines.push(node);
            true
        }
    }
}
