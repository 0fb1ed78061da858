//! Builds of one file that start from what others of it build: `target:base`, `service:base`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::semantic::{Build, Model, NamedContext, SiblingImage};
use crate::text::{Source, Span};
use crate::workspace::{Files, Target, TargetOrigin};

use super::BuiltFrom;

/// How many builds may start from each other in a row, in whatever order they are written; what is below that is unknown.
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
    let levels = vec![0; builds.len()];
    let mut siblings = Siblings { files, numbers, together, builds, states, levels, left: MAX_BYTES };
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
    /// How many builds are known to be below each in a row.
    levels: Vec<usize>,
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
    /// How many builds are below it in a row.
    levels: usize,
}

impl Image {
    /// True if another build may start from it.
    const fn may_be_below(&self) -> bool {
        self.levels < MAX_LEVELS
    }
}

impl Siblings<'_> {
    /// Tells a build what its named contexts are, and says how many builds are below it in a row.
    fn link(&mut self, number: usize, level: usize) -> usize {
        let mut levels = self.levels.get(number).copied().unwrap_or_default();
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
            levels = levels.max(image.levels + 1);
            // A build is linked by itself and for those that start from it: the second time, nothing is wanted.
            self.levels.get_mut(number).into_iter().for_each(|known| *known = levels);
            let Some(target) = self.builds.get(number).and_then(BuiltFrom::target) else { return levels };
            let given = SiblingImage::new(name, image.model);
            let triggers = triggers(target, &context, &given, &image.target);
            let (given, made) = match triggers.and_then(|triggers| Some((self.model(&triggers)?, triggers))) {
                Some((model, triggers)) => (given.with_triggers(model), Arc::new(triggers)),
                None => (given, image.target),
            };
            let Some(target) = self.builds.get_mut(number).and_then(BuiltFrom::target_mut) else {
                return levels;
            };
            target.build.contexts.insert(context.clone(), NamedContext::Build(given));
            target.siblings.insert(context, made);
        }
        levels
    }

    /// What the build of a name makes for another one; `None` if there is none, or if it is not known.
    fn image(&mut self, name: &str, asks: usize, level: usize) -> Option<Image> {
        let beside = place(self.builds.get(asks)?).and_then(|place| self.together.get(&(name, place)));
        let number = *beside.or_else(|| self.numbers.get(name))?;
        match self.states.get(number)? {
            State::Linked(image) => return image.clone().filter(Image::may_be_below),
            State::Busy => return None,
            State::New if level >= MAX_LEVELS => return None,
            State::New => {}
        }
        *self.states.get_mut(number)? = State::Busy;
        let levels = self.link(number, level + 1);
        let target = self.builds.get(number).and_then(BuiltFrom::target).cloned();
        let image =
            target.map(|target| Image { model: self.model(&target), target: Arc::new(target), levels });
        *self.states.get_mut(number)? = State::Linked(image.clone());
        image.filter(Image::may_be_below)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entries::{Entries, of_files};

    /// How many builds are read of services of which each starts from the one before by number, and how many of them follow
    /// each other at most.
    fn deepest(order: impl Iterator<Item = usize>) -> (usize, usize) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Dockerfile"), "FROM debian:12\n").unwrap();
        let service = |n: usize| match n.checked_sub(1) {
            None => "  a0: {build: .}\n".to_owned(),
            Some(m) => {
                format!("  a{n}: {{build: {{context: ., additional_contexts: {{b: 'service:a{m}'}}}}}}\n")
            }
        };
        let text: String = order.map(service).collect();
        let path = folder.path().join("compose.yaml");
        std::fs::write(&path, format!("services:\n{text}")).unwrap();
        let entry = of_files(&Files::default(), folder.path().to_path_buf(), vec![path]);
        let entries = Entries::read(&Files::default(), &[entry], None);
        let below = |target: &Target| -> usize {
            let next = |target: &Target| target.siblings.values().next().cloned();
            std::iter::successors(next(target), |target| next(target)).count()
        };
        let depths: Vec<usize> = entries.iter().filter_map(|(.., built)| built).map(below).collect();
        (depths.len(), depths.into_iter().max().unwrap_or(0))
    }

    #[test]
    fn a_row_of_builds_is_cut_in_whatever_order_it_is_written() {
        assert_eq!(deepest(0..20), (20, 19));
        assert_eq!(deepest((0..20).rev()), (20, 19));
        assert_eq!(deepest(0..200), (200, MAX_LEVELS));
        assert_eq!(deepest((0..200).rev()), (200, MAX_LEVELS));
    }
}
