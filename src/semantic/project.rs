//! What an install reads beside the manifests that it is known for: members of a workspace, files that a manifest
//! names, scripts that run after it. A COPY before the install has to bring all of it.

use std::cell::OnceCell;

use dockerignore::{IgnoreFile, Matcher};
use serde_json::{Map, Value};

use super::Analysis;
use super::beside::{LAID_OVER, SPECIAL};
use super::doubt::Doubt;
use super::install::{Install, SETTINGS, SourcesFirst};
use crate::knowledge::{INSTALL_SCRIPTS, ManagerId};

/// The most members of a workspace whose manifests are copied one by one.
const MAX_MEMBERS: usize = 12;

/// How many manifests include each other before nobody follows any more.
const MAX_DEPTH: usize = 8;

/// The files that a text of the context says belong to it: paths of the context, perhaps with `*` for a folder.
#[must_use]
pub fn named_in(path: &str, text: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let below = |name: &str| beside(folder, name);
    let members = |patterns: Vec<String>| {
        let inside = |p: &String| {
            let folder = p.trim_end_matches('/');
            ["package.json", "node_modules"].map(|name| below(&format!("{folder}/{name}")))
        };
        patterns.iter().flat_map(inside).flatten().collect()
    };
    match name {
        "package.json" => {
            let json: Option<Value> = serde_json::from_str(text).ok();
            json.and_then(|json| workspaces(json.as_object()?)).map(members).unwrap_or_default()
        }
        "pnpm-workspace.yaml" => pnpm_packages(text).map(members).unwrap_or_default(),
        _ if name.ends_with(".txt") || name.ends_with(".in") => {
            let included = included(text).unwrap_or_default();
            included.iter().filter_map(|file| below(file)).collect()
        }
        _ => Vec::new(),
    }
}

/// What the ignore file leaves out. Its matcher is made once for all installs of a Dockerfile, when one asks.
pub(super) struct LeftOut<'m> {
    ignore: Option<&'m IgnoreFile>,
    matcher: OnceCell<Matcher<'m>>,
}

impl<'m> LeftOut<'m> {
    pub(super) fn of(analysis: &'m Analysis) -> Self {
        let ignore = analysis.context().and_then(|context| context.ignore()).map(|(ignore, _)| ignore);
        Self { ignore, matcher: OnceCell::new() }
    }

    /// True for a path of the context that is left out.
    fn has(&self, path: &str) -> bool {
        self.ignore.is_some_and(|ignore| self.matcher.get_or_init(|| Matcher::new(ignore)).is_excluded(path))
    }
}

impl Analysis {
    /// All files that `install` reads, as paths of the context: `manifests` and what they name.
    ///
    /// # Errors
    /// Why nobody can tell from the context, or why it needs more than files to copy.
    pub(super) fn files_of(
        &self,
        install: &Install<'_>,
        first: &SourcesFirst,
        manifests: &[String],
        left_out: &LeftOut<'_>,
    ) -> Result<Vec<String>, Doubt> {
        if self.context().is_none() {
            return Err(Doubt::NoContext);
        }
        let is_there = |name: &str| self.manifest_is_there(&format!("{}{name}", first.folder)) == Some(true);
        let specials = SPECIAL.iter().filter(|(managers, _)| managers.contains(&install.manager.id));
        if specials.clone().flat_map(|(_, names)| names.iter()).any(|name| is_there(name)) {
            let special = specials.flat_map(|(_, names)| names.iter());
            let settings = SETTINGS.iter().chain(special).filter(|name| is_there(name));
            return Err(Doubt::Beside(settings.map(|name| format!("{}{name}", first.folder)).collect()));
        }
        let mut laid_over = LAID_OVER.iter().filter(|(managers, _)| managers.contains(&install.manager.id));
        if let Some((_, name)) = laid_over.find(|(_, name)| is_there(name)) {
            return Err(Doubt::Overlay(name));
        }
        let mut files = manifests.to_vec();
        match install.manager.id {
            ManagerId::Npm | ManagerId::Yarn | ManagerId::Pnpm | ManagerId::Bun => {
                self.node_files(install, first, left_out, &mut files)?;
            }
            ManagerId::Pip => self.requirement_chain(&mut files)?,
            ManagerId::Uv if !install.files.is_empty() => self.requirement_chain(&mut files)?,
            ManagerId::Dotnet => return Err(Doubt::Projects),
            _ => {
                for path in manifests.iter().filter(|p| !install.is_lock(p)) {
                    let text = self.text_of(path).ok_or(Doubt::Unread)?;
                    names_nothing(install, text)?;
                }
            }
        }
        if files.iter().any(|path| left_out.has(path)) {
            return Err(Doubt::LeftOut);
        }
        Ok(files)
    }

