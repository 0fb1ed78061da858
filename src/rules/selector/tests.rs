use std::borrow::Cow;
use std::sync::LazyLock;

use super::*;
use crate::rules::{Check, FixKind, Needs, Reading, RuleMeta, Status};

fn rule(name: &'static str, category: Category, preset: Preset, aliases: &[&'static str]) -> Rule {
    let meta = RuleMeta {
        name: name.into(),
        summary: "".into(),
        category,
        severity: Severity::Warning,
        preset,
        fix: FixKind::None,
        needs: Needs::Dockerfile,
        reads: Reading::Build,
        since: "0.1.0".into(),
        status: Status::Stable,
        renamed_from: Cow::Borrowed(&[]),
        aliases: aliases.iter().map(|a| (*a).into()).collect(),
        options: &[],
        open: Some("".into()),
        file: None,
    };
    Rule { meta, check: Check::Match }
}

static TEST: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    Arc::new(Catalogue::of(vec![
        rule("a-tag", Category::Reproducibility, Preset::Default, &["hadolint:DL3007", "kics:0a1b2c"]),
        rule("b-size", Category::Size, Preset::Default, &["hadolint:DL3009"]),
        rule("c-size", Category::Size, Preset::Strict, &["hadolint:DL3009"]),
        rule("d-style", Category::Style, Preset::Strict, &[]),
        rule("e-pins", Category::Style, Preset::Strict, &["hadolint:DL3008", "hadolint:DL3013", "kics:pins"]),
    ]))
});

fn one(word: &str) -> Selector {
    TEST.select(word).unwrap()
}

fn list(words: &str) -> Vec<Selector> {
    words.split_whitespace().map(one).collect()
}

#[test]
fn a_word_names_rules() {
    let [first, second] = [Unit::Part(0), Unit::Part(1)];
    for (word, scope, whole, parts) in [
        ("a-tag", Scope::Rule, vec![0], vec![]),
        ("hadolint:DL3007", Scope::Rule, vec![0], vec![]),
        ("dl3007", Scope::Rule, vec![0], vec![]),
        ("DL3009", Scope::Rule, vec![1, 2], vec![]),
        ("DL3013", Scope::Rule, vec![], vec![second]),
        ("hadolint:dl3008", Scope::Rule, vec![], vec![first]),
        ("pins", Scope::Rule, vec![4], vec![first, second]),
        ("e-pins", Scope::Rule, vec![4], vec![first, second]),
        ("hadolint", Scope::Group, vec![0, 1, 2], vec![first, second]),
        ("kics", Scope::Group, vec![0, 4], vec![first, second]),
        ("size", Scope::Group, vec![1, 2], vec![]),
        ("security", Scope::Group, vec![], vec![]),
        ("default", Scope::Group, vec![0, 1], vec![]),
        ("strict", Scope::Group, vec![0, 1, 2, 3, 4], vec![first, second]),
        ("all", Scope::All, vec![0, 1, 2, 3, 4], vec![first, second]),
    ] {
        let units = whole.into_iter().map(|n| Unit::Rule(RuleId(n))).chain(parts).collect();
        assert_eq!(one(word), Selector { scope, units }, "{word}");
    }
    let error = TEST.select("b-siez").unwrap_err();
    assert_eq!(error.to_string(), "`b-siez` is not a known rule, alias or group: did you mean `b-size`?");
    let error = TEST.select("DL3077").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`DL3077` is not a known rule, alias or group, though one of hadolint may be called so"
    );
    assert_eq!(TEST.select("").unwrap_err().near, None);
}

#[test]
fn an_old_name_means_what_has_no_newer_claim_to_it() {
    let renamed = |name, old: &[&'static str], aliases: &[&'static str]| {
        let mut rule = rule(name, Category::Size, Preset::Default, aliases);
        rule.meta.renamed_from = old.iter().map(|old| (*old).into()).collect();
        rule
    };
    let catalogue = Catalogue::of(vec![
        renamed("big", &["huge", "small", "both"], &["hadolint:DL1", "hadolint:DL2"]),
        renamed("small", &["both"], &[]),
    ]);
    let units = |word: &str| catalogue.select(word).unwrap().units;
    assert_eq!(units("small"), [Unit::Rule(RuleId(1))]);
    assert_eq!(catalogue.renamed(), BTreeMap::new());
    assert_eq!(units("HUGE"), [Unit::Rule(RuleId(0)), Unit::Part(0), Unit::Part(1)]);
    // A rule that became two.
    assert_eq!(units("both"), [Unit::Rule(RuleId(0)), Unit::Rule(RuleId(1)), Unit::Part(0), Unit::Part(1)]);
    assert_eq!(catalogue.select("huge").unwrap().scope, Scope::Rule);
    assert_eq!(catalogue.find("Huge").unwrap().meta.name, "big");
    assert!(catalogue.is_word("huge"));
    let said = [("both", "`big` and `small`"), ("huge", "`big`")];
    assert_eq!(catalogue.renamed(), said.map(|(old, now)| (old.to_owned(), now.to_owned())).into());
}

