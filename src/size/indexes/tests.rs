//! Indexes in each format, and what installs add by them.

use std::io::{BufReader, Cursor, Write as _};

use super::closure::{Adds, Installing};
use super::{Format, Loaded, Named, ReadError, read};
use crate::syntax::ImageRef;

const PACKAGES: &str = "Package: agent\nArchitecture: amd64\nInstalled-Size: 10\nPre-Depends: base-lib (>= 1)\n\
    Depends: mail-agent | little-mail, virtual\nRecommends: extras\nDescription: sends\n what it knows\n\n\
    Package: base-lib\nInstalled-Size: 4\nPriority: required\n\nPackage: little-mail\nInstalled-Size: 2\n\n\
    Package: real\nInstalled-Size: 3\nProvides: virtual (= 2), other\nDepends: agent, nowhere:any\n\n\
    Package: extras\nInstalled-Size: 100\n\nPackage: agent\nArchitecture: arm64\nInstalled-Size: 20\n";

const APKINDEX: &str = "C:Q1\nP:agent\nV:1-r0\nA:x86_64\nS:9\nI:5000\nD:so:libagent.so.1 !old cmd:sh>1\np:cmd:agent=1\n\n\
    P:libagent\nA:x86_64\nI:700\np:so:libagent.so.1=1.2\n\nP:busybox\nA:x86_64\nI:900\np:cmd:sh=1.37\n";

const PRIMARY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="4">
<package type="rpm"><name>agent</name><arch>x86_64</arch><summary>It &amp; that</summary>
<size package="9" installed="5000" archive="1"/><format>
<rpm:provides><rpm:entry name="agent"/><rpm:entry name="agent(x86-64)"/></rpm:provides>
<rpm:requires><rpm:entry name="libagent.so.1()(64bit)"/><rpm:entry name="/bin/sh"/><rpm:entry name="rpmlib(Files)"/>
<rpm:entry name="(a if b)"/></rpm:requires><rpm:recommends><rpm:entry name="extras"/></rpm:recommends></format></package>
<package type="rpm"><name>agent-libs</name><arch>x86_64</arch><size installed="700"/><format><rpm:provides>
<rpm:entry name="libagent.so.1()(64bit)"/></rpm:provides></format></package>
<package type="rpm"><name>agent-libs</name><arch>i686</arch><size installed="600"/></package>
<package type="rpm"><name>bash</name><arch>x86_64</arch><size installed="9000"/><format><file>/bin/sh</file></format></package>
<package type="rpm"><name>extras</name><arch>noarch</arch><size installed="100"/></package>
<package type="rpm"><name>agent</name><arch>src</arch><size installed="1"/></package>
</metadata>"#;

fn loaded(texts: &[&str]) -> Loaded {
    let named = |text: &&str| Named {
        path: "own".to_owned(),
        images: Vec::new(),
        index: read(Cursor::new((*text).to_owned().into_bytes())).unwrap(),
    };
    Loaded { known: texts.iter().map(named).collect(), faults: Vec::new() }
}

fn adds(texts: &[&str], format: Format, arch: &str, names: &[&str], recommends: bool) -> Adds {
    let loaded = loaded(texts);
    let mut installing = Installing::of(&loaded, format, None, arch).unwrap();
    installing.install(names, recommends, &|_| false)
}

