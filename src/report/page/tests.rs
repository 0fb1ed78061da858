use super::super::image::{
    DuplicateRow, HiddenRow, ImageReport, LargeRow, LayerOrigin, LayerRow, LeftoverRow,
};
use super::super::plan::{
    AdviceRow, Amounts, LayerCount, PieceRow, PlanFile, PlanReport, PlanRow, PlanStage,
};
use super::*;

fn rendered(report: &PlanReport) -> String {
    let mut out = Vec::new();
    write_plan_page(&mut out, report).unwrap();
    let page = String::from_utf8(out).unwrap();
    well_formed(&page);
    page
}

fn rendered_image(report: &ImageReport) -> String {
    let mut out = Vec::new();
    write_image_page(&mut out, report).unwrap();
    let page = String::from_utf8(out).unwrap();
    well_formed(&page);
    page
}

/// Tags are balanced, attributes are quoted and there once, ids are there once, links within the page lead
/// somewhere, and nothing is a link elsewhere.
pub(super) fn well_formed(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut links) = (Vec::new(), Vec::new());
    let mut rest = page.strip_prefix("<!doctype html>").unwrap();
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "a stray > in {:?}", &rest[..at]);
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (name, mut attrs) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{tag:?}");
        let mut seen = Vec::new();
        while !attrs.is_empty() {
            let (attr, after) = attrs.split_once("=\"").unwrap_or_else(|| panic!("{tag:?}"));
            let (value, after) = after.split_once('"').unwrap();
            assert!(attr.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{attr:?}");
            assert!(!attr.starts_with("on") && attr != "src" && !value.contains(['<', '\'']), "{tag:?}");
            assert!(!seen.contains(&attr), "{attr} is there twice in {tag:?}");
            seen.push(attr);
            match attr {
                "id" => ids.push(value),
                "href" | "aria-labelledby" => links.push(value),
                _ => {}
            }
            attrs = after.strip_prefix(' ').unwrap_or(after);
        }
        if matches!(name, "meta" | "wbr") {
            continue;
        }
        if matches!(name, "style" | "script") {
            let (own, after) = rest.split_once(&*format!("</{name}>")).unwrap();
            assert!(own == STYLE || own == SCRIPT, "a {name} of somebody else");
            rest = after;
            continue;
        }
        open.push(name);
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    assert_eq!(rest, "\n");
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "two elements are called {id}");
    }
    for link in links {
        assert!(ids.contains(&link.strip_prefix('#').unwrap_or(link)), "{link} leads nowhere");
    }
    assert!(!page.chars().any(|c| c != '\n' && crate::report::sanitize::is_hidden(c)), "hidden characters");
}

pub(super) const fn sum(bytes: u64) -> Amounts {
    Amounts { bytes, least: bytes, most: bytes, unknown: 0 }
}

fn row(line: u32, instruction: &str, bytes: u64, known_by: &'static str) -> PlanRow {
    PlanRow {
        lines: (line, line),
        instruction: instruction.to_owned(),
        sum: Amounts { unknown: usize::from(known_by == "unknown"), ..sum(bytes) },
        known_by,
        lock: None,
        pieces: Vec::new(),
        advice: Vec::new(),
    }
}

/// A plan of one stage.
fn plan(rows: Vec<PlanRow>) -> PlanReport {
    let bytes = rows.iter().map(|r| r.sum.bytes).fold(0, u64::saturating_add);
    let image = Amounts { unknown: rows.iter().map(|r| r.sum.unknown).sum(), ..sum(bytes) };
    PlanReport {
        version: 1,
        dockerfile: "app/Dockerfile".to_owned(),
        platform: "linux/amd64".to_owned(),
        image,
        stages: vec![PlanStage { stage: 0, name: None, lines: (1, 99), in_image: true, sum: image, rows }],
        ..PlanReport::default()
    }
}

fn advice(line: u32, bytes: u64, counted: u64) -> AdviceRow {
    AdviceRow {
        rule: "heavy-recommends".to_owned(),
        line,
        message: "`gcc` pulls in packages".to_owned(),
        help: Some("add `--no-install-recommends`".to_owned()),
        bytes,
        range: Some((bytes / 2, bytes.saturating_mul(2))),
        how: "estimated",
        source: "Debian 13 package index, 2026-11".to_owned(),
        counted,
    }
}

