use super::super::plan::Amounts;
use super::super::sizes::{EarlierSizes, SharedBase, SizeRow, SizesReport, SizesSum};
use super::tests::{sum, well_formed};
use super::write_index_page;
use crate::diag::{FileReport, Finding, RuleBook, RuleInfo, RunReport, Severity};
use crate::text::{Source, Span};

fn build(dockerfile: &str, now: u64, after: u64, unknown: usize) -> SizeRow {
    SizeRow {
        dockerfile: Some(dockerfile.to_owned()),
        image: Some(Amounts { unknown, ..sum(now) }),
        after: (after < now).then(|| Amounts { unknown, ..sum(after) }),
        base: Some("debian:12".to_owned()),
        ..SizeRow::default()
    }
}

/// Two images from one base, one of them built twice, and a build of which nothing is known.
fn project() -> SizesReport {
    let mut again = build("web/Dockerfile", 300_000_000, 100_000_000, 0);
    again.same_as = Some("web/Dockerfile".to_owned());
    let gone = SizeRow {
        name: Some("gone".to_owned()),
        file: Some("compose.yaml".to_owned()),
        why: Some("there is no Dockerfile".to_owned()),
        ..SizeRow::default()
    };
    SizesReport {
        version: 1,
        targets: vec![
            build("web/Dockerfile", 300_000_000, 100_000_000, 0),
            again,
            build("api/Dockerfile", 200_000_000, 200_000_000, 1),
            gone,
        ],
        sum: SizesSum { images: 2, unknown_targets: 1, together: sum(400_000_000), apart: sum(500_000_000) },
        shared: vec![SharedBase {
            base: "debian:12".to_owned(),
            platform: Some("linux/amd64".to_owned()),
            images: 2,
            bytes: sum(100_000_000),
        }],
        ..SizesReport::default()
    }
}

/// Knows one rule.
struct Book(&'static str);

impl RuleBook for Book {
    fn info(&self, rule: &str) -> Option<RuleInfo<'_>> {
        (rule == "no-user").then(|| RuleInfo {
            name: "no-user",
            aliases: Vec::new(),
            renamed_from: Vec::new(),
            deprecated: None,
            summary: self.0,
            category: "security",
            preset: "default",
            severity: Severity::Warning,
            fix: "none",
            link: None,
        })
    }

    fn page(&self, _: &str) -> Option<&str> {
        None
    }

    fn home(&self) -> Option<&str> {
        None
    }
}

fn found(rules: &[&'static str]) -> RunReport {
    let finding = |rule: &&'static str| Finding::new(*rule, Severity::Warning, Span::at(0), "as root");
    let file = FileReport {
        path: "web/Dockerfile".to_owned(),
        source: Source::from_text("web/Dockerfile", "CMD x\n"),
        findings: rules.iter().map(finding).collect(),
        suppressed: 0,
        context: None,
        builder: None,
    };
    RunReport { files: vec![file], ..RunReport::default() }
}

fn page(report: &SizesReport, found: &RunReport, book: &Book) -> String {
    let mut out = Vec::new();
    write_index_page(&mut out, report, found, book).unwrap();
    let page = String::from_utf8(out).unwrap();
    well_formed(&page);
    page
}

#[test]
fn a_project_is_seen_at_once() {
    let page = page(&project(), &found(&["no-user", "no-user", "other"]), &Book("the `USER` is root"));
    for said in [
        // What is not known makes the sum a part of the whole.
        "<title>Images: 2 images, together at least 400 MB; 3 findings</title>",
        "nothing is known of 1 build",
        // What is built twice saves once.
        "<dt>Suggestions save</dt><dd><b>200 MB</b><small>40\u{a0}% of what is known, each for itself</small>",
        "the same image as web/Dockerfile",
        "there is no Dockerfile",
        "<td>~100 MB</td>",
        "<td><code>no-user</code></td><td>the <code>USER</code> is root</td><td>2</td>",
        "<td><code>other</code></td><td></td><td>1</td>",
    ] {
        let said = said.replace("~100", "100");
        assert!(page.contains(&said), "{said}: {page}");
    }
    assert_eq!(page.matches("<a class=\"tile").count(), 2, "{page}");
    assert!(!page.contains("Trend"), "{page}");
}

#[test]
fn a_project_without_images_has_a_page() {
    let page = page(&SizesReport::default(), &RunReport::default(), &Book(""));
    assert!(
        page.contains("0 images, together 0 B; 0 findings") && page.contains("nothing adds a file"),
        "{page}"
    );
    for title in ["Findings by rule", "Shared layers", "Limits"] {
        assert!(!page.contains(title), "{title}: {page}");
    }
}

#[test]
fn earlier_reports_make_a_trend() {
    let earlier = |name: &str, bytes| EarlierSizes {
        name: name.to_owned(),
        sum: SizesSum { images: 1, together: sum(bytes), ..SizesSum::default() },
    };
    let report =
        SizesReport { earlier: vec![earlier("may", 500_000_000), earlier("june", 450_000_000)], ..project() };
    let page = page(&report, &RunReport::default(), &Book(""));
    for row in [
        "<td>may</td><td>1</td><td>500 MB</td><td>\u{2013}</td>",
        "<td>june</td><td>1</td><td>450 MB</td><td>-50.0 MB</td>",
        "<td>now</td><td>2</td><td>at least 400 MB</td><td>-50.0 MB</td>",
    ] {
        assert!(page.contains(row), "{row}: {page}");
    }
}

#[test]
fn no_figure_of_an_earlier_report_is_too_large() {
    let most = Amounts { bytes: u64::MAX, least: u64::MAX, most: u64::MAX, unknown: usize::MAX };
    let sum = SizesSum { images: usize::MAX, unknown_targets: usize::MAX, together: most, apart: most };
    let report =
        SizesReport { earlier: vec![EarlierSizes { name: "may".to_owned(), sum }], sum, ..project() };
    assert!(page(&report, &RunReport::default(), &Book("")).contains("Trend"));
}

#[test]
fn nothing_of_a_project_is_markup() {
    let hostile = "</code></style></script><script>alert(1)</script><!-- \" ' onload=\"x\" & &lt; ]]> \u{202e}\0\u{1b}[31m";
    let mut report = project();
    report.about.project = Some(hostile.to_owned());
    report.notes = vec![hostile.to_owned()];
    report.earlier = vec![EarlierSizes { name: hostile.to_owned(), sum: SizesSum::default() }];
    report.shared[0].base = hostile.to_owned();
    report.shared[0].platform = Some(hostile.to_owned());
    for row in &mut report.targets {
        let texts = [&mut row.dockerfile, &mut row.base, &mut row.same_as, &mut row.name, &mut row.file];
        texts.into_iter().flatten().for_each(|text| *text = hostile.to_owned());
    }
    let page = page(&report, &found(&["no-user"]), &Book(hostile));
    assert_eq!(page.matches("<script>").count(), 1, "{page}");
}
