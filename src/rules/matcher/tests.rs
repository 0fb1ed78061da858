use super::{KEYS, Matcher, check};
use crate::diag::Severity;
use crate::rules::{Chosen, Cx, FixKind, Given, Options, Policy, RULES};
use crate::semantic::{Analysis, Build, Model};
use crate::size::BaseImages;
use crate::syntax::parse;
use crate::text::{Source, toml};

fn read(table: &str) -> (Matcher, Vec<String>) {
    let text = format!("[match]\n{table}\n");
    let (matcher, faults) = toml::read(&text, 0, |fields, faults| {
        fields.table("match", faults).map(|t| Matcher::read(t, faults)).unwrap_or_default()
    });
    let shown = |f: &toml::Fault| {
        let help = f.help.as_deref().map(|h| format!(" ({h})")).unwrap_or_default();
        format!("{}: {}{help}", f.span.text(&text).lines().next().unwrap_or(""), f.message)
    };
    (matcher, faults.iter().map(shown).collect())
}

/// The texts under the findings, with the messages.
fn found(table: &str, dockerfile: &str) -> Vec<String> {
    found_in_build(table, dockerfile, &Build::default())
}

fn found_in_build(table: &str, dockerfile: &str, build: &Build) -> Vec<String> {
    let (matcher, faults) = read(table);
    assert_eq!(faults, [""; 0], "{table}");
    let file = parse(Source::from_text("Dockerfile", dockerfile));
    let model = Analysis::new(Model::of_build(file.clone(), build));
    let mut findings = Vec::new();
    let (policy, images) = (Policy::default(), BaseImages::default());
    let meta = &RULES.iter().find(|rule| rule.meta.fix == FixKind::Unsafe).unwrap().meta;
    let mut cx = Cx::new(
        &model,
        meta,
        Options::new(meta, None),
        Given { policy: &policy, base_images: &images, apt_installs: &[], chosen: Chosen::default() },
        Severity::Warning,
        &mut findings,
    );
    check(&matcher, &mut cx);
    findings.sort_by_key(|f| f.span);
    let shown = |f: &crate::diag::Finding| {
        let fix =
            f.fix.iter().flat_map(|f| &f.edits).map(|e| format!(" [{}{}]", e.span.text(dockerfile), e.text));
        format!("{}: {}{}", f.span.text(dockerfile), f.message, fix.collect::<String>())
    };
    findings.iter().map(shown).collect()
}

const FILE: &str = "ARG REGISTRY=ghcr.io\n\
    FROM --platform=linux/amd64 node:20 AS build\n\
    ENV HTTP_PROXY=http://proxy NAME=$X CI=1 MODE=$CI\n\
    ARG TOKEN=abc\n\
    LABEL maintainer=me\n\
    RUN apt-get update && sudo apt-get install curl=8 telnet && apt install -y $X\n\
    USER app\n\
    RUN pip install 'flask==3' && curl -fsSL -o x http://example.com/x\n\
    COPY --chown=app package.json ./certs/a.pem /app/\n\
    COPY --from=alpine:3.22 /etc/passwd /etc/passwd\n\
    FROM $REGISTRY/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n\
    EXPOSE 80 20-25/tcp $PORT\n\
    RUN --mount=type=bind,from=busybox,target=/b true\n\
    ADD https://example.com/a.tgz /tmp/\n\
    COPY --from=build /app /app\n\
    WORKDIR /root/app\n\
    USER 0:0\n\
    ONBUILD RUN wget x\n\
    CMD apt-get moo\n";

