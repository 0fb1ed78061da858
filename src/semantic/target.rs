//! What a build of one stage needs, for a build that names its target.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::knowledge::{TEST_FOLDERS, TEST_WORDS, WORK_WORDS};
use crate::syntax::{ImageRef, Kind, Platform};
use crate::text::nearest;

use super::{BaseConfig, BaseConfigs, Builder, Model, ProjectImages, Stage, context_name};

/// What a build is told, beside the Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Build {
    /// The stage to build, by its name or number; the last without one, or if there is no such stage.
    pub target: Option<String>,
    /// Build arguments by name. They count where an ARG declares them.
    pub args: BTreeMap<String, String>,
    /// Build arguments that get a value which is not known here.
    pub open_args: BTreeSet<String>,
    /// True if these are all that the build is told: an ARG that has no value then is not set.
    pub all_args: bool,
    /// The platform that is built for; where it is not told, the variables that name it are unknown.
    pub platform: Option<Platform>,
    /// The named build contexts, by their names as [`context_name`] gives them.
    pub contexts: BTreeMap<String, NamedContext>,
    /// The images that other builds of the project make.
    pub project_images: ProjectImages,
    /// What builds.
    pub builder: Builder,
    /// True if what starts its containers names a user for them that is not root, or one that is not known here; also
    /// in a comment.
    pub own_user: bool,
    /// The program that a Compose service runs in its containers to check their health.
    pub health_check: Option<String>,
    /// The words of what a Compose service starts in its containers in place of the image's own command.
    pub starts: Vec<String>,
    /// True if the name of what starts its containers says that it is there for tests.
    pub for_tests: bool,
    /// True if its containers do one thing and end: another service of Compose waits until they have.
    pub runs_once: bool,
    /// True if what starts its containers lays files of the machine over those of the image.
    pub mounts: bool,
    /// True if it lays the build context itself over them: what is being worked on.
    pub for_development: bool,
    /// True for the container in which an editor works: what is typed there may need anything of its image.
    pub for_editor: bool,
    /// True if Podman or buildah are told to write Docker's format of images (`--format docker`).
    pub docker_format: bool,
    /// What images set for builds that start from them, where their registries have told.
    pub bases: Arc<BaseConfigs>,
}

/// What a named build context is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NamedContext {
    /// A folder of this machine.
    Folder(PathBuf),
    /// An image, as `docker-image://` names it.
    Image(String),
    /// What another build of the project makes.
    Build(SiblingImage),
    /// A repository, an archive, an image layout, or what cannot be known.
    Other,
}

/// The image that another build of the project makes.
#[derive(Clone)]
#[non_exhaustive]
pub struct SiblingImage {
    /// The name of the build in its file.
    pub name: String,
    /// What its Dockerfile means, where that could be read.
    pub model: Option<Arc<Model>>,
    /// True if the model is that of its triggers, which run in the stages that start from it: their instructions upon a
    /// named context that is the image itself.
    pub is_triggers: bool,
    /// True if its triggers have run, or do not run here.
    pub ran: bool,
}

impl SiblingImage {
    /// The image of the build of this name; little is known of it without its model.
    #[must_use]
    pub fn new(name: impl Into<String>, model: Option<Arc<Model>>) -> Self {
        Self { name: name.into(), model, is_triggers: false, ran: false }
    }

    /// The same where its triggers have run.
    #[must_use]
    pub fn without_triggers(self) -> Self {
        Self { ran: true, ..self }
    }

    /// The image as the stages that start from it see it, with a model of what its triggers do.
    #[must_use]
    pub fn with_triggers(self, triggers: Arc<Model>) -> Self {
        Self { model: Some(triggers), is_triggers: true, ..self }
    }

    /// The model whose end is what a stage begins with; `None` if it is not known, or if triggers run in between that
    /// are not a part of it.
    #[must_use]
    pub fn start(&self) -> Option<&Arc<Model>> {
        let model = self.model.as_ref()?;
        (self.ran || model.leaves_no_trigger()).then_some(model)
    }
}

impl fmt::Debug for SiblingImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The model is a whole Dockerfile.
        f.debug_struct("SiblingImage").field("name", &self.name).finish_non_exhaustive()
    }
}

impl PartialEq for SiblingImage {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.model, &other.model) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        same && self.name == other.name && self.ran == other.ran
    }
}

impl Eq for SiblingImage {}

