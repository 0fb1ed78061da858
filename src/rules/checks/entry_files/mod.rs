//! Rules on the files that start builds.

pub mod arguments;
pub mod ignore_files;
pub mod images;
pub mod keys;
pub mod places;

use std::path::Path;

use build_targets::{Dockerfile, Target};

use crate::text::plain_path;

/// The Dockerfile of a target for people.
fn dockerfile(target: &Target) -> String {
    match &target.dockerfile {
        Dockerfile::File { path, .. } => format!("`{}`", shown(path)),
        Dockerfile::Inline(_) => format!("the Dockerfile of `{}`", target.name),
        Dockerfile::Unknown(_) => "the Dockerfile".to_owned(),
    }
}

/// A path for people.
fn shown(path: &Path) -> String {
    plain_path(path).display().to_string()
}
