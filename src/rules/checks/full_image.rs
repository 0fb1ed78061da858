//! `full-base-image`: a base image that has a smaller sibling.

use std::collections::{BTreeSet, HashSet};

use crate::diag::{Finding, Fix, Saving};
use crate::knowledge::{Action, build_subcommands, debian_package, native_subcommands};
use crate::knowledge::{ImageKind, ManagerId, PackageIndex, apt_packages};
use crate::rules::Cx;
use crate::semantic::{
    Analysis, Base, Cmd, CopyFrom, CopyUse, Entry, Model, ScriptKind, Stage, base_name, dotnet_runtime_tag,
    ended, facts, is_compiler, jre_tag, likely_suite, runtime_of_version,
};
use crate::size::{base_packages, install, siblings};
use crate::syntax::{ImageRef, Word};
use crate::text::{Edit, Gather};

use super::all;
use super::multi_stage::base_saving;
use super::unshipped::{is_development, is_development_file};
use super::user::is_tool_box;

/// Less than this is not worth another image, in bytes.
const WORTH_BYTES: u64 = 20_000_000;

/// What Prisma's engine is linked to, and slim images lack.
const OPENSSL: &str = "openssl";

/// `full-base-image`.
pub fn full(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(stage) = model.final_stage() else { return };
    let entry = model.entry(stage);
    if model.entry_commands(entry).next().is_none()
        || is_development(stage)
        || model.build().for_editor
        || is_tool_box(model, entry)
    {
        return;
    }
    let Some(root) = model.lineage(stage).last() else { return };
    let (Base::Image(image), Some(word)) = (&root.base, &root.base_word) else { return };
    let is_sdk = facts(image).is_some_and(|f| f.kind == Some(ImageKind::Sdk));
    let takes = |copy: &CopyUse| {
        matches!(copy.from, CopyFrom::Stage(_)) && model.stage_of(copy.step).is_some_and(|s| s.in_final_image)
    };
    // `missing-multi-stage` speaks of what was built in another stage.
    if let Some(finding) =
        runtime_variant(cx, image, word, entry).filter(|_| !is_sdk || !model.copies.iter().any(takes))
    {
        if !is_development_file(model) {
            cx.report(finding);
        }
        return;
    }
    // And of all other images that are there for their compilers.
    if is_sdk {
        return;
    }
    let found = siblings(image);
    let Some((slim, others)) = found.split_first().filter(|(s, _)| s.reference.contains("slim")) else {
        return;
    };
    let Some(smaller) = ImageRef::parse(&slim.reference).ok() else { return };
    if is_development_file(model) {
        return;
    }
    let runs: Vec<Cmd<'_>> =
        model.run_commands().filter(|c| c.stage().is_some_and(|s| s.in_final_image)).collect();
    let scripts = scripts(model);
    if runs.iter().any(compiles) || scripts.iter().any(|script| script.may_compile) {
        return;
    }
    let Some(difference) = cx.base_images.difference(image, &smaller, "amd64") else { return };
    // What Compose starts in its place is used as well.
    let build = model.build();
    let starts = || build.starts.iter().chain(&build.health_check).map(|word| base_name(word));
    if starts().any(is_compiler) {
        return;
    }
    let called = scripts.iter().flat_map(|script| script.programs.iter().map(String::as_str)).chain(starts());
    let prisma = model.prisma();
    let mut lacking = lacking(&runs, called, image, &smaller);
    let has = |name: &str| runs.iter().flat_map(Cmd::packages).any(|package| package.name == name);
    // Its engine is linked to what this package brings.
    let by_prisma = prisma.is_some_and(|prisma| prisma.needs_openssl) && !has(OPENSSL);
    if by_prisma {
        lacking.insert(OPENSSL);
    }
    let more = more_to_install(model, stage, (image, &smaller), &lacking);
    let saving = base_saving(difference);
    let (least, most) = saving.range.unwrap_or((saving.bytes, saving.bytes));
    let bytes = saving.bytes.saturating_sub(more);
    if bytes < WORTH_BYTES || least <= more {
        return;
    }
    let saving = Saving { bytes, ..saving }.between(least - more, most.saturating_sub(more));
    let (name, reference) = (reference(image), &slim.reference);
    let what = if image.familiar_path() == "debian" {
        "manual pages, documentation and translations"
    } else {
        "compilers, headers and version control"
    };
    let message =
        format!("`{name}` also brings {what} into the image: `{reference}` is the same without them");
    let native = runs.iter().any(Cmd::installs_native);
    let mut help = format!("start from `{reference}`");
    if !lacking.is_empty() {
        let names: Vec<String> = lacking.iter().map(|p| format!("`{p}`")).collect();
        let needs = match (by_prisma, lacking.len()) {
            (true, 1) => "Prisma needs",
            (true, _) => "Prisma and this build need",
            (false, _) => "this build uses",
        };
        help += &format!(", and install {} in it, which {needs}", all(&names));
    }
    help += &format!(": {}", slim.caveat);
    if native {
        help += &format!(
            "; compile what has to be compiled in a separate stage from `{name}`, copy the result, and install the libraries that it links to"
        );
    }
    // Old versions have not always been published for Alpine.
    let is_simple = lacking.is_empty() && !native && prisma.is_none();
    if let Some(other) = others.first().filter(|_| is_simple && ended(image).is_none()) {
        help += &format!("; `{}` is smaller still, but {}", other.reference, other.caveat);
    }
    let mut finding = cx.at(word.span, message).help(help).saving(saving);
    if lacking.is_empty() && !native && *word.text == *name {
        let edit = Edit::replace(word.span, slim.reference.clone());
        finding = finding.fix(Fix::uncertain(format!("start from `{reference}`"), [edit]));
    }
    cx.report(finding);
}

