use super::*;
use crate::diag::Severity;
use crate::rules::FixKind;
use crate::syntax::Instruction;

fn file(text: &str) -> File {
    syntax::parse(Source::from_text("Dockerfile", text))
}

fn finding(text: &str, title: &str, edits: Vec<Edit>) -> Finding {
    let span = Span::of(0..text.len().min(1));
    Finding::new("a-rule", Severity::Warning, span, "m").fix(Fix::safe(title, edits))
}

fn at(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::of(start..start + part.len())
}

/// One fix that replaces `part` by `with`.
fn one(text: &str, part: &str, with: &str) -> FixOutcome {
    let finding = finding(text, "t", vec![Edit::replace(at(text, part), with)]);
    Fixer::new(Applicability::Safe).once(&file(text), &[finding])
}

/// The text with what was applied, or the text before.
fn shown<'o>(outcome: &'o FixOutcome, before: &'o str) -> &'o str {
    outcome.model.as_ref().map_or(before, |model| model.file.text())
}

fn analysis(text: &str) -> Analysis {
    Analysis::new(Model::new(file(text)))
}

const TEXT: &str =
    "# syntax=docker/dockerfile:1\nFROM a\n# why\nENV A=1\nRUN one \\\n  # in\n  two\nRUN three\n";

#[test]
fn edits_that_keep_the_rest_are_applied() {
    for (part, with) in [
        ("one", "one -y"),
        ("one \\\n  # in\n  two", "both"),
        ("\nRUN three", ""),
        ("RUN three\n", ""),
        ("\nRUN three", " && three"),
        ("ENV", "LABEL"),
        ("ENV A=1", "ENV A=1\nENV B=2"),
        ("A=1", "A=1\nENV B=2"),
        ("# why\n", ""),
        ("# why\n", "# why\nUSER x\n"),
        ("1\nFROM", "1.7\nFROM"),
        ("RUN three\n", "RUN three\nUSER x\n"),
    ] {
        let outcome = one(TEXT, part, with);
        assert_eq!(outcome.refused, [], "{part:?} {with:?}");
        assert_eq!(shown(&outcome, TEXT), TEXT.replacen(part, with, 1));
        assert_eq!(outcome.applied, [Applied { rule: "a-rule".into(), title: "t".to_owned() }]);
    }
}

#[test]
fn edits_that_change_more_than_they_say_are_refused() {
    let syntax = |m: &str| Refusal::SyntaxError(m.to_owned());
    for (part, with, want) in [
        // The next instruction becomes part of the edited one.
        ("A=1", "A=1 \\", Refusal::Changes(5)),
        ("three", "three <<EOF", syntax("the here-document has no closing line `EOF`")),
        ("one", "<<EOF one", Refusal::Changes(8)),
        // What was continued starts an instruction.
        ("one \\", "one", Refusal::Splits(5)),
        ("A=1", "A=1 B", syntax("`B` has no `=`")),
        ("ENV", "ENVY", syntax("there is no instruction `ENVY`")),
        ("# why\n", "why \\\n", syntax("there is no instruction `why`")),
        ("A=1", "A=1", Refusal::NoChange),
    ] {
        let outcome = one(TEXT, part, with);
        assert_eq!(shown(&outcome, TEXT), TEXT, "{part:?} {with:?}");
        let reasons: Vec<_> = outcome.refused.iter().map(|r| r.reason.clone()).collect();
        assert_eq!(reasons, [want], "{part:?} {with:?}");
    }
    // A comment on top would disable the directive.
    let comment = finding(TEXT, "t", vec![Edit::insert(0, "# hello\n")]);
    let outcome = Fixer::new(Applicability::Safe).once(&file(TEXT), &[comment]);
    assert_eq!(outcome.refused[0].reason, Refusal::Directives);
    let beyond = finding(TEXT, "t", vec![Edit::insert(9999, "x")]);
    let outcome = Fixer::new(Applicability::Safe).once(&file(TEXT), &[beyond]);
    assert_eq!(outcome.refused[0].reason, Refusal::Edit(EditError::OutOfRange));
}

#[test]
fn a_bad_fix_does_not_hold_up_the_others() {
    let good = |part: &str, with: &str| finding(TEXT, "good", vec![Edit::replace(at(TEXT, part), with)]);
    let findings = [
        good("A=1", "A=2"),
        finding(TEXT, "bad", vec![Edit::replace(at(TEXT, "one \\"), "one")]),
        good("three", "3"),
        good("FROM a", "FROM b"),
    ];
    let outcome = Fixer::new(Applicability::Safe).once(&file(TEXT), &findings);
    assert_eq!(outcome.applied.len(), 3);
    assert_eq!(outcome.refused.len(), 1);
    assert_eq!(outcome.refused[0].title, "bad");
    assert_eq!(
        shown(&outcome, TEXT),
        TEXT.replace("A=1", "A=2").replace("three", "3").replace("FROM a", "FROM b")
    );
}

