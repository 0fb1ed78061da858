//! What a program of Node.js needs where it runs, and an install without development dependencies leaves out.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::knowledge::INSTALL_SCRIPTS;

use super::node_scripts::{Followed, loaded, package_of, plain_package, program_of, script};
use super::{Analysis, Cmd, Entry, base_name};

/// Programs that read a file of settings in a language when they start, the word with which they do, and the file.
const SETTINGS: [(&str, Option<&str>, &[&str]); 3] = [
    ("next", Some("start"), &["next.config.ts", "next.config.mts", "next.config.js", "next.config.mjs"]),
    ("prisma", None, &["prisma.config.ts"]),
    ("vite", None, &["vite.config.ts", "vite.config.js", "vite.config.mjs"]),
];

/// The most words of scripts that are looked at.
const MAX_WORDS: usize = 200;

/// Programs of an image of Node.js, and words of its shell, that bring nothing of a project with them.
const OF_IMAGE: [&str; 26] = [
    ":",
    "[",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "date",
    "dumb-init",
    "echo",
    "exec",
    "export",
    "ls",
    "mkdir",
    "mv",
    "node",
    "nodejs",
    "printf",
    "rm",
    "set",
    "sleep",
    "test",
    "tini",
    "touch",
    "true",
    "wait",
];

/// The packages that are only `devDependencies`, and that what a container starts needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeNeeds {
    /// Their names.
    pub packages: Vec<String>,
    /// What needs them: `npm start`.
    pub by: String,
    /// True if nothing is started of which it is not known what it needs.
    pub is_known: bool,
    /// What is started in the end, the words of a command each.
    pub commands: Vec<Vec<String>>,
    /// The package managers that start it.
    pub managers: Vec<String>,
}

/// A project of Node.js.
pub struct NodeProject<'a> {
    manifest: Map<String, Value>,
    /// The folder of its `package.json` in the build context, with a slash at its end.
    folder: String,
    read: Read<'a>,
}

/// What reads a file of the build context.
type Read<'a> = &'a dyn Fn(&str) -> Option<Cow<'a, str>>;

impl std::fmt::Debug for NodeProject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeProject").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl<'a> NodeProject<'a> {
    /// The project whose `package.json` lies at `path`; `None` if that cannot be read.
    #[must_use]
    pub fn of(path: &str, read: Read<'a>) -> Option<Self> {
        let manifest = parsed(&read(path)?)?;
        let folder = path.strip_suffix("package.json").unwrap_or_default().to_owned();
        Some(Self { manifest, folder, read })
    }

    /// The manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Map<String, Value> {
        &self.manifest
    }

    /// The development dependencies that the scripts need which an installation runs.
    #[must_use]
    pub fn install_needs(&self) -> NodeNeeds {
        let mut needs = NodeNeeds { is_known: true, ..NodeNeeds::default() };
        for name in INSTALL_SCRIPTS {
            let words = ["npm".to_owned(), "run".to_owned(), (*name).to_owned()];
            if script(&self.manifest, &words).is_some() {
                needs.add(self, &words, format!("npm run {name}"), &[]);
            }
        }
        needs
    }
}

impl NodeNeeds {
    /// Adds what a command needs; `global` are the packages that are installed for all.
    fn add(&mut self, project: &NodeProject<'_>, words: &[String], by: String, global: &[&str]) {
        let manifest = &project.manifest;
        let followed = Followed::of(manifest, words);
        let words: Vec<&str> =
            followed.commands.iter().flatten().take(MAX_WORDS).map(String::as_str).collect();
        let mut packages: Vec<String> =
            words.iter().filter_map(|word| development(manifest, package_in(manifest, word))).collect();
        for (program, word, files) in SETTINGS {
            let starts = words.iter().position(|w| base_name(w) == program).is_some_and(|at| {
                word.is_none_or(|word| words.get(at + 1).is_some_and(|next| *next == word))
            });
            let found = files
                .iter()
                .filter(|_| starts)
                .find_map(|file| Some((*file, (project.read)(&format!("{}{file}", project.folder))?)));
            let Some((file, text)) = found else { continue };
            if program == "next" && file.ends_with("ts") {
                packages.extend(development(manifest, "typescript"));
            }
            packages.extend(imported(&text).filter_map(|name| development(manifest, package_of(name))));
        }
        for package in packages {
            if !self.packages.contains(&package) {
                self.packages.push(package);
                if self.by.is_empty() {
                    self.by.clone_from(&by);
                }
            }
        }
        let is_there = |name: &str| {
            let has = |key: &str| manifest.get(key).is_some_and(|all| all.get(name).is_some());
            ["dependencies", "optionalDependencies", "devDependencies"].into_iter().any(has)
        };
        let is_known = |command: &Vec<String>| {
            let Some(program) = program_of(command) else { return true };
            let runs = OF_IMAGE.contains(&base_name(program))
                || is_there(package_in(manifest, program))
                || [package_of(program), program].iter().any(|name| global.contains(name));
            runs && loaded(command)
                .all(|module| module.starts_with(['.', '/']) || is_there(plain_package(module)))
        };
        self.is_known &=
            !followed.is_open && words.len() < MAX_WORDS && followed.commands.iter().all(is_known);
        self.commands.extend(followed.commands);
        self.managers.extend(followed.managers);
    }
}

