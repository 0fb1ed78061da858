use super::*;
use crate::files::Memory;
use crate::source::SourceFile;
use crate::target::{Context, Dockerfile, Target, Text};

/// A project in `/p`, all variables known.
fn resolution(files: &[(&str, &str)], change: impl FnOnce(&mut Request)) -> Resolution {
    let files: Memory = files.iter().map(|(path, text)| (Path::new("/p").join(path), *text)).collect();
    let mut request = Request {
        folder: "/p".into(),
        environment: Some(Environment::empty()),
        profiles: Profiles::All,
        ..Request::default()
    };
    change(&mut request);
    resolve(&files, &request)
}

fn resolved(files: &[(&str, &str)]) -> Resolution {
    let resolution = resolution(files, |_| {});
    assert_eq!(resolution.problems, [], "{files:?}");
    resolution
}

/// A target in a line: context, Dockerfile, and what else there is.
fn shown(target: &Target) -> String {
    let text = |text: &Text| text.value.clone().unwrap_or_default();
    let mut line = match &target.context {
        Context::Folder { path, .. } => path.display().to_string(),
        Context::Remote(address) => text(address),
        Context::Unknown(_) => "?".to_owned(),
    };
    line += &match &target.dockerfile {
        Dockerfile::File { path, .. } => format!(" {}", path.display()),
        Dockerfile::Inline(inline) => format!(" {:?}", inline.text),
        Dockerfile::Unknown(_) => " ?".to_owned(),
    };
    for argument in &target.arguments {
        let value = argument.value.as_ref().map_or("(none)".to_owned(), text);
        line += &format!(" {}={value}", text(&argument.name));
    }
    for context in &target.contexts {
        line += &format!(" {}->{}", text(&context.name), text(&context.value));
    }
    for (mark, texts) in [("platform", &target.platforms), ("tag", &target.tags)] {
        line += &texts.iter().map(|it| format!(" {mark}:{}", text(it))).collect::<String>();
    }
    line + &target.stage.as_ref().map_or(String::new(), |stage| format!(" stage:{}", text(stage)))
}

fn line(files: &[(&str, &str)], service: &str) -> String {
    let resolution = resolved(files);
    shown(resolution.targets.iter().find(|target| target.name == service).expect("the service builds"))
}

/// The first problem, with the place that it names.
fn refusal(files: &[(&str, &str)]) -> String {
    let resolution = resolution(files, |_| {});
    let problem = resolution.problems.first().unwrap_or_else(|| panic!("nothing is refused in {files:?}"));
    assert!(resolution.targets.is_empty());
    let place = problem.place.map_or_else(String::new, |place| {
        let file: &SourceFile = resolution.sources.file(place.file);
        let (line, column) = file.position(place.span().start);
        format!("{}:{line}:{column}: ", file.path.strip_prefix("/p").unwrap_or(&file.path).display())
    });
    format!("{place}{}", problem.message)
}

fn warnings(files: &[(&str, &str)]) -> Vec<WarningKind> {
    resolved(files).warnings.into_iter().map(|warning| warning.kind).collect()
}

#[test]
fn paths_start_where_compose_starts_them() {
    for (build, expected) in [
        ("./app", "/p/app /p/app/Dockerfile"),
        ("{}", "/p /p/Dockerfile"),
        ("{context: app, dockerfile: ../x/D}", "/p/app /p/x/D"),
        ("{dockerfile: /abs/D}", "/p /abs/D"),
        ("{context: ../up/}", "/up /up/Dockerfile"),
        ("{context: ''}", "/p /p/Dockerfile"),
        ("{context: 'https://x/y.git#main:sub', dockerfile: d/D}", "https://x/y.git#main:sub d/D"),
        ("git@github.com:u/r.git", "git@github.com:u/r.git Dockerfile"),
        (
            "{additional_contexts: {a: ./a, b: 'docker-image://alpine', c: 'target:x'}}",
            "/p /p/Dockerfile a->/p/a b->docker-image://alpine c->/p/target:x",
        ),
        ("{additional_contexts: ['a=../a']}", "/p /p/Dockerfile a->/a"),
    ] {
        let text = format!("services: {{s: {{build: {build}}}}}\n");
        assert_eq!(line(&[("compose.yaml", &text)], "s"), expected, "{build}");
    }
}

