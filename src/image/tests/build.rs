//! Makes archives and images byte by byte, broken ones included.

use std::io::Write as _;

use crate::image::blob::digest_of;

/// A tar archive in the making.
#[derive(Clone, Default)]
pub(super) struct Tar {
    pub(super) bytes: Vec<u8>,
}

impl Tar {
    pub(super) fn file(self, path: &str, contents: &[u8]) -> Self {
        let mut tar = self.header(path, b'0', contents.len() as u64, "");
        tar.contents(contents);
        tar
    }

    pub(super) fn folder(self, path: &str) -> Self {
        self.header(path, b'5', 0, "")
    }

    pub(super) fn hard_link(self, path: &str, to: &str) -> Self {
        self.header(path, b'1', 0, to)
    }

    pub(super) fn symlink(self, path: &str, to: &str) -> Self {
        self.header(path, b'2', 0, to)
    }

    pub(super) fn contents(&mut self, contents: &[u8]) {
        self.bytes.extend_from_slice(contents);
        let padding = contents.len().wrapping_neg() % 512;
        self.bytes.resize(self.bytes.len() + padding, 0);
    }

    /// A pax header with one record for the next entry.
    pub(super) fn pax(self, key: &str, value: &str) -> Self {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len();
        while length.to_string().len() + rest.len() > length {
            length += 1;
        }
        self.meta(b'x', format!("{length}{rest}").as_bytes())
    }

    /// An entry that speaks of the next one.
    pub(super) fn meta(self, kind: u8, contents: &[u8]) -> Self {
        let mut tar = self.header("././@LongLink", kind, contents.len() as u64, "");
        tar.contents(contents);
        tar
    }

    /// A header alone.
    pub(super) fn header(mut self, path: &str, kind: u8, size: u64, link: &str) -> Self {
        let mut block = [0_u8; 512];
        block[..path.len()].copy_from_slice(path.as_bytes());
        block[100..108].copy_from_slice(b"0000644\0");
        if size < 1 << 33 {
            block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        } else {
            block[124] = 0x80;
            block[128..136].copy_from_slice(&size.to_be_bytes());
        }
        block[156] = kind;
        block[157..157 + link.len()].copy_from_slice(link.as_bytes());
        block[257..265].copy_from_slice(b"ustar\x0000");
        checksum(&mut block);
        self.bytes.extend_from_slice(&block);
        self
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(&[0; 1024]);
        self.bytes
    }
}

/// Writes the checksum of a header into it.
pub(super) fn checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// The config of an image of these layers, uncompressed.
pub(super) fn config(layers: &[Vec<u8>]) -> String {
    let diff_ids: Vec<String> = layers.iter().map(|l| format!("\"{}\"", digest_of(l))).collect();
    let history: Vec<String> = (0..layers.len())
        .map(|i| format!(",{{\"created_by\":\"RUN {i} # buildkit\",\"comment\":\"buildkit.dockerfile.v0\"}}"))
        .collect();
    format!(
        "{{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{{\"type\":\"layers\",\"diff_ids\":[{}]}},\
         \"history\":[{{\"created_by\":\"ENV A=1\",\"empty_layer\":true}}{}]}}",
        diff_ids.join(","),
        history.concat()
    )
}

/// What `docker save` writes, with layers as given.
pub(super) fn saved(layers: &[Vec<u8>]) -> Tar {
    let config = config(layers);
    let name = digest_of(config.as_bytes()).replace("sha256:", "") + ".json";
    let mut tar = Tar::default().file(&name, config.as_bytes());
    let mut names = Vec::new();
    for (i, layer) in layers.iter().enumerate() {
        names.push(format!("\"{i}/layer.tar\""));
        tar = tar.file(&format!("{i}/layer.tar"), layer);
    }
    let manifest =
        format!("[{{\"Config\":\"{name}\",\"RepoTags\":[\"app:1\"],\"Layers\":[{}]}}]", names.join(","));
    tar.file("manifest.json", manifest.as_bytes())
}

/// The files of an OCI layout: path and contents.
pub(super) fn oci(layers: &[Vec<u8>], compress: impl Fn(&[u8]) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![("oci-layout".to_owned(), b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec())];
    let mut blob = |bytes: Vec<u8>| {
        let digest = digest_of(&bytes);
        files.push((format!("blobs/{}", digest.replace(':', "/")), bytes));
        digest
    };
    let config = blob(config(layers).into_bytes());
    let names: Vec<String> = layers
        .iter()
        .map(|layer| {
            format!(
                "{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"{}\"}}",
                blob(compress(layer))
            )
        })
        .collect();
    let manifest = blob(
        format!(
            "{{\"schemaVersion\":2,\"config\":{{\"digest\":\"{config}\"}},\"layers\":[{}]}}",
            names.join(",")
        )
        .into_bytes(),
    );
    // An attestation beside it, as buildx writes it.
    let index = format!(
        "{{\"manifests\":[{{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{manifest}\",\
         \"platform\":{{\"architecture\":\"amd64\",\"os\":\"linux\"}},\"annotations\":{{\"org.opencontainers.image.ref.name\":\"app:1\"}}}},\
         {{\"digest\":\"sha256:0\",\"platform\":{{\"architecture\":\"unknown\",\"os\":\"unknown\"}}}}]}}"
    );
    files.push(("index.json".to_owned(), index.into_bytes()));
    files
}

pub(super) fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    files.iter().fold(Tar::default(), |tar, (path, bytes)| tar.file(path, bytes)).end()
}