fn small() -> PlanReport {
    let mut install = row(4, "RUN apt-get install -y gcc", 60_000_000, "index");
    install.advice = vec![0];
    install.pieces = vec![PieceRow {
        what: "40 packages".to_owned(),
        bytes: Some(60_000_000),
        range: Some((50_000_000, 70_000_000)),
        known_by: "index",
        source: Some("Debian 13 package index, 2026-11".to_owned()),
        largest: Vec::new(),
        packages: Vec::new(),
        all_packages: Vec::new(),
    }];
    let mut copy = row(3, "COPY . /app", 20_000_000, "measured");
    copy.pieces = vec![PieceRow {
        what: "12 files of the build context".to_owned(),
        bytes: Some(20_000_000),
        range: None,
        known_by: "measured",
        source: Some("build context".to_owned()),
        largest: vec![PlanFile { path: "data/model.bin".to_owned(), bytes: 18_000_000 }],
        packages: Vec::new(),
        all_packages: Vec::new(),
    }];
    let mut report = plan(vec![
        row(2, "FROM debian:13", 120_000_000, "catalogue"),
        copy,
        install,
        row(5, "RUN make", 0, "unknown"),
    ]);
    report.stages.push(PlanStage {
        stage: 1,
        name: Some("build".to_owned()),
        lines: (10, 12),
        in_image: false,
        sum: sum(1_000),
        rows: vec![row(11, "COPY a b", 1_000, "measured")],
    });
    report.advice = vec![advice(4, 20_000_000, 15_000_000)];
    report.after = Some(Amounts { unknown: 1, ..sum(185_000_000) });
    report.notes = vec!["a note".to_owned()];
    report.checks = vec![CheckRow {
        option: "--max-size",
        limit: "100 MB".into(),
        actual: "200 MB".into(),
        is_sentence: false,
        passed: false,
        unknown: false,
    }];
    report
}

