//! What a comparison says of images and layers, in words.

use crate::diag::format_bytes;

use super::super::plan::{Amounts, amount};
use super::super::sanitize::sanitize;
use super::super::sheet::clip;
use super::{Growth, ImageChange, ImageState, LayerChange, LayerState, PartChange, signed};

/// How many files and parts are named as what a layer is known by.
const MOST_FILES: usize = 3;
const MOST_PARTS: usize = 5;

/// What is said of a figure that leaves something out.
const KNOWN: &str = " as far as is known";

impl Growth {
    /// `+120 MB`, `about -3.2 MB (-6.0 MB to -1.1 MB)`, `+120 MB as far as is known`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{}{}", self.difference(), if self.is_partly_known() { KNOWN } else { "" })
    }

    /// The same of several: `+120 MB together, as far as is known`.
    #[must_use]
    pub fn together(&self) -> String {
        let comma = if self.is_partly_known() { "," } else { "" };
        format!("{} together{comma}{}", self.difference(), if self.is_partly_known() { KNOWN } else { "" })
    }

    fn difference(&self) -> String {
        match (self.unknown, self.bytes) {
            (0, 0) if self.least == self.most => "no change".to_owned(),
            (1.., 0) => "not known".to_owned(),
            (_, bytes) => format!("{}{}{}", self.about(), signed(bytes), self.range()),
        }
    }

    /// The same for a column: `+120 MB`, `~-3.2 MB`, `+120 MB +?`, `?`.
    #[must_use]
    pub fn figure(&self) -> String {
        let about = if self.least == self.most { "" } else { "~" };
        match (self.unknown, self.bytes) {
            (0, bytes) => format!("{about}{}", signed(bytes)),
            (_, 0) => "?".to_owned(),
            (_, bytes) => format!("{about}{} +?", signed(bytes)),
        }
    }

    /// The same as what an image does: `grows by 120 MB`.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}{}{}", self.verb(), self.caveat(), self.doubt(false))
    }

    /// ` (-6.9 MB to +18.6 MB)`; empty where the figure is exact.
    fn range(&self) -> String {
        match self.least == self.most {
            true => String::new(),
            false => format!(" ({} to {})", signed(self.least), signed(self.most)),
        }
    }

    const fn about(&self) -> &'static str {
        if self.least == self.most { "" } else { "about " }
    }

    const fn is_partly_known(&self) -> bool {
        self.unknown > 0 && self.bytes != 0
    }

    /// True if it can only be more than what is known.
    const fn is_at_least(&self) -> bool {
        self.only_adds && self.unknown > 0 && self.bytes > 0
    }

    const fn caveat(&self) -> &'static str {
        if self.is_partly_known() && !self.is_at_least() { KNOWN } else { "" }
    }

    fn verb(&self) -> String {
        let bytes = format_bytes(self.bytes.unsigned_abs());
        let does = if self.bytes < 0 { "shrinks" } else { "grows" };
        match (self.unknown, self.bytes) {
            (0, 0) if self.least == self.most => "keeps its size".to_owned(),
            (0, 0) => format!("may grow or shrink{}", self.range()),
            (1.., 0) if self.only_adds => "may grow".to_owned(),
            (1.., 0) => "may grow or shrink".to_owned(),
            _ if self.is_at_least() => {
                format!("grows by at least {}", format_bytes(self.least.max(0).unsigned_abs()))
            }
            _ => format!("{does} by {}{bytes}{}", self.about(), self.range()),
        }
    }

    /// How many layers cannot be compared, and whether that of the base image is one of them.
    fn doubt(&self, with_base: bool) -> String {
        match (self.unknown, with_base) {
            (0, _) => String::new(),
            (1, true) => "; the base image cannot be compared".to_owned(),
            (1, false) => "; 1 layer cannot be compared".to_owned(),
            (number, true) => format!("; {number} layers cannot be compared, the base image among them"),
            (number, false) => format!("; {number} layers cannot be compared"),
        }
    }
}

