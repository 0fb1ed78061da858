//! A service, and what it says of its build.

use std::sync::Arc;

use super::load::Variables;
use super::value::{Map, Scalar, Value};
use crate::source::{Place, Sources};
use crate::target::{Mounted, Text};
use crate::yaml::place_within;

/// A service of a project.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub place: Place,
    /// All that it has.
    pub definition: Arc<Map>,
}

/// The `build` of a service, after all merges.
#[derive(Debug, Clone)]
pub struct Build {
    /// Where it is written.
    pub place: Place,
    /// The context, `.` if nothing is written; relative to the folder in [`Scalar::base`].
    pub context: Option<Scalar>,
    /// `dockerfile`.
    pub dockerfile: Option<Scalar>,
    /// `dockerfile_inline`.
    pub inline: Option<Scalar>,
    /// `target`.
    pub stage: Option<Scalar>,
    /// `args`.
    pub arguments: Vec<Setting>,
    /// `additional_contexts`.
    pub contexts: Vec<Setting>,
    /// `platforms`.
    pub platforms: Vec<Scalar>,
    /// `tags`.
    pub tags: Vec<Scalar>,
    /// All of it: `x-bake` and what else is not above.
    pub definition: Arc<Map>,
}

/// `NAME=value`, or a name with a value in a map.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The name.
    pub name: Text,
    /// The value; `None` if there is only a name, whose variable counts then.
    pub value: Option<SettingValue>,
}

/// The value of a setting.
#[derive(Debug, Clone)]
pub struct SettingValue {
    /// The value as a text.
    pub text: Text,
    /// The scalar that it is, unless it is a part of `NAME=value`.
    pub scalar: Option<Scalar>,
    /// The folder that it starts at, if it is a path.
    pub base: Option<Arc<std::path::Path>>,
}

/// More words of a command are not looked at.
const MAX_WORDS: usize = 100;

impl Service {
    /// The image that it runs, and that its build is tagged as.
    #[must_use]
    pub fn image(&self) -> Option<Text> {
        text(&self.definition, "image")
            .filter(|image| image.value.as_ref().is_some_and(|value| !value.is_empty()))
    }

    /// The platform that it runs on.
    #[must_use]
    pub fn platform(&self) -> Option<Text> {
        text(&self.definition, "platform")
            .filter(|platform| platform.value.as_ref().is_some_and(|value| !value.is_empty()))
    }

    /// Who its containers run as.
    #[must_use]
    pub fn user(&self) -> Option<Text> {
        text(&self.definition, "user").filter(|user| user.value.as_deref() != Some(""))
    }

    /// Whether its definition has a `user` in a comment.
    #[must_use]
    pub fn has_user_in_comment(&self, sources: &Sources) -> bool {
        let text = &sources.file(self.place.file).text;
        let Some(rest) = text.get(self.place.span().start..) else { return false };
        let before = text.get(..self.place.span().start).unwrap_or_default();
        let indent = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
        let deep = |line: &&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
        let mut lines = rest.lines().skip(1).take_while(deep);
        lines.any(|line| {
            let comment = line.trim_start().strip_prefix('#');
            comment.is_some_and(|comment| comment.trim_start().starts_with("user:"))
        })
    }

    /// What of the machine its containers see in place of the image's files; `context` is the folder of its build, as
    /// written.
    #[must_use]
    pub fn mounted(&self, context: Option<&str>) -> Mounted {
        let plain = |path: &str| {
            let path = path.trim_end_matches('/');
            path.strip_prefix("./").unwrap_or(path).to_owned()
        };
        let context = plain(context.filter(|text| !text.is_empty()).unwrap_or("."));
        let mut mounted = Mounted::Nothing;
        for volume in self.definition.get("volumes").and_then(Value::list).unwrap_or_default() {
            let source = match volume.map() {
                Some(map) if map.get("type").and_then(Value::text) == Some("bind") => {
                    map.get("source").and_then(Value::text)
                }
                Some(_) => continue,
                None => volume.text().and_then(|text| text.split_once(':')).map(|(source, _)| source),
            };
            let Some(source) = source.filter(|source| source.starts_with(['.', '/', '~', '$'])) else {
                continue;
            };
            if plain(source) == context {
                return Mounted::Project;
            }
            mounted = Mounted::Some;
        }
        mounted
    }

