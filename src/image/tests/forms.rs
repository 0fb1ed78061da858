//! The forms that images come in.

use std::fs;

use super::build::{Tar, archive, gzip, oci, saved, zstd};
use crate::image::{Compression, Image, Options, read, read_stream};

fn layers() -> Vec<Vec<u8>> {
    vec![
        Tar::default().folder("etc/").file("etc/a", b"12345").end(),
        Tar::default().file("b", &[7; 5000]).file("etc/.wh.a", b"").end(),
    ]
}

/// Reads it as a file and as a stream.
fn both(bytes: &[u8]) -> Image {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    fs::write(&path, bytes).unwrap();
    let image = read(&path, Options::default()).unwrap();
    let streamed = read_stream(bytes, "stdin", Options::default()).unwrap();
    assert_eq!(serde_json::to_string(&image).unwrap(), serde_json::to_string(&streamed).unwrap());
    image
}

fn check(image: &Image) {
    assert_eq!((image.names.as_slice(), &*image.platform), (["app:1".to_owned()].as_slice(), "linux/amd64"));
    assert_eq!((image.bytes, image.visible), (5005, 5000));
    let steps: Vec<_> = image.history.iter().map(|s| (&*s.created_by, s.layer)).collect();
    assert_eq!(steps, [("ENV A=1", None), ("RUN 0 # buildkit", Some(0)), ("RUN 1 # buildkit", Some(1))]);
    assert_eq!(image.layers.iter().map(|l| l.step).collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[test]
fn docker_save() {
    let image = both(&saved(&layers()).end());
    check(&image);
    assert_eq!((image.layers[0].compression, image.layers[0].stored), (Compression::None, 2560));
}

#[test]
fn docker_save_with_compressed_layers_and_in_a_compressed_archive() {
    // kaniko compresses layers, people the whole.
    let plain = layers();
    let tar = saved(&plain).end();
    check(&both(&gzip(&tar)));
    check(&both(&zstd(&tar)));
}

#[test]
fn oci_archives() {
    for (compress, compression) in [
        ((|b: &[u8]| b.to_vec()) as fn(&[u8]) -> Vec<u8>, Compression::None),
        (gzip, Compression::Gzip),
        (zstd, Compression::Zstd),
        // Seekable layers are many gzip members, one after the other.
        (|b| b.chunks(700).flat_map(gzip).collect(), Compression::Gzip),
    ] {
        let image = both(&archive(&oci(&layers(), compress)));
        check(&image);
        assert_eq!(image.layers[1].compression, compression);
    }
}

#[test]
fn an_oci_folder() {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in oci(&layers(), gzip) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    check(&read(folder.path(), Options::default()).unwrap());
}

#[test]
fn a_layer_that_is_a_link_to_another() {
    let layer = Tar::default().file("a", b"123").end();
    let bytes = saved(&[layer.clone(), layer]);
    // The second copy becomes a link, as `docker save` used to write it.
    let text = String::from_utf8_lossy(&bytes.bytes).into_owned();
    assert!(text.contains("1/layer.tar"));
    let config_end = bytes.bytes.windows(11).position(|w| w == b"0/layer.tar").unwrap();
    let config = Tar { bytes: bytes.bytes[..config_end].to_vec() };
    let layer = Tar::default().file("a", b"123").end();
    let manifest_at = bytes.bytes.windows(13).position(|w| w == b"manifest.json").unwrap();
    let mut whole = config.file("0/layer.tar", &layer).symlink("1/layer.tar", "../0/layer.tar");
    whole.bytes.extend_from_slice(&bytes.bytes[manifest_at..]);
    let image = both(&whole.end());
    assert_eq!((image.layers.len(), image.bytes, image.visible), (2, 6, 3));
}

#[test]
fn long_names_of_every_kind() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(120));
    let gnu = Tar::default().meta(b'L', format!("{long}\0").as_bytes()).file("short", b"12345");
    let pax = Tar::default().pax("path", &long).file("short", b"12345");
    let mut prefix = Tar::default().file("f", b"12345");
    prefix.bytes[345..350].copy_from_slice(b"a/b/c");
    super::build::checksum(&mut prefix.bytes[..512]);
    for (layer, path) in
        [(gnu, format!("/{long}")), (pax, format!("/{long}")), (prefix, "/a/b/c/f".to_owned())]
    {
        let image = both(&saved(&[layer.end()]).end());
        assert_eq!(image.largest[0].path, path);
    }
}

#[test]
fn long_targets_of_links() {
    let long = format!("{}/{}", "d".repeat(120), "f".repeat(120));
    let named = Tar::default().pax("path", &long).file("short", b"12345");
    for layer in [
        named.clone().meta(b'K', format!("{long}\0").as_bytes()).hard_link("name", "short"),
        named.clone().pax("linkpath", &long).hard_link("name", "short"),
    ] {
        // The link is a name of the file: with one of them gone the other is there.
        let gone =
            Tar::default().meta(b'L', format!("{}/.wh.{}\0", "d".repeat(120), "f".repeat(120)).as_bytes());
        let image = both(&saved(&[layer.end(), gone.file("short", b"").end()]).end());
        assert_eq!((image.bytes, image.visible, &*image.largest[0].path), (5, 5, "/name"));
    }
    // What is said of the next entry is not said of the one behind it.
    let layer =
        Tar::default().meta(b'L', b"long\0").meta(b'K', b"link\0").symlink("s", "t").file("after", b"1");
    let image = both(&saved(&[layer.end()]).end());
    assert_eq!((image.largest[0].path.as_str(), image.layers[0].added), ("/after", 2));
}

#[test]
fn absolute_names_and_dots_mean_the_same_file() {
    let image = both(
        &saved(&[
            Tar::default().file("/etc/a", b"123").end(),
            Tar::default().folder("./").file("./etc//./a", b"12").end(),
        ])
        .end(),
    );
    assert_eq!((image.bytes, image.visible), (5, 2));
}

#[test]
fn a_platform_can_be_chosen() {
    let bytes = archive(&oci(&layers(), gzip));
    let with = |platform| {
        let options = Options { platform: Some(platform), ..Options::default() };
        read_stream(&bytes[..], "app.tar", options)
    };
    assert!(with("linux/amd64").is_ok());
    let error = with("linux/arm64").unwrap_err().to_string();
    assert_eq!(error, "app.tar: index.json: it does not hold that platform; there is linux/amd64");
}

#[test]
fn sparse_files_weigh_what_is_stored() {
    // GNU's old form: 1 EiB of holes around five bytes, the map in the header.
    let mut sparse = Tar::default().header("holes", b'S', 5, "");
    sparse.bytes[386..398].copy_from_slice(b"00000000000\0");
    sparse.bytes[398..410].copy_from_slice(b"00000000005\0");
    sparse.bytes[483] = 0x80;
    sparse.bytes[487..495].copy_from_slice(&(1_u64 << 60).to_be_bytes());
    sparse.bytes[482] = 1;
    super::build::checksum(&mut sparse.bytes[..512]);
    sparse.bytes.extend_from_slice(&[0; 512]);
    sparse.contents(b"12345");
    let image = both(&saved(&[sparse.file("after", b"12").end()]).end());
    assert_eq!((image.bytes, image.files), (7, 2));
    // pax: the name of the file stands in a record, `path` is made up.
    let pax = Tar::default().pax("GNU.sparse.name", "real").file("GNUSparseFile.1/real", b"12345").end();
    assert_eq!(both(&saved(&[pax]).end()).largest[0].path, "/real");
}