#[test]
fn each_subject_is_found_with_its_place() {
    for (table, want) in [
        (
            "command = { name = \"apt-get\", subcommand = \"install\", lacks = [\"-y\"] }\n\
             message = \"{command} {subcommand}\"",
            &["install: apt-get install"][..],
        ),
        ("command = { name = \"apt*\", has = \"-y\" }\nmessage = \"{flag}\"", &["-y: -y"]),
        ("command = { name = [\"curl\", \"wget\", \"!wget\"] }\nmessage = \"{command}\"", &["curl: curl"]),
        ("command = { name = [\"w*\", \"curl\"] }\nmessage = \"m\"", &["curl: m", "wget: m"]),
        (
            "command = { name = \"curl\", argument = \"http:*\" }\nmessage = \"{argument}\"",
            &["http://example.com/x: http://example.com/x"],
        ),
        ("command = { name = \"*\" }\ninstruction = \"CMD\"\nmessage = \"m\"", &["apt-get: m"]),
        (
            "package = { name = [\"telnet\", \"curl\"] }\nmessage = \"{package} {manager} {subcommand}\"",
            &["curl=8: curl apt install", "telnet: telnet apt install"],
        ),
        ("package = { name = \"fl*\", manager = \"pip\" }\nmessage = \"{package}\"", &["'flask==3': flask"]),
        ("package = { name = \"fl*\", manager = [\"apt\", \"npm\"] }\nmessage = \"m\"", &[]),
        (
            "copy = { source = \"*.pem\" }\nmessage = \"{source} {destination}\"",
            &["./certs/a.pem: ./certs/a.pem /app/"],
        ),
        ("copy = { source = \"certs/*\" }\nmessage = \"m\"", &["./certs/a.pem: m"]),
        (
            "copy = { destination = \"/etc/*\", from = \"image\" }\nmessage = \"{source}\"",
            &["/etc/passwd: /etc/passwd"],
        ),
        ("copy = { from = \"stage\" }\nmessage = \"{source}\"", &["/app: /app"]),
        (
            "copy = { source = \"http*\" }\ninstruction = \"ADD\"\nmessage = \"m\"",
            &["https://example.com/a.tgz: m"],
        ),
        ("copy = { source = \"http*\" }\ninstruction = \"COPY\"\nmessage = \"m\"", &[]),
        (
            "copy = { from = \"context\", destination = \"!/app/*\" }\nmessage = \"m\"",
            &["https://example.com/a.tgz: m"],
        ),
        (
            "flag = { name = \"platform\", value = \"linux/*\" }\nmessage = \"{flag} {value}\"",
            &["linux/amd64: platform linux/amd64"],
        ),
        (
            "flag = { name = \"from\" }\ninstruction = \"COPY\"\nstage = \"build\"\nmessage = \"{value}\"",
            &["--from=alpine:3.22: alpine:3.22"],
        ),
        (
            "env = { name = \"*_PROXY\", value = \"http:*\" }\nmessage = \"{name}\"",
            &["http://proxy: HTTP_PROXY"],
        ),
        ("env = { name = \"NAME\", value = \"*\" }\nmessage = \"m\"", &[]),
        ("env = { name = \"NAME\" }\nmessage = \"{name}={value}\"", &["NAME: NAME=$X"]),
        ("arg = { name = \"T*\" }\nmessage = \"{name}={value}\"", &["TOKEN: TOKEN=abc"]),
        ("label = { name = \"maintainer\", value = \"!*@*\" }\nmessage = \"{value}\"", &["me: me"]),
        ("port = 22\nmessage = \"{port}\"", &["20-25/tcp: 20-25/tcp"]),
        ("port = \"26-1023\"\nmessage = \"m\"", &["80: m"]),
        ("port = [443, \"24-30\"]\nmessage = \"m\"", &["20-25/tcp: m"]),
        (
            "image = { repository = \"node\", digest = false }\nmessage = \"{image} {tag}\"",
            &["node:20: docker.io/library/node:20 20"],
        ),
        (
            "image = { name = [\"ghcr.io/acme/*\", \"busybox\"] }\nmessage = \"m\"",
            &[
                "$REGISTRY/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: m",
                "busybox: m",
            ],
        ),
        (
            "image = { registry = \"!ghcr.io\", tag = [\"!2*\"] }\nmessage = \"{image}\"",
            &["alpine:3.22: docker.io/library/alpine:3.22", "busybox: docker.io/library/busybox:latest"],
        ),
        (
            "image = { tag = \"\" }\ninstruction = [\"FROM\", \"COPY\"]\nmessage = \"m\"",
            &[
                "$REGISTRY/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: m",
            ],
        ),
        ("user = \"root\"\nmessage = \"{user} {instruction}\"", &["0:0: 0 USER"]),
        ("user = \"!app\"\nmessage = \"m\"", &["0:0: m"]),
        (
            "arguments = \"/root*\"\ninstruction = \"WORKDIR\"\nmessage = \"{arguments}\"",
            &["/root/app: /root/app"],
        ),
        ("instruction = [\"CMD\", \"expose\"]\nmessage = \"{instruction}\"", &["EXPOSE: EXPOSE", "CMD: CMD"]),
    ] {
        assert_eq!(found(table, FILE), want, "{table}");
    }
}

