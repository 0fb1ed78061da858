//! What the images of a project will weigh, a line each, and together.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::diag::{counted, format_bytes};

use super::Style;
use super::about::About;
use super::compare::signed;
use super::fit::Fitted;
use super::image::CheckRow;
use super::json::to_writer;
use super::paint::{Ink, wrap};
use super::plan::{Amounts, LayerCount, amount, short_amount};
use super::sanitize::sanitize;
use super::sheet::{Sheet, clip};

/// How many bases that several images share are named for people.
const BASES: usize = 5;
/// How many builds people see of those that save most.
const MOST_SAVINGS: usize = 10;

/// The images of a project. This is the JSON document, too.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SizesReport {
    /// The version of this shape: 1.
    pub version: u8,
    /// The builds, the largest first or those that save most; those of which nothing is known come last.
    pub targets: Vec<SizeRow>,
    /// What they weigh together.
    pub sum: SizesSum,
    /// The images that count once though several start from them, the largest first.
    pub shared: Vec<SharedBase>,
    /// What was left out, and why.
    pub notes: Vec<String>,
    /// Earlier reports of this kind, in the order that they were given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierSizes>,
    /// True if the builds whose suggestions save most come first, and people see ten of them.
    #[serde(skip)]
    pub by_saving: bool,
    /// Where it comes from; the page says so.
    #[serde(skip)]
    pub about: About,
}

/// What an earlier report said.
#[derive(Debug, Clone, Serialize)]
pub struct EarlierSizes {
    /// What it is called: the name of its file, without the ending.
    pub name: String,
    /// What the images weighed then.
    pub sum: SizesSum,
}

impl EarlierSizes {
    /// Reads what [`write_sizes_json`] has written.
    ///
    /// # Errors
    /// If the text is no such report.
    pub fn read(name: String, text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Report {
            version: u8,
            sum: SizesSum,
        }
        match serde_json::from_str(text) {
            Ok(Report { version: 1, sum }) => Ok(Self { name, sum }),
            Ok(Report { version, .. }) => {
                Err(format!("is a report of version {version}, and this dlint reads version 1"))
            }
            Err(error) => {
                Err(format!("is not a report written by `dlint size --all --format json`: {error}"))
            }
        }
    }

    /// By how many of the known bytes the images have grown since `before`.
    #[must_use]
    pub fn growth_since(&self, before: &Self) -> i64 {
        let bytes = |of: &Self| i64::try_from(of.sum.together.bytes).unwrap_or(i64::MAX);
        bytes(self).saturating_sub(bytes(before))
    }
}

/// One build.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SizeRow {
    /// The service or target; `null` for a Dockerfile that no file builds.
    pub name: Option<String>,
    /// The file that starts the build.
    pub file: Option<String>,
    /// The line of that.
    pub line: Option<usize>,
    /// The Dockerfile; `null` if it is written in the file, or not known.
    pub dockerfile: Option<String>,
    /// True if the Dockerfile is written in the file.
    pub inline: bool,
    /// The stage that is built, if it has a name.
    pub stage: Option<String>,
    /// `linux/amd64`.
    pub platform: Option<String>,
    /// What the image will weigh; `null` if nothing is known of it.
    pub image: Option<Amounts>,
    /// Its layers, and how many of them cannot be estimated.
    pub layers: Option<LayerCount>,
    /// What it will weigh once all advice is taken.
    pub after: Option<Amounts>,
    /// The suggestion that saves most of it, if any saves bytes.
    pub advice: Option<SizeAdvice>,
    /// The image that it starts from, or the build that makes that.
    pub base: Option<String>,
    /// The build before it that makes the same image, which counts once.
    pub same_as: Option<String>,
    /// Why nothing is known of it.
    pub why: Option<String>,
    /// The limits that were asked for.
    pub checks: Vec<CheckRow>,
}

/// A suggestion for a build.
#[derive(Debug, Clone, Serialize)]
pub struct SizeAdvice {
    /// The line of the Dockerfile.
    pub line: u32,
    /// The rule that says it.
    pub rule: String,
    /// What it saves.
    pub bytes: u64,
    /// What to do.
    pub help: String,
}

/// What images weigh together.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct SizesSum {
    /// How many different images there are of which something is known.
    pub images: usize,
    /// How many builds there are of which nothing is known; they are in no sum.
    pub unknown_targets: usize,
    /// Their bytes, where what several of them start from counts once.
    pub together: Amounts,
    /// Their bytes, each image for itself.
    pub apart: Amounts,
}

impl SizesSum {
    /// One of the sums. A build of which nothing is known makes it a part of the whole.
    #[must_use]
    pub const fn whole(&self, sum: &Amounts) -> Amounts {
        Amounts { unknown: sum.unknown.saturating_add(self.unknown_targets), ..*sum }
    }
}

/// An image that others start from.
#[derive(Debug, Clone, Serialize)]
pub struct SharedBase {
    /// The image, or the build of the project that makes it.
    pub base: String,
    /// The platform, of an image that no build of the project makes.
    pub platform: Option<String>,
    /// How many images start from it.
    pub images: usize,
    /// What it weighs.
    pub bytes: Amounts,
}

