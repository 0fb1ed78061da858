//! Layers whose bytes a real build has shown, and whether that still holds.
//!
//! A layer is known by its key: the build, its instruction as the builder sees it, and its number among equal ones. What
//! else it was made from are its inputs. The values of build arguments that a build is given are in neither: what may
//! depend on one is never exact.

mod apply;
mod fetches;
mod lesson;
mod recipe;

pub use apply::{State, apply};
pub use lesson::{Class, Lesson, Unteachable, learn};
pub use recipe::recipes;
