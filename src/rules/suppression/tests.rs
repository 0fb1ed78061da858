use super::*;
use crate::diag::Severity;
use crate::rules::Choice;
use crate::syntax;
use crate::text::Source;

/// A finding of `maintainer-deprecated` at each MAINTAINER, what is kept of them (by line), and what
/// is said of comments (by the text that is marked).
fn run(text: &str, strict: bool) -> (Vec<u32>, Vec<(String, String)>) {
    let file = syntax::parse(Source::from_text("Dockerfile", text));
    let findings = file
        .instructions
        .iter()
        .filter(|i| i.keyword == Keyword::Maintainer)
        .map(|i| Finding::new("maintainer-deprecated", Severity::Info, i.keyword_span, ""))
        .collect();
    let select = vec![Catalogue::default().select(if strict { "strict" } else { "default" }).unwrap()];
    let rules = RuleSet::default().with(&Choice { select: Some(select), ..Choice::default() });
    let outcome = apply(&file, findings, &rules, &|_, _| true);
    let lines = file.source.lines();
    let extra = outcome.extra.iter().map(|f| {
        let text = f.span.text(text).to_owned();
        (f.rule.to_string(), format!("{text}: {}", f.help.as_deref().unwrap_or("")))
    });
    (outcome.kept.iter().map(|f| lines.line(f.span.start)).collect(), extra.collect())
}

fn kept(text: &str) -> Vec<u32> {
    run(text, false).0
}

#[test]
fn comments_reach_what_they_are_about() {
    let both = "FROM a\nMAINTAINER x\nMAINTAINER y\n";
    assert_eq!(kept(both), [2, 3]);
    for comment in [
        "# dlint ignore=maintainer-deprecated",
        "#dlint ignore=DL4000",
        "# dlint: ignore=DL4000",
        "#dlint:ignore=maintainer-deprecated why",
        "# dlint ignore = style , size  for a reason",
        "# dlint ignore=all -- why",
        "# hadolint ignore=DL3006,DL4000",
        "# check=skip=MaintainerDeprecated",
        "# check = skip=UndefinedVar,MaintainerDeprecated;error=true why",
        "# check=error=true;skip=all",
    ] {
        assert_eq!(
            kept(&both.replace("MAINTAINER x", &format!("{comment}\n# c\n\nMAINTAINER x"))),
            [6],
            "{comment}"
        );
        let inside = both.replace("MAINTAINER x", &format!("MAINTAINER \\\n  {comment}\n  x"));
        assert_eq!(kept(&inside), [5], "{comment}");
    }
    for comment in [
        "# dlint ignore-file=maintainer-deprecated",
        "# dlint global ignore=maintainer-deprecated",
        "# hadolint global ignore=DL4000",
        "# check=skip=MaintainerDeprecated",
    ] {
        assert_eq!(kept(&format!("{comment}\n{both}")), [0; 0], "{comment}");
    }
    for comment in ["# dlint ignore=size", "# hadolint ignore=DL3006", "# check=skip=UndefinedVar", "# dlint"]
    {
        assert_eq!(kept(&format!("FROM a\n{comment}\nMAINTAINER x\n")), [3], "{comment}");
    }
}

#[test]
fn a_check_above_a_from_reaches_the_stage() {
    let text = "ARG A\n# check=skip=MaintainerDeprecated\nFROM a\nMAINTAINER x\nFROM b\nMAINTAINER y\n";
    assert_eq!(kept(text), [6]);
    assert_eq!(kept(&text.replace("check=skip=", "dlint ignore=")), [4, 6]);
}

#[test]
fn names_without_meaning_are_reported() {
    let said = |comment: &str| {
        run(&format!("FROM a\n{comment}\nMAINTAINER x\n"), false)
            .1
            .into_iter()
            .map(|(rule, text)| {
                assert!(RuleId::UNKNOWN_SUPPRESSION.is(&rule));
                text
            })
            .collect::<Vec<_>>()
    };
    let none = [""; 0];
    assert_eq!(
        said("# dlint ignore=all,maintainer-depricated"),
        ["maintainer-depricated: did you mean `maintainer-deprecated`?"]
    );
    assert_eq!(said("# dlint ignore=DL9999"), ["DL9999: `dlint rules` lists all rules"]);
    assert_eq!(said("# hadolint ignore=DL9999,SC2046,DL4000"), none);
    assert_eq!(said("# hadolint ignore=DL40000"), ["DL40000: did you mean `DL4000`?"]);
    assert_eq!(said("# check=skip=UndefinedVar"), none);
    assert_eq!(said("# check=skip=UndefinedVra"), ["UndefinedVra: did you mean `UndefinedVar`?"]);
    let help = "write `# dlint ignore=rule-name` before an instruction, or `# dlint ignore-file=rule-name`";
    for comment in [
        "# dlint ignore",
        "# dlint ignore=",
        "# dlint ignore sudo",
        "# dlint: ignore no-user, sudo",
        "# dlint disable=DL4000",
    ] {
        assert_eq!(said(comment), [format!("{comment}: {help}")]);
    }
    assert_eq!(said("# dlint is a linter"), none);
    assert_eq!(said("# dlint ignore all of this"), none);
    assert_eq!(said("# dlint ignore-file=unknown-suppression,nonsense"), none);
}

