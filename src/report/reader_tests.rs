//! Reports, read back as their consumers do.

use std::collections::HashSet;

use serde_json::Value;

use super::tests::{hard, render_at, troubled, usual};
use super::*;
use crate::diag::{FileReport, RunReport};
use crate::text::Span;

fn plain(format: Format, report: &RunReport) -> String {
    render_at(format, report, &RepositoryPaths::default())
}

fn findings(report: &RunReport) -> impl Iterator<Item = (&FileReport, &Finding)> {
    report.files.iter().flat_map(|file| file.findings.iter().map(move |finding| (file, finding)))
}

#[test]
fn formats_for_other_tools() {
    for (format, name) in [
        (Format::Gitlab, "gitlab"),
        (Format::Checkstyle, "checkstyle"),
        (Format::Junit, "junit"),
        (Format::Sonarqube, "sonarqube"),
        (Format::Rdjson, "rdjson"),
        (Format::Azure, "azure"),
        (Format::Teamcity, "teamcity"),
        (Format::Markdown, "markdown"),
    ] {
        insta::assert_snapshot!(name, plain(format, &usual()));
        insta::assert_snapshot!(format!("{name}_problems"), plain(format, &troubled()));
        // Nothing of an input can drive a terminal, a build log, or the reader of the format.
        let text = plain(format, &hard());
        let is_raw = |c: char| c != '\n' && super::sanitize::is_hidden(c);
        assert!(!text.contains(is_raw) && !text.contains("##["), "{text}");
    }
    insta::assert_snapshot!("junit_nothing", plain(Format::Junit, &RunReport::default()));
}

/// The start tags of a document that holds no comments: names and attributes, with references undone.
fn tags(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut all = Vec::new();
    for piece in xml.split('<').skip(1) {
        let tag = piece.split_once('>').unwrap().0.trim_end_matches('/');
        if tag.starts_with(['?', '/']) {
            continue;
        }
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes = Vec::new();
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            let value = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
                .into_iter()
                .fold(value.to_owned(), |text, (escape, c)| text.replace(escape, c));
            attributes.push((key.trim().to_owned(), value));
            rest = after;
        }
        assert!(rest.trim().is_empty(), "{tag}");
        all.push((name.to_owned(), attributes));
    }
    all
}

#[test]
fn junit_is_what_jenkins_allows() {
    let same = |n: u32| Finding::new("r", Severity::Info, Span::new(0, n), "one of several at a place");
    let twice = RunReport {
        files: vec![FileReport {
            path: "x".into(),
            findings: vec![same(0), same(0)],
            ..FileReport::default()
        }],
        ..RunReport::default()
    };
    for report in [usual(), hard(), troubled(), twice, RunReport::default()] {
        let text = plain(Format::Junit, &report);
        let mut names = HashSet::new();
        let mut cases = 0;
        for (tag, attributes) in tags(&text) {
            let allowed: &[&str] = match tag.as_str() {
                "testsuites" => &["name", "tests", "failures", "errors"],
                "testsuite" => &["name", "file", "tests", "failures", "errors"],
                "testcase" => &["name", "classname"],
                "failure" => &["type", "message"],
                "error" => &["message"],
                "system-out" => &[],
                _ => panic!("{tag}"),
            };
            assert!(
                attributes.iter().all(|(key, _)| allowed.contains(&key.as_str())),
                "{tag} {attributes:?}"
            );
            if tag == "testcase" {
                cases += 1;
                assert!(names.insert(attributes.clone()), "twice: {attributes:?}");
            }
        }
        assert!(text.contains(&format!("<testsuites name=\"dlint\" tests=\"{cases}\" ")), "{text}");
    }
}

#[test]
fn what_fails_no_run_is_no_failure_of_junit() {
    let mut out = Vec::new();
    let surroundings = Surroundings {
        book: &super::tests::Book,
        style: &Style::default(),
        paths: &RepositoryPaths::default(),
        fails: &|_, finding| finding.severity == Severity::Error,
    };
    super::write(&mut out, Format::Junit, &usual(), &surroundings).unwrap();
    insta::assert_snapshot!("junit_passing", String::from_utf8(out).unwrap());
}

