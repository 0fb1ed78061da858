//! Archives and folders of several images, and files with several names.

use std::fs;

use super::build::{Tar, archive, config, gzip, oci};
use crate::image::blob::digest_of;
use crate::image::{Image, Options, Watch, read, read_stream};

/// What `docker save a b` writes.
fn saved_twice() -> Vec<u8> {
    let mut tar = Tar::default();
    let mut entries = Vec::new();
    for (name, contents) in
        [("registry.example.com/team/one:1", &b"1"[..]), ("docker.io/library/two:latest", b"22")]
    {
        let layer = Tar::default().file("a", contents).end();
        let config = config(std::slice::from_ref(&layer));
        let digest = digest_of(config.as_bytes()).replace("sha256:", "");
        tar = tar
            .file(&format!("{digest}.json"), config.as_bytes())
            .file(&format!("{digest}/layer.tar"), &layer);
        entries.push(format!(
            "{{\"Config\":\"{digest}.json\",\"RepoTags\":[\"{name}\"],\"Layers\":[\"{digest}/layer.tar\"]}}"
        ));
    }
    tar.file("manifest.json", format!("[{}]", entries.join(",")).as_bytes()).end()
}

fn picked(bytes: &[u8], pick: Option<&str>) -> Result<Image, String> {
    let options = Options { pick, ..Options::default() };
    read_stream(bytes, "a.tar", options).map_err(|error| error.to_string())
}

#[test]
fn one_of_several_saved_images_is_chosen_by_its_name() {
    let bytes = saved_twice();
    for (name, want) in [
        ("registry.example.com/team/one:1", 1),
        ("team/one:1", 1),
        ("one", 1),
        ("two", 2),
        ("two:latest", 2),
        ("library/two", 2),
    ] {
        assert_eq!(picked(&bytes, Some(name)).map(|image| image.bytes), Ok(want), "{name}");
    }
    let names = "registry.example.com/team/one:1, docker.io/library/two:latest";
    assert_eq!(
        picked(&bytes, None).unwrap_err(),
        format!("a.tar: manifest.json: it holds several images: {names}")
    );
    let error = format!("a.tar: manifest.json: it holds no image of that name; there is {names}");
    for name in ["three", "one:2", "tw", "ne:1"] {
        assert_eq!(picked(&bytes, Some(name)).unwrap_err(), error, "{name}");
    }
}

/// The files of an OCI layout whose manifest is in the index for two platforms; the config knows one of them.
fn two_platforms() -> Vec<(String, Vec<u8>)> {
    let mut files = oci(&[Tar::default().file("a", b"123").end()], gzip);
    let (_, index) = files.last_mut().unwrap();
    let text = String::from_utf8(index.clone()).unwrap();
    let start = text.find("{\"mediaType\"").unwrap();
    let end = text.find(",{\"digest\":\"sha256:0\"").unwrap();
    let own = &text[start..end];
    let other = own.replace("amd64", "arm64");
    *index = format!("{{\"manifests\":[{own},{other}]}}").into_bytes();
    files
}

#[test]
fn an_index_beside_a_manifest_may_have_more_platforms() {
    let mut files = two_platforms();
    let config = files.iter().find(|(_, bytes)| bytes.starts_with(b"{\"architecture\"")).unwrap().0.clone();
    let layer = files.iter().find(|(_, bytes)| bytes.starts_with(&[0x1f, 0x8b])).unwrap().0.clone();
    let saved = format!("[{{\"Config\":\"{config}\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"{layer}\"]}}]");
    files.push(("manifest.json".to_owned(), saved.into_bytes()));
    let bytes = archive(&files);
    for platform in ["linux/amd64", "linux/arm64"] {
        let options = Options { platform: Some(platform), ..Options::default() };
        assert_eq!(read_stream(&bytes[..], "a.tar", options).unwrap().platform, platform);
    }
}

#[test]
fn an_index_may_be_in_a_folder_as_skopeo_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in two_platforms() {
        let digits = path.rsplit('/').next().unwrap();
        let name = match digits {
            "index.json" => "manifest.json".to_owned(),
            _ if bytes.starts_with(b"{\"schemaVersion\"") => format!("{digits}.manifest.json"),
            _ => digits.to_owned(),
        };
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let options = Options { platform: Some("linux/arm64"), ..Options::default() };
    assert_eq!(read(folder.path(), options).unwrap().bytes, 3);
    let error = read(folder.path(), Options::default()).unwrap_err().fault.to_string();
    assert_eq!(error, "it holds several images: app:1 linux/amd64, app:1 linux/arm64");
}

#[test]
fn a_leftover_with_a_name_in_use_is_none() {
    let watch = [Watch::Folder("~/.cache".to_owned())];
    let layer = Tar::default()
        .file("root/.cache/only", b"1")
        .file("root/.cache/linked", b"22")
        .hard_link("usr/lib/linked", "root/.cache/linked")
        .file("root/.cache/twice", b"333")
        .hard_link("root/.cache/again", "root/.cache/twice");
    let bytes = archive(&oci(&[layer.end()], gzip));
    let options = Options { watch: &watch, ..Options::default() };
    let image = read_stream(&bytes[..], "a.tar", options).unwrap();
    assert_eq!(image.watched.iter().map(|w| (w.bytes, w.files)).collect::<Vec<_>>(), [(4, 2)]);
}

#[test]
fn layers_in_other_forms_say_so() {
    let layer = Tar::default().file("a", b"1").end();
    let bytes = archive(&oci(&[layer], |_| b"BZh91AY&SY".to_vec()));
    let error = picked(&bytes, None).unwrap_err();
    assert!(
        error.ends_with("it is compressed with bzip2, which image layers cannot be: use gzip or zstd"),
        "{error}"
    );
}
