use super::*;
use crate::knowledge::{Level, hadolint_levels};
use crate::text::LineIndex;

/// A file as projects have it.
const FILE: &str = "\
# our settings
failure-threshold: warning
format: gitlab_codeclimate
ignored: [DL3008, SC2086, DL3005]   # DL3005 was there in old versions
override:
  error:
    - DL3007
  style: [DL4000, DL3042]
  info: [DL3042]
trustedRegistries: docker.io
label-schema:
  maintainer: email
  version: semver
strict-labels: true
no-fail: false
no-color: true
disable-ignore-pragma: true
";

fn faults(text: &str) -> Vec<String> {
    let lines = LineIndex::new(text);
    let shown = read(text).1.into_iter().map(|f| {
        let at = lines.position(text, f.span.start);
        let help = f.help.map(|h| format!(": {h}")).unwrap_or_default();
        format!("{}:{} {}{help}", at.line, at.column, f.message)
    });
    shown.collect()
}

fn settings(text: &str) -> crate::config::Settings {
    let (said, faults) = read(text);
    let config = said.config(Arc::default());
    assert_eq!(faults, []);
    config.settings(std::path::Path::new("Dockerfile"), &Choice::default(), None)
}

fn severity(settings: &crate::config::Settings, id: &str) -> Option<Severity> {
    let units = settings.rules.catalogue().lookup(id).unwrap().units;
    settings.rules.get(units[0])
}

#[test]
fn all_keys_are_read() {
    let (said, faults) = read(&FILE.replace("gitlab_codeclimate", "sarif"));
    assert_eq!(faults, []);
    let texts = |list: &[At<String>]| list.iter().map(|at| at.value.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&said.ignored), ["DL3008", "SC2086", "DL3005"]);
    let overrides: Vec<_> = said.overrides.iter().map(|(id, level)| (id.value.as_str(), *level)).collect();
    assert_eq!(
        overrides,
        [
            ("DL3007", Level::Error),
            ("DL3042", Level::Info),
            ("DL4000", Level::Style),
            ("DL3042", Level::Style)
        ]
    );
    assert_eq!(said.trusted.iter().map(RegistryPattern::as_str).collect::<Vec<_>>(), ["docker.io"]);
    let labels: Vec<_> = said.labels.iter().map(|(label, format)| (label.as_str(), format.name())).collect();
    assert_eq!(labels, [("maintainer", "email"), ("version", "semver")]);
    assert_eq!(said.threshold, Some(Level::Warning));
    assert_eq!(said.format, Some(Format::Sarif));
    assert!(said.strict_labels && said.no_color && said.disable_ignore_pragma && !said.no_fail);
}

#[test]
fn the_rules_of_hadolint_are_on_with_its_levels() {
    let none = settings("");
    for (id, level) in hadolint_levels() {
        if none.rules.catalogue().lookup(id).is_some() {
            assert_eq!(severity(&none, id), level.severity(), "{id}");
        }
    }
    assert_eq!(none.rules.severity("update-without-install"), None);
    assert_eq!(none.fail_on, FailOn::At(Severity::Info));
    let some =
        settings("ignored: [dl3007]\noverride: {error: [DL3042], info: [DL3006], warning: [DL3006]}\n");
    assert_eq!(severity(&some, "DL3007"), None);
    assert_eq!(severity(&some, "DL3042"), Some(Severity::Error));
    assert_eq!(severity(&some, "DL3019"), Some(Severity::Info));
    assert_eq!(severity(&some, "DL3006"), Some(Severity::Warning));
}

#[test]
fn thresholds_fail_as_those_of_hadolint() {
    let finding = |id: &str| {
        crate::diag::Finding::new("maintainer-deprecated", Severity::Info, crate::text::Span::at(0), id)
    };
    for (text, fail_on, fails) in [
        ("override: {style: [DL4000]}\n", FailOn::At(Severity::Info), false),
        ("override: {info: [DL4000]}\n", FailOn::At(Severity::Info), true),
        ("override: {style: [DL4000]}\nfailure-threshold: style\n", FailOn::At(Severity::Info), true),
        ("override: {style: [DL4000]}\nfailure-threshold: none\n", FailOn::At(Severity::Info), true),
        ("override: {info: [DL4000]}\nfailure-threshold: Warning\n", FailOn::At(Severity::Warning), false),
        ("failure-threshold: error\n", FailOn::At(Severity::Error), false),
        ("no-fail: true\nfailure-threshold: style\n", FailOn::Never, false),
    ] {
        let settings = settings(text);
        assert_eq!((settings.fail_on, settings.fails(&finding(""))), (fail_on, fails), "{text}");
    }
}