/// The variant of an image of development tools that has just what a program needs to run.
fn runtime_variant(cx: &Cx<'_>, image: &ImageRef, word: &Word, entry: Entry) -> Option<Finding> {
    let model = cx.model;
    let tag = image.tag.as_deref()?;
    let of_tools = "a compiler and development tools";
    let is_on = |registry: &str| &*image.registry == registry;
    let (reference, what) = match image.familiar_path() {
        "eclipse-temurin" if is_on("docker.io") => (format!("eclipse-temurin:{}", jre_tag(tag)?), of_tools),
        "ibm-semeru-runtimes" if is_on("docker.io") && tag.contains("-jdk") => {
            (format!("ibm-semeru-runtimes:{}", tag.replacen("-jdk", "-jre", 1)), of_tools)
        }
        "maven" | "gradle" if is_on("docker.io") => (jre_of_tools(image, tag)?, of_tools),
        "dotnet/sdk" if is_on("mcr.microsoft.com") => {
            (format!("mcr.microsoft.com/dotnet/aspnet:{}", dotnet_runtime_tag(tag)?), of_tools)
        }
        "nvidia/cuda" if is_on("docker.io") && tag.contains("-devel") => (
            format!("nvidia/cuda:{}", tag.replacen("-devel", "-runtime", 1)),
            "the CUDA compiler, headers and static libraries",
        ),
        _ => return None,
    };
    let java = !matches!(image.familiar_path(), "nvidia/cuda" | "dotnet/sdk");
    let dotnet = image.familiar_path() == "dotnet/sdk";
    let is_library = |c: &Cmd<'_>| {
        c.program() == "dotnet" && c.args().first().is_some_and(|w| w.static_prefix().ends_with(".dll"))
    };
    // A script may do anything, and so may a program that builds.
    let runs: Vec<Cmd<'_>> = model.entry_commands(entry).collect();
    let plain = |c: &Cmd<'_>| match (java, dotnet) {
        (true, _) => c.program() == "java" && !uses_jdk(c),
        (_, true) => is_library(c),
        _ => !c.runs_script() && !c.needs_toolchain(),
    };
    let compiles = |c: Cmd<'_>| {
        c.stage().is_some_and(|s| s.in_final_image)
            && (c.builds_program()
                || c.runs_script()
                || c.installs_native()
                || !java && c.usage.action == Action::Install && c.usage.manager.is_some_and(|m| !m.system)
                || matches!(
                    c.program(),
                    "dotnet"
                        | "mvn"
                        | "gradle"
                        | "javac"
                        | "jlink"
                        | "jar"
                        | "jdeps"
                        | "keytool"
                        | "nvcc"
                        | "make"
                        | "cmake"
                ))
    };
    let own_program = if dotnet { "dotnet" } else { "java" };
    let starts = model.build().starts.first().map(|word| base_name(word));
    // What checks the health may look into the virtual machine.
    let mut checks =
        model.steps_in_force().into_iter().flat_map(|step| model.commands_of(step).collect::<Vec<_>>());
    let of_jdk = |program: &str| java && OF_JDK.contains(&program);
    if starts.is_some_and(|program| program != own_program)
        || model.build().health_check.as_deref().is_some_and(of_jdk)
        || checks.any(|cmd| of_jdk(cmd.program()))
        || scripts(model).iter().any(|script| script.programs.iter().any(|program| of_jdk(program)))
        || runs.is_empty()
        || !runs.iter().all(plain)
        || model.run_commands().any(compiles)
    {
        return None;
    }
    let parsed = ImageRef::parse(&reference).ok()?;
    let own = match is_on("docker.io") {
        true => self::reference(image),
        false => format!("{}/{}", image.registry, self::reference(image)),
    };
    let same = match image.familiar_path() {
        "maven" | "gradle" | "dotnet/sdk" => "has all that the program needs",
        _ => "is the same without them",
    };
    let message = format!("`{own}` also brings {what} into the image: `{reference}` {same}");
    let more = if dotnet {
        ", or from `mcr.microsoft.com/dotnet/runtime` of the same tag if it serves no web pages"
    } else {
        ""
    };
    let mut finding = cx.at(word.span, message).help(format!("start from `{reference}`{more}"));
    finding.saving = cx.base_images.difference(image, &parsed, "amd64").map(base_saving);
    if *word.text == *own {
        let edit = Edit::replace(word.span, reference.clone());
        finding = finding.fix(Fix::uncertain(format!("start from `{reference}`"), [edit]));
    }
    Some(finding)
}