    /// Whether something is mounted that only root may open in most images: in root's home, or the socket of an engine.
    #[must_use]
    pub fn mounts_for_root(&self) -> bool {
        let volumes = self.definition.get("volumes").and_then(Value::list).unwrap_or_default();
        let mut targets = volumes.iter().filter_map(|volume| match volume.map() {
            Some(map) => map.get("target").and_then(Value::text),
            None => volume.text()?.split(':').nth(1),
        });
        targets.any(|target| {
            let socket =
                ["docker.sock", "podman.sock", "containerd.sock"].iter().any(|s| target.ends_with(s));
            socket || target == "/root" || target.starts_with("/root/")
        })
    }

    /// The program that its health check runs first, if it fails without it. What is mounted, or starts before, may bring
    /// it.
    #[must_use]
    pub fn health_check(&self) -> Option<String> {
        let may_bring = ["volumes", "command", "entrypoint", "post_start", "configs", "secrets"];
        if may_bring.iter().any(|key| self.definition.get(key).is_some()) {
            return None;
        }
        let check = self.definition.get("healthcheck")?.map()?;
        if check.get("disable").is_some() {
            return None;
        }
        let test = check.get("test")?;
        let program = match test.list() {
            None => first_program(test.text()?)?,
            Some([kind, program, ..]) => match kind.text()? {
                "CMD" => program.text()?,
                "CMD-SHELL" => first_program(program.text()?)?,
                _ => return None,
            },
            Some(_) => return None,
        };
        let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        (!program.is_empty() && program.bytes().all(is_name)).then(|| program.to_owned())
    }

    /// The words of what it starts in place of the image's own command: of `entrypoint` and `command`, cut where a shell
    /// would cut them, too.
    #[must_use]
    pub fn starts(&self) -> Vec<String> {
        let values = ["entrypoint", "command"].iter().filter_map(|key| self.definition.get(key));
        let texts = values.flat_map(|value| match value.list() {
            Some(list) => list.iter().filter_map(Value::text).collect(),
            None => value.text().into_iter().collect::<Vec<_>>(),
        });
        let ends_word =
            |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '(' | ')' | '"' | '\'' | '`');
        let words = texts.flat_map(|text| text.split(ends_word)).filter(|word| !word.is_empty());
        words.take(MAX_WORDS).map(str::to_owned).collect()
    }

    /// The services that it waits for until they have ended.
    pub fn waits_for_end_of(&self) -> impl Iterator<Item = &str> {
        let needed = self.definition.get("depends_on").and_then(Value::map);
        let ends = |value: &Value| {
            let condition = value.map().and_then(|map| map.get("condition")).and_then(Value::text);
            condition == Some("service_completed_successfully")
        };
        needed
            .into_iter()
            .flat_map(|map| &map.entries)
            .filter(move |(_, it)| ends(&it.value))
            .map(|(n, _)| &**n)
    }

    /// The profiles that it needs.
    #[must_use]
    pub fn profiles(&self) -> Vec<String> {
        let profiles = self.definition.get("profiles").and_then(Value::list).unwrap_or_default();
        profiles.iter().filter_map(Value::text).map(str::to_owned).collect()
    }

    /// Whether it takes part if these profiles are active; `*` stands for all.
    #[must_use]
    pub fn is_active(&self, active: &[String]) -> bool {
        let own = self.profiles();
        own.is_empty() || active.iter().any(|profile| profile == "*" || own.contains(profile))
    }

    /// The variables of its `environment`, in the order of their names.
    #[must_use]
    pub fn environment(&self, sources: &Sources) -> Vec<Setting> {
        self.definition.get("environment").map(|value| settings(sources, value)).unwrap_or_default()
    }

    /// Its build, if it has one.
    #[must_use]
    pub fn build(&self, sources: &Sources) -> Option<Build> {
        let map = self.definition.get("build")?.map()?;
        let scalar =
            |key: &str| map.get(key).and_then(Value::scalar).filter(|scalar| !scalar.is_null()).cloned();
        let scalars = |key: &str| match map.get(key) {
            Some(Value::List(list)) => list.items.iter().filter_map(Value::scalar).cloned().collect(),
            _ => Vec::new(),
        };
        Some(Build {
            place: map.place,
            context: scalar("context"),
            dockerfile: scalar("dockerfile"),
            inline: scalar("dockerfile_inline"),
            stage: scalar("target"),
            arguments: map.get("args").map(|args| settings(sources, args)).unwrap_or_default(),
            contexts: map.get("additional_contexts").map(|all| settings(sources, all)).unwrap_or_default(),
            platforms: scalars("platforms"),
            tags: scalars("tags"),
            definition: Arc::clone(map),
        })
    }
}

