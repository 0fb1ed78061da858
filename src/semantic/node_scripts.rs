//! What a command of Node.js comes to, once the scripts of a `package.json` and the programs that start others are
//! followed.

use serde_json::{Map, Value};

use super::base_name;

/// Programs whose package has another name.
const PACKAGES: [(&str, &str); 36] = [
    ("babel", "@babel/cli"),
    ("babel-node", "@babel/node"),
    ("cdk", "aws-cdk"),
    ("cross-env-shell", "cross-env"),
    ("docusaurus", "@docusaurus/core"),
    ("dotenv", "dotenv-cli"),
    ("dotenvx", "@dotenvx/dotenvx"),
    ("esr", "esbuild-runner"),
    ("fastify", "fastify-cli"),
    ("graphql-codegen", "@graphql-codegen/cli"),
    ("medusa", "@medusajs/cli"),
    ("mikro-orm", "@mikro-orm/cli"),
    ("moleculer-runner", "moleculer"),
    ("nest", "@nestjs/cli"),
    ("ncc", "@vercel/ncc"),
    ("pm2-runtime", "pm2"),
    ("ng", "@angular/cli"),
    ("postcss", "postcss-cli"),
    ("react-router-serve", "@react-router/serve"),
    ("remix-serve", "@remix-run/serve"),
    ("run-p", "npm-run-all"),
    ("run-s", "npm-run-all"),
    ("sequelize", "sequelize-cli"),
    ("strapi", "@strapi/strapi"),
    ("sucrase-node", "sucrase"),
    ("svelte-kit", "@sveltejs/kit"),
    ("swc", "@swc/cli"),
    ("swc-node", "@swc-node/register"),
    ("ts-node-esm", "ts-node"),
    ("ts-node-script", "ts-node"),
    ("ts-node-transpile-only", "ts-node"),
    ("tsc", "typescript"),
    ("tsnd", "ts-node-dev"),
    ("typeorm-ts-node-commonjs", "typeorm"),
    ("typeorm-ts-node-esm", "typeorm"),
    ("vue-cli-service", "@vue/cli-service"),
];

/// How many scripts of a `package.json` start each other before nobody follows any more.
const MAX_DEPTH: usize = 5;

/// The most commands, and scripts of them, that are followed.
const MAX_COMMANDS: usize = 200;

/// Programs that set something up and then start what their other words say.
const WRAPPERS: [&str; 6] = ["cross-env", "cross-env-shell", "dotenv", "dotenvx", "env-cmd", "exec"];

/// Programs that start scripts of the manifest by name.
const STARTERS: [&str; 3] = ["npm-run-all", "run-p", "run-s"];

/// What was followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// The words of each command, those before what a wrapper starts on their own.
    pub(super) commands: Vec<Vec<String>>,
    /// The package managers that start them.
    pub(super) managers: Vec<String>,
    /// True if a part of it is not known.
    pub(super) is_open: bool,
    asked: usize,
}

impl Followed {
    /// Follows a command by the scripts of a manifest.
    pub(super) fn of(manifest: &Map<String, Value>, words: &[String]) -> Self {
        let mut followed = Self::default();
        followed.follow(manifest, words, MAX_DEPTH);
        followed
    }

    fn follow(&mut self, manifest: &Map<String, Value>, words: &[String], depth: usize) {
        let Some(program) = words.first().map(|word| base_name(word)) else { return };
        self.asked += 1;
        let Some(depth) = depth.checked_sub(1).filter(|_| self.asked < MAX_COMMANDS) else {
            self.is_open = true;
            return;
        };
        if matches!(program, "npm" | "npx" | "yarn" | "pnpm" | "pnpx" | "bun" | "bunx") {
            self.managers.push(program.to_owned());
        }
        if let Some(name) = script(manifest, words) {
            return self.scripts(manifest, name, depth);
        }
        if STARTERS.contains(&program) {
            self.commands.push(words.iter().take(1).cloned().collect());
            for name in words.iter().skip(1).filter(|word| !word.starts_with('-')) {
                let is_there = manifest.get("scripts").is_some_and(|scripts| scripts.get(name).is_some());
                self.is_open |= !is_there;
                if is_there {
                    self.scripts(manifest, name, depth);
                }
            }
            return;
        }
        let Some(at) = started_at(program, words) else { return self.commands.push(words.to_vec()) };
        let (own, rest) = words.split_at(at.min(words.len()));
        if rest.is_empty() {
            self.is_open = true;
        }
        // A package manager is no package.
        if WRAPPERS.contains(&program) {
            self.commands.push(own.to_vec());
        }
        self.follow(manifest, rest, depth);
    }

