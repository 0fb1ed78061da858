//! Large data in the same layer as code.

use crate::diag::format_bytes;
use crate::rules::Cx;
use crate::semantic::CopyFrom;

/// Less than this is pushed in a moment, in bytes.
const WORTH_BYTES: u64 = 20_000_000;

/// Endings of files that are made once and read often: models, tables, media, archives.
const ENDINGS: [&str; 32] = [
    "bin",
    "ckpt",
    "csv",
    "db",
    "dat",
    "gguf",
    "ggml",
    "gz",
    "h5",
    "hdf5",
    "ipa",
    "joblib",
    "mbtiles",
    "model",
    "mp4",
    "npy",
    "npz",
    "onnx",
    "pack",
    "parquet",
    "pb",
    "pkl",
    "pmtiles",
    "pt",
    "pth",
    "safetensors",
    "sqlite",
    "sqlite3",
    "tar",
    "tflite",
    "wav",
    "zip",
];

/// `data-with-code`.
pub fn with_code(cx: &mut Cx<'_>) {
    let model = cx.model;
    for copy in &model.copies {
        if copy.mount || copy.onbuild || copy.from != CopyFrom::Context || !model.is_kept(copy.step) {
            continue;
        }
        let Some(taken) = model.taken(copy) else { continue };
        let data: Vec<_> = taken.largest.iter().filter(|file| is_data(&file.path)).collect();
        let bytes = data.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
        let rest = taken.total.files.saturating_sub(data.len() as u64);
        // What goes with it may be data as well where there are few files.
        if bytes < WORTH_BYTES || rest == 0 || taken.total.bytes.saturating_sub(bytes) > bytes {
            continue;
        }
        let (Some(source), Some(first)) = (copy.sources.first(), data.first()) else { continue };
        let (name, more) = match data.len() {
            1 => (format!("`{}`", first.path), String::new()),
            n => (format!("`{}`", first.path), format!(" and {} more", n - 1)),
        };
        let files = if rest == 1 { "1 other file".to_owned() } else { format!("{rest} other files") };
        let message = format!(
            "{name}{more} ({}) shares a layer with {files}: when any of them changes, it is stored, pushed and pulled again",
            format_bytes(bytes)
        );
        let help = format!(
            "copy {name} with an instruction of its own above this one, and leave it out here with `--exclude`, or put it into a folder of its own"
        );
        cx.report(cx.at(source.span, message).help(help));
    }
}

fn is_data(path: &str) -> bool {
    let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}