/// A script of a project that starts a program which only a development dependency brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DevProgram {
    /// How the script is run: `npm run build`.
    pub by: String,
    /// The program: `tsc`.
    pub program: String,
    /// The package that brings it: `typescript`.
    pub package: String,
}

impl Analysis {
    /// What `entry` needs of the development dependencies of the project whose dependencies `install` brings.
    #[must_use]
    pub fn node_needs(&self, install: &Cmd<'_>, entry: Entry) -> NodeNeeds {
        let read = |path: &str| self.text_of(path).map(Cow::Borrowed);
        let path = self.node_manifest_path(install);
        let project = path.and_then(|path| NodeProject::of(&path, &read));
        project.map(|project| self.node_needs_of(&project, entry)).unwrap_or_default()
    }

    /// What the scripts need that `install` runs itself.
    #[must_use]
    pub fn node_install_needs(&self, install: &Cmd<'_>) -> NodeNeeds {
        let read = |path: &str| self.text_of(path).map(Cow::Borrowed);
        let path = self.node_manifest_path(install).filter(|_| !install.has_flag("--ignore-scripts"));
        let project = path.and_then(|path| NodeProject::of(&path, &read));
        project.map(|project| project.install_needs()).unwrap_or_default()
    }

    /// What `entry` needs of the development dependencies of a project.
    #[must_use]
    pub fn node_needs_of(&self, project: &NodeProject<'_>, entry: Entry) -> NodeNeeds {
        let mut needs = NodeNeeds { is_known: !entry.is_empty(), ..NodeNeeds::default() };
        let is_global = |cmd: &Cmd<'_>| {
            cmd.usage.manager.is_some_and(|manager| manager.id.is_node())
                && (cmd.has_any_flag(&["-g", "--global"])
                    || cmd.args().first().is_some_and(|word| word.is("global")))
        };
        let global = self.run_commands().filter(is_global).flat_map(|cmd| cmd.args());
        let global: Vec<&str> = global.filter_map(|word| word.as_str()).map(plain_package).collect();
        for cmd in self.entry_commands(entry) {
            let mut words = words_of(&cmd);
            let by = match script(&project.manifest, &words) {
                Some(name) => called(cmd.program(), name),
                None => words.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" "),
            };
            needs.is_known &= cmd.args().iter().all(|word| word.as_str().is_some());
            needs.add(project, &words, by, &global);
            // What Node.js loads before anything else.
            let Some(options) = self.binding(cmd.step(), "NODE_OPTIONS") else { continue };
            needs.is_known &= options.value.known().is_some();
            words = vec!["node".to_owned()];
            words.extend(options.value.known().unwrap_or_default().split_whitespace().map(str::to_owned));
            needs.add(project, &words, "NODE_OPTIONS".to_owned(), &global);
        }
        needs
    }

    /// The first program that the script run by `cmd` surely starts, and that only a development dependency of the
    /// project brings whose dependencies `install` installs. Nothing is said of workspaces, whose members share packages.
    #[must_use]
    pub fn dev_program(&self, install: &Cmd<'_>, cmd: &Cmd<'_>) -> Option<DevProgram> {
        let (path, manifest) = self.node_manifest(install)?;
        let workspace = path.replace("package.json", "pnpm-workspace.yaml");
        if manifest.contains_key("workspaces") || self.text_of(&workspace).is_some() {
            return None;
        }
        let words = words_of(cmd);
        let script = script(&manifest, &words)?;
        // `tsc || true` goes on.
        let text = manifest.get("scripts")?.get(script)?.as_str()?;
        if text.contains("||") {
            return None;
        }
        let by = called(cmd.program(), script);
        Followed::of(&manifest, &words).commands.iter().find_map(|command| {
            let program = command.first()?;
            let package = development(&manifest, package_in(&manifest, program))
                .filter(|_| !brought(&manifest, program))?;
            Some(DevProgram { by: by.clone(), program: program.clone(), package })
        })
    }

    /// The files beside each manifest of Node that say what its program needs when it starts, as paths of the context.
    pub(super) fn node_settings(&self, manifests: &[String]) -> Vec<String> {
        let folders = manifests.iter().filter_map(|path| path.strip_suffix("package.json"));
        let files = || SETTINGS.iter().flat_map(|(.., files)| files.iter());
        folders.flat_map(|folder| files().map(move |file| format!("{folder}{file}"))).collect()
    }

    /// The manifests that were read, with their paths.
    pub(super) fn node_manifest_texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.context().map(|context| &context.texts).into_iter();
        let paths = texts.flat_map(|texts| texts.paths().map(move |path| (path, texts)));
        paths
            .filter(|(path, _)| base_name(path) == "package.json")
            .filter_map(|(path, texts)| Some((path, texts.get(path)?)))
    }

    /// The manifest of the project whose dependencies `install` brings, or the only one.
    fn node_manifest(&self, install: &Cmd<'_>) -> Option<(String, Map<String, Value>)> {
        let path = self.node_manifest_path(install)?;
        let manifest = parsed(self.text_of(&path)?)?;
        Some((path, manifest))
    }

    fn node_manifest_path(&self, install: &Cmd<'_>) -> Option<String> {
        let beside = self.source_beside(install, "package.json");
        beside.filter(|path| self.text_of(path).is_some()).or_else(|| {
            let mut paths = self.node_manifest_texts().map(|(path, _)| path.to_owned());
            let first = paths.next()?;
            paths.next().is_none().then_some(first)
        })
    }
}

