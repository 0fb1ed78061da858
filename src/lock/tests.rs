use super::*;

fn learned(bytes: u64) -> Learned {
    Learned {
        what: "RUN".to_owned(),
        bytes,
        date: "2026-11-28".to_owned(),
        by: "docker".to_owned(),
        args: vec!["VERSION".to_owned()],
        inputs: Inputs { base: "0123456789abcdef".to_owned(), ..Inputs::default() },
    }
}

const TEXT: &str = r#"# What dlint has learned of builds. Made by `dlint lock`: commit it, and do not edit it.
version = 1

[base]
"docker.io/library/node:22 linux/amd64" = { digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", tag = "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210", bytes = 219400000, least = 200000000, most = 220000000, stored = 80000000, date = "2026-11-28", by = "registry", paths = { "/größe" = 7, "/uv" = 47000000 }, user = "node", workdir = "/", platforms = ["linux/amd64", "linux/arm64/v8"], env = ["NODE_VERSION=22", "TOKEN"], cmd = ["node"], onbuild = ["COPY . /app"] }

[fetch]
"https://example.com/a.tar.xz" = { bytes = 5, unpacked = 30, least = 20, most = 40, date = "2026-11-30" }
"https://example.com/größe" = { bytes = 7, date = "2026-11-30" }

[layer."a \"b\" linux/amd64"]
0000000000000001 = { what = "RUN", bytes = 7, date = "2026-11-28", by = "docker", args = ["VERSION"], inputs = { base = "0123456789abcdef" } }
0000000000000002 = { what = "RUN", bytes = 5, date = "2026-11-28", by = "docker", args = ["VERSION"], inputs = { base = "0123456789abcdef" } }
"#;

#[test]
fn what_is_written_is_read_again() {
    let file = LockFile::parse(TEXT).unwrap();
    assert_eq!(file.text(), TEXT);
    assert_eq!(file.layers("a \"b\" linux/amd64").unwrap()["0000000000000001"], learned(7));
    assert_eq!(LockFile::parse(&LockFile::default().text()), Ok(LockFile::default()));
}

#[test]
fn the_entries_of_a_build_are_replaced_together() {
    let mut file = LockFile::parse(TEXT).unwrap();
    file.set_layers("b".to_owned(), Layers::from([("0000000000000003".to_owned(), learned(1))]));
    file.set_layers("a \"b\" linux/amd64".to_owned(), Layers::new());
    let text = file.text();
    assert!(text.contains("[base]\n") && text.contains("[fetch]\n") && text.ends_with('\n'), "{text}");
    assert_eq!(text.matches("what =").count(), 1);
    // Control characters in a path are written so that the file stays one that people can look at.
    file.set_layers("b\u{1b}c".to_owned(), Layers::from([("0000000000000003".to_owned(), learned(1))]));
    assert!(file.text().contains("[layer.\"b\\u001Bc\"]"));
}

#[test]
fn what_is_no_lock_file_is_refused_in_one_sentence() {
    let entry = |text: &str| format!("version = 1\n[layer.\"D linux/amd64\"]\n{text}\n");
    let whole = |change: (&str, &str)| {
        entry(
            &"0000000000000001 = { what = \"RUN\", bytes = 7, date = \"2026-11-28\", by = \"docker\", inputs = {} }"
                .replace(change.0, change.1),
        )
    };
    assert!(LockFile::parse(&whole(("x", "x"))).is_ok());
    for (text, want) in [
        (String::new(), "line 1: `version = 1` is missing"),
        (
            "version = 2\n".to_owned(),
            "line 1: this version of the file is not known, only version 1 is: use a newer dlint",
        ),
        ("version = 1\nlayers = 1\n".to_owned(), "line 2: unknown key `layers`: did you mean `layer`?"),
        (
            "version = 1\n<<<<<<< HEAD\n".to_owned(),
            "line 2: a merge left both sides here: keep the lines of both, and remove the marks",
        ),
        (entry("x = {}"), "line 3: a key is 16 hexadecimal digits"),
        (entry("0000000000000001 = 1"), "line 3: `0000000000000001` must be a table, not a number"),
        (whole(("7", "-7")), "line 3: `bytes` must be a number of bytes, not a number"),
        (whole(("RUN", "\\u001b[31m")), "line 3: this is not what `what` can be"),
        (whole(("2026-11-28", "2026-11-2\\u0007")), "line 3: this is not what `date` can be"),
        (whole(("docker", "../../etc")), "line 3: this is not what `by` can be"),
        (whole(("{}", "{ base = \"/etc/passwd\" }")), "line 3: a hash is 16 hexadecimal digits"),
        (entry("").replace("D linux", "\\u001b"), "line 2: this is not the name of a build"),
    ] {
        assert_eq!(LockFile::parse(&text), Err(want.to_owned()), "{text}");
    }
    let base = |text: &str| {
        let digest = format!("sha256:{}", "0".repeat(64));
        format!(
            "version = 1\n[base]\n\"a:1 linux/amd64\" = {{ digest = \"{digest}\", date = \"2026-11-28\", by = \"registry\"{text} }}\n"
        )
    };
    let read = |text: &str| LockFile::parse(&base(text)).map(|file| file.bases()["a:1 linux/amd64"].range);
    assert_eq!(read(", bytes = 7"), Ok((7, 7)));
    // A range that the bytes are not in is none.
    assert_eq!(read(", bytes = 7, least = 9, most = 1"), Ok((7, 7)));
    assert_eq!(read(""), Err("line 3: `bytes` is missing".to_owned()));
    assert_eq!(
        read(", bytes = 7, user = \"a\\u001b\""),
        Err("line 3: this is not what `user` can be".to_owned())
    );
    assert_eq!(
        read(", bytes = 7, env = [\"a=\\n\"]"),
        Err("line 3: this is not what `env` can be".to_owned())
    );
    assert_eq!(
        read(", bytes = 7, paths = { a = 1 }"),
        Err("line 3: this is not a path in an image".to_owned())
    );
    let tag = read(", bytes = 7, tag = \"22\"");
    assert_eq!(tag, Err("line 3: this is not what `tag` can be".to_owned()));
    assert!(LockFile::parse(&base(", bytes = 7").replace("0000000000", "/etc/passw")).is_err());
    let fetch = |text: &str| LockFile::parse(&format!("version = 1\n[fetch]\n{text}\n"));
    for (text, want) in [
        ("\"x\" = { bytes = 1, date = \"2026-11-30\" }", "line 3: this is not the address of a file"),
        ("\"https://x/\" = { bytes = 1 }", "line 3: `date` is missing"),
        ("\"https://x/\" = { date = \"2026-11-30\" }", "line 3: `bytes` is missing"),
        (
            "\"https://x/\" = { bytes = -1, date = \"2026-11-30\" }",
            "line 3: `bytes` must be a number of bytes, not a number",
        ),
    ] {
        assert_eq!(fetch(text), Err(want.to_owned()), "{text}");
    }
    assert!(LockFile::parse("\u{1b}[31m").is_err());
}

#[test]
fn a_huge_text_is_not_read() {
    let huge = "#".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    assert!(LockFile::parse(&huge).unwrap_err().starts_with("it is larger than 8 MiB"));
    let deep = format!("version = 1\n[fetch]\na = {}", "[".repeat(100_000));
    assert!(LockFile::parse(&deep).is_err());
    let entries: String = (0..=MAX_ENTRIES).map(|n| format!("a{n} = 1\n")).collect();
    assert_eq!(
        LockFile::parse(&format!("version = 1\n[fetch]\n{entries}")),
        Err("line 1: more than 50000 entries".to_owned())
    );
}
