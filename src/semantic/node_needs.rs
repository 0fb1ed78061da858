//! What a program of Node.js needs where it runs, and an install without development dependencies leaves out.

use serde_json::{Map, Value};

use super::{Analysis, Cmd, CopyFrom, Entry, base_name};

/// Programs whose package has another name.
const PACKAGES: [(&str, &str); 20] = [
    ("babel", "@babel/cli"),
    ("babel-node", "@babel/node"),
    ("cdk", "aws-cdk"),
    ("docusaurus", "@docusaurus/core"),
    ("dotenv", "dotenv-cli"),
    ("medusa", "@medusajs/cli"),
    ("mikro-orm", "@mikro-orm/cli"),
    ("nest", "@nestjs/cli"),
    ("ncc", "@vercel/ncc"),
    ("ng", "@angular/cli"),
    ("postcss", "postcss-cli"),
    ("react-router-serve", "@react-router/serve"),
    ("remix-serve", "@remix-run/serve"),
    ("run-p", "npm-run-all"),
    ("run-s", "npm-run-all"),
    ("sequelize", "sequelize-cli"),
    ("svelte-kit", "@sveltejs/kit"),
    ("swc", "@swc/cli"),
    ("tsc", "typescript"),
    ("vue-cli-service", "@vue/cli-service"),
];

/// Programs that read a file of settings in a language when they start, the word with which they do, and the file.
const SETTINGS: [(&str, Option<&str>, &[&str]); 3] = [
    ("next", Some("start"), &["next.config.ts", "next.config.mts", "next.config.js", "next.config.mjs"]),
    ("prisma", None, &["prisma.config.ts"]),
    ("vite", None, &["vite.config.ts", "vite.config.js", "vite.config.mjs"]),
];

/// How many scripts of a `package.json` start each other before nobody follows any more.
const MAX_DEPTH: usize = 4;

/// The most words of scripts that are looked at.
const MAX_WORDS: usize = 200;

/// The packages that are only `devDependencies`, and that what a container starts needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeNeeds {
    /// Their names.
    pub packages: Vec<String>,
    /// What needs them: `npm start`.
    pub by: String,
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

/// Prisma in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prisma {
    /// True for an engine that is linked to OpenSSL, as all before version 7 are.
    pub needs_openssl: bool,
}

