//! What the build cache keeps, as a table for people.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::diag::{counted, format_bytes};

use super::Style;
use super::cache::{
    CacheFate, CacheFileChange, CacheReason, CacheReport, CacheRow, CacheSum, ChangedPart, ChangedRow,
    ChangedState,
};
use super::fit::Fitted;
use super::paint::Ink;
use super::plan::short_amount;
use super::sanitize::{path, sanitize};
use super::sheet::{Sheet, clip};

/// How many changed paths are shown.
const ROWS: usize = 25;
/// How many lines are named in a sum.
const LINES: usize = 8;

/// Writes the report for people.
///
/// # Errors
/// Those of `out`.
pub fn write_cache(out: &mut dyn Write, report: &CacheReport, style: &Style) -> io::Result<()> {
    let width = style.width.clamp(60, 200);
    let mut out = Fitted::new(out, style);
    let mut page = Page { sheet: Sheet::new(&mut out, style), width, quiet: style.quiet };
    page.head(report)?;
    page.changed(report)?;
    page.layers(report)?;
    page.sums(report)?;
    if !style.quiet {
        page.advice(report)?;
    }
    page.notes(report)?;
    out.flush()
}

struct Page<'o> {
    sheet: Sheet<'o>,
    width: usize,
    quiet: bool,
}

