//! Images with less in them that a program moves to once it is built.

use crate::knowledge::Family;
use crate::syntax::ImageRef;

use super::{Base, Model, Stage, facts, family};

/// The newest release of Debian, where nobody knows what a program is built on.
const NEWEST_DEBIAN: &str = "trixie";

impl Model {
    /// The image with the system of what `stage` starts from in the end, without its compilers; `None` if its release is not
    /// known.
    #[must_use]
    pub fn system_image(&self, stage: &Stage) -> Option<String> {
        let Base::Image(image) = self.root_base(stage) else { return None };
        if family(image) == Family::Alpine {
            return alpine(image);
        }
        let suite = self.suite(stage)?;
        Some(match suite.family {
            Family::Ubuntu => format!("ubuntu:{}", suite.name),
            _ => format!("debian:{}-slim", suite.name),
        })
    }

    /// The image for a program of `stage` that needs neither a C library nor a shell; `None` if there is none.
    #[must_use]
    pub fn static_image(&self, stage: &Stage) -> Option<String> {
        let Base::Image(image) = self.root_base(stage) else { return None };
        let runtime = facts(image)?.runtime?;
        let runtime = on_release(runtime, self.suite(stage).map(|suite| suite.name));
        runtime.split(' ').next().filter(|image| image.contains("/static")).map(str::to_owned)
    }
}

/// An image with a shell for a program that brings all else.
#[must_use]
pub fn newest_system_image() -> String {
    format!("debian:{NEWEST_DEBIAN}-slim")
}

/// The images of `runtime`, on the release of Debian that the program is built on, or the newest where nobody knows
/// that: an older C library may lack what the program was linked to.
#[must_use]
pub fn on_release(runtime: &str, suite: Option<&str>) -> String {
    match suite.unwrap_or(NEWEST_DEBIAN) {
        NEWEST_DEBIAN => runtime.replace("bookworm", NEWEST_DEBIAN).replace("-debian12", "-debian13"),
        older if older != "bookworm" && runtime.starts_with("debian:") => format!("debian:{older}-slim"),
        _ => runtime.to_owned(),
    }
}

/// The image of Alpine that `image` is built on: 3.20 of `1.23-alpine3.20`.
fn alpine(image: &ImageRef) -> Option<String> {
    let named = image.tag.as_deref().and_then(|tag| tag.split_once("alpine"));
    let named = named.map(|(_, version)| version.split('-').next().unwrap_or(version));
    let newest = || ImageRef::parse("alpine").ok().and_then(|alpine| facts(&alpine)?.tag);
    Some(format!("alpine:{}", named.filter(|version| !version.is_empty()).or_else(newest)?))
}

/// The tag of the images with .NET's runtime for one of its SDK: `8.0-alpine3.20` for `8.0.404-alpine3.20`. `None` if there
/// may be none.
#[must_use]
pub fn dotnet_runtime_tag(sdk: &str) -> Option<String> {
    if matches!(sdk, "" | "latest") {
        return Some(sdk.to_owned());
    }
    let (version, suffix) =
        sdk.split_once('-').map_or((sdk, None), |(version, suffix)| (version, Some(suffix)));
    // SDKs have versions of their own in the third number.
    let numbers: Vec<&str> = version.split('.').collect();
    let (Some(major), Some(minor)) = (numbers.first(), numbers.get(1)) else { return None };
    if numbers.iter().any(|number| number.parse::<u32>().is_err()) {
        return None;
    }
    let Some(suffix) = suffix else { return Some(format!("{major}.{minor}")) };
    let processor = ["-amd64", "-arm64v8", "-arm32v7"].iter().find_map(|end| suffix.strip_suffix(end));
    let system = processor.unwrap_or(suffix);
    let alpine =
        system.strip_prefix("alpine").is_some_and(|v| v.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let others = [
        "noble",
        "jammy",
        "focal",
        "trixie-slim",
        "bookworm-slim",
        "bullseye-slim",
        "buster-slim",
        "amd64",
        "arm64v8",
        "arm32v7",
    ];
    (alpine || others.contains(&system)).then(|| format!("{major}.{minor}-{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    fn images(base: &str) -> (Option<String>, Option<String>) {
        let model = Model::new(parse(Source::from_text("Dockerfile", format!("FROM {base}\n"))));
        let stage = model.final_stage().unwrap();
        (model.system_image(stage), model.static_image(stage))
    }

    #[test]
    fn a_built_program_moves_to_the_same_system() {
        let of = |base: &str| images(base).0.unwrap_or_default();
        assert_eq!(of("golang:1.26-bookworm"), "debian:bookworm-slim");
        assert_eq!(of("golang:1.23-alpine3.20"), "alpine:3.20");
        assert!(of("golang:alpine").starts_with("alpine:3."));
        assert_eq!(of("golang@sha256:0123456789012345678901234567890123456789012345678901234567890123"), "");
        let of = |base: &str| images(base).1.unwrap_or_default();
        assert_eq!(of("golang:1.26-trixie"), "gcr.io/distroless/static-debian13:nonroot");
        assert_eq!(of("golang:1.26-bookworm"), "gcr.io/distroless/static-debian12:nonroot");
        assert_eq!(of("rust:1.90"), "");
    }

    #[test]
    fn runtimes_of_dotnet_have_some_of_the_tags() {
        for (sdk, want) in [
            ("", Some("")),
            ("latest", Some("latest")),
            ("9.0", Some("9.0")),
            ("8.0.404-alpine3.20", Some("8.0-alpine3.20")),
            ("8.0-alpine", Some("8.0-alpine")),
            ("9.0.100-noble-amd64", Some("9.0-noble-amd64")),
            ("8.0-bookworm-slim", Some("8.0-bookworm-slim")),
            ("9.0-noble-aot", None),
            ("9.0-alpine-aot", None),
            ("9.0-azurelinux3.0", None),
            ("10.0-preview", None),
            ("9", None),
            ("lts", None),
        ] {
            assert_eq!(dotnet_runtime_tag(sdk).as_deref(), want, "{sdk}");
        }
    }
}
