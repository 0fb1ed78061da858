//! Files that a build needs and the ignore file hides.

use std::collections::HashSet;

use dockerignore::filepath::{clean, has_wildcard};
use dockerignore::{IgnoreFile, Matcher, Pattern};

use crate::diag::Severity;
use crate::knowledge::{FILES_BESIDE_MANIFESTS, Manager, Trait, program_is};
use crate::rules::Cx;
use crate::semantic::{
    Base, BuildContext, Cmd, CopyFrom, CopyUse, Model, NeededBy, SourceKind, Stage, above, base_name, covers,
    facts, named_by_project,
};
use crate::syntax::{Keyword, MountType};
use crate::text::Span;

/// The most files that a project names and that are looked for.
const MAX_NAMED: usize = 64;

/// `needed-file-ignored`.
pub fn ignored(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some((file, text)) = model.context().and_then(BuildContext::ignore) else { return };
    if file.patterns().is_empty() {
        return;
    }
    let ignore = Ignore { file, text, matcher: Matcher::new(file) };
    let mut told: Vec<Span> = Vec::new();
    let mut named = None;
    for needed in model.needed_locks() {
        // What is not there is no help, whether or not it is left out.
        let may_be_there =
            |path: &&String| ignore.hides(path).is_some() || model.manifest_is_there(path) != Some(false);
        let paths = needed.paths.iter().filter(may_be_there);
        let hidden: Vec<_> = paths.map(|path| (path, ignore.hides(path))).collect();
        // One of them is enough.
        let Some((path, by)) = hidden.first().and_then(|(path, by)| Some((*path, (*by)?))) else { continue };
        // A COPY that names it fails as well.
        let named = named.get_or_insert_with(|| named_files(model));
        if hidden.iter().any(|(_, by)| by.is_none()) || named.contains(path.as_str()) {
            continue;
        }
        if comes_from_elsewhere(model, needed.cmd.span, path) {
            continue;
        }
        // A member of a workspace goes by the lock file of its root.
        let is_at_root = |path: &String| {
            let name = base_name(path);
            path.contains('/')
                && ignore.hides(name).is_none()
                && model.context().is_some_and(|c| c.scan.per_top.iter().any(|t| !t.folder && t.name == name))
        };
        if needed.paths.iter().any(is_at_root) {
            continue;
        }
        let command = short(needed.cmd.text);
        let then = match needed.fails {
            true => "the build fails",
            false => "Yarn 1 then installs the newest versions, and later ones fail",
        };
        let message = format!(
            "`{command}` needs `{path}`, which {} leaves out of the build context: {then}",
            ignore.line(by)
        );
        told.push(needed.cmd.span);
        let mut finding = cx.at(needed.cmd.span, message).help(ignore.help(path, by));
        if !needed.fails {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
    for project in model.project_files() {
        let Some(text) = model.text_of(&project.file) else { continue };
        let (folder, file) = project.file.rsplit_once('/').unwrap_or(("", &project.file));
        let by = project.cmd;
        // What a RUN writes anew is not known.
        let is_touched = |name: &str| {
            let others = model.run_commands().filter(|c| !c.shell().span.contains(by.span));
            others.into_iter().any(|c| c.shell().words.iter().any(|w| model.text(w.span).contains(name)))
        };
        if is_touched(file) {
            continue;
        }
        for needs in named_by_project(file, text, by.text.starts_with("poetry")).into_iter().take(MAX_NAMED) {
            let beside =
                |path: &String| clean(&format!("/{folder}/{path}")).trim_start_matches('/').to_owned();
            let paths: Vec<String> = needs.paths.iter().map(beside).collect();
            let hidden: Vec<_> = paths.iter().map(|path| ignore.hides(path)).collect();
            let (Some(path), Some(Some(pattern))) = (paths.first(), hidden.first()) else { continue };
            if told.contains(&by.span) || hidden.iter().any(Option::is_none) {
                continue;
            }
            let named = named.get_or_insert_with(|| named_files(model));
            if paths.iter().any(|path| named.contains(path))
                || is_touched(base_name(path))
                || is_brought_elsewhere(model, &by, path, folder)
            {
                continue;
            }
            let (command, what) = (short(by.text), needs.what);
            let message = format!(
                "`{command}` builds the project, whose `{file}` names `{path}` as its {what}, and {} leaves that out of the build context: the build fails",
                ignore.line(pattern)
            );
            told.push(by.span);
            cx.report(cx.at(by.span, message).help(ignore.help(path, pattern)));
        }
    }
}

/// True if a copy above a command, from an image, a named context or an address, brings a file of that name, or a whole
/// folder of files.
fn comes_from_elsewhere(model: &Model, command: Span, path: &str) -> bool {
    let name = base_name(path);
    model.copies.iter().take_while(|copy| model.instruction(copy.step).span.end <= command.start).any(
        |copy| {
            let of_others = copy.from != CopyFrom::Context;
            let brings =
                copy.sources.iter().filter(|s| of_others || s.kind != SourceKind::Path).any(|source| {
                    source.value.known().is_none_or(|source| {
                        let source = source.trim_end_matches(['/', '.']);
                        source.is_empty() || base_name(source) == name || has_wildcard(source)
                    })
                });
            let renames = of_others && copy.destination.known().is_some_and(|to| base_name(to) == name);
            !copy.mount && (brings || renames)
        },
    )
}

/// True if a copy from another stage, a heredoc or an address may bring the file at `path` of the project in `folder`, or
/// a RUN may make its folder: a stub stands in for it.
fn is_brought_elsewhere(model: &Model, by: &NeededBy<'_>, path: &str, folder: &str) -> bool {
    let beside = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
    let first = beside.split('/').next().filter(|first| *first != beside);
    let of_others = model.copies.iter().any(|copy| {
        !copy.mount
            && (copy.from != CopyFrom::Context || copy.sources.iter().any(|s| s.kind != SourceKind::Path))
            && copy.destination.known().is_none_or(|to| {
                let to = to.trim_end_matches('/');
                first.is_none_or(|first| to.split('/').any(|part| part == first))
                    || to.ends_with(base_name(path))
            })
    });
    let makes = |cmd: &Cmd<'_>| {
        matches!(cmd.program(), "cargo" if cmd.is_subcommand("new") || cmd.is_subcommand("init"))
            || cmd.program() == "mkdir"
                && first.is_some_and(|first| {
                    cmd.args().iter().any(|word| word.static_prefix().split('/').any(|part| part == first))
                })
    };
    of_others || model.run_commands().any(|cmd| !cmd.shell().span.contains(by.span) && makes(&cmd))
}

/// `missing-lock-file`.
pub fn lock(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(context) = model.context() else { return };
    // Of a folder below the top of a repository, the project may be the one above.
    if !context.is_said && !model.is_top_of_repository() {
        return;
    }
    let ignore = context.ignore().map(|(file, text)| Ignore { file, text, matcher: Matcher::new(file) });
    let hides = |path: &String| ignore.as_ref().is_some_and(|ignore| ignore.hides(path).is_some());
    let named = named_files(model);
    for needed in model.needed_locks() {
        let Some(cmd) = model.run_commands().find(|cmd| cmd.head_span() == needed.cmd.span) else { continue };
        // The others go on without a lock file, or some of their versions do.
        let Some(make) = MAKE.iter().find(|(name, _)| *name == cmd.program()).map(|(_, make)| make) else {
            continue;
        };
        let is_gone = |path: &String| model.manifest_is_there(path) == Some(false) && !hides(path);
        // A workspace above the folder may have the lock file.
        let is_gone = |path: &String| is_gone(path) && above(path).iter().all(is_gone);
        let Some(path) = needed.paths.first().filter(|_| needed.paths.iter().all(is_gone)) else { continue };
        let is_named = needed.paths.iter().any(|path| named.contains(path));
        if is_named || goes_elsewhere(&cmd) || may_be_made(model, &cmd) {
            continue;
        }
        let command = short(needed.cmd.text);
        let message =
            format!("`{command}` needs `{path}`, which is not in the build context: the build fails");
        let help = format!("make the lock file with `{make}`, and commit it");
        cx.report(cx.at(needed.cmd.span, message).help(help));
    }
}

/// `lock-file-not-copied`.
pub fn lock_file_not_copied(cx: &mut Cx<'_>) {
    let model = cx.model;
    for install in model.frozen_installs() {
        let cmd = install.cmd;
        let is_plain = |stage: &Stage| {
            stage.reachable
                && matches!(model.root_base(stage), Base::Image(image) if facts(image).is_some())
                && model.triggers_in(stage).is_empty()
        };
        if !MAKE.iter().any(|(name, _)| *name == cmd.program())
            || !cmd.stage().is_some_and(is_plain)
            || !cmd.ends_build()
            || cmd.script().changes_folder
            || goes_elsewhere(&cmd)
            || is_told_otherwise(&cmd)
            || may_be_made(model, &cmd)
        {
            continue;
        }
        let Some(folder) = model.workdir(cmd.step()).known() else { continue };
        let (Some(stage), Some(lock)) = (cmd.stage(), install.manager.locks.first()) else { continue };
        let mounts = &model.instruction(cmd.step()).mounts;
        let is_mounted = mounts.iter().any(|mount| {
            mount.kind == MountType::Bind || mount.target().is_none_or(|target| covers(target, folder))
        });
        // A redirection may have written it.
        let mut texts = model
            .lineage(stage)
            .flat_map(|s| model.instructions_of(s))
            .filter(|(step, i)| i.keyword == Keyword::Run && *step <= cmd.step());
        let names = |text: &str| install.manager.locks.iter().any(|lock| text.contains(lock));
        if is_mounted || texts.any(|(_, instruction)| names(model.text(instruction.span))) {
            continue;
        }
        // Its settings may look for it elsewhere, or do without.
        let settings =
            [".npmrc", "pnpm-workspace.yaml"].iter().filter_map(|name| model.file_beside(&cmd, name));
        let speaks = |text: &str| text.contains("lockfile") || text.contains("Lockfile");
        if cmd.program() == "pnpm" && settings.filter_map(|path| model.text_of(&path)).any(speaks) {
            continue;
        }
        // pnpm wants none for a project without dependencies.
        let manifest = model.source_beside(&cmd, manifest_of(cmd.program()));
        if manifest.and_then(|path| model.text_of(&path)).is_some_and(|text| !text.contains("ependencies")) {
            continue;
        }
        // Where no manifest is copied either, the project comes from elsewhere.
        let (mut manifest, mut others) = (false, false);
        for copy in model.copies_before(stage, cmd.step()) {
            match brings(copy, folder, install.manager) {
                Brings::Manifest => manifest = true,
                Brings::Nothing => {}
                Brings::Perhaps => others = true,
            }
        }
        if !manifest || others {
            continue;
        }
        let command = short(model.text(cmd.head_span()));
        let message = format!("`{command}` needs `{lock}`, but no COPY above includes it: the build fails");
        let help = format!("copy it with the manifest: `COPY {} {lock} ./`", manifest_of(cmd.program()));
        cx.report(cx.at(cmd.head_span(), message).help(help));
    }
}

/// True if an option or a variable says that it is not about the lock file beside the manifest.
fn is_told_otherwise(cmd: &Cmd<'_>) -> bool {
    let words = ["--no-frozen", "--lockfile", "--script", "--help", "-h", "--dry-run"];
    let says = |text: &str| text.ends_with("=false") || words.iter().any(|word| text.starts_with(word));
    let variables = ["UV_PROJECT", "UV_WORKING_DIRECTORY", "npm_config_prefix", "npm_config_dir"];
    cmd.is_subcommand("install") && cmd.program() == "cargo"
        || cmd.args().iter().any(|word| says(word.static_prefix()))
        || variables.iter().any(|name| cmd.model.binding(cmd.step(), name).is_some())
}

/// What a COPY brings into the folder of a project.
enum Brings {
    /// Its manifest, and no lock file.
    Manifest,
    /// Files of other names, or files for another folder.
    Nothing,
    /// Who knows.
    Perhaps,
}

fn brings(copy: &CopyUse, folder: &str, manager: &Manager) -> Brings {
    let Some(to) = copy.destination.known() else { return Brings::Perhaps };
    let inside = to.trim_end_matches('/');
    let folder = folder.trim_end_matches('/');
    // A folder above it may hold the project's; one below does not.
    if inside != folder && !folder.starts_with(&format!("{inside}/")) {
        let is_lock = manager.locks.iter().any(|lock| inside == format!("{folder}/{lock}"));
        return if is_lock { Brings::Perhaps } else { Brings::Nothing };
    }
    if copy.from != CopyFrom::Context || copy.add && copy.sources.iter().any(|s| s.kind != SourceKind::Path) {
        return Brings::Perhaps;
    }
    let mut found = Brings::Nothing;
    for source in &copy.sources {
        let Some(path) = source.value.known().filter(|path| !has_wildcard(path)) else {
            return Brings::Perhaps;
        };
        let name = base_name(path);
        let is_archive = copy.add && [".gz", ".tgz", ".xz", ".bz2", ".tar"].iter().any(|e| name.ends_with(e));
        let is_file = FILES_BESIDE_MANIFESTS.iter().any(|ending| name.ends_with(ending));
        // Each project of a workspace may have its own.
        if !is_file || is_archive || manager.locks.contains(&name) {
            return Brings::Perhaps;
        }
        if inside == folder && MANIFESTS.contains(&name) {
            found = Brings::Manifest;
        }
    }
    found
}

/// What describes a project beside its lock file.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "package.json", "pyproject.toml"];

fn manifest_of(program: &str) -> &'static str {
    match program {
        "cargo" => "Cargo.toml",
        "uv" => "pyproject.toml",
        _ => "package.json",
    }
}

