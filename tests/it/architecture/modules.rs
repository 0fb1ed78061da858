//! The modules of a crate as its source files have them, and which of them names which. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// `semantic::stage` is `["semantic", "stage"]`.
type Segments = Vec<String>;

/// The modules of a crate.
#[derive(Default)]
pub(super) struct Modules {
    all: BTreeMap<Segments, Module>,
}

/// A module in a file of its own, or in that of the module around it.
struct Module {
    file: PathBuf,
    /// What `use` brings in here, by the name that it has here; true if it is `pub`.
    names: BTreeMap<String, (Segments, bool)>,
    /// All paths that are written here, as they stand.
    paths: BTreeSet<Segments>,
}

impl Modules {
    /// Reads a crate from its `lib.rs`.
    pub(super) fn read(root: &Path) -> Self {
        let mut modules = Self::default();
        modules.file(root, root.parent().unwrap(), Vec::new());
        modules
    }

    fn file(&mut self, file: &Path, folder: &Path, at: Segments) {
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let tokens = TokenStream::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.module(tokens.into_iter().collect(), file, folder, at);
    }

    /// Reads a module; the files of those in it are in `folder`.
    fn module(&mut self, tokens: Vec<TokenTree>, file: &Path, folder: &Path, at: Segments) {
        let module = Module { file: file.to_owned(), names: BTreeMap::new(), paths: BTreeSet::new() };
        self.all.insert(at.clone(), module);
        let mut rest = &tokens[..];
        let mut public = false;
        while let Some(token) = rest.first() {
            match token {
                TokenTree::Punct(p) if p.as_char() == '#' && is_test(rest.get(1)) => {
                    rest = behind_item(&rest[2..]);
                    public = false;
                    continue;
                }
                TokenTree::Ident(word) if *word == "pub" => public = true,
                TokenTree::Ident(word) if *word == "use" => {
                    let end = rest.iter().position(|t| is(t, ';')).unwrap_or(rest.len());
                    self.imports(&rest[1..end], &at, public);
                    rest = &rest[end..];
                    public = false;
                    continue;
                }
                TokenTree::Ident(word) if *word == "mod" => {
                    if let [_, TokenTree::Ident(name), body, ..] = rest {
                        let name = name.to_string();
                        let inner: Segments = [&at[..], std::slice::from_ref(&name)].concat();
                        match body {
                            TokenTree::Group(body) => {
                                let tokens = body.stream().into_iter().collect();
                                self.module(tokens, file, &folder.join(&name), inner);
                            }
                            _ => {
                                let flat = folder.join(format!("{name}.rs"));
                                let flat =
                                    if flat.is_file() { flat } else { folder.join(&name).join("mod.rs") };
                                self.file(&flat, &folder.join(&name), inner);
                            }
                        }
                        rest = &rest[3..];
                        public = false;
                        continue;
                    }
                }
                TokenTree::Punct(p) if ";}".contains(p.as_char()) => public = false,
                _ => {}
            }
            if let TokenTree::Group(group) = token {
                self.code(group.stream(), &at);
                public &= group.delimiter() == Delimiter::Parenthesis;
            }
            rest = &rest[self.path(rest, &at).max(1)..];
        }
    }

