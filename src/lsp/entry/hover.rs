//! What stands at a place of a file that starts builds.

use std::path::Path;

use build_targets::{Context, Dockerfile, Target};

use crate::context::Tally;
use crate::diag::{format_bytes, format_count};
use crate::lsp::place::Encoding;
use crate::report::sanitize;
use crate::text::Span;
use crate::workspace::Files;

use super::builds::{Builds, Meaning};
use super::built::Built;

/// The most of a line that is shown.
const MAX_LINE: usize = 120;

/// What is asked.
pub(super) struct Hovered<'a> {
    pub(super) files: &'a Files,
    pub(super) builds: &'a Builds,
    pub(super) encoding: Encoding,
    /// What a build sends, as far as that was measured.
    pub(super) sent: &'a dyn Fn(usize) -> Option<Tally>,
}

impl Hovered<'_> {
    /// What is said of the place of a byte, and of which span.
    pub(super) fn at(&self, offset: u32) -> Option<(Span, String)> {
        let mentions = self.builds.at(offset);
        let span = mentions.first()?.span;
        let mut said: Vec<String> = Vec::new();
        for mention in mentions {
            let text = match (&mention.meaning, mention.build) {
                (Meaning::Build(name), _) => self.builds.named(name).and_then(|build| self.build(build)),
                (Meaning::Name | Meaning::Dockerfile | Meaning::Context, Some(build)) => self.build(build),
                (Meaning::Stage(name), Some(build)) => self.stage(build, name),
                (Meaning::Argument(name), Some(build)) => self.argument(build, name),
                (Meaning::ContextName(name), Some(build)) => self.context(build, name),
                _ => None,
            };
            said.extend(text.filter(|text| !said.contains(text)));
        }
        (!said.is_empty()).then(|| (span, said.join("\n\n")))
    }

    fn built(&self, build: usize) -> Option<Built<'_>> {
        Built::of(self.files, self.builds, build, self.encoding)
    }

    /// A path as it is seen from the folder in which the tool is run.
    fn shown(&self, path: &Path) -> String {
        let own = path.strip_prefix(&self.builds.group.entry.folder).unwrap_or(path);
        let own = if own.as_os_str().is_empty() { Path::new(".") } else { own };
        sanitize(&own.display().to_string()).into_owned()
    }

    fn dockerfile(&self, target: &Target) -> Option<String> {
        match &target.dockerfile {
            Dockerfile::File { path, .. } => Some(format!("`{}`", self.shown(path))),
            Dockerfile::Inline(_) => Some("the Dockerfile that is written here".to_owned()),
            Dockerfile::Unknown(_) => None,
        }
    }

    fn build(&self, build: usize) -> Option<String> {
        let target = self.builds.read().get(build)?;
        let mut text = format!("builds {}", self.dockerfile(target)?);
        if let Some(stage) = target.stage.as_ref().and_then(|stage| stage.known()) {
            text.push_str(&format!(" up to its stage `{}`", sanitize(stage)));
        }
        match &target.context {
            Context::Folder { path, .. } => {
                text.push_str(&format!(", with the build context `{}`", self.shown(path)));
            }
            Context::Remote(from) => {
                let address = from.known().unwrap_or("a remote address");
                text.push_str(&format!(", with the build context `{}`", sanitize(address)));
            }
            Context::Unknown(_) => {}
        }
        if let Some(sent) = (self.sent)(build) {
            let files = match sent.files {
                0 => "nothing".to_owned(),
                1 => format!("1 file with **{}**", format_bytes(sent.bytes)),
                files => format!("{} files with **{}**", format_count(files), format_bytes(sent.bytes)),
            };
            text.push_str(&format!("\n\nsends {files} to the builder"));
        }
        Some(text)
    }

    fn stage(&self, build: usize, name: &str) -> Option<String> {
        let (target, built) = (self.builds.read().get(build)?, self.built(build)?);
        let (span, image) = built.stage(name)?;
        let (line, dockerfile) = (built.line(span).0, self.dockerfile(target)?);
        Some(format!("stage in line {line} of {dockerfile}, which starts from `{}`", sanitize(image)))
    }

    fn argument(&self, build: usize, name: &str) -> Option<String> {
        let (target, built) = (self.builds.read().get(build)?, self.built(build)?);
        let declared = built.arguments();
        let (_, span) = declared.iter().find(|(own, _)| *own == name)?;
        let (line, text) = built.line(*span);
        let end = text.char_indices().nth(MAX_LINE).map_or(text.len(), |(at, _)| at);
        Some(format!("`{}`\n\nline {line} of {}", sanitize(&text[..end]), self.dockerfile(target)?))
    }

    fn context(&self, build: usize, name: &str) -> Option<String> {
        let (target, built) = (self.builds.read().get(build)?, self.built(build)?);
        let places = built.places_of_context(name);
        let lines: Vec<String> = places.iter().map(|span| built.line(*span).0.to_string()).collect();
        let dockerfile = self.dockerfile(target)?;
        let name = sanitize(name);
        Some(match lines.as_slice() {
            [] => format!("nothing in {dockerfile} is called `{name}`"),
            [line] => format!("stands for `{name}` in line {line} of {dockerfile}"),
            lines => format!("stands for `{name}` in the lines {} of {dockerfile}", lines.join(", ")),
        })
    }
}
