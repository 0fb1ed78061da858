//! The JSON schema of `dlint.toml`, for editors; made from the registry by a test.

use serde_json::{Value, json};

use super::{Color, FailOn, Sort, UnknownSizes};
use crate::diag::{Format, Severity};
use crate::rules::generate::assert_current;
use crate::rules::policy::{LabelFormat, Precision};
use crate::rules::{Category, OptionValue, Preset, RULES};
use crate::shellcheck::Level;

fn schema() -> Value {
    let mut groups = vec!["all".to_owned()];
    groups.extend(Preset::GROUPS.map(|p| p.name().to_owned()));
    groups.extend(Category::ALL.map(|c| c.name().to_owned()));
    let mut tools: Vec<String> = RULES
        .iter()
        .flat_map(|r| r.meta.aliases.iter())
        .filter_map(|a| Some(a.split_once(':')?.0.to_owned()))
        .collect();
    tools.sort();
    tools.dedup();
    groups.extend(tools);
    let names = RULES.iter().map(|r| r.meta.name.to_string());
    let aliases = RULES.iter().flat_map(|r| r.meta.aliases.iter()).map(ToString::to_string);
    let mut aliases: Vec<String> = aliases.collect();
    aliases.sort();
    aliases.dedup();
    // Old names still count: an editor should not call them wrong.
    let old = RULES.iter().flat_map(|r| r.meta.renamed_from.iter()).map(ToString::to_string);
    let selectors: Vec<String> = groups.into_iter().chain(names).chain(aliases).chain(old).collect();
    let rules: serde_json::Map<String, Value> = RULES
        .iter()
        .filter(|r| !r.meta.options.is_empty())
        .flat_map(|rule| {
            let options: serde_json::Map<String, Value> = rule
                .meta
                .options
                .iter()
                .map(|(name, default)| ((*name).to_owned(), option(*default)))
                .collect();
            let table = json!({
                "type": "object",
                "description": rule.meta.summary,
                "properties": options,
                "additionalProperties": false,
            });
            let names = std::iter::once(&rule.meta.name).chain(rule.meta.renamed_from.iter());
            names.map(move |name| (name.to_string(), table.clone()))
        })
        .collect();
    let list =
        |what: &str| json!({ "type": "array", "items": { "$ref": "#/$defs/selector" }, "description": what });
    let globs = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    let severity = json!({
        "type": "object",
        "description": "how bad the findings of a rule or group are",
        "additionalProperties": { "enum": Severity::ALL.map(Severity::name) },
    });
    let code = json!({ "type": "string", "pattern": "^(SC)?[0-9]{4}$" });
    let shellcheck = json!({
        "description": "whether ShellCheck is run on scripts",
        "oneOf": [
            { "type": "boolean" },
            {
                "type": "object",
                "properties": {
                    "enable": { "type": "boolean", "default": true },
                    "exclude": { "type": "array", "items": code, "description": "codes that are left out" },
                    "severity": {
                        "enum": Level::ALL.map(Level::name),
                        "default": Level::Style.name(),
                        "description": "what is below is left out",
                    },
                },
                "additionalProperties": false,
            },
        ],
    });
    let common = json!({
        "select": list("the rules that are on, in place of the preset `default`"),
        "extend-select": list("rules that are on too"),
        "ignore": list("rules that are off; a narrower selector wins over a wider one"),
        "severity": severity,
        "policy": policy(),
        "advisory": list("rules whose findings never make the exit code 1"),
        "shellcheck": shellcheck,
    });
    let paths = json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "files of your own rules, relative to this file: `policy/*.md`",
    });
    let mut with_paths = rules.clone();
    with_paths.insert("paths".to_owned(), paths);
    let tables = |of| json!({ "type": "object", "description": "options by rule", "properties": of });
    let with = |more: Value| {
        let mut all = common.as_object().cloned().unwrap();
        all.extend(more.as_object().cloned().unwrap());
        all
    };
    let over = json!({
        "type": "object",
        "properties": with(json!({
            "files": globs("the files that this is about"),
            "context": { "type": "string", "description": "the build context of these Dockerfiles, relative to dlint.toml" },
            "rules": tables(rules),
        })),
        "required": ["files"],
        "additionalProperties": false,
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dlint.toml",
        "type": "object",
        "properties": with(json!({
            "fail-on": { "enum": FailOn::NAMES, "description": "the least severity with which the exit code is 1" },
            "exclude": globs("what is not linted, even if it is named on the command line"),
            "context": { "type": "string", "description": "the build context, relative to this file" },
            "rules": tables(with_paths),
            "format": { "enum": Format::ALL.map(Format::name), "description": "what reports are written as" },
            "color": { "enum": Color::NAMES, "description": "when to use colours" },
            "sort": { "enum": Sort::NAMES, "description": "the order of findings in a file" },
            "min-saving": { "type": "string", "description": "only findings that save as many bytes are said: 10MB" },
            "disable-ignore-pragma": { "type": "boolean", "description": "comments that suppress findings count for nothing" },
            "size": size(),
            "overrides": { "type": "array", "items": over, "description": "settings for some files only" },
        })),
        "additionalProperties": false,
        "$defs": { "selector": { "type": "string", "anyOf": [{ "enum": selectors }, { "type": "string" }] } },
    })
}

