//! What a real image weighs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::config::UnknownSizes;
use crate::engine::Opened;
use crate::image::{Tree, Watch};
use crate::report::{self, ImageReport, sanitize};
use crate::screen::View;
use crate::semantic::Model;
use crate::size::leftovers;
use crate::workspace::{Files, Target};

use super::super::Exit;
use super::super::args::{SizeArgs, SizeFormatArg};
use super::super::images::{self, Place, Wish};
use super::super::output::{self, Sink};
use super::super::progress::{self, BytesRead};
use super::limits::Known;
use super::{dive_ci, image, limits, tui};

/// Reads an image and prints what is in it.
pub(super) fn run(args: &SizeArgs, image: &Path) -> io::Result<Exit> {
    let read = BytesRead::default();
    if args.tui
        && let Err(message) = tui::ready()
    {
        return Ok(output::failed(&message));
    }
    let Measured { report, tree, dockerfile } =
        match progress::shown(args.quiet, &read, || gather(args, image, &read.0)) {
            Ok(measured) => measured,
            Err(message) => return Ok(output::failed(&message)),
        };
    if args.tui {
        return tui::show(args, View::of_image(&report, tree, dockerfile.as_deref()));
    }
    let sink = Sink::named(args.out.output.as_deref());
    output::write(sink, args.out.color, args.quiet, |out, style| match args.format {
        SizeFormatArg::Human => report::write_image(out, &report, style),
        SizeFormatArg::Json => report::write_image_json(out, &report),
        SizeFormatArg::Html => report::write_image_page(out, &report),
    })?;
    Ok(if report.checks.iter().all(|c| c.passed) { Exit::Clean } else { Exit::Findings })
}

/// What was read.
struct Measured {
    report: ImageReport,
    /// For the terminal view.
    tree: Option<Tree>,
    /// The text of the Dockerfile, if one is given.
    dockerfile: Option<String>,
}

/// Reads image and Dockerfile; an error is a sentence for people.
fn gather(args: &SizeArgs, path: &Path, read: &AtomicU64) -> Result<Measured, String> {
    if args.dockerfile.is_none() && args.target.build.target.is_some() {
        return Err("--target names a stage of a Dockerfile, and none is given".to_owned());
    }
    let target = |path: &PathBuf| {
        Ok::<_, String>(Target { build: args.target.build.build()?, ..Target::of_file(path) })
    };
    let target = args.dockerfile.as_ref().map(target).transpose()?;
    let opened = target.map(|target| Opened::new(&Files::default(), target, Arc::default())).transpose();
    let opened = opened.map_err(|error| sanitize(&error.to_string()).into_owned())?;
    let model = opened.as_ref().map(|opened| opened.analysis.model());
    let stage = model.and_then(Model::final_stage);
    let dive = args.dive_ci.as_deref().map(dive_ci::read).transpose()?;
    let (kinds, places) = leftovers();
    let watch: Vec<Watch> = places.iter().map(|(_, watch)| watch.clone()).collect();
    let wish = Wish {
        registries: &args.registries,
        platform: args.target.build.platform.as_deref(),
        pick: args.pick.as_deref(),
        watch: &watch,
        unverified: args.no_verify,
        tree: args.tui,
        read,
    };
    let mut image = images::load(&Place::of(path)?, wish)?;
    let mut report = image::report(&image, kinds, &places, model.zip(stage));
    if args.format == SizeFormatArg::Html {
        report.about = super::about(args);
    }
    report.image = path.display().to_string();
    report.dockerfile = args.dockerfile.as_ref().map(|path| path.display().to_string());
    let known = Known {
        bytes: image.bytes,
        wasted: image.hidden_bytes(),
        unknown: None,
        then: UnknownSizes::default(),
    };
    report.checks = limits::check(args, &known);
    report.checks.extend(dive.iter().flat_map(|limits| limits.check(&image)));
    let dockerfile = model.map(|model| model.file.text().to_owned());
    Ok(Measured { report, tree: image.tree.take(), dockerfile })
}