    /// Follows a script, and those that are run before and after it.
    fn scripts(&mut self, manifest: &Map<String, Value>, name: &str, depth: usize) {
        for name in [format!("pre{name}"), name.to_owned(), format!("post{name}")] {
            let text = manifest.get("scripts").and_then(|scripts| scripts.get(&name)).and_then(Value::as_str);
            for command in text.unwrap_or_default().split(['&', '|', ';', '\n']) {
                let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')');
                // `NODE_ENV=production` is no command, but options have values.
                let words = command
                    .split(quotes)
                    .filter(|word| !word.is_empty() && (word.starts_with('-') || !word.contains('=')));
                if self.asked >= MAX_COMMANDS {
                    return;
                }
                self.follow(manifest, &words.map(str::to_owned).collect::<Vec<_>>(), depth);
            }
        }
    }
}

/// Where the words of the command begin that a wrapper or a package manager starts.
fn started_at(program: &str, words: &[String]) -> Option<usize> {
    let rest = |from: usize| {
        let behind = words.iter().position(|word| word == "--").filter(|at| *at >= from);
        let plain = words.iter().skip(from).position(|word| !word.starts_with(['-', '.']));
        Some(behind.map_or_else(|| plain.map_or(words.len(), |at| from + at), |at| at + 1))
    };
    let second = words.get(1).map_or("", String::as_str);
    match (program, second) {
        _ if WRAPPERS.contains(&program) => rest(1),
        ("yarn" | "pnpm", "exec") => rest(2),
        // These fetch what is not there.
        ("yarn" | "pnpm", "dlx") => None,
        // Yarn and pnpm start the programs of packages by their names.
        ("yarn" | "pnpm", name) if !name.starts_with('-') => rest(1),
        _ => None,
    }
}

/// The script of the manifest that a command runs: `start` for `npm start`.
pub(super) fn script<'w>(manifest: &Map<String, Value>, words: &'w [String]) -> Option<&'w str> {
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

/// The program that the words of a command start, behind what may fetch it.
pub(super) fn program_of(words: &[String]) -> Option<&str> {
    let fetches =
        matches!(words.first()?.as_str(), "npx" | "pnpx" | "bunx" | "npm" | "yarn" | "pnpm" | "bun");
    let is_of_manager =
        |word: &&String| word.starts_with('-') || matches!(word.as_str(), "exec" | "dlx" | "x");
    match fetches {
        true => words.iter().skip(1).find(|word| !is_of_manager(word)).or(words.first()),
        false => words.first(),
    }
    .map(String::as_str)
}

/// The package that a word of a command, or an import, comes from: `typescript` for `tsc`, `ts-node` for
/// `ts-node/register`, `next` for `node_modules/next/dist/bin/next`.
pub(super) fn package_of(word: &str) -> &str {
    let name = plain_package(word);
    // With a path behind it, it is a module.
    let is_program = word.ends_with(name);
    PACKAGES.iter().find(|(program, _)| is_program && *program == name).map_or(name, |(_, package)| package)
}

/// The modules that a command has Node.js load before its program.
pub(super) fn loaded(command: &[String]) -> impl Iterator<Item = &str> {
    const OPTIONS: [&str; 5] = ["-r", "--require", "--import", "--loader", "--experimental-loader"];
    command.iter().enumerate().filter_map(|(at, word)| match word.split_once('=') {
        Some((option, value)) => OPTIONS.contains(&option).then_some(value),
        None if OPTIONS.contains(&word.as_str()) => command.get(at + 1).map(String::as_str),
        None => None,
    })
}

/// The package that a word names, without its path and its version.
pub(super) fn plain_package(word: &str) -> &str {
    let word = word.rsplit_once("node_modules/").map_or(word, |(_, rest)| rest);
    let word = word.strip_prefix(".bin/").unwrap_or(word);
    let parts = if word.starts_with('@') { 2 } else { 1 };
    let end = word.match_indices('/').nth(parts - 1).map_or(word.len(), |(at, _)| at);
    let name = word.get(..end).unwrap_or(word);
    name.match_indices('@').find(|(at, _)| *at > 0).and_then(|(at, _)| name.get(..at)).unwrap_or(name)
}