impl Page<'_> {
    fn head(&mut self, report: &CacheReport) -> io::Result<()> {
        let name = path(&report.dockerfile).into_owned();
        let target = match &report.target {
            Some(target) => format!(", stage {}", sanitize(target)),
            None => String::new(),
        };
        writeln!(
            self.sheet.out,
            "{} {name}{target}, if {}",
            self.sheet.paint.ink(Ink::Bold, "Build cache of"),
            what_changes(report)
        )
    }

    fn changed(&mut self, report: &CacheReport) -> io::Result<()> {
        let said: Vec<String> = report.changed.iter().flatten().filter_map(said_of).collect();
        for text in said.iter().take(ROWS) {
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))?;
        }
        if said.len() > ROWS {
            let text = format!("and {} more, which `--format json` lists", said.len() - ROWS);
            writeln!(self.sheet.out, "  {}", self.sheet.paint.ink(Ink::Dim, text))?;
        }
        Ok(())
    }

    fn layers(&mut self, report: &CacheReport) -> io::Result<()> {
        let several = report.layers.iter().any(|r| r.stage != report.layers.first().map_or(0, |f| f.stage));
        let room = (self.width / 2).saturating_sub(12).max(24);
        let shown = report.layers.iter().filter(|r| !self.quiet || r.fate != CacheFate::Kept);
        let mut stage = None;
        for row in shown {
            if stage != Some(row.stage) {
                stage = Some(row.stage);
                let title = match &row.stage_name {
                    Some(name) => format!("Stage {}", sanitize(name)),
                    None if several => format!("Stage {}", row.stage),
                    None => "Layers".to_owned(),
                };
                self.sheet.title(&title)?;
                self.sheet.header(&format!(
                    "{:>5}  {:<7}  {:>11}  {:<room$}  why",
                    "line", "cache", "bytes", "made by"
                ))?;
            }
            let (fate, ink) = match row.fate {
                CacheFate::Kept => ("kept", Ink::Good),
                CacheFate::Perhaps => ("maybe", Ink::Warning),
                CacheFate::Rebuilt => ("rebuilt", Ink::Error),
            };
            let unnamed = row.base && row.sum.bytes == 0;
            let bytes = if unnamed { String::new() } else { short_amount(&row.sum) };
            let why = why(row);
            let instruction = clip(&row.instruction, room);
            let pad = if why.is_empty() { 0 } else { room };
            let line = format!(
                "  {:>5}  {}  {bytes:>11}  {instruction:<pad$}",
                row.lines.0,
                self.sheet.paint.ink(ink, format!("{fate:<7}")),
            );
            match why.is_empty() {
                true => writeln!(self.sheet.out, "{line}")?,
                false => writeln!(self.sheet.out, "{line}  {}", self.sheet.paint.ink(Ink::Dim, why))?,
            }
        }
        Ok(())
    }

    fn sums(&mut self, report: &CacheReport) -> io::Result<()> {
        let all = report.kept.layers + report.perhaps.layers + report.rebuilt.layers;
        let (rebuilt, perhaps) = (&report.rebuilt, &report.perhaps);
        let of = counted(all as u64, "layer", "layers");
        let mut text = match (rebuilt.layers, perhaps.layers) {
            (0, 0) => match report.layers.iter().filter(|row| row.base).map(|row| row.fate).max() {
                Some(CacheFate::Rebuilt) => "Only what it starts from is rebuilt".to_owned(),
                Some(CacheFate::Perhaps) => "Only what it starts from may be rebuilt".to_owned(),
                Some(CacheFate::Kept) | None => "Nothing is rebuilt".to_owned(),
            },
            (0, 1) => format!("1 of {of} may be rebuilt"),
            (0, maybe) => format!("{maybe} of {of} may be rebuilt"),
            (1, _) => format!("1 of {of} is rebuilt"),
            (rebuilt, _) => format!("{rebuilt} of {of} are rebuilt"),
        };
        if rebuilt.in_image > 0 {
            text += &format!("; to push and pull again: {}", transferred(rebuilt));
        } else if rebuilt.layers > 0 {
            text += ", and nothing of that is pushed or pulled";
        }
        if perhaps.layers > 0 && rebuilt.layers > 0 {
            text += &format!("; {} more may be", perhaps.layers);
        }
        if perhaps.in_image > 0 {
            text += &format!(": {}", transferred(perhaps));
        }
        writeln!(self.sheet.out, "\n{text}.")
    }

    fn advice(&mut self, report: &CacheReport) -> io::Result<()> {
        for row in &report.advice {
            let command = sanitize(&row.command);
            let what = if row.builds { "downloads of `" } else { "result of `" };
            let bytes = match short_amount(&row.sum) {
                known if row.sum.bytes > 0 => format!(", {known}"),
                _ => String::new(),
            };
            let names: Vec<_> = row.until.iter().map(|n| sanitize(n)).collect();
            let until = match names.as_slice() {
                [] => String::new(),
                names => format!(" until {} changes", any_of(names)),
            };
            let title = format!("To keep the {what}{command}` (line {}{bytes}){until}", row.line);
            match row.replaces {
                Some((first, last)) => {
                    self.sheet.title(&format!("{title}, replace lines {first}-{last} with:"))?;
                    for line in row.write.iter().flat_map(|l| l.lines()) {
                        writeln!(self.sheet.out, "    {}", sanitize(line))?;
                    }
                }
                None => {
                    self.sheet.title(&format!("{title}:"))?;
                    writeln!(
                        self.sheet.out,
                        "  {}. The COPY is on line {}.",
                        sanitize(&row.words),
                        row.copy_line
                    )?;
                }
            }
        }
        Ok(())
    }

    fn notes(&mut self, report: &CacheReport) -> io::Result<()> {
        if !report.notes.is_empty() {
            writeln!(self.sheet.out)?;
        }
        for note in &report.notes {
            for line in wrapped(&sanitize(note), self.width) {
                writeln!(self.sheet.out, "{}", self.sheet.paint.ink(Ink::Warning, line))?;
            }
        }
        Ok(())
    }
}

/// Lines of at most `width` characters, broken at blanks.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split(' ') {
        let len = word.chars().count();
        match lines.last_mut() {
            Some(line) if used + 1 + len <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + len;
            }
            _ => {
                lines.push(word.to_owned());
                used = len;
            }
        }
    }
    lines
}

/// What changes, after "if".
fn what_changes(report: &CacheReport) -> String {
    let Some(rows) = &report.changed else { return "any source file changes".to_owned() };
    let compared = [report.dockerfile_change, report.ignore_change].contains(&CacheFileChange::Compared);
    // What is compared is named as what it is.
    let rows: Vec<&ChangedRow> = rows.iter().filter(|row| !compared || !row.says_what_is_built).collect();
    let mut parts: Vec<String> = match rows.as_slice() {
        [] => Vec::new(),
        [one] => vec![sanitize(&one.path).into_owned()],
        many => vec![format!("{} paths", many.len())],
    };
    if report.dockerfile_change == CacheFileChange::Compared {
        parts.push("the Dockerfile".to_owned());
    }
    if report.ignore_change == CacheFileChange::Compared {
        parts.push("the ignore file".to_owned());
    }
    parts.extend(match report.args_changed.as_slice() {
        [] => None,
        [one] => Some(format!("the build argument {}", sanitize(one))),
        many => Some(format!("{} build arguments", many.len())),
    });
    let many = parts.len() > 1 || rows.len() > 1 || report.args_changed.len() > 1;
    match parts.as_slice() {
        [] => "nothing changes".to_owned(),
        [one] => format!("{one} change{}", if many { "" } else { "s" }),
        [before @ .., last] => format!("{} and {last} change", before.join(", ")),
    }
}

