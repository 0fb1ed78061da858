//! What dlint knows of the world outside of the files: packages, images, programs. The readable form is in
//! `rules/data/`; the build makes static data of it (`generate/`), so that nothing is parsed when dlint runs.

mod apt;
mod base_packages;
mod numbers;

// The build script's own part, here for its tests.
#[cfg(test)]
mod generate;

pub use apt::{AptPackages, PackageId, apt_packages};
pub use base_packages::base_image_packages;
