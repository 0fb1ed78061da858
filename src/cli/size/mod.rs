//! `dlint size`: what a real image weighs.

mod image;
mod limits;

use std::io;
use std::path::Path;

use crate::engine::{describe, read_source};
use crate::image::{Fault, Image, ImageError, Options, Watch};
use crate::report::{self, ImageReport, sanitize};
use crate::semantic::{Model, Stage};
use crate::size::leftovers;
use crate::syntax::{self, File};

use super::Exit;
use super::args::{SizeArgs, TableFormatArg};
use super::output::{self, Sink};

pub(super) use limits::{Amount, amount, bytes, share};

/// Reads an image and prints what is in it.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    let report = match gather(args) {
        Ok(report) => report,
        Err(message) => {
            eprintln!("dlint: {message}");
            return Ok(Exit::Failure);
        }
    };
    let sink = args.output.as_deref().map_or(Sink::Stdout, Sink::File);
    output::write(sink, args.color, args.quiet, |out, style| match args.format {
        TableFormatArg::Human => report::write_image(out, &report, style),
        TableFormatArg::Json => report::write_image_json(out, &report),
    })?;
    Ok(if report.checks.iter().all(|c| c.passed) { Exit::Clean } else { Exit::Findings })
}

/// Reads image and Dockerfile; an error is a sentence for people.
fn gather(args: &SizeArgs) -> Result<ImageReport, String> {
    let dockerfile = args.dockerfile.as_deref().map(read).transpose()?;
    let model = dockerfile.as_ref().map(Model::new);
    let stage = match &model {
        Some(model) => Some(stage(model, args.target.as_deref())?),
        None => None,
    };
    let (kinds, places) = leftovers();
    let watch: Vec<Watch> = places.iter().map(|(_, watch)| watch.clone()).collect();
    let image = load(args, &watch)?;
    let mut report = image::report(&image, kinds, &places, model.as_ref().zip(stage));
    report.image = args.image.display().to_string();
    report.dockerfile = args.dockerfile.as_ref().map(|path| path.display().to_string());
    report.checks = limits::check(args, &image);
    Ok(report)
}

fn read(path: &Path) -> Result<File, String> {
    let name = path.display().to_string();
    match read_source(path, &name) {
        Ok(source) => Ok(syntax::parse(source)),
        Err(message) => Err(format!("{} {message}", sanitize(&name))),
    }
}

/// The stage that was built.
fn stage<'m>(model: &'m Model<'_>, target: Option<&str>) -> Result<&'m Stage, String> {
    match target {
        Some(name) => super::context::target(model, name),
        None => model.final_stage().ok_or_else(|| "the Dockerfile has no stage".to_owned()),
    }
}

fn load(args: &SizeArgs, watch: &[Watch]) -> Result<Image, String> {
    let options = Options { platform: args.platform.as_deref(), watch, progress: None };
    let image = if args.image.as_os_str() == "-" {
        crate::image::read_stream(io::stdin().lock(), "standard input", options)
    } else {
        crate::image::read(&args.image, options)
    };
    image.map_err(|error| said(&error))
}

/// What an error means, and what to do.
fn said(error: &ImageError) -> String {
    let place = sanitize(&error.place);
    match &error.fault {
        Fault::Io(io) => format!("{place} {}", describe(io)),
        Fault::Several(names) if names.iter().any(|n| n.contains("linux/")) => {
            format!("{place}: {}; name one with --platform", sanitize(&error.fault.to_string()))
        }
        Fault::Several(_) => {
            format!("{place}: {}; save one at a time", sanitize(&error.fault.to_string()))
        }
        fault => format!("{place}: {}", sanitize(&fault.to_string())),
    }
}