impl ImageChange {
    /// What becomes of it, in a sentence without its subject.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (&self.was_fault, &self.fault) {
            (None, Some(fault)) => return format!("no longer builds: {}", sanitize(fault)),
            (Some(_), Some(fault)) => return format!("does not build, as before: {}", sanitize(fault)),
            (Some(fault), None) => {
                let after = self.after.as_ref().and_then(weight);
                let after = after.map(|after| format!(" to {after}")).unwrap_or_default();
                return format!("builds{after} now; before, it did not: {}", sanitize(fault));
            }
            (None, None) => {}
        }
        let (before, after) = (self.before.as_ref().and_then(weight), self.after.as_ref().and_then(weight));
        match (self.state, before, after) {
            (ImageState::New, _, Some(after)) => format!("is new: {after}"),
            (ImageState::New, _, None) => "is new; its size is not known".to_owned(),
            (ImageState::Removed, Some(before), _) => format!("is removed: it was {before}"),
            (ImageState::Removed, None, _) => "is removed; its size was not known".to_owned(),
            (ImageState::Changed, ..) => {
                let growth = &self.growth;
                let has_base = self.layers.iter().any(|l| l.growth.unknown > 0 && l.is_base());
                let (sizes, caveat) = (self.sizes(), growth.caveat());
                let comma = if sizes.is_empty() || caveat.is_empty() { "" } else { "," };
                format!("{}{sizes}{comma}{caveat}{}", growth.verb(), growth.doubt(has_base))
            }
        }
    }

    /// `, from 211 MB to 331 MB`; nothing where the two do not differ by what the image grows by, as far as either is
    /// known, or do not look different.
    fn sizes(&self) -> String {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return String::new() };
        let difference = |was: u64, is: u64| i64::try_from(i128::from(is) - i128::from(was)).ok();
        let growth = &self.growth;
        let is_whole = before.unknown == 0 && (after.unknown == 0 || growth.only_adds);
        let pair = if is_whole
            || difference(before.least, after.least) == Some(growth.bytes) && growth.unknown == 0
        {
            (weight(before), weight(after))
        } else if difference(before.bytes, after.bytes) == Some(growth.bytes) && growth.is_partly_known() {
            (likely(before), likely(after))
        } else {
            return String::new();
        };
        match pair {
            (Some(before), Some(after)) if before != after => format!(", from {before} to {after}"),
            _ => String::new(),
        }
    }
}

/// `120 MB`, `about 120 MB`, `at least 120 MB`; nothing if nothing is known.
fn weight(sum: &Amounts) -> Option<String> {
    (sum.unknown == 0 || sum.least > 0).then(|| amount(sum))
}

/// What is known of it, unknown parts left out; nothing if nothing is.
fn likely(sum: &Amounts) -> Option<String> {
    (sum.bytes > 0).then(|| amount(&Amounts { unknown: 0, ..*sum }))
}

