//! Image archives: read or refused. An odd first byte makes the rest a layer of an image that is sound otherwise,
//! so that the reader of layers is reached; and checksums of tar are put right, since nobody guesses them.
#![no_main]

use dlint_fuzz::image::{Options, Watch, read_stream};

const BLOCK: usize = 512;

/// Puts the checksums right of all blocks that say they are headers.
fn with_checksums(mut tar: Vec<u8>) -> Vec<u8> {
    for block in tar.chunks_exact_mut(BLOCK).filter(|b| b[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    tar
}

fn push(tar: &mut Vec<u8>, path: &str, contents: &[u8]) {
    let mut header = [0; BLOCK];
    header[..path.len()].copy_from_slice(path.as_bytes());
    header[124..136].copy_from_slice(format!("{:011o}\0", contents.len()).as_bytes());
    header[156] = b'0';
    header[257..262].copy_from_slice(b"ustar");
    tar.extend(header);
    tar.extend(contents);
    tar.resize(tar.len().next_multiple_of(BLOCK), 0);
}

/// What `docker save` writes of an image with one layer.
fn saved(layer: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["sha256:{}"]}}}}"#, "0".repeat(64));
    push(&mut tar, "manifest.json", br#"[{"Config":"config.json","RepoTags":[],"Layers":["layer.tar"]}]"#);
    push(&mut tar, "config.json", config.as_bytes());
    push(&mut tar, "layer.tar", layer);
    tar.resize(tar.len() + 2 * BLOCK, 0);
    with_checksums(tar)
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let rest = with_checksums(rest.to_vec());
    let archive = if first % 2 == 1 { saved(&rest) } else { rest };
    let watch = [Watch::Folder("/var/lib".to_owned()), Watch::Named("__pycache__".to_owned())];
    let options = Options { watch: &watch, unverified: true, ..Options::default() };
    if let Ok(image) = read_stream(archive.as_slice(), "image", options) {
        assert!(image.visible <= image.bytes, "more is seen than is there");
        assert_eq!(image.bytes, image.layers.iter().map(|l| l.bytes).sum::<u64>());
        assert_eq!(image.hidden_bytes(), image.hidden.iter().map(|h| h.bytes).sum::<u64>());
    }
});
