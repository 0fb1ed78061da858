//! What a COPY from another stage carries into the image that only development needs, and installs that pass over the
//! lock file beside them.

use crate::knowledge::ManagerId;
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, CopyFrom, ScriptKind, Setting};

use super::multi_stage::moved_to_dependencies;
use super::unshipped::is_development;

/// How many copies of packages are looked at: for each of them, all commands of its stage are.
const MAX_COPIES: usize = 100;

/// `dev-dependencies-copied`.
pub fn dev_dependencies(cx: &mut Cx<'_>) {
    let model = cx.model;
    if model.context().is_none() {
        return;
    }
    let builds = model.last_node_builds();
    let (mut looks, mut prisma) = (0, None);
    for copy in model.copies.iter().filter(|c| !c.mount && !c.onbuild) {
        let CopyFrom::Stage(from) = copy.from else { continue };
        let (Some(from), Some(stage)) = (model.stages.get(from), model.stage_of(copy.step)) else { continue };
        let last_build = builds.get(stage.index).copied().flatten();
        let is_for_work = is_development(stage) || last_build.is_some_and(|build| build > copy.step);
        if !stage.in_final_image || is_for_work {
            continue;
        }
        for source in &copy.sources {
            let path = source.value.known().map(|path| path.trim_end_matches('/'));
            let Some(folder) = path.and_then(|path| path.strip_suffix("/node_modules")) else { continue };
            if looks == MAX_COPIES {
                return;
            }
            looks += 1;
            let Some(install) = model.full_install(from, folder) else { continue };
            let manifest = model.source_beside(&install.cmd, "package.json");
            let text = manifest.as_deref().and_then(|path| model.text_of(path));
            if !text.is_some_and(has_dev_dependencies) {
                continue;
            }
            let command =
                model.text(install.cmd.head_span()).split_whitespace().collect::<Vec<_>>().join(" ");
            let line = model.instruction(install.cmd.step()).lines.0;
            let message = format!(
                "`{command}` in line {line} also installs the development dependencies, and this copies them into the image"
            );
            let finding = cx.at(source.span, message).label(install.cmd.head_span(), "installed here");
            let shape = manifest.as_deref().map_or(Shape::Plain, |path| Shape::of(model, path));
            let uses_prisma = prisma.get_or_insert_with(|| model.prisma().is_some());
            let needs = model.node_needs(&install.cmd, model.entry(stage));
            let mut help = advice(install.manager.id, shape, *uses_prisma).to_owned();
            if let Some(first) = moved_to_dependencies(&needs) {
                help += &format!("; before that, {first}");
            }
            cx.report(finding.help(help));
        }
    }
}

/// What a project says of its package manager that decides how it leaves out what only development needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    /// A later yarn than the first one, whose options it refuses.
    ModernYarn,
    /// A workspace of pnpm, in which `pnpm prune` does nothing.
    PnpmWorkspace,
}

impl Shape {
    fn of(model: &Analysis, manifest: &str) -> Self {
        let beside = |name: &str| model.text_of(&manifest.replace("package.json", name)).is_some();
        let names_yarn = |text: &str| {
            let after = text.split_once("\"packageManager\"").map_or("", |(_, rest)| rest);
            let version = after.split_once("\"yarn@").filter(|(before, _)| before.len() <= MAX_BLANKS);
            version.is_some_and(|(_, version)| !version.starts_with("1."))
        };
        if beside("pnpm-workspace.yaml") {
            Self::PnpmWorkspace
        } else if beside(".yarnrc.yml") || model.text_of(manifest).is_some_and(names_yarn) {
            Self::ModernYarn
        } else {
            Self::Plain
        }
    }
}

/// The most bytes between a key of JSON and its value.
const MAX_BLANKS: usize = 8;

