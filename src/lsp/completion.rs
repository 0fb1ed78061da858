//! What could be written at a place.

use std::collections::{BTreeMap, HashSet};

use crate::diag::format_bytes;
use crate::engine::ContextEntry;
use crate::rules::Catalogue;
use crate::semantic::PLATFORM_ARGS;
use crate::syntax::{DirectiveKind, File, Heredoc, Instruction, Keyword, Kind, MountType};
use crate::text::Span;

use super::cursor::{Cursor, Written};
use super::document::Read;
use super::known;
use super::names::Names;
use super::protocol::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, InsertTextFormat, TextEdit,
};
use super::reference;

/// Build arguments that need not be declared.
const PROXIES: [&str; 10] = [
    "ALL_PROXY",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "all_proxy",
    "ftp_proxy",
    "https_proxy",
    "http_proxy",
    "no_proxy",
];

/// Something that could be written.
struct Offer {
    label: String,
    snippet: Option<String>,
    kind: CompletionItemKind,
    text: &'static str,
    detail: String,
}

impl Offer {
    fn new(label: impl Into<String>, kind: CompletionItemKind) -> Self {
        Self { label: label.into(), snippet: None, kind, text: "", detail: String::new() }
    }

    fn explained(self, text: Option<&'static str>) -> Self {
        Self { text: text.unwrap_or_default(), ..self }
    }
}

/// What lies in a folder of the build contexts, each with the build that alone has it.
type Listed<'a> = dyn Fn(&str) -> Vec<(ContextEntry, Option<String>)> + 'a;

