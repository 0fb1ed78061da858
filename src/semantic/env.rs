//! What is known of variables at each step.

use crate::text::ShortText;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{BaseConfig, Builder, PerStage, SiblingImage, StageId};

use crate::syntax::{ArgDecl, Found, Lookup, MAX_EXPANSION_BYTES, Platform, Value, Word};

/// Total size of all values that are kept for a file, in bytes; later ones count as unknown.
const MAX_TOTAL_BYTES: usize = 16 << 20;

/// How many stages up a variable is searched; beyond that it counts as unknown.
const MAX_INHERITANCE: usize = 64;

/// How a variable came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindingKind {
    /// ENV: it stays in the image.
    Env,
    /// ARG: it is there during the build only, and may be set from outside.
    Arg,
}

/// A variable's value from a step on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The step that sets it.
    pub step: usize,
    /// ENV or ARG.
    pub kind: BindingKind,
    /// The value; for an ARG the default. [`Value::Unknown`] for an ARG without a default.
    pub value: Value,
    /// Whether it has a value.
    pub given: Given,
}

/// Whether a variable that is set or declared has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// The file or what is known of the build gives it one.
    Surely,
    /// It is an ARG that only the build may give one.
    Perhaps,
    /// It is such an ARG, and all arguments of the build are known.
    Never,
}

/// What sets a variable of one name, in step order.
#[derive(Debug, Default)]
struct Bindings {
    all: Vec<Binding>,
    /// The last ENV of them: an ARG after it is no part of the image.
    last_env: Option<usize>,
}

impl Bindings {
    fn push(&mut self, binding: Binding) {
        if binding.kind == BindingKind::Env {
            self.last_env = Some(self.all.len());
        }
        self.all.push(binding);
    }

    /// The last before a step.
    fn before(&self, step: usize) -> Option<&Binding> {
        self.all[..self.all.partition_point(|b| b.step < step)].last()
    }

    /// The one that the image ends with.
    fn in_image(&self) -> Option<&Binding> {
        self.all.get(self.last_env?)
    }
}

/// The variables that one stage (or the part before the first FROM) sets, by name, in step order.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// The stage that this one starts from.
    pub(super) parent: Option<StageId>,
    /// True if variables that nobody sets are certainly unset: the stage starts from scratch, or it
    /// is the part before the first FROM.
    pub(super) closed: bool,
    /// The image that it starts from, where that is known.
    below: Option<Below>,
    names: BTreeMap<ShortText, Bindings>,
    /// What triggers set, in the builds that start from the image.
    triggers: BTreeMap<ShortText, Bindings>,
}

/// The image that a stage starts from.
#[derive(Debug, Clone)]
pub(super) enum Below {
    /// Another build of the project makes it.
    Build(SiblingImage),
    /// Its registry has told what it sets.
    Image(Arc<BaseConfig>),
}

impl Below {
    fn variable(&self, name: &str) -> Found<'_> {
        match self {
            Self::Build(image) => image.variable(name),
            Self::Image(config) => config.variable(name),
        }
    }
}

/// In which build a variable is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// That of the file.
    Own,
    /// That of a trigger, which starts from the image as it ends: with all ENV, no ARG, and what the triggers
    /// before it set.
    Trigger,
    /// The same while the stage is not read to its end: what nothing sets yet may still be set.
    UnfinishedTrigger,
    /// That of a container, which starts from the image as it ends, too.
    Container,
}

/// All variables of a file.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// By stage; the last is the part before the first FROM.
    stages: PerStage<Scope>,
    global: Scope,
    /// The platform that is built for, as the variables that tell it.
    platform: Vec<(&'static str, Value)>,
    /// True if a stage gets only what the image of its base holds, and not the ARGs that are set there.
    keeps_args_apart: bool,
    total: usize,
}

/// True for the value `$a` in `ARG a=1 b=$a`.
pub(super) fn names_one_before(decls: &[ArgDecl], decl: &ArgDecl, word: &Word) -> bool {
    let before = || decls.iter().take_while(|d| d.span.start < decl.span.start);
    let names = |name: &str| before().any(|d| &*d.name.text == name);
    word.has_variables() && word.variables().is_ok_and(|all| all.iter().any(|v| names(&v.name)))
}

/// The platforms of a build, which BuildKit sets in the global scope; a stage gets them with `ARG name`.
pub const PLATFORM_ARGS: [&str; 8] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
];

/// True for what BuildKit sets in the global scope, so that ARG alone gives it a value.
#[must_use]
pub fn is_automatic(name: &str) -> bool {
    automatic(name).is_some()
}

