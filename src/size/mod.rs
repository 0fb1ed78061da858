//! What every line of a Dockerfile costs: in a real image beside it, and before anything is built.

mod apt;
mod catalogue;
mod history;
mod leftovers;
mod own;

pub use apt::{Installed, Packages, packages};
pub use catalogue::{BaseSize, Sibling, base_size, siblings};
pub use history::{Attribution, Blame, Certainty, attribute};
pub use leftovers::{LEFTOVER_DATE, Leftover, leftovers};
pub use own::{BaseImages, OwnImage};
