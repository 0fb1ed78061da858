//! `dlint init`: a first configuration, or the one of hadolint moved over, and snippets for other tools.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::config::{self, Found, hadolint};
use crate::engine;
use crate::report::sanitize;

use super::Exit;
use super::args::{ColorArg, InitArgs};
use super::output;
use crate::workspace::loaded;

/// The configuration of a project that had none.
const FIRST: &str = "\
# Settings of dlint. `dlint rules` lists the rules, `dlint explain RULE` says what one is for.

# \"default\" is what a good reviewer would say; \"strict\" has the rest.
select = [\"default\"]
ignore = []
# What makes the exit code 1: \"error\", \"warning\" or \"info\" (or worse), \"never\".
fail-on = \"warning\"
";

const PRE_COMMIT: &str = "\
repos:
  - repo: local
    hooks:
      - id: dlint
        name: dlint
        entry: dlint
        language: system
        types_or: [dockerfile, dockerignore]
        require_serial: true
";

const GITHUB: &str = "\
name: dlint
on: [push, pull_request]
permissions:
  contents: read
jobs:
  dlint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo install --locked dockerfile-dlint
      - run: dlint # findings become annotations
";

const GITLAB: &str = "\
dlint:
  image: rust:1
  script:
    - cargo install --locked dockerfile-dlint
    - dlint --format gitlab --output gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
";

/// Writes a configuration, and what was asked for beside it.
pub(super) fn run(args: &InitArgs) -> io::Result<Exit> {
    let mut problems = Vec::new();
    let Some(found) = loaded(config::find_hadolint(&args.dir), &mut problems) else {
        return output::problems(ColorArg::Auto, &problems);
    };
    let text = match &found {
        Some(Found { path, text, said }) => {
            let source = path.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy());
            hadolint::moved(said, text, &sanitize(source.as_deref().unwrap_or("the variables HADOLINT_*")))
        }
        None => FIRST.to_owned(),
    };
    if args.dry_run {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        for (name, snippet) in snippets(args) {
            write!(out, "\n# {name}\n{snippet}")?;
        }
        return out.flush().map(|()| Exit::Clean);
    }
    let path = args.dir.join("dlint.toml");
    let there = ["dlint.toml", ".dlint.toml"].map(|name| args.dir.join(name));
    if let Some(there) = there.iter().find(|path| path.symlink_metadata().is_ok()).filter(|_| !args.force) {
        eprintln!(
            "dlint: {} is there already; --force replaces it, --dry-run shows what would be written",
            shown(there)
        );
        return Ok(Exit::Failure);
    }
    if let Err(error) = engine::write_report(&path, text.as_bytes()) {
        return Err(io::Error::other(format!("{} cannot be written: {error}", path.display())));
    }
    match found.and_then(|found| found.path) {
        Some(source) => {
            println!(
                "wrote {}, from {}: it is not read any more, and can be removed",
                shown(&path),
                shown(&source)
            );
        }
        None => println!("wrote {}", shown(&path)),
    }
    for (name, snippet) in snippets(args) {
        add(&args.dir.join(name), snippet)?;
    }
    if snippets(args).is_empty() {
        println!("`dlint init --help` shows how to add a hook for pre-commit or a job for CI");
    }
    Ok(Exit::Clean)
}

/// What was asked for, and the file that it belongs into.
fn snippets(args: &InitArgs) -> Vec<(&'static str, &'static str)> {
    let all = [
        (args.pre_commit, ".pre-commit-config.yaml", PRE_COMMIT),
        (args.github, ".github/workflows/dlint.yml", GITHUB),
        (args.gitlab, ".gitlab-ci.yml", GITLAB),
    ];
    all.into_iter().filter(|(asked, ..)| *asked).map(|(_, name, snippet)| (name, snippet)).collect()
}

/// Writes a file that is not there yet. One that is there stays as it is: what to add to it is shown.
fn add(path: &PathBuf, snippet: &str) -> io::Result<()> {
    let cannot =
        |error: io::Error| io::Error::other(format!("{} cannot be written: {error}", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => {
            file.write_all(snippet.as_bytes()).map_err(cannot)?;
            println!("wrote {}", shown(path));
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            println!("{} is there already, and stays as it is; to add:\n\n{snippet}", shown(path));
        }
        Err(error) => return Err(cannot(error)),
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    sanitize(&path.strip_prefix(".").unwrap_or(path).display().to_string()).into_owned()
}
