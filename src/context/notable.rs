//! What build contexts carry though no image needs it.

/// One kind of such a thing.
#[derive(Debug)]
pub(super) struct Kind {
    /// The folder's or file's name; a `*` in front stands for any start; `a/b` for b in a folder a.
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    folder: bool,
    /// A file that must lie beside it, so that a folder of that name is meant.
    beside: Option<&'static str>,
}

const fn folder(name: &'static str, what: &'static str) -> Kind {
    Kind { name, what, folder: true, beside: None }
}

const fn folder_beside(name: &'static str, beside: &'static str, what: &'static str) -> Kind {
    Kind { name, what, folder: true, beside: Some(beside) }
}

const fn file(name: &'static str, what: &'static str) -> Kind {
    Kind { name, what, folder: false, beside: None }
}

/// How many folders the table has, before the files.
const FOLDERS: usize = 34;

/// The table: folders, then files.
pub(super) const KINDS: &[Kind] = &[
    folder(".git", "the repository's history"),
    folder(".hg", "the repository's history"),
    folder(".svn", "the repository's metadata"),
    folder("node_modules", "installed npm packages"),
    folder("bower_components", "installed Bower packages"),
    folder_beside("target", "Cargo.toml", "Cargo's build output"),
    folder_beside("target", "pom.xml", "Maven's build output"),
    folder_beside("vendor", "composer.json", "installed Composer packages"),
    folder("venv", "a Python virtual environment"),
    folder(".venv", "a Python virtual environment"),
    folder("__pycache__", "Python's bytecode cache"),
    folder(".pytest_cache", "pytest's cache"),
    folder(".mypy_cache", "mypy's cache"),
    folder(".ruff_cache", "ruff's cache"),
    folder(".tox", "tox's environments"),
    folder(".nox", "nox's environments"),
    folder(".eggs", "setuptools' downloads"),
    folder(".ipynb_checkpoints", "notebook checkpoints"),
    folder("htmlcov", "a coverage report"),
    folder(".gradle", "Gradle's cache"),
    folder(".next/cache", "Next.js' build cache"),
    folder(".angular/cache", "Angular's build cache"),
    folder(".parcel-cache", "Parcel's cache"),
    folder(".turbo", "Turborepo's cache"),
    folder(".nyc_output", "coverage data"),
    folder_beside("coverage", "package.json", "a coverage report"),
    folder(".terraform", "Terraform's providers and modules"),
    folder(".serverless", "Serverless' packages"),
    folder(".aws-sam", "SAM's build output"),
    folder(".dart_tool", "Dart's build cache"),
    folder(".stack-work", "Stack's build output"),
    folder(".idea", "an editor's settings"),
    folder(".vscode", "an editor's settings"),
    folder(".vs", "an editor's settings"),
    file("*.log", "log files"),
    file("*.pyc", "Python bytecode"),
    file("*.swp", "an editor's swap files"),
    file(".DS_Store", "the Finder's metadata"),
    file("Thumbs.db", "the Explorer's thumbnails"),
    file(".coverage", "coverage data"),
];

/// The kind of folder that `path` is; `beside` says whether its parent holds a file of that name.
pub(super) fn of_folder(path: &[u8], beside: impl Fn(&str) -> bool) -> Option<usize> {
    KINDS.iter().position(|kind| {
        kind.folder && is_at_end(path, kind.name.as_bytes()) && kind.beside.is_none_or(&beside)
    })
}

/// The kind of file that goes by `name`.
pub(super) fn of_file(name: &[u8]) -> Option<usize> {
    // Every file is asked: so only the end of the table is looked through.
    let files = KINDS.get(FOLDERS..).unwrap_or_default();
    let at = files.iter().position(|kind| match kind.name.strip_prefix('*') {
        Some(end) => name.ends_with(end.as_bytes()),
        None => name == kind.name.as_bytes(),
    });
    at.map(|at| FOLDERS + at)
}

/// True if some kind of folder needs to know whether `name` is beside it.
pub(super) fn is_marker(name: &[u8]) -> Option<&'static str> {
    const MARKERS: [&str; 4] = ["Cargo.toml", "pom.xml", "package.json", "composer.json"];
    MARKERS.into_iter().find(|m| m.as_bytes() == name)
}

impl Kind {
    /// The line that leaves it out, at the root only or at any depth.
    pub(super) fn line(&self, deep: bool) -> String {
        if deep { format!("**/{}", self.name) } else { self.name.to_owned() }
    }

    /// How many `/` a path of this kind has at the root.
    pub(super) fn depth(&self) -> usize {
        self.name.matches('/').count()
    }
}

fn is_at_end(path: &[u8], name: &[u8]) -> bool {
    path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
}
