//! What BuildKit would refuse.

use std::collections::HashSet;

use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::semantic::{Base, Builder, Model, Stage};
use crate::syntax::{File, Keyword, SyntaxError, SyntaxErrorKind};
use crate::text::{Edit, Span, nearest};

/// The rule that reports a kind of fault: those that people know by a name have one of their own.
const fn rule(kind: SyntaxErrorKind) -> &'static str {
    match kind {
        SyntaxErrorKind::InvalidUtf8 => "invalid-utf8",
        SyntaxErrorKind::InvalidPort | SyntaxErrorKind::InvalidProtocol => "invalid-port",
        SyntaxErrorKind::MissingFrom => "missing-from",
        SyntaxErrorKind::OnbuildTrigger => "onbuild-trigger",
        _ => "syntax-error",
    }
}

/// `syntax-error`, `invalid-port`, `missing-from` and `onbuild-trigger`.
pub fn error(cx: &mut Cx<'_>) {
    let file = &*cx.model.file;
    let (mut last, mut unknown) = (None, None);
    // What is known of the instruction that the last error was in.
    let mut own = None;
    let (mut comments, mut lone) = (Vec::new(), None);
    let mut renamed = HashSet::new();
    // The errors are sorted by their places; the first one at a place says most.
    let faults = file.errors.iter().filter(|e| e.kind != SyntaxErrorKind::InvalidUtf8);
    for error in faults.filter(|error| cx.model.is_refused(error)) {
        if last.replace(error.span) == Some(error.span) {
            continue;
        }
        if rule(error.kind) != cx.rule_name() {
            continue;
        }
        let at = file.instructions.partition_point(|i| i.span.end <= error.span.start);
        if own.replace(at) != Some(at) {
            let instruction = file.instructions.get(at);
            comments = instruction.map(|i| i.trailing_comments(file)).unwrap_or_default();
            lone = instruction.and_then(|i| lone_return(i.span, file.text()));
        }
        // A comment behind arguments has a rule of its own.
        if comments.iter().any(|c: &Span| c.start < error.span.end && error.span.start < c.end) {
            continue;
        }
        if error.kind != SyntaxErrorKind::UnknownInstruction && follows_another(file, at, error) {
            continue;
        }
        if error.kind == SyntaxErrorKind::UnknownInstruction {
            // Where a continuation is missing, each line behind it is unknown: one says it.
            let follows = unknown.replace(at).is_some_and(|before| before + 1 == at);
            let names = Keyword::ALL.iter().map(|(name, _)| *name);
            if follows && nearest(error.span.text(file.text()), names).is_none() {
                continue;
            }
        }
        let mut finding = finding(cx, error);
        if let Some(lone) = lone {
            finding = finding
                .label(lone, "this carriage return is not a line ending")
                .help("save the file with line feeds at the ends of its lines");
        }
        // What was meant as an array.
        if error.kind == SyntaxErrorKind::MissingArgument
            && let Some(instruction) = file.instructions.get(at)
            && let Some((_, array)) = instruction.slipped_array()
        {
            let edit = Edit::replace(instruction.arguments, &*array);
            finding =
                finding.help(format!("write `{array}`")).fix(Fix::uncertain("write a JSON array", [edit]));
        }
        if let Some((span, what)) = error.related {
            finding = finding.label(span, what);
        }
        // Buildah finds a stage only as it is written, so the name becomes lower case, too. Other such FROMs have
        // fixes of their own.
        if let (Some(fix), Some(stage)) = (&mut finding.fix, named_in_capitals(cx.model, error, at))
            && renamed.insert(stage.index)
        {
            let is_fault = |span| file.errors.binary_search_by_key(&span, |e| e.span).is_ok();
            let edits = super::casing::lower_everywhere(cx.model, stage).unwrap_or_default();
            fix.edits.extend(edits.into_iter().filter(|e| !is_fault(e.span)));
        }
        cx.report(finding);
    }
    if cx.rule_name() == "syntax-error" {
        refused(cx);
    }
}

/// True for a fault that another one of the same instruction brings about, so that it says nothing new.
fn follows_another(file: &File, at: usize, error: &SyntaxError) -> bool {
    use SyntaxErrorKind as Kind;
    let causes: &[Kind] = match error.kind {
        Kind::MissingArgument => &[Kind::UnknownFlag, Kind::InvalidJson, Kind::UnclosedQuote],
        Kind::MissingEquals | Kind::InvalidAs | Kind::ExtraArgument => &[Kind::BadSubstitution],
        _ => return false,
    };
    let Some(instruction) = file.instructions.get(at) else { return false };
    let own = file.errors.iter().skip(file.errors.partition_point(|e| e.span.start < instruction.span.start));
    own.take_while(|e| e.span.start < instruction.span.end)
        .any(|e| causes.contains(&e.kind) && (error.kind == Kind::MissingArgument || e.span < error.span))
}