#[test]
fn arguments_are_lists_or_maps_and_variables_fill_the_empty_ones() {
    let env = (".env", "A=env\nE=\n");
    for (args, expected) in [
        ("[A, B, C=1, D=, 'X=$A', 'C=2']", "A=env B=(none) C=2 D= X=env"),
        (
            "{A: , B: ~, C: 1.10, D: '', E: , F: true, G: '$A-${U:-d}'}",
            "A=env B=(none) C=1.1 D= E= F=true G=env-d",
        ),
        ("{$A: 1}", "$A=1"),
    ] {
        let text = format!("services: {{s: {{build: {{args: {args}}}}}}}\n");
        let expected = format!("/p /p/Dockerfile {expected}");
        assert_eq!(line(&[("compose.yaml", &text), env], "s"), expected, "{args}");
    }
}

#[test]
fn a_variable_in_the_value_of_a_list_leaves_the_name_known() {
    let text = "services: {web: {build: {context: ., args: ['A=${A}', '${B}=1']}}}";
    let arguments = &resolved(&[("compose.yaml", text)]).targets[0].arguments;
    let known = |name: &str| {
        let argument =
            arguments.iter().find(|argument| argument.name.value.as_deref() == Some(name)).unwrap();
        (argument.name.known(), argument.value.as_ref().unwrap().known())
    };
    // Whoever builds may set a variable, so what it is a part of is not known; the other half of the item is.
    assert_eq!(known("A"), (Some("A"), None));
    assert_eq!(known(""), (None, Some("1")));
}

#[test]
fn images_without_a_name_are_called_by_project_and_service() {
    let text = |name: &str| format!("{name}services:\n  app: {{build: .}}\n  own: {{build: ., image: i}}\n");
    let tags = |name: &str| {
        let tagged =
            |service: &str| line(&[("compose.yaml", &text(name))], service).replace("/p /p/Dockerfile", "");
        (tagged("app"), tagged("own"))
    };
    assert_eq!(tags("name: My.Proj\n"), (" tag:myproj-app".to_owned(), " tag:i".to_owned()));
    // Elsewhere the folder may be called otherwise, and so may the variable.
    for name in ["", "name: ${P:-x}\n"] {
        assert_eq!(tags(name), (String::new(), " tag:i".to_owned()), "{name}");
    }
    let names = resolved(&[("compose.yaml", &text("name: proj\n"))]);
    let made: Vec<_> = names.targets.iter().flat_map(|target| names.image_names(target)).collect();
    assert_eq!(made, ["proj-app", "i"]);
}

#[test]
fn the_first_name_counts_and_one_override() {
    let (a, b) = ("services: {s: {build: ./a}}\n", "services: {s: {build: ./b}}\n");
    let over = "services: {s: {build: {args: {O: yml}}}}\n";
    let other = "services: {s: {build: {args: {O: yaml}}}}\n";
    let files = [
        ("docker-compose.yml", b),
        ("compose.yaml", a),
        ("compose.override.yaml", other),
        ("compose.override.yml", over),
    ];
    assert_eq!(line(&files, "s"), "/p/a /p/a/Dockerfile O=yml");
    let not_read = |name: &str| WarningKind::FileNotRead { instead_of: name.to_owned() };
    assert_eq!(warnings(&files), [not_read("compose.yaml"), not_read("compose.override.yml")]);
    for reads in [
        "include: [docker-compose.yml]\n",
        "services: {s: {extends: {file: docker-compose.yml, service: s}}}\n",
    ] {
        assert_eq!(warnings(&[("docker-compose.yml", b), ("compose.yaml", reads)]), [], "{reads}");
    }
    // In a folder below, and with files that are named.
    let below = resolution(&files, |request| request.folder = "/p/x/y".into());
    assert_eq!(shown(&below.targets[0]), "/p/a /p/a/Dockerfile O=yml");
    let named = resolution(&files, |request| request.files = vec!["/p/docker-compose.yml".into()]);
    assert_eq!(shown(&named.targets[0]), "/p/b /p/b/Dockerfile");
    // An override alone is nothing.
    let alone = resolution(&[("compose.override.yml", over)], |_| {});
    assert!(alone.targets.is_empty() && alone.problems.is_empty());
    assert_eq!(
        line(&[files[0], files[1], (".env", "COMPOSE_FILE=docker-compose.yml\n")], "s"),
        "/p/b /p/b/Dockerfile"
    );
}

