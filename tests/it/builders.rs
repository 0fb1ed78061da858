//! What dlint says of buildah and Podman against what the real ones did: `tools/try-builders` records that.

use std::collections::BTreeSet;
use std::path::Path;

use dockerignore::{Dialect, IgnoreFile, Matcher};
use serde_json::Value;

fn record(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/builders").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
}

#[test]
fn ignore_files_leave_out_what_buildah_leaves_out() {
    let record = record("ignore.json");
    let files: Vec<&str> = texts(&record["files"]).collect();
    let sets = record["sets"].as_array().unwrap();
    assert_eq!(sets.len(), 500);
    let mut wrong = Vec::new();
    let mut apart = 0;
    for set in sets {
        let text = set[0].as_str().unwrap();
        let real = match set[1].as_str().unwrap() {
            "fails" => None,
            bits => Some(kept(&files, u128::from_str_radix(bits, 16).unwrap())),
        };
        let read = |dialect| {
            let file = IgnoreFile::parse_as(dialect, text);
            let matcher = Matcher::new(&file);
            let kept = files.iter().copied().filter(|path| !matcher.is_excluded(path)).collect();
            file.errors().is_empty().then_some(kept)
        };
        let ours: Option<BTreeSet<&str>> = read(Dialect::Buildah);
        if ours != real {
            wrong.push(format!("{text:?}: {:?}", difference(ours.as_ref(), real.as_ref())));
        }
        apart += usize::from(read(Dialect::BuildKit) != real);
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), sets.len(), wrong.join("\n"));
    // The sets tell the two apart.
    assert!(apart > 50, "{apart}");
}

fn kept<'f>(files: &[&'f str], bits: u128) -> BTreeSet<&'f str> {
    let bit = |at: usize| bits >> (files.len() - 1 - at) & 1 == 1;
    files.iter().enumerate().filter(|(at, _)| bit(*at)).map(|(_, file)| *file).collect()
}

/// What is kept on one side only.
fn difference<'f>(
    ours: Option<&BTreeSet<&'f str>>,
    real: Option<&BTreeSet<&'f str>>,
) -> Option<(Vec<&'f str>, Vec<&'f str>)> {
    let (ours, real) = (ours?, real?);
    Some((ours.difference(real).copied().collect(), real.difference(ours).copied().collect()))
}