#[test]
fn conditions_hold_where_the_subject_is() {
    for (table, want) in [
        ("command = { name = \"apt-get\" }\nstage = \"final\"\nmessage = \"m\"", &[][..]),
        (
            "command = { name = [\"pip\", \"wget\"] }\nruns-as = \"app\"\nmessage = \"{runs-as}\"",
            &["pip: app"],
        ),
        (
            "command = { name = \"wget\" }\nbase = { registry = \"ghcr.io\" }\nmessage = \"{stage} {base}\"",
            &["wget: 1 ghcr.io/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"],
        ),
        ("port = 22\nstage = \"build\"\nmessage = \"m\"", &[]),
        (
            "instruction = \"COPY\"\nbase = { repository = \"node\" }\nmessage = \"{stage}\"",
            &["COPY: build", "COPY: build"],
        ),
        ("instruction = \"COPY\"\nlacks = { flag = [\"chown\", \"from\"] }\nmessage = \"m\"", &[]),
        ("instruction = \"COPY\"\nlacks = { flag = \"chown\" }\nmessage = \"m\"", &["COPY: m", "COPY: m"]),
        (
            "copy = { from = \"context\" }\nlacks = { flag = \"chown\" }\nmessage = \"m\"",
            &["https://example.com/a.tgz: m"],
        ),
        (
            "lacks = { label = \"maintainer\" }\nmessage = \"m\"",
            &[
                "$REGISTRY/acme/base@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: m",
            ],
        ),
        (
            "lacks = { instruction = \"HEALTHCHECK\" }\nstage = \"build\"\nmessage = \"{stage}\"",
            &["node:20: build"],
        ),
        ("lacks = { env = \"CI\" }\ninstruction = \"CMD\"\nmessage = \"m\"", &["CMD: m"]),
        ("lacks = { env = \"HTTP*\" }\nstage = \"build\"\nmessage = \"m\"", &[]),
    ] {
        assert_eq!(found(table, FILE), want, "{table}");
    }
}

#[test]
fn a_stage_has_what_it_starts_from_and_the_final_image_what_any_part_has() {
    let chain = |middle: &str| {
        format!(
            "FROM a AS one\nHEALTHCHECK CMD x\nFROM b AS two\nENV A=b\nFROM two AS three\n{middle}FROM three\nRUN x\n"
        )
    };
    for (table, middle, want) in [
        ("lacks = { instruction = \"HEALTHCHECK\" }\nstage = \"final\"", "", &["three: m"][..]),
        ("lacks = { instruction = \"HEALTHCHECK\" }\nstage = \"final\"", "HEALTHCHECK NONE\n", &[]),
        ("lacks = { instruction = [\"HEALTHCHECK\", \"ENV\"] }\nstage = \"final\"", "", &[]),
        ("lacks = { env = \"A\" }\nstage = \"final\"", "", &[]),
        ("lacks = { env = \"$A\" }\nstage = \"final\"", "ENV $A=1\n", &[]),
        ("lacks = { label = \"x\" }\nstage = \"final\"\ninstruction = \"ENV\"", "", &["ENV: m"]),
        // The label comes later, and yet it is there in the end.
        ("lacks = { label = \"x\" }\nstage = \"final\"\ninstruction = \"ENV\"", "LABEL x=y\n", &[]),
        ("lacks = { label = \"x\" }", "LABEL x=y\n", &["a: m"]),
    ] {
        assert_eq!(found(&format!("{table}\nmessage = \"m\""), &chain(middle)), want, "{table}");
    }
}

#[test]
fn the_final_stage_is_the_one_that_is_built() {
    let text = "FROM a AS one\nUSER u\nFROM one AS two\nFROM c AS three\nHEALTHCHECK CMD x\n";
    let of = |table: &str, target: Option<&str>| {
        let build = Build { target: target.map(str::to_owned), ..Build::default() };
        found_in_build(&format!("{table}\nstage = \"final\"\nmessage = \"m\""), text, &build)
    };
    let lacks = "lacks = { instruction = \"HEALTHCHECK\" }";
    assert_eq!(of(lacks, None), [""; 0]);
    assert_eq!(of(lacks, Some("two")), ["one: m"]);
    // What the target has, the stages that it starts from need not have.
    let user = "lacks = { instruction = \"USER\" }\ninstruction = \"FROM\"";
    assert_eq!(of(user, Some("three")), ["FROM: m"]);
    assert_eq!(of(user, Some("two")), [""; 0]);
}