/// The words of an instruction, with one blank between them.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl LayerChange {
    fn is_base(&self) -> bool {
        self.instruction.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
    }

    /// What it is about: the instruction, and what was in its place.
    pub(in crate::report) fn words(&self) -> String {
        let is = one_line(&self.instruction);
        match (&self.was, self.state) {
            (Some(was), _) => format!("{is} (was: {})", one_line(was)),
            (None, LayerState::Removed) => format!("{is} (is gone)"),
            (None, LayerState::Added) => format!("{is} (is new)"),
            (None, LayerState::Changed) => is,
        }
    }

    /// The same in so many characters: of what has changed, rather the words that differ.
    pub(in crate::report) fn words_within(&self, room: usize) -> String {
        let whole = self.words();
        if whole.chars().count() <= room {
            return sanitize(&whole).into_owned();
        }
        let cut = |text: &str, end: &str| format!("{}{end}", clip(text, room.saturating_sub(end.len())));
        let Some(was) = &self.was else {
            return match self.state {
                LayerState::Removed => cut(&self.instruction, " (is gone)"),
                LayerState::Added => cut(&self.instruction, " (is new)"),
                LayerState::Changed => cut(&self.instruction, ""),
            };
        };
        let (is, was) = differing(&self.instruction, was);
        let left = room.saturating_sub(" (was: )".len());
        let half = left / 2;
        let (own, old) = (is.chars().count(), was.chars().count());
        let own = if old < half { left - old } else { own.min(half) };
        let is = clip(&is, own);
        let old = left.saturating_sub(is.chars().count());
        format!("{is} (was: {})", clip(&was, old))
    }

    /// How the difference is known: the files, or what it is made of before and now.
    pub(in crate::report) fn evidence(&self) -> Vec<String> {
        let files: Vec<String> = match self.state {
            LayerState::Changed => {
                let files = self.files.iter().take(MOST_FILES);
                files.map(|file| format!("{} {}", sanitize(&file.path), signed(file.growth()))).collect()
            }
            LayerState::Added => {
                let files = self.largest.iter().filter(|file| file.bytes > 0).take(MOST_FILES);
                files.map(|file| format!("{} {}", sanitize(&file.path), format_bytes(file.bytes))).collect()
            }
            LayerState::Removed => Vec::new(),
        };
        if !files.is_empty() {
            return vec![format!("{}: {}", self.known_by, files.join(", "))];
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            self.parts.iter().filter(|part| part.is_worth_a_word()).partition(|part| part.bytes.is_some());
        let side = |part: &PartChange| match (self.state, part.is_before, part.is_after) {
            (LayerState::Changed, true, false) => "before ",
            (LayerState::Changed, false, true) => "now ",
            _ => "",
        };
        let mut lines: Vec<String> =
            known.iter().take(MOST_PARTS).map(|part| format!("{}{}", side(part), part.words())).collect();
        for which in ["now ", "before ", ""] {
            let named: Vec<&PartChange> =
                unknown.iter().copied().filter(|part| side(part) == which).collect();
            if named.is_empty() {
                continue;
            }
            let what: Vec<_> = named.iter().take(MOST_PARTS).map(|part| sanitize(&part.what)).collect();
            lines.push(format!("{which}unknown: {}", what.join(", ")));
        }
        lines
    }
}

impl PartChange {
    /// False for files of the context, which are named one by one, and for what adds nothing.
    fn is_worth_a_word(&self) -> bool {
        self.known_by != "measured" && (self.bytes, self.range) != (Some(0), Some((0, 0)))
    }

    /// `118 MB (97 MB to 131 MB): 25 packages (Debian 13 package index, 2026-11)`.
    fn words(&self) -> String {
        let bytes = format_bytes(self.bytes.unwrap_or(0));
        let range = match self.range {
            Some((least, most)) if least != most => {
                format!(" ({} to {})", format_bytes(least), format_bytes(most))
            }
            _ => String::new(),
        };
        let source =
            self.source.as_ref().map(|source| format!(" ({})", sanitize(source))).unwrap_or_default();
        format!("{bytes}{range}: {}{source}", sanitize(&self.what))
    }
}

