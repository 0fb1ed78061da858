//! The arguments of commands on one build: `size` and `cache`.

use std::path::PathBuf;

use build_targets::Environment;
use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCompleter;

use crate::cli::candidates;
use crate::config::UnknownSizes;
use crate::semantic::Builder;
use crate::workspace::describe;

use super::ending::ending;
use super::{ColorArg, ConfigArgs, RegistryArgs, SizeFormatArg, TableFormatArg, UnknownArg};

// What a build is told. No doc comment on what is flattened: clap would take it for the help of the command.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct BuildArgs {
    /// The stage to build [default: the last]
    #[arg(long, value_name = "STAGE", conflicts_with = "entry", add = ArgValueCompleter::new(candidates::stages))]
    pub(in crate::cli) target: Option<String>,
    /// A build argument; may be repeated. Without a value, it is taken from the environment
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "entry")]
    pub(in crate::cli) build_arg: Vec<String>,
    /// The platform to build for, such as linux/arm64
    #[arg(long, value_name = "PLATFORM")]
    pub(in crate::cli) platform: Option<String>,
    /// The builder: buildkit, docker-26, classic, podman or buildah [default: as set in dlint.toml, or as the project
    /// suggests]
    #[arg(long, value_name = "BUILDER", hide_possible_values = true)]
    pub(in crate::cli) builder: Option<BuilderArg>,
}

/// What builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum BuilderArg {
    /// Docker's builder of today, which Compose and bake use
    Buildkit,
    /// BuildKit as it is in Docker Engine 26.1
    #[value(name = "docker-26")]
    Docker26,
    /// Docker's builder before BuildKit
    Classic,
    /// podman build
    Podman,
    /// buildah build, without layers
    Buildah,
}

impl From<BuilderArg> for Builder {
    fn from(arg: BuilderArg) -> Self {
        match arg {
            BuilderArg::Buildkit => Self::BuildKit,
            BuilderArg::Docker26 => Self::Docker26,
            BuilderArg::Classic => Self::Classic,
            BuilderArg::Podman => Self::Podman,
            BuilderArg::Buildah => Self::Buildah,
        }
    }
}

impl BuildArgs {
    /// What builds, if the command line says so.
    pub(in crate::cli) fn builder(&self) -> Option<Builder> {
        self.builder.map(Builder::from)
    }
}

// Which builds of a Dockerfile count. No doc comment on what is flattened: clap would take it for the help of the command.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct EntryArgs {
    /// Only this build: the name of a Compose service, a bake target or the like, as `dlint targets` lists them
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) entry: Option<String>,
    /// Build each Dockerfile as `docker build` does in its folder, whatever Compose, bake and other files say
    #[arg(long, conflicts_with = "entry")]
    pub(in crate::cli) no_entries: bool,
    /// Let environment variables count in Compose and bake files, as they do for the tools; without this, only .env
    /// files and defaults count
    #[arg(long)]
    pub(in crate::cli) env: bool,
}

impl EntryArgs {
    /// The variables that count in files that start builds; `None` if they are not known.
    pub(in crate::cli) fn environment(&self) -> Option<Environment> {
        self.env.then(Environment::of_process)
    }
}

// What is built, and from which context.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct TargetArgs {
    #[command(flatten)]
    pub(in crate::cli) build: BuildArgs,
    /// The build context [default: as set in dlint.toml, or the folder of the Dockerfile]
    #[arg(long, value_name = "DIR", conflicts_with = "entry", value_parser = PathBufValueParser::new().try_map(folder))]
    pub(in crate::cli) context: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) entries: EntryArgs,
}

/// A build context that is measured: a folder on this machine.
fn folder(path: PathBuf) -> Result<PathBuf, String> {
    match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => Ok(path),
        Ok(_) => Err("this is not a folder".to_owned()),
        Err(error) => Err(format!("the folder {}", describe(&error))),
    }
}

impl TargetArgs {
    /// True if the command line says how the Dockerfile is built.
    pub(in crate::cli) fn says_how(&self) -> bool {
        let build = &self.build;
        let is_told = build.target.is_some() || build.platform.is_some() || !build.build_arg.is_empty();
        self.context.is_some() || is_told
    }
}

// Where the report goes, and how it looks.
#[derive(Debug, Args)]
pub(in crate::cli) struct OutputArgs {
    /// Write the report to a file; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(in crate::cli) color: ColorArg,
}

// What becomes of limits that cannot be checked.
#[derive(Debug, Args)]
pub(in crate::cli) struct UnknownArgs {
    /// What to do with a limit that cannot be checked, because a part of the image is not known: fail or pass [default:
    /// as set in dlint.toml, or fail]
    #[arg(long, value_name = "WHAT", hide_possible_values = true)]
    pub(in crate::cli) unknown: Option<UnknownArg>,
}

