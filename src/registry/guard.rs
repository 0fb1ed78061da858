//! Looks names up, and refuses what is not public.

use std::io;
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::access::Access;
use super::address::is_public;

/// What the error says that it makes.
pub(super) const PRIVATE: &str = "not a public address";

/// A name is looked up once for a connection, and what was found is what is connected to: so no answer changes
/// between the look and the connection.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) access: Arc<Access>,
    /// The proxy that the user has named.
    pub(super) proxy: Option<String>,
    pub(super) inner: DefaultResolver,
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let authority = authority.rsplit('@').next().unwrap_or("").to_ascii_lowercase();
        let is_proxy = self.proxy.as_deref() == Some(&*authority);
        if is_proxy || self.access.is_named(&authority) {
            return Ok(found);
        }
        let mut public = self.empty();
        found.iter().filter(|address| is_public(address.ip())).for_each(|address| public.push(*address));
        if public.is_empty() {
            return Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, PRIVATE)));
        }
        Ok(public)
    }
}
