//! `dlint size`: what each line costs, before it is built or in a real image.

mod all;
mod dive_ci;
mod ignore;
mod image;
mod limits;
mod locked;
mod measure;
mod online;
mod plan;
mod suggest;
mod tui;

use std::io;

use crate::context::Progress;
use crate::engine::Opened;
use crate::report::About;

use super::Exit;
use super::about::{self, Command};
use super::args::SizeArgs;
use super::progress;
use super::project;

pub(super) use limits::{Amount, amount, limit, share};
pub(super) use plan::{Priced, amounts};

/// Does what the options ask for.
pub(super) fn run(args: &SizeArgs) -> io::Result<Exit> {
    match &args.image {
        _ if args.all => all::run(args),
        _ if args.fix_ignore => ignore::run(args),
        _ if args.suggest => suggest::run(args),
        Some(image) => measure::run(args, image),
        None => plan::run(args),
    }
}

/// What a page says of where it comes from.
fn about(args: &SizeArgs) -> About {
    let image = args.image.as_ref().map(|image| image.display().to_string());
    let command = Command::new("size").words(args.all.then_some("--all")).paths(&args.dockerfile);
    about::of(args.dockerfile.as_deref(), command.option("--image", image).build(&args.target))
}

/// Opens the project that a command is about, and shows how far that is.
fn open(args: &SizeArgs) -> Result<Opened, String> {
    let measured = Progress::default();
    progress::shown(args.quiet, &measured, || {
        project::open(args.dockerfile.as_deref(), &args.target, &args.config, &measured)
    })
}