/// What is said of a changed path; nothing of one that some instruction takes.
fn said_of(row: &ChangedRow) -> Option<String> {
    if row.says_what_is_built {
        return None;
    }
    let name = path(&row.path);
    if row.lines.is_empty() && !row.builds.is_empty() {
        let builds: Vec<String> = row.builds.iter().map(|build| format!("`{}`", sanitize(build))).collect();
        let images = if builds.len() == 1 { "the image" } else { "the images" };
        return Some(format!(
            "{name} counts for {images} of {}, which this one is built on.",
            all_of(&builds)
        ));
    }
    Some(match (row.state, &row.ignored_by) {
        (ChangedState::Outside, _) => format!("{name} is outside the build context, so it rebuilds nothing."),
        (ChangedState::Ignored, Some(by)) => {
            format!("Line {} of {} ignores {name}, so it rebuilds nothing.", by.line, sanitize(&by.file))
        }
        (ChangedState::Ignored, None) => format!("{name} is ignored, so it rebuilds nothing."),
        (ChangedState::There | ChangedState::Deleted, _) if !row.maybe_lines.is_empty() => {
            format!("{name} is copied only if a variable says so (line {}).", row.maybe_lines.first()?)
        }
        (ChangedState::There, _) if row.lines.is_empty() => {
            format!("No instruction copies {name}, so it rebuilds nothing.")
        }
        (ChangedState::Deleted, _) if row.lines.is_empty() => {
            format!("{name} does not exist, and no instruction would copy it.")
        }
        (ChangedState::Deleted, _) => format!("{name} does not exist, so it counts as deleted."),
        (ChangedState::There, _) => return None,
    })
}

