//! What ties a program to the image that it is built in.

use super::super::calls::Tie;
use super::*;

/// The proposal for a program of Go.
fn of_go(base: &str, run: &str, user: &str, files: &[(&str, &str)]) -> Result<Proposal, NoProposal> {
    let text = format!(
        "FROM golang:{base}\nWORKDIR /a\nCOPY . .\nRUN {run}go build -o /app .\n{user}CMD [\"/app\"]\n"
    );
    proposed(&text, files)
}

#[test]
fn programs_of_go_that_hold_c_code_keep_a_c_library() {
    let module = |name: &str| format!("module a\n\nrequire {name} v1.0.0\n");
    let plain = module("github.com/lib/pq");
    let zstd = module("github.com/valyala/gozstd");
    let main = ("main.go", "package main\n");
    let text = |base, run, module: &str| of_go(base, run, "", &[("go.mod", module), main]).unwrap().text;
    let lean = text("1.26", "", &plain);
    assert!(lean.contains("CGO_ENABLED=0") && lean.contains("/static-debian13:nonroot"), "{lean}");
    for (base, run, module) in [
        ("1.26", "", &zstd),
        ("1.26-alpine", "apk add --no-cache build-base && ", &plain),
        ("1.26-bookworm", "apt-get update && apt-get install -y librdkafka-dev && ", &plain),
        ("1.26", "go env -w CGO_ENABLED=1 && ", &plain),
    ] {
        let text = text(base, run, module);
        assert!(!text.contains("CGO_ENABLED=0") && !text.contains("/static"), "{text}");
    }
    let own = of_go("1.26", "", "", &[("go.mod", &plain), ("main.go", "import \"C\"\n")]).unwrap_err();
    assert!(own.why.starts_with("the program has C code of its own"), "{own}");
}

#[test]
fn a_user_of_the_file_counts_before_that_of_the_image() {
    let notes =
        |user: &str| of_go("1.26", "", user, &[("go.mod", ""), ("main.go", "")]).unwrap().notes.join(" ");
    assert!(notes("").contains("its user is `nonroot`"));
    assert!(notes("USER 1000\n").contains("no shell") && !notes("USER 1000\n").contains("nonroot"));
}

#[test]
fn what_calls_other_programs_keeps_its_image() {
    let python = "FROM python:3.13\nWORKDIR /a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD [\"python\", \"a.py\"]\n";
    let ruby = "FROM ruby:3.4\nWORKDIR /a\nCOPY . .\nRUN bundle install\nCMD [\"ruby\", \"a.rb\"]\n";
    let rust = "FROM rust:1.90-bookworm\nWORKDIR /a\nCOPY . .\nRUN cargo build --release\nCMD [\"./target/release/a\"]\n";
    let java = "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /a\nCOPY . .\nRUN mvn package\nCMD java -jar target/a.jar\n";
    let dotnet = "FROM mcr.microsoft.com/dotnet/sdk:9.0\nWORKDIR /a\nCOPY . .\nRUN dotnet publish -o /app\nWORKDIR /app\nCMD [\"dotnet\", \"A.dll\"]\n";
    let with = |text: &str, name: &str, source: &str| {
        let files = [
            ("requirements.txt", "flask\n"),
            ("Gemfile", "gem 'puma'\n"),
            ("Cargo.lock", ""),
            (name, source),
        ];
        let files: Vec<_> = files.iter().filter(|(n, t)| *n != name || *t == source).copied().collect();
        proposed(text, &files)
    };
    let why = "the sources start other programs, which a smaller image may lack";
    for (text, name, quiet, calls) in [
        (python, "a.py", "# subprocess\n", "subprocess.run([\"git\", \"log\"])"),
        (python, "a.py", "import flask\n", "from sh import git\n"),
        (python, "requirements.txt", "flask\n", "GitPython==3.1\n"),
        (python, "requirements.txt", "shapely\n", "flask\nsh>=2\n"),
        (ruby, "a.rb", "# `git`\n", "v = `git log`\n"),
        (ruby, "a.rb", "puts 1\n", "spawn(\"git\")\n"),
        (ruby, "a.rb", "puts 1\n", "%x(git log)\n"),
        (rust, "src/main.rs", "clap::Command::new(\"a\")", "use std::process::Command;\n"),
        (java, "src/A.java", "class A {}", "new ProcessBuilder(\"git\").start();"),
        (dotnet, "A.cs", "class A {}", "Process.Start(\"git\");"),
    ] {
        assert!(with(text, name, quiet).is_ok(), "{quiet}\n{text}");
        let found = with(text, name, calls).unwrap_err();
        assert!(found.why.ends_with(why), "{calls}: {found}");
    }
    let go = of_go("1.26", "", "", &[("go.mod", ""), ("main.go", "import \"os/exec\"\n")]).unwrap_err();
    assert_eq!(go.why, why);
    // Tests do not run in the image, and a library of the standard has the word in its name.
    assert!(with(python, "tests/test_a.py", "import subprocess\n").is_ok());
}

