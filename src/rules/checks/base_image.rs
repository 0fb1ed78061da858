//! Rules about which image a stage starts from.

use crate::diag::Finding;
use crate::knowledge::{MOVING_CHANNELS, TAG_VARIANTS, suites};
use crate::rules::Cx;
use crate::semantic::{
    Base, CopyFrom, Model, Stage, deprecated, ended, facts, is_automatic, version_numbers,
};
use crate::syntax::{ImageRef, Kind, Word};
use crate::text::Span;

use super::stages::is_unused;
use super::unshipped::is_fixture;

/// An image that the build pulls.
pub(super) struct Pulled<'m> {
    pub(super) image: &'m ImageRef,
    /// The reference as written.
    pub(super) span: Span,
    /// The word of a FROM.
    pub(super) word: Option<&'m Word>,
    /// True for the base of a stage that nothing uses.
    pub(super) is_unused: bool,
}

/// The images of FROM, and of `--from` where it cannot mean a stage or a named context.
fn pulled<'m>(model: &'m Model) -> impl Iterator<Item = Pulled<'m>> {
    pulled_where(model, |_| false)
}

/// The images of FROM, and of `--from` where it cannot mean a stage. A plain name may be that of a
/// build context, unless `is_image` knows better.
pub(super) fn pulled_where<'m>(
    model: &'m Model,
    is_image: impl Fn(&ImageRef) -> bool,
) -> impl Iterator<Item = Pulled<'m>> {
    let bases = model.stages.iter().filter_map(|stage| match (&stage.base, &stage.base_word) {
        // A stage that this platform does not need is named for others.
        (Base::Image(_), Some(word)) if !stage.reachable && is_by_platform(word) => None,
        (Base::Image(image), Some(word)) => {
            Some(Pulled { image, span: word.span, word: Some(word), is_unused: is_unused(model, stage) })
        }
        _ => None,
    });
    let copies = model.copies.iter().filter_map(move |copy| {
        let CopyFrom::Image(Some(image)) = &copy.from else { return None };
        let (text, span) = model.copy_reference(copy)?;
        let counts = (text.contains('/') || is_image(image)) && !text.contains('$');
        counts.then_some(Pulled { image, span, word: None, is_unused: false })
    });
    bases.chain(copies)
}

/// True for a name that differs from platform to platform.
fn is_by_platform(word: &Word) -> bool {
    word.variables().is_ok_and(|variables| variables.iter().any(|variable| is_automatic(&variable.name)))
}

/// The name as written, without tag and digest.
pub(super) fn name(image: &ImageRef) -> String {
    match (&*image.registry, image.familiar_path()) {
        ("docker.io", path) => path.to_owned(),
        (registry, path) => format!("{registry}/{path}"),
    }
}

/// What to write instead of a moving or missing tag.
fn advice(image: &ImageRef) -> String {
    let name = name(image);
    if let Some(tag) = facts(image).and_then(|f| f.tag) {
        // Another variant, or another release of the system, may lack what the build uses.
        let version = tag.split('-').next().filter(|_| image.is_official() && says_nothing_else(image));
        format!("pin the version that you test with, for example `{name}:{}`", version.unwrap_or(tag))
    } else if name.starts_with("gcr.io/distroless/") || name.starts_with("cgr.dev/chainguard/") {
        format!("pin the digest: `{name}@sha256:…`; its public tags do not name versions")
    } else if ROLLING.contains(&&*name) {
        format!(
            "pin the digest: `{name}@sha256:…`; it is a rolling release, whose tags are dates, not versions"
        )
    } else {
        format!("pin the version that you test with: `{name}:VERSION`")
    }
}

/// Images of distributions that have no versions.
const ROLLING: [&str; 5] =
    ["archlinux", "archlinux/archlinux", "gentoo/stage3", "kalilinux/kali-rolling", "opensuse/tumbleweed"];

/// True for an image without a tag, or with `latest`: what it is comes without a variant.
fn says_nothing_else(image: &ImageRef) -> bool {
    image.tag.as_deref().is_none_or(|tag| tag == "latest")
}

/// A finding at a FROM whose image comes from the default of a build argument gets a label there.
pub(super) fn with_origin(model: &Model, word: Option<&Word>, finding: Finding) -> Finding {
    let variables = word.and_then(|w| w.variables().ok()).unwrap_or_default();
    match variables.iter().find_map(|v| default_of(model, &v.name)) {
        Some(default) => finding.label(default.span, "the default comes from here"),
        None => finding,
    }
}

