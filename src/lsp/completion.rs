//! What could be written at a place.

use std::collections::HashSet;

use crate::rules::Catalogue;
use crate::semantic::PLATFORM_ARGS;
use crate::syntax::{File, Heredoc, Instruction, Keyword, Kind, MountType};
use crate::text::Span;

use super::cursor::{Cursor, Written};
use super::document::Read;
use super::known;
use super::names::Names;
use super::offer::{Offer, Offers};
use super::paths::{self, Listed};
use super::protocol::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, InsertTextFormat, TextEdit,
};
use super::{expansions, in_comments, reference};

/// What is known around a Dockerfile.
pub(super) struct Around<'a> {
    pub(super) catalogue: &'a Catalogue,
    /// What lies in a folder of the build contexts.
    pub(super) listed: &'a Listed<'a>,
    /// The names of the contexts that builds are given, each with what gives it.
    pub(super) contexts: &'a [(String, String)],
}

/// What can be written at byte `at`. With `snippets`, places to fill in are marked.
pub(super) fn items(read: &Read, at: u32, snippets: bool, around: &Around<'_>) -> Vec<CompletionItem> {
    let file = &*read.file;
    let cursor = Cursor::at(file, at);
    let (prefix, offers) = match &cursor {
        Cursor::Comment(comment) => in_comments::offers(file, at, comment, around.catalogue),
        Cursor::Heredoc => {
            let before = &file.text()[..at as usize];
            let step = file.instructions.partition_point(|i| i.span.start < at).saturating_sub(1);
            let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            let keyword = file.instructions.get(step).map_or(Keyword::Run, |i| i.keyword);
            match is_replaced(file, step, at) {
                true => expansions::offers(file, step, keyword, word).unwrap_or_default(),
                false => Offers::default(),
            }
        }
        Cursor::Instruction(written) => in_instruction(read, written, around),
    };
    let behind = behind(&file.text()[at as usize..], &prefix);
    let written = match &cursor {
        // A continuation may cut what is written.
        Cursor::Instruction(written) if written.text.ends_with(&prefix) => written.start_of(prefix.len()),
        _ => at - Span::of(0..prefix.len()).end,
    };
    let line = file.text()[..at as usize].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let start = written.max(Span::of(line..line).start);
    let range = read.range(Span::new(start, at + behind));
    let lines_above = (written < start)
        .then(|| vec![TextEdit { range: read.range(Span::new(written, start)), new_text: String::new() }]);
    let lower = prefix.to_lowercase();
    let fits = |offer: &Offer| {
        let written = offer.written().to_lowercase();
        let is_written = offer.kind == CompletionItemKind::Keyword && written == lower;
        written.starts_with(&lower) && !is_written
    };
    let item = |offer: Offer| {
        let written = offer.written().to_owned();
        let snippet = offer.snippet.filter(|_| snippets);
        let format = if snippet.is_some() { InsertTextFormat::Snippet } else { InsertTextFormat::PlainText };
        let new_text = snippet.unwrap_or_else(|| written.clone());
        CompletionItem {
            kind: Some(offer.kind),
            detail: (!offer.detail.is_empty()).then_some(offer.detail),
            documentation: (!offer.text.is_empty()).then(|| Documentation::String(offer.text.to_owned())),
            filter_text: Some(written),
            insert_text_format: Some(format),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text })),
            additional_text_edits: lines_above.clone(),
            label: offer.label,
            ..CompletionItem::default()
        }
    };
    offers.into_iter().filter(fits).map(item).collect()
}

/// How much behind a place belongs to what is written there: a brace, or the end of an array.
fn behind(rest: &str, prefix: &str) -> u32 {
    let ends: &[&str] = match () {
        () if prefix.starts_with("${") => &["}"],
        () if prefix.starts_with('[') => &["\"]", "]", "\""],
        () => &[],
    };
    let end = ends.iter().find(|end| rest.starts_with(**end));
    end.map_or(0, |end| Span::of(0..end.len()).end)
}

