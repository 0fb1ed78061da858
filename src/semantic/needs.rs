//! What a build or a container still needs of what seems to be left over in a build context.

use dockerignore::{IgnoreFile, Matcher};

use crate::context::Notable;
use crate::knowledge::{Action, ManagerId, history_words};
use crate::shell::Word;
use crate::syntax::Kind;

use super::{Analysis, Cmd, CopyFrom, CopyUse, Stage};

/// A file that may say that the repository's history is read.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Its name, without a folder.
    pub name: &'a str,
    /// What it holds.
    pub text: &'a str,
}

/// Is a file of the context's root one that may say so?
#[must_use]
pub fn history_readers(name: &str) -> bool {
    history_words(name).next().is_some()
}

impl History<'_> {
    /// The word in it that says that the history is read.
    #[must_use]
    pub fn reads(&self) -> Option<&'static str> {
        history_words(self.name).flatten().copied().find(|word| self.text.contains(word))
    }
}

/// Why a kind of things that seems to be left over is needed, in words behind "because".
#[must_use]
pub fn why_needed(model: &Analysis, notable: &Notable) -> Option<String> {
    uses(model, notable).or_else(|| lost(model, notable))
}

/// What the Dockerfile itself shows to need a kind of things: a command that names them, or one that reads the history.
fn uses(model: &Analysis, notable: &Notable) -> Option<String> {
    let line = |cmd: &Cmd<'_>| model.instruction(cmd.step()).lines.0;
    if notable.name == ".git"
        && let Some((cmd, subcommand)) = model.history_command()
    {
        return Some(format!("line {} runs `git {subcommand}`", line(&cmd)));
    }
    if notable.name == "*.log" {
        let reads = |word: &Word| {
            let text = word.static_prefix();
            text.ends_with(".log") && !text.starts_with(['/', '-']) && !word.has_glob()
        };
        let mut commands = model.commands().filter(|c| !matches!(c.program(), "rm" | "tee" | "touch" | "ln"));
        let reader = commands.find(|c| c.args().iter().any(reads))?;
        return Some(format!("line {} uses it", line(&reader)));
    }
    // Made anew by the build, these may well be named.
    if maker(notable).is_some() || notable.name.starts_with('*') {
        return None;
    }
    let names = |word: &Word| {
        let text = word.static_prefix();
        !text.starts_with('/') && format!("/{text}/").contains(&format!("/{}/", notable.name))
    };
    model
        .commands()
        .filter(|c| !matches!(c.program(), "rm" | "mkdir" | "find"))
        .find(|c| c.shell().words.iter().any(names))
        .map(|c| format!("line {} uses it", line(&c)))
}

/// The command that reads the file at `path` of the build context, in words behind "because".
#[must_use]
pub fn why_read(model: &Analysis, path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let names = |word: &Word| {
        let text = word.static_prefix();
        let value = text.rsplit_once('=').map_or(text, |(_, value)| value);
        value.rsplit('/').next() == Some(name)
    };
    let mut commands = model.commands().filter(|c| !matches!(c.program(), "rm" | "touch"));
    let reader = commands.find(|c| c.shell().words.iter().any(names))?;
    Some(format!("line {} uses it", model.instruction(reader.step()).lines.0))
}

/// The programs that make a kind of things anew, and whether they install with it; `None` for what is a
/// mere cache.
fn maker(notable: &Notable) -> Option<&'static [&'static str]> {
    Some(match (notable.name, notable.what) {
        ("node_modules", _) => &["npm", "yarn", "pnpm", "bun"],
        ("bower_components", _) => &["bower", "npm", "yarn", "pnpm"],
        ("venv" | ".venv", _) => &["pip", "pipenv", "poetry", "uv"],
        ("target", "Cargo's build output") => &["cargo"],
        ("target", _) => &["mvn", "mvnw"],
        (".terraform", _) => &["terraform"],
        (".dart_tool", _) => &["dart", "flutter"],
        _ => return None,
    })
}