impl SizeRow {
    /// What the build is called: `compose.yaml: web`, or the Dockerfile.
    #[must_use]
    pub fn title(&self) -> String {
        match (&self.file, &self.name) {
            (Some(file), Some(name)) => format!("{file}: {name}"),
            _ => self.dockerfile.clone().unwrap_or_default(),
        }
    }

    /// What all suggestions together would save of it.
    #[must_use]
    pub fn saving(&self) -> u64 {
        let now = self.image.map_or(0, |image| image.bytes);
        self.after.map_or(0, |after| now.saturating_sub(after.bytes))
    }
}

impl Amounts {
    /// What is left without a part of it.
    #[must_use]
    pub const fn without(&self, part: &Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(part.bytes),
            least: self.least.saturating_sub(part.least),
            most: self.most.saturating_sub(part.most),
            unknown: self.unknown.saturating_sub(part.unknown),
        }
    }
}

/// Writes the report as JSON.
///
/// # Errors
/// Those of `out`.
pub fn write_sizes_json(out: &mut dyn Write, report: &SizesReport) -> io::Result<()> {
    to_writer(out, report)
}

/// Writes the report as a table.
///
/// # Errors
/// Those of `out`.
pub fn write_sizes(out: &mut dyn Write, report: &SizesReport, style: &Style) -> io::Result<()> {
    let mut out = Fitted::new(out, style);
    let mut sheet = Sheet::new(&mut out, style);
    if !style.quiet {
        match report.by_saving {
            true => savings(&mut sheet, report, style)?,
            false => table(&mut sheet, report, style)?,
        }
        together(&mut sheet, report, style)?;
        for before in &report.earlier {
            let now = EarlierSizes { name: String::new(), sum: report.sum };
            let growth = match now.growth_since(before) {
                0 => "no change in the known bytes".to_owned(),
                bytes => format!("{} of known bytes", signed(bytes)),
            };
            let then = counted(before.sum.images as u64, "image", "images");
            let text = format!("since {}: {growth}; {then} then", before.name);
            wrap_line(&mut sheet, &text, style)?;
        }
        for note in &report.notes {
            write!(sheet.out, "\nnote: ")?;
            wrap(sheet.out, &sanitize(note), 6, 6, style.width)?;
        }
    }
    limits(&mut sheet, report)?;
    out.flush()
}

