//! Slips that BuildKit lets pass, though nobody means what it makes of them.

use std::time::Duration;

use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::syntax::{
    CommandForm, HealthSetting, Healthcheck, Instruction, Keyword, Kind, PlatformSlip, Slip, Word,
};
use crate::text::{Edit, Span};

/// `empty-command`.
pub fn empty_command(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        let (kind, message, help) = match &instruction.kind {
            Kind::Entrypoint(CommandForm::Empty) => (
                "entrypoint",
                "this ENTRYPOINT has no command, so the container starts a shell that does nothing and exits",
                "write a command, or `ENTRYPOINT []` to start without one",
            ),
            Kind::Cmd(CommandForm::Empty) => (
                "cmd",
                "this CMD has no command, so the container starts a shell that does nothing and exits",
                "write a command, or `CMD []` for none",
            ),
            Kind::Run(CommandForm::Empty) => {
                ("run", "this RUN has no command, but still creates a layer", "write a command, or remove it")
            }
            _ => continue,
        };
        let mut finding = cx.at(instruction.keyword_span, message).kind(kind).help(help);
        finding = match model.file.items.get(instruction.item) {
            Some(item) if instruction.keyword == Keyword::Run => {
                finding.fix(Fix::uncertain("remove it", [Edit::delete(item.span)]))
            }
            _ => {
                let edit = Edit::insert(instruction.keyword_span.end, " []");
                finding.fix(Fix::uncertain("write an empty array", [edit]))
            }
        };
        cx.report(finding);
    }
}

/// `single-quoted-array`.
pub fn single_quoted(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        // The build fails, and another rule says so.
        let errors = &model.file.errors;
        let first = errors.partition_point(|e| e.span.start < instruction.span.start);
        if errors.get(first).is_some_and(|error| error.span.start < instruction.span.end) {
            continue;
        }
        let mut span = instruction.arguments;
        let what = match &instruction.kind {
            Kind::Add(_) | Kind::Copy(_) => "the brackets become part of the paths",
            Kind::Volume(_) => "the brackets become part of the path",
            Kind::Workdir(Some(_)) | Kind::User(Some(_)) => {
                no_array(cx, instruction).into_iter().for_each(|finding| cx.report(finding));
                continue;
            }
            Kind::Run(CommandForm::Shell(_)) => "a shell looks for a command whose name begins with `[`",
            Kind::Healthcheck(Healthcheck::Cmd(CommandForm::Shell(script))) => {
                span = *script;
                "a shell looks for a command whose name begins with `[`, so the check always fails"
            }
            _ => continue,
        };
        let runs = matches!(instruction.kind, Kind::Run(_) | Kind::Healthcheck(_));
        let Some((slip, array)) = instruction.slipped_array() else { continue };
        let copies = matches!(instruction.kind, Kind::Add(_) | Kind::Copy(_));
        // `[ab]` is a pattern where files are named.
        if copies
            && (!array.contains(", ")
                || slip == Slip::NoQuotes && !instruction.arguments_text().contains(','))
        {
            continue;
        }
        let why = match slip {
            Slip::SingleQuotes => "single quotes do not make a JSON array",
            Slip::NoQuotes => "without double quotes this is not a JSON array",
            Slip::Punctuation => {
                "this is not a JSON array: a comma or bracket is missing, or there is one too many"
            }
            Slip::TypographicQuotes => "typographic quotes do not make a JSON array",
        };
        let finding = cx.at(span, format!("{why}: {what}")).help(format!("write `{array}`"));
        // No shell is left for a variable.
        if runs && array.contains('$') {
            cx.report(finding);
            continue;
        }
        let edit = Edit::replace(span, array);
        cx.report(finding.fix(Fix::uncertain("write a JSON array", [edit])));
    }
}

/// An array where the language takes a name.
fn no_array(cx: &Cx<'_>, instruction: &Instruction) -> Option<Finding> {
    let text = instruction.arguments_text().trim();
    let inside = text.strip_prefix('[')?.strip_suffix(']')?;
    let strings: Vec<String> = match serde_json::from_str(text) {
        Ok(strings) => strings,
        Err(_) => instruction.slipped_strings()?.1.into_iter().map(str::to_owned).collect(),
    };
    let [only] = strings.as_slice() else { return None };
    let plain = !only.is_empty() && !only.contains(|c: char| c.is_whitespace() || "[]\"'".contains(c));
    let name = instruction.keyword.name();
    let what = if matches!(instruction.kind, Kind::User(_)) { "user" } else { "folder" };
    let finding = cx
        .at(
            instruction.arguments,
            format!("{name} takes no array: the brackets become part of the {what}'s name"),
        )
        .help(format!("write `{name} {only}`"));
    let is_whole = instruction.arguments.text(cx.model.file.text()) == text && inside.contains(only.as_str());
    if !plain || !is_whole {
        return plain.then_some(finding);
    }
    let edit = Edit::replace(instruction.arguments, only.clone());
    Some(finding.fix(Fix::uncertain("leave out the brackets", [edit])))
}

/// `zero-duration`.
pub fn zero_duration(cx: &mut Cx<'_>) {
    const HELP: &str = "write the time that is meant, or remove the flag";
    for (_, instruction) in cx.model.instructions() {
        for (flag, setting) in instruction.health_settings() {
            let default = match setting {
                HealthSetting::Interval(Duration::ZERO) | HealthSetting::Timeout(Duration::ZERO) => {
                    "30 seconds"
                }
                HealthSetting::StartInterval(Duration::ZERO) => "5 seconds",
                HealthSetting::StartPeriod(Duration::ZERO) => {
                    let message = "zero is the default anyway";
                    cx.report(cx.at(flag.bare_name(), message).help(HELP));
                    continue;
                }
                _ => continue,
            };
            let message = format!("zero does not count: it means the default, {default}");
            cx.report(cx.at(flag.bare_name(), message).help(HELP));
        }
    }
}

