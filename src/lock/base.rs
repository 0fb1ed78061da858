//! Base images, as their registries had them.

use std::collections::BTreeMap;

use crate::text::toml::{Entry, Fault, quoted};
use crate::text::{Gather, Span};

use super::fields::{integer, is_date, is_short, word};

/// How long a text of an image may be that is kept, and how many there may be in a list.
const MAX_TEXT: usize = 4096;
const MAX_TEXTS: usize = 256;

/// What a registry has under the name of an image, for a platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LockedBase {
    /// The digest of the name: that of an index if it is for several platforms.
    pub digest: String,
    /// The digest that its tag stood for, where the name has another one.
    pub tag: Option<String>,
    /// Bytes of file contents, as likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
    /// Bytes of its layers as the registry stores them.
    pub stored: u64,
    /// The day on which it was asked: `2026-11-28`.
    pub date: String,
    /// Who told: `registry`.
    pub by: String,
    /// Bytes of what builds copy out of it, by path, where all of its layers were counted.
    pub paths: BTreeMap<String, u64>,
    /// What builds take over that start from it.
    pub facts: BaseFacts,
}

/// What builds take over from a base image, beside its files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseFacts {
    /// The platforms that the name is for: `linux/arm64/v8`.
    pub platforms: Vec<String>,
    /// USER, if it has one.
    pub user: Option<String>,
    /// WORKDIR, if it has one.
    pub workdir: Option<String>,
    /// `NAME=value`; `NAME` alone where the value is not kept, since it may be a secret.
    pub env: Vec<String>,
    /// SHELL, if it has one.
    pub shell: Vec<String>,
    /// ENTRYPOINT.
    pub entrypoint: Vec<String>,
    /// CMD.
    pub cmd: Vec<String>,
    /// Instructions that a build runs which starts from it.
    pub onbuild: Vec<String>,
}

/// Base images by name and platform: `docker.io/library/node:22 linux/amd64`.
pub type Bases = BTreeMap<String, LockedBase>;

/// The key of an image for a platform.
#[must_use]
pub fn base_key(image: &str, platform: &str) -> String {
    format!("{image} {platform}")
}

/// A text that may be kept: not too long, and without control characters.
#[must_use]
pub fn is_kept(text: &str) -> bool {
    text.len() <= MAX_TEXT && !text.chars().any(char::is_control)
}

impl BaseFacts {
    /// What may be kept of it, so that the file is one that can be read again.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        for list in [
            &mut self.platforms,
            &mut self.env,
            &mut self.shell,
            &mut self.entrypoint,
            &mut self.cmd,
            &mut self.onbuild,
        ] {
            // A command without one of its words is another one.
            let is_whole = list.len() <= MAX_TEXTS && list.iter().all(|text| is_kept(text));
            if !is_whole {
                list.clear();
            }
        }
        for text in [&mut self.user, &mut self.workdir] {
            *text = text.take().filter(|text| is_kept(text));
        }
        self
    }
}

/// The line of an entry.
pub(super) fn line(base: &LockedBase) -> String {
    let LockedBase { digest, tag, bytes, range: (least, most), stored, date, by, paths, facts } = base;
    let tag = tag.as_ref().map_or_else(String::new, |tag| format!(", tag = {}", quoted(tag)));
    let mut out = format!("{{ digest = {}{tag}, bytes = {bytes}", quoted(digest));
    if (least, most) != (bytes, bytes) {
        out.push_str(&format!(", least = {least}, most = {most}"));
    }
    out.push_str(&format!(", stored = {stored}, date = {}, by = {}", quoted(date), quoted(by)));
    if !paths.is_empty() {
        let paths: Vec<String> =
            paths.iter().map(|(path, bytes)| format!("{} = {bytes}", quoted(path))).collect();
        out.push_str(&format!(", paths = {{ {} }}", paths.join(", ")));
    }
    for (name, text) in [("user", &facts.user), ("workdir", &facts.workdir)] {
        if let Some(text) = text {
            out.push_str(&format!(", {name} = {}", quoted(text)));
        }
    }
    let lists = [
        ("platforms", &facts.platforms),
        ("env", &facts.env),
        ("shell", &facts.shell),
        ("entrypoint", &facts.entrypoint),
        ("cmd", &facts.cmd),
        ("onbuild", &facts.onbuild),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let list: Vec<String> = list.iter().map(|text| quoted(text)).collect();
        out.push_str(&format!(", {name} = [{}]", list.join(", ")));
    }
    out.push_str(" }");
    out
}

