//! Bytes: which findings are said, and in which order.

use super::Folder;

const HEAVY: &str = "FROM debian:12-slim\nRUN sudo x\nRUN apt-get update && apt-get install -y git python3-pip\n\
                     ENTRYPOINT [\"python3\"]\n";

/// The lines and rules of what is said.
fn said(folder: &Folder, args: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["--format", "short", "--select", "size,sudo"], args].concat());
    assert_eq!(ran.err, "");
    let place = |line: &str| {
        let (path, rest) = line.split_once(": ").unwrap();
        let rule = rest.split(['[', ']']).nth(1).unwrap();
        format!("{} {rule}", path.split(':').nth(1).unwrap())
    };
    ran.out.lines().map(place).collect()
}

#[test]
fn only_what_saves_enough() {
    let folder = Folder::with(HEAVY);
    let all = ["2 sudo", "3 cache-left-in-layer", "3 heavy-recommends"];
    assert_eq!(said(&folder, &[]), all);
    assert_eq!(said(&folder, &["--min-saving", "0"]), all[1..]);
    assert_eq!(said(&folder, &["--min-saving", "25MB"]), all[2..]);
    assert_eq!(said(&folder, &["--min-saving", "2 GB"]), [""; 0]);
    folder.write("dlint.toml", "min-saving = '25MB'\n");
    assert_eq!(said(&folder, &[]), all[2..]);
    assert_eq!(said(&folder, &["--min-saving", "19MB"]), all[1..]);
    // What is not said does not fail, and is not fixed.
    assert_eq!(folder.run(&["--min-saving", "2GB", "--fix"]).code, 0);
    assert_eq!(folder.read("Dockerfile"), HEAVY);
    let wrong = folder.run(&["--min-saving", "much"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("write a number and a unit"), "{}", wrong.err);
}

#[test]
fn the_largest_first() {
    let folder = Folder::with(HEAVY);
    let sorted = ["3 heavy-recommends", "3 cache-left-in-layer", "2 sudo"];
    assert_eq!(said(&folder, &["--sort", "saving"]), sorted);
    folder.write("dlint.toml", "sort = 'saving'\n");
    assert_eq!(said(&folder, &[]), sorted);
    assert_eq!(said(&folder, &["--sort", "position"])[0], "2 sudo");
    folder.write("dlint.toml", "sort = 'savings'\nmin-saving = 5\n");
    let wrong = folder.run(&["--format", "short"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.out.contains("dlint.toml:1:8: error: `savings` must be one of position, saving"));
    assert!(wrong.out.contains("dlint.toml:2:14: error: `min-saving` must be a string"), "{}", wrong.out);
}
