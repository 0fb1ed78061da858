//! Logins: who gets them, and who does not.

use std::fs;

use dlint::internals::registry::{Access, Fault};

use super::image::{Published, archive, gzip, part};
use super::server::{Asked, Reply, Server};
use super::{access, find};

// user:secretword
const BASIC: &str = "Basic dXNlcjpzZWNyZXR3b3Jk";

fn published() -> Published {
    Published::of(&[gzip(&archive(&[100]))])
}

/// The access with a login at a host.
fn with_login(access: Access, host: &str, folder: &tempfile::TempDir) -> Access {
    let path = folder.path().join("config.json");
    fs::write(&path, format!(r#"{{"auths": {{"{host}": {{"auth": "dXNlcjpzZWNyZXR3b3Jk"}}}}}}"#)).unwrap();
    Access { config: Some(path), ..access }
}

fn count(access: &Access, server: &Server) -> Result<u64, Fault> {
    let (client, found) = find(access, &format!("{}/app:1", server.host()), None)?;
    client.unpacked(&found, 1 << 20).map(|layers| layers[0].bytes).map_err(|error| error.fault)
}

#[test]
fn a_password_goes_to_the_registry_that_asks_for_it() {
    let published = published();
    let server = Server::start(move |asked| match asked.header("authorization") {
        BASIC => published.answer(asked),
        _ => Reply::status(401).with("WWW-Authenticate", "Basic realm=\"x\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let ours = with_login(access(&[&server]), &server.host(), &folder);
    assert_eq!(count(&ours, &server), Ok(100));
    // Not before it asks.
    assert_eq!(server.seen()[0].header("authorization"), "");
    let others = with_login(access(&[&server]), "other.example", &folder);
    assert_eq!(count(&others, &server), Err(Fault::Denied));
}

/// A registry that wants a token of a service, and has its blobs elsewhere; tokens are `good` if the service sees a login.
fn three() -> (Server, Server, Server) {
    let published = published();
    let blobs = published.blobs.clone();
    let store = Server::start(move |asked| part(&blobs[asked.path.rsplit('/').next().unwrap()], asked));
    let service = Server::start(|asked| {
        let is_known = asked.header("authorization") == BASIC;
        Reply::of(format!(r#"{{"access_token": "{}"}}"#, if is_known { "good" } else { "poor" }))
    });
    let (realm, elsewhere) = (service.host(), store.host());
    let registry = Server::start(move |asked| {
        match asked.header("authorization") {
        "Bearer good" => match asked.path.split_once("/blobs/") {
            Some((_, digest)) => Reply::to(format!("http://{elsewhere}/{digest}")),
            None => published.answer(asked),
        },
        "Bearer poor" => Reply::status(403),
        _ => Reply::status(401).with(
            "WWW-Authenticate",
            format!(r#"Bearer realm="http://{realm}/token?x=y",service="a registry",scope="repository:app:pull,push""#),
        ),
    }
    });
    (registry, service, store)
}

#[test]
fn a_token_comes_from_the_service_that_the_registry_names() {
    let (registry, service, store) = three();
    let folder = tempfile::tempdir().unwrap();
    let access = with_login(access(&[&registry, &service, &store]), &registry.host(), &folder);
    assert_eq!(count(&access, &registry), Ok(100));
    // One token for all requests, and only the right to read is asked for.
    assert_eq!(service.log(), ["GET /token?x=y&scope=repository%3Aapp%3Apull&service=a%20registry"]);
    let sees_login = |asked: &Asked| asked.headers.contains_key("authorization");
    assert!(!store.seen().is_empty() && !store.seen().iter().any(sees_login));
    // The registry never sees the password, only the token.
    assert!(registry.seen().iter().all(|asked| asked.header("authorization") != BASIC));
}

#[test]
fn without_a_login_a_token_is_asked_for_all_the_same() {
    let (registry, service, store) = three();
    assert_eq!(count(&access(&[&registry, &service, &store]), &registry), Err(Fault::Denied));
    assert_eq!(service.seen()[0].header("authorization"), "");
}

#[test]
fn an_identity_token_is_sent_as_a_form() {
    let published = published();
    let service =
        Server::start(|asked| match (&*asked.method, asked.body.contains("refresh_token=abc%3D")) {
            ("POST", true) => Reply::of(r#"{"token": "", "access_token": "good"}"#),
            _ => Reply::status(401),
        });
    let realm = service.host();
    let registry = Server::start(move |asked| match asked.header("authorization") {
        "Bearer good" => published.answer(asked),
        _ => Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"http://{realm}/t\"")),
    });
    let folder = tempfile::tempdir().unwrap();
    let mut access = access(&[&registry, &service]);
    let path = folder.path().join("config.json");
    fs::write(&path, format!(r#"{{"auths": {{"{}": {{"identitytoken": "abc="}}}}}}"#, registry.host()))
        .unwrap();
    access.config = Some(path);
    assert_eq!(count(&access, &registry), Ok(100));
}

#[test]
fn whom_a_registry_redirects_to_gets_no_login() {
    let thief = Server::start(|_| Reply::status(401).with("WWW-Authenticate", "Basic realm=\"x\""));
    let at = thief.host();
    let registry = Server::start(move |_| Reply::to(format!("http://{at}/v2/app/manifests/1")));
    let folder = tempfile::tempdir().unwrap();
    let access = with_login(access(&[&registry, &thief]), &registry.host(), &folder);
    assert_eq!(count(&access, &registry), Err(Fault::Denied));
    assert_eq!(thief.seen().len(), 1);
    assert!(thief.seen().iter().all(|asked| !asked.headers.contains_key("authorization")));
}

#[test]
fn tokens_that_are_none_are_refused() {
    for answer in ["", "[]", "{}", r#"{"token": "a\r\nX: y"}"#, r#"{"token": 7}"#] {
        let service = Server::start(move |_| Reply::of(answer));
        let realm = service.host();
        let registry = Server::start(move |_| {
            Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"http://{realm}/t\""))
        });
        let told = count(&access(&[&registry, &service]), &registry);
        assert_eq!(told, Err(Fault::Answer("the token service gives no token")), "{answer}");
    }
    for realm in ["file:///etc/passwd", "https://user:word@example.com/", "nowhere", ""] {
        let registry = Server::start(move |_| {
            Reply::status(401).with("WWW-Authenticate", format!("Bearer realm=\"{realm}\""))
        });
        let told = count(&access(&[&registry]), &registry);
        assert_eq!(told, Err(Fault::Answer("the registry names no address of a token service")), "{realm}");
    }
}
