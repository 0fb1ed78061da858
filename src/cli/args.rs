use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{FailOn, Sort};
use crate::diag::{Format, Severity, parse_bytes};
use crate::rules::Policy;
use crate::rules::policy::{LabelFormat, RegistryPattern};

use super::hadolint::HadolintArgs;

const EXAMPLES: &str = "\
Examples:
  dlint Dockerfile                 lint one file, with the folder it is in as build context
  dlint .                          lint all Dockerfiles below this folder
  dlint --diff Dockerfile          show what the safe fixes would change
  dlint --fix Dockerfile           apply them
  dlint context                    what the build context weighs, and what to ignore
  dlint explain untagged-image     why a rule is there, with examples
  dlint rules test                 run the examples of your own rules
  dlint - < Dockerfile             lint standard input

Exit codes:
  0  no finding at or above --fail-on; with --diff: nothing to change
  1  findings; with --diff: something to change
  2  something could not be read or written, or the configuration or the command line is wrong";

/// Lint Dockerfiles, and say what a finding costs in bytes.
#[derive(Debug, Parser)]
#[command(name = "dlint", version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) lint: LintArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the rules
    Rules(RulesArgs),
    /// Explain a rule: what it finds, why, and examples
    Explain(ExplainArgs),
    /// Measure a build context: what is sent, what is ignored, what should be
    Context(ContextArgs),
    /// Show what each line of a Dockerfile costs in bytes, before it is built or in a real image
    Size(SizeArgs),
    /// Show which layers are rebuilt when files change, and why
    Cache(CacheArgs),
    /// Write a dlint.toml, from a .hadolint.yaml if there is one
    Init(InitArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Show how dlint reads its inputs
    #[command(hide = true)]
    Debug(DebugArgs),
}

#[derive(Debug, Default, Args)]
pub(super) struct LintArgs {
    /// Files, folders to search for Dockerfiles, or - for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Rules to run instead of the default ones: names, aliases (DL3006), groups (size, strict, all)
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) select: Vec<String>,
    /// Rules to run as well
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) extend_select: Vec<String>,
    /// Rules to leave out
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) ignore: Vec<String>,
    /// Run ShellCheck on the scripts: the one on the PATH, or this program
    #[arg(
        long,
        value_name = "PROGRAM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = crate::shellcheck::PROGRAM,
        help_heading = "Rules"
    )]
    pub(super) shellcheck: Option<PathBuf>,
    /// What makes the exit code 1: error, warning or info (or worse), never [default: warning]
    #[arg(
        long,
        alias = "failure-threshold",
        short_alias = 't',
        value_name = "SEVERITY",
        hide_possible_values = true,
        help_heading = "Rules"
    )]
    pub(super) fail_on: Option<FailOnArg>,
    /// Only findings that are known to save as much: 10MB, 1.5GB, 200MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, help_heading = "Rules")]
    pub(super) min_saving: Option<u64>,
    /// Comments that suppress findings count for nothing
    #[arg(long, help_heading = "Rules")]
    pub(super) disable_ignore_pragma: bool,
    #[command(flatten, next_help_heading = "Rules")]
    pub(super) config: ConfigArgs,

    /// A registry that images may come from, beside those of the configuration; may be given again
    #[arg(long, value_name = "REGISTRY", value_parser = RegistryPattern::parse, help_heading = "Policy")]
    pub(super) trusted_registry: Vec<RegistryPattern>,
    /// A label that images need, and the format of its value: text, url, semver, hash, rfc3339, spdx, email
    #[arg(long, value_name = "KEY:FORMAT", value_parser = required_label, help_heading = "Policy")]
    pub(super) require_label: Vec<(String, LabelFormat)>,
    /// Images may have no labels but the required ones
    #[arg(long, help_heading = "Policy")]
    pub(super) strict_labels: bool,

    /// The build context of all Dockerfiles, instead of the folder that each is in
    #[arg(long, value_name = "DIR", help_heading = "Build context")]
    pub(super) context: Option<PathBuf>,
    /// Look at the Dockerfiles alone; rules that need the context say nothing
    #[arg(long, conflicts_with = "context", help_heading = "Build context")]
    pub(super) no_context: bool,

    /// Apply the safe fixes; with - the fixed text goes to standard output
    #[arg(long, help_heading = "Fixes")]
    pub(super) fix: bool,
    /// Apply those fixes too that a person should look at; means --fix
    #[arg(long, help_heading = "Fixes")]
    pub(super) unsafe_fixes: bool,
    /// Show what the fixes would change, and write nothing
    #[arg(long, help_heading = "Fixes")]
    pub(super) diff: bool,

    /// human, short, json, sarif, github, gitlab, checkstyle, junit or sonarqube [default: human; github if
    /// GITHUB_ACTIONS=true]
    #[arg(
        long,
        short_alias = 'f',
        value_name = "FORMAT",
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub(super) format: Option<Format>,
    /// Write the report (or, with --diff, the changes) to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// When to use colours: auto, always or never [default: auto]
    #[arg(long, value_name = "WHEN", hide_possible_values = true, help_heading = "Output")]
    pub(super) color: Option<ColorArg>,
    /// The order of findings in a file: position, or saving, the largest first [default: position]
    #[arg(long, value_name = "ORDER", hide_possible_values = true, help_heading = "Output")]
    pub(super) sort: Option<SortArg>,
    /// Findings and problems only, no summary
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
    /// What standard input is called; its folder is the build context
    #[arg(long, alias = "file-path-in-report", value_name = "NAME", help_heading = "Output")]
    pub(super) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(super) hadolint: HadolintArgs,
}

