//! `dlint lock --image`: measures a real build, and keeps what each instruction of its Dockerfile weighs.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicU64;

use crate::context::Progress;
use crate::diag::{Problem, format_bytes};
use crate::engine::{TakenFiles, today};
use crate::image::Image;
use crate::report::sanitize;
use crate::semantic::Model;
use crate::size::{Class, Lesson, Unteachable, learn, plan};
use crate::tree::DISK;
use crate::workspace::{Files, LockPlace};

use super::super::Exit;
use super::super::args::LockArgs;
use super::super::images::{self, Place, Wish};
use super::super::output;
use super::super::progress::{self, BytesRead};
use super::super::project;

/// Measures the image, and writes the lock file.
pub(super) fn run(args: &LockArgs, image: &Path) -> io::Result<Exit> {
    match from_image(args, image) {
        Err(message) => Ok(output::failed(&message)),
        Ok(learned) => {
            if !args.quiet {
                learned.print()?;
            }
            output::problems(args.color, &learned.problems)
        }
    }
}

/// What came of it, for people.
struct Report {
    lock: String,
    dockerfile: String,
    image: String,
    platform: String,
    /// How many instructions make layers.
    all: usize,
    /// Line, bytes and instruction of those that were learned.
    rows: Vec<(u32, u64, String)>,
    notes: Vec<String>,
    problems: Vec<Problem>,
}

impl Report {
    fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let Self { lock, dockerfile, image, platform, all, rows, .. } = self;
        let of = format!("{} of {all} rows of {dockerfile} from {image} ({platform})", rows.len());
        writeln!(out, "{lock}: learned {of}", lock = sanitize(lock), of = sanitize(&of))?;
        for (line, bytes, text) in rows {
            let text: String = text.chars().take(70).collect();
            writeln!(out, "  {line:>4} {:>10}  {}", format_bytes(*bytes), sanitize(&text))?;
        }
        for note in &self.notes {
            writeln!(out, "note: {}", sanitize(note))?;
        }
        out.flush()
    }
}

fn from_image(args: &LockArgs, image: &Path) -> Result<Report, String> {
    let name = image.display().to_string();
    let place = Place::of(image)?;
    let measured = Progress::default();
    let open = || project::open(args.path.as_deref(), &args.target, &args.config, &measured);
    let mut project = progress::shown(args.quiet, &measured, open)?;
    let lock = project.target.file().and_then(|path| LockPlace::of(&DISK, path));
    let lock = lock.ok_or("the sizes are kept for a Dockerfile by its path, so it has to be a file")?;
    let shown = lock.path.display().to_string();
    let before = lock.read(&DISK).map_err(|error| format!("{}: {error}", sanitize(&shown)))?;
    let read = BytesRead::default();
    let image = progress::shown(args.quiet, &read, || load(args, &place, &read.0))?;
    let taken = TakenFiles::of(&Files::default(), &project.target, &project.analysis, &lock.path, None);
    let platform = platform(&image);
    let model = &project.analysis;
    let target = model.final_stage().and_then(|stage| stage.name.as_deref());
    let build = lock.build(target, &platform);
    let class = Class {
        model,
        plan: &plan(model, &project.settings.base_images, architecture(&platform)),
        build: &build,
        taken: &taken.digests,
        left_out: &taken.left_out,
        old: before.as_ref().and_then(|file| file.layers(&build)),
        by: place.kind(),
        date: &today(),
    };
    let Lesson { layers, rows, all, mut notes } = learn(&class, &image).map_err(|why| refused(why, &name))?;
    if !taken.left_out.is_empty() {
        notes.push(
            "dlint.lock is in the build context, and COPY takes it: add `dlint.lock` to the ignore file"
                .to_owned(),
        );
    }
    let rows = rows.into_iter().map(|(step, bytes)| row(model, step, bytes)).collect();
    let mut file = before.clone().unwrap_or_default();
    file.set_layers(build, layers);
    super::write(&lock, before.as_ref(), &file)?;
    Ok(Report {
        lock: shown,
        dockerfile: project.target.name(),
        image: name,
        platform,
        all,
        rows,
        notes,
        problems: std::mem::take(&mut project.problems),
    })
}

fn row(model: &Model, step: usize, bytes: u64) -> (u32, u64, String) {
    let instruction = model.instruction(step);
    (instruction.lines.0, bytes, instruction.logical.text().to_owned())
}

fn refused(why: Unteachable, image: &str) -> String {
    match why {
        Unteachable::NoLayer => format!("{}: {why}", sanitize(image)),
        _ => why.to_string(),
    }
}

fn load(args: &LockArgs, place: &Place, read: &AtomicU64) -> Result<Image, String> {
    let platform = args.target.build.platform.as_deref();
    let wish = Wish {
        tree: false,
        platform,
        pick: args.pick.as_deref(),
        watch: &[],
        unverified: args.no_verify,
        read,
        registries: &args.registries,
    };
    images::load(place, wish)
}

/// `linux/arm64`, without a variant.
fn platform(image: &Image) -> String {
    image.platform.split('/').take(2).collect::<Vec<_>>().join("/")
}

fn architecture(platform: &str) -> &str {
    platform.split_once('/').map_or("amd64", |(_, architecture)| architecture)
}
