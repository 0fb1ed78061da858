//! The builders, as far as they differ.

use std::fmt;
use std::str::FromStr;

use dockerignore::Dialect;

/// What builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Builder {
    /// BuildKit: `docker build`, `docker buildx`, Compose, bake.
    #[default]
    BuildKit,
    /// BuildKit as it is in Docker Engine 26.1, with the Dockerfile frontend that it brings.
    Docker26,
    /// The builder of Docker before BuildKit: `DOCKER_BUILDKIT=0`.
    Classic,
    /// `podman build`, which is buildah with layers and a cache.
    Podman,
    /// `buildah build` without `--layers`.
    Buildah,
}

impl Builder {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::BuildKit, Self::Docker26, Self::Classic, Self::Podman, Self::Buildah];
    /// Their names.
    pub const NAMES: [&'static str; 5] = ["buildkit", "docker-26", "classic", "podman", "buildah"];

    /// The name on the command line and in `dlint.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuildKit => "buildkit",
            Self::Docker26 => "docker-26",
            Self::Classic => "classic",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }

    /// What it is called in a sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::BuildKit => "BuildKit",
            Self::Docker26 => "BuildKit of Docker 26",
            Self::Classic => "the classic builder",
            Self::Podman => "Podman",
            Self::Buildah => "buildah",
        }
    }

    /// Whose rules count for the ignore file.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::BuildKit | Self::Docker26 => Dialect::BuildKit,
            Self::Classic => Dialect::Classic,
            Self::Podman | Self::Buildah => Dialect::Buildah,
        }
    }

    /// True for buildah, and for Podman, which builds with its code.
    #[must_use]
    pub const fn is_buildah(self) -> bool {
        matches!(self, Self::Podman | Self::Buildah)
    }

    /// True for BuildKit of any age.
    #[must_use]
    pub const fn is_buildkit(self) -> bool {
        matches!(self, Self::BuildKit | Self::Docker26)
    }

    /// The names of the file that it builds where none is named, the one that it prefers first.
    #[must_use]
    pub const fn dockerfile_names(self) -> &'static [&'static str] {
        if self.is_buildah() {
            &["Containerfile", "Dockerfile"]
        } else {
            &["Dockerfile", "dockerfile", "Containerfile"]
        }
    }

    /// True if each instruction that changes files makes a layer of its own, which the cache keeps. `buildah build`
    /// makes one of each stage, and keeps none.
    #[must_use]
    pub const fn makes_layers(self) -> bool {
        !matches!(self, Self::Buildah)
    }
}

impl FromStr for Builder {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|builder| builder.name() == s);
        found.ok_or_else(|| format!("`{s}` must be one of {}", Self::NAMES.join(", ")))
    }
}

impl fmt::Display for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_that_means_it() {
        assert_eq!(Builder::ALL.map(Builder::name), Builder::NAMES);
        for builder in Builder::ALL {
            assert_eq!(builder.name().parse(), Ok(builder));
        }
        assert!("kaniko".parse::<Builder>().unwrap_err().contains("must be one of buildkit, docker-26"));
    }
}
