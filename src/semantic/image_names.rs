//! Names of images as builds compare them, and those of the images that a project makes itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::syntax::ImageRef;

use super::{Model, facts};
use crate::text::Gather;

/// The name that BuildKit compares: an image's without what may be left out (`docker.io/library/alpine:latest` is
/// `alpine`), in lower case as a stage's is.
#[must_use]
pub fn context_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(":latest").unwrap_or(&name);
    let name =
        ["docker.io/", "index.docker.io/"].iter().find_map(|host| name.strip_prefix(host)).unwrap_or(name);
    let short = name.strip_prefix("library/").filter(|rest| !rest.contains('/'));
    short.unwrap_or(name).to_owned()
}

/// Images that builds of the project make, by their names without tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectImages {
    all: Arc<ImageNames>,
    /// Those that only this build makes: it does not start from them.
    own: BTreeSet<String>,
}

/// Names of images, in some of which `*` stands for what is not known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ImageNames {
    whole: BTreeSet<String>,
    patterns: BTreeSet<String>,
}

impl ProjectImages {
    /// These images, but for those that only the build itself makes.
    #[must_use]
    pub fn new(all: Arc<ImageNames>, own: BTreeSet<String>) -> Self {
        Self { all, own: own.iter().map(|name| project_name(name)).gather() }
    }

    /// True if the image of a name, written without a tag, is one of these.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        let name = project_name(name);
        let is_known = self.all.whole.contains(&name) && !self.own.contains(&name);
        let fits = |pattern: &&String| matches_pattern(pattern, &name) && !self.own.contains(*pattern);
        is_known || self.all.patterns.iter().any(|pattern| fits(&pattern))
    }
}

impl ProjectImages {
    /// True if one of these may have a name in which `*` stands for what is not known.
    #[must_use]
    pub fn may_contain(&self, pattern: &str) -> bool {
        let pattern = project_name(pattern);
        let mut others = self.all.whole.difference(&self.own);
        self.contains(&pattern) || others.any(|name| matches_pattern(&pattern, name))
    }
}

/// The name by which images of the project are compared: Podman and buildah put `localhost/` before a name without a host.
fn project_name(name: &str) -> String {
    let name = context_name(name);
    name.strip_prefix("localhost/").map(str::to_owned).unwrap_or(name)
}

impl Model {
    /// True for an image that another build of the project makes under this name. A name of Docker Hub's own library
    /// means that image.
    #[must_use]
    pub fn is_of_project(&self, image: &ImageRef) -> bool {
        if image.is_official() && facts(image).is_some() {
            return false;
        }
        let path = image.familiar_path();
        let name = if &*image.registry == "docker.io" {
            path.to_owned()
        } else {
            format!("{}/{path}", image.registry)
        };
        self.build().project_images.contains(&name)
    }
}

impl FromIterator<String> for ImageNames {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let names = names.into_iter().map(|name| project_name(&name));
        let (patterns, whole) = names.partition(|name| name.contains('*'));
        Self { whole, patterns }
    }
}

/// True if `name` is what `pattern` says, where a `*` stands for any letters.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_made(made: &[&str], own: &[&str], name: &str) -> bool {
        ProjectImages::new(Arc::new(names(made).collect()), names(own).collect()).contains(name)
    }

    fn names<'a>(list: &'a [&str]) -> impl Iterator<Item = String> + 'a {
        list.iter().map(|name| (*name).to_owned())
    }

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, name, fits) in [
            ("acme/base", "docker.io/acme/base", true),
            ("acme/base", "acme/base-java", false),
            ("*/base", "ghcr.io/acme/base", true),
            ("*/base", "base", false),
            ("*-*-base", "debian-12-base", true),
            ("*-*-base", "debian-base", false),
            ("acme/base*", "acme/base-java", true),
            ("a*a", "a", false),
            ("a*b*b", "ab", false),
        ] {
            assert_eq!(is_made(&[pattern], &[], name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn what_only_the_build_itself_makes_is_none() {
        assert!(!is_made(&["acme/app"], &["docker.io/acme/app"], "acme/app"));
        assert!(!is_made(&["*/app"], &["*/app"], "acme/app"));
        assert!(is_made(&["*/app", "acme/app"], &["*/app"], "acme/app"));
    }
}
