//! Values that Compose parses, and parts that a later document takes away.

use super::*;

fn service(definition: &str) -> String {
    format!("services:\n  app:\n    build: {{context: .}}\n    {definition}\n")
}

fn build(definition: &str) -> String {
    format!("services:\n  app:\n    build:\n      context: .\n      {definition}\n")
}

#[test]
fn values_that_cannot_be_parsed_are_refused() {
    let refused = [
        build("no_cache: ${NO_CACHE}"),
        build("no_cache: $U"),
        build("pull: '1'"),
        build("privileged: x"),
        build("shm_size: 1gbx"),
        build("ulimits: {nofile: '5'}"),
        build("extra_hosts: [db]"),
        build("ssh: [key]"),
        build("ssh: ['']"),
        service("attach: x"),
        service("blkio_config: {weight: '300'}"),
        service("mem_limit: $U"),
        service("healthcheck: {test: x, interval: 5x}"),
        service("stop_grace_period: '10'"),
        service("pull_policy: nope"),
        service("ports: [web]"),
        service("extra_hosts: [db]"),
        service("models: [m]"),
        service("profiles: [p]\n    mem_limit: 5zb"),
        service("scale: 2\n    deploy: {replicas: 3}"),
        service("container_name: q\n    deploy: {replicas: 2}"),
        service("scale: 2\n    container_name: q"),
        service("mem_limit: 1g\n    deploy: {resources: {limits: {cpus: '1'}}}"),
    ];
    for text in &refused {
        refusal(&[("compose.yaml", text)]);
    }
    assert_eq!(
        refusal(&[("compose.yaml", &refused[1])]),
        "compose.yaml:5:17: `services.app.build.no_cache` must be `true` or `false`, but is ``"
    );
}

#[test]
fn values_that_some_version_accepts_are_accepted() {
    for text in [
        build("no_cache: 'Yes'"),
        build("pull: ${U:-off}"),
        build("shm_size: 64 MB"),
        build("ulimits: {nofile: 5, nproc: {soft: '5', hard: 6}}"),
        build("extra_hosts: ['db=1.2.3.4', 'web:::1']"),
        build("ssh: [default, 'key=./k']"),
        service("mem_limit: 512m\n    deploy: {resources: {limits: {memory: 0.5g}}}"),
        service("mem_limit: 512m\n    deploy: {resources: {reservations: {memory: 1g}}}"),
        service("memswap_limit: '-1'"),
        service("healthcheck: {test: x, interval: 1d}"),
        service("pull_policy: every_12h"),
        service("ports: [':80', '127.0.0.1:80:80/udp', '8000-8001:80-81', 80]"),
        service("scale: '2'\n    deploy: {replicas: 2}"),
        service("container_name: q\n    scale: 1"),
        service("models: [m]\nmodels: {m: {model: ai/größe}}"),
    ] {
        assert_eq!(line(&[("compose.yaml", &text)], "app"), "/p /p/Dockerfile", "{text}");
    }
    // Another file may replace what does not fit, and other variables may make it fit.
    let files = [
        ("compose.yaml", &*build("no_cache: $U")),
        ("compose.override.yaml", "services: {app: {build: {no_cache: true}}}"),
    ];
    assert_eq!(line(&files, "app"), "/p /p/Dockerfile");
    let unknown = resolution(&files[..1], |request| request.environment = None);
    assert_eq!(unknown.problems, []);
}

#[test]
fn short_forms_are_long_before_parts_are_taken_away() {
    let over = "services: {s: {build: {context: !reset null, target: u}}}";
    for (base, expected) in [
        ("services: {s: {build: zz}}", "/p /p/Dockerfile stage:u"),
        ("services: {s: {build: {context: zz}}}", "/p /p/Dockerfile stage:u"),
    ] {
        assert_eq!(line(&[("compose.yaml", base), ("compose.override.yaml", over)], "s"), expected, "{base}");
        let both = format!("{base}\n---\n{over}\n");
        assert_eq!(line(&[("compose.yaml", &both)], "s"), expected, "{both}");
        let extends = "services:\n  s:\n    extends: {file: lib/größe.yaml, service: s}\n    \
            build: {context: !reset null, target: u}\n";
        assert_eq!(line(&[("compose.yaml", extends), ("lib/größe.yaml", base)], "s"), expected, "{base}");
    }
    // Within a file that is not so.
    let own = "services:\n  z: {build: zz}\n  s: {extends: z, build: {context: !reset null, target: u}}\n";
    assert_eq!(line(&[("compose.yaml", own)], "s"), "/p/zz /p/zz/Dockerfile stage:u");
    let base = "services: {s: {build: {context: ., additional_contexts: ['a=./a', 'b=./b']}}}";
    let over = "services: {s: {build: {additional_contexts: {a: !reset null}}}}";
    assert_eq!(
        line(&[("compose.yaml", base), ("compose.override.yaml", over)], "s"),
        "/p /p/Dockerfile b->/p/b"
    );
}

#[test]
fn binary_values_are_the_text_that_they_stand_for() {
    let text = build("args: {B: !!binary Z3LDtsOfZQ==}");
    assert_eq!(line(&[("compose.yaml", &text)], "app"), "/p /p/Dockerfile B=größe");
}
