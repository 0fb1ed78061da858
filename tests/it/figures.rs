//! The plan of the layers, held against builds that `tools/true_figures.py --record` has done.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// No range may be wider than the larger of these.
const WIDEST_BYTES: u64 = 3_000_000;

/// Makes the build context of a recorded build.
fn write(build: &Value, folder: &Path) {
    let mut links = Vec::new();
    for (name, what) in build["files"].as_object().unwrap() {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if let Some(bytes) = what["bytes"].as_u64() {
            fs::write(path, vec![b'x'; usize::try_from(bytes).unwrap()]).unwrap();
        } else if let Some(text) = what["base64"].as_str() {
            let bytes = decoded(text);
            let is_script = bytes.starts_with(b"#!");
            fs::write(&path, bytes).unwrap();
            if is_script {
                fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
            }
        } else {
            links.push((path, what));
        }
    }
    for (path, what) in links {
        match (what["hard"].as_str(), what["link"].as_str()) {
            (Some(to), _) => fs::hard_link(folder.join(to), path).unwrap(),
            (_, Some(to)) => std::os::unix::fs::symlink(to, path).unwrap(),
            _ => panic!("{what}"),
        }
    }
    fs::write(folder.join("Dockerfile"), build["dockerfile"].as_str().unwrap()).unwrap();
}

/// Reads base 64.
fn decoded(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.bytes().filter_map(|digit| DIGITS.iter().position(|d| *d == digit));
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_usize, 0);
    for digit in digits {
        held = held << 6 | digit;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap());
            held &= (1 << bits) - 1;
        }
    }
    bytes
}

/// The layers of the image in a plan: first and last line, and the row.
fn planned(folder: &Path) -> Vec<(Value, Value)> {
    let ran = Command::new(env!("CARGO_BIN_EXE_dlint"))
        .args(["size", "--format", "json", "--no-config"])
        .current_dir(folder)
        .output()
        .unwrap();
    let plan: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let stages = plan["stages"].as_array().unwrap().iter().filter(|stage| stage["in_image"] == true);
    let rows = stages.flat_map(|stage| stage["rows"].as_array().unwrap());
    rows.map(|row| (row["lines"].clone(), row.clone())).collect()
}

#[test]
fn layers_that_were_built_are_within_the_plan() {
    let recorded = fs::read_to_string("testdata/true_figures.json").unwrap();
    let recorded: Value = serde_json::from_str(&recorded).unwrap();
    let builds = recorded["builds"].as_array().unwrap();
    assert!(builds.len() >= 40, "{} builds", builds.len());
    let mut wrong = Vec::new();
    for build in builds {
        let folder = tempfile::tempdir().unwrap();
        write(build, folder.path());
        let rows = planned(folder.path());
        for layer in build["layers"].as_array().unwrap() {
            let Some((_, row)) = rows.iter().find(|(lines, _)| *lines == layer["lines"]) else { continue };
            let (bytes, sum) = (layer["bytes"].as_u64().unwrap(), &row["sum"]);
            let number = |key: &str| sum[key].as_u64().unwrap();
            let (least, most, unknown) = (number("least"), number("most"), number("unknown"));
            // What is not worth a word is no part of a figure, but of one that was measured.
            let few = if row["known_by"] == "measured" && row["pieces"][0].is_object() { 0 } else { 100_000 };
            let within = least <= bytes && (unknown > 0 || bytes <= most + few);
            // What depends on the version of a tool may be nothing at all, and is no part of the width.
            let maybe: u64 = row["pieces"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|piece| piece["bytes"] == 0)
                .map(|piece| piece["range"][1].as_u64().unwrap())
                .sum();
            let known = unknown == 0 && rows[0].1["sum"]["unknown"] == 0;
            let wide = known && most - maybe > (least + least / 2).max(least + WIDEST_BYTES);
            if !within || wide {
                let what = if wide { "too wide" } else { "missed" };
                wrong.push(format!(
                    "{}, line {}: {what}: {least} to {most}, {unknown} unknown; the layer has {bytes}",
                    build["name"], layer["lines"][0]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