/// The words of a name, which begin behind `-`, `_` and `.`, and at capital letters: `Dockerfile` and `Tests` of
/// `DockerfileTests`.
pub fn words_of_name(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.']).flat_map(|part| {
        let bytes = part.as_bytes();
        let begins =
            |at: &usize| *at == 0 || bytes[*at].is_ascii_uppercase() && bytes[*at - 1].is_ascii_lowercase();
        let starts: Vec<usize> = (0..bytes.len()).filter(begins).collect();
        let ends: Vec<usize> = starts.iter().skip(1).copied().chain([bytes.len()]).collect();
        starts.into_iter().zip(ends).map(move |(start, end)| &part[start..end])
    })
}

/// True for the name of a file or service that is there for tests: `Dockerfile.e2e`, `integration-tests`.
#[must_use]
pub fn is_named_for_tests(name: &str) -> bool {
    words_of_name(name).any(|part| TEST_WORDS.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// True for a file that a test reads, by its path from the top of the project or of a search: one in a folder
/// `testdata`, `fixtures` or `test/resources`.
#[must_use]
pub fn is_test_fixture(path: &str) -> bool {
    let mut folders = path.rsplit(['/', '\\']).skip(1).peekable();
    while let Some(folder) = folders.next() {
        let is_fixture = matches!(folder, "testdata" | "fixture" | "fixtures" | "__fixtures__")
            || folder == "resources" && folders.peek() == Some(&"test");
        if is_fixture {
            return true;
        }
    }
    false
}

/// True for the name of a stage or file for people at work on the program: `Dockerfile.dev`, `debug`.
#[must_use]
pub fn is_named_for_work(name: &str) -> bool {
    let is_word = |part: &str| WORK_WORDS.iter().any(|word| part.eq_ignore_ascii_case(word));
    words_of_name(name).any(is_word)
}

/// True for a source that only tests run: `src/app.test.ts`, `tests/shop.py`, `spec/shop_spec.rb`.
#[must_use]
pub fn is_test_source(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.split('.').next().unwrap_or(name);
    folders.split('/').any(|folder| TEST_FOLDERS.contains(&folder))
        || name.split('.').skip(1).any(|part| matches!(part, "test" | "spec" | "stories" | "cy"))
        || stem.ends_with("_test")
        || stem.ends_with("_spec")
        || stem.starts_with("test_")
        || stem == "conftest"
}

impl Build {
    /// True if SHELL, HEALTHCHECK and ONBUILD do nothing, since the format of the image does not hold them.
    #[must_use]
    pub const fn drops_config(&self) -> bool {
        self.builder.is_buildah() && !self.docker_format
    }

    /// What is known of the settings of an image.
    #[must_use]
    pub fn base_config(&self, image: &ImageRef) -> Option<&Arc<BaseConfig>> {
        // Most projects have none, and a name is put together for each question.
        if self.bases.is_empty() { None } else { self.bases.get(&image.to_string()) }
    }

    /// The named context that stands for an image or a stage of this name, if there is one. None stands for
    /// `scratch`, or for a number.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<&NamedContext> {
        self.context_called(name).map(|(_, context)| context)
    }

    /// The same with its name as [`context_name`] gives it.
    #[must_use]
    pub fn context_called(&self, name: &str) -> Option<(&str, &NamedContext)> {
        if self.contexts.is_empty() || name.eq_ignore_ascii_case("scratch") || name.parse::<usize>().is_ok() {
            return None;
        }
        self.contexts.get_key_value(&context_name(name)).map(|(name, context)| (name.as_str(), context))
    }
}

/// The name of a stage that is to be built, and that there is none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStage {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub stages: Vec<String>,
}

impl UnknownStage {
    /// The stage that is probably meant.
    #[must_use]
    pub fn near(&self) -> Option<&str> {
        nearest(&self.name, self.stages.iter().map(String::as_str))
    }

    /// What could be written in its place, as the end of a sentence.
    #[must_use]
    pub fn choices(&self) -> String {
        match (self.near(), self.stages.as_slice()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, []) => "no stage is named".to_owned(),
            (None, [only]) => format!("the only one with a name is `{only}`"),
            (None, all) => {
                let few: Vec<String> = all.iter().take(10).map(|name| format!("`{name}`")).collect();
                format!("the stages are {}", few.join(", "))
            }
        }
    }
}

impl fmt::Display for UnknownStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no stage `{}`: {}", self.name, self.choices())
    }
}

