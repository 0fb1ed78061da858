use super::*;

#[test]
fn a_simple_command() {
    let text = "   apt-get  update ";
    let script = bash(text);
    assert_eq!(script.commands.len(), 1);
    let command = &script.commands[0];
    assert_eq!(command.span, Span::new(3, 18));
    assert_eq!(command.name().as_deref(), Some("apt-get"));
    assert_eq!(command.words[0].span, Span::new(3, 10));
    assert_eq!(command.words[1].span, Span::new(12, 18));
    assert_eq!(command.place.before.connector, Connector::Start);
    assert_eq!(command.place.after, None);
    assert_eq!(script.lists.len(), 1);
    assert_eq!((script.lists[0].kind, script.lists[0].len), (ListKind::Script, 1));
}

#[test]
fn connectors_have_their_tokens() {
    let text = "a && b || c; d & e\nf;";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b", "c", "d", "e", "f"]);
    let before: Vec<_> = script.commands.iter().map(|c| c.place.before).collect();
    let link = |connector, start, end| Link { connector, span: Span::new(start, end) };
    assert_eq!(
        before,
        [
            link(Connector::Start, 0, 0),
            link(Connector::And, 2, 4),
            link(Connector::Or, 7, 9),
            link(Connector::Seq, 11, 12),
            link(Connector::Background, 15, 16),
            link(Connector::Seq, 18, 19),
        ]
    );
    assert_eq!(script.commands[0].place.after, Some(before[1]));
    assert_eq!(script.commands[5].place.after, Some(link(Connector::Seq, 20, 21)));
    let background: Vec<_> = script.commands.iter().map(|c| c.place.background).collect();
    assert_eq!(background, [false, false, false, true, false, false]);
    assert!(script.commands.iter().enumerate().all(|(n, c)| c.place.index == n && c.place.list == 0));
}

#[test]
fn pipelines_have_members_and_pipes() {
    let text = "a | b |& c && ! d | ( e )";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b", "c", "d", "e"]);
    assert_eq!(script.pipelines.len(), 2);
    let first = &script.pipelines[0];
    assert_eq!(first.span, Span::new(0, 10));
    assert_eq!(first.members, [Some(0), Some(1), Some(2)]);
    let pipes: Vec<_> = first.pipes.iter().map(|p| (p.connector, p.span)).collect();
    assert_eq!(pipes, [(Connector::Pipe, Span::new(2, 3)), (Connector::PipeBoth, Span::new(6, 8))]);
    assert_eq!(script.pipelines[1].members, [Some(3), None]);
    let seat = script.commands[1].place.pipeline.unwrap();
    assert_eq!((seat.pipeline, seat.position, seat.length, seat.is_last()), (0, 1, 3, false));
    assert!(script.commands[3].place.negated);
    // The subshell has the seat, not the command in it.
    assert_eq!(script.commands[4].place.pipeline, None);
    let list = &script.lists[script.commands[4].place.list];
    assert!(list.place.as_ref().unwrap().pipeline.unwrap().is_last());
}

#[test]
fn subshells_and_groups_are_lists() {
    let text = "( a; b ) && { c; }";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b", "c"]);
    let kinds: Vec<_> = script.lists.iter().map(|list| (list.kind, list.span)).collect();
    assert_eq!(kinds[1], (ListKind::Subshell, Span::new(0, 8)));
    assert_eq!(kinds[2], (ListKind::Group, Span::new(12, 18)));
    assert!(script.commands[1].place.within.subshell && !script.commands[2].place.within.subshell);
    assert_eq!(script.lists[2].place.as_ref().unwrap().before.connector, Connector::And);
    assert_eq!(script.lists[0].len, 2);
    let text = "( ( a ) # )\n ) | if b; then c; fi; {\n d; } | e";
    let script = bash(text);
    let spans: Vec<_> = script.lists.iter().map(|list| list.span.text(text)).collect();
    assert_eq!(spans[1..], ["( ( a ) # )\n )", "( a )", "if b; then c; fi", "if b; then c; fi", "{\n d; }"]);
    let nested = "{ { a; }; }";
    let script_of_groups = bash(nested);
    let groups: Vec<_> = script_of_groups.lists.iter().map(|list| list.span.text(nested)).collect();
    assert_eq!(groups[1..], [nested, "{ a; }"]);
    let text_of_function = "{ f() { a; }; } | b";
    let function = bash(text_of_function);
    let groups: Vec<_> = function.lists.iter().map(|list| list.span.text(text_of_function)).collect();
    assert_eq!(groups[1..], ["{ f() { a; }; }", "{ a; }"]);
    let spans: Vec<_> = script.pipelines.iter().map(|pipeline| pipeline.span.text(text)).collect();
    assert_eq!(spans, ["( ( a ) # )\n ) | if b; then c; fi", "{\n d; } | e"]);
}