/// What can be written at byte `at`. With `snippets`, places to fill in are marked; `listed` says what lies in a folder.
pub(super) fn items(
    read: &Read,
    at: u32,
    snippets: bool,
    catalogue: &Catalogue,
    listed: &Listed<'_>,
) -> Vec<CompletionItem> {
    let file = &*read.file;
    let (prefix, offers) = match Cursor::at(file, at) {
        Cursor::Comment(comment) => in_comment(file, at, &comment, catalogue),
        Cursor::Heredoc => {
            let before = &file.text()[..at as usize];
            let step = file.instructions.partition_point(|i| i.span.start < at).saturating_sub(1);
            let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            let keyword = file.instructions.get(step).map_or(Keyword::Run, |i| i.keyword);
            match is_replaced(file, step, at) {
                true => variable(file, step, keyword, word).unwrap_or_default(),
                false => Offers::default(),
            }
        }
        Cursor::Instruction(written) => in_instruction(read, &written, listed),
    };
    let behind = file.text()[at as usize..].starts_with('}') && prefix.starts_with("${");
    let written = match Cursor::at(file, at) {
        // A continuation may cut what is written.
        Cursor::Instruction(written) if written.word.ends_with(&prefix) => written.start_of(prefix.len()),
        _ => at - Span::of(0..prefix.len()).end,
    };
    let line = file.text()[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let start = written.max(Span::of(line..line).start);
    let range = read.range(Span::new(start, at + u32::from(behind)));
    let lines_above = (written < start)
        .then(|| vec![TextEdit { range: read.range(Span::new(written, start)), new_text: String::new() }]);
    let lower = prefix.to_lowercase();
    let fits = |offer: &Offer| {
        let label = offer.label.to_lowercase();
        let is_written = offer.kind == CompletionItemKind::Keyword && label == lower;
        label.starts_with(&lower) && !is_written
    };
    let item = |offer: Offer| {
        let snippet = offer.snippet.filter(|_| snippets);
        let format = if snippet.is_some() { InsertTextFormat::Snippet } else { InsertTextFormat::PlainText };
        let new_text = snippet.unwrap_or_else(|| offer.label.clone());
        CompletionItem {
            kind: Some(offer.kind),
            detail: (!offer.detail.is_empty()).then_some(offer.detail),
            documentation: (!offer.text.is_empty()).then(|| Documentation::String(offer.text.to_owned())),
            filter_text: Some(offer.label.clone()),
            insert_text_format: Some(format),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
            additional_text_edits: lines_above.clone(),
            label: offer.label,
            ..CompletionItem::default()
        }
    };
    offers.into_iter().filter(fits).map(item).collect()
}

type Offers = (String, Vec<Offer>);

/// True if somebody replaces variables in the line of a here-document: BuildKit, or a shell.
fn is_replaced(file: &File, step: usize, at: u32) -> bool {
    let Some(instruction) = file.instructions.get(step) else { return false };
    let is_script = instruction.keyword == Keyword::Run && instruction.arguments_text().starts_with("<<");
    let around = |heredoc: &&Heredoc| heredoc.body.start <= at && at <= heredoc.body.end;
    is_script || instruction.heredocs.iter().find(around).is_none_or(|heredoc| heredoc.expand)
}

fn in_comment(file: &File, at: u32, comment: &str, catalogue: &Catalogue) -> Offers {
    let body = comment.trim_start_matches('#').trim_start();
    let suppresses = ["dlint ignore=", "dlint ignore-file="];
    if let Some(names) = suppresses.iter().find_map(|start| body.strip_prefix(start)) {
        let name = names.rsplit(',').next().unwrap_or_default();
        let rule = |rule: &crate::rules::Rule| Offer {
            detail: rule.meta.summary.to_string(),
            ..Offer::new(rule.meta.name.to_string(), CompletionItemKind::Value)
        };
        let rules = if names.contains(' ') { Vec::new() } else { catalogue.rules().map(rule).collect() };
        return (name.to_owned(), rules);
    }
    const HADOLINT: [&str; 3] = ["hadolint ignore=", "hadolint global ignore=", "hadolint stage ignore="];
    if let Some(names) = HADOLINT.iter().find_map(|start| body.strip_prefix(start)) {
        let name = names.rsplit(',').next().unwrap_or_default();
        let codes = if names.contains(' ') { Vec::new() } else { hadolint_codes(catalogue) };
        return (name.to_owned(), codes);
    }
    let mut offers = Vec::new();
    if !body.is_empty() {
        offers.extend(HADOLINT.map(|start| Offer::new(start, CompletionItemKind::Keyword)));
        offers.extend(suppresses.map(|start| Offer::new(start, CompletionItemKind::Keyword)));
    }
    // Only comments that are directives stand before one.
    let before = &file.text()[..at as usize];
    let lines = before.rfind(['\n', '\r']).map_or("", |end| &before[..end]);
    if lines.lines().all(|line| line.starts_with('#') && line.contains('=')) {
        let known = [
            ("syntax=docker/dockerfile:1", DirectiveKind::Syntax),
            ("escape=`", DirectiveKind::Escape),
            ("check=skip=all", DirectiveKind::Check),
        ];
        let offer = |(text, kind)| {
            Offer::new(text, CompletionItemKind::Property).explained(Some(reference::directive(kind)))
        };
        offers.extend(known.map(offer));
    }
    (body.to_owned(), offers)
}

/// What hadolint calls the rules, each with what dlint says of it.
fn hadolint_codes(catalogue: &Catalogue) -> Vec<Offer> {
    let mut codes: BTreeMap<&str, String> = BTreeMap::new();
    for rule in catalogue.rules() {
        for code in rule.meta.aliases.iter().filter_map(|alias| alias.strip_prefix("hadolint:")) {
            codes.entry(code).or_insert_with(|| format!("{}: {}", rule.meta.name, rule.meta.summary));
        }
    }
    let offer = |(code, detail)| Offer { detail, ..Offer::new(code, CompletionItemKind::Value) };
    codes.into_iter().map(offer).collect()
}

fn in_instruction(read: &Read, written: &Written, listed: &Listed<'_>) -> Offers {
    let file = &*read.file;
    let Written { word, step, .. } = written;
    if let Some(keyword) = written.keyword()
        && let Some(offers) = variable(file, *step, keyword, word)
    {
        return offers;
    }
    let Some(keyword) = written.keyword() else { return (word.clone(), instructions(file, written)) };
    let operands = written.operands();
    if operands.is_empty() && (word.is_empty() || word.starts_with('-')) {
        if let Some((name, value)) = word.strip_prefix("--").and_then(|flag| flag.split_once('=')) {
            return flag_value(read, *step, (name, value), listed);
        }
        let mut offers = flags(keyword, written);
        offers.extend(operand(read, keyword, written));
        offers.extend(files(word, listed).1.into_iter().filter(|_| takes_files(keyword, written)));
        return (word.clone(), offers);
    }
    let mut offers = operand(read, keyword, written);
    if takes_files(keyword, written) {
        let (path, files) = files(word, listed);
        offers.extend(files);
        return (path, offers);
    }
    (word.clone(), offers)
}

/// True for a COPY or ADD from the build context.
fn takes_files(keyword: Keyword, written: &Written) -> bool {
    let is_elsewhere = |word: &String| word.starts_with("--from=");
    matches!(keyword, Keyword::Copy | Keyword::Add) && !written.words.iter().any(is_elsewhere)
}

/// The path that is being written, and what lies in its folder.
fn files(word: &str, listed: &Listed<'_>) -> Offers {
    let path = word.trim_start_matches(['[', '"', '\'']);
    let end = path.rfind('/').map_or(0, |at| at + 1);
    let (folder, name) = path.split_at(end);
    let hidden = name.starts_with('.');
    let seen = |entry: &ContextEntry| hidden || !entry.name.starts_with('.');
    // A blank or a quote needs the other form.
    let plain =
        |entry: &ContextEntry| !entry.name.contains(|c: char| c.is_whitespace() || "\"'\\$".contains(c));
    let entries = listed(folder.trim_start_matches("./")).into_iter();
    let entries = entries.filter(|(entry, _)| seen(entry) && plain(entry));
    let offer = |(entry, build): (ContextEntry, Option<String>)| {
        let (end, kind, detail) = match entry.is_folder {
            true => ("/", CompletionItemKind::Folder, String::new()),
            false => ("", CompletionItemKind::File, format_bytes(entry.bytes)),
        };
        let only = build.map(|build| format!("only in {build}"));
        let detail = [Some(detail), only].into_iter().flatten().filter(|text| !text.is_empty());
        let detail = detail.collect::<Vec<_>>().join(", ");
        Offer { detail, ..Offer::new(format!("{folder}{}{end}", entry.name), kind) }
    };
    (path.to_owned(), entries.map(offer).collect())
}

/// The variables that can be used, if a `$` begins one.
fn variable(file: &File, step: usize, keyword: Keyword, word: &str) -> Option<Offers> {
    let start = word.rfind('$')?;
    let typed = &word[start..];
    let name = typed.trim_start_matches('$').trim_start_matches('{');
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let braces = name.is_empty() || typed.starts_with("${");
    let offer = |name: &str| {
        let label = if braces { format!("${{{name}}}") } else { format!("${name}") };
        Offer::new(label, CompletionItemKind::Variable)
    };
    let names = Names::of(file);
    let set = names.visible(file, step);
    // BuildKit gives proxies to the commands of RUN, and platforms to FROM.
    let given = match keyword {
        Keyword::Run => &PROXIES[..],
        Keyword::From => &PLATFORM_ARGS,
        _ => &[],
    };
    let given = given.iter().copied().filter(|name| !set.contains(*name));
    let offers = set.iter().map(|name| &**name).chain(given).map(offer).collect();
    Some((typed.to_owned(), offers))
}

fn instructions(file: &File, written: &Written) -> Vec<Offer> {
    let before = &file.instructions[..written.step.min(file.instructions.len())];
    // Whatever starts from the image has a FROM.
    let started = written.trigger || before.iter().any(|i| i.keyword == Keyword::From);
    let fits = |keyword: Keyword| match keyword {
        Keyword::From => !written.trigger,
        Keyword::Arg => true,
        Keyword::Onbuild | Keyword::Maintainer => started && !written.trigger,
        _ => started,
    };
    let known = Keyword::ALL.into_iter().filter(|(_, keyword)| fits(*keyword));
    let offers = known.filter_map(|(name, keyword)| {
        let known = reference::instruction(keyword)?;
        Some(Offer {
            snippet: Some(known.snippet.to_owned()),
            detail: known.form.to_owned(),
            ..Offer::new(name, CompletionItemKind::Keyword).explained(Some(known.text))
        })
    });
    offers.collect()
}

fn flags(keyword: Keyword, written: &Written) -> Vec<Offer> {
    let used = |name: &str| {
        let is_it = |word: &String| word.strip_prefix("--").and_then(|w| w.split('=').next()) == Some(name);
        !matches!(name, "mount" | "exclude" | "device") && written.words.iter().any(is_it)
    };
    let names = keyword.flags().filter(|name| !used(name));
    let offer = |name: &'static str| {
        let is_switch = matches!(name, "link" | "parents" | "keep-git-dir");
        let label = format!("--{name}{}", if is_switch { "" } else { "=" });
        Offer::new(label, CompletionItemKind::Field).explained(reference::flag(keyword, name))
    };
    names.map(offer).collect()
}