#[test]
fn sources_that_are_not_known_count_as_calls() {
    let text = "FROM python:3.13\nWORKDIR /a\nCOPY . .\nRUN pip install flask\nCMD [\"python\", \"a.py\"]\n";
    let model = Analysis::new(Model::new(parse(Source::from_text("Dockerfile", text))));
    let names = ["a.py".to_owned()];
    for files in [None, Some(names.as_slice())] {
        // It is no UTF-8, say.
        let project = Project { read: &|_| None, files };
        let why = propose(&model, project, &Sources::new(project)).unwrap_err().why;
        assert!(
            why.ends_with("whether the sources start programs that a smaller image lacks is not known"),
            "{why}"
        );
    }
}

#[test]
fn runtimes_of_dotnet_are_those_that_exist() {
    let of = |tag: &str| {
        let text = format!(
            "FROM mcr.microsoft.com/dotnet/sdk:{tag}\nWORKDIR /a\nCOPY . .\nRUN dotnet publish -o /app\nWORKDIR /app\nCMD [\"dotnet\", \"A.dll\"]\n"
        );
        proposed(&text, &[("A.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"/>"), ("A.cs", "")]).map(|p| p.text)
    };
    assert!(of("9.0.100-noble").unwrap().contains("FROM mcr.microsoft.com/dotnet/runtime:9.0-noble\n"));
    let why = of("9.0-noble-aot").unwrap_err().to_string();
    assert_eq!(why, "line 1: whether there is an image with the runtime for this tag is not known");
    // The SDK has what the languages of the world need, and the runtime does without.
    let alpine = of("9.0-alpine").unwrap();
    assert!(alpine.contains("icu-libs") && alpine.contains("GLOBALIZATION_INVARIANT=false"), "{alpine}");
}

#[test]
fn what_else_a_program_takes_is_not_lost() {
    let java = "FROM maven:3.9-eclipse-temurin-21\nWORKDIR /a\nCOPY . .\nRUN mvn package\nCMD java -javaagent:/a/otel.jar -jar target/a.jar\n";
    let why = refusal(java, &[("src/A.java", "class A {}")]);
    assert_eq!(why, "line 5: it reads another file when it runs: `-javaagent:/a/otel.jar`");
    let node = "FROM node:22\nRUN corepack enable\nWORKDIR /app\nCOPY package.json ./\nCOPY prisma ./prisma/\nRUN pnpm install\nCOPY . .\nRUN pnpm build\nCMD [\"node\", \"dist/main.js\"]\n";
    let files =
        [("package.json", r#"{"dependencies": {"@prisma/client": "6"}, "devDependencies": {"jest": "29"}}"#)];
    assert!(refusal(node, &files).ends_with(Tie::Prisma.why()));
    let npm = node.replace("pnpm install", "npm install").replace("pnpm build", "npm run build");
    assert!(proposed(&npm, &files).unwrap().text.contains("RUN npm prune --omit=dev\n"));
}