/// Programs that come with a JDK alone.
const OF_JDK: [&str; 8] = ["jar", "javac", "jcmd", "jinfo", "jmap", "jps", "jstack", "jstat"];

/// True for a `java` that compiles: of a source file, and of the modules that only a JDK has.
fn uses_jdk(java: &Cmd<'_>) -> bool {
    java.args().iter().any(|word| {
        let text = word.static_prefix();
        let path = text.split(['=', '/']).next().unwrap_or(text);
        text.ends_with(".java") || path == "--source" || text.contains("jdk.") && !text.starts_with("-D")
    })
}

/// The image with the runtime alone that belongs to one with a tool that builds: `eclipse-temurin:21-jre` for
/// `maven:3.9-eclipse-temurin-21`, where the tag says the version of Java.
fn jre_of_tools(image: &ImageRef, tag: &str) -> Option<String> {
    let runtime = facts(image)?.runtime?;
    // Other vendors and processors have images of their own.
    let others =
        ["graal", "amazoncorretto", "sapmachine", "ibm", "microsoft", "azulzulu", "liberica", "corretto"];
    if others.iter().any(|vendor| tag.contains(vendor)) {
        return None;
    }
    let says = ["temurin-", "openjdk-", "jdk-", "jdk"].iter().any(|start| {
        tag.split_once(start).is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    let found = runtime_of_version(image, runtime);
    let system = if tag.contains("alpine") { "-alpine" } else { "" };
    says.then(|| format!("{found}{system}"))
}

/// The image as it would be written.
fn reference(image: &ImageRef) -> String {
    match image.tag.as_deref() {
        Some(tag) => format!("{}:{tag}", image.familiar_path()),
        None => image.familiar_path().to_owned(),
    }
}

/// True if a command compiles, or installs a compiler: then the image is full for a reason, or
/// `missing-multi-stage` says what to do.
fn compiles(cmd: &Cmd<'_>) -> bool {
    cmd.builds_program()
        || cmd.usage.action == Action::Install
            && cmd.usage.manager.is_some_and(|m| m.system)
            && cmd.packages().iter().any(|p| is_compiler(&p.name))
}

/// A script of the project that the build or the container starts.
struct Script<'m> {
    /// The programs that it calls, where it could be read.
    programs: &'m [String],
    /// True for one of the build that compiles, installs what may have to be compiled, or could not be read.
    may_compile: bool,
}

fn scripts(model: &Analysis) -> Vec<Script<'_>> {
    let in_image = |cmd: &Cmd<'_>| cmd.stage().is_some_and(|s| s.in_final_image);
    let started = model.started_files().into_iter().filter(|s| in_image(&s.cmd)).map(|started| {
        let head = model.head_of(&started.source);
        let programs = head.map_or(&[][..], |head| match (started.shell, &head.shebang) {
            (Some(_), None) => &head.programs_in_shell,
            _ => &head.programs,
        });
        let builds = |program: &String| {
            is_compiler(program)
                || build_subcommands(program).is_some()
                || native_subcommands(program).is_some()
        };
        let is_read = head.is_some_and(|head| head.is_script_of_shell());
        let of_build = started.cmd.script().kind == ScriptKind::Run;
        Script { programs, may_compile: of_build && (!is_read || programs.iter().any(builds)) }
    });
    started.collect()
}

