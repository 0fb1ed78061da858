use crate::context::{Detail, Scan, ScanRequest, scan};
use crate::semantic::{Analysis, Build, BuildContext, Builder, Model};
use crate::syntax::{File, parse};
use crate::text::Source;

use super::*;

/// A context with files of so many bytes, scanned for a Dockerfile.
fn scanned(file: &File, files: &[(&str, usize)]) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![b'x'; *bytes]).unwrap();
    }
    let request = ScanRequest {
        root: folder.path().to_path_buf(),
        tree: &crate::tree::DISK,
        ignore: None,
        queries: Analysis::new(Model::new(file.clone())).source_queries(),
        detail: Detail::Lint,
        progress: None,
    };
    scan(&request).unwrap()
}

/// The rows of the target as `line: bytes provenance`, `+?` for what is unknown beside it.
fn rows(text: &str, files: &[(&str, usize)]) -> Vec<String> {
    rows_by(Builder::BuildKit, text, files)
}

fn rows_by(builder: Builder, text: &str, files: &[(&str, usize)]) -> Vec<String> {
    let file = parse(Source::from_text("Dockerfile", text));
    let scan = scanned(&file, files);
    let texts = [("requirements.txt".to_owned(), "flask==3.0.3\n".to_owned())].into_iter().collect();
    let context = BuildContext { scan, texts, ..BuildContext::default() };
    let model = Model::of_build(file, &Build { builder, ..Build::default() });
    let model = Analysis::new(model).with_context(Some(context.into()));
    let plan = plan(&model, &BaseImages::default(), "amd64");
    let show = |row: &Row| {
        let sum = row.sum();
        let provenance = row.provenance().map_or("unknown", Provenance::name);
        let more = if sum.unknown > 0 && sum.bytes > 0 { "+?" } else { "" };
        format!("{}: {}{more} {provenance}", model.instruction(row.step).lines.0, sum.bytes)
    };
    plan.stages.iter().filter(|s| s.in_image).flat_map(|s| &s.rows).map(show).collect()
}

#[test]
fn copies_are_measured() {
    let text = "FROM scratch\nCOPY a.bin /x\nCOPY . /y/\nCOPY none /z\nADD https://example.com/f /f\nADD t.tar.gz /t\n\
                COPY <<EOF /here\nfour\nEOF\n";
    let files = [("a.bin", 1000), ("b/c", 23), ("t.tar.gz", 5)];
    assert_eq!(
        rows(text, &files),
        [
            "1: 0 measured",
            "2: 1000 measured",
            "3: 1028 measured",
            "4: 0 unknown",
            "5: 0 unknown",
            "6: 0 unknown",
            "7: 5 measured"
        ]
    );
}

