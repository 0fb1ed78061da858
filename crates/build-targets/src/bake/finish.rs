//! Targets as the builder gets them: paths joined and cleaned.

use std::path::{Path, PathBuf};

use crate::paths::{clean, join};
use crate::remote::is_remote;
use crate::source::{Place, Sources};
use crate::target::{Argument, Context, Dockerfile, Kind, Mounted, NamedContext, Target, Text, Tool};

use super::draft::{Draft, InlineText, Located};

/// Where relative paths of the files begin.
pub(super) struct Base<'a> {
    /// The folder in which the command runs.
    pub folder: &'a Path,
    /// Whether contexts begin in the folder of their file instead, as a new option of the tool has it.
    pub by_file: bool,
    pub sources: &'a Sources,
}

impl Base<'_> {
    fn folder_for(&self, place: Place) -> PathBuf {
        if !self.by_file {
            return self.folder.to_path_buf();
        }
        self.sources.file(place.file).path.parent().unwrap_or(Path::new("")).to_path_buf()
    }

    /// A path of the file; `cwd://` is the working folder in any case.
    fn path(&self, path: &str, located: &Located) -> PathBuf {
        match (path.strip_prefix("cwd://"), &located.base) {
            (Some(path), _) => join(self.folder, path),
            (None, Some(base)) => join(base, path),
            (None, None) => join(&self.folder_for(located.text.place), path),
        }
    }

    /// The target of a draft.
    pub(super) fn target(&self, draft: Draft, by_default: bool) -> Target {
        let context = self.context(&draft);
        let dockerfile = self.dockerfile(draft.inline, draft.dockerfile, &context);
        let argument = |(name, (place, value))| Argument { name: Text::literal(name, place), value };
        let named = |(name, (place, located)): (String, (Place, Located))| {
            let value = &located.text;
            let folder = value.value.as_deref().filter(|v| !is_special(v)).map(|v| self.path(v, &located));
            let is_written_so = value.value.as_deref().is_some_and(|value| value.starts_with("cwd://"));
            let shown = folder.as_ref().filter(|_| !is_written_so);
            let shown = shown.map(|folder| folder.display().to_string());
            let value = Text { value: shown.or_else(|| value.value.clone()), ..value.clone() };
            NamedContext { name: Text::literal(name, place), value, folder }
        };
        Target {
            name: draft.name,
            kind: Kind::Bake,
            tool: Tool::Docker,
            place: draft.place,
            context,
            dockerfile,
            ignore_file: None,
            stage: draft.stage.filter(|stage| stage.value.as_deref() != Some("")),
            // A null is as if the name were not there.
            arguments: draft
                .args
                .into_iter()
                .filter(|(_, (_, value))| value.is_some())
                .map(argument)
                .collect(),
            platforms: draft.platforms.unwrap_or_default(),
            contexts: draft.contexts.into_iter().map(named).collect(),
            tags: draft.tags.unwrap_or_default(),
            user: None,
            has_user_in_comment: false,
            mounted: Mounted::Nothing,
            mounts_for_root: false,
            health_check: None,
            starts: Vec::new(),
            runs_once: false,
            docker_format: false,
            may_have_more_arguments: false,
            is_of_checkout: false,
            profiles: Vec::new(),
            by_default,
            is_refused: false,
        }
    }

    fn context(&self, draft: &Draft) -> Context {
        let Some(located) = &draft.context else {
            return Context::Folder { path: clean(&self.folder_for(draft.place)), text: None };
        };
        let text = &located.text;
        match &text.value {
            None => Context::Unknown(text.clone()),
            Some(value) if is_remote(value) && !value.starts_with("cwd://") => Context::Remote(text.clone()),
            Some(value) => Context::Folder { path: self.path(value, located), text: Some(text.clone()) },
        }
    }

    fn dockerfile(&self, inline: Option<InlineText>, text: Option<Text>, context: &Context) -> Dockerfile {
        match inline {
            Some(InlineText::Known(inline)) if !inline.text.is_empty() => return Dockerfile::Inline(inline),
            Some(InlineText::Unknown(text)) => return Dockerfile::Unknown(text),
            _ => {}
        }
        let text = text.filter(|text| text.value.as_deref() != Some("") || !text.unset.is_empty());
        let path = match &text {
            None => "Dockerfile",
            Some(Text { value: Some(value), .. }) if !is_remote(value) || value.starts_with("cwd://") => {
                if value.is_empty() {
                    "Dockerfile"
                } else {
                    value.as_str()
                }
            }
            Some(unreadable) => return Dockerfile::Unknown(unreadable.clone()),
        };
        if let Some(path) = path.strip_prefix("cwd://") {
            return Dockerfile::File { path: join(self.folder, path), text };
        }
        match context {
            Context::Folder { path: folder, .. } => Dockerfile::File { path: join(folder, path), text },
            Context::Remote(_) => Dockerfile::File { path: clean(Path::new(path)), text },
            Context::Unknown(text) => Dockerfile::Unknown(text.clone()),
        }
    }
}

/// Whether a named context is something else than a folder.
fn is_special(value: &str) -> bool {
    if value.starts_with("cwd://") {
        return false;
    }
    const PREFIXES: [&str; 4] = ["target:", "service:", "docker-image:", "oci-layout:"];
    PREFIXES.iter().any(|prefix| value.starts_with(prefix)) || is_remote(value)
}
