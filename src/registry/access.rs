use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Fault;
use super::url::{Url, host_of};

/// What may be asked, and how.
///
/// ```
/// # use dlint::internals::registry::Access;
/// let access = Access { plain: vec!["localhost:5000".to_owned()], ..Access::default() };
/// assert!(access.is_named("localhost:5000") && !access.is_named("localhost:6379"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Hosts that are asked without TLS: `localhost:5000`, or `localhost` for all of its ports.
    pub plain: Vec<String>,
    /// Hosts that may have addresses which are not public.
    pub private: Vec<String>,
    /// Whom to ask instead of a registry, and below which path: `docker.io` is at `mirror.example.com/hub`.
    pub mirrors: BTreeMap<String, String>,
    /// Docker's `config.json` with the logins, if it is another one than the user's.
    pub config: Option<PathBuf>,
}

/// What Docker Hub's registry is really called.
const HUB: &str = "registry-1.docker.io";

impl Access {
    /// True for a host that may have an address which is not public.
    #[must_use]
    pub fn is_named(&self, authority: &str) -> bool {
        self.private.iter().chain(&self.plain).any(|named| is_meant(named, authority))
    }

    /// True for an address that a file may be asked for at, as far as its text tells. One with a query may hold what
    /// nobody else must see.
    #[must_use]
    pub fn may_ask(&self, address: &str) -> bool {
        !address.contains(['?', '#']) && Url::parse(address).is_some_and(|url| self.check(&url).is_ok())
    }

    fn is_plain(&self, authority: &str) -> bool {
        self.plain.iter().any(|named| is_meant(named, authority))
    }

    /// Where a registry is asked, and what stands before the names of its images.
    pub(super) fn endpoint(&self, registry: &str) -> (Url, String) {
        let asked = self.mirrors.get(registry).map_or(registry, String::as_str);
        let (host, prefix) = asked.split_once('/').unwrap_or((asked, ""));
        let host = if host == "docker.io" { HUB } else { host };
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        (Url::new(self.is_plain(host), host, "/"), prefix)
    }

    /// Refuses what must not be asked, as far as its text tells; the guard of addresses sees the rest.
    pub(super) fn check(&self, url: &Url) -> Result<(), Fault> {
        if url.is_plain && !self.is_plain(&url.authority) {
            return Err(Fault::Plain(url.authority.clone()));
        }
        let host = url.host();
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_private = host.parse().is_ok_and(|address| !super::address::is_public(address));
        if (is_local || is_private) && !self.is_named(&url.authority) {
            return Err(Fault::Private(url.authority.clone()));
        }
        Ok(())
    }
}

/// True if a name with or without a port means this host.
fn is_meant(named: &str, authority: &str) -> bool {
    let named = named.to_ascii_lowercase();
    let has_port = host_of(&named).len() < named.trim_matches(['[', ']']).len();
    match has_port {
        true => named == authority,
        false => named.trim_matches(['[', ']']) == host_of(authority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_hosts_are_asked_without_tls_or_at_home() {
        let access = Access {
            plain: vec!["localhost:5000".to_owned(), "[::1]".to_owned()],
            private: vec!["registry.example".to_owned()],
            ..Access::default()
        };
        let check = |text: &str| access.check(&Url::parse(text).unwrap());
        assert_eq!(check("http://localhost:5000/v2/"), Ok(()));
        assert_eq!(check("http://[::1]:7/v2/"), Ok(()));
        assert_eq!(check("https://example.com/v2/"), Ok(()));
        assert_eq!(check("http://example.com/v2/"), Err(Fault::Plain("example.com".to_owned())));
        assert_eq!(check("http://localhost:6379/"), Err(Fault::Plain("localhost:6379".to_owned())));
        for private in ["https://localhost:6379/", "https://169.254.169.254/", "https://[fd00::1]/"] {
            assert!(matches!(check(private), Err(Fault::Private(_))), "{private}");
        }
        assert!(access.may_ask("https://example.com/a.tgz") && access.may_ask("http://localhost:5000/a"));
        for address in [
            "http://example.com/a",
            "https://example.com/a?token=x",
            "https://user:password@example.com/a",
            "https://10.0.0.1/a",
            "ftp://example.com/a",
            "https://example.com/a b",
        ] {
            assert!(!access.may_ask(address), "{address}");
        }
        assert!(access.is_named("registry.example:8443") && access.is_named("registry.example"));
        assert!(!access.is_named("registry.example.org"));
    }

    #[test]
    fn a_mirror_stands_for_a_registry() {
        let mirrors = BTreeMap::from([("docker.io".to_owned(), "mirror.example/hub".to_owned())]);
        let access = Access { mirrors, ..Access::default() };
        let of = |access: &Access, registry: &str| {
            let (url, prefix) = access.endpoint(registry);
            (url.text(), prefix)
        };
        assert_eq!(of(&access, "docker.io"), ("https://mirror.example/".to_owned(), "hub/".to_owned()));
        assert_eq!(of(&access, "ghcr.io"), ("https://ghcr.io/".to_owned(), String::new()));
        let plain = Access::default();
        assert_eq!(of(&plain, "docker.io"), ("https://registry-1.docker.io/".to_owned(), String::new()));
    }
}
