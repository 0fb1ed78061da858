//! What the base image of a stage brings.

use crate::semantic::{Analysis, Base, NamedContext, SiblingImage, Stage, WHOLE_FOLDER};
use crate::syntax::{ImageRef, Platform};
use crate::text::Span;

use super::super::own::BaseImages;
use super::{Component, Estimate, Planner, Provenance, Row, Sibling, StagePlan, Sum};

impl Planner<'_> {
    /// The row of a FROM that names no stage.
    pub(super) fn base_row(&mut self, stage: &Stage) -> Option<Row> {
        let Self { model, images, arch, .. } = *self;
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
                (_, Some((name, NamedContext::Build(image)))) => self.of_sibling(name, image, arch, span),
                (_, Some((name, NamedContext::Folder(_)))) => vec![of_folder(model, name, span)],
                _ => vec![Component::unknown("the base image, which a named context gives", span)],
            },
            Base::Unknown => vec![Component::unknown("the base image, which a variable names", span)],
        };
        Some(Row { step, components })
    }

    /// The image that another build of the project makes: all of its layers, and what its triggers add here.
    fn of_sibling(&mut self, context: &str, image: &SiblingImage, arch: &str, span: Span) -> Vec<Component> {
        let name = &image.name;
        let unknown = || vec![Component::unknown(format!("the image of `{name}`, which is not known"), span)];
        let Some(sibling) = self.sibling(context, image, arch) else { return unknown() };
        if !image.is_triggers {
            return sibling.in_sum(&format!("the image of `{name}`"), name, span, StagePlan::sum);
        }
        // What is below the triggers has a row of its own there.
        let below = sibling.planned.stages.iter().flat_map(|stage| stage.rows.first());
        let mut components: Vec<Component> =
            below.flat_map(|row| &row.components).map(|c| Component { span, ..c.clone() }).collect();
        let what = format!("what ONBUILD instructions of `{name}` add");
        components.extend(sibling.in_sum(&what, name, span, |stage| {
            let mut sum = Sum::default();
            stage.rows.iter().skip(1).for_each(|row| sum.merge(row.sum()));
            sum
        }));
        components
    }
}

impl Sibling {
    /// All that its image has of its own, as one component, and what is unknown of it as another.
    fn in_sum(&self, what: &str, name: &str, span: Span, own: impl Fn(&StagePlan) -> Sum) -> Vec<Component> {
        let mut sum = Sum::default();
        self.planned.stages.iter().filter(|stage| stage.in_image).for_each(|stage| sum.merge(own(stage)));
        let Sum { bytes, range, unknown } = sum;
        let source = format!("the plan of `{name}`");
        let estimate = Estimate { bytes, range, provenance: Provenance::Estimated, source };
        let mut components = vec![Component::known(what, span, estimate)];
        if unknown > 0 {
            let what = match unknown {
                1 => format!("what cannot be estimated of {what}"),
                n => format!("{n} parts of {what} that cannot be estimated"),
            };
            components.push(Component::unknown(what, span));
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
