//! The lines that keep the dependencies in the cache: manifests, install, and then the sources.

use super::Analysis;
use std::collections::BTreeMap;

use crate::syntax::{CommandForm, Instruction, Keyword, Kind};
use crate::text::Span;

use super::command::Cmd;
use super::order::{EarlyPackages, EarlySources, harmless};
use super::order_advice::short;
use super::{Model, SETTINGS, covers};
use crate::knowledge::{Action, ManagerId};

/// Instructions in a better order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reordered {
    /// The first step and the last one that they replace.
    pub steps: (usize, usize),
    /// The lines to write in their place.
    pub lines: Vec<String>,
}

impl EarlySources<'_> {
    /// The lines that copy the manifests alone, each folder by a COPY of its own; `None` where a person has to
    /// look. None are needed if they are there already.
    #[must_use]
    pub fn manifest_lines(&self, model: &Analysis) -> Option<Vec<String>> {
        let needed = self.files.as_ref().ok()?;
        if self.ready {
            return Some(Vec::new());
        }
        let copy = model.copies.get(self.first.copy)?;
        let instruction = model.instruction(copy.step);
        let written = model.destination_text(copy)?;
        if instruction.flag("parents").is_some() || !written.chars().all(is_plain) {
            return None;
        }
        let flags = instruction.flags.iter().filter(|f| &*f.name != "exclude");
        let flags: String = flags.map(|f| format!("{} ", model.text(f.span))).collect();
        let keyword = instruction.keyword_text(&model.file);
        let destination = match written {
            "." | "./" => "./".to_owned(),
            other => format!("{}/", other.trim_end_matches('/')),
        };
        let there =
            |name: &str| model.manifest_is_there(&format!("{}{name}", self.first.folder)) == Some(true);
        let settings = SETTINGS.iter().filter(|s| there(s)).map(|s| format!("{}{s}", self.first.folder));
        // By the folder that a manifest is in, seen from what is copied.
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in needed.iter().cloned().chain(settings) {
            let below = name.strip_prefix(&*self.first.root)?;
            let folder = below.rfind('/').map_or("", |at| &below[..=at]).to_owned();
            if !name.chars().all(is_plain) || name.contains('$') {
                return None;
            }
            folders.entry(folder).or_default().push(name);
        }
        let line = |(folder, names): (String, Vec<String>)| {
            format!("{keyword} {flags}{} {destination}{folder}", names.join(" "))
        };
        Some(folders.into_iter().map(line).collect())
    }

    /// The instructions from the COPY to the install in an order that keeps the install in the cache; `None`
    /// where a person has to look.
    #[must_use]
    pub fn reordered(&self, model: &Analysis) -> Option<Reordered> {
        let cmd = self.install.cmd;
        let (copy, run) = (model.copies.get(self.first.copy)?.step, cmd.step());
        // A wrapper is a file of the project itself; what a project of .NET refers to is not known.
        let own = matches!(cmd.program(), "mvnw" | "gradlew") || self.install.manager.id == ManagerId::Dotnet;
        if own
            || self.files.is_err()
            || !cmd.shell().effective().wrappers.is_empty()
            || !cmd.shell().redirects.is_empty()
        {
            return None;
        }
        let mut lines = between(model, copy, run)?;
        lines.extend(self.manifest_lines(model)?);
        lines.extend(comments(model, run));
        let instruction = model.instruction(run);
        let script = Script::of(model, cmd, instruction)?;
        let early = match self.fetch().filter(|_| self.install.builds) {
            Some(fetch) => fetch,
            None if self.install.builds => return None,
            None => {
                let options = self.options_without_sources();
                let options: String = options.iter().map(|o| format!(" {o}")).collect();
                format!("{}{options}", short(model.text(cmd.shell().span)))
            }
        };
        let whole = text(model, run);
        let again = self.install.builds || !self.options_without_sources().is_empty();
        if !again && script.rest.is_none() {
            lines.push(whole.clone());
        } else {
            let cleaning = if again { "" } else { &script.cleaning };
            lines.push(format!("{}{}{early}{cleaning}", script.head, script.before));
        }
        lines.push(text(model, copy));
        match script.rest {
            _ if again => lines.push(whole),
            Some(rest) => lines.push(format!("{}{}{rest}", script.head, script.before)),
            None => {}
        }
        Some(Reordered { steps: (copy, run), lines })
    }
}