/// True for `python -m venv .venv` and the like.
fn makes_environment(cmd: &Cmd<'_>) -> bool {
    cmd.program() == "virtualenv" || cmd.args().iter().any(|w| w.is("venv") || w.is("virtualenv"))
}

/// True if `cmd` makes what [`maker`] says.
fn makes(cmd: &Cmd<'_>, programs: &[&str]) -> bool {
    let from_manifest = cmd.usage.action == Action::Install && !cmd.has_any_flag(&["-g", "--global"]);
    if programs.contains(&"pip") && makes_environment(cmd) {
        return true;
    }
    programs.contains(&cmd.program())
        && (from_manifest
            || cmd.usage.manager.is_none_or(|m| matches!(m.id, ManagerId::Maven | ManagerId::Cargo)))
}

/// What the image loses with a kind of things: a COPY brings it, and nothing in the image makes it anew.
fn lost(model: &Analysis, notable: &Notable) -> Option<String> {
    let programs = maker(notable)?;
    let uses_own = || {
        let own = format!("/{}/", notable.name);
        let names = |text: &str| format!("/{text}/").contains(&own);
        let word = |c: Cmd<'_>| c.shell().words.iter().any(|w| names(w.static_prefix()));
        let made = model.commands().any(|c| matches!(c.program(), "poetry" | "uv") || makes_environment(&c));
        let set = model.instructions().any(|(_, i)| match &i.kind {
            Kind::Env(pairs) => {
                pairs.iter().any(|p| p.value.as_ref().is_some_and(|v| v.text.split([':', '"']).any(names)))
            }
            _ => false,
        });
        !made && (set || model.commands().any(word))
    };
    let of_python = matches!(notable.name, "venv" | ".venv");
    for copy in model.copies.iter().filter(|c| !c.mount && takes(c, &notable.example)) {
        let Some(stage) = model.stage_of(copy.step) else { continue };
        if !remade(model, stage, programs, notable.name) {
            let line = model.instruction(copy.step).lines.0;
            return Some(format!("line {line} copies it, and no command recreates it"));
        }
        if of_python && uses_own() {
            return Some("commands use it, and none recreates it".to_owned());
        }
    }
    None
}

/// True if the build of the Dockerfile takes `path` from the context.
#[must_use]
pub fn sends(model: &Analysis, path: &str) -> bool {
    model.copies.iter().any(|c| c.query.as_ref().is_some_and(|q| q.reachable) && takes(c, path))
}

/// True if a copy from the context takes `path`.
fn takes(copy: &CopyUse, path: &str) -> bool {
    let Some(query) = copy.query.as_ref().filter(|_| copy.from == CopyFrom::Context) else { return false };
    query.sources.iter().any(|source| {
        let clean = dockerignore::filepath::clean(&format!("/{source}"));
        let clean = clean.trim_start_matches('/');
        clean.is_empty() || clean == "*" || {
            let file = IgnoreFile::from_patterns([clean]);
            Matcher::new(&file).is_excluded(path)
        }
    })
}

