//! Rules on the files that start builds.

pub mod arguments;
pub mod ignore_files;
pub mod images;
pub mod inline;
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

/// Where a name begins in a text as it is written, which may have quotes around it.
fn name_in(written: &str, name: &str) -> Option<usize> {
    let quoted = |quote: char| written.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    let bare = quoted('"').or_else(|| quoted('\'')).unwrap_or(written);
    (bare == name).then_some((written.len() - bare.len()) / 2)
}
