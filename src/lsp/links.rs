//! What can be opened from a Dockerfile: the pages of images and rules.

use crate::syntax::{DirectiveKind, File, ImageRef, Kind};
use crate::text::Span;

use super::diagnostics::Rules;
use super::document::Read;
use super::hover;
use super::names::{Named, Names};
use super::protocol::{DocumentLink, Uri};

/// The links of a document, in the order of the text.
pub(super) fn links(read: &Read, rules: &Rules<'_>) -> Vec<DocumentLink> {
    let images = images(&read.file, read.names());
    let mut found: Vec<(Span, Uri)> = images.filter_map(|image| page_of(read, image)).collect();
    for item in &read.file.items {
        for line in
            read.file.comment_lines(item.span).filter(|_| item.kind == crate::syntax::ItemKind::Comment)
        {
            let named = hover::rules_in(read.text(), line);
            let page = |span: Span| Some((span, rules.page(span.text(read.text()))?));
            found.extend(named.into_iter().filter_map(page));
        }
    }
    found.sort_unstable_by_key(|(span, _)| *span);
    let link = |(span, target)| DocumentLink {
        range: read.range(span),
        target: Some(target),
        tooltip: None,
        data: None,
    };
    found.into_iter().map(link).collect()
}

/// Where images are named that are no stages.
pub(super) fn images<'f>(file: &'f File, names: &Names) -> impl Iterator<Item = Span> + use<'f> {
    let syntax = file.directive(DirectiveKind::Syntax).map(|directive| directive.value_span);
    let stages = names.mentions.iter().filter(|m| matches!(m.named, Named::Stage(_)));
    let stages: Vec<Span> = stages.map(|mention| mention.span).collect();
    let named = file.instructions.iter().flat_map(|instruction| {
        let from = match &instruction.kind {
            Kind::From(from) => from.image.as_ref().filter(|image| image.exact).map(|image| image.span),
            _ => None,
        };
        let flag = instruction.flag("from").filter(|flag| flag.exact).map(|flag| flag.value_span);
        let mounts =
            instruction.mounts.iter().filter_map(|mount| Some(mount.option(&["from"])?.value_span()));
        from.into_iter().chain(flag).chain(mounts)
    });
    syntax.into_iter().chain(named.filter(move |span| !stages.contains(span)))
}

/// The name of an image, and its page.
fn page_of(read: &Read, span: Span) -> Option<(Span, Uri)> {
    let text = span.text(read.text());
    // A variable may stand for the tag.
    let slash = text.rfind('/').map_or(0, |at| at + 1);
    let end = text[slash..].find([':', '@']).map_or(text.len(), |at| slash + at);
    let name = &text[..end];
    let image = ImageRef::parse(name).ok().filter(|image| image.path != "library/scratch")?;
    // Another file may call a stage or a context so.
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((Span::of(0..end).shift(span.start), Uri(page(&image)?)))
}

/// The page of an image in its registry, where there is a known one.
fn page(image: &ImageRef) -> Option<String> {
    let path = &*image.path;
    let mut parts = path.split('/');
    let (owner, name) = (parts.next()?, parts.next());
    Some(match &*image.registry {
        "docker.io" if image.is_official() => format!("https://hub.docker.com/_/{}/", image.familiar_path()),
        "docker.io" => format!("https://hub.docker.com/r/{path}/"),
        "ghcr.io" => {
            // A package belongs to an owner, and is called after one repository of that owner.
            let package = path.strip_prefix(owner)?.strip_prefix('/')?;
            let escaped = package.replace('/', "%2F");
            format!("https://github.com/{owner}/{}/pkgs/container/{escaped}", name?)
        }
        "mcr.microsoft.com" => format!("https://mcr.microsoft.com/artifact/mar/{path}"),
        "quay.io" => {
            name?;
            format!("https://quay.io/repository/{path}")
        }
        "public.ecr.aws" => {
            name?;
            format!("https://gallery.ecr.aws/{path}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::document::tests::read;
    use super::*;
    use crate::config::DocsUrl;
    use crate::rules::Catalogue;

    fn found(text: &str, docs: Option<&DocsUrl>) -> Vec<String> {
        let read = read(text);
        let links = links(&read, &Rules { catalogue: &Catalogue::default(), docs });
        let shown = |link: DocumentLink| {
            format!("{} {}", read.span(link.range).text(read.text()), link.target.unwrap().0)
        };
        links.into_iter().map(shown).collect()
    }

    #[test]
    fn images_lead_to_their_pages() {
        for (text, want) in [
            ("FROM nginx:1.27", "nginx https://hub.docker.com/_/nginx/"),
            ("FROM grafana/loki", "grafana/loki https://hub.docker.com/r/grafana/loki/"),
            ("ARG V\nFROM nginx:$V", "nginx https://hub.docker.com/_/nginx/"),
            ("FROM ghcr.io/a/b/c:1", "ghcr.io/a/b/c https://github.com/a/b/pkgs/container/b%2Fc"),
            ("FROM quay.io/a/b@sha256:0", "quay.io/a/b https://quay.io/repository/a/b"),
            (
                "FROM a AS b\nCOPY --from=redis / /\nCOPY --from=b / /\nCOPY --from=0 / /",
                "a https://hub.docker.com/_/a/ redis https://hub.docker.com/_/redis/",
            ),
            (
                "#syntax=docker/dockerfile:1\n",
                "docker/dockerfile https://hub.docker.com/r/docker/dockerfile/",
            ),
            ("FROM scratch", ""),
            ("FROM $A", ""),
            ("FROM ghcr.io/a", ""),
            ("FROM registry.example.com/a/b", ""),
        ] {
            assert_eq!(found(text, None).join(" "), want, "{text}");
        }
    }

    #[test]
    fn rules_in_comments_lead_to_theirs_where_there_is_a_site() {
        let text = "# dlint ignore=no-user,sudo why\n# no-user\nFROM scratch\n";
        let docs: DocsUrl = "https://example.com/d".parse().unwrap();
        let want = ["no-user", "sudo"].map(|rule| format!("{rule} https://example.com/d/rules/{rule}.html"));
        assert_eq!(found(text, Some(&docs)), want);
        assert_eq!(found(text, None), [""; 0]);
    }
}