/// Two instructions without most of the words that both begin and end with.
fn differing(is: &str, was: &str) -> (String, String) {
    let (is, was): (Vec<&str>, Vec<&str>) =
        (is.split_whitespace().collect(), was.split_whitespace().collect());
    let start = is.iter().zip(&was).take_while(|(a, b)| a == b).count();
    let most = is.len().min(was.len()) - start;
    let end = is.iter().rev().zip(was.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    // Something has to stand there.
    let start = if start + end >= is.len().min(was.len()) { start.saturating_sub(1) } else { start };
    let part = |words: &[&str]| {
        let middle = &words[start..words.len() - end];
        let head: &[&str] = match start {
            0 => &[],
            1 => &words[..1],
            _ => &[words[0], "…"],
        };
        let tail: &[&str] = if end > 0 { &["…"] } else { &[] };
        [head, middle, tail].concat().join(" ")
    };
    (part(&is), part(&was))
}

#[cfg(test)]
mod tests {
    use super::super::ContextChange;
    use super::*;

    fn layer(is: &str, was: &str) -> LayerChange {
        LayerChange {
            state: LayerState::Changed,
            lines: (1, 1),
            instruction: is.to_owned(),
            was: Some(was.to_owned()),
            before: None,
            after: None,
            growth: Growth::default(),
            known_by: "index",
            largest: Vec::new(),
            parts: Vec::new(),
            files: Vec::new(),
        }
    }

    #[test]
    fn of_long_instructions_the_words_that_differ_are_shown() {
        let packages = "RUN apk add --no-cache bash bind-tools binutils coreutils curl git grep";
        let end = "jq libcap logrotate ncurses procps-ng psmisc tzdata unzip wget";
        let said = |is: &str, was: &str| layer(is, was).words_within(90);
        assert_eq!(
            said(&format!("{packages} iproute2 {end}"), &format!("{packages} iproute2-ss {end}")),
            "RUN … iproute2 … (was: RUN … iproute2-ss …)"
        );
        assert_eq!(
            said(&format!("{packages} {end}"), &format!("{packages} sudo {end}")),
            "RUN … grep … (was: RUN … grep sudo …)"
        );
        let (is, was) = ("a".repeat(64), "b".repeat(64));
        let text =
            said(&format!("FROM alpine:3.23.2@sha256:{is}"), &format!("FROM alpine:3.23.0@sha256:{was}"));
        assert_eq!(
            text,
            "FROM alpine:3.23.2@sha256:aaaaaaaaaaaaaa… (was: FROM alpine:3.23.0@sha256:bbbbbbbbbbbbbb…)"
        );
        assert_eq!(said("FROM a:2", "FROM a:1"), "FROM a:2 (was: FROM a:1)");
        assert!(
            said("RUN b", &format!("{packages} {end}")).starts_with("RUN b (was: RUN apk add --no-cache")
        );
    }

    fn amounts(bytes: u64, by: u64, unknown: usize) -> Amounts {
        Amounts { bytes, least: bytes - by, most: bytes + by, unknown }
    }

    #[test]
    fn what_an_image_weighs_fits_what_it_grows_by() {
        let mut image = ImageChange {
            dockerfile: "Dockerfile".to_owned(),
            renamed_from: None,
            entry: None,
            other_entries: Vec::new(),
            state: ImageState::Changed,
            fault: None,
            was_fault: None,
            platform: "linux/amd64".to_owned(),
            other_platforms: Vec::new(),
            is_one_of_several: false,
            reasons: Vec::new(),
            before: None,
            after: None,
            growth: Growth::default(),
            layers: Vec::new(),
            context: ContextChange::default(),
            cache: None,
            plans: None,
        };
        let mut said = |before: Amounts, after: Amounts, growth: Growth| {
            (image.before, image.after, image.growth) = (Some(before), Some(after), growth);
            image.sentence()
        };
        let by = |bytes: i64, by: i64, unknown: usize| Growth {
            bytes,
            least: bytes - by,
            most: bytes + by,
            unknown,
            only_adds: false,
        };
        let mb = 1_000_000;
        assert_eq!(
            said(amounts(161 * mb, 56 * mb, 1), amounts(168 * mb, 44 * mb, 1), by(7_000_000, 100_000_000, 1)),
            "grows by about 7.00 MB (-93.0 MB to +107 MB), from about 161 MB to about 168 MB, as far as is known; \
             1 layer cannot be compared"
        );
        // One side has a base image that the other does not know.
        assert_eq!(
            said(amounts(mb, 0, 2), amounts(190 * mb, 0, 1), by(1000, 0, 2)),
            "grows by 1.00 kB as far as is known; 2 layers cannot be compared"
        );
        assert_eq!(
            said(amounts(mb, 9, 1), amounts(2 * mb, 9, 1), by(1_000_000, 0, 0)),
            "grows by 1.00 MB, from at least 1.00 MB to at least 2.00 MB"
        );
        let more = Growth { only_adds: true, ..by(0, 0, 1) };
        assert_eq!(
            said(amounts(mb, 0, 0), amounts(mb, 0, 1), more),
            "may grow, from 1.00 MB to at least 1.00 MB; 1 layer cannot be compared"
        );
    }
}
