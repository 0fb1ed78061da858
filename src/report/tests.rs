use std::time::Duration;

use super::*;
use crate::diag::{FileReport, Finding, Fix, Part, Problem, Refusal, Saving};
use crate::text::{Edit, Source, Span};

pub(super) struct Book;

const PAGES: [(&str, &[&str], &str, Severity); 3] = [
    ("apt-no-recommends", &["hadolint:DL3015"], "size", Severity::Warning),
    ("shell-form-cmd", &["hadolint:DL3025", "buildkit:JSONArgsRecommended"], "correctness", Severity::Info),
    ("hidden-characters", &[], "security", Severity::Error),
];

impl Book {
    fn all(&self) -> Vec<RuleInfo<'_>> {
        let page = |&(name, aliases, category, severity): &(&'static str, &[&'static str], _, _)| RuleInfo {
            name,
            aliases: aliases.to_vec(),
            renamed_from: Vec::new(),
            deprecated: None,
            summary: "what it finds",
            category,
            preset: "default",
            severity,
            fix: "none",
            link: (name == "apt-no-recommends").then(|| format!("https://example.com/rules/{name}.html")),
        };
        PAGES.iter().map(page).collect()
    }
}

impl RuleBook for Book {
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>> {
        self.all().into_iter().find(|info| info.name == rule)
    }

    fn page(&self, rule: &str) -> Option<&str> {
        self.info(rule).map(|_| "## What it does\nSays so.\n")
    }

    fn home(&self) -> Option<&str> {
        Some("https://example.com")
    }
}

fn render(format: Format, report: &RunReport, style: &Style) -> String {
    let mut out = Vec::new();
    let surroundings =
        Surroundings { book: &Book, style, paths: &RepositoryPaths::default(), fails: &|_, _| true };
    write(&mut out, format, report, &surroundings).unwrap();
    String::from_utf8(out).unwrap()
}

