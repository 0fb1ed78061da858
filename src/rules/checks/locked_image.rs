//! Rules on images by what `dlint.lock` has of them.

use crate::rules::Cx;
use crate::semantic::{Base, Model, Stage};
use crate::syntax::Platform;

use super::base_image::{name, pulled_where, with_origin};

/// So many platforms of an image are named.
const MAX_PLATFORMS: usize = 6;

/// `outdated-digest`.
pub fn outdated(cx: &mut Cx<'_>) {
    let model = cx.model;
    // No build context has a name with a digest.
    for pulled in pulled_where(model, |image| image.digest.is_some()) {
        let config = model.build().base_config(pulled.image);
        let (Some(moved), Some(tag)) = (config.and_then(|config| config.moved.as_ref()), &pulled.image.tag)
        else {
            continue;
        };
        let image = format!("{}:{tag}", name(pulled.image));
        let message = format!("`{image}` pointed to another image on {}", moved.date);
        let help = format!("it was `{image}@{}`; `dlint lock` finds out what it is now", moved.digest);
        cx.report(with_origin(model, pulled.word, cx.at(pulled.span, message).help(help)));
    }
}

/// `image-lacks-platform`.
pub fn platform(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|stage| stage.reachable) {
        let (Base::Image(image), Some(word)) = (&stage.base, &stage.base_word) else { continue };
        let Some(config) = model.build().base_config(image).filter(|config| !config.platforms.is_empty())
        else {
            continue;
        };
        let Some(wanted) = platform_of(model, stage).filter(|wanted| wanted.architecture.is_some()) else {
            continue;
        };
        let wanted = wanted.to_string();
        let fits = |there: &String| {
            there.strip_prefix(&*wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if config.platforms.iter().any(fits) {
            continue;
        }
        let image = match &image.tag {
            Some(tag) => format!("{}:{tag}", name(image)),
            None => name(image),
        };
        let there: Vec<&str> = config.platforms.iter().take(MAX_PLATFORMS).map(String::as_str).collect();
        let message = format!("`{image}` is not made for `{wanted}`");
        let help = format!("according to dlint.lock, it is for {}", there.join(", "));
        cx.report(with_origin(model, Some(word), cx.at(word.span, message).help(help)));
    }
}

/// The platform that a stage is built for, where that is told.
fn platform_of(model: &Model, stage: &Stage) -> Option<Platform> {
    let Some(flag) = model.instruction(stage.steps.start).flag("platform") else {
        return model.build().platform.clone();
    };
    let word = flag.word(model.file.escape)?;
    match &*word.text {
        "$TARGETPLATFORM" | "${TARGETPLATFORM}" => model.build().platform.clone(),
        _ => Platform::parse(&word.literal()?),
    }
}
