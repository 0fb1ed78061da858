use super::*;
use crate::text::Source;

fn read(text: &str) -> File {
    parse(Source::from_text("Dockerfile", text))
}

fn errors(text: &str) -> Vec<(String, String)> {
    let file = read(text);
    file.errors.iter().map(|e| (e.span.text(file.text()).to_owned(), e.message.clone())).collect()
}

#[test]
fn items_tile_the_text() {
    let text = "\u{feff}# syntax=docker/dockerfile:1\r\n# a\n#b\n\n\nFROM a \\\n# c\n\n as b\nRUN <<E cat\nx\nE\n \n# end";
    let file = read(text);
    let joined: String = file.items.iter().map(|i| i.span.text(text)).collect();
    assert_eq!(joined, text);
    let mut end = 0;
    for item in &file.items {
        assert_eq!(item.span.start, end);
        end = item.span.end;
    }
}

#[test]
fn comments_before_an_instruction_are_lines() {
    let text = "# a\n  # b\n\n# c\nFROM x\n# d\nRUN y";
    let file = read(text);
    let lines: Vec<&str> = file.comments_before(0).map(|s| s.text(text)).collect();
    assert_eq!(lines, ["# a", "# b", "# c"]);
    let lines: Vec<&str> = file.comments_before(1).map(|s| s.text(text)).collect();
    assert_eq!(lines, ["# d"]);
}

#[test]
fn directives_end_at_the_first_other_line() {
    let file = read("# Escape = `\n# check=skip=all\n\n# syntax=x\nFROM a `\n as b\n");
    assert_eq!(file.escape, Escape::Backtick);
    assert_eq!(file.directives.len(), 2);
    assert_eq!(file.instructions[0].lines, (5, 6));
}

#[test]
fn heredocs_and_their_markers() {
    let text = "FROM a\nRUN <<-'ONE' cat 3<<TWO && x\n\ta\n\tONE\nb $c\nTWO\nCOPY <<f <<g /d/\n1\nf\n2\ng\nRUN \"<<no\"\n";
    let file = read(text);
    let run = &file.instructions[1];
    let found: Vec<_> =
        run.heredocs.iter().map(|h| (&*h.name, h.chomp, h.expand, h.body.text(text))).collect();
    assert_eq!(found, [("ONE", true, false, "\ta\n"), ("TWO", false, true, "b $c\n")]);
    assert_eq!(run.lines, (2, 6));
    assert_eq!(file.instructions[2].heredocs.len(), 2);
    assert_eq!(file.instructions[3].heredocs.len(), 0);
    assert!(file.errors.is_empty());
}

#[test]
fn an_open_quote_means_no_heredoc() {
    let file = read("FROM a\nRUN echo don't <<EOF\nRUN b\n");
    assert_eq!(file.instructions.len(), 3);
}

#[test]
fn words_keep_their_places_across_continuations() {
    let text = "FROM a\nCOPY one \\\n  # why\n  two/\\\nthree /dest\n";
    let file = read(text);
    let Kind::Copy(copy) = &file.instructions[1].kind else { panic!() };
    let words: Vec<_> = copy.paths().map(|w| (&*w.text, w.exact, w.span.text(text))).collect();
    assert_eq!(words, [("one", true, "one"), ("two/three", false, "two/\\\nthree")]);
}

#[test]
fn env_and_label_forms() {
    let file = read("FROM a\nENV a=1 b=\"x y\" c=p\\ q\nENV old the value\nLABEL \"k\"=v\n");
    let Kind::Env(pairs) = &file.instructions[1].kind else { panic!() };
    let values: Vec<_> = pairs
        .iter()
        .map(|p| (p.key.text.to_string(), p.value.as_ref().unwrap().literal().unwrap().into_owned()))
        .collect();
    assert_eq!(values, [("a".into(), "1".into()), ("b".into(), "x y".into()), ("c".into(), "p q".into())]);
    let Kind::Env(pairs) = &file.instructions[2].kind else { panic!() };
    assert!(pairs[0].legacy);
    assert_eq!(&*pairs[0].value.as_ref().unwrap().text, "the value");
    assert!(file.errors.is_empty());
}

#[test]
fn faults_are_said_and_the_rest_goes_on() {
    let text = "FORM a\nFROM a b\nCOPY --form=x a b\nRUN --mount=type=cahce,target=/x y\nEXPOSE\nHEALTHCHECK --interval=3x CMD a\nSHELL bash\nCMD [\"a\", 1]\nENV a=1 b\nUSER me\n";
    let file = read(text);
    assert_eq!(file.instructions.len(), 10);
    let spans: Vec<String> = errors(text).into_iter().map(|(span, _)| span).collect();
    assert_eq!(spans, ["FORM", "b", "--form", "cahce", "EXPOSE", "3x", "bash", "[\"a\", 1]", "b"]);
    assert_eq!(file.errors[0].help.as_deref(), Some("did you mean `FROM`?"));
    assert_eq!(file.errors[2].help.as_deref(), Some("did you mean `--from`?"));
}

#[test]
fn unterminated_heredocs_are_linear() {
    let text = "FROM a\n".to_owned() + &"RUN cat <<E\n".repeat(10_000);
    assert_eq!(errors(&text).len(), 1);
}

