//! Builds of one file that start from what others of it build: `target:base`, `service:base`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::semantic::{Build, Model, NamedContext, SiblingImage};
use crate::text::{Source, Span};
use crate::workspace::{Files, Target, TargetOrigin};

use super::BuiltFrom;

/// How many builds may start from each other in a row; what is below that is unknown.
const MAX_LEVELS: usize = 32;
/// How many bytes of Dockerfiles are kept as models that others start from; what further ones make is unknown.
const MAX_BYTES: usize = 4 << 20;

/// The builds, each with what is known of the others that it starts from or copies from. Builds that start from each
/// other in a circle know nothing of each other.
pub(super) fn linked(files: &Files, builds: Vec<(&str, BuiltFrom)>) -> Vec<BuiltFrom> {
    let is_sibling = |context: &NamedContext| matches!(context, NamedContext::Build(_));
    let has_siblings = |built: &BuiltFrom| {
        built.target().is_some_and(|target| target.build.contexts.values().any(is_sibling))
    };
    if !builds.iter().any(|(_, built)| has_siblings(built)) {
        return builds.into_iter().map(|(_, built)| built).collect();
    }
    let (mut numbers, mut together) = (HashMap::new(), HashMap::new());
    for (number, (name, built)) in builds.iter().enumerate() {
        numbers.entry(*name).or_insert(number);
        if let Some(place) = place(built) {
            together.entry((*name, place)).or_insert(number);
        }
    }
    let states = builds.iter().map(|_| State::New).collect();
    let builds: Vec<BuiltFrom> = builds.into_iter().map(|(_, built)| built).collect();
    let mut siblings = Siblings { files, numbers, together, builds, states, left: MAX_BYTES };
    for number in 0..siblings.builds.len() {
        siblings.link(number, 0);
    }
    siblings.builds
}

/// What the triggers of an image do in a build that starts from it, as a build of its own between the two: with the
/// context and the arguments of the first, upon the second. `None` if it has no triggers.
fn triggers(target: &Target, context: &str, image: &SiblingImage, below: &Arc<Target>) -> Option<Target> {
    let text = image.model.as_ref()?.triggers_upon(context)?;
    let source = Source::from_text(format!("ONBUILD of {} in {}", below.name(), target.name()), text);
    let on = match target.path() {
        Some(path) => Target::of_text_at(source, path),
        None => Target::of_text(source),
    };
    let mut build = Build { target: None, ..target.build.clone() };
    // The defaults that the Dockerfile gives them above its first FROM are not known here.
    build.all_args = false;
    let plain = image.clone().without_triggers();
    build.contexts.insert(context.to_owned(), NamedContext::Build(plain));
    let siblings = [(context.to_owned(), Arc::clone(below))].into();
    Some(Target { context: target.context.clone(), ignore: target.ignore.clone(), build, siblings, ..on })
}

/// Where a file says that something is built.
fn place(built: &BuiltFrom) -> Option<Span> {
    match built.target()?.origin {
        TargetOrigin::Entry { span, .. } => Some(span),
        TargetOrigin::CommandLine => None,
    }
}

struct Siblings<'a> {
    files: &'a Files,
    /// Which build has a name.
    numbers: HashMap<&'a str, usize>,
    /// The same for those that one place starts together, as a step of a job does that runs bake: they mean each other.
    together: HashMap<(&'a str, Span), usize>,
    builds: Vec<BuiltFrom>,
    states: Vec<State>,
    /// How many bytes may still be read.
    left: usize,
}

enum State {
    New,
    /// What it starts from is being linked: who asks for it then closes a circle.
    Busy,
    Linked(Option<Image>),
}

/// What a build leaves to those that start from it.
#[derive(Clone)]
struct Image {
    target: Arc<Target>,
    model: Option<Arc<Model>>,
}

impl Siblings<'_> {
    /// Tells a build what its named contexts are.
    fn link(&mut self, number: usize, level: usize) {
        let contexts =
            self.builds.get(number).and_then(BuiltFrom::target).map(|target| &target.build.contexts);
        let wanted: Vec<(String, String)> = contexts
            .into_iter()
            .flatten()
            .filter_map(|(name, context)| match context {
                NamedContext::Build(image) if image.model.is_none() => {
                    Some((name.clone(), image.name.clone()))
                }
                _ => None,
            })
            .collect();
        for (context, name) in wanted {
            let Some(image) = self.image(&name, number, level) else { continue };
            let Some(target) = self.builds.get(number).and_then(BuiltFrom::target) else { return };
            let given = SiblingImage::new(name, image.model);
            let triggers = triggers(target, &context, &given, &image.target);
            let (given, made) = match triggers.and_then(|triggers| Some((self.model(&triggers)?, triggers))) {
                Some((model, triggers)) => (given.with_triggers(model), Arc::new(triggers)),
                None => (given, image.target),
            };
            let Some(target) = self.builds.get_mut(number).and_then(BuiltFrom::target_mut) else { return };
            target.build.contexts.insert(context.clone(), NamedContext::Build(given));
            target.siblings.insert(context, made);
        }
    }

    /// What the build of a name makes for another one; `None` if there is none, or if it is not known.
    fn image(&mut self, name: &str, asks: usize, level: usize) -> Option<Image> {
        let beside = place(self.builds.get(asks)?).and_then(|place| self.together.get(&(name, place)));
        let number = *beside.or_else(|| self.numbers.get(name))?;
        match self.states.get(number)? {
            State::Linked(image) => return image.clone(),
            State::Busy => return None,
            State::New if level >= MAX_LEVELS => return None,
            State::New => {}
        }
        *self.states.get_mut(number)? = State::Busy;
        self.link(number, level + 1);
        let target = self.builds.get(number).and_then(BuiltFrom::target).cloned();
        let image = target.map(|target| Image { model: self.model(&target), target: Arc::new(target) });
        *self.states.get_mut(number)? = State::Linked(image.clone());
        image
    }

    fn model(&mut self, target: &Target) -> Option<Arc<Model>> {
        if self.left == 0 {
            return None;
        }
        let model = self.files.understood(&target.dockerfile, &target.build).ok()?;
        self.left = self.left.saturating_sub(model.file.source.bytes().len());
        (self.left > 0 && model.unknown_target().is_none() && !model.stages.is_empty()).then_some(model)
    }
}