/// The same with other paths in the repository.
pub(super) fn render_at(format: Format, report: &RunReport, paths: &RepositoryPaths) -> String {
    let mut out = Vec::new();
    write(
        &mut out,
        format,
        report,
        &Surroundings { book: &Book, style: &Style::default(), paths, fails: &|_, _| true },
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

/// The span of the `n`th `needle` in `text`, from 0.
fn find(text: &str, needle: &str, n: usize) -> Span {
    let at = text.match_indices(needle).nth(n).unwrap().0;
    Span::of(at..at + needle.len())
}

fn file(path: &str, text: &str, findings: Vec<Finding>) -> FileReport {
    FileReport { path: path.into(), source: Source::from_text(path, text), findings, ..FileReport::default() }
}

fn run(files: Vec<FileReport>) -> RunReport {
    RunReport { checked: files.len(), files, elapsed: Duration::from_millis(3), ..RunReport::default() }
}

/// Two files: a finding with everything, one with nothing, one that spans lines.
pub(super) fn usual() -> RunReport {
    let text =
        "FROM debian:12\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl\nCMD node server.js\n";
    let install = find(text, "apt-get install", 0);
    let first = Finding::new(
        "apt-no-recommends",
        Severity::Warning,
        install,
        "`apt-get install` also installs the packages that `curl` recommends",
    )
    .label(find(text, "curl", 0), "recommends 4 packages")
    .label(find(text, "debian:12", 0), "installs recommended packages by default")
    .help("add `--no-install-recommends`, and name the packages that you need")
    .fix(Fix::safe("add `--no-install-recommends`", [Edit::insert(install.end, " --no-install-recommends")]))
    .saving(Saving::estimated(312_000_000, "Debian 12 package index, 2026-11"));
    let cmd = Finding::new(
        "shell-form-cmd",
        Severity::Info,
        find(text, "CMD node server.js", 0),
        "`CMD` in shell form does not pass signals on",
    )
    .fix(Fix::uncertain(
        "write it as a JSON array",
        [Edit::replace(find(text, "node server.js", 0), "[\"node\", \"server.js\"]")],
    ));
    let other = "FROM scratch\nCOPY . .\nRUN a\\\n  b \\\n  c\n";
    let copy = Finding::new(
        "copy-all",
        Severity::Warning,
        find(other, ".", 0),
        "`COPY . .` sends what the image does not need",
    )
    .saving(Saving::measured(88_100_000, "build context"));
    let fails = Finding::new(
        "missing-command",
        Severity::Error,
        find(other, "RUN a\\\n  b \\\n  c", 0),
        "there is no shell in `scratch`",
    );
    let mut report = run(vec![
        file("./Dockerfile", text, vec![first, cmd]),
        file("api/Dockerfile", other, vec![copy, fails]),
    ]);
    report.checked = 12;
    report.files[1].suppressed = 2;
    report
}

/// Sources that are hard to draw.
pub(super) fn hard() -> RunReport {
    let mut files = Vec::new();
    let korean = "FROM a\nCOPY 소스/파일 curl\tx\ty\n";
    files.push(file(
        "unicode",
        korean,
        vec![
            Finding::new("r", Severity::Warning, find(korean, "curl", 0), "wide characters stand before it"),
            Finding::new("r", Severity::Warning, find(korean, "y", 0), "tabs stand before it"),
        ],
    ));
    let returned = "FROM a\r\nRUN x\r\n";
    files.push(file(
        "crlf",
        returned,
        vec![Finding::new("r", Severity::Info, find(returned, "RUN x\r\n", 0), "the line end is not drawn")],
    ));
    let end = "FROM a\nRUN b\n";
    files.push(file(
        "end",
        end,
        vec![Finding::new("r", Severity::Error, Span::at(13), "something is missing at the end")],
    ));
    files.push(file("empty", "", vec![Finding::new("r", Severity::Error, Span::at(0), "there is nothing")]));
    let mut long = "FROM a\nRUN apk add \\\n".to_owned();
    for i in 0..30 {
        long.push_str(&format!("      package-{i} \\\n"));
    }
    long.push_str("      last\n");
    files.push(file(
        "lines",
        &long,
        vec![
            Finding::new("r", Severity::Warning, find(&long, long[7..].trim_end(), 0), "a long instruction")
                .label(find(&long, "package-14", 0), "this one\nand no second line")
                .label(find(&long, "package-16", 0), "and that one"),
        ],
    ));
    let wide = format!("RUN {} wget {} gone\n", "a ".repeat(300), "b ".repeat(300));
    files.push(file(
        "wide",
        &wide,
        vec![
            Finding::new("r", Severity::Warning, find(&wide, "RUN", 0), "at the start of a long line"),
            Finding::new("r", Severity::Warning, find(&wide, "wget", 0), "in the middle of a long line")
                .label(find(&wide, "gone", 0), "too far to be drawn"),
            Finding::new("r", Severity::Warning, find(&wide, "gone", 0), "at the end of a long line"),
        ],
    ));
    let hidden = "RUN echo \u{1b}[31m \u{202e}evil ##[add-mask]x\n";
    files.push(file(
        "hi\u{1b}dden\u{202e}",
        hidden,
        vec![Finding::new(
            "hidden-characters",
            Severity::Error,
            find(hidden, "\u{202e}", 0),
            "`\u{202e}evil` is shown the other way round\n::error::not a command",
        )],
    ));
    let overlap = "RUN pip install flask requests\n";
    files.push(file(
        "overlap",
        overlap,
        vec![
            Finding::new(
                "r",
                Severity::Warning,
                find(overlap, overlap.trim_end(), 0),
                "labels lie within it",
            )
            .label(find(overlap, "flask", 0), "without a version")
            .label(find(overlap, "requests", 0), "without a version")
            .label(find(overlap, "flask requests", 0), "both of them"),
        ],
    ));
    let mut report = run(files);
    let source = Source::from_bytes("latin1", b"RUN echo caf\xe9 \xff\xfe b\n".to_vec()).unwrap();
    let bytes = Finding::new("r", Severity::Warning, Span::new(9, 13), "it is not UTF-8");
    report.files.push(FileReport {
        path: "latin1".into(),
        source,
        findings: vec![bytes],
        ..FileReport::default()
    });
    report
}

pub(super) fn troubled() -> RunReport {
    let config = "[rules]\napt-no-recomends = \"off\"\n";
    let mut report = run(Vec::new());
    report.checked = 1;
    report.problems = vec![
        Problem {
            path: Some("dlint.toml".into()),
            message: "there is no rule `apt-no-recomends`".into(),
            help: Some("did you mean `apt-no-recommends`?".into()),
            place: Some((Source::from_text("dlint.toml", config), find(config, "apt-no-recomends", 0))),
        },
        Problem {
            path: Some("build/Dockerfile".into()),
            message: "cannot be read: permission denied".into(),
            ..Problem::default()
        },
        Problem { message: "no Dockerfile here".into(), ..Problem::default() },
    ];
    report.fixed = 2;
    report.refused = vec![Refusal {
        path: "Dockerfile".into(),
        rule: "copy-all".into(),
        reason: "another fix touches the same place".into(),
    }];
    report
}

#[test]
fn human() {
    let style = Style::default();
    insta::assert_snapshot!("human", render(Format::Human, &usual(), &style));
    insta::assert_snapshot!("human_hard", render(Format::Human, &hard(), &style));
    insta::assert_snapshot!("human_problems", render(Format::Human, &troubled(), &style));
    let ascii = Style { unicode: false, width: 60, quiet: true, ..style };
    insta::assert_snapshot!("human_ascii_narrow_quiet", render(Format::Human, &usual(), &ascii));
    let color = render(Format::Human, &usual(), &Style { color: true, ..style });
    insta::assert_snapshot!("human_color", color.replace('\u{1b}', "ESC"));
}

#[test]
fn human_is_calm_when_nothing_is_found() {
    let report = RunReport { checked: 12, elapsed: Duration::from_millis(3), ..RunReport::default() };
    assert_eq!(render(Format::Human, &report, &Style::default()), "12 files, no findings (3 ms)\n");
    assert_eq!(render(Format::Human, &report, &Style { quiet: true, ..Style::default() }), "");
    assert_eq!(render(Format::Short, &report, &Style::default()), "");
    assert_eq!(render(Format::Github, &report, &Style::default()), "");
}

#[test]
fn colors_change_nothing_else() {
    for report in [usual(), hard(), troubled()] {
        let color = render(Format::Human, &report, &Style { color: true, ..Style::default() });
        let mut plain = String::new();
        let mut rest = color.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        plain.push_str(rest);
        assert_eq!(plain, render(Format::Human, &report, &Style::default()));
    }
}

#[test]
fn short() {
    for (name, report) in [("short", usual()), ("short_hard", hard()), ("short_problems", troubled())] {
        insta::assert_snapshot!(name, render(Format::Short, &report, &Style::default()));
    }
}

#[test]
fn json() {
    let reports = [("json", usual()), ("json_problems", troubled())];
    for (name, report) in reports {
        let text = render(Format::Json, &report, &Style::default());
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
        insta::assert_snapshot!(name, text);
    }
    let text = render(Format::Json, &hard(), &Style::default());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["files"][0]["findings"][0]["start"]["column"], 12);
    assert_eq!(value["files"][6]["path"], "hi\u{1b}dden\u{202e}");
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"));
}

#[test]
fn github() {
    for (name, report) in [("github", usual()), ("github_hard", hard()), ("github_problems", troubled())] {
        insta::assert_snapshot!(name, render(Format::Github, &report, &Style::default()));
    }
    let many = |severity| (0..15).map(move |i| Finding::new("r", severity, Span::at(i), "x"));
    let findings = Severity::ALL.into_iter().flat_map(many).collect();
    let text =
        render(Format::Github, &run(vec![file("a%:,b", &"x\n".repeat(20), findings)]), &Style::default());
    let of = |level: &str| text.lines().filter(|l| l.starts_with(level)).count();
    assert_eq!((of("::error "), of("::warning "), of("::notice ")), (10, 10, 10));
    assert!(text.lines().last().unwrap().contains("45 in all"));
    assert!(text.starts_with("::error file=a%25%3A%2Cb,line=1,endLine=1,col=1,endColumn=1,title=r::x\n"));
}

#[test]
fn no_input_starts_a_command() {
    let evil = "::stop-commands::x\n##[add-mask]y\r##vso[task.complete]\n::error::";
    let finding = Finding::new(evil.to_owned(), Severity::Error, Span::at(3), evil)
        .label(Span::at(9), evil)
        .label(Span::new(0, 2), evil)
        .help(evil)
        .fix(Fix::safe(evil, []))
        .saving(Saving::measured(1, evil));
    let mut report = run(vec![file(evil, evil, vec![finding])]);
    let place = Some((Source::from_text(evil, evil), Span::at(2)));
    report.problems.push(Problem {
        path: Some(evil.into()),
        message: evil.into(),
        help: Some(evil.into()),
        place,
    });
    report.refused.push(Refusal { path: evil.into(), rule: "r".into(), reason: evil.into() });
    for format in [Format::Human, Format::Short, Format::Github] {
        for width in [40, 60, 200] {
            for line in render(format, &report, &Style { width, ..Style::default() }).lines() {
                let line = line.trim_start();
                assert!(!line.starts_with("::") || line.starts_with("::error file="), "{line}");
                assert!(!line.contains("##[") && !line.contains("##vso["), "{line}");
                assert!(!line.contains('\r'), "{line}");
            }
        }
    }
}

#[test]
fn sarif() {
    insta::assert_snapshot!("sarif", render(Format::Sarif, &usual(), &Style::default()));
    insta::assert_snapshot!("sarif_problems", render(Format::Sarif, &troubled(), &Style::default()));
    let none = run(Vec::new());
    for report in [usual(), hard(), troubled(), none] {
        let text = render(Format::Sarif, &report, &Style::default());
        let log: serde_json::Value = serde_json::from_str(&text).unwrap();
        check_sarif(&log, &report);
    }
}

/// What SARIF 2.1.0 and code scanning require.
fn check_sarif(log: &serde_json::Value, report: &RunReport) {
    let is_text = |value: &serde_json::Value| value.as_str().is_some_and(|s| !s.is_empty());
    assert_eq!(log["version"], "2.1.0");
    assert!(is_text(&log["$schema"]));
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "dlint");
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let call = &run["invocations"][0];
    assert_eq!(call["executionSuccessful"], report.problems.is_empty());
    assert_eq!(call["toolExecutionNotifications"].as_array().unwrap().len(), report.problems.len());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(is_text(&rule[text]["text"]), "{rule}");
        }
        assert!(
            ["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
        );
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), Counts::of(report).total());
    let mut prints = std::collections::HashSet::new();
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert!(is_text(&result["message"]["text"]));
        assert!(is_text(&result["partialFingerprints"]["primaryLocationLineHash"]));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.is_ascii() && !uri.starts_with("./") && !uri.contains(|c: char| c.is_ascii_control()));
        assert!(prints.insert(format!("{uri} {}", result["partialFingerprints"]["dlint/v1"])));
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let n = |name: &str| region[name].as_u64().unwrap();
        assert!(n("startLine") >= 1 && n("startColumn") >= 1 && n("endColumn") >= 1);
        assert!((n("endLine"), n("endColumn")) >= (n("startLine"), n("startColumn")));
    }
}

