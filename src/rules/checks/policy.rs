//! Rules about what a policy allows, denies and requires of images.

use crate::diag::Finding;
use crate::rules::Cx;
use crate::semantic::{Model, facts};
use crate::syntax::ImageRef;
use crate::text::Span;

use super::all;
use super::base_image::{Pulled, name, pulled_where, with_origin};

/// The images that a build takes anything from.
fn used<'m>(model: &'m Model<'_>) -> impl Iterator<Item = Pulled<'m>> {
    // A plain name in `--from` is rather that of a build context, unless it is known as an image.
    pulled_where(model, |image| image.tag.is_some() || image.digest.is_some() || facts(image).is_some())
}

/// `registry-not-allowed`.
pub fn registry(cx: &mut Cx<'_>) {
    let (model, policy) = (cx.model, cx.policy);
    let Some(allowed) = &policy.allow_registries else { return };
    for pulled in used(model).filter(|p| !allowed.iter().any(|a| a.fits(&p.image.registry))) {
        let registry = &pulled.image.registry;
        let (span, message) = match written_registry(model, &pulled) {
            Some(span) => (span, format!("`{registry}` is none of the registries that the policy allows")),
            None => (
                pulled.span,
                format!(
                    "`{}` comes from `{registry}`, which is none of the registries that the policy allows",
                    name(pulled.image)
                ),
            ),
        };
        let known: Vec<String> = allowed.iter().map(|a| format!("`{}`", a.as_str())).collect();
        let mut finding = cx.at(span, message);
        if !known.is_empty() {
            finding = finding.help(format!("allowed are {}", all(&known)));
        }
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// Where the host of the registry stands.
fn written_registry(model: &Model<'_>, pulled: &Pulled<'_>) -> Option<Span> {
    let (host, _) = model.text(pulled.span).split_once('/')?;
    let exact = host == &*pulled.image.registry && pulled.word.is_none_or(|w| w.exact);
    let end = pulled.span.start + u32::try_from(host.len()).ok()?;
    exact.then(|| Span::new(pulled.span.start, end))
}

/// `image-not-allowed`.
pub fn image(cx: &mut Cx<'_>) {
    let model = cx.model;
    for pulled in used(model) {
        let Some(finding) = image_finding(cx, &pulled) else { continue };
        cx.report(with_origin(model, pulled.word, finding));
    }
}

fn image_finding(cx: &Cx<'_>, pulled: &Pulled<'_>) -> Option<Finding> {
    let policy = cx.policy;
    let shown = reference(pulled.image);
    if let Some(denied) = policy.deny_images.iter().find(|d| d.fits(pulled.image)) {
        let message = format!("the policy denies `{shown}`");
        let finding = cx.at(pulled.span, message);
        let by = denied.as_str();
        return Some(if by == shown { finding } else { finding.help(format!("it denies `{by}`")) });
    }
    let allowed = policy.allow_images.as_ref()?;
    if allowed.iter().any(|a| a.fits(pulled.image)) {
        return None;
    }
    let finding = cx.at(pulled.span, format!("`{shown}` is none of the images that the policy allows"));
    let known: Vec<String> = allowed.iter().map(|a| format!("`{}`", a.as_str())).collect();
    Some(if known.is_empty() { finding } else { finding.help(format!("allowed are {}", all(&known))) })
}

/// The reference as people write it, with the tag that counts.
fn reference(image: &ImageRef) -> String {
    let name = name(image);
    match (&image.tag, &image.digest) {
        (Some(tag), _) => format!("{name}:{tag}"),
        (None, None) => format!("{name}:latest"),
        (None, Some(digest)) => {
            let short: String = digest.hex.chars().take(12).collect();
            format!("{name}@{}:{short}…", digest.algorithm)
        }
    }
}