impl UnknownArgs {
    /// What counts: the command line, then the settings.
    pub(in crate::cli) fn then(&self, settings: UnknownSizes) -> UnknownSizes {
        match self.unknown {
            Some(UnknownArg::Pass) => UnknownSizes::Pass,
            Some(UnknownArg::Fail) => UnknownSizes::Fail,
            None => settings,
        }
    }
}

const SIZE_EXAMPLES: &str = "\
Examples:
  dlint size                                        what each line of ./Dockerfile will cost, and what to do
  dlint size app/Dockerfile --target prod           the same for one stage and what it is built from
  dlint size --all                                  a line for each image that the files below this folder build
  dlint size --all --format html -o images.html     the same as a page, with what is found in the project
  dlint size --image docker:app                     what the layers of an image hold and hide
  dlint size Dockerfile --image app.tar             the same, with the lines of the Dockerfile
  dlint size --image app.tar --max-wasted 20MB      exit with 1 if more than that is hidden
  dlint size --format html -o plan.html             the same as a page to look at: a treemap, a table, the advice
  dlint size --fix-ignore --diff                    what to leave out of the build context, and what it saves
  dlint size --suggest -o Dockerfile.new            a proposal with a stage that builds, to be tested

Exit codes:
  0  all limits hold; with --diff: nothing to change; with --suggest: there is a proposal
  1  a limit is exceeded, or cannot be checked; with --diff: something to change; with --suggest: there is none
  2  something could not be read or written, or is not an image";

#[derive(Debug, Args)]
#[command(after_help = ending(SIZE_EXAMPLES))]
pub(in crate::cli) struct SizeArgs {
    /// The Dockerfile, or the folder that it is in [default without --image: .]
    #[arg(value_name = "DOCKERFILE")]
    pub(in crate::cli) dockerfile: Option<PathBuf>,
    /// List every image that the folder or file DOCKERFILE builds, with a sum: what Compose, bake and other files build,
    /// and Dockerfiles that none of them names
    #[arg(long, conflicts_with_all = ["image", "entry", "target", "build_arg", "context", "fix_ignore", "suggest"])]
    pub(in crate::cli) all: bool,
    /// With --all: an earlier report of `--all --format json`, to say how the images have grown; may be repeated, the oldest
    /// first
    #[arg(long, value_name = "FILE", requires = "all")]
    pub(in crate::cli) trend: Vec<PathBuf>,
    /// What comes first in `--all`: bytes, or saving: the ten builds whose suggestions save most [default: bytes]
    #[arg(long, value_name = "ORDER", hide_possible_values = true, requires = "all")]
    pub(in crate::cli) sort: Option<SizeSortArg>,
    /// Measure a real image: an archive as `docker save` writes it, an OCI layout, - for standard input, or the name of
    /// an image in docker or podman (docker:NAME, podman:NAME, or NAME), which then runs `docker save` or `podman image
    /// save`
    #[arg(long, value_name = "IMAGE")]
    pub(in crate::cli) image: Option<PathBuf>,
    /// Which image to measure if there are several: its name, or the start of its digest
    #[arg(long, value_name = "NAME", requires = "image")]
    pub(in crate::cli) pick: Option<String>,
    /// Do not check that layers are what their digests say: twice as fast if they are not compressed
    #[arg(long, requires = "image")]
    pub(in crate::cli) no_verify: bool,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    /// Ask registries and web servers for what the plan takes from them, as `dlint lock` does, and write no dlint.lock: the
    /// answers are kept for a day in the user's cache folder
    #[arg(long, conflicts_with_all = ["all", "image", "fix_ignore", "suggest"], help_heading = "Registries")]
    pub(in crate::cli) online: bool,
    /// Make the requests that are listed, without a question
    #[arg(short, long, requires = "online", help_heading = "Registries")]
    pub(in crate::cli) yes: bool,
    #[command(flatten)]
    pub(in crate::cli) registries: RegistryArgs,
    #[command(flatten, next_help_heading = "Rules")]
    pub(in crate::cli) config: ConfigArgs,

    /// Write the lines that the ignore file lacks, with the measured saving
    #[arg(long, conflicts_with = "image", help_heading = "Rewriting")]
    pub(in crate::cli) fix_ignore: bool,
    /// With --fix-ignore: show what would change, and write nothing
    #[arg(long, requires = "fix_ignore", help_heading = "Rewriting")]
    pub(in crate::cli) diff: bool,
    /// Propose a Dockerfile whose image is smaller and runs the same, as a difference: with a stage that builds, or with
    /// stages that carry less along; with -o the text goes to a file
    #[arg(long, conflicts_with_all = ["image", "fix_ignore"], help_heading = "Rewriting")]
    pub(in crate::cli) suggest: bool,

