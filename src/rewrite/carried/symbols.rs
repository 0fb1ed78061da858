//! Symbols and source maps in what is copied: a program runs without them.

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::Value as Json;

use crate::semantic::{Cmd, Stage, StageId, is_named_for_tests, is_named_for_work};
use crate::text::Edit;

use super::{Case, MAX_PIECES, Piece};

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let mut found: Vec<Piece> = Vec::new();
    let mut go = Go::new(case);
    for cmd in case.commands() {
        let Some(stage) = cmd.stage() else { continue };
        if stage.name.as_deref().is_some_and(|name| is_named_for_work(name) || is_named_for_tests(name)) {
            continue;
        }
        let piece = match cmd.program() {
            "go" => go.piece(&cmd, stage),
            "cargo" => rust(case, &cmd, stage),
            "npm" | "yarn" | "pnpm" => source_maps(case, &cmd, stage),
            _ => None,
        };
        let Some(piece) = piece else { continue };
        // Commands of one line are one thing to leave behind.
        match found.last_mut().filter(|last| last.change == piece.change) {
            Some(last) if last.edits == piece.edits => {}
            Some(last) => last.edits.extend(piece.edits),
            None => found.push(piece),
        }
        if found.len() > MAX_PIECES {
            break;
        }
    }
    found
}

/// What is asked once of a Dockerfile, and of each stage that builds programs of Go.
struct Go<'c, 'm> {
    case: &'c Case<'m>,
    /// True if the file says that somebody reads symbols, or settles itself what is left out.
    is_settled: OnceCell<bool>,
    /// Whether what a stage builds looks at itself.
    looks: HashMap<StageId, bool>,
}

impl<'c, 'm> Go<'c, 'm> {
    fn new(case: &'c Case<'m>) -> Self {
        Self { case, is_settled: OnceCell::new(), looks: HashMap::new() }
    }

    /// `go build` without `-ldflags`.
    fn piece(&mut self, cmd: &Cmd<'_>, stage: &Stage) -> Option<Piece> {
        let (case, model) = (self.case, self.case.model);
        let subcommand = cmd.subcommand()?;
        let path = match &*subcommand {
            "build" => cmd.option_value(&["-o"]).map_or_else(|| cmd.absolute("."), |path| cmd.absolute(path)),
            "install" => Some("/go/bin".to_owned()),
            _ => return None,
        };
        let flags =
            ["-ldflags", "--ldflags", "-gcflags", "--gcflags", "-buildmode", "-cover", "-race", "-toolexec"];
        let is_set = cmd.args().iter().any(|w| flags.iter().any(|f| w.static_prefix().starts_with(f)));
        let foreign = cmd.args().iter().any(|w| w.static_prefix().contains('@'));
        let by_variable = model.binding(cmd.step(), "GOFLAGS").is_some()
            || cmd.shell().assignments.iter().any(|a| &*a.name == "GOFLAGS");
        if is_set
            || foreign
            || by_variable
            || !case.is_plain(cmd)
            || !model.may_ship(stage, path.as_deref())
            || *self.is_settled.get_or_init(|| case.says(&["dlv", "delve", "GOFLAGS", "-ldflags", "strip "]))
        {
            return None;
        }
        // A program that looks at itself needs what is left out.
        let looks = *self.looks.entry(stage.index).or_insert_with(|| {
            let sources = model.stages.get(stage.index).and_then(|stage| case.copied(stage, &[".go"]));
            sources.is_none_or(|s| s.is_empty() || !case.lack(&s, &["\"debug/", "github.com/go-delve"]))
        });
        if looks {
            return None;
        }
        let edit = Edit::insert(cmd.subcommand_span().end, " -ldflags=\"-s -w\"");
        let what = format!(
            "`go {subcommand}` leaves symbols and debug information in the program; stack traces do not need them"
        );
        Some(case.piece(cmd.step(), what, vec![edit]))
    }
}

/// The first version of Cargo that reads the setting from the environment, as the minor number.
const CARGO_STRIPS: u32 = 59;

