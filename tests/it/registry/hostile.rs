//! Registries that mean no good: what they make dlint do is bounded, and said.

use dlint::internals::registry::Fault;
use serde_json::json;

use super::image::{Published, archive, digest, gzip};
use super::server::{Reply, Server};
use super::{access, find, layers};

fn fault(servers: &[&Server]) -> Fault {
    layers(servers, 1 << 20).unwrap_err()
}

fn published() -> Published {
    Published::of(&[gzip(&archive(&[100]))])
}

#[test]
fn what_nobody_named_is_not_connected_to() {
    let server = Server::start(published().served());
    let name = format!("{}/app:1", server.host());
    let mut access = access(&[]);
    // With TLS, and on a port that has none.
    assert_eq!(find(&access, &name, None).map(|_| ()).unwrap_err(), Fault::Private(server.host()));
    access.private = vec!["127.0.0.1:1".to_owned()];
    assert_eq!(find(&access, &name, None).map(|_| ()).unwrap_err(), Fault::Private(server.host()));
    assert!(server.seen().is_empty());
}

#[test]
fn a_redirect_to_what_nobody_named_is_not_followed() {
    let inner = Server::start(|_| Reply::of("secret"));
    let at = inner.host();
    for scheme in ["http", "https"] {
        let at = at.clone();
        let server = Server::start(move |_| Reply::to(format!("{scheme}://{at}/latest/meta-data")));
        let told = fault(&[&server]);
        let wanted = [Fault::Plain(inner.host()), Fault::Private(inner.host())];
        assert!(wanted.contains(&told), "{told:?}");
    }
    assert!(inner.seen().is_empty());
    for to in ["ftp://example.com/", "http://", "http://a b/", "javascript:x", ""] {
        let server = Server::start(move |_| Reply::to(to));
        let told = fault(&[&server]);
        assert!(matches!(told, Fault::BadRedirect | Fault::NotFound | Fault::Redirects), "{to}: {told:?}");
    }
    assert_eq!(fault(&[&Server::start(|_| Reply::status(302))]), Fault::BadRedirect);
}

#[test]
fn redirects_in_a_circle_come_to_an_end() {
    let server = Server::start(|asked| Reply::to(format!("{}x", asked.path)));
    assert_eq!(fault(&[&server]), Fault::Redirects);
    assert_eq!(server.seen().len(), 6);
}

#[test]
fn endless_answers_are_cut_off() {
    let endless = || Reply { endless: true, ..Reply::of("{") };
    let server = Server::start(move |_| endless());
    assert_eq!(fault(&[&server]), Fault::Limit("a manifest of more than 4 MiB"));
    let published = published();
    let server = Server::start(move |asked| match asked.path.contains("/blobs/") {
        true => endless(),
        false => published.answer(asked),
    });
    assert_eq!(fault(&[&server]), Fault::Limit("a config of more than 8 MiB"));
    let server = Server::start(|_| Reply::of("{}").with("X-Long", "x".repeat(200 << 10)));
    assert_eq!(fault(&[&server]), Fault::Limit("more than 64 KiB of headers"));
}

#[test]
fn layers_that_are_longer_or_shorter_than_said_are_refused() {
    let layer = gzip(&archive(&[5_000]));
    let name = digest(&layer);
    let with = |change: fn(&mut Reply)| {
        let (published, name) = (Published::of(std::slice::from_ref(&layer)), name.clone());
        Server::start(move |asked| {
            let mut reply = published.answer(asked);
            if asked.path.ends_with(&name) {
                change(&mut reply);
            }
            reply
        })
    };
    assert_eq!(
        fault(&[&with(|reply| reply.endless = true)]),
        Fault::Limit("a layer is longer than its manifest says")
    );
    let short = fault(&[&with(|reply| reply.body.truncate(900))]);
    assert!(matches!(short, Fault::Answer(_) | Fault::Digest), "{short:?}");
    let cut = fault(&[&with(|reply| reply.says = Some(1 << 40))]);
    assert!(
        matches!(cut, Fault::Unreachable(_) | Fault::Answer(_) | Fault::Limit(_) | Fault::Digest),
        "{cut:?}"
    );
    let other = fault(&[&with(|reply| *reply = Reply::of(gzip(&archive(&[5]))))]);
    assert_eq!(other, Fault::Digest);
}

