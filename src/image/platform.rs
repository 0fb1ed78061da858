use serde::Deserialize;

/// The platform of an image, as manifests and configs say it.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Platform {
    /// `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// `linux`.
    #[serde(default)]
    pub os: String,
    /// `v8`.
    #[serde(default)]
    pub variant: Option<String>,
}

impl Platform {
    /// `linux/arm64/v8`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = format!("{}/{}", self.os, self.architecture);
        if let Some(variant) = self.variant.as_deref().filter(|v| !v.is_empty()) {
            name.push('/');
            name.push_str(variant);
        }
        name
    }

    /// True if `wanted` means this platform: `linux/arm64` also means `linux/arm64/v8`.
    #[must_use]
    pub fn is(&self, wanted: &str) -> bool {
        let name = self.name();
        name == wanted || name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
    }
}