fn flag_value(read: &Read, step: usize, (name, value): (&str, &str), listed: &Listed<'_>) -> Offers {
    let file = &*read.file;
    match name {
        "chown" => (value.to_owned(), owners(read, step, value)),
        "from" => (value.to_owned(), stages(file, step, true)),
        "mount" => mount(file, step, value, listed),
        _ => {
            let values = reference::flag_values(name).iter();
            (value.to_owned(), values.map(|v| Offer::new(*v, CompletionItemKind::Value)).collect())
        }
    }
}

fn mount(file: &File, step: usize, value: &str, listed: &Listed<'_>) -> Offers {
    let (before, field) = value.rsplit_once(',').unwrap_or(("", value));
    let set: Vec<(&str, &str)> =
        before.split(',').map(|field| field.split_once('=').unwrap_or((field, ""))).collect();
    if let Some((key, value)) = field.split_once('=') {
        let offers = match key {
            "from" => stages(file, step, true),
            "source" | "src" if !set.iter().any(|(key, _)| *key == "from") => return files(value, listed),
            _ => {
                let values = reference::mount_values(key).iter();
                values.map(|value| Offer::new(*value, CompletionItemKind::Value)).collect()
            }
        };
        return (value.to_owned(), offers);
    }
    let named =
        |wanted: &str| MountType::ALL.into_iter().find(|(name, _)| *name == wanted).map(|(_, kind)| kind);
    let kind = set.iter().find(|(key, _)| *key == "type").and_then(|(_, kind)| named(kind));
    let keys = reference::mount_options(kind.unwrap_or(MountType::Bind)).iter();
    let free = keys.filter(|key| !set.iter().any(|(set, _)| set == *key));
    let offer = |key: &&'static str| {
        let end = if matches!(*key, "ro" | "rw" | "required") { "" } else { "=" };
        Offer::new(format!("{key}{end}"), CompletionItemKind::Property)
            .explained(reference::mount_option(key))
    };
    (field.to_owned(), free.map(offer).collect())
}