#[test]
fn reviewdog_finds_the_bytes() {
    for report in [usual(), hard()] {
        let log: Value = serde_json::from_str(&plain(Format::Rdjson, &report)).unwrap();
        let all = log["diagnostics"].as_array().unwrap();
        assert_eq!(all.len(), findings(&report).count());
        for ((file, finding), diagnostic) in findings(&report).zip(all) {
            let places = place::Places::new(&file.source);
            let offset = |at: &Value| {
                let n = |key: &str| u32::try_from(at[key].as_u64().unwrap()).unwrap();
                places.line_span(n("line")).start + n("column") - 1
            };
            let range = &diagnostic["location"]["range"];
            let span = places.visible(finding.span);
            assert_eq!((offset(&range["start"]), offset(&range["end"])), (span.start, span.end));
            assert_eq!(diagnostic["code"]["value"], *finding.rule);
            for suggestion in diagnostic["suggestions"].as_array().into_iter().flatten() {
                let edit = &finding.fix.as_ref().unwrap().edits[0];
                assert_eq!(offset(&suggestion["range"]["start"]), edit.span.start);
                assert_eq!(suggestion["text"], *edit.text);
            }
        }
    }
    let log: Value = serde_json::from_str(&plain(Format::Rdjson, &troubled())).unwrap();
    assert_eq!(log["diagnostics"].as_array().unwrap().len(), 3);
    assert!(log["diagnostics"][2].get("location").is_none());
}

#[test]
fn azure_reads_one_issue_from_each_line() {
    for report in [usual(), hard(), troubled()] {
        let text = plain(Format::Azure, &report);
        assert_eq!(text.lines().count(), findings(&report).count() + report.problems.len());
        for line in text.lines() {
            let (head, message) = line.split_once(']').unwrap();
            let properties = head.strip_prefix("##vso[task.logissue ").unwrap();
            assert!(!message.is_empty() && !message.contains("##"), "{message}");
            for property in properties.split_terminator(';') {
                let (key, value) = property.split_once('=').unwrap();
                assert!(
                    ["type", "sourcepath", "linenumber", "columnnumber", "code"].contains(&key),
                    "{line}"
                );
                assert!(key != "type" || ["error", "warning"].contains(&value), "{line}");
            }
        }
    }
}

#[test]
fn teamcity_knows_the_type_of_each_inspection() {
    for report in [usual(), hard(), troubled()] {
        let text = plain(Format::Teamcity, &report);
        let mut types = HashSet::new();
        let mut inspections = 0;
        for line in text.lines() {
            let inner = line.strip_prefix("##teamcity[").unwrap().strip_suffix(']').unwrap();
            let (name, rest) = inner.split_once(' ').unwrap();
            let value = |key: &str| {
                let after = rest.split_once(&format!("{key}='")).unwrap().1;
                let end = after.char_indices().find(|(at, c)| *c == '\'' && !after[..*at].ends_with('|'));
                after[..end.unwrap().0].to_owned()
            };
            match name {
                "inspectionType" => {
                    assert!(types.insert(value("id")), "{line}");
                    assert!(!value("description").is_empty() && !value("category").is_empty());
                }
                "inspection" => {
                    assert!(types.contains(&value("typeId")), "{line}");
                    assert!(["ERROR", "WARNING", "INFO"].contains(&value("SEVERITY").as_str()));
                    inspections += 1;
                }
                "buildProblem" => assert!(value("identity").len() <= 60),
                _ => panic!("{line}"),
            }
        }
        assert_eq!(inspections, findings(&report).count());
    }
}