impl Analysis {
    /// What `entry` needs of the development dependencies of the project whose dependencies `install` brings.
    #[must_use]
    pub fn node_needs(&self, install: &Cmd<'_>, entry: Entry) -> NodeNeeds {
        let mut needs = NodeNeeds::default();
        let Some((path, manifest)) = self.node_manifest(install) else { return needs };
        let folder = path.strip_suffix("package.json").unwrap_or_default();
        for cmd in self.entry_commands(entry) {
            let (words, by) = started(&manifest, &cmd);
            let mut packages: Vec<String> =
                words.iter().filter_map(|word| development(&manifest, package_of(word))).collect();
            for (program, word, files) in SETTINGS {
                let starts = words.iter().position(|w| base_name(w) == program).is_some_and(|at| {
                    word.is_none_or(|word| words.get(at + 1).is_some_and(|next| next == word))
                });
                let found = files
                    .iter()
                    .filter(|_| starts)
                    .find_map(|file| Some((*file, self.text_of(&format!("{folder}{file}"))?)));
                let Some((file, text)) = found else { continue };
                if program == "next" && file.ends_with("ts") {
                    packages.extend(development(&manifest, "typescript"));
                }
                packages.extend(imported(text).filter_map(|name| development(&manifest, package_of(name))));
            }
            for package in packages {
                if !needs.packages.contains(&package) {
                    needs.packages.push(package);
                    if needs.by.is_empty() {
                        needs.by.clone_from(&by);
                    }
                }
            }
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
        let mut found = None;
        follow(&manifest, &words, MAX_DEPTH, &mut |command: &[String]| {
            let Some(program) = command.first().filter(|_| found.is_none()) else { return };
            let package =
                development(&manifest, package_of(program)).filter(|_| !brought(&manifest, program));
            found = package.map(|package| DevProgram { by: by.clone(), program: program.clone(), package });
        });
        found
    }

    /// Whether the program uses Prisma, by its manifest, the commands of the build, or the schema that is copied.
    #[must_use]
    pub fn prisma(&self) -> Option<Prisma> {
        let manifests = self.node_manifest_texts().filter_map(|(_, text)| parsed(text));
        let mut versions = manifests.filter_map(|manifest| {
            let version = |key: &str, name: &str| Some(manifest.get(key)?.get(name)?.as_str()?.to_owned());
            ["dependencies", "devDependencies"]
                .iter()
                .flat_map(|key| ["@prisma/client", "prisma"].map(|name| version(key, name)))
                .find_map(|version| version)
        });
        if let Some(version) = versions.next() {
            let digits: String = version
                .chars()
                .skip_while(|c| !c.is_ascii_digit())
                .take_while(char::is_ascii_digit)
                .collect();
            return Some(Prisma { needs_openssl: digits.parse::<u32>().map_or(true, |major| major < 7) });
        }
        let runners = ["npx", "npm", "yarn", "pnpm", "pnpx", "bun", "bunx"];
        let runs = |cmd: Cmd<'_>| {
            cmd.program() == "prisma"
                || runners.contains(&cmd.program()) && cmd.args().iter().any(|w| w.is("prisma"))
        };
        let is_schema = |path: &str| {
            let name = base_name(path.trim_end_matches('/'));
            name == "prisma" || name.ends_with(".prisma")
        };
        let copies = self.copies.iter().filter(|copy| copy.from == CopyFrom::Context);
        let mut sources = copies.flat_map(|copy| &copy.sources).filter_map(|source| source.value.known());
        (self.commands().any(runs) || sources.any(is_schema)).then_some(Prisma { needs_openssl: true })
    }

    /// The files beside each manifest of Node that say what its program needs when it starts, as paths of the context.
    pub(super) fn node_settings(&self, manifests: &[String]) -> Vec<String> {
        let folders = manifests.iter().filter_map(|path| path.strip_suffix("package.json"));
        let files = || SETTINGS.iter().flat_map(|(.., files)| files.iter());
        folders.flat_map(|folder| files().map(move |file| format!("{folder}{file}"))).collect()
    }

    /// The manifests that were read, with their paths.
    fn node_manifest_texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let texts = self.context().map(|context| &context.texts).into_iter();
        let paths = texts.flat_map(|texts| texts.paths().map(move |path| (path, texts)));
        paths
            .filter(|(path, _)| base_name(path) == "package.json")
            .filter_map(|(path, texts)| Some((path, texts.get(path)?)))
    }

    /// The manifest of the project whose dependencies `install` brings, or the only one.
    fn node_manifest(&self, install: &Cmd<'_>) -> Option<(String, Map<String, Value>)> {
        let beside = self.source_beside(install, "package.json");
        let path = beside.filter(|path| self.text_of(path).is_some()).or_else(|| {
            let mut paths = self.node_manifest_texts().map(|(path, _)| path.to_owned());
            let first = paths.next()?;
            paths.next().is_none().then_some(first)
        })?;
        let manifest = parsed(self.text_of(&path)?)?;
        Some((path, manifest))
    }
}