fn table(sheet: &mut Sheet<'_>, report: &SizesReport, style: &Style) -> io::Result<()> {
    if report.targets.is_empty() {
        return Ok(());
    }
    let most = style.width.clamp(60, 200) / 3;
    let wide = |cell: &dyn Fn(&SizeRow) -> String, title: &str| {
        let longest = report.targets.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
        longest.max(title.len()).min(most)
    };
    let (name, from) = (wide(&named, "build"), wide(&dockerfile, "Dockerfile"));
    sheet.header(&format!(
        "{:>13}  {:>20}  {:>6}  {:<name$}  {:<from$}  starts from",
        "bytes", "range", "layers", "build", "Dockerfile"
    ))?;
    for row in &report.targets {
        let bytes = row.image.as_ref().map_or_else(|| "?".to_owned(), short_amount);
        let text = match (&row.same_as, &row.why, &row.base) {
            (Some(same), ..) => format!("the same image as {}", sanitize(same)),
            (None, Some(why), _) => sanitize(why).into_owned(),
            (None, None, Some(base)) => sanitize(base).into_owned(),
            (None, None, None) => String::new(),
        };
        let line = format!(
            "  {bytes:>13}  {:>20}  {:>6}  {:<name$}  {:<from$}  {text}",
            range(row),
            layers(row),
            clip(&named(row), name),
            clip(&dockerfile(row), from),
        );
        writeln!(sheet.out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// The builds whose suggestions save most, with the suggestion that does most of it.
fn savings(sheet: &mut Sheet<'_>, report: &SizesReport, style: &Style) -> io::Result<()> {
    let own = report.targets.iter().filter(|row| row.same_as.is_none() && row.saving() > 0);
    let rows: Vec<&SizeRow> = own.collect();
    if rows.is_empty() {
        return writeln!(sheet.out, "no suggestion saves bytes of an image");
    }
    let most = style.width.clamp(60, 200) / 3;
    let title = |row: &SizeRow| if row.name.is_some() { named(row) } else { dockerfile(row) };
    let shown = || rows.iter().take(MOST_SAVINGS);
    let wide = shown().map(|row| title(row).chars().count()).max().unwrap_or(0).max("build".len()).min(most);
    sheet.header(&format!("{:>10}  {:>13}  {:<wide$}  most of it by", "saving", "bytes", "build"))?;
    for row in shown() {
        let bytes = row.image.as_ref().map_or_else(|| "?".to_owned(), short_amount);
        let by = row.advice.as_ref().map_or_else(String::new, |advice| {
            let file = row.dockerfile.as_deref().filter(|_| row.name.is_some());
            let at = file.map_or_else(String::new, |file| format!("{file}:"));
            let line = if at.is_empty() { format!("line {}", advice.line) } else { advice.line.to_string() };
            format!("{at}{line} {} ({})", advice.rule, format_bytes(advice.bytes))
        });
        let title = clip(&title(row), wide);
        writeln!(
            sheet.out,
            "  {:>10}  {bytes:>13}  {title:<wide$}  {}",
            format_bytes(row.saving()),
            sanitize(&by)
        )?;
    }
    let rest = rows.get(MOST_SAVINGS..).unwrap_or_default();
    if !rest.is_empty() {
        let bytes: u64 = rest.iter().map(|row| row.saving()).fold(0, u64::saturating_add);
        let builds = counted(rest.len() as u64, "more build", "more builds");
        let text = format!("and {} in {builds}", format_bytes(bytes));
        writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, &text))?;
    }
    Ok(())
}

fn named(row: &SizeRow) -> String {
    match (&row.name, &row.file) {
        (Some(name), Some(file)) => format!("{name} ({file})"),
        _ => "-".to_owned(),
    }
}

fn dockerfile(row: &SizeRow) -> String {
    let path = match &row.dockerfile {
        Some(path) => path.clone(),
        None if row.inline => "inline".to_owned(),
        None => "?".to_owned(),
    };
    match &row.stage {
        Some(stage) => format!("{path} ({stage})"),
        None => path,
    }
}

/// `72.1 MB to 99.3 MB`; of what is known.
fn range(row: &SizeRow) -> String {
    match row.image {
        Some(image) if image.least != image.most => {
            format!("{} to {}", format_bytes(image.least), format_bytes(image.most))
        }
        _ => String::new(),
    }
}

/// `5`, or `3/5` if only three of them are known.
fn layers(row: &SizeRow) -> String {
    match row.layers {
        Some(layers) if layers.unknown > 0 => {
            format!("{}/{}", layers.all - layers.unknown.min(layers.all), layers.all)
        }
        Some(layers) => layers.all.to_string(),
        None => "?".to_owned(),
    }
}

fn together(sheet: &mut Sheet<'_>, report: &SizesReport, style: &Style) -> io::Result<()> {
    let SizesSum { images, unknown_targets, together, apart } = &report.sum;
    let builds = report.targets.len() as u64;
    if builds == 0 {
        return writeln!(sheet.out, "no Dockerfile here, and no file that builds one");
    }
    let mut text = format!(
        "{}, {}, together {}",
        counted(builds, "build", "builds"),
        counted(*images as u64, "image", "images"),
        amount(&report.sum.whole(together))
    );
    if together.bytes < apart.bytes {
        text += &format!(" (each for itself: {})", amount(&report.sum.whole(apart)));
    }
    writeln!(sheet.out)?;
    wrap(sheet.out, &text, 2, 0, style.width)?;
    if report.targets.iter().filter_map(|row| row.layers).any(|layers| layers.unknown > 0) {
        let text = "layers: how many of all are known; `dlint size` names the others";
        writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, text))?;
    }
    if *unknown_targets > 0 {
        let text = format!("nothing is known of {}", counted(*unknown_targets as u64, "build", "builds"));
        writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Warning, &text))?;
    }
    let shared: Vec<&SharedBase> = report.shared.iter().filter(|shared| shared.bytes.bytes > 0).collect();
    for shared in shared.iter().take(BASES) {
        let images = counted(shared.images as u64, "image starts", "images start");
        let text =
            format!("counted once: {}, {}, from which {images}", shared.base, short_amount(&shared.bytes));
        wrap_line(sheet, &text, style)?;
    }
    if shared.len() > BASES {
        wrap_line(sheet, &format!("counted once: {} more", shared.len() - BASES), style)?;
    }
    Ok(())
}

fn wrap_line(sheet: &mut Sheet<'_>, text: &str, style: &Style) -> io::Result<()> {
    write!(sheet.out, "  ")?;
    wrap(sheet.out, &sanitize(text), 4, 2, style.width)
}

fn limits(sheet: &mut Sheet<'_>, report: &SizesReport) -> io::Result<()> {
    let failed = report.targets.iter().filter(|row| row.same_as.is_none());
    let failed: Vec<(String, &CheckRow)> = failed
        .flat_map(|row| row.checks.iter().filter(|check| !check.passed).map(|check| (row.title(), check)))
        .collect();
    if failed.is_empty() {
        return Ok(());
    }
    writeln!(sheet.out)?;
    for (title, check) in &failed {
        let word = sheet.paint.ink(Ink::Error, "failed");
        let title = sanitize(title);
        writeln!(sheet.out, "{word}: {title}: {}", check.said())?;
    }
    if failed.iter().any(|(_, check)| check.unknown) {
        let hint = "what is not known cannot be checked; with --unknown pass, only what is known counts";
        writeln!(sheet.out, "  {}", sheet.paint.ink(Ink::Dim, hint))?;
    }
    Ok(())
}
