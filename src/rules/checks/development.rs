//! What only developers need, in an image that is to be run.

use crate::knowledge::{Action, ManagerId};
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, Install, ScriptKind, Stage};

use super::multi_stage::moved_to_dependencies;
use super::unshipped::{is_development, is_development_file};

/// `dev-dependencies-installed`.
pub fn dependencies(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage().filter(|stage| !is_development(stage)) else { return };
    let in_image = |cmd: &Cmd<'_>| cmd.stage().is_some_and(|s| s.in_final_image) && model.is_kept(cmd.step());
    // What is built here may need them, and what is pruned is gone.
    let builds = model.run_commands().filter(in_image).any(|c| {
        c.builds_program()
            || c.args().iter().any(|w| matches!(w.as_str(), Some("run" | "build" | "prune" | "test")))
    });
    for install in model.installs().filter(|i| in_image(&i.cmd)) {
        if builds && !matches!(install.manager.id, ManagerId::Composer | ManagerId::Bundler) {
            continue;
        }
        let Some(option) = missing_option(model, &install) else { continue };
        if is_development_file(model) {
            return;
        }
        let cmd = install.cmd;
        let message = format!(
            "`{}` installs the development dependencies as well, and the image keeps them",
            cmd.head()
        );
        cx.report(cx.at(cmd.head_span(), message).help(advice(model, stage, &install, option)));
    }
    for program in ["pecl", "docker-php-ext-enable", "install-php-extensions"] {
        for cmd in model.commands_named(program).filter(in_image) {
            if cmd.script().kind != ScriptKind::Run || cmd.script().onbuild || cmd.shell().place.within.branch
            {
                continue;
            }
            let is_debugger = |w: &&crate::shell::Word| w.static_prefix().split('-').next() == Some("xdebug");
            let Some(word) = cmd.args().iter().find(is_debugger) else { continue };
            if stage.steps.contains(&cmd.step()) {
                let message =
                    "Xdebug slows every request down, and lets a debugger take control of the program";
                let help = "enable it in a stage for development, which `--target` chooses";
                cx.report(cx.at(word.span, message).help(help));
                break;
            }
        }
    }
}

/// What to write, and what to change first where what starts, or the installation itself, needs one of them.
fn advice(model: &Analysis, stage: &Stage, install: &Install<'_>, option: &str) -> String {
    let prune = match install.manager.id {
        ManagerId::Npm => "npm prune --omit=dev",
        ManagerId::Pnpm => "pnpm prune --prod",
        _ => return format!("write {option}"),
    };
    let needs = model.node_install_needs(&install.cmd);
    let mut help = match needs.packages.first() {
        Some(package) => {
            format!(
                "end the RUN with `{prune}`: `{}`, which runs during the install, needs `{package}`",
                needs.by
            )
        }
        None => format!("write {option}"),
    };
    if let Some(first) = moved_to_dependencies(&model.node_needs(&install.cmd, model.entry(stage))) {
        help += &format!("; before that, {first}");
    }
    help
}

/// What would leave the development dependencies out, where nothing says so yet.
fn missing_option(model: &Analysis, install: &Install<'_>) -> Option<&'static str> {
    let cmd = &install.cmd;
    let set = |names: &[&str]| names.iter().any(|name| cmd.setting(name).is_some());
    let beside = |name: &str, words: &[&str]| {
        let text = model.file_beside(cmd, name).and_then(|path| model.text_of(&path));
        text.is_some_and(|text| words.iter().any(|word| text.contains(word)))
    };
    // `npm config set omit dev`
    let configured = |words: &[&str]| {
        let speaks = |c: Cmd<'_>| {
            let mut args = c.args().iter().map(|w| w.static_prefix());
            args.any(|w| w == "config" || w == "set")
                && args.any(|w| words.iter().any(|word| w.starts_with(word)))
        };
        ["npm", "pnpm"].iter().any(|program| model.commands_named(program).any(speaks))
    };
    let says = |flags: &[&str]| {
        cmd.args().iter().any(|w| flags.iter().any(|flag| w.static_prefix().starts_with(flag)))
    };
    match install.manager.id {
        ManagerId::Composer if cmd.usage.action == Action::Install => {
            (!says(&["--no-dev"]) && !set(&["COMPOSER_NO_DEV"])).then_some("`composer install --no-dev`")
        }
        ManagerId::Bundler => {
            let config = model.commands_named("bundle").any(|c| {
                c.args().iter().any(|w| {
                    matches!(w.static_prefix(), "only" | "set.only") || w.static_prefix().contains("without")
                })
            });
            let mut sources = model.copies.iter().flat_map(|copy| &copy.sources);
            let copied = sources
                .any(|s| s.value.known().is_some_and(|path| path.split('/').any(|part| part == ".bundle")));
            (!config && !copied && !set(&["BUNDLE_WITHOUT", "BUNDLE_ONLY"]))
                .then_some("`ENV BUNDLE_WITHOUT=development:test` above")
        }
        ManagerId::Npm => {
            let settings = [
                "NODE_ENV",
                "NPM_CONFIG_OMIT",
                "NPM_CONFIG_PRODUCTION",
                "NPM_CONFIG_ONLY",
                "npm_config_omit",
                "npm_config_production",
                "npm_config_only",
            ];
            let words = ["omit", "production", "only"];
            (!set(&settings)
                && !says(&["--omit", "--production", "--only", "--prod", "-g", "--global"])
                && !beside(".npmrc", &words)
                && !configured(&words))
            .then_some("`npm ci --omit=dev`")
        }
        ManagerId::Pnpm => {
            let settings = [
                "NODE_ENV",
                "NPM_CONFIG_PRODUCTION",
                "npm_config_production",
                "NPM_CONFIG_PROD",
                "npm_config_prod",
            ];
            let words = ["prod", "dev=false"];
            (!set(&settings)
                && !says(&["--prod", "-P", "--production", "-g"])
                && !beside(".npmrc", &words)
                && !configured(&words))
            .then_some("`pnpm install --prod`")
        }
        ManagerId::Uv if cmd.is_subcommand("sync") => {
            let quiet = ["--no-dev", "--no-default-groups", "--only-group", "--production", "--dev"];
            (!says(&quiet) && !set(&["UV_NO_DEV", "UV_NO_DEFAULT_GROUPS"])).then_some("`uv sync --no-dev`")
        }
        _ => None,
    }
}