#[test]
fn fingerprints_outlive_other_lines() {
    let prints = |text: &str| {
        let findings =
            (0..2).map(|n| Finding::new("r", Severity::Error, find(text, "RUN a", n), "x")).collect();
        let text = render(Format::Sarif, &run(vec![file("f", text, findings)]), &Style::default());
        let log: serde_json::Value = serde_json::from_str(&text).unwrap();
        let of = |i: usize| log["runs"][0]["results"][i]["partialFingerprints"]["dlint/v1"].clone();
        [of(0), of(1)]
    };
    let [first, second] = prints("FROM a\nRUN a\nRUN a\n");
    assert_ne!(first, second);
    assert_eq!(prints("# a comment\nFROM a\n\n  RUN a\nRUN b\nRUN a  \n"), [first, second]);
}

#[test]
fn spans_outside_the_text_do_no_harm() {
    let text = "RUN 소스\n\nx";
    let findings = |f: &dyn Fn(u32) -> Finding| (0..14).chain([u32::MAX]).map(f).collect::<Vec<_>>();
    let far = findings(&|n| {
        Finding::new("r", Severity::Error, Span::new(n, u32::MAX), "x").label(Span::at(n), "l")
    });
    let odd = findings(&|n| {
        Finding::new("r", Severity::Error, Span::new(n / 2, n), "x")
            .label(Span::new(n.saturating_sub(2), n), "l")
            .label(Span::new(n, n.saturating_add(2)), "m")
    });
    let report = run(vec![file("far", text, far), file("odd", text, odd)]);
    for format in Format::ALL {
        assert!(!render(format, &report, &Style::default()).is_empty());
    }
}