#[test]
fn digests_that_do_not_fit_are_refused() {
    // The config.
    let mut wrong = published();
    wrong.blobs.values_mut().for_each(|blob| blob.push(b' '));
    assert_eq!(fault(&[&Server::start(wrong.served())]), Fault::Digest);
    // The manifest of a tag, by what the registry says of it.
    let right = published();
    let server = Server::start(move |asked| {
        let mut reply = right.answer(asked);
        reply.headers.retain(|(name, _)| *name != "Docker-Content-Digest");
        reply.with("Docker-Content-Digest", digest(b"other"))
    });
    assert_eq!(fault(&[&server]), Fault::Digest);
    // What an index names.
    let mut two = Published::of_two(&[gzip(&archive(&[1]))], &[gzip(&archive(&[2]))]);
    for (name, (text, _)) in &mut two.manifests {
        if name.starts_with("sha256:") {
            text.push(b' ');
        }
    }
    let server = Server::start(two.served());
    let told = find(&access(&[&server]), &format!("{}/app:1", server.host()), Some("linux/amd64"));
    assert_eq!(told.map(|_| ()).unwrap_err(), Fault::Digest);
}

#[test]
fn images_of_endless_layers_and_indexes_in_indexes_are_refused() {
    let of = |text: String| {
        let mut published = Published::default();
        published.tag("1", text.into_bytes(), "application/vnd.oci.image.manifest.v1+json");
        Server::start(published.served())
    };
    let layer = json!({"digest": digest(b"x"), "size": 1});
    let many = json!({"config": layer, "layers": vec![layer.clone(); 10_000]});
    assert_eq!(fault(&[&of(many.to_string())]), Fault::Limit("an image of more than 500 layers"));
    let many = json!({"manifests": vec![layer.clone(); 1_001]});
    assert_eq!(fault(&[&of(many.to_string())]), Fault::Limit("an index of more than 1,000 images"));
    for (name, text) in [
        ("a path", json!({"config": layer, "layers": [{"digest": "sha256:../../../etc/passwd", "size": 1}]})),
        ("another digest", json!({"config": {"digest": "md5:00", "size": 1}, "layers": []})),
        ("another form", json!({"schemaVersion": 1, "fsLayers": []})),
        ("a number", json!(7)),
        ("a size below zero", json!({"config": {"digest": digest(b"x"), "size": -1}, "layers": []})),
    ] {
        let told = fault(&[&of(text.to_string())]);
        assert!(matches!(told, Fault::Answer(_)), "{name}: {told:?}");
    }
    let deep = format!("{}1", "[".repeat(100_000));
    assert_eq!(fault(&[&of(deep)]), Fault::Answer("the manifest is of an unknown type"));
    // An index that names an index that names an index.
    let mut nested = Published::default();
    let mut text = json!({"manifests": []}).to_string();
    for _ in 0..5 {
        let own = digest(text.as_bytes());
        nested.tag(&own, text.clone().into_bytes(), "application/vnd.oci.image.index.v1+json");
        text = json!({"manifests": [{"digest": own, "size": text.len()}]}).to_string();
    }
    nested.tag("1", text.into_bytes(), "application/vnd.oci.image.index.v1+json");
    assert_eq!(fault(&[&Server::start(nested.served())]), Fault::Limit("an index in an index in an index"));
}

#[test]
fn a_trailer_that_lies_is_not_believed() {
    let mut layer = gzip(&archive(&[70_000]));
    let end = layer.len() - 4;
    for told in [[1, 0, 0, 0], [0xff; 4]] {
        layer[end..].copy_from_slice(&told);
        let server = Server::start(Published::of(std::slice::from_ref(&layer)).served());
        // It is read then, and is no archive that is whole.
        let answer = layers(&[&server], 0);
        assert!(matches!(answer, Err(Fault::Answer(_))), "{answer:?}");
    }
}

#[test]
fn what_a_status_means_is_said() {
    for (status, wanted) in [
        (401, Fault::Denied),
        (403, Fault::Denied),
        (404, Fault::NotFound),
        (429, Fault::TooMany),
        (500, Fault::Status(500)),
    ] {
        assert_eq!(fault(&[&Server::start(move |_| Reply::status(status))]), wanted);
    }
}
