//! Languages of images in another version than the project asks for.

use crate::knowledge::Action;
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Cmd, Model, Stage, StageId, Version, go_version, is_outside_node, is_outside_python,
    node_engines, requires_python, rust_version,
};
use crate::syntax::{ImageRef, Kind, Word};

use super::chain::has_fallback;
use super::other_versions::{GO, NODE, PYTHON, RUST};

/// What an image has, and what a project asks for instead.
struct Mismatch {
    /// The file that says so.
    file: String,
    message: String,
    help: String,
}

/// What is known of the image that a command runs in.
struct Image<'m> {
    image: &'m ImageRef,
    word: &'m Word,
    version: Version,
    /// The version as it is written.
    text: &'m str,
}

impl<'m> Image<'m> {
    /// The official image that `stage` starts from in the end, if its tag names a version that no argument decides.
    fn of(model: &'m Model, stage: &'m Stage) -> Option<Self> {
        let Base::Image(image) = model.root_base(stage) else { return None };
        let word = model.stages.get(stage.root())?.base_word.as_ref()?;
        if !image.is_official() || word.text.contains('$') && !model.build().all_args {
            return None;
        }
        let text = image.tag.as_deref()?.split('-').next()?;
        Some(Self { image, word, version: Version::parse(text)?, text })
    }
}

/// `toolchain-mismatch`.
pub fn mismatch(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.context().is_none() {
        return;
    }
    let mut told: Vec<(StageId, String)> = Vec::new();
    for cmd in model.versioned_commands() {
        let within = cmd.shell().place.within;
        let Some(stage) = cmd.stage().filter(|stage| stage.reachable) else { continue };
        if within.branch || within.function || within.repeated || has_fallback(&cmd) {
            continue;
        }
        let Some(image) = Image::of(model, stage) else { continue };
        let (found, language) = match (cmd.program(), image.image.familiar_path()) {
            ("go", "golang") => (go(model, &cmd, &image), &GO),
            ("cargo", "rust") => (rust(model, &cmd, &image), &RUST),
            ("pip" | "uv", "python") => (python(model, &cmd, &image), &PYTHON),
            ("npm" | "yarn" | "pnpm", "node") => (node(model, &cmd, &image), &NODE),
            _ => continue,
        };
        let Some(Mismatch { file, message, help }) = found else { continue };
        let key = (stage.root(), file);
        if told.contains(&key) || language.may_be_other(model, &cmd) {
            continue;
        }
        told.push(key);
        let finding = cx.at(image.word.span, message).label(cmd.head_span(), "fails here");
        cx.report(finding.help(help));
    }
}

/// A file beside a command, and its text.
fn beside<'a>(model: &'a Analysis, cmd: &Cmd<'_>, name: &str) -> Option<(String, &'a str)> {
    let path = model.file_beside(cmd, name)?;
    let text = model.text_of(&path)?;
    Some((path, text))
}

/// True if an instruction of the build has one of `words`, or a RUN names one of `files`, which it may change.
fn is_settled(model: &Model, words: &[&str], files: &[&str]) -> bool {
    model.instructions().any(|(_, instruction)| {
        let text = model.text(instruction.span);
        words.iter().any(|word| text.contains(word))
            || matches!(instruction.kind, Kind::Run(_)) && files.iter().any(|file| text.contains(file))
    })
}

fn arguments<'c>(cmd: &'c Cmd<'_>) -> impl Iterator<Item = &'c str> {
    cmd.args().iter().map(|word| word.static_prefix())
}