#[test]
fn all_faults_come_at_once_with_places() {
    let text = "ignred: []\nignored: DL3006\noverride:\n  fatal: []\n  error: [NO]\nformat: codacy\n\
        failure-threshold: bad\nlabel-schema: {a: semvr}\nno-fail: yes\ntrustedRegistries: {}\nno-color: 1\n";
    assert_eq!(
        faults(text),
        [
            "1:1 unknown key `ignred`: did you mean `ignored`?",
            "2:10 `ignored` must be a list of strings, not a string",
            "4:3 unknown key `fatal`",
            "5:11 `NO` is not a hadolint rule: they are called like DL3008 and SC2086",
            "6:9 dlint does not write the format `codacy`; `json` and `sarif` say more",
            "7:20 `bad` is not a valid level: use one of error, warning, info, style, ignore",
            "8:19 `semvr` is not a label format: did you mean `semver`?",
            "9:10 `no-fail` must be true or false, not a string",
            "10:20 `trustedRegistries` must be a list of strings, not a map",
            "11:11 `no-color` must be true or false, not a string",
        ]
    );
    for text in ["", "# nothing\n", "ignored:\noverride: ~\n"] {
        assert_eq!(faults(text), [""; 0], "{text:?}");
    }
    assert_eq!(faults("- DL3006\n"), ["1:1 `the file` must be a map, not a list"]);
    assert_eq!(faults("ignored: [\n").len(), 1);
}

#[test]
fn variables_come_on_top_of_the_file() {
    let get = |all: &[(&str, &str)]| {
        let all: Vec<(String, String)> =
            all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        move |name: &str| all.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone())
    };
    assert!(variables(get(&[("NO_COLOR", "1")]), Hadolint::default()).unwrap().is_none());
    let (file, _) = read("ignored: [DL3006]\nfailure-threshold: error\noverride: {info: [DL3007]}\n");
    let said = variables(
        get(&[
            ("HADOLINT_IGNORE", "DL3007, DL3008"),
            ("HADOLINT_FAILURE_THRESHOLD", "info"),
            ("HADOLINT_OVERRIDE_ERROR", "DL3007"),
            ("HADOLINT_NOFAIL", "Yes"),
            ("HADOLINT_STRICT_LABELS", "0"),
            ("HADOLINT_TRUSTED_REGISTRIES", "a.io,b.io"),
            ("HADOLINT_REQUIRE_LABELS", "a:text"),
        ]),
        file,
    )
    .unwrap()
    .unwrap();
    assert_eq!(said.ignored.len(), 3);
    assert_eq!(said.threshold, Some(Level::Error));
    assert_eq!(said.level("DL3007"), Some(Level::Error));
    assert!(said.no_fail && !said.strict_labels);
    assert_eq!((said.trusted.len(), said.labels.len()), (2, 1));
    let wrong = [
        ("HADOLINT_IGNORE", "X"),
        ("HADOLINT_FORMAT", "x"),
        ("HADOLINT_FAILURE_THRESHOLD", "x"),
        ("HADOLINT_REQUIRE_LABELS", "a"),
    ];
    assert_eq!(variables(get(&wrong), Hadolint::default()).unwrap_err().len(), 4);
}

/// The units of all ids of hadolint, with severity and whether they fail.
fn effects(settings: &crate::config::Settings) -> Vec<(String, Option<Severity>, bool)> {
    let catalogue = settings.rules.catalogue();
    let units = hadolint_levels()
        .iter()
        .filter_map(|(id, _)| Some((id, catalogue.lookup(&format!("hadolint:{id}"))?)));
    let effect = |(id, unit): (&&str, crate::rules::Unit)| {
        let rule = catalogue.rule_of(unit).unwrap();
        let name = catalogue.get(rule).unwrap().meta.name.to_string();
        let severity = settings.rules.get(unit);
        let mut finding =
            crate::diag::Finding::new(name.clone(), Severity::Info, crate::text::Span::at(0), "");
        finding.severity = severity.unwrap_or(Severity::Info);
        let finding = finding.alias(Some(format!("hadolint:{id}")));
        (format!("{id} {name}"), severity, severity.is_some() && settings.fails(&finding))
    };
    units.flat_map(|(id, s)| s.units.into_iter().map(move |unit| (id, unit))).map(effect).collect()
}