/// Whether BuildKit gives a variable a value in the global scope; `None` if it does not know it.
pub(super) fn automatic(name: &str) -> Option<Given> {
    match name {
        "TARGETSTAGE" => Some(Given::Surely),
        // Only where the client has it.
        "SOURCE_DATE_EPOCH" => Some(Given::Perhaps),
        name => PLATFORM_ARGS.contains(&name).then_some(Given::Surely),
    }
}

impl Scopes {
    /// No variables but those of the platform that is built for.
    pub(super) fn new(platform: Option<&Platform>, builder: Builder) -> Self {
        // BuildKit goes on with the state of the base, build arguments included; the others open its image.
        let mut scopes = Self { keeps_args_apart: !builder.is_buildkit(), ..Self::default() };
        scopes.global.closed = true;
        if let Some(platform) = platform {
            let Platform { system, architecture } = platform;
            let known = |text: &str| Value::Known(text.to_owned());
            scopes.platform.push(("TARGETOS", known(system)));
            if let Some(architecture) = architecture {
                scopes.platform.push(("TARGETARCH", known(architecture)));
                // Those of arm have a variant, which is not kept.
                if architecture != "arm" {
                    scopes.platform.push(("TARGETPLATFORM", known(&format!("{system}/{architecture}"))));
                }
            }
        }
        scopes
    }

    /// The value of a variable that tells the platform, where that is known.
    pub(super) fn platform(&self, name: &str) -> Option<&Value> {
        self.platform.iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    pub(super) fn open(&mut self, parent: Option<StageId>, closed: bool, below: Option<Below>) {
        self.stages.push(Scope { parent, closed, below, ..Scope::default() });
    }

    /// What a variable is that the image sets from which `stage` starts in the end.
    fn below(&self, mut stage: StageId, name: &str) -> Found<'_> {
        for _ in 0..MAX_INHERITANCE {
            let Some(scope) = self.stages.get(stage) else { break };
            match (scope.parent, &scope.below) {
                (Some(parent), _) => stage = parent,
                (None, Some(image)) => return image.variable(name),
                (None, None) => break,
            }
        }
        Found::Unknown
    }

    /// True if the image from which `stage` starts in the end is known to set a variable.
    pub(super) fn is_set_by_base(&self, stage: Option<StageId>, name: &str) -> bool {
        let Some(mut stage) = stage else { return false };
        for _ in 0..MAX_INHERITANCE {
            let Some(scope) = self.stages.get(stage) else { break };
            match (scope.parent, &scope.below) {
                (Some(parent), _) => stage = parent,
                (None, Some(Below::Image(config))) => return config.env.contains_key(name),
                (None, _) => break,
            }
        }
        false
    }

    /// Sets a variable in `stage`, or in the global scope.
    pub(super) fn bind(&mut self, stage: Option<StageId>, name: &str, binding: Binding, view: View) {
        let Binding { step, kind, value, given } = binding;
        let value = match value {
            Value::Known(v) if v.len() <= MAX_EXPANSION_BYTES && self.total + v.len() <= MAX_TOTAL_BYTES => {
                self.total += v.len();
                Value::Known(v)
            }
            _ => Value::Unknown,
        };
        let scope = match stage {
            Some(stage) => self.stages.get_mut(stage),
            None => Some(&mut self.global),
        };
        if let Some(scope) = scope {
            let names = if view == View::Own { &mut scope.names } else { &mut scope.triggers };
            names.entry(name.into()).or_default().push(Binding { step, kind, value, given });
        }
    }

    pub(super) fn declared_args(&self) -> impl Iterator<Item = &str> {
        let scopes = self.stages.iter().chain([&self.global]);
        let is_arg = |bindings: &Bindings| bindings.all.iter().any(|b| b.kind == BindingKind::Arg);
        scopes.flat_map(move |s| s.names.iter().filter(move |(_, b)| is_arg(b)).map(|(name, _)| &**name))
    }

    pub(super) fn global(&self, name: &str) -> Option<&Binding> {
        self.global.names.get(name)?.all.last()
    }