/// The default of the global build argument `name`, as written.
fn default_of<'m>(model: &'m Model, name: &str) -> Option<&'m Word> {
    let Kind::Arg(decls) = &model.instruction(model.global_arg(name)?.step).kind else { return None };
    decls.iter().rev().find(|d| &*d.name.text == name)?.default.as_ref()
}

/// `untagged-image`.
pub fn untagged(cx: &mut Cx<'_>) {
    let model = cx.model;
    let is_bare = |p: &Pulled<'_>| p.image.tag.is_none() && p.image.digest.is_none();
    // `unused-stage` says of others that nothing pulls them.
    let counts =
        |p: &Pulled<'_>| is_bare(p) && !p.is_unused && !model.is_of_project(p.image) && !is_fixture(model);
    for pulled in pulled(model).filter(counts) {
        let name = name(pulled.image);
        let message =
            format!("`{name}` without a tag means `{name}:latest`, which can change between builds");
        let finding = cx.at(pulled.span, message).help(advice(pulled.image));
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// `latest-tag`.
pub fn latest(cx: &mut Cx<'_>) {
    let model = cx.model;
    let is_latest = |i: &ImageRef| i.tag.as_deref() == Some("latest") && i.digest.is_none();
    // One default may be the tag of several images.
    let mut by_default: Vec<(Span, Finding)> = Vec::new();
    let counts = |p: &Pulled<'_>| {
        is_latest(p.image) && !p.is_unused && !model.is_of_project(p.image) && !is_fixture(model)
    };
    for pulled in pulled(model).filter(counts) {
        let message = format!("`{}:latest` can change between builds", name(pulled.image));
        let (span, in_default) = latest_span(model, &pulled);
        if in_default && (is_given(model, &pulled) || is_said_to_be_given(model, span)) {
            continue;
        }
        let finding = cx.at(span, message).help(advice(pulled.image));
        match by_default.last_mut().filter(|(known, _)| in_default && *known == span) {
            Some((_, known)) => *known = known.clone().label(pulled.span, "and here"),
            None if in_default => by_default.push((span, finding.label(pulled.span, "used here"))),
            None => cx.report(finding),
        }
    }
    by_default.into_iter().for_each(|(_, finding)| cx.report(finding));
    // The tag is what it is, whatever the variables in the name are.
    for word in model.stages.iter().filter(|s| s.base == Base::Unknown).filter_map(|s| s.base_word.as_ref()) {
        let text = word.text.trim_end_matches(['"', '\'']);
        let name = text.strip_suffix(":latest").filter(|name| name.contains('$') && !name.contains('@'));
        let Some(name) = name.map(|name| name.trim_start_matches(['"', '\''])) else { continue };
        if model.build().project_images.may_contain(&with_stars(word, name)) || is_fixture(model) {
            continue;
        }
        let message = format!("`{name}:latest` can change between builds");
        let help = format!("pin the version that you test with: `{name}:VERSION`");
        cx.report(cx.at(word.part(text.len() - 6..text.len()), message).help(help));
    }
}

/// The name of an image at the beginning of a word, with `*` for its variables.
fn with_stars(word: &Word, name: &str) -> String {
    let start = word.text.find(name).unwrap_or_default();
    let (mut stars, mut at) = (String::new(), 0);
    for variable in word.variables().unwrap_or_default() {
        let end = variable.range.end.saturating_sub(start);
        // One in the default of another lies within it.
        if let Some(before) = name.get(at..variable.range.start.saturating_sub(start)) {
            stars = stars + before + "*";
            at = end;
        }
    }
    stars + name.get(at..).unwrap_or_default()
}

/// True for `FROM $REGISTRY/base:$VERSION`: where the place is an argument as well as the tag, the image is one's own, and
/// the build gives it a version, unless it is known to give none.
fn is_given(model: &Model, pulled: &Pulled<'_>) -> bool {
    let are_arguments = |word: &Word| {
        word.text.rsplit_once(':').is_some_and(|(name, tag)| tag.starts_with('$') && name.starts_with('$'))
    };
    facts(pulled.image).is_none()
        && !pulled.image.is_official()
        && !model.build().all_args
        && pulled.word.is_some_and(are_arguments)
}

/// True if a comment right above the ARG says that the build gives it a value.
fn is_said_to_be_given(model: &Model, default: Span) -> bool {
    let before = model.file.text().get(..default.range().start).unwrap_or_default();
    let above = before.rsplit_once('\n').map_or("", |(above, _)| above);
    let mut comments = above.lines().rev().map(str::trim_start).take_while(|l| l.starts_with('#')).take(3);
    comments.any(|line| {
        let line = line.to_ascii_lowercase();
        ["inject", "passed by", "set by", "given by", "filled in"].iter().any(|says| line.contains(says))
    })
}

/// Where the word `latest` stands, and whether that is in an ARG.
fn latest_span(model: &Model, pulled: &Pulled<'_>) -> (Span, bool) {
    let tail = |span: Span| {
        let text = model.text(span).trim_end_matches(['"', '\'', '}']);
        let rest = text.strip_suffix("latest")?;
        // A name that ends in these letters is another word.
        rest.ends_with([':', '-', '"', '\'']).then_some(()).or(rest.is_empty().then_some(()))?;
        let start = span.start + u32::try_from(rest.len()).ok()?;
        Some(Span::new(start, start + 6))
    };
    if let Some(span) = tail(pulled.span) {
        return (span, false);
    }
    let variables = pulled.word.and_then(|w| w.variables().ok()).unwrap_or_default();
    let default = variables.iter().rev().find_map(|v| tail(default_of(model, &v.name)?.span));
    default.map_or((pulled.span, false), |span| (span, true))
}

/// `moving-tag`.
pub fn moving(cx: &mut Cx<'_>) {
    let model = cx.model;
    let counts =
        |p: &Pulled<'_>| p.image.digest.is_none() && deprecated(p.image).is_none() && !only_fetches(model, p);
    for pulled in pulled(model).filter(counts) {
        let Some(tag) = pulled.image.tag.as_deref().filter(|tag| says_no_version(pulled.image, tag)) else {
            continue;
        };
        let name = name(pulled.image);
        let message = format!("`{name}:{tag}` names no version and can change between builds");
        let kind: Vec<&str> = tag.split('-').filter(|word| !MOVING_CHANNELS.contains(word)).collect();
        let channel = tag.split('-').find(|word| MOVING_CHANNELS.contains(word));
        let is_of_channel = channel.is_none_or(|channel| is_newest(pulled.image, channel));
        let known = facts(pulled.image).and_then(|f| f.tag).filter(|_| is_of_channel);
        let example = known.and_then(|tag| tag.split('-').next());
        let version = example.into_iter().chain(kind.iter().copied()).collect::<Vec<_>>().join("-");
        let help = match example {
            Some(_) => format!("pin the version that you test with, for example `{name}:{version}`"),
            None if kind.is_empty() && !is_of_channel => {
                format!("pin the version that you test with: `{name}:VERSION`")
            }
            None if kind.is_empty() => advice(pulled.image),
            None => format!("pin the version that you test with: `{name}:VERSION-{}`", kind.join("-")),
        };
        cx.report(with_origin(model, pulled.word, cx.at(tag_span(&pulled), message).help(help)));
    }
}

/// True if the newest version that is known of an image is one of the channel: `stable` of BusyBox is older.
fn is_newest(image: &ImageRef, channel: &str) -> bool {
    image.is_official()
        && matches!((image.familiar_path(), channel), ("debian" | "nginx", "stable") | ("node", "lts"))
}

/// True for the base of a stage that only fetches files and checks them: whatever its version, they are the same.
fn only_fetches(model: &Model, pulled: &Pulled<'_>) -> bool {
    const FETCHES: [&str; 22] = [
        "[",
        "cd",
        "chmod",
        "cp",
        "curl",
        "echo",
        "export",
        "gpg",
        "ln",
        "md5sum",
        "mkdir",
        "mv",
        "printf",
        "rm",
        "set",
        "sha1sum",
        "sha256sum",
        "sha512sum",
        "tar",
        "test",
        "unzip",
        "wget",
    ];
    let is_its = |stage: &&Stage| stage.base_word.as_ref().is_some_and(|word| word.span == pulled.span);
    let Some(stage) = model.stages.iter().find(is_its).filter(|s| !s.in_final_image) else { return false };
    let mut commands =
        model.run_commands().filter(|c| c.stage().is_some_and(|s| s.index == stage.index)).peekable();
    commands.peek().is_some() && commands.all(|c| FETCHES.contains(&c.program()))
}

/// True for the tag of an image that is known to have versions, if it names none of them: `alpine`, `lts-slim`.
fn says_no_version(image: &ImageRef, tag: &str) -> bool {
    let is_known = facts(image).is_some();
    let is_kind = |word: &str| {
        let number = |rest: &str| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        MOVING_CHANNELS.contains(&word)
            || TAG_VARIANTS.contains(&word)
            || word.strip_prefix("alpine").is_some_and(number)
            || image.is_official() && is_known && suites().iter().any(|suite| suite.name == word)
    };
    (image.is_official() || is_known) && version_numbers(image) == 0 && tag.split(['-', '_']).all(is_kind)
}

/// `image-not-pinned-by-digest`.
pub fn digest(cx: &mut Cx<'_>) {
    let model = cx.model;
    for pulled in pulled(model).filter(|p| p.image.digest.is_none()) {
        let name = name(pulled.image);
        let tag = pulled.image.tag.as_deref().unwrap_or("latest");
        let message = format!("the tag `{tag}` can be moved to another image; only a digest cannot");
        let finding = cx
            .at(pulled.span, message)
            .help(format!("write `{name}:{tag}@sha256:…`, and let a bot such as Renovate keep it current"));
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// Where the tag stands, where it is written in the reference itself.
fn tag_span(pulled: &Pulled<'_>) -> Span {
    let Some(range) = pulled.image.tag_range.clone() else { return pulled.span };
    match pulled.word {
        Some(word) if word.literal().is_some_and(|text| *text == *word.text) => word.part(range),
        _ => pulled.span,
    }
}

/// `deprecated-image`.
pub fn unmaintained(cx: &mut Cx<'_>) {
    let model = cx.model;
    for pulled in pulled(model) {
        // Builds of versions to come are still made, and nowhere else.
        let is_early = pulled.image.tag.as_deref().is_some_and(|tag| tag.split('-').any(|part| part == "ea"));
        let Some(fact) = deprecated(pulled.image).filter(|_| !is_early) else { continue };
        let message = format!(
            "`{}` has not been maintained since {}: vulnerabilities found since then stay unfixed",
            name(pulled.image),
            fact.since
        );
        let finding = cx.at(pulled.span, message).help(format!("use {}", instead(model, fact.instead)));
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// What to use instead of an image, without what could not run the rest of the file.
fn instead(model: &Model, all: &'static str) -> String {
    const JAVA: &str = "`eclipse-temurin`";
    if !all.starts_with(JAVA) {
        return all.to_owned();
    }
    let runs = |programs: &[&str]| programs.iter().any(|name| model.commands_named(name).next().is_some());
    let numbered = ["useradd", "groupadd", "adduser", "addgroup"]
        .iter()
        .flat_map(|program| model.commands_named(program))
        .any(|cmd| cmd.args().iter().any(|word| word.static_prefix().ends_with("1000")));
    // That of Amazon has yum, and nothing that makes users.
    if numbered {
        format!("{JAVA}, which has a user `ubuntu` with the number 1000 since Ubuntu 24.04")
    } else if runs(&["apt", "apt-get", "apk", "useradd", "groupadd", "adduser", "addgroup"]) {
        JAVA.to_owned()
    } else {
        all.to_owned()
    }
}

/// `end-of-life-image`.
pub fn end_of_life(cx: &mut Cx<'_>) {
    let model = cx.model;
    for pulled in pulled(model).filter(|p| deprecated(p.image).is_none()) {
        let Some(ended) = ended(pulled.image) else { continue };
        let message = format!(
            "{} has had no public security fixes since {}: vulnerabilities found since then stay unfixed",
            ended.what, ended.since
        );
        let finding = cx.at(tag_span(&pulled), message).help(newer(pulled.image));
        cx.report(with_origin(model, pulled.word, finding));
    }
}

/// What to use instead of a version that has ended.
fn newer(image: &ImageRef) -> String {
    match facts(image).and_then(|f| f.tag) {
        Some(tag) => {
            format!("move to a version that is still supported, for example `{}:{tag}`", name(image))
        }
        None => "move to a version that is still supported".to_owned(),
    }
}
