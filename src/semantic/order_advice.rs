//! What to write where sources are copied before an install, in words.

use std::collections::HashSet;

use crate::knowledge::{KEPT_OPTIONS, KEPT_OPTIONS_WITH_VALUE, ManagerId};

use super::doubt::Doubt;
use super::install::SETTINGS;
use super::order::EarlySources;
use super::{Analysis, Model};

/// The most files that an advice names.
const MAX_NAMED: usize = 5;

impl EarlySources<'_> {
    /// The command that installs, as it is written: `npm ci`, `python3 -m pip install`.
    #[must_use]
    pub fn command(&self, model: &Model) -> String {
        let program = self.install.cmd.program_span();
        let behind = if program.contains(self.install.order) { "" } else { model.text(self.install.order) };
        let behind = match (self.install.manager.id, behind) {
            (ManagerId::Go, "download") => "mod download",
            (_, behind) => behind,
        };
        short(&format!("{} {behind}", model.text(program)))
    }

    /// The options that an install without the sources needs beside its own.
    #[must_use]
    pub fn options_without_sources(&self) -> Vec<&'static str> {
        let options: &[&str] = match self.install.manager.id {
            ManagerId::Poetry => &["--no-root"],
            ManagerId::Uv if self.install.files.is_empty() => &["--no-install-project"],
            ManagerId::Composer => &["--no-scripts", "--no-autoloader"],
            _ => &[],
        };
        options.iter().copied().filter(|o| !self.install.cmd.has_flag(o)).collect()
    }

    /// The options of the install that decide what it installs: without them the advice would install more.
    fn kept_options(&self) -> Vec<String> {
        let cmd = &self.install.cmd;
        let plain = KEPT_OPTIONS.iter().filter(|option| cmd.has_flag(option));
        let plain: Vec<String> = plain.map(|option| (*option).to_owned()).collect();
        let valued =
            KEPT_OPTIONS_WITH_VALUE.iter().filter(|option| cmd.has_flag(option)).filter_map(|option| {
                let value = cmd.option_value(&[option]).filter(|value| !value.contains(' '))?;
                // `--omit=dev` is one of those.
                (!plain.contains(&format!("{option}={value}"))).then(|| format!("{option} {value}"))
            });
        let valued: Vec<String> = valued.collect();
        let of_pip = ["-r", "-c"].into_iter().filter(|_| self.install.manager.id == ManagerId::Pip);
        let of_pip = of_pip.filter_map(|option| Some(format!("{option} {}", cmd.option_value(&[option])?)));
        plain.into_iter().chain(valued).chain(of_pip).collect()
    }

    /// What tells Bundler in the same RUN which groups it leaves out: `bundle config set without test`.
    fn told_before(&self, model: &Model) -> String {
        let own = &self.install.cmd;
        if self.install.manager.id != ManagerId::Bundler {
            return String::new();
        }
        let before = model.commands_of(own.step()).take_while(|cmd| cmd.id() < own.id());
        let tells =
            before.filter(|cmd| cmd.program() == "bundle" && cmd.args().iter().any(|w| w.is("config")));
        tells.map(|cmd| format!("{} && ", short(model.text(cmd.shell().span)))).collect()
    }

    /// The command that fetches the dependencies where the install itself builds the project; `None` if it
    /// does not, or if there is no such command.
    #[must_use]
    pub fn fetch(&self) -> Option<String> {
        let program = self.install.cmd.shell().program_word().map_or("", |w| w.static_prefix());
        Some(match self.install.manager.id {
            ManagerId::Go => "go mod download".to_owned(),
            ManagerId::Maven => format!("{program} dependency:go-offline"),
            ManagerId::Gradle => format!("{program} dependencies"),
            ManagerId::Dotnet => "dotnet restore".to_owned(),
            _ => return None,
        })
    }

    /// Whether the settings of Gradle name projects below the root.
    fn has_projects(&self, model: &Analysis) -> bool {
        ["settings.gradle", "settings.gradle.kts"].iter().any(|name| {
            let text = model.text_of(&format!("{}{name}", self.first.folder)).unwrap_or_default();
            text.lines().any(|line| line.trim_start().starts_with("include"))
        })
    }

    /// What to do about it, in words.
    #[must_use]
    pub fn advice(&self, model: &Analysis) -> String {
        let named = self.files.as_ref().unwrap_or(&self.manifests);
        let doubt = self.files.as_ref().err().filter(|_| model.context().is_some());
        let beside = match doubt {
            Some(Doubt::Beside(files)) => files.as_slice(),
            _ => &[],
        };
        let settings = SETTINGS.iter().map(|name| format!("{}{name}", self.first.folder));
        let settings: Vec<String> =
            settings.filter(|path| model.manifest_is_there(path) == Some(true)).collect();
        let beside = beside.iter().chain(&settings).filter(|file| !named.contains(file));
        // A project brings the program itself.
        let program = self.install.cmd.program();
        let wrapper: &[&str] = match program {
            "mvnw" => &["mvnw", ".mvn"],
            "gradlew" => &["gradlew", "gradle"],
            _ => &[],
        };
        let wrapper: Vec<String> =
            wrapper.iter().map(|name| format!("{}{name}", self.first.folder)).collect();
        let mut seen = HashSet::new();
        let once = wrapper
            .iter()
            .filter(|_| !self.ready)
            .chain(named)
            .chain(beside)
            // With a folder comes what is in it.
            .filter(|name| {
                !wrapper.iter().any(|all| name.strip_prefix(all).is_some_and(|n| n.starts_with('/')))
            })
            .filter(|name| seen.insert(name.as_str()));
        let mut quoted: Vec<String> = once.map(|n| format!("`{n}`")).collect();
        if quoted.len() > MAX_NAMED {
            let more = quoted.len() - MAX_NAMED;
            quoted.truncate(MAX_NAMED);
            quoted.push(format!("{more} more"));
        }
        let files = all(&quoted);
        let step = self.fetch().unwrap_or_else(|| {
            let others = self.options_without_sources().into_iter().map(str::to_owned);
            std::iter::once(self.told_before(model) + &self.command(model))
                .chain(self.kept_options())
                .chain(others)
                .collect::<Vec<_>>()
                .join(" ")
        });
        let node = self.install.manager.manifests.contains(&"package.json");
        let prisma = (node && model.context().is_some() && model.prisma().is_some()).then_some(SCHEMA);
        let mut advice = match (self.install.manager.id, self.ready, doubt) {
            (ManagerId::Cargo, ..) => "build the dependencies in an earlier step (`cargo chef`)".to_owned(),
            (_, true, doubt) => {
                let is_one = self.manifests.len() == 1;
                let are = if is_one { "is" } else { "are" };
                match doubt.and_then(|doubt| with_them(doubt, is_one)).or(prisma.map(str::to_owned)) {
                    Some(more) => format!(
                        "copy {more} before this COPY, and run `{step}` there: {files} {are} there already"
                    ),
                    None => format!("run `{step}` before this COPY: {files} {are} there already"),
                }
            }
            (ManagerId::Pnpm, _, Some(Doubt::Members)) => {
                let folder = &self.first.folder;
                format!(
                    "first copy `{folder}pnpm-lock.yaml` and `{folder}pnpm-workspace.yaml`, run `pnpm fetch`, copy the rest, and install with `--offline`"
                )
            }
            (_, _, doubt) => {
                let is_one = quoted.len() == 1;
                let more = doubt.and_then(|doubt| with_them(doubt, is_one)).or(prisma.map(str::to_owned));
                let more = more.map(|more| format!(" and {more}")).unwrap_or_default();
                format!("first copy {files}{more}, run `{step}`, and copy the rest after it")
            }
        };
        if let Some(Doubt::Overlay(folder)) = doubt.filter(|_| !self.ready) {
            advice.push_str(&format!(", without `{folder}`, which would replace what was installed"));
        }
        if self.install.manager.id == ManagerId::Composer {
            let cmd = &self.install.cmd;
            let mut autoload = "composer dump-autoload".to_owned();
            for (own, other) in [
                (&["--no-dev"][..], " --no-dev"),
                (&["--optimize-autoloader", "-o"], " --optimize"),
                (&["--classmap-authoritative", "-a"], " --classmap-authoritative"),
            ] {
                if cmd.has_any_flag(own) {
                    autoload.push_str(other);
                }
            }
            advice.push_str(&format!(", then run `{autoload}`"));
        }
        if self.install.builds {
            let caches = self.install.manager.caches;
            let large = caches.iter().find(|c| c.contains("mod") || c.starts_with("/usr"));
            if let Some(cache) = large.or_else(|| caches.first()) {
                let mount = format!("keep downloads with `--mount=type=cache,target={cache}`");
                // The task of the root says nothing of the dependencies of its projects.
                if self.install.manager.id == ManagerId::Gradle && self.has_projects(model) {
                    return mount;
                }
                advice.push_str(&format!(", or {mount}"));
            }
        }
        advice
    }
}

