use super::*;

fn only_word(text: &str) -> Word {
    let script = bash(text);
    assert_eq!(script.commands.len(), 1, "{text}");
    script.commands[0].words[1].clone()
}

#[test]
fn quotes_and_escapes_are_removed() {
    for (text, value) in [
        ("e a", "a"),
        ("e 'a b'", "a b"),
        ("e \"a b\"", "a b"),
        ("e a\\ b", "a b"),
        ("e a'b'\"c\"d", "abcd"),
        ("e \"a\\\"b\\$c\\d\"", "a\"b$c\\d"),
        ("e 'a\\b'", "a\\b"),
        ("e $'a\\tb\\'c\\x'", "a\tb'c\\x"),
        ("e ''", ""),
        ("e \"\"", ""),
        ("e a\\\nb", "ab"),
        ("e \"a\\\nb\"", "ab"),
        // The builder has joined the lines of an instruction.
        ("e 'a\\\nb'", "ab"),
        ("e \\é", "é"),
        ("e $", "$"),
        ("e a$", "a$"),
        ("e /var/*.d", "/var/*.d"),
        ("e a#b", "a#b"),
    ] {
        assert_eq!(only_word(text).as_str(), Some(value), "{text}");
        assert_eq!(only_word(text).literal().as_deref(), Some(value));
    }
}

#[test]
fn the_text_of_a_word_is_as_written() {
    let text = "echo  'a b'\"c\"  d\\\n e";
    let script = bash(text);
    assert_eq!(words(&script.commands[0], text), ["echo", "'a b'\"c\"", "d", "e"]);
    assert_eq!(script.commands[0].words[1].span, Span::new(6, 14));
    assert_eq!(script.commands[0].words[2].span, Span::new(16, 17));
}

#[test]
fn an_expansion_ends_the_static_prefix() {
    let word = only_word("curl https://host/$VERSION/x");
    assert_eq!(word.literal(), None);
    assert_eq!(word.static_prefix(), "https://host/");
    assert!(word.has_expansion() && !word.is_quoted());
    assert_eq!(word.variables().collect::<Vec<_>>(), ["VERSION"]);
    let kinds: Vec<_> = word.parts.iter().map(|part| (part.span.start, part.span.end, &part.kind)).collect();
    let variable = PartKind::Variable("VERSION".into());
    assert_eq!(kinds, [(5, 18, &PartKind::Literal), (18, 26, &variable), (26, 28, &PartKind::Literal)]);
}

#[test]
fn parameters_name_their_variables() {
    for (text, names) in [
        ("e $a", vec!["a"]),
        ("e ${a}", vec!["a"]),
        ("e ${a:-$b}", vec!["a", "b"]),
        ("e ${a:-${b:-$c}}", vec!["a", "b", "c"]),
        ("e \"$a\"'$b'\"${c%.*}\"", vec!["a", "c"]),
        ("e ${#a}${!b}", vec!["a", "b"]),
        ("e $1$@$?", vec!["1", "@", "?"]),
        ("e ${10}", vec!["10"]),
        ("e ${a[@]}", vec!["a"]),
        ("e \\$a", vec![]),
    ] {
        assert_eq!(only_word(text).variables().collect::<Vec<_>>(), names, "{text}");
    }
}

#[test]
fn parts_know_their_quotes_and_kind() {
    let word = bash("e \"x${a:-b}\"$(c)`d`$((1+2))").commands[0].words[1].clone();
    let parts: Vec<_> = word.parts.iter().map(|part| (part.span, part.kind.clone(), part.quoted)).collect();
    assert_eq!(
        parts,
        [
            (Span::new(3, 4), PartKind::Literal, true),
            (Span::new(4, 11), PartKind::Parameter("a".into()), true),
            (Span::new(12, 16), PartKind::Command, false),
            (Span::new(16, 19), PartKind::Command, false),
            (Span::new(19, 27), PartKind::Arithmetic, false),
        ]
    );
    assert!(word.is_quoted());
}

#[test]
fn globs_and_braces_count_outside_quotes_only() {
    assert!(only_word("rm /var/lib/apt/lists/*").has_glob());
    assert!(!only_word("rm '/var/lib/*'").has_glob());
    assert!(only_word("mkdir /a/{b,c}").has_braces());
    assert!(only_word("mkdir {1..3}").has_braces());
    assert!(!only_word("find {}").has_braces());
    assert!(!only_word("e '{a,b}'").has_braces());
}

#[test]
fn offsets_are_those_of_the_file() {
    let script = parse("a \"$b\" && c", 100, Dialect::Posix);
    assert_eq!(script.commands[0].words[1].span, Span::new(102, 106));
    assert_eq!(script.commands[0].words[1].parts[0].span, Span::new(103, 105));
    assert_eq!(script.commands[1].span, Span::new(110, 111));
    assert_eq!(script.commands[1].place.before.span, Span::new(107, 109));
}