/// The stages before the one of `step`, those without a name by their number if `numbers`.
fn stages(file: &File, step: usize, numbers: bool) -> Vec<Offer> {
    let names = Names::of(file);
    // A trigger runs in a stage that starts from its own.
    let is_trigger = file.instructions.get(step).is_some_and(Instruction::is_trigger);
    let own = names.stage_of(step).unwrap_or(0) + usize::from(is_trigger);
    let before = names.stages.iter().take(own).enumerate();
    let offers = before.filter_map(|(index, stage)| {
        let name = stage.written.clone().or_else(|| numbers.then(|| index.to_string()))?;
        Some(Offer { detail: stage.image.clone(), ..Offer::new(name, CompletionItemKind::Module) })
    });
    offers.collect()
}

/// Users, each with the group of its name as well once that is asked for.
fn owners(read: &Read, step: usize, value: &str) -> Vec<Offer> {
    let users = known::users(read.model(), step).into_iter();
    let users = users.map(|(name, detail)| match value.contains(':') {
        true => (format!("{name}:{name}"), detail),
        false => (name, detail),
    });
    known_offers(users.collect())
}

fn known_offers(known: Vec<(String, String)>) -> Vec<Offer> {
    let offer = |(label, detail)| Offer { detail, ..Offer::new(label, CompletionItemKind::Value) };
    known.into_iter().map(offer).collect()
}

