//! The words of `dlint lock`.

use std::path::PathBuf;

use clap::Args;

use super::{ColorArg, ConfigArgs, TargetArgs};

const EXAMPLES: &str = "\
Examples:
  docker build -t app . && dlint lock --image docker:app      learn what each line of ./Dockerfile costs
  dlint lock app/Dockerfile --target prod --image app.tar     the same for a stage, from an archive
  dlint size --locked                                         in CI: exit with 1 if a line is not learned, or changed

Nothing is downloaded: docker:NAME and podman:NAME run `docker save` or `podman image save`, a file is read.

Exit codes:
  0  the layers were learned
  2  the image, the Dockerfile or dlint.lock cannot be read or written, or the image is of another Dockerfile";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct LockArgs {
    /// The Dockerfile, or the folder that it is in [default: .]
    #[arg(value_name = "DOCKERFILE")]
    pub(in crate::cli) dockerfile: Option<PathBuf>,
    /// The image that was built from it: an archive, an OCI layout, - for standard input, or the name of an image in
    /// docker or podman (docker:NAME, podman:NAME, or NAME)
    #[arg(long, value_name = "IMAGE", required = true)]
    pub(in crate::cli) image: PathBuf,
    /// Which image is meant if there are several: its name, or the start of its digest
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) pick: Option<String>,
    /// Do not check that layers are what their digests say: twice as fast if they are not compressed
    #[arg(long)]
    pub(in crate::cli) no_verify: bool,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten, next_help_heading = "Rules")]
    pub(in crate::cli) config: ConfigArgs,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        hide_possible_values = true,
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(in crate::cli) color: ColorArg,
    /// Print problems only
    #[arg(short, long, help_heading = "Output")]
    pub(in crate::cli) quiet: bool,
}