const fn advice(manager: ManagerId, shape: Shape, prisma: bool) -> &'static str {
    match (manager, shape) {
        (ManagerId::Pnpm, Shape::PnpmWorkspace) => {
            "run `pnpm --filter PACKAGE deploy --prod /out` at the end of the stage (pnpm 10 also wants `--legacy` unless it injects workspace packages), and copy `/out`"
        }
        // What the others remove or move is the client, too, that Prisma has generated into its package.
        (ManagerId::Yarn, Shape::ModernYarn) if prisma => {
            "with `prisma` among the `dependencies`, end the stage with `yarn workspaces focus --all --production` and `yarn prisma generate`"
        }
        (ManagerId::Yarn, _) if prisma => {
            "with `prisma` among the `dependencies`, end the stage with `yarn install --production` and `yarn prisma generate`"
        }
        (ManagerId::Pnpm, _) if prisma => {
            "with `prisma` among the `dependencies`, end the stage with `pnpm prune --prod` and `pnpm prisma generate`"
        }
        _ if prisma => {
            "end the stage with `npm prune --omit=dev`, which leaves the client that Prisma has generated in place"
        }
        (ManagerId::Yarn, Shape::ModernYarn) => {
            "end the stage with `yarn workspaces focus --all --production`, or do so in a separate stage for this COPY"
        }
        (ManagerId::Yarn, _) => {
            "end the stage with `yarn install --production`, or install in a separate stage for this COPY"
        }
        (ManagerId::Pnpm, _) => {
            "end the stage with `pnpm prune --prod`, or install with `--prod` in a separate stage for this COPY"
        }
        _ => "end the stage with `npm prune --omit=dev`, or run `npm ci --omit=dev` in a separate stage",
    }
}

fn has_dev_dependencies(package: &str) -> bool {
    let json: Option<serde_json::Value> = serde_json::from_str(package).ok();
    json.is_some_and(|json| json["devDependencies"].as_object().is_some_and(|of| !of.is_empty()))
}

/// `install-ignores-lock`.
pub fn ignores_lock(cx: &mut Cx<'_>) {
    let model = cx.model;
    for install in model.installs().filter(|i| i.manager.id.is_node()) {
        let cmd = install.cmd;
        let (lock, better) = match install.manager.id {
            ManagerId::Npm if !cmd.is_subcommand("ci") && !cmd.is_subcommand("clean-install") => {
                ("package-lock.json", "npm ci")
            }
            ManagerId::Yarn if !cmd.has_any_flag(&["--immutable", "--frozen-lockfile"]) => {
                ("yarn.lock", "yarn install --immutable` (`--frozen-lockfile` before Yarn 2)")
            }
            ManagerId::Pnpm if !cmd.has_any_flag(&["--frozen-lockfile"]) => {
                ("pnpm-lock.yaml", "pnpm install --frozen-lockfile")
            }
            _ => continue,
        };
        let other = [
            "--package-lock-only",
            "--lockfile-only",
            "--no-package-lock",
            "--pure-lockfile",
            "--frozen-lockfile=true",
        ];
        if cmd.has_any_flag(&other) || is_frozen(model, &cmd) {
            continue;
        }
        let Some(path) = model.source_beside(&cmd, lock) else { continue };
        let named = model.copies.iter().flat_map(|c| &c.sources).any(|s| {
            s.value.known().is_some_and(|p| dockerignore::filepath::clean(p).trim_start_matches('/') == path)
        });
        if model.manifest_is_there(&path) != Some(true) && !named {
            continue;
        }
        let command = model.text(cmd.head_span()).split_whitespace().collect::<Vec<_>>().join(" ");
        let message =
            format!("`{command}` may change `{path}`, and install versions other than those it lists");
        let better =
            if better.contains('`') { format!("write `{better}") } else { format!("write `{better}`") };
        let help = format!(
            "{better}: it installs exactly what the lock file lists, or fails if the file is out of date"
        );
        cx.report(cx.at(cmd.head_span(), message).help(help));
    }
    update_ignores_lock(cx);
}

