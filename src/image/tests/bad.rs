//! What is no image, or a broken one.

use std::fs;

use super::build::{Tar, archive, config, gzip, oci, saved, zstd};
use crate::image::layer::Budget;
use crate::image::{Fault, Options, read, read_stream, read_within};

/// The error for these bytes, the same as a file and as a stream.
fn error(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    fs::write(&path, bytes).unwrap();
    let error = read(&path, Options::default()).unwrap_err().to_string();
    let error = error.replace(path.to_str().unwrap(), "app.tar");
    let streamed = read_stream(bytes, "app.tar", Options::default()).unwrap_err().to_string();
    assert_eq!(error, streamed);
    error
}

fn layer() -> Vec<u8> {
    Tar::default().file("a", &[b'x'; 3000]).file("b", b"12").end()
}

#[test]
fn what_is_no_image() {
    let none = "app.tar: this is not an image: neither what `docker save` writes nor an OCI layout";
    for bytes in [&b""[..], b"FROM debian\n", &[0xff; 4096], &Tar::default().file("a", b"1").end()] {
        assert_eq!(error(bytes), none);
    }
    assert_eq!(error(&[0; 4096]), none);
    assert_eq!(error(&gzip(b"FROM debian\n")), none);
}

#[test]
fn a_cut_archive_is_an_error_wherever_it_is_cut() {
    let whole = saved(&[layer()]).end();
    // What follows the last entry is no loss.
    let end = whole.len() - 1024;
    for cut in (1..end).step_by(97).chain([end - 1, 512, 1024]) {
        let error = error(&whole[..cut]);
        assert!(
            error.contains("too early") || error.contains("not an image") || error.contains("missing"),
            "{cut}: {error}"
        );
    }
    for compress in [gzip, zstd] {
        let whole = compress(&saved(&[layer()]).end());
        // The last bytes are the end of the archive and checksums, which nothing depends on.
        for cut in (5..whole.len() - 64).step_by(13) {
            let error = error(&whole[..cut]);
            assert!(error.contains("too early") || error.contains("corrupt"), "{cut}: {error}");
        }
    }
}

#[test]
fn a_cut_layer_is_named() {
    let cut = layer()[..2000].to_vec();
    assert_eq!(
        error(&saved(&[layer(), cut]).end()),
        "app.tar: layer 2: the archive ends too early; it was cut off"
    );
}

#[test]
fn a_cut_archive_is_cut_whatever_is_wrong_before() {
    // What reads ahead meets the end while a broken layer is being read.
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_le_bytes()[7]
    });
    let broken = [vec![b'#'; 512], noise.take(3 << 20).collect()].concat();
    let whole = saved(&[broken]).end();
    assert!(error(&whole).contains("no tar header"));
    for compress in [gzip, zstd] {
        let whole = compress(&whole);
        for cut in [whole.len() / 10, whole.len() / 2, whole.len() - 4096] {
            let error = error(&whole[..cut]);
            assert!(error.contains("too early"), "{cut}: {error}");
        }
    }
}

#[test]
fn flipped_bits_in_compressed_layers() {
    for compress in [gzip, zstd] {
        let files = oci(&[layer()], |bytes| {
            let mut bytes = compress(bytes);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x55;
            bytes
        });
        let error = error(&archive(&files));
        assert!(error.starts_with("app.tar: layer 1: "), "{error}");
        let words = ["corrupt", "digest", "too early", "no tar header"];
        assert!(words.iter().any(|word| error.contains(word)), "{error}");
    }
}

#[test]
fn contents_that_are_not_what_the_digest_says() {
    let mut whole = saved(&[layer()]).end();
    let at = whole.windows(4).position(|w| w == b"xxxx").unwrap();
    whole[at] = b'y';
    assert!(
        error(&whole)
            .starts_with("app.tar: layer 1: the contents are not what the digest says: expected sha256:")
    );

    let mut files = oci(&[layer()], <[u8]>::to_vec);
    let config = files.iter().position(|(_, b)| b.starts_with(b"{\"architecture")).unwrap();
    files[config].1.push(b' ');
    assert!(error(&archive(&files)).contains("the contents are not what the digest says"));
}

#[test]
fn names_that_lead_out_of_the_image() {
    let up = Tar::default().file("a/../../etc/passwd", b"1").end();
    assert_eq!(
        error(&saved(&[up]).end()),
        "app.tar: layer 1: the name `a/../../etc/passwd` leads out of the image"
    );
    let link = Tar::default().file("a", b"1").hard_link("b", "../../etc/passwd").end();
    assert!(error(&saved(&[link]).end()).contains("leads out of the image"));
    // A manifest that names a file outside of a layout.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.json"), "[{\"Config\":\"../../etc/passwd\",\"Layers\":[]}]")
        .unwrap();
    let error = read(folder.path(), Options::default()).unwrap_err();
    assert!(matches!(error.fault, Fault::Traversal(_)), "{error}");
}

