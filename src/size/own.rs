//! What base images weigh to those who build them: the figures of a configuration, and behind them the
//! catalogue.

use std::borrow::Cow;
use std::sync::Arc;

use crate::lock::{Bases, Fetches, LockedBase, base_key};
use crate::syntax::ImageRef;

use super::catalogue::{BaseSize, base_size};
use super::indexes::Indexes;

/// A figure of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnImage {
    /// The image; without a tag, all of its tags.
    pub image: ImageRef,
    /// Bytes of file contents, unpacked.
    pub bytes: u64,
    /// When it was measured: `2026-09`.
    pub date: String,
    /// How it is known.
    pub source: String,
}

/// What is known of what a build fetches: base images, the user's own figures first, then those of the catalogue; and files
/// of web servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaseImages {
    /// The user's own, an earlier one over a later one.
    pub own: Vec<OwnImage>,
    /// What registries had when they were asked, from a lock file.
    pub locked: Arc<Bases>,
    /// What web servers had, from a lock file.
    pub fetched: Arc<Fetches>,
    /// Package indexes of the user's own.
    pub indexes: Indexes,
}

impl BaseImages {
    /// What `image` weighs on `arch` (`amd64`), unpacked.
    #[must_use]
    pub fn size(&self, image: &ImageRef, arch: &str) -> Option<BaseSize> {
        let tag = |image: &ImageRef| image.tag.as_deref().unwrap_or("latest").to_owned();
        let own = self.own.iter().find(|own| {
            own.image.registry == image.registry
                && own.image.path == image.path
                && (own.image.tag.is_none() || tag(&own.image) == tag(image))
        });
        let Some(own) = own else {
            return self.as_locked(image, arch).or_else(|| base_size(image, arch));
        };
        Some(BaseSize {
            bytes: own.bytes,
            range: (own.bytes, own.bytes),
            exact: true,
            tag: Cow::Owned(tag(image)),
            date: Cow::Owned(own.date.clone()),
            source: Cow::Owned(own.source.clone()),
            locked: false,
        })
    }

    /// What its registry had when it was asked.
    #[must_use]
    pub fn locked(&self, image: &ImageRef, arch: &str) -> Option<&LockedBase> {
        if self.locked.is_empty() {
            return None;
        }
        let name = image.to_string();
        let of = |name: &str, system| self.locked.get(&base_key(name, &format!("{system}/{arch}")));
        let found = of(&name, "linux").or_else(|| of(&name, "windows"));
        // The tag alone is as good if it stood for this digest.
        let pinned = || {
            let (tagged, digest) = name.split_once('@')?;
            of(tagged, "linux").or_else(|| of(tagged, "windows")).filter(|base| base.digest == digest)
        };
        found.or_else(pinned)
    }

    fn as_locked(&self, image: &ImageRef, arch: &str) -> Option<BaseSize> {
        let locked = self.locked(image, arch)?;
        Some(BaseSize {
            bytes: locked.bytes,
            range: locked.range,
            exact: locked.range.0 == locked.range.1,
            tag: Cow::Owned(image.tag.as_deref().unwrap_or("latest").to_owned()),
            date: Cow::Owned(locked.date.clone()),
            source: Cow::Owned(image.registry.to_string()),
            locked: true,
        })
    }
}

/// What one base image weighs more than another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// As likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
    /// Where the figures come from: "catalogue, 2026-09".
    pub source: String,
}

impl BaseImages {
    /// What `from` weighs more than `to` on `arch`; `None` if that is not known, or may be nothing.
    #[must_use]
    pub fn difference(&self, from: &ImageRef, to: &ImageRef, arch: &str) -> Option<Difference> {
        let (from, to) = (self.size(from, arch)?, self.size(to, arch)?);
        let least = from.range.0.saturating_sub(to.range.1);
        if least == 0 {
            return None;
        }
        // The older of the two dates says how old the difference is.
        let date = from.date.min(to.date);
        Some(Difference {
            bytes: from.bytes.saturating_sub(to.bytes),
            range: (least, from.range.1.saturating_sub(to.range.0)),
            source: match from.locked && to.locked {
                true => format!("registry, {date}"),
                false => format!("catalogue, {date}"),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_figures_come_first() {
        let image = |text: &str| ImageRef::parse(text).unwrap();
        let own = |text: &str, bytes| OwnImage {
            image: image(text),
            bytes,
            date: "2026-10".into(),
            source: "measured".into(),
        };
        let images = BaseImages {
            own: vec![own("python:3.12", 7), own("example.com/base", 8)],
            ..BaseImages::default()
        };
        let size = |text: &str| images.size(&image(text), "amd64").map(|s| s.bytes);
        assert_eq!((size("python:3.12"), size("docker.io/library/python:3.12")), (Some(7), Some(7)));
        assert_ne!(size("python:3.12-slim"), Some(7));
        assert_eq!((size("example.com/base:1"), size("example.com/base")), (Some(8), Some(8)));
        assert_eq!(size("example.com/other"), None);
    }
}