impl LintArgs {
    /// What images have to be like.
    pub(super) fn policy(&self) -> Policy {
        let registries = &self.trusted_registry;
        Policy {
            allow_registries: (!registries.is_empty()).then(|| registries.clone()),
            require_labels: self.require_label.iter().cloned().collect(),
            allow_labels: self.strict_labels.then(Vec::new),
            ..Policy::default()
        }
    }
}

fn required_label(text: &str) -> Result<(String, LabelFormat), String> {
    let (key, format) = text
        .rsplit_once(':')
        .filter(|(key, _)| !key.is_empty())
        .ok_or("a required label is written as KEY:FORMAT, for example `org.opencontainers.image.url:url`")?;
    Ok((key.to_owned(), LabelFormat::parse(format)?))
}

#[derive(Debug, Clone, Default, Args)]
pub(super) struct ConfigArgs {
    /// The configuration file, instead of the nearest dlint.toml
    #[arg(id = "config", long = "config", short_alias = 'c', value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Read no configuration file
    #[arg(id = "no_config", long = "no-config", conflicts_with = "config")]
    pub(super) none: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct RulesArgs {
    #[command(subcommand)]
    pub(super) command: Option<RulesCommand>,
    /// human or json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "human")]
    pub(super) format: TableFormatArg,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Run the examples of your own rules
    Test(RulesTestArgs),
}

#[derive(Debug, Args)]
#[command(after_help = RULES_TEST_EXIT)]
pub(super) struct RulesTestArgs {
    /// Rule files, or folders of them [default: those that dlint.toml names]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Write what is found into the files: carets and `fixed` blocks
    #[arg(long)]
    pub(super) update: bool,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(super) color: ColorArg,
}

const RULES_TEST_EXIT: &str = "\
Exit codes:
  0  every example holds
  1  some do not
  2  a rule file is wrong or cannot be read";

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A rule's name, or an alias such as DL3008
    #[arg(value_name = "RULE")]
    pub(super) rule: String,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
}

