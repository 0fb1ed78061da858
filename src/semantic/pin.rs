//! Packages that are installed without a version.

use crate::knowledge::{GIT_ADDRESSES, MOVING_REFS, Pins, Style};
use crate::shell::{PartKind, Word};
use crate::syntax::Value;

use super::{Base, Cmd, ScriptKind};

/// Why it is not known which version of a package a build will get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// None is given.
    Version,
    /// It follows this tag or branch.
    Moves(String),
}

/// A package that each build may get in another version.
#[derive(Debug, Clone)]
pub struct Unpinned<'m> {
    /// The word that names it.
    pub word: &'m Word,
    /// Its name, without tag or branch; the word as written where a part of it is not known.
    pub name: String,
    /// What it lacks.
    pub lack: Lack,
}

/// Stands for what is not known of a word. No word has it: files hold no such character.
pub(super) const UNKNOWN: char = '\u{1a}';

/// What unpacks or fetches sources, so that a module may lie where a command runs.
const BRINGS_SOURCES: [&str; 7] = ["git", "hg", "svn", "tar", "unzip", "cp", "mv"];

impl<'m> Cmd<'m> {
    /// The packages that it installs in whatever version there is. What is not known is left out.
    #[must_use]
    pub fn unpinned(&self) -> Vec<Unpinned<'m>> {
        let Some(pins) = self.usage.manager.and_then(|m| m.pins.as_ref()) else { return Vec::new() };
        let sub = pins.commands.iter().find(|c| self.is_subcommand(c));
        let Some(sub) = sub.filter(|_| self.script().kind == ScriptKind::Run) else { return Vec::new() };
        let told = self.has_any_flag(pins.options)
            || pins.env.iter().any(|name| self.setting(name).is_some())
            // Options may come out of a variable.
            || !pins.options.is_empty() && self.args().iter().any(|w| self.may_be_options(w))
            || self.is_dry_run();
        if told {
            return Vec::new();
        }
        let mut words = self.operands();
        match pins.style {
            // What follows are the arguments of the program, or of the compiler.
            Style::Go if *sub == "run" => words.truncate(1),
            Style::Marked | Style::Composer if !self.ends_options() => {
                let end = self.args().iter().find(|w| w.is("--")).map(|w| w.span.start);
                words.retain(|w| end.is_none_or(|end| w.span.start < end));
            }
            _ => {}
        }
        let mut found = Vec::new();
        for (i, word) in words.iter().enumerate() {
            let text = self.spelled(word);
            let whole = !word.has_expansion() || word.is_quoted();
            let pieces = if whole { vec![&*text] } else { text.split_ascii_whitespace().collect() };
            let versioned = pins.style == Style::Composer
                && words.get(i + 1).is_some_and(|next| !self.spelled(next).contains('/'));
            let mut lacking = pieces.iter().filter_map(|piece| Some((*piece, pins.lack(self, sub, piece)?)));
            let Some((piece, lack)) = lacking.next().filter(|_| !versioned) else { continue };
            let name = if piece.contains(UNKNOWN) { self.model.text(word.span) } else { pins.name(piece) };
            found.push(Unpinned { word, name: name.to_owned(), lack });
        }
        found
    }

    /// True if two dashes only end the options: packages may follow.
    fn ends_options(&self) -> bool {
        matches!(self.program(), "apk" | "apt" | "apt-get" | "aptitude")
    }

    /// A word with the values of its variables, and [`UNKNOWN`] for those that are not known.
    pub(super) fn spelled(&self, word: &Word) -> String {
        if let Some(text) = word.as_str() {
            return text.to_owned();
        }
        let mut out = String::new();
        for part in &word.parts {
            match &part.kind {
                PartKind::Literal => out.push_str(self.model.text(part.span)),
                PartKind::Variable(name) => match self.variable(name) {
                    Some(value) => out.push_str(value),
                    None if self.is_unset(name) => {}
                    None => out.push(UNKNOWN),
                },
                PartKind::Nested(_) => {}
                _ => out.push(UNKNOWN),
            }
        }
        out
    }

    /// True if the directory that it runs in may hold a Go module, whose files give versions.
    fn may_be_in_module(&self) -> bool {
        let model = self.model;
        let Some(stage) = self.stage() else { return true };
        let own = |step: usize| model.inherits_step(stage, step);
        let before = |step: usize| step <= self.step() && own(step);
        let brings = |c: &Cmd<'_>| {
            BRINGS_SOURCES.contains(&c.program()) || c.program() == "go" && c.is_subcommand("mod")
        };
        !matches!(model.root_base(stage), Base::Image(image) if image.is_official())
            || model.copies.iter().any(|c| before(c.step))
            || model
                .run_commands()
                .take_while(|c| c.step() <= self.step())
                .any(|c| brings(&c) && own(c.step()))
    }

    /// True if a Go import path is that of sources in the image: below `/go/src`.
    fn is_local_import(&self, path: &str) -> bool {
        let model = self.model;
        let below = |folder: &str| {
            let inner = folder.split_once("/src/").map(|(_, inner)| inner.trim_end_matches('/'));
            inner.is_some_and(|inner| inner.contains('/') && path.starts_with(inner))
        };
        let workdir = matches!(model.workdir(self.step()), Value::Known(folder) if below(folder));
        workdir
            || model.copies.iter().any(|c| c.step < self.step() && c.destination.known().is_some_and(below))
    }
}

