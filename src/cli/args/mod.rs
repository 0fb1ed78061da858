//! The command line's words, one group per subcommand.

pub(in crate::cli) mod build;
mod compare;
mod debug;
mod ending;
mod entries;
mod lock;
mod registry;
mod report;
mod rules;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::ArgValueCompleter;

use crate::config::{FailOn, Sort};
use crate::diag::{Severity, parse_bytes};
use crate::rules::Policy;
use crate::rules::policy::{LabelFormat, RegistryPattern};
use crate::workspace::{ConfigChoice, ContextSource, Overrides};

use crate::cli::candidates;
use crate::cli::hadolint::HadolintArgs;

pub(in crate::cli) use build::{BuildArgs, CacheArgs, EntryArgs, SizeArgs, SizeSortArg, TargetArgs};
pub(in crate::cli) use compare::{CompareArgs, CompareFormatArg};
pub(in crate::cli) use debug::{DebugArgs, DebugCommand};
use ending::ending;
#[cfg(feature = "internals")]
pub(in crate::cli) use ending::for_pages;
pub(in crate::cli) use entries::{DebugTargetsArgs, TargetsArgs};
pub(in crate::cli) use lock::LockArgs;
pub(in crate::cli) use registry::RegistryArgs;
pub(in crate::cli) use report::{ReportArg, ReportArgs};
pub(in crate::cli) use rules::{ExplainArgs, RulesArgs, RulesCommand, RulesTestArgs};

const EXAMPLES: &str = "\
Examples:
  dlint Dockerfile                 lint one file; its folder is the build context
  dlint .                          lint every Dockerfile under this folder
  dlint --diff Dockerfile          show what the safe fixes would change
  dlint --fix Dockerfile           apply them
  dlint context                    measure the build context and suggest what to ignore
  dlint explain untagged-image     what a rule reports and why, with examples
  dlint rules test                 run the examples of your own rules
  dlint - < Dockerfile             lint standard input

Exit codes:
  0  no findings at or above --fail-on; with --diff: nothing to change
  1  findings; with --diff: something would change
  2  something could not be read or written, a file is not a Dockerfile, or the configuration or
     the command line has an error";

/// Lint Dockerfiles, and say what each finding costs in bytes.
#[derive(Debug, Parser)]
#[command(name = "dlint", version, about, after_help = ending(EXAMPLES), args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<Command>,
    #[command(flatten)]
    pub(in crate::cli) lint: LintArgs,
}

