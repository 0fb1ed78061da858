//! The ignore file itself: what is refused, what has no effect, what costs time.

use dockerignore::{IgnoreFile, Pattern};

use crate::context::{Notable, PatternUse, Scan};
use crate::diag::format_bytes;
use crate::rules::Cx;
use crate::semantic::BuildContext;
use crate::text::Span;

/// Less than this, in bytes, is not worth a word: settings of editors.
const WORTH_BYTES: u64 = 10_000;

/// `ignore-syntax`.
pub fn syntax(cx: &mut Cx<'_>) {
    let Some((file, _)) = cx.model.context().and_then(BuildContext::ignore) else { return };
    for error in file.errors() {
        let finding = cx
            .in_ignore_file(Span::of(error.range()), format!("BuildKit refuses this line: {error}"))
            .help(error.help());
        cx.report(finding);
    }
}

/// `ignore-walks-everything`.
pub fn walks_everything(cx: &mut Cx<'_>) {
    let Some((file, _)) = cx.model.context().and_then(BuildContext::ignore) else { return };
    let Some(pattern) = file.patterns().iter().find(|p| p.is_negated() && p.reaches_any_folder()) else {
        return;
    };
    let finding = cx
        .in_ignore_file(
            Span::of(pattern.range()),
            "a `!` line with a wildcard makes BuildKit walk every folder, including those that are ignored",
        )
        .help("name the folders: `!src`, `!src/*` and `!src/**` keep the walk short");
    cx.report(finding);
}

/// `ignore-pattern-unused`.
pub fn unused(cx: &mut Cx<'_>) {
    each(cx, |file, scan, text, at| {
        let pattern = file.patterns().get(at)?;
        let uses = scan.per_pattern.get(at)?;
        suspicious(file, at, pattern, *uses, text).or_else(|| top_only(file, scan, pattern))
    });
}

/// `ignore-pattern-matches-nothing`.
pub fn matches_nothing(cx: &mut Cx<'_>) {
    each(cx, |file, scan, text, at| {
        let pattern = file.patterns().get(at)?;
        let uses = scan.per_pattern.get(at)?;
        let idle = !uses.matched && !uses.skipped && !uses.fault && !pattern.is_faulty();
        // The other rule says more.
        if !idle || suspicious(file, at, pattern, *uses, text).is_some() {
            return None;
        }
        Some(Remark {
            message: "this line changes nothing in this build context".to_owned(),
            help:
                "remove it if the files it names no longer exist, or if an earlier line already covers them"
                    .to_owned(),
        })
    });
}

struct Remark {
    message: String,
    help: String,
}

/// Reports what `judge` says of each pattern, given its number.
fn each(cx: &mut Cx<'_>, judge: impl Fn(&IgnoreFile, &Scan, &str, usize) -> Option<Remark>) {
    let Some(context) = cx.model.context() else { return };
    let Some((file, text)) = context.ignore() else { return };
    for (at, pattern) in file.patterns().iter().enumerate() {
        if let Some(remark) = judge(file, &context.scan, Span::of(pattern.range()).text(text), at) {
            let finding = cx.in_ignore_file(Span::of(pattern.range()), remark.message).help(remark.help);
            cx.report(finding);
        }
    }
}

/// What is wrong with a pattern that cannot do what is meant. `line` is the line without blanks around.
fn suspicious(
    file: &IgnoreFile,
    at: usize,
    pattern: &Pattern,
    uses: PatternUse,
    line: &str,
) -> Option<Remark> {
    let remark = |message: &str, help: String| Some(Remark { message: message.to_owned(), help });
    let path = pattern.as_str();
    if matches!(path, "." | "/" | ".." | "") {
        let help = if pattern.is_negated() {
            "write `!*` to bring back everything"
        } else {
            "write `*` to leave out everything"
        };
        return remark("this line has no effect: the root of the context cannot be ignored", help.to_owned());
    }
    if path.starts_with("../") {
        let help = "paths are relative to the root of the build context, and nothing outside of it is sent";
        return remark("this line matches nothing: it points outside the build context", help.to_owned());
    }
    let before = file.patterns().get(..at).unwrap_or_default();
    if pattern.is_negated() && before.iter().all(|p| p.is_negated()) {
        let help = "the last matching line wins: move it below the line that leaves the file out";
        return remark("this line brings back nothing: no earlier line leaves anything out", help.to_owned());
    }
    if uses.matched || uses.skipped {
        return None;
    }
    if let Some((pattern, _)) = line.split_once(" #").or_else(|| line.split_once("\t#")) {
        let help = format!("write `{}`, and the comment on a line of its own", pattern.trim_end());
        return remark("the comment is read as part of the pattern, so the line matches nothing", help);
    }
    if line.starts_with('#') {
        let help = "put the `#` into the first column".to_owned();
        return remark("this is a pattern, not a comment: there are spaces before the `#`", help);
    }
    if path.contains('{') && path.contains(',') && path.contains('}') {
        let help = "write one line for each of the alternatives".to_owned();
        return remark("this line matches nothing: `{` and `}` stand for themselves", help);
    }
    if path.contains("[!") {
        let help = format!("write `{}`", line.replace("[!", "[^"));
        return remark("`[!…]` does not negate: it matches `!` or one of the other characters", help);
    }
    let mut bytes = path.bytes().zip(path.bytes().skip(1));
    if bytes.any(|(a, b)| a == b'\\' && b.is_ascii_alphanumeric()) {
        let help = format!("write `{}`", line.replace('\\', "/"));
        return remark("`\\` escapes the next character: folders are separated by `/`", help);
    }
    None
}

/// A line for the root's folder of that name, where others lie deeper.
fn top_only(file: &IgnoreFile, scan: &Scan, pattern: &Pattern) -> Option<Remark> {
    if pattern.is_negated() || pattern.as_str().starts_with("**") {
        return None;
    }
    let deeper =
        |n: &&Notable| n.name == pattern.as_str() && n.kept.bytes >= WORTH_BYTES && n.line.starts_with("**/");
    let notable = scan.notable.iter().find(deeper)?;
    // Perhaps they were brought back on purpose.
    if file.patterns().iter().any(|p| p.is_negated()) {
        return None;
    }
    let (places, bytes) = (notable.places, format_bytes(notable.kept.bytes));
    let what = if places == 1 { "one more is".to_owned() } else { format!("{places} more are") };
    Some(Remark {
        message: format!(
            "this line matches only at the root: {what} kept ({bytes}), for example `{}`",
            notable.example
        ),
        help: format!("write `{}`", notable.line),
    })
}
