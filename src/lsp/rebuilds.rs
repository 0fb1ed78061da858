//! What a build makes again since the last commit, at the ends of lines. It asks git, so that only who starts the server
//! can switch it on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cache::{Difference, Fate, Layer, Why};
use crate::context::Progress;
use crate::engine::{BuildChange, NamedContext, Opened, Rebuilt};
use crate::git::Since;
use crate::report::sanitize;
use crate::semantic::{self, Analysis};
use crate::syntax::{File, Keyword};
use crate::text::{Source, Span};
use crate::workspace::{Snapshot, Target};

use super::document::Read;
use super::moved::Moved;
use super::protocol::InlayHint;
use super::weights::{first_line, hint};

/// What changes are held against.
const COMMIT: &str = "HEAD";

/// What becomes of the layers of a Dockerfile as it was.
#[derive(Debug)]
pub(super) struct Rebuilds {
    file: Arc<File>,
    layers: Vec<Rebuild>,
}

/// What becomes of the layers of one instruction.
#[derive(Debug)]
struct Rebuild {
    line: Span,
    fate: Fate,
    why: String,
}

impl Rebuilds {
    /// Asks git, and walks through the context. `None` if there is no commit, or nothing is known of the context.
    pub(super) fn of(snapshot: &Snapshot, target: &Target, progress: &Progress) -> Option<Self> {
        let settings = snapshot.settings_of(target.path()?);
        let opened = Opened::new(snapshot.files(), target.clone(), settings).ok()?;
        let root = opened.target.context_folder()?;
        let since = Since::of(COMMIT, &root).ok()?;
        let change = BuildChange {
            dockerfile: old_dockerfile(&since, snapshot, &opened),
            ignore: old_ignore(&since, &opened, &root),
            ..change_of(&since, &opened.target, &root)
        };
        let of_other = |target: &Target, root: &Path| change_of(&since, target, root);
        let (opened, rebuilt, _) = Rebuilt::among(opened, &root, change, &of_other, (progress, None)).ok()?;
        (!progress.is_cancelled()).then(|| Self::read(&opened.analysis, &rebuilt.layers))
    }

    fn read(analysis: &Analysis, layers: &[Layer]) -> Self {
        // An instruction of a stage that others start from has a layer in each of them.
        let mut worst: BTreeMap<usize, &Layer> = BTreeMap::new();
        for layer in layers {
            let known = worst.entry(layer.step).or_insert(layer);
            if rank(layer.fate) > rank(known.fate) {
                *known = layer;
            }
        }
        // What an image is, no file of the project changes.
        worst.retain(|step, _| analysis.instruction(*step).keyword != Keyword::From);
        let rebuild = |(step, layer): (usize, &Layer)| Rebuild {
            line: first_line(&analysis.file, analysis.instruction(step)),
            fate: layer.fate,
            why: why(analysis, &layer.why),
        };
        Self { file: Arc::clone(&analysis.file), layers: worst.into_iter().map(rebuild).collect() }
    }

    /// The hints at the ends of the lines that `within` touches and that nobody has changed since.
    pub(super) fn hints(&self, read: &Read, within: Span, markdown: bool) -> Vec<InlayHint> {
        let moved = Moved::between(self.file.text(), read.text());
        let shown = |rebuild: &Rebuild| {
            let line = moved.span(rebuild.line).filter(|l| l.end >= within.start && l.start <= within.end)?;
            let label = match rebuild.fate {
                Fate::Kept => "cached",
                Fate::Perhaps => "perhaps rebuilt",
                Fate::Rebuilt => "rebuilt",
            };
            Some(hint(read, line, label.to_owned(), format!("**{label}**: {}", rebuild.why), markdown))
        };
        self.layers.iter().filter_map(shown).collect()
    }
}

const fn rank(fate: Fate) -> u8 {
    match fate {
        Fate::Kept => 0,
        Fate::Perhaps => 1,
        Fate::Rebuilt => 2,
    }
}

