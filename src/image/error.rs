use std::fmt;
use std::io;

/// Why an image could not be read. `place` names the file and what in it: `app.tar: layer 3`.
#[derive(Debug)]
pub struct ImageError {
    /// The file, folder or part at fault, for people.
    pub place: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an image.
#[derive(Debug)]
pub enum Fault {
    /// The operating system refused to read it.
    Io(io::Error),
    /// It is no image in any of the forms that are known.
    NotAnImage,
    /// It ends before its own headers say that it does.
    Truncated,
    /// Compressed data that does not decompress; the decoder's word.
    Compression(String),
    /// A tar header that is none; the byte of the (uncompressed) archive, and why.
    Tar(u64, &'static str),
    /// A name that leads out of the image.
    Traversal(String),
    /// JSON that is broken or lacks what it must have.
    Json(String),
    /// The contents do not have the digest that names them.
    Digest {
        /// What the manifest or config says.
        expected: String,
        /// What the contents have.
        actual: String,
    },
    /// A blob that the manifest names and that is not there.
    Missing(String),
    /// A name of a blob that is no digest.
    BadDigest(String),
    /// The numbers of layers and of digests differ.
    LayerCount {
        /// Layers of the manifest.
        layers: usize,
        /// Digests of the config.
        diff_ids: usize,
    },
    /// Several images or platforms and no word on which; what there is.
    Several(Vec<String>),
    /// None of the images has the name that was asked for; what there is.
    NoName(Vec<String>),
    /// None of the platforms is the one asked for; what there is.
    NoPlatform(Vec<String>),
    /// A limit that keeps memory and time bounded.
    Limit(&'static str),
}

impl ImageError {
    pub(super) fn new(place: impl Into<String>, fault: Fault) -> Self {
        Self { place: place.into(), fault }
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl std::error::Error for ImageError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NotAnImage => {
                f.write_str("this is not an image: neither what `docker save` writes nor an OCI layout")
            }
            Self::Truncated => f.write_str("the archive ends too early; it was cut off"),
            Self::Compression(why) => write!(f, "the compressed data is corrupt: {why}"),
            Self::Tar(at, why) => write!(f, "no tar header at byte {at}: {why}"),
            Self::Traversal(name) => write!(f, "the name `{name}` leads out of the image"),
            Self::Json(why) => f.write_str(why),
            Self::Digest { expected, actual } => {
                write!(f, "the contents are not what the digest says: expected {expected}, found {actual}")
            }
            Self::Missing(name) => write!(f, "`{name}` is missing, though the manifest names it"),
            Self::BadDigest(name) => write!(f, "`{name}` is not a sha256 digest"),
            Self::LayerCount { layers, diff_ids } => {
                write!(f, "the manifest has {layers} layers and the config {diff_ids} digests of layers")
            }
            Self::Several(names) => write!(f, "it holds several images: {}", names.join(", ")),
            Self::NoName(names) => {
                write!(f, "it holds no image of that name; there is {}", names.join(", "))
            }
            Self::NoPlatform(names) => {
                write!(f, "it does not hold that platform; there is {}", names.join(", "))
            }
            Self::Limit(what) => f.write_str(what),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::QuotaExceeded => Self::Limit("a few bytes expand to more than 4 GiB of nothing"),
            io::ErrorKind::InvalidData => Self::Compression(error.to_string()),
            _ => Self::Io(error),
        }
    }
}