    /// Fail if the files of all layers are larger than this: 500MB, 1.5GB, 200MiB
    #[arg(long, value_name = "SIZE", value_parser = crate::cli::size::limit, help_heading = "Limits")]
    pub(in crate::cli) max_size: Option<u64>,
    /// Fail if later layers hide more than this: 20MB, or 5% of the image
    #[arg(long, value_name = "SIZE", value_parser = crate::cli::size::amount, help_heading = "Limits")]
    pub(in crate::cli) max_wasted: Option<crate::cli::size::Amount>,
    /// Fail if a container sees less of the image than this: 0.95, or 95%
    #[arg(long, value_name = "SHARE", value_parser = crate::cli::size::share, help_heading = "Limits")]
    pub(in crate::cli) min_efficiency: Option<f64>,
    #[command(flatten, next_help_heading = "Limits")]
    pub(in crate::cli) limits: UnknownArgs,
    /// Fail if a row that is not measured has no entry in dlint.lock, or an outdated one
    #[arg(long, conflicts_with_all = ["image", "fix_ignore", "suggest"], help_heading = "Limits")]
    pub(in crate::cli) locked: bool,
    /// Fail if the image breaks the rules of a .dive-ci file
    #[arg(long, value_name = "FILE", requires = "image", help_heading = "Limits")]
    pub(in crate::cli) dive_ci: Option<PathBuf>,

    /// human, json, or html: a page to look at
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::cli) format: SizeFormatArg,
    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::cli) out: OutputArgs,
    /// Show it in the terminal, to move through layers and files by keys; ? there lists them
    #[arg(
        long,
        conflicts_with_all = ["all", "fix_ignore", "suggest", "output", "format", "max_size", "max_wasted",
            "min_efficiency", "locked", "dive_ci", "quiet"],
        help_heading = "Output"
    )]
    pub(in crate::cli) tui: bool,
    /// Print only the limits
    #[arg(short, long, help_heading = "Output")]
    pub(in crate::cli) quiet: bool,
}

const CACHE_EXAMPLES: &str = "\
Examples:
  dlint cache                                       what any change of a source file rebuilds
  dlint cache app/Dockerfile --changed src/app.js   what a change of that file rebuilds
  git diff --name-only | dlint cache --changed -    what the files that git lists rebuild
  dlint cache --since main                          what differs from main: files, ignore file and Dockerfile
  git show HEAD:Dockerfile | dlint cache --changed-dockerfile -
                                                    what the edits of the Dockerfile rebuild

Exit codes:
  0  the report was written
  2  something could not be read, or there is no build context";

/// In which order `dlint size --all` lists builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SizeSortArg {
    Bytes,
    Saving,
}

/// Where the cache is, as far as it decides about `--link`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StoreArg {
    /// containerd's image store, or a builder in a container
    Containerd,
    /// the engine's own store, overlay2 or another
    Overlay2,
}

#[derive(Debug, Args)]
#[command(after_help = ending(CACHE_EXAMPLES))]
pub(in crate::cli) struct CacheArgs {
    /// The Dockerfile, or the folder that it is in; write it before --changed [default: .]
    #[arg(value_name = "DOCKERFILE")]
    pub(in crate::cli) dockerfile: Option<PathBuf>,
    /// Files and folders that change, relative to the current folder, the build context or the top of the
    /// repository; - reads them from standard input, one per line [default: any source file, but not manifests
    /// such as package.json]
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = "Changes")]
    pub(in crate::cli) changed: Vec<PathBuf>,
    /// The Dockerfile of the last build, to compare with; - for standard input
    #[arg(long, value_name = "OLD", help_heading = "Changes")]
    pub(in crate::cli) changed_dockerfile: Option<PathBuf>,
    /// The ignore file of the last build, to compare with; - for standard input
    #[arg(long, value_name = "OLD", help_heading = "Changes")]
    pub(in crate::cli) changed_ignore: Option<PathBuf>,
    /// A build argument with another value in the last build, if known with that value; may be repeated
    #[arg(long, value_name = "KEY[=OLD]", help_heading = "Changes")]
    pub(in crate::cli) changed_build_arg: Vec<String>,
    /// Run git, and take what differs from this commit: files, ignore file and Dockerfile
    #[arg(long, value_name = "COMMIT", help_heading = "Changes")]
    pub(in crate::cli) since: Option<String>,
    /// A named build context, for COPY --from=NAME; may be repeated
    #[arg(long, value_name = "NAME=DIR")]
    pub(in crate::cli) build_context: Vec<String>,
    /// Where the engine stores images, which decides whether --link keeps layers: containerd or overlay2
    #[arg(long, value_name = "STORE", hide_possible_values = true)]
    pub(in crate::cli) store: Option<StoreArg>,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) config: ConfigArgs,

    /// human or json
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(in crate::cli) format: TableFormatArg,
    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::cli) out: OutputArgs,
    /// Only the layers that are or may be rebuilt
    #[arg(short, long, help_heading = "Output")]
    pub(in crate::cli) quiet: bool,
}