#[test]
fn one_long_line_is_not_printed_whole() {
    let text = format!("RUN {}\n", "é x ".repeat(250_000));
    let finding = |at: u32| {
        Finding::new("r", Severity::Warning, Span::of(4 + 5 * at as usize..6 + 5 * at as usize), "x")
    };
    let report = run(vec![file("f", &text, (0..2000).map(|n| finding(n * 100)).collect())]);
    let human = render(Format::Human, &report, &Style::default());
    assert!(human.len() < 2000 * 500, "{}", human.len());
    assert_eq!(human.matches('┬').count() + human.matches("─\n").count(), 2000);
}

#[test]
fn nothing_is_left_out_of_many_findings() {
    let text = "RUN apt-get install curl\n".repeat(20_000);
    let finding =
        |n: usize| Finding::new("r", Severity::Warning, Span::of(25 * n + 4..25 * n + 11), "x").help("y");
    let report = run(vec![file("f", &text, (0..20_000).map(finding).collect())]);
    for (format, mark) in [
        (Format::Human, "warning[r]"),
        (Format::Short, "warning[r]"),
        (Format::Json, "\"rule\": \"r\""),
        (Format::Sarif, "\"ruleId\": \"r\""),
    ] {
        assert_eq!(render(format, &report, &Style::default()).matches(mark).count(), 20_000);
    }
}

