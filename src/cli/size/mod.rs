//! `dlint size`: what each line costs, before it is built or in a real image.

mod about;
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

use super::Exit;
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

/// Opens the project that a command is about, and shows how far that is.
fn open(args: &SizeArgs) -> Result<Opened, String> {
    let measured = Progress::default();
    progress::shown(args.quiet, &measured, || {
        project::open(args.dockerfile.as_deref(), &args.target, &args.config, &measured)
    })
}