impl std::error::Error for UnknownStage {}

impl Model {
    /// What the build is told.
    #[must_use]
    pub fn build(&self) -> &Build {
        &self.build
    }

    /// The stage that the build is told to build, if there is none of that name; the model is that of the
    /// last stage then.
    #[must_use]
    pub fn unknown_target(&self) -> Option<UnknownStage> {
        let name = self.build.target.as_deref()?;
        let shown = |stage: &Stage| match self.build.builder.is_buildah() {
            true => self.written_name(stage).map(str::to_owned),
            false => stage.name.as_deref().map(str::to_owned),
        };
        let names = || self.stages.iter().filter_map(shown);
        let unknown = || UnknownStage { name: name.to_owned(), stages: names().collect() };
        self.target(name).is_none().then(unknown)
    }

    /// The build arguments that the build is told and no ARG declares, by name.
    #[must_use]
    pub fn undeclared_args(&self) -> Vec<&str> {
        let declared: HashSet<&str> = self.declared_args().collect();
        let names = self.build.args.keys().chain(&self.build.open_args).map(String::as_str);
        names.filter(|name| !declared.contains(name) && !is_predefined(name)).collect()
    }

    /// The stage that `--target` means, the last of that name. BuildKit takes names only, in any case. buildah takes a
    /// name as it is written, and calls a stage without one by its number.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Stage> {
        if self.build.builder.is_buildah() {
            let number = name.parse::<usize>().ok();
            let is_it = |s: &&Stage| match self.written_name(s) {
                Some(written) => written == name,
                None => number == Some(s.index.number()),
            };
            return self.stages.iter().rev().find(is_it);
        }
        let named = |s: &&Stage| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
        self.stages.iter().rev().find(named)
    }

    /// The name of a stage as its FROM has it.
    fn written_name(&self, stage: &Stage) -> Option<&str> {
        match &self.instruction(stage.steps.start).kind {
            Kind::From(from) => from.alias.as_ref().map(|alias| &*alias.name.text),
            _ => None,
        }
    }
}

/// True for the build arguments that BuildKit knows without an ARG (`ReservedArgs` and the `proxy` ones).
fn is_predefined(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.starts_with("BUILDKIT_")
        || ["HTTP", "HTTPS", "FTP", "NO", "ALL"].iter().any(|p| upper == format!("{p}_PROXY"))
        || upper == "SOURCE_DATE_EPOCH"
}

#[cfg(test)]
mod tests {
    use crate::semantic::{Analysis, Base, CopyFrom};
    use crate::syntax;
    use crate::text::Source;

    use super::*;

    #[test]
    fn a_target_reaches_its_own_lineage_and_what_it_copies() {
        let text = "FROM a AS base\nCOPY base .\nFROM b AS tools\nCOPY tools .\nFROM base AS dev\n\
                    RUN --mount=from=tools,target=/t true\nFROM base AS Prod\nCOPY prod .\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let file = std::sync::Arc::new(file);
        let built = |target: Option<&str>| {
            let build = Build { target: target.map(str::to_owned), ..Build::default() };
            Analysis::new(Model::of_build(std::sync::Arc::clone(&file), &build))
        };
        let reached = |target: Option<&str>| -> Vec<bool> {
            built(target).stages.iter().map(|s| s.reachable).collect()
        };
        assert_eq!(reached(Some("base")), [true, false, false, false]);
        assert_eq!(reached(Some("DEV")), [true, true, true, false]);
        assert_eq!(reached(None), reached(Some("prod")));
        let asked = |target: &str| -> Vec<String> {
            let queries = built(Some(target)).source_queries();
            queries.into_iter().filter(|q| q.reachable).flat_map(|q| q.sources).collect()
        };
        assert_eq!(asked("dev"), ["base", "tools"]);
        assert_eq!(asked("prod"), ["base", "prod"]);
        assert_eq!(built(Some("prod")).unknown_target(), None);
        let unknown = built(Some("prodd")).unknown_target().unwrap();
        assert_eq!(unknown.to_string(), "there is no stage `prodd`: did you mean `prod`?");
        let unknown = built(Some("9")).unknown_target().unwrap();
        assert_eq!(
            unknown.to_string(),
            "there is no stage `9`: the stages are `base`, `tools`, `dev`, `prod`"
        );
    }

