use std::fmt;

/// Why a registry did not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryError {
    /// What was asked for: `docker.io/library/node:22`.
    pub place: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong. No text of a registry, no query of an address and no credential is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The host has no address, or none that answers; why.
    Unreachable(String),
    /// The connection is not one that can be trusted; why.
    Tls(String),
    /// It took too long.
    Slow,
    /// The host is at an address that is not public, and nobody named it.
    Private(String),
    /// It would have to be asked without TLS, and nobody said so.
    Plain(String),
    /// More redirects than anybody needs.
    Redirects,
    /// A redirect to what is no address.
    BadRedirect,
    /// It wants a login that is not there, or not the right one.
    Denied,
    /// The image, tag or digest is not there.
    NotFound,
    /// The file is not there.
    NoFile,
    /// It gives the file only to those who log in, which is not done for files.
    Closed,
    /// It answers only so many requests in a time.
    TooMany,
    /// Another status.
    Status(u16),
    /// An answer that makes no sense; what of it.
    Answer(&'static str),
    /// The contents are not what the digest says.
    Digest,
    /// A limit of what is read; which.
    Limit(&'static str),
    /// The image is for several platforms, and it is not said which; what there is.
    Several(Vec<String>),
    /// It is not there for the platform; what there is.
    NoPlatform(Vec<String>),
    /// The configuration with the logins cannot be read; why.
    Config(String),
    /// A credential helper failed; its name, and why.
    Helper(String, &'static str),
}

impl RegistryError {
    pub(super) fn new(place: impl Into<String>, fault: Fault) -> Self {
        Self { place: place.into(), fault }
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl std::error::Error for RegistryError {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the host cannot be reached: {why}"),
            Self::Tls(why) => write!(f, "the connection is not secure: {why}"),
            Self::Slow => f.write_str("it took too long to answer"),
            Self::Private(host) => write!(
                f,
                "`{host}` is not a public address; if you mean this host, name it with --private-host {host}"
            ),
            Self::Plain(host) => write!(
                f,
                "`{host}` would have to be asked without TLS; if you mean to, name it with --plain-http {host}"
            ),
            Self::Redirects => f.write_str("it redirects too often"),
            Self::BadRedirect => f.write_str("it redirects to what is no address of a web server"),
            Self::Denied => f.write_str("access is denied: log in with `docker login`, or check the name"),
            Self::NotFound => f.write_str("there is no such image"),
            Self::NoFile => f.write_str("there is no such file"),
            Self::Closed => f.write_str("the server wants a login, and none is sent for files"),
            Self::TooMany => f.write_str("the server takes no more requests for now; log in, or try later"),
            Self::Status(code) => write!(f, "the server answers with status {code}"),
            Self::Answer(what) => f.write_str(what),
            Self::Digest => f.write_str("the contents are not what the digest says"),
            Self::Limit(what) => f.write_str(what),
            Self::Several(names) => {
                write!(f, "it is for several platforms: {}; choose one with --platform", names.join(", "))
            }
            Self::NoPlatform(names) => {
                write!(f, "it is not for that platform; there is {}", names.join(", "))
            }
            Self::Config(why) => write!(f, "the file with the logins {why}"),
            Self::Helper(name, why) => write!(f, "docker-credential-{name} {why}"),
        }
    }
}

impl std::error::Error for Fault {}