#[test]
fn a_later_file_changes_an_earlier_one() {
    let base = "services:\n  s:\n    image: i\n    build:\n      context: ./a\n      dockerfile: D\n      target: t\n      args: {A: 1, B: 2}\n      tags: [x]\n      platforms: [p1]\n";
    for (over, expected) in [
        ("build: ./b", "/p/b /p/b/D A=1 B=2 platform:p1 tag:i tag:x stage:t"),
        (
            "build: {args: [B=3, C=4], tags: [y], platforms: [p2]}",
            "/p/a /p/a/D A=1 B=3 C=4 platform:p1 platform:p2 tag:i tag:x tag:y stage:t",
        ),
        ("build: !override {context: z}", "/p/z /p/z/Dockerfile tag:i"),
        ("build: {args: !reset null, target: !reset null}", "/p/a /p/a/D platform:p1 tag:i tag:x"),
        ("build: {args: {A: }}", "/p/a /p/a/D A=(none) B=2 platform:p1 tag:i tag:x stage:t"),
    ] {
        let text = format!("services: {{s: {{{over}}}}}\n");
        assert_eq!(
            line(&[("compose.yaml", base), ("compose.override.yaml", &text)], "s"),
            expected,
            "{over}"
        );
        // Documents of one file are merged alike.
        let both = format!("{base}---\n{text}");
        assert_eq!(line(&[("compose.yaml", &both)], "s"), expected, "{over}");
    }
}

#[test]
fn a_service_extends_another_as_a_later_file_would() {
    let main = "services:\n  a:\n    extends: {file: lib/c.yaml, service: c}\n    build: {args: [X=2]}\n  b: {extends: a, build: ./own}\n";
    let lib = "services:\n  c: {build: {context: ., dockerfile: CD, args: {X: 1, Y: $V}}, extends: {file: sub/d.yaml, service: d}}\n";
    let sub = "services: {d: {build: {context: ./deep, additional_contexts: {z: ./z}}}}\n";
    let files = [
        ("compose.yaml", main),
        ("lib/c.yaml", lib),
        ("lib/sub/d.yaml", sub),
        (".env", "V=v\n"),
        ("lib/.env", "V=no\n"),
    ];
    assert_eq!(line(&files, "a"), "/p/lib /p/lib/CD X=2 Y=v z->/p/lib/sub/z");
    assert_eq!(line(&files, "b"), "/p/own /p/own/CD X=2 Y=v z->/p/lib/sub/z");
}

#[test]
fn an_included_project_keeps_its_folder_and_its_variables() {
    let main = "include:\n  - inc/compose.yaml\n  - {path: [two/a.yaml, two/b.yaml], project_directory: other, env_file: two/e.env}\nservices: {m: {extends: i}}\n";
    let files = [
        ("compose.yaml", main),
        ("inc/compose.yaml", "services: {i: {build: {context: ./x, args: {V: $V, W: $W}}}}\n"),
        ("inc/.env", "V=inc\nW=inc\n"),
        (".env", "W=root\n"),
        ("two/a.yaml", "services: {t: {build: {context: ./y, args: [Q=$Q]}}}\n"),
        ("two/b.yaml", "services: {t: {build: {dockerfile: TD}}}\n"),
        ("two/e.env", "Q=q\n"),
    ];
    assert_eq!(line(&files, "i"), "/p/inc/x /p/inc/x/Dockerfile V=inc W=root");
    assert_eq!(line(&files, "m"), "/p/inc/x /p/inc/x/Dockerfile V=inc W=root");
    assert_eq!(line(&files, "t"), "/p/other/y /p/other/y/TD Q=q");
}

#[test]
fn profiles_decide_what_is_built_by_default() {
    let text =
        "services:\n  a: {build: .}\n  b: {build: ., profiles: [dev]}\n  c: {build: ., profiles: [x, y]}\n";
    let names = |resolution: &Resolution| -> Vec<String> {
        let built = resolution.targets.iter().filter(|target| target.by_default);
        built.map(|target| target.name.clone()).collect()
    };
    let all = resolved(&[("compose.yaml", text)]);
    assert_eq!(all.targets.len(), 3);
    assert_eq!(names(&all), ["a"]);
    assert_eq!(all.targets[2].profiles, ["x", "y"]);
    assert_eq!(
        names(&resolved(&[("compose.yaml", text), (".env", "COMPOSE_PROFILES=dev, y\n")])),
        ["a", "b", "c"]
    );
    let named = resolution(&[("compose.yaml", text)], |request| {
        request.profiles = Profiles::Named(vec!["dev".into()])
    });
    assert_eq!(names(&named), ["a", "b"]);
}