/// `a`, `b` and `c`.
fn all_of(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// `a`, `b` or `c`.
fn any_of(names: &[Cow<'_, str>]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// The bytes that are known, and the lines whose bytes are not.
fn transferred(sum: &CacheSum) -> String {
    let mut lines: Vec<String> = sum.unknown.iter().take(LINES).map(u32::to_string).collect();
    if sum.unknown.len() > LINES {
        lines.push("…".to_owned());
    }
    let about = if sum.sum.least == sum.sum.most { "" } else { "about " };
    let known = format!("{about}{}", format_bytes(sum.sum.bytes));
    let unknown = match lines.as_slice() {
        [] => return known,
        [line] => format!("line {line}, whose size is unknown"),
        _ => format!("lines {}, whose sizes are unknown", lines.join(", ")),
    };
    if sum.sum.bytes == 0 { unknown } else { format!("{known} and {unknown}") }
}

/// Why, in a few words; nothing for what goes without saying.
pub(super) fn why(row: &CacheRow) -> String {
    let takes = if row.instruction.get(..3).is_some_and(|k| k.eq_ignore_ascii_case("run")) {
        "mounts"
    } else {
        "copies"
    };
    let name = |path: &str| sanitize(if path.is_empty() { "." } else { path }).into_owned();
    match &row.reason {
        CacheReason::Untouched => String::new(),
        CacheReason::Elsewhere if row.base => String::new(),
        CacheReason::Elsewhere => "does not come from these files".to_owned(),
        CacheReason::Linked { .. } if row.fate == CacheFate::Perhaps => {
            "--link: it depends on the image store".to_owned()
        }
        CacheReason::Linked { line } => format!("--link: does not depend on line {line}"),
        CacheReason::Takes { path: Some(path), paths, deleted, files, example, .. } => {
            let more = match (*paths, *files) {
                (0 | 1, _) if *deleted => " (deleted)".to_owned(),
                (0 | 1, 0) => String::new(),
                (0 | 1, 1) if example.as_deref() == Some(path.as_str()) => String::new(),
                (0 | 1, files) => format!(" ({})", counted(files, "file", "files")),
                (paths, _) => format!(" and {} more", paths - 1),
            };
            format!("{takes} {}{more}", name(path))
        }
        CacheReason::Takes { path: None, files, example, .. } => {
            let example = example.as_deref().map(sanitize);
            match (files, example) {
                (1, Some(name)) => format!("{takes} {name}"),
                (files, Some(name)) => {
                    format!("{takes} {}, such as {name}", counted(*files, "source file", "source files"))
                }
                (files, None) => format!("{takes} {}", counted(*files, "source file", "source files")),
            }
        }
        CacheReason::IgnoreFile { path, paths, kept, .. } => {
            let does = if *kept { "no longer ignores" } else { "now ignores" };
            let more = if *paths > 1 { format!(" and {} more", paths - 1) } else { String::new() };
            format!("the ignore file {does} {}{more}", name(path))
        }
        CacheReason::UnknownIgnoreFile { source } => {
            format!("the ignore file may change what {} holds", name(source))
        }
        CacheReason::Changed { what, names } => changed(*what, names),
        CacheReason::UnknownDockerfile => "the Dockerfile changes".to_owned(),
        CacheReason::UnknownTriggers => "its ONBUILD instructions are not known".to_owned(),
        CacheReason::Triggers { path: Some(path), paths } => {
            let more = if *paths > 1 { format!(" and {} more", paths - 1) } else { String::new() };
            format!("its ONBUILD instructions take {}{more}", name(path))
        }
        CacheReason::Triggers { path: None, .. } if row.fate == CacheFate::Rebuilt => {
            "its ONBUILD instructions take source files".to_owned()
        }
        CacheReason::Triggers { path: None, .. } => {
            "its ONBUILD instructions may take other files".to_owned()
        }
        CacheReason::OnBuild { dockerfile: Some(file), line: Some(line), .. } => {
            let verb = if row.fate == CacheFate::Rebuilt { "is" } else { "may be" };
            format!("line {line} of {} {verb} rebuilt", path(file))
        }
        CacheReason::OnBuild { dockerfile: Some(file), .. } => format!("{} changes", path(file)),
        CacheReason::OnBuild { build, .. } => format!("`{}` may be rebuilt", sanitize(build)),
        CacheReason::FromBuild { build } => {
            let done = if takes == "mounts" { "mounted" } else { "copied" };
            format!("only if the files {done} from `{}` change", sanitize(build))
        }
        CacheReason::UnknownContext => "may be a build context with that name".to_owned(),
        CacheReason::Fails { source } => format!("the build fails: {} is missing", name(source)),
        CacheReason::UnknownSource => format!("what it {takes} depends on a variable"),
        CacheReason::MissingSource { source } => format!("{} is not in the build context", name(source)),
        CacheReason::FromStage { stage } if row.fate == CacheFate::Rebuilt => {
            format!("{takes} changed files from `{}`", sanitize(stage))
        }
        CacheReason::FromStage { stage } if row.fate == CacheFate::Kept => {
            format!("what it {takes} from `{}` does not change", sanitize(stage))
        }
        CacheReason::FromStage { stage } => {
            let done = if takes == "mounts" { "mounted" } else { "copied" };
            format!("only if the files {done} from `{}` change", sanitize(stage))
        }
        CacheReason::OnStage { stage } => format!("starts from `{}`", sanitize(stage)),
        CacheReason::Follows { line } => format!("comes after line {line}"),
    }
}

fn changed(what: ChangedPart, names: &[String]) -> String {
    match (what, names) {
        (ChangedPart::Instruction, _) => "new or changed instruction".to_owned(),
        (ChangedPart::Variables, names) => {
            let names: Vec<_> = names.iter().map(|n| sanitize(n)).collect();
            match names.split_last() {
                Some((last, [])) => format!("sees another value of {last}"),
                Some((last, names)) => format!("sees other values of {} and {last}", names.join(", ")),
                None => "sees other variables".to_owned(),
            }
        }
        (ChangedPart::User, _) => "runs as another user".to_owned(),
        (ChangedPart::Folder, _) => "works in another folder".to_owned(),
        (ChangedPart::Shell, _) => "runs in another shell".to_owned(),
        (ChangedPart::Base, _) => "another base image".to_owned(),
        (ChangedPart::Context, _) => "takes from another build context of that name".to_owned(),
        (ChangedPart::Below, _) => "the layers before it differ".to_owned(),
    }
}