impl Setting {
    /// The value that a builder gets: what is written, or the variable of the name; `None` if there is neither.
    #[must_use]
    pub fn resolve(&self, variables: &Variables) -> Option<Text> {
        if let Some(value) = &self.value {
            return Some(value.text.clone());
        }
        let value = variables.get(self.name.value.as_deref()?)?;
        let mut text = Text::literal(value.clone(), self.name.place);
        text.from_environment = true;
        Some(text)
    }
}

fn text(map: &Map, key: &str) -> Option<Text> {
    map.get(key).and_then(Value::scalar).filter(|scalar| !scalar.is_null()).map(Scalar::to_text)
}

/// The first program of a script, unless another one follows where it fails.
fn first_program(script: &str) -> Option<&str> {
    let mut ways = script.split("||");
    let first = ways.next()?;
    let ends = |way: &str| matches!(way.split_whitespace().next(), Some("exit" | "false" | "kill"));
    let program = first.split_whitespace().next()?;
    let is_word = matches!(program, "if" | "for" | "while" | "test" | "[" | "command" | "which" | "!");
    (ways.all(ends) && !is_word).then_some(program)
}

/// A map of names, or a list of `NAME=value`, sorted by name.
fn settings(sources: &Sources, value: &Value) -> Vec<Setting> {
    let pair = |name: &str, place: Place, value: &Scalar| Setting {
        name: Text::literal(name, place),
        value: (!value.is_null()).then(|| SettingValue {
            text: value.to_text(),
            scalar: Some(value.clone()),
            base: value.base.clone(),
        }),
    };
    let mut all: Vec<Setting> = match value {
        Value::Map(map) => map
            .entries
            .iter()
            .filter_map(|(name, entry)| Some(pair(name, entry.key, entry.value.scalar()?)))
            .collect(),
        Value::List(list) => {
            let item = |item: &Value| match item {
                Value::Pair(it) => Some(pair(&it.name, it.place, &it.value)),
                item => item.scalar().map(|scalar| split(sources, scalar)),
            };
            list.items.iter().filter_map(item).collect()
        }
        _ => Vec::new(),
    };
    all.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    // Of equal names in a list the last counts; in a sorted list they are neighbours.
    all.reverse();
    all.dedup_by(|later, kept| later.name.value == kept.name.value);
    all.reverse();
    all
}

/// `NAME=value`, with the places of both parts where they can be told.
fn split(sources: &Sources, scalar: &Scalar) -> Setting {
    let all = scalar.to_text();
    let text = all.value.clone().unwrap_or_default();
    let Some((name, value)) = text.split_once('=') else {
        return Setting { name: all, value: None };
    };
    // The offset of the `=` in the scalar before variables were replaced.
    let equals = match scalar.interpolation() {
        None => Some(name.len()),
        Some(interpolation) => interpolation
            .pieces
            .iter()
            .rfind(|piece| piece.start <= name.len() && piece.literal)
            .map(|piece| piece.from.start + name.len() - piece.start),
    };
    let (mut name_text, mut value_text) =
        (scalar.with_value(name.to_owned()), scalar.with_value(value.to_owned()));
    // Variables of one of the two tell nothing of the other.
    let written = scalar.node().and_then(|node| node.text());
    if let Some((name, value)) = equals.and_then(|at| written?.split_at_checked(at)) {
        for (text, written) in [(&mut name_text, name), (&mut value_text, value)] {
            if !written.contains('$') {
                text.unset.clear();
                text.from_environment = false;
            }
        }
    }
    if let (Some(equals), Some(node)) = (equals, scalar.node()) {
        let length = node.text().map_or(0, str::len);
        if equals < length {
            name_text.place = place_within(sources, node, 0..equals);
            value_text.place = place_within(sources, node, equals + 1..length);
        }
    }
    let value = SettingValue { text: value_text, scalar: None, base: scalar.base.clone() };
    Setting { name: name_text, value: Some(value) }
}
