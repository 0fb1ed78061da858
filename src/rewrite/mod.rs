//! Files written anew: the ignore file with the lines that it lacks, a Dockerfile with a stage that builds.
//!
//! Nothing here touches files, and what it makes is shown to a person before it counts.

pub mod ignore;
mod needs;
pub mod stages;

pub use needs::{History, history_readers, sends};