#[test]
fn markdown_has_a_row_for_each_finding() {
    for report in [usual(), hard(), troubled(), RunReport::default()] {
        let text = plain(Format::Markdown, &report);
        assert!(text.starts_with("### dlint: "), "{text}");
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
        let count = findings(&report).count();
        assert_eq!(rows.len(), if count == 0 { 0 } else { count + 2 });
        for row in &rows {
            let bars = row.char_indices().filter(|(at, c)| *c == '|' && !row[..*at].ends_with('\\')).count();
            assert_eq!(bars, 5, "{row}");
        }
        assert_eq!(
            text.lines().filter(|line| line.starts_with("- **error** ")).count(),
            report.problems.len()
        );
    }
    let many = (0..20_000).map(|_| Finding::new("r", Severity::Info, Span::at(0), "x".repeat(100)));
    let file = FileReport { findings: many.collect(), ..FileReport::default() };
    let text = plain(Format::Markdown, &RunReport { files: vec![file], ..RunReport::default() });
    assert!(text.len() < 1 << 20 && text.lines().last().unwrap().starts_with("and "), "{}", text.len());
}

#[test]
fn services_are_told_paths_from_the_top() {
    let report = usual();
    let paths = RepositoryPaths::new([("./Dockerfile".to_owned(), "services/api/Dockerfile".to_owned())]);
    let all =
        [Format::Github, Format::Gitlab, Format::Sarif, Format::Azure, Format::Teamcity, Format::Markdown];
    for format in all {
        let text = render_at(format, &report, &paths);
        assert!(text.contains("services/api/Dockerfile") && text.contains("api/Dockerfile"), "{text}");
    }
    for format in [Format::Human, Format::Short, Format::Json, Format::Checkstyle, Format::Rdjson] {
        assert!(!render_at(format, &report, &paths).contains("services/"), "{format}");
    }
    let log: Value = serde_json::from_str(&render_at(Format::Sarif, &report, &paths)).unwrap();
    let run = &log["runs"][0];
    let artifact = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    let base = artifact["uriBaseId"].as_str().unwrap();
    assert!(run["originalUriBaseIds"].get(base).is_some());
    let outside = RepositoryPaths::new([("./Dockerfile".to_owned(), "/srv/Dockerfile".to_owned())]);
    let log: Value = serde_json::from_str(&render_at(Format::Sarif, &report, &outside)).unwrap();
    let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert!(artifact["uri"] == "file:///srv/Dockerfile" && artifact.get("uriBaseId").is_none());
}

#[test]
fn sarif_says_what_code_scanning_asks_for() {
    for report in [usual(), hard(), troubled()] {
        let log: Value = serde_json::from_str(&plain(Format::Sarif, &report)).unwrap();
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            assert!(!result["message"]["text"].as_str().unwrap().contains('\n'));
        }
        for notification in run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap() {
            assert!(!notification["message"]["text"].as_str().unwrap().contains('\n'));
        }
        for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
            // A name says more than the id.
            let name = rule.get("name").and_then(Value::as_str);
            let id = rule["id"].as_str().unwrap();
            assert!(name.is_none_or(|name| !name.contains('-') && !name.eq_ignore_ascii_case(id)), "{rule}");
            assert!(name.is_some() || !id.contains('-'), "{rule}");
            let security = rule["properties"]["tags"][0] == "security";
            let severity = rule["properties"].get("security-severity");
            assert_eq!(severity.is_some(), security, "{rule}");
            let number = severity.map(|severity| severity.as_str().unwrap().parse::<f64>().unwrap());
            assert!(number.is_none_or(|number| number > 0.0 && number <= 10.0));
        }
    }
}

#[test]
fn rules_link_to_their_pages() {
    let report = usual();
    for format in [Format::Sarif, Format::Rdjson, Format::Teamcity, Format::Markdown] {
        let text = plain(format, &report);
        assert!(text.contains("https://example.com/rules/apt-no-recommends.html"), "{text}");
    }
    let log: Value = serde_json::from_str(&plain(Format::Sarif, &report)).unwrap();
    assert_eq!(log["runs"][0]["tool"]["driver"]["informationUri"], "https://example.com");
}
