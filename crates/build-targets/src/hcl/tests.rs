use crate::source::Sources;

use super::*;

fn body(text: &str) -> Result<Body, String> {
    let mut sources = Sources::default();
    let file = sources.add("x.hcl".into(), text.into()).unwrap();
    parse_body(text, file).map_err(|p| {
        let place = p.place.unwrap();
        format!("{:?} {}", place.span(), p.message)
    })
}

/// The literal pieces of the first attribute's value, as `text@start..end`, escapes with a star.
fn pieces(text: &str) -> Vec<String> {
    let body = body(text).unwrap();
    let ExprKind::Template(parts) = &body.attributes[0].value.kind else { panic!("no template") };
    let show = |part: &Part| match part {
        Part::Literal(l) => {
            let star = if l.verbatim { "" } else { "*" };
            if l.verbatim {
                assert_eq!(l.text, text[l.place.span()]);
            }
            format!("{:?}@{:?}{star}", l.text, l.place.span())
        }
        Part::Interpolation(_, place) => format!("${:?}", place.span()),
        Part::If(..) => "if".to_owned(),
        Part::For { .. } => "for".to_owned(),
    };
    parts.iter().map(show).collect()
}

#[test]
fn blocks_and_attributes_have_their_places() {
    let text = "a = 1\ntarget \"x\" {\n  b = [1, 2,]\n}\nvariable X { default = \"y\" }\ng {}\n";
    let body = body(text).unwrap();
    assert_eq!(body.attributes[0].name, "a");
    assert_eq!(body.blocks.len(), 3);
    assert_eq!(&text[body.blocks[0].place.span()], "target \"x\"");
    assert_eq!(&text[body.blocks[0].labels[0].place.span()], "\"x\"");
    assert_eq!(&text[body.blocks[0].body.attributes[0].value.place.span()], "[1, 2,]");
    assert_eq!(body.blocks[1].labels[0].text, "X");
}

#[test]
fn an_indented_heredoc_loses_the_shortest_indentation() {
    let text = "a = <<-E\n    FROM x\n\n      RUN ${y} z\n    E\n";
    assert_eq!(
        pieces(text),
        ["\"FROM x\\n\"@13..20", "\"\\n\"@20..21", "\"  RUN \"@25..31", "$31..35", "\" z\\n\"@35..38"]
    );
}

#[test]
fn escapes_are_pieces_of_their_own() {
    assert_eq!(
        pieces("a = \"x\\n$${y}%%{z}$q\""),
        [
            "\"x\"@5..6",
            "\"\\n\"@6..8*",
            "\"${\"@8..11*",
            "\"y}\"@11..13",
            "\"%{\"@13..16*",
            "\"z}\"@16..18",
            "\"$\"@18..19",
            "\"q\"@19..20"
        ]
    );
}

#[test]
fn a_tilde_trims_one_line_of_a_heredoc() {
    assert_eq!(
        pieces("a = <<E\nx\n  ${~ y ~}\n  z\nE\n"),
        ["\"x\\n\"@8..10", "$12..20", "\"  z\\n\"@21..25"]
    );
}

#[test]
fn faults_say_where_they_are() {
    assert_eq!(body("a = \n").unwrap_err(), "4..5 expected a value, found the end of the line");
    assert_eq!(body("a = 1\na = 2\n").unwrap_err(), "6..7 `a` is set twice in one block");
    assert!(body("a = \"%{http_code}\"\n").unwrap_err().starts_with("5..16 `%{` begins `if`"));
    assert!(body("t \"x\" {\n").unwrap_err().contains("never closed"));
    assert!(body("a = \"x\n\"\n").unwrap_err().contains("over several lines"));
    assert!(body("a = \"${x:-y}\"\n").unwrap_err().contains("no `}` closes this `${`"));
    assert!(body("a = <<E\nx\n").unwrap_err().contains("no line of its own ends this heredoc"));
    assert!(body("a = \"%{if x}y\"\n").unwrap_err().contains("never ended"));
}

#[test]
fn the_last_of_equal_keys_of_an_object_is_no_fault() {
    assert!(body("a = { x = 1, x = 2, \"y\": 3, (z) = 4 }\n").is_ok());
    assert!(body("a = { x.y = 1 }\n").unwrap_err().contains("in quotes"));
}

#[test]
fn operators_and_steps_stop_at_the_end_of_a_line() {
    let body = body("a = x\n[1]\n").unwrap_err();
    assert!(body.contains("the name of an attribute"), "{body}");
    assert!(super::parse_body("a = (x\n  + 1)\nb = f(\n1,\n2\n)\nc = x.y[0].*.z[*].q\n", file()).is_ok());
    assert!(
        super::parse_body(
            "a = c ? [] : [for k, v in x: \"${k}\" if v != null]\nb = {for x in y : x => x...}\n",
            file()
        )
        .is_ok()
    );
}

fn file() -> crate::FileId {
    Sources::default().add("x".into(), "".into()).unwrap()
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in
        [("[", "]"), ("(", ")"), ("!", ""), ("-", ""), ("\"${", "}\""), ("{a=", "}"), ("f(", ")")]
    {
        let nested = |n: usize| format!("a = {}1{}\n", open.repeat(n), close.repeat(n));
        assert!(body(&nested(20)).is_ok(), "{open}");
        assert!(body(&nested(100_000)).unwrap_err().contains("nested more than"), "{open}");
    }
    assert!(
        body(&format!("a = 1{}\n", " + 1".repeat(100_000))).unwrap_err().contains("nested in each other")
    );
    assert!(body(&format!("a = x{}\n", ".y".repeat(100_000))).unwrap_err().contains("nested in each other"));
    assert!(body(&"b {\n".repeat(100_000)).unwrap_err().contains("nested more than"));
    assert!(
        body(&format!("a = \"{}\"\n", "%{if x}".repeat(100_000))).unwrap_err().contains("nested too deep")
    );
    let json = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse_json(&json, file(), &[]).unwrap_err().message.contains("nested more than"));
}

#[test]
fn places_in_json_go_through_its_escapes() {
    let text = r#"{"target":{"x":{"a":"p\n${v}$${q}"}}}"#;
    let body = parse_json(text, file(), &["target"]).unwrap();
    let block = &body.blocks[0];
    assert_eq!((block.labels[0].text.as_str(), &text[block.labels[0].place.span()]), ("x", "\"x\""));
    let ExprKind::Template(parts) = &block.body.attributes[0].value.kind else { panic!() };
    let sources: Vec<&str> = parts
        .iter()
        .map(|part| match part {
            Part::Literal(l) => &text[l.place.span()],
            Part::Interpolation(_, place) => &text[place.span()],
            _ => panic!(),
        })
        .collect();
    assert_eq!(sources, ["p", "\\n", "${v}", "$${", "q}"]);
}
