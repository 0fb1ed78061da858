//! What is said of scripts, by recorded answers.

#[cfg(unix)]
mod program;
pub(crate) mod recorded;

use super::answer::Level;
use super::job::jobs;
use super::program::Version;
use crate::diag::{Finding, Label};
use crate::semantic::Model;
use crate::syntax::parse;
use crate::text::{Source, apply};

/// What the program reads of each script, head and all.
fn inputs(text: &str) -> Vec<String> {
    let file = parse(Source::from_text("Dockerfile", text));
    let model = Model::new(file.clone());
    jobs(&model).iter().map(|job| job.input(Version(0, 10, 0)).text).collect()
}

/// The dialect of each script that is checked.
fn dialects(text: &str) -> Vec<String> {
    let shell = |text: &String| text.lines().nth(1).unwrap().rsplit('=').next().unwrap().to_owned();
    inputs(text).iter().map(shell).collect()
}

/// What is found: code, text, severity, fix.
fn found(text: &str) -> Vec<String> {
    let file = parse(Source::from_text("Dockerfile", text));
    let said = recorded::checker().check(&Model::new(file.clone()), Level::Style);
    assert!(said.complete, "{:?}: with ShellCheck, DLINT_BLESS=1 records what is new", said.failed);
    recorded::record();
    let shown = |f: &Finding| {
        let fix = f.fix.as_ref().map(|fix| {
            let fixed = apply(text.as_bytes(), &fix.edits).unwrap();
            let from = fix.edits[0].span.start as usize;
            let line = String::from_utf8_lossy(&fixed[from..]).lines().next().unwrap().to_owned();
            format!(" -> {} [{line}]", fix.title)
        });
        let code = f.rule.strip_prefix("shellcheck:").unwrap();
        let label = |l: &Label| format!(" + «{}» {}", l.span.text(text), l.text);
        let labels: String = f.labels.iter().map(label).collect();
        format!("{code} {} «{}»{}{labels}", f.severity, f.span.text(text), fix.unwrap_or_default())
    };
    said.findings.iter().map(shown).collect()
}

#[test]
fn scripts_are_read_as_the_shell_gets_them() {
    let text = "FROM debian:12\nARG b a\nENV c=1 IFS=x my.var=1\nRUN --mount=type=secret,id=s,env=SECRET x $y \\\n  # why\n  && z\n\
        CMD echo $runtime ${#more}\nHEALTHCHECK CMD exit 0\nSHELL [\"/bin/bash\", \"-ec\"]\nONBUILD RUN $x\n";
    let head = |options: &str, shell: &str| format!("#!/bin/sh{options}\n# shellcheck shell={shell}\n");
    let exports = |names: &str| {
        let mut all: Vec<&str> =
            crate::knowledge::PROXY_VARIABLES.iter().copied().chain(names.split(' ')).collect();
        all.sort_unstable();
        format!("export {}=1\n", all.join("=1 "))
    };
    assert_eq!(
        inputs(text),
        [
            head("", "dash") + &exports("SECRET a b c") + "x $y   && z",
            head("", "dash") + &exports("a b c more runtime") + "echo $runtime ${#more}",
            head("", "dash") + "exit 0",
            head(" -e", "bash") + &exports("c") + "$x",
        ]
    );
}

#[test]
fn here_documents_keep_their_own_first_line() {
    let text = "FROM alpine\nRUN <<E\n#!/bin/bash -e\n# shellcheck disable=SC2086\necho $x\nE\n";
    let input = &inputs(text)[0];
    assert!(
        input.starts_with("#!/bin/bash -e\n# shellcheck shell=bash\n# shellcheck disable=SC2086\nexport "),
        "{input}"
    );
    assert!(input.ends_with("=1\n##/bin/bash -e\n# shellcheck disable=SC2086\necho $x\n"), "{input}");
}

#[test]
fn the_dialect_is_what_reads_the_script() {
    for (text, want) in [
        ("FROM debian:12\nRUN x\n", "dash"),
        ("FROM alpine:3\nRUN x\n", "busybox"),
        ("FROM busybox\nRUN x\n", "busybox"),
        ("FROM fedora\nRUN x\n", "bash"),
        ("FROM example.com/own\nRUN x\n", "sh"),
        ("FROM scratch\nRUN x\n", "sh"),
        ("FROM alpine AS a\nFROM a\nRUN x\n", "busybox"),
        ("FROM alpine\nSHELL [\"/bin/bash\", \"-c\"]\nRUN x\n", "bash"),
        ("FROM alpine\nSHELL [\"/busybox/sh\", \"-c\"]\nRUN x\n", "busybox"),
        ("FROM alpine\nRUN <<E\n#!/usr/bin/env -S dash -e\nx\nE\n", "dash"),
        ("FROM alpine\n# shellcheck shell=ksh\nRUN x\n", "ksh"),
        ("FROM alpine\n# hadolint shell=bash\nRUN x\n", "bash"),
        ("FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-c\"]\nFROM a\nRUN x\n", "bash"),
        ("FROM alpine\nRUN [\"bash\", \"-o\", \"-c\", \"x\"]\n", "bash"),
        ("FROM alpine\nENTRYPOINT [\"/bin/sh\", \"-c\", \"x\"]\n", "busybox"),
        ("FROM debian:12\nRUN x\nSHELL [\"pwsh\", \"-c\"]\nRUN x\n", "dash"),
    ] {
        assert_eq!(dialects(text), [want], "{text}");
    }
    for text in [
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN x\n",
        "# escape=`\nFROM $BASE\nRUN x\n",
        "FROM example.com/own\n# hadolint shell=pwsh\nRUN x\n",
        "FROM debian:12\nSHELL [\"/usr/bin/zsh\", \"-c\"]\nRUN x\n",
        "FROM debian:12\nRUN <<E\n#!/usr/bin/env python3\nx\nE\n",
        "FROM debian:12\nRUN [\"echo\", \"x\"]\nCMD [\"sh\", \"-c\"]\nENTRYPOINT ['x']\n",
        "FROM debian:12\nCMD [\"sh\", \"-c\", \"echo \\\"x\\\"\"]\n",
        "FROM debian:12\nRUN\nCOPY a b\nENV a=$b\nHEALTHCHECK NONE\n",
    ] {
        assert_eq!(dialects(text), [""; 0], "{text}");
    }
}

