//! How reports look, and where they go.

use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::cli::candidates;
use crate::config::DocsUrl;
use crate::diag::Format;
use crate::text::Arrange;

use super::SortArg;

/// A report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct ReportArg {
    pub(in crate::cli) format: Format,
    /// The file that it goes to; standard output without one.
    pub(in crate::cli) file: Option<PathBuf>,
}

impl ReportArg {
    /// Reads `FORMAT` or `FORMAT=FILE`.
    fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((format, "")) => {
                return Err(format!("no file is named after `{format}=`: if it is a variable, it is empty"));
            }
            // The usual name of standard output.
            Some((format, "-")) => (format, None),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, file })
    }
}

// No doc comment on what is flattened: clap would take it for the help of the command.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct ReportArgs {
    /// human, short, json, sarif, github, gitlab, checkstyle, junit, sonarqube, rdjson, azure, teamcity or markdown
    /// [default: human, or github if GITHUB_ACTIONS=true]; FORMAT=FILE writes it to a file; may be repeated
    #[arg(
        long,
        short_alias = 'f',
        value_name = "FORMAT[=FILE]",
        value_parser = ReportArg::parse,
        add = ArgValueCompleter::new(candidates::formats)
    )]
    pub(in crate::cli) format: Vec<ReportArg>,
    /// Write the report (with --diff, the changes) to a file
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Sort findings by position, or by saving, largest first across all files [default: position]
    #[arg(long, value_name = "ORDER", hide_possible_values = true)]
    pub(in crate::cli) sort: Option<SortArg>,
    /// Only count the findings of each rule, with what they would save; human or json
    #[arg(long)]
    pub(in crate::cli) statistics: bool,
    /// The site with the pages of the rules, for links in reports [default: as set in dlint.toml]
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) docs_url: Option<DocsUrl>,
}

impl ReportArgs {
    /// The reports that go to files: several are told apart by their files.
    pub(in crate::cli) fn check(&self) -> Result<(), String> {
        let named = self.format.iter().filter_map(|report| report.file.as_ref()).chain(&self.output);
        let mut files: Vec<(PathBuf, &PathBuf)> = named.map(|file| (place(file), file)).collect();
        files.arrange();
        if let Some([(_, same), _]) = files.windows(2).find(|pair| matches!(pair, [a, b] if a.0 == b.0)) {
            return Err(format!("two reports cannot go to one file: {}", same.display()));
        }
        let tables = [Format::Human, Format::Short, Format::Json];
        if self.statistics
            && let Some(other) = self.format.iter().find(|report| !tables.contains(&report.format))
        {
            return Err(format!("--statistics is human or json, not {}", other.format));
        }
        let plain: Vec<Format> =
            self.format.iter().filter(|report| report.file.is_none()).map(|report| report.format).collect();
        match plain.as_slice() {
            [first, second, ..] => Err(format!(
                "--format {first} and --format {second} would go to the same place: write one as `{second}=FILE`"
            )),
            [] if self.output.is_some() && !self.format.is_empty() => {
                Err("--output has no report to write: each --format names a file".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// A path in the one way in which it leads to its file.
fn place(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let below = || Some(folder.canonicalize().ok()?.join(file.file_name()?));
    file.canonicalize().ok().or_else(below).unwrap_or_else(|| file.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_told_apart() {
        let report = |text: &str| ReportArg::parse(text).unwrap();
        assert_eq!(report("sarif=a=b").file, Some(PathBuf::from("a=b")));
        assert!(ReportArg::parse("sarif=").unwrap_err().contains("it is empty"));
        assert!(ReportArg::parse("srif=x").unwrap_err().starts_with("`srif` is not a format"));
        let check = |formats: &[&str], output: Option<&str>| {
            let format = formats.iter().map(|text| report(text)).collect();
            ReportArgs { format, output: output.map(PathBuf::from), ..ReportArgs::default() }.check()
        };
        let statistics = |format| ReportArgs { statistics: true, format, ..ReportArgs::default() }.check();
        assert_eq!(statistics(vec![report("json=a")]), Ok(()));
        assert!(statistics(vec![report("sarif")]).is_err());
        assert_eq!(check(&["github", "sarif=a", "json=b"], None), Ok(()));
        assert_eq!(check(&["human", "sarif=a"], Some("b")), Ok(()));
        assert!(check(&["github", "human"], None).is_err());
        assert!(check(&["json=a", "sarif=a"], None).is_err());
        assert!(check(&["json=a", "sarif=./src/../a"], None).is_err());
        assert_eq!(report("json=-").file, None);
        assert!(check(&["json", "sarif=a"], Some("a")).is_err());
        assert!(check(&["sarif=a"], Some("b")).is_err());
    }
}
