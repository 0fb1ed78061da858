//! What is known of images and stages that could be written: repositories and tags, users, ports, shells.

use std::collections::BTreeSet;

use crate::diag::format_bytes;
use crate::knowledge::{Family, base_figures, deprecation, image_facts, image_names, listed_images, suites};
use crate::semantic::{Base, Model, Stage, facts};
use crate::syntax::{Kind, Value};

/// Something that is known, and a few words on it.
type Known = (String, String);

/// The architecture whose figures are shown.
const ARCHITECTURE: &str = "amd64";

/// The repositories of images; with a name and `:` behind it, that with its tags.
pub(super) fn images(written: &str) -> Vec<Known> {
    if let Some((name, _)) = written.split_once(':') {
        return tags(name);
    }
    let names: BTreeSet<&str> = image_names().chain(listed_images()).collect();
    let current = names.into_iter().filter(|name| deprecation(name).is_none());
    current.map(|name| (name.to_owned(), String::new())).collect()
}

fn tags(name: &str) -> Vec<Known> {
    let plain = name.strip_prefix("docker.io/").unwrap_or(name);
    let plain = plain.strip_prefix("library/").unwrap_or(plain);
    let mut found: Vec<Known> = Vec::new();
    for figure in base_figures(plain).into_iter().rev() {
        let tag = format!("{name}:{}", figure.tag);
        let is_sent = figure.compressed && figure.arch == ARCHITECTURE;
        let detail = || format!("{} to pull, {}", format_bytes(figure.bytes), figure.date);
        match found.iter_mut().find(|(known, _)| *known == tag) {
            Some((_, known)) if is_sent => *known = detail(),
            Some(_) => {}
            None => found.push((tag, if is_sent { detail() } else { String::new() })),
        }
    }
    let releases = suites().iter().rev().filter(|suite| suite.archived.is_none());
    let releases = releases.flat_map(|suite| suite.images.iter().map(|image| (*image, suite.label)));
    let releases =
        releases.filter_map(|(image, label)| Some((image.strip_prefix(plain)?.strip_prefix(':')?, label)));
    let example = image_facts(plain).and_then(|facts| facts.tag).map(|tag| (tag, ""));
    for (tag, label) in releases.chain(example) {
        let tag = format!("{name}:{tag}");
        if !found.iter().any(|(known, _)| *known == tag) {
            found.push((tag, label.to_owned()));
        }
    }
    found
}

/// The stage that the instruction of a number is in, or would be.
fn stage(model: &Model, step: usize) -> Option<&Stage> {
    model.stages.iter().rev().find(|stage| stage.steps.start < step)
}

/// The users that the image has at a step: those of its base, and those that commands make.
pub(super) fn users(model: &Model, step: usize) -> Vec<Known> {
    let Some(stage) = stage(model, step) else { return Vec::new() };
    let mut users: Vec<Known> = Vec::new();
    let mut add = |name: &str, detail: String| {
        if !name.is_empty() && !users.iter().any(|(known, _)| known == name) {
            users.push((name.to_owned(), detail));
        }
    };
    for program in ["useradd", "adduser"] {
        let made = model
            .commands_named(program)
            .filter(|cmd| cmd.step() < step && model.inherits_step(stage, cmd.step()));
        for cmd in made {
            let name = cmd.args().last().and_then(|word| word.as_str());
            let line = model.instruction(cmd.step()).lines.0;
            name.into_iter().for_each(|name| add(name, format!("made in line {line}")));
        }
    }
    if let Base::Image(image) = model.root_base(stage)
        && let Some(facts) = facts(image)
    {
        let own = facts.users.iter().chain(&facts.user);
        own.for_each(|name| add(name, format!("a user of {}", image.path)));
    }
    if let Some(user) = model.base_config(stage).and_then(|config| config.user.as_deref()) {
        add(user, "the user of the base image, by dlint.lock".to_owned());
    }
    add("root", String::new());
    users
}

