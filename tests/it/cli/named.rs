//! Named contexts, builds that start from each other, and what all of a project weighs.

use super::*;

/// A project where the image of `base` is what `web` starts from, and `lib` is a named context.
fn family() -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write(
        "docker-bake.hcl",
        "group \"default\" { targets = [\"base\", \"web\"] }\n\
         target \"base\" { context = \"base\" }\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\", lib = \"lib\" }\n}\n",
    );
    folder.write(
        "base/Dockerfile",
        "FROM debian:12-slim\n\
         RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n\
         COPY data.bin /data.bin\nENV HOME_OF=/srv\nWORKDIR /app\nUSER 1000\n",
    );
    folder.write("base/data.bin", "0123456789");
    folder.write(
        "web/Dockerfile",
        "FROM base\nCOPY --from=lib util.py gone.py secret.py $HOME_OF/\nCOPY app.py .\n\
         RUN curl -V && wget -V\nCMD [\"/app/run\"]\n",
    );
    folder.write("web/app.py", "print()\n");
    folder.write("lib/util.py", "1234567\n");
    folder.write("lib/secret.py", "x\n");
    folder.write("lib/.dockerignore", "secret*\n");
    folder
}

#[test]
fn a_named_context_is_its_folder_with_its_own_ignore_file_and_a_sibling_is_the_base() {
    let folder = family();
    let ran = folder.run(&["--format", "short", "web/Dockerfile"]);
    let found = [
        "web/Dockerfile:2 copy-excluded-source",
        "web/Dockerfile:2 copy-missing-source",
        "web/Dockerfile:4 missing-program",
    ];
    let mut short = ran.short();
    short.sort();
    assert_eq!(short, found, "{ran:?}");
    for said in [
        "`gone.py` is not in the named context `lib`, so the build fails",
        "line 1 of the ignore file of the named context `lib`, `secret*`, leaves `secret.py` out of it",
        "`base` has no `wget`, and nothing here installs it",
    ] {
        assert!(ran.out.contains(said), "{said}: {ran:?}");
    }
    // Without its builds the name is that of an image, of which nothing is known.
    let plain = folder.run(&["--format", "short", "--no-entries", "web/Dockerfile"]);
    assert!(!plain.out.contains("missing-program"), "{plain:?}");
    // What is missing of the base is said: it runs as root.
    folder.write("base/Dockerfile", "FROM debian:12-slim\n");
    let root = folder.run(&["--format", "short", "web/Dockerfile"]);
    assert!(root.out.contains("no-user"), "{root:?}");
}

