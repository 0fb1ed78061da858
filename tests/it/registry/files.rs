//! Files of web servers: how long they are, what they unpack to, and what `dlint size` knows by that.

use std::io::{Cursor, Write as _};

use dlint::internals::registry::{Bytes, Client, Fault, WebFile};

use super::access;
use super::image::{archive, gzip, part};
use super::lock::Project;
use super::server::{Reply, Server};

/// What is told of a file at `/NAME`.
fn told(server: &Server, name: &str) -> Result<WebFile, Fault> {
    let address = format!("http://{}/{name}", server.host());
    Client::new(access(&[server])).file(&address).map_err(|error| error.fault)
}

/// A ZIP archive with files of so many zeros, stored as they are.
fn zip(sizes: &[u32]) -> Vec<u8> {
    let (mut out, mut list) = (Cursor::new(Vec::new()), Vec::new());
    for (number, size) in sizes.iter().enumerate() {
        let name = format!("f{number}");
        let start = out.position() as u32;
        let common = |signature: &[u8], versions: usize| {
            let mut header = signature.to_vec();
            header.resize(4 + 2 * versions + 12, 0);
            header.extend([size.to_le_bytes(), size.to_le_bytes()].concat());
            header.extend((name.len() as u16).to_le_bytes());
            header
        };
        let mut local = common(b"PK\x03\x04", 1);
        local.extend([0, 0]);
        local.extend(name.bytes());
        out.write_all(&local).unwrap();
        out.write_all(&vec![0; *size as usize]).unwrap();
        let mut entry = common(b"PK\x01\x02", 2);
        entry.resize(42, 0);
        entry.extend(start.to_le_bytes());
        entry.extend(name.bytes());
        list.extend(entry);
    }
    let start = out.position() as u32;
    out.write_all(&list).unwrap();
    let mut end = b"PK\x05\x06".to_vec();
    end.resize(12, 0);
    end.extend((list.len() as u32).to_le_bytes());
    end.extend(start.to_le_bytes());
    end.extend([0, 0]);
    out.write_all(&end).unwrap();
    out.into_inner()
}

#[test]
fn a_few_bytes_tell_what_a_file_unpacks_to() {
    let tar = archive(&[70_000, 5]);
    let packed = gzip(&tar);
    let files = [
        ("a.tar.gz", packed.clone()),
        ("text.gz", gzip(&[b'x'; 5000])),
        ("a.zip", zip(&[5, 3_000])),
        ("a.tar", tar.clone()),
        ("tool", vec![7; 9_000]),
        ("small", b"x".to_vec()),
    ];
    let server =
        Server::start(move |asked| match files.iter().find(|(name, _)| asked.path == format!("/{name}")) {
            Some((_, bytes)) => part(bytes, asked),
            None => Reply::status(404),
        });
    let told = |name: &str| told(&server, name);
    let file = told("a.tar.gz").unwrap();
    let Bytes { bytes, range: (least, most), .. } = file.unpacked.unwrap();
    assert_eq!((file.bytes, most), (packed.len() as u64, tar.len() as u64));
    assert!(least <= 70_005 && 70_005 <= most && least <= bytes && bytes <= most);
    let text = told("text.gz").unwrap();
    assert_eq!(text.unpacked.map(|told| told.range), Some((5000, 5000)));
    assert_eq!(told("a.zip").unwrap().unpacked.map(|told| told.range), Some((3_005, 3_005)));
    assert_eq!(told("a.tar").unwrap().unpacked.map(|told| told.range.1), Some(tar.len() as u64));
    assert_eq!(told("tool"), Ok(WebFile { bytes: 9_000, unpacked: None }));
    assert_eq!(told("small"), Ok(WebFile { bytes: 1, unpacked: None }));
    assert_eq!(told("none"), Err(Fault::NoFile));
    // Never more than a few bytes, and no login.
    assert!(server.seen().iter().all(|asked| !asked.header("range").is_empty()));
    assert!(server.seen().iter().all(|asked| asked.header("authorization").is_empty()));
}

#[test]
fn a_server_that_means_no_good_is_not_believed() {
    let file = |reply: Reply| {
        let server = Server::start(move |_| reply.clone());
        told(&server, "a.tar.gz")
    };
    let says = |range: &str, body: Vec<u8>| {
        file(Reply { status: 206, ..Reply::of(body) }.with("Content-Range", range))
    };
    let length = Fault::Answer("the server does not say how long the file is");
    assert_eq!(says("bytes 0-511/*", vec![0; 512]), Err(length.clone()));
    assert_eq!(file(Reply { status: 206, ..Reply::of("x") }), Err(length.clone()));
    assert_eq!(file(Reply { endless: true, ..Reply::of("x") }), Err(length));
    assert_eq!(
        says("bytes 0-511/7000", vec![0; 600]),
        Err(Fault::Limit("more bytes of a file than were asked for"))
    );
    assert_eq!(
        file(Reply { status: 206, endless: true, ..Reply::of("x") }.with("Content-Range", "bytes 0-511/9")),
        Err(Fault::Limit("more bytes of a file than were asked for"))
    );
    // Without ranges the length is all that is known.
    assert_eq!(file(Reply::of(gzip(&[0; 4000]))).map(|file| file.unpacked), Ok(None));
    // A trailer that cannot be right.
    let lies = [gzip(&[0; 4000]), vec![0xff; 4]].concat();
    let server = Server::start(move |asked| part(&lies, asked));
    assert_eq!(told(&server, "a.gz").map(|file| file.unpacked), Ok(None));
    assert_eq!(file(Reply::status(401)), Err(Fault::Closed));
    assert_eq!(file(Reply::status(500)), Err(Fault::Status(500)));
    assert_eq!(file(Reply::status(416)), Ok(WebFile { bytes: 0, unpacked: None }));
}

