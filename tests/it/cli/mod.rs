//! The program as a user runs it: arguments, exit codes, streams and files.

mod advice;
mod baseline;
mod breaking;
mod builders;
mod cache;
mod cache_builds;
mod compare;
mod compare_builds;
mod compare_states;
mod config;
mod context;
mod diff_base;
mod engine_cache;
#[cfg(unix)]
mod engines;
mod entries;
mod entry_builds;
mod entry_folders;
mod entry_names;
mod entry_rules;
mod entry_users;
mod fixes;
mod formats;
mod git;
mod hadolint;
mod init;
mod inputs;
mod lifecycle;
mod lock;
mod named;
mod output;
mod own_rules;
mod page;
mod plan;
mod policy;
mod project_images;
mod rewrite;
mod saving;
#[cfg(unix)]
mod shellcheck;
mod size;
mod size_indexes;
mod suppression;
mod tools;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Warnings and an info, some with fixes.
const BAD: &str = "FROM debian:latest\nRUN sudo apt-get update\nMAINTAINER nobody\n";
/// What the safe fixes make of it.
const BAD_FIXED: &str =
    "FROM debian:latest\nRUN apt-get update\nLABEL org.opencontainers.image.authors=\"nobody\"\n";
/// Nothing to find.
const GOOD: &str = "FROM scratch\nUSER 65532\nENTRYPOINT [\"/hello\"]\n";
/// One finding each, of one severity.
const INFO: &str = "FROM scratch\nMAINTAINER nobody\nUSER 65532\nENTRYPOINT [\"/hello\"]\n";
const WARNING: &str = "FROM debian:latest\nUSER 65532\n";
const ERROR: &str = "FROM scratch\nRUM x\nUSER 65532\n";

/// A temporary folder to run in.
struct Folder(TempDir);

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The rules in the order of the `short` report, with path and line.
    fn short(&self) -> Vec<String> {
        let line = |line: &str| {
            let (place, rest) = line.split_once(": ")?;
            let rule = rest.split_once('[')?.1.split_once(']')?.0;
            let (place, _column) = place.rsplit_once(':')?;
            Some(format!("{place} {rule}"))
        };
        self.out.lines().filter_map(line).collect()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With one Dockerfile.
    fn with(dockerfile: &str) -> Self {
        let folder = Self::new();
        folder.write("Dockerfile", dockerfile);
        folder
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(&[], args, "")
    }

    fn run_with(&self, env: &[(&str, &str)], args: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
        let mut child = command(self.0.path(), args)
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A run that does not read its input may be over already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_ref());
        let output = child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dlint"));
    command.args(args).current_dir(folder);
    // Nothing of the surroundings counts.
    command.env("HOME", folder.join("home")).env_remove("XDG_CONFIG_HOME");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("HADOLINT_")) {
        command.env_remove(name);
    }
    let surroundings = [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "CLICOLOR",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GITHUB_ACTIONS",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_WORKSPACE",
        "CI_PROJECT_DIR",
        "BUILD_SOURCESDIRECTORY",
        "COLUMNS",
        "TERM",
    ];
    for name in surroundings {
        command.env_remove(name);
    }
    command
}

/// The time of the summary becomes `TIME`.
fn masked(report: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((start, time)) if time.ends_with("ms)") || time.ends_with(" s)") => format!("{start} (TIME)\n"),
        _ => format!("{line}\n"),
    };
    report.lines().map(line).collect()
}
