//! What later layers hide.

use super::build::{Tar, saved};
use crate::image::{Hiding, Image, Options, Watch, read_stream};

fn image(layers: &[Tar]) -> Image {
    let layers: Vec<Vec<u8>> = layers.iter().map(|l| l.clone().end()).collect();
    read_stream(&saved(&layers).end()[..], "test.tar", Options::default()).unwrap()
}

/// Each hidden group as `layer>by how bytes`.
fn hidden(image: &Image) -> Vec<String> {
    image.hidden.iter().map(|h| format!("{}>{} {:?} {}", h.layer, h.by, h.how, h.bytes)).collect()
}

#[test]
fn a_file_is_hidden_by_what_comes_later_at_its_path() {
    let image = image(&[
        Tar::default()
            .folder("a/")
            .file("a/same", b"12345")
            .file("a/other", b"123")
            .file("a/gone", b"1234567"),
        Tar::default().file("a/same", b"12345").file("a/other", b"12").file("a/.wh.gone", b""),
    ]);
    assert_eq!(hidden(&image), ["0>1 Rewritten 5", "0>1 Changed 3", "0>1 Deleted 7"]);
    assert_eq!((image.bytes, image.visible, image.hidden_bytes()), (22, 7, 15));
    assert_eq!((image.layers[0].added, image.layers[0].files), (3, 3));
    assert_eq!((image.layers[1].added, image.layers[1].changed, image.layers[1].deleted), (0, 2, 1));
    assert_eq!(image.layers[0].hidden, 15);
    assert_eq!(image.hidden[0].largest[0].path, "/a/same");
}

#[test]
fn a_removed_folder_takes_all_that_is_in_it() {
    let image = image(&[
        Tar::default().file("a/b/c", b"123").file("a/b/d/e", b"12").file("a!", b"1").file("ab", b"1"),
        Tar::default().file(".wh.a", b""),
    ]);
    assert_eq!(hidden(&image), ["0>1 Deleted 5"]);
    assert_eq!(image.visible, 2);
}

#[test]
fn an_opaque_folder_keeps_what_its_own_layer_puts_there() {
    let image = image(&[
        Tar::default().file("a/old", b"123").file("b", b"1"),
        // The mark may come last: it speaks of lower layers all the same.
        Tar::default().file("a/new", b"12").file("a/.wh..wh..opq", b""),
        Tar::default().file("a/old", b"1"),
    ]);
    assert_eq!(hidden(&image), ["0>1 Deleted 3"]);
    assert_eq!(image.visible, 4);
    // What was taken away in between is new.
    assert_eq!((image.layers[2].added, image.layers[2].changed), (1, 0));
}

#[test]
fn an_opaque_root_hides_everything_below() {
    let image =
        image(&[Tar::default().file("a", b"123"), Tar::default().file(".wh..wh..opq", b"").file("b", b"1")]);
    assert_eq!(image.visible, 1);
}

#[test]
fn the_first_that_hides_is_to_blame() {
    let image = image(&[
        Tar::default().file("a/b", b"123"),
        Tar::default().file("a/b", b"123"),
        Tar::default().file(".wh.a", b""),
        Tar::default().file("a/b", b"123"),
    ]);
    assert_eq!(hidden(&image), ["0>1 Rewritten 3", "1>2 Deleted 3"]);
}

#[test]
fn a_file_in_place_of_a_folder_hides_what_was_in_it() {
    let image = image(&[
        Tar::default().file("a/b", b"123").file("c", b"12"),
        Tar::default().symlink("a", "c").folder("c/").file("c/d", b"1"),
    ]);
    assert_eq!(hidden(&image), ["0>1 Changed 2", "0>1 Deleted 3"]);
    assert_eq!(image.visible, 1);
}

#[test]
fn a_folder_over_a_folder_hides_nothing() {
    let image = image(&[Tar::default().file("a/b", b"123"), Tar::default().folder("a/").file("a/c", b"1")]);
    assert_eq!(hidden(&image), [""; 0]);
}

#[test]
fn a_file_with_two_names_is_there_as_long_as_one_is() {
    let first = Tar::default().file("a", b"12345").hard_link("b", "a").hard_link("c", "./b");
    let one = image(&[first.clone(), Tar::default().file(".wh.a", b"")]);
    assert_eq!((one.bytes, one.visible, one.files), (5, 5, 1));
    assert_eq!(one.largest[0].path, "/b");
    let all = image(&[
        first,
        Tar::default().file(".wh.a", b"").file(".wh.b", b""),
        Tar::default().file(".wh.c", b""),
    ]);
    assert_eq!(hidden(&all), ["0>2 Deleted 5"]);
}