#[test]
fn huge_declared_sizes() {
    for size in [u64::MAX, 1 << 62, 1 << 40] {
        let layer = Tar::default().header("a", b'0', size, "").end();
        assert!(error(&saved(&[layer]).end()).contains("too early"), "{size}");
        let outer = Tar::default().header("manifest.json", b'0', size, "").end();
        assert!(error(&outer).contains("too early"), "{size}");
    }
    let meta = Tar::default().header("x", b'x', 1 << 30, "").end();
    assert!(error(&saved(&[meta]).end()).contains("a name or attribute of more than 1 MiB"));
}

#[test]
fn broken_headers() {
    let mut wrong = Tar::default().file("a", b"1").bytes;
    wrong[0] = b'b';
    assert_eq!(
        error(&saved(&[wrong]).end()),
        "app.tar: layer 1: no tar header at byte 0: its checksum is wrong"
    );
    let pax = Tar::default().meta(b'x', b"999 path=a\n").file("a", b"1").end();
    assert_eq!(error(&saved(&[pax]).end()), "app.tar: layer 1: no tar header at byte 0: a broken pax record");
    let mut negative = Tar::default().file("a", b"1").bytes;
    negative[124..136].fill(0xff);
    super::build::checksum(&mut negative[..512]);
    assert!(error(&saved(&[negative]).end()).contains("its size is no number"));
}

#[test]
fn manifests_that_cannot_be() {
    let one = |name: &str, text: &str| error(&Tar::default().file(name, text.as_bytes()).end());
    assert!(one("manifest.json", "[{").contains("manifest.json: unexpected JSON"));
    assert!(one("manifest.json", "[]").contains("not an image"));
    assert!(one("manifest.json", &"[".repeat(100_000)).contains("unexpected JSON"));
    assert!(
        one("index.json", "{\"manifests\":[{\"digest\":\"sha256:../../x\"}]}")
            .contains("is not a sha256 digest")
    );
    assert!(one("index.json", "{\"manifests\":[]}").contains("not an image"));
    let missing = "[{\"Config\":\"c.json\",\"Layers\":[]}]";
    assert_eq!(
        one("manifest.json", missing),
        "app.tar: c.json: `c.json` is missing, though the manifest names it"
    );
    let counts = Tar::default()
        .file("c.json", config(&[layer()]).as_bytes())
        .file("manifest.json", b"[{\"Config\":\"c.json\",\"Layers\":[]}]")
        .end();
    assert!(error(&counts).contains("the manifest has 0 layers and the config 1 digests of layers"));
    let several = Tar::default()
        .file("c.json", config(&[]).as_bytes())
        .file("manifest.json", b"[{\"Config\":\"c.json\",\"RepoTags\":[\"a:1\"],\"Layers\":[]},{\"Config\":\"c.json\",\"Layers\":[]}]")
        .end();
    assert_eq!(error(&several), "app.tar: manifest.json: it holds several images: a:1, linux/amd64");
}

#[test]
fn members_that_link_in_a_ring() {
    let ring = Tar::default().symlink("manifest.json", "a").symlink("a", "manifest.json").end();
    assert!(error(&ring).contains("missing"));
    let out = Tar::default().symlink("manifest.json", "../../../etc/passwd").end();
    assert!(error(&out).contains("not an image"));
}

#[test]
fn what_does_not_exist() {
    let error = read(std::path::Path::new("/no/such/image.tar"), Options::default()).unwrap_err();
    assert!(matches!(error.fault, Fault::Io(_)));
}

#[test]
fn mutants_never_panic() {
    let whole = saved(&[layer(), gzip(&layer())]).end();
    let mut state = 0x9e37_79b9_u64;
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % bytes.len();
            bytes[at] = state.to_le_bytes()[3];
        }
        let _ = read_stream(&bytes[..], "mutant", Options::default());
    }
}

/// A layer that takes a few bytes and expands to many.
fn expanding(size: usize, compress: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let layer = Tar::default().file("zeros", &vec![0; size]).end();
    let files = oci(&[layer], compress);
    assert!(files.iter().all(|(_, bytes)| bytes.len() < size / 100));
    archive(&files)
}

#[test]
fn a_gzip_bomb_is_read_and_not_kept() {
    // Zeros are honest contents, and gzip has a limit of its own: a thousandth.
    let image = read_stream(&expanding(40 << 20, gzip)[..], "app.tar", Options::default()).unwrap();
    assert_eq!(image.bytes, 40 << 20);
    assert!(image.stored < 1 << 20);
}