    /// The manifests of a workspace of Node, and whether they need more than themselves.
    fn node_files(
        &self,
        install: &Install<'_>,
        first: &SourcesFirst,
        left_out: &LeftOut<'_>,
        files: &mut Vec<String>,
    ) -> Result<(), Doubt> {
        let root = format!("{}package.json", first.folder);
        let manifest = parsed(self.text_of(&root).ok_or(Doubt::Unread)?)?;
        let scripts = !install.cmd.has_flag("--ignore-scripts");
        check_package(&manifest, scripts)?;
        let settings = [".npmrc", ".yarnrc", ".yarnrc.yml"].map(|name| format!("{}{name}", first.folder));
        for path in &settings {
            let Some(text) = self.text_of(path) else { continue };
            // A release or plug-in of yarn that is a part of the project, or any other file of it.
            if ["yarnPath", "yarn-path", "plugins", "./", "file:", "require"].iter().any(|w| text.contains(w))
            {
                return Err(Doubt::Beside(vec![path.clone()]));
            }
        }
        let workspace = format!("{}pnpm-workspace.yaml", first.folder);
        let mut patterns = workspaces(&manifest);
        if self.manifest_is_there(&workspace) == Some(true) {
            let text = self.text_of(&workspace).ok_or(Doubt::Unread)?;
            if text.contains("patchedDependencies") || text.contains("file:") || text.contains("link:") {
                return Err(Doubt::Local);
            }
            patterns = pnpm_packages(text).or(patterns);
        }
        let Some(patterns) = patterns else { return Ok(()) };
        let texts = self.context().map(|c| &c.texts).ok_or(Doubt::Unread)?;
        if texts.is_partial() {
            return Err(Doubt::Members);
        }
        let before = files.len();
        for pattern in &patterns {
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            let (parent, last) = pattern.rsplit_once('/').unwrap_or(("", pattern));
            if parent.contains('*')
                || pattern.starts_with(['!', '/', '.'])
                || last.contains('*') && last != "*"
            {
                return Err(Doubt::Members);
            }
            let parent = if parent.is_empty() { String::new() } else { format!("{parent}/") };
            let start = format!("{}{parent}", first.folder);
            for path in texts.paths() {
                let Some(member) = path.strip_prefix(&*start).and_then(|p| p.strip_suffix("/package.json"))
                else {
                    continue;
                };
                let is_member = if last == "*" { !member.contains('/') } else { member == last };
                if is_member && !files.iter().any(|f| f == path) {
                    files.push(path.to_owned());
                }
            }
        }
        let members = files.get(before..).unwrap_or_default();
        if members.is_empty() || members.len() > MAX_MEMBERS {
            return Err(Doubt::Members);
        }
        for path in members {
            let modules = path.replace("package.json", "node_modules");
            if texts.content(&modules).is_some() && !left_out.has(&modules) {
                return Err(Doubt::Overlay("node_modules"));
            }
            let member = parsed(self.text_of(path).ok_or(Doubt::Unread)?)?;
            check_package(&member, scripts)?;
            // Its programs are linked, and made executable.
            if member.contains_key("bin") || member.contains_key("directories") {
                return Err(Doubt::Local);
            }
        }
        Ok(())
    }

