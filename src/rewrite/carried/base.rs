//! Base images with more than a program needs to run: compilers, kits of development, another system.

use serde_json::Value as Json;

use crate::semantic::{Base, Cmd, CopyFrom, CopyUse, Stage, dotnet_runtime_tag, jre_tag, path_in_image};
use crate::size::siblings;
use crate::syntax::{CommandForm, ImageRef, Kind, User, Word};
use crate::text::Edit;

use super::super::saved::by_base;
use super::{Case, Piece};

pub(super) fn pieces(case: &Case<'_>) -> Vec<Piece> {
    let Some(root) = case.model.stages.get(case.last.root()) else { return Vec::new() };
    let (Base::Image(image), Some(word)) = (&root.base, &root.base_word) else { return Vec::new() };
    if word.text.contains('$') || !word.exact || !case.is_read(case.last) {
        return Vec::new();
    }
    let start = Start { stage: root, image, word };
    let kinds: [fn(&Case<'_>, &Start<'_>) -> Option<Smaller>; 5] = [java, dotnet, go, node, nginx];
    let smaller = kinds.into_iter().find_map(|kind| kind(case, &start));
    smaller.and_then(|smaller| start.replaced(case, smaller)).into_iter().collect()
}

/// An image that has enough.
struct Smaller {
    image: String,
    /// What the other one has in addition.
    what: String,
}

/// What the image that is built starts from.
struct Start<'m> {
    stage: &'m Stage,
    image: &'m ImageRef,
    word: &'m Word,
}

impl Start<'_> {
    fn replaced(&self, case: &Case<'_>, smaller: Smaller) -> Option<Piece> {
        let Smaller { image: to, what } = smaller;
        let image = ImageRef::parse(&to).ok()?;
        let registry = match self.word.text.starts_with("docker.io/") && image.is_official() {
            true => "docker.io/library/",
            false => "",
        };
        let edit = Edit::replace(self.word.span, format!("{registry}{to}"));
        let saving = by_base(case.images, self.image, &image);
        let piece = case.piece(self.stage.steps.start, what, vec![edit]).saving(saving);
        Some(match self.image.digest {
            Some(_) => {
                piece.note(format!("`{to}` is not pinned by its digest: add the one that its registry has"))
            }
            None => piece,
        })
    }
}

/// Programs that Java's kit of development has and a runtime lacks.
const JDK_PROGRAMS: [&str; 4] = ["javac", "jar", "jarsigner", "javadoc"];

/// Those of them that look into a program that runs.
const JDK_LOOKS: [&str; 9] = ["jcmd", "jdeps", "jhsdb", "jinfo", "jlink", "jmap", "jps", "jshell", "jstack"];

/// What a program, its build or its settings say if it needs more than a runtime.
const JDK_WORDS: [&str; 20] = [
    "javax.tools",
    "com.sun.tools",
    "com.sun.source",
    "jdk.compiler",
    "jdk.jshell",
    "jdk.attach",
    "jdk.jcmd",
    "sun.jvmstat",
    "tools.jar",
    "drools",
    "kie-",
    "jasperreports",
    "errorprone",
    "arthas",
    "byteman",
    "byte-buddy-agent",
    "graalvm",
    "truffle",
    "polyglot",
    "ToolProvider",
];

