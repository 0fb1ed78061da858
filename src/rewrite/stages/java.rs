//! Java: the archive that Maven or Gradle makes runs with a JRE of the same version.

use crate::knowledge::ManagerId;
use crate::semantic::Cmd;

use super::compiled::{self, Plan};
use super::draft::Draft;
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let mut notes = Vec::new();
    let Some(version) = version(case) else {
        let why = "the tag does not say which version of Java it has";
        return Err(NoProposal::at(model, case.stage.steps.start, why));
    };
    let commands = case.entry_commands();
    let jar = commands.iter().filter(|c| c.program() == "java").find_map(|cmd| {
        let mut words = cmd.args().iter().skip_while(|w| !w.is("-jar"));
        Some((*cmd, words.nth(1)?))
    });
    let Some((cmd, jar)) = jar else {
        let step = commands.first().map_or(case.stage.steps.start, Cmd::step);
        return Err(NoProposal::at(model, step, "which archive it runs is not known: it has no `java -jar`"));
    };
    let text = jar.text(model.file.text()).trim_matches(['"', '\'']);
    if text.contains(['$', '\\', ' ']) {
        return Err(NoProposal::at(model, cmd.step(), "which archive it runs is not known"));
    }
    let end = model.end_state(case.stage).workdir.and_then(|i| model.workdirs.get(i));
    let workdir = end.and_then(|w| w.path.known()).or_else(|| model.base_workdir(case.stage));
    let path = match (text.starts_with('/'), workdir) {
        (true, _) => text.to_owned(),
        (false, Some(workdir)) => {
            format!("{}/{}", workdir.trim_end_matches('/'), text.trim_start_matches("./"))
        }
        (false, None) => return Err(NoProposal::at(model, cmd.step(), "the working directory is not known")),
    };
    let (folder, _) = path.rsplit_once('/').unwrap_or(("", ""));
    let made = compiled::moved(case);
    let usual = ["target", "build/libs", "libs"].iter().any(|f| folder.ends_with(f));
    if !usual && !made.contains(&path) {
        return Err(NoProposal::at(model, cmd.step(), format!("which command makes `{text}` is not known")));
    }
    case.untied()?;
    // The last stage gets the archive alone.
    let is_file = |text: &&str| {
        text.starts_with("-javaagent:") || text.starts_with("-agentpath:") || text.contains("file:")
    };
    if let Some(file) = cmd.args().iter().map(|word| word.static_prefix()).find(is_file) {
        let why = format!("it reads another file when it runs: `{file}`");
        return Err(NoProposal::at(model, cmd.step(), why));
    }
    let to = if path.contains(['*', '?']) { format!("{folder}/") } else { path.clone() };
    let kind = if case.is_alpine() { "jre-alpine" } else { "jre" };
    if usual {
        notes.push(
            "the runtime image gets only the archive: copy any other files it reads as well".to_owned(),
        );
    }
    let plan = Plan {
        role: &role,
        setup: Vec::new(),
        manifests_first: manifests(case),
        bare: None,
        last_from: format!("eclipse-temurin:{version}-{kind}"),
        apk: case.is_alpine(),
        packages: Packages::default(),
        usual: &[],
        results: vec![case.taking(&path, &to)],
        // Resources are in the archive.
        source: &|_| true,
    };
    let draft = compiled::draft(case, plan, &mut notes)?;
    Ok((draft, notes))
}

/// The version of Java that the tag names.
fn version(case: &Case<'_>) -> Option<u32> {
    let tag = case.image.tag.as_deref()?;
    if tag.contains("jre") {
        return None;
    }
    let own = matches!(case.image.repository(), "openjdk" | "eclipse-temurin");
    let marks = ["temurin-", "openjdk-", "corretto-", "jdk-", "jdk"];
    let text = if own { tag } else { marks.iter().find_map(|m| tag.split_once(m))?.1 };
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits)?.parse().ok().filter(|v| (8..=30).contains(v))
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match cmd.program() {
        "mvn" | "mvnw" | "gradle" | "gradlew" if cmd.builds_program() => Some(Role::Build),
        "mvn" | "mvnw" | "gradle" | "gradlew" => Some(Role::Neutral),
        "cp" | "mv" => Some(Role::Build),
        "chmod" => Some(Role::Neutral),
        "sed" | "git" | "dos2unix" => Some(Role::Neutral),
        _ => None,
    })
}

/// Lines that fetch what a project of one module depends on, before the sources come.
fn manifests(case: &Case<'_>) -> Vec<String> {
    let model = case.model;
    let builds: Vec<_> = model.installs().filter(|i| i.manager.id == ManagerId::Maven).collect();
    let [build] = builds.as_slice() else { return Vec::new() };
    let Some(sources) = model.sources_before(build) else { return Vec::new() };
    let Some(pom) = (case.project.read)("pom.xml") else { return Vec::new() };
    let copy = model.copies.get(sources.copy);
    let here = copy
        .and_then(|c| c.destination.known())
        .zip(copy.and_then(|c| case.working(c.step).ok()))
        .is_some_and(|(to, workdir)| to.trim_end_matches('/') == workdir);
    let fetched =
        model.run_commands().any(|c| c.args().iter().any(|w| w.static_prefix().contains("dependency:")));
    if !sources.folder.is_empty()
        || pom.contains("<modules>")
        || pom.contains("<systemPath>")
        || !here
        || fetched
    {
        return Vec::new();
    }
    match build.cmd.program() {
        "mvn" => vec!["COPY pom.xml ./".to_owned(), "RUN mvn -B dependency:go-offline".to_owned()],
        _ => Vec::new(),
    }
}
