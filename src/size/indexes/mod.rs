//! Package indexes that the user has: what the packages of a distribution, or of a private repository, take and need.

mod closure;
mod names;
mod read;

use std::fmt;
use std::sync::{Arc, OnceLock};

pub use closure::{Adds, Installing};
pub use read::{ReadError, read};

use crate::knowledge::ManagerId;
use crate::syntax::ImageRef;
use names::{NameId, Names};

/// What kind of packages an index lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `Packages` of Debian and Ubuntu.
    Packages,
    /// `APKINDEX` of Alpine.
    Apkindex,
    /// `primary.xml` of repositories for RPM.
    Primary,
}

impl Format {
    /// That of the packages that a package manager installs.
    #[must_use]
    pub const fn of(manager: ManagerId) -> Option<Self> {
        match manager {
            ManagerId::Apt => Some(Self::Packages),
            ManagerId::Apk => Some(Self::Apkindex),
            ManagerId::Dnf | ManagerId::Yum | ManagerId::Microdnf | ManagerId::Zypper => Some(Self::Primary),
            _ => None,
        }
    }
}

/// An index that was read.
#[derive(Debug)]
pub struct Index {
    format: Format,
    names: Names,
    packages: Vec<Package>,
    /// What packages need, each its own run of these.
    needs: Vec<Need>,
    /// Which package provides a name, by name.
    provided: Vec<(NameId, u32)>,
}

#[derive(Debug)]
struct Package {
    name: NameId,
    /// The machine that it is for, unless it is for all.
    arch: Option<NameId>,
    /// Bytes of what it installs.
    bytes: u64,
    needs: std::ops::Range<u32>,
    recommends: std::ops::Range<u32>,
    /// True if all systems have it.
    is_essential: bool,
}

#[derive(Debug, Clone, Copy)]
struct Need {
    name: NameId,
    /// True if the next one does as well.
    has_other: bool,
}

/// The indexes of a configuration: read when a plan first asks for them.
#[derive(Clone)]
pub struct Indexes(Arc<Shared>);

struct Shared {
    loaded: OnceLock<Loaded>,
    load: Box<dyn Fn() -> Loaded + Send + Sync>,
}

/// The indexes that could be read, and what is wrong with the others, as sentences.
#[derive(Debug, Default)]
pub struct Loaded {
    /// In the order of the configuration.
    pub known: Vec<Named>,
    /// Without their files, these count for nothing.
    pub faults: Vec<String>,
}

/// An index as a configuration names it.
#[derive(Debug)]
pub struct Named {
    /// The path, as it is written there.
    pub path: String,
    /// The base images that it counts for; all of them if it is empty.
    pub images: Vec<ImageRef>,
    /// What is in it.
    pub index: Index,
}

impl Indexes {
    /// Indexes that `load` reads, once.
    #[must_use]
    pub fn new(load: impl Fn() -> Loaded + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { loaded: OnceLock::new(), load: Box::new(load) }))
    }

    /// The indexes; they are read now unless that was done.
    #[must_use]
    pub fn get(&self) -> &Loaded {
        self.0.loaded.get_or_init(&self.0.load)
    }

    /// What is wrong with those that were read, as sentences.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        self.0.loaded.get().map_or(&[], |loaded| &loaded.faults)
    }
}

impl Default for Indexes {
    fn default() -> Self {
        Self::new(Loaded::default)
    }
}

impl fmt::Debug for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Indexes").finish_non_exhaustive()
    }
}

/// Equal are those that were read together.
impl PartialEq for Indexes {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Indexes {}

impl Named {
    /// True if it counts for what is built on `image`; of a base that has no name only one for all images does.
    fn counts_for(&self, image: Option<&ImageRef>) -> bool {
        let tag = |image: &ImageRef| image.tag.clone().unwrap_or_else(|| "latest".into());
        let is = |own: &ImageRef| {
            image.is_some_and(|image| {
                own.registry == image.registry
                    && own.path == image.path
                    && (own.tag.is_none() || tag(own) == tag(image))
            })
        };
        self.images.is_empty() || self.images.iter().any(is)
    }
}

#[cfg(test)]
mod tests;