/// The signals that programs end at.
pub(super) fn signals() -> Vec<Known> {
    [
        ("SIGTERM", "what `docker stop` sends by itself"),
        ("SIGINT", "as Ctrl-C at a terminal"),
        ("SIGQUIT", "nginx and PHP-FPM finish their requests"),
        ("SIGHUP", "the terminal was closed"),
        ("SIGUSR1", ""),
        ("SIGUSR2", ""),
        ("SIGWINCH", "Apache finishes its requests"),
        ("SIGRTMIN+3", "systemd halts"),
        ("SIGKILL", "ends a program at once"),
    ]
    .map(|(name, detail)| (name.to_owned(), detail.to_owned()))
    .into()
}

/// The ports that variables of a stage name; behind a port and `/`, its protocols.
pub(super) fn ports(model: &Model, step: usize, word: &str) -> Vec<Known> {
    if let Some((port, _)) = word.split_once('/') {
        return ["tcp", "udp", "sctp"].map(|protocol| (format!("{port}/{protocol}"), String::new())).into();
    }
    let Some(stage) = stage(model, step) else { return Vec::new() };
    let mut ports: Vec<Known> = Vec::new();
    for own in model.lineage(stage) {
        let above = model.instructions_of(own).filter(|(number, _)| *number < step);
        for (number, instruction) in above {
            let Kind::Env(pairs) = &instruction.kind else { continue };
            for pair in pairs {
                let name = &*pair.key.text;
                let value = pair.value.as_ref().map(|value| model.value(number, value));
                if let (true, Some(Value::Known(port))) = (name.to_ascii_uppercase().ends_with("PORT"), value)
                    && port.parse::<u16>().is_ok()
                    && !ports.iter().any(|(known, _)| *known == *port)
                {
                    ports.push((port.to_string(), format!("{name}, line {}", instruction.lines.0)));
                }
            }
        }
    }
    ports
}

/// The shells that an image of the family of a stage has.
pub(super) fn shells(model: &Model, step: usize) -> Vec<Known> {
    let family = stage(model, step).map_or(Family::Unknown, |stage| model.family(stage));
    let known: &[(&str, &str)] = match family {
        Family::Windows => &[
            (r#"["powershell", "-Command"]"#, "Windows PowerShell"),
            (r#"["pwsh", "-Command"]"#, "PowerShell"),
            (r#"["cmd", "/S", "/C"]"#, "what Windows images start with"),
        ],
        Family::Alpine => &[
            (r#"["/bin/ash", "-eo", "pipefail", "-c"]"#, "a pipe fails where one of its commands does"),
            (r#"["/bin/sh", "-c"]"#, "what images start with"),
        ],
        Family::Bare => &[],
        _ => &[
            (r#"["/bin/bash", "-o", "pipefail", "-c"]"#, "a pipe fails where one of its commands does"),
            (r#"["/bin/sh", "-c"]"#, "what images start with"),
        ],
    };
    known.iter().map(|(shell, detail)| ((*shell).to_owned(), (*detail).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    fn names(known: Vec<Known>) -> Vec<String> {
        known.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn images_and_their_tags_are_those_of_the_tables() {
        let all = names(images(""));
        assert!(all.iter().any(|name| name == "debian") && all.iter().any(|name| name == "nginx"));
        assert!(!all.iter().any(|name| name == "centos"), "it is not maintained");
        let known = images("debian:b");
        let (_, detail) = known.iter().find(|(tag, _)| tag == "debian:bookworm-slim").unwrap();
        assert!(detail.contains(" to pull, 20"), "{detail}");
        assert!(
            names(images("docker.io/library/alpine:"))
                .iter()
                .all(|tag| tag.starts_with("docker.io/library/alpine:"))
        );
        assert!(images("example.org/own:").is_empty());
    }

    #[test]
    fn users_ports_and_shells_are_those_of_the_stage() {
        let read = read(
            "FROM node:22 AS base\nENV PORT=8080 REPORT=x\nRUN useradd --system app\nFROM base\nENV METRICS_PORT=9090\nUSER x\n\
            FROM alpine:3.22\nRUN x\n",
        );
        let model = read.model();
        assert_eq!(names(users(model, 5)), ["app", "node", "root"]);
        assert_eq!(names(users(model, 1)), ["node", "root"]);
        assert_eq!(names(users(model, 0)), [""; 0]);
        assert_eq!(names(ports(model, 5, "")), ["9090", "8080"]);
        assert!(names(shells(model, 5))[0].contains("bash"));
        assert!(names(shells(model, 8))[0].contains("ash\", \"-eo"));
    }
}
