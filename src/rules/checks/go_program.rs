//! What a program of Go needs of the image that it is moved to.

use crate::knowledge::Action;
use crate::semantic::{Analysis, Cgo, Cmd, Stage, is_compiler, is_headers, newest_system_image};

use super::all;

/// Packages that only a build needs, beside compilers and headers, and those that the smallest images bring.
const OF_BUILDS: [&str; 14] = [
    "bash",
    "binutils",
    "ca-certificates",
    "curl",
    "file",
    "git",
    "gnupg",
    "jq",
    "openssh",
    "openssh-client",
    "patch",
    "pkg-config",
    "tzdata",
    "upx",
];

/// And others of them.
const MORE_OF_BUILDS: [&str; 8] =
    ["mercurial", "pkgconf", "protobuf", "protobuf-compiler", "protoc", "unzip", "wget", "zip"];

/// The most packages that a help names.
const MAX_NAMED: usize = 3;

/// A program of Go that is built in the image that runs it.
pub(super) struct GoProgram {
    cgo: Cgo,
    /// What else is installed in that image, which the program may call.
    packages: Vec<String>,
    /// True if it is started or checked in a way that needs a shell.
    needs_system: bool,
}

impl GoProgram {
    /// The program that `build` builds in `stage`.
    pub(super) fn of(model: &Analysis, stage: &Stage, build: &Cmd<'_>, needs_system: bool) -> Self {
        let here = |c: &Cmd<'_>| {
            c.usage.action == Action::Install
                && c.usage.manager.is_some_and(|m| m.system)
                && model.inherits_step(stage, c.step())
        };
        let of_build = |name: &str| {
            is_compiler(name)
                || is_headers(name)
                || OF_BUILDS.contains(&name)
                || MORE_OF_BUILDS.contains(&name)
        };
        let mut packages: Vec<String> = Vec::new();
        for package in model.run_commands().filter(here).flat_map(|c| c.packages()) {
            if packages.len() < MAX_NAMED && !of_build(&package.name) && !packages.contains(&package.name) {
                packages.push(package.name);
            }
        }
        Self { cgo: model.cgo(build), packages, needs_system }
    }

    /// The image to start from instead of one without a C library and a package manager; `None` if that will do.
    pub(super) fn image(&self, model: &Analysis, stage: &Stage) -> Option<String> {
        if !matches!(self.cgo, Cgo::Holds(_)) && self.packages.is_empty() && !self.needs_system {
            return None;
        }
        Some(model.system_image(stage).unwrap_or_else(newest_system_image))
    }

    /// What to say of its build, and of the image that it is moved to.
    pub(super) fn advice(self) -> (&'static str, String) {
        let install = match &*self.packages {
            [] if self.needs_system => "; install `ca-certificates` there".to_owned(),
            [] => String::new(),
            packages => {
                let names: Vec<String> = packages.iter().map(|name| format!("`{name}`")).collect();
                format!("; install `ca-certificates` there, and {} if the program needs that", all(&names))
            }
        };
        match self.cgo {
            Cgo::Off => ("", install),
            Cgo::None => (", build with `CGO_ENABLED=0`", install),
            Cgo::Unknown => (
                ", build with `CGO_ENABLED=0` (unless a package of the program is written in C, as go-sqlite3 is: that needs an image with the same C library)",
                install,
            ),
            Cgo::Holds(what) => {
                let certificates =
                    if install.is_empty() { "; install `ca-certificates` there" } else { &install };
                (
                    "",
                    format!(
                        "{certificates}; `{what}` links the program to the C library, so a static image would not do"
                    ),
                )
            }
        }
    }
}