    /// The binding that counts of those of `stage`, which `of` sees up to a step.
    fn seen<'b>(
        &self,
        bindings: &'b Bindings,
        stage: StageId,
        of: (Option<StageId>, View),
        step: usize,
    ) -> Option<&'b Binding> {
        let inherited = of.0 != Some(stage);
        match of.1 {
            View::Own if !inherited || !self.keeps_args_apart => bindings.before(step),
            _ => bindings.in_image(),
        }
    }

    /// The ARG `name` of a stage that `stage` starts from, where nothing above step `before` sets it in `stage`
    /// itself. BuildKit lets it count there.
    pub(super) fn arg_of_base(&self, stage: StageId, before: usize, name: &str) -> Option<&Binding> {
        let mut scope = self.stages.get(stage)?;
        if scope.names.get(name).is_some_and(|bindings| bindings.before(before).is_some()) {
            return None;
        }
        for _ in 0..MAX_INHERITANCE {
            scope = self.stages.get(scope.parent?)?;
            if let Some(last) = scope.names.get(name).and_then(|bindings| bindings.all.last()) {
                return (last.kind == BindingKind::Arg).then_some(last);
            }
        }
        None
    }

    /// The binding of `name` that counts in `stage` before step `before`.
    pub(super) fn binding(
        &self,
        stage: Option<StageId>,
        before: usize,
        name: &str,
        view: View,
    ) -> Result<Option<&Binding>, Opaque> {
        let asked = (stage, view);
        let Some(mut stage) = stage else {
            let bindings = self.global.names.get(name);
            return match bindings.and_then(|b| b.before(before)) {
                Some(binding) => Ok(Some(binding)),
                None if is_automatic(name) => Err(Opaque),
                None => Ok(None),
            };
        };
        let mut limit = before;
        if matches!(view, View::Trigger | View::UnfinishedTrigger) {
            let bindings = self.stages.get(stage).and_then(|s| s.triggers.get(name));
            if let Some(found) = bindings.and_then(|b| b.before(before)) {
                return Ok(Some(found));
            }
        }
        if view != View::Own {
            limit = usize::MAX;
        }
        for _ in 0..MAX_INHERITANCE {
            let Some(scope) = self.stages.get(stage) else { return Err(Opaque) };
            let found = scope.names.get(name).and_then(|b| self.seen(b, stage, asked, limit));
            if found.is_some() {
                return Ok(found);
            }
            match scope.parent {
                Some(parent) => stage = parent,
                None if scope.closed && view != View::UnfinishedTrigger => return Ok(None),
                None => return Err(Opaque),
            }
            limit = usize::MAX;
        }
        Err(Opaque)
    }
}

/// The base image may set the variable.
pub(super) struct Opaque;

/// The variables as an instruction sees them.
#[derive(Debug, Clone, Copy)]
pub struct Environment<'a> {
    pub(super) scopes: &'a Scopes,
    pub(super) stage: Option<StageId>,
    pub(super) step: usize,
    pub(super) view: View,
}

impl<'a> Environment<'a> {
    /// The binding that counts for `name`; `None` if the file sets it nowhere.
    #[must_use]
    pub fn binding(self, name: &str) -> Option<&'a Binding> {
        self.scopes.binding(self.stage, self.step, name, self.view).ok().flatten()
    }

    /// The value of a word; unknown also where BuildKit would refuse it.
    #[must_use]
    pub fn value(&self, word: &Word) -> Value {
        word.expand(self).unwrap_or(Value::Unknown)
    }
}

impl<'a> Environment<'a> {
    /// The names of the variables that the file sets; `None` if there are more than `most`.
    pub(super) fn names(self, most: usize) -> Option<BTreeSet<&'a str>> {
        let mut names = BTreeSet::new();
        let mut limit = self.step;
        let mut next = self.stage;
        if matches!(self.view, View::Trigger | View::UnfinishedTrigger) {
            let triggers = next.and_then(|stage| self.scopes.stages.get(stage)).map(|s| &s.triggers);
            let set = triggers.into_iter().flatten().filter(|(_, b)| b.before(limit).is_some());
            names.extend(set.map(|(name, _)| &**name));
        }
        if self.view != View::Own {
            limit = usize::MAX;
        }
        for _ in 0..MAX_INHERITANCE {
            let Some(stage) = next else { break };
            let Some(scope) = self.scopes.stages.get(stage) else { break };
            if scope.names.len() > most {
                return None;
            }
            for (name, bindings) in &scope.names {
                if self.scopes.seen(bindings, stage, (self.stage, self.view), limit).is_some() {
                    names.insert(&**name);
                }
            }
            next = scope.parent;
            limit = usize::MAX;
        }
        (names.len() <= most).then_some(names)
    }
}

impl<'a> Environment<'a> {
    /// What a variable is, as far as that is known.
    pub(super) fn find(self, name: &str) -> Found<'a> {
        match self.scopes.binding(self.stage, self.step, name, self.view) {
            Ok(Some(binding)) if binding.given == Given::Never => Found::Unset,
            Ok(Some(binding)) => binding.value.known().map_or(Found::Unknown, Found::Known),
            Ok(None) => Found::Unset,
            Err(Opaque) => match (self.scopes.platform(name), self.stage) {
                (Some(value), None) => value.known().map_or(Found::Unknown, Found::Known),
                (None, None) => Found::Unknown,
                (_, Some(stage)) => self.scopes.below(stage, name),
            },
        }
    }
}

