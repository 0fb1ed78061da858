//! `dlint size --image`.

use std::io::Write as _;

use super::Folder;

/// Adds a file to an archive.
fn entry(out: &mut Vec<u8>, path: &str, contents: &[u8]) {
    let mut block = [0_u8; 512];
    block[..path.len()].copy_from_slice(path.as_bytes());
    block[124..136].copy_from_slice(format!("{:011o}\0", contents.len()).as_bytes());
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend_from_slice(&block);
    out.extend_from_slice(contents);
    out.resize(out.len().next_multiple_of(512), 0);
}

pub(super) fn layer(files: &[(&str, usize)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, size) in files {
        entry(&mut out, path, &vec![b'x'; *size]);
    }
    out.extend_from_slice(&[0; 1024]);
    out
}

/// The digest of a layer, as dlint itself says it when it is wrong: the tests need no hash of their own.
pub(super) fn digest(folder: &Folder, layer: &[u8]) -> String {
    folder.write("probe.tar", save(&[layer.to_vec()], &["sha256:0".to_owned()], &["RUN probe"]));
    let ran = folder.run(&["size", "--image", "probe.tar"]);
    ran.err.rsplit_once("found ").unwrap_or_else(|| panic!("{ran:?}")).1.trim().to_owned()
}

/// What `docker save` writes.
pub(super) fn save(layers: &[Vec<u8>], digests: &[String], history: &[&str]) -> Vec<u8> {
    let quoted = |texts: &[String]| texts.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(",");
    let steps: Vec<String> = history
        .iter()
        .map(|h| format!("{{\"created_by\":{:?},\"empty_layer\":{}}}", h, h.starts_with("CMD")))
        .collect();
    let config = format!(
        "{{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{{\"diff_ids\":[{}]}},\"history\":[{}]}}",
        quoted(digests),
        steps.join(",")
    );
    let names: Vec<String> = (0..layers.len()).map(|i| format!("{i}/layer.tar")).collect();
    let manifest =
        format!("[{{\"Config\":\"config.json\",\"RepoTags\":[\"app:1\"],\"Layers\":[{}]}}]", quoted(&names));
    let mut out = Vec::new();
    entry(&mut out, "config.json", config.as_bytes());
    for (name, layer) in names.iter().zip(layers) {
        entry(&mut out, name, layer);
    }
    entry(&mut out, "manifest.json", manifest.as_bytes());
    out.extend_from_slice(&[0; 1024]);
    out
}

/// An image with waste of each kind, and its Dockerfile.
pub(super) fn project() -> Folder {
    let folder = Folder::new();
    let layers = [
        layer(&[("bin/sh", 3_000_000), ("etc/os-release", 200)]),
        layer(&[("var/lib/apt/lists/x_Packages", 19_000_000)]),
        layer(&[("usr/bin/curl", 5_000_000), ("root/.cache/pip/x", 2_000_000)]),
        layer(&[("var/lib/apt/.wh.lists", 0)]),
        layer(&[("app/data", 4_000_000)]),
        layer(&[("app/data", 4_000_000)]),
    ];
    let digests: Vec<String> = layers.iter().map(|l| digest(&folder, l)).collect();
    let history = [
        "/bin/sh -c #(nop) ADD file:0123 in / ",
        "RUN /bin/sh -c apt-get update # buildkit",
        "RUN /bin/sh -c apt-get install -y curl   && pip install flask # buildkit",
        "RUN /bin/sh -c rm -rf /var/lib/apt/lists # buildkit",
        "COPY data /app/ # buildkit",
        "RUN /bin/sh -c chown -R app /app # buildkit",
        "CMD [\"sh\"]",
    ];
    folder.write("app.tar", save(&layers, &digests, &history));
    folder.write(
        "Dockerfile",
        "FROM debian:12-slim\nRUN apt-get update\nRUN apt-get install -y curl \\\n  && pip install flask\n\
         RUN rm -rf /var/lib/apt/lists\nCOPY data /app/\nRUN chown -R app /app\nCMD [\"sh\"]\n",
    );
    folder
}

