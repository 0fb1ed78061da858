//! .NET: what `dotnet publish` makes runs with the runtime of the same version.

use crate::knowledge::ManagerId;
use crate::semantic::{Cmd, dotnet_runtime_tag};

use super::compiled::{self, Plan};
use super::draft::Draft;
use super::sort::Role;
use super::system::Packages;
use super::{Case, NoProposal, Try};

pub(super) fn draft<'m>(case: &Case<'m>) -> Try<(Draft<'m>, Vec<String>)> {
    let model = case.model;
    let mut notes = Vec::new();
    let publish =
        model.run_commands().filter(|c| c.program() == "dotnet" && c.is_subcommand("publish")).last();
    let Some(publish) = publish else {
        return Err(NoProposal::general("there is no `dotnet publish`, so what the image runs is not known"));
    };
    let output = publish.option_value(&["-o", "--output"]);
    let Some(output) = output.and_then(|o| publish.absolute(o)) else {
        let why = "where it publishes to is not known: there is no `-o`";
        return Err(NoProposal::at(model, publish.step(), why));
    };
    let output = output.trim_end_matches('/').to_owned();
    let commands = case.entry_commands();
    let Some(cmd) = commands.first() else { return Err(NoProposal::general("what it runs is not known")) };
    let word = if cmd.program() == "dotnet" { cmd.args().first() } else { cmd.shell().program_word() };
    let refuse = |why: &str| Err(NoProposal::at(model, cmd.step(), why));
    let Some(name) = word.and_then(|w| w.as_str()) else { return refuse("what it runs is not known") };
    let end = model.end_state(case.stage).workdir.and_then(|i| model.workdirs.get(i));
    let workdir = end.and_then(|w| w.path.known()).or_else(|| model.base_workdir(case.stage)).unwrap_or("/");
    let path = if name.starts_with('/') {
        name.to_owned()
    } else {
        format!("{}/{}", workdir.trim_end_matches('/'), name.trim_start_matches("./"))
    };
    if path.rsplit_once('/').is_none_or(|(folder, _)| folder != output) {
        return refuse("what it runs does not lie where `dotnet publish` puts it");
    }
    case.untied()?;
    let last_from = runtime(case)?;
    let mut packages = Packages::default();
    let mut results = vec![case.taking(&output, &output)];
    if case.is_alpine() {
        // The SDK has the rules of languages and time zones, and says that programs may use them.
        ["icu-data-full", "icu-libs", "tzdata"].iter().for_each(|package| packages.need(package));
        results.push("ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false".to_owned());
    }
    let plan = Plan {
        role: &role,
        setup: Vec::new(),
        manifests_first: manifests(case),
        bare: None,
        last_from,
        apk: case.is_alpine(),
        packages,
        usual: &[],
        results,
        // What it reads when it runs is published.
        source: &|_| true,
    };
    let draft = compiled::draft(case, plan, &mut notes)?;
    Ok((draft, notes))
}

/// The image with the runtime: of ASP.NET unless no project needs that.
fn runtime(case: &Case<'_>) -> Try<String> {
    let files = case.project.files.unwrap_or_default();
    let projects: Vec<String> = files
        .iter()
        .filter(|f| f.ends_with(".csproj") || f.ends_with(".fsproj"))
        .filter_map(|f| (case.project.read)(f))
        .collect();
    let web = |p: &String| p.contains("Microsoft.NET.Sdk.Web") || p.contains("Microsoft.AspNetCore.App");
    let kind = if projects.is_empty() || projects.iter().any(web) { "aspnet" } else { "runtime" };
    let (written, tag) = (case.base(), case.image.tag.as_deref().unwrap_or_default());
    let refuse = |why| Err(NoProposal::at(case.model, case.stage.steps.start, why));
    let Some(to) = dotnet_runtime_tag(tag) else {
        return refuse("whether there is an image with the runtime for this tag is not known");
    };
    let tagged = written.split('@').next().unwrap_or_default();
    let Some((start, rest)) = tagged.rsplit_once("/sdk") else {
        return refuse("the base image is not known");
    };
    // Variables stay where their value is the same in both tags.
    let rest = match to.as_str() {
        "" => String::new(),
        _ if to == tag => rest.to_owned(),
        _ => format!(":{to}"),
    };
    Ok(format!("{start}/{kind}{rest}"))
}

fn role(cmd: &Cmd<'_>) -> Try<Option<Role>> {
    Ok(match cmd.program() {
        "dotnet" => match &*cmd.subcommand().unwrap_or_default() {
            "publish" | "build" | "restore" => Some(Role::Build),
            "test" | "clean" | "nuget" | "--version" | "--info" => Some(Role::Neutral),
            _ => None,
        },
        "cp" | "mv" => Some(Role::Build),
        "sed" => Some(Role::Neutral),
        _ => None,
    })
}

/// Lines that restore the packages of the one project before the sources come.
fn manifests(case: &Case<'_>) -> Vec<String> {
    let model = case.model;
    let restored = model.installs().any(|i| !i.builds && i.manager.id == ManagerId::Dotnet);
    let build = model.installs().find(|i| i.builds && i.manager.id == ManagerId::Dotnet);
    let Some(sources) = build.filter(|_| !restored).and_then(|i| model.sources_before(&i)) else {
        return Vec::new();
    };
    let copy = model.copies.get(sources.copy);
    let here = copy
        .and_then(|c| c.destination.known())
        .zip(copy.and_then(|c| case.working(c.step).ok()))
        .is_some_and(|(to, workdir)| to.trim_end_matches('/') == workdir);
    let files = case.project.files.unwrap_or_default();
    let of_builds = |f: &&String| {
        let end = f.rsplit('/').next().unwrap_or(f);
        end.ends_with("proj")
            || end.ends_with(".sln")
            || end.ends_with(".props")
            || end.ends_with(".targets")
            || matches!(
                end.to_ascii_lowercase().as_str(),
                "nuget.config" | "global.json" | "packages.lock.json"
            )
    };
    let found: Vec<&String> = files.iter().filter(of_builds).collect();
    match found.as_slice() {
        [project]
            if here
                && sources.folder.is_empty()
                && !project.contains(['/', ' '])
                && project.ends_with("proj") =>
        {
            vec![format!("COPY {project} ./"), "RUN dotnet restore".to_owned()]
        }
        _ => Vec::new(),
    }
}