/// What Prisma generates its client from when it is installed.
const SCHEMA: &str = "the Prisma schema";

/// What else an install reads, where no list can say it.
fn with_them(doubt: &Doubt, is_one: bool) -> Option<String> {
    Some(match doubt {
        Doubt::Members => "the manifest of every member of the workspace".to_owned(),
        Doubt::Projects => "the projects referenced there".to_owned(),
        Doubt::Scripts(scripts) => {
            let names: Vec<String> = scripts.iter().map(|script| format!("`{script}`")).collect();
            match names.as_slice() {
                [one] => format!("whatever the {one} script needs"),
                names => format!("whatever the {} scripts need", all(names)),
            }
        }
        Doubt::Prisma => SCHEMA.to_owned(),
        Doubt::Local if is_one => "any local files that it names".to_owned(),
        Doubt::Local => "any local files that they name".to_owned(),
        Doubt::NoContext | Doubt::Unread | Doubt::Beside(_) | Doubt::Overlay(_) | Doubt::LeftOut => {
            return None;
        }
    })
}

/// One line of a command.
pub(super) fn short(text: &str) -> String {
    text.split_whitespace().filter(|w| *w != "\\").collect::<Vec<_>>().join(" ")
}

/// `a`, `a` and `b`.
fn all(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::semantic::{Analysis, BuildContext, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    /// What is advised for the first install, with nothing known of the context but these texts.
    fn advice(text: &str, files: &[(&str, &str)]) -> Option<String> {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let context = Arc::new(BuildContext { texts, ..BuildContext::default() });
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file)).with_context(Some(context));
        model.early_sources().first().map(|early| early.advice(&model))
    }

    #[test]
    fn advice_names_what_an_install_needs() {
        let of_npm = |json: &str| {
            advice("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", &[("package.json", json)])
        };
        let copied = "copy `package.json` and `package-lock.json`";
        assert_eq!(of_npm("{}"), Some(format!("first {copied}, run `npm ci`, and copy the rest after it")));
        assert_eq!(
            of_npm(r#"{"scripts": {"postinstall": "node a.js"}}"#),
            Some(format!(
                "first {copied} and whatever the `postinstall` script needs, run `npm ci`, and copy the rest after it"
            ))
        );
        assert_eq!(
            of_npm(r#"{"scripts": {"postinstall": "node a.js", "preinstall": "node b.js"}}"#),
            Some(format!(
                "first {copied} and whatever the `preinstall` and `postinstall` scripts need, run `npm ci`, and copy the rest after it"
            ))
        );
        assert_eq!(
            of_npm(r#"{"workspaces": ["packages/**"]}"#),
            Some(format!(
                "first {copied} and the manifest of every member of the workspace, run `npm ci`, and copy the rest after it"
            ))
        );
        let dotnet = "FROM mcr.microsoft.com/dotnet/sdk:9.0\nWORKDIR /a\nCOPY . .\nRUN dotnet restore api/api.csproj\n";
        assert_eq!(
            advice(dotnet, &[]).as_deref(),
            Some(
                "first copy `api/api.csproj` and the projects referenced there, run `dotnet restore`, and copy the rest after it"
            )
        );
    }

    #[test]
    fn files_of_other_stages_are_not_there() {
        let text = "FROM node:22 AS a\nWORKDIR /b\nCOPY package.json package-lock.json /b/\nRUN npm ci\n\
                    FROM node:22\nWORKDIR /app\nCOPY backend/ /app/\nRUN npm install --omit=dev\n";
        let advice = advice(text, &[("backend/package.json", "{}")]).unwrap();
        assert!(advice.starts_with("first copy `backend/package.json` and"), "{advice}");
        let here = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm install\n";
        let advice = self::advice(here, &[("package.json", "{}")]).unwrap();
        assert!(advice.starts_with("run `npm install` before this COPY"), "{advice}");
    }

    #[test]
    fn what_is_there_already_may_not_be_all() {
        let text = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nCOPY . .\nRUN npm ci\n";
        let of = |json: &str| advice(text, &[("package.json", json)]).unwrap();
        assert!(of("{}").starts_with("run `npm ci` before this COPY"), "{}", of("{}"));
        let script = of(r#"{"scripts": {"postinstall": "node a.js"}}"#);
        assert!(
            script.starts_with("copy whatever the `postinstall` script needs before this COPY"),
            "{script}"
        );
        let prisma = of(r#"{"dependencies": {"@prisma/client": "6"}}"#);
        assert!(prisma.starts_with("copy the Prisma schema before this COPY, and run `npm ci`"), "{prisma}");
    }

    #[test]
    fn what_an_install_leaves_out_stays_out() {
        let of = |base: &str, run: &str, file: &str| {
            let text = format!("FROM {base}\nWORKDIR /a\nCOPY . .\nRUN {run}\n");
            advice(&text, &[(file, "{}")]).unwrap()
        };
        let composer = of(
            "composer:2",
            "composer install --no-dev --no-interaction --optimize-autoloader",
            "composer.json",
        );
        assert!(
            composer.contains("run `composer install --no-dev --no-scripts --no-autoloader`")
                && composer.ends_with("then run `composer dump-autoload --no-dev --optimize`"),
            "{composer}"
        );
        let npm = of("node:22", "npm ci --omit=dev", "package.json");
        assert!(npm.contains("run `npm ci --omit=dev`, and"), "{npm}");
        let npm = of("node:22", "npm ci --ignore-scripts", "package.json");
        assert!(npm.contains("run `npm ci --ignore-scripts`, and"), "{npm}");
    }

    #[test]
    fn a_project_without_dependencies_fetches_none() {
        let text = "FROM golang:1.25\nWORKDIR /a\nCOPY . .\nRUN go build .\n";
        assert_eq!(advice(text, &[("go.mod", "module a\n\ngo 1.25\n")]), None);
        assert!(advice(text, &[("go.mod", "module a\n\nrequire b v1.0.0\n")]).is_some());
    }
}