impl Pins {
    /// What a package lacks; `None` if it lacks nothing, is none, or is not known.
    fn lack(&self, cmd: &Cmd<'_>, sub: &str, text: &str) -> Option<Lack> {
        let other = text.is_empty()
            || text.ends_with(UNKNOWN)
            || self.files.iter().any(|e| text.ends_with(e))
            || self.prefixes.iter().any(|p| text.starts_with(p))
            || self.suffixes.iter().any(|s| text.ends_with(s))
            || self.marks.iter().any(|m| text.contains(m));
        if other {
            return None;
        }
        match self.style {
            Style::Marked => (!text.contains('/') && text != ".").then_some(Lack::Version),
            Style::Composer => text.contains('/').then_some(Lack::Version),
            Style::Rpm if sub == "module install" => (!text.contains(':')).then_some(Lack::Version),
            Style::Rpm => rpm(text),
            Style::Python => python(text),
            Style::Node => node(text),
            Style::Go => go(cmd, sub, text),
        }
    }

    /// The name of a package that lacks a version.
    fn name<'t>(&self, text: &'t str) -> &'t str {
        match self.style {
            Style::Node | Style::Go if !is_node_git(text) => match text.get(1..).and_then(|t| t.find('@')) {
                Some(at) => &text[..=at],
                None => text,
            },
            // What stood for the version may be empty.
            Style::Rpm => text.trim_end_matches('-'),
            _ => text,
        }
    }
}

/// A word that names a moving tag or branch.
fn moves(reference: &str) -> Option<Lack> {
    MOVING_REFS.contains(&reference).then(|| Lack::Moves(reference.to_owned()))
}

/// `name-version`, `name-version-release.arch`. Words with `/` are files or URLs, those with `@` groups.
fn rpm(text: &str) -> Option<Lack> {
    const ARCHES: [&str; 7] = [".x86_64", ".noarch", ".aarch64", ".i686", ".i386", ".ppc64le", ".s390x"];
    if text.starts_with('@') || text.contains('/') || text.ends_with(".rpm") {
        return None;
    }
    let text = ARCHES.iter().find_map(|a| text.strip_suffix(a)).unwrap_or(text);
    let is_version = |part: &str| {
        let part = part.strip_prefix('v').unwrap_or(part);
        part.starts_with(|c: char| c.is_ascii_digit() || c == UNKNOWN)
    };
    // Of `name-1.2-*` the version counts.
    let (_, last) = text.strip_suffix("-*").unwrap_or(text).rsplit_once('-').unwrap_or((text, ""));
    (!is_version(last)).then_some(Lack::Version)
}

