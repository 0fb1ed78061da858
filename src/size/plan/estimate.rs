use serde::Serialize;

/// How a number of bytes is known, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provenance {
    /// Counted in the real build context.
    Measured,
    /// Measured in a real build, and kept in `dlint.lock`.
    Learned,
    /// As the registry had the image, when it was asked.
    Registry,
    /// As a web server said of a file, when it was asked.
    Fetched,
    /// As it lies installed beside the Dockerfile.
    Installed,
    /// From the index that a distribution publishes of its packages.
    Index,
    /// From the dated catalogue of base images, or the configuration.
    Catalogue,
    /// Typical of what the instruction does.
    Estimated,
}

impl Provenance {
    /// The name in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Learned => "learned",
            Self::Registry => "registry",
            Self::Fetched => "fetched",
            Self::Installed => "installed",
            Self::Index => "index",
            Self::Catalogue => "catalogue",
            Self::Estimated => "estimated",
        }
    }
}

/// Bytes of file contents, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// As likely as any.
    pub bytes: u64,
    /// The least and the most that it may be.
    pub range: (u64, u64),
    /// How they are known.
    pub provenance: Provenance,
    /// Where they come from: "Debian 12 package index, 2026-11".
    pub source: String,
}

impl Estimate {
    /// Bytes that were counted.
    pub(super) fn measured(bytes: u64, source: &str) -> Self {
        Self { bytes, range: (bytes, bytes), provenance: Provenance::Measured, source: source.to_owned() }
    }

    /// Bytes that may be off by some percent, to both sides.
    pub(in super::super) fn around(
        bytes: u64,
        (less, more): (u64, u64),
        provenance: Provenance,
        source: String,
    ) -> Self {
        let part =
            |percent: u64| u64::try_from(u128::from(bytes) * u128::from(percent) / 100).unwrap_or(u64::MAX);
        Self {
            bytes,
            range: (bytes.saturating_sub(part(less)), bytes.saturating_add(part(more))),
            provenance,
            source,
        }
    }
}
