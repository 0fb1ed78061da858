//! A baseline over files that are edited: what was there stays known, and what is new is shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use dlint::internals::baseline::Baseline;
use dlint::internals::config::Settings;
use dlint::internals::diag::FileReport;
use dlint::internals::engine;
use dlint::internals::semantic::{Analysis, Model};
use dlint::internals::syntax::{self, Keyword};
use dlint::internals::text::Source;

/// Always the same numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

fn report(path: &str, text: &str) -> FileReport {
    let source = Source::from_text(path, text);
    let analysis = Analysis::new(Model::new(syntax::parse(source.clone())));
    let findings = engine::lint(&analysis, &Settings::default());
    FileReport { path: path.to_owned(), source, findings, ..FileReport::default() }
}

/// The text in pieces: what is above the first instruction, and each instruction with the comments above it.
fn pieces(text: &str) -> Vec<(Option<Keyword>, String)> {
    let file = syntax::parse(Source::from_text("Dockerfile", text));
    let ends: Vec<usize> = file.instructions.iter().map(|i| i.span.end as usize).collect();
    let mut start = 0;
    let mut out = Vec::new();
    for (instruction, end) in file.instructions.iter().zip(ends) {
        let end = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        out.push((Some(instruction.keyword), text[start..end].to_owned()));
        start = end;
    }
    out.push((None, text[start..].to_owned()));
    out
}

/// One of: a comment, a blank line or an instruction put in, two instructions swapped, blanks before an instruction, stages put
/// in another order.
fn edited(text: &str, random: &mut Random) -> String {
    let mut pieces = pieces(text);
    let at = random.below(pieces.len() - 1);
    match random.below(6) {
        0 => pieces.insert(at, (None, "# a remark\n".to_owned())),
        1 => pieces.insert(at, (None, "\n".to_owned())),
        2 => pieces.insert(at + 1, (None, "MAINTAINER somebody\nRUN sudo make\n".to_owned())),
        3 => pieces.swap(at, at.saturating_sub(1)),
        4 => pieces[at].1.insert_str(0, "  "),
        _ => {
            let stages: Vec<usize> =
                (0..pieces.len()).filter(|at| pieces[*at].0 == Some(Keyword::From)).collect();
            if let [first, second, ..] = stages[..] {
                let last = stages.get(2).copied().unwrap_or(pieces.len() - 1);
                pieces[first..last].rotate_left(second - first);
            }
        }
    }
    pieces.into_iter().map(|(_, text)| text).collect()
}

/// How often each rule finds something in each line, whatever blanks are around it.
fn counts(file: &FileReport) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for finding in &file.findings {
        let text = file.source.text();
        let start = text[..finding.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let line = text[start..].lines().next().unwrap_or("").trim();
        *counts.entry(finding.rule.to_string()).or_default().entry(line.to_owned()).or_default() += 1;
    }
    counts
}

/// Edits `texts` that many times, and says where a baseline shows more or less than what came with the edit.
fn wrong(texts: &[(String, String)], edits: usize) -> Vec<String> {
    let mut random = Random(15);
    let mut wrong = Vec::new();
    for _ in 0..edits {
        let (name, text) = &texts[random.below(texts.len())];
        let before = report(name, text);
        let path = if random.below(4) == 0 { format!("{name}.renamed") } else { name.clone() };
        let after = edited(text, &mut random);
        let mut now = report(&path, &after);
        let (had, has) = (counts(&before), counts(&now));
        Baseline::of(&[before], str::to_owned).take_known(
            std::slice::from_mut(&mut now),
            str::to_owned,
            |known| known == path,
        );
        let shown = counts(&now);
        let none = BTreeMap::new();
        for (rule, has) in &has {
            let (had, shown) = (had.get(rule).unwrap_or(&none), shown.get(rule).unwrap_or(&none));
            let sum = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>();
            // A finding in another line may take the place of one that is gone: it is known, or new.
            let least = sum(has).saturating_sub(sum(had));
            let of_line =
                |(line, has): (&String, &usize)| has.saturating_sub(had.get(line).copied().unwrap_or(0));
            let most: usize = has.iter().map(of_line).sum();
            let shown = sum(shown);
            if !(least..=most).contains(&shown) {
                wrong.push(format!("{name}: {rule}: {shown} shown, {least} to {most} new, in\n{after}"));
            }
        }
    }
    wrong
}

fn texts(folder: &Path, out: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            texts(&path, out);
        } else if engine::is_dockerfile_name(&name)
            && let Ok(text) = fs::read_to_string(&path)
            && !report(&name, &text).findings.is_empty()
        {
            out.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn edits_show_what_is_new_and_nothing_else() {
    let mut all = Vec::new();
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), &mut all);
    let wrong = wrong(&all, 300);
    assert!(wrong.is_empty(), "{} of 300\n{}", wrong.len(), wrong.join("\n"));
}

/// `DLINT_CORPUS=DIR cargo test --test it baseline -- --ignored`.
#[test]
#[ignore = "needs a folder of Dockerfiles: DLINT_CORPUS=DIR"]
fn edits_of_a_corpus_show_what_is_new_and_nothing_else() {
    let folder = std::env::var_os("DLINT_CORPUS").expect("DLINT_CORPUS names a folder");
    let mut all = Vec::new();
    texts(Path::new(&folder), &mut all);
    let wrong = wrong(&all, 500);
    assert!(wrong.is_empty(), "{} of 500\n{}", wrong.len(), wrong.join("\n"));
}
