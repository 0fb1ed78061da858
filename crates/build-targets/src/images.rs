//! Names of the images that builds make, as far as they are written.
//!
//! A name has no tag here, and `*` stands for what is not known of it.

use std::collections::{BTreeSet, HashMap};

/// How deep variables may stand in the values of others.
const MAX_DEPTH: usize = 4;

/// How many variables of a name are replaced, and how long it may get.
const MAX_PARTS: usize = 64;
const MAX_LENGTH: usize = 512;

/// How many letters of the last part of a name must be known.
const LEAST_KNOWN: usize = 3;

/// How many names of one file are kept.
const MAX_NAMES: usize = 1000;

/// The text that a variable stands for, if that is known.
pub(crate) type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The names that a text may mean: with what is known of its variables, and with their defaults.
pub(crate) fn names(written: &str, variables: &Variables<'_>) -> BTreeSet<String> {
    let read = |defaults: bool| {
        let mut reader = Reader { variables, name: String::new(), parts: 0 };
        reader.add(written.trim(), defaults, 0)?;
        without_tag(&reader.name)
    };
    [false, true].into_iter().filter_map(read).collect()
}

/// The names that the build commands of a script or Makefile give with `-t`.
pub(crate) fn names_in_script(script: &str, variables: &Variables<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !["build", "bud", "executor"].iter().any(|word| script.contains(word)) {
        return found;
    }
    let own = assignments(script);
    let lookup = |name: &str| match own.get(name) {
        Some(value) => value.clone(),
        None => variables(name),
    };
    for words in lines(script).iter().map(|line| words(line)) {
        for tag in tags(&words) {
            if found.len() < MAX_NAMES {
                found.extend(names(tag, &lookup));
            }
        }
    }
    found
}

/// The name without tag and digest; `None` if so little is known of it that it may be any.
fn without_tag(text: &str) -> Option<String> {
    let text = text.split('@').next()?;
    let last = text.rsplit('/').next()?;
    let name = match last.find(':') {
        Some(at) => &text[..text.len() - last.len() + at],
        None => text,
    };
    let last = name.rsplit('/').next()?;
    let mut parts = last.split(|c: char| !c.is_ascii_alphanumeric());
    (!last.contains('*') || parts.any(|part| part.len() >= LEAST_KNOWN))
        .then(|| name.to_owned())
        .filter(|_| !last.is_empty())
}

struct Reader<'a> {
    variables: &'a Variables<'a>,
    name: String,
    parts: usize,
}

impl Reader<'_> {
    /// Adds what a text comes to; `None` for what is no name.
    fn add(&mut self, mut text: &str, defaults: bool, depth: usize) -> Option<()> {
        while let Some(c) = text.chars().next() {
            if self.name.len() > MAX_LENGTH {
                return None;
            }
            let mut length = 1;
            match c {
                '"' | '\'' => {}
                '$' => {
                    let reference = Reference::at(text)?;
                    length = reference.length;
                    self.parts += 1;
                    let value = reference.name.and_then(self.variables);
                    match value.as_deref().or(reference.default.filter(|_| defaults || depth > 0)) {
                        Some(value) if depth < MAX_DEPTH && self.parts < MAX_PARTS => {
                            self.add(value, defaults, depth + 1)?;
                        }
                        _ if self.name.ends_with('*') => {}
                        _ => self.name.push('*'),
                    }
                }
                c if c.is_ascii_alphanumeric() || "._-/:@".contains(c) => {
                    self.name.push(c.to_ascii_lowercase());
                }
                _ => return None,
            }
            text = &text[length..];
        }
        Some(())
    }
}

/// A variable or a command in a text.
struct Reference<'t> {
    length: usize,
    /// What it is called, if it is a variable: `env.NAME` for one of an expression.
    name: Option<&'t str>,
    default: Option<&'t str>,
}