impl EarlyPackages<'_> {
    /// The RUN before the COPY; `None` where a person has to look.
    #[must_use]
    pub fn reordered(&self, model: &Model) -> Option<Reordered> {
        let (copy, run) = (model.copies.get(self.copy)?.step, self.install.step());
        let mut lines = between(model, copy, run)?;
        lines.extend(comments(model, run));
        lines.push(text(model, run));
        lines.push(text(model, copy));
        Some(Reordered { steps: (copy, run), lines })
    }
}

/// The parts of a RUN that installs.
struct Script<'m> {
    /// `RUN ` and its flags.
    head: String,
    /// What comes before the install: `set -e && cd web && `.
    before: String,
    /// What runs behind it.
    rest: Option<&'m str>,
    /// What cleans up at the end, which has to be done in the layer of the install: ` && yarn cache clean`.
    cleaning: String,
}

impl<'m> Script<'m> {
    /// `None` if something else runs before the install, or if what follows is not joined by `&&`.
    fn of(model: &'m Model, install: Cmd<'m>, instruction: &Instruction) -> Option<Self> {
        let Kind::Run(CommandForm::Shell(arguments)) = &instruction.kind else { return None };
        if !instruction.heredocs.is_empty() || install.script().script.opaque {
            return None;
        }
        let own = install.shell().span;
        let text = |start, end| short(model.text(Span::new(start, end)));
        let commands: Vec<Cmd<'m>> = model.commands_of(install.step()).collect();
        let at = commands.iter().position(|c| c.usage.command == install.usage.command)?;
        let (earlier, later) = (commands.get(..at)?, commands.get(at + 1..)?);
        let mut before = String::new();
        let mut end = arguments.start;
        for command in earlier {
            let span = command.shell().span;
            let joint = text(end, span.start);
            if !matches!(command.program(), "cd" | "set") || !matches!(&*joint, "" | "&&" | ";") {
                return None;
            }
            before.push_str(&short(model.text(span)));
            before.push_str(" && ");
            end = span.end;
        }
        if !matches!(&*text(end, own.start), "" | "&&" | ";") {
            return None;
        }
        let mut end = own.end;
        for command in later {
            let span = command.shell().span;
            // Only what is a chain can be parted.
            if text(end, span.start) != "&&" {
                return None;
            }
            end = span.end;
        }
        if !text(end, instruction.span.end).is_empty() {
            return None;
        }
        let work = later.iter().rposition(|c| !cleans(model, c)).map_or(0, |at| at + 1);
        let (work, cleaning) = later.split_at(work);
        let cleaning = cleaning.iter().map(|c| format!(" && {}", short(model.text(c.shell().span))));
        let rest = work.first().zip(work.last());
        let rest = rest.map(|(a, b)| model.text(a.shell().span.to(b.shell().span)));
        let flags: String = instruction.flags.iter().map(|f| format!("{} ", model.text(f.span))).collect();
        let head = format!("{} {flags}", instruction.keyword_text(&model.file));
        Some(Self { head, before, rest, cleaning: cleaning.collect() })
    }
}

/// True if a command removes what an install leaves behind: a cache, or files that are not of the project.
fn cleans(model: &Model, cmd: &Cmd<'_>) -> bool {
    let outside = |path: &str| {
        let own = model.workdir(cmd.step()).known().map(|w| w.trim_end_matches('/'));
        path.starts_with('~') || path.starts_with('/') && own.is_none_or(|w| w.is_empty() || !covers(w, path))
    };
    cmd.usage.action == Action::Clean
        || cmd.program() == "rm" && cmd.operands().iter().all(|w| outside(w.static_prefix()))
}