#[test]
fn comments_that_suppress_nothing_are_reported() {
    let said = |text: &str, strict| {
        run(text, strict).1.into_iter().map(|(r, t)| format!("{r} {t}")).collect::<Vec<_>>()
    };
    let help = "remove the name, or the comment";
    let none = [""; 0];
    let text = "FROM a\n# dlint ignore=DL4000\nRUN x\n";
    assert_eq!(said(text, false), [format!("unused-suppression DL4000: {help}")]);
    assert_eq!(
        said("FROM a\n# dlint ignore=DL4000\n", false),
        [format!("unused-suppression DL4000: {help}")]
    );
    let foreign = "FROM a\n# hadolint ignore=DL4000\nRUN x\n";
    assert_eq!(said(foreign, false), none);
    assert_eq!(said(foreign, true), [format!("unused-foreign-suppression DL4000: {help}")]);
    // A rule that is off might find something.
    let file = syntax::parse(Source::from_text("f", text));
    let off = RuleSet::default()
        .with(&Choice { ignore: vec![Catalogue::default().select("DL4000").unwrap()], ..Choice::default() });
    assert_eq!(apply(&file, Vec::new(), &off, &|_, _| true).extra, []);
    assert_eq!(apply(&file, Vec::new(), &RuleSet::default(), &|_, _| false).extra, []);
    let extra = apply(&file, Vec::new(), &RuleSet::default(), &|_, _| true).extra;
    assert_eq!(extra[0].fix.as_ref().unwrap().edits[0].span.text(text), "# dlint ignore=DL4000\n");
}

#[test]
fn reasons_and_places_are_exact() {
    let text = "FROM a\n  # dlint ignore=b , c: it is \u{e4}lter\r\nRUN x\n";
    let file = syntax::parse(Source::from_text("f", text));
    let read = read(&file).suppressions;
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].names.iter().map(|s| s.text(text)).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(read[0].reason.unwrap().text(text), "it is \u{e4}lter");
    assert_eq!(read[0].reach, Reach::Instruction(1));
    assert_eq!(read[0].span.text(text), "# dlint ignore=b , c: it is \u{e4}lter");
}

#[test]
fn an_id_of_several_suppresses_its_own_findings() {
    let text = "FROM a\n# hadolint ignore=DL3042\nRUN x\n# hadolint ignore=DL3009\nRUN y\n# hadolint ignore=DL3042\nRUN z\n";
    let file = syntax::parse(Source::from_text("Dockerfile", text));
    let at = |instruction: usize| {
        let span = file.instructions[instruction].keyword_span;
        Finding::new("cache-left-in-layer", Severity::Warning, span, "").alias(Some("hadolint:DL3042"))
    };
    let strict =
        Choice { select: Some(vec![Catalogue::default().select("all").unwrap()]), ..Choice::default() };
    let outcome = apply(&file, vec![at(1), at(2)], &RuleSet::default().with(&strict), &|_, _| true);
    let lines = |findings: &[Finding]| -> Vec<u32> {
        findings.iter().map(|f| file.source.lines().line(f.span.start)).collect()
    };
    assert_eq!((lines(&outcome.kept), lines(&outcome.suppressed)), (vec![5], vec![3]));
    let unused: Vec<u32> = lines(&outcome.extra);
    assert_eq!(unused, [4, 6]);
}

#[test]
fn a_comment_can_speak_of_a_stage() {
    let text = "FROM a\nMAINTAINER x\nFROM b\nMAINTAINER y\n# c\nMAINTAINER z\n";
    let comment = "# hadolint stage ignore = DL4000 # why\n";
    let at = |line: usize| {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines.insert(line, comment);
        kept(&lines.concat())
    };
    // Above the first FROM, inside of the first stage, above the second, inside of it.
    assert_eq!(at(0), [5, 7]);
    assert_eq!(at(1), [5, 7]);
    assert_eq!(at(2), [2]);
    assert_eq!(at(4), [2]);
    assert_eq!(at(6), [2]);
    assert_eq!(kept(&format!("ARG A\n{comment}ARG B\n{text}")), [7, 9]);
    assert_eq!(kept(comment), [0; 0]);
    assert_eq!(run(&format!("{text}FROM c\n{comment}"), true).1.len(), 1);
}

#[test]
fn a_reason_and_unknown_words_do_not_undo_a_comment() {
    for comment in [
        "# hadolint ignore=DL4000 because we must",
        "# hadolint ignore=crazy,DL4000",
        "# hadolint ignore=dl4000; later",
        "# hadolint ignore=DL3006\n# hadolint ignore=DL4000\n# words",
        "# hadolint ignore=DL4000\n",
    ] {
        assert_eq!(kept(&format!("FROM a\n{comment}\nMAINTAINER x\n")), [0; 0], "{comment}");
    }
}