/// True if somebody replaces variables in the line of a here-document: BuildKit, or a shell.
fn is_replaced(file: &File, step: usize, at: u32) -> bool {
    let Some(instruction) = file.instructions.get(step) else { return false };
    let is_script = instruction.keyword == Keyword::Run && instruction.arguments_text().starts_with("<<");
    let around = |heredoc: &&Heredoc| heredoc.body.start <= at && at <= heredoc.body.end;
    is_script || instruction.heredocs.iter().find(around).is_none_or(|heredoc| heredoc.expand)
}

fn in_instruction(read: &Read, written: &Written, around: &Around<'_>) -> Offers {
    let file = &*read.file;
    let Written { word, step, .. } = written;
    let Some(keyword) = written.keyword() else { return (word.clone(), instructions(file, written)) };
    if let Some(offers) = expansions::offers(file, *step, keyword, word) {
        return offers;
    }
    let (operands, escape) = (written.operands(), file.escape.char());
    let takes_files = takes_files(keyword, written);
    if keyword == Keyword::Shell {
        let shells = known_offers(known::shells(read.model(), *step));
        return (written.arguments().to_owned(), shells);
    }
    if let Some(element) = written.element() {
        let targets = if element.number > 0 { folders(file, *step) } else { Vec::new() };
        let (_, targets) = paths::quoted(&element, targets);
        let (prefix, mut offers) = match takes_files {
            true => paths::in_array(&element, escape, around.listed),
            false => paths::quoted(&element, Vec::new()),
        };
        if matches!(keyword, Keyword::Copy | Keyword::Add) {
            offers.splice(0..0, targets);
        }
        return (prefix, offers);
    }
    let mut offers = Vec::new();
    if operands.is_empty() && (word.is_empty() || word.starts_with('-')) {
        if let Some((name, value)) = word.strip_prefix("--").and_then(|flag| flag.split_once('=')) {
            return flag_value(read, *step, (name, value), around);
        }
        offers.extend(flags(keyword, written));
    }
    offers.extend(operand(read, keyword, written, around));
    if takes_files {
        let (path, files) = paths::in_word(word, escape, around.listed);
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

fn flag_value(read: &Read, step: usize, (name, value): (&str, &str), around: &Around<'_>) -> Offers {
    let file = &*read.file;
    match name {
        "chown" => (value.to_owned(), owners(read, step, value)),
        "from" => (value.to_owned(), stages(file, step, true, around)),
        "mount" => mount(file, step, value, around),
        _ => {
            let values = reference::flag_values(name).iter();
            (value.to_owned(), values.map(|v| Offer::new(*v, CompletionItemKind::Value)).collect())
        }
    }
}

fn mount(file: &File, step: usize, value: &str, around: &Around<'_>) -> Offers {
    let (before, field) = value.rsplit_once(',').unwrap_or(("", value));
    let set: Vec<(&str, &str)> =
        before.split(',').map(|field| field.split_once('=').unwrap_or((field, ""))).collect();
    if let Some((key, value)) = field.split_once('=') {
        let offers = match key {
            "from" => stages(file, step, true, around),
            "source" | "src" if !set.iter().any(|(key, _)| *key == "from") => {
                return paths::plain(value, around.listed);
            }
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

/// The stages before the one of `step`, those without a name by their number if `numbers`, and the contexts of builds.
fn stages(file: &File, step: usize, numbers: bool, around: &Around<'_>) -> Vec<Offer> {
    let names = Names::of(file);
    // A trigger runs in a stage that starts from its own.
    let is_trigger = file.instructions.get(step).is_some_and(Instruction::is_trigger);
    let own = names.stage_of(step).unwrap_or(0) + usize::from(is_trigger);
    let before = names.stages.iter().take(own).enumerate();
    let offers = before.filter_map(|(index, stage)| {
        let name = stage.written.clone().or_else(|| numbers.then(|| index.to_string()))?;
        Some(Offer::new(name, CompletionItemKind::Module).detailed(&*stage.image))
    });
    let offers: Vec<Offer> = offers.collect();
    let is_stage = |name: &str| offers.iter().any(|offer| offer.label.eq_ignore_ascii_case(name));
    let contexts = around.contexts.iter().filter(|(name, _)| !is_stage(name));
    let contexts =
        contexts.map(|(name, detail)| Offer::new(&**name, CompletionItemKind::Module).detailed(&**detail));
    let contexts: Vec<Offer> = contexts.collect();
    offers.into_iter().chain(contexts).collect()
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
    let offer =
        |(label, detail): (String, String)| Offer::new(label, CompletionItemKind::Value).detailed(detail);
    known.into_iter().map(offer).collect()
}

fn operand(read: &Read, keyword: Keyword, written: &Written, around: &Around<'_>) -> Vec<Offer> {
    let file = &*read.file;
    let count = written.operands().len();
    let keywords =
        |words: &[&str]| words.iter().map(|w| Offer::new(*w, CompletionItemKind::Keyword)).collect();
    match keyword {
        Keyword::Healthcheck if count == 0 => keywords(&["CMD", "NONE"]),
        Keyword::From if count == 0 => {
            let mut offers = stages(file, written.step, false, around);
            offers.extend(keywords(&["scratch"]) as Vec<Offer>);
            let known = known_offers(known::images(&written.word));
            let is_new = |image: &Offer| offers.iter().all(|offer| offer.label != image.label);
            let images: Vec<Offer> = known.into_iter().filter(is_new).collect();
            offers.into_iter().chain(images).collect()
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
        Keyword::Expose => known_offers(known::ports(read.model(), written.step, &written.word)),
        Keyword::Stopsignal if count == 0 => known_offers(known::signals()),
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
    use crate::engine::ContextEntry;

    /// What is offered where `|` stands.
    fn all(text: &str) -> Vec<CompletionItem> {
        let (before, after) = text.split_once('|').unwrap();
        let read = read(&format!("{before}{after}"));
        let listed = |folder: &str| {
            let entry =
                |name: &str, is_folder| (ContextEntry { name: name.to_owned(), is_folder, bytes: 5 }, None);
            match folder {
                "" => vec![entry(".env", false), entry("app.py", false), entry("src", true)],
                "src/" => ["main.c", "a b", "it's", "[id].js"].map(|name| entry(name, false)).into(),
                _ => Vec::new(),
            }
        };
        let (catalogue, at) = (Catalogue::default(), Span::of(0..before.len()).end);
        let contexts = [("werkzeug".to_owned(), "compose.yaml: web".to_owned())];
        let around = Around { catalogue: &catalogue, listed: &listed, contexts: &contexts };
        items(&read, at, true, &around)
    }

    /// The labels that are offered where `|` stands.
    fn offered(text: &str) -> String {
        let labels: Vec<String> = all(text).into_iter().map(|item| item.label).collect();
        labels.join(" ")
    }

    /// The line of `|` once the first offer is taken.
    fn taken(text: &str) -> String {
        let plain = text.replace('|', "");
        let Some(item) = all(text).into_iter().next() else { return String::new() };
        let Some(CompletionItemTextEdit::TextEdit(edit)) = item.text_edit else { panic!() };
        let line = plain.lines().nth(edit.range.start.line as usize).unwrap();
        let (start, end) = (edit.range.start.character as usize, edit.range.end.character as usize);
        assert!(
            item.filter_text
                .unwrap()
                .starts_with(&line[start..text.split('\n').find_map(|l| l.find('|')).unwrap()])
        );
        format!("{}{}{}", &line[..start], edit.new_text, &line[end..])
    }

    #[test]
    fn what_fits_is_offered() {
        for (text, want) in [
            ("|", "ARG FROM"),
            ("FROM a\nwo|", "WORKDIR"),
            ("FROM a\nONBUILD F|", ""),
            ("FROM a\nCOPY --l|", "--link"),
            ("FROM a\nCOPY --link --l|", ""),
            ("FROM a AS b\nFROM c\nFROM d\nCOPY --from=|", "b 1 werkzeug"),
            ("FROM a AS dev\nONBUILD COPY --from=|", "dev werkzeug"),
            ("FROM a AS b\nFROM B|", "b bitnami/node buildpack-deps busybox"),
            ("FROM a |", "AS"),
            ("FROM a\nRUN --mount=type=cache,sh|", "sharing="),
            ("FROM a\nRUN --mount=type=cache,sharing=|", "shared private locked"),
            ("FROM a\nRUN --network=h|", "host"),
            ("FROM a\nHEALTHCHECK n|", "NONE"),
            ("FROM a\nWORKDIR /app\nCOPY x |", "/app/ app.py src/"),
            ("FROM a\nCOPY |", "--from= --chown= --chmod= --link --parents --exclude= app.py src/"),
            ("FROM a\nCOPY src/|", "src/main.c src/it's src/[id].js"),
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
            ("ARG X=x-$TARGETA|\nFROM a", "$TARGETARCH"),
            ("FROM a\nARG X=x-$TARGETA|", ""),
            ("FROM a\nSHELL [\"/bin/sh\", |]", "[\"/bin/sh\", \"-c\"]"),
            ("FROM a\nCOPY --from=w|", "werkzeug"),
            ("FROM wer|", "werkzeug"),
            ("FROM a AS werkzeug\nFROM b\nRUN --mount=from=w|", "werkzeug"),
            ("FROM a\nWORKDIR /앱\nCOPY [\"app.py\", \"|\"]", "/앱/ app.py src/"),
            ("FROM a\nCMD [\"|\"]", ""),
            ("# syntax=x\n# |", "escape=` check=skip="),
            ("# syntax=docker/|", "docker/dockerfile:1 docker/dockerfile:1-labs"),
            ("# escape=|", "` \\"),
            ("# check=|", "skip= error= experimental="),
            ("# check=skip=all;e|", "error= experimental="),
            ("# check=error=|", "true false"),
            ("# check=skip=JSON|", "JSONArgsRecommended"),
            ("# check=skip=StageNameCasing,  Stage|", ""),
            ("# check=skip=WorkdirRelativePath,a|", ""),
            ("FROM a\n# check=|", ""),
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
            ("FROM a\nEXPOSE 53/u|", "53/udp"),
            ("FROM a\nSTOPSIGNAL SIGI|", "SIGINT"),
            ("\u{feff}F|", "FROM"),
            ("FROM a\nENV PATH=/x:$P|", "$PATH"),
            (
                "FROM a\nENV V=1\nENV W=${V|}",
                "${V} ${V:-default} ${V:+other} ${V:?message} ${V#pattern} ${V##pattern} ${V%pattern} ${V%%pattern}",
            ),
            ("FROM a\nENV V=1\nRUN x ${V:|}", "${V:-default} ${V:+other} ${V:?message}"),
            ("FROM a\nENV V=1\nRUN x ${V:-|}", "${V:-default}"),
            ("FROM a\nENV V=1\nRUN x ${W:|", ""),
            ("FROM a\nENV V=1\nRUN x ${V:-a|}", ""),
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
    #[test]
    fn what_is_taken_is_written_as_its_place_wants_it() {
        for (text, want) in [
            ("FROM a\nCOPY [|", "COPY [\"app.py\""),
            ("FROM a\nENV V=1\nUSER ${V:|}x", "USER \\${V:-${1:default}}x"),
            ("FROM a\nCOPY [\"app.py\", |]", "COPY [\"app.py\", \"app.py\"]"),
            ("FROM a\nCOPY [\"src/a|\"]", "COPY [\"src/a b\"]"),
            ("FROM a\nCOPY [\"src/a b|\"]", "COPY [\"src/a b\"]"),
            ("FROM a\nCOPY src/a|", ""),
            ("FROM a\nCOPY src/i|", "COPY src/it\\'s"),
            ("FROM a\nCOPY src/it\\'|", "COPY src/it\\'s"),
            ("FROM a\nCOPY [\"src/i|\"]", "COPY [\"src/it\\\\'s\"]"),
            ("#escape=`\nFROM a\nCOPY src/i|", "COPY src/it`'s"),
            ("FROM a\nCOPY src/[|", "COPY src/[[]id].js"),
            ("FROM a\nCOPY \"ap|\" /", "COPY \"app.py\" /"),
            ("FROM debian:12\nSHELL [\"|\"]", "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]"),
            ("FROM a\nRUN --mount=source=src/m|,target=/x y", "RUN --mount=source=src/main.c,target=/x y"),
        ] {
            assert_eq!(taken(text), want, "{text}");
        }
    }
}