#[test]
fn substitutions_are_owned_by_their_command() {
    let text = "echo \"$(a | b)\" `c` <(d) > $(e)";
    let script = bash(text);
    assert_eq!(commands(&script, text), [text, "a", "b", "c", "d", "e"]);
    let kinds: Vec<_> = script.lists.iter().map(|list| (list.kind, list.owner)).collect();
    assert_eq!(
        kinds,
        [
            (ListKind::Script, None),
            (ListKind::CommandSubstitution, Some(0)),
            (ListKind::Backticks, Some(0)),
            (ListKind::ProcessSubstitution, Some(0)),
            (ListKind::CommandSubstitution, Some(0)),
        ]
    );
    assert_eq!(script.commands[1].span, Span::new(8, 9));
    assert_eq!(script.lists[1].span, Span::new(6, 14));
    assert!(script.commands[1..].iter().all(|command| command.place.within.substitution));
    assert!(!script.commands[0].place.within.substitution);
}

#[test]
fn substitutions_in_operands_and_assignments_are_found() {
    for text in [
        "x=$(a b)",
        "x=\"${y:-$(a b)}\"",
        "e $(( $(a b) + 1 ))",
        "x=( $(a b) )",
        "export x=$(a b)",
        "for i in $(a b); do :; done",
        "[[ -n $(a b) ]]",
        "cat <<E\n$(a b)\nE\n",
    ] {
        let script = bash(text);
        let inner = script.commands.iter().find(|command| command.span.text(text) == "a b");
        assert!(inner.is_some_and(|command| command.place.within.substitution), "{text}");
    }
}

#[test]
fn backticks_with_escapes_have_the_place_of_the_whole() {
    let text = "echo `a \\`b c\\``";
    let script = bash(text);
    assert_eq!(script.commands.len(), 3);
    assert_eq!(values(&script.commands[2]), [Some("b"), Some("c")]);
    assert!(!script.commands[2].words[0].exact);
    assert_eq!(script.commands[2].words[0].span, Span::new(6, 15));
}

#[test]
fn redirections() {
    let text = "a > /dev/null 2>&1 < in >> out 2>>err <<< \"x y\" &> all &>> more";
    let script = bash(text);
    let command = &script.commands[0];
    assert_eq!(command.span, Span::new(0, u32::try_from(text.len()).unwrap()));
    assert_eq!(words(command, text), ["a"]);
    let seen: Vec<_> = command
        .redirects
        .iter()
        .map(|r| (r.span.text(text), r.fd, r.kind, r.target.as_ref().and_then(Word::as_str)))
        .collect();
    assert_eq!(
        seen,
        [
            ("> /dev/null", None, RedirectKind::Write, Some("/dev/null")),
            ("2>&1", Some(2), RedirectKind::Dup, Some("1")),
            ("< in", None, RedirectKind::Read, Some("in")),
            (">> out", None, RedirectKind::Append, Some("out")),
            ("2>>err", Some(2), RedirectKind::Append, Some("err")),
            ("<<< \"x y\"", None, RedirectKind::HereString, Some("x y")),
            ("&> all", None, RedirectKind::WriteBoth, Some("all")),
            ("&>> more", None, RedirectKind::AppendBoth, Some("more")),
        ]
    );
}

