//! Files that a container starts and that nothing brings.

use dockerignore::Matcher;

use crate::diag::Severity;
use crate::knowledge::{OUTPUT_FOLDERS, WRITTEN_ENDINGS};
use crate::rules::Cx;
use crate::semantic::{Analysis, Cmd, NotBrought, ScriptKind, base_name};

use super::unshipped::{is_development, is_development_file, starts_dev_server};

/// Files of the root of a project: a folder that has one is a build context of its own.
const OF_PROJECTS: [&str; 9] = [
    "Cargo.toml",
    "Gemfile",
    "build.gradle",
    "composer.json",
    "go.mod",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
];

/// How many entries of the root a scan keeps.
const MAX_TOP: usize = 20;

/// Scripts of a package.json that an install runs.
const OF_INSTALLS: [&str; 6] =
    ["\"install\"", "\"postinstall\"", "\"preinstall\"", "\"prepare\"", "\"prepublish\"", "\"postprepare\""];

/// `missing-start-file`.
pub fn missing(cx: &mut Cx<'_>) {
    let model = cx.model;
    let build = model.build();
    let Some(stage) = model.final_stage().filter(|s| s.reachable && !build.mounts && !build.for_development)
    else {
        return;
    };
    let entry = model.entry(stage);
    if is_development(stage) || is_development_file(model) || starts_dev_server(model, entry) {
        return;
    }
    let runs_scripts = |cmd: &Cmd<'_>| may_run_scripts(model, cmd);
    for file in model.start_files() {
        let lacks: Option<Vec<NotBrought>> =
            file.targets.iter().map(|path| model.lacks_file(path, &runs_scripts)).collect();
        let Some(lacks) = lacks else { continue };
        let path = file.word.as_str().unwrap_or_default();
        let sources: Vec<&String> = lacks.iter().flat_map(|lack| &lack.sources).collect();
        let named = lacks.iter().any(|lack| lack.named);
        let (why, help, sure) = if sources.is_empty() {
            let help = format!(
                "copy it, or build it in a RUN above: a container looks for it at `{}`",
                file.targets[0]
            );
            ("no COPY or RUN creates it".to_owned(), help, true)
        } else if let Some(line) = excluded(model, &sources) {
            let help = "build it in a RUN above or copy it from the stage that does, or re-include it in the ignore file with `!`".to_owned();
            (format!("{line} leaves it out of the build context, and no RUN creates it"), help, true)
        } else if is_missing(model, &sources, named) {
            let made = is_output(path);
            let why = "it is not in the build context, and no RUN creates it".to_owned();
            let help = if made {
                "build it in a RUN above, such as `RUN npm run build`, or copy it from a stage that does"
                    .to_owned()
            } else {
                format!("check the name: a container looks for it at `{}`", file.targets[0])
            };
            (why, help, !made)
        } else {
            continue;
        };
        let effect = match (file.cmd.script().kind, sure) {
            (ScriptKind::Healthcheck, _) => "every health check fails",
            (_, true) => "the container does not start",
            (_, false) => "the container only starts if it was built beside the Dockerfile before",
        };
        let message = format!("nothing puts `{path}` into the image, so {effect}: {why}");
        let mut finding = cx.at(file.word.span, message).help(help);
        if !sure {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        cx.report(finding);
    }
}

/// True if an install may run scripts that make files: those of the package.json, where it is known.
pub(super) fn may_run_scripts(model: &Analysis, cmd: &Cmd<'_>) -> bool {
    if let Some(text) = model.text_of("package.json") {
        return OF_INSTALLS.iter().any(|script| text.contains(script));
    }
    // Without sources there is nothing to build from.
    let Some(stage) = cmd.stage() else { return true };
    model.copies_before(stage, cmd.step()).any(|copy| {
        !copy.sources.iter().all(|source| {
            let name = source.value.known().map_or("", base_name);
            [
                "package",
                "yarn",
                ".yarn",
                "pnpm",
                "bun",
                ".npmrc",
                "npm-shrinkwrap",
                "lerna",
                "turbo",
                "nx.json",
            ]
            .iter()
            .any(|start| name.starts_with(start))
        })
    })
}

/// The line of the ignore file that leaves the sources out, all of them.
pub(super) fn excluded(model: &Analysis, sources: &[&String]) -> Option<String> {
    let (ignore, text) = model.context()?.ignore()?;
    let matcher = Matcher::new(ignore);
    let mut line = None;
    for source in sources {
        let verdict = matcher.verdict(source.as_bytes());
        let by = verdict.pattern().filter(|_| verdict.is_excluded())?;
        let pattern = ignore.patterns().get(by)?;
        line = Some(format!("line {} of the ignore file, `{}`,", pattern.line(), text.get(pattern.range())?));
    }
    line
}

/// True if none of the sources is in the build context, and that is surely the folder that is built from.
pub(super) fn is_missing(model: &Analysis, sources: &[&String], named: bool) -> bool {
    let Some(context) = model.context() else { return false };
    let top = |name: &str| context.scan.per_top.iter().any(|top| !top.folder && top.name == name);
    let is_real = context.is_said || OF_PROJECTS.iter().any(|name| top(name));
    // Of what lies deeper, and of the small ones of a full root, the scan keeps no list.
    let is_whole = context.scan.per_top.len() < MAX_TOP;
    let is_gone = |source: &str| {
        let name = source.split('/').next().unwrap_or(source);
        is_whole && !context.scan.per_top.iter().any(|top| top.name == name)
    };
    let Some(first) = sources.first() else { return false };
    let ending = base_name(first).rsplit_once('.').map(|(_, ending)| ending);
    let is_written = ending.is_none_or(|ending| WRITTEN_ENDINGS.contains(&ending));
    // What a COPY names by itself, `copy-missing-source` judges.
    let is_planned = named && is_output(first);
    let is_named = ending.is_none() && sources.len() == 1;
    is_real && is_written && !is_planned && !is_named && sources.iter().all(|source| is_gone(source))
}

/// True for a path below a folder that builds make.
fn is_output(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| OUTPUT_FOLDERS.contains(&folder))
}
