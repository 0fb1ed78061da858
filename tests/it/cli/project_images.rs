//! Images that files of the project build: a Dockerfile that starts from one pulls nothing that may change.

use super::*;

/// The findings on images without a version, in a repository of these files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    for (path, text) in files {
        folder.write(path, text);
    }
    folder.run(&["--format", "short", "--select", "untagged-image,latest-tag", "."]).short()
}

const TOOLS: (&str, &str) = ("tools/Dockerfile", "FROM debian:12\nUSER 1\n");

#[test]
fn names_of_compose_files_may_hold_variables() {
    let compose =
        "services:\n  base:\n    image: ${OWNER}/${RELEASE-one}-shop-base\n    build: ./${RELEASE-one}\n";
    let web = "ARG owner=acme\nFROM ${owner}/two-shop-base\nFROM ${owner}/two-base\nUSER 1\n";
    let files = [("docker/compose.yaml", compose), ("docker/two/Dockerfile", web)];
    assert_eq!(found(&files), ["docker/two/Dockerfile:3 untagged-image"]);
}

#[test]
fn what_jobs_scripts_and_makefiles_tag_is_of_the_project() {
    let workflow = "on: push\njobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          context: ${{ inputs.dir }}\n          tags: ghcr.io/acme/by-action:latest\n";
    let makefile = "REPO ?= acme\ntools:\n\tdocker build -t $(REPO)/by-make:$(V) tools\n";
    let script = "cd tools && docker buildx build --tag \"$REGISTRY/by-script:$(date +%s)\" .\n";
    let web = "FROM ghcr.io/acme/by-action AS a\nFROM acme/by-make:latest AS b\nFROM example.org/by-script AS c\nFROM acme/by-nobody\nCOPY --from=a /a /\nCOPY --from=b /b /\nCOPY --from=c /c /\nUSER 1\n";
    let files = [
        (".github/workflows/ci.yml", workflow),
        ("Makefile", makefile),
        ("scripts/build.sh", script),
        ("web/Dockerfile", web),
        TOOLS,
    ];
    assert_eq!(found(&files), ["web/Dockerfile:4 untagged-image"]);
}

#[test]
fn a_public_image_and_the_image_of_the_build_itself_are_not() {
    let makefile = "all:\n\tdocker build -t redis cache\n\tdocker build -t acme/tools tools\n";
    let compose = "services:\n  app: {image: acme/app, build: app}\n";
    let files = [
        ("Makefile", makefile),
        ("compose.yaml", compose),
        ("cache/Dockerfile", "FROM redis\nUSER 1\n"),
        ("app/Dockerfile", "FROM acme/app\nUSER 1\n"),
        TOOLS,
    ];
    assert_eq!(found(&files), ["app/Dockerfile:1 untagged-image", "cache/Dockerfile:1 untagged-image"]);
}