#[test]
fn here_documents_have_a_body() {
    let text = "cat <<EOF > f && b\nx $y\nEOF\ncat <<-'E'\n\tz\n\tE\n";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["cat <<EOF > f", "b", "cat <<-'E'"]);
    let doc = &script.commands[0].redirects[0];
    assert_eq!((doc.kind, doc.span.text(text), doc.quoted), (RedirectKind::HereDoc, "<<EOF", false));
    assert_eq!(doc.heredoc_body.unwrap().text(text), "x $y\n");
    assert_eq!(doc.target.as_ref().unwrap().as_str(), Some("EOF"));
    let doc = &script.commands[2].redirects[0];
    assert!(doc.quoted);
    assert_eq!(doc.heredoc_body.unwrap().text(text), "\tz\n");
}

#[test]
fn assignments_stand_before_the_name() {
    let text = "A=1 B=\"$x y\" C+=z make D=4";
    let script = bash(text);
    let command = &script.commands[0];
    assert_eq!(words(command, text), ["make", "D=4"]);
    let seen: Vec<_> = command
        .assignments
        .iter()
        .map(|a| (&*a.name, a.span.text(text), a.value.as_ref().and_then(Word::as_str), a.append))
        .collect();
    assert_eq!(
        seen,
        [("A", "A=1", Some("1"), false), ("B", "B=\"$x y\"", None, false), ("C", "C+=z", Some("z"), true)]
    );
    assert_eq!(command.span, Span::new(0, u32::try_from(text.len()).unwrap()));
    let script = bash("A=1");
    assert!(script.commands[0].words.is_empty());
    assert_eq!(script.commands[0].name(), None);
    let script = bash("A=(x y) B=");
    assert_eq!(script.commands[0].assignments[0].value, None);
    assert_eq!(script.commands[0].assignments[1].value.as_ref().unwrap().as_str(), Some(""));
}

#[test]
fn control_structures_say_what_encloses_a_command() {
    let text = "if a; then b; elif c; then d; else e; fi";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b", "c", "d", "e"]);
    let condition: Vec<_> = script.commands.iter().map(|c| c.place.within.condition).collect();
    assert_eq!(condition, [true, false, true, false, false]);
    let branch: Vec<_> = script.commands.iter().map(|c| c.place.within.branch).collect();
    assert_eq!(branch, [false, true, false, true, true]);

    let text = "for x in a b; do c; done; while d; do e; done; until f; do g; done";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["c", "d", "e", "f", "g"]);
    assert!(script.commands.iter().all(|c| c.place.within.repeated));
    assert!(script.commands[1].place.within.condition && !script.commands[2].place.within.condition);

    let text = "case $x in a) b;; *) c ;; esac";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["b", "c"]);
    assert!(script.commands.iter().all(|c| c.place.within.branch));

    let text = "f() { a; }; function g { b; }; h() ( c ); f";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b", "c", "f"]);
    let function: Vec<_> = script.commands.iter().map(|c| c.place.within.function).collect();
    assert_eq!(function, [true, true, true, false]);
    assert!(script.commands[2].place.within.subshell);
    assert_eq!(script.functions.iter().map(|f| &*f.name).collect::<Vec<_>>(), ["f", "g", "h"]);
}

#[test]
fn builtins_and_declarations_are_commands() {
    let text = "set -e; export A=b C; X=1 exit 1 2>f; local -r d; [[ -f x && $y == z* ]]; time p | q";
    let script = bash(text);
    assert_eq!(
        commands(&script, text),
        ["set -e", "export A=b C", "X=1 exit 1 2>f", "local -r d", "[[ -f x && $y == z* ]]", "p", "q"]
    );
    assert_eq!(words(&script.commands[1], text), ["export", "A=b", "C"]);
    assert_eq!(words(&script.commands[2], text), ["exit", "1"]);
    assert_eq!(words(&script.commands[4], text), ["[[", "x", "$y", "z*", "]]"]);
    assert_eq!(script.pipelines[0].members, [Some(5), Some(6)]);
}

#[test]
fn comments_and_continuations_are_skipped() {
    let text = "a \\\n  b # c && d\n  \\\n && e";
    let script = parse(text, 0, Dialect::Bash);
    // A newline ends the chain: `&&` cannot begin a line. The commands are found all the same.
    assert!(script.error.is_some() && script.approximate);
    assert_eq!(commands(&script, text), ["a \\\n  b", "e"]);
    let text = "a \\\n     \\\n  && b \\\n  c # d && e\n";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "b \\\n  c"]);
    assert_eq!(script.commands[1].place.before.span.text(text), "&&");
}
