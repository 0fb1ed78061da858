//! The hooks for pre-commit: on which files they run.

use std::fs;
use std::path::Path;

use regex_lite::Regex;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The values of a key in a text of YAML, as they are written.
fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    text.lines().filter_map(|line| line.trim().strip_prefix(key)).map(str::trim).collect()
}

#[test]
fn all_hooks_run_on_the_same_files() {
    let hooks = read(".pre-commit-hooks.yaml");
    let (files, types) = (values(&hooks, "files:"), values(&hooks, "types:"));
    let without = values(&hooks, "exclude:");
    assert_eq!((files.len(), types.len(), without.len()), (2, 2, 2));
    let others_without = ["packaging/pre-commit-mirror/.pre-commit-hooks.yaml", "docs/ci.md"].map(read);
    assert!(
        others_without.iter().all(|text| values(text, "exclude:") == [without[0]])
            && without[0] == without[1]
    );
    let others = ["packaging/pre-commit-mirror/.pre-commit-hooks.yaml", "docs/ci.md"].map(read);
    for (files_of, types_of) in others.iter().map(|text| (values(text, "files:"), values(text, "types:"))) {
        assert_eq!((files_of, types_of), (vec![files[0]], vec![types[0]]));
    }
    assert_eq!((files[1], types[1]), (files[0], types[0]));
    let made = read("src/cli/init/files.rs");
    for pattern in [files[0], without[0]] {
        assert!(made.contains(&format!("r\"{}\"", pattern.trim_matches('\''))), "{pattern}");
    }
    assert!(values(&made, "types:").iter().all(|types_of| *types_of == types[0]));
}

#[test]
fn hooks_run_on_dockerfiles_and_on_what_builds_them() {
    let hooks = read(".pre-commit-hooks.yaml");
    let pattern = Regex::new(values(&hooks, "files:")[0].trim_matches('\'')).unwrap();
    let without = Regex::new(values(&hooks, "exclude:")[0].trim_matches('\'')).unwrap();
    for path in [
        "Dockerfile",
        "api/Dockerfile.prod",
        "api.dockerfile",
        "a/-b/.dockerfile",
        "a.b.Dockerfile",
        "Containerfile",
        "Dockerfile-dev",
        "Dockerfile_dev",
        "web-Dockerfile",
        "a/b_dockerfile",
        "x.containerfile",
        "dockerfile",
        "DOCKERFILE",
        "Dockerfile.py",
        ".containerignore",
        ".dockerignore",
        "api/Dockerfile.dockerignore",
        "compose.yaml",
        "deploy/docker-compose.yml",
        "docker-compose.override.yml",
        "docker-bake.hcl",
        "docker-bake.override.json",
        ".devcontainer.json",
        ".devcontainer/devcontainer.json",
        ".devcontainer/python/devcontainer.json",
    ] {
        assert!(pattern.is_match(path) && !without.is_match(path), "{path}");
    }
    // By itself such a file need not be whole.
    for path in [
        "compose.prod.yaml",
        "values.yaml",
        "package.json",
        "dockerfile.json",
        "a/Dockerfile.prod.yaml",
        "main.hcl",
        "templates/devcontainer.json",
        "docs/docker.md",
        "Dockerfile.md",
        "Dockerfile.dev.txt",
        "Dockerfile~",
        "Dockerfile.j2",
        "mydockerfile",
        "dockerfiles",
        "dockerfile.py",
        // These would be options.
        "--exclude=**.Dockerfile",
        "--output=README.Dockerfile",
        "-o.dockerignore",
        "--shellcheck=./x/Dockerfile",
    ] {
        assert!(!pattern.is_match(path) || without.is_match(path), "{path}");
    }
}

#[test]
fn hooks_pass_over_the_endings_that_a_search_passes_over() {
    let without = read(".pre-commit-hooks.yaml");
    let without = Regex::new(values(&without, "exclude:")[0].trim_matches('\'')).unwrap();
    let words = read("rules/data/words.toml");
    for (list, name) in [
        ("no_dockerfile_endings", "Dockerfile"),
        ("template_endings", "Dockerfile"),
        ("code_endings", "dockerfile"),
    ] {
        let (_, rest) = words.split_once(&format!("\n{list} = [")).unwrap();
        let endings = rest.split_once(']').unwrap().0.split('"').filter(|word| word.starts_with('.'));
        for ending in endings.filter(|ending| *ending != ".dockerignore") {
            assert!(without.is_match(&format!("a/{name}{ending}")), "{ending}");
        }
    }
}