#[test]
fn mounts_take_from_named_contexts_and_what_is_not_there_is_unknown() {
    let folder = Folder::new();
    folder.write("lib/a.py", "x\n");
    folder.write(
        "compose.yaml",
        "services:\n  web:\n    build:\n      context: .\n      additional_contexts: {Lib: ./lib, debian: 'docker-image://debian:12-slim', gone: ./gone}\n",
    );
    // No file of the build context itself is taken.
    folder.write(
        "Dockerfile",
        "FROM debian\nRUN --mount=type=bind,from=lib,source=b.py,target=/b wget x\nCOPY --from=lib a.py c.py /srv/\n\
         RUN wget x\nCOPY --from=gone x.py /\nUSER 1\n",
    );
    let ran = folder.run(&["--format", "short"]);
    let missing = |line| format!("Dockerfile:{line} copy-missing-source");
    let gone = "compose.yaml:5 missing-build-context".to_owned();
    let found = [missing(2), missing(3), "Dockerfile:4 missing-program".to_owned(), gone];
    assert_eq!(ran.short(), found, "{ran:?}");
    assert!(ran.out.contains("`debian:12-slim` has no `wget`"), "{ran:?}");
    for command in ["size", "cache", "context"] {
        let ran = folder.run(&[command]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let size = folder.run(&["size", "--format", "json"]).json();
    assert_eq!(size["stages"][0]["rows"][0]["known_by"], "catalogue", "{size}");
}

#[test]
fn bytes_of_named_contexts_and_siblings_are_in_the_plan() {
    let folder = family();
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let stage = &plan["stages"][0]["rows"];
    let bytes = |row: usize, piece: usize| stage[row]["pieces"][piece]["bytes"].clone();
    let own = folder.run(&["size", "--entry", "base", "--format", "json"]).json();
    assert_eq!(own["image"]["unknown"], 0, "{own}");
    assert_eq!(
        (&bytes(0, 0), &stage[0]["pieces"][0]["what"]),
        (&own["image"]["bytes"], &"the image of `base`".into())
    );
    assert_eq!(bytes(1, 0), 8);
    assert_eq!(stage[1]["pieces"][0]["what"], "1 file of the named context `lib`");
    // Nothing is added twice: the base has curl.
    folder.write(
        "web/Dockerfile",
        "FROM base\nUSER 0\nRUN apt-get update && apt-get install -y --no-install-recommends curl\n",
    );
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let install = &plan["stages"][0]["rows"][1]["pieces"];
    let packages = install
        .as_array()
        .unwrap()
        .iter()
        .find(|piece| piece["what"].as_str().unwrap().contains("package"))
        .cloned();
    assert!(
        packages.as_ref().is_none_or(|p| p["bytes"] == 0 || p["what"].as_str().unwrap().contains("lists")),
        "{install}"
    );
    // A folder in place of an image, and circles.
    folder.write("docker-bake.hcl", "target \"default\" { contexts = { base = \"lib\" } }\n");
    folder.write("Dockerfile", "FROM base\n");
    let plan = folder.run(&["size", "--entry", "default", "--format", "json"]).json();
    assert_eq!((&plan["image"]["bytes"], &plan["image"]["unknown"]), (&16.into(), &0.into()), "{plan}");
    folder.write(
        "docker-bake.hcl",
        "target \"a\" { contexts = { base = \"target:b\" } }\ntarget \"b\" { contexts = { base = \"target:a\" } }\n",
    );
    let plan = folder.run(&["size", "--entry", "a", "--format", "json"]);
    let why = "`a` is built with `b`, which is built with `a`";
    assert!(plan.code == 2 && plan.err.contains(why), "{plan:?}");
}

#[test]
fn what_is_copied_of_a_sibling_weighs_what_it_weighs_there() {
    let folder = family();
    folder.write(
        "web/Dockerfile",
        "FROM base AS mid\nFROM debian:12-slim\nCOPY --from=base /data.bin /gone /d/\nCOPY --from=mid /data.bin /e\n",
    );
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let rows = plan["stages"].as_array().unwrap().last().unwrap()["rows"].clone();
    let of = |row: usize, piece: usize| {
        let piece = &rows[row]["pieces"][piece];
        format!(
            "{} {} {}",
            piece["what"].as_str().unwrap(),
            piece["bytes"],
            piece["known_by"].as_str().unwrap()
        )
    };
    assert_eq!(of(1, 0), "files from the image of `base` 10 measured", "{plan}");
    assert_eq!(of(1, 1), "files from the image of `base` null unknown", "{plan}");
    assert_eq!(of(2, 0), "files from the image of `base` 10 measured", "{plan}");
}

#[test]
fn the_triggers_of_a_sibling_run_with_the_context_and_the_arguments_of_who_starts_from_it() {
    let folder = family();
    folder.write(
        "docker-bake.hcl",
        "group \"default\" { targets = [\"base\", \"web\"] }\ntarget \"base\" { context = \"base\" }\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\" }\n  args = { FILE = \"app.py\" }\n}\n",
    );
    folder.write(
        "base/Dockerfile",
        "# escape=`\nFROM debian:12-slim\nWORKDIR /srv\nONBUILD ARG FILE\n\
         ONBUILD COPY --chmod=755 `\n  $FILE größe.txt /srv/\nONBUILD USER 1000\n",
    );
    folder.write("web/größe.txt", "12");
    folder.write("web/Dockerfile", "FROM base\nRUN wget https://example.com/x\nCOPY x$FILE ./\n");
    let ran = folder.run(&["--format", "short"]);
    // USER and ARG of the triggers count: nothing is said of either.
    let found = ["web/Dockerfile:2 missing-program", "web/Dockerfile:3 copy-missing-source"];
    assert_eq!(ran.short(), found, "{ran:?}");
    assert!(ran.out.contains("`xapp.py` is not in the build context"), "{ran:?}");
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    let base = folder.run(&["size", "--entry", "base", "--format", "json"]).json();
    let pieces = &plan["stages"][0]["rows"][0]["pieces"];
    assert_eq!(pieces[0]["what"], "the image of `base`", "{plan}");
    assert_eq!(pieces[0]["bytes"], base["image"]["bytes"], "{plan}");
    assert_eq!(pieces[1]["what"], "what ONBUILD instructions of `base` add", "{plan}");
    assert_eq!((&pieces[1]["bytes"], pieces.as_array().unwrap().len()), (&10.into(), 2), "{plan}");
    // Who only copies from it runs none of them.
    folder.write("web/Dockerfile", "FROM debian:12-slim\nCOPY --from=base /srv/app.py /\nUSER 1\n");
    let plan = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    assert_eq!(plan["stages"][0]["rows"][1]["known_by"], "unknown", "{plan}");
    // All together: what the triggers add is there beside the image.
    folder.write("web/Dockerfile", "FROM base\n");
    folder.write("base/Dockerfile", "FROM debian:12-slim\nONBUILD COPY app.py /\n");
    let all = folder.run(&["size", "--all", "--format", "json"]).json();
    assert_eq!(all["sum"]["together"]["bytes"], plan_of(&folder, "base") + 8, "{all}");
}

/// The bytes of the image of an entry.
fn plan_of(folder: &Folder, entry: &str) -> u64 {
    let plan = folder.run(&["size", "--entry", entry, "--format", "json"]).json();
    plan["image"]["bytes"].as_u64().unwrap_or_else(|| panic!("{plan}"))
}

#[test]
fn a_change_in_a_named_context_rebuilds_what_takes_it() {
    let folder = family();
    let fates = |args: &[&str]| -> Vec<String> {
        let ran = folder.run(&[&["cache", "--entry", "web", "--format", "json"], args].concat());
        let layers = ran.json()["layers"].as_array().cloned().unwrap_or_else(|| panic!("{ran:?}"));
        layers
            .iter()
            .map(|layer| format!("{} {}", layer["lines"][0], layer["fate"].as_str().unwrap()))
            .collect()
    };
    let of_copy = |fates: Vec<String>| fates.into_iter().find(|fate| fate.starts_with("2 ")).unwrap();
    assert_eq!(of_copy(fates(&["--changed", "lib/util.py"])), "2 rebuilt");
    assert_eq!(of_copy(fates(&["--changed", "lib/secret.py"])), "2 kept");
    assert_eq!(of_copy(fates(&["--changed", "web/app.py"])), "2 kept");
    assert_eq!(of_copy(fates(&[])), "2 rebuilt");
}

#[test]
fn all_images_of_a_project_have_a_line_and_a_sum_that_counts_shared_bases_once() {
    let folder = family();
    folder.write("alone/Dockerfile", "FROM debian:12-slim\nCOPY x.bin /\n");
    folder.write("alone/x.bin", vec![b'x'; 1_000_000]);
    folder.write("compose.yaml", "services:\n  one: {build: alone}\n  two: {build: alone}\n  gone: {build: https://example.com/a.git}\n");
    let ran = folder.run(&["size", "--all", "--format", "json"]);
    let all = ran.json();
    let rows = all["targets"].as_array().unwrap();
    let row =
        |name: &str| rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name}: {ran:?}"));
    assert_eq!(ran.code, 0, "{ran:?}");
    // Largest first, and what is not known last.
    let bytes: Vec<Option<u64>> = rows.iter().map(|row| row["image"]["bytes"].as_u64()).collect();
    assert!(bytes.is_sorted_by(|a, b| a >= b) && bytes.last() == Some(&None), "{bytes:?}");
    assert_eq!(
        (&row("two")["same_as"], &row("one")["same_as"]),
        (&"compose.yaml: one".into(), &serde_json::Value::Null)
    );
    assert!(row("gone")["why"].is_string(), "{ran:?}");
    let image = |name: &str, of: &str| row(name)["image"][of].as_u64().unwrap();
    let own = folder.run(&["size", "--entry", "web", "--format", "json"]).json();
    assert_eq!(own["image"], row("web")["image"]);
    // debian:12-slim is in `one` and in `base`, and `base` is in `web`.
    let shared = |base: &str| all["shared"].as_array().unwrap().iter().find(|s| s["base"] == base).cloned();
    let debian = shared("debian:12-slim").unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!((&debian["images"], &shared("base").unwrap()["images"]), (&2.into(), &1.into()));
    let debian = debian["bytes"]["bytes"].as_u64().unwrap();
    let together = all["sum"]["together"]["bytes"].as_u64().unwrap();
    assert_eq!(together, image("one", "bytes") - debian + image("web", "bytes"), "{ran:?}");
    assert_eq!(
        all["sum"]["apart"]["bytes"],
        image("one", "bytes") + image("base", "bytes") + image("web", "bytes")
    );
    assert_eq!((&all["sum"]["images"], &all["sum"]["unknown_targets"]), (&3.into(), &1.into()));
    let human = folder.run(&["size", "--all"]);
    for said in [
        "5 builds, 3 images, together at least ",
        "the same image as compose.yaml: one",
        "counted once: debian:12-slim, ",
        "nothing is known of 1 build",
    ] {
        assert!(human.out.contains(said), "{said}: {}", human.out);
    }
    // A limit is one for each image.
    let limited = folder.run(&["size", "--all", "--max-size", "80MB"]);
    assert_eq!(limited.code, 1, "{limited:?}");
    assert!(limited.out.contains("failed: docker-bake.hcl: base: --max-size 80.0 MB"), "{limited:?}");
    assert!(!limited.out.contains("failed: compose.yaml: one:"), "{limited:?}");
    let passed = folder.run(&["size", "--all", "alone", "--max-size", "80MB", "-q"]);
    assert_eq!((passed.code, passed.out.as_str()), (0, ""), "{passed:?}");
    // One file, a folder without anything, and what is refused.
    let one = folder.run(&["size", "--all", "compose.yaml", "--format", "json"]).json();
    assert_eq!(one["targets"].as_array().unwrap().len(), 3, "{one}");
    fs::create_dir(folder.path("empty")).unwrap();
    assert_eq!(folder.run(&["size", "--all", "empty"]).code, 2);
    folder.write("bad.compose.yaml", "services:\n  a:\n    build: {dockerFile: x}\n");
    let bad = folder.run(&["size", "--all", "bad.compose.yaml"]);
    assert!(bad.code == 2 && bad.err.contains("bad.compose.yaml:3"), "{bad:?}");
    assert_eq!(folder.run(&["size", "--all", "--entry", "web"]).code, 2);
}

#[test]
fn what_onbuild_of_another_build_takes_is_sent_and_rebuilds_it() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("base/Dockerfile", "FROM debian:12-slim\nONBUILD COPY app.py /app/\n");
    folder.write("web/Dockerfile", "FROM base\nUSER 1\n");
    folder.write("web/app.py", "print()\n");
    folder.write("web/other.py", "print()\n");
    folder.write(
        "docker-bake.hcl",
        "group \"default\" { targets = [\"web\"] }\ntarget \"base\" { context = \"base\" }\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\" }\n}\n",
    );
    let targets = folder.run(&["targets", "--format", "json"]).json();
    let web = targets["targets"].as_array().unwrap().iter().find(|row| row["name"] == "web").unwrap().clone();
    assert_eq!(web["sent_bytes"], 8, "{targets}");
    let layers = |path: &str| {
        let ran = folder.run(&["cache", "--entry", "web", "--changed", path, "--format", "json"]);
        ran.json()["layers"].clone()
    };
    let taken = layers("web/app.py");
    assert_eq!(taken[0]["fate"], "rebuilt", "{taken}");
    assert_eq!(
        (&taken[0]["reason"]["kind"], &taken[0]["reason"]["path"]),
        (&"triggers".into(), &"app.py".into())
    );
    assert_eq!(layers("web/other.py")[0]["fate"], "kept");
}

