use super::*;

fn programs(text: &str) -> Vec<Option<String>> {
    bash(text).commands.iter().map(|command| command.program().map(str::to_owned)).collect()
}

#[test]
fn wrappers_are_peeled() {
    for (text, name, count) in [
        ("apt-get update", "apt-get", 0),
        ("sudo apt-get update", "apt-get", 1),
        ("sudo -E -H -u root A=b apt-get update", "apt-get", 1),
        ("sudo --user root -- apt-get", "apt-get", 1),
        ("sudo -uroot apt-get", "apt-get", 1),
        ("env A=b C=d apt-get", "apt-get", 1),
        ("env -i -u X A=b apt-get", "apt-get", 1),
        ("/usr/bin/env bash -x", "bash", 1),
        ("exec apt-get", "apt-get", 1),
        ("command apt-get", "apt-get", 1),
        ("command -v apt-get", "command", 0),
        ("nice -n 10 make", "make", 1),
        ("nohup server", "server", 1),
        ("xargs -0 -r -n1 rm -f", "rm", 1),
        ("xargs -n 1 -I {} rm {}", "rm", 1),
        ("xargs", "xargs", 0),
        ("gosu user cmd", "cmd", 1),
        ("timeout -k 5 10 curl x", "curl", 1),
        ("sudo env A=b nice /usr/bin/apt-get", "apt-get", 3),
        ("sudo", "sudo", 0),
        ("time -p make", "make", 0),
        ("sudo time -f %e make", "make", 2),
    ] {
        let script = bash(text);
        let command = &script.commands[0];
        assert_eq!(command.program(), Some(name), "{text}");
        assert_eq!(command.effective().wrappers.len(), count, "{text}");
    }
    let script = bash("sudo -E /bin/rm -rf x");
    let command = &script.commands[0];
    assert!(command.is_wrapped_by("sudo"));
    assert_eq!(command.effective().name_index, 2);
    assert_eq!(command.arguments().iter().filter_map(Word::as_str).collect::<Vec<_>>(), ["-rf", "x"]);
    assert_eq!(command.name().as_deref(), Some("sudo"));
}

#[test]
fn the_script_of_a_shell_is_parsed_in_place() {
    let text = "a && bash -lc 'b c | d' && e";
    let script = bash(text);
    assert_eq!(commands(&script, text), ["a", "bash -lc 'b c | d'", "b c", "d", "e"]);
    assert_eq!(script.commands[2].span, Span::new(15, 18));
    assert!(script.commands[2].place.within.shell_string);
    assert!(script.commands[2].words.iter().all(|word| word.exact));
    let list = &script.lists[script.commands[2].place.list];
    assert_eq!((list.kind, list.owner), (ListKind::ShellString, Some(1)));
    assert_eq!(script.pipelines[0].members, [Some(2), Some(3)]);
    assert_eq!(script.commands[4].place.index, 2);
}

#[test]
fn scripts_of_shells_in_all_forms() {
    for text in [
        "sh -c 'b c'",
        "sh -c \"b c\"",
        "sudo -u x sh -ec 'b c'",
        "bash -o pipefail -c 'b c'",
        "bash -eo pipefail -c 'b c'",
        "su - user -c 'b c'",
        "su -c 'b c' user",
        "/bin/bash -l -c 'b c' arg",
        "bash <<'E'\nb c\nE\n",
        "bash -ex <<E\nb c\nE\n",
        "echo $(sh -c 'b c')",
        "xargs sh -c 'b c'",
    ] {
        let script = bash(text);
        let inner = script.commands.last().unwrap();
        assert_eq!(inner.span.text(text), "b c", "{text}");
        assert!(inner.place.within.shell_string && inner.words[0].exact, "{text}");
    }
    for text in ["sh script.sh", "bash -x file -c 'b c'", "sh -c \"$x\"", "echo -c 'b c'"] {
        let program = programs(text);
        assert!(program.len() == 1 || program == [Some("sh".to_owned()), None], "{text}: {program:?}");
    }
}

#[test]
fn escapes_in_the_script_of_a_shell_lose_the_place() {
    let text = "sh -c \"b \\\"c d\\\" \\$e\"";
    let script = bash(text);
    let inner = &script.commands[1];
    assert_eq!(values(inner), [Some("b"), Some("c d"), None]);
    assert!(inner.words.iter().all(|word| !word.exact));
    assert_eq!(inner.words[0].span, Span::new(6, 21));
    assert_eq!(inner.span, Span::new(6, 21));
    assert_eq!(inner.words[2].variables().collect::<Vec<_>>(), ["e"]);
}

#[test]
fn variables_of_the_outer_shell_keep_the_place() {
    let text = "bash -c \"apt-get install -y $PACKAGES\"";
    let script = bash(text);
    assert_eq!(script.commands[1].span.text(text), "apt-get install -y $PACKAGES");
    assert_eq!(script.commands[1].words[3].variables().collect::<Vec<_>>(), ["PACKAGES"]);
}

#[test]
fn what_does_not_parse_is_split_at_operators() {
    let text = "if a; b -x \"y;z\" && (c | d $(e) 2>&1 > f) || g <<E; h\nbody\nE\nfi )";
    let script = parse(text, 0, Dialect::Bash);
    assert!(script.error.is_some() && script.approximate && !script.opaque);
    assert_eq!(commands(&script, text), ["a", "b -x \"y;z\"", "c", "d $(e) 2>&1 > f", "e", "g <<E", "h"]);
    assert_eq!(script.commands[1].place.before.span.text(text), ";");
    assert_eq!(script.commands[1].place.after.unwrap().connector, Connector::And);
    assert_eq!(script.pipelines[0].members, [Some(2), Some(3)]);
    assert_eq!(script.pipelines[0].span.text(text), "c | d $(e) 2>&1 > f");
    assert!(script.commands[4].place.within.substitution);
    assert_eq!(script.lists[script.commands[4].place.list].owner, Some(3));
    assert_eq!(script.commands[3].redirects[0].fd, Some(2));
    assert_eq!(script.commands[5].redirects[0].heredoc_body.unwrap().text(text), "body\n");
}

#[test]
fn an_error_has_a_place() {
    let text = "a && && b";
    let script = parse(text, 10, Dialect::Posix);
    let error = script.error.unwrap();
    assert!(error.span.start >= 10 && error.span.end <= 19, "{error:?}");
    assert!(!error.message.is_empty() && !error.message.contains('\n'));
    assert_eq!(script.commands.len(), 2);
}
