//! Logging in: nothing, a password, or a token of the service that the registry names.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

use super::challenge::{Challenge, challenges};
use super::credentials::Logins;
use super::error::Fault;
use super::secret::{Login, Secret};
use super::url::{Url, encoded};
use super::web::{Answer, Ask, Web};

/// An answer with a token is no longer, nor is a token.
const MAX_ANSWER: u64 = 256 << 10;
const MAX_TOKEN: usize = 32 << 10;

/// A repository: where it is asked, and its name there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Repository {
    pub(super) authority: String,
    pub(super) is_plain: bool,
    pub(super) path: String,
}

impl Repository {
    pub(super) fn url(&self, kind: &str, name: &str) -> Url {
        Url::new(self.is_plain, &self.authority, &format!("/v2/{}/{kind}/{name}", self.path))
    }
}

/// Asks registries, with a login where they want one.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) web: Web,
    logins: Result<Logins, Fault>,
    /// The headers that were good, by repository.
    known: Mutex<HashMap<Repository, Secret>>,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
}

impl Session {
    pub(super) fn new(web: Web, logins: Result<Logins, Fault>) -> Self {
        Self { web, logins, known: Mutex::default() }
    }

    /// Asks, and once more with a login if the registry wants one.
    pub(super) fn ask(&self, repository: &Repository, mut ask: Ask<'_>) -> Result<Answer, Fault> {
        ask.authorization = self.known().get(repository).cloned();
        let mut answer = self.web.ask(&ask)?;
        if answer.status == 401 {
            // Only the registry itself may ask for its login, not whom it redirects to.
            if answer.url.authority != repository.authority {
                return Err(Fault::Denied);
            }
            let login = self.login(repository, &answer)?;
            self.known().insert(repository.clone(), login.clone());
            ask.authorization = Some(login);
            answer = self.web.ask(&ask)?;
        }
        match answer.status {
            200 | 206 => Ok(answer),
            401 | 403 => Err(Fault::Denied),
            404 => Err(Fault::NotFound),
            429 => Err(Fault::TooMany),
            status => Err(Fault::Status(status)),
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<Repository, Secret>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The header that the registry wants.
    fn login(&self, repository: &Repository, answer: &Answer) -> Result<Secret, Fault> {
        let headers = answer.headers.get_all("www-authenticate");
        let wanted = challenges(headers.iter().filter_map(|value| value.to_str().ok()));
        let login =
            self.logins.as_ref().map_err(Clone::clone)?.of(&repository.authority, &repository.path)?;
        match wanted.first() {
            Some(Challenge::Bearer { realm, service }) => {
                self.token(repository, realm, service.as_deref(), login.as_ref())
            }
            Some(Challenge::Basic) => login.and_then(|login| login.basic()).ok_or(Fault::Denied),
            None => Err(Fault::Denied),
        }
    }

    /// A token of the service, good for reading this repository.
    fn token(
        &self,
        repository: &Repository,
        realm: &str,
        service: Option<&str>,
        login: Option<&Login>,
    ) -> Result<Secret, Fault> {
        let bad = Fault::Answer("the registry names no address of a token service");
        let mut url = Url::parse(realm).ok_or(bad)?;
        // A registry with TLS does not get the login onto an open wire.
        if url.is_plain && !repository.is_plain {
            return Err(Fault::Plain(url.authority));
        }
        let scope = format!("repository:{}:pull", repository.path);
        let mut query = format!("scope={}", encoded(&scope));
        if let Some(service) = service {
            query.push_str(&format!("&service={}", encoded(service)));
        }
        let mut ask = match login {
            Some(Login::Identity(Secret(token))) => {
                let form = format!(
                    "grant_type=refresh_token&client_id=dlint&refresh_token={}&{query}",
                    encoded(token)
                );
                Ask { form: Some(Secret(form)), ..Ask::of(url) }
            }
            _ => {
                let separator = if url.path.contains('?') { '&' } else { '?' };
                url.path.push_str(&format!("{separator}{query}"));
                Ask { authorization: login.and_then(Login::basic), ..Ask::of(url) }
            }
        };
        ask.accept = "application/json";
        let answer = self.web.ask(&ask)?;
        match answer.status {
            200 => {}
            401 | 403 => return Err(Fault::Denied),
            429 => return Err(Fault::TooMany),
            status => return Err(Fault::Status(status)),
        }
        let bytes = answer.bytes(MAX_ANSWER, "a token of more than 256 KiB")?;
        let bad = || Fault::Answer("the token service gives no token");
        let token: Token = serde_json::from_slice(&bytes).map_err(|_| bad())?;
        let token = token.token.filter(|token| !token.is_empty()).or(token.access_token).ok_or_else(bad)?;
        let is_token = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        match is_token && token.len() <= MAX_TOKEN {
            true => Ok(Secret(format!("Bearer {token}"))),
            false => Err(bad()),
        }
    }
}