#[test]
fn an_image_with_its_dockerfile() {
    let ran = project().run(&["size", "Dockerfile", "--image", "app.tar"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_image_alone() {
    let ran = project().run(&["size", "--image", "app.tar"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    insta::assert_snapshot!(ran.out);
}

#[test]
fn the_json_says_the_same() {
    let json = project().run(&["size", "Dockerfile", "--image", "app.tar", "--format", "json"]).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["bytes"], 37_000_200);
    assert_eq!(json["hidden"], 23_000_000);
    let lines: Vec<_> = json["layers"].as_array().unwrap().iter().map(|l| l["lines"].to_string()).collect();
    assert_eq!(lines, ["[1,1]", "[2,2]", "[3,4]", "[5,5]", "[6,6]", "[7,7]"]);
    assert_eq!(json["layers"][1]["hidden_by"][0]["how"], "deleted");
    assert_eq!(json["layers"][4]["hidden_by"][0]["how"], "rewritten");
    assert_eq!(json["leftovers"][0]["lines"][0], 3);
}

#[test]
fn limits_decide_the_exit_code() {
    let folder = project();
    let run = |limits: &[&str]| {
        let mut args = vec!["size", "--image", "app.tar", "--quiet"];
        args.extend(limits);
        let ran = folder.run(&args);
        (ran.code, ran.out.trim().to_owned())
    };
    let kept = run(&["--max-size", "40MB", "--max-wasted", "63%", "--min-efficiency", "0.3"]);
    assert_eq!(kept.0, 0);
    let broken = run(&["--max-size", "30MB", "--max-wasted", "20MB", "--min-efficiency", "95%"]);
    assert_eq!(
        broken,
        (
            1,
            "failed: --max-size 30.0 MB: it has 37.0 MB\nfailed: --max-wasted 20.0 MB: it has 23.0 MB\n\
             failed: --min-efficiency 95.0 %: it has 37.8 %"
                .to_owned()
        )
    );
    assert_eq!(run(&["--max-size", "many"]).0, 2);
}

#[test]
fn limits_come_from_a_file_of_dive() {
    let folder = project();
    folder.write(
        ".dive-ci",
        "rules:\n  lowestEfficiency: 0.3\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: 0.9\n",
    );
    let run = || folder.run(&["size", "--image", "app.tar", "--quiet", "--dive-ci", ".dive-ci"]);
    let ran = run();
    assert_eq!(
        (ran.code, ran.out.trim()),
        (
            1,
            "passed: lowestEfficiency 30.0 %: it has 37.8 %\nfailed: highestWastedBytes 20.0 MB: it has 23.0 MB\n\
             passed: highestUserWastedPercent 90.0 %: it has 67.6 %"
        )
    );
    folder.write(".dive-ci", "rules:\n  highestWastedBytes: 23MB\n");
    assert_eq!(run().code, 0);
    folder.write(".dive-ci", "rules:\n\n  lowest: 1\n");
    let ran = run();
    assert_eq!((ran.code, ran.err.trim()), (2, "dlint: .dive-ci:3: unknown key `lowest`"));
}

#[test]
fn an_image_from_standard_input() {
    let folder = project();
    let bytes = std::fs::read(folder.path("app.tar")).unwrap();
    let ran = folder.run_with(&[], &["size", "--image", "-", "--format", "json"], bytes);
    assert_eq!((ran.code, ran.json()["bytes"].as_u64()), (0, Some(37_000_200)));
}

#[test]
fn what_is_no_image_is_said() {
    let folder = project();
    let mut cut = std::fs::File::create(folder.path("cut.tar")).unwrap();
    let whole = std::fs::read(folder.path("app.tar")).unwrap();
    cut.write_all(&whole[..whole.len() / 2]).unwrap();
    for (args, message) in [
        (vec!["--image", "none.tar"], "dlint: none.tar does not exist"),
        (
            vec!["--image", "Dockerfile"],
            "dlint: Dockerfile: this is not an image: neither what `docker save` writes nor an OCI layout",
        ),
        (vec!["--image", "cut.tar"], "dlint: cut.tar: the archive ends too early; it was cut off"),
        (vec!["none", "--image", "app.tar"], "dlint: none does not exist"),
        (
            vec!["Dockerfile", "--target", "x", "--image", "app.tar"],
            "dlint: there is no stage `x`: no stage is named",
        ),
    ] {
        let ran = folder.run(&[&["size"], &*args].concat());
        assert_eq!((ran.code, ran.err.trim(), &*ran.out), (2, message, ""));
    }
    let names: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing was written: {names:?}");
}

#[test]
fn a_dockerfile_of_another_image_is_noticed() {
    let folder = project();
    folder.write("other", "FROM alpine\nRUN apk add curl\nRUN make\nCOPY a b\n");
    let ran = folder.run(&["size", "other", "--image", "app.tar"]);
    assert!(ran.out.contains("was it built from another one?"), "{}", ran.out);
}

#[test]
fn an_image_is_a_page_too() {
    let ran = project().run(&["size", "Dockerfile", "--image", "app.tar", "--format", "html"]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    assert!(ran.out.starts_with("<!doctype html>") && ran.out.ends_with("</html>\n"));
    assert!(ran.out.contains("deleted by line 5: /var/lib/apt/lists/x_Packages"));
}
