use super::*;
use crate::source::Sources;

/// A file of this text: its documents, and the sources to look places up in.
fn read(text: &str) -> (Result<Vec<Node>, crate::Problem>, Sources) {
    let mut sources = Sources::default();
    let file = sources.add("a.yaml".into(), text.into()).expect("a short text");
    (parse(file, text), sources)
}

fn document(text: &str) -> Node {
    read(text).0.expect("valid YAML").remove(0)
}

fn refusal(text: &str) -> (String, String) {
    let (documents, sources) = read(text);
    let problem = documents.expect_err("a refused file");
    let place = problem.place.expect("a place");
    let (line, column) = sources.file(place.file).position(place.span().start);
    (format!("{line}:{column}"), problem.message)
}

/// The value that Go's `fmt` prints for what Go's `yaml` reads.
fn as_go(scalar: &str) -> String {
    let node = document(&format!("k: {scalar}\n"));
    node.get("k").expect("k").value().expect("a scalar of its tag").to_string()
}

#[test]
fn scalars_are_typed_and_printed_as_go_does() {
    for (written, value) in [
        ("3.10", "3.1"),
        ("1.0", "1"),
        ("010", "8"),
        ("08", "8"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("0b101", "5"),
        ("1e3", "1000"),
        ("1e6", "1e+06"),
        ("123456.5", "123456.5"),
        ("0.00001", "1e-05"),
        ("0.0001", "0.0001"),
        ("1_000", "1000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+1", "1"),
        ("-0", "0"),
        ("-0.0", "-0"),
        ("-1", "-1"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("1e999", "1e999"),
        ("1.2.3", "1.2.3"),
        ("yes", "yes"),
        ("off", "off"),
        ("TRUE", "true"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"),
        ("2024-1-2", "2024-01-02 00:00:00 +0000 UTC"),
        ("2024-13-01", "2024-13-01"),
        ("2023-02-29", "2023-02-29"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1 -0500 -0500"),
        ("2001-12-14 21:59:43", "2001-12-14 21:59:43 +0000 UTC"),
        (".inf", "+Inf"),
        (".nan", "NaN"),
        ("!!str 3.10", "3.10"),
        ("!!float 3", "3"),
        ("\"3.10\"", "3.10"),
        ("!override 3.10", "3.10"),
        ("0x", "0x"),
        ("--1", "--1"),
        ("0+1", "0+1"),
        ("1__0", "10"),
        ("._5", "._5"),
    ] {
        assert_eq!(as_go(written), value, "{written}");
    }
    for null in ["", "~", "null", "Null"] {
        assert!(document(&format!("k: {null}\n")).get("k").expect("k").is_null(), "{null}");
    }
    assert_eq!(document("k: !!int x\n").get("k").expect("k").value(), None);
}

#[test]
fn keys_values_and_blocks_have_their_places() {
    let text = "a:\n  - b: [1, 2]\n    c:\nd: 'x'\n";
    let (documents, sources) = read(text);
    let root = documents.expect("valid").remove(0);
    let written = |node: &Node| &sources.file(node.place().file).text[node.place().span()];
    let item = &root.get("a").expect("a").items().expect("a list")[0];
    assert_eq!(written(item.get("b").expect("b")), "[1, 2]");
    assert_eq!(written(&item.entries().expect("a map")[1].key), "c");
    assert_eq!(written(root.get("d").expect("d")), "'x'");
    assert_eq!(written(root.get("a").expect("a")), "- b: [1, 2]\n    c");
    assert!(root.get("d").expect("d").place().span().start > item.get("c").expect("c").place().span().start);
}

#[test]
fn a_colon_before_a_comma_in_brackets_is_a_part_of_the_key_to_go() {
    let text = "{a:, b: , c:}\n";
    assert!(document(text).get("a").is_some());
    let mut sources = Sources::default();
    let file = sources.add("compose.yaml".into(), text.into()).expect("a short text");
    let root = parse_as_go(file, text).expect("a document").remove(0);
    let has = ["a:", "a", "b", "c:"].map(|key| root.get(key).is_some());
    assert_eq!(has, [true, false, true, true]);
}

#[test]
fn aliases_share_what_they_stand_for_and_have_a_place_of_their_own() {
    let root = document("a: &x {k: v}\nb: *x\n");
    let (a, b) = (root.get("a").expect("a"), root.get("b").expect("b"));
    assert!(a.is_same(b) && b.is_alias() && !a.is_alias());
    assert_eq!(b.written(), a.place());
    assert_ne!(b.place(), a.place());
}

#[test]
fn to_go_an_anchor_of_an_earlier_document_still_stands() {
    let mut sources = Sources::default();
    let mut parsed = |text: &str, as_go: bool| {
        let file = sources.add("compose.yaml".into(), text.into()).expect("a short text");
        let documents = if as_go { parse_as_go(file, text) } else { parse(file, text) };
        documents.map(|documents| documents.last()?.get("b")?.get("k")?.text().map(str::to_owned))
    };
    let text = "a: &x {k: v}\n---\nb: *x\n";
    assert_eq!(parsed(text, true).expect("two documents").as_deref(), Some("v"));
    // Of two the last counts, and one of its own document before those.
    let again = "a: &x {k: v}\nc: &x {k: w}\n---\n{}\n---\nb: *x\n";
    assert_eq!(parsed(again, true).expect("three documents").as_deref(), Some("w"));
    let own = "a: &x {k: v}\n---\na: &x {k: w}\nb: *x\n";
    assert_eq!(parsed(own, true).expect("two documents").as_deref(), Some("w"));
    for (text, as_go) in [(text, false), ("b: *x\n", true), ("b: *x\n---\na: &x {k: v}\n", true)] {
        let problem = parsed(text, as_go).expect_err("an alias of nothing");
        assert!(problem.message.ends_with("found unknown anchor"), "{text}: {}", problem.message);
    }
}

#[test]
fn a_merge_key_gives_what_the_map_has_not() {
    let root = document("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\n");
    let entries = merged_entries(root.get("c").expect("c")).expect("maps");
    let shown: Vec<_> = entries
        .iter()
        .map(|e| {
            format!(
                "{}={} {}",
                e.entry.key.text().unwrap_or(""),
                e.entry.value.text().unwrap_or(""),
                e.merged
            )
        })
        .collect();
    assert_eq!(shown, ["x=3 false", "y=1 true", "z=2 true"]);
    assert_eq!(entries[0].hides.as_ref().and_then(Node::text), Some("1"));
    // In quotes it is a key like another.
    let quoted = document("'<<': {x: 1}\n");
    assert_eq!(merged_entries(&quoted).expect("a map")[0].entry.key.text(), Some("<<"));
    assert!(merged_entries(&document("<<: 1\n")).is_err());
}

#[test]
fn several_documents_are_read_and_an_empty_file_has_none() {
    assert_eq!(read("a: 1\n---\nb: 2\n").0.expect("valid").len(), 2);
    assert_eq!(read("").0.expect("valid").len(), 0);
    assert_eq!(read("# nothing\n").0.expect("valid").len(), 0);
}

#[test]
fn what_compose_reads_and_strict_parsers_refuse_is_read() {
    // A bracket that closes in the column of its key.
    assert!(read("a:\n  command: [\n    x\n  ]\nb: 1\n").0.is_ok());
}

#[test]
fn faults_are_refused_where_they_are() {
    assert_eq!(refusal("a: 1\nb: 2\na: 3\n").0, "3:1");
    assert_eq!(refusal("a: *x\n").0, "1:4");
    assert_eq!(refusal("a: &x [*x]\n").0, "1:8");
    assert_eq!(refusal("a: [1\n").0, "1:4");
}

#[test]
fn depth_is_bounded_whether_it_is_written_or_made_of_aliases() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    assert!(refusal(&deep).1.contains("100 levels"), "{:?}", refusal(&deep));
    let mut chain = String::from("- &a0 x\n");
    for n in 1..1000 {
        chain += &format!("- &a{n} [*a{}]\n", n - 1);
    }
    let (place, message) = refusal(&chain);
    assert!(message.contains("100 levels"), "{message}");
    assert!(place.starts_with("10") && place.len() <= 6, "{place}");
}

#[test]
fn what_aliases_multiply_is_refused_before_it_costs() {
    let mut text = String::from("- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..8 {
        text += &format!("- &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    }
    let (_, message) = refusal(&text);
    assert!(message.contains("500000 values"), "{message}");
}

/// The value, with every piece in brackets and what it comes from after it.
fn map(text: &str) -> String {
    let (documents, sources) = read(text);
    let root = documents.expect("valid").remove(0);
    let node = root.get("k").expect("k");
    let value = node.text().expect("a scalar");
    let pieces = pieces(&sources, node);
    assert!(value.is_empty() || pieces[0].start == 0);
    let mut shown = String::new();
    for (n, piece) in pieces.iter().enumerate() {
        let end = pieces.get(n + 1).map_or(value.len(), |next| next.start as usize);
        let part = &value[piece.start as usize..end];
        let from = &text[piece.place.span()];
        if piece.literal {
            assert_eq!(part, from);
            shown += &format!("[{part}]");
        } else {
            shown += &format!("({part}<{from})");
        }
    }
    shown.replace('\n', "⏎")
}

#[test]
fn every_byte_of_a_value_is_traced_to_the_file() {
    assert_eq!(map("k: plain text\n"), "[plain text]");
    assert_eq!(map("k: plain\n  text\n\n  more\n"), "[plain]( <⏎  )[text](⏎<⏎⏎  )[more]");
    assert_eq!(map("k: 'it''s'\n"), "[it]('<'')[s]");
    assert_eq!(map(r#"k: "a\tb\u00e9\x41 c""#), r"[a](	<\t)[b](é<\u00e9)(A<\x41)[ c]");
    assert_eq!(map("k: \"a \\\n   b\"\n"), "[a b]".replace(" b", " ][b"));
    assert_eq!(
        map("k: |\n  FROM a\n    RUN b\n\n  CMD c\n"),
        "[FROM a⏎][  RUN b⏎][⏎][CMD c⏎]".replace("⏎][⏎]", "⏎⏎]")
    );
    assert_eq!(map("k: |2-\n    a\n  b\n"), "[  a⏎][b]");
    assert_eq!(map("k: |+\n  a\n\nl: 1\n"), "[a⏎⏎]");
    assert_eq!(map("k: |\n  a"), "[a]");
    assert_eq!(map("k: >\n  a\n  b\n\n  c\n   d\n  e\n"), "[a]( <⏎)[b]".to_owned() + "[⏎][c⏎][ d⏎][e⏎]");
    assert_eq!(map("k: |\r\n  a\r\n  b\r\n"), "[a](⏎<\r⏎)[b](⏎<\r⏎)");
    assert_eq!(map("k: | # comment\n\n  a\n"), "[⏎][a⏎]");
    assert_eq!(map("k: \"\"\n"), "");
}

#[test]
fn tabs_are_refused_where_go_refuses_them() {
    let as_go = |text: &str| {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), text.into()).expect("a short text");
        parse_as_go(file, text).map_err(|problem| problem.place.expect("a place").span().start)
    };
    for (text, at) in [
        ("\ta: 1\n", 0),
        ("a: 1\n\t\nb: 2\n", 5),
        ("a:\n  -\tx\n", 6),
        ("a:\n  - -\tx\n", 8),
        ("a: |\n  x\n\t\n  y\n", 13),
        ("%YAML 1.2\n---\na: 1\n", 0),
    ] {
        assert_eq!(as_go(text).err(), Some(at), "{text:?}");
    }
    for text in [
        "a:\tb\n",
        "a: b\t# c\n",
        "a: [\n\tb,\n  \tc\n]\nd: [\n\te]\n",
        "a: {\n\tb: [c,\n\td]\n\t}\n",
        "a: \"b\n\tc\"\n",
        "a: |\n  \tb\n  -\tc\n",
        "a: b\n  -\tc\n",
        "%YAML 1.1\n---\na: 1\n",
    ] {
        assert!(as_go(text).is_ok(), "{text:?} {:?}", as_go(text));
    }
}

#[test]
fn go_wants_three_dashes_before_another_document() {
    let mut sources = Sources::default();
    let mut read = |text: &str| {
        let file = sources.add("a.yaml".into(), text.into()).expect("a short text");
        parse_as_go(file, text).map(|documents| documents.len()).map_err(|problem| problem.message)
    };
    assert_eq!(read("a: 1\n...\n"), Ok(1));
    assert_eq!(read("a: 1\n...\n---\nb: 2\n"), Ok(2));
    assert_eq!(read("--- {a: 1}\n--- {b: 2}\n"), Ok(2));
    assert_eq!(read("a: 1\n...\nb: 2\n"), Err("another document begins with `---`".to_owned()));
    assert_eq!(read("a: !!binary Z3LDtsOfZQ==\n"), Ok(1));
    assert_eq!(read("a: !!binary größe\n"), Err("this is not text in base 64".to_owned()));
}