#[test]
fn what_triggers_of_another_build_do_wrong_here_is_said_at_the_from() {
    let folder = family();
    folder.write(
        "base/Dockerfile",
        "FROM debian:12-slim\nONBUILD COPY app.py \\\n  gone.py /srv/\n\nONBUILD COPY ignored.py /srv/\nONBUILD COPY . /srv/\n\
         ONBUILD ARG WHAT\nONBUILD COPY w$WHAT /srv/\nUSER 1\n",
    );
    folder.write("base/gone.py", "");
    folder.write(
        "web/Dockerfile",
        "FROM base AS one\nFROM debian:12-slim\nCOPY --from=one /srv /srv\nUSER 1\n",
    );
    folder.write("web/ignored.py", "");
    folder.write("web/.env", "PASSWORD=k3J9fQ2xLm8RtY5w\n");
    folder.write("web/.dockerignore", "ignored.py\n");
    let ran = folder.run(&["--format", "short"]);
    let found = [
        "web/Dockerfile:1 copy-excluded-source",
        "web/Dockerfile:1 copy-missing-source",
        "web/Dockerfile:1 secret-in-context",
    ];
    assert_eq!(ran.short(), found, "{ran:?}");
    for said in [
        "web/Dockerfile:1:6:",
        "`ONBUILD COPY app.py gone.py /srv/` runs here, from line 2 of the Dockerfile of `base`: `gone.py` is not in",
        "`ONBUILD COPY ignored.py /srv/` runs here, from line 5",
        "it stays in the build cache, and a later COPY may take it into the image",
    ] {
        assert!(ran.out.contains(said), "{said}: {ran:?}");
    }
    // A comment at the FROM counts for them, and whoever builds `base` alone runs none of them.
    folder.write(
        "web/Dockerfile",
        "# dlint ignore=copy-excluded-source,copy-missing-source,secret-in-context generated\nFROM base\n",
    );
    let ran = folder.run(&["--format", "short"]);
    assert_eq!(ran.short(), [""; 0], "{ran:?}");
    // They are sources of this build.
    let context = folder.run(&["context", "--entry", "web", "--format", "json"]).json();
    let rows: Vec<String> = context["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap().to_owned();
            format!("{} {} {} {}", row["line"], text("instruction"), text("source"), text("status"))
        })
        .collect();
    let want = [
        "2 ONBUILD COPY app.py found",
        "2 ONBUILD COPY gone.py missing",
        "2 ONBUILD COPY ignored.py excluded",
        "2 ONBUILD COPY . found",
        "2 ONBUILD COPY w$WHAT unknown",
    ];
    assert_eq!(rows, want, "{context}");
    assert_eq!(context["secrets"][0]["lines"][0], 2, "{context}");
    let listed = folder.run(&["context", "--entry", "web", "--list", "app.py", "--format", "json"]).json();
    assert_eq!(listed["files"].as_array().map(Vec::len), Some(1), "{listed}");
}