    /// The files that files of requirements include.
    fn requirement_chain(&self, files: &mut Vec<String>) -> Result<(), Doubt> {
        let mut at = 0;
        while let Some(path) = files.get(at).cloned() {
            at += 1;
            if at > MAX_DEPTH * 4 {
                return Err(Doubt::Unread);
            }
            let text = self.text_of(&path).ok_or(Doubt::Unread)?;
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for file in included(text)? {
                let joined = beside(folder, &file).ok_or(Doubt::Local)?;
                if !files.contains(&joined) {
                    files.push(joined);
                }
            }
        }
        Ok(())
    }
}

/// A path of the context that a file in `folder` names; `None` if it leads out of the context.
fn beside(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in name.split('/').filter(|p| !matches!(*p, "" | ".")) {
        match part {
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    (!name.starts_with('/') && joined.len() <= 4096).then_some(joined)
}

fn parsed(text: &str) -> Result<Map<String, Value>, Doubt> {
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Doubt::Unread),
    }
}

/// The patterns of `workspaces`, where there are any.
fn workspaces(manifest: &Map<String, Value>) -> Option<Vec<String>> {
    let list = match manifest.get("workspaces")? {
        Value::Object(map) => map.get("packages")?,
        list => list,
    };
    Some(list.as_array()?.iter().filter_map(|v| Some(v.as_str()?.to_owned())).collect())
}

/// The patterns below `packages:` of a `pnpm-workspace.yaml`, where there are any.
fn pnpm_packages(text: &str) -> Option<Vec<String>> {
    let mut lines = text.lines().map(str::trim_end).skip_while(|l| *l != "packages:").skip(1);
    let mut found = Vec::new();
    for line in lines.by_ref() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        match line.strip_prefix('-') {
            Some(pattern) => found.push(pattern.trim().trim_matches(['"', '\'']).to_owned()),
            None if line.is_empty() || line.starts_with('#') => {}
            None => break,
        }
    }
    (!found.is_empty()).then_some(found)
}

/// True if a `package.json` needs no other files of the project when it is installed.
#[must_use]
pub fn is_package_alone(manifest: &Map<String, Value>) -> bool {
    let is_member = |value: &Value| value.as_str().is_some_and(|text| text.starts_with("workspace:"));
    let packages = manifest.iter().filter(|(key, _)| key.ends_with("ependencies"));
    let mut versions = packages.filter_map(|(_, value)| value.as_object()).flat_map(Map::values);
    check_package(manifest, true).is_ok() && !versions.any(is_member)
}

/// Whether a `package.json` needs files of the project when it is installed.
fn check_package(manifest: &Map<String, Value>, scripts: bool) -> Result<(), Doubt> {
    let has = |name: &&str| manifest.get("scripts").and_then(|s| s.get(*name)).is_some();
    let run: Vec<&str> = INSTALL_SCRIPTS.iter().copied().filter(|name| scripts && has(name)).collect();
    if !run.is_empty() {
        return Err(Doubt::Scripts(run));
    }
    let keys = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    let packages = || keys.iter().filter_map(|key| manifest.get(*key)?.as_object());
    // Its own script reads the schema.
    if scripts && packages().any(|p| p.contains_key("@prisma/client") || p.contains_key("prisma")) {
        return Err(Doubt::Prisma);
    }
    let more = ["overrides", "resolutions", "pnpm", "patchedDependencies"];
    let values = packages().flat_map(Map::values).chain(more.iter().filter_map(|key| manifest.get(*key)));
    if manifest.contains_key("patchedDependencies") || values.into_iter().any(is_local) {
        return Err(Doubt::Local);
    }
    Ok(())
}

