//! Files that start builds, such as Compose files: what they build and name, and the way from them into Dockerfiles and
//! back.

mod answers;
mod back;
mod builds;
mod built;
mod checked;
mod checking;
mod hover;
mod offers;

pub(super) use builds::is_name;
pub(super) use checked::CheckedEntry;
