//! Comments where the language knows none, and those that suppress findings.

use crate::diag::{Fix, Severity};
use crate::rules::Cx;
use crate::rules::suppression::{self, Demand, Reach};
use crate::semantic::Builder;
use crate::syntax::{ArgDecl, File, Healthcheck, Instruction, Kind, Word};
use crate::text::{Edit, Span, holds};

/// `comment-after-arguments`.
pub fn after_arguments(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    let builder = cx.model.build().builder;
    for (_, instruction) in cx.model.instructions() {
        // All but the newest builder drop it there.
        let is_array = matches!(instruction.kind, Kind::Cmd(_) | Kind::Entrypoint(_) | Kind::Shell(_));
        if is_array && builder != Builder::BuildKit {
            continue;
        }
        for comment in instruction.trailing_comments(file) {
            let name = instruction.keyword.name();
            let (effect, builds) = match &instruction.kind {
                Kind::Expose(_) if builder.is_buildah() => ("each of these words becomes a port", true),
                _ => effect(instruction, comment.text(file.text())),
            };
            let mut finding = cx
                .at(comment, format!("{name} cannot be followed by a comment on the same line: {effect}"))
                .help("move the comment to a line of its own above the instruction");
            if let Kind::Arg(decls) = &instruction.kind {
                match changed(file, decls, comment) {
                    Some(decl) => {
                        let (name, value) =
                            (&decl.name.text, decl.default.as_ref().map_or("", |word| &word.text));
                        finding.message = format!(
                            "{name_of} cannot be followed by a comment on the same line: each of these words declares a build argument, and `{name}` gets the value `{value}`",
                            name_of = instruction.keyword.name()
                        );
                        finding.severity = finding.severity.min(Severity::Warning);
                    }
                    // Nothing uses them, so the image is what it was meant to be.
                    None => finding.severity = finding.severity.min(Severity::Info),
                }
            }
            if let Some(edits) = own_line(file, instruction, comment) {
                let title = "move the comment to a line of its own";
                finding = finding.fix(match builds {
                    // What others may have got used to changes.
                    true => Fix::uncertain(title, edits),
                    false => Fix::safe(title, edits),
                });
            }
            cx.report(finding);
        }
    }
}

/// `suppression-comment`.
pub fn suppresses(cx: &mut Cx<'_>) {
    let comments = suppression::read(&cx.model.file).suppressions;
    for comment in comments.iter().filter(|comment| !comment.names.is_empty()) {
        let finding = cx
            .at(comment.span, "this comment suppresses findings, which the configuration should decide")
            .help("fix what is reported, or add the exception to the configuration");
        cx.report(finding);
    }
}

/// What BuildKit makes of the words, and whether it builds an image with them in it.
fn effect(instruction: &Instruction, comment: &str) -> (&'static str, bool) {
    match &instruction.kind {
        Kind::Add(_) | Kind::Copy(_) => {
            ("these words become sources and the last one the destination, so the build fails", false)
        }
        Kind::Arg(_) => ("each of these words declares a build argument", true),
        Kind::Env(pairs) if pairs.first().is_some_and(|p| p.legacy) => {
            ("these words become part of the value", true)
        }
        Kind::Env(_) | Kind::Label(_) if comment.split_whitespace().all(|w| w.contains('=')) => {
            ("these words are taken as `key=value`", true)
        }
        Kind::Env(_) | Kind::Label(_) => ("these words have no `=`, so the build fails", false),
        Kind::Expose(_) => ("these words are not ports, so the build fails", false),
        Kind::Healthcheck(Healthcheck::Cmd(..)) | Kind::Run(_) | Kind::Cmd(_) | Kind::Entrypoint(_) => {
            ("it makes the array invalid JSON, so a shell runs the brackets as a command", false)
        }
        Kind::Shell(_) => ("it makes the array invalid JSON, so the build fails", false),
        Kind::Stopsignal(_) => ("these words become part of the signal's name, so the build fails", false),
        Kind::User(_) => ("these words become part of the user's name, so no later step can run", false),
        Kind::Volume(_) => ("each of these words becomes a volume", true),
        Kind::Workdir(_) => ("these words become part of the folder's name", true),
        _ => ("the build fails", false),
    }
}

