//! The JSON schema of `dlint.toml`, for editors; made from the registry by a test.

use serde_json::{Value, json};

use super::{Color, FailOn, Sort, UnknownSizes};
use crate::diag::{Format, Severity};
use crate::rules::generate::assert_current;
use crate::rules::policy::{LabelFormat, Precision};
use crate::rules::{Category, OptionValue, Preset, RULES};
use crate::semantic::Builder;
use crate::shellcheck::Level;
use crate::text::Arrange;

fn schema() -> Value {
    let mut groups = vec!["all".to_owned()];
    groups.extend(Preset::GROUPS.map(|p| p.name().to_owned()));
    groups.extend(Category::ALL.map(|c| c.name().to_owned()));
    let mut tools: Vec<String> = RULES
        .iter()
        .flat_map(|r| r.meta.aliases.iter())
        .filter_map(|a| Some(a.split_once(':')?.0.to_owned()))
        .collect();
    tools.arrange();
    tools.dedup();
    groups.extend(tools);
    let names = RULES.iter().map(|r| r.meta.name.to_string());
    let aliases = RULES.iter().flat_map(|r| r.meta.aliases.iter()).map(ToString::to_string);
    let mut aliases: Vec<String> = aliases.collect();
    aliases.arrange();
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
    let list = |what: &str, example: &[&str]| {
        json!({
            "type": "array",
            "items": { "$ref": "#/$defs/selector" },
            "description": what,
            "examples": [example],
        })
    };
    let globs = |what: &str, example: &[&str]| {
        json!({
            "type": "array",
            "items": { "type": "string" },
            "description": what,
            "examples": [example],
        })
    };
    let severity = json!({
        "type": "object",
        "description": "severities of rules and groups, in place of their own; a narrower selector wins over a wider one",
        "additionalProperties": { "enum": Severity::ALL.map(Severity::name) },
        "examples": [{ "latest-tag": "error", "style": "info" }],
    });
    let code = json!({ "type": "string", "pattern": "^(SC)?[0-9]{4}$" });
    let shellcheck = json!({
        "description": "whether to run ShellCheck on the scripts of RUN, CMD, ENTRYPOINT and HEALTHCHECK; the program has to be on the PATH",
        "default": false,
        "examples": [true, { "exclude": ["SC2086"], "severity": "warning" }],
        "oneOf": [
            { "type": "boolean" },
            {
                "type": "object",
                "properties": {
                    "enable": { "type": "boolean", "default": true, "description": "whether to run it" },
                    "exclude": { "type": "array", "items": code, "description": "codes that are not reported" },
                    "severity": {
                        "enum": Level::ALL.map(Level::name),
                        "default": Level::Style.name(),
                        "description": "the lowest level that is reported",
                    },
                },
                "additionalProperties": false,
            },
        ],
    });
    let common = json!({
        "select": list("the rules that are on, in place of the preset `default`", &["default", "image-not-pinned-by-digest"]),
        "extend-select": list("rules that are on as well", &["strict"]),
        "ignore": list("rules that are off; a narrower selector wins over a wider one", &["no-user", "DL3059"]),
        "severity": severity,
        "policy": policy(),
        "advisory": list("rules whose findings never make the exit code 1", &["size"]),
        "shellcheck": shellcheck,
    });
    let paths = json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "files with rules of your own, relative to dlint.toml",
        "examples": [["policy/*.md"]],
    });
    let mut with_paths = rules.clone();
    with_paths.insert("paths".to_owned(), paths);
    let tables = |of| json!({ "type": "object", "description": "options of single rules", "properties": of });
    let with = |more: Value| {
        let mut all = common.as_object().cloned().unwrap();
        all.extend(more.as_object().cloned().unwrap());
        all
    };
    let over = json!({
        "type": "object",
        "properties": with(json!({
            "files": globs("the files that the table is about, relative to dlint.toml", &["ci/**"]),
            "context": { "type": "string", "description": "the build context of these Dockerfiles, relative to dlint.toml", "examples": ["services/web"] },
            "builder": { "enum": Builder::NAMES, "description": "what builds these Dockerfiles", "examples": ["podman"] },
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
            "fail-on": { "enum": FailOn::NAMES, "default": "warning", "description": "the lowest severity with which dlint exits with 1", "examples": ["error"] },
            "exclude": globs("files that are not linted, even if they are named on the command line; relative to dlint.toml", &["third_party/**"]),
            "context": { "type": "string", "description": "the build context of all Dockerfiles, relative to dlint.toml; without it, the folder of each Dockerfile", "examples": ["."] },
            "builder": { "enum": Builder::NAMES, "description": "what builds all Dockerfiles; without it, the project's files decide; failing that, `buildkit`", "examples": ["podman"] },
            "rules": tables(with_paths),
            "format": { "enum": Format::ALL.map(Format::name), "default": "human", "description": "the format of reports; without it, `github` where GITHUB_ACTIONS is true", "examples": ["short"] },
            "color": { "enum": Color::NAMES, "default": "auto", "description": "when to use colours; `auto`: on a terminal", "examples": ["never"] },
            "sort": { "enum": Sort::NAMES, "default": "position", "description": "the order of findings: by place, or the largest saving first", "examples": ["saving"] },
            "docs-url": { "type": "string", "description": "the site that reports link to, with a page for each rule at `rules/NAME.html`", "examples": ["https://example.com/dlint"] },
            "baseline": { "type": "string", "description": "a file of findings that are known and not reported, relative to dlint.toml; `dlint --write-baseline` writes it", "examples": ["dlint-baseline.toml"] },
            "min-saving": { "type": "string", "description": "report only findings that are known to save at least this much", "examples": ["10MB"] },
            "disable-ignore-pragma": { "type": "boolean", "default": false, "description": "ignore the comments that suppress findings", "examples": [true] },
            "size": size(),
            "overrides": { "type": "array", "items": over, "description": "settings for some files only; of several tables that cover a file, the later one wins" },
        })),
        "additionalProperties": false,
        "$defs": { "selector": { "type": "string", "anyOf": [{ "enum": selectors }, { "type": "string" }] } },
    })
}

