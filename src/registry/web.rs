//! Requests to web servers, redirects followed, each bounded in time and bytes.

use std::io::{self, Read};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::http::{HeaderMap, Method, Request, Response};
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};

use super::access::Access;
use super::budget::Budget;
use super::error::Fault;
use super::guard::{Guard, PRIVATE};
use super::roots::roots;
use super::secret::Secret;
use super::url::Url;

/// More hops than that has no answer.
const MAX_REDIRECTS: usize = 5;
/// How long the parts of a request may take.
const CONNECT: Duration = Duration::from_secs(15);
/// How long an answer may take that is read at once.
pub(super) const SHORT: Duration = Duration::from_secs(30);
/// How long one may take that is a layer.
pub(super) const LONG: Duration = Duration::from_mins(10);
/// Headers are no longer.
const MAX_HEADERS: usize = 64 << 10;
/// How dlint calls itself.
const AGENT: &str = concat!("dlint/", env!("CARGO_PKG_VERSION"));

/// A client of web servers. Nothing of TLS is made before the first request.
#[derive(Debug)]
pub(super) struct Web {
    pub(super) access: Arc<Access>,
    pub(super) budget: Arc<Budget>,
    agents: OnceLock<Result<Agents, Fault>>,
}

#[derive(Debug)]
struct Agents {
    proxied: Agent,
    /// For hosts that are named as plain.
    direct: Agent,
}

/// What is asked.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) url: Url,
    /// Without a body of the answer.
    pub(super) head: bool,
    pub(super) accept: &'a str,
    /// The first and the last byte.
    pub(super) range: Option<(u64, u64)>,
    pub(super) authorization: Option<Secret>,
    /// A form that is sent.
    pub(super) form: Option<Secret>,
    pub(super) time: Duration,
}

impl Ask<'_> {
    pub(super) const fn of(url: Url) -> Self {
        Self { url, head: false, accept: "*/*", range: None, authorization: None, form: None, time: SHORT }
    }
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Where it came from in the end.
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    body: Body,
    budget: Arc<Budget>,
}

impl Web {
    pub(super) fn new(access: Access) -> Self {
        Self { access: Arc::new(access), budget: Arc::new(Budget::new()), agents: OnceLock::new() }
    }

    fn agents(&self) -> Result<&Agents, Fault> {
        let agents = self.agents.get_or_init(|| {
            let tls = TlsConfig::builder().root_certs(roots()?).build();
            let agent = |proxy: Option<Proxy>| {
                let guard = Guard {
                    access: Arc::clone(&self.access),
                    proxy: proxy.as_ref().map(authority_of),
                    inner: DefaultResolver::default(),
                };
                let config = Agent::config_builder()
                    .http_status_as_error(false)
                    .max_redirects(0)
                    .max_redirects_will_error(false)
                    .user_agent(AGENT)
                    .proxy(proxy)
                    .tls_config(tls.clone())
                    .timeout_resolve(Some(CONNECT))
                    .timeout_connect(Some(CONNECT))
                    .max_response_header_size(MAX_HEADERS)
                    .max_idle_connections_per_host(4)
                    .build();
                Agent::with_parts(config, DefaultConnector::new(), guard)
            };
            Ok(Agents { proxied: agent(Proxy::try_from_env()), direct: agent(None) })
        });
        agents.as_ref().map_err(Clone::clone)
    }

