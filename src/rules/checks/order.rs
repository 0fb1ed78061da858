//! The order of COPY and installs, which decides what a change runs again.

use crate::diag::{Finding, Fix};
use crate::rules::Cx;
use crate::semantic::{Action, Cmd, Install, Model, SETTINGS, ScriptKind, SourceKind, SourcesFirst};
use crate::syntax::{Instruction, MountType};
use crate::text::Edit;

/// `copy-before-install`.
pub fn copy_before_install(cx: &mut Cx<'_>) {
    if cx.model.copies.is_empty() {
        return;
    }
    let installs: Vec<Install<'_>> = cx.model.installs().collect();
    let mut reported: Vec<(usize, &str)> = Vec::new();
    for (at, install) in installs.iter().enumerate() {
        let manager = install.manager.name.as_str();
        let Some(first) = worth_moving(cx.model, install) else { continue };
        let earlier = installs.get(..at).unwrap_or_default();
        if is_prepared(cx.model, install, &first, earlier) || reported.contains(&(first.copy, manager)) {
            continue;
        }
        let names = manifests(cx.model, install, &first);
        if names.is_empty() {
            continue;
        }
        reported.push((first.copy, manager));
        if let Some(finding) = finding(cx, install, &first, &names) {
            cx.report(finding);
        }
    }
    independent(cx);
}

/// The COPY that comes too early, unless the install is cheap or belongs to no image.
fn worth_moving(model: &Model<'_>, install: &Install<'_>) -> Option<SourcesFirst> {
    let instruction = model.instruction(install.cmd.step());
    let cached = instruction.mounts.iter().any(|m| matches!(m.kind, MountType::Cache | MountType::Unknown));
    if cached || !install.cmd.stage()?.reachable {
        return None;
    }
    model.sources_before(install)
}

/// True if the dependencies were installed before the COPY already, or in the same run.
fn is_prepared(
    model: &Model<'_>,
    install: &Install<'_>,
    first: &SourcesFirst,
    earlier: &[Install<'_>],
) -> bool {
    let Some(copy) = model.copies.get(first.copy) else { return true };
    let Some(stage) = install.cmd.stage() else { return true };
    let name = install.manager.name.as_str();
    let is_own = |cmd: Cmd<'_>| {
        let own = cmd.stage().map(|s| s.index);
        model.lineage(stage).any(|s| Some(s.index) == own)
    };
    let same = |i: &Install<'_>| i.manager.name == name && i.cmd.step() < copy.step && is_own(i.cmd);
    // Where a step of its own fetches them, the build that follows does not.
    let fetched = |i: &Install<'_>| !i.builds && i.manager.name == name && is_own(i.cmd);
    if earlier.iter().any(|i| same(i) || install.builds && fetched(i)) {
        return true;
    }
    // Other ways to have them: a store that was filled, dependencies in the repository, chef's recipe.
    let other = |program: &str, subcommands: &[&str]| {
        model.commands_named(program).any(|c| {
            is_own(c)
                && (subcommands.is_empty()
                    || subcommands.iter().any(|s| c.subcommand().as_deref() == Some(*s)))
        })
    };
    match name {
        "cargo" => other("cargo", &["chef", "vendor"]) || before(model, "cargo", copy.step, is_own),
        "go" => {
            other("go", &["get"])
                || other("dep", &[])
                || other("glide", &[])
                || other("govendor", &[])
                || model
                    .environment(install.cmd.step())
                    .binding("GO111MODULE")
                    .is_some_and(|b| b.value.known() == Some("off"))
        }
        "maven" => before(model, "mvn", copy.step, is_own) || before(model, "mvnw", copy.step, is_own),
        "gradle" => before(model, "gradle", copy.step, is_own) || before(model, "gradlew", copy.step, is_own),
        "pnpm" => other("pnpm", &["fetch"]),
        "dotnet" => before(model, "dotnet", copy.step, is_own),
        _ => false,
    }
}

/// True if `program` ran before `step`.
fn before(model: &Model<'_>, program: &str, step: usize, is_own: impl Fn(Cmd<'_>) -> bool) -> bool {
    model.commands_named(program).any(|c| c.step() < step && is_own(c))
}

