//! Where dive's figures are wrong, its formula beside the truth. `docs/size.md` works these examples out.
//!
//! dive adds up the sizes of each path over all layers. What it calls wasted is the sum of the paths that it
//! saw twice or more, its efficiency the sum of the least sizes by the sum of all
//! (`dive/filetree/efficiency.go`, version 0.13).

use std::collections::BTreeMap;

use super::build::{Tar, archive, oci, saved};
use crate::image::{Options, read_stream};

/// A file and its bytes; `.wh.` marks what it does in an archive.
type File = (&'static str, u64);

/// What a tool says: bytes wasted, and the share of bytes of use in thousandths.
#[derive(Debug, PartialEq, Eq)]
struct Says {
    wasted: u64,
    efficiency: u64,
}

fn says(wasted: u64, useful: u64, all: u64) -> Says {
    Says { wasted, efficiency: (useful * 1000).checked_div(all).unwrap_or(1000) }
}

fn layer(files: &[File]) -> Vec<u8> {
    let file = |tar: Tar, (path, size): &File| tar.file(path, &vec![b'x'; usize::try_from(*size).unwrap()]);
    files.iter().fold(Tar::default(), file).end()
}

fn dlint(layers: &[&[File]]) -> Says {
    let layers: Vec<Vec<u8>> = layers.iter().map(|l| layer(l)).collect();
    let image = read_stream(&saved(&layers).end()[..], "test.tar", Options::default()).unwrap();
    says(image.hidden_bytes(), image.visible, image.bytes)
}

/// dive's formula, and the entries that it looks at.
fn dive(layers: &[&[File]]) -> (Says, usize) {
    let mut looked_at = 0;
    let mut paths: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (index, files) in layers.iter().enumerate() {
        // Names that start with `.wh..wh.` never get into its trees.
        let mut files: Vec<&File> = files.iter().filter(|f| !f.0.contains(".wh..wh.")).collect();
        files.sort_by_key(|f| f.0.split('/').collect::<Vec<_>>());
        for (path, size) in files {
            looked_at += 1;
            let Some(gone) = whiteout(path) else {
                paths.entry((*path).to_owned()).or_default().push(*size);
                continue;
            };
            // The trees of all lower layers, stacked anew.
            let below = stacked(&layers[..index]);
            looked_at += below.len();
            let folder = format!("{gone}/");
            let in_it: u64 = below.iter().filter(|(p, _)| p.starts_with(&folder)).map(|(_, s)| s).sum();
            let is_folder = below.keys().any(|p| p.starts_with(&folder));
            if !is_folder && !below.contains_key(&gone) {
                // An error, which ends the layer.
                break;
            }
            paths.entry(gone).or_default().push(in_it);
        }
    }
    let all: u64 = paths.values().flatten().sum();
    let least: u64 = paths.values().filter_map(|sizes| sizes.iter().min()).sum();
    let wasted: u64 = paths.values().filter(|sizes| sizes.len() > 1).flatten().sum();
    (says(wasted, least, all), looked_at)
}

/// What a whiteout takes away.
fn whiteout(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or((None, path), |(f, n)| (Some(f), n));
    let name = name.strip_prefix(".wh.")?;
    Some(folder.map_or_else(|| name.to_owned(), |f| format!("{f}/{name}")))
}

fn stacked(layers: &[&[File]]) -> BTreeMap<String, u64> {
    let mut tree = BTreeMap::new();
    for files in layers {
        for (path, size) in *files {
            match whiteout(path) {
                Some(gone) => tree.retain(|p: &String, _| *p != gone && !p.starts_with(&format!("{gone}/"))),
                None => drop(tree.insert((*path).to_owned(), *size)),
            }
        }
    }
    tree
}

fn compare(layers: &[&[File]], dlint_says: (u64, u64), dive_says: (u64, u64)) {
    let expect = |(wasted, efficiency)| Says { wasted, efficiency };
    assert_eq!(dlint(layers), expect(dlint_says), "dlint");
    assert_eq!(dive(layers).0, expect(dive_says), "dive");
}

#[test]
fn both_agree_where_a_file_is_removed() {
    compare(&[&[("app", 6000), ("setup", 2000)], &[(".wh.setup", 0)]], (2000, 750), (2000, 750));
}

#[test]
fn dive_counts_the_copy_that_has_to_stay() {
    compare(&[&[("app", 3000)], &[("app", 4000)]], (3000, 571), (7000, 428));
}

#[test]
fn dive_does_not_count_what_is_in_a_removed_folder() {
    compare(
        &[&[("app", 2000), ("cache/a", 6000), ("cache/b", 2000)], &[(".wh.cache", 0)]],
        (8000, 200),
        (0, 1000),
    );
}

#[test]
fn dive_does_not_see_opaque_folders() {
    compare(
        &[&[("data/old", 5000)], &[("data/.wh..wh..opq", 0), ("data/new", 1000)]],
        (5000, 166),
        (0, 1000),
    );
}

#[test]
fn dive_leaves_a_layer_at_a_whiteout_of_what_is_not_there() {
    compare(&[&[("app", 4000)], &[(".wh.absent", 0), ("app", 4000)]], (4000, 500), (0, 1000));
}

#[test]
fn dive_looks_at_all_lower_layers_for_each_whiteout() {
    let files: Vec<(String, String)> =
        (0..1000).map(|i| (format!("cache/{i:04}"), format!("cache/.wh.{i:04}"))).collect();
    let files: &'static [(String, String)] = Box::leak(files.into_boxed_slice());
    let added: Vec<File> = files.iter().map(|(file, _)| (file.as_str(), 2)).collect();
    let removed: Vec<File> = files.iter().map(|(_, gone)| (gone.as_str(), 0)).collect();
    compare(&[&added, &removed], (2000, 0), (2000, 0));
    assert_eq!(dive(&[&added, &removed]).1, 1000 + 1000 * (1 + 1000));
}

/// dive puts the layers of an OCI archive without `manifest.json` on each other in the order of a Go map.
#[test]
fn layers_lie_as_the_manifest_says() {
    let lower: &[File] = &[("app", 3000), ("old", 2000)];
    let upper: &[File] = &[("app", 4000), (".wh.old", 0)];
    // Blobs are stored by digest: the order of the archive says nothing.
    let mut files = oci(&[layer(lower), layer(upper)], <[u8]>::to_vec);
    for _ in 0..2 {
        let image = read_stream(&archive(&files)[..], "app.tar", Options::default()).unwrap();
        assert_eq!(says(image.hidden_bytes(), image.visible, image.bytes), says(5000, 4000, 9000));
        files.reverse();
    }
    assert_eq!(dlint(&[upper, lower]), says(4000, 5000, 9000));
}
