use super::*;
use crate::shell::parse::MAX_SUBSTITUTIONS;

/// Parses on a thread with the 2 MiB stack of a worker, and checks that all spans lie in the text.
fn survives(text: String) -> Script {
    let run = move || {
        let script = parse(&text, 7, Dialect::Bash);
        let end = 7 + u32::try_from(text.len()).unwrap();
        let inside =
            |span: Span| assert!(span.start >= 7 && span.end <= end && span.start <= span.end, "{span:?}");
        for command in &script.commands {
            inside(command.span);
            command.words.iter().for_each(|word| inside(word.span));
            command.words.iter().flat_map(|word| &word.parts).for_each(|part| inside(part.span));
            command.redirects.iter().for_each(|redirect| inside(redirect.span));
            inside(command.place.before.span);
            assert!(command.place.list < script.lists.len());
        }
        for pipeline in &script.pipelines {
            assert_eq!(pipeline.members.len(), pipeline.pipes.len() + 1);
            for member in pipeline.members.iter().flatten() {
                assert!(script.commands[*member].place.pipeline.is_some());
            }
        }
        assert!(script.lists.iter().filter_map(|list| list.owner).all(|owner| owner < script.commands.len()));
        assert!(script.commands.is_sorted_by_key(|command| command.span.start));
        script
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap()
}

#[test]
fn deep_nesting_is_an_error_and_not_an_overflow() {
    for open in [
        "$( ",
        "( ",
        "((((",
        "{ ",
        "${a:-",
        "\"$(",
        "`",
        "<(",
        "if ",
        "while ",
        "case x in a) ",
        "! ",
        "$((",
        "[[ ( ",
        "a=( $(",
        "f() { ",
        "sh -c '",
        "sh -c \"",
        "time ",
        "x[$(",
        "$[",
        "{a,",
        "<<E $(",
        "@(",
    ] {
        let script = survives(open.repeat(10_000));
        assert!(script.lists.len() <= 20_001, "{open}");
    }
    survives(format!("echo {}{}", "$(a ".repeat(10_000), ")".repeat(10_000)));
    survives(format!("{}a{}", "( ".repeat(10_000), " )".repeat(10_000)));
    survives(format!("echo {}b{}", "${a:-".repeat(10_000), "}".repeat(10_000)));
    survives(format!("echo \"{}b{}\"", "${a:-\"".repeat(5_000), "\"}".repeat(5_000)));
}

#[test]
fn nesting_that_parses_is_kept() {
    let text = format!("{}a{}", "( ".repeat(15), " )".repeat(15));
    let script = survives(text);
    assert!(script.error.is_none());
    assert_eq!(script.commands.len(), 1);
    assert!(script.commands[0].place.within.subshell);
    assert_eq!(script.lists.len(), 16);
}

#[test]
fn substitutions_are_counted() {
    let of = |number: usize| survives("$($(a)b);".repeat(number / 2));
    let most = of(MAX_SUBSTITUTIONS);
    assert_eq!((most.lists.len(), most.error), (MAX_SUBSTITUTIONS + 1, None));
    let more = of(MAX_SUBSTITUTIONS + 2);
    assert!(more.opaque && more.commands.is_empty());
    assert_eq!(more.error.unwrap().message, "the script has more than 100000 substitutions");
    // A name over two lines is one of the things that the grammar leaves to the other parser.
    let in_a_word = |number: usize| survives(format!("a\\\nb \"{}\"", "$(c)".repeat(number)));
    assert_eq!(in_a_word(400).error, None);
    let many = in_a_word(501);
    assert_eq!(many.error.unwrap().message, "too many substitutions");
    assert!(many.approximate && many.commands[0].words[0].is("ab"));
}

#[test]
fn long_chains_are_read() {
    let script = survives(vec!["a b"; 20_000].join(" && "));
    assert!(!script.approximate && script.error.is_none());
    assert_eq!(script.commands.len(), 20_000);
    assert_eq!(script.commands[19_999].place.before.connector, Connector::And);
    assert_eq!(script.commands[19_999].place.index, 19_999);
    let script = survives(vec!["a"; 20_000].join(" | "));
    assert_eq!(script.pipelines.len(), 1);
    assert_eq!(script.pipelines[0].members.len(), 20_000);
    // `shuck` refuses those that the grammar leaves to it, and they are split.
    let script = survives(vec!["a[1]=b"; 20_000].join(" && "));
    assert!(script.approximate && script.error.is_some());
    assert_eq!(script.commands.len(), 20_000);
}

#[test]
fn many_documents_are_read_or_split() {
    let script = survives(format!("cat{}\n{}", " <<E".repeat(20_000), "x\nE\n".repeat(20_000)));
    assert!(script.error.is_none());
    assert_eq!(script.commands[0].redirects.len(), 20_000);
    let script = survives("cat <<E; ".repeat(20_000));
    assert_eq!(script.error.unwrap().message, "too many here-documents");
    assert_eq!(script.commands.len(), 20_000);
}

#[test]
fn unterminated_text_is_survived() {
    for text in [
        "echo 'a",
        "echo \"a",
        "echo $(a",
        "echo `a",
        "echo ${a",
        "cat <<EOF\nx",
        "cat <<'E",
        "<<",
        ">",
        "a >",
        "&&",
        "|",
        "a |",
        "a &&",
        ";;",
        "$",
        "\\",
        "'",
        "\"",
        "`",
        "if",
        "fi",
        "(",
        ")",
        "}",
        "{",
        "a=(",
        "a=",
        "f()",
        "[[",
        "((",
        "${",
        "$((",
        "!",
        "&",
        "case",
        "for",
        "for x in",
        "$'",
        "$\"",
        "<(",
        "&>",
        "2>",
        "2>&",
        "<<<",
        "\\\n",
        "a\\",
        "sh -c '",
        "sh -c '$(",
        "`\\",
        "`\\``",
    ] {
        survives(text.to_owned());
        survives(format!("a && {text}"));
        survives(format!("a && {text}\n b; c"));
    }
}

#[test]
fn any_bytes_are_survived() {
    survives("a\0b \x01 c\x1a && d\x7f".to_owned());
    survives("a\rb\rc && d\r\n".to_owned());
    survives("é && ü \\é \"\\ü\" ${ü} $'\\é' `\\é` '\u{1F600}'\u{1A}".to_owned());
    survives("\u{feff}echo \u{2028} \u{a0}".to_owned());
    survives("\0".repeat(10_000));
    survives("é\\".repeat(5_000));
}

/// Pseudo-random strings of shell tokens: no panic and consistent indices.
#[test]
fn token_soup_is_survived() {
    const TOKENS: &[&str] = &[
        "a",
        "b c",
        " ",
        " ",
        "\n",
        ";",
        "&&",
        "||",
        "|",
        "|&",
        "&",
        "(",
        ")",
        "{ ",
        " }",
        "$(",
        "`",
        "${",
        "}",
        "\"",
        "'",
        "\\",
        "$x",
        "<<E\n",
        "E\n",
        "<",
        ">",
        "2>&1",
        "&>>",
        "if ",
        "then ",
        "fi ",
        "for x in ",
        "do ",
        "done ",
        "case ",
        " in ",
        "esac ",
        "f() ",
        "x=",
        "x=(",
        "[[ ",
        " ]]",
        "((",
        "))",
        "sh -c ",
        "sudo ",
        "#",
        "é",
        "!",
        "time ",
        "\\\n",
        "\r",
        "exit ",
        "export ",
    ];
    let mut state: u64 = 0x2545_F491_4F6C_DD1D;
    for _ in 0..3_000 {
        let mut text = String::new();
        for _ in 0..24 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push_str(TOKENS[usize::try_from(state % TOKENS.len() as u64).unwrap()]);
        }
        check_soup(&text);
    }
}