fn parsed(text: &str) -> Option<Map<String, Value>> {
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

/// The words of what a command starts, those of scripts of the manifest among them, and how it is called.
fn started(manifest: &Map<String, Value>, cmd: &Cmd<'_>) -> (Vec<String>, String) {
    let program = cmd.program();
    let words = words_of(cmd);
    let by = match script(manifest, &words) {
        Some(name) => called(program, name),
        None => words.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(" "),
    };
    let mut all = Vec::new();
    follow(manifest, &words, MAX_DEPTH, &mut |words| {
        all.extend(words.iter().take(MAX_WORDS.saturating_sub(all.len())).cloned());
    });
    (all, by)
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

/// Hands out `words`, or those of the commands of the scripts that they start.
fn follow(manifest: &Map<String, Value>, words: &[String], depth: usize, each: &mut dyn FnMut(&[String])) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let Some(name) = script(manifest, words) else { return each(words) };
    for name in [format!("pre{name}"), name.to_owned()] {
        let text = manifest.get("scripts").and_then(|scripts| scripts.get(&name)).and_then(Value::as_str);
        for command in text.unwrap_or_default().split(['&', '|', ';']) {
            let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
            let words = command.split(quotes).filter(|word| !word.is_empty() && !word.contains('='));
            follow(manifest, &words.map(str::to_owned).collect::<Vec<_>>(), depth, each);
        }
    }
}

/// The script of the manifest that a command runs: `start` for `npm start`.
fn script<'w>(manifest: &Map<String, Value>, words: &'w [String]) -> Option<&'w str> {
    let (program, rest) = words.split_first()?;
    let mut rest = rest.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    let first = rest.next()?;
    let name = match (base_name(program), first) {
        ("npm" | "yarn" | "pnpm" | "bun", "run" | "run-script") => rest.next()?,
        ("npm" | "yarn" | "pnpm" | "bun", "start") | ("yarn" | "pnpm" | "bun", _) => first,
        _ => return None,
    };
    manifest.get("scripts")?.get(name)?.as_str().map(|_| name)
}

/// The package that a word of a command, or an import, comes from: `typescript` for `tsc`, `ts-node` for
/// `ts-node/register`, `next` for `node_modules/next/dist/bin/next`.
fn package_of(word: &str) -> &str {
    let word = word.rsplit_once("node_modules/").map_or(word, |(_, rest)| rest);
    let word = word.strip_prefix(".bin/").unwrap_or(word);
    let parts = if word.starts_with('@') { 2 } else { 1 };
    let end = word.match_indices('/').nth(parts - 1).map_or(word.len(), |(at, _)| at);
    let name = word.get(..end).unwrap_or(word);
    PACKAGES.iter().find(|(program, _)| *program == name).map_or(name, |(_, package)| package)
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
        assert_eq!(of("npm start", "npm start"), "");
        assert_eq!(needs("npm start", &[]), "");
        assert_eq!(needs("npm start", &[("package.json", "[")]), "");
    }

    #[test]
    fn settings_import_packages() {
        let text = "import react from '@vitejs/plugin-react';\nimport 'a/b';\nconst c = require(\"c\");\n\
                    import { d } from './d';\n// import e from 'e';\nimport type { F } from 'f';\n";
        assert_eq!(imported(text).map(package_of).collect::<Vec<_>>(), ["@vitejs/plugin-react", "a", "c"]);
        assert_eq!(package_of("tsc"), "typescript");
        assert_eq!(package_of("node_modules/next/dist/bin/next"), "next");
    }

    #[test]
    fn prisma_shows_in_manifests_commands_and_copies() {
        let of = |text: &str, files: &[(&str, &str)]| analysis(text, files).prisma().map(|p| p.needs_openssl);
        let manifest = |version: &str| format!(r#"{{"devDependencies": {{"prisma": "{version}"}}}}"#);
        for (version, want) in [("^5.1", true), ("7.0.0", false), ("~10", false), ("latest", true)] {
            assert_eq!(
                of("FROM node:22\n", &[("a/package.json", &manifest(version))]),
                Some(want),
                "{version}"
            );
        }
        assert_eq!(of("FROM node:22\nRUN npx prisma generate\n", &[]), Some(true));
        assert_eq!(of("FROM node:22\nCOPY prisma ./prisma/\n", &[]), Some(true));
        assert_eq!(of("FROM node:22\nRUN echo prisma\n", &[("package.json", "{}")]), None);
    }
}
