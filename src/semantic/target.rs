//! What a build of one stage needs, for a build that names its target.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use crate::syntax::Platform;
use crate::text::nearest;

use super::{Model, Stage};

/// What a build is told, beside the Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Build {
    /// The stage to build, by its name or number; the last without one, or if there is no such stage.
    pub target: Option<String>,
    /// Build arguments by name. They count where an ARG declares them.
    pub args: BTreeMap<String, String>,
    /// True if these are all that the build is told: an ARG that has no value then is not set.
    pub all_args: bool,
    /// The platform that is built for; where it is not told, the variables that name it are unknown.
    pub platform: Option<Platform>,
}

/// The name of a stage that is to be built, and that there is none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownStage {
    /// The name.
    pub name: String,
    /// The names that there are.
    pub stages: Vec<String>,
}

impl fmt::Display for UnknownStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, stages } = self;
        write!(f, "there is no stage `{name}`: ")?;
        match nearest(name, stages.iter().map(String::as_str)) {
            Some(near) => write!(f, "did you mean `{near}`?"),
            None => match stages.as_slice() {
                [] => f.write_str("no stage has a name"),
                [only] => write!(f, "the only one with a name is `{only}`"),
                all => {
                    let few: Vec<String> = all.iter().take(10).map(|name| format!("`{name}`")).collect();
                    write!(f, "the stages are {}", few.join(", "))
                }
            },
        }
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
        let names = || self.stages.iter().filter_map(|s| s.name.as_deref().map(str::to_owned));
        let unknown = || UnknownStage { name: name.to_owned(), stages: names().collect() };
        self.target(name).is_none().then(unknown)
    }

    /// The build arguments that the build is told and no ARG declares, by name.
    #[must_use]
    pub fn undeclared_args(&self) -> Vec<&str> {
        let declared: HashSet<&str> = self.declared_args().collect();
        let names = self.build.args.keys().map(String::as_str);
        names.filter(|name| !declared.contains(name) && !is_predefined(name)).collect()
    }

    /// The stage that `--target` means: by its name in any case, the last of that name, or by its number
    /// (BuildKit's `instructions.HasStage`).
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&Stage> {
        let named = |s: &&Stage| s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name));
        self.stages.iter().rev().find(named).or_else(|| self.stages.get(name.parse::<usize>().ok()?))
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
    use crate::semantic::Analysis;
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
        assert_eq!(reached(Some("3")), [true, false, false, true]);
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
    fn build_arguments_and_the_platform_choose_what_is_built() {
        let text = "ARG V\nARG TARGETARCH\nFROM --platform=$TARGETPLATFORM app:$V-$TARGETARCH\nARG TARGETOS\nCOPY $TARGETOS /\n";
        let file = syntax::parse(Source::from_text("Dockerfile", text));
        let args = [("V", "1"), ("W", "2"), ("HTTP_PROXY", "x")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let platform = Platform::parse("linux/arm64");
        let model = Model::of_build(file, &Build { args: args.into(), platform, ..Build::default() });
        assert_eq!(model.stages[0].base_value.known(), Some("app:1-arm64"));
        assert_eq!(model.copies[0].sources[0].value.known(), Some("linux"));
        assert_eq!(model.undeclared_args(), ["W"]);
    }
}
