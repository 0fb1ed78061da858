use super::{Matcher, check};
use crate::diag::Severity;
use crate::rules::{Cx, Options, Policy, RULES};
use crate::semantic::Model;
use crate::syntax::parse;
use crate::text::{Source, toml};

fn read(table: &str) -> (Matcher, Vec<String>) {
    let text = format!("[match]\n{table}\n");
    let (matcher, faults) = toml::read(&text, 0, |fields, faults| {
        fields.table("match", faults).map(|t| Matcher::read(t, faults)).unwrap_or_default()
    });
    let shown = |f: &toml::Fault| {
        let help = f.help.as_deref().map(|h| format!(" ({h})")).unwrap_or_default();
        format!("{}: {}{help}", f.span.text(&text).lines().next().unwrap_or(""), f.message)
    };
    (matcher, faults.iter().map(shown).collect())
}

/// The texts under the findings, with the messages.
fn found(table: &str, dockerfile: &str) -> Vec<String> {
    let (matcher, faults) = read(table);
    assert_eq!(faults, [""; 0], "{table}");
    let file = parse(Source::from_text("Dockerfile", dockerfile));
    let model = Model::new(&file);
    let mut findings = Vec::new();
    let policy = Policy::default();
    let mut cx = Cx::new(
        &model,
        &RULES[0].meta,
        Options::new(&RULES[0].meta, None),
        &policy,
        Severity::Warning,
        &mut findings,
    );
    check(&matcher, &mut cx);
    findings.sort_by_key(|f| f.span);
    findings.iter().map(|f| format!("{}: {}", f.span.text(dockerfile), f.message)).collect()
}

const FILE: &str = "FROM --platform=linux/amd64 node:20 AS build\n\
    ENV HTTP_PROXY=http://proxy NAME=$X\n\
    RUN apt-get update && sudo apt-get install curl && apt install -y $X\n\
    USER app\n\
    RUN pip install x\n\
    FROM ghcr.io/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
    EXPOSE 80 20-25/tcp $PORT\n\
    USER root\n\
    CMD apt-get moo\n";

#[test]
fn each_predicate_finds_its_subject() {
    for (table, want) in [
        (
            "command = { name = \"apt-get\", subcommand = \"install\", lacks = [\"-y\"] }\n\
             message = \"{command} {subcommand}\"",
            &["install: apt-get install"][..],
        ),
        ("command = { name = \"apt*\", has = \"-y\" }\nmessage = \"{flag}\"", &["-y: -y"]),
        ("command = { name = [\"pip\", \"uv\"] }\nuser = \"app\"\nmessage = \"{user}\"", &["pip: app"]),
        ("command = { name = \"*\" }\ninstruction = \"CMD\"\nmessage = \"m\"", &["apt-get: m"]),
        ("command = { name = \"apt-get\" }\nstage = \"final\"\nmessage = \"m\"", &[]),
        (
            "flag = { name = \"platform\", value = \"linux/*\" }\nmessage = \"{flag} {value}\"",
            &["linux/amd64: platform linux/amd64"],
        ),
        (
            "env = { name = \"*_PROXY\", value = \"http:*\" }\nmessage = \"{name}\"",
            &["http://proxy: HTTP_PROXY"],
        ),
        ("env = { name = \"NAME\", value = \"*\" }\nmessage = \"m\"", &[]),
        ("env = { name = \"NAME\" }\nmessage = \"{name}={value}\"", &["NAME: NAME=$X"]),
        ("port = 22\nmessage = \"{port}\"", &["20-25/tcp: 20-25/tcp"]),
        ("port = 22\nstage = \"build\"\nmessage = \"m\"", &[]),
        (
            "image = { repository = \"node\", digest = false }\nmessage = \"{image} {tag}\"",
            &["node:20: docker.io/library/node:20 20"],
        ),
        ("image = { registry = \"ghcr.io\", tag = \"\" }\nport = 80\nmessage = \"m\"", &["80: m"]),
        ("user = \"root\"\nmessage = \"{instruction}\"", &["root: USER"]),
        ("instruction = [\"CMD\", \"expose\"]\nmessage = \"{instruction}\"", &["EXPOSE: EXPOSE", "CMD: CMD"]),
    ] {
        assert_eq!(found(table, FILE), want, "{table}");
    }
}

#[test]
fn every_fault_has_a_place() {
    for (table, want) in [
        ("port = 22", "`message` is missing"),
        ("port = 70000\nmessage = \"m\"", "70000: `port` must be a whole number from 0 to 65535"),
        ("message = \"m\"", "a matcher needs at least one of"),
        (
            "comand = 1\nport = 1\nmessage = \"m\"",
            "comand: unknown key `match.comand` (did you mean `command`?)",
        ),
        ("instruction = \"RNU\"\nmessage = \"m\"", "\"RNU\": `RNU` is no instruction (did you mean `RUN`?)"),
        ("command = { name = \"a\", lax = [] }\nmessage = \"m\"", "lax: unknown key `match.command.lax`"),
        ("command = { lacks = [] }\nmessage = \"m\"", "`name` is missing"),
        ("command = { name = \"a\", has = \"y\" }\nmessage = \"m\"", "\"y\": `y` is no option"),
        ("user = \"[\"\nmessage = \"m\"", "\"[\": this is no glob"),
        ("image = { digest = \"yes\" }\nmessage = \"m\"", "`digest` must be true or false"),
        ("user = \"a\"\nmessage = \"{nam}\"", "`{nam}` stands for nothing (did you mean `name`?)"),
        ("user = \"a\"\nstage = \"last\"\nmessage = \"m\"", "\"last\": `stage` is `final`, `build` or `any`"),
    ] {
        let (_, faults) = read(table);
        assert!(faults.iter().any(|f| f.contains(want)), "{want}: {faults:?}");
    }
}