impl<'t> Reference<'t> {
    /// The one that a text begins with.
    fn at(text: &'t str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("${{") {
            let inside = &rest[..rest.find("}}")?];
            return Some(Self { length: inside.len() + 5, name: Some(inside.trim()), default: None });
        }
        let rest = text.strip_prefix('$')?;
        match rest.as_bytes().first()? {
            // make passes one of these on to the shell.
            b'$' => {
                let after = &rest[1..];
                let variable = match after.as_bytes().first() {
                    Some(b'{' | b'(') => closing(after)? + 1,
                    _ => name_length(after),
                };
                Some(Self { length: 2 + variable, name: None, default: None })
            }
            b'{' | b'(' => {
                let end = closing(rest)?;
                let inside = &rest[1..end];
                let name = &inside[..name_length(inside)];
                let after = &inside[name.len()..];
                let default = [":-", ":=", "-", "="].iter().find_map(|mark| after.strip_prefix(mark));
                let is_variable = after.is_empty() || default.is_some();
                Some(Self { length: end + 2, name: Some(name).filter(|_| is_variable), default })
            }
            _ => {
                let length = name_length(rest);
                (length > 0).then(|| Self { length: length + 1, name: Some(&rest[..length]), default: None })
            }
        }
    }
}

/// Where the bracket closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'(' => open += 1,
            b'}' | b')' => open = open.saturating_sub(1),
            b'\n' => return None,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// The variables that a script or Makefile sets; `None` for one that it sets several times.
fn assignments(script: &str) -> HashMap<&str, Option<String>> {
    let mut found = HashMap::new();
    for line in script.lines() {
        let line = line.trim();
        let line =
            ["export ", "local ", "readonly "].iter().find_map(|w| line.strip_prefix(w)).unwrap_or(line);
        let (name, rest) = line.split_at(name_length(line));
        let rest = rest.trim_start();
        let value = [":=", "::=", "?=", "="].iter().find_map(|mark| rest.strip_prefix(mark));
        let Some(value) = value.filter(|value| !name.is_empty() && !value.starts_with('=')) else { continue };
        let value = value.trim().trim_end_matches(';');
        let value = value.split(" #").next().unwrap_or(value).trim_end();
        // `NAME=${NAME:-value}`
        let itself = Reference::at(value.trim_matches('"')).filter(|of| of.name == Some(name));
        let value = itself.and_then(|of| of.default).unwrap_or(value);
        let entry = found.entry(name).or_insert_with(|| Some(value.to_owned()));
        if entry.as_deref() != Some(value) {
            *entry = None;
        }
    }
    found
}

/// The lines of a script, those that go on in the next as one.
fn lines(script: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in script.lines() {
        let line = line.trim_end();
        let (text, more) = line.strip_suffix('\\').map_or((line, false), |text| (text, true));
        match lines.last_mut() {
            Some(last) if goes_on => {
                last.push(' ');
                last.push_str(text);
            }
            _ => lines.push(text.to_owned()),
        }
        goes_on = more;
    }
    lines
}

/// The words of a line. What is in quotes or brackets is not cut.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start) = (Vec::new(), None);
    let (mut quote, mut open) = (None, 0_usize);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' | b'\'' if quote == Some(byte) => quote = None,
            b'"' | b'\'' if quote.is_none() => quote = Some(byte),
            b'{' | b'(' if quote != Some(b'\'') && (open > 0 || line[..at].ends_with('$')) => open += 1,
            b'}' | b')' if quote != Some(b'\'') => open = open.saturating_sub(1),
            _ => {}
        }
        let ends = quote.is_none() && open == 0 && (byte.is_ascii_whitespace() || byte == b';');
        match start {
            Some(from) if ends => {
                words.push(&line[from..at]);
                start = None;
            }
            None if !ends => start = Some(at),
            _ => {}
        }
        if ends && byte == b';' {
            words.push(";");
        }
    }
    words.extend(start.map(|from| &line[from..]));
    words
}