fn policy() -> Value {
    let list = |what: &str, example: &[&str]| {
        json!({
            "type": "array",
            "items": { "type": "string" },
            "description": what,
            "examples": [example],
        })
    };
    let flag =
        |what: &str| json!({ "type": "boolean", "default": false, "description": what, "examples": [true] });
    let formats = LabelFormat::ALL.map(LabelFormat::name);
    json!({
        "type": "object",
        "description": "what your organisation requires of images; each requirement turns its rule on, as an error",
        "properties": {
            "allow-registries": list("registries that images may come from; no others", &["docker.io", "*.example.com"]),
            "allow-images": list("images that a build may use, as written in FROM, with `*`; no others", &["registry.example.com/golden/*", "python:3.1?-slim"]),
            "deny-images": list("images that no build may use, as written in FROM, with `*`", &["*:latest"]),
            "require-digest": flag("images must have a digest"),
            "require-tag": {
                "enum": Precision::ALL.map(Precision::name),
                "description": "how exact a tag must be: `major` is 2, `minor` is 2.1, `patch` is 2.1.106",
                "examples": ["minor"],
            },
            "require-supported": flag("releases that are past their end of life are not allowed"),
            "require-non-root": flag("the image must not run as root; without USER, the base image must be known to set one"),
            "require-labels": {
                "type": "object",
                "description": "labels that images must have, and the formats of their values",
                "examples": [{ "org.opencontainers.image.source": "url" }],
                "additionalProperties": { "type": "string", "anyOf": [{ "enum": formats }, { "type": "string" }] },
            },
            "allow-labels": list("labels that images may have besides the required ones, with `*`; an empty list allows no others", &["org.opencontainers.image.*"]),
            "deny-packages": list("packages that no build may install, with `*`, and with the package manager if you like", &["telnet*", "pip:pycrypto"]),
            "deny-commands": list("commands that no build may run, with as many of their words as you like", &["sudo", "apt-get upgrade", "curl --insecure"]),
        },
        "additionalProperties": false,
    })
}

fn size() -> Value {
    let text = |what: &str| json!({ "type": "string", "description": what });
    let image = json!({
        "type": "object",
        "properties": {
            "image": text("the image, as written in FROM; without a tag, all of its tags"),
            "bytes": text("its size, unpacked"),
            "date": text("when that was measured, as year and month"),
            "source": text("how it is known, as shown in reports"),
        },
        "required": ["image", "bytes", "date"],
        "additionalProperties": false,
    });
    let images = json!({
        "type": "array",
        "items": image,
        "description": "sizes of base images that the catalogue does not list, or lists differently",
        "examples": [[{
            "image": "ghcr.io/acme/runtime",
            "bytes": "85MB",
            "date": "2026-11",
            "source": "docker image inspect",
        }]],
    });
    let index = json!({
        "type": "object",
        "properties": {
            "path": text("its file, relative to the folder of this file: `Packages` of apt, `APKINDEX` of apk or `primary.xml` of dnf and zypper, perhaps compressed"),
            "images": json!({
                "type": "array",
                "items": { "type": "string" },
                "description": "the base images that it counts for, as written in FROM; without it, it counts wherever its package manager runs",
            }),
        },
        "required": ["path"],
        "additionalProperties": false,
    });
    let indexes = json!({
        "type": "array",
        "items": index,
        "description": "package indexes of yours: what they say counts for packages of which dlint has no table, such as those of a private repository, or of dnf",
        "examples": [[{ "path": "mirror/primary.xml.gz", "images": ["rockylinux:9"] }]],
    });
    let unknown = json!({
        "enum": UnknownSizes::NAMES,
        "default": UnknownSizes::NAMES[0],
        "description": "whether a limit of `dlint size` fails or passes that cannot be checked, because part of the image cannot be estimated",
        "examples": ["pass"],
    });
    json!({
        "type": "object",
        "description": "settings of `dlint size`",
        "properties": { "base-images": images, "indexes": indexes, "unknown": unknown },
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