/// Without style and script, which are files of their own.
fn bare(page: &str) -> String {
    page.replace(STYLE, "…")
        .replace(SCRIPT, "…")
        .replace(&script_hash(), "sha256-…")
        .replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn a_small_page() {
    let page = rendered(&small());
    assert_eq!(page, rendered(&small()));
    insta::assert_snapshot!(bare(&page));
}

#[test]
fn the_policy_names_the_script() {
    assert_eq!(script_hash().len(), "sha256-".len() + 44);
    assert!(script_hash().ends_with('='));
    // Neither can end early, and no byte of the script is another one once it is parsed.
    for own in [STYLE, SCRIPT] {
        assert!(!own.contains("</") && !own.contains("<!--") && !own.contains('\r') && own.is_ascii());
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
}

#[test]
fn nothing_of_the_input_is_markup() {
    let hostile = "</code></style></script><script>alert(1)</script><!-- \" ' onload=\"x\" & &lt; ]]> \u{202e}\u{2028}\u{2066}\0\u{1b}[31m\u{7}";
    let mut report = small();
    report.dockerfile = hostile.to_owned();
    report.context = Some(hostile.to_owned());
    report.target = Some(hostile.to_owned());
    report.platform = hostile.to_owned();
    report.notes = vec![hostile.to_owned()];
    for stage in &mut report.stages {
        stage.name = Some(hostile.to_owned());
        for row in &mut stage.rows {
            row.instruction = format!("RUN {hostile}");
            for piece in &mut row.pieces {
                piece.what = hostile.to_owned();
                piece.source = Some(hostile.to_owned());
                piece.largest = vec![PlanFile { path: hostile.to_owned(), bytes: 1 }];
            }
        }
    }
    for row in &mut report.advice {
        for text in [&mut row.rule, &mut row.message, &mut row.source] {
            *text = hostile.to_owned();
        }
        row.help = Some(hostile.to_owned());
    }
    report.checks[0].limit = hostile.to_owned();
    report.checks[0].actual = hostile.to_owned();
    let page = rendered(&report);
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("\\u{202e}"));

    let mut report = image();
    report.image = hostile.to_owned();
    report.names = vec![hostile.to_owned()];
    report.platform = hostile.to_owned();
    report.created = Some(hostile.to_owned());
    report.dockerfile = Some(hostile.to_owned());
    report.notes = vec![hostile.to_owned()];
    for layer in &mut report.layers {
        layer.made_by = hostile.to_owned();
        layer.hidden_by.iter_mut().for_each(|by| by.largest = vec![hostile.to_owned()]);
    }
    report.leftovers[0].what = hostile.to_owned();
    report.leftovers[0].help = hostile.to_owned();
    report.duplicates[0].paths = vec![hostile.to_owned()];
    report.largest[0].path = hostile.to_owned();
    assert_eq!(rendered_image(&report).matches("<script").count(), 1);
}

#[test]
fn pages_of_nothing() {
    assert!(rendered(&plan(Vec::new())).contains("nothing adds a file"));
    assert!(rendered(&plan(vec![row(1, "FROM scratch", 0, "measured")])).contains("nothing adds a file"));
    let mut unknown = plan(vec![row(1, "FROM $X", 0, "unknown"), row(2, "RUN x", 0, "unknown")]);
    unknown.layers = LayerCount { all: 2, unknown: 2 };
    let page = rendered(&unknown);
    assert!(page.contains("no size is known") && page.contains("Unknown, so without an area"), "{page}");
    assert!(page.contains("<small>2 of 2 layers cannot be estimated"));
    rendered(&PlanReport::default());
    rendered_image(&ImageReport::default());
}

#[test]
fn extreme_numbers_have_a_page() {
    let mut rows: Vec<PlanRow> = (1..4).map(|n| row(n, "RUN x", u64::MAX, "estimated")).collect();
    rows[0].advice = vec![0, 1];
    let mut report = plan(rows);
    report.advice = vec![advice(1, u64::MAX, u64::MAX), advice(1, u64::MAX, 0)];
    report.after = Some(sum(0));
    let page = rendered(&report);
    assert!(page.contains("18.4 EB") && !page.contains("NaN") && !page.contains(":inf"), "{page}");
    let page =
        rendered(&plan(vec![row(1, "COPY a b", 1, "measured"), row(2, "COPY c d", u64::MAX, "measured")]));
    assert!(page.contains("Too small to see"));
}

#[test]
fn long_plans_and_lines_stay_bounded() {
    let text = format!("RUN {}", "x".repeat(1_000_000));
    assert!(rendered(&plan(vec![row(1, &text, 5, "measured")])).len() < 40_000);
    let rows = (1..=10_000).map(|n| row(n, "RUN x", 1_000 + u64::from(n % 7), "measured")).collect();
    let page = rendered(&plan(rows));
    let boxes = page.matches("class=\"tile ").count();
    assert_eq!(boxes, 24, "each is less than a thousandth");
    assert!(page.contains("417 more layers") && page.contains(" of at most 1.01 kB\""));
    let rows = (1..=900).map(|n| row(n, "RUN x", 1_000_000, "measured")).collect();
    let page = rendered(&plan(rows));
    assert_eq!(
        (page.matches("class=\"tile ").count(), page.matches("36 more layers</span>").count()),
        (60, 24)
    );
    let rows = (1..=100).map(|n| row(n, "RUN x", 1_000_000, "measured")).collect();
    let page = rendered(&plan(rows));
    assert_eq!(page.matches("class=\"tile ").count(), 61);
    assert!(page.contains("40.0 MB, 40 more layers"));
    let row = row(1, "RUN x", 5, "unknown");
    let piece = || PieceRow {
        what: "x".to_owned(),
        bytes: None,
        range: None,
        known_by: "unknown",
        source: None,
        largest: Vec::new(),
        packages: Vec::new(),
        all_packages: Vec::new(),
    };
    let rows = vec![PlanRow { pieces: (0..5_000).map(|_| piece()).collect(), ..row }];
    assert!(rendered(&plan(rows)).contains("and 4980 more"));
}

fn image() -> ImageReport {
    let layer = |layer, made_by: &str, bytes, hidden| LayerRow {
        layer,
        made_by: made_by.to_owned(),
        bytes,
        hidden,
        from: LayerOrigin::Instruction,
        lines: Some((u32::try_from(layer).unwrap(), 9)),
        ..LayerRow::default()
    };
    let mut layers = vec![
        layer(1, "FROM debian:13", 120_000_000, 5_000_000),
        layer(2, "RUN apt-get update", 20_000_000, 20_000_000),
        layer(3, "RUN rm -rf /var/lib/apt/lists", 0, 0),
    ];
    layers[0].from = LayerOrigin::Base;
    layers[2].deleted = 30;
    layers[1].hidden_by = vec![HiddenRow {
        layer: 3,
        lines: Some((3, 3)),
        how: "deleted",
        bytes: 20_000_000,
        files: 30,
        largest: vec!["var/lib/apt/lists/x_Packages".to_owned()],
    }];
    ImageReport {
        image: "app.tar".to_owned(),
        names: vec!["app:1".to_owned()],
        platform: "linux/amd64".to_owned(),
        created: Some("2026-11-01T00:00:00Z".to_owned()),
        bytes: 140_000_000,
        files: 4_000,
        visible: 115_000_000,
        hidden: 25_000_000,
        layers,
        leftovers: vec![LeftoverRow {
            what: "package lists of apt".to_owned(),
            bytes: 20_000_000,
            files: 30,
            lines: vec![2],
            layers: vec![2],
            base: false,
            help: "remove them in the same RUN".to_owned(),
        }],
        duplicates: vec![DuplicateRow {
            bytes: 1_000_000,
            copies: 2,
            paths: vec!["a".to_owned(), "b".to_owned()],
        }],
        largest: vec![LargeRow { bytes: 9_000_000, path: "usr/lib/x.so".to_owned(), layer: 1, line: None }],
        ..ImageReport::default()
    }
}

#[test]
fn an_image_has_a_page() {
    let mut report = image();
    insta::assert_snapshot!(bare(&rendered_image(&report)));
    report.dockerfile = Some("Dockerfile".to_owned());
    let page = rendered_image(&report);
    assert!(page.contains("deleted by line 3") && page.contains(">base image<"));
}

#[test]
fn a_box_opens_to_what_is_in_it() {
    let mut rows = vec![row(1, "RUN x", 3_000_000, "index"), row(2, "COPY a b", 5_000_000, "measured")];
    rows[0].pieces = vec![PieceRow {
        what: "packages".to_owned(),
        bytes: Some(3_000_000),
        range: None,
        known_by: "index",
        source: None,
        largest: vec![
            PlanFile { path: "gcc".to_owned(), bytes: 2_000_000 },
            PlanFile { path: "make".to_owned(), bytes: 500_000 },
        ],
        packages: Vec::new(),
        all_packages: Vec::new(),
    }];
    let page = rendered(&plan(rows));
    let open = page.find("<details name=\"boxes\"><summary class=\"tile k-index\"").unwrap();
    let inside = &page[open..open + page[open..].find("</li>\n").unwrap_or(page.len() - open)];
    assert!(inside.contains("<code>gcc</code>") && inside.contains("href=\"#line-1\""), "{inside}");
    // Without anything to show it is a link to its row.
    assert!(page.contains("<a class=\"tile k-measured\" href=\"#line-2\""), "{page}");
}

#[test]
fn the_edits_are_a_difference() {
    let mut report = plan(vec![row(1, "RUN x", 3_000_000, "index")]);
    assert!(!rendered(&report).contains("<pre"));
    report.edits = "--- a\n+++ a\n@@ -1 +1 @@\n-RUN <x>\n+RUN y\u{1b}\n".to_owned();
    let page = rendered(&report);
    assert!(
        page.contains(
            "<code class=\"minus\">-RUN &lt;x&gt;\n</code><code class=\"plus\">+RUN y\\u{1b}\n</code></pre>"
        ),
        "{page}"
    );
    // What copies it needs the script, which alone adds it.
    assert!(!page.contains("<button") && page.contains("navigator.clipboard"));
}
