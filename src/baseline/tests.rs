use super::*;
use crate::diag::{Finding, Severity};
use crate::text::{Source, Span};

/// A report on `text` with a finding of `rule` at each place where `at` stands.
fn report(path: &str, text: &str, found: &[(&str, &str, &str)]) -> FileReport {
    let mut findings = Vec::new();
    for (rule, at, message) in found {
        for (start, _) in text.match_indices(at) {
            let span = Span::of(start..start + at.len());
            findings.push(Finding::new(rule.to_string(), Severity::Warning, span, *message));
        }
    }
    findings.sort_by_key(|finding| finding.span);
    FileReport {
        path: path.to_owned(),
        source: Source::from_text(path, text),
        findings,
        ..FileReport::default()
    }
}

const TAG: (&str, &str, &str) = ("untagged-image", "debian", "no tag");
const ROOT: (&str, &str, &str) = ("no-user", "CMD", "runs as root");
const APT: (&str, &str, &str) = ("cache-left-in-layer", "apt-get update", "about 20 MB of lists");

/// The lines of what is new in `now`, compared with `before`.
fn fresh(before: &[FileReport], mut now: Vec<FileReport>) -> Vec<String> {
    let baseline = Baseline::of(before, str::to_owned);
    assert_eq!(Baseline::parse(&baseline.text()), Ok(baseline.clone()));
    let there: Vec<String> = now.iter().map(|file| file.path.clone()).collect();
    let all: usize = now.iter().map(|file| file.findings.len()).sum();
    let taken = baseline.take_known(&mut now, str::to_owned, |name| there.iter().any(|path| path == name));
    let left = now.iter().flat_map(|file| {
        file.findings.iter().map(move |finding| {
            let start = finding.span.start as usize;
            let line = file.source.text()[..start].matches('\n').count() + 1;
            format!("{}:{line}:{}", file.path, finding.rule)
        })
    });
    let left: Vec<String> = left.collect();
    assert_eq!(taken + left.len(), all);
    left
}

fn one(before: &str, now: &str) -> Vec<String> {
    let all = [TAG, ROOT, APT];
    fresh(&[report("a", before, &all)], vec![report("a", now, &all)])
}

const TEXT: &str = "FROM debian\nRUN apt-get update\nCMD x\n";

#[test]
fn what_moves_is_known() {
    assert_eq!(one(TEXT, TEXT), [""; 0]);
    assert_eq!(one(TEXT, "# a\n\nFROM   debian\nENV a=1\n  RUN  apt-get   update\nCMD x\n"), [""; 0]);
    assert_eq!(one(TEXT, "FROM debian\nCMD x\nRUN apt-get update\n"), [""; 0]);
}

#[test]
fn what_is_added_is_new() {
    assert_eq!(
        one(TEXT, "FROM debian\nRUN apt-get update\nRUN apt-get update\nCMD x\n"),
        ["a:3:cache-left-in-layer"]
    );
    assert_eq!(one(TEXT, "FROM debian\nRUN apt-get update\nCMD x\nFROM debian:12\n"), ["a:4:untagged-image"]);
    assert_eq!(one("FROM alpine\n", TEXT), ["a:1:untagged-image", "a:2:cache-left-in-layer", "a:3:no-user"]);
}

#[test]
fn a_line_that_changes_keeps_what_it_says() {
    // The place of `no-user` is the last command, whichever that is.
    assert_eq!(one(TEXT, "FROM debian\nRUN apt-get update\nCMD y\n"), [""; 0]);
    // Figures change with other lines.
    let before = report("a", TEXT, &[APT]);
    let now =
        report("a", "FROM debian\nRUN apt-get update && x\n", &[(APT.0, APT.1, "about 82 MB of lists")]);
    assert_eq!(fresh(&[before], vec![now]), [""; 0]);
}

#[test]
fn what_was_mended_makes_room_for_nothing_else() {
    let now = "FROM debian:12\nRUN apt-get update\nCMD x\n";
    assert_eq!(fresh(&[report("a", TEXT, &[TAG])], vec![report("a", now, &[ROOT])]), ["a:3:no-user"]);
}

#[test]
fn a_file_that_is_renamed_keeps_its_findings() {
    let all = [TAG, ROOT, APT];
    let other = "FROM debian AS b\nCMD x\n";
    let before = [report("a", TEXT, &all), report("c", other, &all)];
    let grown = format!("{TEXT}RUN apt-get update -q\n");
    let now = vec![report("a2", &grown, &all), report("c", other, &all)];
    assert_eq!(fresh(&before, now), ["a2:4:cache-left-in-layer"]);
    // A copy is no new name.
    let now = vec![report("a", TEXT, &all), report("a2", TEXT, &[TAG])];
    assert_eq!(fresh(&before, now), ["a2:1:untagged-image"]);
}

#[test]
fn any_span_of_any_text_has_a_print() {
    let text = format!("{}é\n{}", "é".repeat(900), "x".repeat(900));
    let mut file = report("a", &text, &[]);
    for span in
        [Span::of(0..0), Span::of(1799..1802), Span::of(2702..2703), Span::of(9000..9001), Span::of(3..5)]
    {
        file.findings.push(Finding::new("r", Severity::Info, span, ""));
    }
    assert_eq!(Baseline::of(&[file], str::to_owned).count(), (5, 1));
}

#[test]
fn a_text_that_is_no_baseline_is_refused() {
    let refused = |text: &str| Baseline::parse(text).unwrap_err();
    assert_eq!(refused(""), "line 1: `version = 1` is missing");
    assert!(refused("version = 2").starts_with("line 1: this version of the file is not known"));
    assert!(refused("version = 1\n[file.a]\nb = 1").starts_with("line 3: a key is the name of a rule"));
    let key = "\"r 0000000000000000 0000000000000001\"";
    assert!(refused(&format!("version = 1\n[file.a]\n{key} = \"x\"")).starts_with("line 3: "));
    assert!(refused("<<<<<<< ours\nversion = 1").contains("merge"));
    assert!(Baseline::parse(&format!("version = 1\n[file.a]\n{key} = 2\n")).is_ok());
}