#[test]
fn what_compose_refuses_is_refused_where_it_is() {
    for (text, expected) in [
        (
            "services: {s: {build: {dockerFile: D}}}\n",
            "compose.yaml:1:24: `services.s.build` cannot have the key `dockerFile`: Compose refuses the file; the key is `dockerfile`",
        ),
        (
            "services: {s: {build: }}\n",
            "compose.yaml:1:21: `services.s.build` must be a string or a map, and nothing is written there",
        ),
        (
            "services: {s: {build: {args: A=1}}}\n",
            "compose.yaml:1:30: `services.s.build.args` must be a map or a list, but is a string",
        ),
        (
            "services: {s: {build: {target: 1}}}\n",
            "compose.yaml:1:32: `services.s.build.target` must be a string, but is a number",
        ),
        (
            "services: {s: {build: {args: {A: .inf}}}}\n",
            "compose.yaml:1:34: `services.s.build.args.A` cannot be infinite; a text is written in quotes",
        ),
        ("s: {build: .}\n", "compose.yaml:1:1: the file cannot have the key `s`: Compose refuses the file"),
        (
            "services: {s: {build: ., 1: x}}\n",
            "compose.yaml:1:26: `1` is not a text, and keys must be: write it in quotes",
        ),
        (
            "services: {s: {build: {dockerfile: D, dockerfile_inline: FROM x}}}\n",
            "compose.yaml:1:58: the service `s` has both `dockerfile` and `dockerfile_inline`",
        ),
        (
            "services: {s: {build: {platforms: [a]}, platform: b}}\n",
            "compose.yaml:1:51: the platform `b` of the service is not among those of its build",
        ),
        (
            "services: {s: {build: {additional_contexts: {b: 'service:n'}}}}\n",
            "compose.yaml:1:49: the service `n` is a context here, and there is none",
        ),
        (
            "services: {s: {build: ., depends_on: [t]}}\n",
            "compose.yaml:1:39: the service `s` depends on `t`, which is not there",
        ),
        (
            "services: {s: {build: ., depends_on: [t]}, t: {build: ., links: [s]}}\n",
            "compose.yaml:1:66: the service `s` depends on `t`, which depends on `s`",
        ),
        (
            "services: {s: {extends: t}, t: {extends: s}}\n",
            "compose.yaml:1:25: the service `s` extends `t`, which extends `s`",
        ),
        (
            "services: {s: {extends: {file: n.yaml, service: x}}}\n",
            "compose.yaml:1:32: there is no file `/p/n.yaml`",
        ),
        ("include: [compose.yaml]\n", "compose.yaml:1:11: `/p/compose.yaml` includes itself"),
        (
            "services: {s: {build: '${A'}}\n",
            "compose.yaml:1:24: `${A` is not a valid variable; a `$` that means itself is written `$$`",
        ),
        (
            "services:\n  s:\n    build:\n      dockerfile_inline: |\n        FROM a\n        RUN ${x y}\n",
            "compose.yaml:6:13: `${x y}` is not a valid variable; a `$` that means itself is written `$$`",
        ),
        (
            "services: {s: {build: '${A:?set it}'}}\n",
            "compose.yaml:1:24: the variable `A` must be set: `set it`",
        ),
        (
            "services: {s: {image: x, networks: [n]}}\n",
            "compose.yaml:1:37: `n` is not among the `networks` of the project",
        ),
        ("services: {s: {}}\n", "compose.yaml:1:12: the service `s` has neither `image` nor `build`"),
        (
            "services: {s: {image: x, tty: maybe}}\n",
            "compose.yaml:1:31: `services.s.tty` must be `true` or `false`, but is `maybe`",
        ),
        (
            "services: {s: {image: x}, s: {image: y}}\n",
            "compose.yaml:1:27: the key `s` is in this map twice, first in line 1",
        ),
        ("- x\n", "compose.yaml:1:1: a Compose file must be a map, with `services` in it"),
        ("", "compose.yaml:1:1: the Compose file is empty"),
        (
            "services: {\"a\\e[1m\": {image: x}}\n",
            "compose.yaml:1:12: `services` cannot have the name `a\\u{1b}[1m`",
        ),
    ] {
        assert_eq!(refusal(&[("compose.yaml", text)]), expected);
    }
    let files = [("compose.yaml", "services: {s: {build: .}}\n"), (".env", "A=\"\n")];
    assert_eq!(refusal(&files), ".env:1:3: the quote that begins this value has no end");
}