/// `unusable-arg-name`.
pub fn unusable_arg_name(cx: &mut Cx<'_>) {
    for (_, instruction) in cx.model.instructions() {
        let Kind::Arg(decls) = &instruction.kind else { continue };
        for decl in decls {
            let name = &*decl.name.text;
            let usable = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && !name.starts_with(|c: char| c.is_ascii_digit());
            // A template makes another name of it.
            if usable || name.contains(['{', '$', '%', '<']) {
                continue;
            }
            let shown: String = name.chars().take(60).collect();
            let finding = cx
                .at(decl.name.span, format!("`{shown}` is not a valid variable name"))
                .help("a name consists of letters, digits and `_`, and does not start with a digit");
            let is_open = |quote| name.matches(quote).count() % 2 == 1;
            let open = is_open('"') || is_open('\'');
            cx.report(finding.kind(if open { "open-quote" } else { "characters" }));
        }
    }
}

/// `lost-directive`.
pub fn lost_directive(cx: &mut Cx<'_>) {
    let model = cx.model;
    for lost in model.file.lost_directives() {
        let name = lost.kind.name();
        let written = model.text(lost.name_span);
        if lost.misspelt {
            let message = format!("`{written}` is not a parser directive, so this is just a comment");
            let finding = cx.at(lost.name_span, message).help(format!("did you mean `{name}`?"));
            let edit = Edit::replace(lost.name_span, name);
            cx.report(finding.fix(Fix::uncertain(format!("write `{name}`"), [edit])));
        } else if let Some(ended) = lost.ended_at {
            let message =
                format!("this `{name}` directive has no effect: a comment or an empty line comes before it");
            let finding = cx
                .at(lost.span, message)
                .label(ended, "this ends the directives")
                .help("move it to the first line of the file");
            cx.report(finding);
        }
    }
}

/// `directive-casing`.
pub fn directive_casing(cx: &mut Cx<'_>) {
    let model = cx.model;
    for directive in &model.file.directives {
        let (written, name) = (model.text(directive.name_span), directive.kind.name());
        if written == name {
            continue;
        }
        let message = format!("`{written}` is not in lower case, as directives usually are");
        let edit = Edit::replace(directive.name_span, name);
        let finding = cx.at(directive.name_span, message).help(format!("write `{name}`"));
        cx.report(finding.fix(Fix::safe("write it in lower case", [edit])));
    }
}

/// `unknown-platform`.
pub fn unknown_platform(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        let Some(word) = instruction.flag("platform").and_then(|f| f.word(model.file.escape)) else {
            continue;
        };
        if word.text.contains('$') || instruction.keyword != Keyword::From {
            continue;
        }
        let Some(slip) = PlatformSlip::of(&word.text) else { continue };
        let written = word.text.get(slip.range.clone()).unwrap_or(&word.text);
        let span = word.part(slip.range.clone());
        let message = format!(
            "`{written}` is neither an operating system nor an architecture that images are built for"
        );
        let mut finding = cx.at(span, message).help(format!("did you mean `{}`?", slip.meant));
        if word.exact {
            let title = format!("write `{}`", slip.meant);
            finding = finding.fix(Fix::uncertain(title, [Edit::replace(span, slip.meant)]));
        }
        cx.report(finding);
    }
}

/// `misplaced-flag`.
pub fn misplaced_flag(cx: &mut Cx<'_>) {
    const FLAGS: [&str; 8] = [
        "--chown=",
        "--chmod=",
        "--from=",
        "--link",
        "--parents",
        "--exclude=",
        "--checksum=",
        "--keep-git-dir",
    ];
    let model = cx.model;
    for (_, instruction) in model.instructions() {
        let (Kind::Copy(transfer) | Kind::Add(transfer)) = &instruction.kind else { continue };
        let words: Vec<&Word> = transfer.paths().chain(&transfer.destination).collect();
        let is_flag =
            |w: &&&Word| w.text.starts_with("--") && FLAGS.iter().any(|flag| w.text.starts_with(flag));
        let Some(word) = words.iter().find(is_flag) else { continue };
        let name = instruction.keyword.name();
        let flag = word.text.split('=').next().unwrap_or(&word.text);
        let what = if words.last().is_some_and(|last| last.span == word.span) {
            "it is taken for the destination"
        } else {
            "it is taken for a file, which is not there, and the build fails"
        };
        let message = format!("`{flag}` has to come before the sources of {name}: here {what}");
        let mut finding = cx.at(word.span, message).help(format!("write `{name} {} …`", short(&word.text)));
        let text = model.file.text();
        let before = text.get(..word.span.start as usize).unwrap_or("");
        let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
        if word.exact && !transfer.json && blanks > 0 {
            let gap = Span::new(word.span.start - Span::of(0..blanks).end, word.span.end);
            let edits =
                [Edit::insert(instruction.keyword_span.end, format!(" {}", word.text)), Edit::delete(gap)];
            finding = finding.fix(Fix::uncertain("move the flag to the front", edits));
        }
        cx.report(finding);
    }
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}
