//! Rules and fixes: findings have places that exist, a fixed file parses with no new fault, and the instructions
//! that no fix touches are all there, with the same meaning and in the same order.
#![no_main]

use std::collections::HashMap;
use std::sync::LazyLock;

use dlint_fuzz::config::Settings;
use dlint_fuzz::diag::{Applicability, Finding, Origin};
use dlint_fuzz::engine::{Fixer, lint};
use dlint_fuzz::semantic::{Analysis, Model};
use dlint_fuzz::syntax::{self, File, Instruction};
use dlint_fuzz::text::{Source, Span};
use dlint_fuzz::{all_rules, assert_file, assert_place};

static SETTINGS: LazyLock<Settings> = LazyLock::new(all_rules);

/// What an instruction means: its typed form without places.
fn meaning(instruction: &Instruction) -> String {
    let flags = instruction.flags.iter().map(|f| (&f.name, &f.value)).collect::<Vec<_>>();
    let typed = format!("{:?} {:?}", instruction.keyword, instruction.kind);
    let mut out = format!("{} {flags:?} ", instruction.is_trigger());
    let mut rest = typed.as_str();
    while let Some((before, place)) = rest.split_once("Span { ") {
        out += before;
        rest = place.split_once(" }").map_or("", |(_, behind)| behind);
    }
    out + rest
}

fn meanings<'f>(instructions: impl Iterator<Item = &'f Instruction>) -> Vec<String> {
    instructions.map(meaning).collect()
}

fn faults(file: &File) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for error in &file.errors {
        *counts.entry(format!("{:?} {}", error.kind, error.message)).or_default() += 1;
    }
    counts
}

fn compare(old: &File, findings: &[Finding], new: &File) {
    let fixes = findings.iter().filter(|f| f.origin == Origin::Dockerfile).filter_map(|f| f.fix.as_ref());
    let edits: Vec<Span> = fixes
        .filter(|fix| fix.applicability >= Applicability::Unsafe)
        .flat_map(|fix| fix.edits.iter().map(|e| e.span))
        .collect();
    let is_free = |i: &&Instruction| edits.iter().all(|e| e.end < i.span.start || i.span.end < e.start);
    let kept = meanings(old.instructions.iter().filter(is_free));
    let now = meanings(new.instructions.iter());
    let mut left = now.iter();
    for instruction in &kept {
        assert!(left.any(|other| other == instruction), "{instruction} is lost in\n{}", new.text());
    }
    let before = faults(old);
    for (fault, count) in faults(new) {
        assert!(count <= before.get(&fault).copied().unwrap_or(0), "{fault} is new in\n{}", new.text());
    }
    let again = syntax::parse(Source::from_bytes("Dockerfile", new.source.bytes().to_vec()).expect("a text"));
    assert_eq!(meanings(again.instructions.iter()), now, "what is written is what was checked");
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = Source::from_bytes("Dockerfile", bytes.to_vec()) else { return };
    let mut analysis = Analysis::new(Model::new(syntax::parse(source)));
    let fixer = Fixer::new(Applicability::Unsafe);
    // Fixes may undo each other: that is found out, and said, elsewhere.
    for _ in 0..4 {
        let findings = lint(&analysis, &SETTINGS);
        for finding in findings.iter().filter(|f| f.origin == Origin::Dockerfile) {
            assert_place(analysis.file.text(), finding.span);
            finding.labels.iter().for_each(|l| assert_place(analysis.file.text(), l.span));
        }
        let Some(model) = fixer.once(&analysis.file, &findings).model else { return };
        assert_file(&model.file);
        compare(&analysis.file, &findings, &model.file);
        analysis = analysis.with_model(model);
    }
});