fn check_soup(text: &str) {
    let script = parse(text, 0, Dialect::Posix);
    let end = u32::try_from(text.len()).unwrap();
    for command in &script.commands {
        assert!(command.span.end <= end, "{text:?}");
        for word in &command.words {
            assert!(text.is_char_boundary(word.span.start as usize), "{text:?}");
            assert!(text.is_char_boundary(word.span.end as usize), "{text:?}");
        }
    }
}

#[test]
fn large_scripts_are_parsed_and_huge_ones_are_opaque() {
    let script = survives(format!("echo{}", " a".repeat(400_000)));
    assert_eq!(script.commands[0].words.len(), 400_001);
    let script = survives("echo a;\n".repeat(60_000));
    assert_eq!(script.commands.len(), 60_000);
    let script = survives(format!("echo \"{}\"", "$(a 'b') ${x} ".repeat(20_000)));
    assert_eq!(script.commands.len(), 20_001);
    let script = survives("a".repeat(crate::shell::parse::MAX_SCRIPT_BYTES + 1));
    assert!(script.opaque && script.error.is_some() && script.commands.is_empty());
}

#[test]
fn other_languages_are_opaque() {
    for dialect in [Dialect::PowerShell, Dialect::Cmd, Dialect::Unknown] {
        let script = parse("Get-Item | Remove-Item", 0, dialect);
        assert!(script.opaque && script.commands.is_empty() && script.error.is_none());
    }
}
