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
    let owned = "add `USER nobody` (it already owns files in the image)";
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

#[test]
fn nothing_stays_in_dev_null() {
    let text =
        "FROM php:8.4-cli\nENV COMPOSER_CACHE_DIR=/dev/null\nRUN composer global require laravel/installer\n";
    assert_eq!(helps("cache-left-in-layer", &[], text), [""; 0]);
}

#[test]
fn a_version_is_proposed_of_the_same_variant() {
    let help = |image: &str, rule: &str| helps(rule, &[], &format!("FROM {image}\nUSER 1\n")).join("");
    for (image, rule) in [("rust:latest", "latest-tag"), ("rust", "untagged-image")] {
        assert!(help(image, rule).ends_with("for example `rust:1.91`"), "{}", help(image, rule));
    }
}

#[test]
fn a_folder_keeps_the_owner_that_no_copy_gives_it() {
    let big = "x".repeat(2_000_000);
    let help = |chown: &str, image: &str| {
        let text = format!("FROM {image}\nCOPY a /srv/a\nCOPY b /srv/b\nRUN {chown}\nUSER 1\n");
        helps("run-wastes-layer", &[("a", &big), ("b", &big)], &text).join("")
    };
    let all = help("chown -R nobody /srv", "debian:12");
    assert!(all.starts_with("write `COPY --chown=nobody`, and leave out `-R` here"), "{all}");
    let one = help("chown nobody /srv/a", "debian:12");
    assert!(one.ends_with("and remove the copied paths from this command"), "{one}");
    let own = help("adduser -D nginx; chown -R nginx /srv", "nginx:1.29-alpine");
    assert!(!own.contains("create the user"), "{own}");
}

#[test]
fn images_without_useradd_get_a_number() {
    let help = |image: &str| helps("no-user", &[], &format!("FROM {image}\nCMD [\"java\"]\n")).join("");
    assert!(help("amazoncorretto:21").starts_with("add `USER 1000` above"), "{}", help("amazoncorretto:21"));
    assert!(help("rockylinux:9").contains("useradd"), "{}", help("rockylinux:9"));
}

#[test]
fn a_wrapper_is_copied_before_it_runs() {
    let files = [("pom.xml", "<project/>"), ("mvnw", "#!/bin/sh\n"), ("src/A.java", "")];
    let text = "FROM eclipse-temurin:21\nWORKDIR /app\nCOPY . .\nRUN ./mvnw -B package\nUSER 1\n";
    let help = helps("copy-before-install", &files, text).join("");
    assert!(help.contains("`mvnw`") && help.contains("`pom.xml`"), "{help}");
}

#[test]
fn a_file_is_mounted_at_its_own_path() {
    let text = "FROM debian:12\nCOPY --from=example.org/tool /bin/get-tool /usr/local/bin/\n\
        RUN get-tool\nRUN rm -f /usr/local/bin/get-tool.deb\nCOPY --from=example.org/tool /bin/get.deb /opt/\n\
        RUN dpkg -i /opt/get.deb && rm /opt/get.deb\nUSER 1\n";
    let help = helps("cleanup-in-later-layer", &[], text).join("");
    assert!(help.contains("source=/bin/get.deb,target=/opt/get.deb"), "{help}");
}

#[test]
fn what_only_a_recommendation_brings_stays_where_it_is_needed() {
    let text = "FROM debian:12\nRUN apt-get update && apt-get install -y protobuf-compiler libvulkan1 default-jdk\nUSER 1\n";
    let help = helps("heavy-recommends", &[], text).join("");
    assert!(help.contains("libprotobuf-dev") && help.contains("mesa-vulkan-drivers"), "{help}");
}
