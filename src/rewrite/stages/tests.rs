mod ties;

use std::fs;

use super::*;
use crate::config::Settings;
use crate::engine::{diff, lint_model};
use crate::rules::Category;

/// Proposes for a Dockerfile in a context of these files.
fn proposed(dockerfile: &str, files: &[(&str, &str)]) -> Result<Proposal, NoProposal> {
    let file = parse(Source::from_text("Dockerfile", dockerfile));
    let model = Analysis::new(Model::new(file.clone()));
    let read = |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned());
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    let project = Project { read: &read, files: Some(&names) };
    propose(&model, project, &Sources::new(project))
}

/// Findings on sizes, by rule.
fn sizes(text: &str) -> Vec<String> {
    let file = parse(Source::from_text("Dockerfile", text));
    let settings = Settings::default();
    let found = lint_model(&Analysis::new(Model::new(file.clone())), &settings);
    let of_size =
        |rule: &str| settings.rules.catalogue().find(rule).is_some_and(|r| r.meta.category == Category::Size);
    found.iter().map(|f| f.rule.to_string()).filter(|r| of_size(r)).collect()
}

/// The change, after all that must be true of any proposal was checked.
fn change(dockerfile: &str, files: &[(&str, &str)]) -> String {
    let proposal = proposed(dockerfile, files).unwrap_or_else(|e| panic!("{e}"));
    let again = proposed(&proposal.text, files);
    assert_eq!(again.map_err(|e| e.why), Err("it already has several stages".to_owned()));
    let (before, after) = (sizes(dockerfile), sizes(&proposal.text));
    assert!(
        after.len() <= before.len() && after.iter().all(|r| before.contains(r)),
        "{before:?} {after:?}\n{}",
        proposal.text
    );
    let mut out =
        String::from_utf8(diff("Dockerfile", dockerfile.as_bytes(), proposal.text.as_bytes())).unwrap();
    for note in proposal.notes {
        out.push_str(&format!("# {note}\n"));
    }
    out
}

fn refusal(dockerfile: &str, files: &[(&str, &str)]) -> String {
    match proposed(dockerfile, files) {
        Ok(proposal) => panic!("{}", proposal.text),
        Err(why) => why.to_string(),
    }
}

