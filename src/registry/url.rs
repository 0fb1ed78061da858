//! Addresses of the web, as far as registries use them.

use ureq::http::Uri;

use super::error::Fault;

/// An address is no longer than that.
const MAX_URL: usize = 8 << 10;

/// An address with a scheme and a host, and without a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) is_plain: bool,
    /// `example.com`, `example.com:5000`; lower case, without the port of the scheme.
    pub(super) authority: String,
    /// From the first `/`, with the query.
    pub(super) path: String,
}

impl Url {
    pub(super) fn new(is_plain: bool, authority: &str, path: &str) -> Self {
        Self { is_plain, authority: authority.to_ascii_lowercase(), path: path.to_owned() }
    }

    /// Reads a whole address; `None` if it is none, or of another kind.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_URL || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let is_plain = match uri.scheme_str()? {
            "https" => false,
            "http" => true,
            _ => return None,
        };
        let authority = uri.authority()?.as_str();
        if authority.contains('@') || uri.host().is_none_or(str::is_empty) {
            return None;
        }
        let default = if is_plain { ":80" } else { ":443" };
        let authority = authority.strip_suffix(default).unwrap_or(authority).to_ascii_lowercase();
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Some(Self { is_plain, authority, path: path.to_owned() })
    }

    /// Where a redirect leads to from here.
    pub(super) fn join(&self, location: &str) -> Result<Self, Fault> {
        let scheme = if self.is_plain { "http" } else { "https" };
        let is_whole = location.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let text = if is_whole {
            location.to_owned()
        } else if location.starts_with("//") {
            format!("{scheme}:{location}")
        } else if location.starts_with('/') {
            format!("{scheme}://{}{location}", self.authority)
        } else {
            let path = self.path.split('?').next().unwrap_or("/");
            let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
            format!("{scheme}://{}{folder}{location}", self.authority)
        };
        // A fragment is for readers of pages.
        let text = text.split('#').next().unwrap_or("");
        Self::parse(text).ok_or(Fault::BadRedirect)
    }

    /// The host without its port; an address of version 6 without its brackets.
    pub(super) fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// All of it, as it is asked for. It may hold what nobody else must see.
    pub(super) fn text(&self) -> String {
        let scheme = if self.is_plain { "http" } else { "https" };
        format!("{scheme}://{}{}", self.authority, self.path)
    }
}

/// The host of `host:port`; an address of version 6 without its brackets.
pub(super) fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    }
}

/// A text as a part of a query.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_from_where_they_are() {
        let here = Url::parse("https://example.com/v2/a/blobs/x?y=1").unwrap();
        let to = |location: &str| here.join(location).map(|url| url.text());
        assert_eq!(to("https://CDN.example.com:443/b?c=d#e"), Ok("https://cdn.example.com/b?c=d".to_owned()));
        assert_eq!(to("/b"), Ok("https://example.com/b".to_owned()));
        assert_eq!(to("//other.example/b"), Ok("https://other.example/b".to_owned()));
        assert_eq!(to("b?c"), Ok("https://example.com/v2/a/blobs/b?c".to_owned()));
        assert_eq!(to("http://127.0.0.1:1/b"), Ok("http://127.0.0.1:1/b".to_owned()));
        for bad in [
            "ftp://example.com/x",
            "file:///etc/passwd",
            "https://user:word@example.com/",
            "https:///x",
            "https://exa mple.com/",
            "/a\r\nb",
            "https://[::1",
        ] {
            assert_eq!(to(bad), Err(Fault::BadRedirect), "{bad}");
        }
    }

    #[test]
    fn a_host_has_no_port() {
        for (authority, host) in
            [("a.example", "a.example"), ("a.example:5000", "a.example"), ("[::1]:5000", "::1")]
        {
            assert_eq!(host_of(authority), host);
        }
        assert_eq!(encoded("a b/c:d&e=ü"), "a%20b%2Fc%3Ad%26e%3D%C3%BC");
    }
}
