//! The JSON of images: `docker save`'s manifest, OCI indexes and manifests, the image's config.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::Fault;
use super::platform::Platform;

/// One image of `manifest.json`, as `docker save` writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Saved {
    pub(super) config: String,
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Vec<String>,
}

/// An OCI index, or the index of Docker's second schema.
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Vec<Descriptor>,
}

/// An OCI manifest, or that of Docker's second schema.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

/// What a blob is called.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: String,
    #[serde(default)]
    pub(super) platform: Option<Platform>,
    #[serde(default)]
    pub(super) annotations: Option<Annotations>,
}

impl Descriptor {
    /// True for what is no image: an attestation, a signature, an artifact.
    pub(super) fn is_no_image(&self) -> bool {
        let unknown = self.platform.as_ref().is_some_and(|p| p.os == "unknown");
        unknown || self.annotations.as_ref().is_some_and(|a| a.reference_type.is_some())
    }
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Annotations {
    #[serde(rename = "org.opencontainers.image.ref.name")]
    pub(super) name: Option<String>,
    #[serde(rename = "io.containerd.image.name")]
    pub(super) image: Option<String>,
    #[serde(rename = "vnd.docker.reference.type")]
    pub(super) reference_type: Option<String>,
}

/// The config of an image.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    #[serde(default)]
    pub(super) architecture: String,
    #[serde(default)]
    pub(super) os: String,
    #[serde(default)]
    pub(super) variant: Option<String>,
    #[serde(default)]
    pub(super) created: Option<String>,
    #[serde(default)]
    pub(super) rootfs: Option<RootFs>,
    #[serde(default)]
    pub(super) history: Option<Vec<Step>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RootFs {
    #[serde(default)]
    pub(super) diff_ids: Vec<String>,
}

/// A step that made an image.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) created_by: Option<String>,
    #[serde(default)]
    pub(super) comment: Option<String>,
    #[serde(default)]
    pub(super) empty_layer: bool,
}

/// Reads JSON.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|e| Fault::Json(format!("unexpected JSON: {e}")))
}

/// The 64 digits of a digest.
pub(super) fn digits(digest: &str) -> Result<&str, Fault> {
    let digits = digest.strip_prefix("sha256:").filter(|d| is_digits(d));
    digits.ok_or_else(|| Fault::BadDigest(digest.to_owned()))
}

/// True for the 64 digits of a digest.
pub(super) fn is_digits(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