/// `cargo build --release` of a package that does not set `strip`.
fn rust(case: &Case<'_>, cmd: &Cmd<'_>, stage: &Stage) -> Option<Piece> {
    let model = case.model;
    let release = cmd.is_subcommand("build") && cmd.has_any_flag(&["--release", "-r"]);
    let target = cmd.args().iter().any(|w| w.static_prefix().contains("wasm"));
    let folder = cmd.absolute("target")?;
    let image = model.root_base(stage);
    let crate::semantic::Base::Image(image) = image else { return None };
    let version = image.tag.as_deref().unwrap_or_default();
    let minor =
        version.strip_prefix("1.").and_then(|rest| rest.split(['.', '-']).next()?.parse::<u32>().ok());
    if !release
        || target
        || image.repository() != "rust"
        || minor.is_some_and(|minor| minor < CARGO_STRIPS)
        || cmd.has_any_flag(&["--profile", "--config"])
        || !model.may_ship(stage, Some(&folder))
        || case.says(&["RUST_BACKTRACE", "RUSTFLAGS", "CARGO_PROFILE", "strip "])
    {
        return None;
    }
    let manifest = (case.project.read)(&model.source_beside(cmd, "Cargo.toml")?)?;
    // Who names functions when it runs needs their names.
    let reads =
        ["backtrace", "color-eyre", "pprof", "sentry", "tracing-error", "addr2line", "goblin", "object"];
    let settles = ["strip", "debug", "[profile.release"];
    let named = |name: &str| {
        manifest.lines().any(|l| l.trim_start().starts_with(name) || l.contains(&format!(".{name}]")))
    };
    if reads.iter().any(|name| named(name))
        || settles.iter().any(|word| manifest.contains(word))
        || manifest.contains("[workspace")
    {
        return None;
    }
    let config = [".cargo/config.toml", ".cargo/config"];
    if config
        .iter()
        .filter_map(|name| model.source_beside(cmd, name))
        .any(|p| (case.project.read)(&p).is_some())
    {
        return None;
    }
    let edit = case.line_before(cmd.step(), "ENV CARGO_PROFILE_RELEASE_STRIP=symbols");
    let what = "`cargo build --release` leaves the symbol table in the program";
    Some(
        case.piece(cmd.step(), what, vec![edit])
            .note("without symbols a backtrace of the Rust program names no functions"),
    )
}

/// A build of Create React App, which writes a map of the sources beside each script.
fn source_maps(case: &Case<'_>, cmd: &Cmd<'_>, stage: &Stage) -> Option<Piece> {
    let model = case.model;
    let folder = cmd.absolute("build")?;
    if !cmd.builds_front_end()
        || cmd.script().changes_folder
        || !model.may_ship(stage, Some(&folder))
        || stage.in_final_image
        || case.says(&["GENERATE_SOURCEMAP", "sourcemap", "source-map"])
    {
        return None;
    }
    let path = model.source_beside(cmd, "package.json")?;
    let text = (case.project.read)(&path)?;
    let manifest: Json = serde_json::from_str(&text).ok()?;
    let script = manifest["scripts"]["build"].as_str()?;
    let reads =
        ["sentry", "bugsnag", "rollbar", "datadog", "newrelic", "source-map", "sourcemap", "SOURCEMAP"];
    if script.trim() != "react-scripts build" || reads.iter().any(|word| text.contains(word)) {
        return None;
    }
    let beside = path.strip_suffix("package.json")?;
    let settled = [".env", ".env.production", ".env.local", ".env.production.local"];
    let is_set = |name: &&str| {
        (case.project.read)(&format!("{beside}{name}")).is_some_and(|t| t.contains("GENERATE_SOURCEMAP"))
    };
    if settled.iter().any(is_set) {
        return None;
    }
    let edit = case.line_before(cmd.step(), "ENV GENERATE_SOURCEMAP=false");
    let what = "the build writes a map of the sources beside each script, which is copied and served as well";
    Some(
        case.piece(cmd.step(), what, vec![edit])
            .note("without source maps the developer tools of a browser show the scripts as they are served"),
    )
}