#[test]
fn in_one_layer_only_what_is_left_at_the_end_counts() {
    let of = |text: &str, files: &[(&str, usize)]| {
        let podman: Vec<String> = rows_by(Builder::Podman, text, files);
        assert_eq!(podman, rows(text, files), "{text}");
        let rows = rows_by(Builder::Buildah, text, files);
        rows.iter().map(|row| row.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let files = [("a", 70), ("d/b", 7)];
    // Removed, written again, moved, and copied over.
    assert_eq!(of("FROM scratch\nCOPY a /a\nRUN rm /a\n", &files), ["0", "0", "0"]);
    assert_eq!(of("FROM scratch\nCOPY a /a/\nRUN rm -rf /a/*\n", &files), ["0", "0", "0"]);
    assert_eq!(
        of("FROM scratch\nCOPY . /a\nRUN chown -R 5 /a\nRUN rm /a/a\n", &files),
        ["0", "77", "0", "0"]
    );
    assert_eq!(of("FROM scratch\nCOPY . /a\nRUN mv /a /b\nRUN rm -rf /a\n", &files), ["0", "77", "0", "0"]);
    assert_eq!(of("FROM scratch\nCOPY d /a/\nCOPY d /a/\n", &files), ["0", "0", "7"]);
    // A copy is there twice, and so is what a stage below has in a layer of its own.
    assert_eq!(of("FROM scratch\nCOPY . /a\nRUN cp -r /a /b\n", &files), ["0", "77", "77"]);
    let below = "FROM scratch AS s\nCOPY . /a\nFROM s\nRUN chown -R 5 /a\nRUN rm -rf /a\n";
    assert_eq!(of(below, &files), ["0", "77", "77", "0"]);
    // Lists of packages: removed, and written over.
    let apt = "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl\n";
    let found = of(&format!("{apt}RUN rm -rf /var/lib/apt/lists/*\n"), &[]);
    assert!(found[1] == "0" && found[2] != "0", "{found:?}");
    let found = of(&format!("{apt}RUN apt-get update && apt-get install -y git\n"), &[]);
    assert!(found[1] != "0" && found[2] != "0", "{found:?}");
}

#[test]
fn triggers_write_nothing_here() {
    let text = "FROM scratch\nONBUILD COPY a /x\nONBUILD RUN mv /x /y\nONBUILD ADD a /z\nCOPY a /x\n";
    assert_eq!(rows(text, &[("a", 70)]), ["1: 0 measured", "5: 70 measured"]);
}

#[test]
fn triggers_write_in_the_stages_that_start_from_theirs() {
    let text =
        "FROM scratch AS base\nONBUILD COPY a /x\nONBUILD RUN make\nONBUILD ENV A=1\nFROM base\nCOPY b /b\n";
    let want = ["1: 0 measured", "2: 70 measured", "3: 0 unknown", "6: 7 measured"];
    assert_eq!(rows(text, &[("a", 70), ("b", 7)])[..], want);
}

#[test]
fn what_writes_files_anew_counts_them_again() {
    let text = "FROM scratch\nCOPY . /app\nRUN chown -R 1000 /app\nRUN chmod -R g=u /app && chown -R 0:0 /app\n\
                RUN mv /app /srv\nRUN rm -rf /app\n";
    assert_eq!(
        rows(text, &[("a", 70), ("b", 7)]),
        [
            "1: 0 measured",
            "2: 77 measured",
            "3: 77 measured",
            "4: 77 measured",
            "5: 77 measured",
            "6: 0 measured"
        ]
    );
    // A file that is copied twice to one place is one file.
    let twice = "FROM scratch\nCOPY a.bin /app/\nCOPY . /app\nRUN chown -R 1000 /app\n";
    assert_eq!(rows(twice, &[("a.bin", 70), ("b", 7)])[3], "4: 77 measured");
    let set = "FROM scratch\nCOPY --chown=1000 . /app\nRUN chown -R 1000 /app\n";
    // Whether that writes the files again depends on where the builder keeps layers.
    assert_eq!(rows(set, &[("a", 70)])[2], "3: 70 estimated");
}

#[test]
fn packages_come_from_the_index() {
    let text = "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends curl\n\
                RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n\
                RUN apt-get update && apt-get install -y --no-install-recommends curl\n";
    let found = rows(text, &[]);
    assert_eq!(found[0], "1: 116660000 catalogue");
    assert_eq!(found[1], "2: 19850000 estimated");
    assert!(found[2].ends_with(" index") && found[3].ends_with(" index"), "{found:?}");
    // Lists that are there already are not written again, and curl neither.
    assert_eq!(found[4], "5: 0 index");
}

#[test]
fn python_packages_come_from_their_table() {
    let known = |run: &str| {
        let text = format!("FROM python:3.12-slim\nCOPY requirements.txt /\nRUN {run}\n");
        rows(&text, &[("requirements.txt", 13)])[2].trim_start_matches("3: ").to_owned()
    };
    let bytes = |run: &str| known(run).split([' ', '+']).next().unwrap().parse::<u64>().unwrap();
    let flask = bytes("pip install --no-cache-dir flask");
    assert!((4_500_000..5_500_000).contains(&flask), "{flask}");
    assert_eq!(bytes("pip install --no-cache-dir -r /requirements.txt"), flask);
    assert!(known("pip install --no-cache-dir flask").ends_with(" estimated"));
    // Wheels weigh less than what is in them, and so do files without byte code.
    let pages = 7 * 450_000;
    assert!((flask + pages + 500_000..flask + pages + 1_000_000).contains(&bytes("pip3 install flask")));
    assert!(bytes("pip install --no-cache-dir --no-compile flask") < flask);
    assert_eq!(known("pip install --no-cache-dir flask torch"), format!("{flask}+? unknown"));
    assert_eq!(known("pip install --no-cache-dir ."), "0 unknown");
    assert_eq!(known("pip list && pip check"), "0 measured");
    // One environment after another starts anew.
    assert_eq!(known("python -m venv /v"), "12500000 estimated");
    let venv = bytes("python -m venv /v && /v/bin/pip install --no-cache-dir flask");
    assert_eq!(venv, 12_500_000 + flask);
    assert_eq!(known("python -m venv --without-pip /v"), "0 measured");
}

#[test]
fn what_nobody_knows_is_unknown() {
    let text = "FROM example.com/own\nRUN make install\nRUN echo hello && mkdir -p /a && touch /b\nRUN pip install x\n\
                RUN git --version\nRUN [\"/bin/tool\"]\nRUN <<EOF python3\nprint()\nEOF\n";
    let found = rows(text, &[]);
    let want =
        ["1: 0 unknown", "2: 0 unknown", "3: 0 measured", "4: 0 unknown", "5: 0 measured", "6: 0 unknown"];
    assert_eq!(found[..6], want);
    assert!(found[6].ends_with("unknown"), "{found:?}");
}

#[test]
fn what_wildcards_and_xargs_write_anew_is_no_nothing() {
    let files = [("f.bin", 100), ("d/x", 11)];
    let last = |text: &str| {
        rows(&format!("FROM debian:12\nCOPY f.bin /srv/bin/\nCOPY d /data\n{text}\n"), &files).pop()
    };
    for (run, want) in [
        ("RUN chmod +x /srv/bin/*", "4: 100 measured"),
        ("RUN chown 1000 /srv/bin/f*", "4: 100 measured"),
        ("RUN chmod 700 /d*", "4: 11+? unknown"),
        ("RUN find /srv -type f | xargs chmod 644", "4: 0 unknown"),
        ("RUN find /srv -print0 | xargs -0 chown 1000:1000", "4: 0 unknown"),
        ("RUN sed 's/x/y/w /x9' /data/x", "4: 0 unknown"),
        ("SHELL [\"/bin/bash\", \"-c\"]\nRUN echo {1..100000} > /c", "5: 0 unknown"),
        ("RUN openssl x509 -in /data/x -out /c", "4: 4000 estimated"),
        ("RUN ssh-keygen -A", "4: 4000 estimated"),
        ("RUN ssh-keygen -lf /data/x", "4: 0 measured"),
    ] {
        assert_eq!(last(run).as_deref(), Some(want), "{run}");
    }
}

#[test]
fn files_of_other_stages_are_known_as_far_as_they_were_copied() {
    let text = "FROM debian:12 AS a\nCOPY f.bin /in/f.bin\nCOPY d /d/\nFROM scratch\nCOPY --from=a /in/f.bin /f\n\
                COPY --from=a /d /d\nCOPY --from=a /usr/bin/env /env\n";
    let files = [("f.bin", 100), ("d/x", 11)];
    let want = ["4: 0 measured", "5: 100 measured", "6: 11 measured", "7: 0 unknown"];
    assert_eq!(rows(text, &files), want);
    // A command of that stage may have added to the folder, but the file stays the same in size.
    let text = text.replace("FROM scratch", "RUN make\nFROM scratch");
    let want = ["5: 0 measured", "6: 100 measured", "7: 11+? unknown", "8: 0 unknown"];
    assert_eq!(rows(&text, &files), want);
}

#[test]
fn only_the_stages_of_the_target_count() {
    let text = "FROM debian:12 AS a\nFROM a AS b\nCOPY x /x\nFROM a AS c\nCOPY y /y\n";
    let file = parse(Source::from_text("Dockerfile", text));
    let build = Build { target: Some("b".to_owned()), ..Build::default() };
    let plan = plan(&Analysis::new(Model::of_build(file.clone(), &build)), &BaseImages::default(), "amd64");
    let stages: Vec<(usize, bool)> = plan.stages.iter().map(|s| (s.stage.number(), s.in_image)).collect();
    assert_eq!(stages, [(0, true), (1, true)]);
}

#[test]
fn build_arguments_choose_the_base() {
    let text = "ARG TAG=7\nFROM debian:$TAG\n";
    let file = parse(Source::from_text("Dockerfile", text));
    let bytes = |tag: Option<&str>| {
        let args = tag.map(|t| ("TAG".to_owned(), t.to_owned())).into_iter().collect();
        let build = Build { args, ..Build::default() };
        plan(&Analysis::new(Model::of_build(file.clone(), &build)), &BaseImages::default(), "amd64")
            .image()
            .bytes
    };
    assert_eq!((bytes(None), bytes(Some("12"))), (0, 116_660_000));
}

#[test]
fn lists_may_weigh_more_where_apt_is_not_set_up_as_in_official_images() {
    let most = |base: &str| {
        let text = format!("FROM {base}\nRUN apt-get update\n");
        let file = parse(Source::from_text("Dockerfile", text));
        let plan = plan(&Analysis::new(Model::new(file)), &BaseImages::default(), "amd64");
        plan.row(1).unwrap().sum().range.1
    };
    assert!(most("debian:bookworm") < 25_000_000);
    assert!(most("example.org/own:bookworm") > 167_000_000);
}

#[test]
fn packages_of_another_stage_are_known_by_their_folder() {
    let plan = |make: &str, copy: &str| {
        let text =
            format!("FROM python:3.13-slim AS b\n{make}\nFROM python:3.13-slim\nCOPY --from=b {copy} /x\n");
        let file = parse(Source::from_text("Dockerfile", text));
        let plan = plan(&Analysis::new(Model::new(file)), &BaseImages::default(), "amd64");
        let sums: Vec<Sum> = plan.stages.iter().map(StagePlan::sum).collect();
        let base = plan.stages[1].rows[0].sum().bytes;
        (sums[0].bytes - base, sums[1].bytes - base, sums[1].unknown)
    };
    let venv = "RUN python -m venv /opt/venv\nRUN /opt/venv/bin/pip install --no-cache-dir flask";
    for (make, copy) in [
        (venv, "/opt/venv"),
        ("RUN pip install --no-cache-dir --prefix=/install flask", "/install"),
        ("RUN pip install --no-cache-dir -t /deps/lib flask", "/deps"),
        ("RUN pip install --no-cache-dir flask", "/usr/local/lib/python3.13/site-packages"),
    ] {
        let (made, taken, unknown) = plan(make, copy);
        assert!(made > 1_000_000 && made == taken && unknown == 0, "{make}: {made} {taken} {unknown}");
    }
    assert_eq!(plan("RUN pip install --no-cache-dir flask", "/opt/venv").2, 1);
    assert_eq!(plan("RUN pip install --no-cache-dir --user flask", "/root/.local").2, 1);
    let more = venv.replace("flask", "flask no-such-package-at-all");
    assert_eq!(plan(&more, "/opt/venv").2, 1);
}

#[test]
fn a_file_that_a_stage_copied_twice_is_taken_once() {
    let text = "FROM debian:12 AS a\nCOPY a.bin /in/\nCOPY . /in\nFROM scratch\nCOPY --from=a /in /in\n";
    assert_eq!(rows(text, &[("a.bin", 70), ("b", 7)])[1], "5: 77 measured");
}

#[test]
fn what_goes_into_files_is_no_nothing() {
    let row = |run: &str| {
        let text = format!("FROM debian:12\nCOPY data.json /d\nENV TOOL=x\nRUN {run}\n");
        let found = rows(&text, &[("data.json", 1000)]);
        found[2].trim_start_matches("4: ").to_owned()
    };
    for (run, want) in [
        // Nobody knows.
        ("head -c 3000000 /dev/zero | tr '\\0' x > /w", "0 unknown"),
        ("seq 1 9 > /s", "0 unknown"),
        ("ls -laR / > /lst", "0 unknown"),
        ("{ cat /etc/passwd; } > /x", "0 unknown"),
        ("for i in 1 2; do echo a; done > /x", "0 unknown"),
        ("openssl rand -out /k 5000000", "0 unknown"),
        ("cat /d | tee /e", "0 unknown"),
        ("truncate -r /d /e", "0 unknown"),
        ("$TOOL --version", "0 unknown"),
        ("cd /opt && $DIR/$FILE", "0 unknown"),
        ("eval \"$X\"", "0 unknown"),
        ("sh -c \"$X\"", "0 unknown"),
        ("sh /run.sh", "0 unknown"),
        ("\"$@\"", "0 unknown"),
        ("awk '{ print > \"/x\" }' /d", "0 unknown"),
        ("find / -name x -exec cp {} /y \\;", "0 unknown"),
        ("chmod +x /usr/bin/other", "0 unknown"),
        // The words tell.
        ("echo hello > /x", "6 measured"),
        ("echo -n hello > /x", "5 measured"),
        ("{ echo a; echo b; } > /x", "4 measured"),
        ("echo hello | tee /x > /dev/null", "6 measured"),
        ("truncate -s 3000000 /h", "3000000 measured"),
        ("fallocate -l 2K /h", "2048 measured"),
        ("true > /x", "0 measured"),
        ("echo hello > /dev/null", "0 measured"),
        ("echo hello >&2", "0 measured"),
        ("sh -c 'echo hello'", "0 measured"),
        ("ln -s /d /e", "0 measured"),
        ("mkdir -p /a && chown 1000 /a", "0 measured"),
        // Copied files are written again.
        ("touch /d", "1000 measured"),
        ("sed -i s/a/b/ /d", "1000 estimated"),
        ("sed s/a/b/ /d", "0 measured"),
        ("echo hello >> /d", "1006 measured"),
        ("ln /d /e", "1000 measured"),
        ("cp /d /e", "1000 measured"),
        ("mv /d /e", "1000 measured"),
        ("chmod 600 /d", "1000 measured"),
        ("chown 33 /d && chmod 600 /d", "1000 measured"),
        ("chown root:root /d", "1000 estimated"),
        ("true && chmod 600 /d", "1000 measured"),
    ] {
        assert_eq!(row(run), want, "{run}");
    }
}

#[test]
fn moved_files_are_found_again() {
    let text = "FROM debian:12\nCOPY data.json /d\nRUN mv /d /opt/\nRUN chmod 600 /opt/d\nRUN rm /opt/d\n";
    let found = rows(text, &[("data.json", 1000)]);
    assert_eq!(found[2..], ["3: 1000 measured", "4: 1000 measured", "5: 0 measured"]);
}

#[test]
fn what_a_run_installs_and_removes_is_not_there() {
    let sum = |run: &str| {
        let text = format!("FROM debian:12\nRUN {run}\n");
        let file = parse(Source::from_text("Dockerfile", text));
        let plan = plan(&Analysis::new(Model::new(file)), &BaseImages::default(), "amd64");
        plan.row(1).unwrap().sum()
    };
    let install = "apt-get update && apt-get install -y --no-install-recommends gcc";
    let clean = "rm -rf /var/lib/apt/lists/*";
    let purged = sum(&format!("{install} && apt-get purge -y --auto-remove gcc && {clean}"));
    assert!(purged.range.1 < 2_000_000 && purged.unknown == 0, "{purged:?}");
    let marked =
        sum(&format!("{install} && apt-mark auto '.*' && apt-get purge -y --auto-remove && {clean}"));
    assert!(marked.range.0 < 1_000_000 && marked.range.1 > 100_000_000, "{marked:?}");
    let kept = sum(&format!("{install} && {clean}"));
    assert!(kept.range.0 > 100_000_000, "{kept:?}");
}

/// The least, the likely and the most of the last row of a RUN on `base`; `None` if a part of it is unknown.
fn range(base: &str, run: &str) -> Option<(u64, u64, u64)> {
    let file = parse(Source::from_text("Dockerfile", format!("FROM {base}\n{run}\n")));
    let plan = plan(&Analysis::new(Model::new(file)), &BaseImages::default(), "amd64");
    let sum = plan.stages.last()?.rows.last()?.sum();
    (sum.unknown == 0).then_some((sum.range.0, sum.bytes, sum.range.1))
}

#[test]
fn packages_of_alpine_come_from_its_index() {
    let (least, likely, most) = range("alpine:3.22", "RUN apk add --no-cache curl").unwrap();
    // Main alone: 5.2 MB, and a little that apk notes.
    assert!(least < 4_000_000 && (5_000_000..5_400_000).contains(&likely) && most < 7_000_000);
    // Without the option the indexes stay.
    assert!(range("alpine:3.22", "RUN apk add curl").unwrap().1 > likely + 2_000_000);
    assert_eq!(
        range("alpine:3.22", "RUN apk add curl && rm -rf /var/cache/apk/*"),
        Some((least, likely, most))
    );
    // Another release has other versions, and other base images have some of it.
    assert!(range("alpine:3.18", "RUN apk add --no-cache curl").unwrap().2 > most);
    assert_eq!(range("node:22-alpine3.22", "RUN apk add --no-cache curl").unwrap().0, 5_000);
    let built = "RUN apk add --no-cache --virtual .b gcc && touch /x && apk del .b";
    assert!(range("alpine:3.22", built).unwrap().2 < 1_000_000);
    for unknown in ["RUN apk add --no-cache $MORE", "RUN apk add --no-cache chromium", "RUN apk upgrade"] {
        assert_eq!(range("alpine:3.22", unknown), None, "{unknown}");
    }
    assert_eq!(range("example.com/own", "RUN apk add --no-cache curl"), None);
}

#[test]
fn what_stays_after_a_removal_without_names_has_a_range() {
    let saved = "RUN apt-get update && kept=\"$(apt-mark showmanual)\" && apt-get install -y --no-install-recommends gcc \
                 && apt-mark auto '.*' && apt-mark manual $kept && apt-get purge -y --auto-remove \
                 && rm -rf /var/lib/apt/lists/*";
    let (least, likely, most) = range("debian:12", saved).unwrap();
    let gcc = range("debian:12", "RUN apt-get install -y --no-install-recommends gcc").unwrap();
    assert!(least < 1_000_000 && likely > 1_000_000 && most >= gcc.1, "{least} {likely} {most}");
    assert_eq!(range("debian:12", &saved.replace("gcc ", "gcc no-such-thing ")), None);
}

#[test]
fn commands_that_write_little_are_known() {
    for nothing in [
        "RUN install -d -m 755 -o root /a /b",
        "RUN mkdir -p -m 700 /a && chmod 2777 /a",
        "RUN chmod 1777 /var/run/postgresql",
        "RUN chmod 777 /usr/local/lib",
        "RUN useradd -m app && chown -R app /home/app",
        "RUN adduser -D app && chown -R app /home/app",
        "RUN useradd -d /srv/app -m app && chown -R app /srv/app",
        "RUN mkdir -p /own/data && chown -R 1000:1000 /own",
        "RUN curl -fsSL https://example.com/key | apt-key add -",
        "RUN wget -qO- https://example.com/key | apt-key add -",
        "RUN wget --spider https://example.com/",
    ] {
        assert_eq!(range("debian:12", nothing), Some((0, 0, 0)), "{nothing}");
    }
    let filled = 200_001 * 292;
    assert_eq!(range("ubuntu:22.04", "RUN useradd -u 200000 app"), Some((filled, filled, filled)));
    assert_eq!(range("ubuntu:22.04", "RUN useradd -l -u 200000 app"), Some((0, 0, 0)));
    for (little, most) in [
        ("RUN chmod +x /app/entrypoint.sh", 1_000_000),
        ("RUN sed -i s/a/b/ /opt/app/app.conf", 1_000_000),
        ("RUN cp /usr/share/zoneinfo/UTC /etc/localtime", 5_000),
        (
            "RUN echo \"deb https://example.com $(lsb_release -cs) main\" > /etc/apt/sources.list.d/x.list",
            150_000,
        ),
        ("RUN { printf '%s' \"$(cat tag)\"; echo; } > /etc/motd", 300_000),
        ("RUN gpg --export ABCD > /usr/share/keyrings/x.gpg", 1_000_000),
        ("RUN locale-gen en_US.UTF-8", 3_600_000),
        ("RUN sed -i '/en_US/s/^# //' /etc/locale.gen && locale-gen", 11_200_000),
    ] {
        let (_, likely, found) = range("debian:12", little).unwrap_or_else(|| panic!("{little}"));
        assert!(likely > 0 && found <= most, "{little}: {found}");
    }
    for unknown in [
        "RUN install -m 755 a /b",
        "RUN chmod 777 /data",
        "RUN chmod 755 /app/entrypoint",
        "RUN chmod +x /app/*.sh",
        "RUN chmod -R 1777 /data",
        "RUN chown -R app /home/other",
        "RUN useradd app && chown -R app /home/app",
        "RUN mkdir -p /own/data && chown -R 1000:1000 /usr",
        "RUN curl -fsSLO https://example.com/x",
        "RUN curl -fsSLo x https://example.com/x",
        "RUN curl $OPTIONS https://example.com/x",
        "RUN curl https://example.com/x > x",
        "RUN wget https://example.com/x",
        "RUN wget -O x https://example.com/x",
        "RUN sed -i s/a/b/ /opt/app/data.json",
        "RUN echo \"$(curl https://example.com/x)\" > /x",
        "RUN locale-gen",
    ] {
        assert_eq!(range("debian:12", unknown), None, "{unknown}");
    }
    // Another image may have had something there.
    assert_eq!(range("example.com/own", "RUN mkdir -p /own/data && chown -R 1000:1000 /own"), None);
}

#[test]
fn packages_that_apt_keeps_are_counted() {
    let bytes = |first: &str| {
        let text = format!(
            "FROM debian:12-slim\nRUN {first}\nRUN apt-get update && apt-get install -y --no-install-recommends gcc && rm -rf /var/lib/apt/lists/*\n"
        );
        let model = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
        let plan = plan(&model, &BaseImages::default(), "amd64");
        plan.stages[0].rows[2].sum().bytes
    };
    let (cleaned, kept) = (bytes("true"), bytes("rm -f /etc/apt/apt.conf.d/docker-clean"));
    // The packages are 50 MB; apt fetches 25 of the 32 that gcc needs, and the base image has the others.
    assert!((25_000_000..60_000_000).contains(&(kept - cleaned)), "{cleaned} {kept}");
}