#[test]
fn circles_are_told_as_the_way_that_leads_back() {
    let service = |keys: &str| format!("services: {{a: {{build: ., {keys}}}}}\n");
    let one = |text: &str| refusal(&[("compose.yaml", text)]);
    assert_eq!(one(&service("extends: a")), "compose.yaml:1:35: the service `a` extends itself");
    assert_eq!(one(&service("depends_on: [a]")), "compose.yaml:1:39: the service `a` depends on itself");
    let context = |name: &str, other: &str| {
        format!("{name}: {{build: {{context: ., additional_contexts: {{x: 'service:{other}'}}}}}}")
    };
    let three = [("a", "b"), ("b", "c"), ("c", "b")].map(|(name, other)| context(name, other)).join(", ");
    let text = format!("services: {{{three}}}\n");
    // Compose itself has nothing against it.
    let built = resolution(&[("compose.yaml", &text)], |_| {});
    assert_eq!(built.targets.len(), 3);
    let message = &built.problems[0].message;
    assert_eq!(message, "the service `b` is built with `c`, which is built with `b`");
    let none = format!("services: {{{}, b: {{build: .}}}}\n", context("a", "b"));
    assert_eq!(resolved(&[("compose.yaml", &none)]).targets.len(), 2);
    let many: String = (0..9).map(|n| format!("  s{n}: {{extends: s{}}}\n", (n + 1) % 9)).collect();
    assert_eq!(
        one(&format!("services:\n{many}")),
        "compose.yaml:2:17: the service `s0` extends `s1`, which extends `s2`, which extends `s3`, which extends `s4`, \
         and so on until `s0` again"
    );
    // Services of one name are told apart by their files.
    let extends = |file: &str| service(&format!("extends: {{file: {file}, service: a}}"));
    let files = [("compose.yaml", &*extends("lib/b.yaml")), ("lib/b.yaml", &*extends("../compose.yaml"))];
    assert_eq!(
        refusal(&files),
        "lib/b.yaml:1:35: the service `a` of `lib/b.yaml` extends `a` of `compose.yaml`, which extends `a` of `lib/b.yaml`"
    );
    let files = [("compose.yaml", "include: [b.yaml]\n"), ("b.yaml", "include: [compose.yaml]\n")];
    assert_eq!(
        refusal(&files),
        "b.yaml:1:11: `/p/compose.yaml` includes `/p/b.yaml`, which includes `/p/compose.yaml`"
    );
}

#[test]
fn without_the_environment_nothing_is_held_against_it() {
    let text = "services:\n  s:\n    build: {context: '$DIR/x', dockerfile: D, args: {P: '${P:?}'}}\n    depends_on: [t]\n    tty: $T\n  t: {image: '$I', profiles: [p]}\n";
    let unknown = resolution(&[("compose.yaml", text)], |request| request.environment = None);
    assert_eq!(unknown.problems, []);
    let target = &unknown.targets[0];
    assert_eq!(shown(target), "? ? P=");
    assert_eq!(
        target.arguments[0].value.as_ref().map(|value| value.unset.clone()),
        Some(vec!["P".to_owned()])
    );
    assert!(!resolution(&[("compose.yaml", text)], |_| {}).problems.is_empty());
}

#[test]
fn remote_parts_are_named_and_the_rest_is_read() {
    let text = "include: ['https://x/y.git']\nservices:\n  s: {build: ., depends_on: [elsewhere]}\n  t: {extends: {file: 'oci://x/y', service: z}, build: ./t}\n";
    let kinds = warnings(&[("compose.yaml", text)]);
    let remote = |address: &str| WarningKind::RemoteNotRead { address: address.to_owned() };
    assert_eq!(kinds, [remote("https://x/y.git"), remote("oci://x/y")]);
    assert_eq!(line(&[("compose.yaml", text)], "t"), "/p/t /p/t/Dockerfile");
}