#[test]
fn lines_that_take_no_columns_are_cut_too() {
    for filler in ["\u{301}", "##[", "\u{e0001}", "\t", "\u{0}", "소"] {
        let text = format!("{}X{}\n", filler.repeat(5000), filler.repeat(5000));
        let report =
            run(vec![file("f", &text, vec![Finding::new("r", Severity::Error, find(&text, "X", 0), "x")])]);
        for width in [0, 77, 1000] {
            let human = render(Format::Human, &report, &Style { width, ..Style::default() });
            assert!(human.len() < 3000, "{filler:?} {}", human.len());
            assert!(human.contains('X') && human.contains('─'), "{filler:?} {width} {human}");
        }
    }
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let prints = |text: &str, path: &str| {
        let findings = text
            .match_indices("RUN x")
            .map(|(at, _)| Finding::new("r", Severity::Info, Span::of(at..at + 3), "m"));
        let report = run(vec![file(path, text, findings.collect())]);
        let json: serde_json::Value =
            serde_json::from_str(&render(Format::Gitlab, &report, &Style::default())).unwrap();
        let all = json.as_array().unwrap().iter();
        all.map(|e| e["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = prints("FROM a\nRUN x\nRUN x\n", "a");
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(
        prints("# c\nFROM b\n  RUN   x\nRUN x\n".replace("  RUN   x", "RUN x").as_str(), "./a"),
        before
    );
    assert!(prints("FROM a\nRUN x\n", "b").iter().all(|print| !before.contains(print)));
}

#[test]
fn savings_of_the_same_bytes_count_once() {
    let saving = |bytes, part| {
        let finding = Finding::new("r", Severity::Info, Span::at(0), "x");
        let saving = Saving::measured(bytes, "s");
        finding.saving(match part {
            Some(part) => saving.of(part),
            None => saving,
        })
    };
    let copied = |bytes, step| saving(bytes, Some(Part::Copied(step)));
    let files = vec![
        file("a", "x", vec![copied(5, 1), copied(7, 1), copied(1, 2), saving(10, None), saving(10, None)]),
        file("b", "x", vec![copied(3, 1)]),
    ];
    assert_eq!(super::saved(&run(files)), Saving::measured(7 + 1 + 20 + 3, ""));
}