/// What pip calls a requirement.
fn python(text: &str) -> Option<Lack> {
    const ARCHIVES: [&str; 8] = [".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".egg"];
    const VCS: [&str; 4] = ["git+", "hg+", "svn+", "bzr+"];
    // `name @ url`
    let (name, url) = text.split_once('@').map_or((text, text), |(name, rest)| (name, rest.trim_start()));
    let url = if VCS.iter().any(|v| text.starts_with(v)) { text } else { url };
    if VCS.iter().any(|v| url.starts_with(v)) {
        let url = url.split('#').next().unwrap_or(url);
        // An `@` before the host is that of a user.
        let path =
            url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
        return match path.rsplit_once('@') {
            Some((_, reference)) => moves(reference),
            None => Some(Lack::Version),
        };
    }
    if text.contains(['/', '\\']) || text.starts_with('.') || ARCHIVES.iter().any(|a| text.ends_with(a)) {
        return None;
    }
    if name.len() < text.len() {
        // `ruff@latest` of uv.
        return moves(url);
    }
    // What follows a `;` says where the requirement counts.
    let requirement = text.split(';').next().unwrap_or(text);
    (!requirement.contains(['=', '<', '>', '~', '!', '^'])).then_some(Lack::Version)
}

pub(super) fn is_node_git(text: &str) -> bool {
    // `user/name` stands for GitHub.
    let short = !text.starts_with('@') && text.split('#').next().is_some_and(|t| t.matches('/').count() == 1);
    GIT_ADDRESSES.iter().any(|g| text.starts_with(g)) || short && !text.contains(':')
}

/// What npm calls a package spec.
fn node(text: &str) -> Option<Lack> {
    const FILES: [&str; 8] =
        ["file:", "link:", "portal:", "workspace:", "http:", "https:", "patch:", "exec:"];
    let is_file = text.starts_with(['.', '/', '~', '\\'])
        || FILES.iter().any(|f| text.starts_with(f))
        || [".tgz", ".tar.gz", ".tar"].iter().any(|e| text.ends_with(e))
        // Values of options such as `--unsafe-perm`.
        || matches!(text, "true" | "false");
    if is_file {
        return None;
    }
    if is_node_git(text) {
        return match text.split_once('#') {
            Some((_, reference)) => moves(reference),
            None => Some(Lack::Version),
        };
    }
    let Some(at) = text.get(1..).and_then(|rest| rest.find('@')) else { return Some(Lack::Version) };
    match text.get(at + 2..).unwrap_or("") {
        "*" => Some(Lack::Version),
        "" => None,
        alias if alias.starts_with("npm:") => node(&alias[4..]),
        git if is_node_git(git) => node(git),
        version if version.contains(|c: char| c.is_ascii_digit() || matches!(c, UNKNOWN | ':')) => None,
        tag => Some(Lack::Moves(tag.to_owned())),
    }
}

/// An import path with a version.
fn go(cmd: &Cmd<'_>, sub: &str, text: &str) -> Option<Lack> {
    let (path, version) = text.split_once('@').map_or((text, None), |(path, version)| (path, Some(version)));
    // Paths without a host are those of files, of the project and of the standard library.
    let host = path.split('/').next().unwrap_or(path);
    if path.starts_with(['.', '/', '-']) || !host.contains('.') || path.ends_with(".go") {
        return None;
    }
    match version {
        Some(version) => moves(version),
        None if cmd.is_local_import(path) => None,
        // Inside of a module its go.mod gives the version.
        None if sub != "get" && cmd.may_be_in_module() => None,
        None => Some(Lack::Version),
    }
}