    /// Asks, and follows redirects. The login stays with the host that it is of.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let mut url = ask.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.access.check(&url)?;
            let is_home = url.authority == ask.url.authority && url.is_plain == ask.url.is_plain;
            let response = self.send(ask, &url, is_home)?;
            let status = response.status().as_u16();
            let (parts, body) = response.into_parts();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) || ask.form.is_some() {
                let budget = Arc::clone(&self.budget);
                return Ok(Answer { status, url, headers: parts.headers, body, budget });
            }
            let location = parts.headers.get("location").and_then(|value| value.to_str().ok());
            url = url.join(location.ok_or(Fault::BadRedirect)?)?;
        }
        Err(Fault::Redirects)
    }

    fn send(&self, ask: &Ask<'_>, url: &Url, is_home: bool) -> Result<Response<Body>, Fault> {
        let time = self.budget.request(ask.time)?;
        let method = match (&ask.form, ask.head) {
            (Some(_), _) => Method::POST,
            (None, true) => Method::HEAD,
            (None, false) => Method::GET,
        };
        let mut request = Request::builder().method(method).uri(url.text()).header("Accept", ask.accept);
        if let Some((first, last)) = ask.range {
            request = request.header("Range", format!("bytes={first}-{last}"));
        }
        if let Some(Secret(login)) = ask.authorization.as_ref().filter(|_| is_home) {
            request = request.header("Authorization", login);
        }
        if ask.form.is_some() {
            request = request.header("Content-Type", "application/x-www-form-urlencoded");
        }
        let agents = self.agents()?;
        let agent = if url.is_plain { &agents.direct } else { &agents.proxied };
        // What cannot be written into a request is an address or a login that is none.
        let bad = |_| Fault::Answer("the request cannot be written: check the name and the login");
        let sent = match &ask.form {
            Some(Secret(form)) => {
                let request = request.body(form.as_str()).map_err(bad)?;
                agent.run(agent.configure_request(request).timeout_global(Some(time)).build())
            }
            None => {
                let request = request.body(()).map_err(bad)?;
                agent.run(agent.configure_request(request).timeout_global(Some(time)).build())
            }
        };
        sent.map_err(|error| fault(&error, url))
    }
}

/// The host and port of a proxy, as it is looked up.
fn authority_of(proxy: &Proxy) -> String {
    let uri = proxy.uri().authority().map_or("", |authority| authority.as_str());
    uri.rsplit('@').next().unwrap_or("").to_ascii_lowercase()
}

/// What an error means; nothing of the address but its host is told.
fn fault(error: &ureq::Error, url: &Url) -> Fault {
    match error {
        ureq::Error::Timeout(_) => Fault::Slow,
        ureq::Error::HostNotFound => Fault::Unreachable("there is no such host".to_owned()),
        ureq::Error::Io(error) => io_fault(error, url),
        ureq::Error::Rustls(error) => Fault::Tls(error.to_string()),
        ureq::Error::Tls(why) => Fault::Tls((*why).to_owned()),
        ureq::Error::ConnectionFailed => Fault::Unreachable("it refuses connections".to_owned()),
        ureq::Error::ConnectProxyFailed(_) => {
            Fault::Unreachable("the proxy does not connect to it".to_owned())
        }
        ureq::Error::LargeResponseHeader(..) => Fault::Limit("more than 64 KiB of headers"),
        _ => Fault::Answer("it does not answer as a web server does"),
    }
}

fn io_fault(error: &io::Error, url: &Url) -> Fault {
    let is_inner = |text: &str| error.get_ref().is_some_and(|inner| inner.to_string() == text);
    match error.kind() {
        io::ErrorKind::PermissionDenied if is_inner(PRIVATE) => Fault::Private(url.authority.clone()),
        io::ErrorKind::TimedOut => Fault::Slow,
        io::ErrorKind::ConnectionRefused => Fault::Unreachable("it refuses connections".to_owned()),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            Fault::Unreachable("it ends the connection".to_owned())
        }
        io::ErrorKind::InvalidData if !url.is_plain => Fault::Tls(error.to_string()),
        _ => Fault::Unreachable(error.to_string()),
    }
}

impl Answer {
    /// The whole answer, which must not be longer than `most`; what is said if it is.
    pub(super) fn bytes(self, most: u64, what: &'static str) -> Result<Vec<u8>, Fault> {
        let url = self.url.clone();
        let mut bytes = Vec::new();
        self.reader(most).read_to_end(&mut bytes).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => Fault::Limit(what),
            _ => io_fault(&error, &url),
        })?;
        Ok(bytes)
    }

    /// The answer as it comes; more than `most` bytes are an error of kind `FileTooLarge`.
    pub(super) fn reader(self, most: u64) -> impl Read + Send + 'static {
        let inner = self.body.into_with_config().limit(u64::MAX).reader();
        Bounded { inner, left: most, budget: self.budget }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

struct Bounded<R> {
    inner: R,
    left: u64,
    budget: Arc<Budget>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        let amount = read as u64;
        let is_within = amount <= self.left && self.budget.read(amount).is_ok();
        if !is_within {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the answer is too long"));
        }
        self.left -= amount;
        Ok(read)
    }
}