/// True if a version, or one in what it holds, is a file or folder of the project.
fn is_local(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            let starts = ["file:", "link:", "portal:", "patch:", "./", "../", "/", "~"];
            starts.iter().any(|s| text.starts_with(s)) || text.ends_with(".tgz") && !text.contains("://")
        }
        Value::Array(list) => list.iter().any(is_local),
        Value::Object(map) => map.keys().any(|k| k == "patchedDependencies") || map.values().any(is_local),
        _ => false,
    }
}

/// The files that a file of requirements includes, as it writes them.
fn included(text: &str) -> Result<Vec<String>, Doubt> {
    let mut found = Vec::new();
    let joined = text.trim_start_matches('\u{feff}').replace("\\\r\n", " ").replace("\\\n", " ");
    for line in joined.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let file = ["--requirement", "--constraint", "-r", "-c"].iter().find_map(|o| line.strip_prefix(o));
        match file {
            Some(file) => {
                let file = file.trim_start_matches(['=', ' ', '\t']).trim();
                if file.contains("://") || file.contains('$') || file.starts_with('/') || file.is_empty() {
                    return Err(Doubt::Local);
                }
                found.push(file.to_owned());
            }
            None if line.is_empty() || line.starts_with('#') => {}
            None if ["-e", "--editable", "-f", "--find-links", "--no-index"]
                .iter()
                .any(|o| line.starts_with(o)) =>
            {
                return Err(Doubt::Local);
            }
            None if line.starts_with("--") || line.starts_with("-i") => {}
            None => {
                let before_address = line.split("://").next().unwrap_or(line);
                let local = line.starts_with(['.', '/', '$', '~'])
                    || line.contains("file:")
                    || !line.contains("://") && before_address.contains(['/', '\\']) && !line.contains(';');
                if local {
                    return Err(Doubt::Local);
                }
            }
        }
    }
    Ok(found)
}