/// Official images of Go have `GOTOOLCHAIN=local` since October 2023: 1.21.2, and no 1.20.
fn go(model: &Analysis, cmd: &Cmd<'_>, image: &Image<'_>) -> Option<Mismatch> {
    const OTHERS: [&str; 10] = [
        "GOTOOLCHAIN",
        "GO111MODULE=off",
        "go.dev/dl",
        "golang.org/dl",
        "dl.google.com/go",
        "mod edit",
        "mod init",
        "-modfile",
        "gvm",
        "GOFLAGS=-modfile",
    ];
    let reads = ["build", "generate", "install", "list", "run", "test", "vet"];
    let of_modules = ["download", "tidy", "vendor", "verify"];
    let modules = || cmd.is_subcommand("mod") && arguments(cmd).any(|a| of_modules.contains(&a));
    let is_other = arguments(cmd).any(|argument| argument.contains('@') || argument == "-C");
    if !(reads.iter().any(|name| cmd.is_subcommand(name)) || modules()) || is_other {
        return None;
    }
    let (file, text) = beside(model, cmd, "go.mod")?;
    let written = go_version(text)?;
    let wanted = Version::parse(written)?;
    let (have, command) = (image.version, cmd.head());
    if have.major != 1 || !have.is_older(wanted) || is_settled(model, &OTHERS, &["go.mod"]) {
        return None;
    }
    // Another Go may lie where the image has its own.
    let replaces = |text: &str| text.replace("/usr/local/go/bin", "").contains("/usr/local/go");
    if model.instructions().any(|(_, instruction)| replaces(model.text(instruction.span))) {
        return None;
    }
    let reference = &image.word.text;
    let minor = have.minor?;
    let message = match minor {
        // They read such a line as a number without the third part, and else go on.
        ..21 if wanted.patch.is_some() => {
            format!(
                "`{file}` requires Go {written}, in a form that the Go of `{reference}` cannot read: `{command}` fails"
            )
        }
        ..21 => return None,
        21 if have.patch.is_some_and(|patch| patch < 2) => return None,
        _ => format!(
            "`{file}` asks for Go {written}, and `{reference}` has Go {} with `GOTOOLCHAIN=local`: `{command}` fails",
            image.text
        ),
    };
    let newer = format!("start from `golang:1.{}` or a newer one", wanted.minor?);
    let help = match minor {
        ..21 => newer,
        _ => {
            format!("{newer}, or set `ENV GOTOOLCHAIN=auto`, so that Go downloads the one that is asked for")
        }
    };
    Some(Mismatch { file, message, help })
}

fn rust(model: &Analysis, cmd: &Cmd<'_>, image: &Image<'_>) -> Option<Mismatch> {
    const OTHERS: [&str; 10] = [
        "rustup",
        "RUSTUP_TOOLCHAIN",
        "rust-toolchain",
        "cargo +",
        "nightly",
        "cargo update",
        "generate-lockfile",
        "next-lockfile-bump",
        "ignore-rust-version",
        "Cargo.lock.",
    ];
    let reads = ["build", "b", "check", "c", "rustc", "run", "r", "test", "t"];
    let installs = || cmd.is_subcommand("install") && arguments(cmd).any(|a| a.starts_with("--path"));
    let is_other = arguments(cmd).any(|a| a.starts_with("--manifest-path") || a.starts_with('+'));
    if !(reads.iter().any(|name| cmd.is_subcommand(name)) || installs()) || is_other {
        return None;
    }
    // Its file has rustup install another version.
    let has_file = ["rust-toolchain", "rust-toolchain.toml"].iter().any(|name| {
        let beside = model.file_beside(cmd, name);
        beside.is_some_and(|path| model.text_of(&path).is_some())
            || model.context().is_some_and(|c| c.scan.per_top.iter().any(|top| top.name == *name))
    });
    let (file, text) = beside(model, cmd, "Cargo.toml").filter(|_| !has_file)?;
    // An install goes by the newest versions.
    let reads_lock = !installs() || cmd.has_any_flag(&["--locked", "--frozen"]);
    let lock = beside(model, cmd, "Cargo.lock").filter(|_| reads_lock);
    let wanted = rust_version(text, lock.as_ref().map(|(_, text)| *text));
    let (version, what) = wanted.into_iter().find(|(version, _)| image.version.is_older(*version))?;
    if is_settled(model, &OTHERS, &["Cargo.toml", "Cargo.lock"]) {
        return None;
    }
    let number = format!("{}.{}", version.major, version.minor.unwrap_or(0));
    let message = format!(
        "the project asks for Rust {number} ({what}), and `{}` has Rust {}: `{}` fails",
        image.word.text,
        image.text,
        cmd.head()
    );
    let help = format!("start from `rust:{number}` or a newer one");
    Some(Mismatch { file, message, help })
}