/// A JDK under a program that `java` starts.
fn java(case: &Case<'_>, start: &Start<'_>) -> Option<Smaller> {
    let image = start.image;
    let tag = image.tag.as_deref()?;
    if !image.is_official() || image.repository() != "eclipse-temurin" {
        return None;
    }
    let to = format!("eclipse-temurin:{}", jre_tag(tag)?);
    let entry = case.entry();
    let plain = |c: &Cmd<'_>| {
        c.program() == "java"
            && !c.args().iter().any(|w| {
                let text = w.static_prefix();
                ["-agentlib", "-Xrunjdwp", "-XX:StartFlight", "--add-modules", "--module-path", "-p"]
                    .iter()
                    .any(|flag| text.starts_with(flag))
            })
    };
    let of_kit = |c: &Cmd<'_>| {
        JDK_PROGRAMS.contains(&c.program())
            || JDK_LOOKS.contains(&c.program())
            || c.program().starts_with("jstat")
            || c.runs_script()
            || c.builds_program()
    };
    if entry.is_empty()
        || !entry.iter().all(plain)
        || commands(case).any(|c| of_kit(&c))
        || case.says(&JDK_WORDS)
        || case.says(&["jdwp"])
    {
        return None;
    }
    if case.steps().any(|s| model_text(case, s).is_some_and(|t| JDK_LOOKS.iter().any(|p| t.contains(p)))) {
        return None;
    }
    let files = case.sources.files()?;
    let is = |file: &&str, ends: &[&str]| ends.iter().any(|end| file.ends_with(end));
    let all = || files.iter().map(String::as_str);
    let builds: Vec<&str> = all()
        .filter(|f| is(f, &["pom.xml", "build.gradle", "build.gradle.kts", "libs.versions.toml"]))
        .collect();
    let sources: Vec<&str> = all().filter(|f| is(f, &[".java", ".kt", ".scala", ".groovy"])).collect();
    if builds.is_empty()
        || sources.is_empty()
        || !case.lack(&builds, &JDK_WORDS)
        || !case.lack(&sources, &JDK_WORDS)
    {
        return None;
    }
    let what = format!(
        "`java` runs the program, and the image has the compiler and tools of development as well: `{to}` is the same without them"
    );
    Some(Smaller { image: to, what })
}

/// The text of an ENV or HEALTHCHECK.
fn model_text<'m>(case: &Case<'m>, step: usize) -> Option<&'m str> {
    let instruction = case.model.instruction(step);
    matches!(instruction.kind, Kind::Env(_) | Kind::Healthcheck(_)).then(|| case.model.text(instruction.span))
}

/// The commands that the image runs while it is built, and those of its health check.
fn commands<'m>(case: &Case<'m>) -> impl Iterator<Item = Cmd<'m>> + use<'m> {
    let model = case.model;
    let health = case.steps().filter(|s| matches!(model.instruction(*s).kind, Kind::Healthcheck(_)));
    let health: Vec<usize> = health.collect();
    let last = model.stages.get(case.last.index);
    let own: Vec<Cmd<'m>> = last.into_iter().flat_map(|stage| case.commands_in(stage)).collect();
    own.into_iter().chain(health.into_iter().flat_map(|step| model.commands_of(step)))
}

/// The SDK of .NET under a program that is published.
fn dotnet(case: &Case<'_>, start: &Start<'_>) -> Option<Smaller> {
    let image = start.image;
    let tag = image.tag.as_deref()?;
    if &*image.registry != "mcr.microsoft.com" || &*image.path != "dotnet/sdk" {
        return None;
    }
    // The SDK has libraries for languages there that the runtime lacks.
    if tag.is_empty() || tag.contains("alpine") {
        return None;
    }
    let to = dotnet_runtime_tag(tag)?;
    let entry = case.entry();
    let [run] = entry.as_slice() else { return None };
    let is_published = run.program() == "dotnet"
        && run.args().first().is_some_and(|w| w.as_str().is_some_and(|t| t.ends_with(".dll")));
    if !is_published || commands(case).any(|c| c.program() == "dotnet" || c.runs_script() || needs_more(&c)) {
        return None;
    }
    if !case.source_stages().all(|stage| case.calls_nothing(stage, "dotnet")) {
        return None;
    }
    let to = format!("mcr.microsoft.com/dotnet/aspnet:{to}");
    let what =
        format!("`dotnet` runs what is published, and the image has the SDK: `{to}` has the runtime alone");
    Some(Smaller { image: to, what })
}

/// Programs that full images have and small ones lack.
fn needs_more(cmd: &Cmd<'_>) -> bool {
    matches!(
        cmd.program(),
        "git"
            | "curl"
            | "wget"
            | "make"
            | "gcc"
            | "g++"
            | "cc"
            | "python"
            | "python3"
            | "perl"
            | "unzip"
            | "xz"
            | "bzip2"
            | "hg"
            | "svn"
            | "file"
            | "ps"
            | "node-gyp"
            | "ssh"
    )
}

