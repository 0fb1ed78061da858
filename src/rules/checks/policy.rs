//! Rules about what a policy allows, denies and requires of images.

use crate::diag::Finding;
use crate::rules::Cx;
use crate::rules::policy::{CommandPattern, ImagePattern, RegistryPattern};
use crate::semantic::{Cmd, Model, PartialImage, RunsAs, facts, version_numbers};
use crate::syntax::{ImageRef, Kind, Word};
use crate::text::Span;

use super::all;
use super::base_image::{Pulled, name, pulled_where, with_origin};
use super::unshipped::is_development;

/// The images that a build takes anything from.
fn used<'m>(model: &'m Model) -> impl Iterator<Item = Pulled<'m>> {
    // A plain name in `--from` is rather that of a build context, unless it is known as an image.
    pulled_where(model, |image| image.tag.is_some() || image.digest.is_some() || facts(image).is_some())
}

/// The images of FROM of which the tag, or more, is not known.
fn partly_known(model: &Model) -> impl Iterator<Item = (PartialImage, &Word)> {
    model.stages.iter().filter_map(|stage| Some((model.partial_image(stage)?, stage.base_word.as_ref()?)))
}

/// `registry-not-allowed`.
pub fn registry(cx: &mut Cx<'_>) {
    let model = cx.model;
    let Some(allowed) = &cx.policy.allow_registries else { return };
    let is_allowed = |registry: &str| allowed.iter().any(|a| a.fits(registry));
    for pulled in used(model).filter(|p| !is_allowed(&p.image.registry)) {
        let registry = &*pulled.image.registry;
        let finding = match written_registry(model, registry, pulled.span) {
            Some(span) => at_registry(cx, registry, span),
            None => from_registry(cx, &name(pulled.image), registry, pulled.span),
        };
        cx.report(with_origin(
            model,
            pulled.word,
            listing(finding, allowed.iter().map(RegistryPattern::as_str)),
        ));
    }
    for (image, word) in partly_known(model).filter(|(image, _)| !is_allowed(&image.registry)) {
        let registry = &*image.registry;
        let finding = match written_registry(model, registry, word.span) {
            Some(span) => at_registry(cx, registry, span),
            None => from_registry(cx, model.text(word.span), registry, word.span),
        };
        cx.report(with_origin(
            model,
            Some(word),
            listing(finding, allowed.iter().map(RegistryPattern::as_str)),
        ));
    }
}

fn at_registry(cx: &Cx<'_>, registry: &str, span: Span) -> Finding {
    cx.at(span, format!("`{registry}` is not one of the registries that the policy allows"))
}

fn from_registry(cx: &Cx<'_>, image: &str, registry: &str, span: Span) -> Finding {
    let message = format!(
        "`{image}` comes from `{registry}`, which is not one of the registries that the policy allows"
    );
    cx.at(span, message)
}

/// Where the host of the registry stands in a reference.
fn written_registry(model: &Model, registry: &str, reference: Span) -> Option<Span> {
    let (host, _) = model.text(reference).split_once('/')?;
    let end = reference.start + u32::try_from(host.len()).ok()?;
    (host == registry).then(|| Span::new(reference.start, end))
}

/// Says what is allowed instead.
fn listing<'p>(finding: Finding, allowed: impl Iterator<Item = &'p str>) -> Finding {
    let allowed: Vec<String> = allowed.map(|a| format!("`{a}`")).collect();
    if allowed.is_empty() { finding } else { finding.help(format!("allowed are {}", all(&allowed))) }
}

/// `image-not-allowed`.
pub fn image(cx: &mut Cx<'_>) {
    let (model, policy) = (cx.model, cx.policy);
    for pulled in used(model) {
        let denied = policy.deny_images.iter().find(|d| d.fits(pulled.image));
        let is_allowed =
            || policy.allow_images.as_ref().is_none_or(|a| a.iter().any(|a| a.fits(pulled.image)));
        let shown = reference(pulled.image);
        if let Some(finding) = image_finding(cx, &shown, pulled.span, denied, is_allowed) {
            cx.report(with_origin(model, pulled.word, finding));
        }
    }
    for (image, word) in partly_known(model) {
        let denied = policy.deny_images.iter().find(|d| d.must_fit(&image));
        let is_allowed = || policy.allow_images.as_ref().is_none_or(|a| a.iter().any(|a| a.may_fit(&image)));
        if let Some(finding) = image_finding(cx, model.text(word.span), word.span, denied, is_allowed) {
            cx.report(with_origin(model, Some(word), finding));
        }
    }
}