#[test]
fn findings_are_at_the_exact_characters() {
    let text = "FROM debian:12\n\
        RUN echo $a \\\n    # $no\n    && echo \"\u{e4}\t\" $b && rm $\\\nc\n\
        RUN <<E\necho $d\nE\n\
        ONBUILD RUN echo \\\n  $e\n\
        RUN cat <<E > f && echo $g\n$h\nE\n\
        RUN [\"sh\", \"-c\", \"echo $i\"]\n";
    let quote =
        |name: &str, rest: &str| format!("SC2086 info «${name}» -> write `\"${name}\"` [\"${name}\"{rest}]");
    let unset = |name: &str| format!("SC2154 warning «${name}»");
    assert_eq!(
        found(text),
        [
            unset("a"),
            quote("a", " \\"),
            unset("b"),
            quote("b", " && rm $\\"),
            "SC2154 warning «$\\\nc»".to_owned(),
            "SC2086 info «$\\\nc» -> write `\"$c\"` [\"$\\]".to_owned(),
            unset("d"),
            quote("d", ""),
            unset("e"),
            quote("e", ""),
            unset("g"),
            quote("g", ""),
            unset("h"),
            unset("i"),
            // What would have to be escaped is no fix.
            "SC2086 info «$i»".to_owned(),
        ]
    );
}

#[test]
fn variables_of_the_dockerfile_are_set() {
    assert_eq!(found("FROM debian:12\nARG a\nENV b=1\nRUN echo \"$a$b$http_proxy\"\n"), [""; 0]);
    assert_eq!(found("ARG a=1\nFROM debian:12\nRUN echo \"$a\"\n"), ["SC2154 warning «$a»"]);
    assert_eq!(found("FROM debian:12\nENTRYPOINT exec \"$a\" $b\n"), [""; 0]);
    for unseen in [". /etc/os-release", "eval \"$(x)\"", "export \"$(x)\""] {
        let text = format!("FROM debian:12\nRUN {unseen}; echo \"$a\"\n");
        assert_eq!(found(&text), [""; 0], "{text}");
    }
    // Those of the stage's end, but for arguments.
    let text = "FROM debian:12\nARG a\nONBUILD RUN echo \"$a\" \"$b\"\nENV b=1\n";
    assert_eq!(found(text), ["SC2154 warning «$a»"]);
}

#[test]
fn what_the_joining_of_lines_makes_is_no_finding() {
    assert_eq!(found("FROM debian:12\nRUN echo a \\\n     b\n"), [""; 0]);
    assert_eq!(found("FROM debian:12\nRUN echo a    b\n"), ["SC2291 info «echo a    b»"]);
}

#[test]
fn a_script_that_stops_at_errors_needs_no_exit() {
    assert_eq!(found("FROM debian:12\nSHELL [\"/bin/sh\", \"-ec\"]\nRUN cd x; y\n"), [""; 0]);
    assert_eq!(
        found("FROM debian:12\nRUN cd x; y\n"),
        ["SC2164 warning «cd x» -> write `cd x || exit` [ || exit; y]"]
    );
}

#[test]
fn a_fault_of_syntax_has_a_place() {
    assert_eq!(
        found("FROM debian:12\nRUN if x; then y\n"),
        [
            "SC1046 error «i»",
            "SC1047 error «»",
            "SC1072 error «» + «i» Couldn't parse this if expression. Fix to allow more checks"
        ]
    );
}

#[test]
fn the_shebang_of_a_here_document_is_checked() {
    let text = "FROM debian:12\nRUN <<E\n#!/usr/bin/env bash -e\nx\nE\n";
    assert_eq!(found(text), ["SC2096 error «#!/usr/bin/env bash -e»"]);
}

#[test]
fn suppressing_comments_of_a_here_document_count_for_all_of_it() {
    assert_eq!(
        found("FROM debian:12\nRUN <<E\n# shellcheck disable=SC2086,SC2154\necho $a\necho $b\nE\n"),
        [""; 0]
    );
}

#[test]
fn a_list_of_packages_is_meant_to_split() {
    let text = "FROM debian:12\nRUN d='a b'; apt-get install -y $d && apt-mark manual $d\n";
    assert_eq!(found(text), [""; 0]);
    let text = "FROM debian:12\nRUN v=$(x); pip install a==$v; rm $v\n";
    let quote = |rest: &str| format!("SC2086 info «$v» -> write `\"$v\"` [\"$v\"{rest}]");
    assert_eq!(found(text), [quote("; rm $v"), quote("")]);
}

#[test]
fn carriage_returns_are_said_once() {
    let text = "FROM debian:12\nRUN <<E\necho a\r\necho b\r\nE\n";
    assert_eq!(found(text), ["SC1017 error «»"]);
}

#[test]
fn levels_can_be_left_out() {
    let file = parse(Source::from_text("Dockerfile", "FROM debian:12\nRUN echo $a\n"));
    let model = Model::new(file.clone());
    let count = |least| recorded::checker().check(&model, least).findings.len();
    assert_eq!(Level::ALL.map(count), [2, 2, 1, 0]);
    recorded::record();
}
