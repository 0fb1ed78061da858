//! What could be written at a place of a file that starts builds.
//!
//! A mark is put there in the forms that its language may want, and the builds are read: where the mark turns up says
//! what is being written.

use std::path::Path;

use build_targets::{Context, Dockerfile};

use crate::engine;
use crate::lsp::document::Read;
use crate::lsp::place::Encoding;
use crate::lsp::protocol::{CompletionItem, CompletionItemKind, CompletionItemTextEdit, TextEdit};
use crate::text::{Arrange, Span};
use crate::tree::Kind;
use crate::workspace::Files;

use super::builds::{self, Builds, other_build};
use super::built::Built;

/// What no file calls anything.
const MARK: &str = "dlint_writes_here";

/// The forms that a word may need around it: as it is tried, and what of that is kept.
const FORMS: [(&str, &str, &str); 6] = [
    ("", "", ""),
    ("", ": x", ": "),
    ("\"", "\"", "\""),
    ("", " = \"x\"", " = "),
    ("\"", "\": \"x\"", "\": "),
    ("- ", "", ""),
];

/// How many entries of a folder are looked at.
const MAX_ENTRIES: usize = 2000;

/// What is being written.
enum Wanted {
    Dockerfile,
    Folder,
    Stage,
    Argument,
    ContextName,
    Build,
}

/// What can be written at byte `at`.
pub(super) fn items(files: &Files, read: &Read, at: u32, encoding: Encoding) -> Vec<CompletionItem> {
    let text = read.text();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    let before = &text[..at as usize];
    let typed = &before[before.trim_end_matches(is_word).len()..];
    let rest = &text[at as usize..];
    let end = at as usize + rest.len() - rest.trim_start_matches(|c| is_word(c) && c != ':').len();
    let start = at as usize - typed.len();
    for (open, close, kept) in FORMS {
        let marked = format!("{}{open}{typed}{MARK}{close}{}", &text[..start], &text[end..]);
        let mut files = files.clone();
        files.open(read.path().to_path_buf(), 0, marked);
        let Some(builds) = builds::entries(&files, read.path()).and_then(|e| Builds::of(&e, read.path()))
        else {
            continue;
        };
        let Some((build, wanted)) = wanted(&builds) else { continue };
        let offers = offers(&files, &builds, build, &wanted, encoding);
        // Only what is behind the last slash is replaced, or behind the kind of a context.
        let from = match wanted {
            Wanted::Dockerfile | Wanted::Folder => typed.rfind('/').map_or(0, |slash| slash + 1),
            Wanted::Build => typed.rfind(':').map_or(0, |colon| colon + 1),
            Wanted::Stage | Wanted::Argument | Wanted::ContextName => 0,
        };
        let range = read.range(Span::of(start + from..end));
        let own = &typed[from..];
        let item = |(label, kind): (String, CompletionItemKind)| CompletionItem {
            kind: Some(kind),
            filter_text: Some(label.clone()),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range,
                new_text: format!("{open}{label}{kept}"),
            })),
            label,
            ..CompletionItem::default()
        };
        let fits = |(label, _): &(String, CompletionItemKind)| label.starts_with(own);
        return offers.into_iter().filter(fits).map(item).collect();
    }
    Vec::new()
}

/// Where the mark turns up, and in which build.
fn wanted(builds: &Builds) -> Option<(Option<usize>, Wanted)> {
    let is_marked = |text: &str| text.ends_with(MARK);
    let has = |text: &build_targets::Text| text.value.as_deref().is_some_and(is_marked);
    for (number, target) in builds.read().iter().enumerate() {
        let build = Some(number);
        if matches!(&target.dockerfile, Dockerfile::File { text: Some(text), .. } if has(text)) {
            return Some((build, Wanted::Dockerfile));
        }
        if matches!(&target.context, Context::Folder { text: Some(text), .. } if has(text)) {
            return Some((build, Wanted::Folder));
        }
        if target.stage.as_ref().is_some_and(has) {
            return Some((build, Wanted::Stage));
        }
        if target.arguments.iter().any(|argument| has(&argument.name)) {
            return Some((build, Wanted::Argument));
        }
        if target.contexts.iter().any(|context| has(&context.name)) {
            return Some((build, Wanted::ContextName));
        }
        let is_build = |text: &build_targets::Text| has(text) && text.known().and_then(other_build).is_some();
        if target.contexts.iter().any(|context| is_build(&context.value)) {
            return Some((build, Wanted::Build));
        }
    }
    let named = builds.group.resolution.mentions.iter().any(|mention| is_marked(&mention.name));
    named.then_some((None, Wanted::Build))
}

type Offers = Vec<(String, CompletionItemKind)>;

fn offers(
    files: &Files,
    builds: &Builds,
    build: Option<usize>,
    wanted: &Wanted,
    encoding: Encoding,
) -> Offers {
    let target = build.and_then(|build| builds.read().get(build));
    let built = || Built::of(files, builds, build?, encoding);
    let named = |names: Vec<String>, kind: CompletionItemKind| -> Offers {
        names.into_iter().filter(|name| !name.contains(MARK)).map(|name| (name, kind)).collect()
    };
    match wanted {
        Wanted::Dockerfile => match target.map(|target| &target.dockerfile) {
            Some(Dockerfile::File { path, .. }) => listed(files, path.parent(), engine::is_dockerfile_name),
            _ => Vec::new(),
        },
        Wanted::Folder => match target.map(|target| &target.context) {
            Some(Context::Folder { path, .. }) => listed(files, path.parent(), |_| false),
            _ => Vec::new(),
        },
        Wanted::Stage => {
            let stages = built().map(|built| built.stages().map(str::to_owned).collect());
            named(stages.unwrap_or_default(), CompletionItemKind::Class)
        }
        Wanted::Argument => {
            let given: Vec<&str> = target.map_or_else(Vec::new, |target| {
                target.arguments.iter().filter_map(|argument| argument.name.known()).collect()
            });
            let declared: Vec<String> = built()
                .map(|built| built.arguments().into_iter().map(|(name, _)| name.to_owned()).collect())
                .unwrap_or_default();
            let open = declared.into_iter().filter(|name| !given.contains(&&**name)).collect();
            named(open, CompletionItemKind::Variable)
        }
        Wanted::ContextName => {
            let images = built().map(|built| built.images().into_iter().map(str::to_owned).collect());
            let mut images: Vec<String> = images.unwrap_or_default();
            // With a variable it is no name yet, and the file may replace that by its own.
            images.retain(|name| !name.contains('$'));
            named(images, CompletionItemKind::Reference)
        }
        Wanted::Build => {
            let own = target.map(|target| &target.name);
            let others = builds.read().iter().map(|target| &target.name).filter(|name| Some(*name) != own);
            named(others.cloned().collect(), CompletionItemKind::Reference)
        }
    }
}

/// The folders in a folder, and the files whose names are wanted.
fn listed(files: &Files, folder: Option<&Path>, is_wanted: impl Fn(&str) -> bool) -> Offers {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = files.file_tree().entries(folder).unwrap_or_default().into_iter().take(MAX_ENTRIES);
    let mut found: Offers = entries
        .filter_map(|entry| {
            let name = entry.name.into_string().ok()?;
            match entry.kind {
                Kind::Folder if !name.starts_with('.') => Some((name, CompletionItemKind::Folder)),
                Kind::Folder => None,
                _ => is_wanted(&name).then_some((name, CompletionItemKind::File)),
            }
        })
        .collect();
    found.arrange_by(|(a, _), (b, _)| a.cmp(b));
    found
}