#[test]
fn what_is_silently_changed_or_lost_is_noted() {
    let text = "x-b: &b\n  context: .\n  args: {KEPT: 1, LOST: 2}\nservices:\n  s:\n    build:\n      <<: *b\n      args: {KEPT: 3.10, U: $UNSET, R: 1}\n  t: {image: x, environment: {E: 1.10, V: $UNSET}}\n";
    let over = "services: {s: {build: {args: [R]}}}\n";
    let resolution = resolved(&[("compose.yaml", text), ("compose.override.yaml", over)]);
    let found: Vec<String> = resolution
        .warnings
        .iter()
        .map(|warning| {
            let file = resolution.sources.file(warning.place.file);
            let (line, column) = file.position(warning.place.span().start);
            let written =
                warning.related.map(|place| &resolution.sources.file(place.file).text[place.span()]);
            format!("{line}:{column} {:?} {:?} {written:?}", warning.kind, warning.target.as_deref())
        })
        .collect();
    assert_eq!(
        found,
        [
            "8:7 MergeDropsEntries { key: \"args\", entries: [\"LOST\"] } Some(\"s\") Some(\"{KEPT: 1, LOST: 2}\")",
            "8:29 UnsetVariable { name: \"UNSET\" } Some(\"s\") None",
            "8:20 NumberChanged { written: \"3.10\", value: \"3.1\" } Some(\"s\") None",
            "1:31 ArgumentRemoved { name: \"R\" } Some(\"s\") Some(\"R\")",
        ]
    );
}

#[test]
fn each_byte_of_an_inline_dockerfile_is_traced_to_the_file() {
    let text = "services:\n  s:\n    build:\n      dockerfile_inline: |\n        FROM alpine:$TAG\n        RUN echo $$HOME ${U:-dflt}\n          more\n";
    let resolution = resolved(&[("compose.yaml", text), (".env", "TAG=3\n")]);
    let Dockerfile::Inline(inline) = &resolution.targets[0].dockerfile else {
        panic!("an inline Dockerfile")
    };
    assert_eq!(inline.text, "FROM alpine:3\nRUN echo $HOME dflt\n  more\n");
    let shown: Vec<String> = inline
        .pieces
        .iter()
        .enumerate()
        .map(|(n, piece)| {
            let end = inline.pieces.get(n + 1).map_or(inline.text.len(), |next| next.start as usize);
            let mark = if piece.literal { '=' } else { '<' };
            format!("{}{mark}{}", &inline.text[piece.start as usize..end], &text[piece.place.span()])
        })
        .collect();
    assert_eq!(
        shown,
        [
            "FROM alpine:=FROM alpine:",
            "3<$TAG",
            "\n=\n",
            "RUN echo =RUN echo ",
            "$<$$",
            "HOME =HOME ",
            "dflt=dflt",
            "\n=\n",
            "  more\n=  more\n",
        ]
    );
}

#[test]
fn places_of_arguments_are_those_of_their_parts() {
    let text = "services: {s: {build: {args: ['NAME=x$V y']}}}\n";
    let resolution = resolved(&[("compose.yaml", text), (".env", "V=1\n")]);
    let argument = &resolution.targets[0].arguments[0];
    assert_eq!(&text[argument.name.place.span()], "NAME");
    let value = argument.value.as_ref().expect("a value");
    assert_eq!((value.value.as_deref(), &text[value.place.span()]), (Some("x1 y"), "x$V y"));
    assert!(value.from_environment);
}

#[test]
fn large_projects_are_read_and_those_that_multiply_are_refused() {
    let many: String = (0..3000).map(|n| format!("  s{n}: {{build: ./x{n}}}\n")).collect();
    assert_eq!(resolved(&[("compose.yaml", &format!("services:\n{many}"))]).targets.len(), 3000);
    let names: Vec<String> = (0..1000).map(|n| format!("A{n}: 1")).collect();
    let extending: String = (0..1000).map(|n| format!("  s{n}: {{extends: b}}\n")).collect();
    let text = format!("services:\n  b: {{build: {{args: {{{}}}}}}}\n{extending}", names.join(", "));
    assert!(refusal(&[("compose.yaml", &text)]).contains("too large"));
    let chain: String = (0..300).map(|n| format!("  s{n}: {{extends: s{}}}\n", n + 1)).collect();
    let text = format!("services:\n{chain}  s300: {{build: .}}\n");
    assert!(refusal(&[("compose.yaml", &text)]).contains("more than 100 services extend one another"));
    let included = vec!["x.yaml"; 1200].join(", ");
    let files =
        [("compose.yaml", &*format!("include: [{included}]\n")), ("x.yaml", "services: {x: {build: .}}\n")];
    assert!(refusal(&files).contains("more than 1000 files"));
}

mod values;
