//! What helps tell to write: taken literally, it works.

use super::Folder;

/// The helps of a rule in a Dockerfile beside the files of a project.
fn helps(rule: &str, files: &[(&str, &str)], dockerfile: &str) -> Vec<String> {
    let folder = Folder::new();
    for (path, text) in files {
        folder.write(path, text);
    }
    folder.write("Dockerfile", dockerfile);
    let run = folder.run(&["--format", "json", "--select", rule, "Dockerfile"]);
    let findings = run.json()["files"][0]["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().map(|finding| finding["help"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_file_that_a_later_line_names_is_not_moved_by_a_workdir() {
    let text = |entry: &str| format!("FROM node:22\nCOPY app.js .\nENTRYPOINT [\"node\", \"{entry}\"]\n");
    let help = |entry: &str| helps("copy-relative-destination", &[("app.js", "")], &text(entry));
    assert_eq!(help("/app.js"), ["write the full path, since a later line reads `/app.js`"]);
    assert_eq!(help("app.js"), ["set a WORKDIR above it, such as `WORKDIR /app`, or write the full path"]);
}

#[test]
fn the_cache_of_composer_is_below_its_home() {
    let text =
        "FROM php:8.4-cli\nENV COMPOSER_HOME=/composer\nRUN composer global require laravel/installer\n";
    let help = helps("cache-left-in-layer", &[], text);
    let mount = "or mount a cache: `RUN --mount=type=cache,target=/composer/cache`";
    assert_eq!(help, [format!("add `--no-cache`, {mount}")]);
}

#[test]
fn a_new_user_has_a_home_and_one_that_owns_files_is_taken() {
    let help = |lines: &str| helps("no-user", &[("a", "")], &format!("FROM {lines}CMD [\"app\"]\n")).join("");
    assert!(
        help("debian:12\n").starts_with("add `RUN useradd --system --create-home app` and `USER app` above")
    );
    assert!(help("alpine:3.22\n").starts_with("add `RUN adduser -S -D app` and `USER app` above"));
    let owned = "add `USER nobody` (it owns files of the image already)";
    assert!(help("debian:12\nCOPY --chown=nobody:root a /a\n").starts_with(owned));
    assert!(help("debian:12\nRUN chown -R nobody /srv\n").starts_with(owned));
    for other in ["COPY --chown=0:0 a /a", "COPY --chown=1000 a /a", "ARG WHO\nRUN chown $WHO /srv"] {
        assert!(!help(&format!("debian:12\n{other}\n")).contains("already"), "{other}");
    }
    assert!(help("debian:12\nVOLUME /srv/data\n").contains("such as the VOLUME `/srv/data`"));
    assert!(!help("debian:12\nVOLUME /tmp\n").contains("VOLUME"));
}

#[test]
fn libraries_stay_where_the_packages_of_a_build_go() {
    let text = "FROM alpine:3.22\nRUN apk add --no-cache build-base postgresql-dev vips-dev ruby ruby-dev\n\
        RUN gem install pg\nUSER 1000\nCMD [\"ruby\", \"a.rb\"]\n";
    let help = helps("missing-multi-stage", &[], text).join("");
    assert!(help.ends_with("the final image still needs `libstdc++`, `libpq` and `vips`"), "{help}");
}

#[test]
fn a_workspace_of_pnpm_is_deployed_and_not_pruned() {
    let manifest = "{\"dependencies\": {\"a\": \"1\"}, \"devDependencies\": {\"b\": \"1\"}}";
    let install = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN pnpm install --frozen-lockfile\n";
    let with = |last: &str, workspace: bool| {
        let mut files = vec![("package.json", manifest), ("pnpm-lock.yaml", "")];
        if workspace {
            files.push(("pnpm-workspace.yaml", "packages:\n  - apps/*\n"));
        }
        let copy = "COPY --from=build /app/node_modules /app/node_modules";
        let text = format!("{install}{last}\nWORKDIR /app\n{copy}\nRUN true\nCMD [\"node\", \"a.js\"]\n");
        helps("dev-dependencies-copied", &files, &text).join("")
    };
    assert!(with("FROM node:22-slim", false).contains("pnpm prune --prod"));
    let workspace = with("FROM node:22-slim", true);
    assert!(workspace.starts_with("run `pnpm --filter PACKAGE deploy --prod /out`"), "{workspace}");
    // What is for work at a desk needs them.
    assert_eq!(with("FROM node:22-slim AS development", false), "");
}

#[test]
fn what_is_mounted_is_not_removed() {
    let text =
        "FROM debian:12\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb && rm -f /tmp/tool.deb\nUSER 1\n";
    let help = helps("cleanup-in-later-layer", &[("tool.deb", &"x".repeat(2_000_000))], text).join("");
    assert!(
        help.starts_with("instead of copying it, mount it in each RUN that needs it, and drop this `rm`"),
        "{help}"
    );
}