#[test]
fn what_is_moved_over_means_the_same() {
    for text in [
        "",
        FILE,
        "failure-threshold: style\n",
        "failure-threshold: error\nno-fail: true\n",
        "override: {style: [DL3009, DL4000, DL3006], warning: [DL1001, SC2086], error: [DL3042]}\n",
        "ignored: [DL3001, DL3002, DL3003, DL3008, DL3009, DL3013, DL3059, DL4006, SC1091]\nformat: junit\n",
        "label-schema: {\"a \\\"b\\\" \\t\": text}\ntrustedRegistries: ['*.example.com', docker.io]\n",
    ] {
        let before = settings(text);
        let (said, _) = read(text);
        let toml = moved(&said, text, ".hadolint.yaml");
        let (config, faults) = crate::config::parse(&toml, Arc::default());
        assert_eq!(faults, [], "{toml}");
        let after = config.settings(std::path::Path::new("Dockerfile"), &Choice::default(), None);
        assert_eq!(effects(&after), effects(&before), "{toml}");
        let on = |s: &crate::config::Settings| {
            s.rules.enabled().map(|(_, r, _)| r.meta.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(on(&after), on(&before), "{toml}");
        assert_eq!((after.fail_on, &after.policy), (before.fail_on, &before.policy), "{toml}");
        assert_eq!(after.disable_ignore_pragma, before.disable_ignore_pragma, "{toml}");
        let other = said.config(Arc::default());
        assert_eq!((config.format, config.color), (other.format, other.color), "{toml}");
    }
}

#[test]
fn comments_move_over() {
    let text = "# our settings\n\nignored:\n  # the base is ours\n  # for now\n  - DL3006  # see #12\n  - DL3008\n  - SC2086 # words\n\
        \x20 - DL3005\noverride: {info: [DL3007]}\n";
    let (said, _) = read(text);
    let toml = moved(&said, text, ".hadolint.yaml");
    for want in [
        "# our settings\n",
        "    # the base is ours\n    # for now\n    \"untagged-image\", # DL3006: see #12\n",
        "    \"DL3008\", # a part of ",
        "    # DL3005 (dlint has no such rule)\n",
        "latest-tag = \"info\" # DL3007\n",
    ] {
        assert!(toml.contains(want), "{want}\n{toml}");
    }
}

/// `text` with what is between the two comments about `what` replaced.
fn replaced(text: &str, what: &str, by: &str) -> String {
    let start = text.find(&format!("<!-- {what}: ")).unwrap();
    let start = start + text[start..].find('\n').unwrap() + 1;
    let end = text.find(&format!("<!-- end of {what} -->")).unwrap();
    format!("{}{by}{}", &text[..start], &text[end..])
}

#[test]
fn the_page_about_moving_lists_all_ids() {
    let catalogue = Catalogue::default();
    let rules = |alias: &str| {
        let ids = catalogue.lookup(alias).map(|selector| catalogue.ids(&selector)).unwrap_or_default();
        let rule = |id| catalogue.get(id).unwrap();
        let named = |id| format!("`{}` ({})", rule(id).meta.name, rule(id).meta.preset);
        let names: Vec<String> = ids.into_iter().map(named).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    let mut ids = "| id | level | dlint (preset) |\n| --- | --- | --- |\n".to_owned();
    for (id, level) in hadolint_levels() {
        ids += &format!("| {id} | {} | {} |\n", level.name(), rules(&format!("hadolint:{id}")));
    }
    let mut checks = "| check | dlint (preset) |\n| --- | --- |\n".to_owned();
    for check in crate::knowledge::BUILDKIT_CHECKS {
        checks += &format!("| {check} | {} |\n", rules(&format!("buildkit:{check}")));
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, mark, table) in [
        ("docs/from-hadolint.md", "hadolint ids", &ids),
        ("docs/from-docker-check.md", "buildkit checks", &checks),
    ] {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        crate::rules::generate::assert_current(path, &replaced(&text, mark, table));
    }
}