/// What differs for a build whose context is in `root`.
fn change_of(since: &Since, target: &Target, root: &Path) -> BuildChange {
    let folders = target.build.contexts.iter().filter_map(|(name, context)| match context {
        semantic::NamedContext::Folder(folder) => {
            Some(NamedContext { name: name.clone(), folder: folder.clone(), changed: inside(since, folder) })
        }
        _ => None,
    });
    BuildChange {
        files: Some(inside(since, root).into_iter().map(|(path, _)| path).collect()),
        whole: since.files.clone(),
        contexts: folders.collect(),
        ..BuildChange::default()
    }
}

/// The files that differ below a folder: as paths of it, and whole.
fn inside(since: &Since, root: &Path) -> Vec<(String, PathBuf)> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let parts = |path: &PathBuf| {
        let inside = path.strip_prefix(&root).ok()?;
        let inside = inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        Some((inside, path.clone()))
    };
    since.files.iter().filter_map(parts).collect()
}

/// The Dockerfile of the commit, if the text at hand is another one.
fn old_dockerfile(since: &Since, snapshot: &Snapshot, opened: &Opened) -> Option<Source> {
    let path = opened.target.file()?;
    if since.has(path) {
        return Some(text(path, since.text_of(path)));
    }
    // What is not saved yet.
    let saved = snapshot.files().saved(path)?;
    (saved.text() != opened.analysis.file.text()).then_some(saved)
}

fn old_ignore(since: &Since, opened: &Opened, root: &Path) -> Option<Source> {
    let candidates = opened.target.ignore_files(root);
    let differs = candidates.iter().any(|path| since.has(path));
    let before = || candidates.iter().find_map(|path| Some((path, since.text_of(path)?)));
    differs.then(|| before().map_or_else(|| text(root, None), |(path, bytes)| text(path, Some(bytes))))
}

/// A text that was at `path`; an empty one if there was none.
fn text(path: &Path, bytes: Option<Vec<u8>>) -> Source {
    let bytes = bytes.unwrap_or_default();
    Source::from_text(path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned())
}

fn why(analysis: &Analysis, why: &Why) -> String {
    let line = |step: usize| analysis.instruction(step).lines.0;
    match why {
        Why::Untouched => "nothing that it is made from differs from the last commit".to_owned(),
        Why::Elsewhere => "it comes from elsewhere, which no file here changes".to_owned(),
        Why::Linked { step } => {
            format!(
                "line {} is built again, and it depends on the image store whether `--link` helps",
                line(*step)
            )
        }
        Why::Takes { example: Some(path), .. } => {
            format!("it takes files that differ from the last commit, such as `{}`", sanitize(path))
        }
        Why::Takes { example: None, .. } => "it takes what differs from the last commit".to_owned(),
        Why::Ignored { .. } => "the ignore file now leaves out other files".to_owned(),
        Why::UnknownIgnored { .. } => "the ignore file may now leave out other files".to_owned(),
        Why::Changed(Difference::Instruction) => "the instruction is new, or says something else".to_owned(),
        Why::Changed(Difference::Variables(names)) => {
            format!("other values of {}", sanitize(&names.join(", ")))
        }
        Why::Changed(Difference::User) => "it runs as another user".to_owned(),
        Why::Changed(Difference::Folder) => "it works in another folder".to_owned(),
        Why::Changed(Difference::Shell) => "another shell runs it".to_owned(),
        Why::Changed(Difference::Base) => "its stage starts from another image".to_owned(),
        Why::Changed(Difference::Context) => "it takes from another build context of that name".to_owned(),
        Why::Changed(Difference::Below) => "what is below it is another layer".to_owned(),
        Why::MissingSource { .. } | Why::Fails { .. } => "a source is not in the build context".to_owned(),
        Why::FromStage { .. } => "it takes from a stage of which something is built again".to_owned(),
        Why::OnStage { .. } => "the stage that it starts from is built again".to_owned(),
        Why::Follows { step } => format!("line {} is built again", line(*step)),
        Why::UnknownTriggers => "ONBUILD instructions of its image may take what differs".to_owned(),
        Why::OnBuild { .. } | Why::FromBuild { .. } | Why::ProjectImage { .. } => {
            "the image of another build is built again, or may be".to_owned()
        }
        Why::UnknownDockerfile | Why::UnknownSource { .. } | Why::UnknownContext => {
            "that depends on what only the build knows".to_owned()
        }
    }
}