#[test]
fn fixes_of_the_same_place_wait_and_trust_is_asked_for() {
    let text = "FROM a\nRUN x\n";
    let insert = |t: &str| finding(text, t, vec![Edit::insert(12, t)]);
    let outcome = Fixer::new(Applicability::Safe).once(&file(text), &[insert(" a"), insert(" b")]);
    assert_eq!((shown(&outcome, text), outcome.refused.len()), ("FROM a\nRUN x a\n", 0));
    let mut unsure = insert(" a");
    for (kind, allow, applied) in [
        (Applicability::Unsafe, Applicability::Safe, 0),
        (Applicability::Unsafe, Applicability::Unsafe, 1),
        (Applicability::Display, Applicability::Unsafe, 0),
        (Applicability::Display, Applicability::Display, 0),
    ] {
        unsure.fix.as_mut().unwrap().applicability = kind;
        assert_eq!(Fixer::new(allow).once(&file(text), std::slice::from_ref(&unsure)).applied.len(), applied);
    }
    let check = |new: &Model, edited: &[usize]| {
        Err(format!("no {}", new.file.instructions[edited[0]].arguments_text()))
    };
    let outcome = Fixer::new(Applicability::Safe).check(&check).once(&file(text), &[insert(" a")]);
    assert_eq!(outcome.refused[0].reason, Refusal::Check("no x a".to_owned()));
}

#[test]
fn byte_order_mark_and_line_endings_stay() {
    let text = "\u{feff}FROM a\r\nRUN x\r\n";
    let top = finding(text, "t", vec![Edit::insert(0, "ARG A\n"), Edit::insert(16, "\nUSER u")]);
    let outcome = Fixer::new(Applicability::Safe).once(&file(text), &[top]);
    assert_eq!(shown(&outcome, text), "\u{feff}ARG A\r\nFROM a\r\nRUN x\r\nUSER u\r\n");
    let bytes = b"FROM a\nRUN \xff x\n".to_vec();
    let source = Source::from_bytes("f", bytes).unwrap();
    let file = syntax::parse(source);
    let fix = finding("FROM", "t", vec![Edit::replace(Span::new(5, 6), "b")]);
    let outcome = Fixer::new(Applicability::Safe).once(&file, &[fix]);
    assert_eq!(outcome.model.unwrap().file.source.bytes(), b"FROM b\nRUN \xff x\n");
}

#[test]
fn fixing_goes_on_until_nothing_is_left() {
    // Each round takes one `x` of a run of them.
    let lint = |analysis: &Analysis| -> Vec<Finding> {
        let text = analysis.file.text();
        let place = text.find("xx").map(|i| Edit::delete(Span::of(i..i + 1)));
        place.map(|edit| finding(text, "shorten", vec![edit])).into_iter().collect()
    };
    let fixer = Fixer::new(Applicability::Safe);
    let fixed = fixer.fixpoint(analysis("FROM a\nRUN xxxxx\n"), lint);
    assert_eq!(fixed.analysis.file.text(), "FROM a\nRUN x\n");
    assert_eq!((fixed.applied.len(), fixed.unfinished), (4, None));
    let long = format!("FROM a\nRUN {}\n", "x".repeat(40));
    let fixed = fixer.fixpoint(analysis(&long), lint);
    assert_eq!((fixed.applied.len(), fixed.unfinished), (MAX_ROUNDS as usize, Some(Unfinished::Rounds)));
}

#[test]
fn fixes_that_undo_each_other_end() {
    let lint = |analysis: &Analysis| {
        let text = analysis.file.text();
        let i = text.find("RUN ").unwrap() + 4;
        let other = if text[i..].starts_with('x') { "y" } else { "x" };
        vec![finding(text, "swap", vec![Edit::replace(Span::of(i..i + 1), other)])]
    };
    let fixed = Fixer::new(Applicability::Safe).fixpoint(analysis("FROM a\nRUN x\n"), lint);
    assert_eq!(fixed.analysis.file.text(), "FROM a\nRUN y\n");
    assert_eq!((fixed.applied.len(), fixed.unfinished), (1, Some(Unfinished::Cycle)));
}

