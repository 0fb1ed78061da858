//! `dlint lock` and what `dlint size` knows by it, with a registry on this machine.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::image::{Published, archive, digest, gzip};
use super::server::{Reply, Server};

pub(super) struct Project(pub(super) TempDir);

impl Project {
    pub(super) fn of(dockerfile: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
        fs::write(folder.path().join("logins.json"), "{}").unwrap();
        Self(folder)
    }

    pub(super) fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_dlint"))
            .args(args)
            .current_dir(self.0.path())
            .env("DOCKER_CONFIG", self.0.path())
            .env_remove("REGISTRY_AUTH_FILE")
            .env_remove("XDG_RUNTIME_DIR")
            .env("XDG_CACHE_HOME", self.0.path().join("cache"))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code(), text(stdout), text(stderr))
    }

    pub(super) fn lock(&self) -> String {
        fs::read_to_string(self.0.path().join("dlint.lock")).unwrap_or_default()
    }
}

fn two() -> Published {
    Published::of_two(&[gzip(&archive(&[3_000, 7]))], &[gzip(&archive(&[4_000]))])
}

#[test]
fn nothing_is_asked_before_somebody_agrees() {
    let server = Server::start(two().served());
    let host = server.host();
    let project = Project::of(&format!("FROM {host}/app:1\nRUN true\n"));
    let plain = ["lock", "--plain-http", &host];
    let (code, out, err) = project.run(&plain);
    let list = format!("These registries are asked:\n  {host}\n    app:1  linux/amd64  Dockerfile:1\n");
    let refused = "dlint: nothing was asked, since there is no terminal to agree at: add --yes to make these requests, or \
                   --dry-run to only list them\n";
    assert_eq!((code, out, err), (Some(2), String::new(), format!("{list}{refused}")));
    let dry = [&plain[..], &["--dry-run"]].concat();
    assert_eq!(project.run(&dry), (Some(0), String::new(), list));
    for args in [&["Dockerfile"][..], &["size"], &["size", "--all"], &["context"]] {
        project.run(args);
    }
    assert!(server.seen().is_empty() && project.lock().is_empty());
}