fn image_finding(
    cx: &Cx<'_>,
    shown: &str,
    span: Span,
    denied: Option<&ImagePattern>,
    is_allowed: impl Fn() -> bool,
) -> Option<Finding> {
    if let Some(by) = denied.map(ImagePattern::as_str) {
        let finding = cx.at(span, format!("the policy denies `{shown}`"));
        return Some(if by == shown { finding } else { finding.help(format!("it denies `{by}`")) });
    }
    if is_allowed() {
        return None;
    }
    let finding = cx.at(span, format!("`{shown}` is not one of the images that the policy allows"));
    Some(listing(finding, cx.policy.allow_images.iter().flatten().map(ImagePattern::as_str)))
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

/// `imprecise-tag`.
pub fn tag(cx: &mut Cx<'_>) {
    let (model, Some(precision)) = (cx.model, cx.policy.require_tag) else { return };
    for pulled in used(model).filter(|p| p.image.digest.is_none()) {
        let most = facts(pulled.image).and_then(|f| f.numbers).unwrap_or(usize::MAX);
        let says = version_numbers(pulled.image);
        if says >= precision.numbers().min(most) {
            continue;
        }
        let name = name(pulled.image);
        let tag = pulled.image.tag.as_deref().unwrap_or("latest");
        let what = match says {
            0 => "names no version",
            1 => "names a major version alone",
            _ => "names no patch version",
        };
        let message =
            format!("the tag `{tag}` of `{name}` {what}, and the policy requires the {precision} version");
        let version = match precision.numbers().min(most) {
            1 => "2",
            2 => "2.1",
            _ => "2.1.106",
        };
        let finding = cx
            .at(written_tag(model, &pulled).unwrap_or(pulled.span), message)
            .help(format!("write a tag as precise as `{version}`, or the digest"));
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// Where the tag stands.
fn written_tag(model: &Model, pulled: &Pulled<'_>) -> Option<Span> {
    let (_, tag) = model.text(pulled.span).rsplit_once(':')?;
    let exact = Some(tag) == pulled.image.tag.as_deref() && pulled.word.is_none_or(|w| w.exact);
    let start = pulled.span.end - u32::try_from(tag.len()).ok()?;
    exact.then(|| Span::new(start, pulled.span.end))
}

/// `root-not-allowed`.
pub fn root(cx: &mut Cx<'_>) {
    let model = cx.model;
    for stage in model.stages.iter().filter(|s| s.is_final || model.is_output(s) && !is_development(s)) {
        let user = model.end_state(stage).user;
        let named = user.and_then(|step| match &model.instruction(step).kind {
            Kind::User(Some(word)) => Some(word.span),
            _ => None,
        });
        let finding = match (model.ends_as(stage), named) {
            (RunsAs::Other(_), _) | (RunsAs::Unknown, Some(_)) => continue,
            (RunsAs::Root, Some(span)) => {
                cx.at(span, "the image runs as root, which the policy does not allow")
            }
            (runs_as, None) => {
                let from = model.instruction(stage.steps.start);
                let span = stage.base_word.as_ref().map_or(from.keyword_span, |word| word.span);
                cx.at(
                    span,
                    match runs_as {
                        RunsAs::Root => {
                            "no USER is set, so the image runs as root, which the policy does not allow"
                        }
                        _ => "no USER is set, and the image may run as root, which the policy does not allow",
                    },
                )
            }
        };
        cx.report(finding.help("end with a USER other than root"));
    }
}

/// `package-not-allowed`.
pub fn package(cx: &mut Cx<'_>) {
    let (model, denied) = (cx.model, &cx.policy.deny_packages);
    for cmd in model.run_commands() {
        let Some(manager) = cmd.usage.manager else { continue };
        for package in cmd.packages() {
            let Some(pattern) = denied.iter().find(|d| d.fits(manager, &package.name)) else { continue };
            let mut finding =
                cx.at(package.word.span, format!("the policy denies the package `{}`", package.name));
            if pattern.as_str() != package.name {
                finding = finding.help(format!("it denies `{}`", pattern.as_str()));
            }
            cx.report(finding);
        }
    }
}

/// `command-not-allowed`.
pub fn command(cx: &mut Cx<'_>) {
    let (model, denied) = (cx.model, &cx.policy.deny_commands);
    for cmd in model.commands() {
        let shell = cmd.shell();
        // `sudo` of `sudo rm`.
        let wrapper = shell.effective().wrappers.iter().find_map(|w| {
            let pattern = denied.iter().find(|d| d.is_program() && d.names(w.name))?;
            Some((shell.words.get(w.index)?.span, pattern))
        });
        let whole = || denied.iter().find(|d| d.fits(&cmd)).map(|d| (denied_span(&cmd, d), d));
        let Some((span, pattern)) = wrapper.or_else(whole) else { continue };
        let shown = pattern.as_str();
        cx.report(cx.at(span, format!("the policy denies the command `{shown}`")));
    }
}

/// What of the command a pattern speaks of.
fn denied_span(cmd: &Cmd<'_>, pattern: &CommandPattern) -> Span {
    let words = cmd.plain_words().take(pattern.operands());
    let flags = pattern.options().filter_map(|o| cmd.flag(o));
    words.chain(flags).fold(cmd.program_span(), |span, word| span.to(word.span))
}