#[test]
fn many_refusals_are_bounded() {
    let text = format!("FROM a\n{}", "RUN x \\\n  y\n".repeat(400));
    let findings: Vec<_> = text
        .match_indices(" \\")
        .map(|(i, _)| finding(&text, "bad", vec![Edit::delete(Span::of(i..i + 2))]))
        .collect();
    let outcome = Fixer::new(Applicability::Safe).once(&file(&text), &findings);
    assert_eq!((outcome.applied.len(), outcome.refused.len()), (0, 400));
    assert!(outcome.refused.iter().any(|r| r.reason == Refusal::TooMany));
}

/// Whatever edits do, what they do not touch is there afterwards, in the same order.
#[test]
fn random_edits_never_change_what_they_do_not_touch() {
    let texts = [
        TEXT,
        "\u{feff}# escape=`\r\nFROM a AS b\r\nRUN x `\r\n  y\r\nCOPY --from=b a `\r\n\r\n b\r\n",
        "FROM a\nRUN <<A <<-B\none\nA\n\ttwo\n\tB\nCOPY <<E /x\nENV a=1\nE\nENV b=\"c\\\nd\" e=f\nCMD [\"a\", \"b\"]",
        "ARG V\nFROM a:$V\nONBUILD RUN a \\\n# c\n b\nHEALTHCHECK --interval=1s CMD x\n\n# end\n",
    ];
    let pieces = [
        "", "\n", " \\\n", "#", "# c\n", "RUN z\n", "\nUSER u", "<<E", "\"", "=", "x", "FROM q\n", " ", "`\n",
    ];
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut applied = 0;
    for _ in 0..4000 {
        let text = texts[random(texts.len())];
        let file = file(text);
        let edits: Vec<Edit> = (0..1 + random(2))
            .map(|_| {
                let start = random(text.len() + 1);
                let end = (start + random(8)).min(text.len());
                Edit::replace(Span::of(start..end), pieces[random(pieces.len())])
            })
            .collect();
        let outcome = Fixer::new(Applicability::Safe).once(&file, &[finding(text, "t", edits.clone())]);
        if outcome.applied.is_empty() {
            assert!(outcome.model.is_none());
            continue;
        }
        applied += 1;
        let new = &outcome.model.as_ref().unwrap().file;
        assert!(new.errors.len() <= file.errors.len());
        let apart =
            |i: &&Instruction| edits.iter().all(|e| e.span.end < i.span.start || e.span.start > i.span.end);
        let shown = |file: &File, i: &Instruction| {
            let flags: Vec<_> = i.flags.iter().map(|f| (f.name.clone(), f.value.clone())).collect();
            let bodies: Vec<_> = i.heredocs.iter().map(|h| h.body.text(file.text()).to_owned()).collect();
            format!("{:?} {flags:?} {:?} {bodies:?}", i.keyword, i.arguments_text())
        };
        let mut all = new.instructions.iter().map(|i| shown(new, i));
        for kept in file.instructions.iter().filter(apart).map(|i| shown(&file, i)) {
            assert!(all.any(|i| i == kept), "{text:?} {edits:?}: {kept}");
        }
    }
    assert!(applied > 500, "{applied}");
}

#[test]
fn each_rule_with_a_fix_has_a_case_that_is_built() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/fixes.md")).unwrap();
    let mut tried: Vec<String> = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(root.join("testdata/fixes")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "txt") {
            let text = std::fs::read_to_string(&path).unwrap();
            let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let rules = field("rule: ");
            tried.extend(rules.split(',').map(str::to_owned));
            let about: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
            let (fix, by) = (field("fix: "), field("by: "));
            let row = format!("| {} | `{rules}` | {fix} | {by} | ", about.join(" "));
            assert!(table.contains(&row), "docs/fixes.md lacks {row}: take it from tools/try-fixes --table");
            cases += 1;
        }
    }
    assert_eq!(table.matches("\n| ").count(), cases + 2, "docs/fixes.md has rows of no case");
    // What ShellCheck offers depends on its version.
    // Fixes of files that start builds leave Dockerfiles alone.
    let fixed = crate::rules::RULES.iter().filter(|r| {
        r.meta.fix >= FixKind::Unsafe
            && r.meta.name != "shellcheck"
            && r.meta.needs != crate::rules::Needs::Entry
    });
    let missing: Vec<&str> =
        fixed.map(|r| &*r.meta.name).filter(|name| !tried.iter().any(|t| t == name)).collect();
    assert_eq!(missing, [] as [&str; 0], "write a case in testdata/fixes, and run tools/try-fixes");
}