/// Reads an entry and its key.
pub(super) fn read(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Option<(String, LockedBase)> {
    if !is_kept(entry.key) || !entry.key.contains(' ') {
        faults.push(Fault::new(entry.key_span, "this is not an image and a platform"));
        return None;
    }
    let mut fields = entry.table("base.", faults)?;
    let digest = word(&mut fields, "digest", faults, is_digest);
    let tag = fields.string("tag", faults).map(|tag| {
        if !is_digest(&tag.value) {
            faults.push(Fault::new(tag.span, "this is not what `tag` can be"));
        }
        tag.value
    });
    let date = word(&mut fields, "date", faults, is_date);
    let by = word(&mut fields, "by", faults, |text| is_short(text, u8::is_ascii_lowercase));
    let mut number = |name: &'static str, faults: &mut Vec<Fault>| {
        let entry = fields.value(name)?;
        let number = integer(&entry);
        if number.is_none() {
            faults.push(entry.wrong("a number of bytes"));
        }
        number
    };
    let (bytes, stored) = (number("bytes", faults), number("stored", faults));
    let (least, most) = (number("least", faults), number("most", faults));
    let paths = fields.table("paths", faults).map(|mut table| table.all()).unwrap_or_default();
    let paths = paths.iter().filter_map(|entry| path(entry, faults)).take(MAX_TEXTS).gather();
    let mut text = |name: &'static str, faults: &mut Vec<Fault>| {
        let text = fields.string(name, faults)?;
        kept(&text.value, text.span, name, faults)
    };
    let (user, workdir) = (text("user", faults), text("workdir", faults));
    let mut list = |name: &'static str, faults: &mut Vec<Fault>| -> Vec<String> {
        let list = fields.strings(name, faults).unwrap_or_default();
        list.into_iter()
            .filter_map(|text| kept(&text.value, text.span, name, faults))
            .take(MAX_TEXTS)
            .collect()
    };
    let facts = BaseFacts {
        platforms: list("platforms", faults),
        user,
        workdir,
        env: list("env", faults),
        shell: list("shell", faults),
        entrypoint: list("entrypoint", faults),
        cmd: list("cmd", faults),
        onbuild: list("onbuild", faults),
    };
    fields.finish(faults);
    let Some(bytes) = bytes else {
        faults.push(Fault::new(entry.span, "`bytes` is missing"));
        return None;
    };
    // A range that the bytes are not in is none.
    let range = (least.unwrap_or(bytes).min(bytes), most.unwrap_or(bytes).max(bytes));
    let stored = stored.unwrap_or(0);
    Some((
        entry.key.to_owned(),
        LockedBase { digest: digest?, tag, bytes, range, stored, date: date?, by: by?, paths, facts },
    ))
}

/// A path in the image and its bytes.
fn path(entry: &Entry<'_>, faults: &mut Vec<Fault>) -> Option<(String, u64)> {
    if !is_kept(entry.key) || !entry.key.starts_with('/') {
        faults.push(Fault::new(entry.key_span, "this is not a path in an image"));
        return None;
    }
    let bytes = integer(entry);
    if bytes.is_none() {
        faults.push(entry.wrong("a number of bytes"));
    }
    Some((entry.key.to_owned(), bytes?))
}

fn kept(text: &str, span: Span, name: &str, faults: &mut Vec<Fault>) -> Option<String> {
    if !is_kept(text) {
        faults.push(Fault::new(span, format!("this is not what `{name}` can be")));
        return None;
    }
    Some(text.to_owned())
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