/// What the build commands among these words tag their images as.
fn tags<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut tags = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let Some(after) = build_command(&words[at..]) else {
            at += 1;
            continue;
        };
        at += after;
        while let Some(word) = words.get(at).filter(|word| !matches!(**word, "&&" | "||" | "|" | ";")) {
            let flags = ["--tag", "-t", "--destination", "-d"];
            let joined = ["--tag=", "--destination=", "-t"].iter().find_map(|flag| word.strip_prefix(flag));
            if flags.contains(word) {
                tags.extend(words.get(at + 1).copied());
                at += 1;
            } else if let Some(tag) = joined.filter(|tag| !tag.is_empty()) {
                tags.push(tag);
            }
            at += 1;
        }
    }
    tags
}

/// How many words begin a command that builds an image, if these do.
fn build_command(words: &[&str]) -> Option<usize> {
    let program = words.first()?.to_ascii_lowercase();
    // It may be a variable: `$(DOCKER)`.
    let is_builder = ["docker", "podman", "buildah", "nerdctl", "container"];
    if program.ends_with("kaniko/executor") {
        return Some(1);
    }
    if program.contains('=') || !is_builder.iter().any(|name| program.contains(name)) {
        return None;
    }
    match words.get(1..)? {
        ["build" | "bud", ..] => Some(2),
        ["buildx" | "image" | "builder", "build", ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Vec<String> {
        let variables = |name: &str| match name {
            "env.ORG" => Some("acme".to_owned()),
            "LOOP" => Some("$LOOP$LOOP".to_owned()),
            _ => None,
        };
        names(written, &variables).into_iter().collect()
    }

    #[test]
    fn what_is_not_known_of_a_name_is_a_star() {
        for (written, expected) in [
            ("acme/base:1.2", &["acme/base"][..]),
            ("localhost:5000/Acme/Base", &["localhost:5000/acme/base"]),
            ("\"${REGISTRY}/app-base:$TAG\"", &["*/app-base"]),
            ("${REGISTRY:-acme}/app", &["*/app", "acme/app"]),
            ("${DIST-ubuntu}-${TAG:-latest}-base", &["*-*-base", "ubuntu-latest-base"]),
            ("${{ env.ORG }}/base:${{ github.sha }}", &["acme/base"]),
            ("$(REPO)/base:$(shell git describe)", &["*/base"]),
            ("app@sha256:00", &["app"]),
            ("$IMAGE", &[]),
            ("acme/$NAME:1", &[]),
            ("acme/x$NAME", &[]),
            ("${{ steps.meta.outputs.tags }}", &[]),
            ("type=ref,event=pr", &[]),
            ("$LOOP-base", &["*-base"]),
            ("${open", &[]),
            ("a b", &[]),
            ("$$NAME-base", &["*-base"]),
            ("$${NAME}-base$$", &["*-base*"]),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }

    #[test]
    fn scripts_tell_what_they_tag() {
        for (script, expected) in [
            ("docker build -t acme/base .", &["acme/base"][..]),
            (
                "  sudo docker buildx build --push \\\n  --tag \"$R/base:$(git rev-parse HEAD)\" \\\n  .\n",
                &["*/base"],
            ),
            (
                "REPO ?= acme\nall:\n\t@$(DOCKER) build --tag=$(REPO)/base:$(V) base && echo -t no\n",
                &["acme/base"],
            ),
            ("IMAGE=${IMAGE:-acme/base}\npodman build -t $IMAGE:dev .", &["acme/base"]),
            ("A=one\nA=two\ndocker build -t $A-base .", &["*-base"]),
            ("for d in a b; do docker build -t acme/$d $d; done", &[]),
            ("/kaniko/executor --context . --destination $CI_REGISTRY_IMAGE/base:1", &["*/base"]),
            ("docker run -t acme/base build", &[]),
            ("go build -t acme/base", &[]),
            ("docker tag a b", &[]),
        ] {
            let found: Vec<String> = names_in_script(script, &|_| None).into_iter().collect();
            assert_eq!(found, expected, "{script}");
        }
    }
}
