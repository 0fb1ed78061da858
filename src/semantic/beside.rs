//! What lies beside the manifests of a project and has a say in what an install does.

use crate::knowledge::ManagerId;

/// Files and folders that make an install do more than its manifests say, by package manager.
pub(super) const SPECIAL: [(&[ManagerId], &[&str]); 7] = [
    (
        ManagerId::OF_NODE_MODULES,
        &[".pnp.cjs", ".yarn", ".pnpmfile.cjs", "binding.gyp", "bunfig.toml", "lerna.json"],
    ),
    (&[ManagerId::Bundler], &[".bundle", ".ruby-version", ".tool-versions"]),
    (&[ManagerId::Go], &["go.work"]),
    (&[ManagerId::Maven], &[".mvn", "settings.xml"]),
    (&[ManagerId::Gradle], &["buildSrc", "build-logic", "gradle/libs.versions.toml", "gradle.properties"]),
    (&[ManagerId::Poetry, ManagerId::Uv], &["poetry.toml", "uv.toml", ".python-version"]),
    (&[ManagerId::Mix], &["apps", "VERSION"]),
];

/// Folders that an install fills, and that a COPY after it would lay those of the context over.
pub(super) const LAID_OVER: [(&[ManagerId], &str); 5] = [
    (ManagerId::OF_NODE_MODULES, "node_modules"),
    (&[ManagerId::Uv, ManagerId::Poetry, ManagerId::Pipenv], ".venv"),
    (&[ManagerId::Composer], "vendor"),
    (&[ManagerId::Bundler], "vendor/bundle"),
    (&[ManagerId::Mix], "deps"),
];

/// True for a folder that an install fills: asked for, but not taken by the build.
#[must_use]
pub fn is_laid_over(path: &str) -> bool {
    LAID_OVER
        .iter()
        .any(|(_, name)| path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/')))
}