/// The files to copy first, as paths of the context: those that are there, the usual ones if unknown.
fn manifests(model: &Model<'_>, install: &Install<'_>, first: &SourcesFirst) -> Vec<String> {
    let named = !install.files.is_empty();
    let is_lock = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        install.manager.locks.iter().any(|l| l == name)
    };
    // Few projects of these have one.
    let seldom = matches!(install.manager.name.as_str(), "gradle" | "dotnet");
    let mut out: Vec<String> = Vec::new();
    let mut known = false;
    for path in &first.files {
        let lock = !named && is_lock(path);
        let take = match model.manifest_is_there(path) {
            Some(there) => {
                known = true;
                there
            }
            // The first manifest and the first lock file are the usual ones.
            None => named || (if lock { out.len() == 1 && !seldom } else { out.is_empty() }),
        };
        if take {
            out.push(path.clone());
        }
    }
    // A lock file alone is no project.
    if known && out.iter().all(|p| !named && is_lock(p)) {
        out.clear();
    }
    out
}

fn finding(cx: &Cx<'_>, install: &Install<'_>, first: &SourcesFirst, names: &[String]) -> Option<Finding> {
    let model = cx.model;
    let copy = model.copies.get(first.copy)?;
    let source = copy.sources.get(first.source)?;
    let program = install.cmd.program_span();
    let behind = if program.contains(install.order) {
        String::new()
    } else {
        format!(" {}", model.text(install.order))
    };
    let behind = if install.manager.name == "go" && behind == " download" {
        " mod download".to_owned()
    } else {
        behind
    };
    let command = short(&format!("{}{behind}", model.text(program)));
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    let files = super::all(&quoted);
    let ready = names.iter().all(|n| model.is_copied_alone(n, copy.step));
    let flag = |flag: &str| if install.cmd.has_flag(flag) { String::new() } else { format!(" {flag}") };
    let name = install.manager.name.as_str();
    let first_step = match name {
        "go" => "go mod download".to_owned(),
        "maven" => format!("{} dependency:go-offline", install.cmd.program()),
        "gradle" => format!("{} dependencies", install.cmd.program()),
        "dotnet" => "dotnet restore".to_owned(),
        "poetry" => format!("{command}{}", flag("--no-root")),
        "uv" if install.files.is_empty() => format!("{command}{}", flag("--no-install-project")),
        "composer" => format!("{command}{}{}", flag("--no-scripts"), flag("--no-autoloader")),
        _ => command.clone(),
    };
    let mut help = match (name, ready) {
        ("cargo", _) => "build the dependencies in a step before (`cargo chef`)".to_owned(),
        (_, true) => format!("run `{first_step}` before this COPY: {files} {} there already", are(names)),
        (_, false) => format!("copy {files} first, run `{first_step}`, and copy the rest behind it"),
    };
    if name == "composer" {
        help.push_str(", then run `composer dump-autoload`");
    }
    if install.builds
        && let Some(cache) = install
            .manager
            .caches
            .iter()
            .find(|c| c.contains("mod") || c.starts_with("/usr"))
            .or_else(|| install.manager.caches.first())
    {
        help.push_str(&format!(", or keep downloads with `--mount=type=cache,target={cache}`"));
    }
    let what = if install.builds { "fetches" } else { "installs" };
    let message = format!(
        "`{command}` {what} the dependencies behind this COPY, so any change in its files does that again"
    );
    let finding = cx.at(source.span, message).label(program.to(install.order), "runs again").help(help);
    Some(match fix(model, install, first, names) {
        Some(edits) if !ready && !install.builds => {
            finding.fix(Fix::uncertain(format!("copy {files} first"), edits))
        }
        _ => finding,
    })
}