pub(super) fn parsed(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

/// `package` if it is a development dependency alone.
fn development(manifest: &Map<String, Value>, package: &str) -> Option<String> {
    let has = |key: &str| manifest.get(key).is_some_and(|packages| packages.get(package).is_some());
    let alone = has("devDependencies") && !has("dependencies") && !has("optionalDependencies");
    alone.then(|| package.to_owned())
}

/// How a script is run: `npm run build`, `yarn build`.
fn called(program: &str, script: &str) -> String {
    match script {
        "start" => format!("{program} start"),
        _ if program == "npm" => format!("npm run {script}"),
        _ => format!("{program} {script}"),
    }
}

fn words_of(cmd: &Cmd<'_>) -> Vec<String> {
    let args = cmd.args().iter().filter_map(|w| w.as_str());
    std::iter::once(cmd.program()).chain(args).map(str::to_owned).collect()
}

/// True for a program that a dependency brings along: the command line of Nest has TypeScript.
fn brought(manifest: &Map<String, Value>, program: &str) -> bool {
    let brings = |package: &str| manifest.get("dependencies").is_some_and(|all| all.get(package).is_some());
    base_name(program) == "tsc" && ["@nestjs/cli", "nx", "@vercel/node"].into_iter().any(brings)
}

/// The package that a word of a command comes from: an option's value, a module that it loads, or a program, which may
/// bear the name of another package.
fn package_in<'w>(manifest: &Map<String, Value>, word: &'w str) -> &'w str {
    let word = word.rsplit_once('=').map_or(word, |(_, value)| value);
    let package = package_of(word);
    let is_there = |name: &str| {
        ["dependencies", "devDependencies"]
            .iter()
            .any(|key| manifest.get(*key).is_some_and(|packages| packages.get(name).is_some()))
    };
    if is_there(package) { package } else { plain_package(word) }
}

