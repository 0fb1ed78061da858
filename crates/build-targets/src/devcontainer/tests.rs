use crate::files::Memory;
use crate::target::listed;

use super::*;

fn resolved(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Resolution {
    let memory: Memory = files.iter().map(|(path, text)| (*path, *text)).collect();
    let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment = (!environment.is_empty()).then(|| variables.collect());
    resolve(&memory, &Request { folder: "/w/app".into(), file: None, environment })
}

const FILE: &str = "/w/app/.devcontainer/devcontainer.json";

#[test]
fn the_dockerfile_and_the_context_begin_in_the_folder_of_the_file() {
    for (text, expected) in [
        (
            r#"{"build": {"dockerfile": "Dockerfile"}}"#,
            "/w/app/.devcontainer /w/app/.devcontainer/Dockerfile",
        ),
        (r#"{"build": {"dockerfile": "../d/D", "context": ".."}}"#, "/w/app /w/app/d/D"),
        (r#"{"build": {"dockerfile": "../d/D"}}"#, "/w/app/d /w/app/d/D"),
        (
            r#"{"dockerFile": "D", "context": "..", "build": {"dockerfile": "E", "context": "x", "target": "t"}}"#,
            "/w/app /w/app/.devcontainer/D stage t",
        ),
        (
            r#"{"dockerFile": "x/D", "build": {"context": "y"}}"#,
            "/w/app/.devcontainer/x /w/app/.devcontainer/x/D",
        ),
        (r#"{"build": {"dockerfile": "${localWorkspaceFolder}/D"}}"#, "/w/app /w/app/D"),
        (r#"{"build": {"dockerfile": "../d/D", "context": ""}}"#, "/w/app/d /w/app/d/D"),
        (r#"{"build": {"dockerfile": "../d/D", "context": null}}"#, "/w/app/d /w/app/d/D"),
        (r#"{"dockerFile": "../d/D", "context": ""}"#, "/w/app/d /w/app/d/D"),
    ] {
        assert_eq!(listed(&resolved(&[(FILE, text)], &[])), format!("devcontainer: {expected}\n"), "{text}");
    }
}

#[test]
fn variables_are_replaced_where_they_are_known() {
    let text = r#"{"name": "n", "build": {"dockerfile": "D", "args": {
        "A": "${localEnv:SET}", "B": "${env:UNSET:d}", "C": "<${localEnv:UNSET}>", "D": "${localWorkspaceFolderBasename}",
        "E": "${containerWorkspaceFolder}", "F": "${containerEnv:X}${devcontainerId}", "G": 5, "H": true, "I": 3.10,
        "J": 1e22, "K": -0, "L": 0.0000001}}}"#;
    let resolution = resolved(&[(FILE, text), ("/w/.git/HEAD", "")], &[("SET", "s")]);
    assert_eq!(
        listed(&resolution),
        "n: /w/app/.devcontainer /w/app/.devcontainer/D A=s B=d C=<> D=app E=/workspaces/w/app \
         F=${containerEnv:X}${devcontainerId} G=5 H=true I=3.1 J=1e+22 K=0 L=1e-7\n"
    );
    let arguments = &resolution.targets[0].arguments;
    assert!(arguments[0].value.as_ref().unwrap().from_environment);
    assert_eq!(arguments[2].value.as_ref().unwrap().unset, ["UNSET"]);
    let kind = WarningKind::NumberChanged { written: "3.10".to_owned(), value: "3.1".to_owned() };
    assert_eq!(resolution.warnings[0].kind, kind);
}

#[test]
fn arguments_are_texts_as_javascript_makes_them() {
    for (args, expected) in [
        (r#"["A=1", "B=2"]"#, " 0=A=1 1=B=2"),
        (r#"{"A": ["x", 3.10, null, ["y", true]]}"#, " A=x,3.1,,y,true"),
        (r#"{"A": []}"#, " A="),
        (r#""A=1""#, ""),
    ] {
        let text = format!(r#"{{"build": {{"dockerfile": "D", "args": {args}}}}}"#);
        let expected = format!("devcontainer: /w/app/.devcontainer /w/app/.devcontainer/D{expected}\n");
        assert_eq!(listed(&resolved(&[(FILE, &text)], &[])), expected, "{args}");
    }
    let text = r#"{"build": {"dockerfile": "D", "args": {"A": {"x": 1}}}}"#;
    assert_eq!(
        listed(&resolved(&[(FILE, text)], &[])),
        "the value of a build argument cannot be an object\n"
    );
}

#[test]
fn the_folder_has_no_slash_behind_it() {
    let text = r#"{"build": {"dockerfile": "D", "args": {"A": "${localWorkspaceFolder}", "B": "${localWorkspaceFolder}/x"}}}"#;
    let memory: Memory = [(FILE, text)].into_iter().collect();
    let resolution = resolve(&memory, &Request { folder: "/w/app/".into(), file: None, environment: None });
    assert!(listed(&resolution).ends_with(" A=/w/app B=/w/app/x\n"), "{}", listed(&resolution));
}

#[test]
fn options_come_after_and_win() {
    let text = r#"{"build": {"dockerfile": "D", "target": "t", "args": {"A": "1", "B": "2"}, "options": [
        "--network=host", "--build-arg", "A=3", "--build-arg=C", "--target=u", "-f", "other", "--pull",
        "--build-context", "base=docker-image://alpine:3", "--build-context=x=../y", "--platform", "p,q", "-tname"]}}"#;
    let resolution = resolved(&[(FILE, text)], &[("C", "c")]);
    assert_eq!(
        listed(&resolution),
        "devcontainer: /w/app/.devcontainer /w/app/other stage u B=2 A=3 C=c on p on q \
         base<-docker-image://alpine:3 x<-/w/y\n"
    );
    assert_eq!(resolution.targets[0].tags[0].value.as_deref(), Some("name"));
}

#[test]
fn a_service_is_built_as_compose_builds_it() {
    let compose = "services:\n  app:\n    build: {context: .., dockerfile: .devcontainer/D, args: {A: 1}}\n    profiles: [x]\n  db:\n    image: pg\n";
    let file = ("/w/app/.devcontainer/docker-compose.yml", compose);
    let config =
        |service: &str| format!(r#"{{"dockerComposeFile": "docker-compose.yml", "service": "{service}"}}"#);
    let of = |service: &str| listed(&resolved(&[(FILE, &config(service)), file], &[]));
    assert_eq!(of("app"), "app: /w/app /w/app/.devcontainer/D A=1\n");
    assert_eq!(of("db"), "");
    assert_eq!(of("no"), "the Compose files have no service `no`\n");
    // A list of none means the usual file in the folder that the container is for.
    let none = r#"{"dockerComposeFile": [], "service": "app"}"#;
    let above = ("/w/app/docker-compose.yml", compose);
    assert_eq!(listed(&resolved(&[(FILE, none), above], &[])), "app: /w /w/.devcontainer/D A=1\n");
    let missing = resolved(&[(FILE, none)], &[]);
    assert_eq!(listed(&missing), "there is no file `docker-compose.yml`\n");
    assert!(missing.problems[0].place.is_some());
    let missing = resolved(&[(FILE, &config("app"))], &[]);
    assert!(listed(&missing).starts_with("there is no file"));
    let kind = resolved(&[(FILE, &config("app")), file], &[]).targets[0].kind;
    assert_eq!(kind, Kind::Devcontainer);
}

#[test]
fn other_configurations_and_faults() {
    for (text, expected) in [
        (r#"{"image": "x", "build": {"args": {"A": "1"}}}"#, ""),
        (
            r#"{"image": "x", "build": {"dockerfile": "D"}}"#,
            "devcontainer: /w/app/.devcontainer /w/app/.devcontainer/D\n",
        ),
        ("{}", "one of `image`, `build.dockerfile` or `dockerComposeFile` is needed\n"),
        (
            "{'build': {'dockerfile': 'D'}}",
            "one of `image`, `build.dockerfile` or `dockerComposeFile` is needed\n",
        ),
        ("[]", "a devcontainer.json holds an object\n"),
        ("", "a devcontainer.json holds an object\n"),
        (r#"{"build": "x"}"#, "`build` must be an object\n"),
        (r#"{"build": {"dockerfile": ""}}"#, "`dockerfile` is empty, and names no file\n"),
        (r#"{"build": {"dockerfile": null}}"#, "`dockerfile` must be a string\n"),
        (r#"{"build": {"dockerfile": "${localEnv}"}}"#, "`${localEnv:…}` needs the name of a variable\n"),
    ] {
        assert_eq!(listed(&resolved(&[(FILE, text)], &[])), expected, "{text}");
    }
    assert!(resolved(&[], &[]).problems.is_empty());
    let other = resolved(&[("/w/app/.devcontainer.json", r#"{"dockerFile": "D"}"#)], &[]);
    assert_eq!(listed(&other), "devcontainer: /w/app /w/app/D\n");
}

#[test]
fn what_is_not_read_is_noted() {
    let text = "{\"dockerfile\": \"D\", \"build\": {\"dockerFile\": \"D\", \"arg\": {},}, \"image\": \"x\", \"remoteUser\": \"u\"}";
    let resolution = resolved(&[(FILE, text)], &[]);
    let keys: Vec<_> = resolution
        .warnings
        .iter()
        .map(|warning| match &warning.kind {
            WarningKind::UnknownKey { key, similar } => (key.as_str(), *similar),
            _ => panic!(),
        })
        .collect();
    assert_eq!(
        keys,
        [("dockerfile", Some("dockerFile")), ("dockerFile", Some("dockerfile")), ("arg", Some("args"))]
    );
    // What is there already is not what was meant: the last of two equal keys would win.
    for (text, similar) in [
        (r#"{"build": {"dockerfile": "D", "dockerFile": "E"}}"#, None),
        (r#"{"build": {"dockerfile": "D", "arg": {}, "argss": {}}}"#, Some("args")),
        (r#"{"dockerFile": "D", "dockerfile": "E"}"#, None),
    ] {
        let warnings = resolved(&[(FILE, text)], &[]).warnings;
        let found = warnings.iter().filter_map(|warning| match &warning.kind {
            WarningKind::UnknownKey { similar, .. } => *similar,
            _ => None,
        });
        assert_eq!(found.collect::<Vec<_>>(), similar.into_iter().collect::<Vec<_>>(), "{text}");
        assert!(!warnings.is_empty());
    }
    let resolution = resolved(&[(FILE, "{\"image\": 'x', \"image\" \"y\"}")], &[]);
    assert!(resolution.warnings.iter().any(|w| matches!(&w.kind, WarningKind::PassedOver { .. })));
}