/// Settings that keep Yarn and pnpm to their lock files; in a pipeline, both do so by themselves.
const FROZEN: [&str; 8] = [
    "CI",
    "NPM_CONFIG_FROZEN_LOCKFILE",
    "PNPM_CONFIG_FROZEN_LOCKFILE",
    "YARN_ENABLE_IMMUTABLE_INSTALLS",
    "YARN_FROZEN_LOCKFILE",
    "npm_config_frozen_lockfile",
    "pnpm_config_frozen_lockfile",
    "yarn_frozen_lockfile",
];

/// True if a setting keeps an install of Yarn or pnpm to the lock file, or may.
fn is_frozen(model: &Analysis, cmd: &Cmd<'_>) -> bool {
    if !matches!(cmd.program(), "yarn" | "pnpm") {
        return false;
    }
    let is_on = |name: &&str| {
        cmd.setting(name).is_some_and(|setting| !matches!(setting, Setting::To("false" | "0" | "")))
    };
    let speaks = |text: &str| ["frozen", "Frozen", "mmutable"].iter().any(|word| text.contains(word));
    let beside = |name: &&str| {
        let text = model.file_beside(cmd, name).and_then(|path| model.text_of(&path));
        text.is_some_and(speaks)
    };
    let configures = |c: Cmd<'_>| {
        let mut words = c.args().iter().map(|word| word.static_prefix());
        words.any(|word| word == "config") && words.any(speaks)
    };
    FROZEN.iter().any(is_on)
        || [".npmrc", ".yarnrc", ".yarnrc.yml", "pnpm-workspace.yaml"].iter().any(beside)
        || model.commands_named(cmd.program()).any(configures)
}

/// Commands that look for the newest versions of all packages: with their subcommands, the lock file that they change,
/// and what keeps to it.
const UPDATES: [(&str, &[&str], &str, &str); 6] = [
    ("composer", &["update", "u", "upgrade"], "composer.lock", "composer install"),
    ("bundle", &["update"], "Gemfile.lock", "bundle install"),
    ("poetry", &["update"], "poetry.lock", "poetry install"),
    ("npm", &["update", "up", "upgrade"], "package-lock.json", "npm ci"),
    ("pnpm", &["update", "up", "upgrade"], "pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
    ("cargo", &["update"], "Cargo.lock", "cargo build --locked"),
];

fn update_ignores_lock(cx: &mut Cx<'_>) {
    let model = cx.model;
    for (program, subcommands, lock, better) in UPDATES {
        for cmd in model.commands_named(program).filter(|cmd| cmd.script().kind == ScriptKind::Run) {
            let mut words = cmd.args().iter().map(|word| word.static_prefix());
            // A package that is named is meant, and an option may name one.
            let is_plain = words.all(|word| subcommands.contains(&word) || is_about_all(word));
            if !is_plain || !subcommands.iter().any(|name| cmd.is_subcommand(name)) {
                continue;
            }
            let Some(path) = model.source_beside(&cmd, lock) else { continue };
            let is_it = |known: &str| dockerignore::filepath::clean(known).trim_start_matches('/') == path;
            let mut sources = model.copies.iter().flat_map(|copy| &copy.sources);
            if model.manifest_is_there(&path) != Some(true)
                && !sources.any(|source| source.value.known().is_some_and(is_it))
            {
                continue;
            }
            let command = model.text(cmd.head_span()).split_whitespace().collect::<Vec<_>>().join(" ");
            let message = format!("`{command}` ignores `{path}`, and installs the newest versions");
            let help = format!("write `{better}`, and update the lock file before the build");
            cx.report(cx.at(cmd.head_span(), message).help(help));
        }
    }
}

/// True for an option that names no package and does not leave the packages as they are.
fn is_about_all(word: &str) -> bool {
    let other =
        ["--lock", "--dry-run", "--no-install", "--bundler", "--package", "--precise", "--filter", "--group"];
    let names = ["-p", "-g", "-C", "-D", "-d"];
    word.starts_with('-')
        && !other.iter().any(|option| word.starts_with(option))
        && !names.contains(&word)
        && !word.contains("workspace")
        && !word.contains("global")
        && !word.contains("help")
}
