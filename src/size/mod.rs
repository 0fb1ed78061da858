//! What every line of a Dockerfile costs: in a real image beside it, and before anything is built.

mod apt;
mod history;
mod leftovers;

pub use apt::{Installed, Packages, packages};
pub use history::{Attribution, Blame, Certainty, attribute};
pub use leftovers::{LEFTOVER_DATE, Leftover, leftovers};
