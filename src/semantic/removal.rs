//! What commands delete.

use std::borrow::Cow;

use crate::shell::{Connector, ListKind, Word};
use crate::syntax::Value;
use crate::text::Arrange;

use super::{Cmd, paths};

/// At most this many paths come of one word with braces.
const MAX_BRACES: usize = 64;

impl Cmd<'_> {
    /// Works out [`Cmd::removed_paths`].
    pub(super) fn read_removed_paths(&self) -> Vec<String> {
        let args = self.args();
        let words: Vec<&Word> = match self.program() {
            "rm" | "unlink" => args.iter().filter(|w| !w.static_prefix().starts_with('-')).collect(),
            "find" if args.iter().any(|w| w.is("-delete") || w.is("rm")) => {
                args.iter().take_while(|w| !w.static_prefix().starts_with(['-', '!', '('])).collect()
            }
            _ => return Vec::new(),
        };
        words.into_iter().flat_map(|w| self.paths_of(w)).collect()
    }

    /// The absolute paths that a word stands for, see [`Cmd::removed_paths`]; none for a pattern in quotes.
    #[must_use]
    pub fn paths_of(&self, word: &Word) -> Vec<String> {
        let Some(text) = self.path_text(word) else { return Vec::new() };
        // In quotes the shell leaves wildcards and `~` as they are.
        let is_plain_text = text.contains(['*', '?', '[']) && !word.has_glob()
            || text.starts_with('~')
                && self.model.text(word.span).starts_with(['"', '\''])
                && word.as_str().is_some();
        if is_plain_text {
            return Vec::new();
        }
        if !word.has_braces() {
            return self.absolute(&text).into_iter().collect();
        }
        braces(&text).iter().filter_map(|path| self.absolute(path)).collect()
    }

    /// The text of a path, with `$HOME` as `~` and variables that ENV and ARG set.
    fn path_text<'w>(&self, word: &'w Word) -> Option<Cow<'w, str>> {
        if let Some(text) = word.as_str() {
            return Some(Cow::Borrowed(text));
        }
        let raw = self.model.text(word.span).replace('"', "");
        if !word.exact || raw.contains(['`', '(', '\'', '\\']) {
            return None;
        }
        let mut out = String::new();
        let mut rest = raw.as_str();
        while let Some((before, behind)) = rest.split_once('$') {
            out.push_str(before);
            let braced = behind.strip_prefix('{');
            let text = braced.unwrap_or(behind);
            let len = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
            let (name, mut behind) = text.split_at(len);
            if braced.is_some() {
                behind = behind.strip_prefix('}')?;
            }
            match name {
                "HOME" => out.push('~'),
                name => out.push_str(self.variable(name)?),
            }
            rest = behind;
        }
        out.push_str(rest);
        Some(Cow::Owned(out))
    }

    /// A path as the command sees it, absolute; see [`Cmd::removed_paths`].
    #[must_use]
    pub fn absolute(&self, path: &str) -> Option<String> {
        let path = match path.find(['*', '?', '[']) {
            Some(at) => {
                let from = path[..at].rfind('/')? + 1;
                let pattern = path[from..].trim_end_matches('/');
                match pattern.strip_suffix('*') {
                    _ if pattern.contains('/') => return None,
                    // All that is in the folder.
                    _ if !pattern.contains(|c: char| c.is_alphanumeric()) => &path[..from],
                    // All that starts like this.
                    Some(start) if !start.contains(['*', '?', '[']) => path,
                    _ => return None,
                }
            }
            None => path,
        };
        if path.starts_with('~') {
            return Some(path.to_owned());
        }
        match self.model.workdir(self.step()) {
            _ if path.starts_with('/') => paths::join("/", path),
            // `cd` may have moved.
            _ if self.script().changes_folder => paths::join(&self.folder_behind_cd()?, path),
            Value::Known(base) => paths::join(base, path),
            Value::Unknown => None,
        }
    }

    /// Where the command runs in a script that changes its folder, if a few plain `cd` before it tell.
    fn folder_behind_cd(&self) -> Option<String> {
        const MOST: usize = 8;
        let model = self.model;
        if model.may_run("pushd") || model.may_run("popd") {
            return None;
        }
        let mut folder = model.workdir(self.step()).known().map(str::to_owned);
        for cd in model.named_before(self, "cd", MOST)? {
            let place = &cd.shell().place;
            let list = cd.script().script.lists.get(place.list)?;
            match list.kind {
                ListKind::Script => {}
                // What happens in there stays in there.
                ListKind::Subshell
                | ListKind::CommandSubstitution
                | ListKind::Backticks
                | ListKind::ProcessSubstitution
                | ListKind::ShellString => {
                    if place.list != self.shell().place.list {
                        if list.span.contains(self.shell().span) {
                            return None;
                        }
                        continue;
                    }
                }
                _ => return None,
            }
            let plain = matches!(place.before.connector, Connector::Start | Connector::And | Connector::Seq)
                && place.pipeline.is_none()
                && !place.background
                && !place.negated;
            let mut operands =
                cd.args().iter().filter(|word| !matches!(word.as_str(), Some("--" | "-P" | "-L")));
            let (Some(target), None, true) = (operands.next(), operands.next(), plain) else { return None };
            let target =
                cd.path_text(target).filter(|path| !path.starts_with(['~', '-']) && !path.is_empty())?;
            folder = match (target.starts_with('/'), &folder) {
                (true, _) => paths::join("/", &target),
                (false, Some(base)) => paths::join(base, &target),
                (false, None) => None,
            };
        }
        folder
    }
}