#[test]
fn invalid_utf8_is_said_and_offsets_stay() {
    let source = Source::from_bytes("D", b"FROM a\nRUN \xff\xfe x\n".to_vec()).unwrap();
    let file = parse(source);
    assert_eq!(file.instructions.len(), 2);
    assert_eq!(file.errors[0].kind, SyntaxErrorKind::InvalidUtf8);
    assert_eq!(file.source.bytes().len(), file.text().len());
}

#[test]
fn what_onbuild_triggers_is_read_in_its_place() {
    let text = "FROM a\nonbuild COPY --link . /x\nONBUILD ONBUILD RUN y\nONBUILD FROM z\nONBUILD FORM z\n\
        ONBULD RUN <<E\nx\nE\nONBUILD\nUSER u\n";
    let file = read(text);
    let shown: Vec<_> = file
        .instructions
        .iter()
        .map(|i| {
            let kind = format!("{:?}", i.kind);
            let kind = kind.split(['(', ' ']).next().unwrap_or("").to_owned();
            (i.onbuild.map_or("", |span| span.text(text)), i.keyword_text(&file), kind)
        })
        .collect();
    let row = |onbuild: &'static str, keyword: &'static str, kind: &str| (onbuild, keyword, kind.to_owned());
    assert_eq!(
        shown,
        [
            row("", "FROM", "From"),
            row("onbuild", "COPY", "Copy"),
            row("ONBUILD", "ONBUILD", "Unknown"),
            row("ONBUILD", "ONBUILD", "Unknown"),
            row("ONBUILD", "ONBUILD", "Unknown"),
            row("ONBULD", "RUN", "Run"),
            row("ONBUILD", "ONBUILD", "Unknown"),
            row("", "USER", "User"),
        ]
    );
    let copy = &file.instructions[1];
    assert_eq!(copy.span.text(text), "onbuild COPY --link . /x");
    assert_eq!((copy.arguments.text(text), copy.flags.len()), (". /x", 1));
    assert_eq!(file.instructions[5].heredocs[0].body.text(text), "x\n");
    let kinds: Vec<_> = file.errors.iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds,
        [
            SyntaxErrorKind::OnbuildTrigger,
            SyntaxErrorKind::OnbuildTrigger,
            SyntaxErrorKind::UnknownInstruction,
            SyntaxErrorKind::UnknownInstruction,
            SyntaxErrorKind::MissingArgument
        ]
    );
}

#[test]
fn a_heredoc_that_nearly_ends_is_left_there() {
    let text = "FROM a\nRUN <<EOF\nb\n  EOF\nRUN <<E\nc\nE ;\nUSER d\nRUN <<X\nUSER e\n";
    let file = read(text);
    let keywords: Vec<_> = file.instructions.iter().map(|i| i.keyword.name()).collect();
    assert_eq!(keywords, ["FROM", "RUN", "RUN", "USER", "RUN"]);
    let related: Vec<_> =
        file.errors.iter().map(|e| e.related.map_or("", |(span, _)| span.text(text))).collect();
    assert_eq!(related, ["EOF", "E ;", ""]);
    assert_eq!(file.instructions[1].heredocs[0].body.text(text), "b\n");
    assert_eq!(file.instructions[3].lines, (8, 8));
}

#[test]
fn a_misspelt_instruction_is_read_as_what_was_meant() {
    let file = read("FORM debian:12 AS b\nCOPPY --from=x y\nENVV\nEND\n");
    let Kind::From(from) = &file.instructions[0].kind else { panic!() };
    assert_eq!(from.alias.as_ref().map(|a| &*a.name.text), Some("b"));
    assert_eq!(file.instructions[1].keyword, Keyword::Copy);
    // Each is one fault, whatever its arguments are.
    let kinds: Vec<_> = file.errors.iter().map(|e| (e.kind, e.meant.as_deref())).collect();
    let unknown = |meant| (SyntaxErrorKind::UnknownInstruction, Some(meant));
    assert_eq!(kinds, [unknown("FROM"), unknown("COPY"), unknown("ENV"), unknown("ENV")]);
}

#[test]
fn what_is_no_word_is_no_misspelt_instruction() {
    let file = read("FROM a\n{{RUN}} x\n:RUN x\nRUN: x\nrnu x\ncd x\n");
    let meant: Vec<_> = file.errors.iter().map(|e| e.meant.as_deref()).collect();
    assert_eq!(meant, [None, None, Some("RUN"), Some("run"), None]);
    assert!(file.errors[0].help.as_deref().unwrap().contains("template"));
}

#[test]
fn an_open_quote_is_named_where_lines_behind_it_are_lost() {
    let text = "FROM a\nRUN echo don't <<EOF\nhello\nEOF\n";
    let file = read(text);
    let (span, _) = file.errors[0].related.unwrap();
    assert_eq!((file.errors[0].span.text(text), span.text(text)), ("hello", "<<EOF"));
}

#[test]
fn a_control_character_makes_no_json() {
    let is_exec = |bytes: &[u8]| {
        let file = parse(Source::from_bytes("Dockerfile", bytes.to_vec()).unwrap());
        matches!(&file.instructions[1].kind, Kind::Cmd(CommandForm::Exec(_)))
    };
    assert!(is_exec(b"FROM a\nCMD [\"a\", \"b\"]\n"));
    assert!(!is_exec(b"FROM a\nCMD [\"a\x1ab\"]\n"));
    // What is no text becomes U+FFFD, which may be in a string.
    assert!(is_exec(b"FROM a\nCMD [\"a\xffb\"]\n"));
}