#[derive(Debug, Args)]
pub(super) struct ContextArgs {
    /// The build context
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// The Dockerfile that is built [default: DIR/Dockerfile]
    #[arg(short, long, value_name = "DOCKERFILE")]
    pub(super) file: Option<PathBuf>,
    /// The stage that is built [default: the last]
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// human or json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "human")]
    pub(super) format: TableFormatArg,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(super) color: ColorArg,
}

/// What a build is told.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    /// The stage that is built [default: the last]
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// A build argument; may be given again. Without a value it is taken from the environment
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) build_arg: Vec<String>,
    /// The build context [default: that of dlint.toml, or the folder of the Dockerfile]
    #[arg(long, value_name = "DIR")]
    pub(super) context: Option<PathBuf>,
}

const SIZE_EXAMPLES: &str = "\
Examples:
  dlint size                                        what each line of ./Dockerfile will cost, and what to do
  dlint size app/Dockerfile --target prod           the same for one stage and what it is built from
  docker save app | dlint size --image -            what the layers of an image hold and hide
  dlint size Dockerfile --image app.tar             the same, with the lines of the Dockerfile
  dlint size --image app.tar --max-wasted 20MB      exit with 1 if more than that is hidden
  dlint size --format html -o plan.html             the same as a page to look at: a treemap, a table, the advice
  dlint size --fix-ignore --diff                    what to leave out of the build context, and what it saves
  dlint size --suggest -o Dockerfile.new            a proposal with a stage that builds, to be tested

Exit codes:
  0  all limits are kept; with --diff: nothing to change; with --suggest: there is a proposal
  1  one of them is not; with --diff: something to change; with --suggest: there is none
  2  something could not be read or written, or is no image";

#[derive(Debug, Args)]
#[command(after_help = SIZE_EXAMPLES)]
pub(super) struct SizeArgs {
    /// The Dockerfile, or the folder that it is in [default without --image: .]
    #[arg(value_name = "DOCKERFILE")]
    pub(super) dockerfile: Option<PathBuf>,
    /// Measure a real image: what `docker save` wrote, or an OCI layout; an archive, a folder, or - for
    /// standard input
    #[arg(long, value_name = "FILE")]
    pub(super) image: Option<PathBuf>,
    /// Do not check that layers are what their digests say: twice as fast if they are not compressed
    #[arg(long, requires = "image")]
    pub(super) no_verify: bool,
    #[command(flatten)]
    pub(super) build: BuildArgs,
    /// The platform: linux/arm64 [default: linux/amd64, or what the image is for]
    #[arg(long, value_name = "PLATFORM")]
    pub(super) platform: Option<String>,
    #[command(flatten, next_help_heading = "Rules")]
    pub(super) config: ConfigArgs,

    /// Write the lines that the ignore file lacks, with the measured saving
    #[arg(long, conflicts_with = "image", help_heading = "Rewriting")]
    pub(super) fix_ignore: bool,
    /// With --fix-ignore: show what would change, and write nothing
    #[arg(long, requires = "fix_ignore", help_heading = "Rewriting")]
    pub(super) diff: bool,
    /// Propose a Dockerfile with a stage that builds and a smaller one that runs, as a difference; with -o the
    /// text goes to a file
    #[arg(long, conflicts_with_all = ["image", "fix_ignore"], help_heading = "Rewriting")]
    pub(super) suggest: bool,

    /// Fail if the files of all layers have more bytes than that: 500MB, 1.5GB, 200MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, help_heading = "Limits")]
    pub(super) max_size: Option<u64>,
    /// Fail if more is hidden by later layers: 20MB, or 5% of the image
    #[arg(long, value_name = "SIZE", value_parser = super::size::amount, help_heading = "Limits")]
    pub(super) max_wasted: Option<super::size::Amount>,
    /// Fail if a container sees less of the image: 0.95, or 95%
    #[arg(long, value_name = "SHARE", value_parser = super::size::share, help_heading = "Limits")]
    pub(super) min_efficiency: Option<f64>,
    /// Fail if the image does not keep the rules of a .dive-ci file
    #[arg(long, value_name = "FILE", requires = "image", help_heading = "Limits")]
    pub(super) dive_ci: Option<PathBuf>,