/// True if all of `folder` lies at or below `path`. `~/x` in `folder` is the `x` of any home.
#[must_use]
pub fn covers(path: &str, folder: &str) -> bool {
    let path = path.trim_end_matches('/');
    if let Some(start) = path.strip_suffix('*') {
        return folder.starts_with(start);
    }
    let below =
        |folder: &str| folder.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let Some(inner) = folder.strip_prefix("~/") else { return below(folder) };
    if below(folder) {
        return true;
    }
    // `/root/x` and `/home/name/x` are `~/x`, and so is the `x` of a home elsewhere.
    let home = match path.split('/').collect::<Vec<_>>()[..] {
        ["", "root", ..] => "/root".to_owned(),
        ["", "home"] => return true,
        // What yarn uses as root; nobody lives there.
        ["", "usr", "local", "share", ..] => return false,
        ["", "home", name, ..] => format!("/home/{name}"),
        _ => match path.find("/.") {
            Some(at) => path[..at].to_owned(),
            None => return false,
        },
    };
    below(&format!("{home}/{inner}"))
}

/// `a{b,c}d` as `abd` and `acd`.
fn braces(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        if open.len() + done.len() > MAX_BRACES {
            return Vec::new();
        }
        // The innermost pair: the first `}` and the last `{` before it.
        let pair = text.find('}').and_then(|b| Some((text[..b].rfind('{')?, b)));
        match pair {
            Some((a, b)) => {
                let items: Vec<&str> = text[a + 1..b].split(',').collect();
                open.extend(items.iter().rev().map(|i| format!("{}{i}{}", &text[..a], &text[b + 1..])));
            }
            None => done.push(text),
        }
    }
    done.arrange();
    done.dedup();
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_covered_by_those_above_them() {
        for (path, folder, want) in [
            ("/var/lib/apt/lists/", "/var/lib/apt/lists", true),
            ("/var/lib/apt", "/var/lib/apt/lists", true),
            ("/var/lib/ap", "/var/lib/apt/lists", false),
            ("/var/lib/apt/lists*", "/var/lib/apt/lists", true),
            ("/root/out*", "~/.cache/pip", false),
            ("/var/lib/apt/lists/partial", "/var/lib/apt/lists", false),
            ("~/.cache", "~/.cache/pip", true),
            ("/root/.cache/", "~/.cache/pip", true),
            ("/root", "~/.npm", true),
            ("/root/.npm/_logs", "~/.npm", false),
            ("/home/app/.npm", "~/.npm", true),
            ("/opt/app/.npm", "~/.npm", true),
            ("/usr/local/share/.cache", "~/.cache/pip", false),
            ("/tmp", "~/.npm", false),
        ] {
            assert_eq!(covers(path, folder), want, "{path} {folder}");
        }
    }

    #[test]
    fn braces_stand_for_several_words() {
        let found = braces("/var/{lib/{apt,dpkg},cache}/");
        assert_eq!(found, ["/var/cache/", "/var/lib/apt/", "/var/lib/dpkg/"]);
        assert!(braces(&"{a,b}".repeat(40)).is_empty());
    }
}