#[test]
fn what_expands_without_end_is_refused() {
    let layer = expanding(40 << 20, zstd);
    assert_eq!(error(&layer), "app.tar: layer 1: a few bytes expand to more than 4 GiB of nothing");
    // As a whole, too: its members are read on the way.
    let whole = saved(&[Tar::default().file("zeros", &vec![0; 40 << 20]).end()]).end();
    assert_eq!(error(&zstd(&whole)), "app.tar: a few bytes expand to more than 4 GiB of nothing");
}

#[test]
fn other_kinds_of_files_are_no_images() {
    let pdf = [b"%PDF-1.7\n".as_slice(), &[b'x'; 5000]].concat();
    let zip = [b"PK\x03\x04".as_slice(), &[0; 5000]].concat();
    let elf = [b"\x7fELF".as_slice(), &[1; 5000]].concat();
    for bytes in [pdf, zip, elf, b"\x1f\x8b".to_vec(), b"\x28\xb5\x2f\xfd".to_vec(), vec![b'a'; 511]] {
        let said = error(&bytes);
        assert!(said.contains("not an image") || said.contains("too early"), "{said}");
    }
}

#[test]
fn a_layer_that_is_none() {
    let text = error(&saved(&[b"#!/bin/sh\n".repeat(200)]).end());
    assert_eq!(text, "app.tar: layer 1: no tar header at byte 0: its checksum is no number");
    // An empty file is an archive without entries.
    assert_eq!(read_stream(&saved(&[Vec::new()]).end()[..], "a", Options::default()).unwrap().bytes, 0);
}

#[test]
fn sizes_that_cannot_be() {
    let sized = |field: &[u8; 12]| {
        let mut tar = Tar::default().file("a", b"1").bytes;
        tar[124..136].copy_from_slice(field);
        super::build::checksum(&mut tar[..512]);
        error(&saved(&[tar]).end())
    };
    // -1, -2^63 in GNU's form, text, a number of more than 64 bits.
    let binary = |first: u8, rest: u8| {
        let mut field = [rest; 12];
        field[0] = first;
        field
    };
    for field in
        [binary(0xff, 0xff), binary(0xff, 0), *b"-0000000001\0", *b"0000000008\0\0", binary(0x80, 0xff)]
    {
        assert!(sized(&field).contains("its size is no number"), "{field:?}");
    }
    for value in ["-1", "1.5", "", " 1", "99999999999999999999", "0x10"] {
        let layer = Tar::default().pax("size", value).file("a", b"1").end();
        let image = read_stream(&saved(&[layer]).end()[..], "a", Options::default());
        // An empty value takes back what was said before.
        assert_eq!(image.is_ok(), value.is_empty(), "{value:?}");
    }
}

#[test]
fn a_digest_is_checked_for_each_layer_that_a_blob_is() {
    let one = Tar::default().file("a", b"1").end();
    let two = Tar::default().file("b", b"22").end();
    let config = config(&[one.clone(), two]);
    let manifest = b"[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\",\"l.tar\"]}]";
    let bytes = Tar::default()
        .file("c.json", config.as_bytes())
        .file("l.tar", &one)
        .file("manifest.json", manifest)
        .end();
    assert!(error(&bytes).starts_with("app.tar: layer 2: the contents are not what the digest says"));
    let options = Options { unverified: true, ..Options::default() };
    let image = read_stream(&bytes[..], "app.tar", options).unwrap();
    assert_eq!((image.bytes, image.visible), (2, 1));
}

#[test]
fn many_layers_of_one_blob_have_a_limit() {
    let names: Vec<String> = (0..300).map(|i| format!("{i}")).collect();
    let big = names.iter().fold(Tar::default(), |tar, name| tar.file(name, b"")).end();
    let image = |copies: usize| {
        let manifest =
            format!("[{{\"Config\":\"c.json\",\"Layers\":[{}]}}]", vec!["\"l.tar\""; copies].join(","));
        let config = config(&vec![big.clone(); copies]);
        let tar = Tar::default().file("c.json", config.as_bytes()).file("l.tar", &big);
        let bytes = tar.file("manifest.json", manifest.as_bytes()).end();
        let budget = Budget::of(1 << 20);
        read_within(&bytes[..], "app.tar", Options::default(), &budget).map_err(|e| e.to_string())
    };
    assert_eq!(image(90).unwrap().layers.len(), 90);
    assert!(image(200).unwrap_err().contains("its layers hold too many files"));
}