fn python(model: &Analysis, cmd: &Cmd<'_>, image: &Image<'_>) -> Option<Mismatch> {
    const OTHERS: [&str; 6] =
        ["ignore-requires-python", "uv python", "uv venv", "--python", "UV_PYTHON", "conda"];
    let installs = cmd.usage.action == Action::Install && !cmd.is_subcommand("sync");
    let is_own = |argument: &str| argument.split('[').next().is_some_and(|path| matches!(path, "." | "./"));
    let head = model.text(cmd.head_span());
    if !installs || !arguments(cmd).any(is_own) || head.contains("python3.") || head.contains("pip3.") {
        return None;
    }
    let have = (image.version.major, image.version.minor?);
    let (file, text) = beside(model, cmd, "pyproject.toml")?;
    let specifier = requires_python(text).filter(|specifier| is_outside_python(specifier, have))?;
    if is_settled(model, &OTHERS, &["pyproject.toml"]) {
        return None;
    }
    let message = format!(
        "`{file}` asks for Python `{specifier}`, and `{}` has Python {}: `{}` fails",
        image.word.text,
        image.text,
        cmd.head()
    );
    let help = "start from an image with a version that it allows, or allow this one there".to_owned();
    Some(Mismatch { file, message, help })
}

/// npm only warns, unless it is told to be strict; Yarn 1 and pnpm refuse.
fn node(model: &Analysis, cmd: &Cmd<'_>, image: &Image<'_>) -> Option<Mismatch> {
    const OTHERS: [&str; 10] = [
        "ignore-engines",
        "engine-strict",
        "engine_strict",
        "corepack",
        "yarn set",
        "node-version",
        "nvm",
        "NODE_VERSION",
        "pnpm env",
        ".yarnrc",
    ];
    let is_bare = || arguments(cmd).all(|argument| argument.starts_with('-'));
    let installs = match cmd.program() {
        "yarn" => is_bare() || cmd.is_subcommand("install"),
        "pnpm" => ["install", "i"].iter().any(|name| cmd.is_subcommand(name)),
        _ => ["ci", "install", "i"].iter().any(|name| cmd.is_subcommand(name)) && cmd.operands().is_empty(),
    };
    let is_other = ["--cwd", "-C", "--dir", "--prefix", "-g", "--global", "--version", "-v", "--force"];
    if !installs || cmd.has_any_flag(&is_other) {
        return None;
    }
    let (file, text) = beside(model, cmd, "package.json")?;
    let setting = |name: &str| model.text_of(&model.file_beside(cmd, name)?);
    let strict = |text: &str| text.lines().any(|line| line.replace(' ', "") == "engine-strict=true");
    let refuses = match cmd.program() {
        "yarn" => {
            !text.contains("\"packageManager\"")
                && setting(".yarnrc.yml").is_none()
                && setting(".yarnrc").is_none()
        }
        "pnpm" => ![".npmrc", "pnpm-workspace.yaml"].iter().any(|name| {
            setting(name).is_some_and(|text| text.contains("ode-version") || text.contains("odeVersion"))
        }),
        _ => setting(".npmrc").is_some_and(strict),
    };
    let refuses = refuses && !["\"devEngines\"", "\"executionEnv\""].iter().any(|key| text.contains(key));
    let range = node_engines(text).filter(|range| refuses && is_outside_node(range, image.version.major))?;
    if is_settled(model, &OTHERS, &["package.json"]) {
        return None;
    }
    let message = format!(
        "`{file}` asks for Node.js `{range}`, and `{}` has Node.js {}: `{}` fails",
        image.word.text,
        image.text,
        cmd.head()
    );
    let help = "start from an image of a version that `engines` allows, or allow this one there".to_owned();
    Some(Mismatch { file, message, help })
}
