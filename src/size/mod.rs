//! What every line of a Dockerfile costs: in a real image beside it, and before anything is built.

mod apk;
mod apt;
mod apt_written;
mod base_packages;
mod catalogue;
mod environment;
mod history;
mod indexed;
mod indexes;
mod kept;
mod learned;
mod leftovers;
mod locked;
mod names;
mod own;
mod packages;
mod pip;
mod plan;
mod python;
mod removed;

/// How many stages up a stage is looked at for what is there already; beyond that nobody builds.
const MAX_LINEAGE: usize = 16;

pub use apt::install;
pub use base_packages::{base_packages, installs_package};
pub use catalogue::siblings;
pub use history::{Attribution, Blame, Certainty, attribute};
pub use indexes::{Index, Indexes, Loaded, Named, ReadError, read as read_index};
pub use kept::{KeptDownloads, kept_by_apt, kept_by_uv, kept_downloads};
pub use learned::{Class, Lesson, State, Unteachable, apply as apply_learned, learn, recipes};
pub use leftovers::leftovers;
pub use own::{BaseImages, Difference, OwnImage};
pub use packages::{AptInstall, apt_install, apt_installs};
pub use plan::{Plan, Provenance, Row, StagePlan, Sum, plan};
pub use python::{PipInstall, pip_installs, python_version};