#[test]
fn what_the_registry_has_is_kept_and_used() {
    let published = two();
    let top = digest(&published.manifests["1"].0);
    let server = Server::start(published.served());
    let host = server.host();
    let text = format!(
        "FROM {host}/app:1\nRUN true\nFROM --platform=linux/arm64 {host}/app:1\nCOPY --from=0 /f0 /f0\n"
    );
    let project = Project::of(&text);
    let args = ["lock", "--yes", "--plain-http", &host];
    let (code, out, err) = project.run(&args);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("dlint.lock: 2 base images\n"), "{out}");
    let lock = project.lock();
    assert_eq!(lock.matches(&format!("digest = \"{top}\"")).count(), 2, "{lock}");
    assert!(lock.contains(&format!("\"{host}/app:1 linux/amd64\" = {{")), "{lock}");
    assert!(lock.contains("bytes = 3007, stored") && lock.contains("bytes = 4000, stored"), "{lock}");
    assert!(lock.contains("platforms = [\"linux/amd64\", \"linux/arm64\"]"), "{lock}");
    // Nothing has changed, so the file does not.
    let asked = server.seen().len();
    assert_eq!(project.run(&args).0, Some(0));
    assert_eq!(project.lock(), lock);
    assert_eq!(server.seen().len(), 2 * asked);
    drop(server);
    let (code, out, err) = project.run(&["size", "--format", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let row = &json["stages"][1]["rows"][0];
    assert_eq!((&row["sum"]["bytes"], &row["known_by"]), (&4000.into(), &"registry".into()), "{row}");
    let source = row["pieces"][0]["source"].as_str().unwrap();
    assert!(source.starts_with("locked 20") && source.ends_with(&host), "{source}");
}

#[test]
fn what_is_copied_out_of_an_image_is_known_by_its_files() {
    let server =
        Server::start(Published::of(&[gzip(&archive(&[3_000, 7])), gzip(&archive(&[2_000]))]).served());
    let host = server.host();
    let text = format!(
        "FROM scratch\nCOPY --from={host}/app:1 f0 /f1 /a/\nCOPY --from={host}/app:1 /none /b\nCOPY --from={host}/app:1 / /c\n"
    );
    let project = Project::of(&text);
    let lock =
        |download: &str| project.run(&["lock", "--yes", "--plain-http", &host, "--download", download]);
    assert_eq!(lock("0B").0, Some(0));
    assert!(!project.lock().contains("paths"), "{}", project.lock());
    assert_eq!(lock("10MB").0, Some(0));
    // The second layer has another `f0`.
    assert!(
        project.lock().contains("bytes = 5007, ")
            && project.lock().contains("paths = { \"/\" = 2007, \"/f0\" = 2000, \"/f1\" = 7 }"),
        "{}",
        project.lock()
    );
    drop(server);
    let (_, out, _) = project.run(&["size", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let rows = json["stages"][0]["rows"].as_array().unwrap();
    let of = |at: usize| (rows[at]["sum"]["bytes"].as_u64().unwrap(), rows[at]["known_by"].as_str().unwrap());
    assert_eq!((of(1), of(2), of(3)), ((2007, "registry"), (0, "unknown"), (2007, "registry")), "{out}");
}

#[test]
fn a_tag_that_has_moved_on_is_kept_and_said() {
    let mut published = Published::of(&[gzip(&archive(&[10]))]);
    let old = digest(&published.manifests["1"].0);
    let newer = Published::of(&[gzip(&archive(&[20]))]);
    let (text, kind) = newer.manifests["1"].clone();
    let new = digest(&text);
    published.tag("1", text, kind);
    published.blobs.extend(newer.blobs);
    let server = Server::start(published.served());
    let host = server.host();
    let project = Project::of(&format!(
        "FROM {host}/app:1@{old} AS a\nFROM {host}/app:gone@{old} AS b\nFROM {host}/app:1@{new} AS c\n"
    ));
    let (code, _, err) = project.run(&["lock", "--yes", "--plain-http", &host, "--target", "a"]);
    assert_eq!(code, Some(0), "{err}");
    for target in ["b", "c"] {
        assert_eq!(project.run(&["lock", "--yes", "--plain-http", &host, "--target", target]).0, Some(0));
    }
    let lock = project.lock();
    assert!(lock.contains(&format!("digest = \"{old}\", tag = \"{new}\", bytes = 10")), "{lock}");
    assert_eq!((lock.matches("tag = ").count(), lock.matches("digest = ").count()), (1, 3), "{lock}");
    let (_, out, _) = project.run(&["--select", "outdated-digest"]);
    assert_eq!(out.matches("pointed to another image on").count(), 1, "{out}");
    assert!(out.contains(&format!("/app:1@{new}`")), "{out}");
}

#[test]
fn an_image_of_a_registry_is_measured() {
    let server =
        Server::start(Published::of(&[gzip(&archive(&[3_000, 7])), gzip(&archive(&[500]))]).served());
    let project = Project::of("FROM scratch\n");
    // Whoever names it on the command line means it.
    let name = format!("registry:{}/app:1", server.host());
    let (code, out, err) = project.run(&["size", "--image", &name, "--format", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["bytes"], 3_507, "{out}");
    let (code, _, err) = project.run(&["size", "--image", "registry:127.0.0.1:1/app"]);
    assert_eq!(code, Some(2));
    assert_eq!(err, "dlint: 127.0.0.1:1/app:latest: the host cannot be reached: it refuses connections\n");
}

#[test]
fn what_fails_is_said_and_the_rest_is_kept() {
    let server = Server::start(two().served());
    let host = server.host();
    let project = Project::of(&format!(
        "FROM {host}/app:1\nCOPY --from={host}/app:none /a /a\nCOPY --from=192.168.0.1/x /b /b\n"
    ));
    let (code, _, err) = project.run(&["lock", "--yes", "--quiet", "--plain-http", &host]);
    assert_eq!(code, Some(2));
    assert!(err.contains(&format!("{host}/app:none: there is no such image")), "{err}");
    assert!(err.contains("192.168.0.1/x:latest: `192.168.0.1` is not a public address"), "{err}");
    assert!(project.lock().contains(&format!("{host}/app:1 linux/amd64")));
}

#[test]
fn no_login_is_written_anywhere() {
    let published = Published::of(&[gzip(&archive(&[100]))]);
    let server = Server::start(move |asked| match asked.header("authorization") {
        "Basic dXNlcjpzZWNyZXR3b3Jk" => published.answer(asked),
        _ => Reply::status(401).with("WWW-Authenticate", "Basic realm=\"hushhush\""),
    });
    let host = server.host();
    let project = Project::of(&format!("FROM {host}/app:1\nCOPY --from={host}/app:gone /a /a\n"));
    for (login, code) in [("dXNlcjpzZWNyZXR3b3Jk", 2), ("dXNlcjp3cm9uZ3dvcmQ=", 2), ("bm9jb2xvbg==", 2)] {
        let logins = format!(r#"{{"auths": {{"{host}": {{"auth": "{login}"}}}}}}"#);
        fs::write(project.0.path().join("config.json"), logins).unwrap();
        let (got, out, err) = project.run(&["lock", "--yes", "--plain-http", &host]);
        assert_eq!(got, Some(code), "{err}");
        let all = format!("{out}{err}{}", project.lock());
        for secret in ["secretword", "wrongword", "nocolon", login, "hushhush", "API_TOKEN=hush"] {
            assert!(!all.contains(secret), "{secret}: {all}");
        }
    }
    assert!(project.lock().contains("env = [\"A=b\", \"API_TOKEN\"]"), "{}", project.lock());
}

#[test]
fn digests_are_written_behind_tags() {
    let published = two();
    let top = digest(&published.manifests["1"].0);
    let server = Server::start(published.served());
    let host = server.host();
    let text = format!("FROM {host}/app:1 AS a\r\nFROM alpine\r\nCOPY --from={host}/app:1 /f /f\r\n");
    let project = Project::of(&text);
    // Alpine is not to be had here.
    project.run(&["lock", "--yes", "--quiet", "--plain-http", &host, "--mirror", "docker.io=127.0.0.1:1"]);
    let asked = server.seen().len();
    let (code, out, err) = project.run(&["lock", "--pin", "--diff"]);
    let left = "Dockerfile:2 is left: dlint.lock does not have it, or another digest for each platform: run `dlint lock`\n";
    assert_eq!(code, Some(1));
    assert!(err.ends_with(left), "{err}");
    assert!(out.contains(&format!("+COPY --from={host}/app:1@{top} /f /f\r\n")), "{out}");
    let read = || fs::read_to_string(project.0.path().join("Dockerfile")).unwrap();
    assert_eq!(read(), text);
    let (code, out, _) = project.run(&["lock", "--pin"]);
    assert_eq!(code, Some(0));
    assert_eq!(out.lines().count(), 2, "{out}");
    assert_eq!(read(), text.replace("/app:1", &format!("/app:1@{top}")));
    assert_eq!(server.seen().len(), asked);
    let (code, out, _) = project.run(&["lock", "--pin", "--diff"]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
}