    #[test]
    fn builders_differ_in_what_a_target_may_be_called() {
        let file = syntax::parse(Source::from_text("Dockerfile", "FROM a AS Dev\nFROM b\nFROM c AS prod\n"));
        let file = std::sync::Arc::new(file);
        let built = |builder: Builder, target: &str| {
            let build = Build { target: Some(target.to_owned()), builder, ..Build::default() };
            Model::of_build(std::sync::Arc::clone(&file), &build)
                .target(target)
                .map(|stage| stage.index.number())
        };
        for (target, by_buildkit, by_buildah) in [
            ("Dev", Some(0), Some(0)),
            ("dev", Some(0), None),
            ("PROD", Some(2), None),
            ("0", None, None),
            ("1", None, Some(1)),
            ("2", None, None),
        ] {
            assert_eq!(built(Builder::BuildKit, target), by_buildkit, "{target}");
            assert_eq!(built(Builder::Podman, target), by_buildah, "{target}");
        }
    }

    #[test]
    fn a_named_context_stands_for_an_image_a_stage_and_what_is_copied() {
        let text = "FROM docker.io/library/alpine:latest AS a\nFROM debian:12 AS Tools\nCOPY x /\nFROM tools\n\
                    COPY --from=TOOLS /y /\nCOPY --from=0 /z /\nCOPY --from=cfg w /\nRUN --mount=from=nginx,target=/n true\n";
        let file = std::sync::Arc::new(syntax::parse(Source::from_text("Dockerfile", text)));
        let model = |names: &[&str]| {
            let contexts = names.iter().map(|name| (context_name(name), NamedContext::Other)).collect();
            let build = Build { contexts, ..Build::default() };
            Analysis::new(Model::of_build(std::sync::Arc::clone(&file), &build))
        };
        let bases = |model: &Analysis| model.stages.iter().map(|s| s.base == Base::Named).collect::<Vec<_>>();
        let froms = |model: &Analysis| {
            model.copies.iter().map(|copy| copy.from == CopyFrom::Named).collect::<Vec<_>>()
        };
        let none = model(&["other", "scratch", "0"]);
        assert_eq!((bases(&none), froms(&none)), (vec![false; 3], vec![false; 5]));
        for name in ["alpine", "docker.io/alpine", "library/alpine:latest"] {
            assert_eq!(bases(&model(&[name])), [true, false, false], "{name}");
        }
        assert_eq!(bases(&model(&["alpine:3.22"])), [false; 3]);
        let tools = model(&["tools"]);
        assert_eq!(bases(&tools), [false, false, true]);
        assert_eq!(froms(&tools), [false, true, false, false, false]);
        // Nothing needs the stage any more that the context stands for.
        assert_eq!(tools.stages.iter().map(|s| s.reachable).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(froms(&model(&["cfg", "docker.io/library/nginx"])), [false, false, false, true, true]);
    }

    #[test]
    fn the_value_of_an_open_argument_is_not_known() {
        let text = "ARG V=1\nFROM app:$V\nARG W\nCOPY a$W /\n";
        let file = std::sync::Arc::new(syntax::parse(Source::from_text("Dockerfile", text)));
        let open = |names: &[&str]| {
            let open_args = names.iter().map(|name| (*name).to_owned()).collect();
            let build = Build { open_args, all_args: true, ..Build::default() };
            let model = Model::of_build(std::sync::Arc::clone(&file), &build);
            let known = |value: &crate::syntax::Value| value.known().map(str::to_owned);
            (known(&model.stages.first().unwrap().base_value), known(&model.copies[0].sources[0].value))
        };
        assert_eq!(open(&[]).0.as_deref(), Some("app:1"));
        assert_eq!(open(&["V", "W"]), (None, None));
    }

    #[test]
    fn build_arguments_and_the_platform_choose_what_is_built() {
        let text = "ARG V\nARG TARGETARCH\nFROM --platform=$TARGETPLATFORM app:$V-$TARGETARCH\nARG TARGETOS\nCOPY $TARGETOS /\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let args = [("V", "1"), ("W", "2"), ("HTTP_PROXY", "x")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let platform = Platform::parse("linux/arm64");
        let model = Model::of_build(file, &Build { args: args.into(), platform, ..Build::default() });
        assert_eq!(model.stages.first().unwrap().base_value.known(), Some("app:1-arm64"));
        assert_eq!(model.copies[0].sources[0].value.known(), Some("linux"));
        assert_eq!(model.undeclared_args(), ["W"]);
    }
}