fn operand(read: &Read, keyword: Keyword, written: &Written) -> Vec<Offer> {
    let file = &*read.file;
    let count = written.operands().len();
    let keywords =
        |words: &[&str]| words.iter().map(|w| Offer::new(*w, CompletionItemKind::Keyword)).collect();
    match keyword {
        Keyword::Healthcheck if count == 0 => keywords(&["CMD", "NONE"]),
        Keyword::From if count == 0 => {
            let mut offers = stages(file, written.step, false);
            offers.extend(keywords(&["scratch"]) as Vec<Offer>);
            offers.extend(known_offers(known::images(&written.word)));
            offers
        }
        Keyword::From if count == 1 => keywords(&["AS"]),
        Keyword::Arg if written.word.contains('=') => Vec::new(),
        Keyword::Arg => {
            // A stage only gets those from above the first FROM that it declares.
            let in_stage = !written.trigger && Names::of(file).stage_of(written.step).is_some();
            let above = file.instructions.iter().take_while(|i| in_stage && i.keyword != Keyword::From);
            let decls = above.flat_map(|instruction| match &instruction.kind {
                Kind::Arg(decls) => decls.as_slice(),
                _ => &[],
            });
            let mut names: Vec<&str> = decls.map(|decl| &*decl.name.text).collect();
            names.extend(PLATFORM_ARGS);
            let mut seen = HashSet::new();
            names.retain(|name| seen.insert(*name));
            names.into_iter().map(|name| Offer::new(name, CompletionItemKind::Variable)).collect()
        }
        Keyword::Add | Keyword::Copy if count > 0 => folders(file, written.step),
        Keyword::User if count == 0 => owners(read, written.step, &written.word),
        Keyword::Expose => known_offers(known::ports(read.model(), written.step)),
        Keyword::Shell if count == 0 => known_offers(known::shells(read.model(), written.step)),
        _ => Vec::new(),
    }
}