#[test]
fn the_shell_and_the_check_of_another_build_are_those_of_what_starts_from_it() {
    let folder = family();
    for onbuild in ["", "ONBUILD "] {
        folder.write(
            "base/Dockerfile",
            format!(
                "FROM debian:12-slim\n{onbuild}SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\n\
                 {onbuild}HEALTHCHECK CMD [\"true\"]\nUSER 1\n"
            ),
        );
        folder.write("web/Dockerfile", "FROM base\nRUN cat /a | sort > /b\nCMD server a b\n");
        let found = |args: &[&str]| {
            folder.run(&[&["--format", "short", "--select", "all", "web/Dockerfile"], args].concat())
        };
        let of = |ran: Ran| {
            ran.short()
                .into_iter()
                .filter(|line| {
                    ["pipe-hides-failure", "missing-healthcheck", "shell-form-command"]
                        .iter()
                        .any(|rule| line.ends_with(rule))
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(of(found(&[])), [""; 0]);
        let alone = of(found(&["--no-entries"]));
        assert_eq!(
            alone,
            [
                "web/Dockerfile:1 missing-healthcheck",
                "web/Dockerfile:2 pipe-hides-failure",
                "web/Dockerfile:3 shell-form-command"
            ]
        );
    }
}

#[test]
fn a_stage_that_a_build_does_not_run_is_not_judged_by_what_that_build_is_told() {
    let text = "ARG TYPE=debian\nARG IMG=debian:12\nFROM ${IMG} AS base-rhel\nRUN if [[ -e /x ]]; then dnf install -y a; fi\n\
                FROM ${IMG} AS base-debian\nRUN [[ -e /y ]]\nFROM base-${TYPE}\nUSER 1\nCMD [\"/a\"]\n";
    let folder = Folder::with(text);
    let found = |args: &[&str]| {
        folder.run(&[&["--format", "short", "--select", "bash-in-sh", "Dockerfile"], args].concat()).short()
    };
    assert_eq!(found(&[]), ["Dockerfile:4 bash-in-sh", "Dockerfile:6 bash-in-sh"]);
    let told = ["--build-arg", "TYPE=debian", "--build-arg", "IMG=debian:12"];
    assert_eq!(found(&told), ["Dockerfile:6 bash-in-sh"]);
}

#[test]
fn what_a_sibling_says_of_user_folder_and_lists_counts_for_those_that_start_from_it() {
    let folder = Folder::new();
    folder.write(
        "docker-bake.hcl",
        "target \"os\" {\n  context = \"os\"\n}\n\
         target \"base\" {\n  context = \"base\"\n  contexts = { os = \"target:os\" }\n}\n\
         target \"web\" {\n  context = \"web\"\n  contexts = { base = \"target:base\" }\n}\n",
    );
    folder.write("os/Dockerfile", "FROM debian:12-slim\nRUN useradd app\nUSER app\n");
    folder.write("base/Dockerfile", "FROM os\nENV A=b\n");
    folder.write("web/app.py", "print()\n");
    let found = |os: &str, web: &str| {
        folder.write("os/Dockerfile", os);
        folder.write("web/Dockerfile", web);
        let select = "install-as-other-user,install-without-lists,copy-relative-destination,copy-relative-to-base,cache-left-in-layer";
        folder.run(&["--format", "short", "--select", select]).short()
    };
    let install = "FROM base\nRUN apt-get install -y --no-install-recommends curl\n";
    let both = ["web/Dockerfile:2 install-as-other-user", "web/Dockerfile:2 install-without-lists"];
    assert_eq!(found("FROM debian:12-slim\nRUN useradd app\nUSER app\n", install), both);
    assert_eq!(found("FROM debian:12-slim\nUSER root\n", install), &both[1..]);
    assert_eq!(found("FROM debian:12-slim\nRUN apt-get update\n", install), [""; 0]);
    // Nobody knows what it runs as, and which lists it has.
    assert_eq!(found("FROM ghcr.io/acme/os:1\n", install), [""; 0]);
    let copy = "FROM base\nCOPY app.py .\n";
    assert_eq!(found("FROM debian:12-slim\n", copy), ["web/Dockerfile:2 copy-relative-destination"]);
    assert_eq!(found("FROM debian:12-slim\nWORKDIR /srv\n", copy), [""; 0]);
    assert_eq!(found("FROM ghcr.io/acme/os:1\n", copy), ["web/Dockerfile:2 copy-relative-to-base"]);
    folder.write("web/Dockerfile", "FROM base\nRUN pip install flask\n");
    let text = |os: &str| {
        folder.write("os/Dockerfile", os);
        folder.run(&["--select", "cache-left-in-layer"]).out
    };
    let (known, unknown) = (text("FROM python:3.13-slim\n"), text("FROM ghcr.io/acme/python:3.13\n"));
    assert!(known.contains("leaves") && !known.contains("unless its base image sets"), "{known}");
    assert!(unknown.contains("unless its base image sets"), "{unknown}");
}
