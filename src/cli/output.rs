//! Where a report goes.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use miette::{Diagnostic, ReportHandler, SourceSpan};

use crate::diag::Format;
use crate::diag::{Problem, RunReport};
use crate::engine;
use crate::report::{self, RepositoryPaths, Style, Surroundings, sanitize};

use super::args::ColorArg;
use super::book::Book;
use super::{Exit, color};

/// Where a report goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sink<'a> {
    Stdout,
    Stderr,
    File(&'a Path),
    /// A file that others write to as well: the report comes after what is there.
    Shared(&'a Path),
}

impl<'a> Sink<'a> {
    /// The file of `-o`; without one, and with `-`, standard output.
    pub(super) fn named(path: Option<&'a Path>) -> Self {
        path.filter(|path| path.as_os_str() != "-").map_or(Self::Stdout, Self::file)
    }

    /// The file at `path`. The summary of a step on GitHub Actions is shared: each of its commands adds to it.
    fn file(path: &'a Path) -> Self {
        let summary =
            std::env::var_os("GITHUB_STEP_SUMMARY").is_some_and(|summary| Path::new(&summary) == path);
        if summary { Self::Shared(path) } else { Self::File(path) }
    }
}

impl Sink<'_> {
    pub(super) fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            Self::File(_) | Self::Shared(_) => false,
        }
    }
}

/// Writes what `work` writes. A file gets all of it or nothing, and colours only with `--color always`.
pub(super) fn write(
    sink: Sink<'_>,
    color: ColorArg,
    quiet: bool,
    work: impl FnOnce(&mut dyn Write, &Style) -> io::Result<()>,
) -> io::Result<()> {
    match sink {
        Sink::Stdout => {
            let style = Style { log: is_build_log(), ..color::style(color, &io::stdout(), quiet) };
            let mut out = io::BufWriter::new(io::stdout().lock());
            read(work(&mut out, &style).and_then(|()| out.flush()))
        }
        Sink::Stderr => {
            let style = color::style(color, &io::stderr(), quiet);
            let mut out = io::BufWriter::new(io::stderr().lock());
            work(&mut out, &style)?;
            out.flush()
        }
        Sink::File(path) | Sink::Shared(path) => {
            if let (Sink::File(path), Some(kind)) = (sink, engine::read_as(path)) {
                let name = path.display().to_string();
                return Err(io::Error::other(format!(
                    "{}: a report would overwrite this {kind}",
                    sanitize(&name)
                )));
            }
            let color = if color == ColorArg::Auto { ColorArg::Never } else { color };
            let style = Style { color: color::wanted(color, &io::stdout()), quiet, ..Style::default() };
            let mut bytes = Vec::new();
            work(&mut bytes, &style)?;
            let written = match sink {
                Sink::Shared(path) => engine::append_report(path, &bytes),
                _ => engine::write_report(path, &bytes),
            };
            written.map_err(|error| {
                let name = path.display().to_string();
                io::Error::other(format!("{} cannot be written: {error}", sanitize(&name)))
            })
        }
    }
}

/// True if standard output goes to the log of a build service, which takes some lines for commands. A file that it leads to is
/// not that log.
fn is_build_log() -> bool {
    const SERVICES: [&str; 3] = ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"];
    SERVICES.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
        && !leads_to_file()
}

#[cfg(unix)]
fn leads_to_file() -> bool {
    use std::os::fd::AsFd as _;
    let own = io::stdout().as_fd().try_clone_to_owned();
    own.and_then(|own| std::fs::File::from(own).metadata()).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
const fn leads_to_file() -> bool {
    false
}

/// A reader that has left, as in `dlint … | head`, wants no more. That is no failure, and changes no exit code.
fn read(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
}

/// Says on standard error why a command cannot do its work.
pub(super) fn failed(message: &str) -> Exit {
    failed_with(&Problem { message: message.to_owned(), ..Problem::default() })
}

/// The same, with what helps.
pub(super) fn failed_with(problem: &Problem) -> Exit {
    say(problem);
    if let Some(help) = &problem.help {
        eprintln!("dlint: {}", sanitize(help));
    }
    Exit::Failure
}

/// Says an error of the program itself on standard error, in one line.
pub(super) fn say(error: &dyn Diagnostic) {
    struct Said<'a>(&'a dyn Diagnostic);
    impl fmt::Display for Said<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            OneLine.debug(self.0, f)
        }
    }
    eprintln!("{}", Said(error));
}

/// miette's handler for them: the file's name and the message.
struct OneLine;

impl ReportHandler for OneLine {
    fn debug(&self, error: &dyn Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dlint: ")?;
        let start = SourceSpan::from(0..0);
        if let Some(text) = error.source_code().and_then(|source| source.read_span(&start, 0, 0).ok())
            && let Some(name) = text.name()
        {
            write!(f, "{}: ", sanitize(name))?;
        }
        f.write_str(&sanitize(&error.to_string()))
    }
}

/// Says on standard error what went wrong in a command whose output is something else.
pub(super) fn problems(color: ColorArg, problems: &[Problem]) -> io::Result<Exit> {
    if problems.is_empty() {
        return Ok(Exit::Clean);
    }
    let report = RunReport { problems: problems.to_vec(), ..RunReport::default() };
    write(Sink::Stderr, color, true, |out, style| {
        let paths = &RepositoryPaths::default();
        let surroundings = Surroundings { book: &Book::default(), style, paths, fails: &|_, _| true };
        report::write(out, Format::Human, &report, &surroundings)
    })?;
    Ok(Exit::Failure)
}