#[test]
fn what_a_server_has_is_kept_and_used() {
    let packed = gzip(&archive(&[3_000_000]));
    let size = packed.len();
    let server = Server::start(move |asked| match &*asked.path {
        "/a-1.2.tar.gz" => part(&packed, asked),
        "/tool" => part(&[7; 9_000], asked),
        _ => Reply::status(404),
    });
    let host = server.host();
    let text = format!(
        "FROM scratch\nARG V=1.2\nARG SECRET\nADD http://{host}/tool /tool\n\
         RUN curl -fsSL http://{host}/a-$V.tar.gz | tar xz -C /opt\n\
         RUN curl -fsSLo /tmp/a.tgz http://{host}/a-$V.tar.gz && tar xf /tmp/a.tgz -C /srv && rm /tmp/a.tgz\n\
         RUN wget -O /bin/tool http://{host}/tool && chmod +x /bin/tool\n\
         ADD http://{host}/$SECRET /x\n"
    );
    let project = Project::of(&text);
    let plain = ["lock", "--plain-http", &host, "--build-arg", "SECRET=hushhush"];
    let (code, _, err) = project.run(&[&plain[..], &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{err}");
    let list = format!(
        "These web servers are asked how long files are, and for a few bytes of them:\n  http://{host}\n    \
         /a-1.2.tar.gz  Dockerfile:5, Dockerfile:6\n    /tool  Dockerfile:4, Dockerfile:7\n"
    );
    assert_eq!(err, list);
    assert!(server.seen().is_empty());
    let (code, out, err) = project.run(&[&plain[..], &["--yes"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("dlint.lock: 0 base images, 2 files\n"), "{out}");
    let lock = project.lock();
    assert!(lock.contains(&format!("\"http://{host}/tool\" = {{ bytes = 9000, date = ")), "{lock}");
    assert!(!format!("{lock}{out}{err}{:?}", server.log()).contains("hush"));
    drop(server);
    let (code, out, err) = project.run(&["size", "--format", "json"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let rows = json["stages"][0]["rows"].as_array().unwrap();
    let of = |at: usize| (rows[at]["sum"]["bytes"].as_u64().unwrap(), rows[at]["known_by"].as_str().unwrap());
    assert_eq!(of(1), (9_000, "fetched"), "{out}");
    for at in [2, 3] {
        let (bytes, known_by) = of(at);
        assert!((1_500_000..=3_002_048).contains(&bytes), "{bytes} of {size}");
        assert_eq!(known_by, "fetched");
    }
    assert_eq!(of(4), (9_000, "fetched"));
    assert_eq!(of(5).1, "unknown");
    // What no build takes any more goes.
    std::fs::write(project.0.path().join("Dockerfile"), format!("FROM scratch\nADD http://{host}/tool /\n"))
        .unwrap();
    let (_, out, _) = project.run(&["lock", "--plain-http", &host, "--yes"]);
    assert!(out.contains("; 1 entry that no build needs any more is dropped"), "{out}");
    assert!(!project.lock().contains("tar.gz") && project.lock().contains("/tool"));
}

#[test]
fn a_plan_may_ask_by_itself() {
    let server = Server::start(|asked| part(&[7; 9_000], asked));
    let host = server.host();
    let project = Project::of(&format!("FROM scratch\nADD http://{host}/tool /tool\n"));
    let args = ["size", "--online", "--plain-http", &host, "--format", "json"];
    let (code, _, err) = project.run(&args);
    assert_eq!(code, Some(2));
    assert!(err.contains("nothing was asked, since there is no terminal"), "{err}");
    assert!(server.seen().is_empty());
    let (code, out, _) = project.run(&[&args[..], &["--yes"]].concat());
    assert_eq!(code, Some(0));
    assert!(out.contains("\"known_by\":\"fetched\"") || out.contains("\"known_by\": \"fetched\""), "{out}");
    assert!(project.lock().is_empty());
    // The answers of a day are kept where the user's caches are.
    let asked = server.seen().len();
    let (code, again, _) = project.run(&args);
    assert_eq!((code, again), (Some(0), out));
    assert_eq!(server.seen().len(), asked);
    let cached = std::fs::read_to_string(project.0.path().join("cache/dlint/online.lock")).unwrap();
    assert!(cached.contains("/tool\" = { bytes = 9000"), "{cached}");
    let (_, offline, _) = project.run(&["size", "--format", "json"]);
    assert!(!offline.contains("fetched"), "{offline}");
}
