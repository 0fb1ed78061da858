//! `--baseline` and `--write-baseline`: only what is new.

use std::collections::HashSet;
use std::path::PathBuf;

use crate::baseline::{Baseline, NAME};
use crate::diag::{Problem, RunReport, counted};
use crate::engine::BaselinePlace;
use crate::report::sanitize;
use crate::workspace::{describe, from_here};

use super::Exit;
use super::args::LintArgs;
use super::output;

/// The baseline that counts: that of the command line, or of the settings.
pub(super) fn place(args: &LintArgs, configured: Option<PathBuf>) -> Option<BaselinePlace> {
    let named = args.baseline.clone().or(configured).filter(|_| !args.no_baseline);
    named.or_else(|| args.write_baseline.then(|| PathBuf::from(NAME))).map(BaselinePlace::new)
}

/// Takes what the baseline holds out of the report. What is wrong with the file goes to the problems.
pub(super) fn take_known(place: &BaselinePlace, report: &mut RunReport) {
    let problem = |message: String, help: Option<&str>| Problem {
        path: Some(from_here(&place.path().display().to_string())),
        message,
        help: help.map(str::to_owned),
        ..Problem::default()
    };
    match place.read() {
        Ok(Some(baseline)) => {
            report.known =
                baseline.take_known(&mut report.files, |path| place.name(path), |name| place.has(name));
        }
        Ok(None) => report
            .problems
            .push(problem("this baseline is not there".to_owned(), Some("`--write-baseline` writes it"))),
        Err(message) => report.problems.push(problem(message, None)),
    }
}

/// Writes what was found, and says so. What is known of files that were not looked at stays, as in a run for a folder.
pub(super) fn write(place: &BaselinePlace, report: &RunReport, configured: bool) -> Exit {
    let mut baseline = Baseline::of(&report.files, |path| place.name(path));
    let checked: HashSet<String> = report.files.iter().map(|file| place.name(&file.path)).collect();
    // A broken one is replaced.
    let old = place.read().ok().flatten().unwrap_or_default();
    let kept = baseline.keep(old, |name| place.has(name) && !checked.contains(name));
    let path = from_here(&place.path().display().to_string());
    if place.is_other() {
        return output::failed_with(&Problem {
            message: format!("{}: is not a baseline, which would replace it", sanitize(&path)),
            help: Some("name another file, or remove this one first".to_owned()),
            ..Problem::default()
        });
    }
    if let Err(error) = place.write(&baseline) {
        return output::failed(&format!("{}: {}", sanitize(&path), describe(&error)));
    }
    report.problems.iter().for_each(|problem| output::say(problem));
    let (findings, files) = baseline.count();
    let (findings, files) = (findings - kept.0, files - kept.1);
    eprintln!(
        "dlint: wrote {} of {} to {}",
        counted(findings, "finding", "findings"),
        counted(files as u64, "file", "files"),
        sanitize(&path)
    );
    if kept.1 > 0 {
        eprintln!(
            "dlint: {} of {} there, which this run did not check, stay",
            counted(kept.0, "finding", "findings"),
            counted(kept.1 as u64, "file", "files")
        );
    }
    if !configured {
        let name = sanitize(&path);
        eprintln!("dlint: use it with `--baseline {name}`, or with `baseline = \"{name}\"` in dlint.toml");
    }
    if report.problems.is_empty() { Exit::Clean } else { Exit::Failure }
}
