//! Images as registries have them, made for a test.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{Asked, Reply};

/// `sha256:…`
pub(crate) fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// An archive with files of so many bytes.
pub(crate) fn archive(sizes: &[usize]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, size) in sizes.iter().enumerate() {
        let mut header = [0u8; 512];
        let name = format!("f{number}");
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[263..265].copy_from_slice(b"00");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend_from_slice(&header);
        // Noise, so that it stays about as large when it is compressed.
        let mut state = 7 + *size as u64;
        out.extend((0..*size).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }));
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a registry has: manifests by tag and digest, blobs by digest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published {
    pub(crate) manifests: HashMap<String, (Vec<u8>, &'static str)>,
    pub(crate) blobs: HashMap<String, Vec<u8>>,
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

impl Published {
    /// An image of layers with the tag `1`.
    pub(crate) fn of(layers: &[Vec<u8>]) -> Self {
        let mut published = Self::default();
        let manifest =
            published.add(layers, "amd64", &json!({"User": "app", "Env": ["A=b", "API_TOKEN=hush"]}));
        published.tag("1", manifest, MANIFEST);
        published
    }

    /// An image for two platforms with the tag `1`.
    pub(crate) fn of_two(amd64: &[Vec<u8>], arm64: &[Vec<u8>]) -> Self {
        let mut published = Self::default();
        let mut manifests = Vec::new();
        for (architecture, layers) in [("amd64", amd64), ("arm64", arm64)] {
            let text = published.add(layers, architecture, &json!({}));
            let own = digest(&text);
            let platform = json!({"os": "linux", "architecture": architecture});
            manifests.push(
                json!({"mediaType": MANIFEST, "digest": own, "size": text.len(), "platform": platform}),
            );
            published.tag(&own, text, MANIFEST);
        }
        manifests.push(json!({"mediaType": MANIFEST, "digest": digest(b"x"), "size": 1,
            "platform": {"os": "unknown", "architecture": "unknown"}}));
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).to_string();
        published.tag("1", index.into_bytes(), INDEX);
        published
    }

    /// Adds config and layers; the text of the manifest.
    fn add(&mut self, layers: &[Vec<u8>], architecture: &str, settings: &Value) -> Vec<u8> {
        let config = json!({"os": "linux", "architecture": architecture, "config": settings,
            "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| digest(layer)).collect::<Vec<_>>()}})
        .to_string()
        .into_bytes();
        let described = |bytes: &Vec<u8>| {
            json!({"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest(bytes),
                "size": bytes.len()})
        };
        let text = json!({"schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"digest": digest(&config), "size": config.len()},
            "layers": layers.iter().map(described).collect::<Vec<_>>()});
        for blob in layers.iter().chain([&config]) {
            self.blobs.insert(digest(blob), blob.clone());
        }
        text.to_string().into_bytes()
    }

    pub(crate) fn tag(&mut self, name: &str, text: Vec<u8>, kind: &'static str) {
        self.manifests.insert(digest(&text), (text.clone(), kind));
        self.manifests.insert(name.to_owned(), (text, kind));
    }

    /// What a registry answers.
    pub(crate) fn answer(&self, asked: &Asked) -> Reply {
        let name = asked.path.rsplit('/').next().unwrap_or("");
        if asked.path.contains("/manifests/") {
            let Some((text, kind)) = self.manifests.get(name) else { return Reply::status(404) };
            assert!(asked.header("accept").contains(kind), "{asked:?}");
            return Reply::of(text.clone())
                .with("Content-Type", *kind)
                .with("Docker-Content-Digest", digest(text));
        }
        match self.blobs.get(name) {
            Some(blob) => part(blob, asked),
            None => Reply::status(404),
        }
    }

    /// The same as something that a server can have.
    pub(crate) fn served(self) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
        let published = Arc::new(self);
        move |asked| published.answer(asked)
    }
}

/// A blob, or the part of it that is asked for.
pub(crate) fn part(blob: &[u8], asked: &Asked) -> Reply {
    let range = asked.header("range").strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let Some((first, last)) = range else { return Reply::of(blob) };
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let last = last.min(blob.len() - 1);
    let part = blob[first..=last].to_vec();
    Reply { status: 206, ..Reply::of(part) }
        .with("Content-Range", format!("bytes {first}-{last}/{}", blob.len()))
}