/// What a file of JavaScript or TypeScript imports, types alone left out.
fn imported(text: &str) -> impl Iterator<Item = &str> {
    let lines = text
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//") && !line.starts_with('*') && !line.starts_with("import type"));
    let named = lines.filter_map(|line| {
        let behind = line
            .split_once(" from ")
            .or_else(|| line.split_once("require("))
            .or_else(|| line.split_once("import("))
            .map(|(_, rest)| rest)
            .or_else(|| line.strip_prefix("import "))?;
        let name = behind.trim_start().strip_prefix(['"', '\''])?;
        name.split(['"', '\'']).next()
    });
    named.filter(|name| !name.starts_with(['.', '/']))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::semantic::{BuildContext, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    fn analysis(text: &str, files: &[(&str, &str)]) -> Analysis {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let context = Arc::new(BuildContext { texts, ..BuildContext::default() });
        Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text)))).with_context(Some(context))
    }

    /// The packages that `CMD` needs, and what needs them.
    fn needs(cmd: &str, files: &[(&str, &str)]) -> String {
        let text = format!("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\nCMD {cmd}\n");
        let model = analysis(&text, files);
        let install = model.installs().next().unwrap();
        let needs = model.node_needs(&install.cmd, model.entry(model.final_stage().unwrap()));
        format!("{} {}", needs.by, needs.packages.join(" ")).trim().to_owned()
    }

    #[test]
    fn a_start_may_need_packages_of_development() {
        let of = |script: &str, cmd: &str| {
            let manifest = format!(
                r#"{{"scripts": {{"start": "{script}", "prestart": "echo", "m": "prisma migrate deploy"}},
                "dependencies": {{"next": "16", "express": "5"}},
                "devDependencies": {{"typescript": "5", "prisma": "6", "tsx": "4", "cross-env": "7", "jest": "29"}}}}"#
            );
            needs(cmd, &[("package.json", &manifest), ("next.config.ts", "import type { A } from 'jest';\n")])
        };
        assert_eq!(of("next start", "npm start"), "npm start typescript");
        assert_eq!(of("next start -p 80", "[\"npm\", \"run\", \"start\"]"), "npm start typescript");
        assert_eq!(of("next dev", "npm start"), "");
        assert_eq!(of("npm run m && node dist/a.js", "yarn start"), "yarn start prisma");
        assert_eq!(of("NODE_ENV=production cross-env A=b node a.js", "npm start"), "npm start cross-env");
        assert_eq!(of("node a.js", "npm start"), "");
        assert_eq!(of("node a.js", "npx prisma migrate deploy && node a.js"), "npx prisma prisma");
        assert_eq!(of("node a.js", "[\"node\", \"--import\", \"tsx/esm\", \"a.ts\"]"), "node --import tsx");
        assert_eq!(
            of("node a.js", "[\"node\", \"node_modules/.bin/next\", \"start\"]"),
            "node node_modules/.bin/next typescript"
        );
        // Wrappers, options with values, and modules that are loaded first.
        assert_eq!(of("cross-env A=b npm run m", "npm start"), "npm start cross-env prisma");
        assert_eq!(of("node --import=tsx a.ts", "npm start"), "npm start tsx");
        assert_eq!(of("npm start", "npm start"), "");
        assert_eq!(needs("npm start", &[]), "");
        assert_eq!(needs("npm start", &[("package.json", "[")]), "");
    }

    #[test]
    fn programs_bear_the_names_of_other_packages() {
        let of = |start: &str, dependencies: &str, dev: &str| {
            let manifest = format!(
                r#"{{"scripts": {{"start": "{start}", "prestart": "sequelize db:migrate", "a": "tsc", "b": "{start}"}},
                "dependencies": {{{dependencies}}}, "devDependencies": {{{dev}}}}}"#
            );
            needs("npm start", &[("package.json", &manifest)])
        };
        let cli = r#""sequelize-cli": "6""#;
        assert_eq!(of("node a.js", r#""sequelize": "6""#, cli), "npm start sequelize-cli");
        assert_eq!(of("node a.js", cli, r#""jest": "6""#), "");
        assert_eq!(of("dotenv -e .env -- node a.js", "", r#""dotenv-cli": "6""#), "npm start dotenv-cli");
        assert_eq!(of("node -r dotenv/config a.js", "", r#""dotenv": "6""#), "npm start dotenv");
        assert_eq!(of("run-s a", r#""npm-run-all2": "6""#, r#""typescript": "6""#), "npm start typescript");
        assert_eq!(of("npm run b", "", ""), "");
    }

    #[test]
    fn what_is_started_may_be_unknown() {
        let known = |text: &str| {
            let text = format!("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n{text}\n");
            let manifest = r#"{"scripts": {"start": "node a.js", "all": "run-p a:*", "loop": "npm run loop", "sh": "./start.sh"},
                "dependencies": {"pg": "8"}, "devDependencies": {"jest": "29"}}"#;
            let model = analysis(&text, &[("package.json", manifest)]);
            let install = model.installs().next().unwrap();
            model.node_needs(&install.cmd, model.entry(model.final_stage().unwrap())).is_known
        };
        for text in [
            "CMD npm start",
            "CMD [\"node\", \"a.js\"]",
            "RUN npm i -g pm2\nCMD [\"pm2-runtime\", \"a.js\"]",
            "CMD npx pg",
        ] {
            assert!(known(text), "{text}");
        }
        for text in [
            "CMD npm run all",
            "CMD npm run loop",
            "CMD npm run sh",
            "CMD npm run other",
            "CMD npm run $SCRIPT",
            "CMD npx other",
            "CMD [\"pm2-runtime\", \"a.js\"]",
            "ENV NODE_OPTIONS=$A\nCMD npm start",
        ] {
            assert!(!known(text), "{text}");
        }
        let script = "npm run a && ".repeat(300);
        let manifest = format!(r#"{{"scripts": {{"start": "{script}", "a": "{script}"}}}}"#);
        assert_eq!(needs("npm start", &[("package.json", &manifest)]), "");
    }

    #[test]
    fn settings_import_packages() {
        let text = "import react from '@vitejs/plugin-react';\nimport 'a/b';\nconst c = require(\"c\");\n\
                    import { d } from './d';\n// import e from 'e';\nimport type { F } from 'f';\n";
        assert_eq!(imported(text).map(package_of).collect::<Vec<_>>(), ["@vitejs/plugin-react", "a", "c"]);
        assert_eq!(package_of("tsc"), "typescript");
        assert_eq!(package_of("node_modules/next/dist/bin/next"), "next");
    }
}
