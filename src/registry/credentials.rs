//! The logins of docker's `config.json`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::error::Fault;
use super::helper;
use super::secret::{Login, Secret};

/// A file of logins is no larger.
const MAX_BYTES: u64 = 4 << 20;
/// What logins at Docker Hub are kept under.
const HUB: &str = "https://index.docker.io/v1/";

/// The logins that the user has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logins {
    #[serde(default)]
    auths: BTreeMap<String, Auth>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
    #[serde(default)]
    creds_store: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Auth {
    #[serde(default)]
    auth: Option<Secret>,
    #[serde(default)]
    identitytoken: Option<Secret>,
}

impl Logins {
    /// Reads the file that was named, else docker's, else podman's; none of these is no fault.
    pub(super) fn read(named: Option<&Path>) -> Result<Self, Fault> {
        let path = match named {
            Some(path) => path.to_path_buf(),
            None => match usual().into_iter().find(|path| path.is_file()) {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        let fault = |why: &str| Fault::Config(why.to_owned());
        let mut text = Vec::new();
        let file = File::open(path).map_err(|_| fault("cannot be opened"))?;
        file.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(|_| fault("cannot be read"))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(fault("is larger than 4 MiB"));
        }
        // What the parser says may quote the file.
        serde_json::from_slice(&text).map_err(|_| fault("is not like docker's config.json"))
    }

    /// The hosts that the user has logged in at, as they are written.
    pub(super) fn hosts(&self) -> impl Iterator<Item = String> {
        let with_login = self.auths.keys().chain(self.cred_helpers.keys());
        with_login.map(|key| key_of(key).split('/').next().unwrap_or("").to_owned())
    }

    /// The login for a repository of a registry; a helper is run only for the registry that is meant. `host` is the
    /// registry as it is asked.
    pub(super) fn of(&self, host: &str, path: &str) -> Result<Option<Login>, Fault> {
        let is_hub = matches!(host, "registry-1.docker.io" | "docker.io" | "index.docker.io");
        let hosts: &[&str] =
            if is_hub { &["index.docker.io", "docker.io", "registry-1.docker.io"] } else { &[host] };
        for host in hosts {
            let helper = self.cred_helpers.iter().find(|(key, _)| key_of(key) == *host);
            if let Some((key, name)) = helper {
                return helper::ask(name, key);
            }
        }
        for host in hosts {
            if let Some(login) = self.kept(host, path)? {
                return Ok(Some(login));
            }
        }
        match &self.creds_store {
            Some(name) => helper::ask(name, if is_hub { HUB } else { host }),
            None => Ok(None),
        }
    }

    /// What the file itself has, for the longest part of the path that it names.
    fn kept(&self, host: &str, path: &str) -> Result<Option<Login>, Fault> {
        let whole = format!("{host}/{path}");
        let mut found: Option<(usize, &Auth)> = None;
        for (key, auth) in &self.auths {
            let key = key_of(key);
            let is_above = whole.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
            if is_above && found.is_none_or(|(length, _)| key.len() > length) {
                found = Some((key.len(), auth));
            }
        }
        let Some((_, auth)) = found else { return Ok(None) };
        if let Some(token) = auth.identitytoken.clone().filter(|token| !token.0.is_empty()) {
            return Ok(Some(Login::Identity(token)));
        }
        let Some(Secret(encoded)) = auth.auth.as_ref().filter(|auth| !auth.0.is_empty()) else {
            return Ok(None);
        };
        let fault = || Fault::Config("has a login that is not one".to_owned());
        let text = BASE64_STANDARD.decode(encoded.trim()).map_err(|_| fault())?;
        let text = String::from_utf8(text).map_err(|_| fault())?;
        let (user, secret) = text.split_once(':').ok_or_else(fault)?;
        let secret = Secret(secret.trim_end_matches('\0').to_owned());
        Ok(Some(Login::Password { user: user.to_owned(), secret }))
    }
}

/// A key without scheme, and without the version that docker writes for old registries.
fn key_of(key: &str) -> &str {
    let key = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let key = key.trim_end_matches('/');
    key.strip_suffix("/v1").or_else(|| key.strip_suffix("/v2")).unwrap_or(key)
}

/// Where docker and podman keep their logins.
fn usual() -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder("HOME").or_else(|| folder("USERPROFILE"));
    [
        folder("REGISTRY_AUTH_FILE"),
        folder("DOCKER_CONFIG").or_else(|| Some(home?.join(".docker"))).map(|at| at.join("config.json")),
        folder("XDG_RUNTIME_DIR").map(|at| at.join("containers/auth.json")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(text: &str) -> Logins {
        serde_json::from_str(text).unwrap()
    }

    fn user(logins: &Logins, host: &str, path: &str) -> Option<String> {
        match logins.of(host, path).unwrap()? {
            Login::Password { user, .. } => Some(user),
            Login::Identity(_) => Some("<token>".to_owned()),
        }
    }

    #[test]
    fn a_login_is_for_its_host_alone() {
        // hub:a, own:b, team:c
        let logins = logins(
            r#"{"auths": {"https://index.docker.io/v1/": {"auth": "aHViOmE="}, "own.example:5000": {"auth": "b3duOmI="},
                "own.example:5000/team": {"auth": "dGVhbTpj"}, "id.example": {"identitytoken": "t"}, "empty.example": {}}}"#,
        );
        assert_eq!(user(&logins, "registry-1.docker.io", "library/node").as_deref(), Some("hub"));
        assert_eq!(user(&logins, "own.example:5000", "app").as_deref(), Some("own"));
        assert_eq!(user(&logins, "own.example:5000", "team/app").as_deref(), Some("team"));
        assert_eq!(user(&logins, "own.example:5000", "teams/app").as_deref(), Some("own"));
        assert_eq!(user(&logins, "id.example", "app").as_deref(), Some("<token>"));
        for other in ["own.example", "own.example:5001", "x.own.example:5000", "empty.example", "example"] {
            assert_eq!(user(&logins, other, "app"), None, "{other}");
        }
        assert!(logins.hosts().any(|host| host == "own.example:5000"));
    }

    #[test]
    fn nothing_of_a_login_is_printed() {
        let logins = logins(r#"{"auths": {"own.example": {"auth": "b3duOnNlY3JldHdvcmQ="}}}"#);
        let login = logins.of("own.example", "app").unwrap().unwrap();
        assert_eq!(login.basic(), Some(Secret("Basic b3duOnNlY3JldHdvcmQ=".to_owned())));
        let shown = format!("{logins:?} {login:?} {:?}", login.basic());
        assert!(!shown.contains("secretword") && !shown.contains("b3du"), "{shown}");
    }

    #[test]
    fn what_is_no_login_is_said_without_its_text() {
        for bad in ["!!!", "b3du"] {
            let logins = logins(&format!(r#"{{"auths": {{"own.example": {{"auth": "{bad}"}}}}}}"#));
            let said = logins.of("own.example", "app").unwrap_err().to_string();
            assert_eq!(said, "the file with the logins has a login that is not one");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, r#"{"auths": "secretword"}"#).unwrap();
        let said = Logins::read(Some(&path)).unwrap_err().to_string();
        assert_eq!(said, "the file with the logins is not like docker's config.json");
    }

    #[test]
    fn a_helper_has_the_name_of_a_program() {
        for name in ["../x", "a/b", "", "a b", "-x;y"] {
            let logins = Logins { creds_store: Some(name.to_owned()), ..Logins::default() };
            assert!(matches!(logins.of("own.example", "app"), Err(Fault::Helper(..))), "{name}");
        }
    }
}