fn policy() -> Value {
    let list = |what: &str| json!({ "type": "array", "items": { "type": "string" }, "description": what });
    let flag = |what: &str| json!({ "type": "boolean", "description": what });
    let formats = LabelFormat::ALL.map(LabelFormat::name);
    json!({
        "type": "object",
        "description": "what images have to be like; switches its rules on, as errors",
        "properties": {
            "allow-registries": list("the registries that images may come from: `docker.io`, `*.example.com`"),
            "allow-images": list("the images that a build may use, as in FROM, with `*`"),
            "deny-images": list("images that no build may use, as in FROM, with `*`"),
            "require-digest": flag("images need a digest"),
            "require-tag": {
                "enum": Precision::ALL.map(Precision::name),
                "description": "how much of a version a tag has to say: 2, 2.1 or 2.1.106",
            },
            "require-supported": flag("images have to be maintained"),
            "require-non-root": flag("images have to run as another user than root"),
            "require-labels": {
                "type": "object",
                "description": "the labels that images need, and the formats of their values",
                "additionalProperties": { "type": "string", "anyOf": [{ "enum": formats }, { "type": "string" }] },
            },
            "allow-labels": list("labels that images may have besides the required ones; `*` is a wildcard"),
            "deny-packages": list("packages that no build may install: `telnet`, `pip:py*`"),
            "deny-commands": list("commands that no build may run: `curl`, `apt-get upgrade`, `chmod 777`"),
        },
        "additionalProperties": false,
    })
}

fn size() -> Value {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let image = json!({
        "type": "object",
        "properties": {
            "image": text("the image as in FROM; without a tag, all of its tags"),
            "bytes": text("what it weighs unpacked: 512MB, 1.1GB"),
            "date": text("when that was: 2026-11"),
            "source": text("how it is known"),
        },
        "required": ["image", "bytes", "date"],
        "additionalProperties": false,
    });
    let images = json!({
        "type": "array",
        "items": image,
        "description": "sizes of base images that the catalogue does not list, or lists differently",
    });
    let unknown = json!({
        "enum": UnknownSizes::NAMES,
        "default": UnknownSizes::NAMES[0],
        "description": "whether a limit of `dlint size` fails or passes if it cannot be checked because part of the image cannot be estimated",
    });
    json!({
        "type": "object",
        "description": "sizes that you know, and what becomes of limits that cannot be checked",
        "properties": { "base-images": images, "unknown": unknown },
        "additionalProperties": false,
    })
}

fn option(default: OptionValue) -> Value {
    match default {
        OptionValue::Boolean(b) => json!({ "type": "boolean", "default": b }),
        OptionValue::Integer(i) => json!({ "type": "integer", "default": i }),
        OptionValue::Text(t) => json!({ "type": "string", "default": t }),
        OptionValue::List(l) => json!({ "type": "array", "items": { "type": "string" }, "default": l }),
    }
}

#[test]
fn the_schema_is_made_from_the_registry() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    assert_current("dlint.schema.json", &text);
}