/// True if an option says in which folder the project is.
fn goes_elsewhere(cmd: &Cmd<'_>) -> bool {
    const OPTIONS: [&str; 9] = [
        "--prefix",
        "-C",
        "--dir",
        "--cwd",
        "--project",
        "--directory",
        "--manifest-path",
        "--workspace",
        "-w",
    ];
    cmd.args().iter().any(|word| {
        let text = word.static_prefix();
        word.has_expansion()
            || OPTIONS.iter().any(|option| text == *option || text.starts_with(&format!("{option}=")))
    })
}

/// True if something that ran before may have written a file of the project, or another stage may have brought it.
fn may_be_made(model: &Model, install: &Cmd<'_>) -> bool {
    let Some(stage) = install.stage() else { return true };
    let in_lineage = |step: usize| model.inherits_step(stage, step);
    let harmless = |cmd: &Cmd<'_>| {
        cmd.usage.manager.is_some_and(|manager| manager.system)
            || program_is(cmd.program(), Trait::WritesNothing)
            || matches!(
                cmd.program(),
                "mkdir" | "corepack" | "chown" | "addgroup" | "adduser" | "useradd" | "groupadd"
            )
    };
    model.run_commands().any(|cmd| cmd.id() < install.id() && in_lineage(cmd.step()) && !harmless(&cmd))
        || model
            .copies
            .iter()
            .any(|copy| copy.from != CopyFrom::Context && copy.step < install.step() && in_lineage(copy.step))
}

