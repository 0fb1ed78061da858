use super::*;

fn drawn(report: &ContextReport, style: &Style) -> String {
    let mut out = Vec::new();
    write_context(&mut out, report, style).unwrap();
    String::from_utf8(out).unwrap()
}

fn hostile() -> ContextReport {
    let name = "::error::\u{1b}[2J\n\u{202e}x".to_owned();
    ContextReport {
        version: 1,
        context: name.clone(),
        dockerfile: Some(name.clone()),
        target: Some(name.clone()),
        ignore_file: Some(name.clone()),
        ignore_into: name.clone(),
        total: Amount { files: u64::MAX, bytes: u64::MAX },
        sent: Some(Amount::default()),
        top: vec![TopRow {
            name: name.clone(),
            folder: true,
            kept: Amount { files: 1, bytes: u64::MAX },
            excluded: Amount::default(),
        }],
        patterns: (1..100)
            .map(|line| PatternRow {
                line,
                text: name.clone(),
                negated: line % 2 == 0,
                files: 1234,
                bytes: 5,
                matched: line % 3 == 0,
            })
            .collect(),
        sources: vec![SourceRow {
            line: 1,
            instruction: "COPY",
            from: None,
            source: name.clone(),
            status: SourceState::Excluded,
            excluded_by: Some(7),
            reached: true,
            files: 0,
            bytes: 0,
        }],
        largest: vec![FileRow { path: name.clone(), bytes: 1 }],
        suggestions: vec![SuggestionRow { line: name.clone(), files: 1, bytes: 1, sent: 1, secret: true }],
        left: vec![LeftLine { line: name.clone(), why: name.clone() }],
        secrets: vec![SecretRow { path: name.clone(), bytes: 1, kind: "private key", lines: vec![1, 2] }],
        secrets_total: 1,
        warnings: vec![WarningRow { path: name.clone(), message: name }],
        warnings_total: 1,
        ..ContextReport::default()
    }
}

#[test]
fn nothing_raw_reaches_the_terminal() {
    let text = drawn(&hostile(), &Style::default());
    assert!(text.chars().all(|c| c == '\n' || !super::super::sanitize::is_hidden(c)), "{text}");
    assert!(text.lines().all(|line| !line.trim_start().starts_with("::")));
    assert!(text.contains("18,446,744,073,709,551,615 files") && text.contains("and 74 more"));
}

#[test]
fn colors_change_nothing_else() {
    let plain = drawn(&hostile(), &Style::default());
    let color = drawn(&hostile(), &Style { color: true, ..Style::default() });
    assert!(color.contains("\u{1b}[1m"));
    let mut stripped = String::new();
    for (at, part) in color.split("\u{1b}[").enumerate() {
        stripped.push_str(if at == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    assert_eq!(stripped, plain);
}

#[test]
fn json_is_a_stable_shape() {
    let mut out = Vec::new();
    write_context_json(&mut out, &hostile()).unwrap();
    assert!(out.is_ascii());
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "version",
        "context",
        "dockerfile",
        "target",
        "ignore_file",
        "ignore_into",
        "total",
        "kept",
        "sent",
        "top",
        "patterns",
        "sources",
        "largest",
        "suggestions",
        "left",
        "secrets",
        "secrets_total",
        "warnings",
        "warnings_total",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(json["sources"][0]["status"], "excluded");
    assert_eq!(json["sources"][0]["excluded_by"], 7);
}
