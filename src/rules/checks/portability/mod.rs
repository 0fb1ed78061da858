//! What builds with one builder, and fails or differs with another one.

mod differs;
mod dropped;
mod ignored;
mod refused;

pub use differs::elsewhere as differs;
pub use dropped::by_podman as dropped;
pub use ignored::elsewhere as ignored;
pub use refused::elsewhere as refused;

use crate::semantic::{Analysis, Builder};

use super::all;

/// The builders that the one that builds is held against: those that the project shows, or else all others.
fn others(analysis: &Analysis) -> Vec<Builder> {
    match analysis.also() {
        [] => Builder::ALL.into_iter().filter(|builder| *builder != analysis.build().builder).collect(),
        shown => shown.to_vec(),
    }
}

/// What builders are called together in a sentence.
fn names(builders: &[Builder]) -> String {
    all(&builders.iter().map(|builder| builder.title()).collect::<Vec<_>>())
}

/// The version that a builder was seen with.
const fn version(builder: Builder) -> &'static str {
    match builder {
        Builder::BuildKit => "August 2026",
        Builder::Docker26 | Builder::Classic => "26.1.5",
        Builder::Podman => "5.4.2",
        Builder::Buildah => "1.39.3",
    }
}