/// Programs that fail without their lock file, and what makes it.
const MAKE: [(&str, &str); 4] = [
    ("cargo", "cargo generate-lockfile"),
    ("npm", "npm install --package-lock-only"),
    ("pnpm", "pnpm install --lockfile-only"),
    ("uv", "uv lock"),
];

/// The files that sources name, as paths of the context: `copy-excluded-source` says that they are left out.
fn named_files(model: &Model) -> HashSet<String> {
    let copies = model.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let sources = copies.flat_map(|copy| &copy.sources).filter_map(|source| source.value.known());
    sources.map(|source| clean(&format!("/{source}")).trim_start_matches('/').to_owned()).collect()
}

fn short(text: &str) -> String {
    text.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ")
}

struct Ignore<'a> {
    file: &'a IgnoreFile,
    text: &'a str,
    matcher: Matcher<'a>,
}

impl<'a> Ignore<'a> {
    fn hides(&self, path: &str) -> Option<&'a Pattern> {
        let verdict = self.matcher.verdict(path.as_bytes());
        verdict.pattern().filter(|_| verdict.is_excluded()).and_then(|by| self.file.patterns().get(by))
    }

    fn line(&self, by: &Pattern) -> String {
        format!("line {} of the ignore file, `{}`,", by.line(), Span::of(by.range()).text(self.text))
    }

    fn help(&self, path: &str, by: &Pattern) -> String {
        format!("add `!{path}` below line {} of the ignore file", by.line())
    }
}