fn names(adds: &Adds) -> Vec<&str> {
    adds.packages.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn packages_bring_what_they_need() {
    let found = adds(&[PACKAGES], Format::Packages, "amd64", &["agent", "none"], false);
    assert_eq!(names(&found), ["agent", "base-lib", "little-mail", "real"]);
    assert_eq!(
        (found.bytes(), found.absent, found.needed),
        (19 * 1024, vec!["none".to_owned()], vec!["nowhere".to_owned()])
    );
    let more = adds(&[PACKAGES], Format::Packages, "amd64", &["agent"], true);
    assert_eq!(more.bytes(), 119 * 1024);
    // Another machine has another package, and needs what is for all.
    assert_eq!(adds(&[PACKAGES], Format::Packages, "arm64", &["agent"], false).bytes(), 20 * 1024);
}

#[test]
fn sonames_commands_and_files_are_provided() {
    let found = adds(&[APKINDEX], Format::Apkindex, "amd64", &["agent"], false);
    assert_eq!((names(&found), found.bytes()), (vec!["agent", "libagent", "busybox"], 6600));
    let found = adds(&[PRIMARY], Format::Primary, "amd64", &["agent"], false);
    assert_eq!((names(&found), found.bytes()), (vec!["agent", "agent-libs", "bash"], 14_700));
    assert!(found.needed.is_empty());
    assert_eq!(adds(&[PRIMARY], Format::Primary, "amd64", &["agent"], true).bytes(), 14_800);
}

#[test]
fn what_any_image_has_is_there() {
    for (text, format, program, bytes) in [
        (PACKAGES, Format::Packages, "apt", 15 * 1024),
        (APKINDEX, Format::Apkindex, "apk", 5700),
        (PRIMARY, Format::Primary, "dnf", 5700),
    ] {
        let loaded = loaded(&[text]);
        let mut installing = Installing::of(&loaded, format, None, "amd64").unwrap();
        installing.assume(program);
        assert_eq!(installing.install(&["agent"], false, &|_| false).bytes(), bytes, "{program}");
        // It is there the second time.
        assert_eq!(installing.install(&["agent"], false, &|_| false).bytes(), 0);
    }
}

#[test]
fn indexes_stand_beside_each_other_and_beside_a_table() {
    let other = "Package: nowhere\nInstalled-Size: 1\n";
    let found = adds(&[PACKAGES, other], Format::Packages, "amd64", &["agent"], false);
    assert_eq!((found.bytes(), found.needed.len()), (20 * 1024, 0));
    let loaded = loaded(&[PACKAGES]);
    let mut installing = Installing::of(&loaded, Format::Packages, None, "amd64").unwrap();
    let found = installing.install(&["agent"], false, &|name| name == "nowhere");
    assert_eq!((found.needed.len(), found.elsewhere), (0, vec!["nowhere".to_owned()]));
}

#[test]
fn an_index_counts_for_the_images_that_it_names() {
    let mut loaded = loaded(&[PRIMARY]);
    loaded.known[0].images = vec![ImageRef::parse("rockylinux:9").unwrap()];
    let of = |image: Option<&str>| {
        let image = image.map(|image| ImageRef::parse(image).unwrap());
        Installing::of(&loaded, Format::Primary, image.as_ref(), "amd64").is_some()
    };
    assert!(
        of(Some("rockylinux:9")) && !of(Some("rockylinux:8")) && !of(Some("acme/rockylinux:9")) && !of(None)
    );
    assert!(Installing::of(&loaded, Format::Packages, None, "amd64").is_none());
}

#[test]
fn compressed_indexes_are_read() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let mut header = [0_u8; 512];
    header[..8].copy_from_slice(b"APKINDEX");
    header[124..135].copy_from_slice(format!("{:011o}", APKINDEX.len()).as_bytes());
    header[156] = b'0';
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    header[154] = 0;
    let mut tar = header.to_vec();
    tar.extend(APKINDEX.as_bytes());
    for bytes in [gzip(PACKAGES.as_bytes()), gzip(&tar), gzip(PRIMARY.as_bytes())] {
        let index = read(BufReader::new(Cursor::new(bytes))).unwrap();
        assert!(index.packages.len() >= 3);
    }
}

#[test]
fn what_is_no_index_is_refused() {
    let error = |text: String| read(Cursor::new(text.into_bytes())).unwrap_err();
    for text in ["", "hello\n", "<html><body/></html>", "Format: 1\n"] {
        assert!(matches!(error(text.to_owned()), ReadError::Unknown), "{text}");
    }
    assert!(matches!(error("<metadata><package></metadata>".to_owned()), ReadError::Xml(_)));
    assert!(matches!(error(format!("Package: a\nDepends: {}\n", "a,".repeat(20_000))), ReadError::TooLarge));
    assert!(matches!(error(format!("Package: {}\n", "a".repeat(2 << 20))), ReadError::TooLarge));
    assert!(matches!(error("Package: a\n\n".repeat(100_000)), ReadError::TooLarge));
}
