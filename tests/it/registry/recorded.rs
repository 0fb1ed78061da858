//! What a real registry answered: `tools/try-registry --record`.

use std::collections::HashMap;
use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dlint::internals::registry::{Fault, How};
use serde_json::Value;

use super::image::part;
use super::server::{Asked, Reply, Server};
use super::{access, find};

/// The answers by path and range, and the whole record.
fn recorded() -> (HashMap<(String, String), Reply>, Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/registry/recorded.json");
    let record: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let answer = |answer: &Value| ((text(&answer["path"]), text(&answer["range"])), reply(answer));
    (record["answers"].as_array().unwrap().iter().map(answer).collect(), record)
}

fn reply(answer: &Value) -> Reply {
    let body = BASE64_STANDARD.decode(answer["body"].as_str().unwrap()).unwrap();
    let mut reply =
        Reply { status: answer["status"].as_u64().unwrap().try_into().unwrap(), body, ..Reply::default() };
    let names = ["content-type", "docker-content-digest", "www-authenticate", "content-range"];
    for name in names {
        if let Some(value) = answer["headers"][name].as_str() {
            reply = reply.with(name, value);
        }
    }
    reply
}

#[test]
fn what_a_registry_answered_is_counted_to_the_byte() {
    let (answers, record) = recorded();
    let server = Server::start(move |asked: &Asked| {
        // Of a part that was not asked for then, the whole tells.
        let of = |range: &str| answers.get(&(asked.path.clone(), range.to_owned())).cloned();
        let whole = || of("").map(|whole| part(&whole.body, asked));
        of(asked.header("range")).or_else(whole).unwrap_or_else(|| Reply::status(404))
    });
    for (tag, bytes) in record["bytes"].as_object().unwrap() {
        let bytes = bytes.as_u64().unwrap();
        let name = format!("{}/app:{tag}", server.host());
        let (client, found) = find(&access(&[&server]), &name, Some("linux/amd64")).unwrap();
        let whole = client.unpacked(&found, 10_000_000).unwrap();
        assert_eq!(whole.iter().map(|layer| layer.bytes).sum::<u64>(), bytes, "{tag}");
        let told = client.unpacked(&found, 0).unwrap();
        let range = told.iter().fold((0, 0), |sum, layer| (sum.0 + layer.range.0, sum.1 + layer.range.1));
        assert!(range.0 <= bytes && bytes <= range.1, "{tag}: {told:?}");
        let how = match &**tag {
            "chunked" => How::Listed,
            // Nothing but all of it tells.
            "zstd" => How::Counted,
            _ => How::Archive,
        };
        assert!(told.iter().all(|layer| layer.how == how), "{tag}: {told:?}");
        let settings = found.config.config.unwrap();
        assert_eq!(
            (settings.user.as_deref(), settings.working_dir.as_deref()),
            (Some("65532"), Some("/work"))
        );
    }
}

#[test]
fn what_a_registry_said_without_a_login_means_that_it_wants_one() {
    let (_, record) = recorded();
    let first = reply(&record["closed"][0]);
    assert_eq!(first.status, 401);
    let server = Server::start(move |_| first.clone());
    let told = find(&access(&[&server]), &format!("{}/app:gzip", server.host()), None);
    assert_eq!(told.map(|_| ()).unwrap_err(), Fault::Denied);
}