/// The instructions between a COPY and a RUN of its stage, if none of them needs what is copied, and if the
/// COPY may stand behind them.
fn between(model: &Model, copy: usize, run: usize) -> Option<Vec<String>> {
    let stage = model.stage_of(copy)?;
    if model.stage_of(run)?.index != stage.index {
        return None;
    }
    let written = model.copies.iter().find(|c| c.step == copy).and_then(|c| model.destination_text(c))?;
    let relative = !written.starts_with('/');
    let mut lines = Vec::new();
    for step in copy + 1..run {
        let instruction = model.instruction(step);
        match instruction.keyword {
            // The order of triggers among themselves counts in other builds.
            _ if instruction.is_trigger() => return None,
            Keyword::Workdir if relative => return None,
            Keyword::Copy | Keyword::Add | Keyword::From => return None,
            Keyword::Run => {
                if model.script_of(step).is_none_or(|s| s.script.opaque) {
                    return None;
                }
                harmless(model, step, instruction)?;
            }
            _ => {}
        }
        lines.extend(comments(model, step));
        lines.push(text(model, step));
    }
    Some(lines)
}

/// An instruction as it is written.
fn text(model: &Model, step: usize) -> String {
    model.text(model.instruction(step).span).trim_end().to_owned()
}

/// The comment lines in front of an instruction.
fn comments<'m>(model: &'m Model, step: usize) -> impl Iterator<Item = String> + 'm {
    model.file.comments_before(step).map(|line| model.text(line).to_owned())
}

