use crate::text::toml::{Entry, Fault, Fields, read_strictly};
use crate::text::{Gather, Span};

use super::fields::{integer, is_date, is_short, word};
use super::{Inputs, Layers, Learned, LockFile, MAX_BYTES, MAX_ENTRIES, VERSION};
use super::{base, fetch};

/// How long the name of a build may be.
const MAX_NAME: usize = 4096;

impl LockFile {
    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// In one sentence, with the line, if it is none, or of another version.
    pub fn parse(text: &str) -> Result<Self, String> {
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_BYTES) {
            return Err(too_large());
        }
        read_strictly(text, file)
    }
}

/// The sentence for a file that is not read at all.
pub(super) fn too_large() -> String {
    format!(
        "it is larger than {} MiB, which no lock file is: remove it, and run `dlint lock` again",
        MAX_BYTES >> 20
    )
}

fn file(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> LockFile {
    let mut file = LockFile::default();
    match fields.value("version") {
        Some(version) if integer(&version) == Some(VERSION) => {}
        Some(version) => faults.push(Fault::new(
            version.span,
            format!("this version of the file is not known, only version {VERSION} is: use a newer dlint"),
        )),
        None => faults.push(Fault::new(Span::at(0), format!("`version = {VERSION}` is missing"))),
    }
    let mut count = 0;
    if let Some(mut table) = fields.table("base", faults) {
        let entries = table.all();
        count += entries.len();
        file.bases = entries.iter().filter_map(|entry| base::read(entry, faults)).gather();
    }
    if let Some(mut table) = fields.table("fetch", faults) {
        let entries = table.all();
        count += entries.len();
        file.fetches = entries.iter().filter_map(|entry| fetch::read(entry, faults)).gather();
    }
    let builds = fields.table("layer", faults).map(|mut table| table.all()).unwrap_or_default();
    for build in builds {
        if build.key.len() > MAX_NAME || build.key.chars().any(char::is_control) {
            faults.push(Fault::new(build.key_span, "this is not the name of a build"));
            continue;
        }
        let Some(mut table) = build.table("layer.", faults) else { continue };
        let entries = table.all();
        count += entries.len();
        let layers: Layers = entries.iter().filter_map(|entry| layer(entry, faults)).collect();
        file.layers.insert(build.key.to_owned(), layers);
    }
    if count > MAX_ENTRIES {
        faults.insert(0, Fault::new(Span::at(0), format!("more than {MAX_ENTRIES} entries")));
    }
    file
}

/// A layer and its key.
fn layer(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Option<(String, Learned)> {
    if !is_hash(entry.key) || entry.key.is_empty() {
        faults.push(Fault::new(entry.key_span, "a key is 16 hexadecimal digits"));
        return None;
    }
    let mut fields = entry.table("", faults)?;
    let what = word(&mut fields, "what", faults, |text| is_short(text, u8::is_ascii_uppercase));
    let date = word(&mut fields, "date", faults, is_date);
    let by = word(&mut fields, "by", faults, |text| is_short(text, u8::is_ascii_lowercase));
    let bytes = match fields.value("bytes") {
        Some(entry) => integer(&entry).or_else(|| {
            faults.push(entry.wrong("a number of bytes"));
            None
        }),
        None => {
            faults.push(Fault::new(entry.span, "`bytes` is missing"));
            None
        }
    };
    let args = fields.strings("args", faults).unwrap_or_default();
    if let Some(arg) = args.iter().find(|arg| !is_variable(&arg.value)) {
        faults.push(Fault::new(arg.span, "this is not the name of a build argument"));
    }
    let inputs = fields.table("inputs", faults);
    let inputs = inputs.map(|inputs| self::inputs(inputs, faults));
    fields.finish(faults);
    let args = args.into_iter().map(|arg| arg.value).collect();
    let inputs = inputs.unwrap_or_default();
    Some((entry.key.to_owned(), Learned { what: what?, bytes: bytes?, date: date?, by: by?, args, inputs }))
}

fn inputs(mut fields: Fields<'_>, faults: &mut Vec<Fault>) -> Inputs {
    let mut hash = |name: &'static str| {
        let hash = fields.string(name, faults)?;
        if !is_hash(&hash.value) {
            faults.push(Fault::new(hash.span, "a hash is 16 hexadecimal digits"));
        }
        Some(hash.value)
    };
    let [base, settings, steps, files] =
        ["base", "settings", "steps", "files"].map(|name| hash(name).unwrap_or_default());
    fields.finish(faults);
    Inputs { base, settings, steps, files }
}

fn is_hash(text: &str) -> bool {
    text.is_empty() || text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_variable(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
