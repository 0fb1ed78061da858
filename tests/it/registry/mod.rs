//! The client of registries against servers on this machine, good ones and others.

mod files;
mod hostile;
pub(crate) mod image;
mod lock;
mod login;
mod recorded;
pub(crate) mod server;

use dlint::internals::registry::{Access, Bytes, Client, Fault, Found, How};
use dlint::internals::syntax::ImageRef;

use image::{Published, archive, gzip, part};
use server::{Reply, Server};

/// What may be asked where these servers are named.
fn access(servers: &[&Server]) -> Access {
    Access {
        plain: servers.iter().map(|server| server.host()).collect(),
        // Not that of whoever runs the test.
        config: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/registry/no-logins.json").into()),
        ..Access::default()
    }
}

fn find(access: &Access, name: &str, platform: Option<&str>) -> Result<(Client, Found), Fault> {
    let client = Client::new(access.clone());
    let found = client.find(&ImageRef::parse(name).unwrap(), platform).map_err(|error| error.fault)?;
    Ok((client, found))
}

/// The layers of `app:1` on a server.
fn layers(servers: &[&Server], download: u64) -> Result<Vec<Bytes>, Fault> {
    let (client, found) = find(&access(servers), &format!("{}/app:1", servers[0].host()), None)?;
    client.unpacked(&found, download).map_err(|error| error.fault)
}

#[test]
fn small_layers_are_counted_and_of_large_ones_the_end_tells() {
    let (small, large) = (gzip(&archive(&[100, 50])), gzip(&archive(&[70_000])));
    let server = Server::start(Published::of(&[small, large]).served());
    let exact = |bytes| Bytes { bytes, range: (bytes, bytes), how: How::Counted };
    assert_eq!(layers(&[&server], 1 << 20), Ok(vec![exact(150), exact(70_000)]));
    let told = layers(&[&server], 10_000).unwrap();
    assert_eq!((told[0], told[1].how), (exact(150), How::Archive));
    assert!(told[1].range.0 <= 70_000 && 70_000 <= told[1].range.1 && told[1].range.1 < 73_000, "{told:?}");
}

#[test]
fn a_server_that_knows_no_ranges_is_read_whole() {
    let published = Published::of(&[gzip(&archive(&[70_000]))]);
    let server = Server::start(move |asked| {
        let mut asked = asked.clone();
        asked.headers.remove("range");
        published.answer(&asked)
    });
    let told = layers(&[&server], 0).unwrap();
    assert_eq!((told[0].bytes, told[0].how), (70_000, How::Counted));
    let refusing = Published::of(&[gzip(&archive(&[70_000]))]);
    let server = Server::start(move |asked| match asked.header("range") {
        "" => refusing.answer(asked),
        _ => Reply::status(416),
    });
    assert_eq!(layers(&[&server], 0).unwrap()[0].how, How::Counted);
}

#[test]
fn of_several_platforms_the_one_that_is_meant_is_found() {
    let published = Published::of_two(&[gzip(&archive(&[10]))], &[gzip(&archive(&[20]))]);
    let top = image::digest(&published.manifests["1"].0);
    let server = Server::start(published.served());
    let name = format!("{}/team/app:1", server.host());
    let bytes = |platform: &str| {
        let (client, found) = find(&access(&[&server]), &name, Some(platform)).unwrap();
        assert_eq!(found.platforms, ["linux/amd64", "linux/arm64"]);
        assert_eq!(found.digest, top);
        client.unpacked(&found, 1 << 20).unwrap()[0].bytes
    };
    assert_eq!((bytes("linux/amd64"), bytes("linux/arm64")), (10, 20));
    let both = vec!["linux/amd64".to_owned(), "linux/arm64".to_owned()];
    let fault = |platform| find(&access(&[&server]), &name, platform).map(|_| ()).unwrap_err();
    assert_eq!(fault(None), Fault::Several(both.clone()));
    assert_eq!(fault(Some("linux/s390x")), Fault::NoPlatform(both));
    // By digest, whatever the tag says now.
    let found = find(&access(&[&server]), &format!("{}/app:old@{top}", server.host()), Some("linux/amd64"));
    assert_eq!(found.unwrap().1.digest, top);
}

#[test]
fn blobs_may_be_elsewhere() {
    let published = Published::of(&[gzip(&archive(&[100]))]);
    let blobs = published.blobs.clone();
    let store = Server::start(move |asked| part(&blobs[asked.path.split(['/', '?']).nth(2).unwrap()], asked));
    let (host, at) = (store.host(), published);
    let server = Server::start(move |asked| match asked.path.split_once("/blobs/") {
        Some((_, digest)) => Reply::to(format!("http://{host}/blob/{digest}?signature=hush")),
        None => at.answer(asked),
    });
    assert_eq!(layers(&[&server, &store], 1 << 20).unwrap()[0].bytes, 100);
    assert!(store.seen().iter().all(|asked| asked.header("user-agent").starts_with("dlint/")));
}

#[test]
fn a_mirror_is_asked_instead() {
    let server = Server::start(Published::of(&[gzip(&archive(&[100]))]).served());
    let mut access = access(&[&server]);
    access.mirrors.insert("docker.io".to_owned(), format!("{}/hub", server.host()));
    let (_, found) = find(&access, "app:1", None).unwrap();
    assert_eq!(found.name, "docker.io/library/app:1");
    assert_eq!(server.log()[0], "GET /v2/hub/library/app/manifests/1");
}
