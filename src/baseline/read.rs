use toml::de::DeValue;

use crate::text::toml::{Entry, Fault, Fields, read_strictly};
use crate::text::{Gather, Span};

use super::{Baseline, MAX_BYTES, Print, Prints, VERSION};

impl Baseline {
    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// In one sentence, with the line, if it is none, or of another version.
    pub fn parse(text: &str) -> Result<Self, String> {
        if u64::try_from(text.len()).is_ok_and(|bytes| bytes > MAX_BYTES) {
            return Err(too_large());
        }
        read_strictly(text, baseline)
    }
}

/// The sentence for a file that is not read at all.
pub fn too_large() -> String {
    format!("it is larger than {} MiB, which no baseline is: write it again", MAX_BYTES >> 20)
}

fn baseline(fields: &mut Fields<'_>, faults: &mut Vec<Fault>) -> Baseline {
    match fields.value("version") {
        Some(version) if number(&version) == Some(VERSION) => {}
        Some(version) => faults.push(Fault::new(
            version.span,
            format!("this version of the file is not known, only version {VERSION} is: use a newer dlint"),
        )),
        None => faults.push(Fault::new(Span::at(0), format!("`version = {VERSION}` is missing"))),
    }
    let mut own = Baseline::default();
    let files = fields.table("file", faults).map(|mut table| table.all()).unwrap_or_default();
    for file in files {
        let Some(mut table) = file.table("file.", faults) else { continue };
        let prints: Prints = table.all().iter().filter_map(|entry| print(entry, faults)).gather();
        own.files.insert(file.key.to_owned(), prints);
    }
    own
}

/// A finding, and how often it is there.
fn print(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Option<(Print, u64)> {
    let mut words = entry.key.split(' ');
    let hash = |word: Option<&str>| {
        let digits = word.filter(|w| w.len() == 16 && w.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u64::from_str_radix(digits, 16).ok()
    };
    let rule = words.next().filter(|rule| !rule.is_empty()).map(str::to_owned);
    let print = rule.zip(hash(words.next())).zip(hash(words.next())).filter(|_| words.next().is_none());
    let Some(((rule, place), said)) = print else {
        faults.push(Fault::new(
            entry.key_span,
            "a key is the name of a rule and two hashes of 16 hexadecimal digits",
        ));
        return None;
    };
    let Some(count) = number(entry) else {
        faults.push(entry.wrong("how often the finding is there"));
        return None;
    };
    Some((Print { rule, place, said }, count))
}

fn number(entry: &Entry<'_>) -> Option<u64> {
    match entry.value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}