    /// human, json, or html: a page to look at
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(super) format: SizeFormatArg,
    /// Write the report to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        hide_possible_values = true,
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(super) color: ColorArg,
    /// Only the limits
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
}

const CACHE_EXAMPLES: &str = "\
Examples:
  dlint cache                                       what any change of a source file rebuilds
  dlint cache app/Dockerfile --changed src/app.js   what a change of that file rebuilds
  git diff --name-only | dlint cache --changed -    what the changes at hand rebuild

Exit codes:
  0  the report was written
  2  something could not be read, or there is no build context";

#[derive(Debug, Args)]
#[command(after_help = CACHE_EXAMPLES)]
pub(super) struct CacheArgs {
    /// The Dockerfile, or the folder that it is in [default: .]
    #[arg(value_name = "DOCKERFILE")]
    pub(super) dockerfile: Option<PathBuf>,
    /// Files and folders that change, relative to the current folder or the context; - reads them from
    /// standard input, one a line [default: any source file, which manifests such as package.json are not]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub(super) changed: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) build: BuildArgs,
    #[command(flatten)]
    pub(super) config: ConfigArgs,

    /// human or json
    #[arg(
        long,
        value_name = "FORMAT",
        hide_possible_values = true,
        default_value = "human",
        help_heading = "Output"
    )]
    pub(super) format: TableFormatArg,
    /// Write the report to a file
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub(super) output: Option<PathBuf>,
    /// When to use colours: auto, always or never
    #[arg(
        long,
        value_name = "WHEN",
        hide_possible_values = true,
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(super) color: ColorArg,
    /// Only the layers that are rebuilt
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write to
    #[arg(value_name = "DIR", default_value = ".")]
    pub(super) dir: PathBuf,
    /// Replace a dlint.toml that is there
    #[arg(long)]
    pub(super) force: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Add a hook for pre-commit; a file that is there stays as it is
    #[arg(long)]
    pub(super) pre_commit: bool,
    /// Add a workflow for GitHub; a file that is there stays as it is
    #[arg(long)]
    pub(super) github: bool,
    /// Add a job for GitLab; a file that is there stays as it is
    #[arg(long)]
    pub(super) gitlab: bool,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct DebugArgs {
    #[command(subcommand)]
    pub(super) what: DebugCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum DebugCommand {
    /// Print the instructions of files with their lines, as JSON lines
    Instructions {
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the typed syntax tree of a file
    Ast {
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Read JSON lines {"patterns": TEXT, "paths": [PATH, …]} and say which paths are ignored
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOnArg {
    Error,
    Warning,
    /// To hadolint, `ignore` and `none` fail with any finding.
    #[value(aliases = ["style", "ignore", "none"])]
    Info,
    Never,
}

impl From<FailOnArg> for FailOn {
    fn from(arg: FailOnArg) -> Self {
        match arg {
            FailOnArg::Error => Self::At(Severity::Error),
            FailOnArg::Warning => Self::At(Severity::Warning),
            FailOnArg::Info => Self::At(Severity::Info),
            FailOnArg::Never => Self::Never,
        }
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).aliases(self.aliases()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SortArg {
    Position,
    Saving,
}

impl From<SortArg> for Sort {
    fn from(arg: SortArg) -> Self {
        match arg {
            SortArg::Position => Self::Position,
            SortArg::Saving => Self::Saving,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SizeFormatArg {
    Human,
    Json,
    Html,
}

impl SizeFormatArg {
    /// The same where there is no page.
    pub(super) const fn table(self) -> Option<TableFormatArg> {
        match self {
            Self::Human => Some(TableFormatArg::Human),
            Self::Json => Some(TableFormatArg::Json),
            Self::Html => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormatArg {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}