/// What the builder refuses though BuildKit does not.
fn refused(cx: &mut Cx<'_>) {
    let builder = cx.model.build().builder;
    if builder == Builder::BuildKit {
        return;
    }
    for part in cx.model.refused_by(builder) {
        if cx.model.file.errors.iter().any(|error| error.span == part.span) {
            continue;
        }
        let message = format!("{} refuses {}, so the build fails", builder.title(), part.what);
        cx.report(cx.at(part.span, message).kind("not-in-this-builder").help(part.help));
    }
}

/// What a fault is reported as.
pub(super) fn finding(cx: &Cx<'_>, error: &SyntaxError) -> Finding {
    let mut finding = cx.at(error.span, error.message.as_str()).kind(error.kind.name());
    if let Some(help) = &error.help {
        finding = finding.help(help.as_str());
    }
    if let Some(meant) = &error.meant {
        let title = format!("write `{meant}`");
        finding = finding.fix(Fix::uncertain(title, [Edit::replace(error.span, &**meant)]));
    }
    finding
}

/// The stage that a FROM names in another case than it has to.
fn named_in_capitals<'m>(model: &'m Model, error: &SyntaxError, step: usize) -> Option<&'m Stage> {
    match model.stage_of(step)?.base {
        Base::Stage(named) if error.kind == SyntaxErrorKind::InvalidReference => model.stages.get(named),
        _ => None,
    }
}

/// A carriage return in the middle of an instruction's line.
fn lone_return(span: Span, text: &str) -> Option<Span> {
    let mut returns = span.text(text).match_indices('\r').map(|(at, _)| span.start as usize + at);
    let at = returns.find(|at| !text[at + 1..].trim_start_matches('\r').starts_with('\n'))?;
    (at + 1 < span.end as usize).then(|| Span::of(at..at + 1))
}

/// `invalid-utf8`.
pub fn utf8(cx: &mut Cx<'_>) {
    let source = &cx.model.file.source;
    // A file in another encoding is wrong in many places, for one reason.
    if let Some(first) = source.invalid().first() {
        let message = "this is not UTF-8: BuildKit passes the bytes on, and paths and labels come out wrong";
        let finding = cx.at(*first, more(message, source.invalid().len()));
        return cx.report(finding.help("save the file as UTF-8"));
    }
    if source.text().is_ascii() {
        return;
    }
    let mut lost = source.text().match_indices(char::REPLACEMENT_CHARACTER);
    if let Some((at, character)) = lost.next() {
        let message = "a character was lost here when the file was converted: this is U+FFFD";
        let finding = cx.at(Span::of(at..at + character.len()), more(message, 1 + lost.count()));
        cx.report(finding.help("write the character again, and save the file as UTF-8"));
    }
}

fn more(message: &str, count: usize) -> String {
    if count > 1 { format!("{message} ({count} places)") } else { message.to_owned() }
}

#[cfg(test)]
mod tests {
    use crate::engine::lint;
    use crate::semantic::{Analysis, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    #[test]
    fn a_lone_carriage_return_is_named() {
        let text = "FROM debian:12\r\nCOPY\\\r a b\r\nUSER\r\n";
        let file = parse(Source::from_text("Dockerfile", text));
        let found = lint(&Analysis::new(Model::new(file.clone())), &Default::default());
        let found: Vec<_> = found.iter().filter(|f| f.rule == "syntax-error").collect();
        assert_eq!(found[0].span.text(text), "COPY\\");
        assert_eq!(found[0].labels[0].span.range(), 21..22);
        assert!(found[1].labels.is_empty());
    }

    #[test]
    fn bytes_that_are_not_utf8_are_one_finding() {
        let bytes = b"FROM debian:12\nLABEL a=\"gr\xfc\xdfe\" b=\"\xe9\"\n".to_vec();
        let file = parse(Source::from_bytes("Dockerfile", bytes).unwrap());
        let found = lint(&Analysis::new(Model::new(file.clone())), &Default::default());
        let found: Vec<_> = found.iter().filter(|f| f.rule == "invalid-utf8").collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span.range(), 26..27);
        assert!(found[0].message.ends_with("(3 places)"));
    }
}
