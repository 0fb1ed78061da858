//! What ADD makes of a file.

use super::build::{Tar, gzip, zstd};
use crate::image::{Unpacked, unpacked};

#[test]
fn archives_are_known_by_their_contents() {
    let plain = Tar::default().folder("b").file("a", &[0; 3000]).file("b/c", b"four").file("b/c", b"five5");
    let plain = plain.hard_link("d", "a").end();
    assert_eq!(unpacked(&plain[..]), Unpacked::To(3005));
    assert_eq!(unpacked(&gzip(&plain)[..]), Unpacked::To(3005));
    assert_eq!(unpacked(&zstd(&plain)[..]), Unpacked::To(3005));
    let cut = gzip(&Tar::default().file("a", &[7; 3000]).file("b", &[9; 90_000]).end());
    assert_eq!(unpacked(&cut[..cut.len() - 20]), Unpacked::Broken);
    for copied in [&b""[..], b"text", &[b'x'; 2000], &[0; 10_240], &gzip(&[b'x'; 5000])] {
        assert_eq!(unpacked(copied), Unpacked::NoArchive);
    }
}

#[test]
fn rarer_forms_are_read() {
    // `printf hello > a && tar cf - a | bzip2`, and the same with `xz`.
    for archive in [&include_bytes!("hello.tar.bz2")[..], &include_bytes!("hello.tar.xz")[..]] {
        assert_eq!(unpacked(archive), Unpacked::To(5));
    }
}
