//! What every line of a Dockerfile costs: in a real image beside it, and before anything is built.

mod apt;
mod base_packages;
mod catalogue;
mod history;
mod leftovers;
mod own;
mod packages;
mod pip;
mod plan;
mod python;

pub use apt::{Installed, Packages, packages};
pub use base_packages::base_packages;
pub use catalogue::{BaseSize, Sibling, base_size, siblings};
pub use history::{Attribution, Blame, Certainty, attribute};
pub use leftovers::{LEFTOVER_DATE, Leftover, leftovers};
pub use own::{BaseImages, Difference, OwnImage};
pub use packages::{AptInstall, all_apt_installs, apt_installs};
pub use plan::{Basis, Figure, Piece, Plan, Row, StagePlan, Sum, plan};
pub use python::{KeptDownloads, kept_downloads};
