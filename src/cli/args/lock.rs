//! The words of `dlint lock`.

use std::path::PathBuf;

use clap::Args;

use super::ending::ending;
use super::{ColorArg, ConfigArgs, RegistryArgs, TargetArgs};

const EXAMPLES: &str = "\
Examples:
  dlint lock                                                  ask for the base images and downloads of all builds here
  dlint lock --yes                                            the same in CI, without a question
  docker build -t app . && dlint lock --image docker:app      learn what each line of ./Dockerfile costs
  dlint lock app/Dockerfile --target prod --image app.tar     the same for a stage, from an archive
  dlint lock --pin --diff                                     show FROM lines with the digests of dlint.lock
  dlint size --locked                                         in CI: exit with 1 if a line is missing there, or has changed

Without --image, registries are asked for manifests and configs, and for small layers, and web servers for the length
and the last bytes of files that are downloaded; the list is shown first. With --image, docker:NAME and podman:NAME run
`docker save` or `podman image save`, registry:NAME is downloaded, and a file is read.

Exit codes:
  0  everything was recorded or written; with --diff: nothing to change
  1  with --diff: something to change
  2  something cannot be read, asked or written, the image is of another Dockerfile, or the requests were not approved";

#[derive(Debug, Args)]
#[command(after_help = ending(EXAMPLES))]
pub(in crate::cli) struct LockArgs {
    /// A folder or a file: all that is built below it, or with --image the one Dockerfile [default: .]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) path: Option<PathBuf>,
    /// Learn from the image that was built from the Dockerfile: an archive, an OCI layout, - for standard input, or the
    /// name of an image in docker or podman (docker:NAME, podman:NAME, or NAME), or in a registry (registry:NAME)
    #[arg(long, value_name = "IMAGE")]
    pub(in crate::cli) image: Option<PathBuf>,
    /// Write the digests of dlint.lock behind the tags of FROM and COPY --from, and ask nothing
    #[arg(long, conflicts_with_all = ["image", "dry_run", "yes"], help_heading = "Rewriting")]
    pub(in crate::cli) pin: bool,
    /// With --pin: show what would change, and write nothing
    #[arg(long, requires = "pin", help_heading = "Rewriting")]
    pub(in crate::cli) diff: bool,
    /// List what would be asked for, and ask nothing
    #[arg(long, conflicts_with = "image", help_heading = "Registries")]
    pub(in crate::cli) dry_run: bool,
    /// Make the requests that are listed, without a question
    #[arg(short, long, conflicts_with = "image", help_heading = "Registries")]
    pub(in crate::cli) yes: bool,
    /// Download layers that are stored in this many bytes or fewer, to count their files; of larger ones a few bytes are
    /// enough
    #[arg(
        long,
        value_name = "SIZE",
        value_parser = crate::cli::size::limit,
        default_value = "10MB",
        conflicts_with = "image",
        help_heading = "Registries"
    )]
    pub(in crate::cli) download: u64,
    /// Which image to measure if there are several: its name, or the start of its digest
    #[arg(long, value_name = "NAME", requires = "image")]
    pub(in crate::cli) pick: Option<String>,
    /// Do not check that layers are what their digests say: twice as fast if they are not compressed
    #[arg(long, requires = "image")]
    pub(in crate::cli) no_verify: bool,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) registries: RegistryArgs,
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