    /// What a function or another item names, attributes and macros included.
    fn code(&mut self, tokens: TokenStream, at: &Segments) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = &tokens[..];
        while let Some(token) = rest.first() {
            match token {
                TokenTree::Group(group) => self.code(group.stream(), at),
                TokenTree::Ident(word) if *word == "use" => {
                    let end = rest.iter().position(|t| is(t, ';')).unwrap_or(rest.len());
                    self.imports(&rest[1..end], at, false);
                    rest = &rest[end..];
                    continue;
                }
                _ => {}
            }
            rest = &rest[self.path(rest, at).max(1)..];
        }
    }

    /// Notes the path that starts here, and says how many tokens it has.
    fn path(&mut self, tokens: &[TokenTree], at: &Segments) -> usize {
        let mut path = Vec::new();
        let mut len = 0;
        while let Some(TokenTree::Ident(word)) = tokens.get(len) {
            path.push(word.to_string());
            len += 1;
            match tokens.get(len..len + 2) {
                Some([a, b]) if is(a, ':') && is(b, ':') => len += 2,
                _ => break,
            }
        }
        if let Some(module) = self.all.get_mut(at).filter(|_| !path.is_empty()) {
            module.paths.insert(path);
        }
        len
    }

    /// The tree of a `use`.
    fn imports(&mut self, tree: &[TokenTree], at: &Segments, public: bool) {
        for (path, name) in leaves(tree, &[]) {
            let module = self.all.get_mut(at).unwrap();
            module.names.insert(name, (path, public));
        }
    }

    /// The module in which a path of `at` ends, if it is one of this crate.
    fn target(&self, at: &Segments, path: &[String], depth: usize) -> Option<Segments> {
        if depth > 20 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let mut here = match first.as_str() {
            "crate" => Vec::new(),
            "self" => at.clone(),
            "super" => at.split_last()?.1.to_vec(),
            name => {
                let child = [&at[..], &[name.to_owned()]].concat();
                if self.all.contains_key(&child) && !rest.is_empty() {
                    child
                } else {
                    let (to, _) = self.all.get(at)?.names.get(name)?;
                    let whole = [to, rest].concat();
                    // A name that is brought in under itself: `use toml::…` of another crate.
                    return (whole != path).then(|| self.target(at, &whole, depth + 1))?;
                }
            }
        };
        for (i, segment) in rest.iter().enumerate() {
            let child = [&here[..], std::slice::from_ref(segment)].concat();
            if segment == "super" {
                here.pop()?;
            } else if self.all.contains_key(&child) {
                here = child;
            } else if let Some((to, true)) = self.all.get(&here)?.names.get(segment) {
                return self.target(&here, &[to, &rest[i + 1..]].concat(), depth + 1);
            } else {
                break;
            }
        }
        Some(here)
    }

    /// Which module names which, by their files.
    pub(super) fn edges(&self) -> BTreeSet<(&Path, &Path)> {
        let mut edges = BTreeSet::new();
        for (at, module) in &self.all {
            // What is only passed on is not used here.
            let imported = module.names.values().filter(|(_, public)| !public).map(|(path, _)| path);
            for path in imported.chain(&module.paths) {
                let target = self.target(at, path, 0).filter(|to| !at.starts_with(to));
                edges.extend(target.map(|to| (module.file.as_path(), self.all[&to].file.as_path())));
            }
        }
        edges
    }
}

fn is(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(p) if p.as_char() == char)
}

/// True for `[cfg(test)]` and `[test]`, also among other conditions.
fn is_test(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = attribute else { return false };
    let text = group.stream().to_string().replace(' ', "");
    text == "test" || text.starts_with("cfg(test)") || text.starts_with("cfg(all(test,")
}

/// What stands behind the item that starts here.
fn behind_item(tokens: &[TokenTree]) -> &[TokenTree] {
    let ends =
        |t: &TokenTree| is(t, ';') || matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace);
    tokens.iter().position(ends).map_or(&[], |at| &tokens[at + 1..])
}

/// The paths of a `use` tree, and the names that they get.
fn leaves(tree: &[TokenTree], before: &[String]) -> Vec<(Segments, String)> {
    let mut path = before.to_vec();
    let mut rest = tree;
    let mut name = None;
    while let Some(token) = rest.first() {
        match token {
            TokenTree::Ident(word) if *word == "as" => {
                name = rest.get(1).map(ToString::to_string);
                rest = &rest[1..];
            }
            TokenTree::Ident(word) => path.push(word.to_string()),
            TokenTree::Group(group) => {
                let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
                return tokens.split(|t| is(t, ',')).flat_map(|tree| leaves(tree, &path)).collect();
            }
            _ => {}
        }
        rest = &rest[1..];
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    match path.last().cloned() {
        Some(last) if !tree.is_empty() => vec![(path, name.unwrap_or(last))],
        _ => Vec::new(),
    }
}