#[derive(Debug, Subcommand)]
// Only the one that is called is built.
#[command(defer = true)]
pub(in crate::cli) enum Command {
    /// List the rules
    Rules(RulesArgs),
    /// Explain a rule: what it reports, why, and examples
    Explain(ExplainArgs),
    /// Measure a build context: what is sent, what is ignored, and what should be
    Context(ContextArgs),
    /// Show what each line of a Dockerfile costs in bytes, before the build or in a real image
    Size(SizeArgs),
    /// Record in dlint.lock what base images and downloads weigh, or what each line of a built image costs
    Lock(LockArgs),
    /// Show which layers are rebuilt when files change, and why
    Cache(CacheArgs),
    /// Show what a change does to the size of images and build contexts, to findings, and to the build cache
    Compare(CompareArgs),
    /// List what Compose, bake, devcontainer and CI files build, and from what
    Targets(TargetsArgs),
    /// Run the language server, for diagnostics, fixes, completion and more in an editor
    Lsp(LspArgs),
    /// Write a dlint.toml, based on a .hadolint.yaml if there is one
    Init(InitArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Show how dlint reads its inputs
    #[command(hide = true)]
    Debug(DebugArgs),
}

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct LintArgs {
    /// Files, folders to search for Dockerfiles, or - for standard input [default: .]
    #[arg(value_name = "PATH")]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Files and folders to leave out, as globs; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub(in crate::cli) exclude: Vec<String>,
    /// How many threads to use, at most 256 [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub(in crate::cli) jobs: Option<usize>,

    /// Rules to run instead of the defaults: names, aliases (DL3006) or groups (size, strict, all)
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules",
        add = ArgValueCompleter::new(candidates::selectors)
    )]
    pub(in crate::cli) select: Vec<String>,
    /// Additional rules to run
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules",
        add = ArgValueCompleter::new(candidates::selectors)
    )]
    pub(in crate::cli) extend_select: Vec<String>,
    /// Rules to skip
    #[arg(
        long,
        value_name = "RULES",
        value_delimiter = ',',
        help_heading = "Rules",
        add = ArgValueCompleter::new(candidates::selectors)
    )]
    pub(in crate::cli) ignore: Vec<String>,
    /// Also run ShellCheck on the scripts: the one on the PATH, or PROGRAM
    #[arg(
        long,
        value_name = "PROGRAM",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = crate::shellcheck::PROGRAM,
        help_heading = "Rules"
    )]
    pub(in crate::cli) shellcheck: Option<PathBuf>,
    /// Lowest severity that makes dlint exit with 1: error, warning, info, or never [default: warning]
    #[arg(
        long,
        alias = "failure-threshold",
        short_alias = 't',
        value_name = "SEVERITY",
        hide_possible_values = true,
        help_heading = "Rules"
    )]
    pub(in crate::cli) fail_on: Option<FailOnArg>,
    /// Only findings known to save at least this much: 10MB, 1.5GB, 200MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, help_heading = "Rules")]
    pub(in crate::cli) min_saving: Option<u64>,
    /// Ignore suppression comments
    #[arg(long, help_heading = "Rules")]
    pub(in crate::cli) disable_ignore_pragma: bool,
    #[command(flatten, next_help_heading = "Rules")]
    pub(in crate::cli) config: ConfigArgs,

    /// A registry that images may come from, in addition to the configured ones; may be repeated
    #[arg(long, value_name = "REGISTRY", value_parser = RegistryPattern::parse, help_heading = "Policy")]
    pub(in crate::cli) trusted_registry: Vec<RegistryPattern>,
    /// A label that images must have, and the format of its value: text, url, semver, hash, rfc3339, spdx, email
    #[arg(long, value_name = "KEY:FORMAT", value_parser = required_label, help_heading = "Policy")]
    pub(in crate::cli) require_label: Vec<(String, LabelFormat)>,
    /// Allow no labels other than the required ones
    #[arg(long, help_heading = "Policy")]
    pub(in crate::cli) strict_labels: bool,

    #[command(flatten, next_help_heading = "Build")]
    pub(in crate::cli) target: TargetArgs,
    /// Look only at the Dockerfiles; rules that need the build context stay silent
    #[arg(long, conflicts_with_all = ["context", "entry"], help_heading = "Build")]
    pub(in crate::cli) no_context: bool,
    /// Apply the safe fixes; with -, write the fixed text to standard output
    #[arg(long, help_heading = "Fixes")]
    pub(in crate::cli) fix: bool,
    /// Also apply fixes that need review (implies --fix)
    #[arg(long, help_heading = "Fixes")]
    pub(in crate::cli) unsafe_fixes: bool,
    /// Show what the fixes would change without writing anything
    #[arg(long, help_heading = "Fixes")]
    pub(in crate::cli) diff: bool,

    #[command(flatten, next_help_heading = "Output")]
    pub(in crate::cli) report: ReportArgs,
    /// Report only findings that are not in FILE [default: as set in dlint.toml]
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Report only findings that are new since this branch left that of COMMIT
    #[arg(
        long,
        alias = "since",
        value_name = "COMMIT",
        conflicts_with_all = ["fix", "unsafe_fixes", "diff", "write_baseline"],
        help_heading = "Baseline"
    )]
    pub(in crate::cli) diff_base: Option<String>,
    /// Write the current findings to the baseline [default: dlint-baseline.toml] instead of reporting them
    #[arg(long, conflicts_with_all = ["diff", "no_baseline"], help_heading = "Baseline")]
    pub(in crate::cli) write_baseline: bool,
    /// Report all findings, including those in the baseline set in dlint.toml
    #[arg(long, conflicts_with = "baseline", help_heading = "Baseline")]
    pub(in crate::cli) no_baseline: bool,
    /// When to use colours: auto, always or never [default: auto]
    #[arg(long, value_name = "WHEN", hide_possible_values = true, help_heading = "Output")]
    pub(in crate::cli) color: Option<ColorArg>,
    /// Print findings and problems only, no summary
    #[arg(short, long, help_heading = "Output")]
    pub(in crate::cli) quiet: bool,
    /// Name to use for standard input; its folder is the build context
    #[arg(long, alias = "file-path-in-report", value_name = "NAME", help_heading = "Output")]
    pub(in crate::cli) stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) hadolint: HadolintArgs,
}

