//! Whether a program of Go holds C code, so that it needs a C library where it runs.

use crate::knowledge::{Action, CGO_MODULES};

use super::{Analysis, Cmd, Setting, base_name, is_build_driver, is_compiler, is_headers};

/// What is known of the C code in a program of Go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cgo {
    /// It is built without (`CGO_ENABLED=0`).
    Off,
    /// `go.mod` names nothing that is known to hold some.
    None,
    /// Nobody knows what `go.mod` names.
    Unknown,
    /// It holds some: a module, a package that is installed for it, or the setting says so.
    Holds(String),
}

impl Analysis {
    /// What is known of C code in the program that `build` builds.
    #[must_use]
    pub fn cgo(&self, build: &Cmd<'_>) -> Cgo {
        let texts = self.context().map(|context| &context.texts);
        let modules = texts.into_iter().flat_map(|texts| texts.paths().map(move |path| (path, texts)));
        let modules = modules.filter(|(path, _)| base_name(path) == "go.mod");
        self.cgo_by(build, &modules.filter_map(|(path, texts)| texts.get(path)).collect::<Vec<_>>())
    }

    /// The same by the texts of the `go.mod`s of the project.
    #[must_use]
    pub fn cgo_by(&self, build: &Cmd<'_>, modules: &[&str]) -> Cgo {
        match build.setting("CGO_ENABLED") {
            Some(Setting::To("0")) => return Cgo::Off,
            Some(Setting::To("1")) => return Cgo::Holds("CGO_ENABLED=1".to_owned()),
            _ => {}
        }
        let mut written = None;
        for cmd in self.commands_named("go").filter(|cmd| cmd.is_subcommand("env")) {
            let named = ["CGO_ENABLED=0", "CGO_ENABLED=1"]
                .into_iter()
                .find(|text| cmd.args().iter().any(|w| w.is(text)));
            written = named.or(written);
        }
        match written {
            Some("CGO_ENABLED=0") => return Cgo::Off,
            Some(text) => return Cgo::Holds(text.to_owned()),
            None => {}
        }
        let is_known = !modules.is_empty();
        let lines = modules.iter().copied().flat_map(str::lines);
        let mut names = lines.filter_map(|line| {
            let mut words = line.split_whitespace();
            match words.next()? {
                "require" => words.next(),
                "//" | "replace" | "exclude" | "retract" => None,
                name => Some(name),
            }
        });
        let holds = |name: &&str| {
            CGO_MODULES.iter().any(|module| {
                name.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
            })
        };
        if let Some(name) = names.find(holds) {
            return Cgo::Holds(name.to_owned());
        }
        let Some(stage) = build.stage() else { return Cgo::Unknown };
        let here = |c: &Cmd<'_>| {
            c.id() < build.id()
                && c.usage.action == Action::Install
                && c.usage.manager.is_some_and(|m| m.system)
                && self.inherits_step(stage, c.step())
        };
        let mut packages = self.run_commands().filter(here).flat_map(|c| c.packages());
        // What comes with the headers of Protocol Buffers is read by its own compiler.
        let for_c = |name: &str| {
            !name.contains("protobuf") && (is_headers(name) || is_compiler(name) && !is_build_driver(name))
        };
        match packages.find(|p| for_c(&p.name)) {
            Some(package) => Cgo::Holds(package.name),
            None if is_known => Cgo::None,
            None => Cgo::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::semantic::{BuildContext, Model};
    use crate::syntax::parse;
    use crate::text::Source;

    fn cgo(run: &str, module: Option<&str>) -> Cgo {
        let text = format!("FROM golang:1.26\nWORKDIR /a\nCOPY . .\n{run}\n");
        let texts = module.map(|text| ("go.mod".to_owned(), text.to_owned())).into_iter().collect();
        let context = Arc::new(BuildContext { texts, ..BuildContext::default() });
        let model = Model::new(parse(Source::from_text("Dockerfile", text)));
        let model = Analysis::new(model).with_context(Some(context));
        let build = model.run_commands().find(Cmd::builds_program).unwrap();
        model.cgo(&build)
    }

    #[test]
    fn programs_of_go_may_hold_c_code() {
        let holds = |name: &str| Cgo::Holds(name.to_owned());
        let build = "RUN go build -o /b .";
        let plain = "module a\n\nrequire github.com/lib/pq v1\n";
        let sqlite = "module a\n\nrequire (\n\tgithub.com/mattn/go-sqlite3 v1.14.0\n)\n";
        for (run, module, want) in [
            (build, Some(plain), Cgo::None),
            (build, None, Cgo::Unknown),
            (build, Some(sqlite), holds("github.com/mattn/go-sqlite3")),
            (build, Some("require github.com/mattn/go-sqlite3 v1\n"), holds("github.com/mattn/go-sqlite3")),
            (build, Some("// github.com/mattn/go-sqlite3 v1\n"), Cgo::None),
            (
                build,
                Some("\tgopkg.in/confluentinc/confluent-kafka-go.v1 v1\n"),
                holds("gopkg.in/confluentinc/confluent-kafka-go.v1"),
            ),
            ("RUN CGO_ENABLED=0 go build -o /b .", Some(sqlite), Cgo::Off),
            ("RUN go env -w CGO_ENABLED=0 && go build -o /b .", Some(sqlite), Cgo::Off),
            ("ENV CGO_ENABLED=1\nRUN go build -o /b .", Some(plain), holds("CGO_ENABLED=1")),
            (
                "RUN apt-get update && apt-get install -y make librdkafka-dev && go build -o /b .",
                None,
                holds("librdkafka-dev"),
            ),
            ("RUN apt-get update && apt-get install -y make git && go build -o /b .", None, Cgo::Unknown),
        ] {
            assert_eq!(cgo(run, module), want, "{run}: {module:?}");
        }
    }
}