#[test]
fn a_link_to_a_lower_layer_or_to_nothing_weighs_nothing() {
    let image = image(&[
        Tar::default().file("a", b"123"),
        Tar::default().hard_link("b", "a").hard_link("c", "d").hard_link("d", "c"),
    ]);
    assert_eq!((image.bytes, image.visible, image.layers[1].files), (3, 3, 0));
}

#[test]
fn a_file_that_an_archive_has_twice_counts_as_it_is_last() {
    let image = image(&[Tar::default().file("a", b"123").file("a", b"12")]);
    assert_eq!(hidden(&image), ["0>0 Changed 3"]);
    assert_eq!((image.bytes, image.visible), (5, 2));
}

#[test]
fn a_whiteout_and_a_new_file_in_one_layer() {
    let image = image(&[
        Tar::default().file("a/b", b"123"),
        Tar::default().file("a/b", b"1").file(".wh.a", b"").file("a/.wh.b", b""),
    ]);
    assert_eq!(hidden(&image), ["0>1 Changed 3"]);
    assert_eq!(image.visible, 1);
}

#[test]
fn names_of_the_storage_driver_are_none() {
    let image = image(&[Tar::default().file(".wh..wh.plnk/1.2", b"123").file(".wh..wh.aufs", b"12")]);
    assert_eq!(image.visible, 3, "a folder of that name is just a folder");
}

#[test]
fn equal_files_are_found() {
    let image = image(&[
        Tar::default().file("a", b"12345").file("b", b"12345").file("empty", b"").file("nothing", b""),
        Tar::default().file("c", b"12345").file("d", b"54321"),
    ]);
    assert_eq!(image.duplicated, 10);
    assert_eq!((image.duplicates.len(), image.duplicates[0].copies), (1, 3));
    let paths: Vec<&str> = image.duplicates[0].files.iter().map(|f| &*f.path).collect();
    assert_eq!(paths, ["/a", "/b", "/c"]);
}

#[test]
fn watched_places_are_counted() {
    let layer = Tar::default()
        .file("var/lib/apt/lists/x_Packages", b"12345")
        .file("var/lib/apt/listsother", b"1")
        .file("app/deep/__pycache__/m.pyc", b"123")
        .file("app/__pycache__", b"1")
        .file("var/cache/apt/pkgcache.bin", b"12")
        .file("var/cache/apt/archives/x.bin", b"1")
        .file("root/.npm/a", b"1234")
        .file("home/node/.npm/b/c", b"123456")
        .file("home/.npm/a", b"1")
        .end();
    let watch = [
        Watch::Folder("/var/lib/apt/lists".to_owned()),
        Watch::Named("__pycache__".to_owned()),
        Watch::Ending { folder: "var/cache/apt".to_owned(), ending: ".bin".to_owned() },
        Watch::Folder("~/.npm".to_owned()),
    ];
    let options = Options { watch: &watch, ..Options::default() };
    let image = read_stream(&saved(&[layer]).end()[..], "test.tar", options).unwrap();
    let found: Vec<_> = image.watched.iter().map(|w| (w.watch, w.layer, w.bytes, w.files)).collect();
    assert_eq!(found, [(0, 0, 5, 1), (1, 0, 3, 1), (2, 0, 2, 1), (3, 0, 10, 2)]);
}

#[test]
fn the_way_of_hiding_tells_a_chown_from_an_edit() {
    let image = image(&[
        Tar::default().file("a", b"12345"),
        Tar::default().file("x", b"1").hard_link("a", "y").file("y", b"12345"),
    ]);
    assert_eq!(image.hidden[0].how, Hiding::Rewritten);
}

#[test]
fn whiteouts_of_every_kind_of_thing() {
    let lower = Tar::default()
        .file("file", b"123")
        .hard_link("name", "file")
        .symlink("link", "file")
        .header("device", b'3', 0, "")
        .header("pipe", b'6', 0, "")
        .folder("empty/")
        .file("folder/a", b"12");
    let gone = ["file", "name", "link", "device", "pipe", "empty", "folder"];
    // As an empty file, as some builders do it, or as anything else of that name.
    let kinds: [fn(Tar, &str) -> Tar; 4] = [
        |tar, path| tar.file(path, b""),
        |tar, path| tar.symlink(path, "x"),
        |tar, path| tar.header(path, b'3', 0, ""),
        |tar, path| tar.folder(&format!("{path}/")),
    ];
    for kind in kinds {
        let upper = gone.iter().fold(Tar::default(), |tar, path| kind(tar, &format!("./.wh.{path}")));
        let image = image(&[lower.clone(), upper]);
        assert_eq!(hidden(&image), ["0>1 Deleted 5"]);
        assert_eq!((image.visible, image.layers[1].added, image.layers[1].deleted), (0, 0, 2));
    }
}