/// Words in a manifest that stand for files of the project, by package manager.
fn names_nothing(install: &Install<'_>, text: &str) -> Result<(), Doubt> {
    let lines = || text.lines().map(str::trim).filter(|l| !l.starts_with(['#', '/']));
    let has = |words: &[&str]| lines().any(|line| words.iter().any(|w| line.contains(w)));
    let doubt = match install.manager.id {
        ManagerId::Poetry => {
            has(&["path =", "path=", "file =", "[tool.poetry-dynamic-versioning", "requires-plugins"])
        }
        // What is worked out from files is asked for where the lock file is held against it.
        ManagerId::Uv if has(&["dynamic ="]) && !install.cmd.has_flag("--frozen") => true,
        ManagerId::Uv => {
            has(&["path =", "path=", "workspace =", "workspace=", "[tool.uv.workspace]", "editable"])
        }
        ManagerId::Pipenv => has(&["path =", "path=", "file =", "editable"]),
        ManagerId::Bundler => has(&[
            "gemspec",
            "path:",
            ":path",
            "path ",
            "eval_gemfile",
            "File.",
            "require_relative",
            "file:",
            "Dir[",
        ]),
        ManagerId::Composer => has(&["\"path\"", "\"artifact\"", "\"merge-plugin\""]),
        ManagerId::Mix => has(&["path:", "in_umbrella", "apps_path", "File."]),
        ManagerId::Go => lines().any(|l| l.contains("=> .") || l.contains("=> /")),
        ManagerId::Maven => {
            has(&[
                "<modules>",
                "<module>",
                "<systemPath>",
                "file://",
                "${project.basedir}",
                "${basedir}",
                "<extensions>",
            ]) || text.contains("<relativePath>") && !text.contains("<relativePath></relativePath>")
                || install.cmd.has_any_flag(&["-f", "--file", "-s", "--settings", "-gs", "-pl", "-P"])
        }
        ManagerId::Gradle => has(&[
            "include",
            "project(",
            "files(",
            "fileTree(",
            "flatDir",
            "apply from",
            "apply(from",
            "file(",
            "rootDir",
            "projectDir",
            "catalog",
        ]),
        _ => true,
    };
    if doubt { Err(Doubt::Local) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_may_need_more_than_its_manifest() {
        for (json, want) in [
            ("{}", Ok(())),
            (
                r#"{"scripts": {"build": "tsc", "test": "a"}, "dependencies": {"a": "^1", "b": "workspace:*"}}"#,
                Ok(()),
            ),
            (r#"{"dependencies": {"a": "git+https://example.com/a.git", "b": "npm:c@1"}}"#, Ok(())),
            (r#"{"scripts": {"prepare": "husky"}}"#, Err(Doubt::Scripts(vec!["prepare"]))),
            (r#"{"scripts": {"postinstall": "patch-package"}}"#, Err(Doubt::Scripts(vec!["postinstall"]))),
            (r#"{"dependencies": {"a": "file:../a"}}"#, Err(Doubt::Local)),
            (r#"{"devDependencies": {"a": "link:./a"}}"#, Err(Doubt::Local)),
            (r#"{"dependencies": {"a": "vendor/a-1.0.tgz"}}"#, Err(Doubt::Local)),
            (r#"{"overrides": {"a": {"b": "file:b"}}}"#, Err(Doubt::Local)),
            (r#"{"pnpm": {"patchedDependencies": {"a@1": "patches/a.patch"}}}"#, Err(Doubt::Local)),
            (r#"{"resolutions": {"a": "patch:a@npm:1#./a.patch"}}"#, Err(Doubt::Local)),
        ] {
            assert_eq!(check_package(&parsed(json).unwrap(), true), want, "{json}");
        }
        assert!(
            check_package(&parsed(r#"{"dependencies": {"@prisma/client": "5"}}"#).unwrap(), true).is_err()
        );
        assert_eq!(check_package(&parsed(r#"{"scripts": {"postinstall": "x"}}"#).unwrap(), false), Ok(()));
        assert_eq!(parsed("[1]"), Err(Doubt::Unread));
    }

    #[test]
    fn manifests_name_what_belongs_to_them() {
        for (path, text, want) in [
            (
                "package.json",
                r#"{"workspaces": ["packages/*", "web"]}"#,
                "packages/*/package.json packages/*/node_modules web/package.json web/node_modules",
            ),
            (
                "a/package.json",
                r#"{"workspaces": {"packages": ["./b/"]}}"#,
                "a/b/package.json a/b/node_modules",
            ),
            ("package.json", r#"{"name": "a"}"#, ""),
            ("package.json", "no JSON", ""),
            (
                "pnpm-workspace.yaml",
                "packages:\n  # all\n  - 'apps/*' # x\n  - lib\ncatalog:\n  a: 1\n",
                "apps/*/package.json apps/*/node_modules lib/package.json lib/node_modules",
            ),
            ("pnpm-workspace.yaml", "onlyBuiltDependencies:\n  - a\n", ""),
            ("r/a.txt", "-r base.txt\n--constraint=../c.txt\nflask\n", "r/base.txt c.txt"),
            ("a.txt", "-e .\n-r b.txt\n", ""),
            ("r/a.txt", "-r ../../outside.txt\n", ""),
        ] {
            assert_eq!(named_in(path, text).join(" "), want, "{path}: {text}");
        }
    }

    #[test]
    fn requirements_may_be_files_of_the_project() {
        for text in [
            "flask==3 # web\nrequests>=2 ; python_version < '3.9'\n--index-url https://example.com/simple\n",
            "a @ https://example.com/a.whl\ngit+https://example.com/a.git@main\nb[c]==1 \\\n    --hash=sha256:00\n",
        ] {
            assert_eq!(included(text), Ok(Vec::new()), "{text}");
        }
        for text in
            ["-e .", "./lib/a", "lib/a.whl", "file:///a", "-f wheels", "a @ file:///b", "-r $X", "--no-index"]
        {
            assert!(included(text).is_err(), "{text}");
        }
    }
}
