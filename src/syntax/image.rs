//! Image references, normalised as Docker does (`distribution/reference`).

use crate::text::ShortText;
use std::fmt;
use std::ops::Range;

/// A reference to an image, as `registry/namespace/repository:tag@digest`.
///
/// Ranges are byte ranges of the text that was parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRef {
    /// The registry's host, `docker.io` if none is written.
    pub registry: ShortText,
    /// Namespace and repository, `library/…` if Docker Hub's official image is meant.
    pub path: ShortText,
    /// The tag, where one is written.
    pub tag: Option<ShortText>,
    /// Where the tag stands, without its colon.
    pub tag_range: Option<Range<usize>>,
    /// The digest, where one is written.
    pub digest: Option<Digest>,
    /// Where the name stands: registry and path.
    pub name_range: Range<usize>,
}

/// A content digest such as `sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The algorithm.
    pub algorithm: ShortText,
    /// The hexadecimal value.
    pub hex: ShortText,
    /// Where it stands, without its `@`.
    pub range: Range<usize>,
}

/// Why a text is no image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageRefError {
    /// Nothing is written.
    Empty,
    /// The repository has capitals.
    Uppercase,
    /// The tag is empty, longer than 128 characters, or has a character that tags cannot have.
    Tag,
    /// The digest is not `algorithm:hex`, or its length is wrong.
    Digest,
    /// Some other part has a character that it cannot have.
    Format,
}

impl fmt::Display for ImageRefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the image name is empty",
            Self::Uppercase => "an image name must be lower case",
            Self::Tag => "the tag is not valid",
            Self::Digest => "the digest is not valid",
            Self::Format => "this is not a valid image reference",
        })
    }
}

impl std::error::Error for ImageRefError {}

impl ImageRef {
    /// Reads a reference that holds no variables.
    ///
    /// # Errors
    /// Where `distribution/reference` refuses it.
    pub fn parse(text: &str) -> Result<Self, ImageRefError> {
        if text.is_empty() {
            return Err(ImageRefError::Empty);
        }
        let (rest, digest) = match text.find('@') {
            Some(at) => (&text[..at], Some(digest(text, at + 1)?)),
            None => (text, None),
        };
        let slash = rest.rfind('/').map_or(0, |i| i + 1);
        let (name, tag_range) = match rest[slash..].find(':') {
            Some(colon) => (&rest[..slash + colon], Some(slash + colon + 1..rest.len())),
            None => (rest, None),
        };
        let tag = tag_range.clone().map(|r| &rest[r]);
        if tag.is_some_and(|t| !is_tag(t)) {
            return Err(ImageRefError::Tag);
        }
        let (registry, path) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path),
            _ => ("docker.io", name),
        };
        let registry = if registry == "index.docker.io" { "docker.io" } else { registry };
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ImageRefError::Uppercase);
        }
        if path.is_empty() || !path.split('/').all(is_component) || !is_registry(registry) {
            return Err(ImageRefError::Format);
        }
        let path = if registry == "docker.io" && !path.contains('/') {
            format!("library/{path}").into()
        } else {
            path.into()
        };
        let name_range = 0..name.len();
        Ok(Self { registry: registry.into(), path, tag: tag.map(Into::into), tag_range, digest, name_range })
    }

    /// The last part of the path: `nginx` of `docker.io/library/nginx`.
    #[must_use]
    pub fn repository(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The path as people write it: `nginx`, not `library/nginx`, for Docker Hub's official images.
    #[must_use]
    pub fn familiar_path(&self) -> &str {
        if &*self.registry == "docker.io" {
            self.path.strip_prefix("library/").unwrap_or(&self.path)
        } else {
            &self.path
        }
    }

    /// True for Docker Hub's official images.
    #[must_use]
    pub fn is_official(&self) -> bool {
        &*self.registry == "docker.io" && self.path.starts_with("library/")
    }
}

/// The whole reference: `docker.io/library/nginx:latest`. `latest` stands where neither tag nor
/// digest is written.
impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path)?;
        match (&self.tag, &self.digest) {
            (Some(tag), _) => write!(f, ":{tag}")?,
            (None, None) => f.write_str(":latest")?,
            (None, Some(_)) => {}
        }
        match &self.digest {
            Some(digest) => write!(f, "@{}:{}", digest.algorithm, digest.hex),
            None => Ok(()),
        }
    }
}

fn is_host(text: &str) -> bool {
    text.contains(['.', ':']) || text == "localhost" || text.bytes().any(|b| b.is_ascii_uppercase())
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((v6, rest)) => {
            let hex = !v6.is_empty() && v6.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
            return hex && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
        }
        None => text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p))),
    };
    port.is_none_or(is_port)
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn is_component(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let bytes = text.as_bytes();
    edge(bytes.first().copied())
        && edge(bytes.last().copied())
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(b))
        && text
            .split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            .all(|sep| matches!(sep, "" | "." | "_" | "__") || sep.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

fn digest(text: &str, at: usize) -> Result<Digest, ImageRefError> {
    let (algorithm, hex) = text[at..].split_once(':').ok_or(ImageRefError::Digest)?;
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => hex.len().max(32),
    };
    if algorithm.is_empty()
        || hex.len() != length
        || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    {
        return Err(ImageRefError::Digest);
    }
    Ok(Digest { algorithm: algorithm.into(), hex: hex.into(), range: at..text.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_normalised() {
        let hex = "a".repeat(64);
        for (text, want) in [
            ("nginx", "docker.io/library/nginx:latest".to_owned()),
            ("nginx:1.27", "docker.io/library/nginx:1.27".into()),
            ("bitnami/redis", "docker.io/bitnami/redis:latest".into()),
            ("index.docker.io/library/x", "docker.io/library/x:latest".into()),
            ("localhost:5000/a/b:t", "localhost:5000/a/b:t".into()),
            ("ghcr.io/o/r", "ghcr.io/o/r:latest".into()),
            (&format!("a@sha256:{hex}"), format!("docker.io/library/a@sha256:{hex}")),
            (&format!("a:1@sha256:{hex}"), format!("docker.io/library/a:1@sha256:{hex}")),
        ] {
            assert_eq!(ImageRef::parse(text).unwrap().to_string(), want);
        }
    }

    #[test]
    fn wrong_references_say_why() {
        for (text, want) in [
            ("", ImageRefError::Empty),
            ("Nginx", ImageRefError::Uppercase),
            ("nginx:", ImageRefError::Tag),
            ("nginx:a b", ImageRefError::Tag),
            ("a@sha256:12", ImageRefError::Digest),
            ("a..b", ImageRefError::Format),
            ("/a", ImageRefError::Format),
        ] {
            assert_eq!(ImageRef::parse(text), Err(want), "{text}");
        }
    }
}