#[test]
fn a_whiteout_of_nothing_takes_nothing() {
    let image = image(&[
        Tar::default().file("a", b"123"),
        Tar::default()
            .file(".wh.absent", b"")
            .file(".wh.", b"")
            .file("a/.wh.b", b"")
            .file("b/.wh..wh..opq", b""),
    ]);
    assert_eq!(image.visible, 3);
}

#[test]
fn an_opaque_mark_counts_once_and_only_below() {
    let image = image(&[
        Tar::default().file("a/b/c", b"123").file("a/d", b"12").file("ab", b"1"),
        Tar::default().file("a/b/.wh..wh..opq", b"").file("a/b/.wh..wh..opq", b"").folder("a/b/"),
        Tar::default().file("a/b/c", b"1234"),
        Tar::default().file("a/.wh..wh..opq", b"").file(".wh.ab", b""),
    ]);
    assert_eq!(hidden(&image), ["0>1 Deleted 3", "0>3 Deleted 3", "2>3 Deleted 4"]);
    assert_eq!(image.visible, 0);
}

#[test]
fn a_whiteout_brings_back_nothing() {
    let image = image(&[
        Tar::default().file("a", b"1"),
        Tar::default().file("a", b"12"),
        Tar::default().file(".wh.a", b""),
        Tar::default().file(".wh.a", b""),
        Tar::default().file("a", b"123"),
    ]);
    assert_eq!(hidden(&image), ["0>1 Changed 1", "1>2 Deleted 2"]);
    assert_eq!((image.visible, image.layers[3].deleted, image.layers[4].added), (3, 0, 1));
}

#[test]
fn a_name_of_a_file_that_is_rewritten_is_a_file_of_its_own() {
    // An engine that copies a name up stores the whole file, and the other name stays as it was.
    let image = image(&[
        Tar::default().file("a", b"12345").hard_link("b", "a"),
        Tar::default().file("b", b"12345"),
        Tar::default().file(".wh.a", b""),
    ]);
    assert_eq!(hidden(&image), ["0>2 Deleted 5"]);
    assert_eq!((image.bytes, image.visible), (10, 5));
}

#[test]
fn an_archive_that_has_a_name_as_many_things() {
    let layer =
        Tar::default().folder("a/").file("a/b", b"123").file("a", b"12").symlink("a", "c").file("a", b"1");
    let image = image(&[layer.clone().hard_link("d", "a"), layer]);
    assert_eq!(image.bytes, 12);
    // The last one counts; what is hidden once is not hidden again.
    assert_eq!(image.bytes - image.layers.iter().map(|l| l.hidden).sum::<u64>(), image.visible);
    assert_eq!(image.largest.iter().map(|f| f.bytes).sum::<u64>(), image.visible);
}

/// Each path with what its layers put there: `+` where nothing was, `~` in place of something, and until when.
fn tree(layers: &[Tar]) -> Vec<String> {
    let layers: Vec<Vec<u8>> = layers.iter().map(|l| l.clone().end()).collect();
    let options = Options { tree: true, ..Options::default() };
    let tree = read_stream(&saved(&layers).end()[..], "test.tar", options).unwrap().tree.unwrap();
    let put = |put: &crate::image::Put| {
        let mark = if put.replaces { '~' } else { '+' };
        let until = put.until.map(|(by, how)| format!(" until {by} {how:?}")).unwrap_or_default();
        format!(" {mark}{} {:?} {}{until}", put.layer, put.kind, put.bytes)
    };
    let all = (1..tree.len()).filter(|node| !tree.puts(*node).is_empty());
    all.map(|node| format!("{}{}", tree.name(node), tree.puts(node).iter().map(put).collect::<String>()))
        .collect()
}

#[test]
fn the_tree_says_what_each_layer_does_to_each_path() {
    let tree = tree(&[
        Tar::default()
            .folder("a/")
            .file("a/gone", b"12")
            .symlink("a/link", "gone")
            .file("f", b"1")
            .hard_link("h", "f"),
        Tar::default().folder("a/").file("f", b"22").file(".wh.h", b""),
        Tar::default().file(".wh.a", b""),
        Tar::default().file("a", b"333"),
    ]);
    assert_eq!(
        tree,
        [
            "a +0 Folder 0 until 2 Deleted ~1 Folder 0 until 2 Deleted +3 File 3",
            "gone +0 File 2 until 2 Deleted",
            "link +0 Other 0 until 2 Deleted",
            "f +0 File 1 until 1 Changed ~1 File 2",
            "h +0 HardLink 0 until 1 Deleted",
        ]
    );
}
