//! What the base image of a stage brings.

use std::sync::Arc;

use crate::semantic::{Analysis, Base, NamedContext, SiblingImage, Stage, WHOLE_FOLDER};
use crate::syntax::{ImageRef, Platform};
use crate::text::Span;

use super::super::own::BaseImages;
use super::{Component, Estimate, Planner, Provenance, Row, Sum, of_level};

/// How many images of the project that start from each other are counted; what is below that is unknown.
const MAX_LEVELS: usize = 16;

impl Planner<'_> {
    /// The row of a FROM that names no stage.
    pub(super) fn base_row(&mut self, stage: &Stage, images: &BaseImages, arch: &str) -> Option<Row> {
        let model = self.model;
        let step = stage.steps.start;
        // `--platform=$BUILDPLATFORM` is where the build runs, most likely the same.
        let own = model.instruction(step).flag_value("platform").and_then(Platform::parse);
        let arch = own.as_ref().and_then(|p| p.architecture.as_deref()).unwrap_or(arch);
        let span = stage.base_word.as_ref().map_or(model.instruction(step).span, |w| w.span);
        let components = match &stage.base {
            // Its layers are in the rows of that stage.
            Base::Stage(_) => return None,
            Base::Scratch => Vec::new(),
            Base::Image(image) => vec![of_image(image, images, arch, span)],
            Base::Named => match (model.root_base(stage), model.named_base(stage)) {
                (Base::Image(image), _) => vec![of_image(image, images, arch, span)],
                (_, Some((name, NamedContext::Build(image)))) => {
                    let (name, image) = (name.to_owned(), image.clone());
                    self.of_sibling(&name, &image, (images, arch), span)
                }
                (_, Some((name, NamedContext::Folder(_)))) => vec![of_folder(model, name, span)],
                _ => vec![Component::unknown("the base image, which a named context gives", span)],
            },
            Base::Unknown => vec![Component::unknown("the base image, which a variable names", span)],
        };
        Some(Row { step, components })
    }

    /// The image that another build of the project makes: all of its layers.
    fn of_sibling(
        &mut self,
        context: &str,
        image: &SiblingImage,
        (images, arch): (&BaseImages, &str),
        span: Span,
    ) -> Vec<Component> {
        let name = &image.name;
        let unknown = || vec![Component::unknown(format!("the image of `{name}`, which is not known"), span)];
        let Some(model) = &image.model else { return unknown() };
        let key = (Arc::as_ptr(model), arch.to_owned());
        let sum = match self.siblings.get(&key) {
            Some(sum) => *sum,
            None if self.level >= MAX_LEVELS => return unknown(),
            None => {
                let measured = self.model.named().images.get(context).cloned();
                let below = measured.unwrap_or_else(|| Analysis::new(Arc::clone(model)));
                let sum = of_level(&below, images, arch, self.level + 1, self.siblings).image();
                self.siblings.insert(key, sum);
                sum
            }
        };
        let Sum { bytes, range, unknown } = sum;
        let source = format!("the plan of `{name}`");
        let estimate = Estimate { bytes, range, provenance: Provenance::Estimated, source };
        let mut components = vec![Component::known(format!("the image of `{name}`"), span, estimate)];
        if unknown > 0 {
            let what = match unknown {
                1 => format!("what cannot be estimated of the image of `{name}`"),
                n => format!("{n} parts of the image of `{name}` that cannot be estimated"),
            };
            components.push(Component::unknown(what, span));
        }
        if model.final_stage().is_some_and(|stage| !stage.triggers.is_empty()) {
            components.push(Component::unknown(format!("what ONBUILD instructions of `{name}` add"), span));
        }
        components
    }
}

fn of_image(image: &ImageRef, images: &BaseImages, arch: &str, span: Span) -> Component {
    let Some(size) = images.size(image, arch) else {
        return Component::unknown("the base image, which is not in the catalogue", span);
    };
    let source = match (size.locked, size.exact) {
        (true, _) => format!("locked {}, {}", size.date, size.source),
        (false, true) => format!("catalogue, {}", size.date),
        (false, false) => format!("estimated from `{}`, {}", size.tag, size.date),
    };
    let provenance = if size.locked { Provenance::Registry } else { Provenance::Catalogue };
    Component::known(
        "base image",
        span,
        Estimate { bytes: size.bytes, range: size.range, provenance, source },
    )
}

/// A folder in place of an image: its files are the first layer.
fn of_folder(model: &Analysis, name: &str, span: Span) -> Component {
    let folder = model.named().folders.get(name);
    match folder.and_then(|folder| folder.result(WHOLE_FOLDER)) {
        Some(result) => {
            let estimate = Estimate::measured(result.total.bytes, "build context");
            Component::known(format!("files of the named context `{name}`"), span, estimate)
        }
        None => {
            Component::unknown(format!("files of the named context `{name}`, which was not measured"), span)
        }
    }
}