/// True if the stage, one that it starts from or one that starts from it runs one of the programs, or gets
/// the things from another stage.
fn remade(model: &Analysis, stage: &Stage, programs: &[&str], name: &str) -> bool {
    let related = |other: &Stage| model.inherits(stage, other) || model.inherits(other, stage);
    let commands = model.run_commands().filter(|c| c.stage().is_some_and(related));
    let copied = || {
        model.copies.iter().filter(|c| matches!(c.from, CopyFrom::Stage(_))).any(|c| {
            let named = |s: &str| s.split('/').any(|part| part == name);
            model.stage_of(c.step).is_some_and(related)
                && c.sources.iter().any(|s| s.value.known().is_some_and(named))
        })
    };
    commands.into_iter().any(|c| makes(&c, programs)) || copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Tally;
    use crate::semantic::Model;
    use crate::syntax::parse;
    use crate::text::Source;

    fn needed(name: &'static str, what: &'static str, dockerfile: &str) -> Option<String> {
        let some = Tally { files: 1, bytes: 1 };
        let notable = Notable {
            name,
            what,
            line: name.to_owned(),
            places: 1,
            example: name.to_owned(),
            kept: some,
            sent: some,
        };
        let file = parse(Source::from_text("Dockerfile", dockerfile));
        let model = Analysis::new(Model::new(file));
        why_needed(&model, &notable)
    }

    #[test]
    fn files_say_that_they_read_the_history() {
        let reads = |name, text| History { name, text }.reads();
        assert_eq!(reads("app.gemspec", "`git ls-files -z`"), Some("git ls-files"));
        assert_eq!(reads("setup.py", "from setuptools import setup"), None);
        assert!(history_readers("app.gemspec") && !history_readers("gemspec"));
    }

    #[test]
    fn the_history_is_needed_where_git_reads_it() {
        let git = |text| needed(".git", "the repository's history", text);
        assert_eq!(git("FROM a\nCOPY . .\nRUN make"), None);
        assert_eq!(
            git("FROM a\nCOPY . .\nRUN git config --global x y && git clone u && git checkout v"),
            None
        );
        let runs = Some("line 3 runs `git describe`".to_owned());
        assert_eq!(git("FROM a\nCOPY . .\nRUN make VERSION=$(git describe --tags)"), runs);
        assert_eq!(git("FROM a\nCOPY . .\nRUN cat .git/HEAD"), Some("line 3 uses it".to_owned()));
        assert_eq!(git("FROM a\nCOPY . .\nRUN rm -rf .git"), None);
    }

    #[test]
    fn a_log_that_a_command_reads_is_needed() {
        let log = |text| needed("*.log", "log files", text);
        assert_eq!(log("FROM a\nCOPY . .\nRUN tail app.log"), Some("line 3 uses it".to_owned()));
        assert_eq!(log("FROM a\nCOPY . .\nRUN make > b.log && rm c.log && tail /var/d.log"), None);
    }

    #[test]
    fn what_nothing_makes_anew_is_needed() {
        let node = |text| needed("node_modules", "installed npm packages", text);
        let lost = |line| Some(format!("line {line} copies it, and no command recreates it"));
        assert_eq!(node("FROM node\nCOPY . .\nRUN npm ci"), None);
        assert_eq!(node("FROM node\nCOPY . .\nRUN npm install -g pm2"), lost(2));
        assert_eq!(node("FROM node\nCOPY . .\nCMD node x"), lost(2));
        assert_eq!(node("FROM node\nCOPY src .\nCMD node x"), None);
        assert_eq!(node("FROM node AS b\nCOPY . .\nRUN npm ci\nFROM node\nCOPY . .\nCMD node x"), lost(5));
        assert_eq!(node("FROM node AS b\nCOPY . .\nFROM b\nRUN yarn"), None);
        let copied = "FROM node AS b\nRUN npm ci\nFROM node\nCOPY . .\nCOPY --from=b /a/node_modules /a/";
        assert_eq!(node(copied), None);
        let maven = |text| needed("target", "Maven's build output", text);
        assert_eq!(maven("FROM a\nCOPY . .\nRUN ./mvnw -B package"), None);
        assert_eq!(maven("FROM a\nCOPY . .\nCMD java -jar target/x.jar"), lost(2));
        let cargo = |text| needed("target", "Cargo's build output", text);
        assert_eq!(cargo("FROM a\nCOPY . .\nRUN cargo build"), None);
        let venv = |text| needed("venv", "a Python virtual environment", text);
        assert_eq!(venv("FROM a\nCOPY . .\nRUN pip install -r requirements.txt"), None);
        assert_eq!(venv("FROM a\nCOPY . .\nRUN python -m venv venv && pip install x\nCMD venv/bin/x"), None);
        assert!(venv("FROM a\nCOPY . .\nRUN pip install -r r\nENV PATH=/app/venv/bin:$PATH").is_some());
    }
}