#[test]
fn fixes_edit_what_is_reported() {
    let file = "FROM node:20\nUSER root\nRUN apt-get install curl && \"curl\" -k http://a/b -qk && python3 -m pip install x\n\
                COPY a /b\nEXPOSE 22\nENV A=1 B=\"2 3\"\nRUN [\"curl\", \"-k\"]\n";
    for (table, want) in [
        (
            "command = { name = \"apt-get\", subcommand = \"install\" }\ninsert = \"-y\"",
            &["install: m [ -y]"][..],
        ),
        ("command = { name = \"apt-get\" }\ninsert = \"-q\"", &["apt-get: m [ -q]"]),
        ("command = { name = \"apt-get\" }\nreplace = \"apt\"", &["apt-get: m [apt-getapt]"]),
        (
            "command = { name = \"pip\", subcommand = \"install\" }\ninsert = \"--no-cache-dir\"",
            &["install: m [ --no-cache-dir]"],
        ),
        // What is quoted, or more than a word, is left to people.
        ("command = { name = \"curl\" }\nreplace = \"wget\"", &["\"curl\": m", "curl: m"]),
        ("command = { name = \"pip\" }\nreplace = \"uv\"", &["python3 -m pip: m"]),
        ("command = { name = \"curl\", has = \"-k\" }\nreplace = \"-f\"", &["-k: m [-k-f]", "-k: m"]),
        (
            "command = { name = \"curl\", argument = \"http:*\" }\nreplace = \"https:\"",
            &["http://a/b: m [http://a/bhttps:]"],
        ),
        ("package = { name = \"curl\" }\nreplace = \"{package}-minimal\"", &["curl: m [curlcurl-minimal]"]),
        (
            "instruction = \"COPY\"\nlacks = { flag = \"chown\" }\ninsert = \"--chown=app\"",
            &["COPY: m [ --chown=app]"],
        ),
        (
            "instruction = \"COPY\"\nlacks = { flag = \"chown\" }\ninsert = \"--chown={runs-as}\"",
            &["COPY: m [ --chown=root]"],
        ),
        (
            "image = { name = \"node\" }\nreplace = \"ghcr.io/acme/node:{tag}\"",
            &["node:20: m [node:20ghcr.io/acme/node:20]"],
        ),
        ("user = \"root\"\nreplace = \"app\"", &["root: m [rootapp]"]),
        ("user = \"root\"\nreplace = \"{stage}\"", &["root: m [root0]"]),
        // Nothing stands there.
        ("command = { name = \"curl\" }\nreplace = \"{argument}\"", &["\"curl\": m", "curl: m"]),
        ("port = 22\nreplace = \"2222\"", &["22: m [222222]"]),
        ("env = { name = \"A\", value = \"1\" }\nreplace = \"2\"", &["1: m [12]"]),
        ("copy = { source = \"a\" }\nreplace = \"c\"", &["a: m [ac]"]),
    ] {
        assert_eq!(found(&format!("{table}\nmessage = \"m\""), file), want, "{table}");
    }
}