#[test]
fn python_with_headers_and_sources_first() {
    let dockerfile = "\
# syntax=docker/dockerfile:1
ARG VERSION=3.12
# What runs.
FROM python:${VERSION}-bookworm
LABEL org.opencontainers.image.title=shop
ENV PIP_NO_CACHE_DIR=1
ENV PYTHONUNBUFFERED=1

WORKDIR /srv
# libpq for psycopg2
RUN apt-get update && apt-get install -y gcc libpq-dev libfoo-dev gettext && rm -rf /var/lib/apt/lists/*
COPY . .
RUN pip install -r requirements.txt
# Nobody needs to be root.
RUN useradd --system shop
USER shop
EXPOSE 8000
HEALTHCHECK CMD curl -f http://localhost:8000/ || exit 1
CMD [\"gunicorn\", \"shop:app\"]
# end
";
    let files = [
        ("requirements.txt", "gunicorn\npsycopg2==2.9\n-r base.txt\n"),
        ("base.txt", "flask\n"),
        ("shop.py", ""),
    ];
    insta::assert_snapshot!("python", change(dockerfile, &files));
}

#[test]
fn python_on_alpine_keeps_alpine() {
    let dockerfile = "\
FROM python:3.13-alpine
RUN apk add --no-cache gcc musl-dev libffi-dev postgresql-dev
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY src ./src
ENTRYPOINT [\"python\", \"src/main.py\"]
";
    insta::assert_snapshot!("python_alpine", change(dockerfile, &[("requirements.txt", "cffi\n")]));
}

#[test]
fn python_that_installs_itself_needs_its_sources() {
    let dockerfile = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install .\nCMD [\"shop\"]\n";
    insta::assert_snapshot!("python_local", change(dockerfile, &[]));
}

const NODE: &str = r#"{"scripts":{"start":"node server.js","build":"tsc"},"dependencies":{"express":"4"},"devDependencies":{"typescript":"5"}}"#;

#[test]
fn node_without_a_build_leaves_out_dev_dependencies() {
    let dockerfile =
        "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\nCMD [\"npm\", \"start\"]\n";
    let files = [("package.json", NODE), ("package-lock.json", "{}"), (".npmrc", "")];
    insta::assert_snapshot!("node", change(dockerfile, &files));
    let yarn = "FROM node:22-bookworm\nRUN yarn global add pm2\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile\nCOPY . .\nCMD [\"node\", \"server.js\"]\n";
    let files = [("package.json", NODE), ("yarn.lock", "# yarn lockfile v1\n")];
    insta::assert_snapshot!("node_yarn", change(yarn, &files));
}

#[test]
fn node_with_a_build_takes_its_result() {
    let dockerfile = "FROM node:22\nRUN corepack enable\nWORKDIR /app\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install --frozen-lockfile\nCOPY . .\nRUN pnpm build\nEXPOSE 3000\nCMD [\"node\", \"dist/main.js\"]\n";
    insta::assert_snapshot!(
        "node_build",
        change(dockerfile, &[("package.json", NODE), ("pnpm-lock.yaml", "")])
    );
}

#[test]
fn node_whose_start_is_a_dev_dependency_keeps_them() {
    let manifest = r#"{"scripts":{"start":"ts-node app.ts"},"devDependencies":{"ts-node":"10"}}"#;
    let dockerfile =
        "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nCMD npm start\n";
    let text = change(dockerfile, &[("package.json", manifest)]);
    assert!(text.contains("FROM node:22-slim") && !text.contains("omit"), "{text}");
}

#[test]
fn manifests_that_nothing_else_brings_stay() {
    let dockerfile = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY server.js ./\nCMD npm start\n";
    let text = proposed(dockerfile, &[("package.json", NODE)]).unwrap().text;
    assert_eq!(text.matches("COPY package.json ./").count(), 2, "{text}");
}

#[test]
fn go_is_static() {
    let dockerfile = "FROM golang:1.24 AS app\nWORKDIR /src\nCOPY . .\nRUN go build -o server ./cmd/server\nEXPOSE 8080\nENTRYPOINT [\"./server\"]\n";
    let files = [
        ("go.mod", "module example.com/x\n"),
        ("go.sum", ""),
        ("cmd/server/main.go", ""),
        ("internal/web/web.go", ""),
        ("internal/web/templates/index.html", ""),
        ("static/site.css", ""),
        ("README.md", ""),
    ];
    insta::assert_snapshot!("go", change(dockerfile, &files));
}

#[test]
fn go_with_cgo_keeps_its_libraries() {
    let dockerfile = "FROM golang:1.24-alpine3.21\nRUN apk add --no-cache gcc musl-dev git\nWORKDIR /src\nCOPY go.mod go.sum ./\nRUN go mod download\nCOPY . .\nRUN go install .\nRUN adduser -D app\nUSER app\nHEALTHCHECK CMD wget -q -O- http://localhost/ || exit 1\nCMD [\"notes\"]\n";
    let files = [("go.mod", "require github.com/mattn/go-sqlite3 v1\n"), ("go.sum", ""), ("main.go", "")];
    insta::assert_snapshot!("go_cgo", change(dockerfile, &files));
}

#[test]
fn rust_links_what_the_lock_file_names() {
    let dockerfile = "FROM rust:1.90-bookworm\nRUN apt-get update && apt-get install -y cmake libssl-dev\nWORKDIR /usr/src/app\nCOPY . .\nRUN cargo build --release\nEXPOSE 80\nCMD [\"./target/release/app\"]\n";
    let files = [
        ("Cargo.toml", ""),
        ("Cargo.lock", "[[package]]\nname = \"openssl-sys\"\n[[package]]\nname = \"pq-sys\"\n"),
        ("src/main.rs", ""),
        ("migrations/1.sql", ""),
    ];
    insta::assert_snapshot!("rust", change(dockerfile, &files));
    let alpine =
        "FROM rust:1.90-alpine3.22\nWORKDIR /app\nCOPY . .\nRUN cargo install --path .\nCMD [\"app\"]\n";
    insta::assert_snapshot!("rust_alpine", change(alpine, &[("Cargo.lock", ""), ("src/main.rs", "")]));
}

#[test]
fn java_runs_with_a_jre() {
    let dockerfile = "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /app\nCOPY . .\nRUN mvn -B -DskipTests package\nENV JAVA_OPTS=-Xmx512m\nEXPOSE 8080\nCMD java $JAVA_OPTS -jar target/*.jar\n";
    insta::assert_snapshot!(
        "java_maven",
        change(dockerfile, &[("pom.xml", "<project/>"), ("src/A.java", "")])
    );
    let gradle = "FROM gradle:8-jdk17\nCOPY . /app\nWORKDIR /app\nRUN gradle bootJar --no-daemon && cp build/libs/shop.jar /shop.jar\nENTRYPOINT [\"java\", \"-jar\", \"/shop.jar\"]\n";
    insta::assert_snapshot!("java_gradle", change(gradle, &[("build.gradle", ""), ("src/A.java", "")]));
}

#[test]
fn dotnet_runs_with_its_runtime() {
    let dockerfile = "FROM mcr.microsoft.com/dotnet/sdk:8.0.404-alpine3.20\nWORKDIR /src\nCOPY . .\nRUN dotnet publish -c Release -o /app\nWORKDIR /app\nEXPOSE 8080\nENTRYPOINT [\"dotnet\", \"Shop.dll\"]\n";
    let web = [("Shop.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"/>"), ("Program.cs", "")];
    insta::assert_snapshot!("dotnet", change(dockerfile, &web));
    let console = [("Shop.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"/>")];
    assert!(change(dockerfile, &console).contains("FROM mcr.microsoft.com/dotnet/runtime:8.0-alpine3.20"));
}

#[test]
fn ruby_takes_the_gems() {
    let dockerfile = "FROM ruby:3.4\nRUN apt-get update && apt-get install -y build-essential libyaml-dev\nWORKDIR /app\nCOPY . .\nRUN bundle install\nEXPOSE 3000\nCMD [\"bundle\", \"exec\", \"puma\"]\n";
    let files =
        [("Gemfile", "gem \"pg\"\n"), ("Gemfile.lock", "GEM\n  specs:\n    pg (1.5.9)\n    puma (6.5)\n")];
    insta::assert_snapshot!("ruby", change(dockerfile, &files));
}

#[test]
fn php_takes_extensions_and_packages() {
    let dockerfile = "FROM php:8.3-fpm-bookworm\nRUN apt-get update && apt-get install -y git unzip libzip-dev libicu-dev\nRUN docker-php-ext-install zip intl\nCOPY --from=composer:2 /usr/bin/composer /usr/bin/composer\nWORKDIR /var/www\nCOPY composer.json composer.lock ./\nRUN composer install --no-dev --no-scripts\nCOPY . .\nCMD [\"php-fpm\"]\n";
    insta::assert_snapshot!("php", change(dockerfile, &[("composer.json", "{}"), ("index.php", "")]));
}

#[test]
fn line_ends_and_marks_stay() {
    let dockerfile = "\u{feff}FROM python:3.12\r\nCOPY requirements.txt .\r\nRUN pip install \\\r\n  -r requirements.txt\r\nCOPY app.py .\r\nCMD [\"python\", \"app.py\"]\r\n";
    let text = proposed(dockerfile, &[("requirements.txt", "flask")]).unwrap().text;
    assert!(text.starts_with("\u{feff}FROM python:3.12 AS build\r\n"), "{text:?}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn the_name_of_the_stage_stays_with_what_runs() {
    let dockerfile =
        "FROM --platform=linux/amd64 python:3.12 AS web\nRUN pip install flask\nCMD [\"flask\"]\n";
    let text = proposed(dockerfile, &[]).unwrap().text;
    assert!(text.starts_with("FROM --platform=linux/amd64 python:3.12 AS build\n"), "{text}");
    assert!(text.contains("FROM --platform=linux/amd64 python:3.12-slim AS web\n"), "{text}");
}

/// The base as written with a digest behind it.
const DIGEST: &str = "@sha256:0123456789012345678901234567890123456789012345678901234567890123";

#[test]
fn an_image_that_is_small_already_keeps_its_digest() {
    let dockerfile = format!(
        "FROM python:3.13-slim{DIGEST}\nWORKDIR /app\nRUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*\nCOPY src/agent/requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY src/agent/run.py .\nCMD [\"python\", \"run.py\"]\n"
    );
    let with = |requirements: &str| proposed(&dockerfile, &[("src/agent/requirements.txt", requirements)]);
    let proposal = with("flask\n").unwrap();
    assert_eq!(proposal.text.matches(DIGEST).count(), 2, "{}", proposal.text);
    assert!(!proposal.text.contains("libgomp1") && proposal.notes.is_empty(), "{proposal:?}");
    // What a compiler brings along, and what calls it when it runs.
    assert!(with("flask\nlightgbm==4\n").unwrap().text.contains("libgomp1"));
    assert_eq!(with("flask\nvllm\n").unwrap_err().to_string(), "`vllm` compiles code when it runs");
}

#[test]
fn a_smaller_image_has_another_digest() {
    let dockerfile = format!("FROM python:3.13{DIGEST}\nRUN pip install flask\nCMD [\"flask\", \"run\"]\n");
    let proposal = proposed(&dockerfile, &[]).unwrap();
    assert!(proposal.text.contains("\nFROM python:3.13-slim\n"), "{}", proposal.text);
    assert!(proposal.notes.iter().any(|note| note.contains("`python:3.13-slim` does not")), "{proposal:?}");
}

#[test]
fn there_is_no_proposal_where_it_cannot_be_told() {
    let files = [("requirements.txt", "flask"), ("package.json", NODE), ("go.mod", "")];
    for (dockerfile, want) in [
        ("FROM python:3.12\nRUN pip install x\n", "there is no CMD or ENTRYPOINT"),
        ("FROM python:3.12\nRUN pip install x\nCMD ./start.sh\n", "line 3: what `start.sh` needs"),
        (
            "FROM python:3.12\nRUN pip install x && ./setup\nCMD x\n",
            "line 2: which stage needs what `./setup` does",
        ),
        ("FROM python:3.12\nRUN pip install --user x\nCMD x\n", "line 2: it installs to a place of its own"),
        ("FROM python:3.12\nUSER app\nRUN pip install x\nCMD x\n", "line 2: the build runs as another user"),
        (
            "FROM python:3.12-slim\nRUN pip install x\nCMD x\n",
            "line 2: this installs nothing that only a build",
        ),
        (
            "FROM python:3.12\nRUN mkdir /data && pip install x\nCMD x\n",
            "line 2: it builds and makes folders",
        ),
        (
            "FROM python:3.12\nRUN pip install x\nCOPY c /usr/local/lib/python3.12/\nCMD x\n",
            "line 3: it names a place",
        ),
        ("FROM a AS b\nFROM b\nCMD x\n", "it already has several stages"),
        (
            "FROM example.com/own:1\nRUN pip install x\nCMD x\n",
            "line 1: dlint does not know how to split an image based on `own`",
        ),
        (
            "FROM node:22\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD [\"npm\", \"start\"]\n",
            "line 4: where the build leaves",
        ),
        (
            "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD [\"npm\", \"start\"]\n",
            "line 5: where the build leaves",
        ),
        (
            "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\nCMD [\"npm\", \"run\", \"dev\"]\n",
            "line 5: it runs `npm run`",
        ),
        ("FROM golang:1.24\nCOPY . .\nRUN make\nCMD [\"/app\"]\n", "line 4: which command makes `/app`"),
        (
            "FROM golang:1.24\nWORKDIR /x\nCOPY . .\nRUN go build -o y\nCMD [\"./z\"]\n",
            "line 5: which command makes `./z`",
        ),
        ("FROM golang:1.24\nCOPY . .\nCMD [\"go\", \"run\", \".\"]\n", "line 3: it runs `go run`"),
        (
            "FROM maven:3\nCOPY . .\nRUN mvn package\nCMD java -jar target/x.jar\n",
            "line 1: the tag does not say",
        ),
        (
            "FROM ruby:3.4\nWORKDIR /a\nENV BUNDLE_PATH=/x\nRUN bundle install\nCMD x\n",
            "line 4: the gems go to a place",
        ),
        ("FROM python:3.12\nONBUILD RUN pip install x\nCMD x\n", "line 2: it cannot be told"),
        ("FROM python:3.12\nRUM x\nCMD x\n", "line 2: it has a fault"),
    ] {
        let why = refusal(dockerfile, &files);
        assert!(why.starts_with(want), "{why}\n{dockerfile}");
    }
}

#[test]
fn a_stage_of_very_many_instructions_is_left_alone() {
    let many = format!("FROM python:3.12\n{}RUN pip install x\nCMD x\n", "ARG A\n".repeat(30_000));
    assert_eq!(refusal(&many, &[]), "more than 500 instructions are too many to be divided");
}

/// Dockerfiles of anybody, in the folder that the variable names: a proposal reads without faults, is
/// stable, and has no finding on sizes that the file has not.
#[test]
#[ignore = "needs a folder of Dockerfiles: DLINT_CORPUS=DIR"]
fn proposals_for_a_corpus_are_sound() {
    let folder = std::env::var_os("DLINT_CORPUS").expect("DLINT_CORPUS names a folder");
    let mut proposals = 0;
    for path in crate::engine::discover(&[folder.into()]).inputs.into_iter().map(|input| input.path) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        if let Ok(proposal) = proposed(&text, &[]) {
            proposals += 1;
            let (before, after) = (sizes(&text), sizes(&proposal.text));
            assert!(after.iter().all(|r| before.contains(r)), "{}", proposal.text);
        }
    }
    assert!(proposals > 0);
}

/// The proposal for a program of Node whose Dockerfile has this base, working directory, install and command.
fn of_node(
    base: &str,
    workdir: &str,
    install: &str,
    cmd: &str,
    files: &[(&str, &str)],
) -> Result<String, String> {
    let text = format!(
        "FROM node:{base}\nWORKDIR {workdir}\nCOPY package*.json ./\nRUN {install}\nCOPY . .\nCMD {cmd}\n"
    );
    let manifest = r#"{"dependencies": {"express": "5"}, "devDependencies": {"typescript": "5"}}"#;
    let files: Vec<_> = [("package.json", manifest)].into_iter().chain(files.iter().copied()).collect();
    proposed(&text, &files).map(|proposal| proposal.text).map_err(|why| why.why)
}

#[test]
fn what_the_sources_of_node_take_stays() {
    let run = "[\"node\", \"a.js\"]";
    let with = |text: &str| of_node("22", "/app", "npm ci", run, &[("a.js", text)]).unwrap();
    let lean = with("require('express')");
    assert!(lean.contains("RUN npm ci --omit=dev\n") && lean.contains("FROM node:22-slim"), "{lean}");
    assert!(with("require('typescript')").contains("RUN npm ci\n"));
    // Who knows what the full image has that is started here?
    assert!(!with("require('child_process').execSync('git log')").contains("node:22-slim"));
    // Tests do not run there.
    let tests = of_node("22", "/app", "npm ci", run, &[("a.test.js", "require('typescript')")]).unwrap();
    assert!(tests.contains("--omit=dev"), "{tests}");
}

#[test]
fn what_starts_keeps_its_packages() {
    let with = |scripts: &str, dev: &str| {
        let manifest = format!(
            r#"{{"scripts": {{{scripts}}}, "dependencies": {{"express": "5"}}, "devDependencies": {{"{dev}": "1"}}}}"#
        );
        let text = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nCMD [\"npm\", \"start\"]\n";
        let built = text.replace("CMD", "RUN npm run build\nCMD");
        let files = [("package.json", manifest.as_str())];
        [text, &built]
            .map(|text| proposed(text, &files).map_or_else(|_| String::new(), |p| p.text).contains("dev"))
    };
    let node = "node dist/main.js";
    assert_eq!(with(&format!(r#""start": "{node}""#), "jest"), [true; 2]);
    for (scripts, dev) in [
        (format!(r#""start": "sequelize db:migrate && {node}""#), "sequelize-cli"),
        (format!(r#""start": "dotenv -e .env -- {node}""#), "dotenv-cli"),
        (format!(r#""start": "{node}", "prestart": "sequelize db:migrate""#), "sequelize-cli"),
        (format!(r#""start": "node --import=tsx {node}""#), "tsx"),
        (format!(r#""start": "pg-up && {node}""#), "node-pg-up"),
    ] {
        assert_eq!(with(&scripts, dev), [false; 2], "{scripts}");
    }
    // An installation runs scripts, too.
    assert_eq!(with(&format!(r#""start": "{node}", "prepare": "husky""#), "husky"), [false, true]);
}

#[test]
fn programs_of_node_differ_by_version_and_manager() {
    let run = "[\"node\", \"a.js\"]";
    let old = of_node("12", "/app", "npm ci", run, &[]).unwrap();
    assert!(old.contains("RUN npm ci --only=production\n"), "{old}");
    let berry = of_node("22", "/app", "yarn install --immutable", run, &[("yarn.lock", "__metadata:\n")]);
    assert_eq!(berry, Err("later versions of Yarn may keep packages outside of `node_modules`".to_owned()));
    let pnpm = of_node("22", "/app", "corepack enable && pnpm i", "[\"pnpm\", \"start\"]", &[]);
    assert_eq!(pnpm, Err("whether the last stage would have `pnpm` is not known".to_owned()));
    for workdir in ["\"/my app\"", "/a[1]", "/a\\$b"] {
        let refused = of_node("22", workdir, "npm ci", run, &[]).unwrap_err();
        assert!(refused.starts_with("the name of the working directory"), "{workdir}: {refused}");
    }
}

#[test]
fn a_path_that_hides_the_environment_is_left_alone() {
    let of = |path: &str| {
        format!(
            "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n\
             ENV PATH={path}\nCMD [\"python\", \"app.py\"]\n"
        )
    };
    let files = [("requirements.txt", "flask\n"), ("app.py", "import flask\n")];
    assert!(refusal(&of("/usr/bin:/bin"), &files).contains("this PATH would hide a virtual environment"));
    assert!(proposed(&of("/app/bin:$PATH"), &files).is_ok());
}

#[test]
fn a_program_may_have_a_blank_in_its_name() {
    let dockerfile =
        "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o \"my app\" .\nCMD [\"./my app\"]\n";
    let text = proposed(dockerfile, &[("go.mod", "module x\n"), ("main.go", "package main\n")]).unwrap().text;
    assert!(text.contains("COPY --from=build [\"/src/my app\",\"/src/my app\"]\n"), "{text}");
}