/// The first word of a comment that gives an argument a value which the file declares elsewhere, or asks for.
fn changed<'f>(file: &'f File, decls: &'f [ArgDecl], comment: Span) -> Option<&'f ArgDecl> {
    let said = || decls.iter().filter(|decl| comment.contains(decl.span));
    let others = decls.iter().take_while(|decl| !comment.contains(decl.span));
    let others: Vec<&str> = others.map(|decl| &*decl.name.text).collect();
    let text = file.text();
    let is_asked = |name: &str| {
        holds(text, &format!("${name}")) || holds(text, &format!("${{{name}}}")) || others.contains(&name)
    };
    said().filter(|decl| decl.default.is_some()).find(|decl| is_asked(&decl.name.text))
}

/// Takes the comment away with the blanks before it, and puts it above the instruction.
fn own_line(file: &File, instruction: &Instruction, comment: Span) -> Option<Vec<Edit>> {
    let text = file.text();
    let words = comment.text(text);
    let said = words.trim_start_matches('#').trim_start();
    // As a line of its own it would be an order to BuildKit.
    let is_directive = ["syntax", "escape", "check"].iter().any(|name| {
        said.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && said.get(name.len()..).is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    let start = instruction.span.start;
    let before = Span::new(start, comment.start).text(text);
    let kept = before.trim_end_matches([' ', '\t']);
    // `\ # why` joined no lines, and without the comment it would.
    if is_directive || kept.ends_with(file.escape.char()) || kept.ends_with('\n') {
        return None;
    }
    let line_start = text.get(..start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(line_start..start as usize)?;
    if !indent.chars().all(|c| c == ' ' || c == '\t') {
        return None;
    }
    let line_end = text.get(start as usize..)?.find('\n').map(|at| at + start as usize);
    let ending = if line_end.is_some_and(|at| text.get(..at).is_some_and(|t| t.ends_with('\r'))) {
        "\r\n"
    } else {
        "\n"
    };
    let end_of_kept = Span::of(0..kept.len()).end.checked_add(start)?;
    Some(vec![
        Edit::insert(start, format!("{words}{ending}{indent}")),
        Edit::delete(Span::new(end_of_kept, comment.end)),
    ])
}

/// `description-comment`.
pub fn description(cx: &mut Cx<'_>) {
    let model = cx.model;
    // It is experimental: the file asks for it by name.
    let asks = |demand: &Demand| {
        let names = demand.experimental.iter().map(|span| model.text(*span));
        names.into_iter().any(|n| n == "all" || n.eq_ignore_ascii_case("InvalidDefinitionDescription"))
    };
    // Hardly any file does.
    if !holds(model.file.text(), "experimental") {
        return;
    }
    let demands = suppression::read(&model.file).demands;
    let asked: Vec<Reach> = demands.iter().filter(|d| asks(d)).map(|d| d.reach).collect();
    if asked.is_empty() {
        return;
    }
    for (step, instruction) in model.instructions() {
        let stage = model.steps.get(step).and_then(|s| model.stages.get(s.stage?)).map(|s| s.steps.start);
        let here = [Some(Reach::File), stage.map(Reach::Stage), Some(Reach::Instruction(step))];
        if !here.iter().flatten().any(|reach| asked.contains(reach)) {
            continue;
        }
        let names: Vec<&Word> = match &instruction.kind {
            // Builds are described by their own arguments and stages.
            _ if instruction.is_trigger() => continue,
            Kind::Arg(decls) => decls.iter().map(|d| &d.name).collect(),
            Kind::From(from) => from.alias.iter().map(|a| &a.name).collect(),
            _ => continue,
        };
        let words = |comment: &Span| model.text(*comment).trim_start_matches('#').trim();
        let is_check =
            |text: &str| text.strip_prefix("check").is_some_and(|t| t.trim_start().starts_with('='));
        let comment = model.file.comments_before(step).filter(|c| !is_check(words(c))).last();
        let (Some(first), Some(comment)) = (names.first(), comment) else { continue };
        let text = words(&comment);
        let said = text.split(' ').next().unwrap_or("");
        if text.is_empty() || names.iter().any(|n| &*n.text == said) {
            continue;
        }
        let what = if matches!(instruction.kind, Kind::Arg(_)) { "build argument" } else { "stage" };
        let finding = cx
            .at(
                first.span,
                format!("the comment above does not count as the description of this {what}: it starts with another word"),
            )
            .label(comment, "taken as the description")
            .help(format!("begin it with the name, `# {} …`", first.text));
        cx.report(finding);
    }
}