#[test]
fn every_fault_has_a_place() {
    for (table, want) in [
        ("port = 22", "`message` is missing"),
        ("port = 70000\nmessage = \"m\"", "70000: `port` is a number from 0 to 65535"),
        ("port = \"9-1\"\nmessage = \"m\"", "\"9-1\": `port` is a number"),
        ("port = []\nmessage = \"m\"", "[]: `port` is a number"),
        ("message = \"m\"", "this table matches everything"),
        ("stage = \"final\"\nmessage = \"m\"", "this table matches everything"),
        ("lacks = { flag = \"chown\" }\nmessage = \"m\"", "this table matches everything"),
        (
            "comand = 1\nport = 1\nmessage = \"m\"",
            "comand: unknown key `match.comand` (did you mean `command`?)",
        ),
        (
            "instruction = \"RNU\"\nmessage = \"m\"",
            "\"RNU\": `RNU` is not an instruction (did you mean `RUN`?)",
        ),
        (
            "instruction = \"RUN\"\nenv = { name = \"A\" }\nmessage = \"m\"",
            "\"RUN\": `env` is never in RUN (it is in ENV)",
        ),
        ("port = 22\nuser = \"a\"\nmessage = \"m\"", "\"a\": a rule reports one thing: `port` or `user`"),
        ("command = { name = \"a\", lax = [] }\nmessage = \"m\"", "lax: unknown key `match.command.lax`"),
        ("command = { lacks = [] }\nmessage = \"m\"", "`name` is missing"),
        ("command = { name = [] }\nmessage = \"m\"", "`name` is an empty list"),
        ("command = { name = \"a\", has = \"y\" }\nmessage = \"m\"", "\"y\": `y` is not an option"),
        (
            "package = { name = \"a\", manager = \"atp\" }\nmessage = \"m\"",
            "\"atp\": `atp` is not a known package manager (did you mean `apt`?)",
        ),
        ("copy = { from = \"here\" }\nmessage = \"m\"", "\"here\": `from` is `context`, `stage` or `image`"),
        ("user = \"[\"\nmessage = \"m\"", "\"[\": this is not a valid glob"),
        ("user = \"![\"\nmessage = \"m\"", "\"![\": this is not a valid glob"),
        ("image = { digest = \"yes\" }\nmessage = \"m\"", "`digest` must be true or false"),
        ("lacks = { env = \"A\", label = \"b\" }\nmessage = \"m\"", "`lacks` has one of"),
        ("lacks = {}\nuser = \"a\"\nmessage = \"m\"", "`lacks` has one of"),
        ("user = \"a\"\nmessage = \"{usr}\"", "`{usr}` has no meaning (did you mean `user`?)"),
        (
            "user = \"a\"\nmessage = \"{package}\"",
            "`{package}` has no meaning in this rule (it has instruction, stage, base, runs-as, user)",
        ),
        ("user = \"a\"\nmessage = \"${HOME}\"", "`{HOME}` has no meaning (write `{{HOME}}` for braces)"),
        ("user = \"a\"\nmessage = \"{\"", "a `{` by itself (write `{{` for one)"),
        ("user = \"a\"\nmessage = \"a\\nb\"", "this must be one line of text"),
        ("user = \"a\"\nmessage = \"m\"\nhelp = \" \"", "\" \": this must be one line of text"),
        ("user = \"a\"\nstage = \"last\"\nmessage = \"m\"", "\"last\": `stage` is `final`, `build` or `any`"),
        ("user = \"a\"\nmessage = \"m\"\ninsert = \"-y\"", "\"-y\": `insert` adds an option after"),
        (
            "command = { name = \"a\" }\nmessage = \"m\"\ninsert = \"y\"",
            "\"y\": what is inserted starts with `-`",
        ),
        (
            "command = { name = \"a\" }\nmessage = \"m\"\ninsert = \"-y\"\nreplace = \"b\"",
            "\"b\": a fix is `insert` or `replace`",
        ),
        (
            "instruction = \"VOLUME\"\nmessage = \"m\"\nreplace = \"x\"",
            "\"x\": `replace` works on what follows",
        ),
    ] {
        let (_, faults) = read(table);
        assert!(faults.iter().any(|f| f.contains(want)), "{want}: {faults:?}");
    }
}

#[test]
fn all_keys_are_known() {
    for key in KEYS {
        let (_, faults) = read(&format!("{key} = 1"));
        assert!(!faults.iter().any(|f| f.contains("unknown key")), "{key}: {faults:?}");
    }
    assert!(read("instructions = 1").1.iter().any(|f| f.contains("unknown key `match.instructions`")));
}

#[test]
fn globs_are_bounded() {
    let faults = |glob: &str| read(&format!("user = '{glob}'\nmessage = \"m\"")).1;
    assert_eq!(faults(&"*[!a-zA-Z]".repeat(99)), [""; 0]);
    assert_eq!(faults(&format!("{{{}}}", "a,".repeat(498))), [""; 0]);
    assert!(faults(&"*".repeat(1001))[0].ends_with("this glob is longer than 1000 bytes"));
    // What would take time without end in a matcher that tries all.
    let dockerfile = format!("FROM a\nUSER {}\n", "a".repeat(10_000));
    assert_eq!(found(&format!("user = '{}b'\nmessage = \"m\"", "*a".repeat(400)), &dockerfile), [""; 0]);
}

#[test]
fn braces_stand_for_themselves_when_doubled() {
    assert_eq!(found("user = 'a'\nmessage = '{{{user}}} ${{HOME}}'", "FROM x\nUSER a\n"), ["a: {a} ${HOME}"]);
}
