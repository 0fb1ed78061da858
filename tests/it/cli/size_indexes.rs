//! `dlint size` with package indexes of the user's own.

use super::Folder;

const PACKAGES: &str = "Package: acme-agent\nArchitecture: amd64\nInstalled-Size: 5000\nDepends: libc6, acme-libs, python3\n\n\
    Package: acme-libs\nInstalled-Size: 700\n";

const PRIMARY: &str = "<metadata><package><name>agent</name><arch>x86_64</arch><size installed=\"50000000\"/></package>\
    <package><name>acme-shell</name><arch>noarch</arch><size installed=\"30000000\"/></package></metadata>";

fn folder(dockerfile: &str) -> Folder {
    let folder = Folder::with(dockerfile);
    folder.write("mirror/Packages", PACKAGES);
    folder.write("mirror/primary.xml", PRIMARY);
    let config = "[[size.indexes]]\npath = \"mirror/Packages\"\n[[size.indexes]]\npath = \"mirror/primary.xml\"\n\
        images = [\"rockylinux:9\"]\n";
    folder.write("dlint.toml", config);
    folder
}

/// What is said below the rows of the layers.
fn parts(dockerfile: &str) -> Vec<String> {
    let ran = folder(dockerfile).run(&["size"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let parts = ran.out.lines().filter(|line| line.starts_with("          "));
    parts.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn packages_of_a_private_repository_stand_beside_those_of_a_table() {
    let found = parts("FROM debian:12\nRUN apt-get install -y --no-install-recommends acme-agent less\n");
    assert_eq!(found[1], "321 kB  1 package (Debian 12 package index, 2026-11)", "{found:?}");
    // With Python and what that needs.
    assert!(found[2].ends_with(" MB  24 packages (package index mirror/Packages)"), "{found:?}");
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_base_of_which_nothing_is_known_may_have_some() {
    let found = parts("FROM registry.example.com/own:1\nRUN apt-get install -y acme-agent\n");
    let installed = "5.84 MB  2 packages, unless the base image has some (package index mirror/Packages)";
    assert!(found.iter().any(|part| part == installed), "{found:?}");
    let lacking = "?  packages that these need and the index lacks: `libc6`, `python3`";
    assert!(found.iter().any(|part| part == lacking), "{found:?}");
}

#[test]
fn each_command_says_what_it_asks_for() {
    let folder = folder("FROM alpine:3.22\nRUN apk add acme-agent && apk add nowhere && apk add curl\n");
    folder.write("mirror/Packages", "P:acme-agent\nI:5000000\n\nP:other\nI:7\n");
    let ran = folder.run(&["size"]);
    assert!(ran.out.contains("5.00 MB  1 package (package index mirror/Packages)"), "{ran:?}");
    assert!(ran.out.contains("packages that are not in the index: `nowhere`\n"), "{ran:?}");
}

#[test]
fn packages_of_rpm_are_known_where_the_index_counts() {
    let run = "RUN dnf install -y agent nothing && dnf clean all\n";
    let found = parts(&format!("FROM rockylinux:9\n{run}"));
    let wanted = [
        "50.0 MB  1 package, unless the base image has some (package index mirror/primary.xml)",
        "?  packages that are not in the index: `nothing`",
        "?  the package database, rewritten by `dnf install`",
    ];
    assert_eq!(found[1..], wanted);
    let found = parts(&format!("FROM rockylinux:8\n{run}"));
    assert_eq!(found[1..], ["?  files written by `dnf install`"], "{found:?}");
}

#[test]
fn what_an_earlier_stage_has_installed_is_there() {
    let text = "FROM rockylinux:9 AS a\nRUN dnf install -y agent\nFROM a\nRUN dnf install -y agent acme-shell && dnf clean all\n";
    let found = parts(text);
    assert!(found.iter().any(|part| part.starts_with("30.0 MB  1 package")), "{found:?}");
}

#[test]
fn an_index_that_cannot_be_read_is_said() {
    let folder = folder("FROM debian:12\nRUN apt-get install -y acme-agent\n");
    folder.write("mirror/Packages", "hello\n");
    let ran = folder.run(&["size"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(
        ran.err.contains("`mirror/Packages`, which `size.indexes` names, is no package index"),
        "{ran:?}"
    );
    // Who does not ask for sizes does not read it.
    assert_eq!(folder.run(&["--select", "latest-tag"]).err, "");
}