/// The working folders of the stage, as destinations.
fn folders(file: &File, step: usize) -> Vec<Offer> {
    let before = file.instructions[..step.min(file.instructions.len())].iter().rev();
    let mut folders: Vec<String> = Vec::new();
    for instruction in before.take_while(|i| i.keyword != Keyword::From) {
        if let Kind::Workdir(Some(path)) = &instruction.kind
            && let Some(path) = path.literal()
        {
            let folder = format!("{}/", path.trim_end_matches('/'));
            if !folders.contains(&folder) {
                folders.push(folder);
            }
        }
    }
    folders.into_iter().map(|folder| Offer::new(folder, CompletionItemKind::Folder)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;

    /// The labels that are offered where `|` stands.
    fn offered(text: &str) -> String {
        let (before, after) = text.split_once('|').unwrap();
        let read = read(&format!("{before}{after}"));
        let listed = |folder: &str| {
            let entry =
                |name: &str, is_folder| (ContextEntry { name: name.to_owned(), is_folder, bytes: 5 }, None);
            match folder {
                "" => vec![entry(".env", false), entry("app.py", false), entry("src", true)],
                "src/" => vec![entry("main.c", false), entry("a b", false)],
                _ => Vec::new(),
            }
        };
        let items = items(&read, Span::of(0..before.len()).end, true, &Catalogue::default(), &listed);
        let labels: Vec<&str> = items.iter().map(|item| &*item.label).collect();
        labels.join(" ")
    }

    #[test]
    fn what_fits_is_offered() {
        for (text, want) in [
            ("|", "ARG FROM"),
            ("FROM a\nwo|", "WORKDIR"),
            ("FROM a\nONBUILD F|", ""),
            ("FROM a\nCOPY --l|", "--link"),
            ("FROM a\nCOPY --link --l|", ""),
            ("FROM a AS b\nFROM c\nFROM d\nCOPY --from=|", "b 1"),
            ("FROM a AS dev\nONBUILD COPY --from=|", "dev"),
            ("FROM a AS b\nFROM B|", "b bitnami/node buildpack-deps busybox"),
            ("FROM a |", "AS"),
            ("FROM a\nRUN --mount=type=cache,sh|", "sharing="),
            ("FROM a\nRUN --mount=type=cache,sharing=|", "shared private locked"),
            ("FROM a\nRUN --network=h|", "host"),
            ("FROM a\nHEALTHCHECK n|", "NONE"),
            ("FROM a\nWORKDIR /app\nCOPY x |", "/app/ app.py src/"),
            ("FROM a\nCOPY |", "--from= --chown= --chmod= --link --parents --exclude= app.py src/"),
            ("FROM a\nCOPY src/|", "src/main.c"),
            ("FROM a\nCOPY .|", ".env"),
            ("FROM a\nCOPY [\"a|\"]", "app.py"),
            ("FROM a AS b\nFROM a\nCOPY --from=b a|", ""),
            ("FROM a\nRUN --mount=type=bind,source=s|", "src/"),
            ("FROM a\nONBU|", "ONBUILD"),
            ("FR\\\n|", "FROM"),
            ("FROM|", ""),
            ("FROM a\n\tUSE|", "USER"),
            ("FROM a AS x\nENV FOO=1\nFROM x\nRUN echo ${FO|}", "${FOO}"),
            ("FROM a\nRUN echo $f|\nENV foo=1", "$FTP_PROXY $ftp_proxy"),
            ("ARG VERSION\nFROM a:$V|", "$VERSION"),
            ("FROM --platform=$B|", "$BUILDPLATFORM $BUILDOS $BUILDARCH $BUILDVARIANT"),
            ("FROM x-${TARGETA|", "${TARGETARCH}"),
            ("FROM a\nCOPY ${H|", ""),
            ("FROM a\nRUN echo ${HTTP_|", "${HTTP_PROXY} ${http_proxy}"),
            ("# esc|", "escape=`"),
            ("FROM a\n# esc|", ""),
            ("FROM a\n# dlint ignore=sudo,no-us|", "no-user"),
            ("FROM a\nRUN <<EOF\nWO|\nEOF", ""),
            ("FROM a\nENV K=1\nCOPY <<EOF /\n$K|\nEOF", "$K"),
            ("FROM a\nENV K=1\nCOPY <<'EOF' /\n$K|\nEOF", ""),
            ("FROM a\nENV K=1\nRUN x <<'EOF'\n$K|\nEOF", ""),
            ("FROM a\nENV K=1\nRUN <<'EOF'\n$K|\nEOF", "$K"),
            ("FROM a\nENV K=1\nCOPY <<'A' <<B /\n\nA\n$K|\nB", "$K"),
            ("ARG VERSION=1 TAG\nFROM a\nARG V|", "VERSION"),
            ("ARG VERSION=1 TAG\nFROM a\nARG t|", "TAG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT"),
            ("ARG VERSION=1\nARG V|", ""),
            ("ARG VERSION=1\nFROM a\nONBUILD ARG V|", ""),
            ("FROM a\nRUN x \\\n  FR|", ""),
            ("FROM a\nUSER |", "root"),
            ("FROM node:22\nUSER |", "node root"),
            ("FROM node:22\nCOPY --chown=n|", "node"),
            ("FROM node:22\nCOPY --chown=node:|", "node:node"),
            ("FROM a\nENV PORT=8080\nEXPOSE |", "8080"),
            (
                "FROM debian:12\nSHELL |",
                "[\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"] [\"/bin/sh\", \"-c\"]",
            ),
            ("FROM busyb|", "busybox"),
            ("FROM debian:13-sl|", "debian:13-slim"),
            ("FROM a\n# hadolint ignore=DL3007,DL3008|", "DL3008"),
            ("FROM a\n# hadolint gl|", "hadolint global ignore="),
        ] {
            assert_eq!(offered(text), want, "{text}");
        }
    }
}
