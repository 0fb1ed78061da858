//! `dlint init`: a first configuration, or the one of hadolint moved over, and files for other tools.

mod files;
mod source;

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::config::{self, Found, hadolint};
use crate::engine;
use crate::report::sanitize;

use super::Exit;
use super::args::{ColorArg, InitArgs};
use super::output;
use crate::workspace::{is_top, loaded, top_of};
use source::Source;

/// The configuration of a project that had none.
const FIRST: &str = "\
# Settings of dlint. `dlint rules` lists the rules, `dlint explain RULE` says what one is for.

# \"default\" is what a good reviewer would say; \"strict\" has the rest.
select = [\"default\"]
ignore = []
# What makes the exit code 1: \"error\", \"warning\" or \"info\" (or worse), \"never\".
fail-on = \"warning\"
";

/// Writes a configuration, and what was asked for beside it.
pub(super) fn run(args: &InitArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let Some(found) = loaded(config::find_hadolint(&args.dir), &mut problems) else {
        return output::problems(ColorArg::Auto, &problems);
    };
    let top = top_of_repository(&args.dir);
    let files = match files_for(args, &top) {
        Ok(files) => files,
        Err(message) => return Ok(output::failed(&message)),
    };
    let mut text = args.schema.as_ref().map(|schema| format!("#:schema {schema}\n")).unwrap_or_default();
    text += &match &found {
        Some(Found { path, text, said }) => {
            let source = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
            hadolint::moved(said, text, &sanitize(source.as_deref().unwrap_or("the variables HADOLINT_*")))
        }
        None => FIRST.to_owned(),
    };
    if args.dry_run {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        for (name, text) in &files {
            write!(out, "\n# {name}\n{text}")?;
        }
        return out.flush().map(|()| Exit::Clean);
    }
    let path = args.dir.join("dlint.toml");
    let there = ["dlint.toml", ".dlint.toml"].map(|name| args.dir.join(name));
    match there.iter().find(|path| path.symlink_metadata().is_ok()).filter(|_| !args.force) {
        Some(there) if files.is_empty() => {
            let there = shown(there);
            let message = "is there already; --force replaces it, --dry-run shows what would be written";
            eprintln!("dlint: {there} {message}");
            return Ok(Exit::Failure);
        }
        Some(there) => println!("{} already exists and was left as it is", shown(there)),
        None => configure(&path, &text, found.and_then(|found| found.path).as_deref())?,
    }
    for (name, text) in &files {
        add(&top.join(name), text)?;
    }
    if files.is_empty() {
        println!("`dlint init --help` shows how to add a hook for pre-commit or a job for CI");
    }
    Ok(Exit::Clean)
}

/// Writes `dlint.toml`, perhaps with the settings of another file.
fn configure(path: &Path, text: &str, source: Option<&Path>) -> io::Result<()> {
    if let Err(error) = engine::write_report(path, text.as_bytes()) {
        return Err(io::Error::other(format!("{} cannot be written: {error}", path.display())));
    }
    match source {
        Some(source) => println!(
            "wrote {}, from {}: it is not read any more, and can be removed",
            shown(path),
            shown(source)
        ),
        None => println!("wrote {}", shown(path)),
    }
    Ok(())
}

/// The files that were asked for, by their paths from the top of the repository. What is to be known of them is said.
fn files_for(args: &InitArgs, top: &Path) -> Result<Vec<(&'static str, String)>, String> {
    let source = args.from.as_ref().map(|given| Source::parse(given, top)).transpose()?;
    let mut files = Vec::new();
    if args.pre_commit {
        files.push((".pre-commit-config.yaml", files::pre_commit(source.as_ref())));
        if !matches!(source, Some(Source::Pip(_) | Source::Repository { .. })) {
            let why = if source.is_some() { "pre-commit cannot install that" } else { "--from is not given" };
            eprintln!("dlint: {why}, so the hook runs the dlint on the PATH");
        }
    }
    if args.github || args.gitlab {
        let Some(source) = &source else {
            return Err(format!(
                "nothing was written, because a job has to know where dlint comes from: --from dockerfile-dlint=={}, \
                 or the address of a wheel, of an archive or of a repository",
                env!("CARGO_PKG_VERSION")
            ));
        };
        if args.github {
            files.push((".github/workflows/dlint.yml", files::github(source)));
        }
        if args.gitlab {
            files.push((".gitlab-ci.yml", files::gitlab(source)));
        }
        if let Some(doubt) = source.doubt() {
            eprintln!("dlint: {doubt}");
        }
    }
    Ok(files)
}

/// Where CI and pre-commit look for their files: the nearest folder with `.git`, or else the one that was named.
fn top_of_repository(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if is_top(folder) {
        return folder.to_owned();
    }
    let absolute = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    top_of(&absolute).map_or_else(|| folder.to_owned(), Path::to_owned)
}

/// Writes a file that is not there yet. One that is there stays as it is: what to add to it is shown.
fn add(path: &Path, text: &str) -> io::Result<()> {
    let cannot =
        |error: io::Error| io::Error::other(format!("{} cannot be written: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(cannot)?;
            println!("wrote {}", shown(path));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            println!("{} already exists and was left as it is; to add:\n\n{text}", shown(path));
        }
        Err(error) => return Err(cannot(error)),
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    sanitize(&path.strip_prefix(".").unwrap_or(path).display().to_string()).into_owned()
}