#[test]
fn the_narrower_wins_and_the_later() {
    let set = |choices: &[(Option<&str>, &str, &str)]| {
        let mut set = RuleSet::of(Arc::clone(&TEST));
        for (select, extend, ignore) in choices {
            set = set.with(&Choice {
                select: select.map(list),
                extend: list(extend),
                ignore: list(ignore),
                ..Choice::default()
            });
        }
        let states = set.rules.iter().chain(&set.parts);
        states.map(|state| if state.on { '1' } else { '0' }).collect::<String>()
    };
    // The rules, then the two parts of the last one.
    assert_eq!(set(&[]), "1100000");
    assert_eq!(set(&[(None, "d-style", "size")]), "1001000");
    assert_eq!(set(&[(Some("size"), "", "")]), "0110000");
    assert_eq!(set(&[(Some("all"), "b-size", "size")]), "1101111");
    assert_eq!(set(&[(Some("size"), "", "size")]), "0000000");
    assert_eq!(set(&[(None, "", "a-tag"), (None, "hadolint", "")]), "1110011");
    assert_eq!(set(&[(None, "", "a-tag"), (Some("strict"), "", "")]), "1111111");
    assert_eq!(set(&[(Some(""), "", "")]), "0000000");
    assert_eq!(set(&[(Some("e-pins"), "", "DL3008")]), "0000101");
    assert_eq!(set(&[(Some("DL3008"), "", "")]), "0000010");
    assert_eq!(set(&[(Some("hadolint"), "", "e-pins")]), "1110000");
}

#[test]
fn severities_follow_the_narrower_selector() {
    let severity = vec![
        (one("b-size"), Severity::Error),
        (one("size"), Severity::Info),
        (one("DL3008"), Severity::Info),
    ];
    let set = RuleSet::of(Arc::clone(&TEST)).with(&Choice { severity, ..Choice::default() });
    let severities: Vec<Severity> =
        set.rules.iter().chain(&set.parts).map(|s| s.severity.unwrap_or(Warning)).collect();
    use Severity::{Error, Info, Warning};
    assert_eq!(severities, [Warning, Error, Info, Warning, Warning, Info, Warning]);
}

/// A rule that passes on what another program finds.
static CODES: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let mut checker = rule("checker", Category::Size, Preset::Strict, &["hadolint:SC*"]);
    checker.meta.needs = Needs::Shellcheck;
    Arc::new(Catalogue::of(vec![checker, rule("other", Category::Size, Preset::Default, &[])]))
});

/// What is made of a finding with the code 2086 and of one with 2154, and whether the rule is on.
fn codes(choices: &[(Option<&str>, &str, &str, &str)]) -> String {
    let list = |words: &str| words.split_whitespace().map(|w| CODES.select(w).unwrap()).collect::<Vec<_>>();
    let mut set = RuleSet::of(Arc::clone(&CODES));
    for (select, extend, ignore, errors) in choices {
        set = set.with(&Choice {
            select: select.map(list),
            extend: list(extend),
            ignore: list(ignore),
            severity: list(errors).into_iter().map(|s| (s, Severity::Error)).collect(),
            advisory: None,
        });
    }
    let judged = |code: &str| {
        let span = crate::text::Span::at(0);
        let mut finding = Finding::new(format!("checker:{code}"), Severity::Info, span, "");
        let on = set.judge(&mut finding);
        if on { finding.severity.name() } else { "off" }
    };
    let on = set.enabled().any(|(_, rule, _)| rule.meta.name == "checker");
    format!("{} {} {on}", judged("SC2086"), judged("SC2154"))
}

#[test]
fn a_code_is_named_by_itself() {
    let code = Selector { scope: Scope::Code, units: vec![Unit::Code(RuleId(0), 2086)] };
    for word in ["SC2086", "sc2086", "hadolint:SC2086", "checker:SC2086"] {
        assert_eq!(CODES.select(word), Ok(code.clone()), "{word}");
    }
    for word in ["SC*", "checker:SC*", "checker", "hadolint:sc*"] {
        assert_eq!(CODES.select(word).unwrap().units, [Unit::Rule(RuleId(0))], "{word}");
    }
    for word in ["SC208", "SC20866", "SCabcd", "kics:SC2086", "SC", "\u{e4}C2086"] {
        assert!(CODES.select(word).is_err(), "{word}");
    }
    assert_eq!(CODES.find("SC2086").unwrap().meta.id(), "checker:SC*");
}

#[test]
fn a_code_has_a_switch_and_a_severity_of_its_own() {
    assert_eq!(codes(&[]), "off off false");
    // A group does not start another program, but for one that was named it counts.
    assert_eq!(codes(&[(Some("all"), "", "", "")]), "off off false");
    assert_eq!(codes(&[(None, "size", "", "")]), "off off false");
    assert_eq!(codes(&[(Some("all"), "checker", "", "")]), "info info true");
    assert_eq!(codes(&[(None, "checker", "", ""), (Some("all"), "", "", "")]), "info info true");
    assert_eq!(codes(&[(None, "checker", "", ""), (Some("other"), "", "", "")]), "off off false");
    assert_eq!(codes(&[(None, "checker", "SC2086", "")]), "off info true");
    assert_eq!(codes(&[(None, "SC2086", "checker", "")]), "info off true");
    assert_eq!(codes(&[(None, "SC2086", "", "SC2086")]), "error off true");
    assert_eq!(codes(&[(None, "checker", "SC2086", ""), (None, "SC2086", "", "")]), "info info true");
    // What is said later of the whole rule counts for each code.
    assert_eq!(codes(&[(None, "checker", "SC2086", ""), (None, "checker", "", "")]), "info info true");
    assert_eq!(codes(&[(None, "checker", "", ""), (None, "", "checker", "")]), "off off false");
    assert_eq!(codes(&[(None, "checker", "", "checker")]), "error error true");
    assert_eq!(codes(&[(None, "checker", "", "SC2154 size"), (None, "", "SC2086", "")]), "off error true");
}