/// The packages of the release that an image is built on, or of one that is much like it.
fn table(image: &ImageRef) -> Option<&'static PackageIndex> {
    apt_packages(likely_suite(image).map_or("bookworm", |suite| suite.name))
}

/// The packages that the full image has, the smaller one has not, the commands use, and none of them installs.
fn lacking<'p>(
    runs: &[Cmd<'_>],
    called: impl Iterator<Item = &'p str>,
    image: &ImageRef,
    smaller: &ImageRef,
) -> BTreeSet<&'static str> {
    let Some(table) = table(image) else {
        return BTreeSet::new();
    };
    let (full, slim) = (base_packages(image, table), base_packages(smaller, table));
    let (Some(full), Some(slim)) = (full, slim) else { return BTreeSet::new() };
    let installed: HashSet<String> = runs.iter().flat_map(Cmd::packages).map(|p| p.name).collect();
    let of_program = |c: &Cmd<'_>| debian_package(c.program());
    // `pip install git+https://…` runs git.
    let by_address =
        |c: &Cmd<'_>| c.args().iter().any(|w| w.static_prefix().contains("git+")).then_some("git");
    runs.iter()
        .flat_map(|c| of_program(c).into_iter().chain(by_address(c)))
        .chain(called.filter_map(debian_package))
        // The image of a language has its program from elsewhere.
        .filter(|p| p.trim_end_matches('3') != image.familiar_path())
        .filter(|p| table.find(p).is_some_and(|id| full.contains(id) && !slim.contains(id)))
        .filter(|p| !installed.contains(*p))
        .gather()
}

/// Bytes of the packages that the full image has already, and the smaller one has to install.
fn more_to_install(
    model: &Model,
    stage: &Stage,
    (image, smaller): (&ImageRef, &ImageRef),
    lacking: &BTreeSet<&'static str>,
) -> u64 {
    let Some(table) = table(image) else { return 0 };
    let (Some(full), Some(slim)) = (base_packages(image, table), base_packages(smaller, table)) else {
        return 0;
    };
    let installs = model
        .run_commands()
        .filter(|c| c.is(ManagerId::Apt, Action::Install) && model.inherits_step(stage, c.step()));
    let names: Vec<String> = installs.flat_map(|c| c.packages()).map(|p| p.name).collect();
    let named = || names.iter().map(String::as_str);
    let on_full = install(table, named(), full, false).bytes;
    let on_slim = install(table, named().chain(lacking.iter().copied()), slim, false).bytes;
    on_slim.saturating_sub(on_full)
}
