mod node;

use std::cell::Cell;

use super::*;
use crate::config::Settings;
use crate::engine::lint_model;

type Files<'f> = &'f [(&'f str, &'f str)];

fn analysis(text: &str) -> Analysis {
    Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))))
}

fn proposed(dockerfile: &str, files: Files<'_>) -> Option<Proposal> {
    let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let images = BaseImages::default();
    let project = Project { read: &read, files: Some(&names) };
    propose(&analysis(dockerfile), project, &Sources::new(project), &images)
}

/// The lines that go and come, after all that must be true of any proposal was checked.
fn change(dockerfile: &str, files: Files<'_>) -> String {
    let proposal = proposed(dockerfile, files).unwrap_or_else(|| panic!("no proposal\n{dockerfile}"));
    assert_eq!(proposed(&proposal.text, files), None, "{}", proposal.text);
    let found = |text: &str| -> Vec<String> {
        lint_model(&analysis(text), &Settings::default()).iter().map(|f| f.rule.to_string()).collect()
    };
    let (before, after) = (found(dockerfile), found(&proposal.text));
    assert!(after.iter().all(|rule| before.contains(rule)), "{before:?} {after:?}\n{}", proposal.text);
    let (old, new): (Vec<&str>, Vec<&str>) = (dockerfile.lines().collect(), proposal.text.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("-{line}\n"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+{line}\n"));
    gone.chain(come).collect()
}

/// No proposal for a Dockerfile with something else in the place of a part of it.
fn quiet(dockerfile: &str, files: Files<'_>, cases: &[(&str, &str)]) {
    assert!(proposed(dockerfile, files).is_some(), "{dockerfile}");
    for (from, to) in cases {
        assert!(dockerfile.contains(from), "{from}");
        let text = dockerfile.replacen(from, to, 1);
        if let Some(proposal) = proposed(&text, files) {
            panic!("{from} -> {to}\n{}", proposal.text);
        }
    }
}

/// No proposal where the project is another one: a file with another text, or one more.
fn quiet_with(dockerfile: &str, files: Files<'_>, others: Files<'_>) {
    for (name, text) in others {
        let mut all: Vec<(&str, &str)> = files.iter().filter(|(of, _)| of != name).copied().collect();
        all.push((name, text));
        if let Some(proposal) = proposed(dockerfile, &all) {
            panic!("{name}: {text}\n{}", proposal.text);
        }
    }
}

const GO: &str = "FROM golang:1.24 AS build\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /out/app ./cmd\nFROM scratch\nCOPY --from=build /out/app /app\nENTRYPOINT [\"/app\"]\n";
const GO_FILES: Files<'_> = &[("go.mod", "module x\n"), ("cmd/main.go", "package main\n")];

#[test]
fn go_leaves_its_symbols() {
    insta::assert_snapshot!(change(GO, GO_FILES), @r#"
    -RUN CGO_ENABLED=0 go build -o /out/app ./cmd
    +RUN CGO_ENABLED=0 go build -ldflags="-s -w" -o /out/app ./cmd
    "#);
    quiet(
        GO,
        GO_FILES,
        &[
            ("go build", "go build -ldflags=-w"),
            ("go build", "go build -gcflags=all=-N"),
            ("CGO_ENABLED=0", "GOFLAGS=-ldflags=-s"),
            ("WORKDIR", "ENV GOFLAGS=-mod=mod\nWORKDIR"),
            ("CGO_ENABLED=0 go build -o /out/app ./cmd", "sh -c 'go build -o /out/app ./cmd'"),
            ("RUN CGO_ENABLED=0 go build -o /out/app ./cmd", "RUN [\"go\", \"build\", \"-o\", \"/out/app\"]"),
            // What is copied is another file.
            ("/out/app /app", "/src/static /app"),
            ("AS build", "AS debug"),
            ("ENTRYPOINT [\"/app\"]", "ENTRYPOINT [\"dlv\", \"exec\", \"/app\"]"),
        ],
    );
    let looks_at_itself = [("cmd/self.go", "import \"debug/elf\"\n")];
    quiet_with(GO, GO_FILES, &looks_at_itself);
    assert_eq!(proposed(GO, &[]), None);
}

const RUST: &str = "FROM rust:1.90 AS build\nWORKDIR /app\nCOPY . .\n# The program.\nRUN cargo build --release\nFROM debian:13-slim\nCOPY --from=build /app/target/release/app /usr/local/bin/\nCMD [\"app\"]\n";
const RUST_FILES: Files<'_> = &[("Cargo.toml", "[package]\nname = \"app\"\n[dependencies]\nserde = \"1\"\n")];

#[test]
fn rust_leaves_its_symbols() {
    let proposal = proposed(RUST, RUST_FILES).unwrap();
    assert!(proposal.text.contains("COPY . .\nENV CARGO_PROFILE_RELEASE_STRIP=symbols\n# The program.\nRUN"));
    assert_eq!(change(RUST, RUST_FILES), "+ENV CARGO_PROFILE_RELEASE_STRIP=symbols\n");
    quiet(
        RUST,
        RUST_FILES,
        &[
            (" --release", ""),
            ("rust:1.90", "rust:1.58"),
            ("rust:1.90", "example.com/own"),
            ("CMD", "ENV RUST_BACKTRACE=1\nCMD"),
            ("--release", "--release && strip target/release/app"),
            ("--release", "--release --target wasm32-wasi"),
            ("/app/target/release/app", "/app/static"),
        ],
    );
    quiet_with(
        RUST,
        RUST_FILES,
        &[
            ("Cargo.toml", "[package]\n[profile.release]\nlto = true\nstrip = true\n"),
            ("Cargo.toml", "[package]\n[dependencies]\nbacktrace = \"0.3\"\n"),
            ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
            (".cargo/config.toml", ""),
        ],
    );
}

const REACT: &str = "FROM node:22 AS build\nWORKDIR /code\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nRUN [\"npm\", \"run\", \"build\"]\nFROM nginx:1.29-alpine\nCOPY --from=build /code/build /usr/share/nginx/html\n";
const REACT_FILES: Files<'_> = &[("package.json", r#"{"scripts":{"build":"react-scripts build"}}"#)];

#[test]
fn a_front_end_leaves_its_source_maps() {
    assert_eq!(change(REACT, REACT_FILES), "+ENV GENERATE_SOURCEMAP=false\n");
    quiet(
        REACT,
        REACT_FILES,
        &[
            ("/code/build ", "/code/public "),
            ("WORKDIR", "ENV GENERATE_SOURCEMAP=true\nWORKDIR"),
            (
                "FROM nginx:1.29-alpine\nCOPY --from=build /code/build /usr/share/nginx/html",
                "CMD [\"npx\", \"serve\"]",
            ),
        ],
    );
    quiet_with(
        REACT,
        REACT_FILES,
        &[
            ("package.json", r#"{"scripts":{"build":"vite build"}}"#),
            (
                "package.json",
                r#"{"scripts":{"build":"react-scripts build"},"dependencies":{"@sentry/react":"8"}}"#,
            ),
            (".env.production", "GENERATE_SOURCEMAP=false\n"),
        ],
    );
}

const PYTHON: &str = "FROM python:3.13-alpine@sha256:0123456789012345678901234567890123456789012345678901234567890123 AS base\nFROM base AS builder\nRUN apk add --no-cache g++\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nFROM base\nWORKDIR /app\nCOPY --from=builder /usr/local/lib/python3.13/ /usr/local/lib/python3.13/\nCOPY . .\nUSER nobody\nENTRYPOINT [\"python\", \"app.py\"]\n";

#[test]
fn pythons_own_library_is_there_already() {
    insta::assert_snapshot!(change(PYTHON, &[]), @r"
    -COPY --from=builder /usr/local/lib/python3.13/ /usr/local/lib/python3.13/
    +COPY --from=builder /usr/local/lib/python3.13/site-packages/ /usr/local/lib/python3.13/site-packages/
    ");
    quiet(
        PYTHON,
        &[],
        &[
            // Another base, which has another library.
            ("FROM base\n", "FROM alpine:3.22\nRUN apk add --no-cache python3\n"),
            ("FROM base AS builder", "FROM python:3.13-slim AS builder"),
            ("pip install", "pip install --prefix=/usr/local/lib/python3.13"),
            ("RUN apk add --no-cache g++", "RUN cp mine.py /usr/local/lib/python3.13/"),
            (
                "requirements.txt .\n",
                "requirements.txt .\nCOPY sitecustomize.py /usr/local/lib/python3.13/\n",
            ),
            ("/usr/local/lib/python3.13/\nCOPY", "/opt/python/\nCOPY"),
            ("python:3.13-alpine", "example.com/python:3.13-alpine"),
        ],
    );
}

const GRADLE: &str = "FROM eclipse-temurin:21-jdk AS builder\nWORKDIR /app\nCOPY . .\nRUN ./gradlew installDist\nFROM eclipse-temurin:21-jre\nWORKDIR /app\nCOPY --from=builder /app .\nADD --chmod=644 https://example.com/agent.jar /app/agent.jar\nENV JAVA_TOOL_OPTIONS=\"-javaagent:/app/agent.jar -Xmx200m\"\nEXPOSE 9555\nENTRYPOINT [\"./build/install/shop/bin/shop\"]\n";
const GRADLE_FILES: Files<'_> = &[
    ("build.gradle", "plugins { id 'application' }\n// defaultJvmOpts = []\n"),
    ("src/main/java/A.java", "import java.io.IOException;\n"),
    ("gradlew", ""),
];

#[test]
fn a_distribution_of_gradle_is_copied_alone() {
    insta::assert_snapshot!(change(GRADLE, GRADLE_FILES), @r"
    -COPY --from=builder /app .
    +COPY --from=builder /app/build/install/shop/ ./build/install/shop/
    ");
    quiet(
        GRADLE,
        GRADLE_FILES,
        &[
            ("installDist", "build"),
            ("-javaagent:/app/agent.jar", "-Dlog4j2.configurationFile=/app/log4j2.xml"),
            ("EXPOSE", "RUN chmod +x /app/tools/init\nEXPOSE"),
            ("EXPOSE", "HEALTHCHECK CMD /app/health.sh\nEXPOSE"),
            ("bin/shop\"", "bin/shop\", \"config.yml\""),
            ("./build/install/shop/bin/shop", "/app/run.sh"),
            ("/app .", "/ /"),
        ],
    );
    quiet_with(
        GRADLE,
        GRADLE_FILES,
        &[
            ("src/main/java/A.java", "import java.nio.file.Path;\n"),
            ("src/main/java/A.java", "new FileReader(\"data.csv\")"),
            ("build.gradle", "applicationDefaultJvmArgs = ['-Dx=y']\n"),
            ("build.gradle", "id 'org.springframework.boot'\n"),
        ],
    );
}

const NATIVE: &str = "FROM alpine:3.22 AS build\nRUN apk add --no-cache cmake make g++\nWORKDIR /src\nCOPY . .\nRUN cmake . && make install\nFROM alpine:3.22\nRUN apk add --no-cache libstdc++\nCOPY --from=build /usr/local /usr/local\nENTRYPOINT [\"currency\"]\n";

#[test]
fn headers_and_static_libraries_stay_in_the_build() {
    assert_eq!(
        change(NATIVE, &[]),
        "+RUN rm -rf /usr/local/include /usr/local/lib/cmake /usr/local/lib/pkgconfig && find /usr/local/lib -name '*.a' -delete\n"
    );
    quiet(
        NATIVE,
        &[],
        &[
            ("make install", "make"),
            ("/usr/local /usr/local", "/usr/local/bin /usr/local/bin"),
            ("ENTRYPOINT [\"currency\"]", "ENTRYPOINT [\"gcc\"]"),
            ("ENTRYPOINT [\"currency\"]", "ENTRYPOINT [\"./start.sh\"]"),
            ("FROM alpine:3.22\nRUN apk add --no-cache libstdc++", "FROM python:3.13-alpine"),
            ("FROM alpine:3.22 AS build", "FROM python:3.13-alpine AS build"),
            ("COPY . .", "COPY . .\nUSER builder"),
            // Somebody builds with what is installed.
            (
                "FROM alpine:3.22\n",
                "FROM build AS more\nRUN make more\nFROM alpine:3.22\nCOPY --from=more /more /\n",
            ),
        ],
    );
}

const RUBY: &str = "FROM ruby:3.4-alpine AS build\nCOPY Gemfile Gemfile.lock ./\nRUN apk add --no-cache build-base && bundle install\nFROM ruby:3.4-alpine\nCOPY --from=build /usr/local/bundle/ /usr/local/bundle/\nWORKDIR /app\nCOPY . .\nENTRYPOINT [\"bundle\", \"exec\", \"puma\"]\n";

#[test]
fn archives_of_gems_stay_in_the_build() {
    assert_eq!(change(RUBY, &[]), "+RUN rm -rf /usr/local/bundle/cache/*.gem\n");
    quiet(
        RUBY,
        &[],
        &[
            ("bundle install", "bundle install && rm -rf /usr/local/bundle/cache/*.gem"),
            ("WORKDIR /app", "RUN gem pristine --all\nWORKDIR /app"),
            ("\"bundle\", \"exec\", \"puma\"", "\"bin/docker-entrypoint\""),
            ("bundle install", "true"),
        ],
    );
}

const PHP: &str = "FROM example.com/installer:2@sha256:0123456789012345678901234567890123456789012345678901234567890123 AS installer\nFROM php:8.4-cli-alpine\n\nCOPY --from=installer /usr/bin/install-php-extensions /usr/local/bin/\n\nRUN install-php-extensions opcache pcntl\nWORKDIR /var/www\nCOPY . .\nCMD [\"php\", \"index.php\"]\n";

#[test]
fn a_tool_of_the_build_is_mounted() {
    insta::assert_snapshot!(change(PHP, &[]), @r"
    -COPY --from=installer /usr/bin/install-php-extensions /usr/local/bin/
    -RUN install-php-extensions opcache pcntl
    +RUN --mount=type=bind,from=installer,source=/usr/bin/install-php-extensions,target=/usr/local/bin/install-php-extensions \
    +    install-php-extensions opcache pcntl
    ");
    let uv = "FROM python:3.13-slim\nCOPY --from=ghcr.io/astral-sh/uv:0.9.7 /uv /uvx /bin/\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\nCMD [\".venv/bin/app\"]\n";
    insta::assert_snapshot!(change(uv, &[]), @r"
    -COPY --from=ghcr.io/astral-sh/uv:0.9.7 /uv /uvx /bin/
    -RUN uv sync --locked
    +RUN --mount=type=bind,from=ghcr.io/astral-sh/uv:0.9.7,source=/uv,target=/bin/uv \
    +    uv sync --locked
    ");
    quiet(
        PHP,
        &[],
        &[
            ("[\"php\", \"index.php\"]", "[\"install-php-extensions\", \"zip\"]"),
            ("[\"php\", \"index.php\"]", "[\"./entrypoint.sh\"]"),
            ("[\"php\", \"index.php\"]", "[\"/var/www/run\"]"),
            ("/usr/bin/install-php-extensions", "/usr/bin/supervise"),
            ("WORKDIR /var/www", "RUN ./setup.sh\nWORKDIR /var/www"),
            ("COPY --from=installer", "COPY --chmod=755 --from=installer"),
            ("/usr/local/bin/\n", "/usr/local/bin\n"),
            ("CMD [\"php\", \"index.php\"]\n", ""),
        ],
    );
    quiet_with(PHP, &[], &[("update.php", "exec('install-php-extensions', $out);\n")]);
    quiet_with(uv, &[], &[("app.py", "subprocess.run([\"uv\", \"pip\", \"list\"])\n")]);
    quiet(uv, &[], &[("[\".venv/bin/app\"]", "[\"uv\", \"run\", \"app\"]"), ("uv sync", "true")]);
}

const JAVA: &str = "FROM maven:3.9-eclipse-temurin-21 AS build\nWORKDIR /src\nCOPY . .\nRUN mvn -B package\nFROM eclipse-temurin:21-jdk-alpine\nCOPY --from=build /src/target/app.jar /app.jar\nUSER 1000\nENTRYPOINT [\"java\", \"-Xmx1g\", \"-jar\", \"/app.jar\"]\n";
const JAVA_FILES: Files<'_> = &[("pom.xml", "<project/>"), ("src/main/java/A.java", "class A {}\n")];

#[test]
fn java_runs_without_its_compiler() {
    insta::assert_snapshot!(change(JAVA, JAVA_FILES), @r"
    -FROM eclipse-temurin:21-jdk-alpine
    +FROM eclipse-temurin:21-jre-alpine
    ");
    quiet(
        JAVA,
        JAVA_FILES,
        &[
            ("\"java\", \"-Xmx1g\"", "\"./start.sh\""),
            ("\"java\", \"-Xmx1g\"", "\"java\", \"-agentlib:jdwp=transport=dt_socket\""),
            ("USER 1000", "RUN jlink --add-modules java.base --output /jre"),
            ("USER 1000", "HEALTHCHECK CMD jcmd 1 VM.uptime"),
            ("USER 1000", "ENV JAVA_TOOL_OPTIONS=--add-modules=jdk.attach"),
            ("21-jdk-alpine", "21-jre-alpine"),
        ],
    );
    quiet_with(
        JAVA,
        JAVA_FILES,
        &[
            ("pom.xml", "<artifactId>drools-core</artifactId>"),
            ("src/main/java/A.java", "import javax.tools.ToolProvider;\n"),
        ],
    );
    assert_eq!(proposed(JAVA, &[]), None);
}

#[test]
fn dotnet_runs_without_its_sdk() {
    let text = "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /src\nCOPY . .\nRUN dotnet publish -c Release -o /out\nFROM mcr.microsoft.com/dotnet/sdk:8.0.404-bookworm-slim\nWORKDIR /app\nCOPY --from=build /out .\nUSER 1000\nENTRYPOINT [\"dotnet\", \"Shop.dll\"]\n";
    insta::assert_snapshot!(change(text, &[]), @r"
    -FROM mcr.microsoft.com/dotnet/sdk:8.0.404-bookworm-slim
    +FROM mcr.microsoft.com/dotnet/aspnet:8.0-bookworm-slim
    ");
    quiet(
        text,
        &[],
        &[
            ("\"Shop.dll\"", "\"ef\", \"database\", \"update\""),
            ("\"Shop.dll\"", "\"watch\""),
            ("USER 1000", "RUN dotnet tool install -g dotnet-ef"),
            // The runtime of Alpine has no data of languages.
            ("sdk:8.0.404-bookworm-slim", "sdk:8.0-alpine"),
        ],
    );
}

#[test]
fn a_static_program_needs_no_tools_of_go() {
    let text = GO
        .replace("go build", "go build -ldflags='-s -w'")
        .replace("FROM scratch", "FROM golang:1.24\nWORKDIR /data\nUSER 65532");
    insta::assert_snapshot!(change(&text, GO_FILES), @r"
    -FROM golang:1.24
    +FROM gcr.io/distroless/static-debian13:nonroot
    ");
    quiet(
        &text,
        GO_FILES,
        &[
            ("CGO_ENABLED=0 ", ""),
            ("CGO_ENABLED=0", "CGO_ENABLED=1"),
            ("ENTRYPOINT [\"/app\"]", "ENTRYPOINT /app"),
            ("ENTRYPOINT [\"/app\"]", "RUN apt-get update\nENTRYPOINT [\"/app\"]"),
            ("USER 65532", "USER app"),
            ("/out/app /app", "/src/run /app"),
            ("USER 65532", "EXPOSE 80"),
        ],
    );
    quiet_with(&text, GO_FILES, &[("cmd/run.go", "import \"os/exec\"\n")]);
}

const SLIM: &str = "FROM node:22 AS app\nWORKDIR /code\nCOPY package.json package-lock.json ./\nRUN npm ci --omit=dev\nCOPY . .\nCMD [\"node\", \"index.js\"]\nFROM app AS more\nRUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*\n";
const SLIM_FILES: Files<'_> = &[
    ("package.json", r#"{"dependencies":{"express":"4"}}"#),
    ("package-lock.json", r#"{"lockfileVersion":1,"dependencies":{"express":{"version":"4.0.0"}}}"#),
    ("index.js", "require('express')\n"),
];

#[test]
fn node_without_native_code_runs_on_the_slim_image() {
    insta::assert_snapshot!(change(SLIM, SLIM_FILES), @r"
    -FROM node:22 AS app
    +FROM node:22-slim AS app
    ");
    quiet(
        SLIM,
        SLIM_FILES,
        &[
            ("[\"node\", \"index.js\"]", "[\"npm\", \"run\", \"dev\"]"),
            ("[\"node\", \"index.js\"]", "[\"./start.sh\"]"),
            ("COPY . .", "COPY . .\nRUN curl -fsS https://example.com/model -o model"),
            ("COPY . .", "COPY . .\nHEALTHCHECK CMD curl -f http://localhost/"),
            ("npm ci --omit=dev", "npm ci --omit=dev && ./setup"),
        ],
    );
    quiet_with(
        SLIM,
        SLIM_FILES,
        &[
            (
                "package-lock.json",
                r#"{"dependencies":{"bcrypt":{"requires":{"node-addon-api":"5"}},"node-addon-api":{}}}"#,
            ),
            ("package-lock.json", r#"{"packages":{"node_modules/sharp":{"hasInstallScript":true}}}"#),
            (
                "package-lock.json",
                r#"{"packages":{"node_modules/x":{"resolved":"git+ssh://git@example.com/x.git"}}}"#,
            ),
            ("package.json", r#"{"scripts":{"postinstall":"node-gyp rebuild"}}"#),
            ("index.js", "require('child_process').execSync('git log')\n"),
        ],
    );
}

const NGINX: &str = "FROM nginx:1.29\nRUN rm /etc/nginx/conf.d/default.conf\nCOPY nginx.conf /etc/nginx/conf.d/default.conf\nCOPY html /usr/share/nginx/html\n";
const NGINX_FILES: Files<'_> = &[("nginx.conf", "server { listen 80; }\n")];

#[test]
fn nginx_serves_from_the_smaller_system() {
    insta::assert_snapshot!(change(NGINX, NGINX_FILES), @r"
    -FROM nginx:1.29
    +FROM nginx:1.29-alpine
    ");
    quiet(
        NGINX,
        NGINX_FILES,
        &[
            ("RUN rm", "RUN apt-get update\nRUN rm"),
            ("nginx:1.29", "nginx:latest"),
            ("nginx:1.29", "nginx:1.29-perl"),
            ("COPY html", "COPY 40-run.sh /docker-entrypoint.d/\nCOPY html"),
            ("COPY nginx.conf", "COPY other.conf"),
            ("RUN rm", "SHELL [\"/bin/bash\", \"-c\"]\nRUN rm"),
        ],
    );
    quiet_with(
        NGINX,
        NGINX_FILES,
        &[("nginx.conf", "user www-data;\n"), ("nginx.conf", "load_module modules/x.so;\n")],
    );
}

#[test]
fn changes_say_what_is_known() {
    let says = |proposal: &Proposal| -> Vec<(u32, bool)> {
        proposal.changes.iter().map(|c| (c.line, c.saving.is_some())).collect()
    };
    assert_eq!(says(&proposed(GO, GO_FILES).unwrap()), [(4, false)]);
    assert_eq!(says(&proposed(SLIM, SLIM_FILES).unwrap()), [(1, true)]);
    let digest = "@sha256:0123456789012345678901234567890123456789012345678901234567890123";
    let pinned = JAVA.replace("jdk-alpine", &format!("jdk-alpine{digest}"));
    assert!(proposed(&pinned, JAVA_FILES).unwrap().notes[0].contains("is not pinned by its digest"));
}

#[test]
fn two_things_to_leave_behind_come_in_one_proposal() {
    let text = GO.replace("FROM scratch", "FROM golang:1.24\nUSER 65532");
    insta::assert_snapshot!(change(&text, GO_FILES), @r#"
    -RUN CGO_ENABLED=0 go build -o /out/app ./cmd
    -FROM golang:1.24
    +RUN CGO_ENABLED=0 go build -ldflags="-s -w" -o /out/app ./cmd
    +FROM gcr.io/distroless/static-debian13:nonroot
    "#);
}

#[test]
fn builds_of_a_line_are_one_change() {
    let builds = |n: usize| {
        let builds: Vec<String> =
            (0..n).map(|i| format!("CGO_ENABLED=0 go build -o /out/app{i} ./cmd")).collect();
        GO.replace("CGO_ENABLED=0 go build -o /out/app ./cmd", &builds.join(" && \\\n "))
            .replace("/out/app ", "/out/app0 ")
    };
    let proposal = proposed(&builds(3), GO_FILES).unwrap();
    assert_eq!(proposal.changes.len(), 1, "{proposal:?}");
    assert_eq!(proposal.text.matches("-ldflags=").count(), 1, "the others are not copied");
    let all = builds(400).replace("/out/app0 /app", "/out /app");
    let reads = Cell::new(0);
    let read = |path: &str| {
        reads.set(reads.get() + 1);
        GO_FILES.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned())
    };
    let names: Vec<String> = GO_FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let project = Project { read: &read, files: Some(&names) };
    let proposal = propose(&analysis(&all), project, &Sources::new(project), &BaseImages::default()).unwrap();
    assert_eq!(proposal.text.matches("-ldflags=").count(), 400);
    assert!(reads.get() <= names.len(), "{}", reads.get());
}

#[test]
fn one_proposal_makes_so_many_changes() {
    let stages: String = (0..40)
        .map(|i| {
            format!(
                "FROM golang:1.24 AS b{i}\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app ./cmd\n"
            )
        })
        .collect();
    let copies: String = (0..40).map(|i| format!("COPY --from=b{i} /app /app{i}\n")).collect();
    let text = format!("{stages}FROM scratch\n{copies}CMD [\"/app0\"]\n");
    let proposal = proposed(&text, GO_FILES).unwrap();
    assert_eq!(proposal.changes.len(), MAX_PIECES);
}

#[test]
fn what_is_not_known_of_sources_counts_as_a_call() {
    let read = |path: &str| (path == "go.mod").then(String::new);
    let project = Project { read: &read, files: None };
    assert_eq!(propose(&analysis(GO), project, &Sources::new(project), &BaseImages::default()), None);
}