/// The tools of Go under a static program of another stage.
fn go(case: &Case<'_>, start: &Start<'_>) -> Option<Smaller> {
    let model = case.model;
    if !start.image.is_official() || start.image.repository() != "golang" {
        return None;
    }
    let entry = case.entry();
    let [run] = entry.as_slice() else { return None };
    let path = run.shell().words.first()?.as_str().filter(|path| path.starts_with('/'))?;
    let copies = model.copies.iter().filter(|c| case.last.steps.contains(&c.step));
    let copy = copies.into_iter().find(|c| c.brings(path))?;
    let CopyFrom::Stage(from) = copy.from else { return None };
    let stage = model.stages.get(from)?;
    let builds = || case.commands_in(stage).filter(|c| c.program() == "go" && c.is_subcommand("build"));
    let is_static = builds().all(|c| {
        let here = c.shell().assignments.iter().find(|a| &*a.name == "CGO_ENABLED");
        let set = model.binding(c.step(), "CGO_ENABLED").and_then(|b| b.value.known());
        here.is_some_and(|a| model.text(a.span).ends_with("=0")) || here.is_none() && set == Some("0")
    });
    // What is copied may be a script of the project, and no program.
    let source = copy.sources.first().and_then(|s| path_in_image(s.value.known()?));
    let is_built = builds().any(|c| c.option_value(&["-o"]).and_then(|path| c.absolute(path)) == source);
    let plain = case.steps().all(|step| match &model.instruction(step).kind {
        Kind::Run(_) | Kind::Healthcheck(_) | Kind::Shell(_) | Kind::Volume(_) => false,
        Kind::Cmd(CommandForm::Shell(_)) | Kind::Entrypoint(CommandForm::Shell(_)) => false,
        Kind::User(user) => {
            user.as_ref().is_some_and(|u| User::of(&u.text).name.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => true,
    });
    let sources = case.copied_sources(stage, "go")?;
    // That image has a user of its own, which counts where the file names none.
    let user = case.model.end_state(case.last).user.is_some();
    if !user
        || !is_built
        || !is_static
        || !plain
        || sources.is_empty()
        || !case.calls_nothing(stage, "go")
        || !case.lack(&sources, &["\"go/", "plugin\""])
    {
        return None;
    }
    let to = model.static_image(start.stage)?;
    let what = format!(
        "the image has Go's compiler and tools under a static program, which needs no more than `{to}` has"
    );
    Some(Smaller { image: to, what })
}

/// A full image of Node under a program whose packages have no native code.
fn node(case: &Case<'_>, start: &Start<'_>) -> Option<Smaller> {
    let model = case.model;
    let image = ImageRef { digest: None, ..start.image.clone() };
    let slim = siblings(&image).into_iter().find(|s| s.reference.contains("slim"))?;
    let entry = case.entry();
    if image.repository() != "node" || entry.is_empty() {
        return None;
    }
    let runs_node = |c: &Cmd<'_>| {
        c.program() == "node" && c.args().first().is_some_and(|w| !w.static_prefix().starts_with('-'))
    };
    let installs: Vec<Cmd<'_>> = case
        .commands_in(case.last)
        .filter(|c| matches!(c.program(), "npm" | "yarn" | "pnpm" | "npx" | "corepack"))
        .collect();
    let [install] = installs.as_slice() else { return None };
    let plain = |c: Cmd<'_>| !needs_more(&c) && !c.runs_script() && !c.builds_program() && known(&c);
    let locked = install.program() == "npm"
        && (install.is_subcommand("ci") || install.is_subcommand("install"))
        && install.operands().is_empty();
    if !locked || !entry.iter().all(runs_node) || !commands(case).all(plain) {
        return None;
    }
    let read = |name: &str| (case.project.read)(&model.source_beside(install, name)?);
    let manifest: Json = serde_json::from_str(&read("package.json")?).ok()?;
    let scripts = ["preinstall", "install", "postinstall", "prepare"];
    let own = scripts.iter().any(|name| !manifest["scripts"][*name].is_null());
    let sources = case.copied_sources(case.last, "node")?;
    let calls_nothing = !sources.is_empty() && case.calls_nothing(case.last, "node");
    if own || !calls_nothing || !is_pure(&read("package-lock.json")?) {
        return None;
    }
    let what = format!(
        "the image has compilers, headers and Git, and no package of the lock file has native code: `{}` is the same without them",
        slim.reference
    );
    Some(Smaller { image: slim.reference, what })
}

/// True for a command that a small image of the same system runs as well.
fn known(cmd: &Cmd<'_>) -> bool {
    cmd.usage.manager.is_some()
        || matches!(
            cmd.program(),
            "node"
                | "mkdir"
                | "chown"
                | "chmod"
                | "ln"
                | "rm"
                | "cp"
                | "mv"
                | "touch"
                | "echo"
                | "set"
                | "cd"
                | "true"
                | "test"
                | "useradd"
                | "usermod"
                | "groupadd"
                | "groupmod"
                | "adduser"
                | "addgroup"
                | "sed"
        )
}

/// True if nothing that a lock file of npm names is compiled, or fetched with Git, when it is installed.
fn is_pure(lock: &str) -> bool {
    // What helps to compile native code, or to find it.
    const NATIVE: [&str; 12] = [
        "\"node-gyp",
        "\"nan\"",
        "\"node-addon-api\"",
        "\"bindings\"",
        "\"prebuild",
        "node-pre-gyp",
        "\"napi-",
        "\"node-gyp-build",
        "git+",
        "git://",
        "github:",
        "\"cmake-js\"",
    ];
    let Ok(json) = serde_json::from_str::<Json>(lock) else { return false };
    match json["packages"].as_object() {
        Some(packages) => {
            let harmless = |name: &str| name.ends_with("/core-js") || name.ends_with("/fsevents");
            let scripts = packages.iter().filter(|(_, p)| p["hasInstallScript"] == true);
            scripts.into_iter().all(|(name, _)| harmless(name))
                && !lock.contains("git+")
                && !lock.contains("git://")
        }
        None => json["dependencies"].is_object() && !NATIVE.iter().any(|word| lock.contains(word)),
    }
}

/// nginx on Debian that only serves files and passes requests on.
fn nginx(case: &Case<'_>, start: &Start<'_>) -> Option<Smaller> {
    let model = case.model;
    let image = start.image;
    let tag = image.tag.as_deref()?;
    let plain_tag = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !image.is_official() || image.repository() != "nginx" || !plain_tag || image.digest.is_some() {
        return None;
    }
    let sibling = siblings(image).into_iter().find(|s| s.reference.ends_with("-alpine"))?;
    let runs =
        |c: &Cmd<'_>| matches!(c.program(), "rm" | "mkdir" | "touch" | "ln" | "chmod" | "set" | "true");
    let plain = case.steps().all(|step| match &model.instruction(step).kind {
        Kind::Run(_) => model.commands_of(step).all(|c| runs(&c)),
        Kind::Cmd(_) | Kind::Entrypoint(_) => model.commands_of(step).all(|c| c.program() == "nginx"),
        Kind::Healthcheck(_) | Kind::Shell(_) | Kind::User(_) | Kind::Add(_) => false,
        Kind::Copy(_) => model.copies_of(step).iter().all(|c| is_harmless(case, c)),
        _ => true,
    });
    let what = format!("nginx reads the same files in `{}`, which has a smaller system", sibling.reference);
    plain.then_some(Smaller { image: sibling.reference, what })
}

/// True for a copy of files that are served, and of settings that name nothing of Debian.
fn is_harmless(case: &Case<'_>, copy: &CopyUse) -> bool {
    let Some(to) = copy.destination.known() else { return false };
    if to.starts_with("/usr/share/nginx/html") {
        return true;
    }
    let reads = |path: &str| {
        let text = (case.project.read)(path.trim_start_matches("./").trim_start_matches('/'));
        text.is_some_and(|t| {
            !["load_module", "www-data", "user ", "/usr/lib", "perl_", "js_"].iter().any(|w| t.contains(w))
        })
    };
    to.starts_with("/etc/nginx/")
        && copy.from == CopyFrom::Context
        && copy.sources.iter().all(|s| s.value.known().is_some_and(reads))
}