const fn are(names: &[String]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

/// One line of a command.
fn short(text: &str) -> String {
    text.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ")
}

/// Puts a COPY of the manifests and the RUN before the COPY, in the plainest case.
fn fix(
    model: &Model<'_>,
    install: &Install<'_>,
    first: &SourcesFirst,
    names: &[String],
) -> Option<Vec<Edit>> {
    let copy = model.copies.get(first.copy)?;
    let (from, to) = (model.instruction(copy.step), model.instruction(install.cmd.step()));
    let plain = matches!(install.manager.name.as_str(), "npm" | "yarn" | "pnpm" | "bun" | "pip");
    let settled = SETTINGS.iter().any(|s| model.manifest_is_there(s) == Some(true));
    let next = install.cmd.step() == copy.step + 1;
    let whole = first.folder.is_empty() && copy.sources.len() == 1;
    let known = names.iter().all(|n| model.manifest_is_there(n) == Some(true) && n.chars().all(is_plain));
    let alone = to.flags.is_empty() && install.cmd.script().script.commands.len() == 1;
    if !(plain && !settled && next && whole && known && alone && from.flag("exclude").is_none()) {
        return None;
    }
    let written = model.destination_text(copy)?;
    if !written.chars().all(is_plain) {
        return None;
    }
    let destination = match written {
        "." | "./" => "./".to_owned(),
        other => format!("{}/", other.trim_end_matches('/')),
    };
    let file = model.file;
    let (above, moved) = (file.items.get(from.item)?.span, file.items.get(to.item)?.span);
    let run = moved.text(file.text());
    let ending = if above.text(file.text()).ends_with("\r\n") { "\r\n" } else { "\n" };
    let flags: String = from.flags.iter().map(|f| format!("{} ", f.span.text(file.text()))).collect();
    let keyword = from.keyword_text(file);
    let separate = if run.ends_with('\n') { "" } else { ending };
    let text = format!("{keyword} {flags}{} {destination}{ending}{run}{separate}", names.join(" "));
    Some(vec![Edit::insert(above.start, text), Edit::delete(moved)])
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/')
}

/// Installs of named packages that stand behind the COPY of all sources, and need none of them.
fn independent(cx: &mut Cx<'_>) {
    let model = cx.model;
    let mut sources: Option<(usize, usize)> = None;
    let mut stage = None;
    for (step, instruction) in model.instructions() {
        let own = model.steps.get(step).and_then(|s| s.stage);
        if own != stage {
            (stage, sources) = (own, None);
        }
        if let Some(found) = whole_context(model, step) {
            sources = sources.or(Some(found));
        }
        if instruction.keyword != crate::syntax::Keyword::Run {
            continue;
        }
        let Some((copy, source)) = sources else { continue };
        if !model.stage_of(step).is_some_and(|s| s.reachable) {
            continue;
        }
        let Some(install) = only_installs(model, step, instruction) else {
            // This RUN may prepare what later ones install.
            sources = None;
            continue;
        };
        let Some(source) = model.copies.get(copy).and_then(|c| c.sources.get(source)) else { continue };
        let head = install.head_span();
        let command = short(model.text(head));
        let finding = cx
            .at(
                source.span,
                format!("`{command}` needs nothing of this COPY, yet any change in its files runs it again"),
            )
            .label(head, "runs again")
            .help("move the RUN above the COPY");
        cx.report(finding);
        sources = None;
    }
}

/// The source of `step` that copies the whole context into a folder of its own.
fn whole_context(model: &Model<'_>, step: usize) -> Option<(usize, usize)> {
    let at = model.copies.partition_point(|c| c.step < step);
    let copy = model.copies.get(at).filter(|c| c.step == step && !c.mount && !c.onbuild)?;
    if copy.from != crate::semantic::CopyFrom::Context {
        return None;
    }
    // What lands in the system's folders may well be meant for the package manager.
    let destination = copy.destination.known()?.trim_end_matches('/');
    let system = ["", "/etc", "/usr", "/var", "/root", "/opt", "/tmp", "/usr/local"];
    if system.contains(&destination) || destination.starts_with("/etc/") {
        return None;
    }
    let source = copy.sources.iter().position(|s| {
        s.kind == SourceKind::Path
            && s.value.known().is_some_and(|p| matches!(p, "." | "./" | "/" | "*" | "./*"))
    })?;
    Some((at, source))
}

/// The first install of a RUN that does nothing but install named packages and clean up.
fn only_installs<'m>(model: &'m Model<'_>, step: usize, instruction: &Instruction) -> Option<Cmd<'m>> {
    if !instruction.mounts.is_empty() || !instruction.heredocs.is_empty() {
        return None;
    }
    let mut first = None;
    for cmd in model.commands_of(step) {
        let script = cmd.script();
        let shell = cmd.shell();
        if script.kind != ScriptKind::Run || script.onbuild || !shell.redirects.is_empty() {
            return None;
        }
        if shell.words.iter().any(|w| w.has_expansion()) {
            return None;
        }
        let action = cmd.usage.action;
        let system = cmd.usage.manager.is_some_and(|m| m.system);
        let cleans = matches!(action, Action::Update | Action::Upgrade | Action::Clean) && system
            || cmd.program() == "rm" && cmd.operands().iter().all(|w| w.static_prefix().starts_with("/var/"));
        if cmd.installs_by_name() {
            first = first.or(Some(cmd));
        } else if !cleans {
            return None;
        }
    }
    first.filter(|c| !c.script().script.opaque)
}