/// More threads than this only cost memory.
const MAX_JOBS: usize = 256;

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number of threads is 1 or more".to_owned()),
        Ok(number) => Ok(MAX_JOBS.min(number)),
    }
}

impl LintArgs {
    /// Refuses options that name nothing: whoever wrote one wanted something.
    ///
    /// # Errors
    /// Which option it is.
    pub(in crate::cli) fn check(&self) -> Result<(), String> {
        let lists = [("--select", &self.select), ("--exclude", &self.exclude)];
        match lists
            .iter()
            .find(|(_, words)| !words.is_empty() && words.iter().all(|word| word.trim().is_empty()))
        {
            Some((option, _)) => {
                Err(format!("nothing is named after `{option}`: if it is a variable, it is empty"))
            }
            None => Ok(()),
        }
    }

    /// False if the command line says how the Dockerfiles are built, or that only they count.
    pub(in crate::cli) fn looks_for_entries(&self) -> bool {
        let is_chosen = self.target.entries.entry.is_some();
        !(self.target.entries.no_entries || self.no_context || self.target.says_how() && !is_chosen)
    }

    /// What the command line says over the configuration files.
    pub(in crate::cli) fn overrides(&self) -> Overrides {
        let given = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        };
        let shellcheck = self.shellcheck.as_ref().map(|_| crate::shellcheck::RULE.to_owned());
        Overrides {
            select: (!self.select.is_empty()).then(|| given(&self.select)),
            extend: given(&self.extend_select).into_iter().chain(shellcheck).collect(),
            ignore: given(&self.ignore),
            severity: self.hadolint.severities(),
            advisory: self.hadolint.advisory(),
            policy: self.policy(),
            fail_on: self.fails_on(),
            context: match &self.target.context {
                _ if self.no_context => Some(ContextSource::None),
                folder => folder.clone().map(ContextSource::Folder),
            },
            disable_ignore_pragma: self.disable_ignore_pragma,
            min_saving: self.min_saving,
            builder: self.target.build.builder(),
            config: self.config.choice(),
        }
    }

    /// What images have to be like.
    pub(in crate::cli) fn policy(&self) -> Policy {
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
pub(in crate::cli) struct ConfigArgs {
    /// Use this configuration file instead of the nearest dlint.toml
    #[arg(id = "config", long = "config", short_alias = 'c', value_name = "FILE")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// Do not read any configuration file
    #[arg(id = "no_config", long = "no-config", conflicts_with = "config")]
    pub(in crate::cli) none: bool,
}

impl ConfigArgs {
    /// Which configuration files count.
    pub(in crate::cli) fn choice(&self) -> ConfigChoice {
        match &self.file {
            _ if self.none => ConfigChoice::None,
            Some(file) => ConfigChoice::File(file.clone()),
            None => ConfigChoice::Nearest,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ContextArgs {
    /// The build context
    #[arg(value_name = "DIR", default_value = ".")]
    pub(in crate::cli) dir: PathBuf,
    /// The Dockerfile to build [default: DIR/Dockerfile, or what Compose and bake files build with this context]
    #[arg(short, long, value_name = "DOCKERFILE", conflicts_with = "entry")]
    pub(in crate::cli) file: Option<PathBuf>,
    /// List the files that COPY, ADD and bind mounts take; with SOURCE, those of this source only
    #[arg(long, value_name = "SOURCE", num_args = 0..=1)]
    pub(in crate::cli) list: Option<Option<String>>,
    #[command(flatten)]
    pub(in crate::cli) build: BuildArgs,
    #[command(flatten)]
    pub(in crate::cli) entries: EntryArgs,
    /// human or json
    #[arg(long, value_name = "FORMAT", hide_possible_values = true, default_value = "human")]
    pub(in crate::cli) format: TableFormatArg,
    /// When to use colours: auto, always or never
    #[arg(long, value_name = "WHEN", hide_possible_values = true, default_value = "auto")]
    pub(in crate::cli) color: ColorArg,
}

const LSP_HELP: &str = "\
The editor starts it and speaks the Language Server Protocol over standard input and output; docs/editors.md says what
to put into the settings of Neovim, Helix, Emacs and others. For each file the nearest dlint.toml counts. The build
context is measured in the background. No other program is started, except git with --cache-hints.

Exit codes:
  0  the editor shut the server down
  1  the editor exited without doing so";

#[derive(Debug, Args)]
#[command(after_help = ending(LSP_HELP))]
pub(in crate::cli) struct LspArgs {
    /// Show at the ends of lines what has to be rebuilt since the last commit; this asks git
    #[arg(long)]
    pub(in crate::cli) cache_hints: bool,
    /// Speak over standard input and output, which is the only way; some editors name it
    #[arg(long, hide = true)]
    pub(in crate::cli) stdio: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    /// The folder for dlint.toml; hooks and jobs go to the top of its repository
    #[arg(value_name = "DIR", default_value = ".")]
    pub(in crate::cli) dir: PathBuf,
    /// Replace an existing dlint.toml
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Show what would be written without writing anything
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Where hooks and jobs get dlint: a package (dockerfile-dlint==0.1.0), the address of a wheel, of an archive or of
    /// a repository, or a wheel in this repository
    #[arg(long, value_name = "SOURCE")]
    pub(in crate::cli) from: Option<String>,
    /// Add a pre-commit hook; an existing file is not changed
    #[arg(long)]
    pub(in crate::cli) pre_commit: bool,
    /// Add a GitHub workflow; an existing file is not changed
    #[arg(long)]
    pub(in crate::cli) github: bool,
    /// Add a GitLab job; an existing file is not changed
    #[arg(long)]
    pub(in crate::cli) gitlab: bool,
    /// Where editors find dlint.schema.json: an address, or a path from dlint.toml
    #[arg(long, value_name = "PLACE", value_parser = schema_place)]
    pub(in crate::cli) schema: Option<String>,
}

fn schema_place(text: &str) -> Result<String, String> {
    let fine = !text.is_empty() && !text.contains(char::is_whitespace) && !text.contains(char::is_control);
    if fine {
        Ok(text.to_owned())
    } else {
        Err("must be an address or a path without blanks, and not empty".to_owned())
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub(in crate::cli) shell: clap_complete::Shell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOnArg {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum SortArg {
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
pub(in crate::cli) enum SizeFormatArg {
    Human,
    Json,
    Html,
}

impl SizeFormatArg {
    /// The same where there is no page.
    pub(in crate::cli) const fn table(self) -> Option<TableFormatArg> {
        match self {
            Self::Human => Some(TableFormatArg::Human),
            Self::Json => Some(TableFormatArg::Json),
            Self::Html => None,
        }
    }
}

/// What becomes of a limit that cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum UnknownArg {
    Fail,
    Pass,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TableFormatArg {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ColorArg {
    Auto,
    Always,
    Never,
}