impl Lookup for Environment<'_> {
    fn get(&self, name: &str) -> Found<'_> {
        self.find(name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Build, Builder, Model};
    use crate::syntax::{Found, parse};
    use crate::text::Source;

    /// What each COPY of a build with an argument takes; `?` if that is not known.
    fn sources(text: &str, told: Option<&str>, all_args: bool) -> Vec<String> {
        let args = told.map(|value| ("A".to_owned(), value.to_owned())).into_iter().collect();
        let build = Build { args, all_args, ..Build::default() };
        let model = Model::of_build(parse(Source::from_text("Dockerfile", text)), &build);
        let sources = model.copies.iter().flat_map(|copy| &copy.sources);
        sources.map(|source| source.value.known().unwrap_or("?").to_owned()).collect()
    }

    /// As `dispatchArg` of BuildKit does it: it sets the variable, and leaves the configuration of the image alone.
    #[test]
    fn an_arg_with_a_value_takes_the_place_of_an_env_until_the_next_env() {
        let text = "FROM a AS b\nENV A=1\nARG A=2\nCOPY $A x\nENV A=3\nCOPY $A x\n\
            ARG A=4\nONBUILD COPY $A x\nCOPY $A x\nFROM b\nCOPY $A x\n";
        assert_eq!(sources(text, None, false), ["2", "3", "3", "4", "4"]);
        assert_eq!(sources(text, Some("9"), true), ["9", "3", "3", "9", "9"]);
    }

    #[test]
    fn a_stage_gets_the_args_of_the_stage_that_it_starts_from_with_buildkit_only() {
        let text = "FROM a AS b\nARG A=1\nENV E=$A\nARG E=2\nFROM b AS c\nFROM c\nCOPY x$A x$E x\n";
        let of = |builder: Builder| {
            let build = Build { builder, ..Build::default() };
            let model = Model::of_build(parse(Source::from_text("Dockerfile", text)), &build);
            let value = |name: &str| match model.environment(6).find(name) {
                Found::Known(value) => value.to_owned(),
                Found::Unset | Found::Unknown => "?".to_owned(),
            };
            assert_eq!(model.arg_of_base(6, "A").map(|b| b.step), Some(1));
            (value("A"), value("E"), model.environment(6).names(9).unwrap().len())
        };
        let told = |a: &str, e: &str, names| (a.to_owned(), e.to_owned(), names);
        assert_eq!(of(Builder::BuildKit), told("1", "2", 2));
        assert_eq!(of(Builder::Docker26), told("1", "2", 2));
        for builder in [Builder::Classic, Builder::Podman, Builder::Buildah] {
            assert_eq!(of(builder), told("?", "1", 1), "{builder}");
        }
    }

    #[test]
    fn a_container_has_what_the_image_ends_with() {
        let text = "FROM a AS b\nARG A=1\nARG B=1\nENV B=2\nARG B=3\nONBUILD ENV B=4\nCMD x\nENV C=5\nFROM b\nCMD x\n";
        let model = Model::new(parse(Source::from_text("Dockerfile", text)));
        let value = |step: usize, name: &str| match model.container_environment(step).find(name) {
            Found::Known(value) => value.to_owned(),
            Found::Unset | Found::Unknown => "?".to_owned(),
        };
        assert_eq!(["A", "B", "C"].map(|name| value(6, name)), ["?", "2", "5"]);
        assert_eq!(["A", "B", "C"].map(|name| value(9, name)), ["?", "4", "5"]);
    }

    #[test]
    fn an_arg_without_a_value_leaves_an_env_as_it_is() {
        let text = "ARG A\nFROM a\nENV A=1\nARG A\nCOPY $A x\n";
        assert_eq!(sources(text, None, false), ["1"]);
        assert_eq!(sources(text, None, true), ["1"]);
        assert_eq!(sources(text, Some("9"), false), ["9"]);
        assert_eq!(sources("ARG A=5\nFROM a\nENV A=1\nARG A\nCOPY $A x\n", None, true), ["5"]);
        // BuildKit itself gives these a value, and the client perhaps that one.
        let text = "FROM a\nENV TARGETARCH=x SOURCE_DATE_EPOCH=0\nARG TARGETARCH SOURCE_DATE_EPOCH\n\
            COPY $TARGETARCH $SOURCE_DATE_EPOCH x\n";
        assert_eq!(sources(text, None, false), ["?", "0"]);
    }
}