const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '$' | '{' | '}') || !c.is_ascii()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::semantic::BuildContext;
    use crate::syntax::parse;
    use crate::text::Source;

    use super::*;

    /// The lines that are replaced, and those that replace them.
    fn reordered(text: &str) -> Option<(u32, u32, Vec<String>)> {
        let file = parse(Source::from_text("Dockerfile", text));
        let model = Analysis::new(Model::new(file.clone())).with_context(Some(plain_project()));
        let sources = model.early_sources();
        let packages = model.early_packages();
        let found = match sources.first() {
            Some(early) => early.reordered(&model)?,
            None => packages.first()?.reordered(&model)?,
        };
        let line = |step: usize| model.instruction(step).lines;
        Some((line(found.steps.0).0, line(found.steps.1).1, found.lines))
    }

    /// A context whose manifests name no other files.
    fn plain_project() -> Arc<BuildContext> {
        let files = [
            ("package.json", "{}"),
            ("go.mod", "module a\n\nrequire b v1.0.0\n"),
            ("pyproject.toml", ""),
            ("pom.xml", "<project/>\n"),
            ("requirements.txt", "flask==3.1.0\n"),
            ("app/api/req/a.txt", "flask==3.1.0\n"),
            ("app/api/b.txt", "requests==2.32.3\n"),
        ];
        let texts = files.map(|(path, text)| (path.to_owned(), text.to_owned())).into_iter().collect();
        Arc::new(BuildContext { texts, ..BuildContext::default() })
    }

    #[test]
    fn without_the_manifests_there_are_no_lines() {
        let text = "FROM node\nWORKDIR /a\nCOPY . .\nRUN npm ci\n";
        let file = parse(Source::from_text("Dockerfile", text));
        let unknown = Analysis::new(Model::new(file.clone()));
        assert_eq!(unknown.early_sources()[0].reordered(&unknown), None);
        let empty = unknown.with_context(Some(Arc::new(BuildContext::default())));
        assert_eq!(empty.early_sources()[0].reordered(&empty), None);
    }

    fn lines(text: &str) -> Vec<String> {
        reordered(text).unwrap_or_else(|| panic!("{text}")).2
    }

    #[test]
    fn the_sources_come_last() {
        let (first, last, lines) = reordered(
            "FROM node\nWORKDIR /a\n# all\nCOPY --chown=node --exclude=x . .\n# b\nENV A=b\n\n# for c\nRUN npm ci --omit=dev  \nCMD x\n",
        )
        .unwrap();
        assert_eq!((first, last), (4, 9));
        let manifests = "COPY --chown=node package.json package-lock.json ./";
        let copy = "COPY --chown=node --exclude=x . .";
        assert_eq!(lines, ["# b", "ENV A=b", manifests, "# for c", "RUN npm ci --omit=dev", copy]);
    }

    #[test]
    fn what_follows_the_install_stays_behind_the_sources() {
        assert_eq!(
            lines(
                "FROM node\nCOPY . /a\nWORKDIR /a\nRUN --mount=type=secret,id=t npm ci \\\n && npm run build \\\n && x\n"
            ),
            [
                "WORKDIR /a",
                "COPY package.json package-lock.json /a/",
                "RUN --mount=type=secret,id=t npm ci",
                "COPY . /a",
                "RUN --mount=type=secret,id=t npm run build \\\n && x",
            ]
        );
        assert_eq!(
            lines("FROM golang\nWORKDIR /s\nCOPY . .\nRUN go build -o /x .\n"),
            ["COPY go.mod go.sum ./", "RUN go mod download", "COPY . .", "RUN go build -o /x ."]
        );
        assert_eq!(
            lines("FROM python\nWORKDIR /s\nCOPY . .\nRUN poetry install --no-interaction\n")[1..],
            [
                "RUN poetry install --no-interaction --no-root",
                "COPY . .",
                "RUN poetry install --no-interaction"
            ]
        );
    }

    #[test]
    fn cleaning_stays_with_what_it_cleans() {
        assert_eq!(
            lines("FROM node\nWORKDIR /a\nCOPY . .\nRUN yarn \\\n && rm -rf /usr/local/share/.cache\n")[1..],
            ["RUN yarn \\\n && rm -rf /usr/local/share/.cache", "COPY . ."]
        );
        assert_eq!(
            lines(
                "FROM node\nWORKDIR /a\nCOPY . .\nRUN yarn && rm -r src && yarn build && yarn cache clean\n"
            )[1..],
            ["RUN yarn && yarn cache clean", "COPY . .", "RUN rm -r src && yarn build"]
        );
        assert_eq!(
            lines("FROM maven\nCOPY . /s\nRUN set -ex; cd /s \\\n && mvn package\n"),
            [
                "COPY pom.xml /s/",
                "RUN set -ex && cd /s && mvn dependency:go-offline",
                "COPY . /s",
                "RUN set -ex; cd /s \\\n && mvn package"
            ]
        );
    }

    #[test]
    fn folders_stay_as_they_are() {
        assert_eq!(
            lines(
                "FROM python\nCOPY app /srv\nWORKDIR /srv\nRUN cd api && pip install -r req/a.txt -r b.txt && x\n"
            ),
            [
                "WORKDIR /srv",
                "COPY app/api/b.txt /srv/api/",
                "COPY app/api/req/a.txt /srv/api/req/",
                "RUN cd api && pip install -r req/a.txt -r b.txt",
                "COPY app /srv",
                "RUN cd api && x",
            ]
        );
    }

    #[test]
    fn installs_of_the_system_need_no_sources() {
        let text = "FROM python\nWORKDIR /a\nCOPY . .\nRUN apt-get update\nRUN apt-get install -y gcc\n\
                    RUN pip install -r requirements.txt\n";
        assert_eq!(
            lines(text),
            [
                "RUN apt-get update",
                "RUN apt-get install -y gcc",
                "COPY requirements.txt ./",
                "RUN pip install -r requirements.txt",
                "COPY . .",
            ]
        );
        let text = "FROM debian\nWORKDIR /a\nCOPY . .\nRUN apt-get update && apt-get install -y gcc\n";
        assert_eq!(lines(text), ["RUN apt-get update && apt-get install -y gcc", "COPY . ."]);
    }

    #[test]
    fn where_a_person_has_to_look_there_are_no_lines() {
        for text in [
            "FROM node\nCOPY . app\nWORKDIR app\nRUN npm ci\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN ./configure\nRUN npm ci\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN ./configure && npm ci\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN npm ci || npm install\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN (npm ci && x)\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN if x; then npm ci; fi\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN sudo npm ci\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN npm ci > log\n",
            "FROM node\nWORKDIR /a\nCOPY . .\nRUN <<E\nnpm ci\nE\n",
            "FROM rust\nWORKDIR /a\nCOPY . .\nRUN cargo build\n",
            "FROM maven\nWORKDIR /a\nCOPY . .\nRUN ./mvnw package\n",
            "FROM node AS a\nWORKDIR /a\nCOPY . .\nFROM a\nRUN npm ci\n",
            "FROM node\nWORKDIR /a\nCOPY --parents . .\nRUN npm ci\n",
        ] {
            assert_eq!(reordered(text), None, "{text}");
        }
    }
}
